//! A file of servers, TOML: one table for each.
//!
//! ```toml
//! [server.east]
//! url = "https://kea-east.example:8000"
//! user = "monitor"
//! password-file = "/etc/kea-tools/east.password"
//! ```

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::{Login, ServerEndpoint};
use crate::config::Daemon;
use crate::control::{Address, Channel, Credentials, Limits};
use crate::error::{Error, Result};
use crate::fs::bounded;
use crate::secret::Secret;
use crate::tls::{SslMode, Tls};

/// A file is no larger.
const LARGEST: u64 = 1 << 20;

type Variables<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

/// A file of servers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Servers {
    #[serde(default)]
    server: BTreeMap<Spanned<String>, Server>,
}

/// A server.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Server {
    url: Option<String>,
    socket: Option<PathBuf>,
    daemons: Vec<String>,
    user: Option<String>,
    password: Option<Secret>,
    password_file: Option<PathBuf>,
    password_env: Option<String>,
    #[serde(rename = "credentials")]
    systemd_credential: Option<String>,
    ca_file: Option<PathBuf>,
    cert_file: Option<PathBuf>,
    key_file: Option<PathBuf>,
    timeout: Option<f64>,
    /// The other server of a high-availability pair.
    pair: Option<String>,
}

/// The servers of a file: those that are named, or all.
#[derive(Debug)]
pub struct ServersFile {
    /// Each with its name.
    pub places: Vec<ServerEndpoint>,
    /// What its owner should know of servers, with their names.
    pub remarks: Vec<(String, String)>,
    /// The files that it names, and what each of them is.
    pub files: Vec<(PathBuf, &'static str)>,
}

impl ServersFile {
    /// Reads the file. A password in it must not be readable by other users.
    pub fn read(path: &Path, var: &Variables<'_>) -> Result<Self> {
        let attempted = || format!("read file of servers {}", path.display());
        let failed = |cause: std::io::Error| Error::io(attempted(), &cause);
        let mut file = bounded::open(path).map_err(failed)?;
        let found = file.metadata().map_err(failed)?;
        let mut text = String::new();
        (&mut file).take(LARGEST).read_to_string(&mut text).map_err(failed)?;
        let servers: Servers = toml::from_str(&text).map_err(|cause| malformed(path, &text, &cause))?;
        let has_password = servers.server.values().any(|server| server.password.is_some());
        if has_password && found.mode() & 0o077 != 0 {
            return Err(Error::new(attempted(), "it holds a password, and other users may read it")
                .hint(format!("chmod 600 {}, or password-file", path.display())));
        }
        let files = servers.server.values().flat_map(Server::files).collect();
        let mut all = Self { places: Vec::new(), remarks: Vec::new(), files };
        for (name, server) in &servers.server {
            let within = |mistake: Mistake| mistake.within(path, &text, name);
            all.places.push(server.place(name.get_ref(), var, &mut all.remarks).map_err(within)?);
            let others = || servers.server.keys().map(Spanned::get_ref).filter(|other| *other != name.get_ref());
            if let Some(pair) = server.pair.as_ref().filter(|pair| others().all(|other| other != *pair)) {
                let cause = format!("pair \"{pair}\" is no other server of this file");
                return Err(within(Mistake::new("pair", cause, "use the name in its [server.NAME]")));
            }
        }
        if all.places.is_empty() {
            return Err(Error::new(attempted(), "it has no server").hint(EXAMPLE));
        }
        Ok(all)
    }

    /// The server of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&ServerEndpoint> {
        self.places.iter().find(|place| place.server.as_deref() == Some(name))
    }
}

/// A whole file.
const EXAMPLE: &str = "for example: [server.east], and on the next line url = \"https://kea-east.example:8000\" or \
    socket = \"/run/kea/kea4-ctrl-socket\"";

/// Where a server is.
const ONE_ADDRESS: &str = "use one of url = \"https://kea-east.example:8000\" and \
    socket = \"/run/kea/kea4-ctrl-socket\"";

/// Where its password is.
const ONE_PASSWORD: &str = "use one of password-file, password-env, credentials and password";

/// An error of TOML, without the text around it, which may hold a password.
fn malformed(path: &Path, text: &str, cause: &toml::de::Error) -> Error {
    let line = line_at(text, cause.span().map_or(0, |span| span.start));
    let member = text.lines().nth(line - 1).and_then(|line| line.split_once('=')).map(|(name, _)| name.trim());
    let cause = match member {
        Some("password") => "a password is a text in quotes".to_owned(),
        _ => cause.message().replace('\n', "; "),
    };
    Error::new(format!("{}:{line}", path.display()), cause).hint(EXAMPLE)
}

