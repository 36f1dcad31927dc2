//! The command line: the old dhcping's letters, and long names for all that is new.

use std::ffi::OsString;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser, ValueEnum};

use crate::cli::hardware::{Duid, Hardware, address};
use crate::cli::number::{self, number};
use crate::error::Error;
use crate::output::probe::ProbeFormat;
use crate::probe::expect::Network;
use crate::wire::interface::Interface;

pub(super) const NAME: &str = "dhcping";

const EXAMPLES: &str = "Examples:
  dhcping -s 192.0.2.1                       does this server answer
  dhcping -I eth0 --all                      every server on the link
  dhcping -I eth0 --full --expect-option routers=192.0.2.254
  dhcping -6 -I eth0                         DHCPv6
  dhcping -f nagios -I eth0 --warning 100    a check for a monitor

Exit status: 0 answered as expected, 1 not, 2 unknown. With nagios 0 to 3.";

/// Check whether a DHCP server answers, and how fast
///
/// Without -c a DISCOVER (DHCPv6: a Solicit) is sent, which takes no lease. With -c the address is requested and released.
/// See dhcping(8).
#[derive(Debug, Parser, Default, PartialEq)]
#[command(name = NAME, version, disable_help_flag = true, disable_version_flag = true, max_term_width = 100)]
#[command(args_override_self = true, after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) server: ServerArgs,
    #[command(flatten)]
    pub(super) mode: ModeArgs,
    #[command(flatten)]
    pub(super) client: ClientArgs,
    #[command(flatten)]
    pub(super) wait: WaitArgs,
    #[command(flatten)]
    pub(super) expect: ExpectArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// Print the usual options; --help all prints every option
    #[arg(long, action = ArgAction::HelpShort, help_heading = "Other")]
    pub(super) help: Option<bool>,
    /// Print version
    #[arg(long, action = ArgAction::Version, help_heading = "Other")]
    pub(super) version: Option<bool>,
}

/// The servers to ask.
#[derive(Debug, clap::Args, Default, PartialEq)]
#[command(next_help_heading = "Which server")]
pub(super) struct ServerArgs {
    /// Server, interface or configuration of Kea, as -s, -I or --from-config
    #[arg(value_name = "TARGET", value_parser = name)]
    pub(super) targets: Vec<String>,
    /// DHCPv4; the default, unless an address or a mode is of DHCPv6
    #[arg(short = '4', conflicts_with = "v6")]
    pub(super) v4: bool,
    /// DHCPv6
    #[arg(short = '6')]
    pub(super) v6: bool,
    /// Server to ask; with -I or --exclusive all are asked and this one must answer. Repeatable. In DHCPv6 a DUID (ll:…)
    /// or a link-local address
    #[arg(short = 's', long = "server", value_name = "SERVER", value_parser = name)]
    pub(super) servers: Vec<String>,
    /// Interface on which all servers are asked. Repeatable
    #[arg(short = 'I', long = "interface", value_name = "NAME", value_parser = name)]
    pub(super) interfaces: Vec<String>,
    /// With -I: ask only the servers of -s
    #[arg(long, hide_short_help = true)]
    pub(super) unicast: bool,
    /// Act as a relay with this address of this host, on port 67 (DHCPv6: 547)
    #[arg(short = 'g', long = "relay", value_name = "ADDRESS", value_parser = address, hide_short_help = true)]
    pub(super) relay: Option<IpAddr>,
    /// Relay agent information to include, such as circuit-id=port1
    #[arg(long, value_name = "VALUE", hide_short_help = true)]
    pub(super) option82: Option<String>,
    /// VLAN (IEEE 802.1Q) to send in
    #[arg(long, value_name = "ID", value_parser = number::vlan, hide_short_help = true)]
    pub(super) vlan: Option<u16>,
    /// Probe every subnet of this Kea configuration, as by its relay or on its interface
    #[arg(long, value_name = "FILE", conflicts_with_all = ["interfaces", "relay", "client_address"])]
    pub(super) from_config: Option<PathBuf>,
}

