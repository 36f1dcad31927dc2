//! What a client makes of an answer that is not as the RFCs want it: one row for each rule.
//!
//! What a client must discard, or cannot live on, is a [`Rejection`]: it is no answer, and is counted by its reason. What
//! clients use in spite of a fault gets a [`Remark`]: the answer counts, and the fault is named with it. Which of the two it
//! is was measured with udhcpc, dhclient and dhclient -6 (`tests/system/clients`): an answer counts where all of them take
//! the lease. Where they do not agree, or an RFC asks for more than they do, the row says what decides.

use std::fmt;

/// A row: its name in machine formats, which never changes; words for people; where it is written.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// For programs.
    pub name: &'static str,
    /// For people: what is wrong.
    pub words: &'static str,
    /// The RFC and its section; empty where it needs none.
    pub reference: &'static str,
}

const fn rule(name: &'static str, words: &'static str, reference: &'static str) -> Rule {
    Rule { name, words, reference }
}

/// Why a datagram is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rejection {
    /// It has no octets.
    Empty,
    /// It ends within its header or within an option that matters.
    Truncated,
    /// It is not of the protocol: no magic cookie, no such message.
    NotDhcp,
    /// A client's or a relay's message (op 1).
    NotAnAnswer,
    /// Another transaction number.
    OtherTransaction,
    /// Another client's hardware address or DUID.
    OtherClient,
    /// An answer of a type that is not waited for.
    OtherType,
    /// Not from the server that was asked.
    OtherServer,
    /// For another relay agent than the one that asked, or for another client or link of its.
    OtherRelay,
    /// Something else in it cannot be.
    Malformed,
    /// Its IP or UDP checksum is wrong.
    Checksum,
    /// Its IP or UDP length does not fit.
    Length,
    /// It came in fragments, to a client that sees only frames.
    Fragments,
    /// Its frame is for another host.
    OtherHost,
    /// DHCPv6: sent to a group of hosts.
    Multicast,
    /// In a frame of another virtual network.
    OtherVlan,
    /// DHCPv4: the client identifier of another client.
    OtherClientId,
    /// DHCPv4: no option 53.
    NoType,
    /// It gives an address that no client can use.
    Address,
    /// DHCPv4: an ACK without lease time, or with 0.
    LeaseTime,
    /// DHCPv6: times of an association, an address or a prefix that make clients discard it.
    Lifetimes,
    /// DHCPv6: a prefix length of 0, or of more than 128.
    PrefixLength,
    /// DHCPv6: only associations that were not asked for.
    OtherAssociation,
    /// DHCPv6: no association, or none with something in it.
    NothingGiven,
}

