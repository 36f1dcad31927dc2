//! A running server: its leases, in memory or in its database, requested page by page.
//!
//! `lease4-get-page` blocks the server only for one page; `lease4-get-all` would block it for all leases, so it is never
//! sent. Pages are not a snapshot: a lease that is added or removed in between may or may not be included. Answers have
//! neither the type nor the source of a DHCPv6 client's hardware address.

use std::collections::HashSet;
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::{Flow, LeaseSource, Order, Origin, Visited, Visitor};
use crate::config::{Config, Daemon, Document, Sieve};
use crate::control::{Address, Answer, Channel, Code, Command, Limits};
use crate::error::{Error, Result};
use crate::lease::Family;

mod hosts;
mod lease;
mod place;
mod remedy;
mod statistics;

use self::lease::Reader;
use self::remedy::with_remedy;

pub(super) use self::hosts::hosts;
pub(super) use self::place::{from_config, given, served};
pub use self::statistics::{ServerCounts, SubnetCounts};
pub(super) use self::statistics::{failures, scopes, statistics};

/// The number of leases per page: a server of Kea 2.2 needs about 10 ms for them. Twice as many take three times as long,
/// since it copies the unsent rest.
const PAGE: usize = 500;
/// More than the size of a page, also with large user contexts.
const LARGEST_PAGE: u64 = 256 << 20;
/// The default time limit of a page: commands wait for each other and for the server's other work.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server, and its addresses, best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// Its addresses.
    pub addresses: Vec<Address>,
    /// How long an answer may take; `None` is the usual time.
    pub patience: Option<Duration>,
}

/// The leases of one family of a running server.
pub(super) struct ApiSource {
    channel: Channel,
    family: Family,
    /// The first page, requested to check that the server has the command.
    first: Option<Page>,
}

/// Requests the first page from the first address that answers.
pub(super) fn open(api: &Api, family: Family) -> Result<ApiSource> {
    first(api, |channel| ApiSource::begin(channel, family))
}

/// The configuration of the first server that answers and, through a Control Agent, that of the other family: the address
/// and the text.
pub(super) fn configurations(api: &Api) -> Vec<(String, Vec<u8>)> {
    /// It is requested before the leases, whose request waits as long as the limit allows.
    const LONGEST: Duration = Duration::from_secs(5);
    let limits = Limits { time: api.patience.unwrap_or(PATIENCE).min(LONGEST), ..Limits::default() };
    let both = |address: &Address| {
        let channel = Channel::new(address.clone(), limits).ok()?;
        let mut found = Vec::new();
        for family in [Family::V4, Family::V6] {
            let answer = channel.send(&Command::new("config-get").service(service(family))).ok()?;
            found.push((channel.address().place(), answer.into_raw().into_bytes()));
        }
        (!found.is_empty()).then_some(found)
    };
    api.addresses.iter().find_map(both).unwrap_or_default()
}

