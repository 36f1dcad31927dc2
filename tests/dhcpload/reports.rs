//! What is reported.

use std::time::Duration;

use serde_json::Value;

use super::harness::{Ran, RunConditions, USUAL, run, run_in};

pub(super) fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

#[test]
fn a_run_is_one_page_of_80_columns() {
    let ran = run("delay=1ms discover/40=late:200ms request/10=nak", "-I eth0 -s 192.0.2.9 -r 100 -d 4s -R 400");
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ran.stdout);
    let expected = "\
dora, 400 clients, 192.0.2.9 on eth0
400 exchanges begun, 360 completed in 4.0 s: 100/s asked, 90.0/s completed

message                 sent answered   lost p50 ms    p90    p99  p99.9    max
discover                 400      400      0  1.000  1.000  200.1  200.1  200.1
request                  400      360     40  1.000  1.000  1.000  1.000  1.000
release                  360        -      0
exchange                 400      360         2.000  2.000  201.1  201.1  201.1

lost or unexpected
  request: 40 NAK
";
    assert!(ran.stdout.starts_with(expected), "{}", ran.stdout);
    assert!(ran.stdout.contains("\ncompleted/s "), "{}", ran.stdout);
    assert!(
        ran.stdout.ends_with(
            "\
server 192.0.2.9: 760 answers, 40 refusals, p50 1.000 ms, p99 200.1 ms
leases: 360 given, 360 released, 0 may be left
sent late: 0 of 1160, at most 0.000 ms; own drops: 0; processor: 0 %
valid; exit status 1: 40 of 800 messages lost
"
        ),
        "{}",
        ran.stdout
    );
    assert_eq!((ran.status, ran.stderr.as_str()), (1, ""));
}

#[test]
fn every_loss_has_its_cause() {
    for (fault, cause, lost) in [
        ("drop", "silence", 40),
        ("nak", "nak", 40),
        ("no-address", "no-address", 40),
        ("cut:200", "malformed", 40),
        ("late:1500ms", "late", 40),
        ("other-server", "wrong-server", 40),
        ("wrong-transaction", "silence", 40),
        ("twice", "silence", 0),
    ] {
        let ran = run(&format!("delay=1ms request/10={fault}"), "-I eth0 -s all -r 200 -d 2s -R 400 -f json");
        let document = json(&ran);
        let request = &document["messages"]["request"];
        let causes = request["lost"].as_object().unwrap();
        let found: u64 = causes.values().filter_map(Value::as_u64).sum();
        assert_eq!((causes[cause].as_u64(), found), (Some(lost), lost), "{fault}: {request}");
        assert_eq!(request["answered"].as_u64(), Some(400 - lost), "{fault}: {request}");
        assert_eq!(document["leases-left"].as_u64(), Some(0), "{fault}");
        assert_eq!(ran.status, u8::from(lost > 0), "{fault}");
    }
}

/// How many messages of a kind were sent, and lost for a cause, and how many were lost at all.
fn lost(document: &Value, message: &str, cause: &str) -> (u64, u64, u64) {
    let message = &document["messages"][message];
    let causes = message["lost"].as_object().unwrap();
    let all = causes.values().filter_map(Value::as_u64).sum();
    (message["sent"].as_u64().unwrap(), causes[cause].as_u64().unwrap(), all)
}

