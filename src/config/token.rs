//! The words of Kea's configuration dialect, includes already followed.
//!
//! Kea resolves `<?include "file"?>` between tokens, so an included file may hold a value, some members, or half a
//! list. What is accepted was measured with `kea-dhcp4 -t`; messages never repeat text, as it may be a password.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Reader;
use super::json::Place;
use crate::error::{Result, io_cause};

/// How deep includes may nest: Kea 2.2.0 follows eleven.
const MAX_INCLUDES: usize = 11;

/// How many includes there may be, and how long all files together: a few that include each other often would make a
/// text without end.
const MOST_INCLUDES: usize = 10_000;
const MOST_OCTETS: usize = 256 << 20;

const RELATIVE_INCLUDE: &str = "a relative path is tried from the working directory, then beside the including file";

/// One word of the dialect.
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

/// A file being read, and how far.
struct Source {
    path: Arc<Path>,
    text: Vec<u8>,
    at: usize,
    line: u32,
    column: u32,
}

impl Source {
    fn new(path: &Path, text: Vec<u8>) -> Self {
        Self { path: path.into(), text, at: 0, line: 1, column: 1 }
    }

    fn place(&self) -> Place {
        Place { file: Arc::clone(&self.path), line: self.line, column: self.column }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn starts_with(&self, text: &str) -> bool {
        self.text[self.at..].starts_with(text.as_bytes())
    }

    /// The next octet; columns count characters, not octets.
    fn bump(&mut self) -> Option<u8> {
        let octet = self.peek()?;
        self.at += 1;
        if octet == b'\n' {
            self.line += 1;
            self.column = 1;
        } else if self.peek().is_none_or(|next| next & 0xc0 != 0x80) {
            self.column += 1;
        }
        Some(octet)
    }

    fn take(&mut self, text: &str) -> bool {
        let there = self.starts_with(text);
        if there {
            text.bytes().for_each(|_| {
                self.bump();
            });
        }
        there
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.bump();
        }
    }

    fn skip_white(&mut self) {
        self.skip_while(|octet| matches!(octet, b' ' | b'\t' | b'\r' | b'\n'));
    }

    /// Skips one comment; false if none stands here.
    fn skip_comment(&mut self) -> Result<bool> {
        let place = self.place();
        if self.take("/*") {
            while !self.take("*/") {
                self.bump().ok_or_else(|| place.error("this comment has no end (*/)"))?;
            }
            return Ok(true);
        }
        let line = self.starts_with("#") || self.starts_with("//");
        if line {
            self.skip_while(|octet| octet != b'\n');
        }
        Ok(line)
    }
}

/// Reads token after token from a file and what it includes.
pub(super) struct Lexer<'a, 'r> {
    /// The outermost file first; never empty.
    files: Vec<Source>,
    reader: &'a mut Reader<'r>,
    includes: usize,
    octets: usize,
    /// Where the last token of the outermost file begins.
    begun: usize,
}

impl<'a, 'r> Lexer<'a, 'r> {
    pub(super) fn new(path: &Path, text: Vec<u8>, reader: &'a mut Reader<'r>) -> Self {
        let octets = text.len();
        Self { files: vec![Source::new(path, text)], reader, includes: 0, octets, begun: 0 }
    }

    /// The text of the outermost file, and where the last token in it begins.
    pub(super) fn into_text(mut self) -> (Vec<u8>, usize) {
        (self.files.swap_remove(0).text, self.begun)
    }

    /// The next token and where it stands.
    pub(super) fn next(&mut self) -> Result<(Place, Token)> {
        loop {
            let last = self.files.len() - 1;
            let file = &mut self.files[last];
            file.skip_white();
            if file.skip_comment()? {
                continue;
            }
            let place = file.place();
            if last == 0 {
                self.begun = file.at;
            }
            if file.take("<?") {
                let path = include_path(file).ok_or_else(|| place.error("expected <?include \"file\"?>"))?;
                self.include(&place, &path)?;
                continue;
            }
            return match file.peek() {
                Some(octet) => Ok((place.clone(), token(file, octet, &place)?)),
                None if last == 0 => Ok((place, Token::End)),
                None => {
                    self.files.pop();
                    continue;
                }
            };
        }
    }

