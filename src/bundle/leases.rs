//! Leases: counts, the last ones or all, and the files of the lease file cleanup.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::path::{Path, PathBuf};

use super::running::name_of;
use super::{Gathered, Leases, Request};
use crate::config::{Config, Daemon, lease_files};
use crate::error::Result;
use crate::export::{self, Observer};
use crate::inspect::logging::Found;
use crate::inspect::{Root, hidden};
use crate::lease::{Lease, LeaseStatus, OwnedLease, RowError};
use crate::memfile::version::Target;
use crate::output::lease::{LeaseFormat, Style};
use crate::source::{Flow, LeaseLocation, Order, SourceOptions, Visitor};
use crate::text::OneLine;
use crate::time::{TimeStyle, show};

/// How many of the last leases a summary has.
const LAST: usize = 200;

/// Gathers the leases of each DHCP server; those at rest may have none.
pub(super) fn gather(request: &Request, found: &Found, at_rest: &[Daemon], gathered: &mut Gathered) {
    for (at, site) in found.sites.iter().enumerate() {
        let name = name_of(found, at);
        let (what, folder) = (format!("leases of {name}"), format!("leases/{name}"));
        if site.config.family().is_none() {
            continue;
        }
        let may_lack = at_rest.contains(&site.config.daemon);
        if !files(request, &site.config, (&folder, may_lack), gathered) {
            continue;
        }
        let Some(place) = place(request, &site.config) else { continue };
        let done = place.and_then(|place| of_place(request, (&site.config, &folder), &place, gathered));
        if let Err(error) = done {
            gathered.missing(what, error.to_string());
        }
    }
}

/// Where the leases of a DHCP server are; of another machine only files are read.
pub(super) fn place(request: &Request, config: &Config) -> Option<Result<LeaseLocation>> {
    let family = config.family()?;
    let root = &request.root;
    let file = std::path::absolute(&config.file).unwrap_or_else(|_| config.file.clone());
    let mut options = SourceOptions { config: Some(root.at(file)), ..SourceOptions::default() };
    if config.keeps_lease_file() {
        let files = lease_files(config, &request.variable());
        let is_there =
            |file: &&PathBuf| ["", ".1", ".2", ".completed"].iter().any(|end| root.metadata(with(file, end)).is_ok());
        if let Some(why) = irregular(root, &files) {
            return Some(Err(crate::error::Error::new("read leases", why)));
        }
        let there = files.iter().find(is_there)?;
        options.files = vec![root.at(there)];
    } else if !root.is_own() {
        let why = crate::error::Error::new("read leases", "they are in a database, and another machine's is not asked");
        return Some(Err(why));
    }
    let found = options.locate_each(&[family], &request.variable());
    let place = found.and_then(|mut found| {
        found.pop().unwrap_or_else(|| Err(crate::error::Error::new("read leases", "there is no place")))
    });
    Some(place.map(|place| place.with_configuration(config.clone())))
}

fn of_place(
    request: &Request,
    (config, folder): (&Config, &str),
    place: &LeaseLocation,
    gathered: &mut Gathered,
) -> Result<()> {
    let family = place.family;
    let mut source = place.open()?;
    let mut counts = Counts { now: request.now, keeps: request.leases == Leases::Summary, ..Counts::default() };
    source.visit(Order::Stored, &mut counts)?;
    let origin = source.origin();
    let mut text = format!("{family} leases in {}, as {} says\n", origin.location, config.file.display());
    if let Some(version) = &origin.version {
        text = format!("{text}version {version}\n");
    }
    text.push_str(&counts.text());
    gathered.own(&format!("{folder}/summary.txt"), &origin.location, text.as_bytes());
    let style = Style::stored(LeaseFormat::Memfile, Target::NEWEST, TimeStyle::Utc, request.zone);
    let name = if request.leases == Leases::All { "all.csv" } else { "last.csv" };
    let spool = request.spool().map_err(|cause| crate::error::Error::io("keep leases", &cause))?;
    let path = format!("{folder}/{name}");
    let source_name = origin.location;
    let anonymizer = request.anonymizer.as_deref();
    if request.leases == Leases::Summary {
        return gathered.leases(&path, &source_name, spool, |out| {
            export::write_leases(family, style, counts.last.iter().map(OwnedLease::lease), anonymizer, out)
        });
    }
    let mut remarks = Remarks::default();
    let mut source = place.open()?;
    gathered.leases(&path, &source_name, spool, |out| {
        export::write_all(source.as_mut(), family, style, anonymizer, out, &mut remarks)
    })
}

