//! Where a message goes, in words.

use std::io::{self, Write};

use super::table::state_word;
use crate::loggers::{Route, Subject};
use crate::text::OneLine;

/// Writes where it goes, for each daemon.
pub fn routes(subject: &Subject, routes: &[Route], out: &mut dyn Write) -> io::Result<()> {
    for route in routes {
        let text = sentence(subject, route);
        writeln!(out, "{}", OneLine(&text))?;
        let entry = route
            .logger
            .entry
            .as_ref()
            .map_or_else(|| "no entry of its own".to_owned(), |place| format!("entry at {place}"));
        writeln!(out, "  {} logs at {}: {}", route.logger.name, route.logger.threshold, OneLine(&entry))?;
        for output in &route.outputs {
            let state = output.facts.as_ref().map_or(String::new(), |facts| format!(" ({})", state_word(&facts.state)));
            writeln!(out, "  {}", OneLine(&format!("to {}{state}", output.destination.target)))?;
        }
        if let Some(remedy) = &route.remedy {
            writeln!(out, "  {}", OneLine(&format!("To log it: {remedy}")))?;
        }
    }
    Ok(())
}

fn sentence(subject: &Subject, route: &Route) -> String {
    let severity = route.severity.as_ref().map_or(String::new(), |severity| format!(" ({severity})"));
    let daemon = route.daemon.process_name();
    let verdict = match (route.is_logged, &route.remedy) {
        (true, _) => "is logged",
        (false, _) if route.outputs.is_empty() => "is written nowhere",
        (false, Some(_)) => "is not logged",
        (false, None) => "is lost: its outputs cannot be written",
    };
    format!("{daemon}: {}{severity} {verdict}", subject.text)
}
