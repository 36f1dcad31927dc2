//! The lines of a piece of a file, read at positions of its own with one buffer of constant size.

use std::fs::File;
use std::os::unix::fs::FileExt;

const BUFFER: usize = 256 * 1024;
/// No row of a lease file is longer; what is, is no lease file.
const LONGEST: usize = 16 * 1024 * 1024;

/// Reads lines one after another.
pub(super) struct Lines<'f> {
    file: &'f File,
    /// Where the piece ends.
    end: u64,
    /// Where in the file `buffer` goes on.
    next: u64,
    buffer: Vec<u8>,
    /// The part of `buffer` that is not handed out yet.
    start: usize,
    filled: usize,
    number: u64,
}

/// A line without its newline.
pub(super) struct Line<'a> {
    /// Its number, from 1.
    pub number: u64,
    /// Where it begins in the file.
    pub offset: u64,
    pub text: &'a [u8],
    /// Whether a newline ended it.
    pub whole: bool,
}

impl<'f> Lines<'f> {
    pub(super) fn new(file: &'f File, end: u64) -> Self {
        Self { file, end, next: 0, buffer: vec![0; BUFFER], start: 0, filled: 0, number: 0 }
    }

    /// Where reading has got to, in octets.
    pub(super) fn position(&self) -> u64 {
        self.next - (self.filled - self.start) as u64
    }

    /// The next line, or none at the end.
    pub(super) fn next_line(&mut self) -> std::io::Result<Option<Line<'_>>> {
        let mut searched = 0;
        let (length, whole) = loop {
            let unread = &self.buffer[self.start..self.filled];
            if let Some(length) = memchr::memchr(b'\n', &unread[searched..]) {
                break (searched + length, true);
            }
            searched = unread.len();
            if !self.fill()? {
                break (searched, false);
            }
        };
        if length == 0 && !whole {
            return Ok(None);
        }
        self.number += 1;
        let offset = self.position();
        let start = self.start;
        self.start += length + usize::from(whole);
        Ok(Some(Line { number: self.number, offset, text: &self.buffer[start..start + length], whole }))
    }

    /// Steps over a blank line, if the next one is blank.
    pub(super) fn skip_blank(&mut self) -> std::io::Result<bool> {
        if self.start == self.filled && !self.fill()? {
            return Ok(false);
        }
        let blank = self.buffer[self.start] == b'\n';
        if blank {
            self.start += 1;
            self.number += 1;
        }
        Ok(blank)
    }

    /// Reads more behind what is there; false at the end.
    fn fill(&mut self) -> std::io::Result<bool> {
        let left = self.end - self.next;
        if left == 0 {
            return Ok(false);
        }
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
        if self.filled == self.buffer.len() {
            if self.filled >= LONGEST {
                return Err(std::io::Error::other("a line of more than 16 MiB; this is no lease file"));
            }
            self.buffer.resize(self.filled * 2, 0);
        }
        let room = usize::try_from(left).unwrap_or(usize::MAX).min(self.buffer.len() - self.filled);
        let read = loop {
            match self.file.read_at(&mut self.buffer[self.filled..self.filled + room], self.next) {
                Err(cause) if cause.kind() == std::io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        if read == 0 {
            return Err(std::io::Error::other("the file became shorter while it was read"));
        }
        self.next += read as u64;
        self.filled += read;
        Ok(true)
    }
}
