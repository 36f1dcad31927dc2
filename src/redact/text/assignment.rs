//! Secrets that follow their names: `password=…`, `"token": "…"`, `--secret …`, `PASSWORD '…'`, and in sentences.
//!
//! How a value ends depends on how its name is written: in quotes before a colon it is JSON's or Python's, after an equals
//! sign a shell's or that of a file of settings, after a colon YAML's or that of a sentence.

use std::ops::Range;

use super::answer::{self, is_lone};
use super::pair::{self, Pairs};
use super::{header, remark, scan, sentence, value};
use crate::redact::{names, ordinary, shapes};

/// What is between a name and its value.
const SIGNS: [&str; 10] = ["=>", "->", ":=", "+=", "?=", "==", "=", ":", "：", "＝"];

/// What was found, and what only a sentence says.
#[derive(Default)]
pub(super) struct Found {
    pub(super) named: Vec<Range<usize>>,
    pub(super) said: Vec<Range<usize>>,
}

/// A name in a text.
struct Name<'a> {
    place: Range<usize>,
    /// Without hyphens before it.
    written: &'a str,
    is_secret: bool,
}

impl Name<'_> {
    /// Whether its line begins with it.
    fn is_first(&self, text: &str) -> bool {
        let before = text[value::line_start(text, self.place.start)..self.place.start].trim();
        before.is_empty() || before == "-" || before == "export"
    }

    /// Whether a setting has it, of a shell, a file of settings or YAML, whose value is what follows and no sentence.
    fn is_of_setting(&self, text: &str) -> bool {
        let rest = &text[self.place.end..];
        let is_assigned = rest.starts_with('=') && self.is_variable();
        let is_alone = || rest.trim_start_matches([' ', '\t']).starts_with(['=', ':']) && self.is_first(text);
        !is_lone(self.written) && (is_assigned || is_alone())
    }

    /// Whether it is that of a variable of the environment.
    fn is_variable(&self) -> bool {
        self.written.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'_')
    }
}

/// Finds the values of secrets that the text names.
pub(super) fn find(text: &str) -> Found {
    let mut found = Found::default();
    let is_of_settings = is_of_settings(text);
    let mut pairs = Pairs::default();
    let mut done = 0;
    for place in names_in(text) {
        let written = text[place.clone()].trim_start_matches('-');
        if place.start < done {
            continue;
        }
        if names::is_setting(written) && text[place.end..].starts_with('=') {
            done = value::line_end(text, place.end);
            continue;
        }
        // A file that is named after the secret in it.
        let is_path = text[..place.start].ends_with('/')
            && !text[place.end..].starts_with('=')
            && !pair::follows_user(text, place.start);
        let is_secret = names::is_secret(written) || header::is_of_digest(text, &place);
        let name = Name { place, written, is_secret };
        if let Some(value) = pairs.next(text, &name.place).or_else(|| pair::of_login(text, &name.place)) {
            done = done.max(value.end);
            found.named.push(value);
            continue;
        }
        if is_path || !is_secret && !names::may_be_secret(written) {
            continue;
        }
        found.said.extend(sentence::value_before(text, name.place.start).filter(|_| is_secret && !is_lone(written)));
        let value = value_of(text, &name, is_of_settings).without_remarks(text, &name);
        let secrets = value.places.iter().filter(|place| value.is_secret(text, &name, place));
        let secrets: Vec<Range<usize>> = secrets.cloned().collect();
        done = secrets.iter().map(|place| place.end).max().unwrap_or(done);
        if value.is_sure { found.named.extend(secrets) } else { found.said.extend(secrets) }
    }
    found
}

/// The value of a name.
#[derive(Default)]
struct Values {
    /// Where it is; of a list each item.
    places: Vec<Range<usize>>,
    /// Whether it is one in any case: a sentence may go on with any word.
    is_sure: bool,
    is_quoted: bool,
    is_list: bool,
}

impl Values {
    fn new(place: Option<Range<usize>>, is_sure: bool) -> Self {
        Self { places: place.into_iter().filter(|place| !place.is_empty()).collect(), is_sure, ..Self::default() }
    }

    /// Each item of a list; a list of secrets has no answers, and nothing is counted in it.
    fn items(text: &str, start: usize) -> Self {
        let mut places = value::items(text, start);
        places.retain(|place| !place.is_empty());
        Self { places, is_sure: true, is_quoted: true, is_list: true }
    }

