//! Matches processes, pid files and configurations, and decides which daemons should run.

use std::path::{Path, PathBuf};

use super::zombie::Zombie;
use super::{of, pidfile};
use crate::config::Daemon;
use crate::config::keactrl::Keactrl;
use crate::health::kea::facts::{Configuration, Expected, Instance, InstancePlace, PidFile, Process, Unit};

/// What is known before the daemons are examined.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// The daemons that the user asked for by name.
    pub named: Vec<Daemon>,
    /// keactrl.conf.
    pub keactrl: Keactrl,
    /// The daemons that run.
    pub running: Vec<(Daemon, Process)>,
    /// Their processes that have ended where another one runs.
    pub zombies: Vec<Zombie>,
    /// Their pid files, and those of daemons that ended.
    pub pid_files: Vec<(Daemon, PidFile)>,
    /// Units of systemd.
    pub units: Vec<(Daemon, Unit)>,
    /// The installed programs.
    pub programs: Vec<Daemon>,
    /// The places of the running processes, by pid.
    pub places: Vec<(u32, InstancePlace)>,
    /// The processes that run on another configuration than the one of this machine's server.
    pub on_others: Vec<u32>,
    /// The preferred one of the existing usual configuration files, for daemons that have none in keactrl.conf.
    pub configurations: Vec<(Daemon, PathBuf)>,
    /// Where those of the others should be.
    pub lacking: Vec<(Daemon, PathBuf)>,
    /// Of daemons that are installed without a configuration, those that have left something of a run.
    pub traces: Vec<Daemon>,
}

impl Evidence {
    /// The configuration file a daemon should have.
    #[must_use]
    pub(super) fn configuration(&self, daemon: Daemon) -> Option<PathBuf> {
        let usual = self.configurations.iter().find(|(other, _)| *other == daemon);
        self.keactrl.config_file(daemon).or_else(|| usual.map(|(_, file)| file.clone()))
    }

    /// Every instance of `daemon`: those that run, and the one that should run.
    #[must_use]
    pub(super) fn instances(&self, daemon: Daemon) -> Vec<Instance> {
        let mut instances: Vec<Instance> = of(&self.running, daemon).map(|it| self.running(daemon, it)).collect();
        let runs_on_others = self.runs_on_others(&instances);
        for file in of(&self.pid_files, daemon) {
            attach(&mut instances, daemon, file, runs_on_others);
        }
        let expected = self.expected(daemon);
        if expected.is_some_and(|why| runs_on_others || self.is_missing(&instances, daemon, why)) {
            self.add_missing(&mut instances, daemon);
        }
        self.add_failed_units(&mut instances, daemon);
        for instance in &mut instances {
            let runs = is_kea(instance);
            if instance.process.is_some() && !runs || instance.place == InstancePlace::Apart {
                continue;
            }
            if instance.place == InstancePlace::Elsewhere {
                instance.expected = Some(Expected::Runs);
                continue;
            }
            let is_lacking = || of(&self.lacking, daemon).any(|file| name_of(daemon, Some(file)) == instance.name);
            let is_meant = runs || instance.unit.is_some() || self.is_configured(daemon, instance) || is_lacking();
            let reason = expected.filter(|_| is_meant).or(runs.then_some(Expected::Runs));
            instance.expected = instance.expected.or(reason);
            instance.may_be_replaced = runs_on_others && instance.process.is_none();
        }
        instances
    }

    /// Whether this machine has the daemon only with other configurations than its own.
    fn runs_on_others(&self, instances: &[Instance]) -> bool {
        let mut here = instances.iter().filter(|it| it.place == InstancePlace::Here && is_kea(it)).peekable();
        here.peek().is_some() && here.all(|it| self.is_on_other(it))
    }

    fn is_on_other(&self, instance: &Instance) -> bool {
        instance.process.as_ref().is_some_and(|process| self.on_others.contains(&process.pid))
    }

