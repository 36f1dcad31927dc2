//! What the arguments mean: a request, expectations, how it is to look.

use std::path::Path;

use super::args::{Args, ExpectedReply, ModeArgs, NAME};
use crate::config::Config;
use crate::dhcp::{self, table::Space};
use crate::error::{Error, Result};
use crate::family::Family;
use crate::health::dhcp::{Expectations, ExpectedAnswer, Limits};
use crate::output::probe::Style;
use crate::probe::Schedule;
use crate::probe::expect::Expectation;
use crate::probe::plan::{ClientRequest, MessageKind, ProbePlan, ProbeRequest};
use crate::source;

/// The request.
pub(super) fn new(args: &Args, family: Family, options: &[Expectation]) -> ProbeRequest {
    let Args { server, client, wait, .. } = args;
    ProbeRequest {
        family,
        servers: server.servers.clone(),
        interfaces: server.interfaces.clone(),
        unicast: server.unicast,
        relay: server.relay,
        option82: server.option82.clone(),
        vlan: server.vlan,
        message: message(&args.mode),
        client: ClientRequest {
            address: client.address,
            hardware: client.hardware.as_ref().map(|hardware| hardware.0.clone()),
            use_interface_mac: client.use_interface_mac,
            duid: client.duid.as_ref().map(|duid| duid.0.clone()),
            prefix: client.prefix,
            may_be_this_host: client.yes_this_host,
            keeps_lease: client.no_release,
        },
        schedule: Schedule::tries(wait.tries, wait.timeout),
        secs: wait.secs,
        collects_all: wait.all,
        is_exclusive: args.expect.exclusive,
        expected_options: options.iter().filter_map(Expectation::option_code).collect(),
    }
}

fn message(mode: &ModeArgs) -> Option<MessageKind> {
    let given = [
        (mode.discover, MessageKind::Discover),
        (mode.request, MessageKind::Request),
        (mode.inform, MessageKind::Inform),
        (mode.full, MessageKind::Full),
        (mode.reboot, MessageKind::Reboot),
        (mode.renew, MessageKind::Renew),
        (mode.rebind, MessageKind::Rebind),
        (mode.bootp, MessageKind::Bootp),
        (mode.solicit, MessageKind::Solicit),
        (mode.rapid_commit, MessageKind::RapidCommit),
        (mode.info_request, MessageKind::InformationRequest),
        (mode.confirm, MessageKind::Confirm),
    ];
    given.into_iter().find(|(is_given, _)| *is_given).map(|(_, kind)| kind)
}

/// What `--expect-option` says.
pub(super) fn expected_options(args: &Args, family: Family) -> Result<Vec<Expectation>> {
    let read = |text: &String| {
        let read = Expectation::of_option(space(family), text);
        read.map_err(|cause| Error::new(format!("--expect-option \"{text}\""), cause))
    };
    args.expect.expect_option.iter().map(read).collect()
}

/// What a good answer to this plan is.
pub(super) fn expectations(
    args: &Args,
    family: Family,
    plan: &ProbePlan,
    options: Vec<Expectation>,
) -> Result<Expectations> {
    let expect = &args.expect;
    // A lease that was asked for is expected to be given.
    let takes = plan.targets.iter().any(|target| target.exchange.takes_what_is_offered());
    let by_default = if takes { ExpectedReply::Ack } else { ExpectedReply::Any };
    let kind = match (expect.expect.unwrap_or(by_default), family) {
        (ExpectedReply::Any, _) => ExpectedAnswer::Any,
        (ExpectedReply::Offer, Family::V4) => ExpectedAnswer::Offer,
        (ExpectedReply::Ack, Family::V4) => ExpectedAnswer::Ack,
        (ExpectedReply::Nak, Family::V4) => ExpectedAnswer::Nak,
        (ExpectedReply::Offer | ExpectedReply::Advertise, Family::V6) => ExpectedAnswer::Advertise,
        (ExpectedReply::Ack | ExpectedReply::Reply, Family::V6) => ExpectedAnswer::Reply,
        (ExpectedReply::Advertise | ExpectedReply::Reply, Family::V4) => return Err(not_of(family, "offer or ack")),
        (ExpectedReply::Nak, Family::V6) => return Err(not_of(family, "advertise or reply")),
    };
    Ok(Expectations {
        kind,
        allows_refusal: matches!(expect.expect, Some(ExpectedReply::Any | ExpectedReply::Nak)),
        options,
        networks: expect.offered_in.clone(),
        is_exclusive: expect.exclusive,
        // Each try waits twice as long as the one before.
        waited: args.wait.timeout.saturating_mul((1_u32 << args.wait.tries.min(16)) - 1),
        slow: Limits { warning: expect.warning, critical: expect.critical },
        loss: Limits { warning: expect.loss_warning, critical: expect.loss_critical },
    })
}

fn not_of(family: Family, those: &str) -> Error {
    let protocol = if family == Family::V4 { "DHCPv4" } else { "DHCPv6" };
    Error::new("--expect", format!("{protocol} has no such answer")).hint(those.to_owned())
}

/// How it is to look.
pub(super) fn style<'a>(args: &Args, expectations: &'a Expectations) -> Style<'a> {
    let is_series = args.wait.count.is_some();
    Style {
        format: args.output.format,
        program: NAME,
        quiet: args.output.quiet,
        verbose: args.output.verbose,
        packets: args.output.packets,
        is_classic: args.output.is_classic,
        is_series,
        has_line_per_target: args.server.from_config.is_some() && !is_series,
        expectations,
    }
}

/// The protocol, which a configuration may have settled; refuses modes of the other one.
pub(super) fn family(args: &Args, settled: Option<Family>) -> Result<Family> {
    let ModeArgs { discover, reboot, bootp, .. } = args.mode;
    let family = settled.unwrap_or(if args.is_v6() { Family::V6 } else { Family::V4 });
    let is_wrong = match family {
        Family::V4 => args.is_v6(),
        Family::V6 => args.server.v4 || discover || reboot || bootp,
    };
    if is_wrong {
        return Err(Error::new("", "DHCPv4 and DHCPv6 do not mix: an address or option is for the other protocol")
            .hint("see dhcping --help"));
    }
    Ok(family)
}

/// The options of a protocol.
fn space(family: Family) -> &'static Space {
    match family {
        Family::V4 => &dhcp::v4::table::OPTIONS,
        Family::V6 => &dhcp::v6::table::OPTIONS,
    }
}

/// What the configuration `file` says; of the protocol of -4 or -6, if it is of both.
pub(super) fn read(args: &Args, file: &Path) -> Result<Config> {
    /// A subnet that is left out would look as if it were served.
    const PARTS: [&str; 4] = ["interfaces-config", "shared-networks", "subnet4", "subnet6"];
    let wanted = match (args.server.v4, args.server.v6) {
        (true, _) => Some(Family::V4),
        (_, true) => Some(Family::V6),
        _ => None,
    };
    let all = source::dhcp_servers(file, &PARTS)?.into_iter();
    let found = all
        .filter(|config| wanted.is_none_or(|family| config.family() == Some(family)))
        .find(|config| config.server.subnets().next().is_some());
    found.ok_or_else(|| {
        let family = wanted.map_or_else(String::new, |family| format!("{family} "));
        Error::new(format!("{}", file.display()), format!("it has no {family}subnets"))
            .hint("give a kea-dhcp4.conf or kea-dhcp6.conf")
    })
}
