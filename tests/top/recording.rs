//! Recordings show again what was seen, and hold no secrets.

use std::time::Duration;

use kea_tools::control::Deadline;
use kea_tools::fleet::Moment;
use kea_tools::fleet::{Fleet, Leases, Place, Wanted};
use kea_tools::top::{self, App, Key, Model, Played, Player, Recorder};
use serde_json::json;

use super::frames::{frame, look};
use super::world::{place, recorded_at, run_at, servers};
use crate::metrics::world::{RELEASES, Replay};

/// What is known after two rounds, and a recording of them.
fn recorded(places: Vec<Place>, now: i64) -> (App, String) {
    let interval = Duration::from_secs(2);
    let names: Vec<_> = places.iter().map(|place| (place.server.clone().unwrap(), place.guess())).collect();
    let mut text = Recorder::head(&names, interval);
    let mut app = App::new(Model::new(names, interval));
    let wanted = Wanted {
        subnets: true,
        leases: Leases::Auto,
        pause: Duration::ZERO,
        longest_wait: interval,
        file_pause: Duration::ZERO,
        follow: true,
        keep_configuration: true,
    };
    let fleet = Fleet::new(places, wanted).unwrap();
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
        let Some(Played { place, moment, readings }) = player.line(line) else { panic!("{line}") };
        app.take(place, moment, readings);
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
