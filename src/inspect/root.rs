//! The root directory of the machine that is checked: `/`, or the directory with another machine's file system.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Dir, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

/// A machine's root directory. All paths given to it are absolute paths of that machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Root {
    path: PathBuf,
    links: Links,
}

/// How symbolic links are resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Links {
    /// What the kernel takes them for: the root directory is ours.
    Kernel,
    /// What they mean on a machine whose root directory is another; those of its `/proc` are the kernel's.
    Machine,
    /// What they mean in a container.
    Container,
}

/// No path has more symbolic links: what the kernel allows.
const MOST_LINKS: u32 = 40;

impl Root {
    /// The machine whose root directory is `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let links = if path == Path::new("/") { Links::Kernel } else { Links::Machine };
        Self { path, links }
    }

    /// Whether there is such a directory.
    pub fn check(&self) -> io::Result<()> {
        let found = fs::metadata(&self.path)?;
        if found.is_dir() { Ok(()) } else { Err(io::Error::from(io::ErrorKind::NotADirectory)) }
    }

    /// The root directory of a process, which may be that of a container.
    #[must_use]
    pub(super) fn of_process(&self, pid: u32) -> Self {
        Self { path: self.at(format!("/proc/{pid}/root")), links: Links::Container }
    }

    /// The machine's name, as far as its files say it.
    #[must_use]
    pub fn host_name(&self) -> Option<String> {
        let kernel = self.is_own().then(|| self.proc_file("/proc/sys/kernel/hostname").ok()).flatten();
        let text = kernel.or_else(|| self.regular_file("/etc/hostname", 4096).ok())?;
        Some(String::from_utf8_lossy(&text).trim().to_owned())
    }

    /// Whether this is the machine the program runs on.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.links == Links::Kernel
    }

    /// Whether this is the root directory of a process.
    pub(super) fn is_of_process(&self) -> bool {
        self.links == Links::Container
    }

    /// Where `path` of the machine is to be found from here.
    #[must_use]
    pub fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        match self.links {
            _ if self.has_other_links(path) => self.followed(path),
            Links::Kernel if path.is_absolute() => path.to_owned(),
            _ => self.path.join(path.strip_prefix("/").unwrap_or(path)),
        }
    }

    /// Whether links to `path` mean something else than the kernel takes them for here.
    fn has_other_links(&self, path: &Path) -> bool {
        self.links == Links::Container || (self.links == Links::Machine && !path.starts_with("/proc"))
    }

    /// The same where symbolic links mean what they mean there: from its root, and never out of it. A path, also of what is
    /// not there, for rooms that open it themselves.
    fn followed(&self, path: &Path) -> PathBuf {
        let parts = |path: &Path| path.components().rev().map(|part| part.as_os_str().to_owned()).collect::<Vec<_>>();
        let mut found = PathBuf::new();
        let mut rest = parts(path);
        let mut links = 0;
        while let Some(part) = rest.pop() {
            match part.to_str() {
                Some("/") => found.clear(),
                Some(".") => {}
                Some("..") => drop(found.pop()),
                _ => {
                    found.push(&part);
                    if let Ok(target) = fs::read_link(self.path.join(&found))
                        && links < MOST_LINKS
                    {
                        links += 1;
                        found.pop();
                        rest.extend(parts(&target));
                    }
                }
            }
        }
        self.path.join(found)
    }

    /// Opens `path` of the machine. Links lead nowhere out of it, also if its users exchange them meanwhile.
    fn open(&self, path: &Path, flags: OFlags) -> io::Result<File> {
        let flags = flags | OFlags::CLOEXEC;
        if self.has_other_links(path) {
            let directory = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let root = rustix::fs::open(&self.path, directory, Mode::empty())?;
            match rustix::fs::openat2(root, path, flags, Mode::empty(), ResolveFlags::IN_ROOT) {
                // Linux has it since 5.6, and Kea runs on older ones; a filter of system calls may not know it.
                Err(Errno::NOSYS | Errno::PERM) => {}
                opened => return Ok(opened?.into()),
            }
        }
        Ok(rustix::fs::open(self.at(path), flags, Mode::empty())?.into())
    }

    /// What is known of a file; symbolic links are followed.
    pub(crate) fn metadata(&self, path: impl AsRef<Path>) -> io::Result<fs::Metadata> {
        self.open(path.as_ref(), OFlags::PATH)?.metadata()
    }

    /// When a file was last changed, seconds since 1970.
    pub(super) fn modified(&self, path: impl AsRef<Path>) -> io::Result<i64> {
        self.metadata(path).map(|found| found.mtime())
    }

    /// The whole of a file of `/proc`, which has no size and may be gone at any time.
    pub(crate) fn proc_file(&self, path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
        const LARGEST: u64 = 64 << 20;
        // Each read of such a file makes its text anew, so they are to be few.
        const USUAL: usize = 16 << 10;
        let mut text = Vec::with_capacity(USUAL);
        self.open(path.as_ref(), OFlags::RDONLY)?.take(LARGEST).read_to_end(&mut text)?;
        Ok(text)
    }

    /// The same of a file that has less than a page: one read gives all of it.
    pub(super) fn small_file(&self, path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
        let path = path.as_ref();
        let mut page = [0; 4096];
        let length = self.open(path, OFlags::RDONLY)?.read(&mut page)?;
        if length < page.len() { Ok(page[..length].to_vec()) } else { self.proc_file(path) }
    }

    /// The whole of a regular file of at most `largest` octets; never waits for a device or pipe.
    pub(crate) fn regular_file(&self, path: impl AsRef<Path>, largest: u64) -> io::Result<Vec<u8>> {
        self.dated_file(path, largest).map(|(text, _)| text)
    }

    /// The same, and what is known of the file.
    pub(super) fn dated_file(&self, path: impl AsRef<Path>, largest: u64) -> io::Result<(Vec<u8>, fs::Metadata)> {
        let (file, found) = self.open_regular(path)?;
        if found.len() > largest {
            return Err(io::Error::other(format!("larger than {largest} octets")));
        }
        let mut text = Vec::with_capacity(usize::try_from(found.len()).unwrap_or(0) + 1);
        // No more than it says it has: of what the kernel makes up, which may end when it is read, that is nothing.
        file.take(found.len()).read_to_end(&mut text)?;
        Ok((text, found))
    }

    /// The first `length` octets of a regular file.
    pub(crate) fn head(&self, path: impl AsRef<Path>, length: u64) -> io::Result<(Vec<u8>, fs::Metadata)> {
        let (file, found) = self.open_regular(path)?;
        let mut text = Vec::with_capacity(usize::try_from(found.len().min(length)).unwrap_or(0) + 1);
        file.take(length.min(found.len())).read_to_end(&mut text)?;
        Ok((text, found))
    }

    /// The last `length` octets of a regular file.
    pub(super) fn tail(&self, path: impl AsRef<Path>, length: u64) -> io::Result<Vec<u8>> {
        let (mut file, found) = self.open_regular(path)?;
        file.seek(SeekFrom::Start(found.len().saturating_sub(length)))?;
        let mut text = Vec::new();
        file.take(length.min(found.len())).read_to_end(&mut text)?;
        Ok(text)
    }

    /// So many octets of a regular file from the place `start` on, or what there is of them.
    pub(super) fn part(&self, path: impl AsRef<Path>, start: u64, length: u64) -> io::Result<Vec<u8>> {
        let (mut file, _) = self.open_regular(path)?;
        file.seek(SeekFrom::Start(start))?;
        let mut text = Vec::new();
        file.take(length).read_to_end(&mut text)?;
        Ok(text)
    }

    /// A regular file. Nothing else is opened, for that alone may move a device.
    pub(crate) fn open_regular(&self, path: impl AsRef<Path>) -> io::Result<(File, fs::Metadata)> {
        let path = path.as_ref();
        let found = self.metadata(path)?;
        if !found.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        // If it has become a pipe in the meantime, opening it does not block.
        Ok((self.open(path, OFlags::RDONLY | OFlags::NONBLOCK)?, found))
    }

    /// A directory that can be looked through.
    pub(crate) fn directory(&self, path: impl AsRef<Path>) -> io::Result<Directory> {
        Ok(Directory(Dir::new(self.open(path.as_ref(), OFlags::RDONLY | OFlags::DIRECTORY)?)?))
    }

    /// Where a symbolic link leads, as it is written there.
    pub(super) fn link(&self, path: impl AsRef<Path>) -> io::Result<PathBuf> {
        let path = path.as_ref();
        // Itself is not followed, only what leads to it.
        let place = match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => self.at(parent).join(name),
            _ => self.at(path),
        };
        fs::read_link(place)
    }
}

