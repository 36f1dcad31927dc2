//! The sockets a process listens on: the tables of `/proc/PID/net`, which are those of its own network namespace.
//!
//! With access to `/proc/PID/fd` the sockets of the process are known exactly; otherwise port and user identify them.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::MetadataExt as _;
use std::sync::OnceLock;

use super::interfaces::{self, Found, Holder, Interface, Interfaces};
use super::root::Root;
use crate::config::Daemon;
use crate::health::kea::facts::{Link, NamedInterface, Obstacle, Process, Socket, Sockets};

const DHCP4_SERVER: u16 = 67;
const DHCP6_SERVER: u16 = 547;
/// Every protocol: what a DHCPv4 server's raw sockets are bound to.
const ETH_P_ALL: &str = "0003";
/// The state of a listening TCP socket in the tables.
const LISTENING: &str = "0A";
/// `IFA_F_TENTATIVE`, the flag of an address whose duplicate detection is running.
const TENTATIVE: u32 = 0x40;
/// `IFA_F_DADFAILED`: that has found a duplicate.
const DUPLICATE: u32 = 0x08;

/// What `process` listens on, of which `own` inodes are known to be its own; `None` if that is not known. `port` is that of
/// a daemon without one by its protocol.
pub(super) fn sockets(
    tables: Tables,
    daemon: Daemon,
    process: &Process,
    own: Option<&[u64]>,
    port: Option<u16>,
    names: &[String],
) -> Option<Sockets> {
    let mut view = View { own, uid: process.uid, others: false, tables };
    let service = match (daemon, port) {
        (Daemon::Dhcp4, _) => view.dhcp4(process.port.unwrap_or(DHCP4_SERVER))?,
        (Daemon::Dhcp6, _) => view.dhcp6(process.port.unwrap_or(DHCP6_SERVER))?,
        (Daemon::Ddns, Some(port)) => view.listening(&["udp", "udp6"], port, None)?,
        (Daemon::CtrlAgent, Some(port)) => view.listening(&["tcp", "tcp6"], port, Some(LISTENING))?,
        _ => return None,
    };
    // By the user alone none may be its own, and there are others that may be: it was started as another user.
    if service.is_empty() && view.others {
        return None;
    }
    let listed = view.tables.named(names);
    Some(Sockets { service, named: listed, by_inode: own.is_some(), source: view.tables.folder })
}

fn named_interface(name: String, link: Link) -> NamedInterface {
    NamedInterface { name, link, lacks_link_local: false }
}

/// Notes which interfaces have no link-local address, where `process` is.
pub(super) fn note_link_local(root: &Root, process: &Process, interfaces: &mut [NamedInterface]) {
    const OF_THE_LINK: &str = "20";
    let Ok(table) = root.proc_file(format!("/proc/{}/net/if_inet6", process.pid)) else { return };
    let table = String::from_utf8_lossy(&table);
    let rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let with: Vec<&str> = rows
        .filter_map(|row| match row[..] {
            [_, _, _, scope, _, name] if scope == OF_THE_LINK => Some(name),
            _ => None,
        })
        .collect();
    for interface in interfaces {
        interface.lacks_link_local = !with.contains(&interface.name.as_str());
    }
}

/// The interfaces that `process` sees.
fn interfaces(root: &Root, pid: u32) -> Option<Interfaces> {
    match are_one_namespace(root, pid) {
        Some(true) => Interfaces::own(),
        _ => Interfaces::from_process(root, pid),
    }
}

/// Whether a process is in another network namespace than this program: a listener on a port here is then another one.
pub(super) fn is_elsewhere(root: &Root, process: &Process) -> bool {
    root.is_own() && are_one_namespace(root, process.pid).map_or(process.inner_pid.is_some(), |are_one| !are_one)
}

