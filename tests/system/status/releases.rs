//! The same in front of newer releases of Kea; run by `scripts/test --all-kea`.

use kea_tools::config::Daemon;

use super::callers::assert_no_false_alarm;
use crate::kea::Kea;

#[test]
#[ignore = "needs Kea 2.6: run scripts/test --all-kea"]
fn a_healthy_kea_2_6_is_healthy_for_every_caller() {
    let kea = Kea::unpacked("KEA_TOOLS_KEA_2_6", "2.6");
    assert_no_false_alarm(&kea, &[Daemon::Dhcp4, Daemon::Dhcp6]);
}

#[test]
#[ignore = "needs Kea 3.0: run scripts/test --all-kea"]
fn a_healthy_kea_3_0_is_healthy_for_every_caller() {
    let kea = Kea::unpacked("KEA_TOOLS_KEA_3_0", "3.0");
    assert_no_false_alarm(&kea, &[Daemon::Dhcp4, Daemon::Dhcp6]);
}
