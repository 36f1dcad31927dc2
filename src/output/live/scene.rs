//! What a frame is drawn of, and what its texts have in common.

use ratatui::text::Line;

use super::frame_options::FrameOptions;
use crate::text::{OneLine, count};
use crate::time::{Span, TimeFormatter, TimeStyle};
use crate::top::{App, Model};

/// What is drawn, and how.
pub(super) struct Scene<'a> {
    pub(super) app: &'a App,
    pub(super) look: FrameOptions,
}

impl<'a> Scene<'a> {
    pub(super) fn model(&self) -> &'a Model {
        self.app.model()
    }

    /// The name of a server, or its number where names are hidden.
    pub(super) fn server(&self, index: usize) -> String {
        OneLine(&self.model().shown_name(index)).to_string()
    }

    /// A text of a server, harmless for a terminal; without addresses and names where these are hidden.
    pub(super) fn foreign(&self, text: &str) -> String {
        OneLine(&self.model().shown(text)).to_string()
    }

    /// The time of day.
    pub(super) fn clock(&self, at: i64) -> String {
        let moment = self.local(at);
        moment.get(11..19).unwrap_or(&moment).to_owned()
    }

    /// The day: `2026-11-29`.
    pub(super) fn date(&self, at: i64) -> String {
        let moment = self.local(at);
        moment.get(..10).unwrap_or(&moment).to_owned()
    }

    /// `2026-11-29T08:10:00+01:00`
    fn local(&self, at: i64) -> String {
        let mut moment = Vec::new();
        TimeFormatter::new(TimeStyle::Local, self.look.zone).write(at, &mut moment);
        String::from_utf8_lossy(&moment).into_owned()
    }
}

/// What a view with a filter shows that fits none of its rows.
pub(super) fn nothing_matches(scene: &Scene<'_>, hidden: usize) -> Line<'static> {
    let filter = OneLine(&scene.app.filter);
    Line::from(format!("nothing matches \"{filter}\": {} hidden (Esc shows all)", count(hidden as u64, "row")))
}

/// `45s`, `1h30m`; a dash if it is not known.
pub(super) fn span(seconds: Option<i64>) -> String {
    seconds.and_then(|seconds| u64::try_from(seconds).ok()).map_or_else(|| "-".to_owned(), |it| Span(it).to_string())
}

/// `0`, `0.4`, `12`, `1250`; a dash if it is not known.
pub(super) fn rate(rate: Option<f64>) -> String {
    match rate {
        None => "-".to_owned(),
        Some(0.0) => "0".to_owned(),
        Some(rate) if rate < 9.95 => format!("{rate:.1}"),
        Some(rate) => format!("{rate:.0}"),
    }
}
