//! What the logs say, as kea-log-report does.

use super::{Gathered, Request, logs};
use crate::inspect::hidden;
use crate::inspect::logging::Found;
use crate::log::analysis::{self, Analysis};
use crate::log::line::Server;
use crate::log::stamp::SECOND;
use crate::output::log::Moments;
use crate::output::log::page::Page;
use crate::source::logs::{How, LogSource, Logs, siblings};

/// Columns of the page.
const WIDTH: usize = 120;

/// How many clients are followed.
const CLIENTS: usize = 20_000;

/// Reads the logs that the daemons' loggers name, else the journal.
pub(super) fn gather(request: &Request, found: &Found, gathered: &mut Gathered) {
    let root = &request.root;
    let named = logs::logs_of(request, found);
    let hidden = named.iter().find_map(|log| Some(format!("{}: {}", log.display(), hidden(root, log)?)));
    let named = named.into_iter().filter(|log| !logs::leads_to_other(root, log));
    let files = named.flat_map(|log| siblings(&root.at(log)));
    let is_usable = |file: &std::path::PathBuf| file.is_file();
    let mut wanted: Vec<LogSource> = files.filter(is_usable).map(LogSource::File).collect();
    if wanted.is_empty() && root.is_own() && root.metadata("/run/systemd/journal").is_ok() {
        wanted.push(LogSource::Journal(None));
    }
    let since = request.since.map(|since| since.saturating_mul(SECOND));
    let how = How { zone: request.zone, now: request.now, since, until: None, most: Some(request.log_size) };
    let mut logs = Logs::open(&wanted, how, None);
    if logs.is_empty() {
        let why = hidden.or_else(|| logs.notes.first().cloned()).unwrap_or_else(|| "there is no log".to_owned());
        return gathered.missing("report of the logs", why);
    }
    let mut analysis = Analysis::new(analysis::AnalysisOptions { exchanges: false, stays: false, clients: CLIENTS });
    analysis.libraries = found.sites.iter().map(|site| (server(site.config.daemon), libraries(site))).collect();
    let mut is_any = false;
    logs.each(&mut |message, input, is_wanted| {
        if is_wanted {
            is_any = true;
            analysis.observe(message, input);
        } else {
            analysis.prepare(message, input);
        }
        true
    });
    analysis.finish();
    if !is_any {
        return gathered.missing("report of the logs", "no message of Kea is in them");
    }
    if request.anonymizer.is_some() {
        let ddns = &analysis.side.ddns;
        // Those of reverse zones are known as such.
        let clients = ddns.names.keys().chain(ddns.no_zone.keys()).filter(|name| !name.contains(".arpa"));
        gathered.names.extend(clients.cloned());
    }
    let mut moments = Moments::new(request.zone);
    moments.spanning(analysis.first, analysis.last);
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = Page { analysis: &analysis, notes: &logs.notes, moments: &mut moments, width: WIDTH }.write(&mut text);
    gathered.own("logs/report.txt", "kea-log-report", &text);
}

fn server(daemon: crate::config::Daemon) -> Server {
    Server::named(daemon.process_name().as_bytes())
}

fn libraries(site: &crate::loggers::Site) -> Vec<String> {
    let libraries = site.config.server.hooks.iter().filter_map(|hook| hook.library.as_ref());
    libraries.map(|library| library.display().to_string()).collect()
}
