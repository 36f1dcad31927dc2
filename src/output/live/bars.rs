//! Plots of one line.

const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII: [char; 4] = ['_', '-', '=', '#'];

/// Values over time in so many columns, the newest at the right; the highest is as high as the line.
pub(super) fn sparkline(values: &[f64], columns: usize, is_ascii: bool) -> String {
    let levels: &[char] = if is_ascii { &ASCII } else { &LEVELS };
    let highest = values.iter().copied().fold(0.0, f64::max);
    let shown = &values[values.len().saturating_sub(columns)..];
    let mut text = " ".repeat(columns - shown.len());
    text.extend(shown.iter().map(|value| level(*value, highest, levels)));
    text
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "few levels")]
fn level(value: f64, highest: f64, levels: &[char]) -> char {
    if value <= 0.0 || highest <= 0.0 {
        return ' ';
    }
    let level = (value / highest * levels.len() as f64).ceil() as usize;
    levels[level.clamp(1, levels.len()) - 1]
}

/// Rates over a time range in so many columns: the mean of each part that has any.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "few columns")]
pub(super) fn columns(rates: impl Iterator<Item = (f64, f64)>, range: f64, columns: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0_u32); columns];
    for (ago, rate) in rates {
        let from_left = (1.0 - ago / range) * columns as f64;
        let at = (from_left.max(0.0) as usize).min(columns.saturating_sub(1));
        if let Some(sum) = sums.get_mut(at).filter(|_| ago <= range) {
            *sum = (sum.0 + rate, sum.1 + 1);
        }
    }
    let mut last = 0.0;
    let mean = |(sum, count): (f64, u32)| {
        if count > 0 {
            last = sum / f64::from(count);
        }
        last
    };
    sums.into_iter().map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_value_is_at_the_right() {
        assert_eq!(sparkline(&[1.0, 0.0, 8.0], 5, false), "  ▁ █");
        assert_eq!(sparkline(&[9.0, 1.0, 4.0], 2, true), "_-");
        assert_eq!(sparkline(&[], 3, false), "   ");
    }

    #[test]
    fn parts_without_a_value_keep_the_last() {
        let rates = [(9.0, 2.0), (8.9, 4.0), (1.0, 7.0)].into_iter();
        assert_eq!(columns(rates, 10.0, 5), [3.0, 3.0, 3.0, 3.0, 7.0]);
    }
}
