//! All facts and findings, as one JSON document with stable names.

use std::io::{self, Write};

use serde::Serialize;

use super::Findings;
use crate::health::State;
use crate::health::kea::facts::{Installed, Instance, KeactrlFile};
use crate::health::kea::{self, Judgement};
use crate::text::terminal_safe_json;
use crate::time::{self, TimeStyle};

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document<'a> {
    /// The time of the check, UTC.
    time: String,
    /// The worst state of all daemons.
    state: State,
    /// Whether every expected daemon serves; null if that is not known.
    all_serve: Option<bool>,
    keactrl: &'a Option<KeactrlFile>,
    installed: &'a [Installed],
    daemons: Vec<Daemon<'a>>,
    hidden: &'a Option<String>,
    unseen: &'a [String],
    searched: &'a [String],
}

#[derive(Serialize)]
struct Daemon<'a> {
    label: String,
    #[serde(flatten)]
    judgement: &'a Judgement,
    #[serde(flatten)]
    instance: &'a Instance,
}

pub(super) fn write(all: &Findings<'_>, out: &mut dyn Write) -> io::Result<()> {
    let machine = all.machine;
    let daemons = machine.instances.iter().zip(all.judgements).map(|(instance, judgement)| Daemon {
        label: machine.label(instance),
        judgement,
        instance,
    });
    let document = Document {
        time: time::show(all.now, TimeStyle::Utc),
        state: kea::state(machine, all.judgements),
        all_serve: kea::all_serve(machine, all.judgements),
        keactrl: &machine.keactrl,
        installed: &machine.installed,
        daemons: daemons.collect(),
        hidden: &machine.hidden,
        unseen: &machine.unseen,
        searched: &machine.searched,
    };
    writeln!(out, "{}", terminal_safe_json(&serde_json::to_string_pretty(&document)?))
}
