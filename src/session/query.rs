//! Query mode: send, wait, show, judge.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::capture::Capture;
use super::traced::Traced;
use super::{Request, rng};
use crate::env::Env;
use crate::error::Result;
use crate::exit::Exit;
use crate::family::Family;
use crate::health::dhcp::{NO_ADVERTISE, NO_OFFER};
use crate::net::{Transport, drive};
use crate::output::probe::answers;
use crate::output::probe::printer::Printer;
use crate::probe::expect::Expectation;
use crate::probe::query::v4::{self, Sending};
use crate::probe::query::{Goal, Outcome, expectations};
use crate::probe::v4::{Client, ProbeModeV4};
use crate::probe::{AnswerKind, Record, Rng, Schedule};
use crate::text::{OneLine, count};
use crate::wire::{LinkSpec, Mac};

/// Makes the queries of the request.
pub(super) fn run(request: &Request, env: &mut Env<'_>) -> Result<Exit> {
    let spec = &request.spec;
    let mut rng = rng(env)?;
    let hardware = spec.hardware(&mut rng);
    let sendings = match &request.raw_input {
        Some(payloads) => payloads.iter().map(|octets| v4::verbatim(spec, octets.clone())).collect(),
        None => vec![v4::described(spec, &hardware)?],
    };
    let link = v4::link_for(spec, &hardware, &sendings)?;
    let run = QueryRun { request, link, sendings };
    run.carry_out(env, &mut |sending, place, outcome| exchange(request, sending, &mut rng, place, outcome))
}

/// What is to be sent, and by which link.
pub(super) struct QueryRun<'a, S> {
    pub(super) request: &'a Request,
    pub(super) link: LinkSpec,
    pub(super) sendings: Vec<S>,
}

/// So long servers look whether an address is in use before they offer it; dnsmasq takes longest.
const LOOKS: Duration = Duration::from_secs(3);

/// Makes one exchange.
type Exchange<'a, S> = &'a mut dyn FnMut(&S, &mut QueryContext<'_, '_>, &mut Outcome) -> Result<()>;

impl<S> QueryRun<'_, S> {
    /// Makes every exchange as often as the user wants it.
    pub(super) fn carry_out(&self, env: &mut Env<'_>, exchange: Exchange<'_, S>) -> Result<Exit> {
        let request = self.request;
        let expectations = expectations(&request.expectations, request.family)?;
        let mut printer = Printer::new(&request.style, &mut *env.stdout, &mut *env.stderr);
        let mut capture = Capture::open(request.pcap.as_deref(), env.var)?;
        let mut transport = env.network.open(std::slice::from_ref(&self.link))?;
        capture.begin(&self.link, transport.as_ref());
        printer.epoch = transport.epoch();
        let protocol = if request.family == Family::V4 { "DHCP" } else { "DHCPv6" };
        printer.announce(&format!("Listening for {protocol} replies on port {}.", self.link.port));
        let interface = transport.interface(0);
        let has_address = interface.is_some_and(|interface| interface.ipv4().next().is_some());
        let own = interface.and_then(|interface| interface.mac);
        let mut outcome = Outcome::default();
        for sending in (0..request.repeat).flat_map(|_| &self.sendings) {
            let mut place = QueryContext {
                transport: transport.as_mut(),
                printer: &mut printer,
                capture: &mut capture,
                has_address,
                own,
            };
            exchange(sending, &mut place, &mut outcome)?;
            if outcome.interrupted || outcome.unsent.is_some() {
                break;
            }
        }
        // The output is finished whatever becomes of the capture.
        let captured = capture.finish();
        let ended_by = outcome.interrupted.then(|| env.network.signal());
        let exit = conclude(request, &expectations, outcome, ended_by, &mut printer)?;
        captured.map(|()| exit)
    }
}

/// Where an exchange takes place.
pub(super) struct QueryContext<'a, 'w> {
    transport: &'a mut dyn Transport,
    printer: &'a mut Printer<'w>,
    capture: &'a mut Capture,
    /// Whether the interface has an IPv4 address.
    has_address: bool,
    /// The interface's hardware address.
    own: Option<Mac>,
}

impl QueryContext<'_, '_> {
    /// Makes the exchange of `machine` to its end, shown while it happens; `is_ours` says of packets that do not count
    /// whether they concern it nevertheless.
    pub(super) fn exchange<M: crate::probe::Exchange>(
        &mut self,
        machine: M,
        is_ours: &dyn Fn(&[u8]) -> bool,
    ) -> Result<M> {
        let mut machine = Traced::new(machine, self.printer, is_ours);
        drive(self.transport, &mut [&mut machine], &mut |seen| self.capture.see(seen))?;
        Ok(machine.into_inner())
    }

    /// Whether a lease for this hardware address is kept, since it may be the one that this host lives on.
    pub(super) fn keeps_the_lease_of(&mut self, hardware: &[u8]) -> bool {
        let Some(own) = self.own.filter(|own| own.0[..] == *hardware) else { return false };
        self.printer.remark(&format!("{own} is this host's own: no RELEASE is sent, the lease is kept."));
        true
    }

