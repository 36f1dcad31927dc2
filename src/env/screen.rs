//! The terminal as a full screen, with single keys read from it.
//!
//! While keys are read, the terminal does not echo and does not wait for whole lines. At the end, also after a signal,
//! its old settings are restored (`restore::terminal`).

use std::io::{self, IsTerminal as _, Write};
use std::os::fd::AsFd as _;
use std::time::Duration;

use crossterm::event::{self, Event, KeyCode, KeyEventKind};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{tcgetattr, tcgetwinsize};

pub use super::restore::ENTER;
use super::{restore, terminal};

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
    /// A character.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Escape,
    /// Tab.
    Tab,
    /// Tab with Shift.
    BackTab,
    /// Backspace.
    Backspace,
    /// An arrow.
    Up,
    /// An arrow.
    Down,
    /// An arrow.
    Left,
    /// An arrow.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the beginning.
    Home,
    /// To the end.
    End,
    /// A function key, by its number.
    Function(u8),
    /// Another key.
    Other,
    /// Nothing was typed in time, or the size of the terminal has changed.
    None,
    /// The screen does not show any more what was drawn: the process was stopped and continued.
    Lost,
    /// The terminal is closed.
    Closed,
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
        Ok(Key::Closed)
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
        terminal::remember_screen(tcgetattr(io::stdin())?);
        restore::raw()
    }

    fn draw(&mut self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        restore::on_screen(|| {
            out.write_all(text.as_bytes())?;
            out.flush()
        })
    }

    fn wait(&mut self, limit: Duration) -> io::Result<Key> {
        // Several keys may have come at once.
        match waited(Duration::ZERO)? {
            Some(found @ (Key::Closed | Key::Lost)) => return Ok(found),
            _ if event::poll(Duration::ZERO)? => return Ok(key(&event::read()?)),
            _ => {}
        }
        match waited(limit)? {
            Some(key) => Ok(key),
            None if event::poll(Duration::ZERO)? => Ok(key(&event::read()?)),
            None => Ok(Key::None),
        }
    }

    fn close(&mut self) {
        restore::terminal();
    }
}

/// Waits until something is typed, at most so long; what to return if nothing is to be read. Where there is no terminal any more, events
/// would be waited for without end.
fn waited(limit: Duration) -> io::Result<Option<Key>> {
    let stdin = io::stdin();
    let limit =
        Timespec { tv_sec: limit.as_secs().try_into().unwrap_or(i64::MAX), tv_nsec: limit.subsec_nanos().into() };
    let mut waited = [PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN)];
    let count = poll(&mut waited, Some(&limit));
    if restore::was_lost() {
        return Ok(Some(Key::Lost));
    }
    match count {
        Ok(0) | Err(rustix::io::Errno::INTR) => Ok(Some(Key::None)),
        Err(cause) => Err(cause.into()),
        Ok(_) if waited[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) => Ok(Some(Key::Closed)),
        Ok(_) => Ok(None),
    }
}

/// The key of an event.
fn key(event: &Event) -> Key {
    let Event::Key(key) = event else { return Key::None };
    if key.kind == KeyEventKind::Release {
        return Key::None;
    }
    match key.code {
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Escape,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::F(number) => Key::Function(number),
        _ => Key::Other,
    }
}
