//! From what was gathered to one file: known secrets are hidden everywhere, the result is searched once more, and packed.
//!
//! Logs are read twice, and hidden as they are read: first to know their sizes and hashes, and that no secret is left, then
//! to be packed. One in which nothing is to be hidden is searched once. Where names of clients are replaced, which takes
//! longer, the result is kept, and what is not done in time is left out.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek as _, Write};
use std::path::PathBuf;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};

use super::file_name::{inside, without_names};
use super::gzip::Gzip;
use super::manifest::{Entry, Manifest, README, Redactions};
use super::request::spool_in;
use super::{Content, Gathered, Member, Missing, parallel};
use crate::control::Deadline;
use crate::redact::{self, Counts, Finder, Hidden, Rule};
use crate::text::hex;

/// A secret that is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The file of the bundle.
    pub path: String,
    /// The line.
    pub line: u64,
}

/// What is ready to be packed.
pub struct Ready<'a> {
    members: Vec<Member>,
    /// Whether nothing is to be hidden in each of them.
    are_clean: Vec<bool>,
    hide: Hide<'a>,
    /// The manifest.
    pub manifest: Manifest,
}

/// Who makes the bundle, when.
#[derive(Debug, Clone)]
pub struct About {
    /// The program and its version.
    pub tool: String,
    /// The command line.
    pub arguments: Vec<String>,
    /// Now, UTC.
    pub time: String,
    /// Now, in local time.
    pub local_time: String,
    /// How long gathering took.
    pub took: Duration,
}

/// What replaces names of clients in a text.
pub type Replace<'a> = dyn Fn(&[u8]) -> Vec<u8> + Sync + 'a;

/// What is hidden in each line.
struct Hide<'a> {
    /// What finds everything that is known to be secret.
    finder: Finder,
    /// What hides it, if that is something else.
    other: Option<Finder>,
    anonymize: Option<&'a Replace<'a>>,
    until: Option<Deadline>,
    spool: PathBuf,
}

/// What was made of a file.
struct Done {
    entry: Entry,
    /// Whether nothing is to be hidden in it.
    is_clean: bool,
    /// Whether no time was left for its last lines.
    is_late: bool,
}

/// Lines without what is known to be secret.
struct Clean<'a> {
    text: Cow<'a, [u8]>,
    /// How much was hidden.
    count: u64,
    /// Whether the text as it is was searched, and nothing was found.
    is_searched: bool,
}

impl Hide<'_> {
    fn lines<'b>(&self, lines: &'b [u8], is_anonymized: bool) -> Clean<'b> {
        let Hidden { text, count, is_clean } = self.other.as_ref().unwrap_or(&self.finder).hidden(lines);
        match self.anonymize.filter(|_| !is_anonymized) {
            Some(anonymize) => Clean { text: Cow::Owned(anonymize(&text)), count, is_searched: false },
            None => Clean { text, count, is_searched: is_clean && self.other.is_none() },
        }
    }

    /// Whether the time for replacing is over.
    fn is_late(&self) -> bool {
        self.until.is_some_and(|until| until.left().is_none())
    }

    /// A file for what a large one is after names of clients were replaced in it; `None` if none are.
    fn replacing(&self, member: &Member) -> io::Result<Option<BufWriter<File>>> {
        let is_replaced =
            self.anonymize.is_some() && !member.is_anonymized && matches!(member.content, Content::Spool(_));
        is_replaced.then(|| Ok(BufWriter::with_capacity(1 << 16, spool_in(&self.spool)?))).transpose()
    }

    /// Where a secret is left.
    fn left(&self, clean: &Clean<'_>) -> Option<usize> {
        if clean.is_searched { None } else { self.finder.find(&clean.text) }
    }

    /// A path, in which names of clients are parts of names of files: `kea-dhcp4-anna.log`.
    fn path(&self, path: &str) -> String {
        let path = self.text(path);
        let Some(anonymize) = self.anonymize else { return path };
        path.split('/').map(|name| without_names(name, anonymize)).collect::<Vec<_>>().join("/")
    }

    /// An argument of the command line, or only the option in it.
    fn argument(&self, argument: &str, is_shown: bool) -> String {
        match argument.split_once('=') {
            _ if is_shown => self.path(argument),
            Some((option, _)) if option.starts_with("--") => format!("{option}=(left out)"),
            _ if argument.starts_with("--") => argument.to_owned(),
            _ => "(left out)".to_owned(),
        }
    }

    fn text(&self, text: &str) -> String {
        let text = redact::line(text);
        String::from_utf8_lossy(&self.lines(text.as_bytes(), false).text).into_owned()
    }
}

