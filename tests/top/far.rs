//! Servers that are far away, or do not answer everything in time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use kea_tools::config::Daemon;
use kea_tools::control::Deadline;
use kea_tools::fleet::{Fleet, Leases, Moment, PollOptions, ServerEndpoint};
use kea_tools::health::State;
use kea_tools::stats::reading::{NO_TIME, Reading};
use kea_tools::top::{App, Model};
use serde_json::{Value, json};

use super::frames::{frame, look};
use super::moving::{reading, well};
use crate::control::fake::{Fake, Reply};
use crate::metrics::asking::agent_answer;
use crate::metrics::harness::Replay;

const NOW: i64 = 1_795_960_000;

fn at(seconds: u32) -> Moment {
    Moment { now: NOW + i64::from(seconds), monotonic: Duration::from_secs(seconds.into()) }
}

fn fleet(fake: &Fake, leases: Leases) -> Fleet {
    let wanted = PollOptions {
        subnets: true,
        leases,
        pause: Duration::ZERO,
        longest_wait: Duration::from_secs(2),
        file_pause: Duration::ZERO,
        follow: false,
        keep_configuration: false,
    };
    Fleet::new(vec![ServerEndpoint::at(fake.address().parse().unwrap())], wanted)
}

/// What a place answers within so many milliseconds.
fn poll(fleet: &Fleet, seconds: u32, limit: u64) -> Vec<Reading> {
    fleet.poll_each(at(seconds), Deadline::after(Duration::from_millis(limit))).remove(0)
}

fn trouble(readings: &[Reading], daemon: Daemon) -> Option<&'static str> {
    readings.iter().find(|reading| reading.daemon == Some(daemon)).unwrap().trouble
}

/// A server that does not say since when it runs.
fn server() -> Replay {
    Replay::new("3.0.4", 4).with("status-get", json!({ "result": 0, "arguments": { "pid": 7 } }))
}

fn name(command: &Value) -> &str {
    command["command"].as_str().unwrap()
}

#[test]
fn a_server_far_away_is_not_asked_for_statistics_one_by_one() {
    let server = server();
    let fake = Fake::web(move |command| {
        thread::sleep(Duration::from_millis(60));
        Reply::Answer(server.answer(command))
    });
    let fleet = fleet(&fake, Leases::Never);
    poll(&fleet, 1, 20_000);
    let before = fake.asked().len();
    for seconds in [3, 5, 7] {
        let readings = poll(&fleet, seconds, 20_000);
        assert!(readings[0].answers.is_some(), "{readings:?}");
    }
    let later = &fake.asked()[before..];
    assert!(later.len() <= 9, "three commands a round: {later:?}");
    assert!(later.iter().all(|command| name(command) != "statistic-get"), "{later:?}");
    assert!(later.iter().any(|command| name(command) == "statistic-get-all"), "{later:?}");
}

#[test]
fn a_round_that_is_used_up_is_no_silence() {
    let fake = Fake::web(|command| {
        thread::sleep(Duration::from_millis(300));
        Reply::Answer(agent_answer(command, ""))
    });
    // To find the daemons takes most of the time.
    let readings = poll(&fleet(&fake, Leases::Never), 1, 2000);
    let late = readings.iter().find(|reading| reading.trouble == Some(NO_TIME)).unwrap();
    let cause = late.cause.as_deref().unwrap();
    assert!(cause.contains("the time of this round was used up") && cause.contains(" of 2.0 s"), "{cause}");
    let mut app = App::new(Model::new([("far".to_owned(), None)], Duration::from_secs(2)));
    app.take(0, at(1), readings);
    app.tick(at(1));
    let shown = frame(&app, look(), (120, 10));
    assert!(shown.contains("no time") && !shown.contains("no answer"), "{shown}");
}

#[test]
fn a_server_is_not_silent_while_a_round_takes_long() {
    let words = |took: u64| {
        let mut app = App::new(Model::new([("far".to_owned(), Some(Daemon::Dhcp4))], Duration::from_secs(2)));
        let took = Duration::from_secs(took);
        app.take(0, at(1), vec![Reading { took, ..reading(&well(), &json!({}), 1) }]);
        app.tick(at(9));
        let early = app.model().word(&app.model().servers[0]);
        let left = Reading { daemon: Some(Daemon::Dhcp4), trouble: Some(NO_TIME), took, ..Reading::default() };
        app.take(0, at(9), vec![left]);
        let after = app.model().word(&app.model().servers[0]);
        app.tick(at(60));
        (early, after, app.model().word(&app.model().servers[0]))
    };
    let (serving, silent) = (("serving", State::Ok), ("no answer", State::Critical));
    assert_eq!(words(4), (serving, serving, silent));
    assert_eq!(words(0), (silent, silent, silent), "one that was quick is late");
}

#[test]
fn leases_that_cannot_be_read_are_those_of_before_for_a_while() {
    let (server, pages) = (server(), AtomicUsize::new(0));
    let fake = Fake::web(move |command| match name(command) {
        "lease4-get-page" if pages.fetch_add(1, Ordering::SeqCst) > 0 => Reply::Hang,
        _ => Reply::Answer(server.answer(command)),
    });
    let fleet = fleet(&fake, Leases::Always);
    let counted = |seconds: u32, limit: u64| {
        let mut readings = poll(&fleet, seconds, limit);
        let answers = readings.remove(0).answers.unwrap();
        (answers.usage.is_some(), answers.leases_counted, answers.skipped.iter().any(|it| it.reason == "timeout"))
    };
    let first = Some(NOW + 1);
    assert_eq!(counted(1, 20_000), (true, first, false));
    assert_eq!(counted(120, 2000), (true, first, false), "they are two minutes old");
    assert_eq!(counted(400, 2000), (false, None, true), "they are too old");
}

#[test]
fn behind_a_control_agent_that_hangs_nothing_is_known() {
    let hangs = Arc::new(AtomicBool::new(false));
    let is_hung = Arc::clone(&hangs);
    let fake =
        Fake::web(
            move |command| {
                if is_hung.load(Ordering::SeqCst) { Reply::Hang } else { Reply::Answer(agent_answer(command, "")) }
            },
        );
    let fleet = fleet(&fake, Leases::Never);
    assert!(poll(&fleet, 1, 20_000).iter().all(|reading| reading.answers.is_some()));
    hangs.store(true, Ordering::SeqCst);
    let readings = poll(&fleet, 3, 1500);
    assert_eq!(trouble(&readings, Daemon::CtrlAgent), Some("timeout"));
    assert_eq!(trouble(&readings, Daemon::Dhcp4), Some("no_agent"));
    assert_eq!(trouble(&readings, Daemon::Dhcp6), Some("no_agent"));
}
