//! PostgreSQL's binary COPY stream, split into tuples within the reader's buffer.
//!
//! The format: a signature with flags and an extension, tuples (a field count, then length and octets of each
//! field, length -1 for NULL), and a field count of -1 as the end. A stream without that end is truncated.

use std::io;
use std::mem;

use crate::error::Error;
use crate::source::Flow;

/// Why reading a stream ended early.
pub(super) enum Failure {
    /// The server or the connection failed.
    Server(tokio_postgres::Error),
    /// The stream ends early, or is not a COPY stream.
    Stream(io::Error),
    /// The receiver of the tuples failed.
    Taker(Error),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Server(error)
    }
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

/// A stream that is being split into tuples of `N` fields.
#[derive(Default)]
pub(super) struct Stream<const N: usize> {
    is_past_header: bool,
    /// A tuple that spans two messages of the server; in practice a message is a tuple and this stays empty.
    rest: Vec<u8>,
}

impl<const N: usize> Stream<N> {
    /// Hands each tuple that is whole with this piece of the stream to `take`, until it has enough; once the stream
    /// is at its end or `take` has enough, says which.
    pub(super) fn feed(
        &mut self,
        piece: &[u8],
        take: &mut dyn FnMut(&Fields<'_, N>) -> Result<Flow, Error>,
    ) -> Result<Option<Flow>, Failure> {
        if self.rest.is_empty() {
            let (used, done) = self.take_tuples(piece, take)?;
            self.rest.extend_from_slice(&piece[used..]);
            return Ok(done);
        }
        let mut rest = mem::take(&mut self.rest);
        rest.extend_from_slice(piece);
        let (used, done) = self.take_tuples(&rest, take)?;
        rest.drain(..used);
        self.rest = rest;
        Ok(done)
    }

    /// How many octets were used, and how the stream ended if it did.
    fn take_tuples(
        &mut self,
        octets: &[u8],
        take: &mut dyn FnMut(&Fields<'_, N>) -> Result<Flow, Error>,
    ) -> Result<(usize, Option<Flow>), Failure> {
        let mut used = 0;
        if !self.is_past_header {
            let Some(header) = header(octets)? else { return Ok((0, None)) };
            (self.is_past_header, used) = (true, header);
        }
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
}

/// The error if there are no more pieces before the end.
pub(super) fn cut_off() -> Failure {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the server stopped in the middle of the table").into()
}

/// How long the header is, once enough of it is there.
fn header(octets: &[u8]) -> io::Result<Option<usize>> {
    const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
    if !octets.starts_with(&SIGNATURE[..SIGNATURE.len().min(octets.len())]) {
        return Err(malformed());
    }
    let Some((extension, _)) = octets.get(SIGNATURE.len() + 4..).and_then(<[u8]>::split_first_chunk) else {
        return Ok(None);
    };
    let len = (SIGNATURE.len() + 8).saturating_add(u32::from_be_bytes(*extension) as usize);
    Ok((octets.len() >= len).then_some(len))
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the server sent something that is no COPY stream")
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

    fn read(octets: &[u8], piece: usize) -> Result<Vec<[Option<Vec<u8>>; 2]>, Failure> {
        let mut found = Vec::new();
        let mut stream = Stream::<2>::default();
        for piece in octets.chunks(piece) {
            let done = stream.feed(piece, &mut |fields| {
                found.push(fields.map(|field| field.map(<[u8]>::to_vec)));
                Ok(Flow::Continue)
            })?;
            if done.is_some() {
                return Ok(found);
            }
        }
        Err(cut_off())
    }

    #[test]
    fn tuples_come_whole_however_the_stream_is_cut() {
        let octets = stream(&[[Some(b"one"), None], [Some(b""), Some(b"a longer field")]]);
        for piece in 1..=octets.len() {
            let found = read(&octets, piece).ok().unwrap();
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
        let taken = Stream::<2>::default().feed(&octets, &mut |_| {
            seen += 1;
            Ok(Flow::Stop)
        });
        assert!(matches!(taken, Ok(Some(Flow::Stop))));
        assert_eq!(seen, 1);
    }

    proptest! {
        #[test]
        fn no_octets_make_it_panic(octets: Vec<u8>, piece in 1usize..64) {
            let _ = read(&[HEADER, &octets].concat(), piece);
            let _ = read(&octets, piece);
        }
    }
}
