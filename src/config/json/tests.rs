use std::io;

use proptest::prelude::*;

use super::*;

/// Reads `text` as `/etc/kea/c.conf`; other files are what `files` says.
fn read(text: impl AsRef<[u8]>, files: &[(&str, &str)]) -> Result<Value, String> {
    let mut reader = |path: &Path| match files.iter().find(|(name, _)| Path::new(name) == path) {
        Some((_, text)) => Ok(text.as_bytes().to_vec()),
        None => Err(io::Error::from_raw_os_error(2)),
    };
    let parsed = parse(Path::new("/etc/kea/c.conf"), text.as_ref().to_vec(), &mut reader);
    parsed.fault.map_or(Ok(parsed.value), |fault| Err(fault.error.to_string()))
}

fn alone(text: impl AsRef<[u8]>) -> Data {
    read(text, &[]).unwrap().data
}

fn error(text: impl AsRef<[u8]>) -> String {
    match read(text, &[]) {
        Ok(value) => panic!("accepted as {}", value.kind()),
        Err(error) => error,
    }
}

fn text(octets: impl AsRef<[u8]>) -> Data {
    Data::Text(octets.as_ref().into())
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        encode(self, b" ", &mut text);
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

#[test]
fn three_kinds_of_comments_are_skipped() {
    let commented = "# a\n// b\r\n/* c\n * /* d */ [1, # e\n 2 /**/ // f\n ] // g";
    assert_eq!(alone(commented), alone("[1, 2]"));
    assert_eq!(alone(r##""# // /* text""##), text("# // /* text"));
}

#[test]
fn commas_may_be_too_many_but_not_first() {
    for (long, short) in [("[1,]", "[1]"), ("[1,,2,,]", "[1,2]"), (r#"{"a":1,,"b":2,,}"#, r#"{"a":1,"b":2}"#)] {
        assert_eq!(alone(long), alone(short));
    }
    assert_eq!(error("[,]"), "/etc/kea/c.conf:1:2: expected a value, found ','");
    assert_eq!(error("{,}"), "/etc/kea/c.conf:1:2: expected a name in double quotes or '}', found ','");
}

#[test]
fn escapes_give_octets() {
    assert_eq!(alone(r#""\"\\\/\b\f\n\r\t\u0041\u00C3\u00bc\u0000""#), text(b"\"\\/\x08\x0c\n\r\tA\xc3\xbc\0"));
    assert_eq!(alone(b"\"\xff\x7f\xc3\xbc\""), text(b"\xff\x7f\xc3\xbc"));
    for wrong in [r#""\u0100""#, r#""\u00""#, r#""\u00+1""#, r#""\x41""#, r#""\'""#] {
        assert!(error(wrong).contains("\\u0000 to \\u00ff"), "{wrong}");
    }
}

#[test]
fn numbers_are_integers_of_64_bits_or_floats() {
    assert_eq!(alone("[007, -01, -9223372036854775808]"), alone("[7, -1, -9223372036854775808]"));
    assert!(matches!(alone("9223372036854775807"), Data::Int(i64::MAX)));
    for float in ["+1", ".5", "5.", "1.e3", "-1E+5", "1e-400"] {
        assert!(matches!(alone(float), Data::Float(_)), "{float}");
    }
    for wrong in ["9223372036854775808", "1e400", "1e", "-", ".", "--1", "1-2", "1.2.3"] {
        assert!(error(wrong).starts_with("/etc/kea/c.conf:1:1: this is no "), "{wrong}");
    }
}

#[test]
fn errors_name_the_line_and_the_column_in_characters() {
    assert_eq!(
        error("{\n  \"zürich\": nul }"),
        "/etc/kea/c.conf:2:13: only true, false and null (in lower case) \
        may be written without double quotes"
    );
    assert_eq!(error("{\"a\": 1\n\t\"b\": 2}"), "/etc/kea/c.conf:2:2: expected ',' or '}', found a string");
    assert_eq!(error("{\"a\"; 1}"), "/etc/kea/c.conf:1:5: unexpected character ';'");
    assert_eq!(error("{\"a\" 1}"), "/etc/kea/c.conf:1:6: expected ':', found a number");
    assert_eq!(error("{} 1"), "/etc/kea/c.conf:1:4: expected nothing more, found a number");
    assert_eq!(error("{},"), "/etc/kea/c.conf:1:3: expected nothing more, found ','");
    assert_eq!(error("{\n"), "/etc/kea/c.conf:2:1: expected a name in double quotes or '}', found the end of the file");
    assert_eq!(error(""), "/etc/kea/c.conf:1:1: expected a value, found the end of the file");
    assert_eq!(error("\u{feff}{}"), "/etc/kea/c.conf:1:1: a byte order mark is not allowed");
    assert_eq!(error(" /* {}"), "/etc/kea/c.conf:1:2: this comment has no end (*/)");
    assert_eq!(error("\"a\nb\""), "/etc/kea/c.conf:1:3: a control character in a string must be written as \\u00XX");
    assert_eq!(error("\"a"), "/etc/kea/c.conf:1:1: this string has no end");
    assert_eq!(error("\u{a0}"), "/etc/kea/c.conf:1:1: unexpected octet 0xc2");
}

#[test]
fn a_name_given_twice_has_both_places() {
    let twice = error("{\"a\": 1,\n \"\\u0061\": 2}");
    assert_eq!(twice, "/etc/kea/c.conf:2:2: \"a\" is given twice (first at /etc/kea/c.conf:1:7)");
}

#[test]
fn a_name_given_twice_is_found_in_a_large_map() {
    let members = |count: usize| (0..count).map(|n| format!("\"{n}\": {n}")).collect::<Vec<_>>();
    assert!(read(format!("{{{}}}", members(1000).join(",")), &[]).is_ok());
    for twice in ["0", "31", "32", "998"] {
        let text = format!("{{{}, \"{twice}\": 0}}", members(1000).join(","));
        assert!(error(text).contains(&format!("\"{twice}\" is given twice")), "{twice}");
    }
}

#[test]
fn an_error_never_repeats_a_value() {
    for wrong in ["hunter2", "\"x\" \"hunter2\"", "\"hunter2", "\"hunter\\2\"", "'hunter2'", "\"x\", \"hunter2\""] {
        let message = error(format!("{{\"password\": {wrong}}}"));
        assert!(!message.contains("hunter"), "{message}");
    }
}

#[test]
fn an_include_may_hold_a_value_members_or_items() {
    let files = [("/value", "1 # no newline"), ("/members", r#""b": [ 2,"#), ("/items", "3, 4 ]"), ("/empty", "")];
    let text = r#"{ "a": <?include "/value"?>, <? include "/members" ?> <?include"/items"
        ?>, <?include "/empty"?> "c": "<?include" }"#;
    assert_eq!(read(text, &files).unwrap(), read(r#"{"a":1,"b":[2,3,4],"c":"<?include"}"#, &[]).unwrap());
}

#[test]
fn a_relative_include_has_two_places() {
    let files =
        [("here", "1"), ("/etc/kea/here", "2"), ("/etc/kea/sub/a", "<?include \"b\"?>"), ("/etc/kea/sub/b", "3")];
    let both = read(r#"[ <?include "here"?>, <?include "sub/a"?> ]"#, &files).unwrap();
    assert_eq!(both.data, alone("[1, 3]"));
    assert_eq!(
        read("\n<?include \"gone\"?>", &files).unwrap_err(),
        "/etc/kea/c.conf:2:1: include \"gone\": No such file or directory (a relative path is looked for in the \
         working directory, then in the directory of the including file)"
    );
}

#[test]
fn an_error_in_an_included_file_names_that_file() {
    let files = [("/a", "[\n,]")];
    assert_eq!(read("<?include \"/a\"?>", &files).unwrap_err(), "/a:2:1: expected a value, found ','");
    assert_eq!(read("[", &[]).unwrap_err(), "/etc/kea/c.conf:1:2: expected a value, found the end of the file");
}

#[test]
fn includes_end_somewhere() {
    let circle = [("/a", "<?include \"/b\"?>"), ("/b", "<?include \"/a\"?>")];
    assert_eq!(read("<?include \"/a\"?>", &circle).unwrap_err(), "/b:1:1: \"/a\" includes itself");
    let chain: Vec<_> = (0..20).map(|n| (format!("/{n}"), format!("<?include \"/{}\"?>", n + 1))).collect();
    let chain: Vec<_> = chain.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(read("<?include \"/0\"?>", &chain).unwrap_err(), "/10:1:1: includes are nested deeper than 11");
    let ten: Vec<_> = (0..9).map(|n| (format!("/{n}"), format!("<?include \"/{}\"?>", n + 1).repeat(10))).collect();
    let ten: Vec<_> = ten.iter().map(|(name, text)| (name.as_str(), text.as_str())).chain([("/9", "")]).collect();
    assert!(read("<?include \"/0\"?>", &ten).unwrap_err().ends_with("there are more than 10000 includes"));
    for wrong in ["<?include \"\"?>", "<?include \"a\" x?>", "<?include \"a", "<? ?>", "<?Include \"a\"?>"] {
        assert_eq!(error(wrong), "/etc/kea/c.conf:1:1: expected <?include \"file\"?>", "{wrong}");
    }
}

#[test]
fn depth_is_bounded() {
    alone("[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH));
    let deep = error("{\"a\":[".repeat(1_000_000));
    assert_eq!(deep, "/etc/kea/c.conf:1:601: maps and lists are nested deeper than 200");
}

/// Writes `data` with `space` between all tokens.
fn encode(data: &Data, space: &[u8], out: &mut Vec<u8>) {
    match data {
        Data::Null => out.extend(b"null"),
        Data::Bool(flag) => out.extend(flag.to_string().into_bytes()),
        Data::Int(number) => out.extend(number.to_string().into_bytes()),
        Data::Float(number) => out.extend(format!("{number:e}").into_bytes()),
        Data::Text(octets) => encode_text(octets, out),
        Data::List(items) => {
            out.push(b'[');
            for item in items {
                encode(&item.data, space, out);
                out.push(b',');
                out.extend(space);
            }
            out.push(b']');
        }
        Data::Map(members) => {
            out.push(b'{');
            for (name, value) in members.iter() {
                encode_text(name, out);
                out.extend(space);
                out.push(b':');
                encode(&value.data, space, out);
                out.extend(space);
                out.push(b',');
            }
            out.push(b'}');
        }
    }
}

fn encode_text(octets: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &octet in octets {
        match octet {
            b'"' | b'\\' => out.extend([b'\\', octet]),
            0..=0x1f | 0x7f..=0xbf => out.extend(format!("\\u00{octet:02x}").into_bytes()),
            _ => out.push(octet),
        }
    }
    out.push(b'"');
}

fn any_data() -> impl Strategy<Value = Data> {
    let scalar = prop_oneof![
        Just(Data::Null),
        any::<bool>().prop_map(Data::Bool),
        any::<i64>().prop_map(Data::Int),
        (-1e300..1e300).prop_map(Data::Float),
        any::<Vec<u8>>().prop_map(|octets| Data::Text(octets.into())),
    ];
    scalar.prop_recursive(5, 40, 5, |inner| {
        let value = inner.prop_map(|data| Value { position: Position::default(), data });
        let map = |members: std::collections::BTreeMap<Vec<u8>, Value>| {
            let mut map = Map::default();
            for (name, value) in members {
                map.push(name, value);
            }
            Data::Map(map)
        };
        prop_oneof![
            prop::collection::vec(value.clone(), 0..5).prop_map(|items| Data::List(items.into())),
            prop::collection::btree_map(any::<Vec<u8>>(), value, 0..5).prop_map(map),
        ]
    })
}

proptest! {
    #[test]
    fn any_octets_are_read_or_refused(octets: Vec<u8>) {
        let _ = read(&octets, &[]);
    }

    #[test]
    fn any_heap_of_tokens_is_read_or_refused(words in prop::collection::vec(prop::sample::select(vec![
        "{", "}", "[", "]", ",", ":", "\"a\"", "\"b", "\\", "1", "-", "true", "<?include \"/a\"?>", "<?", "/*", "*/", "#", "\n",
    ]), 0..40)) {
        let _ = read(words.concat(), &[("/a", "1, <?include \"/b\"?>"), ("/b", "\"x\": [")]);
    }

    #[test]
    fn what_is_written_is_read_back(data in any_data(), space in "[ \t\r\n]{0,2}(#x\n|/\\*\\*/)?") {
        let mut text = Vec::new();
        encode(&data, space.as_bytes(), &mut text);
        prop_assert_eq!(alone(text), data);
    }
}
