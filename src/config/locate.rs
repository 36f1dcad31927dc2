//! Where Kea keeps its files, as far as that can be known without asking it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Config, Daemon};
use crate::family::Family;

/// Directories of configuration files: distributions, source builds and FreeBSD, ISC's old packages, pkgsrc, VyOS,
/// container images.
const CONFIGURATION_DIRECTORIES: [&str; 6] =
    ["/etc/kea", "/usr/local/etc/kea", "/opt/kea/etc/kea", "/usr/pkg/etc/kea", "/run/kea", CONTAINER_DIRECTORY];

/// Where container images have them, with names of their own.
const CONTAINER_DIRECTORY: &str = "/kea/config";

/// Where keactrl.conf may be.
pub const KEACTRL_FILES: [&str; 4] = [
    "/etc/kea/keactrl.conf",
    "/usr/local/etc/kea/keactrl.conf",
    "/opt/kea/etc/kea/keactrl.conf",
    "/usr/pkg/etc/kea/keactrl.conf",
];

/// Directories of lease files: distributions, source builds, FreeBSD, Kea up to 1.5, container images.
const DATA_DIRECTORIES: [&str; 9] = [
    "/var/lib/kea",
    "/usr/local/var/lib/kea",
    "/opt/kea/var/lib/kea",
    "/usr/pkg/var/lib/kea",
    "/var/db/kea",
    "/var/kea",
    "/usr/local/var/kea",
    "/opt/kea/var/kea",
    "/kea/leases",
];

/// Where distributions, source builds and containers have their pid files.
pub const PID_DIRECTORIES: [&str; 9] = [
    "/run/kea",
    "/var/run/kea",
    "/run",
    "/var/run",
    "/usr/local/var/run/kea",
    "/usr/local/var/kea",
    "/opt/kea/var/run/kea",
    "/opt/kea/var/kea",
    "/kea",
];

/// The variable that moves the data directory of Kea 2.4.2, 2.6.3 and later.
pub(super) const DATA_DIRECTORY_VARIABLE: &str = "KEA_DHCP_DATA_DIR";

/// The variable that moves pid files.
pub(super) const PID_DIRECTORY_VARIABLE: &str = "KEA_PIDFILE_DIR";

/// The directories where configuration files are looked for.
#[must_use]
pub fn configuration_directories() -> Vec<PathBuf> {
    CONFIGURATION_DIRECTORIES.iter().map(PathBuf::from).collect()
}

/// Where the configuration of a family's server is looked for, best first: the server's own file in each directory,
/// then the common file of Kea before 1.3.
#[must_use]
pub fn configuration_files(family: Family) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = daemon_files(Daemon::of_family(family)).collect();
    files.extend(CONFIGURATION_DIRECTORIES.map(|directory| Path::new(directory).join("kea.conf")));
    files
}

/// Where the configuration of a daemon is looked for, best first: under its usual name in each directory, then as NixOS
/// and container images call it.
pub fn daemon_files(daemon: Daemon) -> impl Iterator<Item = PathBuf> {
    let (in_nixos, in_container) = match daemon {
        Daemon::Dhcp4 => ("dhcp4-server.conf", "dhcp4.json"),
        Daemon::Dhcp6 => ("dhcp6-server.conf", "dhcp6.json"),
        Daemon::Ddns => ("dhcp-ddns.conf", "dhcp-ddns.json"),
        Daemon::CtrlAgent => ("ctrl-agent.conf", "ctrl-agent.json"),
        Daemon::Netconf => ("netconf.conf", "netconf.json"),
    };
    let own = format!("{}.conf", daemon.process_name());
    let usual = CONFIGURATION_DIRECTORIES.iter().map(move |directory| Path::new(directory).join(&own));
    let others =
        [Path::new(CONFIGURATION_DIRECTORIES[0]).join(in_nixos), Path::new(CONTAINER_DIRECTORY).join(in_container)];
    usual.chain(others)
}

/// The names that the configuration of a family's server may have in a directory, best first.
#[must_use]
pub fn configuration_names(family: Family) -> Vec<OsString> {
    let mut names: Vec<OsString> = Vec::new();
    for file in configuration_files(family) {
        names.extend(file.file_name().map(OsString::from).filter(|name| !names.contains(name)));
    }
    names
}

/// The lease files that a server of `family` has where nothing is known of its configuration, best first: in the usual
/// directories, then those of VyOS and of NixOS's example.
#[must_use]
pub fn usual_lease_files(family: Family, variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let digit = family.digit();
    let mut files = lease_files(&Config::empty(Daemon::of_family(family)), variable);
    files.push(format!("/config/dhcp/dhcp{digit}-leases.csv").into());
    files.push(format!("/var/lib/kea/dhcp{digit}.leases").into());
    files
}

