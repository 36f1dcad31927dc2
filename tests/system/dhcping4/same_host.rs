//! A server on the very host that asks: what is sent to it takes the way around the interface, frames do not.

use super::{assert_no_lease, dhcping};
use crate::dhcp::{Lan, ServerKind};

/// Another client's hardware address.
const FOREIGN: &str = "02:00:5e:00:53:99";

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn a_server_on_the_same_host_answers_in_every_form() {
    for kind in ServerKind::ALL {
        let lan = Lan::new();
        let server = lan.server(kind);
        let (host, own) = (server.host(), server.ip().to_string());
        for arguments in [
            &["-s", &own][..],
            &["-s", &own, "-h", FOREIGN],
            &["-s", &own, "-i"],
            &["-s", &own, "-i", "-c", &own],
            &["-s", &own, "--full"],
            &["-I", "eth0"],
            &["-I", "eth0", "--full"],
            &["-I", "eth0", "-s", &own, "--exclusive", "-t", "0.5"],
        ] {
            let outcome = dhcping(&host, arguments);
            let first = outcome.stdout.lines().next().unwrap_or_default();
            let is_answered = (outcome.status, first) == (0, &format!("Got answer from: {own}"));
            assert!(is_answered, "{kind:?} {arguments:?}: {outcome:?} {}", server.log());
            assert_no_lease(&server, arguments);
        }
        // The host's own address is in no pool: all but dhcpd, which is silent, refuse it.
        let requested = dhcping(&host, &["-s", &own, "-c", &own, "-t", "0.5"]);
        let said = if kind == ServerKind::Dhcpd { "no answer\n" } else { "refused: NAK from " };
        let is_said = requested.stdout.starts_with(said) || requested.stderr == said;
        assert!(requested.status == 1 && is_said, "{kind:?}: {requested:?} {}", server.log());
    }
}

#[test]
#[ignore = "needs dnsmasq: run scripts/test"]
fn where_no_server_of_this_host_can_answer_the_reason_is_said() {
    let lan = Lan::new();
    let server = lan.server(ServerKind::Dnsmasq);
    let (host, own) = (server.host(), server.ip().to_string());
    for (arguments, remedy) in [
        (&["-s", &own, "-g", &own][..], "leave -g out, or ask from another host"),
        (&["-s", "2001:db8::3"], "ask by multicast with -6 -I INTERFACE"),
    ] {
        let outcome = dhcping(&host, arguments);
        assert!(outcome.status == 2 && outcome.stderr.contains(remedy), "{arguments:?}: {outcome:?}");
    }
}
