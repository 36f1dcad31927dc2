//! Whether the daemon serves: its DHCP sockets, and whether DHCP is disabled.

use super::answer::{DhcpState, Status};
use super::facts::{
    Configuration, FileProblem, Instance, Link, Log, LogLine, NamedInterface, Obstacle, Socket, Sockets,
};
use super::ha::explains_silence;
use super::logged::at;
use super::{Finding, Verdict, database};
use crate::config::Daemon;
use crate::health::State;

/// Problems that keep it from serving.
pub(super) fn service(instance: &Instance, now: i64) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(sockets) = &instance.sockets {
        // The port of a daemon without one by its protocol is that of its file.
        let is_known = is_server(instance) || runs_on_its_file(instance, now);
        if sockets.service.is_empty() {
            findings.extend(is_known.then(|| deaf(instance, now)));
        } else {
            findings.extend(cut_off(instance, sockets, now));
            findings.extend(left_out(instance, sockets, now));
        }
    }
    if let Some(status) = instance.status() {
        // If no socket is open, that is already reported.
        let is_told = findings.iter().any(|finding| finding.verdict.is_some());
        findings.extend(troubled_sockets(instance, status).filter(|_| !is_told));
        findings.extend(status.dhcp_state.as_ref().and_then(|state| switched_off(state, status)));
    }
    let Some(log) = &instance.log else { return findings };
    // What a newer server reports itself is not searched for in its log.
    if instance.status().is_none_or(|status| status.dhcp_state.is_none()) {
        findings.extend(disabled_by_command(log, instance.last_packet));
        findings.extend(may_be_disabled(log, instance.last_packet).filter(|_| is_server(instance)));
    }
    // No server reports that it continues without its leases.
    let is_told = findings.iter().any(|finding| finding.id == "database-lost");
    findings.extend(log.database_lost.as_ref().filter(|_| !is_told).map(|it| database::lost(instance, it, now)));
    findings
}

/// Whether it is a DHCP server, which serves interfaces and not a port of its configuration.
fn is_server(instance: &Instance) -> bool {
    matches!(instance.daemon, Daemon::Dhcp4 | Daemon::Dhcp6)
}

/// Why no socket is open.
fn deaf(instance: &Instance, now: i64) -> Finding {
    let serves_interfaces = is_server(instance);
    let wanted = instance.configuration.as_ref().and_then(|file| file.interfaces.as_ref());
    if let Some(why) = failed_load(instance, now).filter(|_| serves_interfaces) {
        let text = format!("it serves no client: its last reload failed and has closed its DHCP sockets; {why}");
        return Finding::new("reload-failed", State::Critical, text).verdict(Verdict::ReloadFailed);
    }
    let (id, text) = match wanted {
        Some(interfaces) if interfaces.is_empty() => {
            ("no-interface", "it serves no client: its configuration names no interface".to_owned())
        }
        _ if serves_interfaces => ("sockets-closed", "it serves no client: it has no DHCP socket open".to_owned()),
        _ => ("sockets-closed", "it serves no client: it listens on no port".to_owned()),
    };
    let text = text + &closed_because(instance);
    let set = set_by_command(instance)
        .map_or_else(String::new, |line| format!("; its configuration was set by command{} (config-set)", at(line)));
    let text = text + &set;
    Finding::new(id, State::Critical, text).verdict(Verdict::NotServing)
}

/// Why a DHCP server has no socket open, in brackets: what it says itself, what is wrong with its interfaces now, and what
/// helps where nothing is wrong with them any more.
fn closed_because(instance: &Instance) -> String {
    let errors = instance.status().map_or(&[][..], |status| &status.socket_errors);
    let mut reasons: Vec<String> = errors.to_vec();
    let named = instance.sockets.as_ref().map_or(&[][..], |sockets| &sockets.named);
    for interface in named {
        let name = &interface.name;
        match interface.link {
            Link::Up if interface.lacks_link_local => {
                reasons.push(format!("interface {name} has no link-local address"));
            }
            Link::Down if errors.is_empty() => reasons.push(format!("interface {name} is down")),
            Link::Gone if errors.is_empty() => reasons.push(format!("interface {name} is not there")),
            _ => {}
        }
    }
    let is_fine = |it: &NamedInterface| it.link == Link::Up && !it.lacks_link_local;
    // A configuration that was set by command may name other interfaces than the file.
    if set_by_command(instance).is_none() && !named.is_empty() && named.iter().all(is_fine) {
        reasons.push(remedy(instance.daemon, errors).to_owned());
    }
    if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join("; ")) }
}

