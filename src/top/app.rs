//! The state of the screen: which view, which row, which filter; and what keys do with it.

use std::path::PathBuf;
use std::time::Duration;

use super::chosen::Chosen;
use super::host::HostLook;
use super::key::Key;
use super::model::Model;
use super::record::{News, Played};
use super::rows::Sort;
use super::view::View;
use crate::config::Daemon;
use crate::health::kea::answer::Status;
use crate::health::kea::facts::Host;
use crate::stats::reading::{Load, Moment, Reading};

/// Whether the program goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// It does.
    Continue,
    /// The user has seen enough.
    Quit,
}

/// How far a recording is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// There is more.
    Running,
    /// Nothing follows.
    Ended,
}

/// Time ranges of plots and of growth.
pub const RANGES: [Duration; 5] = [
    Duration::from_secs(60),
    Duration::from_secs(300),
    Duration::from_secs(900),
    Duration::from_secs(1800),
    Duration::from_secs(3600),
];

/// The servers and the screen.
#[derive(Debug)]
pub struct App {
    /// What is known now.
    live: Model,
    /// What is shown while the display does not change.
    frozen: Option<Box<Model>>,
    /// The view.
    pub view: View,
    /// The number of the selected row of each view when it was last drawn.
    cursors: [usize; 6],
    /// What that row is about, if the user has chosen it; else the first row is selected.
    chosen: [Option<Chosen>; 6],
    sorts: [Sort; 6],
    /// What rows must have in them.
    pub filter: String,
    /// Whether the filter is being typed.
    pub is_typing: bool,
    /// Whether everything about the selected row is shown.
    pub is_detailed: bool,
    /// The first line that is shown of a text: of that, of the keys, of high availability.
    pub scroll: usize,
    /// Whether the keys are shown.
    pub is_help: bool,
    /// Whether a recording is shown, and how far.
    pub replay: Option<Replay>,
    range: usize,
    /// How many rows fit on the screen.
    pub page: usize,
}

impl App {
    /// Begins with the overview.
    #[must_use]
    pub fn new(model: Model) -> Self {
        Self {
            live: model,
            frozen: None,
            view: View::Overview,
            cursors: [0; 6],
            chosen: Default::default(),
            sorts: [Sort::default(); 6],
            filter: String::new(),
            is_typing: false,
            is_detailed: false,
            scroll: 0,
            is_help: false,
            replay: None,
            range: 1,
            page: 20,
        }
    }

    /// What is shown.
    #[must_use]
    pub fn model(&self) -> &Model {
        self.frozen.as_deref().unwrap_or(&self.live)
    }

