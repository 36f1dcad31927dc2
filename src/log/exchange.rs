//! Exchanges: what a client sent, and what it got.
//!
//! A transaction is a client and its xid, never the xid alone; one transaction may have several exchanges, of which
//! each is one packet of the client and the answer to it. Where a release logs no packets, the lines about leases
//! are all there is, and an allocation is taken for an answer as long as nothing in the log speaks against it.

use std::collections::VecDeque;
use std::net::IpAddr;

use hashbrown::HashMap;

mod cause;

pub(crate) use cause::{Cause, Failure, Scope};

use super::client::Client;
use super::message::LogMessageKind;
use super::stamp::{Micros, SECOND};
use super::text::{Lease, Lifetime};

/// After this time an exchange with packet lines has no answer: it may be parked for a partner that long.
const PARKED: Micros = 30 * SECOND;
/// After this time lines about a lease belong to another exchange.
const TOGETHER: Micros = 2 * SECOND;
/// How many exchanges are open at the most.
const MOST_OPEN: usize = 16_384;
/// How many threads are remembered.
const MOST_THREADS: usize = 256;

/// What the server did about a lease in an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    Offered,
    Given,
}

/// One packet of a client and the answer to it.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is something the log says or not")]
pub(crate) struct Exchange {
    pub(crate) is_v6: bool,
    /// The daemon, by its number.
    pub(crate) instance: usize,
    pub(crate) client: Client,
    pub(crate) xid: u32,
    pub(crate) time: Option<Micros>,
    pub(crate) last: Option<Micros>,
    /// When it began by the clock as it is now, which may have been set back since.
    began: Option<Micros>,
    pub(crate) request: Option<&'static str>,
    pub(crate) answer: Option<&'static str>,
    pub(crate) lease: Option<Lease>,
    pub(crate) more: Vec<Lease>,
    pub(crate) lifetime: Option<Lifetime>,
    /// Where the packet came from, and whether the answer went to a relay.
    pub(crate) source: Option<IpAddr>,
    pub(crate) is_relayed: bool,
    pub(crate) duration: Option<Micros>,
    pub(crate) cause: Option<Cause>,
    pub(crate) done: Option<Done>,
    pub(crate) is_init_reboot: bool,
    /// Whether its packet was logged.
    pub(crate) has_packet: bool,
    /// The leases that the client gave up.
    pub(crate) given_up: Vec<Lease>,
    /// Where allocation was tried: subnet and shared network.
    pub(crate) scope: Option<Scope>,
    /// Why allocation failed, as long as the line that says where has not come.
    pub(crate) failed: Option<Cause>,
    /// Allocations that have failed, with all that is said of them.
    pub(crate) failures: Vec<Failure>,
    /// Whether the log would show an answer, so that there is none where there is no line of one.
    pub(crate) is_answer_known: bool,
    /// Whether answers were logged when it began.
    pub(crate) shows_answers: bool,
    /// Whether the level of the log may have changed before an answer.
    pub(crate) is_level_over: bool,
    /// Whether the answer follows from a lease, as answers were not logged.
    pub(crate) is_inferred: bool,
    /// Whether the log shows how the server decided.
    pub(crate) is_decided: bool,
    /// Whether the partner did not take the lease.
    pub(crate) is_without_partner: bool,
    is_queried: bool,
    thread: u64,
    is_closed: bool,
    previous: Option<u64>,
}

impl Exchange {
    pub(crate) fn leases(&self) -> impl Iterator<Item = &Lease> {
        self.lease.iter().chain(&self.more)
    }

    /// Whether its answer gave a lease or extended it: an ACK to INFORM and a REPLY to many messages do not.
    pub(crate) fn is_acknowledged(&self) -> bool {
        match self.answer {
            Some("ACK") => self.request != Some("INFORM"),
            Some("REPLY") => self.lease.is_some(),
            _ => false,
        }
    }

    /// The relay that the packet came through, as far as the log shows it.
    pub(crate) fn relay(&self) -> Option<IpAddr> {
        // A client without an address sends from none, so that a DISCOVER with a source came through a relay.
        let is_relayed = self.is_relayed || matches!(self.request, Some("DISCOVER"));
        self.source.filter(|source| is_relayed && !source.is_unspecified())
    }

    /// Whether a line of this time belongs to another exchange.
    fn is_stale(&self, now: Option<Micros>) -> bool {
        let patience = if self.has_packet || self.done == Some(Done::Given) { PARKED } else { TOGETHER };
        now.zip(self.last).is_some_and(|(now, last)| now - last > patience)
    }

