//! The program in a terminal in memory: keys go in, frames come out.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::thread;
use std::time::{Duration, Instant};

use kea_tools::cli;
use kea_tools::env::Clock;
use kea_tools::env::screen::{Key, Keyboard, Size};
use kea_tools::testing::ProgramRun;

/// Types one key after the other, each as soon as the screen shows what it waits for.
struct Typist {
    keys: VecDeque<(&'static str, Key)>,
    shown: Shown,
    is_open: bool,
}

/// What a terminal of 100 columns and 30 lines shows.
struct Shown {
    cells: Vec<Vec<char>>,
    at: (usize, usize),
}

impl Shown {
    fn new() -> Self {
        Self { cells: vec![vec![' '; 100]; 30], at: (0, 0) }
    }

    /// Does what the sequences say that the program sends: move, clear, and colours, which are nothing here.
    fn take(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            if c == '\u{1b}' {
                let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap();
                self.obey(&rest[1..end], rest.as_bytes()[end]);
                rest = &rest[end + 1..];
                continue;
            }
            let (row, column) = self.at;
            self.cells[row][column] = c;
            self.at = (row, (column + 1).min(99));
        }
    }

    fn obey(&mut self, numbers: &str, what: u8) {
        match what {
            b'H' => {
                let (row, column) = numbers.split_once(';').unwrap();
                let number = |text: &str| text.parse::<usize>().unwrap() - 1;
                self.at = (number(row), number(column));
            }
            b'J' => *self = Self::new(),
            _ => {}
        }
    }

    fn text(&self) -> String {
        self.cells.iter().map(|line| line.iter().collect::<String>() + "\n").collect()
    }
}

impl Keyboard for Typist {
    fn open(&mut self) -> io::Result<()> {
        self.is_open = true;
        Ok(())
    }

    fn draw(&mut self, text: &str, _: &mut dyn Write) -> io::Result<()> {
        self.shown.take(text);
        Ok(())
    }

    fn wait(&mut self, limit: Duration) -> io::Result<Key> {
        assert!(limit <= Duration::from_secs(1), "answers are taken at least so often");
        let Some((awaited, key)) = self.keys.front().copied() else { return Ok(Key::Closed) };
        if !self.shown.text().contains(awaited) {
            thread::sleep(limit.min(Duration::from_millis(5)));
            return Ok(Key::None);
        }
        self.keys.pop_front();
        Ok(key)
    }

    fn close(&mut self) {
        self.is_open = false;
    }
}

struct Running(Instant);

impl Clock for Running {
    fn now(&self) -> i64 {
        1_795_960_000 + i64::try_from(self.0.elapsed().as_secs()).unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The status, whether all keys were typed and the keyboard was closed, and what is shown.
#[expect(clippy::disallowed_methods, reason = "the program measures what passes in a run")]
fn run(keys: Vec<(&'static str, Key)>) -> (u8, bool, String) {
    let mut typist = Typist { keys: keys.into(), shown: Shown::new(), is_open: false };
    let ran = ProgramRun {
        clock: Some(&Running(Instant::now())),
        variables: &[("LANG", "C.UTF-8")],
        screen: Some(Size { columns: 100, rows: 30 }),
        keyboard: Some(&mut typist),
        ..ProgramRun::default()
    }
    .run("kea-top", cli::top::run, ["--server", "/nowhere/kea4"]);
    assert_eq!(ran.stderr, "");
    (ran.status, !typist.is_open && typist.keys.is_empty(), typist.shown.text())
}

#[test]
fn every_view_is_reached_by_its_key() {
    let keys = vec![
        ("no socket", Key::Enter),
        ("the server is not running", Key::Escape),
        ("STATE", Key::Char('2')),
        ("no server has answered yet", Key::Char('3')),
        ("No lease was given since", Key::Char('4')),
        ("no server reports high availability", Key::Char('5')),
        ("nothing has changed since", Key::Char('6')),
        ("no server has counted", Key::Tab),
        ("STATE", Key::BackTab),
        ("no server has counted", Key::Char('?')),
        ("another view", Key::Escape),
        ("no server has counted", Key::Char('1')),
        ("STATE", Key::Char('/')),
        ("Filter: _", Key::Char('x')),
        ("x_", Key::Enter),
        ("only \"x\"", Key::Escape),
        ("kea4", Key::Char(' ')),
        ("frozen", Key::Char('p')),
        ("server 1", Key::Function(1)),
        ("another view", Key::Function(10)),
    ];
    let (status, is_done, _) = run(keys);
    assert!(status == 0 && is_done);
}

#[test]
fn a_screen_that_was_lost_is_drawn_anew() {
    let (status, is_done, shown) =
        run(vec![("no socket", Key::Lost), ("no socket", Key::Other), ("kea4", Key::Closed)]);
    assert!(status == 0 && is_done && shown.contains("1 Overview"), "{shown}");
}
