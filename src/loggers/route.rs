//! Where a message would go.

use super::messages;
use super::names;
use super::site::Site;
use super::surroundings::{FileFacts, FileState, Folder};
use super::target::Target;
use super::tree::{Destination, Effective, Tree};
use crate::config::Daemon;
use crate::log::message::Severity;

/// What is asked about: a logger, or a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// As it was typed.
    pub text: String,
    daemon: Option<Daemon>,
    /// The logger without the daemon's name; empty is the daemon's own.
    logger: Option<String>,
}

/// Where the messages of a logger, or one message, of a daemon go.
#[derive(Debug, Clone)]
pub struct Route {
    /// The daemon.
    pub daemon: Daemon,
    /// What its logger comes to.
    pub logger: Effective,
    /// The severity of the message, with its level if it is DEBUG; `None` of a logger, or if it is not known.
    pub severity: Option<String>,
    /// Where it writes.
    pub outputs: Vec<Output>,
    /// Whether the message is logged; of a logger, whether anything is.
    pub is_logged: bool,
    /// What would show it, if the level or a missing output hides it, as `--set` has it.
    pub remedy: Option<String>,
}

/// A place that the messages go to.
#[derive(Debug, Clone)]
pub struct Output {
    /// Where it leads.
    pub destination: Destination,
    /// The file, if it is one that can be examined.
    pub facts: Option<FileFacts>,
}

impl Output {
    fn new(site: &Site, destination: &Destination) -> Self {
        let file = destination.target.file().filter(|_| !destination.target.is_own_stream());
        let facts = file.and_then(|path| site.surroundings.files.get(path)).cloned();
        Self { destination: destination.clone(), facts }
    }

    /// Whether what is written there is lost.
    fn is_lost(&self) -> bool {
        let is_lost = |facts: &FileFacts| match &facts.state {
            FileState::Closed | FileState::Directory | FileState::Pipe => true,
            FileState::Unlockable => self.destination.maxsize.is_some(),
            FileState::Folder(_, folder) => !matches!(folder, Folder::Usable | Folder::Unseen(_)),
            FileState::Writable | FileState::New | FileState::Moved(_) | FileState::Device | FileState::Unseen(_) => {
                false
            }
        };
        self.destination.target == Target::Missing || self.facts.as_ref().is_some_and(is_lost)
    }
}

impl Subject {
    /// Reads the name of a logger, in full or without the daemon's, or the id of a message.
    ///
    /// # Errors
    /// Nothing of this name is known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let subject = |daemon, logger: &str| Self { text: text.to_owned(), daemon, logger: Some(logger.to_owned()) };
        if messages::is_id(text) {
            let known = Self { text: text.to_owned(), daemon: of_prefix(text), logger: None };
            let meant = messages::nearest(text).filter(|known| *known != text);
            return match messages::of(text, crate::release::Release::NEWEST) {
                Some(_) => Ok(known),
                None => Err(unknown("no release of Kea has a message of this name", meant)),
            };
        }
        if let Some((daemon, child)) = names::split(text) {
            return Ok(subject(Some(daemon), child));
        }
        let is_known =
            Daemon::ALL.iter().any(|daemon| names::own(*daemon).contains(&text)) || names::library_of(text).is_some();
        if is_known {
            Ok(subject(None, text))
        } else {
            Err(unknown("no daemon has a logger of this name", names::nearest(text)))
        }
    }
}

fn unknown(cause: &str, meant: Option<&str>) -> String {
    match meant {
        Some(meant) => format!("{cause} ({meant} may be meant)"),
        None => format!("{cause} (loggers as in kea-dhcp4.leases, messages as in DHCP4_LEASE_ALLOC)"),
    }
}

/// The only daemon that logs messages of this beginning.
fn of_prefix(id: &str) -> Option<Daemon> {
    let prefixes = [
        ("DHCP4_", Daemon::Dhcp4),
        ("DHCP6_", Daemon::Dhcp6),
        ("CTRL_AGENT_", Daemon::CtrlAgent),
        ("NETCONF_", Daemon::Netconf),
    ];
    prefixes.into_iter().find(|(prefix, _)| id.starts_with(prefix)).map(|(_, daemon)| daemon)
}

/// Where it goes, for each of these daemons that has it.
#[must_use]
pub fn routes(sites: &[Site], subject: &Subject) -> Vec<Route> {
    let is_its = |site: &&Site| subject.daemon.is_none_or(|daemon| daemon == site.config.daemon);
    sites.iter().filter(is_its).filter_map(|site| route(site, subject)).collect()
}

fn route(site: &Site, subject: &Subject) -> Option<Route> {
    let (daemon, release) = (site.config.daemon, site.surroundings.rules.release);
    let message = match &subject.logger {
        Some(_) => None,
        None => Some(messages::of(&subject.text, release).filter(|known| known.is_in_release)?),
    };
    let child = subject.logger.as_deref().or(message.map(|known| known.logger))?;
    let tree = Tree::new(site);
    let is_child = names::own(daemon).contains(&child) || names::of_hooks(daemon, release).contains(&child);
    let name =
        if child.is_empty() { names::root(daemon).to_owned() } else { format!("{}.{child}", names::root(daemon)) };
    let is_there = child.is_empty() || is_child || tree.loggers.iter().any(|logger| logger.name == name);
    if !is_there || (message.is_some() && !is_child) {
        return None;
    }
    let logger = tree.logger(&name);
    let severity = message.and_then(|known| known.severity);
    let is_shown =
        severity.map_or(!logger.threshold.is_silent(), |(severity, level)| logger.threshold.shows(severity, level));
    let outputs: Vec<_> = logger.destinations.iter().map(|destination| Output::new(site, destination)).collect();
    let is_logged = is_shown && !outputs.iter().all(Output::is_lost);
    let remedy = (!is_shown || outputs.is_empty()).then(|| remedy(&name, severity));
    Some(Route { daemon, logger, severity: severity.map(shown), outputs, is_logged, remedy })
}

fn shown((severity, level): (Severity, u8)) -> String {
    if severity == Severity::Debug { format!("DEBUG {level}") } else { severity.name().to_owned() }
}

/// What would show it.
fn remedy(name: &str, severity: Option<(Severity, u8)>) -> String {
    let wanted = match severity {
        Some((Severity::Debug, level)) => format!("DEBUG:{level}"),
        _ => "INFO".to_owned(),
    };
    format!("kea-loggers --set '{name}={wanted}'")
}
