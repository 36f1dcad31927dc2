//! Configurations and files that are not as they should be.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use kea_tools::cli;
use kea_tools::testing::ProgramRun;

use super::{Folder, GOOD, kinds, run, with};

#[test]
fn what_cannot_be_parsed_is_a_finding_with_its_place() {
    let folder = Folder::new();
    for (text, expected) in [
        ("{ \"Dhcp4\": { \"loggers\": [\n { \"name\": }\n ] } }", "c:2:"),
        ("{ \"Dhcp4\": { \"loggers\": {} } }", "c:1:25"),
        ("{ \"Dhcp4\": { \"loggers\": [ 7 ] } }", "c:1:27"),
        ("{ \"Dhcp4\": { \"loggers\": [ { \"name\": 7, \"severity\": \"INFO\" } ] } }", "c:1:37"),
    ] {
        let file = folder.configuration("c", text);
        let ran = run(&["-c", &file, "--for", "2.2"]);
        assert_eq!(ran.status, 1, "{text}: {ran:?}");
        assert!(ran.stdout.contains(expected), "{text}: {}", ran.stdout);
    }
}

#[test]
fn a_syntax_error_is_one_finding() {
    let folder = Folder::new();
    for entry in ["{ name: \"kea-dhcp4\", \"severity\": \"INFO\" }", "{ \"name\": \"kea-dhcp4\", \"severity\": INFO }"]
    {
        let file = folder.configuration("c", &with("Dhcp4", entry));
        assert_eq!(kinds(&run(&[&file, "--for", "2.2", "-f", "json"])), ["syntax"], "{entry}");
    }
}

#[test]
fn an_argument_is_a_file_a_logger_or_a_message() {
    let folder = Folder::new();
    let file = folder.configuration("c", &with("Dhcp4", GOOD));
    let options = run(&["-c", &file, "--for", "2.2", "--which", "DHCP4_LEASE_ALLOC"]);
    assert_eq!(options.status, 0, "{options:?}");
    for words in [["DHCP4_LEASE_ALLOC", &file], [&file, "DHCP4_LEASE_ALLOC"]] {
        assert_eq!(run(&[&words[..], &["--for", "2.2"]].concat()).stdout, options.stdout);
    }
    let nothing = run(&["lease", &file]);
    let said = "kea-loggers: lease: no file, and no daemon has a logger of this name (leases may be meant)\n";
    assert_eq!((nothing.status, nothing.stderr.as_str()), (2, said));
    let two = run(&[&file, "leases", "commands"]);
    assert!(two.status == 2 && two.stderr.contains("only one logger or message"), "{two:?}");
}

#[test]
fn what_is_no_configuration_is_one_line() {
    let folder = Folder::new();
    for text in ["", "[]", "{}", "not json", "{\"Dhcp9\": {}}", "\u{0}\u{1b}[2J"] {
        let file = folder.configuration("c", text);
        let ran = run(&["-c", &file]);
        assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.lines().count()), (2, "", 1), "{text}: {ran:?}");
        assert!(!ran.stderr.contains('\u{1b}'));
    }
}

#[test]
fn files_of_every_kind_are_judged_and_none_is_made() {
    let folder = Folder::new();
    fs::create_dir(folder.at("folder")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, folder.at("pipe"), rustix::fs::Mode::RUSR).unwrap();
    fs::write(folder.at("file"), "").unwrap();
    symlink("nowhere/x", folder.at("dangling")).unwrap();
    symlink("loop", folder.at("loop")).unwrap();
    folder.configuration("c", "");
    let before = folder.names();
    for (name, kind) in [
        ("folder", "is-directory"),
        ("pipe", "is-pipe"),
        ("none/k.log", "no-directory"),
        ("file/k.log", "no-directory"),
        ("file/", "is-directory"),
        ("loop", "not-examined"),
    ] {
        let file = folder.configuration("c", &with("Dhcp4", &GOOD.replace("k.log", name)));
        let ran = run(&["-c", &file, "--for", "2.2", "-f", "json"]);
        assert_eq!((ran.status, kinds(&ran)), (1, vec![kind.to_owned()]), "{name}");
        let expected = if kind == "not-examined" { 3 } else { 2 };
        assert_eq!(run(&["-c", &file, "--for", "2.2", "-f", "nagios"]).status, expected, "{name}");
    }
    let device = folder.configuration("c", &with("Dhcp4", &GOOD.replace("DIR/k.log", "/dev/null")));
    assert_eq!(kinds(&run(&["-c", &device, "--for", "2.2", "-f", "json"])), ["is-device"]);
    let stream = folder.configuration("c", &with("Dhcp4", &GOOD.replace("DIR/k.log", "/dev/stdout")));
    assert_eq!(kinds(&run(&["-c", &stream, "--for", "2.2", "-f", "json"])), [] as [&str; 0]);
    assert_eq!(folder.names(), before, "nothing was made");
}

