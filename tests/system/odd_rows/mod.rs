//! Rows with one odd field each: what Kea loads is what we show, and what we write for that Kea.

use std::collections::BTreeMap;
use std::fs;
use std::net::IpAddr;
use std::path::Path;

use kea_tools::lease::Family;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::kea::{Instance, Kea, Network, Server};
use crate::program::{kea_lease_dump, run};

mod values;

/// Which values a column gets.
type Values = fn() -> Vec<Vec<u8>>;

const COLUMNS4: [(&str, &str, Values); 12] = [
    ("address", "", values::addresses4),
    ("hwaddr", "02:00:00:00:00:01", values::hardware),
    ("client_id", "01:02:03", values::identifiers),
    ("valid_lifetime", "3600", values::numbers),
    ("expire", "1900000000", values::numbers),
    ("subnet_id", "1", values::numbers),
    ("fqdn_fwd", "0", values::flags),
    ("fqdn_rev", "0", values::flags),
    ("hostname", "host", values::hostnames),
    ("state", "0", values::numbers),
    ("user_context", "", values::contexts),
    ("pool_id", "0", values::numbers),
];

const COLUMNS6: [(&str, &str, Values); 18] = [
    ("address", "", values::addresses6),
    ("duid", "00:03:00:01:02:00:00:00:00:01", values::identifiers),
    ("valid_lifetime", "3600", values::numbers),
    ("expire", "1900000000", values::numbers),
    ("subnet_id", "1", values::numbers),
    ("pref_lifetime", "1800", values::numbers),
    ("lease_type", "0", values::numbers),
    ("iaid", "7", values::numbers),
    ("prefix_len", "128", values::numbers),
    ("fqdn_fwd", "0", values::flags),
    ("fqdn_rev", "0", values::flags),
    ("hostname", "host", values::hostnames),
    ("hwaddr", "", values::hardware),
    ("state", "0", values::numbers),
    ("user_context", "", values::contexts),
    ("hwtype", "", values::numbers),
    ("hwaddr_source", "", values::numbers),
    ("pool_id", "0", values::numbers),
];

/// A lease file in the making.
struct Sheet {
    family: Family,
    columns: Vec<(&'static str, &'static str, Values)>,
    rows: Vec<Vec<u8>>,
    /// What is odd, by address.
    odd: BTreeMap<String, String>,
    number: u32,
}

impl Sheet {
    fn new(family: Family, columns: usize) -> Self {
        let all = match family {
            Family::V4 => &COLUMNS4[..],
            Family::V6 => &COLUMNS6[..],
        };
        Self { family, columns: all[..columns].to_vec(), rows: Vec::new(), odd: BTreeMap::new(), number: 0 }
    }

    fn address(&mut self) -> String {
        self.number += 1;
        match self.family {
            Family::V4 => format!("10.77.{}.{}", 100 + self.number / 250, 1 + self.number % 250),
            Family::V6 => format!("fd00:77::5:{:x}", self.number),
        }
    }

    /// The fields of a good row with a new address.
    fn good(&mut self) -> Vec<Vec<u8>> {
        let mut fields: Vec<_> = self.columns.iter().map(|(_, usual, _)| usual.as_bytes().to_vec()).collect();
        fields[0] = self.address().into_bytes();
        fields
    }

    fn column(&self, name: &str) -> usize {
        self.columns.iter().position(|(column, ..)| *column == name).unwrap()
    }

    fn push(&mut self, what: &str, fields: &[Vec<u8>]) {
        let address = String::from_utf8_lossy(&fields[0]).into_owned();
        self.odd.insert(address, what.to_owned());
        self.rows.push(fields.join(&b','));
    }

    /// A row for each odd value of each column.
    fn every_value(&mut self) {
        for (index, (name, _, values)) in self.columns.clone().into_iter().enumerate() {
            for value in values() {
                let mut fields = self.good();
                let shown = String::from_utf8_lossy(&value[..value.len().min(120)]).into_owned();
                fields[index] = if name == "user_context" { escaped(&value) } else { value };
                self.push(&format!("{name} = {shown:?}"), &fields);
            }
        }
    }

