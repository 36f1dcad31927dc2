//! An output file that is replaced atomically: it has the old contents or the complete new ones.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::background::BackgroundWriter;
use super::signals;
use crate::error::{Error, Result};
use crate::fs::path::{destination, folder_of};
use crate::installation::LiveFiles;

/// A file that is being written.
pub enum OutFile {
    /// A temporary file in the directory of its target, which it replaces when it is complete.
    Replacing(Replacement),
    /// A device, pipe, socket or open descriptor, which is written to directly and never replaced.
    Direct(File, PathBuf),
}

/// A new file that does not have its final name yet.
pub struct Replacement {
    /// Writes to `temporary`.
    writer: BackgroundWriter,
    /// `None` only once the file has its name or is removed.
    temporary: Option<NamedTempFile>,
    target: PathBuf,
    mode: Option<u32>,
}

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
            let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(temporary);
            made.inspect_err(|_| signals::settle(&[temporary.to_owned()], || ()))
        };
        let temporary = Builder::new().prefix(".kea-tools.").make_in(folder, make).map_err(|cause| failed(&cause))?;
        Replacement::new(temporary, target).map(Self::Replacing).map_err(|cause| failed(&cause))
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
        if let Self::Replacing(replacement) = &mut self {
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
                Self::Replacing(mut replacement) => {
                    replacement.prepare().map_err(|cause| failed(&replacement.target, &cause))?;
                    ready.push(replacement);
                }
            }
        }
        let temporary: Vec<_> = ready.iter().filter_map(Replacement::path).collect();
        // No signal comes between the first and the last.
        signals::settle(&temporary, || ready.iter_mut().try_for_each(Replacement::put_in_place))
    }
}

fn failed(path: &Path, cause: &io::Error) -> Error {
    let error = Error::io(format!("write {}", path.display()), cause);
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if cause.kind() == io::ErrorKind::NotFound && !folder.exists() => {
            error.hint(format!("mkdir -p {} makes its directory", folder.display()))
        }
        _ => error,
    }
}

impl Replacement {
    fn new(temporary: NamedTempFile, target: PathBuf) -> io::Result<Self> {
        let writer = temporary.as_file().try_clone().and_then(BackgroundWriter::new);
        match writer {
            Ok(writer) => Ok(Self { writer, temporary: Some(temporary), target, mode: None }),
            Err(cause) => {
                remove(temporary);
                Err(cause)
            }
        }
    }

    /// Flushes and syncs the file, and sets its owner and mode.
    fn prepare(&mut self) -> io::Result<()> {
        self.writer.flush()?;
        let Some(temporary) = &self.temporary else { return Ok(()) };
        refuse_planted(&self.target)?;
        if let Ok(old) = fs::metadata(&self.target) {
            if old.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            let same_owner = fchown(temporary.as_file(), Some(old.uid()), Some(old.gid())).is_ok();
            // Another owner's mode could give a group access that was never meant.
            if same_owner {
                temporary.as_file().set_permissions(Permissions::from_mode(old.mode() & 0o777))?;
            }
        }
        if let Some(mode) = self.mode {
            temporary.as_file().set_permissions(Permissions::from_mode(mode))?;
        }
        temporary.as_file().sync_all()
    }

    fn path(&self) -> Option<PathBuf> {
        self.temporary.as_ref().map(|temporary| temporary.path().to_owned())
    }

    fn put_in_place(&mut self) -> Result<()> {
        let Some(temporary) = self.temporary.take() else { return Ok(()) };
        temporary.persist(&self.target).map_err(|cause| failed(&self.target, &cause.error))?;
        // The file exists under its name, also if the directory cannot be opened or synced.
        let _ = File::open(folder_of(&self.target)).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            remove(temporary);
        }
    }
}

fn remove(temporary: NamedTempFile) {
    let path = temporary.path().to_owned();
    signals::settle(&[path], || drop(temporary));
}

impl Write for OutFile {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        match self {
            Self::Replacing(replacement) => replacement.writer.write(text),
            Self::Direct(file, _) => file.write(text),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Replacing(replacement) => replacement.writer.flush(),
            Self::Direct(file, _) => file.flush(),
        }
    }
}

/// Whether `path` is an open descriptor of this process (`/dev/stdout`). If that is a file, it must not be replaced: the
/// process that opened it would keep the old one.
fn names_a_descriptor(path: &Path) -> bool {
    ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"].iter().any(|known| path.starts_with(known))
}

/// Refuses a file of another user at `path` in a directory such as `/tmp`.
fn refuse_planted(path: &Path) -> io::Result<()> {
    let (Ok(found), Ok(folder)) = (fs::symlink_metadata(path), fs::metadata(folder_of(path))) else { return Ok(()) };
    let me = rustix::process::geteuid().as_raw();
    if !is_planted(found.uid(), (folder.mode(), folder.uid()), me) {
        return Ok(());
    }
    let owner = found.uid();
    let cause =
        format!("user {owner} has put a file there, in a directory that all users may write to; remove it first");
    Err(io::Error::new(io::ErrorKind::PermissionDenied, cause))
}

/// Whether the real user may give a file the name `target` without privileges, as far as modes show it; true where there
/// is no such directory.
fn may_rename(target: &Path) -> bool {
    const STICKY: u32 = 0o1000;
    let Ok(folder) = fs::metadata(folder_of(target)) else { return true };
    let me = rustix::process::getuid().as_raw();
    let groups = rustix::process::getgroups().unwrap_or_default();
    let is_member =
        rustix::process::getgid().as_raw() == folder.gid() || groups.iter().any(|group| group.as_raw() == folder.gid());
    let wanted = match () {
        () if folder.uid() == me => 0o300,
        () if is_member => 0o030,
        () => 0o003,
    };
    let owner = fs::symlink_metadata(target).ok().map(|found| found.uid());
    let is_kept = folder.mode() & STICKY != 0 && folder.uid() != me && owner.is_some_and(|owner| owner != me);
    folder.mode() & wanted == wanted && !is_kept
}

/// Whether a file of `owner` in a directory with this mode and owner may be an attack on `me`. The rule is the kernel's
/// (`fs.protected_regular`): the directory is sticky and world-writable, and the file belongs neither to `me` nor to the
/// directory's owner.
fn is_planted(owner: u32, (mode, folder_owner): (u32, u32), me: u32) -> bool {
    const STICKY_FOR_EVERYBODY: u32 = 0o1002;
    mode & STICKY_FOR_EVERYBODY == STICKY_FOR_EVERYBODY && owner != me && owner != folder_owner
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd as _;

    use super::*;

    #[test]
    fn only_what_a_stranger_put_where_everybody_may_is_a_trap() {
        let (root, me, stranger, tmp) = (0, 1000, 1001, (0o41777, 0));
        assert!(is_planted(stranger, tmp, me) && is_planted(stranger, tmp, root));
        assert!(!is_planted(me, tmp, me) && !is_planted(root, tmp, me));
        assert!(!is_planted(stranger, (0o40755, 0), me) && !is_planted(stranger, (0o41755, 0), me));
    }

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
    fn a_symbolic_link_stays_and_leads_to_the_file_even_if_there_was_none() {
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
