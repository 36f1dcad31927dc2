//! What is typed first: a file, a directory, a configuration that is not quite right.

use std::fs;
use std::process::Command;

use crate::lease_dump::harness::{Files, HEADER4, row4, run, run_answering};

const HEADER6: &str = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id";

fn leases(files: &Files, name: &str) -> String {
    files.write(name, format!("{HEADER4}\n{}\n", row4(1)))
}

#[test]
fn the_family_that_was_never_served_is_only_a_remark() {
    let files = Files::new();
    leases(&files, "kea-leases4.csv");
    for family in ['4', '6'] {
        let name = files.path(&format!("kea-leases{family}.csv")).display().to_string();
        let database = format!(r#"{{"type": "memfile", "name": "{name}"}}"#);
        files.write(
            &format!("kea-dhcp{family}.conf"),
            format!(r#"{{"Dhcp{family}": {{"lease-database": {database}}}}}"#),
        );
    }
    fs::create_dir(files.path("out")).unwrap();
    let (config, out) = (files.path("").display().to_string(), files.path("out").display().to_string());
    let remark = format!(
        "kea-lease-dump: DHCPv6 is left out: the lease file of {config}kea-dhcp6.conf, {config}kea-leases6.csv, does not \
         exist: the server was never started, or the file was moved\n"
    );
    run(&format!("-c {config} -o {out}")).expect(0, &remark);
    assert!(files.path("out/kea-leases4.csv").is_file() && !files.path("out/kea-leases6.csv").exists());
    assert_eq!(run(&format!("-c {config}")).expect(0, &remark).rows().len(), 1, "one output is enough for one family");
    for asked in ["-6", "-4 -6"] {
        let ran = run(&format!("-c {config} {asked} -o {out}"));
        assert!(ran.status == 2 && ran.stderr.contains("kea-dhcp6.conf was never started"), "{}", ran.stderr);
    }
    fs::remove_file(files.path("kea-leases4.csv")).unwrap();
    let ran = run(&format!("-c {config} -o {out}"));
    assert!(ran.status == 2 && ran.stderr.contains("was never started"), "{}", ran.stderr);
}

#[test]
fn a_lease_file_needs_no_option() {
    let files = Files::new();
    let file = leases(&files, "leases4.csv");
    let expected = run(&format!("-t memfile -n {file}"));
    for line in [file.clone(), format!("-n {file}"), format!("{file} -4")] {
        assert_eq!(run(&line).expect(0, "").text(), expected.text(), "{line}");
    }
    let six = files.write("six.csv", format!("{HEADER6}\n"));
    fs::create_dir(files.path("out")).unwrap();
    run(&format!("{file} {six} -o {}", files.path("out").display())).expect(0, "");
    assert!(files.path("out/kea-leases6.csv").is_file());
    let ran = run(&files.path("gone.csv").display().to_string());
    assert!(ran.status == 2 && ran.stderr.contains("read lease file"), "{}", ran.stderr);
    let ran = run("printer");
    ran.expect(
        2,
        "kea-lease-dump: unexpected argument \"printer\": there is no such lease file \
         (select leases with --search TEXT; see --help for the options)\n",
    );
    run("pgsql -4").expect(
        2,
        "kea-lease-dump: unexpected argument \"pgsql\": there is no such lease file (give the type with -t pgsql)\n",
    );
    let new = files.path("new/kea.csv");
    let folder = files.path("new").display().to_string();
    let cause = format!("No such file or directory (create its directory with mkdir -p {folder})");
    run(&format!("{file} -o {}", new.display()))
        .expect(2, &format!("kea-lease-dump: write {}: {cause}\n", new.display()));
    assert!(!run_answering(["-p", "hunter2"], "").stderr.contains("hunter2"));
}

#[test]
fn a_file_of_another_program_is_named_as_what_it_begins_with() {
    let files = Files::new();
    for (name, text, said) in [
        ("x.leases", "lease 192.0.2.10 {\n", ":1: this is a lease file of ISC dhcpd, which Kea does not read\n"),
        ("x.conf", "{\"Dhcp4\"", " (-c FILE, if it is Kea's configuration)"),
        ("x.tar", "l.csv\0\0", "it begins with \"l.csv\""),
        ("x.json", "[\n", "it begins with \"[\""),
        ("bom.csv", "\u{feff}address,hwaddr\n", "byte order mark"),
        ("empty.csv", "", ": it is empty (give -4 or -6)"),
        ("printer", "x\n", "printer\": it is no lease file"),
    ] {
        let file = files.write(name, text);
        let folder = files.path("");
        let word = if name == "printer" { name.to_owned() } else { file };
        let line = ["-c", "cd \"$1\" && \"$2\" \"$3\"", "sh"];
        let mut command = Command::new("sh");
        let ran = command.args(line).arg(folder).arg(env!("CARGO_BIN_EXE_kea-lease-dump")).arg(word).output().unwrap();
        let stderr = String::from_utf8(ran.stderr).unwrap();
        assert!(ran.status.code() == Some(2) && stderr.contains(said), "{name}: {stderr}");
    }
}

#[test]
fn two_files_of_one_family_are_refused_for_what_they_are() {
    let files = Files::new();
    let (one, other) = (leases(&files, "one.csv"), leases(&files, "other.csv"));
    let cause = "several lease files are named, and one output cannot hold more than one's leases";
    run(&format!("{one} {other}")).expect(2, &format!("kea-lease-dump: {cause} (dump each of them by itself)\n"));
}

#[test]
fn a_fault_does_not_hide_where_the_leases_are() {
    let files = Files::new();
    let file = leases(&files, "l.csv");
    let database = format!(r#""lease-database": {{"type": "memfile", "name": "{file}"}}"#);
    for text in [
        format!(r#"{{"Dhcp4": {{{database}, "subnet4": [{{"subnet": "192.0.2.0/24" "id": 1}}]}}}}"#),
        format!("{{\"Dhcp4\": {{\n\"valid-lifetime\": 4000\n{database}}}}}"),
    ] {
        let config = files.write("kea-dhcp4.conf", text);
        let ran = run(&format!("-c {config}"));
        assert_eq!((ran.status, ran.rows().len(), ran.stderr.lines().count()), (0, 1, 1), "{}", ran.stderr);
        assert!(ran.stderr.starts_with(&format!("kea-lease-dump: {config}:")), "{}", ran.stderr);
        assert!(ran.stderr.ends_with("; the readable part names the lease database\n"), "{}", ran.stderr);
    }
}

#[test]
fn a_lease_file_does_not_replace_an_unreadable_database() {
    let files = Files::new();
    leases(&files, "kea-leases4.csv");
    let config = files.write("kea-dhcp4.conf", r#"{"Dhcp4": {"lease-database": {"type": "mysql" "name": "kea"}}}"#);
    let ran = run(&format!("-c {config}"));
    assert_eq!((ran.status, ran.text()), (2, ""));
    assert!(ran.stderr.contains("where the leases are cannot be read"), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1);
}

#[test]
fn a_connection_string_is_refused_and_not_repeated() {
    for (line, option) in [
        ("-4 -t pgsql -n kea -h postgresql://kea:open-sesame@db.example/kea", "--host: a URL is no name"),
        ("-4 -t pgsql -n postgresql://kea:open-sesame@db.example/kea", "--name: a connection string is no name"),
        ("-4 -t pgsql -n user=kea,password=open-sesame", "--name: a connection string is no name"),
    ] {
        let ran = run(line);
        assert!(ran.status == 2 && ran.stderr.contains(option), "{}", ran.stderr);
        assert!(
            !ran.stderr.contains("open-sesame") && ran.stderr.contains("-p asks for the password"),
            "{}",
            ran.stderr
        );
    }
}
