//! Values in every encoding, and what only looks like one.

use proptest::prelude::*;

use super::*;

fn hidden(values: &[&str], text: &str) -> String {
    let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
    let finder = Finder::new(values.iter());
    let clean = finder.hidden(text.as_bytes()).text.into_owned();
    assert_eq!(finder.find(&clean), None, "{text}");
    String::from_utf8_lossy(&clean).into_owned()
}

/// A value that each encoding changes.
const VALUE: &str = "a<b>'c\" d&e+f/gé%h";

#[test]
fn a_value_is_found_in_every_encoding() {
    for written in [
        VALUE,
        r#"a\u003cb\u003e'c\" d\u0026e+f/g\u00e9%h"#,
        r#"a<b>'c\" d&e+f\/gé%h"#,
        r#"a<b>'c\" d&e+f/g\u00c3\u00a9%h"#,
        r#"a<b>'c\\\" d&e+f/gé%h"#,
        r#"a\\u003cb\\u003e\\u0027c\\\" d\\u0026e+f/g\\u00E9%h"#,
        "a%3Cb%3E%27c%22%20d%26e%2Bf%2Fg%C3%A9%25h",
        "a%3cb%3e'c%22+d%26e%2bf/g%c3%a9%25h",
        "a%253Cb%253E%2527c%2522%2520d%2526e%252Bf%252Fg%25C3%25A9%2525h",
        "%61<b>'c\" d&e+f/gé%h",
        "a&lt;b&gt;&#39;c&quot; d&amp;e+f/gé%h",
        "a&lt;b&gt;'c&#34; d&#x26;e&#x2b;f&#x2F;g&#233;%h",
        "a<b>''c\" d&e+f/gé%h",
        "a<b>'\\''c\" d&e+f/gé%h",
        "a<b>'c\"\" d&e+f/gé%h",
        r"a\074b\076\'c\042\040d\046e\053f\057g\303\251\045h",
        r"a\x3cb\x3e\x27c\x22\x20d\x26e\x2bf\x2fg\xc3\xa9\x25h",
    ] {
        let shown = hidden(&[VALUE], &format!("before {written} after"));
        assert_eq!(shown, "before (redacted) after", "{written}");
    }
}

#[test]
fn a_value_is_found_in_hex_however_it_is_parted() {
    let octets: Vec<String> = "hunter22xyz".bytes().map(|octet| format!("{octet:02x}")).collect();
    for between in ["", ":", " ", "-", ", ", "\\x", " 0x", ":\n  "] {
        for text in [octets.join(between), octets.join(between).to_uppercase().replace('X', "x")] {
            assert_eq!(hidden(&["hunter22xyz"], &format!("<{text}>")), "<(redacted)>", "{text}");
        }
    }
    assert_eq!(hidden(&["hunter22xyz"], &format!("0x00ff{}00", octets.concat())), "0x00ff(redacted)00");
}

#[test]
fn a_value_is_found_in_one_encoding_within_another() {
    let base64 = |text: &str| STANDARD_NO_PAD.encode(text);
    let hex = |text: &str| crate::text::hex(text.as_bytes());
    for value in ["a\"b\\c d%e/f+Gh", "Pläne;für:2030", "Zebra-Q7x-wvut"] {
        let json = serde_json::json!({ "x": value }).to_string();
        let ascii: String = json
            .chars()
            .map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) })
            .collect();
        let percent: String = value
            .bytes()
            .map(|c| if c.is_ascii_alphanumeric() { char::from(c).to_string() } else { format!("%{c:02X}") })
            .collect();
        for written in [
            base64(&json),
            base64(&ascii),
            hex(&json),
            hex(&ascii),
            base64(&percent),
            hex(&percent),
            base64(&base64(value)),
            base64(&hex(value)),
            hex(&hex(value)),
            hex(&base64(value)),
            base64(&base64(&base64(value))),
        ] {
            let shown = hidden(&[value], &format!("before {written} after"));
            assert!(shown.contains("(redacted)") && shown.ends_with(" after"), "{value} {written}: {shown}");
        }
    }
}

