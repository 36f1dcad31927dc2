//! Kea's own dialect of JSON: comments, includes, extra commas, strings of octets.
//!
//! JSON5 and JSONC readers accept other texts and yield other strings (no `\u00XX` octets, no include), so this parser is
//! our own. Every value knows its position, so that a message can name file, line and column.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::Reader;
use super::position::{Files, Position};
use super::token::{Lexer, Token};
use crate::error::{Error, Result};

/// How deep maps and lists may nest, so that a hostile file cannot use up the stack.
const MAX_DEPTH: usize = 200;

/// A value and where it begins.
#[derive(Clone)]
pub struct Value {
    /// Where it begins.
    pub position: Position,
    /// What it is.
    pub data: Data,
}

/// What a value is.
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
    /// A string's octets; mostly UTF-8, but Kea does not require that.
    Text(Box<[u8]>),
    /// A list.
    List(Box<[Value]>),
    /// A map.
    Map(Map),
}

/// The members of a map, in the order in which they are written. A large configuration has the same few names many times, so
/// members of one name share it.
#[derive(Clone, Default, PartialEq)]
pub struct Map(Vec<(Name, Value)>);

/// The name of a member.
type Name = Arc<[u8]>;

impl Map {
    /// The value of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.iter().find(|(other, _)| *other == name.as_bytes()).map(|(_, value)| value)
    }

    /// Its members.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], &Value)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// Whether it has no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, name: impl Into<Name>, value: Value) {
        self.0.push((name.into(), value));
    }
}

impl FromIterator<(Vec<u8>, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (Vec<u8>, Value)>>(members: I) -> Self {
        Self(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

impl From<Data> for Value {
    /// A value that is written nowhere.
    fn from(data: Data) -> Self {
        Self { position: Position::default(), data }
    }
}

impl fmt::Debug for Map {
    /// Only the names: a configuration holds passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _)| String::from_utf8_lossy(name))).finish()
    }
}

impl fmt::Debug for Value {
    /// Only its kind: a configuration holds passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl PartialEq for Value {
    /// Equal at any position.
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

    /// A member of a map.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match &self.data {
            Data::Map(map) => map.get(name),
            _ => None,
        }
    }
}

/// A text as far as it could be read.
pub struct Parsed {
    /// What precedes the fault; maps and lists that the fault is in hold what precedes it.
    pub value: Value,
    /// Why the rest could not be read, if there is a rest.
    pub fault: Option<SyntaxError>,
    /// The files that were read.
    pub files: Files,
}

/// Where reading ended early.
pub struct SyntaxError {
    /// What is wrong.
    pub error: Error,
    /// The names of the members that the fault is in, the innermost first.
    pub inside: Vec<Vec<u8>>,
    /// Whether the fault follows a whole value.
    pub is_after_all: bool,
    /// The outermost file.
    pub text: Vec<u8>,
    /// How much of it precedes the fault.
    pub at: usize,
}

/// Reads the text of the file `path` and everything it includes, up to the first fault.
///
/// An include is opened as Kea does, from the working directory of the process; a relative path that is not found from
/// there is looked for in the directory of the including file. The errors name file, line and column.
pub fn parse(path: &Path, text: Vec<u8>, reader: &mut Reader<'_>) -> Parsed {
    let nothing = || Value { position: Position { file: 0, line: 1, column: 1 }, data: Data::Null };
    let mut parser = Parser {
        lexer: Lexer::new(path, text, reader),
        position: nothing().position,
        token: Token::End,
        depth: 0,
        inside: Vec::new(),
        is_after_all: false,
        names: HashSet::new(),
    };
    let mut value = nothing();
    let outcome = parser.whole(&mut value);
    let Parser { lexer, inside, is_after_all, .. } = parser;
    let (files, text, at) = lexer.into_parts();
    let fault = outcome.err().map(|error| SyntaxError { error, inside, is_after_all, text, at });
    Parsed { value, fault, files }
}

struct Parser<'a, 'r> {
    lexer: Lexer<'a, 'r>,
    /// The token to look at, and its position.
    token: Token,
    position: Position,
    depth: usize,
    /// The members that an error was found in, the innermost first.
    inside: Vec<Vec<u8>>,
    /// Whether the outermost value is read.
    is_after_all: bool,
    /// The names of members so far.
    names: HashSet<Name>,
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

