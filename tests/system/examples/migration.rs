//! From a database to a lease file: Kea serves afterwards what it served before.

use kea_tools::config::Daemon;
use serde_json::{Value, json};

use super::site::{Site, configuration, leases4};
use crate::kea::database::{Database, given};
use crate::kea::leases::Leases;
use crate::kea::{ControlSocket, Kea};
use crate::recipes::list::{self, User};
use crate::status::callers::AS_UNITS;
use crate::wait::wait_for;

/// What stands for systemd, which does not run on the machine.
const SYSTEMCTL: &str = r#"#!/bin/sh -e
[ "$2" = kea-dhcp4-server ]
pid_file=/run/kea/kea-dhcp4.kea-dhcp4.pid
case "$1" in
    stop) kill "$(cat "$pid_file")"; while [ -e "$pid_file" ]; do sleep 0.05; done ;;
    start) KEA_LOCKFILE_DIR=/run/lock/kea setsid setpriv AS_UNITS /usr/sbin/kea-dhcp4 -c /etc/kea/kea-dhcp4.conf >/run/again 2>&1 & ;;
    *) exit 1 ;;
esac
"#;

/// What the recipe of README has a reader write into the configuration, as a line of its own.
const REMARK: &str = "# then in /etc/kea/kea-dhcp4.conf: ";

#[test]
#[ignore = "needs Kea, root, PostgreSQL and MariaDB: run scripts/test"]
fn what_was_in_a_database_is_served_from_a_lease_file() {
    let kea = Kea::debian12();
    for (recipe, _) in list::of(list::MIGRATION) {
        for database in [Database::postgresql(&kea), Database::mysql(&kea)] {
            migrate(&kea, &database, &recipe.text);
        }
    }
}

fn migrate(kea: &Kea, database: &Database, recipe: &str) {
    let mut site = Site::without_servers(kea);
    site.machine.shell(&format!(
        "mkdir /run/mysqld && ln -s {} /run/mysqld/mysqld.sock && cat >/run/bin/systemctl <<'END' && chmod +x /run/bin/systemctl\n{}END",
        given("KEA_TOOLS_MYSQL_SOCKET"),
        SYSTEMCTL.replace("AS_UNITS", &AS_UNITS.join(" "))
    ));
    let mut with_database = configuration(kea, Daemon::Dhcp4);
    with_database["lease-database"] = database.configuration();
    site.start(Daemon::Dhcp4, &with_database);
    let control = site.machine.control("kea4-ctrl-socket");
    for lease in leases4() {
        control.command("lease4-add", Some(&lease));
    }
    let before = Leases::from_answer(&control.command("lease4-get-all", None));
    // Leases of another time, which must not come back.
    let old = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n\
        192.0.2.77,02:00:00:00:00:77,,4294967295,4294967295,1,0,0,old,0,\n";
    site.machine.shell(&format!(
        "cd /var/lib/kea && printf '%s' '{old}' | tee kea-leases4.csv kea-leases4.csv.2 >kea-leases4.csv.1"
    ));

    let (first, setting, rest) = steps(recipe);
    for line in [first.as_str(), "ls /var/lib/kea | grep -v '^kea-leases4.csv$' && exit 1 || exit 0"] {
        let outcome = site.run_as(User::Root, &format!("set -e\n{line}"));
        assert!(outcome.status == 0 && outcome.stderr.is_empty(), "{line}: {outcome:?}");
    }
    let mut with_file = configuration(kea, Daemon::Dhcp4);
    with_file.as_object_mut().unwrap().extend(setting.as_object().unwrap().clone());
    site.machine.configure_as("kea-dhcp4.conf", Daemon::Dhcp4, &with_file);
    let outcome = site.run_as(User::Root, &format!("set -e\n{rest}"));
    assert_eq!(outcome.status, 0, "{rest}: {outcome:?}");

    expect_served(&control, &before, &site);
}

/// The commands before the configuration is changed, what is changed, and the commands after that. The manual page says in
/// words that the server is stopped before and the configuration changed afterwards.
fn steps(recipe: &str) -> (String, Value, String) {
    let lines: Vec<_> = recipe.lines().collect();
    let Some(at) = lines.iter().position(|line| line.starts_with(REMARK)) else {
        let first = format!("systemctl stop kea-dhcp4-server\n{recipe}");
        return (
            first,
            json!({ "lease-database": { "type": "memfile" } }),
            "systemctl start kea-dhcp4-server".to_owned(),
        );
    };
    let setting = lines[at].strip_prefix(REMARK).unwrap();
    let setting = serde_json::from_str(&format!("{{{setting}}}")).unwrap();
    (lines[..at].join("\n"), setting, lines[at + 1..].join("\n"))
}

/// Kea has the same leases, without a complaint, and can write its new file.
fn expect_served(control: &ControlSocket, before: &Leases, site: &Site) {
    let after = wait_for("Kea to serve from the lease file", || {
        let answer = control.try_command("lease4-get-all", None).ok()?;
        Some(Leases::from_answer(&answer))
    });
    after.assert_same_as(before);
    let log = site.machine.shell("cat /etc/kea/kea-dhcp4.log");
    // A file of the newest release is rewritten once at the start of an older one, as the manual page says.
    let is_expected =
        |line: &str| ["_NEEDS_DOWNGRADING ", "_CONVERTING_LEASE_FILES "].iter().any(|id| line.contains(id));
    let complaint = log.lines().find(|line| line.contains("MEMFILE") && !line.contains(" INFO ") && !is_expected(line));
    assert!(complaint.is_none() && !log.contains(" ERROR "), "{log}");
    let rows = || site.machine.shell("wc -l </var/lib/kea/kea-leases4.csv");
    let written = rows();
    let lease = json!({ "ip-address": "192.0.2.150", "hw-address": "02:00:5e:00:53:50", "subnet-id": 1 });
    control.command("lease4-add", Some(&lease));
    assert_ne!(rows(), written, "the new lease is in the file");
    let owner = site.machine.shell("stat --format %U:%G /var/lib/kea/kea-leases4.csv");
    assert_eq!(owner, "_kea:_kea\n");
}
