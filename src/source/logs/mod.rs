//! Kea's logs: files with their rotated siblings, streams and the journal, as one sequence of messages in the order of
//! time.
//!
//! Every input is read forwards, a block at a time; only one that begins with its newest line is read as a whole. Of
//! several files each is open only for a look at its first time and while its messages are wanted. What cannot be read is
//! noted, and the rest is reported.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result, io_cause};
use crate::log::analysis::Input;
use crate::log::assemble::{Assembler, Batch, Message};
use crate::log::stamp::{Clock, Micros, SECOND};
use crate::time::Zone;

mod copies;
mod feed;
mod gaps;
mod input;
mod journal;
mod looks;
mod names;
mod sample;
mod seen;
mod state;
mod turned;

pub(crate) use names::{Configured, base, configured, siblings};
pub(crate) use state::State;

use copies::Copy;
use feed::{Feed, Order};
use input::{Begun, JOURNAL, Later, Opened, Source, open};
use journal::Journal;
use seen::Seen;
use state::{Identity, LogPosition, Position};

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LogSource {
    File(PathBuf),
    Stdin,
    /// The journal, of one unit or of all of Kea's daemons.
    Journal(Option<String>),
}

/// How it is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    /// The zone of times without one.
    pub(crate) zone: Zone,
    /// What time it is, in seconds.
    pub(crate) now: i64,
    pub(crate) since: Option<Micros>,
    pub(crate) until: Option<Micros>,
    /// How many bytes of the end of a file are read; of a compressed file all.
    pub(crate) most: Option<u64>,
}

/// Who sees the messages of Kea in the journal; any other user sees none, without an error.
pub(crate) const JOURNAL_READERS: &str = "only root and the group systemd-journal see Kea's messages in the journal";

/// Why a log cannot be read from one time on, and what helps.
const UNTIMED: &str = "its messages have no time, so --since and --until cannot choose among them";
const TIMED: &str = "the logger's \"pattern\" has no %D: add it or leave the pattern out; or use --state instead";

/// All inputs.
pub(crate) struct Logs {
    sources: Vec<Source>,
    /// What there is to say of single inputs, a line each.
    pub(crate) notes: Vec<String>,
    /// Those of the notes that say what could not be read, or not to its end.
    pub(crate) unread: Vec<String>,
    /// Whether one could not be read at all.
    pub(crate) is_one_missing: bool,
    /// Files of which nothing is new or nothing could be read, with how far they were read before.
    done: Vec<LogPosition>,
    /// Whether there is a file of which nothing is new.
    is_up_to_date: bool,
    how: How,
    seen: Seen,
    duplicates: u64,
    copies: Vec<Copy>,
    /// Where logs lack a rotated file: the log, and the first time after it.
    pub(crate) gaps: Vec<(u32, Micros)>,
    /// The names of logs, without what rotation added, and where they are.
    names: Vec<(String, Input)>,
}

impl Logs {
    /// Opens what is wanted. Files that are one file are read once.
    pub(crate) fn open(wanted: &[LogSource], how: How, state: Option<&State>) -> Self {
        let mut logs = Self {
            sources: Vec::new(),
            notes: Vec::new(),
            unread: Vec::new(),
            is_one_missing: false,
            done: Vec::new(),
            is_up_to_date: false,
            how,
            seen: Seen::default(),
            duplicates: 0,
            copies: Vec::new(),
            gaps: Vec::new(),
            names: Vec::new(),
        };
        let mut groups = Vec::new();
        let mut identities = Vec::new();
        let rotated = state.map(|state| rotated(wanted, state)).unwrap_or_default();
        let all: Vec<&LogSource> = wanted.iter().chain(&rotated).collect();
        for one in all.iter().filter(|one| !matches!(one, LogSource::File(path) if names::is_lock(path))) {
            let before = logs.sources.len();
            if let Err(error) = logs.add(one, &mut groups, &mut identities, state) {
                logs.cannot_read(error.to_string());
                if let (LogSource::File(path), Some(state)) = (*one, state) {
                    logs.done.extend(state.named(&path.display().to_string()));
                }
            }
            for source in logs.sources.iter_mut().skip(before) {
                source.advance(true);
                if all.len() > 1 {
                    source.look();
                    source.close();
                }
            }
        }
        logs.share_order();
        // Of two that begin at one moment the older sibling comes first.
        logs.sources.sort_by_key(|source| (source.time, source.age));
        logs.find_copies();
        if state.is_none() {
            logs.find_gaps(wanted);
        }
        logs
    }