/// Whether this program and a process share one network namespace; `None` if that is not known. The tables of each
/// namespace are files with their own inodes, which every user may read.
fn are_one_namespace(root: &Root, pid: u32) -> Option<bool> {
    static OWN: OnceLock<Option<(u64, u64)>> = OnceLock::new();
    let table = |of: &str| root.metadata(format!("/proc/{of}/net/dev")).map(|found| (found.dev(), found.ino())).ok();
    if !root.is_own() {
        return None;
    }
    Some((*OWN.get_or_init(|| table("self")))? == table(&pid.to_string())?)
}

/// The tables of a network namespace.
pub(super) struct Tables<'a> {
    root: &'a Root,
    pid: u32,
    folder: String,
    /// The kernel's list of its interfaces, if this user may query it; read on first use.
    interfaces: OnceCell<Option<Interfaces>>,
    /// Those that were looked up by number.
    seen: Vec<Interface>,
    /// Names of interfaces by their numbers.
    names: HashMap<u32, String>,
}

impl<'a> Tables<'a> {
    pub(super) fn new(root: &'a Root, process: &Process) -> Self {
        let folder = format!("/proc/{}/net", process.pid);
        Self { root, pid: process.pid, folder, interfaces: OnceCell::new(), seen: Vec::new(), names: HashMap::new() }
    }

    /// The text of a table; `None` if it cannot be read.
    fn read(&self, name: &str) -> Option<String> {
        let text = self.root.proc_file(format!("{}/{name}", self.folder)).ok()?;
        Some(String::from_utf8(text).unwrap_or_else(|odd| String::from_utf8_lossy(odd.as_bytes()).into_owned()))
    }

    fn interfaces(&self) -> Option<&Interfaces> {
        self.interfaces.get_or_init(|| interfaces(self.root, self.pid)).as_ref()
    }

    /// The state of the interfaces with these names, `*` for all of them, as far as this user may read it.
    fn named(&self, names: &[String]) -> Vec<NamedInterface> {
        let Some(interfaces) = self.interfaces() else { return Vec::new() };
        if names.iter().any(|name| name == "*") {
            let all = interfaces.all().unwrap_or_default().into_iter().filter(|it| it.name != "lo");
            return all.map(|it| named_interface(it.name, it.link)).collect();
        }
        let known = |name: &String| self.seen.iter().find(|it| it.name == *name).cloned().map(Found::Interface);
        let link = |name: &String| match known(name).unwrap_or_else(|| interfaces.by_name(name)) {
            Found::Interface(interface) => Some(interface.link),
            Found::None => Some(Link::Gone),
            Found::Unknown => None,
        };
        names.iter().filter_map(|name| Some(named_interface(name.clone(), link(name)?))).collect()
    }

    /// The interface with a number.
    fn interface(&mut self, index: u32) -> Found {
        let found = self.interfaces().map_or(Found::Unknown, |it| it.by_index(index));
        if let Found::Interface(interface) = &found {
            self.seen.push(interface.clone());
        }
        found
    }

    /// The name of an interface, or its number if the name is not known.
    fn name(&mut self, index: u32) -> String {
        if self.names.is_empty() {
            for table in ["dev_mcast", "igmp"] {
                for row in self.read(table).unwrap_or_default().lines() {
                    let mut words = row.split_ascii_whitespace();
                    if let (Some(index), Some(name)) = (words.next().and_then(|it| it.parse().ok()), words.next()) {
                        self.names.entry(index).or_insert_with(|| name.trim_end_matches(':').to_owned());
                    }
                }
            }
        }
        self.names.get(&index).cloned().unwrap_or_else(|| format!("number {index}"))
    }

    /// How an interface is; `None` if that is not known.
    fn link(&mut self, name: &str, index: u32) -> Option<Link> {
        match self.interface(index) {
            Found::Interface(interface) => Some(interface.link),
            Found::None => Some(Link::Gone),
            Found::Unknown => self.link_by_sys(name, index),
        }
    }

