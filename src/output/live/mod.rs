//! Kea live: frames for a terminal, one frame as text, and the same numbers as JSON.
//!
//! A frame is drawn into a buffer of ratatui; [`Screen`] turns what has changed since the frame before into what a terminal is sent.
//! Colours repeat what words say. Columns that do not fit are left out, the least useful first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::time::Zone;
use crate::top::{App, View};

mod bars;
mod cell;
mod chrome;
mod clients;
mod detail;
mod events;
mod facts;
mod frame_options;
mod ha;
mod help;
mod json;
mod map;
mod messages;
mod overview;
mod pools;
mod scene;
mod screen;
mod table;
mod text;

pub use frame_options::{Colors, FrameOptions};
pub use json::write as write_json;
pub use screen::Screen;
pub use text::write as write_text;

use scene::Scene;

/// Draws a frame into this part of a buffer.
pub fn draw(app: &App, look: FrameOptions, area: Rect, buffer: &mut Buffer) {
    let scene = Scene { app, look: FrameOptions { width: area.width, height: area.height, ..look } };
    let mut lines = chrome::head(&scene);
    let foot = chrome::foot(&scene);
    let room = usize::from(area.height).saturating_sub(lines.len() + foot.len());
    let mut body = body(&scene, room);
    body.truncate(room);
    body.resize(room, Line::default());
    lines.extend(body);
    lines.extend(foot);
    for (y, line) in (area.y..area.bottom()).zip(&lines) {
        buffer.set_line(area.x, y, line, area.width);
    }
}

/// Keeps the selected row, and pages and what is scrolled within the screen.
pub fn fit(app: &mut App, look: FrameOptions) {
    app.follow();
    app.page = usize::from(look.height).saturating_sub(chrome::HEIGHT + 1).max(1);
    if app.is_text() && app.scroll > 0 {
        let lines = text_lines(&Scene { app: &*app, look }).len();
        app.scroll = app.scroll.min(lines.saturating_sub(room(look.height)));
    }
}

/// How many lines are between those above and below every view.
fn room(height: u16) -> usize {
    usize::from(height).saturating_sub(chrome::HEIGHT)
}

/// What is shown as a text.
fn text_lines(scene: &Scene<'_>) -> Vec<Line<'static>> {
    match scene.app.view {
        _ if scene.app.is_help => help::lines(scene),
        View::Ha => ha::lines(scene),
        _ => detail::lines(scene),
    }
}

fn body(scene: &Scene<'_>, room: usize) -> Vec<Line<'static>> {
    if scene.app.is_text() {
        let lines = text_lines(scene);
        let scroll = scene.app.scroll.min(lines.len().saturating_sub(room));
        return lines.into_iter().skip(scroll).collect();
    }
    match scene.app.view {
        View::Overview => overview::lines(scene, room),
        View::Pools => pools::lines(scene, room),
        View::Events => events::lines(scene, room),
        View::Ha => Vec::new(),
        View::Messages => messages::lines(scene, room),
        View::Clients => clients::lines(scene, room),
    }
}
