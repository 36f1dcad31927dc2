//! Answers of servers that were not asked.

use super::*;

#[test]
fn an_ack_of_another_server_is_taken_and_its_refusal_is_not() {
    let requested = |plan: ProbePlanV4| {
        let mut bench = Bench::new(plan, ProbeModeV4::Full);
        bench.hear(0.1, SERVER, &reply(MessageType::OFFER, SERVER));
        bench.hear(0.2, OTHER, &Message { yiaddr: Ipv4Addr::UNSPECIFIED, ..reply(MessageType::NAK, OTHER) });
        assert!(!bench.client.is_done());
        bench.hear(0.3, OTHER, &reply(MessageType::ACK, OTHER));
        bench
    };
    let bench = requested(plan());
    let answer = bench.record().final_answer().unwrap();
    assert_eq!((answer.kind, &answer.server), (AnswerKind::Ack, &Some(Identity::Address(OTHER.into()))));
    assert!(answer.remarks.iter().any(|remark| remark.to_string().contains("asked was 192.0.2.1")));
    assert_eq!(bench.released(), [OTHER, SERVER], "the server that was asked may have granted it too");
    let one_server = requested(ProbePlanV4 { server: Some(SERVER), ..plan() });
    assert!(!one_server.client.is_done());
}
