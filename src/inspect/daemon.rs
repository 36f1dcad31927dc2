//! Collects all facts about one daemon.

use std::cell::OnceCell;
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::ask::{Conversation, Respondent, ask};
use super::configuration::{configuration, describe};
use super::descriptors::{Descriptors, listening};
use super::journal::Whose;
use super::log::Writer;
use super::root::Root;
use super::task::Task;
use super::{journal, leases, log, net, pidfile, process, rights};
use crate::config::control::Socket;
use crate::config::supply::Supply;
use crate::config::{self, Config, Daemon, Document};
use crate::health::kea::facts::{
    Control, End, FileProblem, Instance, LeaseFile, Log, Meaning, PidFile, Process, Sockets,
};
use crate::health::kea::{is_newer_than_load, runs_on_its_file};

/// A daemon counts in whole seconds, and starts to count when it has loaded.
const ROUNDING: i64 = 2;

/// More log files than any daemon has.
const MOST_LOGS: usize = 8;

/// Adds all facts to `instance`.
pub(super) fn look(task: &Task, instance: &mut Instance) {
    if instance.process.as_ref().is_some_and(|process| process.is_untrusted) {
        return;
    }
    let apart = instance.process.as_ref().filter(|it| it.inner_pid.is_some() || has_own_files(&task.root, it.pid));
    let home = apart.map_or_else(|| task.root.clone(), |process| task.root.of_process(process.pid));
    let config = configuration(task, &home, instance);
    let pid = instance.process.as_ref().map(|process| process.pid);
    Looker { task, home: &home, config, pid, open: OnceCell::new() }.look(instance);
}

/// Whether a process sees other files than this program: it has another root directory or mount namespace.
pub(super) fn has_own_files(root: &Root, pid: u32) -> bool {
    static OWN: [OnceLock<Option<PathBuf>>; 2] = [const { OnceLock::new() }; 2];
    let differs = |(own, what): (&OnceLock<Option<PathBuf>>, &str)| {
        let link = |of: &str| root.link(format!("/proc/{of}/{what}")).ok();
        let (own, its) = (own.get_or_init(|| link("self")), link(&pid.to_string()));
        own.is_some() && its.is_some() && *own != its
    };
    root.is_own() && OWN.iter().zip(["ns/mnt", "root"]).any(differs)
}

/// The context of examining a daemon.
struct Looker<'a> {
    task: &'a Task,
    /// The root directory of its files: the machine's, or a container's.
    home: &'a Root,
    /// What its configuration says besides subnets, if that is known.
    config: Option<Arc<Config>>,
    pid: Option<u32>,
    /// Its open descriptors, if this user may read them, and if they were needed.
    open: OnceCell<Option<Descriptors>>,
}

