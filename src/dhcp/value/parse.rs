//! From text to octets.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::format::{Numbers, Width};
use super::text::Text;
use super::{Field, MAX_DEPTH, ValueFormat, Variant, domain, duration};
use crate::dhcp::table::Space;

/// The octets of the value that `text` says in this form. An error says what form that is, and shows a value that has
/// it. `space` is where names of forms (`1[hex]=…`) within the value come from.
pub fn parse(format: &ValueFormat, text: &str, space: &Space) -> Result<Vec<u8>, String> {
    let mut writer = Writer { out: Vec::new(), space, depth: 0 };
    let mut reader = Text::new(text);
    let result = match format {
        ValueFormat::FullText => {
            writer.out.extend_from_slice(reader.everything().as_bytes());
            Ok(())
        }
        _ => writer.value(format, &mut reader, true),
    };
    let too_much = |reader: &Text<'_>| Err(format!("\"{}\" is too much", reader.rest()));
    let result = result.and_then(|()| if reader.is_done() { Ok(()) } else { too_much(&reader) });
    match result {
        Ok(()) => Ok(writer.out),
        Err(cause) => {
            let (what, example) = format.describe();
            Err(format!("\"{text}\" is not {what}: {cause}; for example: {example}"))
        }
    }
}

struct Writer<'a> {
    out: Vec<u8>,
    space: &'a Space,
    depth: usize,
}

