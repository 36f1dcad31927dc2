//! The terminal settings during a password prompt or on a full screen; they are restored in every case.

use std::fs::File;
use std::io;
use std::sync::PoisonError;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::restore::{self, BEFORE};
use super::signals;
use crate::exit::Exit;

/// From now on `restore::terminal` restores these settings, also while the process is stopped.
pub(super) fn remember_screen(before: Termios) {
    signals::watch();
    signals::watch_stops();
    restore::remember(before);
}

/// Prompts for a password without echo.
pub(super) fn ask(question: &str) -> io::Result<String> {
    signals::watch();
    let before = File::open("/dev/tty").ok().and_then(|terminal| tcgetattr(&terminal).ok().map(|how| (terminal, how)));
    // What is typed as soon as the question is there is not shown either.
    if let Some((terminal, how)) = &before {
        let mut silent = how.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal, OptionalActions::Now, &silent)?;
    }
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = before;
    let answer = rpassword::prompt_password(question);
    // It returns at Ctrl-C, while the thread that waits for signals may not have woken yet.
    if answer.as_ref().is_err_and(|cause| cause.kind() == io::ErrorKind::Interrupted) {
        signals::end(Exit::Signal(signals::INTERRUPT));
    }
    if let Some((terminal, how)) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
        tcsetattr(&terminal, OptionalActions::Now, &how)?;
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_on_a_screen_that_was_left() {
        restore::terminal();
        restore::on_screen(|| Err(io::Error::other("drawn"))).unwrap();
    }
}
