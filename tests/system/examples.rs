//! The examples of manual pages and README that are lines of shell, run as they stand where they are meant to be run: on
//! a machine with Kea's configuration, the programs on its path.

use std::fs;
use std::path::Path;
use std::process::Command;

use kea_tools::config::Daemon;
use kea_tools::lease::Family;
use serde_json::json;

use crate::databases::schema::{self, Schema};
use crate::databases::{Database, Kind};
use crate::kea::database::given;
use crate::program::{kea_lease_dump, must, run};
use crate::status::machine::Machine;

const PROGRAMS: [&str; 3] =
    [env!("CARGO_BIN_EXE_kea-lease-dump"), env!("CARGO_BIN_EXE_kea-list-leases"), env!("CARGO_BIN_EXE_keactrl-status")];

/// A machine with leases of both families in lease files, the programs on its path, and a home to work in.
fn machine() -> Machine {
    let machine = Machine::new();
    machine.configure(Daemon::Dhcp4);
    machine.configure(Daemon::Dhcp6);
    machine.shell("mkdir -p /run/bin && mount -t tmpfs tmpfs /var/backups && mkdir /var/backups/kea");
    for program in PROGRAMS {
        machine.shell(&format!("ln -s {program} /run/bin/"));
    }
    for family in ['4', '6'] {
        let leases = data(&format!("memfile/kea-leases{family}.csv"));
        machine.shell(&format!("cp {leases} /var/lib/kea/kea-leases{family}.csv"));
    }
    machine
}

