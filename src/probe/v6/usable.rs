//! Whether a client can live on what a DHCPv6 answer gives, and what else is odd about it.

use std::net::{IpAddr, Ipv6Addr};

use crate::dhcp::Anomaly;
use crate::dhcp::v6::{
    Association, AssociationKind, Granted, Item, MessageType, Packet, Status, StatusCode, WireOption, code,
};
use crate::probe::rules::{self, Discard, Rejection, Remark};

/// What an answer to a message that asks for leases gives.
#[derive(Debug)]
pub(super) struct Found {
    /// The associations that we asked for, with what clients take of them; none that is empty.
    pub(super) usable: Vec<Association>,
    /// What says no: the message's status, else that of an association that we asked for and got nothing in.
    pub(super) refusal: Option<String>,
    /// Why it is of no use, though nothing says no.
    pub(super) useless: Option<Discard>,
    /// What is missing, and not needed.
    pub(super) unneeded: Option<Remark>,
}

impl Found {
    /// Of an answer to a message that asks for no leases.
    pub(super) fn nothing_asked(message: &Packet<'_>) -> Self {
        let failing = || message.associations().find_map(|granted| granted.status.filter(Status::is_failure));
        let refusal = message.status().filter(Status::is_failure).or_else(failing).map(|status| status.to_string());
        Self { usable: Vec::new(), refusal, useless: None, unneeded: None }
    }

    /// In a Reply to a Renew or Rebind, a valid lifetime of 0 says no (RFC 8415 section 18.3.5).
    pub(super) fn of_extension(self, message: &Packet<'_>) -> Self {
        let mut items = message.associations().flat_map(|granted| granted.items);
        match self.useless {
            Some(Discard { reason: Rejection::Lifetimes, found }) if items.all(|item| item.valid == 0) => {
                Self { refusal: found, useless: None, ..self }
            }
            _ => self,
        }
    }
}

/// Options whose form makes clients discard the whole message.
pub(super) fn check_form(message: &Packet<'_>, kind: MessageType) -> Result<(), Discard> {
    let bad = |what: String| Err(Discard::because(Rejection::Malformed, what));
    if let Some(preference) = message.option(code::PREFERENCE)
        && kind == MessageType::ADVERTISE
        && preference.octets.len() != 1
    {
        return bad(format!("option 7, preference, has {} octets", preference.octets.len()));
    }
    let is_association = |option: &&WireOption<'_>| matches!(option.code, code::IA_NA | code::IA_PD);
    let is_lease = |option: &&WireOption<'_>| matches!(option.code, code::IAADDR | code::IAPREFIX);
    let inner = || message.options.iter().filter(is_association).flat_map(WireOption::options);
    let innermost = inner().filter(is_lease).flat_map(WireOption::options);
    let all = message.options.iter().chain(inner()).chain(innermost);
    match all.filter(|option| option.code == code::STATUS_CODE).find(|status| status.octets.len() < 2) {
        Some(status) => bad(format!("option 13, status code, has {} octets", status.octets.len())),
        None => Ok(()),
    }
}

/// What the answer gives of what was `wanted`, where the kind that it `needs` is enough.
pub(super) fn leases(
    message: &Packet<'_>,
    wanted: &[Association],
    needs: Option<AssociationKind>,
    source: IpAddr,
) -> Found {
    let status = message.status().filter(Status::is_failure);
    let refuses = |one: &Association| status.filter(|status| refuses(status, one.kind));
    if let Some(status) = status.filter(|_| wanted.iter().all(|one| refuses(one).is_some())) {
        return Found { usable: Vec::new(), refusal: Some(status.to_string()), useless: None, unneeded: None };
    }
    let found = |one: &Association| match refuses(one) {
        Some(status) => Err(Missing::Refused(status.to_string())),
        None => association(message, one, source),
    };
    let each: Vec<_> = wanted.iter().map(|one| (one, found(one))).collect();
    let usable: Vec<_> = each.iter().filter_map(|(_, found)| found.as_ref().ok().cloned()).collect();
    let is_needed = |one: &Association| needs.is_none_or(|kind| kind == one.kind);
    let missing = each.into_iter().filter_map(|(one, found)| Some((one, found.err()?)));
    let (missing, unneeded): (Vec<_>, Vec<_>) = missing.partition(|(one, _)| is_needed(one));
    let missing = missing.into_iter().next();
    let unneeded = unneeded.into_iter().next();
    let unneeded = unneeded.map(|(one, why)| Remark::new(&rules::UNNEEDED, why.words(one.kind)));
    let (refusal, useless) = match missing {
        None => (None, None),
        Some((_, Missing::Refused(status))) => (Some(status), None),
        // There is something to live on, though not all that was asked for.
        Some((one, why)) if !usable.is_empty() => (Some(why.words(one.kind)), None),
        Some((one, why)) => (None, Some(why.discard(one.kind))),
    };
    Found { usable, refusal, useless, unneeded }
}

