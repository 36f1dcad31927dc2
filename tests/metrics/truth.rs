//! How full pools, subnets and shared networks are, compared with what another program computed of the same leases.

use serde_json::Value;

use super::harness::{RELEASES, Replay, Series, recorded, run_at, series, truth};

/// What is compared, by its name in the truth.
const COUNTED: [(&str, &str); 6] = [
    ("size", "total"),
    ("active", "active"),
    ("declined", "declined"),
    ("expired", "expired"),
    ("reserved_free", "reserved_free"),
    ("effective_free", "effective_free"),
];

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn compare(ours: &mut Series, level: &str, labels: &str, counts: &Value, differing: &mut Vec<String>) {
    for (name, member) in COUNTED {
        let series = format!("kea_{level}_{name}{{{labels}}}");
        let expected = counts[member].as_f64().unwrap();
        match ours.remove(&series) {
            Some(value) if value == expected => {}
            other => differing.push(format!("{series}: {expected}, here {other:?}")),
        }
    }
}

fn of_subnet(subnet: &Value, family: u8, kind: &str, pool: Option<&str>) -> String {
    let text = |name: &str| subnet[name].as_str().unwrap_or_default();
    let pool = pool.map_or_else(String::new, |pool| format!(",pool=\"{}\"", pool.replace(' ', "")));
    format!(
        "family=\"{family}\",kind=\"{kind}\"{pool},shared_network=\"{}\",subnet=\"{}\",subnet_id=\"{}\"",
        text("shared_network"),
        text("subnet"),
        subnet["id"]
    )
}

/// Compares everything, and finds nothing else.
fn check(release: &str, family: u8, mut ours: Series) {
    let truth = &truth(release)[format!("dhcp{family}")];
    let mut differing = Vec::new();
    for subnet in list(&truth["subnets"]) {
        let address = of_subnet(subnet, family, "address", None);
        compare(&mut ours, "subnet", &address, &subnet["addresses"], &mut differing);
        for pool in list(&subnet["pools"]) {
            let labels = of_subnet(subnet, family, "address", Some(&as_range(pool["pool"].as_str().unwrap())));
            compare(&mut ours, "pool", &labels, pool, &mut differing);
        }
        if !list(&subnet["pd_pools"]).is_empty() {
            compare(
                &mut ours,
                "subnet",
                &of_subnet(subnet, family, "prefix", None),
                &subnet["prefixes"],
                &mut differing,
            );
        }
        for pool in list(&subnet["pd_pools"]) {
            let name = prefix_pool(pool);
            compare(&mut ours, "pool", &of_subnet(subnet, family, "prefix", Some(&name)), pool, &mut differing);
        }
    }
    for network in list(&truth["shared_networks"]) {
        for (kind, member) in [("address", "addresses"), ("prefix", "prefixes")] {
            let labels = format!("family=\"{family}\",kind=\"{kind}\",shared_network={}", network["name"]);
            if kind == "address"
                || ours.keys().any(|name| name.contains(&labels) && name.contains("kea_shared_network"))
            {
                compare(&mut ours, "shared_network", &labels, &network[member], &mut differing);
            }
        }
    }
    assert_eq!(differing, [] as [String; 0], "{release}");
    let more: Vec<_> =
        ours.keys().filter(|name| COUNTED.iter().any(|(what, _)| name.contains(&format!("_{what}{{")))).collect();
    assert_eq!(more, [] as [&String; 0], "{release}");
}

fn as_range(pool: &str) -> String {
    if pool.contains('-') {
        pool.to_owned()
    } else {
        pool.parse::<kea_tools::lease::filter::Range>().unwrap().to_string()
    }
}

fn prefix_pool(pool: &Value) -> String {
    format!("{}-{}", pool["prefix"].as_str().unwrap(), pool["delegated_len"])
}

fn ours(release: &str, family: u8, arguments: &[&str]) -> Series {
    let now = truth(release)[format!("dhcp{family}")]["now"].as_i64().unwrap();
    let ran = run_at(now, arguments);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{release}");
    // What was recorded names pools by their addresses alone.
    let without_class = |name: String| name.replace("client_class=\"voip\",", "");
    series(&ran.stdout).into_iter().map(|(name, value)| (without_class(name), value)).collect()
}

#[test]
fn own_names_have_no_counts_of_pools_that_are_wrong_or_gone() {
    let fake = Replay::new("3.0.4", 4).serve();
    let found = ours("3.0.4", 4, &["--server", fake.address(), "--names", "own"]);
    let of_kea: Vec<&String> = found.keys().filter(|name| name.starts_with("kea_statistic{")).collect();
    assert!(of_kea.iter().any(|name| name.contains("subnet_id=\"50\"")), "{of_kea:?}");
    let is_wrong = |name: &&&String| {
        name.contains("pool_id") && name.contains("name=\"assigned-")
            || ["58", "99"].iter().any(|id| name.contains(&format!("subnet_id=\"{id}\"")))
            || name.contains("pool_id=\"0\"") && name.contains("subnet_id=\"50\"")
    };
    assert_eq!(of_kea.iter().filter(is_wrong).collect::<Vec<_>>(), [] as [&&String; 0]);
}

#[test]
fn pages_of_leases_say_how_full_everything_is() {
    for release in RELEASES {
        for family in [4, 6] {
            let fake = Replay::new(release, family).serve();
            check(release, family, ours(release, family, &["--server", fake.address()]));
        }
    }
}

#[test]
fn a_lease_file_says_the_same_and_is_preferred() {
    for release in RELEASES {
        for family in [4, 6] {
            let file = super::harness::data(release).join(format!("campus/kea-leases{family}.csv"));
            let mut config =
                recorded(&super::harness::data(release).join(format!("exporters/dhcp{family}-config-get.json")));
            config["arguments"][format!("Dhcp{family}")]["lease-database"]["name"] = file.to_str().unwrap().into();
            let fake = Replay::new(release, family).with("config-get", config).serve();
            check(release, family, ours(release, family, &["--server", fake.address()]));
            let asked = fake.asked();
            assert!(
                asked.iter().all(|command| !command["command"].as_str().unwrap().ends_with("-get-page")),
                "{asked:?}"
            );
        }
    }
}
