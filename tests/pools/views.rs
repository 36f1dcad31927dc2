//! The table, the formats for programs, the check of a monitor, and what is chosen.

use crate::pools::harness::{Files, NOW, family, json_of, recording, row, run, run_line};

/// The campus of Kea 3.0.4 at the moment of its recording.
fn campus(digit: char) -> String {
    let folder = recording("3.0.4/campus");
    let now = json_of(&folder.join("truth.json"))[format!("dhcp{digit}")]["now"].clone();
    let folder = folder.display();
    format!("-{digit} --at @{now} -c {folder}/kea-dhcp{digit}.conf {folder}/kea-leases{digit}.csv")
}

#[test]
fn the_table_has_the_worst_first_and_fits_a_terminal() {
    for line in [campus('4'), campus('6'), campus('4') + " --by pool --why", campus('6') + " --by pool --why"] {
        let ran = run_line(&line);
        let lines: Vec<&str> = ran.stdout.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() <= 80), "{}", ran.stdout);
        let states = lines.iter().filter_map(|line| line.split_whitespace().next());
        let mut states = states.filter(|word| ["CRITICAL", "WARNING", "OK"].contains(word));
        assert_eq!((ran.status, states.next()), (1, Some("CRITICAL")), "{}", ran.stdout);
    }
}

#[test]
fn a_narrow_terminal_gets_fewer_columns() {
    for (digit, width) in [('4', 70), ('4', 60), ('4', 50), ('4', 40), ('6', 60)] {
        let ran = run_line(&format!("{} --width {width} --why", campus(digit)));
        // A name that is longer than its column has a line of its own, and no word is broken.
        let too_long = |line: &&str| line.chars().count() > width && line.split_whitespace().count() > 3;
        assert_eq!(ran.stdout.lines().find(too_long), None, "{width}:\n{}", ran.stdout);
        assert!(ran.stdout.contains("FREE") && (width < 50 || ran.stdout.contains("TOTAL")), "{}", ran.stdout);
    }
    let wide = run_line(&format!("{} --width 80", campus('4')));
    assert!(["FREE", "ACTIVE", "RESERVED", "TOTAL"].iter().all(|name| wide.stdout.contains(name)), "{}", wide.stdout);
}

#[test]
fn a_subnet_is_chosen_by_prefix_number_pool_or_address() {
    for choice in ["10.59.0.0/24", "59", "10.59.0.10-10.59.0.13", "10.59.0.12", "10.59.0.200"] {
        let ran = run_line(&format!("{} -f csv {choice}", campus('4')));
        let rows: Vec<&str> = ran.stdout.lines().skip(1).collect();
        assert_eq!((ran.status, rows.len()), (1, 1), "{choice}: {ran:?}");
        assert!(rows[0].contains(",59,10.59.0.0/24,") && rows[0].contains(",CRITICAL,"), "{choice}: {}", rows[0]);
    }
    // As metrics and Kea name a pool of prefixes.
    let ran = run_line(&format!("{} -f csv fd00:4000::/44-48", campus('6')));
    let rows: Vec<&str> = ran.stdout.lines().skip(1).collect();
    assert!(rows.len() == 1 && rows[0].contains(",fd00:4000::/44,"), "{ran:?}");
    let ran = run_line(&format!("{} -f csv fd00:4000::/44-56", campus('6')));
    assert!(ran.status == 1 && ran.stderr.contains("fd00:4000::/44-56"), "{ran:?}");
    let ran = run_line(&format!("{} -f csv guests", campus('4')));
    assert_eq!(ran.stdout.lines().count(), 4, "{}", ran.stdout);
    let network = run(&campus('4')
        .split(' ')
        .map(str::to_owned)
        .chain(["-f".into(), "json".into(), "guests".into()])
        .collect::<Vec<_>>());
    assert_eq!(family(&network)["subnets"].as_array().unwrap().len(), 2);
}

#[test]
fn a_monitor_reads_the_fullest_with_its_reason_first() {
    let ran = run_line(&format!("{} -f nagios", campus('4')));
    let first = ran.stdout.lines().next().unwrap();
    assert!(
        first.starts_with("POOLS CRITICAL - subnet 10.59.0.0/24: 0 of 4 free for new clients, 4 of 4 are leased; "),
        "{first}"
    );
    assert!(first.contains("'10.59.0.0/24'=100%;80;90;0;100 '10.59.0.0/24 free'=0;;;0;4"), "{first}");
    assert!(ran.status == 2 && ran.stdout.len() <= 4096, "{}", ran.stdout);
}

