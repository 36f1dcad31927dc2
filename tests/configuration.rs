//! The model of Kea's configuration compared with real servers: what they were configured with, what they say that they
//! run with (`config-get`), and what another program computed of both (`truth.json`). The data is in `tests/data/pools`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use kea_tools::config::model::{ClientClasses, Logger, ServedSubnet};
use kea_tools::config::{Config, Daemon, Document};
use serde_json::Value;

const DHCP_SERVERS: [(Daemon, &str); 2] = [(Daemon::Dhcp4, "dhcp4"), (Daemon::Dhcp6, "dhcp6")];

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pools")
}

fn scenes() -> Vec<PathBuf> {
    let versions = ["2.2.0", "2.6.3", "3.0.4"];
    versions.iter().flat_map(|version| ["campus", "floors"].map(|scene| data().join(version).join(scene))).collect()
}

fn parse(path: &Path, text: Vec<u8>, daemon: Daemon) -> Config {
    let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
    let config = Document::parse(path, text, &mut reader).config(daemon).unwrap();
    assert!(config.syntax_error.is_none(), "{}", path.display());
    assert_eq!(config.faults, [], "{}", path.display());
    config
}

/// What a server was configured with.
fn written(scene: &Path, daemon: Daemon, name: &str) -> Config {
    let path = scene.join(format!("kea-{name}.conf"));
    parse(&path, fs::read(&path).unwrap(), daemon)
}

/// What a server says that it runs with.
fn reported(path: &Path, daemon: Daemon) -> Config {
    let answer: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    parse(path, answer["arguments"].to_string().into_bytes(), daemon)
}

/// A line for each subnet with what matters to its clients.
fn lines(config: &Config) -> Vec<String> {
    let line = |served: ServedSubnet<'_>| {
        let subnet = served.subnet;
        let pools: Vec<_> =
            subnet.pools.iter().map(|it| (it.pool.range.to_string(), it.pool_id, it.classes.is_guarded())).collect();
        let prefixes: Vec<_> = subnet.pd_pools.iter().map(|it| (it.whole(), it.delegated_len, it.pool_id)).collect();
        let reservations: Vec<_> = subnet
            .reservations
            .iter()
            .map(|it| (it.identifier(), it.addresses().collect::<Vec<_>>(), &it.prefixes, &it.hostname))
            .collect();
        let lifetime = served.setting(|it| it.valid_lifetime);
        let (network, relays, modes) = (served.network_name(), served.relays(), served.reservation_modes());
        let guards: Vec<_> = served.guards().flat_map(ClientClasses::required).collect();
        format!(
            "{} {} {network:?} {lifetime:?} {relays:?} {modes:?} {guards:?} {pools:?} {prefixes:?} {reservations:?}",
            subnet.id, subnet.prefix
        )
    };
    let mut lines: Vec<_> = config.server.subnets().map(line).collect();
    lines.sort();
    lines
}

#[test]
fn a_file_says_the_same_as_the_server_that_read_it() {
    for scene in scenes() {
        for (daemon, name) in DHCP_SERVERS {
            let (written, reported) =
                (written(&scene, daemon, name), reported(&scene.join(format!("{name}-config-get.json")), daemon));
            assert_eq!(lines(&written), lines(&reported), "{} {name}", scene.display());
            assert!(written.server.subnets().count() > 3);
            let libraries =
                |config: &Config| config.server.hooks.iter().map(|hook| hook.library.clone()).collect::<Vec<_>>();
            assert_eq!(libraries(&written), libraries(&reported));
            let outputs = |config: &Config| {
                let outputs = config.server.loggers.iter().flat_map(Logger::outputs);
                outputs.map(|output| output.file().unwrap().to_owned()).collect::<Vec<_>>()
            };
            assert_eq!((outputs(&written), outputs(&written).len()), (outputs(&reported), 1));
            assert_eq!(written.server.lease_database.name, reported.server.lease_database.name);
            assert_eq!(written.sockets(), reported.sockets());
        }
    }
}

/// How many addresses or prefixes a pool has.
fn size(config: &Config, subnet: u64, index: usize, is_prefix: bool) -> u128 {
    let served = config.server.subnets().find(|served| u64::from(served.subnet.id) == subnet).unwrap();
    if is_prefix {
        let pool = &served.subnet.pd_pools[index];
        return 1 << (pool.delegated_len.unwrap() - pool.prefix_len);
    }
    let range = served.subnet.pools[index].pool.range;
    let bits = |address: std::net::IpAddr| match address {
        std::net::IpAddr::V4(address) => u128::from(address.to_bits()),
        std::net::IpAddr::V6(address) => address.to_bits(),
    };
    bits(range.last()) - bits(range.first()) + 1
}

#[test]
fn pools_are_as_large_as_another_program_found() {
    let mut pools = 0;
    for scene in scenes() {
        let truth: Value = serde_json::from_slice(&fs::read(scene.join("truth.json")).unwrap()).unwrap();
        for (daemon, name) in DHCP_SERVERS {
            let config = written(&scene, daemon, name);
            let subnets = truth[name]["subnets"].as_array().unwrap();
            assert_eq!(subnets.len(), config.server.subnets().count());
            for subnet in subnets {
                let id = subnet["id"].as_u64().unwrap();
                for (key, is_prefix) in [("pools", false), ("pd_pools", true)] {
                    for (index, pool) in subnet[key].as_array().into_iter().flatten().enumerate() {
                        let size = size(&config, id, index, is_prefix);
                        // serde_json reads integers from 2^64 on as floats.
                        let expected = pool["total"].as_u64().map(u128::from);
                        let is_as_large = expected.map_or(size >= 1 << 64, |expected| size == expected);
                        assert!(is_as_large, "{id} {index} {size} {pool}");
                        pools += 1;
                    }
                }
                let served = config.server.subnets().find(|served| u64::from(served.subnet.id) == id).unwrap();
                assert_eq!(served.network_name(), subnet["shared_network"].as_str());
                assert_eq!(served.guards().next().is_some(), subnet["class_guarded"].as_bool().unwrap(), "{id}");
                assert_eq!(served.setting(|it| it.allocator.as_deref()).unwrap_or("iterative"), subnet["allocator"]);
                let hosts = served.subnet.reservations.len() as u64;
                assert_eq!(Some(hosts), subnet["reservations"]["hosts"].as_u64(), "{id}");
            }
        }
    }
    assert!(pools > 100, "{pools}");
}

#[test]
fn the_partners_of_a_server_are_known() {
    for version in ["2.2.0", "2.6.3", "3.0.4"] {
        let config = reported(&data().join(version).join("ha/server1-config-get.json"), Daemon::Dhcp4);
        let [pair] = config.server.high_availability().collect::<Vec<_>>()[..] else { panic!("{version}") };
        assert_eq!((pair.this_server_name.as_deref(), pair.mode.as_deref()), (Some("server1"), Some("load-balancing")));
        let peers: Vec<_> = pair.peers.iter().map(|peer| (peer.name.as_deref(), peer.role.as_deref())).collect();
        assert_eq!(peers, [(Some("server1"), Some("primary")), (Some("server2"), Some("secondary"))]);
        assert!(pair.peers.iter().all(|peer| peer.url.as_ref().is_some_and(|url| url.starts_with("http://"))));
        let subnet = config.server.subnets().next().unwrap();
        let classes: Vec<_> = subnet.subnet.pools.iter().flat_map(|pool| pool.classes.required()).collect();
        assert_eq!(classes, ["HA_server1", "HA_server2"]);
    }
}