    fn include(&mut self, place: &Place, path: &Path) -> Result<()> {
        if self.files.len() > MAX_INCLUDES {
            return Err(place.error(format!("includes are nested deeper than {MAX_INCLUDES}")));
        }
        let (path, text) = self.read(&place.file, path).map_err(|cause| {
            let error = place.error(format!("include \"{}\": {}", path.display(), io_cause(&cause)));
            if path.is_relative() { error.hint(RELATIVE_INCLUDE) } else { error }
        })?;
        if self.files.iter().any(|open| *open.path == *path) {
            return Err(place.error(format!("\"{}\" includes itself", path.display())));
        }
        self.includes += 1;
        self.octets = self.octets.saturating_add(text.len());
        if self.includes > MOST_INCLUDES {
            return Err(place.error(format!("there are more than {MOST_INCLUDES} includes")));
        }
        if self.octets > MOST_OCTETS {
            return Err(place.error(format!("with all that is included there are more than {} MiB", MOST_OCTETS >> 20)));
        }
        self.files.push(Source::new(&path, text));
        Ok(())
    }

    /// The file as Kea would open it, from where the process stands; failing that, beside the including file,
    /// because nobody knows where a server was started.
    fn read(&mut self, including: &Path, path: &Path) -> io::Result<(PathBuf, Vec<u8>)> {
        match (self.reader)(path) {
            Err(missing) if path.is_relative() && missing.kind() == io::ErrorKind::NotFound => {
                let beside = including.parent().unwrap_or(Path::new("")).join(path);
                (self.reader)(&beside).map(|text| (beside, text))
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
    let closed = file.take("\"");
    file.skip_white();
    (closed && file.take("?>") && !path.is_empty()).then(|| OsString::from_vec(path).into())
}

fn token(file: &mut Source, first: u8, place: &Place) -> Result<Token> {
    match first {
        b'{' | b'}' | b'[' | b']' | b',' | b':' => {
            file.bump();
            Ok(Token::Mark(first))
        }
        b'"' => text(file, place),
        b'0'..=b'9' | b'-' | b'+' | b'.' => number(file, place),
        b'a'..=b'z' | b'A'..=b'Z' => word(file, place),
        0xef if file.starts_with("\u{feff}") => Err(place.error("a byte order mark is not allowed")),
        0x21..=0x7e => Err(place.error(format!("unexpected character '{}'", char::from(first)))),
        _ => Err(place.error(format!("unexpected octet 0x{first:02x}"))),
    }
}

/// A string in double quotes; octets from 0x80 on pass as they are.
fn text(file: &mut Source, place: &Place) -> Result<Token> {
    file.bump();
    let mut octets = Vec::new();
    loop {
        let here = file.place();
        match file.bump() {
            Some(b'"') => return Ok(Token::Text(octets)),
            Some(b'\\') => octets.push(escaped(file).ok_or_else(|| {
                here.error(
                    "expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t or \\u0000 to \\u00ff after the backslash",
                )
            })?),
            Some(0..=0x1f) => return Err(here.error("a control character stands in this string; write it as \\u00XX")),
            Some(octet) => octets.push(octet),
            None => return Err(place.error("this string has no end")),
        }
    }
}

/// The octet an escape stands for: `\u00XX` is one octet in Kea, not a character.
fn escaped(file: &mut Source) -> Option<u8> {
    match file.bump()? {
        plain @ (b'"' | b'\\' | b'/') => Some(plain),
        b'b' => Some(8),
        b'f' => Some(12),
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        b'u' if file.take("00") => {
            let mut digit = || char::from(file.bump()?).to_digit(16);
            let octet = digit()? * 16 + digit()?;
            u8::try_from(octet).ok()
        }
        _ => None,
    }
}

/// `-?[0-9]+` is an integer of 64 bits, leading zeros and all; everything else that looks like it is a float.
fn number(file: &mut Source, place: &Place) -> Result<Token> {
    let start = file.at;
    file.skip_while(|octet| matches!(octet, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
    let digits = String::from_utf8_lossy(&file.text[start..file.at]);
    if digits.trim_start_matches('-').bytes().all(|octet| octet.is_ascii_digit()) {
        return digits.parse().map(Token::Int).map_err(|_| place.error("this is no integer of 64 bits"));
    }
    match digits.parse() {
        Ok(float) if f64::is_finite(float) => Ok(Token::Float(float)),
        _ => Err(place.error("this is no number")),
    }
}

fn word(file: &mut Source, place: &Place) -> Result<Token> {
    let start = file.at;
    file.skip_while(|octet| octet.is_ascii_alphanumeric() || octet == b'_');
    match &file.text[start..file.at] {
        b"true" => Ok(Token::Bool(true)),
        b"false" => Ok(Token::Bool(false)),
        b"null" => Ok(Token::Null),
        _ => Err(place.error("only true, false and null (in lower case) stand without double quotes")),
    }
}
