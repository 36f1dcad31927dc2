//! Where a dump goes, and what it leaves alone.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

use serde_json::Value;

use crate::lease_dump::harness::{Files, HEADER4, data, row4, run, run_answering};

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn one_lease(files: &Files) -> String {
    files.write("l.csv", format!("{HEADER4}\n{}\n", row4(1)))
}

#[test]
fn new_output_file_has_mode_0600_and_old_mode_is_kept() {
    let files = Files::new();
    let (source, out) = (one_lease(&files), files.path("out.csv"));
    let line = format!("-t memfile -n {source} -o {}", out.display());
    run(&line).expect(0, "");
    assert_eq!(mode(&out), 0o600);
    fs::set_permissions(&out, Permissions::from_mode(0o640)).unwrap();
    run(&line).expect(0, "");
    assert_eq!(mode(&out), 0o640);
    assert_eq!(files.names(), ["l.csv", "out.csv"]);
}

#[test]
fn a_symbolic_link_stays_one() {
    let files = Files::new();
    let source = one_lease(&files);
    files.write("real.csv", "old");
    symlink("real.csv", files.path("link.csv")).unwrap();
    run(&format!("-t memfile -n {source} -o {}", files.path("link.csv").display())).expect(0, "");
    assert!(files.path("link.csv").is_symlink());
    assert!(fs::read_to_string(files.path("real.csv")).unwrap().contains("192.0.2.1"));
}

