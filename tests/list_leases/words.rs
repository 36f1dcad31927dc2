//! Words without an option: a name, an address, a file.

use std::fs;

use crate::list_leases::harness::{Files, ListLeasesRun, every_state, row4, run};

fn listed(line: &str) -> Vec<String> {
    let ran = run(&format!("{line} --no-header -q --utc"));
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{line}");
    ran.first_words().into_iter().map(str::to_owned).collect()
}

#[test]
fn a_name_or_hardware_address_alone_is_looked_for() {
    let files = Files::new();
    let source = files.leases4(&every_state());
    for (words, found) in [
        ("berta", &["192.0.2.9"][..]),
        ("berta.example.org", &["192.0.2.9"]),
        ("08:00:2b:00:00:64", &["192.0.2.100"]),
        ("08-00-2B-00-00-64", &["192.0.2.100"]),
        ("0800.2b00.0064", &["192.0.2.100"]),
        ("01:02", &["192.0.2.60"]),
        ("192.0.2.0/28", &["192.0.2.9"]),
        ("anna berta", &["192.0.2.9", "192.0.2.100"]),
        ("frieda 192.0.2.0/28 08:00:2b:00:00:64", &["192.0.2.9", "192.0.2.60", "192.0.2.100"]),
        ("192.0.2.9 192.0.2.20", &["192.0.2.9", "192.0.2.20"]),
        ("anna 192.0.2.20", &["192.0.2.20", "192.0.2.100"]),
        ("192.0.2.6*", &["192.0.2.60"]),
        ("192.0.2.?", &["192.0.2.9"]),
        ("berta.*", &["192.0.2.9"]),
        ("08-00-2b-*-64", &["192.0.2.100"]),
        ("zoe", &[]),
    ] {
        assert_eq!(listed(&format!("{source} {words}")), found, "{words}");
    }
}

#[test]
fn words_of_one_family_need_no_letter_for_it() {
    run("192.0.2.0/24 --duid 0001").expect(
        2,
        "kea-list-leases: what is asked for by name and --duid exclude each other: one means DHCPv4 leases, the other \
         DHCPv6 leases (leave one of them out)\n",
    );
}

#[test]
fn a_lease_file_is_listed_without_an_option() {
    let files = Files::new();
    files.leases4(&[row4(9, 60, "anna", 0), row4(10, 60, "bert", 0)]);
    files.leases6(&[]);
    let (four, six) = (files.path("kea-leases4.csv"), files.path("kea-leases6.csv"));
    let (four, six) = (four.display(), six.display());
    assert_eq!(listed(&format!("{four}")), ["192.0.2.9", "192.0.2.10"]);
    assert_eq!(listed(&format!("-n {four}")), ["192.0.2.9", "192.0.2.10"]);
    assert_eq!(listed(&format!("bert {four}")), ["192.0.2.10"]);
    assert_eq!(run(&format!("{four} {six} -q")).status, 0);
    assert_eq!(run(&format!("{four} 192.0.2.9")).expect(0, "").first_words()[0], "192.0.2.9");
    let ran = run("./gone.csv");
    assert!(ran.status == 2 && ran.stderr.contains("read lease file ./gone.csv: No such file"), "{}", ran.stderr);
    let ran = run(&format!("-t pgsql {four}"));
    ran.expect(2, "kea-list-leases: a lease file and another place are named (name only one of them)\n");
}

