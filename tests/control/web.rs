//! HTTP.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use kea_tools::control::{Address, Channel, Code, Command, Credentials, Trouble};
use kea_tools::secret::Secret;
use serde_json::{Value, json};

use crate::control::fake::{Fake, Reply};
use crate::control::{HASTY, PATIENT, answer_of, ask, ask_within, trouble_with, trouble_with_late};

fn trouble_of(reply: Reply) -> Trouble {
    trouble_with(&Fake::web(move |_| reply.clone()))
}

#[test]
fn a_command_is_a_post_of_json_that_names_the_service() {
    let fake = Fake::web(|_| Reply::Answer(json!({ "result": 0, "arguments": { "pid": 7 } })));
    let answer = ask(fake.address()).unwrap();
    assert_eq!((answer.code, answer.read::<Value>().unwrap()["pid"].as_u64()), (Code::Success, Some(7)));
    assert_eq!(fake.asked(), [json!({ "command": "status-get", "service": ["dhcp4"] })]);
    let head = &fake.heads()[0];
    assert!(head.starts_with("post / http/1.1\r\n") && head.contains("content-type: application/json"), "{head}");
    assert!(!head.contains("authorization"), "{head}");
}

#[test]
fn basic_authentication_is_sent_and_never_in_debug_output() {
    let fake = Fake::web(|_| Reply::Answer(json!({ "result": 0 })));
    let Address::Web(mut web) = fake.address().parse().unwrap() else { panic!("not a URL") };
    web.credentials = Some(Credentials { user: "admin".into(), password: Secret::new("pä:ss".into()) });
    let channel = Channel::new(Address::Web(web), PATIENT).unwrap();
    channel.send(&Command::new("status-get")).unwrap();
    // "admin:pä:ss" in base64.
    assert!(fake.heads()[0].contains(&"Basic YWRtaW46cMOkOnNz".to_ascii_lowercase()), "{}", fake.heads()[0]);
    let told = format!("{channel:?}");
    assert!(!told.contains("pä:ss") && !told.contains("YWRtaW46"), "{told}");
}

#[test]
fn a_line_break_after_a_password_is_sent_where_it_belongs() {
    // "me:s3cret\n", as Kea 2 takes the file, and "me:s3cret", as Kea 3 does; which one is right is found out once.
    let (whole, trimmed) = ("basic bwu6cznjcmv0cg==\r\n", "basic bwu6cznjcmv0\r\n");
    for (rejected, expected) in [(0, vec![whole, whole]), (1, vec![whole, trimmed, trimmed])] {
        let left = AtomicU32::new(rejected);
        let fake = Fake::web(move |_| match left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)) {
            Ok(_) => Reply::Status(401, json!({ "result": 401 })),
            Err(_) => Reply::Answer(json!({ "result": 0 })),
        });
        let Address::Web(mut web) = fake.address().parse().unwrap() else { panic!("not a URL") };
        web.credentials = Some(Credentials { user: "me".into(), password: Secret::new("s3cret\n".into()) });
        let channel = Channel::new(Address::Web(web), PATIENT).unwrap();
        for _ in 0..2 {
            channel.send(&Command::new("status-get")).unwrap();
        }
        let heads = fake.heads();
        let are_right = heads.iter().zip(&expected).all(|(head, end)| head.contains(end));
        assert!(are_right && heads.len() == expected.len(), "{heads:?}");
    }
}

#[test]
fn a_refusal_is_reported_by_its_status() {
    let refused = json!({ "result": 401, "text": "Unauthorized" });
    assert_eq!(trouble_of(Reply::Status(401, refused)), Trouble::Unauthorized);
    assert_eq!(trouble_of(Reply::Status(403, json!({ "result": 403, "text": "Forbidden" }))), Trouble::Forbidden);
    assert_eq!(trouble_of(Reply::Status(400, json!({ "result": 400 }))), Trouble::Status(400));
}

#[test]
fn nobody_is_sent_elsewhere() {
    let redirect = b"HTTP/1.1 307 Elsewhere\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(trouble_of(Reply::Raw(redirect.to_vec())), Trouble::Status(307));
}

