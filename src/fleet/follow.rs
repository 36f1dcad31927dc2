//! The lease file of a server on this host, followed as the server writes it: each lease that is given, renewed or released is a row
//! at its end.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use crate::fs::bounded;
use crate::lease::{Family, OwnedLease};
use crate::memfile::{Header, RowReader};

/// What was written before the program started is shown up to this size, in bytes.
const BEFORE: u64 = 16 << 10;
/// No more is read at once; of more, the end.
const MOST: u64 = 1 << 20;

/// A lease file that is followed.
#[derive(Debug, Default)]
pub(super) struct Follower {
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    path: PathBuf,
    inode: u64,
    at: u64,
    rows: RowReader,
}

impl Follower {
    /// The rows that were written since the last call to the first of these files that exists.
    pub(super) fn follow(&mut self, files: &[PathBuf], family: Family) -> Vec<Arc<OwnedLease>> {
        self.read(files, family).unwrap_or_default()
    }

    fn read(&mut self, files: &[PathBuf], family: Family) -> Option<Vec<Arc<OwnedLease>>> {
        let (path, file) = files.iter().find_map(|path| Some((path, bounded::open(path).ok()?)))?;
        let found = file.metadata().ok()?;
        let is_same = |open: &Open| open.path == *path && open.inode == found.ino() && open.at <= found.len();
        if !self.open.as_ref().is_some_and(is_same) {
            let is_first = self.open.is_none();
            let mut head = BufReader::new(&file);
            let mut line = Vec::new();
            head.by_ref().take(4096).read_until(b'\n', &mut line).ok()?;
            let header = Header::parse(line.strip_suffix(b"\n")?, family).ok()?;
            // After a cleanup the server writes to a new file.
            let start = line.len() as u64;
            let at = if is_first { start.max(found.len().saturating_sub(BEFORE)) } else { start };
            self.open = Some(Open { path: path.clone(), inode: found.ino(), at, rows: RowReader::new(header) });
            return Some(self.open.as_mut()?.rows(file, found.len(), at > start));
        }
        Some(self.open.as_mut()?.rows(file, found.len(), false))
    }
}

impl Open {
    /// The whole rows from here on; `is_within` is whether this may be in the middle of one.
    fn rows(&mut self, mut file: File, size: u64, mut is_within: bool) -> Vec<Arc<OwnedLease>> {
        if size > self.at + MOST {
            (self.at, is_within) = (size - MOST, true);
        }
        let mut text = Vec::new();
        let read = file.seek(SeekFrom::Start(self.at)).and_then(|_| file.take(MOST).read_to_end(&mut text));
        let Some(end) = read.ok().and_then(|_| text.iter().rposition(|octet| *octet == b'\n')) else {
            return Vec::new();
        };
        self.at += end as u64 + 1;
        let rows = text[..end].split(|octet| *octet == b'\n').skip(usize::from(is_within));
        rows.filter_map(|row| self.rows.lease(row).ok().map(|lease| Arc::new(OwnedLease::from(&lease)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use super::*;

    const HEADER: &str =
        "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n";

    fn row(last: u8) -> String {
        format!("192.0.2.{last},00:03:00:01:02:{last:02x},,3600,1795960000,1,0,0,host-{last},0,\n")
    }

    fn addresses(follower: &mut Follower, file: &std::path::Path) -> Vec<String> {
        let rows = follower.follow(&[file.to_owned()], Family::V4);
        rows.iter().map(|lease| lease.lease().address().to_string()).collect()
    }

    #[test]
    fn rows_are_read_once_as_they_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kea-leases4.csv");
        let mut follower = Follower::default();
        assert_eq!(addresses(&mut follower, &path), [] as [&str; 0]);
        fs::write(&path, HEADER.to_owned() + &row(1)).unwrap();
        assert_eq!(addresses(&mut follower, &path), ["192.0.2.1"]);
        let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        // A row that is not complete yet is read when it is.
        let (half, rest) = (row(2)[..20].to_owned(), row(2)[20..].to_owned());
        file.write_all(half.as_bytes()).unwrap();
        assert_eq!(addresses(&mut follower, &path), [] as [&str; 0]);
        file.write_all((rest + &row(3)).as_bytes()).unwrap();
        assert_eq!(addresses(&mut follower, &path), ["192.0.2.2", "192.0.2.3"]);
        // A cleanup moves the file away.
        fs::rename(&path, folder.path().join("kea-leases4.csv.1")).unwrap();
        fs::write(&path, HEADER.to_owned() + &row(4)).unwrap();
        assert_eq!(addresses(&mut follower, &path), ["192.0.2.4"]);
    }

    #[test]
    fn of_a_long_file_the_end_is_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kea-leases4.csv");
        let rows: String = (0..4000_u16).map(|at| row(u8::try_from(at % 250).unwrap())).collect();
        fs::write(&path, HEADER.to_owned() + &rows).unwrap();
        let mut follower = Follower::default();
        let shown = addresses(&mut follower, &path);
        assert!(shown.len() > 100 && shown.len() < 400, "{}", shown.len());
        assert_eq!(shown.last().unwrap(), "192.0.2.249");
    }
}
