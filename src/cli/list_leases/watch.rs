//! The list drawn anew every few seconds, with what has changed marked, until `q` is typed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write};
use std::net::IpAddr;
use std::time::Duration;

use super::{Job, NAME, write_failed};
use crate::cli::telling::Telling;
use crate::env::Clock;
use crate::env::screen::{ENTER, Key, Keyboard, Size};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::lease::filter::Filter;
use crate::lease::{Family, OwnedLease, Standing};
use crate::output::Written;
use crate::output::list::{ListFormat, ListStyle, ListWriter, Mark, Row, list_writer};
use crate::text::OneLine;
use crate::time::Teller;

/// Back to the upper left corner; the rest of a line; the rest of the screen.
const HOME: &str = "\x1b[H";
const CLEAR_LINE: &str = "\x1b[K";
const CLEAR_BELOW: &str = "\x1b[J";

/// The terminal.
pub(super) struct Screen<'a> {
    pub(super) stdout: &'a mut dyn Write,
    pub(super) size: &'a dyn Fn() -> Option<Size>,
    pub(super) keyboard: &'a mut dyn Keyboard,
}

/// Draws until the keyboard says it is enough.
pub(super) fn run(job: Job<'_>, seconds: u32, mut screen: Screen<'_>, clock: &dyn Clock) -> Result<Exit> {
    if job.args.how.format() != ListFormat::Table {
        return Err(Error::new("--watch", "only a table can be watched").hint("leave out -f, or repeat the command"));
    }
    if (screen.size)().is_none() {
        let hint = "without --watch the list goes anywhere";
        return Err(Error::new("--watch", "standard output is no terminal").hint(hint));
    }
    screen.keyboard.open().map_err(|cause| Error::io("read keys from the terminal", &cause))?;
    let entered = screen.keyboard.draw(ENTER, screen.stdout).map_err(|cause| write_failed(&cause));
    let watched = entered.and_then(|()| Watch { job, seconds, known: Known::default() }.watch(&mut screen, clock));
    screen.keyboard.close();
    watched.map(|()| Exit::Done)
}

/// What is known of an address: a digest of everything that would be worth a mark, and the lease.
type Leases = HashMap<(IpAddr, u8), (u64, OwnedLease, Standing)>;

/// What was drawn last of DHCPv4 and DHCPv6; of a family that could not be read since, what was drawn before.
#[derive(Default)]
struct Known([Option<Leases>; 2]);

impl Known {
    fn of(&mut self, family: Family) -> &mut Option<Leases> {
        &mut self.0[usize::from(family == Family::V6)]
    }
}

struct Watch<'a> {
    job: Job<'a>,
    seconds: u32,
    known: Known,
}

impl Watch<'_> {
    fn watch(&mut self, screen: &mut Screen<'_>, clock: &dyn Clock) -> Result<()> {
        let pause = Duration::from_secs(self.seconds.into());
        loop {
            let size = (screen.size)().unwrap_or(Size { columns: 80, rows: 24 });
            let picture = self.picture(size, clock);
            screen.keyboard.draw(&drawing(&picture, size), screen.stdout).map_err(|cause| write_failed(&cause))?;
            let until = clock.monotonic() + pause;
            loop {
                let left = until.saturating_sub(clock.monotonic());
                match screen.keyboard.wait(left).map_err(|cause| Error::io("read a key", &cause))? {
                    Key::Octet(b'q' | b'Q') | Key::End => return Ok(()),
                    Key::Octet(_) => {}
                    Key::None => break,
                }
            }
        }
    }

    /// What to show, a headline first. What cannot be read is told in its place, and tried again the next time.
    fn picture(&mut self, size: Size, clock: &dyn Clock) -> String {
        let now = clock.now();
        self.job.filter = Filter { now, ..self.job.filter.clone() };
        self.job.style = ListStyle { now, width: Some(size.columns), has_marks: true, ..self.job.style.clone() };
        let (mut table, mut told) = (Vec::new(), Vec::new());
        let mut telling = Telling::of(NAME, &mut told, false, clock);
        let inner = list_writer(self.job.style.clone(), &self.job.lore, &mut table);
        let mut marking = Marking { inner, known: &mut self.known, family: None, fresh: Leases::new() };
        let listed = self.job.list_into(&mut marking, &mut telling);
        drop(marking);
        let mut moment = Vec::new();
        Teller::new(self.job.style.time, self.job.style.zone).write(now, &mut moment);
        let moment = String::from_utf8_lossy(&moment).into_owned();
        let headline = format!("{NAME}, every {} s, {moment}; q ends", self.seconds);
        let lines = match listed {
            Ok(listed) => [listed.summary(), vec![String::new()], as_lines(&table)].concat(),
            Err(error) => [vec![OneLine(&error.to_string()).to_string()], as_lines(&table)].concat(),
        };
        [vec![headline], as_lines(&told), lines].concat().join("\n")
    }
}

fn as_lines(text: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(text).lines().map(str::to_owned).collect()
}

/// Lines over what was there. The last one says how many there was no room for. Each place is cleared before it is
/// written to: behind a line as wide as the screen, what is cleared is its last character.
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
    inner: Box<dyn ListWriter + 'a>,
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
        let known = self.known.of(family).take().unwrap_or_default();
        let mut gone: Vec<_> = known.iter().filter(|(key, _)| !fresh.contains_key(*key)).collect();
        gone.sort_by_key(|(key, _)| **key);
        for (_, (_, lease, standing)) in gone {
            self.inner.row(&Row { lease: lease.lease(), standing: *standing, mark: Mark::Gone })?;
        }
        *self.known.of(family) = Some(fresh);
        Ok(())
    }
}

impl ListWriter for Marking<'_, '_> {
    fn begin(&mut self, family: Family) -> io::Result<()> {
        self.settle()?;
        self.family = Some(family);
        self.inner.begin(family)
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<Written> {
        let (key, digest) = ((row.lease.address, row.lease.prefix_len), digest(row));
        let known = self.known.of(row.lease.family());
        let mark = match known.as_ref().map(|known| known.get(&key)) {
            None => Mark::None,
            Some(None) => Mark::New,
            Some(Some((before, ..))) if *before == digest => Mark::None,
            Some(Some(_)) => Mark::Changed,
        };
        self.fresh.insert(key, (digest, (&row.lease).into(), row.standing));
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
    let lease = &row.lease;
    let mut hasher = DefaultHasher::new();
    (lease.hwaddr, lease.client, lease.hostname, lease.user_context).hash(&mut hasher);
    (lease.cltt, lease.valid_lifetime.as_u32(), lease.subnet_id, row.standing).hash(&mut hasher);
    hasher.finish()
}
