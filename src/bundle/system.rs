//! What the machine is: its system, packages of Kea and its databases, network, memory, disks, services.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::time::Duration;

use super::{Gathered, Request};
use crate::config::Daemon;
use crate::control::Deadline;
use crate::fs::access::is_absent;
use crate::inspect;
use crate::redact;
use crate::time::{TimeStyle, show};

/// Small files that say what the machine is.
const FILES: [&str; 30] = [
    "/etc/os-release",
    "/etc/timezone",
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/kea/keactrl.conf",
    "/etc/security/limits.conf",
    "/etc/logrotate.d/kea",
    "/proc/version",
    "/proc/uptime",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/mounts",
    "/proc/net/dev",
    "/proc/net/route",
    "/proc/net/arp",
    "/proc/net/if_inet6",
    "/proc/net/udp",
    "/proc/net/udp6",
    "/proc/net/tcp",
    "/proc/net/tcp6",
    "/proc/net/packet",
    "/proc/net/unix",
    "/proc/net/snmp",
    "/proc/net/softnet_stat",
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/net/core/rmem_max",
    "/proc/sys/net/core/rmem_default",
    "/proc/pressure/io",
    "/proc/sys/kernel/random/entropy_avail",
    "/sys/kernel/security/lsm",
];

/// Those with addresses in hex, in an order of octets that depends on the machine; and one with hardware addresses in them.
const IN_HEX: [&str; 6] =
    ["/proc/net/route", "/proc/net/udp", "/proc/net/udp6", "/proc/net/tcp", "/proc/net/tcp6", IF_INET6];

const IF_INET6: &str = "/proc/net/if_inet6";

/// More than any of these files.
const LARGEST: usize = 256 << 10;

/// Gathers what the machine is.
pub(super) fn gather(request: &Request, gathered: &mut Gathered) {
    for file in FILES {
        match request.anonymizer.as_ref() {
            Some(anonymizer) if file == IF_INET6 || IN_HEX.contains(&file) && anonymizer.replaces_addresses() => {
                gathered.left_out(file, "its addresses are in hex, in which they are not replaced");
            }
            _ => copy(request, file, gathered),
        }
    }
    packages(request, gathered);
    network(request, gathered);
    clock(request, gathered);
    room(request, gathered);
    cores(request, gathered);
}

/// Addresses and routes, as ip(8) shows them.
fn network(request: &Request, gathered: &mut Gathered) {
    if !request.root.is_own() || !["/sbin/ip", "/usr/sbin/ip", "/bin/ip"].iter().any(|ip| Path::new(ip).exists()) {
        return;
    }
    for (arguments, file) in [
        (&["-s", "-d", "address"][..], "addresses"),
        (&["route"], "routes4"),
        (&["-6", "route"], "routes6"),
        (&["rule"], "rules"),
    ] {
        let mut ip = std::process::Command::new("ip");
        ip.args(arguments);
        let (path, source) = (format!("system/{file}.txt"), format!("ip {}", arguments.join(" ")));
        super::commands::run(ip, &path, &source, gathered, Deadline::after(Duration::from_secs(5)));
    }
}

/// The moment, the zone, and whether the clock is kept.
fn clock(request: &Request, gathered: &mut Gathered) {
    let mut lines = vec![
        format!("UTC    {}\n", show(request.now, TimeStyle::Utc)),
        format!("local  {}\n", show(request.now, TimeStyle::Local)),
    ];
    if let Ok(zone) = std::fs::read_link(request.root.at("/etc").join("localtime")) {
        lines.push(format!("zone   {}\n", zone.display()));
    }
    let marks = [
        ("/run/systemd/timesync/synchronized", "systemd-timesyncd has set the clock"),
        ("/run/chrony/chronyd.pid", "chronyd runs"),
        ("/run/ntpd.pid", "ntpd runs"),
    ];
    lines.extend(
        marks.iter().filter(|(mark, _)| request.root.metadata(mark).is_ok()).map(|(_, text)| format!("{text}\n")),
    );
    gathered.own("system/clock.txt", "the clock", lines.concat().as_bytes());
}