#[test]
fn a_map_alone_is_an_answer_too() {
    let fake = Fake::web(|_| Reply::Octets(br#"{"result": 3, "text": "none"}"#.to_vec()));
    assert_eq!(ask(fake.address()).unwrap().code, Code::Empty);
}

#[test]
fn answer_over_the_size_limit_is_refused_even_if_endless() {
    assert_eq!(trouble_of(Reply::Answer(answer_of(2 << 20))), Trouble::TooLarge);
    assert_eq!(trouble_of(Reply::Endless), Trouble::TooLarge);
}

#[test]
fn a_server_that_hangs_is_distinguished_from_one_that_is_slow() {
    for reply in [Reply::Hang, Reply::HangAfter(b"HTTP/1.1 200 OK\r\n".to_vec())] {
        let silent = Fake::web(move |_| reply.clone());
        assert_eq!(ask_within(silent.address(), HASTY).unwrap_err().trouble, Trouble::NoAnswer);
    }
    let begun = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[ {";
    for reply in [Reply::HangAfter(begun.to_vec()), Reply::Drip] {
        assert_eq!(trouble_with_late(&Fake::web(move |_| reply.clone())), Trouble::Slow);
    }
}

#[test]
fn an_answer_that_is_none_is_distinguished() {
    assert_eq!(trouble_of(Reply::Close), Trouble::Silent);
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[ {\"result\"";
    assert_eq!(trouble_of(Reply::Raw(cut.to_vec())), Trouble::Truncated);
    assert_eq!(trouble_of(Reply::Octets(b"[ {\"result\": 0".to_vec())), Trouble::Truncated);
    assert!(matches!(trouble_of(Reply::Octets(b"<html>".to_vec())), Trouble::NotJson(_)));
    assert_eq!(trouble_of(Reply::Raw(b"220 mail.example ESMTP\r\n".to_vec())), Trouble::NotHttp);
}

#[test]
fn a_closed_port_is_reported_with_the_url() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let failure = ask(&format!("http://{free}")).unwrap_err();
    assert_eq!(failure.trouble, Trouble::Refused);
    assert_eq!(
        failure.to_string(),
        format!(
            "http://{free}: connection refused (no server listens there: is it running, and is this the address it is \
             configured with?)"
        )
    );
    assert!(matches!(
        ask_within("http://host.invalid", HASTY).unwrap_err().trouble,
        Trouble::Unusable(_) | Trouble::NoAnswer
    ));
}

#[test]
fn a_server_without_tls_is_reported_as_such() {
    let fake = Fake::web(|_| Reply::Close);
    let address = fake.address().replace("http:", "https:");
    let Address::Web(mut web) = address.parse().unwrap() else { panic!("not a URL") };
    web.tls = Some(kea_tools::tls::Tls { mode: Some(kea_tools::tls::SslMode::Require), ..Default::default() });
    let answer = Channel::new(Address::Web(web), HASTY).unwrap().send(&Command::new("status-get"));
    assert!(matches!(answer.unwrap_err().trouble, Trouble::NoAnswer), "it waits for a request, we for a handshake");
}

/// What is said of a server that replies so.
fn told(reply: Reply) -> String {
    let fake = Fake::web(move |_| reply.clone());
    ask(fake.address()).unwrap_err().to_string()
}

#[test]
fn each_status_of_http_is_reported_with_a_remedy() {
    let answer = |status| Reply::Status(status, json!({}));
    for (status, words) in [
        (301, "HTTP status 301: it sends clients elsewhere (a redirect is not followed: name Kea's own host and port)"),
        (400, "HTTP status 400: it does not understand the request (is this Kea? https:// if it speaks TLS)"),
        (401, "the server requires a user and a password, and none were given (check user and password)"),
        (403, "this user may not send this command there (the server's access rules would have to allow it)"),
        (404, "HTTP status 404: no commands are accepted there (is this Kea's port?)"),
        (500, "HTTP status 500: the server fails (its log may say why)"),
        (503, "HTTP status 503: the server behind it cannot be reached (is Kea running there?)"),
    ] {
        let line = told(answer(status));
        assert!(line.ends_with(words), "{line}");
    }
}

#[test]
fn what_another_server_answers_is_reported_in_plain_words() {
    let page = b"<!DOCTYPE html>\n<html><body>Router</body></html>".to_vec();
    let compressed = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\0".to_vec();
    let bad_chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec();
    for (reply, words) in [
        (Reply::Octets(page), "the answer is not JSON: it is an HTML page (is this Kea?)"),
        (Reply::Raw(compressed), "the answer is not JSON: it is compressed (is this Kea?)"),
        (Reply::Raw(bad_chunks), "this is not an answer of Kea: it breaks the rules of HTTP (is this Kea?)"),
        (Reply::Raw(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), "the answer is not HTTP (https:// if the server speaks TLS)"),
        (Reply::Close, "the connection was closed without an answer (https:// if the server speaks TLS)"),
        (Reply::Octets(b"{}".to_vec()), "this is not an answer of Kea: it has no \"result\" (is this Kea?)"),
        (Reply::Octets(b"7".to_vec()), "this is not an answer of Kea: it is no map (is this Kea?)"),
    ] {
        let line = told(reply);
        assert!(line.ends_with(words), "{line}");
    }
}

#[test]
fn an_answer_in_chunks_is_put_together() {
    let chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"result\r\n5\r\n\": 0}\r\n0\r\n\r\n";
    let fake = Fake::web(|_| Reply::Raw(chunks.to_vec()));
    assert_eq!(ask(fake.address()).unwrap().code, Code::Success);
}