    /// Finds logs that have the messages of others in another form.
    fn find_copies(&mut self) {
        let (copies, notes): (Vec<_>, Vec<_>) = copies::find(&self.sources).into_iter().unzip();
        for copy in &copies {
            self.seen.link(copy.group, copy.original);
        }
        self.copies = copies;
        self.notes.extend(notes);
        self.notes.extend(copies::untimed(&self.sources));
        for source in &mut self.sources {
            source.sample = Vec::new();
        }
    }

    /// Finds rotated files that are missing between others.
    fn find_gaps(&mut self, wanted: &[LogSource]) {
        let files = wanted.iter().filter_map(|one| if let LogSource::File(path) = one { Some(path) } else { None });
        for gap in gaps::find(files.filter(|path| !names::is_lock(path))) {
            let name = gap.next.display().to_string();
            if let Some(next) = self.sources.iter().find(|source| source.name == name) {
                self.gaps.push((self.seen.whose(next.input).group, next.time));
            }
            self.notes.push(gap.note());
        }
    }

    /// A file that does not show which of its lines is the first is like its siblings.
    fn share_order(&mut self) {
        let is_turned = |source: &&Source| source.order == Some(Order::NewestFirst);
        let turned: Vec<Input> = self.sources.iter().filter(is_turned).map(|source| source.input).collect();
        for source in self.sources.iter_mut().filter(|source| source.order.is_none() && source.is_closed) {
            source.order = turned.contains(&source.input).then_some(Order::NewestFirst);
        }
    }

    /// No logs.
    pub(crate) fn none() -> Self {
        let how = How { zone: Zone::Machine, now: 0, since: None, until: None, most: None };
        Self::open(&[], how, None)
    }

    /// Whether there is nothing to read; a file without anything new is something.
    pub(crate) fn is_empty(&self) -> bool {
        self.sources.is_empty() && !self.is_up_to_date
    }

    /// Takes in what could not be read and may name a further log.
    pub(crate) fn lack(&mut self, unread: &[String]) {
        self.unread.extend_from_slice(unread);
        self.notes.extend_from_slice(unread);
    }

    /// Whether the journal is read.
    pub(crate) fn has_journal(&self) -> bool {
        self.sources.iter().any(Source::is_journal)
    }

    fn cannot_read(&mut self, why: String) {
        self.is_one_missing = true;
        self.unread.push(why.clone());
        self.notes.push(why);
    }

    fn add(
        &mut self,
        wanted: &LogSource,
        groups: &mut Vec<(String, String)>,
        identities: &mut Vec<(u64, u64)>,
        state: Option<&State>,
    ) -> Result<()> {
        let begun = match wanted {
            LogSource::Stdin => Some(self.stdin()?),
            LogSource::Journal(unit) => Some(self.journal(unit.as_deref())?),
            LogSource::File(path) => self.file(path, identities, state)?,
        };
        let Some(Begun { name, base, place, feed, latest, child, later, age }) = begun else { return Ok(()) };
        let group = position(groups, |known| known.0 == base, || (base.clone(), place.clone()));
        let place = groups.iter().position(|known| known.1 == place).unwrap_or(group);
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let input = Input { group: number(group), place: number(place) };
        self.names.push((base, input));
        let copies = self.sources.iter().filter(|source| (source.input, source.age) == (input, age)).count();
        self.sources.push(Source {
            name,
            input,
            feed,
            assembler: Assembler::new(Clock::new(self.how.zone, latest.saturating_mul(SECOND))),
            batch: Batch::default(),
            at: 0,
            time: Micros::MIN,
            back: (0, 0),
            child,
            age,
            copy: number(copies),
            order: None,
            sample: Vec::new(),
            is_untimed: false,
            ends_untimed: false,
            later,
            is_closed: false,
            is_lost: false,
            is_over: false,
        });
        Ok(())
    }

    fn stdin(&self) -> Result<Begun> {
        let feed = Feed::of_stream(Box::new(io::stdin())).map_err(|cause| unreadable("standard input", &cause))?;
        Ok(Begun::of_stream("standard input", "-", feed, self.how.now))
    }

