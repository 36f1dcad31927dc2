//! What forms a value can have on the wire: the vocabulary of the option tables.

use super::Value;
use super::text::Text;
use crate::dhcp::table::{NamedFormat, Space};

/// The form of a value. Tables of options are written in it; forms that nest are made of forms.
///
/// A form either has a length of its own (numbers, addresses, names, counted values) or takes all octets that are left
/// (text, lists, options); the latter stand last in a [`ValueFormat::Record`].
#[derive(Debug, Clone, Copy)]
pub enum ValueFormat {
    /// Any octets, as hex.
    Hex,
    /// Text; octets that are not printable are escaped.
    Text,
    /// Text of the command line as it is, without quotes and escapes.
    FullText,
    /// Text where every octet is printable, else hex: for members of a [`ValueFormat::Options`] that may be either.
    Opaque,
    /// No octets at all; the word "present".
    Present,
    /// One octet, 0 or 1.
    Bool,
    /// A number of one octet.
    U8,
    /// A number of two octets.
    U16,
    /// A number of four octets.
    U32,
    /// A number of eight octets.
    U64,
    /// Seconds in four octets; `1h` and the like are understood.
    Seconds,
    /// Seconds in four octets, may be negative.
    SignedSeconds,
    /// An IPv4 address.
    Ip4,
    /// An IPv6 address.
    Ip6,
    /// A prefix of IPv6: its length in bits, then as many octets as these take.
    Prefix6,
    /// One domain name (RFC 1035 section 3.1), not compressed.
    Name,
    /// Domain names to the end, decompressed (RFC 1035 section 4.1.4); written without compression.
    Names,
    /// A number with names.
    Named(&'static Numbers),
    /// The code of an option in a space.
    Code(&'static Space),
    /// The same form again and again to the end.
    List(&'static ValueFormat),
    /// A value with its length before it.
    Counted(Width, &'static ValueFormat),
    /// Fields one after the other.
    Record(&'static [Field]),
    /// A number that says which of several forms follows.
    Tagged(Width, &'static [Variant]),
    /// Options within the option.
    Options(&'static Space),
    /// What none of the others can say.
    Custom(&'static Codec),
}

/// Octets of a number, such as a code or a length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// One octet.
    One,
    /// Two octets.
    Two,
    /// Four octets.
    Four,
}

/// A field of a [`ValueFormat::Record`].
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its form.
    pub format: ValueFormat,
    /// Whether it must be given; what may be left out is 0 or empty then.
    pub required: bool,
}

impl Field {
    /// A field that must be given.
    #[must_use]
    pub const fn new(name: &'static str, format: ValueFormat) -> Self {
        Self { name, format, required: true }
    }

    /// A field that is 0 or empty if it is not given.
    #[must_use]
    pub const fn optional(name: &'static str, format: ValueFormat) -> Self {
        Self { name, format, required: false }
    }
}

/// One of the forms of a [`ValueFormat::Tagged`].
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// The number that announces it.
    pub tag: u32,
    /// Its name.
    pub name: &'static str,
    /// Its form.
    pub format: ValueFormat,
}

/// A number whose values have names.
#[derive(Debug)]
pub struct Numbers {
    /// What the number is, in words: "message type".
    pub what: &'static str,
    /// Its size.
    pub width: Width,
    /// Names, the first of a number is shown; others are understood too.
    pub names: &'static [(u32, &'static str)],
}

impl Numbers {
    /// The name of a number.
    #[must_use]
    pub fn name(&self, number: u32) -> Option<&'static str> {
        self.names.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
    }

    /// The number of a name, in any case.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u32> {
        self.names.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(number, _)| *number)
    }
}

/// A form with code of its own.
pub struct Codec {
    /// Its name after `CODE[…]`, and in messages.
    pub name: &'static str,
    /// A value it takes.
    pub example: &'static str,
    /// Reads text (at the top of a value, where brackets may be left out: true), writes octets.
    pub parse: fn(&mut Text<'_>, bool, &mut Vec<u8>) -> Result<(), String>,
    /// Reads octets; `None` if they do not fit. What comes out, printed, is text for `parse`.
    pub decode: fn(&[u8]) -> Option<Value>,
}

impl std::fmt::Debug for Codec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Codec({})", self.name)
    }
}

impl Width {
    /// How many octets.
    #[must_use]
    pub fn octets(self) -> usize {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
        }
    }

    /// Appends `number`; false if it is too big.
    pub(super) fn push(self, number: u64, out: &mut Vec<u8>) -> bool {
        let octets = number.to_be_bytes();
        let (high, low) = octets.split_at(8 - self.octets());
        out.extend_from_slice(low);
        high.iter().all(|octet| *octet == 0)
    }
}

