//! Sessions with DHCP servers: links are opened, exchanges made and printed while they happen, answers judged.

use std::path::PathBuf;
use std::time::Duration;

use crate::env::Env;
use crate::error::Result;
use crate::exit::Exit;
use crate::family::Family;
use crate::output::probe::printer::PrintStyle;
use crate::probe::Rng;
use crate::probe::query::QuerySpec;

mod capture;
mod capture_file;
mod console;
mod listen;
mod query;
mod rounds;
mod traced;
mod v6;

pub use self::capture_file::CaptureFile;
pub use self::listen::Filter;
pub use self::rounds::Rounds;

/// What a session is to do.
#[derive(Debug)]
pub struct Request {
    /// Where its work comes from.
    pub action: Action,
    /// DHCPv4 or DHCPv6.
    pub family: Family,
    /// What is sent.
    pub spec: QuerySpec,
    /// Payloads that are sent instead, as they are.
    pub raw_input: Option<Vec<Vec<u8>>>,
    /// How often it is sent.
    pub repeat: u32,
    /// How packets are printed.
    pub style: PrintStyle,
    /// Whether answers are printed side by side.
    pub compares: bool,
    /// Expectations, as they are typed.
    pub expectations: Vec<String>,
    /// The packet capture to write.
    pub pcap: Option<PathBuf>,
}

/// Where the work of a session comes from.
#[derive(Debug)]
pub enum Action {
    /// The message of the request is sent, and answers are waited for.
    Query,
    /// Commands from the terminal.
    Commands,
    /// Nothing is sent; packets that pass are printed, until the time is over if there is a limit.
    Listen {
        /// Which are printed.
        filter: Filter,
        /// How long.
        limit: Option<Duration>,
    },
}

/// Carries out the request.
pub fn run(request: &Request, env: &mut Env<'_>) -> Result<Exit> {
    match (&request.action, request.family) {
        (Action::Listen { filter, limit }, _) => listen::run(request, filter, *limit, env),
        (Action::Commands, _) => console::run(request, env),
        (Action::Query, Family::V4) => query::run(request, env),
        (Action::Query, Family::V6) => v6::run(request, env),
    }
}

/// Random numbers that cannot be guessed.
fn rng(env: &mut Env<'_>) -> Result<Rng> {
    env.random_number().map(Rng)
}
