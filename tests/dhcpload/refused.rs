//! What is refused before anything is sent, and what ends a run early.

use std::time::Duration;

use super::harness::{RunConditions, USUAL, run, run_in};

#[test]
fn what_is_not_safe_is_refused_with_the_remedy() {
    for (line, part) in [
        ("-I eth0", "no server is named (name it with -s ADDRESS, or give -s all for every server that answers"),
        ("-s all", "no interface is named (name it with -I NAME"),
        ("-I eth1 -s all", "there is no such interface (there are: eth0, eth2)"),
        ("-I eth0 -s all -r 2000", "2000 exchanges per second: more than 1000 are refused"),
        ("-I eth0 -s all -R 20000", "20000 clients: more than 10000 are refused"),
        ("-I eth0 -s all --exchange sarr", "--exchange sarr: this is no exchange of DHCPv4 (dora, discover, inform)"),
        ("-I eth0 -s all --exchange discover --mix new=1,renew=1", "takes no lease that could be renewed"),
        ("-I eth0 -s all --relay 192.0.2.50", "a relay agent sends to one server"),
        ("-I eth0 -s 192.0.2.9 --relay 192.0.2.77", "this host has no such address, and answers go there"),
        ("-6 -I eth0 -s 2001:db8::1", "servers answer clients from link-local addresses (give that address"),
        ("-I eth0 -s all --mac-base 02:00:5e:00:53:00", "one is that of eth0 (choose others with --mac-base)"),
        ("-I eth0 -s all --option 53=inform", "leave option 53 out"),
        ("-I eth0 -s all --option 50=192.0.2.77", "leave option 50 out"),
        ("-I eth0 -s all --option 54=192.0.2.9", "leave option 54 out"),
        ("-I eth0 -s all --option 80[hex]=", "leave option 80 out"),
        ("-I eth0 -s all --option 55[hex]=", "option 55 is empty, and servers discard messages with such options"),
        ("-6 -I eth0 -s all --option 1[hex]=00030001020000000001", "each client has a DUID of its own"),
        ("-6 -I eth0 -s all --option 3[hex]=000000ff0000000000000000", "a further lease would be left at the server"),
        ("-6 -I eth0 -s all --option 25[hex]=000000010000000000000000", "leave option 25 out"),
        ("-6 -I eth0 -s all --option 14[hex]=", "--exchange rapid is the exchange with it"),
        ("-I eth0 -s all --expect loss<101%", "\"101%\" is no limit"),
        ("-I eth0 -s all --find-max loss<101%", "\"101%\" is no limit"),
        ("-I eth0 -s all --option roters=192.0.2.1", "did you mean \"routers\"?"),
        ("-I eth0 -s all --expect p95<1ms", "there is no figure \"p95\""),
        ("-I eth0 -s all --mix renew=1", "the share of new clients must not be 0"),
        ("-I eth0 -s all -d 60x", "expected a time up to a day, such as 60s, 500ms or 5m"),
        ("-I eth0 -s all --exchange dor", "dora"),
        (
            "-I eth0 -s all --exchange discover --expect request.p99<5ms",
            "--expect request: discover has no such message that is answered (discover)",
        ),
        ("-I eth0 -s all --expect release.p99<5ms", "(discover, request)"),
        ("-s 203.0.113.1", "no interface is named, and none is in the server's network (name it with -I NAME"),
        (
            "-s 192.0.2.50",
            "-s 192.0.2.50: it is an address of this host, whose server does not receive messages of clients on its own host \
             (run dhcpload on another host, or in a network namespace",
        ),
        ("-I eth0 -s 192.0.2.50", "whose server does not receive messages of clients on its own host"),
        ("-s 192.0.2.50 --relay 192.0.2.50", "it has the port at which a relay agent is answered (run dhcpload on"),
        ("-6 -s 2001:db8::50 --relay 2001:db8::50", "it has the port at which a relay agent is answered (run"),
        ("-I eth0 -4 -6 -s all", "cannot be used with"),
        ("-I eth0 -s all --pcap one --hlog one", "write one: another option names the same file"),
        ("-l eth0 192.0.2.9", "perfdhcp's -l INTERFACE is -I INTERFACE"),
    ] {
        let ran = run("delay=1ms", line);
        assert_eq!((ran.status, ran.sent, ran.stdout.as_str()), (2, 0, ""), "{line}");
        assert!(ran.stderr.contains(part), "{line}: {}", ran.stderr);
    }
}

#[test]
fn a_network_of_others_is_loaded_only_with_the_word() {
    let real = RunConditions { way_out: Some("e1000e"), ..USUAL };
    let refused = run_in(real, "delay=1ms", "-I eth0 -s all");
    assert_eq!((refused.status, refused.sent), (2, 0));
    assert!(refused.stderr.contains(
        "it may lead to servers that others need: e1000e (if the network is yours, give --this-is-my-network"
    ));
    let ordinary = run_in(RunConditions { has_no_rights: true, ..real }, "delay=1ms", "-I eth0 -s all");
    assert_eq!((ordinary.status, ordinary.stderr.as_str()), (2, "dhcpload: sending frames: permission denied\n"));
    let allowed = run_in(real, "delay=1ms", "-I eth0 -s all -d 1s --this-is-my-network");
    assert_eq!((allowed.status, allowed.stderr.as_str()), (0, ""));
}

