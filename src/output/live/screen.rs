//! What a terminal is sent: only what has changed since the frame before.

use std::io;

use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{FrameOptions, draw};
use crate::top::App;

/// Clears the screen.
const CLEAR: &[u8] = b"\x1b[0m\x1b[2J";

/// A terminal, as far as it is known what it shows.
#[derive(Debug, Default)]
pub struct Screen {
    shown: Option<Buffer>,
}

impl Screen {
    /// What the terminal is to be sent so that it shows the frame.
    pub fn frame(&mut self, app: &App, look: FrameOptions) -> io::Result<Vec<u8>> {
        let area = Rect::new(0, 0, look.width, look.height);
        let mut next = Buffer::empty(area);
        draw(app, look, area, &mut next);
        let mut octets = Vec::new();
        let before = self.shown.take().filter(|shown| *shown.area() == area).unwrap_or_else(|| {
            octets.extend(CLEAR);
            Buffer::empty(area)
        });
        CrosstermBackend::new(&mut octets).draw(before.diff(&next).into_iter())?;
        self.shown = Some(next);
        Ok(octets)
    }

    /// Something else has been shown: everything is drawn anew.
    pub fn forget(&mut self) {
        self.shown = None;
    }
}
