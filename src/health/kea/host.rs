//! Kea on one machine: its daemons, and the labels that distinguish them.

use std::path::PathBuf;

use serde::Serialize;

use super::down::skipped;
use super::facts::{Instance, InstancePlace};
use super::file_problem::FileProblem;
use crate::config::Daemon;

/// The facts about Kea on a machine.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Host {
    /// keactrl.conf, if there is one.
    pub keactrl: Option<KeactrlFile>,
    /// The daemons that there is a line for, in keactrl's order, with the configuration files they should have.
    pub installed: Vec<Installed>,
    /// Every daemon that runs or should.
    pub instances: Vec<Instance>,
    /// Why there may be processes that this user does not see.
    pub hidden: Option<String>,
    /// What else could not be read, each with the reason.
    pub unseen: Vec<String>,
    /// Whether systemd runs but its units could not be read, so that it is not known what should run.
    pub units_are_unknown: bool,
    /// What was searched for, and where; empty if a daemon runs or should run.
    pub searched: Vec<String>,
    /// Enabled units of daemons that are not to run because a condition of the unit is not met.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped_units: Vec<String>,
}

impl Host {
    /// Remarks about the machine and not a daemon: what could not be read, and errors in keactrl.conf.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let keactrl = self.keactrl.iter().flat_map(KeactrlFile::objections);
        let keactrl = keactrl.map(|what| format!("keactrl configuration file: {what}"));
        let unseen = self.unseen.iter().map(|what| format!("not seen: {what}"));
        keactrl.chain(self.skipped()).chain(unseen).chain(self.idle()).collect()
    }

    /// Which units systemd has skipped.
    pub fn skipped(&self) -> impl Iterator<Item = String> {
        self.skipped_units.iter().map(|name| skipped(name))
    }

    /// Whether no daemon of Kea runs, and none should.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let counts = |it: &Instance| it.place != InstancePlace::Apart && (it.process.is_some() || it.is_expected());
        !self.instances.iter().any(counts)
    }

    /// If no daemon of Kea runs or should run: that remark, and what was searched for.
    #[must_use]
    pub fn idle(&self) -> Vec<String> {
        if !self.is_idle() {
            return Vec::new();
        }
        let none = "no daemon of Kea was found running, and nothing says that one should (an enabled unit or keactrl.conf would)";
        let searched = self.searched.iter().map(|what| format!("looked for {what}"));
        let hidden = self.hidden.iter().map(|why| format!("not all processes can be seen: {why}"));
        [none.to_owned()].into_iter().chain(hidden).chain(searched).collect()
    }

    /// The instances of one kind of daemon.
    pub fn of(&self, daemon: Daemon) -> impl Iterator<Item = &Instance> {
        self.instances.iter().filter(move |instance| instance.daemon == daemon)
    }

    /// The name of the check of `instance`: the daemon, and what distinguishes it from others of its kind.
    #[must_use]
    pub fn label(&self, instance: &Instance) -> String {
        match self.which(instance) {
            None => instance.daemon.name().to_owned(),
            Some(which) => format!("{} {which}", instance.daemon.name()),
        }
    }

    /// What distinguishes an instance from others of its kind; nothing if only one is checked that runs or should run.
    ///
    /// Its name; its configuration file if others have that name; its number if others have that file.
    #[must_use]
    pub fn which(&self, instance: &Instance) -> Option<String> {
        let others = || self.of(instance.daemon).filter(|other| !std::ptr::eq(*other, instance));
        let counts =
            |it: &Instance| it.place != InstancePlace::Apart && (it.process.is_some() || it.expected.is_some());
        if counts(instance) && !others().any(counts) || others().next().is_none() {
            return None;
        }
        let is_named_alike = |other: &&Instance| other.name == instance.name;
        if !others().any(|other| is_named_alike(&other)) {
            return Some(instance.name.clone());
        }
        let file = |it: &Instance| it.configuration.as_ref().map(|file| file.path.clone());
        if let Some(own) = file(instance).filter(|own| others().all(|other| file(other).as_ref() != Some(own))) {
            return Some(own.display().to_string());
        }
        let before = self.of(instance.daemon).take_while(|other| !std::ptr::eq(*other, instance));
        Some(format!("{} {}", instance.name, before.filter(is_named_alike).count() + 1))
    }
}

/// A keactrl.conf.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct KeactrlFile {
    /// Where it is.
    #[serde(serialize_with = "super::fields::path")]
    pub path: PathBuf,
    /// Why it is not usable.
    pub fault: Option<FileProblem>,
    /// Its lines that are not understood: number and text.
    pub not_understood: Vec<(usize, String)>,
}

impl KeactrlFile {
    /// What is wrong with it, each in a sentence.
    pub fn objections(&self) -> impl Iterator<Item = String> {
        let fault = self.fault.iter().map(|fault| fault.text().to_owned());
        fault.chain(self.not_understood.iter().map(|(number, line)| format!("line {number} is not understood: {line}")))
    }
}

/// A daemon that belongs to this machine's Kea.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Installed {
    /// Which daemon.
    pub daemon: Daemon,
    /// Its configuration file, from keactrl.conf, from its process, or the default.
    #[serde(serialize_with = "super::fields::path")]
    pub configuration: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::super::facts::{Configuration, Expected};
    use super::*;

    fn instance(name: &str, file: &str, expected: Option<Expected>) -> Instance {
        let configuration = Some(Configuration { path: file.into(), ..Configuration::default() });
        Instance { expected, configuration, ..Instance::new(Daemon::Dhcp4, name) }
    }

    fn labels(instances: Vec<Instance>) -> Vec<String> {
        let machine = Host { instances, ..Host::default() };
        machine.instances.iter().map(|instance| machine.label(instance)).collect()
    }

    #[test]
    fn the_only_expected_instance_is_labelled_as_the_daemon() {
        let runs = || instance("a", "/a.conf", Some(Expected::Runs));
        assert_eq!(labels(vec![runs()]), ["dhcp4"]);
        assert_eq!(labels(vec![runs(), instance("b", "/b.conf", None)]), ["dhcp4", "dhcp4 b"]);
        assert_eq!(labels(vec![instance("b", "/b.conf", None)]), ["dhcp4"]);
    }

    #[test]
    fn one_that_was_not_asked_about_takes_no_name_away() {
        let apart = || Instance { place: InstancePlace::Apart, ..instance("a", "/b.conf", None) };
        assert_eq!(
            labels(vec![apart(), instance("a", "/a.conf", Some(Expected::Keactrl))]),
            ["dhcp4 /b.conf", "dhcp4"]
        );
    }

    #[test]
    fn several_are_distinguished_by_name_file_or_place() {
        let one = |name, file| instance(name, file, Some(Expected::Runs));
        let all = vec![one("a", "/x/a.conf"), one("a", "/y/a.conf"), one("b", "/x/b.conf")];
        assert_eq!(labels(all), ["dhcp4 /x/a.conf", "dhcp4 /y/a.conf", "dhcp4 b"]);
        assert_eq!(labels(vec![one("a", "/a.conf"), one("a", "/a.conf")]), ["dhcp4 a 1", "dhcp4 a 2"]);
    }
}
