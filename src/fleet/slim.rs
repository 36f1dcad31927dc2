//! A configuration as a server reports it, without its secrets and what has nothing to do with pools.
//!
//! A server reports every setting of each subnet, most of them with their default; to parse all of that takes most of the memory of
//! this program. Secrets are left out before anything is parsed, so that none of them is in memory longer than its answer.

/// Members that neither pools nor their leases depend on.
const LEFT_OUT: [&str; 32] = [
    "4o6-interface",
    "4o6-interface-id",
    "4o6-subnet",
    "authoritative",
    "boot-file-name",
    "cache-max-age",
    "cache-threshold",
    "calculate-tee-times",
    "hostname-char-replacement",
    "hostname-char-set",
    "interface",
    "interface-id",
    "loggers",
    "match-client-id",
    "max-preferred-lifetime",
    "max-valid-lifetime",
    "min-preferred-lifetime",
    "min-valid-lifetime",
    "next-server",
    "option-data",
    "option-def",
    "preferred-lifetime",
    "rapid-commit",
    "rebind-timer",
    "relay",
    "require-client-classes",
    "evaluate-additional-classes",
    "server-hostname",
    "store-extended-info",
    "t1-percent",
    "t2-percent",
    "test",
];

/// All members that begin so are left out too.
const OF_DDNS: &str = "ddns-";

/// Members that hold secrets.
const SECRETS: [&str; 4] = ["authentication", "basic-auth-password", "password", "secret"];

/// The configuration without secrets and without settings that do not matter. A comma may be left before the end of a map, as Kea's
/// dialect of JSON allows.
pub(super) fn slim(text: &str) -> String {
    let is_left_out = |name: &str| SECRETS.contains(&name) || LEFT_OUT.contains(&name) || name.starts_with(OF_DDNS);
    without(text, is_left_out)
}

/// The configuration without the members that hold secrets.
pub(super) fn without_secrets(text: &str) -> String {
    without(text, |name| SECRETS.contains(&name))
}

fn without(text: &str, is_left_out: impl Fn(&str) -> bool) -> String {
    let mut out = String::with_capacity(text.len() / 2);
    let mut rest = text;
    while let Some(start) = rest.find('"') {
        let end = start + string_length(&rest[start..]);
        let name = rest.get(start + 1..end.saturating_sub(1)).unwrap_or_default();
        let after = rest[end..].trim_start();
        if after.starts_with(':') && is_left_out(name) {
            out.push_str(&rest[..start]);
            rest = after_value(&after[1..]);
        } else {
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        }
    }
    out + rest
}

/// How long the string is that the text begins with, with its quotes.
fn string_length(text: &str) -> usize {
    let mut is_escape = false;
    for (at, octet) in text.bytes().enumerate().skip(1) {
        match octet {
            b'"' if !is_escape => return at + 1,
            _ => is_escape = octet == b'\\' && !is_escape,
        }
    }
    text.len()
}

/// What follows the value that the text begins with, and the comma after it.
fn after_value(text: &str) -> &str {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(octet) = text.as_bytes().get(at) {
        match octet {
            b'"' => at += string_length(&text[at..]) - 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return &text[at..],
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => return &text[at + 1..],
            _ => {}
        }
        at += 1;
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_do_not_matter_are_left_out() {
        let text = r#"{ "Dhcp4": { "loggers": [{"a": "]\"}"}], "subnet4": [
            { "id": 1, "relay": { "ip-addresses": [ "x,y" ] }, "pools": [{ "option-data": [ ], "pool": "a - b" }], "t1-percent": 0.5 },
            { "ddns-x": true, "id": 2 } ] } }"#;
        let left = slim(text).split_whitespace().collect::<String>();
        assert_eq!(left, r#"{"Dhcp4":{"subnet4":[{"id":1,"pools":[{"pool":"a-b"}],},{"id":2}]}}"#);
    }

    #[test]
    fn secrets_are_left_out() {
        let text = r#"{ "lease-database": { "password": "s3\"cret", "name": "kea" }, "authentication": { "clients": [{ "x": "s3cret" }] } }"#;
        for left in [slim(text), without_secrets(text)] {
            assert!(!left.contains("cret") && left.contains("kea"), "{left}");
        }
    }

    #[test]
    fn a_value_with_such_a_name_stays() {
        let text = r#"{ "name": "relay", "user-context": { "x": "option-data: 5, }" } }"#;
        assert_eq!(slim(text), text);
    }

    #[test]
    fn a_text_that_is_cut_off_is_taken_as_it_is() {
        for text in ["", "\"", "{ \"relay\": ", "{ \"relay\": [\"x", "\"a\\", "{ \"relay\" : \"\\"] {
            let _ = slim(text);
        }
    }
}
