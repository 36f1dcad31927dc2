//! Which daemons answer at an address.

use std::time::Duration;

use serde_json::json;

use crate::config::Daemon;
use crate::control::{Answer, Channel, Code, Command, Deadline, Failure, Limits, Trouble, append};
use crate::stats::names::sign_of;
use crate::stats::snapshot::Statistics;

/// A daemon, and whether commands for it name it as the service that a Control Agent forwards them to.
pub(super) type Found = (Daemon, bool);

/// The daemons with statistics.
const WITH_STATISTICS: [Daemon; 3] = [Daemon::Dhcp4, Daemon::Dhcp6, Daemon::Ddns];

/// The daemons at the end of a channel: one, or a Control Agent with those that it forwards commands to. `guess` is which one it is, as
/// far as its address says.
pub(super) fn identify(
    channel: &Channel,
    services: &[Daemon],
    guess: Option<Daemon>,
    deadline: Deadline,
) -> Result<Vec<Found>, Failure> {
    let left = || deadline.left().unwrap_or(Duration::from_millis(1));
    let commands = commands(channel, left())?;
    if commands.as_ref().is_none_or(|commands| commands.iter().any(|command| command == "statistic-get")) {
        for daemon in WITH_STATISTICS {
            if has_sign(channel, daemon, left())? {
                return Ok(vec![(daemon, false)]);
            }
        }
    }
    if let (None, Some(daemon)) = (commands, guess) {
        return Ok(vec![(daemon, false)]);
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

/// What may be no server of Kea is not kept in memory beyond any answer to these commands.
const LARGEST: usize = 1 << 20;

/// Sends a command; a longer answer is cut off.
fn ask(channel: &Channel, command: &Command<'_>, left: Duration) -> Result<Answer, Failure> {
    let mut is_cut = false;
    let answer = channel.send_through(command, left, &mut |octets, kept| {
        let room = LARGEST.saturating_sub(kept.len());
        is_cut |= octets.len() > room;
        append(kept, &octets[..octets.len().min(room)]);
    });
    let limits = |given: Limits| Limits { octets: LARGEST as u64, ..given };
    let too_large = |it: Failure| Failure { trouble: Trouble::TooLarge, limits: limits(it.limits), ..it };
    answer.map_err(|failure| if is_cut { too_large(failure) } else { failure })
}

/// The commands that it knows; `None` if this client may not ask for them.
fn commands(channel: &Channel, left: Duration) -> Result<Option<Vec<String>>, Failure> {
    match ask(channel, &Command::new("list-commands"), left) {
        Ok(answer) if answer.code == Code::Success => Ok(Some(answer.read().unwrap_or_default())),
        Ok(_) => Ok(None),
        Err(failure) if matches!(failure.trouble, Trouble::Forbidden) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Whether the server has a statistic that only this daemon has.
fn has_sign(channel: &Channel, daemon: Daemon, left: Duration) -> Result<bool, Failure> {
    let Some(name) = sign_of(daemon) else { return Ok(false) };
    let command = Command::new("statistic-get").arguments(json!({ "name": name }));
    match ask(channel, &command, left) {
        Ok(answer) => Ok(answer.code == Code::Success && !Statistics::parse(answer.raw()).is_empty()),
        Err(failure) if matches!(failure.trouble, Trouble::Forbidden) => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// Whether a Control Agent has a socket of this daemon.
fn forwards(channel: &Channel, daemon: Daemon, left: Duration) -> Result<bool, Failure> {
    let answer = ask(channel, &Command::new("status-get").service(daemon.service()), left)?;
    Ok(answer.code != Code::Error || !answer.text.contains("socket is not configured"))
}
