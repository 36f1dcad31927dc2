//! The terminal settings during a password prompt or on a full screen; they are restored in every case.

use std::fs::File;
use std::io;
use std::sync::PoisonError;

use rustix::termios::{Termios, tcgetattr};

use super::restore::{BEFORE, SCREEN};
use super::signals;
use crate::exit::Exit;

/// From now on `restore::terminal` restores these settings.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_on_a_screen_that_was_left() {
        crate::env::restore::terminal();
        on_screen(|| Err(io::Error::other("drawn"))).unwrap();
    }
}