    fn quoted(place: Option<Range<usize>>) -> Self {
        Self { is_quoted: true, ..Self::new(place, true) }
    }

    /// The same without what follows a value, of a remark or of a shell.
    fn without_remarks(mut self, text: &str, name: &Name<'_>) -> Self {
        let commands = self.places.iter().filter(|_| !self.is_quoted);
        let commands: Vec<_> = commands.filter_map(|place| remark::before_command(text, place)).collect();
        let places = self.places.into_iter().chain(commands);
        self.places = places.flat_map(|place| remark::apart(text, name.place.start, place)).collect();
        self.places.retain(|place| !place.is_empty());
        self
    }

    /// Whether what is at a place is the value of a secret.
    fn is_secret(&self, text: &str, name: &Name<'_>, place: &Range<usize>) -> bool {
        let value = &text[place.clone()];
        let is_file = shapes::is_path(value) && names::may_be_of_a_file(name.written);
        let is_wanted = name.is_secret || shapes::is_random(value);
        // Any word in quotes may be a password, and any of a setting.
        let is_string = self.is_quoted && text[..place.start].ends_with(value::is_quote);
        let is_quoted = if self.is_list { is_string } else { self.is_quoted };
        let says_nothing = match () {
            () if is_string => answer::is_hidden(value),
            () if name.is_of_setting(text) => answer::is_none(value),
            () => answer::is_one(value, is_quoted),
        };
        is_wanted
            && !is_file
            && !says_nothing
            && (self.is_list || !answer::is_count(name.written, value))
            && !answer::is_number(name.written, value)
            && !answer::is_usual(name.written, value, is_quoted)
    }
}

/// Runs of characters that names are made of.
fn names_in(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_part = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(is_part)?;
        let end = start + text[start..].find(|c| !is_part(c)).unwrap_or(text.len() - start);
        at = end;
        Some(start..end)
    })
}

/// Whether every line of a text is a setting, a heading or a remark, so that a value goes to the end of its line.
fn is_of_settings(text: &str) -> bool {
    let is_one = |line: &str| {
        let line = line.trim();
        line.is_empty()
            || line.starts_with(['#', ';', '['])
            || begins_assignment(line.strip_prefix("export ").unwrap_or(line))
    };
    text.trim_end().contains('\n') && text.lines().all(is_one)
}

/// The value of a name.
fn value_of(text: &str, name: &Name<'_>, is_of_settings: bool) -> Values {
    if let Some(value) = header::value_of(text, &name.place) {
        return Values::new(Some(value), true);
    }
    let closed = text[name.place.end..].trim_start_matches(['"', '\'', '\\', ']', '`']);
    let closing = &text[name.place.end..text.len() - closed.len()];
    let rest = closed.trim_start_matches([' ', '\t']);
    let rest = if rest.len() < closed.len() || is_number_of_attribute(rest) { after_note(rest) } else { rest };
    let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
    let Some(sign) = sign else { return without_sign(text, name, rest) };
    let after = text.len() - rest.len() + sign.len();
    match sign {
        ":" | "：" if closing.contains(['"', '\'']) => of_member(text, after),
        ":" | "：" => after_colon(text, name, after),
        _ => after_equals(text, name, after, closed.len() > rest.len(), is_of_settings),
    }
}

/// What follows a remark between a name and its sign: `password (until June): …`.
fn after_note(text: &str) -> &str {
    const LONGEST: usize = 80;
    let note = [('(', ')'), ('[', ']')].into_iter().find_map(|(open, close)| {
        let inner = text.strip_prefix(open)?;
        let end = inner.find(close).filter(|end| *end <= LONGEST && !inner[..*end].contains(['\n', '"', '=']))?;
        Some(inner[end + 1..].trim_start_matches([' ', '\t']))
    });
    note.filter(|rest| rest.starts_with([':', '='])).unwrap_or(text)
}

/// `User-Password(2): …`
fn is_number_of_attribute(text: &str) -> bool {
    let number = text.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or("", |(number, _)| number);
    !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit())
}

/// After a name in quotes and a colon: a value of JSON or Python, which may be on the next line.
fn of_member(text: &str, after: usize) -> Values {
    let start = scan::blank(text, after);
    let rest = &text[start..];
    match rest.trim_start_matches('\\').chars().next() {
        None | Some('{') => Values::default(),
        Some(c) if value::is_quote(c) => Values::quoted(value::quoted(text, start)),
        Some('[') => Values::items(text, start),
        Some(_) => Values { is_quoted: true, ..Values::new(Some(value::bare(text, start)), true) },
    }
}

