//! Units of systemd, if it runs: read with `systemctl show`, which needs no D-Bus library.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::command;
use super::root::Root;
use crate::config::Daemon;
use crate::health::kea::facts::{Process, Unit};

const PROPERTIES: &str = "Id,LoadState,ActiveState,SubState,MainPID,NRestarts,Result,UnitFileState,ExecStart,ExecMainCode,\
    ExecMainStatus,ConditionResult,ConditionTimestampMonotonic";

/// Common unit names of administrators.
const PATTERN: &str = "*kea-*.service";

/// The daemons' units; none if systemd does not run here. An error if it does not answer, or not within `time`.
pub(super) fn units(root: &Root, running: &[(Daemon, Process)], time: Duration) -> Result<Vec<(Daemon, Unit)>, String> {
    if !root.is_own() || root.metadata("/run/systemd/system").is_err() {
        return Ok(Vec::new());
    }
    let mut systemctl = Command::new("systemctl");
    systemctl.args(["show", "--property", PROPERTIES]).args(Daemon::ALL.into_iter().flat_map(usual_names));
    systemctl.args(running.iter().filter_map(|(_, process)| process.unit.as_ref())).arg(PATTERN);
    let text = command::output(systemctl, time)?;
    let mut found: Vec<(Daemon, Unit)> = Vec::new();
    for (starts, unit) in parse(&String::from_utf8_lossy(&text)) {
        let of_process = running.iter().find(|(_, process)| process.unit.as_ref() == Some(&unit.name));
        let daemon = of_process.map(|(daemon, _)| *daemon).or(starts).or_else(|| named(&unit.name));
        let is_known = found.iter().any(|(_, other)| other.name == unit.name);
        found.extend(daemon.filter(|_| !is_known).map(|daemon| (daemon, unit)));
    }
    Ok(found)
}

/// The unit names of a daemon in packages.
fn usual_names(daemon: Daemon) -> [String; 4] {
    let base = daemon.process_name();
    [format!("{base}-server"), base.to_owned(), format!("isc-{base}-server"), format!("isc-{base}")]
        .map(|name| format!("{name}.service"))
}

/// The daemon in a unit's name.
fn named(unit: &str) -> Option<Daemon> {
    Daemon::ALL.into_iter().find(|daemon| unit.contains(daemon.process_name()))
}

/// One unit a block, with the daemon that it starts. Those that there are not, and blocks of other things, are left out;
/// which of the names a block answers is for its own to say, since a name may be another's alias.
fn parse(text: &str) -> Vec<(Option<Daemon>, Unit)> {
    let blocks = text.split("\n\n").filter(|block| !block.trim().is_empty());
    let units = blocks.filter_map(|block| {
        let value = |name: &str| {
            block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default().to_owned()
        };
        let (daemon, config) = started(&value("ExecStart"));
        // Of one that was never to be started the conditions were not looked at.
        let was_looked_at = !matches!(value("ConditionTimestampMonotonic").as_str(), "" | "0");
        let is_skipped = was_looked_at && value("ActiveState") == "inactive" && value("ConditionResult") == "no";
        let unit = Unit {
            name: value("Id"),
            active: value("ActiveState"),
            sub: value("SubState"),
            result: value("Result"),
            file_state: value("UnitFileState"),
            exit: exit(&value("ExecMainCode"), &value("ExecMainStatus")),
            restarts: value("NRestarts").parse().ok(),
            main_pid: value("MainPID").parse().ok().filter(|pid| *pid != 0),
            config,
            is_skipped,
        };
        (value("LoadState") != "not-found" && !unit.name.is_empty()).then_some((daemon, unit))
    });
    units.collect()
}

/// How a main process ended, by the numbers of waitid(2).
fn exit(code: &str, status: &str) -> String {
    const EXITED: &str = "1";
    let signal = |number: &str| {
        let names =
            [("4", "ILL"), ("6", "ABRT"), ("7", "BUS"), ("8", "FPE"), ("9", "KILL"), ("11", "SEGV"), ("15", "TERM")];
        let name = names.into_iter().find(|(other, _)| *other == number);
        name.map_or_else(|| format!("signal {number}"), |(_, name)| format!("SIG{name}"))
    };
    match code {
        "" | "0" => String::new(),
        EXITED => format!("status {status}"),
        _ => signal(status),
    }
}

/// The daemon that a unit starts, which another program may do for it, and the configuration file it is given.
fn started(line: &str) -> (Option<Daemon>, Option<PathBuf>) {
    let arguments = line.split("argv[]=").nth(1).unwrap_or_default().split(" ;").next().unwrap_or_default();
    let mut words = arguments.split_whitespace();
    let name = |word: &str| Daemon::from_process_name(Path::new(word).file_name()?.to_str()?);
    let daemon = words.find_map(name);
    let mut config = None;
    while let Some(word) = words.next() {
        if let Some(file) = word.strip_prefix("-c") {
            config = if file.is_empty() { words.next() } else { Some(file) };
        }
    }
    (daemon, config.map(PathBuf::from).filter(|file| file.is_absolute()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blocks_of_systemctl_are_known_by_their_own_names() {
        let text = "Id=kea-dhcp4-server.service\nLoadState=loaded\nActiveState=failed\nSubState=failed\nMainPID=0\n\
            NRestarts=5\nResult=core-dump\nUnitFileState=enabled\nExecMainCode=3\nExecMainStatus=11\n\nId=kea-dhcp4.service\nLoadState=not-found\n";
        let expected = Unit {
            name: "kea-dhcp4-server.service".into(),
            active: "failed".into(),
            sub: "failed".into(),
            result: "core-dump".into(),
            file_state: "enabled".into(),
            exit: "SIGSEGV".into(),
            restarts: Some(5),
            main_pid: None,
            config: None,
            is_skipped: false,
        };
        assert_eq!(parse(text), [(None, expected)]);
        assert_eq!(parse(""), []);
    }

    #[test]
    fn a_unit_whose_condition_is_not_met_is_skipped() {
        let of = |active: &str, result: &str, moment: &str| {
            let text = format!(
                "Id=a.service\nActiveState={active}\nConditionResult={result}\nConditionTimestampMonotonic={moment}\n"
            );
            parse(&text)[0].1.is_skipped
        };
        assert!(of("inactive", "no", "4711"));
        assert!(!of("inactive", "yes", "4711") && !of("inactive", "no", "0") && !of("failed", "no", "4711"));
    }

    #[test]
    fn a_unit_of_any_name_tells_what_it_starts() {
        let line = "{ path=/usr/sbin/ip ; argv[]=/usr/sbin/ip vrf exec x /usr/sbin/kea-dhcp4 -c /etc/kea/tt.conf ; \
            ignore_errors=no ; start_time=[n/a] ; pid=0 }";
        assert_eq!(started(line), (Some(Daemon::Dhcp4), Some("/etc/kea/tt.conf".into())));
        assert_eq!(started("{ path=/bin/x ; argv[]=/bin/x ; }"), (None, None));
        assert_eq!(started(""), (None, None));
        assert_eq!(named("tt-kea-dhcp-ddns-dev1.service"), Some(Daemon::Ddns));
        assert_eq!(named("kea-exporter.service"), None);
    }
}
