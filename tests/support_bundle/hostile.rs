//! Machines with files that are none, that never end or lead elsewhere: a bundle without them, and nothing is left behind.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use kea_tools::cli;
use kea_tools::env::screen::Size;
use kea_tools::testing::ProgramRun;

use super::{Ran, run, unpacked};

/// A machine with one server, and a place for its bundle.
pub(super) struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    pub(super) fn new(server: &str) -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        for folder in ["etc/kea", "var/log/kea", "var/lib/kea", "proc"] {
            fs::create_dir_all(machine.at(folder)).unwrap();
        }
        fs::create_dir(machine.out()).unwrap();
        let loggers = r#""loggers": [ { "name": "kea-dhcp4", "severity": "INFO",
            "output_options": [ { "output": "/var/log/kea/kea-dhcp4.log" } ] } ]"#;
        machine.write("etc/kea/kea-dhcp4.conf", &format!("{{ \"Dhcp4\": {{ {server} {loggers} }} }}"));
        machine
    }

    pub(super) fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join("root").join(path)
    }

    pub(super) fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        fs::write(self.at(path), text).unwrap();
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Ran {
        let (root, out) = (self.at("").display().to_string(), self.out().display().to_string());
        run(&[&["--root", root.as_str(), "-o", out.as_str(), "--label", "x"], arguments].concat())
    }

    /// The files of the only bundle; nothing else may be there.
    pub(super) fn files(&self) -> std::collections::BTreeMap<String, Vec<u8>> {
        let all: Vec<PathBuf> = fs::read_dir(self.out()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(fs::metadata(&all[0]).unwrap().permissions().mode() & 0o777, 0o600);
        unpacked(&all[0])
    }
}

pub(super) fn text(files: &std::collections::BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8(files.get(name).unwrap_or_else(|| panic!("{name} is not in {:?}", files.keys())).clone()).unwrap()
}

#[test]
fn pipes_devices_and_links_out_of_the_machine_are_left_out() {
    let machine = Machine::new("");
    let fifo = machine.at("var/log/kea/kea-dhcp4.log");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, 0o600.into()).unwrap();
    symlink("/dev/zero", machine.at("etc/kea/endless.conf")).unwrap();
    // Inside of the machine there is no such file, wherever the link leads on this one.
    symlink("../../../../../../../../etc/hostname", machine.at("etc/kea/up.conf")).unwrap();
    let named = [machine.at("etc/kea/endless.conf"), machine.at("etc/kea/up.conf")];
    let ran = machine.run(&["--include", "/etc/kea/endless.conf", "--include", "/etc/kea/up.conf"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("missing: /var/log/kea/kea-dhcp4.log: not a regular file"), "{}", ran.stderr);
    let files = machine.files();
    assert!(
        !files.keys().any(|name| name.starts_with("include/") || name.starts_with("logs/var")),
        "{:?}",
        files.keys()
    );
    assert!(named.iter().all(|path| path.is_symlink()), "nothing was changed");
}

#[test]
fn a_lease_file_that_is_a_pipe_is_not_waited_for() {
    let machine = Machine::new("\"lease-database\": { \"type\": \"memfile\", \"name\": \"/var/lib/kea/l.csv\" },");
    let fifo = machine.at("var/lib/kea/l.csv");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, 0o600.into()).unwrap();
    let ran = machine.run(&[]);
    assert!(ran.stderr.contains("/var/lib/kea/l.csv: not a regular file"), "{ran:?}");
    assert!(!ran.stderr.contains("--timeout"), "{ran:?}");
    assert!(!machine.files()["status.txt"].is_empty());
}

#[test]
fn of_a_huge_log_the_end_is_taken() {
    let machine = Machine::new("");
    let mut log = fs::File::create(machine.at("var/log/kea/kea-dhcp4.log")).unwrap();
    log.seek(SeekFrom::Start(5 << 30)).unwrap();
    log.write_all(b"\nbefore\nthe last line\n").unwrap();
    let ran = machine.run(&["--log-size", "64k"]);
    assert!(ran.status <= 1, "{ran:?}");
    let files = machine.files();
    let shown = text(&files, "logs/var/log/kea/kea-dhcp4.log");
    assert!(shown.ends_with("before\nthe last line\n") && shown.len() < 64 << 10, "{}", shown.len());
    assert!(text(&files, "manifest.json").contains("\"is-cut\": true"));
}

