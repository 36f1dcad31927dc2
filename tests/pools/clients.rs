//! Verdicts by what clients get: those of no class, those of each server of a pair, those of each class.

use serde_json::{Value, json};

use crate::pools::fake::{Fake, Reply};
use crate::pools::harness::{Files, Ran, family, row, run_line};

/// A pool of these last octets for clients of a class; of none if it is empty.
fn pool(first: u8, last: u8, class: &str) -> Value {
    let mut pool = json!({"pool": format!("192.0.2.{first} - 192.0.2.{last}")});
    if !class.is_empty() {
        pool["client-class"] = class.into();
    }
    pool
}

fn subnet(pools: &[Value]) -> String {
    format!(r#""subnet4": [{{"id": 1, "subnet": "192.0.2.0/24", "pools": {}}}]"#, Value::from(pools))
}

fn pair(mode: &str) -> String {
    let other = if mode == "load-balancing" { "secondary" } else { "standby" };
    let peer = |name: &str, role: &str| json!({"name": name, "role": role, "url": "http://127.0.0.1:1/"});
    let relationship =
        json!([{"this-server-name": "one", "mode": mode, "peers": [peer("one", "primary"), peer("two", other)]}]);
    let hook = json!([{"library": "libdhcp_ha.so", "parameters": {"high-availability": relationship}}]);
    format!(r#""hooks-libraries": {hook}"#)
}

/// Rows of leases of these last octets.
fn leased(parts: &[std::ops::RangeInclusive<u8>]) -> Vec<String> {
    parts.iter().cloned().flatten().map(|last| row(&format!("192.0.2.{last}"), 1, 10, 0)).collect()
}

/// What a monitor and a table say.
fn say(members: &str, rows: &[String], options: &str) -> [Ran; 2] {
    let files = Files::new();
    let server = files.server(members, rows);
    ["nagios", "table"].map(|format| run_line(&format!("{server} {options} -f {format}")))
}

fn halves() -> [Value; 2] {
    [pool(1, 50, "HA_one"), pool(51, 100, "HA_two")]
}

#[test]
fn of_two_halves_the_fuller_one_counts() {
    let members = format!("{}, {}", pair("load-balancing"), subnet(&halves()));
    let [monitor, table] = say(&members, &leased(&[1..=49, 51..=60]), "");
    let text = "POOLS CRITICAL - subnet 192.0.2.0/24: 1 of 50 free for new clients of one, 49 of 50 are leased | ";
    assert!(monitor.status == 2 && monitor.stdout.starts_with(text), "{monitor:?}");
    assert!(monitor.stdout.contains("'192.0.2.0/24'=98%;80;90;0;100 '192.0.2.0/24 free'=1;;;0;50"), "{monitor:?}");
    assert!(
        table.stdout.contains("98.0 %")
            && table.stdout.contains("USED and FREE are those of clients of one: 50 in all")
    );
    // Thresholds of what is free are those of the half.
    let few = leased(&[1..=40, 51..=60]);
    assert_eq!(say(&members, &few, "--warning-free 10")[0].status, 0);
    assert_eq!(say(&members, &few, "--warning-free 11")[0].status, 1);
}

#[test]
fn halves_may_be_the_subnets_of_a_network() {
    let half = |id: u8, class: &str| {
        let range = if id == 1 { "192.0.2.0/26" } else { "192.0.2.64/26" };
        json!({"id": id, "subnet": range, "client-class": class, "pools": [{"pool": range}]})
    };
    let network = json!([{"name": "n", "subnet4": [half(1, "HA_one"), half(2, "HA_two")]}]);
    let members = format!(r#"{}, "shared-networks": {network}"#, pair("load-balancing"));
    let rows: Vec<String> = (0..62).map(|last| row(&format!("192.0.2.{last}"), 1, 10, 0)).collect();
    let [monitor, _] = say(&members, &rows, "");
    assert!(monitor.status == 2 && monitor.stdout.contains("shared network n: 2 of 64 free for new clients of one"));
}

#[test]
fn full_halves_are_full_whatever_a_class_has() {
    let [one, two] = halves();
    let members = format!("{}, {}", pair("load-balancing"), subnet(&[one, two, pool(101, 200, "voip")]));
    let [monitor, _] = say(&members, &leased(&[1..=100]), "");
    assert!(monitor.status == 2 && monitor.stdout.contains(": 0 of 50 free for new clients of "), "{monitor:?}");
    assert!(monitor.stdout.contains("class-guard: the 100 that are free are only for clients of class voip"));
}

#[test]
fn of_a_hot_standby_pair_the_active_server_counts() {
    let members = format!("{}, {}", pair("hot-standby"), subnet(&halves()));
    let [monitor, table] = say(&members, &leased(&[1..=10, 51..=100]), "");
    assert!(monitor.status == 0 && monitor.stdout.contains(": 40 of 50 free for new clients of one"), "{monitor:?}");
    assert!(table.stdout.contains("20.0 %"), "{table:?}");
    let [monitor, _] = say(&members, &leased(&[1..=48]), "");
    assert!(monitor.status == 2 && monitor.stdout.contains(": 2 of 50 free for new clients of one"), "{monitor:?}");
    let [monitor, table] = say(&members, &leased(&[51..=100]), "--by pool");
    assert!(monitor.status == 0 && table.stdout.contains("for clients of a standby"), "{monitor:?} {table:?}");
}

#[test]
fn what_a_guard_keeps_is_not_free_for_others() {
    let members = subnet(&[pool(10, 19, ""), pool(100, 199, "voip")]);
    let [monitor, table] = say(&members, &leased(&[10..=18, 100..=109]), "");
    let text = "POOLS WARNING - subnet 192.0.2.0/24: 1 of 10 free for new clients of no class, 9 of 10 are leased | ";
    assert!(monitor.status == 1 && monitor.stdout.starts_with(text), "{monitor:?}");
    assert!(monitor.stdout.contains("'192.0.2.0/24'=90%;80;90;0;100 '192.0.2.0/24 free'=1;;;0;10"), "{monitor:?}");
    assert!(table.stdout.contains("USED and FREE are those of clients of no class: 10 in all"), "{table:?}");
    let [monitor, _] = say(&members, &leased(&[10..=19]), "");
    assert!(monitor.status == 2 && monitor.stdout.contains("class-guard: the 100 that are free"), "{monitor:?}");
    let files = Files::new();
    let server = files.server(&members, &leased(&[10..=18]));
    let counts = family(&run_line(&format!("{server} -f json")))["subnets"][0]["addresses"].clone();
    let found = ["effective-free", "effective-free-unclassed", "clients-free", "clients-total", "used-percent"];
    assert_eq!(found.map(|name| counts[name].to_string()), ["101", "1", "1", "10", "90.0"]);
    assert_eq!((&counts["state"], &counts["clients"]), (&"WARNING".into(), &"clients of no class".into()));
}

#[test]
fn where_all_is_guarded_the_fullest_class_counts() {
    let members = subnet(&[pool(1, 10, "a"), pool(20, 119, "b")]);
    let [monitor, _] = say(&members, &leased(&[1..=10, 20..=29]), "");
    assert!(
        monitor.status == 2 && monitor.stdout.contains(": 0 of 10 free for new clients of class a, "),
        "{monitor:?}"
    );
    assert_eq!(say(&members, &leased(&[20..=29]), "")[0].status, 0);
}

#[test]
fn each_class_that_is_needed_is_named_with_the_others() {
    let either = json!({"pool": "192.0.2.64/28", "client-classes": ["a", "b"]});
    let open = json!({"id": 1, "subnet": "192.0.2.0/26", "pools": [{"pool": "192.0.2.1 - 192.0.2.2"}]});
    let subnet = |id: u8, class: Value| {
        json!({"id": id, "subnet": format!("192.0.2.{}/26", (id - 1) * 64), "client-classes": class,
        "pools": [{"pool": format!("192.0.2.{}/28", (id - 1) * 64), "client-classes": either["client-classes"]}]})
    };
    let network = json!([{"name": "n", "subnet4": [open, subnet(2, json!([])), subnet(3, json!(["always"]))]}]);
    let [monitor, _] = say(&format!(r#""shared-networks": {network}"#), &leased(&[1..=2]), "");
    let text = "the 32 that are free are only for clients of class a or b; or of always, and also of a or b";
    assert!(monitor.stdout.contains(text), "{monitor:?}");
}

#[test]
fn pools_for_known_clients_have_nothing_for_new_ones() {
    let known = subnet(&[pool(10, 19, "KNOWN")]);
    let [monitor, _] = say(&known, &[], "");
    let text = "the 10 that are free are only for clients with a reservation (clients of class KNOWN)";
    assert!(monitor.status == 1 && monitor.stdout.lines().next().unwrap().contains(text), "{monitor:?}");
    let both = subnet(&[pool(10, 19, "KNOWN"), pool(20, 29, "UNKNOWN")]);
    for options in ["", "--by pool"] {
        assert_eq!(say(&both, &[], options)[0].status, 0, "{options}");
    }
    assert_eq!(say(&subnet(&[pool(10, 19, "ALL")]), &[], "")[0].status, 0);
}

#[test]
fn pools_of_two_subnets_may_overlap() {
    let members = r#""subnet4": [
        {"id": 1, "subnet": "10.0.0.0/8", "pools": [{"pool": "10.0.0.10 - 10.0.0.19"}, {"pool": "10.1.0.10 - 10.1.0.19"}]},
        {"id": 2, "subnet": "10.1.0.0/16", "pools": [{"pool": "10.1.0.15 - 10.1.0.34"}]}]"#;
    let files = Files::new();
    let rows = [("10.0.0.10", 1), ("10.1.0.16", 2), ("10.1.0.30", 2)].map(|(address, id)| row(address, id, 10, 0));
    let ran = run_line(&format!("{} -f json", files.server(members, &rows)));
    assert_eq!((ran.status, ran.stderr.lines().count()), (0, 1), "{ran:?}");
    assert!(ran.stderr.contains("sums count an address once"), "{ran:?}");
    let family = family(&ran);
    let numbers = |counts: &Value| ["total", "active", "effective-free"].map(|name| counts[name].to_string());
    assert_eq!(numbers(&family["subnets"][0]["addresses"]), ["20", "2", "18"]);
    assert_eq!(numbers(&family["subnets"][1]["addresses"]), ["20", "2", "18"]);
    assert_eq!(numbers(&family["total"]["addresses"]), ["35", "3", "32"]);
    assert_eq!(family["total"]["addresses"]["effective-free-unclassed"], 32);
}

#[test]
fn pools_that_are_left_out_are_not_called_none() {
    let members =
        r#""subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "198.51.100.1 - 198.51.100.9"}]}]"#;
    let files = Files::new();
    let ran = run_line(&format!("{} --why", files.server(members, &[])));
    assert!(
        ran.stdout.contains("the configured pools are not valid and not counted")
            && ran.stderr.contains("is not in subnet")
    );
    assert!(!ran.stdout.contains("no pool of"), "{ran:?}");
}

#[test]
fn a_reserved_prefix_is_withheld_whatever_its_length() {
    let prefixes = ["2001:db8:8000::/52", "2001:db8:8000:100::/60", "2001:db8:8000:200::/56", "2001:db8:9000::/56"];
    let hosts: Vec<Value> = prefixes
        .iter()
        .zip(1..)
        .map(|(prefix, last)| json!({"duid": format!("00:0{last}"), "prefixes": [prefix]}))
        .collect();
    let pool = json!({"prefix": "2001:db8:8000::", "prefix-len": 52, "delegated-len": 56});
    let subnet = json!({"id": 1, "subnet": "2001:db8:1::/64", "pd-pools": [pool], "reservations": hosts});
    let files = Files::new();
    let leases = files.write("kea-leases6.csv", "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n");
    let config = json!({"Dhcp6": {"lease-database": {"type": "memfile", "name": leases}, "subnet6": [subnet]}});
    let ran = run_line(&format!("-f json -c {}", files.write("kea-dhcp6.conf", config.to_string())));
    let counts = &ran.document()["families"][0]["subnets"][0]["prefixes"];
    let found = ["total", "reserved", "effective-free"].map(|name| counts[name].to_string());
    assert_eq!(found, ["16", "3", "13"], "{ran:?}");
}

/// The counts of a DHCPv6 server with this subnet and no lease.
fn counts6(subnet: &Value) -> Value {
    let files = Files::new();
    let leases = files.write("kea-leases6.csv", "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n");
    let config = json!({"Dhcp6": {"lease-database": {"type": "memfile", "name": leases}, "subnet6": [subnet]}});
    let ran = run_line(&format!("-f json -c {}", files.write("kea-dhcp6.conf", config.to_string())));
    family(&ran)["subnets"][0].clone()
}

fn numbers<const N: usize>(counts: &Value, names: [&str; N]) -> [u64; N] {
    names.map(|name| counts[name].as_u64().unwrap_or_else(|| panic!("{name}: {counts}")))
}

/// Kea 2.2.0 gives new clients 3 addresses of the DHCPv4 pool, 251 of that with /24, and 3 addresses and 3 prefixes in DHCPv6.
#[test]
fn a_pool_of_a_prefix_with_host_bits_begins_at_the_address() {
    for (length, total) in [(29, 3), (24, 251)] {
        let pool = format!(r#"{{"pool": "10.0.1.5/{length}"}}"#);
        let members = format!(r#""subnet4": [{{"id": 1, "subnet": "10.0.0.0/16", "pools": [{pool}]}}]"#);
        let files = Files::new();
        let below = row("10.0.1.4", 1, 10, 0);
        let ran = run_line(&format!("{} -f json", files.server(&members, &[below, row("10.0.1.7", 1, 10, 0)])));
        let counts = &family(&ran)["subnets"][0]["addresses"];
        assert_eq!(numbers(counts, ["total", "active", "effective-free"]), [total, 1, total - 1], "{ran:?}");
    }
    let prefixes = json!({"prefix": "2001:db8:1:5::", "prefix-len": 61, "delegated-len": 64});
    let subnet = json!({"id": 1, "subnet": "2001:db8::/32", "pools": [{"pool": "2001:db8:0:9::5/125"}],
        "pd-pools": [prefixes], "reservations": [{"duid": "00:01:02", "prefixes": ["2001:db8:1:6::/64"]}]});
    let found = counts6(&subnet);
    assert_eq!(numbers(&found["addresses"], ["total", "effective-free"]), [3, 3]);
    assert_eq!(numbers(&found["prefixes"], ["total", "reserved", "effective-free"]), [3, 1, 2]);
}

/// Kea 2.2.0 gives new clients 6 of the 8 addresses, and 4 of the 8 prefixes.
#[test]
fn what_is_reserved_is_withheld_from_pools_of_either_kind() {
    let reserved = ["2001:db8:1:1::/64", "2001:db8:1:2::/65", "2001:db8:1:4::/62", "2001:db8:0:9::3/128"];
    let host =
        json!({"duid": "01:02:03:04:05", "prefixes": reserved, "ip-addresses": ["2001:db8:0:9::5", "2001:db8:1:6::"]});
    let prefixes = json!({"prefix": "2001:db8:1::", "prefix-len": 61, "delegated-len": 64});
    let subnet = json!({"id": 1, "subnet": "2001:db8::/32", "pools": [{"pool": "2001:db8:0:9::/125"}],
        "pd-pools": [prefixes], "reservations": [host]});
    let found = counts6(&subnet);
    assert_eq!(numbers(&found["addresses"], ["total", "reserved", "effective-free"]), [8, 2, 6]);
    assert_eq!(numbers(&found["prefixes"], ["total", "reserved", "effective-free"]), [8, 4, 4]);
}

/// Kea 2.2.0 gives new clients 12 of the 14 addresses. It goes by the ids: with ids 1 and 2 those but .11 and .13, with ids 2
/// and 1 those but .12 and .13.
#[test]
fn an_address_of_overlapping_pools_is_withheld_once() {
    let host =
        |last: u8| json!({"hw-address": format!("aa:00:00:00:00:{last:02x}"), "ip-address": format!("10.0.0.{last}")});
    for (ids, withheld) in [([1, 2], [11, 13]), ([2, 1], [12, 13])] {
        let wide = json!({"id": ids[0], "subnet": "10.0.0.0/24", "pools": [{"pool": "10.0.0.1-10.0.0.12"}], "reservations": [host(11)]});
        let narrow = json!({"id": ids[1], "subnet": "10.0.0.0/25", "pools": [{"pool": "10.0.0.5-10.0.0.14"}], "reservations": [host(12), host(13)]});
        let members = format!(r#""shared-networks": [{}]"#, json!({"name": "n", "subnet4": [wide, narrow]}));
        let files = Files::new();
        let counts = |lasts: &[u8]| {
            let rows: Vec<String> = lasts.iter().map(|last| row(&format!("10.0.0.{last}"), 1, 10, 0)).collect();
            let ran = run_line(&format!("{} -f json", files.server(&members, &rows)));
            let found = family(&ran);
            let names = ["total", "active", "reserved", "reserved-free", "effective-free", "effective-free-unclassed"];
            let network = numbers(&found["shared-networks"][0]["addresses"], names);
            assert_eq!(network, numbers(&found["total"]["addresses"], names), "{ran:?}");
            network
        };
        assert_eq!(counts(&[]), [14, 0, 2, 2, 12, 12]);
        let given: Vec<u8> = (1..=14).filter(|last| !withheld.contains(last)).collect();
        assert_eq!(counts(&given), [14, 12, 2, 2, 0, 0], "Kea gave these, and refused the next client");
        assert_eq!(counts(&[11, 12, 13]), [14, 3, 2, 0, 11, 11], "those that are reserved, leased to their hosts");
    }
}

#[test]
fn declined_addresses_may_be_given_after_their_probation() {
    let members = subnet(&[pool(10, 29, "")]);
    let rows: Vec<String> = (10..=29).map(|last| row(&format!("192.0.2.{last}"), 1, 4000, 1)).collect();
    let [monitor, _] = say(&members, &rows, "");
    assert!(monitor.status == 1 && monitor.stdout.contains(": 0 to 20 of 20 free for new clients, "), "{monitor:?}");
    assert!(
        monitor.stdout.contains("declined-over: 20 addresses declined, whose probation period is over"),
        "{monitor:?}"
    );
    let rows: Vec<String> = (10..=29).map(|last| row(&format!("192.0.2.{last}"), 1, 10, 1)).collect();
    let [monitor, _] = say(&members, &rows, "");
    assert!(monitor.status == 2 && monitor.stdout.contains("20 addresses declined, since"), "{monitor:?}");
}

#[test]
fn a_range_that_begins_beyond_a_threshold_is_a_warning() {
    let host =
        |last: u8| json!({"hw-address": format!("00:08:00:00:00:{last:02x}"), "ip-address": format!("192.0.2.{last}")});
    let hosts: Vec<Value> = (1..=5).map(host).collect();
    let subnet =
        json!({"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.1-192.0.2.10"}], "reservations": hosts});
    let table = json!({"columns": ["subnet-id", "assigned-addresses", "declined-addresses"], "rows": [[1, 5, 0]]});
    let fake = Fake::unix(move |command| {
        Reply::Answer(match command["command"].as_str().unwrap() {
            "config-get" => json!({"result": 0, "arguments": {"Dhcp4": {"subnet4": [subnet]}}}),
            "stat-lease4-get" => json!({"result": 0, "arguments": {"result-set": table}}),
            "version-get" => json!({"result": 0, "text": "3.0.4"}),
            _ => json!({"result": 2, "text": "unknown command"}),
        })
    });
    let ran = run_line(&format!("-4 --socket {} --basis statistics -f nagios", fake.address()));
    assert!(ran.status == 1 && ran.stdout.contains(": 0 to 5 of 10 free for new clients"), "{ran:?}");
    assert!(ran.stdout.lines().next().unwrap().contains("at the worst 0 are free"), "{ran:?}");
}

#[test]
fn leases_of_other_ids_are_named_with_their_subnets() {
    let members = r#""subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.1 - 192.0.2.9"}]}, {"id": 7, "subnet": "198.51.100.0/24", "pools": [{"pool": "198.51.100.0/28"}]}]"#;
    let rows = [("192.0.2.1", 7), ("192.0.2.2", 7), ("192.0.2.3", 58)].map(|(address, id)| row(address, id, 10, 0));
    let [_, table] = say(members, &rows, "--why 1");
    let text = table.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("2 of id 7 (subnet 198.51.100.0/24), 1 of id 58 (no subnet)"), "{text}");
    assert!(text.contains("lease4-del") && !text.contains("wipe"), "{text}");
}
