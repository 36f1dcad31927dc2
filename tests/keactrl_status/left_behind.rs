//! What a server has left behind says that it should run, and why it does not.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::json;

use crate::keactrl_status::fake::Fake;
use crate::keactrl_status::harness::{HEADER, LOG, Machine, PID, status_with};

const CONFIGURATION: &str = "/etc/kea/kea-dhcp4.conf";
const LEASES: &str = "/var/lib/kea/kea-leases4.csv";

/// A machine whose server was stopped.
fn stopped() -> Machine {
    let machine = Machine::with_dhcp4(&json!({}));
    fs::remove_dir_all(machine.at(&format!("/proc/{PID}"))).unwrap();
    fs::remove_file(machine.at("/run/kea/kea-dhcp4.kea-dhcp4.pid")).unwrap();
    machine.file(LOG, "2026-11-20 11:00:00.000 INFO  [kea-dhcp4.dhcp4/9.1] DHCP4_SHUTDOWN server shutdown\n");
    machine.file(LEASES, HEADER);
    machine
}

/// A machine whose server has this lease file open.
fn running(open: &str) -> (Fake, Machine) {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    fs::create_dir_all(machine.at(&format!("/proc/{PID}/fd"))).unwrap();
    symlink(open, machine.at(&format!("/proc/{PID}/fd/9"))).unwrap();
    symlink("socket:[111]", machine.at(&format!("/proc/{PID}/fd/8"))).unwrap();
    machine.file(LEASES, HEADER);
    (fake, machine)
}

#[track_caller]
fn assert_down(machine: &Machine, arguments: &str, text: &str) {
    let line = format!("DHCPv4 server: CRITICAL: down: {text}");
    let classic = machine.run(arguments);
    assert!(classic.status == 1 && classic.stdout.contains(&line), "{text}: {classic:?}");
    let nagios = machine.run(&format!("-f nagios {arguments}"));
    let said = format!("KEA CRITICAL - dhcp4: down: {text}");
    assert!(nagios.status == 2 && nagios.stdout.starts_with(&said), "{text}: {nagios:?}");
}

#[test]
fn a_server_whose_configuration_is_gone_is_missed() {
    let machine = stopped();
    fs::remove_file(machine.at(CONFIGURATION)).unwrap();
    for arguments in ["", "-s dhcp4"] {
        assert_down(&machine, arguments, "its configuration /etc/kea/kea-dhcp4.conf does not exist");
    }
    // Its lease file alone, its log alone, and its socket alone say that it has run.
    let nothing = || {
        let machine = stopped();
        for path in [CONFIGURATION, LEASES, LOG] {
            fs::remove_file(machine.at(path)).unwrap();
        }
        machine
    };
    for path in [LEASES, LOG, "/run/kea/kea4-ctrl-socket"] {
        let machine = nothing();
        machine.file(path, "x\n");
        assert_down(&machine, "", "its configuration /etc/kea/kea-dhcp4.conf does not exist");
    }
    let idle = nothing().run("");
    assert!(idle.status == 2 && !idle.stdout.contains("CRITICAL"), "{idle:?}");
}

#[test]
fn a_start_that_failed_after_a_stop_is_the_reason() {
    let machine = stopped();
    let shutdown = fs::read_to_string(machine.at(LOG)).unwrap();
    let start = "2026-11-20 11:00:01.000 INFO  [kea-dhcp4.hosts/749.1] HOSTS_BACKENDS_REGISTERED x\n\
        2026-11-20 11:00:01.100 INFO  [kea-dhcp4.dhcp4/749.1] DHCP4_CONFIG_COMPLETE x\n\
        2026-11-20 11:00:01.200 INFO  [kea-dhcp4.dhcpsrv/749.1] DHCPSRV_PGSQL_DB opening PostgreSQL lease database: \
        name=kea password=Secret1 user=kea\n";
    machine.file(LOG, format!("{shutdown}{start}"));
    let text = "a start at 2026-11-20 11:00:01.000 (process 749) failed after DHCPSRV_PGSQL_DB: opening PostgreSQL lease database";
    assert_down(&machine, "", text);
    let ran = machine.run("-f json");
    assert!(!ran.stdout.contains("Secret1") && !ran.stdout.contains("it was stopped"), "{ran:?}");
    // What the stopped process itself says at its end is no start.
    let end = "2026-11-20 11:00:00.100 INFO  [kea-dhcp4.hooks/9.1] HOOKS_LIBRARY_CLOSED x\n";
    machine.file(LOG, format!("{shutdown}{end}"));
    assert_down(&machine, "", "it was stopped at 2026-11-20 11:00:00.000");
}

