//! What changes from answer to answer: rates, drops, leases, partners.

use std::sync::Arc;
use std::time::Duration;

use kea_tools::config::Daemon;
use kea_tools::fleet::Moment;
use kea_tools::health::State;
use kea_tools::health::kea::answer::Status;
use kea_tools::stats::reading::{Answers, Reading};
use kea_tools::stats::snapshot::Statistics;
use kea_tools::top::{App, Key, Model};
use serde_json::{Value, json};

use super::frames::{compare, compare_sizes, frame, look};
use crate::metrics::harness::{data, recorded};

const NOW: i64 = 1_795_960_000;

fn at(seconds: u32) -> Moment {
    Moment { now: NOW + i64::from(seconds), monotonic: Duration::from_secs(seconds.into()) }
}

pub(crate) fn reading(status: &Value, statistics: &Value, seconds: u32) -> Reading {
    let answers = Answers {
        at: NOW + i64::from(seconds),
        status: Status::read(status),
        version: Some("2.2.0".to_owned()),
        counted: Duration::from_secs(seconds.into()),
        statistics: Arc::new(Statistics::parse(&statistics.to_string())),
        ..Answers::default()
    };
    Reading { daemon: Some(Daemon::Dhcp4), answers: Some(Box::new(answers)), ..Reading::default() }
}

fn app(names: &[&str]) -> App {
    let places = names.iter().map(|name| ((*name).to_owned(), Some(Daemon::Dhcp4)));
    App::new(Model::new(places, Duration::from_secs(2)))
}

pub(crate) fn well() -> Value {
    json!({ "pid": 7, "uptime": 1000, "reload": 900, "sockets": { "status": "ready" } })
}

/// A server that is asked more and more, and from the hundredth second on drops.
pub(crate) fn busy() -> App {
    let mut app = app(&["campus"]);
    for step in 0..60_u32 {
        let seconds = step * 5;
        let sent = u64::from(seconds) * u64::from(seconds) / 50;
        let dropped = u64::from(seconds.saturating_sub(100)) * 2;
        let failed = u64::from(seconds.saturating_sub(200));
        let count = |value: u64| json!([[value, "2026-11-29 08:00:00"]]);
        let statistics = json!({
            "pkt4-discover-received": count(sent + dropped), "pkt4-offer-sent": count(sent),
            "pkt4-request-received": count(sent), "pkt4-ack-sent": count(sent), "pkt4-nak-sent": count(seconds.into()),
            "pkt4-received": count(sent * 2 + dropped), "pkt4-receive-drop": count(dropped),
            "v4-allocation-fail": count(failed), "v4-allocation-fail-subnet": count(failed), "pkt4-new-in-kea-9": count(5),
        });
        app.take(0, at(seconds), vec![reading(&well(), &statistics, seconds)]);
        app.tick(at(seconds));
    }
    app
}

#[test]
fn messages_and_drops_are_plotted_over_time() {
    let mut app = busy();
    app.key(Key::Char('6'));
    compare_sizes("messages", &app);
}

#[test]
fn rates_are_in_the_overview() {
    let shown = frame(&busy(), look(), (140, 10));
    compare("rates-140x10.txt", &shown);
}

#[test]
fn a_freeze_keeps_what_is_shown_and_nothing_is_lost() {
    let mut app = busy();
    app.key(Key::Char(' '));
    let frozen = frame(&app, look(), (120, 40));
    assert!(frozen.contains("frozen"));
    app.take(0, at(400), vec![Reading { trouble: Some("timeout"), ..Reading::default() }]);
    app.tick(at(400));
    assert_eq!(frame(&app, look(), (120, 40)), frozen);
    app.key(Key::Char(' '));
    assert!(frame(&app, look(), (120, 40)).contains("no answer"));
}

pub(crate) fn partners(release: &str, one: &str, other: &str) -> App {
    let mut app = app(&["east", "west"]);
    for (place, name) in [one, other].into_iter().enumerate() {
        let status = recorded(&data(release).join(format!("ha/{name}-status-get.json")));
        app.take(place, at(10), vec![reading(&status["arguments"], &json!({}), 10)]);
    }
    app.tick(at(11));
    app.key(Key::Char('4'));
    app
}

#[test]
fn partners_are_next_to_each_other() {
    for release in ["2.2.0", "3.0.4"] {
        let app = partners(release, "server1", "server2");
        compare_sizes(&format!("{release}-ha"), &app);
    }
}