/// What the first server that answers says.
fn first<T>(api: &Api, ask: impl Fn(Channel) -> Result<T>) -> Result<T> {
    let limits = Limits { time: api.patience.unwrap_or(PATIENCE), octets: LARGEST_PAGE };
    let mut refused = None;
    for address in &api.addresses {
        match Channel::new(address.clone(), limits).and_then(&ask) {
            Ok(said) => return Ok(said),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    Err(refused.unwrap_or_else(|| Error::new("", "no control socket is known").hint("name it with --socket")))
}

/// How much of a configuration is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// What pools depend on.
    Pools,
}

/// The configuration that the first server which answers uses for a family.
pub(super) fn configuration(api: &Api, family: Family, extent: Extent) -> Result<Config> {
    first(api, |channel| {
        let place = channel.address().place();
        let command = Command::new("config-get").service(service(family));
        let answer = match extent {
            Extent::Whole => channel.send(&command),
            Extent::Pools => {
                let mut sieve = Sieve::for_pools();
                channel.send_through(&command, channel.time(), &mut |octets, kept| sieve.take(octets, kept))
            }
        };
        let answer = answer.map_err(|failure| with_remedy(&failure))?;
        if answer.code != Code::Success {
            return Err(Error::new(&place, format!("config-get: {}", answer.text)));
        }
        let mut no_files = |_: &Path| Err(io::ErrorKind::NotFound.into());
        let document = Document::parse(Path::new(&place), answer.into_raw().into_bytes(), &mut no_files);
        document.config(Daemon::of_family(family))
    })
}

/// Whether a server answers that has the command for pages of leases; a cheap request.
pub(super) fn gives_leases(api: &Api, family: Family) -> bool {
    let limits = Limits { time: api.patience.unwrap_or(PATIENCE), ..Limits::default() };
    let knows = |address: &Address| {
        let channel = Channel::new(address.clone(), limits).ok()?;
        let answer = channel.send(&Command::new("list-commands").service(service(family))).ok()?;
        let commands: Vec<String> = answer.read().ok()?;
        Some(commands.contains(&page_command(family)))
    };
    api.addresses.iter().find_map(knows).unwrap_or(false)
}

/// `lease4-get-page`
fn page_command(family: Family) -> String {
    format!("lease{}-get-page", family.digit())
}

impl ApiSource {
    fn begin(channel: Channel, family: Family) -> Result<Self> {
        let mut source = Self { channel, family, first: None };
        let page = source.page("start")?;
        if page.is_empty() && !place::serves(&source.channel, family)? {
            let is_of_the_other = place::serves(&source.channel, family.other())?;
            let none = || source.error(format!("it is no {family} server"));
            return Err(if is_of_the_other { source.other_server() } else { none() });
        }
        source.first = Some(page);
        Ok(source)
    }

    /// Whether a server of the other family answers.
    fn is_of_the_other(&self) -> Result<bool> {
        Ok(!place::serves(&self.channel, self.family)? && place::serves(&self.channel, self.family.other())?)
    }

    fn other_server(&self) -> Error {
        let other = self.family.other();
        self.error(format!("it is a {other} server's")).hint(format!("read its leases with -{}", other.digit()))
    }

    fn error(&self, cause: impl std::fmt::Display) -> Error {
        Error::new(self.channel.address().place(), cause)
    }

    /// The leases after the address `from`.
    fn page(&self, from: &str) -> Result<Page> {
        let name = page_command(self.family);
        let command = Command::new(&name).service(service(self.family));
        let command = command.arguments(json!({ "from": from, "limit": PAGE }));
        let answer = self.channel.send(&command).map_err(|failure| with_remedy(&failure))?;
        match answer.code {
            Code::Success => answer.read().map_err(|cause| self.error(format!("{name}: {cause}"))),
            Code::Empty => Ok(Page::default()),
            Code::Unsupported if self.is_of_the_other()? => Err(self.other_server()),
            Code::Unsupported => Err(self
                .error(format!("the server does not know {name}: its hook library for leases is not loaded"))
                .hint("load libdhcp_lease_cmds.so in \"hooks-libraries\" of its configuration")),
            _ => Err(self.error(format!("{name}: {}", answer.text))),
        }
    }

    /// Calls `each` with every page, until it stops.
    fn each_page(&mut self, each: &mut dyn FnMut(&Page) -> Result<Flow>) -> Result<()> {
        let mut page = match self.first.take() {
            Some(page) => page,
            None => self.page("start")?,
        };
        let mut seen = HashSet::new();
        while let Some(last) = page.leases.last() {
            let Some(address) = lease::address(last) else {
                return Err(self.error("the last lease of a page has no address, so the next cannot be asked for"));
            };
            if !seen.insert(address) {
                return Err(self.error(format!("the page after {address} ends with that address again")));
            }
            if each(&page)? == Flow::Stop {
                break;
            }
            page = self.page(&address.to_string())?;
        }
        Ok(())
    }

    /// Whether pages follow each other by address. Up to Kea 2.3 those of DHCPv6 leases in a database are in the order
    /// of the addresses' text.
    fn is_in_order(&self) -> bool {
        let version = || self.channel.send(&Command::new("version-get").service(service(self.family)));
        self.family == Family::V4 || version().is_ok_and(|answer| is_since_2_4(&answer.text))
    }

    fn in_order(&mut self, visitor: &mut dyn Visitor, reader: &mut Reader) -> Result<Visited> {
        let mut leases: Vec<(Option<IpAddr>, Box<RawValue>)> = Vec::new();
        self.each_page(&mut |page| {
            leases.extend(page.leases.iter().map(|lease| (lease::address(lease), lease.clone())));
            visitor.preparing(leases.len() as u64, 0);
            Ok(Flow::Continue)
        })?;
        leases.sort_by_key(|(address, _)| *address);
        let mut visited = Visited::default();
        visitor.expect_rows(leases.len() as u64);
        for (_, lease) in &leases {
            if reader.hand_out(lease, visitor, &mut visited)? == Flow::Stop {
                break;
            }
        }
        Ok(visited)
    }
}

impl LeaseSource for ApiSource {
    fn visit(&mut self, order: Order, visitor: &mut dyn Visitor) -> Result<Visited> {
        let mut reader = Reader::new(self.family);
        if order == Order::Address && !self.is_in_order() {
            return self.in_order(visitor, &mut reader);
        }
        let mut visited = Visited::default();
        self.each_page(&mut |page| page.hand_out(&mut reader, visitor, &mut visited))?;
        Ok(visited)
    }

    fn origin(&self) -> Origin {
        Origin { backend: "api", location: self.channel.address().place(), version: None }
    }
}

/// The arguments of an answer.
#[derive(Debug, Default, Deserialize)]
struct Page {
    leases: Vec<Box<RawValue>>,
}

impl Page {
    fn is_empty(&self) -> bool {
        self.leases.is_empty()
    }

    fn hand_out(&self, reader: &mut Reader, visitor: &mut dyn Visitor, visited: &mut Visited) -> Result<Flow> {
        for lease in &self.leases {
            if reader.hand_out(lease, visitor, visited)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Continue)
    }
}

/// Hands the leases in an answer to `lease4-get-page` or `lease6-get-page` to `visitor`. An answer that is no page is an error: a
/// page without leases has an empty list of them.
pub fn leases_in(answer: &Answer, family: Family, visitor: &mut dyn Visitor) -> Result<Visited> {
    let mut visited = Visited::default();
    let page: Page = answer.read().map_err(|_| Error::new("read leases", "the answer has no list of leases"))?;
    page.hand_out(&mut Reader::new(family), visitor, &mut visited)?;
    Ok(visited)
}

/// The Control Agent's name for the server of `family`.
fn service(family: Family) -> &'static str {
    match family {
        Family::V4 => "dhcp4",
        Family::V6 => "dhcp6",
    }
}

/// Whether `version` (`2.2.0`, `3.1.0-git`) is at least 2.4.
fn is_since_2_4(version: &str) -> bool {
    let mut numbers = version.split(['.', '-']).map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= (2, 4),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_tells_how_pages_are_ordered() {
        for (version, since) in [("2.2.0", false), ("2.3.8", false), ("2.4.0", true), ("3.1.0-git", true), ("?", false)]
        {
            assert_eq!(is_since_2_4(version), since, "{version}");
        }
    }
}
