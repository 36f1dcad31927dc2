//! Whether a text may have a secret at all: most lines of a log have none, and are read at the speed of a search.
//!
//! What this rejects, no rule would change; a test compares them.

use std::sync::OnceLock;

use super::signs::Signs;
use super::view::{self, How};
use super::{names, shapes};

/// What the rules look for besides names and shapes.
const SIGNS: &[&str] = &[
    "://",
    "@",
    "type=0",
    "option[",
    "option-d",
    "access string",
    "port number",
    "cannot parse",
    "\"=\" after",
    "percent-encoded",
    "-----begin",
    "attributes",
    "basic",
    "identified",
    "kea_",
    "ldap",
    "redis-cli",
    "snmp",
    "radtest",
    "radclient",
    "login",
    "cred",
    "bearer",
    "negotiate",
    "digest",
    "<<<",
    "/p:",
    "| su",
    "kinit",
    "cryptsetup",
    "rabbitmqctl",
    "sqlplus",
    "sqlldr",
    "expdp",
    "impdp",
    "vault",
    "nmcli",
    "hmac-",
    "eyj",
    "$1$",
    "$5$",
    "$6$",
    "$y$",
];

/// What is before an option of a command.
const BEFORE_OPTIONS: &[u8] = b" \t\n\"',[(";

/// A run of so many characters with a colon in it may be a token.
const TOKEN: usize = 38;

/// How many times text in text is looked into.
const DEEPEST: u8 = 3;

/// Shorter runs of characters hide no text.
const SHORTEST_RUN: usize = 10;

/// Whether one of the rules may change a text.
pub(super) fn may_hide(text: &str) -> bool {
    may_hide_within(text, DEEPEST)
}

/// The same of text in text; what is deeper may have anything.
fn may_hide_within(text: &str, depth: u8) -> bool {
    let mut may = depth == 0 || may_hide_as_it_is(text.as_bytes(), depth);
    if !may {
        view::each_layer(text.as_bytes(), How::default(), &mut |layer| may |= may_hide_as_it_is(layer.octets(), depth));
    }
    may
}

fn may_hide_as_it_is(octets: &[u8], depth: u8) -> bool {
    let may_be_secret = |run| may_be_secret(run, depth - 1);
    !octets.is_ascii() || has_sign(octets) || has_option(octets) || runs(octets).any(may_be_secret) || has_star(octets)
}

fn has_sign(octets: &[u8]) -> bool {
    static ALL: OnceLock<Signs> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let (anywhere, words) = names::signs();
        let others = SIGNS.iter().chain(shapes::BEGINNINGS).chain(shapes::SCHEMES);
        Signs::new(anywhere.iter().chain(others).copied(), words.iter().copied())
    });
    all.are_in(octets)
}

/// Whether there is an option of a command, or a hyphen at the beginning.
fn has_option(octets: &[u8]) -> bool {
    let is_option = |at: usize| match (at.checked_sub(1), octets.get(at + 1)) {
        (Some(before), Some(next)) => {
            BEFORE_OPTIONS.contains(&octets[before]) && (next.is_ascii_alphabetic() || *next == b'-')
        }
        (before, _) => before.is_none(),
    };
    memchr::memchr_iter(b'-', octets).any(is_option)
}

/// Whether a run of characters may be a token, or a text with secrets or a login in base64 or hex.
fn may_be_secret(run: &[u8], depth: u8) -> bool {
    let hides = |text: String| text.contains(':') || may_hide_within(&text, depth);
    run.len() >= TOKEN && run.contains(&b':') || shapes::may_be_text(run) && shapes::texts(run).any(hides)
}

/// Whether there is a password's hash of MySQL.
fn has_star(octets: &[u8]) -> bool {
    const LENGTH: usize = 41;
    memchr::memchr_iter(b'*', octets).any(|at| octets.get(at..at + LENGTH).is_some_and(shapes::is_star_hash))
}

/// Runs of what base64 and hex are made of.
fn runs(octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    octets.split(|octet| !IS_PART[usize::from(*octet)]).filter(|run| run.len() >= SHORTEST_RUN)
}

