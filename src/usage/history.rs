//! What was free at earlier looks: a line for each look, in JSON, so that a person can read it too.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::forecast::Point;

/// More looks than this are thinned out, the older ones first.
const MOST: usize = 2000;
/// Not more bytes than this are kept.
const LARGEST: usize = 16 << 20;

/// The looks, in the order of time.
#[derive(Debug, Clone, Default)]
pub struct History {
    looks: Vec<Observation>,
}

/// What was free at a moment.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Observation {
    at: i64,
    /// What was free, and of how many, by the name of the place.
    free: BTreeMap<String, (u128, u128)>,
    /// How many clients the server had refused since its start, by the name of the place.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    refused: BTreeMap<String, u64>,
}

/// How each look begins.
const BEGINNING: &[u8] = br#"{"at":"#;

impl History {
    /// Whether a text is a history, or was one before something went wrong: nothing else begins so.
    #[must_use]
    pub fn is_in(text: &[u8]) -> bool {
        text.is_empty() || text.starts_with(BEGINNING)
    }

    /// The history in a text.
    ///
    /// # Errors
    /// A line is no look, or one that cannot be, after the line before it: the number of the line.
    pub fn parse(text: &str) -> Result<Self, usize> {
        let mut looks: Vec<Observation> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let look: Observation = serde_json::from_str(line).map_err(|_| index + 1)?;
            let is_later = looks.last().map_or(look.at >= 0, |last| last.at < look.at);
            if !is_later || look.free.values().any(|(free, total)| free > total) {
                return Err(index + 1);
            }
            looks.push(look);
        }
        Ok(Self { looks })
    }

    /// Forgets what follows a moment that is now, as the clock was set back; how many looks these were.
    pub fn forget_after(&mut self, now: i64) -> usize {
        let count = self.looks.len();
        self.looks.retain(|look| look.at <= now);
        count - self.looks.len()
    }

    /// Adds a look; what another one at the same moment has of other places stays. There is none before 1970.
    pub fn add(&mut self, at: i64, free: BTreeMap<String, (u128, u128)>, refused: BTreeMap<String, u64>) {
        if at < 0 {
            return;
        }
        let place = self.looks.partition_point(|look| look.at < at);
        if let Some(look) = self.looks.get_mut(place).filter(|look| look.at == at) {
            look.free.extend(free);
            look.refused.extend(refused);
            return;
        }
        self.looks.insert(place, Observation { at, free, refused });
        if self.looks.len() > MOST {
            let half = self.looks.len() / 2;
            let mut index = 0;
            self.looks.retain(|_| {
                index += 1;
                index > half || index % 2 == 0
            });
        }
    }

    /// How many clients were refused in a place between the last look before `at` that knows it, and now; and how long ago
    /// that look was, in seconds. A server that has restarted counts from its start.
    #[must_use]
    pub fn refused_since(&self, place: &str, at: i64, now: u64) -> Option<(u64, i64)> {
        let known = |look: &Observation| Some((look.at, *look.refused.get(place)?));
        let (then, before) = self.looks.iter().rev().filter(|look| look.at < at).find_map(known)?;
        Some((now.checked_sub(before).unwrap_or(now), at.saturating_sub(then)))
    }

    /// The looks at a place until a moment.
    #[must_use]
    pub fn points(&self, place: &str, until: i64) -> Vec<Point> {
        let point = |look: &Observation| {
            look.free.get(place).map(|(free, total)| Point { at: look.at, free: *free, total: *total })
        };
        self.looks.iter().take_while(|look| look.at <= until).filter_map(point).collect()
    }

    /// The history as text.
    #[must_use]
    pub fn text(&self) -> String {
        let line = |look: &Observation| serde_json::to_string(look).unwrap_or_default() + "\n";
        let mut lines: Vec<String> = self.looks.iter().map(line).collect();
        let mut size: usize = lines.iter().map(String::len).sum();
        let surplus = lines.iter().take_while(|line| {
            let is_too_much = size > LARGEST;
            size -= line.len();
            is_too_much
        });
        lines.drain(..surplus.count());
        lines.concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(free: u128) -> BTreeMap<String, (u128, u128)> {
        BTreeMap::from([("4 subnet 1".to_owned(), (free, u128::MAX))])
    }

    #[test]
    fn looks_are_read_as_they_were_written() {
        let mut history = History::default();
        history.add(10, look(u128::MAX), BTreeMap::new());
        history.add(20, look(3), BTreeMap::new());
        let again = History::parse(&history.text()).unwrap();
        let expected = [(10, u128::MAX), (20, 3)].map(|(at, free)| Point { at, free, total: u128::MAX });
        assert_eq!(again.points("4 subnet 1", 20), expected);
        assert_eq!(again.points("4 subnet 2", 20), []);
        assert_eq!(History::parse("{}\n").unwrap_err(), 1);
    }

    #[test]
    fn looks_that_cannot_be_are_none() {
        let first = r#"{"at":10,"free":{"4 subnet 1":[3,11]}}"#;
        for second in [r#"{"at":20,"free":{"4 subnet 1":[12,11]}}"#, r#"{"at":10,"free":{}}"#, r#"{"at":-5,"free":{}}"#]
        {
            assert_eq!(History::parse(&format!("{first}\n{second}\n")).unwrap_err(), 2, "{second}");
        }
        assert_eq!(History::parse(r#"{"at":-5,"free":{}}"#).unwrap_err(), 1);
    }

    #[test]
    fn refusals_are_those_since_the_last_look_that_knows() {
        let mut history = History::default();
        history.add(10, look(3), BTreeMap::from([("4".to_owned(), 7)]));
        history.add(20, look(3), BTreeMap::new());
        let history = History::parse(&history.text()).unwrap();
        assert_eq!(history.refused_since("4", 30, 9), Some((2, 20)));
        // The server has restarted.
        assert_eq!(history.refused_since("4", 30, 3), Some((3, 20)));
        assert_eq!((history.refused_since("4", 10, 9), history.refused_since("6", 30, 9)), (None, None));
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut history = History::default();
        (0..9000).for_each(|at| history.add(at, look(1), BTreeMap::new()));
        assert!(history.looks.len() <= MOST && history.looks[0].at < 4500, "{}", history.looks.len());
    }

    #[test]
    fn looks_at_copies_stay_when_the_past_is_judged() {
        let mut history = History::default();
        for at in [10, 30, 20, 20, -5] {
            history.add(at, look(3), BTreeMap::new());
        }
        let moments = |history: &History| history.looks.iter().map(|look| look.at).collect::<Vec<_>>();
        assert_eq!(moments(&history), [10, 20, 30]);
        assert_eq!(history.points("4 subnet 1", 20).len(), 2);
        assert_eq!(moments(&History::parse(&history.text()).unwrap()), [10, 20, 30]);
        // Where the clock was set back, they are of no time that was.
        assert_eq!((history.forget_after(15), moments(&history)), (2, vec![10]));
    }

    #[test]
    fn looks_of_one_moment_are_one() {
        let mut history = History::default();
        history.add(10, look(3), BTreeMap::new());
        history.add(10, BTreeMap::from([("6 subnet 1".to_owned(), (5, 7))]), BTreeMap::new());
        let history = History::parse(&history.text()).unwrap();
        assert_eq!((history.points("4 subnet 1", 10)[0].free, history.points("6 subnet 1", 10)[0].free), (3, 5));
        assert!(
            History::is_in(history.text().as_bytes()) && History::is_in(b"") && !History::is_in(b"{\"Dhcp4\": {}}")
        );
    }
}
