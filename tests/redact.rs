//! Secrets planted in every place where Kea's releases and people keep them, and what must stay.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use kea_tools::redact;
use kea_tools::text::hex;
use proptest::prelude::*;
use serde_json::{Value, json};

const DOCUMENTS: [&str; 4] = ["kea-dhcp4.json", "kea-dhcp6.json", "kea-dhcp-ddns.json", "kea-ctrl-agent.json"];

fn data(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/secrets").join(name)).unwrap()
}

/// Everything that is shown of the planted configurations, logs and command lines.
fn shown() -> String {
    let documents = DOCUMENTS.map(|name| redact::json(serde_json::from_str(&data(name)).unwrap()).to_string());
    let lines = data("kea-dhcp4.log") + &data("processes.txt");
    let lines = lines.lines().map(|line| redact::line(line).into_owned());
    documents.into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

#[test]
fn no_planted_secret_is_shown_in_any_spelling() {
    let shown = shown();
    for row in data("planted.tsv").lines() {
        let secret = row.split('\t').next().unwrap();
        for spelling in [secret.to_owned(), STANDARD_NO_PAD.encode(secret), hex(secret.as_bytes())] {
            assert!(!shown.contains(&spelling), "{row}: {spelling} in {shown}");
        }
    }
}

#[test]
fn users_paths_and_names_of_keys_are_shown() {
    let shown = shown();
    // What is in other files than these, or shown as JSON.
    for kept in data("kept.txt").lines().filter(|kept| data_has(kept)) {
        assert!(shown.contains(kept), "{kept} is not in {shown}");
    }
}

/// Files of a machine as they are, for a reader who does not know what is in them.
#[test]
fn no_secret_that_is_planted_in_a_file_is_shown() {
    let mut files = BTreeMap::<&str, Vec<&str>>::new();
    let (planted, kept) = (data("planted-files.tsv"), data("kept.txt"));
    for row in planted.lines() {
        let [secret, class, file, ..] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/secrets/root").join(file);
        // Others hold nothing but a secret, and are known by their names.
        if path.exists() && class == "must" {
            files.entry(file).or_default().push(secret);
        }
    }
    assert_eq!(files.len(), 15, "{files:?}");
    for (file, secrets) in files {
        let text = data(&format!("root/{file}"));
        let shown = redact::line(&text);
        for secret in secrets {
            for spelling in [secret.to_owned(), STANDARD_NO_PAD.encode(secret), hex(secret.as_bytes())] {
                assert!(!shown.contains(&spelling), "{spelling} in {file}: {shown}");
            }
        }
        for line in kept.lines().filter(|line| text.contains(line)) {
            assert!(shown.contains(line), "{line} is not in {file}: {shown}");
        }
    }
}

fn data_has(text: &str) -> bool {
    DOCUMENTS.iter().chain(&["kea-dhcp4.log", "processes.txt"]).any(|name| data(name).contains(text))
}

/// Names under which nothing is shown, and ways to write one.
const NAMES: [&str; 8] =
    ["password", "dbPassword", "API_KEY", "snmp-community", "secretValue", "pin", "auth_token", "psk2"];

proptest! {
    #[test]
    fn any_text_is_taken(text in "\\PC*|[-a-z:@/=\"'{}\\[\\] \\\\&?,0-9A-Z\n]{0,120}") {
        let once = redact::line(&text).into_owned();
        prop_assert!(redact::line(&once).matches("(redacted)").count() >= once.matches("(redacted)").count());
        let _ = redact::json(json!({ "a": text.clone(), text.clone(): [text] }));
    }

    #[test]
    fn a_value_under_a_secrets_name_is_never_shown(
        name in prop::sample::select(&NAMES), secret in "[A-Za-z0-9!$%()*+./:;<>?@^_~-]{1,8}Zq7[A-Za-z0-9 ,]{0,8}[x-z]",
    ) {
        let document = json!({ "a": [{ "b": { name: secret.clone() } }], "text": format!("{{\"{name}\": \"{secret}\"}}") });
        prop_assert!(!redact::json(document.clone()).to_string().contains("Zq7"));
        let pretty = serde_json::to_string_pretty(&document).unwrap();
        prop_assert!(!redact::line(&pretty).contains("Zq7"), "{}", redact::line(&pretty));
        let unspaced: String = secret.chars().filter(|c| !" ,".contains(*c)).collect();
        let line = format!("x {name}={unspaced} y");
        prop_assert!(!redact::line(&line).contains("Zq7"), "{}", redact::line(&line));
    }

    #[test]
    fn documents_without_secrets_stay(number in any::<i64>(), word in "[a-z]{1,6}") {
        let document = json!({ "subnet4": [{ "id": number, "subnet": "192.0.2.0/24", "comment": word, "mapping": "x" }] });
        prop_assert_eq!(redact::json(document.clone()), document);
    }
}

#[test]
fn answers_of_kea_without_secrets_stay() {
    for name in ["control"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for path in
            entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|it| it == "json"))
        {
            let document: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            assert_eq!(redact::json(document.clone()), document, "{}", path.display());
        }
    }
}
