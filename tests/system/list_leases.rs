//! `kea-list-leases` beside real servers.

use std::process::Command;

use kea_tools::lease::Family;
use serde_json::{Value, json};

use crate::kea::hostile::Keeper;
use crate::kea::leases::Leases;
use crate::kea::{Instance, Kea, Network, Server, scenario};
use crate::program::{kea_list_leases, run};
use crate::wait::wait_for;

/// The program with the configuration of `instance`.
fn list(instance: &Instance) -> Command {
    let mut command = kea_list_leases();
    command.envs(instance.variables().iter().cloned()).arg("-c").arg(instance.configuration());
    command
}

/// All leases that are listed, without what Kea does not tell of them.
pub(crate) fn listed(instance: &Instance, options: &[&str]) -> Leases {
    let outcome = run(list(instance).args(["--all", "-f", "json"]).args(options));
    outcome.expect_quiet_success();
    without_additions(&outcome.stdout)
}

/// The leases of a document, without what Kea does not tell of them.
pub(crate) fn without_additions(json: &str) -> Leases {
    let mut list: Value = serde_json::from_str(json).unwrap();
    for lease in list.as_array_mut().unwrap() {
        let lease = lease.as_object_mut().unwrap();
        for own in ["state-name", "expires", "remaining"] {
            assert!(lease.remove(own).is_some(), "{lease:?} without {own}");
        }
        for own in ["subnet", "origin", "pool"] {
            lease.remove(own);
        }
    }
    Leases::from_list(&list)
}

/// How many leases the server knows that are assigned and not past, at a moment when that does not change.
fn active(server: &Server, family: Family, listed: impl Fn() -> usize) -> (usize, usize) {
    let count = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let is_active = |lease: &&Value| {
            let end = lease["cltt"].as_u64().unwrap() + lease["valid-lft"].as_u64().unwrap();
            lease["state"] == 0 && (lease["valid-lft"] == u32::MAX || end >= now)
        };
        server.leases(family).0.values().filter(is_active).count()
    };
    wait_for("a moment at which no lease ends", || {
        let (before, listed, after) = (count(), listed(), count());
        (before == after).then_some((listed, after))
    })
}

fn the_active_leases_are_listed(family: Family) {
    let network = Network::new();
    let instance = Instance::memfile(&Kea::debian12(), family);
    let server = instance.start(&network);
    scenario::fill(&server, &network, family, Keeper::Memfile);
    let rows = |options: &[&str]| {
        let outcome = run(list(&instance).args(["--no-header", "-q"]).args(options));
        outcome.expect_quiet_success();
        outcome.stdout.lines().count()
    };
    for place in [&[][..], &["-t", "api"]] {
        let (listed, known) = active(&server, family, || rows(place));
        assert!(known > 10);
        assert_eq!(listed, known, "{family} {place:?}");
    }
    let declined = server.leases(family).0.values().filter(|lease| lease["state"] == 1).count();
    assert_eq!(rows(&["--state", "declined"]), declined);
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn the_active_dhcpv4_leases_of_a_server_are_listed() {
    the_active_leases_are_listed(Family::V4);
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn the_active_dhcpv6_leases_of_a_server_are_listed() {
    the_active_leases_are_listed(Family::V6);
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn before_during_and_after_a_cleanup_the_same_leases_are_listed() {
    let network = Network::new();
    let instance = Instance::memfile_with(&Kea::debian12(), Family::V4, &json!({ "lfc-interval": 1 }));
    let server = instance.start(&network);
    scenario::fill(&server, &network, Family::V4, Keeper::Memfile);
    let inode_of = |suffix: &str| {
        use std::os::unix::fs::MetadataExt as _;
        let name = format!("{}{suffix}", instance.lease_file().display());
        std::fs::metadata(name).ok().map(|found| found.ino())
    };
    let (mut cleanups, mut last) = (0, inode_of(".2"));
    wait_for("three cleanups", || {
        let before = server.leases(Family::V4);
        let ours = listed(&instance, &[]);
        // Leases may end or be taken back in between.
        if before == server.leases(Family::V4) {
            ours.without_lifeless().assert_same_as(&before.without_lifeless());
        }
        let now = inode_of(".2");
        if now.is_some() && now != last {
            (cleanups, last) = (cleanups + 1, now);
        }
        (cleanups >= 3).then_some(())
    });
}
