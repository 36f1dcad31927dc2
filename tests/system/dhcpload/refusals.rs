//! What is refused, and what is on the wire then.

use kea_tools::lease::Family;

use super::lab::{Lab, ended, wait_until_up};
use crate::program::{must, run};

#[test]
#[ignore = "needs root: run scripts/test"]
fn without_a_target_or_beyond_limits_nothing_is_sent() {
    let lab = Lab::new();
    let _server = lab.fake(Family::V4, "delay=0ms");
    let mut wire = lab.listen();
    for (arguments, part) in [
        ("-I eth0", "no server is named"),
        ("-s all", "no interface is named"),
        ("-I eth0 -s all -r 2000", "--limit-rate 2000"),
        ("-I eth0 -s all -R 20000", "--limit-clients 20000"),
        ("-I eth0 -s all --exchange sarr", "this is no exchange of DHCPv4"),
        ("-I eth0 -s 192.0.2.9 --relay 192.0.2.77", "this host has no such address"),
    ] {
        let outcome = run(&mut lab.dhcpload(arguments));
        assert!(outcome.status == 2 && outcome.stderr.contains(part), "{arguments}: {outcome:?}");
        assert_eq!(outcome.stdout, "");
    }
    assert_eq!(wire.lines().iter().filter(|line| line.contains(".68 > 255")).count(), 0);
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn a_server_that_is_not_listed_ends_the_run_at_once() {
    let lab = Lab::new();
    let _server = lab.fake(Family::V4, "delay=5ms");
    let mut wire = lab.listen();
    let outcome = run(&mut lab.dhcpload("-I eth0 -s 192.0.2.1 -r 100"));
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.stderr.contains("192.0.2.9 (192.0.2.9) answered, which -s does not name"), "{outcome:?}");
    assert_eq!(wire.lines().iter().filter(|line| line.contains(".68 > 255")).count(), 1);
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn a_network_of_others_is_not_loaded_without_the_word() {
    let lab = Lab::new();
    must(lab.client.command("ip").args(["link", "add", "real0", "type", "bridge"]));
    must(lab.client.command("ip").args(["link", "set", "eth0", "master", "real0"]));
    must(lab.client.command("ip").args(["link", "set", "real0", "up"]));
    wait_until_up(&lab.client, "real0");
    let mut wire = lab.listen();
    let outcome = run(&mut lab.dhcpload("-I real0 -s all -d 1s"));
    assert!(outcome.status == 2 && outcome.stderr.contains("--this-is-my-network"), "{outcome:?}");
    assert_eq!(wire.lines().iter().filter(|line| line.contains(".68 > 255")).count(), 0);
    // A server that is not there: the loss is the answer.
    let outcome = run(&mut lab.dhcpload("-I real0 -s all -d 1s --this-is-my-network"));
    assert!(ended(&outcome, 1) && outcome.stdout.contains("10 silence"), "{outcome:?}");
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn veth_into_a_bridge_with_a_network_card_is_refused() {
    let lab = Lab::new();
    let ip = |arguments: &str| must(lab.server.command("ip").args(arguments.split(' ')));
    ip("link add switch type bridge");
    ip("link set eth0 master switch");
    assert_eq!(run(&mut lab.dhcpload("-I eth0 -s all -d 1s -r 1")).status, 1, "only virtual interfaces are there");
    // A tap leads to a virtual machine: for this it is as good as a card.
    ip("tuntap add mode tap name card0");
    let outcome = run(&mut lab.dhcpload("-I eth0 -s all -d 1s -r 1"));
    assert!(outcome.status == 2 && outcome.stdout.is_empty(), "{outcome:?}");
    assert!(outcome.stderr.contains("its other end is a port of switch, next to card0"), "{outcome:?}");
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn a_server_that_is_down_ends_the_run_after_five_seconds() {
    let lab = Lab::new();
    let outcome = run(&mut lab.dhcpload("-I eth0 -s all -r 20 -d 60s"));
    assert!(ended(&outcome, 1), "{outcome:?}");
    assert!(outcome.stdout.contains("stopped: more than half of the messages were lost for 5 s"), "{outcome:?}");
    assert!(outcome.stdout.contains("no server answered"), "{outcome:?}");
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn an_ordinary_user_is_answered_with_what_helps() {
    let lab = Lab::new();
    let mut command = lab.client.command("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--", env!("CARGO_BIN_EXE_dhcpload")]);
    let outcome = run(command.args(["-I", "eth0", "-s", "all", "--this-is-my-network"]));
    assert!(outcome.status == 2 && outcome.stderr.contains("permission denied"), "{outcome:?}");
}
