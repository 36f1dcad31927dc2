//! What must hold for files and for answers of a control channel.

use std::io;
use std::path::Path;

use kea_tools::anonymize::Anonymizer;
use kea_tools::config::{self, Daemon, Document, databases::Databases, keactrl::Keactrl, supply::Supply};
use kea_tools::control::{Address, Answer, Failure, Limits};
use kea_tools::error::Result;
use kea_tools::health::kea::answer::Status;
use kea_tools::lease::{Client, Family, Lease, LeaseStatus, RowError};
use kea_tools::memfile::version::{Fit, Target};
use kea_tools::memfile::{self, Header, RowReader};
use kea_tools::output::lease::{LeaseFormat, ListContext, Row, Style, Written, lease_writer};
use kea_tools::secret::Secret;
use kea_tools::source::{self, Flow, Greeting, Visitor};
use kea_tools::time::{TimeStyle, Zone};

const FAMILIES: [Family; 2] = [Family::V4, Family::V6];

/// The first line is a header, the others are rows. What can be read is written for every Kea and reads the same again;
/// in the other formats, too, it is harmless, and anonymized it is still a lease.
pub fn lease_file(data: &[u8]) {
    let mut lines = data.split(|octet| *octet == b'\n');
    let head = lines.next().unwrap_or_default();
    let anonymizer = Anonymizer::new(b"a key of the fuzzer", true).expect("a key is a key");
    for family in FAMILIES {
        let header = match Header::parse(head, family) {
            Ok(header) => header,
            Err(error) => {
                assert_explained(&error);
                continue;
            }
        };
        let mut reader = RowReader::new(header);
        for row in lines.clone().take(32) {
            match reader.lease(row) {
                Ok(lease) => {
                    comes_back(&lease);
                    anonymizer.lease(&lease, comes_back);
                    other_formats(&lease);
                }
                Err(error) => assert_explained(&error),
            }
        }
    }
}

/// The newest Kea first; what only newer ones can hold is lost for the others.
fn targets() -> impl Iterator<Item = Target> {
    ["3.3.0", "2.2", "1.6", "1.0"].into_iter().map(|name| name.parse().expect("a release"))
}

/// Whether a row is in UTF-8. Octets that are not are escaped, but for a Kea that knows no escapes, which takes any; we
/// read none such.
fn is_text(target: Target, columns: [&[u8]; 2]) -> bool {
    target.knows_escapes() || columns.iter().all(|column| std::str::from_utf8(column).is_ok())
}

fn comes_back(lease: &Lease<'_>) {
    for target in targets() {
        match target.check(lease) {
            Fit::Refused(error) => assert_explained(&error),
            Fit::MeansDeletion => {}
            Fit::Fits if !is_text(target, [lease.hostname, lease.user_context]) => {}
            Fit::Fits => is_read_again(lease, target),
        }
    }
}

/// The row of a lease is one line, and the lease is read from it again.
fn is_read_again(lease: &Lease<'_>, target: Target) {
    let (mut head, mut row) = (Vec::new(), Vec::new());
    memfile::write_header(lease.family(), target, &mut head);
    memfile::write_row(lease, target, &mut row);
    let header = Header::parse(head.trim_ascii_end(), lease.family()).expect("our header");
    assert_eq!(row.pop(), Some(b'\n'));
    assert!(!row.contains(&b'\n') && !row.contains(&b'\r') && !row.contains(&0), "a row is a line");
    let mut reader = RowReader::new(header);
    let again = reader.lease(&row).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&row)));
    let mut lease = *lease;
    let mut is_exact = target == Target::NEWEST;
    if let Client::V6 { duid, hwtype, hwaddr_source, .. } = &mut lease.client {
        is_exact &= !duid.is_empty_duid();
        // The type and source of an address that is not there mean nothing.
        if lease.hwaddr.0.is_empty() {
            (*hwtype, *hwaddr_source) = (None, None);
        }
    } else {
        assert_eq!(again.hwaddr, lease.hwaddr);
    }
    assert!(!is_exact || again == lease, "{again:?} was {lease:?}");
    let facts = |lease: &Lease<'_>| (lease.address(), lease.iaid(), lease.expire());
    assert_eq!(facts(&again), facts(&lease));
}

/// A spreadsheet takes no cell for a formula; JSON is JSON.
fn other_formats(lease: &Lease<'_>) {
    let context = ListContext::default();
    for format in [LeaseFormat::Csv, LeaseFormat::Json, LeaseFormat::Ndjson] {
        let mut out = Vec::new();
        let style = Style::stored(format, Target::NEWEST, TimeStyle::Utc, Zone::Machine);
        let mut writer = lease_writer(style, &context, &mut out);
        let begun = writer.begin(lease.family());
        let written = begun.and_then(|()| writer.row(&Row::new(lease, LeaseStatus::Active)));
        let written = written.and_then(|written| writer.finish().map(|()| written));
        drop(writer);
        assert_eq!(written.expect("memory takes everything"), Written::Row);
        if format == LeaseFormat::Csv {
            for record in ::csv::ReaderBuilder::new().has_headers(false).from_reader(&out[..]).byte_records() {
                let record = record.expect("RFC 4180");
                assert!(!record.iter().any(|cell| matches!(cell.first(), Some(b'=' | b'+' | b'@' | b'\t' | b'\r'))));
            }
        } else {
            serde_json::from_slice::<serde_json::Value>(&out).expect("JSON");
        }
    }
}

