//! From values to text and JSON.

use std::fmt::Write as _;

use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};

use super::{SubOption, Value, duration};
use crate::text::{self, Octets};

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// With comments in parentheses: times in words, names of codes, text that octets are.
    Verbose,
    /// The value alone.
    Plain,
}

impl Value {
    /// The value as text that [`super::parse`] reads again; comments may stand in it.
    #[must_use]
    pub fn show(&self, style: Style) -> String {
        let mut text = String::new();
        self.write(style, true, &mut text);
        text
    }

    fn write(&self, style: Style, is_top: bool, out: &mut String) {
        match self {
            Self::Octets(octets) if octets.is_empty() && !is_top => out.push_str("\"\""),
            Self::Octets(octets) => write_octets(octets, style, out),
            Self::Text(octets) => write_text(octets, is_top, out),
            Self::Present => out.push_str("present"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(number) => push(out, number),
            Self::Seconds(seconds) => {
                push(out, seconds);
                comment(style, &duration::words(*seconds), out);
            }
            Self::SignedSeconds(seconds) => {
                push(out, seconds);
                let sign = if *seconds < 0 { "-" } else { "" };
                comment(style, &format!("{sign}{}", duration::words(seconds.unsigned_abs())), out);
            }
            Self::Ip4(address) => push(out, address),
            Self::Ip6(address) => push(out, address),
            Self::Prefix6(address, length) => push(out, format_args!("{address}/{length}")),
            Self::Route(network, length, router) => push(out, format_args!("{network}/{length} -> {router}")),
            Self::Name(name) => write_text(name.as_bytes(), is_top, out),
            Self::Named(number, None) => push(out, number),
            Self::Named(_, Some(name)) => out.push_str(name),
            Self::Code(code, known) => {
                push(out, code);
                comment(style, known.map_or("Unknown", |(_, name)| name), out);
            }
            Self::List(values) => write_list(values, style, is_top, out),
            Self::Record(fields) => within_braces(is_top, out, |out| {
                // That an option holds no others need not be said.
                let is_said = |(name, value): &&(&str, Value)| {
                    *name != "options" || !matches!(value, Value::Options(options) if options.is_empty())
                };
                let said: Vec<_> = fields.iter().filter(is_said).collect();
                separated(&said, out, |(name, value), out| {
                    push(out, format_args!("{name}="));
                    value.write(style, false, out);
                });
            }),
            Self::Options(options) => within_braces(is_top, out, |out| {
                separated(options, out, |option, out| option.write(style, out));
            }),
        }
    }

    /// Whether it stands in a list of its own brackets: where a comma could be part of it.
    fn needs_brackets(&self) -> bool {
        matches!(
            self,
            Self::Text(_) | Self::Octets(_) | Self::Name(_) | Self::Record(_) | Self::Options(_) | Self::List(_)
        )
    }
}

impl SubOption {
    fn write(&self, style: Style, out: &mut String) {
        match self.key {
            Some(key) => out.push_str(key),
            None => push(out, self.code),
        }
        if let Some(format) = self.format {
            push(out, format_args!("[{format}]"));
        }
        out.push('=');
        self.value.write(style, false, out);
    }
}

fn push(out: &mut String, what: impl std::fmt::Display) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{what}");
}

fn comment(style: Style, text: &str, out: &mut String) {
    if style == Style::Verbose {
        push(out, format_args!(" ({text})"));
    }
}

fn write_list(values: &[Value], style: Style, is_top: bool, out: &mut String) {
    let is_bare = is_top && !values.is_empty() && !values.iter().any(Value::needs_brackets);
    if !is_bare {
        out.push('[');
    }
    separated(values, out, |value, out| value.write(style, false, out));
    if !is_bare {
        out.push(']');
    }
}

fn within_braces(is_top: bool, out: &mut String, inside: impl FnOnce(&mut String)) {
    if !is_top {
        out.push('{');
    }
    inside(out);
    if !is_top {
        out.push('}');
    }
}

fn separated<T>(items: &[T], out: &mut String, mut each: impl FnMut(&T, &mut String)) {
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push_str(", ");
        }
        each(item, out);
    }
}

