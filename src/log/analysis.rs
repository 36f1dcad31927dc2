//! From messages to facts: one pass, in the order of time, over the messages of all inputs.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::assemble::Message;
use super::client::{Client, Clients, Record};
use super::command::Commands;
use super::exchange::{Cause, Exchange, Exchanges};
use super::family::FamilyActivity;
use super::hook::{self, Hooks};
use super::host::Host;
use super::instance::Instance;
use super::life::{self, Life};
use super::line::Server;
use super::message::{LogMessageKind, Severity};
use super::offer::{Attempt, Offers};
use super::rates::Rates;
use super::running::Running;
use super::side::Side;
use super::stamp::{self, Micros};
use super::tenancy::{State, Stay, Tenancies};
use super::text::{self, Lease};
use super::warning::LogWarnings;

mod packet;
mod process;

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
pub(crate) struct AnalysisOptions {
    pub(crate) exchanges: bool,
    pub(crate) stays: bool,
    /// How many clients are followed at the most.
    pub(crate) clients: usize,
}

/// Everything that is known of the logs.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is something the logs show or not")]
pub(crate) struct Analysis {
    wanted: AnalysisOptions,
    pub(crate) clients: Clients,
    pub(crate) instances: Vec<Instance>,
    last_instance: usize,
    pub(crate) life: Life,
    pub(crate) exchanges: Exchanges,
    /// By host, except for servers of a pair, which have the same leases.
    tenancies: BTreeMap<Host, Tenancies>,
    /// Whether leases of DHCPv4 and DHCPv6 are known from before the wanted time.
    knows_earlier: [bool; 2],
    /// Whether DNS updates that went well would be logged.
    pub(crate) shows_updates: bool,
    offers: Offers,
    pub(crate) v4: FamilyActivity,
    pub(crate) v6: FamilyActivity,
    pub(crate) hooks: Hooks,
    pub(crate) commands: Commands,
    pub(crate) side: Side,
    pub(crate) running: Running,
    pub(crate) rates: Rates,
    pub(crate) warnings: LogWarnings,
    pub(crate) first: Option<Micros>,
    pub(crate) last: Option<Micros>,
    pub(crate) messages: u64,
    /// When the wanted time begins.
    pub(crate) since: Option<Micros>,
    /// The last message before it.
    pub(crate) before: Option<Micros>,
    is_over: bool,
    /// Whether what was read before is not read again, so that leases from before are not known.
    pub(crate) is_continued: bool,
    /// Exchanges and stays that are over, to be taken away.
    pub(crate) closed: Vec<Exchange>,
    pub(crate) stays: Vec<Stay>,
    /// Whether requests over HTTP are logged.
    pub(crate) shows_requests: bool,
    /// The libraries that a configuration has for a daemon, where the log does not say which were loaded.
    pub(crate) libraries: Vec<(Server, Vec<String>)>,
    /// The logs by their numbers.
    pub(crate) logs: Vec<(u32, String)>,
    /// Where logs lack a file: the log, and the first time after it.
    pub(crate) gaps: Vec<(u32, Micros)>,
    /// Messages of clients beyond those that are followed.
    pub(crate) unfollowed: u64,
}

impl Analysis {
    pub(crate) fn new(wanted: AnalysisOptions) -> Self {
        Self { wanted, ..Self::default() }
    }

    pub(crate) fn family(&self, is_v6: bool) -> &FamilyActivity {
        if is_v6 { &self.v6 } else { &self.v4 }
    }

    fn family_mut(&mut self, is_v6: bool) -> &mut FamilyActivity {
        if is_v6 { &mut self.v6 } else { &mut self.v4 }
    }

    /// The daemon that a message comes from, by its number.
    pub(crate) fn instance(&mut self, message: &Message<'_>, input: Input) -> usize {
        let server = match message.server {
            Server::Unknown => life::framed(message),
            known => known,
        };
        let is_last = |known: &Instance| is_of(known, server, message, input) && known.pid == message.pid;
        if self.instances.get(self.last_instance).is_some_and(is_last) && server != Server::Unknown {
            return self.last_instance;
        }
        let found = match server {
            Server::Unknown => self.unnamed(message, input),
            _ => self.named(server, message, input).or_else(|| self.adopted(server, message, input)),
        };
        self.last_instance = found.unwrap_or_else(|| {
            self.instances.push(Instance::new(server, input.group, input.place, message.host));
            self.instances.len() - 1
        });
        self.last_instance
    }

