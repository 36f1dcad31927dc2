//! The command line's part for DHCPv6.

use std::net::Ipv6Addr;
use std::str::FromStr;

use crate::cli::hardware::{Duid, address6};
use crate::dhcp::v6::{Association, AssociationKind, Item};

/// What DHCPv6 has and DHCPv4 has not.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "DHCPv6")]
pub(super) struct V6Args {
    /// DHCPv6: a Solicit, or what --message says: request, renew, rebind, confirm, release, decline, information-request
    #[arg(short = '6')]
    pub(super) v6: bool,
    /// The whole exchange: Solicit, Request, then Release
    #[arg(long, conflicts_with_all = ["kind", "hex", "replay", "listen", "wait", "compare", "dora"])]
    pub(super) sarr: bool,
    /// Allow the server to grant the lease in its first answer
    #[arg(long, hide_short_help = true)]
    pub(super) rapid_commit: bool,
    /// The client's DUID: llt@SECONDS:MAC, en:NUMBER:HEX, ll:MAC, uuid:UUID or hex [default: ll: and the address of --mac]
    #[arg(long, value_name = "DUID", hide_short_help = true)]
    pub(super) duid: Option<Duid>,
    /// DUID of the server that the message is for; only its answers count
    #[arg(long, value_name = "DUID", hide_short_help = true)]
    pub(super) server_duid: Option<Duid>,
    /// Request an address, or these addresses, with this IAID. Repeatable [default: one, with the IAID 1]
    #[arg(long, value_name = "IAID[,ADDRESS]...", num_args = 0..=1, default_missing_value = "1", hide_short_help = true)]
    pub(super) ia_na: Vec<Addresses>,
    /// Request a delegated prefix, or these prefixes, with this IAID. Repeatable
    #[arg(long, value_name = "IAID[,PREFIX/LENGTH]...", num_args = 0..=1, default_missing_value = "1", hide_short_help = true)]
    pub(super) ia_pd: Vec<Prefixes>,
    /// Act as a relay agent: send messages in a Relay-forward with this link address
    #[arg(long, value_name = "ADDRESS", value_parser = address6, hide_short_help = true)]
    pub(super) relay: Option<Ipv6Addr>,
    /// With --relay: peer address, which is the address of the client
    #[arg(long, value_name = "ADDRESS", default_value = "fe80::1", value_parser = address6, requires = "relay", hide_short_help = true)]
    pub(super) peer: Ipv6Addr,
    /// With --relay: an option of the Relay-forward, such as interface-id=eth0. Repeatable
    #[arg(long, value_name = "CODE[FORMAT]=VALUE", requires = "relay", hide_short_help = true)]
    pub(super) relay_option: Vec<String>,
}

impl V6Args {
    /// Whether any of these is used.
    pub(super) fn is_given(&self) -> bool {
        let Self { v6, sarr, rapid_commit, duid, server_duid, ia_na, ia_pd, relay, .. } = self;
        let has_identity = duid.is_some() || server_duid.is_some();
        *v6 || *sarr || *rapid_commit || has_identity || !ia_na.is_empty() || !ia_pd.is_empty() || relay.is_some()
    }

    /// What is asked for, as far as it is said.
    pub(super) fn associations(&self) -> Vec<Association> {
        let addresses = self.ia_na.iter().map(|typed| typed.0.clone());
        addresses.chain(self.ia_pd.iter().map(|typed| typed.0.clone())).collect()
    }
}

/// An `IA_NA`: `IAID[,ADDRESS]...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Addresses(Association);

impl FromStr for Addresses {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let item = |text: &str| text.parse().ok().map(|address| item(address, 128));
        association(AssociationKind::Addresses, text, item).map(Self).ok_or_else(|| {
            "expected a number up to 4294967295, and addresses if there are any, such as 1 or 1,2001:db8::5".into()
        })
    }
}

/// An `IA_PD`: `IAID[,PREFIX/LENGTH]...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prefixes(Association);

impl FromStr for Prefixes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let prefix = |text: &str| {
            let (address, length) = text.split_once('/')?;
            let length = length.parse().ok().filter(|length| *length <= 128)?;
            Some(item(address.parse().ok()?, length))
        };
        association(AssociationKind::Prefixes, text, prefix).map(Self).ok_or_else(|| {
            "expected a number up to 4294967295, and prefixes if there are any, such as 1 or 1,2001:db8:100::/56".into()
        })
    }
}

fn item(address: Ipv6Addr, prefix_length: u8) -> Item {
    Item { address, prefix_length, preferred: 0, valid: 0 }
}

fn association(kind: AssociationKind, text: &str, item: impl Fn(&str) -> Option<Item>) -> Option<Association> {
    let (iaid, rest) = text.split_once(',').map_or((text, None), |(iaid, rest)| (iaid, Some(rest)));
    let items = rest.map_or_else(|| Some(Vec::new()), |rest| rest.split(',').map(item).collect());
    Some(Association { items: items?, ..Association::new(kind, iaid.trim().parse().ok()?) })
}
