//! One daemon, looked at from all sides.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::ask::{Questions, ask};
use super::cores::Kept;
use super::descriptors::Descriptors;
use super::root::Root;
use super::{fault, leases, log, net};
use crate::config::Daemon;
use crate::config::control::Socket;
use crate::config::overview::{self, Overview};
use crate::health::kea::facts::{Configuration, Control, Fault, Instance};

/// Larger than any configuration of Kea.
const LARGEST: u64 = 256 << 20;

/// Variables of the environment that move Kea's files.
pub(super) type Variables = HashMap<&'static str, OsString>;

/// Completes what is known of `instance`.
pub(super) fn look(
    root: &Root,
    instance: &mut Instance,
    questions: &Questions,
    variables: &Variables,
    cores: &OnceLock<Kept>,
) {
    let variable = |name: &str| variables.get(name).cloned();
    let overview = configuration(root, instance);
    let process = instance.process.as_ref();
    let open = process.and_then(|process| Descriptors::of(root, process.pid));
    // A file that is older than the process is what it runs on.
    let is_told = process.zip(instance.configuration.as_ref()).is_some_and(|(process, file)| {
        file.fault.is_none() && file.modified.is_some_and(|modified| modified < process.started)
    });
    let listens = process.zip(open.as_ref()).filter(|_| !is_told);
    let listens = listens.map(|(process, open)| open.unix_sockets(root, process.pid));
    let channels = channels(instance, overview.channels, listens.unwrap_or_default());
    let is_zombie = instance.process.as_ref().is_some_and(|process| process.state == 'Z');
    if !is_zombie {
        instance.control = ask(root, instance.daemon, instance.process.as_ref(), &channels, questions, &variable);
    }
    // The tables of TCP are large, and who was heard over HTTP listens.
    let was_heard = instance.daemon == Daemon::CtrlAgent
        && !matches!(instance.control, Control::Absent { .. } | Control::Refused { .. } | Control::None);
    if let Some(process) = instance.process.as_ref().filter(|_| !was_heard) {
        let own = open.as_ref().map(|open| &open.sockets[..]);
        instance.sockets = net::sockets(root, instance.daemon, process, own, overview.port);
    }
    let told = instance.status().and_then(|status| status.lease_file.clone());
    instance.leases = overview.lease_file.as_ref().map(|config| leases::look(root, config, told.as_deref(), &variable));
    let log = overview.logs.first().cloned().or_else(|| open.as_ref()?.log());
    instance.log = log.map(|path| log::read(root, &path));
    let kept = cores.get_or_init(|| Kept::list(root));
    instance.cores = kept.of(root, instance.daemon, instance.process.as_ref());
    let unread = instance.log.iter().filter_map(|log| log.fault.as_ref());
    let unread = unread.chain(instance.leases.iter().filter_map(|leases| leases.fault.as_ref()));
    let denied: Vec<String> =
        unread.filter(|fault| matches!(fault, Fault::Denied(_))).map(|fault| fault.text().to_owned()).collect();
    instance.unseen.extend(denied);
}

/// Reads the configuration file, and notes when it was last changed and what is wrong with it.
fn configuration(root: &Root, instance: &mut Instance) -> Overview {
    let Some(found) = &mut instance.configuration else { return Overview::default() };
    let path = found.path.clone();
    let mut modified = root.modified(&path).ok();
    let mut is_denied = false;
    let mut read = |file: &Path| {
        modified = modified.max(root.modified(file).ok());
        let text = root.regular_file(file, LARGEST);
        is_denied |= text.as_ref().is_err_and(|cause| cause.kind() == io::ErrorKind::PermissionDenied);
        text
    };
    let result = match read(&path) {
        Err(cause) => Err(fault(&path, &cause)),
        Ok(text) => {
            overview::parse(instance.daemon, &path, text, &mut read).map_err(|cause| Fault::Invalid(cause.to_string()))
        }
    };
    *found = Configuration { path, modified, ..Configuration::default() };
    match result {
        Ok(overview) => {
            found.interfaces.clone_from(&overview.interfaces);
            found.port = overview.port;
            found.serves_without_database = overview.serves_without_database;
            overview
        }
        Err(fault) => {
            // An include that may not be read says nothing about the configuration.
            let why = fault.text().to_owned();
            found.fault = Some(if is_denied { Fault::Denied(why) } else { fault });
            Overview::default()
        }
    }
}

/// Where to ask: at the sockets the daemon is known to listen on, else where its configuration says, else as is usual.
fn channels(instance: &Instance, configured: Vec<Socket>, listens: Vec<PathBuf>) -> Vec<Socket> {
    let is_readable = instance.configuration.as_ref().is_some_and(|file| file.fault.is_none());
    let is_unix = |channel: &Socket| matches!(channel, Socket::Unix(_));
    // What is configured and served may have other names: a directory reached by another way.
    let is_unheard = listens.iter().all(|path| !configured.contains(&Socket::Unix(path.clone())));
    match (is_readable, &listens[..]) {
        (true, [_, ..]) if is_unheard && configured.iter().any(is_unix) => {
            listens.into_iter().map(Socket::Unix).collect()
        }
        (true, _) => configured,
        (false, []) => usual_channel(instance.daemon),
        (false, _) => listens.into_iter().map(Socket::Unix).collect(),
    }
}

/// Where the daemon takes commands unless its configuration says otherwise.
fn usual_channel(daemon: Daemon) -> Vec<Socket> {
    let name = match daemon {
        Daemon::Dhcp4 => "kea4-ctrl-socket",
        Daemon::Dhcp6 => "kea6-ctrl-socket",
        Daemon::Ddns => "kea-ddns-ctrl-socket",
        Daemon::CtrlAgent | Daemon::Netconf => return Vec::new(),
    };
    vec![Socket::Unix(PathBuf::from(name))]
}