    /// The daemon of this kind: that of the process, else the one that the process most likely follows.
    fn named(&mut self, server: Server, message: &Message<'_>, input: Input) -> Option<usize> {
        let all = self.instances.iter().enumerate().filter(|(_, known)| is_of(known, server, message, input));
        if message.pid == 0 {
            return all.map(|(at, _)| at).next();
        }
        let all: Vec<_> = all.collect();
        let is_own = |(_, known): &&(usize, &Instance)| known.pid == message.pid || known.pid == 0;
        if let Some((at, _)) = all.iter().find(is_own) {
            return Some(*at);
        }
        let before = all.iter().find(|(_, known)| known.predecessor == message.pid).map(|(at, _)| *at);
        let Some(at) = before else {
            return all.iter().min_by_key(|(_, known)| self.life.silence(known)).map(|(at, _)| *at);
        };
        if self.life.is_alive(&self.instances[at], message) {
            let new = self.instances.len();
            let parted = self.life.part(&mut self.instances[at], new);
            self.instances.push(parted);
            return Some(self.instances.len() - 1);
        }
        Some(at)
    }

    /// The only daemon of this log that no message has named so far: this one does.
    fn adopted(&mut self, server: Server, message: &Message<'_>, input: Input) -> Option<usize> {
        let is_it = |known: &Instance| {
            let is_process = known.pid == message.pid || known.pid == 0 || message.pid == 0;
            (known.server, known.group) == (Server::Unknown, input.group) && is_process && known.is_on(message.host)
        };
        let at = only(self.instances.iter().enumerate().filter(|(_, known)| is_it(known)))?;
        let instance = &mut self.instances[at];
        instance.server = server;
        // What it has logged before need not be of one process.
        instance.process = None;
        Some(at)
    }

    /// The daemon of a message that does not name it: that of the process, or the only one of this log.
    fn unnamed(&self, message: &Message<'_>, input: Input) -> Option<usize> {
        let of_group = || self.instances.iter().enumerate().filter(|(_, known)| known.group == input.group);
        let of_pid = of_group().find(|(_, known)| message.pid != 0 && known.pid == message.pid);
        let named = || only(of_group().filter(|(_, known)| known.server != Server::Unknown));
        let unnamed = || of_group().find(|(_, known)| known.server == Server::Unknown);
        of_pid.map(|(at, _)| at).or_else(named).or_else(|| unnamed().map(|(at, _)| at))
    }

    /// Takes in a message.
    pub(crate) fn observe(&mut self, message: &Message<'_>, input: Input) {
        if self.messages == 0 {
            self.begin();
        }
        self.messages += 1;
        self.first = stamp::earlier(self.first, message.time);
        self.last = self.last.max(message.time);
        let at = self.instance(message, input);
        let instance = &mut self.instances[at];
        instance.messages += 1;
        self.exchanges.tick(at, message.time);
        instance.timed(message.time);
        if self.life.observe(at, instance, message, false) {
            self.exchanges.close(at);
            self.commands.switched(at, b"", message.time);
            self.running.restarted(at);
        }
        self.running.observe(message, at);
        self.pair(message, at);
        self.see(message, at);
        if message.severity >= Severity::Warn {
            self.warnings.add(message);
        }
        self.dispatch(message, at);
        self.settle_over();
    }

    fn settle_over(&mut self) {
        while let Some(exchange) = self.exchanges.over() {
            self.settle(exchange);
        }
    }

    /// A message of high availability shows one of a pair, whose leases are not its host's alone.
    fn pair(&mut self, message: &Message<'_>, at: usize) {
        let instance = &mut self.instances[at];
        if instance.is_paired || !message.id.starts_with(b"HA_") {
            return;
        }
        let (host, is_v6) = (instance.scope(), instance.server == Server::Dhcp6);
        instance.is_paired = true;
        let shared = self.instances[at].scope();
        if host != shared
            && let Some(mut own) = self.tenancies.remove(&host)
        {
            self.tenancies.entry(shared).or_default().take(&mut own, is_v6);
            self.tenancies.insert(host, own);
        }
    }

    /// What kinds of lines there are.
    fn see(&mut self, message: &Message<'_>, at: usize) {
        let shows_requests = message.id.starts_with(b"CTRL_AGENT_") || message.id.starts_with(b"HTTP_COMMAND_MGR_");
        self.shows_requests |= shows_requests;
        let is_ddns = self.instances[at].server == Server::Ddns;
        self.shows_updates |=
            is_ddns && message.severity == Severity::Info && !message.id.starts_with(b"DCTL_STARTING");
        let is_v6 = match self.instances[at].server {
            Server::Dhcp4 => false,
            Server::Dhcp6 => true,
            _ => return,
        };
        let visible = &mut self.family_mut(is_v6).visible;
        visible.is_seen = true;
        match message.kind {
            // At the level of what comes, answers are logged too.
            LogMessageKind::Received => (visible.packets, visible.answers) = (true, true),
            LogMessageKind::Sent => visible.answers = true,
            LogMessageKind::Offered | LogMessageKind::Allocated | LogMessageKind::Reused | LogMessageKind::Renewed => {
                visible.leases = true;
            }
            LogMessageKind::Reclaimed => visible.expiry = true,
            LogMessageKind::SubnetSelected => visible.decisions = true,
            LogMessageKind::Dropped => visible.drops = true,
            LogMessageKind::ClientName => visible.names = true,
            LogMessageKind::CalloutCalled => visible.callouts = true,
            LogMessageKind::Other if message.id.ends_with(b"_LEASES_RECLAMATION_COMPLETE") => visible.expiry = true,
            _ => {}
        }
    }

