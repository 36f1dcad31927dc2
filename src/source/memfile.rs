//! A lease file with its companions: the leases a server would have after reading them.
//!
//! Two passes over the same open descriptors: the first checks every column of every row and folds the journal (last
//! row wins, lifetime 0 deletes), the second hands out the winning rows. So only row numbers are kept in memory. The
//! files are read, not mapped: another process may truncate them.

use std::fs::File;
use std::hash::Hash;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::lines::{Line, Lines};
use super::snapshot::{self, Piece};
use super::{Flow, LeaseSource, Order, Origin, Visited, Visitor};
use crate::error::{Error, Result, io_cause};
use crate::lease::csv::{Header, RowReader, Trouble};
use crate::lease::latest::{Latest, RowSet};
use crate::lease::{Family, Fault};
use crate::text::count;

/// Rows between two words on progress.
const PROGRESS_ROWS: u32 = 1 << 16;

/// A lease file, opened: the files stand for the moment of opening.
#[derive(Debug)]
pub struct Memfile {
    path: PathBuf,
    family: Family,
    pieces: Vec<Piece>,
    version: Option<String>,
}

/// Opens the lease file `path` with what its cleanup left beside it.
pub fn open(path: &Path, family: Family) -> Result<Memfile> {
    let is_stream = std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
    let pieces = if is_stream {
        let stream = File::open(path).map_err(|cause| snapshot::unreadable(path, &cause))?;
        vec![snapshot::copy_of(path, stream)?]
    } else {
        snapshot::take(path)?
    };
    Ok(Memfile { path: path.to_owned(), family, pieces, version: None })
}

/// Which family the lease file `path` is of, told by its header; `None` if it says neither.
pub fn family_of(path: &Path) -> Result<Option<Family>> {
    for piece in snapshot::take(path)?.iter().rev() {
        let mut lines = Lines::new(&piece.file, piece.length);
        while let Some(line) = lines.next_line().map_err(|cause| failed(&piece.path, &cause))? {
            if !line.text.is_empty() {
                return Ok(Header::family_of(line.text));
            }
        }
    }
    Ok(None)
}

impl Memfile {
    /// First pass: every row checked, the journal folded.
    fn fold<A: Hash + Eq + Copy + Ord>(
        &mut self,
        read: ReadRow<A>,
        visitor: &mut dyn Visitor,
    ) -> Result<(Latest<A>, Visited)> {
        let mut latest = Latest::new();
        let mut visited = Visited::default();
        let mut dropped = Dropped::default();
        let mut row: u32 = 0;
        let total: u64 = self.pieces.iter().map(|piece| piece.length).sum();
        let mut before = 0;
        for piece in &self.pieces {
            let Some((mut rows, header)) = Rows::below_header(piece, self.family)? else { continue };
            self.version = Some(header.version().into_owned());
            while let Some((line, reader)) = rows.next_row()? {
                let place = || format!("{}:{}", piece.path.display(), line.number);
                match read_whole(&line, reader, read) {
                    Ok(Row { address, deleted: true, .. }) => latest.take(address),
                    Ok(Row { address, trouble, .. }) => {
                        latest.give(address, row);
                        dropped.note(&trouble, &place);
                    }
                    Err(fault) => {
                        visited.malformed += 1;
                        visitor.bad_row(&place(), &fault)?;
                    }
                }
                row = row.checked_add(1).ok_or_else(|| Error::new(place(), "more than 4294967295 rows"))?;
                if row.is_multiple_of(PROGRESS_ROWS) {
                    visitor.preparing(row.into(), (before + rows.position()) * 100 / total);
                }
            }
            before += piece.length;
        }
        visited.seen = row.into();
        if let Some(remark) = dropped.remark() {
            visitor.remark(&remark);
        }
        Ok((latest, visited))
    }

    /// Second pass: what `hand_out` does with each winning row, in the order of the files.
    fn winners(
        &self,
        winning: &RowSet,
        mut hand_out: impl FnMut(&Piece, &Line<'_>, &mut RowReader) -> Result<Flow>,
    ) -> Result<()> {
        let mut row: u32 = 0;
        for piece in &self.pieces {
            let Some((mut rows, _)) = Rows::below_header(piece, self.family)? else { continue };
            while let Some((line, reader)) = rows.next_row()? {
                if winning.contains(row) && hand_out(piece, &line, reader)? == Flow::Stop {
                    return Ok(());
                }
                row += 1;
            }
        }
        Ok(())
    }

    fn visit_as<A: Hash + Eq + Copy + Ord>(
        &mut self,
        order: Order,
        visitor: &mut dyn Visitor,
        read: ReadRow<A>,
        hand_out: HandOut,
    ) -> Result<Visited> {
        let (latest, visited) = self.fold(read, visitor)?;
        visitor.expect_rows(latest.count());
        let winning = latest.into_rows();
        match order {
            Order::Stored => self.winners(&winning, |piece, line, reader| {
                hand_out(line.text, reader, visitor)?.map_err(|_| changed(&piece.path))
            })?,
            Order::Address => self.sorted(&winning, read, &mut |text, reader, path| {
                hand_out(text, reader, visitor)?.map_err(|_| changed(path))
            })?,
        }
        Ok(visited)
    }

    /// The winning rows by address: their places are sorted, then each is read again.
    fn sorted<A: Ord + Copy>(&self, winning: &RowSet, read: ReadRow<A>, hand_out: HandOutAt<'_>) -> Result<()> {
        let mut places: Vec<(A, usize, u64, usize)> = Vec::new();
        let index_of = |piece: &Piece| self.pieces.iter().position(|other| std::ptr::eq(other, piece)).unwrap_or(0);
        self.winners(winning, |piece, line, reader| {
            let row = read(reader, line.text).map_err(|_| changed(&piece.path))?;
            places.push((row.address, index_of(piece), line.offset, line.text.len()));
            Ok(Flow::Continue)
        })?;
        places.sort_unstable_by_key(|place| place.0);
        let mut readers = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            readers.push(Rows::below_header(piece, self.family)?.map(|(_, header)| RowReader::new(header)));
        }
        let mut text = Vec::new();
        for (_, index, offset, length) in places {
            let piece = &self.pieces[index];
            text.resize(length, 0);
            piece.file.read_exact_at(&mut text, offset).map_err(|cause| failed(&piece.path, &cause))?;
            let reader = readers[index].as_mut().ok_or_else(|| changed(&piece.path))?;
            if hand_out(&text, reader, &piece.path)? == Flow::Stop {
                break;
            }
        }
        Ok(())
    }
}