/// Hides what is known to be secret in everything that was gathered, and what `anonymize` replaces.
///
/// # Errors
/// A file cannot be read or written; or, as the inner error, a secret is left.
pub fn ready<'a>(
    gathered: Gathered,
    about: About,
    anonymize: Option<&'a Replace<'a>>,
) -> io::Result<Result<Ready<'a>, Left>> {
    prepare(None, gathered, about, anonymize)
}

/// The same where something else hides the secrets: the last search does not depend on it.
///
/// # Errors
/// As those of [`ready`].
pub fn ready_hidden_by<'a>(
    hider: Finder,
    gathered: Gathered,
    about: About,
    anonymize: Option<&'a Replace<'a>>,
) -> io::Result<Result<Ready<'a>, Left>> {
    prepare(Some(hider), gathered, about, anonymize)
}

fn prepare<'a>(
    other: Option<Finder>,
    gathered: Gathered,
    about: About,
    anonymize: Option<&'a Replace<'a>>,
) -> io::Result<Result<Ready<'a>, Left>> {
    let is_shown = !gathered.unlearned.hides_texts(anonymize.is_some());
    let Gathered { mut members, missing, secrets, until, spool, .. } = gathered;
    let hide = Hide { finder: secrets.finder(), other, anonymize, until, spool };
    let arguments: Vec<&str> = about.arguments.iter().map(String::as_str).collect();
    let arguments = redact::arguments(&arguments);
    let missing = missing.into_iter().map(|it| Missing { what: hide.path(&it.what), why: hide.text(&it.why), ..it });
    let mut manifest = Manifest {
        tool: about.tool,
        arguments: arguments.iter().map(|argument| hide.argument(argument, is_shown)).collect(),
        time: about.time,
        local_time: about.local_time,
        seconds: (about.took.as_secs_f64() * 1000.0).round() / 1000.0,
        anonymized: anonymize.is_some(),
        members: Vec::new(),
        missing: missing.collect(),
        secrets_searched: secrets.searched(),
        secrets_only_at_their_names: secrets.only_at_their_names(),
    };
    let mut paths = BTreeSet::new();
    for member in &mut members {
        member.path = inside(&hide.path(&member.path));
        while !paths.insert(member.path.clone()) {
            member.path.push_str(".another");
        }
        member.source = hide.path(&member.source);
    }
    let all_done = parallel::each(members.iter_mut().collect(), |member| entry(member, &hide));
    let (mut kept, mut are_clean) = (Vec::new(), Vec::new());
    for (member, done) in members.into_iter().zip(all_done) {
        let Done { entry, is_clean, is_late } = match done? {
            Ok(done) => done,
            Err(left) => return Ok(Err(left)),
        };
        if is_late {
            manifest.missing.push(late(&entry));
        }
        if !is_late || entry.size > 0 {
            manifest.members.push(entry);
            are_clean.push(is_clean);
            kept.push(member);
        }
    }
    let text = serde_json::to_value(&manifest)?;
    if has_secret(&text, &hide.finder) {
        return Ok(Err(Left { path: "manifest.json".to_owned(), line: 1 }));
    }
    Ok(Ok(Ready { members: kept, are_clean, hide, manifest }))
}