    /// What is odd about declined leases, prefixes and rows that delete.
    fn every_value_of_other_leases(&mut self) {
        let declined = [("state", b"1".to_vec()), ("hwaddr", Vec::new())];
        let deleted = [("valid_lifetime", b"0".to_vec())];
        for name in ["hwaddr", if self.family == Family::V4 { "client_id" } else { "duid" }] {
            let values = self.columns[self.column(name)].2;
            for value in values() {
                let shown = String::from_utf8_lossy(&value[..value.len().min(120)]).into_owned();
                for (what, others) in [("declined", &declined[..]), ("deleted", &deleted[..])] {
                    let mut fields = self.good();
                    for (other, value) in others.iter().filter(|(other, _)| *other != name) {
                        let column = self.column(other);
                        fields[column].clone_from(value);
                    }
                    let column = self.column(name);
                    fields[column].clone_from(&value);
                    if what == "deleted" {
                        let mut before = self.good();
                        before[0].clone_from(&fields[0]);
                        self.push(&format!("{what}, {name} = {shown:?}"), &before);
                    }
                    self.push(&format!("{what}, {name} = {shown:?}"), &fields);
                }
            }
        }
        if self.family == Family::V4 {
            for state in values::numbers() {
                let mut fields = self.good();
                let [hwaddr, column] = [self.column("hwaddr"), self.column("state")];
                fields[hwaddr].clear();
                fields[column].clone_from(&state);
                self.push(&format!("nobody, state = {:?}", String::from_utf8_lossy(&state)), &fields);
            }
            return;
        }
        for duid in ["", "00", "00:00", "00:00:00", "00:00:00:00", "01"] {
            for state in values::numbers() {
                let mut fields = self.good();
                let [at, column] = [self.column("duid"), self.column("state")];
                fields[at] = duid.into();
                fields[column].clone_from(&state);
                self.push(&format!("duid = {duid}, state = {:?}", String::from_utf8_lossy(&state)), &fields);
            }
        }
        for length in values::numbers() {
            for (number, address) in [
                (self.number, format!("fd00:88:{:x}::", self.number + 1)),
                (0, format!("fd00:89::{:x}", self.number + 1)),
            ] {
                let mut fields = self.good();
                fields[0] = address.into_bytes();
                let [kind, column] = [self.column("lease_type"), self.column("prefix_len")];
                fields[kind] = b"2".to_vec();
                fields[column].clone_from(&length);
                let bits = if number == 0 { "host bits" } else { "no host bits" };
                self.push(&format!("prefix, {bits}, prefix_len = {:?}", String::from_utf8_lossy(&length)), &fields);
            }
        }
    }

    /// Rows that are not divided as they should be, come twice, or end in something else.
    fn every_shape(&mut self) {
        let columns = self.columns.len();
        for count in 1..columns + 4 {
            let mut fields = self.good();
            fields.resize(count, b"9".to_vec());
            self.push(&format!("{count} columns"), &fields);
        }
        for end in ["\r", " ", "\t", ",", ",,,", "\0", "\r\r", "#", ";"] {
            for (what, at) in [("row", columns - 1), ("context", self.column("user_context"))] {
                let mut fields = self.good();
                fields[at].extend_from_slice(end.as_bytes());
                self.push(&format!("{what} ends in {end:?}"), &fields);
                let mut fields = self.good();
                let column = self.column("user_context");
                fields[column] = b"{}".to_vec();
                fields[at].extend_from_slice(end.as_bytes());
                self.push(&format!("{what} with a context ends in {end:?}"), &fields);
            }
        }
        for begin in [" ", "\t", "\"", "#", "\0", "\u{feff}", "\u{a0}"] {
            let mut fields = self.good();
            fields[0].splice(0..0, begin.bytes());
            self.push(&format!("row begins with {begin:?}"), &fields);
        }
        let quoted: Vec<_> = self.good().iter().map(|field| [b"\"", &field[..], b"\""].concat()).collect();
        self.push("quotes", &quoted);
        for line in ["", "", " ", "\r", "\t", ",", "#", "# a comment", "\0", "x"] {
            self.rows.push(line.into());
        }
        self.rows.push(self.columns.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(",").into_bytes());
        self.sequences();
    }

