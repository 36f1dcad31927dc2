//! Two network namespaces joined by a cable.

use std::process::Command;

use crate::namespace::Namespace;
use crate::program::must;
use crate::wait::wait_for;

/// The servers' interface; it has the addresses 10.77.0.1 and `fd00:77::1`.
pub(crate) const SERVER_INTERFACE: &str = "server";
/// The clients' interface; it has the addresses 10.77.0.2 and `fd00:77::2`.
pub(crate) const CLIENT_INTERFACE: &str = "client";

/// A cable with a server's namespace at one end and a clients' namespace at the other.
pub(crate) struct Network {
    server: Namespace,
    client: Namespace,
}

impl Network {
    pub(crate) fn new() -> Self {
        let server = Namespace::new(None);
        let client = Namespace::new(Some(&server));
        let peer = client.process().to_string();
        let cable = ["link", "add", SERVER_INTERFACE, "type", "veth", "peer", "name", CLIENT_INTERFACE, "netns", &peer];
        must(server.command("ip").args(cable));
        bring_up(&server, SERVER_INTERFACE, 1);
        bring_up(&client, CLIENT_INTERFACE, 2);
        wait_until_up(&server, SERVER_INTERFACE);
        wait_until_up(&client, CLIENT_INTERFACE);
        Self { server, client }
    }

    /// A program at the servers' end.
    pub(crate) fn server_side(&self, program: &str) -> Command {
        self.server.command(program)
    }

    /// A program at the clients' end.
    pub(crate) fn client_side(&self, program: &str) -> Command {
        self.client.command(program)
    }
}

/// Gives `interface` its addresses, which end in `host` and are good at once: a server that starts while its
/// link-local address is still being looked for on the link stays deaf for ever.
fn bring_up(namespace: &Namespace, interface: &str, host: u8) {
    let script = "set -e
        ip link set lo up
        ip link set $1 addrgenmode none
        ip addr add 10.77.0.$2/16 dev $1
        ip addr add fd00:77::$2/64 dev $1 nodad
        ip addr add fe80::$2/64 dev $1 nodad
        ip link set $1 up";
    must(namespace.command("sh").args(["-c", script, "sh", interface, &host.to_string()]));
}

/// The kernel takes its time to find that a cable is plugged in, and sends no multicast before.
fn wait_until_up(namespace: &Namespace, interface: &str) {
    wait_for("the link to be up", || {
        let state = must(namespace.command("ip").args(["link", "show", interface]));
        state.contains("state UP").then_some(())
    });
}
