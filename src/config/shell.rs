//! The lines of a shell script, as far as it must be known which of them are plain assignments.

/// The lines of a script with their numbers, from 1. Quotes and backslashes join several to one.
pub(super) fn lines(script: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut open = Open::No;
    for (index, text) in script.split_inclusive('\n').enumerate() {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let before = open;
        open = after(text, before);
        let text = if open == Open::Backslash { &text[..text.len() - 1] } else { text };
        match lines.last_mut().filter(|_| before != Open::No) {
            Some((_, line)) => {
                line.push_str(if before == Open::Backslash { "" } else { "\n" });
                line.push_str(text);
            }
            None => lines.push((index + 1, text.to_owned())),
        }
    }
    lines
}

/// Why a line continues on the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    No,
    Backslash,
    Quote(char),
}

/// Whether the line `text` continues on the next one.
fn after(text: &str, before: Open) -> Open {
    let mut quote = if let Open::Quote(mark) = before { Some(mark) } else { None };
    let mut is_word_start = before == Open::No;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '#') if is_word_start => return Open::No,
            (None | Some('"' | '`'), '\\') if chars.next().is_none() => {
                return quote.map_or(Open::Backslash, Open::Quote);
            }
            (None, '\'' | '"' | '`') => quote = Some(c),
            (Some(mark), c) if mark == c => quote = None,
            _ => {}
        }
        is_word_start = matches!(c, ' ' | '\t' | ';');
    }
    quote.map_or(Open::No, Open::Quote)
}

/// Which compound commands are open.
#[derive(Debug, Default)]
pub(super) struct Compounds {
    commands: usize,
    parentheses: usize,
    /// After a here-document, whose lines look like any other.
    is_lost: bool,
}

impl Compounds {
    /// Whether what follows is only done under some condition, or is no command.
    pub(super) fn is_open(&self) -> bool {
        self.commands > 0 || self.parentheses > 0 || self.is_lost
    }

    /// Follows a line that is no plain assignment.
    pub(super) fn follow(&mut self, line: &str) {
        self.is_lost |= line.contains("<<") && !line.contains("<<<");
        for c in line.chars() {
            match c {
                '(' => self.parentheses += 1,
                // The pattern of a case has no other.
                ')' => self.parentheses = self.parentheses.saturating_sub(1),
                _ => {}
            }
        }
        for command in line.split([';', '&', '|', '(', ')']) {
            let mut words = command.split_ascii_whitespace();
            match words.find(|word| !matches!(*word, "then" | "do" | "else" | "elif" | "!" | "time")) {
                Some("if" | "while" | "until" | "for" | "case" | "select" | "{") => self.commands += 1,
                Some("fi" | "done" | "esac" | "}") => self.commands = self.commands.saturating_sub(1),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_join_lines_and_comments_do_not() {
        let script = "a='1\n2'\nb=\"3\n4\\\"\"\nc=5\\\n6\n# it's \\\nd=7 # it's\n";
        let expected = [(1, "a='1\n2'"), (3, "b=\"3\n4\\\"\""), (5, "c=56"), (7, "# it's \\"), (8, "d=7 # it's")];
        assert_eq!(lines(script), expected.map(|(number, text)| (number, text.to_owned())));
    }

    #[test]
    fn compound_commands_open_and_close() {
        let open = |script: &str| {
            let mut compounds = Compounds::default();
            for (_, line) in lines(script) {
                compounds.follow(&line);
            }
            compounds.is_open()
        };
        for closed in [
            "if a; then\nb\nelif c\nfi",
            "f()\n{\nx\n}",
            "for i in a; do b; done",
            "case $a in\nx) if b; then c; fi;;\n(y) d;;\nesac",
            "( x\ny )",
            "echo if for case {",
        ] {
            assert!(!open(closed), "{closed}");
        }
        for unfinished in ["if a; then", "f() {", "x=(", "while a; do\nif b; then c; fi", "cat <<EOF\nEOF"] {
            assert!(open(unfinished), "{unfinished}");
        }
    }
}
