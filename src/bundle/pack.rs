//! From what was gathered to one file: known secrets are hidden everywhere, the result is searched once more, and packed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};

use super::manifest::{Entry, Manifest, README};
use super::{Content, Gathered, Member, Missing};
use crate::redact::{self, Finder};
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
#[derive(Debug)]
pub struct Ready {
    members: Vec<Member>,
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
}

/// Hides what is known to be secret in everything that was gathered.
///
/// # Errors
/// A file cannot be read or written; or, as the inner error, a secret is left.
pub fn ready(gathered: Gathered, about: About) -> io::Result<Result<Ready, Left>> {
    let hider = gathered.secrets.finder();
    ready_hidden_by(&hider, gathered, about)
}

/// The same where something else hides the secrets: the last search does not depend on it.
///
/// # Errors
/// As those of [`ready`].
pub fn ready_hidden_by(hider: &Finder, gathered: Gathered, about: About) -> io::Result<Result<Ready, Left>> {
    let Gathered { members, missing, secrets } = gathered;
    let finder = secrets.finder();
    let mut hidden = Vec::with_capacity(members.len());
    for member in members {
        hidden.push(without(member, hider)?);
    }
    let clean = |text: &str| {
        let text = redact::line(text).into_owned();
        String::from_utf8_lossy(&finder.hidden(text.as_bytes()).0).into_owned()
    };
    let missing = missing.into_iter().map(|it| Missing { what: clean(&it.what), why: clean(&it.why), ..it }).collect();
    let mut manifest = Manifest {
        tool: about.tool,
        arguments: about.arguments.iter().map(|argument| clean(argument)).collect(),
        time: about.time,
        local_time: about.local_time,
        members: Vec::new(),
        missing,
        secrets_searched: secrets.searched(),
        secrets_only_at_their_names: secrets.only_at_their_names(),
    };
    for member in &mut hidden {
        match entry(member, &finder)? {
            Ok(entry) => manifest.members.push(entry),
            Err(left) => return Ok(Err(left)),
        }
    }
    let text = serde_json::to_vec(&manifest)?;
    if finder.find(&text).is_some() {
        return Ok(Err(Left { path: "manifest.json".to_owned(), line: 1 }));
    }
    Ok(Ok(Ready { members: hidden, manifest }))
}

/// A file without the secrets that are known.
fn without(member: Member, finder: &Finder) -> io::Result<Member> {
    let (content, count) = match member.content {
        Content::Text(text) => {
            let (clean, count) = finder.hidden(&text);
            (Content::Text(clean.into_owned()), count)
        }
        Content::Spool(mut file) => {
            file.rewind()?;
            let mut lines = BufReader::with_capacity(1 << 16, file);
            let mut out = BufWriter::with_capacity(1 << 16, tempfile::tempfile()?);
            let (mut line, mut count) = (Vec::new(), 0);
            while lines.read_until(b'\n', &mut line)? > 0 {
                let (clean, found) = finder.hidden(&line);
                out.write_all(&clean)?;
                count += found;
                line.clear();
            }
            (Content::Spool(out.into_inner().map_err(io::IntoInnerError::into_error)?), count)
        }
    };
    let path = String::from_utf8_lossy(&finder.hidden(member.path.as_bytes()).0).into_owned();
    let source = String::from_utf8_lossy(&finder.hidden(member.source.as_bytes()).0).into_owned();
    Ok(Member { path, source, content, redacted: member.redacted + count, ..member })
}

/// What the manifest says of a file, if no secret is left in it.
fn entry(member: &mut Member, finder: &Finder) -> io::Result<Result<Entry, Left>> {
    let mut hash = Sha256::new();
    let (mut size, mut line) = (0, 0);
    let mut left = None;
    each_line(&mut member.content, &mut |text| {
        line += 1;
        hash.update(text);
        size += text.len() as u64;
        if left.is_none() && finder.find(text).is_some() {
            left = Some(line);
        }
        Ok(())
    })?;
    if let Some(line) = left {
        return Ok(Err(Left { path: member.path.clone(), line }));
    }
    let (path, source) = (member.path.clone(), member.source.clone());
    let sha256 = hex(&hash.finalize());
    Ok(Ok(Entry { path, source, size, sha256, is_cut: member.is_cut, redacted: member.redacted }))
}

fn each_line(content: &mut Content, each: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    match content {
        Content::Text(text) => text.split_inclusive(|octet| *octet == b'\n').try_for_each(each),
        Content::Spool(file) => {
            file.rewind()?;
            let mut lines = BufReader::with_capacity(1 << 16, file);
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line)? > 0 {
                each(&line)?;
                line.clear();
            }
            Ok(())
        }
    }
}

/// Writes the bundle, with everything in one directory of this name.
///
/// # Errors
/// It cannot be written.
pub fn write(ready: Ready, top: &str, now: i64, out: &mut dyn Write) -> io::Result<()> {
    let mut tar = Builder::new(GzEncoder::new(out, Compression::default()));
    let now = u64::try_from(now).unwrap_or(0);
    let redactions: BTreeMap<_, _> =
        ready.manifest.members.iter().filter(|it| it.redacted > 0).map(|it| (&it.path, it.redacted)).collect();
    let fixed = [
        ("README.txt", README.as_bytes().to_vec()),
        ("manifest.json", serde_json::to_vec_pretty(&ready.manifest)?),
        ("redactions.json", serde_json::to_vec_pretty(&redactions)?),
    ];
    for (path, text) in fixed {
        append(&mut tar, &format!("{top}/{path}"), (text.len() as u64, now), &mut text.as_slice())?;
    }
    for member in ready.members {
        let path = format!("{top}/{}", member.path);
        match member.content {
            Content::Text(text) => append(&mut tar, &path, (text.len() as u64, now), &mut text.as_slice())?,
            Content::Spool(file) => append_file(&mut tar, &path, file, now)?,
        }
    }
    tar.into_inner()?.finish()?.flush()
}

fn append_file<W: Write>(tar: &mut Builder<W>, path: &str, mut file: File, now: u64) -> io::Result<()> {
    let length = file.metadata()?.len();
    file.rewind()?;
    append(tar, path, (length, now), &mut file.take(length))
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
