//! How full the pools are and why, as kea-pools does.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;

use super::leases::{Remarks, place};
use super::running::name_of;
use super::step::{NO_TIME, fault};
use super::{Gathered, Request};
use crate::control::Deadline;
use crate::export::{self, Survey, SurveyOptions};
use crate::health::pools::{self, Limits};
use crate::inspect::logging::Found;
use crate::output::usage::{self, All, Pools, UsageFormat, UsageTableOptions};
use crate::panics;
use crate::redact;
use crate::usage::Level;

/// Columns of tables.
const WIDTH: usize = 120;

/// Counts the leases of each DHCP server in its pools.
pub(super) fn gather(request: &Request, found: &Found, gathered: &mut Gathered, deadline: Deadline) {
    let (mut survey, remarks) = survey(request, found, gathered, deadline);
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
    let others = remarks.into_iter().filter(|remark| !notes.contains(remark)).collect::<Vec<_>>();
    notes.extend(others);
    let all = All {
        at: request.now,
        families: families.collect(),
        notes: &notes,
        failures: survey.gaps(),
        limits: limits.clone(),
        is_alarm: false,
    };
    let look = UsageTableOptions { width: WIDTH, color: false, ascii: true, why: true, zone: request.zone };
    for (path, format) in [("pools.txt", UsageFormat::Table), ("pools.json", UsageFormat::Json)] {
        let mut text = Vec::new();
        // Writing to memory cannot fail.
        let _ = usage::write(format, &all, look, &mut text);
        if !survey.families.is_empty() {
            gathered.own(path, "kea-pools", &text);
        }
    }
}

/// What each server's leases or statistics say, each in a thread of its own: one that hangs does not take the others along.
fn survey(request: &Request, found: &Found, gathered: &mut Gathered, deadline: Deadline) -> (Survey, Vec<String>) {
    let wanted =
        SurveyOptions { at: request.now, basis: None, journal: false, maps: false, refused: false, is_past: false };
    let begun = found.sites.iter().enumerate().filter_map(|(at, site)| {
        // Why there is no place is reported where leases are gathered.
        let place = place(request, &site.config)?.ok()?;
        let (sender, receiver) = mpsc::channel();
        let request = request.clone();
        let count = move || {
            let mut remarks = Remarks::default();
            let survey = panics::catch(|| export::survey(vec![Ok(place)], wanted, &request.variable(), &mut remarks));
            // The receiver may be gone.
            let _ = sender.send(survey.map(|survey| (survey, remarks.0)));
        };
        // Where no thread can be started, the sender is gone.
        let _ = thread::Builder::new().spawn(count);
        Some((format!("pools of {}", name_of(found, at)), receiver))
    });
    let (mut all, mut notes) = (Survey::default(), Vec::new());
    for (what, receiver) in begun.collect::<Vec<_>>() {
        match receiver.recv_timeout(deadline.left().unwrap_or_default()) {
            Ok(Ok((survey, remarks))) => {
                all.families.extend(survey.families);
                all.failures.extend(survey.failures);
                notes.extend(remarks);
            }
            Ok(Err(place)) => gathered.missing(what, fault(&place)),
            Err(RecvTimeoutError::Timeout) => gathered.missing(what, NO_TIME),
            Err(RecvTimeoutError::Disconnected) => gathered.missing(what, "no thread can be started"),
        }
    }
    (all, notes)
}

/// Hides the secrets in what administrators call subnets, before columns are made of that.
fn hide_secrets(survey: &mut Survey) {
    for subnet in survey.families.iter_mut().flat_map(|family| &mut family.layout.subnets) {
        subnet.name = subnet.name.take().map(|name| redact::line(&name).into_owned());
    }
}
