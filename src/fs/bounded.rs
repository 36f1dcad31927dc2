//! Regular files of a bounded size, for names that another user may have chosen.
//!
//! The open descriptor is examined, not the name, so that no other file can take its place meanwhile. It is opened without
//! waiting, since a pipe may have no writer. No more is read than the size that the file reports, which is nothing of
//! files that the kernel generates.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;

/// The whole of the file `path`.
///
/// # Errors
/// It cannot be opened or read, it is not a regular file, or it is longer than `largest` bytes.
pub fn read(path: &Path, largest: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let found = file.metadata()?;
    if found.len() > largest {
        return Err(io::Error::other(format!("larger than {largest} octets")));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or(0));
    file.take(found.len()).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The file `path`, open for reading.
///
/// # Errors
/// It cannot be opened, or it is not a regular file.
pub fn open(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("not a regular file")) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn why(path: &Path) -> String {
        read(path, 8).unwrap_err().to_string()
    }

    #[test]
    fn a_regular_file_is_read_whole_or_refused_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "12345678").unwrap();
        assert_eq!(read(&file, 8).unwrap(), b"12345678");
        fs::write(&file, "123456789").unwrap();
        assert_eq!(why(&file), "larger than 8 octets");
    }

    #[test]
    fn pipes_devices_and_directories_are_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        for path in [&pipe, folder.path(), Path::new("/dev/zero"), Path::new("/dev/tty")] {
            assert!(["not a regular file", "No such device or address (os error 6)"].contains(&why(path).as_str()));
        }
    }

    #[test]
    fn a_file_that_the_kernel_generates_is_empty() {
        assert_eq!(read(Path::new("/proc/self/status"), 8).unwrap(), b"");
    }

    #[test]
    fn a_loop_of_links_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&link, &link).unwrap();
        assert!(why(&link).contains("Too many levels of symbolic links"));
    }
}