    /// Something to know before it is sent.
    pub(super) fn warn(&mut self, text: &str) {
        self.printer.remark(text);
    }

    /// Says what to do if a relay has an address that this interface has not: the answers go there.
    fn warn_of_foreign(&mut self, relay: Ipv4Addr) {
        let Some(interface) = self.transport.interface(0).filter(|_| !relay.is_unspecified()) else { return };
        if interface.ipv4().all(|own| own != relay) {
            let name = interface.name.clone();
            self.printer.remark(&format!(
                "{name} does not have the address {relay} of --giaddr, to which servers answer: \
                 \"ip address add {relay}/32 dev {name}\" adds it."
            ));
        }
    }

    /// Says it if there is no answer.
    pub(super) fn give_up(&mut self, request: &Request, record: &Record) {
        if record.answers.is_empty() && !record.interrupted && record.unsent.is_none() {
            let Schedule { first, tries, .. } = request.spec.schedule;
            self.printer.remark(&format!("Giving up after {tries} {}.", if tries == 1 { "try" } else { "tries" }));
            if let Some(instead) = record.came_instead() {
                self.printer.remark(&format!("{}.", OneLine(&instead)));
                return;
            }
            if let Some(relay) = request.spec.message.giaddr {
                self.printer.remark(&format!(
                    "A server answers a relay only if it has a subnet for the relay's address {relay}, and only to port 67 there."
                ));
                return;
            }
            let waited = first.saturating_mul(tries);
            let asked = |what: &str| record.sent.iter().any(|sent| sent.what == what);
            if asked("DISCOVER") && waited <= LOOKS {
                let text =
                    "A server may look for up to 3 s whether an address is in use before it offers it: --timeout 5.";
                self.printer.remark(text);
            } else if asked("DISCOVER") {
                self.printer.remark(&format!("Perhaps {NO_OFFER}."));
            } else if asked("SOLICIT") {
                self.printer.remark(&format!("Perhaps {NO_ADVERTISE}."));
            }
        }
    }
}

fn exchange(
    request: &Request,
    sending: &Sending,
    rng: &mut Rng,
    place: &mut QueryContext<'_, '_>,
    outcome: &mut Outcome,
) -> Result<()> {
    let mut plan = sending.plan.clone();
    if plan.verbatim.is_none() {
        plan.xid = rng.xid();
    }
    plan.seed = rng.next_u64();
    let takes_a_lease = sending.mode == ProbeModeV4::Full && !plan.keep;
    plan.keep |= takes_a_lease && place.keeps_the_lease_of(plan.template.hardware());
    plan.releases_from_lease = !place.has_address && plan.source.is_none();
    let xid = plan.xid.to_be_bytes();
    let is_ours = |payload: &[u8]| payload.get(4..8) == Some(&xid[..]);
    place.warn_of_foreign(plan.template.giaddr);
    let record = place.exchange(Client::new(plan, sending.mode), &is_ours)?.into_record();
    let goal = match sending.mode {
        _ if !sending.is_answered() => Goal::Nothing,
        ProbeModeV4::Full => Goal::Lease,
        _ => Goal::Answer,
    };
    if goal != Goal::Nothing {
        place.give_up(request, &record);
    }
    outcome.add(record, goal, |answer| match goal {
        Goal::Lease => answer.kind == AnswerKind::Ack,
        _ => answer.kind != AnswerKind::Nak,
    });
    Ok(())
}

/// Lists, judges, ends the output; gives the exit status.
fn conclude(
    request: &Request,
    expectations: &[Expectation],
    outcome: Outcome,
    ended_by: Option<u8>,
    printer: &mut Printer<'_>,
) -> Result<Exit> {
    let all = outcome.answers();
    let answered = all.len() as u64;
    if printer.is_for_people() && request.spec.collects && !printer.is_quiet() {
        printer.line(&answers::offers(&all));
    }
    if printer.is_for_people() && request.compares {
        printer.line(&answers::comparison(&all));
    }
    let verdicts: Vec<_> = expectations.iter().map(|expectation| outcome.judge(expectation)).collect();
    let failed: Vec<_> = verdicts.iter().filter_map(|verdict| verdict.as_ref().err()).cloned().collect();
    let is_expected = outcome.is_expected(expectations, request.family);
    let lacks_option = printer.prints_one_option() && printer.printed == 0;
    let is_yes = ended_by.is_none() && !lacks_option && failed.is_empty() && is_expected;
    printer.finish(&answers::json(is_yes, &request.expectations, &verdicts))?;
    if let Some(error) = outcome.unsent {
        return Err(error);
    }
    if let Some(signal) = ended_by {
        printer.complain(&format!("interrupted after {}", count(answered, "answer")))?;
        return Ok(Exit::Signal(signal));
    }
    if !expectations.is_empty() && failed.is_empty() && !is_expected {
        printer.complain("it was refused or not answered, and no expectation is about that")?;
    }
    for complaint in failed {
        printer.complain(&complaint)?;
    }
    Ok(if is_yes { Exit::Done } else { Exit::No })
}
