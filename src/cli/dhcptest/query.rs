//! Query mode: send, wait, show, judge.

use super::args::Args;
use super::job::{self, Job, Sending};
use super::message::space;
use super::report;
use super::screen::Screen;
use super::tape::Tape;
use super::told::Told;
use super::world::World;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::lease::Family;
use crate::net::{Transport, drive};
use crate::probe::expect::Expectation;
use crate::probe::v4::{Client, Mode};
use crate::probe::{Answer, Dice, Kind};

/// What came of all exchanges.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) answers: Vec<Answer>,
    /// Whether the answers that were waited for came, for every exchange.
    pub(super) is_answered: bool,
    unsent: Option<Error>,
    interrupted: bool,
}

/// Runs the queries that the arguments ask for.
pub(super) fn run(args: &Args, env: &mut Env<'_>, world: &mut dyn World) -> Result<Exit> {
    let expectations = expectations(args, Family::V4)?;
    let mut job = Job::new(args, env)?;
    let mut screen = Screen::new(args, Family::V4, env)?;
    let link = job::link(args, &job.hardware)?;
    let mut tape = Tape::open(args.output.pcap.as_deref())?;
    let mut transport = world.open(std::slice::from_ref(&link))?;
    tape.begin(&link, transport.as_ref(), world);
    screen.epoch = transport.epoch();
    screen.remark(&format!("Listening for DHCP replies on port {}.", link.port));
    let mut outcome = Outcome { is_answered: true, ..Outcome::default() };
    'all: for _ in 0..args.task.repeat {
        for sending in &job.sendings {
            let mut place = Place { transport: transport.as_mut(), screen: &mut screen, tape: &mut tape };
            exchange(args, sending, &mut job.dice, &mut place, &mut outcome)?;
            if outcome.interrupted || outcome.unsent.is_some() {
                break 'all;
            }
        }
    }
    tape.finish()?;
    conclude(args, &expectations, outcome, &mut screen)
}

/// Where an exchange takes place.
struct Place<'a, 'w> {
    transport: &'a mut dyn Transport,
    screen: &'a mut Screen<'w>,
    tape: &'a mut Tape,
}

/// What `--expect` says.
pub(super) fn expectations(args: &Args, family: Family) -> Result<Vec<Expectation>> {
    let read = |text: &String| {
        Expectation::parse(space(family), text).map_err(|cause| Error::new(format!("--expect \"{text}\""), cause))
    };
    args.output.expect.iter().map(read).collect()
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
    let xid = plan.xid.to_be_bytes();
    let is_ours = |payload: &[u8]| payload.get(4..8) == Some(&xid[..]);
    let mut machine = Told::new(Client::new(plan, sending.mode), place.screen, &is_ours);
    drive(place.transport, &mut [&mut machine], &mut |seen| place.tape.see(seen))?;
    let record = machine.into_inner().into_record();
    let expects_none = matches!(sending.mode, Mode::Release | Mode::Decline);
    let wanted = |answer: &Answer| match sending.mode {
        Mode::Full => answer.kind == Kind::Ack,
        _ => answer.kind != Kind::Nak,
    };
    if !expects_none && record.answers.is_empty() && !record.interrupted {
        let tries = args.wait.tries;
        place.screen.remark(&format!("Giving up after {tries} {}.", if tries == 1 { "try" } else { "tries" }));
    }
    outcome.is_answered &= expects_none || record.answers.iter().any(wanted);
    outcome.answers.extend(record.answers);
    outcome.unsent = record.unsent;
    outcome.interrupted = record.interrupted;
    Ok(())
}

/// Lists, judges, ends the output; gives the exit status.
pub(super) fn conclude(
    args: &Args,
    expectations: &[Expectation],
    outcome: Outcome,
    screen: &mut Screen<'_>,
) -> Result<Exit> {
    if screen.is_for_people() && args.collects() && !screen.is_quiet() {
        screen.line(&report::offers(&outcome.answers));
    }
    if screen.is_for_people() && args.task.compare {
        screen.line(&report::comparison(&outcome.answers));
    }
    let verdicts: Vec<_> = expectations.iter().map(|expectation| judge(expectation, &outcome.answers)).collect();
    let failed: Vec<_> = verdicts.iter().filter_map(|verdict| verdict.as_ref().err()).cloned().collect();
    let is_yes = match (expectations.is_empty(), screen.prints_one_option()) {
        (_, true) if screen.printed == 0 => false,
        (true, _) => outcome.is_answered,
        (false, _) => failed.is_empty(),
    };
    screen.finish(&report::json(is_yes, args, &verdicts))?;
    if let Some(error) = outcome.unsent {
        return Err(error);
    }
    for complaint in failed {
        screen.complain(&complaint)?;
    }
    Ok(if is_yes { Exit::Done } else { Exit::No })
}

/// Holds an expectation against the answers; what is said of each answer is said of the last step's.
fn judge(expectation: &Expectation, answers: &[Answer]) -> std::result::Result<(), String> {
    let last = answers.iter().map(|answer| answer.phase).max();
    let is_meant = |answer: &&Answer| !expectation.is_about_each() || Some(answer.phase) == last;
    expectation.check(&answers.iter().filter(is_meant).collect::<Vec<_>>())
}