#[test]
fn thresholds_are_ranges_and_numbers_of_free_addresses() {
    let state = |options: &str| run_line(&format!("{} 10.50.0.0/24 {options}", campus('4'))).status;
    assert_eq!(
        (state(""), state("--warning @0:5"), state("--critical-free 21"), state("--warning-free 20")),
        (0, 1, 1, 0)
    );
    assert_eq!(state("--critical-free 21 --min-size 21"), 0);
}

#[test]
fn a_row_is_an_object_with_its_reasons() {
    let ran = run_line(&format!("{} -f ndjson 59", campus('4')));
    let object: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&object["state"], &object["effective-free"], &object["subnet-id"]),
        (&"CRITICAL".into(), &0.into(), &59.into())
    );
    assert_eq!(object["causes"][0]["reason"], "full");
}

#[test]
fn subnet_with_reservations_only_is_ok_no_pool_is_warning() {
    let files = Files::new();
    let host = r#""reservations": [{"hw-address": "00:00:00:00:00:01", "ip-address": "192.0.2.5"}]"#;
    let reserved = format!(r#"{{"id": 1, "subnet": "192.0.2.0/24", {host}}}"#);
    let server = files.server(&format!(r#""subnet4": [{reserved}, {{"id": 2, "subnet": "198.51.100.0/24"}}]"#), &[]);
    let ran = run_line(&format!("{server} --why"));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(
        ran.stdout.contains("WARNING   2 198.51.100.0/24") && ran.stdout.contains("OK        1 192.0.2.0/24"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("no pool of addresses is configured") && !ran.stdout.contains('%'), "{}", ran.stdout);
}

/// Kea 2.2.0 gives each of the hosts its address, also where no subnet has a pool.
#[test]
fn a_subnet_whose_hosts_are_reserved_globally_is_ok() {
    let files = Files::new();
    let host = |rest: &str| format!(r#""reservations": [{{"hw-address": "00:00:00:00:00:01", {rest}}}]"#);
    let status = |mode: bool, host: &str| {
        let members =
            format!(r#""reservations-global": {mode}, {host}, "subnet4": [{{"id": 1, "subnet": "192.0.2.0/24"}}]"#);
        run_line(&files.server(&members, &[])).status
    };
    let address = host(r#""ip-address": "192.0.2.5""#);
    assert_eq!((status(true, &address), status(false, &address)), (0, 1));
    assert_eq!(status(true, &host(r#""hostname": "name-alone""#)), 1);
}

#[test]
fn thresholds_that_a_full_pool_does_not_reach_are_noted() {
    let ran = |options: &str| run_line(&format!("{} 10.59.0.0/24 {options}", campus('4')));
    let full = ran("--warning 100");
    assert!(full.status == 0 && full.stderr.contains("a full pool is OK: no share is above 100 %"), "{full:?}");
    let monitor = ran("--warning 100 -f nagios");
    assert!(monitor.status == 0 && monitor.stdout.contains("--critical-free 1 is an alarm"), "{monitor:?}");
    for options in ["--warning 100 --critical-free 1", "--critical 100", "--warning 99.9"] {
        let ran = ran(options);
        assert!(ran.status == 1 && !ran.stderr.contains("100 %"), "{options}: {ran:?}");
    }
}

#[test]
fn reasons_are_named_with_their_numbers_and_a_remedy() {
    let files = Files::new();
    let hosts: Vec<String> = (2..6)
        .map(|last| format!(r#"{{"hw-address": "00:00:00:00:00:{last:02x}", "ip-address": "192.0.2.{last}"}}"#))
        .collect();
    let subnet = format!(
        r#""subnet4": [{{"id": 1, "subnet": "192.0.2.0/24", "pools": [{{"pool": "192.0.2.1 - 192.0.2.10"}}], "reservations": [{}]}}]"#,
        hosts.join(",")
    );
    let rows: Vec<String> = [(6, 10, 0), (7, 2000, 0), (8, 2000, 0), (9, 10, 1), (10, 10, 0)]
        .map(|(last, age, state)| row(&format!("192.0.2.{last}"), 1, age, state))
        .into();
    let ran = run_line(&format!("{} -f ndjson", files.server(&subnet, &rows)));
    let object: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let causes: Vec<&str> =
        object["causes"].as_array().unwrap().iter().map(|it| it["reason"].as_str().unwrap()).collect();
    assert_eq!(causes, ["reservations", "declined", "clients-left"], "{object:#}");
    assert!(object["causes"][0]["evidence"].as_str().unwrap().starts_with("4 of the 5 "), "{object:#}");
    assert_eq!(object["at"], kea_tools::time::show(NOW, kea_tools::time::TimeStyle::Utc));
}

#[test]
fn one_client_with_many_addresses_is_found_among_others() {
    let files = Files::new();
    let subnet = r#""subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.1 - 192.0.2.40"}]}]"#;
    let row_of = |last: u8| match last % 4 {
        0 => row(&format!("192.0.2.{last}"), 1, 10, 0),
        _ => row(&format!("192.0.2.{last}"), 1, 2000, 0)
            .replace(&format!("00:08:00:00:00:{last:02x}"), "02:00:00:00:00:01"),
    };
    let rows: Vec<String> = (1..=40).map(row_of).collect();
    let ran = run_line(&format!("{} -f ndjson", files.server(subnet, &rows)));
    let object: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let evidence = |reason: &str| {
        let causes = object["causes"].as_array().unwrap();
        causes.iter().find(|it| it["reason"] == reason).unwrap()["evidence"].as_str().unwrap().to_owned()
    };
    let one = evidence("one-client");
    let least: u32 = one.split(' ').nth(5).unwrap().parse().unwrap();
    assert!((20..=30).contains(&least) && one.contains(" of 40 leases, such as that of 192.0.2."), "{one}");
    assert_eq!(
        evidence("randomised-addresses"),
        "30 of 40 leases are of clients that chose their own hardware address; 30 of them not renewed although T1 has passed"
    );
}

#[test]
fn a_subnet_that_gives_only_prefixes_lacks_no_addresses() {
    let files = Files::new();
    let prefixes = r#"{"id": 2, "subnet": "2001:db8:2::/64", "pd-pools": [{"prefix": "3000::", "prefix-len": 40, "delegated-len": 48}]}"#;
    let addresses = r#"{"id": 1, "subnet": "2001:db8:1::/64", "pools": [{"pool": "2001:db8:1::/120"}]}"#;
    let header = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n";
    let leases = files.write("kea-leases6.csv", header);
    let database = format!(r#""lease-database": {{"type": "memfile", "name": "{leases}"}}"#);
    let config = files.write(
        "kea-dhcp6.conf",
        format!(
            r#"{{"Dhcp6": {{{database}, "shared-networks": [{{"name": "n", "subnet6": [{addresses}, {prefixes}]}}]}}}}"#
        ),
    );
    let ran = run_line(&format!("-6 -c {config} -f csv --by subnet"));
    let judged: Vec<&str> = ran.stdout.lines().filter(|line| line.contains(",OK,")).collect();
    assert_eq!((ran.status, judged.len()), (0, 2), "{ran:?}");
    assert!(judged[0].contains(",1,2001:db8:1::/64,") && judged[1].contains(",2,2001:db8:2::/64,"), "{ran:?}");
}

#[test]
fn a_queue_that_may_have_nothing_to_give_is_a_warning() {
    let files = Files::new();
    let subnet = |allocator: &str| {
        format!(
            r#""subnet4": [{{"id": 1, "subnet": "192.0.2.0/24", "allocator": "{allocator}", "pools": [{{"pool": "192.0.2.1 - 192.0.2.4"}}]}}]"#
        )
    };
    let rows: Vec<String> = (1..=4).map(|last| row(&format!("192.0.2.{last}"), 1, 4000, 0)).collect();
    let status = |allocator: &str| run_line(&format!("{} -f nagios", files.server(&subnet(allocator), &rows)));
    assert_eq!(status("random").status, 0);
    let ran = status("flq");
    assert!(ran.status == 1 && ran.stdout.contains("0 to 4 of 4 free"), "{ran:?}");
}

#[test]
fn a_network_may_be_called_like_its_addresses() {
    let files = Files::new();
    let network = |name: &str, id: u32| {
        format!(
            r#"{{"name": "{name}", "subnet4": [{{"id": {id}, "subnet": "192.0.{id}.0/24", "pools": [{{"pool": "192.0.{id}.0/28"}}]}}]}}"#
        )
    };
    let networks = [network("192.0.2.0-hall", 2), network("10.0.0.0/8", 3)].join(",");
    let server = files.server(&format!(r#""shared-networks": [{networks}]"#), &[]);
    for name in ["192.0.2.0-hall", "10.0.0.0/8"] {
        let ran = run_line(&format!("{server} -f csv {name}"));
        assert!(ran.status == 0 && ran.stdout.contains(&format!("shared-network,{name},")), "{name}: {ran:?}");
    }
}