/// The number of the line at a place of the text.
fn line_at(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}

/// What is wrong with a server.
struct Mistake {
    /// Its member; nothing if it is the whole.
    member: &'static str,
    cause: String,
    right: String,
}

impl Mistake {
    fn new(member: &'static str, cause: impl std::fmt::Display, right: impl Into<String>) -> Self {
        Self { member, cause: cause.to_string(), right: right.into() }
    }

    /// The same with file, line and server.
    fn within(&self, path: &Path, text: &str, name: &Spanned<String>) -> Error {
        let head = line_at(text, name.span().start);
        let members = text.lines().enumerate().skip(head).take_while(|(_, line)| !line.trim_start().starts_with('['));
        let is_it = |line: &str| line.split_once('=').is_some_and(|(name, _)| name.trim() == self.member);
        let line = members.into_iter().find(|(_, line)| is_it(line)).map_or(head, |(index, _)| index + 1);
        let attempted = format!("{}:{line}: server \"{}\"", path.display(), name.get_ref());
        let error = Error::new(attempted, &self.cause);
        if self.right.is_empty() { error } else { error.hint(&self.right) }
    }
}

impl Server {
    fn files(&self) -> impl Iterator<Item = (PathBuf, &'static str)> {
        let named = [
            (&self.password_file, "a password file"),
            (&self.ca_file, "a file of certificates"),
            (&self.cert_file, "a certificate"),
            (&self.key_file, "a private key"),
        ];
        named.into_iter().filter_map(|(file, what)| Some((file.clone()?, what)))
    }

    fn place(
        &self,
        name: &str,
        var: &Variables<'_>,
        remarks: &mut Vec<(String, String)>,
    ) -> Result<ServerEndpoint, Mistake> {
        let mut remark = |text: String| remarks.push((name.to_owned(), format!("server \"{name}\": {text}")));
        let (address, login) = match (&self.url, &self.socket) {
            (Some(url), None) => self.web(url, var, &mut remark)?,
            (None, Some(socket)) => (Address::Unix(socket.clone()), None),
            (Some(_), Some(_)) => return Err(Mistake::new("socket", "it has both url and socket", ONE_ADDRESS)),
            (None, None) => return Err(Mistake::new("", "it has neither url nor socket", ONE_ADDRESS)),
        };
        let services = self.daemons.iter().map(|daemon| service(daemon)).collect::<Result<Vec<_>, _>>()?;
        let timeout = self.timeout.map(Duration::try_from_secs_f64).transpose();
        let timeout =
            timeout.map_err(|_| Mistake::new("timeout", "no time in seconds", "for example: timeout = 2.5"))?;
        Ok(ServerEndpoint {
            server: Some(name.to_owned()),
            addresses: vec![address],
            daemon: None,
            services,
            config: None,
            pair: self.pair.clone(),
            timeout,
            fault: None,
            is_optional: false,
            login,
        })
    }

    /// Its URL, and the file with its password.
    fn web(
        &self,
        url: &str,
        var: &Variables<'_>,
        remark: &mut dyn FnMut(String),
    ) -> Result<(Address, Option<Login>), Mistake> {
        let wrong = |cause: &str| Mistake::new("url", format!("url \"{url}\": {cause}"), ONE_ADDRESS);
        let Address::Web(mut web) = url.parse().map_err(|cause: String| wrong(&cause))? else {
            return Err(wrong("expected http:// or https://"));
        };
        let mut login = self.login(var)?;
        match login.as_ref().map(Login::read) {
            None => web.credentials = self.credentials(var)?,
            // A pipe has its password once.
            Some(Ok(credentials)) => {
                let is_pipe = login.take_if(|login| !login.file.is_file()).is_some();
                web.credentials = is_pipe.then_some(credentials);
            }
            // Only this server cannot be asked, until the file can be read.
            Some(Err(cause)) => remark(cause.to_string()),
        }
        if let Some(tls) = &mut web.tls {
            *tls = Tls {
                mode: Some(SslMode::VerifyFull),
                trust_anchor: self.ca_file.clone(),
                cert_file: self.cert_file.clone(),
                key_file: self.key_file.clone(),
            };
        }
        if self.ca_file.is_some() || self.cert_file.is_some() {
            let unreadable = Channel::new(Address::Web(web.clone()), Limits::default()).err();
            if let Some(cause) = unreadable {
                remark(format!("TLS: {cause}"));
            }
        }
        let is_here = web.host.parse().map_or(web.host == "localhost", |it: std::net::IpAddr| it.is_loopback());
        if web.tls.is_none() && (web.credentials.is_some() || login.is_some()) && !is_here {
            remark("the password is sent over HTTP without TLS".to_owned());
        }
        Ok((Address::Web(web), login))
    }