/// Each [`Rejection`] and its rule, in the same order. RFC 2131 says of DHCPv4 what a client does with an answer, RFC 8415
/// of DHCPv6.
const REJECTIONS: [(Rejection, Rule); 24] = [
    (Rejection::Empty, rule("empty", "no octet in it", "")),
    // At the end of a DHCPv4 packet a cut option is a remark: all clients take what comes before.
    (Rejection::Truncated, rule("truncated", "it is cut short", "RFC 2131 section 2, RFC 8415 section 21.1")),
    // dhclient takes it for a BOOTP reply, udhcpc does not.
    (Rejection::NotDhcp, rule("not-dhcp", "no DHCP packet", "RFC 2131 section 3, RFC 8415 section 7.3")),
    // udhcpc and dhclient do not look at op; the RFC's table, and other clients, do.
    (Rejection::NotAnAnswer, rule("not-an-answer", "a request, not an answer", "RFC 2131 section 4.3.1, table 3")),
    (Rejection::OtherTransaction, rule("other-transaction", "another transaction", "")),
    (Rejection::OtherClient, rule("other-client", "for another client", "")),
    (Rejection::OtherType, rule("other-type", "a type that does not answer what was sent", "")),
    (Rejection::OtherServer, rule("other-server", "from another server", "")),
    // A relay agent delivers nothing else; in DHCPv6 it goes by the interface's identifier, the link and the peer.
    (Rejection::OtherRelay, rule("other-relay", "for another relay", "RFC 1542 section 4.1.2, RFC 8415 section 19.2")),
    (Rejection::Malformed, rule("malformed", "malformed", "RFC 8415 section 16")),
    (Rejection::Checksum, rule("wrong-checksum", "wrong IP or UDP checksum", "RFC 1122 sections 3.2.1.2, 4.1.3.4")),
    (Rejection::Length, rule("wrong-length", "IP and UDP lengths do not fit", "RFC 768, RFC 791 section 3.1")),
    // A client without an address reads frames, and puts none together.
    (Rejection::Fragments, rule("fragments", "in fragments, for a client without address", "RFC 2132 section 9.10")),
    // A client's card does not take it; where cards take everything, as virtual ones do, so do udhcpc and dhclient.
    (Rejection::OtherHost, rule("other-host", "in a frame for another host", "RFC 1122 section 2.3.3")),
    // dhclient -6 listens at its link-local address, which hears nothing of it.
    (
        Rejection::Multicast,
        rule(
            "multicast",
            "sent to a multicast address, where clients do not listen",
            "RFC 8415 sections 18.3.9, 18.3.10",
        ),
    ),
    // dhclient does not take it, udhcpc does not look; a host takes what has no tag, or one with a priority only.
    (Rejection::OtherVlan, rule("other-vlan", "in another VLAN", "IEEE 802.1Q")),
    // udhcpc and dhclient do not look at it; RFC 6842 says MUST.
    (Rejection::OtherClientId, rule("other-client-id", "client identifier of another client", "RFC 6842 section 3")),
    // dhclient takes it for a BOOTP reply, udhcpc does not.
    (Rejection::NoType, rule("no-message-type", "no message type, option 53", "RFC 2131 section 3")),
    // udhcpc and dhclient ask the kernel for any address; it is of no use then.
    (
        Rejection::Address,
        rule("unusable-address", "an address that no client can use", "RFC 1122 section 3.2.1.3, RFC 4291 section 2"),
    ),
    // udhcpc takes an hour, dhclient refuses.
    (Rejection::LeaseTime, rule("no-lease-time", "an ACK without lease time", "RFC 2131 section 4.3.1, table 3")),
    (
        Rejection::Lifetimes,
        rule("unusable-lifetimes", "times that make clients discard it", "RFC 8415 sections 21.4, 21.6, 21.21, 21.22"),
    ),
    (
        Rejection::PrefixLength,
        rule("unusable-prefix-length", "a prefix length that cannot be", "RFC 8415 section 21.22"),
    ),
    // dhclient -6 takes any; the RFC knows an association by its number alone.
    (
        Rejection::OtherAssociation,
        rule("other-association", "an association (IAID) that was not asked for", "RFC 8415 section 12"),
    ),
    (Rejection::NothingGiven, rule("nothing-given", "no address or prefix in it", "RFC 8415 sections 18.2.9, 18.2.10")),
];

impl Rejection {
    /// How many reasons there are.
    pub(super) const COUNT: usize = REJECTIONS.len();

    /// Every reason.
    #[must_use]
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        REJECTIONS.iter().map(|(reason, _)| *reason)
    }

    /// Whether the client's host does not pass it on: it says nothing of the server.
    #[must_use]
    pub fn is_of_delivery(self) -> bool {
        matches!(
            self,
            Self::Checksum | Self::Length | Self::Fragments | Self::OtherHost | Self::Multicast | Self::OtherVlan
        )
    }

    fn rule(self) -> &'static Rule {
        &REJECTIONS[self as usize].1
    }

    /// Its name in machine formats; never changes.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.rule().name
    }

    /// What is wrong with such a datagram, for a sentence: `1 datagram ignored: …`.
    #[must_use]
    pub fn words(self) -> &'static str {
        self.rule().words
    }

    /// Where it is written that it is wrong; empty where that needs no RFC.
    #[must_use]
    pub fn reference(self) -> &'static str {
        self.rule().reference
    }
}

/// Why a datagram is no answer, with what was found in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discard {
    /// The rule.
    pub reason: Rejection,
    /// What was found, in place of the rule's words.
    pub found: Option<String>,
}

impl Discard {
    /// By this rule, for what was found.
    pub(super) fn because(reason: Rejection, found: impl Into<String>) -> Self {
        Self { reason, found: Some(found.into()) }
    }
}

