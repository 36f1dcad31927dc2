//! Halves of pools for the clients of each server of a pair, as configurations may have them.

use serde_json::{Value, json};

use crate::pools::harness::{Files, row, run_line};

/// The members of a configuration: relationships of this mode, and a subnet with these pools and other members.
fn configured(mode: &str, pairs: &[[&str; 2]], subnet: &str) -> String {
    let relationship = |[one, two]: &[&str; 2]| {
        let other = if mode == "load-balancing" { "secondary" } else { "standby" };
        let peer = |name: &str, role: &str| json!({"name": name, "role": role, "url": "http://127.0.0.1:1/"});
        json!({"this-server-name": one, "mode": mode, "peers": [peer(one, "primary"), peer(two, other)]})
    };
    let relationships: Vec<Value> = pairs.iter().map(relationship).collect();
    let hook = json!([{"library": "libdhcp_ha.so", "parameters": {"high-availability": relationships}}]);
    format!(r#""hooks-libraries": {hook}, "subnet4": [{{"id": 1, "subnet": "192.0.2.0/24", {subnet}}}]"#)
}

/// What new clients of no class get, and the evidence of an unequal pair, where these addresses are leased.
fn judged(members: &str, leased: &[u8]) -> (Value, Option<String>, Value) {
    let files = Files::new();
    let rows: Vec<String> = leased.iter().map(|last| row(&format!("192.0.2.{last}"), 1, 10, 0)).collect();
    let ran = run_line(&format!("{} -f ndjson", files.server(members, &rows)));
    let row: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|cause| panic!("{cause}: {ran:?}"));
    let causes = row["causes"].as_array().unwrap();
    let evidence = causes.iter().find(|cause| cause["reason"] == "ha-half");
    let evidence = evidence.map(|cause| cause["evidence"].as_str().unwrap().to_owned());
    (row["effective-free-unclassed"].clone(), evidence, row["state"].clone())
}

fn pools(pools: &[(&str, &str)]) -> String {
    let pool = |(range, class): &(&str, &str)| json!({"pool": range, "client-class": class});
    format!(r#""pools": {}"#, pools.iter().map(pool).collect::<Value>())
}

const HALVES: [(&str, &str); 2] = [("192.0.2.1-192.0.2.3", "HA_one"), ("192.0.2.11-192.0.2.13", "HA_two")];

#[test]
fn a_half_that_was_forgotten_is_no_half() {
    let (free, evidence, state) = judged(&configured("load-balancing", &[["one", "two"]], &pools(&HALVES[..1])), &[]);
    assert_eq!((free, state), (0.into(), "CRITICAL".into()));
    assert_eq!(evidence.unwrap(), "no pool is for the clients of two, those of one have 3 free");
}

#[test]
fn a_full_half_is_said_to_be_what_it_is() {
    let host = r#", "reservations": [{"hw-address": "00:08:00:00:00:63", "ip-address": "192.0.2.3"}]"#;
    let members = configured("load-balancing", &[["one", "two"]], &(pools(&HALVES) + host));
    let (free, evidence, state) = judged(&members, &[1, 2]);
    assert_eq!((free, state), (0.into(), "CRITICAL".into()));
    assert_eq!(evidence.unwrap(), "the pools of one are full (2 of 3 used, 1 reserved), those of two have 3 free");
}

#[test]
fn a_pool_for_both_servers_is_no_half() {
    let both = json!({"pool": "192.0.2.1-192.0.2.4", "client-classes": ["HA_one", "HA_two"]});
    let plain = json!({"pool": "192.0.2.1-192.0.2.4"});
    for (mode, subnet) in [
        ("load-balancing", json!({"pools": [both]})),
        ("hot-standby", json!({"pools": [both]})),
        ("load-balancing", json!({"client-classes": ["HA_two", "HA_one"], "pools": [plain]})),
    ] {
        let subnet = subnet.to_string();
        let within = subnet.strip_prefix('{').unwrap().strip_suffix('}').unwrap();
        let members = configured(mode, &[["one", "two"]], within);
        let (free, evidence, state) = judged(&members, &[1]);
        assert_eq!((free, evidence, state), (3.into(), None, "OK".into()), "{members}");
    }
}

#[test]
fn the_pools_of_a_standby_may_be_full() {
    let members = configured("hot-standby", &[["one", "two"]], &pools(&HALVES));
    let (free, evidence, state) = judged(&members, &[11, 12, 13]);
    assert_eq!((free, evidence, state), (3.into(), None, "OK".into()));
    let (free, evidence, state) = judged(&members, &[1, 2, 3]);
    assert_eq!((free, state), (0.into(), "CRITICAL".into()));
    assert!(evidence.unwrap().starts_with("the pools of one are full (3 of 3 used)"));
}

#[test]
fn each_relationship_of_a_hub_has_a_primary() {
    let members = configured(
        "hot-standby",
        &[["spoke1", "hub"], ["spoke2", "hub"]],
        &pools(&[("192.0.2.1-192.0.2.3", "HA_spoke2")]),
    );
    assert_eq!(judged(&members, &[]), (3.into(), None, "OK".into()));
}

#[test]
fn a_guard_of_a_subnet_may_be_for_one_server() {
    let guarded = r#""client-class": "HA_one", "pools": [{"pool": "192.0.2.1-192.0.2.3"}]"#;
    let members = configured("hot-standby", &[["one", "two"]], guarded);
    assert_eq!(judged(&members, &[]), (3.into(), None, "OK".into()));
    let other = configured("hot-standby", &[["one", "two"]], &guarded.replace("HA_one", "phones"));
    assert_eq!(judged(&other, &[]).0, 0);
}

#[test]
fn halves_may_be_in_two_subnets_of_a_shared_network() {
    let subnet = |id: u32, class: &str| {
        format!(
            r#"{{"id": {id}, "subnet": "192.0.{id}.0/24", "pools": [{{"pool": "192.0.{id}.1-192.0.{id}.{id}", "client-class": "HA_{class}"}}]}}"#
        )
    };
    let members = configured("load-balancing", &[["one", "two"]], &pools(&HALVES));
    let network =
        format!(r#""shared-networks": [{{"name": "n", "subnet4": [{}, {}]}}]"#, subnet(4, "one"), subnet(6, "two"));
    let files = Files::new();
    let server = files.server(&format!("{network}, {members}"), &[]);
    let family = run_line(&format!("{server} -f json")).document()["families"][0].clone();
    assert_eq!(family["shared-networks"][0]["addresses"]["effective-free-unclassed"], 4);
    assert_eq!(family["total"]["addresses"]["effective-free-unclassed"], 7);
    for by in ["network", "subnet", "pool"] {
        let ran = run_line(&format!("{server} -f nagios --by {by}"));
        assert_eq!(ran.status, 0, "{by}: {ran:?}");
    }
}
