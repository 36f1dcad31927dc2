//! Which messages there are, and which exchanges are made of them.

use crate::family::Family;

/// A message that the generator sends, in either family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum LoadMessage {
    /// DHCPDISCOVER.
    Discover,
    /// Solicit.
    Solicit,
    /// DHCPREQUEST of an offer; Request.
    Request,
    /// DHCPREQUEST to the server of the lease; Renew.
    Renew,
    /// DHCPREQUEST to all servers; Rebind.
    Rebind,
    /// DHCPINFORM.
    Inform,
    /// Information-request.
    InformationRequest,
    /// DHCPRELEASE, which is not answered; Release.
    Release,
}

impl LoadMessage {
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// All, in the order of reports.
    pub const ALL: [Self; 8] = [
        Self::Discover,
        Self::Solicit,
        Self::Request,
        Self::Renew,
        Self::Rebind,
        Self::Inform,
        Self::InformationRequest,
        Self::Release,
    ];

    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Discover => "discover",
            Self::Solicit => "solicit",
            Self::Request => "request",
            Self::Renew => "renew",
            Self::Rebind => "rebind",
            Self::Inform => "inform",
            Self::InformationRequest => "information-request",
            Self::Release => "release",
        }
    }

    /// The message of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|message| message.name() == name)
    }

    /// Whether servers answer it.
    #[must_use]
    pub fn is_answered(self, family: Family) -> bool {
        self != Self::Release || family == Family::V6
    }
}

/// A sequence of messages of one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchange {
    /// DISCOVER, OFFER, REQUEST, ACK.
    Dora,
    /// DISCOVER and OFFER; takes no lease.
    Discover,
    /// INFORM and ACK; takes no lease.
    Inform,
    /// Solicit, Advertise, Request, Reply.
    Sarr,
    /// Solicit and Advertise; takes no lease.
    Solicit,
    /// Solicit with Rapid Commit, and Reply.
    Rapid,
    /// Information-request and Reply; takes no lease.
    InformationRequest,
    /// The lease that the client has, from its server.
    Renew,
    /// The same from any server.
    Rebind,
    /// The end of that lease.
    Release,
}

impl Exchange {
    /// Those that a user may choose, with the name and the family.
    pub const CHOICES: [(&'static str, Self, Family); 7] = [
        ("dora", Self::Dora, Family::V4),
        ("discover", Self::Discover, Family::V4),
        ("inform", Self::Inform, Family::V4),
        ("sarr", Self::Sarr, Family::V6),
        ("solicit", Self::Solicit, Family::V6),
        ("rapid", Self::Rapid, Family::V6),
        ("info-request", Self::InformationRequest, Family::V6),
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        let chosen = Self::CHOICES.iter().find(|(_, exchange, _)| *exchange == self);
        chosen.map_or_else(|| self.first().name(), |(name, ..)| name)
    }

    /// The message it begins with.
    #[must_use]
    pub fn first(self) -> LoadMessage {
        match self {
            Self::Dora | Self::Discover => LoadMessage::Discover,
            Self::Inform => LoadMessage::Inform,
            Self::Sarr | Self::Solicit | Self::Rapid => LoadMessage::Solicit,
            Self::InformationRequest => LoadMessage::InformationRequest,
            Self::Renew => LoadMessage::Renew,
            Self::Rebind => LoadMessage::Rebind,
            Self::Release => LoadMessage::Release,
        }
    }

    /// Whether a REQUEST follows a first answer that only offers.
    #[must_use]
    pub fn has_request(self) -> bool {
        matches!(self, Self::Dora | Self::Sarr | Self::Rapid)
    }

    /// Whether it needs a lease that the client has.
    #[must_use]
    pub fn needs_lease(self) -> bool {
        matches!(self, Self::Renew | Self::Rebind | Self::Release)
    }

    /// Whether the client may have a lease afterwards.
    #[must_use]
    pub fn takes_lease(self) -> bool {
        matches!(self, Self::Dora | Self::Sarr | Self::Rapid)
    }
}
