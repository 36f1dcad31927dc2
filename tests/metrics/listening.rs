//! The program as Prometheus meets it over HTTP.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::{Value, json};

use super::harness::{Replay, patient, series};
use crate::control::fake::{Fake, Reply};

/// The program, listening; it ends when dropped.
pub(super) struct Listening {
    pub(super) process: Child,
    address: String,
}

impl Listening {
    pub(super) fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kea-metrics"));
        command.args(["--listen", "127.0.0.1:0"]).args(patient(arguments)).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let line = lines.find_map(|line| Some(line.unwrap().split_once("serving http://")?.1.to_owned())).unwrap();
        let address = line.split('/').next().unwrap().to_owned();
        Self { process, address }
    }

    /// What is answered to a request.
    fn request(&self, text: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(super) fn get(&self, path: &str, headers: &str) -> String {
        // HTTP/1.0, so that the body is in one piece.
        self.request(&format!("GET {path} HTTP/1.0\r\n{headers}\r\n"))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn scrapes(fake: &Fake) -> usize {
    fake.asked().iter().filter(|command| command["command"] == "status-get").count()
}

#[test]
fn two_scrapes_within_the_interval_cost_one() {
    let fake = running(Replay::new("3.0.4", 4));
    let program = Listening::start(&["--server", fake.address(), "--min-interval", "1h"]);
    let answers = [program.get("/metrics", ""), program.get("/metrics", "")];
    for answer in &answers {
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.0 200 OK") && head.contains("text/plain; version=0.0.4"), "{head}");
        assert_eq!(series(body)["kea_up{daemon=\"dhcp4\"}"], 1.0);
    }
    assert_eq!(scrapes(&fake), 1);
}

#[test]
fn the_next_scrape_asks_again_and_not_for_the_configuration() {
    let fake = running(Replay::new("3.0.4", 4));
    let program = Listening::start(&["--server", fake.address(), "--min-interval", "0s"]);
    scrape_until(&program, &fake, "stat-lease4-get", 3);
    let sent = fake.asked();
    let count = |name: &str| sent.iter().filter(|command| command["command"] == name).count();
    assert_eq!((count("config-get"), count("version-get")), (1, 1));
}

#[test]
fn a_server_that_ends_leaves_no_series() {
    let fake = running(Replay::new("3.0.4", 4));
    let socket = fake.path();
    let program = Listening::start(&["--server", fake.address(), "--min-interval", "0s"]);
    assert!(program.get("/metrics", "").contains("kea_dhcp4_addresses_total{"));
    drop(fake);
    assert!(!socket.exists());
    let answer = program.get("/metrics", "");
    let found = series(answer.split_once("\r\n\r\n").unwrap().1);
    assert_eq!(found["kea_up{daemon=\"dhcp4\"}"], 0.0);
    assert!(found.keys().all(|name| name.starts_with("kea_up") || name.starts_with("kea_scrape")), "{found:?}");
}

#[test]
fn other_requests_are_answered_and_cost_nothing() {
    let fake = running(Replay::new("3.0.4", 4));
    let program = Listening::start(&["--server", fake.address()]);
    assert!(program.get("/-/healthy", "").ends_with("OK\n"));
    assert!(program.get("/", "").contains("<a href=\"/metrics\">"));
    assert!(program.get("/nowhere", "").starts_with("HTTP/1.0 404"));
    assert!(program.request("POST /metrics HTTP/1.0\r\nContent-Length: 1\r\n\r\nx").starts_with("HTTP/1.0 405"));
    for nonsense in ["\r\n\r\n", "hello\r\n\r\n", "GET /metrics HTTP/9.9\r\n\r\n"] {
        assert!(!program.request(nonsense).contains("200 OK"), "{nonsense}");
    }
    let endless = format!("GET / HTTP/1.0\r\nX: {}\r\n\r\n", "x".repeat(100_000));
    let mut stream = TcpStream::connect(&program.address).unwrap();
    // The connection may end before all is sent.
    let _ = stream.write_all(endless.as_bytes());
    assert_eq!(scrapes(&fake), 0);
    assert!(program.get("/-/healthy", "").ends_with("OK\n"));
}

#[test]
fn a_hangup_does_not_end_it() {
    let program = Listening::start(&["--server", "/nowhere"]);
    let sent = Command::new("kill").args(["-HUP", &program.process.id().to_string()]).status().unwrap();
    assert!(sent.success() && program.get("/-/healthy", "").ends_with("OK\n"));
}

#[test]
fn connections_without_a_request_make_room() {
    let program = Listening::start(&["--server", "/nowhere"]);
    let idle: Vec<_> = (0..200).map(|_| TcpStream::connect(&program.address).unwrap()).collect();
    assert!(program.get("/-/healthy", "").ends_with("OK\n"));
    drop(idle);
}

#[test]
fn an_address_in_use_is_reported() {
    let program = Listening::start(&["--server", "/nowhere"]);
    let second =
        Command::new(env!("CARGO_BIN_EXE_kea-metrics")).args(["--listen", &program.address, "--server", "/x"]).output();
    let second = second.unwrap();
    let stderr = String::from_utf8(second.stderr).unwrap();
    assert!(second.status.code() == Some(2) && stderr.contains("another program listens there"), "{stderr}");
}

/// Scrapes until a command was sent so often; the last answer.
fn scrape_until(program: &Listening, fake: &Fake, name: &str, times: usize) -> String {
    for _ in 0..20_000 {
        let answer = program.get("/metrics", "");
        if fake.asked().iter().filter(|command| command["command"] == name).count() >= times {
            return answer;
        }
    }
    panic!("{name} was not sent {times} times");
}

/// A server is asked for its configuration once more if it has just loaded it: these have not.
const LOADED_AGO: u64 = 3600;

/// A server whose times go on, for a program with the clock of this machine.
#[expect(clippy::disallowed_methods, reason = "a fake has its own clock")]
fn running(server: Replay) -> Fake {
    let started = Instant::now();
    Fake::unix(move |command| Reply::Answer(server.answer_after(command, LOADED_AGO + started.elapsed().as_secs())))
}

/// One that answers this command otherwise from the second time on.
#[expect(clippy::disallowed_methods, reason = "a fake has its own clock")]
fn changing(server: Replay, loaded_ago: u64, name: &'static str, then: Value) -> Fake {
    let (asked, started) = (AtomicUsize::new(0), Instant::now());
    Fake::unix(move |command| {
        let is_it = command["command"] == name;
        if is_it && asked.fetch_add(1, Ordering::SeqCst) > 0 {
            return Reply::Answer(then.clone());
        }
        Reply::Answer(server.answer_after(command, loaded_ago + started.elapsed().as_secs()))
    })
}

#[test]
fn a_server_that_hangs_keeps_a_short_scrape_not_waiting() {
    let (fake, hung) = (running(Replay::new("3.0.4", 4)), Fake::unix(|_| Reply::Hang));
    let arguments =
        ["--server", fake.address(), "--server", hung.address(), "--timeout", "1h", "--min-interval", "60s"];
    let program = Listening::start(&arguments);
    let mut patient = TcpStream::connect(&program.address).unwrap();
    patient.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
    let up = || {
        let answer = program.get("/metrics", "X-Prometheus-Scrape-Timeout-Seconds: 1\r\n");
        let found = series(answer.split_once("\r\n\r\n").unwrap().1);
        let up = found.iter().filter(|(name, _)| name.starts_with("kea_up{"));
        up.map(|(_, value)| *value).collect::<Vec<_>>()
    };
    assert!((0..100).any(|_| up() == [1.0, 0.0]), "{:?}", up());
}

#[test]
fn a_configuration_that_was_just_loaded_is_read_again() {
    let mut server = Replay::new("3.0.4", 4);
    let mut status = server.answer(&json!({ "command": "status-get" }));
    status["arguments"]["reload"] = json!(0);
    server = server.with("status-get", status);
    let mut second = server.answer(&json!({ "command": "config-get" }));
    second["arguments"]["Dhcp4"]["subnet4"] =
        json!([{ "id": 7, "subnet": "10.9.0.0/24", "pools": [{ "pool": "10.9.0.1 - 10.9.0.9" }] }]);
    let fake = changing(server, 3, "config-get", second);
    let program = Listening::start(&["--server", fake.address(), "--min-interval", "0s"]);
    let answer = scrape_until(&program, &fake, "config-get", 2);
    assert!(answer.contains("subnet=\"10.9.0.0/24\""), "{answer}");
}

#[test]
fn a_subnet_that_was_added_is_noticed_without_a_reload() {
    let server = Replay::new("3.0.4", 4);
    let mut counts = server.answer(&json!({ "command": "stat-lease4-get" }));
    let rows = counts["arguments"]["result-set"]["rows"].as_array_mut().unwrap();
    let mut added = rows[0].clone();
    added[0] = json!(4711);
    rows.push(added);
    let fake = changing(server, LOADED_AGO, "stat-lease4-get", counts);
    let program = Listening::start(&["--server", fake.address(), "--min-interval", "0s"]);
    scrape_until(&program, &fake, "config-get", 2);
    for _ in 0..3 {
        program.get("/metrics", "");
    }
    let sent = fake.asked();
    assert_eq!(sent.iter().filter(|command| command["command"] == "config-get").count(), 2, "once is enough");
}
