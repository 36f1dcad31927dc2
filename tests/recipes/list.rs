//! Which test runs each recipe, and as which users.

use super::text::{self, Recipe};

/// Who runs a recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum User {
    /// Root.
    Root,
    /// A user without any rights of its own.
    Ordinary,
    /// The same, where dhcping and dhcptest have the capabilities that packages give them.
    Prober,
    /// A member of the group `_kea`.
    Member,
    /// The user as which a monitor runs its checks.
    Monitor,
}
use User::{Member, Monitor, Ordinary, Prober, Root};

/// What becomes of a recipe.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fate {
    /// This test runs it as these users.
    Run(&'static str, &'static [User]),
    /// No test runs it, for this reason.
    NotRun(&'static str),
}
use Fate::{NotRun, Run};

/// The page, how the recipe begins, and what becomes of it. Of several rows that fit the longest beginnings count.
pub(crate) type Row = (&'static str, &'static str, Fate);

pub(crate) const TRANSCRIPTS: &str = "programs_print_what_the_transcripts_show";
pub(crate) const FIRST_COMMAND: &str = "the_first_command_of_the_readme_shows_leases";
pub(crate) const INSTALLED_BY_APT: &str = "what_apt_installs_runs_for_an_ordinary_user";
pub(crate) const INSTALLED_BY_HAND: &str = "what_is_installed_by_hand_lets_ordinary_users_probe";
pub(crate) const DHCPING: &str = "those_of_dhcping_are_answered_and_leave_no_lease";
pub(crate) const DHCPTEST: &str = "those_of_dhcptest_show_what_they_say";
pub(crate) const DHCPLOAD: &str = "those_of_dhcpload_leave_no_lease";
pub(crate) const GROUP: &str = "a_group_of_its_own_may_probe_and_stays_so_after_an_upgrade";
pub(crate) const LISTS: &str = "those_that_read_leases_show_them_to_each_who_may_read_them";
pub(crate) const WATCH: &str = "those_that_watch_show_leases_at_a_terminal";
pub(crate) const ASK: &str = "those_that_ask_a_server_are_answered";
pub(crate) const ASK_AS_MEMBER: &str = "a_member_of_keas_group_may_ask_kea_3_0";
pub(crate) const DUMPS: &str = "those_that_write_dumps_leave_what_they_say";
pub(crate) const REMOTE_DATABASE: &str = "those_of_a_remote_database_ask_for_the_password";
pub(crate) const REMOTE_SERVER: &str = "that_of_a_remote_server_asks_for_the_password_over_tls";
pub(crate) const MIGRATION: &str = "what_was_in_a_database_is_served_from_a_lease_file";
pub(crate) const UPLOAD: &str = "what_was_in_a_lease_file_is_in_a_database_after_the_upload";
pub(crate) const CRON: &str = "cron_runs_those_of_crontabs";
pub(crate) const STATUS: &str = "those_of_keactrl_status_say_what_a_server_does";
pub(crate) const MONITOR: &str = "a_monitor_runs_its_check_by_sudo_and_nothing_else";
pub(crate) const MONITOR_IN_GROUP: &str = "a_monitor_in_keas_group_may_ask_kea_3_0";
pub(crate) const LOGS: &str = "those_of_kea_log_report_show_what_the_log_says";
pub(crate) const BUNDLE: &str = "those_of_kea_support_bundle_make_a_bundle";
pub(crate) const LOGGERS: &str = "those_of_kea_loggers_print_loggers_and_entries";
pub(crate) const METRICS: &str = "those_of_kea_metrics_have_series_of_the_servers";
pub(crate) const PROMETHEUS: &str = "prometheus_recipe_adds_scrape_job_and_alert_rules";
pub(crate) const UNITS: &str = "systemd_takes_the_units_and_enables_the_timer";

