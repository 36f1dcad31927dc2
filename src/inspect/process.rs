//! The process table: the running daemons of Kea, read from `/proc` as far as this user may.
//!
//! A process that ends between two reads is ignored. Unreadable facts are left out, except for the name: a process with an
//! unreadable name may be a daemon, so "no daemon runs" would not be certain.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::time::{ClockId, Timespec, clock_gettime};

use super::root::Root;
use super::trust;
use crate::config::Daemon;
use crate::fs::access::name_in;
use crate::health::kea::facts::Process;

/// The running daemons, and other facts of the process table.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Daemons of Kea with their processes.
    pub daemons: Vec<(Daemon, Process)>,
    /// Why there may be processes that this user does not see.
    pub hidden: Option<String>,
}

/// Reads the process table; with `details` also the users' names.
#[must_use]
pub(super) fn table(root: &Root, details: bool) -> Table {
    let mut directory = match root.directory("/proc") {
        Ok(directory) => directory,
        Err(cause) => {
            let hidden = format!("/proc cannot be read: {}", crate::error::io_cause(&cause));
            return Table { hidden: Some(hidden), ..Table::default() };
        }
    };
    let mut pids: Vec<u32> = directory.pick(|name| std::str::from_utf8(name).ok()?.parse().ok());
    pids.sort_unstable();
    let mut nameless = 0_u64;
    let mut found = Vec::new();
    for pid in &pids {
        match name(root, *pid) {
            Ok(name) => found.extend(Daemon::from_process_name(&name).map(|daemon| (daemon, *pid))),
            Err(cause) if is_gone(&cause) => {}
            Err(_) => nameless += 1,
        }
    }
    let users = details.then(|| root.regular_file("/etc/passwd", 16 << 20).unwrap_or_default());
    let around = Around {
        root,
        clock: Clock::read(root),
        users: users.map(|users| String::from_utf8_lossy(&users).into_owned()),
        namespace: root.link("/proc/self/ns/pid").ok().filter(|_| root.is_own()),
        has_units: !root.is_own() || root.metadata("/run/systemd/system").is_ok(),
    };
    let mut daemons: Vec<_> =
        found.into_iter().filter_map(|(daemon, pid)| Some((daemon, around.candidate(daemon, pid)?))).collect();
    let parents: Vec<_> = daemons.iter().map(|(daemon, candidate)| (*daemon, candidate.process.pid)).collect();
    // Between fork and exec a child of a daemon (for a cleanup, for a script) looks like the daemon itself.
    daemons.retain(|(daemon, candidate)| !parents.contains(&(*daemon, candidate.parent)));
    let daemons = daemons.into_iter().map(|(daemon, candidate)| (daemon, candidate.process)).collect();
    Table { daemons, hidden: hidden(root, &pids, nameless) }
}

/// The name of a process, as the kernel knows it; at most 15 octets.
pub(super) fn name(root: &Root, pid: u32) -> io::Result<String> {
    let text = root.small_file(format!("/proc/{pid}/comm"))?;
    Ok(String::from_utf8_lossy(&text).trim_end_matches('\n').to_owned())
}

/// Whether a process has this number, as far as can be known.
pub(super) fn exists(root: &Root, pid: u32) -> bool {
    match root.metadata(format!("/proc/{pid}")) {
        Ok(_) => true,
        // A process that /proc hides can still be asked for.
        Err(_) if root.is_own() => may_signal_find(pid),
        Err(_) => false,
    }
}

fn may_signal_find(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

fn is_denied(cause: &io::Error) -> bool {
    cause.kind() == io::ErrorKind::PermissionDenied
}

/// ENOENT, or ESRCH when it ends while being read.
fn is_gone(cause: &io::Error) -> bool {
    cause.kind() == io::ErrorKind::NotFound || cause.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error())
}

/// Whether servers that answer here may run where this program does not see them: it is in a pid namespace of its own, as
/// in a container that shares the directory of the control sockets.
pub(super) fn may_be_outside(root: &Root) -> bool {
    const OF_THE_MACHINE: &str = "pid:[4026531836]";
    root.is_own() && root.link("/proc/self/ns/pid").is_ok_and(|space| space != Path::new(OF_THE_MACHINE))
}

