//! The first lines: what was asked, what came of it, and which rate holds.

use super::{Heading, OneLine, Page, Report, count, rate};
use crate::load::{Limit, SearchEnd};

pub(super) fn write(heading: &Heading, report: &Report, page: &mut Page) {
    let Heading { exchange, target } = heading;
    page.line(&format!("{exchange}, {}, {}", count(report.clients.into(), "client"), OneLine(target)));
    let seconds = report.length.as_secs_f64();
    page.line(&format!(
        "{} begun, {} completed in {seconds:.1} s{}",
        count(report.started, "exchange"),
        report.completed,
        rates(report)
    ));
    if let Some(end) = &report.search {
        page.line(&search(end, report.clients));
    }
    if report.is_ramp {
        page.line(&report.held.map_or_else(|| "no rate held".to_owned(), |held| format!("held up to {}", rate(held))));
    }
}

/// What was asked and what came of it; of several rates an average would say nothing.
fn rates(report: &Report) -> String {
    let completed = || report.rate_achieved.map_or_else(|| "-".to_owned(), rate);
    match report.rate_asked {
        None => format!(": all at once, {} completed", completed()),
        Some(most) if report.search.is_some() || report.is_ramp => format!(" at rates up to {}", rate(most)),
        Some(asked) => format!(": {} asked, {} completed", rate(asked), completed()),
    }
}

fn search(end: &SearchEnd, clients: u32) -> String {
    let no_rate = "no rate was found that holds";
    match end {
        SearchEnd::Found { rate: found, limit } => match limited(*limit, clients) {
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
            let before = until_then(*held);
            format!("{no_rate}: the pool is exhausted, further clients get no address{before}; -R takes fewer")
        }
        SearchEnd::NoAnswer { held } => format!("{no_rate}: no server answers{}", until_then(*held)),
        SearchEnd::Late { lowest } => {
            format!("{no_rate}: this machine: messages left late in each try, down to {}", rate(*lowest))
        }
        SearchEnd::Stopped => format!("{no_rate}: the search was ended before"),
    }
}

/// ` (until then 50.0/s held)`.
fn until_then(held: Option<f64>) -> String {
    held.map_or_else(String::new, |held| format!(" (until then {} held)", rate(held)))
}

/// What else than the server keeps a rate from being higher.
fn limited(limit: Limit, clients: u32) -> Option<String> {
    match limit {
        Limit::Server => None,
        Limit::Rate => Some("--limit-rate".to_owned()),
        Limit::Clients => Some(format!("the number of clients, of which all {clients} were waiting: -R takes more")),
        Limit::Generator => Some("this machine: messages left late".to_owned()),
    }
}
