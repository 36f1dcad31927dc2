//! Servers that take no further connection, or none from this host.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::bad_luck::expect_one_line;
use super::logins::dump_as;
use super::{Database, DatabaseKind};
use crate::kea::database::given;
use crate::program::run;
use crate::wait::wait_for;

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn too_many_connections_to_postgresql_say_whose_limit_it_is() {
    let database = Database::with_a_lease(DatabaseKind::Postgresql);
    let user = database.user("limited", "sesame");
    database.let_read(&user, "lease4");
    database.run(&format!("ALTER ROLE {user} CONNECTION LIMIT 0"));
    for mode in ["prefer", "disable"] {
        let refused = dump_as(&database, &user, "sesame", &["--ssl-mode", mode]);
        let cause =
            format!("the user \"{user}\" has as many connections as it may (ALTER ROLE \"{user}\" CONNECTION LIMIT");
        expect_one_line(&refused, &[&cause]);
    }
    database.run(&format!("ALTER ROLE {user} CONNECTION LIMIT -1"));
    database.run(&format!("ALTER DATABASE {} CONNECTION LIMIT 0", database.name));
    let refused = dump_as(&database, &user, "sesame", &[]);
    let cause = format!("the database \"{}\" has as many connections as it may (ALTER DATABASE", database.name);
    expect_one_line(&refused, &[&cause]);
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn too_many_connections_to_mariadb_are_said_with_the_limit() {
    let port = given("KEA_TOOLS_MYSQL_LIMITED_PORT");
    let nowhere = Database { kind: DatabaseKind::Mysql, name: "no_such_database".to_owned() };
    // A connection counts before anybody has logged in. The server takes one more than its limit.
    let mut taken = Vec::new();
    wait_for("the server to take no more", || {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        let mut greeting = [0; 5];
        stream.read_exact(&mut greeting).unwrap();
        let is_refusal = greeting[4] == 0xff;
        taken.push(stream);
        is_refusal.then_some(())
    });
    for mode in ["prefer", "require", "disable"] {
        let refused = run(nowhere.dump_from("127.0.0.1", &port).args(["--ssl-mode", mode]));
        let cause = "the server has reached its connection limit (max_connections is the limit; try again in a while)";
        expect_one_line(&refused, &[&format!("at 127.0.0.1:{port}"), cause]);
    }
    let account = Database::with_a_lease(DatabaseKind::Mysql);
    let user = super::logins::account(&account, "few", "IDENTIFIED BY 'sesame' WITH MAX_QUERIES_PER_HOUR 1");
    let refused = dump_as(&account, &user, "sesame", &[]);
    expect_one_line(&refused, &["this account has as many connections or queries as it may"]);
}

/// What MariaDB 10.11.19 said in place of its greeting to a host that it had blocked, recorded; it never blocks this one.
const BLOCKED: &[u8] = b"\xff\x69\x04Host '192.0.2.7' is blocked because of many connection errors; unblock with \
    'mariadb-admin flush-hosts'";

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn a_host_that_mariadb_blocks_gets_a_remedy() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let packet = [&[u8::try_from(BLOCKED.len()).unwrap(), 0, 0, 0], BLOCKED].concat();
    thread::spawn(move || {
        for stream in listener.incoming() {
            // A client that has gone hears nothing.
            let _ = stream.unwrap().write_all(&packet);
        }
    });
    let nowhere = Database { kind: DatabaseKind::Mysql, name: "kea".to_owned() };
    for mode in ["prefer", "require", "disable"] {
        let refused = run(nowhere.dump_from("127.0.0.1", &port).args(["--ssl-mode", mode]));
        let cause = "the server blocks this host after too many broken connections (mariadb-admin flush-hosts";
        expect_one_line(&refused, &[cause]);
    }
}
