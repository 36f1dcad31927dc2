//! A server in another network, and a relay on the way.

use std::fs;
use std::process::{Child, Stdio};

use super::dhcping;
use crate::dhcp::{Client, Lan, ServerKind};
use crate::program::must;
use crate::wait::wait_for;

/// A relay agent at a router; it ends when dropped.
struct Relay(Child);

impl Relay {
    /// dnsmasq as one, from 198.51.100.1 to `server`.
    fn start(router: &Client, server: &str) -> Self {
        let mut command = router.command("/usr/sbin/dnsmasq");
        command.args(["--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--user=root", "--group=root"]);
        command.arg("--pid-file=").arg(format!("--dhcp-relay=198.51.100.1,{server}"));
        let relay = Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        wait_for("the relay to listen", || {
            let sockets = fs::read_to_string(format!("/proc/{}/net/udp", relay.0.id())).unwrap_or_default();
            sockets.contains(":0043 ").then_some(())
        });
        relay
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
#[ignore = "needs Kea and dnsmasq: run scripts/test"]
fn relayed_lease_is_released_without_a_local_address() {
    let near = Lan::new();
    let far = Lan::beside(&near);
    let server = far.server(ServerKind::Kea);
    must(server.command("ip").args(["route", "add", "198.51.100.0/24", "via", "192.0.2.70"]));
    let router = far.router(&near);
    let _relay = Relay::start(&router, "192.0.2.1");
    let client = near.client_without_address(2);
    let arguments = ["-I", "eth0", "--full", "--offered-in", "198.51.100.0/24", "-t", "2"];
    let outcome = dhcping(&client, &arguments);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{outcome:?} {}", server.log());
    server.expect_no_leases();
    server.expect_in_log("RELEASE");
}
