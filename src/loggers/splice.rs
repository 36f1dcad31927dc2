//! A whole configuration with another list of loggers; all else stays octet for octet.

use super::site::Site;
use crate::config::Position;
use crate::error::{Error, Result};

/// The text of a configuration with `loggers`, which is JSON, as the daemon's list.
///
/// # Errors
/// The list is in another file, or in the map `Logging` of old releases.
pub fn with_loggers(text: &[u8], site: &Site, loggers: &str) -> Result<Vec<u8>> {
    let config = &site.config;
    let attempted = || format!("write {} with other loggers", config.file.display());
    if let Some(error) = &config.syntax_error {
        return Err(error.clone());
    }
    if site.has_logging_map {
        let cause = "its loggers are in the map \"Logging\" of Kea before 1.6";
        return Err(Error::new(attempted(), cause).hint("move them into the map of the daemon"));
    }
    let position = site.written.as_ref().map_or(config.server.position, |list| list.position);
    let place = config.place(position);
    if *place.file != *config.file {
        return Err(Error::new(attempted(), format!("its loggers are in {}", place.file.display())));
    }
    let start = offset(text, position);
    let lost = || Error::new(attempted(), "its list of loggers has no end");
    if site.written.is_some() {
        let end = start + length(&text[start.min(text.len())..]).ok_or_else(lost)?;
        return Ok([&text[..start], indented(loggers).as_bytes(), &text[end..]].concat());
    }
    let start = start + 1;
    let rest = text.get(start..).ok_or_else(lost)?;
    let comma = if after_space(rest) == Some(b'}') { "" } else { "," };
    let member = format!("\n    \"loggers\": {}{comma}", indented(loggers));
    Ok([&text[..start], member.as_bytes(), rest].concat())
}

/// JSON as the value of a member of a daemon's map.
fn indented(json: &str) -> String {
    json.replace('\n', "\n    ")
}

/// How many octets precede a position.
fn offset(text: &[u8], position: Position) -> usize {
    let breaks = memchr::memchr_iter(b'\n', text).map(|at| at + 1);
    let line = usize::try_from(position.line).unwrap_or(1).saturating_sub(1);
    let start = std::iter::once(0).chain(breaks).nth(line).unwrap_or(text.len());
    let column = usize::try_from(position.column).unwrap_or(1).saturating_sub(1);
    let is_first = |octet: &u8| octet & 0xc0 != 0x80;
    let characters = text[start..].iter().enumerate().filter(|(_, octet)| is_first(octet));
    characters.map(|(at, _)| start + at).nth(column).unwrap_or(text.len())
}

/// The length of the list or map that `text` begins with.
fn length(text: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0_u32);
    while at < text.len() {
        let skipped = skip(&text[at..]);
        if skipped > 0 {
            at += skipped;
            continue;
        }
        match text[at] {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The length of a string or comment that `text` begins with; 0 of anything else.
fn skip(text: &[u8]) -> usize {
    let line = |text: &[u8]| memchr::memchr(b'\n', text).unwrap_or(text.len());
    match text {
        [b'"', rest @ ..] => {
            let mut is_escaped = false;
            let end = rest.iter().position(|octet| {
                let is_end = *octet == b'"' && !is_escaped;
                is_escaped = *octet == b'\\' && !is_escaped;
                is_end
            });
            end.map_or(text.len(), |end| end + 2)
        }
        [b'#', ..] | [b'/', b'/', ..] => line(text),
        [b'/', b'*', rest @ ..] => memchr::memmem::find(rest, b"*/").map_or(text.len(), |end| end + 4),
        _ => 0,
    }
}

/// The first octet that is neither space nor in a comment.
fn after_space(mut text: &[u8]) -> Option<u8> {
    loop {
        text = text.trim_ascii_start();
        let comment = if text.first() == Some(&b'"') { 0 } else { skip(text) };
        if comment == 0 {
            return text.first().copied();
        }
        text = &text[comment..];
    }
}
