//! What is asked, of whom, and by which link.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use kea_tools::dhcp::v4::{BROADCAST, option};

use crate::dhcping::harness::{Net, OWN, Ran, SERVER, SILENCE};

/// A configuration of Kea with two subnets.
const CONFIGURATION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/dhcping/kea-dhcp4.conf");

const UNSPECIFIED: Option<Ipv4Addr> = Some(Ipv4Addr::UNSPECIFIED);

fn first(ran: &Ran) -> (&SocketAddr, &kea_tools::dhcp::v4::Packet) {
    let (to, packet) = ran.sent.first().unwrap_or_else(|| panic!("nothing was sent: {ran:?}"));
    (to, packet)
}

#[test]
fn an_old_request_looks_on_the_wire_as_it_always_has() {
    let ran = Net::with_server().run("-c 192.0.2.50 -s 192.0.2.1 -h 02:00:5e:00:53:99");
    ran.expect(0, "Got answer from: 192.0.2.1\n", "");
    let (to, request) = first(&ran);
    assert_eq!(to.to_string(), "192.0.2.1:67");
    let own = Some(Ipv4Addr::new(192, 0, 2, 50));
    assert_eq!(
        (request.ciaddr(), request.address(option::REQUESTED_ADDRESS), request.giaddr()),
        (own, own, UNSPECIFIED)
    );
    assert_eq!(request.hardware(), Some(&[2, 0, 0x5e, 0, 0x53, 0x99][..]));
    assert_eq!(ran.types(), ["request", "release"]);
    let (to, release) = &ran.sent[1];
    assert_eq!((to.to_string(), release.server_id()), ("192.0.2.1:67".into(), Some(SERVER)));
}

#[test]
fn request_for_an_address_not_ours_sets_the_broadcast_flag() {
    let ran = Net::with_server().run("-c 192.0.2.100 -s 192.0.2.1");
    let (_, request) = first(&ran);
    assert_eq!((request.ciaddr(), request.flags()), (UNSPECIFIED, Some(BROADCAST)));
}

#[test]
fn an_old_inform_takes_no_lease() {
    let ran = Net::with_server().run("-i -c 192.0.2.50 -s 192.0.2.1");
    ran.expect(0, "Got answer from: 192.0.2.1\n", "");
    assert_eq!(ran.types(), ["inform"]);
    assert_eq!(Net::with_server().run("-i -s 192.0.2.1").sent[0].1.ciaddr(), Some(Ipv4Addr::new(192, 0, 2, 50)));
}

#[test]
fn without_an_address_a_discover_takes_no_lease() {
    let ran = Net::with_server().run("-s 192.0.2.1");
    assert_eq!(ran.types(), ["discover"]);
    let everybody = Net::with_server().run("-s 255.255.255.255");
    assert_eq!(first(&everybody).0.to_string(), "255.255.255.255:67");
    assert_eq!(everybody.plans[0].interface.as_deref(), Some("eth0"));
}

#[test]
fn default_mac_is_constant_and_locally_administered() {
    let addresses = [1, 2].map(|_| Net::with_server().run("-I eth0").sent[0].1.hardware().unwrap().to_vec());
    assert_eq!(addresses[0], addresses[1]);
    assert_eq!(addresses[0][..3], [0x02, 0x6b, 0x65]);
}

#[test]
fn a_relay_speaks_from_the_relays_port_and_address() {
    let ran = Net::with_server().run("-g 192.0.2.50 -s 192.0.2.1 --option82 circuit-id=port1");
    let (_, discover) = first(&ran);
    assert_eq!((discover.giaddr(), discover.flags()), (Some(Ipv4Addr::new(192, 0, 2, 50)), Some(0)));
    assert_eq!(discover.option(option::RELAY_AGENT).as_deref(), Some(&b"\x01\x05port1"[..]));
    assert_eq!((ran.plans[0].port, ran.plans[0].source), (67, Some(Ipv4Addr::new(192, 0, 2, 50).into())));
}

#[test]
fn a_server_behind_a_router_is_asked_as_a_relay_would() {
    let ran = Net::silent().run("-s 203.0.113.1 -v");
    assert_eq!(first(&ran).1.giaddr(), Some(Ipv4Addr::new(192, 0, 2, 50)));
    assert!(ran.stderr.contains("203.0.113.1 is behind a router: asking it as a relay"), "{}", ran.stderr);
    let inform = Net::silent().run("-i -c 192.0.2.50 -s 203.0.113.1");
    assert_eq!(first(&inform).1.giaddr(), UNSPECIFIED);
}

