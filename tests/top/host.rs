//! What this host shows of servers that do not answer, and of their logs.

use std::path::PathBuf;
use std::time::Duration;

use kea_tools::config::Daemon;
use kea_tools::fleet::Moment;
use kea_tools::health::State;
use kea_tools::health::kea::answer::Status;
use kea_tools::health::kea::facts::{
    Configuration, Control, Expected, Host, Instance, InstancePlace, Log, LogLine, Process, Socket, Sockets,
};
use kea_tools::stats::reading::{Load, Reading};
use kea_tools::top::{App, Key, Model};
use serde_json::json;

use super::frames::{frame, look};
use super::moving::{reading, well};

const NOW: i64 = 1_795_960_000;

fn at(seconds: u32) -> Moment {
    Moment { now: NOW + i64::from(seconds), monotonic: Duration::from_secs(seconds.into()) }
}

/// Daemons of this host, each with its configuration file.
fn local(daemons: &[(Daemon, &str)]) -> App {
    let places = daemons.iter().map(|(daemon, _)| ("this host".to_owned(), Some(*daemon)));
    let files = daemons.iter().map(|(_, file)| Some(PathBuf::from(file))).collect();
    App::new(Model::new(places, Duration::from_secs(2)).with_files(files))
}

fn silent(daemon: Daemon, trouble: &'static str) -> Vec<Reading> {
    vec![Reading { daemon: Some(daemon), trouble: Some(trouble), ..Reading::default() }]
}

/// A daemon that is installed with this configuration, and that nothing says should run.
fn installed(daemon: Daemon, file: &str) -> Instance {
    let configuration = Configuration { path: file.into(), ..Configuration::default() };
    Instance { configuration: Some(configuration), has_run: Some(false), ..Instance::new(daemon, "kea") }
}

fn running(daemon: Daemon, file: &str) -> Instance {
    let process = Process { pid: 7, state: 'S', started: NOW - 1000, ..Process::default() };
    Instance { process: Some(process), expected: Some(Expected::Runs), ..installed(daemon, file) }
}

fn shows(app: &mut App, seconds: u32, instances: Vec<Instance>) {
    let file = |instance: &Instance| instance.configuration.as_ref().map(|file| file.path.clone());
    let files: Vec<_> = instances.iter().map(file).collect();
    app.take_host(at(seconds), &Host { instances, ..Host::default() }, &files, Load::default());
    app.tick(at(seconds));
}

fn word(app: &App) -> (&'static str, State) {
    app.model().word(&app.model().servers[0])
}

#[test]
fn one_that_hangs_in_another_namespace_is_not_well() {
    let mut app = local(&[(Daemon::Dhcp4, "/srv/kea4.conf")]);
    app.take(0, at(1), silent(Daemon::Dhcp4, "timeout"));
    // The file in the usual place is of another server, which need not run.
    let other = || installed(Daemon::Dhcp4, "/etc/kea/kea-dhcp4.conf");
    shows(&mut app, 2, vec![other()]);
    assert_eq!(word(&app), ("no answer", State::Critical));
    let control = Control::NoAnswer { address: "/run/kea/kea4".to_owned(), waited: 1.0 };
    let hung = Instance { control, place: InstancePlace::Elsewhere, ..running(Daemon::Dhcp4, "/srv/kea4.conf") };
    shows(&mut app, 3, vec![other(), hung]);
    assert_eq!(word(&app), ("hung", State::Critical));
    assert_eq!(app.model().state(), State::Critical);
}

#[test]
fn one_that_was_killed_is_not_well() {
    let mut app = local(&[(Daemon::Dhcp4, "/etc/kea/kea-dhcp4.conf")]);
    app.take(0, at(1), silent(Daemon::Dhcp4, "connection_refused"));
    let control = Control::Refused { address: "/run/kea/kea4".to_owned() };
    let killed = Instance { control, has_run: Some(true), ..installed(Daemon::Dhcp4, "/etc/kea/kea-dhcp4.conf") };
    shows(&mut app, 2, vec![killed]);
    assert_eq!(word(&app), ("refused", State::Critical));
    // One that has answered is missed, whatever says that it should run.
    let mut app = local(&[(Daemon::Dhcp4, "/etc/kea/kea-dhcp4.conf")]);
    app.take(0, at(1), vec![reading(&well(), &json!({}), 1)]);
    app.take(0, at(3), silent(Daemon::Dhcp4, "no_socket"));
    shows(&mut app, 4, vec![installed(Daemon::Dhcp4, "/etc/kea/kea-dhcp4.conf")]);
    assert_eq!(word(&app), ("no socket", State::Critical));
}

