//! A lease file with its companions: the leases a server would have after reading them.
//!
//! Two passes over the same open descriptors: the first checks every column of every row and folds the journal (last
//! row wins, lifetime 0 deletes), the second hands out the winning rows. So only row numbers are kept in memory. The
//! files are read, not mapped: another process may truncate them.

use std::fs::{self, File};
use std::hash::Hash;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use super::blocks::{Block, Blocks, Line};
use super::snapshot::{self, Piece};
use super::{Flow, LeaseSource, Order, Origin, Visited, Visitor, compressed};
use crate::error::{Error, Result, io_cause};
use crate::installation::rescue;
use crate::lease::{Client, Family, Lease, RowError};
use crate::memfile::journal::RowSet;
use crate::memfile::{Header, RowReader, address4, address6, no_header, other_kind};
use crate::text::count;

mod check;
mod fold;
mod order;

use self::fold::Fold;

/// A lease file, opened: the files are those of the moment of opening.
#[derive(Debug)]
pub struct Memfile {
    path: PathBuf,
    family: Family,
    pieces: Vec<Piece>,
    version: Option<String>,
    /// What a user should know of the files that were found.
    remarks: Vec<String>,
    /// Whether released leases without a lifetime are leases.
    keeps_released: bool,
    omits_details: bool,
}

/// What a pipe or device gave, which can be read only once.
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
        Ok(Memfile::new(path.clone(), family, pieces, Vec::new()))
    }
}

/// Opens the lease file `path` with its companions, which lease file cleanup leaves. `-` is standard input.
pub fn open(path: &Path, family: Family) -> Result<Memfile> {
    let path = meant(path);
    refuse_directory(path)?;
    if let Some(stream) = Stream::take(path)? {
        return stream.open(family);
    }
    let (name, remark) = snapshot::name_with_companions(path);
    let pieces = snapshot::take(&name)?;
    // Kea writes a header before anything else.
    let is_emptied = pieces.last().is_some_and(|piece| piece.path == name && piece.length == 0);
    let emptied =
        is_emptied.then(|| format!("{} is empty, without a header ({})", name.display(), rescue(Some(family))));
    let pieces = pieces.into_iter().map(compressed::decompressed).collect::<Result<_>>()?;
    let remarks = remark.into_iter().chain(emptied).collect();
    Ok(Memfile::new(path.to_owned(), family, pieces, remarks))
}

/// That a lease file has lost everything.
#[must_use]
pub fn emptied(path: &Path, family: Family) -> Error {
    let cause = "it is empty, without a header: it was emptied, so its leases are not known";
    Error::new(format!("read lease file {}", path.display()), cause).hint(rescue(Some(family)))
}

/// Refuses a directory, with the lease files in it.
fn refuse_directory(path: &Path) -> Result<()> {
    if !path.is_dir() {
        return Ok(());
    }
    let error = Error::new(format!("read lease file {}", path.display()), "it is a directory");
    let files = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_current = |file: &PathBuf| file.extension().is_some_and(|end| end == "csv" || end == "leases");
    let mut found: Vec<_> = files.filter(|file| is_current(file) && is_one(file)).collect();
    found.sort();
    let found: Vec<_> = found.iter().take(MOST_NAMED).map(|file| file.display().to_string()).collect();
    Err(if found.is_empty() { error } else { error.hint(format!("name {}", found.join(" or "))) })
}

/// So many lease files of a directory are named.
const MOST_NAMED: usize = 3;

fn meant(path: &Path) -> &Path {
    if path.as_os_str() == "-" { Path::new("/dev/stdin") } else { path }
}