impl Looker<'_> {
    fn look(&self, instance: &mut Instance) {
        let variable = |name: &str| self.variable(name);
        let conversation = instance.process.as_ref().is_none_or(|process| !process.is_halted()).then(|| {
            let (control, conversation) = self.control(instance, &variable);
            instance.control = control;
            conversation
        });
        take_running(instance, conversation.as_ref());
        // The TCP tables are large, and a daemon that answered over HTTP listens.
        let was_heard = instance.daemon == Daemon::CtrlAgent
            && !matches!(instance.control, Control::Absent { .. } | Control::Refused { .. } | Control::None);
        if let Some(process) = instance.process.as_ref().filter(|_| !was_heard) {
            let own = self.open().map(|open| &open.sockets[..]);
            let tables = net::Tables::new(&self.task.root, process);
            let names = self.named_interfaces();
            let sockets = net::sockets(tables, instance.daemon, process, own, self.port(), &names);
            if sockets.is_none() && self.serves(instance.daemon) && !process.is_halted() {
                let who = "the sockets of process";
                instance.unseen.push(format!("{who} {}: run as root with CAP_SYS_PTRACE", process.pid));
            }
            instance.sockets = sockets.and_then(|found| self.shared_out(instance.daemon, process, found));
            let is_deaf = |sockets: &&mut Sockets| sockets.service.is_empty() && instance.daemon == Daemon::Dhcp6;
            if let Some(sockets) = instance.sockets.as_mut().filter(is_deaf) {
                net::note_link_local(&self.task.root, process, &mut sockets.named);
            }
        }
        self.log(instance);
        instance.leases = self.leases(instance, &variable);
        instance.last_packet = conversation.as_ref().and_then(|it| last_packet(instance, it));
        self.count(instance, conversation.as_ref());
        instance.cores = self.task.cores().of(&self.task.root, instance.daemon, instance.process.as_ref());
        if let Some(process) = instance.process.as_ref().filter(|process| process.inner_pid.is_some()) {
            instance.pid_files.extend(pidfile::inside(&self.task.root, self.home, instance.daemon, process));
        }
        if instance.process.is_none() {
            instance.has_run = instance.has_run.or_else(|| self.has_run(instance));
            self.note_closed(instance);
        } else {
            self.note_closed_since(instance);
        }
        unseen(instance);
    }

    /// Its lease file. That of a configuration that was not loaded is none that the server works with, unless it has it open.
    fn leases(&self, instance: &Instance, variable: &dyn Fn(&str) -> Option<OsString>) -> Option<LeaseFile> {
        let told = instance.status().and_then(|status| status.lease_file.as_deref());
        let config = self.config.as_ref().filter(|config| config.keeps_lease_file())?;
        let files = || self.open().map_or(&[][..], |open| &open.files);
        let process = instance.process.as_ref().map(|process| (process, files()));
        let leases = leases::look(&self.task.root, self.home, config, told, process, variable);
        let is_sure = told.is_some() || runs_on_its_file(instance, self.task.questions.now);
        (is_sure || self.open().is_none_or(|open| leases::has_open(&open.files, &leases.path))).then_some(leases)
    }

    /// Whether there is a trace of an earlier run; `None` if some places are not readable.
    fn has_run(&self, instance: &Instance) -> Option<bool> {
        let has_left_socket = matches!(&instance.control, Control::Refused { address } if address.starts_with('/'));
        let has_leases = instance.leases.as_ref().is_some_and(|leases| leases.size.is_some());
        let has_log = instance.log.as_ref().is_some_and(|log| log.fault.is_none() && !log.is_empty);
        // In a directory that is closed to this user there may be a pid file or not.
        let is_hidden = |file: &PidFile| {
            matches!(file.meaning, Meaning::Unreadable(_)) && self.task.root.metadata(&file.path).is_err()
        };
        if has_left_socket || has_leases || has_log || !instance.pid_files.iter().all(is_hidden) {
            return Some(true);
        }
        let configuration = instance.configuration.iter().filter_map(|file| file.fault.as_ref());
        let leases = instance.leases.iter().filter_map(|leases| leases.fault.as_ref());
        let log = instance.log.iter().filter_map(|log| log.fault.as_ref());
        let is_closed = |fault: &FileProblem| matches!(fault, FileProblem::Denied(_) | FileProblem::Unreadable(_));
        let is_unseen = self.task.around.units_are_unknown
            || !instance.pid_files.is_empty()
            || matches!(instance.control, Control::Denied { .. } | Control::Unasked)
            || configuration.chain(leases).chain(log).any(is_closed);
        (!is_unseen).then_some(false)
    }

    /// Notes whether the user that a daemon ran as, by what it has left, may not read its configuration or its leases.
    fn note_closed(&self, instance: &mut Instance) {
        let left = instance.leases.iter().map(|leases| &leases.path).chain(instance.log.iter().map(|log| &log.path));
        let owner =
            left.filter_map(|path| self.home.metadata(path).ok()).map(|found| found.uid()).find(|uid| *uid != 0);
        let Some((file, owner)) = instance.configuration.as_mut().zip(owner) else { return };
        if let Some(leases) = instance.leases.as_mut().filter(|leases| leases.size.is_some())
            && !rights::may_read(self.home, &leases.path, owner)
        {
            leases.header_fault = Some(format!("{} may not read it", rights::user(self.home, owner)));
        }
        if file.fault.is_none() && !rights::may_read(self.home, &file.path, owner) {
            file.closed_to = Some(rights::user(self.home, owner));
        }
    }

    /// Notes whether the user that a daemon runs as may not read its configuration any more. What has not changed since the last
    /// load was read then.
    fn note_closed_since(&self, instance: &mut Instance) {
        let Some(load) = instance.last_load(self.task.questions.now) else { return };
        let Some((process, file)) = instance.process.as_ref().zip(instance.configuration.as_mut()) else { return };
        let is_changed = || self.home.metadata(&file.path).is_ok_and(|found| found.ctime() > load + ROUNDING);
        if process.uid != 0
            && process.uid != u32::MAX
            && file.fault.is_none()
            && is_changed()
            && !rights::may_read(self.home, &file.path, process.uid)
        {
            file.closed_to = Some(rights::user(self.home, process.uid));
        }
    }

    /// Whether the daemon has service sockets, if that is known.
    fn serves(&self, daemon: Daemon) -> bool {
        matches!(daemon, Daemon::Dhcp4 | Daemon::Dhcp6) || self.port().is_some()
    }

    /// The port of a DHCP-DDNS server or a Control Agent.
    fn port(&self) -> Option<u16> {
        self.config.as_ref().and_then(|config| config.port())
    }

    /// The interfaces that the configuration names.
    fn named_interfaces(&self) -> Vec<String> {
        let names = self.config.iter().flat_map(|config| &config.server.interfaces_config.interfaces);
        names.map(|name| name.split('/').next().unwrap_or(name).to_owned()).collect()
    }

    /// Of sockets that are known by their user, those that may be this daemon's where another of its kind has the same user.
    fn shared_out(&self, daemon: Daemon, process: &Process, mut found: Sockets) -> Option<Sockets> {
        let is_rival =
            |other: &(Daemon, u32, u32)| other.0 == daemon && other.1 != process.pid && other.2 == process.uid;
        if found.by_inode || !self.task.around.processes.iter().any(is_rival) {
            return Some(found);
        }
        let config = self.config.as_ref().filter(|config| config.family().is_some())?;
        let names = &config.server.interfaces_config.interfaces;
        if names.iter().any(|name| name == "*") {
            return None;
        }
        let names = self.named_interfaces();
        found.service.retain(|socket| socket.interface.as_ref().is_none_or(|name| names.contains(name)));
        Some(found)
    }

    /// An environment variable of the process, or of this program if that is not readable.
    fn variable(&self, name: &str) -> Option<OsString> {
        let its = self.pid.and_then(|pid| process::variable(&self.task.root, pid, name));
        its.map(PathBuf::into_os_string).or_else(|| self.task.variables.get(name).cloned())
    }

    /// The daemon's own status.
    fn control(&self, instance: &mut Instance, variable: &dyn Fn(&str) -> Option<OsString>) -> (Control, Conversation) {
        let process = instance.process.as_ref();
        let ask = |channels: &[Socket]| {
            let respondent = Respondent {
                daemon: instance.daemon,
                process,
                root: &self.task.root,
                home: self.home,
                around: &self.task.around,
            };
            ask(&respondent, channels, &self.task.questions, variable)
        };
        let listens = || {
            let open = self.open()?;
            process.map(|process| open.unix_sockets(&self.task.root, process.pid))
        };
        // A file that is older than the process is what it runs on. When a process started is known to a second.
        let is_told = process.zip(instance.configuration.as_ref()).is_some_and(|(process, file)| {
            file.fault.is_none() && file.modified.is_some_and(|modified| modified <= process.started + 1)
        });
        let seen = if is_told { None } else { listens() };
        let configured =
            channels(instance, self.config.as_ref().map(|config| config.sockets()), seen.unwrap_or_default());
        let found = ask(&configured);
        let (Control::Absent { address } | Control::Refused { address }) = &found.0 else { return found };
        // Or on what came with a command since.
        let elsewhere =
            channels(instance, self.config.as_ref().map(|_| configured.clone()), listens().unwrap_or_default());
        if elsewhere != configured {
            return ask(&elsewhere);
        }
        let is_this = |(_, path): &(u64, PathBuf)| path == Path::new(address);
        let table = |process: &Process| listening(&self.task.root, process.pid);
        // Where its mounts are hidden, its socket may lie in a file system that is not seen from here.
        let is_seen = |process: &&Process| {
            !self.task.root.is_own() || self.task.root.link(format!("/proc/{}/ns/mnt", process.pid)).is_ok()
        };
        instance.socket_is_removed = process.filter(is_seen).is_some_and(|process| table(process).iter().any(is_this));
        found
    }

    /// The packet counts of a DHCP server, if they are wanted.
    fn count(&self, instance: &mut Instance, conversation: Option<&Conversation>) {
        let is_server = matches!(instance.daemon, Daemon::Dhcp4 | Daemon::Dhcp6);
        if !self.task.questions.traffic || !is_server || instance.status().is_none() {
            return;
        }
        instance.traffic = conversation.and_then(|it| it.traffic(instance.daemon));
        if instance.traffic.is_none() {
            instance.unseen.push("its packet counts: it did not answer statistic-get".to_owned());
        }
    }

    fn open(&self) -> Option<&Descriptors> {
        let list = || Descriptors::from_process(&self.task.root, self.pid?);
        self.open.get_or_init(list).as_ref()
    }

    /// The end of its log: its file, or else the journal if that is needed. It decides about the verdict, so what is read of it
    /// is the same in every format.
    fn log(&self, instance: &mut Instance) {
        let is_wanted = has_to_explain(instance, self.task.questions.now);
        let is_untold = matches!(instance.daemon, Daemon::Dhcp4 | Daemon::Dhcp6)
            && instance.status().is_some_and(|status| status.dhcp_state.is_none());
        // The open files of a daemon that has answered over HTTP were not needed so far.
        let is_worth_a_search = is_wanted || self.open.get().is_some();
        let open = || self.open().filter(|_| is_worth_a_search)?.log();
        let variable = |name: &str| self.variable(name);
        let named = self.config.iter().flat_map(|config| config.log_files(&variable));
        let mut files: Vec<PathBuf> = named.take(MOST_LOGS).collect();
        // A file that was changed since may name another log than the one that is written.
        let is_open = |path: &PathBuf| self.open().is_none_or(|open| open.files.iter().any(|file| file.path == *path));
        let is_current = || runs_on_its_file(instance, self.task.questions.now) || files.iter().any(is_open);
        if files.is_empty() || !is_current() {
            let written = open();
            files = written.map_or(files, |path| vec![path]);
        }
        let writer = writer(instance);
        if !files.is_empty() {
            let is_silent = is_untold && instance.process.is_some();
            let path = files[0].clone();
            instance.log = Some(Log { path, ..log::read(self.home, &self.written(&files), &writer, is_silent) });
            let log = instance.log.as_ref().filter(|_| instance.process.is_some());
            let why = log.and_then(|log| says_nothing(log, is_untold, is_untold && self.hides_commands()));
            instance.unseen.extend(why);
        }
        if instance.process.is_none() && instance.expected.is_some() {
            self.end_in_journal(instance, &writer);
        }
        if instance.log.is_some() || !is_wanted && !is_untold {
            return;
        }
        let Some(process) = instance.process.as_ref().filter(|process| !process.is_halted()) else { return };
        match self.log_in_journal(instance, process, &writer, is_untold) {
            Ok(log) => instance.log = Some(log),
            Err(why) => instance.unseen.push(format!("its log: {why}")),
        }
    }

    /// Where these logs are written now: a server goes on writing into a file that was renamed or deleted.
    fn written(&self, files: &[PathBuf]) -> Vec<PathBuf> {
        let open = self.open.get().and_then(Option::as_ref).zip(self.pid).filter(|_| self.home.is_own());
        let place = |path: &PathBuf| Some(open?.0.moved(path, files)?.place(open?.1));
        files.iter().map(|path| place(path).unwrap_or_else(|| path.clone())).collect()
    }

    /// Whether a logger of its own keeps commands out of the log.
    fn hides_commands(&self) -> bool {
        let loggers = self.config.iter().flat_map(|config| &config.server.loggers);
        let is_of_commands = |name: &str| name.rsplit('.').next() == Some("commands");
        let hides = |severity: &str| matches!(&severity.to_ascii_uppercase()[..], "WARN" | "ERROR" | "FATAL" | "NONE");
        loggers
            .filter(|logger| logger.name.as_deref().is_some_and(is_of_commands))
            .any(|logger| logger.severity.as_deref().is_some_and(hides))
    }

    /// The end of the log of a daemon that runs and has no log file, or why there is none.
    fn log_in_journal(
        &self,
        instance: &Instance,
        process: &Process,
        writer: &Writer,
        is_untold: bool,
    ) -> Result<Log, String> {
        let has_journal = journal::is_there(&self.task.root);
        if has_journal {
            let log = journal::read_running(process.pid, writer, is_untold, self.task.rest())?;
            if !log.is_empty {
                return Ok(log);
            }
        }
        let why = match &instance.configuration {
            Some(file) if file.fault.is_some() => "its configuration, which names it, could not be read",
            _ if has_journal => "it has no file, and the journal has no line of it",
            _ => "it has no file",
        };
        Err(why.to_owned())
    }

    /// Why a daemon is down, where its log file does not say it: until it has read its configuration it writes to
    /// standard output.
    fn end_in_journal(&self, instance: &mut Instance, writer: &Writer) {
        let is_told = instance.log.as_ref().is_some_and(|log| matches!(log.ended, Some(End::Failed(_))));
        if is_told || !journal::is_there(&self.task.root) {
            return;
        }
        let name = instance.daemon.process_name();
        let whose = instance.unit.as_ref().map_or(Whose::Name(name), |unit| Whose::Unit(&unit.name));
        match journal::read(&whose, writer, self.task.rest()) {
            Ok(log) if !log.is_empty && says_more(&log, instance.log.as_ref()) => instance.log = Some(log),
            Ok(_) => {}
            Err(why) => instance.unseen.push(format!("its log: {why}")),
        }
    }
}