    fn journal(&self, unit: Option<&str>) -> Result<Begun> {
        let mut journal = Journal::read(unit, &self.how)?;
        let output = journal.child.stdout.take().ok_or_else(|| Error::new("read the journal", "it has no output"))?;
        let feed = Feed::of_stream(Box::new(output)).map_err(|cause| unreadable(JOURNAL, &cause))?;
        Ok(Begun { child: Some(journal), ..Begun::of_stream(JOURNAL, "journal", feed, self.how.now) })
    }

    /// None for a file that is read already, or has nothing new.
    fn file(&mut self, path: &Path, identities: &mut Vec<(u64, u64)>, state: Option<&State>) -> Result<Option<Begun>> {
        let name = path.display().to_string();
        let Opened { file, modified, inode, is_regular } = open(path)?;
        if identities.contains(&inode) {
            return Ok(None);
        }
        identities.push(inode);
        let identity =
            state.map(|_| Identity::from_file(&file)).transpose().map_err(|cause| unreadable(&name, &cause))?;
        let identity = identity.flatten();
        let known = identity.as_ref().zip(state).map(|(identity, state)| state.position(path, identity));
        let skip = match known {
            Some(Position::After(feed::WHOLE) | Position::Old) => {
                self.is_up_to_date = true;
                self.done.extend(identity.map(|identity| LogPosition::new(&name, &identity, feed::WHOLE)));
                return Ok(None);
            }
            Some(Position::After(skip)) => skip,
            Some(Position::Beginning) | None => self.how.most.map_or(0, |most| feed::start_of_last(&file, most)),
        };
        let feed = Feed::of_file(file, identity.clone(), skip).map_err(|cause| unreadable(&name, &cause))?;
        Ok(Some(Begun {
            name,
            base: names::base(path).display().to_string(),
            place: path.parent().unwrap_or(Path::new(".")).display().to_string(),
            feed,
            latest: modified,
            child: None,
            later: is_regular.then(|| Later { path: path.to_owned(), inode, identity, skip }),
            age: names::age(path),
        }))
    }