/// The forms that can be named after an option's code (`60[hex]=…`), their names first, then aliases.
const NAMED: &[NamedFormat] = &[
    (&["str", "text"], ValueFormat::Text),
    (&["fullString"], ValueFormat::FullText),
    (&["hex"], ValueFormat::Hex),
    (&["ip"], ValueFormat::Ip4),
    (&["ip6"], ValueFormat::Ip6),
    (&["prefix6"], ValueFormat::Prefix6),
    (&["boolean"], ValueFormat::Bool),
    (&["u8"], ValueFormat::U8),
    (&["u16"], ValueFormat::U16),
    (&["u32", "i32"], ValueFormat::U32),
    (&["u64"], ValueFormat::U64),
    (&["duration", "time"], ValueFormat::Seconds),
    (&["offset"], ValueFormat::SignedSeconds),
    (&["zeroLength"], ValueFormat::Present),
    (&["name"], ValueFormat::Name),
    (&["domainSearch"], ValueFormat::Names),
    (&["ips"], ValueFormat::List(&ValueFormat::Ip4)),
    (&["ip6s"], ValueFormat::List(&ValueFormat::Ip6)),
    (&["u8s"], ValueFormat::List(&ValueFormat::U8)),
    (&["u16s"], ValueFormat::List(&ValueFormat::U16)),
    (&["u32s"], ValueFormat::List(&ValueFormat::U32)),
    (&["durations"], ValueFormat::List(&ValueFormat::Seconds)),
];

impl ValueFormat {
    /// The form of this name, in any case; a family's own names are in its table ([`Space::formats`]).
    #[must_use]
    pub fn by_name(name: &str, space: &Space) -> Option<Self> {
        let mut all = NAMED.iter().chain((space.formats)());
        all.find(|(names, _)| names.iter().any(|known| known.eq_ignore_ascii_case(name))).map(|(_, format)| *format)
    }

    /// Every name there is in a space, aliases included.
    #[must_use]
    pub fn names(space: &Space) -> Vec<&'static str> {
        NAMED.iter().chain((space.formats)()).flat_map(|(names, _)| names.iter().copied()).collect()
    }

    /// What it is, in words for a message, with a value that fits.
    #[must_use]
    pub fn describe(&self) -> (String, String) {
        let (what, example) = match self {
            Self::Hex => ("octets in hex", "01 02 0A FF"),
            Self::Text | Self::FullText | Self::Opaque => ("text", "\"some text\""),
            Self::Present => ("the word present", "present"),
            Self::Bool => ("true or false", "true"),
            Self::U8 => ("a number up to 255", "64"),
            Self::U16 => ("a number up to 65535", "1500"),
            Self::U32 => ("a number up to 4294967295", "3600"),
            Self::U64 => ("a number", "1"),
            Self::Seconds => ("a time", "90m"),
            Self::SignedSeconds => ("a time that may be negative", "-5h"),
            Self::Ip4 => ("an IPv4 address", "192.0.2.1"),
            Self::Ip6 => ("an IPv6 address", "2001:db8::1"),
            Self::Prefix6 => ("an IPv6 prefix", "2001:db8::/32"),
            Self::Name => ("a domain name", "host.example.org"),
            Self::Names => ("domain names", "[example.org, example.net]"),
            Self::Code(_) => ("the code or name of an option", "1"),
            Self::Named(numbers) => {
                let (_, name) = numbers.names.first().copied().unwrap_or((0, "0"));
                return (format!("a {} by name or number", numbers.what), name.to_owned());
            }
            Self::List(format) => {
                let example = format.nested_example();
                return (format!("a list of values, each {}", format.describe().0), format!("[{example}, {example}]"));
            }
            Self::Counted(_, format) => return format.describe(),
            Self::Record(fields) => {
                let examples = fields.iter().map(|field| format!("{}={}", field.name, field.format.nested_example()));
                return ("fields".into(), examples.collect::<Vec<_>>().join(", "));
            }
            Self::Tagged(_, variants) => return describe_variants(variants),
            Self::Options(space) => return (format!("{} by code or name", space.what), space.example()),
            Self::Custom(codec) => (codec.name, codec.example),
        };
        (what.to_owned(), example.to_owned())
    }

    pub(crate) fn nested_example(&self) -> String {
        let example = self.describe().1;
        let needs_braces = matches!(self.inner(), Self::Record(_) | Self::Tagged(..) | Self::Options(_));
        if needs_braces { format!("{{{example}}}") } else { example }
    }

    /// The form within a counted one.
    pub(super) fn inner(&self) -> &Self {
        match self {
            Self::Counted(_, format) => format.inner(),
            other => other,
        }
    }
}

fn describe_variants(variants: &[Variant]) -> (String, String) {
    let example = variants.first().map(|variant| format!("{}={}", variant.name, variant.format.nested_example()));
    let names: Vec<_> = variants.iter().map(|variant| variant.name).collect();
    (format!("one of {}", names.join(", ")), example.unwrap_or_default())
}
