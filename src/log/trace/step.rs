//! What messages say of the way of a packet, in words of our own.

use super::super::assemble::Message;
use super::super::message::{LogMessageKind, Severity};
use super::super::names;
use super::super::text::{self, Lifetime};
use crate::redact;

/// A step on the way of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Received,
    Classes,
    Subnet,
    Reservation,
    Hint,
    Lease,
    Name,
    Update,
    Sent,
}

impl Step {
    pub(crate) const ALL: [Self; 9] = [
        Self::Received,
        Self::Classes,
        Self::Subnet,
        Self::Reservation,
        Self::Hint,
        Self::Lease,
        Self::Name,
        Self::Update,
        Self::Sent,
    ];

    /// What it is, and the logger and level that show it.
    pub(crate) fn shown_by(self, is_v6: bool) -> (&'static str, &'static str) {
        match self {
            Self::Received => ("packets and where they came from", "packets at DEBUG 45 (INFO from 2.6 on)"),
            Self::Classes => ("client classes", if is_v6 { "dhcp6 at DEBUG 40" } else { "dhcp4 at DEBUG 40" }),
            Self::Subnet => ("the subnet and how it was chosen", "packets at DEBUG 45, dhcpsrv at DEBUG 45"),
            Self::Reservation => ("reservations", "hosts at DEBUG 55"),
            Self::Hint => ("the address the client asked for", "leases at DEBUG 50 (from 2.6 on), packets at DEBUG 55"),
            Self::Lease => ("how the lease was found or made", "alloc-engine at DEBUG 55"),
            Self::Name => ("the host name and how it was made", "ddns at DEBUG 55"),
            Self::Update => ("DNS updates", "dhcpsrv at DEBUG 55, and the log of kea-dhcp-ddns"),
            Self::Sent => ("answers and where they went", "packets at DEBUG 40 (INFO from 2.6 on)"),
        }
    }
}

/// The step that a message shows.
pub(crate) fn of(message: &Message<'_>) -> Option<Step> {
    let id = message.id;
    let is_debug = message.severity == Severity::Debug;
    let has = |word: &str| memchr::memmem::find(id, word.as_bytes()).is_some();
    Some(match () {
        () if has("PACKET_RECEIVED") => Step::Received,
        () if message.kind == LogMessageKind::FailedClasses => Step::Classes,
        () if message.kind == LogMessageKind::InitReboot => Step::Hint,
        () if has("CLASS_ASSIGNED") || has("CLASSES_ASSIGNED") => Step::Classes,
        () if has("SUBNET_SELECTED") || has("SUBNET_DATA") || has("SUBNET_SELECTION_FAILED") => Step::Subnet,
        () if id.starts_with(b"HOSTS_") && is_debug => Step::Reservation,
        () if id == b"DHCP4_DISCOVER" || id == b"DHCP4_REQUEST" || has("PROCESS_IA_") => Step::Hint,
        () if id == b"DHCP4_QUERY_DATA" => Step::Hint,
        () if id.starts_with(b"ALLOC_ENGINE_") && is_debug => Step::Lease,
        () if has("HOSTNAME") || has("FQDN") => Step::Name,
        () if has("NCR") || id.starts_with(b"DHCP_DDNS_") => Step::Update,
        () if has("PACKET_SEND") => Step::Sent,
        () => return None,
    })
}

fn shown(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).trim().to_owned()
}

/// What is after the last colon and space of a text.
fn tail(text: &[u8]) -> String {
    let at = memchr::memmem::find(text, b": ").map_or(0, |at| at + 2);
    shown(&text[at..])
}

/// Why a packet was dropped, without what it held.
fn reason(text: &[u8]) -> String {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if memchr::memmem::find(line, b"special class 'DROP'").is_some() {
        return "it is a member of the class DROP".to_owned();
    }
    tail(line)
}

/// The message in our words; `None` of one that says nothing for a person.
pub(crate) fn words(message: &Message<'_>) -> Option<String> {
    let label = text::label(message.text);
    let rest = label.map_or(message.text, |label| label.rest);
    let xid = label.map_or(0, |label| label.xid);
    packet(message, rest, xid)
        .or_else(|| lease(message, rest))
        .or_else(|| decision(message, rest))
        .or_else(|| other(message, rest))
        .map(|words| redact::line(&words).into_owned())
}

