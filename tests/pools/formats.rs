//! Estimates from statistics, reservations that are not known, the page, and what dhcpd-pools writes.

use serde_json::{Value, json};

use crate::pools::fake::{Fake, Reply};
use crate::pools::harness::{Files, family, json_of, recorded_server, recording, row, run_line};

#[test]
fn statistics_are_an_estimate_that_is_named_so() {
    for (server, digit) in [("2.2.0/campus", '6'), ("3.0.4/campus", '6'), ("2.6.3/campus", '4'), ("2.2.0/campus", '4')]
    {
        let fake = recorded_server(&recording(server), digit);
        let ran = run_line(&format!("-{digit} --socket {} --basis statistics -f json", fake.address()));
        let family = family(&ran);
        assert_eq!(family["basis"], "statistics");
        let truth = json_of(&recording(server).join("truth.json"));
        let recorded = json_of(&recording(server).join(format!("dhcp{digit}-stat-lease{digit}-get.json")));
        let columns = recorded["arguments"]["result-set"]["columns"].as_array().unwrap();
        let is_assigned = |column: &Value| column == "assigned-addresses" || column == "assigned-nas";
        let assigned = columns.iter().position(is_assigned).unwrap();
        let rows = recorded["arguments"]["result-set"]["rows"].as_array().unwrap();
        for subnet in truth[format!("dhcp{digit}")]["subnets"].as_array().unwrap() {
            let all = family["subnets"].as_array().unwrap();
            let counted = all.iter().find(|other| other["id"] == subnet["id"]).unwrap();
            // Totals are those of the configuration, also where Kea 2.2 says -1; assigned is what Kea says.
            assert_eq!(subnet["addresses"]["total"].to_string(), counted["addresses"]["total"].to_string(), "{server}");
            let row = rows.iter().find(|row| row[0] == subnet["id"]);
            assert_eq!(
                counted["addresses"]["active"],
                row.map_or(Value::from(0), |row| row[assigned].clone()),
                "{server}"
            );
            assert_eq!(
                (&counted["addresses"]["expired"], &counted["pools"][0]["active"]),
                (&Value::Null, &Value::Null)
            );
        }
        assert!(fake.asked().iter().all(|command| command["command"] != "statistic-get-all"), "{server}");
    }
}

#[test]
fn declined_addresses_are_counted_once_whatever_the_version() {
    for (version, active) in [("3.1.1", 5), ("3.1.2", 3), ("3.3.0-git", 3)] {
        let fake = counting_server(version);
        let ran = run_line(&format!("-4 --socket {} --basis statistics -f json", fake.address()));
        let counted = &family(&ran)["subnets"][0]["addresses"];
        assert_eq!((&counted["active"], &counted["declined"]), (&active.into(), &2.into()), "{version}: {ran:?}");
    }
}

/// A server with a pool of ten, of which 5 are assigned and 2 declined.
fn counting_server(version: &'static str) -> Fake {
    let subnet = json!({"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.1-192.0.2.10"}]});
    let table = json!({"columns": ["subnet-id", "total-addresses", "cumulative-assigned-addresses", "assigned-addresses", "declined-addresses"], "rows": [[1, 10, 9, 5, 2]]});
    Fake::unix(move |command| {
        Reply::Answer(match command["command"].as_str().unwrap() {
            "config-get" => json!({"result": 0, "arguments": {"Dhcp4": {"subnet4": [subnet]}}}),
            "stat-lease4-get" => json!({"result": 0, "arguments": {"result-set": table}}),
            "version-get" => json!({"result": 0, "text": version}),
            "statistic-get" => json!({"result": 0, "arguments": {"pkt4-received": [[1, "x"]]}}),
            _ => json!({"result": 2, "text": "unknown command"}),
        })
    })
}

