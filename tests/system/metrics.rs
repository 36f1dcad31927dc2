//! kea-metrics between real servers of Kea and a real Prometheus: the queries of dashboards, recording rules and alerts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use kea_tools::family::Family;
use serde_json::{Value, json};

use crate::kea::{Instance, Kea, Network, traffic};
use crate::program::{kea_metrics, must, run};
use crate::wait::wait_for_what;

/// Queries of Stork's dashboards and of public alerts for kea-exporter, in their shape.
const OF_OTHERS: [&str; 17] = [
    "kea_dhcp4_addresses_assigned_total / kea_dhcp4_addresses_total > 0.9",
    "max by (subnet) (kea_dhcp4_addresses_assigned_total / kea_dhcp4_addresses_total) > 0.8",
    "kea_dhcp4_addresses_assigned_total{pool=\"\"}",
    "rate(kea_dhcp4_packets_received_total{operation=\"parse-failed\"}[5m]) >= 0",
    "rate(kea_dhcp4_reservation_conflicts_total[5m]) >= 0",
    "sum by (operation) (rate(kea_dhcp4_packets_sent_total{instance=~\".*\",operation=~\"ack|nak\"}[1m]))",
    "kea_dhcp4_addresses_assigned_total{subnet=~\".*\",shared_network=~\".*\"} / kea_dhcp4_addresses_total",
    "kea_dhcp4_pool_addresses_assigned_total{pool_id=~\".*\"} / kea_dhcp4_pool_addresses_total{pool_id=~\".*\"}",
    "kea_dhcp4_addresses_declined_total{subnet=~\".*\"}",
    "kea_dhcp6_na_assigned_total / kea_dhcp6_na_total",
    "kea_dhcp6_pd_assigned_total / kea_dhcp6_pd_total",
    "kea_dhcp6_pool_na_assigned_total / kea_dhcp6_pool_na_total",
    "kea_dhcp6_pool_pd_total{pool_id=~\".*\"}",
    "storkserver_subnet_address_utilization{subnet=~\".*\"}",
    "storkserver_subnet_pd_utilization",
    "storkserver_shared_network_assigned_na / storkserver_shared_network_total_na",
    "rate(kea_dhcp6_packets_received_total{operation=~\"solicit|request\"}[1m])",
];

/// Alerts that fire when a pool is filled, and when a server ends.
const WHEN_FULL: &str = "KeaPoolFull";
const WHEN_GONE: &str = "KeaDown";

fn packaging(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/prometheus").join(name)
}

#[test]
#[ignore = "needs Kea and Prometheus: run scripts/test"]
fn prometheus_has_data_for_every_query_and_alerts_fire() {
    scrape(&Kea::debian12());
}

#[test]
#[ignore = "needs Prometheus: run scripts/test"]
fn promtool_accepts_the_rules_and_their_tests() {
    must(
        Command::new("promtool")
            .args(["check", "rules"])
            .arg(packaging("kea-rules.yml"))
            .arg(packaging("kea-alerts.yml")),
    );
    must(Command::new("promtool").args(["test", "rules"]).arg(packaging("kea-alerts-test.yml")));
    must(Command::new("promtool").args(["check", "config"]).arg(packaging("scrape.yml")));
}

#[test]
#[ignore = "needs systemd and root: run scripts/test"]
fn each_socket_of_systemd_is_served() {
    let (network, folder) = (Network::new(), tempfile::tempdir().unwrap());
    let log = folder.path().join("log");
    let mut command = network.server_side("systemd-socket-activate");
    command.args(["-l", "127.0.0.1:9547", "-l", "[::1]:9547"]);
    command.arg(kea_metrics().get_program()).args(["--listen", "--server", "/nowhere"]);
    let running = Running::start(&mut command, &log);
    let get = "import sys, urllib.request as r; print(r.urlopen(sys.argv[1], timeout=5).read())";
    for address in ["127.0.0.1:9547", "[::1]:9547"] {
        let url = format!("http://{address}/-/healthy");
        let said = || format!("an answer at {url}; {}", fs::read_to_string(&log).unwrap_or_default());
        let is_there = || run(network.server_side("python3").args(["-c", get, &url])).stdout.contains("OK");
        wait_for_what(&said, || is_there().then_some(()));
    }
    drop(running);
}

/// A process that ends when it is dropped.
struct Running(Child);

