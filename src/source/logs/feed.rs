//! The bytes of one input, block by block.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Cursor, Read, Seek as _, SeekFrom};
use std::os::unix::fs::FileExt as _;

use super::super::compressed;
use super::state::Identity;
use super::turned;
use crate::log::assemble::{Assembler, Batch};
use crate::log::stamp::{Clock, Micros, SECOND};

/// How much is read at once.
pub(super) const BLOCK: usize = 256 * 1024;
/// A longer line is left out.
const LONGEST_LINE: usize = 16 << 20;
/// An input that begins with its newest line is kept in memory as far as this.
const MOST_IN_MEMORY: u64 = 1 << 30;

/// A stream whose first lines go back by less may still be in order.
const CLEAR: Micros = 2 * SECOND;

/// Which message of an input is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    OldestFirst,
    NewestFirst,
}

/// The position in a compressed file that was read to its end.
pub(super) const WHOLE: u64 = u64::MAX;

/// Bytes of an input.
#[expect(clippy::struct_excessive_bools, reason = "each is a property of the input")]
pub(super) struct Feed {
    input: Box<dyn Read>,
    identity: Option<Identity>,
    /// What was read and is not yet handed out.
    kept: Vec<u8>,
    beginning: Vec<u8>,
    /// How far the file was handed out in whole lines.
    position: u64,
    handed: u64,
    is_resumed: bool,
    is_file: bool,
    /// Whether its positions are not those of the file.
    is_compressed: bool,
    is_skipping: bool,
    /// Whether what is kept was read to see the order, and is handed out before more is read.
    is_ahead: bool,
    is_ended: bool,
    overlong: u64,
    fault: Option<String>,
}

impl Feed {
    /// A stream, which may be compressed.
    pub(super) fn of_stream(input: Box<dyn Read>) -> io::Result<Self> {
        let mut input = BufReader::with_capacity(BLOCK, input);
        let beginning = input.fill_buf()?;
        let beginning = beginning[..beginning.len().min(64)].to_vec();
        let is_compressed = compressed::is_compressed(&beginning);
        let input = compressed::stream(&beginning, Box::new(input))
            .map_err(|tool| io::Error::other(format!("compressed in a way that is not read here; try {tool}")))?;
        Ok(Self { is_compressed, ..Self::new(input, 0) })
    }

