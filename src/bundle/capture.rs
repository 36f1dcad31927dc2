//! One exchange with the DHCP servers on an interface, as a capture: DISCOVER, OFFER, REQUEST, ACK and RELEASE.
//!
//! It is made only where an interface is named, with a hardware address and identifier of its own, and gives its lease back.

use super::{Content, Gathered, Request};
use crate::control::Deadline;
use crate::env::network::Network;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::net::{self, Seen};
use crate::probe::plan::{self, ClientRequest, MessageKind, PlanContext, ProbeRequest};
use crate::probe::{Machine, Rng, Schedule};
use crate::redact::Counts;
use crate::wire::pcap::Writer;

/// The capture, if it is wanted.
pub(super) fn gather(request: &Request, network: &mut dyn Network, gathered: &mut Gathered, deadline: Deadline) {
    let Some((interface, seed)) = &request.capture else { return };
    if request.anonymizer.is_some() {
        return gathered.left_out("capture.pcap", "a capture cannot be anonymized");
    }
    match exchange(interface, *seed, network, deadline) {
        Ok(octets) => {
            let source = format!("one exchange on {interface}");
            gathered.add("capture.pcap", &source, Content::Text(octets), Counts::default());
        }
        Err(error) => gathered.missing("capture.pcap", error.to_string()),
    }
}

fn exchange(interface: &str, seed: u64, network: &mut dyn Network, deadline: Deadline) -> Result<Vec<u8>> {
    let tries = 2;
    // Each try waits twice as long as the one before.
    let wait = deadline.left().unwrap_or_default().min(std::time::Duration::from_secs(12)) / 6;
    let request = ProbeRequest {
        family: Family::V4,
        servers: Vec::new(),
        interfaces: vec![interface.to_owned()],
        unicast: false,
        relay: None,
        option82: None,
        vlan: None,
        message: Some(MessageKind::Full),
        client: ClientRequest::default(),
        schedule: Schedule::tries(tries, wait),
        secs: 0,
        collects_all: false,
        is_exclusive: false,
        expected_options: Vec::new(),
    };
    let plan = plan::plan(&PlanContext::gather(&request, network)?)?;
    let target = plan.targets.first().ok_or_else(|| Error::new("probe", "there is no server to ask"))?;
    let mut transport = network.open(&plan.links)?;
    let link = plan.links.first().cloned();
    let mac = link.as_ref().and_then(|link| link.ethernet_source).unwrap_or_default();
    let port = link.as_ref().map_or(68, |link| link.port);
    let epoch = transport.epoch();
    let failed = |cause: std::io::Error| Error::io("keep a capture", &cause);
    let mut writer = Writer::new(Vec::new()).map_err(failed)?;
    let mut exchange = target.exchange.start(&mut Rng(seed));
    let machine: &mut dyn Machine = exchange.as_mut();
    net::drive(transport.as_mut(), &mut [machine], &mut |seen| {
        // Writing to memory cannot fail.
        let _ = match seen {
            Seen::Sent { transmit, at } => writer.sent(epoch.saturating_add(at), transmit, port, mac, None),
            Seen::Received(datagram) => writer.received(epoch.saturating_add(datagram.at), datagram),
        };
    })?;
    Ok(writer.into_inner())
}
