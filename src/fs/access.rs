//! What gives a user access to a file that he may not use: its group, if its members may use it, else its owner. And whether there
//! is a file.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;

use rustix::process::geteuid;

/// The names of numbers: `/etc/passwd` and `/etc/group`, and a number in them.
pub type Names<'a> = &'a dyn Fn(&str, u32) -> String;

/// Whether an error says that there is no such file. That is also so below something that is no directory.
#[must_use]
pub fn is_absent(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Whether there is something at `path`, as far as this user may know.
#[must_use]
pub fn may_exist(path: &Path) -> bool {
    !fs::metadata(path).is_err_and(|cause| is_absent(&cause))
}

/// What would help a user without access to `path` on this machine.
///
/// Whether the group may use a control socket is only known where the socket can be seen: Kea before 3.1.5 makes it for its
/// owner alone, unless the package changes that, as Debian's of 3.0.4.
#[must_use]
pub fn remedy(path: &Path) -> String {
    let obstacle = path.ancestors().find_map(|place| Some((place, fs::metadata(place).ok()?)));
    match obstacle {
        Some((place, found)) => remedy_of(&found, place == path && is_for_group(&found), &name_of),
        None => format!("run {}", as_root()),
    }
}

/// The words for an obstacle: a file, or the directory above that hides it.
#[must_use]
pub fn remedy_of(found: &Metadata, is_for_group: bool, name: Names<'_>) -> String {
    let as_root = as_root();
    if is_for_group && found.gid() != 0 {
        return format!("join the group {}, or run {as_root}", name("/etc/group", found.gid()));
    }
    match found.uid() {
        0 => format!("run {as_root}"),
        owner => format!("run as {}, or {as_root}", name("/etc/passwd", owner)),
    }
}

/// What root lacks where it has no access.
#[must_use]
pub fn as_root() -> &'static str {
    if geteuid().is_root() { "with the capability CAP_DAC_OVERRIDE" } else { "as root" }
}

/// Whether the group may use a file: write to a socket, list a directory, read any other file.
#[must_use]
pub fn is_for_group(found: &Metadata) -> bool {
    let wanted = match found.file_type() {
        kind if kind.is_socket() => 0o020,
        kind if kind.is_dir() => 0o050,
        _ => 0o040,
    };
    found.mode() & wanted == wanted
}

/// The name that belongs to a number in a table of this machine; without one the number.
fn name_of(table: &str, number: u32) -> String {
    let text = fs::read(table).unwrap_or_default();
    name_in(&String::from_utf8_lossy(&text), number).unwrap_or_else(|| number.to_string())
}

/// The name that belongs to a number in the text of `/etc/passwd` or `/etc/group`.
#[must_use]
pub fn name_in(table: &str, number: u32) -> Option<String> {
    let number = number.to_string();
    table.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == number).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt as _, chown};
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_group_or_an_owner_is_named_after_the_machines_own_tables() {
        let table = "root:x:0:\n_kea:x:107:nagios\n";
        assert_eq!(name_in(table, 107).as_deref(), Some("_kea"));
        assert_eq!(name_in(table, 7), None);
    }

    #[test]
    fn socket_group_is_a_remedy_only_if_it_may_write() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kea4-ctrl-socket");
        let _listener = UnixListener::bind(&path).unwrap();
        // Only root may give a file to another user.
        if chown(&path, Some(4710), Some(4711)).is_err() {
            return;
        }
        for (mode, words) in [
            (0o755, "run as 4710, or "), // Kea 2.2 on Debian
            (0o750, "run as 4710, or "),
            (0o770, "join the group 4711, or run "), // Kea 3.0.4 on Debian
        ] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let remedy = remedy(&path);
            assert!(remedy.starts_with(words), "{mode:o}: {remedy}");
        }
    }
}