impl Discard {
    /// Because its frame is in another virtual network than the message that was sent.
    pub(super) fn of_vlan(vlan: Option<u16>) -> Self {
        let tag = vlan.filter(|vlan| *vlan != 0);
        let found = tag.map_or_else(|| "in no VLAN".to_owned(), |vlan| format!("in VLAN {vlan}"));
        Self::because(Rejection::OtherVlan, found)
    }
}

impl fmt::Display for Discard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.found.as_deref().unwrap_or(self.reason.words());
        match self.reason.reference() {
            "" => f.write_str(words),
            reference => write!(f, "{words} ({reference})"),
        }
    }
}

impl From<Rejection> for Discard {
    fn from(reason: Rejection) -> Self {
        Self { reason, found: None }
    }
}

/// Something about an answer that is not as it should be, though all clients use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The rule that it breaks.
    pub rule: &'static Rule,
    /// What was found.
    pub found: String,
}

impl Remark {
    pub(super) fn new(rule: &'static Rule, found: impl Into<String>) -> Self {
        Self { rule, found: found.into() }
    }

    /// Whether it is of the form of an option only, which is for those who want to see everything.
    #[must_use]
    pub fn is_of_form(&self) -> bool {
        *self.rule == FORM
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rule.reference {
            "" => f.write_str(&self.found),
            reference => write!(f, "{} ({reference})", self.found),
        }
    }
}

/// An OFFER without lease time, or with 0: udhcpc and dhclient look at the ACK's.
pub(super) static OFFER_LEASE_TIME: Rule =
    rule("offer-lease-time", "an OFFER without lease time", "RFC 2131 section 4.3.1, table 3: MUST");
/// T1, T2 and the lease time out of order (DHCPv4): clients use their own shares of the lease time.
pub(super) static TIMES: Rule = rule("times", "T1, T2 and lease time out of order", "RFC 2131 section 4.4.5");
/// T1 and T2 beyond the lifetimes (DHCPv6).
pub(super) static TIMES6: Rule = rule("times", "T1 or T2 beyond the lifetimes", "RFC 8415 section 21.4");
/// Option 54 absent, or no address of a server: clients use the sender's address, or what is there.
pub(super) static SERVER_ID: Rule = rule("server-id", "no server identifier", "RFC 2131 section 4.3.1, table 3: MUST");
/// Another address than the one that was offered, or asked for.
pub(super) static OTHER_ADDRESS: Rule =
    rule("other-address", "another address than asked for", "RFC 2131 section 4.3.2");
/// An answer to a request that named another server.
pub(super) static OTHER_SERVER: Rule = rule(
    "other-server",
    "another server than the one that was asked",
    "RFC 2131 section 3.1, RFC 8415 section 18.2.10",
);
/// Addresses that are reserved, but that Linux takes.
pub(super) static RESERVED: Rule = rule("reserved-address", "a reserved address", "RFC 6890 section 2.2.2");
/// A subnet mask that is 0, or not ones and then zeros: clients take the address with a network that the system makes up.
pub(super) static MASK: Rule =
    rule("subnet-mask", "an impossible subnet mask", "RFC 950 section 2.1, RFC 4632 section 3.1");
/// Longer than a client that does not say otherwise must take; udhcpc takes no more than 656 octets.
pub(super) static LONG: Rule = rule("long", "longer than 576 octets", "RFC 2132 section 9.10");
/// Fragments, where a client that has its address puts them together.
pub(super) static FRAGMENTS: Rule = rule("fragments", "in fragments", "RFC 2132 section 9.10");
/// An association that was asked for in addition, and that gives nothing.
pub(super) static UNNEEDED: Rule = rule("nothing-else", "nothing but what is needed", "RFC 8415 section 18.2.10.1");
/// Delegated prefixes that are of little use.
pub(super) static PREFIX: Rule = rule("prefix", "an odd prefix", "RFC 8415 section 21.22");
/// What is wrong with the form of the packet or of an option.
pub(super) static FORM: Rule = rule("form", "malformed", "");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_own_row() {
        for (place, reason) in Rejection::all().enumerate() {
            assert_eq!(place, reason as usize, "{reason:?}");
        }
        let mut names: Vec<_> = Rejection::all().map(Rejection::name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Rejection::COUNT, "no two names are equal");
    }
}
