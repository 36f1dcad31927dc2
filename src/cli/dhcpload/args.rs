//! The command line.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser};

use crate::cli::args::duration::time;
use crate::cli::args::words::words;
use crate::cli::hardware::{Hardware, address};
use crate::cli::number::number;
use crate::error::{Error, Result};
use crate::family::Family;
use crate::load::{Exchange, Expectation, Mix, Ramp, Search, Step, Steps, answered_messages};
use crate::output::load::LoadFormat;

pub(super) const NAME: &str = "dhcpload";

const EXAMPLES: &str = "Examples:
  dhcpload -I veth0 -s 192.0.2.1                 10/s for 10 s, then releases
  dhcpload -I veth0 -s 192.0.2.1 -r 500 -d 60s -R 5000
  dhcpload -I veth0 -s all --exchange discover   takes no lease
  dhcpload -s 192.0.2.1 --relay 192.0.2.50       acts as a relay agent
  dhcpload -6 -I veth0 -s all -r 100 --expect 'loss<0.1%,p99<20ms'

Use it only in your own network: it takes addresses and loads the server.

Exit status: 0 all answered or conditions met, no lease left; 1 messages lost,
a condition not met, or leases left; 2 an error, or the run is not valid.";

/// Measure how many clients a DHCP server can serve, and how long they wait
///
/// Begins exchanges at a fixed rate, even if the server does not keep up, measures response times from the intended send
/// time of each message, and releases all leases. See dhcpload(8).
#[derive(Debug, Parser)]
#[command(name = NAME, version, disable_help_flag = true, disable_version_flag = true, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) target: TargetArgs,
    #[command(flatten)]
    pub(super) load: LoadArgs,
    #[command(flatten)]
    pub(super) message: MessageArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// Print the usual options; --help all prints every option
    #[arg(short, long, action = ArgAction::HelpShort, help_heading = "Other")]
    help: Option<bool>,
    /// Print version
    #[arg(short = 'V', long, action = ArgAction::Version, help_heading = "Other")]
    version: Option<bool>,
}

const RATE: f64 = 10.0;
const DURATION: Duration = Duration::from_secs(10);
/// How many clients there are, at first.
pub(super) const CLIENTS: u32 = 100;
/// All clients of a storm begin within this time.
const STORM: Duration = Duration::from_millis(1);
/// The first rate of a search, and how long each lasts.
const SEARCH_FROM: f64 = 50.0;
const SEARCH_STEP: Duration = Duration::from_secs(2);

/// Where to.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Target")]
pub(super) struct TargetArgs {
    /// Interface to send from [default: the one in the server's network]
    #[arg(short = 'I', long, value_name = "NAME")]
    pub(super) interface: Option<String>,
    /// Server to measure, or all; an answer of any other server ends the run; may be given more than once
    #[arg(short = 's', long, value_name = "ADDRESS|all")]
    pub(super) server: Vec<String>,
    /// DHCPv4, the default
    #[arg(short = '4', id = "v4", conflicts_with = "v6")]
    v4: bool,
    /// DHCPv6
    #[arg(short = '6', id = "v6")]
    pub(super) v6: bool,
    /// Act as these relay agents, addresses of this host; each client has one
    #[arg(long, value_name = "GIADDR,...", value_delimiter = ',', value_parser = address)]
    pub(super) relay: Vec<IpAddr>,
    /// With -6 --relay: link addresses of the relay agents [default: those of --relay]
    #[arg(long, value_name = "ADDRESS,...", value_delimiter = ',', value_parser = address, requires = "relay", hide_short_help = true)]
    pub(super) link_address: Vec<IpAddr>,
    /// Allow an interface that leads to other machines
    #[arg(long)]
    pub(super) this_is_my_network: bool,
    /// Network namespace of the server, to count the datagrams that its sockets drop [default: this one]
    #[arg(long, value_name = "NAME|PATH", hide_short_help = true)]
    pub(super) server_netns: Option<String>,
}

