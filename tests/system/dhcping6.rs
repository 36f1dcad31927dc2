//! dhcping against DHCPv6 servers: Kea, ISC dhcpd, dnsmasq.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::dhcp::{Client, Lan, Server, ServerKind};
use crate::program::{Outcome, run, signal};
use crate::wait::wait_for;

/// dhcping at the client's place.
fn dhcping(client: &Client, arguments: &[&str]) -> Outcome {
    run(command(client).args(arguments)).in_short()
}

fn command(client: &Client) -> Command {
    client.command(env!("CARGO_BIN_EXE_dhcping"))
}

/// The link-local address that its answers come from.
fn link_local(server: &Server) -> String {
    format!("fe80::{}", server.kind.host())
}

/// So many leases are in the server's file once it has been written, which some do after their reply.
#[track_caller]
pub(crate) fn assert_leases(server: &Server, count: usize) {
    let what = format!("{count} leases of {:?}, which has {:?}", server.kind, server.leases());
    wait_for(&what, || (server.leases().len() == count).then_some(()));
}

#[track_caller]
fn assert_answered(outcome: &Outcome, server: &Server) {
    let words = format!("Got answer from: {}\n", link_local(server));
    let seen = (outcome.status, outcome.stdout.as_str(), outcome.stderr.as_str());
    assert_eq!(seen, (0, words.as_str(), ""), "{:?}: {}", server.kind, server.log());
}

