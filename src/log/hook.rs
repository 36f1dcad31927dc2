//! Callouts: how long which library took at which hook point.
//!
//! Lines name a library by its place in the configuration. Which one that is follows from the libraries loaded since
//! the last start or reload, or from the configuration.

use hashbrown::HashMap;

use super::family::Tally;
use super::histogram::Histogram;
use super::stamp::Micros;
use super::text;

/// A library at a hook point of a daemon.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct HookPoint {
    pub(crate) instance: usize,
    pub(crate) hook: String,
    pub(crate) index: u32,
    pub(crate) library: Option<String>,
}

/// What its callouts took, in microseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Callouts {
    pub(crate) durations: Histogram,
    pub(crate) failed: Tally,
}

/// More places than this are no configuration's.
const MOST: usize = 4096;

/// All callouts.
#[derive(Debug, Default)]
pub(crate) struct Hooks {
    pub(crate) places: HashMap<HookPoint, Callouts>,
    /// How many callouts were at places beyond what is kept.
    pub(crate) omitted: u64,
}

impl Hooks {
    /// A callout was called, as the text says; `libraries` are those loaded, in order. Whether it failed comes with the time.
    pub(crate) fn called(
        &mut self,
        instance: usize,
        text: &[u8],
        libraries: &[String],
        (is_failure, time): (bool, Option<Micros>),
    ) -> Option<()> {
        let hook = text::word(text::after(text, b"on hook ")?);
        let index = text::number_after(text, b"with index ")?;
        let after_duration = text::after(text, b"callout duration")?;
        let digits = after_duration.iter().position(u8::is_ascii_digit)?;
        let micros = text::duration(&after_duration[digits..])?;
        let library = usize::try_from(index).ok().and_then(|index| libraries.get(index.checked_sub(1)?)).cloned();
        let place = HookPoint { instance, hook: String::from_utf8_lossy(hook).into_owned(), index, library };
        if self.places.len() >= MOST && !self.places.contains_key(&place) {
            self.omitted += 1;
            return None;
        }
        let callouts = self.places.entry(place).or_default();
        callouts.durations.add(micros);
        if is_failure {
            callouts.failed.add(time);
        }
        Some(())
    }
}

/// Whether a hook point is a command rather than a part of the way of a packet.
pub(crate) fn is_command(hook: &str) -> bool {
    hook.starts_with('$') || hook == "command_processed"
}

/// Whether a packet may be parked at a hook point, and its answer sent later by another thread.
pub(crate) fn may_park(hook: &str) -> bool {
    matches!(hook, "leases4_committed" | "leases6_committed" | "lease4_offer" | "subnet4_select" | "subnet6_select")
}

/// The name of a library, in `hooks library PATH successfully loaded`.
pub(crate) fn loaded(text: &[u8]) -> Option<String> {
    let path = text::between(text, b"library ", b" successfully")?;
    Some(String::from_utf8_lossy(path).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_units_and_both_orders_of_words_are_read() {
        let mut hooks = Hooks::default();
        let libraries = vec!["/a.so".to_owned()];
        for text in [
            "hooks library with index 1 has called a callout on hook pkt4_send that has address 0x7f (callout duration: 0.117 ms)",
            "hooks library with index 1 has called a callout on hook pkt4_send that has address 0x7f (callout duration: 1.26 s)",
            "error returned by callout on hook pkt4_send registered by library with index 1 (callout address 0x7f) (callout duration 0.5 ms)",
        ] {
            hooks.called(0, text.as_bytes(), &libraries, (text.starts_with("error"), None)).unwrap();
        }
        let (place, callouts) = hooks.places.iter().next().unwrap();
        assert_eq!((place.hook.as_str(), place.library.as_deref()), ("pkt4_send", Some("/a.so")));
        assert_eq!((callouts.durations.total(), callouts.failed.count), (117 + 1_260_000 + 500, 1));
    }

    #[test]
    fn commands_are_no_part_of_a_packets_way() {
        assert!(is_command("$lease4_get") && is_command("command_processed") && !is_command("pkt4_send"));
        assert_eq!(loaded(b"hooks library /x/liba.so successfully loaded").as_deref(), Some("/x/liba.so"));
    }
}
