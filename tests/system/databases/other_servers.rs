//! Servers of another kind, and servers that speak no sense, at the port of a database.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use super::bad_luck::expect_one_line;
use super::{BOTH, Database, DatabaseKind};
use crate::program::run;

/// The port of a server that does this with each connection; it ends with the test program.
fn server(talk: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            talk(stream.unwrap());
        }
    });
    port
}

/// One that says this at once, and then nothing more.
fn saying(words: &'static [u8]) -> String {
    let kept = std::sync::Mutex::new(Vec::new());
    server(move |mut stream| {
        // A client that has gone hears nothing.
        let _ = stream.write_all(words);
        kept.lock().unwrap().push(stream);
    })
}

/// A greeting of MariaDB, and after it a packet without content.
fn senseless_mariadb() -> String {
    let greeting = b"\x0a5.5.5-10.11\0\x01\0\0\0abcdefgh\0\xff\xf7\x21\x02\0\xff\x81\x15\0\0\0\0\0\0\0\0\0\0\
        abcdefghijkl\0mysql_native_password\0";
    server(move |mut stream| {
        let length = u8::try_from(greeting.len()).unwrap();
        let said = stream.write_all(&[&[length, 0, 0, 0], &greeting[..]].concat());
        if said.is_ok() && stream.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {
            let _ = stream.write_all(&[0, 0, 0, 2]);
        }
    })
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_server_of_another_kind_is_named() {
    for kind in BOTH {
        let database = Database::with_a_lease(kind);
        let (other, name, ours) = match kind {
            DatabaseKind::Postgresql => {
                (DatabaseKind::Mysql.port(), "a MySQL or MariaDB server answers there (-t mysql", "PostgreSQL")
            }
            DatabaseKind::Mysql => {
                (DatabaseKind::Postgresql.port(), "a PostgreSQL server answers there (-t pgsql", "MySQL or MariaDB")
            }
        };
        for (port, name) in [
            (other, name),
            (saying(b"SSH-2.0-OpenSSH_9.2p1\r\n"), "an SSH server answers there (check host and port"),
            (saying(b"220 mail.example ESMTP\r\n"), "a server of another kind answers there"),
            (saying(&[0xa5; 300]), "a server of another kind answers there"),
        ] {
            for mode in ["prefer", "require", "disable"] {
                let mut command = database.dump_from("127.0.0.1", &port);
                let outcome = run(command.args(["--ssl-mode", mode, "--connect-timeout", "2"]));
                expect_one_line(&outcome, &[&format!("no {ours} server"), name]);
            }
        }
    }
}

#[test]
#[ignore = "needs PostgreSQL and MariaDB: run scripts/test"]
fn a_server_that_closes_at_once_is_reported_as_such() {
    for kind in BOTH {
        let database = Database::with_a_lease(kind);
        let port = server(drop);
        for mode in ["prefer", "disable"] {
            let outcome = run(database.dump_from("127.0.0.1", &port).args(["--ssl-mode", mode]));
            expect_one_line(&outcome, &["closed the connection before the login was over", "the server's log"]);
        }
    }
}

#[test]
#[ignore = "needs MariaDB: run scripts/test"]
fn a_packet_without_content_makes_no_library_panic() {
    let database = Database::with_a_lease(DatabaseKind::Mysql);
    let port = senseless_mariadb();
    for mode in ["prefer", "disable"] {
        let outcome = run(database.dump_from("127.0.0.1", &port).args(["--ssl-mode", mode]));
        expect_one_line(&outcome, &["database \"", "(is a MySQL or MariaDB server there?)"]);
        assert!(!outcome.stderr.contains("panic"), "{}", outcome.stderr);
    }
}