    /// Whether the daemon that should run is missing among those that do.
    fn is_missing(&self, instances: &[Instance], daemon: Daemon, why: Expected) -> bool {
        let may_be_kea = |it: &Instance| it.process.as_ref().is_some_and(Process::may_be_kea);
        let runs = |place: InstancePlace| instances.iter().any(|it| may_be_kea(it) && it.place == place);
        // Where a container has one and this machine has no file for another, the container's is meant.
        let is_installed = self.programs.contains(&daemon) && self.configuration(daemon).is_some();
        let is_meant = why != Expected::Named || is_installed;
        !runs(InstancePlace::Here) && (is_meant || !runs(InstancePlace::Elsewhere))
    }

    /// An instance that runs.
    fn running(&self, daemon: Daemon, process: &Process) -> Instance {
        let file = process.config.as_ref().map(|file| absolute(file, process));
        let mut instance = Instance::new(daemon, name_of(daemon, file.as_deref()));
        instance.configuration = file.map(|path| Configuration { path, ..Configuration::default() });
        instance.unit = self.unit_of(daemon, process);
        instance.process = Some(process.clone());
        let is_its = |zombie: &&Zombie| zombie.successor == process.pid;
        instance.zombies = self.zombies.iter().filter(is_its).map(|zombie| zombie.pid).collect();
        instance.place =
            self.places.iter().find(|(pid, _)| *pid == process.pid).map_or(InstancePlace::Here, |(_, place)| *place);
        instance
    }

    fn unit_of(&self, daemon: Daemon, process: &Process) -> Option<Unit> {
        let is_its = |unit: &&Unit| unit.main_pid == Some(process.pid) || process.unit.as_ref() == Some(&unit.name);
        let known = of(&self.units, daemon).find(is_its).cloned();
        known.or_else(|| Some(Unit { name: process.unit.clone()?, ..Unit::default() }))
    }

    /// Why a daemon is expected.
    fn expected(&self, daemon: Daemon) -> Option<Expected> {
        if self.named.contains(&daemon) {
            return Some(Expected::Named);
        }
        if self.keactrl.starts(daemon) == Some(true) {
            return Some(Expected::Keactrl);
        }
        if of(&self.units, daemon).any(is_to_run) {
            return Some(Expected::Unit);
        }
        let nothing_tells = Daemon::ALL.iter().all(|daemon| self.keactrl.starts(*daemon).is_none())
            && !self.units.iter().any(|(_, unit)| is_enabled(unit))
            && self.named.is_empty();
        let runs = of(&self.running, daemon).next().is_some();
        let is_installed = (runs || self.programs.contains(&daemon)) && self.configuration(daemon).is_some();
        let may_have_run = is_installed || self.traces.contains(&daemon);
        let is_switched_off = of(&self.units, daemon).any(is_disabled);
        (nothing_tells && may_have_run && !is_switched_off).then_some(Expected::Installed)
    }

    /// The daemon that should run and does not.
    fn add_missing(&self, instances: &mut Vec<Instance>, daemon: Daemon) {
        let unit = of(&self.units, daemon).find(|unit| is_enabled(unit));
        let file = unit.and_then(|unit| unit.config.clone()).or_else(|| self.configuration(daemon));
        let file = file.or_else(|| of(&self.lacking, daemon).next().cloned());
        let name = name_of(daemon, file.as_deref());
        let is_it = |instance: &Instance| instance.name == name && instance.process.is_none();
        if !instances.iter().any(is_it) {
            instances.push(Instance::new(daemon, name.clone()));
        }
        let Some(instance) = instances.iter_mut().find(|instance| is_it(instance)) else { return };
        instance.configuration = file.map(|path| Configuration { path, ..Configuration::default() });
        instance.unit = unit.cloned();
        instance.has_run = self.traces.contains(&daemon).then_some(true);
        instance.lacks_program = unit.is_none() && !self.programs.contains(&daemon);
    }

    /// Enabled units without a process of theirs, where others of the same daemon run.
    fn add_failed_units(&self, instances: &mut Vec<Instance>, daemon: Daemon) {
        for unit in of(&self.units, daemon).filter(|unit| is_to_run(unit) && unit.active != "active") {
            let is_known = instances.iter().any(|it| it.unit.as_ref().is_some_and(|other| other.name == unit.name));
            let is_out_of_use =
                instances.iter().any(|it| it.process.is_some() && it.unit.is_none() && !self.is_on_other(it));
            if !is_known && !is_out_of_use {
                add_failed_unit(instances, daemon, unit);
            }
        }
    }