/// After a colon: a value of YAML or of a sentence.
fn after_colon(text: &str, name: &Name<'_>, after: usize) -> Values {
    let inner = text[after..].trim_start_matches([' ', '\t']);
    // As programs in Rust print it.
    let inner = inner.strip_prefix("Some(").filter(|value| value::begins_quoted(value)).unwrap_or(inner);
    let start = text.len() - inner.len();
    let line = &inner[..inner.find(['\n', '\r']).unwrap_or(inner.len())];
    if is_lone(name.written)
        && answer::begins_message(&text[..name.place.start])
        && !value::begins_quoted(inner)
        && start > after
    {
        return Values::default();
    }
    let is_first = name.is_first(text);
    if is_first && (line.is_empty() || is_block_sign(line)) {
        return Values { places: lines_after(text, name, start), ..Values::new(None, true) };
    }
    match inner.chars().next() {
        None | Some('{' | '\n' | '\r') => return Values::default(),
        Some('[') => return Values::items(text, start),
        _ if value::begins_quoted(inner) => return Values::quoted(value::quoted(text, start)),
        _ if start == after => return Values::new(word(text, name, start), true),
        _ => {}
    }
    // `(using password: NO)`
    if line.find(')').is_some_and(|end| answer::is_one(&line[..end], false)) {
        return Values::default();
    }
    // `'X-Api-Key: …'` in a command line.
    let quote = value::open_quote(text, name.place.start).and_then(|(quote, _)| value::close_of(text, start, quote));
    let clause = if is_first { line.find(" #").unwrap_or(line.len()) } else { value::clause(inner) };
    let end = (start + clause).min(quote.unwrap_or(text.len()));
    let end = start + text[start..end].trim_end().len();
    let mut values = Values::new(Some(start..end), false);
    values.places.extend(others(text, name, start));
    values
}

/// The values after the first one where a name is that of several secrets: `passwords: X, Y and Z`.
fn others(text: &str, name: &Name<'_>, start: usize) -> Vec<Range<usize>> {
    const JOINTS: [&str; 4] = ["and", "or", "und", "&"];
    let mut found = Vec::new();
    if !names::is_plural(name.written) || is_lone(name.written) {
        return found;
    }
    let line = &text[start..start + text[start..].find(['\n', '\r', '"']).unwrap_or(text.len() - start)];
    let mut is_next = true;
    for word in line.split_whitespace() {
        if JOINTS.contains(&word) {
            is_next = true;
        } else if is_next {
            let inner = word.trim_start_matches(['(', '\'', '`']).trim_end_matches([',', ';', ')', '\'', '`', '.']);
            let at = inner.as_ptr() as usize - text.as_ptr() as usize;
            found.push(at..at + inner.len());
            is_next = word.ends_with([',', ';']);
        } else {
            break;
        }
    }
    found.retain(|place| !place.is_empty());
    found
}

/// The lines after that of a name which belong to it: those that are indented further, or one word.
fn lines_after(text: &str, name: &Name<'_>, start: usize) -> Vec<Range<usize>> {
    let line = &text[value::line_start(text, name.place.start)..];
    let Some(end) = text[start..].find('\n').map(|length| start + length) else { return Vec::new() };
    let lines = value::block(text, end, line.len() - line.trim_start().len());
    if !lines.is_empty() {
        return lines;
    }
    let next = text[end + 1..].lines().next().unwrap_or_default().trim_end();
    let is_value = next.len() >= 4
        && !next.contains(|c: char| c.is_whitespace() || ":={}[]\"<>".contains(c))
        && !ordinary::is_word(next);
    is_value.then(|| end + 1..end + 1 + next.len()).into_iter().collect()
}

/// What says that lines follow in YAML.
fn is_block_sign(line: &str) -> bool {
    let line = line.trim_end();
    line.starts_with(['|', '>']) && line.len() <= 3 && line[1..].chars().all(|c| c.is_ascii_digit() || "+-".contains(c))
}

