//! Lease files of real servers against what those servers said of their leases at the same moment.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::list_leases::answers::assert_told;
use crate::list_leases::harness::{data, run};

#[track_caller]
fn assert_equals_answer(lease_file: &Path, answer: &Path) {
    let ran = run(&format!("-t memfile -n {} --all -f json", lease_file.display()));
    let mut ours: Vec<Value> = serde_json::from_str(&ran.expect(0, "").stdout).unwrap();
    for lease in &mut ours {
        for own in ["state-name", "expires", "remaining"] {
            assert!(lease.as_object_mut().unwrap().remove(own).is_some());
        }
    }
    assert_told(ours, answer);
}

#[test]
fn a_journal_lists_what_its_server_said() {
    for family in ['4', '6'] {
        let answer = data(&format!("memfile/lease{family}-get-all.json"));
        assert_equals_answer(&data(&format!("memfile/kea-leases{family}.csv")), &answer);
    }
}

#[test]
fn list_at_each_lfc_stage_equals_lease4_get_all() {
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
