//! The loggers that each daemon and each hook library has.

use crate::config::Daemon;
use crate::release::Release;

/// The loggers of the DHCP servers.
const DHCP: &[&str] = &[
    "alloc-engine",
    "auth",
    "bad-packets",
    "callouts",
    "commands",
    "database",
    "dctl",
    "ddns",
    "dhcp",
    "dhcpsrv",
    "eval",
    "hooks",
    "hosts",
    "http",
    "leases",
    "libdhcp-ddns",
    "log",
    "options",
    "packets",
    "tcp",
];

const DDNS: &[&str] = &[
    "asiodns",
    "auth",
    "callouts",
    "commands",
    "d2-to-dns",
    "database",
    "dctl",
    "dhcp-to-d2",
    "dhcpddns",
    "eval",
    "hooks",
    "http",
    "libdhcp-ddns",
    "log",
];

const AGENTS: &[&str] = &["auth", "callouts", "commands", "database", "dctl", "hooks", "http", "log"];

/// Hook libraries by their names without `libdhcp_` and `.so`, with their loggers. With Kea 2.7.4 the back ends of leases
/// and reservations have become libraries; the others for MySQL and PostgreSQL were libraries of their own before.
const HOOKS: &[(&str, &[&str])] = &[
    ("bootp", &["bootp-hooks"]),
    ("class_cmds", &["class-cmds-hooks"]),
    ("cb_cmds", &["cb-cmds-hooks"]),
    ("ddns_tuning", &["ddns-tuning-hooks"]),
    ("flex_id", &["flex-id-hooks"]),
    ("flex_option", &["flex-option-hooks"]),
    ("gss_tsig", &["gss-tsig-hooks"]),
    ("ha", &["ha-hooks"]),
    ("host_cache", &["host-cache-hooks"]),
    ("host_cmds", &["host-cmds-hooks"]),
    ("lease_cmds", &["lease-cmds-hooks"]),
    ("lease_query", &["lease-query-hooks"]),
    ("legal_log", &["legal-log-hooks"]),
    ("limits", &["limits-hooks"]),
    ("mysql", &["mysql-cb-hooks", "mysql-fb-hooks", "mysql-hb-hooks", "mysql-lb-hooks", "mysql-legal-log"]),
    ("mysql_cb", &["mysql-cb-hooks"]),
    ("perfmon", &["perfmon-hooks"]),
    ("pgsql", &["pgsql-cb-hooks", "pgsql-fb-hooks", "pgsql-hb-hooks", "pgsql-lb-hooks", "pgsql-legal-log"]),
    ("pgsql_cb", &["pgsql-cb-hooks"]),
    ("ping_check", &["ping-check-hooks"]),
    ("radius", &["radius-hooks"]),
    ("rbac", &["rbac-hooks"]),
    ("run_script", &["run-script-hooks"]),
    ("stat_cmds", &["stat-cmds-hooks"]),
    ("subnet_cmds", &["subnet-cmds-hooks"]),
    ("user_chk", &["user_chk"]),
];

/// Since which release there is a logger, where not all releases have it.
const SINCE: &[(&str, Release)] = &[
    ("auth", Release::new(1, 9, 8)),
    ("dhcp", Release::new(3, 1, 5)),
    ("mysql-fb-hooks", Release::new(2, 7, 7)),
    ("mysql-hb-hooks", Release::new(2, 7, 4)),
    ("mysql-lb-hooks", Release::new(2, 7, 4)),
    ("mysql-legal-log", Release::new(2, 7, 7)),
    ("perfmon-hooks", Release::new(2, 5, 6)),
    ("pgsql-cb-hooks", Release::new(2, 1, 1)),
    ("pgsql-fb-hooks", Release::new(2, 7, 7)),
    ("pgsql-hb-hooks", Release::new(2, 7, 4)),
    ("pgsql-lb-hooks", Release::new(2, 7, 4)),
    ("pgsql-legal-log", Release::new(2, 7, 7)),
    ("run-script-hooks", Release::new(1, 9, 5)),
    ("tcp", Release::new(2, 3, 3)),
];

/// The logger of which all others of the daemon are children: the daemon's own name.
#[must_use]
pub fn root(daemon: Daemon) -> &'static str {
    daemon.process_name()
}

/// The full name that Kea makes of a name in a configuration.
#[must_use]
pub fn expand(daemon: Daemon, name: &str) -> String {
    let root = root(daemon);
    let is_full = name.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    if is_full { name.to_owned() } else { format!("{root}.{name}") }
}

/// The daemon that has a name of this beginning, and what follows it: `leases` of `kea-dhcp4.leases`.
#[must_use]
pub fn split(name: &str) -> Option<(Daemon, &str)> {
    Daemon::ALL.into_iter().find_map(|daemon| {
        let rest = name.strip_prefix(root(daemon))?;
        (rest.is_empty() || rest.starts_with('.')).then(|| (daemon, rest.trim_start_matches('.')))
    })
}

