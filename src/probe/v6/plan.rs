//! What an exchange is to do.

use std::net::{Ipv6Addr, SocketAddrV6};

use crate::dhcp::v6::{ALL_SERVERS, Association, AssociationKind, MessageType, Opt, Relay, SERVER_PORT};
use crate::probe::{Identity, Schedule, Until};

/// Everything an exchange has to know before it starts.
#[derive(Debug, Clone)]
pub struct ProbePlanV6 {
    /// Which of the links to use.
    pub link: usize,
    /// Where to: `ff02::1:2` port 547, or a server or relay agent.
    pub to: SocketAddrV6,
    /// The source address, if it matters.
    pub source: Option<Ipv6Addr>,
    /// The client's DUID; empty for a client that does not say who it is.
    pub client: Vec<u8>,
    /// What is asked for or, in a Renew, Confirm, Release and the like, spoken of.
    pub associations: Vec<Association>,
    /// What of that an answer must give; all of it, if nothing is said.
    pub needs: Option<AssociationKind>,
    /// More options for each message, a Release after an exchange excepted: option request, user class. One that the
    /// message would have by itself takes that one's place.
    pub options: Vec<Opt>,
    /// Envelopes to put around each message, the innermost first: we play the relay agents.
    pub relays: Vec<Relay>,
    /// Transaction id of the first message; later messages get others.
    pub xid: u32,
    /// What the elapsed time begins with, in hundredths of a second.
    pub elapsed: u16,
    /// When the first message is sent again; the Request of a whole exchange, too.
    pub schedule: Schedule,
    /// What chance follows.
    pub seed: u64,
    /// When the first message is answered enough.
    pub until: Until,
    /// Of several that offer, one of these gets the Request, if there is one.
    pub prefers: Vec<Identity>,
    /// The DUID of the server that is spoken to: only its answers count. Request, Renew, Decline and Release need one.
    pub server: Option<Vec<u8>>,
    /// The address that answers must come from.
    pub from: Option<Ipv6Addr>,
    /// What the server gave stays with the client; without this it gets a Release.
    pub keep: bool,
    /// The octets of the first message, whatever the rest of this says; that says then whose answers count.
    pub verbatim: Option<Vec<u8>>,
}

impl ProbePlanV6 {
    /// A client with this DUID that asks all servers of its link for nothing yet.
    #[must_use]
    pub fn new(client: Vec<u8>, schedule: Schedule) -> Self {
        Self {
            link: 0,
            to: SocketAddrV6::new(ALL_SERVERS, SERVER_PORT, 0, 0),
            source: None,
            client,
            associations: Vec::new(),
            needs: None,
            options: Vec::new(),
            relays: Vec::new(),
            xid: 0,
            elapsed: 0,
            schedule,
            seed: 0,
            until: Until::First,
            prefers: Vec::new(),
            server: None,
            from: None,
            keep: false,
            verbatim: None,
        }
    }

    /// The transaction id as the first message has it: 24 bits.
    pub(super) fn first_xid(&self) -> u32 {
        self.xid & 0x00ff_ffff
    }
}

/// Which exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeModeV6 {
    /// Solicit and Advertise; no lease is taken.
    Solicit,
    /// Solicit, Advertise, Request, Reply; Release.
    Full,
    /// Solicit with Rapid Commit, Reply; Release. A server that advertises instead gets a Request.
    Rapid,
    /// Information-request and Reply.
    InformationRequest,
    /// Request and Reply; Release.
    Request,
    /// Whether addresses still fit their link.
    Confirm,
    /// More time from the server that gave them.
    Renew,
    /// More time from any server.
    Rebind,
    /// Another host uses them.
    Decline,
    /// They are not needed any more.
    Release,
    /// A message of any type, and every Advertise, Reply or Reconfigure to it.
    Other(MessageType),
}

impl ProbeModeV6 {
    /// The message it begins with.
    #[must_use]
    pub fn first(self) -> MessageType {
        match self {
            Self::Solicit | Self::Full | Self::Rapid => MessageType::SOLICIT,
            Self::InformationRequest => MessageType::INFORMATION_REQUEST,
            Self::Request => MessageType::REQUEST,
            Self::Confirm => MessageType::CONFIRM,
            Self::Renew => MessageType::RENEW,
            Self::Rebind => MessageType::REBIND,
            Self::Decline => MessageType::DECLINE,
            Self::Release => MessageType::RELEASE,
            Self::Other(kind) => kind,
        }
    }

    /// Whether it may leave a lease that is to be given back.
    #[must_use]
    pub fn takes_leases(self) -> bool {
        matches!(self, Self::Full | Self::Rapid | Self::Request | Self::Renew | Self::Rebind)
    }
}