/// What helps a server without a socket whose interfaces are up, after these errors.
fn remedy(daemon: Daemon, errors: &[String]) -> &'static str {
    let says = |words: &[&str]| errors.iter().any(|error| words.iter().all(|word| error.contains(word)));
    if says(&["Permission denied"]) || says(&["Operation not permitted"]) {
        return "it needs root, or the capabilities CAP_NET_BIND_SERVICE and CAP_NET_RAW";
    }
    // Of an interface that is up it is not known whether it has an IPv4 address.
    if daemon == Daemon::Dhcp4 && says(&[" no ", "address"]) {
        return "reload the configuration when it has an address";
    }
    "its interfaces are up now: reload the configuration, if nothing else holds the port"
}

/// What shows that the last attempt to load the configuration failed.
pub(super) fn failed_load(instance: &Instance, now: i64) -> Option<String> {
    if let Some(line) = instance.log.as_ref().and_then(|log| log.reload_failed.as_ref()) {
        return Some(format!("{}{}: {}", line.id, at(line), line.text));
    }
    let file = instance.configuration.as_ref()?;
    if let Some(FileProblem::Invalid(why)) = &file.fault {
        return Some(format!("its configuration does not parse: {why}"));
    }
    let is_newer = is_newer_than_load(instance, file, now)?;
    is_newer.then(|| format!("{} was changed after it was last loaded", file.path.display()))
}

/// The daemon counts in whole seconds, and starts to count when it has loaded.
const ROUNDING: i64 = 2;

/// Whether the file was changed after the daemon had last loaded one; `None` if that is not known.
#[must_use]
pub fn is_newer_than_load(instance: &Instance, file: &Configuration, now: i64) -> Option<bool> {
    let modified = file.modified?;
    let is_newer = modified > instance.last_load(now)? + ROUNDING;
    Some(is_newer && !instance.log.as_ref().is_some_and(|log| wrote(log, modified)))
}

/// Whether a daemon runs on what its file says now: not if the file could not be loaded, or was changed since the last load. Then the
/// file says nothing of what is served.
#[must_use]
pub fn runs_on_its_file(instance: &Instance, now: i64) -> bool {
    let Some(file) = &instance.configuration else { return false };
    let runs = instance.process.is_some() || instance.status().is_some();
    if file.is_running || !runs {
        return true;
    }
    let log = instance.log.as_ref();
    if log.is_some_and(|log| log.configuration_set.is_some()) {
        return false;
    }
    let is_newer_than = |loaded: Option<i64>| file.modified.zip(loaded).map(|(modified, loaded)| modified > loaded);
    // When a process started is known to a second.
    let started = instance.process.as_ref().map(|process| process.started + 1);
    if log.is_some_and(|log| log.reload_failed.is_some()) {
        // What it was started with may have failed later for another reason.
        return is_newer_than(started) == Some(false);
    }
    let logged = || log.and_then(|log| log.moment(log.loaded.as_ref()?)).map(|loaded| loaded + ROUNDING);
    let is_newer = is_newer_than_load(instance, file, now).or_else(|| is_newer_than(logged()));
    // A file that was changed since the start may have been loaded or not.
    !is_newer.or_else(|| is_newer_than(started)).unwrap_or(false)
}

/// Whether the daemon itself wrote its configuration at this time, by a command.
fn wrote(log: &Log, moment: i64) -> bool {
    // A large configuration takes some seconds to be written.
    const TAKES: std::ops::Range<i64> = -2..60;
    let Some(line) = &log.written else { return false };
    // A log without times shows that there was such a command, but not which one was last.
    log.moment(line).is_none_or(|commanded| TAKES.contains(&(moment - commanded)))
}

