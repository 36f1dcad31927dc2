//! What kea-log-report says of a server's log, compared with its lease database and with what its clients counted,
//! through a rotation.

use std::collections::BTreeSet;
use std::fs;

use kea_tools::family::Family;
use serde_json::{Value, json};

use crate::kea::{Instance, Kea, Network, traffic};
use crate::program::{kea_log_report, run};
use crate::wait::wait_for;

/// How much is logged, and how many clients fill more than one file with it.
const LEVELS: [(&str, u32, u32); 2] = [("INFO", 0, 700), ("DEBUG", 55, 60)];

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn the_log_says_what_database_and_clients_know() {
    compare(&Kea::debian12());
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn lines_of_a_growing_log_come_as_they_are_written() {
    let network = Network::new();
    let instance = Instance::memfile(&Kea::debian12(), Family::V4);
    let server = instance.start(&network);
    let log = instance.scratch("log/server.log");
    let mut follower = std::process::Command::new("bash");
    let script = "tail -n +1 -F \"$1\" 2>/dev/null | timeout 60 \"$2\" --isc - >\"$3\"";
    let lines = instance.scratch("isc");
    follower.args(["-c", script, "bash"]).arg(&log).arg(kea_log_report().get_program()).arg(&lines);
    let mut follower = follower.spawn().unwrap();
    // On a busy machine some of the three may be lost.
    let (_, acknowledged) = traffic::clients4_counted(&network, 3);
    wait_for("an acknowledgement as ISC dhcpd logs it", || {
        let text = fs::read_to_string(&lines).unwrap_or_default();
        (text.matches("DHCPACK on 10.77.1.").count() as u64 >= acknowledged.max(1)).then_some(())
    });
    server.stop();
    let tail = std::process::Command::new("pkill").args(["-P", &follower.id().to_string()]).status();
    assert!(tail.unwrap().success());
    follower.wait().unwrap();
}

#[test]
#[ignore = "needs Chromium: run scripts/test"]
fn a_browser_shows_the_page_with_its_plots() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let recording = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/logs/2.6.3/ha-55/alpha-dhcp4.log.gz");
    run(kea_log_report().args(["-f", "html", "-o"]).arg(&page).arg(recording)).expect_quiet_success();
    let mut browser = std::process::Command::new("timeout");
    browser.args(["120", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]);
    browser.arg(format!("--user-data-dir={}", folder.path().join("profile").display()));
    let shown = run(browser.arg(format!("file://{}", page.display())));
    assert_eq!(shown.status, 0, "{}", shown.stderr);
    // What a browser made of the page: three plots, a state of the pair in the timeline, and no script.
    assert_eq!(shown.stdout.matches("<svg ").count(), 3, "{}", shown.stdout);
    assert!(shown.stdout.contains("<title>hot-standby</title>"), "{}", shown.stdout);
    assert!(!shown.stdout.contains("<script"), "{}", shown.stdout);
}

/// The report, the database and the clients agree.
pub(crate) fn compare(kea: &Kea) {
    for (severity, level, clients) in LEVELS {
        let network = Network::new();
        let instance = Instance::memfile_and(kea, Family::V4, |folder| {
            let output = json!({ "output": folder.join("log/server.log"), "maxsize": 204_800, "maxver": 9 });
            json!({ "loggers": [{
                "name": "kea-dhcp4",
                "output_options": [output],
                "severity": severity,
                "debuglevel": level,
            }] })
        });
        let server = instance.start(&network);
        let counted = traffic::clients4_counted(&network, clients);
        let leases = leases(&server.control.command("lease4-get-all", None));
        traffic::release4(&network, &leases[0]);
        traffic::decline4(&network, &leases[1]);
        let after = || self::leases(&server.control.command("lease4-get-all", None));
        wait_for("the release and the decline", || {
            let rest = after();
            let holds = |lease: &&Value| is_active(lease) && lease["ip-address"] == leases[0]["ip-address"];
            let declined = rest.iter().filter(|lease| lease["state"] == 1).count();
            (rest.iter().find(holds).is_none() && declined == 1).then_some(())
        });
        let database = after();
        server.stop();
        assert!(instance.scratch("log/server.log.1").exists(), "{severity}: the log was rotated");

        let report = |arguments: &[&str]| {
            let outcome = run(kea_log_report().arg("-c").arg(instance.configuration()).args(arguments));
            outcome.expect_quiet_success();
            outcome.stdout
        };
        let stays: Vec<Value> =
            report(&["--leases", "-f", "ndjson"]).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let name = |lease: &Value, key: &str| lease[key].as_str().unwrap().to_owned();
        let in_state = |state: &str| {
            let own = stays.iter().filter(|stay| stay["state-at-end"] == state);
            own.map(|stay| (name(stay, "address"), name(&stay["client"], "hw-address"))).collect::<BTreeSet<_>>()
        };
        let active = database.iter().filter(|lease| is_active(lease));
        let active: BTreeSet<_> = active.map(|lease| (name(lease, "ip-address"), name(lease, "hw-address"))).collect();
        assert_eq!(in_state("active"), active, "{severity}");
        let of = |lease: &Value| BTreeSet::from([(name(lease, "ip-address"), name(lease, "hw-address"))]);
        assert_eq!((in_state("released"), in_state("declined")), (of(&leases[0]), of(&leases[1])), "{severity}");

        let document: Value = serde_json::from_str(&report(&["-f", "json"])).unwrap();
        // An answer that a client did not wait for is sent nevertheless.
        let (offers, answers) = (&document["dhcp4"]["answers"]["OFFER"], &document["dhcp4"]["answers"]["ACK"]);
        let (offered, acknowledged) = (offers.as_u64().unwrap(), answers.as_u64().unwrap());
        assert!(offered >= counted.0 && acknowledged >= counted.1, "{severity}: {offered} {acknowledged} {counted:?}");
        assert_eq!(acknowledged, u64::try_from(leases.len()).unwrap(), "{severity}");
        assert_eq!(document["starts"].as_array().unwrap().len(), 1, "{severity}");
        assert_eq!(document["starts"][0]["outcome"], "started", "{severity}");
    }
}

/// From 2.4 on a released lease may be kept for its client, over.
fn is_active(lease: &Value) -> bool {
    lease["state"] == 0 && lease["valid-lft"] != 0
}

fn leases(answer: &Value) -> Vec<Value> {
    answer["arguments"]["leases"].as_array().cloned().unwrap_or_default()
}