/// The room on the file systems that Kea writes to.
fn room(request: &Request, gathered: &mut Gathered) {
    const PLACES: [&str; 7] = ["/", "/var", "/var/lib/kea", "/var/log", "/var/log/kea", "/run", "/tmp"];
    let mut text = vec![format!("{:>16} {:>16} {:>12}  DIRECTORY\n", "BYTES", "FREE", "FREE FILES")];
    for place in PLACES {
        let Ok(found) = rustix::fs::statvfs(request.root.at(place)) else { continue };
        let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        let (all, free) = (bytes(found.f_blocks), bytes(found.f_bavail));
        text.push(format!("{all:>16} {free:>16} {:>12}  {place}\n", found.f_favail));
    }
    gathered.own("system/disk.txt", "statvfs", text.concat().as_bytes());
}

/// Where core files of Kea are. They hold everything that a daemon knew, and are never copied.
fn cores(request: &Request, gathered: &mut Gathered) {
    let mut text = Vec::new();
    let kept = inspect::cores::Kept::list(&request.root);
    for daemon in Daemon::ALL {
        for core in kept.of(&request.root, daemon, None) {
            let size = request.root.metadata(&core.path).map_or(0, |found| found.len());
            let time = show(core.modified, TimeStyle::Utc);
            text.push(format!("{size:>14}  {time}  {}\n", core.path.display()));
            gathered.left_out(core.path.display().to_string(), "a core file holds every password of its process");
        }
    }
    if text.is_empty() {
        text.push("none is in a usual place\n".to_owned());
    }
    gathered.own("system/cores.txt", "directories of core files", text.concat().as_bytes());
}

/// Where a file of the system is in the bundle.
pub(super) fn name_of(file: &str) -> String {
    format!("system/{}", file.trim_start_matches('/').replace('/', "-"))
}

/// Adds a small file.
fn copy(request: &Request, file: &str, gathered: &mut Gathered) {
    // Files of the kernel have no size.
    let read = if file.starts_with("/proc/") || file.starts_with("/sys/") {
        request.root.proc_file(file)
    } else {
        request.root.regular_file(file, LARGEST as u64)
    };
    match read {
        Ok(mut text) => {
            text.truncate(LARGEST);
            gathered.text(&name_of(file), file, &redact::text_of(&text));
        }
        Err(cause) if is_absent(&cause) => {}
        Err(cause) => gathered.missing(file, crate::error::io_cause(&cause)),
    }
}

/// The installed packages of Kea and of databases.
fn packages(request: &Request, gathered: &mut Gathered) {
    const STATUS: &str = "/var/lib/dpkg/status";
    let words = ["kea", "mariadb-server", "mysql-server", "postgresql", "log4cplus", "boost", "botan", "libssl"];
    let is_wanted = |name: &str| words.iter().any(|word| name.contains(word));
    let mut text = Vec::new();
    // Paragraph by paragraph: the whole may have many megabytes.
    if let Ok((file, found)) = request.root.open_regular(STATUS) {
        let mut fields = [const { String::new() }; 3];
        for line in BufReader::new(file.take(found.len())).lines().map_while(Result::ok).chain([String::new()]) {
            let names = ["Package: ", "Version: ", "Status: "];
            for (field, name) in fields.iter_mut().zip(names) {
                line.strip_prefix(name).into_iter().for_each(|value| value.clone_into(field));
            }
            if line.is_empty() {
                let [name, version, status] = &fields;
                if is_wanted(name) {
                    text.push(format!("{name} {version} ({status})\n"));
                }
                fields = [const { String::new() }; 3];
            }
        }
    } else if request.root.is_own() && request.root.metadata("/var/lib/rpm").is_ok() {
        let mut rpm = std::process::Command::new("rpm");
        rpm.arg("-qa");
        if let Ok((all, _)) = inspect::command::whole_output(rpm, Duration::from_secs(10)) {
            let all = String::from_utf8_lossy(&all).into_owned();
            text.extend(all.lines().filter(|line| is_wanted(line)).map(|line| format!("{line}\n")));
        }
    }
    if text.is_empty() {
        return gathered.left_out("packages", "no database of packages names Kea");
    }
    gathered.own("system/packages.txt", "the database of packages", text.concat().as_bytes());
}