/// After an equals sign: a value of a shell, of a file of settings, of an address, of a string for a connection.
fn after_equals(text: &str, name: &Name<'_>, after: usize, is_spaced: bool, is_of_settings: bool) -> Values {
    let is_blank = |c: char| c == ' ' || c == '\t';
    let inner = text[after..].trim_start_matches(is_blank);
    // The line goes on.
    let inner = inner.strip_prefix("\\\n").map_or(inner, |next| next.trim_start_matches(is_blank));
    let start = text.len() - inner.len();
    let is_first = name.is_first(text);
    match inner.chars().next() {
        None => return Values::default(),
        Some('{') => return Values::new(value::braced(text, start), true),
        Some('\n') if is_first && is_spaced => {
            return Values { places: lines_after(text, name, start), ..Values::new(None, true) };
        }
        Some('[') => return Values::items(text, start),
        _ => {}
    }
    if let Some(inner) = value::begins_quoted(inner).then(|| value::quoted(text, start)).flatten()
        && (!goes_on(text, inner.end) || value::open_quote(text, start).is_some())
    {
        return Values::quoted(Some(inner));
    }
    let first = word(text, name, start);
    let is_whole = is_of_settings || is_spaced || name.is_variable();
    if !is_first || !is_whole || value::begins_quoted(inner) {
        return Values::new(first, true);
    }
    let line = &inner[..value::line_end(inner, 0)];
    let remark = [" #", " ;"].into_iter().filter_map(|sign| line.find(sign)).min().unwrap_or(line.len());
    let end = match next_assignment(line) {
        Some(next) if !is_of_settings => next.min(remark),
        _ => remark,
    };
    // `PGPASSWORD=… psql -p 5432`
    let is_command = !is_of_settings && !is_spaced && line[..end].contains(" -");
    let whole = Some(start..start + line[..end].trim_end().len()).filter(|_| !is_command);
    let places = first.into_iter().chain(whole).filter(|place| !place.is_empty());
    Values { places: places.collect(), ..Values::new(None, true) }
}

/// Whether a word of a shell goes on after the quotes that end there: `'a'"b"c`.
fn goes_on(text: &str, end: usize) -> bool {
    let rest = text.get(end..).unwrap_or_default().trim_start_matches('\\');
    let is_part = |c: char| c.is_alphanumeric() || c == '$' || value::is_quote(c);
    rest.get(1..).is_some_and(|rest| rest.starts_with(is_part) || rest.starts_with("\\'") || rest.starts_with("\\\""))
}

/// Without a sign: the value of an option, `PASSWORD 'x'` in SQL, `secret "x";` of BIND, or a sentence.
fn without_sign(text: &str, name: &Name<'_>, rest: &str) -> Values {
    let start = text.len() - rest.len();
    let written = &text[name.place.clone()];
    let is_begun = text[..name.place.start].ends_with(|c: char| c.is_whitespace() || "'\"([,".contains(c))
        || name.place.start == 0;
    let is_short_option = written.starts_with('-') && written.len() > 4 && is_begun && !written[1..].contains('-');
    if written.starts_with("--") || is_short_option {
        return match value::begins_quoted(rest) {
            true => Values::quoted(value::quoted(text, start)),
            false if rest.starts_with(['-', '\n']) => Values::default(),
            false => Values::new(word(text, name, start), true),
        };
    }
    let is_apart = text[name.place.end..].starts_with([' ', '\t']);
    if is_apart && rest.starts_with(['"', '\'', '`']) && !is_lone(name.written) {
        return Values::quoted(value::quoted(text, start));
    }
    if let Some(value) =
        statement(rest).filter(|_| is_apart && name.is_secret && !names::may_be_of_a_file(name.written))
    {
        return Values::new(Some(start..start + value.len()), true);
    }
    if let Some(value) = sentence::of_type(text, name.place.end).filter(|_| name.is_secret) {
        return Values::new(Some(value), true);
    }
    let first = sentence::value(text, name.place.end, is_lone(name.written));
    let others = first.as_ref().map(|first| others(text, name, first.start)).unwrap_or_default();
    let mut values = Values::new(first, false);
    values.places.extend(others);
    if values.places.is_empty() && !is_lone(name.written) {
        values.places = sentence::change(text, name.place.end);
    }
    values
}

/// The value that a semicolon ends, as in `secret c2VjcmV0;` of BIND and of ISC DHCP.
fn statement(rest: &str) -> Option<&str> {
    let end = rest.find(|c: char| c.is_whitespace() || ";\"'{}(),".contains(c)).unwrap_or(rest.len());
    let (value, after) = rest.split_at(end);
    let is_value = !value.is_empty() && !ordinary::may_be_word(value);
    // The padding of base64 is as sure as the semicolon.
    let is_padded = value.ends_with('=') && value.len() > 8;
    let rest = after.trim_start_matches([' ', '\t']).strip_prefix(';');
    (is_value && (is_padded || rest.is_some_and(|rest| is_coded(value) || ends_statements(rest)))).then_some(value)
}

