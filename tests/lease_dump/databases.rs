//! Databases without a database server: recorded conversations, played back.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use crate::lease_dump::harness::{HEADER4, Ran, data, run_answering};

/// What one side said until the other answered.
struct Turn {
    is_client: bool,
    octets: Vec<u8>,
}

/// The conversation of `tests/data/databases/NAME.txt`.
fn recorded(name: &str) -> Vec<Turn> {
    let text = fs::read_to_string(data("databases").join(format!("{name}.txt"))).unwrap();
    let turns = text.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let (side, hex) = line.split_once(' ').unwrap();
        let octets = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        Turn { is_client: side == "C", octets }
    });
    turns.collect()
}

trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

/// Says what the server said, and expects what the client said. The client ends the conversation.
fn play(turns: &[Turn], stream: &mut dyn Stream) {
    for (index, turn) in turns.iter().enumerate() {
        if !turn.is_client {
            stream.write_all(&turn.octets).unwrap();
            continue;
        }
        if index + 1 == turns.len() {
            break;
        }
        let mut said = vec![0; turn.octets.len()];
        stream.read_exact(&mut said).unwrap();
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        assert_eq!(text(&said), text(&turn.octets), "tests/data/databases/record makes a new recording");
    }
    // Its farewell, of which it waits for nothing.
    let _ = stream.read_to_end(&mut Vec::new());
}

/// Reads a packet of MySQL's: its number and payload.
fn read_packet(stream: &mut dyn Stream) -> (u8, Vec<u8>) {
    let mut header = [0; 4];
    stream.read_exact(&mut header).unwrap();
    let [a, b, c, number] = header;
    let mut payload = vec![0; u32::from_le_bytes([a, b, c, 0]) as usize];
    stream.read_exact(&mut payload).unwrap();
    (number, payload)
}

/// The part of a login that the password and the greeting make: 20 octets after the user's name.
fn scramble(login: &[u8]) -> &[u8] {
    let at = login.windows(8).position(|part| part == b"reader\0\x14").unwrap() + 8;
    &login[at..at + 20]
}

/// A conversation in which both wait for each other ends, and the test fails.
const PATIENCE: Option<Duration> = Some(Duration::from_secs(60));

/// A server at a socket called `name` in a directory of its own.
fn serve(name: &str, talk: impl FnOnce(&mut dyn Stream) + Send + 'static) -> (TempDir, JoinHandle<()>) {
    let directory = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(directory.path().join(name)).unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(PATIENCE).unwrap();
        talk(&mut stream);
    });
    (directory, server)
}

fn dump(kind: &str, user: &str, place: &[&str]) -> Ran {
    let fixed = ["-4", "-t", kind, "-n", "recorded", "-u", user, "-p", "--time-zone", "database", "--sort", "address"];
    run_answering(fixed.iter().chain(place).copied(), "sesame")
}

/// The leases of the recordings: one with a long context, an infinite one, a declined one; and a row that is none.
#[track_caller]
fn expect_leases(ran: &Ran) {
    ran.expect(2, "lease4 192.0.2.4: valid_lifetime: is NULL\nkea-lease-dump: 1 bad row left out of standard output\n");
    let lines: Vec<_> = ran.text().lines().collect();
    assert_eq!(lines[0], HEADER4);
    let context = format!("{{ \"a\": \"{}\" }}", "x".repeat(700));
    let first = "192.0.2.1,02:00:00:00:00:01,01:02:00:00:00:00:01,3600,1790000000,7,1,0,printer.example.org,0";
    assert_eq!(lines[1], format!("{first},{context},0"));
    assert_eq!(
        lines[2..],
        [
            "192.0.2.2,02:00:00:00:00:02,,4294967295,6084967295,7,0,0,a&#x2cb,0,,0",
            "192.0.2.3,,,86400,1790000000,8,0,0,,1,,0"
        ]
    );
}

#[test]
fn leases_are_read_from_a_recorded_mariadb() {
    let (directory, server) = serve("mysqld.sock", |stream| {
        let turns = recorded("mysql");
        stream.write_all(&turns[0].octets).unwrap();
        let (number, login) = read_packet(stream);
        // What the library says of itself has the number of the process in it.
        assert_eq!((number, scramble(&login)), (1, scramble(&turns[1].octets)));
        play(&turns[2..], stream);
    });
    let socket = directory.path().join("mysqld.sock");
    expect_leases(&dump("mysql", "reader", &["-h", socket.to_str().unwrap()]));
    server.join().unwrap();
}

