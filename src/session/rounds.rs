//! Probes: one round after the other until there are enough.

use std::time::Duration;

use super::rng;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::health::State;
use crate::health::dhcp::Expectations;
use crate::net::{Seen, Transport, drive};
use crate::output::probe::{self as output, Passing, ProbeFormat, ProbeOutput, Style};
use crate::probe::plan::ProbePlan;
use crate::probe::{Exchange, Machine, Rng, TargetResult};
use crate::text::count;
use crate::wire::{Datagram, Transmit};

/// How often to probe, and what is expected.
pub struct Rounds<'a> {
    /// What a good answer is.
    pub expectations: &'a Expectations,
    /// How many rounds there are; 0 is until the user ends it.
    pub count: u64,
    /// From the beginning of one round to that of the next.
    pub interval: Duration,
}

impl Rounds<'_> {
    /// Probes all targets of `plan`.
    pub fn run(&self, plan: &ProbePlan, style: Style<'_>, env: &mut Env<'_>) -> Result<Exit> {
        let mut rng = rng(env)?;
        let mut output = output::new(style, &mut *env.stdout, &mut *env.stderr);
        plan.remarks.iter().for_each(|remark| output.remark(remark));
        plan.notices.iter().for_each(|notice| output.notice(notice));
        let mut transport = env.network.open_any(&plan.links)?;
        let mut results: Vec<_> = plan.targets.iter().map(TargetResult::new).collect();
        let interrupted = self.all(&mut results, transport.as_mut(), &mut rng, output.as_mut())?;
        // Without a number of probes an interrupt is the end that is meant.
        let is_cut_short = interrupted && self.count != 0;
        let answers = results.iter().flat_map(|result| &result.tally.servers).map(|served| served.answers).sum();
        if is_cut_short && answers > 0 {
            output.notice(&format!("interrupted after {}", count(answers, "answer")));
        }
        let report = self.expectations.evaluate(&results);
        output.finish(&results, &report)?;
        Ok(match style.format {
            ProbeFormat::Nagios => Exit::Nagios(report.state().nagios_code()),
            _ if is_cut_short => Exit::Signal(env.network.signal()),
            _ => exit(report.state()),
        })
    }

    /// As many rounds as there are to be; whether the user ended them.
    fn all(
        &self,
        results: &mut [TargetResult<'_>],
        transport: &mut dyn Transport,
        rng: &mut Rng,
        output: &mut dyn ProbeOutput,
    ) -> Result<bool> {
        for number in 1.. {
            let begun = transport.now();
            for some in results.chunks_mut(AT_ONCE) {
                if self.round(number, some, transport, rng, output)? {
                    return Ok(true);
                }
            }
            if number == self.count {
                break;
            }
            if pause(transport, begun.saturating_add(self.interval), output)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// One exchange with each target, all at once; whether the user ended it.
    fn round(
        &self,
        number: u64,
        results: &mut [TargetResult<'_>],
        transport: &mut dyn Transport,
        rng: &mut Rng,
        output: &mut dyn ProbeOutput,
    ) -> Result<bool> {
        let mut exchanges: Vec<_> = results.iter().map(|result| result.target.exchange.start(rng)).collect();
        let mut machines: Vec<&mut dyn Machine> =
            exchanges.iter_mut().map(|exchange| as_machine(exchange.as_mut())).collect();
        let driven = drive(transport, &mut machines, &mut |seen| output.packet(passing(&seen)));
        let mut interrupted = false;
        for (result, exchange) in results.iter_mut().zip(&exchanges) {
            let record = exchange.record();
            self.expectations.note(result, record);
            interrupted |= record.interrupted;
            output.exchange(number, result, record)?;
        }
        driven.map(|()| interrupted)
    }
}

/// How many targets are asked at once: a server is not to be flooded for a configuration of thousands of subnets.
const AT_ONCE: usize = 32;

fn as_machine(exchange: &mut dyn Exchange) -> &mut dyn Machine {
    exchange
}

fn passing<'a>(seen: &Seen<'a>) -> Passing<'a> {
    match seen {
        Seen::Sent { transmit, .. } => {
            Passing { is_sent: true, address: transmit.destination, octets: &transmit.payload }
        }
        Seen::Received(datagram) => Passing { is_sent: false, address: datagram.source, octets: datagram.payload },
    }
}

/// What a state means as an exit status, but to a monitor.
fn exit(state: State) -> Exit {
    match state {
        State::Ok => Exit::Done,
        State::Unknown => Exit::Unknown,
        State::Warning | State::Critical => Exit::No,
    }
}

/// Waits for `until`; whether the user ended it. What comes meanwhile is of no use.
fn pause(transport: &mut dyn Transport, until: Duration, output: &mut dyn ProbeOutput) -> Result<bool> {
    let mut pause = Pause { until, is_over: transport.now() >= until, interrupted: false };
    drive(transport, &mut [&mut pause], &mut |seen| output.packet(passing(&seen)))?;
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
        // What is sent by it later fails with the reason.
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
