//! `-t api`: leases of a running server, asked for page by page.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use crate::lease_dump::fake::{Fake, Reply};
use crate::lease_dump::harness::{Files, HEADER4, Ran, run, run_answering};

/// Leases of 10.0.0.0 and as many addresses after it as wanted.
fn leases4(count: u32) -> Vec<Value> {
    let address = |n: u32| Ipv4Addr::from_bits(0x0a00_0000 + n).to_string();
    let lease = |n: u32| {
        json!({ "cltt": 1_795_176_000, "fqdn-fwd": false, "fqdn-rev": false, "hostname": format!("host{n}"),
            "hw-address": "02:00:00:00:00:01", "ip-address": address(n), "state": 0, "subnet-id": 1, "valid-lft": 3600 })
    };
    (0..count).map(lease).collect()
}

fn lease6(address: &str) -> Value {
    json!({ "cltt": 1_795_176_000, "duid": "00:01:02", "fqdn-fwd": false, "fqdn-rev": false, "hostname": "", "iaid": 7,
        "ip-address": address, "preferred-lft": 1800, "state": 0, "subnet-id": 1, "type": "IA_NA", "valid-lft": 3600 })
}

/// What a server of `family` with these leases says, in their order.
fn server(family: u8, leases: Vec<Value>) -> impl Fn(&Value) -> Reply + Send + Sync + 'static {
    let page = format!("lease{family}-get-page");
    let counter = format!("pkt{family}-received");
    move |command| {
        let (name, arguments) = (command["command"].as_str().unwrap(), &command["arguments"]);
        Reply::Answer(match name {
            "list-commands" => json!({ "result": 0, "arguments": ["list-commands", "lease4-get-page"] }),
            "version-get" => json!({ "result": 0, "text": "2.2.0" }),
            "statistic-get" if arguments["name"] == counter => json!({ "result": 0, "arguments": { &counter: [[7]] } }),
            "statistic-get" => json!({ "result": 0, "arguments": {} }),
            _ if name == page => {
                let from = arguments["from"].as_str().unwrap();
                let begin = leases.iter().position(|lease| lease["ip-address"] == from).map_or(0, |at| at + 1);
                let limit = usize::try_from(arguments["limit"].as_u64().unwrap()).unwrap();
                let page: Vec<_> = leases[begin..].iter().take(limit).collect();
                let result = if page.is_empty() { 3 } else { 0 };
                json!({ "result": result, "text": "found", "arguments": { "count": page.len(), "leases": page } })
            }
            "lease4-get-page" | "lease6-get-page" => json!({ "result": 3, "arguments": { "count": 0, "leases": [] } }),
            _ => json!({ "result": 2, "text": format!("'{name}' command not supported.") }),
        })
    }
}

fn dump(fake: &Fake, more: &str) -> Ran {
    run(&format!("--socket {} {more}", fake.address()))
}

