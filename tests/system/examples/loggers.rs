//! Those of kea-loggers, on a machine with Kea.

use super::site::Site;
use crate::kea::Kea;
use crate::recipes::list::{self, User};

#[test]
#[ignore = "needs Kea and root: run scripts/test"]
fn those_of_kea_loggers_print_loggers_and_entries() {
    let site = Site::new(&Kea::debian12());
    site.machine.shell("install -d -m 750 -o _kea -g _kea /var/log/kea");
    for (recipe, users) in list::of(list::LOGGERS) {
        for user in users {
            let outcome = site.run_as(*user, &recipe.text);
            let is_written_to_a_file = recipe.text.contains(" >");
            assert!(outcome.status <= 1, "{user:?}: {}: {outcome:?}", recipe.text);
            assert!(is_written_to_a_file || !outcome.stdout.is_empty(), "{user:?}: {}: {outcome:?}", recipe.text);
            assert!(!recipe.text.contains("--set") || !outcome.stderr.contains("no logger"), "{outcome:?}");
        }
    }
}

#[test]
#[ignore = "needs Kea and root: run scripts/test"]
fn what_a_monitor_may_not_look_at_is_unknown() {
    let site = Site::new(&Kea::debian12());
    let lock = |user| {
        let outcome = site.run_as(user, "kea-loggers -f json");
        let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        let all = document["daemons"][0]["findings"].as_array().unwrap().clone();
        let found = all.into_iter().find(|finding| finding["what"].as_str().unwrap().contains("lock file for logs"));
        found.map(|finding| finding["kind"].as_str().unwrap().to_owned())
    };
    assert_eq!((lock(User::Root), lock(User::Ordinary)), (None, None));
    // The unit names the directory; whether this daemon uses it is in its environment, which only root may read.
    site.machine.shell("mv /run/lock/kea /run/lock/other");
    let kinds = (lock(User::Root), lock(User::Ordinary));
    assert_eq!(kinds, (Some("lock-directory".to_owned()), Some("not-examined".to_owned())));
    site.machine.shell("mv /run/lock/other /run/lock/kea");
}
