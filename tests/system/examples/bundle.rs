//! Those of kea-support-bundle, on a machine with Kea.

use std::fs;

use super::site::Site;
use crate::kea::Kea;
use crate::recipes::list;

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