    /// Hands out every message in the order of time, until `take` wants no more; those outside of the wanted time as such.
    pub(crate) fn each(&mut self, take: &mut dyn FnMut(&Message<'_>, Input, bool) -> bool) {
        while let Some(at) = self.earliest() {
            let limit = self.others(at);
            if !self.run(at, limit, take) {
                return;
            }
        }
        self.end();
    }

    fn earliest(&self) -> Option<usize> {
        let open = self.sources.iter().enumerate().filter(|(_, source)| !source.is_over);
        open.min_by_key(|(at, source)| (source.time, *at)).map(|(at, _)| at)
    }

    /// The time up to which one input goes before all others.
    fn others(&self, this: usize) -> Micros {
        let open = self.sources.iter().enumerate().filter(|(at, source)| *at != this && !source.is_over);
        open.map(|(_, source)| source.time).min().unwrap_or(Micros::MAX)
    }

    /// Hands out the messages of one input up to a time.
    fn run(&mut self, at: usize, limit: Micros, take: &mut dyn FnMut(&Message<'_>, Input, bool) -> bool) -> bool {
        let is_alone = self.sources.len() == 1;
        let (how, seen, copies) = (self.how, &mut self.seen, &self.copies);
        let source = &mut self.sources[at];
        if let Err(error) = source.reopen() {
            (source.is_over, source.is_lost) = (true, true);
            self.cannot_read(error.to_string());
            return true;
        }
        loop {
            while source.at < source.batch.len() {
                let message = source.batch.message(source.at);
                if let Some(time) = message.time {
                    source.note_time(time);
                    if source.time > limit {
                        return true;
                    }
                }
                let message = source.batch.message(source.at);
                source.at += 1;
                source.ends_untimed = message.time.is_none();
                let group = source.input.group;
                let is_copy = |copy: &Copy| copy.is_of(group, message.server, message.time.unwrap_or(source.time));
                if copies.iter().any(is_copy) {
                    continue;
                }
                if !is_alone && seen.is_again(&message, source.input.group, source.copy) {
                    self.duplicates += 1;
                } else if !take(&message, seen.whose(source.input), is_within(&how, &message)) {
                    return false;
                }
            }
            if !source.advance(false) {
                let (group, last) = (source.input.group, source.time);
                self.is_read(group, last);
                return true;
            }
        }
    }

    /// A file was read to its end: if it was the last one of its log, that covers no time after this.
    fn is_read(&mut self, group: u32, last: Micros) {
        if self.sources.iter().all(|source| source.is_over || source.input.group != group) {
            self.copies.iter_mut().for_each(|copy| copy.end(group, last));
        }
    }

    /// What there is to say after everything was read.
    fn end(&mut self) {
        let mut remarks = self.untimed();
        self.lack(&remarks);
        remarks.clear();
        for source in &mut self.sources {
            let unread = source.unread();
            let is_read = unread.is_empty();
            remarks.extend(unread.iter().cloned());
            self.unread.extend(unread);
            remarks.extend(source.remarks(is_read));
        }
        self.notes.extend(remarks);
        if self.duplicates > 0 {
            let lines = crate::text::count(self.duplicates, "message");
            self.notes.push(format!("{lines} in more than one input: counted once"));
        }
    }

    /// The logs whose newest messages have no time, of which it is not known whether they are of the wanted time.
    fn untimed(&self) -> Vec<String> {
        if self.how.since.is_none() && self.how.until.is_none() {
            return Vec::new();
        }
        let is_newest =
            |one: &Source| !self.sources.iter().any(|other| other.input == one.input && other.age > one.age);
        let found = self.sources.iter().filter(|source| source.ends_untimed && is_newest(source));
        found.map(|source| Error::new(format!("read {}", source.name), UNTIMED).hint(TIMED).to_string()).collect()
    }

    /// Where the log of this name is read.
    pub(crate) fn input_of(&self, name: &str) -> Option<Input> {
        let is_it =
            |known: &str| known == name || state::absolute(Path::new(known)) == state::absolute(Path::new(name));
        let found = self.names.iter().find(|(known, _)| is_it(known));
        found.map(|(_, input)| self.seen.whose(*input))
    }

    /// The logs by their numbers, with their names for a person.
    pub(crate) fn named(&self) -> Vec<(u32, String)> {
        let shown = |name: &str| match name {
            "-" => "standard input".to_owned(),
            "journal" => "the journal".to_owned(),
            file => file.to_owned(),
        };
        self.names.iter().map(|(name, input)| (self.seen.whose(*input).group, shown(name))).collect()
    }

    /// The name of a log.
    pub(crate) fn name_of(&self, group: u32) -> Option<String> {
        self.names.iter().find(|(_, input)| self.seen.whose(*input).group == group).map(|(name, _)| name.clone())
    }

    /// How far every file was read.
    pub(crate) fn positions(&self) -> State {
        let read = self.sources.iter().filter_map(|source| {
            let (identity, position) = source.position()?;
            Some(LogPosition::new(&source.name, identity, position))
        });
        State::from_files(read.chain(self.done.iter().cloned()))
    }

    /// Lines that look like messages and are part of what clients sent.
    pub(crate) fn forged(&self) -> u64 {
        self.sources.iter().map(|source| source.assembler.counts.forged).sum()
    }
}

fn is_within(how: &How, message: &Message<'_>) -> bool {
    let Some(time) = message.time else { return how.since.is_none() && how.until.is_none() };
    how.since.is_none_or(|since| time >= since) && how.until.is_none_or(|until| time <= until)
}

fn position<T>(known: &mut Vec<T>, is_it: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> usize {
    known.iter().position(is_it).unwrap_or_else(|| {
        known.push(new());
        known.len() - 1
    })
}

/// The rotated files of logs of which only the newest file is wanted, and which were read before: what was written after
/// the last run may be in them by now.
fn rotated(wanted: &[LogSource], state: &State) -> Vec<LogSource> {
    let files = wanted.iter().filter_map(|one| if let LogSource::File(path) = one { Some(path) } else { None });
    let known = files.filter(|path| names::base(path) == **path && state.knows(path));
    known.flat_map(|path| siblings(path)).map(LogSource::File).filter(|one| !wanted.contains(one)).collect()
}

fn unreadable(name: &str, cause: &io::Error) -> Error {
    Error::new(format!("read {name}"), io_cause(cause))
}

#[cfg(test)]
mod tests;
