//! One client's exchange, from its first message to the Release.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::build::{Draft, name};
use super::envelope::{self, Envelope};
use super::judge::{ANSWERS, Expected, Said, damage, judge, not_received, sender, xid};
use super::{ProbeModeV6, ProbePlanV6};
use crate::dhcp::v6::{Association, Item, MessageType, code};
use crate::error::{Error, Result};
use crate::probe::rules::{self, Discard, Rejection, Remark};
use crate::probe::{AnswerKind, Exchange, Identity, Machine, Pace, ProbeAnswer, Record, Rng, Schedule, Until};
use crate::wire::{Datagram, Transmit, Unreachable};

/// A Release is sent this often, a second, two and four seconds apart (RFC 8415 section 18.2.7), unless it is answered.
const RELEASE_TRIES: u32 = 3;
/// That takes so long in all; less where the user waits less long for an answer.
const RELEASE_TIME: Duration = Duration::from_secs(7);

/// A client that carries out one exchange.
#[derive(Debug)]
pub struct Client {
    plan: ProbePlanV6,
    mode: ProbeModeV6,
    rng: Rng,
    record: Record,
    /// What the answers of relay agents are known by.
    envelopes: Vec<Envelope>,
    state: State,
    first: Draft,
    /// What answers to the first message and to the Request said, in the order in which they came.
    heard: Vec<Said>,
    /// What servers gave, or may have given, and is to be released.
    owed: VecDeque<Owed>,
    /// No Release is waited for beyond this moment.
    gives_back_until: Option<Duration>,
    release: Option<ProbeAnswer>,
}

#[derive(Debug)]
enum State {
    Asking(Asking),
    Done,
}

#[derive(Debug)]
struct Asking {
    draft: Draft,
    /// 0 for the first message, 1 for the Request after it, 2 for a Release.
    phase: u8,
    pace: Pace,
    due: bool,
    /// It is not waited for beyond this moment: it has been answered enough, or the time for giving back is over.
    last_call: Option<Duration>,
}

