//! The house's floors: which room of `src` may name which, and which crate is at home where.
//!
//! The tables below are the plan; a new arrow is a line here, and must point downwards.

mod circles;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every room from the ground up, and the rooms it may name besides itself.
const ROOMS: &[(&str, &[&str])] = &[
    // Ground floor.
    ("text", &[]),
    ("secret", &[]),
    ("panics", &[]),
    ("time", &[]),
    ("error", &["text"]),
    ("family", &[]),
    ("exit", &["error"]),
    ("release", &[]),
    ("redact", &["text"]),
    // Pure: no I/O, no clock, no randomness.
    ("lease", &["text", "error", "family"]),
    ("memfile", &["text", "release", "lease"]),
    ("anonymize", &["text", "lease"]),
    ("config", &["text", "secret", "error", "family", "lease"]),
    ("dhcp", &["text", "error"]),
    ("wire", &["text", "error", "family"]),
    ("probe", &["text", "error", "family", "config", "dhcp", "wire"]),
    ("load", &["text", "error", "family", "dhcp", "wire", "probe"]),
    ("log", &["text", "time", "redact"]),
    ("usage", &["text", "family", "lease", "config"]),
    ("loggers", &["text", "error", "release", "config", "log"]),
    ("health", &["text", "time", "config", "probe", "usage", "family", "loggers"]),
    ("stats", &["family", "lease", "config", "health", "usage"]),
    ("top", &["text", "time", "family", "lease", "memfile", "config", "health", "usage", "stats"]),
    // Text for people and programs.
    (
        "output",
        &[
            "text", "time", "error", "family", "lease", "memfile", "health", "config", "dhcp", "log", "loggers",
            "wire", "probe", "load", "usage", "stats", "top",
        ],
    ),
    // The world.
    ("fs", &["error"]),
    ("installation", &["error", "family", "config", "fs"]),
    ("net", &["text", "error", "family", "wire", "probe"]),
    (
        "env",
        &["text", "secret", "time", "error", "exit", "family", "fs", "panics", "installation", "wire", "probe", "net"],
    ),
    ("tls", &["error", "fs"]),
    ("control", &["text", "secret", "error", "config", "tls", "fs"]),
    (
        "source",
        &[
            "text",
            "secret",
            "time",
            "error",
            "lease",
            "memfile",
            "log",
            "config",
            "tls",
            "control",
            "fs",
            "panics",
            "installation",
        ],
    ),
    (
        "export",
        &[
            "text",
            "time",
            "error",
            "family",
            "lease",
            "memfile",
            "anonymize",
            "config",
            "usage",
            "output",
            "fs",
            "installation",
            "env",
            "source",
        ],
    ),
    ("serve", &["error"]),
    (
        "session",
        &["text", "error", "exit", "family", "installation", "dhcp", "wire", "probe", "health", "output", "env", "net"],
    ),
    (
        "inspect",
        &[
            "text", "secret", "time", "error", "release", "redact", "family", "memfile", "config", "loggers", "log",
            "health", "tls", "control", "fs",
        ],
    ),
    (
        "bundle",
        &[
            "text",
            "time",
            "error",
            "panics",
            "fs",
            "redact",
            "lease",
            "memfile",
            "anonymize",
            "config",
            "log",
            "loggers",
            "usage",
            "health",
            "output",
            "control",
            "source",
            "export",
            "inspect",
            "family",
            "probe",
            "wire",
            "net",
            "env",
        ],
    ),
    (
        "fleet",
        &[
            "text",
            "secret",
            "redact",
            "error",
            "family",
            "lease",
            "memfile",
            "config",
            "health",
            "usage",
            "stats",
            "fs",
            "tls",
            "control",
            "env",
            "source",
            "installation",
            "inspect",
        ],
    ),
    // The programs.
    (
        "cli",
        &[
            "text",
            "secret",
            "time",
            "error",
            "exit",
            "panics",
            "release",
            "family",
            "lease",
            "memfile",
            "anonymize",
            "log",
            "loggers",
            "config",
            "dhcp",
            "wire",
            "probe",
            "load",
            "output",
            "env",
            "fs",
            "tls",
            "control",
            "net",
            "source",
            "health",
            "usage",
            "stats",
            "top",
            "fleet",
            "serve",
            "inspect",
            "installation",
            "export",
            "session",
            "redact",
            "bundle",
        ],
    ),
    ("testing", &["error", "family", "dhcp", "wire", "probe", "net", "env", "cli"]),
    ("bin", &["cli"]),
];

