//! Queries of DHCPv6.

use super::args::Args;
use super::network::Network;
use super::query::{Place, QueryRun, rng};
use super::spec;
use crate::dhcp::v4::PADDED;
use crate::dhcp::v6::Packet;
use crate::dhcp::v6::duid::DuidKind;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::family::Family;
use crate::probe::query::v6::{self, Sending};
use crate::probe::query::{Goal, Outcome};
use crate::probe::v6::{Client, Mode};
use crate::probe::{Kind, Rng};

/// Runs the queries that the arguments ask for.
pub(super) fn run(args: &Args, env: &mut Env<'_>, network: &mut dyn Network) -> Result<Exit> {
    refuse_what_only_dhcpv4_has(args)?;
    let spec = spec::query(args);
    let mut rng = rng(env)?;
    let hardware = spec.hardware(&mut rng);
    let sendings = match spec::raw_input(args)? {
        Some(payloads) => payloads.into_iter().map(|octets| v6::verbatim(&spec, octets)).collect(),
        None => vec![v6::described(&spec, &hardware)?],
    };
    let run = QueryRun { args, family: Family::V6, link: v6::link(&spec, &hardware)?, sendings };
    run.carry_out(env, network, &mut |sending, place, outcome| exchange(args, sending, &mut rng, place, outcome))
}

fn refuse_what_only_dhcpv4_has(args: &Args) -> Result<()> {
    let said = &args.message;
    let given = [
        ("--dora", args.task.dora),
        ("--profile", said.profile.is_some()),
        ("--giaddr", !said.giaddr.is_unspecified()),
        ("--ciaddr", !said.ciaddr.is_unspecified()),
        ("--flags", said.flags.is_some()),
        ("--htype", said.htype.is_some()),
        ("--hlen", said.hlen.is_some()),
        ("--sname", said.sname.is_some()),
        ("--file", said.file.is_some()),
        ("--pad", usize::from(said.pad) != PADDED),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        None => Ok(()),
        Some(("--dora", _)) => Err(Error::new("--dora", "this is DHCPv4's").hint("--sarr is DHCPv6's")),
        Some(("--giaddr", _)) => Err(Error::new("--giaddr", "this is DHCPv4's").hint("--relay is DHCPv6's")),
        Some((option, _)) => Err(Error::new(*option, "DHCPv6 has nothing like it")),
    }
}

fn exchange(
    args: &Args,
    sending: &Sending,
    rng: &mut Rng,
    place: &mut Place<'_, '_>,
    outcome: &mut Outcome,
) -> Result<()> {
    let mut plan = sending.plan.clone();
    if plan.verbatim.is_none() {
        plan.xid = rng.xid();
    }
    plan.seed = rng.next_u64();
    let client = plan.client.clone();
    let takes_a_lease = matches!(sending.mode, Mode::Full | Mode::Rapid) && !plan.keep;
    if let (true, DuidKind::Ll { address, .. } | DuidKind::Llt { address, .. }) = (takes_a_lease, DuidKind::of(&client))
    {
        plan.keep = place.keeps_the_lease_of(address);
    }
    if let Some(why) = v6::discarded_because(&plan, sending.mode) {
        place.warn(&why);
    }
    let is_ours = |payload: &[u8]| Packet::parse(payload).innermost().client() == Some(&client[..]);
    let record = place.exchange(Client::new(plan, sending.mode), &is_ours)?.into_record();
    let goal = if matches!(sending.mode, Mode::Full | Mode::Rapid) { Goal::Lease } else { Goal::Answer };
    place.give_up(args, &record);
    outcome.add(record, goal, |answer| answer.refusal.is_none() && (goal != Goal::Lease || answer.kind == Kind::Reply));
    Ok(())
}
