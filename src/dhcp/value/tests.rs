use proptest::prelude::*;

use super::*;
use crate::dhcp::table::{Entry, NamedFormat, Space};

/// Options with one level of each kind within.
static SPACE: Space = Space {
    what: "options",
    code: Width::One,
    length: Width::One,
    has_pads: true,
    entries: || &[ENTRIES],
    unknown: ValueFormat::Opaque,
    formats: || NAMED,
};
const NAMED: &[NamedFormat] = &[(&["arch"], ValueFormat::Named(&ARCH))];
const ENTRIES: &[Entry] = &[
    Entry::new(1, "Subnet Mask", "subnet-mask", ValueFormat::Ip4),
    Entry::new(3, "Router Option", "routers", ValueFormat::List(&ValueFormat::Ip4)).also(&["gateway"]),
    Entry::new(9, "Nested", "nested", ValueFormat::Options(&SPACE)),
    Entry::new(12, "Host Name Option", "host-name", ValueFormat::Text),
];
static ARCH: Numbers = Numbers { what: "architecture", width: Width::Two, names: &[(0, "bios"), (7, "x64Uefi")] };

const RECORD: ValueFormat = ValueFormat::Record(&[
    Field::new("iaid", ValueFormat::U32),
    Field::optional("time", ValueFormat::Seconds),
    Field::optional("options", ValueFormat::Options(&SPACE)),
]);
const CODES: ValueFormat = ValueFormat::List(&ValueFormat::Code(&SPACE));
const TAGGED: ValueFormat = ValueFormat::Tagged(
    Width::One,
    &[
        Variant { tag: 0, name: "names", format: ValueFormat::Names },
        Variant { tag: 1, name: "addresses", format: ValueFormat::List(&ValueFormat::Ip4) },
    ],
);

/// Every form, and forms of forms.
const FORMATS: &[ValueFormat] = &[
    ValueFormat::Hex,
    ValueFormat::Text,
    ValueFormat::Present,
    ValueFormat::Bool,
    ValueFormat::U8,
    ValueFormat::U16,
    ValueFormat::U32,
    ValueFormat::U64,
    ValueFormat::Seconds,
    ValueFormat::SignedSeconds,
    ValueFormat::Ip4,
    ValueFormat::Ip6,
    ValueFormat::Prefix6,
    ValueFormat::Name,
    ValueFormat::Names,
    ValueFormat::Named(&ARCH),
    ValueFormat::Code(&SPACE),
    ValueFormat::List(&ValueFormat::Ip4),
    ValueFormat::List(&ValueFormat::Seconds),
    CODES,
    ValueFormat::List(&ValueFormat::Named(&ARCH)),
    ValueFormat::List(&ValueFormat::Counted(Width::One, &ValueFormat::Text)),
    ValueFormat::List(&ValueFormat::Counted(Width::One, &ValueFormat::Hex)),
    ValueFormat::List(&ValueFormat::Counted(Width::One, &ValueFormat::List(&ValueFormat::Ip4))),
    ValueFormat::List(&ValueFormat::Counted(Width::One, &RECORD)),
    ValueFormat::List(&ValueFormat::Counted(Width::Two, &ValueFormat::Options(&SPACE))),
    RECORD,
    TAGGED,
    ValueFormat::Options(&SPACE),
    ValueFormat::Record(&[Field::new("type", ValueFormat::U8), Field::new("text", ValueFormat::Text)]),
    ValueFormat::Record(&[Field::new("name", ValueFormat::Name), Field::new("more", ValueFormat::Names)]),
];

fn formats() -> impl Iterator<Item = ValueFormat> {
    FORMATS.iter().copied()
}

fn octets(format: &ValueFormat, text: &str) -> Vec<u8> {
    parse(format, text, &SPACE).unwrap_or_else(|cause| panic!("{text}: {cause}"))
}

/// What `text` means, printed again.
fn again(format: &ValueFormat, text: &str) -> String {
    decode(format, &octets(format, text)).unwrap().show(Style::Verbose)
}

fn json(format: &ValueFormat, text: &str) -> String {
    serde_json::to_string(&decode(format, &octets(format, text)).unwrap()).unwrap()
}