/// What is missing where no time was left for replacing.
fn late(entry: &Entry) -> Missing {
    let what = if entry.size == 0 { entry.source.clone() } else { format!("the last lines of {}", entry.source) };
    let why = "names of clients were not replaced in time (--timeout gives more)".to_owned();
    Missing { what, why, is_meant: false }
}

/// Whether a string of JSON has a secret in it; our own names have none.
fn has_secret(value: &serde_json::Value, finder: &Finder) -> bool {
    match value {
        serde_json::Value::Object(members) => members.values().any(|value| has_secret(value, finder)),
        serde_json::Value::Array(items) => items.iter().any(|item| has_secret(item, finder)),
        serde_json::Value::String(text) => finder.find(text.as_bytes()).is_some(),
        _ => false,
    }
}

/// What the manifest says of a file, if no secret is left in it.
fn entry(member: &mut Member, hide: &Hide<'_>) -> io::Result<Result<Done, Left>> {
    let mut hash = Sha256::new();
    let (mut size, mut lines, mut hidden) = (0, 0, 0);
    let (mut left, mut is_clean, is_anonymized) = (None, true, member.is_anonymized);
    let (mut replacing, mut is_late) = (hide.replacing(member)?, false);
    each_block(&mut member.content, &mut |block| {
        is_late |= replacing.is_some() && hide.is_late();
        if is_late {
            return Ok(false);
        }
        let clean = hide.lines(block, is_anonymized);
        hash.update(&clean.text);
        size += clean.text.len() as u64;
        hidden += clean.count;
        is_clean &= matches!(clean.text, Cow::Borrowed(_));
        if left.is_none() {
            let line = |at| lines + 1 + memchr::memchr_iter(b'\n', &clean.text[..at]).count() as u64;
            left = hide.left(&clean).map(line);
            lines += memchr::memchr_iter(b'\n', &clean.text).count() as u64;
        }
        replacing.iter_mut().try_for_each(|file| file.write_all(&clean.text))?;
        Ok(true)
    })?;
    if let Some(line) = left {
        let is_named = hide.finder.find(member.path.as_bytes()).is_some();
        let path = if is_named { "a file whose name has one too".to_owned() } else { member.path.clone() };
        return Ok(Err(Left { path, line }));
    }
    if let Some(file) = replacing {
        member.content = Content::Spool(file.into_inner()?);
        (is_clean, member.is_anonymized) = (true, true);
        member.is_cut |= is_late;
    }
    let mut redactions: Counts = std::mem::take(&mut member.redactions);
    redactions.add(Rule::KnownValue, hidden);
    let (path, source) = (member.path.clone(), member.source.clone());
    let sha256 = hex(&hash.finalize());
    let entry = Entry { path, source, size, sha256, is_cut: member.is_cut, redactions };
    Ok(Ok(Done { entry, is_clean, is_late }))
}

/// Calls `each` with whole lines, many at once, until it says that it wants no more.
fn each_block(content: &mut Content, each: &mut dyn FnMut(&[u8]) -> io::Result<bool>) -> io::Result<()> {
    match content {
        Content::Text(text) => each(text).map(drop),
        Content::Spool(file) => {
            file.rewind()?;
            let mut blocks = Blocks::new(file);
            while let Some(block) = blocks.next()?
                && each(block)?
            {}
            Ok(())
        }
    }
}

/// A file in blocks that end with a line, and not between two lines that may be one run of base64 or hex.
struct Blocks<R> {
    input: R,
    block: Vec<u8>,
    /// How many octets of the block were handed out.
    done: usize,
}

impl<R: Read> Blocks<R> {
    const SIZE: usize = 1 << 18;

    /// A run of more octets may be in two blocks.
    const LARGEST: usize = 1 << 20;

    fn new(input: R) -> Self {
        Self { input, block: Vec::with_capacity(Self::SIZE), done: 0 }
    }

    fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.block.drain(..self.done);
        self.done = 0;
        loop {
            let read = self.input.by_ref().take(Self::SIZE as u64).read_to_end(&mut self.block)?;
            let is_large = self.block.len() >= Self::LARGEST;
            self.done = match (end_of_run(&self.block), memchr::memrchr(b'\n', &self.block)) {
                _ if read == 0 => self.block.len(),
                (Some(end), _) => end,
                (None, Some(at)) if is_large => at + 1,
                (None, _) => continue,
            };
            return Ok((self.done > 0).then(|| &self.block[..self.done]));
        }
    }
}

/// Where the last line ends after which no run of base64 or hex goes on, and the one after it.
fn end_of_run(block: &[u8]) -> Option<usize> {
    let mut next_end = memchr::memrchr(b'\n', block)?;
    while let Some(end) = memchr::memrchr(b'\n', &block[..next_end]) {
        let before = memchr::memrchr(b'\n', &block[..end]).map_or(0, |at| at + 1);
        if !go_on(&block[before..end], &block[end + 1..next_end]) {
            return Some(end + 1);
        }
        next_end = end;
    }
    None
}

/// Whether the end of a line and the next line may be one run: octets in hex, a dump of them, or a line that is nothing but base64.
fn go_on(line: &[u8], next: &[u8]) -> bool {
    /// Of base64 that goes on.
    const SHORTEST_LINE: usize = 16;
    if redact::is_row_of_dump(line) && redact::is_row_of_dump(next) {
        return true;
    }
    let has_date = matches!(next, [_, _, _, _, b'-', _, _, b'-', ..]);
    let (last, mut words_of_next) = (words(line).next_back(), words(next));
    let (Some(last), Some(first)) = (last, words_of_next.next().filter(|_| !has_date)) else { return false };
    let ends_hex = last.iter().rev().take(2).all(u8::is_ascii_hexdigit);
    let begins_hex = first.strip_prefix(b"0x").unwrap_or(first).iter().take(2).all(u8::is_ascii_hexdigit);
    ends_hex && begins_hex || last.len() >= SHORTEST_LINE && words_of_next.next().is_none()
}

/// What may be base64 or hex.
fn words(line: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    let is_part = |octet: &u8| octet.is_ascii_alphanumeric() || b"+/=-_".contains(octet);
    line.split(move |octet| !is_part(octet)).filter(|word| !word.is_empty())
}

/// What of a file is hidden as it is read.
struct Cleaned<'a, 'b> {
    blocks: Blocks<BufReader<&'a mut File>>,
    hide: &'a Hide<'b>,
    is_anonymized: bool,
    clean: Vec<u8>,
    at: usize,
}

