//! Logs that have the same messages in another form, as where Kea writes to a file and to syslog.
//!
//! Such a log has other times and may lack the process or the thread, so its messages cannot be told from new ones one by
//! one. Where the first messages of one log nearly all come in the other at the same time, and no process speaks against
//! it, the messages of that daemon are taken from one of the two for the time that it covers.

use hashbrown::HashMap;

use super::input::Source;
use super::sample::{APART, Trait};
use crate::log::line::Server;
use crate::log::stamp::{Micros, SECOND};

/// Another program wrote the last message this much later at the most.
const DELAY: Micros = SECOND / 10;
/// So many messages have to be the same at the least, and so many of a hundred.
const FEWEST: usize = 5;
const SHARE: usize = 90;
/// How many messages are compared.
const MOST: usize = 2000;
/// Of more logs than this none are compared, since each may have to be read for each other one.
const MOST_LOGS: usize = 16;

/// A log whose messages of one daemon another log has too.
#[derive(Debug, Clone)]
pub(super) struct Copy {
    /// The log that is left out.
    pub(super) group: u32,
    pub(super) original: u32,
    server: Server,
    /// The time that the original covers; open as long as it is read.
    from: Micros,
    until: Option<Micros>,
    /// How much later than it another program may write.
    delay: Micros,
}

impl Copy {
    pub(super) fn is_of(&self, group: u32, server: Server, time: Micros) -> bool {
        (self.group, self.server) == (group, server)
            && time >= self.from
            && self.until.is_none_or(|until| time <= until + self.delay)
    }

    /// The original was read to its end.
    pub(super) fn end(&mut self, group: u32, last: Micros) {
        if self.original == group {
            self.until = Some(last);
        }
    }
}

/// The logs that are copies of each other, with a note on each.
pub(super) fn find(sources: &[Source]) -> Vec<(Copy, String)> {
    let mut firsts: Vec<&Source> = Vec::new();
    for source in sources.iter().filter(|source| !source.sample.is_empty()) {
        if !firsts.iter().any(|first| first.input.group == source.input.group) {
            firsts.push(source);
        }
    }
    let mut found: Vec<(Copy, String)> = Vec::new();
    if firsts.len() > MOST_LOGS {
        return found;
    }
    for (at, late) in firsts.iter().enumerate() {
        for early in &firsts[..at] {
            for server in servers(late) {
                let is_known = |copy: &Copy| copy.server == server && copy.group == early.input.group;
                if !found.iter().any(|(copy, _)| is_known(copy)) {
                    found.extend(compare(sources, early, late, server));
                }
            }
        }
    }
    found
}

/// The daemons of a log.
fn servers(source: &Source) -> Vec<Server> {
    let mut servers: Vec<_> =
        source.sample.iter().map(|one| one.server).filter(|one| *one != Server::Unknown).collect();
    servers.sort_unstable();
    servers.dedup();
    servers
}

/// Whether of two logs, of which one begins later, one is a copy of the other.
fn compare(sources: &[Source], early: &Source, late: &Source, server: Server) -> Option<(Copy, String)> {
    let ours: Vec<Trait> = late.sample.iter().filter(|one| one.server == server).copied().collect();
    let (from, until) = (ours.first()?.time, ours.iter().map(|one| one.time).max()?);
    let theirs = between(sources, early, server, (from - APART, until + APART));
    let within = theirs.iter().filter(|one| (from..=until).contains(&one.time)).count();
    let Matches { same, is_sure, is_other_form } = matches(&ours, &theirs);
    if !is_other_form {
        return None;
    }
    let share = |of: usize| of > 0 && 100 * same >= SHARE * of;
    let (late_is, early_is) = (share(ours.len()), share(within));
    if same < FEWEST || !(late_is && early_is || is_sure && (late_is || early_is)) {
        return None;
    }
    // The one with the coarser times goes, else the one that has less.
    let leaves_late = if late_is && early_is { fineness(&ours) <= fineness(&theirs) } else { late_is };
    let (copy, original) = if leaves_late { (late, early) } else { (early, late) };
    let name = server.name().unwrap_or("Kea");
    let note = format!(
        "{}: has the messages of {name} that are in {}, in another form: counted once",
        copy.name, original.name
    );
    let from = if is_fine(&copy.sample) { original.time } else { original.time - original.time.rem_euclid(SECOND) };
    let delay = if is_fine(&original.sample) { DELAY } else { SECOND + DELAY };
    let (group, original) = (copy.input.group, original.input.group);
    Some((Copy { group, original, server, from, until: None, delay }, note))
}

/// What two logs have in common.
#[derive(Default)]
struct Matches {
    /// How many messages are in both.
    same: usize,
    /// Whether some come from the same process or thread.
    is_sure: bool,
    /// Whether some differ in what is known of them; else they are known as the same one by one.
    is_other_form: bool,
}

fn matches(ours: &[Trait], theirs: &[Trait]) -> Matches {
    let mut known: HashMap<u64, Vec<Trait>> = HashMap::new();
    for one in theirs {
        known.entry(one.hash).or_default().push(*one);
    }
    let mut found = Matches::default();
    for one in ours {
        let Some(all) = known.get_mut(&one.hash) else { continue };
        let Some(at) = all.iter().position(|other| one.may_be(other)) else { continue };
        let other = all.remove(at);
        found.same += 1;
        found.is_sure |= one.pid != 0 && one.pid == other.pid || one.thread != 0 && one.thread == other.thread;
        found.is_other_form |= (one.time, one.pid, one.thread) != (other.time, other.pid, other.thread);
    }
    found
}

/// Whether times are finer than a second, as those of the first lines of a start may be in any log.
fn is_fine(traits: &[Trait]) -> bool {
    2 * traits.iter().filter(|one| one.time % SECOND != 0).count() > traits.len()
}

/// How exact times are, and whether threads are known.
fn fineness(traits: &[Trait]) -> (bool, bool) {
    (is_fine(traits), traits.iter().any(|one| one.thread != 0))
}

/// What there is to say of logs without times beside others.
pub(super) fn untimed(sources: &[Source]) -> Vec<String> {
    if sources.iter().all(|source| source.is_untimed || source.sample.is_empty()) {
        return Vec::new();
    }
    let is_untimed = |source: &&Source| source.is_untimed;
    let note = |source: &Source| {
        let name = &source.name;
        format!("{name}: its messages have no time: those that are in another input too count twice")
    };
    sources.iter().filter(is_untimed).map(note).collect()
}

/// The messages of a daemon in a log within a time.
fn between(sources: &[Source], first: &Source, server: Server, (from, until): (Micros, Micros)) -> Vec<Trait> {
    let of_log: Vec<&Source> = sources.iter().filter(|source| source.input.group == first.input.group).collect();
    let mut found = Vec::new();
    for (at, source) in of_log.iter().enumerate() {
        let is_before = of_log.get(at + 1).is_some_and(|next| next.time < from);
        if is_before || source.time > until || found.len() >= MOST {
            continue;
        }
        let wanted = |one: &Trait| one.server == server && (from..=until).contains(&one.time);
        match source.again() {
            Some(mut again) => again.read_until(until, &mut |one| found.extend(Some(one).filter(wanted))),
            None => found.extend(source.sample.iter().copied().filter(wanted)),
        }
    }
    found
}
