//! Servers that are restarted in the middle of a dump, and dumps that signals disturb.

use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use kea_tools::lease::Family;

use super::bad_luck::{MIDDLE, expect_one_line, expect_untouched, former_output, with_many_leases};
use super::{BOTH, Database, DatabaseKind, listeners};
use crate::kea::database::given;
use crate::memfile_signals::disturbed;
use crate::namespace::is_root;
use crate::program::{Outcome, kea_list_leases, must, run, signal};
use crate::wait::wait_for;

/// Says that this process has database servers of its own.
const OWN_SERVERS: &str = "KEA_TOOLS_OWN_SERVERS";

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn database_restart_is_an_error_and_the_old_file_stays() {
    if env::var_os(OWN_SERVERS).is_none() {
        // Other tests need the servers there are: this one gets some of its own.
        let name = "databases::restarts::database_restart_is_an_error_and_the_old_file_stays";
        let mut own = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/with-databases"));
        own.arg(env::current_exe().unwrap()).args(["--ignored", "--exact", name]).env(OWN_SERVERS, "yes");
        let told = must(own.stdin(Stdio::null()));
        assert!(told.contains("1 passed"), "{told}");
        return;
    }
    for kind in BOTH {
        let database = with_many_leases(kind);
        let folder = former_output();
        let (port, reached, go_on) = listeners::pausing(&kind.port(), MIDDLE);
        let mut command = database.dump_from("127.0.0.1", &port);
        command.args(["--ssl-mode", "disable", "-o"]).arg(folder.path().join("leases.csv"));
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        reached.recv_timeout(Duration::from_secs(30)).unwrap();
        let _server = restart(&database);
        go_on.send(()).unwrap();
        let outcome = Outcome::from(child.wait_with_output().unwrap());
        expect_one_line(&outcome, &[&format!("at 127.0.0.1:{port}"), "reading lease4: "]);
        expect_untouched(&folder);
        // And then it is a server like any other.
        run(database.dump(Family::V4).arg("-o").arg(folder.path().join("leases.csv"))).expect_quiet_success();
        let text = fs::read_to_string(folder.path().join("leases.csv")).unwrap();
        assert_eq!(text.lines().count(), 50_001);
    }
}

/// A server that the test has started again; it ends with it, by the signal that ends it in an orderly way.
struct Server(Child, &'static str);

impl Drop for Server {
    fn drop(&mut self) {
        if self.0.try_wait().is_ok_and(|ended| ended.is_none()) {
            signal(self.0.id(), self.1);
            self.0.wait().ok();
        }
    }
}

/// Ends the server that `database` is on, in the ordinary way, and starts it again.
fn restart(database: &Database) -> Server {
    let pid = process_of(database);
    let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap();
    let arguments: Vec<_> = arguments.split(|octet| *octet == 0).map(|it| String::from_utf8_lossy(it)).collect();
    let orderly = if database.kind == DatabaseKind::Postgresql { "INT" } else { "TERM" };
    let owner = fs::metadata(format!("/proc/{pid}")).unwrap();
    signal(pid, orderly);
    wait_for("the end of the server", || ended(pid).then_some(()));
    let mut command = Command::new("setpriv");
    if is_root() {
        command.args([format!("--reuid={}", owner.uid()), format!("--regid={}", owner.gid())]).arg("--clear-groups");
    }
    command
        .args(["--pdeathsig", "KILL", "--"])
        .args(arguments.iter().map(AsRef::as_ref).filter(|it: &&str| !it.is_empty()));
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let server = Server(command.spawn().unwrap(), orderly);
    wait_for("an answer of the server", || (run(&mut database.dump(Family::V4)).status == 0).then_some(()));
    server
}

/// The process of the server that `database` is on.
fn process_of(database: &Database) -> u32 {
    let (folder, file) = match database.kind {
        DatabaseKind::Postgresql => (database.run("SHOW data_directory"), "postmaster.pid".to_owned()),
        DatabaseKind::Mysql => (database.run("SELECT @@datadir"), database.run("SELECT @@pid_file")),
    };
    let text = fs::read_to_string(Path::new(folder.trim()).join(file.trim())).unwrap();
    text.lines().next().unwrap().trim().parse().unwrap()
}

fn ended(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.is_empty() || stat.contains(") Z ")
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn ignored_signals_do_not_change_a_database_dump() {
    for kind in BOTH {
        let database = with_many_leases(kind);
        for mode in ["disable", "require"] {
            let dump = || {
                let mut command = database.dump_from("127.0.0.1", &kind.port());
                command.args(["--ssl-mode", mode, "--sort", "address"]);
                command
            };
            let undisturbed = run(&mut dump());
            undisturbed.expect_quiet_success();
            assert_eq!(undisturbed.stdout.lines().count(), 50_001);
            assert!(disturbed(dump()) == undisturbed.stdout.as_bytes(), "{kind:?} {mode}");
        }
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn lost_database_connection_is_reported_and_json_is_ended() {
    for kind in BOTH {
        let database = with_many_leases(kind);
        let port = listeners::cutting(&kind.port(), MIDDLE);
        let mut command = kea_list_leases();
        command.args(["-4", "-t", kind.option(), "-n", &database.name, "-h", "127.0.0.1", "-P", &port]);
        command.args(["-u", &given("KEA_TOOLS_DB_ADMIN")]).env("KEA_ADMIN_DB_PASSWORD", given("KEA_TOOLS_DB_PASSWORD"));
        command.args(["--ssl-mode", "disable", "--time-zone", "database", "--all", "-f", "json"]);
        let outcome = run(&mut command);
        let told = "reading lease4: connection lost before the end";
        assert!(outcome.stderr.contains(told) && outcome.stderr.lines().count() == 1, "{}", outcome.stderr);
        let listed: Vec<serde_json::Value> = serde_json::from_str(&outcome.stdout).unwrap();
        assert!(outcome.status == 2 && (1..50_000).contains(&listed.len()), "{} leases", listed.len());
    }
}