/// Parts with a zero octet between them: a configuration, and the files `1`, `2` … that it may include. It is read by
/// everything that reads configurations, or refused in one line.
pub fn configuration(data: &[u8]) {
    let parts: Vec<_> = data.split(|octet| *octet == 0).collect();
    let path = Path::new("0");
    let mut reader = |path: &Path| {
        let number = path.to_str().and_then(|name| name.parse::<usize>().ok());
        number.and_then(|number| parts.get(number)).map(|part| part.to_vec()).ok_or(io::ErrorKind::NotFound.into())
    };
    let document = Document::parse(path, parts[0].to_vec(), &mut reader);
    if let Some(error) = document.syntax_error() {
        super::assert_harmless(error.to_string().as_bytes());
    }
    // Where the leases are is known from a file that is broken elsewhere.
    one_line(document.dhcp_servers());
    let _ = document.named(&|_| None);
    for config in document.configs() {
        let Ok(config) = config.map_err(|error| super::assert_harmless(error.to_string().as_bytes())) else { continue };
        for fault in &config.faults {
            super::assert_harmless(config.error(fault).to_string().as_bytes());
        }
        let _ = (
            config.sockets(),
            config.log_files(&|_| None),
            config::lease_files(&config, &|_| None),
            config::network(&config),
        );
        let _ = (Supply::new(&config), Databases::new(&config.server), format!("{config:?}"));
        let ids: Vec<u32> = config.server.subnets().map(|served| served.subnet.id).collect();
        assert!(config.daemon.family().is_none() || !ids.contains(&0), "every subnet has a number");
    }
}

/// Whether it could be read; the error is a line without effect on a terminal.
fn one_line<T>(read: Result<T>) -> bool {
    read.map_err(|error| super::assert_harmless(error.to_string().as_bytes())).is_ok()
}

/// What is wrong has a cause; it is made harmless where it is written.
fn assert_explained(error: &RowError) {
    assert!(!error.problem.is_empty());
}

/// A keactrl.conf is read; what is not understood is named by its line.
pub fn keactrl_conf(data: &[u8]) {
    let read = Keactrl::parse(data);
    let lines = data.iter().filter(|octet| **octet == b'\n').count() + 1;
    assert!(read.not_understood.iter().all(|(number, _)| (1..=lines).contains(number)));
    for daemon in [Daemon::Dhcp4, Daemon::Dhcp6, Daemon::Ddns, Daemon::CtrlAgent, Daemon::Netconf] {
        let _ = (read.starts(daemon), read.config_file(daemon), read.program(daemon));
    }
    let _ = read.pid_directories();
}

/// An answer is read, as a status and as a page of leases; what is neither is an error.
pub fn control_reply(data: &[u8]) {
    let answer = match Answer::parse(data) {
        Ok(answer) => answer,
        Err(trouble) => {
            let failure = Failure { address: Address::Unix("socket".into()), limits: Limits::default(), trouble };
            return super::assert_harmless(failure.to_string().as_bytes());
        }
    };
    if let Ok(value) = answer.read::<serde_json::Value>() {
        serde_json::to_string(&Status::read(&value)).expect("facts are JSON");
    }
    for family in FAMILIES {
        let visited = source::leases_in(&answer, family, &mut Everything);
        if let Ok(visited) = visited {
            assert!(visited.malformed <= visited.seen);
        }
    }
}

/// Takes all leases, and writes them.
struct Everything;

impl Visitor for Everything {
    fn lease(&mut self, lease: &Lease<'_>) -> Result<Flow> {
        comes_back(lease);
        Ok(Flow::Continue)
    }

    fn bad_row(&mut self, _place: &dyn std::fmt::Display, error: &RowError) -> Result<()> {
        assert_explained(error);
        Ok(())
    }

    fn remark(&mut self, _text: &str) {}
}

/// The first packet of a MySQL server, and after two zero octets what it asks instead of accepting the login: whatever
/// they are, they are understood or refused, and the password is in no error.
pub fn mysql_greeting(data: &[u8]) {
    let end = data.windows(2).rposition(|pair| pair == [0, 0]).unwrap_or(data.len());
    let (greeting, request) = (Greeting(&data[..end]), data.get(end + 2..).unwrap_or_default());
    assert!(greeting.is_mysql() || !greeting.offers_tls() && !greeting.is_error());
    assert!(!greeting.is_error() || greeting.first_nonce().is_empty());
    assert!(greeting.first_nonce().len() <= 8);
    if let Err(error) = greeting.answer(request, Secret::new("sesame".to_owned())) {
        assert!(!error.to_string().contains("sesame") || request.windows(6).any(|part| part == b"sesame"));
    }
}
