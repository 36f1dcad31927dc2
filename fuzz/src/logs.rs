//! Logs of any shape.

use std::io;
use std::path::Path;

use kea_tools::config::Document;
use kea_tools::loggers::{Change, Site, Surroundings, compose, findings, with_loggers};
use kea_tools::output::log::document_of;
use kea_tools::output::loggers::list;
use kea_tools::release::Release;

/// Bytes are a log: what it says is a document in JSON, harmless, and the same in whatever pieces it is read.
pub fn log_lines(data: &[u8]) {
    let whole = document_of(data, usize::MAX);
    assert!(serde_json::from_str::<serde_json::Value>(&whole).is_ok_and(|document| document.is_object()));
    for piece in [7, 61, 4096] {
        if data.len() < 16_384 || piece > 4000 {
            assert_eq!(document_of(data, piece), whole, "in pieces of {piece}");
        }
    }
}

/// Bytes are messages in the journal: as octets in JSON, and in its export form.
pub fn log_journal(data: &[u8]) {
    let (mut json, mut export) = (String::new(), Vec::new());
    for (at, message) in data.split(|byte| *byte == b'\n').enumerate() {
        let octets = serde_json::to_string(message).unwrap_or_default();
        json += &format!("{{\"MESSAGE\":{octets},\"SYSLOG_IDENTIFIER\":\"kea-dhcp4\",\"_PID\":\"{}\",", 7 + at % 2);
        json += &format!("\"__REALTIME_TIMESTAMP\":\"{}\"}}\n", 1_795_940_726_000_000 + at);
        export.extend_from_slice(b"__CURSOR=x\nSYSLOG_IDENTIFIER=kea-dhcp4\n");
        let time = 1_795_940_726_000_000 + at;
        export.extend_from_slice(format!("_PID={}\n__REALTIME_TIMESTAMP={time}\nMESSAGE\n", 7 + at % 2).as_bytes());
        export.extend_from_slice(&(message.len() as u64).to_le_bytes());
        export.extend_from_slice(message);
        export.extend_from_slice(b"\n\n");
    }
    let shown = document_of(json.as_bytes(), 4096);
    assert_eq!(document_of(&export, 4096), shown, "both forms are the same journal");
    log_lines(&[b"__CURSOR=".as_slice(), data].concat());
}

/// Bytes are a wish, a line break, and a configuration: whatever is wrong with it is found, and where there is a list of
/// loggers to put, the configuration with it is read again and all else in it is the same.
pub fn loggers(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (wish, text) = (String::from_utf8_lossy(&data[..end]), &data[(end + 1).min(data.len())..]);
    let changes: Vec<Change> = Change::parse(&wish).into_iter().collect();
    for release in ["2.2", "2.6.3", "3.0"] {
        let Ok(release) = Release::newest_of(release) else { continue };
        let document = read(text);
        for config in document.configs().flatten() {
            let daemon = config.daemon;
            let site = Site::new(&document, config, Surroundings::of_release(release));
            let _ = findings(&site);
            let composed = compose(&site, &changes);
            let json = list(&composed).expect("a list is JSON");
            let Ok(new) = with_loggers(text, &site, &json) else { continue };
            let again = read(&new);
            assert!(again.syntax_error().is_none(), "{}", String::from_utf8_lossy(&new));
            let written = again.value().get(daemon.config_key()).and_then(|server| server.get("loggers"));
            assert!(written.is_some_and(|list| format!("{list:?}") == "a list"));
        }
    }
}

fn read(text: &[u8]) -> Document {
    let mut reader = |_: &Path| Err(io::ErrorKind::NotFound.into());
    Document::parse(Path::new("/c"), text.to_owned(), &mut reader)
}
