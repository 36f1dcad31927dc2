//! What became of each lease.

use super::{Page, Report, count};

pub(super) fn write(report: &Report, page: &mut Page) {
    let leases = &report.leases;
    if leases.given == 0 && leases.left == 0 && leases.released == 0 {
        return;
    }
    let again = leases.given.saturating_sub(leases.taken);
    let again = remark(again > 0, format!(" (and {} to clients that had one)", count(again, "time")));
    let mut parts = vec![format!("{} given{again}", leases.taken)];
    if leases.refused > 0 {
        parts.push(format!("{} ended by NAK", leases.refused));
    }
    let asked = remark(leases.only_asked > 0, format!(" ({} of them only asked for)", leases.only_asked));
    let why =
        if leases.is_interrupted { "interrupted before a server was asked" } else { "no server answered afterwards" };
    let doubt = format!(", {} of them unconfirmed: {why}", leases.unconfirmed);
    let doubt = remark(leases.unconfirmed > 0, doubt);
    parts.push(format!("{} released{asked}{doubt}", leases.released));
    parts.push(format!("{} {}", leases.left, if leases.are_kept { "kept" } else { "may be left" }));
    page.line(&format!("leases: {}", parts.join(", ")));
    let seconds = report.length.as_secs();
    if let Some(shortest) = leases.shortest.filter(|shortest| u64::from(*shortest) <= seconds) {
        page.line(&format!("lease times: as short as {shortest} s, less than the run: leases may have ended in it"));
    }
}

fn remark(is_true: bool, text: String) -> String {
    if is_true { text } else { String::new() }
}
