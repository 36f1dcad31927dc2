//! What the program says of a recorded log, compared with what the clients, the API's user and the database knew.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::log_report::harness::{files, recordings, run, truth};

type Bag = BTreeMap<String, u64>;

/// How often each occurs.
fn bag(all: impl IntoIterator<Item = String>) -> Bag {
    let mut bag = Bag::new();
    all.into_iter().for_each(|one| *bag.entry(one).or_default() += 1);
    bag
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// One recording, as one set of files shows it.
struct Case {
    name: String,
    truth: Value,
    files: Vec<PathBuf>,
    /// The daemons whose logs these are.
    has: &'static [&'static str],
    /// Whether the lines have times.
    has_times: bool,
}

const ALL: &[&str] = &["dhcp4", "dhcp6", "ddns", "agent"];

impl Case {
    fn new(name: &str, folder: &Path, files: Vec<PathBuf>, has: &'static [&'static str]) -> Self {
        Self { name: name.to_owned(), truth: truth(folder), files, has, has_times: true }
    }

    fn records(&self, view: &str) -> Vec<Value> {
        let ran = run(&[view, "-f", "ndjson"], &self.files);
        assert_eq!(ran.status, 0, "{}: {}", self.name, ran.stderr);
        ran.records()
    }

    fn document(&self) -> Value {
        run(&["-f", "json"], &self.files).document()
    }

    fn release(&self) -> (u32, u32) {
        let release = text(&self.truth["kea"]);
        let mut parts = release.split('.').map(|part| part.parse().unwrap());
        (parts.next().unwrap(), parts.next().unwrap())
    }

    /// Whether packets are logged at this level by this release.
    fn shows_packets(&self) -> bool {
        self.truth["severity"] == "DEBUG" || self.release() >= (2, 5)
    }

    /// Packets of a family to whose answer the script listened.
    fn packets(&self, family: u64) -> Vec<Value> {
        let is_heard = |packet: &Value| packet["family"] == family && packet["note"].is_null();
        list(&self.truth["packets"]).into_iter().filter(is_heard).collect()
    }

    /// Clients to whose answers the script did not listen.
    fn unheard(&self) -> BTreeSet<String> {
        let all = list(&self.truth["packets"]);
        all.iter().filter(|packet| !packet["note"].is_null()).map(|packet| text(&packet["mac"])).collect()
    }

    fn check(&self) {
        if self.has.contains(&"dhcp4") {
            self.exchanges4();
            self.offers();
            self.facts4();
        }
        if self.has.contains(&"dhcp6") {
            self.exchanges6();
        }
        self.leases();
        self.commands();
        self.life();
        self.high_availability();
        self.callouts();
    }

    fn exchanges4(&self) {
        let unheard = self.unheard();
        let ours: Vec<_> = self.records("--exchanges").into_iter().filter(|one| one["family"] == 4).collect();
        let ours: Vec<_> =
            ours.into_iter().filter(|one| !unheard.contains(&text(&one["client"]["hw-address"]))).collect();
        for (answer, name) in [("DHCPACK", "ACK"), ("DHCPOFFER", "OFFER")] {
            let is_it = |packet: &&Value| packet["answer"] == answer && packet["type"] != "DHCPINFORM";
            let of_truth = |packet: &Value| {
                let seconds = if answer == "DHCPACK" { packet["lease_time"].to_string() } else { String::new() };
                format!("{} {} {} {seconds}", text(&packet["mac"]), text(&packet["xid"]), text(&packet["address"]))
            };
            let expected = bag(self.packets(4).iter().filter(is_it).map(of_truth));
            let is_ours = |one: &&Value| one["answer"] == name && one["request"] != "INFORM";
            let of_ours = |one: &Value| {
                let seconds = if name == "ACK" { one["lease-time"].to_string() } else { String::new() };
                format!(
                    "{} {} {} {seconds}",
                    text(&one["client"]["hw-address"]),
                    text(&one["xid"]),
                    text(&one["address"])
                )
            };
            assert_eq!(bag(ours.iter().filter(is_ours).map(of_ours)), expected, "{}: {name}", self.name);
        }
        self.requests(&ours);
    }

    /// What a packet was is known exactly where packets are logged.
    fn requests(&self, ours: &[Value]) {
        if !self.shows_packets() {
            let known: Vec<_> =
                ours.iter().filter(|one| one["answer"] == "OFFER" && !one["request"].is_null()).collect();
            assert_eq!(known, Vec::<&Value>::new(), "{}", self.name);
            return;
        }
        let answered = |packet: &&Value| !packet["answer"].is_null() && packet["answer"] != "BOOTREPLY";
        let expected =
            bag(self.packets(4).iter().filter(answered).map(|packet| {
                format!("{} {}", text(&packet["xid"]), text(&packet["type"]).trim_start_matches("DHCP"))
            }));
        let is_ours = |one: &&Value| !one["answer"].is_null() && one["answer"] != "BOOTREPLY";
        let found =
            bag(ours.iter().filter(is_ours).map(|one| format!("{} {}", text(&one["xid"]), text(&one["request"]))));
        assert_eq!(found, expected, "{}", self.name);
        let slow = ours.iter().filter(|one| one["answer"] != Value::Null && one["duration-ms"].is_null()).count();
        // Times of whole seconds are too coarse for one.
        let has_fraction = |one: &Value| one["time"].as_str().is_some_and(|time| !time.contains(".000"));
        let all = ours.iter().filter(|one| one["answer"] != Value::Null).count();
        let expected = if self.has_times && ours.iter().any(has_fraction) { 0 } else { all };
        assert_eq!(slow, expected, "{}: every answer has its service time", self.name);
    }

    fn exchanges6(&self) {
        let ours: Vec<_> = self.records("--exchanges").into_iter().filter(|one| one["family"] == 6).collect();
        for name in ["REPLY", "ADVERTISE"] {
            let leases = |packet: &Value| {
                let addresses = list(&packet["addresses"]);
                let prefixes = list(&packet["prefixes"]);
                let all = addresses.iter().map(|one| &one["address"]).chain(prefixes.iter().map(|one| &one["prefix"]));
                all.map(text).collect::<BTreeSet<_>>()
            };
            // Without packet lines only leases are seen.
            let is_seen = |packet: &&Value| {
                let has_lease = !leases(packet).is_empty()
                    && !matches!(packet["type"].as_str(), Some("CONFIRM" | "RELEASE" | "DECLINE"));
                packet["answer"] == name && (self.shows_packets() || has_lease)
            };
            let of_truth =
                |packet: &Value| format!("{} {} {:?}", text(&packet["duid"]), text(&packet["xid"]), leases(packet));
            let expected = bag(self.packets(6).iter().filter(is_seen).map(of_truth));
            let of_ours = |one: &Value| {
                let leases: BTreeSet<_> = list(&one["addresses"]).iter().map(text).collect();
                format!("{} {} {leases:?}", text(&one["client"]["duid"]), text(&one["xid"]))
            };
            let found = bag(ours.iter().filter(|one| one["answer"] == name).map(of_ours));
            assert_eq!(found, expected, "{}: {name}", self.name);
        }
    }

    fn offers(&self) {
        let unheard = self.unheard();
        let ours = self.records("--unanswered-offers");
        let ours = ours.iter().filter(|one| one["client"]["duid"].is_null());
        let found: BTreeMap<_, _> =
            ours.map(|one| (text(&one["client"]["hw-address"]), one["addresses"].clone())).collect();
        let found: BTreeMap<_, _> = found.into_iter().filter(|(mac, _)| !unheard.contains(mac)).collect();
        let expected: BTreeMap<_, _> = self.truth["offered_never_acked4"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(mac, all)| (mac.clone(), all.clone()))
            .collect();
        assert_eq!(found, expected, "{}: offered and never acknowledged", self.name);
    }

    /// NAKs, failed allocations with their places, unknown relays.
    fn facts4(&self) {
        let document = self.document();
        let ours = &document["dhcp4"];
        let naks = self.packets(4).iter().filter(|packet| packet["answer"] == "DHCPNAK").count();
        let expected = if self.shows_packets() { naks.into() } else { Value::Null };
        assert_eq!(ours["naks-sent"], expected, "{}: NAKs", self.name);
        let steps = |names: &[&str]| {
            let failed =
                |packet: &&Value| packet["answer"].is_null() && names.iter().any(|name| packet["step"] == *name);
            self.packets(4).iter().filter(failed).count() as u64
        };
        let counted = |is_it: &dyn Fn(&Value) -> bool| {
            list(&ours["allocation-failures"])
                .iter()
                .filter(|one| is_it(one))
                .map(|one| one["count"].as_u64().unwrap())
                .sum::<u64>()
        };
        for (step, subnet, cause) in [
            ("pool-full", 20, "no-free-address"),
            ("class-only", 50, "no-pools"),
            ("short-refused", 60, "no-free-address"),
            ("no-pools", 70, "no-pools"),
        ] {
            let found = counted(&|one| one["subnet-id"] == subnet && one["cause"] == cause);
            assert_eq!(found, steps(&[step]), "{}: {step}", self.name);
        }
        let in_network = counted(&|one| one["shared-network"] == "hall-b");
        assert_eq!(in_network, steps(&["shared-full"]), "{}: shared network", self.name);
        let all = counted(&|_| true);
        assert_eq!(
            all,
            steps(&["pool-full", "class-only", "short-refused", "no-pools", "shared-full", "db-down"]),
            "{}",
            self.name
        );
        let is_unknown = |packet: &&Value| packet["step"] == "unknown-relay";
        let relays = bag(self.packets(4).iter().filter(is_unknown).map(|packet| text(&packet["via"])));
        let found: Bag = list(&ours["unknown-relays"])
            .iter()
            .map(|one| (text(&one["address"]), one["count"].as_u64().unwrap()))
            .collect();
        assert_eq!(found, relays, "{}: unknown relays", self.name);
    }

    /// Who has what at the end is what the database had.
    fn leases(&self) {
        let ours = self.records("--leases");
        for (key, is_v6, daemon) in [("leases4_end", false, "dhcp4"), ("leases6_end", true, "dhcp6")] {
            if self.truth[key].is_null() || !self.has.contains(&daemon) {
                continue;
            }
            let database = list(&self.truth[key]);
            let owner = |lease: &Value| if is_v6 { text(&lease["duid"]) } else { text(&lease["hw-address"]) };
            let address = |lease: &Value| match lease["prefix-len"].as_u64().filter(|length| *length < 128) {
                Some(length) => format!("{}/{length}", text(&lease["ip-address"])),
                None => text(&lease["ip-address"]),
            };
            let in_state = |state: u64| database.iter().filter(move |lease| lease["state"] == state);
            let own = |state: &'static str| {
                ours.iter()
                    .filter(move |one| one["state-at-end"] == state && text(&one["address"]).contains(':') == is_v6)
            };
            let expected = bag(in_state(0).map(|lease| format!("{} {}", address(lease), owner(lease))));
            let found = bag(own("active").map(|one| {
                let client = &one["client"];
                format!(
                    "{} {}",
                    text(&one["address"]),
                    text(if is_v6 { &client["duid"] } else { &client["hw-address"] })
                )
            }));
            assert_eq!(found, expected, "{}: {key}", self.name);
            let expected = bag(in_state(1).map(address));
            assert_eq!(
                bag(own("declined").map(|one| text(&one["address"]))),
                expected,
                "{}: {key}, declined",
                self.name
            );
        }
    }

    fn commands(&self) {
        if self.truth["api"].is_null() || self.has != ALL {
            return;
        }
        let document = self.document();
        let is_ambiguous = |command: &str| matches!(command, "config-reload" | "shutdown");
        let shows_sockets = self.truth["severity"] == "DEBUG" || self.release() < (2, 3);
        let ran = list(&self.truth["api"])
            .into_iter()
            .filter(|one| !one["command"].is_null() && one["http"] != 401 && one["http"] != 400);
        let expected = bag(ran.filter_map(|one| {
            let command = text(&one["command"]);
            // What the agent could not pass on, it alone has seen.
            let is_passed = one["transport"] != "ctrl-agent" || one["result"] == 0;
            let server = if is_passed { text(&one["server"]) } else { "ctrl-agent".to_owned() };
            let is_shown = shows_sockets || !is_ambiguous(&command);
            is_shown.then(|| format!("{server} {command} {}", text(&one["user"])))
        }));
        let mut found = Bag::new();
        for one in list(&document["commands"]) {
            let server = text(&one["server"]).replace("kea-dhcp-ddns", "ddns").replace("kea-", "");
            *found.entry(format!("{server} {} {}", text(&one["command"]), text(&one["user"]))).or_default() +=
                one["count"].as_u64().unwrap();
        }
        assert_eq!(found, expected, "{}: commands", self.name);
        let refused = list(&self.truth["api"]).iter().filter(|one| one["http"] == 401).count();
        let is_http = list(&self.truth["api"]).iter().any(|one| one["transport"] != "unix");
        if is_http {
            assert_eq!(document["requests-refused"], refused, "{}: refused", self.name);
        }
    }

    fn life(&self) {
        let document = self.document();
        let name = |server: &str| match server {
            "dhcp4" => "kea-dhcp4".to_owned(),
            "dhcp6" => "kea-dhcp6".to_owned(),
            "ddns" => "kea-dhcp-ddns".to_owned(),
            other => other.to_owned(),
        };
        let events = list(&self.truth["events"]);
        let is_here = |event: &&Value| {
            let server = text(&event["server"]);
            self.has.contains(&server.as_str()) || matches!(server.as_str(), "alpha" | "beta")
        };
        let of_kind = |kind: &'static str| events.iter().filter(is_here).filter(move |event| event["event"] == kind);
        let expected = bag(of_kind("up").map(|event| name(&text(&event["server"]))));
        let starts = list(&document["starts"]);
        let started =
            starts.iter().filter(|start| start["outcome"] == "started" && start["server"] != "kea-ctrl-agent");
        assert_eq!(bag(started.map(|start| text(&start["server"]))), expected, "{}: starts", self.name);
        let reloads: Vec<_> = list(&document["reloads"]).iter().map(|reload| reload["outcome"] != "ok").collect();
        let expected: Vec<_> = of_kind("reload").map(|event| event["ok"] == false).collect();
        assert_eq!(reloads, expected, "{}: reloads", self.name);
        let outages = list(&document["reloads"]).iter().filter(|reload| reload["outcome"] == "failed-outage").count();
        let after = self
            .packets(4)
            .iter()
            .filter(|packet| packet["step"] == "after-failed-reload" && packet["answer"].is_null())
            .count();
        assert_eq!(outages > 0, after > 0, "{}: a failed reload is an outage only where it was", self.name);
    }

    fn high_availability(&self) {
        if self.truth["ha"].is_null() {
            return;
        }
        let document = self.document();
        for server in ["alpha", "beta"] {
            let changes = list(&document["ha"]);
            let mut found: Vec<String> = Vec::new();
            for change in changes.iter().filter(|change| change["server"] == server) {
                found.push(text(&change["to"]));
            }
            // status-get is asked now and then, so that what it saw is a part of what happened.
            let seen: Vec<_> = list(&self.truth["ha"]["states"])
                .iter()
                .filter(|state| state["server"] == server && !state["state"].is_null() && state["state"] != "waiting")
                .map(|state| text(&state["state"]))
                .collect();
            let mut rest = found.iter();
            for state in &seen {
                assert!(rest.any(|found| found == state), "{}: {server}: {state} of {seen:?} in {found:?}", self.name);
            }
            assert_eq!(found.last(), seen.last(), "{}: {server}", self.name);
        }
    }

    /// The script ran as often as its library was called.
    fn callouts(&self) {
        let hooks = self.records("--hooks");
        if self.truth["severity"] != "DEBUG" {
            assert_eq!(hooks, Vec::<Value>::new(), "{}: callouts are not logged at INFO", self.name);
            return;
        }
        if self.truth["script"].is_null() {
            return;
        }
        let expected = bag(list(&self.truth["script"]).iter().map(|call| text(&call["callout"])));
        let mut found = Bag::new();
        let is_script = |one: &&Value| text(&one["library"]).ends_with("libdhcp_run_script.so");
        for one in hooks.iter().filter(is_script).filter(|one| !text(&one["hook-point"]).ends_with("srv_configured")) {
            *found.entry(text(&one["hook-point"])).or_default() += one["count"].as_u64().unwrap();
        }
        assert_eq!(found, expected, "{}: callouts of the script", self.name);
    }
}