#[test]
#[ignore = "needs Kea, dhcpd and dnsmasq: run scripts/test"]
fn every_dhcpv6_server_answers_and_no_lease_remains() {
    for kind in ServerKind::ALL6 {
        let lan = Lan::new();
        let server = lan.server6(kind);
        let client = lan.client();
        for arguments in [
            &["-6", "-I", "eth0"][..],
            &["-6", "-I", "eth0", "--full"],
            &["-6", "-I", "eth0", "--rapid-commit"],
            &["-6", "-I", "eth0", "--info-request"],
            &["-6", "-I", "eth0", "--full", "--duid", "uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
            &["-6", "-I", "eth0", "--solicit"],
        ] {
            let outcome = dhcping(&client, arguments);
            assert_answered(&outcome, &server);
            assert_leases(&server, 0);
        }
    }
}

#[test]
#[ignore = "needs Kea and dhcpd: run scripts/test"]
fn a_prefix_is_asked_for_and_given_back_too() {
    for kind in [ServerKind::Kea, ServerKind::Dhcpd] {
        let lan = Lan::new();
        let server = lan.server6(kind);
        let client = lan.client();
        let outcome = dhcping(&client, &["-6", "-I", "eth0", "--full", "--prefix", "-v"]);
        assert_eq!(outcome.status, 0, "{outcome:?}");
        let prefix = format!(" 2001:db8:{}", kind.host());
        assert!(outcome.stderr.contains(&prefix) && outcome.stderr.contains("/56"), "{outcome:?}");
        assert_leases(&server, 0);
        let outcome = dhcping(&client, &["-6", "-I", "eth0", "--full", "--prefix", "--no-release"]);
        assert_eq!(outcome.status, 0, "{outcome:?}");
        assert_leases(&server, 2);
        assert!(server.leases().iter().any(|lease| lease.prefix == 56));
    }
}

#[test]
#[ignore = "needs dnsmasq: run scripts/test"]
fn a_server_without_prefixes_says_so_and_gets_its_address_back() {
    let lan = Lan::new();
    let server = lan.server6(ServerKind::Dnsmasq);
    let client = lan.client();
    let outcome = dhcping(&client, &["-6", "-I", "eth0", "--full", "--prefix"]);
    assert_eq!(outcome.status, 1, "{outcome:?}");
    assert!(outcome.stdout.contains("refused: REPLY from fe80::3: "), "{outcome:?}");
    assert_leases(&server, 0);
}

#[test]
#[ignore = "needs Kea, dhcpd and dnsmasq: run scripts/test"]
fn all_servers_on_a_link_are_told_apart() {
    let lan = Lan::new();
    let servers = ServerKind::ALL6.map(|kind| lan.server6(kind));
    let client = lan.client();
    let outcome = dhcping(&client, &["-6", "-I", "eth0", "--all", "-t", "2", "-v"]);
    assert_eq!(outcome.status, 0, "{outcome:?}");
    for server in &servers {
        assert!(outcome.stdout.contains(&format!("Got answer from: {}\n", link_local(server))), "{outcome:?}");
    }
    let kea = "ll:02:00:5e:00:53:01";
    assert_answered(&dhcping(&client, &["-6", "-s", kea]), &servers[0]);
    let dhcpd = format!("{}%eth0", link_local(&servers[1]));
    assert_answered(&dhcping(&client, &["-s", &dhcpd, "--full"]), &servers[1]);
    for server in &servers {
        assert_leases(server, 0);
    }
    let missing = dhcping(&client, &["-6", "-I", "eth0", "-s", kea, "-s", "ll:02:00:5e:00:53:99", "-t", "1"]);
    assert_eq!(missing.status, 1, "{missing:?}");
    assert!(missing.stderr.contains("no answer from 00:03:00:01:02:00:5e:00:53:99"), "{missing:?}");
    let rogue = dhcping(&client, &["-6", "-s", kea, "--exclusive", "-t", "1"]);
    assert_eq!(rogue.status, 1, "{rogue:?}");
    assert!(rogue.stderr.contains("another server answers: ") && rogue.stderr.contains("fe80::3"), "{rogue:?}");
}

#[test]
#[ignore = "needs Kea, dhcpd and dnsmasq: run scripts/test"]
fn a_server_is_asked_as_by_a_relay_agent() {
    for kind in ServerKind::ALL6 {
        let lan = Lan::new();
        let server = lan.server6(kind);
        let client = lan.client();
        let address = server.ip6().to_string();
        for mode in ["--solicit", "--full"] {
            let outcome = dhcping(&client, &["-s", &address, mode]);
            let words = format!("Got answer from: {address}\n");
            assert_eq!((outcome.status, &outcome.stdout), (0, &words), "{kind:?} {outcome:?} {}", server.log());
            assert_leases(&server, 0);
        }
    }
}

#[test]
#[ignore = "needs Kea, dhcpd and dnsmasq: run scripts/test"]
fn a_relay_agent_may_ask_all_servers() {
    let lan = Lan::new();
    let server = lan.server6(ServerKind::Kea);
    let client = lan.client();
    let outcome = dhcping(&client, &["-6", "-g", "2001:db8::50", "--full"]);
    assert_eq!(outcome.status, 0, "{outcome:?} {}", server.log());
    assert_leases(&server, 0);
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn an_address_is_confirmed_or_asked_for_anew_and_given_back() {
    let lan = Lan::new();
    let server = lan.server6(ServerKind::Kea);
    let client = lan.client();
    // Kea gives a lease to whoever asks for more time with one that is free.
    let outcome = dhcping(&client, &["-6", "--rebind", "-c", "2001:db8::1:105", "-t", "2"]);
    assert_answered(&outcome, &server);
    assert_leases(&server, 0);
    let elsewhere = dhcping(&client, &["-6", "--rebind", "-c", "2001:db8:ffff::1", "-t", "2"]);
    assert!(elsewhere.stdout.starts_with("Got answer from: fe80::1"), "{elsewhere:?} {}", server.log());
    assert_leases(&server, 0);
    let outcome = dhcping(&client, &["-6", "--confirm", "-c", "2001:db8:ffff::1", "-t", "2"]);
    assert!(outcome.stdout.starts_with("refused: REPLY from fe80::1: NotOnLink"), "{outcome:?} {}", server.log());
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn nobody_there_and_nothing_to_ask_with_are_told_apart() {
    let lan = Lan::new();
    let client = lan.client();
    let begun = Instant::now();
    let silent = dhcping(&client, &["-6", "-I", "eth0", "-t", "1"]);
    assert_eq!((silent.status, silent.stderr.as_str()), (1, "no answer\n"), "{silent:?}");
    assert!(begun.elapsed() >= Duration::from_secs(1), "it did not wait: {:?}", begun.elapsed());
    client.ip(&["addr", "flush", "dev", "eth0", "scope", "link"]);
    let deaf = dhcping(&client, &["-6", "-I", "eth0"]);
    assert_eq!(deaf.status, 2, "{deaf:?}");
    assert!(deaf.stderr.contains("link-local"), "{deaf:?}");
}

#[test]
#[ignore = "needs Kea, dhcpd and dnsmasq: run scripts/test"]
fn an_interrupted_exchange_leaves_no_lease() {
    for kind in ServerKind::ALL6 {
        let lan = Lan::new();
        let server = lan.server6(kind);
        let client = lan.client();
        for (name, status) in [("INT", 0), ("TERM", 0)] {
            let mut command = command(&client);
            command.args(["-6", "-I", "eth0", "--full", "--count", "0", "--interval", "0.02"]);
            let mut probing = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
            let mut lines = BufReader::new(probing.stdout.take().unwrap()).lines();
            for _ in 0..7 {
                lines.next().unwrap().unwrap();
            }
            signal(probing.id(), name);
            let rest: Vec<_> = lines.map_while(Result::ok).collect();
            assert_eq!(probing.wait().unwrap().code(), Some(status), "{kind:?} {rest:?}");
            assert!(rest.iter().any(|line| line.contains(" answered")), "{kind:?}: a summary: {rest:?}");
            assert_leases(&server, 0);
        }
    }
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn a_lease_that_was_kept_is_confirmed_renewed_and_given_back() {
    let lan = Lan::new();
    let server = lan.server6(ServerKind::Kea);
    let client = lan.client();
    assert_answered(&dhcping(&client, &["-6", "-I", "eth0", "--full", "--no-release"]), &server);
    let leased = server.leases()[0].address.to_string();
    assert_answered(&dhcping(&client, &["-6", "--confirm", "-c", &leased]), &server);
    assert_leases(&server, 1);
    let renewed = dhcping(&client, &["-6", "--renew", "-c", &leased, "-s", "ll:02:00:5e:00:53:01", "-v"]);
    assert!(renewed.status == 0 && renewed.stderr.contains("sent RENEW"), "{renewed:?} {}", server.log());
    assert_leases(&server, 0);
    let nameless = dhcping(&client, &["-6", "--renew", "-c", &leased]);
    assert!(nameless.status == 2 && nameless.stderr.contains("-s DUID"), "{nameless:?}");
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn addresses_and_options_are_held_against_what_is_expected() {
    let lan = Lan::new();
    let server = lan.server6(ServerKind::Kea);
    let client = lan.client();
    let good = ["-6", "-I", "eth0", "--offered-in", "2001:db8::/64", "--expect-option", "dns-servers=2001:db8::53"];
    assert_answered(&dhcping(&client, &good), &server);
    let bad = dhcping(
        &client,
        &["-6", "-I", "eth0", "--offered-in", "2001:db8:1::/64", "--expect-option", "dns-servers=2001:db8::1"],
    );
    assert_eq!(bad.status, 1, "{bad:?}");
    let words = ["which is not in 2001:db8:1::/64", "\"dns-servers=2001:db8::1\" does not hold"];
    assert!(words.iter().all(|words| bad.stderr.contains(words)), "{bad:?}");
    // A prefix of another pool neither harms an address in the right network nor excuses one in a wrong network.
    assert_answered(&dhcping(&client, &["-6", "-I", "eth0", "--prefix", "--offered-in", "2001:db8::/64"]), &server);
    let excused = dhcping(&client, &["-6", "-I", "eth0", "--prefix", "--offered-in", "2001:db8:100::/40"]);
    assert!(excused.status == 1 && excused.stderr.contains("which is not in 2001:db8:100::/40"), "{excused:?}");
}

#[test]
#[ignore = "needs Kea and dnsmasq: run scripts/test"]
fn rogue_dhcpv6_server_is_named_with_its_mac_address() {
    let lan = Lan::new();
    let (_kea, rogue) = (lan.server6(ServerKind::Kea), lan.server6(ServerKind::Dnsmasq));
    let client = lan.client();
    let arguments = ["-6", "-I", "eth0", "-s", "ll:02:00:5e:00:53:01", "--exclusive", "-t", "1"];
    let seen = dhcping(&client, &arguments);
    let who = format!("(from {}, {})", link_local(&rogue), rogue.mac());
    assert!(seen.status == 1 && seen.stderr.contains(&who), "{seen:?}");
    drop(rogue);
    assert_eq!(dhcping(&client, &arguments).status, 0);
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn this_hosts_own_lease_is_not_put_at_risk_by_its_duid_either() {
    let lan = Lan::new();
    let client = lan.client();
    for duid in [format!("ll:{}", client.mac()), format!("llt@787878787:{}", client.mac())] {
        let refused = dhcping(&client, &["-6", "-I", "eth0", "--full", "--duid", &duid]);
        assert!(refused.status == 2 && refused.stderr.contains("--yes-this-host"), "{refused:?}");
        assert_eq!(dhcping(&client, &["-6", "-I", "eth0", "--duid", &duid, "-t", "0.1"]).status, 1, "it takes nothing");
    }
}

#[test]
#[ignore = "needs Kea, dhcpd and dnsmasq: run scripts/test"]
fn what_every_server_commits_at_once_is_given_back_to_each() {
    let lan = Lan::new();
    let servers = ServerKind::ALL6.map(|kind| lan.server6(kind));
    let client = lan.client();
    for arguments in [
        &["-6", "-I", "eth0", "--rapid-commit"][..],
        &["-6", "-s", "ll:02:00:5e:00:53:01", "--rapid-commit"],
        &["-6", "-s", "fe80::2%eth0", "--rapid-commit"],
        &["-6", "-s", "ll:02:00:5e:00:53:01", "--rebind", "-c", "2001:db8::1:105"],
    ] {
        let outcome = dhcping(&client, arguments);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{arguments:?} {outcome:?}");
        for server in &servers {
            assert_leases(server, 0);
        }
    }
    let dnsmasq = &servers[2];
    // It has committed, too.
    dnsmasq.expect_in_log("DHCPRELEASE");
}