/// Whether a status of the message says no to associations of this kind: that there are no addresses says nothing of prefixes.
fn refuses(status: &Status<'_>, kind: AssociationKind) -> bool {
    match status.code {
        StatusCode::NO_ADDRS_AVAIL => kind == AssociationKind::Addresses,
        StatusCode::NO_PREFIX_AVAIL => kind == AssociationKind::Prefixes,
        _ => true,
    }
}

/// Why nothing of an association is usable.
#[derive(Debug)]
enum Missing {
    /// Its status says no.
    Refused(String),
    /// It is not there, or empty.
    Nothing,
    /// There are only others.
    Others,
    /// Clients discard what is in it.
    Discarded(Discard),
}

impl Missing {
    fn discard(self, kind: AssociationKind) -> Discard {
        match self {
            Self::Discarded(discard) => discard,
            Self::Others => Rejection::OtherAssociation.into(),
            nothing => Discard::because(Rejection::NothingGiven, nothing.words(kind)),
        }
    }

    fn words(self, kind: AssociationKind) -> String {
        let nothing = match kind {
            AssociationKind::Addresses => "no address in it",
            AssociationKind::Prefixes => "no prefix in it",
        };
        match self {
            Self::Refused(status) => status,
            Self::Nothing => nothing.to_owned(),
            Self::Others => Rejection::OtherAssociation.words().to_owned(),
            Self::Discarded(discard) => discard.found.unwrap_or_else(|| discard.reason.words().to_owned()),
        }
    }
}

/// What clients take of one association.
fn association(message: &Packet<'_>, wanted: &Association, source: IpAddr) -> Result<Association, Missing> {
    let of_this_kind = || message.associations().filter(|granted| granted.kind == wanted.kind);
    let ours: Vec<_> = of_this_kind().filter(|granted| granted.iaid == wanted.iaid).collect();
    if ours.is_empty() && of_this_kind().any(|granted| !granted.items.is_empty()) {
        return Err(Missing::Others);
    }
    let refused = ours.iter().find(|granted| granted.items.is_empty() || granted.is_refused);
    let status = refused.and_then(|granted| granted.status.filter(Status::is_failure));
    let mut why = status.map_or(Missing::Nothing, |status| Missing::Refused(status.to_string()));
    for granted in ours.into_iter().filter(|granted| !granted.is_refused) {
        match usable(&granted, source) {
            Ok(found) if !found.items.is_empty() => return Ok(found),
            Ok(_) => {}
            Err(discard) => why = Missing::Discarded(discard),
        }
    }
    Err(why)
}

/// An association without what clients discard; if nothing is left, the reason for the last.
fn usable(granted: &Granted<'_>, source: IpAddr) -> Result<Association, Discard> {
    let Granted { kind, iaid, t1, t2, .. } = *granted;
    if t2 != 0 && t1 > t2 {
        let found = format!("{} with T1 {t1} s after T2 {t2} s", name(kind));
        return Err(Discard::because(Rejection::Lifetimes, found));
    }
    let checked: Vec<_> = granted.items.iter().map(|item| check(kind, item, source).map(|()| *item)).collect();
    let items: Vec<_> = checked.iter().filter_map(|item| item.as_ref().ok().copied()).collect();
    match checked.into_iter().find_map(Result::err) {
        Some(discard) if items.is_empty() => Err(discard),
        _ => Ok(Association { kind, iaid, t1, t2, items }),
    }
}

