//! How many leases of each subnet are in which state, as metrics for Prometheus.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{LeaseWriter, ListContext, Row, Written};
use crate::lease::{Family, LeaseStatus, LeaseType};
use crate::output::prometheus::{Exposition, MetricKind};

/// Counts leases.
pub(super) struct Metrics<'a> {
    context: &'a ListContext,
    out: &'a mut dyn Write,
    counts: BTreeMap<Series, u64>,
    family: Option<Family>,
}

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    family: char,
    subnet_id: u32,
    kind: Cow<'static, str>,
    status: LeaseStatus,
    /// The subnet's prefix; empty if it is not known.
    subnet: String,
}

impl<'a> Metrics<'a> {
    pub(super) fn new(context: &'a ListContext, out: &'a mut dyn Write) -> Self {
        Self { context, out, counts: BTreeMap::new(), family: None }
    }
}

impl LeaseWriter for Metrics<'_> {
    fn begin(&mut self, family: Family) -> io::Result<()> {
        self.family = Some(family);
        // A subnet without a lease is one with 0 leases, not one that is not there.
        for subnet in self.context.network(family).map_or(&[][..], |network| network.subnets()) {
            let Some(subnet_id) = subnet.id else { continue };
            let kind = if family == Family::V4 { Cow::Borrowed("") } else { LeaseType::Na.name() };
            let subnet = subnet.prefix.clone();
            let series = Series { family: family.digit(), subnet_id, kind, status: LeaseStatus::Active, subnet };
            self.counts.entry(series).or_default();
        }
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<Written> {
        let family = row.lease.family();
        let subnet = self.context.network(family).and_then(|network| network.subnet_of(row.lease));
        let series = Series {
            family: family.digit(),
            subnet_id: row.lease.subnet_id,
            kind: row.lease.lease_type().map_or(Cow::Borrowed(""), LeaseType::name),
            status: row.status,
            subnet: subnet.map_or_else(String::new, |subnet| subnet.prefix.clone()),
        };
        *self.counts.entry(series).or_default() += 1;
        Ok(Written::Row)
    }

    /// What was counted is less than there is.
    fn break_off(&mut self) {
        if let Some(family) = self.family {
            self.counts.retain(|series, _| series.family != family.digit());
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        let mut text = Exposition::new();
        let family = text.family("kea_leases", MetricKind::Gauge, "Leases by what they are");
        for (series, count) in &self.counts {
            let (version, id, state) =
                (series.family.to_string(), series.subnet_id.to_string(), series.status.to_string());
            let mut labels = vec![("family", version.as_str()), ("subnet_id", id.as_str()), ("state", state.as_str())];
            let optional = [("type", series.kind.as_ref()), ("subnet", series.subnet.as_str())];
            labels.extend(optional.into_iter().filter(|(_, value)| !value.is_empty()));
            family.sample(&labels, *count);
        }
        text.write_to(self.out)?;
        self.out.flush()
    }
}
