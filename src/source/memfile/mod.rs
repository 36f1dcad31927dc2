//! A lease file with its companions: the leases a server would have after reading them.
//!
//! Two passes over the same open descriptors: the first checks every column of every row and folds the journal (last
//! row wins, lifetime 0 deletes), the second hands out the winning rows. So only row numbers are kept in memory. The
//! files are read, not mapped: another process may truncate them.

use std::fs::{self, File};
use std::hash::Hash;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use super::blocks::{Block, Blocks, Line};
use super::snapshot::{self, Piece};
use super::{Flow, LeaseSource, Order, Origin, Visited, Visitor, compressed};
use crate::error::{Error, Result, io_cause};
use crate::lease::csv::{self, Header, RowReader, Trouble};
use crate::lease::latest::RowSet;
use crate::lease::{Family, Fault};
use crate::text::count;

mod check;
mod fold;
mod order;

use self::fold::Fold;

/// A lease file, opened: the files stand for the moment of opening.
#[derive(Debug)]
pub struct Memfile {
    path: PathBuf,
    family: Family,
    pieces: Vec<Piece>,
    version: Option<String>,
    /// What a user should know of where it was found.
    remark: Option<String>,
}

/// What a pipe or device gave, which can be read but once.
#[derive(Debug)]
pub struct Stream(Piece);

impl Stream {
    /// All of it, if `path` is one.
    pub fn take(path: &Path) -> Result<Option<Self>> {
        let path = meant(path);
        if !is_stream(path) {
            return Ok(None);
        }
        let stream = File::open(path).map_err(|cause| snapshot::unreadable(path, &cause))?;
        let copy = snapshot::copy_of(path, stream)?;
        Ok(Some(Self(compressed::decompressed(copy)?)))
    }

    /// Opens it as a lease file.
    pub fn open(&self, family: Family) -> Result<Memfile> {
        let Piece { path, file, length } = &self.0;
        let file = file.try_clone().map_err(|cause| failed(path, &cause))?;
        let pieces = vec![Piece { path: path.clone(), file, length: *length }];
        Ok(Memfile { path: path.clone(), family, pieces, version: None, remark: None })
    }
}

/// Opens the lease file `path` with its companions, which lease file cleanup leaves. `-` is standard input.
pub fn open(path: &Path, family: Family) -> Result<Memfile> {
    let path = meant(path);
    if let Some(stream) = Stream::take(path)? {
        return stream.open(family);
    }
    let (name, remark) = snapshot::name_with_companions(path);
    let pieces = snapshot::take(&name)?;
    let pieces = pieces.into_iter().map(compressed::decompressed).collect::<Result<_>>()?;
    Ok(Memfile { path: path.to_owned(), family, pieces, version: None, remark })
}

fn meant(path: &Path) -> &Path {
    if path.as_os_str() == "-" { Path::new("/dev/stdin") } else { path }
}

/// Which family a lease file is of, as its first line says, and what it holds if it can be read but once.
pub fn family_of(path: &Path) -> Result<(Family, Option<Stream>)> {
    let stream = Stream::take(path)?;
    let first = match &stream {
        Some(stream) => first_line(&stream.0)?,
        None => first_line_of(path)?,
    };
    let Some(line) = first else {
        return Err(Error::new(format!("read lease file {}", path.display()), "it is empty")
            .hint("-4 or -6 says of which family it is"));
    };
    if let Some(family) = Header::family_of(&line) {
        return Ok((family, stream));
    }
    let error = Error::new(format!("{}:1", path.display()), csv::no_header(&line));
    Err(if line.starts_with(b"{") { error.hint("-c FILE, if it is Kea's configuration") } else { error })
}

/// Whether there is a lease file of that name, as its first line says. A pipe is left alone.
#[must_use]
pub fn is_one(path: &Path) -> bool {
    let is_header = |line: Option<Vec<u8>>| line.is_some_and(|line| Header::family_of(&line).is_some());
    !is_stream(path) && first_line_of(path).is_ok_and(is_header)
}

/// The first line of a lease file's newest piece that has any.
fn first_line_of(path: &Path) -> Result<Option<Vec<u8>>> {
    let (name, _) = snapshot::name_with_companions(path);
    for piece in snapshot::take(&name)?.into_iter().rev() {
        if let Some(line) = first_line(&compressed::decompressed(piece)?)? {
            return Ok(Some(line));
        }
    }
    Ok(None)
}

