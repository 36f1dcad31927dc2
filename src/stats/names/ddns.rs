//! The families of DHCP-DDNS servers.

use super::{Level, MetricDescriptor, Peers, counter, plain};

pub(super) const FAMILIES: &[MetricDescriptor] = &[
    counter(
        "kea_ddns_ncr_received_total",
        Peers::Exporter,
        Level::Global,
        "Requests of DHCP servers to update the DNS",
        &[plain("ncr-received")],
    ),
    counter(
        "kea_ddns_ncr_invalid_total",
        Peers::Exporter,
        Level::Global,
        "Requests to update the DNS that are invalid",
        &[plain("ncr-invalid")],
    ),
    counter(
        "kea_ddns_ncr_error_total",
        Peers::Exporter,
        Level::Global,
        "Requests to update the DNS that could not be received",
        &[plain("ncr-error")],
    ),
    counter(
        "kea_ddns_queue_full_total",
        Peers::Exporter,
        Level::Global,
        "How often the queue of requests was full",
        &[plain("queue-mgr-queue-full")],
    ),
    counter("kea_ddns_update_sent_total", Peers::Exporter, Level::Global, "DNS updates sent", &[plain("update-sent")]),
    counter(
        "kea_ddns_update_signed_total",
        Peers::Exporter,
        Level::Global,
        "DNS updates sent with a TSIG key",
        &[plain("update-signed")],
    ),
    counter(
        "kea_ddns_update_unsigned_total",
        Peers::Exporter,
        Level::Global,
        "DNS updates sent without a TSIG key",
        &[plain("update-unsigned")],
    ),
    counter(
        "kea_ddns_update_success_total",
        Peers::Exporter,
        Level::Global,
        "DNS updates that succeeded",
        &[plain("update-success")],
    ),
    counter(
        "kea_ddns_update_timeout_total",
        Peers::Exporter,
        Level::Global,
        "DNS updates that no server answered",
        &[plain("update-timeout")],
    ),
    counter(
        "kea_ddns_update_error_total",
        Peers::Exporter,
        Level::Global,
        "DNS updates that failed",
        &[plain("update-error")],
    ),
    counter(
        "kea_ddns_key_update_sent_total",
        Peers::Exporter,
        Level::Key,
        "DNS updates sent with the key",
        &[plain("update-sent")],
    ),
    counter(
        "kea_ddns_key_update_success_total",
        Peers::Exporter,
        Level::Key,
        "DNS updates with the key that succeeded",
        &[plain("update-success")],
    ),
    counter(
        "kea_ddns_key_update_timeout_total",
        Peers::Exporter,
        Level::Key,
        "DNS updates with the key that no server answered",
        &[plain("update-timeout")],
    ),
    counter(
        "kea_ddns_key_update_error_total",
        Peers::Exporter,
        Level::Key,
        "DNS updates with the key that failed",
        &[plain("update-error")],
    ),
];

/// What changes with traffic.
pub(super) const FEW: &[&str] = &[
    "ncr-received",
    "ncr-invalid",
    "ncr-error",
    "queue-mgr-queue-full",
    "update-sent",
    "update-signed",
    "update-unsigned",
    "update-success",
    "update-timeout",
    "update-error",
];
