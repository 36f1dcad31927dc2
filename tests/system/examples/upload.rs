//! From a lease file to a database: what kea-admin uploads is what the file had.

use std::fs::{self, File};
use std::process::Command;

use tempfile::TempDir;

use super::leases::at_a_terminal;
use crate::databases::{BOTH, Database, DatabaseKind};
use crate::kea::Kea;
use crate::kea::database::{given, mariadb, psql};
use crate::program::{must, run};
use crate::recipes::list::{self, User};

/// Kea's directories of this test, and the socket of MariaDB where its clients look for it.
const PLACES: &str = "set -e
    mount --bind $FOLDER/etc /etc/kea; mount --bind $FOLDER/lib /var/lib/kea
    mount -t tmpfs tmpfs /run; mkdir /run/mysqld; ln -s $SOCKET /run/mysqld/mysqld.sock
    cd $FOLDER; exec timeout 60 sh -c \"$LINE\"";

#[test]
#[ignore = "needs Kea, root, PostgreSQL and MariaDB: run scripts/test"]
fn what_was_in_a_lease_file_is_in_a_database_after_the_upload() {
    let kea = Kea::debian12();
    for (recipe, users) in list::of(list::UPLOAD) {
        assert_eq!(users, [User::Root]);
        for kind in BOTH {
            let database = Database { kind, name: "leases".to_owned() };
            create(&kea, kind, &database);
            upload(&recipe.text.replace("pgsql", kind.option()));
            let stored = database.run("SELECT hostname FROM lease4 ORDER BY address");
            let names: Vec<_> = stored.lines().filter(|name| name.contains("example.org")).collect();
            assert_eq!(names, ["printer.example.org", "laptop-17.example.org", "laptop-16.example.org"]);
            remove(kind);
        }
    }
}

fn create(kea: &Kea, kind: DatabaseKind, database: &Database) {
    match kind {
        DatabaseKind::Postgresql => {
            must(psql("postgres").args(["-c", "CREATE DATABASE leases"]));
            must(psql("leases").arg("-f").arg(kea.schema_script("pgsql")));
            database.run("CREATE ROLE kea LOGIN SUPERUSER PASSWORD 'open-sesame'");
        }
        DatabaseKind::Mysql => {
            must(mariadb().args(["-e", "CREATE DATABASE leases"]));
            must(mariadb().arg("leases").stdin(File::open(kea.schema_script("mysql")).unwrap()));
            database
                .run("CREATE USER kea@localhost IDENTIFIED BY 'open-sesame'; GRANT ALL ON leases.* TO kea@localhost");
        }
    }
}

fn remove(kind: DatabaseKind) {
    match kind {
        DatabaseKind::Postgresql => {
            must(psql("postgres").args(["-c", "DROP DATABASE leases"]));
            must(psql("postgres").args(["-c", "DROP ROLE kea"]))
        }
        DatabaseKind::Mysql => must(mariadb().args(["-e", "DROP DATABASE leases; DROP USER kea@localhost"])),
    };
}

/// Runs the recipe at a terminal, where the user types the password when asked for it.
fn upload(recipe: &str) {
    let folder = TempDir::new().unwrap();
    for name in ["etc", "lib"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("etc/kea-dhcp4.conf"), r#"{"Dhcp4": {"lease-database": {"type": "memfile"}}}"#)
        .unwrap();
    // MariaDB takes no lease without an end from kea-admin, as README says.
    let leases = fs::read_to_string("tests/data/office/kea-leases4.csv").unwrap();
    let finite: String =
        leases.lines().filter(|row| !row.contains(",4294967295,")).flat_map(|row| [row, "\n"]).collect();
    fs::write(folder.path().join("lib/kea-leases4.csv"), finite).unwrap();
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_kea-lease-dump")).parent().unwrap();
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c", PLACES]);
    command.env("PATH", format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", programs.display()));
    command.env("FOLDER", folder.path()).env("SOCKET", given("KEA_TOOLS_MYSQL_SOCKET"));
    // The recipe's server has the usual port; no directory for locks is in the new /run.
    command.env("PGPORT", given("KEA_TOOLS_PG_PORT")).env("KEA_LOCKFILE_DIR", "none").env("LC_ALL", "C.UTF-8");
    command.env("LINE", at_a_terminal(&format!("set -e\n{recipe}"), "assword", "open-sesame\\n"));
    let outcome = run(&mut command);
    // kea-admin leaves this where it was copied.
    fs::remove_file("/tmp/leases4.csv.tmp").ok();
    assert_eq!(outcome.status, 0, "{recipe}: {outcome:?}");
}