/// The text as it is, without secrets: Kea logs whole configurations.
pub(crate) fn unchanged(message: &Message<'_>) -> String {
    redact::line(&String::from_utf8_lossy(message.text)).into_owned()
}

fn packet(message: &Message<'_>, rest: &[u8], xid: u32) -> Option<String> {
    Some(match message.kind {
        LogMessageKind::Received => {
            let name = names::message(rest.strip_prefix(b": ").unwrap_or(rest));
            let from = text::after(rest, b"received from ").map(text::word).map(shown).unwrap_or_default();
            let on = text::after(rest, b"interface ").map(text::word).map(shown).unwrap_or_default();
            format!("{name} from {from} on {on} (xid 0x{xid:x})")
        }
        LogMessageKind::Sent => {
            let packet = text::after(rest, b"packet ")?;
            let to = text::after(packet, b" to ").map(text::word).map(shown).unwrap_or_default();
            let on = text::after(packet, b"interface ").map(text::word).map(shown).unwrap_or_default();
            format!("  {} sent to {to} on {on}", names::message(packet))
        }
        LogMessageKind::Dropped => format!("  dropped: {}", reason(rest)),
        LogMessageKind::InitReboot => format!("  INIT-REBOOT: asks for {}", text::after(rest, b"address ").map(shown)?),
        LogMessageKind::Nak1 | LogMessageKind::NoSubnet => "  no subnet for where it came from".to_owned(),
        LogMessageKind::Nak2 => {
            "  the address it asks for is not one it may keep: of another network, or not its lease".to_owned()
        }
        LogMessageKind::Nak3 => "  no lease can be offered".to_owned(),
        LogMessageKind::Nak4 => "  the address it asks for is not given to it".to_owned(),
        LogMessageKind::NoLease => {
            let address = text::after(rest, b"address ").map(text::word).map(shown)?;
            format!("  no lease of {address}: the server does not answer, as it is not authoritative")
        }
        LogMessageKind::HaUpdateFailed => "  the partner did not take the lease, so the answer waits".to_owned(),
        LogMessageKind::CalloutFailed => format!("  a callout failed: {}", shown(message.text)),
        _ => return None,
    })
}

fn lease(message: &Message<'_>, rest: &[u8]) -> Option<String> {
    let lease = || {
        let lease = text::lease(rest).or_else(|| text::lease(message.text))?;
        let length =
            if lease.address.is_ipv6() && lease.length < 128 { format!("/{}", lease.length) } else { String::new() };
        Some(format!("{}{length}", lease.address))
    };
    let time = || match text::lifetime(rest) {
        Some(Lifetime::Seconds(seconds)) => format!(" for {seconds} s"),
        Some(Lifetime::Infinite) => " without end".to_owned(),
        None => String::new(),
    };
    Some(match message.kind {
        LogMessageKind::Offered => format!("  offers {}", lease()?),
        LogMessageKind::Allocated => format!("  gives {}{}", lease()?, time()),
        LogMessageKind::Reused => format!("  gives {} once more from the cache{}", lease()?, time()),
        LogMessageKind::Renewed => format!("  renews {}", lease()?),
        LogMessageKind::Released => format!("  released {}", lease()?),
        LogMessageKind::ReleaseKept => format!("  keeps {} for this client after the release", lease()?),
        LogMessageKind::Declined => format!("  declined {}: unused for a time", lease()?),
        LogMessageKind::DeclineRecovered => format!("{} can be given out again after a decline", lease()?),
        LogMessageKind::Reclaimed => format!("the lease of {} expired", lease()?),
        LogMessageKind::ReleaseRefused | LogMessageKind::DeclineRefused => format!("  refused: {}", tail(rest)),
        LogMessageKind::NoAddress => "  no free address".to_owned(),
        LogMessageKind::NoPools => "  no pool for this client".to_owned(),
        LogMessageKind::FailedInSubnet | LogMessageKind::FailedInNetwork => {
            format!("  nothing to give {}", text::after(rest, b" in ").map(|rest| format!("in {}", shown(rest)))?)
        }
        LogMessageKind::FailedClasses => format!("  its classes are {}", text::after(rest, b"classes: ").map(shown)?),
        LogMessageKind::AllocationError => format!("  error: {}", tail(rest)),
        _ => return None,
    })
}