/// Kea's own files of a run, with their rotated siblings.
fn own_files(folder: &Path) -> Vec<PathBuf> {
    files(folder, |name| name.contains(".log") && !name.contains("custom") && !name.contains("syslog"))
}

fn releases() -> [&'static str; 3] {
    ["2.2.0", "2.6.3", "3.0.4"]
}

fn check_runs(run: &str, has: &'static [&'static str]) {
    for release in releases() {
        let folder = recordings().join(release).join(run);
        Case::new(&format!("{release} {run}"), &folder, own_files(&folder), has).check();
    }
}

#[test]
fn files_at_info_say_what_happened() {
    check_runs("main-info", ALL);
}

#[test]
fn files_at_debug_say_what_happened() {
    check_runs("main-55", ALL);
}

#[test]
fn rotated_files_say_what_happened() {
    check_runs("main-99", &["dhcp4", "dhcp6"]);
}

#[test]
fn pairs_say_what_happened() {
    check_runs("ha-info", &["dhcp4"]);
    check_runs("ha-55", &["dhcp4"]);
}

#[test]
fn a_server_without_its_database_says_so() {
    check_runs("db-info", &["dhcp4"]);
}

#[test]
fn every_shape_says_the_same() {
    for release in releases() {
        let folder = recordings().join(release).join("main-info");
        for shape in [
            "journal.json",
            "journal.export",
            "journalctl-short.txt",
            "journalctl-short-iso-precise.txt",
            "syslog-datagrams",
            "syslog-rfc3339",
            "syslog-traditional",
            "custom",
        ] {
            let found = files(&folder, |name| name.contains(shape));
            if !found.is_empty() {
                Case::new(&format!("{release} {shape}"), &folder, found, ALL).check();
            }
        }
    }
}

#[test]
fn lines_without_time_and_daemon_say_the_same() {
    for release in releases() {
        let folder = recordings().join(release).join("main-info");
        let mut case = Case::new(
            &format!("{release} stdout"),
            &folder,
            vec![folder.join("stdout.txt.gz")],
            &["dhcp4", "dhcp6", "ddns"],
        );
        case.has_times = false;
        case.check();
    }
}

#[test]
fn shapes_that_people_paste_say_the_same() {
    let folder = recordings().join("2.6.3");
    for path in files(&folder.join("forms"), |_| true) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        Case::new(&name, &folder.join("main-info"), vec![path], &["dhcp4"]).check();
    }
}

#[test]
fn syslog_at_debug_says_the_same() {
    let folder = recordings().join("3.0.4/main-55");
    Case::new("3.0.4 syslog at debug", &folder, vec![folder.join("syslog-traditional.log.gz")], ALL).check();
}
