//! What someone sees who has just installed it, or looks at a machine that is not as he thought.

use std::fs;

use serde_json::json;

use crate::keactrl_status::fake::Fake;
use crate::keactrl_status::harness::{Machine, PID, status_with};

/// A machine whose DHCPv4 server serves, with a DHCPv6 server installed beside it.
fn with_dhcp6(fake: &Fake) -> Machine {
    let machine = Machine::behind(fake);
    machine.file("/etc/kea/kea-dhcp6.conf", "{ \"Dhcp6\": {} }");
    machine.file("/usr/sbin/kea-dhcp6", "");
    machine
}

#[test]
fn a_configuration_that_was_never_started_is_a_remark() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = with_dhcp6(&fake);
    let ran = machine.run("");
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{ran:?}");
    let remark = "DHCPv6 server: inactive\nDHCPv6 server: OK: down; its configuration /etc/kea/kea-dhcp6.conf exists, but \
        it is not enabled, and nothing shows that it ever ran\n";
    assert!(ran.stdout.contains(remark), "{ran:?}");
    let nagios = machine.run("-f nagios");
    assert!(nagios.status == 0 && nagios.stdout.starts_with("KEA OK - dhcp4: serving for "), "{nagios:?}");
    assert_eq!(machine.run("-s dhcp4,dhcp6").status, 1, "named is expected");
}

#[test]
fn an_empty_log_is_no_sign_of_a_run() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = with_dhcp6(&fake);
    let log = "/var/log/kea/kea-dhcp6.log";
    let loggers = json!([{ "name": "kea-dhcp6", "output_options": [{ "output": log }] }]);
    machine.file("/etc/kea/kea-dhcp6.conf", json!({ "Dhcp6": { "loggers": loggers } }).to_string());
    machine.file(log, "");
    assert_eq!(machine.run("").status, 0, "{:?}", machine.run(""));
    machine.file(log, "2026-11-20 10:36:40.000 INFO  [kea-dhcp6.dhcp6/9.1] DHCP6_STARTED x\n");
    assert_eq!(machine.run("").status, 1, "{:?}", machine.run(""));
}

#[test]
fn a_remark_on_one_of_several_servers_is_made_once() {
    let machine = Machine::with_dhcp4(&json!({}));
    // The one that runs is a container's.
    machine.file(&format!("/proc/{PID}/status"), format!("Name:\tkea-dhcp4\nUid:\t0\t0\t0\t0\nNSpid:\t{PID}\t1\n"));
    machine.file(&format!("/proc/{PID}/cgroup"), "0::/\n");
    for left in ["/run/kea/kea-dhcp4.kea-dhcp4.pid", "/var/log/kea/kea-dhcp4.log"] {
        fs::remove_file(machine.at(left)).unwrap();
    }
    let ran = machine.run("");
    assert_eq!(ran.stdout.matches("it is not enabled, and nothing shows that it ever ran").count(), 1, "{ran:?}");
    let nagios = machine.run("-f nagios");
    assert!(!nagios.stdout.lines().next().unwrap().contains("kea-dhcp4 2"), "{nagios:?}");
}

#[test]
fn where_nothing_runs_a_monitor_is_not_content() {
    let machine = Machine::empty();
    for digit in [4, 6] {
        machine.file(&format!("/etc/kea/kea-dhcp{digit}.conf"), format!("{{ \"Dhcp{digit}\": {{}} }}"));
        machine.file(&format!("/usr/sbin/kea-dhcp{digit}"), "");
    }
    let nagios = machine.run("-f nagios");
    assert_eq!(nagios.status, 3, "{nagios:?}");
    assert!(nagios.stdout.starts_with("KEA UNKNOWN - dhcp4: down; "), "{nagios:?}");
    let json = machine.run("-f json");
    assert!(json.status == 2 && json.stdout.contains("\n  \"state\": \"UNKNOWN\""), "{json:?}");
}

#[test]
fn a_server_that_has_run_before_is_missed() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = with_dhcp6(&fake);
    machine.file("/var/lib/kea/kea-leases6.csv", "address\n");
    let ran = machine.run("");
    assert!(
        ran.status == 1 && ran.stdout.contains("DHCPv6 server: CRITICAL: down: it cannot start from its lease file"),
        "{ran:?}"
    );
}

#[test]
fn without_kea_it_is_said_what_was_looked_for() {
    let machine = Machine::empty();
    for arguments in ["", "-f table"] {
        let ran = machine.run(arguments);
        assert_eq!(ran.status, 2, "{ran:?}");
        for text in [
            "no daemon of Kea was found running",
            "looked for processes kea-dhcp4, ",
            "looked for pid files in /run/kea",
        ] {
            assert!(ran.stderr.contains(text), "{text}: {ran:?}");
        }
    }
    let nagios = machine.run("-f nagios");
    assert!(nagios.status == 3 && nagios.stdout.contains("\nlooked for configurations in /etc/kea, "), "{nagios:?}");
}

