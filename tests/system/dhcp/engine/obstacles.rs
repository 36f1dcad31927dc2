//! What stands in the way is said, with what would help, and never taken for a missing answer.

use crate::dhcp::{Client, Fake, Lan};

use super::{DHCPING, expect_answers_from, probe};
use crate::program::run;

/// Fails the test unless dhcping could not find out, and says so in this line.
#[track_caller]
fn expect_obstacle(client: &Client, arguments: &[&str], line: &str) {
    let outcome = probe(client, arguments);
    let seen = (outcome.status, outcome.stdout.as_str(), outcome.stderr.as_str());
    assert_eq!(seen, (2, "", format!("dhcping: {line}\n").as_str()), "{arguments:?}");
    let outcome = probe(client, &[arguments, &["-f", "nagios"]].concat());
    assert_eq!(outcome.status, 3, "{outcome:?}");
    assert!(outcome.stdout.contains("UNKNOWN") && outcome.stdout.contains(line), "{outcome:?}");
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn interfaces_that_are_not_there_or_down_are_named() {
    let lan = Lan::new();
    let client = lan.client();
    let there = "interface \"eth9\": there is no such interface (there are: lo, eth0)";
    expect_obstacle(&client, &["-I", "eth9", "-t", "1"], there);
    client.ip(&["link", "set", "eth0", "down"]);
    expect_obstacle(&client, &["-I", "eth0", "-t", "1"], "interface \"eth0\": it is down (ip link set eth0 up)");
    let route = "sending to 192.0.2.1: no route leads there (name the interface, or see: ip route)";
    expect_obstacle(&client, &["-s", "192.0.2.1", "-c", "192.0.2.50", "-t", "1"], route);
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn without_a_usable_link_local_address_there_is_no_dhcpv6() {
    let lan = Lan::new();
    let client = lan.client();
    client.ip(&["addr", "flush", "dev", "eth0", "scope", "link"]);
    expect_obstacle(
        &client,
        &["-6", "-I", "eth0", "-t", "1"],
        "interface \"eth0\": it has no link-local IPv6 address, and DHCPv6 needs one \
        (set sysctl net.ipv6.conf.eth0.disable_ipv6 to 0, and addr_gen_mode to another value than 1)",
    );
    // It is checked for so long that it is still tentative when it is asked for.
    client.sysctl("net.ipv6.conf.eth0.dad_transmits=600");
    client.ip(&["addr", "add", "fe80::51/64", "dev", "eth0"]);
    expect_obstacle(
        &client,
        &["-6", "-I", "eth0", "-t", "1"],
        "interface \"eth0\": its address fe80::51 is tentative: it is still being checked for duplicates \
        (try again in two seconds)",
    );
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn port_held_by_another_program_prevents_only_udp() {
    let lan = Lan::new();
    let client = lan.client();
    let _fake = lan.fake(Fake::Offer);
    let _holder = client.hold_port(68);
    expect_answers_from(&probe(&client, &["-I", "eth0", "-t", "1"]), &["192.0.2.9"]);
    expect_obstacle(
        &client,
        &["-i", "-c", "192.0.2.50", "-s", "192.0.2.9", "-h", &client.mac(), "-t", "1"],
        "listening at UDP port 68: another program has the port and does not share it \
        (see which: ss -ulpn 'sport = :68'; stop it while this program runs)",
    );
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn a_relay_address_of_somebody_else_is_refused() {
    let lan = Lan::new();
    let client = lan.client();
    expect_obstacle(
        &client,
        &["-s", "192.0.2.9", "-g", "192.0.2.77", "--discover", "-t", "1"],
        "sending from 192.0.2.77: this host has no such address (see: ip address)",
    );
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn missing_route_is_an_error_and_not_no_answer() {
    let lan = Lan::new();
    let client = lan.client();
    client.ip(&["-6", "route", "del", "ff00::/8", "dev", "eth0", "table", "local"]);
    let line = "dhcping: sending to ff02::1:2: no route leads there (name the interface, or see: ip route)\n";
    // With that capability dhcping sends frames, which need no route.
    let by_udp = |arguments: &str| {
        let mut command = client.command("setpriv");
        command.args(["--bounding-set=-net_raw", "--inh-caps=-all", DHCPING, "-6", "-I", "eth0"]);
        run(command.args(arguments.split_whitespace())).in_short()
    };
    let once = by_udp("-t 1");
    assert_eq!((once.status, &once.stdout[..], &once.stderr[..]), (2, "", line));
    let twice = by_udp("-t 0.2 --count 2 --interval 0.1");
    assert!(twice.status == 2 && !format!("{}{}", twice.stdout, twice.stderr).contains("no answer"), "{twice:?}");
}
