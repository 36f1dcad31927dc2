//! Where other systems than Debian keep Kea's files: each is found without an option, whether the server runs or not.

use kea_tools::config::Daemon;
use serde_json::json;

use crate::copy::on_a_copy_of_this_system;
use crate::program::run;
use crate::status::machine::Machine;

/// A system: its name, where it has the configuration, and where the leases.
const SYSTEMS: [(&str, &str, &str); 4] = [
    ("VyOS", "/run/kea/kea-dhcp4.conf", "/config/dhcp/dhcp4-leases.csv"),
    ("NixOS", "/etc/kea/dhcp4-server.conf", "/var/lib/kea/dhcp4.leases"),
    ("a container", "/kea/config/dhcp4.json", "/kea/leases/dhcp4.csv"),
    ("a port of BSD", "/usr/local/etc/kea/kea-dhcp4.conf", "/var/db/kea/kea-leases4.csv"),
];

/// Runs the programs while Kea serves and after it has ended, with the configuration in one place and the leases in another.
const SCRIPT: &str = r#"
    ip link add server type veth peer name client; ip link set server up; ip link set client up
    ip addr add 192.0.2.1/24 dev server
    rm -rf /etc/kea /var/lib/kea; mkdir -p /etc/kea /run/kea /run/lock/kea "$(dirname CONFIG)" "$(dirname LEASES)"
    printf '%s' 'TEXT' >CONFIG
    echo 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context' >LEASES
    echo '192.0.2.10,08:00:2b:02:3f:4e,,4294967295,4294967295,1,0,0,printer,0,' >>LEASES
    look() {
        echo "list $(/programs/kea-list-leases --no-header -q 2>&1 | cut -d ' ' -f 1)"
        echo "dump $(/programs/kea-lease-dump -4 2>&1 | grep -c printer)"
        echo "status $(/programs/keactrl-status -f nagios -s dhcp4 -t 8 | head -n 1 | cut -d ' ' -f 2)"
    }
    KEA_LOCKFILE_DIR=/run/lock/kea kea-dhcp4 -c CONFIG >/run/log 2>&1 &
    for attempt in $(seq 600); do grep -q -e DHCP4_STARTED -e FATAL /run/log && break; sleep 0.05; done
    look
    kill %1; wait
    look"#;

#[test]
#[ignore = "needs root, Kea and the packages of scripts/package"]
fn files_are_found_where_each_system_has_them() {
    for (system, config, leases) in SYSTEMS {
        let text = json!({ "Dhcp4": {
            "interfaces-config": { "interfaces": ["server"] },
            "lease-database": { "type": "memfile", "name": leases },
            "control-socket": { "socket-type": "unix", "socket-name": "/run/kea/control" },
            "subnet4": [{ "id": 1, "subnet": "192.0.2.0/24", "pools": [{ "pool": "192.0.2.100 - 192.0.2.199" }] }],
        } });
        let script = SCRIPT.replace("CONFIG", config).replace("LEASES", leases).replace("TEXT", &text.to_string());
        let said = on_a_copy_of_this_system(&script);
        let expected = "list 192.0.2.10\ndump 1\nstatus OK\nlist 192.0.2.10\ndump 1\nstatus CRITICAL\n";
        assert_eq!(said, expected, "{system}");
    }
}

#[test]
#[ignore = "needs root and the packages of scripts/package"]
fn lease_file_is_found_without_any_configuration() {
    for leases in ["/config/dhcp/dhcp4-leases.csv", "/var/lib/kea/dhcp4.leases", "/kea/leases/kea-leases4.csv"] {
        let script = r"
            rm -rf /etc/kea /var/lib/kea; mkdir -p /etc/kea $(dirname LEASES)
            echo 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context' >LEASES
            echo '192.0.2.10,08:00:2b:02:3f:4e,,4294967295,4294967295,1,0,0,printer,0,' >>LEASES
            /programs/kea-list-leases --no-header 2>&1";
        let said = on_a_copy_of_this_system(&script.replace("LEASES", leases));
        assert!(said.contains("192.0.2.10") && said.contains(leases), "{leases}: {said}");
    }
}

#[test]
#[ignore = "needs namespaces: run scripts/test"]
fn no_program_writes_where_the_shell_led_it_into_a_file_of_kea() {
    let machine = Machine::new();
    machine.configure(Daemon::Dhcp4);
    let leases = "/var/lib/kea/kea-leases4.csv";
    for (program, arguments) in [
        (env!("CARGO_BIN_EXE_dhcping"), "-f nagios -s 10.77.0.1 -t 1"),
        (env!("CARGO_BIN_EXE_dhcptest"), "--help"),
        (env!("CARGO_BIN_EXE_kea-lease-dump"), "-4"),
        (env!("CARGO_BIN_EXE_kea-list-leases"), "-4"),
        (env!("CARGO_BIN_EXE_keactrl-status"), "-f nagios"),
    ] {
        for (operator, emptied) in [(">>", ""), (">", ", and the shell has emptied it")] {
            machine.shell(&format!("echo live >{leases}"));
            let line = format!("{program} {arguments} {operator} {leases}");
            let outcome = run(machine.command("sh").args(["-c", &line]));
            let said = format!(
                "this is the lease file of the DHCPv4 server of /etc/kea/kea-dhcp4.conf; a running server would lose it{emptied} ("
            );
            assert!(outcome.status == 2 && outcome.stderr.contains(&said), "{line}: {outcome:?}");
            assert_eq!(outcome.stderr.lines().count(), 1, "{line}: {outcome:?}");
            let left = machine.shell(&format!("cat {leases}"));
            assert_eq!(left, if operator == ">" { "" } else { "live\n" }, "{line}");
        }
    }
}