    /// The file with its password.
    fn login(&self, var: &Variables<'_>) -> Result<Option<Login>, Mistake> {
        let places = [
            self.password.is_some(),
            self.password_file.is_some(),
            self.password_env.is_some(),
            self.systemd_credential.is_some(),
        ];
        if places.into_iter().filter(|is_given| *is_given).count() > 1 {
            return Err(Mistake::new("", "it has a password from several places", ONE_PASSWORD));
        }
        let file = match (&self.password_file, &self.systemd_credential) {
            (Some(file), _) => Some(file.clone()),
            (None, Some(credential)) => Some(of_systemd(credential, var)?),
            (None, None) => None,
        };
        Ok(file.map(|file| Login { user: self.user.clone(), file }))
    }

    /// The user and the password that the file of servers or a variable has.
    fn credentials(&self, var: &Variables<'_>) -> Result<Option<Credentials>, Mistake> {
        let password = match &self.password_env {
            Some(name) => {
                let value = var(name).and_then(|value| value.into_string().ok());
                let missing = || Mistake::new("password-env", format!("the variable {name} is not set"), ONE_PASSWORD);
                Some(Secret::new(value.ok_or_else(missing)?))
            }
            None => self.password.clone(),
        };
        match (&self.user, password) {
            (None, None) => Ok(None),
            (Some(user), Some(password)) => Ok(Some(Credentials { user: user.clone(), password })),
            (Some(_), None) => Err(Mistake::new("user", "it has a user and no password", ONE_PASSWORD)),
            (None, Some(password)) => {
                let missing = || Mistake::new("", "it has a password and no user", "add user = \"NAME\"");
                Credentials::pair(&password).map(Some).ok_or_else(missing)
            }
        }
    }
}

/// The file of a secret that systemd has passed to this service: `systemd:NAME`.
fn of_systemd(credential: &str, var: &Variables<'_>) -> Result<PathBuf, Mistake> {
    let wrong = |cause: &str, right: &str| {
        Mistake::new("credentials", format!("credentials = \"{credential}\": {cause}"), right)
    };
    let Some(name) = credential.strip_prefix("systemd:").filter(|name| !name.is_empty() && !name.contains('/')) else {
        return Err(wrong("no credential of systemd", "use credentials = \"systemd:NAME\""));
    };
    let Some(directory) = var("CREDENTIALS_DIRECTORY") else {
        return Err(wrong("systemd has passed no credentials", "LoadCredential= in the unit"));
    };
    Ok(Path::new(&directory).join(name))
}

