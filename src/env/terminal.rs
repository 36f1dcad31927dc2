//! The terminal while a password is typed or a screen drawn: it must become what it was, however that ends.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use super::signals;

/// The terminal and how it was, while a question is open.
static BEFORE: Mutex<Option<(File, Termios)>> = Mutex::new(None);

/// How the terminal was before it became a screen.
static SCREEN: Mutex<Option<Termios>> = Mutex::new(None);

/// Lets lines go on below, shows the cursor again and leaves the alternate screen.
const LEAVE_SCREEN: &str = "\x1b[?7h\x1b[?25h\x1b[?1049l";

/// From now on [`restore`] makes the terminal what it was.
pub(super) fn remember_screen(before: Termios) {
    signals::watch();
    *SCREEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
}

/// Draws, if the screen has not been left meanwhile: a signal may come at any time, also in the middle of a drawing, and
/// what was drawn after it would stand on the user's own screen.
pub(super) fn on_screen(draw: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let screen = SCREEN.lock().unwrap_or_else(PoisonError::into_inner);
    if screen.is_some() { draw() } else { Ok(()) }
}

/// Asks for a password without echo.
pub(super) fn ask(question: &str) -> io::Result<String> {
    signals::watch();
    let before = File::open("/dev/tty").ok().and_then(|terminal| tcgetattr(&terminal).ok().map(|how| (terminal, how)));
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = before;
    let answer = rpassword::prompt_password(question);
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = None;
    answer
}

/// Gives the terminal back what a question or a screen has taken.
pub(super) fn restore() {
    if let Some(how) = SCREEN.lock().unwrap_or_else(PoisonError::into_inner).take() {
        // Past any lock on stdout: a signal may have come in the middle of a drawing.
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