#[test]
fn logs_are_in_their_order_whatever_takes_longer() {
    let machine = Machine::new("");
    let names = ["kea-dhcp4.log", "kea-dhcp4.log.1", "kea-dhcp4.log.2", "kea-dhcp4.log.3"];
    for (age, name) in names.iter().enumerate() {
        let lines = format!("a line of {name}\n").repeat(if age % 2 == 0 { 20_000 } else { 1 });
        fs::write(machine.at(&format!("var/log/kea/{name}")), lines).unwrap();
    }
    assert!(machine.run(&[]).status <= 1);
    let files = machine.files();
    let manifest: serde_json::Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let paths = manifest["members"].as_array().unwrap().iter().map(|member| member["path"].as_str().unwrap());
    let expected = names.map(|name| format!("logs/var/log/kea/{name}"));
    assert_eq!(paths.filter(|path| path.starts_with("logs/var")).collect::<Vec<_>>(), expected);
    for (name, path) in names.iter().zip(&expected) {
        assert!(text(&files, path).lines().all(|line| line == format!("a line of {name}")), "{name}");
    }
}

#[test]
fn a_log_that_grows_is_taken_as_it_was() {
    let machine = Machine::new("");
    let path = machine.at("var/log/kea/kea-dhcp4.log");
    fs::write(&path, "the first line\n").unwrap();
    let is_over = std::sync::atomic::AtomicBool::new(false);
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut log = fs::OpenOptions::new().append(true).open(&path).unwrap();
            while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                log.write_all(b"one more line of a log that does not end\n").unwrap();
            }
        });
        let ran = machine.run(&[]);
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        ran
    });
    assert!(ran.status <= 1, "{ran:?}");
    assert!(text(&machine.files(), "logs/var/log/kea/kea-dhcp4.log").starts_with("the first line\n"));
}

#[test]
fn compressed_siblings_are_read_and_their_secrets_hidden() {
    let machine = Machine::new("");
    let gz = fs::File::create(machine.at("var/log/kea/kea-dhcp4.log.1.gz")).unwrap();
    let mut gz = flate2::write::GzEncoder::new(gz, flate2::Compression::default());
    gz.write_all(b"old password=Zq7-old-value old line\n").unwrap();
    gz.finish().unwrap();
    machine.write("var/log/kea/kea-dhcp4.log", "here is Zq7-old-value, which no rule knows\n");
    assert!(machine.run(&[]).status <= 1);
    let files = machine.files();
    assert!(text(&files, "logs/var/log/kea/kea-dhcp4.log.1").starts_with("old password=(redacted)"));
    assert_eq!(text(&files, "logs/var/log/kea/kea-dhcp4.log"), "here is (redacted), which no rule knows\n");
    fs::remove_dir_all(machine.out()).unwrap();
    fs::create_dir(machine.out()).unwrap();
    let ran = machine.run(&["--include", "/var/log/kea/kea-dhcp4.log.1.gz"]);
    assert!(ran.status <= 1, "{ran:?}");
}

#[test]
fn siblings_of_a_log_that_are_not_read_are_listed_with_why() {
    let machine = Machine::new("");
    machine.write("var/log/kea/kea-dhcp4.log", "a line\n");
    for name in ["1.bz2", "2.lzma", "old", "lock"] {
        machine.write(&format!("var/log/kea/kea-dhcp4.log.{name}"), "BZh91AY");
    }
    machine.write("var/log/kea/kea-dhcp4.log-20261127.bz2", "BZh91AY");
    machine.write("var/log/kea/kea-dhcp4.log2", "another log\n");
    rustix::fs::mkfifoat(rustix::fs::CWD, machine.at("var/log/kea/kea-dhcp4.log.3"), 0o600.into()).unwrap();
    assert_eq!(machine.run(&[]).status, 1);
    let manifest: serde_json::Value = serde_json::from_slice(&machine.files()["manifest.json"]).unwrap();
    let missing = manifest["missing"].as_array().unwrap().iter();
    let logs: Vec<String> = missing
        .filter_map(|it| Some((it["what"].as_str()?.strip_prefix("/var/log/kea/kea-dhcp4.log")?, it["why"].as_str()?)))
        .map(|(name, why)| format!("{name} {why}"))
        .collect();
    let expected = [
        "-20261127.bz2 it is compressed; bzcat reads it",
        ".1.bz2 it is compressed; bzcat reads it",
        ".2.lzma it is compressed; xzcat reads it",
        ".3 not a regular file",
        ".old it is not named as a rotated log (--include adds it)",
    ];
    assert_eq!(logs, expected);
}

