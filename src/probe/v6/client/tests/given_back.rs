//! What any server has given is given back, whichever was asked.

use super::*;

#[test]
fn rapid_commit_takes_the_lease_and_releases_every_one() {
    let mut run = Run::new(plan(), ProbeModeV6::Rapid);
    let solicit = run.sends();
    assert_eq!(get(&solicit, code::RAPID_COMMIT), Some(&[][..]));
    let reply = |server: &[u8]| message(MessageType::REPLY, solicit.xid, server).with(lease().to_option());
    run.hears(&reply(&OTHER).encode());
    assert_eq!(run.rejected(), [(Rejection::OtherType, 1)], "a Reply without Rapid Commit commits to nothing");
    run.hears(&reply(&SERVER).with(Opt::new(code::RAPID_COMMIT, [])).encode());
    assert!(run.waits() > 0.8, "others may have committed, too");
    let release = assert_releases(&mut run, &SERVER, "2001:db8::64");
    // A second server has committed, and is late even so.
    run.hears(&reply(&OTHER).with(Opt::new(code::RAPID_COMMIT, [])).encode());
    run.hears(&message(MessageType::REPLY, release.xid, &SERVER).encode());
    let release = assert_releases(&mut run, &OTHER, "2001:db8::64");
    run.hears(&message(MessageType::REPLY, release.xid, &OTHER).encode());
    assert!(run.client.is_done());
    assert_eq!(run.client.record().answers.len(), 2);
}

/// A client that takes the answers of `SERVER` only, by its DUID or by its address.
fn asking_one(mode: ProbeModeV6) -> [(Run, Message); 2] {
    let by_duid = ProbePlanV6 { server: Some(SERVER.to_vec()), associations: vec![lease()], ..plan() };
    let by_address =
        ProbePlanV6 { from: Some("fe80::7".parse().expect("an address")), associations: vec![lease()], ..plan() };
    [by_duid, by_address].map(|plan| {
        let mut run = Run::new(plan, mode);
        let sent = run.sends();
        (run, sent)
    })
}

#[test]
fn reply_of_another_server_is_rejected_and_released() {
    for mode in [ProbeModeV6::Rapid, ProbeModeV6::Rebind] {
        for (mut run, sent) in asking_one(mode) {
            let reply = message(MessageType::REPLY, sent.xid, &OTHER).with(lease().to_option());
            run.hears(&reply.with(Opt::new(code::RAPID_COMMIT, [])).encode());
            assert_eq!(run.rejected(), [(Rejection::OtherServer, 1)], "{mode:?}");
            run.client.handle_interrupt(run.now);
            assert_releases(&mut run, &OTHER, "2001:db8::64");
            assert_eq!(run.client.record().answers, [], "{mode:?}");
        }
    }
}

#[test]
fn late_reply_of_another_server_is_rejected_and_released() {
    let (mut run, solicit) = asking_one(ProbeModeV6::Rapid).into_iter().next().expect("two");
    let reply = |server: &[u8]| {
        let reply = message(MessageType::REPLY, solicit.xid, server).with(lease().to_option());
        reply.with(Opt::new(code::RAPID_COMMIT, [])).encode()
    };
    run.hears(&reply(&SERVER));
    run.waits();
    let release = assert_releases(&mut run, &SERVER, "2001:db8::64");
    run.hears(&reply(&OTHER));
    assert_eq!((run.rejected(), run.client.record().answers.len()), (vec![(Rejection::OtherServer, 1)], 1));
    run.hears(&message(MessageType::REPLY, release.xid, &SERVER).encode());
    assert_releases(&mut run, &OTHER, "2001:db8::64");
}

#[test]
fn malformed_option_without_a_lease_keeps_the_answer() {
    let vendor = Opt::new(code::VENDOR_OPTS, [0, 0, 0, 9, 0, 1, 0, 0xff, b'x']);
    let address_alone = Opt::new(code::NTP_SERVER, [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x23]);
    let cut_lease = Opt::new(code::IA_NA, [&[0; 12][..], &[0, 5, 0, 24, 0x20, 1]].concat());
    for (option, is_answered) in [(vendor, true), (address_alone, true), (cut_lease, false)] {
        let mut run = Run::new(plan(), ProbeModeV6::Solicit);
        let xid = run.sends().xid;
        let advertise = message(MessageType::ADVERTISE, xid, &SERVER).with(lease().to_option());
        run.hears(&advertise.with(option.clone()).encode());
        assert_eq!(run.client.is_done(), is_answered, "{option:?} {:?}", run.rejected());
    }
}
