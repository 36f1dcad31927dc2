//! A figure of each second as a line of bars.

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII: [char; 8] = ['_', '.', ':', '-', '=', '+', '*', '#'];

/// The values in at most `width` bars, the highest of those that share one; the greatest value is a full bar.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is from 0 to 1")]
pub(super) fn bars(values: &[f64], width: usize, ascii: bool) -> String {
    let most = values.iter().copied().fold(0.0, f64::max);
    let marks = if ascii { ASCII } else { BARS };
    let bar = |value: f64| match value {
        value if value <= 0.0 || most <= 0.0 => ' ',
        value => marks[((value / most * 8.0).ceil() as usize).clamp(1, 8) - 1],
    };
    let each = values.len().div_ceil(width.max(1)).max(1);
    values.chunks(each).map(|some| bar(some.iter().copied().fold(0.0, f64::max))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_bars_and_the_greatest_is_full() {
        assert_eq!(bars(&[0.0, 1.0, 4.0, 8.0], 10, false), " ▁▄█");
        assert_eq!(bars(&[0.0, 1.0, 4.0, 8.0], 2, true), "_#");
        assert_eq!(bars(&[0.0, 0.0], 10, false), "  ");
        assert_eq!(bars(&[], 10, false), "");
    }
}
