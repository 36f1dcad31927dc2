//! Queries a daemon over its control channel, with few commands, since each adds a line to its log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::root::Root;
use super::{net, process, rights};
use crate::config::Daemon;
use crate::config::control::Socket;
use crate::control::{Address, Answer, Channel, Code, Command, Credentials, Deadline, Failure, Limits, Trouble, Web};
use crate::health::kea::answer::Status;
use crate::health::kea::facts::{Control, Counters, Grants, Process, Traffic};
use crate::redact;
use crate::time;

/// More than any answer to these commands.
const LARGEST: u64 = 16 << 20;

/// Longer than any answer is waited for.
const LONGEST: Duration = Duration::from_secs(7200);

/// The commands to send, and the time limit.
#[derive(Debug, Clone)]
pub struct Questions {
    /// Whether to ask for the version.
    pub version: bool,
    /// Whether to ask for the configuration; then not for the version.
    pub configuration: bool,
    /// Whether to request the packet counts of DHCP servers.
    pub traffic: bool,
    /// The time limit of each daemon for all answers.
    pub time: Duration,
    /// User and password for HTTP, for daemons whose configuration has none.
    pub credentials: Option<Credentials>,
    /// What daemons have answered a moment ago; they are not asked again.
    pub known: Vec<(Daemon, Status)>,
    /// The current time, in seconds since 1970.
    pub now: i64,
}

/// The daemon that is queried, and what is known about it.
pub(super) struct Respondent<'a> {
    pub daemon: Daemon,
    pub process: Option<&'a Process>,
    /// The machine.
    pub root: &'a Root,
    /// The root directory of its sockets: the machine's, or a container's.
    pub home: &'a Root,
    /// The other daemons.
    pub around: &'a Around,
}

/// What is known about all daemons when one is examined.
#[derive(Debug, Clone, Default)]
pub(super) struct Around {
    /// The processes of all.
    pub pids: Vec<u32>,
    /// Their daemons, numbers and users.
    pub processes: Vec<(Daemon, u32, u32)>,
    /// Whether there may be hidden ones.
    pub is_hidden: bool,
    /// Whether systemd runs but its units could not be read.
    pub units_are_unknown: bool,
}

/// Every command is a line in the daemon's log.
const MOST_COMMANDS: u32 = 2;

/// The state of querying a daemon: the remaining time and commands, and the address that answered.
pub(super) struct Conversation {
    deadline: Deadline,
    commands: u32,
    /// The address that answered.
    channel: Option<Channel>,
    /// Its running configuration, with all secrets, if that was asked for.
    pub configuration: Option<String>,
}

impl Conversation {
    fn new(questions: &Questions) -> Self {
        let deadline = Deadline::after(questions.time);
        Self { deadline, commands: MOST_COMMANDS, channel: None, configuration: None }
    }

    /// Sends a command, unless no time or command is left.
    fn send(&mut self, channel: &Channel, command: &Command<'_>) -> Option<Result<Answer, Failure>> {
        let left = self.deadline.left().filter(|_| self.commands > 0)?;
        let answer = channel.send_within(command, left);
        let was_sent = !matches!(&answer, Err(failure) if was_not_sent(&failure.trouble));
        self.commands -= u32::from(was_sent);
        Some(answer)
    }

    /// A DHCP server's counts of packets that request and grant leases; `None` if it does not report them.
    pub(super) fn traffic(&self, daemon: Daemon) -> Option<Traffic> {
        let names = match daemon {
            Daemon::Dhcp4 => ["pkt4-discover-received", "pkt4-request-received", "pkt4-offer-sent", "pkt4-ack-sent"],
            _ => ["pkt6-solicit-received", "pkt6-request-received", "pkt6-advertise-sent", "pkt6-reply-sent"],
        };
        let count = |name: &str| Some(self.count(daemon, name)?.0);
        let [discovers, requests, offered, granted] = names.map(count);
        let (offered, granted) = (offered?, granted?);
        let now = Counters { asked: discovers? + requests?, answered: offered + granted };
        // A Reply may refuse an address as well as grant it.
        let refused = if daemon == Daemon::Dhcp4 { count("pkt4-nak-sent") } else { None };
        let grants = refused.map(|refused| Grants { offered, granted, refused });
        Some(Traffic { now, grants, ..Traffic::default() })
    }

