//! What goes wrong with databases: one line that says what and where, status 2, and nothing lost of what was there.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use kea_tools::lease::Family;
use tempfile::TempDir;

use super::{A_LEASE, BOTH, Database, DatabaseKind, listeners};
use crate::kea::database::{given, mariadb, psql};
use crate::program::{Outcome, run, signal};
use crate::wait::wait_for;

/// Fails unless the outcome is one line with all of `parts`, and nothing was written.
#[track_caller]
pub(super) fn expect_one_line(outcome: &Outcome, parts: &[&str]) {
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{}", outcome.stderr);
    assert_eq!(outcome.stderr.lines().count(), 1, "one line: {}", outcome.stderr);
    for part in parts {
        assert!(outcome.stderr.contains(part), "{part:?} in {}", outcome.stderr);
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_server_that_is_not_there_is_named_with_the_cause() {
    for kind in BOTH {
        let database = Database::with_a_lease(kind);
        // A port that was free a moment ago and that nobody listens on.
        let port = listeners::silent().1;
        for mode in ["prefer", "disable"] {
            let outcome = run(database.dump_from("127.0.0.1", &port).args(["--ssl-mode", mode]));
            let place = format!("database \"{}\" at 127.0.0.1:{port}", database.name);
            expect_one_line(&outcome, &[&place, "connection refused", "is the server running"]);
        }
        let outcome = run(&mut database.dump_from("no-such-host.invalid", &port));
        expect_one_line(
            &outcome,
            &[&format!("no-such-host.invalid:{port}"), "no address is known for this host", "check the name"],
        );
        let mut command = database.dump_without_place(Family::V4);
        let outcome = run(command.args(["-h", "/nonexistent/socket", "-u", "x"]));
        expect_one_line(&outcome, &["/nonexistent/socket", "No such file or directory"]);
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_server_that_never_answers_is_given_up_in_time() {
    for kind in BOTH {
        let database = Database::with_a_lease(kind);
        let (listener, port) = listeners::silent();
        listener.set_nonblocking(true).unwrap();
        for mode in ["prefer", "disable"] {
            let mut command = database.dump_from("127.0.0.1", &port);
            let outcome = run(command.args(["--ssl-mode", mode, "--connect-timeout", "1"]));
            let place = format!("database \"{}\" at 127.0.0.1:{port}", database.name);
            expect_one_line(&outcome, &[&place, "no answer within 1 s", "--connect-timeout"]);
            let attempts = std::iter::from_fn(|| listener.accept().ok()).count();
            assert_eq!(attempts, 2, "{mode}: one attempt, and one look at what speaks there instead");
        }
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_wrong_password_is_reported_and_never_shown() {
    for kind in BOTH {
        let database = Database::with_a_lease(kind);
        let mut command = database.dump(Family::V4);
        let outcome = run(command.env("KEA_ADMIN_DB_PASSWORD", "open-sesame"));
        let from = "with the password in the variable KEA_ADMIN_DB_PASSWORD (check user and password";
        expect_one_line(&outcome, &[&format!("database \"{}\"", database.name), "access denied for ", from]);
        assert!(!outcome.stderr.contains("open-sesame"), "{}", outcome.stderr);
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn without_any_password_the_ways_to_give_one_are_reported() {
    for kind in BOTH {
        let database = Database::with_a_lease(kind);
        let mut command = database.dump(Family::V4);
        let outcome = run(command.env_remove("KEA_ADMIN_DB_PASSWORD"));
        let file = if kind == DatabaseKind::Mysql { "~/.my.cnf" } else { "~/.pgpass" };
        expect_one_line(&outcome, &["-p", "--password-file", file]);
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_database_that_does_not_exist_is_named() {
    for kind in BOTH {
        let nowhere = Database { kind, name: "no_such_database".to_owned() };
        let cause = "there is no database \"no_such_database\" (-n NAME";
        expect_one_line(&run(&mut nowhere.dump(Family::V4)), &["database \"no_such_database\" at ", cause]);
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_missing_table_is_named() {
    for kind in BOTH {
        let database = Database::with_a_lease(kind);
        let outcome = run(&mut database.dump(Family::V6));
        expect_one_line(&outcome, &[&database.name, "has no table lease6", "check that it is Kea's database"]);
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_table_that_is_not_keas_is_reported_by_the_column_it_lacks() {
    for kind in BOTH {
        let database = Database::new(kind);
        database.run("CREATE TABLE lease4 (address BIGINT, hwaddr INT)");
        expect_one_line(
            &run(&mut database.dump(Family::V4)),
            &["reading lease4", "no column client_id", "check that it is Kea's database"],
        );
    }
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn handshake_timeout_or_interrupt_leaves_no_temporary_file() {
    let database = Database::with_a_lease(DatabaseKind::Mysql);
    let dump = |port: &str, temporary: &TempDir, patience: &str| {
        let mut command = database.dump_from("127.0.0.1", port);
        command.args(["--ssl-mode", "require", "--connect-timeout", patience]).env("TMPDIR", temporary.path());
        command
    };
    let empty = |folder: &TempDir| fs::read_dir(folder).unwrap().next().is_none();

    let given_up = tempfile::Builder::new().prefix("kea-system.").tempdir().unwrap();
    let (port, _reached) = listeners::holding(&DatabaseKind::Mysql.port(), IN_THE_HANDSHAKE);
    expect_one_line(&run(&mut dump(&port, &given_up, "1")), &["no answer within 1 s"]);
    assert!(empty(&given_up));

    let interrupted = tempfile::Builder::new().prefix("kea-system.").tempdir().unwrap();
    let (port, reached) = listeners::holding(&DatabaseKind::Mysql.port(), IN_THE_HANDSHAKE);
    let child = dump(&port, &interrupted, "60").stderr(Stdio::piped()).spawn().unwrap();
    reached.recv_timeout(Duration::from_secs(30)).unwrap();
    signal(child.id(), "INT");
    assert_eq!(Outcome::from(child.wait_with_output().unwrap()).status, 130);
    assert!(empty(&interrupted));
}

/// The greeting of MariaDB is shorter, and its greeting with its certificate longer.
const IN_THE_HANDSHAKE: usize = 300;

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn two_families_of_which_one_fails_leave_both_files_alone() {
    for kind in BOTH {
        let database = Database::with_a_lease(kind);
        let folder = tempfile::Builder::new().prefix("kea-system.").tempdir().unwrap();
        let files = ["kea-leases4.csv", "kea-leases6.csv"].map(|name| folder.path().join(name));
        for file in &files {
            fs::write(file, "the dump of yesterday\n").unwrap();
        }
        let outcome = run(database.dump(Family::V4).args(["-6", "-o"]).arg(folder.path()));
        expect_one_line(&outcome, &["has no table lease6"]);
        for file in &files {
            assert_eq!(fs::read_to_string(file).unwrap(), "the dump of yesterday\n");
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "nothing beside them");
    }
}

/// The dump as this user.
fn dump_as(database: &Database, user: &str) -> Command {
    let mut command = database.dump_without_place(Family::V4);
    command.args(["-h", "127.0.0.1", "-P", &database.kind.port(), "-u", user]);
    command.env("KEA_ADMIN_DB_PASSWORD", "sesame");
    command
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn missing_privilege_is_reported_with_a_grant_statement() {
    for kind in BOTH {
        let database = Database::with_a_lease(kind);
        let user = database.user("reader", "sesame");
        database.let_read(&user, "schema_version");
        let grant = match kind {
            DatabaseKind::Mysql => format!("GRANT SELECT ON lease4 TO '{user}'@'%'"),
            DatabaseKind::Postgresql => format!("GRANT SELECT ON lease4 TO \"{user}\""),
        };
        expect_one_line(&run(&mut dump_as(&database, &user)), &["no right to read the table lease4", &grant]);
        // What we say helps.
        database.run(&grant);
        let outcome = run(&mut dump_as(&database, &user));
        outcome.expect_quiet_success();
        assert!(outcome.stdout.ends_with(A_LEASE), "{}", outcome.stdout);
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_locked_table_is_reported_and_not_waited_for_without_end() {
    for kind in BOTH {
        let database = Database::with_a_lease(kind);
        let (mut holder, session) = locked(&database);
        let outcome = run(&mut database.dump(Family::V4));
        database.run(&match kind {
            DatabaseKind::Postgresql => format!("SELECT pg_terminate_backend({session})"),
            DatabaseKind::Mysql => format!("KILL {session}"),
        });
        holder.wait().unwrap();
        let remedy = if kind == DatabaseKind::Mysql { "SHOW PROCESSLIST" } else { "pg_stat_activity" };
        expect_one_line(&outcome, &[&database.name, "another session has locked the table", remedy]);
        run(&mut database.dump(Family::V4)).expect_quiet_success();
    }
}

/// A client that holds the table, and its session.
fn locked(database: &Database) -> (Child, String) {
    let name = &database.name;
    let (mut holder, find) = match database.kind {
        DatabaseKind::Postgresql => {
            let mut holder = psql(name);
            holder.args(["-c", "BEGIN; LOCK TABLE lease4; SELECT pg_sleep(600)"]);
            let find = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname";
            (holder, find)
        }
        DatabaseKind::Mysql => {
            let mut holder = mariadb();
            holder.args([name, "-e", "LOCK TABLES lease4 WRITE; SELECT SLEEP(600)"]);
            let find = "SELECT id FROM information_schema.processlist WHERE state = 'User sleep' AND db";
            (holder, find)
        }
    };
    let holder = holder.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let session = wait_for("the session that holds the table", || {
        let found = database.run(&format!("{find} = '{name}'")).trim().to_owned();
        (!found.is_empty()).then_some(found)
    });
    (holder, session)
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_column_that_may_not_be_read_is_no_missing_column() {
    for kind in BOTH {
        let database = Database::with_a_lease(kind);
        let user = database.user("reader", "sesame");
        let most = "address, hwaddr, client_id, valid_lifetime, expire, subnet_id, fqdn_fwd, fqdn_rev, hostname, state";
        database.run(&format!("GRANT SELECT ({most}, pool_id) ON lease4 TO {user}"));
        let outcome = run(&mut dump_as(&database, &user));
        expect_one_line(&outcome, &["no right to read the table lease4", "GRANT SELECT ON lease4"]);
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn the_right_to_read_the_leases_is_enough() {
    for kind in BOTH {
        let database = Database::with_a_lease(kind);
        let user = database.user("reader", "sesame");
        database.let_read(&user, "lease4");
        let outcome = run(&mut dump_as(&database, &user));
        outcome.expect_quiet_success();
        assert!(outcome.stdout.ends_with(A_LEASE), "{}", outcome.stdout);
    }
}

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn rows_that_a_policy_hides_are_an_error_and_no_gap() {
    let database = Database::with_a_lease(DatabaseKind::Postgresql);
    let user = database.user("reader", "sesame");
    database.let_read(&user, "lease4");
    database.run("ALTER TABLE lease4 ENABLE ROW LEVEL SECURITY");
    expect_one_line(&run(&mut dump_as(&database, &user)), &["row-level security policy for table \"lease4\""]);
}

/// A table of so many leases that no buffer between server and terminal holds them.
pub(super) fn with_many_leases(kind: DatabaseKind) -> Database {
    let database = Database::with_table(kind);
    database.run(match kind {
        DatabaseKind::Postgresql => {
            "INSERT INTO lease4 (address, hwaddr, valid_lifetime, expire, subnet_id, hostname) \
             SELECT n, '\\x020000000001', 3600, to_timestamp(1790000000), 7, repeat('x', 200) \
             FROM generate_series(1, 50000) n"
        }
        DatabaseKind::Mysql => {
            "INSERT INTO lease4 (address, hwaddr, valid_lifetime, expire, subnet_id, hostname) \
             SELECT seq, x'020000000001', 3600, FROM_UNIXTIME(1790000000), 7, repeat('x', 200) \
             FROM seq_1_to_50000"
        }
    });
    database
}

/// A folder with an output file from before.
pub(super) fn former_output() -> TempDir {
    let folder = tempfile::Builder::new().prefix("kea-system.").tempdir().unwrap();
    fs::write(folder.path().join("leases.csv"), "the dump of yesterday\n").unwrap();
    folder
}

#[track_caller]
pub(super) fn expect_untouched(folder: &TempDir) {
    let names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["leases.csv"], "nothing but the old file");
    assert_eq!(fs::read_to_string(folder.path().join("leases.csv")).unwrap(), "the dump of yesterday\n");
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn lost_database_connection_is_an_error_and_old_file_stays() {
    for kind in BOTH {
        let database = with_many_leases(kind);
        for (mode, order) in [("disable", None), ("disable", Some("address")), ("require", None)] {
            let folder = former_output();
            let port = listeners::cutting(&kind.port(), MIDDLE);
            let mut command = database.dump_from("127.0.0.1", &port);
            command.args(["--ssl-mode", mode, "-o"]).arg(folder.path().join("leases.csv"));
            command.args(order.map(|order| format!("--sort={order}")));
            expect_one_line(
                &run(&mut command),
                &[&format!("at 127.0.0.1:{port}"), "reading lease4: connection lost before the end"],
            );
            expect_untouched(&folder);
        }
    }
}

/// So many octets into the conversation, leases are on their way: 14 MB of them follow.
pub(super) const MIDDLE: usize = 1 << 20;

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_signal_in_the_middle_leaves_the_old_file_and_no_other() {
    for kind in BOTH {
        let database = with_many_leases(kind);
        for (name, status) in [("INT", 130), ("TERM", 143)] {
            let folder = former_output();
            let (port, reached) = listeners::holding(&kind.port(), MIDDLE);
            let mut command = database.dump_from("127.0.0.1", &port);
            command.args(["--ssl-mode", "disable", "-o"]).arg(folder.path().join("leases.csv"));
            let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            reached.recv_timeout(Duration::from_secs(30)).unwrap();
            signal(child.id(), name);
            let outcome = Outcome::from(child.wait_with_output().unwrap());
            assert_eq!(outcome.status, status, "{}", outcome.stderr);
            expect_untouched(&folder);
        }
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn session_ended_by_the_administrator_is_an_error() {
    for kind in BOTH {
        let database = with_many_leases(kind);
        let mut command = database.dump(Family::V4);
        // Nobody reads the pipe, so the server is still sending when its session is ended.
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (find, end) = match kind {
            DatabaseKind::Postgresql => (
                format!(
                    "SELECT pid FROM pg_stat_activity WHERE datname = '{}' AND query LIKE 'COPY %' AND wait_event = 'ClientWrite'",
                    database.name
                ),
                "SELECT pg_terminate_backend($)",
            ),
            DatabaseKind::Mysql => (
                format!(
                    "SELECT id FROM information_schema.processlist WHERE db = '{}' AND command = 'Execute' \
                     AND state LIKE 'Writing%'",
                    database.name
                ),
                "KILL $",
            ),
        };
        let session = wait_for("the session that sends", || {
            let found = database.run(&find).trim().to_owned();
            (!found.is_empty()).then_some(found)
        });
        database.run(&end.replace('$', &session));
        let outcome = Outcome::from(child.wait_with_output().unwrap());
        assert_eq!(outcome.status, 2, "{}", outcome.stderr);
        assert_eq!(outcome.stderr.lines().count(), 1, "one line: {}", outcome.stderr);
        assert!(outcome.stderr.contains("reading lease4"), "{}", outcome.stderr);
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_closed_pipe_ends_the_dump_quietly() {
    for kind in BOTH {
        let database = with_many_leases(kind);
        let mut command = database.dump(Family::V4);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let outcome = Outcome::from(child.wait_with_output().unwrap());
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_closed_pipe_does_not_wait_for_the_rest_of_the_table() {
    for kind in BOTH {
        let database = with_many_leases(kind);
        for mode in ["disable", "require"] {
            // What is never sent cannot be waited for.
            let (port, _reached) = listeners::holding(&kind.port(), MIDDLE);
            let mut command = database.dump_from("127.0.0.1", &port);
            command.args(["--ssl-mode", mode]).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            drop(child.stdout.take());
            wait_for("the end of the dump", || child.try_wait().unwrap());
            let outcome = Outcome::from(child.wait_with_output().unwrap());
            assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{kind:?} {mode}");
        }
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn bad_rows_are_reported_and_good_rows_are_written() {
    for kind in BOTH {
        let database = Database::with_a_lease(kind);
        database.run("INSERT INTO lease4 (address, valid_lifetime, subnet_id) VALUES (1, 3600, 7)");
        let folder = former_output();
        let file = folder.path().join("leases.csv");
        let outcome = run(database.dump(Family::V4).arg("-o").arg(&file));
        assert_eq!(outcome.status, 2, "{}", outcome.stderr);
        assert!(outcome.stderr.starts_with("lease4 0.0.0.1: expire: is NULL\n"), "{}", outcome.stderr);
        assert!(fs::read_to_string(&file).unwrap().ends_with(A_LEASE));

        let strict = former_output();
        let outcome = run(database.dump(Family::V4).arg("--strict").arg("-o").arg(strict.path().join("leases.csv")));
        expect_one_line(&outcome, &["lease4 0.0.0.1: expire: is NULL"]);
        expect_untouched(&strict);
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn released_leases_without_lifetime_are_not_in_lease_files() {
    for kind in BOTH {
        let database = Database::with_a_lease(kind);
        database.run("UPDATE lease4 SET state = 3, valid_lifetime = 0");
        let outcome = run(database.dump(Family::V4).arg("-v"));
        assert_eq!(outcome.status, 0, "{}", outcome.stderr);
        assert_eq!(outcome.stdout.lines().count(), 1, "the header alone: {}", outcome.stdout);
        assert!(outcome.stderr.contains("1 released"), "{}", outcome.stderr);
        for format in ["csv", "json", "ndjson"] {
            let outcome = run(database.dump(Family::V4).args(["-f", format]));
            outcome.expect_quiet_success();
            assert!(outcome.stdout.contains("192.0.2.1"), "{format}: {}", outcome.stdout);
        }
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn the_manifest_names_the_server_and_no_secret() {
    for kind in BOTH {
        let database = Database::with_a_lease(kind);
        let folder = tempfile::Builder::new().prefix("kea-system.").tempdir().unwrap();
        let manifest = folder.path().join("manifest.json");
        run(database.dump(Family::V4).arg("--manifest").arg(&manifest)).expect_quiet_success();
        let text = fs::read_to_string(&manifest).unwrap();
        let version = format!("{}.0", super::schema::newest(kind));
        assert!(text.contains(&database.name) && text.contains(&version), "{text}");
        assert!(!text.contains(&given("KEA_TOOLS_DB_PASSWORD")), "{text}");
    }
}