#[test]
fn a_late_answer_is_late_whenever_it_comes() {
    for (fault, line, message, late) in [
        // After the last timeout, when there is no lease to give back, or one.
        ("discover/1=late:2000ms", "-r 100 -d 2s -R 200 --exchange discover", "discover", 200),
        ("solicit/1=late:2000ms", "-6 -r 50 -d 2s -R 100", "solicit", 100),
        ("discover/4=late:1050ms", "-r 20 -d 5s --exchange discover", "discover", 25),
        ("request/4=late:1900ms", "-r 20 -d 4s --keep-leases", "request", 20),
        ("discover/1=late:1500ms", "-r 50 -d 20s", "discover", 0),
        // When its client has begun again.
        ("request/1=late:2000ms", "-r 50 -d 4s -R 60", "request", 200),
        ("request/4=late:700ms", "-r 50 -d 3s -R 20 -t 300ms", "request", 37),
    ] {
        let ran = run(&format!("delay=1ms {fault}"), &format!("-I eth0 -s all {line} -f json"));
        let document = json(&ran);
        let (sent, found, lost) = lost(&document, message, "late");
        // A run that ends early has as many as there were.
        let expected = if late == 0 { sent } else { late };
        assert_eq!((found, lost), (expected, expected), "{fault} {line}: {document}");
        assert_eq!(document["earlier-exchange"].as_u64(), Some(0), "{fault} {line}: {document}");
    }
}

#[test]
fn an_answer_that_comes_again_is_a_duplicate_whenever_that_is() {
    let document = json(&run("delay=1ms request/6=twice:1200ms", "-I eth0 -s all -r 50 -d 3s -R 50 -f json"));
    let request = &document["messages"]["request"];
    assert_eq!(
        (request["duplicates"].as_u64(), document["earlier-exchange"].as_u64()),
        (Some(25), Some(0)),
        "{document}"
    );
}

#[test]
fn an_offer_without_its_servers_identifier_is_none() {
    let document = json(&run("delay=1ms discover/4=no-server", "-I eth0 -s all -r 20 -d 2s -R 40 -f json"));
    let discover = &document["messages"]["discover"];
    assert_eq!((&discover["answered"], &discover["lost"]["malformed"]), (&30.into(), &10.into()), "{document}");
}

#[test]
fn what_no_client_uses_is_lost_with_the_reason() {
    let relayed = "-s 192.0.2.9 --relay 192.0.2.50";
    let relayed6 = "-6 -s 2001:db8::9 --relay 2001:db8::50";
    for (line, fault, message, reason) in [
        ("-I eth0 -s all", "request/10=unusable:lease-time", "request", "no-lease-time"),
        ("-I eth0 -s all", "request/10=unusable:client-id", "request", "other-client-id"),
        ("-I eth0 -s all", "discover/10=unusable:client-id", "discover", "other-client-id"),
        (relayed, "request/10=unusable:relay", "request", "other-relay"),
        (relayed, "discover/10=unusable:relay", "discover", "other-relay"),
        ("-6 -I eth0 -s all", "request/10=unusable:times", "request", "unusable-lifetimes"),
        ("-6 -I eth0 -s all", "request/10=unusable:lifetimes", "request", "unusable-lifetimes"),
        ("-6 -I eth0 -s all", "solicit/10=unusable:times", "solicit", "unusable-lifetimes"),
        (relayed6, "solicit/10=unusable:relay", "solicit", "other-relay"),
    ] {
        let ran = run(&format!("delay=1ms {fault}"), &format!("{line} -r 50 -d 2s -R 200 -f json"));
        let document = json(&ran);
        let lost = &document["messages"][message]["lost"];
        assert_eq!(
            (lost["unusable"][reason].as_u64(), lost["silence"].as_u64()),
            (Some(10), Some(0)),
            "{fault}: {document}"
        );
        assert_eq!((document["leases-left"].as_u64(), ran.status), (Some(0), 1), "{fault}: {document}");
    }
    let ran = run("delay=1ms request/10=unusable:lease-time", "-I eth0 -s all -r 50 -d 2s -R 200");
    assert!(ran.stdout.contains("\n  request: 10 unusable (an ACK without lease time)\n"), "{}", ran.stdout);
    let ran = run("request/10=unusable:lease-time", "-I eth0 -s all -r 50 -d 2s -R 200 --expect unusable<5");
    assert!(ran.status == 1 && ran.stdout.contains("unusable<5"), "{ran:?}");
}

