//! Query mode: send, wait, show, judge.

use std::time::Duration;

use super::args::Args;
use super::job::{self, Job, Sending};
use super::report;
use super::screen::Screen;
use super::tape::Tape;
use super::told::Told;
use super::verdict::{Aim, Outcome, expectations};
use super::world::World;
use crate::env::Env;
use crate::error::Result;
use crate::exit::Exit;
use crate::lease::Family;
use crate::net::{Plan as LinkPlan, Transport, drive};
use crate::packet::Mac;
use crate::probe::expect::Expectation;
use crate::probe::v4::{Client, Mode};
use crate::probe::{Dice, Kind, Record};
use crate::text::{OneLine, count};

/// Runs the queries that the arguments ask for.
pub(super) fn run(args: &Args, env: &mut Env<'_>, world: &mut dyn World) -> Result<Exit> {
    let Job { hardware, sendings, mut dice } = Job::new(args, env)?;
    let link = job::link_for(args, &hardware, &sendings)?;
    let errand = Errand { args, family: Family::V4, link, sendings };
    errand.carry_out(env, world, &mut |sending, place, outcome| exchange(args, sending, &mut dice, place, outcome))
}

/// What is to be sent, and by which link.
pub(super) struct Errand<'a, S> {
    pub(super) args: &'a Args,
    pub(super) family: Family,
    pub(super) link: LinkPlan,
    pub(super) sendings: Vec<S>,
}

/// So long servers look whether an address is in use before they offer it; dnsmasq takes longest.
const LOOKS: Duration = Duration::from_secs(3);

/// Makes one exchange.
type Exchange<'a, S> = &'a mut dyn FnMut(&S, &mut Place<'_, '_>, &mut Outcome) -> Result<()>;

impl<S> Errand<'_, S> {
    /// Makes every exchange as often as the user wants it.
    pub(super) fn carry_out(
        &self,
        env: &mut Env<'_>,
        world: &mut dyn World,
        exchange: Exchange<'_, S>,
    ) -> Result<Exit> {
        let args = self.args;
        let expectations = expectations(args, self.family)?;
        let var = env.var;
        let mut screen = Screen::new(args, self.family, env)?;
        let mut tape = Tape::open(args.output.pcap.as_deref(), var)?;
        let mut transport = world.open(std::slice::from_ref(&self.link))?;
        tape.begin(&self.link, transport.as_ref(), world);
        screen.epoch = transport.epoch();
        let protocol = if self.family == Family::V4 { "DHCP" } else { "DHCPv6" };
        screen.remark(&format!("Listening for {protocol} replies on port {}.", self.link.port));
        let (has_address, own) = (world.has_address(), world.hardware());
        let mut outcome = Outcome::default();
        for sending in (0..args.task.repeat).flat_map(|_| &self.sendings) {
            let mut place =
                Place { transport: transport.as_mut(), screen: &mut screen, tape: &mut tape, has_address, own };
            exchange(sending, &mut place, &mut outcome)?;
            if outcome.interrupted || outcome.unsent.is_some() {
                break;
            }
        }
        tape.finish()?;
        let ended_by = outcome.interrupted.then(|| world.signal());
        conclude(args, &expectations, outcome, ended_by, &mut screen)
    }
}

/// Where an exchange takes place.
pub(super) struct Place<'a, 'w> {
    transport: &'a mut dyn Transport,
    screen: &'a mut Screen<'w>,
    tape: &'a mut Tape,
    /// Whether the interface has an IPv4 address.
    has_address: bool,
    /// The interface's hardware address.
    own: Option<Mac>,
}

impl Place<'_, '_> {
    /// Makes the exchange of `machine` to its end, shown while it happens; `is_ours` says of packets that do not count
    /// whether they concern it all the same.
    pub(super) fn exchange<M: crate::probe::Exchange>(
        &mut self,
        machine: M,
        is_ours: &dyn Fn(&[u8]) -> bool,
    ) -> Result<M> {
        let mut machine = Told::new(machine, self.screen, is_ours);
        drive(self.transport, &mut [&mut machine], &mut |seen| self.tape.see(seen))?;
        Ok(machine.into_inner())
    }

