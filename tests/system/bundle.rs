//! kea-support-bundle of servers that run, hang or are stopped, with real databases, on a full disk, and interrupted.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Instant;

use kea_tools::lease::Family;
use serde_json::{Value, json};

use crate::kea::database::{Database, given, mariadb, psql};
use crate::kea::{Instance, Kea, Network, traffic};
use crate::program::{Outcome, must, run, signal};

/// How often a bundle is interrupted.
const INTERRUPTIONS: u32 = 50;

/// What no bundle has: every password here begins so.
const SECRET: &str = "Zq7";

/// A directory for bundles, and one for what is temporary.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::Builder::new().prefix("kea-bundle.").tempdir().unwrap());
        for folder in ["out", "tmp"] {
            fs::create_dir(desk.at(folder)).unwrap();
        }
        desk
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program for a server, which it finds by its configuration.
    fn program(&self, instance: &Instance) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kea-support-bundle"));
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", "/nonexistent")
            .env("LC_ALL", "C.UTF-8");
        command.env("TMPDIR", self.at("tmp")).stdin(Stdio::null());
        instance.environment(&mut command);
        command.arg("-c").arg(instance.configuration()).arg("-o").arg(self.at("out")).args(["--label", "x"]);
        command
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.at(folder)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// The files of the only bundle, none of which has a secret.
    fn files(&self) -> BTreeMap<String, String> {
        let names = self.names("out");
        let [name] = &names[..] else { panic!("{names:?}") };
        let files = unpacked(&self.at("out").join(name));
        for (path, text) in &files {
            assert!(!text.contains(SECRET) && !path.contains(SECRET), "a secret is in {path}");
        }
        assert_eq!(self.names("tmp"), [""; 0]);
        files
    }
}

/// The files of a bundle by their names without the directory that all are in.
fn unpacked(bundle: &Path) -> BTreeMap<String, String> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(fs::File::open(bundle).unwrap()));
    let files = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().to_str().unwrap().split_once('/').unwrap().1.to_owned();
        let mut text = Vec::new();
        entry.read_to_end(&mut text).unwrap();
        (path, String::from_utf8_lossy(&text).into_owned())
    });
    files.collect()
}

#[track_caller]
fn assert_has(files: &BTreeMap<String, String>, name: &str, parts: &[&str]) {
    let text = files.get(name).unwrap_or_else(|| panic!("{name} is not in {:?}", files.keys()));
    for part in parts {
        assert!(text.contains(part), "{part} is not in {name}: {text}");
    }
}

/// A server that logs everything it reads, with passwords where Kea does not hide them.
fn talkative(kea: &Kea) -> Instance {
    let version = kea.version;
    Instance::memfile_and(kea, Family::V4, |dir| {
        let mut more = json!({
            "user-context": { "wifi-password": "Zq7-wifi-password", "note": "a bundle keeps this" },
            "option-data": [{ "name": "boot-file-name", "data": "http://phone:Zq7-in-address@h.example.test/x" }],
            "loggers": [{ "name": "kea-dhcp4", "severity": "DEBUG", "debuglevel": 99,
                "output_options": [{ "output": dir.join("log/server.log") }] }],
        });
        if version != "2.2" && version != "2.6" {
            let clients = json!([{ "user": "admin4", "password": "Zq7-of-a-client" }]);
            more["control-socket"] = Value::Null;
            more["control-sockets"] = json!([
                { "socket-type": "unix", "socket-name": dir.join("run/control") },
                { "socket-type": "http", "socket-address": "127.0.0.1", "socket-port": 8001,
                  "authentication": { "type": "basic", "realm": "kea", "clients": clients } },
            ]);
        }
        more
    })
}

