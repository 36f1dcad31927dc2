//! What messages say of a client's packet, and what its exchange comes to.

use super::super::assemble::Message;
use super::super::exchange::{About, Cause, Done, Exchange, Failure, Scope};
use super::super::family::{Declined, Tally};
use super::super::message::LogMessageKind;
use super::super::names;
use super::super::running::Ongoing;
use super::super::tenancy::State;
use super::super::text::{self, Label, Lease, Lifetime};
use super::super::unserved::Fate;
use super::{Analysis, is_v6};

impl Analysis {
    pub(super) fn labelled(&mut self, message: &Message<'_>, at: usize) {
        let Some(label) = text::label(message.text) else {
            if message.kind == LogMessageKind::Dropped {
                self.family_mut(is_v6(message)).dropped(message.id, message.time);
            }
            return;
        };
        if self.clients.len() >= self.wanted.clients && !self.clients.has(label.client) {
            self.unfollowed += 1;
            return;
        }
        let instance = &self.instances[at];
        let about = About {
            is_v6: label.client.starts_with(b"duid=") || is_v6(message),
            instance: at,
            client: self.clients.of(label.client),
            xid: label.xid,
            thread: message.thread,
            time: message.time,
            shows_packets: instance.logs_packets,
            shows_answers: instance.logs_answers,
        };
        match message.kind {
            LogMessageKind::Query => {
                self.instances[at].is_modern = true;
                self.exchanges.query(&about);
            }
            LogMessageKind::Received => self.received(&about, &label),
            LogMessageKind::Sent => self.sent(&about, &label),
            LogMessageKind::Offered | LogMessageKind::Allocated | LogMessageKind::Reused | LogMessageKind::Renewed => {
                self.lease(message, &about, &label);
            }
            LogMessageKind::Released | LogMessageKind::ReleaseKept | LogMessageKind::Declined => {
                self.given_up(message, &about);
            }
            _ => self.trouble(message, &about, &label),
        }
    }

    fn received(&mut self, about: &About, label: &Label<'_>) {
        let request = names::message(label.rest.strip_prefix(b": ").unwrap_or(label.rest));
        let source = text::after(label.rest, b"received from ").and_then(text::address);
        self.exchanges.received(about, request, source);
        self.instances[about.instance].logs_packets = true;
        if let Some(step) = self.rates.at(about.time) {
            step.packets += 1;
        }
    }

    fn sent(&mut self, about: &About, label: &Label<'_>) {
        let Some(packet) = text::after(label.rest, b"packet ") else { return };
        let instance = &mut self.instances[about.instance];
        instance.logs_answers = true;
        let answer = names::message(packet);
        // A relay listens to the server's port.
        let destination = text::after(packet, b" to ").map(text::word).unwrap_or_default();
        let is_to_relay = destination.ends_with(b":67") || destination.ends_with(b"]:547");
        if answer != "NAK" {
            self.life.served(instance);
        }
        let has_duration = instance.fractions > 0;
        self.exchanges.sent(about, answer, is_to_relay, has_duration);
    }

    /// What a message before the wanted time says of who has which lease.
    pub(super) fn held(&mut self, message: &Message<'_>, at: usize) {
        let Some((label, lease)) = text::label(message.text).zip(text::lease(message.text)) else { return };
        if self.clients.len() >= self.wanted.clients && !self.clients.has(label.client) {
            return;
        }
        match message.kind {
            LogMessageKind::Allocated | LogMessageKind::Reused | LogMessageKind::Renewed => {
                let Some(lease) = text::lease(label.rest) else { return };
                self.life.served(&self.instances[at]);
                self.commands.switched(at, b"", message.time);
                let client = self.clients.of(label.client);
                let lifetime = text::lifetime(label.rest);
                self.knows_earlier[usize::from(lease.address.is_ipv6())] = true;
                let before = self.before;
                let stay = self.leases_of(at).given(&lease, client, lifetime, message.time, before);
                self.stay(stay);
            }
            LogMessageKind::Released | LogMessageKind::ReleaseKept | LogMessageKind::Declined => {
                let state = if message.kind == LogMessageKind::Declined { State::Declined } else { State::Released };
                let client = self.clients.of(label.client);
                self.leases_of(at).given_up(&lease, client, state, message.time);
            }
            _ => {}
        }
    }

