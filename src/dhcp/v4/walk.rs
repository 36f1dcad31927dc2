//! The walk over a packet's options: behind the cookie, then in the fields that option 52 names.

use std::ops::Range;

use super::option::{END, OVERLOAD, PAD};
use super::piece::{Area, Piece};
use super::{HEADER, MAGIC};
use crate::dhcp::Anomaly;

/// The field `sname` of a payload.
pub(super) const SNAME: Range<usize> = 44..108;
/// The field `file` of a payload.
pub(super) const FILE: Range<usize> = 108..236;

/// Every option of a payload with a cookie, with what is remarkable added to `anomalies`.
pub(super) fn options(octets: &[u8], anomalies: Vec<Anomaly>) -> (Vec<Piece>, Vec<Anomaly>) {
    let mut walk = Walk { octets, pieces: Vec::new(), anomalies };
    walk.area(Area::Options, HEADER + MAGIC.len()..octets.len());
    let overload = walk.overload();
    // RFC 3396 section 7 and RFC 2131 section 4.1: file before sname.
    if overload & 1 != 0 {
        walk.area(Area::File, FILE);
    }
    if overload & 2 != 0 {
        walk.area(Area::Sname, SNAME);
    }
    walk.repetitions();
    (walk.pieces, walk.anomalies)
}

struct Walk<'a> {
    octets: &'a [u8],
    pieces: Vec<Piece>,
    anomalies: Vec<Anomaly>,
}

impl Walk<'_> {
    /// Walks over one area. An option that claims more than is left gets what is left.
    fn area(&mut self, area: Area, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            let (code, offset) = (self.octets[at], at);
            if code == PAD || code == END {
                self.pieces.push(Piece { code, area, offset, value: at + 1..at + 1 });
                at += 1;
                if code == END {
                    return self.after_end(at..range.end);
                }
                continue;
            }
            let Some(said) = self.octets[..range.end].get(at + 1).map(|length| usize::from(*length)) else {
                self.pieces.push(Piece { code, area, offset, value: at + 1..at + 1 });
                return self.anomalies.push(Anomaly::NoLength { code: code.into(), offset });
            };
            let there = range.end - (at + 2);
            let value = at + 2..at + 2 + said.min(there);
            at = value.end;
            self.pieces.push(Piece { code, area, offset, value });
            if said > there {
                return self.anomalies.push(Anomaly::TruncatedOption { code: code.into(), offset, said, there });
            }
        }
        self.anomalies.push(Anomaly::NoEnd { offset: range.end });
    }

    fn after_end(&mut self, range: Range<usize>) {
        let start = range.start;
        let rest = &self.octets[range];
        if let Some(first) = rest.iter().position(|octet| *octet != 0) {
            let octets = rest.iter().filter(|octet| **octet != 0).count();
            self.anomalies.push(Anomaly::AfterEnd { offset: start + first, octets });
        }
    }

    /// The value of the one option 52 that counts: the first behind the cookie; 0 if there is none that is right.
    fn overload(&mut self) -> u8 {
        let Some(piece) = self.pieces.iter().find(|piece| piece.code == OVERLOAD) else { return 0 };
        let offset = piece.offset;
        if let [value @ 1..=3] = self.octets[piece.value.clone()] {
            self.anomalies.push(Anomaly::Overloaded { offset, value });
            value
        } else {
            self.anomalies.push(Anomaly::BadOverload { offset });
            0
        }
    }

    /// Finds options that are there more than once. Pieces of one long option are full but for the last.
    fn repetitions(&mut self) {
        let mut by_code: Vec<&Piece> =
            self.pieces.iter().filter(|piece| piece.code != PAD && piece.code != END).collect();
        by_code.sort_by_key(|piece| piece.code);
        for pieces in by_code.chunk_by(|a, b| a.code == b.code) {
            let [first, second, ..] = pieces else { continue };
            let code = first.code.into();
            let is_split = pieces[..pieces.len() - 1].iter().all(|piece| piece.value.len() == usize::from(u8::MAX));
            self.anomalies.push(if is_split {
                Anomaly::Split { code, offset: first.offset, pieces: pieces.len() }
            } else {
                Anomaly::Duplicate { code, offset: second.offset, times: pieces.len() }
            });
            if let Some(inner) = pieces.iter().find(|piece| piece.code == OVERLOAD && piece.area != Area::Options) {
                self.anomalies.push(Anomaly::BadOverload { offset: inner.offset });
            }
        }
    }
}
