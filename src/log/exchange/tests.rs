use super::*;
use crate::log::client::Clients;

fn lease(text: &str) -> Lease {
    Lease { address: text.parse().unwrap(), length: 32, iaid: None }
}

struct ExchangeFixture {
    exchanges: Exchanges,
    client: Client,
}

impl ExchangeFixture {
    fn new() -> Self {
        Self { exchanges: Exchanges::default(), client: Clients::default().of(b"[hwtype=1 02:aa], cid=[no info]") }
    }

    fn about(&self, thread: u64, time: Micros) -> About {
        let (client, time) = (self.client, Some(time));
        About { is_v6: false, instance: 0, client, xid: 7, thread, time, shows_packets: false, shows_answers: false }
    }

    fn all(&mut self) -> Vec<Exchange> {
        std::iter::from_fn(|| self.exchanges.pop()).collect()
    }
}

#[test]
fn a_repeated_packet_is_an_exchange_of_its_own() {
    let mut fixture = ExchangeFixture::new();
    for thread in [1, 2] {
        let about = fixture.about(thread, 1000 * Micros::try_from(thread).unwrap());
        fixture.exchanges.query(&about);
        fixture.exchanges.received(&about, "DISCOVER", None);
    }
    for (thread, address) in [(2, "10.0.0.2"), (1, "10.0.0.1")] {
        let about = fixture.about(thread, 5000);
        fixture.exchanges.lease(&about, Done::Offered, LogMessageKind::Offered, lease(address), None);
        fixture.exchanges.sent(&about, "OFFER", false, true);
    }
    let all = fixture.all();
    let seen: Vec<_> = all.iter().map(|one| (one.lease.unwrap().address.to_string(), one.duration)).collect();
    assert_eq!(seen, [("10.0.0.1".to_owned(), Some(4000)), ("10.0.0.2".to_owned(), Some(3000))]);
}

#[test]
fn a_parked_packet_is_answered_by_another_thread() {
    let mut fixture = ExchangeFixture::new();
    let about = fixture.about(1, 0);
    fixture.exchanges.received(&about, "REQUEST", None);
    fixture.exchanges.lease(&about, Done::Given, LogMessageKind::Allocated, lease("10.0.0.1"), None);
    let other = fixture.about(9, 700);
    fixture.exchanges.sent(&other, "ACK", false, true);
    let all = fixture.all();
    assert_eq!((all.len(), all[0].answer, all[0].duration), (1, Some("ACK"), Some(700)));
}

#[test]
fn an_allocation_and_its_reuse_are_one() {
    let mut fixture = ExchangeFixture::new();
    let about = fixture.about(0, 0);
    let given = |seconds| Some(Lifetime::Seconds(seconds));
    fixture.exchanges.lease(&about, Done::Offered, LogMessageKind::Offered, lease("10.0.0.1"), None);
    fixture.exchanges.lease(&about, Done::Given, LogMessageKind::Allocated, lease("10.0.0.1"), given(3600));
    fixture.exchanges.lease(&about, Done::Given, LogMessageKind::Reused, lease("10.0.0.1"), given(3581));
    let all = fixture.all();
    assert_eq!(all.iter().map(|one| one.lifetime).collect::<Vec<_>>(), [None, given(3581)]);
}

#[test]
fn an_open_exchange_ends_with_its_patience() {
    let mut fixture = ExchangeFixture::new();
    let about = fixture.about(1, 0);
    fixture.exchanges.received(&about, "DISCOVER", None);
    fixture.exchanges.tick(0, Some(PARKED));
    assert!(fixture.exchanges.over().is_none());
    fixture.exchanges.tick(0, Some(PARKED + 1));
    assert!(fixture.exchanges.over().is_some());
}

#[test]
fn a_clock_that_is_set_back_breaks_no_exchange() {
    let mut fixture = ExchangeFixture::new();
    fixture.exchanges.tick(0, Some(100 * SECOND));
    let about = fixture.about(1, 100 * SECOND);
    fixture.exchanges.received(&about, "DISCOVER", None);
    fixture.exchanges.tick(0, Some(20 * SECOND));
    assert!(fixture.exchanges.over().is_none());
    fixture.exchanges.sent(&fixture.about(1, 20 * SECOND), "OFFER", false, true);
    assert_eq!(fixture.exchanges.over().map(|one| (one.answer, one.duration)), Some((Some("OFFER"), Some(0))));
    fixture.exchanges.received(&fixture.about(1, 21 * SECOND), "REQUEST", None);
    assert!(fixture.exchanges.over().is_none());
}

#[test]
fn only_so_many_exchanges_are_open() {
    let mut fixture = ExchangeFixture::new();
    for xid in 0..u32::try_from(MOST_OPEN).unwrap() + 10 {
        let about = About { xid, ..fixture.about(1, 0) };
        fixture.exchanges.received(&about, "DISCOVER", None);
        while fixture.exchanges.over().is_some() {}
    }
    assert_eq!((fixture.exchanges.forced, fixture.exchanges.open.len()), (10, MOST_OPEN));
}
