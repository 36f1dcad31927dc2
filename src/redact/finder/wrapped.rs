//! Base64 that goes over several lines.

use crate::redact::view::View;

/// A line of fewer characters is no line of base64 that goes on.
const SHORTEST_LINE: usize = 16;

/// Calls `each` with every run of lines that may be one run of base64, without what is between the lines.
pub(super) fn each_run(text: &[u8], each: &mut dyn FnMut(&View)) {
    let mut run = View::default();
    let (mut lines, mut end, mut start, mut width) = (0, 0, 0, 0);
    let mut close = |run: &mut View, lines: usize, end: usize| {
        if lines > 1 {
            run.close(end);
            each(run);
        }
        run.clear();
    };
    let ends = memchr::memchr_iter(b'\n', text).map(|at| at + 1).chain((!text.ends_with(b"\n")).then_some(text.len()));
    for line_end in ends {
        let line = &text[start..line_end];
        let body = body(line);
        // All lines but the first and the last are as long.
        let fits = lines == 1 || body.len() <= width;
        let is_next = lines > 0 && fits && !body.is_empty() && line[body.clone()].iter().all(|octet| is_part(*octet));
        if !is_next {
            close(&mut run, lines, end);
            lines = 0;
        }
        let tail = line[body.clone()].iter().rev().take_while(|octet| is_part(**octet)).count();
        let part = body.end - tail..body.end;
        if is_next || tail >= SHORTEST_LINE {
            end = start + part.end;
            for at in part {
                run.push(line[at], start + at);
            }
            lines += 1;
        }
        let is_last = is_next && (tail < SHORTEST_LINE || lines > 2 && tail < width);
        width = tail;
        if is_last {
            close(&mut run, lines, end);
            lines = 0;
        }
        start = line_end;
    }
    close(&mut run, lines, end);
}

/// A line without blanks, quotes, and signs that it goes on.
fn body(line: &[u8]) -> std::ops::Range<usize> {
    let is_around = |octet: &&u8| b" \t\r\n\"'\\,".contains(octet);
    let start = line.iter().take_while(is_around).count();
    let end = line.len() - line.iter().rev().take_while(is_around).count();
    start..end.max(start)
}

fn is_part(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"+/-_=".contains(&octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_base64_are_one_and_those_of_a_log_are_none() {
        let found = |text: &str| {
            let mut all = Vec::new();
            each_run(text.as_bytes(), &mut |run| all.push(run.text()));
            all
        };
        let text = "secret: c2VjcmV0c2VjcmV0\\\n    c2VjcmV0c2VjcmV0c2\n    Vj\nend of it\n";
        assert_eq!(found(text), ["c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2Vj"]);
        assert!(found("one DHCP4_LEASE_ALLOC_and_more\ntwo DHCP4_LEASE_ALLOC_and_more\n").is_empty());
    }
}
