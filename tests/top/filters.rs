//! What a filter leaves, and what is said where it leaves nothing.

use kea_tools::top::{App, Key};
use serde_json::json;

use super::frames::{frame, look};
use super::harness::{asked, place, recorded_at};
use super::pictures::office;
use crate::metrics::harness::Replay;

/// A server with a shared network of two subnets, and a subnet with a name; their only pool is full.
fn guests() -> App {
    let subnet = |id: u32, third: u8, name: &str| {
        json!({ "id": id, "subnet": format!("10.78.{third}.0/24"), "user-context": { "name": name },
            "pools": [{ "pool": format!("10.78.{third}.10 - 10.78.{third}.20") }] })
    };
    let config = json!({ "result": 0, "arguments": { "Dhcp4": {
        "shared-networks": [{ "name": "floor", "subnet4": [subnet(3, 3, "east"), subnet(4, 4, "west")] }],
        "subnet4": [subnet(2, 0, "Guest WLAN Müller")] } } });
    let server = Replay::new("2.2.0", 4).with("config-get", config).serve();
    let mut app = asked(vec![place("campus", server.address())], recorded_at("2.2.0"));
    app.key(Key::Char('2'));
    app
}

fn filter(app: &mut App, text: &str) -> String {
    app.key(Key::Char('/'));
    text.chars().for_each(|c| {
        app.key(Key::Char(c));
    });
    app.key(Key::Enter);
    frame(app, look(), (120, 20))
}

#[test]
fn subnets_are_found_by_what_their_row_says() {
    let mut app = guests();
    for text in ["2 10.78.0.0/24", "guest", "WLAN", "müller", "\"Guest WLAN"] {
        let shown = filter(&mut app, text);
        assert!(shown.contains("10.78.0.0/24") && !shown.contains("10.78.3.0/24"), "{text}: {shown}");
    }
    let shown = filter(&mut app, "floor");
    assert!(shown.contains("10.78.3.0/24") && shown.contains("10.78.4.0/24"), "{shown}");
    assert!(!shown.contains("10.78.0.0/24"), "{shown}");
    let shown = filter(&mut app, "west");
    assert!(shown.contains("10.78.4.0/24") && !shown.contains("10.78.3.0/24"), "{shown}");
}

#[test]
fn pools_are_found_by_their_state() {
    let mut app = super::frames::fleet("2.2.0");
    app.key(Key::Char('2'));
    for text in ["critical", "full"] {
        let shown = filter(&mut app, text);
        let rows: Vec<&str> = shown.lines().filter(|line| line.contains(".0/24")).collect();
        assert!(!rows.is_empty() && rows.iter().all(|row| row.starts_with("CRITICAL")), "{text}: {shown}");
    }
}

#[test]
fn a_filter_that_fits_nothing_says_so() {
    let mut app = office();
    for (view, hidden) in [('1', "1 row"), ('3', "6 rows")] {
        app.key(Key::Char(view));
        let shown = filter(&mut app, "nothing-like-this");
        let expected = format!("nothing matches \"nothing-like-this\": {hidden} hidden (Esc shows all)");
        assert!(shown.contains(&expected), "{shown}");
        assert!(!shown.contains("No lease was given"), "{shown}");
    }
    let mut app = guests();
    assert!(filter(&mut app, "nothing-like-this").contains("4 rows hidden"));
}

#[test]
fn where_no_lease_was_given_the_reason_fits_a_small_terminal() {
    let mut app = asked(vec![place("branch", "/nowhere/kea4-ctrl-socket")], recorded_at("2.2.0"));
    app.key(Key::Char('3'));
    let shown = frame(&app, look(), (80, 24));
    assert!(shown.contains("\nNo lease was given since kea-top began.\n"), "{shown}");
    assert!(
        shown.contains("\nLeases of this host are seen at once, those of other servers once in a while.\n"),
        "{shown}"
    );
}