    fn dispatch(&mut self, message: &Message<'_>, at: usize) {
        match message.kind {
            LogMessageKind::Other => {}
            LogMessageKind::CalloutCalled | LogMessageKind::CalloutFailed | LogMessageKind::LibraryLoaded => {
                self.hook(message, at);
            }
            kind if kind.is_of_process() => self.process(message, at),
            LogMessageKind::CommandReceived
            | LogMessageKind::CommandUnreadable
            | LogMessageKind::SocketOpened
            | LogMessageKind::AgentForwarded
            | LogMessageKind::Authorized
            | LogMessageKind::Refused => self.command(message, at),
            LogMessageKind::DeclineRecovered | LogMessageKind::Reclaimed | LogMessageKind::LeaseDeleted => {
                self.unlabelled_lease(message, at);
            }
            LogMessageKind::ReceiveFailed => self.family_mut(is_v6(message)).bad_packets += 1,
            _ => {
                self.side.observe(message, at, &mut self.instances[at]);
                self.labelled(message, at);
            }
        }
    }

    fn hook(&mut self, message: &Message<'_>, at: usize) {
        let instance = &mut self.instances[at];
        if message.kind == LogMessageKind::LibraryLoaded {
            if std::mem::take(&mut instance.is_reloading_libraries) {
                instance.libraries.clear();
            }
            instance.libraries.extend(hook::loaded(message.text));
            return;
        }
        let is_failure = message.kind == LogMessageKind::CalloutFailed;
        let configured = self.libraries.iter().find(|(server, _)| *server == instance.server);
        let libraries = match configured {
            Some((_, configured)) if instance.libraries.is_empty() => configured,
            _ => &instance.libraries,
        };
        self.hooks.called(at, message.text, libraries, (is_failure, message.time));
        if is_failure {
            let failed = |exchange: &mut Exchange| exchange.cause = exchange.cause.or(Some(Cause::Callout));
            self.exchanges.note_thread(at, message.thread, failed);
        }
    }

    fn command(&mut self, message: &Message<'_>, at: usize) {
        let (text, thread, time) = (message.text, message.thread, message.time);
        self.shows_requests |= matches!(
            message.kind,
            LogMessageKind::Authorized | LogMessageKind::Refused | LogMessageKind::AgentForwarded
        );
        match message.kind {
            LogMessageKind::Authorized => self.commands.authorized(at, thread, text),
            LogMessageKind::Refused => self.commands.refused(time),
            LogMessageKind::SocketOpened => {
                self.instances[at].logs_sockets = true;
                self.commands.socket(at, thread);
            }
            LogMessageKind::CommandUnreadable => self.commands.unreadable += 1,
            LogMessageKind::AgentForwarded => {
                self.commands.forwarded(at, text, time);
            }
            _ => {
                let newest = self.instances.iter().filter_map(|instance| instance.release).max();
                let instance = &mut self.instances[at];
                instance.release = instance.release.or(newest.filter(|_| instance.server == Server::Unknown));
                if memchr::memmem::find(text, b"'config-set'").is_some() {
                    instance.is_reloading_libraries = true;
                }
                let command = text::between(text, b"'", b"'").unwrap_or_default();
                // The agent passes a command on to a server, which logs it too.
                if instance.server != Server::Agent {
                    self.commands.switched(at, command, time);
                }
                let is_configuring = self.life.is_configuring(instance);
                self.commands.received(at, instance, is_configuring, thread, text, time);
            }
        }
    }

    /// A lease that a message names without its client's transaction.
    fn unlabelled_lease(&mut self, message: &Message<'_>, at: usize) {
        let Some(lease) = text::lease(message.text).or_else(|| deleted(message.text)) else { return };
        match message.kind {
            LogMessageKind::DeclineRecovered => {
                self.family_mut(is_v6(message)).recovered(lease.address);
                let stay = self.leases_of(at).recovered(lease.address);
                self.stay(stay);
            }
            LogMessageKind::Reclaimed => {
                self.leases_of(at).ended(lease.address, lease.length, State::Expired, message.time);
            }
            _ => self.leases_of(at).ended(lease.address, lease.length, State::Deleted, message.time),
        }
    }

