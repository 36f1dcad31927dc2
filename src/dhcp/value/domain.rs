//! Domain names on the wire (RFC 1035 section 3.1 and, with compression, 4.1.4).
//!
//! Printed, a dot parts labels; a dot or backslash within a label and octets that are not printable are escaped as
//! `\.`, `\\`, `\DDD` (RFC 1035 section 5.1). The root is `.`.

use std::fmt::Write as _;

/// The most octets of a name on the wire.
const MAX_NAME: usize = 255;
/// The most octets of a label.
const MAX_LABEL: usize = 63;

/// The name at the beginning of `octets`, without compression, and how many octets it takes.
#[must_use]
pub fn read(octets: &[u8]) -> Option<(String, usize)> {
    let (labels, length, pointer) = labels(octets, 0)?;
    pointer.is_none().then(|| (print(&labels), length))
}

/// Names to the end of `octets`; pointers lead to earlier octets of the same.
#[must_use]
pub fn read_list(octets: &[u8]) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut at = 0;
    while at < octets.len() {
        let (mut name, length, mut pointer) = labels(octets, at)?;
        // A pointer that does not lead backwards could lead round and round.
        let mut before = at;
        at += length;
        while let Some(target) = pointer {
            if target >= before {
                return None;
            }
            before = target;
            let (more, _, next) = labels(octets, target)?;
            name.extend(more);
            pointer = next;
            if wire_length(&name) > MAX_NAME {
                return None;
            }
        }
        names.push(print(&name));
    }
    Some(names)
}

/// Labels from `start` to the root or a pointer: they, the octets they take, the pointer's target.
type Labels<'a> = (Vec<&'a [u8]>, usize, Option<usize>);

fn labels(octets: &[u8], start: usize) -> Option<Labels<'_>> {
    let mut labels = Vec::new();
    let mut at = start;
    loop {
        let length = usize::from(*octets.get(at)?);
        match length {
            0 => break (wire_length(&labels) <= MAX_NAME).then_some((labels, at + 1 - start, None)),
            1..=MAX_LABEL => {
                labels.push(octets.get(at + 1..at + 1 + length)?);
                at += 1 + length;
            }
            0xc0.. => {
                let target = (length & 0x3f) << 8 | usize::from(*octets.get(at + 1)?);
                break Some((labels, at + 2 - start, Some(target)));
            }
            _ => break None,
        }
    }
}

fn wire_length(labels: &[&[u8]]) -> usize {
    labels.iter().map(|label| label.len() + 1).sum::<usize>() + 1
}

/// Labels as text.
fn print(labels: &[&[u8]]) -> String {
    if labels.is_empty() {
        return ".".into();
    }
    let mut text = String::new();
    for (place, label) in labels.iter().enumerate() {
        if place > 0 {
            text.push('.');
        }
        for octet in *label {
            match octet {
                b'.' | b'\\' => {
                    text.push('\\');
                    text.push(char::from(*octet));
                }
                b'!'..=b'~' => text.push(char::from(*octet)),
                _ => {
                    let _ = write!(text, "\\{octet:03}");
                }
            }
        }
    }
    text
}

/// Appends the name that `text` says; a dot at its end makes no difference, nothing is the root.
pub fn write(text: &str, out: &mut Vec<u8>) -> Result<(), String> {
    let start = out.len();
    write_labels(text, out)?;
    out.push(0);
    if out.len() - start > MAX_NAME { Err(format!("the name \"{text}\" is too long")) } else { Ok(()) }
}

/// Whether `text` ends with a dot that is not part of its last label.
#[must_use]
pub fn is_whole(text: &str) -> bool {
    text.strip_suffix('.').is_some_and(|rest| rest.bytes().rev().take_while(|octet| *octet == b'\\').count() % 2 == 0)
}

/// Appends the labels of a name without the root at the end: part of a name, as clients send it in option 81.
pub fn write_labels(text: &str, out: &mut Vec<u8>) -> Result<(), String> {
    let text = if text == "." { "" } else { text };
    let mut label = Vec::new();
    let mut octets = text.bytes();
    while let Some(octet) = octets.next() {
        match octet {
            b'.' => push_label(text, &mut label, out)?,
            b'\\' => {
                let unfinished = || format!("an escape in \"{text}\" is not finished");
                let next = octets.next().ok_or_else(unfinished)?;
                if next.is_ascii_digit() {
                    let digits = [next, octets.next().ok_or_else(unfinished)?, octets.next().ok_or_else(unfinished)?];
                    let number = std::str::from_utf8(&digits).ok().and_then(|digits| digits.parse().ok());
                    label.push(number.ok_or_else(unfinished)?);
                } else {
                    label.push(next);
                }
            }
            _ => label.push(octet),
        }
    }
    if label.is_empty() { Ok(()) } else { push_label(text, &mut label, out) }
}

fn push_label(text: &str, label: &mut Vec<u8>, out: &mut Vec<u8>) -> Result<(), String> {
    match u8::try_from(label.len()) {
        Ok(length @ 1..=63) => out.push(length),
        Ok(0) => return Err(format!("the name \"{text}\" has an empty label")),
        _ => return Err(format!("a label of \"{text}\" has more than 63 octets")),
    }
    out.append(label);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn compressed_names_are_read() {
        let wire = b"\x03eng\x05apple\x03com\x00\x09marketing\xc0\x04";
        assert_eq!(read_list(wire), Some(vec!["eng.apple.com".into(), "marketing.apple.com".into()]));
    }

    #[test]
    fn pointers_that_loop_lead_forward_or_out_are_refused() {
        for wire in
            [&b"\xc0\x00"[..], b"\x01a\xc0\x00", b"\x01a\x00\xc0\x09", b"\x01a\x00\xc0", b"\xc0\x02\x01a\x00", b"\x41a"]
        {
            assert_eq!(read_list(wire), None, "{wire:?}");
        }
        let mut chain = b"\x01a\x00".to_vec();
        for target in 0..2000usize {
            let to = if target == 0 { 0 } else { 3 + (target - 1) * 4 };
            chain.extend([1, b'b', 0xc0 | u8::try_from(to >> 8).unwrap(), u8::try_from(to & 255).unwrap()]);
        }
        assert_eq!(read_list(&chain), None);
    }

    #[test]
    fn a_dot_that_belongs_to_the_last_label_does_not_end_a_name() {
        for (text, is) in [("a.", true), (r"a\\.", true), (r"a\.", false), (r"a\\\.", false), ("a", false)] {
            assert_eq!(is_whole(text), is, "{text}");
        }
    }

    #[test]
    fn names_that_cannot_be_are_refused() {
        for text in ["a..b", ".a", &"a".repeat(64), &"a.".repeat(128), "a\\", "a\\25", "a\\999"] {
            assert!(write(text, &mut Vec::new()).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_labels_are_printed_and_read_again(labels in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..20), 0..8)) {
            let mut wire = Vec::new();
            for label in &labels {
                wire.push(u8::try_from(label.len()).unwrap());
                wire.extend(label);
            }
            wire.push(0);
            let (name, length) = read(&wire).unwrap();
            prop_assert_eq!(length, wire.len());
            let mut again = Vec::new();
            write(&name, &mut again).unwrap();
            prop_assert_eq!(again, wire);
        }

        #[test]
        fn any_octets_are_names_or_not(octets in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = (read(&octets), read_list(&octets));
        }
    }
}
