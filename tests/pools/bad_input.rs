//! What is typed wrong, and files that are not what they should be.

use crate::pools::harness::{Files, family, row, run, run_line};

const SUBNET: &str = r#"{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.1 - 192.0.2.10"}]}"#;

#[test]
fn what_is_typed_wrong_is_reported_in_one_line() {
    let files = Files::new();
    let server = files.server(&format!(r#""subnet4": [{SUBNET}]"#), &[]);
    for (arguments, said) in [
        ("--warning 95 --critical 90", "give a warning that is reached before critical"),
        ("--warning-free 1 --critical-free 2", "give a warning that is reached before critical"),
        ("--warning x", "a range is"),
        ("--at yesterday", "@SECONDS since 1970"),
        ("--at 2026-11-29", "2026-11-29T08:00:00Z"),
        ("--by floor", "subnet"),
        ("--basis statistics --by pool", "statistics do not count pools"),
        ("--basis statistics -f dhcpd-pools", "statistics do not count pools"),
        ("-f xml", "table"),
        ("192.0.2.0/33", "192.0.2.0/24"),
    ] {
        let ran = run_line(&format!("{server} {arguments}"));
        assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.lines().count()), (2, "", 1), "{arguments}: {ran:?}");
        assert!(ran.stderr.contains(said), "{arguments}: {}", ran.stderr);
    }
}

