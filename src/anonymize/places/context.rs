//! User contexts in the maps of clients, as logged commands and configurations have them; those of subnets, pools and
//! servers are none of a client.

use std::ops::Range;

/// No map of a client has more octets before or after its context.
const FARTHEST: usize = 16 << 10;

/// Members that a map has which is of a client.
const OF_CLIENTS: [&[u8]; 7] =
    [b"hw-address", b"duid", b"client-id", b"circuit-id", b"flex-id", b"ip-address", b"ip-addresses"];

/// The map after `"user-context`, which is at `name`, if it is in the map of a client.
pub(super) fn of_client(text: &[u8], name: Range<usize>) -> Option<Range<usize>> {
    let skip = |at: usize| at + text[at..].iter().take_while(|octet| octet.is_ascii_whitespace()).count();
    let colon = skip(name.end + text[name.end..].starts_with(b"\"").then_some(1)?);
    let start = skip(colon + text[colon..].starts_with(b":").then_some(1)?);
    let end = start + length(&text[start..])?;
    (is_named_before(&text[..name.start]) || is_named_after(&text[end..])).then_some(start..end)
}

/// How long the map is that a text begins with.
fn length(text: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    if !text.starts_with(b"{") {
        return None;
    }
    while at < text.len().min(FARTHEST) {
        match text[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            b'"' => at += 1 + string(&text[at + 1..])?,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Where the string ends that began before a text.
fn string(text: &[u8]) -> Option<usize> {
    let mut ends = memchr::memchr_iter(b'"', text);
    ends.find(|end| text[..*end].iter().rev().take_while(|octet| **octet == b'\\').count() % 2 == 0)
}

/// Whether the map that a text ends in has a member that says so.
fn is_named_before(text: &[u8]) -> bool {
    let mut depth = 0;
    for at in (text.len().saturating_sub(FARTHEST)..text.len()).rev() {
        match text[at] {
            b'}' | b']' => depth += 1,
            b'{' | b'[' if depth == 0 => return false,
            b'{' | b'[' => depth -= 1,
            b'"' if depth == 0 && is_name(&text[at + 1..]) => return true,
            _ => {}
        }
    }
    false
}

/// The same of what follows the context.
fn is_named_after(text: &[u8]) -> bool {
    let mut depth = 0;
    for at in 0..text.len().min(FARTHEST) {
        match text[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return false,
            b'}' | b']' => depth -= 1,
            b'"' if depth == 0 && is_name(&text[at + 1..]) => return true,
            _ => {}
        }
    }
    false
}

fn is_name(text: &[u8]) -> bool {
    OF_CLIENTS.iter().any(|name| text.strip_prefix(*name).is_some_and(|rest| rest.starts_with(b"\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_of_clients_are_found_and_others_stay() {
        let found = |text: &'static str| {
            let start = text.find("\"user-context")?;
            of_client(text.as_bytes(), start..start + "\"user-context".len()).map(|place| &text[place])
        };
        for (text, expected) in [
            (r#"{ "ip-address": "192.0.2.1", "user-context": { "a": "}" } }"#, Some(r#"{ "a": "}" }"#)),
            (r#"{ "user-context" : {"a": [ { } ]}, "x": { "y": 1 }, "duid": "1" }"#, Some(r#"{"a": [ { } ]}"#)),
            (r#"{ "id": 1, "reservations": [ { "duid": "1" } ], "user-context": { "a": 1 } }"#, None),
            (r#"{ "user-context": { "a": 1 }, "pools": [ { "ip-address": "x" } ] }"#, None),
            (r#"{ "duid": "1", "user-context": "x" }"#, None),
            (r#"{ "duid": "1", "user-context": { "a""#, None),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }
}
