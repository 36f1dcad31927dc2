//! Kea itself loads what we dump, and then knows the same leases.

use std::fs;

use kea_tools::lease::Family;
use serde_json::{Value, json};

use crate::kea::database::Database;
use crate::kea::hostile::Keeper;
use crate::kea::leases::Leases;
use crate::kea::{Instance, Kea, Network, Server, scenario};
use crate::program::{kea_lease_dump, run};

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn kea_loads_the_dump_of_a_dhcpv4_lease_file() {
    let kea = Kea::debian12();
    dump_and_load(&Instance::memfile(&kea, Family::V4), Keeper::Memfile);
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn kea_loads_the_dump_of_a_dhcpv6_lease_file() {
    let kea = Kea::debian12();
    dump_and_load(&Instance::memfile(&kea, Family::V6), Keeper::Memfile);
}

#[test]
#[ignore = "needs Kea and PostgreSQL: run scripts/test"]
fn kea_loads_the_dump_of_dhcpv4_leases_in_postgresql() {
    let kea = Kea::debian12();
    dump_and_load(&Instance::on(&kea, Family::V4, &Database::postgresql(&kea)), Keeper::Postgresql);
}

#[test]
#[ignore = "needs Kea and PostgreSQL: run scripts/test"]
fn kea_loads_the_dump_of_dhcpv6_leases_in_postgresql() {
    let kea = Kea::debian12();
    dump_and_load(&Instance::on(&kea, Family::V6, &Database::postgresql(&kea)), Keeper::Postgresql);
}

#[test]
#[ignore = "needs Kea and MariaDB: run scripts/test"]
fn kea_loads_the_dump_of_dhcpv4_leases_in_mariadb() {
    let kea = Kea::debian12();
    dump_and_load(&Instance::on(&kea, Family::V4, &Database::mysql(&kea)), Keeper::Mysql);
}

#[test]
#[ignore = "needs Kea and MariaDB: run scripts/test"]
fn kea_loads_the_dump_of_dhcpv6_leases_in_mariadb() {
    let kea = Kea::debian12();
    dump_and_load(&Instance::on(&kea, Family::V6, &Database::mysql(&kea)), Keeper::Mysql);
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn kea_loads_anonymized_dumps_of_dhcpv4_leases() {
    load_anonymized(&Kea::debian12(), Family::V4);
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn kea_loads_anonymized_dumps_of_dhcpv6_leases() {
    load_anonymized(&Kea::debian12(), Family::V6);
}

/// A server gets every kind of lease, with what relays said of the clients; its dumps are loaded without anything that
/// tells who a client is.
pub(crate) fn load_anonymized(kea: &Kea, family: Family) {
    let network = Network::new();
    let origin = Instance::memfile(kea, family);
    let server = origin.start(&network);
    if family == Family::V6 {
        add_relayed6(&server, kea);
    }
    let leases = scenario::fill(&server, &network, family, Keeper::Memfile);
    let ways = [&["--anonymize"][..], &["--anonymize", "--anonymize-addresses"]];
    let dumps = ways.map(|options| dump(&origin, &[&["--for", kea.version], options].concat()));
    server.stop();
    // Addresses that are replaced are not those of the subnet.
    let mut checks = json!({ "lease-checks": "none" });
    if kea.version != "2.2" {
        checks["extended-info-checks"] = json!("none");
    }
    for (dumped, options) in dumps.iter().zip(ways) {
        let instance = Instance::memfile_and(kea, family, |_| json!({ "sanity-checks": checks }));
        let (loaded, complaints) = load_into(&instance, &network, dumped);
        assert_eq!(complaints, [""; 0], "{options:?}");
        assert_eq!(without_identity(&loaded), without_identity(&leases), "{options:?}");
        let unchanged =
            loaded.0.values().find(|lease| lease["state"] != 1 && leases.0.values().any(|old| old == *lease));
        assert_eq!(unchanged, None, "{options:?}");
    }
}

/// A lease of a client behind two relays, as this release writes it.
fn add_relayed6(server: &Server, kea: &Kea) {
    let relay = |hop: u32, link: &str| json!({ "hop": hop, "link": link, "peer": "fe80::1", "options": "0x0012000461626364002500070000091401020f" });
    let relays = [relay(0, "fd00:77::1"), relay(1, "::")];
    let name = if kea.version == "2.2" { "relays" } else { "relay-info" };
    server.command(
        "lease6-add",
        &json!({
            "ip-address": "fd00:77::3:9", "subnet-id": 1, "duid": "00:03:00:01:02:00:00:00:03:09", "iaid": 9,
            "valid-lft": 7200, "preferred-lft": 3600, "expire": 1_900_000_000, "user-context": { "ISC": { name: relays } },
        }),
    );
}

/// What stays of leases once nobody can be told by them: times, states, and the form of what relays have said.
fn without_identity(leases: &Leases) -> Vec<String> {
    let form = |text: &Value| text.as_str().map(|text| (text.starts_with("0x"), text.len()));
    let relayed = |lease: &Value| {
        let isc = &lease["user-context"]["ISC"];
        let of_relay = |relay: &Value| (relay["hop"].as_u64(), form(&relay["options"]));
        let relays = ["relays", "relay-info"].map(|name| isc[name].as_array().cloned().unwrap_or_default());
        (form(&isc["relay-agent-info"]), relays.concat().iter().map(of_relay).collect::<Vec<_>>())
    };
    let kept =
        ["cltt", "valid-lft", "preferred-lft", "state", "subnet-id", "fqdn-fwd", "fqdn-rev", "type", "prefix-len"];
    let told = |lease: &Value| {
        let members = kept.map(|name| lease[name].to_string());
        format!("{members:?} {:?} context: {}", relayed(lease), lease["user-context"].is_object())
    };
    let mut all: Vec<_> = leases.0.values().map(told).collect();
    all.sort();
    all
}

/// A server gets every kind of lease; dumps of it, made with no more than its configuration, are loaded.
pub(crate) fn dump_and_load(origin: &Instance, keeper: Keeper) {
    let network = Network::new();
    let server = origin.start(&network);
    let leases = scenario::fill(&server, &network, origin.family, keeper);
    let same_release = dump(origin, &["--for", origin.kea.version]);
    let newest = dump(origin, &[]);
    let json = dump(origin, &["-f", "json"]);
    let over_api = dump(origin, &["-t", "api", "-f", "json"]);
    server.stop();

    for json in [json, over_api] {
        Leases::from_list(&serde_json::from_str(&json).unwrap()).assert_same_as(&leases);
    }

    let (loaded, complaints) = load(&network, &origin.kea, origin.family, &same_release);
    assert_eq!(complaints, [""; 0]);
    loaded.assert_same_as(&leases);

    let (loaded, complaints) = load(&network, &origin.kea, origin.family, &newest);
    if origin.kea.version == "2.2" {
        let converts = ["_NEEDS_DOWNGRADING ", "_CONVERTING_LEASE_FILES "];
        let expected = |line: &String| converts.iter().any(|name| line.contains(name));
        assert!(complaints.len() == converts.len() && complaints.iter().all(expected), "{complaints:#?}");
        loaded.assert_same_as(&leases.with_newest_empty_duid());
    } else {
        assert_eq!(complaints, [""; 0]);
        loaded.assert_same_as(&leases);
    }
}

/// What `kea-lease-dump` makes of the leases of `origin`'s configuration.
pub(crate) fn dump(origin: &Instance, options: &[&str]) -> String {
    let output = origin.scratch("dump.csv");
    let mut command = kea_lease_dump();
    command.envs(origin.variables().iter().cloned()).arg("-c").arg(origin.configuration());
    run(command.arg("-o").arg(&output).args(options)).expect_quiet_success();
    let text = fs::read_to_string(&output).unwrap();
    fs::remove_file(&output).unwrap();
    text
}

/// What a server of `kea` says and complains about after it has found `lease_file`.
pub(crate) fn load(network: &Network, kea: &Kea, family: Family, lease_file: &str) -> (Leases, Vec<String>) {
    load_into(&Instance::memfile(kea, family), network, lease_file)
}

fn load_into(instance: &Instance, network: &Network, lease_file: &str) -> (Leases, Vec<String>) {
    fs::write(instance.lease_file(), lease_file).unwrap();
    let server = instance.start(network);
    let found = (server.leases(instance.family), server.complaints());
    server.stop();
    found
}
