//! What the machine is: its system, packages of Kea and its databases, network, memory, disks, services.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::{Gathered, Request};
use crate::config::Daemon;

/// Small files that say what the machine is.
const FILES: [&str; 14] = [
    "/etc/os-release",
    "/etc/timezone",
    "/etc/resolv.conf",
    "/etc/default/kea",
    "/proc/version",
    "/proc/uptime",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/mounts",
    "/proc/net/dev",
    "/proc/net/route",
    "/proc/net/if_inet6",
    "/proc/net/udp",
    "/proc/net/udp6",
];

/// Directories of unit files.
const UNITS: [&str; 3] = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

/// More than any of these files.
const LARGEST: usize = 256 << 10;

/// Gathers what the machine is.
pub(super) fn gather(request: &Request<'_>, gathered: &mut Gathered) {
    for file in FILES {
        copy(request, file, gathered);
    }
    units(request, gathered);
    packages(request, gathered);
}

fn copy(request: &Request<'_>, file: &str, gathered: &mut Gathered) {
    // Files of the kernel have no size.
    let read = if file.starts_with("/proc/") {
        request.root.proc_file(file)
    } else {
        request.root.regular_file(file, LARGEST as u64)
    };
    match read {
        Ok(mut text) => {
            text.truncate(LARGEST);
            let name = format!("system/{}", file.trim_start_matches('/').replace('/', "-"));
            gathered.text(&name, file, &String::from_utf8_lossy(&text));
        }
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
        Err(cause) => gathered.missing(file, crate::error::io_cause(&cause)),
    }
}

/// The unit files of Kea, and what changes them.
fn units(request: &Request<'_>, gathered: &mut Gathered) {
    let is_keas = |name: &str| Daemon::ALL.iter().any(|daemon| name.contains(daemon.process_name()));
    let mut files = Vec::new();
    for folder in UNITS.iter().map(Path::new) {
        let Ok(mut directory) = request.root.directory(folder) else { continue };
        let names =
            directory.pick(|name| Some(String::from_utf8_lossy(name).into_owned()).filter(|name| is_keas(name)));
        for name in names {
            let path = folder.join(&name);
            let kind = path.extension().unwrap_or_default().to_owned();
            if kind == "service" {
                files.push(path);
            } else if kind == "d"
                && let Ok(mut drop_ins) = request.root.directory(&path)
            {
                files.extend(drop_ins.pick(|name| Some(path.join(String::from_utf8_lossy(name).into_owned()))));
            }
        }
    }
    files.sort();
    // /lib is often another name of /usr/lib.
    let mut known = Vec::new();
    for file in files {
        let number = request.root.metadata(&file).map(|found| (found.dev(), found.ino())).ok();
        if number.is_some() && !known.contains(&number) {
            copy(request, &file.display().to_string(), gathered);
            known.push(number);
        }
    }
}

/// The installed packages of Kea and of databases, on a system of Debian's kind.
fn packages(request: &Request<'_>, gathered: &mut Gathered) {
    const STATUS: &str = "/var/lib/dpkg/status";
    let Ok(status) = request.root.regular_file(STATUS, 256 << 20) else { return };
    let status = String::from_utf8_lossy(&status);
    let words = ["kea", "mariadb-server", "mysql-server", "postgresql"];
    let wanted = status.split("\n\n").filter_map(|paragraph| {
        let field = |name: &str| paragraph.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let (name, version) = (field("Package")?, field("Version")?);
        words
            .iter()
            .any(|word| name.contains(word))
            .then(|| format!("{name} {version} ({})\n", field("Status").unwrap_or("?")))
    });
    let text: String = wanted.collect();
    if !text.is_empty() {
        gathered.own("system/packages.txt", STATUS, text.into_bytes());
    }
}
