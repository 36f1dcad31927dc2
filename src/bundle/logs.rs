//! The ends of logs with their rotated siblings, line by line without secrets.
//!
//! A log may be larger than memory, so its lines go into a file without a name, which is gone with this process.

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::{Content, Gathered, Member, Request};
use crate::error::io_cause;
use crate::inspect::logging::Found;
use crate::redact;
use crate::source::logs::siblings;

/// Of all logs together no more than this.
const MOST: u64 = 200 << 20;
/// A longer line is cut.
const LONGEST_LINE: u64 = 1 << 20;

/// Gathers the logs that the daemons' loggers name.
pub(super) fn gather(request: &Request<'_>, found: &Found, gathered: &mut Gathered) {
    let logs: BTreeSet<PathBuf> = found.sites.iter().flat_map(|site| site.paths().collect::<Vec<_>>()).collect();
    let mut left = MOST;
    for log in logs {
        // From the newest on; siblings are those on the machine that is examined.
        let mut files = siblings(&request.root.at(&log));
        files.reverse();
        for file in files {
            let name = file.file_name().unwrap_or_default().to_owned();
            let path = log.with_file_name(name);
            if left == 0 {
                gathered.missing(path.display().to_string(), "the logs before it are large enough");
                continue;
            }
            let most = request.log_size.min(left);
            left -= copy(request, &path, "logs", most, gathered).min(left);
        }
    }
}

/// Adds a file that the user names.
pub(super) fn include(request: &Request<'_>, file: &Path, gathered: &mut Gathered) {
    let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    copy(request, &path, "include", request.log_size, gathered);
}

/// Adds the end of a file; how many octets of it.
fn copy(request: &Request<'_>, path: &Path, folder: &str, most: u64, gathered: &mut Gathered) -> u64 {
    let shown = path.display().to_string();
    let name = format!("{folder}/{}", shown.trim_start_matches('/'));
    match spooled(request, path, most, gathered) {
        Ok((spool, redacted, is_cut, length)) => {
            gathered.members.push(Member {
                path: name,
                source: shown,
                content: Content::Spool(spool),
                is_cut,
                redacted,
            });
            length
        }
        Err(cause) => {
            gathered.missing(shown, io_cause(&cause));
            0
        }
    }
}

fn spooled(
    request: &Request<'_>,
    path: &Path,
    most: u64,
    gathered: &mut Gathered,
) -> io::Result<(std::fs::File, usize, bool, u64)> {
    let (mut file, found) = request.root.open_regular(path)?;
    let start = found.len().saturating_sub(most);
    file.seek(SeekFrom::Start(start))?;
    // No more than there was when it was opened: it may grow.
    let mut lines = BufReader::with_capacity(1 << 16, file.take(found.len() - start));
    let mut out = BufWriter::with_capacity(1 << 16, tempfile::tempfile()?);
    let (mut redacted, mut line) = (0, Vec::new());
    if start > 0 {
        // The rest of a line.
        lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        line.clear();
    }
    while lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        let clean = redact::line(&text);
        if clean != text {
            redacted += clean.matches(redact::REDACTED).count().max(1);
            gathered.secrets.learn_text(&text);
        }
        out.write_all(clean.as_bytes())?;
        line.clear();
    }
    let spool = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok((spool, redacted, start > 0, found.len() - start))
}