/// How much.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Load")]
pub(super) struct LoadArgs {
    /// Exchanges to begin per second [default: 10; with --find-max the first rate, 50]
    #[arg(short, long, value_name = "N", value_parser = rate)]
    pub(super) rate: Option<f64>,
    /// Time in which exchanges begin, such as 60s or 5m [default: 10s; with --find-max 2s for each rate]
    #[arg(short, long, value_name = "TIME", value_parser = duration)]
    pub(super) duration: Option<Duration>,
    /// Number of clients, which take turns [default: 100; with --find-max more as needed]
    #[arg(short = 'R', long, value_name = "N", value_parser = number::<u32>("a number of clients", 1..=1_048_576))]
    pub(super) clients: Option<u32>,
    /// dora, discover, inform; with -6 sarr, solicit, rapid, info-request [default: dora, sarr]
    #[arg(long, value_name = "NAME", value_parser = words(Exchange::CHOICES.map(|(name, ..)| name), exchange), hide_possible_values = true)]
    pub(super) exchange: Option<Exchange>,
    /// Shares of exchanges, such as new=70,renew=20,rebind=2,release=8
    #[arg(long, value_name = "SHARES", value_parser = mix)]
    pub(super) mix: Option<Mix>,
    /// Rates from FROM to TO, by STEP; the duration is divided among them
    #[arg(long, value_name = "FROM:TO:STEP", value_parser = ramp, conflicts_with_all = ["rate", "find_max"])]
    pub(super) ramp: Option<[f64; 3]>,
    /// Find the highest rate that meets these conditions, such as loss<1%,p99<50ms [default: loss<1%]
    #[arg(long, value_name = "LIST", num_args = 0..=1, default_missing_value = "loss<1%", value_parser = criteria, conflicts_with = "expect")]
    pub(super) find_max: Option<Expectations>,
    /// All clients begin at once and retry until they have a lease, as after a power failure
    #[arg(long, conflicts_with_all = ["rate", "duration", "ramp", "find_max", "mix", "timeout"])]
    pub(super) storm: bool,
    /// Time to wait for an answer
    #[arg(short, long, value_name = "TIME", default_value = "1s", value_parser = duration, hide_short_help = true)]
    pub(super) timeout: Duration,
    /// Do not release the leases
    #[arg(long, hide_short_help = true)]
    pub(super) keep_leases: bool,
    /// Allow rates up to N
    #[arg(long, value_name = "N", default_value_t = 1000.0, value_parser = rate, hide_short_help = true)]
    pub(super) limit_rate: f64,
    /// Allow up to N clients
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = number::<u32>("a number of clients", 1..=1_048_576), hide_short_help = true)]
    pub(super) limit_clients: u32,
}

/// What clients say.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Messages")]
pub(super) struct MessageArgs {
    /// Add an option, such as 60=MSFT or "Host Name Option=pc"; may be given more than once
    #[arg(long = "option", value_name = "CODE[FORMAT]=VALUE", hide_short_help = true)]
    pub(super) options: Vec<String>,
    /// Send the options of this kind of client; dhcptest --profile list prints all kinds
    #[arg(long, value_name = "NAME", conflicts_with = "v6", hide_short_help = true)]
    pub(super) profile: Option<String>,
    /// Hardware address of the first client; the others follow [default: 02:00:5e:a0:00:00]
    #[arg(long, value_name = "MAC", hide_short_help = true)]
    pub(super) mac_base: Option<Hardware>,
    /// File with a hardware address in each line, instead of -R
    #[arg(long, value_name = "FILE", conflicts_with_all = ["mac_base", "clients"], hide_short_help = true)]
    pub(super) mac_file: Option<PathBuf>,
    /// Ask servers to broadcast their answers
    #[arg(long, conflicts_with = "v6", hide_short_help = true)]
    pub(super) broadcast: bool,
}

/// Expectations and output.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Conditions for the run, such as loss<0.1%,p99<20ms,nak=0; exit status 1 if one is not met
    #[arg(long, value_name = "LIST", value_parser = expectations)]
    pub(super) expect: Option<Expectations>,
    /// Write histograms of the response times, in the log format of HdrHistogram
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(super) hlog: Option<PathBuf>,
    /// Write the first 100 packets of each second to a packet capture
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(super) pcap: Option<PathBuf>,
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: LoadFormat,
    /// Print no progress
    #[arg(short, long, hide_short_help = true)]
    pub(super) quiet: bool,
}

/// A list of expectations as one argument.
#[derive(Debug, Clone)]
pub(super) struct Expectations(pub(super) Vec<Expectation>);

fn expectations(text: &str) -> Result<Expectations, String> {
    Expectation::list(text).map(Expectations)
}

/// Those by which a rate is judged.
fn criteria(text: &str) -> Result<Expectations, String> {
    let all = Expectation::list(text)?;
    if all.iter().all(Expectation::is_for_search) {
        Ok(Expectations(all))
    } else {
        Err("a rate is judged by loss, p50, p90, p99, p99.9 and max".into())
    }
}

/// `FROM:TO:STEP`.
fn ramp(text: &str) -> Result<[f64; 3], String> {
    const FORM: &str = "expected FROM:TO:STEP in exchanges per second, such as 100:1000:100, with at most 1000 steps";
    let numbers = text.split(':').map(rate).collect::<Result<Vec<_>, _>>().map_err(|_| FORM)?;
    let [from, to, step] = <[f64; 3]>::try_from(numbers).map_err(|_| FORM)?;
    if (to - from).abs() / step < 1000.0 { Ok([from, to, step]) } else { Err(FORM.into()) }
}

fn exchange(text: &str) -> Option<Exchange> {
    let found = Exchange::CHOICES.iter().find(|(name, ..)| name.eq_ignore_ascii_case(text));
    found.map(|(_, exchange, _)| *exchange)
}

