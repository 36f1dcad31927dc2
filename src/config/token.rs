//! The tokens of Kea's configuration dialect, with includes already followed.
//!
//! Kea resolves `<?include "file"?>` between tokens, so an included file may hold a value, some members, or half a
//! list. What is accepted was measured with `kea-dhcp4 -t`; messages never repeat text, as it may be a password.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memchr::memchr2;

use super::Reader;
use super::position::{Files, Position};
use crate::error::{Error, Result, io_cause};

/// How deep includes may nest: Kea 2.2.0 follows eleven.
const MAX_INCLUDES: usize = 11;

/// How many includes there may be, and how long all files together: a few that include each other often would make a
/// text without end.
const MOST_INCLUDES: usize = 10_000;
const MOST_BYTES: usize = 256 << 20;

const RELATIVE_INCLUDE: &str =
    "a relative path is looked for in the working directory, then in the directory of the including file";

/// One token of the dialect.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// One of `{ } [ ] , :`.
    Mark(u8),
    /// A string's octets.
    Text(Vec<u8>),
    Int(i64),
    Float(f64),
    Bool(bool),
    Null,
    /// The end of the outermost file.
    End,
}

impl Token {
    /// The token in words, without what it holds.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Mark(mark) => format!("'{}'", char::from(*mark)),
            Self::Text(_) => "a string".to_owned(),
            Self::Int(_) | Self::Float(_) => "a number".to_owned(),
            Self::Bool(_) => "a boolean".to_owned(),
            Self::Null => "null".to_owned(),
            Self::End => "the end of the file".to_owned(),
        }
    }
}

/// What is wrong in a file, and where.
struct Wrong {
    at: Position,
    cause: String,
}

/// A failure at a position.
fn wrong<T>(at: Position, cause: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { at, cause: cause.into() })
}

/// A file being read, and how far.
struct Source {
    path: Arc<Path>,
    text: Vec<u8>,
    at: usize,
    /// The position of the octet `counted`, which is not after `at`.
    position: Position,
    counted: usize,
}

impl Source {
    fn new(file: u32, path: Arc<Path>, text: Vec<u8>) -> Self {
        Self { path, text, at: 0, position: Position { file, line: 1, column: 1 }, counted: 0 }
    }

    /// The position of the next octet; columns count characters, not octets.
    fn position(&mut self) -> Position {
        for octet in &self.text[self.counted..self.at] {
            if *octet == b'\n' {
                self.position.line += 1;
                self.position.column = 1;
            } else if octet & 0xc0 != 0x80 {
                self.position.column += 1;
            }
        }
        self.counted = self.at;
        self.position
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn starts_with(&self, text: &str) -> bool {
        self.text[self.at..].starts_with(text.as_bytes())
    }

    fn next(&mut self) -> Option<u8> {
        let octet = self.peek()?;
        self.at += 1;
        Some(octet)
    }

    fn take(&mut self, text: &str) -> bool {
        let is_there = self.starts_with(text);
        self.at += if is_there { text.len() } else { 0 };
        is_there
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        self.at += self.text[self.at..].iter().take_while(|octet| wanted(**octet)).count();
    }

    fn skip_white(&mut self) {
        self.skip_while(|octet| matches!(octet, b' ' | b'\t' | b'\r' | b'\n'));
    }

    /// Skips one comment; false if there is none here.
    fn skip_comment(&mut self) -> Result<bool, Wrong> {
        if self.starts_with("/*") {
            let begin = self.position();
            self.at += 2;
            let Some(end) = memchr::memmem::find(&self.text[self.at..], b"*/") else {
                return wrong(begin, "this comment has no end (*/)");
            };
            self.at += end + 2;
            return Ok(true);
        }
        let is_line = self.starts_with("#") || self.starts_with("//");
        if is_line {
            self.skip_while(|octet| octet != b'\n');
        }
        Ok(is_line)
    }
}

/// Reads token after token from a file and what it includes.
pub(super) struct Lexer<'a, 'r> {
    /// The open files, the outermost first; never empty.
    open: Vec<Source>,
    /// All files, by their indices in positions.
    files: Files,
    reader: &'a mut Reader<'r>,
    includes: usize,
    bytes: usize,
    /// Where the last token of the outermost file begins.
    begun: usize,
}

impl<'a, 'r> Lexer<'a, 'r> {
    pub(super) fn new(path: &Path, text: Vec<u8>, reader: &'a mut Reader<'r>) -> Self {
        let bytes = text.len();
        let mut files = Files::default();
        let path: Arc<Path> = path.into();
        let file = files.add(Arc::clone(&path));
        Self { open: vec![Source::new(file, path, text)], files, reader, includes: 0, bytes, begun: 0 }
    }

