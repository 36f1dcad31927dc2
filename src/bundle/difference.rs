//! What is different between a configuration on disk and the one that its daemon runs with.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::running::{Running, name_of};
use super::{Gathered, Request};
use crate::config::Document;
use crate::inspect::Root;
use crate::inspect::logging::Found;
use crate::redact;

/// What tells the items of a list apart.
const KEYS: [&str; 9] = ["id", "name", "subnet", "pool", "library", "prefix", "hw-address", "duid", "code"];

/// No list of differences has more lines.
const MOST: usize = 2000;

/// Adds each configuration as it is on disk, with what it includes, and how it differs from the running one.
pub(super) fn gather(request: &Request, found: &Found, running: &Running, gathered: &mut Gathered) {
    for (at, site) in found.sites.iter().enumerate() {
        let (name, file) = (name_of(found, at), &site.config.file);
        let source = file.display().to_string();
        let Some(whole) = expanded(&request.root, file) else { continue };
        let key = site.config.daemon.config_key();
        gathered.json(&format!("config/{name}.disk.json"), &source, whole.clone());
        let Some(running) = running.get(&name) else { continue };
        let of_key = |value: &Value| value.get(key).cloned().unwrap_or_default();
        let text = compared(&of_key(&whole), &of_key(running));
        gathered.text(&format!("config/{name}.diff.txt"), "the configurations on disk and running", &text);
    }
}

/// A configuration with what it includes.
fn expanded(root: &Root, file: &Path) -> Option<Value> {
    const LARGEST: u64 = 64 << 20;
    let mut reader = |path: &Path| root.regular_file(std::path::absolute(path)?, LARGEST);
    let text = reader(file).ok()?;
    serde_json::to_value(Document::parse(file, text, &mut reader).value()).ok()
}

/// A value with its secrets, and what is shown of it.
#[derive(Clone, Copy)]
struct Pair<'a> {
    raw: &'a Value,
    shown: &'a Value,
}

impl Pair<'_> {
    /// Whether a secret is the same as far as it is known: a daemon may give stars instead of one.
    fn is(self, other: Self) -> bool {
        let is_hidden =
            |value: &Value| value.as_str().is_some_and(|text| !text.is_empty() && text.bytes().all(|c| c == b'*'));
        self.raw == other.raw || is_hidden(self.raw) || is_hidden(other.raw)
    }
}

/// The differences in lines: what has other values, what only the file has, and what only the daemon has. What differs is
/// known by the values, of which the secrets are not shown.
fn compared(disk: &Value, running: &Value) -> String {
    let (disk, running) = (as_kea_says(disk), as_kea_says(running));
    let (clean_disk, clean_running) = (redact::json(disk.clone()), redact::json(running.clone()));
    let (mut here, mut there) = (BTreeMap::new(), BTreeMap::new());
    flatten(Pair { raw: &disk, shown: &clean_disk }, String::new(), &mut here);
    flatten(Pair { raw: &running, shown: &clean_running }, String::new(), &mut there);
    let changed = here.iter().filter_map(|(path, pair)| match (there.get(path), pair.shown) {
        (Some(other), _) if other.is(*pair) => None,
        (Some(other), value) if other.shown == value => {
            Some(format!("! {path}: {value} on disk, another {value} running\n"))
        }
        (Some(other), value) => Some(format!("! {path}: {value} on disk, {} running\n", other.shown)),
        (None, value) => Some(format!("- {path}: {value} on disk only\n")),
    });
    let changed: Vec<String> = changed.collect();
    let added = there.iter().filter(|(path, _)| !here.contains_key(*path));
    let added: Vec<String> = added.map(|(path, pair)| format!("+ {path}: {}\n", pair.shown)).collect();
    let verdict = if changed.is_empty() {
        "Everything that the file says is running.\n".to_owned()
    } else {
        format!("{} on disk that is not running so:\n", crate::text::count(changed.len() as u64, "value"))
    };
    let rest = format!(
        "\nThe running configuration also has {}, mostly defaults:\n",
        crate::text::count(added.len() as u64, "value")
    );
    [verdict]
        .into_iter()
        .chain(changed.into_iter().take(MOST))
        .chain([rest])
        .chain(added.into_iter().take(MOST))
        .collect()
}

/// Pools without blanks, and outputs of loggers by their newer name, as Kea gives them.
fn as_kea_says(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| match value {
                Value::String(text) if name == "pool" => (name.clone(), text.replace(' ', "").into()),
                value if name == "output_options" => ("output-options".to_owned(), as_kea_says(value)),
                value => (name.clone(), as_kea_says(value)),
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Array(items) => items.iter().map(as_kea_says).collect(),
        other => other.clone(),
    }
}

/// Every value by its path; items of lists by what tells them apart.
fn flatten<'a>(pair: Pair<'a>, path: String, all: &mut BTreeMap<String, Pair<'a>>) {
    match pair.shown {
        Value::Object(members) if !members.is_empty() => {
            for (name, shown) in members {
                let raw = pair.raw.get(name).unwrap_or(shown);
                flatten(Pair { raw, shown }, format!("{path}/{name}"), all);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (at, shown) in items.iter().enumerate() {
                let key = KEYS.iter().find_map(|key| Some(format!("{key}={}", plain(shown.get(key)?)?)));
                let raw = pair.raw.get(at).unwrap_or(shown);
                flatten(Pair { raw, shown }, format!("{path}[{}]", key.unwrap_or_else(|| at.to_string())), all);
            }
        }
        _ => {
            all.insert(path, pair);
        }
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_is_named_by_its_place() {
        let disk = json!({ "valid-lifetime": 4000, "subnet4": [{ "id": 7, "subnet": "192.0.2.0/24" }], "x": [1, 2] });
        let running = json!({ "valid-lifetime": 3600, "subnet4": [{ "id": 7, "subnet": "192.0.2.0/24", "t": 1 }] });
        let text = compared(&disk, &running);
        assert!(text.starts_with("2 values on disk that is not running so:\n"), "{text}");
        assert!(text.contains("! /valid-lifetime: 4000 on disk, 3600 running\n"), "{text}");
        assert!(text.contains("- /x: [1,2] on disk only\n") && text.contains("+ /subnet4[id=7]/t: 1\n"), "{text}");
        assert!(compared(&disk, &disk).starts_with("Everything"), "the same");
        let with = |password: &str| json!({ "lease-database": { "user": "kea", "password": password } });
        let text = compared(&with("NewPassword77"), &with("OldPassword66"));
        let line = "! /lease-database/password: \"(redacted)\" on disk, another \"(redacted)\" running\n";
        assert!(text.contains(line) && !text.contains("Password"), "{text}");
        assert!(
            compared(&with("NewPassword77"), &with("*****")).starts_with("Everything"),
            "the daemon does not say it"
        );
        let (wide, narrow) = (json!({ "pools": [{ "pool": "a - b" }] }), json!({ "pools": [{ "pool": "a-b" }] }));
        assert!(compared(&wide, &narrow).starts_with("Everything"), "blanks in a pool are no difference");
        let (old, new) =
            (json!({ "output_options": [{ "output": "x" }] }), json!({ "output-options": [{ "output": "x" }] }));
        assert!(compared(&old, &new).starts_with("Everything"), "both names are the same");
    }
}