#[test]
fn servers_on_one_link_are_asked_with_separate_xids() {
    let ran = Net::with_server().run("-s 192.0.2.1 -s 192.0.2.2 -t 1");
    assert_eq!((ran.plans.len(), ran.sent.len()), (1, 2));
    assert_ne!(ran.sent[0].1.xid(), ran.sent[1].1.xid());
}

#[test]
fn servers_on_several_interfaces_use_bound_sockets() {
    let ran = Net::with_server().with_second_interface().run("-i -s 192.0.2.1 -s 198.51.100.1 -t 1");
    let interfaces: Vec<_> = ran.plans.iter().map(|plan| plan.interface.as_deref()).collect();
    assert_eq!(interfaces, [Some("eth0"), Some("eth1")]);
    let shared = Net::with_server().with_second_address().run("-i -s 192.0.2.1 -s 198.51.100.1 -t 1");
    assert_eq!(shared.plans.len(), 1, "on one interface they share a socket: {:?}", shared.plans);
    let one = Net::with_server().run("-i -s 192.0.2.1");
    assert_eq!(one.plans[0].interface, None, "a route may lead back another way");
}

#[test]
fn every_interface_is_asked() {
    let ran = Net::with_server().with_second_interface().run("-I eth0 -I eth1");
    let interfaces: Vec<_> = ran.plans.iter().map(|plan| plan.interface.as_deref().unwrap()).collect();
    assert_eq!((interfaces, ran.sent.len()), (vec!["eth0", "eth1"], 2));
}

#[test]
fn this_hosts_own_lease_is_probed_and_never_released() {
    let remark = format!("dhcping: {OWN} is this host's own eth0: no RELEASE is sent, the lease is kept\n");
    for mode in ["", "-r ", "--renew ", "--rebind ", "--reboot "] {
        let ran = Net::with_server().run(&format!("{mode}-c 192.0.2.50 -s 192.0.2.1 -h {OWN}"));
        let says_it = ran.stdout.starts_with("Got answer from: 192.0.2.1\n") && ran.stderr == remark;
        assert!(ran.status == 0 && says_it, "{mode}: {ran:?}");
        assert_eq!(ran.types(), ["request"], "{mode}");
    }
    let quiet = Net::with_server().run(&format!("-q -c 192.0.2.50 -s 192.0.2.1 -h {OWN}"));
    quiet.expect(0, "", "");
    let lost = Net::silent().run(&format!("-c 192.0.2.50 -s 192.0.2.1 -h {OWN}"));
    assert_eq!((lost.status, lost.types()), (1, vec!["request"]), "an answer may have been lost");
    let cut =
        Net::silent().interrupted_after(Duration::from_millis(10)).run(&format!("-c 192.0.2.50 -I eth0 -h {OWN}"));
    assert_eq!(cut.types(), ["request"]);
}

#[test]
fn a_new_lease_for_this_host_is_taken_only_on_request() {
    for line in ["-c 192.0.2.100 -s 192.0.2.1 -h 02:00:5e:00:53:50", "-I eth0 --full --use-interface-mac"] {
        let ran = Net::with_server().run(line);
        let words = format!(
            "dhcping: {OWN} is this host's own eth0, in whose name no lease is released again \
            (give another -h, or --yes-this-host to keep the lease)\n"
        );
        ran.expect(2, "", &words);
        assert!(ran.sent.is_empty());
        let wanted = Net::with_server().run(&format!("{line} --yes-this-host"));
        assert!(wanted.status == 0 && !wanted.types().contains(&"release"), "{wanted:?}");
    }
    assert_eq!(Net::with_server().run("-I eth0 --use-interface-mac").status, 0, "a DISCOVER takes nothing");
}

#[test]
fn tries_double_the_wait_and_the_last_is_the_timeout() {
    let ran = Net::silent().run("-I eth0 -t 4 --tries 2");
    ran.expect(1, "", &format!("no answer\ndhcping: {SILENCE}\n"));
    assert_eq!(ran.sent.len(), 2);
    assert_eq!(ran.sent[0].1.xid(), ran.sent[1].1.xid());
    let second = ran.sent[1].1.secs().unwrap();
    assert!((3..=5).contains(&second), "{second}");
    assert!((Duration::from_secs(11)..Duration::from_secs(13)).contains(&ran.took), "{:?}", ran.took);
    assert_eq!(Net::silent().run("-I eth0").took, Duration::from_secs(5));
}

