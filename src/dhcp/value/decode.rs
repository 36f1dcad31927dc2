//! From octets to values.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::format::{Numbers, Width};
use super::{Field, MAX_DEPTH, SubOption, Value, ValueFormat, Variant, domain};
use crate::dhcp::table::Space;

/// The value of this form in `octets`; `None` if they do not have it, to the last octet.
#[must_use]
pub fn decode(format: &ValueFormat, octets: &[u8]) -> Option<Value> {
    let mut reader = Reader { octets, depth: 0 };
    let value = reader.value(format)?;
    reader.octets.is_empty().then_some(value)
}

struct Reader<'a> {
    octets: &'a [u8],
    depth: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, format: &ValueFormat) -> Option<Value> {
        Some(match format {
            ValueFormat::Hex => Value::Octets(self.all().to_vec()),
            ValueFormat::Text | ValueFormat::FullText => Value::Text(self.all().to_vec()),
            ValueFormat::Opaque => opaque(self.all()),
            ValueFormat::Present => Value::Present,
            ValueFormat::Bool => match self.take(1)? {
                [octet @ (0 | 1)] => Value::Bool(*octet == 1),
                _ => return None,
            },
            ValueFormat::U8 => Value::Number(self.number(1)?),
            ValueFormat::U16 => Value::Number(self.number(2)?),
            ValueFormat::U32 => Value::Number(self.number(4)?),
            ValueFormat::U64 => Value::Number(self.number(8)?),
            ValueFormat::Seconds => Value::Seconds(u32::from_be_bytes(self.array()?)),
            ValueFormat::SignedSeconds => Value::SignedSeconds(i32::from_be_bytes(self.array()?)),
            ValueFormat::Ip4 => Value::Ip4(Ipv4Addr::from(self.array::<4>()?)),
            ValueFormat::Ip6 => Value::Ip6(Ipv6Addr::from(self.array::<16>()?)),
            ValueFormat::Prefix6 => self.prefix6()?,
            ValueFormat::Name => {
                let (name, length) = domain::read(self.octets)?;
                self.take(length)?;
                Value::Name(name)
            }
            ValueFormat::Names => Value::List(domain::read_list(self.all())?.into_iter().map(Value::Name).collect()),
            ValueFormat::Named(numbers) => self.named(numbers)?,
            ValueFormat::Code(space) => self.code(space)?,
            ValueFormat::List(format) => self.list(format)?,
            ValueFormat::Counted(width, format) => self.counted(*width, format)?,
            ValueFormat::Record(fields) => self.record(fields)?,
            ValueFormat::Tagged(width, variants) => self.tagged(*width, variants)?,
            ValueFormat::Options(space) => self.options(space)?,
            ValueFormat::Custom(codec) => (codec.decode)(self.all())?,
        })
    }

    fn prefix6(&mut self) -> Option<Value> {
        let [length] = self.array()?;
        let octets = self.take(usize::from(length).div_ceil(8))?;
        let mut address = [0; 16];
        address.get_mut(..octets.len())?.copy_from_slice(octets);
        (length <= 128).then(|| Value::Prefix6(address.into(), length))
    }

    fn named(&mut self, numbers: &Numbers) -> Option<Value> {
        let number = u32::try_from(self.number(numbers.width.octets())?).ok()?;
        Some(Value::Named(number, numbers.name(number)))
    }

    fn code(&mut self, space: &Space) -> Option<Value> {
        let code = u16::try_from(self.number(space.code.octets())?).ok()?;
        Some(Value::Code(code, space.by_code(code).map(|entry| (entry.key, entry.name))))
    }

    fn list(&mut self, format: &ValueFormat) -> Option<Value> {
        let mut list = Vec::new();
        while !self.octets.is_empty() {
            let left = self.octets.len();
            list.push(self.value(format)?);
            if self.octets.len() == left {
                return None;
            }
        }
        Some(Value::List(list))
    }

    fn counted(&mut self, width: Width, format: &ValueFormat) -> Option<Value> {
        let length = usize::try_from(self.number(width.octets())?).ok()?;
        let octets = self.take(length)?;
        self.within(octets, format)
    }

    fn record(&mut self, fields: &[Field]) -> Option<Value> {
        let values = fields.iter().map(|field| Some((field.name, self.value(&field.format)?)));
        values.collect::<Option<_>>().map(Value::Record)
    }

    fn tagged(&mut self, width: Width, variants: &[Variant]) -> Option<Value> {
        let tag = self.number(width.octets())?;
        let variant = variants.iter().find(|variant| u64::from(variant.tag) == tag)?;
        Some(Value::Record(vec![(variant.name, self.value(&variant.format)?)]))
    }

    fn options(&mut self, space: &Space) -> Option<Value> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        let mut options = Vec::new();
        while !self.octets.is_empty() {
            let code = u16::try_from(self.number(space.code.octets())?).ok()?;
            let is_single = space.has_pads && (code == 0 || code == 255);
            let octets = if is_single {
                &[]
            } else {
                let length = usize::try_from(self.number(space.length.octets())?).ok()?;
                self.take(length)?
            };
            options.push(self.sub_option(space, code, octets, is_single));
        }
        Some(Value::Options(options))
    }

    /// An option within the option; where it does not have its form, as hex: the rest can still be read.
    fn sub_option(&self, space: &Space, code: u16, octets: &[u8], is_single: bool) -> SubOption {
        let format = if is_single { ValueFormat::Present } else { space.format(code) };
        let value = self.within(octets, &format);
        let is_as_told =
            value.is_some() && !(matches!(format, ValueFormat::Opaque) && matches!(value, Some(Value::Octets(_))));
        SubOption {
            code,
            key: space.by_code(code).map(|entry| entry.key),
            format: (!is_as_told).then_some("hex"),
            value: value.unwrap_or_else(|| Value::Octets(octets.to_vec())),
            octets: octets.to_vec(),
        }
    }

    fn within(&self, octets: &[u8], format: &ValueFormat) -> Option<Value> {
        let mut reader = Reader { octets, depth: self.depth + 1 };
        let value = reader.value(format)?;
        reader.octets.is_empty().then_some(value)
    }

    fn all(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.octets)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.octets.split_at_checked(length)?;
        self.octets = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn number(&mut self, octets: usize) -> Option<u64> {
        Some(self.take(octets)?.iter().fold(0, |number, octet| number << 8 | u64::from(*octet)))
    }
}

/// Text if a person can read every octet of it.
fn opaque(octets: &[u8]) -> Value {
    let is_printable = !octets.is_empty() && octets.iter().all(|octet| octet.is_ascii_graphic() || *octet == b' ');
    if is_printable { Value::Text(octets.to_vec()) } else { Value::Octets(octets.to_vec()) }
}