    /// The same by `/sys`, which shows the interfaces of the namespace that it was mounted in.
    fn link_by_sys(&self, name: &str, index: u32) -> Option<Link> {
        let (own, its) = (self.root.clone(), self.root.of_process(self.pid));
        let home = if self.root.is_own() { its } else { own };
        let read = |file: &str| home.proc_file(format!("/sys/class/net/{name}/{file}")).ok();
        let is_it = read("ifindex")?.trim_ascii() == index.to_string().as_bytes() && self.are_all_in_sys(&home);
        is_it.then_some(())?;
        let is_down = matches!(read("operstate")?.trim_ascii(), b"down" | b"lowerlayerdown" | b"notpresent");
        // Of an interface that is down the kernel does not say whether it has a carrier.
        let carrier = read("carrier");
        let has_link = !is_down || carrier.as_deref().is_some_and(|text| text.trim_ascii() == b"1");
        Some(interfaces::link(!is_down || carrier.is_some(), has_link))
    }

    /// The interfaces that take what clients send to all DHCPv6 servers. Once an interface was removed,
    /// one of its name and address has no such member, though the server's socket is still there.
    fn members(&self) -> Option<Vec<u32>> {
        const ALL_SERVERS: &str = "ff020000000000000000000000010002";
        let table = self.read("igmp6")?;
        let rows = table.lines().map(|row| row.split_ascii_whitespace().collect::<Vec<_>>());
        let joined = rows.filter(|row| row.get(2) == Some(&ALL_SERVERS));
        Some(joined.filter_map(|row| row[0].parse().ok()).collect())
    }

    /// Whether `/sys` has the interfaces of these tables and no others.
    fn are_all_in_sys(&self, home: &Root) -> bool {
        let Ok(mut directory) = home.directory("/sys/class/net") else { return false };
        let mut shown = directory.pick(|name| Some(String::from_utf8_lossy(name).into_owned()));
        shown.retain(|name| name != "bonding_masters");
        let Some(table) = self.read("dev") else { return false };
        let mut known: Vec<String> =
            table.lines().filter_map(|row| Some(row.split_once(':')?.0.trim().to_owned())).collect();
        shown.sort();
        known.sort();
        shown == known
    }
}

/// The tables as seen by one process.
struct View<'a> {
    own: Option<&'a [u64]>,
    uid: u32,
    /// Whether there are sockets that may be its own, but that another user made.
    others: bool,
    tables: Tables<'a>,
}

/// A row of `udp`, `udp6`, `tcp` or `tcp6`.
struct Bound {
    host: String,
    port: u16,
    state: String,
    uid: String,
    inode: String,
}

/// A row of `if_inet6`: an address, and the interface that has it.
struct Address {
    host: String,
    index: u32,
    flags: u32,
    interface: String,
}

