//! What the configuration file of a daemon says.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

use super::fault;
use super::parsed::Files;
use super::root::Root;
use super::task::Task;
use crate::config::databases::Databases;
use crate::config::supply::Supply;
use crate::config::{Config, Daemon, Document};
use crate::health::kea::facts::{Configuration, FileProblem, Instance};

/// Larger than any configuration of Kea.
const LARGEST: u64 = 256 << 20;

/// The parts of a configuration without which nothing is known of a daemon.
const NEEDED: [&str; 14] = [
    "interfaces-config",
    "lease-database",
    "data-directory",
    "hosts-database",
    "hosts-databases",
    "config-control",
    "control-socket",
    "control-sockets",
    "authentication",
    "loggers",
    "hooks-libraries",
    "port",
    "http-port",
    "http-host",
];

/// What the configuration file says, its modification time and its errors.
pub(super) fn configuration(task: &Task, root: &Root, instance: &mut Instance) -> Option<Arc<Config>> {
    let daemon = instance.daemon;
    let found = instance.configuration.as_mut()?;
    let path = found.path.clone();
    *found = Configuration { path: path.clone(), ..Configuration::default() };
    if path.is_relative() {
        let who = "run as root with the capability CAP_SYS_PTRACE";
        let why = format!("{}: its working directory is not readable ({who})", path.display());
        found.fault = Some(FileProblem::Denied(why));
        return None;
    }
    let config = if let Some(known) = task.parsed.recall(root, &path, daemon) {
        *found = known.found;
        known.config
    } else {
        let mut files = Files::default();
        let config = parse(root, found, daemon, &mut files);
        task.parsed.keep(root, files, found, config.as_ref(), (daemon, task.questions.now));
        config
    };
    let config = config?;
    let libraries = config.server.hooks.iter().filter_map(|hook| hook.library.as_deref());
    let missing = libraries.filter(|library| library.is_absolute() && is_gone(root, library));
    found.missing_libraries = missing.map(Path::to_owned).collect();
    Some(config)
}

/// Reads the configuration file and what it includes. Of the subnets no more is kept than a verdict needs.
pub(super) fn parse(root: &Root, found: &mut Configuration, daemon: Daemon, files: &mut Files) -> Option<Arc<Config>> {
    let path = found.path.clone();
    let mut is_denied = false;
    let mut read = |file: &Path| {
        let text = root.dated_file(file, LARGEST);
        files.note(file, text.as_ref().map(|(_, found)| found));
        is_denied |= text.as_ref().is_err_and(|cause| cause.kind() == io::ErrorKind::PermissionDenied);
        let modified = text.as_ref().map_or_else(|_| root.modified(file).ok(), |(_, found)| Some(found.mtime()));
        found.modified = found.modified.max(modified);
        text.map(|(text, _)| text)
    };
    let result = read(&path).map_err(|cause| fault(root, &path, &cause)).and_then(|text| {
        let document = Document::parse(&path, text, &mut read);
        let error = document.syntax_error().cloned().map_or(Ok(()), Err);
        let config = error.and_then(|()| document.config(daemon));
        let config = config.and_then(|config| config.check(&NEEDED).map(|()| config));
        config.map_err(|cause| FileProblem::Invalid(cause.to_string()))
    });
    match result {
        Ok(mut config) => {
            describe(&config, found);
            found.port = config.port();
            config.forget_subnets();
            Some(Arc::new(config))
        }
        Err(fault) => {
            // An unreadable include does not make the configuration invalid.
            let why = fault.text().to_owned();
            found.fault = Some(if is_denied { FileProblem::Denied(why) } else { fault });
            None
        }
    }
}

/// Notes what a verdict needs of a configuration.
pub(super) fn describe(config: &Config, found: &mut Configuration) {
    found.interfaces = config.family().map(|_| config.server.interfaces_config.interfaces.clone());
    found.databases = Databases::new(&config.server);
    found.supply = Supply::new(config);
}

fn is_gone(root: &Root, path: &Path) -> bool {
    root.metadata(path).is_err_and(|cause| cause.kind() == io::ErrorKind::NotFound)
}
