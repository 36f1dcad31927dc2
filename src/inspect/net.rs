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
    let mut view = View { own, uid: process.uid, tables: Tables::of(root, process) };
    let service = match (daemon, port) {
        (Daemon::Dhcp4, _) => view.dhcp4()?,
        (Daemon::Dhcp6, _) => view.dhcp6()?,
        (Daemon::Ddns, Some(port)) => view.listening(&["udp", "udp6"], port, None)?,
        (Daemon::CtrlAgent, Some(port)) => view.listening(&["tcp", "tcp6"], port, Some(LISTENING))?,
        _ => return None,
    };
    Some(Sockets { service, by_inode: own.is_some(), source: view.tables.folder })
}

/// Whether a process has another network than this program: what listens at a port of ours is not the process then.
pub(super) fn is_elsewhere(root: &Root, process: &Process) -> bool {
    root.is_own() && are_one_namespace(root, process.pid).map_or(process.inner_pid.is_some(), |are_one| !are_one)
}

/// Whether this program and a process have one network namespace; `None` if this user may not know.
fn are_one_namespace(root: &Root, pid: u32) -> Option<bool> {
    let namespace = |of: &str| root.link(format!("/proc/{of}/ns/net")).ok();
    Some(namespace("self")? == namespace(&pid.to_string())?)
}

/// The tables of a network namespace.
struct Tables<'a> {
    root: &'a Root,
    pid: u32,
    folder: String,
    /// Whether they are those of the namespace that this program is in, once that was looked for.
    are_own: Option<bool>,
    /// Names of interfaces by their numbers.
    interfaces: HashMap<u32, String>,
}

impl<'a> Tables<'a> {
    fn of(root: &'a Root, process: &Process) -> Self {
        let folder = format!("/proc/{}/net", process.pid);
        Self { root, pid: process.pid, folder, are_own: None, interfaces: HashMap::new() }
    }

    /// The text of a table; `None` if it cannot be read.
    fn read(&self, name: &str) -> Option<String> {
        let text = self.root.proc_file(format!("{}/{name}", self.folder)).ok()?;
        Some(String::from_utf8(text).unwrap_or_else(|odd| String::from_utf8_lossy(odd.as_bytes()).into_owned()))
    }

    fn are_own(&mut self) -> bool {
        let (root, pid) = (self.root, self.pid);
        *self.are_own.get_or_insert_with(|| root.is_own() && are_one_namespace(root, pid) == Some(true))
    }

    /// The name of an interface of our own namespace: no table has those of interfaces that are down.
    fn own_name(&mut self, index: u32) -> Option<String> {
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
                for row in self.read(table).unwrap_or_default().lines() {
                    let mut words = row.split_ascii_whitespace();
                    if let (Some(index), Some(name)) = (words.next().and_then(|it| it.parse().ok()), words.next()) {
                        self.interfaces.entry(index).or_insert_with(|| name.trim_end_matches(':').to_owned());
                    }
                }
            }
        }
        self.interfaces.get(&index).cloned().unwrap_or_else(|| format!("number {index}"))
    }

    /// Whether an interface has its link, as far as that is to be seen.
    fn has_carrier(&mut self, interface: &str, index: u32) -> bool {
        let root = self.root;
        let read = |name: &str| root.proc_file(format!("/sys/class/net/{interface}/{name}")).unwrap_or_default();
        if !matches!(read("operstate").trim_ascii(), b"down" | b"lowerlayerdown" | b"notpresent") {
            return true;
        }
        // /sys shows the interfaces of whoever mounted it, which may be others of the same names.
        !(read("ifindex").trim_ascii() == index.to_string().as_bytes() && self.are_own())
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
    host: String,
    port: u16,
    state: String,
}