    /// Whether its allocation has failed, with all that is said of it, so that a further failure is another packet's. One
    /// packet of DHCPv6 may ask for an address and a prefix, and both fail at once.
    pub(crate) fn has_failed(&self, now: Option<Micros>) -> bool {
        let is_failure = matches!(self.cause, Some(Cause::NoFreeAddress | Cause::NoPools | Cause::DatabaseError));
        let is_later = || now.zip(self.last).is_some_and(|(now, last)| now - last > SECOND / 2);
        is_failure && self.scope.is_none() && self.failed.is_none() && (!self.is_v6 || is_later())
    }

    /// Whether the answer may still come when the log ends.
    pub(crate) fn is_waiting(&self, now: Option<Micros>) -> bool {
        let patience = if self.done == Some(Done::Given) { PARKED } else { TOGETHER };
        let is_recent = now.zip(self.last).is_some_and(|(now, last)| now - last <= patience);
        self.answer.is_none() && is_recent
    }

    fn add(&mut self, lease: Lease) {
        match self.lease {
            None => self.lease = Some(lease),
            Some(first) if first == lease || self.more.contains(&lease) => {}
            Some(_) if !self.is_v6 => self.lease = Some(lease),
            Some(_) => self.more.push(lease),
        }
    }
}

/// A line about an exchange.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About {
    pub(crate) is_v6: bool,
    pub(crate) instance: usize,
    pub(crate) client: Client,
    pub(crate) xid: u32,
    pub(crate) thread: u64,
    pub(crate) time: Option<Micros>,
    /// Whether packets and answers are logged, as far as the lines before show.
    pub(crate) shows_packets: bool,
    pub(crate) shows_answers: bool,
}

/// Open exchanges in the order in which they began.
#[derive(Debug, Default)]
pub(crate) struct Exchanges {
    open: VecDeque<Exchange>,
    /// The number of the first of them.
    base: u64,
    /// The latest exchange of a transaction.
    latest: HashMap<(Client, u32), u64>,
    /// The exchange that a thread is at.
    threads: Vec<(usize, u64, u64)>,
    /// How many were closed because too many were open.
    pub(crate) forced: u64,
    /// What time it is by the clock of each daemon, and the latest of all times.
    clocks: Vec<Option<Micros>>,
    latest_time: Option<Micros>,
}

impl Exchanges {
    /// The clock of a daemon shows this time. Where it was set back, what is open keeps its age.
    pub(crate) fn tick(&mut self, instance: usize, time: Option<Micros>) {
        let Some(now) = time else { return };
        self.latest_time = self.latest_time.max(time);
        if self.clocks.len() <= instance {
            self.clocks.resize(instance + 1, None);
        }
        let step = self.clocks[instance].map_or(0, |before| now - before);
        if step >= -TOGETHER {
            self.clocks[instance] = self.clocks[instance].max(time);
            return;
        }
        self.clocks[instance] = time;
        for exchange in self.open.iter_mut().filter(|exchange| exchange.instance == instance) {
            exchange.last = exchange.last.map(|last| last + step);
            exchange.began = exchange.began.map(|began| began + step);
        }
    }

    /// What time it is by the clock of a daemon.
    pub(crate) fn clock(&self, instance: usize) -> Option<Micros> {
        self.clocks.get(instance).copied().flatten()
    }