#[test]
fn an_address_that_is_the_servers_own_is_none() {
    for (line, fault) in [("", "request/10=unusable:address"), ("-6", "solicit/10=unusable:address")] {
        let document = json(&run(&format!("delay=1ms {fault}"), &format!("{line} -I eth0 -s all -r 50 -d 2s -f json")));
        let (_, found, all) = lost(&document, if line.is_empty() { "request" } else { "solicit" }, "no-address");
        assert_eq!((found, all), (10, 10), "{document}");
    }
}

#[test]
fn a_client_waits_for_another_answer_after_one_that_it_cannot_use() {
    let world = RunConditions { further: Some("delay=5ms"), ..USUAL };
    let ran = run_in(
        world,
        "delay=1ms discover/1=unusable:client-id",
        "-I eth0 -s all --exchange discover -r 50 -d 2s -f json",
    );
    let document = json(&ran);
    assert_eq!((document["messages"]["discover"]["answered"].as_u64(), ran.status), (Some(100), 0), "{document}");
}

#[test]
fn what_is_cut_off_anywhere_is_malformed_or_damaged() {
    for (family, fault, message, cause, expected) in [
        ("", "request/10=cut:242", "request", "malformed", 10),
        ("", "discover/10=cut:33", "discover", "malformed", 10),
        ("", "discover/10=cut:20", "discover", "malformed", 10),
        ("", "discover/10=cut:7", "discover", "silence", 10),
        ("-6", "request/10=cut:6", "request", "malformed", 10),
        ("-6", "request/10=cut:24", "request", "malformed", 10),
        ("-6", "request/10=cut:3", "request", "silence", 10),
    ] {
        let document =
            json(&run(&format!("delay=1ms {fault}"), &format!("{family} -I eth0 -s all -r 50 -d 2s -f json")));
        let (_, found, lost) = lost(&document, message, cause);
        assert_eq!((found, lost), (expected, expected), "{fault}: {document}");
        let damaged = if cause == "silence" { expected } else { 0 };
        assert_eq!(document["damaged"].as_u64(), Some(damaged), "{fault}: {document}");
        assert_eq!(document["servers"].as_array().unwrap().len(), 1, "{fault}: {document}");
    }
}

#[test]
fn renewals_without_an_answer_have_a_hint() {
    let line = "-I eth0 -s all -r 50 -d 2s -R 20 --mix new=1,renew=1";
    let hint = "ISC dhcpd answers to the leased address and asks for it by ARP";
    let shown = |line: &str| run("delay=1ms renew/1=drop", line).stdout.replace("\n  ", " ");
    assert!(shown(line).contains(hint), "{}", shown(line));
    let relayed = shown(&format!("-s 192.0.2.9 --relay 192.0.2.50 {}", &line[15..]));
    assert!(!relayed.contains(hint), "{relayed}");
}

#[test]
fn where_no_server_answers_a_hint_says_where_to_send_from() {
    let ran = run("delay=1ms discover/1=drop", "-I eth0 -s all -r 20 -d 1s");
    let hint = "hint: no server answered: a server does not receive messages of clients on its own host";
    assert!(ran.status == 1 && ran.stdout.replace("\n  ", " ").contains(hint), "{}", ran.stdout);
}

#[test]
fn quantiles_are_those_of_the_server_within_a_hundredth() {
    // Of 4000 answers 100 take 200 ms, the others 5 ms.
    let line = "-I eth0 -s all -r 1000 -d 4s -R 4000 --exchange discover -f json";
    let document = json(&run("delay=5ms discover/40=late:200ms", line));
    for figures in ["latency-ms", "latency-since-sending-ms"] {
        for (name, expected) in [("p50", 5.0), ("p90", 5.0), ("p99", 200.0), ("p999", 200.0), ("max", 200.0)] {
            let found = document["messages"]["discover"][figures][name].as_f64().unwrap();
            assert!(found >= expected && found <= expected * 1.01, "{name} {found}");
        }
    }
}

