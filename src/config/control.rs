//! Where a daemon takes commands, as its configuration says.

use std::ffi::OsString;
use std::path::PathBuf;

use super::model::{AuthenticationClient, ControlSocket, WebSettings};
use super::{Config, Daemon};

/// Where a daemon takes commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Socket {
    /// A unix socket: its path, or a bare name in Kea's own directory (Kea 2.6.3 on).
    Unix(PathBuf),
    /// HTTP or HTTPS.
    Web(Box<Web>),
}

/// A server of HTTP or HTTPS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Web {
    /// Whether TLS is spoken.
    pub is_secure: bool,
    /// The address it listens at; the usual one if none is configured.
    pub address: String,
    /// The TCP port.
    pub port: u16,
    /// Who may use it; any client if empty.
    pub clients: Vec<AuthenticationClient>,
    /// Where the files of `clients` are, unless their names say.
    pub directory: Option<PathBuf>,
    /// The authorities that sign clients' certificates: a PEM file or a directory.
    pub trust_anchor: Option<PathBuf>,
    /// The server's certificate, PEM.
    pub cert_file: Option<PathBuf>,
    /// The key to it, PEM.
    pub key_file: Option<PathBuf>,
    /// Whether clients must show a certificate.
    pub cert_required: bool,
}

/// Where Kea's daemons keep their sockets by default: distributions, source builds, ISC's old packages.
const DIRECTORIES: [&str; 4] = ["/run/kea", "/var/run/kea", "/usr/local/var/run/kea", "/opt/kea/var/run/kea"];

/// The variable that moves that directory (Kea 2.6.3 on).
pub(super) const DIRECTORY_VARIABLE: &str = "KEA_CONTROL_SOCKET_DIR";

/// The port for HTTP and HTTPS if none is configured.
const USUAL_PORT: u16 = 8000;

