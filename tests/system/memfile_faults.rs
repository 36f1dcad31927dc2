//! What bad luck does to a dump of a lease file: full disks, signals, closed pipes, files that may not be read.

use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::{PermissionsExt, chown, lchown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::namespace::is_root;
use crate::program::{Outcome, kea_lease_dump, must, run, signal};
use crate::wait::wait_for;

const HEADER: &str =
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id";

/// An account with no rights of its own.
const NOBODY: u32 = 65534;

/// A folder with a lease file, and one for what is made of it.
pub(crate) struct Desk {
    dir: TempDir,
}

impl Desk {
    /// A lease file of so many leases, and a dump from an earlier day.
    pub(crate) fn new(leases: u32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("out")).unwrap();
        fs::write(dir.path().join("out/dump.csv"), "of an earlier day").unwrap();
        let mut file = std::io::BufWriter::new(File::create(dir.path().join("kea-leases4.csv")).unwrap());
        writeln!(file, "{HEADER}").unwrap();
        for number in 0..leases {
            let [_, a, b, c] = number.to_be_bytes();
            writeln!(file, "10.{a}.{b}.{c},02:00:00:{a:02x}:{b:02x}:{c:02x},,3600,1900000000,1,0,0,,0,,0").unwrap();
        }
        file.into_inner().unwrap();
        Self { dir }
    }

    fn lease_file(&self) -> PathBuf {
        self.dir.path().join("kea-leases4.csv")
    }

    pub(crate) fn dump_file(&self) -> PathBuf {
        self.dir.path().join("out/dump.csv")
    }

    /// The program, on its way from the lease file to `output`.
    pub(crate) fn dump_to(&self, output: &Path) -> Command {
        let mut command = kea_lease_dump();
        command.args(["-4", "-t", "memfile", "-n"]).arg(self.lease_file()).arg("-o").arg(output);
        command
    }

    /// The names of what stands beside the dump.
    pub(crate) fn out_names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir.path().join("out")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// Removes what stands beside the dump.
    pub(crate) fn clear(&self) {
        for name in self.out_names().iter().filter(|name| *name != "dump.csv") {
            fs::remove_file(self.dir.path().join("out").join(name)).unwrap();
        }
    }

    /// Fails the test unless the folder of dumps is as it was.
    #[track_caller]
    fn assert_nothing_happened(&self) {
        assert_eq!(fs::read_to_string(self.dump_file()).unwrap(), "of an earlier day");
        assert_eq!(self.out_names(), ["dump.csv"]);
    }
}

#[test]
#[ignore = "needs mount namespaces: run scripts/test"]
fn a_full_disk_leaves_the_old_dump_and_nothing_else() {
    let desk = Desk::new(100_000);
    let out = desk.dir.path().join("out");
    let script = "mount -t tmpfs -o size=1m tmpfs \"$1\" && cd \"$1\" && echo old >dump.csv || exit 99
        shift; \"$@\"; echo \"status $?\"; cat dump.csv; ls -A";
    let mut command = Command::new("unshare");
    if !is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["--mount", "sh", "-c", script, "sh"]).arg(&out);
    let dump = desk.dump_to(&desk.dump_file());
    let outcome = run(command.arg(dump.get_program()).args(dump.get_args()).current_dir("/"));
    assert_eq!(outcome.stdout, "status 2\nold\ndump.csv\n", "{}", outcome.stderr);
    let expected = format!("write {}: No space left on device\n", desk.dump_file().display());
    assert_eq!(outcome.stderr, format!("kea-lease-dump: {expected}"));
}

#[test]
#[ignore = "needs a device that is always full: run scripts/test"]
fn a_full_device_behind_standard_output_is_an_error() {
    let desk = Desk::new(1);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let child = desk.dump_to(Path::new("-")).stdout(full).stderr(Stdio::piped()).spawn().unwrap();
    let outcome = Outcome::from(child.wait_with_output().unwrap());
    assert_eq!(outcome.status, 2);
    assert_eq!(outcome.stderr, "kea-lease-dump: write standard output: No space left on device\n");
}