#[test]
fn what_is_expected_is_asked_for() {
    let ran = Net::with_server().run("-I eth0 --expect-option routers=192.0.2.254");
    let wanted = ran.sent[0].1.option(option::PARAMETER_REQUEST_LIST).unwrap().into_owned();
    assert!(wanted.contains(&option::ROUTERS), "{wanted:?}");
    assert_eq!(Net::with_server().run("-I eth0").sent[0].1.option(option::PARAMETER_REQUEST_LIST), None);
}

#[test]
fn an_address_whose_answers_nobody_here_could_hear_is_refused() {
    for mode in ["-i", "--renew", "--rebind"] {
        let ran = Net::with_server().run(&format!("{mode} -c 192.0.2.77 -s 192.0.2.1"));
        let words = "dhcping: -c: the answer would go to 192.0.2.77, which is no address of this host \
            (give an address of this host, or -g to act as a relay; without -i, a lease for this address is requested)\n";
        ran.expect(2, "", words);
        assert!(ran.sent.is_empty(), "{mode}");
        let relayed = Net::with_server().run(&format!("{mode} -c 192.0.2.77 -s 192.0.2.1 -g 192.0.2.50"));
        assert_eq!(relayed.status, 0, "{mode}: {relayed:?}");
    }
}

#[test]
fn an_option_may_be_given_again_as_ever() {
    let ran = Net::with_server().run("-vv -q -q -t 1 -t 2 -s 192.0.2.1 -s 192.0.2.1");
    assert_eq!((ran.status, ran.sent.len()), (0, 2), "{ran:?}");
    assert_eq!(Net::silent().run("-I eth0 -t 1 -t 2").took, Duration::from_secs(2));
}

#[test]
fn all_answers_of_one_server_are_waited_for_if_that_is_wanted() {
    let ran = Net::with_server().run("-s 192.0.2.1 --all -t 2");
    assert_eq!((ran.status, ran.took), (0, Duration::from_secs(2)), "{ran:?}");
}

#[test]
fn what_others_of_this_run_are_answered_is_not_ignored() {
    let ran = Net::with_server().run("-s 192.0.2.1 -s 192.0.2.2 -t 1 -f json");
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["targets"][0]["ignored"], serde_json::json!({}), "{report}");
    assert_eq!(report["targets"][1]["ignored"], serde_json::json!({"other-server": 1}), "its own, from another server");
}

#[test]
fn mistakes_are_named() {
    for (line, part) in [
        ("-c banana -s 192.0.2.1", "--client \"banana\": expected an IP address"),
        ("-h zz -s 192.0.2.1", "1 to 16 hexadecimal octets"),
        ("-r -i", "cannot be used with"),
        ("-s nowhere.example", "server \"nowhere.example\": no such host"),
        ("-I eth9", "interface \"eth9\""),
        ("-I eth0 --expect-option rooters=1", "did you mean \"routers\"?"),
        ("-I eth0 --expect-option routers=banana", "--expect-option \"routers=banana\""),
        ("-I eth0 --option82 banana", "--option82 \"banana\""),
        ("-I eth0 --offered-in 192.0.2", "expected a network such as 192.0.2.0/24"),
        ("-I eth0 --exclusive", "no server is named (name the servers with -s SERVER)"),
        ("-I eth0 --unicast", "no server is named (name the servers with -s SERVER)"),
        (
            "-I eth0 --warning 500 --critical 100",
            "--warning: it is above --critical, so there would never be a warning",
        ),
        ("-I eth0 --loss-warning 50 --loss-critical 10", "--loss-warning: it is above --loss-critical"),
        ("-s 192.0.2.1 --vlan 7", "--vlan: no interface is named (name it with -I INTERFACE)"),
        ("-I eth0 -c 3", "--count 3 probes 3 times"),
        ("-I eth0 -t 0", "expected a number of seconds"),
        ("-4 --solicit -I eth0", "DHCPv4 and DHCPv6 do not mix"),
        ("", "no server and no interface is named (give -s SERVER, or -I INTERFACE for all its servers"),
        ("--frobnicate", "unexpected argument \"--frobnicate\""),
        ("-I eth0 --tries 0", "--tries \"0\": expected a whole number, 1 to 1000 (see"),
        ("-I eth0 --vlan 4095", "--vlan \"4095\": expected the number of a virtual network, 0 to 4094 (see"),
        ("-I eth0 --count x", "--count \"x\": expected a whole number of probes, 0 or more (see"),
        ("-n -s 192.0.2.1", "unexpected argument \"-n\" (see dhcping --help)"),
        ("--from-config /nonexistent", "/nonexistent"),
        ("--from-config k.conf -s 192.0.2.1 --exclusive", "(give -I INTERFACE instead of the configuration)"),
        ("-I eth0 -s 192.0.2.1 --exclusive --unicast", "--unicast: with --exclusive, the message goes to all servers"),
    ] {
        let ran = Net::with_server().run(line);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{line}: {}", ran.stderr);
        assert!(ran.stderr.contains(part) && ran.stderr.lines().count() == 1, "{line}: {}", ran.stderr);
        assert!(ran.sent.is_empty(), "{line}");
    }
    let several = Net::with_server().with_second_interface().run("-s 255.255.255.255");
    assert!(several.stderr.contains("choose one with -I: eth0, eth1"), "{}", several.stderr);
    let local = Net::with_server().with_second_interface().run("fe80::1");
    let said = "server fe80::1: a link-local address is one of an interface, and none is named (write fe80::1%eth0, or give -I eth0)";
    assert!(local.status == 2 && local.stderr.contains(said), "{}", local.stderr);
}

