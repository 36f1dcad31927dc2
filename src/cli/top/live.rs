//! The view in a terminal: answers are taken, keys are obeyed, what has changed is drawn.

use std::time::Duration;

use super::now;
use super::source::Source;
use crate::env::Env;
use crate::env::screen::{ENTER, Key};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::output::live::{self, FrameOptions, Screen};
use crate::top::{self, App, Flow};

/// Answers are taken at least so often.
const GLANCE: Duration = Duration::from_millis(100);

/// With this variable a `!` panics, in a build for tests.
const PANIC: &str = "KEA_TOOLS_TEST_PANIC";

/// The keys of a terminal, and what it is sent.
pub(super) struct Live<'a> {
    pub(super) app: App,
    pub(super) source: Source,
    /// How frames look on the terminal as it is now.
    pub(super) look: &'a dyn Fn(&Env<'_>) -> FrameOptions,
}

impl Live<'_> {
    /// Runs until the user has seen enough.
    pub(super) fn run(mut self, env: &mut Env<'_>) -> Result<Exit> {
        env.keyboard.open().map_err(|cause| {
            Error::io("read keys from the terminal", &cause).hint("use a terminal as standard input, or give --once")
        })?;
        let entered = env.keyboard.draw(ENTER, env.stdout).map_err(|cause| write_failed(&cause));
        let done = entered.and_then(|()| self.watch(env));
        env.keyboard.close();
        done
    }

    fn watch(&mut self, env: &mut Env<'_>) -> Result<Exit> {
        let mut screen = Screen::default();
        let mut drawn = None;
        loop {
            let now = now(env);
            let is_news = self.source.take(now, &mut self.app)?;
            let moment = self.source.moment(now);
            self.app.tick(moment);
            let look = (self.look)(env);
            let shown = (moment.now, look.width, look.height);
            if is_news || drawn != Some(shown) {
                self.draw(&mut screen, look, env)?;
                drawn = Some(shown);
            }
            let limit = self.source.pause(env.clock.monotonic()).min(GLANCE);
            match env.keyboard.wait(limit).map_err(|cause| Error::io("read a key", &cause))? {
                Key::None => {}
                Key::Lost => {
                    screen.forget();
                    drawn = None;
                }
                Key::Closed => return Ok(Exit::Done),
                Key::Char('!') if cfg!(debug_assertions) && (env.var)(PANIC).is_some() => panic!("as it is wanted"),
                key => {
                    if let Some(key) = typed(key) {
                        if self.app.key(key) == Flow::Quit {
                            return Ok(Exit::Done);
                        }
                        drawn = None;
                    }
                }
            }
        }
    }

    fn draw(&mut self, screen: &mut Screen, look: FrameOptions, env: &mut Env<'_>) -> Result<()> {
        live::fit(&mut self.app, look);
        let frame = screen.frame(&self.app, look).map_err(|cause| write_failed(&cause))?;
        let text = String::from_utf8_lossy(&frame);
        env.keyboard.draw(&text, env.stdout).map_err(|cause| write_failed(&cause))
    }
}

fn write_failed(cause: &std::io::Error) -> Error {
    Error::io("write to the terminal", cause)
}

/// The key for the view, if it means something there.
fn typed(key: Key) -> Option<top::Key> {
    Some(match key {
        Key::Char(c) => top::Key::Char(c),
        Key::Enter => top::Key::Enter,
        Key::Escape => top::Key::Escape,
        Key::Tab => top::Key::Tab,
        Key::BackTab => top::Key::BackTab,
        Key::Backspace => top::Key::Backspace,
        Key::Up => top::Key::Up,
        Key::Down => top::Key::Down,
        Key::Left => top::Key::Left,
        Key::Right => top::Key::Right,
        Key::PageUp => top::Key::PageUp,
        Key::PageDown => top::Key::PageDown,
        Key::Home => top::Key::Home,
        Key::End => top::Key::End,
        Key::Function(number) => top::Key::Function(number),
        Key::Other | Key::None | Key::Lost | Key::Closed => return None,
    })
}
