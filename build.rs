//! Gives release builds the commit that they are built from, for `--version`.
//!
//! Other builds do without: each commit would compile everything again.

#![expect(clippy::disallowed_methods, reason = "a build script gets its arguments as variables")]

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=KEA_TOOLS_COMMIT");
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if let Some(commit) = env::var("KEA_TOOLS_COMMIT").ok().or_else(|| is_release.then(commit).flatten()) {
        println!("cargo:rustc-env=KEA_TOOLS_COMMIT={commit}");
    }
}

/// The commit of this work tree; none where the sources are in a repository of something else.
fn commit() -> Option<String> {
    let manifest = env::var_os("CARGO_MANIFEST_DIR")?;
    let top = git(&["rev-parse", "--show-toplevel"])?;
    if Path::new(&top).canonicalize().ok()? != Path::new(&manifest).canonicalize().ok()? {
        return None;
    }
    for file in ["HEAD", "logs/HEAD"] {
        println!("cargo:rerun-if-changed={}", git(&["rev-parse", "--path-format=absolute", "--git-path", file])?);
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
