//! A part of a lease file in blocks of whole lines, read with positioned reads.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Large enough that a thread is worth starting for one, small enough to stay in a processor's cache.
const BLOCK: usize = 512 * 1024;
/// The longest row; a file with a longer one is not a lease file.
pub(super) const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// Reads blocks one after another.
pub(super) struct Blocks<'f> {
    file: &'f File,
    /// Where the piece ends.
    end: u64,
    /// Where the next block begins.
    next: u64,
    /// The number of its first line.
    line: u64,
}

/// Some whole lines of a file; the last line of the file may be without its newline.
#[derive(Default)]
pub(super) struct Block {
    text: Vec<u8>,
    offset: u64,
    first_line: u64,
}

/// A line without its newline.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// Its number, from 1.
    pub number: u64,
    /// Where it begins in the file.
    pub offset: u64,
    pub text: &'a [u8],
    /// Whether a newline ended it.
    pub is_whole: bool,
}

impl<'f> Blocks<'f> {
    pub(super) fn new(file: &'f File, end: u64) -> Self {
        Self { file, end, next: 0, line: 1 }
    }

    /// The position of reading, in bytes.
    pub(super) fn position(&self) -> u64 {
        self.next
    }

    /// Reads the next block into `block`, whose memory is used again; false at the end.
    pub(super) fn read(&mut self, block: &mut Block) -> io::Result<bool> {
        let mut size = BLOCK;
        loop {
            let left = usize::try_from(self.end - self.next).unwrap_or(usize::MAX);
            block.text.resize(left.min(size), 0);
            self.file.read_exact_at(&mut block.text, self.next).map_err(shorter)?;
            let is_last = left <= size;
            let whole = if is_last { Some(left) } else { memchr::memrchr(b'\n', &block.text).map(|at| at + 1) };
            if let Some(length) = whole {
                block.text.truncate(length);
                break;
            }
            size *= 2;
            if size > LONGEST_LINE {
                return Err(io::Error::other("a line of more than 16 MiB; this is no lease file"));
            }
        }
        (block.offset, block.first_line) = (self.next, self.line);
        self.next += block.text.len() as u64;
        self.line += memchr::memchr_iter(b'\n', &block.text).count() as u64;
        Ok(!block.text.is_empty())
    }
}

fn shorter(cause: io::Error) -> io::Error {
    match cause.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::other("the file became shorter while it was read"),
        _ => cause,
    }
}

impl Block {
    /// Its lines that are not blank.
    pub(super) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let mut start = 0;
        let mut number = self.first_line;
        let ends = memchr::memchr_iter(b'\n', &self.text).map(|at| (at, true)).chain([(self.text.len(), false)]);
        let lines = ends.map(move |(end, is_whole)| {
            let line = Line { number, offset: self.offset + start as u64, text: &self.text[start..end], is_whole };
            start = end + 1;
            number += 1;
            line
        });
        lines.filter(|line| !line.text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn lines_of(text: &[u8]) -> Vec<(u64, u64, Vec<u8>, bool)> {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(text).expect("written");
        let mut blocks = Blocks::new(&file, text.len() as u64);
        let (mut block, mut all) = (Block::default(), Vec::new());
        while blocks.read(&mut block).expect("read") {
            all.extend(block.lines().map(|line| (line.number, line.offset, line.text.to_vec(), line.is_whole)));
        }
        all
    }

    #[test]
    fn lines_are_numbered_and_placed_across_blocks() {
        let rows: Vec<String> = (0..60_000).map(|n| format!("{n},{}", "x".repeat(n % 40))).collect();
        let text = rows.join("\n") + "\n";
        assert!(text.len() > 2 * BLOCK);
        let lines = lines_of(text.as_bytes());
        assert_eq!(lines.len(), rows.len());
        for (index, (number, offset, line, whole)) in lines.iter().enumerate() {
            assert_eq!((*number, line.as_slice(), *whole), (index as u64 + 1, rows[index].as_bytes(), true));
            let start = usize::try_from(*offset).expect("small");
            assert_eq!(&text.as_bytes()[start..start + line.len()], line.as_slice());
        }
    }

    #[test]
    fn blank_lines_are_left_out_and_a_torn_one_is_reported() {
        let lines = lines_of(b"\na\n\n\nb");
        assert_eq!(lines, [(2, 1, b"a".to_vec(), true), (5, 5, b"b".to_vec(), false)]);
        assert_eq!(lines_of(b""), []);
    }

    #[test]
    fn a_line_longer_than_a_block_is_read_whole() {
        let long = vec![b'x'; 3 * BLOCK];
        let lines = lines_of(&[&long[..], b"\ny\n"].concat());
        assert_eq!(lines.iter().map(|line| line.2.len()).collect::<Vec<_>>(), [long.len(), 1]);
    }
}