impl Socket {
    /// Where a unix socket may be, best first; nothing for HTTP. `variable` looks into the environment.
    #[must_use]
    pub fn paths(&self, variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
        let Self::Unix(path) = self else { return Vec::new() };
        if path.is_absolute() {
            return vec![path.clone()];
        }
        let from_variable = variable(DIRECTORY_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        from_variable.into_iter().chain(DIRECTORIES.map(PathBuf::from)).map(|directory| directory.join(path)).collect()
    }
}

impl Config {
    /// Where the daemon takes commands, in the order of the configuration; sockets of kinds that are known.
    #[must_use]
    pub fn sockets(&self) -> Vec<Socket> {
        let server = &self.server;
        if self.daemon == Daemon::CtrlAgent {
            // Its `control-sockets` are those of the servers that it forwards to.
            let address = server.http_host.clone();
            return vec![Socket::Web(Box::new(web_of(&server.web, address, server.http_port, "127.0.0.1", false)))];
        }
        let all = server.control_socket.iter().chain(&server.control_sockets.own);
        all.filter_map(|socket| socket_of(self.daemon, socket)).collect()
    }
}

fn socket_of(daemon: Daemon, socket: &ControlSocket) -> Option<Socket> {
    let usual = if daemon == Daemon::Dhcp6 { "::1" } else { "127.0.0.1" };
    let web = |is_secure| {
        let (address, port) = (socket.socket_address.clone(), socket.socket_port);
        Some(Socket::Web(Box::new(web_of(&socket.web, address, port, usual, is_secure))))
    };
    match socket.socket_type.as_deref() {
        Some("unix") => socket.socket_name.clone().map(Socket::Unix),
        Some("http") => web(false),
        Some("https") => web(true),
        _ => None,
    }
}

fn web_of(settings: &WebSettings, address: Option<String>, port: Option<u16>, usual: &str, is_secure: bool) -> Web {
    let authentication = settings.authentication.clone().unwrap_or_default();
    Web {
        is_secure: is_secure || settings.cert_file.is_some(),
        address: address.unwrap_or_else(|| usual.to_owned()),
        port: port.filter(|port| *port != 0).unwrap_or(USUAL_PORT),
        clients: authentication.clients,
        directory: authentication.directory,
        trust_anchor: settings.trust_anchor.clone(),
        cert_file: settings.cert_file.clone(),
        key_file: settings.key_file.clone(),
        cert_required: settings.cert_required.unwrap_or(true),
    }
}

/// The name of the unix socket at which a daemon takes commands unless its configuration says otherwise.
#[must_use]
pub fn usual_socket(daemon: Daemon) -> Option<&'static str> {
    match daemon {
        Daemon::Dhcp4 => Some("kea4-ctrl-socket"),
        Daemon::Dhcp6 => Some("kea6-ctrl-socket"),
        Daemon::Ddns => Some("kea-ddns-ctrl-socket"),
        Daemon::CtrlAgent | Daemon::Netconf => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use super::*;
    use crate::config::Document;

    fn read(text: &str) -> Vec<Socket> {
        let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
        let document = Document::parse(Path::new("/c"), text.into(), &mut reader);
        let config = document.configs().next().unwrap().unwrap();
        config.sockets()
    }

    fn only(text: &str) -> Socket {
        let mut found = read(text);
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    #[test]
    fn the_old_socket_and_the_new_list_are_both_read() {
        let unix = Socket::Unix("/run/kea/s".into());
        let map = r#"{"socket-type": "unix", "socket-name": "/run/kea/s"}"#;
        assert_eq!(only(&format!(r#"{{"Dhcp4": {{"control-socket": {map}}}}}"#)), unix);
        assert_eq!(only(&format!(r#"{{"DhcpDdns": {{"control-sockets": [{map}]}}}}"#)), unix);
        assert_eq!(read(r#"{"Dhcp6": {}}"#), []);
        assert_eq!(read(r#"{"Dhcp6": {"control-sockets": [{"socket-type": "carrier-pigeon"}]}}"#), []);
    }

    #[test]
    fn a_web_socket_has_what_kea_takes_where_nothing_is_said() {
        let Socket::Web(four) = only(r#"{"Dhcp4": {"control-sockets": [{"socket-type": "http"}]}}"#) else { panic!() };
        assert_eq!((four.address.as_str(), four.port, four.is_secure), ("127.0.0.1", 8000, false));
        assert!(four.clients.is_empty() && four.cert_required);
        let Socket::Web(six) = only(r#"{"Dhcp6": {"control-sockets": [{"socket-type": "https"}]}}"#) else { panic!() };
        assert_eq!((six.address.as_str(), six.is_secure), ("::1", true));
    }

    #[test]
    fn the_agents_own_place_is_http_host_and_port() {
        let socket = only(
            r#"{"Control-agent": {"http-host": "192.0.2.1", "http-port": 8080, "trust-anchor": "/ca", "cert-file": "/crt",
                "key-file": "/key", "cert-required": false, "control-sockets": {"dhcp4": {"socket-name": "/x"}},
                "authentication": {"type": "basic", "directory": "/d", "clients": [
                    {"user": "admin", "password": "1234"}, {"user-file": "u", "password-file": "p"}]}}}"#,
        );
        let Socket::Web(web) = socket else { panic!() };
        assert_eq!(
            (web.address.as_str(), web.port, web.is_secure, web.cert_required),
            ("192.0.2.1", 8080, true, false)
        );
        assert_eq!(web.directory.as_deref(), Some(Path::new("/d")));
        assert_eq!(web.clients[0].user.as_deref(), Some("admin"));
        assert_eq!(web.clients[1].password_file.as_deref(), Some(Path::new("p")));
        assert!(!format!("{web:?}").contains("1234"));
    }

    #[test]
    fn a_bare_name_is_looked_for_where_kea_keeps_its_sockets() {
        let bare = Socket::Unix("kea4".into());
        let paths = bare.paths(&|name| (name == "KEA_CONTROL_SOCKET_DIR").then(|| "/mine".into()));
        assert_eq!(paths[..2], [Path::new("/mine/kea4"), Path::new("/run/kea/kea4")]);
        assert_eq!(Socket::Unix("/x/y".into()).paths(&|_| Some("/mine".into())), [Path::new("/x/y")]);
    }
}