    /// Whether addresses and names are hidden.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.live.is_private
    }

    /// Whether the display does not change.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    /// The time has come so far.
    pub fn tick(&mut self, moment: Moment) {
        self.live.tick(moment);
    }

    /// Takes what the daemons of a place have answered.
    pub fn take(&mut self, place: usize, moment: Moment, readings: Vec<Reading>) {
        self.live.take(place, moment, readings);
    }

    /// Takes what this host shows of the daemons with a configuration here; `files` are the configuration files of its instances.
    /// Returns what that says.
    pub fn take_host(&mut self, moment: Moment, host: &Host, files: &[Option<PathBuf>], load: Load) -> HostLook {
        self.live.take_host(moment, host, files, load)
    }

    /// This host shows nothing.
    pub fn without_host(&mut self) {
        self.live.without_host();
    }

    /// Takes what a recording has.
    pub fn show(&mut self, played: Played) {
        match played.news {
            News::Answers { place, readings } => self.take(place, played.moment, readings),
            News::Host(look) => self.live.take_look(played.moment, &look),
        }
    }

    /// What the daemons with a configuration on this host have answered to the last question.
    #[must_use]
    pub fn statuses(&self) -> Vec<(Daemon, Status)> {
        self.live.statuses()
    }

    /// The number of the selected row of the view: that of the row that was chosen; where it is gone, of the one at its place.
    #[must_use]
    pub fn cursor(&self) -> usize {
        let chosen = self.chosen[self.view.index()].as_ref();
        let found = chosen.and_then(|it| self.model().row_of(it, &self.filter, self.sort()));
        found.unwrap_or_else(|| self.cursors[self.view.index()].min(self.len().saturating_sub(1)))
    }

    /// Notes where the selected row is now.
    pub fn follow(&mut self) {
        self.cursors[self.view.index()] = self.cursor();
    }

    /// Selects the row of this number, and whatever number it has later.
    fn choose(&mut self, row: usize) {
        self.cursors[self.view.index()] = row;
        self.chosen[self.view.index()] = self.model().chosen(self.view, &self.filter, self.sort(), row);
    }

    /// What the rows of the view are sorted by.
    #[must_use]
    pub fn sort(&self) -> Sort {
        self.sorts[self.view.index()]
    }

    /// The time range of plots.
    #[must_use]
    pub fn range(&self) -> Duration {
        RANGES[self.range]
    }

    /// How many rows the view has.
    #[must_use]
    pub fn len(&self) -> usize {
        let model = self.model();
        match self.view {
            View::Overview => model.server_rows(&self.filter, self.sort()).len(),
            View::Pools => model.pool_rows(&self.filter, self.sort()).len(),
            View::Events => model.event_rows(&self.filter).count(),
            View::Messages => model.counters(&self.filter).len(),
            View::Clients => model.client_rows(&self.filter).count(),
            View::Ha => 0,
        }
    }

    /// Whether the view has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether what is shown is a text, which is scrolled, and not rows.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.is_help || self.is_detailed || self.view == View::Ha
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Flow {
        if self.is_typing {
            self.type_filter(key);
            return Flow::Continue;
        }
        if self.is_help {
            return self.key_of_help(key);
        }
        match key {
            Key::Char('q' | 'Q') | Key::Function(10) => return Flow::Quit,
            Key::Char('?' | 'h') | Key::Function(1) => (self.is_help, self.scroll) = (true, 0),
            Key::Char(number @ '1'..='6') => self.open(View::ALL[number as usize - '1' as usize]),
            Key::Tab | Key::Right => self.open(View::ALL[(self.view.index() + 1) % 6]),
            Key::BackTab | Key::Left => self.open(View::ALL[(self.view.index() + 5) % 6]),
            Key::Char('/') | Key::Function(3 | 4) => {
                self.is_typing = true;
                self.filter.clear();
            }
            Key::Char('s') | Key::Function(6) => self.sorts[self.view.index()] = self.sort().next(),
            Key::Char('p') => {
                let is_private = !self.is_private();
                self.live.is_private = is_private;
                self.frozen.iter_mut().for_each(|frozen| frozen.is_private = is_private);
            }
            Key::Char(' ') => {
                self.frozen = if self.is_frozen() { None } else { Some(Box::new(self.live.clone())) };
            }
            Key::Char('+' | '=') => self.range = (self.range + 1).min(RANGES.len() - 1),
            Key::Char('-') => self.range = self.range.saturating_sub(1),
            Key::Enter => {
                let has_details = !matches!(self.view, View::Ha | View::Messages) && !self.is_empty();
                (self.is_detailed, self.scroll) = (has_details, 0);
                self.choose(self.cursor());
            }
            Key::Escape if self.is_detailed => (self.is_detailed, self.scroll) = (false, 0),
            Key::Escape => self.filter.clear(),
            other => {
                self.travel(other);
            }
        }
        Flow::Continue
    }

    /// A key while the keys are shown: they are scrolled, or left.
    fn key_of_help(&mut self, key: Key) -> Flow {
        if matches!(key, Key::Char('q' | 'Q') | Key::Function(10)) {
            return Flow::Quit;
        }
        if !self.travel(key) {
            (self.is_help, self.scroll) = (false, 0);
        }
        Flow::Continue
    }

    fn open(&mut self, view: View) {
        self.view = view;
        (self.is_detailed, self.scroll) = (false, 0);
    }

    fn type_filter(&mut self, key: Key) {
        match key {
            Key::Char(c) => self.filter.push(c),
            Key::Backspace => {
                self.filter.pop();
            }
            Key::Escape => {
                self.filter.clear();
                self.is_typing = false;
            }
            Key::Enter => self.is_typing = false,
            _ => {}
        }
    }

    /// Moves the selection, or what is seen of a long text; whether the key means that.
    fn travel(&mut self, key: Key) -> bool {
        let page = self.page.max(1);
        let (at, last) =
            if self.is_text() { (self.scroll, usize::MAX) } else { (self.cursor(), self.len().saturating_sub(1)) };
        let to = match key {
            Key::Up | Key::Char('k') => at.saturating_sub(1),
            Key::Down | Key::Char('j') => at.saturating_add(1),
            Key::PageUp => at.saturating_sub(page),
            Key::PageDown => at.saturating_add(page),
            Key::Home | Key::Char('g') => 0,
            Key::End | Key::Char('G') => last,
            _ => return false,
        };
        if self.is_text() {
            self.scroll = to;
            return true;
        }
        self.choose(to.min(last));
        if matches!(key, Key::Home | Key::Char('g')) {
            // The first row, whichever that is.
            self.chosen[self.view.index()] = None;
        }
        true
    }
}
