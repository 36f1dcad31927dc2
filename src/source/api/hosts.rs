//! Reservations of a running server, requested page by page: of its configuration and of its databases.

use std::net::IpAddr;

use serde::Deserialize;
use serde_json::{Value, json};

use super::remedy::with_remedy;
use super::{Api, first, service};
use crate::config;
use crate::config::model::{HostReservation, Prefix};
use crate::control::{Channel, Code, Command};
use crate::error::{Error, Result};
use crate::lease::Family;
use crate::source::host::Host;

const COMMAND: &str = "reservation-get-page";
/// How many reservations are requested at once.
const PAGE: u64 = 1000;
/// More pages than a server has: one that goes round in circles is left.
const MOST_PAGES: usize = 100_000;

/// The reservations of the first server that answers.
pub(in crate::source) fn hosts(api: &Api, family: Family) -> Result<Vec<Host>> {
    first(api, |channel| {
        let (mut hosts, mut next) = (Vec::new(), json!({}));
        for _ in 0..MOST_PAGES {
            let Some(page) = page(&channel, family, next)? else { return Ok(hosts) };
            let is_last = page.hosts.is_empty();
            hosts.extend(page.hosts.into_iter().filter_map(Entry::host));
            match page.next {
                Some(after) if !is_last => next = after,
                _ => return Ok(hosts),
            }
        }
        Err(Error::new(channel.address().place(), format!("{COMMAND}: its pages have no end")))
    })
}

/// The page that begins at `next`; `None` after the last.
fn page(channel: &Channel, family: Family, mut next: Value) -> Result<Option<Page>> {
    let failed = |cause: String| Error::new(channel.address().place(), format!("{COMMAND}: {cause}"));
    next["limit"] = PAGE.into();
    let command = Command::new(COMMAND).service(service(family)).arguments(next);
    let answer = channel.send(&command).map_err(|failure| with_remedy(&failure))?;
    match answer.code {
        Code::Success => answer.read().map(Some).map_err(|cause| failed(cause.to_string())),
        Code::Empty => Ok(None),
        Code::Unsupported => {
            Err(failed("the server does not know it: its hook library for reservations is not loaded".to_owned())
                .hint("load libdhcp_host_cmds.so in \"hooks-libraries\" of its configuration"))
        }
        _ => Err(failed(answer.text.clone())),
    }
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    hosts: Vec<Entry>,
    /// Where the next page begins.
    next: Option<Value>,
}

/// A reservation as a server says it.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Entry {
    subnet_id: u32,
    hw_address: Option<String>,
    duid: Option<String>,
    client_id: Option<String>,
    circuit_id: Option<String>,
    flex_id: Option<String>,
    ip_address: Option<IpAddr>,
    ip_addresses: Vec<IpAddr>,
    prefixes: Vec<Prefix>,
    hostname: Option<String>,
}

impl Entry {
    fn host(self) -> Option<Host> {
        let reservation = config::reservation(&HostReservation {
            hw_address: self.hw_address,
            duid: self.duid,
            client_id: self.client_id,
            circuit_id: self.circuit_id,
            flex_id: self.flex_id,
            ip_address: self.ip_address,
            ip_addresses: self.ip_addresses,
            prefixes: self.prefixes,
            hostname: self.hostname,
            ..HostReservation::default()
        })?;
        Some(Host { subnet_id: self.subnet_id, reservation })
    }
}
