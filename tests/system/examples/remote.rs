//! Those that ask other hosts, and the user for a password, at a terminal.

use std::fs;
use std::process::Command;

use kea_tools::lease::Family;
use serde_json::json;
use tempfile::TempDir;

use super::leases::at_a_terminal;
use crate::databases::schema::{self, Schema};
use crate::databases::{Database, DatabaseKind};
use crate::kea::agent::{Agent, certificates};
use crate::kea::database::given;
use crate::kea::{Instance, Kea, Network};
use crate::program::{Outcome, run};
use crate::recipes::list::{self, User};
use crate::running_server::with_leases;

/// Runs `line` by `command`, where `hosts` are known and `authority`, if any, is one of the system's, as a user without rights
/// at a terminal, who types `password` when asked for one.
fn ask(mut command: Command, hosts: &str, authority: Option<&str>, line: &str, password: &str) -> Outcome {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("hosts"), hosts).unwrap();
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_kea-lease-dump")).parent().unwrap();
    let trusted =
        authority.map_or(String::new(), |file| format!("mount --bind {file} /etc/ssl/certs/ca-certificates.crt;"));
    let script = format!(
        "set -e
        mount --bind {folder}/hosts /etc/hosts; {trusted}
        mkdir {folder}/home; chown 65534:65534 {folder}/home; chmod 755 {folder}; cd {folder}/home
        exec timeout 60 setpriv --reuid=65534 --regid=65534 --clear-groups sh -c \"$LINE\"",
        folder = folder.path().display(),
    );
    command.args(["--mount", "--propagation", "private", "sh", "-c", &script]);
    command.env("PATH", format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", programs.display())).env("HOME", "/nonexistent");
    run(command.env("LC_ALL", "C.UTF-8").env("LINE", at_a_terminal(line, "assword", &format!("{password}\\n"))))
}

#[test]
#[ignore = "needs root and PostgreSQL: run scripts/test"]
fn those_of_a_remote_database_ask_for_the_password() {
    let server = Database::new(DatabaseKind::Postgresql);
    server.run("CREATE DATABASE kea");
    server.run("CREATE ROLE reader LOGIN PASSWORD 'open-sesame'");
    let database = Database { kind: DatabaseKind::Postgresql, name: "kea".to_owned() };
    let schema = Schema { kind: DatabaseKind::Postgresql, major: schema::newest(DatabaseKind::Postgresql) };
    for (family, table) in [(Family::V4, "lease4"), (Family::V6, "lease6")] {
        // Each family's statements make it.
        database.run("DROP TABLE IF EXISTS schema_version");
        database.run(&schema.statements(family));
        database.let_read("reader", table);
    }
    database.run(
        "INSERT INTO lease4 (address, hwaddr, valid_lifetime, expire, subnet_id) \
         VALUES (3221225985, '\\x020000000001', 3600, to_timestamp(1790000000), 7)",
    );
    for (recipe, users) in list::of(list::REMOTE_DATABASE) {
        assert_eq!(users, [User::Ordinary]);
        let mut command = Command::new("unshare");
        // The example's server has the usual port.
        command.env_clear().env("PGPORT", given("KEA_TOOLS_PG_PORT"));
        let outcome = ask(command, "127.0.0.1 db.example\n", None, &recipe.text, "open-sesame");
        assert_eq!(outcome.status, 0, "{}: {outcome:?}", recipe.text);
        assert!(outcome.stdout.contains("192.0.2.1,02:00") || recipe.text.contains("-6"), "{outcome:?}");
        assert!(!outcome.stdout.contains("open-sesame"), "{outcome:?}");
    }
    server.run("DROP DATABASE kea");
    server.run("DROP ROLE reader");
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn ctrl_c_at_the_question_for_the_password_ends_the_program() {
    let mut command = Command::new("unshare");
    command.env_clear();
    let line = "kea-lease-dump -4 -t pgsql -h db.example -n kea -u reader -p";
    let outcome = ask(command, "127.0.0.1 db.example\n", None, line, "\\003");
    assert_eq!(outcome.status, 130, "{outcome:?}");
    assert!(!outcome.stdout.contains("kea-lease-dump:"), "{outcome:?}");
}

#[test]
#[ignore = "needs root and Kea: run scripts/test"]
fn that_of_a_remote_server_asks_for_the_password_over_tls() {
    let (instance, network) = (Instance::memfile(&Kea::debian12(), Family::V4), Network::new());
    let _server = with_leases(&instance, &network);
    let file = certificates(&instance);
    let clients = json!([{ "user": "admin", "password": "open-sesame" }]);
    let _agent = Agent::start(
        &instance,
        &network,
        &json!({ "http-port": 8001, "cert-required": false, "trust-anchor": file("authority.crt"),
            "cert-file": file("server.crt"), "key-file": file("server.key"),
            "authentication": { "type": "basic", "clients": clients } }),
    );
    for (recipe, _) in list::of(list::REMOTE_SERVER) {
        let mut command = network.server_side("unshare");
        command.env_clear();
        let authority = file("authority.crt");
        let outcome = ask(command, "127.0.0.1 dhcp1.example\n", authority.to_str(), &recipe.text, "open-sesame");
        assert_eq!(outcome.status, 0, "{}: {outcome:?}", recipe.text);
        assert!(outcome.stdout.contains("address,hwaddr") && outcome.stdout.lines().count() > 3, "{outcome:?}");
        assert!(!outcome.stdout.contains("open-sesame"), "{outcome:?}");
    }
}
