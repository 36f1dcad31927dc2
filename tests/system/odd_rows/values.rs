//! Odd values for each kind of column.

/// What may be written where a number is expected.
pub(super) fn numbers() -> Vec<Vec<u8>> {
    let texts = [
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "9",
        "127",
        "128",
        "129",
        "255",
        "256",
        "+1",
        "-1",
        "+0",
        "-0",
        "00",
        "007",
        "-007",
        "+-1",
        "--1",
        "++1",
        "+",
        "-",
        " 1",
        "1 ",
        "\t1",
        "1.0",
        "1.",
        "1e3",
        "0x10",
        "1_000",
        "1'000",
        "",
        " ",
        "NULL",
        "abc",
        "1a",
        "1\r",
        "1\0",
        "65535",
        "65536",
        "2147483647",
        "2147483648",
        "-2147483648",
        "-2147483649",
        "4294967294",
        "4294967295",
        "4294967296",
        "-4294967295",
        "-4294967296",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999999",
        "000000000000000000000000001",
        "4102444800",
        "4102444800000",
        "1000000000",
        "inf",
        "nan",
        "\u{661}",
    ];
    bytes(&texts)
}

/// What may be written where 0 or 1 is expected.
pub(super) fn flags() -> Vec<Vec<u8>> {
    bytes(&[
        "0", "1", "+0", "+1", "-0", "-1", " 1", "1 ", "true", "false", "True", "t", "yes", "2", "", "00", "01", "+",
        "1\r", "1.0", "1\0", "0\0", "0001", "000", "-00", "-01", "+01", "+-0", "1 1", "NULL",
    ])
}

/// What may be written for an address. Kea loads one of the other family, too; no client can have it, and the server that
/// has it does not give it page by page.
pub(super) fn addresses4() -> Vec<Vec<u8>> {
    bytes(&[
        "10.77.30.001",
        "10.77.030.2",
        " 10.77.30.3",
        "10.77.30.4 ",
        "10.77.7940",
        "168632582",
        "0x0a4d1e07",
        "10.77.30.8/32",
        "10.77.30.9\0",
        "10.77.30.10.",
        "10.77.30.256",
        "10.77.30",
        "10.77.30.+1",
        "10.77.30.-1",
        "",
        "0.0.0.0",
        "255.255.255.255",
        "127.0.0.1",
        "localhost",
        "10.77.30.12%eth0",
        "10,77,30,13",
        "1\u{660}.77.30.1",
        "10.77.30.0",
        "+10.77.30.14",
        "10.77.30.15\r",
    ])
}

pub(super) fn addresses6() -> Vec<Vec<u8>> {
    bytes(&[
        "FD00:77::30:1",
        "fd00:0077:0:0:0:0:0030:0002",
        "fd00:0077:0000:0000:0000:0000:0030:0003",
        "fd00:77::30:4%eth0",
        "fd00:77::30:5/128",
        " fd00:77::30:6",
        "fd00:77::30:7 ",
        "[fd00:77::30:8]",
        "fd00:77::0.48.0.9",
        "fd00:77::30:4%1",
        "fd00:77::30:5%",
        "fd00:77::30:6%lo",
        "fe80::2%lo",
        "fe80::3%1",
        "fe80::4%99",
        "::ffff:192.0.2.1",
        "::192.0.2.1",
        "::",
        "::1",
        "1::",
        "fd00:77:::30:a",
        "fd00:77::30::b",
        "fd00:77::00030:c",
        "",
        "fe80::1",
        "ff02::1",
        "fd00:77::30:d\0",
        "fd00:77::g",
        ":fd00::1",
        "fd00:77::30:",
        "fd00:77:0:0:0:0:30",
        "fd00:77:0:0:0:0:30:1:1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "fd00:77::30:e\r",
        "FD00:77::ABCD:EF",
        "fd00:77::0a00:000b",
        "fd00:77:0:0:0:0:10.77.30.1",
        "fd00:77::010.77.30.1",
    ])
}

