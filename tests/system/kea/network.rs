//! Two network namespaces joined by a cable.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

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
        let peer = client.keeper.id().to_string();
        let cable = ["link", "add", SERVER_INTERFACE, "type", "veth", "peer", "name", CLIENT_INTERFACE, "netns", &peer];
        must(server.command("ip").args(cable));
        server.bring_up(SERVER_INTERFACE, 1);
        client.bring_up(CLIENT_INTERFACE, 2);
        server.wait_until_up(SERVER_INTERFACE);
        client.wait_until_up(CLIENT_INTERFACE);
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

/// A network namespace; it lives as long as its keeper, a process that waits for our end of a pipe to close.
struct Namespace {
    keeper: Child,
    in_user_namespace: bool,
}

impl Namespace {
    /// A namespace of its own; within the user namespace of `sibling`, if there is one.
    fn new(sibling: Option<&Self>) -> Self {
        let in_user_namespace = !is_root();
        let mut command = match sibling {
            Some(sibling) => sibling.command("unshare"),
            None => Command::new("unshare"),
        };
        if in_user_namespace && sibling.is_none() {
            command.args(["--user", "--map-root-user"]);
        }
        command.args(["--net", "sh", "-c", "echo ready && exec cat"]);
        let mut keeper = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "no network namespace is to be had here: {command:?}");
        Self { keeper, in_user_namespace }
    }

    /// Gives `interface` its addresses, which end in `host` and are good at once: a server that starts while its
    /// link-local address is still being looked for on the link stays deaf for ever.
    fn bring_up(&self, interface: &str, host: u8) {
        let script = "set -e
            ip link set lo up
            ip link set $1 addrgenmode none
            ip addr add 10.77.0.$2/16 dev $1
            ip addr add fd00:77::$2/64 dev $1 nodad
            ip addr add fe80::$2/64 dev $1 nodad
            ip link set $1 up";
        must(self.command("sh").args(["-c", script, "sh", interface, &host.to_string()]));
    }

    /// The kernel takes its time to find that a cable is plugged in, and sends no multicast before.
    fn wait_until_up(&self, interface: &str) {
        wait_for("the link to be up", || {
            let state = must(self.command("ip").args(["link", "show", interface]));
            state.contains("state UP").then_some(())
        });
    }

    /// `program` within this namespace.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.keeper.id())).arg("--net");
        if self.in_user_namespace {
            command.args(["--user", "--preserve-credentials"]);
        }
        command.arg("--").arg(program);
        command
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        self.keeper.wait().ok();
    }
}

/// Whether the tests run as root.
pub(crate) fn is_root() -> bool {
    must(Command::new("id").arg("-u")).trim() == "0"
}
