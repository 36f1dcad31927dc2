//! The entries of `loggers` that do what a user wants.
//!
//! Entries that no wish is about stay as they are written. A logger needs an entry where it has one already, or where it
//! would otherwise be as the daemon's own logger, which is not what is wanted. The outputs are written out in each entry,
//! since before Kea 2.3 a logger without outputs of its own writes nowhere.

use std::collections::BTreeSet;

use super::change::Change;
use super::entry::Entry;
use super::names;
use super::site::Site;
use super::threshold::Threshold;
use super::tree::loaded;
use crate::config::Daemon;
use crate::config::json::{Data, Map, Value};

/// The new list of a daemon.
#[derive(Debug, Clone, PartialEq)]
pub struct Composed {
    /// The daemon.
    pub daemon: Daemon,
    /// The entries.
    pub entries: Vec<Value>,
    /// The loggers that the wishes are about, in full.
    pub meant: Vec<String>,
    /// What the user should know.
    pub notes: Vec<String>,
}

impl Composed {
    /// Whether a wish is about one of its loggers.
    #[must_use]
    pub fn is_about(&self, change: &Change) -> bool {
        let root = names::root(self.daemon);
        let child = |name: &String| name.strip_prefix(root).map(|rest| rest.trim_start_matches('.').to_owned());
        self.meant.iter().filter_map(child).any(|child| change.is_about(root, &child))
    }
}

/// The list of a daemon's loggers after these changes.
#[must_use]
pub fn compose(site: &Site, changes: &[Change]) -> Composed {
    Composer { site, changes, root: names::root(site.config.daemon), notes: Vec::new() }.compose()
}

struct Composer<'a> {
    site: &'a Site,
    changes: &'a [Change],
    root: &'static str,
    notes: Vec<String>,
}

impl Composer<'_> {
    fn compose(mut self) -> Composed {
        let daemon = self.site.config.daemon;
        let entries = self.counting(Entry::all(self.site));
        let children = self.children(&entries);
        let is_meant = |child: &&String| self.wish(child).is_some();
        let meant: Vec<String> = std::iter::once(&String::new()).chain(&children).filter(is_meant).cloned().collect();
        let own = entries.iter().find(|entry| entry.is_root());
        let root = self.wanted_root(own);
        let mut list = Vec::new();
        if let (None, Some(wish)) = (own, self.wish("")) {
            list.push(self.made(self.root, wish.threshold, &root.1));
        }
        list.extend(entries.iter().filter_map(|entry| self.changed(entry, &root.1)));
        for child in children.iter().filter(|child| entries.iter().all(|entry| entry.child() != **child)) {
            let Some(wish) = self.wish(child) else { continue };
            let outputs = wish.output.as_ref().map_or_else(|| root.1.clone(), |output| outputs(self.root, output));
            if (wish.threshold, &outputs) != (root.0, &root.1) || (own.is_none() && self.wish("").is_none()) {
                list.push(self.made(&format!("{}.{child}", self.root), wish.threshold, &outputs));
            }
        }
        let full =
            |child: &String| names::expand(daemon, &format!("{}.{child}", self.root)).trim_end_matches('.').to_owned();
        Composed { daemon, entries: list, meant: meant.iter().map(full).collect(), notes: self.notes }
    }

    /// The wish that counts for a logger: the most exact one, and the last of those.
    fn wish(&self, child: &str) -> Option<&Change> {
        let all = self.changes.iter().enumerate().filter(|(_, change)| change.is_about(self.root, child));
        all.max_by_key(|(at, change)| (change.exactness(), *at)).map(|(_, change)| change)
    }

    /// The entries that count, without those of names that are none.
    fn counting<'s>(&mut self, all: Vec<Entry<'s>>) -> Vec<Entry<'s>> {
        let takes_first = self.site.surroundings.rules.first_root_counts();
        let mut kept: Vec<Entry<'s>> = Vec::new();
        for entry in all {
            let name = entry.written_name();
            if name.contains(['*', '?']) {
                self.notes.push(format!("{}: the entry \"{name}\", which no logger has, is left out", entry.place()));
                continue;
            }
            match kept.iter_mut().find(|other| other.name() == entry.name()) {
                Some(_) if takes_first && entry.is_root() => {}
                Some(other) => *other = entry,
                None => kept.push(entry),
            }
        }
        kept
    }

    /// The loggers besides the daemon's own that wishes may be about.
    fn children(&self, entries: &[Entry<'_>]) -> Vec<String> {
        let (daemon, release) = (self.site.config.daemon, self.site.surroundings.rules.release);
        let loaded = loaded(self.site);
        let mut all: BTreeSet<String> = names::own_of(daemon, release).into_iter().map(str::to_owned).collect();
        all.extend(loaded.iter().map(|name| (*name).to_owned()));
        all.extend(entries.iter().filter(|entry| !entry.is_root()).map(Entry::child));
        for change in self.changes {
            let found = names::of_hooks(daemon, release).into_iter().filter(|name| change.is_about(self.root, name));
            let is_about_others =
                all.iter().any(|child| change.is_about(self.root, child)) || change.is_about(self.root, "");
            // A pattern is about what there is; of a whole name the findings say that no loaded library has it.
            let is_about_loaded_alone = change.has_wildcards() && self.site.has_configuration();
            if is_about_others || is_about_loaded_alone {
                continue;
            }
            all.extend(found.map(str::to_owned));
        }
        all.into_iter().collect()
    }

    /// What the daemon's own logger is to come to: its severity, and its outputs as values.
    fn wanted_root(&self, own: Option<&Entry<'_>>) -> (Threshold, Value) {
        let written = own.and_then(|entry| written_outputs(self.site.written_of(entry.logger)?));
        let existing = written.map_or_else(|| outputs(self.root, "stdout"), |(_, value)| value.clone());
        let existing_threshold = own.map_or(Threshold::INFO, Entry::threshold);
        let Some(wish) = self.wish("") else { return (existing_threshold, existing) };
        (wish.threshold, wish.output.as_ref().map_or(existing, |output| outputs(self.root, output)))
    }

    /// An entry that is written already, with what is wanted of it.
    fn changed(&self, entry: &Entry<'_>, root: &Value) -> Option<Value> {
        let written = self.site.written_of(entry.logger)?;
        let Data::Map(present) = &written.data else { return None };
        let Some(wish) = self.wish(&entry.child()) else { return Some(written.clone()) };
        let (key, existing) = written_outputs(written).map_or((self.key(), root), |(key, value)| (key, value));
        let outputs = wish.output.as_ref().map_or_else(|| existing.clone(), |output| outputs(self.root, output));
        let is_set = |name: &[u8]| {
            [&b"name"[..], b"severity", b"debuglevel", b"output_options", b"output-options"].contains(&name)
        };
        let others =
            present.iter().filter(|(name, _)| !is_set(name)).map(|(name, value)| (name.to_owned(), value.clone()));
        let made = entry_members(&entry.name(), wish.threshold, key, outputs);
        Some(Data::Map(made.into_iter().chain(others).collect()).into())
    }

    fn made(&self, name: &str, threshold: Threshold, outputs: &Value) -> Value {
        let members = entry_members(name, threshold, self.key(), outputs.clone());
        Data::Map(members.into_iter().collect()).into()
    }

    /// The spelling that every release reads, where the release is not known.
    fn key(&self) -> &'static str {
        let around = &self.site.surroundings;
        if around.is_release_known { around.rules.outputs_key() } else { "output_options" }
    }
}