/// The message to send.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, clap::Args, Default, PartialEq)]
#[command(next_help_heading = "Message")]
#[group(id = "mode", multiple = false)]
pub(super) struct ModeArgs {
    /// DISCOVER: an offer, no lease
    #[arg(long, group = "mode", hide_short_help = true)]
    pub(super) discover: bool,
    /// REQUEST for the address of -c, then RELEASE; the default with -c
    #[arg(short, long, group = "mode")]
    pub(super) request: bool,
    /// INFORM: options for the address of -c, or for this host's
    #[arg(short, long, group = "mode")]
    pub(super) inform: bool,
    /// DISCOVER, REQUEST, RELEASE; with -6 Solicit, Request, Release
    #[arg(long, group = "mode", aliases = ["dora", "sarr"])]
    pub(super) full: bool,
    /// REQUEST of a client that restarts with the address of -c
    #[arg(long, group = "mode", requires = "client_address", hide_short_help = true)]
    pub(super) reboot: bool,
    /// REQUEST of a client that renews the lease of -c; with -6 Renew
    #[arg(long, group = "mode", requires = "client_address", hide_short_help = true)]
    pub(super) renew: bool,
    /// REQUEST of a client that asks any server to extend the lease of -c; with -6 Rebind
    #[arg(long, group = "mode", requires = "client_address", hide_short_help = true)]
    pub(super) rebind: bool,
    /// BOOTP request
    #[arg(long, group = "mode", hide_short_help = true)]
    pub(super) bootp: bool,
    /// DHCPv6 Solicit: an advertisement, no lease
    #[arg(long, group = "mode", hide_short_help = true)]
    pub(super) solicit: bool,
    /// DHCPv6 Solicit with rapid commit, then Release
    #[arg(long, group = "mode", hide_short_help = true)]
    pub(super) rapid_commit: bool,
    /// DHCPv6 Information-request
    #[arg(long, group = "mode", hide_short_help = true)]
    pub(super) info_request: bool,
    /// DHCPv6 Confirm of the address of -c
    #[arg(long, group = "mode", requires = "client_address", hide_short_help = true)]
    pub(super) confirm: bool,
}

/// The client.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, clap::Args, Default, PartialEq)]
#[command(next_help_heading = "The client")]
pub(super) struct ClientArgs {
    /// Address of the client
    #[arg(id = "client_address", short = 'c', long = "client", value_name = "ADDRESS", value_parser = client)]
    pub(super) address: Option<IpAddr>,
    /// Hardware address of the client [default: one made for this host, 02:6b:65:…]
    #[arg(short = 'h', long, value_name = "ADDRESS", conflicts_with = "use_interface_mac")]
    pub(super) hardware: Option<Hardware>,
    /// The interface's own hardware address
    #[arg(long, hide_short_help = true)]
    pub(super) use_interface_mac: bool,
    /// DHCPv6: the client's DUID, such as ll:02:00:5e:00:53:01 [default: of the hardware address]
    #[arg(long, value_name = "DUID", conflicts_with_all = ["hardware", "use_interface_mac"], hide_short_help = true)]
    pub(super) duid: Option<Duid>,
    /// DHCPv6: request a prefix too; without -c an answer needs no address
    #[arg(long, hide_short_help = true)]
    pub(super) prefix: bool,
    /// Allow requests with this host's own hardware address; their leases are kept
    #[arg(long, hide_short_help = true)]
    pub(super) yes_this_host: bool,
    /// Keep the lease
    #[arg(long, hide_short_help = true)]
    pub(super) no_release: bool,
}

/// Timing.
#[derive(Debug, clap::Args, PartialEq)]
#[command(next_help_heading = "Timing")]
pub(super) struct WaitArgs {
    /// Time to wait for an answer to each message; it doubles with each try
    #[arg(short, long, value_name = "SECONDS", value_parser = seconds, default_value = "5")]
    pub(super) timeout: Duration,
    /// Number of tries
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = number::<u32>("a whole number", 1..=1000), hide_short_help = true)]
    pub(super) tries: u32,
    /// Value of secs: seconds since the client began
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = number::secs, hide_short_help = true)]
    pub(super) secs: u16,
    /// Wait for every answer until the timeout, not only for the first
    #[arg(long)]
    pub(super) all: bool,
    /// Number of probes, with one line each and a summary; 0 is until Ctrl-C
    #[arg(long, value_name = "N", value_parser = number::<u64>("a whole number of probes", 0..=u64::MAX))]
    pub(super) count: Option<u64>,
    /// Time from one probe to the next
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "1", requires = "count", hide_short_help = true)]
    pub(super) interval: Duration,
}

/// Expectations.
#[derive(Debug, clap::Args, Default, PartialEq)]
#[command(next_help_heading = "Expectations")]
pub(super) struct ExpectArgs {
    /// Expected kind of answer [default: any but a refusal; with --full an ack]
    #[arg(long, value_name = "KIND", hide_short_help = true)]
    pub(super) expect: Option<ExpectedReply>,
    /// Option that the answer must have with this value, such as routers=192.0.2.1. Repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) expect_option: Vec<String>,
    /// Network that the address must be in. Repeatable: one of them
    #[arg(long, value_name = "CIDR", hide_short_help = true)]
    pub(super) offered_in: Vec<Network>,
    /// Only the servers of -s may answer
    #[arg(long, hide_short_help = true)]
    pub(super) exclusive: bool,
    /// Round-trip time that is a warning
    #[arg(long, value_name = "MS", value_parser = milliseconds, hide_short_help = true)]
    pub(super) warning: Option<Duration>,
    /// Round-trip time that is critical
    #[arg(long, value_name = "MS", value_parser = milliseconds, hide_short_help = true)]
    pub(super) critical: Option<Duration>,
    /// Percentage of unanswered probes that is a warning
    #[arg(long, value_name = "%", value_parser = percentage, hide_short_help = true)]
    pub(super) loss_warning: Option<f64>,
    /// Percentage of unanswered probes that is critical
    #[arg(long, value_name = "%", value_parser = percentage, hide_short_help = true)]
    pub(super) loss_critical: Option<f64>,
}