#[test]
fn the_family_that_was_never_served_is_only_a_remark() {
    let files = Files::new();
    for family in ['4', '6'] {
        let text = format!(
            r#"{{"Dhcp{family}": {{"lease-database": {{"type": "memfile", "name": "kea-leases{family}.csv"}}}}}}"#
        );
        files.write(&format!("kea-dhcp{family}.conf"), text);
    }
    files.leases4(&[row4(9, 60, "anna", 0)]);
    let folder = files.path("").display().to_string();
    let list = |line: &str| {
        let variables = vec![("KEA_DHCP_DATA_DIR", folder.as_str())];
        ListLeasesRun { variables, ..ListLeasesRun::default() }.run(&format!("-c {folder} --no-header {line}"))
    };
    let ran = list("");
    assert_eq!((ran.status, ran.first_words()), (0, vec!["192.0.2.9"]), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("kea-list-leases: DHCPv6 is left out: the lease file of "), "{}", ran.stderr);
    assert!(ran.stderr.ends_with("1 active\n") && ran.stderr.lines().count() == 2, "{}", ran.stderr);
    assert_eq!((list("-6").status, list("-4 -6").status, list("-4").status), (2, 2, 0));
    std::fs::write(files.path("kea-leases6.csv.2"), "").unwrap();
    assert!(!list("").stderr.contains("DHCPv6 is left out"), "a companion is a lease file too");
}

#[test]
fn missing_lease_file_is_not_replaced_by_leases_of_kea() {
    let files = Files::new();
    files.leases4(&[row4(9, 60, "anna", 0)]);
    fs::rename(files.path("kea-leases4.csv"), files.path("of-kea.csv")).unwrap();
    let folder = files.path("").display().to_string();
    let folder = folder.trim_end_matches('/');
    let list = |line: &str| {
        let variables = vec![("KEA_DHCP_DATA_DIR", folder)];
        ListLeasesRun { variables, ..ListLeasesRun::default() }.run(&format!("--no-header -q {line}"))
    };
    for line in ["of-kea.csv", "-n of-kea.csv", "-t memfile -n of-kea.csv", "-4 -t memfile -n of-kea.csv"] {
        let error = format!(
            "kea-list-leases: read lease file of-kea.csv: this directory has no such file ({folder}/of-kea.csv is Kea's \
             own: give its whole path to read it)\n"
        );
        list(line).expect(2, &error);
    }
    for word in ["of-noone.csv", "kea-leases4.cvs", "kea-leases4.csv.2", "kea-leases4.csv.gz", "gone/leases"] {
        for line in [word.to_owned(), format!("-n {word}")] {
            let error = list(&line).stderr;
            let words = format!("kea-list-leases: read lease file {word}: No such file or directory (check the name;");
            assert!(error.starts_with(&words), "{line}: {error}");
        }
    }
    let named = format!("kea-list-leases: read lease file {folder}: it is a directory (name {folder}/of-kea.csv)\n");
    list(folder).expect(2, &named);
    list(&format!("-4 {folder}")).expect(2, &named);
}

#[test]
fn a_configuration_of_nixos_is_found_in_a_directory() {
    let files = Files::new();
    files.leases4(&[row4(9, 60, "anna", 0)]);
    let name = files.path("kea-leases4.csv").display().to_string();
    let text = format!(r#"{{"Dhcp4": {{"lease-database": {{"type": "memfile", "name": "{name}"}}}}}}"#);
    files.write("dhcp4-server.conf", text);
    assert_eq!(listed(&format!("-c {}", files.path("").display())), ["192.0.2.9"]);
}

#[test]
fn a_fault_in_the_configuration_does_not_hide_the_leases() {
    let files = Files::new();
    files.leases4(&[row4(9, 60, "anna", 0)]);
    let config = files.write("kea-dhcp4.conf", r#"{"Dhcp4": {"valid-lifetime": 4000 "renew-timer": 1000}}"#);
    let folder = files.path("").display().to_string();
    let variables = vec![("KEA_DHCP_DATA_DIR", folder.as_str())];
    let ran = ListLeasesRun { variables, ..ListLeasesRun::default() }.run(&format!("-c {config} --no-header -q"));
    assert_eq!((ran.status, ran.first_words()), (0, vec!["192.0.2.9"]), "{}", ran.stderr);
    let remark = format!(
        "kea-list-leases: {config}:1:35: expected ',' or '}}', found a string; the readable part names no lease database, \
         so the default {folder}kea-leases4.csv is read\n"
    );
    assert_eq!(ran.stderr, remark);
}