fn first_line(piece: &Piece) -> Result<Option<Vec<u8>>> {
    let mut block = Block::default();
    Blocks::new(&piece.file, piece.length).read(&mut block).map_err(|cause| failed(&piece.path, &cause))?;
    Ok(block.lines().next().map(|line| line.text.to_vec()))
}

fn is_stream(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

impl Memfile {
    /// The pieces that have a header; one without any line is new to Kea, and holds nothing.
    fn sheets(&self) -> Result<Vec<Sheet<'_>>> {
        let sheets = self.pieces.iter().map(|piece| Sheet::of(piece, self.family));
        Ok(sheets.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    fn tell_remark(&mut self, visitor: &mut dyn Visitor) {
        if let Some(remark) = self.remark.take() {
            visitor.remark(&remark);
        }
    }

    fn visit_as<A: Hash + Eq + Copy + Ord + Send>(
        &mut self,
        order: Order,
        visitor: &mut dyn Visitor,
        ways: &Ways<A>,
    ) -> Result<Visited> {
        self.tell_remark(visitor);
        let sheets = self.sheets()?;
        let version = sheets.last().map(|sheet| sheet.header.version().into_owned());
        if let Some(sheet) = sheets.iter().find(|sheet| sheet.header.surplus() > 0) {
            visitor.remark(&sheet.surplus());
        }
        let mut fold = Fold::new();
        fold.run(&sheets, ways.read, visitor)?;
        let (latest, visited) = fold.finish(visitor);
        visitor.expect_rows(latest.count());
        let winning = latest.into_rows();
        match order {
            Order::Stored => each_winner(&sheets, &winning, |sheet, line, reader| {
                (ways.hand_out)(line.text, reader, visitor)?.map_err(|_| changed(&sheet.piece.path))
            })?,
            Order::Address => order::by_address(&sheets, &winning, ways, visited.seen, visitor)?,
        }
        self.version = version;
        Ok(visited)
    }
}

impl Memfile {
    /// Hands out every row, in the order of the files.
    fn visit_all<A>(&mut self, visitor: &mut dyn Visitor, ways: &Ways<A>) -> Result<Visited> {
        self.tell_remark(visitor);
        let sheets = self.sheets()?;
        let mut visited = Visited::default();
        let mut block = Block::default();
        for sheet in &sheets {
            let (mut blocks, mut reader) = (sheet.blocks(), RowReader::new(sheet.header));
            while blocks.read(&mut block).map_err(|cause| sheet.failed(&cause))? {
                for line in sheet.rows(&block) {
                    visited.seen += 1;
                    match (ways.hand_out)(line.text, &mut reader, visitor)? {
                        Ok(Flow::Continue) => {}
                        Ok(Flow::Stop) => return Ok(visited),
                        Err(fault) => {
                            let fault = if line.is_whole { fault } else { torn(&fault) };
                            visited.malformed += 1;
                            let place = format!("{}:{}", sheet.piece.path.display(), line.number);
                            visitor.bad_row(&place, &fault)?;
                        }
                    }
                }
            }
        }
        Ok(visited)
    }
}

/// What is wrong with a last line that has no end and is no row. One that is a row counts, as it does for Kea.
fn torn(fault: &Fault) -> Fault {
    Fault::row(format!("torn last line: the file ends in the middle of a row ({fault})"))
}

impl LeaseSource for Memfile {
    fn visit_history(&mut self, visitor: &mut dyn Visitor) -> Result<Visited> {
        match self.family {
            Family::V4 => self.visit_all(visitor, &WAYS4),
            Family::V6 => self.visit_all(visitor, &WAYS6),
        }
    }

    fn visit(&mut self, order: Order, visitor: &mut dyn Visitor) -> Result<Visited> {
        match self.family {
            Family::V4 => self.visit_as(order, visitor, &WAYS4),
            Family::V6 => self.visit_as(order, visitor, &WAYS6),
        }
    }

    fn origin(&self) -> Origin {
        let version = self.version.clone();
        Origin { backend: "memfile", location: self.path.display().to_string(), version }
    }
}

/// A piece with a header.
struct Sheet<'p> {
    piece: &'p Piece,
    header: Header,
    /// The number of the header's line; rows stand below.
    header_line: u64,
}

impl<'p> Sheet<'p> {
    fn of(piece: &'p Piece, family: Family) -> Result<Option<Self>> {
        let (mut blocks, mut block) = (Blocks::new(&piece.file, piece.length), Block::default());
        while blocks.read(&mut block).map_err(|cause| failed(&piece.path, &cause))? {
            if let Some(line) = block.lines().next() {
                let place = || format!("{}:{}", piece.path.display(), line.number);
                let header = Header::parse(line.text, family).map_err(|fault| Error::new(place(), fault))?;
                return Ok(Some(Self { piece, header, header_line: line.number }));
            }
        }
        Ok(None)
    }

    /// That a newer Kea knows more of leases than this program.
    fn surplus(&self) -> String {
        let columns = count(self.header.surplus() as u64, "column");
        let place = format!("{}:{}", self.piece.path.display(), self.header_line);
        format!("{place}: {columns} more than any Kea known here has; left out")
    }

    fn blocks(&self) -> Blocks<'p> {
        Blocks::new(&self.piece.file, self.piece.length)
    }

    fn rows<'b>(&self, block: &'b Block) -> impl Iterator<Item = Line<'b>> {
        let header_line = self.header_line;
        block.lines().filter(move |line| line.number > header_line)
    }

    fn failed(&self, cause: &std::io::Error) -> Error {
        failed(&self.piece.path, cause)
    }
}

