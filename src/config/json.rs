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
    let mut lexer = Lexer::new(path, text, reader);
    let (place, token) = lexer.next()?;
    let mut parser = Parser { lexer, place, token, depth: 0 };
    let value = parser.value()?;
    match parser.token {
        Token::End => Ok(value),
        _ => Err(parser.expected("nothing more")),
    }
}

struct Parser<'a, 'r> {
    lexer: Lexer<'a, 'r>,
    /// The token to look at, and where it stands.
    token: Token,
    place: Place,
    depth: usize,
}

impl Parser<'_, '_> {
    fn value(&mut self) -> Result<Value> {
        let place = self.place.clone();
        let data = match self.token {
            Token::Mark(b'{') => Data::Map(self.nested(Self::members)?),
            Token::Mark(b'[') => Data::List(self.nested(Self::items)?),
            Token::Mark(_) | Token::End => return Err(self.expected("a value")),
            _ => match self.advance()? {
                Token::Text(octets) => Data::Text(octets),
                Token::Int(number) => Data::Int(number),
                Token::Float(number) => Data::Float(number),
                Token::Bool(flag) => Data::Bool(flag),
                _ => Data::Null,
            },
        };
        Ok(Value { place, data })
    }

    /// What stands between two brackets.
    fn nested<T>(&mut self, inside: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == MAX_DEPTH {
            return Err(self.place.error(format!("maps and lists are nested deeper than {MAX_DEPTH}")));
        }
        self.depth += 1;
        self.advance()?;
        let content = inside(self)?;
        self.advance()?;
        self.depth -= 1;
        Ok(content)
    }

    fn members(&mut self) -> Result<Map> {
        let mut members = Map::new();
        while self.token != Token::Mark(b'}') {
            let place = self.place.clone();
            let Token::Text(name) = &mut self.token else {
                return Err(self.expected("a name in double quotes or '}'"));
            };
            let name = std::mem::take(name);
            self.advance()?;
            if self.advance_if(b':')?.is_none() {
                return Err(self.expected("':'"));
            }
            if let Some(first) = members.get(&name) {
                let name = String::from_utf8_lossy(&name);
                return Err(place
                    .error(format!("\"{name}\" is given twice"))
                    .hint(format!("first at {}", first.place)));
            }
            let value = self.value()?;
            members.insert(name, value);
            self.separator(b'}')?;
        }
        Ok(members)
    }

    fn items(&mut self) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        while self.token != Token::Mark(b']') {
            items.push(self.value()?);
            self.separator(b']')?;
        }
        Ok(items)
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
mod tests {
    use std::io;

    use proptest::prelude::*;

    use super::*;

    /// Reads `text` as `/etc/kea/c.conf`; other files are what `files` says.
    fn read(text: impl AsRef<[u8]>, files: &[(&str, &str)]) -> Result<Value, String> {
        let mut reader = |path: &Path| match files.iter().find(|(name, _)| Path::new(name) == path) {
            Some((_, text)) => Ok(text.as_bytes().to_vec()),
            None => Err(io::Error::from_raw_os_error(2)),
        };
        parse(Path::new("/etc/kea/c.conf"), text.as_ref().to_vec(), &mut reader).map_err(|error| error.to_string())
    }

    fn alone(text: impl AsRef<[u8]>) -> Data {
        read(text, &[]).unwrap().data
    }

    fn error(text: impl AsRef<[u8]>) -> String {
        match read(text, &[]) {
            Ok(value) => panic!("accepted as {}", value.kind()),
            Err(error) => error,
        }
    }

    fn text(octets: impl AsRef<[u8]>) -> Data {
        Data::Text(octets.as_ref().to_vec())
    }

    impl fmt::Debug for Value {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{:?}", self.data)
        }
    }