#[test]
fn partners_that_contradict_each_other_are_named() {
    let mut app = partners("2.2.0", "server1", "server1-partner-down");
    let shown = frame(&app, look(), (120, 40));
    assert!(shown.contains("partner-down"), "{shown}");
    let state = |state: &str, scopes: Value, partner: &str| {
        json!({ "pid": 7, "uptime": 1000, "high-availability": [{ "ha-mode": "hot-standby", "ha-servers": {
            "local": { "role": "primary", "scopes": scopes, "state": state },
            "remote": { "role": "standby", "last-state": partner, "last-scopes": [], "age": 3 } } }] })
    };
    let mut other = state("hot-standby", json!(["east"]), "hot-standby");
    other["high-availability"][0]["ha-servers"]["local"]["role"] = "standby".into();
    other["high-availability"][0]["ha-servers"]["remote"]["role"] = "primary".into();
    let one = state("partner-down", json!(["east"]), "unavailable");
    app.take(0, at(12), vec![reading(&one, &json!({}), 12)]);
    app.take(1, at(12), vec![reading(&other, &json!({}), 12)]);
    app.tick(at(12));
    let shown = frame(&app, look(), (120, 40));
    assert!(shown.contains("east is in state partner-down, and west takes it for hot-standby"), "{shown}");
    assert!(shown.contains("both serve east"), "{shown}");
}

/// A server of a load-balancing pair, with its state and that of its partner.
fn half(role: &str, state: &str, partner: &str) -> Value {
    let other = if role == "primary" { "secondary" } else { "primary" };
    json!({ "pid": 7, "uptime": 1000, "high-availability": [{ "ha-mode": "load-balancing", "ha-servers": {
        "local": { "role": role, "scopes": [], "state": state, "server-name": role },
        "remote": { "role": other, "last-state": partner, "last-scopes": [], "age": 3, "server-name": other } } }] })
}

#[test]
fn two_pairs_with_the_same_names_are_not_mixed_up() {
    let alike = [["load-balancing"; 2]; 4];
    let different =
        [["load-balancing"; 2], ["partner-down", "syncing"], ["syncing", "partner-down"], ["load-balancing"; 2]];
    let alone = vec![(0, None), (1, None), (2, None), (3, None)];
    let together = vec![(0, Some(3)), (1, Some(2))];
    let named = ["d", "c", "b", "a"].map(|name| Some(name.to_owned())).to_vec();
    for (states, names, expected) in [
        (different, Vec::new(), &together),
        (alike, Vec::new(), &alone),
        (alike, named.clone(), &together),
        (different, named, &together),
    ] {
        let places = ["a", "b", "c", "d"].map(|name| (name.to_owned(), None));
        let mut app = App::new(Model::new(places, Duration::from_secs(2)).with_pairs(names));
        for (place, [own, partner]) in states.into_iter().enumerate() {
            let role = if place < 2 { "primary" } else { "secondary" };
            app.take(place, at(10), vec![reading(&half(role, own, partner), &json!({}), 10)]);
        }
        app.tick(at(11));
        let found =
            app.model().pairs().iter().map(|it| (it.one.server, it.other.map(|it| it.server))).collect::<Vec<_>>();
        assert_eq!(&found, expected, "{states:?}");
    }
}

#[test]
fn a_server_that_went_silent_decides_how_all_are() {
    let mut app = partners("2.2.0", "server1", "server2");
    assert_ne!(app.model().state(), State::Critical);
    let status = recorded(&data("2.2.0").join("ha/server1-status-get.json"));
    app.take(0, at(60), vec![reading(&status["arguments"], &json!({}), 60)]);
    app.tick(at(60));
    app.key(Key::Char('1'));
    let shown = frame(&app, look(), (120, 40));
    assert!(shown.contains("no answer for 50s") && app.model().state() == State::Critical, "{shown}");
}

#[test]
fn how_all_servers_are_ends_in_a_mark_where_there_is_no_room() {
    let names = ["a", "b", "c", "d", "e"];
    let mut app = app(&names);
    for (place, trouble) in ["timeout", "no_socket", "unauthorized", "tls", "not_kea"].into_iter().enumerate() {
        app.take(place, at(10), vec![Reading { trouble: Some(trouble), ..Reading::default() }]);
    }
    app.tick(at(10));
    let second = |width| frame(&app, look(), (width, 24)).lines().nth(1).unwrap().to_owned();
    assert!(second(40).ends_with('…') && second(40).chars().count() == 40, "{}", second(40));
    assert!(!second(120).contains('…') && second(120).starts_with("5 servers: 1 "), "{}", second(120));
}

