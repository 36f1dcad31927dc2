//! Kea's logs: files with their rotated siblings, streams and the journal, as one sequence of messages in the order of
//! time.
//!
//! Every input is read forwards, a block at a time; only one that begins with its newest line is read as a whole. Of
//! several files each is open only for a look at its first time and while its messages are wanted. What cannot be read is
//! noted, and the rest is reported.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result, io_cause};
use crate::log::analysis::Input;
use crate::log::assemble::{Assembler, Batch, Message};
use crate::log::stamp::{Clock, Micros, SECOND};
use crate::time::Zone;

mod copies;
mod feed;
mod journal;
mod looks;
mod names;
mod seen;
mod state;
mod turned;

pub(crate) use names::{Configured, configured, siblings};
pub(crate) use state::State;

use copies::{Copy, Trait};
use feed::{Feed, Order};
use journal::Journal;
use seen::Seen;
use state::{Identity, Place, Position};

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
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
}

/// One input.
struct Source {
    name: String,
    input: Input,
    feed: Feed,
    assembler: Assembler,
    batch: Batch,
    at: usize,
    /// The time of the message that is next, or of the last one that had a time.
    time: Micros,
    /// How often the time went back, and by how much at the most.
    back: (u64, Micros),
    child: Option<Journal>,
    /// Where it is among its siblings, the oldest first.
    age: i64,
    /// How many inputs before it have the same place among the same siblings.
    copy: u32,
    order: Option<Order>,
    /// Its first messages, as far as they are compared with other logs.
    sample: Vec<Trait>,
    /// Where it is, if it can be opened again.
    later: Option<Later>,
    is_closed: bool,
    is_over: bool,
}

/// A file that can be opened again.
struct Later {
    path: PathBuf,
    inode: (u64, u64),
    identity: Option<Identity>,
    skip: u64,
}

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
    done: Vec<Place>,
    /// Whether there is a file of which nothing is new.
    is_up_to_date: bool,
    how: How,
    seen: Seen,
    duplicates: u64,
    copies: Vec<Copy>,
}

/// A step back in time that is worth a word.
const STEP_BACK: Micros = 60 * SECOND;

impl Logs {
    /// Opens what is wanted. Files that are one file are read once.
    pub(crate) fn open(wanted: &[Wanted], how: How, state: Option<&State>) -> Self {
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
        };
        let mut groups = Vec::new();
        let mut identities = Vec::new();
        let rotated = state.map(|state| rotated(wanted, state)).unwrap_or_default();
        let all: Vec<&Wanted> = wanted.iter().chain(&rotated).collect();
        for one in &all {
            let before = logs.sources.len();
            if let Err(error) = logs.add(one, &mut groups, &mut identities, state) {
                logs.cannot_read(error.to_string());
                if let (Wanted::File(path), Some(state)) = (*one, state) {
                    logs.done.extend(state.named(&path.display().to_string()));
                }
            }
            for source in logs.sources.iter_mut().skip(before) {
                source.advance(true);
                if all.len() > 1 {
                    source.sample = source.traits();
                    source.close();
                }
            }
        }
        logs.share_order();
        // Of two that begin at one moment the older sibling comes first.
        logs.sources.sort_by_key(|source| (source.time, source.age));
        logs.find_copies();
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
        for source in &mut self.sources {
            source.sample = Vec::new();
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
        let how = How { zone: Zone::Machine, now: 0, since: None, until: None };
        Self::open(&[], how, None)
    }

    /// Whether there is nothing to read; a file without anything new is something.
    pub(crate) fn is_empty(&self) -> bool {
        self.sources.is_empty() && !self.is_up_to_date
    }

    fn cannot_read(&mut self, why: String) {
        self.is_one_missing = true;
        self.unread.push(why.clone());
        self.notes.push(why);
    }