#[test]
fn a_root_that_does_not_exist_is_an_error() {
    let machine = Machine::empty();
    let place = machine.at("/");
    fs::remove_dir_all(&place).unwrap();
    let assert_refused = |cause: &str| {
        let ran = machine.run("");
        assert!(ran.status == 2 && ran.stdout.is_empty(), "{ran:?}");
        assert!(ran.stderr.starts_with("keactrl-status: look at the machine in /"), "{ran:?}");
        assert!(ran.stderr.contains(&format!(": {cause} (--root names a directory")), "{ran:?}");
    };
    assert_refused("No such file or directory");
    fs::write(place.to_str().unwrap().trim_end_matches('/'), "").unwrap();
    assert_refused("not a directory");
}

#[test]
fn the_word_has_the_colour_of_the_verdict() {
    let word = |machine: &Machine| machine.run("-s dhcp4 --color always").stdout.lines().next().unwrap().to_owned();
    let fake = Fake::unix(status_with(json!({})));
    assert_eq!(word(&Machine::behind(&fake)), "DHCPv4 server: \u{1b}[92mactive\u{1b}[0m");
    let state = json!({ "globally-disabled": true, "disabled-by-user": true });
    let fake = Fake::unix(status_with(json!({ "dhcp-state": state })));
    let machine = Machine::behind(&fake);
    assert_eq!(word(&machine), "DHCPv4 server: \u{1b}[91mactive\u{1b}[0m");
    let finding = machine.run("-s dhcp4 --color always").stdout.lines().nth(1).unwrap().to_owned();
    assert!(finding.starts_with("DHCPv4 server: \u{1b}[91mCRITICAL\u{1b}[0m: it serves no client"), "{finding}");
}

#[test]
fn findings_fit_the_screen_and_no_word_is_broken() {
    let errors = json!(["failed to open a socket on interface eth1 with address 192.0.2.1, reason: it is not running"]);
    let fake = Fake::unix(status_with(json!({ "sockets": { "status": "failed", "errors": errors } })));
    let machine = Machine::behind(&fake);
    let whole = machine.run("-s dhcp4").stdout;
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    for narrow in [machine.run_on(Some(50), &[], "-s dhcp4"), machine.run_on(None, &[("COLUMNS", "50")], "-s dhcp4")] {
        assert!(narrow.stdout.lines().count() > whole.lines().count(), "{narrow:?}");
        assert_eq!(words(&narrow.stdout.replace("\u{1b}[93m", "").replace("\u{1b}[0m", "")), words(&whole));
        let is_long = |line: &&str| line.chars().filter(|c| !c.is_control()).count() > 60 && !line.contains("/etc/kea");
        assert!(!narrow.stdout.lines().any(|line| is_long(&line)), "{narrow:?}");
    }
}

#[test]
fn a_removed_interface_is_named_by_the_configuration() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    let packet = "sk RefCnt Type Proto Iface R Rmem User Inode\nf 3 3 0003 -1 0 0 0 111\n";
    fs::write(machine.at(&format!("/proc/{PID}/net/packet")), packet).unwrap();
    machine.assert_said("not-serving", "CRITICAL", "interface-down", "it serves no client: interface eth0 was removed");
}

#[test]
fn a_lost_carrier_is_read_from_the_machine_itself() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    machine.file("/sys/class/net/eth0/operstate", "lowerlayerdown\n");
    let down = "interface eth0 is down (ip link set eth0 up)";
    machine.assert_said("not-serving", "CRITICAL", "interface-down", down);
    machine.file("/sys/class/net/eth0/carrier", "0\n");
    let unplugged = "interface eth0 has no link (check the cable at both ends)";
    machine.assert_said("not-serving", "CRITICAL", "interface-down", unplugged);
    // Another interface of that name says nothing.
    machine.file("/sys/class/net/eth0/ifindex", "9\n");
    machine.assert_said("unknown", "UNKNOWN", "link-unknown", "it is not known whether its interfaces are up");
}

#[test]
fn sockets_of_another_user_are_not_taken_for_none() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    for table in ["packet", "udp"] {
        let path = machine.at(&format!("/proc/{PID}/net/{table}"));
        let text = fs::read_to_string(&path).unwrap().replace(" 0 111", " 7 111").replace(" 0 0 112", " 7 0 112");
        fs::write(path, text).unwrap();
    }
    let facts = machine.facts("");
    assert_eq!((&facts["verdict"], &facts["sockets"]), (&json!("serving"), &json!(null)), "{facts:#}");
    assert_eq!(facts["unseen"][0], format!("the sockets of process {PID}: run as root with CAP_SYS_PTRACE"));
}