#[test]
fn where_nothing_runs_nothing_is_healthy() {
    let files = [(Daemon::Dhcp4, "/etc/kea/kea-dhcp4.conf"), (Daemon::Dhcp6, "/etc/kea/kea-dhcp6.conf")];
    let mut app = local(&files);
    for (place, (daemon, _)) in files.into_iter().enumerate() {
        app.take(place, at(1), silent(daemon, "no_socket"));
    }
    shows(&mut app, 2, files.map(|(daemon, file)| installed(daemon, file)).into());
    assert_eq!(word(&app), ("not running", State::Unknown));
    app.key(Key::Enter);
    let shown = frame(&app, look(), (80, 24));
    assert!(shown.contains("no daemon of Kea runs here, and nothing shows that one should"), "{shown}");
    // Of one that serves, the other one is no fault.
    app.take(0, at(3), vec![reading(&well(), &json!({}), 3)]);
    shows(&mut app, 4, vec![running(files[0].0, files[0].1), installed(files[1].0, files[1].1)]);
    assert_eq!(word(&app), ("serving", State::Ok));
}

#[test]
fn daemon_stopped_at_the_first_look_is_an_event() {
    let mut app = local(&[(Daemon::Dhcp4, "/srv/kea4.conf")]);
    app.take(0, at(1), vec![reading(&well(), &json!({}), 1)]);
    let mut stopped = running(Daemon::Dhcp4, "/srv/kea4.conf");
    stopped.process.as_mut().unwrap().state = 'T';
    shows(&mut app, 2, vec![stopped]);
    assert_eq!(word(&app).0, "stopped");
    let events: Vec<_> = app.model().events.newest().map(|event| event.text.as_str()).collect();
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(events[0].starts_with("dhcp4: stopped"), "{events:?}");
}

fn events(app: &App) -> Vec<&str> {
    app.model().events.newest().map(|event| event.text.as_str()).collect()
}

#[test]
fn an_answer_counts_more_than_an_earlier_look() {
    let mut stopped = running(Daemon::Dhcp4, "/srv/kea4.conf");
    stopped.process.as_mut().unwrap().state = 'T';
    let gone = Instance { expected: Some(Expected::Unit), ..installed(Daemon::Dhcp4, "/srv/kea4.conf") };
    for (look, shown) in [(stopped, "stopped"), (gone, "down")] {
        let mut app = local(&[(Daemon::Dhcp4, "/srv/kea4.conf")]);
        app.take(0, at(1), silent(Daemon::Dhcp4, "timeout"));
        shows(&mut app, 2, vec![look]);
        assert_eq!(word(&app).0, shown);
        app.take(0, at(4), vec![reading(&well(), &json!({}), 4)]);
        assert_eq!(word(&app), ("serving", State::Ok));
    }
}

#[test]
fn a_configuration_that_was_loaded_since_the_look_is_loaded() {
    let mut app = local(&[(Daemon::Dhcp4, "/srv/kea4.conf")]);
    app.take(0, at(10), vec![reading(&well(), &json!({}), 10)]);
    let changed = || {
        let mut instance = running(Daemon::Dhcp4, "/srv/kea4.conf");
        instance.configuration.as_mut().unwrap().modified = Some(NOW + 9);
        let status = Box::new(Status::read(&well()));
        let address = "/run/kea/kea4".to_owned();
        instance.control = Control::Answered { address, status, version: None, configuration: None };
        instance
    };
    shows(&mut app, 11, vec![changed()]);
    assert_eq!(word(&app).0, "warning");
    let mut status = well();
    status["reload"] = 1.into();
    app.take(0, at(12), vec![reading(&status, &json!({}), 12)]);
    assert_eq!(word(&app), ("serving", State::Ok));
    // A look that was taken with the answer of before.
    shows(&mut app, 12, vec![changed()]);
    assert_eq!(word(&app), ("serving", State::Ok));
    assert_eq!(events(&app), ["dhcp4 has loaded its configuration", "dhcp4: serving"]);
}

