//! What messages say of processes, and what those before the wanted time say.

use super::super::assemble::Message;
use super::super::line::Server;
use super::super::message::LogMessageKind;
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
            self.exchanges.close(at);
            self.commands.switched(at, b"", message.time);
            self.running.restarted(at);
        }
        self.running.observe(message, at);
        match message.kind {
            LogMessageKind::Starting | LogMessageKind::Reloading => instance.is_reloading_libraries = true,
            LogMessageKind::LibraryLoaded => self.hook(message, at),
            LogMessageKind::HaNamed | LogMessageKind::HaService => self.side.observe(message, at, instance),
            _ => {}
        }
        self.pair(message, at);
        match message.kind {
            kind if kind.is_of_process() => self.process(message, at),
            LogMessageKind::CommandReceived if self.instances[at].server == Server::Agent => {}
            LogMessageKind::CommandReceived => {
                let command = text::between(message.text, b"'", b"'").unwrap_or_default();
                self.commands.switched(at, command, message.time);
            }
            LogMessageKind::DatabaseLost | LogMessageKind::DatabaseBack | LogMessageKind::HaTransition => {
                self.side.observe(message, at, &mut self.instances[at]);
            }
            LogMessageKind::DeclineRecovered | LogMessageKind::Reclaimed | LogMessageKind::LeaseDeleted => {
                self.unlabelled_lease(message, at);
            }
            // What is out of order, after the wanted time has begun, is none of its exchanges; without a time nothing is known to last.
            _ if self.messages > 0 || message.time.is_none() => self.held(message, at),
            _ => self.follow(message, at),
        }
    }

    /// Follows exchanges before the wanted time: whether clients are served at its beginning.
    fn follow(&mut self, message: &Message<'_>, at: usize) {
        self.exchanges.tick(at, message.time);
        self.see(message, at);
        self.labelled(message, at);
        self.settle_over();
    }

    /// The wanted time begins: what was counted before it is forgotten, and what goes on is not.
    pub(super) fn begin(&mut self) {
        self.knows_earlier[0] |= self.v4.given > 0;
        self.knows_earlier[1] |= self.v6.given > 0;
        // As at the end of a log: what waits for an answer may get one.
        self.is_over = true;
        while let Some(exchange) = self.exchanges.pop() {
            self.settle(exchange);
        }
        self.is_over = false;
        (self.v4, self.v6) = Default::default();
        (self.offers, self.rates) = Default::default();
        (self.shows_requests, self.shows_updates, self.unfollowed) = (false, false, 0);
        self.exchanges.forced = 0;
        self.clients.begin();
        self.running.begin();
    }

    pub(super) fn process(&mut self, message: &Message<'_>, at: usize) {
        let moment = (message.time, self.messages == 0);
        let instance = &mut self.instances[at];
        match message.kind {
            LogMessageKind::Starting => self.life.starting(instance, message),
            LogMessageKind::Started => {
                self.life.started(instance, message);
                self.side.back(at, message.time);
            }
            LogMessageKind::Shutdown => {
                self.life.shut_down(instance, message);
                self.exchanges.close(at);
                self.commands.switched(at, b"", message.time);
            }
            LogMessageKind::InitFailed => self.life.failed_to_start(instance, message),
            LogMessageKind::Reloading => {
                instance.forget_level();
                self.exchanges.forget_level(at);
                self.life.reloading(at, instance, moment);
            }
            LogMessageKind::Reloaded => {
                instance.forget_level();
                self.exchanges.forget_level(at);
                self.life.reloaded(at, instance, true, moment);
            }
            LogMessageKind::ConfigComplete => {
                instance.forget_level();
                self.exchanges.forget_level(at);
                self.life.configured(instance, moment);
            }
            LogMessageKind::ReloadFailed => self.life.reloaded(at, instance, false, moment),
            LogMessageKind::ConfigLoadFailed | LogMessageKind::Unrecoverable => self.life.not_loaded(instance, message),
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
