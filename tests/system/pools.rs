//! What kea-pools says is free, compared with how many new clients Kea serves until it refuses; and its page in a browser.

use std::process::Command;

use kea_tools::lease::Family;
use serde_json::{Value, json};

use crate::kea::database::{Database, mariadb, psql};
use crate::kea::{Instance, Kea, Network, traffic};
use crate::program::{Outcome, kea_pools, must, run};
use crate::wait::wait_for;

/// A pool of 12 with 2 reserved addresses, one that is only for a class, and one whose reservations are elsewhere.
fn subnets() -> Value {
    json!({
        "client-classes": [{ "name": "voip", "test": "option[60].text == 'voip'" }],
        "shared-networks": [{
            "name": "floor",
            "subnet4": [{
                "id": 1,
                "subnet": "10.77.0.0/16",
                "pools": [
                    { "pool": "10.77.1.1 - 10.77.1.12" },
                    { "pool": "10.77.2.1 - 10.77.2.9", "client-class": "voip" },
                ],
                "reservations": [
                    { "hw-address": "02:00:00:00:00:05", "ip-address": "10.77.1.5" },
                    { "hw-address": "02:00:00:00:00:06", "ip-address": "10.77.1.6" },
                ],
            }],
        }],
        "subnet4": null,
    })
}

fn json_of(outcome: &Outcome) -> Value {
    assert!([0, 1].contains(&outcome.status), "{outcome:?}");
    serde_json::from_str(&outcome.stdout).unwrap()
}

/// What a client of no class can get, by the leases where they are and by the server itself.
fn predicted(instance: &Instance) -> u64 {
    let ask = |more: &[&str]| {
        let mut command = kea_pools();
        command.envs(instance.variables().iter().cloned()).args(["-f", "json", "-c"]).arg(instance.configuration());
        let document = json_of(&run(command.args(more)));
        document["families"][0]["shared-networks"][0]["addresses"]["effective-free-unclassed"].as_u64().unwrap()
    };
    let found = [ask(&[]), ask(&["-t", "api"])];
    assert_eq!(found[0], found[1]);
    found[0]
}

/// Fills the pools: some clients first, then more than there is room for, until no more are served.
fn compare(instance: &Instance) {
    let network = Network::new();
    let server = instance.start(&network);
    assert_eq!(predicted(instance), 10);
    traffic::clients4(&network, 4);
    // What a busy server answers late is a lease too.
    let (before, free) = wait_for("a prediction that fits the leases", || {
        let (before, free) = (server.leases(Family::V4).0.len(), predicted(instance));
        (before > 0 && before as u64 + free == 10).then_some((before, free))
    });
    // On a busy machine some answers come too late; those clients ask again.
    for _ in 0..3 {
        traffic::clients4(&network, 30);
    }
    let given = server.leases(Family::V4).0.len() - before;
    assert_eq!(free, given as u64, "{}", server.log());
    assert_eq!(predicted(instance), 0);
    let mut check = kea_pools();
    check.envs(instance.variables().iter().cloned()).args(["-f", "nagios", "-c"]).arg(instance.configuration());
    let outcome = run(&mut check);
    assert!(outcome.status == 1 && outcome.stdout.contains("only for clients of class voip"), "{outcome:?}");
    server.stop();
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn a_lease_file_says_how_many_clients_kea_will_serve() {
    compare(&Instance::memfile_and(&Kea::debian12(), Family::V4, |_| subnets()));
}

#[test]
#[ignore = "needs Kea and PostgreSQL: run scripts/test"]
fn postgresql_says_how_many_clients_kea_will_serve() {
    let kea = Kea::debian12();
    compare(&Instance::on_and(&kea, Family::V4, &Database::postgresql(&kea), &subnets()));
}

#[test]
#[ignore = "needs Kea and MariaDB: run scripts/test"]
fn mariadb_says_how_many_clients_kea_will_serve() {
    let kea = Kea::debian12();
    compare(&Instance::on_and(&kea, Family::V4, &Database::mysql(&kea), &subnets()));
}

/// A server whose reservations are in the hosts table of the database with its leases.
fn with_hosts(kea: &Kea, database: &Database, insert: impl Fn(&str) -> String) {
    let mut more = subnets();
    more["shared-networks"][0]["subnet4"][0]["reservations"] = json!([]);
    let mut hosts = database.configuration();
    hosts.as_object_mut().unwrap().remove("lfc-interval");
    more["hosts-database"] = hosts;
    for (last, address) in [(5, 172_818_693_u32), (6, 172_818_694)] {
        let _ = insert(&format!(
            "INSERT INTO hosts (dhcp_identifier, dhcp_identifier_type, dhcp4_subnet_id, ipv4_address) \
             VALUES ('00000{last}', 0, 1, {address})"
        ));
    }
    compare(&Instance::on_and(kea, Family::V4, database, &more));
}

#[test]
#[ignore = "needs Kea and PostgreSQL: run scripts/test"]
fn reservations_in_postgresql_are_withheld() {
    let kea = Kea::debian12();
    let database = Database::postgresql(&kea);
    with_hosts(&kea, &database, |line| must(psql(database.name()).args(["-c", line])));
}

#[test]
#[ignore = "needs Kea and MariaDB: run scripts/test"]
fn reservations_in_mariadb_are_withheld() {
    let kea = Kea::debian12();
    let database = Database::mysql(&kea);
    with_hosts(&kea, &database, |line| must(mariadb().args([database.name(), "-e", line])));
}

#[test]
#[ignore = "needs Chromium: run scripts/test"]
fn a_browser_shows_the_page_with_its_maps() {
    let folder = tempfile::tempdir().unwrap();
    let [page, picture] = ["page.html", "page.png"].map(|name| folder.path().join(name));
    let recording = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/pools/3.0.4/campus");
    let mut program = kea_pools();
    program.args(["-4", "--at", "@1795939733", "-f", "html", "-o"]).arg(&page).arg("-c");
    program.args([format!("{recording}/kea-dhcp4.conf"), format!("{recording}/kea-leases4.csv")]);
    assert_eq!(run(&mut program).status, 1);
    let browse = |more: &[&str]| {
        let mut browser = Command::new("timeout");
        browser.args(["120", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--window-size=390,844"]);
        browser.arg(format!("--user-data-dir={}", folder.path().join("profile").display())).args(more);
        run(browser.arg(format!("file://{}", page.display())))
    };
    let shown = browse(&["--dump-dom"]);
    assert_eq!(shown.status, 0, "{}", shown.stderr);
    // 20 rows, each with a bar, and a map of each of the 21 pools.
    assert_eq!(shown.stdout.matches("<article").count(), 20);
    assert_eq!(shown.stdout.matches("aria-label=\"map of ").count(), 21);
    assert!(shown.stdout.contains("<dt>free</dt><dd>3-5</dd>"));
    assert_eq!(browse(&[&format!("--screenshot={}", picture.display())]).status, 0);
    assert!(std::fs::metadata(&picture).unwrap().len() > 10_000);
}