#[test]
fn an_unused_daemon_is_not_missed_before_the_first_look() {
    let files = [(Daemon::Dhcp4, "/etc/kea/kea-dhcp4.conf"), (Daemon::Ddns, "/etc/kea/kea-dhcp-ddns.conf")];
    let mut app = local(&files);
    app.take(0, at(1), vec![reading(&well(), &json!({}), 1)]);
    app.take(1, at(1), silent(Daemon::Ddns, "no_socket"));
    assert_eq!(word(&app), ("no answer yet", State::Unknown));
    let mut unseen = app;
    unseen.without_host();
    assert_eq!(word(&unseen), ("no socket", State::Critical));
    let mut app = local(&files);
    app.take(0, at(1), vec![reading(&well(), &json!({}), 1)]);
    app.take(1, at(1), silent(Daemon::Ddns, "no_socket"));
    shows(&mut app, 2, vec![running(files[0].0, files[0].1), installed(files[1].0, files[1].1)]);
    assert_eq!(word(&app), ("serving", State::Ok));
    let row = frame(&app, look(), (120, 10));
    assert!(row.contains("dhcp4") && !row.contains("d2"), "{row}");
    // A host that shows nothing is not waited for all the time.
    let mut app = local(&files);
    for seconds in [1, 3, 5, 7, 9] {
        app.take(1, at(seconds), silent(Daemon::Ddns, "no_socket"));
    }
    assert_eq!(word(&app), ("no socket", State::Critical));
}

#[test]
fn one_that_may_not_be_asked_is_not_said_to_be_down() {
    let mut app = local(&[(Daemon::Ddns, "/etc/kea/kea-dhcp-ddns.conf")]);
    app.take(0, at(1), silent(Daemon::Ddns, "permission_denied"));
    let unclear = Instance {
        expected: Some(Expected::Installed),
        has_run: None,
        ..installed(Daemon::Ddns, "/etc/kea/kea-dhcp-ddns.conf")
    };
    shows(&mut app, 2, vec![unclear]);
    assert_eq!(word(&app), ("no access", State::Unknown));
}

fn logged(ids: &[&str]) -> Instance {
    let line = |id: &&str| LogLine {
        id: (*id).to_owned(),
        severity: "ERROR".to_owned(),
        text: "it went wrong".to_owned(),
        ..LogLine::default()
    };
    let log = Log { errors: ids.iter().map(line).collect(), ..Log::default() };
    Instance { log: Some(log), ..running(Daemon::Dhcp4, "/a") }
}

#[test]
fn a_new_kind_of_error_in_the_log_is_an_event() {
    let mut app = local(&[(Daemon::Dhcp4, "/a")]);
    app.take(0, at(1), vec![reading(&well(), &json!({}), 1)]);
    shows(&mut app, 2, vec![logged(&["DHCP4_OLD"])]);
    shows(&mut app, 4, vec![logged(&["DHCP4_OLD", "DHCP4_NEW"])]);
    shows(&mut app, 6, vec![logged(&["DHCP4_NEW", "DHCP4_NEW"])]);
    let events: Vec<_> = app.model().events.newest().map(|event| event.text.as_str()).collect();
    assert_eq!(events, ["dhcp4: new in its log: ERROR DHCP4_NEW it went wrong"]);
}

#[test]
fn one_that_serves_no_client_does_not_serve_a_full_pool_either() {
    let mut app = super::frames::fleet("2.2.0");
    assert_eq!(app.model().word(&app.model().servers[0]), ("pool full", State::Critical));
    // What follows does not answer, and has full pools.
    app.take(0, at(1), silent(Daemon::Dhcp4, "connection_refused"));
    assert_eq!(app.model().word(&app.model().servers[0]), ("refused", State::Critical));
}

#[test]
fn what_ran_at_the_look_and_is_gone_is_gone() {
    let mut app = local(&[(Daemon::Dhcp4, "/srv/kea4.conf")]);
    app.take(0, at(1), vec![reading(&well(), &json!({}), 1)]);
    let mut rejected = running(Daemon::Dhcp4, "/srv/kea4.conf");
    let line = LogLine { id: "DHCP4_CONFIG_LOAD_FAIL".to_owned(), ..LogLine::default() };
    rejected.log = Some(Log { reload_failed: Some(line), ..Log::default() });
    let status = Box::new(Status::read(&well()));
    rejected.control =
        Control::Answered { address: "/run/kea/kea4".to_owned(), status, version: None, configuration: None };
    shows(&mut app, 2, vec![rejected]);
    assert_eq!(word(&app).0, "reload failed");
    app.take(0, at(3), silent(Daemon::Dhcp4, "connection_refused"));
    assert_eq!(word(&app), ("refused", State::Critical));
}

#[test]
fn one_whose_socket_is_elsewhere_serves() {
    let mut app = local(&[(Daemon::Dhcp4, "/srv/kea4.conf")]);
    app.take(0, at(1), silent(Daemon::Dhcp4, "no_socket"));
    let mut moved = running(Daemon::Dhcp4, "/srv/kea4.conf");
    moved.configuration.as_mut().unwrap().modified = Some(NOW - 5);
    let status = Box::new(Status::read(&well()));
    moved.control =
        Control::Answered { address: "/run/kea/old".to_owned(), status, version: None, configuration: None };
    shows(&mut app, 2, vec![moved]);
    assert_eq!(word(&app), ("warning", State::Warning));
}