/// Sockets are open, but some or all of them cannot receive.
fn cut_off(instance: &Instance, sockets: &Sockets, now: i64) -> Option<Finding> {
    let service = &sockets.service;
    let (lost, bound): (Vec<&Socket>, Vec<&Socket>) = service.iter().partition(|socket| is_lost(socket));
    let down: Vec<&Socket> = bound.into_iter().filter(|socket| socket.is_up == Some(false)).collect();
    let mut reasons: Vec<String> = obstacles(&down).collect();
    reasons.extend(lost_places(instance, sockets, &lost, now));
    let why = reasons.join("; ");
    if reasons.is_empty() {
        let tentative: Vec<&str> = with_obstacle(service.iter(), Obstacle::Tentative);
        let unknown = service.iter().all(|socket| socket.is_up.is_none()).then(link_unknown);
        return unknown.or_else(|| (!tentative.is_empty()).then(|| address_tentative(&tentative)));
    }
    if down.len() + lost.len() == service.len() {
        let text = format!("it serves no client: {why}");
        return Some(Finding::new("interface-down", State::Critical, text).verdict(Verdict::NotServing));
    }
    Some(Finding::new("interface-down", State::Warning, format!("it does not serve all interfaces: {why}")))
}

/// What prevents these sockets from receiving, and what helps.
fn obstacles(sockets: &[&Socket]) -> impl Iterator<Item = String> {
    let named = |obstacle: Obstacle| with_obstacle(sockets.iter().copied(), obstacle);
    let [no_link, duplicate] = [named(Obstacle::NoLink), named(Obstacle::Duplicate)];
    let is_other = |socket: &&&Socket| !matches!(socket.obstacle, Some(Obstacle::NoLink | Obstacle::Duplicate));
    let down: Vec<&str> = sockets.iter().filter(is_other).map(|socket| place(socket)).collect();
    let taken = |names: &[&str]| {
        format!("another host has the link-local address of interface {} (a duplicate address)", names.join(", "))
    };
    let is = |names: Vec<&str>, text: &dyn Fn(&[&str]) -> String| (!names.is_empty()).then(|| text(&names));
    let all = [is(down, &is_down), is(no_link, &has_no_link), is(duplicate, &taken)];
    all.into_iter().flatten()
}

/// The interfaces of those sockets that have this obstacle.
fn with_obstacle<'s>(sockets: impl Iterator<Item = &'s Socket>, obstacle: Obstacle) -> Vec<&'s str> {
    sockets.filter(|socket| socket.obstacle == Some(obstacle)).map(place).collect()
}

fn place(socket: &Socket) -> &str {
    socket.interface.as_deref().unwrap_or(&socket.address)
}

fn is_down(names: &[&str]) -> String {
    format!("interface {} is down (ip link set {} up)", names.join(", "), names.first().unwrap_or(&"INTERFACE"))
}

fn has_no_link(names: &[&str]) -> String {
    format!("interface {} has no link (check the cable at both ends)", names.join(", "))
}

/// Just after an interface comes up, an address of it is checked.
fn address_tentative(names: &[&str]) -> Finding {
    let names = names.join(", ");
    let text = format!(
        "the link-local address of interface {names} is being checked for duplicates (tentative), which takes some seconds \
         after the interface comes up; clients may get no answer until then"
    );
    Finding::new("address-tentative", State::Warning, text)
}

/// Whether what the socket was bound to, an interface or an address, is there no more.
fn is_lost(socket: &Socket) -> bool {
    socket.interface.is_none() && socket.is_up == Some(false)
}

/// What the sockets were bound to that have lost it.
fn lost_places(instance: &Instance, sockets: &Sockets, lost: &[&Socket], now: i64) -> Option<String> {
    let first = lost.first()?;
    let those = |link: Option<Link>| {
        let names = wanted(instance, now).filter(|name| !is_bound(sockets, name) && link_of(sockets, name) == link);
        names.collect::<Vec<_>>()
    };
    let [down, no_link] = [Some(Link::Down), Some(Link::NoLink)].map(those);
    let [gone, up, unknown] = [Some(Link::Gone), Some(Link::Up), None].map(|link| those(link).join(", "));
    let addresses: Vec<&str> = lost.iter().map(|it| it.address.as_str()).filter(|it| !it.is_empty()).collect();
    let addresses = addresses.join(", ");
    let cut_off = |names: &str| match first.address.as_str() {
        "" => format!("interface {names} was removed, and the socket on it is lost (reload the configuration)"),
        _ => format!(
            "interface {names} was removed or has lost its address, and the socket on {addresses} is cut off (reload the \
             configuration)"
        ),
    };
    Some(match () {
        () if !gone.is_empty() => format!("interface {gone} is gone"),
        () if !down.is_empty() => is_down(&down),
        () if !no_link.is_empty() => has_no_link(&no_link),
        () if !up.is_empty() => cut_off(&up),
        () if !unknown.is_empty() => cut_off(&unknown),
        () if !addresses.is_empty() => format!("the address of {addresses} is gone"),
        () => "an interface that it served is gone".to_owned(),
    })
}