/// Which family a lease file is of, as its first line says, and what it holds if it can be read only once.
pub fn family_of(path: &Path) -> Result<(Family, Option<Stream>)> {
    refuse_directory(path)?;
    let stream = Stream::take(path)?;
    let first = match &stream {
        Some(stream) => first_line(&stream.0)?,
        None => first_line_of(path)?,
    };
    let Some(line) = first else {
        return Err(Error::new(format!("read lease file {}", path.display()), "it is empty").hint("give -4 or -6"));
    };
    if let Some(family) = Header::family_of(&line) {
        return Ok((family, stream));
    }
    let error = Error::new(format!("{}:1", path.display()), no_header(&line));
    let error = if is_damaged(path, &line, None) { error.hint(rescue(None)) } else { error };
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
    fn new(path: PathBuf, family: Family, pieces: Vec<Piece>, remarks: Vec<String>) -> Self {
        Self { path, family, pieces, version: None, remarks, keeps_released: false, omits_details: false }
    }

    /// The pieces that have a header; one without any line is new to Kea, and holds nothing.
    fn parts(&self) -> Result<Vec<FilePart<'_>>> {
        let parts = self.pieces.iter().map(|piece| FilePart::open(piece, self.family, self.keeps_released));
        Ok(parts.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    fn pass_remarks_on(&mut self, visitor: &mut dyn Visitor) {
        self.remarks.drain(..).for_each(|remark| visitor.remark(&remark));
    }

    fn visit_as<A: Hash + Eq + Copy + Ord + Send>(
        &mut self,
        order: Order,
        visitor: &mut dyn Visitor,
        codec: &FamilyCodec<A>,
    ) -> Result<Visited> {
        self.pass_remarks_on(visitor);
        let parts = self.parts()?;
        let version = parts.last().map(|part| part.header.version().into_owned());
        if let Some(part) = parts.iter().find(|part| part.header.surplus() > 0) {
            visitor.remark(&part.surplus());
        }
        let mut fold = Fold::new();
        fold.run(&parts, codec, visitor)?;
        let (latest, visited) = fold.finish(visitor);
        visitor.expect_rows(latest.count());
        let winning = latest.into_rows();
        match order {
            Order::Stored => each_winner(&parts, &winning, self.omits_details, |part, line, reader| {
                hand_out(line.text, reader, visitor)?.map_err(|_| changed(&part.piece.path))
            })?,
            Order::Address => order::by_address(&parts, &winning, codec, visited.seen, visitor)?,
        }
        self.version = version;
        Ok(visited)
    }
}

impl Memfile {
    /// Hands out every row, in the order of the files.
    fn visit_all(&mut self, visitor: &mut dyn Visitor) -> Result<Visited> {
        self.pass_remarks_on(visitor);
        let parts = self.parts()?;
        let mut visited = Visited::default();
        let mut block = Block::default();
        for part in &parts {
            let (mut blocks, mut reader) = (part.blocks(), RowReader::new(part.header));
            while blocks.read(&mut block).map_err(|cause| part.failed(&cause))? {
                for line in part.rows(&block) {
                    visited.seen += 1;
                    match hand_out(line.text, &mut reader, visitor)? {
                        Ok(Flow::Continue) => {}
                        Ok(Flow::Stop) => return Ok(visited),
                        Err(error) => {
                            let error = if line.is_whole { error } else { torn(&error) };
                            visited.malformed += 1;
                            let place = format!("{}:{}", part.piece.path.display(), line.number);
                            visitor.bad_row(&place, &error)?;
                        }
                    }
                }
            }
        }
        Ok(visited)
    }
}

/// What is wrong with a last line that has no end and is no row. One that is a row counts, as it does for Kea.
fn torn(error: &RowError) -> RowError {
    RowError::row(format!("torn last line: the file ends in the middle of a row ({error})"))
}

impl LeaseSource for Memfile {
    fn keep_released(&mut self) {
        self.keeps_released = true;
    }

    fn omit_details(&mut self) {
        self.omits_details = true;
    }

    fn visit_history(&mut self, visitor: &mut dyn Visitor) -> Result<Visited> {
        self.visit_all(visitor)
    }

    fn visit(&mut self, order: Order, visitor: &mut dyn Visitor) -> Result<Visited> {
        match self.family {
            Family::V4 => self.visit_as(order, visitor, &CODEC4),
            Family::V6 => self.visit_as(order, visitor, &CODEC6),
        }
    }

    fn origin(&self) -> Origin {
        let version = self.version.clone();
        Origin { backend: "memfile", location: self.path.display().to_string(), version }
    }
}

/// A piece with a header.
struct FilePart<'p> {
    piece: &'p Piece,
    header: Header,
    /// The number of the header's line; rows are below.
    header_line: u64,
    keeps_released: bool,
}

