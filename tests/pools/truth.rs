//! Every number of the recordings, from lease files and from servers that are asked, compared with what another program
//! counted, and with how many new clients Kea served until it refused.

use serde_json::Value;

use crate::pools::harness::{Ran, family, json_of, recorded_server, recording, run_line};

const SERVERS: [&str; 6] =
    ["2.2.0/campus", "2.2.0/floors", "2.6.3/campus", "2.6.3/floors", "3.0.4/campus", "3.0.4/floors"];

const COUNTS: [&str; 12] = [
    "total",
    "active",
    "declined",
    "declined_over",
    "expired",
    "released",
    "reclaimed",
    "free",
    "reserved",
    "reserved_free",
    "effective_free",
    "effective_free_unclassed",
];

/// Compares counts. In a lease file of Kea 2.6 a released lease is the same as none.
fn compare(place: &str, truth: &Value, counts: &Value, knows_released: bool) -> usize {
    let wanted = COUNTS.into_iter().filter(|name| knows_released || *name != "released");
    wanted
        .map(|name| {
            let (expected, found) = (&truth[name], &counts[name.replace('_', "-")]);
            assert!(expected.is_number(), "{place}: {name}");
            // Large numbers are compared as text: as numbers they would be rounded.
            assert_eq!(expected.to_string(), found.to_string(), "{place}: {name}");
        })
        .count()
}

/// Finds the part of a list whose member has this value.
fn part<'a>(list: &'a Value, key: &str, value: &Value) -> &'a Value {
    let found = list.as_array().unwrap().iter().find(|part| part[key] == *value);
    found.unwrap_or_else(|| panic!("no {key} {value}"))
}

/// Compares everything of a family; how many numbers that were.
fn compare_family(place: &str, truth: &Value, found: &Value, is_file: bool, knows_released: bool) -> usize {
    let same = |place: &str, truth: &Value, found: &Value| {
        let mut count = compare(place, &truth["addresses"], &found["addresses"], knows_released);
        if !truth["prefixes"].is_null() {
            count += compare(place, &truth["prefixes"], &found["prefixes"], knows_released);
        }
        count
    };
    let mut count = 0;
    assert_eq!(truth["subnets"].as_array().unwrap().len(), found["subnets"].as_array().unwrap().len(), "{place}");
    for subnet in truth["subnets"].as_array().unwrap() {
        let place = format!("{place}, subnet {}", subnet["id"]);
        let ours = part(&found["subnets"], "id", &subnet["id"]);
        assert_eq!((&ours["subnet"], &ours["allocator"]), (&subnet["subnet"], &subnet["allocator"]), "{place}");
        assert_eq!(ours["shared-network"], subnet["shared_network"], "{place}");
        count += same(&place, subnet, ours);
        for (list, mine, key, my_key) in
            [("pools", "pools", "pool", "pool"), ("pd_pools", "pd-pools", "prefix", "prefix")]
        {
            for (index, pool) in subnet[list].as_array().into_iter().flatten().enumerate() {
                let ours = &ours[mine][index];
                // A server writes ranges in a form of its own.
                let is_same = |ours: &Value| !is_file || ours == &pool[key];
                assert!(is_same(&ours[my_key]) && ours["pool-id"] == pool["pool_id"], "{place}: {ours}");
                assert_eq!(ours.get("delegated-len"), pool.get("delegated_len"), "{place}");
                count += compare(&format!("{place}, {}", pool[key]), pool, ours, knows_released);
            }
        }
    }
    for network in truth["shared_networks"].as_array().unwrap() {
        let ours = part(&found["shared-networks"], "name", &network["name"]);
        assert_eq!(ours["subnets"], network["subnets"], "{place}");
        count += same(&format!("{place}, {}", network["name"]), network, ours);
    }
    count += compare(place, &truth["all_addresses"], &found["total"]["addresses"], knows_released);
    if !truth["all_prefixes"].is_null() {
        count += compare(place, &truth["all_prefixes"], &found["total"]["prefixes"], knows_released);
    }
    assert_eq!(truth["orphans"], found["orphans"], "{place}");
    count + 1
}