#[test]
fn a_place_that_cannot_be_written_to_is_one_line() {
    let machine = Machine::new("");
    let nowhere = machine.out().join("no/such/place.tar.gz");
    let ran = machine.run(&["-o", nowhere.to_str().unwrap()]);
    assert_eq!(ran.status, 2, "given twice: {ran:?}");
    let root = machine.at("").display().to_string();
    let ran = run(&["--root", &root, "-o", nowhere.to_str().unwrap()]);
    assert!(ran.status == 2 && ran.stdout.is_empty() && ran.stderr.lines().count() == 1, "{ran:?}");
    // A disk that is full.
    let ran = run(&["--root", &root, "-o", "/dev/full"]);
    assert!(ran.status == 2 && ran.stderr.contains("No space left"), "{ran:?}");
    assert!(fs::read_dir(machine.out()).unwrap().next().is_none());
}

#[test]
fn invalid_configuration_is_bundled_redacted_with_reason() {
    let machine = Machine::new("");
    machine.write(
        "etc/kea/kea-dhcp4.conf",
        "{ \"Dhcp4\": { \"lease-database\": { \"password\": \"Zq7-value\" },\n  oops\n",
    );
    let ran = machine.run(&[]);
    assert!(ran.status == 1 && ran.stderr.contains("kea-dhcp4.conf:2"), "{ran:?}");
    let shown = text(&machine.files(), "config/etc/kea/kea-dhcp4.conf");
    assert_eq!(shown, "{ \"Dhcp4\": { \"lease-database\": { \"password\": \"(redacted)\" },\n  oops\n");
}

#[test]
fn a_bundle_can_go_to_standard_output() {
    let machine = Machine::new("");
    machine.write("var/log/kea/kea-dhcp4.log", "a line\n");
    let root = machine.at("").display().to_string();
    for name in ["-", "/dev/stdout"] {
        let ran = run(&["--root", &root, "-o", name, "--label", "x"]);
        assert!(ran.status <= 1, "{ran:?}");
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&ran.bytes[..]));
        let names = archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string());
        assert!(names.collect::<Vec<_>>().iter().any(|name| name.ends_with("/manifest.json")));
    }
    assert!(!Path::new("-").exists());
    let program =
        ProgramRun { now: 1_795_960_000, screen: Some(Size { columns: 80, rows: 24 }), ..ProgramRun::default() };
    let ran = program.run("kea-support-bundle", cli::support_bundle::run, ["--root", root.as_str(), "-o", "-"]);
    assert!(
        ran.status == 2 && ran.bytes.is_empty() && ran.stderr.contains("it is a terminal (write a file with -o FILE"),
        "{ran:?}"
    );
}

#[test]
fn what_is_there_already_is_not_replaced() {
    let machine = Machine::new("");
    machine.write("var/log/kea/kea-dhcp4.log", "a line\n");
    let (root, out) = (machine.at("").display().to_string(), machine.out());
    fs::write(out.join("file"), "kept").unwrap();
    fs::write(out.join("empty"), "").unwrap();
    symlink("file", out.join("link")).unwrap();
    symlink("nowhere", out.join("dangling")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, out.join("pipe"), 0o600.into()).unwrap();
    for (name, expected) in [
        ("file", "there is a file already (choose another name, or remove it first)"),
        ("link", "there is a symbolic link already"),
        ("dangling", "there is a symbolic link already"),
        ("pipe", "it is no file (write to standard output with -o -)"),
    ] {
        let ran = run(&["--root", &root, "-o", out.join(name).to_str().unwrap()]);
        assert!(ran.status == 2 && ran.stderr.contains(expected) && ran.stderr.lines().count() == 1, "{ran:?}");
    }
    assert_eq!(fs::read(out.join("file")).unwrap(), b"kept");
    assert!(!out.join("nowhere").exists());
    // As mktemp makes it.
    assert!(run(&["--root", &root, "-o", out.join("empty").to_str().unwrap()]).status <= 1);
    assert!(fs::metadata(out.join("empty")).unwrap().len() > 0);
}