    fn lease(&mut self, message: &Message<'_>, about: &About, label: &Label<'_>) {
        let Some(lease) = text::lease(label.rest) else { return };
        self.life.served(&self.instances[about.instance]);
        self.commands.switched(about.instance, b"", message.time);
        let is_given = message.kind != LogMessageKind::Offered;
        let is_new = !self.clients.had_lease(about.client);
        self.running.served(about.instance, about.client, &lease, is_new && !is_given, is_given);
        if !is_given {
            if message.id == b"DHCP4_LEASE_OFFER" {
                self.instances[about.instance].is_modern = true;
            }
            self.leased(about, Done::Offered, message.kind, lease, None);
            return;
        }
        let lifetime = text::lifetime(label.rest);
        self.leased(about, Done::Given, message.kind, lease, lifetime);
        let last = self.last.or(self.before);
        let stay = self.leases_of(about.instance).given(&lease, about.client, lifetime, message.time, last);
        self.stay(stay);
        self.family_mut(about.is_v6).given += 1;
        if let Some(step) = self.rates.at(about.time) {
            step.leases += 1;
        }
    }

    /// Takes in a lease. A packet that is not logged, after others that were, shows that the level has changed.
    fn leased(&mut self, about: &About, done: Done, kind: LogMessageKind, lease: Lease, lifetime: Option<Lifetime>) {
        let has_packet = self.exchanges.lease(about, done, kind, lease, lifetime);
        if about.shows_packets && !has_packet {
            self.instances[about.instance].forget_level();
            self.exchanges.forget_level(about.instance);
        }
    }

    fn given_up(&mut self, message: &Message<'_>, about: &About) {
        let Some(lease) = text::lease(message.text) else { return };
        let (state, request) = match message.kind {
            LogMessageKind::Declined => (State::Declined, "DECLINE"),
            _ => (State::Released, "RELEASE"),
        };
        self.exchanges.note(about, |exchange| {
            exchange.request.get_or_insert(request);
            if !exchange.given_up.contains(&lease) {
                exchange.given_up.push(lease);
            }
        });
        self.leases_of(about.instance).given_up(&lease, about.client, state, message.time);
        if state == State::Declined {
            let seconds = text::number_after(message.text, b"unavailable for ")
                .or_else(|| text::number_after(message.text, b"recovered in "));
            let (address, client, time) = (lease.address, about.client, message.time);
            let declined = Declined { address, client, time, seconds, is_recovered: false };
            self.family_mut(about.is_v6).declined(declined);
        }
    }

    /// What keeps a client from getting what it asks for.
    fn trouble(&mut self, message: &Message<'_>, about: &About, label: &Label<'_>) {
        let time = message.time;
        match message.kind {
            LogMessageKind::FailedInSubnet | LogMessageKind::FailedInNetwork => {
                // Lines of one packet may be in the wrong order.
                let scope = scope(label.rest);
                self.exchanges.note_once(about, has_failed(about), |exchange| match exchange.failed.take() {
                    Some(cause) => exchange.failures.push(Failure { scope, cause, time }),
                    None => exchange.scope = Some(scope),
                });
            }
            LogMessageKind::NoAddress => self.failed(about, Cause::NoFreeAddress),
            LogMessageKind::NoPools => self.failed(about, Cause::NoPools),
            LogMessageKind::AllocationError => self.failed(about, Cause::DatabaseError),
            LogMessageKind::Nak1 => self.no_subnet(message, about, label),
            LogMessageKind::NoSubnet => self.exchanges.note_known(about, because(Cause::NoSubnet)),
            LogMessageKind::Nak2 => self.exchanges.note_known(about, because(Cause::WrongAddress)),
            LogMessageKind::Nak3 | LogMessageKind::Nak4 => self.exchanges.note_known(about, because(Cause::NotGranted)),
            LogMessageKind::NoLease => self.exchanges.note_known(about, because(Cause::NoLease)),
            LogMessageKind::SubnetSelected => self.exchanges.note_known(about, |exchange| exchange.is_decided = true),
            LogMessageKind::InitReboot => self.exchanges.note_once(
                about,
                |exchange| exchange.is_init_reboot,
                |exchange| {
                    exchange.request.get_or_insert("REQUEST");
                    exchange.is_init_reboot = true;
                },
            ),
            LogMessageKind::ReleaseRefused | LogMessageKind::DeclineRefused => {
                self.exchanges.note_known(about, because(Cause::Refused));
            }
            LogMessageKind::Dropped => {
                self.family_mut(about.is_v6).dropped(message.id, time);
                self.exchanges.note_known(about, because(Cause::Dropped));
            }
            LogMessageKind::HaUpdateFailed => self.exchanges.note_known(about, |exchange| {
                exchange.is_without_partner = true;
                exchange.cause = Some(Cause::Partner);
            }),
            _ => {}
        }
    }

