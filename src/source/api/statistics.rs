//! What a running server counts: leases in each subnet, and new clients that got nothing.

use serde::Deserialize;
use serde_json::{Value, json};

use super::remedy::with_remedy;
use super::{Api, first, service};
use crate::control::{Channel, Code, Command};
use crate::error::{Error, Result};
use crate::lease::Family;

/// What the first server that answers counts in each subnet of a family: two cheap commands.
pub(in crate::source) fn statistics(api: &Api, family: Family) -> Result<ServerCounts> {
    first(api, |channel| statistics_at(&channel, family))
}

/// How many new clients got nothing, on all subnets and on each of these: a cheap command for each. A server counts from
/// its start on, and has no counter for a subnet where none was refused.
pub(in crate::source) fn failures(api: &Api, family: Family, subnets: &[u32]) -> Result<(u64, Vec<u64>)> {
    first(api, |channel| {
        let name = format!("v{}-allocation-fail", family.digit());
        let of_subnet = |id: &u32| Ok(counter(&channel, family, &format!("subnet[{id}].{name}"))?.unwrap_or(0));
        let unknown = || Error::new(channel.address().place(), format!("{name}: this server does not count that"));
        let all = counter(&channel, family, &name)?.ok_or_else(unknown)?;
        Ok((all, if all == 0 { vec![0; subnets.len()] } else { subnets.iter().map(of_subnet).collect::<Result<_>>()? }))
    })
}

/// The scopes that the first server which answers serves, and those of its partner as far as it knows.
pub(in crate::source) fn scopes(api: &Api, family: Family) -> Result<Vec<String>> {
    first(api, |channel| {
        let answer = channel.send(&Command::new("status-get").service(service(family)));
        let answer = answer.map_err(|failure| with_remedy(&failure))?;
        let failed = |cause: String| Error::new(channel.address().place(), format!("status-get: {cause}"));
        if answer.code != Code::Success {
            return Err(failed(answer.text.clone()));
        }
        let status = answer.read::<Status>().map_err(|cause| failed(cause.to_string()))?;
        let mut scopes = Vec::new();
        for Relationship { ha_servers: Servers { local, remote } } in status.high_availability {
            scopes.extend(local.scopes);
            // What a partner served before it was lost is served by it no more.
            scopes.extend(remote.filter(|it| it.last_state != "unavailable").into_iter().flat_map(|it| it.last_scopes));
        }
        Ok(scopes)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Status {
    #[serde(default)]
    high_availability: Vec<Relationship>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Relationship {
    ha_servers: Servers,
}

#[derive(Deserialize)]
struct Servers {
    local: Local,
    remote: Option<Remote>,
}

#[derive(Deserialize)]
struct Local {
    #[serde(default)]
    scopes: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Remote {
    last_state: String,
    last_scopes: Vec<String>,
}

/// A counter by its name; `None` if the server does not have it.
fn counter(channel: &Channel, family: Family, name: &str) -> Result<Option<u64>> {
    let command = Command::new("statistic-get").service(service(family)).arguments(json!({ "name": name }));
    let answer = channel.send(&command).map_err(|failure| with_remedy(&failure))?;
    if answer.code != Code::Success {
        return Err(Error::new(channel.address().place(), format!("statistic-get: {}", answer.text)));
    }
    let statistics = answer.read::<Value>().unwrap_or_default();
    // The newest value comes first, with its time.
    Ok(statistics.get(name).and_then(|samples| samples.get(0)?.get(0)?.as_u64()))
}

fn statistics_at(channel: &Channel, family: Family) -> Result<ServerCounts> {
    let name = format!("stat-lease{}-get", family.digit());
    let failed = |cause: String| Error::new(channel.address().place(), format!("{name}: {cause}"));
    let answer =
        channel.send(&Command::new(&name).service(service(family))).map_err(|failure| with_remedy(&failure))?;
    match answer.code {
        Code::Success => {}
        Code::Empty => return Ok(ServerCounts::default()),
        Code::Unsupported => {
            return Err(failed(
                "the server does not know it: its hook library for statistics is not loaded".to_owned(),
            )
            .hint("load libdhcp_stat_cmds.so in \"hooks-libraries\" of its configuration"));
        }
        _ => return Err(failed(answer.text.clone())),
    }
    let table =
        answer.read::<Statistics>().map_err(|_| failed("its answer has no table of counts".to_owned()))?.result_set;
    let column = |names: &[&str]| table.columns.iter().position(|column| names.contains(&column.as_str()));
    let (id, assigned) = (column(&["subnet-id"]), column(&["assigned-addresses", "assigned-nas"]));
    if id.is_none() {
        return Err(failed("the table has no column subnet-id".to_owned()));
    }
    let (declined, prefixes) = (column(&["declined-addresses", "declined-nas"]), column(&["assigned-pds"]));
    let mut rows = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        // After statistic-reset-all a server may count below zero.
        let number = |column: Option<usize>| {
            let number = row.get(column?)?;
            number.as_u64().or_else(|| number.as_i64().map(|_| 0))
        };
        let no_subnet = || failed("a row of its table has no subnet-id".to_owned());
        let subnet_id = number(id).and_then(|id| u32::try_from(id).ok()).ok_or_else(no_subnet)?;
        // Nothing assigned and nothing known of it are not the same.
        let unknown = || failed(format!("it does not say how many addresses of subnet {subnet_id} are assigned"));
        let assigned = number(assigned).ok_or_else(unknown)?;
        let [declined, assigned_prefixes] = [declined, prefixes].map(|column| number(column).unwrap_or(0));
        rows.push(SubnetCounts { subnet_id, assigned, declined, assigned_prefixes });
    }
    let version = channel.send(&Command::new("version-get").service(service(family)));
    Ok(ServerCounts { rows, version: version.map(|answer| answer.text).unwrap_or_default() })
}

/// What a server counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerCounts {
    /// Of each subnet.
    pub rows: Vec<SubnetCounts>,
    /// Its version, on which the meaning of the counts depends; empty if it is not known.
    pub version: String,
}

/// What a server counts in a subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubnetCounts {
    /// The subnet's number.
    pub subnet_id: u32,
    /// Assigned addresses.
    pub assigned: u64,
    /// Declined addresses.
    pub declined: u64,
    /// Assigned prefixes.
    pub assigned_prefixes: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Statistics {
    result_set: ResultSet,
}

#[derive(Deserialize)]
struct ResultSet {
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}
