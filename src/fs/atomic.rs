//! A file that is replaced atomically: it has the old contents or the complete new ones.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt as _, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::path::folder_of;
use super::writer_thread::BackgroundWriter;

/// Creates the file `path`, which must not exist, readable only by the owner.
pub fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// The new contents of a file, in a temporary file in its directory. Dropped, they are removed.
pub struct Replacement {
    /// Writes to `temporary`.
    writer: BackgroundWriter,
    temporary: NamedTempFile,
    target: PathBuf,
    /// The mode of the file, whatever mode an older one had.
    pub mode: Option<u32>,
}

impl Replacement {
    /// Begins the new contents of `target` in `temporary`.
    pub fn new(temporary: NamedTempFile, target: PathBuf) -> io::Result<Self> {
        let writer = BackgroundWriter::new(temporary.as_file().try_clone()?)?;
        Ok(Self { writer, temporary, target, mode: None })
    }

    /// The temporary file.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.temporary.path()
    }

    /// The file to be replaced.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Flushes and syncs the file. It gets the owner and mode of an existing one as far as permissions allow.
    pub fn prepare(&mut self) -> io::Result<()> {
        self.writer.flush()?;
        refuse_planted(&self.target)?;
        let file = self.temporary.as_file();
        if let Ok(old) = fs::metadata(&self.target) {
            if old.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            let same_owner = fchown(file, Some(old.uid()), Some(old.gid())).is_ok();
            // Another owner's mode could give a group access that was never meant.
            if same_owner {
                file.set_permissions(Permissions::from_mode(old.mode() & 0o777))?;
            }
        }
        if let Some(mode) = self.mode {
            file.set_permissions(Permissions::from_mode(mode))?;
        }
        file.sync_all()
    }

    /// Gives the file its name.
    pub fn put_in_place(self) -> io::Result<()> {
        self.temporary.persist(&self.target).map_err(|cause| cause.error)?;
        // The file exists under its name, also if the directory cannot be opened or synced.
        let _ = File::open(folder_of(&self.target)).and_then(|folder| folder.sync_all());
        Ok(())
    }
}

impl Write for Replacement {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.writer.write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Whether `path` is an open descriptor of this process (`/dev/stdout`). If that is a file, it must not be replaced: the
/// process that opened it would keep the old one.
#[must_use]
pub fn names_a_descriptor(path: &Path) -> bool {
    ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"].iter().any(|known| path.starts_with(known))
}

/// Refuses a file of another user at `path` in a directory such as `/tmp`.
pub fn refuse_planted(path: &Path) -> io::Result<()> {
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
#[must_use]
pub fn may_rename(target: &Path) -> bool {
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
    use super::*;

    #[test]
    fn what_another_user_put_in_a_shared_directory_is_a_trap() {
        let (root, me, other, tmp) = (0, 1000, 1001, (0o41777, 0));
        assert!(is_planted(other, tmp, me) && is_planted(other, tmp, root));
        assert!(!is_planted(me, tmp, me) && !is_planted(root, tmp, me));
        assert!(!is_planted(other, (0o40755, 0), me) && !is_planted(other, (0o41755, 0), me));
    }
}
