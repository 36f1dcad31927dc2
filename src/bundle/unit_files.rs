//! Where systemd takes the units of Kea from, and what changes them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::config::Daemon;
use crate::inspect::Root;
use crate::redact;
use crate::text;

/// Directories of unit files (systemd.unit(5)).
const FOLDERS: [&str; 13] = [
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/run/systemd/generator.early",
    "/etc/systemd/system",
    "/etc/systemd/system.attached",
    "/run/systemd/system",
    "/run/systemd/system.attached",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/run/systemd/generator.late",
];

/// Variables of all services.
pub(super) const OF_ALL: [&str; 4] = [
    "/etc/systemd/system.conf",
    "/etc/systemd/system.conf.d/*.conf",
    "/run/systemd/system.conf.d/*.conf",
    "/usr/lib/systemd/system.conf.d/*.conf",
];

/// More than any unit file.
pub(super) const LARGEST: u64 = 256 << 10;

/// The unit files of Kea's daemons, and the drop-ins that change them.
pub(super) fn files(root: &Root) -> BTreeSet<PathBuf> {
    let services: BTreeSet<PathBuf> = FOLDERS
        .iter()
        .flat_map(|folder| matching(root, &format!("{folder}/*.service")))
        .filter(|path| is_keas(root, path))
        .collect();
    let names: BTreeSet<String> = services.iter().filter_map(|path| Some(path.file_name()?.to_str()?.into())).collect();
    let changes: BTreeSet<String> = names.iter().flat_map(|name| folders_of_changes(name)).collect();
    let is_change = |path: &Path| {
        let name = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        changes.contains(name.as_ref()) || is_name_of_kea(&name)
    };
    let drop_ins = FOLDERS.iter().flat_map(|folder| matching(root, &format!("{folder}/*.service.d/*")));
    drop_ins.chain(matching_all(root)).filter(|path| is_change(path)).chain(services).collect()
}

/// What changes every service.
fn matching_all(root: &Root) -> impl Iterator<Item = PathBuf> + '_ {
    FOLDERS.iter().flat_map(|folder| matching(root, &format!("{folder}/service.d/*")))
}

/// The names of the directories with changes to a service: `kea-dhcp4.service.d`, `kea-.service.d`, `service.d`.
fn folders_of_changes(name: &str) -> Vec<String> {
    let base = name.strip_suffix(".service").unwrap_or(name);
    let template = base.split_once('@').map(|(template, _)| format!("{template}@"));
    let dashes = base.match_indices('-').map(|(at, _)| base[..=at].to_owned());
    let all = dashes.chain(template).chain([base.to_owned()]).map(|base| format!("{base}.service.d"));
    all.chain(["service.d".to_owned()]).collect()
}

fn is_name_of_kea(name: &str) -> bool {
    Daemon::ALL.iter().any(|daemon| name.contains(daemon.process_name()))
}

/// Whether a service runs a daemon of Kea: by its name, or by what is in it.
fn is_keas(root: &Root, path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    is_name_of_kea(&name)
        || root.regular_file(path, LARGEST).is_ok_and(|octets| {
            redact::text_of(&octets).lines().any(|line| line.trim_start().starts_with("Exec") && is_name_of_kea(line))
        })
}

/// The files of a machine that a path with `*` and `?` describes.
pub(super) fn matching(root: &Root, pattern: &str) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from("/")];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let next = |folder: PathBuf| {
            if !part.contains(['*', '?']) {
                return vec![folder.join(part)];
            }
            let is_it =
                |name: &[u8]| text::glob(part.as_bytes(), name) && (!name.starts_with(b".") || part.starts_with('.'));
            let named = |name: &[u8]| is_it(name).then(|| folder.join(String::from_utf8_lossy(name).into_owned()));
            root.directory(&folder).map(|mut directory| directory.pick(named)).unwrap_or_default()
        };
        found = found.into_iter().flat_map(next).collect();
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_changed_in_directories_of_its_prefixes() {
        let found = folders_of_changes("kea-dhcp4@lan.service");
        assert_eq!(found, ["kea-.service.d", "kea-dhcp4@.service.d", "kea-dhcp4@lan.service.d", "service.d"]);
    }

    #[test]
    fn files_are_found_by_patterns() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("etc/kea/env.d")).unwrap();
        for name in ["env.d/a.conf", "env.d/b.txt", "env.d/.hidden.conf"] {
            std::fs::write(folder.path().join("etc/kea").join(name), "").unwrap();
        }
        let root = Root::new(folder.path());
        assert_eq!(matching(&root, "/etc/k?a/env.d/*.conf"), [Path::new("/etc/kea/env.d/a.conf")]);
        assert_eq!(matching(&root, "/etc/absent"), [Path::new("/etc/absent")]);
    }
}
