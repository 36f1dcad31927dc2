//! Which daemons of this host should run: one that is only installed need not answer.

use super::ServerEndpoint;
use super::address::canonical;
use crate::health::kea::facts::{Host, Instance};

/// Marks the places whose daemons need not run, as far as this host shows.
pub fn mark_optional(places: &mut [ServerEndpoint], host: &Host) {
    for place in places {
        place.is_optional = is_optional(place, host);
    }
}

fn is_optional(place: &ServerEndpoint, host: &Host) -> bool {
    let (Some(daemon), Some(file)) = (place.daemon, place.file()) else { return false };
    let alike: Vec<&Instance> = host.instances.iter().filter(|instance| instance.daemon == daemon).collect();
    let has_file = |instance: &&&Instance| {
        instance.configuration.as_ref().is_some_and(|configuration| canonical(&configuration.path) == file)
    };
    match alike.iter().find(has_file) {
        Some(instance) => !instance.is_expected(),
        // One of another configuration says nothing of this one.
        None => alike.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::config::Daemon;
    use crate::health::kea::facts::{Configuration, Expected};

    fn place(daemon: Daemon) -> ServerEndpoint {
        let mut place = ServerEndpoint::at("/run/kea/socket".parse().unwrap());
        (place.daemon, place.config) = (Some(daemon), Some(PathBuf::from("/etc/kea/one.conf")));
        place
    }

    #[test]
    fn a_daemon_that_is_only_installed_is_optional() {
        let mut installed = Instance::new(Daemon::Ddns, "one");
        installed.expected = Some(Expected::Installed);
        installed.configuration = Some(Configuration { path: "/etc/kea/one.conf".into(), ..Configuration::default() });
        let mut host = Host::default();
        host.instances.push(installed);
        let mut places =
            [place(Daemon::Ddns), place(Daemon::CtrlAgent), ServerEndpoint::at("/run/other".parse().unwrap())];
        mark_optional(&mut places, &host);
        assert_eq!(places.each_ref().map(|place| place.is_optional), [true, true, false]);
        host.instances[0].has_run = Some(true);
        mark_optional(&mut places, &host);
        assert!(!places[0].is_optional, "it has run before");
    }
}