impl<'p> FilePart<'p> {
    fn open(piece: &'p Piece, family: Family, keeps_released: bool) -> Result<Option<Self>> {
        let (mut blocks, mut block) = (Blocks::new(&piece.file, piece.length), Block::default());
        while blocks.read(&mut block).map_err(|cause| failed(&piece.path, &cause))? {
            if let Some(line) = block.lines().next() {
                let place = || format!("{}:{}", piece.path.display(), line.number);
                let header = Header::parse(line.text, family).map_err(|error| {
                    let error = Error::new(place(), error);
                    if is_damaged(&piece.path, line.text, Some(family)) {
                        error.hint(rescue(Some(family)))
                    } else {
                        error
                    }
                })?;
                return Ok(Some(Self { piece, header, header_line: line.number, keeps_released }));
            }
        }
        Ok(None)
    }

    /// That another Kea knows more of leases than this program.
    fn surplus(&self) -> String {
        let columns = count(self.header.surplus() as u64, "column");
        let place = format!("{}:{}", self.piece.path.display(), self.header_line);
        format!("{place}: {columns} that no Kea known here has; left out")
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

/// Whether a file with the name of a lease file has lost its header; what a text editor did to it is reported with its own
/// remedy.
fn is_damaged(path: &Path, line: &[u8], family: Option<Family>) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    let is_named_so = [&b".csv"[..], b".leases"].iter().any(|end| memchr::memmem::find(name, end).is_some());
    let is_edited = other_kind(line).is_some() || line.ends_with(b"\r") || line.starts_with(b"{");
    let is_other = Header::family_of(line).is_some_and(|found| family.is_some_and(|family| family != found));
    is_named_so && !is_edited && !is_other
}

/// How addresses of one family are kept.
struct FamilyCodec<A> {
    /// The address of a lease.
    key: fn(&Lease<'_>) -> A,
    /// The address of a row, whatever else is wrong with it.
    address: fn(&[u8]) -> Option<A>,
}

const CODEC4: FamilyCodec<u32> = FamilyCodec {
    key: |lease| match lease.client {
        Client::V4 { address, .. } => address.to_bits(),
        Client::V6 { .. } => 0,
    },
    address: |text| address4(text).map(Ipv4Addr::to_bits),
};

/// Addresses as bytes: they sort as numbers do, and take less room in a table since they need no alignment.
const CODEC6: FamilyCodec<[u8; 16]> = FamilyCodec {
    key: |lease| match lease.client {
        Client::V4 { .. } => [0; 16],
        Client::V6 { address, .. } => address.octets(),
    },
    address: |text| address6(text).map(|address: Ipv6Addr| address.octets()),
};

type FlowOrError = std::result::Result<Flow, RowError>;

/// Gives the lease of a row to `visitor`.
fn hand_out(text: &[u8], reader: &mut RowReader, visitor: &mut dyn Visitor) -> Result<FlowOrError> {
    match reader.lease(text) {
        Ok(lease) => visitor.lease(&lease).map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

/// Does `act` with each winning row, in the order of the files, until it has enough. The reader may omit details.
fn each_winner(
    parts: &[FilePart<'_>],
    winning: &RowSet,
    omits_details: bool,
    mut act: impl FnMut(&FilePart<'_>, &Line<'_>, &mut RowReader) -> Result<Flow>,
) -> Result<()> {
    let mut row: u32 = 0;
    let mut block = Block::default();
    for part in parts {
        let (mut blocks, mut reader) = (part.blocks(), RowReader::new(part.header));
        if omits_details {
            reader.omit_details();
        }
        while blocks.read(&mut block).map_err(|cause| part.failed(&cause))? {
            for line in part.rows(&block) {
                if winning.contains(row) && act(part, &line, &mut reader)? == Flow::Stop {
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
