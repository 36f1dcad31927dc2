//! Queries of DHCPv6.

use super::query::{QueryContext, QueryRun};
use super::{Request, rng};
use crate::dhcp::v6::Packet;
use crate::dhcp::v6::duid::DuidKind;
use crate::env::Env;
use crate::error::Result;
use crate::exit::Exit;
use crate::probe::query::v6::{self, Sending};
use crate::probe::query::{Goal, Outcome};
use crate::probe::v6::{Client, ProbeModeV6};
use crate::probe::{AnswerKind, Rng};

/// Makes the queries of the request.
pub(super) fn run(request: &Request, env: &mut Env<'_>) -> Result<Exit> {
    let spec = &request.spec;
    let mut rng = rng(env)?;
    let hardware = spec.hardware(&mut rng);
    let sendings = match &request.raw_input {
        Some(payloads) => payloads.iter().map(|octets| v6::verbatim(spec, octets.clone())).collect(),
        None => vec![v6::described(spec, &hardware)?],
    };
    let run = QueryRun { request, link: v6::link(spec, &hardware)?, sendings };
    run.carry_out(env, &mut |sending, place, outcome| exchange(request, sending, &mut rng, place, outcome))
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
    let client = plan.client.clone();
    let takes_a_lease = matches!(sending.mode, ProbeModeV6::Full | ProbeModeV6::Rapid) && !plan.keep;
    if let (true, DuidKind::Ll { address, .. } | DuidKind::Llt { address, .. }) =
        (takes_a_lease, DuidKind::from_octets(&client))
    {
        plan.keep = place.keeps_the_lease_of(address);
    }
    if let Some(why) = v6::discarded_because(&plan, sending.mode) {
        place.warn(&why);
    }
    let is_ours = |payload: &[u8]| Packet::parse(payload).innermost().client() == Some(&client[..]);
    let record = place.exchange(Client::new(plan, sending.mode), &is_ours)?.into_record();
    let goal = if matches!(sending.mode, ProbeModeV6::Full | ProbeModeV6::Rapid) { Goal::Lease } else { Goal::Answer };
    place.give_up(request, &record);
    outcome.add(record, goal, |answer| {
        answer.refusal.is_none() && (goal != Goal::Lease || answer.kind == AnswerKind::Reply)
    });
    Ok(())
}