/// Where a daemon with the configuration file `configuration` may leave its pid file.
#[must_use]
pub fn pid_files(daemon: Daemon, configuration: &Path, variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let name = pid_file_name(daemon, configuration);
    let from_variable = variable(PID_DIRECTORY_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    from_variable.into_iter().chain(PID_DIRECTORIES.map(PathBuf::from)).map(|directory| directory.join(&name)).collect()
}

/// The name of the pid file of a daemon with this configuration file: the latter's without its last extension.
#[must_use]
pub fn pid_file_name(daemon: Daemon, configuration: &Path) -> PathBuf {
    let stem = configuration.file_stem().unwrap_or_default().to_string_lossy();
    format!("{stem}.{}.pid", daemon.process_name()).into()
}

/// Where the lease file of a memfile server may be, best first; `variable` looks into the environment.
///
/// An absolute name is the file. Any other is looked for in the directory that `KEA_DHCP_DATA_DIR` names, in the
/// configuration's `data-directory`, and in the usual directories, those below the configuration's own prefix
/// (`/usr/local` for `/usr/local/etc/kea`) first. Kea before 2.4.2 took a relative name from where it was started,
/// which is not known afterwards.
#[must_use]
pub fn lease_files(config: &Config, variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let server = &config.server;
    let usual = config.family().map_or("", Family::file_name);
    let name = server.lease_database.name.as_deref().unwrap_or(usual);
    if Path::new(name).is_absolute() {
        return vec![name.into()];
    }
    let mut usual = DATA_DIRECTORIES.map(PathBuf::from);
    let prefix = prefix(&config.file);
    usual.sort_by_key(|directory| !directory.starts_with(prefix));
    let from_variable = variable(DATA_DIRECTORY_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    let mut files: Vec<PathBuf> = Vec::new();
    for directory in from_variable.into_iter().chain(server.data_directory.clone()).chain(usual) {
        let file = directory.join(name);
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

/// `/usr/local` of `/usr/local/etc/kea/kea-dhcp4.conf`; the root if the file is in another directory.
fn prefix(configuration: &Path) -> &Path {
    configuration
        .ancestors()
        .find(|path| path.ends_with("etc/kea"))
        .and_then(|path| path.ancestors().nth(2))
        .unwrap_or(Path::new("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(file: &str, name: Option<&str>, data_directory: Option<&str>, variable: Option<&str>) -> Vec<String> {
        let mut config = Config::empty(Daemon::Dhcp4);
        config.file = file.into();
        config.server.lease_database.name = name.map(str::to_owned);
        config.server.data_directory = data_directory.map(PathBuf::from);
        let environment = |wanted: &str| variable.filter(|_| wanted == "KEA_DHCP_DATA_DIR").map(OsString::from);
        lease_files(&config, &environment).iter().map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn kea_dhcp6_conf_is_searched_before_the_common_kea_conf() {
        let files = configuration_files(Family::V6);
        assert_eq!(files[0], Path::new("/etc/kea/kea-dhcp6.conf"));
        let place = |wanted: &str| files.iter().position(|file| file == Path::new(wanted)).unwrap();
        assert!(place("/usr/local/etc/kea/kea-dhcp6.conf") < place("/etc/kea/kea.conf"));
        for file in ["/kea/config/dhcp6.json", "/etc/kea/dhcp6-server.conf", "/run/kea/kea-dhcp6.conf"] {
            assert!(files.contains(&file.into()), "{file}");
        }
    }

    #[test]
    fn an_absolute_name_is_the_lease_file() {
        assert_eq!(candidates("/etc/kea/x.conf", Some("/srv/l.csv"), Some("/data"), Some("/env")), ["/srv/l.csv"]);
    }

    #[test]
    fn a_bare_name_is_looked_for_in_configured_directories_first() {
        let found = candidates("/etc/kea/x.conf", Some("l.csv"), Some("/data"), Some("/env"));
        assert_eq!(found[..3], ["/env/l.csv", "/data/l.csv", "/var/lib/kea/l.csv"]);
    }

    #[test]
    fn default_lease_file_is_searched_in_default_directories() {
        let found = candidates("/etc/kea/x.conf", None, None, Some(""));
        assert_eq!(found[..2], ["/var/lib/kea/kea-leases4.csv", "/usr/local/var/lib/kea/kea-leases4.csv"]);
        assert_eq!(found.len(), DATA_DIRECTORIES.len());
    }

    #[test]
    fn directories_of_the_same_installation_come_first() {
        let found = candidates("/usr/local/etc/kea/x.conf", None, None, None);
        assert_eq!(
            found[..3],
            [
                "/usr/local/var/lib/kea/kea-leases4.csv",
                "/usr/local/var/kea/kea-leases4.csv",
                "/var/lib/kea/kea-leases4.csv"
            ]
        );
    }

    #[test]
    fn no_directory_is_named_twice() {
        let found = candidates("kea.conf", None, Some("/var/lib/kea"), Some("/var/lib/kea/"));
        assert_eq!(found.iter().filter(|file| *file == "/var/lib/kea/kea-leases4.csv").count(), 1);
    }
}
