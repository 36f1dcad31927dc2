//! The same series as kea-exporter and its fork had of the same servers, and where they differ.

use super::harness::{RELEASES, Replay, Series, data, run_at, series, truth};

fn ours(release: &str, replay: Replay, family: u8, arguments: &[&str]) -> Series {
    let fake = replay.serve();
    let now = truth(release)[format!("dhcp{family}")]["now"].as_i64().unwrap();
    let ran = run_at(now, &[&["--server", fake.address()], arguments].concat());
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{release}");
    series(&ran.stdout)
}

/// What another program had of a family; the fork has a label for the server.
fn theirs(release: &str, file: &str, family: u8) -> Series {
    let text = std::fs::read_to_string(data(release).join("exporters").join(file)).unwrap();
    let server = format!("server=\"/run-dir/sock/kea{family}.sock\",");
    let mut all = series(&text.replace(&server, "").replace(&format!(",{}", server.trim_end_matches(',')), ""));
    all.retain(|name, _| name.starts_with(&format!("kea_dhcp{family}_")));
    all
}

/// Where kea-exporter 0.7.0 and its fork 0.9.0 are wrong, and why.
const WRONG: [(&str, &str, &str); 9] = [
    // Release, part of the series' name, why.
    ("2.2.0", "kea_dhcp6_na_total{pool=\"\",subnet=\"fd00:51::/64\"", "-1 where the size is beyond 2^63"),
    ("2.2.0", "kea_dhcp6_pd_total{subnet=\"fd00:51::/64\"", "-1 where the size is beyond 2^63"),
    ("", "_assigned_total{pool=\"10.50.0.10-10.50.0.29\"", "the first lease after a start is counted for pool 0"),
    ("", "_assigned_total{pool=\"10.52.0.10-10.52.0.29\"", "pool 7 is taken for the eighth"),
    ("", "_assigned_total{pool=\"10.54.0.100-10.54.0.250\"", "pool 3 is taken for the fourth, pool 0 for the first"),
    ("", "_assigned_total{pool=\"10.56.0.10-10.56.0.19\"", "pool 0, which is none, is taken for the first"),
    ("", "_assigned_total{pool=\"10.57.0.10-10.57.0.19\"", "pool 0, which is none, is taken for the first"),
    ("", "_assigned_total{pool=\"10.63.0.0/25\"", "leases outside of the pool are counted for it"),
    ("", "_assigned_total{pool=\"fd00:5", "pool 0, which is none, is taken for the first"),
];

fn is_wrong(release: &str, name: &str) -> bool {
    WRONG.iter().any(|(of, part, _)| release.starts_with(of) && name.contains(part))
}

#[test]
fn every_value_of_kea_exporter_is_here_unless_wrong() {
    for release in RELEASES {
        for family in [4, 6] {
            let ours = ours(release, Replay::new(release, family), family, &["--names", "kea-exporter"]);
            let mut differing = Vec::new();
            for (name, value) in theirs(release, "kea-exporter-0.7.0.prom", family) {
                if ours.get(&name) != Some(&value) && !is_wrong(release, &name) {
                    differing.push(format!("{release} {name}: {value}, here {:?}", ours.get(&name)));
                }
            }
            assert_eq!(differing, [] as [String; 0]);
        }
    }
}

#[test]
fn subnets_of_shared_networks_are_not_missing() {
    for release in RELEASES {
        for family in [4, 6] {
            let ours = ours(release, Replay::new(release, family), family, &["--names", "kea-exporter"]);
            let mut differing = Vec::new();
            let mut shared = 0;
            for (name, value) in theirs(release, "marcinpsk-0.9.0.prom", family) {
                let is_of_a_pool = name.contains("pool=\"") && !name.contains("pool=\"\"");
                let name = name.replace("_reuses_total{", "_reuses_total{pool=\"\",");
                shared += u32::from(name.contains("subnet_id=\"40\""));
                if ours.get(&name) != Some(&value) && !is_of_a_pool && !is_wrong(release, &name) {
                    differing.push(format!("{release} {name}: {value}, here {:?}", ours.get(&name)));
                }
            }
            assert!(shared > 0, "{release}");
            assert_eq!(differing, [] as [String; 0]);
        }
    }
}

/// A subnet whose only leases are registered ones is not in Kea's answer to stat-lease6-get.
const WITHOUT_A_ROW: &str = "fd00:56::/64";

#[test]
fn lease_counts_alone_give_the_same_assigned_addresses() {
    for release in RELEASES {
        for family in [4, 6] {
            let names =
                ["assigned_total", "declined_total", "cumulative_", "kea_dhcp4_addresses_total", "kea_dhcp6_na_total"];
            let of = |replay: Replay| {
                let mut all = ours(release, replay, family, &[]);
                let is_of_subnet = |name: &str| name.contains("subnet_id") && !name.contains("pool_id");
                all.retain(|name, _| is_of_subnet(name) && names.iter().any(|part| name.contains(part)));
                all.retain(|name, _| name.starts_with("kea_dhcp") && !name.contains("_reclaimed"));
                all
            };
            let all = of(Replay::new(release, family).without(&format!("stat-lease{family}-get")));
            let few = of(Replay::new(release, family).without("statistic-get-all"));
            assert!(all.len() > 20, "{release}");
            let is_counted = |name: &str| few.contains_key(name) || !name.contains(WITHOUT_A_ROW);
            assert_eq!(all.into_iter().filter(|(name, _)| is_counted(name)).collect::<Series>(), few, "{release}");
        }
    }
}

#[test]
fn panels_of_storks_server_have_data() {
    let ours = ours("3.0.4", Replay::new("3.0.4", 6), 6, &["--names", "stork"]);
    assert_eq!(ours["storkserver_shared_network_total_na{family=\"6\",name=\"campus6\"}"], 20.0);
    assert_eq!(ours["storkserver_shared_network_assigned_pd{name=\"campus6\"}"], 5.0);
    assert_eq!(ours["storkserver_subnet_address_utilization{subnet=\"fd00:40::/64\"}"], 7.0 / 16.0);
    assert!(ours.keys().all(|name| !name.starts_with("kea_dhcp6_na_reuses_total")));
}
