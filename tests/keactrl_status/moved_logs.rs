//! Logs that were moved, copied or compressed: what they showed of the DHCP service is still found, or not known.

use std::fs;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::keactrl_status::fake::{Fake, Reply};
use crate::keactrl_status::harness::{LOG, Machine, status_with};

const STARTED: &str = "2026-11-20 10:36:40.000 INFO  [kea-dhcp4.dhcp4/77.1] DHCP4_STARTED x\n";
const DISABLED: &str =
    "2026-11-20 11:00:00.000 INFO  [kea-dhcp4.commands/77.1] COMMAND_RECEIVED Received command 'dhcp-disable'\n";
const QUIET: &str = "2026-11-20 11:30:00.000 INFO  [kea-dhcp4.dhcpsrv/77.1] DHCPSRV_MEMFILE_LFC_EXECUTE x\n";

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Where a rotated file may be, and what is in it.
fn moved(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("/var/log/kea/kea-dhcp4.log.1", text.into()),
        ("/var/log/kea/kea-dhcp4.log.1.gz", gzip(text)),
        ("/var/log/kea/kea-dhcp4.log-20261120", text.into()),
        ("/var/log/kea/kea-dhcp4.log-20261120.gz", gzip(text)),
        ("/var/log/kea/kea-dhcp4-20261120.log", text.into()),
        ("/var/log/kea/old/kea-dhcp4.log.1.gz", gzip(text)),
        ("/srv/archive/kea-dhcp4.log-20261120.gz", gzip(text)),
        ("/var/log/kea/away/kea-dhcp4.log", text.into()),
    ]
}

/// A machine whose server does not say whether DHCP is disabled, with this log and a rotated file of it.
fn machine(fake: &Fake, log: &str, rotated: Option<(&str, &[u8])>) -> Machine {
    let machine = Machine::behind(fake);
    machine.file("/etc/logrotate.d/kea", "/var/log/kea/*.log {\n  weekly\n  olddir /srv/archive\n}\n");
    machine.file(LOG, log);
    if let Some((path, text)) = rotated {
        machine.file(path, text);
    }
    machine
}

#[test]
fn a_command_in_a_rotated_log_counts() {
    let fake = Fake::unix(status_with(json!({})));
    for log in [QUIET, ""] {
        for (path, text) in moved(&(STARTED.to_owned() + DISABLED)) {
            let machine = machine(&fake, log, Some((path, &text)));
            let facts = machine.facts("");
            assert_eq!(facts["verdict"], "not-serving", "{path}: {facts:#}");
        }
        for (path, text) in moved(STARTED) {
            let machine = machine(&fake, log, Some((path, &text)));
            let facts = machine.facts("");
            assert_eq!(facts["verdict"], "serving", "{path}: {facts:#}");
        }
    }
}

/// A server that counted its last packet then.
fn counting(last: &'static str) -> Fake {
    let status = status_with(json!({}));
    Fake::unix(move |command: &Value| match command["command"].as_str() {
        Some("statistic-get") => Reply::Answer(json!({ "result": 0, "arguments": { "pkt4-received": [[7, last]] } })),
        _ => status(command),
    })
}

#[test]
fn what_no_log_shows_is_unknown_unless_packets_are_counted() {
    let fake = Fake::unix(status_with(json!({})));
    for log in [QUIET, ""] {
        let machine = machine(&fake, log, None);
        let text = "unknown: whether DHCP was disabled by command";
        machine.assert_said("unknown", "UNKNOWN", "dhcp-unknown", text);
    }
    for (last, verdict) in [("2026-11-20 11:45:00.000000", "serving"), ("2026-11-20 10:45:00.000000", "unknown")] {
        let fake = counting(last);
        let facts = machine(&fake, QUIET, None).facts("");
        assert_eq!(facts["verdict"], verdict, "{last}: {facts:#}");
    }
}

#[test]
fn a_rotated_log_of_another_process_says_nothing() {
    let fake = Fake::unix(status_with(json!({})));
    let other = (STARTED.to_owned() + DISABLED).replace("/77.1", "/9.1");
    let machine =
        machine(&fake, &(STARTED.to_owned() + QUIET), Some(("/var/log/kea/kea-dhcp4.log.1", other.as_bytes())));
    machine.assert_well();
    fs::remove_file(machine.at("/var/log/kea/kea-dhcp4.log.1")).unwrap();
    machine.assert_well();
}