fn entry_members(name: &str, threshold: Threshold, key: &str, outputs: Value) -> Vec<(Vec<u8>, Value)> {
    let mut members = vec![(b"name".to_vec(), text(name)), (b"severity".to_vec(), text(threshold.severity()))];
    if threshold.is_debug() {
        members.push((b"debuglevel".to_vec(), Data::Int(threshold.level().into()).into()));
    }
    members.push((key.as_bytes().to_vec(), outputs));
    members
}

fn written_outputs(written: &Value) -> Option<(&'static str, &Value)> {
    let keys = ["output_options", "output-options"];
    keys.into_iter().find_map(|key| Some((key, written.get(key)?)))
}

/// A list with one output.
fn outputs(root: &str, output: &str) -> Value {
    let output = text(&output.replace("{daemon}", root));
    let map: Map = std::iter::once((b"output".to_vec(), output)).collect();
    Data::List(vec![Value::from(Data::Map(map))].into()).into()
}

fn text(text: &str) -> Value {
    Data::Text(text.as_bytes().into()).into()
}

impl Change {
    /// Whether it names one logger that nothing is known of, and what may be meant.
    #[must_use]
    pub fn remedy(&self) -> String {
        let known = Daemon::ALL.into_iter().flat_map(|daemon| {
            let children =
                names::own(daemon).into_iter().chain(names::of_hooks(daemon, crate::release::Release::NEWEST));
            let full = children.map(move |child| format!("{}.{child}", names::root(daemon)));
            full.chain(std::iter::once(names::root(daemon).to_owned()))
        });
        let distance = |known: &String| strsim::damerau_levenshtein(known, &self.pattern);
        let best = known.min_by_key(distance).filter(|known| !self.has_wildcards() && distance(known) <= 4);
        let best = best.or_else(|| names::nearest(&self.pattern).filter(|_| !self.has_wildcards()).map(str::to_owned));
        best.map_or_else(|| "kea-loggers lists the loggers".to_owned(), |known| format!("\"{known}\" may be meant"))
    }
}

#[cfg(test)]
mod tests;
