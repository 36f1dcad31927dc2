//! Dumps of octets as hexdump, xxd, tcpdump and tshark write them: each row has an offset, octets, and these as text.

use std::ops::Range;

/// The fewest octets of a first row.
const SHORTEST: usize = 8;

/// Signs between the octets of a row; more are between the octets and the text.
const WIDEST: usize = 2;

/// The octets of rows that follow each other, where each of them is, and the text of each row.
#[derive(Debug, Default)]
pub(super) struct Dump {
    pub(super) octets: Vec<u8>,
    places: Vec<usize>,
    /// Which octets a row has, and where its text is.
    rows: Vec<(Range<usize>, Range<usize>)>,
    /// Whether its groups are words of two octets, of which the second may be written first.
    are_words: bool,
}

impl Dump {
    /// Where a part of the octets is, in each row that has some of them, and the texts of these rows.
    pub(super) fn places(&self, part: &Range<usize>) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        // Of a word both octets are hidden: either may be the first one.
        let part = if self.are_words { part.start & !1..part.end + (part.end & 1) } else { part.clone() };
        for (octets, text) in &self.rows {
            let (first, end) = (part.start.max(octets.start), part.end.min(octets.end));
            if first < end {
                found.push(self.places[first]..self.places[end - 1] + 2);
                found.extend(Some(text.clone()).filter(|text| !text.is_empty()));
            }
        }
        found
    }

    /// The same with the octets of each word in the other order.
    fn swapped(mut self) -> Self {
        for pair in self.octets.chunks_exact_mut(2) {
            pair.swap(0, 1);
        }
        self
    }

    fn add(&mut self, row: &Row, start: usize) {
        let first = self.octets.len();
        self.are_words = row.are_words;
        self.octets.extend(row.octets.iter().map(|(octet, _)| octet));
        self.places.extend(row.octets.iter().map(|(_, at)| start + at));
        self.rows.push((first..self.octets.len(), start + row.text.start..start + row.text.end));
    }
}

/// Octets and where they are, and where their text is.
struct Row {
    octets: Vec<(u8, usize)>,
    text: Range<usize>,
    are_words: bool,
}

/// Calls `each` with every dump.
pub(super) fn each(text: &[u8], each: &mut dyn FnMut(&Dump)) {
    let mut dump = Dump::default();
    let mut start = 0;
    let mut close = |dump: &mut Dump| {
        let dump = std::mem::take(dump);
        if !dump.octets.is_empty() {
            each(&dump);
            if dump.are_words {
                each(&dump.swapped());
            }
        }
    };
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        match row(line).filter(|row| !dump.octets.is_empty() || row.octets.len() >= SHORTEST) {
            Some(row) => dump.add(&row, start),
            None => close(&mut dump),
        }
        start += line.len();
    }
    close(&mut dump);
}

/// Whether a line is a row of a dump.
pub(in crate::redact) fn is_row(line: &[u8]) -> bool {
    row(line).is_some()
}

fn row(line: &[u8]) -> Option<Row> {
    let mut at = after_offset(line)?;
    let (mut octets, mut are_words) = (Vec::new(), false);
    loop {
        let blanks = blanks(line, at);
        let digits = line[at + blanks..].iter().take_while(|octet| octet.is_ascii_hexdigit()).count();
        let end = at + blanks + digits;
        let is_word = line.get(end).is_none_or(u8::is_ascii_whitespace);
        let is_first = octets.is_empty();
        if blanks == 0 || !is_first && blanks > WIDEST || !is_word || !matches!(digits, 2 | 4 | 8) {
            break;
        }
        are_words = digits == 4;
        let group = std::str::from_utf8(&line[at + blanks..end]).ok()?;
        for pair in (0..digits).step_by(2) {
            octets.push((u8::from_str_radix(&group[pair..pair + 2], 16).ok()?, at + blanks + pair));
        }
        at = end;
    }
    let start = at + blanks(line, at);
    let end = line.len() - line.iter().rev().take_while(|octet| octet.is_ascii_whitespace()).count();
    (!octets.is_empty()).then_some(Row { octets, text: start..end.max(start), are_words })
}

/// Where the octets begin: after an offset at the beginning of a line, or of what a daemon has written to the journal.
fn after_offset(line: &[u8]) -> Option<usize> {
    const SHORTEST_OFFSET: usize = 4;
    let head = memchr::memmem::find(&line[..line.len().min(200)], b"]: ").map_or(0, |end| end + 3);
    [0, head].into_iter().find_map(|from| {
        let start = from + blanks(line, from);
        let start = if line[start..].starts_with(b"0x") { start + 2 } else { start };
        let digits = line[start..].iter().take_while(|octet| octet.is_ascii_hexdigit()).count();
        let end = start + digits + usize::from(line.get(start + digits) == Some(&b':'));
        let is_offset = digits >= SHORTEST_OFFSET && line.get(end).is_some_and(|octet| matches!(octet, b' ' | b'\t'));
        is_offset.then_some(end)
    })
}

fn blanks(line: &[u8], at: usize) -> usize {
    line[at..].iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_dumps_are_read_without_offsets_and_texts() {
        for text in [
            "00000000  68 75 6e 74 65 72 32 32  68 75 |hunter22hu|\n0000000a  6e 74 |nt|\n",
            "00000000: 6875 6e74 6572 3232 6875  hunter22hu\n0000000a: 6e74  nt\n",
            "\t0x0000:  6875 6e74 6572 3232 6875  hunter22hu\n\t0x000a:  6e74   nt",
            "Nov 29 07:00:01 gw kea[8]: 0000 68 75 6e 74 65 72 32 32 68 75\nNov 29 07:00:01 gw kea[8]: 000a 6e 74\n",
        ] {
            let mut all = Vec::new();
            each(text.as_bytes(), &mut |dump| all.push(dump.octets.clone()));
            assert_eq!(all[0], b"hunter22hunt", "{text}");
        }
        let mut words = Vec::new();
        each(b"0000000 7568 746e 7265 3232\n0000008\n", &mut |dump| words.push(dump.octets.clone()));
        assert_eq!(words[1], b"hunter22");
        let mut count = 0;
        each(b"2026 one two\n2026-11-29 08:25:28.079 INFO x\ndeadbeef 12\n", &mut |_| count += 1);
        assert_eq!(count, 0);
    }
}
