//! The terminal as a screen that is drawn upon, with keys that are read one by one.
//!
//! While keys are read, the terminal neither echoes nor waits for whole lines. However that ends, by a signal too, the
//! terminal becomes again what it was (`terminal::restore`).

use std::io::{self, IsTerminal as _, Write};
use std::os::fd::AsFd as _;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcgetwinsize, tcsetattr};

use super::terminal;

/// Written to stdout, changes to the alternate screen, hides the cursor and ends lines at the edge, as a line that went
/// on below would push others off the screen; [`Keyboard::close`] undoes it.
pub const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?7l";

/// How large a terminal is, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Characters in a line.
    pub columns: usize,
    /// Lines.
    pub rows: usize,
}

/// What came of waiting for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// This octet was typed; a key of several octets comes as several.
    Octet(u8),
    /// Nothing was typed in time.
    None,
    /// Nothing can be typed any more: the terminal is gone.
    End,
}

/// Keys, one by one.
pub trait Keyboard {
    /// From now on keys come one by one, without echo. Without effect where there is no terminal.
    fn open(&mut self) -> io::Result<()>;
    /// Writes to the screen, which `out` leads to; nothing once a signal has made the terminal what it was.
    fn draw(&mut self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(text.as_bytes())?;
        out.flush()
    }
    /// Waits for a key, so long at most; a change of the terminal's size may end it early.
    fn wait(&mut self, limit: Duration) -> io::Result<Key>;
    /// The terminal becomes what it was.
    fn close(&mut self);
}

/// No keys at all, for programs and tests that read none.
#[derive(Debug, Default)]
pub struct NoKeyboard;

impl Keyboard for NoKeyboard {
    fn open(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn wait(&mut self, _limit: Duration) -> io::Result<Key> {
        Ok(Key::End)
    }

    fn close(&mut self) {}
}

/// The size of the terminal that stdout goes to; `None` if it goes to none. One that does not know, as on a serial line,
/// is taken for one of 80 columns and 24 lines.
pub(super) fn size() -> Option<Size> {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let found = tcgetwinsize(&stdout).ok();
    let known = |number: Option<u16>, usual| number.filter(|number| *number > 0).map_or(usual, usize::from);
    Some(Size { columns: known(found.map(|size| size.ws_col), 80), rows: known(found.map(|size| size.ws_row), 24) })
}

/// The process's own terminal.
pub(super) struct Terminal;

impl Keyboard for Terminal {
    fn open(&mut self) -> io::Result<()> {
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        raw.special_codes[SpecialCodeIndex::VMIN] = 1;
        raw.special_codes[SpecialCodeIndex::VTIME] = 0;
        terminal::remember_screen(before);
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        Ok(())
    }

    fn draw(&mut self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        terminal::on_screen(|| {
            out.write_all(text.as_bytes())?;
            out.flush()
        })
    }

    fn wait(&mut self, limit: Duration) -> io::Result<Key> {
        let stdin = io::stdin();
        let limit =
            Timespec { tv_sec: limit.as_secs().try_into().unwrap_or(i64::MAX), tv_nsec: limit.subsec_nanos().into() };
        match poll(&mut [PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN)], Some(&limit)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(Key::None),
            Ok(_) => {}
            Err(cause) => return Err(cause.into()),
        }
        let mut octet = [0];
        match rustix::io::read(&stdin, &mut octet) {
            Ok(0) => Ok(Key::End),
            Ok(_) => Ok(Key::Octet(octet[0])),
            Err(rustix::io::Errno::INTR) => Ok(Key::None),
            Err(cause) => Err(cause.into()),
        }
    }

    fn close(&mut self) {
        terminal::restore();
    }
}
