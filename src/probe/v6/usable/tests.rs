use super::*;
use crate::dhcp::v6::{Message, Opt};

fn source() -> IpAddr {
    "fe80::9".parse().unwrap()
}

fn item(address: &str, prefix_length: u8) -> Item {
    Item { address: address.parse().unwrap(), prefix_length, preferred: 1800, valid: 3600 }
}

fn addresses() -> Association {
    Association { items: vec![item("2001:db8::9:1", 128)], ..Association::new(AssociationKind::Addresses, 7) }
}

fn prefixes() -> Association {
    Association { items: vec![item("2001:db8:9::", 56)], ..Association::new(AssociationKind::Prefixes, 7) }
}

fn status(code: u16) -> Opt {
    Opt::new(code::STATUS_CODE, [&code.to_be_bytes()[..], b"no"].concat())
}

/// An association's option with a status in it.
fn with_status(one: &Association, code: u16) -> Opt {
    let Opt { code: number, octets } = one.to_option();
    let inner = Message::new(MessageType(0), 0).with(status(code)).encode();
    Opt::new(number, [&octets[..], &inner[4..]].concat())
}

/// What is found in a message with these options, by a client that asked for what is in `wanted`.
fn found(wanted: &[Association], options: &[Opt]) -> Found {
    let message =
        options.iter().fold(Message::new(MessageType::REPLY, 1), |message, option| message.with(option.clone()));
    let octets = message.encode();
    leases(&Packet::parse(&octets), wanted, None, source())
}

/// The same of one association that is changed before it is sent; the reason why it is useless.
fn why_useless(one: Association, change: impl Fn(&mut Association)) -> Option<(Rejection, String)> {
    let mut sent = one.clone();
    change(&mut sent);
    let found = found(&[one], &[sent.to_option()]);
    assert_eq!((found.usable.is_empty(), found.refusal), (found.useless.is_some(), None));
    found.useless.map(|discard| (discard.reason, discard.found.unwrap_or_default()))
}

#[test]
fn a_good_association_is_taken_as_it_is() {
    assert_eq!(why_useless(addresses(), |_| {}), None);
    assert_eq!(why_useless(prefixes(), |_| {}), None);
}

#[test]
fn times_that_make_clients_discard_an_association() {
    let with = |t1, t2| why_useless(addresses(), |one| (one.t1, one.t2) = (t1, t2));
    let words = "IA_NA with T1 3000 s after T2 1000 s".to_owned();
    assert_eq!(with(3000, 1000), Some((Rejection::Lifetimes, words)));
    for (t1, t2) in [(0, 0), (3000, 0), (1000, 1000), (0, 1000), (5000, 6000), (u32::MAX, u32::MAX)] {
        assert_eq!(with(t1, t2), None, "{t1} {t2}");
    }
}

#[test]
fn lifetimes_that_make_clients_discard_an_address() {
    let with = |preferred, valid| {
        why_useless(addresses(), |one| (one.items[0].preferred, one.items[0].valid) = (preferred, valid))
    };
    for (preferred, valid, words) in [
        (7200, 3600, "2001:db8::9:1, preferred for 7200 s but valid for 3600 s only"),
        (0, 0, "2001:db8::9:1 with a valid lifetime of 0"),
        (1800, 0, "2001:db8::9:1 with a valid lifetime of 0"),
    ] {
        assert_eq!(with(preferred, valid), Some((Rejection::Lifetimes, words.into())));
    }
    assert_eq!(with(0, 3600), None, "a deprecated address is one");
    assert_eq!(with(u32::MAX, u32::MAX), None);
}

#[test]
fn addresses_and_prefixes_that_no_client_can_use() {
    for (address, why) in [
        ("::", "which is no address"),
        ("ff02::1", "a multicast address"),
        ("::1", "the loopback address"),
        ("fe80::1234", "a link-local address"),
        ("fe80::9", "the server's own address"),
    ] {
        let found = why_useless(addresses(), |one| one.items[0].address = address.parse().unwrap());
        assert_eq!(found, Some((Rejection::Address, format!("{address}, {why}"))));
    }
    for (prefix, length, reason) in [
        ("::", 56, Rejection::Address),
        ("fe80::", 56, Rejection::Address),
        ("ff00::", 56, Rejection::Address),
        ("2001:db8:9::", 0, Rejection::PrefixLength),
        ("2001:db8:9::", 129, Rejection::PrefixLength),
        ("2001:db8:9::", 255, Rejection::PrefixLength),
    ] {
        let found = why_useless(prefixes(), |one| one.items[0] = item(prefix, length));
        assert_eq!(found.map(|(reason, _)| reason), Some(reason), "{prefix}/{length}");
    }
}

#[test]
fn one_usable_address_is_enough() {
    let mut sent = addresses();
    sent.items.insert(0, Item { valid: 0, ..sent.items[0] });
    let found = found(&[addresses()], &[sent.to_option()]);
    assert_eq!((found.usable, found.refusal), (vec![addresses()], None));
}