impl Asking {
    fn new(draft: Draft, phase: u8, schedule: Schedule) -> Self {
        Self { draft, phase, pace: Pace::new(schedule), due: true, last_call: None }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Owed {
    server: Vec<u8>,
    associations: Vec<Association>,
}

/// So long others that were asked by the same message, and may commit a lease by their Reply, are still heard when it
/// has been answered enough.
const LAST_CALL: Duration = Duration::from_secs(1);

/// So long after the first Solicit a client collects Advertises before it chooses one (RFC 8415 section 18.2.1).
const COLLECTING: Duration = Duration::from_secs(1);

/// The preference of a server that is chosen at once (RFC 8415 section 18.2.1).
const HIGHEST_PREFERENCE: u8 = 255;

/// Answers of no more servers are remembered.
const MOST_HEARD: usize = 256;

impl Client {
    /// A client about to send its first message.
    #[must_use]
    pub fn new(plan: ProbePlanV6, mode: ProbeModeV6) -> Self {
        let draft = Draft {
            kind: mode.first(),
            xid: plan.first_xid(),
            server: plan.server.clone().filter(|_| names_server(mode.first())),
            associations: match mode {
                ProbeModeV6::InformationRequest => Vec::new(),
                _ => plan.associations.clone(),
            },
        };
        let asking = Asking::new(draft.clone(), 0, plan.schedule);
        let mut client = Self {
            rng: Rng(plan.seed),
            envelopes: envelope::around(&plan),
            plan,
            mode,
            record: Record::default(),
            state: State::Asking(asking),
            first: draft,
            heard: Vec::new(),
            owed: VecDeque::new(),
            gives_back_until: None,
            release: None,
        };
        if let Some(server) = client.first.server.clone() {
            client.owe(server, &client.first.associations.clone());
        }
        client
    }

    /// The answer to the Release after an exchange, if there was one.
    #[must_use]
    pub fn release_answer(&self) -> Option<&ProbeAnswer> {
        self.release.as_ref()
    }

    /// What came of it.
    #[must_use]
    pub fn into_record(self) -> Record {
        self.record
    }

    fn judge(&self, draft: &Draft, datagram: &Datagram<'_>) -> std::result::Result<Said, Discard> {
        let kinds: &[MessageType] = match draft.kind {
            MessageType::SOLICIT => &[MessageType::ADVERTISE, MessageType::REPLY],
            kind if self.mode == ProbeModeV6::Other(kind) => ANSWERS,
            _ => &[MessageType::REPLY],
        };
        let expected = Expected {
            client: &self.plan.client,
            envelopes: &self.envelopes,
            xid: draft.xid,
            kinds,
            asked: draft.kind,
            needs: self.plan.needs,
            rapid: self.mode == ProbeModeV6::Rapid
                || self.plan.options.iter().any(|option| option.code == code::RAPID_COMMIT),
        };
        let said = judge(datagram.payload, datagram.source.ip(), &expected, &self.plan.associations)?;
        damage(datagram).map_or(Ok(said), Err)
    }

    /// Whether it comes from another server than the one whose answers count. A Reply to the Request may come from any:
    /// no RFC has clients look.
    fn is_elsewhere(&self, phase: u8, draft: &Draft, said: &Said, datagram: &Datagram<'_>) -> bool {
        let asked = draft.server.as_ref().filter(|_| phase != 1).or(self.plan.server.as_ref());
        asked.is_some_and(|asked| *asked != said.server)
            || self.plan.from.is_some_and(|from| datagram.source.ip() != from)
    }

    /// A valid answer to the message that is being asked.
    fn take(&mut self, said: Said, phase: u8, answer: ProbeAnswer) {
        if phase == 2 {
            self.release = Some(answer);
            return self.release_next();
        }
        let at = answer.at;
        self.record.answered(answer);
        self.note_leases(&said);
        // A client passes over an Advertise that gives nothing, and another server may give something.
        let usable = said.is_usable();
        let decisive = said.kind == MessageType::REPLY || self.asks_one_server();
        let others_until = self.others_until(&said, at);
        if self.heard.len() < MOST_HEARD && !self.heard.contains(&said) {
            self.heard.push(said);
        }
        let enough = if phase == 1 || self.plan.until == Until::First {
            usable || decisive
        } else {
            self.plan.until.is_reached(&self.record.answers.iter().collect::<Vec<_>>())
        };
        match (enough, others_until, &mut self.state) {
            (false, ..) => {}
            (true, Some(end), State::Asking(asking)) => {
                asking.last_call = Some(asking.last_call.map_or(end, |known| known.min(end)));
            }
            (true, ..) => self.end_phase(),
        }
    }

    fn asks_one_server(&self) -> bool {
        self.plan.server.is_some() || self.plan.from.is_some() || !self.plan.to.ip().is_multicast()
    }

    /// Until when other servers are heard after this answer came at the moment `at`, if they are: any that was asked may
    /// have committed a lease, and is to get it back; or may have a higher preference.
    fn others_until(&self, said: &Said, at: Duration) -> Option<Duration> {
        let State::Asking(Asking { phase, pace, .. }) = &self.state else { return None };
        let commits = matches!(self.mode, ProbeModeV6::Rapid | ProbeModeV6::Rebind) && self.plan.to.ip().is_multicast();
        let collects = self.mode == ProbeModeV6::Full
            && self.plan.until == Until::First
            && !self.asks_one_server()
            && said.preference != HIGHEST_PREFERENCE
            && pace.tried() == 1;
        let end = match () {
            () if *phase > 0 && !self.looks_for_all() => return None,
            () if *phase > 0 || commits => at.saturating_add(LAST_CALL),
            () if collects => pace.latest().saturating_add(COLLECTING),
            () => return None,
        };
        Some(end.min(pace.deadline())).filter(|end| *end > at)
    }

    /// An answer to the first message that came when the exchange had gone on. It may have taken a lease.
    fn take_late(&mut self, said: &Said, answer: ProbeAnswer) {
        let answer = late(answer, &self.record, self.first.kind);
        self.record.answered(answer);
        self.note_leases(said);
    }

    fn note_leases(&mut self, said: &Said) {
        if said.kind == MessageType::REPLY {
            self.owe(said.server.clone(), &said.given);
        }
    }

    /// These, and nothing else, are to be given back to that server.
    fn owe(&mut self, server: Vec<u8>, given: &[Association]) {
        self.owed.retain(|owed| owed.server != server);
        let associations = spoken_of(given);
        let gives_back = self.mode.takes_leases() && !self.plan.keep;
        if gives_back && !associations.is_empty() && self.owed.len() < MOST_HEARD {
            self.owed.push_back(Owed { server, associations });
        }
    }

    fn goes_on_to_request(&self) -> bool {
        matches!(self.mode, ProbeModeV6::Full | ProbeModeV6::Rapid)
    }

    /// What was waited for has come, or the wait is over.
    fn end_phase(&mut self) {
        let phase = match &self.state {
            State::Asking(asking) => asking.phase,
            State::Done => return,
        };
        let replied = self.heard.iter().any(|said| said.kind == MessageType::REPLY);
        let may_go_on = !self.record.interrupted && self.record.unsent.is_none();
        if phase == 0 && self.goes_on_to_request() && !replied && may_go_on {
            // The one that wants it most of those that give most, else the first (RFC 8415 section 18.2.9).
            let usable = self.heard.iter().rev().filter(|said| said.is_usable());
            let rank = |said: &&Said| (self.is_preferred(said), said.usable.len(), said.preference);
            if let Some(best) = usable.max_by_key(rank).cloned() {
                return self.request(&best);
            }
        }
        self.release_next();
    }

    fn is_preferred(&self, said: &Said) -> bool {
        let identity = Identity::Duid(said.server.clone());
        let mut its = self.record.answers.iter().filter(|answer| answer.server.as_ref() == Some(&identity));
        its.any(|answer| self.plan.prefers.iter().any(|server| answer.is_from(server)))
    }

    fn request(&mut self, offer: &Said) {
        // Its Reply may be lost, and the lease taken nevertheless.
        self.owe(offer.server.clone(), &offer.given);
        let draft = Draft {
            kind: MessageType::REQUEST,
            xid: self.rng.xid() >> 8,
            server: Some(offer.server.clone()),
            associations: self.to_request(offer),
        };
        self.ask(draft, 1, self.plan.schedule);
    }

    /// What was offered, and what was asked for and not offered: the server says in its Reply why it is not given.
    fn to_request(&self, offer: &Said) -> Vec<Association> {
        let offered = spoken_of(&offer.usable);
        let is_offered =
            |one: &Association| offered.iter().any(|other| (other.kind, other.iaid) == (one.kind, one.iaid));
        let missing = self.plan.associations.iter().filter(|one| !is_offered(one));
        let missing: Vec<_> = missing.map(|one| Association::new(one.kind, one.iaid)).collect();
        [offered, missing].concat()
    }

    fn release_next(&mut self) {
        let Some(owed) = self.owed.pop_front() else {
            self.state = State::Done;
            return;
        };
        let xid = self.rng.xid() >> 8;
        let Owed { server, associations } = owed;
        let draft = Draft { kind: MessageType::RELEASE, xid, server: Some(server), associations };
        self.ask(draft, 2, Schedule::rfc8415(Duration::from_secs(1), Duration::ZERO, RELEASE_TRIES));
    }

    fn ask(&mut self, draft: Draft, phase: u8, schedule: Schedule) {
        self.state = State::Asking(Asking::new(draft, phase, schedule));
    }

    /// Whether every server is to be found, and not only one that answers.
    fn looks_for_all(&self) -> bool {
        self.plan.until == Until::End
    }

    /// It does not count; a server may have sent it nevertheless.
    fn reject(&mut self, why: Discard, datagram: &Datagram<'_>) {
        if let Some(sender) = sender(datagram).filter(|_| self.looks_for_all()) {
            self.record.sightings.add(sender, why.clone());
        }
        self.record.reject(why, datagram);
    }

    fn answer(&self, asking: &Asking, said: &Said, datagram: &Datagram<'_>) -> ProbeAnswer {
        ProbeAnswer {
            kind: match said.kind {
                MessageType::ADVERTISE => AnswerKind::Advertise,
                MessageType::REPLY => AnswerKind::Reply,
                MessageType(other) => AnswerKind::Other(other),
            },
            phase: asking.phase,
            server: Some(Identity::Duid(said.server.clone())),
            source: datagram.source,
            mac: datagram.mac,
            vlan: datagram.vlan,
            link: datagram.link,
            relay: self.plan.relays.first().map(|relay| IpAddr::from(relay.link)),
            at: datagram.at,
            rtt: datagram.at.saturating_sub(asking.pace.latest()),
            try_number: asking.pace.tried(),
            checksum: datagram.checksum,
            copies: 1,
            addresses: said.leased(),
            refusal: said.refusal.clone(),
            remarks: said.remarks.iter().cloned().chain(other_server(&asking.draft, said)).collect(),
            octets: datagram.payload.to_vec(),
        }
    }
}

/// A Reply to a request that named another server; an Advertise that comes late says nothing about the request.
fn other_server(draft: &Draft, said: &Said) -> Option<Remark> {
    let is_reply = said.kind == MessageType::REPLY;
    let asked = draft.server.as_ref().filter(|asked| is_reply && **asked != said.server)?;
    let [asked, server] = [asked, &said.server].map(|duid| Identity::Duid(duid.clone()));
    Some(Remark::new(&rules::OTHER_SERVER, format!("{} of {server}, asked was {asked}", said.kind)))
}

/// An answer to the first message that has come after the second left.
fn late(answer: ProbeAnswer, record: &Record, first: MessageType) -> ProbeAnswer {
    let asked = record.sent.iter().rfind(|sent| sent.what == name(first));
    let (at, try_number) = asked.map_or((answer.at, 1), |sent| (sent.at, sent.try_number));
    ProbeAnswer { phase: 0, rtt: answer.at.saturating_sub(at), try_number, ..answer }
}

/// What of these the client speaks of in a Request or Release: a client says 0 for all times (RFC 8415 section 21.4).
fn spoken_of(given: &[Association]) -> Vec<Association> {
    let plain = |one: &Association| Association {
        items: one.items.iter().map(|item| Item { preferred: 0, valid: 0, ..*item }).collect(),
        ..Association::new(one.kind, one.iaid)
    };
    given.iter().filter(|one| !one.items.is_empty()).map(plain).collect()
}

/// Whether such a message says to which server it goes.
fn names_server(kind: MessageType) -> bool {
    !matches!(kind, MessageType::SOLICIT | MessageType::CONFIRM | MessageType::REBIND)
}

impl Machine for Client {
    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit> {
        let State::Asking(asking) = &mut self.state else { return None };
        if !std::mem::take(&mut asking.due) {
            return None;
        }
        let since = asking.pace.try_now(now, &mut self.rng).as_millis() / 10;
        let elapsed = self.plan.elapsed.saturating_add(u16::try_from(since).unwrap_or(u16::MAX));
        if asking.phase == 2 {
            let limit = RELEASE_TIME.min(self.plan.schedule.first);
            asking.last_call = Some(*self.gives_back_until.get_or_insert(now.saturating_add(limit)));
        }
        let payload = asking.draft.encode(&self.plan, self.mode, elapsed);
        self.record.sent(name(asking.draft.kind), now, asking.pace.tried(), payload.len());
        Some(Transmit {
            link: self.plan.link,
            source: self.plan.source.map(IpAddr::from),
            destination: SocketAddr::from(self.plan.to),
            via: None,
            payload,
        })
    }

    fn handle_sent(&mut self, at: Duration) {
        if let State::Asking(asking) = &mut self.state {
            asking.pace.left(at);
            self.record.left(at);
            if let (2, 1, Some(server)) = (asking.phase, asking.pace.tried(), &asking.draft.server) {
                self.record.released.push(Identity::Duid(server.clone()));
            }
        }
    }

    fn handle_unsent(&mut self, _now: Duration, error: Error) {
        self.record.sent.pop();
        self.record.unsent.get_or_insert(error);
        self.end_phase();
    }

    fn handle_unreachable(&mut self, unreachable: &Unreachable) {
        if (unreachable.link, unreachable.destination.ip()) == (self.plan.link, IpAddr::V6(*self.plan.to.ip())) {
            self.record.unreachable.get_or_insert_with(|| unreachable.clone());
        }
    }

    fn handle_failed(&mut self, link: usize, error: &Error) -> Result<()> {
        if link == self.plan.link && !self.is_done() {
            self.record.unsent.get_or_insert_with(|| error.clone());
            self.end_phase();
        }
        Ok(())
    }

    fn poll_timeout(&self) -> Option<Duration> {
        match &self.state {
            State::Asking(asking) => Some(asking.last_call.unwrap_or(Duration::MAX).min(asking.pace.deadline())),
            State::Done => None,
        }
    }

    fn handle_timeout(&mut self, now: Duration) {
        let settled = !self.heard.is_empty() && self.plan.until == Until::First;
        match &mut self.state {
            State::Asking(Asking { last_call: Some(end), .. }) if now >= *end => self.end_phase(),
            State::Asking(asking) if now < asking.pace.deadline() => {}
            State::Asking(asking) if asking.pace.goes_on() && !(settled && asking.phase == 0) => asking.due = true,
            State::Asking(_) => self.end_phase(),
            State::Done => {}
        }
    }

    fn knows(&self, datagram: &Datagram<'_>) -> bool {
        let xid = xid(datagram.payload);
        let is_asked = matches!(&self.state, State::Asking(asking) if Some(asking.draft.xid) == xid);
        datagram.link == self.plan.link && (is_asked || Some(self.first.xid) == xid)
    }

    fn handle_datagram(&mut self, datagram: &Datagram<'_>) {
        let State::Asking(asking) = &self.state else { return };
        if datagram.link != self.plan.link {
            return;
        }
        let (phase, draft) = (asking.phase, &asking.draft);
        let judged = match self.judge(draft, datagram) {
            Err(Discard { reason: Rejection::OtherTransaction, .. }) if phase > 0 => {
                self.judge(&self.first, datagram).map(|said| (said, 0, &self.first))
            }
            judged => judged.map(|said| (said, phase, draft)),
        };
        let (said, answers, draft) = match judged {
            Err(why) => return self.reject(why, datagram),
            Ok(judged) => judged,
        };
        let elsewhere = self.is_elsewhere(answers, draft, &said, datagram).then(|| Rejection::OtherServer.into());
        if let Some(why) = elsewhere.or(said.useless.clone()).or(not_received(datagram)) {
            // It is no answer, but may have taken a lease.
            if answers < 2 {
                self.note_leases(&said);
            }
            return self.reject(why, datagram);
        }
        let answer = self.answer(asking, &said, datagram);
        if answers == phase { self.take(said, phase, answer) } else { self.take_late(&said, answer) }
    }

    fn handle_interrupt(&mut self, _now: Duration) {
        self.record.interrupted = true;
        let releasing = matches!(&self.state, State::Asking(asking) if asking.phase == 2);
        if !releasing {
            self.end_phase();
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }
}

impl Exchange for Client {
    fn record(&self) -> &Record {
        &self.record
    }
}

#[cfg(test)]
mod tests;
