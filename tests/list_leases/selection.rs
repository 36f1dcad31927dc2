//! Which leases are listed.

use crate::list_leases::fake::{Fake, Reply};
use crate::list_leases::harness::{Files, ListLeasesRun, NOON, every_state, row4, run};

fn listed(arguments: &str) -> Vec<String> {
    let files = Files::new();
    let source = files.leases4(&every_state());
    let ran = run(&format!("{source} --no-header -q {arguments}"));
    ran.expect(0, "");
    ran.first_words().iter().map(|word| word.trim_start_matches("192.0.2.").to_owned()).collect()
}

#[test]
fn default_list_has_only_assigned_and_unexpired_leases() {
    assert_eq!(listed(""), ["9", "60", "100"]);
    assert_eq!(listed("--all"), ["9", "20", "30", "40", "50", "60", "100"]);
}

#[test]
fn a_lease_is_listed_until_the_second_of_its_end_is_over() {
    let files = Files::new();
    let source = files.leases4(&[row4(9, 60, "berta", 0)]);
    for (later, listed) in [(59, 1), (60, 1), (61, 0)] {
        let ran = ListLeasesRun { later, ..ListLeasesRun::default() }.run(&format!("{source} --no-header -q"));
        assert_eq!(ran.stdout.lines().count(), listed, "after {later} s");
    }
}

#[test]
fn states_are_judged_at_the_moment() {
    assert_eq!(listed("--state assigned"), ["9", "60", "100"]);
    assert_eq!(listed("--state expired"), ["20"]);
    assert_eq!(listed("--state declined,released"), ["30", "50"]);
    assert_eq!(listed("--state expired-reclaimed"), ["40"]);
}

#[test]
fn every_criterion_narrows_the_list() {
    assert_eq!(listed("--subnet 2 --all"), ["30"]);
    assert_eq!(listed("--subnet 192.0.2.0/27"), ["9"]);
    assert_eq!(listed("--range 192.0.2.50-192.0.2.99"), ["60"]);
    assert_eq!(listed("--range 192.0.2.0/25 --range 192.0.2.100"), ["9", "60", "100"]);
    assert_eq!(listed("--mac 02-00"), ["60"]);
    assert_eq!(listed("--mac 0800.2b00"), ["9", "100"]);
    assert_eq!(listed("--hostname ANN"), ["100"]);
    assert_eq!(listed("--hostname *.example.org,frieda"), ["9", "60"]);
    assert_eq!(listed("--client-id 0102"), ["60"]);
    assert_eq!(listed("--expiring 1m"), ["9"]);
    assert_eq!(listed("--expiring 1h"), ["9", "100"]);
    assert_eq!(listed("--search 02:00"), ["60"]);
    assert_eq!(listed("--search .org"), ["9"]);
    assert_eq!(listed("--subnet 1 --hostname a --expiring 1h"), ["9", "100"]);
}

#[test]
fn leases_given_within_a_time_are_new() {
    // One that ends in half an hour and lives an hour was given half an hour ago.
    assert_eq!(listed("--new 29m"), ["60"]);
    assert_eq!(listed("--new 30m"), ["60", "100"]);
}

#[test]
fn prefixes_and_addresses_are_distinguished() {
    let files = Files::new();
    let expire = NOON + 3600;
    let source = files.leases6(&[
        &format!("2001:db8::1,00:03:00:01:02:00:00:00:00:01,7200,{expire},1,3600,0,7,128,0,0,anna,,0,,,,0"),
        &format!("2001:db8:8000::,00:03:00:01:02:00:00:00:00:01,7200,{expire},1,3600,2,7,56,0,0,,,0,,,,0"),
    ]);
    let listed = |arguments: &str| run(&format!("{source} --no-header -q {arguments}")).first_words().join(" ");
    assert_eq!(listed("--lease-type pd"), "2001:db8:8000::/56");
    assert_eq!(listed("-t na"), "2001:db8::1");
    assert_eq!(listed("--duid 0003:0001"), "");
    assert_eq!(listed("--duid 00030001"), "2001:db8::1 2001:db8:8000::/56");
    assert_eq!(listed("--search 8000::/56"), "2001:db8:8000::/56");
}

#[test]
fn a_prefix_of_the_configuration_stands_for_its_subnet() {
    let files = Files::new();
    let expire = NOON + 3600;
    files.leases6(&[
        &format!("2001:db8:1::1,00:03:00:01:02,7200,{expire},5,3600,0,7,128,0,0,,,0,,,,0"),
        &format!("2001:db8:8000::,00:03:00:01:02,7200,{expire},5,3600,2,7,56,0,0,,,0,,,,0"),
    ]);
    let leases = files.path("kea-leases6.csv");
    let config = files.write(
        "kea-dhcp6.conf",
        format!(
            r#"{{"Dhcp6": {{"lease-database": {{"type": "memfile", "name": "{}"}},
                "subnet6": [{{"id": 5, "subnet": "2001:db8:1::/64"}}]}}}}"#,
            leases.display()
        ),
    );
    let listed = |prefix: &str| run(&format!("-c {config} -q --no-header --subnet {prefix}")).first_words().join(" ");
    assert_eq!(listed("2001:db8:1::/64"), "2001:db8:1::1 2001:db8:8000::/56");
    assert_eq!(listed("2001:db8:1::/63"), "2001:db8:1::1");
}

