//! What Kea's programs say of themselves: their version, how they were built, and whether the configuration is one.
//!
//! With `-t` a daemon checks its configuration without opening databases or sockets.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::running::name_of;
use super::step::NO_TIME;
use super::{Gathered, Request};
use crate::config::Daemon;
use crate::control::Deadline;
use crate::inspect::command;
use crate::inspect::logging::Found;

/// Directories of Kea's programs.
const DIRECTORIES: [&str; 5] = ["/usr/sbin", "/usr/local/sbin", "/opt/kea/sbin", "/usr/bin", "/sbin"];

/// No program takes longer.
const LONGEST: Duration = Duration::from_secs(10);

/// Runs them, on this machine only.
pub(super) fn gather(request: &Request, found: &Found, gathered: &mut Gathered, deadline: Deadline) {
    if !request.root.is_own() {
        return gathered
            .left_out("versions by -V and -W, tests of configurations by -t", "no program of another machine is run");
    }
    of_each(request, "-V", "version", gathered, deadline);
    for (at, site) in found.sites.iter().enumerate() {
        let Some(program) = program(request, site.config.daemon) else { continue };
        let file = &site.config.file;
        let mut command = Command::new(&program);
        command.arg("-t").arg(file);
        let path = format!("commands/{}-test.txt", name_of(found, at));
        run(command, &path, &format!("{} -t {}", program.display(), file.display()), gathered, deadline);
    }
    of_each(request, "-W", "build-report", gathered, deadline);
}

/// Runs each daemon's program with an option.
fn of_each(request: &Request, option: &str, file: &str, gathered: &mut Gathered, deadline: Deadline) {
    for daemon in Daemon::ALL {
        let Some(program) = program(request, daemon) else { continue };
        let mut command = Command::new(&program);
        command.arg(option);
        let path = format!("commands/{}-{file}.txt", daemon.process_name());
        run(command, &path, &format!("{} {option}", program.display()), gathered, deadline);
    }
}

fn program(request: &Request, daemon: Daemon) -> Option<PathBuf> {
    let programs = DIRECTORIES.iter().map(|folder| Path::new(folder).join(daemon.process_name()));
    programs.into_iter().find(|program| request.root.metadata(program).is_ok_and(|found| found.is_file()))
}

/// Adds what a program says, whatever its exit status.
pub(super) fn run(command: Command, path: &str, source: &str, gathered: &mut Gathered, deadline: Deadline) {
    let Some(left) = deadline.left() else { return gathered.missing(source, NO_TIME) };
    match command::whole_output(command, left.min(LONGEST)) {
        Ok((text, status)) => {
            let text = String::from_utf8_lossy(&text);
            gathered.text(path, source, &format!("{text}{status}\n"));
        }
        Err(why) => gathered.missing(source, why),
    }
}