const IS_PART: [bool; 256] = {
    let mut table = [false; 256];
    let mut octet = 0;
    while octet < 128_u8 {
        table[octet as usize] = octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'-' | b'_' | b':');
        octet += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn usual_lines_are_passed_over() {
        for line in [
            "2026-11-29 08:25:28.079 INFO  [kea-dhcp4.leases/814.140] DHCP4_LEASE_ALLOC [hwtype=1 02:00:5e:00:00:aa], cid=[no info], tid=0x7b: lease 192.0.2.60 has been allocated for 3600 seconds",
            "2026-11-29 08:25:28.079 DEBUG [kea-dhcp4.packets/814.140] DHCP4_PACKET_RECEIVED [hwtype=1 02:00:5e:00:00:aa], cid=[01:02:00:5e:00:00:aa], tid=0x7b: DHCPDISCOVER (type 1) received from 0.0.0.0 to 255.255.255.255 on interface eth0",
            "2026-11-29 08:25:28.079 WARN  [kea-dhcp4.alloc-engine/15516.140490038650560] ALLOC_ENGINE_V4_ALLOC_FAIL [hwtype=1 02:aa:00:00:01:3f], cid=[no info], tid=0x607e2b46: failed to allocate an IPv4 address after 1 attempt(s)",
            "2026-11-29 08:25:28.079 INFO  [kea-dhcp4.dhcp4/814.140] DHCP4_DYNAMIC_RECONFIGURATION initiate server reconfiguration using file: /etc/kea/kea-dhcp4.conf, after receiving SIGHUP signal",
            "2026-11-29 08:25:28.079 DEBUG [kea-dhcp4.eval/814.140] EVAL_DEBUG_EQUAL tid=0x9de8895: Popping 0x64726F706D65 and 0x616263646566 pushing result 'false'",
        ] {
            assert!(!may_hide(line), "{line}");
        }
    }

    /// A text as it is, and in encodings that hide it.
    fn written(text: &str, how: u8) -> String {
        let octets: Vec<String> = text.bytes().map(|octet| format!("{octet:02x}")).collect();
        match how {
            0 => STANDARD.encode(text),
            1 => STANDARD_NO_PAD.encode(text),
            2 => URL_SAFE.encode(text),
            3 => octets.concat().to_uppercase(),
            4 => octets.join(":"),
            5 => format!("0x{}", octets.concat()),
            6 => octets.iter().flat_map(|octet| ["%", octet]).collect(),
            7 => STANDARD.encode(STANDARD.encode(text)),
            _ => text.to_owned(),
        }
    }

    fn is_passed_over_or_as_it_was(text: &str) -> Result<(), TestCaseError> {
        if !may_hide(text) {
            let found = crate::redact::text::unfiltered(text);
            prop_assert_eq!(&found, text);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn what_is_passed_over_has_nothing_to_hide(
            text in "\\PC{0,60}|[-a-zA-Z0-9:@/=+\"'{}\\[\\] \\\\&?,._$\n]{0,80}|([A-Za-z]{1,8}[ =:-]{1,2}){1,6}|[A-Za-z0-9+/]{12,40}",
            name in "pass|pin|PIN|Auth|sig|myKey|tsigkey|door code|secret|x", end in "[ :=\"']{0,3}[a-z0-9]{0,12}",
        ) {
            for text in [text.clone(), format!("{text}{name}{end}"), format!("{name}{end} {text}")] {
                is_passed_over_or_as_it_was(&text)?;
            }
        }

        #[test]
        fn names_in_lines_of_kea_are_not_passed_over(
            before in "[a-zA-Z0-9_./-]{0,4}|\"|lease-", after in "s|S|ies|[a-zA-Z0-9_./-]{0,3}|\"|_old",
            name in prop::sample::select({ let (anywhere, words) = names::signs(); [anywhere, words].concat() }),
            end in "[ :=\"']{1,3}[a-zA-Z0-9]{4,12}", case in 0..3,
        ) {
            let name = match case {
                0 => name.to_owned(),
                1 => name.to_uppercase(),
                _ => name.chars().take(1).flat_map(char::to_uppercase).chain(name.chars().skip(1)).collect(),
            };
            let line = format!("INFO  [kea-dhcp4.leases/814.140] HOOK_LOG tid=0x7b: {before}{name}{after}{end} in eth0");
            is_passed_over_or_as_it_was(&line)?;
        }

        #[test]
        fn what_hides_a_secret_is_not_passed_over(
            name in "pass|pin|auth|sig|apiKey|kea|user|x", sign in "[:=]| is |: ", value in "[a-zA-Z0-9:]{1,16}", how in 0..9_u8,
            before in "|id=|id: |'|[a-z]{1,3}[,;]", after in "|'| x|,",
        ) {
            let line = format!("DHCP4_LEASE {before}{}{after}", written(&format!("{name}{sign}{value}"), how));
            is_passed_over_or_as_it_was(&line)?;
        }
    }
}