#[test]
fn a_device_is_written_to_and_stays() {
    let files = Files::new();
    run(&format!("-t memfile -n {} -o /dev/null", one_lease(&files))).expect(0, "");
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn the_lease_file_that_is_read_is_never_replaced() {
    let files = Files::new();
    let source = one_lease(&files);
    fs::hard_link(&source, files.path("other-name.csv")).unwrap();
    symlink(".", files.path("linked")).unwrap();
    symlink("l.csv.completed", files.path("dangling")).unwrap();
    for target in ["l.csv", "l.csv.2", "other-name.csv", "linked/l.csv.1", "dangling"] {
        let target = files.path(target).display().to_string();
        let ran = run(&format!("-t memfile -n {source} -o {target}"));
        let cause = "this is the lease file that is being read; a running server would lose it (choose another name)";
        ran.expect(2, &format!("kea-lease-dump: write {target}: {cause}\n"));
    }
    let (one, other) = (files.path("x").display().to_string(), files.path("linked/x").display().to_string());
    let ran = run(&format!("-t memfile -n {source} -o {one} --manifest {other}"));
    let cause = "two things cannot be written into one file (choose another name)";
    ran.expect(2, &format!("kea-lease-dump: write {other}: {cause}\n"));
    assert_eq!(files.names(), ["dangling", "l.csv", "linked", "other-name.csv"]);
}

#[test]
fn a_directory_gets_the_names_kea_uses() {
    let files = Files::new();
    let source = one_lease(&files);
    fs::create_dir(files.path("dumps")).unwrap();
    let dir = files.path("dumps").display().to_string();
    run(&format!("-t memfile -n {source} -o {dir}")).expect(0, "");
    run(&format!("-t memfile -n {source} -o {dir} -f ndjson")).expect(0, "");
    assert!(files.path("dumps/kea-leases4.csv").is_file() && files.path("dumps/kea-leases4.ndjson").is_file());
}

#[test]
fn both_families_come_from_their_own_configurations() {
    let files = Files::new();
    for family in ['4', '6'] {
        let leases = data(&format!("memfile/kea-leases{family}.csv"));
        let text = format!(
            "# the server of DHCPv{family}\n{{\"Dhcp{family}\": {{\"lease-database\": \
             {{\"type\": \"memfile\", \"name\": \"{}\"}},}}}}",
            leases.display()
        );
        files.write(&format!("kea-dhcp{family}.conf"), text);
    }
    fs::create_dir(files.path("out")).unwrap();
    let (configs, out) = (files.path("").display().to_string(), files.path("out").display().to_string());
    run(&format!("-4 -6 -c {configs} -o {out}")).expect(0, "");
    let lines = |name: &str| fs::read_to_string(files.path(name)).unwrap().lines().count();
    assert_eq!((lines("out/kea-leases4.csv"), lines("out/kea-leases6.csv")), (169, 187));
    let ran = run(&format!("-c {configs}"));
    let hint = "give -4 or -6, or -o DIRECTORY for both; the directory must exist";
    let cause = "there are DHCPv4 and DHCPv6 leases, and one output cannot hold both";
    ran.expect(2, &format!("kea-lease-dump: {cause} ({hint})\n"));
    let new = files.path("new").display().to_string();
    let hint = "for DHCPv4 and DHCPv6 leases; or give -4 or -6 to write one of them to a file";
    let words = format!("write {new}: there is no such directory (create it with mkdir {new}, {hint})");
    run(&format!("-4 -6 -c {configs} -o {new}")).expect(2, &format!("kea-lease-dump: {words}\n"));
}

#[test]
fn a_server_that_keeps_nothing_on_disk_is_reported() {
    let files = Files::new();
    let text = r#"{"Dhcp4": {"lease-database": {"type": "memfile", "persist": false}}}"#;
    let config = files.write("kea-dhcp4.conf", text);
    let ran = run(&format!("-c {config}"));
    let cause = "\"persist\" is false: this server keeps its leases in memory only, there is no lease file";
    ran.expect(2, &format!("kea-lease-dump: {config}: {cause} (ask the running server with -t api)\n"));
}

#[test]
fn a_mistake_in_the_configuration_is_named_with_its_place() {
    let files = Files::new();
    let config = files.write("kea-dhcp4.conf", "{\"Dhcp4\": {\n  \"lease-database\": {\"type\": \"oracle\"}}}");
    let ran = run(&format!("-c {config}"));
    let cause = "\"type\" is \"oracle\", none of memfile, mysql, postgresql";
    ran.expect(2, &format!("kea-lease-dump: {config}:2:30: {cause}\n"));
}

#[test]
fn the_manifest_says_what_was_dumped() {
    let files = Files::new();
    let source = files.write("l.csv", format!("{HEADER4}\n{}\nbad\n", row4(1)));
    let (out, manifest) = (files.path("out.csv").display().to_string(), files.path("m.json").display().to_string());
    let ran = run(&format!("-t memfile -n {source} -o {out} --manifest {manifest}"));
    assert_eq!(ran.status, 2);
    let manifest: Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
    let dump = &manifest["dumps"][0];
    assert_eq!((&dump["rows"], &dump["malformed"], &dump["read"]), (&1.into(), &1.into(), &2.into()));
    assert_eq!((&dump["source"]["type"], &dump["source"]["version"]), (&"memfile".into(), &"3.0".into()));
    assert_eq!(dump["source"]["location"], source.as_str());
    assert_eq!((&dump["started"], &dump["output"]), (&"2026-11-20T12:00:00Z".into(), &out.as_str().into()));
    // What sha256sum says of the header and the good row.
    let whole = format!("{HEADER4}\n{}\n", row4(1));
    assert_eq!(fs::read_to_string(&out).unwrap(), whole);
    assert_eq!(dump["sha256"], sha256sum(&out));
}

fn sha256sum(path: &str) -> String {
    let output = std::process::Command::new("sha256sum").arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

#[test]
fn a_password_on_the_command_line_is_refused_and_not_repeated() {
    for args in
        [&["-p", "hunter2"][..], &["-phunter2"], &["--password=hunter2"], &["--password", "hunter2"], &["-vphunter2"]]
    {
        let ran = run_answering(["-t", "pgsql", "-4", "-n", "kea"].iter().chain(args), "");
        assert_eq!(ran.status, 2);
        assert!(ran.stderr.starts_with("kea-lease-dump: -p takes no value: "), "{}", ran.stderr);
        assert!(!ran.stderr.contains("hunter"), "{}", ran.stderr);
    }
}

#[test]
fn a_mistyped_option_is_one_line_with_a_remedy() {
    let ran = run("--formt json");
    ran.expect(
        2,
        "kea-lease-dump: unexpected argument \"--formt\" (did you mean --format?; see kea-lease-dump --help)\n",
    );
    let ran = run("-f xml");
    ran.expect(
        2,
        "kea-lease-dump: --format \"xml\": expected memfile, csv, json or ndjson (see kea-lease-dump --help)\n",
    );
}

#[test]
fn verbose_says_in_one_line_what_was_done() {
    let files = Files::new();
    let source = one_lease(&files);
    let ran = run(&format!("-v -t memfile -n {source}"));
    let said = format!("1 DHCPv4 lease from {source} (version 3.0) to standard output: 1 row read, 0.00 s");
    ran.expect(0, &format!("kea-lease-dump: {said}\n"));
}

#[test]
fn nothing_is_written_over_the_dump_or_its_source() {
    let files = Files::new();
    let source = one_lease(&files);
    let (out, link) = (files.path("out.csv").display().to_string(), files.write("old.csv", "old"));
    fs::hard_link(&link, files.path("same.csv")).unwrap();
    let same = files.path("same.csv").display().to_string();
    for (output, manifest) in [(&out, &out), (&out, &source), (&link, &same)] {
        let ran = run(&format!("-t memfile -n {source} -o {output} --manifest {manifest}"));
        assert_eq!(ran.status, 2);
        assert!(ran.stderr.ends_with(" (choose another name)\n"), "{}", ran.stderr);
    }
    assert_eq!(files.names(), ["l.csv", "old.csv", "same.csv"]);
    let ran = run(&format!("-t memfile -n {source} -o {link} --manifest {}", files.path("none/m.json").display()));
    assert_eq!((ran.status, fs::read_to_string(&link).unwrap().as_str()), (2, "old"));
    assert_eq!(run(&format!("-t memfile -n {source} --manifest -")).status, 2);
}

#[test]
fn a_forgotten_type_is_not_taken_for_a_lease_file() {
    let ran = run("-4 -t memfile -h db.example -n kea");
    ran.expect(
        2,
        "kea-lease-dump: a lease file has no host, port or user (give -t mysql or -t pgsql for a database)\n",
    );
}

#[test]
fn companions_of_the_new_file_are_reported() {
    let files = Files::new();
    let source = one_lease(&files);
    let (out, old) = (files.path("out.csv").display().to_string(), files.write("out.csv.2", "old"));
    let ran = run(&format!("-t memfile -n {source} -o {out}"));
    let said = "is next to the output: a Kea that loads the one reads the other too, so remove it first";
    ran.expect(0, &format!("kea-lease-dump: {old} {said}\n"));
    run(&format!("-t memfile -n {source} -o {out} -f json")).expect(0, "");
}