/// Whether the journal says more of the end of a daemon than its log: why it failed, and not of a time before.
fn says_more(journal: &Log, log: Option<&Log>) -> bool {
    let rank = |end: Option<&End>| match end {
        None => 0,
        Some(End::Stopped(_)) => 1,
        Some(End::StartFailed(_)) => 2,
        Some(End::Failed(_)) => 3,
    };
    log.is_none_or(|log| rank(journal.ended.as_ref()) > rank(log.ended.as_ref()))
}

/// If the running configuration was requested, it is used instead of the file's.
fn take_running(instance: &mut Instance, conversation: Option<&Conversation>) {
    let Some(text) = conversation.and_then(|it| it.configuration.as_deref()) else { return };
    let mut nothing = |_: &Path| Err(io::ErrorKind::NotFound.into());
    let running = Document::parse(Path::new("config-get"), text.into(), &mut nothing).config(instance.daemon);
    let running = running.ok().filter(|running| running.syntax_error.is_none());
    let Some((file, running)) = instance.configuration.as_mut().zip(running) else { return };
    describe(&running, file);
    file.is_running = true;
}

/// Whether there is a problem that the log may explain.
fn has_to_explain(instance: &Instance, now: i64) -> bool {
    let is_deaf = instance.sockets.as_ref().is_some_and(|sockets| sockets.service.is_empty());
    let is_changed = instance.configuration.as_ref().is_some_and(|file| {
        matches!(file.fault, Some(FileProblem::Invalid(_))) || is_newer_than_load(instance, file, now) == Some(true)
    });
    // A server that continues without its leases does not report that.
    let has_database = instance.configuration.as_ref().is_some_and(|file| file.databases.holds_leases);
    // It serves clients that its file has nothing for, if that was not loaded.
    let supply = instance.configuration.as_ref().and_then(|file| file.supply.as_ref());
    let gives_nothing = supply.is_some_and(Supply::is_empty);
    is_deaf || is_changed || has_database || gives_nothing || is_loaded_anew(instance, now)
}

