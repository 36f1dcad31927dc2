//! Which daemons answer at an address.

use std::time::Duration;

use serde_json::json;

use crate::config::Daemon;
use crate::control::{Channel, Code, Command, Deadline, Failure};
use crate::stats::names::sign_of;
use crate::stats::snapshot::Statistics;

/// A daemon, and whether commands for it name it as the service that a Control Agent forwards them to.
pub(super) type Found = (Daemon, bool);

/// The daemons with statistics.
const WITH_STATISTICS: [Daemon; 3] = [Daemon::Dhcp4, Daemon::Dhcp6, Daemon::Ddns];

/// The daemons at the end of a channel: one, or a Control Agent with those that it forwards commands to.
pub(super) fn identify(channel: &Channel, services: &[Daemon], deadline: Deadline) -> Result<Vec<Found>, Failure> {
    let left = || deadline.left().unwrap_or(Duration::from_millis(1));
    let commands: Vec<String> = channel.send_within(&Command::new("list-commands"), left())?.read().unwrap_or_default();
    if commands.iter().any(|command| command == "statistic-get") {
        for daemon in WITH_STATISTICS {
            if has_sign(channel, daemon, left())? {
                return Ok(vec![(daemon, false)]);
            }
        }
    }
    let mut found = vec![(Daemon::CtrlAgent, false)];
    for daemon in WITH_STATISTICS {
        let is_wanted = services.is_empty() || services.contains(&daemon);
        if is_wanted && (!services.is_empty() || forwards(channel, daemon, left())?) {
            found.push((daemon, true));
        }
    }
    Ok(found)
}

/// Whether the server has a statistic that only this daemon has.
fn has_sign(channel: &Channel, daemon: Daemon, left: Duration) -> Result<bool, Failure> {
    let Some(name) = sign_of(daemon) else { return Ok(false) };
    let answer = channel.send_within(&Command::new("statistic-get").arguments(json!({ "name": name })), left)?;
    Ok(answer.code == Code::Success && !Statistics::parse(answer.raw()).is_empty())
}

/// Whether a Control Agent has a socket of this daemon.
fn forwards(channel: &Channel, daemon: Daemon, left: Duration) -> Result<bool, Failure> {
    let answer = channel.send_within(&Command::new("status-get").service(daemon.service()), left)?;
    Ok(answer.code != Code::Error || !answer.text.contains("socket is not configured"))
}
