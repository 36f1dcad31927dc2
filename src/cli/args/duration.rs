//! Times with a unit.

use std::time::Duration;

/// `5s`, `500ms`, `1m`; a number alone is in seconds.
pub(in crate::cli) fn time(text: &str) -> std::result::Result<Duration, String> {
    let (number, unit) = match text.find(|c: char| !(c.is_ascii_digit() || c == '.')) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let unit = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err("expected a time such as 5s, 500ms or 1m".to_owned()),
    };
    let seconds = number.parse::<f64>().ok().map(|number| number * unit);
    let seconds = seconds.filter(|seconds| (0.0..=86_400.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "expected a time such as 5s, at most 24h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, milliseconds) in [("5s", 5000), ("0.5", 500), ("250ms", 250), ("1m", 60_000), ("0", 0)] {
            assert_eq!(time(text).unwrap(), Duration::from_millis(milliseconds), "{text}");
        }
        for text in ["", "s", "-1s", "5 parsecs", "1e9", "48h", "NaN"] {
            assert!(time(text).is_err(), "{text}");
        }
    }
}
