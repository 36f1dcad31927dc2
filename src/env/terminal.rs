//! The terminal settings during a password prompt or on a full screen; they are restored in every case.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use super::signals;
use crate::exit::Exit;

/// The terminal and its old settings during a prompt.
static BEFORE: Mutex<Option<(File, Termios)>> = Mutex::new(None);

/// The terminal's settings before the full screen.
static SCREEN: Mutex<Option<Termios>> = Mutex::new(None);

/// Enables line wrap, shows the cursor and leaves the alternate screen.
const LEAVE_SCREEN: &str = "\x1b[?7h\x1b[?25h\x1b[?1049l";

/// From now on [`restore`] restores these settings.
pub(super) fn remember_screen(before: Termios) {
    signals::watch();
    *SCREEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
}

/// Draws, unless the alternate screen was left in the meantime: a signal may arrive in the middle of a drawing, and the
/// rest would appear on the user's normal screen.
pub(super) fn on_screen(draw: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let screen = SCREEN.lock().unwrap_or_else(PoisonError::into_inner);
    if screen.is_some() { draw() } else { Ok(()) }
}

/// Prompts for a password without echo.
pub(super) fn ask(question: &str) -> io::Result<String> {
    signals::watch();
    let before = File::open("/dev/tty").ok().and_then(|terminal| tcgetattr(&terminal).ok().map(|how| (terminal, how)));
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = before;
    let answer = rpassword::prompt_password(question);
    // It returns at Ctrl-C, while the thread that waits for signals may not have woken yet.
    if answer.as_ref().is_err_and(|cause| cause.kind() == io::ErrorKind::Interrupted) {
        signals::end(Exit::Signal(signals::INTERRUPT));
    }
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = None;
    answer
}

/// Restores the terminal after a prompt or a full screen.
pub(super) fn restore() {
    if let Some(how) = SCREEN.lock().unwrap_or_else(PoisonError::into_inner).take() {
        // Bypasses the lock on stdout: a signal may arrive in the middle of a drawing.
        if let Ok(mut terminal) = OpenOptions::new().write(true).open("/dev/tty") {
            let _ = terminal.write_all(LEAVE_SCREEN.as_bytes());
        }
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &how);
    }
    if let Some((terminal, how)) = &*BEFORE.lock().unwrap_or_else(PoisonError::into_inner) {
        let _ = tcsetattr(terminal, OptionalActions::Now, how);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_on_a_screen_that_was_left() {
        restore();
        on_screen(|| Err(io::Error::other("drawn"))).unwrap();
    }
}
