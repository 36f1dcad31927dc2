//! Those of crontabs, run by cron itself.

use std::process::Stdio;

use super::site::Site;
use crate::kea::Kea;
use crate::recipes::list::{self, User};
use crate::wait::wait_for;

/// Each file that a line writes, by the options that name it.
fn files(command: &str) -> Vec<String> {
    let mut words = command.split(' ');
    let mut files = Vec::new();
    while let Some(word) = words.next() {
        if ["-o", "--manifest"].contains(&word) {
            files.extend(words.next().map(|file| file.trim_matches('"').to_owned()));
        }
    }
    files.iter().map(|file| file.replace("$(date", "*").split_inclusive('*').next().unwrap().to_owned()).collect()
}

#[test]
#[ignore = "needs Kea, cron and root: run scripts/test"]
fn cron_runs_those_of_crontabs() {
    let site = Site::new(&Kea::debian12());
    site.machine.shell("mkdir -p /var/spool/cron/crontabs && mount --bind /dev/null /etc/crontab");
    let mut expected = Vec::new();
    for (index, (recipe, _)) in list::of(list::CRON).into_iter().enumerate() {
        if !recipe.text.contains(" root ") {
            assert_eq!(site.run_as(User::Root, &recipe.text).status, 0, "{}", recipe.text);
            continue;
        }
        // What is due at a time of day is done when cron starts, with all that cron does to a line.
        let at_start = |line: &str| line.split_once(" root ").map(|(_, command)| format!("@reboot root {command}\n"));
        let crontab: String =
            recipe.text.lines().map(|line| at_start(line).unwrap_or_else(|| format!("{line}\n"))).collect();
        expected.extend(recipe.text.lines().filter_map(|line| line.split_once(" root ")).flat_map(|(_, it)| files(it)));
        site.machine.shell(&format!("cat >/etc/cron.d/recipe{index} <<'END'\n{crontab}END"));
    }
    assert!(expected.len() >= 5, "{expected:?}");
    let mut cron = site.machine.command("cron");
    let mut cron = cron.arg("-f").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    for file in &expected {
        wait_for(file, || (site.run_as(User::Root, &format!("test -s {file}")).status == 0).then_some(()));
    }
    site.machine.shell("kill $(cat /run/crond.pid)");
    cron.wait().unwrap();
    // One for each day of the week.
    site.machine.shell("test $(ls /var/backups/kea/leases[46]-[1-7].csv | wc -l) = 2");
    site.machine.shell("grep -q 'kea_serving{.*} 1' /var/lib/prometheus/node-exporter/kea-status.prom");
}