#[test]
fn reservations_in_a_database_leave_what_is_free_unknown() {
    let files = Files::new();
    let members = r#""hosts-database": {"type": "mysql", "name": "kea", "host": "127.0.0.1", "port": 1}, "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.0/28"}]}]"#;
    let server = files.server(members, &[row("192.0.2.1", 1, 10, 0)]);
    let ran = run_line(&format!("{server} -f json"));
    let counts = family(&ran)["total"]["addresses"].clone();
    assert_eq!(
        (&counts["free"], &counts["effective-free"], &counts["reserved"]),
        (&15.into(), &Value::Null, &Value::Null)
    );
    assert!(ran.status == 2 && ran.stderr.contains("reservations are not known"), "{ran:?}");
    assert_eq!(run_line(&format!("{server} -f nagios")).status, 3);
    // Nothing is called full that is not known.
    for options in ["--why --by pool", "--why", "--by pool"] {
        let ran = run_line(&format!("{server} {options}"));
        assert!(ran.status == 2 && ran.stdout.contains("the reservations are not known"), "{options}: {ran:?}");
        assert!(!ran.stdout.contains("full") && !ran.stdout.contains("enlarge"), "{options}: {ran:?}");
    }
}

#[test]
fn a_pool_that_statistics_do_not_count_is_not_called_full() {
    let fake = counting_server("3.0.4");
    let ran = run_line(&format!("-4 --socket {} --basis statistics 192.0.2.3 --why", fake.address()));
    assert!(ran.status == 2 && ran.stdout.contains("UNKNOWN") && ran.stdout.contains("of whole subnets"), "{ran:?}");
    assert!(!ran.stdout.contains("full") && !ran.stdout.contains("enlarge"), "{ran:?}");
}

#[test]
fn the_page_has_no_script_and_every_number() {
    let folder = recording("3.0.4/campus").display().to_string();
    let ran = run_line(&format!("-4 --at @1795939733 -c {folder}/kea-dhcp4.conf -f html {folder}/kea-leases4.csv"));
    let page = &ran.stdout;
    assert!(
        page.contains("default-src 'none'")
            && !page.contains("<script")
            && !page.contains("http:")
            && !page.contains("https:")
    );
    assert!(
        page.contains("<dt>free</dt><dd>26</dd>")
            && page.contains(": declined</title>")
            && page.contains("prefers-color-scheme:dark")
    );
    assert_eq!(page.matches("<article").count(), page.matches("</article>").count());
    assert!(page.contains("map of 10.42.0.10 - 10.42.0.14"));
    // Which clients the numbers are of.
    assert!(page.contains("<p>USED and FREE are those of clients of no class: 10 in all</p>"), "{page}");
    assert!(page.contains("<p>for clients of class voip only</p>"), "{page}");
}

#[test]
fn what_reads_dhcpd_pools_goes_on() {
    let folder = recording("3.0.4/campus").display().to_string();
    let files = format!("-4 --at @1795939733 -c {folder}/kea-dhcp4.conf {folder}/kea-leases4.csv -f dhcpd-pools");
    let document = run_line(&files).document();
    let first = |list: &str| document[list][0].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(first("subnets"), ["defined", "free", "location", "range", "touched", "used"]);
    assert_eq!(first("shared-networks"), ["defined", "free", "location", "touched", "used"]);
    assert_eq!((&document["summary"]["location"], &document["summary"]["free"]), (&"All networks".into(), &293.into()));
    let ran = run_line(&format!("{files} --warning 80 --critical 90"));
    let expected = "CRITICAL: dhcpd-pools: Ranges - crit: 4 warn: 1 ok: 16; | range_crit=4 range_warn=1 range_ok=16\n\
        Shared nets - crit: 0 warn: 0 ok: 2; | snet_crit=0 snet_warn=0 snet_ok=2\n";
    assert_eq!((ran.status, ran.stdout.as_str()), (2, expected));
}

/// What a server with an open and a guarded pool comes to by its statistics, in which 2 addresses are assigned.
fn estimated(columns: &Value, row: &Value, options: &str) -> crate::pools::harness::Ran {
    let host = json!({"hw-address": "00:08:00:00:00:05", "ip-address": "192.0.2.5"});
    let pools =
        json!([{"pool": "192.0.2.1-192.0.2.10"}, {"pool": "192.0.2.100-192.0.2.199", "client-class": "phones"}]);
    let subnet = json!({"id": 1, "subnet": "192.0.2.0/24", "pools": pools, "reservations": [host]});
    let table = json!({"columns": columns, "rows": [row]});
    let fake = Fake::unix(move |command| {
        Reply::Answer(match command["command"].as_str().unwrap() {
            "config-get" => json!({"result": 0, "arguments": {"Dhcp4": {"subnet4": [subnet]}}}),
            "stat-lease4-get" => json!({"result": 0, "arguments": {"result-set": table}}),
            "version-get" => json!({"result": 0, "text": "3.0.4"}),
            "statistic-get" => json!({"result": 0, "arguments": {"pkt4-received": [[1, "x"]]}}),
            _ => json!({"result": 2, "text": "unknown command"}),
        })
    });
    run_line(&format!("-4 --socket {} --basis statistics {options}", fake.address()))
}

