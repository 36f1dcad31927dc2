//! Runs of the characters of base64 that are long enough for a text.

use std::ops::Range;

/// A shorter run has no value in it that is encoded once more.
const SHORTEST: usize = 12;

/// Calls `each` with every run.
pub(super) fn each_run(text: &[u8], each: &mut dyn FnMut(Range<usize>)) {
    let mut start = 0;
    // What ends before the last character that a run from here would have is no run: most characters are not looked at.
    while let Some(octet) = text.get(start + SHORTEST - 1) {
        if !is_part(*octet) {
            start += SHORTEST;
            continue;
        }
        let last = start + SHORTEST - 1;
        let before = text[start..last].iter().rev().take_while(|octet| is_part(**octet)).count();
        if before < SHORTEST - 1 {
            start = last - before;
            continue;
        }
        let end = last + text[last..].iter().take_while(|octet| is_part(**octet)).count();
        each(start..end);
        start = end;
    }
}

const IS_PART: [bool; 256] = {
    let mut table = [false; 256];
    let mut octet = 0;
    while octet < 128_u8 {
        table[octet as usize] = octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'-' | b'_');
        octet += 1;
    }
    table
};

fn is_part(octet: u8) -> bool {
    IS_PART[usize::from(octet)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_is_found_wherever_it_begins() {
        for before in 0..30 {
            let text = format!("{}c2VjcmV0c2Vj c2VjcmV0 c2VjcmV0c2VjcmV0=", " ,".repeat(before));
            let mut found = Vec::new();
            each_run(text.as_bytes(), &mut |run| found.push(text[run].to_owned()));
            assert_eq!(found, ["c2VjcmV0c2Vj", "c2VjcmV0c2VjcmV0"], "{text}");
        }
    }
}