/// The output.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, clap::Args, Default, PartialEq)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: ProbeFormat,
    /// Print nothing
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Print on stderr what was sent, and what was received but ignored
    #[arg(short, long, hide_short_help = true)]
    pub(super) verbose: bool,
    /// Print each packet
    #[arg(short = 'V', long = "packets", hide_short_help = true)]
    pub(super) packets: bool,
    /// Whether it is a command line of the old dhcping, whose output scripts know.
    #[arg(skip)]
    pub(super) is_classic: bool,
}

/// What `--expect` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ExpectedReply {
    /// any valid answer, including a refusal
    Any,
    /// DHCPOFFER
    Offer,
    /// DHCPACK
    Ack,
    /// DHCPNAK
    Nak,
    /// DHCPv6 Advertise
    Advertise,
    /// DHCPv6 Reply
    Reply,
}

impl Default for WaitArgs {
    fn default() -> Self {
        let (timeout, interval) = (Duration::from_secs(5), Duration::from_secs(1));
        Self { timeout, tries: 1, secs: 0, all: false, count: None, interval }
    }
}

impl Args {
    /// Whether a server or an interface is named; else nothing is sent.
    pub(super) fn names_a_target(&self) -> bool {
        let ServerArgs { servers, interfaces, relay, from_config, .. } = &self.server;
        let is_named = !servers.is_empty() || !interfaces.is_empty() || from_config.is_some();
        is_named || relay.is_some() || self.client.address.is_some()
    }

    /// Leaves out addresses that say that there is none.
    pub(super) fn leave_out_unspecified(&mut self) {
        let is_one = |address: &IpAddr| !address.is_unspecified();
        self.client.address = self.client.address.filter(is_one);
        self.server.relay = self.server.relay.filter(is_one);
    }

    /// Refuses what needs a server or an interface where none is named.
    pub(super) fn check_targets(&self) -> Result<(), Error> {
        let ServerArgs { servers, interfaces, unicast, vlan, .. } = &self.server;
        let needs_server = [("--exclusive", self.expect.exclusive), ("--unicast", *unicast)];
        if let (Some((option, _)), true) = (needs_server.iter().find(|(_, is_given)| *is_given), servers.is_empty()) {
            return Err(Error::new(*option, "no server is named").hint("name the servers with -s SERVER"));
        }
        let ExpectArgs { warning, critical, loss_warning, loss_critical, .. } = &self.expect;
        if warning.zip(*critical).is_some_and(|(warning, critical)| warning > critical) {
            return Err(above("--warning", "--critical"));
        }
        if loss_warning.zip(*loss_critical).is_some_and(|(warning, critical)| warning > critical) {
            return Err(above("--loss-warning", "--loss-critical"));
        }
        if self.expect.exclusive && *unicast {
            return Err(Error::new("--unicast", "with --exclusive, the message goes to all servers")
                .hint("leave out one of them"));
        }
        // Its packets go to the named servers alone, so that another server would not be seen.
        if self.server.from_config.is_some() && self.expect.exclusive {
            return Err(Error::new("--exclusive", "not with the subnets of a configuration")
                .hint("give -I INTERFACE instead of the configuration"));
        }
        if vlan.is_some() && interfaces.is_empty() {
            return Err(Error::new("--vlan", "no interface is named").hint("name it with -I INTERFACE"));
        }
        Ok(())
    }

    /// Takes the targets that have no option for what they are: the name of an interface, a path, else a server.
    pub(super) fn place_targets(&mut self, interfaces: &[Interface]) -> Result<(), Error> {
        for target in std::mem::take(&mut self.server.targets) {
            if interfaces.iter().any(|interface| interface.name == target) {
                self.server.interfaces.push(target);
            } else if target.parse::<Network>().is_ok() && target.contains('/') {
                return Err(
                    Error::new(target, "this is a network").hint("give -s SERVER, or -I INTERFACE for all its servers")
                );
            } else if target.contains(':') && target.parse::<IpAddr>().is_err() && target.parse::<Hardware>().is_ok() {
                return Err(Error::new(target, "this is a hardware address")
                    .hint("name a server; a client's hardware address is given with -h"));
            } else if !target.contains('/') {
                self.server.servers.push(target);
            } else if self.server.from_config.replace(PathBuf::from(&target)).is_some() {
                return Err(Error::new("", "several configurations are named").hint("name only one"));
            }
        }
        let server = &self.server;
        let is_placed = !server.interfaces.is_empty() || server.relay.is_some() || self.client.address.is_some();
        if server.from_config.is_some() && is_placed {
            return Err(Error::new("", "the configuration determines the interfaces and addresses")
                .hint("leave out -I, -g and -c"));
        }
        Ok(())
    }

