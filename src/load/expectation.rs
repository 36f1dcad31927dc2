//! What a run is expected to show: `loss<0.1%,p99<20ms,nak=0`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::fate::Loss;
use super::kind::LoadMessage;
use super::latency::Quantiles;
use super::report::Report;

/// An expectation: a figure of all messages or of one kind, a comparison, a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    message: Option<LoadMessage>,
    figure: Figure,
    comparison: Comparison,
    limit: f64,
    /// As it is typed.
    text: String,
}

/// An expectation that does not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Missed {
    /// As it is typed.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Figure {
    /// The percentage of messages that were lost.
    Loss,
    /// A quantile of the answers' times in milliseconds.
    Time(Time),
    /// Losses of one cause.
    Count(Loss),
    /// Those that got answers that no client uses.
    Unusable,
    /// Refusals with any status code.
    Refused,
    /// Answers that came again.
    Duplicate,
    /// Exchanges completed per second.
    Rate,
    /// Clients that may still have a lease.
    Left,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Time {
    P50,
    P90,
    P99,
    P999,
    Max,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

/// What is before the comparison, and what it means.
const FIGURES: [(&str, Figure); 20] = [
    ("loss", Figure::Loss),
    ("p50", Figure::Time(Time::P50)),
    ("p90", Figure::Time(Time::P90)),
    ("p99", Figure::Time(Time::P99)),
    ("p99.9", Figure::Time(Time::P999)),
    ("p999", Figure::Time(Time::P999)),
    ("max", Figure::Time(Time::Max)),
    ("silence", Figure::Count(Loss::Silence)),
    ("late", Figure::Count(Loss::Late)),
    ("nak", Figure::Count(Loss::Nak)),
    ("no-address", Figure::Count(Loss::NoAddress)),
    ("wrong-server", Figure::Count(Loss::WrongServer)),
    ("malformed", Figure::Count(Loss::Malformed)),
    ("unusable", Figure::Unusable),
    ("send-error", Figure::Count(Loss::SendError)),
    ("refused", Figure::Refused),
    ("duplicate", Figure::Duplicate),
    ("duplicates", Figure::Duplicate),
    ("rate", Figure::Rate),
    ("leases-left", Figure::Left),
];

/// No limit is higher.
const MOST: f64 = 1e12;

const FORM: &str = "expected FIGURE<LIMIT, such as loss<0.1%, p99<20ms, nak=0, request.p99<50ms, rate>=100";

impl FromStr for Expectation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let at = text.find(['<', '>', '=']).ok_or(FORM)?;
        let (name, rest) = text.split_at(at);
        let signs = rest.len() - rest.trim_start_matches(['<', '>', '=']).len();
        let comparison = match &rest[..signs] {
            "<" => Comparison::Less,
            "<=" => Comparison::AtMost,
            "=" | "==" => Comparison::Equal,
            ">=" => Comparison::AtLeast,
            ">" => Comparison::More,
            _ => return Err(FORM.into()),
        };
        let (message, figure) = figure(name.trim())?;
        let limit = limit(figure, rest[signs..].trim())?;
        Ok(Self { message, figure, comparison, limit, text: text.to_owned() })
    }
}

/// `p99` or `request.p99`.
fn figure(name: &str) -> Result<(Option<LoadMessage>, Figure), String> {
    let by_name = |name: &str| FIGURES.iter().find(|(known, _)| *known == name).map(|(_, figure)| *figure);
    if let Some(figure) = by_name(name) {
        return Ok((None, figure));
    }
    let of_message = name.split_once('.').and_then(|(message, figure)| {
        let figure = by_name(figure).filter(|figure| !matches!(figure, Figure::Rate | Figure::Left))?;
        Some((Some(LoadMessage::by_name(message)?), figure))
    });
    of_message.ok_or_else(|| {
        let names: Vec<_> = FIGURES.iter().map(|(name, _)| *name).collect();
        format!("there is no figure \"{name}\": there are {}", names.join(", "))
    })
}

fn limit(figure: Figure, text: &str) -> Result<f64, String> {
    let (unit, factor) = match figure {
        Figure::Loss => ("%", 1.0),
        Figure::Time(_) if text.ends_with("us") => ("us", 0.001),
        Figure::Time(_) if text.ends_with("ms") => ("ms", 1.0),
        Figure::Time(_) => ("s", 1000.0),
        Figure::Rate => ("/s", 1.0),
        _ => ("", 1.0),
    };
    let bare = text.strip_suffix(unit);
    if bare.is_none() && matches!(figure, Figure::Time(_)) {
        return Err(format!("\"{text}\" needs a unit: us, ms or s"));
    }
    let most = if figure == Figure::Loss { 100.0 } else { MOST };
    let number = bare.unwrap_or(text).trim().parse::<f64>().ok().filter(|number| (0.0..=most).contains(number));
    number.map(|number| number * factor).ok_or_else(|| format!("\"{text}\" is no limit for this figure"))
}

impl Expectation {
    /// The expectations of a list with commas between them.
    ///
    /// # Errors
    /// What is wrong with the first that is none.
    pub fn list(text: &str) -> Result<Vec<Self>, String> {
        text.split(',').map(str::parse).collect()
    }

    /// The message that it is about, if it is about one.
    #[must_use]
    pub fn message(&self) -> Option<LoadMessage> {
        self.message
    }

