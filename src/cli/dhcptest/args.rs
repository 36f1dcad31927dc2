//! The command line: dhcptest's own options, then what goes beyond it.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser};

use super::v6_args::V6Args;
use crate::cli::args::words::words;
use crate::cli::hardware::{Hardware, address, address4};
use crate::cli::number::{self, number};
use crate::dhcp::v4::PADDED;
use crate::dhcp::{self, v6};
use crate::error::{Error, Result};
use crate::output::probe::printer::PacketFormat;
use crate::probe::query::profiles;
use crate::probe::v4;

pub(super) const NAME: &str = "dhcptest";

/// In place of a profile: prints them all.
pub(super) const LIST: &str = "list";

const EXAMPLES: &str = "Examples:
  dhcptest --query --iface eth0                  one DISCOVER, the first answer
  dhcptest --dora --profile windows              whole exchange of a client
  dhcptest --compare --iface eth0                offers of all servers
  dhcptest -6 --sarr --iface eth0                DHCPv6
  dhcptest --query --expect 'option:6 contains 192.0.2.53'

Exit status: 0 answered and as expected, 1 not, 2 unknown.";

/// Send any DHCP message with any options, and print every answer
///
/// Without --query, or another option that selects an action, commands are read from the terminal: d sends a DISCOVER,
/// h lists the others. See dhcptest(8).
#[derive(Debug, Parser)]
#[command(name = NAME, version, disable_help_flag = true, disable_version_flag = true, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) task: TaskArgs,
    #[command(flatten)]
    pub(super) link: LinkArgs,
    #[command(flatten)]
    pub(super) message: MessageArgs,
    #[command(flatten)]
    pub(super) v6: V6Args,
    #[command(flatten)]
    pub(super) wait: WaitArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// Print the usual options; --help all prints every option
    #[arg(short, long, action = ArgAction::HelpShort, help_heading = "Other")]
    pub(super) help: Option<bool>,
    /// Print version
    #[arg(short = 'V', long, action = ArgAction::Version, help_heading = "Other")]
    pub(super) version: Option<bool>,
}

/// Options that describe a message; invalid if the octets are given or nothing is sent.
const DESCRIPTION: [&str; 22] = [
    "kind",
    "options",
    "requested",
    "profile",
    "mac",
    "secs",
    "giaddr",
    "ciaddr",
    "flags",
    "hops",
    "htype",
    "hlen",
    "sname",
    "file",
    "pad",
    "rapid_commit",
    "duid",
    "server_duid",
    "ia_na",
    "ia_pd",
    "relay",
    "peer",
];
/// Options that are invalid if nothing is sent and every packet is printed.
const QUESTION: [&str; 15] = [
    "query",
    "wait",
    "keep",
    "hex",
    "replay",
    "repeat",
    "tries",
    "expect",
    "print_only",
    "v6",
    "bind",
    "target",
    "bind_port",
    "target_port",
    "source_mac",
];

/// The action.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Action")]
pub(super) struct TaskArgs {
    /// Send a message, print the first answer and exit, instead of reading commands
    #[arg(long)]
    pub(super) query: bool,
    /// Wait for all answers until the timeout, and list their servers
    #[arg(long, hide_short_help = true)]
    pub(super) wait: bool,
    /// The whole exchange: DISCOVER, REQUEST, then RELEASE
    #[arg(long, alias = "full", conflicts_with_all = ["kind", "hex", "replay", "listen", "wait"])]
    pub(super) dora: bool,
    /// With --dora or --sarr: keep the lease
    #[arg(long, hide_short_help = true)]
    pub(super) keep: bool,
    /// Wait for all offers and print them in columns; fields that differ come first
    #[arg(long, conflicts_with_all = ["dora", "listen"])]
    pub(super) compare: bool,
    /// Send the octets in this file, which are in hexadecimal; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "replay", conflicts_with_all = DESCRIPTION, hide_short_help = true)]
    pub(super) hex: Option<PathBuf>,
    /// Send the clients' messages of this packet capture, one after the other
    #[arg(long, value_name = "PCAP", conflicts_with_all = DESCRIPTION, hide_short_help = true)]
    pub(super) replay: Option<PathBuf>,
    /// Send nothing, print all DHCP and DHCPv6 packets on the interface
    #[arg(long, conflicts_with_all = QUESTION, conflicts_with_all = DESCRIPTION)]
    pub(super) listen: bool,
    /// With --listen: only packets from or about this hardware address
    #[arg(long, value_name = "MAC", requires = "listen", hide_short_help = true)]
    pub(super) only_mac: Option<Hardware>,
    /// With --listen: only messages of this type. Repeatable
    #[arg(long, value_name = "TYPE", requires = "listen", value_parser = words(SENT, message_type), hide_possible_values = true, hide_short_help = true)]
    pub(super) only_type: Vec<String>,
    /// Number of repetitions
    #[arg(long, alias = "count", value_name = "N", default_value_t = 1, value_parser = number::<u32>("a whole number", 1..=100_000), hide_short_help = true)]
    pub(super) repeat: u32,
}

