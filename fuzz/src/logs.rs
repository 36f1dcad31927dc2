//! Logs of any shape.

use kea_tools::output::log::document_of;

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
