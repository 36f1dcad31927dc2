//! The journal of systemd: lines of Kea's daemons, and what the kernel and security modules say of them.

use std::io::BufReader;
use std::process::Command;
use std::time::Duration;

use super::logs::spooled;
use super::{Gathered, Member, Request};
use crate::control::Deadline;
use crate::inspect::command;

/// Without `--since`, how far back.
const USUAL: i64 = 7 * 86_400;

/// How many of the last lines.
const LINES: &str = "100000";

/// Gathers them.
pub(super) fn gather(request: &Request, gathered: &mut Gathered, deadline: Deadline) {
    let root = &request.root;
    if !root.is_own() || root.metadata("/run/systemd/journal").is_err() {
        return gathered.left_out("journal", "this machine has none that can be read from here");
    }
    let since = request.since.unwrap_or(request.now - USUAL);
    let asked = |arguments: &[&str]| {
        let mut journalctl = Command::new("journalctl");
        journalctl.args(["-q", "--no-pager", "-o", "short-iso-precise", "-n", LINES]);
        journalctl.arg(format!("--since=@{since}")).args(arguments);
        journalctl
    };
    let units = ["--unit=kea*", "--unit=isc-kea*"];
    add(request, asked(&units), "logs/journal/kea.txt", "journalctl --unit=kea*", gathered, deadline);
    let denials = ["-k", "--grep=kea|apparmor.*kea|avc.*kea"];
    add(request, asked(&denials), "logs/journal/kernel.txt", "journalctl -k --grep=kea", gathered, deadline);
}

fn add(request: &Request, journalctl: Command, path: &str, source: &str, gathered: &mut Gathered, deadline: Deadline) {
    let time = deadline.left().unwrap_or_default().min(Duration::from_secs(30));
    let (text, _) = match command::whole_output(journalctl, time) {
        Ok(said) => said,
        Err(why) => return gathered.missing(source, why),
    };
    if text.is_empty() {
        let why = if rustix::process::geteuid().is_root() {
            return gathered.left_out(source, "there is no line of it");
        } else {
            "no line of it can be read (join the group systemd-journal or adm, or run as root)"
        };
        return gathered.missing(source, why);
    }
    // As of a log, the last part.
    let start = text.len().saturating_sub(usize::try_from(request.log_size).unwrap_or(usize::MAX));
    match spooled(request, BufReader::new(&text[start..]), start > 0, gathered, deadline) {
        Ok(spooled) => gathered.members.push(Member {
            path: path.to_owned(),
            source: source.to_owned(),
            content: spooled.content,
            is_cut: start > 0 || spooled.is_late,
            is_anonymized: false,
            redactions: spooled.redactions,
        }),
        Err(cause) => gathered.missing(source, crate::error::io_cause(&cause)),
    }
}
