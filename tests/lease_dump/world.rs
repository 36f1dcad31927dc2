//! A world of a test's own for one run of the program.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kea_tools::cli;
use kea_tools::env::screen::NoKeyboard;
use kea_tools::env::{Clock, Env};
use tempfile::TempDir;

/// What a run said and did.
pub(crate) struct Ran {
    pub(crate) status: u8,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// The rows below the header.
    pub(crate) fn rows(&self) -> Vec<&str> {
        self.text().lines().skip(1).collect()
    }

    #[track_caller]
    pub(crate) fn expect(&self, status: u8, stderr: &str) -> &Self {
        assert_eq!((self.status, self.stderr.as_str()), (status, stderr));
        self
    }
}

/// Time stands still at 2026-11-20 12:00 UTC.
struct Still;

impl Clock for Still {
    fn now(&self) -> i64 {
        1_795_176_000
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// Runs kea-lease-dump with these arguments; `answer` is typed where a password is asked for.
pub(crate) fn run_answering<A: Into<OsString>>(args: impl IntoIterator<Item = A>, answer: &str) -> Ran {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let name = OsString::from("kea-lease-dump");
    let mut env = Env {
        args: std::iter::once(name).chain(args.into_iter().map(Into::into)).collect(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        stderr_is_terminal: false,
        screen: &|| None,
        keyboard: &mut NoKeyboard,
        var: &|_| None,
        clock: &Still,
        prompt: &mut |_| Ok(answer.to_owned()),
        random: &mut |buffer| {
            buffer.fill(7);
            Ok(())
        },
    };
    let status = cli::run("kea-lease-dump", cli::lease_dump::run, &mut env).code();
    Ran { status, stdout, stderr: String::from_utf8(stderr).unwrap() }
}

/// Runs kea-lease-dump with the arguments in `line`, split at blanks.
pub(crate) fn run(line: &str) -> Ran {
    run_answering(line.split_whitespace(), "")
}

/// A directory for the files of one test.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file and gives its path as text.
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The names of all files there are, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// A file of the recorded data.
pub(crate) fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

pub(crate) const HEADER4: &str =
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id";

/// A good row of the newest DHCPv4 lease file.
pub(crate) fn row4(last_octet: u8) -> String {
    format!("192.0.2.{last_octet},02:00:00:00:00:{last_octet:02x},,3600,1795179600,1,0,0,host{last_octet},0,,0")
}
