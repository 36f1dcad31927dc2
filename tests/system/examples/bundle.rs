//! Those of kea-support-bundle, on a machine with Kea.

use std::fs;

use super::site::Site;
use crate::kea::Kea;
use crate::recipes::list::{self, User};

#[test]
#[ignore = "needs Kea and root: run scripts/test"]
fn those_of_kea_support_bundle_make_a_bundle() {
    let site = Site::new(&Kea::debian12());
    for (recipe, users) in list::of(list::BUNDLE) {
        for user in users {
            let outcome = site.run_as(*user, &recipe.text);
            assert!(outcome.status <= 1 && !outcome.stdout.is_empty(), "{user:?}: {}: {outcome:?}", recipe.text);
            // The next user's may have the same second in its name, and a file of another user is never replaced.
            if outcome.stdout.starts_with("/tmp/kea-support-") {
                fs::remove_file(outcome.stdout.trim()).unwrap();
            }
        }
    }
}

#[test]
#[ignore = "needs Kea and root: run scripts/test"]
fn what_a_user_may_not_look_at_is_not_called_absent() {
    let site = Site::new(&Kea::debian12());
    site.machine.shell("chmod 750 /var/lib/kea");
    let outcome = site.run_as(User::Ordinary, "kea-support-bundle --dry-run --no-logs");
    let said = "lease file /var/lib/kea/kea-leases4.csv: Permission denied (join the group _kea, or run as root)";
    assert!(outcome.stderr.contains(said) && !outcome.stderr.contains("it is not there"), "{outcome:?}");
}
