//! The words of option values: quotes, escapes, brackets, comments.
//!
//! The syntax is that of dhcptest's `--option`, so that its command lines work here.

/// Text of a value that is being read.
#[derive(Debug)]
pub struct Text<'a> {
    text: &'a str,
    at: usize,
}

/// Characters that end a bare word within brackets.
const ENDS: [char; 3] = [',', ']', '}'];

impl<'a> Text<'a> {
    /// Begins to read `text`.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// What has not been read.
    #[must_use]
    pub fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Whether all was read, but for blanks and a comment.
    pub fn is_done(&mut self) -> bool {
        self.skip();
        self.rest().is_empty()
    }

    /// Skips blanks, and comments: ` (…)` after a value.
    pub fn skip(&mut self) {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            match comment(self.rest()) {
                Some(length) if self.at > 0 => self.at += length,
                _ => return,
            }
        }
    }

    /// The next character that is not blank.
    pub fn peek(&mut self) -> Option<char> {
        self.skip();
        self.rest().chars().next()
    }

    /// Reads `wanted` if it is next.
    pub fn take(&mut self, wanted: char) -> bool {
        let is_next = self.peek() == Some(wanted);
        if is_next {
            self.at += wanted.len_utf8();
        }
        is_next
    }

    /// Reads an opening bracket or brace; what closes it.
    pub fn open(&mut self) -> Option<char> {
        if self.take('[') {
            Some(']')
        } else if self.take('{') {
            Some('}')
        } else {
            None
        }
    }

    /// A quoted string, or what stands there: to the end where `is_top`, else to a comma or closing bracket.
    pub fn phrase(&mut self, is_top: bool) -> Result<Vec<u8>, String> {
        if self.peek() == Some('"') { self.quoted() } else { self.bare(|c| !is_top && ENDS.contains(&c)) }
    }

    /// As [`Text::phrase`], but blanks end it too.
    pub fn word(&mut self) -> Result<Vec<u8>, String> {
        if self.peek() == Some('"') { self.quoted() } else { self.bare(|c| c.is_whitespace() || ENDS.contains(&c)) }
    }

    /// As [`Text::phrase`], and it must be UTF-8.
    pub fn string(&mut self, is_top: bool) -> Result<String, String> {
        self.phrase(is_top).and_then(utf8)
    }

    /// The name of a field with the form that may stand after it in brackets, and the `=` or `:` behind it.
    pub fn field(&mut self) -> Result<(String, Option<String>), String> {
        let is_quoted = self.peek() == Some('"');
        let mut name = if is_quoted { utf8(self.quoted()?)? } else { utf8(self.bare(|c| "=:[]{},\"".contains(c))?)? };
        let mut format = None;
        if let Some(inner) = name.strip_suffix(']').and_then(|text| text.split_once('[')) {
            (name, format) = (inner.0.to_owned(), Some(inner.1.to_owned()));
        } else if self.take('[') {
            format = Some(utf8(self.bare(|c| c == ']')?)?);
            if !self.take(']') {
                return Err("the bracket after a name is not closed".into());
            }
        }
        if name.is_empty() || !(self.take('=') || self.take(':')) {
            return Err(format!("NAME=VALUE was expected at \"{}\"", self.text));
        }
        Ok((name, format))
    }

    /// All that is left, as it stands.
    pub fn everything(&mut self) -> &'a str {
        let rest = self.rest();
        let end = (0..rest.len())
            .find(|at| rest.as_bytes()[*at] == b'(' && is_blank_before(rest, *at) && ends_with_comment(&rest[*at..]))
            .unwrap_or(rest.len());
        self.at = self.text.len();
        if end < rest.len() { rest[..end].trim_end() } else { rest }
    }

    fn bare(&mut self, ends: impl Fn(char) -> bool) -> Result<Vec<u8>, String> {
        self.skip();
        let mut octets = Vec::new();
        let mut kept = 0;
        while let Some(c) = self.rest().chars().next() {
            if ends(c) || (c == '(' && is_blank_before(self.text, self.at) && comment(self.rest()).is_some()) {
                break;
            }
            if c == '\\' {
                self.escape(&mut octets)?;
                kept = octets.len();
                continue;
            }
            self.at += c.len_utf8();
            octets.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
            if !c.is_whitespace() {
                kept = octets.len();
            }
        }
        octets.truncate(kept);
        Ok(octets)
    }

    fn quoted(&mut self) -> Result<Vec<u8>, String> {
        self.at += 1;
        let mut octets = Vec::new();
        loop {
            match self.rest().chars().next() {
                None => return Err("a quote is not closed".into()),
                Some('"') => break,
                Some('\\') => self.escape(&mut octets)?,
                Some(c) => {
                    self.at += c.len_utf8();
                    octets.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
        self.at += 1;
        Ok(octets)
    }

    fn escape(&mut self, octets: &mut Vec<u8>) -> Result<(), String> {
        let mut chars = self.rest()[1..].chars();
        let Some(c) = chars.next() else { return Err("a backslash is at the end".into()) };
        let digits = match c {
            'x' => 2,
            'u' => 4,
            _ => 0,
        };
        if digits > 0 {
            let hex = chars.as_str().get(..digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
            let Some(number) = hex else { return Err(format!("\\{c} needs {digits} hex digits")) };
            if c == 'x' {
                octets.extend(u8::try_from(number));
            } else {
                let unpaired = || "\\u of half a character; write the character itself".to_owned();
                let c = char::from_u32(number).ok_or_else(unpaired)?;
                octets.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
        } else {
            octets.push(simple_escape(c).ok_or_else(|| format!("\\{c} is no escape; a backslash is written \\\\"))?);
        }
        self.at += 1 + c.len_utf8() + digits;
        Ok(())
    }
}

fn simple_escape(c: char) -> Option<u8> {
    Some(match c {
        '\\' | '"' | '/' | '[' | ']' | '{' | '}' | '(' | ')' | '=' | ':' | ',' => u8::try_from(c).ok()?,
        '0' => 0,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'b' => 8,
        'f' => 12,
        _ => return None,
    })
}

fn utf8(octets: Vec<u8>) -> Result<String, String> {
    String::from_utf8(octets).map_err(|_| "text is needed here, not octets".to_owned())
}

fn is_blank_before(text: &str, at: usize) -> bool {
    text[..at].ends_with(char::is_whitespace)
}

/// How long the comment is that `text` begins with: one that the value ends behind.
fn comment(text: &str) -> Option<usize> {
    let length = closing(text)?;
    let after = text[length..].trim_start();
    (after.is_empty() || after.starts_with(ENDS)).then_some(length)
}

fn ends_with_comment(text: &str) -> bool {
    closing(text).is_some_and(|length| text[length..].trim().is_empty())
}

/// The octets from `(` to its `)`; more of both may stand between them.
fn closing(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('(')?;
    let (mut is_escaped, mut depth) = (false, 1);
    let end = inside.find(|c| {
        match c {
            '(' if !is_escaped => depth += 1,
            ')' if !is_escaped => depth -= 1,
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
        depth == 0
    });
    end.map(|end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrase(text: &str) -> String {
        Text::new(text).string(true).unwrap()
    }

    #[test]
    fn bare_text_is_trimmed_and_a_comment_at_its_end_is_dropped() {
        assert_eq!(phrase("  Initech Groupware "), "Initech Groupware");
        assert_eq!(phrase("3600 (1 hour)"), "3600");
        assert_eq!(phrase("a (b) c"), "a (b) c");
        assert_eq!(phrase("f(x)"), "f(x)");
        assert_eq!(phrase("(x)"), "(x)");
        assert_eq!(phrase("58 (Renewal (T1) Time Value)"), "58");
    }

    #[test]
    fn quoted_text_has_escapes() {
        let text = r#""a\\b\"c\n\r\t\0\x41\u00e9 " (note)"#;
        let mut reader = Text::new(text);
        assert_eq!(reader.string(true).unwrap(), "a\\b\"c\n\r\t\0Aé ");
        assert!(reader.is_done());
        assert!(Text::new("\"a").phrase(true).is_err());
        assert!(Text::new(r"\q").phrase(true).is_err());
        assert!(Text::new(r"\xé").phrase(true).is_err());
    }

    #[test]
    fn within_brackets_a_bare_word_ends_at_a_comma_or_the_bracket() {
        let mut text = Text::new("[a b, c (note)]");
        assert_eq!(text.open(), Some(']'));
        assert_eq!(text.string(false).unwrap(), "a b");
        assert!(text.take(','));
        assert_eq!(text.string(false).unwrap(), "c");
        assert!(text.take(']') && text.is_done());
    }

    #[test]
    fn a_field_has_a_name_and_may_have_a_form() {
        let field = |text: &str| Text::new(text).field().unwrap();
        assert_eq!(field("Host Name = x"), ("Host Name".into(), None));
        assert_eq!(field("60[hex]=x"), ("60".into(), Some("hex".into())));
        assert_eq!(field("\"1[hex]\": \"x\""), ("1".into(), Some("hex".into())));
        assert_eq!(field("\"NetBIOS over TCP/IP Scope Option\"=x").0, "NetBIOS over TCP/IP Scope Option");
        assert!(Text::new("60").field().is_err());
        assert!(Text::new("60[hex=1").field().is_err());
    }
}