#[test]
fn the_multicast_address_of_all_dhcpv6_servers_means_everybody() {
    for (line, interface) in [("-s ff02::1:2", "eth0"), ("-s ff02::1:2%eth1", "eth1"), ("-I eth1 -s ff02::1:2", "eth1")]
    {
        let net = Net::silent();
        let ran = if interface == "eth1" { net.with_second_interface() } else { net }.run(&format!("-6 {line} -t 1"));
        assert_eq!((ran.status, ran.plans[0].interface.as_deref()), (1, Some(interface)), "{line}: {ran:?}");
    }
}

#[test]
fn the_examples_of_the_manual_page_ask_something() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/man/dhcping.8")).unwrap();
    let examples = page.split("\n.Sh ").find(|section| section.starts_with("EXAMPLES\n")).unwrap();
    let lines: Vec<_> = examples.lines().filter_map(|line| line.strip_prefix(".Dl dhcping ")).collect();
    assert!(lines.len() > 5, "{lines:?}");
    for line in lines.into_iter().filter(|line| !line.starts_with("-6 ")) {
        let line = line.replace("/etc/kea/kea-dhcp4.conf", CONFIGURATION);
        let ran = Net::with_server().run(&line);
        assert!(!ran.sent.is_empty(), "{line}: {ran:?}");
    }
}

#[test]
fn every_subnet_of_a_configuration_is_named_in_its_packet() {
    let ran = Net::with_server().run(&format!("--from-config {CONFIGURATION}"));
    let expected = "192.0.2.0/24: 192.0.2.1 answered in 1.500 ms\n\
        198.51.100.0/24: 192.0.2.1 gives 192.0.2.100, which is not in 198.51.100.0/24\n";
    ran.expect(1, expected, "");
    let named: Vec<_> = ran.sent.iter().map(|(_, packet)| packet.address(118).unwrap().to_string()).collect();
    assert_eq!((named, ran.plans.len()), (vec!["192.0.2.0".to_owned(), "198.51.100.0".to_owned()], 1));
}

#[test]
fn from_config_reports_a_subnet_without_local_interface() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = r#"{"Dhcp4": {"interfaces-config": {"interfaces": ["eth7"]}, "subnet4": [
        {"id": 1, "subnet": "198.51.100.0/24", "interface": "eth7"},
        {"id": 2, "subnet": "192.0.2.0/24", "interface": "eth0"}]}}"#;
    std::fs::write(file.path(), text).unwrap();
    let ran = Net::with_server().run(&format!("--from-config {}", file.path().display()));
    let expected = "198.51.100.0/24: it is on no interface of this host (-s SERVER asks the server as a relay does)\n\
        192.0.2.0/24: 192.0.2.1 answered in 1.500 ms\n";
    ran.expect(2, expected, "");
}

#[test]
fn from_config_accepts_inform_answer_without_an_address() {
    let informs = Net::new(|question| {
        let ack = crate::dhcping::harness::reply(question, kea_tools::dhcp::v4::MessageType::ACK, SERVER);
        let ack = kea_tools::dhcp::v4::Message { yiaddr: Ipv4Addr::UNSPECIFIED, ..ack };
        vec![(Duration::from_micros(1500), SERVER, ack.encode())]
    });
    let ran = informs.run(&format!("--from-config {CONFIGURATION} -i"));
    let well = "192.0.2.1 answered in 1.500 ms\n";
    ran.expect(0, &format!("192.0.2.0/24: {well}198.51.100.0/24: {well}"), "");
    let other = Net::with_server().run(&format!("--from-config {CONFIGURATION} --solicit"));
    assert!(other.status == 2 && other.stderr.contains("do not mix"), "{other:?}");
}
