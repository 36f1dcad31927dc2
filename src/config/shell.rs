//! A shell script in lines, as far as one must know shell to see which of them a plain assignment can be.
//!
//! What quotes hold together is one line, however many it has; what a here-document holds is none. Compound commands
//! are followed roughly: good enough to see where they end.

/// What stands for a quoted character where only bare ones count.
const QUOTED: char = '\u{1a}';

/// A line of shell.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Its number, from 1; that of its first line if it has several.
    pub number: usize,
    /// The line as it is written, without the backslashes that continue it.
    pub text: String,
    /// The same without its comment, and with [`QUOTED`] for whatever is quoted.
    bare: String,
}

/// The lines of a script, without the texts of its here-documents.
pub(super) fn lines(script: &str) -> Vec<Line> {
    let mut reader = Reader { rest: script.chars(), number: 1 };
    std::iter::from_fn(|| reader.line()).collect()
}

struct Reader<'a> {
    rest: std::str::Chars<'a>,
    number: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        self.number += usize::from(c == '\n');
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn line(&mut self) -> Option<Line> {
        self.peek()?;
        let mut line = Line { number: self.number, ..Line::default() };
        let mut here = Vec::new();
        while let Some(c) = self.next() {
            match c {
                '\n' => break,
                '\\' => self.escaped(&mut line),
                '\'' | '"' | '`' => self.quoted(c, &mut line),
                '#' if line.bare.ends_with([' ', '\t', ';']) || line.bare.is_empty() => self.comment(&mut line),
                '<' if self.peek() == Some('<') => {
                    here.extend(self.here_document());
                    line.both("<");
                    while self.peek() == Some('<') {
                        self.next();
                        line.both("<");
                    }
                }
                c => line.both(c.encode_utf8(&mut [0; 4])),
            }
        }
        for end in here {
            self.skip_here_document(&end);
        }
        Some(line)
    }

    /// What follows a backslash: a line that goes on, or a character that means itself.
    fn escaped(&mut self, line: &mut Line) {
        match self.next() {
            Some('\n') => {}
            Some(c) => {
                line.quoted('\\');
                line.quoted(c);
            }
            None => line.quoted('\\'),
        }
    }

    /// Up to the quotation mark that ends it, or the end of the script.
    fn quoted(&mut self, mark: char, line: &mut Line) {
        line.quoted(mark);
        while let Some(c) = self.next() {
            match c {
                '\\' if mark != '\'' => self.escaped(line),
                c => line.quoted(c),
            }
            if c == mark {
                break;
            }
        }
    }

    fn comment(&mut self, line: &mut Line) {
        line.text.push('#');
        while self.peek().is_some_and(|c| c != '\n') {
            line.text.extend(self.next());
        }
    }

    /// The line that ends the here-document beginning here, between the two `<`; `None` if it is a here-string.
    fn here_document(&self) -> Option<String> {
        let rest = self.rest.as_str().strip_prefix('<')?;
        let rest = rest.strip_prefix('-').unwrap_or(rest).trim_start_matches([' ', '\t']);
        let word = rest.split(|c: char| c.is_whitespace() || ";&|<>()".contains(c)).next()?;
        Some(word.chars().filter(|c| !"'\"\\".contains(*c)).collect()).filter(|word: &String| !word.is_empty())
    }

    fn skip_here_document(&mut self, end: &str) {
        while self.peek().is_some() {
            let line = self.rest.as_str().split('\n').next().unwrap_or_default();
            let is_end = line.trim_end_matches('\r').trim_start_matches('\t') == end;
            while self.next().is_some_and(|c| c != '\n') {}
            if is_end {
                break;
            }
        }
    }
}

impl Line {
    fn both(&mut self, text: &str) {
        self.text.push_str(text);
        self.bare.push_str(text);
    }

    fn quoted(&mut self, c: char) {
        self.text.push(c);
        self.bare.push(QUOTED);
    }
}

/// How many compound commands and parentheses are open.
#[derive(Debug, Default)]
pub(super) struct Depth {
    compounds: usize,
    parentheses: usize,
}

impl Depth {
    /// Follows a line; whether it is, or begins, within something.
    pub(super) fn follow(&mut self, line: &Line) -> bool {
        let mut was_inside = self.is_inside();
        let mut is_command = true;
        for piece in pieces(&line.bare) {
            match piece {
                "(" => self.parentheses += 1,
                // The pattern of a case has no other.
                ")" => self.parentheses = self.parentheses.saturating_sub(1),
                _ => {}
            }
            match piece {
                ";" | "&" | "|" | "(" | ")" => is_command = true,
                "if" | "while" | "until" | "{" if is_command => self.compounds += 1,
                "for" | "case" | "select" if is_command => (self.compounds, is_command) = (self.compounds + 1, false),
                "fi" | "done" | "esac" | "}" if is_command => self.compounds = self.compounds.saturating_sub(1),
                "then" | "do" | "else" | "elif" | "!" | "time" if is_command => {}
                _ => is_command = false,
            }
            was_inside |= self.is_inside();
        }
        was_inside
    }

    fn is_inside(&self) -> bool {
        self.compounds > 0 || self.parentheses > 0
    }
}

/// Words and the characters that part commands.
fn pieces(bare: &str) -> impl Iterator<Item = &str> {
    const PARTING: [char; 5] = [';', '&', '|', '(', ')'];
    bare.split_ascii_whitespace()
        .flat_map(|word| {
            word.split_inclusive(PARTING).flat_map(|piece| match piece.strip_suffix(PARTING) {
                Some(word) => [word, &piece[word.len()..]],
                None => [piece, ""],
            })
        })
        .filter(|piece| !piece.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(script: &str) -> Vec<(usize, String)> {
        lines(script).into_iter().map(|line| (line.number, line.text)).collect()
    }

    /// The numbers of the lines that are within something.
    fn within(script: &str) -> Vec<usize> {
        let mut depth = Depth::default();
        lines(script).into_iter().filter(|line| depth.follow(line)).map(|line| line.number).collect()
    }

    #[test]
    fn quotes_and_backslashes_hold_lines_together_and_comments_do_not() {
        let script = "a='1\n2'\nb=\"3\n4\\\"\"\nc=5\\\n6\n# it's \\\nd=7 # it's\n";
        let expected = [(1, "a='1\n2'"), (3, "b=\"3\n4\\\"\""), (5, "c=56"), (7, "# it's \\"), (8, "d=7 # it's")];
        assert_eq!(texts(script), expected.map(|(number, text)| (number, text.to_owned())));
    }

    #[test]
    fn what_a_here_document_holds_is_no_line() {
        let script = "cat <<EOF; cat <<-'END'\ndhcp4=no\nEOF\nx=1\n\tEND\ny=<<<z\nz=2\ncat <<OPEN\nw=1";
        assert_eq!(texts(script).into_iter().map(|(number, _)| number).collect::<Vec<_>>(), [1, 6, 7, 8]);
    }

    #[test]
    fn only_commands_open_and_close() {
        assert_eq!(within("x=\"wait for y\"\necho if for case {\nx='if'\ny=done\nfi\n"), [] as [usize; 0]);
        assert_eq!(within("if a; then\nb\nelse\nc\nfi\nd\n"), [1, 2, 3, 4, 5]);
        assert_eq!(within("f()\n{\nx\n}\ny\nfor i in a; do b; done\nz\n"), [1, 2, 3, 4, 6]);
        assert_eq!(within("case $a in\nx) if b; then c; fi;;\n(y) d;;\nesac\nz\n( x\ny )\nw\n"), [1, 2, 3, 4, 6, 7]);
    }
}
