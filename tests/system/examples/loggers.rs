//! Those of kea-loggers, on a machine with Kea.

use super::site::Site;
use crate::kea::Kea;
use crate::recipes::list;

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