/// The daemon's own loggers besides its root, without those of hook libraries, in order.
#[must_use]
pub fn own(daemon: Daemon) -> Vec<&'static str> {
    let (shared, single) = match daemon {
        Daemon::Dhcp4 => (DHCP, Some("dhcp4")),
        Daemon::Dhcp6 => (DHCP, Some("dhcp6")),
        Daemon::Ddns => (DDNS, None),
        Daemon::CtrlAgent => (AGENTS, Some("ctrl-agent")),
        Daemon::Netconf => (AGENTS, Some("netconf")),
    };
    let mut all: Vec<_> = shared.iter().copied().chain(single).collect();
    all.sort_unstable();
    all
}

/// Those of them that a release has.
#[must_use]
pub fn own_of(daemon: Daemon, release: Release) -> Vec<&'static str> {
    own(daemon).into_iter().filter(|name| is_in(name, release)).collect()
}

/// Whether a release has a logger, if it is a known one.
#[must_use]
pub fn is_in(name: &str, release: Release) -> bool {
    SINCE.iter().find(|(known, _)| *known == name).is_none_or(|(_, since)| release >= *since)
}

/// Since which release there is a logger.
#[must_use]
pub fn since(name: &str) -> Option<Release> {
    SINCE.iter().find(|(known, _)| *known == name).map(|(_, since)| *since)
}

/// The loggers of a hook library, by its file name; `None` of one that is not known.
#[must_use]
pub fn of_library(file_name: &str) -> Option<&'static [&'static str]> {
    let name = file_name.strip_suffix(".so").unwrap_or(file_name);
    let name =
        name.strip_prefix("libdhcp_").or_else(|| name.strip_prefix("libddns_")).or_else(|| name.strip_prefix("libca_"));
    HOOKS.iter().find(|(known, _)| Some(*known) == name).map(|(_, loggers)| *loggers)
}

/// The file name of the hook library with a logger.
#[must_use]
pub fn library_of(logger: &str) -> Option<String> {
    let (name, _) = HOOKS.iter().find(|(_, loggers)| loggers.contains(&logger))?;
    let prefix = match *name {
        "gss_tsig" => "libddns",
        "rbac" => "libca",
        _ => "libdhcp",
    };
    Some(format!("{prefix}_{name}.so"))
}

/// The logger of any daemon or library, without the daemon's name, that is most like this one.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let name = split(&name).map_or(name.as_str(), |(_, child)| child);
    let own = Daemon::ALL.into_iter().flat_map(own);
    let all = own.chain(HOOKS.iter().flat_map(|(_, loggers)| loggers.iter().copied()));
    let (distance, best) = all.map(|known| (strsim::damerau_levenshtein(known, name), known)).min()?;
    (distance <= (name.chars().count() / 4).clamp(1, 3)).then_some(best)
}

/// The loggers of all hook libraries that a daemon of a release may load, in order.
#[must_use]
pub fn of_hooks(daemon: Daemon, release: Release) -> Vec<&'static str> {
    let fits = |name: &str| match name {
        "gss_tsig" => daemon == Daemon::Ddns,
        "rbac" => daemon == Daemon::CtrlAgent,
        _ => daemon.family().is_some(),
    };
    let wanted = HOOKS.iter().filter(|(name, _)| fits(name)).flat_map(|(_, loggers)| loggers.iter().copied());
    let mut all: Vec<_> = wanted.filter(|name| is_in(name, release)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_the_daemon_is_a_child_of_it() {
        for (name, expected) in [
            ("kea-dhcp4", "kea-dhcp4"),
            ("kea-dhcp4.leases", "kea-dhcp4.leases"),
            ("leases", "kea-dhcp4.leases"),
            ("*", "kea-dhcp4.*"),
            ("kea-dhcp6", "kea-dhcp4.kea-dhcp6"),
            ("kea-dhcp44", "kea-dhcp4.kea-dhcp44"),
        ] {
            assert_eq!(expand(Daemon::Dhcp4, name), expected);
        }
    }

    #[test]
    fn libraries_and_loggers_belong_together() {
        assert_eq!(of_library("libdhcp_ha.so"), Some(&["ha-hooks"][..]));
        assert_eq!(of_library("libdhcp_mine.so"), None);
        assert_eq!(library_of("stat-cmds-hooks").as_deref(), Some("libdhcp_stat_cmds.so"));
        assert_eq!(library_of("gss-tsig-hooks").as_deref(), Some("libddns_gss_tsig.so"));
        let old = of_hooks(Daemon::Dhcp4, Release::newest_of("2.2").unwrap());
        assert!(old.contains(&"ha-hooks") && !old.contains(&"perfmon-hooks") && !old.contains(&"gss-tsig-hooks"));
    }

    #[test]
    fn a_slip_is_recognised() {
        for (name, meant) in
            [("lease", "leases"), ("LEASES", "leases"), ("comands", "commands"), ("ha-hook", "ha-hooks")]
        {
            assert_eq!(nearest(name), Some(meant), "{name}");
        }
        assert_eq!((nearest(""), nearest("nothing"), nearest("*")), (None, None, None));
    }

    #[test]
    fn a_full_name_has_its_daemon() {
        assert_eq!(split("kea-dhcp-ddns.dctl"), Some((Daemon::Ddns, "dctl")));
        assert_eq!(split("kea-dhcp4"), Some((Daemon::Dhcp4, "")));
        assert_eq!(split("kea-dhcp44"), None);
    }
}
