use proptest::prelude::*;

use super::*;
use crate::dhcp::value::{Style, parse};
use crate::text::hex;

#[test]
fn option_table_has_every_iana_dhcpv6_option_in_order() {
    let codes: Vec<_> = OPTIONS.iter().map(|entry| entry.code).collect();
    let expected: Vec<u16> = (1..=150).filter(|code| ![10, 35].contains(code)).collect();
    assert_eq!(codes, expected);
}

#[test]
fn no_name_means_two_options() {
    for entry in OPTIONS.iter() {
        for name in [entry.name, entry.key].iter().chain(entry.aliases) {
            assert_eq!(OPTIONS.by_name(name).map(|found| found.code), Some(entry.code), "{name}");
        }
    }
}

#[test]
fn options_are_found_by_the_names_people_use() {
    for (name, code) in [
        ("OPTION_DNS_SERVERS", 23),
        ("dns-servers", 23),
        ("DNS", 23),
        ("ia_pd", 25),
        ("Client FQDN", 39),
        ("ntp-servers", 56),
        ("captive-portal", 103),
        ("sol-max-rt", 82),
    ] {
        assert_eq!(OPTIONS.code_of(name), Ok(code), "{name}");
    }
    assert!(OPTIONS.code_of("dns-server").is_err_and(|error| error.contains("did you mean \"dns-servers\"?")));
}

#[test]
fn values_of_the_options_that_matter_go_both_ways() {
    for (name, text, octets) in [
        ("clientid", "ll:02:00:00:00:00:01", "00030001020000000001"),
        ("serverid", "en:32473:01ff", "000200007ed901ff"),
        (
            "ia-na",
            "iaid=1, t1=1800, t2=2880, options={iaaddr={address=\"2001:db8::64\", preferred=3000, valid=4000}}",
            "000000010000070800000b40000500182001 0db8000000000000000000000064 00000bb800000fa0",
        ),
        (
            "ia-pd",
            "iaid=2, t1=0, t2=0, options={iaprefix={preferred=1, valid=2, prefix-length=56, prefix=\"2001:db8:1::\"}, status-code={status=Success, message=ok}}",
            "000000020000000000000000001a0019000000010000000238 20010db8000100000000000000000000 000d000400006f6b",
        ),
        ("oro", "23, 24, 999", "0017001803e7"),
        ("elapsed-time", "120", "0078"),
        ("rapid-commit", "present", ""),
        ("status-code", "status=NoAddrsAvail, message=none left", "00026e6f6e65206c656674"),
        ("user-class", "[accounting, \"x,y\"]", "000a6163636f756e74696e670003782c79"),
        ("vendor-class", "enterprise=311, data=[MSFT 5.0]", "0000013700084d53465420352e30"),
        ("vendor-opts", "enterprise=32473, options={1=abc, 2[hex]=00 FF}", "00007ed9 00010003616263 0002000200ff"),
        ("interface-id", "eth0", "65746830"),
        (
            "dns-servers",
            "2001:db8::53, 2001:db8::54",
            "20010db800000000000000000000005320010db8000000000000000000000054",
        ),
        ("domain-search", "[example.org, a.example]", "076578616d706c65036f726700016107657861 6d706c6500"),
        ("information-refresh-time", "86400", "00015180"),
        ("remote-id", "enterprise=32473, id=02 00", "00007ed90200"),
        ("client-fqdn", "flags=1, name=host.example.", "0104686f7374076578616d706c6500"),
        ("client-fqdn", "flags=0, name=host", "0004686f7374"),
        (
            "ntp-server",
            "address=\"2001:db8::7b\", name=ntp.example",
            "0001001020010db800000000000000000000007b0003000d036e7470076578616d706c6500",
        ),
        ("bootfile-url", "tftp://[2001:db8::1]/boot.efi", "746674703a2f2f5b323030313a6462383a3a315d2f626f6f742e656669"),
        ("bootfile-param", "[root=/dev/sda, quiet]", "000d726f6f743d2f6465762f73646100057175696574"),
        ("nii", "type=1, major=3, minor=16", "010310"),
        ("client-linklayer-addr", "type=1, address=02 00 00 00 00 01", "0001020000000001"),
        ("sol-max-rt", "3600", "00000e10"),
        ("s46-dmr", "2001:db8::/33", "2120010db800"),
        ("pd-exclude", "prefix-length=64, subnet=01", "4001"),
    ] {
        let entry = OPTIONS.by_name(name).expect(name);
        let octets = octets.replace(' ', "");
        let parsed = parse(&entry.format, text, &OPTIONS).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(hex(&parsed), octets, "{name}");
        let shown = decode(&entry.format, &parsed).expect(name).show(Style::Plain);
        assert_eq!(parse(&entry.format, &shown, &OPTIONS), Ok(parsed), "{name}: {shown}");
        assert_eq!(shown.replace('"', ""), text.replace('"', ""), "{name}");
    }
}

#[test]
fn what_a_client_need_not_say_can_be_left_out() {
    let parsed = parse(&OPTIONS.format(3), "iaid=7", &OPTIONS).map(|octets| hex(&octets));
    assert_eq!(parsed.as_deref(), Ok("000000070000000000000000"));
    let parsed = parse(&OPTIONS.format(26), "prefix-length=56, prefix=\"::\"", &OPTIONS).map(|octets| octets.len());
    assert_eq!(parsed, Ok(25));
}

#[test]
fn the_example_of_every_option_has_its_form() {
    for entry in OPTIONS.iter() {
        let (_, example) = entry.format.describe();
        let octets = parse(&entry.format, &example, &OPTIONS);
        let value = octets.as_ref().ok().and_then(|octets| decode(&entry.format, octets));
        assert!(value.is_some(), "{}: {example}: {octets:?}", entry.key);
    }
}

#[test]
fn associations_nested_in_each_other_are_read_without_end() {
    let depth = 4000;
    let mut octets = Vec::new();
    for level in 1..depth {
        let length = u16::try_from((depth - level) * 16 - 4).unwrap_or(u16::MAX);
        octets.extend([&[0; 12][..], &3u16.to_be_bytes(), &length.to_be_bytes()].concat());
    }
    octets.extend([0; 12]);
    let value = value(SpaceId::Dhcp6, 3, &octets).expect("an association");
    assert!(value.show(Style::Plain).contains("ia-na[hex]="), "too deep to be opened");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_an_option_holds_prints_as_text_that_means_the_same(octets in proptest::collection::vec(prop_oneof![Just(0u8), Just(1), Just(4), any::<u8>()], 0..48)) {
        for entry in OPTIONS.iter() {
            let Some(value) = decode(&entry.format, &octets) else { continue };
            for style in [Style::Plain, Style::Verbose] {
                let text = value.show(style);
                let back = parse(&entry.format, &text, &OPTIONS);
                prop_assert!(back.is_ok(), "{}: {octets:?} printed as {text}: {back:?}", entry.key);
                let again = decode(&entry.format, &back.unwrap_or_default());
                prop_assert_eq!(again.as_ref(), Some(&value), "{}: {}", entry.key, text);
            }
        }
    }
}