/// Why some processes are not to be seen, if that is so.
fn hidden(root: &Root, pids: &[u32], nameless: u64) -> Option<String> {
    if nameless > 0 {
        return Some(format!("the names of {nameless} processes are not readable"));
    }
    if pids.contains(&1) {
        return None;
    }
    if root.is_own() && root.link("/proc/self").is_err() {
        return Some("/proc does not show them".to_owned());
    }
    let mounts = root.proc_file("/proc/self/mounts").or_else(|_| root.proc_file("/proc/mounts")).unwrap_or_default();
    let mounts = String::from_utf8_lossy(&mounts);
    let options = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        (fields.next()? == "/proc" && fields.next()? == "proc").then(|| fields.next())?
    });
    let hides = options.reduce(|_, last| last)?.split(',').any(|option| {
        let value = option.strip_prefix("hidepid=");
        value.is_some_and(|value| !matches!(value, "0" | "off"))
    });
    hides.then(|| "/proc is mounted with hidepid".to_owned())
}

/// Converts the kernel's ticks to times.
#[derive(Clone, Copy)]
struct Clock {
    boot: i64,
    ticks: i64,
}

impl Clock {
    fn read(root: &Root) -> Self {
        let ticks = i64::try_from(rustix::param::clock_ticks_per_second()).unwrap_or(100).max(1);
        let boot = if root.is_own() { boot_by_clock() } else { boot_by_table(root) };
        Self { boot, ticks }
    }
}

/// The boot time of this machine; `/proc/stat` has it too, but takes longer to read.
fn boot_by_clock() -> i64 {
    let nanoseconds = |time: Timespec| i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec);
    let boot = nanoseconds(clock_gettime(ClockId::Realtime)) - nanoseconds(clock_gettime(ClockId::Boottime));
    i64::try_from(boot.div_euclid(1_000_000_000)).unwrap_or(0)
}

fn boot_by_table(root: &Root) -> i64 {
    let text = root.proc_file("/proc/stat").unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok()).unwrap_or(0)
}

/// The context of reading all processes of a machine.
struct Around<'a> {
    root: &'a Root,
    clock: Clock,
    /// The text of `/etc/passwd`, if users' names are needed.
    users: Option<String>,
    /// Our own pid namespace, as far as others can be compared with it.
    namespace: Option<PathBuf>,
    /// Whether control groups may be those of units.
    has_units: bool,
}

struct Candidate {
    process: Process,
    parent: u32,
}

impl Around<'_> {
    /// What is known of a process with a daemon's name; `None` if it is gone or is no daemon.
    fn candidate(&self, daemon: Daemon, pid: u32) -> Option<Candidate> {
        let folder = format!("/proc/{pid}");
        let stat = self.root.small_file(format!("{folder}/stat")).ok()?;
        let (state, parent, ticks) = stat_fields(&String::from_utf8_lossy(&stat))?;
        let arguments = self.root.small_file(format!("{folder}/cmdline")).unwrap_or_default();
        let arguments: Vec<&[u8]> = arguments.strip_suffix(b"\0").unwrap_or(&arguments).split(|c| *c == 0).collect();
        if is_script(daemon, &arguments) || is_errand(&arguments) {
            return None;
        }
        let (uid, inner_pid) = self.standing(&folder);
        let cgroup = self.has_units.then(|| self.root.small_file(format!("{folder}/cgroup")).unwrap_or_default());
        let config = option_c(&arguments);
        let is_relative = config.as_ref().is_some_and(|file| file.is_relative());
        let cgroup = cgroup.map(|cgroup| String::from_utf8_lossy(&cgroup).into_owned()).unwrap_or_default();
        let mut process = Process {
            pid,
            inner_pid: inner_pid.filter(|inner| *inner != pid),
            state,
            started: self.clock.boot + ticks / self.clock.ticks,
            uid,
            user: self.users.as_ref().and_then(|users| name_in(users, uid)),
            config,
            unit: unit_of(&cgroup),
            is_untrusted: false,
            is_unproven: false,
            is_closed: self.root.link(format!("{folder}/ns/mnt")).is_err_and(|cause| is_denied(&cause)),
            directory: is_relative.then(|| self.root.link(format!("{folder}/cwd")).ok()).flatten(),
            port: option_p(&arguments),
            source: folder,
        };
        if !is_service(&cgroup) {
            let is_untrusted = trust::is_untrusted(self.root, &process);
            process.is_untrusted = is_untrusted != Some(false);
            process.is_unproven = is_untrusted.is_none();
        }
        Some(Candidate { process, parent })
    }

    /// The user a process has, and its number in its own pid namespace.
    fn standing(&self, folder: &str) -> (u32, Option<u32>) {
        // For a process in our own namespace that we may access, its directory has all that is needed.
        if self.users.is_none()
            && self.namespace.is_some()
            && self.namespace == self.root.link(format!("{folder}/ns/pid")).ok()
        {
            return (self.root.metadata(folder).map_or(u32::MAX, |found| found.uid()), None);
        }
        let status = self.root.small_file(format!("{folder}/status")).unwrap_or_default();
        let status = String::from_utf8_lossy(&status);
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        let inner_pid = field("NSpid:").split_whitespace().last().and_then(|number| number.parse().ok());
        let uid = field("Uid:").split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(u32::MAX);
        (uid, inner_pid)
    }
}