#[test]
fn a_lease_file_without_a_header_is_the_reason() {
    let machine = stopped();
    machine.file(LEASES, "192.0.2.1,02:00:00:00:00:01,,3600,1795176000,1,0,0,,0,\n");
    assert_down(&machine, "", "it cannot start from its lease file /var/lib/kea/kea-leases4.csv: ");
    // Kea makes a new file of an empty one.
    machine.file(LEASES, "");
    assert_down(&machine, "", "it was stopped at");
}

#[test]
fn a_cleanup_that_seems_to_run_is_the_reason() {
    let machine = stopped();
    machine.file(&format!("{LEASES}.pid"), "1\n");
    let text = "it cannot start: the pid file of its lease file cleanup, /var/lib/kea/kea-leases4.csv.pid, holds 1, which \
        belongs to \"init\" now (remove the file)";
    assert_down(&machine, "", text);
}

#[test]
fn a_configuration_that_its_user_cannot_read_is_the_reason() {
    let machine = stopped();
    let own = fs::metadata(machine.at(LEASES)).unwrap();
    machine.file("/etc/passwd", "root:x:0:0::/root:/bin/sh\n_kea:x:4711:4711::/:/bin/false\n");
    let set = |mode| fs::set_permissions(machine.at(CONFIGURATION), fs::Permissions::from_mode(mode)).unwrap();
    // Only root may give files away.
    if std::os::unix::fs::chown(machine.at(LEASES), Some(4711), None).is_err() {
        return assert_ne!(std::os::unix::fs::MetadataExt::uid(&own), 0);
    }
    set(0o600);
    assert_down(
        &machine,
        "",
        "its configuration /etc/kea/kea-dhcp4.conf cannot be read by _kea, to which its files belong",
    );
    set(0o644);
    assert_down(&machine, "", "it was stopped at");
}

#[test]
fn where_nothing_says_why_it_is_said_what_would() {
    let machine = stopped();
    machine.file(LOG, "");
    let text = "nothing here says why (kea-dhcp4 -t /etc/kea/kea-dhcp4.conf checks its configuration)";
    assert_down(&machine, "", text);
    for path in [LEASES, LOG] {
        fs::remove_file(machine.at(path)).unwrap();
    }
    assert_down(&machine, "-s dhcp4", "nothing ");
}

#[test]
fn a_daemon_without_its_program_is_down_for_that_reason() {
    let machine = stopped();
    let text = "CRITICAL: down: its program kea-dhcp6 is in none of the usual directories (install it)\n";
    let missing = machine.run("-s dhcp6");
    assert!(missing.status == 1 && missing.stdout.contains(text), "{missing:?}");
    let typed = machine.run("-s dchp4");
    assert!(typed.status == 2 && typed.stderr.contains("did you mean \"dhcp4\"?"), "{typed:?}");
}

