//! Which logger each message of Kea belongs to, and its severity in each release.
//!
//! `messages.txt` has a line for each message id that Kea 1.8 to 3.3 logs: the logger, then its severities, each after the
//! release it came with. `I`, `W`, `E`, `F` are severities, `D50` is DEBUG with its level, `x` is no message, `?` is not
//! known. What follows `@` is another logger.

use std::cmp::Ordering;

use crate::log::message::Severity;
use crate::release::Release;

const TABLE: &str = include_str!("messages.txt");

/// What is known of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its logger, without the daemon's name.
    pub logger: &'static str,
    /// Its severity and debug level, if they are known.
    pub(super) severity: Option<(Severity, u8)>,
    /// Whether the release has this message.
    pub is_in_release: bool,
}

/// What a release says of the message with this id; `None` of an id that no release has.
#[must_use]
pub fn of(id: &str, release: Release) -> Option<Known> {
    let (_, logger, steps) = lines().find(|(known, ..)| *known == id)?;
    let mut known = Known { logger, severity: None, is_in_release: false };
    for step in steps.split(',') {
        let (since, what) = step.split_once(':').unwrap_or(("", step));
        let since = if since.is_empty() { Some(Release::new(0, 0, 0)) } else { since.parse().ok() };
        if since.is_none_or(|since| since > release) {
            break;
        }
        let (severity, other) = what.split_once('@').unwrap_or((what, logger));
        known = Known { logger: other, severity: read(severity), is_in_release: severity != "x" };
    }
    Some(known)
}

/// The id that is most like this one.
#[must_use]
pub fn nearest(id: &str) -> Option<&'static str> {
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(known, id);
    let order = |one: &f64, other: &f64| one.partial_cmp(other).unwrap_or(Ordering::Equal);
    let (best, known) = lines().map(|(known, ..)| (likeness(known), known)).max_by(|(a, _), (b, _)| order(a, b))?;
    (best > 0.8).then_some(known)
}

/// Whether a text has the form of an id: capitals, digits and underscores.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let is_part = |part: &str| part.bytes().all(|octet| octet.is_ascii_uppercase() || octet.is_ascii_digit());
    text.contains('_') && text.starts_with(|first: char| first.is_ascii_uppercase()) && text.split('_').all(is_part)
}

fn lines() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    TABLE.lines().filter_map(|line| {
        let mut fields = line.split(' ');
        Some((fields.next()?, fields.next()?, fields.next()?))
    })
}

fn read(text: &str) -> Option<(Severity, u8)> {
    Some(match text.split_at_checked(1)? {
        ("D", level) => (Severity::Debug, level.parse().unwrap_or(0)),
        ("I", _) => (Severity::Info, 0),
        ("W", _) => (Severity::Warn, 0),
        ("E", _) => (Severity::Error, 0),
        ("F", _) => (Severity::Fatal, 0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(id: &str, release: &str) -> Option<(&'static str, Option<(Severity, u8)>)> {
        let known = of(id, Release::newest_of(release).unwrap()).filter(|known| known.is_in_release)?;
        Some((known.logger, known.severity))
    }

    #[test]
    fn severities_change_from_release_to_release() {
        assert_eq!(shown("DHCP4_PACKET_RECEIVED", "2.2"), Some(("packets", Some((Severity::Debug, 45)))));
        assert_eq!(shown("DHCP4_PACKET_RECEIVED", "2.6"), Some(("packets", Some((Severity::Info, 0)))));
        assert_eq!(shown("HOOKS_CALLOUT_CALLED", "3.0"), Some(("callouts", Some((Severity::Debug, 55)))));
    }

    #[test]
    fn a_message_of_another_release_is_none_of_this_one() {
        assert_eq!(shown("DHCP4_LEASE_OFFER", "2.2"), None);
        assert_eq!(shown("DHCP4_LEASE_ADVERT", "3.0"), None);
        assert!(shown("DHCP4_LEASE_ADVERT", "2.2").is_some());
    }

    #[test]
    fn every_line_of_the_table_is_understood() {
        let mut before = "";
        for (id, logger, steps) in lines() {
            assert!(is_id(id) && id > before, "{id}");
            before = id;
            assert!(!logger.is_empty());
            for step in steps.split(',') {
                let (since, what) = step.split_once(':').unwrap_or(("", step));
                assert!(since.is_empty() || since.parse::<Release>().is_ok(), "{id}: {since}");
                let severity = what.split('@').next().unwrap();
                assert!(matches!(severity, "x" | "?") || read(severity).is_some(), "{id}: {severity}");
            }
        }
        assert!(TABLE.lines().count() > 2000);
    }

    #[test]
    fn a_slip_is_recognised() {
        assert_eq!(nearest("DHCP4_LEASE_ALOC"), Some("DHCP4_LEASE_ALLOC"));
        assert_eq!(nearest("NOTHING_OF_THAT_KIND"), None);
        assert!(!is_id("kea-dhcp4") && !is_id("LEASES") && is_id("DHCP4_X"));
    }
}
