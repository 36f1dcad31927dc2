//! A line for each row, for spreadsheets and scripts.

use std::io::{self, Write};

use super::json::{Numbers, used_percent};
use super::{All, delegated, level, name, subnet_of};
use crate::output::csv_cause;
use crate::text::{OneLine, defused};
use crate::usage::Forecast;

const COLUMNS: [&str; 28] = [
    "family",
    "level",
    "shared-network",
    "subnet-id",
    "subnet",
    "pool",
    "kind",
    "delegated-len",
    "state",
    "used-percent",
    "total",
    "active",
    "declined",
    "expired",
    "released",
    "free",
    "reserved",
    "reserved-free",
    "effective-free",
    "effective-free-unclassed",
    "declined-over",
    "effective-free-min",
    "clients",
    "clients-total",
    "clients-free",
    "full-in",
    "forecast",
    "reasons",
];

pub(super) fn write(all: &All<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS).map_err(csv_cause)?;
    for pools in &all.families {
        for row in &pools.rows {
            let layout = pools.layout;
            let subnet = subnet_of(layout, row);
            let network = match row.place.level {
                crate::usage::Level::Network => Some(row.place.index),
                _ => subnet.and_then(|subnet| subnet.network),
            };
            let network = network.and_then(|network| layout.networks[network].name.clone());
            let numbers = Numbers::from(&row.counts);
            let shown = |number: Option<u128>| number.map(|number| number.to_string()).unwrap_or_default();
            let full_in = match row.forecast {
                Some(Forecast::Full { likely, .. }) => Some(likely),
                _ => None,
            };
            let is_pool = row.place.level == crate::usage::Level::Pool;
            let record = [
                pools.family.digit().to_string(),
                level(row.place.level).to_owned(),
                harmless(&network.unwrap_or_default()),
                subnet.map(|subnet| subnet.id.to_string()).unwrap_or_default(),
                subnet.map(|subnet| subnet.prefix.to_string()).unwrap_or_default(),
                if is_pool { harmless(&name(layout, row)) } else { String::new() },
                row.kind.plural().to_owned(),
                delegated(layout, row).map(|length| length.to_string()).unwrap_or_default(),
                row.state.map(|state| state.word().to_owned()).unwrap_or_default(),
                used_percent(&row.offer).map(|share| share.to_string()).unwrap_or_default(),
                numbers.total.to_string(),
                shown(numbers.active.map(u128::from)),
                shown(numbers.declined.map(u128::from)),
                shown(numbers.expired.map(u128::from)),
                shown(numbers.released.map(u128::from)),
                shown(numbers.free),
                shown(numbers.reserved.map(u128::from)),
                shown(numbers.reserved_free.map(u128::from)),
                shown(numbers.effective_free),
                shown(numbers.effective_free_unclassed),
                shown(numbers.declined_over.map(u128::from)),
                shown(row.counts.effective_free_min()),
                harmless(&row.offer.clients.to_string()),
                row.offer.counts.total.to_string(),
                shown(row.offer.left().map(|(_, most)| most)),
                full_in.map(|time| time.to_string()).unwrap_or_default(),
                row.forecast.map(|forecast| forecast.to_string()).unwrap_or_default(),
                row.causes.iter().map(|cause| cause.reason.name()).collect::<Vec<_>>().join(" "),
            ];
            writer.write_record(record).map_err(csv_cause)?;
        }
    }
    writer.flush()
}

/// On one line, and no formula for a spreadsheet.
fn harmless(text: &str) -> String {
    defused(&OneLine(text).to_string()).into_owned()
}
