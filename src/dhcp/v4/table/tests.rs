use std::collections::BTreeSet;

use proptest::prelude::*;

use super::OPTIONS;
use crate::dhcp::value::{Style, ValueFormat, decode, parse};

fn octets(code: u16, text: &str) -> Vec<u8> {
    parse(&OPTIONS.format(code), text, &OPTIONS).unwrap_or_else(|cause| panic!("{code}: {cause}"))
}

fn again(code: u16, text: &str) -> String {
    decode(&OPTIONS.format(code), &octets(code, text)).unwrap().show(Style::Verbose)
}

fn named(format: &str) -> ValueFormat {
    ValueFormat::by_name(format, &OPTIONS).unwrap_or_else(|| panic!("{format}"))
}

#[test]
fn codes_ascend_and_no_name_means_two_options() {
    let codes: Vec<_> = OPTIONS.iter().map(|entry| entry.code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b));
    for entry in OPTIONS.iter() {
        for name in [entry.name, entry.key].iter().chain(entry.aliases) {
            assert_eq!(OPTIONS.by_name(name).map(|found| found.code), Some(entry.code), "{name}");
        }
    }
    let keys: BTreeSet<_> = OPTIONS.iter().map(|entry| entry.key).collect();
    assert_eq!(keys.len(), codes.len());
}

#[test]
fn every_assigned_code_of_the_registry_is_there() {
    let unassigned = [84, 96, 102, 103, 104, 105, 106, 107, 110, 111, 115, 126, 127, 149, 160];
    let assigned = (0..=162).filter(|code| !unassigned.contains(code)).chain([175, 176, 177]);
    for code in assigned.chain(208..=213).chain([220, 221, 255]) {
        assert!(OPTIONS.by_code(code).is_some(), "{code}");
    }
}

#[test]
fn names_of_kea_of_the_rfc_and_of_people_are_one() {
    for name in ["Router Option", "routers", "router", "ROUTER", "router-option", "Router"] {
        assert_eq!(OPTIONS.code_of(name), Ok(3), "{name}");
    }
    assert_eq!(OPTIONS.code_of("82"), Ok(82));
    assert!(OPTIONS.code_of("256").is_err());
    let error = OPTIONS.code_of("domain-name-sever").unwrap_err();
    assert!(error.ends_with("did you mean \"domain-name-servers\"?"), "{error}");
    assert_eq!(OPTIONS.code_of("xyzzyxyzzy").unwrap_err(), "none of the DHCPv4 options is called \"xyzzyxyzzy\"");
}

#[test]
fn every_format_name_of_dhcptest_is_known() {
    let names = "str fullString hex ip boolean u8 u16 u32 duration dhcpMessageType dhcpOptionType netbiosNodeType \
        processorArchitecture zeroLength ips u8s u16s u32s durations dhcpOptionTypes relayAgent \
        vendorSpecificInformation classlessStaticRoute clientIdentifier clientFQDN userClass domainSearch option IP i32 time";
    for name in names.split_whitespace() {
        assert!(ValueFormat::by_name(name, &OPTIONS).is_some(), "{name}");
    }
}

