//! The pictures in the manual page and in the README are frames of the program.
//!
//! `UPDATE_FRAMES=1 cargo test --test ring1 top::` writes them anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kea_tools::config::Daemon;
use kea_tools::family::Family;
use kea_tools::lease::OwnedLease;
use kea_tools::memfile::{Header, RowReader};
use kea_tools::output::live::{self, Colors, FrameOptions};
use kea_tools::stats::reading::{Answers, Moment, Reading};
use kea_tools::time::Zone;
use kea_tools::top::{App, Key, Model};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::frames::{compare_file, compare_sizes, fleet, frame, without_ports};
use super::moving::{busy, eventful, partners};

const MANUAL: &str = "man/kea-top.8";
const SCREENSHOT: &str = "docs/kea-top.svg";

fn path(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn look() -> FrameOptions {
    let zone = Zone::from_variable(Some("UTC"));
    FrameOptions { width: 72, height: 14, colors: Colors::None, is_ascii: true, zone }
}

/// Clients of a small office.
pub(crate) fn office() -> App {
    let places = [("this host".to_owned(), Some(Daemon::Dhcp4))];
    let mut app = App::new(Model::new(places, Duration::from_secs(2)));
    let rows = [
        (50, 10, "printer", 3600, 0),
        (41, 12, "reception", 3600, 0),
        (30, 31, "phone", 3600, 0),
        (12, 10, "printer", 3600, 0),
        (7, 31, "phone", 0, 0),
        (2, 44, "", 3600, 1),
    ];
    give(&mut app, 60, &rows);
    app
}

/// The server has given leases so many seconds after the start: of each how many seconds ago, the last part of the address, the name,
/// the lifetime and the state.
pub(crate) fn give(app: &mut App, seconds: u32, rows: &[(i64, u8, &str, u32, u8)]) {
    let now = 1_795_939_200 + i64::from(seconds);
    let header =
        "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context";
    let mut reader = RowReader::new(Header::parse(header.as_bytes(), Family::V4).unwrap());
    let row = |(ago, last, name, lifetime, state): &(i64, u8, &str, u32, u8)| {
        let expire = now - ago + i64::from(*lifetime);
        let text = format!(
            "192.0.2.{last},08:00:2b:02:3f:{last:02x},01:08:00:2b:02:3f:{last:02x},{lifetime},{expire},1,0,0,{name},{state},"
        );
        Arc::new(OwnedLease::from(&reader.lease(text.as_bytes()).unwrap()))
    };
    let given = rows.iter().map(row).collect();
    let moment = Moment { now, monotonic: Duration::from_secs(seconds.into()) };
    let answers = Answers { at: now, given, ..Answers::default() };
    let reading = Reading { daemon: Some(Daemon::Dhcp4), answers: Some(Box::new(answers)), ..Reading::default() };
    app.take(0, moment, vec![reading]);
    app.tick(moment);
}

/// Each view with its name, as text of this many lines.
fn pictures() -> Vec<(&'static str, String)> {
    let with = |mut app: App, keys: &[Key], height: u16| {
        for key in keys {
            app.key(*key);
        }
        without_ports(&frame(&app, look(), (72, height)))
    };
    let view = |number: char| [Key::Char(number)];
    vec![
        ("overview", with(fleet("2.2.0"), &view('1'), 7)),
        ("pools", with(fleet("2.2.0"), &view('2'), 13)),
        ("pool", with(fleet("2.2.0"), &[Key::Char('2'), Key::Down, Key::Enter], 33)),
        ("clients", with(office(), &view('3'), 11)),
        ("ha", with(partners("2.2.0", "server1", "server2"), &view('4'), 14)),
        ("events", with(eventful(), &view('5'), 8)),
        ("messages", with(busy(), &view('6'), 26)),
    ]
}

/// Text in which nothing is an instruction of mdoc.
fn roff(text: &str) -> String {
    let line = |line: &str| {
        let line = line.replace('\\', "\\e");
        let line = if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line };
        if line.is_empty() { "\\&\n".to_owned() } else { line + "\n" }
    };
    text.lines().map(line).collect()
}

/// The page with each picture between its marks.
fn with_pictures(page: &str) -> String {
    let mut page = page.to_owned();
    for (name, picture) in pictures() {
        let (begin, end) = (format!(".\\\" Picture: {name}\n"), ".\\\" End of picture\n");
        let at = page.find(&begin).unwrap_or_else(|| panic!("no picture {name}")) + begin.len();
        let length = page[at..].find(end).unwrap();
        let literal = format!(".Bd -literal\n{}.Ed\n", roff(&picture));
        page.replace_range(at..at + length, &literal);
    }
    page
}

