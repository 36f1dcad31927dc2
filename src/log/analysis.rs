//! From messages to facts: one pass, in the order of time, over the messages of all inputs.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::assemble::Message;
use super::client::Clients;
use super::command::Commands;
use super::exchange::{Cause, Exchange, Exchanges};
use super::family::{Family, Tally};
use super::hook::{self, Hooks};
use super::instance::{Instance, Life, Release};
use super::line::Server;
use super::message::{Kind, Severity};
use super::offer::Offers;
use super::rates::Rates;
use super::side::Side;
use super::stamp::{self, Micros};
use super::tenancy::{State, Stay, Tenancies};
use super::text::{self, Lease};

mod packet;

/// Where a message was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Input {
    /// The log, of which rotated files are one.
    pub(crate) group: u32,
    /// The directory it is in.
    pub(crate) place: u32,
}

/// What is handed out while the log is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) exchanges: bool,
    pub(crate) stays: bool,
    /// How many clients are followed at the most.
    pub(crate) clients: usize,
}

/// An id at WARN or above, how often it occurred, and what it said first.
#[derive(Debug, Clone)]
pub(crate) struct Complaint {
    pub(crate) severity: Severity,
    pub(crate) tally: Tally,
    pub(crate) sample: String,
}

/// How many different ids are kept; further ones are counted together.
const MOST_COMPLAINTS: usize = 1000;
const FURTHER: &str = "(further ids)";

/// Everything that is known of the logs.
#[derive(Debug, Default)]
pub(crate) struct Analysis {
    wanted: Wanted,
    pub(crate) clients: Clients,
    pub(crate) instances: Vec<Instance>,
    last_instance: usize,
    pub(crate) life: Life,
    pub(crate) exchanges: Exchanges,
    pub(crate) tenancies: Tenancies,
    pub(crate) offers: Offers,
    pub(crate) v4: Family,
    pub(crate) v6: Family,
    pub(crate) hooks: Hooks,
    pub(crate) commands: Commands,
    pub(crate) side: Side,
    pub(crate) rates: Rates,
    pub(crate) complaints: BTreeMap<String, Complaint>,
    pub(crate) first: Option<Micros>,
    pub(crate) last: Option<Micros>,
    pub(crate) messages: u64,
    /// Exchanges and stays that are over, to be taken away.
    pub(crate) closed: Vec<Exchange>,
    pub(crate) stays: Vec<Stay>,
    /// Whether requests over HTTP are logged.
    pub(crate) shows_requests: bool,
    /// The libraries that a configuration has for a daemon, where the log does not say which were loaded.
    pub(crate) libraries: Vec<(Server, Vec<String>)>,
    /// Messages of clients beyond those that are followed.
    pub(crate) unfollowed: u64,
}

impl Analysis {
    pub(crate) fn new(wanted: Wanted) -> Self {
        Self { wanted, ..Self::default() }
    }

    pub(crate) fn family(&self, is_v6: bool) -> &Family {
        if is_v6 { &self.v6 } else { &self.v4 }
    }

    fn family_mut(&mut self, is_v6: bool) -> &mut Family {
        if is_v6 { &mut self.v6 } else { &mut self.v4 }
    }

    /// The daemon that a message comes from.
    fn instance(&mut self, message: &Message<'_>, input: Input) -> usize {
        let is_it = |known: &Instance| {
            let is_same_process = message.pid != 0 && known.pid == message.pid && known.place == input.place;
            known.server == message.server
                && (known.group == input.group || is_same_process)
                && known.is_on(message.host)
        };
        if self.instances.get(self.last_instance).is_some_and(|known| is_it(known) && message.server != Server::Unknown)
        {
            return self.last_instance;
        }
        let found = if message.server == Server::Unknown {
            self.unnamed(message, input)
        } else {
            self.instances.iter().position(is_it)
        };
        self.last_instance = found.unwrap_or_else(|| {
            self.instances.push(Instance::new(message.server, input.group, input.place, message.host));
            self.instances.len() - 1
        });
        self.last_instance
    }

    /// The daemon of a message that does not name it: that of the process, or the only one of this log.
    fn unnamed(&self, message: &Message<'_>, input: Input) -> Option<usize> {
        let of_all = || self.instances.iter().enumerate().filter(|(_, known)| known.group == input.group);
        let mut of_group = of_all();
        let of_pid = of_all().find(|(_, known)| message.pid != 0 && known.pid == message.pid);
        if let Some((at, _)) = of_pid {
            return Some(at);
        }
        match (of_group.next(), of_group.next()) {
            (Some((at, _)), None) => Some(at),
            (None, _) => None,
            _ => of_all().find(|(_, known)| known.server == Server::Unknown).map(|(at, _)| at),
        }
    }

