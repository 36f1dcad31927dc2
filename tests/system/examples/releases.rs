//! Those that only work with newer releases of Kea; run by `scripts/test --all-kea`.

use super::leases::expect_leases_of_the_server;
use super::site::Site;
use crate::kea::Kea;
use crate::recipes::list::{self, User};

#[test]
#[ignore = "needs Kea 3.0: run scripts/test --all-kea"]
fn a_member_of_keas_group_may_ask_kea_3_0() {
    let site = Site::new(&Kea::unpacked("KEA_TOOLS_KEA_3_0", "3.0"));
    for (recipe, users) in list::of(list::ASK_AS_MEMBER) {
        for user in users {
            expect_leases_of_the_server(&site, *user, &recipe.text);
        }
    }
}

#[test]
#[ignore = "needs Kea 3.0: run scripts/test --all-kea"]
fn a_monitor_in_keas_group_may_ask_kea_3_0() {
    let site = Site::new(&Kea::unpacked("KEA_TOOLS_KEA_3_0", "3.0"));
    site.machine.shell(
        "mkdir -p /run/accounts/etc && cd /run/accounts/etc && cp /etc/passwd /etc/group /etc/shadow /etc/gshadow . && \
         (grep -q ^nagios: passwd || useradd --prefix /run/accounts --system nagios)",
    );
    for (recipe, _) in list::of(list::MONITOR_IN_GROUP) {
        let line = recipe.text.replace("usermod ", "usermod --prefix /run/accounts ");
        site.machine.shell(&format!("{line} && grep -q '^_kea:.*:.*:.*nagios' /run/accounts/etc/group"));
    }
    for daemon in ["dhcp4", "dhcp6"] {
        let check = format!("/usr/bin/keactrl-status -f nagios -t 8 -s {daemon}");
        let outcome = site.run_as(User::Monitor, &check);
        assert!(outcome.status == 0 && outcome.stdout.starts_with("KEA OK - "), "{outcome:?}");
    }
}

#[test]
#[ignore = "needs Kea 2.6: run scripts/test --all-kea"]
fn the_sockets_of_kea_2_6_are_for_their_owner_alone() {
    let site = Site::new(&Kea::unpacked("KEA_TOOLS_KEA_2_6", "2.6"));
    for (recipe, _) in list::of(list::ASK_AS_MEMBER) {
        let outcome = site.run_as(User::Member, &recipe.text);
        assert!(outcome.status == 2 && outcome.stderr.contains("ermission denied"), "{}: {outcome:?}", recipe.text);
        expect_leases_of_the_server(&site, User::Root, &recipe.text);
    }
}