impl Writer<'_> {
    fn value(&mut self, format: &ValueFormat, text: &mut Text<'_>, is_top: bool) -> Result<(), String> {
        match format {
            ValueFormat::Text | ValueFormat::FullText | ValueFormat::Opaque => {
                self.out.append(&mut text.phrase(is_top)?);
            }
            ValueFormat::List(format) => return self.list(format, text, is_top),
            ValueFormat::Names => {
                let names = sequence(text, is_top, |text| text.string(false))?;
                names.iter().try_for_each(|name| domain::write(name, &mut self.out))?;
            }
            ValueFormat::Counted(width, format) => {
                let octets = self.apart(format, text, is_top)?;
                self.counted(*width, &octets)?;
            }
            ValueFormat::Record(fields) => return self.record(fields, text, is_top),
            ValueFormat::Tagged(width, variants) => return self.tagged(*width, variants, text, is_top),
            ValueFormat::Options(space) => return self.options(space, text, is_top),
            ValueFormat::Custom(codec) => return (codec.parse)(text, is_top, &mut self.out),
            _ => {
                let word = text.string(is_top)?;
                return self.scalar(format, &word);
            }
        }
        Ok(())
    }

    fn scalar(&mut self, format: &ValueFormat, word: &str) -> Result<(), String> {
        match format {
            ValueFormat::Hex => self.out.append(&mut hex(word)?),
            ValueFormat::Present if word == "present" => {}
            ValueFormat::Bool => self.out.push(u8::from(word.parse::<bool>().map_err(|_| not(word))?)),
            ValueFormat::U8 => self.number(Width::One, word)?,
            ValueFormat::U16 => self.number(Width::Two, word)?,
            ValueFormat::U32 => self.number(Width::Four, word)?,
            ValueFormat::U64 => self.out.extend(word.parse::<u64>().map_err(|_| not(word))?.to_be_bytes()),
            ValueFormat::Seconds => self.out.extend(duration::parse(word)?.to_be_bytes()),
            ValueFormat::SignedSeconds => self.out.extend(duration::parse_signed(word)?.to_be_bytes()),
            ValueFormat::Ip4 => self.out.extend(word.parse::<Ipv4Addr>().map_err(|_| not(word))?.octets()),
            ValueFormat::Ip6 => self.out.extend(word.parse::<Ipv6Addr>().map_err(|_| not(word))?.octets()),
            ValueFormat::Prefix6 => self.prefix6(word).ok_or_else(|| not(word))?,
            ValueFormat::Name => domain::write(word, &mut self.out)?,
            ValueFormat::Named(numbers) => self.named(numbers, word)?,
            ValueFormat::Code(space) => {
                space.code.push(space.code_of(word)?.into(), &mut self.out);
            }
            _ => return Err(not(word)),
        }
        Ok(())
    }

    fn prefix6(&mut self, word: &str) -> Option<()> {
        let (address, length) = word.split_once('/')?;
        let (address, length) = (address.parse::<Ipv6Addr>().ok()?, length.parse::<u8>().ok()?);
        let needed = address.octets().into_iter().take(usize::from(length).div_ceil(8));
        self.out.push(length);
        self.out.extend(needed);
        (length <= 128).then_some(())
    }

    fn number(&mut self, width: Width, word: &str) -> Result<(), String> {
        let number = word.parse::<u64>().map_err(|_| not(word))?;
        if width.push(number, &mut self.out) { Ok(()) } else { Err(format!("{number} is too big")) }
    }

    fn named(&mut self, numbers: &Numbers, word: &str) -> Result<(), String> {
        let number = numbers.number(word).map(u64::from).or_else(|| word.parse().ok());
        match number {
            Some(number) if numbers.width.push(number, &mut self.out) => Ok(()),
            _ => {
                let names: Vec<_> = numbers.names.iter().map(|(_, name)| *name).collect();
                Err(format!("no {} is called \"{word}\"; there are {}", numbers.what, names.join(", ")))
            }
        }
    }

    /// A list; at the top without brackets too. Where blanks cannot be within elements, they may stand between them.
    fn list(&mut self, format: &ValueFormat, text: &mut Text<'_>, is_top: bool) -> Result<(), String> {
        match format.inner() {
            ValueFormat::Record(_) | ValueFormat::Tagged(..) | ValueFormat::Options(_) | ValueFormat::List(_) => {
                return self.list_of_records(format, text, is_top);
            }
            ValueFormat::Text | ValueFormat::Opaque if is_top && text.peek() != Some('[') => {
                return self.value(format, text, true);
            }
            _ => {}
        }
        let is_word = matches!(
            format,
            ValueFormat::Bool
                | ValueFormat::U8
                | ValueFormat::U16
                | ValueFormat::U32
                | ValueFormat::Seconds
                | ValueFormat::Ip4
                | ValueFormat::Ip6
        );
        sequence(text, is_top, |text| {
            if !is_word {
                return self.value(format, text, false);
            }
            let word = text.word()?;
            self.scalar(format, &String::from_utf8_lossy(&word))
        })
        .map(|_| ())
    }

    /// A list of things that stand in brackets themselves; a single one needs none at the top.
    fn list_of_records(&mut self, format: &ValueFormat, text: &mut Text<'_>, is_top: bool) -> Result<(), String> {
        if is_top && !matches!(text.peek(), None | Some('[' | '{')) {
            return self.value(format, text, true);
        }
        let mut inside = Text::new(text.rest());
        let is_bracketed = inside.open() == Some(']') && matches!(inside.peek(), None | Some('[' | '{' | ']'));
        if !is_top && !is_bracketed {
            return Err("a list in brackets is needed".into());
        }
        if is_bracketed {
            return sequence(text, false, |text| self.value(format, text, false)).map(|_| ());
        }
        while !text.is_done() {
            self.value(format, text, false)?;
            if !text.take(',') {
                break;
            }
        }
        Ok(())
    }

    fn record(&mut self, fields: &[Field], text: &mut Text<'_>, is_top: bool) -> Result<(), String> {
        let mut values: Vec<Option<Vec<u8>>> = vec![None; fields.len()];
        self.fields(text, is_top, |writer, name, form, text| {
            let place = fields.iter().position(|field| field.name.eq_ignore_ascii_case(&name));
            let Some(place) = place else {
                let names: Vec<_> = fields.iter().map(|field| field.name).collect();
                return Err(format!("no field is called \"{name}\"; there are {}", names.join(", ")));
            };
            let format = writer.form(form, fields[place].format)?;
            if values[place].replace(writer.apart(&format, text, false)?).is_some() {
                return Err(format!("the field {name} is there twice"));
            }
            Ok(())
        })?;
        for (field, value) in fields.iter().zip(values) {
            match value {
                Some(mut value) => self.out.append(&mut value),
                None if field.required => return Err(format!("the field {} is missing", field.name)),
                None => self.out.resize(self.out.len() + size_of_zero(&field.format), 0),
            }
        }
        Ok(())
    }

    fn tagged(&mut self, width: Width, variants: &[Variant], text: &mut Text<'_>, is_top: bool) -> Result<(), String> {
        let mut is_given = false;
        self.fields(text, is_top, |writer, name, form, text| {
            let variant = variants.iter().find(|variant| variant.name.eq_ignore_ascii_case(&name));
            let Some(variant) = variant.filter(|_| !is_given) else {
                let names: Vec<_> = variants.iter().map(|variant| variant.name).collect();
                return Err(format!("one of {} is needed", names.join(", ")));
            };
            is_given = true;
            width.push(variant.tag.into(), &mut writer.out);
            let format = writer.form(form, variant.format)?;
            writer.value(&format, text, false)
        })?;
        if is_given { Ok(()) } else { Err("nothing is given".into()) }
    }

    fn options(&mut self, space: &Space, text: &mut Text<'_>, is_top: bool) -> Result<(), String> {
        self.fields(text, is_top, |writer, name, form, text| {
            if name == "raw" {
                let format = writer.form(form, ValueFormat::Text)?;
                return writer.value(&format, text, false);
            }
            let code = space.code_of(&name)?;
            space.code.push(code.into(), &mut writer.out);
            if space.has_pads && (code == 0 || code == 255) {
                return writer.value(&ValueFormat::Present, text, false);
            }
            let format = writer.form(form, space.format(code))?;
            let octets = writer.apart(&format, text, false)?;
            writer.counted(space.length, &octets)
        })
    }

    /// `name=value, name=value`, in brackets or braces but at the top.
    fn fields(
        &mut self,
        text: &mut Text<'_>,
        is_top: bool,
        mut each: impl FnMut(&mut Self, String, Option<String>, &mut Text<'_>) -> Result<(), String>,
    ) -> Result<(), String> {
        if self.depth >= MAX_DEPTH {
            return Err("brackets are nested too deep".into());
        }
        let close = text.open();
        if close.is_none() && !is_top {
            return Err("brackets are needed around NAME=VALUE".into());
        }
        self.depth += 1;
        while !text.is_done() && close.is_none_or(|close| text.peek() != Some(close)) {
            let (name, form) = text.field()?;
            each(self, name, form, text)?;
            if !text.take(',') {
                break;
            }
        }
        self.depth -= 1;
        if close.is_none_or(|close| text.take(close)) { Ok(()) } else { Err("a bracket is not closed".into()) }
    }

    /// The octets of a value on their own.
    fn apart(&mut self, format: &ValueFormat, text: &mut Text<'_>, is_top: bool) -> Result<Vec<u8>, String> {
        let before = std::mem::take(&mut self.out);
        let result = self.value(format, text, is_top);
        let octets = std::mem::replace(&mut self.out, before);
        result.map(|()| octets)
    }

    fn counted(&mut self, width: Width, octets: &[u8]) -> Result<(), String> {
        if !width.push(octets.len() as u64, &mut self.out) {
            return Err(format!("{} octets are more than its length can say", octets.len()));
        }
        self.out.extend_from_slice(octets);
        Ok(())
    }

    fn form(&self, name: Option<String>, default: ValueFormat) -> Result<ValueFormat, String> {
        let Some(name) = name else { return Ok(default) };
        ValueFormat::by_name(&name, self.space).ok_or_else(|| format!("no format is called \"{name}\""))
    }
}