    /// Takes in a message.
    pub(crate) fn observe(&mut self, message: &Message<'_>, input: Input) {
        self.messages += 1;
        self.first = stamp::earlier(self.first, message.time);
        self.last = self.last.max(message.time);
        let at = self.instance(message, input);
        if self.life.observe(at, &mut self.instances[at], message) {
            self.exchanges.close(at);
        }
        self.see(message, at);
        if message.severity >= Severity::Warn {
            self.complain(message);
        }
        self.dispatch(message, at);
        while let Some(exchange) = self.exchanges.over(self.last) {
            self.settle(exchange);
        }
    }

    /// Takes in what a message before the wanted time says of the daemon: its release, libraries and name.
    pub(crate) fn prepare(&mut self, message: &Message<'_>, input: Input) {
        let is_of_use = matches!(
            message.kind,
            Kind::Started | Kind::Starting | Kind::LibraryLoaded | Kind::Reloading | Kind::HaNamed | Kind::HaService
        );
        if !is_of_use {
            return;
        }
        let at = self.instance(message, input);
        let instance = &mut self.instances[at];
        match message.kind {
            Kind::Started => instance.release = Release::of(message.text).or(instance.release),
            Kind::Starting | Kind::Reloading => instance.is_reloading_libraries = true,
            Kind::LibraryLoaded => self.hook(message, at),
            _ => self.side.observe(message, at, instance),
        }
    }

    /// What kinds of lines there are.
    fn see(&mut self, message: &Message<'_>, at: usize) {
        let shows_requests = message.id.starts_with(b"CTRL_AGENT_") || message.id.starts_with(b"HTTP_COMMAND_MGR_");
        self.shows_requests |= shows_requests;
        let is_v6 = match self.instances[at].server {
            Server::Dhcp4 => false,
            Server::Dhcp6 => true,
            _ => return,
        };
        let visible = &mut self.family_mut(is_v6).visible;
        visible.is_seen = true;
        match message.kind {
            Kind::Received => visible.packets = true,
            Kind::Sent => visible.answers = true,
            Kind::Offered | Kind::Allocated | Kind::Reused | Kind::Renewed => visible.leases = true,
            Kind::Reclaimed => visible.expiry = true,
            Kind::SubnetSelected => visible.decisions = true,
            Kind::Dropped => visible.drops = true,
            Kind::ClientName => visible.names = true,
            Kind::CalloutCalled => visible.callouts = true,
            Kind::Other if message.id.ends_with(b"_LEASES_RECLAMATION_COMPLETE") => visible.expiry = true,
            _ => {}
        }
    }

    fn complain(&mut self, message: &Message<'_>) {
        let mut id = String::from_utf8_lossy(message.id);
        if self.complaints.len() >= MOST_COMPLAINTS && !self.complaints.contains_key(id.as_ref()) {
            id = FURTHER.into();
        }
        if let Some(known) = self.complaints.get_mut(id.as_ref()) {
            known.tally.add(message.time);
            known.severity = known.severity.max(message.severity);
        } else {
            let mut tally = Tally::default();
            tally.add(message.time);
            let sample = super::instance::one_line(message);
            self.complaints.insert(id.into_owned(), Complaint { severity: message.severity, tally, sample });
        }
        if message.severity >= Severity::Error
            && let Some(step) = self.rates.at(message.time)
        {
            step.failures += 1;
        }
    }

    fn dispatch(&mut self, message: &Message<'_>, at: usize) {
        match message.kind {
            Kind::Other => {}
            Kind::CalloutCalled | Kind::CalloutFailed | Kind::LibraryLoaded => self.hook(message, at),
            Kind::Starting
            | Kind::Started
            | Kind::Shutdown
            | Kind::InitFailed
            | Kind::ConfigLoadFailed
            | Kind::Unrecoverable
            | Kind::Reloading
            | Kind::Reloaded
            | Kind::ReloadFailed => self.process(message, at),
            Kind::CommandReceived
            | Kind::CommandUnreadable
            | Kind::SocketOpened
            | Kind::AgentForwarded
            | Kind::Authorized
            | Kind::Refused => self.command(message, at),
            Kind::DeclineRecovered | Kind::Reclaimed | Kind::LeaseDeleted => self.unlabelled_lease(message),
            Kind::ReceiveFailed => self.family_mut(is_v6(message)).bad_packets += 1,
            _ => {
                self.side.observe(message, at, &mut self.instances[at]);
                self.labelled(message, at);
            }
        }
    }

