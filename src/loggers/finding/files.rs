//! Log files as they are on the machine.

use std::path::Path;

use super::output::placed;
use super::{Finding, FindingKind, Grade, UNSEEN, UNSEEN_BY_T};
use crate::config::model::LogOutput;
use crate::loggers::entry::Entry;
use crate::loggers::surroundings::{FileFacts, FileState, Folder};

const OUTSIDE: FindingKind = FindingKind(Grade::Critical, "outside-log-directory");
const FOLDER: FindingKind = FindingKind(Grade::Critical, "no-directory");
const CLOSED: FindingKind = FindingKind(Grade::Critical, "not-writable");
const DIRECTORY: FindingKind = FindingKind(Grade::Critical, "is-directory");
const MOVED: FindingKind = FindingKind(Grade::Critical, "moved");
const PIPE: FindingKind = FindingKind(Grade::Critical, "is-pipe");
const DEVICE: FindingKind = FindingKind(Grade::Warning, "is-device");
const FULL: FindingKind = FindingKind(Grade::Critical, "disk-full");

/// Less room than this, and lines are lost.
const LEAST_SPACE: u64 = 1 << 20;

/// What is wrong with the file of an output.
pub(super) fn finding(entry: &Entry<'_>, output: &LogOutput) -> Option<Finding> {
    let target = entry.site.target(output);
    let path = target.file()?;
    let found = outside(entry, output).or_else(|| {
        let is_on_disk = !target.is_own_stream();
        let facts = entry.site.surroundings.files.get(path).filter(|_| is_on_disk)?;
        // A file that is never rotated is not locked.
        let is_locked = output.maxsize != Some(0);
        if facts.state == FileState::Unlockable {
            is_locked.then(|| unlockable(entry, path))
        } else {
            on_disk(entry, path, facts)
        }
    });
    found.map(|finding| placed(finding, entry, output))
}

/// A path that the release refuses.
fn outside(entry: &Entry<'_>, output: &LogOutput) -> Option<Finding> {
    let around = &entry.site.surroundings;
    let written = output.output.as_deref().filter(|_| around.rules.has_log_directory())?;
    let has_directory = written.to_string_lossy().contains('/');
    let is_inside = !has_directory
        || (written.parent() == Some(around.log_directory.as_path())
            && !crate::loggers::site::names_directory(written));
    (!is_inside).then(|| {
        let directory = around.log_directory.display();
        let what = format!("{} is not in {directory}", written.display());
        if around.is_environment_hidden {
            let what = format!("{what}, unless the daemon's environment, which this user may not read, names another");
            return UNSEEN.at(entry, what, "whether the daemon can write it is not known", "run as root");
        }
        let remedy = format!("write a name in {directory}, or move that directory with KEA_LOG_FILE_DIR");
        OUTSIDE.at(entry, what, format!("Kea {}: {UNSEEN_BY_T}", around.rules.release), remedy)
    })
}

/// What helps where only root and the daemon's user may look.
pub(super) fn as_user(user: &str) -> String {
    if user == "root" { "run as root".to_owned() } else { format!("run as root or as {user}") }
}

fn unlockable(entry: &Entry<'_>, path: &Path) -> Finding {
    let (shown, user) = (path.display(), entry.site.surroundings.user.as_deref().unwrap_or("root"));
    let what = format!("{user} (the daemon's user) cannot lock {shown}: it may not make or write {shown}.lock");
    let remedy = format!("install -o {user} -m 640 /dev/null {shown}.lock, or make the directory {user}'s");
    CLOSED.at(entry, what, "the file stays empty, and the daemon reports no error", remedy)
}

fn on_disk(entry: &Entry<'_>, path: &Path, facts: &FileFacts) -> Option<Finding> {
    let shown = path.display();
    let user = entry.site.surroundings.user.as_deref().unwrap_or("root");
    let lost = "the daemon runs without this log, and reports no error";
    Some(match &facts.state {
        FileState::Unlockable => return None,
        FileState::Writable | FileState::New => return full(entry, path, facts),
        FileState::Closed => {
            let what = format!("{user} (the daemon's user) may not write {shown}");
            CLOSED.at(entry, what, lost, format!("chown {user} {shown}"))
        }
        FileState::Moved(now) => {
            let what = format!("{shown} was renamed or deleted while the daemon runs");
            let effect = format!("the daemon goes on writing into {}", now.display());
            MOVED.at(entry, what, effect, "reload or restart the daemon; it rotates its logs itself (maxsize, maxver)")
        }
        FileState::Directory => {
            let what = format!("{shown} is a directory");
            DIRECTORY.at(entry, what, lost, "write the path of a file in it")
        }
        FileState::Pipe => {
            let what = format!("{shown} is a pipe");
            let effect = "the daemon hangs at its start until another process reads it";
            PIPE.at(entry, what, effect, "write a file, or \"stdout\" and lead that into the pipe")
        }
        FileState::Device => {
            let what = format!("{shown} is a device");
            DEVICE.at(entry, what, "no file is written", "write the path of a file")
        }
        FileState::Unseen(why) => {
            let what = format!("{shown} cannot be examined: {why}");
            UNSEEN.at(entry, what, "whether the daemon can write it is not known", as_user(user))
        }
        FileState::Folder(folder, state) => return in_folder(entry, path, (folder, state), user),
    })
}

fn in_folder(entry: &Entry<'_>, path: &Path, (folder, state): (&Path, &Folder), user: &str) -> Option<Finding> {
    let (shown, folder) = (path.display(), folder.display());
    let lost = "the daemon runs without this log, and reports no error";
    Some(match state {
        Folder::Usable => return None,
        Folder::Missing => {
            let what = format!("{shown}: there is no directory {folder}");
            FOLDER.at(entry, what, lost, format!("install -d -o {user} -m 750 {folder}"))
        }
        Folder::NoDirectory => {
            let what = format!("{shown}: {folder} is no directory");
            FOLDER.at(entry, what, lost, "write another path")
        }
        Folder::Closed => {
            let what = format!("{shown}: {user} (the daemon's user) may not make files in {folder}");
            CLOSED.at(entry, what, lost, format!("chown {user} {folder}"))
        }
        Folder::ReadOnly => {
            let what = format!("{shown}: {folder} is mounted read-only");
            CLOSED.at(entry, what, lost, "mount it for writing, or write another path")
        }
        Folder::Unseen(why) => {
            let what = format!("{shown} cannot be examined: {folder}: {why}");
            UNSEEN.at(entry, what, "whether the daemon can write it is not known", as_user(user))
        }
    })
}

fn full(entry: &Entry<'_>, path: &Path, facts: &FileFacts) -> Option<Finding> {
    let space = facts.space.filter(|space| *space < LEAST_SPACE)?;
    let what = format!("{}: the disk is full, {space} bytes are left", path.display());
    Some(FULL.at(entry, what, "lines are lost or cut, and the daemon reports no error", "make room on it"))
}
