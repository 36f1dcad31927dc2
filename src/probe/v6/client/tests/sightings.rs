//! Servers that are there, though what they send is no answer.

use super::*;
use crate::dhcp::v6::Relay;

/// The servers that are seen when one sends `octets` to a client that looks for all.
fn seen(mode: ProbeModeV6, octets: impl Fn(&Message) -> Vec<u8>) -> Vec<Identity> {
    let mut run = Run::new(ProbePlanV6 { until: Until::End, ..plan() }, mode);
    let asked = run.sends();
    run.hears(&octets(&asked));
    assert_eq!(run.client.record().answers, []);
    run.client.record().sightings.iter().map(|sighting| sighting.sender.identity()).collect()
}

/// What a server answers to a message.
type AnswerTo<'a> = &'a dyn Fn(&Message) -> Vec<u8>;

#[test]
fn each_message_of_a_server_shows_that_it_is_there() {
    let other = || Identity::Duid(OTHER.to_vec());
    let advertise = |xid| message(MessageType::ADVERTISE, xid, &OTHER);
    let good = |xid| advertise(xid).with(lease().to_option());
    let rows: [(&str, AnswerTo<'_>, Identity); 9] = [
        ("no lease", &|asked| advertise(asked.xid).encode(), other()),
        ("another transaction", &|asked| good(asked.xid ^ 1).encode(), other()),
        ("a Reply", &|asked| message(MessageType::REPLY, asked.xid, &OTHER).encode(), other()),
        ("a Reconfigure", &|_| message(MessageType::RECONFIGURE, 0, &OTHER).encode(), other()),
        (
            "another client",
            &|asked| {
                let mut message = good(asked.xid);
                message.options[0] = Opt::new(code::CLIENTID, [0, 3, 0, 1, 9, 9, 9, 9, 9, 9]);
                message.encode()
            },
            other(),
        ),
        ("a short status", &|asked| good(asked.xid).with(Opt::new(code::STATUS_CODE, [0])).encode(), other()),
        (
            "for a relay agent",
            &|asked| {
                let link = "2001:db8::1".parse().expect("an address");
                let kind = MessageType::RELAY_REPL;
                Relay { kind, hops: 0, link, peer: link, options: Vec::new() }.encode(&good(asked.xid).encode())
            },
            other(),
        ),
        (
            "no identifier",
            &|asked| {
                let mut message = good(asked.xid);
                message.options.remove(1);
                message.encode()
            },
            Identity::Address("fe80::9".parse().expect("an address")),
        ),
        ("three octets", &|_| vec![2, 0, 0], Identity::Address("fe80::9".parse().expect("an address"))),
    ];
    for (what, octets, expected) in rows {
        assert_eq!(seen(ProbeModeV6::Solicit, octets), [expected], "{what}");
    }
    assert_eq!(
        seen(ProbeModeV6::Solicit, |asked| Message { kind: MessageType::SOLICIT, ..good(asked.xid) }.encode()),
        []
    );
}

#[test]
fn others_are_still_heard_after_the_reply_where_all_are_looked_for() {
    let schedule = Schedule::rfc8415(seconds(1.0), seconds(120.0), 1);
    let mut run = Run::new(ProbePlanV6 { until: Until::End, schedule, ..plan() }, ProbeModeV6::Full);
    let solicit = run.sends();
    run.hears(&message(MessageType::ADVERTISE, solicit.xid, &SERVER).with(lease().to_option()).encode());
    run.waits();
    let xid = run.sends().xid;
    run.hears(&message(MessageType::REPLY, xid, &SERVER).with(lease().to_option()).encode());
    assert!(run.client.poll_transmit(run.now).is_none(), "no Release yet");
    run.hears(&message(MessageType::REPLY, xid, &OTHER).with(lease().to_option()).encode());
    let replies = run.client.record().answers.iter().filter(|answer| answer.kind == AnswerKind::Reply);
    assert_eq!(replies.count(), 2);
}
