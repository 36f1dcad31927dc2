//! Those of keactrl-status for a shell and for systemd. Those for monitors are in `packages`, where sudo runs what is installed.

use std::fs;
use std::process::Command;

use super::site::Site;
use crate::kea::Kea;
use crate::program::must;
use crate::recipes::list::{self, User};

#[test]
#[ignore = "needs Kea and root: run scripts/test"]
fn those_of_keactrl_status_say_what_a_server_does() {
    let site = Site::new(&Kea::debian12());
    site.machine
        .shell("printf '#!/bin/sh\\necho \"$@\" >>/run/logged\\n' >/run/bin/logger && chmod +x /run/bin/logger");
    let recipes = list::of(list::STATUS);
    for (recipe, users) in &recipes {
        for user in *users {
            let line = &recipe.text;
            let outcome = site.run_as(*user, line);
            assert!(outcome.status == 0 && outcome.stderr.is_empty(), "{line}: {outcome:?}");
            let is_silent = line.contains(" -o ") || line.contains("logger");
            assert_eq!(outcome.stdout.is_empty(), is_silent, "{line}: {outcome:?}");
            assert!(!line.contains("-f nagios") || outcome.stdout.starts_with("KEA OK - "), "{line}: {outcome:?}");
        }
    }
    site.run_as(
        User::Root,
        "test ! -e /run/logged && test -s status.json && test -s /var/lib/prometheus/node-exporter/kea-status.prom",
    );
    site.machine.shell("kill -KILL $(cat /run/kea/kea-dhcp4.kea-dhcp4.pid)");
    for (recipe, _) in recipes.iter().filter(|(recipe, _)| recipe.text.contains("-s dhcp4")) {
        let said = site.run_as(User::Root, &recipe.text);
        assert!(!said.stdout.contains("is served"), "{}: {said:?}", recipe.text);
    }
    assert_eq!(site.machine.shell("cat /run/logged"), "-p daemon.err DHCPv4 is not served\n");
}

#[test]
#[ignore = "needs Kea, systemd and root: run scripts/test"]
fn systemd_takes_the_units_and_enables_the_timer() {
    let site = Site::new(&Kea::debian12());
    let root = tempfile::tempdir().unwrap();
    let units = root.path().join("etc/systemd/system");
    fs::create_dir_all(&units).unwrap();
    let (pieces, commands): (Vec<_>, Vec<_>) =
        list::of(list::UNITS).into_iter().map(|(recipe, _)| recipe.text).partition(|text| text.starts_with("[Unit]"));
    for text in &pieces {
        let name = if text.contains("[Timer]") { "kea-status.timer" } else { "kea-status.service" };
        // systemd-analyze looks for the program on this machine.
        fs::write(
            root.path().join(name),
            text.replace("/usr/bin/keactrl-status", env!("CARGO_BIN_EXE_keactrl-status")),
        )
        .unwrap();
        fs::write(units.join(name), text).unwrap();
    }
    for name in ["kea-status.service", "kea-status.timer"] {
        must(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(root.path().join(name)));
    }
    for command in commands {
        // There is no systemd here that could start it now.
        let arguments = command.strip_prefix("systemctl ").unwrap().replace(" --now", "");
        must(Command::new("systemctl").arg("--root").arg(root.path()).args(arguments.split(' ')));
        assert!(units.join("timers.target.wants/kea-status.timer").is_symlink());
    }
    let service = pieces.iter().find(|text| text.contains("ExecStart=")).unwrap().replace("\\\n", "");
    let line = service.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let outcome =
        site.run_as(User::Root, &format!("{line} && grep -q kea_up /var/lib/prometheus/node-exporter/kea-status.prom"));
    assert!(outcome.status == 0 && outcome.stderr.is_empty(), "{outcome:?}");
}