/// What became of an interface that the configuration names.
fn link_of(sockets: &Sockets, name: &str) -> Option<Link> {
    sockets.named.iter().find(|named| named.name == name).map(|named| named.link)
}

fn link_unknown() -> Finding {
    let text = "it is not known whether its interfaces are up: they are in another network namespace (run as root with \
        CAP_SYS_ADMIN)";
    Finding::new("link-unknown", State::Unknown, text).verdict(Verdict::Unknown)
}

/// The interfaces that the running configuration names, without their addresses; none if that is not the file's.
fn wanted(instance: &Instance, now: i64) -> impl Iterator<Item = &str> {
    let file = instance.configuration.as_ref().filter(|_| runs_on_its_file(instance, now));
    let names = file.into_iter().flat_map(|file| file.interfaces.iter().flatten());
    names.map(|name| name.split('/').next().unwrap_or(name)).filter(|name| *name != "*")
}

fn is_bound(sockets: &Sockets, name: &str) -> bool {
    sockets.service.iter().any(|socket| socket.interface.as_deref() == Some(name))
}

/// When the daemon got a configuration by command, so that its file does not say what it runs on.
fn set_by_command(instance: &Instance) -> Option<&LogLine> {
    let is_running = instance.configuration.as_ref().is_some_and(|file| file.is_running);
    let set = instance.log.as_ref()?.configuration_set.as_ref()?;
    (!is_running).then_some(&set.line)
}

/// Interfaces that the configuration names and no socket is bound to.
fn left_out(instance: &Instance, sockets: &Sockets, now: i64) -> Option<Finding> {
    let has_all = wanted(instance, now).count() < instance.configuration.as_ref()?.interfaces.as_ref()?.len();
    let is_known = |socket: &Socket| socket.interface.as_ref().is_some_and(|name| !name.starts_with("number "));
    if has_all || !sockets.service.iter().all(is_known) {
        return None;
    }
    let unbound: Vec<&str> = wanted(instance, now).filter(|name| !is_bound(sockets, name)).collect();
    if unbound.is_empty() {
        return None;
    }
    let is = |link: Link| unbound.iter().all(|name| link_of(sockets, name) == Some(link));
    let why = match () {
        () if is(Link::Gone) => "is not there".to_owned(),
        () if is(Link::Down) => format!("is down (ip link set {} up, then reload)", unbound[0]),
        () if is(Link::NoLink) => "has no link (check the cable at both ends)".to_owned(),
        () => "has no socket".to_owned(),
    };
    let names = unbound.join(", ");
    let text = format!("it does not serve interface {names}, which its configuration names: it {why}");
    Some(Finding::new("interface-left-out", State::Warning, text))
}

/// The server itself reports errors of its sockets.
fn troubled_sockets(instance: &Instance, status: &Status) -> Option<Finding> {
    let errors: Vec<&str> =
        status.socket_errors.iter().map(String::as_str).filter(|it| !is_idle(instance, it)).collect();
    let is_excused = errors.is_empty() && !status.socket_errors.is_empty();
    let because = if errors.is_empty() { String::new() } else { format!(": {}", errors.join("; ")) };
    let is_open = |socket: &Socket| socket.is_up != Some(false);
    let serves = instance.sockets.as_ref().is_some_and(|sockets| sockets.service.iter().any(is_open));
    match status.sockets.as_deref() {
        Some("retrying" | "failed") if serves && is_excused => None,
        Some("retrying") => {
            let text = format!("it could not open all its sockets and tries again{because}");
            Some(Finding::new("sockets-retrying", State::Warning, text))
        }
        Some("failed") => {
            let text = format!("it could not open all its sockets and has given up{because}");
            // What is open serves, whatever else could not be opened.
            let state = if serves { State::Warning } else { State::Critical };
            let finding = Finding::new("sockets-failed", state, text);
            Some(if serves { finding } else { finding.verdict(Verdict::NotServing) })
        }
        _ => None,
    }
}