/// Whether a value may be base64, and is no word of a sentence that goes on after a semicolon.
fn is_coded(value: &str) -> bool {
    const SHORTEST: usize = 8;
    let has_capitals = value.chars().skip(1).any(char::is_uppercase) && value.contains(char::is_lowercase);
    value.len() >= SHORTEST && (has_capitals || value.contains(|c: char| c.is_ascii_digit() || "+/=".contains(c)))
}

/// Whether no sentence goes on in the line.
fn ends_statements(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '\t', '}', ';']);
    rest.is_empty() || ["\n", "\r", "#", "//", "/*", "*/"].iter().any(|sign| rest.starts_with(sign))
}

/// A value without quotes.
fn word(text: &str, name: &Name<'_>, start: usize) -> Option<Range<usize>> {
    let name_start = name.place.start;
    let is_query = text[..name_start].ends_with(['?', '&']);
    let quote = value::open_quote(text, name_start);
    let around = quote.map(|(quote, _)| quote);
    // `"PASSWORD=a b c"`
    if let Some((quote, opening)) = quote
        && opening + 1 == name_start
        && let Some(end) = value::close_of(text, start, quote)
    {
        let end = start + next_assignment(&text[start..end]).unwrap_or(end - start);
        return Some(start..end);
    }
    let is_end = |at: usize, c: char| match c {
        '&' => is_query || begins_form(&text[at + 1..]),
        ',' | ';' => begins_assignment(&text[at + 1..]) || begins_member(&text[at + 1..]),
        c => c.is_whitespace(),
    };
    let end = value::word(text, start, around, &is_end);
    let end = start + after_scheme(&text[start..], end - start);
    if text[name.place.clone()].starts_with('-') || text[end..].starts_with('&') {
        return (end > start).then_some(start..end);
    }
    let begins = quote.map_or_else(|| value::line_start(text, name_start), |(_, opening)| opening + 1);
    let end = access_string(text, begins..name_start, end, around).unwrap_or(end);
    (end > start).then_some(start..end)
}

/// `Basic dTpw`: the scheme is not all of it.
fn after_scheme(text: &str, end: usize) -> usize {
    const SCHEMES: [&str; 6] = ["basic", "bearer", "digest", "token", "negotiate", "apikey"];
    if !SCHEMES.contains(&text[..end].to_ascii_lowercase().as_str()) {
        return end;
    }
    let rest = text[end..].trim_start();
    let second = rest.split(|c: char| c.is_whitespace() || c == '"' || c == '\'').next().unwrap_or_default();
    text.len() - rest.len() + second.len()
}

/// In `type=mysql password=a b user=kea` a value goes on up to the next name, or to the end.
fn access_string(text: &str, before: Range<usize>, end: usize, around: Option<char>) -> Option<usize> {
    let rest = value::rest_of_line(text, end);
    let rest = &rest[..around.and_then(|quote| rest.find(quote)).unwrap_or(rest.len())];
    match next_assignment(rest) {
        Some(at) if !rest[..at].contains(['"', '\'', '(']) => Some(end + at),
        None if begins_assignment(&text[before]) && !rest.contains(['"', '\'']) => Some(end + rest.len()),
        _ => None,
    }
}

/// Where the blank or comma before the next `name=` is.
fn next_assignment(text: &str) -> Option<usize> {
    text.match_indices([' ', ',', ';']).map(|(at, _)| at).find(|at| begins_assignment(&text[at + 1..]))
}

/// Whether a text begins with `name=`.
fn begins_assignment(text: &str) -> bool {
    let text = text.trim_start_matches(' ');
    let name = text.find(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c))).unwrap_or(text.len());
    let rest = text[name..].trim_start_matches('+');
    name > 0 && (rest.starts_with('=') || text[name..].starts_with(" = "))
}

/// Whether a text begins with the next field of a form: `name=` without blanks.
fn begins_form(text: &str) -> bool {
    !text.starts_with(' ') && begins_assignment(text) && !text.contains(" =")
}

/// Whether a text begins with `"name":`.
fn begins_member(text: &str) -> bool {
    let name = text.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'));
    name.is_some_and(|(name, rest)| !name.is_empty() && rest.trim_start().starts_with(':'))
}