fn decision(message: &Message<'_>, rest: &[u8]) -> Option<String> {
    let id = message.id;
    let has = |word: &str| memchr::memmem::find(id, word.as_bytes()).is_some();
    let after = |word: &[u8]| text::after(message.text, word).map(shown);
    Some(match () {
        () if has("CLASSES_ASSIGNED") || has("CLASS_ASSIGNED") => {
            format!("  classes: {}", text::after(rest, b"class").and_then(|rest| text::after(rest, b": ")).map(shown)?)
        }
        () if message.kind == LogMessageKind::SubnetSelected => {
            format!("  subnet with ID {}", after(b"ID ").map(|rest| shown(text::word(rest.as_bytes())))?)
        }
        () if has("SUBNET_DATA") => format!("  subnet {}", after(b"details: ")?),
        () if has("CFGMGR_SUBNET4") || has("CFGMGR_SUBNET6") => format!("  subnet chosen: {}", shown(message.text)),
        () if id.ends_with(b"_IDENTIFIER_HOST") && has("GET_ONE_SUBNET_ID") => {
            format!("  reservation: {}", after(b"found host: ")?)
        }
        () if id.ends_with(b"GET_ONE_SUBNET_ID_IDENTIFIER_NULL") => "  no reservation".to_owned(),
        () if id == b"DHCP4_DISCOVER" || id == b"DHCP4_REQUEST" || has("PROCESS_IA_") => match after(b"hint=") {
            Some(hint) if !hint.starts_with('(') => format!("  asks for {hint}"),
            Some(_) => "  asks for no address".to_owned(),
            None => return None,
        },
        () if id == b"DHCP4_QUERY_DATA" => {
            let option = text::after(message.text, b"type=050, len=004: ")?;
            format!("  asks for {}", shown(text::word(option)))
        }
        () if id.ends_with(b"CLIENT_HOSTNAME_DATA") => format!("  its name: {}", after(b"Hostname option: ")?),
        () if id.ends_with(b"CLIENT_FQDN_DATA") => format!("  its name: {}", tail(rest)),
        () if id.ends_with(b"RESERVED_HOSTNAME_ASSIGNED") => {
            format!("  name from the reservation: {}", after(b"hostname ")?)
        }
        () if id.ends_with(b"RESPONSE_HOSTNAME_DATA") || id.ends_with(b"RESPONSE_FQDN_DATA") => {
            format!("  name in the answer: {}", text::after(rest, b"response: ").map(shown)?)
        }
        () if id.ends_with(b"_OFFER_NEW_LEASE") => "  looks for a free address".to_owned(),
        () if id.starts_with(b"ALLOC_ENGINE_") && message.severity == Severity::Debug => {
            Some(tail(rest)).filter(|words| !words.is_empty()).map(|words| format!("  {words}"))?
        }
        () => return None,
    })
}

fn other(message: &Message<'_>, _rest: &[u8]) -> Option<String> {
    let id = message.id;
    let name = || text::between(message.text, b"FQDN: [", b"]").map(shown).unwrap_or_default();
    Some(match message.kind {
        LogMessageKind::DdnsAdded => format!("  DNS: {} added", name()),
        LogMessageKind::DdnsRemoved => format!("  DNS: {} removed", name()),
        LogMessageKind::DdnsAddFailed => format!("  DNS: {} could not be added", name()),
        LogMessageKind::DdnsRemoveFailed => format!("  DNS: {} could not be removed", name()),
        LogMessageKind::DdnsRefused | LogMessageKind::DdnsTimeout | LogMessageKind::DdnsNoZone => {
            format!("  DNS: {}", shown(message.text.split(|byte| *byte == b'\n').next()?))
        }
        _ if id == b"DHCPSRV_QUEUE_NCR" => format!("  DNS update queued: {}", name()),
        _ if id == b"DHCPSRV_QUEUE_NCR_SKIP" => "  no DNS update".to_owned(),
        _ if id.ends_with(b"_COMMITTED_PARK") => {
            "  parked until the partner has the lease or a hook is done".to_owned()
        }
        LogMessageKind::Query | LogMessageKind::LibraryLoaded => return None,
        _ if message.severity >= Severity::Info => {
            format!("  {} {}", shown(id), shown(message.text.split(|byte| *byte == b'\n').next()?))
        }
        _ => return None,
    })
}