fn rate(text: &str) -> Result<f64, String> {
    let text = text.trim();
    let number = text.strip_suffix("/s").unwrap_or(text).parse::<f64>().ok();
    number
        .filter(|number| (0.01..=1_000_000.0).contains(number))
        .ok_or_else(|| "expected exchanges per second, 0.01 to 1000000".into())
}

/// A time of at least a millisecond.
fn duration(text: &str) -> Result<Duration, String> {
    let found = time(text.trim()).ok().filter(|found| *found >= Duration::from_millis(1));
    found.ok_or_else(|| "expected a time up to a day, such as 60s, 500ms or 5m".to_owned())
}

fn mix(text: &str) -> Result<Mix, String> {
    const FORM: &str = "expected shares such as new=70,renew=20,rebind=2,release=8";
    let mut mix = Mix::default();
    for part in text.split(',') {
        let (name, share) = part.split_once('=').ok_or(FORM)?;
        let share =
            share.trim().trim_end_matches('%').parse::<u32>().ok().filter(|share| *share <= 1000).ok_or(FORM)?;
        match name.trim() {
            "new" => mix.new = share,
            "renew" => mix.renew = share,
            "rebind" => mix.rebind = share,
            "release" => mix.release = share,
            other => return Err(format!("there is no share \"{other}\": there are new, renew, rebind, release")),
        }
    }
    if mix.new == 0 { Err("the share of new clients must not be 0: the others need leases".into()) } else { Ok(mix) }
}

impl Args {
    pub(super) fn family(&self) -> Family {
        if self.target.v6 { Family::V6 } else { Family::V4 }
    }

    /// How many clients there may be: a search takes more where it needs them, if nothing says how many.
    pub(super) fn most_clients(&self) -> u32 {
        let load = &self.load;
        let usual = if load.find_max.is_some() { load.limit_clients.max(CLIENTS) } else { CLIENTS };
        load.clients.unwrap_or(usual)
    }

    /// The rates, and for how long.
    pub(super) fn steps(&self, clients: u32) -> Steps {
        let load = &self.load;
        if load.find_max.is_some() {
            let length = load.duration.unwrap_or(SEARCH_STEP);
            return Steps::Search(Search::new(load.rate.unwrap_or(SEARCH_FROM), load.limit_rate, length));
        }
        if load.storm {
            let clients = f64::from(clients);
            return Steps::Once(Step { rate: clients / STORM.as_secs_f64(), length: STORM });
        }
        let duration = load.duration.unwrap_or(DURATION);
        match load.ramp {
            Some([from, to, by]) => {
                let ramp = Ramp { from, to, by, length: duration, done: 0 };
                Steps::Ramp(Ramp { length: duration / ramp.count(), ..ramp })
            }
            None => Steps::Once(Step { rate: load.rate.unwrap_or(RATE), length: duration }),
        }
    }

    /// By what each step of a search or a ramp is judged.
    pub(super) fn criteria(&self) -> Vec<Expectation> {
        if let Some(list) = &self.load.find_max {
            return list.0.clone();
        }
        if self.load.ramp.is_none() {
            return Vec::new();
        }
        match &self.output.expect {
            Some(list) => list.0.iter().filter(|it| it.is_for_search()).cloned().collect(),
            None => Expectation::list("loss=0%").unwrap_or_default(),
        }
    }

    /// An expectation of a message that is never sent would hold whatever happens.
    pub(super) fn check_expectations(&self, exchange: Exchange) -> Result<()> {
        let sent = answered_messages(exchange, self.load.mix, self.family());
        let expected = self.output.expect.iter().flat_map(|list| &list.0).filter_map(Expectation::message);
        match expected.into_iter().find(|message| !sent.contains(message)) {
            Some(message) => {
                let names: Vec<_> = sent.iter().map(|message| message.name()).collect();
                let cause = format!("{} has no such message that is answered", exchange.name());
                Err(Error::new(format!("--expect {}", message.name()), cause).hint(names.join(", ")))
            }
            None => Ok(()),
        }
    }

    /// The exchange of new clients.
    pub(super) fn exchange(&self) -> Result<Exchange> {
        let family = self.family();
        let usual = if family == Family::V4 { Exchange::Dora } else { Exchange::Sarr };
        let chosen = self.load.exchange.unwrap_or(usual);
        let of = Exchange::CHOICES.iter().find(|(_, exchange, _)| *exchange == chosen).map(|(_, _, family)| *family);
        if of.is_some_and(|of| of != family) {
            let names: Vec<_> = Exchange::CHOICES.iter().filter(|it| it.2 == family).map(|it| it.0).collect();
            let cause = format!("this is no exchange of {family}");
            return Err(Error::new(format!("--exchange {}", chosen.name()), cause).hint(names.join(", ")));
        }
        if self.load.mix.is_some() && !chosen.takes_lease() {
            return Err(Error::new("--mix", format!("{} takes no lease that could be renewed", chosen.name())));
        }
        Ok(chosen)
    }
}