#[test]
fn late_answers_are_measured_too() {
    let ran = run("delay=1ms request/10=late:1500ms", "-I eth0 -s all -r 100 -d 1s -f json");
    let late = &json(&ran)["messages"]["request"]["late-after-ms"];
    assert!((late["p50"].as_f64().unwrap() - 1500.0).abs() < 2.0, "{late}");
}

#[test]
fn dhcpv6_refusals_are_counted_by_their_status_code() {
    for (exchange, message, lost) in [("sarr", "request", 10), ("solicit", "solicit", 10), ("rapid", "solicit", 10)] {
        let line = format!("-6 -I eth0 -s all -r 100 -d 1s --exchange {exchange} -f json");
        let ran = run(&format!("delay=1ms {message}/10=no-address"), &line);
        let document = json(&ran);
        let refused = &document["messages"][message]["lost"]["refused"]["NoAddrsAvail"];
        assert_eq!(refused.as_u64(), Some(lost), "{exchange}: {document}");
        assert_eq!(document["leases-left"].as_u64(), Some(0), "{document}");
    }
    let information = run("delay=1ms", "-6 -I eth0 -s all --exchange info-request -f json");
    assert_eq!((json(&information)["exchanges"]["completed"].as_u64(), information.status), (Some(100), 0));
}

#[test]
fn expectations_decide_where_there_are_some() {
    let run = |expected: &str| run("delay=1ms request/50=drop", &format!("-I eth0 -s all --expect {expected}"));
    let held = run("loss<2%,request.p99<5ms,nak=0,leases-left=0,rate>9");
    assert_eq!((held.status, held.stderr.as_str()), (0, ""), "{}", held.stdout);
    let missed = run("loss<0.5%,p99<5ms");
    assert_eq!(missed.status, 1);
    assert!(missed.stdout.contains("expected loss<0.5%, found 1.000 % (2 of 200)"), "{}", missed.stdout);
    assert!(missed.stdout.ends_with("valid; exit status 1: 1 expectation not met\n"), "{}", missed.stdout);
}

#[test]
fn an_expectation_of_answers_that_never_came_does_not_hold() {
    let ran = run("discover/1=drop", "-I eth0 -s all -d 1s --expect p99<20ms,rate>=0");
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.contains("expected p99<20ms, found no answer (discover)"), "{}", ran.stdout);
}

#[test]
fn unconfirmed_releases_are_reported_as_leases_left() {
    let ran = run("delay=1ms dies=2000ms", "-I eth0 -s all -r 10 -d 1s");
    let expected =
        "leases: 10 given, 10 released, 10 of them unconfirmed: no server answered afterwards, 10 may be left";
    assert!(ran.stdout.replace("\n  ", " ").contains(expected), "{}", ran.stdout);
    assert_eq!(ran.stderr, "dhcpload: 10 leases may be left at the server\n");
    assert!(ran.status == 1 && ran.stdout.ends_with("valid; exit status 1: 10 leases may be left\n"), "{}", ran.stdout);
}

#[test]
fn what_became_of_each_lease_adds_up() {
    let ran = run("delay=1ms request/30=nak", "-I eth0 -s all -r 10 -d 6s -R 5");
    let expected = "leases: 6 given (and 52 times to clients that had one), 2 ended by NAK, 4 released, 0 may be left";
    assert!(ran.stdout.replace("\n  ", " ").contains(expected), "{}", ran.stdout);
}

#[test]
fn figures_that_there_are_none_of_are_not_zero() {
    let line = "-I eth0 -s all -d 2s --ramp 1:2:1";
    let ran = run("discover/1=drop", line);
    let rows: Vec<_> = ran.stdout.lines().filter(|line| line.contains("does not hold")).collect();
    assert!(rows.len() == 2 && rows[0].split_whitespace().filter(|word| *word == "-").count() == 3, "{}", ran.stdout);
    let document = json(&run("discover/1=drop", &format!("{line} -f json")));
    assert!(document["seconds"][0]["p50-ms"].is_null() && document["steps"][0]["latency-ms"].is_null(), "{document}");
    let rows = run("discover/1=drop", &format!("{line} -f csv")).stdout;
    assert!(rows.lines().nth(1).unwrap().ends_with(",,"), "{rows}");
}