    /// Rows of one address after one another.
    fn sequences(&mut self) {
        let [hostname, lifetime, state] = ["hostname", "valid_lifetime", "state"].map(|name| self.column(name));
        for (what, steps) in [
            ("twice", &["a", "b"][..]),
            ("deleted", &["a", "-"]),
            ("deleted and given again", &["a", "-", "b"]),
            ("deleted without having been there", &["-"]),
            ("deleted twice", &["a", "-", "-"]),
            ("a bad row after a good one", &["a", "!"]),
            ("a good row after a bad one", &["!", "a"]),
            ("a bad row after a deletion", &["a", "-", "!"]),
            ("declined after given", &["a", "1"]),
            ("given after declined", &["1", "a"]),
            ("non-UTF-8 after a good row", &["a", "\u{fffd}"]),
            ("a row of 256 octets after a good row", &["a", "long"]),
        ] {
            let address = self.address().into_bytes();
            for step in steps {
                let mut fields = self.good();
                fields[0].clone_from(&address);
                match *step {
                    "-" => fields[lifetime] = b"0".to_vec(),
                    "!" => fields[lifetime] = b"x".to_vec(),
                    "1" => fields[state] = b"1".to_vec(),
                    "long" => fields[hostname] = b"l".repeat(256),
                    "\u{fffd}" => fields[hostname] = b"\xff".to_vec(),
                    name => fields[hostname] = name.into(),
                }
                self.push(what, &fields);
            }
        }
    }

    /// Rows with an octet put in, changed or taken away anywhere: always the same ones.
    fn mutants(&mut self, count: usize) {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        for _ in 0..count {
            let mut fields = self.good();
            let context = self.column("user_context");
            fields[context] = br#"{ "a": [ 1&#x2c -2.5e3 ]&#x2c "b": "\u00c3x" }"#.to_vec();
            let column = 1 + random.below(fields.len() - 1);
            let field = &mut fields[column];
            for _ in 0..=random.below(2) {
                let octet = *random.one_of(b"0123456789abcdefx:+-. \t\r\0{}[]\"\\&#,\x08\x0c\x7f\x80\xc3\xff");
                let at = random.below(field.len() + 1);
                match random.below(3) {
                    0 => field.insert(at, octet),
                    1 if at < field.len() => field[at] = octet,
                    _ if at < field.len() => _ = field.remove(at),
                    _ => field.push(octet),
                }
            }
            let shown = format!("mutant {}: {:?}", self.columns[column].0, String::from_utf8_lossy(&fields[column]));
            self.push(&shown, &fields);
        }
    }

    fn text(&self) -> Vec<u8> {
        let header: Vec<_> = self.columns.iter().map(|(name, ..)| *name).collect();
        let mut text = header.join(",").into_bytes();
        for row in &self.rows {
            text.push(b'\n');
            text.extend_from_slice(row);
        }
        text.push(b'\n');
        text
    }
}

/// Numbers that look random and are the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// A comma as a lease file holds it in a text.
fn escaped(text: &[u8]) -> Vec<u8> {
    text.iter().flat_map(|octet| if *octet == b',' { b"&#x2c".to_vec() } else { vec![*octet] }).collect()
}

/// Leases by address, each as text that is the same for every way of writing them.
type Shown = BTreeMap<IpAddr, BTreeMap<String, String>>;

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn what_kea_loads_of_odd_rows_is_what_is_shown() {
    compare(&Kea::debian12());
}

/// Every odd row that `kea` loads is shown as it has it; every other one that is shown is refused for it; and it has the
/// same leases after it has loaded what is written for it.
pub(crate) fn compare(kea: &Kea) {
    for family in [Family::V4, Family::V6] {
        let columns = match (family, kea.version) {
            (Family::V4, "2.2") => 11,
            (Family::V6, "2.2") => 17,
            (Family::V4, _) => COLUMNS4.len(),
            (Family::V6, _) => COLUMNS6.len(),
        };
        let mut sheet = Sheet::new(family, columns);
        sheet.every_value();
        sheet.every_value_of_other_leases();
        sheet.every_shape();
        sheet.mutants(1000);
        Comparison { kea, sheet: &sheet, instance: instance(kea, family), network: Network::new() }.run();
    }
}

/// A server that takes every subnet and every context.
fn instance(kea: &Kea, family: Family) -> Instance {
    let mut checks = json!({ "lease-checks": "none" });
    if kea.version != "2.2" {
        checks["extended-info-checks"] = json!("none");
    }
    Instance::memfile_and(kea, family, |_| json!({ "sanity-checks": checks }))
}

struct Comparison<'a> {
    kea: &'a Kea,
    sheet: &'a Sheet,
    instance: Instance,
    network: Network,
}

impl Comparison<'_> {
    fn run(&self) {
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
    /// newer Kea has another DUID for declined leases.
    fn is_repaired(&self, address: &IpAddr, shown: &Shown) -> bool {
        let odd = self.sheet.odd.get(&address.to_string());
        let is_about_length =
            |odd: &String| ["prefix_len", "mutant prefix_len"].iter().any(|what| odd.starts_with(what));
        match self.kea.version {
            "2.2" => odd.is_some_and(is_about_length),
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
