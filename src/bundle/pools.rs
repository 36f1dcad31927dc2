//! How full the pools are and why, as kea-pools does.

use super::leases::{Remarks, place};
use super::{Gathered, Request};
use crate::export::{self, Survey, Wanted};
use crate::health::pools::{self, Limits};
use crate::inspect::logging::Found;
use crate::output::usage::{self, All, Format, Look, Pools};
use crate::redact;
use crate::usage::Level;

/// Columns of tables.
const WIDTH: usize = 120;

/// Counts the leases of each DHCP server in its pools.
pub(super) fn gather(request: &Request, found: &Found, gathered: &mut Gathered) {
    let places = found.sites.iter().filter_map(|site| place(request, &site.config));
    // Why there is no place is reported where leases are gathered.
    let places: Vec<_> = places.flatten().map(Ok).collect();
    if places.is_empty() {
        return;
    }
    let mut remarks = Remarks::default();
    let wanted = Wanted { at: request.now, basis: None, journal: false, maps: false, refused: false, is_past: false };
    let mut survey = export::survey(places, wanted, &request.variable(), &mut remarks);
    hide_secrets(&mut survey);
    for failure in &survey.failures {
        gathered.missing("pools", failure.to_string());
    }
    let limits = Limits::default();
    let families = survey.families.iter().map(|family| Pools {
        family: family.family,
        layout: &family.layout,
        usage: &family.usage,
        rows: pools::rows(&family.layout, &family.usage, Level::Pool, None, &limits),
        chosen: None,
        origin: family.origin.location.clone(),
    });
    let mut notes: Vec<String> = survey.families.iter().flat_map(|family| family.notes.clone()).collect();
    let others = remarks.0.into_iter().filter(|remark| !notes.contains(remark)).collect::<Vec<_>>();
    notes.extend(others);
    let all = All {
        at: request.now,
        families: families.collect(),
        notes: &notes,
        failures: survey.gaps(),
        limits: limits.clone(),
        is_alarm: false,
    };
    let look = Look { width: WIDTH, color: false, ascii: true, why: true, zone: request.zone };
    for (path, format) in [("pools.txt", Format::Table), ("pools.json", Format::Json)] {
        let mut text = Vec::new();
        // Writing to memory cannot fail.
        let _ = usage::write(format, &all, look, &mut text);
        if !survey.families.is_empty() {
            gathered.own(path, "kea-pools", &text);
        }
    }
}

/// Hides the secrets in what administrators call subnets, before columns are made of that.
fn hide_secrets(survey: &mut Survey) {
    for subnet in survey.families.iter_mut().flat_map(|family| &mut family.layout.subnets) {
        subnet.name = subnet.name.take().map(|name| redact::line(&name).into_owned());
    }
}