#[test]
fn a_value_is_found_in_base64_over_several_lines() {
    let encoded = STANDARD_NO_PAD.encode("user:a value of some length:and what follows it");
    for width in [16, 20, 33, 64] {
        let lines: Vec<&str> =
            encoded.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
        for between in ["\n", "\n    ", "\\n", " \\\n    ", "\\r\\n"] {
            let shown = hidden(&["a value of some length"], &format!("x: {}\nend.\n", lines.join(between)));
            assert!(shown.starts_with("x: (redacted)") && shown.ends_with("\nend.\n"), "{between:?} {shown}");
        }
    }
}

#[test]
fn a_value_is_found_in_text_of_two_octets_a_character() {
    let wide: Vec<u8> = "x=hunter22xyz\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let finder = Finder::new([String::from("hunter22xyz")].iter());
    assert!(finder.find(&wide).is_some());
    assert!(finder.find(&finder.hidden(&wide).text).is_none());
}

#[test]
fn a_value_is_found_in_octets_of_iso_8859_1() {
    let finder = Finder::new([String::from("grüne-Wiese")].iter());
    let octets = b"gr\xfcne-Wiese";
    for text in [&octets[..], b"gr%FCne-Wiese", b"gr\\374ne-Wiese", STANDARD_NO_PAD.encode(octets).as_bytes()] {
        assert_eq!(finder.hidden(&[&b"x "[..], text, b" y"].concat()).text.into_owned(), b"x (redacted) y", "{text:?}");
    }
}

#[test]
fn a_word_is_no_part_of_another() {
    assert_eq!(hidden(&["swordfish"], "swordfishes -pswordfish swordfish1"), "swordfishes -p(redacted) (redacted)1");
    assert_eq!(hidden(&["12345678"], "123456789 id12345678 1.12345678"), "123456789 id(redacted) 1.(redacted)");
}

#[test]
fn what_is_put_in_place_makes_no_other_value() {
    assert_eq!(hidden(&["ed)hunter22", "swordfish22"], "swordfish22hunter22"), "(redact(redacted)");
}

#[test]
fn many_values_are_found_at_once() {
    let values: Vec<String> = (0..20_000).map(|n| format!("value-{n}-of-many")).collect();
    let finder = Finder::new(values.iter());
    let clean = finder.hidden(b"x value-19999-of-many y").text.into_owned();
    assert_eq!(clean, b"x (redacted) y");
}

proptest! {
    #[test]
    fn base64_of_a_value_is_found_wherever_it_begins(
        before in prop::collection::vec(any::<u8>(), 0..7), value in "\\PC{8,20}",
        after in prop::collection::vec(any::<u8>(), 0..7),
    ) {
        let encoded = STANDARD_NO_PAD.encode([&before, value.as_bytes(), &after].concat());
        let finder = Finder::new(std::iter::once(&value));
        prop_assert!(is_ours(value.as_bytes()) || finder.find(encoded.as_bytes()).is_some());
    }

    #[test]
    fn what_is_hidden_is_not_found_again(value in "\\PC{8,20}|[-'\"%\\\\&+a-f0-9 ]{8,16}", around in "\\PC{0,40}") {
        let finder = Finder::new(std::iter::once(&value));
        let hidden = finder.hidden(format!("{around}{value}{around}").as_bytes()).text.into_owned();
        prop_assert!(finder.find(&hidden).is_none());
    }

    #[test]
    fn a_value_in_json_is_found(value in "\\PC{8,20}|[-'\"%\\\\&+a-f0-9 ]{8,16}", layers in 1..4) {
        let mut text = value.clone();
        for _ in 0..layers {
            let quoted = serde_json::to_string(&text).unwrap();
            text = quoted[1..quoted.len() - 1].to_owned();
        }
        let finder = Finder::new(std::iter::once(&value));
        let is_short = view::decoded(value.as_bytes(), finder.how).len() < SHORTEST;
        prop_assert!(is_short || is_ours(value.as_bytes()) || finder.find(text.as_bytes()).is_some());
    }
}
