//! Frames of every view, as text, of servers of three releases.
//!
//! `UPDATE_FRAMES=1 cargo test --test ring1 top::frames` writes what is drawn today.

use std::fs;
use std::path::Path;

use kea_tools::output::live::{self, Colors, FrameOptions};
use kea_tools::time::Zone;
use kea_tools::top::{App, Flow, Key};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::json;

use super::harness::{asked, place, recorded_at, servers};
use crate::control::fake::{Fake, Reply};
use crate::metrics::harness::{RELEASES, Replay};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

pub(crate) fn look() -> FrameOptions {
    let zone = Zone::from_variable(Some("UTC"));
    FrameOptions { width: 80, height: 24, colors: Colors::None, is_ascii: false, zone }
}

/// What a terminal of this size shows.
pub(crate) fn frame(app: &App, look: FrameOptions, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| live::draw(app, look, frame.area(), frame.buffer_mut())).unwrap();
    let buffer = terminal.backend().buffer();
    let line = |y: u16| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned() + "\n";
    (0..height).map(line).collect()
}

pub(crate) fn compare(name: &str, shown: &str) {
    compare_file(&format!("tests/data/top/{name}"), shown);
}

/// The same of a frame in every size.
pub(crate) fn compare_sizes(name: &str, app: &App) {
    for (width, height) in SIZES {
        compare(&format!("{name}-{width}x{height}.txt"), &without_ports(&frame(app, look(), (width, height))));
    }
}