/// A running server's answers are in a bundle, and none of the secrets that it prints itself.
pub(crate) fn of_a_running_server(kea: &Kea) {
    let (desk, network, instance) = (Desk::new(), Network::new(), talkative(kea));
    let server = instance.start(&network);
    traffic::clients4(&network, 20);
    assert!(server.log().contains(SECRET), "Kea {} prints secrets", kea.version);
    let outcome = run(&mut desk.program(&instance));
    assert!(outcome.status <= 1 && outcome.stdout.ends_with(".tar.gz\n"), "{outcome:?}");
    let files = desk.files();
    assert_has(&files, "config/kea-dhcp4.running.json", &["a bundle keeps this", "10.77.0.0/16", "(redacted)"]);
    assert_has(&files, "config/kea-dhcp4.diff.txt", &["Everything that the file says is running."]);
    assert_has(&files, "running/kea-dhcp4/version.json", &[kea.version]);
    assert_has(&files, "running/kea-dhcp4/statistics.json", &["pkt4-ack-sent"]);
    assert_has(&files, "leases/kea-dhcp4/summary.txt", &["subnet 1: 20 assigned"]);
    assert_has(&files, "pools.txt", &["10.77.0.0/16"]);
    assert_has(&files, "logs/report.txt", &["DHCP"]);
    let log = files.iter().find(|(name, _)| name.ends_with("/log/server.log")).unwrap().1;
    assert!(log.contains("a bundle keeps this") && log.contains("DHCP4_LEASE_ALLOC"));
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn a_bundle_of_a_running_server_has_its_answers_and_no_secret() {
    of_a_running_server(&Kea::debian12());
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn a_bundle_of_a_server_that_hangs_or_is_stopped_says_so() {
    let (desk, network, instance) = (Desk::new(), Network::new(), talkative(&Kea::debian12()));
    let server = instance.start(&network);
    let pid = fs::read_to_string(instance.scratch("run/kea.kea-dhcp4.pid")).unwrap().trim().parse().unwrap();
    signal(pid, "STOP");
    let outcome = run(desk.program(&instance).args(["--timeout", "20"]));
    signal(pid, "CONT");
    assert!(outcome.status == 1 && outcome.stderr.contains("missing: answers of kea-dhcp4: "), "{outcome:?}");
    let files = desk.files();
    assert!(files.contains_key("config/kea-dhcp4.disk.json") && !files.contains_key("config/kea-dhcp4.running.json"));
    server.stop();
    fs::remove_dir_all(desk.at("out")).unwrap();
    fs::create_dir(desk.at("out")).unwrap();
    let outcome = run(&mut desk.program(&instance));
    assert!(outcome.status == 1 && outcome.stderr.contains("missing: answers of kea-dhcp4: "), "{outcome:?}");
    assert_has(&desk.files(), "logs/report.txt", &["DHCP"]);
}

#[test]
#[ignore = "needs Kea, PostgreSQL and MariaDB: run scripts/test"]
fn bundle_has_database_versions_and_no_passwords() {
    let kea = Kea::debian12();
    let postgresql = must(psql("postgres").args(["-At", "-c", "SHOW server_version"]));
    let mysql = must(mariadb().args(["-N", "-e", "SELECT VERSION()"]));
    for (database, version) in [(Database::postgresql(&kea), postgresql), (Database::mysql(&kea), mysql)] {
        let (desk, instance) = (Desk::new(), Instance::on(&kea, Family::V4, &database));
        let outcome = run(&mut desk.program(&instance));
        assert!(outcome.status <= 1, "{outcome:?}");
        let files = desk.files();
        let number = version.trim().split([' ', '-']).next().unwrap();
        assert_has(&files, "databases.txt", &[number]);
        for (name, text) in &files {
            assert!(!text.contains(&given("KEA_TOOLS_DB_PASSWORD")), "the password is in {name}");
        }
    }
}

#[test]
#[ignore = "runs the real program: run scripts/test"]
fn an_interrupted_bundle_is_whole_or_not_there() {
    let (desk, instance) = (Desk::new(), Instance::memfile(&Kea::debian12(), Family::V4));
    let line = |n: u32| format!("2026-11-29 08:25:28.079 INFO  [kea-dhcp4.x/8.1] X_{n} some text\n");
    let lines: Vec<String> = (0..60_000).map(line).collect();
    fs::write(instance.scratch("log/server.log"), lines.concat()).unwrap();
    let begun = Instant::now();
    assert!(run(&mut desk.program(&instance)).status <= 1);
    let length = begun.elapsed();
    let mut whole = 0;
    for number in 0..INTERRUPTIONS {
        for name in desk.names("out") {
            fs::remove_file(desk.at("out").join(name)).unwrap();
        }
        let child = desk.program(&instance).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Any moment will do; these are spread over all of them.
        sleep(length.mul_f64(f64::from(number * 37 % INTERRUPTIONS) / f64::from(INTERRUPTIONS) * 1.1));
        signal(child.id(), if number % 3 == 0 { "TERM" } else { "INT" });
        let outcome = Outcome::from(child.wait_with_output().unwrap());
        let names = desk.names("out");
        match outcome.status {
            // After the bundle was named, the signal has its usual effect again.
            130 | 143 if !names.is_empty() => {
                assert!(outcome.stdout.trim_end().ends_with(&names[0]), "{outcome:?}");
                assert!(unpacked(&desk.at("out").join(&names[0])).contains_key("manifest.json") && names.len() == 1);
            }
            130 | 143 => {
                assert_eq!(names, [""; 0], "{outcome:?}");
                // Before there is a file to remove, the signal has its usual effect.
                let line = "kea-support-bundle: interrupted; nothing was written\n";
                assert!(outcome.stderr.is_empty() || outcome.stderr.ends_with(line), "{outcome:?}");
            }
            0 | 1 => {
                assert!(unpacked(&desk.at("out").join(&names[0])).contains_key("manifest.json") && names.len() == 1);
                whole += 1;
            }
            _ => panic!("{outcome:?}"),
        }
        assert_eq!(desk.names("tmp"), [""; 0]);
    }
    println!("{whole} of {INTERRUPTIONS} bundles were whole before they were interrupted");
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn on_a_full_disk_a_bundle_is_whole_or_not_there() {
    let (desk, instance) = (Desk::new(), Instance::memfile(&Kea::debian12(), Family::V4));
    let line = |n: u64| format!("{:016x}\n", n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let random: Vec<String> = (0..200_000).map(line).collect();
    fs::write(instance.scratch("log/server.log"), random.concat()).unwrap();
    // There is room for all but the log.
    let outcome = on_disk(&desk, &instance, "300k");
    let lost = outcome.stderr.lines().find(|line| line.contains("server.log: its lines cannot be kept in"));
    assert!(outcome.status == 1 && lost.is_some_and(|line| line.contains("No space left on device")), "{outcome:?}");
    assert!(outcome.stderr.lines().last().is_some_and(|line| line.ends_with("tar.gz")), "{outcome:?}");
    let outcome = on_disk(&desk, &instance, "8k");
    assert!(outcome.status == 2 && outcome.stdout.is_empty(), "{outcome:?}");
    assert!(outcome.stderr.lines().last().is_some_and(|line| line.contains("No space left on device")), "{outcome:?}");
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn half_unreadable_files_give_the_rest_without_secrets() {
    let desk = Desk::new();
    let at = |path: &str| desk.at("root").join(path);
    let write = |path: &str, text: &str, mode: u32| {
        fs::create_dir_all(at(path).parent().unwrap()).unwrap();
        fs::write(at(path), text).unwrap();
        fs::set_permissions(at(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    let server = r#"{ "Dhcp4": { "hosts-database": { "type": "mysql", "password": "Zq7-database" },
        "control-sockets": [ { "socket-type": "http", "authentication": { "type": "basic", "directory": "/etc/kea",
          "clients": [ { "user": "ops", "password-file": "kea-api-password" } ] } } ],
        "loggers": [ { "name": "kea-dhcp4", "output-options": [ { "output": "/var/log/kea/kea-dhcp4.log" } ] } ] } }"#;
    write("etc/kea/kea-dhcp4.conf", server, 0o644);
    write("etc/kea/kea-dhcp6.conf", "{ \"Dhcp6\": { \"hosts-database\": { \"password\": \"Zq7-six\" } } }", 0o600);
    write("etc/kea/kea-api-password", "Xq7-not-known", 0o600);
    write("etc/kea/auth/stork", "Zq7-stork", 0o600);
    fs::set_permissions(at("etc/kea/auth"), fs::Permissions::from_mode(0o700)).unwrap();
    write("var/log/kea/kea-dhcp4.log", "it uses Zq7-database here\nlast line\n", 0o644);
    write("var/log/kea/kea-dhcp4.log.1", "password=Zq7-before\n", 0o600);
    for path in [desk.at("out"), desk.at("tmp")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o1777)).unwrap();
    }
    must(Command::new("chmod").arg("a+rx").arg(desk.at("")));
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_kea-support-bundle")]);
    command.arg("--root").arg(desk.at("root")).arg("-o").arg(desk.at("out")).args(["--label", "x"]);
    let outcome = run(command.env_clear().env("TMPDIR", desk.at("tmp")).env("LC_ALL", "C.UTF-8"));
    assert_eq!(outcome.status, 1, "{outcome:?}");
    for missing in [
        "missing: /etc/kea/kea-api-password: Permission denied; the secrets in it are not searched for",
        "missing: /etc/kea/auth: permission denied",
        "missing: /etc/kea/kea-dhcp6.conf: Permission denied; the secrets in it are not searched for",
        "missing: /var/log/kea/kea-dhcp4.log.1: Permission denied",
    ] {
        assert!(outcome.stderr.contains(missing), "{missing}: {outcome:?}");
    }
    let files = desk.files();
    assert_has(&files, "logs/var/log/kea/kea-dhcp4.log", &["it uses (redacted) here", "last line"]);
    assert_has(&files, "config/kea-dhcp4.disk.json", &["\"password\": \"(redacted)\"", "kea-api-password"]);
    let manifest: Value = serde_json::from_str(&files["manifest.json"]).unwrap();
    let is_it = |missing: &&Value| missing["what"] == "/etc/kea/kea-api-password" && missing["is-meant"] == false;
    assert_eq!(manifest["missing"].as_array().unwrap().iter().filter(is_it).count(), 1, "{manifest}");
}

/// What becomes of a bundle on file systems of this size; the last lines of stderr are what is left there.
fn on_disk(desk: &Desk, instance: &Instance, size: &str) -> Outcome {
    let program = desk.program(instance);
    let script = "mount -t tmpfs -o size=\"$1\" tmpfs \"$2\" && mount -t tmpfs -o size=\"$1\" tmpfs \"$3\" || exit 99
        out=$2; shift 3; \"$@\"; status=$?; ls -A \"$out\" >&2; exit $status";
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", script, "sh", size]).arg(desk.at("out")).arg(desk.at("tmp"));
    command.arg(program.get_program()).args(program.get_args()).env_clear();
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    run(&mut command)
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn what_a_user_may_not_read_is_missing_and_the_rest_is_there() {
    let (desk, instance) = (Desk::new(), Instance::memfile(&Kea::debian12(), Family::V4));
    fs::write(instance.scratch("log/server.log"), "a line\n").unwrap();
    let open = |path: &Path, mode: &str| must(Command::new("chmod").arg(mode).arg(path));
    for path in [instance.scratch(""), instance.scratch("log"), desk.at(""), instance.configuration()] {
        open(&path, "a+rX");
    }
    open(&instance.scratch("log/server.log"), "600");
    for path in [desk.at("out"), desk.at("tmp")] {
        open(&path, "1777");
    }
    let program = desk.program(&instance);
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(program.get_program())
        .args(program.get_args());
    command.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let outcome = run(&mut command);
    assert!(outcome.status == 1 && outcome.stderr.contains("log/server.log: "), "{outcome:?}");
    assert_has(&desk.files(), "config/kea-dhcp4.disk.json", &["10.77.0.0/16"]);
}
