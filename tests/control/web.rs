//! HTTP.

use kea_tools::control::{Address, Channel, Code, Command, Credentials, Trouble};
use kea_tools::secret::Secret;
use serde_json::{Value, json};

use crate::fake::{Fake, Reply};
use crate::{HASTY, PATIENT, answer_of, ask, ask_within, trouble_with, trouble_with_late};

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
fn user_and_password_are_sent_where_they_are_given_and_never_told() {
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
fn a_refusal_is_told_by_its_status() {
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
fn an_answer_beyond_the_limit_is_refused_whether_it_ends_or_not() {
    assert_eq!(trouble_of(Reply::Answer(answer_of(2 << 20))), Trouble::TooLarge);
    assert_eq!(trouble_of(Reply::Endless), Trouble::TooLarge);
}

#[test]
fn a_server_that_hangs_is_told_from_one_that_is_slow() {
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
fn an_answer_that_is_none_is_told_apart() {
    assert_eq!(trouble_of(Reply::Close), Trouble::Silent);
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[ {\"result\"";
    assert_eq!(trouble_of(Reply::Raw(cut.to_vec())), Trouble::Truncated);
    assert_eq!(trouble_of(Reply::Octets(b"[ {\"result\": 0".to_vec())), Trouble::Truncated);
    assert!(matches!(trouble_of(Reply::Octets(b"<html>".to_vec())), Trouble::NotJson(_)));
    assert!(matches!(trouble_of(Reply::Raw(b"220 mail.example ESMTP\r\n".to_vec())), Trouble::NotKea(_)));
}

#[test]
fn nobody_listening_is_told_with_the_url() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let failure = ask(&format!("http://{free}")).unwrap_err();
    assert_eq!(failure.trouble, Trouble::Refused);
    assert_eq!(failure.to_string(), format!("http://{free}: connection refused (nobody listens there)"));
    assert!(matches!(
        ask_within("http://host.invalid", HASTY).unwrap_err().trouble,
        Trouble::Unusable(_) | Trouble::NoAnswer
    ));
}

#[test]
fn a_server_without_tls_is_told_so() {
    let fake = Fake::web(|_| Reply::Close);
    let address = fake.address().replace("http:", "https:");
    let Address::Web(mut web) = address.parse().unwrap() else { panic!("not a URL") };
    web.tls = Some(kea_tools::tls::Tls { mode: Some(kea_tools::tls::SslMode::Require), ..Default::default() });
    let answer = Channel::new(Address::Web(web), HASTY).unwrap().send(&Command::new("status-get"));
    assert!(matches!(answer.unwrap_err().trouble, Trouble::NoAnswer), "it waits for a request, we for a handshake");
}
