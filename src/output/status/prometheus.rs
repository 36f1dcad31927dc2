//! Kea's daemons as metrics, for the textfile collector.

use std::io::{self, Write};

use super::Findings;
use crate::health::kea::answer::Relationship;
use crate::health::kea::facts::Instance;
use crate::health::kea::{self, Judgement};
use crate::output::prometheus::{Exposition, MetricKind};

/// Every state of Kea's high availability.
pub(in crate::output) const HA_STATES: [&str; 13] = [
    "backup",
    "communication-recovery",
    "hot-standby",
    "in-maintenance",
    "load-balancing",
    "partner-down",
    "partner-in-maintenance",
    "passive-backup",
    "ready",
    "syncing",
    "terminated",
    "unavailable",
    "waiting",
];

pub(super) fn write(all: &Findings<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Exposition::new();
    let mut seen: Vec<(&str, String)> = Vec::new();
    for (instance, judgement) in all.machine.instances.iter().zip(all.judgements) {
        let daemon = instance.daemon.name();
        let file = instance.configuration.as_ref().map(|file| file.path.display().to_string());
        let file = file.unwrap_or_else(|| instance.name.clone());
        // A series that is there twice would be lost: containers may have one name for the files of several servers.
        let before = seen.iter().filter(|(other, name)| *other == daemon && *name == file).count();
        let config = if before == 0 { file.clone() } else { format!("{file} ({})", before + 1) };
        seen.push((daemon, file));
        let labels = [("daemon", daemon), ("config", config.as_str())];
        if let Some(runs) = kea::runs(all.machine, instance) {
            gauge(&mut text, "kea_up", "Whether the daemon is up").sample(&labels, runs);
        }
        life(&mut text, instance, judgement, &labels, all.now);
        work(&mut text, instance, &labels);
        traffic(&mut text, instance, &labels);
        disk(&mut text, instance, &labels);
        let relationships = instance.status().map_or(&[][..], |status| &status.high_availability);
        for (index, relationship) in relationships.iter().enumerate() {
            let number = index.to_string();
            let labels = [labels[0], labels[1], ("relationship", number.as_str())];
            high_availability(&mut text, relationship, &labels);
        }
    }
    gauge(&mut text, "kea_status_last_run_timestamp_seconds", "When this was found out").sample(&[], all.now);
    text.write_to(out)
}

fn gauge<'a>(
    text: &'a mut Exposition,
    name: &'static str,
    help: &'static str,
) -> &'a mut crate::output::prometheus::MetricFamily {
    text.family(name, MetricKind::Gauge, help)
}

type Labels<'a> = [(&'a str, &'a str)];

fn life(text: &mut Exposition, instance: &Instance, judgement: &Judgement, labels: &Labels<'_>, now: i64) {
    if let Some(serves) = judgement.serves {
        gauge(text, "kea_serving", "Whether the daemon serves").sample(labels, serves);
    }
    gauge(text, "kea_expected", "Whether the daemon should run").sample(labels, instance.is_expected());
    gauge(text, "kea_health", "The state of the daemon: 0 OK, 1 warning, 2 critical, 3 unknown")
        .sample(labels, judgement.state.nagios_code());
    if let Some(process) = &instance.process {
        gauge(text, "kea_process_start_time_seconds", "When the process started, in seconds since 1970")
            .sample(labels, process.started);
    }
    if let Some(load) = instance.last_load(now) {
        gauge(text, "kea_config_reload_seconds", "When the configuration was last loaded, in seconds since 1970")
            .sample(labels, load);
    }
    if let crate::health::kea::facts::Control::Answered { version: Some(version), .. } = &instance.control {
        let labels: Vec<(&str, &str)> = labels.iter().copied().chain([("version", version.as_str())]).collect();
        gauge(text, "kea_info", "The daemon's version").sample(&labels, 1);
    }
    if let Some(restarts) = instance.unit.as_ref().and_then(|unit| unit.restarts) {
        text.family("kea_unit_restarts_total", MetricKind::Counter, "How often systemd has restarted the daemon")
            .sample(labels, restarts);
    }
}

fn work(text: &mut Exposition, instance: &Instance, labels: &Labels<'_>) {
    if let Some(sockets) = &instance.sockets {
        let up = sockets.service.iter().filter(|socket| socket.is_up != Some(false)).count();
        gauge(text, "kea_dhcp_sockets", "Open sockets that clients are served by").sample(labels, up);
    }
    let Some(status) = instance.status() else { return };
    if let Some(threads) = status.threads {
        gauge(text, "kea_threads", "Threads that serve clients").sample(labels, threads);
    }
    if let Some([recent, ..]) = status.packet_queue {
        gauge(text, "kea_packet_queue", "Packets that wait for a thread, on average over the last ten")
            .sample(labels, recent);
    }
}

fn traffic(text: &mut Exposition, instance: &Instance, labels: &Labels<'_>) {
    let Some(traffic) = &instance.traffic else { return };
    for (name, help, value) in [
        ("kea_lease_requests_total", "Packets of clients that request a lease", traffic.now.asked),
        ("kea_lease_answers_total", "Packets that offer or grant a lease", traffic.now.answered),
    ] {
        text.family(name, MetricKind::Counter, help).sample(labels, value);
    }
}

fn disk(text: &mut Exposition, instance: &Instance, labels: &Labels<'_>) {
    let Some(leases) = &instance.leases else { return };
    if let Some(size) = leases.size {
        gauge(text, "kea_lease_file_bytes", "Size of the lease file").sample(labels, size);
    }
    if let Some(cleaned) = leases.cleaned {
        gauge(
            text,
            "kea_lfc_last_run_timestamp_seconds",
            "When the lease file was last cleaned up, in seconds since 1970",
        )
        .sample(labels, cleaned);
    }
}

fn high_availability(text: &mut Exposition, relationship: &Relationship, labels: &Labels<'_>) {
    for state in HA_STATES {
        let labels: Vec<(&str, &str)> = labels.iter().copied().chain([("state", state)]).collect();
        gauge(text, "kea_ha_state", "Whether high availability is in this state")
            .sample(&labels, relationship.state == state);
    }
    gauge(text, "kea_ha_scopes", "Scopes that this server serves").sample(labels, relationship.scopes.len());
    let Some(partner) = &relationship.partner else { return };
    gauge(text, "kea_ha_communication_interrupted", "Whether the partner does not answer")
        .sample(labels, partner.communication_interrupted);
    if let Some(age) = partner.age {
        gauge(text, "kea_ha_partner_age_seconds", "Time since the partner last answered").sample(labels, age);
    }
    if let Some(unacked) = partner.unacked_clients {
        gauge(text, "kea_ha_unacked_clients", "Clients that the partner does not serve").sample(labels, unacked);
    }
    if let Some(skew) = partner.clock_skew {
        gauge(text, "kea_ha_clock_skew_seconds", "By how much the partners' clocks differ").sample(labels, skew);
    }
}