/// Interface and addresses.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Interface and addresses")]
pub(super) struct LinkArgs {
    /// Interface to use
    #[arg(long, alias = "interface", short_aliases = ['I', 'i'], value_name = "NAME")]
    pub(super) iface: Option<String>,
    /// Address of this host to send from and to listen on
    #[arg(long, value_name = "IP", default_value = "0.0.0.0", hide_default_value = true, value_parser = address, hide_short_help = true)]
    pub(super) bind: IpAddr,
    /// Send to this address instead of all servers
    #[arg(long, alias = "server", value_name = "IP", default_value = "255.255.255.255", hide_default_value = true, value_parser = address, hide_short_help = true)]
    pub(super) target: IpAddr,
    /// Port to send from and to listen on [default: 68; with --giaddr 67; with -6 546, with --relay 547]
    #[arg(long, value_name = "N", value_parser = number::port, hide_short_help = true)]
    pub(super) bind_port: Option<u16>,
    /// Port to send to [default: 67; with -6 547]
    #[arg(long, value_name = "N", value_parser = number::port, hide_short_help = true)]
    pub(super) target_port: Option<u16>,
    /// Send and receive Ethernet frames, even if UDP would work
    #[arg(short, long, hide_short_help = true)]
    pub(super) raw: bool,
    /// Ethernet source address
    #[arg(long, value_name = "MAC", hide_short_help = true)]
    pub(super) source_mac: Option<Hardware>,
    /// VLAN (IEEE 802.1Q) to send to and to receive from
    #[arg(long, value_name = "ID", value_parser = number::vlan, hide_short_help = true)]
    pub(super) vlan: Option<u16>,
}

/// The message.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Message")]
pub(super) struct MessageArgs {
    /// Type of the message, by name or number; bootp is one without a type
    #[arg(id = "kind", long = "message", value_name = "TYPE", value_parser = words(SENT, message_type), hide_possible_values = true)]
    pub(super) kind: Option<String>,
    /// Add an option, such as 60=MSFT, 82[hex]=0102 or "Host Name Option=pc". Repeatable
    #[arg(long = "option", value_name = "CODE[FORMAT]=VALUE")]
    pub(super) options: Vec<String>,
    /// Request this option, by number or name. Repeatable
    #[arg(long = "request", value_name = "OPTION")]
    pub(super) requested: Vec<String>,
    /// Send the options of this kind of client; list prints all kinds
    #[arg(long, value_name = "NAME", value_parser = words(profiles(), profile), hide_possible_values = true)]
    pub(super) profile: Option<String>,
    /// Hardware address of the client [default: a random one]
    #[arg(long, value_name = "MAC")]
    pub(super) mac: Option<Hardware>,
    /// Seconds since the client began
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, value_parser = number::secs, hide_short_help = true)]
    pub(super) secs: u16,
    /// Address of the relay to act as
    #[arg(long, value_name = "IP", default_value = "0.0.0.0", hide_default_value = true, value_parser = address4, hide_short_help = true)]
    pub(super) giaddr: Ipv4Addr,
    /// Present address of the client
    #[arg(long, value_name = "IP", default_value = "0.0.0.0", hide_default_value = true, value_parser = address4, hide_short_help = true)]
    pub(super) ciaddr: Ipv4Addr,
    /// Flags, such as 0x8000 [default: 0x8000 where all servers are asked, else 0]
    #[arg(long, value_name = "N", value_parser = number16, hide_short_help = true)]
    pub(super) flags: Option<u16>,
    /// Number of relays that the message has passed
    #[arg(long, value_name = "N", value_parser = number::octet, hide_short_help = true)]
    pub(super) hops: Option<u8>,
    /// Type of hardware address
    #[arg(long, value_name = "N", value_parser = number::octet, hide_short_help = true)]
    pub(super) htype: Option<u8>,
    /// Length of the hardware address, valid or not
    #[arg(long, value_name = "N", value_parser = number::octet, hide_short_help = true)]
    pub(super) hlen: Option<u8>,
    /// Field sname, at most 64 octets
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub(super) sname: Option<String>,
    /// Field file, at most 128 octets
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub(super) file: Option<String>,
    /// Pad the message with zeros to this number of octets
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = number::<u16>("a whole number of octets", 0..=1472), hide_short_help = true)]
    pub(super) pad: u16,
}

