//! Whether the daemon is alive: its process, its pid file, its control channel.

use super::down::{circumstances, remedy};
use super::facts::{Control, Expected, FileProblem, Instance, Meaning, PidFile};
use super::{Finding, Verdict};
use crate::health::State;

/// A younger daemon may not have opened its control channel yet, in seconds.
const STARTING: i64 = 5;

/// Whether there is a daemon to look at further. Where all processes are to be seen, only its own answer with its
/// number shows that it is alive; any process may refuse to answer on its port.
pub(super) fn is_there(instance: &Instance, is_hidden: bool) -> bool {
    let speaks = match &instance.control {
        Control::Answered { status, .. } => is_hidden || status.pid.is_some(),
        Control::Declined { .. } => is_hidden,
        _ => false,
    };
    instance.process.is_some() || speaks
}

/// Whether it runs and is not stopped. `hidden` is the reason why there may be invisible processes.
pub(super) fn life(instance: &Instance, hidden: Option<&str>) -> Vec<Finding> {
    if !is_there(instance, hidden.is_some()) {
        return vec![absent(instance, hidden)];
    }
    if let Some(finding) = untrusted_process(instance) {
        return vec![finding];
    }
    let mut findings = Vec::new();
    findings.extend(halted(instance));
    findings.extend(silent(instance));
    // The daemon's own answer counts more than the state of its process.
    let told = instance.status().and_then(|status| status.pid);
    let others = instance.pid_files.iter().filter(|file| file.pid.is_none() || file.pid != told);
    findings.extend(others.filter_map(misleading));
    findings
}

/// A process that may have given itself the name.
fn untrusted_process(instance: &Instance) -> Option<Finding> {
    let process = instance.process.as_ref().filter(|process| process.is_untrusted)?;
    let user = process.user.clone().unwrap_or_else(|| format!("user {}", process.uid));
    if process.is_unproven {
        let text = format!(
            "it is not known whether process {} is Kea's: it runs as {user}, and the owner of its configuration is \
             hidden (run as {user} or as root)",
            process.pid
        );
        return Some(Finding::new("untrusted-process", State::Unknown, text).verdict(Verdict::Unknown));
    }
    let text = format!(
        "process {} has this name, but runs as {user} with a configuration that neither root nor Kea's user has written: \
         it is not trusted, and not counted as the server that should run",
        process.pid
    );
    Some(Finding::new("untrusted-process", State::Warning, text).verdict(Verdict::Unknown))
}

/// Why it does not run.
fn absent(instance: &Instance, hidden: Option<&str>) -> Finding {
    // A daemon that is not expected may be down.
    let bad = if instance.expected.is_some() { State::Critical } else { State::Ok };
    if let Some(why) = hidden {
        // A pid file is left by one that was started, on whatever configuration.
        let was_started = instance.expected.is_some() || !instance.pid_files.is_empty();
        let state = if was_started { State::Unknown } else { State::Ok };
        let text = format!("no such process is visible, but some processes are hidden: {why} (root sees them)");
        return Finding::new("processes-hidden", state, text).verdict(Verdict::Unknown);
    }
    if let Some((file, by)) = instance.pid_files.iter().find_map(reused) {
        let pid = file.pid.unwrap_or_default();
        let text = format!(
            "down, and cannot start: its pid file {} holds {pid}, which belongs to \"{by}\" now (remove the file)",
            file.path.display()
        );
        return Finding::new("pid-file-reused", bad.max(State::Warning), text).verdict(Verdict::StalePidFile);
    }
    if let Some(file) = instance.pid_files.iter().find(|file| file.meaning == Meaning::Stale) {
        let pid = file.pid.unwrap_or_default();
        let reasons: String = circumstances(instance).into_iter().map(|reason| reason + "; ").collect();
        let text = format!(
            "down: {reasons}it was killed, crashed or the machine stopped: its pid file {} with number {pid} still exists",
            file.path.display()
        );
        return Finding::new("pid-file-stale", bad.max(State::Warning), text).verdict(Verdict::StalePidFile);
    }
    let bad_file = instance.pid_files.iter().find_map(|file| match &file.meaning {
        Meaning::Bad(why) => Some((file, why)),
        _ => None,
    });
    if let Some((file, why)) = bad_file {
        let path = file.path.display();
        let text = format!("down, and cannot start: its pid file {path} is invalid: {why} (remove the file)");
        return Finding::new("pid-file-bad", bad.max(State::Warning), text).verdict(Verdict::StalePidFile);
    }
    if instance.expected == Some(Expected::Installed)
        && let Some(finding) = unused(instance)
    {
        return finding;
    }
    let reasons = circumstances(instance).join("; ");
    let text = match reasons.as_str() {
        "" if bad == State::Ok => "down".to_owned(),
        "" => unexplained(instance),
        reasons => format!("down: {reasons}"),
    };
    Finding::new("down", bad, text).verdict(Verdict::Down)
}

/// It should run, and nothing was seen that keeps it from that.
fn unexplained(instance: &Instance) -> String {
    let what = if instance.has_run == Some(false) { "nothing shows that it ever ran" } else { "nothing here says why" };
    let remedy = Some(remedy(instance)).filter(|remedy| !remedy.is_empty());
    remedy.map_or_else(|| format!("down: {what}"), |remedy| format!("down: {what} ({remedy})"))
}