#[test]
fn structured_values_are_written_as_in_dhcptest() {
    for (format, text, wire, shown) in [
        ("dhcpMessageType", "discover", &[1][..], "discover"),
        ("netbiosNodeType", "BP", &[3], "BP"),
        ("processorArchitecture", "x64Uefi", &[0, 7], "x64Uefi"),
        ("processorArchitecture", "255", &[0, 255], "255"),
        ("zeroLength", "present", &[], "present"),
        ("dhcpOptionTypes", "[1, Router Option]", &[1, 3], "1 (Subnet Mask), 3 (Router Option)"),
        (
            "classlessStaticRoute",
            "192.168.2.0/24 -> 192.168.1.50",
            &[24, 192, 168, 2, 192, 168, 1, 50],
            "192.168.2.0/24 -> 192.168.1.50",
        ),
        (
            "classlessStaticRoute",
            r#"[["10.0.0.0/8","192.0.2.1"],["0.0.0.0/0","192.0.2.2"]]"#,
            &[8, 10, 192, 0, 2, 1, 0, 192, 0, 2, 2],
            "10.0.0.0/8 -> 192.0.2.1, 0.0.0.0/0 -> 192.0.2.2",
        ),
        (
            "clientIdentifier",
            "type=1, clientIdentifier=02 00 5E 00 00 01",
            &[1, 2, 0, 0x5e, 0, 0, 1],
            "type=1, clientIdentifier=02 00 5E 00 00 01",
        ),
        (
            "clientFQDN",
            "flags=1, rcode1=0, rcode2=255, name=a.example",
            b"\x01\x00\xff\x01a\x07example\x00",
            "flags=1, rcode1=0, rcode2=255, name=a.example",
        ),
        (
            "clientFQDN",
            "flags=0, rcode1=0, rcode2=255, name=",
            &[0, 0, 255, 0],
            "flags=0, rcode1=0, rcode2=255, name=\"\"",
        ),
        ("userClass", "myclass", b"\x07myclass", "[myclass]"),
        ("userClass", r#"["a","b"]"#, b"\x01a\x01b", "[a, b]"),
        ("domainSearch", "example.com", b"\x07example\x03com\x00", "[example.com]"),
        (
            "relayAgent",
            r#"agentCircuitID="foo", agentRemoteID[hex]=00 01, 151="x", link-selection=192.0.2.0"#,
            b"\x01\x03foo\x02\x02\x00\x01\x97\x01x\x05\x04\xc0\x00\x02\x00",
            "agentCircuitID=foo, agentRemoteID[hex]=00 01, virtual-subnet-select=x, link-selection=192.0.2.0",
        ),
        (
            "vendorSpecificInformation",
            r#"1="x", 2[ip]=192.0.2.1"#,
            b"\x01\x01x\x02\x04\xc0\x00\x02\x01",
            "1=x, 2[hex]=C0 00 02 01",
        ),
        ("option", "Host Name Option=x", b"\x0cx", "host-name=x"),
        ("option", "6=[192.0.2.1]", b"\x06\xc0\x00\x02\x01", "domain-name-servers=[192.0.2.1]"),
        ("i32", "7", &[0, 0, 0, 7], "7"),
    ] {
        let format = named(format);
        let octets = parse(&format, text, &OPTIONS);
        assert_eq!(octets.as_deref(), Ok(wire), "{text}");
        assert_eq!(decode(&format, wire).unwrap().show(Style::Verbose), shown);
    }
}

#[test]
fn values_of_the_registry_are_written_and_read() {
    for (code, text) in [
        (2, "-18000 (-5 hours)"),
        (52, "both"),
        (55, "1 (Subnet Mask), 3 (Router Option), 6 (Domain Name Server Option)"),
        (61, "type=1, clientIdentifier=02 00 5E 00 00 01"),
        (81, "flags=0, rcode1=0, rcode2=0, ascii=host"),
        (81, "flags=4, rcode1=0, rcode2=0, partial=host"),
        (93, "x86BiosInt13h, x64Uefi"),
        (94, "type=1, major=3, minor=16"),
        (97, "type=0, identifier=00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F"),
        (108, "1800 (30 minutes)"),
        (120, "names=[sip.example]"),
        (120, "addresses=[192.0.2.1, 192.0.2.2]"),
        (124, "[{enterprise=9, classes=[a, b c]}]"),
        (125, "[{enterprise=3561, options={1=x, 2[hex]=00}}, {enterprise=9}]"),
        (143, "[\"https://a.example/\"]"),
        (146, "preference=1, primary=192.0.2.1, secondary=192.0.2.2, domains=[a.example]"),
        (150, "192.0.2.1, 192.0.2.2"),
        (151, "status=NotAllowed, message=no"),
        (158, "[[192.0.2.1], [192.0.2.2, 192.0.2.3]]"),
        (162, "[{priority=1, name=dns.example, addresses=[192.0.2.1], parameters=00 01}]"),
        (212, "ipv4MaskLength=0, prefixLength=32, prefix=2001:db8::, relays=[192.0.2.1]"),
        (249, "10.0.0.0/8 -> 192.0.2.1"),
    ] {
        assert_eq!(again(code, text), text, "{code}");
    }
    assert_eq!(octets(61, "type=1, clientIdentifier=020000000001").len(), 7);
    assert_eq!(octets(93, "7 (x64Uefi), efi64"), [0, 7, 0, 7]);
}

#[test]
fn values_out_of_form_are_no_values() {
    for (code, wire) in [
        (3, &[1, 2, 3][..]),
        (51, &[0; 2]),
        (19, &[2]),
        (46, &[0]),
        (46, &[16]),
        (53, &[]),
        (61, &[]),
        (81, &[4, 0]),
        (119, &[0xc0, 0]),
        (121, &[33, 1, 1, 1, 1, 1]),
        (121, &[24, 1, 1]),
        (125, &[0, 0, 0, 1, 9]),
    ] {
        assert_eq!(decode(&OPTIONS.format(code), wire), None, "{code} {wire:?}");
    }
}

#[test]
fn the_example_of_every_option_fits_it() {
    let named = ValueFormat::names(&OPTIONS).into_iter().map(named);
    for format in OPTIONS.iter().map(|entry| entry.format).chain(named) {
        let (what, example) = format.describe();
        let wire = parse(&format, &example, &OPTIONS);
        assert!(wire.as_ref().is_ok_and(|wire| decode(&format, wire).is_some()), "{what}: {example}: {wire:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_any_option_prints_means_the_same_again(
        code in 0..=255u16,
        wire in proptest::collection::vec(prop_oneof![0..=8u8, any::<u8>()], 0..40),
    ) {
        let formats = [OPTIONS.format(code)].into_iter().chain(ValueFormat::names(&OPTIONS).into_iter().map(named));
        for format in formats {
            let Some(value) = decode(&format, &wire) else { continue };
            for style in [Style::Verbose, Style::Plain] {
                let text = value.show(style);
                if matches!(format, ValueFormat::FullText) { continue }
                let back = parse(&format, &text, &OPTIONS);
                prop_assert!(back.is_ok(), "{format:?} {wire:?} printed {text}: {back:?}");
                let back = decode(&format, &back.unwrap());
                prop_assert_eq!(back.as_ref(), Some(&value), "{}", text);
            }
        }
    }
}