/// Whether a configuration was loaded some time after the start although the file is as it was then: the same again, or
/// one that came with a command.
fn is_loaded_anew(instance: &Instance, now: i64) -> bool {
    const START: i64 = 5;
    let started = instance.process.as_ref().map(|process| process.started);
    let modified = instance.configuration.as_ref().and_then(|file| file.modified);
    let is_as_it_was = started.zip(modified).is_some_and(|(started, modified)| modified <= started);
    is_as_it_was && instance.last_load(now).zip(started).is_some_and(|(load, started)| load > started + START)
}

/// Which log lines are this daemon's: those of its process, if it runs.
fn writer(instance: &Instance) -> Writer {
    let process = instance.process.as_ref();
    let seen = process.into_iter().flat_map(|process| [Some(i64::from(process.pid)), process.inner()]);
    let reported = instance.status().and_then(|status| status.pid);
    Writer { daemon: instance.daemon, pids: seen.chain([reported]).flatten().collect() }
}

/// Why the log of a running daemon shows nothing, or not whether DHCP is disabled where the daemon does not report it.
fn says_nothing(log: &Log, is_unreported: bool, hides_commands: bool) -> Option<String> {
    let path = log.path.display();
    let lacks = |what: &str| Some(format!("whether DHCP was disabled: its log {path} {what}"));
    match &log.fault {
        Some(FileProblem::Missing(_)) => Some(format!("its log: {path} is not there")),
        None if !is_unreported => None,
        None if log.is_empty => Some(format!("whether DHCP was disabled or a database lost: its log {path} is empty")),
        None if log.only_troubles => lacks("has no lines of severity INFO"),
        None if hides_commands => lacks("has no commands, by the severity of a logger"),
        // An unreadable file is already in the list of these.
        Some(_) | None => None,
    }
}

