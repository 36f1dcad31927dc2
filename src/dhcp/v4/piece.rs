//! The options of a packet in the order of the wire, and put together.

use std::borrow::Cow;
use std::ops::Range;

/// The part of a packet that an option is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Behind the magic cookie.
    Options,
    /// In the field `file`, because option 52 says so.
    File,
    /// In the field `sname`, because option 52 says so.
    Sname,
}

impl Area {
    /// Its name in machine formats.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Options => "options",
            Self::File => "file",
            Self::Sname => "sname",
        }
    }
}

/// One option as it is on the wire; PAD and END are pieces without value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its code.
    pub code: u8,
    /// The part of the packet that it is in.
    pub area: Area,
    /// Where its code is in the payload.
    pub offset: usize,
    /// Where its value is in the payload: [`super::Packet::value`].
    pub value: Range<usize>,
}

/// An option with all its pieces put together (RFC 3396).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined<'a> {
    /// Its code.
    pub code: u8,
    /// The part of the packet that the first piece is in.
    pub area: Area,
    /// Where the first piece is in the payload.
    pub offset: usize,
    /// Its value.
    pub octets: Cow<'a, [u8]>,
    /// How many pieces it came in.
    pub pieces: usize,
}