/// What may be written for a hardware address.
pub(super) fn hardware() -> Vec<Vec<u8>> {
    let mut values = identifiers();
    values.extend([1, 2, 5, 6, 7, 8, 16, 19, 20, 21].map(hex));
    values.extend(bytes(&[
        "2:0:0:0:0:1",
        "02-00-00-00-00-01",
        "0200.0000.0001",
        "02:00:00:00:00:",
        ":02:00",
        "02::03",
        "FF:fF:Ff",
        "002:00",
        "2",
        "02:0g",
        "2:00:0",
    ]));
    values
}

/// What may be written for a client identifier or DUID.
pub(super) fn identifiers() -> Vec<Vec<u8>> {
    let mut values: Vec<_> =
        [0, 1, 2, 3, 4, 6, 7, 19, 20, 21, 22, 127, 128, 129, 130, 131, 132, 254, 255, 256, 257, 300].map(hex).into();
    values.extend(bytes(&[
        "0102",
        "010203",
        "0x0102",
        "0x010203",
        "0X010203",
        "102",
        "10203",
        "0x10203",
        "01 02 03",
        "01:02 03",
        "1:2:3",
        "1 2 3",
        "01-02-03",
        ":01:02:03",
        "01:02:03:",
        "01::02:03",
        "01:02:0g",
        "zz",
        "zz:zz:zz",
        " ",
        "0x",
        "0",
        "00",
        "000",
        "00:00",
        "00:00:00",
        "000000",
        "0x000000",
        "0:0:0",
        "00:00:00:00",
        "00 00 00",
        "00:00:01",
        " 01:02:03",
        "01:02:03 ",
        "01  02 03",
        "NULL",
        "null",
        "0102:03",
        "001:02:03",
        "01:02:03\r",
        "01:02:03\0",
        "AB:CD:EF",
        "ab:Cd:eF",
        "ABCDEF",
        "x010203",
        "00x010203",
        "1:",
        ":1",
        ":",
        "::",
        "01:2:3",
        "\u{e9}\u{e9}",
        "'client'",
        "+1:02:03",
        "-1:02:03",
        "01:+2:03",
    ]));
    values
}

/// What may be written for a host name.
pub(super) fn hostnames() -> Vec<Vec<u8>> {
    let mut values = bytes(&[
        "host",
        "HOST.Example.ORG.",
        "z\u{fc}rich",
        "Z\u{dc}RICH",
        "\u{4f8b}\u{3048}.\u{1f600}",
        "a\0b",
        "\0",
        "a\tb",
        "a\rb",
        "a\r",
        "\r",
        " ",
        "  blanks  ",
        "\"",
        "\"quoted\"",
        "it's",
        "=1+1",
        "#x",
        "// x",
        "\\195\\169",
        "c:\\x\\",
        "&",
        "&#",
        "&#x",
        "&#x4",
        "&#x41",
        "&#x41;",
        "a&#x",
        "a&#x4",
        "a&#x4g",
        "a&#xg4",
        "a&#xgg",
        "&#X41",
        "&#x2c",
        "&#x2C",
        "&#x26#x41",
        "&#x26;",
        "&#x00",
        "&#x0",
        "&#x0a",
        "&#xff",
        "&#xFF",
        "&#xc3&#xbc",
        "&&#x41",
        "&#&#x41",
        "&#x&#x41",
        "&#x4&#x41",
        "&amp;",
        "&#65;",
        "&#x 4",
        "&#x-1",
        "&#x+1",
        "&#x1 ",
        "a&#x41&#x",
        "a&#x41&#x4",
        "\u{202e}x",
        "\u{feff}x",
        "\u{1b}[31m",
        "null",
        "NULL",
        "192.0.2.1",
    ]);
    values.extend(
        [
            &b"\xff"[..],
            b"\xfcrich",
            b"Z\xfcRICH",
            b"\xc3",
            b"a\xc3",
            b"\xc3\xbc\xff",
            b"\xed\xa0\x80",
            b"\xc0\x80",
            b"\xf8\x88\x80\x80\x80",
            b"\x80\x81\x9f",
            b"\xc4\xd6\xdc",
            b"\xfe\xff\0a",
        ]
        .map(<[u8]>::to_vec),
    );
    values.push((1..=255).filter(|octet| !b"\n,&".contains(octet)).collect());
    values.extend(
        [63, 64, 254, 255, 256, 300, 1000, 4095, 4096, 8191, 8192, 8193, 70_000, 600_000]
            .map(|length| b"x".repeat(length)),
    );
    values
}

