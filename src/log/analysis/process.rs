//! What messages say of processes, and what those before the wanted time say.

use super::super::assemble::Message;
use super::super::message::Kind;
use super::super::stamp::Micros;
use super::super::text;
use super::{Analysis, Input};

impl Analysis {
    /// Takes in what a message before the wanted time says of the daemon, its processes and its leases.
    pub(crate) fn prepare(&mut self, message: &Message<'_>, input: Input) {
        self.before = self.before.max(message.time);
        let at = self.instance(message, input);
        let instance = &mut self.instances[at];
        if self.life.observe(at, instance, message, true) {
            self.commands.switched(at, b"", message.time);
        }
        instance.is_paired |= message.id.starts_with(b"HA_");
        match message.kind {
            Kind::Starting | Kind::Reloading => instance.is_reloading_libraries = true,
            Kind::LibraryLoaded => self.hook(message, at),
            Kind::HaNamed | Kind::HaService => self.side.observe(message, at, instance),
            _ => {}
        }
        match message.kind {
            Kind::Starting
            | Kind::Started
            | Kind::Shutdown
            | Kind::InitFailed
            | Kind::ConfigLoadFailed
            | Kind::Unrecoverable
            | Kind::Reloading
            | Kind::Reloaded
            | Kind::ReloadFailed
            | Kind::ConfigComplete => self.process(message, at),
            Kind::CommandReceived => {
                let command = text::between(message.text, b"'", b"'").unwrap_or_default();
                self.commands.switched(at, command, message.time);
            }
            Kind::DatabaseLost | Kind::DatabaseBack | Kind::HaTransition => {
                self.side.observe(message, at, &mut self.instances[at]);
            }
            Kind::DeclineRecovered | Kind::Reclaimed | Kind::LeaseDeleted => self.unlabelled_lease(message, at),
            _ => self.held(message, at),
        }
    }

    pub(super) fn process(&mut self, message: &Message<'_>, at: usize) {
        let moment = (message.time, self.messages == 0);
        let instance = &mut self.instances[at];
        match message.kind {
            Kind::Starting => self.life.starting(instance, message),
            Kind::Started => {
                self.life.started(instance, message);
                self.side.back(at, message.time);
            }
            Kind::Shutdown => {
                self.life.shut_down(instance, message);
                self.exchanges.close(at);
                self.commands.switched(at, b"", message.time);
            }
            Kind::InitFailed => self.life.failed_to_start(instance, message),
            Kind::Reloading => {
                instance.forget_level();
                self.life.reloading(at, instance, moment);
            }
            Kind::Reloaded => {
                instance.forget_level();
                self.life.reloaded(at, instance, true, moment);
            }
            Kind::ConfigComplete => {
                instance.forget_level();
                self.life.configured(instance, moment);
            }
            Kind::ReloadFailed => self.life.reloaded(at, instance, false, moment),
            Kind::ConfigLoadFailed | Kind::Unrecoverable => self.life.not_loaded(instance, message),
            _ => {}
        }
    }

    /// What was over before the wanted time is not reported.
    pub(super) fn forget_past(&mut self) {
        let (first, is_empty) = (self.first, self.messages == 0);
        let is_past = |until: Option<Micros>| is_empty || until.zip(first).is_some_and(|(until, first)| until < first);
        self.commands.disabled.retain(|off| !(off.is_over && is_past(off.until)));
        self.side.losses.retain(|loss| !(loss.is_over && is_past(loss.back)));
        self.side.forget_before(is_past);
        for instance in &mut self.instances {
            instance.refused.take_if(|(_, time)| is_past(*time));
        }
    }
}