#[test]
fn the_summary_counts_what_is_meant_not_only_what_is_shown() {
    let files = Files::new();
    let source = files.leases4(&every_state());
    let summary = |arguments: &str| run(&format!("{source} {arguments}")).stderr;
    let all = "3 active, 1 declined, 1 expired, 1 expired-reclaimed, 1 released of 7\n";
    assert_eq!(summary(""), all);
    assert_eq!(summary("--limit 2"), all.replace('\n', "; 2 shown\n"));
    assert_eq!(summary("--subnet 2"), "1 declined\n");
    assert_eq!(summary("--subnet 3"), "none of 7 leases matches\n");
    assert_eq!(summary("-f json"), "");
    assert_eq!(summary("-q"), "");
}

#[test]
fn a_subnet_that_is_not_configured_is_reported() {
    let files = Files::new();
    files.leases4(&every_state()[..1]);
    let text = r#"{"Dhcp4": {"lease-database": {"type": "memfile", "name": "LEASES"}, "subnet4": [
        {"id": 1, "subnet": "192.0.2.0/24"}, {"id": 4, "subnet": "198.51.100.0/24"}]}}"#;
    let leases = files.path("kea-leases4.csv");
    let config = files.write("kea-dhcp4.conf", text.replace("LEASES", leases.to_str().unwrap()));
    let unknown = run(&format!("-c {config} --subnet 3"));
    let remark = "kea-list-leases: subnet 3 is not configured (configured: 1, 4)\n";
    unknown.expect(0, &format!("{remark}the only lease does not match\n"));
    assert!(!run(&format!("-c {config} --subnet 4")).stderr.contains("not configured"));
    std::fs::remove_file(&leases).unwrap();
    let never = run(&format!("-c {config}"));
    let of = format!("the DHCPv4 server of {config} was never started, or the file was moved");
    assert!(never.status == 2 && never.stderr.contains(&of) && never.stderr.lines().count() == 1, "{never:?}");
}

#[test]
fn an_empty_list_is_a_failure_only_if_that_is_wanted() {
    let files = Files::new();
    let source = files.leases4(&every_state());
    run(&format!("{source} --subnet 3")).expect(0, "none of 7 leases matches\n");
    run(&format!("{source} --subnet 3 --fail-if-empty")).expect(1, "none of 7 leases matches\n");
    run(&format!("{source} -q --fail-if-empty")).expect(0, "");
}

#[test]
fn both_configured_families_are_listed_by_default() {
    let files = Files::new();
    let expire = NOON + 3600;
    files.leases4(&[row4(9, 60, "berta", 0)]);
    files.leases6(&[&format!("2001:db8::1,00:03:00:01:02,7200,{expire},5,3600,0,7,128,0,0,anna,,0,,,,0")]);
    for family in ['4', '6'] {
        let leases = files.path(&format!("kea-leases{family}.csv"));
        let text = format!(
            r#"{{"Dhcp{family}": {{"lease-database": {{"type": "memfile", "name": "{}"}}}}}}"#,
            leases.display()
        );
        files.write(&format!("kea-dhcp{family}.conf"), text);
    }
    let config = files.path("");
    let config = config.display();
    let ran = run(&format!("-c {config}"));
    ran.expect(0, "DHCPv4: 1 active\nDHCPv6: 1 active\n");
    assert_eq!(ran.first_words(), ["ADDRESS", "192.0.2.9", "", "ADDRESS", "2001:db8::1"]);
    assert_eq!(run(&format!("-c {config} -6 --no-header")).first_words(), ["2001:db8::1"]);
    assert_eq!(run(&format!("-c {config} --duid 00 --no-header")).first_words(), ["2001:db8::1"]);
    let json: serde_json::Value = serde_json::from_str(&run(&format!("-c {config} -f json")).stdout).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 2);

    // The DHCPv6 server was never started: that hides nothing of the other one.
    std::fs::remove_file(files.path("kea-leases6.csv")).unwrap();
    let ran = run(&format!("-c {config} --no-header"));
    assert_eq!((ran.status, ran.first_words()), (0, vec!["192.0.2.9"]), "{}", ran.stderr);
    let told: Vec<_> = ran.stderr.lines().collect();
    assert!(told[0].contains("kea-leases6.csv, does not exist"), "{}", ran.stderr);
    assert_eq!(told[1..], ["1 active"]);
    assert_eq!(run(&format!("-c {config} -6")).status, 2);
}

