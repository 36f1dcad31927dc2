//! Compressed lease files, as backups are.
//!
//! A lease file is read twice, so it is decompressed into a temporary file first. Memory does not depend on the size of
//! the file; if the contents do not begin like a lease file, or have no line breaks, decompression stops.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Seek as _, Write as _};
use std::os::unix::fs::FileExt as _;

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::blocks::LONGEST_LINE;
use super::snapshot::Piece;
use crate::error::{Error, Result, io_cause};
use crate::memfile::Header;

/// How much is looked at in one step.
const STEP: usize = 256 * 1024;
/// What a decompressor may keep in memory, in KiB; `xz -9` needs half of it.
const MOST_MEMORY: u32 = 128 * 1024;

/// What files begin with that are compressed, the way, and what decompresses it.
const WAYS: [(&[u8], Way, &str); 7] = [
    (b"\x1f\x8b", Way::Gzip, "zcat"),
    (b"\xfd7zXZ\0", Way::Xz, "xzcat"),
    (b"\x28\xb5\x2f\xfd", Way::Zstd, "zstdcat"),
    (b"BZh", Way::Other("bzip2"), "bzcat"),
    (b"\x04\x22\x4d\x18", Way::Other("lz4"), "lz4cat"),
    (b"LZIP", Way::Other("lzip"), "lzip -dc"),
    (b"PK\x03\x04", Way::Other("zip"), "unzip -p"),
];

#[derive(Clone, Copy)]
enum Way {
    Gzip,
    Xz,
    Zstd,
    /// Known by name alone.
    Other(&'static str),
}

/// The piece itself, or what was compressed in it.
pub(super) fn decompressed(piece: Piece) -> Result<Piece> {
    let mut beginning = [0; 8];
    let length = piece.file.read_at(&mut beginning, 0).unwrap_or(0);
    let Some((_, way, tool)) = WAYS.iter().find(|(magic, ..)| beginning[..length].starts_with(magic)) else {
        return Ok(piece);
    };
    let path = piece.path.display();
    if let Way::Other(name) = way {
        let remedy = format!("decompress it with {tool} {path}, and read it from a pipe with -");
        return Err(Error::new(format!("read lease file {path}"), format!("it is compressed with {name}")).hint(remedy));
    }
    let mut file = tempfile::tempfile().map_err(|cause| Error::io("make a temporary file", &cause))?;
    let length = write_out(*way, &piece, &mut file).map_err(|cause| {
        let cause = if cause.raw_os_error().is_some() || cause.kind() == io::ErrorKind::Other {
            io_cause(&cause)
        } else {
            "what is compressed in it is damaged or cut off".to_owned()
        };
        Error::new(format!("decompress lease file {path}"), cause)
    })?;
    Ok(Piece { path: piece.path, file, length })
}

/// What is in a file, compressed or not.
pub(crate) fn plain<'a>(mut input: Box<dyn io::BufRead + 'a>) -> io::Result<Box<dyn Read + 'a>> {
    let beginning = input.fill_buf()?;
    let beginning = beginning[..beginning.len().min(8)].to_vec();
    stream(&beginning, input).map_err(|tool| io::Error::other(format!("it is compressed; {tool} reads it")))
}

/// Whether what begins so is compressed.
pub(crate) fn is_compressed(beginning: &[u8]) -> bool {
    WAYS.iter().any(|(magic, ..)| beginning.starts_with(magic))
}

/// What is in a stream that begins with `beginning`, decompressed where that says how. A way that is known by name alone
/// is an error with the command that does it.
pub(super) fn stream<'a>(
    beginning: &[u8],
    input: Box<dyn io::BufRead + 'a>,
) -> Result<Box<dyn Read + 'a>, &'static str> {
    match WAYS.iter().find(|(magic, ..)| beginning.starts_with(magic)) {
        Some((_, way, tool)) => decoder(*way, input).ok_or(tool),
        None => Ok(input),
    }
}

/// What is in a compressed stream; `None` if the way is known by name alone.
fn decoder<'a>(way: Way, input: Box<dyn io::BufRead + 'a>) -> Option<Box<dyn Read + 'a>> {
    Some(match way {
        Way::Gzip => Box::new(MultiGzDecoder::new(input)),
        Way::Xz => Box::new(Pieces { input: XzReader::new_mem_limit(input, true, MOST_MEMORY), fault: None }),
        Way::Zstd => Box::new(Frames::new(BufReader::new(input))),
        Way::Other(_) => return None,
    })
}

fn write_out(way: Way, piece: &Piece, out: &mut File) -> io::Result<u64> {
    let mut file = &piece.file;
    file.rewind()?;
    let input = BufReader::new(file.take(piece.length));
    decoder(way, Box::new(input)).map_or(Ok(0), |mut input| copy(&mut input, out))
}

/// Copies lines, as long as they may be those of a lease file.
fn copy(input: &mut dyn Read, out: &mut File) -> io::Result<u64> {
    let mut buffer = vec![0; STEP];
    let (mut length, mut line) = (0, 0);
    loop {
        let read = fill(input, &mut buffer)?;
        let text = &buffer[..read];
        out.write_all(text)?;
        let is_first = length == 0;
        length += read as u64;
        if read < STEP || is_first && !begins_as_lease_file(text) {
            return Ok(length);
        }
        line = memchr::memrchr(b'\n', text).map_or(line + read, |at| read - at - 1);
        if line > LONGEST_LINE {
            return Err(io::Error::other("a line of more than 16 MiB; this is no lease file"));
        }
    }
}

