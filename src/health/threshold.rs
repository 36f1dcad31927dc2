//! Ranges of monitoring plugins: `10`, `10:`, `~:10`, `10:20`, `@10:20`.

use std::fmt;
use std::str::FromStr;

/// A range in which a value is as it should be; with `@`, one in which it is not.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// As it was typed.
    text: String,
    low: f64,
    high: f64,
    is_inside: bool,
}

impl Threshold {
    /// From 0 to `most`.
    #[must_use]
    pub fn up_to(most: f64) -> Self {
        Self { text: most.to_string(), low: 0.0, high: most, is_inside: false }
    }

    /// Whether the value is not as it should be.
    #[must_use]
    pub fn is_beyond(&self, value: f64) -> bool {
        let is_within = self.low <= value && value <= self.high;
        is_within == self.is_inside
    }

    /// This range of warnings, or a narrower one where it would be of no use before `critical`.
    #[must_use]
    pub fn narrowed_before(self, critical: &Self) -> Self {
        match critical.most() {
            _ if !self.is_useless_before(critical) => self,
            Some(most) => Self::up_to((most - 10.0).max(most / 2.0)),
            None => critical.clone(),
        }
    }

    /// This critical range, or a wider one where `warning` would be of no use before it.
    #[must_use]
    pub fn widened_after(self, warning: &Self) -> Self {
        match warning.most() {
            _ if !warning.is_useless_before(&self) => self,
            Some(most) => Self::up_to(f64::midpoint(most, 100.0)),
            None => warning.clone(),
        }
    }

    /// The end of a range that has only this one among the shares in percent.
    fn most(&self) -> Option<f64> {
        (!self.is_inside && self.low <= 0.0 && (0.0..=100.0).contains(&self.high)).then_some(self.high)
    }

    /// Whether this range of warnings gives a warning only where `critical` is reached already, and not everywhere there. Values
    /// are shares in percent.
    #[must_use]
    pub fn is_useless_before(&self, critical: &Self) -> bool {
        let mut bounds = vec![0.0, 100.0, self.low, self.high, critical.low, critical.high];
        bounds.retain(|bound| (0.0..=100.0).contains(bound));
        bounds.sort_by(f64::total_cmp);
        // Between two bounds nothing changes.
        let between = bounds.windows(2).map(|pair| f64::midpoint(pair[0], pair[1])).collect::<Vec<_>>();
        let values = || bounds.iter().chain(&between).copied();
        let is_within = values().filter(|value| self.is_beyond(*value)).all(|value| critical.is_beyond(value));
        is_within && values().any(|value| critical.is_beyond(value) && !self.is_beyond(value))
    }
}

impl FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORMS: &str = "a range is 90 (0 to 90), 10: (10 or more), 10:90, ~:90 or @10:90 (not from 10 to 90)";
        let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
        let (is_inside, range) = text.strip_prefix('@').map_or((false, text), |range| (true, range));
        let (low, high) = match range.split_once(':') {
            None => (Some(0.0), number(range)),
            Some((low, high)) => (
                if low == "~" { Some(f64::NEG_INFINITY) } else { number(low) },
                if high.is_empty() { Some(f64::INFINITY) } else { number(high) },
            ),
        };
        match low.zip(high) {
            Some((low, high)) if low <= high => Ok(Self { text: text.to_owned(), low, high, is_inside }),
            _ => Err(FORMS.to_owned()),
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beyond(range: &str, values: [f64; 4]) -> [bool; 4] {
        let range: Threshold = range.parse().unwrap();
        values.map(|value| range.is_beyond(value))
    }

    #[test]
    fn a_range_means_what_monitoring_plugins_say() {
        assert_eq!(beyond("10", [-1.0, 0.0, 10.0, 10.1]), [true, false, false, true]);
        assert_eq!(beyond("10:", [-1.0, 9.9, 10.0, 99.0]), [true, true, false, false]);
        assert_eq!(beyond("~:10", [-1.0, 9.9, 10.0, 99.0]), [false, false, false, true]);
        assert_eq!(beyond("10:20", [9.0, 10.0, 20.0, 21.0]), [true, false, false, true]);
        assert_eq!(beyond("@10:20", [9.0, 10.0, 20.0, 21.0]), [false, true, true, false]);
        for wrong in ["", "x", "20:10", "@", "1:x", "nan", "5:~"] {
            assert!(wrong.parse::<Threshold>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_default_moves_where_it_would_be_of_no_use() {
        let warning = |critical: &str| Threshold::up_to(80.0).narrowed_before(&critical.parse().unwrap()).to_string();
        assert_eq!(["95", "80", "70", "8", "10:"].map(warning), ["80", "80", "60", "4", "80"]);
        let critical = |warning: &str| Threshold::up_to(90.0).widened_after(&warning.parse().unwrap()).to_string();
        assert_eq!(["50", "90", "95", "100", "@95:100"].map(critical), ["90", "90", "97.5", "100", "@95:100"]);
    }

    #[test]
    fn a_warning_beyond_critical_is_of_no_use() {
        let is_useless = |warning: &str, critical: &str| {
            warning.parse::<Threshold>().unwrap().is_useless_before(&critical.parse().unwrap())
        };
        assert!(is_useless("95", "90") && is_useless("5:", "10:") && is_useless("@0:5", "@0:10"));
        assert!(!is_useless("80", "90") && !is_useless("90", "90") && !is_useless("10:", "5:"));
        assert!(!is_useless("80", "@90:100"));
        // Each range is judged by itself: what is low may be a warning where what is high is critical.
        assert!(!is_useless("12.5:", "~:100") && !is_useless("@10:20", "90") && !is_useless("10:", "90"));
        assert!(is_useless("@95:100", "90") && is_useless("100", "90") && !is_useless("100", "100"));
    }
}
