//! The databases of the daemons: versions, schemas, zones, sizes.

use super::running::name_of;
use super::{Gathered, Request};
use crate::inspect::logging::Found;
use crate::source;

/// Asks each database that a configuration names, on this machine or from it.
pub(super) fn gather(request: &Request, found: &Found, gathered: &mut Gathered) {
    let mut text = Vec::new();
    for (at, site) in found.sites.iter().enumerate().filter(|(_, site)| site.config.family().is_some()) {
        let (config, daemon) = (&site.config, name_of(found, at));
        if !request.root.is_own() {
            if !config.keeps_lease_file() {
                gathered.left_out(format!("databases of {daemon}"), "those of another machine are not asked");
            }
            continue;
        }
        for (part, facts) in source::database_facts(config, &request.variable()) {
            match facts {
                Ok(facts) => {
                    let lines = facts.iter().map(|(name, value)| format!("  {name}: {value}\n"));
                    text.push(format!("{part} of {daemon}\n"));
                    text.extend(lines);
                }
                Err(error) => gathered.missing_as_said(format!("{part} of {daemon}"), error.to_string()),
            }
        }
    }
    if !text.is_empty() {
        gathered.own("databases.txt", "databases", text.concat().as_bytes());
    }
}
