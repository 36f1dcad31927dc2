//! Octets in hex, with or without something between them: `68756e74`, `68:75:6e:74`, `\x68\x75`, `0x68, 0x75`.

use std::ops::Range;

/// Octets and where each of them begins in the text.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) octets: Vec<u8>,
    places: Vec<usize>,
}

/// Digits of an octet.
const DIGITS: usize = 2;

/// No more signs are between two octets.
const MOST_SIGNS: usize = 6;

impl Run {
    /// Where in the text a part of the octets is.
    pub(super) fn source(&self, part: &Range<usize>) -> Range<usize> {
        self.places[part.start]..self.places[part.end - 1] + DIGITS
    }

    /// Reads the octets from `at` on; where they end.
    fn read(&mut self, text: &[u8], mut at: usize) -> usize {
        self.octets.clear();
        self.places.clear();
        loop {
            let start = if self.octets.is_empty() { at } else { after_signs(text, at) };
            let start = if has_prefix(text, start) { start + 2 } else { start };
            let Some(octet) = octet(text, start) else { return at };
            self.octets.push(octet);
            self.places.push(start);
            at = start + DIGITS;
        }
    }
}

/// Calls `each` with every run of so many octets or more.
pub(super) fn each_run(text: &[u8], least: usize, each: &mut dyn FnMut(&Run)) {
    let is_digit = |at: usize| IS_DIGIT[usize::from(text[at])];
    let mut run = Run::default();
    let mut at = 0;
    while at + 1 < text.len() {
        if !is_digit(at + 1) {
            at += 2;
            continue;
        }
        if !is_digit(at) {
            at += 1;
            continue;
        }
        let mut done = at + 1;
        // The first digit may be part of what is before them.
        for start in [at, at + 1] {
            let end = run.read(text, start);
            if run.octets.len() >= least {
                each(&run);
            }
            if start == at {
                done = done.max(end);
            }
        }
        at = done;
    }
}

const IS_DIGIT: [bool; 256] = {
    let mut table = [false; 256];
    let mut octet = 0;
    while octet < 128_u8 {
        table[octet as usize] = octet.is_ascii_hexdigit();
        octet += 1;
    }
    table
};

/// Where the next octet may begin after what is between.
fn after_signs(text: &[u8], at: usize) -> usize {
    let is_sign = |octet: &&u8| b":-., _;|\"'\n\r\t\\".contains(octet);
    let end = at + text[at..].iter().take(MOST_SIGNS).take_while(is_sign).count();
    // `\x`
    let is_escape = end > at && text[end - 1] == b'\\' && text.get(end) == Some(&b'x');
    if is_escape { end + 1 } else { end }
}

fn has_prefix(text: &[u8], at: usize) -> bool {
    matches!(text.get(at..at + 2), Some([b'0', b'x' | b'X']))
}

fn octet(text: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(at)? << 4 | digit(at + 1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_read_whatever_is_between_them() {
        for text in [
            "x=68756e746572",
            "68:75:6E:74:65:72",
            "68 75 6e 74 65 72",
            "\\x68\\x75\\x6e\\x74\\x65\\x72",
            "{0x68, 0x75, 0x6e, 0x74, 0x65, 0x72}",
            "a68756e746572",
            "0x6875\n  6e746572",
        ] {
            let mut is_found = false;
            each_run(text.as_bytes(), 6, &mut |run| is_found |= run.octets.windows(6).any(|six| six == b"hunter"));
            assert!(is_found, "{text}");
        }
    }
}