fn service(text: &str) -> Result<Daemon, Mistake> {
    let known = [Daemon::Dhcp4, Daemon::Dhcp6, Daemon::Ddns];
    let found = known.into_iter().find(|daemon| daemon.service() == text || daemon.name() == text);
    let remedy = "use a list of some of \"dhcp4\", \"dhcp6\" and \"d2\"";
    found.ok_or_else(|| Mistake::new("daemons", format!("there is no daemon \"{text}\""), remedy))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn read_with_mode(text: &str, mode: u32) -> Result<ServersFile> {
        read_in(tempfile::tempdir().unwrap().path(), text, mode)
    }

    fn read_in(folder: &Path, text: &str, mode: u32) -> Result<ServersFile> {
        let path = folder.join("servers.toml");
        fs::write(&path, text).unwrap();
        fs::write(folder.join("east"), "from-systemd\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let directory = folder.as_os_str().to_owned();
        ServersFile::read(&path, &|name| match name {
            "PW" => Some("from-variable".into()),
            "CREDENTIALS_DIRECTORY" => Some(directory.clone()),
            _ => None,
        })
    }

    fn read(text: &str) -> Result<ServersFile> {
        read_with_mode(text, 0o644)
    }

    fn password(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("[server.a]\nurl = 'https://a'\nuser = 'u'\n{text}");
        let file = read_in(folder.path(), &text, 0o600).unwrap();
        let place = &file.places[0];
        let Address::Web(web) = &place.addresses[0] else { panic!("{file:?}") };
        let credentials = web.credentials.clone().or_else(|| place.login.as_ref()?.read().ok());
        credentials.unwrap().password.expose().to_owned()
    }

    #[test]
    fn servers_have_a_url_or_a_socket() {
        let file = read(
            "[server.east]\nurl = \"https://[2001:db8::1]:8001\"\ndaemons = [\"dhcp4\", \"d2\"]\npair = \"west\"\n\
             [server.west]\nsocket = \"/run/kea/kea4-ctrl-socket\"\ntimeout = 2.5\n",
        );
        let file = file.unwrap();
        let east = file.named("east").unwrap();
        assert_eq!(east.services, [Daemon::Dhcp4, Daemon::Ddns]);
        assert_eq!(east.addresses[0].to_string(), "https://[2001:db8::1]:8001");
        assert_eq!(file.named("west").unwrap().timeout, Some(Duration::from_millis(2500)));
        assert!(file.named("north").is_none() && file.remarks.is_empty());
    }

    #[test]
    fn a_password_comes_from_one_place() {
        assert_eq!(password("password = 'inline'"), "inline");
        assert_eq!(password("password-env = 'PW'"), "from-variable");
        assert_eq!(password("credentials = 'systemd:east'"), "from-systemd");
        let both = "[server.a]\nurl = 'https://a'\nuser = 'u'\npassword-env = 'PW'\ncredentials = 'systemd:east'";
        assert!(read(both).unwrap_err().to_string().contains("several places"));
    }

    #[test]
    fn a_password_that_others_may_read_is_refused() {
        let text = "[server.a]\nurl = 'https://a'\nuser = 'u'\npassword = 's3cret'";
        let refused = read_with_mode(text, 0o640).unwrap_err().to_string();
        assert!(refused.contains("other users may read it") && !refused.contains("s3cret"), "{refused}");
        assert!(read_with_mode(text, 0o600).is_ok());
    }

    #[test]
    fn mistakes_are_one_line_with_its_number_and_what_is_right() {
        for (text, expected) in [
            ("", "it has no server (for example: [server.east]"),
            ("\n[server.a]\n", ":2: server \"a\": it has neither url nor socket (use one of url = \"https"),
            (
                "[server.a]\nsocket = '/x'\nurl = 'http://x'\n",
                ":2: server \"a\": it has both url and socket (use one of",
            ),
            ("[server.a]\nurl = 'ftp://x'\n", ":2: server \"a\": url \"ftp://x\": "),
            ("[server.a]\nurl = '/run/x'\n", "expected http:// or https:// (use one of url"),
            ("[server.a]\nsocket = '/x'\npasword = 's3cret'\n", ":3: unknown field"),
            (
                "[servers.a]\nsocket = '/x'\n",
                ":1: unknown field `servers`, expected `server` (for example: [server.east]",
            ),
            ("[server.a]\nurl = 'http://x'\npassword = s3cret\n", ":3: a password is a text in quotes"),
            ("[server.a]\nurl = 'http://x'\npassword = 5309177\n", ":3: a password is a text in quotes"),
            ("[server.a]\nurl = http://x\n", ":2: "),
            (
                "[server.a]\nsocket = '/x'\n[server.b]\nurl = 'http://x'\nuser = 'u'\n",
                ":5: server \"b\": it has a user",
            ),
            (
                "[server.a]\nsocket = '/x'\n daemons = ['dhcp5']\n",
                ":3: server \"a\": there is no daemon \"dhcp5\" (use a list of",
            ),
            (
                "[server.a]\nsocket = '/x'\ntimeout = -1.0\n",
                ":3: server \"a\": no time in seconds (for example: timeout = 2.5)",
            ),
            (
                "[server.a]\nsocket = '/x'\npair = 'c'\n[server.b]\nsocket = '/y'\n",
                ":3: server \"a\": pair \"c\" is no other server",
            ),
            ("[server.a]\nsocket = '/x'\npair = 'a'\n", ":3: server \"a\": pair \"a\" is no other server"),
            (
                "[server.a]\nurl = 'http://x'\nuser = 'u'\npassword-env = 'NO'\n",
                ":4: server \"a\": the variable NO is not set",
            ),
        ] {
            let error = read(text).unwrap_err().to_string();
            let holds = |secret: &str| error.contains(secret);
            assert!(error.contains(expected), "{error}");
            assert!(!holds("s3cret") && !holds("5309177") && !holds("\n") && holds("servers.toml"), "{error}");
        }
    }

    #[test]
    fn a_password_without_tls_is_worth_a_remark() {
        let of = |host: &str| {
            read_with_mode(&format!("[server.a]\nurl = 'http://{host}'\nuser = 'u'\npassword = 'p'"), 0o600)
        };
        assert_eq!(of("kea.example").unwrap().remarks.len(), 1);
        assert_eq!((of("127.0.0.1").unwrap().remarks.len(), of("localhost").unwrap().remarks.len()), (0, 0));
    }
}
