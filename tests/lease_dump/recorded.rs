//! Lease files of real servers against what those servers said of their leases at the same moment.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::lease_dump::answers::assert_told;
use crate::lease_dump::harness::{data, run};

#[track_caller]
fn assert_equals_answer(lease_file: &Path, answer: &Path) {
    let ran = run(&format!("-t memfile -n {} -f json", lease_file.display()));
    ran.expect(0, "");
    let ours: Vec<Value> = serde_json::from_str(&ran.stdout).unwrap();
    assert_told(ours, answer);
}

#[test]
fn a_dhcpv4_journal_folds_to_what_its_server_said() {
    assert_equals_answer(&data("memfile/kea-leases4.csv"), &data("memfile/lease4-get-all.json"));
}

#[test]
fn a_dhcpv6_journal_folds_to_what_its_server_said() {
    assert_equals_answer(&data("memfile/kea-leases6.csv"), &data("memfile/lease6-get-all.json"));
}

#[test]
fn dump_at_each_lfc_stage_equals_lease4_get_all() {
    let mut stages = 0;
    for stage in fs::read_dir(data("lfc")).unwrap() {
        let stage = stage.unwrap().path();
        assert_equals_answer(&stage.join("kea-leases4.csv"), &stage.join("lease4-get-all.json"));
        stages += 1;
    }
    assert_eq!(stages, 8);
}

#[test]
fn a_dump_of_a_dump_is_the_same_dump() {
    for (family, sort) in [('4', ""), ('6', ""), ('4', " --sort address"), ('6', " --sort address")] {
        let file = data(&format!("memfile/kea-leases{family}.csv"));
        let first = run(&format!("-t memfile -n {}{sort}", file.display()));
        first.expect(0, "");
        let files = crate::lease_dump::harness::Files::new();
        let copy = files.write("copy.csv", &first.bytes);
        let second = run(&format!("-t memfile -n {copy}{sort}"));
        second.expect(0, "");
        assert_eq!(first.text(), second.text());
    }
}

/// Octets beyond ASCII as every Kea reads them and Kea 3.3 writes them; older ones wrote them raw.
fn escaped(row: &str) -> String {
    let escape = |octet: u8| if octet.is_ascii() { char::from(octet).to_string() } else { format!("&#x{octet:02x}") };
    row.bytes().map(escape).collect()
}

#[test]
fn a_file_for_kea_2_2_is_octet_for_octet_what_kea_2_2_wrote() {
    for family in ['4', '6'] {
        let file = data(&format!("memfile/kea-leases{family}.csv"));
        let ran = run(&format!("-t memfile -n {} --for 2.2", file.display()));
        ran.expect(0, "");
        let theirs = fs::read_to_string(&file).unwrap();
        let mut theirs: Vec<&str> = theirs.lines().collect();
        let header = theirs.remove(0);
        assert_eq!(ran.text().lines().next(), Some(header));
        // A row of ours is the last of its address that Kea wrote.
        let mut last = BTreeMap::new();
        for row in theirs {
            last.insert(row.split(',').next().unwrap(), row);
        }
        for row in ran.rows() {
            let address = row.split(',').next().unwrap();
            assert_eq!(escaped(last[address]), row);
        }
    }
}