/// A configuration of both servers, with a lease each.
fn two_families(files: &Files) -> String {
    let expire = NOON + 3600;
    files.leases4(&[row4(9, 60, "berta", 0)]);
    files.leases6(&[&format!("2001:db8::1,00:03:00:01:02,7200,{expire},5,3600,0,7,128,0,0,anna,,0,,,,0")]);
    for (family, prefix) in [('4', "192.0.2.0/24"), ('6', "2001:db8::/64")] {
        let leases = files.path(&format!("kea-leases{family}.csv"));
        let text = format!(
            r#"{{"Dhcp{family}": {{"lease-database": {{"type": "memfile", "name": "{}"}},
                "subnet{family}": [{{"id": 5, "subnet": "{prefix}"}}]}}}}"#,
            leases.display()
        );
        files.write(&format!("kea-dhcp{family}.conf"), text);
    }
    format!("-c {}", files.path("").display())
}

#[test]
fn unreadable_family_is_reported_and_other_one_is_listed() {
    let headless = |files: &Files, family: char| {
        let path = files.path(&format!("kea-leases{family}.csv"));
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, text.replace('\n', "\r\n")).unwrap();
    };
    let broken = |files: &Files, family: char| {
        let text = format!("{{\"Dhcp{family}\": {{\"lease-database\": {{");
        files.write(&format!("kea-dhcp{family}.conf"), text);
    };
    for (harm, told) in [(headless as fn(&Files, char), ".csv:1: "), (broken, ".conf:1:")] {
        for (harmed, left) in [('4', "2001:db8::1"), ('6', "192.0.2.9")] {
            let files = Files::new();
            let config = two_families(&files);
            harm(&files, harmed);
            let ran = run(&format!("{config} --no-header -q"));
            assert_eq!((ran.status, ran.first_words()), (2, vec![left]), "{}", ran.stderr);
            assert!(ran.stderr.contains(told) && ran.stderr.lines().count() == 1, "{}", ran.stderr);
            let json: serde_json::Value = serde_json::from_str(&run(&format!("{config} -f json")).stdout).unwrap();
            assert_eq!((json.as_array().unwrap().len(), &json[0]["ip-address"]), (1, &left.into()));
            for format in ["csv", "classic", "prometheus", "ansible"] {
                let ran = run(&format!("{config} -f {format}"));
                let other = [("family=\"", harmed), ("DHCPv", harmed)].map(|(word, digit)| format!("{word}{digit}"));
                assert!(!other.iter().any(|other| ran.stdout.contains(other)), "{format}: {}", ran.stdout);
                assert_eq!(ran.status, 2, "{format}");
            }
            let other = if harmed == '4' { '6' } else { '4' };
            assert_eq!(run(&format!("{config} -{other}")).status, 0, "nobody asked for the broken one");
            harm(&files, other);
            let ran = run(&format!("{config} -f json"));
            assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "nothing could be read: {}", ran.stderr);
        }
    }
}

#[test]
fn json_is_complete_if_the_server_fails_after_a_page() {
    let lease = serde_json::json!({
        "ip-address": "192.0.2.10", "subnet-id": 1, "hw-address": "08:00:2b:00:00:01", "cltt": NOON, "valid-lft": 3600,
        "fqdn-fwd": false, "fqdn-rev": false, "hostname": "printer", "state": 0
    });
    let fake = Fake::unix(move |command| {
        if command["arguments"]["from"] == "start" {
            return Reply::Answer(serde_json::json!({
                "result": 0, "text": "", "arguments": {"count": 1, "leases": [lease]}
            }));
        }
        Reply::Answer(serde_json::json!({ "result": 1, "text": "out of memory" }))
    });
    let ran = run(&format!("-4 --socket {} -f json", fake.address()));
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.status, &json[0]["hostname"]), (2, &"printer".into()));
    assert!(ran.stderr.contains("out of memory") && ran.stderr.lines().count() == 1, "{}", ran.stderr);
}

#[test]
fn a_history_is_asked_for_what_its_rows_say_of_themselves() {
    let files = Files::new();
    let removed = row4(9, -7200, "anna", 0).replace(",3600,", ",0,");
    let source = files.leases4(&[row4(9, -9000, "anna", 0), removed, row4(9, 60, "berta", 0), row4(9, 60, "", 1)]);
    let states = |arguments: &str| {
        let ran = run(&format!("{source} --history --no-header --columns state,hostname {arguments}"));
        ran.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(states(""), ["assigned anna", "removed anna", "assigned berta", "declined -"]);
    assert_eq!(states("--state assigned"), ["assigned anna", "assigned berta"], "past or not");
    assert_eq!(states("--state declined"), ["declined -"]);
    assert_eq!(states("--state expired"), [""; 0], "no row says so");
}
