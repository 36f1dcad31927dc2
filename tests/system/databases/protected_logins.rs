//! Logins with what Kea's configuration, libpq's variables and its files say of TLS.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use kea_tools::lease::Family;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::bad_luck::expect_one_line;
use super::logins::{account, expect_the_lease, tls_file};
use super::{BOTH, Database, DatabaseKind};
use crate::kea::database::given;
use crate::program::{Outcome, kea_lease_dump, run};

/// The dump of what a configuration of Kea with these members of `lease-database` leads to.
fn dump_as_configured(database: &Database, more: &Value) -> Outcome {
    let folder = TempDir::new().unwrap();
    let mut lease_database = json!({
        "type": if database.kind == DatabaseKind::Mysql { "mysql" } else { "postgresql" }, "name": database.name,
        "host": "127.0.0.1", "port": database.kind.port().parse::<u16>().unwrap(),
        "user": given("KEA_TOOLS_DB_ADMIN"), "password": given("KEA_TOOLS_DB_PASSWORD"),
    });
    lease_database.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let file = folder.path().join("kea-dhcp4.conf");
    fs::write(&file, json!({ "Dhcp4": { "lease-database": lease_database } }).to_string()).unwrap();
    run(kea_lease_dump().args(["-4", "--time-zone", "database", "-c"]).arg(file))
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn what_kea_s_configuration_says_of_tls_holds() {
    for database in BOTH.map(Database::with_a_lease) {
        let (right, wrong) = (tls_file("ca.crt"), tls_file("other-ca.crt"));
        let plain: u16 = database.kind.plain_port().parse().unwrap();
        for protected in [
            json!({ "trust-anchor": right }),
            json!({ "trust-anchor": given("KEA_TOOLS_TLS_DIR") }),
            json!({ "ssl-mode": "disable" }),
            json!({ "ssl-mode": "prefer" }),
            json!({ "ssl-mode": "require" }),
            json!({ "ssl-mode": "verify-ca", "trust-anchor": right }),
            json!({ "ssl-mode": "verify-full", "trust-anchor": right }),
            json!({ "ssl-mode": "verify-ca", "trust-anchor": right, "host": "127.0.0.2" }),
            json!({ "cert-file": tls_file("client.crt"), "key-file": tls_file("client.key") }),
        ] {
            expect_the_lease(&dump_as_configured(&database, &protected));
        }
        for (refused, cause) in [
            (json!({ "trust-anchor": wrong }), "not signed by a trusted authority"),
            (json!({ "ssl-mode": "require", "trust-anchor": wrong }), "not signed by a trusted authority"),
            (json!({ "ssl-mode": "verify-full", "trust-anchor": right, "host": "127.0.0.2" }), "not for \"127.0.0.2\""),
            (json!({ "trust-anchor": "/nonexistent/ca.crt" }), "\"/nonexistent/ca.crt\": No such file or directory"),
            (json!({ "cert-file": tls_file("client.crt") }), "a client certificate needs its key"),
            (json!({ "ssl-mode": "require", "port": plain }), "the server offers no TLS"),
            (json!({ "trust-anchor": right, "port": plain }), "the server offers no TLS"),
        ] {
            expect_one_line(&dump_as_configured(&database, &refused), &[cause]);
        }
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn the_certificate_of_kea_s_configuration_is_shown() {
    let shown = json!({ "trust-anchor": tls_file("ca.crt"), "cert-file": tls_file("client.crt"),
        "key-file": tls_file("client.key"), "password": null });
    let as_user = |user: &str, said: &Value| {
        let mut said = said.clone();
        said["user"] = json!(user);
        said
    };
    let mysql = Database::with_a_lease(DatabaseKind::Mysql);
    let user = account(&mysql, "shows", "IDENTIFIED BY 'sesame' REQUIRE X509");
    let mut with_password = as_user(&user, &shown);
    with_password["password"] = json!("sesame");
    expect_the_lease(&dump_as_configured(&mysql, &with_password));
    let bare = json!({ "user": user, "password": "sesame", "trust-anchor": tls_file("ca.crt") });
    let refused = dump_as_configured(&mysql, &bare);
    expect_one_line(
        &refused,
        &["with the password of Kea's configuration ", "a certificate: --cert-file and --key-file"],
    );

    let postgresql = Database::with_a_lease(DatabaseKind::Postgresql);
    certified(&postgresql);
    let mut without_password = as_user("certified", &shown);
    without_password.as_object_mut().unwrap().remove("password");
    without_password["password"] = json!("");
    expect_the_lease(&dump_as_configured(&postgresql, &without_password));
}

/// The role that PostgreSQL asks for a certificate may read the leases of this database.
pub(super) fn certified(database: &Database) {
    database.run(
        "DO $$ BEGIN CREATE ROLE certified LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
    );
    database.run("GRANT SELECT ON lease4 TO certified");
}

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn channel_binding_follows_pgchannelbinding() {
    let database = Database::with_a_lease(DatabaseKind::Postgresql);
    let scram = database.user("bound", "sesame");
    database.let_read(&scram, "lease4");
    let dump = |user: &str, binding: &str, mode: &str| {
        let mut command = database.dump_without_place(Family::V4);
        command.args(["-h", "127.0.0.1", "-P", &DatabaseKind::Postgresql.port(), "-u", user, "--ssl-mode", mode]);
        run(command.env("KEA_ADMIN_DB_PASSWORD", "sesame").env("PGCHANNELBINDING", binding))
    };
    for (binding, mode) in
        [("require", "require"), ("prefer", "require"), ("disable", "require"), ("disable", "disable")]
    {
        expect_the_lease(&dump(&scram, binding, mode));
    }
    let unbound = "the login with the password in the variable KEA_ADMIN_DB_PASSWORD cannot be bound to the connection";
    let refused = dump(&scram, "require", "disable");
    expect_one_line(&refused, &[unbound, "PGCHANNELBINDING=require wants TLS: --ssl-mode require"]);
    let other = dump(&scram, "maybe", "require");
    assert!(other.status == 0 && other.stderr.contains("PGCHANNELBINDING is not used: \"maybe\""), "{other:?}");
}

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn the_files_of_libpq_let_in_as_they_do_for_psql() {
    let database = Database::with_a_lease(DatabaseKind::Postgresql);
    certified(&database);
    let home = TempDir::new().unwrap();
    let folder = home.path().join(".postgresql");
    fs::create_dir(&folder).unwrap();
    for (from, to) in [("client.crt", "postgresql.crt"), ("client.key", "postgresql.key"), ("ca.crt", "root.crt")] {
        fs::copy(tls_file(from), folder.join(to)).unwrap();
        fs::set_permissions(folder.join(to), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let dump = |user: &str, host: &str, port: &str, mode: &[&str]| {
        let mut command = database.dump_without_place(Family::V4);
        command.args(["-h", host, "-P", port, "-u", user]).args(mode).env("HOME", home.path());
        run(command.env("KEA_ADMIN_DB_PASSWORD", given("KEA_TOOLS_DB_PASSWORD")))
    };
    let (port, plain) = (DatabaseKind::Postgresql.port(), DatabaseKind::Postgresql.plain_port());
    for mode in [&[][..], &["--ssl-mode", "require"], &["--ssl-mode", "verify-full"]] {
        expect_the_lease(&dump("certified", "127.0.0.1", &port, mode));
    }
    let refused = dump("certified", "127.0.0.2", &port, &["--ssl-mode", "verify-full"]);
    expect_one_line(&refused, &["not for \"127.0.0.2\""]);
    // They make no connection need TLS.
    let admin = given("KEA_TOOLS_DB_ADMIN");
    expect_one_line(&dump(&admin, "127.0.0.1", &plain, &[]), &["there is no database"]);
    fs::copy(tls_file("other-ca.crt"), folder.join("root.crt")).unwrap();
    expect_one_line(
        &dump(&admin, "127.0.0.1", &port, &["--ssl-mode", "require"]),
        &["not signed by a trusted authority"],
    );
}