/// Numbers and words as values of a member.
const WORDS: &str = "\
        0 -0 +0 1 +1 --1 - + 01 007 -007 0x10 1. 1.0 .5 -.5 1.5.5 1e5 1E5 1e+5 1e-5 1e 1e+ e5 1e5e5 1-1 1+1 \
        1e100 -1e100 1e308 1e309 -1e309 1e-400 1e999999999999 0e0 00.5 1.5e 1.e5 0.1 0.30000000000000004 \
        1e15 1e16 1e17 123456789.125 1234567890123456789 1e5.5 100000000000000000000.0 5e-324 \
        2.2250738585072014e-308 1.7976931348623157e308 9223372036854775807 9223372036854775808 \
        -9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616 \
        170141183460469231731687303715884105727 170141183460469231731687303715884105728 \
        340282366920938463463374607431768211455 340282366920938463463374607431768211456 \
        -340282366920938463463374607431768211455 -340282366920938463463374607431768211456 \
        -170141183460469231731687303715884105729 +18446744073709551616 018446744073709551616 \
        -18446744073709551616 000000000000000000000000000000000000000000000000001 --18446744073709551616 \
        -+18446744073709551616 18446744073709551616- 99999999999999999999999999999999999999999999999999 \
        2147483648 4294967296 true True TRUE tRuE truex true1 false False null Null NULL nil none undefined \
        NaN Infinity -Infinity inf";

