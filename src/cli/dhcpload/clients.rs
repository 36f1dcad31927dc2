//! Who the clients are, how many, and what they do in words.

use std::io::Read as _;

use super::args::{Args, CLIENTS};
use crate::env::files;
use crate::error::{Error, Result};
use crate::load::{Clients, Exchange, FIRST_HARDWARE};
use crate::wire::Mac;

/// Who the clients are.
pub(super) fn clients(args: &Args) -> Result<Clients> {
    let mac = |octets: &[u8], what: &str| {
        let mac = octets.try_into().map(Mac).ok().filter(|mac| !mac.is_group());
        mac.ok_or_else(|| Error::new(what, "this is no hardware address of one Ethernet interface"))
    };
    if let Some(path) = &args.message.mac_file {
        let attempted = format!("read {}", path.display());
        let mut text = String::new();
        let read = files::open(path).and_then(|file| file.take(MOST_FILE).read_to_string(&mut text));
        read.map_err(|cause| Error::io(attempted.clone(), &cause))?;
        return listed(&text).map(Clients::Listed).map_err(|cause| Error::new(attempted, cause));
    }
    let first = match &args.message.mac_base {
        Some(typed) => mac(&typed.0, "--mac-base")?,
        None => FIRST_HARDWARE,
    };
    Ok(Clients::From { first, count: args.most_clients() })
}

/// More than a million addresses are not read.
const MOST_FILE: u64 = 32 << 20;

/// The hardware addresses of a file; empty lines and comments do not count.
fn listed(text: &str) -> Result<Vec<Mac>, String> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.split('#').next().unwrap_or_default().trim()));
    let read = |(number, line): (usize, &str)| {
        let mac = line.parse::<Mac>().ok().filter(|mac| !mac.is_group());
        mac.ok_or_else(|| format!("line {number} is no hardware address of one Ethernet interface"))
    };
    let all = lines.filter(|(_, line)| !line.is_empty()).map(read).collect::<Result<Vec<_>, _>>()?;
    if all.is_empty() { Err("there is no hardware address in it".into()) } else { Ok(all) }
}

pub(super) fn check_limits(args: &Args, clients: &Clients) -> Result<()> {
    let load = &args.load;
    let rate = args.steps(clients.count()).rate().unwrap_or_default();
    // A storm is limited by the number of clients.
    if !load.storm && rate > load.limit_rate {
        return Err(Error::new(
            format!("{rate} exchanges per second"),
            format!("more than {} are refused", load.limit_rate),
        )
        .hint(format!("if the server and the network can take it, give --limit-rate {rate}")));
    }
    let count = clients.count();
    if count > load.limit_clients {
        let cause = format!("more than {} are refused: each takes an address", load.limit_clients);
        return Err(Error::new(format!("{count} clients"), cause).hint(format!("give --limit-clients {count}")));
    }
    Ok(())
}

/// How many of them are used at first.
pub(super) fn first(args: &Args, clients: &Clients) -> u32 {
    let is_as_needed = args.load.clients.is_none() && args.message.mac_file.is_none();
    if is_as_needed { clients.count().min(CLIENTS) } else { clients.count() }
}

/// The exchanges in words.
pub(super) fn title(args: &Args) -> String {
    let exchange = args.exchange().map(Exchange::name).unwrap_or_default();
    match args.load.mix {
        None => exchange.to_owned(),
        Some(mix) => {
            let shares = [("renew", mix.renew), ("rebind", mix.rebind), ("release", mix.release)];
            let shares = shares.iter().filter(|(_, share)| *share > 0).map(|(name, share)| format!("{name} {share}"));
            std::iter::once(format!("{exchange} {}", mix.new)).chain(shares).collect::<Vec<_>>().join(" : ")
        }
    }
}
