//! The ends of logs with their rotated siblings, line by line without secrets.
//!
//! A log may be larger than memory, so its lines go into a file without a name, which is gone with this process.

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::{Content, Gathered, Member, Request, broken};
use crate::control::Deadline;
use crate::error::io_cause;
use crate::inspect::logging::Found;
use crate::redact::{Counts, Lines};
use crate::source::compressed;
use crate::source::logs::siblings;

/// Of all logs together no more than this.
const MOST: u64 = 200 << 20;
/// What compressed files have at their ends.
const COMPRESSED: [&str; 3] = [".gz", ".xz", ".zst"];
/// The rest of a longer line is left out.
const LONGEST_LINE: u64 = 4 << 20;

/// Gathers the logs that the daemons' loggers name.
pub(super) fn gather(request: &Request, found: &Found, gathered: &mut Gathered, deadline: Deadline) {
    let mut left = MOST;
    for log in logs_of(request, found) {
        // From the newest on; siblings are those on the machine that is examined.
        let mut files = siblings(&request.root.at(&log));
        files.reverse();
        for file in files {
            let path = log.with_file_name(file.file_name().unwrap_or_default());
            match () {
                () if is_before(request, &path) => {
                    gathered.left_out(path.display().to_string(), "it ends before --since");
                }
                () if left == 0 => gathered.missing(path.display().to_string(), "the logs before it are large enough"),
                () if deadline.left().is_none() => {
                    gathered.missing(path.display().to_string(), "no time is left (--timeout gives more)");
                }
                () => {
                    let most = request.log_size.min(left);
                    left -= copy(request, &path, "logs", most, gathered).min(left);
                }
            }
        }
    }
}

/// The logs of all daemons.
pub(super) fn logs_of(request: &Request, found: &Found) -> BTreeSet<PathBuf> {
    let mut logs = broken::logs(request, found);
    logs.extend(found.sites.iter().flat_map(|site| site.paths().collect::<Vec<_>>()));
    logs
}

/// Whether a log was last written before what is of interest.
fn is_before(request: &Request, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let Some(since) = request.since else { return false };
    request.root.metadata(path).is_ok_and(|found| found.mtime() < since)
}

/// Adds the files that the user names.
pub(super) fn include(request: &Request, gathered: &mut Gathered, _: Deadline) {
    for file in &request.include {
        let path = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        copy(request, &path, "include", request.log_size, gathered);
    }
}

/// Adds the end of a file; how many bytes of it.
fn copy(request: &Request, path: &Path, folder: &str, most: u64, gathered: &mut Gathered) -> u64 {
    let opened = request.root.open_regular(path).and_then(|(mut file, found)| {
        let mut beginning = [0; 512];
        let length = file.read(&mut beginning)?;
        let start = if compressed::is_compressed(&beginning[..length]) { 0 } else { found.len().saturating_sub(most) };
        if folder == "include" && beginning[..length].contains(&0) && start == 0 {
            return Err(io::Error::other("it is no text, in which secrets could be found"));
        }
        file.seek(SeekFrom::Start(start))?;
        // No more than there was when it was opened: it may grow.
        let input = BufReader::with_capacity(1 << 16, file.take(found.len() - start));
        let plain = compressed::plain(Box::new(input))?;
        Ok((BufReader::with_capacity(1 << 16, plain.take(most)), start > 0))
    });
    add(request, path, folder, most, opened, gathered)
}

fn add<R: BufRead>(
    request: &Request,
    path: &Path,
    folder: &str,
    most: u64,
    opened: io::Result<(R, bool)>,
    gathered: &mut Gathered,
) -> u64 {
    let shown = path.display().to_string();
    let name = format!("{folder}/{}", shown.trim_start_matches('/'));
    let name = COMPRESSED.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name).to_owned();
    match opened.and_then(|(lines, is_cut)| Ok((spooled(request, lines, is_cut, gathered)?, is_cut))) {
        Ok((Spooled { content, redactions, length }, is_cut)) => {
            let is_cut = is_cut || length >= most;
            gathered.members.push(Member {
                path: name,
                source: shown,
                content,
                is_cut,
                is_anonymized: false,
                redactions,
            });
            length
        }
        Err(cause) => {
            gathered.missing(shown, io_cause(&cause));
            0
        }
    }
}

/// Lines without their secrets.
pub(super) struct Spooled {
    pub(super) content: Content,
    pub(super) redactions: Counts,
    pub(super) length: u64,
}

/// Keeps lines without their secrets; the first is left out if it `is_cut`.
pub(super) fn spooled(
    request: &Request,
    mut lines: impl BufRead,
    is_cut: bool,
    gathered: &mut Gathered,
) -> io::Result<Spooled> {
    let mut out = BufWriter::with_capacity(1 << 16, request.spool()?);
    let mut redact = Lines::default();
    let (mut line, mut length) = (Vec::new(), 0);
    if is_cut {
        skip_line(&mut lines)?;
    }
    while lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? > 0 {
        if line.len() as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
            skip_line(&mut lines)?;
            line.extend_from_slice(b" (the rest of this line is left out)\n");
        }
        length += line.len() as u64;
        // A log that was cut while it was written begins with them.
        line.retain(|octet| *octet != 0);
        let text = String::from_utf8_lossy(&line);
        out.write_all(redact.clean(&text, &mut gathered.secrets).as_bytes())?;
        line.clear();
    }
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(Spooled { content: Content::Spool(file), redactions: redact.counts, length })
}

/// Reads up to the end of a line, however long it is.
fn skip_line(lines: &mut impl BufRead) -> io::Result<()> {
    loop {
        let block = lines.fill_buf()?;
        let (length, is_end) = match memchr::memchr(b'\n', block) {
            Some(at) => (at + 1, true),
            None => (block.len(), block.is_empty()),
        };
        lines.consume(length);
        if is_end {
            return Ok(());
        }
    }
}