/// Whether an error is about an interface that is down or has no address, where all that there are were asked for (`*`): ports
/// of a bridge have none.
fn is_idle(instance: &Instance, error: &str) -> bool {
    let interfaces = instance.configuration.iter().flat_map(|file| file.interfaces.iter().flatten());
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
    let mut words = error.split(|c: char| !is_name(c)).map(|word| word.trim_end_matches('.'));
    let Some(sockets) = &instance.sockets else { return false };
    let is_down = |word: &str| link_of(sockets, word).is_some_and(|link| link != Link::Up);
    interfaces.into_iter().any(|name| name == "*") && (error.contains(" no usable IP") || words.any(is_down))
}

/// The server reports that DHCP is disabled, and why.
fn switched_off(state: &DhcpState, status: &Status) -> Option<Finding> {
    if !state.globally_disabled {
        return None;
    }
    let (id, bad, why) = match state {
        DhcpState { by_database: true, .. } => {
            ("database-lost", State::Critical, "the connection to its database is lost")
        }
        DhcpState { by_user: true, .. } => ("dhcp-disabled", State::Critical, "DHCP was disabled (dhcp-disable)"),
        // Its state says why, and is judged by itself.
        _ if status.high_availability.iter().any(explains_silence) => return None,
        DhcpState { by_remote_command: true, .. } if !status.high_availability.is_empty() => {
            ("dhcp-disabled-by-ha", State::Warning, "its partner has disabled DHCP while it fetches the leases")
        }
        _ if !status.high_availability.is_empty() => {
            ("dhcp-disabled-by-ha", State::Warning, "high availability has disabled DHCP temporarily")
        }
        _ => ("dhcp-disabled", State::Critical, "DHCP is disabled by command"),
    };
    Some(Finding::new(id, bad, format!("it serves no client: {why}")).verdict(Verdict::NotServing))
}

/// Servers that do not report whether DHCP is disabled log at least the command. They do not log the end of a time limit
/// (`max-period`), but count packets again after it: `last_packet` is the time of the last one.
fn disabled_by_command(log: &Log, last_packet: Option<i64>) -> Option<Finding> {
    let line = log.service_command.as_ref()?;
    let is_on = was_on_after(log, line, last_packet);
    let when = at(line);
    let text = format!(
        "it serves no client: DHCP was disabled{when} (dhcp-disable) and not enabled again, according to its log"
    );
    let finding = Finding::new("dhcp-disabled", State::Critical, text).verdict(Verdict::NotServing);
    (line.id == "dhcp-disable" && !is_on).then_some(finding)
}

/// Whether a packet was counted after this line.
fn was_on_after(log: &Log, line: &LogLine, last_packet: Option<i64>) -> bool {
    /// What was on its way is counted yet.
    const ON_THE_WAY: i64 = 2;
    last_packet.zip(log.moment(line)).is_some_and(|(packet, logged)| packet > logged + ON_THE_WAY)
}

/// Nothing that can be read of the log shows whether DHCP is disabled, and no packet since its first line shows that it is not.
fn may_be_disabled(log: &Log, last_packet: Option<i64>) -> Option<Finding> {
    let first = log.service_unseen.as_ref().filter(|line| !was_on_after(log, line, last_packet))?;
    let path = log.path.display();
    let before = if first.time.is_empty() { String::new() } else { format!(" before {}", first.time) };
    let text = format!(
        "unknown: whether DHCP was disabled by command: its log {path} does not show it, what was logged{before} is not to \
         be found, and no packet was counted since (dhcping asks for an answer)"
    );
    Some(Finding::new("dhcp-unknown", State::Unknown, text).verdict(Verdict::Unknown))
}