/// Compares what a client of no class gets with how many Kea served: how many units that were, and in how many it is a range.
fn compare_served(place: &str, truth: &Value, found: &Value) -> [usize; 2] {
    let mut units = [0, 0];
    let lists = [
        ("kea_served_new_clients", "addresses"),
        ("kea_served_new_clients_na", "addresses"),
        ("kea_served_new_clients_pd", "prefixes"),
    ];
    for (list, kind) in lists {
        for (name, served) in truth[list].as_object().into_iter().flatten() {
            let networks = found["shared-networks"].as_array().unwrap();
            let network = networks.iter().find(|network| network["name"] == **name);
            let unit = network.unwrap_or_else(|| part(&found["subnets"], "id", &name.parse::<u32>().unwrap().into()));
            let counts = &unit[kind];
            let least = counts.get("effective-free-min").unwrap_or(&counts["effective-free-unclassed"]);
            let place = format!("{place}, {name}");
            units[0] += 1;
            if unit["allocator"] == "flq" {
                units[1] += 1;
                // A free lease queue may or may not have what is not reclaimed.
                let most = counts["effective-free-unclassed"].as_u64().unwrap();
                assert!((0..=most).contains(&served.as_u64().unwrap()), "{place}: {served}");
            } else {
                assert_eq!((least, &counts["effective-free-unclassed"]), (served, served), "{place}");
            }
        }
    }
    units
}

/// Compares everything of a server; the units that Kea filled, and in how many of them a range is said.
fn check(server: &str, run: impl Fn(char, i64) -> Ran, is_file: bool) -> [usize; 2] {
    let mut units = [0, 0];
    let truth = json_of(&recording(server).join("truth.json"));
    for digit in ['4', '6'] {
        let truth = &truth[format!("dhcp{digit}")];
        let ran = run(digit, truth["now"].as_i64().unwrap());
        assert_eq!(ran.stderr, "");
        let place = format!("{server}, DHCPv{digit}");
        let found = family(&ran);
        let count = compare_family(&place, truth, &found, is_file, !(is_file && server.starts_with("2.6")));
        assert!(count > 100, "{place}: {count} numbers");
        let more = compare_served(&place, truth, &found);
        units = [units[0] + more[0], units[1] + more[1]];
    }
    units
}

#[test]
fn lease_files_give_every_number_of_the_truth() {
    let units = SERVERS.map(|server| {
        let folder = recording(server).display().to_string();
        let run = |digit, now| {
            let files = format!("-c {folder}/kea-dhcp{digit}.conf {folder}/kea-leases{digit}.csv");
            run_line(&format!("-{digit} --at @{now} -f json {files}"))
        };
        check(server, run, true)
    });
    // README has these figures.
    assert_eq!(units.iter().fold([0, 0], |sum, more| [sum[0] + more[0], sum[1] + more[1]]), [131, 4]);
}

#[test]
fn servers_that_are_asked_give_every_number_of_the_truth() {
    for server in SERVERS {
        let run = |digit, now| {
            let fake = recorded_server(&recording(server), digit);
            run_line(&format!("-{digit} --socket {} --at @{now} -f json", fake.address()))
        };
        check(server, run, false);
    }
}

#[test]
fn a_free_lease_queue_serves_the_least_that_is_said() {
    for (server, subnet, served) in [("3.0.4/campus", 57, 3), ("3.0.4/floors", 38, 10), ("2.6.3/floors", 38, 10)] {
        let folder = recording(server).display().to_string();
        let now = json_of(&recording(server).join("truth.json"))["dhcp4"]["now"].clone();
        let files = format!("-c {folder}/kea-dhcp4.conf {folder}/kea-leases4.csv");
        let family = family(&run_line(&format!("-4 --at @{now} -f json {files}")));
        let counts = &part(&family["subnets"], "id", &subnet.into())["addresses"];
        assert_eq!(counts["effective-free-min"], served, "{server}");
    }
}
