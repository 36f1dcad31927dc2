//! kea-support-bundle: one file for a support ticket, without secrets.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::CommandFactory as _;

use crate::anonymize::Texts;
use crate::bundle::{self, About, Left, Manifest, Ready};
use crate::env::outfile::OutFile;
use crate::env::{Env, signals};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::inspect::Root;
use crate::redact;
use crate::text::OneLine;
use crate::time::{TimeStyle, show};

mod args;

use args::Args;

const NAME: &str = "kea-support-bundle";

/// The command line.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// Where the bundle goes.
enum Target {
    /// What would be in it is listed on standard output.
    List,
    Stdout,
    File(OutFile, PathBuf),
}

/// Runs the program.
pub fn run(env: &mut Env<'_>) -> Result<Exit> {
    let args: Args = match super::parse(command(), env)? {
        Ok(args) => args,
        Err(exit) => return Ok(exit),
    };
    let (now, began) = (env.clock.now(), env.clock.monotonic());
    let root = Root::new(&args.root);
    root.check().map_err(|cause| Error::io(format!("look at the machine in {}", args.root.display()), &cause))?;
    let top = args.name(&root, now)?;
    let request = args.request(root, now, env)?;
    // A place that cannot be written to is found before the work.
    let target = target(&args, &top, &request.root, env)?;
    let anonymizer = request.anonymizer.clone();
    // The links of a capture take signals over, which end the program nevertheless.
    signals::watch();
    let gathered = bundle::gather(request, env.network);
    if gathered.is_empty() {
        return Err(Error::new("collect data", "no configuration, process or log of Kea was found")
            .hint("name a configuration with -c, or a machine with --root"));
    }
    let about = About {
        tool: format!("{NAME} {}", env!("CARGO_PKG_VERSION")),
        arguments: env.args.iter().map(|argument| argument.to_string_lossy().into_owned()).collect(),
        time: show(now, TimeStyle::Utc),
        local_time: show(now, TimeStyle::Local),
        took: env.clock.monotonic().saturating_sub(began),
    };
    let texts = anonymizer.map(|anonymizer| Texts::new(anonymizer, &gathered.names, &redact::is_usual_word));
    let replace = texts.as_ref().map(|texts| |text: &[u8]| texts.replaced(text));
    let replace = replace.as_ref().map(|replace| replace as &bundle::Replace<'_>);
    let ready = bundle::ready(gathered, about, replace).map_err(|cause| Error::io("prepare the bundle", &cause))?;
    let ready = match ready {
        Ok(ready) => ready,
        Err(left) => return Ok(withheld(&left, env.stderr)),
    };
    finish(ready, target, &top, now, env)
}

/// Where the bundle goes, ready to be written to.
fn target(args: &Args, top: &str, root: &Root, env: &Env<'_>) -> Result<Target> {
    match () {
        () if args.dry_run => Ok(Target::List),
        () if args.is_stdout() && (env.screen)().is_some() => {
            let error = Error::new("write standard output", "it is a terminal");
            Err(error.hint("write a file with -o FILE, or use a pipe"))
        }
        () if args.is_stdout() => Ok(Target::Stdout),
        () => {
            let path = args.path(top);
            signals::say_at_end(format!("{NAME}: interrupted; nothing was written"));
            Ok(Target::File(args.create(&path, root, env)?, path))
        }
    }
}

/// Writes the bundle or lists it, and reports what is missing.
fn finish(ready: Ready<'_>, target: Target, top: &str, now: i64, env: &mut Env<'_>) -> Result<Exit> {
    report(&ready.manifest, env.stderr);
    let is_whole = ready.manifest.missing.iter().all(|missing| missing.is_meant);
    let failed = |cause: io::Error| Error::io("write standard output", &cause);
    match target {
        Target::List => list(&ready.manifest, env.stdout).map_err(failed)?,
        Target::Stdout => {
            let written = bundle::write(ready, top, now, env.stdout);
            written.and_then(|()| env.stdout.flush()).map_err(failed)?;
        }
        Target::File(mut file, path) => {
            // A file that is there is replaced only by a whole one.
            let failed_file = |cause: io::Error| Error::io(format!("write {}", path.display()), &cause);
            bundle::write(ready, top, now, &mut file).map_err(failed_file)?;
            let is_named = matches!(file, OutFile::Replacing(_));
            file.mode(0o600).commit()?;
            if is_named {
                writeln!(env.stdout, "{}", OneLine(&path.display().to_string())).map_err(failed)?;
            }
        }
    }
    Ok(if is_whole { Exit::Done } else { Exit::No })
}

/// A secret is left: where, and never which.
fn withheld(left: &Left, stderr: &mut dyn Write) -> Exit {
    let place = format!("{} in line {}", left.path, left.line);
    // A stream that is gone leaves the exit status.
    let _ = writeln!(stderr, "{NAME}: write the bundle: a secret is left in {}; nothing was written", OneLine(&place));
    Exit::Withheld
}

/// Reports what is missing.
fn report(manifest: &Manifest, stderr: &mut dyn Write) {
    for missing in manifest.missing.iter().filter(|missing| !missing.is_meant) {
        // A stream that is gone leaves the exit status.
        let _ = writeln!(stderr, "{NAME}: missing: {}: {}", OneLine(&missing.what), OneLine(&missing.why));
    }
}

/// Lists what would be in the bundle.
fn list(manifest: &Manifest, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{:>12}  {:>8}  FILE", "SIZE", "REDACTED")?;
    for entry in &manifest.members {
        let cut = if entry.is_cut { " (its end)" } else { "" };
        writeln!(out, "{:>12}  {:>8}  {}{cut}", entry.size, entry.redactions.total(), OneLine(&entry.path))?;
    }
    for missing in manifest.missing.iter().filter(|missing| missing.is_meant) {
        writeln!(out, "{:>12}  {:>8}  {}: {}", "-", "-", OneLine(&missing.what), OneLine(&missing.why))?;
    }
    Ok(())
}