fn data(name: &str) -> String {
    format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn text(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// The section EXAMPLES of a manual page.
pub(crate) fn examples(page: &str) -> String {
    let page = text(&format!("man/{page}.8"));
    let section = page.split("\n.Sh ").find(|section| section.starts_with("EXAMPLES\n")).unwrap();
    section.replace("\\e\n", "\\\n").replace("\\(aq", "'")
}

/// The literal blocks of a section.
pub(crate) fn blocks(section: &str) -> Vec<String> {
    let blocks = section.split(".Bd -literal").skip(1);
    blocks.map(|rest| rest.split_once('\n').unwrap().1.split("\n.Ed").next().unwrap().to_owned()).collect()
}

/// The command lines of README's blocks of this kind.
pub(crate) fn readme(kind: &str) -> String {
    let readme = text("README.md");
    let fence = format!("```{kind}\n");
    let blocks = readme.split(&fence).skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
#[ignore = "needs root"]
fn those_of_kea_lease_dump_write_what_they_say() {
    let section = examples("kea-lease-dump");
    let lines: Vec<_> = section.lines().filter_map(|line| line.strip_prefix(".Dl # ")).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    let machine = machine();
    for line in lines {
        machine.shell(&format!("cd /var/backups && {line}"));
    }
    let files = "leases.csv kea/kea-leases4.csv kea/kea-leases6.csv kea/manifest.json leases-for-support.csv";
    machine.shell(&format!("cd /var/backups && wc -c {files} && ! grep -q kv.example.org leases-for-support.csv"));
    // Where the example has a database, this machine has another lease file.
    machine.configure_as(
        "kea-dhcp4.conf",
        Daemon::Dhcp4,
        &json!({ "lease-database": { "type": "memfile", "name": "/var/lib/kea/elsewhere.csv" } }),
    );
    machine.shell("mv /var/lib/kea/kea-leases4.csv /var/lib/kea/elsewhere.csv");
    let [migration] = &blocks(&section)[..] else { panic!("one block is expected: {section}") };
    let script: String =
        migration.split('\n').map(|line| line.strip_prefix("# ").unwrap_or(line).to_owned() + "\n").collect();
    machine.shell(&format!("set -e\n{script}"));
    machine.shell("grep -q kv.example.org /var/lib/kea/kea-leases4.csv");
}

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn that_of_a_database_without_configuration_reads_it() {
    let section = examples("kea-lease-dump");
    let line = section.lines().find_map(|line| line.strip_prefix(".Dl $ kea-lease-dump ")).unwrap();
    let database = Database::new(Kind::Postgresql);
    database.run(&Schema { kind: Kind::Postgresql, major: schema::newest(Kind::Postgresql) }.statements(Family::V6));
    let reader = database.user("reader", "secret");
    database.let_read(&reader, "lease6");
    let line = line.replace("-h db.example", &format!("-h 127.0.0.1 -P {}", given("KEA_TOOLS_PG_PORT")));
    let line = line.replace("-u reader", &format!("-u {reader}")).replace("-n kea", &format!("-n {}", database.name));
    // The password that -p asks for comes by the variable: nobody sits here.
    assert!(line.contains(" -p "));
    let line = line.replace(" -p ", " ");
    let mut command: Command = kea_lease_dump();
    run(command.args(line.split_whitespace()).env("KEA_ADMIN_DB_PASSWORD", "secret")).expect_quiet_success();
}

#[test]
#[ignore = "needs root"]
fn those_of_keactrl_status_are_what_a_shell_a_monitor_and_systemd_take() {
    let machine = machine();
    let section = examples("keactrl-status");
    let [script, nagios, icinga, _sudoers, service, timer] = &blocks(&section)[..] else {
        panic!("six blocks: {section}")
    };
    machine.shell("printf '#!/bin/sh\\necho \"$@\" >/run/logged\\n' >/run/bin/logger && chmod +x /run/bin/logger");
    machine.shell(script);
    assert_eq!(machine.shell("cat /run/logged"), "-p daemon.err DHCPv4 is not served\n");

    let line = nagios.lines().find_map(|line| line.trim().strip_prefix("command_line")).unwrap().trim();
    let (program, arguments) = line.split_once(' ').unwrap();
    assert!(program.ends_with("/keactrl-status"), "{program}");
    let checked = machine.status(&arguments.replace("$ARG1$", "dhcp4"));
    assert!(checked.status == 2 && checked.stdout.starts_with("KEA CRITICAL - "), "{checked:?}");

    let values = [
        "\"$kea_daemons$\" dhcp4",
        "\"$kea_timeout$\" 8",
        "\"$kea_ha_mode$\" hot-standby",
        "\"$kea_ha_partner_down$\" warning",
        "\"$kea_warning_uptime$\" 60",
    ];
    let mut arguments = vec!["-f nagios".to_owned()];
    for value in values {
        let (variable, value) = value.split_once(' ').unwrap();
        let option = icinga.lines().find(|line| line.contains(variable)).unwrap().split('"').nth(1).unwrap();
        arguments.push(format!("{option} {value}"));
    }
    assert_eq!(machine.status(&arguments.join(" ")).status, 2, "{arguments:?}");

    let folder = tempfile::tempdir().unwrap();
    for (name, unit) in [("kea-metrics.service", service), ("kea-metrics.timer", timer)] {
        let unit = unit.replace(program, env!("CARGO_BIN_EXE_keactrl-status"));
        fs::write(folder.path().join(name), unit).unwrap();
        must(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(folder.path().join(name)));
    }
}

#[test]
#[ignore = "needs root and jq"]
fn those_of_the_readme_for_jq_and_cron_do_what_they_say() {
    let machine = machine();
    let shell = readme("sh");
    let lines: Vec<_> = shell.lines().filter(|line| line.contains("| jq")).collect();
    assert!(lines.len() >= 3, "{lines:?}");
    for line in lines {
        let said = machine.shell(line);
        assert!(!said.is_empty() || line.contains("outside"), "{line}");
    }
    let crontab = readme("crontab");
    let lines = crontab.lines().filter(|line| line.contains(" root "));
    machine.shell("mkdir -p /run/prometheus");
    for line in lines {
        let command = line.split_once(" root ").unwrap().1.replace("\\%", "%");
        let command = command.replace("/var/lib/prometheus/node-exporter", "/run/prometheus");
        let command = command.replace("/usr/sbin/", "/run/bin/");
        let outcome = run(machine.command("sh").args(["-c", &command]));
        assert!(outcome.status < 2 && outcome.stderr.is_empty(), "{command}: {outcome:?}");
    }
    machine.shell("test -s /run/prometheus/kea.prom && test $(ls /var/backups/kea/leases[46]-[1-7].csv | wc -l) = 2");
}
