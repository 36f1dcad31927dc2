//! Secrets in XML and HTML: elements and attributes with the name of one, and those next to what names them.

use std::ops::Range;

use super::{Parts, value};
use crate::redact::names;

/// An element's opening tag.
struct Tag<'a> {
    name: &'a str,
    /// Its attributes with their values.
    attributes: Vec<(&'a str, Range<usize>)>,
    /// Where it ends.
    end: usize,
    is_empty: bool,
}

/// Finds the secrets.
pub(super) fn find(text: &str, parts: &mut Parts) {
    let mut is_named = false;
    for (at, _) in text.match_indices('<') {
        let Some(tag) = tag(text, at) else { continue };
        let named =
            |(name, value): &(&str, Range<usize>)| names::is_naming(name) && names::is_secret(&text[value.clone()]);
        let names_one = tag.attributes.iter().any(named);
        if names_one {
            parts.extend(
                tag.attributes.iter().filter(|(name, _)| names::is_holding(name)).map(|(_, value)| value.clone()),
            );
        }
        let has_value = names_one && tag.attributes.iter().any(|(name, _)| names::is_holding(name));
        let is_holding = is_named && names::is_holding(tag.name);
        if tag.is_empty {
            continue;
        }
        let content = content(text, &tag);
        is_named = names::is_naming(tag.name) && names::is_secret(text[content.clone()].trim());
        if names::is_secret(tag.name) && !is_named || names_one && !has_value || is_holding {
            texts(text, content, parts);
        }
    }
}

fn tag(text: &str, at: usize) -> Option<Tag<'_>> {
    let is_part = |c: char| c.is_alphanumeric() || "_-.:".contains(c);
    let start = at + 1;
    let length = text[start..].find(|c: char| !is_part(c))?;
    let whole = &text[start..start + length];
    let name = whole.rsplit(':').next().filter(|name| !name.is_empty())?;
    let mut tag = Tag { name, attributes: Vec::new(), end: start + length, is_empty: false };
    loop {
        let rest = text[tag.end..].trim_start();
        let from = text.len() - rest.len();
        if let Some(rest) = rest.strip_prefix('>') {
            tag.end = text.len() - rest.len();
            return Some(tag);
        }
        if let Some(rest) = rest.strip_prefix("/>") {
            (tag.end, tag.is_empty) = (text.len() - rest.len(), true);
            return Some(tag);
        }
        let length = rest.find(|c: char| !is_part(c)).filter(|length| *length > 0)?;
        let after = rest[length..].trim_start().strip_prefix('=')?.trim_start();
        let value = value::quoted(text, text.len() - after.len())?;
        tag.end = (value.end + 1).min(text.len());
        tag.attributes.push((&text[from..from + length], value));
    }
}

/// What is in an element; up to the next one if it is not closed.
fn content(text: &str, tag: &Tag<'_>) -> Range<usize> {
    let rest = &text[tag.end..];
    let closes = |at: &usize| {
        let name = rest[at + 2..].split(|c: char| c == '>' || c.is_whitespace()).next().unwrap_or_default();
        name.rsplit(':').next() == Some(tag.name)
    };
    let closing = rest.match_indices("</").map(|(at, _)| at).find(closes);
    let cdata = rest.starts_with("<![");
    let open = || if cdata { rest.len() } else { rest.find('<').unwrap_or(rest.len()) };
    tag.end..tag.end + closing.unwrap_or_else(open)
}

/// The texts between the tags in an element.
fn texts(text: &str, content: Range<usize>, parts: &mut Parts) {
    const CDATA: &str = "<![CDATA[";
    let mut add = |from: usize, to: usize| {
        let inner = &text[from..to];
        let start = from + inner.len() - inner.trim_start().len();
        if !inner.trim().is_empty() {
            parts.push(start..start + inner.trim().len());
        }
    };
    let mut at = content.start;
    while at < content.end {
        let rest = &text[at..content.end];
        if let Some(inner) = rest.strip_prefix(CDATA) {
            let length = inner.find("]]>").unwrap_or(inner.len());
            add(at + CDATA.len(), at + CDATA.len() + length);
            at += CDATA.len() + length + 3;
        } else if rest.starts_with('<') {
            at += rest.find('>').map_or(rest.len(), |end| end + 1);
        } else {
            let length = rest.find('<').unwrap_or(rest.len());
            add(at, at + length);
            at += length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_elements_and_attributes_are_found() {
        for (text, expected) in [
            ("<password>two words</password>", &["two words"][..]),
            ("<k:password type=\"x\">\n  one\n</k:password>", &["one"]),
            ("<password><![CDATA[a<b]]></password>", &["a<b"]),
            ("<secrets><one>x1</one><two>y2</two></secrets>", &["x1", "y2"]),
            ("<add key=\"dbPassword\" value=\"x y\"/>", &["x y"]),
            ("<property name=\"password\">x y</property>", &["x y"]),
            ("<key>password</key>\n<string>x y</string>", &["x y"]),
            ("<name>api-token</name><value>x y</value>", &["x y"]),
            ("<password>cut off", &["cut off"]),
            ("<user>x</user> <password-file>/x</password-file> a < b", &[]),
        ] {
            let mut parts = Vec::new();
            find(text, &mut parts);
            let found: Vec<&str> = parts.iter().map(|part| &text[part.clone()]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