/// Crates, and parts of the standard library, that only some rooms may name.
const HOMES: &[(&str, &[&str])] = &[
    // Formats are typed by their names: ValueEnum.
    ("clap", &["cli", "output"]),
    ("futures_util", &["source"]),
    ("tokio_postgres", &["source"]),
    ("tokio_postgres_rustls", &["source"]),
    ("tokio_rustls", &["source"]),
    ("tokio", &["source", "serve"]),
    ("hyper", &["serve"]),
    ("hyper_util", &["serve"]),
    ("listenfd", &["serve"]),
    ("toml", &["fleet"]),
    ("whoami", &["source"]),
    ("mysql", &["source"]),
    ("hdrhistogram", &["load"]),
    ("flate2", &["source", "bundle", "inspect"]),
    ("tar", &["bundle"]),
    ("aho_corasick", &["redact", "anonymize"]),
    ("lzma_rust2", &["source"]),
    ("ruzstd", &["source"]),
    ("mysql_common", &["source"]),
    ("rustls", &["tls", "source", "control"]),
    ("rustls_native_certs", &["tls"]),
    ("x509_cert", &["tls"]),
    ("ureq", &["control"]),
    ("socket2", &["net"]),
    ("libc", &["net"]),
    ("nix", &["net"]),
    ("etherparse", &["wire"]),
    ("pcap_parser", &["wire"]),
    ("dhcproto", &["dhcp"]),
    ("strsim", &["cli", "dhcp", "loggers", "usage"]),
    ("ratatui", &["output"]),
    ("crossterm", &["env"]),
    ("indicatif", &["cli"]),
    ("unicode_width", &["output"]),
    ("signal_hook", &["env", "cli"]),
    ("rpassword", &["env"]),
    ("std::fs", &["fs", "fleet", "installation", "env", "inspect", "tls", "control", "source", "net", "bundle"]),
    ("std::env", &["env"]),
];

/// More than this is two files.
const MAX_LINES: usize = 500;

struct SourceFile {
    path: PathBuf,
    lines: usize,
    /// Without comments and unit tests.
    code: String,
}

impl SourceFile {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let product = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let code = product.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        let path = path.strip_prefix(source_directory()).unwrap().to_owned();
        Self { path, lines: text.lines().count(), code }
    }

    /// `lease` of `lease/csv/read.rs`, `error` of `error.rs`.
    fn room(&self) -> String {
        let first = self.path.iter().next().unwrap();
        Path::new(first).file_stem().unwrap().to_string_lossy().into_owned()
    }

    /// How many `super::` lead from this module to the crate: 1 from `error.rs` and `lease/mod.rs`.
    fn depth(&self) -> usize {
        let parts = self.path.iter().count();
        if self.path.ends_with("mod.rs") { parts - 1 } else { parts }
    }

    /// The rooms this file names, by whatever path.
    fn names(&self) -> BTreeSet<String> {
        let to_the_crate = "super::".repeat(self.depth());
        let paths = ["crate::", "kea_tools::", &to_the_crate];
        paths.iter().flat_map(|path| after_each(&self.code, path)).flat_map(first_names).collect()
    }
}

/// Whether `code` names the crate `clap`, or the part `std::fs` of one.
fn mentions(code: &str, path: &str) -> bool {
    match path.split_once("::") {
        None => !after_each(code, &format!("{path}::")).is_empty(),
        Some((parent, part)) => {
            after_each(code, &format!("{parent}::")).into_iter().flat_map(first_names).any(|name| name == part)
        }
    }
}

/// What follows each `path` in `code` that does not go on from another path or word.
fn after_each<'a>(code: &'a str, path: &str) -> Vec<&'a str> {
    let found = code.match_indices(path).filter(|(at, _)| {
        !code[..*at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':')
    });
    found.map(|(at, _)| &code[at + path.len()..]).collect()
}

/// `a` of `a::b`; `a` and `b` of `{a::{x, y}, b}`.
fn first_names(path: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![word(path)] };
    let mut depth = 0;
    let mut names = vec![word(group.trim_start())];
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(word(group[at + 1..].trim_start())),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn source_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn source_files() -> Vec<SourceFile> {
    fn walk(directory: &Path, files: &mut Vec<SourceFile>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(SourceFile::read(&path));
            }
        }
    }
    let mut files = Vec::new();
    walk(&source_directory(), &mut files);
    files
}

/// Fails with all `faults`, if there are any.
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn the_table_itself_points_downwards() {
    for (at, (room, may_name)) in ROOMS.iter().enumerate() {
        for lower in *may_name {
            let below = ROOMS[..at].iter().any(|(name, _)| name == lower);
            assert!(below, "{room} may name {lower}, which is not below it");
        }
    }
}