#[test]
fn a_file_that_may_not_be_read_is_not_taken_for_a_missing_one() {
    let folder = Folder::new();
    let good = folder.configuration("c", &with("Dhcp4", GOOD));
    let closed = folder.configuration("closed", "{}");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    // Root reads it nevertheless, and finds that it configures no daemon.
    let ran = run(&["-c", &good, "-c", &closed, "--for", "2.2"]);
    assert_eq!((ran.status, ran.stderr.lines().count()), (1, 1), "{ran:?}");
    assert!(ran.stdout.contains("kea-dhcp4"), "what can be read is shown");
}

#[test]
fn controls_of_a_terminal_do_not_reach_it() {
    let folder = Folder::new();
    let odd = GOOD.replace("\"kea-dhcp4\"", "\"\\u001b[2J\\u0007x\"").replace("k.log", "\\u001b]0;owned\\u0007");
    let file = folder.configuration("c", &with("Dhcp4", &odd));
    for arguments in [&["--for", "2.2"][..], &["-f", "json"], &["-f", "nagios"], &["--set", "*=INFO"]] {
        let ran = run(&[&["-c", file.as_str()], arguments].concat());
        let is_bad = |c: char| c != '\n' && c.is_control();
        assert!(!ran.stdout.contains(is_bad) && !ran.stderr.contains(is_bad), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn mistakes_on_the_command_line_are_said() {
    for (arguments, expected) in [
        (&["--set", "x"][..], "no \"=\""),
        (&["--set", "kea-dhcp4.comands=INFO"], "\"kea-dhcp4.commands\" may be meant"),
        (&["--for", "9.9"], "not a release"),
        (&["--which", "nothing"], "no daemon has a logger"),
        (&["--whole"], "--set"),
        (&["--set", "*=INFO", "-f", "nagios"], "not with --set"),
    ] {
        let ran = run(arguments);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(ran.status >= 2 && said.contains(expected), "{arguments:?}: {ran:?}");
    }
}

#[test]
fn a_shell_leads_no_report_into_a_file_of_the_configuration() {
    let folder = Folder::new();
    let file = folder.configuration("kea-dhcp4.conf", &with("Dhcp4", GOOD));
    folder.configuration("k.log", "");
    for (name, format, status) in
        [("kea-dhcp4.conf", "table", 2), ("k.log", "json", 2), ("kea-dhcp4.conf", "nagios", 3)]
    {
        let before = fs::read(folder.at(name)).unwrap();
        let mut command = std::process::Command::new("sh");
        command.args(["-c", "\"$1\" -c \"$2\" -f \"$3\" >> \"$4\"", "sh", env!("CARGO_BIN_EXE_kea-loggers"), &file]);
        let ran = command.args([format]).arg(folder.at(name)).output().unwrap();
        let stderr = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.code() == Some(status) && stderr.contains("write standard output: this is "), "{stderr}");
        assert_eq!(fs::read(folder.at(name)).unwrap(), before);
    }
}

#[test]
fn a_reader_that_is_gone_leaves_the_verdict() {
    let folder = Folder::new();
    let bad = folder.configuration("c", "{ \"Dhcp4\": { \"loggers\": {} } }");
    for format in ["table", "json", "nagios"] {
        let arguments = ["-c", &bad, "--for", "2.2", "-f", format];
        let expected = run(&arguments).status;
        let program = ProgramRun { is_unread: true, ..ProgramRun::default() };
        let ran = program.run("kea-loggers", cli::loggers::run, arguments);
        assert!(expected > 0 && (ran.status, ran.stderr.as_str()) == (expected, ""), "{format}: {ran:?}");
    }
}