/// State, parent and start of `/proc/PID/stat`; the name in it may hold blanks and brackets.
fn stat_fields(stat: &str) -> Option<(char, u32, i64)> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some((fields.first()?.chars().next()?, fields.get(1)?.parse().ok()?, fields.get(19)?.parse().ok()?))
}

/// Whether this is a script of the daemon's name, run by its interpreter.
fn is_script(daemon: Daemon, arguments: &[&[u8]]) -> bool {
    let is_named = |argument: &&[u8]| {
        Path::new(OsStr::from_bytes(argument)).file_name() == Some(OsStr::new(daemon.process_name()))
    };
    matches!(arguments, [first, second, ..] if !is_named(first) && is_named(second))
}

/// Whether it checks a configuration file or prints something, and ends: no server.
fn is_errand(arguments: &[&[u8]]) -> bool {
    const ERRANDS: &[u8] = b"tTvVWh";
    options(arguments).iter().any(|(letter, _)| ERRANDS.contains(letter))
}

/// The value of `-c FILE` or `-cFILE`; the last one counts.
fn option_c(arguments: &[&[u8]]) -> Option<PathBuf> {
    let given = options(arguments).into_iter().rfind(|(letter, _)| *letter == b'c').map(|(_, value)| value);
    given.filter(|value| !value.is_empty()).map(|value| OsStr::from_bytes(value).into())
}

/// The value of `-p PORT`, where a DHCP server listens instead of its usual port.
fn option_p(arguments: &[&[u8]]) -> Option<u16> {
    let given = options(arguments).into_iter().rfind(|(letter, _)| *letter == b'p').map(|(_, value)| value);
    std::str::from_utf8(given?).ok()?.parse().ok()
}

/// The options as getopt(3) takes them apart for a daemon of Kea, each letter with its value: `-dc FILE`, `-cFILE`.
fn options<'a>(arguments: &[&'a [u8]]) -> Vec<(u8, &'a [u8])> {
    const WITH_VALUE: &[u8] = b"cpPtT";
    let mut found = Vec::new();
    let mut rest = arguments.iter().skip(1).copied();
    while let Some(argument) = rest.next() {
        if argument == b"--" {
            break;
        }
        let mut letters = argument.strip_prefix(b"-").unwrap_or_default();
        while let [letter, after @ ..] = letters {
            let has_value = WITH_VALUE.contains(letter);
            let value = if has_value && after.is_empty() { rest.next().unwrap_or_default() } else { after };
            found.push((*letter, value));
            letters = if has_value { &[] } else { after };
        }
    }
    found
}

/// The unit in `/proc/PID/cgroup`: the last part of a path that is a service. In a part of the tree that is left to a user,
/// names may be anything, so only what may be one is.
fn unit_of(cgroup: &str) -> Option<String> {
    let is_meant = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.' | '\\' | '@');
    let is_name = |part: &&str| part.ends_with(".service") && !part.starts_with('-') && part.chars().all(is_meant);
    paths(cgroup).flat_map(|path| path.rsplit('/')).find(is_name).map(str::to_owned)
}

/// Whether it is a service of the system, which only root can start.
fn is_service(cgroup: &str) -> bool {
    let mut service = paths(cgroup).filter_map(|path| path.strip_prefix("/system.slice/")?.split('/').next());
    service.any(|name| name.ends_with(".service"))
}

/// The paths in `/proc/PID/cgroup` that systemd gives.
fn paths(cgroup: &str) -> impl Iterator<Item = &str> {
    cgroup.lines().filter_map(|line| {
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        matches!(controllers, "" | "name=systemd").then_some(path)
    })
}

/// A process's environment, which only its own user and root may read.
pub(super) fn environment(root: &Root, pid: u32) -> Option<Vec<u8>> {
    root.proc_file(format!("/proc/{pid}/environ")).ok()
}

