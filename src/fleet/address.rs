//! Where servers are, and what they are called.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::login::Login;
use crate::config::Daemon;
use crate::control::Address;
use crate::stats::reading::BAD_CONFIGURATION;

/// Where one server, or one of its daemons, takes commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerEndpoint {
    /// The name of the server, where there are several.
    pub server: Option<String>,
    /// Its addresses, best first.
    pub addresses: Vec<Address>,
    /// Which daemon it is; `None` if it is to be asked.
    pub daemon: Option<Daemon>,
    /// Which daemons to ask for through a Control Agent; all if empty.
    pub services: Vec<Daemon>,
    /// Its configuration file, if it is on this host.
    pub config: Option<PathBuf>,
    /// What is wrong with that, if it cannot be used.
    pub fault: Option<ConfigurationFault>,
    /// The name of its partner in high availability, where a file of servers has it.
    pub pair: Option<String>,
    /// Longer than this it is not waited for.
    pub timeout: Option<Duration>,
    /// Whether it need not run: as long as it does not, it is left out.
    pub is_optional: bool,
    /// The file with its password, if the address holds none.
    pub login: Option<Login>,
}

/// Why a configuration cannot be used. Its daemon may run with what the file was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigurationFault {
    /// In one word for a label.
    pub reason: &'static str,
    /// In a sentence, with what would help.
    pub cause: String,
}

impl ServerEndpoint {
    /// A server at this address.
    #[must_use]
    pub fn at(address: Address) -> Self {
        Self {
            server: None,
            addresses: vec![address],
            daemon: None,
            services: Vec::new(),
            config: None,
            fault: None,
            pair: None,
            timeout: None,
            is_optional: false,
            login: None,
        }
    }

    /// The same after its configuration file was removed.
    pub(super) fn without_file(self) -> Self {
        let cause = self.config.as_deref().map(|file| format!("{} was removed", file.display())).unwrap_or_default();
        Self { fault: Some(ConfigurationFault { reason: BAD_CONFIGURATION, cause }), is_optional: false, ..self }
    }

    /// Its configuration file by its canonical name, if it is on this host.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        self.config.as_deref().map(canonical)
    }

    /// The last part of a socket's path, the host and port of a URL.
    #[must_use]
    pub fn label(&self) -> String {
        self.addresses.first().map(name_of).unwrap_or_default()
    }

    /// Which daemon it is, as far as the name of its socket says.
    #[must_use]
    pub fn guess(&self) -> Option<Daemon> {
        let Some(Address::Unix(path)) = self.addresses.first() else { return self.daemon };
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let by_name = match &name {
            name if name.contains("ddns") || name.contains("d2") => Some(Daemon::Ddns),
            name if name.contains('4') => Some(Daemon::Dhcp4),
            name if name.contains('6') => Some(Daemon::Dhcp6),
            _ => None,
        };
        self.daemon.or(by_name)
    }
}

