//! Whether the daemon does its work: the sockets that packets come in by.

use super::facts::{Instance, Socket};
use super::{Finding, Verdict};
use crate::config::Daemon;
use crate::health::State;

/// What keeps it from serving.
pub(super) fn service(instance: &Instance, now: i64) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(sockets) = &instance.sockets {
        if sockets.service.is_empty() {
            findings.push(deaf(instance, now));
        } else {
            findings.extend(cut_off(&sockets.service));
        }
    }
    findings
}

/// Why no socket is open.
fn deaf(instance: &Instance, _now: i64) -> Finding {
    let serves_interfaces = matches!(instance.daemon, Daemon::Dhcp4 | Daemon::Dhcp6);
    let wanted = instance.configuration.as_ref().and_then(|file| file.interfaces.as_ref());
    let (id, text) = match wanted {
        Some(interfaces) if interfaces.is_empty() => {
            ("no-interface", "it serves nobody: its configuration names no interface".to_owned())
        }
        _ if serves_interfaces => ("sockets-closed", "it serves nobody: it has no DHCP socket open".to_owned()),
        _ => ("sockets-closed", "it serves nobody: it listens on no port".to_owned()),
    };
    Finding::new(id, State::Critical, text).verdict(Verdict::NotServing)
}

/// Sockets are open, and nothing can come in by some or all of them.
fn cut_off(sockets: &[Socket]) -> Option<Finding> {
    let down: Vec<&Socket> = sockets.iter().filter(|socket| !socket.is_up).collect();
    let names: Vec<&str> = down.iter().filter_map(|socket| socket.interface.as_deref()).collect();
    match (down.len(), names.join(", ")) {
        (0, _) => None,
        (all, names) if all == sockets.len() => {
            let text = format!("it serves nobody: interface {names} is down");
            Some(Finding::new("interface-down", State::Critical, text).verdict(Verdict::NotServing))
        }
        (_, names) => {
            let text = format!("it does not serve interface {names}, which is down");
            Some(Finding::new("interface-down", State::Warning, text))
        }
    }
}
