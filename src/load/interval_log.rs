//! Histograms in the file format of `HdrHistogram`, which other tools read.

use std::time::Duration;

use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};

use super::latency::Latency;
use crate::error::{Error, Result};

/// The log of a run that lasted so long: a histogram for each name, in microseconds, which is also its tag.
///
/// # Errors
/// A histogram cannot be written in this format.
pub fn interval_log<'n, 'a>(
    histograms: impl IntoIterator<Item = (&'n str, &'a Latency)>,
    length: Duration,
) -> Result<Vec<u8>> {
    let failed = |cause: &dyn std::fmt::Display| Error::new("write the histograms", cause);
    let (mut octets, mut serializer) = (Vec::new(), V2DeflateSerializer::new());
    let mut builder = IntervalLogWriterBuilder::new();
    builder.add_comment("dhcpload: microseconds from the intended time of a message to its answer");
    let mut writer = builder.begin_log_with(&mut octets, &mut serializer).map_err(|cause| failed(&cause))?;
    for (name, latency) in histograms {
        let written = writer.write_histogram(latency.histogram(), Duration::ZERO, length, Tag::new(name));
        written.map_err(|cause| failed(&cause))?;
    }
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use hdrhistogram::Histogram;
    use hdrhistogram::serialization::Deserializer;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    use super::*;

    #[test]
    fn a_reader_of_the_format_finds_the_same_times() {
        let mut latency = Latency::default();
        (1..=100).for_each(|ms| latency.add(Duration::from_millis(ms)));
        let log = interval_log([("discover", &latency)], Duration::from_secs(10)).unwrap();
        let entries: Vec<_> = IntervalLogIterator::new(&log).map(|entry| entry.unwrap()).collect();
        let [LogEntry::Interval(interval)] = &entries[..] else { panic!("{entries:?}") };
        assert_eq!((interval.tag().unwrap().as_str(), interval.duration()), ("discover", Duration::from_secs(10)));
        let octets = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, interval.encoded_histogram()).unwrap();
        let read: Histogram<u64> = Deserializer::new().deserialize(&mut &octets[..]).unwrap();
        assert_eq!((read.len(), read.value_at_quantile(0.5) / 1000), (100, 50));
    }
}
