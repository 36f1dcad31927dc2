//! What is left out where it is not known which secrets or names of clients would be hidden in it.

use std::fs;

use super::hostile::{Machine, text};

const LOG: &str = "2026-11-29 13:00:00.000 INFO  [kea-dhcp4.dhcp4/1] DHCP4_STARTED one Zq7-secret of anna-laptop\n";

/// A machine with a log, and a file of leases with a client's name.
fn machine() -> Machine {
    let machine = Machine::new(r#""lease-database": { "type": "memfile", "name": "/var/lib/kea/l.csv" },"#);
    machine.write("var/log/kea/kea-dhcp4.log", LOG);
    machine.write("notes.txt", "of Zq7-secret and anna-laptop\n");
    let header =
        "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n";
    let lease =
        "192.0.2.7,02:00:5e:00:00:aa,ff:73:65:72:69:61:6c:2d:62:65:72:74,3600,1890000000,1,0,0,anna-laptop,0,\n";
    machine.write("var/lib/kea/l.csv", &format!("{header}{lease}"));
    machine
}

/// The names of the files in which a text is.
fn with(machine: &Machine, part: &str) -> Vec<String> {
    let has = |(name, content): &(String, Vec<u8>)| {
        name.contains(part) || memchr::memmem::find(content, part.as_bytes()).is_some()
    };
    machine.files().into_iter().filter(has).map(|(name, _)| name).collect()
}

#[test]
fn without_all_secrets_no_text_is_copied_that_may_have_them() {
    for path in ["etc/default/kea", "etc/kea/kea-api-password", "root/.pgpass", "etc/kea/kea-dhcp6.conf"] {
        let machine = machine();
        for folder in ["etc/default", "root"] {
            fs::create_dir_all(machine.at(folder)).unwrap();
        }
        // Too large to be read.
        fs::File::create(machine.at(path)).unwrap().set_len(17 << 20).unwrap();
        let ran = machine.run(&["--include", "/notes.txt"]);
        assert_eq!(ran.status, 1, "{path}: {ran:?}");
        assert_eq!(with(&machine, "Zq7-secret"), [""; 0], "{path}");
        let reason = format!("/var/log/kea/kea-dhcp4.log: it cannot be searched for the secrets of /{path}");
        assert!(ran.stderr.contains(&reason), "{path}: {ran:?}");
        assert!(machine.files().contains_key("system/clock.txt"), "{path}");
    }
}

#[test]
fn names_of_clients_are_replaced_whatever_leases_are_wanted() {
    for wanted in ["none", "summary", "all"] {
        let machine = machine();
        machine.write("notes.txt", "anna-laptop.example and serial-bert\n");
        let ran = machine.run(&["--anonymize", "--leases", wanted, "--include", "/notes.txt"]);
        assert!(ran.status <= 1, "{wanted}: {ran:?}");
        assert!(text(&machine.files(), "include/notes.txt").starts_with("host-"), "{wanted}");
        for name in ["anna", "bert"] {
            assert_eq!(with(&machine, name), [""; 0], "{wanted}");
        }
    }
}

#[test]
fn without_all_names_of_clients_no_free_text_is_copied() {
    let lease_file = |machine: &Machine| {
        fs::remove_file(machine.at("var/lib/kea/l.csv")).unwrap();
        fs::create_dir(machine.at("var/lib/kea/l.csv")).unwrap();
    };
    let database = |machine: &Machine| {
        let config = fs::read_to_string(machine.at("etc/kea/kea-dhcp4.conf")).unwrap();
        machine.write("etc/kea/kea-dhcp4.conf", &config.replace("memfile", "mysql"));
    };
    let broken = |machine: &Machine| machine.write("etc/kea/kea-dhcp4.conf", "{ \"Dhcp4\": { oops");
    for (number, damage) in [&lease_file as &dyn Fn(&Machine), &database, &broken].into_iter().enumerate() {
        let machine = machine();
        damage(&machine);
        let ran = machine.run(&["--anonymize", "--leases", "none", "--include", "/notes.txt", "--note", "anna-laptop"]);
        assert_eq!(ran.status, 1, "{number}: {ran:?}");
        assert_eq!(with(&machine, "anna"), [""; 0], "{number}: {ran:?}");
        assert!(
            ran.stderr.contains("/var/log/kea/kea-dhcp4.log: it cannot be searched for the names"),
            "{number}: {ran:?}"
        );
        assert!(machine.files().contains_key("config/etc/kea/kea-dhcp4.conf"), "{number}");
    }
}

#[test]
fn names_of_clients_are_in_no_name_of_a_file() {
    let machine = machine();
    let mut arguments = vec!["--anonymize"];
    for path in [
        "/var/log/kea/anna-laptop.log",
        "/var/log/kea/kea-dhcp4-anna-laptop.log",
        "/var/log/kea/x_anna-laptop_2026.txt",
        "/var/log/kea/of serial-bert",
    ] {
        machine.write(&path[1..], "a line\n");
        arguments.extend(["--include", path]);
    }
    machine.write("var/log/kea/kea-dhcp4.log-anna-laptop", "a line\n");
    let ran = machine.run(&arguments);
    assert!(ran.status <= 1, "{ran:?}");
    for name in ["anna", "bert"] {
        assert_eq!(with(&machine, name), [""; 0], "{ran:?}");
    }
    assert!(machine.files().keys().any(|name| name.starts_with("include/var/log/kea/kea-dhcp4-host-")));
}