#[test]
fn an_estimate_is_never_too_high_for_a_client_of_no_class() {
    let columns = json!(["subnet-id", "assigned-addresses", "declined-addresses"]);
    let ran = estimated(&columns, &json!([1, 2, 0]), "-f json");
    let counts = ran.document()["families"][0]["subnets"][0]["addresses"].clone();
    let found = ["effective-free", "effective-free-min", "effective-free-unclassed", "reserved-free"];
    assert_eq!(found.map(|name| counts[name].clone()), [json!(108), json!(107), json!(10), Value::Null]);
    // Nothing is known of what is expired, so that no reason follows from it.
    let row: Value = serde_json::from_str(&estimated(&columns, &json!([1, 2, 0]), "-f ndjson").stdout).unwrap();
    assert_eq!(row["causes"], json!([]));
    assert_eq!(row["basis"], "statistics");
    let monitored = estimated(&columns, &json!([1, 2, 0]), "-f nagios").stdout;
    assert!(monitored.contains("; estimated by statistics | "), "{monitored}");
    let table = estimated(&columns, &json!([1, 2, 0]), "").stdout;
    let is_honest = table.contains("the newest lease is not known") && !table.contains("no leases");
    assert!(is_honest, "{table}");
    let line = table.lines().find(|line| line.contains("192.0.2.0/24")).unwrap();
    assert!(line.split_whitespace().any(|word| word == "?") && line.contains("7-10"), "{table}");
}

#[test]
fn counts_that_are_missing_are_not_taken_for_none() {
    for (columns, row, said) in [
        (json!(["subnet-id", "total-addresses"]), json!([1, 10]), "how many addresses of subnet 1"),
        (json!(["subnet-id", "assigned-addresses"]), json!([1, "2"]), "how many addresses of subnet 1"),
        (json!(["subnet-id", "assigned-addresses"]), json!([1]), "how many addresses of subnet 1"),
        (json!(["assigned-addresses"]), json!([2]), "no column subnet-id"),
        (json!(["subnet-id", "assigned-addresses"]), json!(["1", 2]), "a row of its table has no subnet-id"),
        (json!("subnet-id"), json!([1]), "its answer has no table of counts"),
    ] {
        let ran = estimated(&columns, &row, "");
        assert!(ran.status == 2 && ran.stderr.contains(said), "{columns}: {ran:?}");
    }
    let huge = estimated(&json!(["subnet-id", "assigned-addresses"]), &json!([1, u64::MAX]), "-f json");
    assert_eq!(huge.document()["families"][0]["total"]["addresses"]["used-percent"], 100.0);
}

#[test]
fn alarms_know_each_threshold_and_what_was_not_counted() {
    let files = Files::new();
    let pool = r#"{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.0/28"}]}"#;
    let server = files.server(&format!(r#""subnet4": [{pool}]"#), &[]);
    let word = |options: &str| {
        let ran = run_line(&format!("{server} -f dhcpd-pools --warning 80 --critical 90 {options}"));
        (ran.status, ran.stdout.split(':').next().unwrap().to_owned())
    };
    assert_eq!(word(""), (0, "OK".to_owned()));
    assert_eq!(word("--critical-free 17"), (2, "CRITICAL".to_owned()));
    files.write(
        "kea-dhcp6.conf",
        "{\"Dhcp6\": {\"lease-database\": {\"type\": \"memfile\", \"name\": \"/nonexistent/x\"}}}",
    );
    let both = run_line(&format!("-4 -6 -c {} -f dhcpd-pools --critical 90", files.path(".")));
    assert!(both.status == 3 && both.stdout.starts_with("UNKNOWN: dhcpd-pools: "), "{both:?}");
}
