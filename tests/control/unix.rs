//! Unix sockets.

use std::fs;
use std::os::unix::net::UnixListener;

use kea_tools::control::{Code, Limits, Trouble};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, connect, listen, socket, socket_with};
use serde_json::{Value, json};

use crate::control::fake::{Fake, Reply};
use crate::control::{HASTY, PATIENT, answer_of, ask, ask_within, trouble_with, trouble_with_late};

fn trouble_of(reply: Reply) -> Trouble {
    trouble_with(&Fake::unix(move |_| reply.clone()))
}

#[test]
fn every_recorded_answer_is_understood() {
    for (name, code) in [
        ("dhcp4-2.2.0-status-get", Code::Success),
        ("dhcp4-2.2.0-bogus", Code::Unsupported),
        ("ha-2.2.0-partner-down", Code::Success),
        ("dhcp6-2.2.0-empty-page", Code::Empty),
    ] {
        let text = fs::read(format!("{}/tests/data/control/{name}.json", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let recorded: Value = serde_json::from_slice(&text).unwrap();
        let fake = Fake::unix(move |_| Reply::Octets(text.clone()));
        let answer = ask(fake.address()).unwrap();
        assert_eq!(answer.code, code, "{name}");
        assert_eq!(answer.read::<Value>().unwrap(), recorded["arguments"], "{name}");
    }
}

#[test]
fn a_command_is_one_map_without_service() {
    let fake = Fake::unix(|_| Reply::Answer(json!({ "result": 0 })));
    ask(fake.address()).unwrap();
    assert_eq!(fake.asked(), [json!({ "command": "status-get" })]);
}

#[test]
fn an_answer_of_many_reads_is_put_together() {
    let fake = Fake::unix(|_| Reply::Answer(answer_of(900_000)));
    assert_eq!(ask(fake.address()).unwrap().text.len(), 900_000);
}

#[test]
fn answer_over_the_size_limit_is_refused_even_if_endless() {
    assert_eq!(trouble_of(Reply::Answer(answer_of(2 << 20))), Trouble::TooLarge);
    assert_eq!(trouble_of(Reply::Endless), Trouble::TooLarge);
}

#[test]
fn a_server_that_hangs_is_distinguished_from_one_that_is_slow() {
    let silent = Fake::unix(|_| Reply::Hang);
    assert_eq!(ask_within(silent.address(), HASTY).unwrap_err().trouble, Trouble::NoAnswer);
    for reply in [Reply::HangAfter(br#"{"result": 0, "#.to_vec()), Reply::Drip] {
        assert_eq!(trouble_with_late(&Fake::unix(move |_| reply.clone())), Trouble::Slow);
    }
}

#[test]
fn an_answer_that_is_none_is_distinguished() {
    assert_eq!(trouble_of(Reply::Close), Trouble::Silent);
    assert_eq!(trouble_of(Reply::Octets(br#"{"result": 0, "text": "x"#.to_vec())), Trouble::Truncated);
    assert!(matches!(trouble_of(Reply::Octets(b"220 mail.example ESMTP\r\n".to_vec())), Trouble::NotJson(_)));
    assert!(matches!(trouble_of(Reply::Answer(json!({ "hello": 1 }))), Trouble::NotKea(_)));
}

#[test]
fn an_answer_that_is_nothing_but_brackets_does_no_harm() {
    let limits = Limits { octets: 100 << 20, ..PATIENT };
    let fake = Fake::unix(|_| Reply::Octets(vec![b'['; 4 << 20]));
    assert_eq!(ask_within(fake.address(), limits).unwrap_err().trouble, Trouble::Truncated);
}

#[test]
fn no_socket_a_dead_one_and_something_else_are_distinguished() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    drop(UnixListener::bind(at("dead")).unwrap());
    fs::write(at("file"), "").unwrap();
    assert_eq!(ask(&at("absent")).unwrap_err().trouble, Trouble::Absent);
    assert_eq!(ask(&at("file/below")).unwrap_err().trouble, Trouble::Absent);
    assert_eq!(ask(&at("dead")).unwrap_err().trouble, Trouble::Refused);
    assert_eq!(ask(&at("file")).unwrap_err().trouble, Trouble::NotASocket);
    assert_eq!(ask(&at("")).unwrap_err().trouble, Trouble::NotASocket);
    assert!(matches!(ask(&at(&"x".repeat(108))).unwrap_err().trouble, Trouble::Unusable(_)));
}

#[test]
fn stopped_server_with_a_full_backlog_gives_no_answer() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("full");
    let address = SocketAddrUnix::new(&path).unwrap();
    let listener = socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
    bind(&listener, &address).unwrap();
    listen(&listener, 0).unwrap();
    let mut waiting = Vec::new();
    loop {
        let client = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::NONBLOCK, None).unwrap();
        match connect(&client, &address) {
            Ok(()) => waiting.push(client),
            Err(_) => break,
        }
    }
    assert!(!waiting.is_empty());
    assert_eq!(ask_within(path.to_str().unwrap(), HASTY).unwrap_err().trouble, Trouble::NoAnswer);
}

#[test]
fn what_is_wrong_is_one_line_with_a_remedy() {
    let failure = ask("/nonexistent/kea.socket").unwrap_err();
    assert_eq!(
        failure.to_string(),
        "control socket /nonexistent/kea.socket: no such socket \
         (the server is not running, or its configuration names another)"
    );
    let fake = Fake::unix(|_| Reply::Hang);
    let told = ask_within(fake.address(), HASTY).unwrap_err().to_string();
    assert!(told.contains("no answer within 0.3 s (it hangs, is stopped, or is busy"), "{told}");
}
