//! Units of systemd, where it runs: by `systemctl show`, which needs no library for its bus.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::root::Root;
use crate::config::Daemon;
use crate::health::kea::facts::{Process, Unit};

const PROPERTIES: &str = "Id,LoadState,ActiveState,SubState,MainPID,NRestarts,Result,UnitFileState";

/// What systemd knows of the daemons; nothing where it does not run, does not answer in `time`, or is another
/// machine's.
pub(super) fn units(root: &Root, running: &[(Daemon, Process)], time: Duration) -> Vec<(Daemon, Unit)> {
    if !root.is_own() || root.metadata("/run/systemd/system").is_err() {
        return Vec::new();
    }
    let mut names: Vec<(Daemon, String)> = Vec::new();
    for daemon in Daemon::ALL {
        let base = daemon.process_name();
        let usual = [format!("{base}-server"), base.to_owned(), format!("isc-{base}-server"), format!("isc-{base}")];
        names.extend(usual.map(|name| (daemon, format!("{name}.service"))));
    }
    for (daemon, process) in running {
        names.extend(process.unit.iter().map(|unit| (*daemon, unit.clone())));
    }
    let mut command = Command::new("systemctl");
    command.args(["show", "--property", PROPERTIES]).args(names.iter().map(|(_, name)| name));
    command.env("LC_ALL", "C").stdin(Stdio::null()).stderr(Stdio::null());
    let text = output(command, time).unwrap_or_default();
    let mut found: Vec<(Daemon, Unit)> = Vec::new();
    for (name, unit) in names.iter().zip(parse(&text)) {
        let is_known = found.iter().any(|(_, other)| Some(&other.name) == unit.as_ref().map(|unit| &unit.name));
        if let Some(unit) = unit.filter(|_| !is_known) {
            found.push((name.0, unit));
        }
    }
    found
}

/// What a program writes, if it ends in time; it is killed if it does not.
fn output(mut command: Command, time: Duration) -> Option<String> {
    let mut child: Child = command.stdout(Stdio::piped()).spawn().ok()?;
    let mut pipe = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        let _ = pipe.read_to_string(&mut text);
        let _ = sender.send(text);
    });
    let text = receiver.recv_timeout(time).ok();
    if text.is_none() {
        let _ = child.kill();
    }
    let _ = child.wait();
    text
}

/// One unit a block, in the order they were asked for; `None` for those that there are not.
fn parse(text: &str) -> Vec<Option<Unit>> {
    let blocks = text.split("\n\n").filter(|block| !block.trim().is_empty());
    let units = blocks.map(|block| {
        let value = |name: &str| {
            block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default().to_owned()
        };
        (value("LoadState") != "not-found").then(|| Unit {
            name: value("Id"),
            active: value("ActiveState"),
            sub: value("SubState"),
            result: value("Result"),
            file_state: value("UnitFileState"),
            restarts: value("NRestarts").parse().ok(),
            main_pid: value("MainPID").parse().ok().filter(|pid| *pid != 0),
        })
    });
    units.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blocks_of_systemctl_are_read_in_their_order() {
        let text = "Id=kea-dhcp4-server.service\nLoadState=loaded\nActiveState=failed\nSubState=failed\nMainPID=0\n\
            NRestarts=5\nResult=core-dump\nUnitFileState=enabled\n\nId=kea-dhcp4.service\nLoadState=not-found\n";
        let expected = Unit {
            name: "kea-dhcp4-server.service".into(),
            active: "failed".into(),
            sub: "failed".into(),
            result: "core-dump".into(),
            file_state: "enabled".into(),
            restarts: Some(5),
            main_pid: None,
        };
        assert_eq!(parse(text), [Some(expected), None]);
        assert_eq!(parse(""), []);
    }

    #[test]
    fn a_program_that_does_not_end_is_not_waited_for() {
        let mut command = Command::new("sleep");
        command.arg("60");
        assert_eq!(output(command, Duration::from_millis(20)), None);
    }
}
