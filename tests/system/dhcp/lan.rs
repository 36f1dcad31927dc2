//! A switch, and what is plugged into it.

use std::cell::Cell;
use std::sync::Arc;

use kea_tools::lease::Family;

use super::fake::FakeServer;
use super::{Client, Fake, Pace, Server, ServerKind};
use crate::namespace::Namespace;
use crate::program::must;
use crate::wait::wait_for;

/// A switch in a namespace of its own.
pub(crate) struct Lan {
    switch: Namespace,
    /// How many have been plugged in: the kernel takes its time to forget the names of those who left.
    ports: Cell<u32>,
}

/// Somebody's place at the switch: a namespace with an interface `eth0`.
pub(crate) struct Station {
    pub(crate) namespace: Namespace,
    /// What its addresses end in.
    pub(crate) host: u8,
}

impl Lan {
    pub(crate) fn new() -> Self {
        Self::on(Namespace::new(None))
    }

    /// Another switch, which `other`'s stations can be plugged into as well.
    pub(crate) fn beside(other: &Self) -> Self {
        Self::on(Namespace::new(Some(&other.switch)))
    }

    /// Gives `client` a second interface, `eth1`, at this switch: 198.51.100.51.
    pub(crate) fn join(&self, client: &Client) {
        self.plug(&client.station.namespace, "eth1", 51, Addresses::Second);
    }

    /// A router between this network, where it is 192.0.2.70, and that of `beyond`, where it is 198.51.100.1.
    pub(crate) fn router(&self, beyond: &Self) -> Client {
        let router = Client::new(self.station(70, Addresses::Both));
        beyond.plug(&router.station.namespace, "eth1", 1, Addresses::Second);
        router.sysctl("net.ipv4.ip_forward=1");
        router
    }

    /// A switch and stations whose root has no power outside of them.
    pub(crate) fn in_user_namespace() -> Self {
        Self::on(Namespace::in_user_namespace())
    }

    fn on(switch: Namespace) -> Self {
        let script = "set -e
            ip link add lan type bridge mcast_snooping 0 forward_delay 0
            ip link set lan addrgenmode none up";
        must(switch.command("sh").args(["-c", script]));
        Self { switch, ports: Cell::new(0) }
    }

    /// A server for DHCPv4 that is ready and quick.
    pub(crate) fn server(&self, kind: ServerKind) -> Server {
        self.server_with(kind, Family::V4, Pace::Quick)
    }

    /// A server for DHCPv6 that is ready, at the place of its kind: next to one for DHCPv4 of the same kind it would be a
    /// second host with the same addresses, and what is sent to one would reach the other ([`Server::and_for_v6`]).
    pub(crate) fn server6(&self, kind: ServerKind) -> Server {
        self.server_with(kind, Family::V6, Pace::Quick)
    }

    /// A server that is ready; [`Pace::Slow`] looks first whether somebody has the address that it is going to offer.
    pub(crate) fn server_with(&self, kind: ServerKind, family: Family, pace: Pace) -> Server {
        Server::start(kind, family, pace, Arc::new(self.station(kind.host(), Addresses::Both)))
    }

    /// A client with the addresses 192.0.2.50 and `2001:db8::50`.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.station(50, Addresses::Both))
    }

    /// A client whose interface has but a link-local IPv6 address, with reverse path filters set to `rp_filter`.
    pub(crate) fn client_without_address(&self, rp_filter: u8) -> Client {
        let client = Client::new(self.station(50, Addresses::LinkLocal));
        for which in ["all", "default", "eth0"] {
            client.sysctl(&format!("net.ipv4.conf.{which}.rp_filter={rp_filter}"));
        }
        client
    }

    /// A server at 192.0.2.9 and `2001:db8::9` that answers as `fake` says.
    pub(crate) fn fake(&self, fake: Fake) -> FakeServer {
        FakeServer::start(fake, self.station(9, Addresses::Both))
    }

    /// A place at the switch, with addresses that are good at once: a server that starts while its link-local address
    /// is still being looked for on the link stays deaf for ever.
    pub(crate) fn station(&self, host: u8, addresses: Addresses) -> Station {
        let namespace = Namespace::new(Some(&self.switch));
        self.plug(&namespace, "eth0", host, addresses);
        Station { namespace, host }
    }

    fn plug(&self, namespace: &Namespace, interface: &str, host: u8, addresses: Addresses) {
        self.ports.set(self.ports.get() + 1);
        let port = format!("port{}", self.ports.get());
        let peer = namespace.process().to_string();
        let cable = ["link", "add", &port, "type", "veth", "peer", "name", interface, "netns", &peer];
        must(self.switch.command("ip").args(cable));
        must(self.switch.command("ip").args(["link", "set", &port, "addrgenmode", "none", "master", "lan", "up"]));
        let script = "set -e
            ip link set lo up
            ip link set \"$3\" addrgenmode none address \"02:00:5e:00:53:$(printf %02d \"$1\")\"
            ip addr add \"fe80::$1/64\" dev \"$3\" nodad
            case \"$2\" in
                Both)
                    ip addr add \"192.0.2.$1/24\" brd + dev \"$3\"
                    ip addr add \"2001:db8::$1/64\" dev \"$3\" nodad ;;
                Second) ip addr add \"198.51.100.$1/24\" brd + dev \"$3\" ;;
            esac
            ip link set \"$3\" up";
        let which = format!("{addresses:?}");
        must(namespace.command("sh").args(["-c", script, "sh", &host.to_string(), &which, interface]));
        // The kernel takes its time to find that a cable is plugged in, and sends no multicast before.
        wait_for("the link to be up", || {
            let state = must(namespace.command("ip").args(["link", "show", interface]));
            let port = must(self.switch.command("ip").args(["-d", "link", "show", &port]));
            (state.contains("state UP") && port.contains("state forwarding")).then_some(())
        });
    }
}

/// Which addresses an interface has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Addresses {
    Both,
    LinkLocal,
    /// Those of a second interface.
    Second,
}
