//! How frames look.

use ratatui::style::{Color, Modifier, Style};

use super::Zone;
use crate::health::State;

/// How many colours a terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colors {
    /// None, or they are not wanted.
    None,
    /// Those of ANSI.
    Sixteen,
    /// 256 of them.
    Many,
}

/// How frames look.
#[derive(Debug, Clone, Copy)]
pub struct FrameOptions {
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
    /// Colours.
    pub colors: Colors,
    /// Whether only ASCII is used.
    pub is_ascii: bool,
    /// The zone of times.
    pub zone: Zone,
}

impl FrameOptions {
    /// The style of what is in a state.
    #[must_use]
    pub(super) fn of_state(self, state: State) -> Style {
        let color = match (self.colors, state) {
            (Colors::None, _) => return if state == State::Critical { bold() } else { Style::new() },
            (Colors::Sixteen, State::Ok) => Color::Green,
            (Colors::Sixteen, State::Warning) => Color::Yellow,
            (Colors::Sixteen, State::Critical) => Color::Red,
            (Colors::Sixteen, State::Unknown) => Color::Magenta,
            (Colors::Many, State::Ok) => Color::Indexed(71),
            (Colors::Many, State::Warning) => Color::Indexed(214),
            (Colors::Many, State::Critical) => Color::Indexed(203),
            (Colors::Many, State::Unknown) => Color::Indexed(176),
        };
        Style::new().fg(color)
    }

    /// The style of what is old or less important.
    #[must_use]
    pub(super) fn faint(self) -> Style {
        match self.colors {
            Colors::None => Style::new(),
            Colors::Sixteen => Style::new().fg(Color::DarkGray),
            Colors::Many => Style::new().fg(Color::Indexed(244)),
        }
    }

    /// The style of a plot.
    #[must_use]
    pub(super) fn plot(self) -> Style {
        match self.colors {
            Colors::None => Style::new(),
            Colors::Sixteen => Style::new().fg(Color::Cyan),
            Colors::Many => Style::new().fg(Color::Indexed(74)),
        }
    }
}

/// The style of headings.
pub(super) fn bold() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// The style of the selected row.
pub(super) fn selected() -> Style {
    Style::new().add_modifier(Modifier::REVERSED)
}
