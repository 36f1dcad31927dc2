//! One run of the program, with files, a clock and variables of the test's own.

use std::cell::{Cell, RefCell};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kea_tools::cli;
use kea_tools::env::Clock;
use kea_tools::env::screen::{Key, Keyboard, Size};
use kea_tools::testing;
pub(crate) use kea_tools::testing::Ran;
use tempfile::TempDir;

/// 2026-11-20 12:00 UTC.
pub(crate) const NOON: i64 = 1_795_176_000;

/// A clock that a keyboard moves on.
struct Hand {
    now: Cell<i64>,
}

impl Clock for Hand {
    fn now(&self) -> i64 {
        self.now.get()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.now.get()).unwrap())
    }
}

/// Someone who waits, does one thing after another, and types `q` in the end.
struct Person<'a> {
    clock: &'a Hand,
    deeds: RefCell<Vec<Box<dyn FnOnce() + 'a>>>,
}

impl Keyboard for Person<'_> {
    fn open(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn wait(&mut self, limit: Duration) -> io::Result<Key> {
        self.clock.now.set(self.clock.now.get() + i64::try_from(limit.as_secs()).unwrap());
        let mut deeds = self.deeds.borrow_mut();
        if deeds.is_empty() {
            return Ok(Key::Char('q'));
        }
        deeds.remove(0)();
        Ok(Key::None)
    }

    fn close(&mut self) {}
}

/// A run of the program, and what differs from the usual one.
#[derive(Default)]
pub(crate) struct ListLeasesRun<'a> {
    /// Seconds since noon.
    pub(crate) later: i64,
    pub(crate) zone: Option<&'a str>,
    pub(crate) variables: Vec<(&'a str, &'a str)>,
    pub(crate) columns: Option<usize>,
    pub(crate) deeds: Vec<Box<dyn FnOnce() + 'a>>,
}

impl ListLeasesRun<'_> {
    /// Runs kea-list-leases with the arguments in `line`, split at blanks, and no vendors unless it names some.
    pub(crate) fn run(self, line: &str) -> Ran {
        let clock = Hand { now: Cell::new(NOON + self.later) };
        let is_watched = !self.deeds.is_empty();
        let mut person = Person { clock: &clock, deeds: RefCell::new(self.deeds) };
        let vendors = if line.contains("--vendors") { "" } else { "--vendors /dev/null" };
        let program = testing::ProgramRun {
            clock: Some(&clock),
            variables: &[&[("TZ", self.zone.unwrap_or("UTC"))], &self.variables[..]].concat(),
            screen: self.columns.map(|columns| Size { columns, rows: 24 }),
            keyboard: is_watched.then_some(&mut person as &mut dyn Keyboard),
            ..testing::ProgramRun::default()
        };
        let words = line.split_whitespace().chain(vendors.split_whitespace());
        program.run("kea-list-leases", cli::list_leases::run, words)
    }
}

/// Runs kea-list-leases at noon, not on a terminal.
pub(crate) fn run(line: &str) -> Ran {
    ListLeasesRun::default().run(line)
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

    /// Writes a lease file and gives the arguments to read it.
    pub(crate) fn leases4(&self, rows: &[String]) -> String {
        format!("-4 -t memfile -n {}", self.write("kea-leases4.csv", format!("{HEADER4}\n{}\n", rows.join("\n"))))
    }

    /// The same for DHCPv6.
    pub(crate) fn leases6(&self, rows: &[&str]) -> String {
        format!("-6 -t memfile -n {}", self.write("kea-leases6.csv", format!("{HEADER6}\n{}\n", rows.join("\n"))))
    }
}

/// A file of the recorded data.
pub(crate) fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

pub(crate) const HEADER4: &str =
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id";
pub(crate) const HEADER6: &str = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id";

/// A row of an hour's lease that ends so many seconds from noon.
pub(crate) fn row4(last_octet: u8, ends: i64, hostname: &str, state: u32) -> String {
    let expire = NOON + ends;
    format!("192.0.2.{last_octet},08:00:2b:00:00:{last_octet:02x},,3600,{expire},1,0,0,{hostname},{state},,0")
}

/// A lease in every state, and one for ever.
pub(crate) fn every_state() -> Vec<String> {
    vec![
        row4(100, 1800, "anna", 0),
        row4(9, 60, "berta.example.org", 0),
        row4(20, -60, "clara", 0),
        "192.0.2.30,,,86400,1795262000,2,0,0,,1,,0".to_owned(),
        row4(40, -7200, "dora", 2),
        row4(50, 600, "emma", 3),
        format!("192.0.2.60,02:00:00:00:00:60,01:02,4294967295,{},1,0,0,frieda,0,,0", NOON + 4_294_967_295),
    ]
}
