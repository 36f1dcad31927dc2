//! `kea-list-leases` beside real servers.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
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
fn lfc_does_not_change_the_listed_dhcpv4_leases() {
    list_through_cleanups(&Kea::debian12(), Family::V4);
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn lfc_does_not_change_the_listed_dhcpv6_leases() {
    list_through_cleanups(&Kea::debian12(), Family::V6);
}

/// Lists the leases of a server in every state, some of them just released, while its lease file is cleaned up again and
/// again.
pub(crate) fn list_through_cleanups(kea: &Kea, family: Family) {
    let network = Network::new();
    let instance = Instance::memfile_with(kea, family, &json!({ "lfc-interval": 1 }));
    let server = instance.start(&network);
    scenario::fill(&server, &network, family, Keeper::Memfile);
    let inode_of = |suffix: &str| {
        use std::os::unix::fs::MetadataExt as _;
        let name = format!("{}{suffix}", instance.lease_file().display());
        std::fs::metadata(name).ok().map(|found| found.ino())
    };
    let (mut cleanups, mut last) = (0, inode_of(".2"));
    wait_for("three cleanups", || {
        if kea.knows_released_leases() {
            add_released(&server, family);
        }
        release(&server, family, cleanups);
        let before = server.leases(family);
        let ours = listed(&instance, &[]);
        // Leases may end or be taken back in between.
        if before == server.leases(family) {
            ours.without_lifeless().assert_same_as(&before.without_lifeless());
        }
        let now = inode_of(".2");
        if now.is_some() && now != last {
            (cleanups, last) = (cleanups + 1, now);
        }
        (cleanups >= 3).then_some(())
    });
    expect_every_kind(&listed(&instance, &[]), kea, family);
}

/// An address with a lease that comes and goes.
fn transient(family: Family) -> &'static str {
    if family == Family::V4 { "10.77.210.1" } else { "fd00:77::3:1" }
}

/// A lease is added and deleted: the lease file gets a row of lifetime 0 for it.
fn release(server: &Server, family: Family, number: u32) {
    let command = |verb: &str| format!("lease{}-{verb}", family.digit());
    let mut lease = json!({ "ip-address": transient(family), "subnet-id": 1, "valid-lft": 7200 + number });
    match family {
        Family::V4 => lease["hw-address"] = json!("02:00:00:00:03:01"),
        Family::V6 => {
            lease["duid"] = json!("00:03:00:01:02:00:00:00:03:01");
            lease["iaid"] = json!(1);
        }
    }
    server.command(&command("add"), &lease);
    server.command(&command("del"), &json!({ "ip-address": transient(family) }));
}

/// A lease in the state that newer Kea has for those given back.
fn add_released(server: &Server, family: Family) {
    let mut lease = json!({ "subnet-id": 1, "valid-lft": 7200, "state": 3 });
    match family {
        Family::V4 => {
            lease["ip-address"] = json!("10.77.210.2");
            lease["hw-address"] = json!("02:00:00:00:03:02");
        }
        Family::V6 => {
            lease["ip-address"] = json!("fd00:77::3:2");
            lease["duid"] = json!("00:03:00:01:02:00:00:00:03:02");
            lease["iaid"] = json!(2);
        }
    }
    let update = format!("lease{}-update", family.digit());
    lease["force-create"] = json!(true);
    server.command(&update, &lease);
}

/// Fails unless there is a lease of every kind that this release has, and none that was deleted.
#[track_caller]
fn expect_every_kind(leases: &Leases, kea: &Kea, family: Family) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let of_state = |state: u32| leases.0.values().filter(|lease| lease["state"] == state).count();
    let is_past = |lease: &&Value| {
        lease["valid-lft"] != u32::MAX && lease["cltt"].as_u64().unwrap() + lease["valid-lft"].as_u64().unwrap() < now
    };
    assert!([0, 1, 2].iter().all(|state| of_state(*state) > 0), "assigned, declined, reclaimed");
    assert!(!kea.knows_released_leases() || of_state(3) > 0, "released");
    assert!(leases.0.values().any(|lease| lease["valid-lft"] == u32::MAX), "for ever");
    assert!(leases.0.values().any(|lease| is_past(&lease)), "expired");
    assert!(!leases.0.contains_key(transient(family)), "deleted");
}

/// Runs the program with a directory of its own as /etc/kea and a process that looks like a server started with
/// `other.conf`; what it says on standard error.
fn beside_a_server_started_with_another_file(has_usual: bool) -> String {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let text = r#"{"Dhcp4": {"lease-database": {"type": "memfile", "name": "FOLDER/l.csv"}}}"#;
    let text = text.replace("FOLDER", folder.path().to_str().unwrap());
    fs::create_dir(at("etc")).unwrap();
    fs::write(at("other.conf"), &text).unwrap();
    if has_usual {
        fs::write(at("etc/kea-dhcp4.conf"), &text).unwrap();
    }
    fs::write(at("l.csv"), "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname\n")
        .unwrap();
    // Its process has the name of the script.
    fs::write(at("kea-dhcp4"), "#!/bin/sh\nread x\n").unwrap();
    fs::set_permissions(at("kea-dhcp4"), fs::Permissions::from_mode(0o755)).unwrap();
    let script = r#"mount --bind "$1/etc" /etc/kea && mkfifo "$1/keys" && exec 9<>"$1/keys"
        "$1/kea-dhcp4" -c "$1/other.conf" <&9 &
        until grep -q kea-dhcp4 "/proc/$!/comm"; do :; done
        "$2" -4 -q"#;
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]);
    command.args(["timeout", "60", "bash", "-c", script, "bash"]);
    run(command.arg(folder.path()).arg(kea_list_leases().get_program()))
        .stderr
        .replace(folder.path().to_str().unwrap(), "")
}

#[test]
#[ignore = "needs namespaces: run scripts/test"]
fn a_server_started_with_another_configuration_is_said() {
    assert_eq!(
        beside_a_server_started_with_another_file(true),
        "kea-list-leases: a running DHCPv4 server was started with /other.conf, not with /etc/kea/kea-dhcp4.conf, which is \
         read (-c /other.conf)\n"
    );
    assert_eq!(
        beside_a_server_started_with_another_file(false),
        "kea-list-leases: no configuration is in a usual place; reading /other.conf, with which a running server was \
         started\n"
    );
}