    impl fmt::Debug for Data {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let mut text = Vec::new();
            encode(self, b" ", &mut text);
            f.write_str(&String::from_utf8_lossy(&text))
        }
    }

    #[test]
    fn three_kinds_of_comments_are_skipped() {
        let commented = "# a\n// b\r\n/* c\n * /* d */ [1, # e\n 2 /**/ // f\n ] // g";
        assert_eq!(alone(commented), alone("[1, 2]"));
        assert_eq!(alone(r##""# // /* text""##), text("# // /* text"));
    }

    #[test]
    fn commas_may_be_too_many_but_not_first() {
        for (long, short) in [("[1,]", "[1]"), ("[1,,2,,]", "[1,2]"), (r#"{"a":1,,"b":2,,}"#, r#"{"a":1,"b":2}"#)] {
            assert_eq!(alone(long), alone(short));
        }
        assert_eq!(error("[,]"), "/etc/kea/c.conf:1:2: expected a value, found ','");
        assert_eq!(error("{,}"), "/etc/kea/c.conf:1:2: expected a name in double quotes or '}', found ','");
    }

    #[test]
    fn escapes_give_octets() {
        assert_eq!(alone(r#""\"\\\/\b\f\n\r\t\u0041\u00C3\u00bc\u0000""#), text(b"\"\\/\x08\x0c\n\r\tA\xc3\xbc\0"));
        assert_eq!(alone(b"\"\xff\x7f\xc3\xbc\""), text(b"\xff\x7f\xc3\xbc"));
        for wrong in [r#""\u0100""#, r#""\u00""#, r#""\u00+1""#, r#""\x41""#, r#""\'""#] {
            assert!(error(wrong).contains("\\u0000 to \\u00ff"), "{wrong}");
        }
    }

    #[test]
    fn numbers_are_integers_of_64_bits_or_floats() {
        assert_eq!(alone("[007, -01, -9223372036854775808]"), alone("[7, -1, -9223372036854775808]"));
        assert!(matches!(alone("9223372036854775807"), Data::Int(i64::MAX)));
        for float in ["+1", ".5", "5.", "1.e3", "-1E+5", "1e-400"] {
            assert!(matches!(alone(float), Data::Float(_)), "{float}");
        }
        for wrong in ["9223372036854775808", "1e400", "1e", "-", ".", "--1", "1-2", "1.2.3"] {
            assert!(error(wrong).starts_with("/etc/kea/c.conf:1:1: this is no "), "{wrong}");
        }
    }

    #[test]
    fn errors_name_the_line_and_the_column_in_characters() {
        assert_eq!(
            error("{\n  \"zürich\": nul }"),
            "/etc/kea/c.conf:2:13: only true, false and null (in lower case) \
            stand without double quotes"
        );
        assert_eq!(error("{\"a\": 1\n\t\"b\": 2}"), "/etc/kea/c.conf:2:2: expected ',' or '}', found a string");
        assert_eq!(error("{\"a\"; 1}"), "/etc/kea/c.conf:1:5: unexpected character ';'");
        assert_eq!(error("{\"a\" 1}"), "/etc/kea/c.conf:1:6: expected ':', found a number");
        assert_eq!(error("{} 1"), "/etc/kea/c.conf:1:4: expected nothing more, found a number");
        assert_eq!(error("{},"), "/etc/kea/c.conf:1:3: expected nothing more, found ','");
        assert_eq!(
            error("{\n"),
            "/etc/kea/c.conf:2:1: expected a name in double quotes or '}', found the end of the file"
        );
        assert_eq!(error(""), "/etc/kea/c.conf:1:1: expected a value, found the end of the file");
        assert_eq!(error("\u{feff}{}"), "/etc/kea/c.conf:1:1: a byte order mark is not allowed");
        assert_eq!(error(" /* {}"), "/etc/kea/c.conf:1:2: this comment has no end (*/)");
        assert_eq!(
            error("\"a\nb\""),
            "/etc/kea/c.conf:1:3: a control character stands in this string; write it as \\u00XX"
        );
        assert_eq!(error("\"a"), "/etc/kea/c.conf:1:1: this string has no end");
        assert_eq!(error("\u{a0}"), "/etc/kea/c.conf:1:1: unexpected octet 0xc2");
    }

    #[test]
    fn a_name_given_twice_is_told_with_both_places() {
        let twice = error("{\"a\": 1,\n \"\\u0061\": 2}");
        assert_eq!(twice, "/etc/kea/c.conf:2:2: \"a\" is given twice (first at /etc/kea/c.conf:1:7)");
    }

    #[test]
    fn an_error_never_repeats_a_value() {
        for wrong in ["hunter2", "\"x\" \"hunter2\"", "\"hunter2", "\"hunter\\2\"", "'hunter2'", "\"x\", \"hunter2\""] {
            let told = error(format!("{{\"password\": {wrong}}}"));
            assert!(!told.contains("hunter"), "{told}");
        }
    }

    #[test]
    fn an_include_may_stand_for_a_value_members_or_items() {
        let files = [("/value", "1 # no newline"), ("/members", r#""b": [ 2,"#), ("/items", "3, 4 ]"), ("/empty", "")];
        let text = r#"{ "a": <?include "/value"?>, <? include "/members" ?> <?include"/items"
            ?>, <?include "/empty"?> "c": "<?include" }"#;
        assert_eq!(read(text, &files).unwrap(), read(r#"{"a":1,"b":[2,3,4],"c":"<?include"}"#, &[]).unwrap());
    }

    #[test]
    fn a_relative_include_is_tried_from_here_and_then_beside_the_including_file() {
        let files =
            [("here", "1"), ("/etc/kea/here", "2"), ("/etc/kea/sub/a", "<?include \"b\"?>"), ("/etc/kea/sub/b", "3")];
        let both = read(r#"[ <?include "here"?>, <?include "sub/a"?> ]"#, &files).unwrap();
        assert_eq!(both.data, alone("[1, 3]"));
        assert_eq!(
            read("\n<?include \"gone\"?>", &files).unwrap_err(),
            "/etc/kea/c.conf:2:1: include \"gone\": No such file or directory (a relative path is tried from the \
             working directory, then beside the including file)"
        );
    }

    #[test]
    fn an_error_in_an_included_file_names_that_file() {
        let files = [("/a", "[\n,]")];
        assert_eq!(read("<?include \"/a\"?>", &files).unwrap_err(), "/a:2:1: expected a value, found ','");
        assert_eq!(read("[", &[]).unwrap_err(), "/etc/kea/c.conf:1:2: expected a value, found the end of the file");
    }

    #[test]
    fn includes_end_somewhere() {
        let circle = [("/a", "<?include \"/b\"?>"), ("/b", "<?include \"/a\"?>")];
        assert_eq!(read("<?include \"/a\"?>", &circle).unwrap_err(), "/b:1:1: \"/a\" includes itself");
        let chain: Vec<_> = (0..20).map(|n| (format!("/{n}"), format!("<?include \"/{}\"?>", n + 1))).collect();
        let chain: Vec<_> = chain.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(read("<?include \"/0\"?>", &chain).unwrap_err(), "/10:1:1: includes are nested deeper than 11");
        let ten: Vec<_> = (0..9).map(|n| (format!("/{n}"), format!("<?include \"/{}\"?>", n + 1).repeat(10))).collect();
        let ten: Vec<_> = ten.iter().map(|(name, text)| (name.as_str(), text.as_str())).chain([("/9", "")]).collect();
        assert!(read("<?include \"/0\"?>", &ten).unwrap_err().ends_with("there are more than 10000 includes"));
        for wrong in ["<?include \"\"?>", "<?include \"a\" x?>", "<?include \"a", "<? ?>", "<?Include \"a\"?>"] {
            assert_eq!(error(wrong), "/etc/kea/c.conf:1:1: expected <?include \"file\"?>", "{wrong}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        alone("[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH));
        let deep = error("{\"a\":[".repeat(1_000_000));
        assert_eq!(deep, "/etc/kea/c.conf:1:601: maps and lists are nested deeper than 200");
    }

    /// Writes `data` with `space` between all tokens.
    fn encode(data: &Data, space: &[u8], out: &mut Vec<u8>) {
        match data {
            Data::Null => out.extend(b"null"),
            Data::Bool(flag) => out.extend(flag.to_string().into_bytes()),
            Data::Int(number) => out.extend(number.to_string().into_bytes()),
            Data::Float(number) => out.extend(format!("{number:e}").into_bytes()),
            Data::Text(octets) => encode_text(octets, out),
            Data::List(items) => {
                out.push(b'[');
                for item in items {
                    encode(&item.data, space, out);
                    out.push(b',');
                    out.extend(space);
                }
                out.push(b']');
            }
            Data::Map(members) => {
                out.push(b'{');
                for (name, value) in members {
                    encode_text(name, out);
                    out.extend(space);
                    out.push(b':');
                    encode(&value.data, space, out);
                    out.extend(space);
                    out.push(b',');
                }
                out.push(b'}');
            }
        }
    }

    fn encode_text(octets: &[u8], out: &mut Vec<u8>) {
        out.push(b'"');
        for &octet in octets {
            match octet {
                b'"' | b'\\' => out.extend([b'\\', octet]),
                0..=0x1f | 0x7f..=0xbf => out.extend(format!("\\u00{octet:02x}").into_bytes()),
                _ => out.push(octet),
            }
        }
        out.push(b'"');
    }

    fn any_data() -> impl Strategy<Value = Data> {
        let scalar = prop_oneof![
            Just(Data::Null),
            any::<bool>().prop_map(Data::Bool),
            any::<i64>().prop_map(Data::Int),
            (-1e300..1e300).prop_map(Data::Float),
            any::<Vec<u8>>().prop_map(Data::Text),
        ];
        scalar.prop_recursive(5, 40, 5, |inner| {
            let place = Place { file: Path::new("x").into(), line: 1, column: 1 };
            let value = inner.prop_map(move |data| Value { place: place.clone(), data });
            prop_oneof![
                prop::collection::vec(value.clone(), 0..5).prop_map(Data::List),
                prop::collection::btree_map(any::<Vec<u8>>(), value, 0..5).prop_map(Data::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_octets_are_read_or_refused(octets: Vec<u8>) {
            let _ = read(&octets, &[]);
        }

        #[test]
        fn any_heap_of_tokens_is_read_or_refused(words in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"b", "\\", "1", "-", "true", "<?include \"/a\"?>", "<?", "/*", "*/", "#", "\n",
        ]), 0..40)) {
            let _ = read(words.concat(), &[("/a", "1, <?include \"/b\"?>"), ("/b", "\"x\": [")]);
        }

        #[test]
        fn what_is_written_is_read_back(data in any_data(), space in "[ \t\r\n]{0,2}(#x\n|/\\*\\*/)?") {
            let mut text = Vec::new();
            encode(&data, space.as_bytes(), &mut text);
            prop_assert_eq!(alone(text), data);
        }
    }
}
