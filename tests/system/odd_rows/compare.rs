//! What a server has of a lease file, and what we show and write of it.

use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Sheet;
use crate::kea::{Instance, Kea, Network, Server};
use crate::program::{kea_lease_dump, run};

/// Leases by address, each as text that is the same for every way of writing them.
type Shown = BTreeMap<IpAddr, BTreeMap<String, String>>;

pub(super) struct Comparison<'a> {
    pub(super) kea: &'a Kea,
    pub(super) sheet: &'a Sheet,
    pub(super) instance: Instance,
    pub(super) network: Network,
}

impl Comparison<'_> {
    pub(super) fn run(&self) {
        let copy = self.instance.scratch("copy.csv");
        fs::write(&copy, self.sheet.text()).unwrap();
        let (loaded, _) = self.load(&self.sheet.text());
        let mut shown = self.ask(&copy, &["-f", "ndjson"]);
        if self.kea.version == "2.2" {
            // What newer releases know of pools Kea 2.2 passes over.
            for lease in shown.values_mut() {
                lease.remove("pool-id");
            }
        }
        let written = self.instance.scratch("written.csv");
        self.ask(&copy, &["--for", self.kea.version, "-o", written.to_str().unwrap()]);
        let taken = self.ask(&written, &["-f", "ndjson"]);

        let mut faults = Vec::new();
        for (address, lease) in &loaded {
            match shown.get(address) {
                Some(other) if other == lease => {}
                Some(other) => faults.push(self.fault(address, &format!("{lease:?}\n    is shown as\n    {other:?}"))),
                None => faults.push(self.fault(address, "is loaded and not shown")),
            }
            if !taken.contains_key(address) {
                faults.push(self.fault(address, "is loaded and refused"));
            }
        }
        let surplus =
            taken.keys().filter(|address| !loaded.contains_key(*address) && !self.is_repaired(address, &shown));
        faults.extend(surplus.map(|address| self.fault(address, "is not loaded and not refused")));
        assert!(faults.is_empty(), "{} faults with Kea {}:\n{}", faults.len(), self.kea.version, faults.join("\n"));
        assert!(loaded.len() > 500, "{} leases", loaded.len());

        let (again, complaints) = self.load(&fs::read(&written).unwrap());
        assert_eq!(complaints, [""; 0]);
        let expected = shown.into_iter().filter(|(address, _)| taken.contains_key(address));
        let expected: Shown = expected.map(|(address, lease)| (address, with_newest_empty_duid(lease))).collect();
        let again: Shown = again.into_iter().map(|(address, lease)| (address, with_newest_empty_duid(lease))).collect();
        let differences: Vec<_> =
            expected.iter().filter(|(address, lease)| again.get(*address) != Some(*lease)).collect();
        assert!(differences.is_empty() && again.len() == expected.len(), "{differences:#?}");
    }

    /// What the server has and complains about after it has found this lease file.
    fn load(&self, text: &[u8]) -> (Shown, Vec<String>) {
        fs::write(self.instance.lease_file(), text).unwrap();
        let server = self.instance.start(&self.network);
        let command = format!("lease{}-get-all", self.sheet.family.digit());
        let answer: Answer = serde_json::from_str(&mended(&server.control.answer(&command, None).unwrap())).unwrap();
        let loaded: Shown = answer.arguments.leases.into_iter().map(shown).collect();
        self.ask_server(&server, &loaded);
        let complaints = server.complaints();
        server.stop();
        (loaded, complaints)
    }

    /// Asked for its leases page by page, the server gives all of them but that of 0.0.0.0, with which it begins.
    fn ask_server(&self, server: &Server, loaded: &Shown) {
        let mut command = kea_lease_dump();
        command
            .arg(format!("-{}", self.sheet.family.digit()))
            .args(["-f", "ndjson", "--socket"])
            .arg(&server.control.0);
        let ran = run(&mut command);
        let given: Shown = ran.stdout.lines().map(|line| shown(serde_json::from_str(line).unwrap())).collect();
        let missing = loaded.iter().filter(|(address, lease)| given.get(*address) != Some(*lease));
        let missing: Vec<_> = missing.filter(|(address, _)| !address.is_unspecified()).collect();
        assert!(missing.is_empty(), "{missing:#?}\n{}", ran.stderr);
    }

    /// What kea-lease-dump makes of a lease file; some rows of it are bad.
    fn ask(&self, file: &Path, options: &[&str]) -> Shown {
        let mut command = kea_lease_dump();
        command.arg(format!("-{}", self.sheet.family.digit())).args(["-t", "memfile", "-n"]).arg(file);
        let ran = run(command.args(options));
        assert!(matches!(ran.status, 0 | 2), "{}", ran.stderr);
        ran.stdout.lines().map(|line| shown(serde_json::from_str(line).unwrap())).collect()
    }

    fn fault(&self, address: &IpAddr, what: &str) -> String {
        let odd = self.sheet.odd.get(&address.to_string());
        format!("{address} ({}): {what}", odd.map_or("an odd address", String::as_str))
    }

    /// What is written otherwise than it was read. Kea 2.2 wants a number where the length of an address is, and takes any;
    /// newer Kea has another DUID for declined leases, and does not load the rows that Kea 2.2 adds to its files: these are
    /// written with all columns.
    fn is_repaired(&self, address: &IpAddr, shown: &Shown) -> bool {
        let odd = self.sheet.odd.get(&address.to_string());
        let is_about_length =
            |odd: &String| ["prefix_len", "mutant prefix_len"].iter().any(|what| odd.starts_with(what));
        match self.kea.version {
            "2.2" => odd.is_some_and(is_about_length),
            _ if odd.is_some_and(|odd| odd.ends_with(" columns")) => true,
            _ => shown[address].get("duid").is_some_and(|duid| duid == "\"00\""),
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    arguments: Arguments,
}

#[derive(Deserialize)]
struct Arguments {
    leases: Vec<BTreeMap<String, Box<RawValue>>>,
}

/// An answer that a JSON reader takes: Kea writes 1e+100 with `.0` at its end, and the octets of a member's name as they
/// are.
fn mended(answer: &[u8]) -> String {
    let mut text = String::new();
    for chunk in answer.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().copied().map(char::from));
    }
    let mut parts = text.split(".0");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = out.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_exponent = digits.len() < out.len() && (digits.ends_with("e+") || digits.ends_with("e-"));
        if !is_exponent {
            out.push_str(".0");
        }
        out.push_str(part);
    }
    out
}

