//! Leases that are hard to write down.

use serde_json::{Value, json};

/// What a lease file, a line, a quote or a shell may trip over; each is a hostname Kea takes.
const HOSTNAMES: [&str; 14] = [
    "comma,in,the.middle",
    ",",
    "say \"hi\" it's",
    "&#x41 &#x2c &amp; r&d",
    "ends in &#x",
    "ends in &#x4",
    "c:\\new\\table\\\\",
    "tab\there",
    "=1+1",
    "  blanks around  ",
    "null",
    "z\u{fc}rich.\u{4f8b}\u{3048}.\u{1f600}",
    "e\u{301} \u{202e}right to left\u{202c} \u{7f}\u{1b}[31mred",
    "# no comment",
];

/// A map with everything that JSON, Kea's own included, knows to escape.
fn contexts() -> Vec<Value> {
    vec![
        json!({ "comma": "a,b", "entity": "&#x2c;&#x41", "amp": "R&D" }),
        json!({ "quote": "\"", "backslash": "\\ \\\\ \\n", "slash": "/", "apostrophe": "it's" }),
        json!({ "tab": "\t", "newline": "a\nb\r\n", "bell": "\u{7}", "delete": "\u{7f}" }),
        json!({ "utf-8": "z\u{fc}rich \u{4f8b} \u{1f600}", "z\u{fc}": 1 }),
        json!({ "numbers": [0, -1, 9_007_199_254_740_993_i64, 2.5], "rest": [true, false, null, {}, []] }),
        json!({ "deep": { "er": { "est": [[["x"]]] } } }),
        json!({ "long": "x".repeat(7000) }),
        json!({}),
    ]
}

/// Where leases may be kept, as far as it matters what is taken there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeper {
    Memfile,
    Postgresql,
    Mysql,
    /// Any of them: what all take.
    Any,
}

impl Keeper {
    fn hostnames(self) -> Vec<String> {
        let mut names: Vec<String> = HOSTNAMES.iter().map(|&name| name.to_owned()).collect();
        names.push("x".repeat(255));
        if matches!(self, Self::Postgresql | Self::Mysql) {
            // Kea 2.2 writes it into its lease file as it is and then cannot read its own row.
            names.push("new\nline\r\n".to_owned());
        }
        names
    }

    fn contexts(self) -> Vec<Value> {
        let mut contexts = contexts();
        if matches!(self, Self::Memfile | Self::Postgresql) {
            // MySQL's back end cuts a context at 8191 octets.
            contexts.push(json!({ "very long": "y,".repeat(15_000) }));
        }
        contexts
    }

    /// Ends of leases: past, present and as late as is taken here.
    fn expires(self) -> Vec<i64> {
        let mut expires = vec![1_000_000_000, 1_900_000_000, i64::from(i32::MAX)];
        if self == Self::Memfile {
            expires.extend([i64::from(i32::MAX) + 1, 4_000_000_000]);
        }
        expires
    }
}

/// Arguments of lease4-add.
pub(crate) fn leases4(keeper: Keeper) -> Vec<Value> {
    let hostnames = keeper.hostnames().into_iter().map(|name| json!({ "hostname": name }));
    let contexts = keeper.contexts().into_iter().map(|context| json!({ "user-context": context }));
    let expires = keeper.expires().into_iter().map(|expire| json!({ "expire": expire }));
    let others = [
        json!({ "client-id": hex(2) }),
        json!({ "client-id": hex(22) }),
        json!({ "client-id": hex(128) }),
        json!({ "hw-address": hex(20) }),
        json!({ "hw-address": "ff" }),
        json!({ "valid-lft": u32::MAX, "expire": null }),
        json!({ "valid-lft": 1 }),
        json!({ "fqdn-fwd": true, "hostname": "forward.example." }),
        json!({ "fqdn-rev": true, "fqdn-fwd": true, "hostname": "both.example." }),
        json!({ "state": 1 }),
        json!({ "state": 2 }),
    ];
    let base = |number: usize| {
        json!({
            "ip-address": format!("10.77.200.{number}"), "subnet-id": 1, "hw-address": format!("02:00:00:00:00:{number:02x}"),
            "valid-lft": 7200, "expire": 1_900_000_000,
        })
    };
    numbered(base, hostnames.chain(contexts).chain(expires).chain(others))
}

/// Arguments of lease6-add.
pub(crate) fn leases6(keeper: Keeper) -> Vec<Value> {
    let hostnames = keeper.hostnames().into_iter().map(|name| json!({ "hostname": name }));
    let contexts = keeper.contexts().into_iter().map(|context| json!({ "user-context": context }));
    let expires = keeper.expires().into_iter().map(|expire| json!({ "expire": expire }));
    let others = [
        json!({ "duid": hex(3) }),
        json!({ "duid": hex(22) }),
        json!({ "duid": hex(128) }),
        json!({ "hw-address": hex(20) }),
        json!({ "iaid": 0 }),
        json!({ "iaid": i32::MAX }),
        json!({ "iaid": 2_147_483_648_u32 }),
        json!({ "iaid": u32::MAX }),
        json!({ "valid-lft": u32::MAX, "preferred-lft": u32::MAX, "expire": null }),
        json!({ "preferred-lft": 0 }),
        json!({ "fqdn-rev": true, "fqdn-fwd": true, "hostname": "both.example." }),
        json!({ "state": 1 }),
        json!({ "state": 2 }),
        json!({ "ip-address": "fd00:88:1::", "type": "IA_PD", "prefix-len": 48 }),
        json!({ "ip-address": "fd00:88:2:100::", "type": "IA_PD", "prefix-len": 56, "valid-lft": u32::MAX, "expire": null }),
        json!({ "ip-address": "fd00:88:3::8", "type": "IA_PD", "prefix-len": 126, "user-context": { "a,b": "&" } }),
    ];
    let base = |number: usize| {
        json!({
            "ip-address": format!("fd00:77::2:{number:x}"), "subnet-id": 1, "duid": format!("00:03:00:01:02:00:00:00:00:{number:02x}"),
            "iaid": number, "valid-lft": 7200, "preferred-lft": 3600, "expire": 1_900_000_000,
        })
    };
    numbered(base, hostnames.chain(contexts).chain(expires).chain(others))
}

/// Each of `changes` made to a lease of its own.
fn numbered(base: impl Fn(usize) -> Value, changes: impl Iterator<Item = Value>) -> Vec<Value> {
    let apply = |(number, change): (usize, Value)| {
        let mut lease = base(number + 1);
        for (key, value) in change.as_object().unwrap() {
            lease[key] = value.clone();
        }
        lease.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        lease
    };
    changes.enumerate().map(apply).collect()
}

/// An identifier of so many octets.
fn hex(octets: u8) -> String {
    (0..octets).map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(":")
}
