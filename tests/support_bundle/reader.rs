//! A second machine's reader: what a support engineer asks is answered by a bundle alone.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use super::hostile::Machine;

const SERVER: &str = r#""valid-lifetime": 4000, "lease-database": { "type": "memfile", "lfc-interval": 3600,
    "name": "/var/lib/kea/kea-leases4.csv" },
    "hooks-libraries": [ { "library": "/usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_lease_cmds.so" },
      { "library": "/usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_ha.so", "parameters": { "high-availability": [ {
        "this-server-name": "alpha", "mode": "hot-standby", "peers": [
          { "name": "alpha", "url": "http://192.0.2.7:8001/", "role": "primary" },
          { "name": "beta", "url": "http://192.0.2.8:8001/", "role": "standby", "basic-auth-user": "hauser",
            "basic-auth-password": "Zq7-ha-password" } ] } ] } } ],
    "subnet4": [ { "id": 7, "subnet": "10.7.0.0/24", "pools": [ { "pool": "10.7.0.10-10.7.0.12" } ],
        "reservations": [ { "hw-address": "02:aa:00:00:00:99", "hostname": "anna-printer",
          "user-context": { "owner": "Anna of room 12" } } ] },
      { "id": 8, "subnet": "10.8.0.0/24", "pools": [ { "pool": "10.8.0.10-10.8.0.99" } ] } ],"#;

/// A process, and a reload that fails.
const FAILED: [&str; 5] = [
    "INFO  [kea-dhcp4.dhcp4/814.140] DHCP4_STARTING Kea DHCPv4 server version 3.0.4 (stable) starting",
    "INFO  [kea-dhcp4.dhcp4/814.140] DHCP4_STARTED Kea DHCPv4 server version 3.0.4 started",
    "INFO  [kea-dhcp4.dhcp4/814.140] DHCP4_DYNAMIC_RECONFIGURATION initiate server reconfiguration using file: \
     /etc/kea/kea-dhcp4.conf, after receiving SIGHUP signal or config-reload command",
    "ERROR [kea-dhcp4.dhcp4/814.140] DHCP4_CONFIG_LOAD_FAIL configuration error using file: /etc/kea/kea-dhcp4.conf, \
     reason: /etc/kea/kea-dhcp4.conf:12.7: syntax error, unexpected }",
    "ERROR [kea-dhcp4.dhcp4/814.140] DHCP4_DYNAMIC_RECONFIGURATION_FAIL dynamic server reconfiguration failed with file: \
     /etc/kea/kea-dhcp4.conf",
];

/// A machine with a full pool and a failed reload.
fn machine() -> Machine {
    let machine = Machine::new(SERVER);
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/logs/3.0.4/ha-info/alpha-dhcp4.log.gz");
    let mut log = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(recording).unwrap()).read_to_string(&mut log).unwrap();
    log.extend(FAILED.map(|line| format!("2026-11-29 13:40:00.000 {line}\n")));
    machine.write("var/log/kea/kea-dhcp4.log", &log);
    let head = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n";
    let lease = |n: u32| {
        format!(
            "10.7.0.{n},00:18:4d:00:00:{n},,4000,1795963000,7,0,0,anna-laptop-{n},0,{{ \"token\": \"Zq7-token\" }},0\n"
        )
    };
    machine.write("var/lib/kea/kea-leases4.csv", &(head.to_owned() + &(10..13).map(lease).collect::<String>()));
    machine.write("var/lib/kea/kea-leases4.csv.1", head);
    machine.write("etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
    std::fs::create_dir_all(machine.at("var/lib/dpkg")).unwrap();
    machine
        .write("var/lib/dpkg/status", "Package: kea-dhcp4-server\nStatus: install ok installed\nVersion: 3.0.4-1\n\n");
    machine
}

fn whole(files: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    let text = files.get(name).unwrap_or_else(|| panic!("{name} is not in {:?}", files.keys()));
    String::from_utf8_lossy(text).into_owned()
}

#[test]
fn ten_questions_are_answered_by_a_bundle_alone() {
    let machine = machine();
    let ran = machine.run(&["--note", "no address since noon"]);
    assert!(ran.status <= 1, "{ran:?}");
    let files = machine.files();
    for (question, file, answers) in [
        ("which version is it", "system/packages.txt", &["kea-dhcp4-server 3.0.4-1"][..]),
        ("which hooks are loaded", "config/kea-dhcp4.disk.json", &["libdhcp_ha.so", "libdhcp_lease_cmds.so"]),
        ("which subnet is full", "pools.txt", &["10.7.0.0/24", "CRITICAL"]),
        ("why did the last reload fail", "logs/report.txt", &["kea-dhcp4.conf:12.7: syntax error"]),
        ("how is high availability", "logs/report.txt", &["High availability", "hot-standby"]),
        ("which backend has the leases", "config/kea-dhcp4.disk.json", &["\"type\": \"memfile\""]),
        ("how many leases are there", "leases/kea-dhcp4/summary.txt", &["subnet 7: 3 assigned", "version"]),
        ("is a cleanup left", "leases/kea-dhcp4/files.txt", &["kea-leases4.csv.1"]),
        ("what is logged where", "loggers.txt", &["/var/log/kea/kea-dhcp4.log", "INFO"]),
        ("which system is it", "system/etc-os-release", &["Debian GNU/Linux 12"]),
        ("what happened", "note.txt", &["no address since noon"]),
        ("what is missing and why", "manifest.json", &["\"missing\""]),
    ] {
        let text = whole(&files, file);
        for answer in answers {
            assert!(text.contains(answer), "{question}: {answer} is not in {file}:\n{text}");
        }
    }
    for (name, text) in &files {
        assert!(memchr::memmem::find(text, b"Zq7-").is_none(), "a secret is in {name}");
    }
}

#[test]
fn clients_have_the_same_replacements_everywhere() {
    let machine = machine();
    let log = "2026-11-29 13:41:00.000 INFO  [kea-dhcp4.leases/814.140] DHCP4_LEASE_ALLOC [hwtype=1 00:18:4d:00:00:10], \
        cid=[no info], tid=0x7b: lease 10.7.0.10 has been allocated for 4000 seconds (anna-laptop-10)\n";
    machine.write("var/log/kea/kea-dhcp4.log", log);
    let ran = machine.run(&["--anonymize", "--anonymize-addresses", "--leases", "all"]);
    assert!(ran.status <= 1, "{ran:?}");
    let files = machine.files();
    for (name, text) in &files {
        for secret in ["anna", "Anna", "4d:00:00:10", "10.7.0.", "aa:00:00:00:99", "Zq7-token"] {
            assert!(memchr::memmem::find(text, secret.as_bytes()).is_none(), "{secret} is in {name}");
        }
    }
    let (log, leases) = (whole(&files, "logs/var/log/kea/kea-dhcp4.log"), whole(&files, "leases/kea-dhcp4/all.csv"));
    let config = whole(&files, "config/kea-dhcp4.disk.json");
    let after = |text: &str, before: &str| {
        let rest = &text[text.find(before).unwrap() + before.len()..];
        rest.split([']', ' ', ',', ')']).next().unwrap().to_owned()
    };
    let (mac, address, host) = (after(&log, "hwtype=1 "), after(&log, ": lease "), after(&log, "seconds ("));
    assert!(leases.contains(&format!("{address},{mac},")) && leases.contains(&host), "{log}{leases}");
    let subnet = address.rsplit_once('.').unwrap().0;
    assert!(config.contains(&format!("\"{subnet}.0/24\"")), "{subnet}: {config}");
    assert!(whole(&files, "manifest.json").contains("\"anonymized\": true"));
}