#[test]
#[ignore = "runs the real program: run scripts/test"]
fn interrupted_and_terminated_dumps_leave_no_trace() {
    let desk = Desk::new(1_000_000);
    for (name, status) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let child = desk.dump_to(&desk.dump_file()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_for("the dump to begin", || (desk.out_names().len() > 1).then_some(()));
        signal(child.id(), name);
        let outcome = Outcome::from(child.wait_with_output().unwrap());
        assert_eq!((outcome.status, outcome.stderr.as_str()), (status, ""), "after SIG{name}");
        desk.assert_nothing_happened();
    }
}

#[test]
#[ignore = "runs the real program: run scripts/test"]
fn a_dump_into_a_pipe_that_nobody_empties_can_be_interrupted() {
    let desk = Desk::new(100_000);
    for (name, status) in [("INT", 130), ("TERM", 143)] {
        let (mut child, _pipe) = begun(desk.dump_to(Path::new("-")));
        signal(child.id(), name);
        assert_eq!(Outcome::from(collected(&mut child)).status, status, "after SIG{name}");
    }
}

#[test]
#[ignore = "runs the real program: run scripts/test"]
fn a_reader_who_has_seen_enough_is_no_error() {
    let desk = Desk::new(100_000);
    let (mut child, pipe) = begun(desk.dump_to(Path::new("-")));
    drop(pipe);
    let outcome = Outcome::from(collected(&mut child));
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
}

/// A program that has begun to write more to its standard output than fits into the pipe.
fn begun(mut command: Command) -> (Child, impl Read) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut pipe = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    pipe.read_line(&mut line).unwrap();
    assert_eq!(line.trim_end(), HEADER);
    (child, pipe)
}

/// What a program leaves behind whose standard output is dealt with elsewhere.
fn collected(child: &mut Child) -> std::process::Output {
    let mut stderr = Vec::new();
    child.stderr.take().unwrap().read_to_end(&mut stderr).unwrap();
    std::process::Output { status: child.wait().unwrap(), stdout: Vec::new(), stderr }
}

#[test]
#[ignore = "needs an account that may not read everything: run scripts/test"]
fn unreadable_lease_file_is_reported_with_its_group() {
    let desk = Desk::new(1);
    let group = if is_root() { "_kea".to_owned() } else { must(Command::new("id").arg("-gn")).trim().to_owned() };
    if is_root() {
        let number = must(Command::new("getent").args(["group", &group])).split(':').nth(2).unwrap().parse().unwrap();
        chown(desk.lease_file(), None, Some(number)).unwrap();
    }
    fs::set_permissions(desk.lease_file(), Permissions::from_mode(0o040)).unwrap();
    fs::set_permissions(desk.dir.path(), Permissions::from_mode(0o755)).unwrap();
    let outcome = run(&mut as_nobody(&desk.dump_to(Path::new("-")), desk.dir.path()));
    let path = desk.lease_file().display().to_string();
    let expected = format!(
        "kea-lease-dump: read lease file {path}: Permission denied ({path} belongs to group \"{group}\": join it, or run \
        as root)\n"
    );
    assert_eq!((outcome.status, outcome.stderr, outcome.stdout.as_str()), (2, expected, ""));
}