    fn stay(&mut self, stay: Option<Stay>) {
        // What ended before the wanted time is none of its.
        if self.wanted.stays && self.messages > 0 {
            self.stays.extend(stay.filter(|stay| !self.is_past(stay)));
        }
    }

    /// Whether a lease was over before the wanted time; an address that was declined is still unused.
    fn is_past(&self, stay: &Stay) -> bool {
        let is_over = !matches!(stay.state, State::Active | State::Declined);
        is_over && self.since.zip(stay.until).is_some_and(|(since, until)| until < since)
    }

    /// The logs are over.
    pub(crate) fn finish(&mut self) {
        if self.messages == 0 {
            self.begin();
        }
        self.is_over = true;
        while let Some(exchange) = self.exchanges.pop() {
            self.settle(exchange);
        }
        self.offers.end(self.last, |instance| self.life.is_down(&self.instances[instance]));
        self.life.finish(&self.instances, self.last.or(self.before), &self.gaps);
        self.commands.finish();
        self.running.finish(self.last.or(self.before));
        self.forget_past();
        if self.wanted.stays {
            let (active, over): (Vec<_>, Vec<_>) =
                self.stays_at_end().into_iter().partition(|stay| stay.state == State::Active);
            self.stays.extend(over.into_iter().chain(active));
        }
    }

    /// The leases that a daemon has part in.
    fn leases_of(&mut self, at: usize) -> &mut Tenancies {
        let scope = self.instances.get(at).map(Instance::scope).unwrap_or_default();
        self.tenancies.entry(scope).or_default()
    }

    /// Every address with its last stay, in order of addresses.
    pub(crate) fn stays_at_end(&self) -> Vec<Stay> {
        let all = self.tenancies.values().flat_map(|leases| leases.at(self.last));
        let mut all: Vec<_> = all.filter(|stay| !self.is_past(stay)).collect();
        all.sort_by_key(|stay| (stay.address, stay.length));
        all
    }

    /// Whether it is known who has which lease at the end.
    pub(crate) fn knows_leases(&self, is_v6: bool) -> bool {
        let is_seen = self.family(is_v6).visible.leases || self.knows_earlier[usize::from(is_v6)];
        is_seen && !self.is_continued
    }

    /// How much is in no table, as the tables were full.
    pub(crate) fn omitted(&self) -> u64 {
        let tables = self.life.omitted + self.side.omitted + self.hooks.omitted + self.commands.omitted;
        tables + self.v4.omitted + self.v6.omitted
    }

    /// Offers that clients other than probes did not take.
    pub(crate) fn unanswered_offers(&self) -> Vec<(Client, Attempt)> {
        let all = self.offers.unanswered().into_iter();
        all.filter(|(client, _)| !self.clients.identity(*client).is_probe()).collect()
    }

    /// Clients other than probes that ask again and again, and get nothing but offers or NAKs.
    pub(crate) fn loops(&self) -> Vec<(Client, &Record)> {
        let all = self.clients.records().filter(|(_, record)| record.is_in_loop());
        all.filter(|(client, _)| !self.clients.identity(*client).is_probe()).collect()
    }

    /// The name of a daemon, where a message said it.
    pub(crate) fn name(&self, instance: usize) -> Option<&str> {
        self.instances.get(instance)?.name()
    }

    /// The same with its host or its log, where there are daemons of this name on several hosts or in several logs.
    pub(crate) fn name_on_host(&self, instance: usize) -> Option<String> {
        let own = self.instances.get(instance)?;
        let name = own.name()?;
        let mut others = self.instances.iter().filter(|other| other.name() == Some(name) && other.group != own.group);
        let log = || self.logs.iter().find(|(group, _)| *group == own.group).map(|(_, log)| log);
        let is_elsewhere = |other: &Instance| other.name() == Some(name) && !other.is_on(own.host);
        if let Some(host) = own.host.name().filter(|_| self.instances.iter().any(is_elsewhere)) {
            return Some(format!("{name} on {host}"));
        }
        let log = others.next().and_then(|_| log());
        Some(log.map_or_else(|| name.to_owned(), |log| format!("{name} in {log}")))
    }
}

/// Whether a message of this daemon can come from a known one.
fn is_of(known: &Instance, server: Server, message: &Message<'_>, input: Input) -> bool {
    let is_same_process = || known.place == input.place && known.is_process_of(message);
    known.server == server && (known.group == input.group || is_same_process()) && known.is_on(message.host)
}

/// The number of the only one of these.
fn only<'a>(mut all: impl Iterator<Item = (usize, &'a Instance)>) -> Option<usize> {
    let (at, _) = all.next()?;
    all.next().is_none().then_some(at)
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
mod life_tests;
#[cfg(test)]
mod tests;
