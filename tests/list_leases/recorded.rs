//! Lease files of real servers against what those servers said of their leases at the same moment.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::world::{data, run};

/// Kea writes one `\u00XX` for each octet of a text.
fn in_utf8(value: Value) -> Value {
    let text = |text: String| {
        let octets: Option<Vec<u8>> = text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect();
        octets.and_then(|octets| String::from_utf8(octets).ok()).unwrap_or(text)
    };
    match value {
        Value::String(string) => Value::String(text(string)),
        Value::Array(items) => items.into_iter().map(in_utf8).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (text(name), in_utf8(value))).collect(),
        other => other,
    }
}

fn by_address(leases: Vec<Value>) -> BTreeMap<String, Value> {
    leases.into_iter().map(|lease| (lease["ip-address"].as_str().unwrap().to_owned(), lease)).collect()
}

#[track_caller]
fn assert_equals_answer(lease_file: &Path, answer: &Path) {
    let ran = run(&format!("-t memfile -n {} --all -f json", lease_file.display()));
    let mut ours: Vec<Value> = serde_json::from_str(&ran.expect(0, "").stdout).unwrap();
    for lease in &mut ours {
        for own in ["state-name", "expires", "remaining"] {
            assert!(lease.as_object_mut().unwrap().remove(own).is_some());
        }
    }
    let answer: Value = serde_json::from_slice(&fs::read(answer).unwrap()).unwrap();
    let theirs = in_utf8(answer["arguments"]["leases"].clone());
    let (ours, theirs) = (by_address(ours), by_address(theirs.as_array().unwrap().clone()));
    assert!(!theirs.is_empty());
    assert_eq!(ours, theirs, "{}", lease_file.display());
}

#[test]
fn a_journal_lists_what_its_server_said() {
    for family in ['4', '6'] {
        let answer = data(&format!("memfile/lease{family}-get-all.json"));
        assert_equals_answer(&data(&format!("memfile/kea-leases{family}.csv")), &answer);
    }
}

#[test]
fn each_stage_of_a_cleanup_lists_what_the_server_said_at_that_moment() {
    let mut stages = 0;
    for stage in fs::read_dir(data("lfc")).unwrap() {
        let stage = stage.unwrap().path();
        assert_equals_answer(&stage.join("kea-leases4.csv"), &stage.join("lease4-get-all.json"));
        stages += 1;
    }
    assert_eq!(stages, 8);
}

#[test]
fn each_stage_of_a_cleanup_counts_the_same_states() {
    for stage in fs::read_dir(data("lfc")).unwrap() {
        let stage = stage.unwrap().path();
        let answer: Value = serde_json::from_slice(&fs::read(stage.join("lease4-get-all.json")).unwrap()).unwrap();
        let leases = answer["arguments"]["leases"].as_array().unwrap().clone();
        let declined = leases.iter().filter(|lease| lease["state"] == 1).count();
        let lease_file = stage.join("kea-leases4.csv");
        let ran = run(&format!("-t memfile -n {} --state declined --no-header -q", lease_file.display()));
        assert_eq!(ran.expect(0, "").stdout.lines().count(), declined, "{}", stage.display());
    }
}