/// The file has this text, or is given it.
#[expect(clippy::disallowed_methods, reason = "the variable is for who runs the tests")]
pub(crate) fn compare_file(name: &str, shown: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("UPDATE_FRAMES").is_some() {
        fs::write(&path, shown).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let remedy = "UPDATE_FRAMES=1 cargo test --test ring1 top:: writes it anew";
    assert!(shown == expected, "{name} is out of date: {remedy}\n{shown}");
}

/// Servers of a release, one that is down, one that rejects the login.
pub(crate) fn fleet(release: &str) -> App {
    let [four, six] = servers(release);
    let locked = Fake::web(|_| Reply::Status(401, serde_json::json!({ "result": 401, "text": "Unauthorized" })));
    let places = vec![
        place("campus", four.address()),
        place("campus", six.address()),
        place("branch", "/nowhere/kea4-ctrl-socket"),
        place("east", locked.address()),
    ];
    asked(places, recorded_at(release))
}

/// The address of the server that rejects the login is another one each time.
pub(crate) fn without_ports(frame: &str) -> String {
    let mut text = String::new();
    for (index, part) in frame.split("127.0.0.1:").enumerate() {
        if index > 0 {
            text.push_str("127.0.0.1:");
        }
        text.push_str(if index > 0 { part.trim_start_matches(|c: char| c.is_ascii_digit()) } else { part });
    }
    text
}

#[test]
fn each_view_is_as_it_was_in_every_size() {
    for release in RELEASES {
        let mut app = fleet(release);
        for (key, name) in [('1', "overview"), ('2', "pools")] {
            app.key(Key::Char(key));
            compare_sizes(&format!("{release}-{name}"), &app);
        }
    }
}

#[test]
fn details_and_help_are_as_they_were() {
    let mut app = fleet("2.2.0");
    for (keys, name) in [
        (&[Key::Char('1'), Key::Enter][..], "server"),
        (&[Key::Escape, Key::Char('2'), Key::Enter], "pool"),
        (&[Key::Escape, Key::Char('?')], "help"),
    ] {
        for key in keys {
            app.key(*key);
        }
        compare(&format!("detail-{name}.txt"), &without_ports(&frame(&app, look(), (80, 24))));
    }
}

#[test]
fn a_terminal_of_any_size_shows_what_fits() {
    let mut app = fleet("2.2.0");
    for key in ['1', '2', '3', '4', '5', '6', '?'] {
        app.key(Key::Char(key));
        for (width, height) in [(1, 1), (2, 3), (10, 4), (20, 5), (39, 10), (300, 2), (1000, 100)] {
            let shown = frame(&app, look(), (width, height));
            assert_eq!(shown.lines().count(), usize::from(height));
        }
    }
}

#[test]
fn without_utf8_only_ascii_is_drawn() {
    let mut app = fleet("2.2.0");
    for key in ['1', '2', '3', '4', '5', '6', '?'] {
        app.key(Key::Char(key));
        let shown = frame(&app, FrameOptions { is_ascii: true, ..look() }, (120, 40));
        assert!(shown.is_ascii(), "{shown}");
    }
}

#[test]
fn hidden_names_are_in_no_view() {
    let mut app = fleet("2.2.0");
    app.key(Key::Char('p'));
    for key in ['1', '2', '3', '4', '5', '6'] {
        app.key(Key::Char(key));
        for detail in [false, true] {
            if detail {
                app.key(Key::Enter);
            }
            let shown = frame(&app, look(), (200, 60));
            for name in ["campus", "branch", "east", "10.59", "2001:db8", "nowhere", "127.0.0.1"] {
                assert!(!shown.contains(name), "{name}: {shown}");
            }
            app.key(Key::Escape);
        }
    }
}

#[test]
fn no_colour_is_needed_to_see_what_is_wrong() {
    let app = fleet("2.2.0");
    let words = frame(&app, look(), (120, 40));
    for colors in [Colors::Sixteen, Colors::Many] {
        assert_eq!(frame(&app, FrameOptions { colors, ..look() }, (120, 40)), words);
    }
    for word in ["pool full", "no socket", "no login"] {
        assert!(words.contains(word), "{words}");
    }
}

#[test]
fn the_keys_are_all_seen_on_a_small_terminal() {
    let mut app = fleet("2.2.0");
    app.key(Key::Function(1));
    let small = FrameOptions { width: 40, height: 10, ..look() };
    let mut seen = String::new();
    for _ in 0..40 {
        live::fit(&mut app, small);
        let shown = frame(&app, look(), (40, 10));
        seen.push_str(&shown);
        app.key(Key::Down);
    }
    assert!(app.is_help, "what scrolls does not leave the keys");
    for text in ["1 to 6, Tab", "q, F10, Ctrl-C", "kea-top(8) explains", "old: the server"] {
        assert!(seen.contains(text), "{text}: {seen}");
    }
    live::fit(&mut app, small);
    let (last, bottom) = (app.scroll, frame(&app, look(), (40, 10)));
    app.key(Key::End);
    live::fit(&mut app, small);
    assert_eq!((app.scroll, frame(&app, look(), (40, 10))), (last, bottom), "it does not scroll further than its end");
    app.key(Key::Home);
    assert!(frame(&app, look(), (40, 10)).contains("1 to 6, Tab"));
    app.key(Key::Escape);
    assert!(!app.is_help);
}

#[test]
fn the_keys_of_htop_do_the_same_here() {
    let mut app = fleet("2.2.0");
    assert_eq!(app.key(Key::Function(1)), Flow::Continue);
    assert!(app.is_help);
    app.key(Key::Function(1));
    assert!(!app.is_help);
    app.key(Key::Function(3));
    assert!(app.is_typing);
    app.key(Key::Escape);
    assert_eq!(app.key(Key::Function(10)), Flow::Quit);
}

#[test]
fn subnets_are_sorted_by_their_addresses() {
    let subnet = |id: u32, third: u8| {
        let pool = format!("10.0.{third}.10 - 10.0.{third}.20");
        json!({ "id": id, "subnet": format!("10.0.{third}.0/24"), "pools": [{ "pool": pool }] })
    };
    let config = json!({ "result": 0, "arguments": { "Dhcp4": {
        "subnet4": [subnet(1, 10), subnet(2, 9), subnet(3, 100)] } } });
    let server = Replay::new("2.2.0", 4).with("config-get", config).serve();
    let mut app = asked(vec![place("a", server.address())], recorded_at("2.2.0"));
    for key in ['2', 's'] {
        app.key(Key::Char(key));
    }
    let shown = frame(&app, look(), (80, 24));
    let places = ["10.0.9.0/24", "10.0.10.0/24", "10.0.100.0/24"].map(|prefix| shown.find(prefix).unwrap());
    assert!(places.is_sorted(), "{shown}");
}

#[test]
fn a_full_pool_is_in_the_state_and_the_headline() {
    let shown = frame(&fleet("2.2.0"), look(), (120, 40));
    assert!(shown.contains("3 servers: 1 pool full, 1 no socket, 1 no login"), "{shown}");
    assert!(shown.lines().any(|line| line.starts_with("campus  pool full")), "{shown}");
}

#[test]
fn rows_of_two_servers_differ_on_a_small_screen() {
    let [one, other] = [Replay::new("2.2.0", 4).serve(), Replay::new("2.2.0", 4).serve()];
    let mut app = asked(vec![place("s4", one.address()), place("s5", other.address())], recorded_at("2.2.0"));
    app.key(Key::Char('2'));
    for size in [(60, 15), (40, 10)] {
        let shown = frame(&app, look(), size);
        let rows: Vec<&str> = shown.lines().skip(3).take_while(|line| !line.is_empty()).collect();
        assert!(shown.contains("SERVER") && rows.windows(2).all(|rows| rows[0] != rows[1]), "{shown}");
    }
}
