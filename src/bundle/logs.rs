//! The ends of logs with their rotated siblings, line by line without secrets.
//!
//! A log may be larger than memory, so its lines go into a file without a name, which is gone with this process.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::step::{NO_TIME, fault};
use super::{Content, Gathered, Member, Request, broken, parallel, secret_files};
use crate::control::Deadline;
use crate::error::io_cause;
use crate::inspect::Root;
use crate::inspect::logging::Found;
use crate::panics;
use crate::redact::{self, Counts, Lines};
use crate::source::compressed;
use crate::source::logs::siblings;

mod others;

/// Of all logs together no more than this.
const MOST: u64 = 200 << 20;
/// What compressed files have at their ends.
const COMPRESSED: [&str; 3] = [".gz", ".xz", ".zst"];
/// The rest of a longer line is left out.
const LONGEST_LINE: u64 = 4 << 20;

/// Gathers the logs that the daemons' loggers name, two at once.
pub(super) fn gather(request: &Request, found: &Found, gathered: &mut Gathered, deadline: Deadline) {
    for log in logs_of(request, found) {
        others::report(&request.root, &log, gathered);
    }
    let mut files = in_order(request, found);
    let mut left = MOST;
    while !files.is_empty() {
        // How much of so many files is wanted does not depend on how long those before them are.
        let sure = usize::try_from(left / request.log_size.max(1)).unwrap_or(usize::MAX).clamp(1, files.len());
        let most = request.log_size.min(left);
        let some = files.drain(..sure).collect();
        for (of_file, length) in parallel::each(some, |path: PathBuf| of_file(request, &path, most, deadline)) {
            gathered.merge(of_file);
            left -= length.min(left);
        }
    }
}

/// What is gathered of a log, at most so many bytes, and how many it has.
fn of_file(request: &Request, path: &Path, most: u64, deadline: Deadline) -> (Gathered, u64) {
    let shown = path.display().to_string();
    let (mut gathered, mut length) = (Gathered::default(), 0);
    match () {
        () if is_before(request, path) => gathered.left_out(shown, "it ends before --since"),
        () if leads_to_other(&request.root, path) => gathered.missing(shown, "it is a link to a file that is no log"),
        () if most == 0 => gathered.missing(shown, "the logs before it are large enough"),
        () if deadline.left().is_none() => gathered.missing(shown, NO_TIME),
        () => match panics::catch(|| copy(request, path, ("logs", most), &mut gathered, deadline)) {
            Ok(copied) => length = copied,
            Err(place) => gathered.missing(shown, fault(&place)),
        },
    }
    (gathered, length)
}

/// The logs and their siblings on the machine that is examined: the newest of each daemon, then those before it; of the
/// daemons the DHCP servers first.
fn in_order(request: &Request, found: &Found) -> Vec<PathBuf> {
    let mut logs: Vec<PathBuf> = Vec::new();
    let named = found.sites.iter().flat_map(|site| site.paths().collect::<Vec<_>>());
    for log in named.chain(broken::logs(request, found)) {
        if !logs.contains(&log) {
            logs.push(log);
        }
    }
    let of_log = |log: &PathBuf| {
        // A log that is a link is not followed: its siblings are next to it.
        let folder = request.root.at(log.parent().unwrap_or(Path::new("/")));
        let files = siblings(&folder.join(log.file_name().unwrap_or_default())).into_iter().rev().enumerate();
        let named = |(age, file): (usize, PathBuf)| (age, log.with_file_name(file.file_name().unwrap_or_default()));
        files.map(named).collect::<Vec<_>>()
    };
    let mut files: Vec<(usize, PathBuf)> = logs.iter().flat_map(of_log).collect();
    files.sort_by_key(|(age, _)| *age);
    files.into_iter().map(|(_, path)| path).collect()
}

/// The logs of all daemons.
pub(super) fn logs_of(request: &Request, found: &Found) -> BTreeSet<PathBuf> {
    let mut logs = broken::logs(request, found);
    logs.extend(found.sites.iter().flat_map(|site| site.paths().collect::<Vec<_>>()));
    logs
}

/// Whether a log is a link to where no logs are, but passwords and keys.
pub(super) fn leads_to_other(root: &Root, log: &Path) -> bool {
    const NO_LOGS: [&str; 7] = ["/etc", "/root", "/home", "/boot", "/proc", "/sys", "/run/credentials"];
    let (Some(folder), Some(name)) = (log.parent(), log.file_name()) else { return false };
    let place = root.at(folder).join(name);
    let is_link = std::fs::symlink_metadata(&place).is_ok_and(|found| found.file_type().is_symlink());
    let Some(real) = std::fs::canonicalize(root.at(log)).ok().filter(|_| is_link) else { return false };
    let top = std::fs::canonicalize(root.at("/")).unwrap_or_default();
    let real = Path::new("/").join(real.strip_prefix(top).unwrap_or(&real));
    NO_LOGS.iter().any(|folder| real.starts_with(folder)) || secret_files::is_one(&real)
}

/// Whether a log was last written before what is of interest.
fn is_before(request: &Request, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let Some(since) = request.since else { return false };
    request.root.metadata(path).is_ok_and(|found| found.mtime() < since)
}

/// Adds the files that the user names.
pub(super) fn include(request: &Request, gathered: &mut Gathered, deadline: Deadline) {
    for file in &request.include {
        let path = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        copy(request, &path, ("include", request.log_size), gathered, deadline);
    }
}

