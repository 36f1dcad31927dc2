//! Which group or user may access a file that this user may not.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::root::Root;
use crate::error::io_cause;
use crate::fs::access::{as_root, is_absent, is_for_group, name_in, remedy_of};

/// What would help a user without access to `path`: the group that may use it, else its owner.
pub(super) fn remedy(root: &Root, path: &Path) -> String {
    remedy_for(root, path, true)
}

/// The same of a control socket. Whether the group may write to it is only known where it can be seen: Kea before 3.1.5
/// makes it for its owner alone.
pub(super) fn remedy_to_ask(root: &Root, path: &Path) -> String {
    remedy_for(root, path, false)
}

/// Why this user cannot see whether there is such a file, and what would help; `None` if that can be seen.
pub(crate) fn hidden(root: &Root, path: &Path) -> Option<String> {
    let cause = root.metadata(path).err()?;
    match cause.kind() {
        _ if is_absent(&cause) => None,
        io::ErrorKind::PermissionDenied => Some(format!("{} ({})", io_cause(&cause), remedy(root, path))),
        _ => Some(io_cause(&cause)),
    }
}

fn remedy_for(root: &Root, path: &Path, group_suffices: bool) -> String {
    // If the path cannot be examined, the first directory that can be is the obstacle.
    let obstacle = path.ancestors().find_map(|place| Some((place, root.metadata(place).ok()?)));
    let Some((place, found)) = obstacle else {
        let may_enter = if root.is_of_process() { "as root with the capability CAP_SYS_PTRACE" } else { as_root() };
        return format!("run {may_enter}");
    };
    let is_for_group =
        if place == path { is_for_group(&found) } else { group_suffices && found.mode() & SEARCH == SEARCH };
    remedy_of(&found, is_for_group, &|table, number| name_of(root, table, number))
}

/// Whether the user with this number may read a file and go through the directories above it; true where that cannot be
/// seen. Capabilities and access lists are not known here.
pub(super) fn may_read(root: &Root, path: &Path, user: u32) -> bool {
    let groups = groups_of(root, user);
    may(root, path, (user, &groups), 0o4) && may_reach(root, path, (user, &groups))
}

/// Whether the user with this number may write a file, or make files in a directory; true where that cannot be seen.
pub(super) fn may_write(root: &Root, path: &Path, user: u32) -> bool {
    if user == 0 {
        return true;
    }
    let groups = groups_of(root, user);
    let wanted = if root.metadata(path).is_ok_and(|found| found.is_dir()) { 0o3 } else { 0o2 };
    may(root, path, (user, &groups), wanted) && may_reach(root, path, (user, &groups))
}

/// Whether a user has these bits of a mode.
fn may(root: &Root, path: &Path, (user, groups): (u32, &[u32]), wanted: u32) -> bool {
    let Ok(found) = root.metadata(path) else { return true };
    let shift = match () {
        () if found.uid() == user => 6,
        () if groups.contains(&found.gid()) => 3,
        () => 0,
    };
    (found.mode() >> shift) & wanted == wanted
}

/// Whether a user may go through the directories above a file.
fn may_reach(root: &Root, path: &Path, user: (u32, &[u32])) -> bool {
    path.ancestors().skip(1).all(|folder| may(root, folder, user, 0o1))
}

/// The number of the user with this name.
pub(super) fn number(root: &Root, name: &str) -> Option<u32> {
    let text = root.regular_file("/etc/passwd", 16 << 20).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.lines().map(|line| line.split(':'));
    lines.find_map(|mut fields| (fields.next() == Some(name)).then(|| fields.nth(1)?.parse().ok())?)
}

/// The name of a user, or his number.
pub(super) fn user(root: &Root, number: u32) -> String {
    name_of(root, "/etc/passwd", number)
}

/// The groups of a user.
fn groups_of(root: &Root, user: u32) -> Vec<u32> {
    let table = |path: &str| {
        let text = root.regular_file(path, 16 << 20).unwrap_or_default();
        String::from_utf8_lossy(&text).into_owned()
    };
    let (users, groups) = (table("/etc/passwd"), table("/etc/group"));
    let number = user.to_string();
    let own = users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        (fields.get(2) == Some(&number.as_str()))
            .then(|| (fields[0].to_owned(), fields.get(3).map(|it| (*it).to_owned())))
    });
    let Some((name, group)) = own else { return Vec::new() };
    let of_others = groups.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let is_member = fields.get(3)?.split(',').any(|member| member == name);
        is_member.then(|| fields[2].to_owned())
    });
    group.into_iter().chain(of_others).filter_map(|number| number.parse().ok()).collect()
}

/// The mode bit that a group needs to pass a directory.
const SEARCH: u32 = 0o010;

/// The name that belongs to a number in `/etc/passwd` or `/etc/group`; without one the number. What a container calls it
/// helps no user of this machine.
fn name_of(root: &Root, table: &str, number: u32) -> String {
    let own = Root::new("/");
    let root = if root.is_of_process() { &own } else { root };
    let text = root.regular_file(table, 16 << 20).unwrap_or_default();
    name_in(&String::from_utf8_lossy(&text), number).unwrap_or_else(|| number.to_string())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, chown};

    use super::*;

    #[test]
    fn the_group_or_user_with_access_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::new(dir.path());
        fs::create_dir_all(dir.path().join("run/kea")).unwrap();
        let set = |path: &str, mode| {
            fs::set_permissions(dir.path().join(path), Permissions::from_mode(mode)).unwrap();
        };
        set("run/kea", 0o700);
        let path = Path::new("/run/kea");
        let own = fs::metadata(dir.path()).unwrap();
        let as_root = if own.uid() == 0 { "with the capability CAP_DAC_OVERRIDE" } else { "as root" };
        let owned_by_root = format!("run {as_root}");
        let alone = if own.uid() == 0 { owned_by_root.clone() } else { format!("run as {}, or as root", own.uid()) };
        assert_eq!(remedy(&root, path), alone);
        set("run/kea", 0o750);
        // Only root may give a file to a group it is not in.
        if chown(dir.path().join("run/kea"), None, Some(4711)).is_ok() {
            let join = format!("join the group 4711, or run {as_root}");
            assert_eq!(remedy(&root, path), join);
            assert_eq!(remedy(&root, &path.join("unseen")), join);
            assert_eq!(
                remedy_to_ask(&root, &path.join("unseen")),
                alone,
                "the socket itself may be closed to the group"
            );
        }
        assert_eq!(remedy(&Root::new(dir.path().join("none")), path), owned_by_root);
    }
}