    /// What was found, if it is not as expected. Without a message's name each kind of message must fit; a figure that
    /// there is none of does not.
    #[must_use]
    pub fn missed(&self, report: &Report) -> Option<Missed> {
        let values = self.values(report);
        let is_wrong = |value: &&(Option<f64>, String)| !value.0.is_some_and(|value| self.holds(value));
        let missed = |found: String| Missed { expected: self.text.clone(), found };
        if values.is_empty() {
            return Some(missed("no message".to_owned()));
        }
        values.iter().find(is_wrong).map(|(_, found)| missed(found.clone()))
    }

    fn holds(&self, value: f64) -> bool {
        match self.comparison {
            Comparison::Less => value < self.limit,
            Comparison::AtMost => value <= self.limit,
            Comparison::Equal => (value - self.limit).abs() < 1e-9,
            Comparison::AtLeast => value >= self.limit,
            Comparison::More => value > self.limit,
        }
    }

    /// The values to compare, as they are shown.
    #[expect(clippy::cast_precision_loss, reason = "figures for a comparison")]
    fn values(&self, report: &Report) -> Vec<(Option<f64>, String)> {
        let wanted = |message: &&super::report::MessageReport| self.message.is_none_or(|only| only == message.message);
        let messages = || report.answerable().filter(wanted);
        let count = |value: u64| vec![(Some(value as f64), value.to_string())];
        match self.figure {
            Figure::Loss => {
                let (sent, lost): (u64, u64) =
                    messages().fold((0, 0), |(sent, lost), message| (sent + message.sent, lost + message.lost.total()));
                let percent = lost as f64 * 100.0 / sent.max(1) as f64;
                let shown = || vec![(Some(percent), format!("{percent:.3} % ({lost} of {sent})"))];
                if sent == 0 { Vec::new() } else { shown() }
            }
            Figure::Time(time) => messages().map(|message| time_of(message, time)).collect(),
            Figure::Count(loss) => count(messages().map(|message| message.lost.of(loss)).sum()),
            Figure::Refused => {
                count(messages().flat_map(|message| message.lost.refused()).map(|(_, refused)| refused).sum())
            }
            Figure::Unusable => {
                count(messages().flat_map(|message| message.lost.unusable()).map(|(_, unusable)| unusable).sum())
            }
            Figure::Duplicate => count(messages().map(|message| message.duplicates).sum()),
            Figure::Rate => {
                let rate = report.rate_achieved;
                vec![(rate, rate.map_or_else(|| "no rate".to_owned(), |rate| format!("{rate:.1}/s")))]
            }
            Figure::Left => count(report.leases.left),
        }
    }

    /// Whether it holds for a step of a search: a share of lost messages and a time are enough to decide.
    #[must_use]
    pub fn holds_for(&self, loss_percent: f64, latency: &Quantiles) -> bool {
        match self.figure {
            Figure::Loss => self.holds(loss_percent),
            Figure::Time(time) => self.holds(quantile(latency, time).as_secs_f64() * 1000.0),
            _ => true,
        }
    }

    /// Whether a search can decide by it.
    #[must_use]
    pub fn is_for_search(&self) -> bool {
        self.message.is_none() && matches!(self.figure, Figure::Loss | Figure::Time(_))
    }
}

/// A quantile of a message's times in milliseconds, as it is shown; there is none without answers.
fn time_of(message: &super::report::MessageReport, time: Time) -> (Option<f64>, String) {
    let name = message.message.name();
    if message.answered == 0 {
        return (None, format!("no answer ({name})"));
    }
    let ms = quantile(&message.from_intended, time).as_secs_f64() * 1000.0;
    (Some(ms), format!("{ms:.3} ms ({name})"))
}

fn quantile(quantiles: &Quantiles, time: Time) -> Duration {
    match time {
        Time::P50 => quantiles.p50,
        Time::P90 => quantiles.p90,
        Time::P99 => quantiles.p99,
        Time::P999 => quantiles.p999,
        Time::Max => quantiles.max,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expectations_are_read_with_their_units() {
        let read = |text: &str| text.parse::<Expectation>().map(|it| (it.message, it.comparison, it.limit));
        assert_eq!(read("loss<0.1%"), Ok((None, Comparison::Less, 0.1)));
        assert_eq!(read(" p99.9 <= 1.5s "), Ok((None, Comparison::AtMost, 1500.0)));
        assert_eq!(read("request.p99<250us"), Ok((Some(LoadMessage::Request), Comparison::Less, 0.25)));
        assert_eq!(read("rate>=1000/s"), Ok((None, Comparison::AtLeast, 1000.0)));
        assert_eq!(Expectation::list("loss<1%,nak=0").unwrap().len(), 2);
    }

    #[test]
    fn mistakes_are_answered_with_what_would_be_right() {
        let error = |text: &str| text.parse::<Expectation>().unwrap_err();
        assert!(error("loss").contains("such as loss<0.1%"));
        assert!(error("p95<1ms").contains("there is no figure \"p95\": there are loss, p50"));
        assert!(error("p99<20").contains("needs a unit"));
        assert!(error("nak=none").contains("is no limit"));
        assert!(error("loss<-1%").contains("is no limit"));
        assert!(error("loss<101%").contains("\"101%\" is no limit"));
    }
}
