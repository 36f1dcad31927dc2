//! Where a daemon takes commands, as its configuration says.
//!
//! Apart from what the lease programs need of a configuration, so that none of them fails for a socket's sake.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::json::{self, Value};
use super::section::Section;
use super::{Daemon, Reader};
use crate::error::Result;
use crate::secret::Secret;

/// A daemon and where it takes commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channels {
    /// The daemon.
    pub daemon: Daemon,
    /// Its sockets, in the order of the configuration; of kinds that are known.
    pub sockets: Vec<Socket>,
}

/// A place for commands.
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
    /// Who may ask; anybody if empty.
    pub clients: Vec<Client>,
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

/// Someone who may ask (RFC 7617), by name and password or by the files that hold them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// The name.
    pub user: Option<String>,
    /// A file that holds the name.
    pub user_file: Option<PathBuf>,
    /// The password.
    pub password: Option<Secret>,
    /// A file that holds the password; without a name anywhere, name and password with a colon between.
    pub password_file: Option<PathBuf>,
}

/// Where Kea's daemons keep their sockets unless told otherwise: distributions, source builds, ISC's old packages.
const DIRECTORIES: [&str; 4] = ["/run/kea", "/var/run/kea", "/usr/local/var/run/kea", "/opt/kea/var/run/kea"];

/// The variable that moves that directory (Kea 2.6.3 on).
const DIRECTORY_VARIABLE: &str = "KEA_CONTROL_SOCKET_DIR";

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

/// Where the daemons take commands that the text of the configuration file `path` configures, whichever they are.
pub fn parse(path: &Path, text: Vec<u8>, reader: &mut Reader<'_>) -> Result<Vec<Channels>> {
    channels(&json::parse(path, text, reader)?)
}

/// The same of a configuration file that is read already.
pub(super) fn channels(top: &Value) -> Result<Vec<Channels>> {
    let daemons = Section::new("the outermost value", top)?;
    let mut found = Vec::new();
    for daemon in Daemon::ALL {
        if let Some(value) = daemons.get(daemon.config_key()) {
            let section = Section::new(&format!("\"{}\"", daemon.config_key()), value)?;
            found.push(Channels { daemon, sockets: sockets(daemon, &section)? });
        }
    }
    Ok(found)
}

fn sockets(daemon: Daemon, section: &Section<'_>) -> Result<Vec<Socket>> {
    if daemon == Daemon::CtrlAgent {
        // Its `control-sockets` are those of the daemons behind it.
        return Ok(vec![Socket::Web(Box::new(web(section, ["http-host", "http-port"], "127.0.0.1", false)?))]);
    }
    let mut sockets = Vec::new();
    let old = section.get("control-socket").map(|value| Section::new("\"control-socket\"", value)).transpose()?;
    for map in old.into_iter().chain(section.maps("control-sockets")?) {
        sockets.extend(socket(daemon, &map)?);
    }
    Ok(sockets)
}

fn socket(daemon: Daemon, map: &Section<'_>) -> Result<Option<Socket>> {
    const SOCKET: [&str; 2] = ["socket-address", "socket-port"];
    let usual = if daemon == Daemon::Dhcp6 { "::1" } else { "127.0.0.1" };
    Ok(match map.text("socket-type")?.as_deref() {
        Some("unix") => map.path("socket-name")?.map(Socket::Unix),
        Some("http") => Some(Socket::Web(Box::new(web(map, SOCKET, usual, false)?))),
        Some("https") => Some(Socket::Web(Box::new(web(map, SOCKET, usual, true)?))),
        _ => None,
    })
}

/// The server of HTTP in `map`, whose address and port have `names` there.
fn web(map: &Section<'_>, names: [&str; 2], usual: &str, is_secure: bool) -> Result<Web> {
    let [address, port] = names;
    let cert_file = map.path("cert-file")?;
    let authentication =
        map.get("authentication").map(|value| Section::new("\"authentication\"", value)).transpose()?;
    let clients = authentication.as_ref().map_or(Ok(Vec::new()), |map| map.maps("clients"))?;
    Ok(Web {
        is_secure: is_secure || cert_file.is_some(),
        address: map.text(address)?.unwrap_or_else(|| usual.to_owned()),
        port: map.port(port)?.filter(|port| *port != 0).unwrap_or(USUAL_PORT),
        clients: clients.iter().map(client).collect::<Result<_>>()?,
        directory: authentication.map_or(Ok(None), |map| map.path("directory"))?,
        trust_anchor: map.path("trust-anchor")?,
        cert_file,
        key_file: map.path("key-file")?,
        cert_required: map.flag("cert-required")?.unwrap_or(true),
    })
}

fn client(map: &Section<'_>) -> Result<Client> {
    Ok(Client {
        user: map.text("user")?,
        user_file: map.path("user-file")?,
        password: map.text("password")?.map(Secret::new),
        password_file: map.path("password-file")?,
    })
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn read(text: &str) -> Vec<Channels> {
        let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
        parse(Path::new("/c"), text.into(), &mut reader).unwrap()
    }

    fn only(text: &str) -> Socket {
        let mut found = read(text);
        assert_eq!((found.len(), found[0].sockets.len()), (1, 1), "{found:?}");
        found.remove(0).sockets.remove(0)
    }

    #[test]
    fn the_old_socket_and_the_new_list_are_both_read() {
        let unix = Socket::Unix("/run/kea/s".into());
        let map = r#"{"socket-type": "unix", "socket-name": "/run/kea/s"}"#;
        assert_eq!(only(&format!(r#"{{"Dhcp4": {{"control-socket": {map}}}}}"#)), unix);
        assert_eq!(only(&format!(r#"{{"DhcpDdns": {{"control-sockets": [{map}]}}}}"#)), unix);
        assert_eq!(read(r#"{"Dhcp6": {}}"#), [Channels { daemon: Daemon::Dhcp6, sockets: vec![] }]);
        assert_eq!(read(r#"{"Dhcp6": {"control-sockets": [{"socket-type": "carrier-pigeon"}]}}"#)[0].sockets, []);
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
