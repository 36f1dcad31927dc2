//! `kea-admin lease-upload` takes our dump, as far as it takes such leases at all: in DHCPv6 only those with a
//! hardware address; no quotes, and in MySQL no user context.

use std::fs;
use std::process::Command;

use kea_tools::lease::Family;
use serde_json::json;

use crate::kea::database::Database;
use crate::kea::{Instance, Kea, Network, Server, traffic};
use crate::loads_in_kea::dump;
use crate::program::run;

#[test]
#[ignore = "needs Kea and PostgreSQL: run scripts/test"]
fn what_kea_admin_uploads_to_postgresql_is_what_was_dumped() {
    upload_and_compare(Family::V4, Database::postgresql, |server, network| {
        traffic::clients4(network, 40);
        add_commas(server);
    });
    upload_and_compare(Family::V6, Database::postgresql, |_, network| traffic::clients6(network, 40));
}

#[test]
#[ignore = "needs Kea and MariaDB: run scripts/test"]
fn what_kea_admin_uploads_to_mariadb_is_what_was_dumped() {
    upload_and_compare(Family::V4, Database::mysql, |server, _| add_commas(server));
    upload_and_compare(Family::V6, Database::mysql, |_, network| traffic::clients6(network, 40));
}

fn add_commas(server: &Server) {
    for number in 1..=40 {
        let lease = json!({
            "ip-address": format!("10.77.200.{number}"), "hw-address": format!("02:00:00:00:00:{number:02x}"),
            "hostname": format!("comma,{number}"),
        });
        server.command("lease4-add", &lease);
    }
}

/// Leases are made by `fill`, dumped from their file, uploaded, and dumped again from the database.
fn upload_and_compare(family: Family, database: impl Fn(&Kea) -> Database, fill: impl Fn(&Server, &Network)) {
    let kea = Kea::debian12();
    let network = Network::new();
    let origin = Instance::memfile(&kea, family);
    let server = origin.start(&network);
    fill(&server, &network);
    let options = ["--for", kea.version, "--sort", "address"];
    let text = dump(&origin, &options);
    assert!(text.lines().count() > 20, "hardly a lease: {text}");

    let database = database(&kea);
    let name = format!("upload-{}.csv", database.name());
    let input = origin.scratch(&name);
    fs::write(&input, &text).unwrap();
    let mut command = Command::new("/usr/sbin/kea-admin");
    command.arg("lease-upload").args(database.kea_admin_arguments()).arg("-y");
    command.arg(format!("-{}", family.digit())).arg("-i").arg(input);
    command.env("LC_ALL", "C.UTF-8").env("KEA_LOCKFILE_DIR", "none").envs(database.kea_admin_variables());
    let outcome = run(&mut command);
    // kea-admin leaves this behind.
    fs::remove_file(format!("/tmp/{name}.tmp")).ok();
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert_eq!(dump(&Instance::on(&kea, family, &database), &options), text);
}
