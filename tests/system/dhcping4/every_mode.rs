//! Every mode, from every place, with every server.

use std::time::{Duration, Instant};

use kea_tools::lease::Family;

use super::{assert_answered, assert_no_lease, dhcping};
use crate::dhcp::{Lan, Pace, Server, ServerKind};
use crate::program::Outcome;

/// Another client's hardware address.
const FOREIGN: &str = "02:00:5e:00:53:99";
/// The one that has a reservation.
const RESERVED: &str = "02:00:5e:00:53:77";

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn every_server_answers_every_question_and_no_lease_remains() {
    for kind in ServerKind::ALL {
        let lan = Lan::new();
        let server = lan.server(kind);
        let client = lan.client();
        let address = server.ip().to_string();
        for arguments in [
            &["-s", &address][..],
            &["-s", &address, "--full"],
            &["-s", &address, "-i"],
            &["-s", &address, "-i", "-c", "192.0.2.50"],
            &["-s", &address, "-i", "-h", FOREIGN],
            &["-s", &address, "-h", FOREIGN, "--full"],
            &["-s", &address, "-g", "192.0.2.50"],
            // udhcpd answers a relay from a socket of its own for it: what comes before that is closed, it loses.
            &["-s", &address, "-g", "192.0.2.50", "--full", "-t", "1", "--tries", "3"],
            &["-I", "eth0"],
            &["-I", "eth0", "--full"],
            &["-I", "eth0", "--full", "-h", FOREIGN],
            &["-I", "eth0", "-i"],
            &["-I", "eth0", "-s", &address, "--unicast"],
            &["-I", "eth0", "-s", &address, "--full", "--expect", "ack", "--offered-in", "192.0.2.0/24"],
            &["-I", "eth0", "-s", &address, "--exclusive", "-t", "0.5"],
            &["-I", "eth0", "--expect-option", "routers=192.0.2.254", "--expect-option", "domain-name"],
        ] {
            assert_answered(&dhcping(&client, arguments), &server, arguments);
            assert_no_lease(&server, arguments);
        }
    }
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn every_server_answers_without_address_and_any_rp_filter() {
    for kind in ServerKind::ALL {
        let lan = Lan::new();
        let server = lan.server(kind);
        let address = server.ip().to_string();
        for rp_filter in 0..=2 {
            let client = lan.client_without_address(rp_filter);
            for arguments in [
                &["-I", "eth0"][..],
                &["-I", "eth0", "--full"],
                &["-I", "eth0", "-s", &address, "--full", "-h", FOREIGN],
            ] {
                assert_answered(&dhcping(&client, arguments), &server, arguments);
                assert_no_lease(&server, arguments);
            }
        }
    }
}

#[test]
#[ignore = "needs dnsmasq: run scripts/test"]
fn server_that_checks_address_in_use_first_is_waited_for() {
    let lan = Lan::new();
    let server = lan.server_with(ServerKind::Dnsmasq, Family::V4, Pace::Slow);
    let client = lan.client();
    let begun = Instant::now();
    let arguments = ["-I", "eth0"];
    assert_answered(&dhcping(&client, &arguments), &server, &arguments);
    assert!(begun.elapsed() > Duration::from_millis(2500), "it was quick: {:?}", begun.elapsed());
}

/// What a server makes of a REQUEST as it comes from a client that restarts.
fn requested(server: &Server, outcome: &Outcome) -> String {
    let said = outcome.stdout.replace(&server.ip().to_string(), "SERVER");
    let said = if said.is_empty() { outcome.stderr.clone() } else { said };
    format!("{} {}", outcome.status, said.trim())
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn a_refusal_is_named_and_what_was_granted_is_given_back() {
    for (kind, in_pool, elsewhere) in [
        (ServerKind::Kea, "1 refused: NAK from SERVER", "1 refused: NAK from SERVER"),
        (ServerKind::Dhcpd, "0 Got answer from: SERVER", "1 refused: NAK from SERVER"),
        (ServerKind::Dnsmasq, "0 Got answer from: SERVER", "1 refused: NAK from SERVER: wrong network"),
        (ServerKind::Udhcpd, "1 refused: NAK from SERVER", "1 refused: NAK from SERVER"),
    ] {
        let lan = Lan::new();
        let server = lan.server(kind);
        let client = lan.client();
        let address = server.ip().to_string();
        let free = format!("192.0.2.{}", 105 + 20 * (u32::from(kind.host()) - 1));
        for (requested_address, words) in [(free.as_str(), in_pool), ("203.0.113.5", elsewhere)] {
            let arguments = ["-c", requested_address, "-s", &address, "-t", "2"];
            let outcome = dhcping(&client, &arguments);
            assert_eq!(requested(&server, &outcome), words, "{kind:?} {arguments:?} {}", server.log());
            assert_no_lease(&server, &arguments);
            if words.contains("NAK") {
                let arguments = ["-c", requested_address, "-s", &address, "-t", "2", "--expect", "nak"];
                assert_eq!(dhcping(&client, &arguments).status, 0, "{kind:?}");
            }
        }
    }
}

#[test]
#[ignore = "needs Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn no_release_keeps_the_lease_for_renew_rebind_and_reboot() {
    for kind in ServerKind::ALL {
        let lan = Lan::new();
        let server = lan.server(kind);
        let client = lan.client();
        let address = server.ip().to_string();
        for again in ["--renew", "--rebind", "--reboot"] {
            let arguments = ["-I", "eth0", "--full", "--no-release"];
            assert_answered(&dhcping(&client, &arguments), &server, &arguments);
            let held = server.leases();
            let [lease] = &held[..] else { panic!("{kind:?}: {held:?} {}", server.log()) };
            assert!(server.pool_contains(lease.address), "{lease:?}");
            let leased = lease.address.to_string();
            let arguments = ["-c", &leased, "-s", &address, again];
            // Answers to a client that has its address go there.
            client.ip(&["addr", "add", &format!("{leased}/24"), "dev", "eth0"]);
            assert_answered(&dhcping(&client, &arguments), &server, &arguments);
            assert_no_lease(&server, &arguments);
            client.ip(&["addr", "del", &format!("{leased}/24"), "dev", "eth0"]);
        }
    }
}

#[test]
#[ignore = "needs dhcpd and dnsmasq: run scripts/test"]
fn a_client_with_a_reservation_is_answered_in_bootp_too() {
    for kind in [ServerKind::Dhcpd, ServerKind::Dnsmasq] {
        let lan = Lan::new();
        let server = lan.server(kind);
        let client = lan.client();
        let arguments = ["-I", "eth0", "--bootp", "-h", RESERVED, "--offered-in", "192.0.2.200/29"];
        assert_answered(&dhcping(&client, &arguments), &server, &arguments);
    }
}
