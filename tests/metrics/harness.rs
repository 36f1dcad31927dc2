//! Runs of the program in memory, servers that answer as recorded ones did, and what an exposition says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use kea_tools::cli;
use kea_tools::testing::ProgramRun;
pub(crate) use kea_tools::testing::Ran;
use serde_json::{Value, json};

use crate::control::fake::{Fake, Reply};

/// Runs the program at this time. A busy machine has all the time that it needs, unless a test says otherwise.
pub(crate) fn run_at(now: i64, arguments: &[&str]) -> Ran {
    ProgramRun { now, ..ProgramRun::default() }.run("kea-metrics", cli::metrics::run, patient(arguments))
}

pub(crate) fn patient<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let limit: &[&str] = if arguments.contains(&"--timeout") { &[] } else { &["--timeout", "5m"] };
    [arguments, limit].concat()
}

/// The names and labels of series, the labels in order, with their values.
pub(crate) type Series = BTreeMap<String, f64>;

/// The series of an exposition, each of which is there once.
pub(crate) fn series(text: &str) -> Series {
    let mut all = Series::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let labels = labels.strip_suffix('}').unwrap();
        let mut sorted: Vec<_> = labels.strip_suffix('"').unwrap_or("").split("\",").collect();
        sorted.sort_unstable();
        let sorted = sorted.into_iter().filter(|label| !label.is_empty()).map(|label| format!("{label}\""));
        let key = format!("{name}{{{}}}", sorted.collect::<Vec<_>>().join(","));
        assert!(all.insert(key, value.parse().unwrap()).is_none(), "{line}");
    }
    all
}

pub(crate) const RELEASES: [&str; 3] = ["2.2.0", "2.6.3", "3.0.4"];

pub(crate) fn data(release: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pools").join(release)
}

pub(crate) fn recorded(path: &Path) -> Value {
    let text = fs::read(path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
    serde_json::from_slice(&text).unwrap()
}

pub(crate) fn truth(release: &str) -> Value {
    recorded(&data(release).join("campus/truth.json"))
}

/// A server of a family that answers as the recorded one did when other programs asked it.
#[derive(Debug, Clone)]
pub(crate) struct Replay {
    answers: BTreeMap<String, Value>,
    leases: Vec<Value>,
    statistics: Value,
}

impl Replay {
    pub(crate) fn new(release: &str, family: u8) -> Self {
        let folder = data(release);
        let mut answers = BTreeMap::new();
        for command in ["config-get", "statistic-get-all", &format!("stat-lease{family}-get")] {
            let answer = recorded(&folder.join(format!("exporters/dhcp{family}-{command}.json")));
            answers.insert(command.to_owned(), answer);
        }
        for command in ["status-get", "list-commands", "version-get"] {
            let answer = recorded(&folder.join(format!("campus/dhcp{family}-{command}.json")));
            answers.insert(command.to_owned(), answer);
        }
        let leases = recorded(&folder.join(format!("campus/dhcp{family}-lease{family}-get-all.json")));
        let statistics = answers["statistic-get-all"]["arguments"].clone();
        Self { answers, leases: leases["arguments"]["leases"].as_array().unwrap().clone(), statistics }
    }

    /// The same without a command.
    pub(crate) fn without(mut self, command: &str) -> Self {
        self.answers.remove(command);
        let list = self.answers.get_mut("list-commands").unwrap();
        list["arguments"].as_array_mut().unwrap().retain(|name| name != command);
        self
    }

    /// The same with another answer.
    pub(crate) fn with(mut self, command: &str, answer: Value) -> Self {
        self.answers.insert(command.to_owned(), answer);
        self
    }

    pub(crate) fn answer(&self, command: &Value) -> Value {
        let name = command["command"].as_str().unwrap();
        match self.answers.get(name) {
            Some(answer) => answer.clone(),
            None if name == "statistic-get" => self.statistic(command["arguments"]["name"].as_str().unwrap()),
            None if name.ends_with("-get-page") => self.page(&command["arguments"]),
            None => json!({ "result": 2, "text": format!("'{name}' command not supported.") }),
        }
    }

    fn statistic(&self, name: &str) -> Value {
        let all = &self.statistics;
        let found = all.get(name).map_or(json!({}), |samples| json!({ name: samples }));
        json!({ "result": 0, "arguments": found })
    }

    fn page(&self, arguments: &Value) -> Value {
        let (from, limit) = (arguments["from"].as_str().unwrap(), arguments["limit"].as_u64().unwrap());
        let start = self.leases.iter().position(|lease| lease["ip-address"] == from).map_or(0, |at| at + 1);
        let page: Vec<_> = self.leases.iter().skip(start).take(usize::try_from(limit).unwrap()).collect();
        let code = if page.is_empty() { 3 } else { 0 };
        json!({ "result": code, "arguments": { "leases": page, "count": page.len() } })
    }

    pub(crate) fn serve(self) -> Fake {
        Fake::unix(move |command| Reply::Answer(self.answer(command)))
    }

    /// What it answers after it has run for some more seconds.
    pub(crate) fn answer_after(&self, command: &Value, seconds: u64) -> Value {
        let mut answer = self.answer(command);
        for age in ["uptime", "reload"] {
            if let Some(then) = answer["arguments"][age].as_u64() {
                answer["arguments"][age] = json!(then + seconds);
            }
        }
        answer
    }
}
