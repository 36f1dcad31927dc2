//! Values of options: from text to octets, from octets to text and JSON.
//!
//! A [`ValueFormat`] says what form a value has. [`parse`] reads text of that form into octets; [`decode`] reads octets into
//! a [`Value`], which prints as text that [`parse`] reads again, or as JSON. Octets that do not have the form are no
//! value: the caller shows them as hex and says so.

mod decode;
pub mod domain;
mod duration;
mod format;
mod parse;
mod show;
mod text;

use std::net::{Ipv4Addr, Ipv6Addr};

pub use decode::decode;
pub use format::{Codec, Field, Numbers, ValueFormat, Variant, Width};
pub use parse::parse;
pub use show::Style;
pub use text::Text;

/// Options within options within options: more levels than this are shown as octets.
pub const MAX_DEPTH: usize = 8;

/// A value read from octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Octets that have no better form.
    Octets(Vec<u8>),
    /// Text; it need not be UTF-8.
    Text(Vec<u8>),
    /// There is nothing but the option itself.
    Present,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(u64),
    /// A time in seconds.
    Seconds(u32),
    /// A time in seconds, may be negative.
    SignedSeconds(i32),
    /// An IPv4 address.
    Ip4(Ipv4Addr),
    /// An IPv6 address.
    Ip6(Ipv6Addr),
    /// A prefix of IPv6. Bits beyond its length within its last octet are as they came.
    Prefix6(Ipv6Addr, u8),
    /// A network in IPv4 and the router to it.
    Route(Ipv4Addr, u8, Ipv4Addr),
    /// A domain name, as it is printed.
    Name(String),
    /// A number, with its name if it has one.
    Named(u32, Option<&'static str>),
    /// The code of an option, with its key and its name if it has them.
    Code(u16, Option<(&'static str, &'static str)>),
    /// Several values.
    List(Vec<Value>),
    /// Fields with their names.
    Record(Vec<(&'static str, Value)>),
    /// Options, each as it stands on the wire.
    Options(Vec<SubOption>),
}

/// An option within an option. Two are equal if they say the same; their octets may differ, as names may be compressed.
#[derive(Debug, Clone, Eq)]
pub struct SubOption {
    /// Its code.
    pub code: u16,
    /// Its key, if its code is known.
    pub key: Option<&'static str>,
    /// The form it is in, where that is not the one of the table: "hex".
    pub format: Option<&'static str>,
    /// Its value.
    pub value: Value,
    /// The octets of its value.
    pub octets: Vec<u8>,
}

impl PartialEq for SubOption {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code && self.format == other.format && self.value == other.value
    }
}

/// Text without the NUL that some servers end it with, which is not part of it (RFC 2132 section 2); whether there was
/// one.
#[must_use]
pub fn without_nul<'a>(format: &ValueFormat, octets: &'a [u8]) -> (&'a [u8], bool) {
    let is_text = matches!(format, ValueFormat::Text);
    let length = octets.len() - octets.iter().rev().take_while(|octet| is_text && **octet == 0).count();
    (&octets[..length], length < octets.len())
}

#[cfg(test)]
mod tests;
