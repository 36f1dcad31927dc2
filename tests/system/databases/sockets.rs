//! The ways to say where a server listens.

use std::process::Command;

use kea_tools::lease::Family;

use super::{A_LEASE, Database, DatabaseKind};
use crate::kea::database::given;
use crate::namespace::is_root;
use crate::program::{Outcome, kea_lease_dump, run};

fn dump(database: &Database, place: &[&str]) -> Outcome {
    let mut command = database.dump_without_place(Family::V4);
    command.args(place).args(["-u", &given("KEA_TOOLS_DB_ADMIN")]);
    run(command.env("KEA_ADMIN_DB_PASSWORD", given("KEA_TOOLS_DB_PASSWORD")))
}

#[track_caller]
fn expect_the_lease(outcome: &Outcome) {
    outcome.expect_quiet_success();
    assert!(outcome.stdout.ends_with(A_LEASE), "{}", outcome.stdout);
}

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn postgresql_is_found_by_the_socket_its_folder_and_tcp() {
    let database = Database::with_a_lease(DatabaseKind::Postgresql);
    let (folder, port) = (given("KEA_TOOLS_PG_SOCKET"), given("KEA_TOOLS_PG_PORT"));
    let socket = format!("{folder}/.s.PGSQL.{port}");
    expect_the_lease(&dump(&database, &["-h", &folder, "-P", &port]));
    expect_the_lease(&dump(&database, &["-h", &socket]));
    expect_the_lease(&dump(&database, &["-h", "localhost", "-P", &port]));
    expect_the_lease(&dump(&database, &["-h", "127.0.0.1", "-P", &port]));
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn mysql_is_found_by_the_socket_its_folder_and_tcp() {
    let database = Database::with_a_lease(DatabaseKind::Mysql);
    let (socket, port) = (given("KEA_TOOLS_MYSQL_SOCKET"), given("KEA_TOOLS_MYSQL_PORT"));
    let folder = socket.strip_suffix("/mysqld.sock").unwrap();
    expect_the_lease(&dump(&database, &["-h", &socket]));
    expect_the_lease(&dump(&database, &["-h", folder]));
    expect_the_lease(&dump(&database, &["-h", "localhost", "-P", &port]));
    expect_the_lease(&dump(&database, &["-h", "127.0.0.1", "-P", &port]));
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn both_servers_go_by_two_names() {
    for (kind, other_name) in [(DatabaseKind::Postgresql, "postgresql"), (DatabaseKind::Mysql, "mariadb")] {
        let database = Database::with_a_lease(kind);
        let mut command = kea_lease_dump();
        command.args(["-4", "-t", other_name, "-n", &database.name, "--time-zone", "database"]);
        command.args(["-h", "127.0.0.1", "-P", &kind.port(), "-u", &given("KEA_TOOLS_DB_ADMIN")]);
        expect_the_lease(&run(command.env("KEA_ADMIN_DB_PASSWORD", given("KEA_TOOLS_DB_PASSWORD"))));
    }
}

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn postgresql_without_host_uses_tcp_despite_a_socket() {
    let database = Database::with_a_lease(DatabaseKind::Postgresql);
    let folder = tempfile::Builder::new().prefix("kea-system.").tempdir().unwrap();
    let config = folder.path().join("kea-dhcp4.conf");
    let lease_database = serde_json::json!({
        "type": "postgresql", "name": database.name, "port": DatabaseKind::Postgresql.port().parse::<u16>().unwrap(),
        "user": given("KEA_TOOLS_DB_ADMIN"), "password": given("KEA_TOOLS_DB_PASSWORD"),
    });
    std::fs::write(&config, serde_json::json!({ "Dhcp4": { "lease-database": lease_database } }).to_string()).unwrap();
    // Where it is usual for PostgreSQL, the server has its socket: nobody should go there.
    let script = "mount --bind \"$1\" \"$2\" && shift 2 && exec \"$@\"";
    let mut command = Command::new("unshare");
    if !is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    let usual = std::fs::canonicalize("/var/run/postgresql").unwrap();
    command.args(["--mount", "sh", "-c", script, "sh", &given("KEA_TOOLS_PG_SOCKET")]).arg(usual);
    command.arg(kea_lease_dump().get_program()).arg("-v").arg("-c").arg(&config);
    let outcome = run(&mut command);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.ends_with(A_LEASE) && outcome.stderr.contains(" at localhost:"), "{}", outcome.stderr);
}