/// `DE AD BE EF`, with the text they are in a comment.
fn write_octets(octets: &[u8], style: Style, out: &mut String) {
    separated_by_blanks(octets, out);
    let is_text = octets.iter().all(|octet| (b' '..=b'~').contains(octet) || *octet == 0);
    if style == Style::Verbose && is_text && octets.iter().any(|octet| *octet != 0) {
        let parts: Vec<_> = octets.split(|octet| *octet == 0).filter(|part| !part.is_empty()).collect();
        let parts: Vec<_> = parts.into_iter().map(|part| Octets(part).to_string()).collect();
        let escaped = parts.join(", ").replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
        comment(style, &escaped, out);
    }
}

fn separated_by_blanks(octets: &[u8], out: &mut String) {
    for (place, octet) in octets.iter().enumerate() {
        if place > 0 {
            out.push(' ');
        }
        push(out, format_args!("{octet:02X}"));
    }
}

/// Text as it is where it can be read again so, else in quotes and with escapes.
fn write_text(octets: &[u8], is_top: bool, out: &mut String) {
    let text = std::str::from_utf8(octets).ok().filter(|text| is_bare(text, is_top));
    match text {
        Some(text) => out.push_str(text),
        None => quote(octets, out),
    }
}

fn is_bare(text: &str, is_top: bool) -> bool {
    let is_harmless = text::OneLine(text).to_string() == text;
    let is_whole = !text.is_empty() && text.trim() == text && !text.starts_with(['"', '(']);
    let could_end = |c: char| "\\".contains(c) || (!is_top && ",[]{}=:\"()".contains(c));
    let has_comment = text.contains('(') && text.contains(char::is_whitespace);
    is_harmless && is_whole && !text.contains(could_end) && !has_comment && !(is_top && text.starts_with('['))
}

fn quote(octets: &[u8], out: &mut String) {
    out.push('"');
    for chunk in octets.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => push(out, format_args!("\\{c}")),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                _ if text::OneLine(c.encode_utf8(&mut [0; 4])).to_string() == c.to_string() => out.push(c),
                _ => c.encode_utf8(&mut [0; 4]).bytes().for_each(|octet| push(out, format_args!("\\x{octet:02X}"))),
            }
        }
        chunk.invalid().iter().for_each(|octet| push(out, format_args!("\\x{octet:02X}")));
    }
    out.push('"');
}

/// In JSON numbers are numbers, names of numbers strings; octets are hex; text that is not UTF-8 has `\xNN` for each
/// octet that is none. Options within the option are an array, for a code may be there twice.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Octets(octets) => to.serialize_str(&text::hex(octets)),
            Self::Text(octets) => match std::str::from_utf8(octets) {
                Ok(text) => to.serialize_str(text),
                Err(_) => to.collect_str(&Octets(octets)),
            },
            Self::Present | Self::Bool(true) => to.serialize_bool(true),
            Self::Bool(false) => to.serialize_bool(false),
            Self::Number(number) => to.serialize_u64(*number),
            Self::Seconds(seconds) => to.serialize_u32(*seconds),
            Self::SignedSeconds(seconds) => to.serialize_i32(*seconds),
            Self::Ip4(address) => to.collect_str(address),
            Self::Ip6(address) => to.collect_str(address),
            Self::Prefix6(address, length) => to.collect_str(&format_args!("{address}/{length}")),
            Self::Route(network, length, router) => [format!("{network}/{length}"), router.to_string()].serialize(to),
            Self::Name(name) => to.serialize_str(name),
            Self::Named(_, Some(name)) => to.serialize_str(name),
            Self::Named(number, None) => to.serialize_u32(*number),
            Self::Code(code, _) => to.serialize_u16(*code),
            Self::List(values) => values.serialize(to),
            Self::Record(fields) => to.collect_map(fields.iter().map(|(name, value)| (name, value))),
            Self::Options(options) => {
                let mut list = to.serialize_seq(Some(options.len()))?;
                options.iter().try_for_each(|option| list.serialize_element(option))?;
                list.end()
            }
        }
    }
}

impl Serialize for SubOption {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("code", &self.code)?;
        map.serialize_entry("name", &self.key)?;
        map.serialize_entry("value", &self.value)?;
        map.serialize_entry("hex", &text::hex(&self.octets))?;
        map.end()
    }
}
