//! Which questions go to which daemon, and how often.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use kea_tools::cli::keactrl_status;
use kea_tools::testing::ProgramRun;
use serde_json::{Value, json};

use super::harness::{Ran, Replay, run_at, series};
use crate::control::fake::{Fake, Reply};

const NOW: i64 = 1_795_960_000;

/// How often each command was sent.
pub(super) fn commands(fake: &Fake) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for command in fake.asked() {
        *all.entry(command["command"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    all
}

/// A server with so many subnets.
pub(super) fn large(subnets: u32) -> Replay {
    let rows: Vec<_> = (1..=subnets).map(|subnet| json!([subnet, 200, 7, 5, 1])).collect();
    let columns =
        ["subnet-id", "total-addresses", "cumulative-assigned-addresses", "assigned-addresses", "declined-addresses"];
    let all: Vec<_> = (1..=subnets)
        .map(|id| json!({ "id": id, "subnet": format!("10.{}.{}.0/24", id / 256, id % 256), "pools": [] }))
        .collect();
    Replay::new("2.2.0", 4)
        .with(
            "stat-lease4-get",
            json!({ "result": 0, "arguments": { "result-set": { "columns": columns, "rows": rows } } }),
        )
        .with("config-get", json!({ "result": 0, "arguments": { "Dhcp4": { "subnet4": all } } }))
}

#[test]
fn a_small_server_is_asked_for_everything_at_once() {
    let fake = Replay::new("3.0.4", 4).serve();
    run_at(NOW, &["--server", fake.address()]);
    let sent = commands(&fake);
    assert_eq!((sent["statistic-get-all"], sent["config-get"], sent["stat-lease4-get"]), (1, 1, 1));
    assert!(sent["statistic-get"] <= 3, "only what tells the daemons apart: {sent:?}");
}

#[test]
fn a_large_server_is_not_asked_for_all_statistics() {
    let fake = large(5000).serve();
    let ran = run_at(NOW, &["--server", fake.address()]);
    let sent = commands(&fake);
    assert!(!sent.contains_key("statistic-get-all"), "{sent:?}");
    let found = series(&ran.stdout);
    assert_eq!(found["kea_statistics_skipped{daemon=\"dhcp4\",reason=\"slow\"}"], 1.0);
    assert!(found.contains_key("kea_dhcp4_packets_received_total{operation=\"discover\"}"));
    // Declined ones are assigned too.
    let name = "kea_dhcp4_addresses_assigned_total{prefix=\"10.0.1.0/24\",shared_network=\"\",subnet=\"10.0.1.0/24\",subnet_id=\"1\"}";
    assert_eq!(found[name], 6.0);
}

#[test]
fn config_get_is_replaced_by_the_current_file_on_this_host() {
    let folder = tempfile::tempdir().unwrap();
    let (server, file) = (large(1000), folder.path().join("kea-dhcp4.conf"));
    let fake = server.clone().serve();
    let mut config = server.answer(&json!({ "command": "config-get" }))["arguments"].clone();
    config["Dhcp4"]["control-socket"] = json!({ "socket-type": "unix", "socket-name": fake.address() });
    let mut sizes = |size: u32| {
        for subnet in config["Dhcp4"]["subnet4"].as_array_mut().unwrap() {
            let start = subnet["subnet"].as_str().unwrap().replace("0/24", "0").clone();
            let end = start.strip_suffix('0').unwrap().to_owned() + &(size - 1).to_string();
            subnet["pools"] = json!([{ "pool": format!("{start} - {end}") }]);
        }
        fs::write(&file, config.to_string()).unwrap();
    };
    let ask = |now: i64| run_at(now, &["-c", file.to_str().unwrap()]);
    // The server counts 200 addresses in each.
    sizes(200);
    let loaded = 2_000_000_000;
    assert!(ask(loaded).stdout.contains("kea_subnet_size{family=\"4\",subnet_id=\"1\",subnet=\"10.0.1.0/24\""));
    assert!(!commands(&fake).contains_key("config-get"), "{:?}", commands(&fake));
    // The file is another than it has loaded.
    sizes(100);
    ask(loaded);
    assert_eq!(commands(&fake)["config-get"], 1);
    // The file is newer than what it has loaded.
    sizes(200);
    ask(NOW - 1_000_000_000);
    assert_eq!(commands(&fake)["config-get"], 2);
}

#[test]
fn leases_are_asked_for_only_where_there_are_few() {
    let many = large(1).with(
        "stat-lease4-get",
        json!({ "result": 0, "arguments": { "result-set": { "columns": ["subnet-id", "assigned-addresses"], "rows": [[1, 50_001]] } } }),
    );
    let fake = many.serve();
    let ran = run_at(NOW, &["--server", fake.address()]);
    assert!(ran.stdout.contains("kea_leases_skipped{daemon=\"dhcp4\",reason=\"too_many\"} 1"), "{}", ran.stdout);
    assert!(!commands(&fake).contains_key("lease4-get-page"));
    let fake = Replay::new("2.2.0", 4).without("stat-lease4-get").without("statistic-get-all").serve();
    let ran = run_at(NOW, &["--server", fake.address()]);
    assert!(ran.stdout.contains("kea_leases_skipped{daemon=\"dhcp4\",reason=\"unknown_number\"} 1"), "{}", ran.stdout);
    let fake = Replay::new("2.2.0", 4).serve();
    let ran = run_at(NOW, &["--server", fake.address(), "--leases", "never"]);
    assert!(ran.stdout.contains("kea_leases_skipped{daemon=\"dhcp4\",reason=\"never\"} 1"), "{}", ran.stdout);
}

#[test]
fn without_subnets_and_pools_nothing_is_asked_for_them() {
    let fake = Replay::new("3.0.4", 6).serve();
    let ran = run_at(NOW, &["--server", fake.address(), "--no-subnets", "--no-pools"]);
    let sent = commands(&fake);
    assert!(!sent.contains_key("config-get") && !sent.contains_key("stat-lease6-get"), "{sent:?}");
    assert!(!ran.stdout.contains("subnet_id"), "{}", ran.stdout);
    assert!(ran.stdout.contains("kea_dhcp6_packets_received_total"), "{}", ran.stdout);
}

/// A Control Agent with a DHCPv4 and a DHCPv6 server.
fn agent() -> Fake {
    agent_without("")
}

/// The same where one of them does not run.
pub(crate) fn agent_without(dead: &'static str) -> Fake {
    Fake::web(move |command| Reply::Answer(agent_answer(command, dead)))
}

/// What it answers.
pub(crate) fn agent_answer(command: &Value, dead: &str) -> Value {
    let servers = [("dhcp4", 4), ("dhcp6", 6)];
    match (command["service"][0].as_str(), command["command"].as_str().unwrap()) {
        (None, "list-commands") => {
            json!({ "result": 0, "arguments": ["config-get", "list-commands", "status-get", "version-get"] })
        }
        (None, "status-get") => json!({ "result": 0, "arguments": { "pid": 9, "uptime": 100, "reload": 100 } }),
        (None, "version-get") => json!({ "result": 0, "text": "2.6.3" }),
        (None, _) => json!({ "result": 2, "text": "not supported" }),
        (Some(service), _) if service == dead => {
            let text = format!(
                "unable to forward command to the {service} service: Connection refused. The server is likely to be offline"
            );
            json!({ "result": 1, "text": text })
        }
        (Some(service), _) => match servers.iter().find(|(name, _)| *name == service) {
            Some((_, family)) => Replay::new("2.6.3", *family).answer(command),
            None => {
                json!({ "result": 1, "text": format!("forwarding socket is not configured for the server type {service}") })
            }
        },
    }
}

#[test]
fn behind_a_control_agent_every_server_is_found() {
    let fake = agent();
    let ran = run_at(NOW, &["--server", fake.address()]);
    let found = series(&ran.stdout);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    for daemon in ["dhcp4", "dhcp6", "ctrl_agent"] {
        assert_eq!(found[&format!("kea_up{{daemon=\"{daemon}\"}}")], 1.0);
    }
    assert!(!found.contains_key("kea_up{daemon=\"dhcp_ddns\"}"));
    assert!(found.keys().any(|name| name.starts_with("kea_pool_active{family=\"6\"")));
}

#[test]
fn a_server_that_its_control_agent_does_not_reach_is_down() {
    let fake = agent_without("dhcp4");
    let ran = run_at(NOW, &["--server", fake.address()]);
    let found = series(&ran.stdout);
    assert_eq!(found["kea_up{daemon=\"dhcp4\"}"], 0.0);
    assert_eq!(found["kea_up{daemon=\"dhcp6\"}"], 1.0);
    assert_eq!(found["kea_scrape_error{daemon=\"dhcp4\",reason=\"connection_refused\"}"], 1.0, "{}", ran.stdout);
}

#[test]
fn a_server_that_lists_no_commands_is_up() {
    let refusal = json!({ "result": 1, "text": "this command is not allowed" });
    let fake = Replay::new("3.0.4", 6).with("list-commands", refusal).serve();
    let ran = run_at(NOW, &["--server", fake.address()]);
    assert_eq!((ran.status, series(&ran.stdout)["kea_up{daemon=\"dhcp6\"}"]), (0, 1.0));
}

#[test]
fn a_file_of_servers_names_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("servers.toml");
    let (east, west) = (Replay::new("3.0.4", 4).serve(), agent());
    let text = format!(
        "[server.east]\nsocket = \"{}\"\n[server.west]\nurl = \"{}\"\nuser = \"u\"\npassword = \"s3cret\"\ndaemons = [\"dhcp6\"]\n",
        east.address(),
        west.address()
    );
    fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let refused = run_at(NOW, &["--servers", file]);
    assert!(
        refused.status == 2 && refused.stderr.contains("chmod 600") && !refused.stderr.contains("s3cret"),
        "{refused:?}"
    );
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    let found = series(&run_at(NOW, &["--servers", file]).stdout);
    assert_eq!(found["kea_up{daemon=\"dhcp4\",server=\"east\"}"], 1.0);
    assert_eq!(found["kea_up{daemon=\"dhcp6\",server=\"west\"}"], 1.0);
    assert!(!found.contains_key("kea_up{daemon=\"dhcp4\",server=\"west\"}"));
    assert!(west.heads().iter().all(|head| head.contains("authorization: basic")));
    // A single server needs no name.
    let found = series(&run_at(NOW, &["--servers", file, "--server", "east"]).stdout);
    assert_eq!(found["kea_up{daemon=\"dhcp4\"}"], 1.0);
}

#[test]
fn a_file_for_the_collector_is_readable_and_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kea.prom");
    let fake = Replay::new("3.0.4", 4).serve();
    let ran = run_at(NOW, &["--server", fake.address(), "-o", file.to_str().unwrap()]);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.ends_with(&format!("kea_last_run_timestamp_seconds {NOW}\n")), "{text}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
    // A dead server is written too.
    let gone = folder.path().join("kea4-socket");
    let ran = run_at(NOW, &["--server", gone.to_str().unwrap(), "-o", file.to_str().unwrap()]);
    assert!(ran.status == 2 && ran.stderr.starts_with("kea-metrics: no daemon answered: "), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(fs::read_to_string(&file).unwrap().contains("kea_up{daemon=\"dhcp4\"} 0\n"));
}

#[test]
fn a_configuration_names_the_sockets() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Replay::new("2.2.0", 4).serve();
    let write = |name: &str, value: Value| {
        let path = folder.path().join(name);
        fs::write(&path, value.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let socket = json!({ "socket-type": "unix", "socket-name": fake.address() });
    let four = write("kea-dhcp4.conf", json!({ "Dhcp4": { "control-socket": socket } }));
    let ran = run_at(NOW, &["-c", &four]);
    assert!(
        ran.status == 0 && ran.stdout.contains("kea_config_modified_timestamp_seconds{daemon=\"dhcp4\"}"),
        "{ran:?}"
    );
    // The same one twice is one, and two of one kind need names.
    let ran = run_at(NOW, &["-c", &four, "-c", &four]);
    assert!(ran.stdout.contains("kea_up{daemon=\"dhcp4\"} 1"), "{}", ran.stdout);
    let second = Replay::new("2.2.0", 4).serve();
    let socket = json!({ "socket-type": "unix", "socket-name": second.address() });
    let other = write("other.conf", json!({ "Dhcp4": { "control-socket": socket } }));
    let ran = run_at(NOW, &["-c", &four, "-c", &other]);
    let folder = second.address().rsplit('/').nth(1).unwrap();
    let up = format!("kea_up{{server=\"{folder}/control\",daemon=\"dhcp4\"}} 1");
    assert!(ran.stdout.contains(&up), "{}", ran.stdout);
    let none = write("none.conf", json!({ "Dhcp4": {} }));
    let ran = run_at(NOW, &["-c", &none]);
    assert!(ran.status == 2 && ran.stderr.contains("it names no control socket"), "{}", ran.stderr);
}

#[test]
fn a_family_has_one_description_in_two_files() {
    let descriptions = |ran: &Ran| {
        let lines = ran.stdout.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split_once(' '));
        lines.map(|(name, text)| (name.to_owned(), text.to_owned())).collect::<BTreeMap<_, _>>()
    };
    let ours = descriptions(&run_at(NOW, &["--server", Replay::new("3.0.4", 4).serve().address()]));
    let machine = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/machine");
    let status =
        ProgramRun::default().run("keactrl-status", keactrl_status::run, ["--root", machine, "-f", "prometheus"]);
    let theirs = descriptions(&status);
    assert_eq!(theirs["kea_up"], ours["kea_up"]);
    for (name, text) in &ours {
        assert!(theirs.get(name).is_none_or(|other| other == text), "{name}: {text}");
    }
}

#[test]
fn mistakes_on_the_command_line_are_reported() {
    for (arguments, expected) in [
        (&["--server", "east"][..], "this is neither a path nor a URL"),
        (&["--server", "kea.example:8000"], "http://kea.example:8000 means a server of HTTP"),
        (&["--listen", "--output", "x"], "cannot be used with"),
        (&["--servers", "/nowhere"], "No such file or directory"),
        (&["-c", "/x", "--server", "/y"], "--config cannot be used with"),
        (&["--listen", "--min-interval", "soon"], "expected a time such as 5s"),
        (&["--min-interval", "5s"], "--listen"),
        (&["--timeout", "0"], "the time must be more than 0"),
        (&["--names", "storck"], "stork"),
    ] {
        let ran = run_at(NOW, arguments);
        assert!(ran.status == 2 && ran.stderr.contains(expected), "{arguments:?}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn files_of_the_configuration_are_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let config = json!({ "Dhcp4": {
        "control-socket": { "socket-type": "unix", "socket-name": path("socket") },
        "lease-database": { "type": "memfile", "name": path("leases.csv") },
        "loggers": [{ "name": "kea-dhcp4", "output_options": [{ "output": path("kea.log") }] }] } });
    fs::write(path("kea.conf"), config.to_string()).unwrap();
    for name in ["leases.csv", "kea.log", "kea.conf"] {
        let before = fs::read(path(name)).ok();
        let ran = run_at(NOW, &["-c", &path("kea.conf"), "-o", &path(name)]);
        assert!(ran.status == 2 && ran.stderr.contains("a running server would lose it"), "{name}: {ran:?}");
        assert_eq!(fs::read(path(name)).ok(), before);
    }
}
