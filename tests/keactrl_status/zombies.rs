//! Processes of an earlier run that their parent process does not wait for, beside a server that runs.

use serde_json::json;

use crate::keactrl_status::fake::Fake;
use crate::keactrl_status::harness::{Machine, PID, status_with};

/// The number of the process that has ended.
const ENDED: u32 = 55;

/// A machine whose server runs again; the process before has this number in its own namespace.
fn machine(fake: &Fake, inner: u32) -> Machine {
    let machine = Machine::behind(fake);
    let of = |name: &str| format!("/proc/{ENDED}/{name}");
    machine.file(&of("comm"), "kea-dhcp4\n");
    machine.file(&of("cmdline"), "");
    machine.file(&of("stat"), format!("{ENDED} (kea-dhcp4) Z 1 5 5 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 400000 1 2\n"));
    machine.file(&of("status"), format!("Name:\tkea-dhcp4\nUid:\t0\t0\t0\t0\nNSpid:\t{ENDED}\t{inner}\n"));
    machine
}

#[test]
fn a_zombie_beside_the_server_that_replaced_it_is_a_note() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = machine(&fake, ENDED);
    machine.assert_well();
    let facts = machine.facts("");
    assert_eq!((&facts["label"], &facts["process"]["pid"]), (&json!("dhcp4"), &json!(PID)), "{facts:#}");
    assert_eq!((&facts["zombies"], &facts["findings"][0]["id"]), (&json!([ENDED]), &json!("zombie")), "{facts:#}");
    let nagios = machine.run("-f nagios -s dhcp4");
    let note = "\n  OK: another process of it has ended and is a zombie (55): its parent process has not noticed\n";
    assert!(nagios.status == 0 && nagios.stdout.starts_with("KEA OK - dhcp4: serving for "), "{nagios:?}");
    assert!(nagios.stdout.contains(note), "{nagios:?}");
    let metrics = machine.run("-f prometheus -s dhcp4").stdout;
    assert_eq!(metrics.matches("\nkea_serving{").count(), 1, "{metrics}");
}

#[test]
fn a_zombie_that_nothing_has_replaced_is_critical() {
    let fake = Fake::unix(status_with(json!({})));
    let is_critical = |machine: &Machine| {
        let nagios = machine.run("-f nagios -s dhcp4");
        let reason = "process 55 has ended and is a zombie: its parent process has not noticed";
        assert!(nagios.status == 2 && nagios.stdout.contains(reason), "{nagios:?}");
    };
    // Another server, which its pid file names, was killed.
    let killed = machine(&fake, ENDED);
    killed.file("/run/kea/other.kea-dhcp4.pid", format!("{ENDED}\n"));
    is_critical(&killed);
    // It is a container's.
    is_critical(&machine(&fake, 7));
    // What runs is no server of Kea's.
    let machine = machine(&fake, ENDED);
    machine.file(&format!("/proc/{PID}/status"), format!("Name:\tx\nUid:\t4711\t4711\t4711\t4711\nNSpid:\t{PID}\n"));
    machine.file(&format!("/proc/{PID}/cgroup"), "0::/user.slice\n");
    machine.file(&format!("/proc/{PID}/cmdline"), "kea-dhcp4\0-c\0/tmp/x.conf\0");
    is_critical(&machine);
}

#[test]
fn a_table_of_servers_that_are_named_alike_fits() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = machine(&fake, ENDED);
    machine.file("/run/kea/kea-dhcp4.kea-dhcp4.pid", format!("{ENDED}\n"));
    let table = machine.run("-f table --width 80 -s dhcp4").stdout;
    assert!(table.contains("dhcp4 kea-dhcp4 1") || table.contains("kea-dhcp4 1"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
}
