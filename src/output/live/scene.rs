//! What a frame is drawn of, and what its texts have in common.

use std::borrow::Cow;

use ratatui::text::Line;

use super::look::Look;
use crate::text::{OneLine, count};
use crate::time::{Span, TimeFormatter, TimeStyle};
use crate::top::{App, Model};

/// What is drawn, and how.
pub(super) struct Scene<'a> {
    pub(super) app: &'a App,
    pub(super) look: Look,
}

impl<'a> Scene<'a> {
    pub(super) fn model(&self) -> &'a Model {
        self.app.model()
    }

    /// The name of a server, or its number where names are hidden.
    pub(super) fn server(&self, index: usize) -> String {
        if self.app.is_private {
            return format!("server {}", index + 1);
        }
        self.model().servers.get(index).map_or_else(String::new, |server| OneLine(&server.name).to_string())
    }

    /// A text of a server, harmless for a terminal; without addresses and names where these are hidden.
    pub(super) fn foreign(&self, text: &str) -> String {
        let text = if self.app.is_private { self.hidden(text) } else { Cow::Borrowed(text) };
        OneLine(&text).to_string()
    }

    /// A text without what may be an address, a path or a name of a server.
    fn hidden<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut hidden =
            text.split(' ').map(|word| if is_identifying(word) { "xxx" } else { word }).collect::<Vec<_>>().join(" ");
        for (index, server) in self.model().servers.iter().enumerate() {
            hidden = hidden.replace(&server.name, &format!("server {}", index + 1));
        }
        Cow::Owned(hidden)
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

fn is_identifying(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let count = |c: char| word.matches(c).count();
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = word.split([':', '.']);
    // Of the time of day, each part has two digits.
    let is_time = count(':') == 2
        && parts.by_ref().take(3).all(|part| part.len() == 2 && is_number(part))
        && parts.all(is_number);
    !is_time && (word.contains('/') || word.contains('\\') || count('.') > 1 || count(':') > 1)
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
