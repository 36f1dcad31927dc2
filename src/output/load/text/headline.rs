//! The first lines: what was asked, what came of it, and which rate holds.

use super::{Heading, OneLine, Page, Report, count, rate};
use crate::load::{Limit, SearchEnd};

pub(super) fn write(heading: &Heading, report: &Report, page: &mut Page) {
    let Heading { exchange, clients, target } = heading;
    page.line(&format!("{exchange}, {}, {}", count((*clients).into(), "client"), OneLine(target)));
    let seconds = report.length.as_secs_f64();
    page.line(&format!(
        "{} begun, {} completed in {seconds:.1} s: {}, {} completed",
        count(report.started, "exchange"),
        report.completed,
        report.rate_asked.map_or_else(|| "all at once".to_owned(), |asked| format!("{} asked", rate(asked))),
        report.rate_achieved.map_or_else(|| "-".to_owned(), rate),
    ));
    if let Some(end) = &report.search {
        page.line(&search(end));
    }
    if report.is_ramp {
        page.line(&report.held.map_or_else(|| "no rate held".to_owned(), |held| format!("held up to {}", rate(held))));
    }
}

fn search(end: &SearchEnd) -> String {
    let no_rate = "no rate was found that holds";
    match end {
        SearchEnd::Found { rate: found, limit } => match limited(*limit) {
            None => format!("highest rate that holds: {}, confirmed three times", rate(*found)),
            Some(limit) => {
                format!("highest rate that holds: at least {}, confirmed three times; limited by {limit}", rate(*found))
            }
        },
        SearchEnd::Nothing { lowest } => format!("{no_rate}, down to {}", rate(*lowest)),
        SearchEnd::Unstable { lowest } => {
            format!("{no_rate} each time: results vary, down to {}", rate(*lowest))
        }
        SearchEnd::PoolExhausted { held } => {
            let before = held.map_or(String::new(), |held| format!(" (until then {} held)", rate(held)));
            format!("{no_rate}: the pool is exhausted, further clients get no address{before}; -R takes fewer")
        }
        SearchEnd::Stopped => format!("{no_rate}: the search was ended before"),
    }
}

/// What else than the server keeps a rate from being higher.
fn limited(limit: Limit) -> Option<&'static str> {
    match limit {
        Limit::Server => None,
        Limit::Rate => Some("--limit-rate"),
        Limit::Clients => Some("-R: every client was waiting"),
        Limit::Generator => Some("this machine: messages left late"),
    }
}
