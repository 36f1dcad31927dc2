//! Rows with one odd field each: what Kea loads is what we show, and what we write for that Kea.

use std::collections::BTreeMap;

use kea_tools::lease::Family;
use serde_json::json;

use crate::kea::{Instance, Kea, Network};

mod compare;
mod values;

use self::compare::Comparison;

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
