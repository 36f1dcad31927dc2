//! The address of a control channel.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use ureq::http::Uri;

use crate::secret::Secret;
use crate::tls::Tls;

/// The address of a control channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A unix socket.
    Unix(PathBuf),
    /// HTTP or HTTPS.
    Web(Box<Web>),
}

/// A server of HTTP or HTTPS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Web {
    /// A host name or address; an IPv6 address without brackets.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// Protection of the connection; `None` is plain HTTP.
    pub tls: Option<Tls>,
    /// The credentials for basic authentication (RFC 7617), if any.
    pub credentials: Option<Credentials>,
}

/// A user and the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The name; without a colon.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// Kea's default port for HTTP and HTTPS.
const USUAL_PORT: u16 = 8000;

impl FromStr for Address {
    type Err = String;

    /// The address of a path, `unix:` with a path, or a URL of `http` or `https`.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("a path or URL is needed".to_owned());
        }
        if let Some(path) = text.strip_prefix("unix:") {
            return Ok(Self::Unix(path.into()));
        }
        let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            None if names_a_port(text) => Err(format!("this is no path; http://{text} means a server of HTTP")),
            None => Ok(Self::Unix(text.into())),
            Some("http") => Ok(Self::Web(Box::new(web(text, None)?))),
            Some("https") => Ok(Self::Web(Box::new(web(text, Some(Tls::default()))?))),
            Some(_) => Err("neither a path nor a URL that begins with http:// or https://".to_owned()),
        }
    }
}

/// Whether it is a host with a port, and not a path.
fn names_a_port(text: &str) -> bool {
    !text.contains('/') && text.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok())
}

fn web(url: &str, tls: Option<Tls>) -> Result<Web, String> {
    let uri: Uri = url.parse().map_err(|_| "this is no URL".to_owned())?;
    let authority = uri.authority().ok_or("the URL names no host")?;
    if authority.as_str().contains('@') {
        return Err("a URL must not hold a user or password; they have options of their own".to_owned());
    }
    if uri.path_and_query().is_some_and(|path| path != "/") {
        return Err("Kea takes commands at the root: the URL ends after the port".to_owned());
    }
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    if host.is_empty() {
        return Err("the URL names no host".to_owned());
    }
    let port = match authority.as_str().strip_prefix(authority.host()).and_then(|rest| rest.strip_prefix(':')) {
        None => USUAL_PORT,
        Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or("the URL's port is not 1 to 65535")?,
    };
    Ok(Web { host, port, tls, credentials: None })
}

impl fmt::Display for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let (open, close) = if self.host.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{scheme}://{open}{}{close}:{}", self.host, self.port)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "{}", path.display()),
            Self::Web(web) => web.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        text.parse::<Address>().map(|address| format!("{address}"))
    }

    #[test]
    fn a_path_is_a_socket_and_a_url_a_web_server() {
        assert_eq!(read("/run/kea/kea4-ctrl-socket").unwrap(), "/run/kea/kea4-ctrl-socket");
        assert_eq!(read("unix:relative").unwrap(), "relative");
        assert_eq!(read("http://127.0.0.1").unwrap(), "http://127.0.0.1:8000");
        assert_eq!(read("HTTPS://kea.example:8443/").unwrap(), "https://kea.example:8443");
        assert_eq!(read("https://[2001:db8::1]:8001").unwrap(), "https://[2001:db8::1]:8001");
        assert!(matches!("kea.socket".parse::<Address>().unwrap(), Address::Unix(_)));
    }

    #[test]
    fn what_is_no_place_for_commands_is_reported_as_such() {
        for (text, told) in [
            ("", "a path or URL is needed"),
            ("ftp://x", "neither a path nor a URL"),
            ("http://", "this is no URL"),
            ("http://x:99999", "port is not 1 to 65535"),
            ("http://x:", "port is not 1 to 65535"),
            ("http://u:secret@x", "options of their own"),
            ("http://x/kea", "at the root"),
            ("kea.example:8000", "this is no path; http://kea.example:8000 means a server of HTTP"),
            ("[2001:db8::1]:8000", "http://[2001:db8::1]:8000"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(told) && !error.contains("secret"), "{text}: {error}");
        }
    }
}
