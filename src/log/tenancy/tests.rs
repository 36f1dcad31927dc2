use super::*;
use crate::log::client::Clients;

const HOUR: Micros = 3600 * SECOND;

fn lease(text: &str) -> Lease {
    Lease { address: text.parse().unwrap(), length: 32, iaid: None }
}

fn clients() -> (Client, Client) {
    let mut clients = Clients::default();
    (clients.of(b"[hwtype=1 02:aa], cid=[no info]"), clients.of(b"[hwtype=1 02:bb], cid=[no info]"))
}

fn states(tenancies: &Tenancies, now: Micros) -> Vec<State> {
    tenancies.at(Some(now)).iter().map(|stay| stay.state).collect()
}

#[test]
fn a_renewed_lease_is_one_stay() {
    let ((one, _), mut tenancies) = (clients(), Tenancies::default());
    let hour = Some(Lifetime::Seconds(3600));
    assert_eq!(tenancies.given(&lease("10.0.0.1"), one, hour, Some(0), None), None);
    assert_eq!(tenancies.given(&lease("10.0.0.1"), one, hour, Some(HOUR / 2), None), None);
    let stay = &tenancies.at(Some(HOUR))[0];
    assert_eq!((stay.from, stay.until, stay.state), (Some(0), Some(HOUR + HOUR / 2), State::Active));
    assert_eq!(states(&tenancies, 2 * HOUR), [State::Expired]);
}

#[test]
fn an_address_has_two_owners_in_turn() {
    let ((one, other), mut tenancies) = (clients(), Tenancies::default());
    let hour = Some(Lifetime::Seconds(3600));
    tenancies.given(&lease("10.0.0.1"), one, hour, Some(0), None);
    let stay = tenancies.given(&lease("10.0.0.1"), other, hour, Some(HOUR / 2), None).unwrap();
    assert_eq!((stay.state, stay.until), (State::Replaced, Some(HOUR / 2)));
    let stay = tenancies.given(&lease("10.0.0.1"), one, hour, Some(3 * HOUR), None).unwrap();
    assert_eq!((stay.client, stay.state, stay.until), (other, State::Expired, Some(HOUR + HOUR / 2)));
}

#[test]
fn a_lease_ends_before_its_time() {
    let ((one, _), mut tenancies) = (clients(), Tenancies::default());
    let hour = Some(Lifetime::Seconds(3600));
    for (at, address) in ["10.0.0.1", "10.0.0.2", "10.0.0.3"].iter().enumerate() {
        tenancies.given(&lease(address), one, if at == 2 { Some(Lifetime::Infinite) } else { hour }, Some(0), None);
    }
    tenancies.given_up(&lease("10.0.0.1"), one, State::Released, Some(HOUR / 2));
    tenancies.given_up(&lease("10.0.0.2"), one, State::Declined, Some(HOUR / 2));
    assert_eq!(states(&tenancies, 9 * HOUR), [State::Released, State::Declined, State::Active]);
    assert!(tenancies.recovered("10.0.0.2".parse().unwrap()).is_some());
    assert_eq!(states(&tenancies, 9 * HOUR), [State::Released, State::Active]);
}
