//! Answers that are none.

use std::time::{Duration, Instant};

use super::dhcping;
use crate::dhcp::{Fake, Lan};

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn what_is_no_answer_is_never_taken_for_one_nor_ends_the_wait() {
    for fake in Fake::NO_ANSWER {
        let lan = Lan::new();
        let _fake = lan.fake(fake);
        let client = lan.client();
        for arguments in [
            &["-s", "192.0.2.9", "-t", "0.5"][..],
            &["-I", "eth0", "-t", "0.5", "--full"],
            &["-s", "192.0.2.9", "-c", "192.0.2.50", "-t", "0.5"],
        ] {
            let begun = Instant::now();
            let outcome = dhcping(&client, arguments);
            let took = begun.elapsed();
            let seen = (outcome.status, outcome.stdout.as_str(), outcome.stderr.as_str());
            assert_eq!((seen.0, seen.1), (1, ""), "{fake:?} {arguments:?}");
            assert!(seen.2.starts_with("no answer (1 datagram ignored: "), "{fake:?} {arguments:?}: {}", seen.2);
            assert!(took >= Duration::from_millis(500), "{fake:?} {arguments:?}: it did not wait: {took:?}");
        }
    }
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn the_reason_for_ignoring_something_is_told() {
    for (fake, reason) in [
        (Fake::Empty, "ignored 1 datagram: no octet in it, first from 192.0.2.9"),
        (Fake::FourOctets, "ignored 1 datagram: it is cut short"),
        (Fake::WrongXid, "ignored 1 datagram: another transaction"),
        (Fake::WrongChaddr, "ignored 1 datagram: for another client"),
        (Fake::Hlen17, "ignored 1 datagram: for another client"),
        (Fake::Op1, "ignored 1 datagram: a request, not an answer"),
        (Fake::NoMagic, "ignored 1 datagram: no DHCP packet"),
    ] {
        let lan = Lan::new();
        let _fake = lan.fake(fake);
        let client = lan.client();
        let outcome = dhcping(&client, &["-s", "192.0.2.9", "-t", "0.5", "-v"]);
        assert!(outcome.stderr.contains(reason), "{fake:?}: {outcome:?}");
    }
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn odd_but_valid_answers_count() {
    for fake in [Fake::Offer, Fake::LoopingSearch, Fake::CutOption, Fake::Flood] {
        let lan = Lan::new();
        let _fake = lan.fake(fake);
        let client = lan.client();
        let outcome = dhcping(&client, &["-I", "eth0", "-t", "3"]);
        let seen = (outcome.status, outcome.stdout.as_str(), outcome.stderr.as_str());
        assert_eq!(seen, (0, "Got answer from: 192.0.2.9\n", ""), "{fake:?}");
    }
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn a_refusals_words_cannot_reach_the_terminal_raw() {
    let lan = Lan::new();
    let _fake = lan.fake(Fake::NakText);
    let client = lan.client();
    let outcome = dhcping(&client, &["-c", "192.0.2.50", "-s", "192.0.2.9", "-t", "1"]);
    assert_eq!(outcome.status, 1, "{outcome:?}");
    assert!(outcome.stdout.starts_with("refused: NAK from 192.0.2.9: "), "{outcome:?}");
    assert!(!outcome.stdout.trim_end().chars().any(char::is_control), "{outcome:?}");
}