#[test]
fn a_partner_that_does_not_answer_is_not_as_of_now() {
    let mut app = partners("2.2.0", "server1", "server2");
    let trouble = Reading { daemon: Some(Daemon::Dhcp4), trouble: Some("connection_refused"), ..Reading::default() };
    app.take(0, at(12), vec![trouble]);
    let status = recorded(&data("2.2.0").join("ha/server2-status-get.json"));
    app.take(1, at(23), vec![reading(&status["arguments"], &json!({}), 23)]);
    app.tick(at(24));
    let shown = frame(&app, look(), (120, 40));
    let line = |name: &str| shown.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(line("state").contains("no answer, was load-balancing"), "{shown}");
    assert!(line("serves").contains("not known") && line("as of").contains("14s ago"), "{shown}");
    assert!(line("as of").trim_end().ends_with("now"), "the other one answers: {shown}");
}

#[test]
fn a_partner_that_the_other_one_misses_serves_no_one_for_sure() {
    let mut app = app(&["east"]);
    let status = json!({ "pid": 7, "uptime": 1000, "high-availability": [{ "ha-mode": "hot-standby", "ha-servers": {
        "local": { "role": "standby", "scopes": ["east"], "state": "partner-down" },
        "remote": { "role": "primary", "last-state": "unavailable", "last-scopes": ["east"], "age": 40,
            "communication-interrupted": true } } }] });
    app.take(0, at(10), vec![reading(&status, &json!({}), 10)]);
    app.tick(at(10));
    app.key(Key::Char('4'));
    let shown = frame(&app, look(), (120, 40));
    let serves = shown.lines().find(|line| line.starts_with("serves")).unwrap();
    assert!(serves.contains("all clients") && serves.contains("not known"), "{shown}");
    assert_eq!(serves.matches("all clients").count(), 1, "{shown}");
}

#[test]
fn details_of_one_that_is_silent_say_how_old_they_are() {
    let mut app = app(&["campus"]);
    app.take(0, at(1), vec![reading(&well(), &json!({}), 1)]);
    app.key(Key::Enter);
    app.tick(at(1));
    assert!(!frame(&app, look(), (80, 24)).contains("last answered"));
    let trouble = Reading { daemon: Some(Daemon::Dhcp4), trouble: Some("connection_refused"), ..Reading::default() };
    app.take(0, at(3), vec![trouble]);
    app.tick(at(35));
    let shown = frame(&app, look(), (80, 24));
    let [age, up] = ["34s ago, when it last answered:", "up: 16m40s"].map(|text| shown.find(text));
    assert!(age.is_some() && age < up, "{shown}");
}

#[test]
fn a_version_and_a_time_name_no_one() {
    let mut app = eventful();
    app.key(Key::Char('p'));
    app.key(Key::Char('1'));
    app.key(Key::Enter);
    let shown = frame(&app, look(), (80, 24));
    assert!(shown.contains("version: 2.2.0") && !shown.contains("campus"), "{shown}");
}

/// A server that loads its configuration, starts again, and does not answer for a while.
pub(crate) fn eventful() -> App {
    let mut app = app(&["campus"]);
    let mut status = well();
    let answer = |status: &Value, seconds| vec![reading(status, &json!({}), seconds)];
    app.take(0, at(1), answer(&status, 1));
    status["reload"] = 1.into();
    app.take(0, at(3), answer(&status, 3));
    (status["pid"], status["uptime"]) = (8.into(), 1.into());
    app.take(0, at(5), answer(&status, 5));
    app.take(
        0,
        at(7),
        vec![Reading { daemon: Some(Daemon::Dhcp4), trouble: Some("connection_refused"), ..Reading::default() }],
    );
    app.take(0, at(9), answer(&status, 9));
    app.tick(at(9));
    app.key(Key::Char('5'));
    app
}

#[test]
fn what_has_happened_is_listed() {
    let app = eventful();
    compare_sizes("events", &app);
    let shown = frame(&app, look(), (80, 24));
    let expected = ["dhcp4: serving", "dhcp4: refused", "dhcp4 has started", "dhcp4 has loaded its configuration"];
    let found: Vec<usize> =
        expected.iter().map(|event| shown.find(event).unwrap_or_else(|| panic!("{event}: {shown}"))).collect();
    assert!(found.is_sorted(), "the newest first: {shown}");
}