    /// What the server has counted under this name, where it has answered: how much, and when for the last time.
    pub(super) fn count(&self, daemon: Daemon, name: &str) -> Option<(u64, Option<i64>)> {
        let command = command("statistic-get", daemon).arguments(json!({ "name": name }));
        let answer = self.channel.as_ref()?.send_within(&command, self.deadline.left()?).ok()?;
        let arguments = answer.read::<Value>().ok()?;
        // The newest of its samples is the first.
        let newest = arguments.get(name)?.get(0)?;
        Some((newest.get(0)?.as_u64()?, newest.get(1)?.as_str().and_then(time::read_local)))
    }
}

/// Whether no server received the command, so that it is not in a log.
fn was_not_sent(trouble: &Trouble) -> bool {
    matches!(
        trouble,
        Trouble::Absent
            | Trouble::Refused
            | Trouble::Denied
            | Trouble::NotASocket
            | Trouble::Unusable(_)
            | Trouble::Unreachable
            | Trouble::Tls(..)
    )
}

/// Queries a daemon at each of its `channels` until it answers, and keeps the most informative outcome.
pub(super) fn ask(
    respondent: &Respondent<'_>,
    channels: &[Socket],
    questions: &Questions,
    variable: &dyn Fn(&str) -> Option<std::ffi::OsString>,
) -> (Control, Conversation) {
    let mut conversation = Conversation::new(questions);
    if let Some(known) = respondent.known(questions) {
        return (known, conversation);
    }
    let mut best = Control::None;
    for channel in channels {
        let outcome = match respondent.address(channel, questions, variable) {
            Ok((address, shown)) => respondent.ask_at(address, shown, questions, &mut conversation),
            Err(outcome) => Some(outcome),
        };
        let Some(outcome) = outcome else { break };
        let is_over = matches!(outcome, Control::Answered { .. } | Control::NoAnswer { .. });
        if is_over || telling(&outcome) > telling(&best) {
            best = outcome;
        }
        if is_over {
            break;
        }
    }
    (best, conversation)
}

/// How informative an outcome is.
fn telling(outcome: &Control) -> u8 {
    match outcome {
        Control::Unasked | Control::None => 0,
        Control::Absent { .. } => 1,
        Control::Refused { .. } => 2,
        Control::Denied { .. } | Control::Declined { .. } | Control::Garbled { .. } => 3,
        Control::NoAnswer { .. } | Control::Answered { .. } => 4,
    }
}