#[test]
fn rooms_name_only_rooms_below_them() {
    let mut faults = Vec::new();
    for file in source_files() {
        let room = file.room();
        if room == "lib" {
            continue;
        }
        let Some((_, may_name)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            faults.push(format!("src/{}: the room \"{room}\" has no line in the table", file.path.display()));
            continue;
        };
        for named in file.names() {
            let is_room = ROOMS.iter().any(|(name, _)| *name == named);
            if is_room && named != room && !may_name.contains(&named.as_str()) {
                faults.push(format!("src/{}: {room} may not name {named}", file.path.display()));
            }
        }
    }
    assert_none(&faults);
}

/// The programs of `cli`: each has its file or directory there. The others are for all programs.
const PROGRAMS: &[&str] = &[
    "dhcping",
    "dhcpload",
    "dhcptest",
    "keactrl_status",
    "lease_dump",
    "list_leases",
    "log_report",
    "loggers",
    "metrics",
    "pools",
    "support_bundle",
    "top",
];

#[test]
fn a_program_names_no_other_program() {
    let mut faults = Vec::new();
    let is_no_head = |file: &&SourceFile| !file.path.ends_with("mod.rs") || file.path.iter().count() > 2;
    let files = source_files();
    let of_cli = files.iter().filter(|file| file.path.starts_with("cli") && !file.path.ends_with("tests.rs"));
    for file in of_cli.filter(is_no_head) {
        let inside = file.path.strip_prefix("cli").unwrap().iter().next().unwrap();
        let own = Path::new(inside).file_stem().unwrap().to_string_lossy().into_owned();
        let to_cli = "super::".repeat(file.depth() - 1);
        let paths = ["crate::cli::", &to_cli];
        let named = paths.iter().flat_map(|path| after_each(&file.code, path)).flat_map(first_names);
        let others = named.filter(|name| *name != own && PROGRAMS.contains(&name.as_str()));
        faults.extend(others.map(|name| format!("src/{} names the program {name}", file.path.display())));
    }
    assert_none(&faults);
}

#[test]
fn the_drawing_has_every_room_above_those_it_uses() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("CONTRIBUTING.md")).unwrap();
    let drawing = page.split("```").find(|block| block.contains(" bin ")).unwrap();
    let rooms_in =
        |line: &str| line.chars().take(28).collect::<String>().split_whitespace().map(str::to_owned).collect();
    let lines: Vec<Vec<String>> = drawing.lines().map(rooms_in).collect();
    let line_of = |room: &str| lines.iter().position(|rooms| rooms.iter().any(|drawn| drawn == room));
    let mut faults = Vec::new();
    for (room, used) in ROOMS {
        let Some(line) = line_of(room) else {
            faults.push(format!("{room} is not drawn"));
            continue;
        };
        let is_below = |used: &&&str| line_of(used).is_some_and(|other| other > line);
        faults.extend(used.iter().filter(|used| !is_below(used)).map(|used| format!("{room} is not above {used}")));
    }
    let is_a_room = |drawn: &&String| ROOMS.iter().any(|(room, _)| room == drawn);
    faults.extend(lines.iter().flatten().filter(|drawn| !is_a_room(drawn)).map(|drawn| format!("{drawn} is no room")));
    assert_none(&faults);
}

#[test]
fn crates_are_named_only_where_they_are_at_home() {
    let mut faults = Vec::new();
    for file in source_files() {
        for (path, homes) in HOMES {
            if !homes.contains(&file.room().as_str()) && mentions(&file.code, path) {
                faults.push(format!("src/{}: {path} belongs in {}", file.path.display(), homes.join(", ")));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn no_source_file_is_too_long() {
    let long = source_files().into_iter().filter(|file| file.lines > MAX_LINES);
    let faults: Vec<_> = long.map(|file| format!("src/{} has {} lines", file.path.display(), file.lines)).collect();
    assert_none(&faults);
}

#[test]
fn the_scan_sees_every_way_to_name_a_room() {
    let mut file = SourceFile { path: "lease/csv/read.rs".into(), lines: 0, code: String::new() };
    for (code, names) in [
        ("use crate::error::Result;", vec!["error"]),
        ("use crate::{error::{Error, Result}, source, text::OneLine};", vec!["error", "source", "text"]),
        ("let x = crate::cli::run(&mut kea_tools::env::real());", vec!["cli", "env"]),
        ("use super::super::super::output::LeaseFormat;", vec!["output"]),
        ("use super::super::target; use std::fs; mycrate::x;", vec![]),
    ] {
        code.clone_into(&mut file.code);
        assert_eq!(file.names().into_iter().collect::<Vec<_>>(), names, "{code}");
    }
    assert!(mentions("use std::{env, fs::File};", "std::fs") && mentions("clap::Parser", "clap"));
    assert!(!mentions("use std::io; my::fs::x; crate::clap::x", "std::fs"));
}
