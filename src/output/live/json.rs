//! The numbers of a frame as JSON.

use std::io::{self, Write};
use std::sync::Arc;

use serde::Serialize;

use crate::config::Daemon;
use crate::health::State;
use crate::health::kea::answer::Relationship;
use crate::output::usage::Pools;
use crate::output::usage::json::{Estimates, FamilyPart, family};
use crate::text::terminal_safe_json;
use crate::time::{self, TimeStyle};
use crate::top::{App, DaemonState, Model, Server};
use crate::usage::Usage;

#[derive(Serialize)]
struct Document<'a> {
    at: String,
    /// Whether this is a recording.
    replay: bool,
    state: State,
    servers: Vec<ServerPart<'a>>,
}

#[derive(Serialize)]
struct ServerPart<'a> {
    name: &'a str,
    state: State,
    service: &'a str,
    daemons: Vec<DaemonPart<'a>>,
    families: Vec<FamilyPart<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct DaemonPart<'a> {
    daemon: Option<Daemon>,
    state: State,
    service: &'a str,
    reason: Option<&'a str>,
    version: Option<&'a str>,
    uptime: Option<i64>,
    since_reload: Option<i64>,
    age: Option<u64>,
    lease_backend: Option<&'a str>,
    high_availability: &'a [Relationship],
}

/// Writes one document.
pub fn write(app: &App, out: &mut dyn Write) -> io::Result<()> {
    let model = app.model();
    let usages = |server: &Server| server.daemons().map(DaemonState::usage).collect();
    let usages: Vec<Vec<Option<Arc<Usage>>>> = model.servers.iter().map(usages).collect();
    let pools: Vec<Vec<Pools<'_>>> =
        model.servers.iter().zip(&usages).map(|(server, usages)| pools(server, usages)).collect();
    let servers = model.servers.iter().zip(&pools).map(|(server, pools)| {
        let (service, state) = model.word(server);
        ServerPart {
            name: &server.name,
            state,
            service,
            daemons: server.daemons().map(|it| daemon(model, it)).collect(),
            families: pools.iter().map(|pools| family(pools, Estimates::Null)).collect(),
        }
    });
    let document = Document {
        at: time::show(model.moment.now, TimeStyle::Utc),
        replay: app.replay.is_some(),
        state: model.state(),
        servers: servers.collect(),
    };
    writeln!(out, "{}", terminal_safe_json(&serde_json::to_string_pretty(&document)?))
}

fn daemon<'a>(model: &Model, daemon: &'a DaemonState) -> DaemonPart<'a> {
    let (service, state) = daemon.word();
    let answers = daemon.answers.as_ref();
    let age = daemon.answered.map(|at| model.moment.monotonic.saturating_sub(at).as_secs());
    DaemonPart {
        daemon: daemon.daemon,
        state,
        service,
        reason: daemon.why(),
        version: answers.and_then(|answers| answers.version.as_deref()),
        uptime: answers.and_then(|answers| answers.status.uptime),
        since_reload: answers.and_then(|answers| answers.status.reload),
        age,
        lease_backend: super::facts::backend_of(daemon),
        high_availability: answers.map_or(&[], |answers| &answers.status.high_availability),
    }
}

/// The pools of a server's DHCP daemons.
fn pools<'a>(server: &'a Server, usages: &'a [Option<Arc<Usage>>]) -> Vec<Pools<'a>> {
    server.daemons().zip(usages).filter_map(|(daemon, usage)| pools_of(daemon, usage.as_deref()?)).collect()
}

fn pools_of<'a>(daemon: &'a DaemonState, usage: &'a Usage) -> Option<Pools<'a>> {
    let source = match usage.total.addresses.basis {
        crate::usage::Basis::Leases => "leases of the running server",
        _ => "statistics of the running server, an estimate",
    };
    Some(Pools {
        family: daemon.daemon?.family()?,
        layout: super::facts::layout(daemon)?,
        usage,
        rows: Vec::new(),
        chosen: None,
        origin: source.to_owned(),
    })
}
