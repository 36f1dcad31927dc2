//! Answers to a relay agent.

use super::*;

#[test]
fn what_a_relay_agent_would_not_deliver_is_no_answer() {
    let own = Ipv4Addr::new(192, 0, 2, 20);
    for (mode, kind) in [
        (ProbeModeV4::Discover, MessageType::OFFER),
        (ProbeModeV4::Request, MessageType::ACK),
        (ProbeModeV4::Request, MessageType::NAK),
    ] {
        for (giaddr, is_ours, words) in [
            (own, true, ""),
            (Ipv4Addr::UNSPECIFIED, false, "for no relay, giaddr 0.0.0.0"),
            (OTHER, false, "for the relay 192.0.2.66, not for 192.0.2.20"),
        ] {
            let mut plan = plan();
            plan.template.giaddr = own;
            let mut bench = Bench::new(plan, mode);
            bench.hear(0.1, SERVER, &Message { giaddr, ..reply(kind, SERVER) });
            assert_eq!(!bench.record().answers.is_empty(), is_ours, "{kind} {giaddr}");
            assert!(bench.record().rejected.to_string().contains(words), "{kind} {giaddr}");
        }
    }
}

#[test]
fn a_client_hears_what_came_through_any_relay_agent() {
    let mut bench = Bench::new(plan(), ProbeModeV4::Discover);
    bench.hear(0.1, OTHER, &Message { giaddr: OTHER, ..reply(MessageType::OFFER, SERVER) });
    assert_eq!(bench.record().answers[0].relay, Some(OTHER.into()));
}
