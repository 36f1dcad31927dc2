//! The entries that do what is wanted.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::{Args, USUAL, failed, no_monitor, nothing_read, remark, report};
use crate::config::Daemon;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::health::loggers as verdict;
use crate::inspect::logging::{self, Found, Scope};
use crate::loggers::{Change, Composed, Grade, Site, compose, with_loggers};
use crate::output::loggers::{self as text, LoggersFormat};
use crate::release::Release;

/// Prints the entries, and reports what is wrong with them.
pub(super) fn run(
    args: &Args,
    scope: &Scope<'_>,
    found: Found,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Exit> {
    if args.format == LoggersFormat::Nagios {
        return Err(no_monitor("--set"));
    }
    let sites = sites(args, scope, found, stderr)?;
    let composed: Vec<Composed> = sites.iter().map(|site| compose(site, &args.set)).collect();
    check(args, &sites, &composed, stderr)?;
    let meant: Vec<_> = sites.iter().zip(&composed).filter(|(_, composed)| !composed.meant.is_empty()).collect();
    if args.whole {
        whole(scope, &meant, stdout)?;
    } else {
        entries(args, &meant, stdout).map_err(|cause| failed(&cause))?;
    }
    for (_, composed) in &meant {
        composed.notes.iter().for_each(|note| remark(note, stderr));
    }
    let judged =
        verdict::judge(meant.iter().map(|(site, composed)| rewritten(scope, site, composed)).collect::<Result<_>>()?);
    let wrong = judged.iter().flat_map(|one| &one.findings).filter(|finding| finding.grade > Grade::Note);
    let wrong: Vec<_> = wrong.filter(|finding| args.whole || finding.kind != "no-root-logger").collect();
    // A file that many loggers write is wrong once.
    let texts = wrong.iter().map(|finding| format!("{}: {} ({})", finding.what, finding.effect, finding.remedy));
    let mut seen = BTreeSet::new();
    for text in texts.filter(|text| seen.insert(text.clone())) {
        remark(&format!("in the new entries: {text}"), stderr);
    }
    Ok(if wrong.is_empty() { Exit::Done } else { Exit::No })
}

/// The daemons that may be meant.
fn sites(args: &Args, scope: &Scope<'_>, found: Found, stderr: &mut dyn Write) -> Result<Vec<Site>> {
    if !args.config.is_empty() || args.whole {
        if found.sites.is_empty() {
            return Err(nothing_read(found));
        }
        report(&found, stderr);
        return Ok(found.sites);
    }
    let is_there = |daemon: &Daemon| found.sites.iter().any(|site| site.config.daemon == *daemon);
    let is_named = |daemon: &Daemon| args.set.iter().any(|change| change.pattern.starts_with(daemon.process_name()));
    let is_bare = found.sites.is_empty();
    let lacking: Vec<_> = USUAL.into_iter().filter(|it| !is_there(it) && (is_bare || is_named(it))).collect();
    let mut sites = found.sites;
    sites.extend(lacking.into_iter().map(|daemon| logging::without_configuration(scope, daemon)));
    Ok(sites)
}

/// Fails where a wish is about no logger; where others are, one about another daemon only gets a remark.
fn check(args: &Args, sites: &[Site], composed: &[Composed], stderr: &mut dyn Write) -> Result<()> {
    let is_about = |change: &&Change| composed.iter().any(|one| one.is_about(change));
    let release = sites.first().map_or(Release::NEWEST, |site| site.surroundings.rules.release);
    for change in args.set.iter().filter(|change| !is_about(change)) {
        let what = format!("--set {}", change.pattern);
        let others: Vec<_> = change.daemons(release).into_iter().map(Daemon::process_name).collect();
        if others.is_empty() {
            return Err(Error::new(what, "no logger has such a name").hint(change.remedy()));
        }
        let read: Vec<_> = composed.iter().map(|one| one.daemon.process_name()).collect();
        let is_of_hooks = others.iter().any(|other| read.contains(other));
        let (cause, hint) = if is_of_hooks {
            let cause = "no hook library that is loaded has such a logger".to_owned();
            (cause, "give the whole name of the logger to print its entry")
        } else {
            let cause = format!("{} has no such logger, only {}", read.join(", "), others.join(", "));
            (cause, "name another configuration with -c")
        };
        if !args.set.iter().any(|change| is_about(&change)) {
            return Err(Error::new(what, cause).hint(hint));
        }
        remark(&format!("{what}: {cause}"), stderr);
    }
    Ok(())
}

fn entries(args: &Args, meant: &[(&Site, &Composed)], out: &mut dyn Write) -> io::Result<()> {
    if args.format == LoggersFormat::Json {
        let all: Vec<Composed> = meant.iter().map(|(_, composed)| (*composed).clone()).collect();
        return text::entries_json(&all, out);
    }
    for (site, composed) in meant {
        let map = format!("the beginning of \"{}\"", composed.daemon.config_key());
        let (place, is_before_others) = match &site.written {
            // The comma after those stays.
            Some(list) => (format!(", instead of those at {}", site.config.place(list.position)), false),
            None if !site.has_configuration() => (String::new(), false),
            None => (format!(", for {map} in {}", site.config.file.display()), site.has_members),
        };
        text::paste(composed, &place, is_before_others, out)?;
    }
    out.flush()
}

/// Prints the configuration with its new entries.
fn whole(scope: &Scope<'_>, meant: &[(&Site, &Composed)], out: &mut dyn Write) -> Result<()> {
    let Some((first, _)) = meant.first() else { return Ok(()) };
    let file = &first.config.file;
    if meant.iter().any(|(site, _)| site.config.file != *file) {
        let files: Vec<_> = meant.iter().map(|(site, _)| site.config.file.display().to_string()).collect();
        return Err(Error::new("--whole", format!("the entries are for several files: {}", files.join(", ")))
            .hint("name one with -c"));
    }
    let mut whole = logging::text(&scope.root, file)?;
    // From the end of the file, so that positions stay right.
    let mut ordered: Vec<_> = meant.to_vec();
    ordered.sort_by_key(|(site, _)| {
        std::cmp::Reverse(site.written.as_ref().map_or(site.config.server.position, |it| it.position))
    });
    for (site, composed) in ordered {
        whole = with_loggers(&whole, site, &text::list(composed).map_err(|cause| failed(&cause))?)?;
    }
    out.write_all(&whole).and_then(|()| out.flush()).map_err(|cause| failed(&cause))
}

/// The daemon as it would be with its new entries.
fn rewritten(scope: &Scope<'_>, site: &Site, composed: &Composed) -> Result<Site> {
    let list = text::list(composed).map_err(|cause| failed(&cause))?;
    Ok(logging::with_list(scope, site, &list))
}
