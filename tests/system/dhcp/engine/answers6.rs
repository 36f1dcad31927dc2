//! Answers over IPv6 that no server should give.

use crate::dhcp::{Fake, Lan};

use super::probe;

#[test]
#[ignore = "needs a fake server: run scripts/test"]
fn what_is_no_answer_over_ipv6_is_never_taken_for_one() {
    // A hardware address of 17 octets is no matter of DHCPv6.
    for fake in Fake::NO_ANSWER.into_iter().filter(|fake| *fake != Fake::Hlen17) {
        let lan = Lan::new();
        let _fake = lan.fake(fake);
        let outcome = probe(&lan.client(), &["-6", "-I", "eth0", "-t", "0.5"]);
        let named = outcome.stderr.starts_with("no answer (1 datagram ignored: ");
        assert!(outcome.status == 1 && outcome.stdout.is_empty() && named, "{fake:?}: {outcome:?}");
    }
}

#[test]
#[ignore = "needs a fake server: run scripts/test"]
fn answers_that_are_odd_long_or_deep_are_still_answers() {
    let odd = [Fake::Twice, Fake::LoopingSearch, Fake::ManyOptions, Fake::NestedIa, Fake::Fragmented];
    for fake in odd {
        let lan = Lan::new();
        let _fake = lan.fake(fake);
        let outcome = probe(&lan.client(), &["-6", "-I", "eth0", "-t", "2", "-v"]);
        assert_eq!(outcome.status, 0, "{fake:?}: {outcome:?}");
        assert!(outcome.stdout.contains("Got answer from: "), "{fake:?}: {outcome:?}");
    }
}

#[test]
#[ignore = "needs a fake server: run scripts/test"]
fn the_text_of_a_refusal_has_no_effect_on_a_terminal() {
    let lan = Lan::new();
    let _fake = lan.fake(Fake::NakText);
    let outcome = probe(&lan.client(), &["-6", "-I", "eth0", "--full", "-t", "0.5", "-V"]);
    let shown = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(!shown.contains(['\u{1b}', '\u{7}', '\r', '\u{202e}']), "{outcome:?}");
}
