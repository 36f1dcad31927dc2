//! The terminal while a password is typed: its echo must come back, however the question ends.

use std::fs::File;
use std::io;
use std::sync::{Mutex, PoisonError};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// The terminal and how it was, while a question is open.
static BEFORE: Mutex<Option<(File, Termios)>> = Mutex::new(None);

/// Asks for a password without echo.
pub(super) fn ask(question: &str) -> io::Result<String> {
    let before = File::open("/dev/tty").ok().and_then(|terminal| tcgetattr(&terminal).ok().map(|how| (terminal, how)));
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = before;
    let answer = rpassword::prompt_password(question);
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = None;
    answer
}

/// Gives the terminal its echo back, if a question has taken it.
pub(super) fn restore() {
    if let Some((terminal, how)) = &*BEFORE.lock().unwrap_or_else(PoisonError::into_inner) {
        let _ = tcsetattr(terminal, OptionalActions::Now, how);
    }
}