#[test]
fn one_without_an_interface_does_not_serve_alone() {
    let mut app = local(&[(Daemon::Dhcp4, "/srv/kea4.conf")]);
    let mut status = well();
    status["high-availability"] = json!([{ "ha-mode": "hot-standby", "ha-servers": {
        "local": { "role": "primary", "scopes": ["one", "other"], "state": "partner-down" },
        "remote": { "role": "standby", "last-state": "unavailable", "last-scopes": [], "age": 40,
            "communication-interrupted": true } } }]);
    app.take(0, at(1), vec![reading(&status, &json!({}), 1)]);
    let mut instance = running(Daemon::Dhcp4, "/srv/kea4.conf");
    let status = Box::new(Status::read(&status));
    instance.control =
        Control::Answered { address: "/run/kea/kea4".to_owned(), status, version: None, configuration: None };
    instance.configuration.as_mut().unwrap().interfaces = Some(vec!["eth0".to_owned()]);
    let (interface, address) = (Some("eth0".to_owned()), String::new());
    let service = vec![Socket { kind: "packet", address, interface, is_up: Some(false), obstacle: None }];
    instance.sockets = Some(Sockets { service, ..Sockets::default() });
    shows(&mut app, 2, vec![instance]);
    assert_eq!(word(&app), ("not serving", State::Critical));
    let why = app.model().servers[0].daemon(0).unwrap().why();
    assert_eq!(why, Some("it serves no client: interface eth0 is down (ip link set eth0 up)"));
    app.key(Key::Char('4'));
    let shown = frame(&app, look(), (120, 24));
    let serves = shown.lines().find(|line| line.starts_with("serves")).unwrap();
    assert!(serves.contains("no clients") && !shown.contains("serves alone"), "{shown}");
    assert!(shown.contains("its partner is down, and it serves no client either"), "{shown}");
}

#[test]
fn an_event_says_once_that_a_daemon_is_down() {
    let mut app = local(&[(Daemon::Dhcp4, "/srv/kea4.conf")]);
    app.take(0, at(1), vec![reading(&well(), &json!({}), 1)]);
    shows(&mut app, 2, vec![running(Daemon::Dhcp4, "/srv/kea4.conf")]);
    app.take(0, at(3), silent(Daemon::Dhcp4, "no_socket"));
    let gone = Instance { expected: Some(Expected::Unit), ..installed(Daemon::Dhcp4, "/srv/kea4.conf") };
    shows(&mut app, 4, vec![gone]);
    assert_eq!(word(&app).0, "down");
    let event = events(&app)[0];
    assert!(event.starts_with("dhcp4: down: ") && !event.contains("down: down"), "{event}");
}

#[test]
fn a_server_is_silent_since_the_last_answer_of_its_daemon() {
    let files = [(Daemon::Dhcp4, "/etc/kea/kea-dhcp4.conf"), (Daemon::Ddns, "/etc/kea/kea-dhcp-ddns.conf")];
    let unused = installed(files[1].0, files[1].1);
    let down = Instance { expected: Some(Expected::Unit), ..unused.clone() };
    let runs = || running(files[0].0, files[0].1);
    for other in [unused.clone(), down] {
        let mut app = local(&files);
        app.take(1, at(1), silent(Daemon::Ddns, "no_socket"));
        app.take(0, at(16), vec![reading(&well(), &json!({}), 16)]);
        let mut stopped = runs();
        stopped.process.as_mut().unwrap().state = 'T';
        app.take(0, at(20), silent(Daemon::Dhcp4, "timeout"));
        shows(&mut app, 23, vec![stopped, other]);
        let shown = frame(&app, look(), (120, 10));
        assert!(shown.contains("stopped for 7s"), "{shown}");
    }
    // An answer that is late is missed although another daemon need not run.
    let mut app = local(&files);
    app.take(1, at(1), silent(Daemon::Ddns, "no_socket"));
    app.take(0, at(16), vec![reading(&well(), &json!({}), 16)]);
    shows(&mut app, 17, vec![runs(), unused]);
    assert_eq!(word(&app), ("serving", State::Ok));
    app.tick(at(22));
    let shown = frame(&app, look(), (120, 10));
    assert!(shown.contains("no answer for 6s"), "{shown}");
}