fn fill(input: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(filled)
}

fn begins_as_lease_file(text: &[u8]) -> bool {
    let first = text.split(|octet| *octet == b'\n').find(|line| !line.is_empty());
    first.is_some_and(|line| Header::family_of(line).is_some())
}

/// Reads little at a time: what a reader had read before it fails is lost.
struct Pieces<R> {
    input: R,
    fault: Option<io::Error>,
}

const PIECE: usize = 512;

impl<R: Read> Read for Pieces<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() && self.fault.is_none() {
            let end = buffer.len().min(filled + PIECE);
            match self.input.read(&mut buffer[filled..end]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(cause) => self.fault = Some(cause),
            }
        }
        if filled == 0 { self.fault.take().map_or(Ok(0), Err) } else { Ok(filled) }
    }
}

/// What is in the frames of a zstd stream, one after another.
struct Frames<R> {
    input: BufReader<R>,
    decoder: FrameDecoder,
    is_begun: bool,
    /// Why the frame cannot be read further than to what the decoder still holds.
    fault: Option<io::Error>,
}

/// An empty block that ends a frame, with a checksum, which is not compared: a decoder gives out the end of what it has only
/// when the frame is over.
const END_OF_FRAME: &[u8] = b"\x01\0\0\0\0\0\0";

impl<R: Read> Frames<R> {
    fn new(input: BufReader<R>) -> Self {
        Self { input, decoder: FrameDecoder::new(), is_begun: false, fault: None }
    }

    /// Begins the next frame; false at the end.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.input.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.input) {
                Ok(()) => {
                    self.is_begun = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut self.input.by_ref().take(length.into()), &mut io::sink())?;
                }
                Err(cause) => return Err(damaged(cause)),
            }
        }
        Ok(false)
    }
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.is_begun && !self.begin()? {
                return Ok(0);
            }
            let wanted = buffer.len().saturating_sub(self.decoder.can_collect());
            if !self.decoder.is_finished() && wanted > 0 {
                let some = BlockDecodingStrategy::UptoBytes(wanted);
                if let Err(cause) = self.decoder.decode_blocks(&mut self.input, some) {
                    self.decoder.decode_blocks(END_OF_FRAME, BlockDecodingStrategy::All).map_err(damaged)?;
                    self.fault = Some(damaged(cause));
                }
            }
            match self.decoder.read(buffer)? {
                0 if self.decoder.is_finished() => match self.fault.take() {
                    Some(fault) => return Err(fault),
                    None => self.is_begun = false,
                },
                0 => {}
                read => return Ok(read),
            }
        }
    }
}

fn damaged(cause: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, cause)
}

#[cfg(test)]
mod tests {
    use std::io::Seek as _;

    use super::*;

    fn piece(octets: &[u8]) -> Piece {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(octets).unwrap();
        Piece { path: "l.csv".into(), file, length: octets.len() as u64 }
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn inside(octets: &[u8]) -> Result<Vec<u8>, String> {
        let mut piece = decompressed(piece(octets)).map_err(|error| error.to_string())?;
        let mut text = Vec::new();
        piece.file.rewind().unwrap();
        piece.file.take(piece.length).read_to_end(&mut text).unwrap();
        Ok(text)
    }

    #[test]
    fn what_is_not_compressed_stays_as_it_is() {
        for text in [&b""[..], b"\x1f", b"address,hwaddr\n"] {
            assert_eq!(inside(text).unwrap(), text);
        }
    }

    #[test]
    fn files_that_were_compressed_one_by_one_are_one_file() {
        let both = [gzip(b"address,hwaddr\n"), gzip(b"row\n")].concat();
        assert_eq!(inside(&both).unwrap(), b"address,hwaddr\nrow\n");
    }

    #[test]
    fn a_damaged_file_is_named_with_what_is_wrong() {
        let whole = gzip(b"address,hwaddr\n");
        let cut = inside(&whole[..whole.len() - 3]).unwrap_err();
        assert_eq!(cut, "decompress lease file l.csv: what is compressed in it is damaged or cut off");
        for magic in [&b"\xfd7zXZ\0"[..], b"\x28\xb5\x2f\xfd"] {
            assert_eq!(inside(&[magic, b"rubbish"].concat()).unwrap_err(), cut);
        }
    }

    #[test]
    fn what_grows_without_end_is_not_written_out() {
        let zeros = gzip(&vec![b'0'; 40 << 20]);
        assert_eq!(inside(&zeros).unwrap().len(), STEP, "no lease file begins so");
        let line = gzip(&[&b"address,hwaddr\n"[..], &vec![b'0'; 40 << 20]].concat());
        assert!(inside(&line).unwrap_err().contains("a line of more than 16 MiB"));
    }

    #[test]
    fn a_way_that_is_not_read_is_named_with_its_remedy() {
        let error = inside(b"BZh91AY").unwrap_err();
        let remedy = "(decompress it with bzcat l.csv, and read it from a pipe with -)";
        assert_eq!(error, format!("read lease file l.csv: it is compressed with bzip2 {remedy}"));
    }
}