/// It is installed, and there is no other sign that it should run.
fn unused(instance: &Instance) -> Option<Finding> {
    let file = instance.configuration.as_ref().map(|file| file.path.display().to_string()).unwrap_or_default();
    let text = format!("down; its configuration {file} exists, but");
    let finding = match instance.has_run {
        Some(true) => return None,
        Some(false) => {
            let text = format!("{text} it is not enabled, and nothing shows that it ever ran");
            Finding::new("never-started", State::Ok, text)
        }
        None => {
            let text = format!("{text} it is not known whether it should run (an enabled unit would show it)");
            Finding::new("never-started", State::Unknown, text)
        }
    };
    Some(finding.verdict(Verdict::Down))
}

fn reused(file: &PidFile) -> Option<(&PidFile, &str)> {
    match &file.meaning {
        Meaning::Reused(by) => Some((file, by)),
        _ => None,
    }
}

/// The process is stopped or has ended.
fn halted(instance: &Instance) -> Option<Finding> {
    let process = instance.process.as_ref()?;
    let text = match process.state {
        'Z' | 'X' => format!("process {} has ended and is a zombie: its parent process has not noticed", process.pid),
        'T' => format!("process {} is stopped (SIGSTOP); SIGCONT lets it go on", process.pid),
        't' => format!("process {} is stopped by a debugger", process.pid),
        _ => return None,
    };
    Some(Finding::new("process-stopped", State::Critical, text).verdict(Verdict::Stopped))
}

/// Processes of an earlier run that are left over.
pub(super) fn zombies(instance: &Instance) -> Option<Finding> {
    let numbers: Vec<String> = instance.zombies.iter().map(u32::to_string).collect();
    let text = format!(
        "another process of it has ended and is a zombie ({}): its parent process has not noticed",
        numbers.join(", ")
    );
    (!numbers.is_empty()).then(|| Finding::new("zombie", State::Ok, text))
}

/// It accepts commands but does not answer.
fn silent(instance: &Instance) -> Option<Finding> {
    let Control::NoAnswer { address, waited } = &instance.control else { return None };
    let text = format!("hung: it accepts a command on {address} but does not answer within {waited:.1} s");
    Some(Finding::new("hung", State::Critical, text).verdict(Verdict::Hung))
}

/// A wrong pid file while the daemon runs, which misleads scripts.
fn misleading(file: &PidFile) -> Option<Finding> {
    let path = file.path.display();
    let number = file.pid.unwrap_or_default();
    let text = match &file.meaning {
        Meaning::Current | Meaning::Unreadable(_) => return None,
        Meaning::Stale => format!("it runs, but its pid file {path} holds {number}, which is not its number"),
        Meaning::Reused(by) => format!("it runs, but its pid file {path} holds {number}, which is \"{by}\""),
        Meaning::Bad(why) => format!("it runs, but its pid file {path} is invalid: {why}"),
    };
    Some(Finding::new("pid-file-misleading", State::Warning, text))
}

/// Whether this user may not read its configuration.
fn is_unread(instance: &Instance) -> bool {
    let fault = instance.configuration.as_ref().and_then(|file| file.fault.as_ref());
    matches!(fault, Some(FileProblem::Denied(_)))
}

/// Whether a running daemon could be queried.
pub(super) fn reach(instance: &Instance, now: i64) -> Option<Finding> {
    let is_starting = instance.uptime(now).is_some_and(|uptime| uptime < STARTING);
    let lost = |what: &str, address: &str| {
        let text = format!("it cannot be queried: {what} {address}");
        Some(Finding::new("control-lost", State::Warning, text))
    };
    match &instance.control {
        Control::Absent { address } | Control::Refused { address } if instance.socket_is_removed => {
            let text = format!(
                "it cannot be queried: its control socket {address} was removed or replaced while it runs (only a restart opens \
                 it anew)"
            );
            Some(Finding::new("control-lost", State::Warning, text))
        }
        Control::Absent { .. } | Control::Refused { .. } if is_starting => {
            Some(Finding::new("starting", State::Unknown, "it has just started").verdict(Verdict::Unknown))
        }
        Control::Absent { address } if is_unread(instance) => {
            // Its address is not known then; the default path is a guess.
            let text = format!(
                "it is not known whether it answers: its configuration is not readable, and {address} does not exist"
            );
            Some(Finding::new("control-denied", State::Unknown, text).verdict(Verdict::Unknown))
        }
        Control::Absent { address } if instance.is_closed() => {
            let text = format!(
                "it is not known whether it answers: {address} does not exist, and its other sockets are hidden (run as root \
                 with the capability CAP_SYS_PTRACE)"
            );
            Some(Finding::new("control-denied", State::Unknown, text).verdict(Verdict::Unknown))
        }
        Control::Absent { address } => lost("there is no control socket", address),
        Control::Refused { address } => lost("no process listens on", address),
        Control::Denied { text, .. } => {
            let text = format!("it is not known whether it answers: {text}");
            Some(Finding::new("control-denied", State::Unknown, text).verdict(Verdict::Unknown))
        }
        Control::Garbled { address, text } => {
            let text = format!("{address} sent an invalid answer: {text}");
            Some(Finding::new("control-garbled", State::Unknown, text).verdict(Verdict::Unknown))
        }
        Control::Declined { address, text } => {
            let text = format!("{address} refused to report its status: {text}");
            Some(Finding::new("control-declined", State::Unknown, text).verdict(Verdict::Unknown))
        }
        Control::Unasked => {
            let text = "no time was left to query it".to_owned();
            Some(Finding::new("unasked", State::Unknown, text).verdict(Verdict::Unknown))
        }
        Control::None | Control::NoAnswer { .. } | Control::Answered { .. } => None,
    }
}
