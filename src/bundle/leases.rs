//! Counts of leases, and the files of the lease file cleanup; never a lease itself.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use super::{Gathered, Request};
use crate::config::model::Backend;
use crate::config::{Config, lease_files};
use crate::error::Result;
use crate::inspect::Root;
use crate::inspect::logging::Found;
use crate::lease::{Lease, LeaseStatus, RowError};
use crate::source::{Flow, LeaseSource as _, Order, Visitor, memfile};
use crate::text::OneLine;
use crate::time::{TimeStyle, show};

/// Counts leases by subnet and status.
#[derive(Default)]
struct Counts {
    now: i64,
    by_subnet: BTreeMap<u32, BTreeMap<LeaseStatus, u64>>,
    bad: u64,
    remarks: Vec<String>,
}

impl Visitor for Counts {
    fn lease(&mut self, lease: &Lease<'_>) -> Result<Flow> {
        *self.by_subnet.entry(lease.subnet_id).or_default().entry(lease.status(self.now)).or_default() += 1;
        Ok(Flow::Continue)
    }

    fn bad_row(&mut self, _: &dyn fmt::Display, _: &RowError) -> Result<()> {
        self.bad += 1;
        Ok(())
    }

    fn remark(&mut self, text: &str) {
        self.remarks.push(text.to_owned());
    }

    fn expect_rows(&mut self, _: u64) {}

    fn preparing(&mut self, _: u64, _: u64) {}
}

/// Counts the leases of each DHCP server.
pub(super) fn gather(request: &Request<'_>, found: &Found, gathered: &mut Gathered) {
    let mut lines = Vec::new();
    for config in found.sites.iter().map(|site| &site.config).filter(|config| config.family().is_some()) {
        if !config.keeps_lease_file() {
            let database = match config.server.lease_database.backend {
                Backend::Memfile => "memory only",
                Backend::Mysql => "a database of MySQL or MariaDB",
                Backend::Postgresql => "a database of PostgreSQL",
            };
            gathered.missing(format!("leases of {}", config.daemon.process_name()), format!("they are in {database}"));
            continue;
        }
        let files = lease_files(config, request.variable);
        match files.iter().find(|file| request.root.metadata(file).is_ok()) {
            Some(file) => of_file(request, config, file, gathered, &mut lines),
            None => gathered.missing(format!("leases of {}", config.daemon.process_name()), "there is no lease file"),
        }
    }
    if !lines.is_empty() {
        gathered.own("leases/summary.txt", "counts of leases by subnet and state", lines.concat().into_bytes());
    }
}

fn of_file(request: &Request<'_>, config: &Config, file: &Path, gathered: &mut Gathered, lines: &mut Vec<String>) {
    let Some(family) = config.family() else { return };
    lines.push(format!("{family} leases in {}\n", file.display()));
    lines.push(companions(&request.root, file));
    let mut counts = Counts { now: request.now, ..Counts::default() };
    let visited = memfile::open(&request.root.at(file), family).and_then(|mut it| it.visit(Order::Stored, &mut counts));
    if let Err(error) = visited {
        gathered.missing(format!("leases of {}", config.daemon.process_name()), error.to_string());
    }
    for (subnet, by_status) in &counts.by_subnet {
        let parts: Vec<_> = by_status.iter().map(|(status, count)| format!("{count} {status}")).collect();
        lines.push(format!("  subnet {subnet}: {}\n", parts.join(", ")));
    }
    if counts.bad > 0 {
        lines.push(format!("  {} bad rows\n", counts.bad));
    }
    lines.extend(counts.remarks.iter().map(|remark| format!("  {}\n", OneLine(remark))));
}

/// The lease file and what a cleanup leaves next to it, with sizes and times.
fn companions(root: &Root, file: &Path) -> String {
    let ends = ["", ".1", ".2", ".completed", ".output", ".pid"];
    let shown = ends.iter().filter_map(|end| {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        let found = root.metadata(&name).ok()?;
        let time = found.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
        let time = show(i64::try_from(time).unwrap_or(i64::MAX), TimeStyle::Utc);
        Some(format!("  {:>12}  {time}  {}\n", found.len(), Path::new(&name).display()))
    });
    shown.collect()
}