    /// The files, the text of the outermost one, and where the last token in it begins.
    pub(super) fn into_parts(mut self) -> (Files, Vec<u8>, usize) {
        (self.files, self.open.swap_remove(0).text, self.begun)
    }

    pub(super) fn files(&self) -> &Files {
        &self.files
    }

    /// A failure because of what is written at a position.
    pub(super) fn error(&self, at: Position, cause: impl fmt::Display) -> Error {
        self.files.error(at, cause)
    }

    /// The next token and its position.
    pub(super) fn next(&mut self) -> Result<(Position, Token)> {
        loop {
            let last = self.open.len() - 1;
            let file = &mut self.open[last];
            file.skip_white();
            if file.skip_comment().map_err(|wrong| self.files.error(wrong.at, wrong.cause))? {
                continue;
            }
            let position = file.position();
            if last == 0 {
                self.begun = file.at;
            }
            if file.take("<?") {
                let path = include_path(file);
                let path = path.ok_or_else(|| self.files.error(position, "expected <?include \"file\"?>"))?;
                self.include(position, &path)?;
                continue;
            }
            return match file.peek() {
                Some(octet) => match token(file, octet, position) {
                    Ok(token) => Ok((position, token)),
                    Err(wrong) => Err(self.files.error(wrong.at, wrong.cause)),
                },
                None if last == 0 => Ok((position, Token::End)),
                None => {
                    self.open.pop();
                    continue;
                }
            };
        }
    }

    fn include(&mut self, at: Position, path: &Path) -> Result<()> {
        if self.open.len() > MAX_INCLUDES {
            return Err(self.error(at, format!("includes are nested deeper than {MAX_INCLUDES}")));
        }
        let including = Arc::clone(&self.open[self.open.len() - 1].path);
        let (path, text) = self.read(&including, path).map_err(|cause| {
            let error = self.error(at, format!("include \"{}\": {}", path.display(), io_cause(&cause)));
            if path.is_relative() { error.hint(RELATIVE_INCLUDE) } else { error }
        })?;
        if self.open.iter().any(|open| *open.path == *path) {
            return Err(self.error(at, format!("\"{}\" includes itself", path.display())));
        }
        self.includes += 1;
        self.bytes = self.bytes.saturating_add(text.len());
        if self.includes > MOST_INCLUDES {
            return Err(self.error(at, format!("there are more than {MOST_INCLUDES} includes")));
        }
        if self.bytes > MOST_BYTES {
            let cause = format!("with everything that is included it has more than {} MiB", MOST_BYTES >> 20);
            return Err(self.error(at, cause));
        }
        let path: Arc<Path> = path.into();
        let file = self.files.add(Arc::clone(&path));
        self.open.push(Source::new(file, path, text));
        Ok(())
    }

