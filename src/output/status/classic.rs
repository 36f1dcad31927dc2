//! The lines of `keactrl status`, to the letter and in its order, and behind each what keactrl does not see.

use std::io::{self, Write};

use super::{Findings, Look};
use crate::config::Daemon;
use crate::health::State;
use crate::health::kea::facts::Instance;
use crate::health::kea::{self, Judgement};
use crate::text::OneLine;

pub(super) fn write(all: &Findings<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for installed in &all.machine.installed {
        daemon(all, installed.daemon, look, out)?;
    }
    for installed in &all.machine.installed {
        let path = installed.configuration.display().to_string();
        writeln!(out, "Kea {} configuration file: {}", in_file_line(installed.daemon), OneLine(&path))?;
    }
    if let Some(file) = &all.machine.keactrl {
        writeln!(out, "keactrl configuration file: {}", OneLine(&file.path.display().to_string()))?;
        for what in file.objections() {
            writeln!(out, "keactrl configuration file: WARNING: {}", OneLine(&what))?;
        }
    }
    Ok(())
}

/// A daemon's line, and what was found of its instances.
fn daemon(all: &Findings<'_>, daemon: Daemon, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let pairs = all.machine.instances.iter().zip(all.judgements);
    let instances: Vec<(&Instance, &Judgement)> = pairs.filter(|(instance, _)| instance.daemon == daemon).collect();
    let word = word(all, &instances);
    // As keactrl colours them.
    let color = if word == "active" { "92" } else { "91" };
    if look.color {
        writeln!(out, "{daemon}: \x1b[{color}m{word}\x1b[0m")?;
    } else {
        writeln!(out, "{daemon}: {word}")?;
    }
    for (instance, judgement) in instances {
        let which = all.machine.which(instance);
        let is_one_of_several = which.is_some();
        let of_which = which.map_or_else(String::new, |which| format!("{which}: "));
        if is_one_of_several && judgement.state == State::Ok {
            writeln!(out, "{daemon}: OK: {}", OneLine(&format!("{of_which}{}", judgement.reason)))?;
        }
        for finding in judgement.findings.iter().filter(|finding| finding.state != State::Ok) {
            let text = format!("{of_which}{}", finding.text);
            writeln!(out, "{daemon}: {}: {}", finding.state.word(), OneLine(&text))?;
        }
    }
    Ok(())
}

/// keactrl's word for a daemon: `active` if a process of it lives; `unknown` where keactrl would guess.
fn word(all: &Findings<'_>, instances: &[(&Instance, &Judgement)]) -> &'static str {
    if instances.iter().any(|(instance, _)| kea::runs(all.machine, instance) == Some(true)) {
        "active"
    } else if all.machine.hidden.is_some() {
        "unknown"
    } else {
        "inactive"
    }
}

/// A daemon's name in the line of its configuration file.
fn in_file_line(daemon: Daemon) -> &'static str {
    match daemon {
        Daemon::Dhcp4 => "DHCPv4",
        Daemon::Dhcp6 => "DHCPv6",
        Daemon::Ddns => "DHCP DDNS",
        Daemon::CtrlAgent => "Control Agent",
        Daemon::Netconf => "Netconf",
    }
}