#[test]
fn a_server_that_is_not_listed_meets_one_message() {
    let ran = run("delay=5ms", "-I eth0 -s 192.0.2.1 -r 1000");
    assert_eq!((ran.status, ran.sent), (2, 1), "{}", ran.stdout);
    assert!(ran.stderr.contains("192.0.2.9 (192.0.2.9) answered, which -s does not name"), "{}", ran.stderr);
    assert!(ran.stdout.contains("stopped: 192.0.2.9 (192.0.2.9) answered, which -s does not name"));
    assert!(ran.stdout.contains("\n192.0.2.1 did not answer; 192.0.2.9 did\n"), "{}", ran.stdout);
}

#[test]
fn a_server_that_loses_most_is_not_loaded_for_long() {
    let ran = run("discover/1=drop", "-I eth0 -s all -r 10 -d 60s");
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert!(ran.stdout.contains("stopped: more than half of the messages were lost for 5 s"), "{}", ran.stdout);
    assert!(ran.sent < 80, "{}", ran.sent);
}

#[test]
fn an_interrupt_ends_it_with_a_report_and_gives_leases_back() {
    let conditions = RunConditions { interrupt: Some(Duration::from_millis(2550)), ..USUAL };
    let ran = run_in(conditions, "delay=1ms", "-I eth0 -s all -r 10 -d 60s");
    assert_eq!((ran.status, ran.stderr.as_str()), (130, ""), "{}", ran.stdout);
    assert!(ran.stdout.contains("leases: 26 given, 26 released, 0 may be left"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("stopped: interrupted\nvalid; exit status 130: interrupted\n"), "{}", ran.stdout);
}

#[test]
fn the_interface_is_that_in_the_servers_network() {
    let ran = run("delay=1ms", "-4 -s 192.0.2.9 -d 1s");
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.starts_with("dora, 100 clients, 192.0.2.9 on eth0\n"), "{}", ran.stdout);
}

#[test]
fn a_server_that_is_not_listed_is_named_however_late_it_is() {
    // The only client has begun again by then.
    let ran = run("delay=1500ms", "-I eth0 -s 192.0.2.1 -r 10 -R 1 -d 60s -f json");
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("192.0.2.9 (192.0.2.9) answered, which -s does not name"), "{}", ran.stderr);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((document["valid"].as_bool(), ran.took < Duration::from_secs(5)), (Some(false), true), "{document}");
    assert_eq!(document["unlisted-server"]["server"].as_str(), Some("192.0.2.9"), "{document}");
}

#[test]
fn a_second_interrupt_is_why_leases_are_unconfirmed() {
    let interrupt = Some(Duration::from_millis(2550));
    let conditions = RunConditions { interrupt, second_interrupt: Some(Duration::from_millis(3550)), ..USUAL };
    let ran = run_in(conditions, "delay=1ms", "-I eth0 -s all -r 10 -d 60s");
    assert!(ran.stdout.contains("6 of them unconfirmed: interrupted before"), "{}", ran.stdout);
}

#[test]
fn the_listed_server_is_heard_after_one_that_is_not() {
    let conditions = RunConditions { further: Some("delay=1ms"), ..USUAL };
    let ran = run_in(conditions, "delay=20ms", "-I eth0 -s 192.0.2.9 -r 10 -d 5s");
    assert_eq!(ran.status, 2);
    assert!(ran.stdout.contains("stopped: 192.0.2.10 (192.0.2.10) answered"), "{}", ran.stdout);
    assert!(ran.stdout.contains("server 192.0.2.9: 1 answer,"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("duplicate") && !ran.stdout.contains("wrong-server"), "{}", ran.stdout);
}

#[test]
fn interface_down_ends_the_load_and_result_is_not_valid() {
    for (down, line) in [(2550, "-r 10 -d 60s"), (10_500, "-r 10 -d 10s -R 50")] {
        let conditions = RunConditions { down: Some((Duration::from_millis(down), Duration::MAX)), ..USUAL };
        let ran = run_in(conditions, "delay=1ms", &format!("-I eth0 -s all {line}"));
        assert_eq!(ran.status, 2, "{}", ran.stdout);
        assert!(ran.stdout.contains("NOT VALID: interface \"eth0\": it is down or gone\n"), "{}", ran.stdout);
        assert!(!ran.stdout.contains("completed in 0.0 s"), "{}", ran.stdout);
        assert!(ran.stderr.contains("may be left at the server"), "{}", ran.stderr);
    }
}

#[test]
fn leases_are_given_back_once_the_interface_is_up_again() {
    for line in ["-I eth0 -s all", "-6 -I eth0 -s all"] {
        let (at, length) = (Duration::from_millis(2550), Duration::from_secs(3));
        let conditions = RunConditions { down: Some((at, length)), ..USUAL };
        let ran = run_in(conditions, "delay=1ms", &format!("{line} -r 10 -d 60s"));
        assert!(ran.stdout.contains("leases: 26 given, 26 released, 0 may be left"), "{}", ran.stdout);
        assert!(ran.status == 2 && ran.stdout.contains("NOT VALID: interface"), "{}", ran.stdout);
    }
}

#[test]
fn options_that_say_who_a_client_is_are_sent() {
    for options in
        ["--option 12=host --option 60=MSFT --option 77[hex]=0161", "-6 --option 15[hex]=000161 --option 6[hex]="]
    {
        let ran = run("delay=1ms", &format!("-I eth0 -s all -d 1s {options}"));
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    }
}
