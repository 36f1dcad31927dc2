//! What is reserved, and which client has it.

use serde_json::{Value, json};

use crate::list_leases::fake::{Fake, Reply};
use crate::list_leases::harness::{Files, HEADER4, HEADER6, ListLeasesRun, NOON, row4, run};

const CONFIG: &str = r#"
  "reservations": [{"hw-address": "08:00:2b:00:00:77", "ip-address": "192.0.2.77"}],
  "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.8 - 192.0.2.99"}],
    "reservations": [
      {"hw-address": "08:00:2b:00:00:09", "ip-address": "192.0.2.9", "hostname": "anna"},
      {"client-id": "01:0a", "ip-address": "192.0.2.10"},
      {"hw-address": "08:00:2b:00:00:ff", "ip-address": "192.0.2.11", "hostname": "late"},
      {"circuit-id": "'port-7'", "ip-address": "192.0.2.12"},
      {"hw-address": "08:00:2b:00:00:05", "ip-address": "192.0.2.5"},
      {"hw-address": "08:00:2b:00:00:13", "ip-address": "192.0.2.13"},
      {"hw-address": "08:00:2b:00:00:66", "hostname": "named.example.org"}]}]"#;

/// `-c` for a server with these members, and leases of some of what is reserved.
fn server(files: &Files, members: &str) -> String {
    let rows = [
        row4(9, 600, "anna", 0),
        row4(10, 600, "", 0),
        row4(11, 600, "", 0),
        row4(12, 600, "", 0),
        row4(5, -600, "", 0),
        format!("192.0.2.13,,,86400,{},1,0,0,,1,,0", NOON + 600),
    ];
    let leases = files.write("kea-leases4.csv", format!("{HEADER4}\n{}\n", rows.join("\n")));
    let database = format!(r#""lease-database": {{"type": "memfile", "name": "{leases}"}}"#);
    format!("-c {}", files.write("kea-dhcp4.conf", format!(r#"{{"Dhcp4": {{{database}, {members}}}}}"#)))
}

#[test]
fn each_reservation_says_who_has_its_address() {
    let files = Files::new();
    let ran = run(&format!("{} --reservations", server(&files, CONFIG)));
    let expected = "\
ADDRESS     RESERVED FOR       HOSTNAME           SUBNET        POOL  LEASED BY
192.0.2.5   08:00:2b:00:00:05  -                  192.0.2.0/24  out   -
192.0.2.9   08:00:2b:00:00:09  anna               192.0.2.0/24  in    owner
192.0.2.10  client-id 01:0a    -                  192.0.2.0/24  in    08:00:2b:00:00:0a
192.0.2.11  08:00:2b:00:00:ff  late               192.0.2.0/24  in    08:00:2b:00:00:0b
192.0.2.12  circuit-id port-7  -                  192.0.2.0/24  in    08:00:2b:00:00:0c
192.0.2.13  08:00:2b:00:00:13  -                  192.0.2.0/24  in    declined
192.0.2.77  08:00:2b:00:00:77  -                  all           in    -
-           08:00:2b:00:00:66  named.example.org  192.0.2.0/24  -     -
";
    let summary = "8 reservations: 1 leased to their owners, 2 leased to other clients, \
        1 leased (perhaps to their owners), 1 declined, 2 not leased, 1 without an address\n";
    assert_eq!(ran.expect(0, summary).stdout, expected);
}

/// With `"ip-reservations-unique": false` several hosts may have a reservation of one address.
#[test]
fn of_several_reservations_that_of_the_holder_counts() {
    let host = |last: u8| json!({"hw-address": format!("08:00:2b:00:00:{last:02x}"), "ip-address": "192.0.2.9"});
    let subnet = json!({"id": 1, "subnet": "192.0.2.0/24", "reservations": [host(8), host(9), host(10)]});
    let files = Files::new();
    let server = server(&files, &format!(r#""ip-reservations-unique": false, "subnet4": [{subnet}]"#));
    let ran = run(&format!("{server} 192.0.2.9"));
    assert!(
        ran.stdout.contains(
            "reserved       for hw-address 08:00:2b:00:00:09, this client
"
        ),
        "{ran:?}"
    );
    let ran = run(&format!("{server} --reservations"));
    let summary =
        "3 reservations: 1 leased to their owners, 2 leased to the client of another reservation of the address
";
    assert!(ran.stderr.contains(summary), "{ran:?}");
}

#[test]
fn filters_and_words_choose_reservations() {
    let files = Files::new();
    let server = server(&files, CONFIG);
    let listed = |options: &str| {
        let ran = run(&format!("{server} --reservations --no-header {options}"));
        let words: Vec<String> = ran.first_words().into_iter().map(str::to_owned).collect();
        (ran.status, words)
    };
    assert_eq!(listed("192.0.2.11"), (0, vec!["192.0.2.11".to_owned()]));
    assert_eq!(listed("late"), (0, vec!["192.0.2.11".to_owned()]));
    assert_eq!(listed("--mac 08:00:2b:00:00:77"), (0, vec!["192.0.2.77".to_owned()]));
    assert_eq!(listed("named"), (0, vec!["-".to_owned()]));
    assert_eq!(listed("192.0.2.0/29 --limit 1"), (0, vec!["192.0.2.5".to_owned()]));
    assert_eq!(listed("nonesuch --fail-if-empty"), (1, vec![]));
    let ran = run(&format!("{server} --reservations --history"));
    assert!(ran.status == 2 && ran.stderr.contains("cannot be used with"), "{ran:?}");
    let ran = run(&format!("{server} --reservations -f prometheus"));
    assert!(ran.status == 2 && ran.stderr.contains("no place for reservations"), "{ran:?}");
}

#[test]
fn programs_get_them_in_their_formats() {
    let files = Files::new();
    let server = server(&files, CONFIG);
    let list = |format: &str| run(&format!("{server} --reservations -f {format}")).expect(0, "").stdout.clone();
    let document: Value = serde_json::from_str(&list("json")).unwrap();
    let expected = json!({"family": 4, "ip-address": "192.0.2.11", "identifier-type": "hw-address",
        "identifier": "08:00:2b:00:00:ff", "hostname": "late", "subnet-id": 1, "subnet": "192.0.2.0/24",
        "pool": "192.0.2.8 - 192.0.2.99", "leased": "other", "holder": "08:00:2b:00:00:0b", "source": "configuration"});
    assert_eq!((document.as_array().unwrap().len(), &document[3]), (8, &expected));
    let lines: Vec<Value> = list("ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(Value::from(lines), document);
    let csv = list("csv");
    assert!(csv.contains("\r\n4,192.0.2.9,,hw-address,08:00:2b:00:00:09,anna,1,192.0.2.0/24,192.0.2.8 - 192.0.2.99,owner,,configuration\r\n"), "{csv}");
    let ran = run(&format!("{server} --reservations -f hosts"));
    assert_eq!(ran.stdout, "192.0.2.9\tanna\n192.0.2.11\tlate\n");
    let ran = run(&format!("{server} --reservations -f ethers"));
    assert!(ran.stdout.contains("08:00:2b:00:00:77 192.0.2.77\n"), "{}", ran.stdout);
}

#[test]
fn a_narrow_terminal_gets_fewer_columns_and_no_longer_lines() {
    let files = Files::new();
    let server = server(&files, CONFIG);
    for columns in [80, 71, 60] {
        let ran = ListLeasesRun { columns: Some(columns), ..ListLeasesRun::default() }
            .run(&format!("{server} --reservations"));
        let widest = ran.stdout.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= columns.max(68) && ran.stdout.contains("LEASED BY"), "{columns}:\n{}", ran.stdout);
    }
}

#[test]
fn prefixes_are_reserved_and_leased_too() {
    let files = Files::new();
    let row = format!("2001:db8:9::,00:01:02,3600,{},1,1800,2,7,48,0,0,,,0,,,,0", NOON + 600);
    let leases = files.write("kea-leases6.csv", format!("{HEADER6}\n{row}\n"));
    let config = files.write(
        "kea-dhcp6.conf",
        format!(
            r#"{{"Dhcp6": {{"lease-database": {{"type": "memfile", "name": "{leases}"}}, "subnet6": [{{"id": 1,
                "subnet": "2001:db8:1::/64", "pd-pools": [{{"prefix": "2001:db8:9::", "prefix-len": 48, "delegated-len": 48}}],
                "reservations": [{{"duid": "00:01:02", "ip-addresses": ["2001:db8:1::5"], "prefixes": ["2001:db8:9::/48"]}}]}}]}}}}"#
        ),
    );
    let ran = run(&format!("-c {config} --reservations --no-header"));
    let expected = "\
2001:db8:1::5    duid 00:01:02  -         2001:db8:1::/64  out   -
2001:db8:9::/48  duid 00:01:02  -         2001:db8:1::/64  in    owner
";
    assert_eq!(ran.expect(0, "2 reservations: 1 leased to their owners, 1 not leased\n").stdout, expected);
}