#[test]
fn a_status_says_no_wherever_it_is() {
    let top = found(&[addresses()], &[addresses().to_option(), status(1)]);
    assert_eq!((top.refusal.as_deref(), top.usable.len()), (Some("UnspecFail: no"), 0));
    // The other address is not given.
    let within = found(&[addresses()], &[with_status(&addresses(), 2)]);
    assert_eq!((within.refusal.as_deref(), within.usable.len()), (Some("NoAddrsAvail: no"), 0));
    for options in [vec![addresses().to_option(), status(0)], vec![with_status(&addresses(), 0)]] {
        let said = found(&[addresses()], &options);
        assert_eq!((said.refusal, said.usable), (None, vec![addresses()]), "Success is no refusal");
    }
}

#[test]
fn nothing_given_is_told_from_something_for_others() {
    let reason = |options: &[Opt]| found(&[addresses()], options).useless.map(|discard| discard.reason);
    assert_eq!(reason(&[]), Some(Rejection::NothingGiven));
    assert_eq!(reason(&[Association::new(AssociationKind::Addresses, 7).to_option()]), Some(Rejection::NothingGiven));
    assert_eq!(reason(&[Association { iaid: 8, ..addresses() }.to_option()]), Some(Rejection::OtherAssociation));
    assert_eq!(reason(&[Opt::new(code::IA_NA, [0, 0, 0, 7, 0, 0])]), Some(Rejection::NothingGiven));
}

#[test]
fn a_part_of_what_was_asked_for_is_something_to_live_on() {
    let both = [addresses(), prefixes()];
    let found = found(&both, &[addresses().to_option()]);
    assert_eq!((found.usable, found.refusal.as_deref()), (vec![addresses()], Some("no prefix in it")));
    assert_eq!(found.useless, None);
}

#[test]
fn options_of_a_wrong_length_make_clients_discard_the_message() {
    let checked = |kind, option: Opt| {
        let octets = Message::new(kind, 1).with(option).encode();
        check_form(&Packet::parse(&octets), kind).err().and_then(|discard| discard.found)
    };
    let advertise = |option| checked(MessageType::ADVERTISE, option);
    let preference = |octets: &[u8]| Opt::new(code::PREFERENCE, octets);
    assert_eq!(advertise(preference(&[])).as_deref(), Some("option 7, preference, has 0 octets"));
    assert_eq!(advertise(preference(&[1, 2])).as_deref(), Some("option 7, preference, has 2 octets"));
    assert_eq!(advertise(preference(&[255])), None);
    assert_eq!(checked(MessageType::REPLY, preference(&[])), None);
    assert_eq!(advertise(Opt::new(code::STATUS_CODE, [0])).as_deref(), Some("option 13, status code, has 1 octets"));
}

#[test]
fn odd_times_and_prefixes_are_remarked_on() {
    let about = |one: Association| {
        let octets = Message::new(MessageType::REPLY, 1).with(one.to_option()).encode();
        remarks(&Packet::parse(&octets), &[one]).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(about(prefixes()), Vec::<String>::new());
    let late = about(Association { t1: 5000, t2: 6000, ..addresses() });
    assert_eq!(late, ["IA_NA with T1 5000 s, T2 6000 s, valid for 3600 s only (RFC 8415 section 21.4)"]);
    for (prefix, length, why) in [
        ("2001:db8:9::1", 56, "which has bits beyond its length"),
        ("2001:db8:9::", 96, "too long for a link of its own"),
    ] {
        let odd = about(Association { items: vec![item(prefix, length)], ..prefixes() });
        assert_eq!(odd, [format!("{prefix}/{length}, {why} (RFC 8415 section 21.22)")]);
    }
}

#[test]
fn a_status_says_no_to_what_it_is_about() {
    let both = [addresses(), prefixes()];
    let given = [addresses().to_option(), prefixes().to_option()];
    for (code, asked, refused, usable) in [
        (2, &both[..1], true, 0),
        (2, &both[1..], false, 1),
        (2, &both, true, 1),
        (6, &both[..1], false, 1),
        (6, &both[1..], true, 0),
        (6, &both, true, 1),
        (1, &both, true, 0),
        (5, &both[1..], true, 0),
        (2, &[], true, 0),
    ] {
        let found = found(asked, &[&given[..], &[status(code)]].concat());
        assert_eq!((found.refusal.is_some(), found.usable.len()), (refused, usable), "{code} {asked:?}");
    }
}

#[test]
fn a_status_that_is_too_short_is_malformed_wherever_it_is() {
    let within =
        |inner: &Opt, code: u16, fixed: usize| Opt::new(code, [&vec![0; fixed][..], &octets_of(inner)].concat());
    for short in [Opt::new(code::STATUS_CODE, []), Opt::new(code::STATUS_CODE, [0])] {
        let places = [
            short.clone(),
            within(&short, code::IA_NA, 12),
            within(&short, code::IA_PD, 12),
            within(&within(&short, code::IAADDR, 24), code::IA_NA, 12),
            within(&within(&short, code::IAPREFIX, 25), code::IA_PD, 12),
        ];
        for place in places {
            let octets = Message::new(MessageType::REPLY, 1).with(place.clone()).encode();
            let checked = check_form(&Packet::parse(&octets), MessageType::REPLY).map_err(|discard| discard.reason);
            assert_eq!(checked, Err(Rejection::Malformed), "{place:?}");
        }
    }
}

/// An option as it is sent.
fn octets_of(option: &Opt) -> Vec<u8> {
    Message::new(MessageType(0), 0).with(option.clone()).encode().split_off(4)
}