fn name(kind: AssociationKind) -> &'static str {
    match kind {
        AssociationKind::Addresses => "IA_NA",
        AssociationKind::Prefixes => "IA_PD",
    }
}

/// What makes clients discard an address or a prefix.
fn check(kind: AssociationKind, item: &Item, source: IpAddr) -> Result<(), Discard> {
    let Item { address, prefix_length, preferred, valid } = *item;
    let is_prefix = kind == AssociationKind::Prefixes;
    let shown = if is_prefix { format!("{address}/{prefix_length}") } else { address.to_string() };
    if is_prefix && !(1..=128).contains(&prefix_length) {
        return Err(Discard::because(Rejection::PrefixLength, format!("{shown}, a prefix length that cannot be")));
    }
    if let Some(why) = why_not(address, source, is_prefix) {
        return Err(Discard::because(Rejection::Address, format!("{shown}, {why}")));
    }
    let found = match () {
        () if valid == 0 => format!("{shown} with a valid lifetime of 0"),
        () if preferred > valid => format!("{shown}, preferred for {preferred} s but valid for {valid} s only"),
        () => return Ok(()),
    };
    Err(Discard::because(Rejection::Lifetimes, found))
}

/// Why no client can have this address, if none can.
#[must_use]
pub fn why_no_address(address: Ipv6Addr) -> Option<&'static str> {
    why_not(address, Ipv6Addr::UNSPECIFIED.into(), false)
}

/// Why no client can have this address or prefix.
fn why_not(address: Ipv6Addr, source: IpAddr, is_prefix: bool) -> Option<&'static str> {
    match () {
        () if address.is_unspecified() && is_prefix => Some("which is no prefix"),
        () if address.is_unspecified() => Some("which is no address"),
        () if address.is_multicast() && is_prefix => Some("a multicast prefix"),
        () if address.is_multicast() => Some("a multicast address"),
        () if address.is_loopback() => Some("the loopback address"),
        () if address.is_unicast_link_local() && is_prefix => Some("the link-local prefix"),
        () if IpAddr::V6(address) == source => Some("the server's own address"),
        () if address.is_unicast_link_local() => Some("a link-local address"),
        () => None,
    }
}

/// More about the form of one packet is not kept.
const MOST_OF_FORM: usize = 16;

/// What is not as it should be, though clients use it.
pub(super) fn remarks(packet: &Packet<'_>, usable: &[Association]) -> Vec<Remark> {
    let times = usable.iter().filter_map(late_times);
    let prefixes = usable.iter().filter(|one| one.kind == AssociationKind::Prefixes).flat_map(|one| &one.items);
    let faults = packet.anomalies.iter().filter(|anomaly| Anomaly::is_fault(anomaly)).take(MOST_OF_FORM);
    let form = faults.map(|anomaly| Remark::new(&rules::FORM, anomaly.to_string()));
    times.chain(prefixes.filter_map(odd_prefix)).chain(form).collect()
}

/// T1 or T2 when everything is over already.
fn late_times(one: &Association) -> Option<Remark> {
    let Association { kind, t1, t2, .. } = *one;
    let valid = one.items.iter().map(|item| item.valid).max()?;
    let is_late = |time: u32| time != u32::MAX && time > valid;
    (is_late(t1) || is_late(t2)).then(|| {
        let found = format!("{} with T1 {t1} s, T2 {t2} s, valid for {valid} s only", name(kind));
        Remark::new(&rules::TIMES6, found)
    })
}

fn odd_prefix(item: &Item) -> Option<Remark> {
    let Item { address, prefix_length, .. } = *item;
    let host_bits = u128::from(address).checked_shl(prefix_length.into()).unwrap_or(0);
    let why = match () {
        () if host_bits != 0 => "which has bits beyond its length",
        () if prefix_length > 64 => "too long for a link of its own",
        () => return None,
    };
    Some(Remark::new(&rules::PREFIX, format!("{address}/{prefix_length}, {why}")))
}

#[cfg(test)]
mod tests;