/// What is not given in a record.
fn size_of_zero(format: &ValueFormat) -> usize {
    match format {
        ValueFormat::U8 | ValueFormat::Bool | ValueFormat::Name | ValueFormat::Prefix6 => 1,
        ValueFormat::U16 => 2,
        ValueFormat::U32 | ValueFormat::Seconds | ValueFormat::SignedSeconds | ValueFormat::Ip4 => 4,
        ValueFormat::U64 => 8,
        ValueFormat::Ip6 => 16,
        ValueFormat::Named(numbers) => numbers.width.octets(),
        ValueFormat::Code(space) => space.code.octets(),
        ValueFormat::Counted(width, _) => width.octets(),
        _ => 0,
    }
}

/// Elements with commas or blanks between them, in brackets or, at the top, without.
pub(super) fn sequence<T>(
    text: &mut Text<'_>,
    is_top: bool,
    mut each: impl FnMut(&mut Text<'_>) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let is_bracketed = text.take('[');
    if !is_bracketed && !is_top {
        return Err("a list in brackets is needed".into());
    }
    let mut elements = Vec::new();
    while !text.is_done() && text.peek() != Some(']') {
        let before = text.rest().len();
        elements.push(each(text)?);
        let has_comma = text.take(',');
        if !has_comma && text.rest().len() == before {
            return Err(format!("\"{}\" is too much", text.rest()));
        }
    }
    if is_bracketed && !text.take(']') {
        return Err("a bracket is not closed".into());
    }
    Ok(elements)
}

/// Octets in hex, with blanks, colons or hyphens between any of them.
fn hex(word: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> = word.bytes().filter(|octet| !b" :-\t".contains(octet)).collect();
    if !digits.len().is_multiple_of(2) {
        return Err("a hex digit is missing".into());
    }
    let octet = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let octets = digits.chunks(2).map(|pair| octet(pair).filter(|_| pair.iter().all(u8::is_ascii_hexdigit)));
    octets.collect::<Option<_>>().ok_or_else(|| not(word))
}

fn not(word: &str) -> String {
    if word.is_empty() { "nothing is given".to_owned() } else { format!("\"{word}\" does not have this form") }
}
