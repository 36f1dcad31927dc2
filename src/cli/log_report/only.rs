//! The clients whose exchanges or leases are wanted.

use std::net::IpAddr;

use crate::error::{Error, Result};
use crate::log::client::{Client, Clients};
use crate::log::trace::Who;

/// All clients, or only these.
pub(super) struct Only {
    /// What the user wrote, what it names, and whether it occurred.
    wanted: Vec<(String, Who, bool)>,
}

impl Only {
    pub(super) fn new(clients: &[String]) -> Result<Self> {
        if clients.iter().any(|client| client.trim().is_empty()) {
            let hint = "name a hardware address, client-id, DUID, address, prefix or host name";
            return Err(Error::new("follow a client", "an empty name is no client").hint(hint));
        }
        let wanted = clients.iter().map(|text| (text.clone(), Who::parse(text), false)).collect();
        Ok(Self { wanted })
    }

    /// Refuses what lines about leases do not have.
    pub(super) fn check(&self) -> Result<()> {
        let name = self.wanted.iter().find(|(_, who, _)| matches!(who, Who::Name(_)));
        let hint = "give the name without a view option, to see the client's addresses";
        let refused = |text: &str| Err(Error::new(format!("find {text}"), "leases have no host names").hint(hint));
        name.map_or(Ok(()), |(text, ..)| refused(text))
    }

    /// Whether something of this client with these addresses is wanted.
    pub(super) fn takes(&mut self, clients: &Clients, client: Client, addresses: &[IpAddr]) -> bool {
        let mut is_wanted = self.wanted.is_empty();
        for (_, who, occurs) in &mut self.wanted {
            if who.fits(&clients.identity(client), addresses.iter().copied()) {
                (*occurs, is_wanted) = (true, true);
            }
        }
        is_wanted
    }

    /// What did not occur.
    pub(super) fn missing(&self) -> impl Iterator<Item = &str> {
        self.wanted.iter().filter(|(_, _, occurs)| !occurs).map(|(text, ..)| text.as_str())
    }
}
