//! Files of this host: those that cannot be read, and those that must not be written.

use std::fs;

use serde_json::json;

use super::harness::{Replay, run_at, series};

const NOW: i64 = 1_795_960_000;

#[test]
fn a_lease_file_that_cannot_be_read_holds_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("leases.csv");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
    let emptied = folder.path().join("emptied.csv");
    fs::write(&emptied, "").unwrap();
    for file in [pipe.to_str().unwrap(), "/dev/zero", emptied.to_str().unwrap()] {
        let server = Replay::new("3.0.4", 4).without("lease4-get-page");
        let mut config = server.answer(&json!({ "command": "config-get" }));
        config["arguments"]["Dhcp4"]["lease-database"] = json!({ "type": "memfile", "name": file, "persist": true });
        let fake = server.with("config-get", config).serve();
        let ran = run_at(NOW, &["--server", fake.address()]);
        let found = series(&ran.stdout);
        assert_eq!(found["kea_up{daemon=\"dhcp4\"}"], 1.0);
        assert_eq!(found["kea_leases_skipped{daemon=\"dhcp4\",reason=\"unreadable\"}"], 1.0, "{file}");
        assert!(ran.stdout.contains("kea_dhcp4_packets_received_total"));
    }
}

#[test]
fn the_file_of_servers_and_what_it_names_are_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let members = ["password-file", "ca-file", "cert-file", "key-file"];
    let named = members.map(|name| format!("{name} = '{}'\n", path(name))).concat();
    let servers = format!("[server.a]\nurl = 'http://127.0.0.1:1'\nuser = 'u'\n{named}");
    fs::write(path("servers.toml"), servers).unwrap();
    for name in members {
        fs::write(path(name), format!("{name}\n")).unwrap();
    }
    fs::hard_link(path("key-file"), path("linked")).unwrap();
    for (name, what) in [
        ("servers.toml", "the file of servers"),
        ("password-file", "a password file"),
        ("ca-file", "a file of certificates"),
        ("cert-file", "a certificate"),
        ("key-file", "a private key"),
        ("linked", "a private key"),
    ] {
        let before = fs::read(path(name)).unwrap();
        let ran = run_at(NOW, &["--servers", &path("servers.toml"), "-o", &path(name)]);
        assert_eq!(ran.status, 2);
        assert!(ran.stderr.contains(&format!("it is {what}, which is read (choose another name)")), "{}", ran.stderr);
        assert_eq!(fs::read(path(name)).unwrap(), before);
    }
}
