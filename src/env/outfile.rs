//! An output file that is replaced atomically: it has the old contents or the complete new ones.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use tempfile::Builder;

use super::signals;
use crate::error::{Error, Result};
use crate::fs::atomic::{Replacement, create_private, may_rename, names_a_descriptor, refuse_planted};
use crate::fs::path::{destination, folder_of};
use crate::installation::LiveFiles;

/// A file that is being written.
pub enum OutFile {
    /// A temporary file in the directory of its target, which it replaces when it is complete.
    Replacing(Pending),
    /// A device, pipe, socket or open descriptor, which is written to directly and never replaced.
    Direct(File, PathBuf),
}

/// A file that does not have its final name yet, and that a signal removes; `None` once it has its name.
pub struct Pending(Option<Replacement>);

impl OutFile {
    /// Starts writing the new contents of `path`, readable only by the owner.
    ///
    /// A symbolic link is followed, even if its target does not exist. The new file gets the owner and mode of an
    /// existing one as far as permissions allow. A file or link of another user in a world-writable directory is
    /// refused, since that user could read or change the data. A file that a server of Kea uses is refused too.
    pub fn create(path: &Path, live: &LiveFiles) -> Result<Self> {
        live.refuse(path)?;
        let failed = |cause: &io::Error| failed(path, cause);
        let target = destination(path).map_err(|cause| failed(&cause))?;
        if !names_a_descriptor(path) {
            refuse_planted(path).and_then(|()| refuse_planted(&target)).map_err(|cause| failed(&cause))?;
        }
        if names_a_descriptor(path) || fs::metadata(&target).is_ok_and(|found| !found.is_file()) {
            let file = OpenOptions::new().append(true).open(path).map_err(|cause| failed(&cause))?;
            return Ok(Self::Direct(file, path.to_owned()));
        }
        let folder = folder_of(&target);
        let make = |temporary: &Path| {
            signals::register(temporary);
            create_private(temporary).inspect_err(|_| signals::settle(&[temporary.to_owned()], || ()))
        };
        let temporary = Builder::new().prefix(".kea-tools.").make_in(folder, make).map_err(|cause| failed(&cause))?;
        let path = temporary.path().to_owned();
        let replacement = Replacement::new(temporary, target).inspect_err(|_| signals::settle(&[path], || ()));
        replacement.map(|replacement| Self::Replacing(Pending(Some(replacement)))).map_err(|cause| failed(&cause))
    }

    /// The same for a program that gives up its privileges before it commits. Where its user may not rename files in the
    /// directory without them, the file is opened at once and written in place.
    pub fn create_with_privileges(path: &Path, live: &LiveFiles) -> Result<Self> {
        let failed = |cause: &io::Error| failed(path, cause);
        let target = destination(path).map_err(|cause| failed(&cause))?;
        let is_special = names_a_descriptor(path) || fs::metadata(&target).is_ok_and(|found| !found.is_file());
        if is_special || may_rename(&target) {
            return Self::create(path, live);
        }
        live.refuse(path)?;
        refuse_planted(path).and_then(|()| refuse_planted(&target)).map_err(|cause| failed(&cause))?;
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&target);
        file.map(|file| Self::Direct(file, path.to_owned())).map_err(|cause| failed(&cause))
    }

    /// The same with this final mode, whatever mode an older file had: for files that other users read.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        if let Self::Replacing(Pending(Some(replacement))) = &mut self {
            replacement.mode = Some(mode);
        }
        self
    }

    /// Syncs the file to disk and gives it its name.
    pub fn commit(self) -> Result<()> {
        Self::commit_all(vec![self])
    }

    /// The same for several files that belong together: none gets its name before all are complete and synced.
    pub fn commit_all(files: Vec<Self>) -> Result<()> {
        let mut ready = Vec::with_capacity(files.len());
        for file in files {
            match file {
                Self::Direct(mut file, path) => file.flush().map_err(|cause| failed(&path, &cause))?,
                Self::Replacing(mut pending) => {
                    pending.prepare()?;
                    ready.push(pending);
                }
            }
        }
        let temporary: Vec<_> = ready.iter().filter_map(Pending::path).collect();
        // No signal comes between the first and the last.
        signals::settle(&temporary, || ready.iter_mut().try_for_each(Pending::put_in_place))
    }
}