/// The name of a file without links, as far as it can be found.
pub(super) fn canonical(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Each place once, however often it was given.
#[must_use]
pub fn distinct(places: Vec<ServerEndpoint>) -> Vec<ServerEndpoint> {
    let mut kept: Vec<ServerEndpoint> = Vec::new();
    for place in places {
        let is_same = |other: &ServerEndpoint| {
            (&other.server, other.daemon, &other.addresses) == (&place.server, place.daemon, &place.addresses)
        };
        if !kept.iter().any(is_same) {
            kept.push(place);
        }
    }
    kept
}

/// Gives each of several servers a name of its own: the last parts of a socket's path, as many as distinguish it, the host and
/// port of a URL. A single one needs none.
#[must_use]
pub fn named(mut places: Vec<ServerEndpoint>) -> Vec<ServerEndpoint> {
    if places.len() == 1 {
        return places;
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    let paths: Vec<PathBuf> = places.iter().filter_map(unnamed_socket).map(Path::to_owned).collect();
    for place in &mut places {
        let own = unnamed_socket(place).map(|path| distinct_end(path, &paths));
        let name = place.server.clone().or(own).or_else(|| place.addresses.first().map(name_of)).unwrap_or_default();
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        place.server = Some(if *count == 1 { name } else { format!("{name} ({count})") });
    }
    places
}

/// The path of the socket of a server without a name.
fn unnamed_socket(place: &ServerEndpoint) -> Option<&Path> {
    match place.addresses.first() {
        Some(Address::Unix(path)) if place.server.is_none() => Some(path),
        _ => None,
    }
}

/// The last parts of a path, as many as no other path ends in.
fn distinct_end(path: &Path, all: &[PathBuf]) -> String {
    let parts: Vec<_> = path.iter().collect();
    let end = |count: usize| parts[parts.len() - count..].iter().collect::<PathBuf>();
    let is_distinct = |end: &PathBuf| all.iter().all(|other| other == path || !other.ends_with(end));
    let ends = (1..=parts.len()).map(end);
    ends.into_iter().find(is_distinct).unwrap_or_else(|| path.to_owned()).display().to_string()
}

/// The same, but only if there are several daemons of one kind: those of one host are one server.
#[must_use]
pub fn named_if_alike(places: Vec<ServerEndpoint>) -> Vec<ServerEndpoint> {
    let mut seen = HashSet::new();
    let are_different = places.iter().all(|place| seen.insert(place.daemon));
    if are_different { places } else { named(places) }
}

fn name_of(address: &Address) -> String {
    match address {
        Address::Unix(path) => {
            path.file_name().map_or_else(|| path.display().to_string(), |name| Path::new(name).display().to_string())
        }
        Address::Web(web) if web.host.contains(':') => format!("[{}]:{}", web.host, web.port),
        Address::Web(web) => format!("{}:{}", web.host, web.port),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(addresses: &[&str]) -> Vec<ServerEndpoint> {
        addresses.iter().map(|address| ServerEndpoint::at(address.parse().unwrap())).collect()
    }

    #[test]
    fn one_server_needs_no_name_and_several_have_different_ones() {
        assert_eq!(named(places(&["/run/kea/a"]))[0].server, None);
        let east = ServerEndpoint { server: Some("east".to_owned()), ..places(&["/run/kea/a"]).remove(0) };
        assert_eq!(named(vec![east])[0].server.as_deref(), Some("east"), "a name is not lost");
        let all = named(places(&["/run/1/kea4", "/run/2/kea4", "http://kea.example:8001", "http://[::1]"]));
        let names: Vec<_> = all.iter().map(|place| place.server.as_deref().unwrap()).collect();
        assert_eq!(names, ["1/kea4", "2/kea4", "kea.example:8001", "[::1]:8000"]);
    }

    #[test]
    fn sockets_of_one_name_are_called_by_their_directories() {
        let names = |addresses: &[&str]| -> Vec<String> {
            named(places(addresses)).into_iter().filter_map(|place| place.server).collect()
        };
        assert_eq!(names(&["/a/run/s4", "/b/run/s4", "/b/run/s6"]), ["a/run/s4", "b/run/s4", "s6"]);
        assert_eq!(names(&["/s4", "/a/s4"]), ["/s4", "a/s4"]);
        assert_eq!(names(&["/a/s4", "/a/s4"]), ["s4", "s4 (2)"]);
    }

    #[test]
    fn a_place_that_is_given_twice_is_one() {
        let all = distinct(places(&["/run/kea/a", "/run/kea/b", "/run/kea/a"]));
        assert_eq!(all, places(&["/run/kea/a", "/run/kea/b"]));
    }

    #[test]
    fn the_name_of_a_socket_may_say_which_daemon_it_is() {
        let guess = |address: &str| places(&[address])[0].guess();
        assert_eq!(guess("/run/kea4/kea6-ctrl-socket"), Some(Daemon::Dhcp6));
        assert_eq!(guess("/run/kea/kea-ddns-ctrl-socket"), Some(Daemon::Ddns));
        assert_eq!((guess("/run/kea/socket"), guess("http://dhcp4.example")), (None, None));
    }
}