    fn failed(&mut self, about: &About, cause: Cause) {
        let time = about.time;
        let is_again = |exchange: &Exchange| exchange.failed == Some(cause) || has_failed(about)(exchange);
        self.exchanges.note_once(about, is_again, |exchange| {
            exchange.cause = Some(cause);
            match exchange.scope.take() {
                Some(scope) => exchange.failures.push(Failure { scope, cause, time }),
                None => exchange.failed = Some(cause),
            }
        });
        if let Some(step) = self.rates.at(about.time) {
            step.failures += 1;
        }
    }

    /// Counts the failed allocations of an exchange. Who got a prefix is served, if without an address.
    fn count_failures(&mut self, exchange: &mut Exchange) {
        let unplaced = exchange.failed.map(|cause| Failure { scope: Scope::default(), cause, time: exchange.last });
        exchange.failures.extend(unplaced);
        let (is_v6, client) = (exchange.is_v6, exchange.client);
        let has_prefix = exchange.leases().any(|lease| !lease.is_address());
        for Failure { scope, cause, time } in std::mem::take(&mut exchange.failures) {
            if has_prefix {
                self.family_mut(is_v6).without_address.add(time);
                continue;
            }
            let what = Ongoing::Failure(is_v6, scope.clone(), cause);
            self.running.add(exchange.instance, what, Some(client), &Tally::once(time));
            self.family_mut(is_v6).failed(scope, cause, client, time);
        }
    }

    /// No subnet for the place that a packet came from, most often a relay that the configuration does not know.
    fn no_subnet(&mut self, message: &Message<'_>, about: &About, label: &Label<'_>) {
        let source = text::after(label.rest, b"src ").and_then(text::address);
        let request = text::after(label.rest, b"type ").map(names::message);
        let is_again = |exchange: &Exchange| exchange.cause == Some(Cause::NoSubnet);
        self.exchanges.note_once(about, is_again, |exchange| {
            exchange.request = exchange.request.or(request);
            exchange.source = exchange.source.or(source);
            exchange.is_relayed = true;
            exchange.cause = Some(Cause::NoSubnet);
        });
        if let Some(source) = source {
            self.family_mut(about.is_v6).unknown_relay(source, about.client, message.time);
            let (relay, tally) = (Ongoing::UnknownRelay(source), Tally::once(message.time));
            self.running.add(about.instance, relay, Some(about.client), &tally);
            if let Some(step) = self.rates.at(message.time) {
                step.failures += 1;
            }
        }
    }

    /// Whether a client that wants a lease got one, and what is known of it then.
    fn record(&mut self, exchange: &Exchange) {
        let shows_leases = self.family(exchange.is_v6).visible.leases;
        let fate = Fate::of(exchange, shows_leases);
        let record = self.clients.record_mut(exchange.client);
        match fate {
            Some(Fate::Offered) => record.offered(exchange.time),
            Some(Fate::Nak) => record.refused(exchange.time),
            _ => {}
        }
        self.fate(exchange, fate);
        let record = self.clients.record_mut(exchange.client);
        record.query(exchange.time);
        if exchange.is_acknowledged() {
            record.is_served();
        }
    }

    fn fate(&mut self, exchange: &Exchange, fate: Option<Fate>) {
        let instance = &mut self.instances[exchange.instance];
        match fate {
            None => {}
            Some(Fate::Served) => instance.unserved.serves(),
            // It may take the first offer yet.
            Some(Fate::Offered) if self.clients.record_mut(exchange.client).offers.count < 2 => {}
            // One of a pair leaves packets to its partner.
            Some(Fate::NoAnswer) if instance.is_paired => {}
            Some(fate) => {
                let client = exchange.client;
                if self.clients.identity(client).is_probe() {
                    return;
                }
                let is_known = self.clients.had_lease(client);
                instance.unserved.fails(fate, client, is_known, exchange.time);
            }
        }
    }