impl LeaseSource for Memfile {
    fn visit(&mut self, order: Order, visitor: &mut dyn Visitor) -> Result<Visited> {
        match self.family {
            Family::V4 => self.visit_as(order, visitor, read4, |text, reader, visitor| match reader.lease4(text) {
                Ok(lease) => visitor.lease4(&lease).map(Ok),
                Err(fault) => Ok(Err(fault)),
            }),
            Family::V6 => self.visit_as(order, visitor, read6, |text, reader, visitor| match reader.lease6(text) {
                Ok((lease, _)) => visitor.lease6(&lease).map(Ok),
                Err(fault) => Ok(Err(fault)),
            }),
        }
    }

    fn origin(&self) -> Origin {
        let version = self.version.clone();
        Origin { backend: "memfile", location: self.path.display().to_string(), version }
    }
}

/// What the fold needs of a row.
struct Row<A> {
    address: A,
    deleted: bool,
    trouble: Trouble,
}

type ReadRow<A> = fn(&mut RowReader, &[u8]) -> std::result::Result<Row<A>, Fault>;
type HandOutAt<'h> = &'h mut dyn FnMut(&[u8], &mut RowReader, &Path) -> Result<Flow>;
type HandOut = fn(&[u8], &mut RowReader, &mut dyn Visitor) -> Result<std::result::Result<Flow, Fault>>;

fn read4(reader: &mut RowReader, text: &[u8]) -> std::result::Result<Row<u32>, Fault> {
    let lease = reader.lease4(text)?;
    Ok(Row { address: lease.address.to_bits(), deleted: lease.valid_lifetime.is_zero(), trouble: Trouble::None })
}

/// The address as octets: no alignment, so that a million of them cost 4 MB less … and they sort the same.
fn read6(reader: &mut RowReader, text: &[u8]) -> std::result::Result<Row<[u8; 16]>, Fault> {
    let (lease, trouble) = reader.lease6(text)?;
    Ok(Row { address: lease.address.octets(), deleted: lease.valid_lifetime.is_zero(), trouble })
}

fn read_whole<A>(line: &Line<'_>, reader: &mut RowReader, read: ReadRow<A>) -> std::result::Result<Row<A>, Fault> {
    if !line.whole {
        return Err(Fault::row("torn last line: the file ends in the middle of a row"));
    }
    read(reader, line.text)
}

/// The rows of a piece below its header.
struct Rows<'p> {
    piece: &'p Piece,
    lines: Lines<'p>,
    reader: RowReader,
}

impl<'p> Rows<'p> {
    /// Reads the header; `None` for a file without any line, which Kea takes as new.
    fn below_header(piece: &'p Piece, family: Family) -> Result<Option<(Self, Header)>> {
        let mut lines = Lines::new(&piece.file, piece.length);
        loop {
            let Some(line) = lines.next_line().map_err(|cause| failed(&piece.path, &cause))? else { return Ok(None) };
            if line.text.is_empty() {
                continue;
            }
            let place = || format!("{}:{}", piece.path.display(), line.number);
            let header = Header::parse(line.text, family).map_err(|fault| Error::new(place(), fault))?;
            return Ok(Some((Self { piece, lines, reader: RowReader::new(header) }, header)));
        }
    }

    fn next_row(&mut self) -> Result<Option<(Line<'_>, &mut RowReader)>> {
        // Blank lines are no rows; skipping them here would hold the borrow of a line across the loop.
        while self.lines.skip_blank().map_err(|cause| failed(&self.piece.path, &cause))? {}
        let line = self.lines.next_line().map_err(|cause| failed(&self.piece.path, &cause))?;
        Ok(line.map(|line| (line, &mut self.reader)))
    }

    fn position(&self) -> u64 {
        self.lines.position()
    }
}

/// Hardware addresses that a row went without.
#[derive(Default)]
struct Dropped {
    rows: u64,
    first: String,
}

impl Dropped {
    fn note(&mut self, trouble: &Trouble, place: &dyn Fn() -> String) {
        if *trouble == Trouble::HwAddrDropped {
            if self.rows == 0 {
                self.first = place();
            }
            self.rows += 1;
        }
    }

    fn remark(&self) -> Option<String> {
        let rows = count(self.rows, "row");
        (self.rows > 0)
            .then(|| format!("{}: unreadable hardware address, left out as Kea does ({rows} so)", self.first))
    }
}

fn failed(path: &Path, cause: &std::io::Error) -> Error {
    Error::new(format!("read {}", path.display()), io_cause(cause))
}

fn changed(path: &Path) -> Error {
    Error::new(format!("read {}", path.display()), "its rows changed while it was read")
}