#[test]
fn what_was_so_before_is_no_event() {
    let mut app = app(&["campus", "east"]);
    let trouble = |trouble| vec![Reading { trouble: Some(trouble), ..Reading::default() }];
    app.take(0, at(1), trouble("no_socket"));
    app.take(1, at(1), vec![reading(&well(), &json!({}), 1)]);
    app.tick(at(1));
    app.key(Key::Char('5'));
    let shown = frame(&app, look(), (80, 24));
    assert!(shown.contains("nothing has changed since 13:46:41"), "{shown}");
    assert!(!frame(&app, look(), (80, 24)).contains("no answer for 0s"));
    // One that is found later is news.
    app.take(0, at(3), vec![reading(&well(), &json!({}), 3)]);
    app.tick(at(3));
    let shown = frame(&app, look(), (80, 24));
    assert!(shown.contains("dhcp4: serving") && shown.contains("campus"), "{shown}");
}

#[test]
fn a_time_without_an_answer_begins_after_a_second() {
    let mut app = app(&["campus"]);
    app.take(0, at(5), vec![Reading { trouble: Some("timeout"), ..Reading::default() }]);
    app.tick(at(5));
    assert!(!frame(&app, look(), (80, 24)).contains(" for "));
    app.tick(at(17));
    let shown = frame(&app, look(), (80, 24));
    assert!(shown.contains("no answer for 12s"), "{shown}");
}

#[test]
fn high_availability_of_many_is_scrolled() {
    let mut app = partners("2.2.0", "server1", "server2");
    let size = (80, 9);
    let top = frame(&app, look(), size);
    app.key(Key::Down);
    let next = frame(&app, look(), size);
    assert!(top.contains("dhcp4 load-balancing") && !next.contains("dhcp4 load-balancing"), "{next}");
}

fn refused() -> Vec<Reading> {
    vec![Reading { daemon: Some(Daemon::Dhcp4), trouble: Some("connection_refused"), ..Reading::default() }]
}

/// A server of a hot-standby pair that says this of itself and its partner.
fn member(state: &str, scopes: &[&str], partner: &str) -> Value {
    json!({ "pid": 7, "uptime": 1000, "reload": 900, "high-availability": [{ "ha-mode": "hot-standby", "ha-servers": {
        "local": { "role": "primary", "scopes": scopes, "state": state },
        "remote": { "role": "standby", "last-state": partner, "last-scopes": [], "age": 3 } } }] })
}

#[test]
fn a_server_that_has_ended_sends_and_receives_nothing() {
    let mut app = app(&["east", "west"]);
    let counted = |value: u32| json!({ "pkt4-discover-received": [[value, "x"]], "pkt4-ack-sent": [[value, "x"]] });
    let status = member("hot-standby", &["east"], "hot-standby");
    for seconds in [1, 3] {
        for place in 0..2 {
            app.take(place, at(seconds), vec![reading(&status, &counted(seconds * 10), seconds)]);
        }
    }
    app.take(0, at(5), refused());
    app.take(1, at(5), vec![reading(&status, &counted(50), 5)]);
    app.tick(at(5));
    let shown = frame(&app, look(), (80, 24));
    let row = shown.lines().find(|line| line.starts_with("east")).unwrap();
    assert!(!row.contains("10") && row.contains("was hot-standby"), "{shown}");
    app.key(Key::Char('6'));
    let now = |app: &App| {
        let shown = frame(app, look(), (80, 24));
        let row = shown.lines().find(|line| line.contains("DISCOVER")).unwrap_or_default().to_owned();
        row.split_whitespace().nth(3).unwrap_or_default().to_owned()
    };
    assert_eq!(now(&app), "10", "only the other one is counted");
    app.take(1, at(7), refused());
    app.tick(at(7));
    assert_eq!(now(&app), "-");
}

#[test]
fn a_state_that_is_not_known_yet_is_left_out_of_events() {
    let mut app = app(&["east"]);
    for (second, partner) in [(1, "hot-standby"), (3, ""), (5, "partner-down")] {
        let status = member("hot-standby", &["east"], partner);
        app.take(0, at(second), vec![reading(&status, &json!({}), second)]);
    }
    let texts: Vec<&str> = app.model().events.newest().map(|event| event.text.as_str()).collect();
    assert_eq!(texts, ["dhcp4: the HA partner's state is partner-down"]);
}

#[test]
fn a_server_that_falls_silent_is_noticed_within_two_intervals() {
    let mut app = app(&["east"]);
    app.take(0, at(1), vec![reading(&well(), &json!({}), 1)]);
    app.tick(at(5));
    assert!(!frame(&app, look(), (80, 24)).contains("no answer"));
    app.tick(at(6));
    assert!(frame(&app, look(), (80, 24)).contains("no answer for 5s"));
}

