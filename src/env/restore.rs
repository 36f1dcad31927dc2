//! The terminal as it was before a prompt or a full screen. A signal restores it too.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcsetattr};

/// The terminal and its old settings during a prompt.
pub(super) static BEFORE: Mutex<Option<(File, Termios)>> = Mutex::new(None);

/// The terminal's settings before the full screen.
static SCREEN: Mutex<Option<Screen>> = Mutex::new(None);

/// Whether the full screen was left and entered again since the last call of [`was_lost`].
static LOST: AtomicBool = AtomicBool::new(false);

/// A full screen.
struct Screen {
    before: Termios,
    /// Whether it is left while the process is stopped.
    is_left: bool,
}

/// Switches to the alternate screen, hides the cursor and disables line wrap, since a wrapped line would scroll others
/// off the screen; closing the keyboard undoes it.
pub const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?7l";

/// Enables line wrap, shows the cursor and leaves the alternate screen.
const LEAVE_SCREEN: &str = "\x1b[?7h\x1b[?25h\x1b[?1049l";

fn screen() -> MutexGuard<'static, Option<Screen>> {
    SCREEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on [`terminal`] restores these settings.
pub(super) fn remember(before: Termios) {
    *screen() = Some(Screen { before, is_left: false });
}

/// Reads single keys without echo from now on.
pub(super) fn raw() -> io::Result<()> {
    let Some(mut raw) = screen().as_ref().map(|screen| screen.before.clone()) else { return Ok(()) };
    raw.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
    raw.special_codes[SpecialCodeIndex::VMIN] = 1;
    raw.special_codes[SpecialCodeIndex::VTIME] = 0;
    Ok(tcsetattr(io::stdin(), OptionalActions::Now, &raw)?)
}

/// Draws, unless the alternate screen was left in the meantime: a signal may arrive in the middle of a drawing, and the
/// rest would appear on the user's normal screen.
pub(super) fn on_screen(draw: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let screen = screen();
    if screen.as_ref().is_some_and(|screen| !screen.is_left) { draw() } else { Ok(()) }
}

/// Restores the terminal after a prompt or a full screen.
pub(super) fn terminal() {
    if let Some(Screen { before, .. }) = screen().take() {
        leave_with(&before);
    }
    if let Some((terminal, how)) = &*BEFORE.lock().unwrap_or_else(PoisonError::into_inner) {
        let _ = tcsetattr(terminal, OptionalActions::Now, how);
    }
}

/// Restores the terminal while the process is stopped.
pub(super) fn leave() {
    if let Some(screen) = &mut *screen() {
        screen.is_left = true;
        leave_with(&screen.before);
    }
}

/// Enters the full screen again.
pub(super) fn enter() {
    let _ = raw();
    if let Some(screen) = &mut *screen() {
        screen.is_left = false;
        write(ENTER);
        LOST.store(true, Ordering::Relaxed);
    }
}

/// Whether the full screen was entered again since the last call, so that nothing is on it.
pub(super) fn was_lost() -> bool {
    LOST.swap(false, Ordering::Relaxed)
}

fn leave_with(before: &Termios) {
    write(LEAVE_SCREEN);
    let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
}

/// Bypasses the lock on stdout: a signal may arrive in the middle of a drawing.
fn write(text: &str) {
    if let Ok(mut terminal) = OpenOptions::new().write(true).open("/dev/tty") {
        let _ = terminal.write_all(text.as_bytes());
    }
}
