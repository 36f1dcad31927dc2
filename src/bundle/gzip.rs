//! One stream of gzip, compressed in two threads: its blocks do not refer to each other, which makes it a little larger.

use std::io::{self, Write};

use flate2::{Compress, Compression, Crc, FlushCompress};

use super::parallel;

/// How much is compressed by itself; a smaller block makes the file larger.
const BLOCK: usize = 1 << 20;

/// How much is compressed at a time.
const AT_ONCE: usize = 4 * BLOCK;

/// Without flags, name and time, from an unknown system (RFC 1952).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// A block of deflate without anything in it, which is the last one (RFC 1951).
const LAST: [u8; 2] = [3, 0];

/// Compresses what is written to it.
pub(super) struct Gzip<W> {
    out: W,
    /// What is not compressed yet.
    text: Vec<u8>,
    crc: Crc,
}

impl<W: Write> Gzip<W> {
    pub(super) fn new(mut out: W) -> io::Result<Self> {
        out.write_all(&HEADER)?;
        Ok(Self { out, text: Vec::with_capacity(AT_ONCE), crc: Crc::new() })
    }

    fn compress(&mut self) -> io::Result<()> {
        for block in parallel::each(self.text.chunks(BLOCK).collect(), deflated) {
            self.out.write_all(&block?)?;
        }
        self.crc.update(&self.text);
        self.text.clear();
        Ok(())
    }

    /// Ends the stream.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.compress()?;
        self.out.write_all(&LAST)?;
        self.out.write_all(&self.crc.sum().to_le_bytes())?;
        self.out.write_all(&self.crc.amount().to_le_bytes())?;
        Ok(self.out)
    }
}

impl<W: Write> Write for Gzip<W> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let length = text.len().min(AT_ONCE - self.text.len());
        self.text.extend_from_slice(&text[..length]);
        if self.text.len() == AT_ONCE {
            self.compress()?;
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.compress()?;
        self.out.flush()
    }
}

/// A block that others may follow.
fn deflated(text: &[u8]) -> io::Result<Vec<u8>> {
    // Logs become smaller than this.
    const USUAL: usize = BLOCK / 4;
    let mut compress = Compress::new(Compression::default(), false);
    let (mut block, mut done) = (Vec::with_capacity(USUAL), 0);
    loop {
        let before = compress.total_in();
        compress.compress_vec(&text[done..], &mut block, FlushCompress::Sync)?;
        done += usize::try_from(compress.total_in() - before).unwrap_or_default();
        // Only where room is left nothing more comes.
        if block.len() < block.capacity() {
            return Ok(block);
        }
        block.reserve(USUAL);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_is_compressed_is_read_again() {
        let (line, mut state) = (b"DHCP4_LEASE_ALLOC [hwtype=1 02:aa:00:00:00:01], tid=0x9de8895\n", 1_u32);
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        };
        for length in [0, 1, AT_ONCE + BLOCK + 7] {
            // What cannot be compressed is in the middle.
            let is_noise = |at: usize| (length / 4..length / 2).contains(&at);
            let octet = |at| if is_noise(at) { noise() } else { line[(at * at / 3 + at) % line.len()] };
            let text: Vec<u8> = (0..length).map(octet).collect();
            let mut gzip = Gzip::new(Vec::new()).unwrap();
            for part in text.chunks(300_007) {
                gzip.write_all(part).unwrap();
            }
            let (written, mut read) = (gzip.finish().unwrap(), Vec::new());
            let mut decoder = flate2::bufread::GzDecoder::new(&written[..]);
            decoder.read_to_end(&mut read).unwrap();
            assert!(read == text && decoder.into_inner().is_empty(), "{length}");
        }
    }
}
