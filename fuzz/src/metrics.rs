//! Answers with statistics, and what becomes of them for Prometheus.

use std::collections::HashSet;
use std::sync::Arc;

use kea_tools::config::Daemon;
use kea_tools::control::Answer;
use kea_tools::family::Family;
use kea_tools::health::kea::answer::Status;
use kea_tools::output::metrics::{Options, write};
use kea_tools::stats::names::NamingScheme;
use kea_tools::stats::reading::{Answers, Reading};
use kea_tools::stats::snapshot::Statistics;
use kea_tools::usage::declined_is_apart;

/// Any answer gives a valid exposition: each line is a comment or a sample, families are whole, no series is there twice.
pub fn statistics(data: &[u8]) {
    let Ok(answer) = Answer::parse(data) else { return };
    let all = Statistics::parse(answer.raw());
    for (daemon, family) in [(Daemon::Dhcp4, Family::V4), (Daemon::Dhcp6, Family::V6), (Daemon::Ddns, Family::V4)] {
        let leases = Statistics::parse_leases(answer.raw(), family, declined_is_apart(&answer.text));
        let status = Status::read(&answer.read().unwrap_or_default());
        let version = Some(answer.text.clone());
        let statistics = Arc::new(leases.over(&all));
        let answers = Answers { status, version, statistics, ..Answers::default() };
        let server = Some(answer.text.clone());
        let reading = Reading { server, daemon: Some(daemon), answers: Some(Box::new(answers)), ..Reading::default() };
        for names in [NamingScheme::Both, NamingScheme::Exporter, NamingScheme::Stork, NamingScheme::Own] {
            let mut out = Vec::new();
            let options = Options { names, subnets: true, pools: true, last_run: Some(1) };
            write(std::slice::from_ref(&reading), &options, &mut out).expect("writing to memory");
            check(std::str::from_utf8(&out).expect("text"));
        }
    }
}

fn check(text: &str) {
    let (mut families, mut series, mut family) = (HashSet::new(), HashSet::new(), "");
    for line in text.lines() {
        assert!(!line.chars().any(char::is_control), "{line:?}");
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            family = rest.split(' ').next().unwrap_or_default();
            assert!(families.insert(family), "{family} begins again");
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').expect("a value");
            assert!(value.parse::<f64>().is_ok(), "{line}");
            assert!(name.split('{').next() == Some(family) && series.insert(name), "{line}");
        }
    }
}
