//! kea-support-bundle: one file for a support ticket, without secrets.

use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory as _;

use crate::bundle::{self, About, Left, Manifest, Ready};
use crate::env::Env;
use crate::env::outfile::OutFile;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::inspect::Root;
use crate::installation::LiveFiles;
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

/// Runs the program.
pub fn run(env: &mut Env<'_>) -> Result<Exit> {
    let args: Args = match super::parse(command(), env)? {
        Ok(args) => args,
        Err(exit) => return Ok(exit),
    };
    let now = env.clock.now();
    let root = Root::new(&args.root);
    root.check().map_err(|cause| Error::io(format!("look at the machine in {}", args.root.display()), &cause))?;
    let top = args.name(&root, now)?;
    let gathered = bundle::gather(&args.request(root, now, env));
    if gathered.is_empty() {
        return Err(Error::new("gather", "nothing of Kea is here").hint("-c names a configuration, --root a machine"));
    }
    let about = About {
        tool: format!("{NAME} {}", env!("CARGO_PKG_VERSION")),
        arguments: env.args.iter().map(|argument| argument.to_string_lossy().into_owned()).collect(),
        time: show(now, TimeStyle::Utc),
        local_time: show(now, TimeStyle::Local),
    };
    let ready = bundle::ready(gathered, about).map_err(|cause| Error::io("prepare the bundle", &cause))?;
    let ready = match ready {
        Ok(ready) => ready,
        Err(left) => return Ok(withheld(&left, env.stderr)),
    };
    report(&ready.manifest, env.stderr);
    let is_whole = ready.manifest.missing.iter().all(|missing| missing.is_meant);
    let failed = |cause: io::Error| Error::io("write standard output", &cause);
    if args.dry_run {
        list(&ready.manifest, env.stdout).map_err(failed)?;
    } else {
        let path = args.path(&top);
        pack(ready, &path, &top, now, env)?;
        writeln!(env.stdout, "{}", OneLine(&path.display().to_string())).map_err(failed)?;
    }
    Ok(if is_whole { Exit::Done } else { Exit::No })
}

/// Writes the bundle; a file that is there is replaced only by a whole one.
fn pack(ready: Ready, path: &Path, top: &str, now: i64, env: &Env<'_>) -> Result<()> {
    let failed = |cause: io::Error| Error::io(format!("write {}", path.display()), &cause);
    let mut file = OutFile::create(path, &LiveFiles::of_this_host(env.var))?;
    bundle::write(ready, top, now, &mut file).map_err(failed)?;
    file.mode(0o600).commit()
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
        writeln!(out, "{:>12}  {:>8}  {}", entry.size, entry.redacted, OneLine(&entry.path))?;
    }
    for missing in manifest.missing.iter().filter(|missing| missing.is_meant) {
        writeln!(out, "{:>12}  {:>8}  {}: {}", "-", "-", OneLine(&missing.what), OneLine(&missing.why))?;
    }
    Ok(())
}
