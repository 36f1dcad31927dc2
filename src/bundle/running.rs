//! What the daemons answer: their running configurations, versions, statistics and states of high availability.
//!
//! They are asked on this machine only, each with few commands, as every one is a line in its log.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::gathered::answers_of;
use super::step::NO_TIME;
use super::{Gathered, Request};
use crate::config::control::Socket;
use crate::config::{Config, Daemon};
use crate::control::{Address, Answer, Channel, Code, Command, Deadline, Limits, Trouble, Web};
use crate::inspect::logging::Found;

/// More than any answer to these commands.
const LARGEST: u64 = 64 << 20;

/// In less time than this a healthy server may not answer.
pub(super) const FAIR: Duration = Duration::from_secs(2);

/// The running configurations of daemons, by their names here.
pub(super) type Running = BTreeMap<String, Value>;

/// What is asked, and where the answer goes; `config-get` comes apart.
const COMMANDS: [(&str, &str); 7] = [
    ("version-get", "version"),
    ("build-report", "build-report"),
    ("config-hash-get", "config-hash"),
    ("status-get", "status"),
    ("statistic-get-all", "statistics"),
    ("list-commands", "commands"),
    ("ha-heartbeat", "ha-heartbeat"),
];

/// Asks the daemons that are configured here.
pub(super) fn gather(request: &Request, found: &Found, gathered: &mut Gathered, deadline: Deadline) -> Running {
    let mut running = Running::new();
    if !request.root.is_own() {
        return running;
    }
    for (at, site) in found.sites.iter().enumerate() {
        let name = name_of(found, at);
        let share = deadline.share(found.sites.len() - at);
        if let Some(configuration) = ask(request, &site.config, &name, gathered, share) {
            running.insert(name, configuration);
        }
    }
    running
}

/// A name for a daemon: its configuration's, unless two have the same.
pub(super) fn name_of(found: &Found, at: usize) -> String {
    let name = |config: &Config| config.daemon.process_name().to_owned();
    let own = name(&found.sites[at].config);
    let before = found.sites[..at].iter().filter(|site| name(&site.config) == own).count();
    if before == 0 { own } else { format!("{own}-{}", before + 1) }
}

/// Asks a daemon at each of its sockets until it answers; its configuration.
fn ask(request: &Request, config: &Config, name: &str, gathered: &mut Gathered, deadline: Deadline) -> Option<Value> {
    let addresses = addresses(request, config);
    let what = answers_of(name);
    if addresses.is_empty() {
        if config.daemon != Daemon::Netconf {
            gathered.missing(what, "its configuration names no control socket");
        }
        return None;
    }
    let mut reason = String::new();
    for address in addresses {
        let limits = Limits { time: deadline.left().unwrap_or_default(), octets: LARGEST };
        match Channel::new(address, limits) {
            Ok(channel) => match send(&channel, "config-get", Duration::from_secs(10), deadline) {
                Ok(answer) => return Some(conversation(&channel, &answer, name, gathered, deadline)),
                Err(why) if reason.is_empty() => reason = why,
                Err(_) => {}
            },
            Err(error) => reason = error.to_string(),
        }
    }
    gathered.missing(what, reason);
    None
}

fn addresses(request: &Request, config: &Config) -> Vec<Address> {
    let at = |path: &Path| request.root.at(path);
    let of = |socket: Socket| match &socket {
        Socket::Unix(_) => socket.paths(&request.variable()).iter().map(|path| Address::Unix(at(path))).collect(),
        Socket::Web(web) => vec![Address::Web(Box::new(Web::configured(web, &at)))],
    };
    config.sockets().into_iter().flat_map(of).collect()
}

fn send(channel: &Channel, command: &str, longest: Duration, deadline: Deadline) -> Result<Answer, String> {
    let left = deadline.left().ok_or(NO_TIME)?.min(longest);
    channel.send_within(&Command::new(command), left).map_err(|failure| match failure.trouble {
        Trouble::NoAnswer | Trouble::Slow if left < FAIR => NO_TIME.to_owned(),
        _ => failure.to_string(),
    })
}

/// The other questions to a daemon that answers.
fn conversation(
    channel: &Channel,
    configuration: &Answer,
    name: &str,
    gathered: &mut Gathered,
    deadline: Deadline,
) -> Value {
    let source = |command: &str| format!("{command} of {name} at {}", channel.address());
    let value = configuration.value().unwrap_or_default();
    if configuration.code == Code::Success {
        gathered.json(&format!("config/{name}.running.json"), &source("config-get"), value.clone());
    } else {
        gathered.missing_as_said(source("config-get"), configuration.text.clone());
    }
    let is_dhcp = name.starts_with("kea-dhcp4") || name.starts_with("kea-dhcp6");
    for (command, file) in COMMANDS.iter().filter(|(command, _)| is_dhcp || *command != "ha-heartbeat") {
        match send(channel, command, Duration::from_secs(10), deadline) {
            Ok(answer) if answer.code == Code::Success => {
                keep(&format!("running/{name}/{file}"), &source(command), &answer, gathered);
            }
            // A hook library or release may not have it.
            Ok(answer) if answer.code == Code::Unsupported => {}
            Ok(answer) => gathered.missing_as_said(source(command), answer.text),
            Err(why) => {
                gathered.missing(source(command), why);
                break;
            }
        }
    }
    value
}

fn keep(path: &str, source: &str, answer: &Answer, gathered: &mut Gathered) {
    match answer.value() {
        Ok(value) if !value.is_null() => gathered.json(&format!("{path}.json"), source, value),
        _ => gathered.text(&format!("{path}.txt"), source, &format!("{}\n", answer.text)),
    }
}
