//! The control channel as a daemon's configuration describes it.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::{Credentials, Web};
use crate::config::control as config;
use crate::config::model::AuthenticationClient;
use crate::secret::Secret;
use crate::tls::{SslMode, Tls};

/// More than any name with its password.
const LONGEST_SECRET: u64 = 64 << 10;

impl Web {
    /// The server of HTTP that `configured` describes, asked from the same machine, as the first of its clients whose
    /// password this user may read. `at` says where a file of the configuration is.
    ///
    /// The configuration names the trusted authority, but not the host name in the certificate, so the name is not
    /// verified; if clients need a certificate, the server's own is sent.
    #[must_use]
    pub fn configured(configured: &config::Web, at: &dyn Fn(&Path) -> PathBuf) -> Self {
        let host = match configured.address.as_str() {
            // A server on every address also listens on this host.
            "0.0.0.0" => "127.0.0.1",
            "::" => "::1",
            other => other,
        };
        let file = |file: &Option<PathBuf>| file.as_deref().map(at);
        let own = |certificate| file(certificate).filter(|_| configured.cert_required);
        let tls = configured.is_secure.then(|| Tls {
            mode: Some(if configured.trust_anchor.is_some() { SslMode::VerifyCa } else { SslMode::Require }),
            trust_anchor: file(&configured.trust_anchor),
            cert_file: own(&configured.cert_file),
            key_file: own(&configured.key_file),
        });
        let directory = configured.directory.as_deref().unwrap_or(Path::new(""));
        let read = |file: &Option<PathBuf>| whole_secret(&at(&directory.join(file.as_deref()?)));
        let credentials = configured.clients.iter().find_map(|client| known(client, &read));
        Self { host: host.to_owned(), port: configured.port, tls, credentials }
    }
}

impl Credentials {
    /// The user before the first colon of `text`, and the password after it.
    #[must_use]
    pub fn pair(text: &Secret) -> Option<Self> {
        let (user, password) = text.expose().split_once(':')?;
        Some(Self { user: user.to_owned(), password: Secret::new(password.to_owned()) })
    }
}

/// A client whose name and password can be read.
fn known(client: &AuthenticationClient, read: &dyn Fn(&Option<PathBuf>) -> Option<Secret>) -> Option<Credentials> {
    let password = match (&client.password, &client.password_file) {
        (Some(password), _) => password.clone(),
        (None, Some(_)) => read(&client.password_file)?,
        // Kea reads that as an empty password.
        (None, None) => Secret::new(String::new()),
    };
    let user = client.user.clone().or_else(|| Some(read(&client.user_file)?.expose().to_owned()));
    match user {
        Some(user) => Some(Credentials { user, password }),
        None => Credentials::pair(&password),
    }
}

/// The contents of a secret file of Kea: all of it, including a line break at the end, as Kea 2 reads it; whether the server
/// takes it so, its answer says.
fn whole_secret(path: &Path) -> Option<Secret> {
    let file = File::open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    file.take(LONGEST_SECRET).read_to_string(&mut text).ok()?;
    Some(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web(clients: Vec<AuthenticationClient>, directory: &Path) -> config::Web {
        config::Web {
            is_secure: false,
            address: "0.0.0.0".to_owned(),
            port: 8001,
            clients,
            directory: Some(directory.to_owned()),
            trust_anchor: None,
            cert_file: None,
            key_file: None,
            cert_required: true,
        }
    }

    fn asked(configured: &config::Web) -> Web {
        Web::configured(configured, &Path::to_owned)
    }

    #[test]
    fn everywhere_is_also_here() {
        let nowhere = Path::new("/nonexistent");
        assert_eq!(asked(&web(vec![], nowhere)).to_string(), "http://127.0.0.1:8001");
        let six = config::Web { address: "::".to_owned(), ..web(vec![], nowhere) };
        assert_eq!(asked(&six).to_string(), "http://[::1]:8001");
    }

    #[test]
    fn the_first_client_asks_whose_password_can_be_read() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("pair"), "kea:s3:cret").unwrap();
        std::fs::write(dir.path().join("line"), "s3cret\n").unwrap();
        let hidden = AuthenticationClient { password_file: Some("absent".into()), ..Default::default() };
        let pair = AuthenticationClient { password_file: Some("pair".into()), ..Default::default() };
        let line = AuthenticationClient {
            user: Some("me".to_owned()),
            password_file: Some("line".into()),
            ..Default::default()
        };
        let login = |clients| {
            let credentials = asked(&web(clients, dir.path())).credentials?;
            Some((credentials.user, credentials.password.expose().to_owned()))
        };
        assert_eq!(login(vec![hidden.clone(), pair]), Some(("kea".to_owned(), "s3:cret".to_owned())));
        assert_eq!(login(vec![line]), Some(("me".to_owned(), "s3cret\n".to_owned())));
        assert_eq!(login(vec![hidden]), None);
    }

    #[test]
    fn tls_uses_trust_anchor_and_cert_file_if_cert_required() {
        let secure = |cert_required| config::Web {
            is_secure: true,
            trust_anchor: Some("/ca".into()),
            cert_file: Some("/crt".into()),
            key_file: Some("/key".into()),
            cert_required,
            ..web(vec![], Path::new("/"))
        };
        let below = |path: &Path| Path::new("/root").join(path.strip_prefix("/").unwrap());
        let tls = Web::configured(&secure(true), &below).tls.unwrap();
        assert_eq!((tls.mode, tls.trust_anchor), (Some(SslMode::VerifyCa), Some("/root/ca".into())));
        assert_eq!((tls.cert_file, tls.key_file), (Some("/root/crt".into()), Some("/root/key".into())));
        assert_eq!(asked(&secure(false)).tls.unwrap().cert_file, None);
    }
}