#[test]
fn scalars_are_read_and_printed() {
    for (format, text, wire, shown) in [
        (ValueFormat::Hex, "de:ad-BE ef", &b"\xde\xad\xbe\xef"[..], "DE AD BE EF"),
        (ValueFormat::Hex, "74 65 73 74", b"test", "74 65 73 74 (test)"),
        (ValueFormat::Text, "Initech Groupware", b"Initech Groupware", "Initech Groupware"),
        (ValueFormat::Text, r#""a\x00\n""#, b"a\0\n", r#""a\x00\n""#),
        (ValueFormat::Text, "http://x/ (comment)", b"http://x/", "http://x/"),
        (ValueFormat::Ip4, "192.0.2.1", &[192, 0, 2, 1], "192.0.2.1"),
        (ValueFormat::Bool, "true", &[1], "true"),
        (ValueFormat::U16, "1500", &[5, 220], "1500"),
        (ValueFormat::Seconds, "1h", &[0, 0, 14, 16], "3600 (1 hour)"),
        (ValueFormat::SignedSeconds, "-5h", &[255, 255, 185, 176], "-18000 (-5 hours)"),
        (ValueFormat::Named(&ARCH), "X64UEFI", &[0, 7], "x64Uefi"),
        (ValueFormat::Named(&ARCH), "99", &[0, 99], "99"),
        (ValueFormat::Code(&SPACE), "Router Option", &[3], "3 (Router Option)"),
        (ValueFormat::Present, "present", &[], "present"),
        (ValueFormat::Name, "example.org.", b"\x07example\x03org\0", "example.org"),
    ] {
        assert_eq!(octets(&format, text), wire, "{text}");
        assert_eq!(again(&format, text), shown, "{text}");
    }
}

#[test]
fn full_text_is_taken_as_it_is() {
    assert_eq!(octets(&ValueFormat::FullText, " a \\ \"b\" "), b" a \\ \"b\" ");
    assert_eq!(octets(&ValueFormat::FullText, "a (b) c (d)"), b"a (b) c");
}

#[test]
fn lists_need_no_brackets_and_commas_or_blanks_part_them() {
    let ips = ValueFormat::List(&ValueFormat::Ip4);
    for text in
        ["192.0.2.1, 192.0.2.2", "[192.0.2.1,192.0.2.2]", "192.0.2.1 192.0.2.2", "[\"192.0.2.1\", \"192.0.2.2\"]"]
    {
        assert_eq!(octets(&ips, text), [192, 0, 2, 1, 192, 0, 2, 2], "{text}");
    }
    assert_eq!(again(&ips, "[192.0.2.1 192.0.2.2]"), "192.0.2.1, 192.0.2.2");
    assert_eq!(again(&CODES, "1, gateway,"), "1 (Subnet Mask), 3 (Router Option)");
    let classes = ValueFormat::List(&ValueFormat::Counted(Width::One, &ValueFormat::Text));
    assert_eq!(octets(&classes, "my, class"), b"\x09my, class");
    assert_eq!(again(&classes, "[\"my, class\", b]"), "[\"my, class\", b]");
    assert_eq!(json(&ips, "192.0.2.1"), r#"["192.0.2.1"]"#);
}

#[test]
fn records_take_their_fields_in_any_order() {
    let text = "options={subnet-mask=255.0.0.0, 77=x, 78[hex]=00 01, routers=[192.0.2.1]}, iaid=1";
    let wire = octets(&RECORD, text);
    assert_eq!(wire[..8], [0, 0, 0, 1, 0, 0, 0, 0]);
    let shown = again(&RECORD, text);
    assert_eq!(
        shown,
        "iaid=1, time=0 (0 secs), options={subnet-mask=255.0.0.0, 77=x, 78[hex]=00 01, routers=[192.0.2.1]}"
    );
    assert_eq!(octets(&RECORD, &shown), wire);
    assert_eq!(octets(&RECORD, r#"{"iaid": 1, "options": {"1": "255.0.0.0"}}"#)[8..], [1, 4, 255, 0, 0, 0]);
    assert_eq!(
        json(&RECORD, "iaid=1, options=[1=255.0.0.0]"),
        r#"{"iaid":1,"time":0,"options":[{"code":1,"name":"subnet-mask","value":"255.0.0.0","hex":"ff000000"}]}"#
    );
}

#[test]
fn options_may_be_there_twice_and_out_of_form() {
    let wire = [1, 4, 255, 0, 0, 0, 1, 1, 9, 0, 255];
    let text = decode(&ValueFormat::Options(&SPACE), &wire).unwrap().show(Style::Plain);
    assert_eq!(text, "subnet-mask=255.0.0.0, subnet-mask[hex]=09, 0=present, 255=present");
    assert_eq!(octets(&ValueFormat::Options(&SPACE), &text), wire);
    assert_eq!(octets(&ValueFormat::Options(&SPACE), "1=1.2.3.4, raw[hex]=FF 00"), [1, 4, 1, 2, 3, 4, 255, 0]);
}

#[test]
fn one_of_several_forms_is_chosen_by_name() {
    assert_eq!(octets(&TAGGED, "addresses=[192.0.2.1]"), [1, 192, 0, 2, 1]);
    assert_eq!(again(&TAGGED, "names=[a.b]"), "names=[a.b]");
    assert!(parse(&TAGGED, "", &SPACE).is_err());
}

#[test]
fn options_nested_too_deep_are_shown_as_octets() {
    let mut wire = vec![9, 0];
    for _ in 0..40 {
        wire.splice(0..0, [9, u8::try_from(wire.len()).unwrap()]);
    }
    let text = decode(&ValueFormat::Options(&SPACE), &wire).unwrap().show(Style::Plain);
    assert!(text.contains("nested[hex]=09"), "{text}");
    assert!(parse(&ValueFormat::Options(&SPACE), &"{9=".repeat(5000), &SPACE).is_err());
}

#[test]
fn a_wrong_value_is_answered_with_the_form_and_a_right_one() {
    for (format, text, parts) in [
        (ValueFormat::Ip4, "300.1.1.1", ["\"300.1.1.1\" is not an IPv4 address", "for example: 192.0.2.1"]),
        (ValueFormat::U8, "256", ["a number up to 255", "256 is too big"]),
        (ValueFormat::Ip4, "192.0.2.1 x", ["is not an IPv4 address", "for example:"]),
        (CODES, "roters", ["did you mean \"routers\"", "for example: [1, 1]"]),
        (ValueFormat::Named(&ARCH), "vax", ["there are bios, x64Uefi", "for example: bios"]),
        (ValueFormat::Hex, "abc", ["a hex digit is missing", "for example: 01 02 0A FF"]),
        (RECORD, "time=1", ["the field iaid is missing", "for example: iaid="]),
        (RECORD, "iaid=1, foo=2", ["no field is called \"foo\"", "iaid, time, options"]),
        (ValueFormat::Options(&SPACE), "1[foo]=2", ["no format is called \"foo\"", "options by code or name"]),
    ] {
        let error = parse(&format, text, &SPACE).unwrap_err();
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
}

#[test]
fn the_example_of_every_form_has_it() {
    for format in formats() {
        let (_, example) = format.describe();
        let wire = octets(&format, &example);
        assert!(decode(&format, &wire).is_some(), "{format:?}: {example}");
    }
}

/// Octets near enough to options and names that decoders get somewhere.
fn wire() -> impl Strategy<Value = Vec<u8>> {
    let likely = prop_oneof![Just(0u8), Just(1), Just(2), Just(3), Just(4), Just(9), Just(12), any::<u8>()];
    proptest::collection::vec(likely, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_read_from_octets_prints_as_text_that_means_the_same(wire in wire()) {
        for format in formats() {
            let Some(value) = decode(&format, &wire) else { continue };
            for style in [Style::Verbose, Style::Plain] {
                let text = value.show(style);
                let back = parse(&format, &text, &SPACE);
                prop_assert!(back.is_ok(), "{format:?}: {wire:?} printed as {text}: {back:?}");
                let back = back.unwrap();
                let decoded = decode(&format, &back);
                prop_assert_eq!(decoded.as_ref(), Some(&value), "{:?} {}", format, text);
                if !matches!(format.inner(), ValueFormat::Names | ValueFormat::Tagged(..) | ValueFormat::Record(_)) {
                    prop_assert_eq!(&back, &wire, "{:?} {}", format, text);
                }
            }
            prop_assert!(serde_json::to_string(&value).is_ok());
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[ -~é\\n]{0,40}") {
        for format in formats() {
            let _ = parse(&format, &text, &SPACE);
        }
    }

    #[test]
    fn text_that_is_accepted_survives_printing(text in "[a-z0-9\\[\\]{}=,. \"\\\\x-]{0,24}") {
        for format in formats() {
            let Ok(wire) = parse(&format, &text, &SPACE) else { continue };
            let Some(value) = decode(&format, &wire) else { continue };
            let printed = value.show(Style::Verbose);
            let back = parse(&format, &printed, &SPACE);
            prop_assert_eq!(back.as_ref(), Ok(&wire), "{:?} {} {}", format, text, printed);
        }
    }
}
