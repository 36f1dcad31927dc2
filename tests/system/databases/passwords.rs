//! Where the password comes from, which of several wins, and that none is ever shown.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use kea_tools::cli;
use kea_tools::lease::Family;
use kea_tools::testing::ProgramRun;
use tempfile::TempDir;

use super::{A_LEASE, BOTH, Database, DatabaseKind};
use crate::kea::database::given;
use crate::program::{Outcome, run};

/// A home with this file in it.
fn home(name: &str, text: &str, mode: u32) -> TempDir {
    let home = tempfile::Builder::new().prefix("kea-system.").tempdir().unwrap();
    write(&home.path().join(name), text, mode);
    home
}

fn write(file: &Path, text: &str, mode: u32) {
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
}

/// The dump over TCP as the administrator, without a password so far.
fn dump(database: &Database) -> Command {
    let mut command = database.dump_from("127.0.0.1", &database.kind.port());
    command.env_remove("KEA_ADMIN_DB_PASSWORD");
    command
}

#[track_caller]
fn expect_the_lease(outcome: &Outcome) {
    outcome.expect_quiet_success();
    assert!(outcome.stdout.ends_with(A_LEASE), "{}", outcome.stdout);
}

/// Where each client keeps passwords, with the right one in it.
fn client_file(kind: DatabaseKind, password: &str) -> (&'static str, String) {
    match kind {
        DatabaseKind::Postgresql => (".pgpass", format!("# all of them\n127.0.0.1:*:*:*:{password}\n")),
        DatabaseKind::Mysql => {
            (".my.cnf", format!("[mysqld]\npassword=no\n[client]\npassword = \"{password}\" # ours\n"))
        }
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn the_variable_and_the_file_give_the_password() {
    for database in BOTH.map(Database::with_a_lease) {
        let password = given("KEA_TOOLS_DB_PASSWORD");
        expect_the_lease(&run(dump(&database).env("KEA_ADMIN_DB_PASSWORD", &password)));
        let home = home("password", &format!("{password}\n"), 0o600);
        let file = home.path().join("password");
        // The option wins over the variable.
        let mut command = dump(&database);
        expect_the_lease(&run(command.arg("--password-file").arg(file).env("KEA_ADMIN_DB_PASSWORD", "wrong")));
    }
}

/// Runs the program within the test, with `answer` typed where it asks for a password, and a wrong one in the
/// variable; gives its status and its output.
fn answering(answer: &str, command: &Command) -> (u8, String) {
    let variables = &[("KEA_ADMIN_DB_PASSWORD", "wrong")];
    let program = ProgramRun { variables, password: Some(answer), ..ProgramRun::default() };
    let ran = program.run("kea-lease-dump", cli::lease_dump::run, command.get_args());
    (ran.status, ran.stdout + &ran.stderr)
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn the_answer_to_the_question_is_the_password() {
    for database in BOTH.map(Database::with_a_lease) {
        let mut command = dump(&database);
        command.arg("-p");
        let (status, said) = answering(&given("KEA_TOOLS_DB_PASSWORD"), &command);
        assert!(status == 0 && said.ends_with(A_LEASE), "{said}");
        let (status, said) = answering("open-sesame", &command);
        assert!(status == 2 && !said.contains("open-sesame") && !said.contains(A_LEASE), "{said}");
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn the_clients_own_files_give_the_password() {
    for database in BOTH.map(Database::with_a_lease) {
        let (name, text) = client_file(database.kind, &given("KEA_TOOLS_DB_PASSWORD"));
        let home = home(name, &text, 0o600);
        expect_the_lease(&run(dump(&database).env("HOME", home.path())));
        // What is said elsewhere wins over them.
        let outcome = run(dump(&database).env("HOME", home.path()).env("KEA_ADMIN_DB_PASSWORD", "wrong"));
        assert_eq!(outcome.status, 2, "{}", outcome.stdout);
    }
}

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn pgpassfile_names_another_file() {
    let database = Database::with_a_lease(DatabaseKind::Postgresql);
    let (_, text) = client_file(DatabaseKind::Postgresql, &given("KEA_TOOLS_DB_PASSWORD"));
    let home = home("elsewhere", &text, 0o600);
    expect_the_lease(&run(dump(&database).env("PGPASSFILE", home.path().join("elsewhere"))));
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn my_cnf_alone_can_say_everything() {
    let database = Database::with_a_lease(DatabaseKind::Mysql);
    let text = format!(
        "[client]\nsocket={}\nuser={}\npassword={}\n",
        given("KEA_TOOLS_MYSQL_SOCKET"),
        given("KEA_TOOLS_DB_ADMIN"),
        given("KEA_TOOLS_DB_PASSWORD")
    );
    let home = home(".my.cnf", &text, 0o600);
    expect_the_lease(&run(database.dump_without_place(Family::V4).env("HOME", home.path())));
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn the_socket_variable_of_mysql_is_followed() {
    let database = Database::with_a_lease(DatabaseKind::Mysql);
    let mut command = database.dump_without_place(Family::V4);
    command.args(["-h", "localhost", "-u", &given("KEA_TOOLS_DB_ADMIN")]);
    command.env("MYSQL_UNIX_PORT", given("KEA_TOOLS_MYSQL_SOCKET"));
    expect_the_lease(&run(command.env("KEA_ADMIN_DB_PASSWORD", given("KEA_TOOLS_DB_PASSWORD"))));
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_file_that_others_may_read_is_left_aside_and_that_is_said() {
    for database in BOTH.map(Database::with_a_lease) {
        let password = given("KEA_TOOLS_DB_PASSWORD");
        let (name, text) = client_file(database.kind, &password);
        let home = home(name, &text, 0o644);
        let outcome = run(dump(&database).env("HOME", home.path()));
        assert_eq!(outcome.status, 2, "{}", outcome.stdout);
        let file = home.path().join(name).display().to_string();
        let first = outcome.stderr.lines().next().unwrap();
        assert!(
            first.contains(&file) && first.contains("others may read it") && first.contains("chmod 600"),
            "{first}"
        );
        assert!(!outcome.stderr.contains(&password), "{}", outcome.stderr);
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn no_password_shows_in_anything_we_say() {
    for kind in BOTH {
        let password = given("KEA_TOOLS_DB_PASSWORD");
        let real = Database::with_a_lease(kind);
        let missing = Database { kind, name: "no_such_database".to_owned() };
        let port = kind.port();
        for mut command in [
            real.dump_from("127.0.0.1", &port),
            real.dump_from("no-such-host.invalid", &port),
            real.dump_from("127.0.0.1", &kind.plain_port()),
            missing.dump_from("127.0.0.1", &port),
        ] {
            let outcome = run(command.arg("-v"));
            assert!(!outcome.stderr.is_empty(), "-v says how it went");
            assert!(!format!("{}{}", outcome.stdout, outcome.stderr).contains(&password), "{}", outcome.stderr);
        }
    }
}