fn commands(fake: &Fake) -> Vec<String> {
    fake.asked().iter().map(|command| command["command"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_page_is_asked_for_and_no_other_command_than_pages() {
    let fake = Fake::unix(server(4, leases4(2500)));
    let ran = dump(&fake, "-4");
    ran.expect(0, "");
    assert_eq!(ran.text().lines().next(), Some(HEADER4));
    assert_eq!(ran.rows().len(), 2500);
    assert_eq!(ran.rows()[2499], "10.0.9.195,02:00:00:00:00:01,,3600,1795179600,1,0,0,host2499,0,,0");
    let asked = fake.asked();
    assert!(asked.iter().all(|command| command["command"] == "lease4-get-page"), "{asked:?}");
    let from: Vec<_> = asked.iter().map(|command| command["arguments"]["from"].clone()).collect();
    assert_eq!(from, ["start", "10.0.1.243", "10.0.3.231", "10.0.5.219", "10.0.7.207", "10.0.9.195"]);
}

#[test]
fn over_http_the_same_leases_come() {
    let (unix, web) = (Fake::unix(server(4, leases4(3))), Fake::web(server(4, leases4(3))));
    let (one, other) = (dump(&unix, "-4 -f json"), dump(&web, "-4 -f json"));
    other.expect(0, "");
    assert_eq!(one.text(), other.text());
    assert!(web.asked().iter().all(|command| command["service"] == json!(["dhcp4"])));
}

#[test]
fn user_and_password_come_from_where_they_were_said() {
    let files = Files::new();
    let (password, pair) = (files.write("password", "s3cret\n"), files.write("pair", "kea:s3cret\n"));
    // "kea:s3cret" in base64, in lower case.
    let wanted = "basic a2vhonmzy3jldA==".to_ascii_lowercase();
    let ask = |more: &str| {
        let fake = Fake::web(server(4, leases4(1)));
        let args = format!("-4 --socket {} {more}", fake.address());
        let ran = run_answering(args.split_whitespace(), "s3cret");
        ran.expect(0, "");
        assert!(fake.heads()[0].contains(&wanted), "{more}: {}", fake.heads()[0]);
    };
    ask(&format!("-u kea --password-file {password}"));
    ask(&format!("--password-file {pair}"));
    ask("-u kea -p");
    let fake = Fake::web(server(4, leases4(1)));
    dump(&fake, "-4 -u kea").expect(
        2,
        "kea-lease-dump: a user is given without a password (give -p to be prompted for it, or --password-file FILE)\n",
    );
    dump(&fake, &format!("-4 --password-file {password}"))
        .expect(2, "kea-lease-dump: a password is given without a user (name the user with -u USER)\n");
}

#[test]
fn an_unknown_user_gets_a_remedy() {
    let fake = Fake::web(|_| Reply::Status(401, json!({ "result": 401, "text": "Unauthorized" })));
    dump(&fake, "-4").expect(
        2,
        &format!(
            "kea-lease-dump: {}: the server requires a user and a password, and none were given \
             (give them with -u USER and -p or --password-file)\n",
            fake.address()
        ),
    );
}

#[test]
fn the_family_of_a_socket_is_asked_where_it_was_not_said() {
    let fake = Fake::unix(server(6, vec![lease6("2001:db8::1")]));
    let ran = dump(&fake, "");
    ran.expect(0, "");
    assert_eq!(ran.rows().len(), 1);
    assert_eq!(commands(&fake), ["statistic-get", "statistic-get", "lease6-get-page", "lease6-get-page"]);
}

#[test]
fn dhcpv6_server_is_not_taken_for_an_empty_dhcpv4_server() {
    let fake = Fake::unix(server(6, vec![lease6("2001:db8::1")]));
    let reported = |fake: &Fake| {
        let cause = "it is a DHCPv6 server's (read its leases with -6)";
        format!("kea-lease-dump: control socket {}: {cause}\n", fake.address())
    };
    dump(&fake, "-4").expect(2, &reported(&fake));
    // Without its hook library it does not know the command.
    let counts = server(6, Vec::new());
    let plain = Fake::unix(move |command| match command["command"].as_str() {
        Some("lease4-get-page") => Reply::Answer(json!({ "result": 2, "text": "not supported" })),
        _ => counts(command),
    });
    dump(&plain, "-4").expect(2, &reported(&plain));
}

#[test]
fn no_lease_is_an_empty_dump() {
    let fake = Fake::unix(server(4, Vec::new()));
    let ran = dump(&fake, "-4");
    ran.expect(0, "");
    assert_eq!(ran.text(), format!("{HEADER4}\n"));
}

#[test]
fn the_missing_hook_library_is_named() {
    let fake =
        Fake::unix(|_| Reply::Answer(json!({ "result": 2, "text": "'lease4-get-page' command not supported." })));
    dump(&fake, "-4").expect(
        2,
        &format!(
            "kea-lease-dump: control socket {}: the server does not know lease4-get-page: its hook library for leases \
             is not loaded (load libdhcp_lease_cmds.so in \"hooks-libraries\" of its configuration)\n",
            fake.address()
        ),
    );
}

#[test]
fn what_the_server_says_is_reported_harmlessly() {
    let fake = Fake::web(|_| {
        Reply::Answer(json!({ "result": 1, "text": "unable to forward command to the dhcp4 service:\n\u{1b}[2J" }))
    });
    let told = "lease4-get-page: unable to forward command to the dhcp4 service:\\n\\u{1b}[2J";
    dump(&fake, "-4").expect(2, &format!("kea-lease-dump: {}: {told}\n", fake.address()));
}

#[test]
fn a_lease_that_is_none_is_reported_and_the_rest_is_there() {
    let mut leases = leases4(3);
    leases[1]["hw-address"] = json!("nonsense");
    let fake = Fake::unix(server(4, leases));
    let ran = dump(&fake, "-4");
    assert_eq!((ran.status, ran.rows().len()), (2, 2));
    let told = "lease4 10.0.0.1: \"nonsense\" is not made of octets in hex with colons between\n";
    assert!(ran.stderr.starts_with(told), "{}", ran.stderr);
}

#[test]
fn dhcpv6_leases_of_an_old_server_are_sorted_by_address() {
    let text_order = ["2001:db8::10", "2001:db8::9", "2001:db8:1::"];
    let fake = Fake::unix(server(6, text_order.map(lease6).to_vec()));
    let ran = dump(&fake, "-6 --sort address");
    ran.expect(0, "");
    let addresses: Vec<_> = ran.rows().iter().map(|row| row.split(',').next().unwrap().to_owned()).collect();
    assert_eq!(addresses, ["2001:db8::9", "2001:db8::10", "2001:db8:1::"]);
}

#[test]
fn a_server_that_turns_in_circles_is_left() {
    let answer = json!({ "result": 0, "arguments": { "count": 1, "leases": leases4(1) } });
    let fake = Fake::unix(move |_| Reply::Answer(answer.clone()));
    let ran = dump(&fake, "-4");
    let told = "the page after 10.0.0.0 ends with that address again";
    assert!(ran.status == 2 && ran.stderr.contains(told), "{}", ran.stderr);
}

#[test]
fn server_hanging_at_second_page_ends_dump_without_file() {
    let first = server(4, leases4(1500));
    let fake = Fake::unix(move |command| match command["arguments"]["from"].as_str() {
        Some("start") | None => first(command),
        _ => Reply::Hang,
    });
    let files = Files::new();
    // On a busy machine the first page may take longer than a second.
    for seconds in [1, 8, 64] {
        let pages = || commands(&fake).iter().filter(|name| *name == "lease4-get-page").count();
        let before = pages();
        let out = files.path("out.csv");
        let ran = dump(&fake, &format!("-4 --connect-timeout {seconds} -o {}", out.display()));
        let told = format!(
            "no answer within {seconds} s (it hangs, is stopped, or is busy; increase --connect-timeout to wait longer)"
        );
        assert!(ran.status == 2 && ran.stderr.contains(&told), "{}", ran.stderr);
        assert_eq!(files.names(), [""; 0]);
        if pages() == before + 2 {
            return;
        }
    }
    panic!("the second page was never asked for: {:?}", commands(&fake));
}

#[test]
fn the_configuration_says_where_the_server_is_asked() {
    let (unix, web) = (Fake::unix(server(4, leases4(2))), Fake::web(server(4, leases4(2))));
    let files = Files::new();
    let port = web.address().rsplit(':').next().unwrap();
    files.write("password", "s3cret");
    let sockets = [
        json!({ "control-socket": { "socket-type": "unix", "socket-name": unix.address() } }),
        json!({ "control-sockets": [{ "socket-type": "http", "socket-port": port.parse::<u16>().unwrap(),
            "authentication": { "type": "basic", "directory": files.path("").to_str().unwrap(),
                "clients": [{ "user": "kea", "password-file": "password" }] } }] }),
    ];
    for (name, server) in ["unix.conf", "web.conf"].into_iter().zip(sockets) {
        let config = files.write(name, json!({ "Dhcp4": server }).to_string());
        let ran = run(&format!("-t api -c {config}"));
        ran.expect(0, "");
        assert_eq!(ran.rows().len(), 2, "{name}");
    }
    assert!(web.heads()[0].contains("authorization: basic a2vhonmzy3jlda=="), "{}", web.heads()[0]);
}

#[test]
fn control_agent_is_asked_if_the_control_socket_is_dead() {
    let web = Fake::web(server(4, leases4(2)));
    let files = Files::new();
    let port: u16 = web.address().rsplit(':').next().unwrap().parse().unwrap();
    let socket = files.path("dead");
    let config = json!({ "Dhcp4": { "control-socket": { "socket-type": "unix", "socket-name": socket } } });
    let config = files.write("kea-dhcp4.conf", config.to_string());
    files.write("kea-ctrl-agent.conf", json!({ "Control-agent": { "http-port": port } }).to_string());
    run(&format!("-t api -c {config}")).expect(0, "");
    drop(web);
    let told = format!(
        "kea-lease-dump: control socket {}: no such socket (the server is not running, or its configuration names \
         another)\n",
        socket.display()
    );
    run(&format!("-t api -c {config}")).expect(2, &told);
}

#[test]
fn a_configuration_without_socket_is_reported_as_such() {
    let files = Files::new();
    let config = files.write("kea-dhcp4.conf", r#"{ "Dhcp4": {} }"#);
    let told = format!(
        "kea-lease-dump: ask the running DHCPv4 server: {config} names no control socket (name it with --socket)\n"
    );
    run(&format!("-t api -c {config}")).expect(2, &told);
}

#[test]
fn unreadable_lease_file_hints_at_the_running_server() {
    let fake = Fake::unix(server(4, leases4(2)));
    let files = Files::new();
    let lease_file = files.path("absent.csv");
    let config = files.write(
        "kea-dhcp4.conf",
        json!({ "Dhcp4": { "lease-database": { "type": "memfile", "name": lease_file },
            "control-socket": { "socket-type": "unix", "socket-name": fake.address() } } })
        .to_string(),
    );
    let ran = run(&format!("-c {config}"));
    assert!(ran.status == 2 && ran.stderr.contains("ask the running server with -t api"), "{}", ran.stderr);
    assert_eq!(commands(&fake), ["list-commands"], "a hint is not worth a page of leases");
    drop(fake);
    let ran = run(&format!("-c {config}"));
    assert!(ran.status == 2 && !ran.stderr.contains("-t api"), "{}", ran.stderr);
}

#[test]
fn what_belongs_to_another_kind_of_place_is_refused() {
    for (args, told) in [
        ("-4 -t memfile --socket /x", "--socket is only for a running server"),
        ("-4 --socket /x -n name", "a running server is not found by -n, -h or -P"),
        ("-4 --socket /x -u kea", "a unix socket asks for no user and password"),
        ("-4 --socket https://127.0.0.1 --ssl-mode disable", "--ssl-mode disable cannot be used with HTTPS"),
        ("-4 --socket ftp://x", "neither a path nor a URL that begins with http:// or https://"),
        ("-4 --socket http://u:hunter2@x", "a URL must not hold a user or password"),
    ] {
        let ran = run(args);
        assert!(ran.status == 2 && ran.stderr.contains(told), "{args}: {}", ran.stderr);
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    }
}
