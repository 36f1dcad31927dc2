//! Where a message goes, in words.

use std::io::{self, Write};

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
        for destination in &route.logger.destinations {
            writeln!(out, "  {}", OneLine(&format!("to {}", destination.target)))?;
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
    match (route.is_logged, route.logger.destinations.is_empty()) {
        (true, _) => format!("{daemon}: {}{severity} is logged", subject.text),
        (false, true) => format!("{daemon}: {}{severity} is written nowhere", subject.text),
        (false, false) => format!("{daemon}: {}{severity} is not logged", subject.text),
    }
}