impl Running {
    fn start(command: &mut Command, log: &Path) -> Self {
        let log = fs::File::create(log).unwrap();
        let command = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        Self(command.spawn().unwrap_or_else(|cause| panic!("{command:?}: {cause}")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Everything works with this release.
pub(crate) fn scrape(kea: &Kea) {
    let network = Network::new();
    let v4 = Instance::memfile_and(kea, Family::V4, |_| four(kea));
    let v6 = Instance::memfile_and(kea, Family::V6, |_| six(kea));
    let (server4, server6) = (v4.start(&network), v6.start(&network));
    traffic::clients4(&network, 4);
    let folder = v4.scratch("");
    let d2 = ddns(&network, kea, &v4);
    let listening = {
        let mut command = network.server_side(kea_metrics().get_program().to_str().unwrap());
        command
            .args(["--listen", "127.0.0.1:9547", "--min-interval", "0s", "--leases", "always", "--server"])
            .arg(&server4.control.0);
        command.arg("--server").arg(&server6.control.0);
        if d2.is_some() {
            command.arg("--server").arg(v4.scratch("run/d2"));
        }
        Running::start(&mut command, &folder.join("kea-metrics"))
    };
    let served = latency(&network, &folder);
    let prometheus = prometheus(&network, &folder);

    let is_of_trouble = |query: &&String| ["kea_scrape_error", "_skipped"].iter().any(|name| query.contains(name));
    let dashboard = dashboard();
    let usual = dashboard.iter().filter(|query| !is_of_trouble(query));
    for query in usual.filter(|query| d2.is_some() || !query.contains("kea_ddns")) {
        has_data(&network, query, &folder);
    }
    for query in rules() {
        has_data(&network, &query, &folder);
    }
    traffic::clients4(&network, 20);
    for query in OF_OTHERS {
        has_data(&network, query, &folder);
    }
    has_data(&network, &firing(WHEN_FULL), &folder);
    server4.stop();
    for query in dashboard.iter().filter(|query| query.contains("kea_scrape_error")) {
        has_data(&network, query, &folder);
    }
    has_data(&network, &format!("{} and on() {}", firing(WHEN_GONE), "kea_up{daemon=\"dhcp4\"} == 0"), &folder);
    // Its other series have ended.
    let pools = "kea_pool_size{family=\"4\"}";
    wait_for_what(&|| format!("the end of {pools}"), || query(&network, pools).trim().is_empty().then_some(()));
    drop((prometheus, served, listening, d2, server6));
}

fn hooks(kea: &Kea, more: &[Value]) -> Value {
    let names = ["libdhcp_lease_cmds.so", "libdhcp_stat_cmds.so"];
    names.iter().map(|name| json!({ "library": kea.hook(name) })).chain(more.iter().cloned()).collect()
}

/// A small pool, and a shared network.
fn four(kea: &Kea) -> Value {
    json!({
        "hooks-libraries": hooks(kea, &[]),
        "multi-threading": { "enable-multi-threading": true, "thread-pool-size": 2, "packet-queue-size": 16 },
        "subnet4": [{ "id": 1, "subnet": "10.77.0.0/16", "pools": [{ "pool": "10.77.1.0 - 10.77.1.9" }] }],
        "shared-networks": [{ "name": "hall", "subnet4": [
            { "id": 2, "subnet": "10.78.0.0/24", "pools": [{ "pool": "10.78.0.10-10.78.0.19" }] },
        ] }],
    })
}

/// A server with a partner that does not run.
fn six(kea: &Kea) -> Value {
    let peer = |name: &str, port: u16, role: &str| json!({ "name": name, "url": format!("http://127.0.0.1:{port}/"), "role": role });
    let pair = json!({ "library": kea.hook("libdhcp_ha.so"), "parameters": { "high-availability": [{
        "this-server-name": "one",
        "mode": "hot-standby",
        "heartbeat-delay": 1000,
        "peers": [peer("one", 18001, "primary"), peer("two", 18002, "standby")],
    }] } });
    json!({ "hooks-libraries": hooks(kea, &[pair]) })
}

/// Debian 12's server for the DNS.
fn ddns(network: &Network, kea: &Kea, instance: &Instance) -> Option<Running> {
    if kea.root().is_some() {
        return None;
    }
    let file = instance.scratch("d2.conf");
    let socket = instance.scratch("run/d2");
    let text = json!({ "DhcpDdns": {
        "ip-address": "127.0.0.1",
        "port": 53001,
        "control-socket": { "socket-type": "unix", "socket-name": socket },
        "loggers": [{ "name": "kea-dhcp-ddns", "severity": "INFO", "output_options": [{ "output": instance.scratch("log/d2") }] }],
    } });
    fs::write(&file, text.to_string()).unwrap();
    let mut command = network.server_side("kea-dhcp-ddns");
    command
        .arg("-c")
        .arg(file)
        .env("KEA_PIDFILE_DIR", instance.scratch("run"))
        .env("KEA_LOCKFILE_DIR", instance.scratch("run"));
    Some(Running::start(&mut command, &instance.scratch("d2-console")))
}

/// What dhcping measures, where Prometheus finds it: a web server is the place of the node exporter.
fn latency(network: &Network, folder: &Path) -> Running {
    let mut command = network.client_side(env!("CARGO_BIN_EXE_dhcping"));
    let measured = run(command.args(["-I", "client", "-f", "prometheus", "-t", "5"]));
    assert!(measured.stdout.contains("dhcping_rtt_mean_seconds"), "{measured:?}");
    let web = folder.join("web");
    fs::create_dir(&web).unwrap();
    fs::write(web.join("metrics"), measured.stdout).unwrap();
    let mut command = network.server_side("python3");
    command.args(["-m", "http.server", "--bind", "127.0.0.1", "--directory"]).arg(web).arg("9100");
    Running::start(&mut command, &folder.join("web-log"))
}

fn prometheus(network: &Network, folder: &Path) -> Running {
    let alerts = fs::read_to_string(packaging("kea-alerts.yml")).unwrap();
    // Alerts need not last here.
    let lasting = |line: &&str| line.trim_start().starts_with("for:");
    let hasty: Vec<_> = alerts.lines().filter(|line| !lasting(line)).collect();
    let hasty = hasty.join("\n");
    fs::write(folder.join("alerts.yml"), hasty).unwrap();
    let scraped = fs::read_to_string(packaging("scrape.yml")).unwrap().replace("15s", "1s");
    let config = format!(
        "global:\n  evaluation_interval: 1s\n  scrape_interval: 1s\nrule_files: ['{}', '{}']\n{scraped}  - job_name: node\n    \
         static_configs:\n      - targets: ['127.0.0.1:9100']\n",
        packaging("kea-rules.yml").display(),
        folder.join("alerts.yml").display()
    );
    fs::write(folder.join("prometheus.yml"), config).unwrap();
    let mut command = network.server_side("prometheus");
    command.arg(format!("--config.file={}", folder.join("prometheus.yml").display()));
    command.arg(format!("--storage.tsdb.path={}", folder.join("tsdb").display()));
    command.arg("--web.listen-address=127.0.0.1:9090");
    Running::start(&mut command, &folder.join("prometheus-log"))
}

/// The queries of the dashboard, with its variables set.
fn dashboard() -> Vec<String> {
    let text = fs::read_to_string(packaging("kea-dashboard.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let queries: Vec<_> = targets.map(|target| target["expr"].as_str().unwrap()).collect();
    assert!(queries.len() > 20, "{queries:?}");
    queries
        .iter()
        .map(|query| query.replace("$instance", ".*").replace("$server", ".*").replace("$__rate_interval", "1m"))
        .collect()
}

/// What the recording rules record.
fn rules() -> Vec<String> {
    let text = fs::read_to_string(packaging("kea-rules.yml")).unwrap();
    text.lines().filter_map(|line| line.trim().strip_prefix("- record: ")).map(str::to_owned).collect()
}

fn firing(alert: &str) -> String {
    format!("ALERTS{{alertname=\"{alert}\",alertstate=\"firing\"}}")
}

/// What Prometheus answers.
fn query(network: &Network, query: &str) -> String {
    let mut command = network.server_side("promtool");
    run(command.args(["query", "instant", "http://127.0.0.1:9090", query])).stdout
}

fn has_data(network: &Network, asked: &str, folder: &Path) {
    let log = || fs::read_to_string(folder.join("kea-metrics")).unwrap_or_default();
    wait_for_what(&|| format!("data for {asked}; {}", log()), || {
        (!query(network, asked).trim().is_empty()).then_some(())
    });
}