#[test]
fn lease_file_renamed_under_a_running_server_is_a_warning() {
    let (_fake, machine) = running("/var/lib/kea/kea-leases4.csv");
    machine.assert_well();
    let rescue = ": at its next start the leases are lost (the running server still has them: kea-lease-dump -4 -t api -o \
        FILE, before it is stopped)";
    let (_fake, machine) = running("/var/lib/kea/kea-leases4.csv.bak");
    let text =
        format!("it writes into /var/lib/kea/kea-leases4.csv.bak, not into /var/lib/kea/kea-leases4.csv{rescue}");
    machine.assert_said("serving", "WARNING", "lease-file-replaced", &text);
    fs::remove_file(machine.at(LEASES)).unwrap();
    machine.assert_said("serving", "WARNING", "lease-file-replaced", &text);
    let (_fake, machine) = running("/var/lib/kea/kea-leases4.csv (deleted)");
    machine.assert_said("serving", "WARNING", "lease-file-replaced", rescue);
}

#[test]
fn lease_file_emptied_under_a_running_server_is_a_warning() {
    let (_fake, machine) = running("/var/lib/kea/kea-leases4.csv");
    machine.file(LEASES, "");
    machine.assert_said("serving", "WARNING", "lease-file-damaged", "kea-leases4.csv was emptied: at its next start");
    machine.file(LEASES, "192.0.2.1,02:00:00:00:00:01,,3600,1795176000,1,0,0,,0,\n");
    machine.assert_said("serving", "WARNING", "lease-file-damaged", "it cannot start again from its lease file");
}

#[test]
fn a_named_keactrl_conf_that_cannot_be_used_is_an_error() {
    let machine = stopped();
    let missing = machine.run("-c /etc/kea/none.conf");
    let text = "keactrl-status: read /etc/kea/none.conf: No such file or directory (-c names a keactrl.conf)\n";
    assert_eq!((missing.status, missing.stdout.as_str(), missing.stderr.as_str()), (2, "", text));
    assert_eq!(machine.run("-q -c /etc/kea/none.conf").status, 2);
    assert_eq!(machine.run("-f nagios -c /etc/kea/none.conf").status, 3);
    let other = machine.run(&format!("-c {CONFIGURATION}"));
    assert_eq!((other.status, other.stdout.as_str()), (2, ""));
    assert!(other.stderr.contains("this is a configuration of Kea, not a keactrl.conf"), "{other:?}");
}

#[test]
fn a_table_of_daemons_has_short_times() {
    let (_fake, machine) = running(LEASES);
    let table = machine.run_on(Some(80), &[], "-f table");
    assert!(table.stdout.lines().nth(1).unwrap().contains("1h23m"), "{table:?}");
}

#[test]
fn a_configuration_that_a_directory_replaced_is_a_warning() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    // Its control socket is the usual one then.
    let file = machine.at("/etc/kea/kea-dhcp4.conf");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let text =
        "its configuration cannot be read, so it cannot be reloaded or restarted: /etc/kea/kea-dhcp4.conf: not a";
    let ran = machine.run("-s dhcp4 -f json");
    assert!(ran.stdout.contains(text) && ran.stdout.contains("configuration-unreadable"), "{ran:?}");
}

#[test]
fn a_server_that_was_given_a_port_listens_there() {
    let fake = Fake::unix(status_with(json!({})));
    let machine = Machine::behind(&fake);
    let of = |name: &str| format!("/proc/{PID}/{name}");
    let udp = fs::read_to_string(machine.at(&of("net/udp"))).unwrap();
    machine.file(&of("net/udp"), udp.replace(":0043", ":1A6F"));
    machine.file(&of("net/packet"), "sk RefCnt Type Proto Iface R Rmem User Inode\n");
    machine.assert_said("not-serving", "CRITICAL", "sockets-closed", "it has no DHCP socket open");
    machine.file(&of("cmdline"), "/usr/sbin/kea-dhcp4\0-p\x006767\0-c\0/etc/kea/kea-dhcp4.conf\0");
    let facts = machine.facts("");
    assert_eq!(facts["sockets"]["service"][0]["address"], "10.0.0.1:6767", "{facts:#}");
}