const PAGE_READER: &str = "a reader of manual pages shows it; scripts/test has mandoc check each of them";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("README.md", "cargo run ", Run(FIRST_COMMAND, &[Ordinary])),
    ("README.md", "scripts/test --all-kea", NotRun("it is what runs these tests")),
    ("README.md", "scripts/package", Run(INSTALLED_BY_APT, &[Root, Ordinary])),
    ("README.md", "cargo install ", Run(INSTALLED_BY_HAND, &[Root, Ordinary])),
    ("README.md", "setcap ", Run(INSTALLED_BY_HAND, &[Root, Ordinary])),
    ("README.md", "man ", NotRun(PAGE_READER)),
    ("README.md", "kea-lease-dump -t memfile", Run(TRANSCRIPTS, &[Ordinary])),
    ("README.md", "kea-lease-dump tests/data", Run(TRANSCRIPTS, &[Ordinary])),
    ("README.md", "kea-lease-dump -4 -o ", Run(DUMPS, &[Root, Member, Ordinary])),
    ("README.md", "kea-lease-dump -o /var/backups/kea", Run(DUMPS, &[Root])),
    ("README.md", "kea-lease-dump -4 --anonymize", Run(DUMPS, &[Root, Member, Ordinary])),
    ("README.md", "kea-lease-dump -4 --for 2.2 -o", Run(UPLOAD, &[Root])),
    ("README.md", "kea-lease-dump -6 -c ", Run(LISTS, &[Root, Member, Ordinary])),
    ("README.md", "kea-lease-dump -4 -t pgsql ", Run(REMOTE_DATABASE, &[Ordinary])),
    ("README.md", "kea-lease-dump -4 -t api", Run(ASK, &[Root])),
    ("README.md", "kea-lease-dump -4 -t api", Run(ASK_AS_MEMBER, &[Member])),
    ("README.md", "kea-lease-dump -4 --socket https:", Run(REMOTE_SERVER, &[Ordinary])),
    ("README.md", "kea-lease-dump -4 -f ndjson", Run(LISTS, &[Root, Member, Ordinary])),
    ("README.md", "install -d -m 700 /var/backups/kea", Run(CRON, &[Root])),
    ("README.md", "PATH=", Run(CRON, &[Root])),
    ("README.md", "* * * * * root ", Run(CRON, &[Root])),
    ("README.md", "systemctl stop kea-dhcp4-server", Run(MIGRATION, &[Root])),
    ("README.md", "dhcping ", Run(DHCPING, &[Root, Prober])),
    ("README.md", "dhcptest", Run(DHCPTEST, &[Root, Prober])),
    ("README.md", "dhcptest --query --option \"roters", Run(TRANSCRIPTS, &[Ordinary])),
    ("README.md", "kea-list-leases", Run(LISTS, &[Root, Member, Ordinary])),
    ("README.md", "kea-list-leases --watch", Run(WATCH, &[Root, Member, Ordinary])),
    ("README.md", "kea-list-leases -4 -t api", Run(ASK, &[Root])),
    ("README.md", "kea-list-leases -4 -t api", Run(ASK_AS_MEMBER, &[Member])),
    ("README.md", "kea-list-leases -4 -t memfile", Run(TRANSCRIPTS, &[Ordinary])),
    ("README.md", "kea-list-leases docs/sample", Run(TRANSCRIPTS, &[Ordinary])),
    ("README.md", "kea-log-report", Run(TRANSCRIPTS, &[Ordinary])),
    ("README.md", "kea-log-report -f nagios", Run(LOGS, &[Root, Member])),
    ("README.md", "kea-pools", Run(TRANSCRIPTS, &[Ordinary])),
    ("README.md", "kea-pools -f nagios", Run(LISTS, &[Root, Member])),
    ("README.md", "kea-loggers", Run(TRANSCRIPTS, &[Ordinary])),
    ("README.md", "kea-loggers -f nagios", Run(LOGGERS, &[Root])),
    ("README.md", "kea-support-bundle -o", Run(BUNDLE, &[Root, Member])),
    ("README.md", "kea-metrics", Run(METRICS, &[Root])),
    ("README.md", "kea-metrics --listen", NotRun("it serves without end; its own tests scrape it over HTTP")),
    ("README.md", "kea-metrics -o FILE", NotRun("the manual page has it with the name of a file, which is run")),
    ("README.md", "kea-top", NotRun("a terminal program: the tests of kea-top run it in terminals")),
    ("README.md", "keactrl-status", Run(STATUS, &[Root])),
    ("README.md", "keactrl-status --root", Run(TRANSCRIPTS, &[Ordinary])),
    ("README.md", "nagios ALL = ", Run(MONITOR, &[Monitor])),
    ("README.md", "define command {", Run(MONITOR, &[Monitor])),
    ("README.md", "object CheckCommand ", Run(MONITOR, &[Monitor])),
    ("README.md", "visudo -c", NotRun("the test of these lines runs visudo --check")),
    ("README.md", "systemctl enable ", NotRun("the package's unit and socket are checked where the package is installed")),

    ("man/dhcping.8", "setcap ", Run(INSTALLED_BY_HAND, &[Root, Ordinary])),
    ("man/dhcping.8", "dpkg-statoverride ", Run(GROUP, &[Root])),
    ("man/dhcping.8", "dhcping ", Run(DHCPING, &[Root, Prober])),
    ("man/dhcpload.8", "dhcpload ", Run(DHCPLOAD, &[Root])),
    ("man/dhcptest.8", "setcap ", Run(INSTALLED_BY_HAND, &[Root, Ordinary])),
    ("man/dhcptest.8", "dpkg-statoverride ", Run(GROUP, &[Root])),
    ("man/dhcptest.8", "dhcptest ", Run(DHCPTEST, &[Root, Prober])),

    ("man/kea-lease-dump.8", "kea-lease-dump -4 ", Run(DUMPS, &[Root, Member, Ordinary])),
    ("man/kea-lease-dump.8", "kea-lease-dump -o /var/backups/kea", Run(DUMPS, &[Root])),
    ("man/kea-lease-dump.8", "kea-lease-dump -6 -t pgsql ", Run(REMOTE_DATABASE, &[Ordinary])),
    ("man/kea-lease-dump.8", "cd /var/lib/kea", Run(MIGRATION, &[Root])),
    ("man/kea-list-leases.8", "kea-list-leases", Run(LISTS, &[Root, Member, Ordinary])),
    ("man/kea-list-leases.8", "kea-list-leases --subnet 1 --watch", Run(WATCH, &[Root, Member, Ordinary])),
    ("man/kea-list-leases.8", "kea-list-leases -4 --socket ", Run(ASK, &[Root])),
    ("man/kea-list-leases.8", "kea-list-leases -4 --socket ", Run(ASK_AS_MEMBER, &[Member])),

    ("man/kea-pools.8", "kea-pools", Run(LISTS, &[Root, Member, Ordinary])),
    ("man/kea-pools.8", "kea-pools --forecast ", Run(LISTS, &[Root])),
    ("man/kea-pools.8", "kea-pools --at ", NotRun("the transcripts count recorded files at the time of their leases")),

    ("man/kea-log-report.8", "kea-log-report", Run(LOGS, &[Root, Member])),
    ("man/kea-log-report.8", "tail -F ", Run(LOGS, &[Root, Member])),
    ("man/kea-log-report.8", "kea-log-report -f nagios", Run(LOGS, &[Monitor])),

    ("man/kea-loggers.8", "kea-loggers", Run(LOGGERS, &[Root, Member])),
    ("man/kea-loggers.8", "kea-loggers -f nagios", Run(LOGGERS, &[Root])),
    ("man/kea-loggers.8", "kea-loggers -c /etc/kea/kea-dhcp4.conf --whole", Run(LOGGERS, &[Root])),
    ("docs/metrics.md", "cd /usr/share/doc/kea-tools/prometheus", Run(PROMETHEUS, &[Root])),
    ("docs/metrics.md", "[server.east]", NotRun("such a file is read by a_file_of_servers_names_them")),
    ("man/kea-metrics.8", "kea-metrics", Run(METRICS, &[Root])),
    ("man/kea-metrics.8", "kea-metrics --listen", NotRun("it serves without end; its own tests scrape it over HTTP")),
    ("man/kea-metrics.8", "systemctl enable ", NotRun("the package's unit and socket are checked where the package is installed")),
    ("man/kea-metrics.8", "scrape_configs:", NotRun("promtool checks the whole of it, and Prometheus scrapes with it")),
    ("man/kea-metrics.8", "location /metrics", NotRun("a part of the configuration of nginx, which is not installed here")),

    ("man/kea-top.8", "kea-top", NotRun("a terminal program: the tests of kea-top run it in terminals")),

    ("man/kea-support-bundle.8", "kea-support-bundle", Run(BUNDLE, &[Root, Member])),

    ("man/keactrl-status.8", "keactrl-status", Run(STATUS, &[Root])),
    ("man/keactrl-status.8", "define command {", Run(MONITOR, &[Monitor])),
    ("man/keactrl-status.8", "object CheckCommand ", Run(MONITOR, &[Monitor])),
    ("man/keactrl-status.8", "nagios ALL = ", Run(MONITOR, &[Monitor])),
    ("man/keactrl-status.8", "usermod -aG _kea ", Run(MONITOR_IN_GROUP, &[Monitor])),
    ("man/keactrl-status.8", "[Unit]", Run(UNITS, &[Root])),
    ("man/keactrl-status.8", "systemctl enable --now ", Run(UNITS, &[Root])),
];

/// Every row that is about this recipe: those of the longest beginning.
pub(crate) fn rows(recipe: &Recipe) -> Vec<&'static Row> {
    let is_of = |page: &str| page == recipe.page || (page == text::README && text::is_markdown(&recipe.page));
    let fits = |row: &&Row| is_of(row.0) && recipe.text.starts_with(row.1);
    let longest = ROWS.iter().filter(fits).map(|row| row.1.len()).max();
    ROWS.iter().filter(fits).filter(|row| Some(row.1.len()) == longest).collect()
}

/// Every row, for the test that looks for those without a recipe.
pub(crate) fn all_rows() -> &'static [Row] {
    ROWS
}

/// The recipes that `test` has to run, each with its users.
pub(crate) fn of(test: &str) -> Vec<(Recipe, &'static [User])> {
    let runs = |recipe: Recipe| {
        rows(&recipe).into_iter().find_map(|row| match row.2 {
            Run(name, users) if name == test => Some((recipe.clone(), users)),
            Run(..) | NotRun(_) => None,
        })
    };
    let found: Vec<_> = text::all().into_iter().filter_map(runs).collect();
    assert!(!found.is_empty(), "{test} has no recipe to run");
    found
}
