//! Every way in which Kea itself can log in, and what is said where it does not work.

use std::fs;
use std::process::Command;

use kea_tools::lease::Family;

use super::bad_luck::expect_one_line;
use super::{A_LEASE, Database, DatabaseKind};
use crate::kea::database::given;
use crate::program::{Outcome, run};

#[track_caller]
pub(super) fn expect_the_lease(outcome: &Outcome) {
    outcome.expect_quiet_success();
    assert!(outcome.stdout.ends_with(A_LEASE), "{}", outcome.stdout);
}

/// A file of the private authority.
pub(super) fn tls_file(name: &str) -> String {
    format!("{}/{name}", given("KEA_TOOLS_TLS_DIR"))
}

/// The dump as this user over TCP with these options.
pub(super) fn dump_as(database: &Database, user: &str, password: &str, options: &[&str]) -> Outcome {
    let mut command = database.dump_without_place(Family::V4);
    command.args(["-h", "127.0.0.1", "-P", &database.kind.port(), "-u", user]).args(options);
    run(command.env("KEA_ADMIN_DB_PASSWORD", password))
}

/// A MariaDB account of this database, which is made by this clause and may read the leases.
pub(super) fn account(database: &Database, suffix: &str, clause: &str) -> String {
    let user = format!("{}_{suffix}", database.name);
    database.run(&format!("CREATE USER {user} {clause}; GRANT SELECT ON lease4 TO {user}"));
    user
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn each_plugin_of_mariadb_with_a_password_lets_in() {
    let database = Database::with_a_lease(DatabaseKind::Mysql);
    let two = "IDENTIFIED VIA ed25519 USING PASSWORD('first') OR mysql_native_password USING PASSWORD('second')";
    for (suffix, clause, passwords) in [
        ("native", "IDENTIFIED VIA mysql_native_password USING PASSWORD('sesame')", &["sesame"][..]),
        ("ed", "IDENTIFIED VIA ed25519 USING PASSWORD('sec ret')", &["sec ret"]),
        ("two", two, &["first", "second"]),
        ("socket", "IDENTIFIED VIA unix_socket OR ed25519 USING PASSWORD('sesame')", &["sesame"]),
        ("empty", "IDENTIFIED BY ''", &[""]),
        // What OLD_PASSWORD('sesame') gives: the format of MySQL 4.0.
        ("old", "IDENTIFIED VIA mysql_old_password USING '0901684c431c6462'", &["sesame"]),
    ] {
        let user = account(&database, suffix, clause);
        for password in passwords {
            for mode in ["require", "disable"] {
                expect_the_lease(&dump_as(&database, &user, password, &["--ssl-mode", mode]));
            }
            let mut local = database.dump_without_place(Family::V4);
            local.args(["-h", &given("KEA_TOOLS_MYSQL_SOCKET"), "-u", &user]);
            expect_the_lease(&run(local.env("KEA_ADMIN_DB_PASSWORD", password)));
        }
        let refused = dump_as(&database, &user, "wrong", &[]);
        expect_one_line(&refused, &["access denied for ", &user, "with the password in the variable"]);
    }
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn the_system_s_user_needs_no_password_on_the_socket() {
    let database = Database::with_a_lease(DatabaseKind::Mysql);
    let me = crate::program::must(Command::new("id").arg("-un")).trim().to_owned();
    database.run(&format!("CREATE USER IF NOT EXISTS '{me}'@'localhost' IDENTIFIED VIA unix_socket"));
    database.run(&format!("GRANT SELECT ON lease4 TO '{me}'@'localhost'"));
    let mut command = database.dump_without_place(Family::V4);
    expect_the_lease(&run(command.args(["-h", &given("KEA_TOOLS_MYSQL_SOCKET"), "-u", &me])));
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn an_account_that_may_not_log_in_is_reported_with_a_remedy() {
    let database = Database::with_a_lease(DatabaseKind::Mysql);
    for (suffix, clause, parts) in [
        ("expired", "IDENTIFIED BY 'sesame' PASSWORD EXPIRE", ["has expired", "ALTER USER"]),
        ("locked", "IDENTIFIED BY 'sesame' ACCOUNT LOCK", ["the account is locked", "ACCOUNT UNLOCK"]),
        ("x509", "IDENTIFIED BY 'sesame' REQUIRE X509", ["access denied", "--cert-file and --key-file"]),
    ] {
        let user = account(&database, suffix, clause);
        expect_one_line(&dump_as(&database, &user, "sesame", &[]), &parts);
    }
    let user = database.user("none", "sesame");
    let grant = format!("GRANT SELECT ON {}.* TO '{user}'@'%'", database.name);
    expect_one_line(&dump_as(&database, &user, "sesame", &[]), &["has no privileges on the database", &grant]);
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn a_certificate_of_the_demanded_subject_lets_in() {
    let database = Database::with_a_lease(DatabaseKind::Mysql);
    let (certificate, key) = (tls_file("client.crt"), tls_file("client.key"));
    let shown = ["--cert-file", certificate.as_str(), "--key-file", key.as_str()];
    let right = account(&database, "right", "IDENTIFIED BY 'sesame' REQUIRE SUBJECT '/CN=certified'");
    expect_the_lease(&dump_as(&database, &right, "sesame", &shown));
    let wrong = account(&database, "wrong", "IDENTIFIED BY 'sesame' REQUIRE SUBJECT '/CN=other'");
    expect_one_line(&dump_as(&database, &wrong, "sesame", &shown), &["access denied for "]);
}

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn each_method_of_postgresql_lets_in_or_says_what_it_wants() {
    let database = Database::with_a_lease(DatabaseKind::Postgresql);
    database.run(
        "SET password_encryption = 'md5'; CREATE ROLE by_md5 LOGIN PASSWORD 'sesame'; RESET password_encryption; \
         CREATE ROLE by_password LOGIN PASSWORD 'sesame'; CREATE ROLE by_trust LOGIN; CREATE ROLE by_peer LOGIN; \
         CREATE ROLE by_reject LOGIN; GRANT SELECT ON lease4 TO by_md5, by_password, by_trust, by_peer, by_reject",
    );
    let scram = database.user("scram", "sesame");
    database.let_read(&scram, "lease4");
    for user in [scram.as_str(), "by_md5", "by_password", "by_trust"] {
        for mode in ["require", "disable"] {
            expect_the_lease(&dump_as(&database, user, "sesame", &["--ssl-mode", mode]));
        }
    }
    for user in [scram.as_str(), "by_md5", "by_password"] {
        let refused = dump_as(&database, user, "wrong", &[]);
        expect_one_line(&refused, &["access denied for user ", user, "with the password in the variable"]);
    }
    let place = ["-h", &given("KEA_TOOLS_PG_SOCKET"), "-P", &given("KEA_TOOLS_PG_PORT")];
    let mut peer = database.dump_without_place(Family::V4);
    expect_the_lease(&run(peer.args(place).args(["-u", "by_peer"])));
    let rejected = dump_as(&database, "by_reject", "sesame", &[]);
    expect_one_line(&rejected, &["access denied for user \"by_reject\"", "pg_hba.conf"]);
    let unknown = dump_as(&database, "no_such_role", "sesame", &[]);
    expect_one_line(&unknown, &["access denied for user \"no_such_role\"", "check user and password"]);
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn unusable_client_certificate_is_reported_with_a_remedy() {
    for database in super::BOTH.map(Database::with_a_lease) {
        let user = given("KEA_TOOLS_DB_ADMIN");
        for (certificate, key, parts) in [
            ("client.crt", "localhost.key", ["certificate and key belong to different pairs", "name the key"]),
            ("client.crt", "client-encrypted.key", ["the key is encrypted", "openssl pkey"]),
            ("client.crt", "absent.key", ["absent.key\"", "No such file or directory"]),
        ] {
            let (certificate, key) = (tls_file(certificate), tls_file(key));
            let shown = ["--cert-file", &certificate, "--key-file", &key];
            expect_one_line(&dump_as(&database, &user, &given("KEA_TOOLS_DB_PASSWORD"), &shown), &parts);
        }
    }
}

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn refused_client_certificate_is_reported_with_the_reason() {
    let database = Database::with_a_lease(DatabaseKind::Postgresql);
    for (certificate, key, cause) in [
        ("client-expired.crt", "client.key", "the server refuses the client's certificate: it has expired"),
        ("untrusted.crt", "untrusted.key", "not signed by an authority that the server trusts"),
    ] {
        let (certificate, key) = (tls_file(certificate), tls_file(key));
        let shown = ["--cert-file", &certificate, "--key-file", &key];
        expect_one_line(&dump_as(&database, "certified", "", &shown), &[cause]);
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn the_first_of_several_hosts_that_answers_is_read() {
    for database in super::BOTH.map(Database::with_a_lease) {
        let port = database.kind.port();
        for hosts in ["127.0.0.9,127.0.0.1", "127.0.0.1,no-such-host.invalid"] {
            expect_the_lease(&run(&mut database.dump_from(hosts, &port)));
        }
        let none = run(&mut database.dump_from("127.0.0.8,127.0.0.9", &port));
        expect_one_line(&none, &["127.0.0.8", "127.0.0.9", "connection refused"]);
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_host_of_ipv6_may_have_brackets() {
    assert!(fs::read_to_string("/proc/net/if_inet6").is_ok_and(|all| all.contains(" lo")), "this machine has no ::1");
    for database in super::BOTH.map(Database::with_a_lease) {
        for host in ["::1", "[::1]"] {
            expect_the_lease(&run(&mut database.dump_from(host, &database.kind.port())));
        }
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn an_error_says_which_password_was_used() {
    for database in super::BOTH.map(Database::with_a_lease) {
        let home = tempfile::Builder::new().prefix("kea-system.").tempdir().unwrap();
        let (file, config) = (home.path().join("password"), home.path().join("kea-dhcp4.conf"));
        fs::write(&file, "open-sesame\n").unwrap();
        let (kind, name) = match database.kind {
            DatabaseKind::Postgresql => ("postgresql", ".pgpass"),
            DatabaseKind::Mysql => ("mysql", ".my.cnf"),
        };
        let port: u16 = database.kind.port().parse().unwrap();
        let lease_database = serde_json::json!({ "type": kind, "name": database.name, "host": "127.0.0.1",
            "port": port, "user": given("KEA_TOOLS_DB_ADMIN"), "password": "open-sesame" });
        fs::write(&config, serde_json::json!({ "Dhcp4": { "lease-database": lease_database } }).to_string()).unwrap();
        let own = home.path().join(name);
        fs::write(&own, "*:*:*:*:open-sesame\n[client]\npassword=open-sesame\n").unwrap();
        crate::program::must(Command::new("chmod").arg("600").arg(&own));
        let base = || {
            let mut command = database.dump_from("127.0.0.1", &database.kind.port());
            command.env_remove("KEA_ADMIN_DB_PASSWORD");
            command
        };
        let mut by_file = base();
        by_file.arg("--password-file").arg(&file);
        let mut by_variable = base();
        by_variable.env("KEA_ADMIN_DB_PASSWORD", "open-sesame");
        let mut by_client = base();
        by_client.env("HOME", home.path());
        let mut by_client_variable = base();
        by_client_variable.envs([("PGPASSWORD", "open-sesame"), ("MYSQL_PWD", "open-sesame")]);
        let mut by_config = crate::program::kea_lease_dump();
        by_config.arg("-c").arg(&config);
        let client_variable = if database.kind == DatabaseKind::Mysql { "MYSQL_PWD" } else { "PGPASSWORD" };
        for (mut command, from) in [
            (by_file, format!("with the password in {} (--password-file)", file.display())),
            (by_variable, "with the password in the variable KEA_ADMIN_DB_PASSWORD".to_owned()),
            (by_client, format!("with the password in {}", own.display())),
            (by_client_variable, format!("with the password in the variable {client_variable}")),
            (by_config, format!("with the password of Kea's configuration {}", config.display())),
        ] {
            let outcome = run(&mut command);
            expect_one_line(&outcome, &[&from, "access denied for "]);
            assert!(!outcome.stderr.contains("open-sesame"), "{}", outcome.stderr);
        }
    }
}

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn a_closed_database_says_what_would_help() {
    let database = Database::with_a_lease(DatabaseKind::Postgresql);
    let user = database.user("outside", "sesame");
    let (name, owner) = (&database.name, given("KEA_TOOLS_DB_ADMIN"));
    database.run(&format!("REVOKE CONNECT ON DATABASE {name} FROM PUBLIC"));
    let grant =
        format!("may not connect to the database \"{name}\" (GRANT CONNECT ON DATABASE \"{name}\" TO \"{user}\")");
    expect_one_line(&dump_as(&database, &user, "sesame", &[]), &[&grant]);
    Database::new(DatabaseKind::Postgresql).run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
    let closed = format!("takes no connections (allow them with ALTER DATABASE \"{name}\" ALLOW_CONNECTIONS true");
    expect_one_line(&dump_as(&database, &owner, &given("KEA_TOOLS_DB_PASSWORD"), &[]), &[&closed]);
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn names_and_passwords_may_have_blanks_and_other_letters() {
    for kind in super::BOTH {
        let server = Database::new(kind);
        let name = format!("{} x", server.name);
        let quote = if kind == DatabaseKind::Mysql { "`" } else { "\"" };
        server.run(&format!("CREATE DATABASE {quote}{name}{quote}"));
        let database = Database { kind, name };
        database.fill();
        let user = format!("Reader 1 {}", server.name);
        database.run(&match kind {
            DatabaseKind::Postgresql => {
                format!("CREATE ROLE \"{user}\" LOGIN PASSWORD 'päss wörd €'; GRANT SELECT ON lease4 TO \"{user}\"")
            }
            DatabaseKind::Mysql => {
                format!("CREATE USER '{user}' IDENTIFIED BY 'päss wörd €'; GRANT SELECT ON lease4 TO '{user}'")
            }
        });
        expect_the_lease(&dump_as(&database, &user, "päss wörd €", &[]));
        let other = match kind {
            DatabaseKind::Postgresql => continue,
            DatabaseKind::Mysql => server.user("none", "sesame"),
        };
        let grant = format!("(GRANT SELECT ON `{}`.* TO '{other}'@'%'; or SET DEFAULT ROLE", database.name);
        expect_one_line(&dump_as(&database, &other, "sesame", &[]), &[&grant]);
    }
}

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn the_variables_of_libpq_lead_to_the_server() {
    let database = Database::with_a_lease(DatabaseKind::Postgresql);
    let mut command = database.dump_without_place(Family::V4);
    command.env("PGHOST", given("KEA_TOOLS_PG_SOCKET")).env("PGPORT", DatabaseKind::Postgresql.port());
    command.env("PGUSER", given("KEA_TOOLS_DB_ADMIN")).env("PGPASSWORD", given("KEA_TOOLS_DB_PASSWORD"));
    expect_the_lease(&run(&mut command));
    let mut protected = database.dump_from("127.0.0.1", &DatabaseKind::Postgresql.plain_port());
    let outcome = run(protected.env("PGSSLMODE", "require"));
    expect_one_line(&outcome, &["the server offers no TLS"]);
}

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn server_with_version_1_certificate_passes_verify_ca() {
    let nowhere = Database { kind: DatabaseKind::Postgresql, name: "no_such_database".to_owned() };
    let dump = |mode: &str, anchor: &str| {
        let mut command = nowhere.dump_from("127.0.0.1", &given("KEA_TOOLS_PG_VERSION_1_PORT"));
        run(command.args(["--ssl-mode", mode, "--trust-anchor", &tls_file(anchor)]))
    };
    // It gets as far as the server, which does not have this database.
    expect_one_line(&dump("verify-ca", "ca.crt"), &["there is no database"]);
    expect_one_line(&dump("verify-ca", "other-ca.crt"), &["not signed by a trusted authority"]);
    expect_one_line(&dump("verify-full", "ca.crt"), &["version 1 of X.509, which names no host", "verify-ca"]);
}