fn shown(lease: BTreeMap<String, Box<RawValue>>) -> (IpAddr, BTreeMap<String, String>) {
    let mut members: BTreeMap<_, _> = lease.into_iter().map(|(name, value)| (name, canonical(value.get()))).collect();
    let address = members.remove("ip-address").unwrap();
    let address = address.trim_matches('"').split('%').next().unwrap().parse::<IpAddr>().unwrap();
    // Kea makes small letters of a host name's, and writes a state from 2^31 on as a negative number.
    let hostname = members.get_mut("hostname").unwrap();
    *hostname = hostname.to_ascii_lowercase();
    let state = members.get_mut("state").unwrap();
    *state = (state.parse::<i64>().unwrap() & i64::from(u32::MAX)).to_string();
    (address, members)
}

/// JSON in one way of writing it: text as octets, fractions with the six digits that Kea gives them.
fn canonical(json: &str) -> String {
    match serde_json::from_str(json) {
        Ok(value) => plain(value).to_string(),
        Err(_) => json.split_whitespace().collect(),
    }
}

fn plain(value: Value) -> Value {
    match value {
        Value::String(text) => octets_of(&text).into(),
        Value::Number(number) if !number.is_i64() => format!("{:.4e}", number.as_f64().unwrap()).into(),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (octets_of(&name), plain(value))).collect())
        }
        other => other,
    }
}

/// The octets of a text, of which Kea writes each as a character: in UTF-8 where they are that, else still so.
fn octets_of(text: &str) -> String {
    let octets: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    octets.and_then(|octets| String::from_utf8(octets).ok()).unwrap_or_else(|| text.to_owned())
}

fn with_newest_empty_duid(mut lease: BTreeMap<String, String>) -> BTreeMap<String, String> {
    if let Some(duid) = lease.get_mut("duid").filter(|duid| duid.contains("\"00\"")) {
        *duid = duid.replace("\"00\"", "\"00:00:00\"");
    }
    lease
}