    /// Whether all arguments are those of dhcping 1.2, whose output scripts know.
    pub(super) fn is_classic(&self, arguments: &[OsString]) -> bool {
        let has_long_name = arguments.iter().any(|argument| argument.as_encoded_bytes().starts_with(b"--"));
        let (server, mode, client) = (&self.server, &self.mode, &self.client);
        let known = Self {
            server: ServerArgs { servers: server.servers.clone(), relay: server.relay, ..ServerArgs::default() },
            mode: ModeArgs { request: mode.request, inform: mode.inform, ..ModeArgs::default() },
            client: ClientArgs { address: client.address, hardware: client.hardware.clone(), ..ClientArgs::default() },
            wait: WaitArgs { timeout: self.wait.timeout, ..WaitArgs::default() },
            output: OutputArgs {
                quiet: self.output.quiet,
                verbose: self.output.verbose,
                packets: self.output.packets,
                is_classic: self.output.is_classic,
                ..OutputArgs::default()
            },
            ..Self::default()
        };
        !has_long_name && *self == known
    }

    /// Whether `-V` is all there is.
    pub(super) fn is_version(arguments: &[OsString]) -> bool {
        matches!(arguments, [_, only] if only == "-V")
    }

    /// Whether DHCPv6 is meant.
    pub(super) fn is_v6(&self) -> bool {
        let ModeArgs { solicit, rapid_commit, info_request, confirm, .. } = self.mode;
        let addresses = [self.client.address, self.server.relay];
        let servers = self.server.servers.iter().filter_map(|server| server.split('%').next()?.parse().ok());
        let is_v6_address = addresses.into_iter().flatten().chain(servers).any(|address: IpAddr| address.is_ipv6());
        let is_v6_client = self.client.duid.is_some() || self.client.prefix;
        self.server.v6 || is_v6_client || solicit || rapid_commit || info_request || confirm || is_v6_address
    }
}

fn above(warning: &str, critical: &str) -> Error {
    Error::new(warning, format!("it is above {critical}, so there would never be a warning"))
        .hint("exchange the two values")
}

/// The client's address; a number alone is meant for another option, whose letter is -c in ping.
fn client(text: &str) -> Result<IpAddr, String> {
    let is_number = text.trim().parse::<u64>().is_ok();
    address(text)
        .map_err(|cause| if is_number { format!("{cause}; --count {0} probes {0} times", text.trim()) } else { cause })
}

/// A name or an address, without the blanks around it.
fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() { Err("expected a name or an address".into()) } else { Ok(name.to_owned()) }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    duration(text.strip_suffix('s').unwrap_or(text), 1.0, "a number of seconds, 0.001 to 86400")
}

fn milliseconds(text: &str) -> Result<Duration, String> {
    duration(text, 1000.0, "a number of milliseconds, 0.001 to 86400000")
}

fn duration(text: &str, per_second: f64, wanted: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().map(|number| number / per_second);
    let seconds = seconds.ok().filter(|seconds| (0.001 / per_second..=86400.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| format!("expected {wanted}"))
}

fn percentage(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches('%').parse::<f64>().ok();
    number.filter(|number| (0.0..=100.0).contains(number)).ok_or_else(|| "expected a percentage, 0 to 100".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_classic(words: &[&str]) -> bool {
        let line: Vec<_> = [NAME].iter().chain(words).map(OsString::from).collect();
        Args::try_parse_from(&line).unwrap().is_classic(&line)
    }

    #[test]
    fn a_command_line_of_dhcping_1_2_is_known_by_its_letters() {
        for words in [
            &["-c", "192.0.2.50", "-s", "192.0.2.1", "-h", "02:00:5e:00:53:01"][..],
            &["-i", "-c192.0.2.50", "-s192.0.2.1"],
            &["-rqv", "-t", "0.5", "-g", "192.0.2.9", "-s", "dhcp.example", "-V"],
        ] {
            assert!(is_classic(words), "{words:?}");
        }
        for words in [
            &["-s", "192.0.2.1", "--count", "3"][..],
            &["-s", "192.0.2.1", "-6"],
            &["--server", "192.0.2.1"],
            &["192.0.2.1"],
            &["-s", "192.0.2.1", "-f", "json"],
        ] {
            assert!(!is_classic(words), "{words:?}");
        }
    }
}