#[test]
fn a_configuration_that_is_not_there_is_an_error() {
    let machine = Machine::new("");
    let ran = machine.run(&["-c", "/etc/kea/kea-dhcp4.con"]);
    assert_eq!(ran.status, 2, "{ran:?}");
    assert_eq!(ran.stderr, "kea-support-bundle: read /etc/kea/kea-dhcp4.con: No such file or directory\n");
    assert!(fs::read_dir(machine.out()).unwrap().next().is_none());
}

#[test]
fn servers_of_one_kind_are_named_alike_everywhere() {
    let machine = Machine::new("\"lease-database\": { \"type\": \"memfile\", \"name\": \"/var/lib/kea/a.csv\" },");
    let other = "{ \"Dhcp4\": { \"lease-database\": { \"type\": \"memfile\", \"name\": \"/var/lib/kea/b.csv\" } } }";
    machine.write("etc/kea/west.conf", other);
    let head = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n";
    for name in ["var/lib/kea/a.csv", "var/lib/kea/b.csv"] {
        machine.write(name, head);
    }
    let west = ["-c", "/etc/kea/west.conf"];
    let usual = ["-c", "/etc/kea/kea-dhcp4.conf"];
    for arguments in [[west, usual].concat(), [usual, west].concat()] {
        assert!(machine.run(&arguments).status <= 1);
        let files = machine.files();
        assert!(text(&files, "config/kea-dhcp4.disk.json").contains("a.csv"));
        assert!(text(&files, "config/kea-dhcp4-2.disk.json").contains("b.csv"));
        assert!(text(&files, "leases/kea-dhcp4/summary.txt").contains("a.csv"));
        assert!(text(&files, "leases/kea-dhcp4-2/summary.txt").contains("b.csv"));
        for entry in fs::read_dir(machine.out()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
}

#[test]
fn the_same_machine_gives_the_same_bundle() {
    let machine = Machine::new("");
    machine.write("var/log/kea/kea-dhcp4.log", "a line\n");
    let bundle = machine.out().join("kea-support-x-20261129T134640Z.tar.gz");
    let took = |path: &Path| {
        let mut files = unpacked(path);
        let manifest = files.remove("manifest.json").unwrap();
        let mut manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
        manifest["seconds"] = 0.into();
        // Other programs write too.
        files.remove("system/disk.txt");
        manifest["members"].as_array_mut().unwrap().retain(|member| member["path"] != "system/disk.txt");
        (files, manifest)
    };
    assert!(machine.run(&[]).status <= 1);
    let first = took(&bundle);
    fs::remove_file(&bundle).unwrap();
    assert!(machine.run(&[]).status <= 1);
    assert_eq!(first, took(&bundle));
}

#[test]
fn a_server_that_never_ran_is_reported_in_one_line() {
    let machine = Machine::new("\"lease-database\": { \"type\": \"memfile\" },");
    machine.write("var/log/kea/kea-dhcp4.log", "a line\n");
    let ran = machine.run(&[]);
    let lines: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("lease")).collect();
    assert!(ran.status == 1 && lines.len() == 1 && lines[0].ends_with("it is not there"), "{ran:?}");
}

#[test]
fn no_path_in_a_bundle_leads_out_of_it() {
    let machine = Machine::new("");
    machine.write("var/log/kea/kea-dhcp4.log", "a line\n");
    let ran = machine.run(&["-c", "/etc/../etc/kea/kea-dhcp4.conf", "--include", "/var/log/kea/../kea/kea-dhcp4.log"]);
    assert!(ran.status <= 1, "{ran:?}");
    assert_eq!(text(&machine.files(), "include/var/log/kea/kea/kea-dhcp4.log"), "a line\n");
}

#[test]
fn variables_of_units_are_not_copied() {
    let machine = Machine::new("");
    let drop_ins = "etc/systemd/system/kea-dhcp4-server.service.d";
    for folder in [drop_ins, "etc/default"] {
        fs::create_dir_all(machine.at(folder)).unwrap();
    }
    let unit = "[Service]\nEnvironmentFile=-/etc/kea/site.conf\nEnvironment=RESTIC2=UnitNoClue-8822-cc TZ=UTC\n";
    machine.write(&format!("{drop_ins}/site.conf"), unit);
    machine.write("etc/kea/site.conf", "RESTIC=correcthorsebatterystaple\n");
    machine.write("etc/default/kea", "KEA_BLURB=NoClueSecret-4411-aa\n");
    assert!(machine.run(&[]).status <= 1);
    let files = machine.files();
    for (name, text) in &files {
        for value in ["UnitNoClue-8822-cc", "correcthorsebatterystaple", "NoClueSecret-4411-aa"] {
            assert!(memchr::memmem::find(text, value.as_bytes()).is_none(), "{value} is in {name}");
        }
    }
    let name = files.keys().find(|name| name.ends_with(".service.d-site.conf")).unwrap();
    assert!(text(&files, name).contains("Environment=RESTIC2=(redacted) TZ=UTC\n"), "{}", text(&files, name));
    let manifest = text(&files, "manifest.json");
    assert!(manifest.contains("/etc/default/kea") && manifest.contains("/etc/kea/site.conf"), "{manifest}");
}

#[test]
fn the_last_line_of_a_log_of_nuls_is_kept() {
    let machine = Machine::new("");
    let mut log = fs::File::create(machine.at("var/log/kea/kea-dhcp4.log")).unwrap();
    log.seek(SeekFrom::Start(5 << 30)).unwrap();
    log.write_all(b"the only line\n").unwrap();
    assert!(machine.run(&["--log-size", "8M"]).status <= 1);
    let files = machine.files();
    assert_eq!(text(&files, "logs/var/log/kea/kea-dhcp4.log"), "the only line\n");
}

#[test]
fn a_log_that_is_a_link_to_no_log_is_not_copied() {
    let machine = Machine::new("");
    machine.write("etc/shadow", "root:$y$j9T$abc:19000::::::\n");
    symlink("/etc/shadow", machine.at("var/log/kea/kea-dhcp4.log")).unwrap();
    let ran = machine.run(&[]);
    assert!(ran.stderr.contains("kea-dhcp4.log: it is a link to a file that is no log"), "{}", ran.stderr);
    let files = machine.files();
    assert!(!files.values().any(|text| memchr::memmem::find(text, b"j9T").is_some()), "{:?}", files.keys());
}

#[test]
fn a_database_that_hangs_does_not_cost_the_pools_of_another() {
    let machine = Machine::new("");
    // It accepts connections and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let leases = machine.at("leases4.csv");
    fs::write(&leases, "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state\n")
        .unwrap();
    let subnet =
        r#""subnet4": [ { "id": 1, "subnet": "192.0.2.0/24", "pools": [ { "pool": "192.0.2.1 - 192.0.2.9" } ] } ]"#;
    let memfile = format!(r#""lease-database": {{ "type": "memfile", "name": "{}" }}"#, leases.display());
    machine.write("4.conf", &format!(r#"{{ "Dhcp4": {{ {memfile}, {subnet} }} }}"#));
    let database =
        format!(r#""type": "postgresql", "name": "kea", "user": "kea", "host": "127.0.0.1", "port": {port}"#);
    machine.write("6.conf", &format!(r#"{{ "Dhcp6": {{ "lease-database": {{ {database} }} }} }}"#));
    let (four, six) = (machine.at("4.conf").display().to_string(), machine.at("6.conf").display().to_string());
    let out = machine.out().display().to_string();
    let arguments =
        ["-c", &four, "-c", &six, "-o", &out, "--label", "x", "--timeout", "8", "--leases", "none", "--no-logs"];
    let ran = run(&arguments);
    assert!(ran.stderr.contains("pools of kea-dhcp6"), "{}", ran.stderr);
    assert!(text(&machine.files(), "pools.txt").contains("192.0.2.1"), "{}", ran.stderr);
}
