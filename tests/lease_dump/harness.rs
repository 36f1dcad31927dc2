//! One run of the program, with files, a clock and variables of the test's own.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use kea_tools::cli;
use kea_tools::testing::ProgramRun;
pub(crate) use kea_tools::testing::Ran;
use tempfile::TempDir;

/// 2026-11-20 12:00 UTC.
const NOW: i64 = 1_795_176_000;

/// Runs kea-lease-dump with these arguments; `answer` is typed where a password is asked for.
pub(crate) fn run_answering<A: Into<OsString>>(args: impl IntoIterator<Item = A>, answer: &str) -> Ran {
    ProgramRun { now: NOW, password: Some(answer), ..ProgramRun::default() }.run(
        "kea-lease-dump",
        cli::lease_dump::run,
        args,
    )
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
