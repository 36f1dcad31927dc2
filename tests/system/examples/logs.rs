//! Those of kea-log-report and kea-metrics, on a machine where Kea runs and has written its log.

use super::site::Site;
use crate::kea::Kea;
use crate::recipes::list;

/// What Kea writes where a client gets a lease, with the time of now.
const LEASE: &str = "NOW INFO  [kea-dhcp4.leases] DHCP4_LEASE_ALLOC [hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x1: \
    lease 10.77.1.5 has been allocated for 3600 seconds";

#[test]
#[ignore = "needs Kea and root: run scripts/test"]
fn those_of_kea_log_report_show_what_the_log_says() {
    let site = Site::new(&Kea::debian12());
    let log = "/etc/kea/kea-dhcp4.log";
    site.machine.shell(&format!("echo '{LEASE}' | sed \"s/NOW/$(date '+%F %T.000')/\" >>{log}"));
    // As newer releases close them; the configuration of the machine has its log elsewhere.
    site.machine.shell(&format!(
        "install -d -m 750 -o _kea -g _kea /var/log/kea && install -m 640 -o _kea -g _kea {log} /var/log/kea/ && \
         chgrp _kea /etc/kea/* && chmod 640 /etc/kea/*.log && install -d -m 700 -o 65534 /var/lib/nagios"
    ));
    for (recipe, users) in list::of(list::LOGS) {
        for user in users {
            // tail follows the log until it is ended.
            let line = recipe.text.replace("tail -F ", "timeout 5 tail -n +1 -F ");
            let outcome = site.run_as(*user, &line);
            assert!(outcome.status == 0 && !outcome.stdout.is_empty(), "{user:?}: {line}: {outcome:?}");
            assert!(!outcome.stderr.contains("denied"), "{user:?}: {line}: {outcome:?}");
            let is_of_the_client = line.contains("10.77.1.5") || line.contains("02:aa") || line.contains("--isc");
            assert!(!is_of_the_client || outcome.stdout.contains("10.77.1.5"), "{user:?}: {line}: {outcome:?}");
        }
    }
}

#[test]
#[ignore = "needs Kea and root: run scripts/test"]
fn those_of_kea_metrics_have_series_of_the_servers() {
    let site = Site::new(&Kea::debian12());
    for (recipe, users) in list::of(list::METRICS) {
        for user in users {
            let line = format!("{}; cat /var/lib/prometheus/node-exporter/kea.prom 2>/dev/null", recipe.text);
            let outcome = site.run_as(*user, &line);
            assert!(outcome.stdout.contains("kea_up{daemon=\"dhcp4\"} 1"), "{user:?}: {line}: {outcome:?}");
            assert!(outcome.stdout.contains("kea_dhcp4_addresses_total{"), "{user:?}: {line}: {outcome:?}");
        }
    }
}
