//! Command lines as people have typed them for twenty years, and what they leave unsaid.

use kea_tools::dhcp::v4::{BROADCAST, option};

use crate::dhcping::harness::Net;

#[test]
fn blanks_around_an_address_are_no_part_of_it() {
    let words = ["-c", "192.0.2.50 ", "-s", " 192.0.2.1", "-h", " 02:00:5e:00:53:99 ", "-t", " 2 "];
    let ran = Net::with_server().run_words(&words);
    ran.expect(0, "Got answer from: 192.0.2.1\n", "");
    let requested = ran.sent[0].1.address(option::REQUESTED_ADDRESS);
    assert_eq!(requested, Some([192, 0, 2, 50].into()));
    let long =
        Net::with_server().run_words(&["--client", "192.0.2.50 ", "--server", "192.0.2.1 ", "--interface", "eth0 "]);
    assert_eq!((long.status, &long.sent[0].1.address(option::REQUESTED_ADDRESS)), (0, &requested), "{long:?}");
}

#[test]
fn a_request_without_an_address_asks_by_discover() {
    for line in ["-s 192.0.2.1 -r", "-rs 192.0.2.1", "-s 255.255.255.255 -rv", "--request -s 192.0.2.1"] {
        let ran = Net::with_server().run(line);
        assert_eq!((ran.status, ran.types()), (0, vec!["discover"]), "{line}: {ran:?}");
        assert!(ran.stdout.starts_with("Got answer from: 192.0.2.1\n"), "{line}: {ran:?}");
        let says_why = ran.stderr.contains("without -c there is no address to request: asking by DISCOVER");
        assert_eq!(says_why, line.contains('v'), "{line}: {ran:?}");
    }
}

#[test]
fn the_address_of_nobody_is_no_address() {
    let ran = Net::with_server().run("-c 0.0.0.0 -g 0.0.0.0 -s 192.0.2.1");
    ran.expect(0, "Got answer from: 192.0.2.1\n", "");
    assert_eq!(ran.types(), ["discover"]);
    assert_eq!(Net::with_server().run("-c 0.0.0.0").status, 2, "nobody is named");
}

#[test]
fn a_broadcast_address_means_everybody() {
    for address in ["255.255.255.255", "192.0.2.255"] {
        let ran = Net::with_server().run(&format!("-s {address} -i -c 192.0.2.50"));
        ran.expect(0, "Got answer from: 192.0.2.1\n", "");
        assert_eq!(ran.sent[0].0.to_string(), "255.255.255.255:67");
    }
    let second = Net::with_server().with_second_interface().run("-s 198.51.100.255");
    assert_eq!(second.plans[0].interface.as_deref(), Some("eth1"), "{second:?}");
    assert_eq!(second.sent[0].1.flags(), Some(BROADCAST));
}

#[test]
fn hardware_addresses_are_read_in_every_usual_form() {
    for typed in ["0:0:5e:0:53:1", "00-00-5E-00-53-01", "0000.5e00.5301", "00005E005301"] {
        let ran = Net::with_server().run(&format!("-s 192.0.2.1 -h {typed}"));
        assert_eq!(ran.sent[0].1.hardware(), Some(&[0, 0, 0x5e, 0, 0x53, 1][..]), "{typed}: {ran:?}");
    }
}

#[test]
fn nothing_is_sent_until_a_target_is_named() {
    let alone = [
        "-4",
        "-6",
        "-q",
        "-v",
        "-i",
        "-r",
        "-t 1",
        "-h 02:00:5e:00:53:99",
        "-f nagios",
        "-f json",
        "-f prometheus",
        "--all",
        "--count 2",
        "--tries 2",
        "--secs 3",
        "--discover",
        "--full",
        "--bootp",
        "--solicit",
        "--rapid-commit",
        "--info-request",
        "--prefix",
        "--duid ll:02:00:5e:00:53:01",
        "--use-interface-mac",
        "--yes-this-host",
        "--no-release",
        "--expect offer",
        "--expect-option routers=192.0.2.1",
        "--offered-in 192.0.2.0/24",
        "--warning 1",
        "--critical 1",
        "--loss-warning 1",
        "--loss-critical 1",
        "--option82 circuit-id=a",
    ];
    let pairs = alone.iter().flat_map(|one| alone.iter().map(move |other| format!("{one} {other}")));
    for line in alone.iter().map(ToString::to_string).chain(pairs) {
        let ran = Net::with_server().run(&line);
        // A monitor reads stdout.
        let status = if line.contains("nagios") { 3 } else { 2 };
        assert!(
            ran.sent.is_empty() && ran.status == status && ran.stdout.is_empty() == (status == 2),
            "{line}: {ran:?}"
        );
    }
    for line in ["-q", "-Vv", "-qV"] {
        let words = "dhcping: no server and no interface is named (give -s SERVER, or -I INTERFACE for all its servers; see dhcping --help)\n";
        Net::with_server().run(line).expect(2, "", words);
    }
}

#[test]
fn the_letter_v_alone_is_the_version() {
    let ran = Net::with_server().run("-V");
    assert!(ran.stdout.starts_with(concat!("dhcping ", env!("CARGO_PKG_VERSION"))), "{ran:?}");
    assert!(ran.status == 0 && ran.stderr.is_empty() && ran.sent.is_empty(), "{ran:?}");
}

#[test]
fn a_word_without_an_option_is_what_it_looks_like() {
    let ran = Net::with_server().run("192.0.2.1");
    assert_eq!((ran.status, ran.sent[0].0.to_string()), (0, "192.0.2.1:67".to_owned()), "{ran:?}");
    let ran = Net::with_server().run("eth0 --full");
    assert_eq!((ran.status, ran.plans[0].interface.as_deref()), (0, Some("eth0")), "{ran:?}");
    let ran = Net::with_server().run("eth0 192.0.2.1 --exclusive -t 1");
    assert_eq!((ran.status, ran.sent[0].0.to_string()), (0, "255.255.255.255:67".to_owned()), "{ran:?}");
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/dhcping/kea-dhcp4.conf");
    let ran = Net::with_server().run(file);
    assert!(ran.stdout.starts_with("192.0.2.0/24: 192.0.2.1 answered"), "{ran:?}");
    let ran = Net::with_server().run("nowhere.example");
    assert!(ran.status == 2 && ran.stderr.contains("server \"nowhere.example\": no such host"), "{ran:?}");
}

#[test]
fn no_answer_from_a_loopback_server_address_has_a_hint() {
    for server in ["127.0.0.1", "127.0.1.1", "0.0.0.0"] {
        let ran = Net::silent().run(&format!("-s {server}"));
        let words = format!(
            "no answer\ndhcping: {server} means this host itself, where no DHCP client comes from \
            (-s with the address of the interface that the server serves, or -I)\n"
        );
        ran.expect(1, "", &words);
    }
    let relay = Net::with_server().run("-s 192.0.2.50 -g 192.0.2.50");
    assert!(relay.status == 2 && relay.stderr.contains("leave -g out, or ask from another host"), "{relay:?}");
}
