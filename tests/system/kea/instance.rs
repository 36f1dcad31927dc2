//! The folder of one server.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kea_tools::lease::Family;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::config::configuration;
use super::{ControlSocket, Kea, Network, Server};

/// A server's folder with its configuration; the server may be started and stopped again and again.
pub(crate) struct Instance {
    pub(crate) kea: Kea,
    pub(crate) family: Family,
    dir: TempDir,
    /// Folders outside of `dir` that the server needs: those with a database's socket.
    elsewhere: Vec<PathBuf>,
    variables: Vec<(String, String)>,
}

impl Instance {
    /// A server that keeps its leases in a file of its folder.
    pub(crate) fn memfile(kea: &Kea, family: Family) -> Self {
        Self::memfile_with(kea, family, &json!({}))
    }

    /// The same, with more to say about the lease file (`lfc-interval` …).
    pub(crate) fn memfile_with(kea: &Kea, family: Family, more: &Value) -> Self {
        let instance = Self::empty(kea, family);
        let mut lease_database = json!({ "type": "memfile", "name": instance.lease_file(), "lfc-interval": 0 });
        lease_database.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        instance.configure(&lease_database);
        instance
    }

    /// A server that keeps its leases in a file of its folder, whose configuration has `more(folder)`; `null` takes a
    /// member away.
    pub(crate) fn memfile_and(kea: &Kea, family: Family, more: impl FnOnce(&Path) -> Value) -> Self {
        let instance = Self::empty(kea, family);
        let lease_database = json!({ "type": "memfile", "name": instance.lease_file(), "lfc-interval": 0 });
        instance.configure_with(&lease_database, &more(instance.dir.path()));
        instance
    }

    /// A server that keeps its leases in `database`.
    pub(crate) fn on(kea: &Kea, family: Family, database: &super::database::Database) -> Self {
        Self::on_and(kea, family, database, &json!({}))
    }

    /// The same, with `more` in its configuration; `null` takes a member away.
    pub(crate) fn on_and(kea: &Kea, family: Family, database: &super::database::Database, more: &Value) -> Self {
        let mut instance = Self::empty(kea, family);
        instance.elsewhere.push(database.socket_dir());
        instance.variables = database.variables();
        instance.configure_with(&database.configuration(), more);
        instance
    }

    fn empty(kea: &Kea, family: Family) -> Self {
        let dir = tempfile::Builder::new().prefix("kea-system.").tempdir().unwrap();
        for sub in ["data", "log", "run"] {
            fs::create_dir(dir.path().join(sub)).unwrap();
            // Kea 2.6 insists on exactly this for the folder of a control socket.
            fs::set_permissions(dir.path().join(sub), fs::Permissions::from_mode(0o750)).unwrap();
        }
        Self { kea: kea.clone(), family, dir, elsewhere: Vec::new(), variables: Vec::new() }
    }

    fn configure(&self, lease_database: &Value) {
        self.configure_with(lease_database, &json!({}));
    }

    fn configure_with(&self, lease_database: &Value, more: &Value) {
        let mut configuration = configuration(&self.kea, self.family, self.dir.path(), lease_database);
        let server = configuration[format!("Dhcp{}", self.family.digit())].as_object_mut().unwrap();
        server.extend(more.as_object().unwrap().clone());
        server.retain(|_, value| !value.is_null());
        // Kea's configuration is more than JSON; whoever reads it has to know that.
        let text = format!("// Written by a test, # \"like\" this.\n{configuration:#} # the end\n");
        fs::write(self.configuration(), text).unwrap();
    }

    /// The server's configuration file.
    pub(crate) fn configuration(&self) -> PathBuf {
        self.dir.path().join("kea.conf")
    }

    /// The server's lease file.
    pub(crate) fn lease_file(&self) -> PathBuf {
        self.data().join(self.family.file_name())
    }

    /// The folder of the server's lease file.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// A path for something of the test's own.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What whoever looks for the server's leases needs in the environment, as the server itself does.
    pub(crate) fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    /// Starts the server and waits until it answers.
    pub(crate) fn start(&self, network: &Network) -> Server {
        let path = self.dir.path();
        let mut folders: Vec<&Path> = vec![path];
        folders.extend(self.elsewhere.iter().map(PathBuf::as_path));
        let mut command = self.kea.daemon(network, self.family, &folders);
        command.arg("-c").arg(self.configuration());
        self.environment(&mut command);
        let console = fs::File::create(path.join("log/console")).unwrap();
        command.stdin(Stdio::null()).stdout(console.try_clone().unwrap()).stderr(console);
        let log = path.join("log/server.log");
        fs::remove_file(&log).ok();
        Server::start(&mut command, ControlSocket(path.join("run/control")), log, path.join("log/console"))
    }

    /// The variables that lead the server into its folder.
    pub(crate) fn environment(&self, command: &mut Command) {
        let at = |sub| self.dir.path().join(sub);
        command.env("KEA_PIDFILE_DIR", at("run")).env("KEA_LOCKFILE_DIR", at("run"));
        command.env("KEA_CONTROL_SOCKET_DIR", at("run")).env("KEA_LOG_FILE_DIR", at("log"));
        command.env("KEA_DHCP_DATA_DIR", at("data"));
        command.envs(self.variables.iter().cloned());
    }
}