/// An open directory.
pub(crate) struct Directory(Dir);

impl Directory {
    /// What tells it from all others, by whatever name it was found.
    pub(super) fn identity(&self) -> Option<(u64, u64)> {
        self.0.stat().ok().map(|found| (found.st_dev, found.st_ino))
    }

    /// What `pick` makes of the names in it, in no order.
    pub(crate) fn pick<T>(&mut self, mut pick: impl FnMut(&[u8]) -> Option<T>) -> Vec<T> {
        let mut picked = Vec::new();
        while let Some(Ok(entry)) = self.0.read() {
            picked.extend(pick(entry.file_name().to_bytes()).filter(|_| !is_dots(entry.file_name().to_bytes())));
        }
        picked
    }

    /// Where a symbolic link in it leads, as it is written there.
    pub(super) fn link(&self, name: &[u8], buffer: Vec<u8>) -> io::Result<Vec<u8>> {
        Ok(rustix::fs::readlinkat(self.0.fd()?, name, buffer)?.into_bytes())
    }
}

fn is_dots(name: &[u8]) -> bool {
    matches!(name, b"." | b"..")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_in_a_container_lead_nowhere_out_of_it() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("proc/7/root/var")).unwrap();
        let inside = Root::new(dir.path()).of_process(7);
        let below = |path: &str| dir.path().join("proc/7/root").join(path);
        symlink("/run", below("var/run")).unwrap();
        symlink("../../../../../etc", below("out")).unwrap();
        symlink("loop", below("loop")).unwrap();
        assert_eq!(inside.at("/var/run/kea/x"), below("run/kea/x"));
        assert_eq!(inside.at("/out/passwd"), below("etc/passwd"));
        assert_eq!(inside.at("/../../x/./y"), below("x/y"));
        assert_eq!(inside.at("/loop"), below("loop"));
        assert!(!inside.is_own() && Root::new("/").is_own());
        fs::write(dir.path().join("secret"), "outside").unwrap();
        symlink(dir.path().join("secret"), below("log")).unwrap();
        assert!(inside.regular_file("/log", 9).is_err() && inside.metadata("/loop").is_err());
        fs::create_dir_all(below("run/kea")).unwrap();
        fs::write(below("run/kea/x"), "inside").unwrap();
        assert_eq!(inside.regular_file("/var/run/kea/x", 9).unwrap(), b"inside");
        assert_eq!(inside.metadata("/../run/./kea/../kea/x").unwrap().len(), 6);
    }

    #[test]
    fn symbolic_links_are_resolved_below_root_except_in_proc() {
        let dir = tempfile::tempdir().unwrap();
        let below = |path: &str| dir.path().join(path);
        fs::create_dir_all(below("proc/7")).unwrap();
        for name in ["var", "run"] {
            fs::create_dir_all(below(name)).unwrap();
        }
        symlink("elsewhere", below("run/pid")).unwrap();
        symlink("/run", below("var/run")).unwrap();
        symlink("/usr/sbin/kea-dhcp4", below("proc/7/exe")).unwrap();
        let machine = Root::new(dir.path());
        assert_eq!(machine.at("/var/run/kea/x"), below("run/kea/x"));
        assert_eq!(machine.link("/proc/7/exe").unwrap(), Path::new("/usr/sbin/kea-dhcp4"));
        assert_eq!(machine.link("/var/run/pid").unwrap(), Path::new("elsewhere"));
        assert!(!machine.is_own());
    }
}
