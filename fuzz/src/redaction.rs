//! Redaction of any octets.

use kea_tools::redact::{self, Lines, Secrets};

/// A secret that nothing else is part of.
const SECRET: &str = "Zq7-a-secret-of-some-length";

/// Redaction never panics, and never brings back what it has hidden; what is known as a secret is in no text after it was
/// hidden, however it was written; and the value under a secret's name is never shown.
pub fn redaction(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let once = redact::line(&text).into_owned();
    let hidden = |text: &str| text.matches(redact::REDACTED).count();
    assert!(hidden(&redact::line(&once)) >= hidden(&once), "{once}");
    let mut secrets = Secrets::default();
    let mut lines = Lines::default();
    for line in text.split_inclusive('\n') {
        let _ = lines.clean(line, &mut secrets);
    }
    secrets.learn(SECRET);
    secrets.learn_text(&text);
    let finder = secrets.finder();
    for whole in [data.to_vec(), [data, SECRET.as_bytes(), data].concat()] {
        let clean = finder.hidden(&whole).text;
        assert!(memchr::memmem::find(&clean, SECRET.as_bytes()).is_none());
    }
    let member = format!("{{ \"password\": \"{SECRET}\", \"x\": {} }}", serde_json::Value::from(text.as_ref()));
    assert!(!redact::line(&member).contains(SECRET));
    if let Ok(value) = serde_json::from_slice::<serde_json::Value>(data) {
        let clean = redact::json(serde_json::json!({ "token": SECRET, "x": value }));
        assert!(!clean.to_string().contains(SECRET));
    }
}