/// The lease file and what a cleanup leaves next to it, with sizes and times; whether there may be leases.
fn files(request: &Request, config: &Config, (folder, may_lack): (&str, bool), gathered: &mut Gathered) -> bool {
    if !config.keeps_lease_file() {
        return true;
    }
    let files = lease_files(config, &request.variable());
    let text: String = files.iter().map(|file| companions(&request.root, file)).collect();
    let path = format!("{folder}/files.txt");
    if text.is_empty() {
        let name = missing_name(&files);
        match files.iter().find_map(|file| hidden(&request.root, file)) {
            // What cannot be looked at may well be there.
            Some(why) => gathered.missing(name, why),
            None if may_lack => gathered.left_out(name, "it is not there, and its server does not run and need not"),
            None => gathered.missing(name, "it is not there"),
        }
        return false;
    }
    gathered.own(&path, "lease files", text.as_bytes());
    true
}

fn missing_name(files: &[PathBuf]) -> String {
    format!("lease file {}", files.first().map(|file| file.display().to_string()).unwrap_or_default())
}

/// What is wrong with files that are no regular ones: who opens a pipe waits for another program.
fn irregular(root: &Root, files: &[PathBuf]) -> Option<String> {
    let all = files.iter().flat_map(|file| ["", ".1", ".2", ".completed"].map(|end| with(file, end)));
    let is_other = |file: &PathBuf| root.metadata(file).is_ok_and(|found| !found.is_file());
    all.into_iter().find(is_other).map(|file| format!("{}: not a regular file", file.display()))
}

fn with(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn companions(root: &Root, file: &Path) -> String {
    let ends = ["", ".1", ".2", ".completed", ".output", ".pid"];
    let shown = ends.iter().filter_map(|end| {
        let name = with(file, end);
        let found = root.metadata(&name).ok()?;
        let time = found.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
        let time = show(i64::try_from(time).unwrap_or(i64::MAX), TimeStyle::Utc);
        Some(format!("{:>12}  {time}  {}\n", found.len(), name.display()))
    });
    shown.collect()
}

/// Counts leases by subnet and status, and keeps the last ones.
#[derive(Default)]
struct Counts {
    now: i64,
    keeps: bool,
    by_subnet: BTreeMap<u32, BTreeMap<LeaseStatus, u64>>,
    last: VecDeque<OwnedLease>,
    bad: Vec<String>,
    bad_rows: u64,
    remarks: Vec<String>,
}

impl Counts {
    fn text(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for (subnet, by_status) in &self.by_subnet {
            let parts: Vec<_> = by_status.iter().map(|(status, count)| format!("{count} {status}")).collect();
            lines.push(format!("subnet {subnet}: {}\n", parts.join(", ")));
        }
        if self.bad_rows > 0 {
            lines.push(format!("{}\n", crate::text::count(self.bad_rows, "bad row")));
        }
        lines.extend(self.bad.iter().chain(&self.remarks).map(|text| format!("{}\n", OneLine(text))));
        lines.concat()
    }
}

impl Visitor for Counts {
    fn lease(&mut self, lease: &Lease<'_>) -> Result<Flow> {
        *self.by_subnet.entry(lease.subnet_id).or_default().entry(lease.status(self.now)).or_default() += 1;
        if self.keeps {
            if self.last.len() == LAST {
                self.last.pop_front();
            }
            self.last.push_back(OwnedLease::from(lease));
        }
        Ok(Flow::Continue)
    }

    fn bad_row(&mut self, place: &dyn fmt::Display, error: &RowError) -> Result<()> {
        const NAMED: u64 = 20;
        self.bad_rows += 1;
        if self.bad_rows <= NAMED {
            self.bad.push(format!("{place}: {error}"));
        }
        Ok(())
    }

    fn remark(&mut self, text: &str) {
        self.remarks.push(text.to_owned());
    }
}

/// Keeps what a user should know.
#[derive(Default)]
pub(super) struct Remarks(pub(super) Vec<String>);

impl Observer for Remarks {
    fn line(&mut self, text: &str) {
        self.0.push(text.to_owned());
    }

    fn remark(&mut self, text: &str) {
        self.0.push(text.to_owned());
    }

    fn plain_line(&mut self, text: &str) {
        self.0.push(text.to_owned());
    }

    fn begin_rows(&mut self, _: bool) {}

    fn row(&mut self) {}

    fn expect_rows(&mut self, _: u64) {}

    fn preparing(&mut self, _: u64, _: u64) {}

    fn end_rows(&mut self) {}
}
