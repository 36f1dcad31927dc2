//! The terminal as it was before a prompt or a full screen. A signal restores it too.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use rustix::termios::{OptionalActions, Termios, tcsetattr};

/// The terminal and its old settings during a prompt.
pub(super) static BEFORE: Mutex<Option<(File, Termios)>> = Mutex::new(None);

/// The terminal's settings before the full screen.
pub(super) static SCREEN: Mutex<Option<Termios>> = Mutex::new(None);

/// Enables line wrap, shows the cursor and leaves the alternate screen.
const LEAVE_SCREEN: &str = "\x1b[?7h\x1b[?25h\x1b[?1049l";

/// Restores the terminal after a prompt or a full screen.
pub(super) fn terminal() {
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