    fn place(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.base)?).ok().filter(|at| *at < self.open.len())
    }

    fn get(&mut self, number: u64) -> Option<&mut Exchange> {
        let at = self.place(number)?;
        self.open.get_mut(at)
    }

    /// Begins an exchange.
    fn begin(&mut self, about: &About) -> u64 {
        let number = self.base + u64::try_from(self.open.len()).unwrap_or(0);
        let previous = self.latest.insert((about.client, about.xid), number);
        self.open.push_back(Exchange {
            is_v6: about.is_v6,
            instance: about.instance,
            client: about.client,
            xid: about.xid,
            time: about.time,
            last: about.time,
            began: about.time,
            request: None,
            answer: None,
            lease: None,
            more: Vec::new(),
            lifetime: None,
            source: None,
            is_relayed: false,
            duration: None,
            cause: None,
            done: None,
            is_init_reboot: false,
            has_packet: false,
            given_up: Vec::new(),
            scope: None,
            failed: None,
            failures: Vec::new(),
            is_answer_known: false,
            shows_answers: about.shows_answers,
            is_level_over: false,
            is_inferred: false,
            is_decided: false,
            is_without_partner: false,
            is_queried: false,
            thread: about.thread,
            is_closed: false,
            previous,
        });
        self.attach(about, number);
        number
    }

    /// Remembers what the thread is at.
    fn attach(&mut self, about: &About, number: u64) {
        if about.thread == 0 {
            return;
        }
        let is_it = |slot: &&mut (usize, u64, u64)| (slot.0, slot.1) == (about.instance, about.thread);
        if let Some(slot) = self.threads.iter_mut().find(is_it) {
            slot.2 = number;
            return;
        }
        if self.threads.len() >= MOST_THREADS {
            self.threads.remove(0);
        }
        self.threads.push((about.instance, about.thread, number));
    }

    /// The open exchange of a transaction for which `fits` holds: one of the same thread, else the latest.
    fn find(&self, about: &About, fits: impl Fn(&Exchange) -> bool) -> Option<u64> {
        self.choose(about, fits).map(|(same, latest, _)| same.unwrap_or(latest))
    }

    /// The same: of the same thread, else the one that waits longest.
    fn find_waiting(&self, about: &About, fits: impl Fn(&Exchange) -> bool) -> Option<u64> {
        self.choose(about, fits).map(|(same, _, oldest)| same.unwrap_or(oldest))
    }

    /// Of the open exchanges that fit: that of the same thread, the latest and the oldest.
    fn choose(&self, about: &About, fits: impl Fn(&Exchange) -> bool) -> Option<(Option<u64>, u64, u64)> {
        let mut found: Option<(u64, u64)> = None;
        let mut next = self.latest.get(&(about.client, about.xid)).copied();
        while let Some(number) = next {
            let Some(exchange) = self.place(number).map(|at| &self.open[at]) else { break };
            next = exchange.previous;
            let is_other = exchange.instance != about.instance || exchange.is_stale(about.time);
            if exchange.is_closed || is_other || !fits(exchange) {
                continue;
            }
            found = Some((found.map_or(number, |(latest, _)| latest), number));
            if exchange.thread == about.thread {
                return found.map(|(latest, oldest)| (Some(number), latest, oldest));
            }
        }
        found.map(|(latest, oldest)| (None, latest, oldest))
    }

    /// A client's packet came: `DHCP4_QUERY_LABEL`, without what it was.
    pub(crate) fn query(&mut self, about: &About) {
        let number = self.begin(about);
        if let Some(exchange) = self.get(number) {
            exchange.is_queried = true;
        }
    }

    /// A client's packet came: what it was and from where.
    pub(crate) fn received(&mut self, about: &About, request: &'static str, source: Option<IpAddr>) {
        // Lines of two threads may be in the wrong order, so that the lease is there already.
        let is_same = |exchange: &Exchange| exchange.is_queried && exchange.request.is_none() && !exchange.has_packet;
        let number = self.find(about, is_same).unwrap_or_else(|| self.begin(about));
        if let Some(exchange) = self.get(number) {
            exchange.request = Some(request);
            exchange.source = source;
            exchange.has_packet = true;
        }
        self.attach(about, number);
    }

    /// Whether an exchange without packet lines can have this line about a lease too.
    fn takes(exchange: &Exchange, done: Done, kind: LogMessageKind, lease: &Lease) -> bool {
        if exchange.has_packet {
            return exchange.answer.is_none();
        }
        match exchange.done {
            None => true,
            Some(before) if before != done => false,
            // The cache gave the lease that was just allocated: one answer.
            Some(_) if kind == LogMessageKind::Reused && exchange.leases().any(|known| known == lease) => true,
            Some(_) => exchange.is_v6 && exchange.leases().all(|known| known != lease),
        }
    }

    /// A lease was offered or given. False if packets are not logged any more, as this one was not.
    pub(crate) fn lease(
        &mut self,
        about: &About,
        done: Done,
        kind: LogMessageKind,
        lease: Lease,
        lifetime: Option<Lifetime>,
    ) -> bool {
        let found = self.find(about, |exchange| Self::takes(exchange, done, kind, &lease));
        let number = found.unwrap_or_else(|| self.begin(about));
        let mut has_packet = false;
        if let Some(exchange) = self.get(number) {
            exchange.done = Some(done);
            exchange.add(lease);
            exchange.lifetime = lifetime.or(exchange.lifetime);
            exchange.last = about.time;
            has_packet = exchange.has_packet || exchange.is_queried;
            exchange.shows_answers &= has_packet || !about.shows_packets;
        }
        self.attach(about, number);
        has_packet
    }

    /// Something else that concerns a packet.
    pub(crate) fn note(&mut self, about: &About, change: impl FnOnce(&mut Exchange)) {
        self.note_once(about, |_| false, change);
    }

    /// The same. What a packet can have once only, and `has` says of one that was not logged itself, is another packet's.
    pub(crate) fn note_once(
        &mut self,
        about: &About,
        has: impl Fn(&Exchange) -> bool,
        change: impl FnOnce(&mut Exchange),
    ) {
        let found = self.find(about, |exchange| exchange.answer.is_none() && (exchange.has_packet || !has(exchange)));
        let number = found.unwrap_or_else(|| self.begin(about));
        if let Some(exchange) = self.get(number) {
            change(exchange);
            exchange.last = about.time;
        }
        self.attach(about, number);
    }

    /// Something that concerns a packet only if it is known.
    pub(crate) fn note_known(&mut self, about: &About, change: impl FnOnce(&mut Exchange)) {
        if let Some(number) = self.find(about, |exchange| exchange.answer.is_none())
            && let Some(exchange) = self.get(number)
        {
            change(exchange);
        }
    }

    /// Something that a thread says without a label.
    pub(crate) fn note_thread(&mut self, instance: usize, thread: u64, change: impl FnOnce(&mut Exchange)) {
        let found = self.threads.iter().find(|slot| slot.0 == instance && slot.1 == thread && thread != 0);
        if let Some(number) = found.map(|slot| slot.2)
            && let Some(exchange) = self.get(number)
        {
            change(exchange);
        }
    }

    /// An answer was sent.
    pub(crate) fn sent(&mut self, about: &About, answer: &'static str, is_to_relay: bool, has_duration: bool) {
        let fits = |exchange: &Exchange| match (answer, exchange.request) {
            (_, None) => {
                exchange.done.is_none_or(|done| (done == Done::Offered) == matches!(answer, "OFFER" | "ADVERTISE"))
            }
            ("OFFER", Some(request)) => request == "DISCOVER",
            ("ADVERTISE", Some(request)) => request == "SOLICIT",
            ("ACK" | "NAK", Some(request)) => request != "DISCOVER",
            (_, Some(_)) => true,
        };
        let number = self.find_waiting(about, fits).unwrap_or_else(|| self.begin(about));
        if let Some(exchange) = self.get(number) {
            exchange.answer = Some(answer);
            exchange.is_relayed = is_to_relay;
            exchange.is_closed = true;
            exchange.last = about.time;
            if exchange.has_packet && has_duration {
                exchange.duration = about.time.zip(exchange.began).map(|(sent, came)| (sent - came).max(0));
            }
        }
    }

    /// The next exchange that is over by now, in the order in which they began.
    pub(crate) fn over(&mut self) -> Option<Exchange> {
        let first = self.open.front()?;
        let clock = self.clock(first.instance);
        let is_over = first.is_closed || first.is_stale(clock);
        // A daemon that logs no more does not move its clock.
        let is_silent = self.latest_time.zip(clock).is_some_and(|(latest, own)| latest - own > PARKED);
        let is_forced = self.open.len() > MOST_OPEN;
        if !(is_over || is_forced) {
            return None;
        }
        self.forced += u64::from(is_forced && !is_over && !is_silent);
        self.pop()
    }

    /// The next exchange whether it is over or not.
    pub(crate) fn pop(&mut self) -> Option<Exchange> {
        let exchange = self.open.pop_front()?;
        if self.latest.get(&(exchange.client, exchange.xid)) == Some(&self.base) {
            self.latest.remove(&(exchange.client, exchange.xid));
        }
        self.base += 1;
        Some(exchange)
    }

    /// The level of a daemon's log may be another one from now on: what has no answer yet may get one that is not logged.
    pub(crate) fn forget_level(&mut self, instance: usize) {
        let now = self.clock(instance);
        for exchange in self.open.iter_mut().filter(|exchange| exchange.instance == instance) {
            exchange.is_level_over |= exchange.has_packet && exchange.cause.is_none() && exchange.is_waiting(now);
        }
    }

    /// A process began: what its predecessor had open gets no answer any more.
    pub(crate) fn close(&mut self, instance: usize) {
        for exchange in self.open.iter_mut().filter(|exchange| exchange.instance == instance) {
            exchange.is_closed = true;
        }
    }
}

#[cfg(test)]
mod tests;
