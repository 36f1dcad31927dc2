//! Lease files that are not as they should be.

use std::fs;

use crate::lease_dump::harness::{Files, HEADER4, row4, run};

#[test]
fn each_bad_row_is_named_and_the_good_ones_are_written() {
    let files = Files::new();
    let good = row4(9);
    let bad: &[(&str, &str)] = &[
        ("192.0.2.1,02:00", "2 columns where the header has 12"),
        ("192.0.2.1,zz,,1,2,1,0,0,,0,,0", "hwaddr: \"zz\" is no hardware address"),
        ("192.0.2.1,02:00,,99999999999,2,1,0,0,,0,,0", "valid_lifetime: 99999999999 is above 4294967295"),
        (
            "192.0.2.1,02:00,,1,2,1,0,0,,0,{ \"a\": ,0",
            "user_context: \"{ \\\"a\\\": \": not a JSON map that Kea reads: a value expected at octet 7",
        ),
        ("192.0.2.1,02:00,,1,2,1,0,0,a,0,,\0", "pool_id: \"\\u{0}\" is no number"),
    ];
    for (row, cause) in bad {
        let path = files.write("l.csv", format!("{HEADER4}\n{row}\n{good}\n"));
        let ran = run(&format!("-t memfile -n {path}"));
        let cause = cause.replace("\\\"", "\"");
        ran.expect(2, &format!("{path}:2: {cause}\nkea-lease-dump: 1 bad row left out of standard output\n"));
        assert_eq!(ran.rows(), [&good]);
    }
}

#[test]
fn torn_last_line_is_reported_and_earlier_leases_remain() {
    let files = Files::new();
    let path = files.write("l.csv", format!("{HEADER4}\n{}\n192.0.2.1,02:00:00", row4(1)));
    let ran = run(&format!("-t memfile -n {path}"));
    ran.expect(
        2,
        &format!(
            "{path}:3: torn last line: the file ends in the middle of a row (2 columns where the header has 12)\n\
             kea-lease-dump: 1 bad row left out of standard output\n"
        ),
    );
    assert_eq!(ran.rows(), [row4(1)]);
}

#[test]
fn twenty_bad_rows_are_named_and_the_rest_is_counted() {
    let files = Files::new();
    let path = files.write("l.csv", format!("{HEADER4}\n{}{}\n", "bad\n".repeat(57), row4(1)));
    let ran = run(&format!("-t memfile -n {path}"));
    assert_eq!(ran.stderr.matches(": 1 column where").count(), 20);
    assert!(ran.stderr.ends_with("… and 37 more bad rows\nkea-lease-dump: 57 bad rows left out of standard output\n"));
    assert_eq!((ran.status, ran.rows().len()), (2, 1));
}

#[test]
fn strict_stops_at_the_first_bad_row_and_leaves_the_old_file() {
    let files = Files::new();
    let path = files.write("l.csv", format!("{HEADER4}\n{}\nbad\n", row4(1)));
    let out = files.write("out.csv", "old");
    let ran = run(&format!("-t memfile -n {path} --strict -o {out}"));
    let cause = "1 column where the header has 12 (--strict stops here)";
    ran.expect(2, &format!("kea-lease-dump: {path}:3: {cause}\n"));
    assert_eq!(fs::read_to_string(&out).unwrap(), "old");
    assert_eq!(files.names(), ["l.csv", "out.csv"]);
}

#[test]
fn lease_file_header_that_kea_refuses_is_refused() {
    let files = Files::new();
    let cases = [
        (
            format!("\u{feff}{HEADER4}\n"),
            "the file begins with a byte order mark (BOM), which Kea refuses; remove its three octets",
        ),
        (format!("{HEADER4}\r\n"), "the header ends with CR LF, which Kea refuses; convert the file to LF"),
        ("hello\n".into(), "no DHCPv4 lease file: column 1 is \"hello\", not \"address\" (RESCUE)"),
        ("address,hwaddr\n".into(), "the header has 2 columns, the oldest DHCPv4 lease file has 9 (RESCUE)"),
        (row4(1) + "\n", "no DHCPv4 lease file: column 1 is \"192.0.2.1\", not \"address\" (RESCUE)"),
    ];
    for (text, cause) in cases {
        let cause = cause.replace("RESCUE", RESCUE);
        let path = files.write("l.csv", text);
        let out = files.path("out.csv");
        let ran = run(&format!("-4 -t memfile -n {path} -o {}", out.display()));
        ran.expect(2, &format!("kea-lease-dump: {path}:1: {cause}\n"));
        assert!(!out.exists());
    }
}

/// What helps if a running server has lost its lease file.
const RESCUE: &str = "a server that still runs has its leases in memory: kea-lease-dump -4 -t api -o FILE writes them, \
    before it is stopped; else restore a copy";

