//! kea-support-bundle as its user meets it: what is in a bundle, and what must never be.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use kea_tools::bundle::{About, Content, Gathered, Left, Member, ready, ready_hidden_by};
use kea_tools::cli;
use kea_tools::redact::{Counts, Secrets};
use kea_tools::testing::network::FakeNetwork;
use kea_tools::testing::{ProgramRun, Ran};
use kea_tools::text::hex;
use sha2::{Digest as _, Sha256};

mod hostile;
mod leaks;
mod reader;
mod withheld;

/// A lease file of Kea 2.2 without leases.
const LEASES4: &str =
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n";

fn run(arguments: &[&str]) -> Ran {
    ProgramRun { now: 1_795_960_000, ..ProgramRun::default() }.run(
        "kea-support-bundle",
        cli::support_bundle::run,
        arguments,
    )
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/secrets").join(name)
}

/// The files of a bundle by their names without the directory that all are in.
fn unpacked(bundle: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(fs::File::open(bundle).unwrap()));
    let top = bundle.file_name().unwrap().to_str().unwrap().strip_suffix(".tar.gz").unwrap().to_owned();
    let files = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        assert!(entry.header().entry_type().is_file(), "no links and no directories");
        let path = entry.path().unwrap().to_str().unwrap().to_owned();
        let name = path.strip_prefix(&format!("{top}/")).unwrap_or_else(|| panic!("{path} is not in {top}")).to_owned();
        assert!(!name.contains(".."), "{name}");
        let mut text = Vec::new();
        entry.read_to_end(&mut text).unwrap();
        (name, text)
    });
    files.collect()
}

/// A bundle of the machine with planted secrets.
fn planted(arguments: &[&str]) -> (tempfile::TempDir, PathBuf, Ran) {
    let folder = tempfile::tempdir().unwrap();
    let (root, out) = (data("root").display().to_string(), folder.path().display().to_string());
    let ran = run(&[&["--root", root.as_str(), "-o", out.as_str(), "--label", "planted"], arguments].concat());
    let bundle = folder.path().join("kea-support-planted-20261129T134640Z.tar.gz");
    (folder, bundle, ran)
}

/// Every spelling of a secret.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let escaped = serde_json::to_string(secret).unwrap();
    let percent: String = secret
        .bytes()
        .map(|octet| {
            if octet.is_ascii_alphanumeric() || b"-_.~".contains(&octet) {
                char::from(octet).to_string()
            } else {
                format!("%{octet:02X}")
            }
        })
        .collect();
    let mut all = vec![secret.to_owned(), escaped.trim_matches('"').to_owned(), percent];
    all.extend([hex(secret.as_bytes()), hex(secret.as_bytes()).to_uppercase(), STANDARD_NO_PAD.encode(secret)]);
    all.extend(
        ["admin4", "agentadmin", "hauser", "kea"].map(|user| STANDARD_NO_PAD.encode(format!("{user}:{secret}"))),
    );
    all.into_iter().map(String::into_bytes).collect()
}

#[test]
fn no_planted_secret_is_in_a_bundle_in_any_spelling() {
    let (_folder, bundle, ran) = planted(&[]);
    assert_eq!(ran.status, 1, "the leases are in databases: {ran:?}");
    let files = unpacked(&bundle);
    let rows = [data("planted-files.tsv"), data("planted.tsv")].map(|path| fs::read_to_string(path).unwrap()).concat();
    for row in rows.lines().filter(|row| row.contains("\tmust\t") && !row.contains("--anonymize")) {
        for spelling in spellings(row.split('\t').next().unwrap()) {
            for (name, text) in &files {
                assert!(memchr::memmem::find(text, &spelling).is_none(), "{row} is in {name}");
                assert!(memchr::memmem::find(name.as_bytes(), &spelling).is_none(), "{row}: {name}");
            }
        }
    }
}

