//! Recorded packets in the layout of the original dhcptest.

use std::fs;
use std::path::Path;

use crate::dhcptest::harness::{Net, Ran, ms, server};

/// Where we show something better, and say so in the manual page: our line, and one of the original's in its place.
const BETTER: [(&str, &str); 4] = [
    (
        "     43 (Vendor Specific Information): 2=ABC, 6[hex]=01 02 03 04",
        r#"     43 (Vendor Specific Information): 2=ABC, 6="\x01\x02\x03\x04""#,
    ),
    (
        "     61 (Client-identifier): type=1, clientIdentifier=02 00 5E 00 53 50",
        "     61 (Client-identifier)[hex]: 01 02 00 5E 00 53 50",
    ),
    (
        "     82 (Relay Agent Information): agentCircuitID=port1, agentRemoteID[hex]=00 01, virtual-subnet-select=x",
        r#"     82 (Relay Agent Information): agentCircuitID=port1, agentRemoteID="\0\x01", 151=x"#,
    ),
    (
        "     55 (Parameter Request List): 1 (Subnet Mask), 3 (Router Option), 121 (Classless Static Route Option)",
        "     55 (Parameter Request List):   1 (Subnet Mask),   3 (Router Option), 121 (Classless Static Route Option)",
    ),
];

fn data(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/dhcptest").join(name)).unwrap()
}

/// A recorded packet as we show it.
fn shown(name: &str) -> String {
    let ran = answered_by(name, &["--query", "-q", "--mac", "02:00:5e:00:53:50", "--timeout", "1"]);
    let xid = format!("xid={:08X}", ran.sent[0].xid().unwrap());
    ran.stdout.replace(&xid, "xid=00000000")
}

fn answered_by(name: &str, arguments: &[&str]) -> Ran {
    let hex = data(&format!("{name}.hex"));
    let octets: Vec<u8> = hex.split_whitespace().map(|octet| u8::from_str_radix(octet, 16).unwrap()).collect();
    let net = Net::new(move |question| {
        let mut answer = octets.clone();
        answer[4..8].copy_from_slice(&question.xid().unwrap().to_be_bytes());
        vec![(ms(1), server(), answer)]
    });
    net.run(arguments)
}

#[test]
fn a_recorded_packet_is_laid_out_as_by_the_original() {
    assert_eq!(shown("offer"), data("offer.txt"));
}

#[test]
fn every_line_is_the_originals_or_says_more() {
    for name in ["vendor", "fqdn", "relay", "nak", "request"] {
        let (ours, old, new) = (shown(name), data(&format!("{name}.0.9.txt")), data(&format!("{name}.dev.txt")));
        let line_of = |text: &str, at: usize| text.lines().nth(at).unwrap_or_default().to_owned();
        assert_eq!(ours.lines().count(), new.lines().count(), "{name}: {ours}");
        for (at, line) in ours.lines().enumerate() {
            let theirs = [line_of(&old, at), line_of(&new, at)];
            let is_better = BETTER.iter().any(|(our, their)| *our == line && theirs.iter().any(|line| line == their));
            assert!(theirs.iter().any(|their| their == line) || is_better, "{name}: {line:?} {theirs:?}");
        }
    }
}

#[test]
fn a_vendors_options_are_asked_for_and_printed_alone() {
    let arguments = ["-q", "--query", "--mac", "02:00:5e:00:53:50", "--request", "43", "--print-only", "43"];
    let ran = answered_by("vendor", &arguments);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, "2=ABC, 6[hex]=01 02 03 04\n"));
    assert_eq!(ran.sent[0].option(55).as_deref(), Some(&[43][..]));
}