/// A running server with two pages of reservations of its database.
fn answer(command: &Value) -> Reply {
    let host = |last: u8| json!({"subnet-id": 1, "hw-address": format!("08:00:2b:00:00:{last:02x}"), "ip-address": format!("192.0.2.{last}"), "hostname": "", "client-classes": [], "option-data": []});
    let config = json!({"Dhcp4": {"hosts-databases": [{"type": "mysql", "name": "kea"}], "subnet4": [{"id": 1, "subnet": "192.0.2.0/24",
        "pools": [{"pool": "192.0.2.8 - 192.0.2.99"}], "reservations": [{"hw-address": "08:00:2b:00:00:09", "ip-address": "192.0.2.9"}]}]}});
    let page = |hosts: Vec<Value>| json!({"result": 0, "arguments": {"count": hosts.len(), "hosts": hosts, "next": {"from": 7, "source-index": 1}}});
    Reply::Answer(match (command["command"].as_str().unwrap(), command["arguments"]["from"].as_u64()) {
        ("config-get", _) => json!({"result": 0, "arguments": config}),
        ("lease4-get-page", _) => json!({"result": 3, "arguments": {"count": 0, "leases": []}}),
        ("statistic-get", _) => json!({"result": 0, "arguments": {"pkt4-received": [[1, "x"]]}}),
        ("reservation-get-page", None) => page(vec![host(9)]),
        ("reservation-get-page", Some(7)) if command["arguments"]["source-index"] == 1 => {
            let last = json!({"from": 0, "source-index": 2});
            let mut page = page(vec![host(20)]);
            page["arguments"]["next"] = last;
            page
        }
        ("reservation-get-page", _) => json!({"result": 3, "text": "0 reservation(s) found."}),
        _ => json!({"result": 2, "text": "unknown command"}),
    })
}