#[test]
fn answers_that_are_mostly_late_are_answered_with_a_hint() {
    let ran = run("delay=1500ms", "-I eth0 -s all -r 10 -d 2s");
    assert!(ran.stdout.replace("\n  ", " ").contains("came later than -t 1s (p90 150"), "{}", ran.stdout);
    assert!(ran.stdout.replace("\n  ", " ").contains("increase -t to 2s to count them"), "{}", ran.stdout);
    // Each answer waits for those before it.
    let serial = run("each=400ms", "-I eth0 -s all -r 10 -d 2s");
    let text = serial.stdout.replace("\n  ", " ");
    assert!(
        text.contains("each later than the one before: the server takes one after the other")
            && text.contains("--no-ping"),
        "{text}"
    );
    assert!(!text.contains("to count them"), "{text}");
}

#[test]
fn a_pipe_is_as_wide_as_the_variable_says() {
    let narrow = RunConditions { columns: Some("60"), ..USUAL };
    let ran = run_in(narrow, "delay=1ms request/10=nak", "-I eth0 -s all -r 100 -d 4s -R 400");
    assert!(ran.stdout.lines().all(|line| line.chars().count() <= 60), "{}", ran.stdout);
    assert!(ran.stdout.contains("lost p50 ms    p99\n"), "{}", ran.stdout);
}

#[test]
fn the_place_of_a_loss_is_reported_where_it_is_known() {
    let conditions = RunConditions { server_drops: Some(7), ..USUAL };
    let ran = run_in(conditions, "delay=1ms discover/10=drop", "-I eth0 -s all");
    assert!(ran.stdout.contains("\n  the server's own socket dropped 7 datagrams\n"), "{}", ran.stdout);
}

#[test]
fn a_mixture_has_its_shares_and_leaves_nothing() {
    let ran = run("delay=1ms", "-I eth0 -s all -r 100 -d 10s -R 50 --mix new=70,renew=20,rebind=2,release=8 -f json");
    let document = json(&ran);
    let sent = |message: &str| document["messages"][message]["sent"].as_u64().unwrap();
    assert!((195..=200).contains(&sent("renew")) && (18..=20).contains(&sent("rebind")), "{document}");
    assert_eq!((document["leases-left"].as_u64(), ran.status), (Some(0), 0), "{document}");
}

#[test]
fn leases_that_are_kept_are_no_fault() {
    let ran = run("delay=1ms", "-I eth0 -s all --keep-leases");
    assert!(ran.stdout.contains("leases: 100 given, 0 released, 100 kept"), "{}", ran.stdout);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
}

#[test]
fn csv_has_a_row_for_each_second() {
    let ran = run("delay=1ms", "-I eth0 -s all -d 3s --exchange discover -f csv");
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines[0], "second,started,completed,answered,lost,p50-ms,p99-ms");
    assert_eq!(lines[1..4], ["0,10,10,10,0,1.000,1.000", "1,10,10,10,0,1.000,1.000", "2,10,10,10,0,1.000,1.000"]);
}

#[test]
fn a_terminal_without_utf8_gets_ascii() {
    let ran = run_in(RunConditions { has_utf8: false, ..USUAL }, "delay=1ms", "-I eth0 -s all");
    assert!(ran.stdout.is_ascii() && ran.stdout.contains("completed/s ##########"), "{}", ran.stdout);
}

