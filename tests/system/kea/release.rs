//! A release of Kea to run.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kea_tools::lease::Family;

use super::Network;

/// A release of Kea: Debian 12's own, or one that `scripts/kea-release` unpacked into a folder.
#[derive(Debug, Clone)]
pub(crate) struct Kea {
    /// The folder that is this release's root directory; the machine's own if none.
    root: Option<PathBuf>,
    /// What `kea-lease-dump --for` calls it.
    pub(crate) version: &'static str,
}

impl Kea {
    /// Kea 2.2.0, as Debian 12 packages it.
    pub(crate) fn debian12() -> Self {
        Self { root: None, version: "2.2" }
    }

    /// The release in the folder that `variable` names.
    pub(crate) fn unpacked(variable: &str, version: &'static str) -> Self {
        let root = env::var_os(variable).unwrap_or_else(|| panic!("{variable} is not set: run scripts/test --all-kea"));
        Self { root: Some(root.into()), version }
    }

    /// The folder that is this release's root directory; nothing if it is the machine's own.
    pub(crate) fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// Whether its database back ends are hook libraries, and every subnet must have a number.
    pub(crate) fn has_backend_hooks(&self) -> bool {
        self.version.starts_with('3')
    }

    /// Whether a lease may be in state 3, released.
    pub(crate) fn knows_released_leases(&self) -> bool {
        self.version.starts_with('3')
    }

    /// The daemon of `family`, at the servers' end of `network`, with `folders` at the same place as outside.
    pub(crate) fn daemon(&self, network: &Network, family: Family, folders: &[&Path]) -> Command {
        let daemon = format!("/usr/sbin/kea-dhcp{}", family.digit());
        let Some(root) = &self.root else {
            return network.server_side(&daemon);
        };
        // In a mount namespace of its own, so that nothing of it is to be seen outside or left behind.
        let script = "set -e
            root=$1; shift
            mkdir -p \"$root/tmp\"; mount -t tmpfs tmpfs \"$root/tmp\"
            while [ \"$1\" != -- ]; do
                mkdir -p \"$root$1\"; mount --rbind \"$1\" \"$root$1\"; shift
            done
            shift
            exec chroot \"$root\" \"$@\"";
        let mut command = network.server_side("unshare");
        command.args(["--mount", "sh", "-c", script, "sh"]).arg(root).args(["/dev", "/proc"]);
        command.args(folders).arg("--").arg(daemon);
        command
    }

    /// A hook library, as the daemon calls it.
    pub(crate) fn hook(&self, name: &str) -> String {
        let root = self.root.as_deref().unwrap_or(Path::new("/"));
        let found = fs::read_dir(root.join("usr/lib"))
            .unwrap_or_else(|cause| panic!("looking for Kea in {}: {cause}", root.display()))
            .map(|entry| entry.unwrap().path().join("kea/hooks").join(name))
            .find(|path| path.exists())
            .unwrap_or_else(|| panic!("{name} is not in {}: run scripts/test", root.display()));
        format!("/{}", found.strip_prefix(root).unwrap().display())
    }

    /// The script that makes the lease tables, in the dialect of `mysql` or `pgsql`.
    pub(crate) fn schema_script(&self, dialect: &str) -> PathBuf {
        let root = self.root.as_deref().unwrap_or(Path::new("/"));
        root.join(format!("usr/share/kea/scripts/{dialect}/dhcpdb_create.{dialect}"))
    }
}