/// When the server last counted a packet, if its log says that DHCP was disabled, or does not show it: while it is, no packet
/// is counted, and the end of a time limit is not logged.
fn last_packet(instance: &Instance, conversation: &Conversation) -> Option<i64> {
    let name = match instance.daemon {
        Daemon::Dhcp4 => "pkt4-received",
        Daemon::Dhcp6 => "pkt6-received",
        _ => return None,
    };
    let is_untold = instance.status().is_some_and(|status| status.dhcp_state.is_none());
    let log = instance.log.as_ref()?;
    let is_disabled = log.service_command.as_ref().is_some_and(|command| command.id == "dhcp-disable");
    if !is_untold || !is_disabled && log.service_unseen.is_none() {
        return None;
    }
    conversation.count(instance.daemon, name).filter(|(count, _)| *count > 0)?.1
}

/// Records which files this user may not read.
fn unseen(instance: &mut Instance) {
    let configuration = instance.configuration.iter().filter_map(|file| file.fault.as_ref());
    let log = instance.log.iter().filter_map(|log| log.fault.as_ref());
    let leases = instance.leases.iter().filter_map(|leases| leases.fault.as_ref());
    let denied = configuration.chain(log).chain(leases).filter(|fault| matches!(fault, FileProblem::Denied(_)));
    let denied: Vec<String> = denied.map(|fault| fault.text().to_owned()).collect();
    instance.unseen.extend(denied);
}

/// Where to ask: at the sockets the daemon is known to listen on, else where its configuration says, else as is usual.
fn channels(instance: &Instance, configured: Option<Vec<Socket>>, listens: Vec<PathBuf>) -> Vec<Socket> {
    let is_unix = |channel: &Socket| matches!(channel, Socket::Unix(_));
    match (configured, &listens[..]) {
        // What is configured and served may have other names: a directory reached by another way.
        (Some(configured), [_, ..])
            if listens.iter().all(|path| !configured.contains(&Socket::Unix(path.clone())))
                && configured.iter().any(is_unix) =>
        {
            listens.into_iter().map(Socket::Unix).collect()
        }
        (Some(configured), _) => configured,
        (None, []) => usual_channel(instance.daemon),
        (None, _) => listens.into_iter().map(Socket::Unix).collect(),
    }
}

/// The default control socket of the daemon.
fn usual_channel(daemon: Daemon) -> Vec<Socket> {
    config::control::usual_socket(daemon).map(|name| Socket::Unix(PathBuf::from(name))).into_iter().collect()
}