/// A variable of a process's environment.
pub(super) fn variable(root: &Root, pid: u32, name: &str) -> Option<PathBuf> {
    variable_of(&environment(root, pid)?, name)
}

/// A variable of an environment.
pub(super) fn variable_of(text: &[u8], name: &str) -> Option<PathBuf> {
    let value = text.split(|c| *c == 0).find_map(|line| line.strip_prefix(name.as_bytes())?.strip_prefix(b"="))?;
    Some(OsStr::from_bytes(value).into()).filter(|value: &PathBuf| !value.as_os_str().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_found_however_it_was_given() {
        let of = |arguments: &[&str]| option_c(&arguments.iter().map(|text| text.as_bytes()).collect::<Vec<_>>());
        assert_eq!(of(&["kea-dhcp4", "-d", "-c", "/etc/kea/a.conf"]), Some("/etc/kea/a.conf".into()));
        assert_eq!(of(&["kea-dhcp4", "-c/a", "-c", "b"]), Some("b".into()));
        assert_eq!(of(&["kea-dhcp4", "-dXc", "/a", "--", "-c", "b"]), Some("/a".into()));
        assert_eq!((of(&["kea-dhcp4", "-c"]), of(&["-c", "-d"]), of(&[""])), (None, None, None));
    }

    #[test]
    fn a_port_may_be_given_as_well() {
        let of = |line: &str| option_p(&line.split(' ').map(str::as_bytes).collect::<Vec<_>>());
        assert_eq!((of("kea-dhcp4 -c /p -p 6767"), of("kea-dhcp6 -dp1547 -c x")), (Some(6767), Some(1547)));
        assert_eq!((of("kea-dhcp4 -c -p 67"), of("kea-dhcp4 -P 68"), of("kea-dhcp4 -p")), (None, None, None));
    }

    #[test]
    fn a_check_of_a_configuration_is_no_server() {
        let of = |line: &str| is_errand(&line.split(' ').map(str::as_bytes).collect::<Vec<_>>());
        for errand in ["-t /x", "-T/x", "-d -t /x", "-dt /x", "-v", "-V", "-W", "-h", "-c /x -v", "-t"] {
            assert!(of(&format!("kea-dhcp4 {errand}")), "{errand}");
        }
        for server in ["-c /x", "-c -t", "-d -c /x", "-dXc /t/v", "-p 67 -P 68 -c t", "-c /x -- -t", "", "-c/vVW"] {
            assert!(!of(&format!("kea-dhcp4 {server}")), "{server}");
        }
    }

    #[test]
    fn a_name_with_brackets_does_not_hide_the_state() {
        let stat = "7 (a) b)) T 3 7 7 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 4711 1 2";
        assert_eq!(stat_fields(stat), Some(('T', 3, 4711)));
        assert_eq!(stat_fields("7 (x"), None);
    }

    #[test]
    fn the_unit_is_the_innermost_service_of_the_control_group() {
        assert_eq!(unit_of("0::/system.slice/kea-dhcp4-server.service\n").as_deref(), Some("kea-dhcp4-server.service"));
        let old = "12:pids:/x.service/y\n1:name=systemd:/system.slice/kea.service\n0::/\n";
        assert_eq!(unit_of(old).as_deref(), Some("kea.service"));
        assert_eq!(unit_of("0::/user.slice/session-1.scope\n"), None);
        assert_eq!(unit_of("0::/user.slice/user@7.service/--host=evil.service\n").as_deref(), Some("user@7.service"));
    }

    #[test]
    fn only_the_systems_own_services_are_started_by_root() {
        assert!(is_service("0::/system.slice/kea-dhcp4-server.service\n"));
        assert!(is_service("1:name=systemd:/system.slice/kea.service/x\n0::/\n"));
        for other in ["0::/user.slice/user@7.service/kea.service\n", "0::/\n", "0::/system.slice/docker-1.scope\n", ""]
        {
            assert!(!is_service(other), "{other}");
        }
    }

    #[test]
    fn a_script_that_is_called_like_a_daemon_is_none() {
        assert!(is_script(Daemon::Dhcp4, &[b"/bin/sh", b"/opt/kea-dhcp4"]));
        assert!(!is_script(Daemon::Dhcp4, &[b"/usr/sbin/kea-dhcp4", b"-c", b"/x"]));
        assert!(!is_script(Daemon::Dhcp4, &[b"renamed"]));
    }
}