#[test]
fn what_a_reader_needs_is_in_a_bundle() {
    let (_folder, bundle, _) = planted(&["--note", "no address since noon"]);
    let files = unpacked(&bundle);
    let all = files.values().flatten().copied().collect::<Vec<_>>();
    for kept in fs::read_to_string(data("kept.txt")).unwrap().lines() {
        assert!(memchr::memmem::find(&all, kept.as_bytes()).is_some(), "{kept} is not in it");
    }
    for name in
        ["README.txt", "manifest.json", "redactions.json", "status.json", "loggers.txt", "note.txt", "config/files.txt"]
    {
        assert!(files.contains_key(name), "{name} is not in {:?}", files.keys());
    }
    assert!(files.keys().any(|name| name.starts_with("logs/var/log/kea/kea-dhcp4.log.1")), "{:?}", files.keys());
}

#[test]
fn the_manifest_fits_what_is_in_the_bundle() {
    let (_folder, bundle, ran) = planted(&[]);
    let files = unpacked(&bundle);
    let manifest: serde_json::Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let members = manifest["members"].as_array().unwrap();
    assert_eq!(members.len() + 3, files.len());
    for member in members {
        let text = &files[member["path"].as_str().unwrap()];
        assert_eq!(member["size"], text.len());
        assert_eq!(member["sha256"], hex(&Sha256::digest(text)));
    }
    let missing: Vec<_> = manifest["missing"].as_array().unwrap().iter().filter(|it| it["is-meant"] == false).collect();
    assert_eq!(missing.len(), ran.stderr.lines().count(), "{}", ran.stderr);
    assert!(manifest["missing"].to_string().contains("/etc/kea/tls/kea4.key"), "keys are left out");
}

#[test]
fn the_lease_file_of_a_server_that_need_not_run_is_not_missing() {
    let machine = hostile::Machine::new("");
    machine.write("var/lib/kea/kea-leases4.csv", LEASES4);
    machine.write(
        "var/log/kea/kea-dhcp4.log",
        "2026-11-29 13:00:00.000 INFO  [kea-dhcp4.dhcp4/1] DHCP4_STARTED started\n",
    );
    machine.write("etc/kea/kea-dhcp6.conf", r#"{ "Dhcp6": { } }"#);
    // Where its program is not found, it is not known whether it has to run.
    let ran = machine.run(&["--dry-run"]);
    assert!(ran.status == 1 && ran.stderr.contains("missing: lease file /var/lib/kea/kea-leases6.csv"), "{ran:?}");
    fs::create_dir_all(machine.at("usr/sbin")).unwrap();
    for program in ["kea-dhcp4", "kea-dhcp6"] {
        machine.write(&format!("usr/sbin/{program}"), "");
        fs::set_permissions(machine.at(&format!("usr/sbin/{program}")), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let ran = machine.run(&[]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{ran:?}");
    let manifest: serde_json::Value = serde_json::from_slice(&machine.files()["manifest.json"]).unwrap();
    let lists_it =
        |it: &serde_json::Value| it["what"] == "lease file /var/lib/kea/kea-leases6.csv" && it["is-meant"] == true;
    assert!(manifest["missing"].as_array().unwrap().iter().any(lists_it), "{manifest}");
}

#[test]
fn a_dry_run_writes_nothing() {
    let (folder, bundle, ran) = planted(&["--dry-run"]);
    assert!(ran.stdout.contains("config/etc/kea/kea-dhcp4.conf") && ran.status == 1, "{ran:?}");
    assert!(!bundle.exists() && fs::read_dir(folder.path()).unwrap().next().is_none());
}

#[test]
fn a_capture_has_what_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let (root, out) = (data("root").display().to_string(), folder.path().join("kea-support-x.tar.gz"));
    let mut network = FakeNetwork::new(|_| Vec::new());
    let sent = Rc::clone(&network.sent);
    let program = ProgramRun { now: 1_795_960_000, network: Some(&mut network), ..ProgramRun::default() };
    let arguments = ["--root", &root, "-o", out.to_str().unwrap(), "--label", "x", "--pcap", "eth0", "--no-logs"];
    let ran = program.run("kea-support-bundle", cli::support_bundle::run, arguments);
    assert_eq!(ran.status, 1, "{ran:?}");
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(fs::File::open(&out).unwrap()));
    let mut entries = archive.entries().unwrap().map(Result::unwrap);
    let mut capture = Vec::new();
    entries.find(|entry| entry.path().unwrap().ends_with("capture.pcap")).unwrap().read_to_end(&mut capture).unwrap();
    let sent = sent.borrow();
    assert!(!sent.is_empty());
    for transmit in sent.iter() {
        assert!(memchr::memmem::find(&capture, &transmit.payload).is_some(), "{transmit:?}");
    }
}

#[test]
fn a_value_that_is_secret_in_one_place_is_hidden_in_all() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let text = r#"{ "Dhcp4": { "hooks-libraries": [ { "library": "x", "parameters": { "password": "xyzzy plugh 4" } } ],
        "loggers": [ { "name": "kea-dhcp4", "severity": "INFO", "output_options": [ { "output": "LOG" } ] } ] } }"#;
    fs::write(at("c"), text.replace("LOG", at("k.log").to_str().unwrap())).unwrap();
    fs::write(at("k.log"), "one\nthe words xyzzy plugh 4 say nothing by themselves\nlast\n").unwrap();
    let out = at("kea-support-x.tar.gz");
    let ran = run(&["-c", at("c").to_str().unwrap(), "-o", out.to_str().unwrap(), "--label", "x"]);
    assert!(ran.status <= 1, "{ran:?}");
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(fs::File::open(&out).unwrap()));
    let log = archive.entries().unwrap().map(Result::unwrap).find(|entry| entry.path().unwrap().ends_with("k.log"));
    let mut text = String::new();
    log.unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "one\nthe words (redacted) say nothing by themselves\nlast\n");
}