#[test]
fn a_server_that_has_ended_is_above_one_with_a_full_pool() {
    let fleet = super::frames::fleet("2.2.0");
    let shown = frame(&fleet, look(), (120, 20));
    let places = ["branch ", "campus ", "east "].map(|name| shown.find(name).unwrap());
    assert!(places.is_sorted(), "{shown}");
}

#[test]
fn hidden_names_are_not_found_and_what_is_shown_is() {
    let mut app = partners("2.2.0", "server1", "server2");
    app.key(Key::Char('p'));
    let shown = frame(&app, look(), (80, 24));
    assert!(!shown.contains("server1") && !shown.contains("server2") && shown.contains("server 1"), "{shown}");
    for (filter, is_found) in [("east", false), ("server 2", true)] {
        app.key(Key::Char('1'));
        app.key(Key::Char('/'));
        filter.chars().for_each(|c| {
            app.key(Key::Char(c));
        });
        app.key(Key::Enter);
        assert_eq!(app.len(), usize::from(is_found), "{filter}");
    }
}

#[test]
fn high_availability_has_room_between_its_columns() {
    let mut app = app(&["east"]);
    app.take(0, at(1), vec![reading(&member("hot-standby", &["east"], "hot-standby"), &json!({}), 1)]);
    app.tick(at(1));
    app.key(Key::Char('4'));
    let shown = frame(&app, look(), (40, 12));
    assert!(shown.contains("hot-standby hot-standby"), "{shown}");
}

#[test]
fn rates_have_their_place_before_they_are_known() {
    let mut app = app(&["east"]);
    let heading = |app: &App| frame(app, look(), (100, 10)).lines().nth(2).unwrap().to_owned();
    let count = |value: u32| json!({ "pkt4-discover-received": [[value, "x"]], "pkt4-ack-sent": [[value, "x"]] });
    app.take(0, at(1), vec![reading(&well(), &count(10), 1)]);
    app.tick(at(1));
    let first = heading(&app);
    app.take(0, at(3), vec![reading(&well(), &count(30), 3)]);
    app.tick(at(3));
    let columns = |heading: &str| {
        heading.split_whitespace().filter(|word| *word != "ANSWERS").map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(columns(&first), columns(&heading(&app)));
}

/// The line of the HA view that begins with this.
fn line_of(shown: &str, name: &str) -> String {
    shown.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {shown}")).to_owned()
}

#[test]
fn what_a_silent_server_has_heard_of_its_partner_gets_older() {
    let mut app = app(&["east"]);
    app.take(0, at(10), vec![reading(&half("primary", "load-balancing", "load-balancing"), &json!({}), 10)]);
    app.key(Key::Char('4'));
    app.tick(at(11));
    assert!(line_of(&frame(&app, look(), (120, 40)), "as of").trim_end().ends_with("3s ago"));
    app.take(0, at(12), refused());
    app.tick(at(30));
    let shown = frame(&app, look(), (120, 40));
    assert_eq!(line_of(&shown, "as of").split_whitespace().collect::<Vec<_>>()[2..], ["20s", "ago", "23s", "ago"]);
    assert_eq!(line_of(&shown, "serves").matches("not known").count(), 2, "{shown}");
    assert!(line_of(&shown, "last heartbeat").trim_end().ends_with("23s ago"), "{shown}");
}

#[test]
fn high_availability_is_that_of_a_daemon_that_answers() {
    let places = [("east".to_owned(), Some(Daemon::Dhcp4)), ("east".to_owned(), Some(Daemon::Dhcp6))];
    let mut app = App::new(Model::new(places, Duration::from_secs(2)));
    let status = member("hot-standby", &["east"], "hot-standby");
    let six = || vec![Reading { daemon: Some(Daemon::Dhcp6), trouble: Some("timeout"), ..Reading::default() }];
    app.take(0, at(1), vec![reading(&status, &json!({}), 1)]);
    app.take(1, at(1), six());
    app.take(1, at(7), six());
    app.take(0, at(7), vec![reading(&status, &json!({}), 7)]);
    app.tick(at(8));
    let shown = frame(&app, look(), (120, 10));
    assert!(shown.contains("hot-standby") && !shown.contains("was hot-standby"), "{shown}");
    app.take(0, at(9), refused());
    app.tick(at(10));
    let shown = frame(&app, look(), (120, 10));
    assert!(shown.contains("was hot-standby"), "{shown}");
}