impl Read for Cleaned<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.clean.len() {
            self.clean = match self.blocks.next()? {
                Some(block) => self.hide.lines(block, self.is_anonymized).text.into_owned(),
                None => return Ok(0),
            };
            self.at = 0;
        }
        let length = buffer.len().min(self.clean.len() - self.at);
        buffer[..length].copy_from_slice(&self.clean[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

/// Writes the bundle, with everything in one directory of this name.
///
/// # Errors
/// It cannot be written.
pub fn write(ready: Ready<'_>, top: &str, now: i64, out: &mut dyn Write) -> io::Result<()> {
    let mut tar = Builder::new(Gzip::new(out)?);
    let now = u64::try_from(now).unwrap_or(0);
    let json = |text: Vec<u8>| [&text[..], b"\n"].concat();
    let fixed = [
        ("README.txt", README.as_bytes().to_vec()),
        ("manifest.json", json(serde_json::to_vec_pretty(&ready.manifest)?)),
        ("redactions.json", json(serde_json::to_vec_pretty(&Redactions::new(&ready.manifest))?)),
    ];
    for (path, text) in fixed {
        append(&mut tar, &format!("{top}/{path}"), (text.len() as u64, now), &mut text.as_slice())?;
    }
    let all = ready.members.into_iter().zip(ready.are_clean).zip(&ready.manifest.members);
    for ((member, is_clean), entry) in all {
        let path = format!("{top}/{}", member.path);
        let (size, is_anonymized) = ((entry.size, now), member.is_anonymized);
        match member.content {
            Content::Text(text) => {
                append(&mut tar, &path, size, &mut &*ready.hide.lines(&text, is_anonymized).text)?;
            }
            Content::Spool(mut file) if is_clean => {
                file.rewind()?;
                append(&mut tar, &path, size, &mut file)?;
            }
            Content::Spool(mut file) => {
                file.rewind()?;
                let blocks = Blocks::new(BufReader::with_capacity(1 << 16, &mut file));
                let mut clean = Cleaned { blocks, hide: &ready.hide, is_anonymized, clean: Vec::new(), at: 0 };
                append(&mut tar, &path, size, &mut clean)?;
            }
        }
    }
    tar.into_inner()?.finish()?.flush()
}

fn append<W: Write>(
    tar: &mut Builder<W>,
    path: &str,
    (size, now): (u64, u64),
    text: &mut dyn io::Read,
) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(size);
    header.set_mode(0o600);
    header.set_mtime(now);
    tar.append_data(&mut header, path, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_block_ends_within_base64_or_hex_over_lines() {
        let lines = |n: usize| format!("blob: n{n:05}{}\n{}\n", "A".repeat(54), "x7".repeat(10));
        let text = (0..9000).map(lines).collect::<Vec<_>>().concat();
        let mut blocks = Blocks::new(text.as_bytes());
        let (mut whole, mut count) = (Vec::new(), 0);
        while let Some(block) = blocks.next().unwrap() {
            assert!(block.starts_with(b"blob: ") && block.ends_with(b"x7\n"));
            whole.extend_from_slice(block);
            count += 1;
        }
        assert!(whole == text.as_bytes() && count > 2, "{count}");
        assert_eq!(end_of_run(b"one 60:61\n62:63 two\nnext\n"), Some(20));
        assert_eq!(end_of_run(b"one 60\n2026-11-29 two\n"), Some(7));
        // Lines that are nothing else are read as they come.
        let text = "x7".repeat(30) + "\n";
        let mut blocks = Blocks::new(std::io::Cursor::new(text.repeat(60_000)));
        while let Some(block) = blocks.next().unwrap() {
            assert!(block.len() <= 2 * Blocks::<File>::LARGEST);
        }
    }

    #[test]
    fn a_log_in_which_no_clients_were_replaced_in_time_is_left_out() {
        let replace = |text: &[u8]| String::from_utf8_lossy(text).replace("anna", "host-1").into_bytes();
        let made = |time: Duration| {
            let mut spool = tempfile::tempfile().unwrap();
            spool.write_all(b"anna\n").unwrap();
            let mut gathered = Gathered { until: Some(Deadline::after(time)), ..Gathered::default() };
            gathered.add("logs/k.log", "/k.log", Content::Spool(spool), Counts::default());
            gathered.text("note.txt", "--note", "anna\n");
            let nothing = String::new;
            let (took, arguments) = (Duration::ZERO, vec![]);
            let about = About { tool: nothing(), arguments, time: nothing(), local_time: nothing(), took };
            let ready = ready(gathered, about, Some(&replace)).unwrap().ok().unwrap();
            let missing: Vec<String> = ready.manifest.missing.iter().map(|it| it.what.clone()).collect();
            let mut out = Vec::new();
            write(ready, "x", 0, &mut out).unwrap();
            let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&out[..]));
            let mut files = Vec::new();
            for file in archive.entries().unwrap().map(Result::unwrap).skip(3) {
                let path = file.path().unwrap().display().to_string();
                files.push(format!("{path}: {}", io::read_to_string(file).unwrap()));
            }
            (files, missing)
        };
        let (files, missing) = made(Duration::from_secs(60));
        assert_eq!((files.concat().as_str(), missing.len()), ("x/logs/k.log: host-1\nx/note.txt: host-1\n", 0));
        let (files, missing) = made(Duration::ZERO);
        assert_eq!((files.concat().as_str(), missing.concat().as_str()), ("x/note.txt: host-1\n", "/k.log"));
    }
}
