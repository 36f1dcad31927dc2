//! Kea's own dialect of JSON: comments, includes, commas too many, strings of octets.
//!
//! JSON5 and JSONC readers take other texts and give other strings (no `\u00XX` octets, no include), so this one is
//! ours. Every value knows where it stands, so that whoever reads it can complain with file, line and column.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::Reader;
use super::token::{Lexer, Token};
use crate::error::{Error, Result};

/// How deep maps and lists may nest, so that a hostile file cannot use up the stack.
const MAX_DEPTH: usize = 200;

/// Where something stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was opened.
    pub file: Arc<Path>,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl Place {
    /// A failure because of what stands here: `file:line:column: cause`.
    #[must_use]
    pub fn error(&self, cause: impl fmt::Display) -> Error {
        Error::new(self.to_string(), cause)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

/// A map's members.
pub type Map = BTreeMap<Vec<u8>, Value>;

/// A value and where it begins.
#[derive(Clone)]
pub struct Value {
    /// Where it begins.
    pub place: Place,
    /// What it is.
    pub data: Data,
}

/// What a value is. It is not `Debug`, since a configuration holds passwords.
#[derive(Clone, PartialEq)]
pub enum Data {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number with a fraction, an exponent or a plus sign.
    Float(f64),
    /// A string's octets; mostly UTF-8, though Kea does not insist.
    Text(Vec<u8>),
    /// A list.
    List(Vec<Value>),
    /// A map.
    Map(Map),
}

impl PartialEq for Value {
    /// Equal wherever it stands.
    fn eq(&self, other: &Self) -> bool {
        self.data == other.data
    }
}

impl Value {
    /// The kind of value in words, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.data {
            Data::Null => "null",
            Data::Bool(_) => "a boolean",
            Data::Int(_) => "an integer",
            Data::Float(_) => "a floating point number",
            Data::Text(_) => "a string",
            Data::List(_) => "a list",
            Data::Map(_) => "a map",
        }
    }
}

/// Reads the text of the file `path` and all it includes.
///
/// An include is opened as Kea does, from where the process stands; a relative path that leads nowhere from there is
/// tried beside the including file. The errors name file, line and column.
pub fn parse(path: &Path, text: Vec<u8>, reader: &mut Reader<'_>) -> Result<Value> {
    let partly = parse_partly(path, text, reader);
    partly.fault.map_or(Ok(partly.value), |fault| Err(fault.error))
}

/// As much of a text as can be read.
pub struct Partly {
    /// What comes before the fault; maps and lists that the fault is in hold what comes before it.
    pub value: Value,
    /// Why the rest could not be read, unless all was.
    pub fault: Option<Fault>,
}

/// Where reading ended early.
pub struct Fault {
    /// What is wrong.
    pub error: Error,
    /// The names of the members that the fault is in, the innermost first.
    pub inside: Vec<Vec<u8>>,
    /// Whether the fault follows a whole value.
    pub is_after_all: bool,
    /// The outermost file.
    pub text: Vec<u8>,
    /// How much of it comes before the fault.
    pub at: usize,
}

/// Reads as [`parse`] does, up to the first fault.
pub fn parse_partly(path: &Path, text: Vec<u8>, reader: &mut Reader<'_>) -> Partly {
    let nothing = || Value { place: Place { file: path.into(), line: 1, column: 1 }, data: Data::Null };
    let mut parser = Parser {
        lexer: Lexer::new(path, text, reader),
        place: nothing().place,
        token: Token::End,
        depth: 0,
        inside: Vec::new(),
        is_after_all: false,
    };
    let mut value = nothing();
    let outcome = parser.whole(&mut value);
    let fault = outcome.err().map(|error| {
        let (text, at) = parser.lexer.into_text();
        Fault { error, inside: parser.inside, is_after_all: parser.is_after_all, text, at }
    });
    Partly { value, fault }
}

struct Parser<'a, 'r> {
    lexer: Lexer<'a, 'r>,
    /// The token to look at, and where it stands.
    token: Token,
    place: Place,
    depth: usize,
    /// The members that an error was found in, the innermost first.
    inside: Vec<Vec<u8>>,
    /// Whether the outermost value is read.
    is_after_all: bool,
}