fn failed(path: &Path, cause: &io::Error) -> Error {
    let error = Error::io(format!("write {}", path.display()), cause);
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if cause.kind() == io::ErrorKind::NotFound && !folder.exists() => {
            error.hint(format!("create its directory with mkdir -p {}", folder.display()))
        }
        _ => error,
    }
}

impl Pending {
    fn path(&self) -> Option<PathBuf> {
        self.0.as_ref().map(|replacement| replacement.path().to_owned())
    }

    fn prepare(&mut self) -> Result<()> {
        let Some(replacement) = &mut self.0 else { return Ok(()) };
        replacement.prepare().map_err(|cause| failed(replacement.target(), &cause))
    }

    fn put_in_place(&mut self) -> Result<()> {
        let Some(replacement) = self.0.take() else { return Ok(()) };
        let target = replacement.target().to_owned();
        replacement.put_in_place().map_err(|cause| failed(&target, &cause))
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let (Some(path), replacement) = (self.path(), self.0.take()) {
            signals::settle(&[path], || drop(replacement));
        }
    }
}

impl Write for OutFile {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        match self {
            Self::Replacing(Pending(pending)) => pending.as_mut().map_or(Ok(text.len()), |pending| pending.write(text)),
            Self::Direct(file, _) => file.write(text),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Replacing(Pending(pending)) => pending.as_mut().map_or(Ok(()), Write::flush),
            Self::Direct(file, _) => file.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::fd::AsRawFd as _;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use tempfile::NamedTempFile;

    use super::*;

    #[test]
    fn a_file_that_could_not_be_renamed_later_is_written_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("capture");
        assert!(may_rename(&path));
        let own = fs::metadata(folder.path()).unwrap();
        // Another owner's directory, which only root can make; or one that its owner may not write to.
        if std::os::unix::fs::chown(folder.path(), Some(own.uid() + 4711), Some(own.gid() + 4711)).is_err() {
            fs::set_permissions(folder.path(), Permissions::from_mode(0o500)).unwrap();
            return assert!(!may_rename(&path));
        }
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let mut file = OutFile::create_with_privileges(&path, &LiveFiles::default()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file");
        file.write_all(b"frames").unwrap();
        file.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"frames");
    }

    #[test]
    fn of_files_that_belong_together_all_are_replaced_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
        fs::write(&one, "old").unwrap();
        let start = || {
            [&one, &other].map(|path| {
                let mut file = OutFile::create(path, &LiveFiles::default()).unwrap();
                file.write_all(b"new").unwrap();
                file
            })
        };
        let files = start();
        fs::create_dir(&other).unwrap();
        let refused = OutFile::commit_all(files.into()).unwrap_err().to_string();
        assert!(refused.starts_with(&format!("write {}: ", other.display())), "{refused}");
        assert_eq!(fs::read_to_string(&one).unwrap(), "old");
        fs::remove_dir(&other).unwrap();
        OutFile::commit_all(start().into()).unwrap();
        assert_eq!([&one, &other].map(|path| fs::read_to_string(path).unwrap()), ["new", "new"]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no temporary file is left");
    }

    #[test]
    fn symbolic_link_is_kept_and_its_target_file_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let [there, chain, link] = ["there", "chain", "link"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink("there", &chain).unwrap();
        std::os::unix::fs::symlink(&chain, &link).unwrap();
        for text in ["new", "newer"] {
            let mut file = OutFile::create(&link, &LiveFiles::default()).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file.commit().unwrap();
            assert_eq!(fs::read_to_string(&there).unwrap(), text);
            assert!([&chain, &link].iter().all(|path| path.is_symlink()));
        }
        fs::remove_file(&there).unwrap();
        std::os::unix::fs::symlink("link", &there).unwrap();
        assert!(OutFile::create(&link, &LiveFiles::default()).is_err(), "a circle leads nowhere");
    }

    #[test]
    fn an_open_descriptor_is_written_to_and_not_replaced() {
        let mut open = NamedTempFile::new().unwrap();
        open.write_all(b"before ").unwrap();
        let mut out =
            OutFile::create(Path::new(&format!("/proc/self/fd/{}", open.as_raw_fd())), &LiveFiles::default()).unwrap();
        out.write_all(b"after").unwrap();
        out.commit().unwrap();
        assert_eq!(fs::read_to_string(open.path()).unwrap(), "before after");
        assert_eq!(fs::metadata(open.path()).unwrap().ino(), open.as_file().metadata().unwrap().ino());
    }
}
