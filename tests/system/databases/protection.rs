//! TLS to both servers: who is trusted, how far, and what is refused.

use std::process::Command;

use kea_tools::lease::Family;

use super::{A_LEASE, BOTH, Database, DatabaseKind, listeners};
use crate::kea::database::given;
use crate::program::{Outcome, run};

/// A file of the private authority.
fn tls_file(name: &str) -> String {
    format!("{}/{name}", given("KEA_TOOLS_TLS_DIR"))
}

/// A dump over TCP from the server's certificate's own address, with these options.
fn dump(database: &Database, host: &str, options: &[&str]) -> Outcome {
    run(database.dump_from(host, &database.kind.port()).args(options))
}

#[track_caller]
fn expect_the_lease(outcome: &Outcome) {
    outcome.expect_quiet_success();
    assert!(outcome.stdout.ends_with(A_LEASE), "{}", outcome.stdout);
}

#[track_caller]
fn expect_refusal(outcome: &Outcome, cause: &str) {
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{}", outcome.stderr);
    assert!(outcome.stderr.contains(cause), "{:?} in {}", cause, outcome.stderr);
    assert_eq!(outcome.stderr.lines().count(), 1, "one line: {}", outcome.stderr);
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_server_of_the_trusted_authority_is_accepted() {
    for database in BOTH.map(Database::with_a_lease) {
        let (file, folder) = (tls_file("ca.crt"), given("KEA_TOOLS_TLS_DIR"));
        for host in ["127.0.0.1", "localhost"] {
            for mode in ["verify-ca", "verify-full"] {
                expect_the_lease(&dump(&database, host, &["--ssl-mode", mode, "--trust-anchor", &file]));
                expect_the_lease(&dump(&database, host, &["--ssl-mode", mode, "--trust-anchor", &folder]));
            }
        }
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn the_server_s_own_certificate_can_be_trusted_by_itself() {
    for database in BOTH.map(Database::with_a_lease) {
        let own = tls_file("localhost.crt");
        expect_the_lease(&dump(&database, "localhost", &["--ssl-mode", "verify-full", "--trust-anchor", &own]));
        let refused = dump(&database, "127.0.0.2", &["--ssl-mode", "verify-full", "--trust-anchor", &own]);
        expect_refusal(&refused, "not for \"127.0.0.2\"");
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn certificate_of_another_authority_is_refused() {
    for database in BOTH.map(Database::with_a_lease) {
        let other = tls_file("other-ca.crt");
        for mode in ["require", "verify-ca", "verify-full"] {
            let refused = dump(&database, "127.0.0.1", &["--ssl-mode", mode, "--trust-anchor", &other]);
            expect_refusal(&refused, "the server's certificate is not signed by a trusted authority");
            expect_refusal(&refused, &format!("database \"{}\" at 127.0.0.1:{}", database.name, database.kind.port()));
        }
        // As in Kea's configuration, a trust anchor alone means verify-ca.
        expect_refusal(&dump(&database, "127.0.0.1", &["--trust-anchor", &other]), "not signed by a trusted authority");
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn without_a_trust_anchor_the_authorities_of_the_system_decide() {
    for database in BOTH.map(Database::with_a_lease) {
        for mode in ["verify-ca", "verify-full"] {
            let refused = dump(&database, "127.0.0.1", &["--ssl-mode", mode]);
            expect_refusal(&refused, "not signed by a trusted authority (--trust-anchor");
        }
        let trusting = |mode: &str| {
            let mut command = database.dump_from("127.0.0.1", &database.kind.port());
            command.args(["--ssl-mode", mode]).env("SSL_CERT_FILE", tls_file("ca.crt"));
            run(&mut command)
        };
        expect_the_lease(&trusting("verify-ca"));
        expect_the_lease(&trusting("verify-full"));
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn certificate_for_another_host_fails_only_verify_full() {
    for database in BOTH.map(Database::with_a_lease) {
        let anchor = tls_file("ca.crt");
        let refused = dump(&database, "127.0.0.2", &["--ssl-mode", "verify-full", "--trust-anchor", &anchor]);
        expect_refusal(&refused, "the server's certificate is for localhost, 127.0.0.1, not for \"127.0.0.2\"");
        expect_the_lease(&dump(&database, "127.0.0.2", &["--ssl-mode", "verify-ca", "--trust-anchor", &anchor]));
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_server_without_tls_is_refused_where_tls_is_demanded() {
    for kind in BOTH {
        let database = Database::with_a_lease(kind);
        for mode in ["require", "verify-ca", "verify-full"] {
            let mut command = database.dump_from("127.0.0.1", &kind.plain_port());
            expect_refusal(&run(command.args(["--ssl-mode", mode])), "the server offers no TLS (give --ssl-mode");
        }
        for mode in ["prefer", "disable"] {
            let mut command = database.dump_from("127.0.0.1", &kind.plain_port());
            // It gets as far as the server, which does not have this database.
            let outcome = run(command.args(["--ssl-mode", mode]));
            expect_refusal(&outcome, "there is no database");
        }
    }
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn server_that_requires_tls_gets_it_unless_disabled() {
    let database = Database::with_a_lease(DatabaseKind::Mysql);
    let user = database.user("tls", "sesame");
    database.let_read(&user, "lease4");
    database.run(&format!("ALTER USER {user} REQUIRE SSL"));
    let dump_with = |mode: &[&str]| {
        let mut command = database.dump_without_place(Family::V4);
        command.args(["-h", "127.0.0.1", "-P", &DatabaseKind::Mysql.port(), "-u", &user]).args(mode);
        run(command.env("KEA_ADMIN_DB_PASSWORD", "sesame"))
    };
    expect_the_lease(&dump_with(&[]));
    expect_refusal(&dump_with(&["--ssl-mode", "disable"]), "the account may demand TLS: --ssl-mode require");
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn broken_tls_is_skipped_by_prefer_and_refused_by_require() {
    for database in BOTH.map(Database::with_a_lease) {
        let port = listeners::refusing_tls(&database.kind.port());
        expect_the_lease(&run(&mut database.dump_from("127.0.0.1", &port)));
        let refused = run(database.dump_from("127.0.0.1", &port).args(["--ssl-mode", "require"]));
        expect_refusal(&refused, "the server refuses the TLS handshake");
    }
}

/// Asks as a user who may only come with a certificate, showing the one in `options`.
fn certified(database: &Database, user: &str, options: &[&str]) -> Outcome {
    let mut command: Command = database.dump_without_place(Family::V4);
    command.args(["-h", "127.0.0.1", "-P", &database.kind.port(), "-u", user, "--ssl-mode", "verify-full"]);
    run(command.args(["--trust-anchor", &tls_file("ca.crt")]).args(options))
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn login_needs_the_client_certificate_if_required() {
    let (certificate, key) = (tls_file("client.crt"), tls_file("client.key"));
    let shown = ["--cert-file", certificate.as_str(), "--key-file", key.as_str()];

    let postgresql = Database::with_a_lease(DatabaseKind::Postgresql);
    super::protected_logins::certified(&postgresql);
    postgresql.run("GRANT SELECT ON schema_version TO certified");
    expect_the_lease(&certified(&postgresql, "certified", &shown));
    expect_refusal(&certified(&postgresql, "certified", &[]), "certificate");

    let mysql = Database::with_a_lease(DatabaseKind::Mysql);
    mysql.run("CREATE USER certified REQUIRE X509; GRANT SELECT ON lease4 TO certified");
    expect_the_lease(&certified(&mysql, "certified", &shown));
    expect_refusal(&certified(&mysql, "certified", &[]), "the account may demand a certificate: --cert-file");
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_file_that_holds_no_certificate_is_named() {
    for database in BOTH.map(Database::with_a_lease) {
        let (certificate, key) = (tls_file("client.crt"), tls_file("client.key"));
        let anchor = dump(&database, "localhost", &["--ssl-mode", "verify-full", "--trust-anchor", &key]);
        expect_refusal(&anchor, &format!("\"{key}\": holds no certificate"));
        let missing = dump(&database, "localhost", &["--trust-anchor", "/nonexistent/ca.crt"]);
        expect_refusal(&missing, "\"/nonexistent/ca.crt\": No such file or directory");
        let swapped = dump(&database, "localhost", &["--cert-file", &certificate, "--key-file", &certificate]);
        expect_refusal(&swapped, &format!("\"{certificate}\": holds no private key"));
    }
}