/// Timing.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Timing")]
pub(super) struct WaitArgs {
    /// Time to wait for an answer to each try; 0 is no limit [default: 60; with DHCPv6 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
    /// Number of tries; 0 is no limit
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = number::<u32>("a whole number", 0..=u32::MAX.into()), hide_short_help = true)]
    pub(super) tries: u32,
}

/// Output and expectations.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Print only received packets and errors
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Print only the value of this option of an answer, in a format if one is given
    #[arg(long, value_name = "OPTION[FORMAT]", hide_short_help = true)]
    pub(super) print_only: Option<String>,
    /// Format
    #[arg(long, value_name = "FORMAT", default_value = "verbose", hide_short_help = true)]
    pub(super) format: PacketFormat,
    /// Print the octets of each packet too
    #[arg(long, hide_short_help = true)]
    pub(super) hexdump: bool,
    /// Write sent and received packets to a packet capture
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(super) pcap: Option<PathBuf>,
    /// Expectation, such as "option:6 contains 192.0.2.53"; status 1 if it does not hold. Repeatable
    #[arg(long, value_name = "EXPRESSION")]
    pub(super) expect: Vec<String>,
}

/// Messages that clients send, by their names.
const SENT: [&str; 12] = [
    "discover",
    "request",
    "inform",
    "decline",
    "release",
    "bootp",
    "solicit",
    "renew",
    "rebind",
    "confirm",
    "information-request",
    "leasequery",
];

/// The text, if it is a type of message of either family.
fn message_type(text: &str) -> Option<String> {
    let is_number = text.trim().parse::<u8>().is_ok();
    let has_name = dhcp::v4::MessageType::by_name(text.trim()).is_some() || v6::MessageType::parse(text).is_some();
    (is_number || has_name || text.eq_ignore_ascii_case("bootp")).then(|| text.to_owned())
}

/// What `--profile` takes.
fn profiles() -> impl Iterator<Item = &'static str> {
    profiles::ALL.iter().map(|profile| profile.name).chain([LIST])
}

fn profile(text: &str) -> Option<String> {
    profiles().find(|name| name.eq_ignore_ascii_case(text)).map(str::to_owned)
}

/// A number that may be hexadecimal.
fn number16(text: &str) -> Result<u16, String> {
    let number = match text.strip_prefix("0x") {
        Some(digits) => u16::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    number.ok_or_else(|| "expected a number up to 65535, such as 0x8000".into())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let number = text.strip_suffix('s').unwrap_or(text).parse::<f64>().ok();
    let number = number.filter(|number| (0.0..=1e9).contains(number));
    number
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "expected a number of seconds, 0 to 1000000000, such as 0.5".into())
}

impl Args {
    /// Whether something is to be sent at once, and no command is to be read.
    pub(super) fn is_query(&self) -> bool {
        let TaskArgs { query, wait, dora, compare, hex, replay, .. } = &self.task;
        let is_given = hex.is_some() || replay.is_some() || self.message.kind.is_some();
        *query || *wait || *dora || *compare || is_given || self.v6.sarr || (self.is_v6() && self.asks_in_v6())
    }