#[test]
fn what_is_named_and_does_not_occur_is_the_answer_no() {
    let files = Files::new();
    let server = files.server(&format!(r#""subnet4": [{SUBNET}]"#), &[]);
    let absent = run_line(&format!("{server} nonesuch 198.51.100.1"));
    assert_eq!((absent.status, absent.stdout.as_str(), absent.stderr.lines().count()), (1, "", 2), "{absent:?}");
    let one_of_two = run_line(&format!("{server} nonesuch 1"));
    assert!(one_of_two.status == 1 && one_of_two.stdout.contains("1 192.0.2.0/24"), "{one_of_two:?}");
    assert!(one_of_two.stderr.contains("\"nonesuch\": no subnet, shared network or pool"), "{one_of_two:?}");
    let monitored = run_line(&format!("{server} -f nagios nonesuch 1"));
    assert!(monitored.status == 3 && monitored.stdout.contains("UNKNOWN - \"nonesuch\""), "{monitored:?}");
}

#[test]
fn a_server_without_subnets_is_reported_so() {
    let files = Files::new();
    let ran = run_line(&files.server(r#""subnet4": []"#, &[]));
    assert!(ran.status == 2 && ran.stderr.contains("no subnet is configured"), "{ran:?}");
}

#[test]
fn subnets_that_may_be_in_a_database_are_not_forgotten() {
    let files = Files::new();
    let members = format!(
        r#""config-control": {{"config-databases": [{{"type": "mysql", "name": "kea"}}]}}, "subnet4": [{SUBNET}]"#
    );
    let ran = run_line(&files.server(&members, &[]));
    assert!(ran.status == 0 && ran.stderr.contains("more subnets may be in a database"), "{ran:?}");
}

#[test]
fn for_a_monitor_an_error_is_the_state_unknown() {
    for arguments in ["-f nagios -c /nonexistent/kea.conf", "-f nagios --warning x"] {
        let ran = run_line(arguments);
        assert_eq!((ran.status, ran.stderr.as_str()), (3, ""), "{ran:?}");
        assert!(ran.stdout.contains("UNKNOWN - "), "{ran:?}");
    }
}

#[test]
fn leases_without_a_configuration_are_only_counted() {
    let files = Files::new();
    files.server(&format!(r#""subnet4": [{SUBNET}]"#), &[row("192.0.2.1", 1, 10, 0)]);
    let ran = run(&["-4".to_owned(), files.path("kea-leases4.csv")]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("no configuration is known, only 1 active lease in "), "{}", ran.stderr);
}

#[test]
fn a_directory_of_configurations_goes_with_a_lease_file() {
    let files = Files::new();
    files.server(&format!(r#""subnet4": [{SUBNET}]"#), &[row("192.0.2.1", 1, 10, 0)]);
    let (folder, leases) = (files.path("."), files.path("kea-leases4.csv"));
    for family in ["", "-4"] {
        let ran = run_line(&format!("{family} -c {folder} {leases} -f csv"));
        assert!(ran.status == 0 && ran.stdout.contains(",1,192.0.2.0/24,"), "{ran:?}");
    }
    let ran = run_line(&format!("-6 -c {folder} {leases}"));
    assert!(ran.status == 2 && ran.stderr.contains("configures no such server"), "{ran:?}");
}

#[test]
fn a_name_that_is_almost_right_is_corrected() {
    let files = Files::new();
    let network = r#""shared-networks": [{"name": "Campus-East", "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.0/28"}]}]}]"#;
    let server = files.server(network, &[]);
    let ran = run_line(&format!("{server} campus-eats"));
    assert!(ran.status == 1 && ran.stderr.contains("(\"Campus-East\" is there)"), "{ran:?}");
    let ran = run_line(&format!("{server} -f nagios nonesuch campus-eats 1"));
    assert!(ran.status == 3 && ran.stdout.contains("UNKNOWN - \"nonesuch\", \"campus-eats\": "), "{ran:?}");
}

#[test]
fn an_id_that_kea_does_not_take_is_reported() {
    let files = Files::new();
    let largest = SUBNET.replace("\"id\": 1", "\"id\": 4294967294");
    assert_eq!(run_line(&files.server(&format!(r#""subnet4": [{largest}]"#), &[])).stderr, "");
    let beyond = SUBNET.replace("\"id\": 1", "\"id\": 4294967295");
    let ran = run_line(&files.server(&format!(r#""subnet4": [{beyond}]"#), &[]));
    assert!(ran.status == 0 && ran.stderr.contains("has the id 4294967295, and the largest is 4294967294"), "{ran:?}");
}

#[test]
fn missing_lease_file_is_named_in_the_error() {
    let files = Files::new();
    let server = files.server(&format!(r#""subnet4": [{SUBNET}]"#), &[]);
    std::fs::remove_file(files.path("kea-leases4.csv")).unwrap();
    let ran = run_line(&format!("-4 {server}"));
    assert!(ran.status == 2 && ran.stderr.contains("kea-leases4.csv"), "{ran:?}");
}

#[test]
fn faults_of_pools_are_reported_and_the_others_counted() {
    let files = Files::new();
    let pools = r#"{"pool": "192.0.2.20 - 192.0.2.29"}, {"pool": "192.0.2.25 - 192.0.2.35"}, {"pool": "198.51.100.1 - 198.51.100.2"}, {"pool": "192.0.2.9 - 192.0.2.1"}, {"pool": ""}"#;
    let subnets = format!(
        r#""subnet4": [{{"id": 1, "subnet": "192.0.2.0/24", "pools": [{pools}]}}, {{"id": 1, "subnet": "203.0.113.0/24", "pools": [{{"pool": "203.0.113.0/28"}}]}}]"#
    );
    let ran = run_line(&format!("{} -f json", files.server(&subnets, &[row("192.0.2.26", 1, 10, 0)])));
    for said in [
        "overlaps with pool 192.0.2.20 - 192.0.2.29",
        "is not in subnet 192.0.2.0/24",
        "has the id 1 of 192.0.2.0/24",
        "192.0.2.9 - 192.0.2.1",
    ] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    let is_placed = |line: &str| line.contains("overlaps") && line.contains("kea-dhcp4.conf:1:");
    assert!(ran.stderr.lines().any(is_placed), "{}", ran.stderr);
    let total = &family(&ran)["total"]["addresses"];
    assert_eq!((&total["total"], &total["active"], ran.status), (&26.into(), &1.into(), 0), "{}", ran.stderr);
}

#[test]
fn a_prefix_of_two_subnets_is_reported() {
    let files = Files::new();
    let other = SUBNET.replace("\"id\": 1", "\"id\": 2").replace("192.0.2.1 - 192.0.2.10", "192.0.2.20 - 192.0.2.29");
    let ran = run_line(&files.server(&format!(r#""subnet4": [{SUBNET}, {other}]"#), &[]));
    assert!(ran.stderr.contains("subnet 192.0.2.0/24 of id 2 has the prefix of subnet 1"), "{ran:?}");
    assert_eq!((ran.status, ran.stdout.lines().count()), (0, 4), "{ran:?}");
}

#[test]
fn subnets_without_ids_are_numbered_as_kea_does() {
    let files = Files::new();
    let subnets = r#""shared-networks": [{"name": "n", "subnet4": [{"subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.0/28"}]}]}], "subnet4": [{"subnet": "198.51.100.0/24"}]"#;
    let ran = run_line(&format!("{} -f json", files.server(subnets, &[row("192.0.2.1", 1, 10, 0)])));
    let family = family(&ran);
    let ids: Vec<_> = family["subnets"].as_array().unwrap().iter().map(|subnet| subnet["id"].clone()).collect();
    assert_eq!((ids, &family["orphans"]), (vec![2.into(), 1.into()], &0.into()));
}

#[test]
fn bad_rows_are_named_and_the_others_counted() {
    let files = Files::new();
    let server =
        files.server(&format!(r#""subnet4": [{SUBNET}]"#), &[row("192.0.2.1", 1, 10, 0), "192.0.2.2,zz".to_owned()]);
    let ran = run_line(&format!("{server} -f json"));
    assert!(ran.status == 2 && ran.stderr.contains(":3: "), "{ran:?}");
    assert_eq!(family(&ran)["total"]["addresses"]["active"], 1);
}

#[test]
fn files_of_the_configuration_are_not_overwritten() {
    let files = Files::new();
    let server = files.server(&format!(r#""subnet4": [{SUBNET}]"#), &[row("192.0.2.7", 1, 10, 0)]);
    let text = |name: &str| std::fs::read(files.path(name)).unwrap();
    for name in ["kea-leases4.csv", "kea-dhcp4.conf"] {
        let before = text(name);
        for option in ["-o", "--state"] {
            let ran = run_line(&format!("{server} {option} {}", files.path(name)));
            assert!(
                ran.status == 2 && ran.stderr.contains("a running server would lose it"),
                "{option} {name}: {ran:?}"
            );
            assert_eq!(text(name), before);
        }
        assert!(!std::path::Path::new(&files.path(&format!("{name}.bad"))).exists());
    }
    // Nor a lease file that is read, of whatever server.
    let copy = files.write("copy.csv", text("kea-leases4.csv"));
    let ran = run_line(&format!("{server} -4 {copy} -o {copy}"));
    assert!(ran.status == 2 && ran.stderr.contains("the lease file that is being read"), "{ran:?}");
}

#[test]
fn a_time_before_now_is_not_recommended_in_another_form() {
    let ran = run_line("--at -1h");
    let hint = "give a time such as 2026-11-29T08:00:00Z, or @SECONDS since 1970";
    assert_eq!(
        (ran.status, ran.stderr.as_str()),
        (2, format!("kea-pools: --at \"-1h\": this is not a time ({hint})\n").as_str())
    );
}
