//! The row that was chosen stays so, wherever it moves.

use std::time::Duration;

use kea_tools::config::Daemon;
use kea_tools::output::live;
use kea_tools::stats::reading::{Moment, Reading};
use kea_tools::top::{App, Key, Model};
use serde_json::json;

use super::frames::{fleet, frame, look};
use super::moving::{eventful, reading, well};
use super::pictures::{give, office};

const NOW: i64 = 1_795_960_000;

fn at(seconds: u32) -> Moment {
    Moment { now: NOW + i64::from(seconds), monotonic: Duration::from_secs(seconds.into()) }
}

fn refused() -> Vec<Reading> {
    vec![Reading { daemon: Some(Daemon::Dhcp4), trouble: Some("connection_refused"), ..Reading::default() }]
}

/// Servers that are all well.
fn servers(names: &[&str]) -> App {
    let places = names.iter().map(|name| ((*name).to_owned(), Some(Daemon::Dhcp4)));
    let mut app = App::new(Model::new(places, Duration::from_secs(2)));
    for place in 0..names.len() {
        app.take(place, at(1), vec![reading(&well(), &json!({}), 1)]);
    }
    app.tick(at(1));
    app
}

fn type_filter(app: &mut App, text: &str) {
    app.key(Key::Char('/'));
    for c in text.chars() {
        app.key(Key::Char(c));
    }
    app.key(Key::Enter);
}

/// The page of details.
fn page(app: &App) -> String {
    let shown = frame(app, look(), (80, 24));
    shown.lines().skip(2).collect::<Vec<_>>().join("\n")
}

/// What it is about.
fn title(app: &App) -> String {
    page(app).lines().next().unwrap().to_owned()
}

#[test]
fn page_of_a_server_stays_when_another_one_gets_worse() {
    let mut app = servers(&["east", "north", "west"]);
    app.key(Key::Down);
    app.key(Key::Enter);
    assert_eq!(title(&app), "north");
    app.take(2, at(3), refused());
    app.tick(at(3));
    assert_eq!(title(&app), "north");
    app.key(Key::Escape);
    assert_eq!(app.cursor(), 2, "west and east are above it");
    app.key(Key::Up);
    app.key(Key::Enter);
    assert_eq!(title(&app), "east", "a key goes on from where the mark is");
    app.key(Key::Escape);
    app.key(Key::Char('s'));
    app.key(Key::Enter);
    assert_eq!(title(&app), "east", "in another order");
}

#[test]
fn the_first_row_is_marked_until_one_is_chosen() {
    let mut app = servers(&["east", "west"]);
    app.take(1, at(3), refused());
    app.tick(at(3));
    assert_eq!(app.cursor(), 0);
    app.key(Key::Down);
    app.take(0, at(5), refused());
    app.take(1, at(5), vec![reading(&well(), &json!({}), 5)]);
    app.tick(at(5));
    app.key(Key::Home);
    app.take(0, at(7), vec![reading(&well(), &json!({}), 7)]);
    app.take(1, at(7), refused());
    app.tick(at(7));
    app.key(Key::Enter);
    assert_eq!(title(&app), "west", "the worst one");
}

#[test]
fn page_of_a_pool_stays_in_another_order() {
    let mut app = fleet("2.2.0");
    for key in [Key::Char('2'), Key::Down, Key::Down, Key::Down, Key::Down, Key::Enter] {
        app.key(key);
    }
    let (row, before) = (app.cursor(), page(&app));
    app.key(Key::Escape);
    app.key(Key::Char('s'));
    app.key(Key::Enter);
    assert!(app.cursor() != row && title(&app) == before.lines().next().unwrap(), "{before}\n{}", page(&app));
}

#[test]
fn page_of_an_event_stays_when_another_one_happens() {
    let mut app = eventful();
    app.key(Key::Down);
    app.key(Key::Enter);
    let before = page(&app);
    assert!(before.contains("dhcp4: refused"), "{before}");
    app.take(0, at(11), refused());
    assert_eq!(page(&app), before);
    app.key(Key::Escape);
    assert_eq!(app.cursor(), 2);
}

#[test]
fn page_of_a_client_stays_when_another_one_comes() {
    let mut app = office();
    app.key(Key::Char('3'));
    app.key(Key::Enter);
    let before = page(&app);
    assert!(before.contains("192.0.2.44"), "{before}");
    give(&mut app, 65, &[(1, 50, "tablet", 3600, 0)]);
    assert_eq!(app.len(), 7);
    assert_eq!(page(&app), before);
    app.key(Key::Escape);
    assert_eq!(app.cursor(), 1);
}

#[test]
fn where_the_chosen_row_is_gone_the_mark_stays_at_its_place() {
    let mut app = servers(&["a1", "a2", "b1", "a3"]);
    for _ in 0..2 {
        app.key(Key::Down);
    }
    type_filter(&mut app, "a");
    live::fit(&mut app, look());
    assert_eq!(app.cursor(), 2);
    app.key(Key::Escape);
    app.key(Key::Enter);
    assert_eq!(title(&app), "b1", "it is back without the filter");
}
