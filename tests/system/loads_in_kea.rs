//! Kea itself loads what we dump, and then knows the same leases.

use std::fs;

use kea_tools::lease::Family;

use crate::kea::database::Database;
use crate::kea::hostile::Keeper;
use crate::kea::leases::Leases;
use crate::kea::{Instance, Kea, Network, scenario};
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
    let instance = Instance::memfile(kea, family);
    fs::write(instance.lease_file(), lease_file).unwrap();
    let server = instance.start(network);
    let found = (server.leases(family), server.complaints());
    server.stop();
    found
}
