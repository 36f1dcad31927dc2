//! Servers that back each other up: which of them serves which clients.
//!
//! A load-balancing server gives each client a class by its hardware address, `HA_` and the name of the server that is to
//! serve it, also while the other server is down: the halves stay apart. Of a hot-standby pair one server serves all clients,
//! and all of them are in its class.

use crate::config::Config;

/// The servers of all relationships.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairing {
    is_balanced: bool,
    /// The servers that serve clients while none is down.
    usual: Vec<String>,
    /// The scopes that a server serves now, if that is known.
    served: Option<Vec<String>>,
}

impl Pairing {
    /// Of a configuration; which scopes are served is not known from it.
    pub(super) fn new(config: &Config) -> Self {
        let mut pairing = Self::default();
        for relationship in config.server.high_availability() {
            let is_balanced = relationship.mode.as_deref().is_none_or(|mode| mode == "load-balancing");
            let is_usual = |role: &str| role == "primary" || (is_balanced && role == "secondary");
            let usual = relationship.peers.iter().filter(|peer| peer.role.as_deref().is_some_and(is_usual));
            pairing.usual.extend(usual.filter_map(|peer| peer.name.clone()));
            pairing.is_balanced |= is_balanced;
        }
        pairing
    }

    /// Takes the scopes that the servers say they serve.
    pub fn serve(&mut self, scopes: Vec<String>) {
        self.served = Some(scopes);
    }

    /// The servers that have clients of their own, whatever happens.
    pub(super) fn balanced(&self) -> &[String] {
        if self.is_balanced { &self.usual } else { &[] }
    }

    /// Whether clients of a scope are served now; `None` if there are no such clients now.
    #[must_use]
    pub fn serves(&self, scope: &str) -> Option<bool> {
        let is_served = self.served.as_ref().map(|served| served.iter().any(|other| other == scope));
        if self.is_balanced {
            return Some(is_served.unwrap_or(true));
        }
        let is_usual = || self.usual.is_empty() || self.usual.iter().any(|usual| usual == scope);
        is_served.unwrap_or_else(is_usual).then_some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairing(is_balanced: bool, served: Option<&[&str]>) -> [Option<bool>; 2] {
        let served = served.map(|served| served.iter().map(ToString::to_string).collect());
        let pairing = Pairing { is_balanced, usual: vec!["one".into()], served };
        ["one", "two"].map(|scope| pairing.serves(scope))
    }

    #[test]
    fn a_balanced_half_stays_when_its_server_is_gone() {
        assert_eq!(pairing(true, None), [Some(true), Some(true)]);
        assert_eq!(pairing(true, Some(&["one", "two"])), [Some(true), Some(true)]);
        assert_eq!(pairing(true, Some(&["one"])), [Some(true), Some(false)]);
    }

    #[test]
    fn a_standby_has_no_clients_before_it_takes_over() {
        assert_eq!(pairing(false, None), [Some(true), None]);
        assert_eq!(pairing(false, Some(&["two"])), [None, Some(true)]);
    }
}
