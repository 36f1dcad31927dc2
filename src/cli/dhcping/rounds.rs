//! Probing: one round after the other until there are enough.

use std::time::Duration;

use super::job::{Job, Target};
use super::show::{self, Show};
use super::verdict::{self, Complaint, Judge};
use super::world::World;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::net::{Seen, Transport, drive};
use crate::packet::{Datagram, Transmit};
use crate::probe::tally::Tally;
use crate::probe::{Dice, Exchange, Machine, Record};
use crate::text::count;

/// A target and what has come of it.
pub(super) struct Aim<'a> {
    pub(super) target: &'a Target,
    pub(super) tally: Tally,
    /// Why something could not be sent.
    pub(super) unsent: Option<String>,
    /// What was wrong with answers.
    pub(super) complaints: Vec<Complaint>,
    /// What is odd about answers that count.
    pub(super) remarks: Vec<String>,
}

/// Probes all targets of `job`.
pub(super) fn run(judge: &Judge<'_>, job: &Job, env: &mut Env<'_>, world: &mut dyn World) -> Result<Exit> {
    let mut seed = [0; 8];
    (env.random)(&mut seed).map_err(|cause| Error::io("make a random number", &cause))?;
    let mut dice = Dice(u64::from_be_bytes(seed));
    let mut show = show::choose(judge, env);
    job.remarks.iter().for_each(|remark| show.remark(remark));
    job.notices.iter().for_each(|notice| show.notice(notice));
    let mut transport = world.open(&job.links)?;
    let aim =
        |target| Aim { target, tally: Tally::default(), unsent: None, complaints: Vec::new(), remarks: Vec::new() };
    let mut aims: Vec<_> = job.targets.iter().map(aim).collect();
    let rounds = judge.args.wait.count.unwrap_or(1);
    let mut number = 0;
    let interrupted = loop {
        number += 1;
        let begun = transport.now();
        let interrupted = all_targets(judge, number, &mut aims, transport.as_mut(), &mut dice, show.as_mut())?;
        if interrupted || number == rounds {
            break interrupted;
        }
        if pause(transport.as_mut(), begun.saturating_add(judge.args.wait.interval), show.as_mut())? {
            break true;
        }
    };
    // Without a number of probes an interrupt is the end that is meant.
    let is_cut_short = interrupted && rounds != 0;
    let answers = aims.iter().flat_map(|aim| &aim.tally.servers).map(|served| served.answers).sum();
    if is_cut_short && answers > 0 {
        show.notice(&format!("interrupted after {}", count(answers, "answer")));
    }
    let exit = show.finish(&aims)?;
    let is_for_monitor = matches!(exit, Exit::Nagios(_));
    Ok(if is_cut_short && !is_for_monitor { Exit::Signal(world.signal()) } else { exit })
}

/// How many targets are asked at once: a server is not to be flooded for a configuration of thousands of subnets.
const AT_ONCE: usize = 32;

/// One exchange with each target; whether the user ended it.
fn all_targets(
    judge: &Judge<'_>,
    number: u64,
    aims: &mut [Aim<'_>],
    transport: &mut dyn Transport,
    dice: &mut Dice,
    show: &mut dyn Show,
) -> Result<bool> {
    for some in aims.chunks_mut(AT_ONCE) {
        if round(judge, number, some, transport, dice, show)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// One exchange with each target, all at once; whether the user ended it.
fn round(
    judge: &Judge<'_>,
    number: u64,
    aims: &mut [Aim<'_>],
    transport: &mut dyn Transport,
    dice: &mut Dice,
    show: &mut dyn Show,
) -> Result<bool> {
    let mut exchanges: Vec<_> = aims.iter().map(|aim| aim.target.recipe.start(dice)).collect();
    let mut machines: Vec<&mut dyn Machine> =
        exchanges.iter_mut().map(|exchange| as_machine(exchange.as_mut())).collect();
    let driven = drive(transport, &mut machines, &mut |seen| show.packet(&seen));
    let mut interrupted = false;
    for (aim, exchange) in aims.iter_mut().zip(&exchanges) {
        let record = exchange.record();
        note(judge, aim, record);
        interrupted |= record.interrupted;
        show.round(number, aim, record)?;
    }
    driven.map(|()| interrupted)
}

fn as_machine(exchange: &mut dyn Exchange) -> &mut dyn Machine {
    exchange
}

fn note(judge: &Judge<'_>, aim: &mut Aim<'_>, record: &Record) {
    if !judge.is_half_done(record) {
        aim.tally.add(record, verdict::is_answered(aim.target, record));
        let complaints = judge.answers(aim, record);
        verdict::keep(&mut aim.complaints, &complaints);
        verdict::remark(&mut aim.remarks, record);
    }
    if let (None, Some(error)) = (&aim.unsent, &record.unsent) {
        aim.unsent = Some(error.to_string());
    }
}

/// Waits for `until`; whether the user ended it. What comes meanwhile is of no use.
fn pause(transport: &mut dyn Transport, until: Duration, show: &mut dyn Show) -> Result<bool> {
    let mut pause = Pause { until, is_over: transport.now() >= until, interrupted: false };
    drive(transport, &mut [&mut pause], &mut |seen: Seen<'_>| show.packet(&seen))?;
    Ok(pause.interrupted)
}

/// A machine that does nothing for a while.
struct Pause {
    until: Duration,
    is_over: bool,
    interrupted: bool,
}

impl Machine for Pause {
    fn poll_transmit(&mut self, _now: Duration) -> Option<Transmit> {
        None
    }

    fn handle_unsent(&mut self, _now: Duration, _error: Error) {}

    fn handle_failed(&mut self, _link: usize, _error: &Error) -> Result<()> {
        // Whoever wants to send by it will be told.
        Ok(())
    }

    fn poll_timeout(&self) -> Option<Duration> {
        Some(self.until)
    }

    fn handle_timeout(&mut self, _now: Duration) {
        self.is_over = true;
    }

    fn handle_datagram(&mut self, _datagram: &Datagram<'_>) {}

    fn handle_interrupt(&mut self, _now: Duration) {
        (self.is_over, self.interrupted) = (true, true);
    }

    fn is_done(&self) -> bool {
        self.is_over
    }
}