/// A row of `if_inet6`: an address, and the interface that has it.
struct Address {
    host: String,
    index: u32,
    flags: u32,
    interface: String,
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
        let raw = self.raw()?;
        // The table of UDP takes longer to read than all others together.
        if self.own.is_some() && !raw.is_empty() {
            return Some(raw);
        }
        let udp = self.listening(&["udp"], DHCP4_SERVER, None)?;
        // By the user alone another program's raw socket may be taken for the server's.
        let are_its = self.own.is_some() || !udp.is_empty();
        Some(if raw.is_empty() || !are_its { udp } else { raw })
    }

    fn raw(&mut self) -> Option<Vec<Socket>> {
        let mut raw = Vec::new();
        for row in self.tables.read("packet")?.lines() {
            let row: Vec<&str> = row.split_ascii_whitespace().collect();
            let [_, _, _, protocol, interface, runs, _, uid, inode, ..] = row[..] else { continue };
            if protocol == ETH_P_ALL && self.is_own(uid, inode) {
                let index = interface.parse().unwrap_or(0);
                let interface = self.tables.interface(index);
                let is_up = runs == "1" && self.tables.has_carrier(&interface, index);
                raw.push(Socket { kind: "packet", address: String::new(), interface: Some(interface), is_up });
            }
        }
        Some(raw)
    }

    /// A socket on the link-local address of each interface; on multicast addresses alone if there are no others.
    fn dhcp6(&mut self) -> Option<Vec<Socket>> {
        let mut all = self.listening(&["udp6"], DHCP6_SERVER, None)?;
        let is_multicast = |socket: &Socket| socket.address.starts_with("[ff");
        if !all.iter().all(is_multicast) {
            all.retain(|socket| !is_multicast(socket));
            let addresses = addresses(&self.tables.read("if_inet6").unwrap_or_default());
            self.place(&mut all, &addresses);
        }
        Some(all)
    }

    /// Finds the interfaces of sockets by their addresses. Several interfaces may have one address, as VLANs do; where
    /// not each of them has a socket, nobody knows whose a socket is.
    fn place(&mut self, sockets: &mut [Socket], addresses: &[Address]) {
        let hosts: Vec<Option<Ipv6Addr>> = sockets.iter().map(|socket| host_in(&socket.address)).collect();
        for (at, socket) in sockets.iter_mut().enumerate() {
            let Some(host) = hosts[at] else { continue };
            let digits = crate::text::hex(&host.octets());
            let having: Vec<&Address> = addresses.iter().filter(|address| address.host == digits).collect();
            let bound = hosts.iter().filter(|other| **other == Some(host)).count();
            let before = hosts[..at].iter().filter(|other| **other == Some(host)).count();
            let mut is_usable = |address: &&Address| {
                address.flags & UNUSABLE_ADDRESS == 0 && self.tables.has_carrier(&address.interface, address.index)
            };
            if bound < having.len() {
                socket.is_up = having.iter().any(&mut is_usable);
            } else {
                let its = having.get(before).or(having.last());
                socket.interface = its.map(|address| address.interface.clone());
                socket.is_up = host.is_unspecified() || its.is_some_and(is_usable);
            }
        }
    }

    /// Sockets of the process on `port`, in the first of the `tables` that has any.
    fn listening(&self, tables: &[&'static str], port: u16, state: Option<&str>) -> Option<Vec<Socket>> {
        let mut sockets = Vec::new();
        let mut was_read = false;
        for kind in tables {
            let Some(table) = self.tables.read(kind) else { continue };
            was_read = true;
            let bound = table.lines().filter_map(|row| self.bound(row));
            let meant = bound.filter(|it| it.port == port && state.is_none_or(|state| state == it.state));
            sockets.extend(meant.filter_map(|it| {
                let address = format!("{}:{port}", host_of(&it.host)?);
                Some(Socket { kind, address, interface: None, is_up: true })
            }));
            if !sockets.is_empty() {
                break;
            }
        }
        was_read.then_some(sockets)
    }

    /// What a row says, if it is of a socket of the process.
    fn bound(&self, row: &str) -> Option<Bound> {
        let mut words = row.split_ascii_whitespace();
        let (local, state) = (words.nth(1)?, words.nth(1)?);
        let (uid, inode) = (words.nth(3)?, words.nth(1)?);
        let (host, port) = local.split_once(':')?;
        let port = u16::from_str_radix(port, 16).ok()?;
        self.is_own(uid, inode).then(|| Bound { host: host.to_owned(), port, state: state.to_owned() })
    }
}

/// The rows of `if_inet6`.
fn addresses(table: &str) -> Vec<Address> {
    let hex = |digits: &str| u32::from_str_radix(digits, 16).ok();
    let rows = table.lines().filter_map(|row| {
        let mut words = row.split_ascii_whitespace();
        let (host, index) = (words.next()?.to_owned(), hex(words.next()?)?);
        Some(Address { host, index, flags: hex(words.nth(2)?)?, interface: words.next()?.to_owned() })
    });
    rows.collect()
}

/// The address before the port in `[fe80::1]:547`.
fn host_in(address: &str) -> Option<Ipv6Addr> {
    address.strip_prefix('[')?.split(']').next()?.parse().ok()
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

    /// A machine with a DHCPv6 server, process 7, that has sockets on link-local addresses, and with these interfaces.
    fn interfaces_of(sockets: &[&str], interfaces: &[(&str, &str)]) -> Vec<Option<String>> {
        let dir = tempfile::tempdir().unwrap();
        let net = dir.path().join("proc/7/net");
        std::fs::create_dir_all(&net).unwrap();
        let row = |host: &&str| format!("0: {host}:0223 0:0 07 0:0 0:0 0 0 0 {SOCKET} 2\n");
        std::fs::write(net.join("udp6"), sockets.iter().map(row).collect::<String>()).unwrap();
        let row = |(index, (host, name)): (usize, &(&str, &str))| format!("{host} {index:02x} 40 20 80 {name}\n");
        std::fs::write(net.join("if_inet6"), interfaces.iter().enumerate().map(row).collect::<String>()).unwrap();
        let process = Process { pid: 7, ..Process::default() };
        let found = sockets_of(&Root::new(dir.path()), &process);
        assert!(found.iter().all(|socket| socket.is_up), "{found:?}");
        found.into_iter().map(|socket| socket.interface).collect()
    }

    const SOCKET: u64 = 99;

    fn sockets_of(root: &Root, process: &Process) -> Vec<Socket> {
        sockets(root, Daemon::Dhcp6, process, Some(&[SOCKET]), None).unwrap().service
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn vlans_with_one_address_are_told_apart_if_each_has_a_socket() {
        const ADDRESS: (&str, &str) = ("000080FE000000000000000001000000", "fe800000000000000000000000000001");
        const OTHER: (&str, &str) = ("000080FE000000000000000002000000", "fe800000000000000000000000000002");
        let vlans = [(ADDRESS.1, "eth0.1"), (OTHER.1, "eth1"), (ADDRESS.1, "eth0.2")];
        let named = |name: &str| Some(name.to_owned());
        let all = interfaces_of(&[ADDRESS.0, ADDRESS.0, OTHER.0], &vlans);
        assert_eq!(all, [named("eth0.1"), named("eth0.2"), named("eth1")]);
        assert_eq!(interfaces_of(&[ADDRESS.0, OTHER.0], &vlans), [None, named("eth1")]);
    }
}
