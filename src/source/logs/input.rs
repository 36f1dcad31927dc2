//! One input of several: a file that is open only while its messages are wanted, or a stream.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::feed::{Feed, Order};
use super::journal::Journal;
use super::sample::Trait;
use super::state::Identity;
use super::{JOURNAL_READERS, looks, names, siblings, unreadable};
use crate::error::{Error, Result};
use crate::log::analysis::Input;
use crate::log::assemble::{Assembler, Batch};
use crate::log::stamp::{Micros, SECOND};

/// One input.
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) input: Input,
    pub(super) feed: Feed,
    pub(super) assembler: Assembler,
    pub(super) batch: Batch,
    pub(super) at: usize,
    /// The time of the message that is next, or of the last one that had a time.
    pub(super) time: Micros,
    /// How often the time went back, and by how much at the most.
    pub(super) back: (u64, Micros),
    pub(super) child: Option<Journal>,
    /// Where it is among its siblings, the oldest first.
    pub(super) age: i64,
    /// How many inputs before it have the same place among the same siblings.
    pub(super) copy: u32,
    pub(super) order: Option<Order>,
    /// Its first messages, as far as they are compared with other logs.
    pub(super) sample: Vec<Trait>,
    /// Whether most of its first messages have no time.
    pub(super) is_untimed: bool,
    /// Whether the last message has no time.
    pub(super) ends_untimed: bool,
    /// Where it is, if it can be opened again.
    pub(super) later: Option<Later>,
    pub(super) is_closed: bool,
    /// Whether it could not be opened again.
    pub(super) is_lost: bool,
    pub(super) is_over: bool,
}

/// A file that can be opened again.
pub(super) struct Later {
    pub(super) path: PathBuf,
    pub(super) inode: (u64, u64),
    pub(super) identity: Option<Identity>,
    pub(super) skip: u64,
}

/// An input of which nothing was read yet.
pub(super) struct Begun {
    pub(super) name: String,
    /// Its name without what rotation added, and the directory it is in.
    pub(super) base: String,
    pub(super) place: String,
    pub(super) feed: Feed,
    /// No message of it is later, in seconds.
    pub(super) latest: i64,
    pub(super) child: Option<Journal>,
    pub(super) later: Option<Later>,
    /// Where it is among its siblings, the oldest first.
    pub(super) age: i64,
}

impl Begun {
    /// A stream, which is no file.
    pub(super) fn of_stream(name: &str, base: &str, feed: Feed, now: i64) -> Self {
        let (name, base, place) = (name.to_owned(), base.to_owned(), base.to_owned());
        Self { name, base, place, feed, latest: now, child: None, later: None, age: 0 }
    }
}

/// What the journal is called.
pub(super) const JOURNAL: &str = "the journal";

/// A step back in time that is worth a word.
const STEP_BACK: Micros = 60 * SECOND;

/// A log.
pub(super) struct Opened {
    pub(super) file: File,
    /// When it was last written.
    pub(super) modified: i64,
    pub(super) inode: (u64, u64),
    pub(super) is_regular: bool,
}

pub(super) fn open(path: &Path) -> Result<Opened> {
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
    pub(super) fn advance(&mut self, is_first: bool) -> bool {
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
    pub(super) fn traits(&self) -> Vec<Trait> {
        (0..self.batch.len()).filter_map(|at| Trait::from_message(&self.batch.message(at))).collect()
    }

    /// Looks at the messages that were read.
    pub(super) fn look(&mut self) {
        self.sample = self.traits();
        self.is_untimed = 2 * self.sample.len() < self.batch.len();
    }

    /// The same file from its beginning; `None` if it can be read once only.
    pub(super) fn again(&self) -> Option<Self> {
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
            is_untimed: false,
            ends_untimed: false,
            later: None,
            is_closed: false,
            is_lost: false,
            is_over: false,
        };
        again.advance(true).then_some(again)
    }

    /// Reads on until a time.
    pub(super) fn read_until(&mut self, until: Micros, take: &mut dyn FnMut(Trait)) {
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
    pub(super) fn close(&mut self) {
        if self.later.is_some() && !self.is_over {
            self.feed.close();
            (self.batch, self.at) = (Batch::default(), 0);
            self.assembler = Assembler::new(self.assembler.clock());
            self.is_closed = true;
        }
    }

    /// Opens a file again that was closed, whatever its name is by now.
    pub(super) fn reopen(&mut self) -> Result<()> {
        let Some(Later { path, inode, identity, skip }) = self.later.as_ref().filter(|_| self.is_closed) else {
            return Ok(());
        };
        let siblings = || siblings(&names::base(path));
        let mut all = std::iter::once(path.clone()).chain(std::iter::once_with(siblings).flatten());
        let opened = all.find_map(|path| open(&path).ok().filter(|opened| opened.inode == *inode));
        let gone = || Error::new(format!("read {}", self.name), "it is gone");
        let file = opened.ok_or_else(gone)?.file;
        if let Some(before) = identity
            && let Ok(Some(now)) = Identity::from_file(&file)
            && !before.is_begun_by(&now)
        {
            self.is_closed = false;
            return Err(
                Error::new(format!("read {}", self.name), "it was emptied meanwhile").hint("the next run reads it")
            );
        }
        let feed = Feed::of_file(file, identity.clone(), *skip);
        self.is_closed = false;
        self.feed = feed.map_err(|cause| unreadable(&self.name, &cause))?;
        self.advance(true);
        Ok(())
    }

    /// What it is known by, and how far it was read: of one that could not be opened again, as far as before.
    pub(super) fn position(&self) -> Option<(&Identity, u64)> {
        match &self.later {
            Some(Later { identity, skip, .. }) if self.is_lost => Some((identity.as_ref()?, *skip)),
            _ => self.feed.position(),
        }
    }

    pub(super) fn note_time(&mut self, time: Micros) {
        if time < self.time && self.time != Micros::MIN && self.time - time > STEP_BACK {
            self.back = (self.back.0 + 1, self.back.1.max(self.time - time));
        }
        self.time = time;
    }

    pub(super) fn is_journal(&self) -> bool {
        self.name == JOURNAL
    }

    /// What of an input that is over could not be read.
    pub(super) fn unread(&mut self) -> Vec<String> {
        let name = &self.name;
        let fault = self.feed.fault().map(|cause| format!("read {name}: {cause} (what is before that is reported)"));
        fault.into_iter().chain(self.child.take().and_then(Journal::end)).collect()
    }

    /// What else there is to say of an input that is over, and was read to its end or not.
    pub(super) fn remarks(&self, is_read: bool) -> Vec<String> {
        let mut notes = Vec::new();
        let name = &self.name;
        if self.feed.overlong() > 0 {
            let lines = crate::text::count(self.feed.overlong(), "line");
            notes.push(format!("read {name}: {lines} of more than 16 MiB left out"));
        }
        let counts = self.assembler.counts;
        if counts.messages == 0 && is_read && !self.feed.is_resumed() {
            let why = if self.is_journal() { JOURNAL_READERS } else { looks::like(self.feed.beginning()) };
            notes.push(format!("read {name}: no line of Kea in it ({why})"));
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
