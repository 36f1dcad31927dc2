//! An inventory for Ansible, as a dynamic inventory script prints it: hosts with their addresses, grouped by subnet.
//!
//! The document begins with all hosts' variables and repeats the hosts in their groups, so names and addresses wait in
//! memory.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::names::host_name;
use super::{LeaseWriter, Row, Written};
use crate::lease::address_text::colon_hex;
use crate::lease::{Family, Lease};

/// Gathers hosts.
pub(super) struct Inventory<'a> {
    out: &'a mut dyn Write,
    variables: Map<String, Value>,
    groups: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Inventory<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { out, variables: Map::new(), groups: BTreeMap::new() }
    }
}

impl LeaseWriter for Inventory<'_> {
    fn begin(&mut self, _family: Family) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<Written> {
        let lease = row.lease;
        if lease.is_prefix() {
            return Ok(Written::LeftOut);
        }
        let address = lease.address().to_string();
        // The second lease of a name is a host of its own, called by its address.
        let name = host_name(lease.hostname).filter(|name| !is_taken(name) && !self.variables.contains_key(*name));
        let name = name.unwrap_or(&address).to_owned();
        let group = format!("subnet{}_{}", lease.family().digit(), lease.subnet_id);
        self.groups.entry(group).or_default().insert(name.clone());
        self.variables.insert(name, variables(lease, &address));
        Ok(Written::Row)
    }

    fn finish(&mut self) -> io::Result<()> {
        let mut document = Map::new();
        document.insert("_meta".into(), json!({ "hostvars": std::mem::take(&mut self.variables) }));
        document.insert("all".into(), json!({ "children": self.groups.keys().collect::<Vec<_>>() }));
        for (group, hosts) in &self.groups {
            document.insert(group.clone(), json!({ "hosts": hosts }));
        }
        serde_json::to_writer_pretty(&mut *self.out, &document)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}

/// Whether a name means something to Ansible already: its own groups, and ours.
fn is_taken(name: &str) -> bool {
    let is_number = |rest: &str| !rest.is_empty() && rest.bytes().all(|octet| octet.is_ascii_digit());
    let is_group = ["subnet4_", "subnet6_"].iter().any(|ours| name.strip_prefix(ours).is_some_and(is_number));
    is_group || ["all", "ungrouped", "_meta"].iter().any(|own| name.eq_ignore_ascii_case(own))
}

fn variables(lease: &Lease<'_>, address: &str) -> Value {
    let mut hwaddr = Vec::new();
    colon_hex(lease.hwaddr.0, &mut hwaddr);
    json!({
        "ansible_host": address,
        "kea_subnet_id": lease.subnet_id,
        "kea_hw_address": String::from_utf8_lossy(&hwaddr),
    })
}