    /// The file as Kea would open it, from the working directory; failing that, in the directory of the including file,
    /// since the working directory of the server is not known.
    fn read(&mut self, including: &Path, path: &Path) -> io::Result<(PathBuf, Vec<u8>)> {
        match (self.reader)(path) {
            Err(missing) if path.is_relative() && missing.kind() == io::ErrorKind::NotFound => {
                let near = including.parent().unwrap_or(Path::new("")).join(path);
                (self.reader)(&near).map(|text| (near, text))
            }
            read => read.map(|text| (path.to_owned(), text)),
        }
    }
}

/// What follows `<?`, up to and with `?>`.
fn include_path(file: &mut Source) -> Option<PathBuf> {
    file.skip_white();
    if !file.take("include") {
        return None;
    }
    file.skip_white();
    if !file.take("\"") {
        return None;
    }
    let start = file.at;
    file.skip_while(|octet| octet != b'"' && octet != b'\n');
    let path = file.text[start..file.at].to_vec();
    let is_closed = file.take("\"");
    file.skip_white();
    (is_closed && file.take("?>") && !path.is_empty()).then(|| OsString::from_vec(path).into())
}

fn token(file: &mut Source, first: u8, at: Position) -> Result<Token, Wrong> {
    match first {
        b'{' | b'}' | b'[' | b']' | b',' | b':' => {
            file.at += 1;
            Ok(Token::Mark(first))
        }
        b'"' => text(file, at),
        b'0'..=b'9' | b'-' | b'+' | b'.' => number(file, at),
        b'a'..=b'z' | b'A'..=b'Z' => word(file, at),
        0xef if file.starts_with("\u{feff}") => wrong(at, "a byte order mark is not allowed"),
        0x21..=0x7e => wrong(at, format!("unexpected character '{}'", char::from(first))),
        _ => wrong(at, format!("unexpected octet 0x{first:02x}")),
    }
}

/// A string in double quotes; octets from 0x80 on are kept.
fn text(file: &mut Source, at: Position) -> Result<Token, Wrong> {
    file.at += 1;
    let mut octets = Vec::new();
    loop {
        let rest = &file.text[file.at..];
        let plain = memchr2(b'"', b'\\', rest).unwrap_or(rest.len());
        if let Some(control) = rest[..plain].iter().position(|octet| *octet < 0x20) {
            file.at += control;
            return wrong(file.position(), "a control character in a string must be written as \\u00XX");
        }
        octets.extend_from_slice(&rest[..plain]);
        file.at += plain;
        let here = file.at;
        match file.next() {
            Some(b'"') => return Ok(Token::Text(octets)),
            Some(_) => {
                let Some(octet) = escaped(file) else {
                    file.at = here;
                    let allowed = "\\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u0000 to \\u00ff";
                    return wrong(file.position(), format!("expected one of {allowed} after the backslash"));
                };
                octets.push(octet);
            }
            None => return wrong(at, "this string has no end"),
        }
    }
}

/// The octet that an escape means: `\u00XX` is one octet in Kea, not a character.
fn escaped(file: &mut Source) -> Option<u8> {
    match file.next()? {
        plain @ (b'"' | b'\\' | b'/') => Some(plain),
        b'b' => Some(8),
        b'f' => Some(12),
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        b'u' if file.take("00") => {
            let mut digit = || char::from(file.next()?).to_digit(16);
            let octet = digit()? * 16 + digit()?;
            u8::try_from(octet).ok()
        }
        _ => None,
    }
}

/// `-?[0-9]+` is an integer of 64 bits, with leading zeros; everything else that looks like it is a float.
fn number(file: &mut Source, at: Position) -> Result<Token, Wrong> {
    let start = file.at;
    file.skip_while(|octet| matches!(octet, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
    let digits = String::from_utf8_lossy(&file.text[start..file.at]);
    if digits.trim_start_matches('-').bytes().all(|octet| octet.is_ascii_digit()) {
        return digits.parse().map(Token::Int).or_else(|_| wrong(at, "this is no integer of 64 bits"));
    }
    match digits.parse() {
        Ok(float) if f64::is_finite(float) => Ok(Token::Float(float)),
        _ => wrong(at, "this is no number"),
    }
}

fn word(file: &mut Source, at: Position) -> Result<Token, Wrong> {
    let start = file.at;
    file.skip_while(|octet| octet.is_ascii_alphanumeric() || octet == b'_');
    match &file.text[start..file.at] {
        b"true" => Ok(Token::Bool(true)),
        b"false" => Ok(Token::Bool(false)),
        b"null" => Ok(Token::Null),
        _ => wrong(at, "only true, false and null (in lower case) may be written without double quotes"),
    }
}
