//! A row for each second of a run.

use std::fmt::Write as _;

use crate::load::Report;

/// The rows with a header, times in milliseconds.
#[must_use]
pub fn write(report: &Report) -> String {
    let mut text = String::from("second,started,completed,answered,lost,p50-ms,p99-ms\n");
    for (at, second) in report.seconds.iter().enumerate() {
        let crate::load::Second { started, completed, answered, lost, p50, p99 } = second;
        let ms = |time: &std::time::Duration| format!("{:.3}", time.as_secs_f64() * 1000.0);
        let [p50, p99] = [p50, p99].map(|time| if *answered == 0 { String::new() } else { ms(time) });
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{at},{started},{completed},{answered},{lost},{p50},{p99}");
    }
    text
}