    /// Its enabled units that systemd has skipped, if it does not run.
    pub(super) fn skipped(&self, daemon: Daemon) -> Vec<String> {
        let runs = of(&self.running, daemon).next().is_some();
        let units = of(&self.units, daemon).filter(|unit| !runs && is_enabled(unit) && unit.is_skipped);
        units.map(|unit| unit.name.clone()).collect()
    }

    fn is_configured(&self, daemon: Daemon, instance: &Instance) -> bool {
        name_of(daemon, self.configuration(daemon).as_deref()) == instance.name
    }
}

/// Whether it runs and is not known to be another program.
fn is_kea(instance: &Instance) -> bool {
    instance.process.as_ref().is_some_and(|process| !process.is_untrusted)
}

/// Whatever else is known of the daemon of such a unit goes by the name of its configuration file.
fn add_failed_unit(instances: &mut Vec<Instance>, daemon: Daemon, unit: &Unit) {
    let own_name = || unit.name.trim_end_matches(".service").to_owned();
    let name = unit.config.as_deref().map_or_else(own_name, |file| name_of(daemon, Some(file)));
    let is_free = |instance: &&mut Instance| instance.process.is_none() && instance.unit.is_none();
    let place = instances.iter_mut().filter(is_free).find(|instance| instance.name == name);
    let mut new = Instance::new(daemon, name);
    let instance = place.unwrap_or(&mut new);
    let file = unit.config.clone().map(|path| Configuration { path, ..Configuration::default() });
    instance.configuration = instance.configuration.take().or(file);
    instance.expected = Some(Expected::Unit);
    instance.unit = Some(unit.clone());
    if new.unit.is_some() {
        instances.push(new);
    }
}

fn is_enabled(unit: &Unit) -> bool {
    unit.file_state == "enabled" || unit.file_state == "enabled-runtime"
}

/// Whether it is started at boot, and systemd has not skipped it.
fn is_to_run(unit: &Unit) -> bool {
    is_enabled(unit) && !unit.is_skipped
}

/// Whether an administrator has decided that it does not start. One that has failed was started by hand.
fn is_disabled(unit: &Unit) -> bool {
    matches!(&unit.file_state[..], "disabled" | "masked" | "masked-runtime") && unit.active != "failed"
}

/// A file as the process means it.
fn absolute(file: &Path, process: &Process) -> PathBuf {
    match &process.directory {
        Some(directory) => directory.join(file),
        None => file.to_owned(),
    }
}

/// What distinguishes an instance from others.
fn name_of(daemon: Daemon, configuration: Option<&Path>) -> String {
    let stem = configuration.and_then(Path::file_stem);
    stem.map_or_else(|| daemon.process_name().to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// Assigns a pid file to the instance with its number, else to the one with its name, else to one that has ended.
/// The namesake of one that has ended may run on another file of that name.
fn attach(instances: &mut Vec<Instance>, daemon: Daemon, file: &PidFile, runs_on_others: bool) {
    let name = pidfile::configuration_name(&file.path, daemon);
    let is_its = |instance: &Instance| {
        let process = instance.process.as_ref();
        process.is_some_and(|it| file.pid.is_some_and(|pid| pid == i64::from(it.pid) || Some(pid) == it.inner()))
    };
    let is_current = file.meaning == crate::health::kea::facts::Meaning::Current;
    let by_number = instances.iter().position(|instance| is_current && is_its(instance));
    let may_have_ended = |instance: &Instance| !runs_on_others || is_current || instance.process.is_none();
    let is_namesake = |instance: &Instance| {
        instance.name == name && instance.place == InstancePlace::Here && may_have_ended(instance)
    };
    let owner = by_number.or_else(|| instances.iter().position(is_namesake));
    let owner = owner.unwrap_or_else(|| {
        instances.push(Instance::new(daemon, name));
        instances.len() - 1
    });
    instances[owner].pid_files.push(file.clone());
}