#[test]
fn clients_are_as_they_were_in_every_size() {
    let mut app = office();
    app.key(Key::Char('3'));
    compare_sizes("clients", &app);
    app.key(Key::Enter);
    compare_file("tests/data/top/detail-client.txt", &frame(&app, look(), (80, 24)));
}

#[test]
fn the_manual_page_shows_each_view() {
    let page = fs::read_to_string(path(MANUAL)).unwrap();
    compare_file(MANUAL, &with_pictures(&page));
}

#[test]
fn the_screenshot_is_a_frame() {
    let mut app = fleet("2.2.0");
    app.key(Key::Char('2'));
    let area = Rect::new(0, 0, 90, 22);
    let mut buffer = Buffer::empty(area);
    live::draw(&app, FrameOptions { colors: Colors::Sixteen, is_ascii: false, ..look() }, area, &mut buffer);
    compare_file(SCREENSHOT, &svg(&buffer));
}

/// The width and the height of a cell.
const CELL: (f64, f64) = (8.4, 17.0);

fn color(color: Color) -> &'static str {
    match color {
        Color::Green => "#4e9a5b",
        Color::Yellow => "#c4a000",
        Color::Red => "#e05252",
        Color::Magenta => "#b070b8",
        Color::Cyan => "#4ea0b0",
        Color::DarkGray => "#8a8f98",
        _ => "#d8dee9",
    }
}

/// A buffer as a picture: a text for each run of cells of one style.
fn svg(buffer: &Buffer) -> String {
    let area = buffer.area;
    let (width, height) = (f64::from(area.width) * CELL.0 + 16.0, f64::from(area.height) * CELL.1 + 16.0);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"monospace\" \
         font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"#1d2128\"/>\n"
    );
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let cell = &buffer[(x, y)];
            let start = x;
            let mut run = String::new();
            while x < area.width && (buffer[(x, y)].fg, buffer[(x, y)].modifier) == (cell.fg, cell.modifier) {
                run.push_str(buffer[(x, y)].symbol());
                x += 1;
            }
            let is_reversed = cell.modifier.contains(Modifier::REVERSED);
            if run.trim().is_empty() && !is_reversed {
                continue;
            }
            span(&mut text, (start, y), &run, color(cell.fg), cell.modifier);
        }
    }
    text + "</svg>\n"
}

fn span(text: &mut String, (x, y): (u16, u16), run: &str, color: &str, modifier: Modifier) {
    let (left, top) = (8.0 + f64::from(x) * CELL.0, 8.0 + f64::from(y) * CELL.1);
    let width = f64::from(u16::try_from(run.chars().count()).unwrap()) * CELL.0;
    let mut fill = color;
    if modifier.contains(Modifier::REVERSED) {
        writeln!(
            text,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{}\" fill=\"#d8dee9\"/>",
            CELL.1
        )
        .unwrap();
        fill = "#1d2128";
    }
    let weight = if modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let run = run.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    writeln!(
        text,
        "<text x=\"{left:.1}\" y=\"{:.1}\" textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{fill}\"{weight} \
         xml:space=\"preserve\">{run}</text>",
        top + 13.0
    )
    .unwrap();
}

#[test]
fn a_lease_that_both_partners_have_is_counted_once() {
    let places = ["east", "west"].map(|name| (name.to_owned(), Some(Daemon::Dhcp4)));
    let mut app = App::new(Model::new(places, Duration::from_secs(2)));
    let now = 1_795_939_260;
    let header = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state";
    let mut reader = RowReader::new(Header::parse(header.as_bytes(), Family::V4).unwrap());
    let text = format!("192.0.2.10,08:00:2b:02:3f:0a,,3600,{},1,0,0,printer,0", now - 5 + 3600);
    let lease = Arc::new(OwnedLease::from(&reader.lease(text.as_bytes()).unwrap()));
    let moment = Moment { now, monotonic: Duration::from_secs(60) };
    for place in 0..2 {
        let answers = Answers { at: now, given: vec![Arc::clone(&lease)], ..Answers::default() };
        let reading = Reading { daemon: Some(Daemon::Dhcp4), answers: Some(Box::new(answers)), ..Reading::default() };
        app.take(place, moment, vec![reading]);
    }
    app.tick(moment);
    app.key(Key::Char('3'));
    let shown = frame(&app, look(), (100, 12));
    assert!(shown.contains(": 1 leased; 0.2 leases/s"), "{shown}");
    assert_eq!(shown.matches("192.0.2.10").count(), 2, "a row for each: {shown}");
}
