//! The servers themselves: that the harness finds them as the tests expect them.

use crate::dhcp::{Lan, ServerKind};
use crate::program::{debian_dhcping, run};

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn every_server_answers_debians_dhcping_all_at_once() {
    let lan = Lan::new();
    let servers = ServerKind::ALL.map(|kind| lan.server(kind));
    let client = lan.client();
    for server in &servers {
        let mut dhcping = client.command(debian_dhcping("root/usr/sbin/dhcping").to_str().unwrap());
        dhcping.args(["-i", "-c", "192.0.2.50", "-h", &client.mac(), "-s", &server.ip().to_string()]);
        let outcome = run(&mut dhcping);
        let words = format!("Got answer from: {}\n", server.ip());
        assert_eq!((outcome.status, outcome.stdout), (0, words), "{:?}: {}", server.kind, server.log());
        assert_eq!(server.leases(), [], "{:?} keeps something after an INFORM", server.kind);
    }
}

#[test]
#[ignore = "needs Kea, dhcpd and dnsmasq: run scripts/test"]
fn every_server_for_dhcpv6_starts_on_one_link() {
    let lan = Lan::new();
    let servers = ServerKind::ALL6.map(|kind| lan.server6(kind));
    for server in &servers {
        assert_eq!(server.leases(), [], "{:?}", server.kind);
    }
}
