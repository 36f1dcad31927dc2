//! Recordings show again what was seen, and hold no secrets.

use std::time::Duration;

use kea_tools::config::Daemon;
use kea_tools::control::Deadline;
use kea_tools::fleet::Moment;
use kea_tools::fleet::{Fleet, Leases, PollOptions, ServerEndpoint};
use kea_tools::health::kea::facts::{Configuration, Host, Instance, Log, LogLine, Process};
use kea_tools::stats::reading::{Load, Reading};
use kea_tools::top::{self, App, Key, Model, Player, Recorder};
use serde_json::json;

use super::frames::{frame, look};
use super::harness::{place, recorded_at, run_at, servers};
use crate::metrics::harness::{RELEASES, Replay};

/// What is known after two rounds, and a recording of them.
fn recorded(places: Vec<ServerEndpoint>, now: i64) -> (App, String) {
    let interval = Duration::from_secs(2);
    let names: Vec<_> = places.iter().map(|place| (place.server.clone().unwrap(), place.guess())).collect();
    let mut text = Recorder::head(&names, &[], interval, Vec::new());
    let mut app = App::new(Model::new(names, interval));
    let wanted = PollOptions {
        subnets: true,
        leases: Leases::Auto,
        pause: Duration::ZERO,
        longest_wait: interval,
        file_pause: Duration::ZERO,
        follow: true,
        keep_configuration: true,
    };
    let fleet = Fleet::new(places, wanted);
    let mut recorder = Recorder::default();
    for round in 0..2 {
        let moment = Moment { now: now + round * 2, monotonic: Duration::from_secs(100 + round.unsigned_abs() * 2) };
        let answers = fleet.poll_each(moment, Deadline::after(Duration::from_secs(20)));
        for (place, readings) in answers.into_iter().enumerate() {
            text += &recorder.line(place, moment, &readings);
            app.take(place, moment, readings);
        }
        app.tick(moment);
    }
    (app, text)
}

fn replayed(text: &str) -> App {
    let (head, lines) = text.split_once('\n').unwrap();
    let mut app = App::new(Player::head(head).unwrap());
    let mut player = Player::default();
    for line in lines.lines() {
        let frame = player.line(line).unwrap_or_else(|| panic!("{line}"));
        let moment = frame.moment;
        app.show(frame);
        app.tick(moment);
    }
    app
}

#[test]
fn a_recording_shows_what_was_seen() {
    for release in RELEASES {
        let [four, six] = servers(release);
        let places = vec![place("a", four.address()), place("a", six.address()), place("b", "/nowhere/kea4")];
        let (mut seen, text) = recorded(places, recorded_at(release));
        let mut again = replayed(&text);
        for view in ['1', '2', '3', '4', '5', '6'] {
            seen.key(Key::Char(view));
            again.key(Key::Char(view));
            let size = (200, 60);
            assert_eq!(frame(&again, look(), size), frame(&seen, look(), size), "{release} {view}");
            for app in [&mut seen, &mut again] {
                app.key(Key::Enter);
            }
            assert_eq!(frame(&again, look(), size), frame(&seen, look(), size), "{release} {view} details");
        }
        // The second line of a place has no configuration, which has not changed.
        let lines: Vec<_> = text.lines().filter(|line| line.contains("\"place\":0")).collect();
        assert!(lines[0].contains("\"config\":") && !lines[1].contains("\"config\":"), "{}", lines[1]);
    }
}