    fn hook(&mut self, message: &Message<'_>, at: usize) {
        let instance = &mut self.instances[at];
        if message.kind == Kind::LibraryLoaded {
            if std::mem::take(&mut instance.is_reloading_libraries) {
                instance.libraries.clear();
            }
            instance.libraries.extend(hook::loaded(message.text));
            return;
        }
        let is_failure = message.kind == Kind::CalloutFailed;
        let configured = self.libraries.iter().find(|(server, _)| *server == instance.server);
        let libraries = match configured {
            Some((_, configured)) if instance.libraries.is_empty() => configured,
            _ => &instance.libraries,
        };
        self.hooks.called(at, message.text, libraries, is_failure);
        if is_failure {
            let failed = |exchange: &mut Exchange| exchange.cause = exchange.cause.or(Some(Cause::Callout));
            self.exchanges.note_thread(at, message.thread, failed);
        }
    }

    fn process(&mut self, message: &Message<'_>, at: usize) {
        let instance = &mut self.instances[at];
        match message.kind {
            Kind::Started => self.life.started(at, instance, message),
            Kind::Shutdown => Life::shut_down(instance),
            Kind::InitFailed => self.life.failed_to_start(at, instance, message),
            Kind::Reloading => self.life.reloading(at, instance, message.time),
            Kind::Reloaded => self.life.reloaded(instance, true),
            Kind::ReloadFailed => self.life.reloaded(instance, false),
            Kind::ConfigLoadFailed | Kind::Unrecoverable => self.life.not_loaded(instance, message),
            _ => {}
        }
    }

    fn command(&mut self, message: &Message<'_>, at: usize) {
        let (text, thread, time) = (message.text, message.thread, message.time);
        self.shows_requests |= matches!(message.kind, Kind::Authorized | Kind::Refused | Kind::AgentForwarded);
        match message.kind {
            Kind::Authorized => self.commands.authorized(at, thread, text),
            Kind::Refused => self.commands.refused(time),
            Kind::SocketOpened => {
                self.instances[at].logs_sockets = true;
                self.commands.socket(at, thread);
            }
            Kind::CommandUnreadable => self.commands.unreadable += 1,
            Kind::AgentForwarded => {
                self.commands.forwarded(at, text, time);
            }
            _ => {
                let instance = &mut self.instances[at];
                if memchr::memmem::find(text, b"'config-set'").is_some() {
                    instance.is_reloading_libraries = true;
                }
                let is_configuring = instance.is_configuring(&self.life);
                self.commands.received(at, instance, is_configuring, thread, text, time);
            }
        }
    }

    /// A lease that a message names without its client's transaction.
    fn unlabelled_lease(&mut self, message: &Message<'_>) {
        let Some(lease) = text::lease(message.text).or_else(|| deleted(message.text)) else { return };
        match message.kind {
            Kind::DeclineRecovered => {
                self.family_mut(is_v6(message)).recovered(lease.address);
                let stay = self.tenancies.recovered(lease.address);
                self.stay(stay);
            }
            Kind::Reclaimed => self.tenancies.ended(lease.address, lease.length, State::Expired, message.time),
            _ => self.tenancies.ended(lease.address, lease.length, State::Deleted, message.time),
        }
    }

    fn stay(&mut self, stay: Option<Stay>) {
        if self.wanted.stays {
            self.stays.extend(stay);
        }
    }

    /// The logs are over.
    pub(crate) fn finish(&mut self) {
        while let Some(exchange) = self.exchanges.pop() {
            self.settle(exchange);
        }
        for (at, instance) in self.instances.iter_mut().enumerate() {
            self.life.end_of_process(at, instance);
        }
        self.life.starts.sort_by_key(|start| start.time);
        self.commands.finish();
        if self.wanted.stays {
            let last = self.tenancies.at(self.last);
            self.stays.extend(last);
        }
    }

    /// How much is in no table, as the tables were full.
    pub(crate) fn omitted(&self) -> u64 {
        let tables = self.life.omitted + self.side.omitted + self.hooks.omitted + self.commands.omitted;
        tables + self.v4.omitted + self.v6.omitted
    }

    /// The name of a daemon, where a message said it.
    pub(crate) fn name(&self, instance: usize) -> Option<&str> {
        self.instances.get(instance)?.name()
    }
}

fn is_v6(message: &Message<'_>) -> bool {
    message.id.starts_with(b"DHCP6") || message.id.starts_with(b"ALLOC_ENGINE_V6")
}

/// The lease in `lease4-del command successful (address: 10.77.6.66)`.
fn deleted(text: &[u8]) -> Option<Lease> {
    let address: IpAddr = text::after(text, b"address: ").and_then(text::address)?;
    Some(Lease { address, length: if address.is_ipv4() { 32 } else { 128 }, iaid: None })
}

#[cfg(test)]
mod tests;