impl View<'_> {
    /// Whether a socket of the kind that it serves by is its own.
    fn is_own(&mut self, uid: &str, inode: &str) -> bool {
        if let (Some(own), Ok(inode)) = (self.own, inode.parse()) {
            return own.contains(&inode);
        }
        let is_own = uid.parse() == Ok(self.uid);
        self.others |= !is_own;
        is_own
    }

    /// One raw socket per interface and a UDP socket; or only UDP sockets.
    fn dhcp4(&mut self, port: u16) -> Option<Vec<Socket>> {
        let raw = self.raw()?;
        // The table of UDP takes longer to read than all others together.
        if self.own.is_some() && !raw.is_empty() {
            return Some(raw);
        }
        let mut udp = self.listening(&["udp"], port, None)?;
        // By the user alone another program's raw socket may be taken for the server's.
        let are_its = self.own.is_some() || !udp.is_empty();
        if !raw.is_empty() && are_its {
            return Some(raw);
        }
        for socket in &mut udp {
            self.place4(socket);
        }
        Some(udp)
    }

    /// Finds the interface of an UDP socket by its address.
    fn place4(&mut self, socket: &mut Socket) {
        let host = socket.address.split(':').next().and_then(|host| host.parse::<Ipv4Addr>().ok());
        let Some(host) = host.filter(|host| !host.is_unspecified()) else { return };
        let holder = self.tables.interfaces().map_or(Holder::Unknown, |it| it.with_address(host));
        match holder {
            Holder::Unknown => socket.is_up = None,
            Holder::None => socket.is_up = Some(false),
            Holder::Interface(index) => {
                let Found::Interface(found) = self.tables.interface(index) else { return };
                socket.interface = Some(found.name);
                (socket.is_up, socket.obstacle) = reach(Some(found.link));
            }
        }
    }

    fn raw(&mut self) -> Option<Vec<Socket>> {
        let mut raw = Vec::new();
        for row in self.tables.read("packet")?.lines() {
            let row: Vec<&str> = row.split_ascii_whitespace().collect();
            let [_, _, _, protocol, interface, runs, _, uid, inode, ..] = row[..] else { continue };
            if protocol == ETH_P_ALL && self.is_own(uid, inode) {
                raw.push(self.packet(interface.parse().ok(), runs == "1"));
            }
        }
        Some(raw)
    }

    /// A raw socket on the interface with this number: none (-1) if its interface was removed.
    fn packet(&mut self, index: Option<u32>, runs: bool) -> Socket {
        let lost = Socket { kind: "packet", is_up: Some(false), ..Socket::default() };
        let Some(index) = index else { return lost };
        let (name, link) = match self.tables.interface(index) {
            Found::Interface(interface) => (interface.name, Some(interface.link)),
            Found::None | Found::Unknown => {
                let name = self.tables.name(index);
                let link = self.tables.link(&name, index);
                (name, link)
            }
        };
        let (is_up, obstacle) = reach(if runs { link } else { Some(Link::Down) });
        Socket { interface: Some(name), is_up, obstacle, ..lost }
    }

    /// A socket on the link-local address of each interface; on multicast addresses alone if there are no others.
    fn dhcp6(&mut self, port: u16) -> Option<Vec<Socket>> {
        let mut all = self.listening(&["udp6"], port, None)?;
        let is_multicast = |socket: &Socket| socket.address.starts_with("[ff");
        if !all.iter().all(is_multicast) {
            let has_multicast = all.iter().any(is_multicast);
            all.retain(|socket| !is_multicast(socket));
            let addresses = addresses(&self.tables.read("if_inet6").unwrap_or_default());
            self.place(&mut all, &addresses);
            if has_multicast {
                self.place_changed(&mut all, &addresses);
            }
        }
        Some(all)
    }

    /// Finds the interfaces that have got another link-local address since their sockets were bound. What clients send to all
    /// servers comes in there as before, as long as the interface has such an address (seen with Kea 2.2.0).
    fn place_changed(&mut self, sockets: &mut [Socket], addresses: &[Address]) {
        let Some(members) = self.tables.members() else { return };
        let is_lost = |socket: &Socket| socket.interface.is_none() && socket.is_up == Some(false);
        let is_of_link = |address: &&Address| address.host.starts_with("fe8") && members.contains(&address.index);
        let is_bound = |name: &str| sockets.iter().any(|socket| socket.interface.as_deref() == Some(name));
        let mut changed: Vec<(String, u32)> = Vec::new();
        for address in addresses.iter().filter(is_of_link).filter(|address| !is_bound(&address.interface)) {
            if changed.iter().all(|(_, index)| *index != address.index) {
                changed.push((address.interface.clone(), address.index));
            }
        }
        let lost = sockets.iter_mut().filter(|socket| is_lost(socket));
        for (socket, (name, index)) in lost.zip(changed) {
            (socket.is_up, socket.obstacle) = reach(self.tables.link(&name, index));
            socket.interface = Some(name);
        }
    }

    /// Finds the interfaces of sockets by their addresses. Several interfaces may have the same address, as VLANs do; if
    /// not each of them has a socket, the interface of a socket is not known.
    fn place(&mut self, sockets: &mut [Socket], addresses: &[Address]) {
        let members = self.tables.members();
        let hosts: Vec<Option<Ipv6Addr>> = sockets.iter().map(|socket| host_in(&socket.address)).collect();
        for (at, socket) in sockets.iter_mut().enumerate() {
            let Some(host) = hosts[at] else { continue };
            let digits = crate::text::hex(&host.octets());
            let having: Vec<&Address> = addresses.iter().filter(|address| address.host == digits).collect();
            let bound = hosts.iter().filter(|other| **other == Some(host)).count();
            let before = hosts[..at].iter().filter(|other| **other == Some(host)).count();
            let is_deaf = |address: &Address| members.as_ref().is_some_and(|them| !them.contains(&address.index));
            let mut reach = |address: &&Address| {
                let (is_up, obstacle) = reach(self.tables.link(&address.interface, address.index));
                match address.flags {
                    _ if is_up == Some(false) => (is_up, obstacle),
                    flags if flags & DUPLICATE != 0 => (Some(false), Some(Obstacle::Duplicate)),
                    flags if flags & TENTATIVE != 0 => (is_up, Some(Obstacle::Tentative)),
                    _ => (is_up, obstacle),
                }
            };
            if bound < having.len() {
                let states: Vec<_> = having.iter().map(&mut reach).collect();
                let known = [Some(true), None].into_iter().find(|state| states.iter().any(|(it, _)| it == state));
                socket.is_up = known.unwrap_or(Some(false));
            } else if !host.is_unspecified() {
                let its =
                    having.get(before).or(having.last()).filter(|it| !host.is_unicast_link_local() || !is_deaf(it));
                socket.interface = its.map(|address| address.interface.clone());
                (socket.is_up, socket.obstacle) = its.map_or((Some(false), None), reach);
            }
        }
    }

    /// Sockets of the process on `port`, in the first of the `tables` that has any.
    fn listening(&mut self, tables: &[&'static str], port: u16, state: Option<&str>) -> Option<Vec<Socket>> {
        let mut sockets = Vec::new();
        let mut was_read = false;
        for kind in tables {
            let Some(table) = self.tables.read(kind) else { continue };
            was_read = true;
            let bound = table.lines().filter_map(bound);
            let meant = bound.filter(|it| it.port == port && state.is_none_or(|state| state == it.state));
            let own: Vec<Bound> = meant.filter(|it| self.is_own(&it.uid, &it.inode)).collect();
            sockets.extend(own.iter().filter_map(|it| {
                let address = format!("{}:{port}", host_of(&it.host)?);
                Some(Socket { kind, address, is_up: Some(true), ..Socket::default() })
            }));
            if !sockets.is_empty() {
                break;
            }
        }
        was_read.then_some(sockets)
    }
}

/// Whether a socket on an interface receives, and why not.
fn reach(link: Option<Link>) -> (Option<bool>, Option<Obstacle>) {
    match link {
        Some(Link::Up) => (Some(true), None),
        Some(Link::NoLink) => (Some(false), Some(Obstacle::NoLink)),
        Some(Link::Down) => (Some(false), Some(Obstacle::Down)),
        Some(Link::Gone) => (Some(false), None),
        None => (None, None),
    }
}

/// A parsed row.
fn bound(row: &str) -> Option<Bound> {
    let mut words = row.split_ascii_whitespace();
    let (local, state) = (words.nth(1)?, words.nth(1)?.to_owned());
    let (uid, inode) = (words.nth(3)?.to_owned(), words.nth(1)?.to_owned());
    let (host, port) = local.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    Some(Bound { host: host.to_owned(), port, state, uid, inode })
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
mod tests;