/// A host with a server that is stopped, and a daemon that need not run.
fn seen_and_recorded() -> (App, String) {
    let places = [Daemon::Dhcp4, Daemon::Ddns].map(|daemon| ("this host".to_owned(), Some(daemon)));
    let files = ["/a", "/b"].map(|file| Some(file.into()));
    let interval = Duration::from_secs(2);
    let mut text = Recorder::head(&places, &[], interval, vec![0, 1]);
    let mut app = App::new(Model::new(places, interval).with_files(files.to_vec()));
    let mut recorder = Recorder::default();
    let silent = |daemon, trouble| vec![Reading { daemon: Some(daemon), trouble: Some(trouble), ..Reading::default() }];
    for seconds in [1, 3, 5] {
        let moment = Moment { now: 1_795_960_000 + seconds, monotonic: Duration::from_secs(seconds.unsigned_abs()) };
        for (place, readings) in [(0, silent(Daemon::Dhcp4, "timeout")), (1, silent(Daemon::Ddns, "no_socket"))] {
            text += &recorder.line(place, moment, &readings);
            app.take(place, moment, readings);
        }
        let instance = |daemon, file: &str, process| Instance {
            configuration: Some(Configuration { path: file.into(), ..Configuration::default() }),
            has_run: Some(false),
            process,
            ..Instance::new(daemon, "kea")
        };
        let stopped = Process { pid: 7, state: 'T', ..Process::default() };
        let mut server = instance(Daemon::Dhcp4, "/a", Some(stopped));
        let line = LogLine { id: "DHCP4_NEW".to_owned(), severity: "ERROR".to_owned(), ..LogLine::default() };
        server.log = Some(Log { errors: vec![line], ..Log::default() });
        let host = Host { instances: vec![server, instance(Daemon::Ddns, "/b", None)], ..Host::default() };
        let load = Load { one_minute: Some(0.5), memory: Some((1, 4)) };
        let shown = app.take_host(moment, &host, &files, load);
        text += &recorder.host_line(moment, &shown);
        app.tick(moment);
    }
    (app, text)
}

#[test]
fn what_the_host_has_shown_is_recorded() {
    let (mut seen, text) = seen_and_recorded();
    let mut again = replayed(&text);
    for view in ['1', '5'] {
        for app in [&mut seen, &mut again] {
            app.key(Key::Char(view));
        }
        assert_eq!(frame(&again, look(), (200, 30)), frame(&seen, look(), (200, 30)));
    }
    seen.key(Key::Char('1'));
    let shown = frame(&seen, look(), (200, 30));
    assert!(shown.contains("stopped") && shown.contains("0.50"), "{shown}");
    let lines = text.lines().filter(|line| line.contains("is stopped (SIGSTOP)"));
    assert_eq!(lines.count(), 1, "what has not changed is not written again: {text}");
}

#[test]
fn a_recording_of_before_there_were_hosts_in_it_is_shown() {
    let head = r#"{"kea_top":1,"interval":2.0,"places":[["campus","dhcp4"]]}"#;
    let line = r#"{"at":1795960000,"monotonic":7.5,"place":0,"readings":[{"daemon":"dhcp4","trouble":"no_socket"}]}"#;
    let head = head.replace("kea_top", "kea-top");
    let shown = frame(&replayed(&format!("{head}\n{line}\n")), look(), (80, 24));
    assert!(shown.contains("campus  no socket"), "{shown}");
}

#[test]
fn the_program_records_and_replays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it.ndjson");
    let file = file.to_str().unwrap();
    let [four, _] = servers("2.6.3");
    let now = recorded_at("2.6.3");
    let seen = run_at(now, &["--once", "--server", four.address(), "--record", file]);
    let again = run_at(0, &["--once", "--replay", file]);
    let (head, body) = again.stdout.split_once('\n').unwrap();
    assert!(head.starts_with("REPLAY: recorded at 20"), "{head}");
    assert_eq!((body, again.status, again.stderr.as_str()), (seen.stdout.as_str(), seen.status, ""));
    let document = run_at(0, &["--once", "-f", "json", "--replay", file]).stdout;
    assert!(document.contains("\"replay\": true"), "{document}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let ran = run_at(now, &["--once", "--server", four.address(), "--record", file]);
    assert!(ran.status == 2 && ran.stderr.contains("it is not replaced"), "{}", ran.stderr);
    for (text, expected) in [("", "no recording"), ("{}\n", "no recording"), ("x", "no recording")] {
        std::fs::write(file, text).unwrap();
        let ran = run_at(0, &["--once", "--replay", file]);
        assert!(ran.status == 2 && ran.stderr.contains(expected), "{}", ran.stderr);
    }
}