#[test]
fn clients_say_what_the_user_adds() {
    let ran = run("delay=1ms", "-I eth0 -s all --profile windows --option 12=pc --exchange inform");
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    let unknown = run("delay=1ms", "-I eth0 -s all --profile windws");
    assert!(unknown.stderr.contains("windows, macos"), "{}", unknown.stderr);
}

#[test]
fn a_ramp_has_a_row_for_each_rate() {
    let ran = run("delay=1ms", "-I eth0 -s all --ramp 10:30:10 -d 6s");
    let rows: Vec<_> = ran.stdout.lines().skip_while(|line| !line.contains("rate/s")).skip(1).take(3).collect();
    let rates: Vec<_> = rows.iter().map(|row| row.split_whitespace().next().unwrap()).collect();
    assert_eq!((rates, ran.status), (vec!["10", "20", "30"], 0), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nheld up to 30.0/s\n"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("\n120 exchanges begun, 120 completed in 6.0 s at rates up to 30.0/s\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_ramp_says_up_to_which_rate_it_held() {
    let line = "-I eth0 -s all --ramp 600:2400:600 -d 8s -R 9000 --limit-rate 3000";
    let ran = run("delay=1ms most=3000", line);
    assert!(ran.stdout.contains("\nheld up to 1200/s\n"), "{}", ran.stdout);
    let none = run("delay=1ms", "-I eth0 -s all --ramp 10:30:10 -d 3s --expect p99<1us");
    assert!(none.stdout.contains("\nno rate held\n"), "{}", none.stdout);
}

#[test]
fn a_pool_that_runs_out_is_named_as_the_reason() {
    for (line, behaviour) in [("", "delay=1ms pool=60"), ("-6 ", "delay=1ms pool=60")] {
        let ran = run(behaviour, &format!("{line}-I eth0 -s all --find-max loss<1% -R 500 -f json"));
        let document = json(&ran);
        assert_eq!((document["search"].as_str(), ran.status), (Some("pool-exhausted"), 1), "{document}");
        assert!(ran.took < Duration::from_secs(60) && document["leases-left"] == 0, "{document}");
    }
    let ran = run("delay=1ms pool=20", "-I eth0 -s all -r 10 -d 4s");
    let hint = "after 20 had one: the pool may be exhausted";
    assert!(ran.stdout.replace("\n  ", " ").contains(hint), "{}", ran.stdout);
}

#[test]
fn a_storm_goes_on_until_every_client_has_a_lease() {
    let ran = run("delay=1ms discover/3=drop", "-I eth0 -s all -R 90 --storm -f json");
    let document = json(&ran);
    assert_eq!(document["exchanges"]["completed"].as_u64(), Some(90), "{document}");
    assert!(document["messages"]["discover"]["sent-again"].as_u64().unwrap() >= 30, "{document}");
    let max = document["messages"]["discover"]["latency-ms"]["max"].as_f64().unwrap();
    assert!((3000.0..200_000.0).contains(&max), "{document}");
    assert_eq!((document["leases-left"].as_u64(), ran.status), (Some(0), 0), "{document}");
}

#[test]
fn a_client_of_a_storm_that_is_refused_begins_again() {
    let ran = run("delay=1ms request/3=nak", "-I eth0 -s all -R 90 --storm -f json");
    let document = json(&ran);
    assert_eq!(document["exchanges"]["completed"].as_u64(), Some(90), "{document}");
    let (nak, sent) = (&document["messages"]["request"]["lost"]["nak"], &document["messages"]["request"]["sent"]);
    assert!(nak.as_u64().unwrap() >= 30 && sent.as_u64().unwrap() == 90 + nak.as_u64().unwrap(), "{document}");
    assert_eq!((document["leases-left"].as_u64(), ran.status), (Some(0), 0), "{document}");
    let never = run("delay=1ms request/1=nak", "-I eth0 -s all -R 9 --storm");
    assert!(never.stdout.ends_with("valid; exit status 1: 9 clients got no lease\n"), "{}", never.stdout);
}