    fn add(
        &mut self,
        wanted: &Wanted,
        groups: &mut Vec<(String, String)>,
        identities: &mut Vec<(u64, u64)>,
        state: Option<&State>,
    ) -> Result<()> {
        let mut later = None;
        let (name, base, place, feed, latest, child) = match wanted {
            Wanted::Stdin => {
                let feed =
                    Feed::of_stream(Box::new(io::stdin())).map_err(|cause| unreadable("standard input", &cause))?;
                ("standard input".to_owned(), "-".to_owned(), "-".to_owned(), feed, self.how.now, None)
            }
            Wanted::Journal(unit) => {
                let mut journal = Journal::read(unit.as_deref(), &self.how)?;
                let output =
                    journal.child.stdout.take().ok_or_else(|| Error::new("read the journal", "it has no output"))?;
                let feed = Feed::of_stream(Box::new(output)).map_err(|cause| unreadable("the journal", &cause))?;
                let name = "the journal".to_owned();
                (name, "journal".to_owned(), "journal".to_owned(), feed, self.how.now, Some(journal))
            }
            Wanted::File(path) => {
                let name = path.display().to_string();
                let Opened { file, modified, inode, is_regular } = open(path)?;
                if identities.contains(&inode) {
                    return Ok(());
                }
                identities.push(inode);
                let identity =
                    state.map(|_| Identity::of(&file)).transpose().map_err(|cause| unreadable(&name, &cause))?;
                let identity = identity.flatten();
                let known = identity.as_ref().zip(state).map(|(identity, state)| state.position(path, identity));
                let skip = match known {
                    Some(Position::After(feed::WHOLE) | Position::Old) => {
                        self.is_up_to_date = true;
                        self.done.extend(identity.map(|identity| Place::new(&name, &identity, feed::WHOLE)));
                        return Ok(());
                    }
                    Some(Position::After(skip)) => skip,
                    Some(Position::Beginning) | None => 0,
                };
                let feed = Feed::of_file(file, identity.clone(), skip).map_err(|cause| unreadable(&name, &cause))?;
                later = is_regular.then(|| Later { path: path.clone(), inode, identity, skip });
                let place = path.parent().unwrap_or(Path::new(".")).display().to_string();
                (name, names::base(path).display().to_string(), place, feed, modified, None)
            }
        };
        let group = position(groups, |known| known.0 == base, || (base.clone(), place.clone()));
        let place = groups.iter().position(|known| known.1 == place).unwrap_or(group);
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let input = Input { group: number(group), place: number(place) };
        let age = if let Wanted::File(path) = wanted { names::age(path) } else { 0 };
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
            later,
            is_closed: false,
            is_over: false,
        });
        Ok(())
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
            source.is_over = true;
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
        for source in &mut self.sources {
            let unread = source.unread();
            self.unread.extend(unread.iter().cloned());
            self.notes.extend(unread);
            self.notes.extend(source.remarks());
        }
        if self.duplicates > 0 {
            let lines = crate::text::count(self.duplicates, "message");
            self.notes.push(format!("{lines} in more than one input: counted once"));
        }
    }

    /// How far every file was read.
    pub(crate) fn positions(&self) -> State {
        let read = self.sources.iter().filter_map(|source| {
            let (identity, position) = source.feed.position()?;
            Some(Place::new(&source.name, identity, position))
        });
        State::of(read.chain(self.done.iter().cloned()))
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
fn rotated(wanted: &[Wanted], state: &State) -> Vec<Wanted> {
    let files = wanted.iter().filter_map(|one| if let Wanted::File(path) = one { Some(path) } else { None });
    let known = files.filter(|path| names::base(path) == **path && state.knows(path));
    known.flat_map(|path| siblings(path)).map(Wanted::File).filter(|one| !wanted.contains(one)).collect()
}

fn unreadable(name: &str, cause: &io::Error) -> Error {
    Error::new(format!("read {name}"), io_cause(cause))
}

/// A log.
struct Opened {
    file: File,
    /// When it was last written.
    modified: i64,
    inode: (u64, u64),
    is_regular: bool,
}

fn open(path: &Path) -> Result<Opened> {
    use std::os::unix::fs::MetadataExt as _;
    let name = path.display().to_string();
    let may_read = |cause: &io::Error| {
        let error = unreadable(&name, cause);
        if cause.kind() == io::ErrorKind::PermissionDenied {
            error.hint("run it as root or in the group of the log")
        } else {
            error
        }
    };
    let file = File::open(path).map_err(|cause| may_read(&cause))?;
    let found = file.metadata().map_err(|cause| may_read(&cause))?;
    if found.is_dir() {
        return Err(Error::new(format!("read {name}"), "it is a directory").hint("name the files in it"));
    }
    let inode = (found.dev(), found.ino());
    Ok(Opened { file, modified: found.mtime(), inode, is_regular: found.is_file() })
}

impl Source {
    /// Reads on until there is a message; false at the end. The first time it looks whether the newest line is first.
    fn advance(&mut self, is_first: bool) -> bool {
        if self.is_over {
            return false;
        }
        if is_first {
            self.order = self.feed.order(self.assembler.clock()).or(self.order);
            if self.order == Some(Order::NewestFirst) {
                self.feed.turn_round(self.assembler.clock());
            }
        }
        loop {
            self.batch = std::mem::take(&mut self.batch).recycled();
            self.at = 0;
            let is_end = !self.feed.fill(self.batch.bytes_mut());
            if is_end {
                self.feed.leave_unfinished(self.batch.bytes_mut());
            }
            let left = self.assembler.assemble(&mut self.batch, is_end);
            self.feed.keep(self.batch.bytes_mut(), left);
            if self.batch.len() > 0 {
                let first = (0..self.batch.len()).find_map(|at| self.batch.message(at).time);
                if let Some(time) = first.filter(|_| is_first) {
                    self.time = time;
                }
                self.is_over = false;
                return true;
            }
            if is_end {
                self.is_over = true;
                self.feed.close();
                return false;
            }
        }
    }

    /// What is compared of the messages that were read.
    fn traits(&self) -> Vec<Trait> {
        (0..self.batch.len()).filter_map(|at| Trait::of(&self.batch.message(at))).collect()
    }

    /// The same file from its beginning; `None` if it can be read once only.
    fn again(&self) -> Option<Self> {
        let Later { path, inode, identity, skip } = self.later.as_ref()?;
        let opened = open(path).ok().filter(|opened| opened.inode == *inode)?;
        let feed = Feed::of_file(opened.file, identity.clone(), *skip).ok()?;
        let mut again = Self {
            name: self.name.clone(),
            input: self.input,
            feed,
            assembler: Assembler::new(self.assembler.clock()),
            batch: Batch::default(),
            at: 0,
            time: Micros::MIN,
            back: (0, 0),
            child: None,
            age: self.age,
            copy: self.copy,
            order: self.order,
            sample: Vec::new(),
            later: None,
            is_closed: false,
            is_over: false,
        };
        again.advance(true).then_some(again)
    }

    /// Reads on until a time.
    fn read_until(&mut self, until: Micros, take: &mut dyn FnMut(Trait)) {
        loop {
            for one in self.traits() {
                self.time = self.time.max(one.time);
                take(one);
            }
            if self.time > until || !self.advance(false) {
                return;
            }
        }
    }

    /// Closes a file until its messages are wanted.
    fn close(&mut self) {
        if self.later.is_some() && !self.is_over {
            self.feed.close();
            (self.batch, self.at) = (Batch::default(), 0);
            self.assembler = Assembler::new(self.assembler.clock());
            self.is_closed = true;
        }
    }

    /// Opens a file again that was closed, whatever its name is by now.
    fn reopen(&mut self) -> Result<()> {
        let Some(Later { path, inode, identity, skip }) = self.later.as_ref().filter(|_| self.is_closed) else {
            return Ok(());
        };
        let siblings = || siblings(&names::base(path));
        let mut all = std::iter::once(path.clone()).chain(std::iter::once_with(siblings).flatten());
        let opened = all.find_map(|path| open(&path).ok().filter(|opened| opened.inode == *inode));
        let gone = || Error::new(format!("read {}", self.name), "it is gone");
        let feed = Feed::of_file(opened.ok_or_else(gone)?.file, identity.clone(), *skip);
        self.is_closed = false;
        self.feed = feed.map_err(|cause| unreadable(&self.name, &cause))?;
        self.advance(true);
        Ok(())
    }

    fn note_time(&mut self, time: Micros) {
        if time < self.time && self.time != Micros::MIN && self.time - time > STEP_BACK {
            self.back = (self.back.0 + 1, self.back.1.max(self.time - time));
        }
        self.time = time;
    }

    /// What of an input that is over could not be read.
    fn unread(&mut self) -> Vec<String> {
        let name = &self.name;
        let fault = self.feed.fault().map(|cause| format!("read {name}: {cause} (what is before that is reported)"));
        fault.into_iter().chain(self.child.take().and_then(Journal::end)).collect()
    }

    /// What else there is to say of an input that is over.
    fn remarks(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let name = &self.name;
        if self.feed.overlong() > 0 {
            let lines = crate::text::count(self.feed.overlong(), "line");
            notes.push(format!("read {name}: {lines} of more than 16 MiB left out"));
        }
        let counts = self.assembler.counts;
        if counts.messages == 0 && self.feed.fault().is_none() && !self.feed.is_resumed() {
            notes.push(format!("read {name}: no line of Kea in it ({})", looks::like(self.feed.beginning())));
        }
        if self.back.0 > 0 {
            let (often, most) = self.back;
            let most = crate::time::Span(u64::try_from(most / SECOND).unwrap_or(0));
            notes.push(format!(
                "read {name}: the time goes back {often} times, by up to {most}; order is that of the file"
            ));
        }
        notes
    }
}

#[cfg(test)]
mod tests;