/// Adds the end of a file, at most so many bytes, to a folder of the bundle; how many bytes of it.
fn copy(
    request: &Request,
    path: &Path,
    (folder, most): (&str, u64),
    gathered: &mut Gathered,
    deadline: Deadline,
) -> u64 {
    let opened = opened(request, path, folder, most);
    let shown = path.display().to_string();
    let name = format!("{folder}/{}", shown.trim_start_matches('/'));
    let name = COMPRESSED.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name).to_owned();
    let kept = |(lines, is_cut)| {
        let (lines, counts) = if folder == "include" { of_small(lines, gathered)? } else { (lines, Counts::default()) };
        let mut spooled = spooled(request, lines, is_cut, gathered, deadline)?;
        spooled.redactions += &counts;
        Ok((spooled, is_cut))
    };
    match opened.and_then(kept) {
        Ok((Spooled { content, redactions, length, is_late }, is_cut)) => {
            let is_cut = is_cut || is_late || length >= most;
            if is_late {
                gathered.missing(format!("the last lines of {shown}"), NO_TIME);
            }
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

/// A file that is small is also read as one: what names a secret may be any number of lines before it.
fn of_small(mut lines: Box<dyn BufRead>, gathered: &mut Gathered) -> io::Result<(Box<dyn BufRead>, Counts)> {
    const LARGEST: u64 = 2 << 20;
    let mut octets = Vec::new();
    lines.by_ref().take(LARGEST + 1).read_to_end(&mut octets)?;
    if octets.len() as u64 > LARGEST {
        return Ok((Box::new(io::Cursor::new(octets).chain(lines)), Counts::default()));
    }
    let text = redact::text_of(&octets);
    gathered.secrets.learn_text(&text);
    let (clean, counts) = redact::counted(&text);
    Ok((Box::new(io::Cursor::new(clean.into_owned().into_bytes())), counts))
}

/// The lines of the end of a file, and whether some come before them.
fn opened(request: &Request, path: &Path, folder: &str, most: u64) -> io::Result<(Box<dyn BufRead>, bool)> {
    let (mut file, found) = request.root.open_regular(path)?;
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
    Ok((Box::new(BufReader::with_capacity(1 << 16, plain.take(most))), start > 0))
}

/// Lines without their secrets.
pub(super) struct Spooled {
    pub(super) content: Content,
    pub(super) redactions: Counts,
    pub(super) length: u64,
    /// Whether no time was left for the last lines.
    pub(super) is_late: bool,
}

/// Keeps lines without their secrets; the first is left out if it `is_cut`.
pub(super) fn spooled(
    request: &Request,
    mut lines: impl BufRead,
    is_cut: bool,
    gathered: &mut Gathered,
    deadline: Deadline,
) -> io::Result<Spooled> {
    /// Lines between two looks at the clock.
    const SOME: u32 = 100;
    let (mut count, mut is_late) = (0, false);
    let spool = request.spool().map_err(|cause| unkept(&request.spool, &cause))?;
    let mut out = BufWriter::with_capacity(1 << 16, spool);
    let mut clean = Lines::default();
    let (mut line, mut length) = (Vec::new(), 0_u64);
    if is_cut {
        skip_cut_line(&mut lines)?;
    }
    loop {
        // A log that was cut while it was written begins with them; there may be gigabytes.
        length += skip_nuls(&mut lines)?;
        if lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.len() as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
            skip_line(&mut lines)?;
            line.extend_from_slice(b" (the rest of this line is left out)\n");
        }
        length += line.len() as u64;
        if memchr::memchr(0, &line).is_some() {
            line.retain(|octet| *octet != 0);
        }
        let text = std::str::from_utf8(&line).map_or_else(|_| String::from_utf8_lossy(&line), Cow::Borrowed);
        out.write_all(clean.clean(&text, &mut gathered.secrets).as_bytes())
            .map_err(|cause| unkept(&request.spool, &cause))?;
        line.clear();
        count = (count + 1) % SOME;
        is_late = count == 0 && deadline.left().is_none();
        if is_late {
            break;
        }
    }
    let rest = clean.end(&mut gathered.secrets);
    out.write_all(rest.as_bytes()).map_err(|cause| unkept(&request.spool, &cause))?;
    let file = out.into_inner().map_err(|error| unkept(&request.spool, error.error()))?;
    Ok(Spooled { content: Content::Spool(file), redactions: clean.counts, length, is_late })
}

/// Says of an error that it is not one of the file that is read.
fn unkept(folder: &Path, cause: &io::Error) -> io::Error {
    io::Error::other(format!("its lines cannot be kept in {}: {}", folder.display(), io_cause(cause)))
}

/// Reads the rest of a line that was cut, which NULs end too.
fn skip_cut_line(lines: &mut impl BufRead) -> io::Result<()> {
    loop {
        let block = lines.fill_buf()?;
        let end = memchr::memchr2(b'\n', 0, block);
        let is_end = end.is_some() || block.is_empty();
        let length = end.map_or(block.len(), |at| at + usize::from(block[at] == b'\n'));
        lines.consume(length);
        if is_end {
            return Ok(());
        }
    }
}

/// Reads NULs; how many.
fn skip_nuls(lines: &mut impl BufRead) -> io::Result<u64> {
    let mut all = 0;
    loop {
        let block = lines.fill_buf()?;
        let count = block.iter().take_while(|octet| **octet == 0).count();
        let is_end = count < block.len() || block.is_empty();
        lines.consume(count);
        all += count as u64;
        if is_end {
            return Ok(all);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_full_disk_the_directory_is_named() {
        let full = io::Error::from_raw_os_error(rustix::io::Errno::NOSPC.raw_os_error());
        let shown = io_cause(&unkept(Path::new("/out"), &full));
        assert!(shown.starts_with("its lines cannot be kept in /out: No space left"), "{shown}");
    }
}