#[test]
fn a_lease_file_of_the_other_family_is_reported() {
    let files = Files::new();
    let path = files.write("l.csv", format!("{HEADER4}\n"));
    let ran = run(&format!("-6 -t memfile -n {path}"));
    let cause = "this is the header of a DHCPv4 lease file, not of a DHCPv6 one";
    ran.expect(2, &format!("kea-lease-dump: {path}:1: {cause}\n"));
}

#[test]
fn an_empty_file_has_no_leases_but_may_have_lost_them() {
    let files = Files::new();
    let path = files.write("l.csv", "");
    let ran = run(&format!("-4 -t memfile -n {path}"));
    ran.expect(0, &format!("kea-lease-dump: {path} is empty, without a header ({RESCUE})\n"));
    assert_eq!(ran.text(), format!("{HEADER4}\n"));
}

#[test]
fn a_missing_file_is_named_with_its_cause() {
    let files = Files::new();
    let path = files.path("none.csv").display().to_string();
    let ran = run(&format!("-4 -t memfile -n {path}"));
    let hint = "check the name; -c FILE reads the lease file of a configuration";
    ran.expect(2, &format!("kea-lease-dump: read lease file {path}: No such file or directory ({hint})\n"));
}

#[test]
fn lease_refused_by_the_target_release_is_left_out() {
    let files = Files::new();
    let long = vec!["ab"; 200].join(":");
    let row = row4(1).replace(",,3600", &format!(",{long},3600"));
    let path = files.write("l.csv", format!("{HEADER4}\n{row}\n{}\n", row4(2)));
    run(&format!("-t memfile -n {path}")).expect(0, "");
    let ran = run(&format!("-t memfile -n {path} --for 2.2"));
    ran.expect(
        2,
        "lease4 192.0.2.1: client_id: 200 octets, the lease file takes at most 128\n\
         kea-lease-dump: 1 bad row left out of standard output\n",
    );
    assert_eq!(ran.rows().len(), 1);
}

#[test]
fn a_row_that_no_kea_reads_leaves_the_row_before_in_force() {
    let files = Files::new();
    let old = row4(1);
    let path = files.write("l.csv", format!("{HEADER4}\n{old}\n192.0.2.1,zz,,3600,1795179600,1,0,0,,0,,0\n"));
    let ran = run(&format!("-t memfile -n {path}"));
    assert_eq!((ran.status, ran.rows()), (2, vec![old.as_str()]));
}

#[test]
fn columns_of_a_newer_kea_are_mentioned() {
    let files = Files::new();
    let path = files.write("l.csv", format!("{HEADER4},shiny\n{},42\n", row4(1)));
    let ran = run(&format!("-t memfile -n {path}"));
    let said = "1 column that no Kea known here has; left out";
    ran.expect(0, &format!("kea-lease-dump: {path}:1: {said}\n"));
    assert_eq!(ran.rows(), [row4(1)]);
}

/// Kea 2.2.0 appends such rows where it cannot rewrite a file of Kea 2.4, and reads them; it serves all three.
#[test]
fn rows_of_an_older_kea_below_a_newer_header_are_leases() {
    let files = Files::new();
    let older = row4(2);
    let older = older.rsplit_once(',').unwrap().0;
    for more in ["pool_id", "pool_id,shiny", "relay_id,remote_id,pool_id"] {
        let header = HEADER4.replace("pool_id", more);
        let path = files.write(
            "l.csv",
            format!(
                "{header}
{},,
{older}
{older}
",
                row4(1)
            ),
        );
        let ran = run(&format!("-t memfile -n {path}"));
        assert_eq!((ran.status, ran.rows()), (0, vec![row4(1).as_str(), row4(2).as_str()]), "{more}: {ran:?}");
    }
}

#[test]
fn what_an_old_kea_has_no_column_for_is_counted() {
    let files = Files::new();
    let row = row4(1).replace(",0,,0", ",2,{ \"a\": 1&#x2c \"b\": 2 },7");
    let path = files.write("l.csv", format!("{HEADER4}\n{row}\n{}\n", row4(2)));
    let ran = run(&format!("-t memfile -n {path} --for 0.9"));
    let said = "1 lease without what the lease file of Kea 0.9.0 has no column for (states, contexts, pools)";
    ran.expect(0, &format!("kea-lease-dump: {said}\n"));
    assert_eq!(ran.rows().len(), 2);

    // Of a lease that is not written at all nothing else is said.
    let long = row4(3).replace(",,3600", &format!(",{},3600", vec!["01"; 200].join(":"))).replace(",0,,0", ",2,,0");
    let path = files.write("l.csv", format!("{HEADER4}\n{row}\n{long}\n"));
    let ran = run(&format!("-t memfile -n {path} --for 0.9"));
    assert_eq!((ran.status, ran.rows().len()), (2, 1), "{}", ran.stderr);
    assert!(ran.stderr.contains("client_id: ") && ran.stderr.contains(said), "{}", ran.stderr);
}
