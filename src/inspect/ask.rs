//! What a daemon says of itself: at most two commands, for each is a line in its log.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use super::redact::redact;
use super::root::Root;
use crate::config::Daemon;
use crate::config::control::Socket;
use crate::control::{Address, Channel, Code, Command, Credentials, Failure, Limits, Trouble, Web};
use crate::health::kea::answer::Status;
use crate::health::kea::facts::{Control, Process};

/// No answer to what is asked here comes near this.
const LARGEST: u64 = 16 << 20;

/// What is to be asked, and how long an answer may take.
#[derive(Debug, Clone)]
pub struct Questions {
    /// Whether to ask for the version.
    pub version: bool,
    /// Whether to ask for the configuration; then not for the version.
    pub configuration: bool,
    /// How long each daemon may take for all answers.
    pub time: Duration,
    /// User and password for HTTP, for daemons whose configuration does not tell.
    pub credentials: Option<Credentials>,
}

/// Asks a daemon at the first of its `channels` where somebody may be asked.
pub(super) fn ask(
    root: &Root,
    daemon: Daemon,
    process: Option<&Process>,
    channels: &[Socket],
    questions: &Questions,
    variable: &dyn Fn(&str) -> Option<std::ffi::OsString>,
) -> Control {
    let mut outcome = Control::None;
    for channel in channels {
        let (address, shown) = match channel {
            Socket::Unix(_) => match unix(root, &channel.paths(variable)) {
                Some(path) => (Address::Unix(root.at(&path)), path.display().to_string()),
                None => continue,
            },
            Socket::Web(configured) => {
                let mut web = Web::configured(configured, &|path| root.at(path));
                web.credentials = questions.credentials.clone().or(web.credentials);
                let address = Address::Web(Box::new(web));
                let shown = address.to_string();
                (address, shown)
            }
        };
        outcome = ask_at(daemon, process, address, shown, questions);
        if matches!(outcome, Control::Answered { .. } | Control::NoAnswer { .. }) {
            break;
        }
    }
    outcome
}

fn ask_at(
    daemon: Daemon,
    process: Option<&Process>,
    address: Address,
    shown: String,
    questions: &Questions,
) -> Control {
    let limits = Limits { time: questions.time, octets: LARGEST };
    let channel = match Channel::new(address, limits) {
        Ok(channel) => channel,
        Err(cause) => return Control::Denied { address: shown, text: cause.to_string() },
    };
    let answer = match channel.send(&command("status-get", daemon)) {
        Ok(answer) => answer,
        Err(failure) => return failed(&failure, shown),
    };
    if answer.code != Code::Success {
        return match answer.code {
            // Kea before 1.7.3 has no such command, and lives.
            Code::Unsupported => answered(shown, Status::default(), None, None),
            _ => Control::Declined { address: shown, text: answer.text },
        };
    }
    let status = answer.read::<Value>().map(|arguments| Status::read(&arguments)).unwrap_or_default();
    if let Some(process) = process
        && let Some(pid) = status.pid
        && pid != i64::from(process.pid)
        && Some(pid) != process.inner_pid.map(i64::from)
    {
        let text = format!("process {pid} answers there, not {}", process.pid);
        return Control::Declined { address: shown, text };
    }
    let second = |name: &str| channel.send(&command(name, daemon)).ok().filter(|answer| answer.code == Code::Success);
    let configuration = questions.configuration.then(|| second("config-get")?.read::<Value>().ok()).flatten();
    let ask_version = questions.version && !questions.configuration;
    let version = ask_version.then(|| second("version-get").map(|answer| answer.text)).flatten();
    answered(shown, status, version, configuration.map(redact))
}

fn answered(address: String, status: Status, version: Option<String>, configuration: Option<Value>) -> Control {
    Control::Answered { address, status: Box::new(status), version, configuration }
}

/// A command for `daemon`; a Control Agent that is asked about itself wants no service named.
fn command(name: &str, daemon: Daemon) -> Command<'_> {
    let command = Command::new(name);
    if daemon == Daemon::CtrlAgent { command } else { command.service(daemon.service()) }
}

fn failed(failure: &Failure, address: String) -> Control {
    let (cause, hint) = failure.words();
    let text = if hint.is_empty() { cause } else { format!("{cause} ({hint})") };
    match failure.trouble {
        Trouble::Absent => Control::Absent { address },
        Trouble::Refused | Trouble::NotASocket => Control::Refused { address },
        Trouble::Denied | Trouble::Unusable(_) | Trouble::Tls(..) => {
            Control::Denied { text: format!("{address}: {text}"), address }
        }
        Trouble::NoAnswer | Trouble::Slow => Control::NoAnswer { address, waited: failure.limits.time.as_secs_f64() },
        Trouble::Unauthorized | Trouble::Forbidden => Control::Declined { address, text },
        _ => Control::Garbled { address, text },
    }
}

/// The first of the paths a socket may have at which there is something, else the first.
fn unix(root: &Root, paths: &[PathBuf]) -> Option<PathBuf> {
    let present = paths.iter().find(|path| root.metadata(path).is_ok());
    present.or(paths.first()).cloned()
}
