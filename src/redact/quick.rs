//! Whether a text may have a secret at all: most lines of a log have none, and are read at the speed of a search.
//!
//! What this rejects, no rule would change; a test compares them.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::view::{self, How};
use super::{names, shapes};

/// What the rules look for besides names and shapes.
const SIGNS: &[&str] = &[
    "://",
    "@",
    "-----begin",
    "attributes",
    "basic",
    "identified",
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
const BEFORE_OPTIONS: &str = " \t\n\"',[(";

/// A run of so many characters with a colon in it may be a token.
const TOKEN: usize = 38;

/// Shorter runs of characters hide no text.
const SHORTEST_RUN: usize = 10;

/// Whether one of the rules may change a text.
pub(super) fn may_hide(text: &str) -> bool {
    let mut may = may_hide_as_it_is(text.as_bytes());
    if !may {
        view::each_layer(text.as_bytes(), How::default(), &mut |layer| may |= may_hide_as_it_is(layer.octets()));
    }
    may
}

fn may_hide_as_it_is(octets: &[u8]) -> bool {
    let may_be_secret = |run: &[u8]| shapes::may_be_text(run) || run.len() >= TOKEN && run.contains(&b':');
    !octets.is_ascii() || octets.starts_with(b"-") || has_sign(octets) || runs(octets).any(may_be_secret)
}

fn has_sign(octets: &[u8]) -> bool {
    static SEARCH: OnceLock<Option<(AhoCorasick, usize)>> = OnceLock::new();
    let search = SEARCH.get_or_init(|| {
        let (anywhere, at_beginnings) = names::signs();
        let options =
            BEFORE_OPTIONS.chars().flat_map(|before| ('a'..='z').map(move |letter| format!("{before}-{letter}")));
        let options = options.chain(BEFORE_OPTIONS.chars().map(|before| format!("{before}--")));
        let first = anywhere.iter().chain(SIGNS).chain(shapes::BEGINNINGS).copied().filter(|sign| sign.is_ascii());
        let mut all: Vec<String> = first.map(str::to_owned).chain(options).collect();
        let first = all.len();
        all.extend(at_beginnings.iter().filter(|sign| sign.is_ascii()).map(|sign| (*sign).to_owned()));
        let kind = Some(AhoCorasickKind::DFA);
        let built = AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(&all);
        built.ok().map(|search| (search, first))
    });
    let Some((search, anywhere)) = search else { return true };
    search
        .find_overlapping_iter(octets)
        .any(|found| found.pattern().as_usize() < *anywhere || begins_a_word(octets, found.start()))
}

/// Whether a word of a name may begin there.
fn begins_a_word(octets: &[u8], at: usize) -> bool {
    let (Some(before), Some(first)) = (at.checked_sub(1).map(|at| octets[at]), octets.get(at)) else { return true };
    let is_lower = before.is_ascii_lowercase() && first.is_ascii_lowercase();
    let is_upper = before.is_ascii_uppercase()
        && first.is_ascii_uppercase()
        && octets.get(at + 1).is_none_or(|next| !next.is_ascii_lowercase());
    !is_lower && !is_upper
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn usual_lines_are_passed_over() {
        for line in [
            "2026-11-29 08:25:28.079 INFO  [kea-dhcp4.leases/814.140] DHCP4_LEASE_ALLOC [hwtype=1 02:00:5e:00:00:aa], cid=[no info], tid=0x7b: lease 192.0.2.60 has been allocated for 3600 seconds",
            "2026-11-29 08:25:28.079 DEBUG [kea-dhcp4.packets/814.140] DHCP4_PACKET_RECEIVED [hwtype=1 02:00:5e:00:00:aa], cid=[01:02:00:5e:00:00:aa], tid=0x7b: DHCPDISCOVER (type 1) received from 0.0.0.0 to 255.255.255.255 on interface eth0",
        ] {
            assert!(!may_hide(line), "{line}");
        }
    }

    proptest! {
        #[test]
        fn what_is_passed_over_has_nothing_to_hide(
            text in "\\PC{0,60}|[-a-zA-Z0-9:@/=+\"'{}\\[\\] \\\\&?,._$\n]{0,80}|([A-Za-z]{1,8}[ =:-]{1,2}){1,6}|[A-Za-z0-9+/]{12,40}",
            name in "pass|pin|PIN|Auth|sig|myKey|tsigkey|door code|secret|x", end in "[ :=\"']{0,3}[a-z0-9]{0,12}",
        ) {
            for text in [text.clone(), format!("{text}{name}{end}"), format!("{name}{end} {text}")] {
                if !may_hide(&text) {
                    let found = crate::redact::text::unfiltered(&text);
                    prop_assert_eq!(&found, &text);
                }
            }
        }
    }
}