    /// A file, from a position on where it is known how far it was read.
    pub(super) fn of_file(mut file: File, identity: Option<Identity>, skip: u64) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let shortened = |length| identity.as_ref().map_or(0, |identity: &Identity| identity.shortened(length));
        let skip = if length < skip && !is_compressed(&file) { shortened(length) } else { skip };
        if skip > 0 && !is_compressed(&file) {
            file.seek(SeekFrom::Start(skip))?;
            return Ok(Self { is_resumed: true, is_file: true, identity, ..Self::new(Box::new(file), skip) });
        }
        let mut feed = Self::of_stream(Box::new(file))?;
        if let Err(cause) = io::copy(&mut feed.input.by_ref().take(skip), &mut io::sink()) {
            feed.fault = Some(fault(&cause));
        }
        Ok(Self { identity, position: skip, is_resumed: skip > 0, is_file: true, ..feed })
    }

    fn new(input: Box<dyn Read>, position: u64) -> Self {
        Self {
            input,
            identity: None,
            kept: Vec::new(),
            beginning: Vec::new(),
            position,
            handed: 0,
            is_resumed: false,
            is_file: false,
            is_compressed: false,
            is_skipping: false,
            is_ahead: false,
            is_ended: false,
            overlong: 0,
            fault: None,
        }
    }

    pub(super) fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    pub(super) fn overlong(&self) -> u64 {
        self.overlong
    }

    pub(super) fn is_resumed(&self) -> bool {
        self.is_resumed
    }

    /// The first bytes.
    pub(super) fn beginning(&self) -> &[u8] {
        &self.beginning
    }

    /// What the file is known by, and how far it was read.
    pub(super) fn position(&self) -> Option<(&Identity, u64)> {
        let is_whole = self.is_compressed && self.is_ended && self.fault.is_none();
        Some((self.identity.as_ref()?, if is_whole { WHOLE } else { self.position }))
    }

    /// Leaves the last line for the next run if it has no end yet.
    pub(super) fn leave_unfinished(&self, bytes: &mut Vec<u8>) {
        if self.identity.is_some() && !self.is_compressed {
            bytes.truncate(memchr::memrchr(b'\n', bytes).map_or(0, |last| last + 1));
        }
    }

    /// Puts the next bytes after those that were kept; false at the end.
    pub(super) fn fill(&mut self, bytes: &mut Vec<u8>) -> bool {
        std::mem::swap(bytes, &mut self.kept);
        self.kept.clear();
        if std::mem::take(&mut self.is_ahead) {
            self.handed = bytes.len() as u64;
            return true;
        }
        let before = bytes.len();
        bytes.resize(before + BLOCK, 0);
        let read = loop {
            match self.input.read(&mut bytes[before..]) {
                Ok(read) => break read,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => {
                    self.fault = Some(fault(&cause));
                    break 0;
                }
            }
        };
        bytes.truncate(before + read);
        if self.beginning.len() < 512 {
            let more = bytes[before..].iter().take(512 - self.beginning.len());
            self.beginning.extend(more);
        }
        if self.is_skipping {
            self.skip_line(bytes);
        }
        self.handed = bytes.len() as u64;
        self.is_ended = read == 0;
        read > 0
    }

    /// Takes away the rest of a line that is too long.
    fn skip_line(&mut self, bytes: &mut Vec<u8>) {
        if let Some(end) = memchr::memchr(b'\n', bytes) {
            bytes.drain(..=end);
            self.position += end as u64 + 1;
            self.is_skipping = false;
            self.overlong += 1;
        } else {
            self.position += bytes.len() as u64;
            bytes.clear();
        }
    }

    /// Keeps what is not yet whole: that many bytes before what was put after `handed`.
    pub(super) fn keep(&mut self, bytes: &[u8], left: usize) {
        let handed = usize::try_from(self.handed).unwrap_or(0).min(bytes.len());
        // A last line without an end is read again when it has one.
        let whole = memchr::memrchr(b'\n', &bytes[..handed]).map_or(0, |last| last + 1);
        self.position += whole.min(handed - left.min(handed)) as u64;
        self.kept.extend_from_slice(&bytes[handed - left.min(handed)..handed]);
        if self.kept.len() > BLOCK && self.kept.iter().all(|byte| *byte == 0) {
            self.position += self.kept.len() as u64;
            self.kept.clear();
        }
        if self.kept.len() > LONGEST_LINE {
            self.position += self.kept.len() as u64;
            self.kept.clear();
            self.is_skipping = true;
        }
    }

    /// Which way the times of the first lines go; `None` if they do not show it.
    pub(super) fn order(&mut self, clock: Clock) -> Option<Order> {
        let mut bytes = Vec::new();
        self.fill(&mut bytes);
        let end = memchr::memrchr(b'\n', &bytes).map_or(0, |last| last + 1);
        let mut batch = Batch::default();
        batch.bytes_mut().extend_from_slice(&bytes[..end]);
        Assembler::new(clock).assemble(&mut batch, true);
        self.is_ahead = !bytes.is_empty();
        self.kept = bytes;
        let times: Vec<_> = (0..batch.len()).filter_map(|at| batch.message(at).time).collect();
        let down = times.windows(2).filter(|pair| pair[1] < pair[0]).count();
        let up = times.windows(2).filter(|pair| pair[1] > pair[0]).count();
        let back = times.first().zip(times.last()).map_or(0, |(first, last)| first - last);
        if down > 3 * up {
            // A log that grows may begin with two lines that Kea's threads wrote in the wrong order.
            return (self.is_file || back >= CLEAR).then_some(Order::NewestFirst);
        }
        (up > 0).then_some(Order::OldestFirst)
    }

    /// Reads everything and turns its lines round, or its messages where their lines are in order.
    pub(super) fn turn_round(&mut self, clock: Clock) {
        self.is_ahead = false;
        let mut all = std::mem::take(&mut self.kept);
        let mut more = [0];
        match self.input.by_ref().take(MOST_IN_MEMORY).read_to_end(&mut all).and_then(|_| self.input.read(&mut more)) {
            Ok(0) => {}
            Ok(_) => self.fault = Some("its newest line is first, and only 1 GiB of such a file is read".to_owned()),
            Err(cause) => self.fault = Some(fault(&cause)),
        }
        self.input = Box::new(Cursor::new(turned::oldest_first(&all, clock)));
        // What comes next is at its beginning.
        self.identity = None;
    }

    /// Gives back what the input takes in memory and of the system.
    pub(super) fn close(&mut self) {
        self.input = Box::new(io::empty());
        self.kept = Vec::new();
    }
}

/// Where the last bytes of a file begin, so many; of a compressed file all are read.
pub(super) fn start_of_last(file: &File, most: u64) -> u64 {
    let length = file.metadata().map_or(0, |found| found.len());
    if is_compressed(file) { 0 } else { length.saturating_sub(most) }
}

fn is_compressed(file: &File) -> bool {
    let mut first = [0; 64];
    let length = file.read_at(&mut first, 0).unwrap_or(0);
    compressed::is_compressed(&first[..length])
}

/// Why an input cannot be read further.
fn fault(cause: &io::Error) -> String {
    if cause.raw_os_error().is_some() {
        crate::error::io_cause(cause)
    } else {
        "what is compressed in it is damaged or cut off".to_owned()
    }
}
