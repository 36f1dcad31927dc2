//! What the unit file of a daemon's service says of its user and its environment.

use std::path::{Path, PathBuf};

use crate::config::Daemon;
use crate::inspect::root::Root;

/// Directories of unit files, the first counts.
const DIRECTORIES: [&str; 4] =
    ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

/// A service.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Service {
    /// The user that it runs as.
    pub(super) user: Option<String>,
    /// The configuration that it is started with.
    pub(super) config: Option<PathBuf>,
    /// The variables that it sets.
    variables: Vec<(String, PathBuf)>,
}

impl Service {
    /// The service of a daemon under the names that distributions and ISC give it; an empty one if there is none.
    pub(super) fn find(root: &Root, daemon: Daemon) -> Self {
        let name = daemon.process_name();
        let names = [name.to_owned(), format!("{name}-server"), format!("isc-{name}"), format!("isc-{name}-server")];
        let files = DIRECTORIES
            .into_iter()
            .flat_map(|directory| names.iter().map(move |name| Path::new(directory).join(format!("{name}.service"))));
        let text = files.into_iter().find_map(|file| root.regular_file(file, 1 << 20).ok());
        text.map(|text| Self::read(&String::from_utf8_lossy(&text))).unwrap_or_default()
    }

    fn read(text: &str) -> Self {
        let mut service = Self::default();
        for line in text.lines().map(str::trim) {
            if let Some(user) = line.strip_prefix("User=") {
                service.user = Some(user.trim().to_owned()).filter(|user| !user.is_empty());
            }
            if let Some(command) = line.strip_prefix("ExecStart=") {
                let mut words = command.split_whitespace().skip_while(|word| *word != "-c").skip(1);
                service.config = words.next().map(PathBuf::from);
            }
            let Some(settings) = line.strip_prefix("Environment=") else { continue };
            let unquoted = settings.split_whitespace().map(|setting| setting.trim_matches(['"', '\'']));
            let pairs = unquoted.filter_map(|setting| setting.split_once('='));
            service.variables.extend(pairs.map(|(name, value)| (name.to_owned(), value.into())));
        }
        service
    }

    /// The same if it is started with this configuration, else an empty one.
    pub(super) fn with(self, config: &Path) -> Self {
        if self.config.as_deref() == Some(config) { self } else { Self::default() }
    }

    /// A variable that it sets.
    pub(super) fn variable(&self, name: &str) -> Option<PathBuf> {
        self.variables.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_file_names_user_and_variables() {
        let text = "[Service]\nUser=_kea\nEnvironment=\"KEA_LOCKFILE_DIR=/run/lock/kea\"\nEnvironment=A=/a B=/b\n\
            ExecStart=/usr/sbin/kea-dhcp4 -c /etc/kea/kea-dhcp4.conf\n";
        let service = Service::read(text);
        assert_eq!(service.config.as_deref(), Some(Path::new("/etc/kea/kea-dhcp4.conf")));
        assert_eq!(service.user.as_deref(), Some("_kea"));
        assert_eq!(service.variable("KEA_LOCKFILE_DIR").as_deref(), Some(Path::new("/run/lock/kea")));
        assert_eq!(service.variable("B").as_deref(), Some(Path::new("/b")));
        assert_eq!(service.variable("C"), None);
        assert_eq!(service.with(Path::new("/tmp/other.conf")), Service::default());
    }
}
