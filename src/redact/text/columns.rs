//! Tables whose first row names what is in their columns: `user,password`, `| user | password |`, as mysql and psql print it.

use std::ops::Range;

use super::Parts;
use super::answer;
use crate::redact::names;

/// No table is searched further.
const MOST: usize = 10_000;

/// Finds the values in columns of secrets.
pub(super) fn find(text: &str, parts: &mut Parts) {
    let mut header: Option<(Header, usize)> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        match &mut header {
            Some((header, rows)) if *rows < MOST && header.is_row(line) => {
                *rows += 1;
                parts.extend(header.secrets(line).map(|cell| start + cell.start..start + cell.end));
            }
            Some(_) if is_ruler(line) => {}
            _ => header = Header::read(line).map(|header| (header, 0)),
        }
        start += line.len();
    }
}

/// The first row of a table.
struct Header {
    sign: char,
    count: usize,
    /// Which columns are of secrets.
    secrets: Vec<usize>,
}

impl Header {
    fn read(line: &str) -> Option<Self> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_-\"| \t,;\r\n".contains(c);
        let sign = ['|', ',', ';', '\t'].into_iter().find(|sign| line.contains(*sign))?;
        if !line.chars().all(is_part) {
            return None;
        }
        let cells: Vec<&str> = cells(line, sign).into_iter().map(|cell| &line[cell]).collect();
        let is_name = |cell: &&str| !cell.is_empty() && !cell.contains([' ', '|', ',', ';', '\t', '"']);
        let is_tight = sign == '|' || !line.contains([' ', '|']);
        let secrets: Vec<usize> = (0..cells.len()).filter(|at| names::is_secret(cells[*at])).collect();
        let is_header = cells.len() > 1 && cells.iter().all(is_name) && is_tight && !secrets.is_empty();
        is_header.then_some(Self { sign, count: cells.len(), secrets })
    }

    fn is_row(&self, line: &str) -> bool {
        cells(line, self.sign).len() == self.count && !is_ruler(line)
    }

    fn secrets(&self, line: &str) -> impl Iterator<Item = Range<usize>> {
        let cells = cells(line, self.sign);
        let is_value = |cell: &Range<usize>| !cell.is_empty() && !answer::is_none(&line[cell.clone()]);
        self.secrets.iter().map(|at| cells[*at].clone()).filter(is_value).collect::<Vec<_>>().into_iter()
    }
}

/// Whether a line is the first row of a table with a column of secrets.
pub(in crate::redact) fn is_header(line: &str) -> bool {
    Header::read(line).is_some()
}

/// Whether a line belongs to the table that begins with `header`.
pub(in crate::redact) fn is_row(header: &str, line: &str) -> bool {
    Header::read(header).is_some_and(|header| header.is_row(line))
}

/// `+-----+-----+`
pub(in crate::redact) fn is_ruler(line: &str) -> bool {
    let line = line.trim();
    line.contains("--") && line.chars().all(|c| matches!(c, '-' | '+' | '|' | '='))
}

/// The cells of a line without blanks and quotes around them; bars may be around all of them.
fn cells(line: &str, sign: char) -> Vec<Range<usize>> {
    let end = line.trim_end_matches(['\r', '\n', ' ']).len();
    let (mut start, mut end) = (line.len() - line.trim_start_matches(' ').len(), end);
    if sign == '|' && line[..end].get(start..).is_some_and(|inner| inner.len() > 1 && inner.starts_with('|')) {
        (start, end) = (start + 1, end - usize::from(line[..end].ends_with('|')));
    }
    let mut at = start;
    let cell = |part: &str| {
        let from = at + part.len() - part.trim_start_matches([' ', '"']).len();
        let inner = part.trim_matches([' ', '"']);
        at += part.len() + sign.len_utf8();
        from..from + inner.len()
    };
    line.get(start..end).unwrap_or_default().split(sign).map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_known_by_the_names_of_their_columns() {
        for (text, expected) in [
            ("user,password,host\nkea,Zq7 x,db\n\"k\",\"Zq8\",\"h\"\nend\na,b,c\n", &["Zq7 x", "Zq8"][..]),
            ("+---+-----+\n| user | password |\n+---+-----+\n| kea | Zq7 |\n", &["Zq7"]),
            (" user | password \n------+-----\n kea  | Zq7\n", &["Zq7"]),
            ("user;token\nkea;\n", &[]),
            ("user, password and host\nare, as usual, there\n", &[]),
            ("password,\nx,y,z\n", &[]),
        ] {
            let mut parts = Vec::new();
            find(text, &mut parts);
            let found: Vec<&str> = parts.iter().map(|part| &text[part.clone()]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