    /// Whether a lease for this hardware address is kept, since it may be the one that this host lives on.
    pub(super) fn keeps_the_lease_of(&mut self, hardware: &[u8]) -> bool {
        let Some(own) = self.own.filter(|own| own.0[..] == *hardware) else { return false };
        self.screen.remark(&format!("{own} is this host's own: no RELEASE is sent, the lease is kept."));
        true
    }

    /// Something to know before it is sent.
    pub(super) fn warn(&mut self, text: &str) {
        self.screen.remark(text);
    }

    /// Says it if there is no answer.
    pub(super) fn give_up(&mut self, args: &Args, record: &Record) {
        if record.answers.is_empty() && !record.interrupted {
            let tries = args.wait.tries;
            self.screen.remark(&format!("Giving up after {tries} {}.", if tries == 1 { "try" } else { "tries" }));
            if let Some(instead) = record.came_instead() {
                self.screen.remark(&format!("{}.", OneLine(&instead)));
                return;
            }
            let waited = args.timeout().saturating_mul(tries);
            let asks_for_an_address = record.sent.iter().any(|sent| sent.what == "DISCOVER");
            if asks_for_an_address && waited <= LOOKS {
                let text =
                    "A server may look for up to 3 s whether an address is in use before it offers it: --timeout 5.";
                self.screen.remark(text);
            }
        }
    }
}

fn exchange(
    args: &Args,
    sending: &Sending,
    dice: &mut Dice,
    place: &mut Place<'_, '_>,
    outcome: &mut Outcome,
) -> Result<()> {
    let mut plan = sending.plan.clone();
    if plan.verbatim.is_none() {
        plan.xid = dice.xid();
    }
    plan.seed = dice.roll();
    let takes_a_lease = sending.mode == Mode::Full && !plan.keep;
    plan.keep |= takes_a_lease && place.keeps_the_lease_of(plan.template.hardware());
    plan.releases_from_lease = !place.has_address && plan.source.is_none();
    let xid = plan.xid.to_be_bytes();
    let is_ours = |payload: &[u8]| payload.get(4..8) == Some(&xid[..]);
    let record = place.exchange(Client::new(plan, sending.mode), &is_ours)?.into_record();
    let aim = match sending.mode {
        _ if !sending.is_answered() => Aim::Nothing,
        Mode::Full => Aim::Lease,
        _ => Aim::Answer,
    };
    if aim != Aim::Nothing {
        place.give_up(args, &record);
    }
    outcome.add(record, aim, |answer| match aim {
        Aim::Lease => answer.kind == Kind::Ack,
        _ => answer.kind != Kind::Nak,
    });
    Ok(())
}

/// Lists, judges, ends the output; gives the exit status.
fn conclude(
    args: &Args,
    expectations: &[Expectation],
    outcome: Outcome,
    ended_by: Option<u8>,
    screen: &mut Screen<'_>,
) -> Result<Exit> {
    let answers = outcome.answers();
    let answered = answers.len() as u64;
    if screen.is_for_people() && args.collects() && !screen.is_quiet() {
        screen.line(&report::offers(&answers));
    }
    if screen.is_for_people() && args.task.compare {
        screen.line(&report::comparison(&answers));
    }
    let verdicts: Vec<_> = expectations.iter().map(|expectation| outcome.judge(expectation)).collect();
    let failed: Vec<_> = verdicts.iter().filter_map(|verdict| verdict.as_ref().err()).cloned().collect();
    let is_yes = match (expectations.is_empty(), screen.prints_one_option()) {
        _ if ended_by.is_some() => false,
        (_, true) if screen.printed == 0 => false,
        (true, _) => outcome.is_answered(),
        (false, _) => failed.is_empty(),
    };
    screen.finish(&report::json(is_yes, args, &verdicts))?;
    if let Some(error) = outcome.unsent {
        return Err(error);
    }
    if let Some(signal) = ended_by {
        screen.complain(&format!("interrupted after {}", count(answered, "answer")))?;
        return Ok(Exit::Signal(signal));
    }
    for complaint in failed {
        screen.complain(&complaint)?;
    }
    Ok(if is_yes { Exit::Done } else { Exit::No })
}