#[test]
fn leases_are_read_from_a_recorded_postgresql() {
    let (directory, server) = serve(".s.PGSQL.5432", |stream| play(&recorded("pgsql"), stream));
    expect_leases(&dump("pgsql", "by_password", &["-h", directory.path().to_str().unwrap()]));
    server.join().unwrap();
}

#[test]
fn a_postgresql_server_that_refuses_is_quoted() {
    let (directory, server) = serve(".s.PGSQL.5432", |stream| {
        let startup = &recorded("pgsql")[0].octets;
        stream.read_exact(&mut vec![0; startup.len()]).unwrap();
        let fields = b"SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0\0";
        let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
        stream.write_all(&[b"E", &length[..], fields].concat()).unwrap();
    });
    let place = directory.path().to_str().unwrap();
    dump("pgsql", "by_password", &["-h", place]).expect(
        2,
        &format!(
            "kea-lease-dump: database \"recorded\" at {place}/.s.PGSQL.5432: the server has reached its connection limit \
             (max_connections is the limit; try again in a while)\n"
        ),
    );
    server.join().unwrap();
}

fn accept(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(PATIENCE).unwrap();
    stream
}

/// The recorded MariaDB with TLS, at a port of its own; gives the login to `check`, if one comes.
fn serve_tls(check: impl FnOnce(Option<(u8, Vec<u8>)>) + Send + 'static) -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let turns = recorded("mysql");
        let mut stream = accept(&listener);
        stream.write_all(&turns[0].octets).unwrap();
        let (number, request) = read_packet(&mut stream);
        assert_eq!((number, request.len(), request[1] & 0x08), (1, 32, 0x08), "the request for TLS and nothing more");
        let mut connection = ServerConnection::new(Arc::new(tls_config())).unwrap();
        if connection.complete_io(&mut stream).is_err() {
            return check(None);
        }
        let mut stream = StreamOwned::new(connection, stream);
        check(Some(read_packet(&mut stream)));
        // The decision, numbered for a login that came a packet later.
        let mut decision = turns[2].octets.clone();
        decision[3] = 3;
        stream.write_all(&decision).unwrap();
        play(&turns[3..], &mut stream);
    });
    (port, server)
}

fn tls_config() -> ServerConfig {
    let certificate = CertificateDer::from_pem_file(data("databases/server.crt")).unwrap();
    let key = PrivateKeyDer::from_pem_file(data("databases/server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    builder.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap()
}

fn dump_over_tls(port: u16, authority: &Path) -> Ran {
    let (port, authority) = (port.to_string(), authority.to_str().unwrap());
    let place = ["-h", "127.0.0.1", "-P", &port, "--ssl-mode", "verify-full", "--trust-anchor", authority];
    dump("mysql", "reader", &place)
}

#[test]
fn a_login_to_mariadb_goes_through_tls() {
    let (port, server) = serve_tls(|login| {
        let (number, login) = login.unwrap();
        assert_eq!((number, scramble(&login)), (2, scramble(&recorded("mysql")[1].octets)));
    });
    expect_leases(&dump_over_tls(port, &data("databases/server.crt")));
    server.join().unwrap();
}

#[test]
fn no_login_is_sent_to_a_server_that_is_not_trusted() {
    let (port, server) = serve_tls(|login| assert!(login.is_none()));
    let ran = dump_over_tls(port, &data("tls/authority.pem"));
    assert_eq!((ran.status, ran.text()), (2, ""));
    assert!(ran.stderr.contains("certificate") && ran.stderr.lines().count() == 1, "{}", ran.stderr);
    server.join().unwrap();
}

#[test]
fn a_server_without_tls_is_refused_where_tls_is_demanded() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let mut greeting = recorded("mysql")[0].octets.clone();
        let version_end = greeting[5..].iter().position(|octet| *octet == 0).unwrap() + 5;
        // The second octet of the capabilities.
        greeting[version_end + 15] &= !0x08;
        let mut stream = accept(&listener);
        stream.write_all(&greeting).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let ran = dump_over_tls(port, &data("databases/server.crt"));
    assert!(ran.stderr.contains("the server offers no TLS"), "{}", ran.stderr);
    server.join().unwrap();
}