#[test]
fn a_running_server_says_what_its_databases_reserve() {
    let fake = Fake::unix(answer);
    let ran = run(&format!("-4 --socket {} --reservations -f csv --no-header", fake.address()));
    let lines: Vec<&str> = ran.expect(0, "").stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("4,192.0.2.9,") && lines[0].ends_with(",configuration"), "{lines:?}");
    assert!(lines[1].starts_with("4,192.0.2.20,") && lines[1].ends_with(",server"), "{lines:?}");
}

#[test]
fn a_database_that_does_not_answer_is_reported() {
    let files = Files::new();
    let members =
        format!(r#""hosts-database": {{"type": "mysql", "name": "kea", "host": "127.0.0.1", "port": 1}}, {CONFIG}"#);
    let ran = run(&format!("{} --reservations", server(&files, &members)));
    assert_eq!((ran.status, ran.stdout.lines().count()), (2, 9), "{ran:?}");
    assert!(ran.stderr.contains("only the reservations of the configuration are known: "), "{}", ran.stderr);
}

#[test]
fn without_a_configuration_nothing_is_known_of_reservations() {
    let files = Files::new();
    let ran = run(&format!("{} --reservations", files.leases4(&[row4(9, 600, "anna", 0)])));
    assert!(ran.status == 2 && ran.stderr.contains("no configuration is known (name it with -c FILE)"), "{ran:?}");
}

#[test]
fn a_list_says_which_pools_are_nearly_full() {
    let files = Files::new();
    let rows: Vec<String> = (1..=20).map(|last| row4(last, 600, "", 0)).collect();
    let leases = files.write("kea-leases4.csv", format!("{HEADER4}\n{}\n", rows.join("\n")));
    let database = format!(r#""lease-database": {{"type": "memfile", "name": "{leases}"}}"#);
    let subnet =
        |pool: &str| format!(r#""subnet4": [{{"id": 1, "subnet": "192.0.2.0/24", "pools": [{{"pool": "{pool}"}}]}}]"#);
    let config =
        |pool: &str| files.write("kea-dhcp4.conf", format!(r#"{{"Dhcp4": {{{database}, {}}}}}"#, subnet(pool)));
    let hint = "20 active\npool 192.0.2.1 - 192.0.2.21 of subnet 192.0.2.0/24 is 95 % used, 1 free (kea-pools --why)\n";
    run(&format!("-c {}", config("192.0.2.1 - 192.0.2.21"))).expect(0, hint);
    run(&format!("-c {} -q", config("192.0.2.1 - 192.0.2.21"))).expect(0, "");
    run(&format!("-c {}", config("192.0.2.1 - 192.0.2.30"))).expect(0, "20 active\n");
    // A part of the leases says nothing of the pools.
    run(&format!("-c {} 192.0.2.0/28", config("192.0.2.1 - 192.0.2.21"))).expect(0, "15 active\n");
}
