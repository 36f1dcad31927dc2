//! Passwords, certificates and the file of servers, which change while the program runs.

use std::fs;
use std::path::{Path, PathBuf};

use kea_tools::cli::{self, Program};
use kea_tools::testing::ProgramRun;
use tempfile::TempDir;

use super::harness::{Replay, Series, run_at, series};
use super::listening::Listening;
use crate::control::fake::{Fake, Reply};

const NOW: i64 = 1_795_960_000;

/// A folder with a file of servers.
fn folder(servers: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("servers.toml");
    fs::write(&file, servers).unwrap();
    (folder, file)
}

fn scrape(program: &Listening) -> Series {
    series(program.get("/metrics", "").split_once("\r\n\r\n").unwrap().1)
}

fn listen(servers: &Path) -> Listening {
    Listening::start(&["--servers", servers.to_str().unwrap(), "--min-interval", "0s"])
}

/// A server of HTTP that answers while this file has the password "new".
fn locked(password: &Path) -> Fake {
    let (replay, password) = (Replay::new("3.0.4", 4), password.to_owned());
    Fake::web(move |command| {
        let is_right = fs::read_to_string(&password).is_ok_and(|text| text == "new\n");
        if is_right { Reply::Answer(replay.answer(command)) } else { Reply::Status(401, serde_json::json!({})) }
    })
}

#[test]
fn a_corrected_password_is_used_at_the_next_scrape() {
    let (folder, servers) = folder("");
    let password = folder.path().join("password");
    let fake = locked(&password);
    let text = format!("[server.a]\nurl = '{}'\nuser = 'monitor'\npassword-file = {password:?}", fake.address());
    fs::write(&servers, text).unwrap();
    let program = listen(&servers);
    let reason = |reason: &str| format!("kea_scrape_error{{daemon=\"ctrl_agent\",reason=\"{reason}\"}}");
    assert_eq!(scrape(&program)[&reason("unreadable")], 1.0);
    for wrong in ["old\n", "older\n"] {
        fs::write(&password, wrong).unwrap();
        assert_eq!(scrape(&program)[&reason("unauthorized")], 1.0);
    }
    fs::write(&password, "new\n").unwrap();
    assert_eq!(scrape(&program)["kea_up{daemon=\"dhcp4\"}"], 1.0);
    // "monitor:new", in small letters as heads are kept.
    assert!(fake.heads().last().unwrap().contains("basic bw9uaxrvcjpuzxc="), "{:?}", fake.heads());
    fs::remove_file(&password).unwrap();
    scrape(&program);
    assert!(fake.heads().last().unwrap().contains("basic bw9uaxrvcjpuzxc="), "what was read before is used");
}

#[test]
fn a_changed_file_of_servers_is_read_at_the_next_scrape() {
    let fakes = [Replay::new("3.0.4", 4).serve(), Replay::new("3.0.4", 6).serve()];
    let one = format!("[server.a]\nsocket = '{}'\n", fakes[0].address());
    let (_folder, servers) = folder(&one);
    let program = listen(&servers);
    assert_eq!(scrape(&program)["kea_up{daemon=\"dhcp4\"}"], 1.0);
    let text = format!("{one}[server.b]\nsocket = '{}'\n", fakes[1].address());
    for text in [&text, "[server"] {
        fs::write(&servers, text).unwrap();
        let found = scrape(&program);
        let up = ["kea_up{daemon=\"dhcp4\",server=\"a\"}", "kea_up{daemon=\"dhcp6\",server=\"b\"}"];
        assert_eq!(up.map(|name| found[name]), [1.0, 1.0], "{text}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_of_its_server_alone() {
    let fake = Replay::new("3.0.4", 4).serve();
    let here = format!("[server.here]\nsocket = '{}'\n", fake.address());
    for missing in ["user = 'u'\npassword-file = '/nowhere/a'", "ca-file = '/nowhere/a'"] {
        let (_folder, servers) = folder(&format!("{here}[server.other]\nurl = 'https://127.0.0.1:1'\n{missing}\n"));
        let ran = run_at(NOW, &["--servers", servers.to_str().unwrap()]);
        let found = series(&ran.stdout);
        assert_eq!((ran.status, found["kea_up{daemon=\"dhcp4\",server=\"here\"}"]), (1, 1.0), "{ran:?}");
        let reason = "kea_scrape_error{daemon=\"ctrl_agent\",reason=\"unreadable\",server=\"other\"}";
        assert_eq!(found[reason], 1.0, "{missing}");
        let is_remarked =
            ran.stderr.starts_with("kea-metrics: server \"other\": ") && ran.stderr.contains("/nowhere/a");
        assert!(is_remarked && ran.stderr.lines().count() == 1, "{}", ran.stderr);
    }
}

#[test]
fn servers_that_are_not_queried_have_no_remarks() {
    let fake = Replay::new("3.0.4", 4).serve();
    let text = format!(
        "[server.dead]\nurl = 'http://kea.example'\nuser = 'u'\npassword-file = '/nowhere'\n[server.here]\nsocket = '{}'",
        fake.address()
    );
    let (_folder, servers) = folder(&text);
    let ran = run_at(NOW, &["--servers", servers.to_str().unwrap(), "--server", "here"]);
    assert_eq!((ran.status, &*ran.stderr), (0, ""));
}

#[test]
fn a_configuration_where_a_server_belongs_is_understood() {
    let (_folder, file) = folder("{}");
    let file = file.to_str().unwrap();
    for arguments in [&[file][..], &["--server", file]] {
        let ran = run_at(NOW, arguments);
        assert!(ran.status == 2 && ran.stderr.contains(&format!("did you mean -c {file}?")), "{ran:?}");
    }
}

#[test]
fn a_password_in_a_url_is_not_repeated_in_an_error() {
    let programs: [(&str, Program); 9] = [
        ("kea-metrics", cli::metrics::run),
        ("kea-top", cli::top::run),
        ("kea-pools", cli::pools::run),
        ("kea-log-report", cli::log_report::run),
        ("kea-loggers", cli::loggers::run),
        ("kea-lease-dump", cli::lease_dump::run),
        ("kea-list-leases", cli::list_leases::run),
        ("keactrl-status", cli::keactrl_status::run),
        ("kea-support-bundle", cli::support_bundle::run),
    ];
    for url in ["http://monitor:s3cret@192.0.2.1:8000", "http://mo?n:s3cret@192.0.2.1", "monitor:s3cret@192.0.2.1:8000"]
    {
        for (name, program) in programs {
            for more in [&["--server"][..], &[], &["-c"], &["-t", "api", "--socket"], &["--once", "--servers"]] {
                let ran = ProgramRun { now: NOW, ..ProgramRun::default() }.run(name, program, [more, &[url]].concat());
                let said = ran.stdout + &ran.stderr;
                assert!(ran.status >= 2 && !said.contains("s3cret"), "{name} {more:?}: {said}");
            }
        }
    }
    let ran = run_at(NOW, &["--server", "http://monitor:s3cret@192.0.2.1:8000"]);
    let expected = "--server http://***@192.0.2.1:8000: a URL must not hold a user or password";
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
}

#[test]
fn a_password_in_a_url_of_the_file_of_servers_is_not_repeated() {
    let (_folder, servers) = folder("[server.a]\nurl = 'https://monitor:s3cret@192.0.2.1'\n");
    let ran = run_at(NOW, &["--servers", servers.to_str().unwrap()]);
    assert!(ran.stderr.contains("url \"https://***@192.0.2.1\"") && !ran.stderr.contains("s3cret"), "{}", ran.stderr);
}
