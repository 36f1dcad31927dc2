//! The exact lines of `keactrl status` in its order, each followed by the findings that keactrl does not have.

use std::io::{self, Write};

use super::screen::{colored, wrapped};
use super::{Findings, StatusOptions};
use crate::config::Daemon;
use crate::health::State;
use crate::health::kea::facts::{Instance, InstancePlace};
use crate::health::kea::{self, Finding, Judgement};
use crate::text::OneLine;

pub(super) fn write(all: &Findings<'_>, look: StatusOptions, out: &mut dyn Write) -> io::Result<()> {
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

/// A daemon's line, and the findings about its instances.
fn daemon(all: &Findings<'_>, daemon: Daemon, look: StatusOptions, out: &mut dyn Write) -> io::Result<()> {
    let pairs = all.machine.instances.iter().zip(all.judgements);
    let instances: Vec<(&Instance, &Judgement)> = pairs.filter(|(instance, _)| instance.daemon == daemon).collect();
    let word = word(all, &instances);
    let asked = instances.iter().filter(|(instance, _)| instance.place != InstancePlace::Apart);
    let worst = asked.map(|(_, judgement)| judgement.state).max().unwrap_or(State::Ok);
    let is_well = worst == State::Ok && word != "active";
    let shown = if is_well { word.to_owned() } else { colored(word, worst, look) };
    writeln!(out, "{daemon}: {shown}")?;
    for (instance, judgement) in instances {
        let which = all.machine.which(instance);
        let is_one_of_several = which.is_some();
        let apart = if instance.place == InstancePlace::Apart { "not asked about: " } else { "" };
        let of_which = which.map_or_else(String::new, |which| format!("{apart}{which}: "));
        let mut tell = |state: State, text: &str| {
            let text = OneLine(&format!("{of_which}{text}")).to_string();
            // The colour goes on after the line is broken, since it takes no place.
            let line = wrapped(&format!("{daemon}: {}: {text}", state.word()), look);
            writeln!(out, "{}", line.replacen(state.word(), &colored(state.word(), state, look), 1))
        };
        let is_well = is_one_of_several && judgement.state == State::Ok;
        if is_well {
            tell(State::Ok, &judgement.reason)?;
        }
        let is_remark = |finding: &Finding| finding.id == "never-started" && !is_well;
        let is_told = |finding: &&Finding| finding.state != State::Ok || is_remark(finding);
        for finding in judgement.findings.iter().filter(is_told) {
            tell(finding.state, &finding.text)?;
        }
    }
    Ok(())
}

/// keactrl's word for a daemon: `active` if a process of it exists; `unknown` where keactrl would guess. Another machine's
/// process does not count for one that should run here.
fn word(all: &Findings<'_>, instances: &[(&Instance, &Judgement)]) -> &'static str {
    let is_wanted_here = |it: &Instance| it.place == InstancePlace::Here && it.is_expected();
    let only_here = instances.iter().any(|(instance, _)| is_wanted_here(instance));
    let counts = |it: &Instance| it.place == InstancePlace::Here || it.place == InstancePlace::Elsewhere && !only_here;
    let mut counting = instances.iter().filter(|(instance, _)| counts(instance));
    if counting.any(|(instance, _)| kea::runs(all.machine, instance) == Some(true)) {
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
