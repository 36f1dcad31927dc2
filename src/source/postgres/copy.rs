//! PostgreSQL's binary COPY stream, cut into tuples where they lie in the reader's buffer.
//!
//! The format: a signature with flags and an extension, tuples (a field count, then length and octets of each
//! field, length -1 for NULL), and a field count of -1 as the end. A stream without that end was cut off.

use std::io::{self, BufRead};

use crate::error::Error;
use crate::source::Flow;

/// Why reading a stream ended early.
pub(super) enum Failure {
    /// The stream broke, or is no COPY stream.
    Stream(io::Error),
    /// Who was handed the tuples failed.
    Taker(Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Stream(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Taker(error)
    }
}

/// The fields of a tuple; `None` is NULL.
pub(super) type Fields<'a, const N: usize> = [Option<&'a [u8]>; N];

/// Hands each tuple of the stream to `take`, until it has enough; says whether the stream was read to its end.
pub(super) fn each_tuple<const N: usize>(
    reader: &mut dyn BufRead,
    take: &mut dyn FnMut(&Fields<'_, N>) -> Result<Flow, Error>,
) -> Result<Flow, Failure> {
    skip_header(reader)?;
    // Holds what a message of the server cut in two; in practice a message is a tuple and this stays empty.
    let mut rest = Vec::new();
    loop {
        let chunk = reader.fill_buf()?;
        let arrived = chunk.len();
        if arrived == 0 {
            return Err(
                io::Error::new(io::ErrorKind::UnexpectedEof, "the server stopped in the middle of the table").into()
            );
        }
        let done = if rest.is_empty() {
            let (used, done) = take_tuples(chunk, take)?;
            rest.extend_from_slice(&chunk[used..]);
            done
        } else {
            rest.extend_from_slice(chunk);
            let (used, done) = take_tuples(&rest, take)?;
            rest.drain(..used);
            done
        };
        reader.consume(arrived);
        if let Some(flow) = done {
            return Ok(flow);
        }
    }
}

fn skip_header(reader: &mut dyn BufRead) -> io::Result<()> {
    let mut header = [0; 19];
    reader.read_exact(&mut header)?;
    if !header.starts_with(b"PGCOPY\n\xff\r\n\0") {
        return Err(malformed());
    }
    let extension = u32::from_be_bytes([header[15], header[16], header[17], header[18]]);
    for _ in 0..extension {
        reader.read_exact(&mut [0])?;
    }
    Ok(())
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the server sent something that is no COPY stream")
}

/// How many octets were used, and how the stream ended if it did.
fn take_tuples<const N: usize>(
    octets: &[u8],
    take: &mut dyn FnMut(&Fields<'_, N>) -> Result<Flow, Error>,
) -> Result<(usize, Option<Flow>), Failure> {
    let mut used = 0;
    loop {
        match split::<N>(&octets[used..])? {
            Piece::Incomplete => return Ok((used, None)),
            Piece::End => return Ok((octets.len(), Some(Flow::Continue))),
            Piece::Tuple(fields, len) => {
                used += len;
                if take(&fields)? == Flow::Stop {
                    return Ok((used, Some(Flow::Stop)));
                }
            }
        }
    }
}

enum Piece<'a, const N: usize> {
    Incomplete,
    End,
    /// With the number of octets it takes.
    Tuple(Fields<'a, N>, usize),
}

fn split<const N: usize>(octets: &[u8]) -> io::Result<Piece<'_, N>> {
    let Some((count, mut rest)) = octets.split_first_chunk() else { return Ok(Piece::Incomplete) };
    let count = i16::from_be_bytes(*count);
    if count == -1 {
        return Ok(Piece::End);
    }
    if usize::try_from(count) != Ok(N) {
        return Err(malformed());
    }
    let mut fields = [None; N];
    for field in &mut fields {
        let Some((len, after)) = rest.split_first_chunk() else { return Ok(Piece::Incomplete) };
        rest = after;
        let Ok(len) = usize::try_from(i32::from_be_bytes(*len)) else { continue };
        let Some((value, after)) = rest.split_at_checked(len) else { return Ok(Piece::Incomplete) };
        (*field, rest) = (Some(value), after);
    }
    Ok(Piece::Tuple(fields, octets.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

    fn stream(tuples: &[[Option<&[u8]>; 2]]) -> Vec<u8> {
        let mut out = HEADER.to_vec();
        for tuple in tuples {
            out.extend(2i16.to_be_bytes());
            for field in tuple {
                out.extend(field.map_or(-1, |value| i32::try_from(value.len()).unwrap()).to_be_bytes());
                out.extend(field.unwrap_or_default());
            }
        }
        out.extend((-1i16).to_be_bytes());
        out
    }

    fn read(octets: &[u8], buffer: usize) -> Result<Vec<[Option<Vec<u8>>; 2]>, Failure> {
        let mut found = Vec::new();
        let mut reader = BufReader::with_capacity(buffer, octets);
        each_tuple::<2>(&mut reader, &mut |fields| {
            found.push(fields.map(|field| field.map(<[u8]>::to_vec)));
            Ok(Flow::Continue)
        })?;
        Ok(found)
    }

    #[test]
    fn tuples_come_whole_however_the_stream_is_cut() {
        let octets = stream(&[[Some(b"one"), None], [Some(b""), Some(b"a longer field")]]);
        for buffer in 1..=octets.len() {
            let found = read(&octets, buffer).ok().unwrap();
            assert_eq!(found, [[Some(b"one".to_vec()), None], [Some(vec![]), Some(b"a longer field".to_vec())]]);
        }
    }

    #[test]
    fn a_stream_without_its_end_is_an_error() {
        let octets = stream(&[[Some(b"one"), None]]);
        for len in 0..octets.len() {
            assert!(matches!(read(&octets[..len], 64), Err(Failure::Stream(_))), "cut after {len} octets");
        }
    }

    #[test]
    fn a_tuple_with_another_number_of_fields_is_an_error() {
        let octets = [HEADER, &3i16.to_be_bytes(), &[0; 12]].concat();
        assert!(matches!(read(&octets, 64), Err(Failure::Stream(_))));
    }

    #[test]
    fn who_has_enough_gets_no_more() {
        let octets = stream(&[[None, None], [None, None]]);
        let mut seen = 0;
        let taken = each_tuple::<2>(&mut &octets[..], &mut |_| {
            seen += 1;
            Ok(Flow::Stop)
        });
        assert!(matches!(taken, Ok(Flow::Stop)));
        assert_eq!(seen, 1);
    }

    proptest! {
        #[test]
        fn no_octets_make_it_panic(octets: Vec<u8>, buffer in 1usize..64) {
            let _ = read(&[HEADER, &octets].concat(), buffer);
            let _ = read(&octets, buffer);
        }
    }
}
