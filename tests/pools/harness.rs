//! Runs of the program in memory, and the recordings.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use kea_tools::cli;
use kea_tools::testing::ProgramRun;
pub(crate) use kea_tools::testing::Ran;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::pools::fake::{Fake, Reply};

/// 2026-11-29 13:46:40 UTC, some hours after the recordings.
pub(crate) const NOW: i64 = 1_795_960_000;

/// The only family of the document.
pub(crate) fn family(ran: &Ran) -> Value {
    ran.document()["families"][0].clone()
}

/// Runs the program with these arguments.
pub(crate) fn run<S: AsRef<str>>(arguments: &[S]) -> Ran {
    let program = ProgramRun { now: NOW, variables: &[("TZ", "UTC"), ("LANG", "C.UTF-8")], ..ProgramRun::default() };
    program.run("kea-pools", cli::pools::run, arguments.iter().map(AsRef::as_ref))
}

/// The same, of a line without quotes.
pub(crate) fn run_line(line: &str) -> Ran {
    run(&line.split_whitespace().collect::<Vec<_>>())
}

/// The directory of a recording, such as `3.0.4/campus`.
pub(crate) fn recording(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pools").join(name)
}

/// A recorded document; a server's answers through a Control Agent are in a list.
pub(crate) fn json_of(path: &Path) -> Value {
    let document: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    if document.is_array() { document[0].clone() } else { document }
}

/// A configuration and lease file in a directory of their own.
pub(crate) struct Files {
    dir: TempDir,
}

impl Files {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// `-c` and `--at` for a server with these members in its configuration and these rows of DHCPv4 leases.
    pub(crate) fn server(&self, members: &str, rows: &[String]) -> String {
        let leases = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id";
        let leases = self.write("kea-leases4.csv", format!("{leases}\n{}\n", rows.join("\n")));
        let database = format!(r#""lease-database": {{"type": "memfile", "name": "{leases}"}}"#);
        format!("-c {}", self.write("kea-dhcp4.conf", format!(r#"{{"Dhcp4": {{{database}, {members}}}}}"#)))
    }
}

/// A row of a lease of an hour that began so many seconds ago.
pub(crate) fn row(address: &str, subnet: u32, age: i64, state: u8) -> String {
    let last: u8 = address.rsplit('.').next().unwrap().parse().unwrap();
    format!("{address},00:08:00:00:00:{last:02x},,3600,{},{subnet},0,0,,{state},,0", NOW - age + 3600)
}

/// A server that answers as a recorded one did.
pub(crate) fn recorded_server(folder: &Path, digit: char) -> Fake {
    let answers: BTreeMap<String, Value> = ["config-get", "stat-lease-get", "status-get", "list-commands"]
        .into_iter()
        .map(|command| {
            let file = command.replace("stat-lease", &format!("stat-lease{digit}"));
            (file.clone(), json_of(&folder.join(format!("dhcp{digit}-{file}.json"))))
        })
        .collect();
    let leases = json_of(&folder.join(format!("dhcp{digit}-lease{digit}-get-all.json")));
    let leases = leases["arguments"]["leases"].as_array().unwrap().clone();
    Fake::unix(move |command| answer(command, digit, &answers, &leases))
}

/// A page of leases, as a server gives it.
pub(crate) fn paged(command: &Value, leases: &[Value]) -> Reply {
    let from = command["arguments"]["from"].as_str().unwrap();
    let limit = usize::try_from(command["arguments"]["limit"].as_u64().unwrap()).unwrap();
    let number = |text: &str| text.parse::<std::net::IpAddr>().unwrap();
    let mut after: Vec<&Value> = leases.iter().collect();
    after.sort_by_key(|lease| number(lease["ip-address"].as_str().unwrap()));
    after.retain(|lease| from == "start" || number(lease["ip-address"].as_str().unwrap()) > number(from));
    after.truncate(limit);
    let result = if after.is_empty() { 3 } else { 0 };
    Reply::Answer(json!({"result": result, "arguments": {"count": after.len(), "leases": after}}))
}

fn answer(command: &Value, digit: char, answers: &BTreeMap<String, Value>, leases: &[Value]) -> Reply {
    let name = command["command"].as_str().unwrap();
    if let Some(answer) = answers.get(name) {
        return Reply::Answer(answer.clone());
    }
    if name == format!("lease{digit}-get-page") {
        return paged(command, leases);
    }
    if name == "statistic-get" {
        let asked = command["arguments"]["name"].as_str().unwrap();
        let is_own = asked == format!("pkt{digit}-received");
        return Reply::Answer(
            json!({"result": 0, "arguments": if is_own { json!({asked: [[1, "x"]]}) } else { json!({}) }}),
        );
    }
    Reply::Answer(json!({"result": 2, "text": "unknown command"}))
}