#[test]
#[ignore = "needs an account that may not read everything: run scripts/test"]
fn a_folder_that_may_not_be_listed_takes_a_dump_all_the_same() {
    let desk = Desk::new(1);
    let out = desk.dir.path().join("out");
    if is_root() {
        chown(&out, Some(NOBODY), Some(NOBODY)).unwrap();
        chown(desk.dump_file(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    fs::set_permissions(desk.dir.path(), Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&out, Permissions::from_mode(0o300)).unwrap();
    let outcome = run(&mut as_nobody(&desk.dump_to(&desk.dump_file()), desk.dir.path()));
    fs::set_permissions(&out, Permissions::from_mode(0o700)).unwrap();
    outcome.expect_quiet_success();
    assert_eq!(fs::read_to_string(desk.dump_file()).unwrap().lines().count(), 2);
}

#[test]
#[ignore = "needs a file of somebody else's, which only root can make: run scripts/test"]
fn file_of_another_user_in_a_shared_directory_stays() {
    // Without root nobody can give a file away, and the kernel keeps users from replacing each other's.
    if !is_root() {
        return;
    }
    let desk = Desk::new(1);
    let out = desk.dir.path().join("out");
    let elsewhere = desk.dir.path().join("elsewhere");
    fs::write(&elsewhere, "something of root's").unwrap();
    let (link, pipe) = (out.join("link"), out.join("pipe"));
    std::os::unix::fs::symlink(&elsewhere, &link).unwrap();
    must(Command::new("mkfifo").arg(&pipe));
    for trap in [&desk.dump_file(), &link, &pipe] {
        lchown(trap, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    fs::set_permissions(&out, Permissions::from_mode(0o1777)).unwrap();
    for trap in [&desk.dump_file(), &link, &pipe] {
        let outcome = run(&mut desk.dump_to(trap));
        let path = trap.display();
        let cause = "user 65534 has put a file there, in a directory that all users may write to; remove it first";
        assert_eq!((outcome.status, outcome.stderr), (2, format!("kea-lease-dump: write {path}: {cause}\n")));
    }
    assert_eq!(fs::read_to_string(desk.dump_file()).unwrap(), "of an earlier day");
    assert_eq!(fs::read_to_string(elsewhere).unwrap(), "something of root's");
    lchown(desk.dump_file(), Some(0), Some(0)).unwrap();
    run(&mut desk.dump_to(&desk.dump_file())).expect_quiet_success();
}

/// The same command, run by somebody who is not root. The program is copied to `dir`, because its own folder may
/// be root's alone.
pub(crate) fn as_nobody(command: &Command, dir: &Path) -> Command {
    let program = dir.join("kea-lease-dump");
    fs::copy(command.get_program(), &program).unwrap();
    let mut wrapped = Command::new("setpriv");
    if is_root() {
        wrapped.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    }
    wrapped.arg("--").arg(program).args(command.get_args()).current_dir("/");
    wrapped
}

#[test]
#[ignore = "runs the real program: run scripts/test"]
fn a_missing_lease_file_is_named() {
    let desk = Desk::new(1);
    fs::remove_file(desk.lease_file()).unwrap();
    let outcome = run(&mut desk.dump_to(&desk.dump_file()));
    let path = desk.lease_file().display().to_string();
    assert_eq!(outcome.status, 2);
    let start = format!("kea-lease-dump: read lease file {path}: No such file or directory (");
    assert!(outcome.stderr.starts_with(&start), "{}", outcome.stderr);
    desk.assert_nothing_happened();
}

#[test]
#[ignore = "runs the real program: run scripts/test"]
fn a_file_that_kea_would_refuse_is_refused_at_its_first_line() {
    let wrong = [
        (format!("\u{feff}{HEADER}\n"), "byte order mark"),
        (format!("{HEADER}\r\n"), "CR LF"),
        ("address,mac\n".to_owned(), "\"mac\""),
        ("10.0.0.1,02:00:00:00:00:01,,3600,1900000000,1,0,0,,0,,0\n".to_owned(), "10.0.0.1"),
    ];
    for (text, reason) in wrong {
        let desk = Desk::new(0);
        fs::write(desk.lease_file(), &text).unwrap();
        let outcome = run(&mut desk.dump_to(&desk.dump_file()));
        assert_eq!(outcome.status, 2, "{text:?}");
        let start = format!("kea-lease-dump: {}:1: ", desk.lease_file().display());
        assert!(outcome.stderr.starts_with(&start) && outcome.stderr.contains(reason), "{}", outcome.stderr);
        desk.assert_nothing_happened();
    }
}

/// Rows that are no leases, with what is said of each.
const BAD_ROWS: [(&[u8], &str); 6] = [
    (b"10.1.0.2,02:00:00:00:00:02,,3600\n", "4 columns where the header has 12"),
    (b"10.1.0.3,02:00:00:00:00:0g,,3600,1900000000,1,0,0,,0,,0\n", "hwaddr: "),
    (b"10.1.0.4,02:00:00:00:00:04,,4294967296,1900000000,1,0,0,,0,,0\n", "valid_lifetime: "),
    (b"10.1.0.5,02:00:00:00:00:05,,3600,1900000000,1,0,0,,0,{ \"a\": ,0\n", "user_context: "),
    (b"10.1.0.8,02:00:00:00:00:08,,3600,1900000000,1,0,0,,0,,0\r\n", "CR LF"),
    (b"10.1.0.9,02:00:00", "torn last line"),
];

/// A good row, a bad one, a good one, a bad one …
fn mixed_rows(desk: &Desk) {
    let mut text = format!("{HEADER}\n").into_bytes();
    for (number, (bad, _)) in BAD_ROWS.iter().enumerate() {
        text.extend(format!("10.2.0.{number},02:00:00:00:02:{number:02x},,3600,1900000000,1,0,0,,0,,0\n").bytes());
        text.extend(*bad);
    }
    fs::write(desk.lease_file(), text).unwrap();
}

#[test]
#[ignore = "runs the real program: run scripts/test"]
fn bad_rows_are_named_and_the_good_ones_written() {
    let desk = Desk::new(0);
    mixed_rows(&desk);
    let outcome = run(&mut desk.dump_to(&desk.dump_file()));
    assert_eq!(outcome.status, 2);
    let written = fs::read_to_string(desk.dump_file()).unwrap();
    let good: Vec<_> = (0..BAD_ROWS.len())
        .map(|number| format!("10.2.0.{number},02:00:00:00:02:{number:02x},,3600,1900000000,1,0,0,,0,,0"))
        .collect();
    assert_eq!(written.lines().skip(1).collect::<Vec<_>>(), good);
    let mut said = outcome.stderr.lines();
    for (number, (_, reason)) in BAD_ROWS.iter().enumerate() {
        let line = said.next().unwrap();
        let place = format!("{}:{}: ", desk.lease_file().display(), 2 * number + 3);
        assert!(line.starts_with(&place) && line.contains(reason), "{line:?}, not {place}{reason}");
    }
    assert!(said.next().is_some_and(|line| line.contains("6 bad rows left out")), "{}", outcome.stderr);
}

#[test]
#[ignore = "runs the real program: run scripts/test"]
fn with_strict_the_first_bad_row_ends_the_dump() {
    let desk = Desk::new(0);
    mixed_rows(&desk);
    let outcome = run(desk.dump_to(&desk.dump_file()).arg("--strict"));
    assert_eq!((outcome.status, outcome.stderr.lines().count()), (2, 1), "{}", outcome.stderr);
    assert!(outcome.stderr.contains(":3: 4 columns where the header has 12"), "{}", outcome.stderr);
    desk.assert_nothing_happened();
}

#[test]
#[ignore = "runs the real program: run scripts/test"]
fn twenty_bad_rows_are_named_and_the_rest_is_counted() {
    let desk = Desk::new(0);
    let rows = "10.0.0.1,no hwaddr,,3600,1900000000,1,0,0,,0,,0\n".repeat(123);
    fs::write(desk.lease_file(), format!("{HEADER}\n{rows}")).unwrap();
    let outcome = run(&mut desk.dump_to(&desk.dump_file()));
    let named = outcome.stderr.lines().filter(|line| line.contains(": hwaddr: ")).count();
    assert_eq!((outcome.status, named), (2, 20));
    assert!(outcome.stderr.contains("103 more bad rows"), "{}", outcome.stderr);
}

#[test]
#[ignore = "needs namespaces: run scripts/test"]
fn a_mounted_lease_file_says_what_cannot_be_read() {
    let desk = Desk::new(2);
    fs::write(desk.dir.path().join("kea-leases4.csv.2"), format!("{HEADER}\n")).unwrap();
    let [place, of_all] = ["mounted.csv", "all.csv"].map(|name| desk.dir.path().join(name));
    fs::write(&place, "").unwrap();
    fs::write(&of_all, "").unwrap();
    fs::write(desk.dir.path().join("all.csv.2"), format!("{HEADER}\n")).unwrap();
    let dump = |place: &Path| {
        let script = "mount --bind \"$1\" \"$2\" && exec \"$3\" -t memfile -n \"$2\"";
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", script, "sh"]);
        run(command.arg(desk.lease_file()).arg(place).arg(env!("CARGO_BIN_EXE_kea-lease-dump")))
    };
    let alone = dump(&place);
    assert_eq!((alone.status, alone.stdout.lines().count()), (0, 3));
    let said = "is mounted as a single file: its companions in the original directory are not visible here";
    assert_eq!(alone.stderr, format!("kea-lease-dump: {} {said}\n", place.display()));
    // Where a companion is mounted, or lies, in the same place, nothing is missing.
    let with_companion = dump(&of_all);
    with_companion.expect_quiet_success();
    assert_eq!(with_companion.stdout.lines().count(), 3);
}