impl Parser<'_, '_> {
    fn whole(&mut self, value: &mut Value) -> Result<()> {
        self.advance()?;
        self.value(value)?;
        self.is_after_all = true;
        match self.token {
            Token::End => Ok(()),
            _ => Err(self.expected("nothing more")),
        }
    }

    /// Reads a value; of one with an error in it, what comes before that.
    fn value(&mut self, value: &mut Value) -> Result<()> {
        value.place = self.place.clone();
        match self.token {
            Token::Mark(b'{') => {
                let mut members = Map::new();
                let outcome = self.nested(|parser| parser.members(&mut members));
                value.data = Data::Map(members);
                return outcome;
            }
            Token::Mark(b'[') => {
                let mut items = Vec::new();
                let outcome = self.nested(|parser| parser.items(&mut items));
                value.data = Data::List(items);
                return outcome;
            }
            Token::Mark(_) | Token::End => return Err(self.expected("a value")),
            _ => {}
        }
        value.data = match self.advance()? {
            Token::Text(octets) => Data::Text(octets),
            Token::Int(number) => Data::Int(number),
            Token::Float(number) => Data::Float(number),
            Token::Bool(flag) => Data::Bool(flag),
            _ => Data::Null,
        };
        Ok(())
    }

    /// What stands between two brackets.
    fn nested(&mut self, inside: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        if self.depth == MAX_DEPTH {
            return Err(self.place.error(format!("maps and lists are nested deeper than {MAX_DEPTH}")));
        }
        self.depth += 1;
        self.advance()?;
        inside(self)?;
        self.advance()?;
        self.depth -= 1;
        Ok(())
    }

    fn members(&mut self, members: &mut Map) -> Result<()> {
        while self.token != Token::Mark(b'}') {
            let place = self.place.clone();
            let Token::Text(name) = &mut self.token else {
                return Err(self.expected("a name in double quotes or '}'"));
            };
            let name = std::mem::take(name);
            let outcome = self.member(&name, &place, members);
            if outcome.is_err() {
                self.inside.push(name);
                return outcome;
            }
            self.separator(b'}')?;
        }
        Ok(())
    }

    fn member(&mut self, name: &[u8], place: &Place, members: &mut Map) -> Result<()> {
        self.advance()?;
        if self.advance_if(b':')?.is_none() {
            return Err(self.expected("':'"));
        }
        if let Some(first) = members.get(name) {
            let name = String::from_utf8_lossy(name);
            return Err(place.error(format!("\"{name}\" is given twice")).hint(format!("first at {}", first.place)));
        }
        let mut value = Value { place: self.place.clone(), data: Data::Null };
        let outcome = self.value(&mut value);
        if outcome.is_ok() || matches!(value.data, Data::Map(_) | Data::List(_)) {
            members.insert(name.to_owned(), value);
        }
        outcome
    }

    fn items(&mut self, items: &mut Vec<Value>) -> Result<()> {
        while self.token != Token::Mark(b']') {
            let mut value = Value { place: self.place.clone(), data: Data::Null };
            let outcome = self.value(&mut value);
            if outcome.is_ok() || matches!(value.data, Data::Map(_) | Data::List(_)) {
                items.push(value);
            }
            outcome?;
            self.separator(b']')?;
        }
        Ok(())
    }

    /// One or more commas, or the end of the map or list.
    fn separator(&mut self, end: u8) -> Result<()> {
        if self.token == Token::Mark(end) {
            return Ok(());
        }
        if self.token != Token::Mark(b',') {
            return Err(self.expected(&format!("',' or '{}'", char::from(end))));
        }
        while self.advance_if(b',')?.is_some() {}
        Ok(())
    }

    /// Steps over the current token and hands it out.
    fn advance(&mut self) -> Result<Token> {
        let (place, token) = self.lexer.next()?;
        self.place = place;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn advance_if(&mut self, mark: u8) -> Result<Option<Token>> {
        if self.token == Token::Mark(mark) { self.advance().map(Some) } else { Ok(None) }
    }

    fn expected(&self, what: &str) -> Error {
        self.place.error(format!("expected {what}, found {}", self.token.name()))
    }
}

#[cfg(test)]
mod tests;
