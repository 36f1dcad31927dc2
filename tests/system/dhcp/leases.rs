//! What servers have given away, as their lease files say.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use kea_tools::lease::Family;

use super::ServerKind;

/// What somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lease {
    /// The address or prefix.
    pub(crate) address: IpAddr,
    /// How long the prefix is; all of the address otherwise.
    pub(crate) prefix: u8,
}

/// An udhcpd that has offered an address keeps it for a minute; a lease takes an hour.
const OFFER: u32 = 60;

/// The leases of a server whose folder is `dir`.
pub(crate) fn read(kind: ServerKind, family: Family, dir: &Path) -> Vec<Lease> {
    let file = dir.join("leases");
    match (kind, family) {
        (ServerKind::Kea, Family::V4) => kea(&text(&file), ["address", ""]),
        (ServerKind::Kea, Family::V6) => kea(&text(&file), ["address", "prefix_len"]),
        (ServerKind::Dhcpd, _) => dhcpd(&text(&file)),
        (ServerKind::Dnsmasq, _) => dnsmasq(&text(&file)),
        (ServerKind::Udhcpd, _) => udhcpd(&fs::read(&file).unwrap_or_default()),
    }
}

fn text(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_default()
}

fn lease(address: &str, prefix: Option<u8>) -> Lease {
    let address: IpAddr = address.parse().unwrap();
    Lease { address, prefix: prefix.unwrap_or(if address.is_ipv4() { 32 } else { 128 }) }
}

/// Rows of commas; the last of an address counts, and one without a lifetime takes it back.
fn kea(text: &str, [address, prefix]: [&str; 2]) -> Vec<Lease> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let place = |name: &str| names.iter().position(|column| *column == name);
    let mut last = BTreeMap::new();
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let field = |name| place(name).map_or("", |at| fields[at]);
        let held = field("valid_lifetime") != "0" && field("state") == "0";
        last.insert(field(address).to_owned(), (held, field(prefix).parse().ok()));
    }
    last.into_iter().filter(|(_, (held, _))| *held).map(|(address, (_, prefix))| lease(&address, prefix)).collect()
}

/// Blocks `lease ADDRESS {` (or `iaaddr`, `iaprefix`) with a line `binding state active;`; the last of an address
/// counts.
fn dhcpd(text: &str) -> Vec<Lease> {
    let mut last = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words[..] {
            ["lease" | "iaaddr" | "iaprefix", address, "{"] => current = Some(address.to_owned()),
            // "next binding state" says what will be.
            ["binding", "state", state] => {
                last.extend(current.clone().map(|address| (address, state == "active;")));
            }
            _ => {}
        }
    }
    let held = last.into_iter().filter(|(_, active)| *active);
    held.map(|(address, _)| match address.split_once('/') {
        Some((address, prefix)) => lease(address, prefix.parse().ok()),
        None => lease(&address, None),
    })
    .collect()
}

/// A line for each: end, hardware address or association, address; a line with the server's DUID goes before the IPv6
/// ones.
fn dnsmasq(text: &str) -> Vec<Lease> {
    let address = |line: &str| line.split_ascii_whitespace().nth(2).map(str::to_owned);
    text.lines()
        .filter(|line| !line.starts_with("duid"))
        .filter_map(address)
        .map(|address| lease(&address, None))
        .collect()
}

/// The time, then 36 octets for each: seconds left, address, hardware address, name.
fn udhcpd(octets: &[u8]) -> Vec<Lease> {
    let records = octets.get(8..).unwrap_or_default().chunks_exact(36);
    let held = records.filter(|record| u32::from_be_bytes(record[..4].try_into().unwrap()) > OFFER);
    held.map(|record| {
        let address: [u8; 4] = record[4..8].try_into().unwrap();
        Lease { address: Ipv4Addr::from(address).into(), prefix: 32 }
    })
    .collect()
}
