//! What a process listens on: the tables of `/proc/PID/net`, which are those of its own network namespace.
//!
//! Who may read `/proc/PID/fd` knows which sockets are the process's; anybody else goes by port and user.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use rustix::net::{AddressFamily, SocketType};

use super::root::Root;
use crate::config::Daemon;
use crate::health::kea::facts::{Process, Socket, Sockets};

const DHCP4_SERVER: u16 = 67;
const DHCP6_SERVER: u16 = 547;
/// Every protocol: what a DHCPv4 server's raw sockets are bound to.
const ETH_P_ALL: &str = "0003";
/// A TCP socket that listens, as the tables say it.
const LISTENING: &str = "0A";
/// An address that is not confirmed to be this machine's alone, or turned out not to be: `IFA_F_TENTATIVE`,
/// `IFA_F_DADFAILED`.
const UNUSABLE_ADDRESS: u32 = 0x48;

/// What `process` listens on, of which `own` inodes are known to be its own. `port` is that of a daemon without one by
/// its protocol.
pub(super) fn sockets(
    root: &Root,
    daemon: Daemon,
    process: &Process,
    own: Option<&[u64]>,
    port: Option<u16>,
) -> Option<Sockets> {
    let tables = Tables { root, folder: format!("/proc/{}/net", process.pid), interfaces: HashMap::new() };
    let mut view = View { own, uid: process.uid, tables };
    let service = match (daemon, port) {
        (Daemon::Dhcp4, _) => view.dhcp4()?,
        (Daemon::Dhcp6, _) => view.dhcp6()?,
        (Daemon::Ddns, Some(port)) => view.listening(&["udp", "udp6"], port, None)?,
        (Daemon::CtrlAgent, Some(port)) => view.listening(&["tcp", "tcp6"], port, Some(LISTENING))?,
        _ => return None,
    };
    Some(Sockets { service, by_inode: own.is_some(), source: view.tables.folder })
}

/// The tables of a network namespace.
struct Tables<'a> {
    root: &'a Root,
    folder: String,
    /// Names of interfaces by their numbers.
    interfaces: HashMap<u32, String>,
}

impl Tables<'_> {
    /// The rows of a table, without its head, in words; `None` if it cannot be read.
    fn rows(&self, name: &str) -> Option<Vec<Vec<String>>> {
        let text = self.root.proc_file(format!("{}/{name}", self.folder)).ok()?;
        let text = String::from_utf8_lossy(&text);
        Some(text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect())
    }

    /// Whether these are the tables of the namespace that this program is in.
    fn are_own(&self) -> bool {
        let namespace = |of: &str| self.root.link(format!("/proc/{of}/ns/net")).ok();
        let theirs = self.folder.trim_start_matches("/proc/").trim_end_matches("/net");
        self.root.is_own() && matches!((namespace("self"), namespace(theirs)), (Some(a), Some(b)) if a == b)
    }

    /// The name of an interface of our own namespace: no table has those of interfaces that are down.
    fn own_name(&self, index: u32) -> Option<String> {
        if !self.are_own() {
            return None;
        }
        let socket = rustix::net::socket(AddressFamily::INET, SocketType::DGRAM, None).ok()?;
        rustix::net::netdevice::index_to_name(socket, index).ok()
    }

    /// The name of an interface, or its number where that is not to be found.
    fn interface(&mut self, index: u32) -> String {
        if let Some(name) = self.own_name(index) {
            return name;
        }
        if self.interfaces.is_empty() {
            for table in ["dev_mcast", "igmp"] {
                for row in self.rows(table).unwrap_or_default() {
                    if let [index, name, ..] = &row[..]
                        && let Ok(index) = index.parse()
                    {
                        self.interfaces.entry(index).or_insert_with(|| name.trim_end_matches(':').to_owned());
                    }
                }
            }
        }
        self.interfaces.get(&index).cloned().unwrap_or_else(|| format!("number {index}"))
    }
}

/// The tables through the eyes of one process.
struct View<'a> {
    own: Option<&'a [u64]>,
    uid: u32,
    tables: Tables<'a>,
}

/// A row of `udp`, `udp6`, `tcp` or `tcp6`.
struct Bound {
    kind: &'static str,
    address: String,
    port: u16,
    state: String,
}

