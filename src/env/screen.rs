//! The terminal as a full screen, with single keys read from it.
//!
//! While keys are read, the terminal does not echo and does not wait for whole lines. At the end, also after a signal,
//! its old settings are restored (`restore::terminal`).

use std::io::{self, IsTerminal as _, Write};
use std::os::fd::AsFd as _;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcgetwinsize, tcsetattr};

use super::{restore, terminal};

/// Switches to the alternate screen, hides the cursor and disables line wrap, since a wrapped line would scroll others
/// off the screen; [`Keyboard::close`] undoes it.
pub const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?7l";

/// The size of a terminal, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Characters in a line.
    pub columns: usize,
    /// Lines.
    pub rows: usize,
}

/// The result of waiting for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// This octet was typed; a key of several octets comes as several.
    Octet(u8),
    /// Nothing was typed in time.
    None,
    /// The terminal is closed.
    End,
}

/// Keys, one by one.
pub trait Keyboard {
    /// Switches the terminal to single keys without echo. No effect if there is no terminal.
    fn open(&mut self) -> io::Result<()>;
    /// Writes to the screen through `out`; nothing once a signal has restored the terminal.
    fn draw(&mut self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(text.as_bytes())?;
        out.flush()
    }
    /// Waits for a key until the timeout; a change of the terminal's size may end the wait early.
    fn wait(&mut self, limit: Duration) -> io::Result<Key>;
    /// Restores the terminal.
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

/// The size of the terminal on stdout; `None` if stdout is not a terminal. If the terminal reports no size, as on a
/// serial line, it is 80 columns and 24 lines.
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
        restore::terminal();
    }
}