    /// Reads a value; of one with an error in it, what precedes the error.
    fn value(&mut self, value: &mut Value) -> Result<()> {
        value.position = self.position;
        match self.token {
            Token::Mark(b'{') => {
                let mut members = Map::default();
                let outcome = self.nested(|parser| parser.members(&mut members));
                // A large configuration has many small maps and lists.
                members.0.shrink_to_fit();
                value.data = Data::Map(members);
                return outcome;
            }
            Token::Mark(b'[') => {
                let mut items = Vec::new();
                let outcome = self.nested(|parser| parser.items(&mut items));
                value.data = Data::List(items.into());
                return outcome;
            }
            Token::Mark(_) | Token::End => return Err(self.expected("a value")),
            _ => {}
        }
        value.data = match self.advance()? {
            Token::Text(octets) => Data::Text(octets.into()),
            Token::Int(number) => Data::Int(number),
            Token::Float(number) => Data::Float(number),
            Token::Bool(flag) => Data::Bool(flag),
            _ => Data::Null,
        };
        Ok(())
    }

    /// What is between two brackets.
    fn nested(&mut self, inside: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        if self.depth == MAX_DEPTH {
            let cause = format!("maps and lists are nested deeper than {MAX_DEPTH}");
            return Err(self.lexer.error(self.position, cause));
        }
        self.depth += 1;
        self.advance()?;
        inside(self)?;
        self.advance()?;
        self.depth -= 1;
        Ok(())
    }

    fn members(&mut self, members: &mut Map) -> Result<()> {
        let mut names = Names::default();
        while self.token != Token::Mark(b'}') {
            let position = self.position;
            let Token::Text(name) = &mut self.token else {
                return Err(self.expected("a name in double quotes or '}'"));
            };
            let name = shared(std::mem::take(name), &mut self.names);
            self.member(name, position, members, &mut names)?;
            self.separator(b'}')?;
        }
        Ok(())
    }

    fn member(&mut self, name: Name, position: Position, members: &mut Map, names: &mut Names) -> Result<()> {
        let mut value = Value { position, data: Data::Null };
        let outcome = self.member_value(&name, position, members, names, &mut value);
        if outcome.is_err() {
            self.inside.push(name.to_vec());
        }
        if outcome.is_ok() || matches!(value.data, Data::Map(_) | Data::List(_)) {
            members.push(name, value);
        }
        outcome
    }

    fn member_value(
        &mut self,
        name: &Name,
        position: Position,
        members: &Map,
        names: &mut Names,
        value: &mut Value,
    ) -> Result<()> {
        self.advance()?;
        if self.advance_if(b':')?.is_none() {
            return Err(self.expected("':'"));
        }
        if let Some(first) = names.first(name, members) {
            let cause = format!("\"{}\" is given twice", String::from_utf8_lossy(name));
            let hint = format!("first at {}", self.lexer.files().place(first));
            return Err(self.lexer.error(position, cause).hint(hint));
        }
        self.value(value)
    }

    fn items(&mut self, items: &mut Vec<Value>) -> Result<()> {
        while self.token != Token::Mark(b']') {
            let mut value = Value { position: self.position, data: Data::Null };
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

    /// Moves past the current token and returns it.
    fn advance(&mut self) -> Result<Token> {
        let (position, token) = self.lexer.next()?;
        self.position = position;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn advance_if(&mut self, mark: u8) -> Result<Option<Token>> {
        if self.token == Token::Mark(mark) { self.advance().map(Some) } else { Ok(None) }
    }

    fn expected(&self, what: &str) -> Error {
        self.lexer.error(self.position, format!("expected {what}, found {}", self.token.name()))
    }
}

/// The name as it is among those that are known; a new one is added to them.
fn shared(name: Vec<u8>, known: &mut HashSet<Name>) -> Name {
    if let Some(known) = known.get(name.as_slice()) {
        return Arc::clone(known);
    }
    let name = Name::from(name);
    known.insert(Arc::clone(&name));
    name
}

/// The names in one map, for those that are given twice.
#[derive(Default)]
struct Names(HashSet<Name>);

impl Names {
    /// Where a name was given before; the name counts as given from now on.
    fn first(&mut self, name: &Name, members: &Map) -> Option<Position> {
        /// Up to so many members it is faster to look at each of them.
        const FEW: usize = 32;
        if members.0.len() == FEW {
            self.0.extend(members.0.iter().map(|(name, _)| Arc::clone(name)));
        }
        let is_new = members.0.len() >= FEW && self.0.insert(Arc::clone(name));
        if is_new {
            return None;
        }
        members.iter().find(|(other, _)| **other == **name).map(|(_, value)| value.position)
    }
}

#[cfg(test)]
mod tests;