impl View<'_> {
    fn is_own(&self, uid: &str, inode: &str) -> bool {
        match (self.own, inode.parse()) {
            (Some(own), Ok(inode)) => own.contains(&inode),
            _ => uid.parse() == Ok(self.uid),
        }
    }

    /// Raw sockets, one an interface, beside an UDP socket; or UDP sockets alone.
    fn dhcp4(&mut self) -> Option<Vec<Socket>> {
        let udp = self.listening(&["udp"], DHCP4_SERVER, None)?;
        let rows = self.tables.rows("packet")?;
        let mut raw = Vec::new();
        for row in &rows {
            let [_, _, _, protocol, interface, runs, _, uid, inode, ..] = &row[..] else { continue };
            if protocol == ETH_P_ALL && self.is_own(uid, inode) {
                let index = interface.parse().unwrap_or(0);
                let interface = self.tables.interface(index);
                let is_up = runs == "1" && self.has_carrier(&interface, index);
                raw.push(Socket { kind: "packet", address: String::new(), interface: Some(interface), is_up });
            }
        }
        // By the user alone another program's raw socket may be taken for the server's.
        let are_its = self.own.is_some() || !udp.is_empty();
        Some(if raw.is_empty() || !are_its { udp } else { raw })
    }

    /// A socket on the link-local address of each interface; on multicast addresses alone if there are no others.
    fn dhcp6(&mut self) -> Option<Vec<Socket>> {
        let addresses = self.tables.rows("if_inet6").unwrap_or_default();
        let mut all = self.listening(&["udp6"], DHCP6_SERVER, None)?;
        let is_multicast = |socket: &Socket| socket.address.starts_with("[ff");
        if !all.iter().all(is_multicast) {
            all.retain(|socket| !is_multicast(socket));
            for socket in &mut all {
                let host = socket.address.trim_start_matches('[').split(']').next().and_then(|it| it.parse().ok());
                let Some(host): Option<Ipv6Addr> = host else { continue };
                let digits = crate::text::hex(&host.octets());
                let row = addresses.iter().find(|row| row.first() == Some(&digits));
                socket.interface = row.and_then(|row| row.get(5)).cloned();
                let flags = row.and_then(|row| u32::from_str_radix(row.get(4)?, 16).ok());
                socket.is_up = host.is_unspecified() || flags.is_some_and(|flags| flags & UNUSABLE_ADDRESS == 0);
                let index = row.and_then(|row| u32::from_str_radix(row.get(1)?, 16).ok());
                if let (Some(name), Some(index)) = (&socket.interface, index) {
                    socket.is_up &= self.has_carrier(name, index);
                }
            }
        }
        Some(all)
    }

    /// Sockets of the process on `port`, in the first of the `tables` that has any.
    fn listening(&self, tables: &[&'static str], port: u16, state: Option<&str>) -> Option<Vec<Socket>> {
        let mut sockets = Vec::new();
        let mut was_read = false;
        for kind in tables {
            let Some(rows) = self.tables.rows(kind) else { continue };
            was_read = true;
            let bound = rows.iter().filter_map(|row| self.bound(kind, row));
            let meant = bound.filter(|it| it.port == port && state.is_none_or(|state| state == it.state));
            sockets.extend(meant.map(|it| Socket { kind: it.kind, address: it.address, interface: None, is_up: true }));
            if !sockets.is_empty() {
                break;
            }
        }
        was_read.then_some(sockets)
    }

    fn bound(&self, kind: &'static str, row: &[String]) -> Option<Bound> {
        let [_, local, _, state, _, _, _, uid, _, inode, ..] = row else { return None };
        let (host, port) = local.split_once(':')?;
        let port = u16::from_str_radix(port, 16).ok()?;
        self.is_own(uid, inode).then_some(()).and_then(|()| {
            Some(Bound { kind, address: format!("{}:{port}", host_of(host)?), port, state: state.clone() })
        })
    }

    /// Whether an interface has its link, as far as that is to be seen.
    fn has_carrier(&self, interface: &str, index: u32) -> bool {
        let read = |name: &str| self.tables.root.proc_file(format!("/sys/class/net/{interface}/{name}"));
        // /sys shows the interfaces of whoever mounted it, which may be others of the same names.
        let is_it = read("ifindex").is_ok_and(|text| text.trim_ascii() == index.to_string().as_bytes());
        let state = read("operstate").unwrap_or_default();
        !(is_it && self.tables.are_own() && matches!(state.trim_ascii(), b"down" | b"lowerlayerdown" | b"notpresent"))
    }
}

/// An address of a table: words of 32 bits in the machine's own order.
fn host_of(digits: &str) -> Option<String> {
    let words: Vec<[u8; 4]> = (0..digits.len() / 8)
        .map(|at| u32::from_str_radix(digits.get(at * 8..at * 8 + 8)?, 16).ok().map(u32::to_ne_bytes))
        .collect::<Option<_>>()?;
    match words[..] {
        [word] => Some(Ipv4Addr::from(word).to_string()),
        [_, _, _, _] => {
            let octets: [u8; 16] = words.concat().try_into().ok()?;
            Some(format!("[{}]", Ipv6Addr::from(octets)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn addresses_of_the_tables_are_read() {
        assert_eq!(host_of("0100007F").as_deref(), Some("127.0.0.1"));
        assert_eq!(host_of("000080FE00000000FF000000010000FE").as_deref(), Some("[fe80::ff:fe00:1]"));
        for odd in ["", "1", "0100007", "x100007F", "0100007F0100007F"] {
            assert_eq!(host_of(odd), None, "{odd}");
        }
    }
}
