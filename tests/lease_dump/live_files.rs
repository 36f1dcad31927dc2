//! What a dump never writes: the files of Kea's servers, by whatever name, and wherever the leases come from.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::json;

use crate::lease_dump::fake::{Fake, Reply};
use crate::lease_dump::harness::{Files, HEADER4, row4, run};

/// Two servers with lease files, logs and sockets of their own, and a third lease file to read.
fn two_servers() -> (Files, String) {
    let files = Files::new();
    let folder = files.path("").display().to_string();
    for family in ['4', '6'] {
        let text = format!(
            r#"{{"Dhcp{family}": {{"lease-database": {{"type": "memfile", "name": "{folder}kea-leases{family}.csv"}},
                "control-socket": {{"socket-type": "unix", "socket-name": "{folder}socket{family}"}},
                "loggers": [{{"name": "kea-dhcp{family}", "output_options": [{{"output": "{folder}kea{family}.log"}}]}}]}}}}"#
        );
        files.write(&format!("kea-dhcp{family}.conf"), text);
    }
    let source = files.write("copy.csv", format!("{HEADER4}\n{}\n", row4(1)));
    (files, source)
}

#[test]
fn no_file_of_either_server_is_written_by_any_name() {
    let (files, source) = two_servers();
    files.write("kea-leases6.csv", "live");
    fs::hard_link(files.path("kea-leases6.csv"), files.path("hard.csv")).unwrap();
    symlink("kea-leases4.csv", files.path("not-yet.csv")).unwrap();
    symlink(".", files.path("here")).unwrap();
    let config = files.path("kea-dhcp4.conf").display().to_string();
    let before = files.names();
    for name in [
        "kea-leases4.csv",
        "kea-leases6.csv",
        "kea-leases6.csv.2",
        "kea-leases4.csv.completed",
        "kea-leases4.csv.output",
        "kea-leases4.csv.pid",
        "hard.csv",
        "not-yet.csv",
        "./here/kea-leases6.csv",
        "kea4.log",
        "kea6.log.3",
        "socket6",
        "kea-dhcp4.conf",
        "kea-dhcp6.conf",
    ] {
        let target = files.path(name).display().to_string();
        for line in [format!("-o {target}"), format!("-o {} --manifest {target}", files.path("new.csv").display())] {
            let ran = run(&format!("-c {config} -t memfile -n {source} {line}"));
            assert_eq!((ran.status, ran.stderr.lines().count()), (2, 1), "{name}: {}", ran.stderr);
            assert!(ran.stderr.starts_with(&format!("kea-lease-dump: write {target}: this is ")), "{}", ran.stderr);
            assert!(ran.stderr.ends_with("; a running server would lose it (choose another name)\n"), "{}", ran.stderr);
        }
    }
    assert_eq!(files.names(), before);
    assert_eq!(fs::read_to_string(files.path("kea-leases6.csv")).unwrap(), "live");
    run(&format!("-c {config} -t memfile -n {source} -o {}", files.path("new.csv").display())).expect(0, "");
}

#[test]
fn a_dump_does_not_go_into_the_directory_of_the_servers() {
    let (files, source) = two_servers();
    let folder = files.path("").display().to_string();
    let ran = run(&format!("-c {folder} -4 -t memfile -n {source} -o {folder}"));
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("kea-leases4.csv: this is the lease file of the DHCPv4 server"), "{}", ran.stderr);
}

#[test]
fn the_lease_file_that_a_running_server_names_is_not_written() {
    let files = Files::new();
    let live = files.write("live.csv", "live");
    let named = live.clone();
    let fake = Fake::unix(move |command| {
        Reply::Answer(match command["command"].as_str().unwrap() {
            "config-get" => {
                let database = json!({ "type": "memfile", "name": named });
                json!({ "result": 0, "arguments": { "Dhcp4": { "lease-database": database }, "hash": "00" } })
            }
            "lease4-get-page" => json!({ "result": 3, "arguments": { "count": 0, "leases": [] } }),
            _ => json!({ "result": 0, "arguments": { "pkt4-received": [[1]] } }),
        })
    });
    for name in ["live.csv", "live.csv.2"] {
        let ran = run(&format!("-4 --socket {} -o {}", fake.address(), files.path(name).display()));
        assert_eq!(ran.status, 2, "{}", ran.stderr);
        let said = format!("{name}: this is the lease file of the DHCPv4 server of control socket {}", fake.address());
        assert!(ran.stderr.contains(&said), "{}", ran.stderr);
    }
    assert_eq!(fs::read_to_string(live).unwrap(), "live");
    let asked = fake.asked().len();
    run(&format!("-4 --socket {}", fake.address())).expect(0, "");
    let later = fake.asked().split_off(asked);
    assert!(later.iter().all(|command| command["command"] != "config-get"), "nothing is written: {later:?}");
}

#[test]
fn a_name_with_a_slash_at_its_end_is_no_file() {
    let (files, source) = two_servers();
    let before = files.names();
    let new = format!("{}/", files.path("new").display());
    run(&format!("-t memfile -n {source} -o {new}"))
        .expect(2, &format!("kea-lease-dump: write {new}: there is no such directory (create it with mkdir {new})\n"));
    let ran = run(&format!("-t memfile -n {source} -o {} --manifest {new}", files.path("x").display()));
    ran.expect(2, &format!("kea-lease-dump: write {new}: there is no such directory\n"));
    assert_eq!(run(&format!("-t memfile -n {source} -o {source}/")).status, 2);
    assert_eq!(files.names(), before);
}

#[test]
fn a_shell_does_not_append_a_dump_to_its_own_source() {
    let (_files, source) = two_servers();
    let before = fs::read_to_string(&source).unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", "\"$1\" \"$2\" >> \"$2\"", "sh", env!("CARGO_BIN_EXE_kea-lease-dump"), &source]);
    let ran = command.output().unwrap();
    let stderr = String::from_utf8(ran.stderr).unwrap();
    let said = "kea-lease-dump: write standard output: this is the lease file that is being read";
    assert!(ran.status.code() == Some(2) && stderr.starts_with(said), "{stderr}");
    assert_eq!(fs::read_to_string(&source).unwrap(), before);
}

#[test]
fn an_emptied_lease_file_is_said_with_what_helps() {
    let (files, _) = two_servers();
    let live = files.path("kea-leases6.csv");
    let config = files.path("kea-dhcp4.conf");
    for program in [env!("CARGO_BIN_EXE_kea-lease-dump"), env!("CARGO_BIN_EXE_kea-list-leases")] {
        fs::write(files.path("kea-leases4.csv"), format!("{HEADER4}\n{}\n", row4(1))).unwrap();
        fs::write(&live, "live").unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "\"$1\" -4 -c \"$2\" > \"$3\"", "sh", program]).arg(&config).arg(&live);
        let ran = command.output().unwrap();
        let stderr = String::from_utf8(ran.stderr).unwrap();
        let said = format!(
            ": write standard output: this is the lease file of the DHCPv6 server of {}; a running server would lose it, and \
             the shell has emptied it (a server that still runs has its leases in memory: kea-lease-dump -6 -t api -o \
             FILE writes them, before it is stopped; else restore a copy)\n",
            files.path("kea-dhcp6.conf").display()
        );
        assert!(ran.status.code() == Some(2) && stderr.ends_with(&said), "{stderr}");
        assert_eq!(fs::read_to_string(&live).unwrap(), "", "nothing is written into it");
    }
}
