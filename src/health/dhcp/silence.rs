//! Why there may have been no answer: the likeliest cause, and how to find out.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::probe::plan::{ExchangeSpec, Target};
use crate::probe::{v4, v6};

/// What silence may mean for a client that asks for an IPv4 address.
pub const NO_OFFER: &str = "no server is running there, or it has no subnet or no free address for this client, or a firewall \
    drops UDP ports 67 and 68 (see the server's log)";

/// What silence may mean for a client that asks for an IPv6 address on its link.
pub const NO_ADVERTISE: &str = "no server is running on the link, or it has no subnet or no free address for this link, or a \
    firewall drops UDP port 546 (see the server's log)";

/// So long servers look whether an address is in use before they offer it; dnsmasq takes longest.
const LOOKS: Duration = Duration::from_secs(3);

/// What to think of when a target is silent, `waited` being how long an answer was waited for, and `is_reported` whether
/// ICMP gives the reason.
pub(super) fn causes(waited: Duration, is_reported: bool, target: &Target) -> Option<String> {
    match &target.exchange {
        ExchangeSpec::V4(plan, mode) => of_v4(waited, is_reported, plan, *mode),
        ExchangeSpec::V6(..) if is_reported => None,
        ExchangeSpec::V6(plan, mode) => Some(of_v6(plan, *mode)),
        ExchangeSpec::Impossible(_) => None,
    }
}

fn of_v4(waited: Duration, is_reported: bool, plan: &v4::ProbePlanV4, mode: v4::ProbeModeV4) -> Option<String> {
    let server = *plan.to.ip();
    if server.is_loopback() || server.is_unspecified() {
        return Some(format!(
            "{server} means this host itself, where no DHCP client comes from (-s with the address of the interface that the \
            server serves, or -I)"
        ));
    }
    (!is_reported).then(|| of_silence(waited, plan, mode))
}

fn of_silence(waited: Duration, plan: &v4::ProbePlanV4, mode: v4::ProbeModeV4) -> String {
    let relay = plan.template.giaddr;
    // It says of a REQUEST what it says without a relay.
    if relay != Ipv4Addr::UNSPECIFIED && mode != v4::ProbeModeV4::Request {
        return format!(
            "a server answers a relay only if it has a subnet for the relay's address {relay}, and only to port 67 there"
        );
    }
    match mode {
        v4::ProbeModeV4::Discover | v4::ProbeModeV4::Full if waited <= LOOKS => format!(
            "waited {} s for an OFFER; before the first one a server may look for up to 3 s whether the address is in use \
            (-t 5 waits for that, -i is answered at once)",
            waited.as_secs_f64()
        ),
        v4::ProbeModeV4::Request => {
            "only an authoritative server answers a REQUEST for a lease that it does not know, and Kea is not authoritative \
            by default (leave -c out: a DISCOVER is answered)"
                .to_owned()
        }
        v4::ProbeModeV4::Inform => "a server may be silent on an INFORM from a network that it is not authoritative for \
            (leave -i out: a DISCOVER is answered)"
            .to_owned(),
        v4::ProbeModeV4::Bootp => "a server answers BOOTP only if it is set up for it: Kea needs its hook library libdhcp_bootp.so \
            (leave --bootp out: a DISCOVER is answered)"
            .to_owned(),
        _ => NO_OFFER.to_owned(),
    }
}

fn of_v6(plan: &v6::ProbePlanV6, mode: v6::ProbeModeV6) -> String {
    if let Some(relay) = plan.relays.first() {
        return format!(
            "a server answers a relay agent only if it listens at the address that is asked and has a subnet for the link \
            address {}",
            relay.link
        );
    }
    match mode {
        v6::ProbeModeV6::InformationRequest | v6::ProbeModeV6::Confirm => {
            NO_ADVERTISE.replace(" or no free address", "")
        }
        _ => NO_ADVERTISE.to_owned(),
    }
}
