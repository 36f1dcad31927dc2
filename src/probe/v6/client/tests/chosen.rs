//! Which of several servers gets the Request, and when (RFC 8415 sections 18.2.1 and 18.2.9).

use super::*;

fn offer(xid: u32, server: &[u8], preference: u8) -> Message {
    let preference = Opt::new(code::PREFERENCE, [preference]);
    message(MessageType::ADVERTISE, xid, server).with(lease().to_option()).with(preference)
}

/// A client that has five seconds for each message, and its Solicit.
fn soliciting(plan: ProbePlanV6) -> (Run, u32) {
    let mut run = Run::new(ProbePlanV6 { schedule: Schedule::tries(2, seconds(5.0)), ..plan }, ProbeModeV6::Full);
    let xid = run.sends().xid;
    (run, xid)
}

fn asked(run: &mut Run) -> Vec<u8> {
    let request = run.sends();
    assert_eq!(request.kind, MessageType::REQUEST);
    get(&request, code::SERVERID).expect("a server").to_vec()
}

#[test]
fn advertises_are_collected_for_a_second() {
    let (mut run, xid) = soliciting(plan());
    run.now += seconds(0.25);
    run.hears(&offer(xid, &OTHER, 0).encode());
    run.now += seconds(0.25);
    run.hears(&offer(xid, &SERVER, 10).encode());
    assert_eq!(run.client.poll_transmit(run.now), None);
    assert!((run.waits() - 0.5).abs() < 0.001, "a second after the Solicit");
    assert_eq!(asked(&mut run), SERVER);
}

#[test]
fn the_highest_preference_is_not_waited_beyond() {
    let (mut run, xid) = soliciting(plan());
    run.hears(&offer(xid, &OTHER, 254).encode());
    run.hears(&offer(xid, &SERVER, 255).encode());
    assert_eq!(asked(&mut run), SERVER);
}

#[test]
fn an_advertise_after_the_first_second_is_taken_at_once() {
    let (mut run, xid) = soliciting(plan());
    run.now += seconds(1.5);
    run.hears(&offer(xid, &OTHER, 0).encode());
    assert_eq!(asked(&mut run), OTHER);
    let (mut run, xid) = soliciting(plan());
    run.waits();
    run.sends();
    run.hears(&offer(xid, &OTHER, 0).encode());
    assert_eq!(asked(&mut run), OTHER, "nor is one to a further try waited beyond");
}

#[test]
fn one_server_that_is_meant_is_not_waited_beyond() {
    for plan in [
        ProbePlanV6 { server: Some(SERVER.to_vec()), ..plan() },
        ProbePlanV6 { from: Some("fe80::9".parse().expect("an address")), ..plan() },
        ProbePlanV6 { to: "[2001:db8::9]:547".parse().expect("an address"), ..plan() },
    ] {
        let (mut run, xid) = soliciting(plan);
        run.hears(&offer(xid, &SERVER, 0).encode());
        assert_eq!(asked(&mut run), SERVER);
    }
}

#[test]
fn all_that_was_asked_for_outranks_a_preference() {
    let associations = vec![lease(), Association::new(AssociationKind::Prefixes, 1)];
    let (mut run, xid) = soliciting(ProbePlanV6 { associations, ..plan() });
    let prefixes =
        Association { items: vec![item("2001:db8:100::", 56, 600)], ..Association::new(AssociationKind::Prefixes, 1) };
    run.hears(&offer(xid, &OTHER, 10).encode());
    run.hears(&offer(xid, &SERVER, 0).with(prefixes.to_option()).encode());
    run.waits();
    assert_eq!(asked(&mut run), SERVER);
}

#[test]
fn giving_back_takes_no_longer_than_an_answer_is_waited_for() {
    for (timeout, expected) in [(2.0, [1.0, 1.0].as_slice()), (0.5, &[0.5]), (60.0, &[1.0, 2.0, 4.0])] {
        let mut run =
            Run::new(ProbePlanV6 { schedule: Schedule::tries(1, seconds(timeout)), ..plan() }, ProbeModeV6::Full);
        let xid = run.sends().xid;
        run.hears(&offer(xid, &SERVER, 255).encode());
        asked(&mut run);
        run.waits();
        for wait in expected {
            assert_eq!(run.sends().kind, MessageType::RELEASE, "-t {timeout}");
            let waited = run.waits();
            assert!((waited / wait - 1.0).abs() <= 0.25, "-t {timeout}: {waited}");
        }
        assert!(run.client.is_done(), "-t {timeout}");
    }
}

#[test]
fn each_server_gets_a_release_though_the_time_is_over() {
    let commit = |xid: u32, server: &[u8]| {
        let reply = message(MessageType::REPLY, xid, server).with(lease().to_option());
        reply.with(Opt::new(code::RAPID_COMMIT, [])).encode()
    };
    let mut run = Run::new(ProbePlanV6 { schedule: Schedule::tries(1, seconds(2.0)), ..plan() }, ProbeModeV6::Rapid);
    let xid = run.sends().xid;
    run.hears(&commit(xid, &SERVER));
    run.hears(&commit(xid, &OTHER));
    run.waits();
    for _ in 0..2 {
        assert_releases(&mut run, &SERVER, "2001:db8::64");
        run.waits();
    }
    assert_releases(&mut run, &OTHER, "2001:db8::64");
    run.client.handle_timeout(run.now);
    assert!(run.client.is_done());
}

#[test]
fn the_server_that_wants_it_most_gets_the_request() {
    let mut run = Run::new(
        ProbePlanV6 { until: Until::End, schedule: Schedule::tries(1, seconds(1.0)), ..plan() },
        ProbeModeV6::Full,
    );
    let xid = run.sends().xid;
    let offer = |server: &[u8]| message(MessageType::ADVERTISE, xid, server).with(lease().to_option());
    run.hears(&offer(&OTHER).encode());
    run.hears(&offer(&SERVER).with(Opt::new(code::PREFERENCE, [5])).encode());
    run.hears(&offer(&[0, 2, 1, 1, 1, 1, 1]).encode());
    run.waits();
    assert_eq!(get(&run.sends(), code::SERVERID), Some(&SERVER[..]));
    assert_eq!(run.client.record().answers.len(), 3);
}
