//! Running the programs of the toolkit, as a user would.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What a program left behind.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The exit status as a shell sees it: 128 and the signal's number, if a signal ended the program.
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// The same without what dhcping adds for people: what an answer gives, and what silence may mean.
    pub(crate) fn in_short(self) -> Self {
        const CAUSES: [&str; 6] = [
            "no server is running",
            "may be silent on",
            "only an authoritative server answers",
            "dhcping: waited ",
            "answers a relay",
            " means this host",
        ];
        let is_cause = |line: &str| line.starts_with("dhcping: ") && CAUSES.iter().any(|cause| line.contains(cause));
        let lines = |text: &str, is_left_out: &dyn Fn(&str) -> bool| {
            text.split_inclusive('\n').filter(|line| !is_left_out(line)).collect::<String>()
        };
        let stdout = lines(&self.stdout, &|line| line.starts_with("  "));
        Self { stdout, stderr: lines(&self.stderr, &is_cause), ..self }
    }

    /// Fails the test unless the program did what was asked and had nothing to say about it.
    #[track_caller]
    pub(crate) fn expect_quiet_success(&self) {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""), "stdout: {}", self.stdout);
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        use std::os::unix::process::ExitStatusExt;
        Self {
            status: output.status.code().or_else(|| Some(128 + output.status.signal()?)).unwrap(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// `kea-lease-dump`, ready to be given arguments; nothing of the tester's own environment leads it anywhere.
pub(crate) fn kea_lease_dump() -> Command {
    quiet(env!("CARGO_BIN_EXE_kea-lease-dump"))
}

/// `kea-list-leases`, the same way, and without vendors.
pub(crate) fn kea_list_leases() -> Command {
    let mut command = quiet(env!("CARGO_BIN_EXE_kea-list-leases"));
    command.args(["--vendors", "/dev/null"]);
    command
}

/// `kea-log-report`, the same way, at UTC.
pub(crate) fn kea_log_report() -> Command {
    let mut command = quiet(env!("CARGO_BIN_EXE_kea-log-report"));
    command.env_remove("TZ");
    command
}

/// `kea-loggers`, the same way.
pub(crate) fn kea_loggers() -> Command {
    quiet(env!("CARGO_BIN_EXE_kea-loggers"))
}

/// `kea-metrics`, the same way.
pub(crate) fn kea_metrics() -> Command {
    quiet(env!("CARGO_BIN_EXE_kea-metrics"))
}

/// `kea-pools`, the same way.
pub(crate) fn kea_pools() -> Command {
    quiet(env!("CARGO_BIN_EXE_kea-pools"))
}

/// Debian's own dhcping, or its package, where scripts/setup has left it.
pub(crate) fn debian_dhcping(name: &str) -> PathBuf {
    let beside_the_profile = || {
        let profile = Path::new(env!("CARGO_BIN_EXE_dhcping")).parent().unwrap();
        profile.with_file_name("debian-dhcping")
    };
    let folder = std::env::var_os("KEA_TOOLS_DHCPING").map_or_else(beside_the_profile, PathBuf::from);
    let file = folder.join(name);
    assert!(file.is_file(), "{} is not there: run scripts/setup", file.display());
    file
}

fn quiet(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent").env("LC_ALL", "C.UTF-8");
    command.stdin(Stdio::null());
    command
}

/// Runs `command` to its end.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let program = command.get_program().to_owned();
    match command.output() {
        Ok(output) => output.into(),
        Err(cause) => panic!("starting {}: {cause}", program.display()),
    }
}

/// Runs `command`, which is not what is tested, and fails the test unless it succeeds; gives its stdout.
#[track_caller]
pub(crate) fn must(command: &mut Command) -> String {
    let outcome = run(command);
    assert_eq!(outcome.status, 0, "{command:?}: {}{}", outcome.stdout, outcome.stderr);
    outcome.stdout
}

/// Sends `name` (`INT`, `TERM` …) to a process that the test has started.
pub(crate) fn signal(pid: u32, name: &str) {
    must(Command::new("sh").args(["-c", "kill -s \"$1\" \"$2\"", "sh", name]).arg(pid.to_string()));
}