#[test]
fn a_secret_that_is_left_is_named_by_its_place_only() {
    let gathered = || {
        let mut gathered = Gathered::default();
        gathered.secrets.learn("a value of some length");
        let content = Content::Text(b"one\nx a value of some length y\n".to_vec());
        let (path, source) = ("logs/x".to_owned(), "/x".to_owned());
        gathered.members.push(Member {
            path,
            source,
            content,
            is_cut: false,
            is_anonymized: false,
            redactions: Counts::default(),
        });
        gathered
    };
    let nothing = String::new;
    let about =
        || About { tool: nothing(), arguments: vec![], time: nothing(), local_time: nothing(), took: Duration::ZERO };
    assert!(ready(gathered(), about(), None).unwrap().is_ok(), "what is known is hidden");
    // What hides knows nothing.
    let left = ready_hidden_by(Secrets::default().finder(), gathered(), about(), None).unwrap().err().unwrap();
    assert_eq!(left, Left { path: "logs/x".to_owned(), line: 2 });
}

#[test]
fn what_is_no_machine_of_kea_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().display().to_string();
    let ran = run(&["--root", &root, "-o", &root]);
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.lines().count()), (2, "", 1), "{ran:?}");
    assert_eq!(run(&["--root", "/nowhere"]).status, 2);
    for (arguments, expected) in [
        (&["--log-size", "big"][..], "expected a size"),
        (&["--label", "a/b"], "make a name"),
        (&["--root", root.as_str(), "--include", "relative.txt"], "must begin with a slash"),
        (&["--leases", "some"], "none"),
        (&["--since", "soon"], "expected a date"),
        (&["--since", "2099-01-01"], "it is in the future"),
        (&["--anonymize-addresses"], "--anonymize"),
    ] {
        let ran = run(arguments);
        assert!(ran.status == 2 && ran.stderr.contains(expected), "{arguments:?}: {ran:?}");
    }
}
