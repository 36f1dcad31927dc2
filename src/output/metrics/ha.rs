//! High availability.

use std::io;

use super::{Labels, Page, of_daemon, with};
use crate::health::kea::answer::{Partner, Relationship};
use crate::output::prometheus::MetricKind;
use crate::output::status::HA_STATES;

pub(super) fn write(page: &mut Page<'_>) -> io::Result<()> {
    let help = "Whether high availability is in this state";
    each(page, "kea_ha_state", help, |relationship, labels, add| {
        each_state(&relationship.state, &labels, add);
    })?;
    let help = "Scopes that this server serves";
    each(page, "kea_ha_scopes", help, |relationship, labels, add| {
        add(labels, f64::from(u32::try_from(relationship.scopes.len()).unwrap_or(u32::MAX)));
    })?;
    let help = "Whether the partner was in this state when it last answered";
    each(page, "kea_ha_partner_state", help, |relationship, labels, add| {
        let Some(partner) = &relationship.partner else { return };
        each_state(&partner.last_state, &labels, add);
    })?;
    for (name, help, value) in OF_PARTNER {
        each(page, name, help, |relationship, labels, add| {
            if let Some(value) = relationship.partner.as_ref().and_then(value) {
                add(labels, value);
            }
        })?;
    }
    Ok(())
}

/// 1 for this state and 0 for the others; a newer Kea may have one more.
fn each_state(current: &str, labels: &Labels<'_>, add: &mut dyn FnMut(Labels<'_>, f64)) {
    for state in HA_STATES {
        add(with(labels.clone(), [("state", state)]), f64::from(u8::from(current == state)));
    }
    if !current.is_empty() && !HA_STATES.contains(&current) {
        add(with(labels.clone(), [("state", current)]), 1.0);
    }
}

type OfPartner = (&'static str, &'static str, fn(&Partner) -> Option<f64>);

#[expect(clippy::cast_precision_loss, reason = "no count of clients or seconds is that large")]
const OF_PARTNER: [OfPartner; 5] = [
    ("kea_ha_partner_communication_interrupted", "Whether the partner does not answer", |partner| {
        Some(f64::from(u8::from(partner.communication_interrupted)))
    }),
    ("kea_ha_partner_age_seconds", "Time since the partner last answered", |partner| partner.age.map(|age| age as f64)),
    ("kea_ha_partner_unacked_clients", "Clients that the partner does not serve", |partner| {
        partner.unacked_clients.map(|clients| clients as f64)
    }),
    (
        "kea_ha_partner_unacked_clients_left",
        "How many more unserved clients there must be until the partner counts as down",
        |partner| partner.unacked_clients_left.map(|clients| clients as f64),
    ),
    ("kea_ha_partner_clock_skew_seconds", "By how much the partners' clocks differ (Kea 2.7.2 and later)", |partner| {
        partner.clock_skew
    }),
];

/// Writes a family with what `value` adds for each relationship.
fn each(
    page: &mut Page<'_>,
    name: &'static str,
    help: &'static str,
    value: impl Fn(&Relationship, Labels<'_>, &mut dyn FnMut(Labels<'_>, f64)),
) -> io::Result<()> {
    page.answers(name, MetricKind::Gauge, help, |family, reading, answers| {
        for (index, relationship) in answers.status.high_availability.iter().enumerate() {
            let number = index.to_string();
            let labels = with(of_daemon(reading), [("relationship", number.as_str())]);
            value(relationship, labels, &mut |labels, value| {
                family.sample(&labels, value);
            });
        }
    })
}
