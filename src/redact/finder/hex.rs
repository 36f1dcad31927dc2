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

    /// Reads the octets from `at` on.
    fn read(&mut self, text: &[u8], at: usize) {
        self.octets.clear();
        self.places.clear();
        let mut found = first(text, at);
        while let Some((octet, start)) = found {
            self.octets.push(octet);
            self.places.push(start);
            found = next(text, start + DIGITS);
        }
    }
}

/// How many octets of those that are wanted follow each other from `at` on, and where all octets end. Most are too few to be
/// read.
fn measure(text: &[u8], at: usize, wanted: &[bool; 256]) -> (usize, usize) {
    let (mut count, mut most, mut end) = (0, 0, at);
    let mut found = first(text, at);
    while let Some((octet, start)) = found {
        count = if wanted[usize::from(octet)] { count + 1 } else { 0 };
        (most, end) = (most.max(count), start + DIGITS);
        found = next(text, end);
    }
    (most, end)
}

/// Calls `each` with every run that has so many of the wanted octets, or more, in a row.
pub(super) fn each_run(text: &[u8], least: usize, wanted: &[bool; 256], each: &mut dyn FnMut(&Run)) {
    let is_digit = |at: usize| value(text[at]) < 16;
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
            let (count, end) = measure(text, start, wanted);
            if count >= least {
                run.read(text, start);
                each(&run);
            }
            if start == at {
                done = done.max(end);
            }
        }
        at = done;
    }
}

/// What a digit means; of what is none, more than 15.
const VALUES: [u8; 256] = {
    let mut table = [u8::MAX; 256];
    let mut value = 0;
    while value < 16_u8 {
        let digit = b"0123456789abcdef"[value as usize];
        table[digit as usize] = value;
        table[digit.to_ascii_uppercase() as usize] = value;
        value += 1;
    }
    table
};

/// What may be between two octets.
const IS_SIGN: [bool; 256] = {
    let mut table = [false; 256];
    let (signs, mut at) = (b":-., _;|\"'\n\r\t\\", 0);
    while at < signs.len() {
        table[signs[at] as usize] = true;
        at += 1;
    }
    table
};

fn value(digit: u8) -> u8 {
    VALUES[usize::from(digit)]
}

/// The octet with nothing before it, and where it begins.
fn first(text: &[u8], at: usize) -> Option<(u8, usize)> {
    octet(text, after_prefix(text, at))
}

/// The octet after what is between, and where it begins.
fn next(text: &[u8], at: usize) -> Option<(u8, usize)> {
    octet(text, after_prefix(text, after_signs(text, at)))
}

/// Where the next octet may begin after what is between.
fn after_signs(text: &[u8], at: usize) -> usize {
    let end = at + text[at..].iter().take(MOST_SIGNS).take_while(|octet| IS_SIGN[usize::from(**octet)]).count();
    // `\x`
    let is_escape = end > at && text[end - 1] == b'\\' && text.get(end) == Some(&b'x');
    if is_escape { end + 1 } else { end }
}

fn after_prefix(text: &[u8], at: usize) -> usize {
    if matches!(text.get(at..at + 2), Some([b'0', b'x' | b'X'])) { at + 2 } else { at }
}

/// The octet that begins there, and where that is.
fn octet(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let (high, low) = (value(*text.get(at)?), value(*text.get(at + 1)?));
    (high < 16 && low < 16).then_some((high << 4 | low, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_without_enough_of_what_is_wanted_are_passed_over() {
        let mut wanted = [false; 256];
        b"huntersx".iter().for_each(|octet| wanted[usize::from(*octet)] = true);
        let runs = |text: &str| {
            let mut count = 0;
            each_run(text.as_bytes(), 6, &wanted, &mut |_| count += 1);
            count
        };
        assert_eq!(runs("2026-11-29 08:25:28.079 00:68:75:6e:74:65"), 0);
        assert_eq!(runs("2026-11-29 08:25:28.079 00:68:75:6e:74:65:72:00"), 1);
    }

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
            each_run(text.as_bytes(), 6, &[true; 256], &mut |run| {
                is_found |= run.octets.windows(6).any(|six| six == b"hunter");
            });
            assert!(is_found, "{text}");
        }
    }
}
