//! The list drawn anew every few seconds, with what has changed marked, until `q` is typed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write};
use std::net::IpAddr;
use std::time::Duration;

use super::list::{LeaseList, Listed};
use super::lister::write_failed;
use super::observer::Observer;
use crate::env::Clock;
use crate::env::screen::{ENTER, Key, Keyboard, Size};
use crate::error::{Error, Result};
use crate::lease::{Family, LeaseStatus, OwnedLease};
use crate::output::lease::{LeaseFormat, LeaseWriter, Mark, Row, Written, lease_writer};
use crate::text::OneLine;
use crate::time::TimeFormatter;

/// Back to the upper left corner; the rest of a line; the rest of the screen.
const HOME: &str = "\x1b[H";
const CLEAR_LINE: &str = "\x1b[K";
const CLEAR_BELOW: &str = "\x1b[J";

/// The terminal.
pub struct Screen<'a> {
    /// What is drawn on.
    pub stdout: &'a mut dyn Write,
    /// How large it is; `None` if it is no terminal.
    pub size: &'a dyn Fn() -> Option<Size>,
    /// What is typed.
    pub keyboard: &'a mut dyn Keyboard,
}

impl LeaseList<'_> {
    /// Draws the table anew after so many seconds each time, until the keyboard says it is enough. `program` is its name
    /// in the headline.
    pub fn watch(self, program: &str, seconds: u32, mut screen: Screen<'_>, clock: &dyn Clock) -> Result<()> {
        if self.options.format != LeaseFormat::Table {
            return Err(
                Error::new("--watch", "only a table can be watched").hint("leave out -f, or repeat the command")
            );
        }
        if (screen.size)().is_none() {
            let hint = "leave out --watch";
            return Err(Error::new("--watch", "standard output is no terminal").hint(hint));
        }
        screen.keyboard.open().map_err(|cause| Error::io("read keys from the terminal", &cause))?;
        let entered = screen.keyboard.draw(ENTER, screen.stdout).map_err(|cause| write_failed(&cause));
        let mut watch = Watch { list: self, program, seconds, known: Known::default() };
        let watched = entered.and_then(|()| watch.run(&mut screen, clock));
        screen.keyboard.close();
        watched
    }
}

/// What is known of an address: a digest of everything that would be worth a mark, and the lease.
type Leases = HashMap<(IpAddr, u8), (u64, OwnedLease, LeaseStatus)>;

/// What was drawn last of DHCPv4 and DHCPv6; of a family that could not be read since, what was drawn before.
#[derive(Default)]
struct Known([Option<Leases>; 2]);

impl Known {
    fn of_family(&mut self, family: Family) -> &mut Option<Leases> {
        &mut self.0[usize::from(family == Family::V6)]
    }
}

struct Watch<'a> {
    list: LeaseList<'a>,
    program: &'a str,
    seconds: u32,
    known: Known,
}

impl Watch<'_> {
    fn run(&mut self, screen: &mut Screen<'_>, clock: &dyn Clock) -> Result<()> {
        let pause = Duration::from_secs(self.seconds.into());
        loop {
            let size = (screen.size)().unwrap_or(Size { columns: 80, rows: 24 });
            let picture = self.picture(size, clock);
            screen.keyboard.draw(&drawing(&picture, size), screen.stdout).map_err(|cause| write_failed(&cause))?;
            let until = clock.monotonic() + pause;
            loop {
                let left = until.saturating_sub(clock.monotonic());
                match screen.keyboard.wait(left).map_err(|cause| Error::io("read a key", &cause))? {
                    Key::Char('q' | 'Q') | Key::Closed => return Ok(()),
                    Key::None | Key::Lost => break,
                    _ => {}
                }
            }
        }
    }

    /// What to show, a headline first. What cannot be read is reported in its place, and tried again the next time.
    fn picture(&mut self, size: Size, clock: &dyn Clock) -> String {
        let now = clock.now();
        self.list.filter.now = now;
        let style = &mut self.list.style;
        (style.now, style.width, style.has_marks) = (now, Some(size.columns), true);
        let (mut table, mut lines) = (Vec::new(), Lines::default());
        let inner = lease_writer(self.list.style.clone(), &self.list.context, &mut table);
        let mut marking = Marking { inner, known: &mut self.known, family: None, fresh: Leases::new() };
        let listed = self.list.list_into(&mut marking, clock, &mut lines);
        drop(marking);
        let mut moment = Vec::new();
        TimeFormatter::new(self.list.style.time, self.list.style.zone).write(now, &mut moment);
        let moment = String::from_utf8_lossy(&moment);
        let headline = format!("{}, every {} s, {moment}; q ends", self.program, self.seconds);
        let outcome = match listed {
            Ok(listed) => [Listed::summary(&listed), vec![String::new()]].concat(),
            Err(error) => vec![OneLine(&error.to_string()).to_string()],
        };
        [vec![headline], lines.named(self.program), outcome, as_lines(&table)].concat().join("\n")
    }
}