/// What is a map, or nearly one.
fn whole_contexts() -> Vec<Vec<u8>> {
    bytes(&[
        "{}",
        "{ }",
        " {}",
        "{} ",
        "\t{}\t",
        "{}\r",
        "\r{}",
        "{}\0",
        "\0{}",
        "\u{b}{}",
        "{}\u{b}",
        "\u{c}{}",
        "{}\u{c}",
        "\u{8}{}",
        "{}\u{8}",
        "\u{a0}{}",
        "\u{feff}{}",
        "[]",
        "[{}]",
        "null",
        "true",
        "1",
        "\"a\"",
        "\"\"",
        " ",
        "  ",
        "{",
        "}",
        "{}}",
        "{{}}",
        "{}{}",
        "{} {}",
        "{} x",
        "{},{}",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1",
        "{\"a\":1,}",
        "{\"a\":1,,\"b\":2}",
        "{,\"a\":1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1;\"b\":2}",
        "{a:1}",
        "{'a':1}",
        "{1:1}",
        "{\"\":1}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":{\"b\":1,\"b\":{}},\"a\":[]}",
        "# x{}",
        "{}# x",
        "// x",
        "{} // x",
        "{/* x */}",
        "/* x */{}",
        "{\"a\":1 /* x */}",
        "{\"a\":1 # x",
        "{# x}",
        "<?include \"x\"?>{}",
    ])
}

/// Strings as values of a member.
fn strings() -> Vec<String> {
    let texts = [
        "\"\"",
        "\"a",
        "\"a\\\"",
        "'a'",
        "\"\\b\\f\\n\\r\\t\\/\\\\\\\"\"",
        "\"\\a\"",
        "\"\\'\"",
        "\"\\0\"",
        "\"\\x41\"",
        "\"\\v\"",
        "\"\\\"",
        "\"\\u0041\"",
        "\"\\u00e9\"",
        "\"\\u00E9\"",
        "\"\\u00c3\\u00bc\"",
        "\"\\u0000\"",
        "\"\\u0100\"",
        "\"\\u20ac\"",
        "\"\\ud83d\\ude00\"",
        "\"\\u41\"",
        "\"\\u004\"",
        "\"\\u00g1\"",
        "\"\\U0041\"",
        "\"a\tb\"",
        "\"a\rb\"",
        "\"a\0b\"",
        "\"\u{1}\u{1f}\u{7f}\"",
        "\"z\u{fc}rich\"",
        "\"/\"",
        "\"</\"",
        "\"a\" \"b\"",
        "\"a,b\"",
        "\"&\"",
        "\"&#x\"",
        "\"&#x26#x41\"",
    ];
    texts.map(str::to_owned).into()
}

/// Lists and maps as values of a member, and blanks of all kinds.
fn lists() -> Vec<String> {
    let texts = [
        "[]",
        "[ ]",
        "[1]",
        "[1,]",
        "[1,,]",
        "[1, ]",
        "[[],]",
        "[[1,],]",
        "[1,2,]",
        "{\"b\":1,}",
        "[,1]",
        "[,]",
        "[1,,2]",
        "[1 2]",
        "[1",
        "1]",
        "[1}",
        "{}",
        "{\"b\":1}",
        "{\"b\":1]",
        "[[[[]]]]",
        "[{\"b\":[{}]}]",
        "[1,2.5,\"x\",null,true,{},[]]",
        "\u{c}1",
        "\u{8}1",
        "\u{b}1",
        "1\u{c}",
        "1\u{8}",
        "1\u{b}",
        "\r1\r",
        "1\u{a0}",
        "1\0",
        "true\0",
        "1/1",
        "@base64:AAAA",
        "\"@base64:AAAA\"",
    ];
    texts.map(str::to_owned).into()
}

/// What may be written for a user context; a comma is escaped afterwards.
pub(super) fn contexts() -> Vec<Vec<u8>> {
    let mut values = whole_contexts();
    let inside = WORDS.split_whitespace().map(str::to_owned).chain(strings()).chain(lists());
    values.extend(inside.map(|value| format!("{{\"a\":{value}}}").into_bytes()));
    values.extend(
        [
            &b"{\"a\":\"\xff\"}"[..],
            b"{\"\xff\":1}",
            b"{\"a\":\"\xc3\"}",
            b"{\"a\":\"\xc3\xbc\xff\"}",
            b"{\"\\u00ff\":1}",
            b"{\"a\":\"\x80\x9b\"}",
            b"\xff{}",
            b"{}\xff",
            b"{\"a\":1\xff}",
        ]
        .map(<[u8]>::to_vec),
    );
    for depth in [50, 90, 99, 100, 129, 250, 251, 300, 1000, 10_000] {
        values.push(nested("[", "]", depth));
        values.push(nested("{\"b\":", "}", depth));
    }
    values.extend(
        [8191, 8192, 70_000, 600_000].map(|length| format!("{{\"a\":\"{}\"}}", "x".repeat(length)).into_bytes()),
    );
    values.push(format!("{{\"a\":[{}]}}", vec!["1"; 2000].join(",")).into_bytes());
    values.push(format!("{{\"ISC\":{}}}", 1).into_bytes());
    values.extend(bytes(&[
        "{\"ISC\":{\"relay-agent-info\":\"0x0107\"}}",
        "{\"ISC\":{\"relay-agent-info\":\"zz\"}}",
        "{\"ISC\":{\"relay-agent-info\":{\"sub-options\":\"0x0107\"}}}",
        "{\"ISC\":{\"relays\":[]}}",
        "{\"ISC\":{\"relay-info\":[{\"hop\":0}]}}",
        "{\"ISC\":{\"client-classes\":[\"a\"]}}",
        "{\"ISC\":{\"client-classes\":1}}",
        "{\"ISC\":[]}",
    ]));
    values
}

fn nested(open: &str, close: &str, depth: usize) -> Vec<u8> {
    format!("{{\"a\":{}1{}}}", open.repeat(depth), close.repeat(depth)).into_bytes()
}

/// An identifier of so many octets.
fn hex(octets: usize) -> Vec<u8> {
    (0..octets).map(|octet| format!("{:02x}", octet % 256)).collect::<Vec<_>>().join(":").into_bytes()
}

fn bytes(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}