    /// An exchange is over.
    pub(super) fn settle(&mut self, mut exchange: Exchange) {
        let instance = exchange.instance;
        exchange.is_level_over &= !self.instances[instance].logs_answers;
        conclude(&mut exchange, self.instances[instance].is_modern);
        let is_down = || self.life.is_down(&self.instances[instance]);
        if self.is_over && exchange.is_waiting(self.exchanges.clock(instance)) && !is_down() {
            exchange.is_answer_known = false;
        }
        self.count_failures(&mut exchange);
        self.family_mut(exchange.is_v6).settled(&exchange);
        self.record(&exchange);
        if let Some(source) = exchange.source.filter(|_| exchange.answer.is_some_and(|answer| answer != "NAK")) {
            self.running.answered(instance, source);
        }
        match exchange.answer {
            Some("OFFER" | "ADVERTISE") => {
                let leases: Vec<Lease> = exchange.leases().copied().collect();
                if !leases.is_empty() {
                    self.offers.offered(exchange.client, exchange.xid, &leases, exchange.time, instance);
                }
            }
            Some("ACK") if exchange.request != Some("INFORM") => {
                self.offers.acknowledged(exchange.client, exchange.xid, exchange.lease, exchange.time);
            }
            Some("REPLY") => {
                let leases: Vec<Lease> = exchange.leases().copied().collect();
                self.offers.replied(exchange.client, &leases);
            }
            _ => {}
        }
        if self.wanted.exchanges && self.messages > 0 {
            self.closed.push(exchange);
        }
    }
}

fn has_failed(about: &About) -> impl Fn(&Exchange) -> bool {
    let now = about.time;
    move |exchange| exchange.has_failed(now)
}

fn because(cause: Cause) -> impl FnOnce(&mut Exchange) {
    move |exchange| {
        exchange.cause.get_or_insert(cause);
    }
}

/// Where an allocation failed.
fn scope(rest: &[u8]) -> Scope {
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let subnet = text::between(rest, b"in the subnet ", b", subnet-id").map(text);
    let network = text::after(rest, b"shared network ").map(|rest| {
        let end = rest.iter().position(|byte| matches!(byte, b':' | b',' | b'\n')).unwrap_or(rest.len());
        &rest[..end]
    });
    let network = network.filter(|name| *name != b"(none)").map(text);
    Scope { subnet_id: text::number_after(rest, b"subnet-id "), subnet, network }
}

/// What an exchange came to, as far as the log shows it.
fn conclude(exchange: &mut Exchange, is_modern: bool) {
    exchange.is_answer_known = (exchange.has_packet || exchange.shows_answers) && !exchange.is_level_over;
    let is_infinite = exchange.lifetime == Some(Lifetime::Infinite) && !exchange.is_v6;
    // Newer releases log answers at INFO, so that it is another level that has none.
    let is_open = exchange.is_level_over && is_modern;
    if exchange.answer.is_none() && !exchange.is_answer_known && !is_open {
        exchange.answer = match (exchange.done, exchange.is_v6) {
            (Some(Done::Offered), false) => Some("OFFER"),
            (Some(Done::Offered), true) => Some("ADVERTISE"),
            (Some(Done::Given), _) if exchange.is_without_partner => None,
            (Some(Done::Given), false) if is_infinite => Some("BOOTREPLY"),
            (Some(Done::Given), false) => Some("ACK"),
            (Some(Done::Given), true) => Some("REPLY"),
            (None, _) => None,
        };
        exchange.is_inferred = exchange.answer.is_some();
    }
    if is_infinite && exchange.answer != Some("ACK") {
        exchange.request = Some("BOOTP");
    }
    if exchange.answer.is_some() && exchange.answer != Some("NAK") {
        exchange.cause = None;
    }
    exchange.is_answer_known |= exchange.answer.is_some() || exchange.is_without_partner;
    let is_bare = exchange.request.is_none() && exchange.done.is_none() && !exchange.has_packet;
    if is_bare && exchange.answer.is_none() && is_modern {
        exchange.cause.get_or_insert(Cause::DroppedEarly);
        exchange.is_answer_known = true;
    }
}