/// The lines that an observer hears, for the picture.
#[derive(Default)]
struct Lines {
    /// Each with whether it is in the name of the program.
    lines: Vec<(bool, String)>,
}

impl Lines {
    fn named(&self, program: &str) -> Vec<String> {
        let line = |(is_named, text): &(bool, String)| {
            let text = OneLine(text);
            if *is_named { format!("{program}: {text}") } else { text.to_string() }
        };
        self.lines.iter().map(line).collect()
    }
}

impl Observer for Lines {
    fn line(&mut self, text: &str) {
        self.lines.push((true, text.to_owned()));
    }

    fn remark(&mut self, text: &str) {
        if !self.lines.iter().any(|(is_named, known)| *is_named && known == text) {
            self.line(text);
        }
    }

    fn plain_line(&mut self, text: &str) {
        self.lines.push((false, text.to_owned()));
    }

    fn begin_rows(&mut self, _shows_progress: bool) {}
    fn row(&mut self) {}
    fn expect_rows(&mut self, _rows: u64) {}
    fn preparing(&mut self, _rows: u64, _percent: u64) {}
    fn end_rows(&mut self) {}
}

fn as_lines(text: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(text).lines().map(str::to_owned).collect()
}

/// Lines over what was there. The last one says how many there was no room for. Each place is cleared before it is
/// written to: after a line as wide as the screen, what is cleared is its last character.
fn drawing(picture: &str, size: Size) -> String {
    let mut lines: Vec<Cow<'_, str>> = picture.lines().map(Cow::from).collect();
    if lines.len() > size.rows {
        let shown = size.rows.saturating_sub(1);
        let missing = format!("… {} lines more", lines.len() - shown);
        lines.truncate(shown);
        lines.push(missing.into());
    }
    let (last, before) = lines.split_last().map_or(("", &[][..]), |(last, before)| (last.as_ref(), before));
    let mut text = String::from(HOME);
    for line in before {
        text.extend([CLEAR_LINE, line, "\r\n"]);
    }
    text.extend([CLEAR_BELOW, last]);
    text
}

/// Marks what is not as it was drawn last, and shows what is gone once more.
struct Marking<'a, 'k> {
    inner: Box<dyn LeaseWriter + 'a>,
    known: &'k mut Known,
    /// The family that is being drawn, and its leases so far.
    family: Option<Family>,
    fresh: Leases,
}

impl Marking<'_, '_> {
    /// Shows what is gone of the family that was drawn, whose leases are now the known ones.
    fn settle(&mut self) -> io::Result<()> {
        let Some(family) = self.family.take() else { return Ok(()) };
        let fresh = std::mem::take(&mut self.fresh);
        let known = self.known.of_family(family).take().unwrap_or_default();
        let mut gone: Vec<_> = known.iter().filter(|(key, _)| !fresh.contains_key(*key)).collect();
        gone.sort_by_key(|(key, _)| **key);
        for (_, (_, lease, status)) in gone {
            self.inner.row(&Row { mark: Mark::Gone, ..Row::new(&lease.lease(), *status) })?;
        }
        *self.known.of_family(family) = Some(fresh);
        Ok(())
    }
}

impl LeaseWriter for Marking<'_, '_> {
    fn begin(&mut self, family: Family) -> io::Result<()> {
        self.settle()?;
        self.family = Some(family);
        self.inner.begin(family)
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<Written> {
        let (key, digest) = ((row.lease.address(), row.lease.prefix_len()), digest(row));
        let known = self.known.of_family(row.lease.family());
        let mark = match known.as_ref().map(|known| known.get(&key)) {
            None => Mark::None,
            Some(None) => Mark::New,
            Some(Some((before, ..))) if *before == digest => Mark::None,
            Some(Some(_)) => Mark::Changed,
        };
        self.fresh.insert(key, (digest, row.lease.into(), row.status));
        self.inner.row(&Row { mark, ..*row })
    }

    /// What was not read may be there or not.
    fn break_off(&mut self) {
        self.family = None;
        self.fresh.clear();
    }

    fn finish(&mut self) -> io::Result<()> {
        self.settle()?;
        self.inner.finish()
    }
}

/// A number that is another one if anything about the lease is.
fn digest(row: &Row<'_>) -> u64 {
    let lease = row.lease;
    let mut hasher = DefaultHasher::new();
    (lease.hwaddr, lease.identifier(), lease.hostname, lease.user_context).hash(&mut hasher);
    (lease.cltt, lease.valid_lifetime.as_u32(), lease.subnet_id, row.status).hash(&mut hasher);
    hasher.finish()
}