impl Respondent<'_> {
    /// What it has answered a moment ago, if its process is still the one that did.
    fn known(&self, questions: &Questions) -> Option<Control> {
        let (_, status) = questions.known.iter().find(|(daemon, status)| {
            *daemon == self.daemon && status.pid.is_some_and(|pid| self.other_process(pid).is_none())
        })?;
        let status = Box::new(status.clone());
        Some(Control::Answered { address: String::new(), status, version: None, configuration: None })
    }

    /// The address and its text; or the outcome that is known without a query.
    fn address(
        &self,
        channel: &Socket,
        questions: &Questions,
        variable: &dyn Fn(&str) -> Option<std::ffi::OsString>,
    ) -> Result<(Address, String), Control> {
        match channel {
            Socket::Unix(_) => {
                let path = unix(self.home, &channel.paths(variable)).unwrap_or_default();
                Ok((Address::Unix(self.home.at(&path)), path.display().to_string()))
            }
            Socket::Web(configured) => {
                let mut web = Web::configured(configured, &|path| self.home.at(path));
                let credentials = questions.credentials.clone().or(web.credentials.take());
                // If the daemon does not run, another process listens on its port.
                web.credentials = credentials.filter(|_| self.process.is_some());
                let address = Address::Web(Box::new(web));
                let shown = address.to_string();
                if self.process.is_some_and(|process| net::is_elsewhere(self.root, process)) {
                    let text = format!("{shown}: it listens in a network namespace of its own");
                    return Err(Control::Denied { address: shown, text });
                }
                Ok((address, shown))
            }
        }
    }

    /// The outcome of a query; `None` if no time or command is left.
    fn ask_at(
        &self,
        address: Address,
        shown: String,
        questions: &Questions,
        conversation: &mut Conversation,
    ) -> Option<Control> {
        let limits = Limits { time: questions.time, octets: LARGEST };
        let channel = match Channel::new(address, limits) {
            Ok(channel) => channel,
            Err(cause) => return Some(Control::Denied { address: shown, text: cause.to_string() }),
        };
        let asked = Deadline::after(LONGEST);
        let answer = match conversation.send(&channel, &command("status-get", self.daemon))? {
            Ok(answer) => answer,
            Err(failure) => return Some(self.failed(&failure, shown)),
        };
        let status = match self.status(&answer) {
            Ok(status) => status,
            Err(Objection::None) => {
                return Some(Control::Declined { address: shown, text: redact::line(&answer.text).into_owned() });
            }
            Err(Objection::Garbled(text)) => return Some(Control::Garbled { address: shown, text }),
            Err(Objection::OtherProcess(text)) => return Some(Control::Declined { address: shown, text }),
        };
        // What it counts ended when it answered, and the current time is that of the question.
        let waited = LONGEST.saturating_sub(asked.left().unwrap_or_default());
        let status = status.as_of_question(waited);
        let mut second = |name: &str| {
            let answer = conversation.send(&channel, &command(name, self.daemon))?.ok()?;
            (answer.code == Code::Success).then_some(answer)
        };
        let configuration = questions.configuration.then(|| second("config-get")).flatten();
        let ask_version = questions.version && !questions.configuration;
        let version = ask_version.then(|| second("version-get").map(|answer| answer.text)).flatten();
        conversation.configuration = configuration.as_ref().map(|answer| answer.raw().to_owned());
        conversation.channel = Some(channel);
        let configuration = configuration.and_then(|answer| answer.value().ok()).map(redact::json);
        Some(Control::Answered { address: shown, status: Box::new(status), version, configuration })
    }

    /// The status in an answer to status-get, or what is wrong with it.
    fn status(&self, answer: &Answer) -> Result<Status, Objection> {
        match answer.code {
            Code::Success => {}
            // Kea before 1.7.3 has no such command, and lives.
            Code::Unsupported => return Ok(Status::default()),
            _ => return Err(Objection::None),
        }
        let arguments = answer.read::<Value>();
        let arguments =
            arguments.map_err(|cause| Objection::Garbled(format!("its arguments are not readable: {cause}")))?;
        let status = Status::read(&arguments);
        let Some(pid) = status.pid else {
            return Err(Objection::Garbled("it does not say which process answers".to_owned()));
        };
        match self.other_process(pid) {
            Some(text) => Err(Objection::OtherProcess(text)),
            None => Ok(status),
        }
    }

    /// The process that answers, if it is another one.
    fn other_process(&self, pid: i64) -> Option<String> {
        if let Some(process) = self.process {
            let is_it = pid == i64::from(process.pid) || Some(pid) == process.inner();
            return (!is_it).then(|| format!("process {pid} answers there, not {}", process.pid));
        }
        let name = self.daemon.process_name();
        let number = u32::try_from(pid).ok();
        let is_free = number.is_some_and(|pid| !self.around.pids.contains(&pid));
        let is_named = || number.is_some_and(|pid| process::name(self.root, pid).is_ok_and(|it| it == name));
        let may_be_it = is_free && (self.around.is_hidden || is_named());
        (!may_be_it).then(|| format!("process {pid} answers there, which is not this {name}"))
    }

    fn failed(&self, failure: &Failure, address: String) -> Control {
        let (cause, hint) = failure.words();
        let remedy = match (&failure.trouble, &failure.address) {
            (Trouble::Denied, Address::Unix(_)) => rights::remedy_to_ask(self.home, Path::new(&address)),
            _ => hint,
        };
        let text = if remedy.is_empty() { cause } else { format!("{cause} ({remedy})") };
        match failure.trouble {
            Trouble::Absent => Control::Absent { address },
            Trouble::Refused | Trouble::NotASocket => Control::Refused { address },
            Trouble::Denied | Trouble::Unusable(_) | Trouble::Unreachable | Trouble::Tls(..) => {
                Control::Denied { text: format!("{address}: {text}"), address }
            }
            Trouble::NoAnswer | Trouble::Slow => {
                Control::NoAnswer { address, waited: failure.limits.time.as_secs_f64() }
            }
            Trouble::Unauthorized | Trouble::Forbidden => Control::Declined { address, text },
            _ => Control::Garbled { address, text },
        }
    }
}

/// What is wrong with an answer.
enum Objection {
    /// It is a refusal with a message.
    None,
    /// It is empty.
    Garbled(String),
    /// It comes from another process.
    OtherProcess(String),
}

/// A command for `daemon`; for the Control Agent itself without a service.
fn command(name: &str, daemon: Daemon) -> Command<'_> {
    let command = Command::new(name);
    if daemon == Daemon::CtrlAgent { command } else { command.service(daemon.service()) }
}

/// The first existing one of a socket's possible paths, else the first.
fn unix(root: &Root, paths: &[PathBuf]) -> Option<PathBuf> {
    let present = paths.iter().find(|path| root.metadata(path).is_ok());
    present.or(paths.first()).cloned()
}
