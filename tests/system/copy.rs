//! A copy of this machine's own system, below an overlay that is thrown away: nothing of the machine changes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use tempfile::TempDir;

use crate::program::debian_dhcping;

const BUILT: [&str; 6] = [
    env!("CARGO_BIN_EXE_kea-metrics"),
    env!("CARGO_BIN_EXE_kea-lease-dump"),
    env!("CARGO_BIN_EXE_kea-list-leases"),
    env!("CARGO_BIN_EXE_dhcping"),
    env!("CARGO_BIN_EXE_dhcptest"),
    env!("CARGO_BIN_EXE_keactrl-status"),
];

/// Runs `script` as root of a copy of this system, with the package as `/package.deb`, Debian's dhcping as `/dhcping.deb`, the
/// programs that were built in `/programs`, and scripts and manual pages in `/src`; what it prints.
///
/// Mounts, processes and network are its own and end with it. Neither package is installed in the beginning.
pub(crate) fn on_a_copy_of_this_system(script: &str) -> String {
    let folder = TempDir::new().unwrap();
    let around = format!(
        "set -eu
        mount -t tmpfs none {folder}; cd {folder}; mkdir upper work root
        mount -t overlay -o lowerdir=/,upperdir=$PWD/upper,workdir=$PWD/work none root
        mount -t proc proc root/proc; mount --rbind /dev root/dev; mount -t tmpfs none root/run
        cp {package} root/package.deb; cp {dhcping} root/dhcping.deb; ip link set lo up
        mkdir root/src root/programs; cp -r {source}/man {source}/scripts {source}/packaging root/src; cp {programs} root/programs
        chroot root dpkg --purge dhcping kea-tools >&2
        exec chroot root bash -euc \"$SCRIPT\"",
        folder = folder.path().display(),
        package = debian_package().display(),
        dhcping = debian_dhcping("dhcping.deb").display(),
        source = env!("CARGO_MANIFEST_DIR"),
        programs = BUILT.join(" "),
    );
    let output = Command::new("unshare")
        .args([
            "--mount",
            "--net",
            "--pid",
            "--fork",
            "--kill-child",
            "--propagation",
            "private",
            "bash",
            "-c",
            &around,
        ])
        .env("SCRIPT", script)
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

fn debian_package() -> PathBuf {
    package("deb")
}

/// The package whose name ends so.
pub(crate) fn package(end: &str) -> PathBuf {
    let folder = env::var_os("KEA_TOOLS_PACKAGES").expect("KEA_TOOLS_PACKAGES is not set: run scripts/test");
    files_in(Path::new(&folder)).into_iter().find(|path| path.extension().is_some_and(|it| it == end)).unwrap()
}

pub(crate) fn files_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}