/// What the fold needs of a row.
struct Row<A> {
    address: A,
    is_deletion: bool,
    /// Whether the releases that write such files read the row.
    is_of_release: bool,
    trouble: Trouble,
}

type FlowOrFault = std::result::Result<Flow, Fault>;
type RowOrFault<A> = std::result::Result<Row<A>, Fault>;

/// How rows of one family are read, and leases handed out.
struct Ways<A> {
    read: fn(&mut RowReader, &[u8]) -> RowOrFault<A>,
    /// The address alone.
    address: fn(&[u8]) -> Option<A>,
    hand_out: fn(&[u8], &mut RowReader, &mut dyn Visitor) -> Result<FlowOrFault>,
}

const WAYS4: Ways<u32> = Ways {
    read: |reader, text| {
        let lease = reader.lease4(text)?;
        let (address, is_deletion) = (lease.address.to_bits(), lease.valid_lifetime.is_zero());
        Ok(Row { address, is_deletion, is_of_release: reader.is_of_release(), trouble: Trouble::None })
    },
    address: |text| csv::address4(text).map(Ipv4Addr::to_bits),
    hand_out: |text, reader, visitor| match reader.lease4(text) {
        Ok(lease) => visitor.lease4(&lease).map(Ok),
        Err(fault) => Ok(Err(fault)),
    },
};

/// Addresses as octets: they sort as numbers do, and take less room in a table since they need no alignment.
const WAYS6: Ways<[u8; 16]> = Ways {
    read: |reader, text| {
        let (lease, trouble) = reader.lease6(text)?;
        let (address, is_deletion) = (lease.address.octets(), lease.valid_lifetime.is_zero());
        Ok(Row { address, is_deletion, is_of_release: reader.is_of_release(), trouble })
    },
    address: |text| csv::address6(text).map(|address| address.octets()),
    hand_out: |text, reader, visitor| match reader.lease6(text) {
        Ok((lease, _)) => visitor.lease6(&lease).map(Ok),
        Err(fault) => Ok(Err(fault)),
    },
};

/// Does `act` with each winning row, in the order of the files, until it has enough.
fn each_winner(
    sheets: &[Sheet<'_>],
    winning: &RowSet,
    mut act: impl FnMut(&Sheet<'_>, &Line<'_>, &mut RowReader) -> Result<Flow>,
) -> Result<()> {
    let mut row: u32 = 0;
    let mut block = Block::default();
    for sheet in sheets {
        let (mut blocks, mut reader) = (sheet.blocks(), RowReader::new(sheet.header));
        while blocks.read(&mut block).map_err(|cause| sheet.failed(&cause))? {
            for line in sheet.rows(&block) {
                if winning.contains(row) && act(sheet, &line, &mut reader)? == Flow::Stop {
                    return Ok(());
                }
                row += 1;
            }
        }
    }
    Ok(())
}

fn failed(path: &Path, cause: &std::io::Error) -> Error {
    Error::new(format!("read {}", path.display()), io_cause(cause))
}

fn changed(path: &Path) -> Error {
    Error::new(format!("read {}", path.display()), "its rows changed while it was read")
}
