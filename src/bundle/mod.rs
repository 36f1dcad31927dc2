//! One file for a support ticket: configurations, logs, versions, states and counts of this machine, without its secrets.
//!
//! First everything is gathered, and each text loses the secrets that can be recognized in it. What was recognized anywhere
//! is then hidden in all texts, and what is about to be written is searched once more: if a secret is left, no bundle is
//! written. A part that cannot be read is listed as missing; it never ends the work.

mod config;
mod leases;
mod logs;
mod manifest;
mod member;
mod pack;
mod state;
mod system;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::inspect::Root;
use crate::redact::Secrets;

pub use manifest::Manifest;
pub use member::{Content, Member};
pub use pack::{About, Left, Ready, ready, ready_hidden_by, write};

/// What is wanted.
pub struct Request<'a> {
    /// The machine.
    pub root: Root,
    /// The configurations; none is those of the daemons that run, else the usual ones.
    pub configurations: Vec<PathBuf>,
    /// Further files.
    pub include: Vec<PathBuf>,
    /// Whether logs are wanted.
    pub logs: bool,
    /// How many octets of a log.
    pub log_size: u64,
    /// Whether leases are counted.
    pub leases: bool,
    /// What the user wants to say.
    pub note: Option<String>,
    /// How long the daemons may take to answer.
    pub patience: Duration,
    /// When it is, seconds since 1970.
    pub now: i64,
    /// Looks into the environment.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
}

/// What was gathered.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The files of the bundle.
    pub members: Vec<Member>,
    /// What is not in it, and why.
    pub missing: Vec<Missing>,
    /// What is known to be secret.
    pub secrets: Secrets,
}

/// Something that is not in the bundle.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Missing {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
    /// Whether it was left out on purpose.
    pub is_meant: bool,
}

/// Gathers everything.
#[must_use]
pub fn gather(request: &Request<'_>) -> Gathered {
    let mut gathered = Gathered::default();
    let found = config::gather(request, &mut gathered);
    state::loggers(&found, &mut gathered);
    state::status(request, &mut gathered);
    if request.leases {
        leases::gather(request, &found, &mut gathered);
    }
    system::gather(request, &mut gathered);
    if request.logs {
        logs::gather(request, &found, &mut gathered);
    }
    for file in &request.include {
        logs::include(request, file, &mut gathered);
    }
    if let Some(note) = &request.note {
        gathered.text("note.txt", "--note", note);
    }
    gathered
}

impl Gathered {
    /// Whether nothing of Kea is there: neither a configuration nor a log.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let is_keas =
            |member: &Member| ["config/", "logs/", "include/"].iter().any(|folder| member.path.starts_with(folder));
        !self.members.iter().any(is_keas)
    }

    /// Adds a text without the secrets that are recognized in it.
    fn text(&mut self, path: &str, source: &str, text: &str) {
        self.secrets.learn_text(text);
        let clean = crate::redact::line(text).into_owned();
        let count = clean.matches(crate::redact::REDACTED).count();
        let content = Content::Text(clean.into_bytes());
        self.members.push(Member {
            path: path.to_owned(),
            source: source.to_owned(),
            content,
            is_cut: false,
            redacted: count,
        });
    }

    /// Adds what our own programs print, which has no secrets but those of other texts.
    fn own(&mut self, path: &str, source: &str, text: Vec<u8>) {
        let content = Content::Text(text);
        self.members.push(Member {
            path: path.to_owned(),
            source: source.to_owned(),
            content,
            is_cut: false,
            redacted: 0,
        });
    }

    fn missing(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.missing.push(Missing { what: what.into(), why: why.into(), is_meant: false });
    }

    fn left_out(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.missing.push(Missing { what: what.into(), why: why.into(), is_meant: true });
    }
}