#[test]
fn secrets_are_in_no_frame_and_no_recording() {
    let secret = "s3cret-of-the-configuration";
    let config = json!({ "result": 0, "arguments": { "Dhcp4": {
        "lease-database": { "type": "mysql", "name": "kea", "user": "kea", "password": secret },
        "hosts-databases": [{ "type": "postgresql", "name": "kea", "password": secret }],
        "control-sockets": [{ "socket-type": "http", "authentication": { "type": "basic", "clients": [
            { "user": "admin", "password": secret }] } }],
        "hooks-libraries": [{ "library": "libdhcp_ha.so", "parameters": { "high-availability": [{
            "mode": "hot-standby", "this-server-name": "a", "peers": [
                { "name": "a", "url": "http://192.0.2.1:8000/", "role": "primary", "basic-auth-user": "a",
                  "basic-auth-password": secret }] }] } }],
        "subnet4": [{ "id": 1, "subnet": "192.0.2.0/24", "pools": [{ "pool": "192.0.2.10 - 192.0.2.99" }] }] } } });
    let server = Replay::new("3.0.4", 4).with("config-get", config).serve();
    let (mut app, text) = recorded(vec![place("a", server.address())], recorded_at("3.0.4"));
    assert!(text.contains("192.0.2.0/24") && !text.contains(secret), "{text}");
    for view in ['1', '2', '3', '4', '5', '6'] {
        app.key(Key::Char(view));
        for key in [Key::Escape, Key::Enter] {
            app.key(key);
            assert!(!frame(&app, look(), (200, 60)).contains(secret));
        }
    }
    let ran = run_at(0, &["--once", "-f", "json", "--server", server.address()]);
    assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret));
}

#[test]
fn a_recording_is_marked_as_one() {
    let [four, _] = servers("2.2.0");
    let (_, text) = recorded(vec![place("a", four.address())], recorded_at("2.2.0"));
    let mut app = replayed(&text);
    let clock = |app: &App, width| frame(app, look(), (width, 5)).lines().next().unwrap().to_owned();
    assert!(!clock(&app, 100).contains("REPLAY"));
    for (replay, wide, narrow) in
        [(top::Replay::Running, "REPLAY of 2026-", "REPLAY "), (top::Replay::Ended, "REPLAY ended 2026-", "REPLAY ")]
    {
        app.replay = Some(replay);
        assert!(clock(&app, 100).contains(wide) && clock(&app, 80).contains(narrow), "{}", clock(&app, 80));
        assert!(clock(&app, 40).contains("REPLAY"), "{}", clock(&app, 40));
    }
}

#[test]
fn files_of_the_configuration_are_not_recorded_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let config = json!({ "Dhcp4": {
        "control-socket": { "socket-type": "unix", "socket-name": path("socket") },
        "lease-database": { "type": "memfile", "name": path("leases.csv") },
        "loggers": [{ "name": "kea-dhcp4", "output_options": [{ "output": path("kea.log") }] }] } });
    std::fs::write(path("kea.conf"), config.to_string()).unwrap();
    for name in ["leases.csv", "leases.csv.2", "kea.log", "kea.log.1"] {
        let ran = run_at(0, &["--once", "-c", &path("kea.conf"), "--record", &path(name)]);
        assert!(ran.status == 2 && ran.stderr.contains("a running server would lose it"), "{name}: {ran:?}");
        assert!(!std::path::Path::new(&path(name)).exists());
    }
}

#[test]
fn a_recording_that_was_edited_is_shown_and_a_damaged_one_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("edited");
    let head = Recorder::head(&[("campus".to_owned(), Some(Daemon::Dhcp4))], &[], Duration::from_secs(2), Vec::new());
    let line = "{\"at\":1795960000,\"monotonic\":5.0,\"place\":0,\"readings\":[{\"daemon\":\"dhcp4\",\"trouble\":\"timeout\"}]}\n";
    let no_recording = "this is no recording of kea-top";
    let no_line = "this is no line of a recording";
    for (text, status, expected) in [
        (format!("\u{feff}{head}\n{line}\r\n{line}\n"), 1, ""),
        (format!("{}{line}", head.replace("2.0", "1e19")), 2, no_recording),
        (format!("{}{line}", head.replace("2.0", "0.0")), 2, no_recording),
        (format!("{head}{line}{}{line}", line.replace("5.0", "1.8e19")), 2, no_line),
    ] {
        std::fs::write(&file, &text).unwrap();
        let ran = run_at(1_795_960_000, &["--replay", file.to_str().unwrap(), "--once"]);
        assert!(ran.status == status && ran.stderr.contains(expected), "{text}: {ran:?}");
    }
}

#[test]
fn a_recording_that_holds_no_answers_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cut");
    let head = Recorder::head(&[("campus".to_owned(), Some(Daemon::Dhcp4))], &[], Duration::from_secs(2), Vec::new());
    for text in [head.clone(), head + "{\"at\":1795960000,\"mono"] {
        std::fs::write(&file, text).unwrap();
        let ran = run_at(1_795_960_000, &["--replay", file.to_str().unwrap(), "--once"]);
        assert!(ran.status == 2 && ran.stderr.contains("this recording has no answers"), "{ran:?}");
    }
}
