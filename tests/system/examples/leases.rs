//! Those of kea-list-leases and kea-lease-dump on a machine with Kea's servers.

use super::site::Site;
use crate::kea::Kea;
use crate::recipes::list::{self, User};

/// Each user in turn, with the files as it finds them: Kea 2.2 of Debian 12 lets everybody read, newer ones their group.
const READERS: [User; 3] = [User::Root, User::Ordinary, User::Member];

/// Lets `each` run the recipes of `test` as every user who would.
fn run_each(test: &str, site: &Site, each: impl Fn(&Site, User, &str)) {
    let recipes = list::of(test);
    for user in READERS {
        if user == User::Member {
            site.close();
        }
        for (recipe, users) in &recipes {
            if users.contains(&user) {
                each(site, user, &recipe.text);
            }
        }
    }
}

#[test]
#[ignore = "needs Kea, root and jq: run scripts/test"]
fn those_that_read_leases_show_them_to_each_who_may_read_them() {
    let site = Site::new(&Kea::debian12());
    site.machine.shell("cp /etc/kea/kea-dhcp6.conf /srv/kea/ && chgrp _kea /srv/kea/* && chmod 644 /srv/kea/*");
    for home in ["root", "member", "ordinary"] {
        site.machine.shell(&format!("install -m 644 /var/lib/kea/kea-leases4.csv /run/home/{home}/"));
    }
    run_each(list::LISTS, &site, |site, user, line| {
        let written = ["leases.prom", "pools.html"].into_iter().find(|file| line.contains(file));
        let shown = written.map_or_else(|| line.to_owned(), |file| format!("{line} && cat {file}"));
        let outcome = site.run_as(user, &shown);
        assert!(outcome.status == 0 && !outcome.stdout.is_empty(), "{user:?}: {line}: {outcome:?}");
        assert!(!outcome.stderr.contains("denied"), "{user:?}: {line}: {outcome:?}");
    });
    // After the files were closed, the remedy is that of README.
    let outcome = site.run_as(User::Ordinary, "kea-list-leases");
    assert!(outcome.status == 2 && outcome.stderr.contains("_kea"), "{outcome:?}");
}

/// A line of shell that gives `line` a terminal, types `keys` once `text` is shown, and prints what was shown.
pub(super) fn at_a_terminal(line: &str, text: &str, keys: &str) -> String {
    let quoted = line.replace('\'', "'\\''");
    format!(
        "{{ until grep -qs '{text}' shown; do sleep 0.05; done; printf '{keys}'; }} | \
         script --quiet --return --flush --command '{quoted}' /dev/null >shown; status=$?; cat shown; exit $status"
    )
}

#[test]
#[ignore = "needs Kea and root: run scripts/test"]
fn those_that_watch_show_leases_at_a_terminal() {
    let site = Site::new(&Kea::debian12());
    run_each(list::WATCH, &site, |site, user, line| {
        let outcome = site.run_as(user, &at_a_terminal(line, "printer", "q"));
        assert_eq!(outcome.status, 0, "{user:?}: {line}: {outcome:?}");
    });
}

#[test]
#[ignore = "needs Kea and root: run scripts/test"]
fn those_that_ask_a_server_are_answered() {
    let site = Site::new(&Kea::debian12());
    run_each(list::ASK, &site, expect_leases_of_the_server);
}

pub(super) fn expect_leases_of_the_server(site: &Site, user: User, line: &str) {
    let outcome = site.run_as(user, line);
    assert!(outcome.status == 0 && outcome.stdout.contains("printer.example.org"), "{user:?}: {line}: {outcome:?}");
}

#[test]
#[ignore = "needs Kea and root: run scripts/test"]
fn those_that_write_dumps_leave_what_they_say() {
    let site = Site::new(&Kea::debian12());
    site.machine.shell("install -d -m 700 /var/backups/kea");
    run_each(list::DUMPS, &site, |site, user, line| {
        let outcome = site.run_as(user, line);
        assert!(outcome.status == 0 && outcome.stderr.is_empty(), "{user:?}: {line}: {outcome:?}");
        let words: Vec<_> = line.split(' ').collect();
        for pair in words.windows(2).filter(|pair| ["-o", "--manifest"].contains(&pair[0])) {
            let files = match pair[1] {
                "/var/backups/kea/" => "/var/backups/kea/kea-leases4.csv /var/backups/kea/kea-leases6.csv".to_owned(),
                file => file.to_owned(),
            };
            let is_readable = if line.contains("--anonymize") { "! grep -q printer" } else { "wc -c" };
            let looked = site.run_as(user, &format!("wc -c {files} && {is_readable} {files} && rm {files}"));
            assert_eq!(looked.status, 0, "{user:?}: {line}: {looked:?}");
        }
    });
}