    /// In DHCPv6, where there are no commands, it is enough to say where to ask, for what, or what is to be printed.
    fn asks_in_v6(&self) -> bool {
        let (LinkArgs { iface, target, .. }, V6Args { ia_na, ia_pd, relay, server_duid, .. }) = (&self.link, &self.v6);
        let says_where = iface.is_some() || target.is_ipv6() || relay.is_some() || server_duid.is_some();
        let MessageArgs { options, requested, .. } = &self.message;
        let says_what = [options, requested].iter().any(|texts| !texts.is_empty());
        says_where || says_what || !ia_na.is_empty() || !ia_pd.is_empty() || self.output.print_only.is_some()
    }

    /// Refuses to send what nothing on the command line asks for.
    fn refuse_to_guess(&self) -> Result<()> {
        let has_effect_on_a_query = !self.output.expect.is_empty() || self.task.repeat > 1 || self.is_v6();
        if self.task.listen || self.is_query() || !has_effect_on_a_query {
            return Ok(());
        }
        let hint = if self.is_v6() {
            "give --query for a Solicit to all servers, or --sarr for the whole exchange"
        } else {
            "give --query for a DISCOVER to all servers, or --dora for the whole exchange"
        };
        Err(Error::new("", "nothing says what to send").hint(hint))
    }

    /// Whether answers are waited for until the time is over.
    pub(super) fn collects(&self) -> bool {
        self.task.wait || self.task.compare
    }

    /// Refuses what has no meaning together: addresses of the other protocol, a lease to be kept where none is taken.
    pub(super) fn check(&self) -> Result<()> {
        if self.task.keep && !self.task.dora && !self.v6.sarr {
            return Err(Error::new("--keep", "no lease is taken").hint("use it with --dora or --sarr"));
        }
        let is_v6 = self.is_v6();
        let given = [("--bind", self.link.bind), ("--target", self.link.target)];
        let is_wrong =
            |address: &IpAddr| if is_v6 { !is_default(*address) && address.is_ipv4() } else { address.is_ipv6() };
        match given.iter().find(|(_, address)| is_wrong(address)) {
            None if is_v6 => self.refuse_to_guess().and_then(|()| self.refuse_dhcpv4()),
            None => self.refuse_to_guess(),
            Some((option, address)) if is_v6 => {
                Err(Error::new(format!("{option} {address}"), "this is not an IPv6 address, which DHCPv6 needs"))
            }
            Some((option, address)) => {
                Err(Error::new(format!("{option} {address}"), "this is an IPv6 address").hint("use -6 for DHCPv6"))
            }
        }
    }

    /// Refuses what only DHCPv4 has.
    fn refuse_dhcpv4(&self) -> Result<()> {
        let said = &self.message;
        let given = [
            ("--dora", self.task.dora),
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
            Some((option, _)) => {
                let error = Error::new(*option, "this is an option of DHCPv4");
                Err(match *option {
                    "--dora" => error.hint("use --sarr with DHCPv6"),
                    "--giaddr" => error.hint("use --relay with DHCPv6"),
                    _ => error,
                })
            }
        }
    }

    /// Whether DHCPv6 is meant.
    pub(super) fn is_v6(&self) -> bool {
        self.v6.is_given()
    }

    /// How long to wait for an answer to each try: in DHCPv4 by default as long as the program of that name does.
    pub(super) fn timeout(&self) -> Duration {
        self.wait.timeout.unwrap_or(Duration::from_secs(if self.is_v6() { 10 } else { 60 }))
    }

    /// The port to send to.
    pub(super) fn target_port(&self) -> u16 {
        self.link.target_port.unwrap_or(self.server_port())
    }

    /// The port that servers listen at.
    pub(super) fn server_port(&self) -> u16 {
        if self.is_v6() { v6::SERVER_PORT } else { v4::SERVER_PORT }
    }
}

/// Whether it is the default.
fn is_default(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.is_broadcast() || address.is_unspecified())
}
