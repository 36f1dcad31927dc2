//! The views and formats.

use crate::log_report::harness::{files, recordings, run};

fn own(run: &str) -> Vec<std::path::PathBuf> {
    files(&recordings().join(run), |name| name.contains(".log") && !name.contains("custom") && !name.contains("syslog"))
}

#[test]
fn the_page_fits_eighty_columns() {
    for recording in ["2.2.0/main-info", "3.0.4/main-info", "2.2.0/ha-info", "3.0.4/db-info", "2.6.3/main-55"] {
        let ran = run(&[], &own(recording));
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        let long: Vec<_> = ran.stdout.lines().filter(|line| line.chars().count() > 80).collect();
        assert_eq!(long, Vec::<&str>::new(), "{recording}");
        assert!(ran.stdout.contains("What needs attention"), "{}", ran.stdout);
        let is_all_there = recording.ends_with("-55");
        assert_eq!(ran.stdout.contains("Not in these logs"), !is_all_there, "{}", ran.stdout);
    }
}

#[test]
fn the_page_says_what_a_failed_reload_meant() {
    let old = run(&[], &own("2.2.0/main-info")).stdout;
    assert!(old.contains("It served no client until it was started again."), "{old}");
    assert_eq!(old.matches("could not reload its configuration").count(), 1, "{old}");
    let new = run(&[], &own("3.0.4/main-info")).stdout;
    assert!(new.contains("It continues with the old configuration"), "{new}");
}

#[test]
fn a_client_is_followed_by_any_of_its_names() {
    let logs = own("3.0.4/main-55");
    for who in ["02:aa:00:00:00:01", "02AA00000001", "01:02:aa:00:00:00:01"] {
        let ran = run(&[who], &logs);
        assert_eq!(ran.status, 0, "{who}: {}", ran.stderr);
        for step in [
            "DISCOVER from 0.0.0.0 on eth0",
            "classes: ALL, KNOWN",
            "subnet with ID 1",
            "reservation:",
            "its name: good1",
            "gives 10.77.9.9 for 3600 s",
            "ACK sent to 10.77.9.9:68",
        ] {
            assert!(ran.stdout.contains(step), "{who}: {step}: {}", ran.stdout);
        }
        assert!(!ran.stdout.contains("02:aa:00:00:01:03"), "{who}");
    }
}

#[test]
fn an_address_a_prefix_and_a_name_lead_to_their_client() {
    let logs = own("3.0.4/main-55");
    for who in ["10.77.9.9", "10.77.9.8/31", "printer"] {
        let ran = run(&[who], &logs);
        assert_eq!(ran.status, 0, "{who}: {}", ran.stderr);
        assert!(
            ran.stdout.contains("gives 10.77.9.9 for 3600 s") && ran.stdout.contains("DISCOVER from"),
            "{who}: {}",
            ran.stdout
        );
    }
}

#[test]
fn a_name_leads_to_its_client_through_dns_updates_too() {
    let ran = run(&["printer"], &own("3.0.4/main-info"));
    assert!(
        ran.stdout.contains("gives 10.77.9.9 for 3600 s") && ran.stdout.contains("DNS: printer."),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_client_that_does_not_occur_is_status_1() {
    let ran = run(&["02:00:00:00:00:99"], &own("3.0.4/main-info"));
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
    assert_eq!(ran.stderr, "kea-log-report: 02:00:00:00:00:99 does not occur in these logs\n");
}

#[test]
fn steps_that_a_log_does_not_hold_are_named_with_their_logger() {
    let ran = run(&["02:aa:00:00:00:01"], &own("2.2.0/main-info"));
    assert!(ran.stdout.contains("client classes: kea-dhcp4.dhcp4 at DEBUG 40"), "{}", ran.stdout);
    let narrow = run(&["--width", "80", "02:aa:00:00:00:01"], &own("2.2.0/main-info")).stdout;
    let missing = narrow.split_once("Not in these logs").unwrap().1;
    assert!(missing.lines().all(|line| line.chars().count() <= 80), "{missing}");
}

#[test]
fn lines_of_isc_dhcpd_are_those_that_people_know() {
    let ran = run(&["--isc"], &own("3.0.4/main-info"));
    for line in [
        "kea-dhcp4: DHCPDISCOVER from 02:aa:00:00:00:01 via eth0",
        "kea-dhcp4: DHCPOFFER on 10.77.9.9 to 02:aa:00:00:00:01 via eth0",
        "kea-dhcp4: DHCPACK on 10.77.9.9 to 02:aa:00:00:00:01 via eth0",
        "kea-dhcp4: DHCPDISCOVER from 02:aa:00:00:01:0b via 10.79.0.1",
        "kea-dhcp4: DHCPNAK to 02:aa:00:00:01:2b via eth0",
        "via 10.79.0.1\n",
    ] {
        assert!(ran.stdout.contains(line), "{line}");
    }
    let old = run(&["--isc"], &own("2.2.0/main-info")).stdout;
    assert!(old.contains("kea-dhcp4: DHCPACK on 10.77.9.9 to 02:aa:00:00:00:01"), "{old}");
}

#[test]
fn every_view_has_every_format_of_records() {
    let logs = own("3.0.4/main-55");
    for view in ["--exchanges", "--leases", "--unanswered-offers", "--failures", "--hooks", "--rates", "--rates=10s"] {
        for format in ["text", "json", "ndjson", "csv"] {
            let ran = run(&[view, "-f", format], &logs);
            assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{view} {format}");
            assert!(ran.stdout.lines().count() > 1, "{view} {format}: {}", ran.stdout);
        }
    }
}

#[test]
fn a_page_of_html_needs_nothing_else() {
    let ran = run(&["-f", "html"], &own("2.6.3/ha-55"));
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("<svg") && ran.stdout.contains("partner-down") && ran.stdout.ends_with("</body></html>\n")
    );
    // A message may name an address, which is text.
    for foreign in ["<script", "href=", "src=", "url(", "@import"] {
        assert!(!ran.stdout.contains(foreign), "{foreign}");
    }
}

#[test]
fn a_monitor_gets_its_line_and_its_status() {
    let ran = run(&["-f", "nagios"], &own("3.0.4/main-info"));
    assert_eq!(ran.status, 2, "{}", ran.stdout);
    assert!(ran.stdout.starts_with("KEA LOG CRITICAL - failures: "), "{}", ran.stdout);
    let crashed = run(&["-f", "nagios"], &own("2.2.0/ha-info"));
    assert_ne!(crashed.status, 0, "{}", crashed.stdout);
    assert!(crashed.stdout.contains("ended without a shutdown message"), "{}", crashed.stdout);
    let calm = run(&["-f", "nagios", "--until", "2026-11-29 08:25:27.5", "-6"], &own("3.0.4/main-info"));
    assert_eq!(calm.status, 0, "{}", calm.stdout);
    let none = run(&["-f", "nagios", "/nowhere.log"], &[]);
    assert_eq!(none.status, 3, "{}", none.stdout);
}

#[test]
fn a_time_without_a_message_is_not_a_server_that_is_well() {
    let logs = own("3.0.4/main-info");
    let after = ["--since", "2026-11-29 09:00"];
    let page = run(&after, &logs).stdout;
    assert!(page.contains("no message of the chosen time; the last one before"), "{page}");
    assert!(page.contains("kea-dhcp4 was shut down and did not start again"), "{page}");
    assert!(!page.contains("Nothing in these logs needs attention"), "{page}");
    let down = run(&[&["-f", "nagios"], &after[..]].concat(), &logs);
    assert_eq!(down.status, 2, "{}", down.stdout);
    let before = run(&["--until", "2026-11-29 08:25:20"], &logs).stdout;
    assert!(before.contains("no message of the chosen time"), "{before}");
    let before = run(&["-f", "nagios", "--until", "2026-11-29 08:25:20"], &logs);
    assert_eq!(before.status, 3, "{}", before.stdout);
}

#[test]
fn quiet_log_is_ok_and_an_error_is_reported_in_each_check() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kea-dhcp4.log");
    let line = |time: &str, text: &str| format!("2026-11-29 {time} {text}\n");
    let start =
        line("12:00:00.000", "INFO  [kea-dhcp4.dhcp4/1.2] DHCP4_STARTED Kea DHCPv4 server version 2.2.0 started");
    let error =
        line("13:40:00.000", "ERROR [kea-dhcp4.dhcp4/1.2] DHCP4_BUFFER_RECEIVE_FAIL error on attempt to receive");
    let check = || run(&["-f", "nagios", "--since", "10m"], std::slice::from_ref(&path));
    std::fs::write(&path, &start).unwrap();
    let quiet = check();
    assert!(quiet.status == 0 && quiet.stdout.contains("the last one before it is of"), "{quiet:?}");
    std::fs::write(&path, start + &error).unwrap();
    for _ in 0..2 {
        assert_eq!(check().status, 1);
    }
}

#[test]
fn leases_from_before_the_chosen_time_are_known() {
    let logs = own("3.0.4/main-info");
    let active = |arguments: &[&str]| run(arguments, &logs).document()["dhcp4"]["leases-active"].clone();
    let all = active(&["-f", "json"]);
    assert_eq!(active(&["-f", "json", "--since", "2026-11-29 08:25:47"]), all);
    let held = run(&["--leases", "--since", "2026-11-29 08:25:40", "--until", "2026-11-29 08:25:41"], &logs).stdout;
    assert!(held.contains("10.77.9.9 "), "{held}");
}

#[test]
fn an_answer_that_is_not_logged_is_unknown() {
    let old = run(&["-f", "json"], &own("2.2.0/main-info")).document();
    assert_eq!(old["dhcp6"]["naks-sent"], serde_json::Value::Null);
    let failures = run(&["--failures", "-f", "ndjson"], &own("2.2.0/main-info")).records();
    let unanswered: Vec<_> = failures.iter().filter(|one| one["what"] == "no-answer").collect();
    assert_eq!(unanswered.len(), 0, "{unanswered:?}");
    let new = run(&["--failures", "-f", "ndjson"], &own("3.0.4/main-info")).records();
    assert!(new.iter().any(|one| one["what"] == "no-answer"), "{new:?}");
}

#[test]
fn the_leases_and_exchanges_of_a_client_can_be_wanted() {
    let logs = own("3.0.4/main-info");
    for who in ["02:aa:00:00:00:01", "10.77.9.9"] {
        for view in ["--leases", "--exchanges"] {
            let ran = run(&[view, "-f", "ndjson", who], &logs);
            assert_eq!(ran.status, 0, "{who} {view}: {}", ran.stderr);
            let all = ran.records();
            assert!(!all.is_empty(), "{who} {view}");
            assert!(all.iter().all(|one| one["client"]["hw-address"] == "02:aa:00:00:00:01"), "{who} {view}: {all:?}");
        }
    }
    let missing = run(&["--leases", "02:00:00:00:00:99"], &logs);
    assert_eq!(missing.status, 1, "{}", missing.stdout);
    assert!(run(&["--leases", "printer"], &logs).stderr.contains("leases have no host names"));
    assert_eq!(run(&[""], &logs).status, 2);
}

#[test]
fn whose_a_message_is_is_said_where_several_are_followed() {
    let ran = run(&["10.77.9.9"], &own("3.0.4/main-info")).stdout;
    assert!(ran.contains("  02:aa:00:00:00:01  DISCOVER from"), "{ran}");
    let one = run(&["02:aa:00:00:00:01"], &own("3.0.4/main-info")).stdout;
    assert!(!one.contains("  02:aa:00:00:00:01  DISCOVER from"), "{one}");
}

#[test]
fn a_log_of_errors_alone_has_unknown_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.log");
    let text = "2026-11-29 08:25:28.001 WARN  [kea-dhcp4.x/1.2] DHCP4_ODD_THING x\n\
        2026-11-29 08:25:28.001 WARN  [kea-dhcp-ddns.x/2.2] DHCP_DDNS_ODD_THING x\n";
    std::fs::write(&path, text).unwrap();
    let document = run(&["-f", "json"], &[path]).document();
    for field in ["acknowledged", "answers", "leases-active", "unanswered-offers", "naks-sent"] {
        assert_eq!(document["dhcp4"][field], serde_json::Value::Null, "{field}");
    }
    assert_eq!(document["ddns"]["added"], serde_json::Value::Null);
}

#[test]
fn two_hosts_in_one_log_have_leases_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.log");
    let given = |host: &str, client: u8| {
        format!(
            "2026-11-29T08:25:28.001+00:00 {host} kea-dhcp4[9]: INFO  [kea-dhcp4.leases/9.1] DHCP4_LEASE_ALLOC \
             [hwtype=1 02:aa:00:00:00:{client:02x}], cid=[no info], tid=0x1: lease 10.0.0.1 has been allocated for \
             4294967295 seconds\n"
        )
    };
    std::fs::write(&path, given("a", 1) + &given("b", 2)).unwrap();
    let stays = run(&["--leases", "-f", "ndjson"], std::slice::from_ref(&path)).records();
    let states: Vec<_> = stays.iter().map(|stay| (stay["state-at-end"].clone(), stay["until"].clone())).collect();
    assert_eq!(states, vec![("active".into(), serde_json::Value::Null); 2]);
    assert!(run(&["--leases"], &[path]).stdout.contains("no end"));
}

#[test]
fn a_part_of_the_time_and_of_the_daemons_can_be_wanted() {
    let logs = own("3.0.4/main-info");
    let all = run(&["--exchanges"], &logs).stdout.lines().count();
    let part = run(&["--exchanges", "--since", "2026-11-29 08:25:36", "-6"], &logs).stdout;
    assert!(part.lines().count() < all / 2 && part.contains("SOLICIT") && !part.contains("DISCOVER"), "{part}");
    let shifted = run(&["-f", "json", "--tz", "Europe/Berlin"], &logs).document();
    assert!(shifted["period"]["from"].as_str().unwrap().ends_with("+01:00"), "{}", shifted["period"]);
}

/// A log of these lines, each with the second it is of.
fn written(lines: &[&str]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.log");
    let line = |(at, text): (usize, &&str)| format!("2026-11-29 08:25:{at:02}.001 INFO  [kea-dhcp4.x/9.1] {text}\n");
    std::fs::write(&path, lines.iter().enumerate().map(line).collect::<String>()).unwrap();
    (folder, path)
}

#[test]
fn daemons_of_one_name_are_shown_with_their_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.log");
    let line = |host: &str, id: &str| format!("2026-11-29T08:25:28+00:00 {host} kea-dhcp4[9]: INFO  {id} x\n");
    let text = line("alpha", "DHCP4_STARTED") + &line("beta.example.org", "DHCP4_STARTED");
    std::fs::write(&path, text + &line("alpha", "DHCP4_SHUTDOWN")).unwrap();
    let page = run(&[], std::slice::from_ref(&path)).stdout;
    assert!(page.contains("kea-dhcp4 on alpha") && page.contains("kea-dhcp4 on beta.example.org"), "{page}");
    assert!(page.contains("kea-dhcp4 on alpha was shut down and did not start again"), "{page}");
    let document = run(&["-f", "json"], &[path]).document();
    let hosts: Vec<_> = document["servers"].as_array().unwrap().iter().map(|one| one["host"].clone()).collect();
    assert_eq!(hosts, ["alpha", "beta.example.org"]);
    assert_eq!(document["stops"][0]["host"], "alpha");
}

#[test]
fn lists_fit_the_columns_that_are_given() {
    let logs = own("3.0.4/main-55");
    for view in ["--exchanges", "--leases", "--unanswered-offers", "--failures", "--hooks"] {
        let ran = run(&[view, "--width", "72"], &logs);
        // A word is never broken.
        let is_long = |line: &&str| line.chars().count() > 72 && line.trim().contains(' ');
        assert_eq!(ran.stdout.lines().find(is_long), None, "{view}");
        let piped = run(&[view], &logs).stdout;
        assert!(piped.lines().all(|line| !line.starts_with("    ") || view == "--failures"), "{view}: {piped}");
    }
}

#[test]
fn a_nak_names_its_address_and_its_relay() {
    let label = "[hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x1";
    let (_folder, path) = written(&[
        &format!(
            "DHCP4_PACKET_RECEIVED {label}: DHCPREQUEST (type 3) received from 10.79.0.1 to 10.77.0.1 on interface eth0"
        ),
        &format!("DHCP4_PACKET_NAK_0002 {label}: invalid address 192.168.44.5 requested by INIT-REBOOT"),
        &format!(
            "DHCP4_PACKET_SEND {label}: trying to send packet DHCPNAK (type 6) from 10.77.0.1:67 to 10.79.0.1:67 on interface eth0"
        ),
    ]);
    let lines = run(&["--isc"], std::slice::from_ref(&path)).stdout;
    assert!(lines.contains("DHCPNAK on 192.168.44.5 to 02:aa:00:00:01:02 via 10.79.0.1\n"), "{lines}");
    let failures = run(&["--failures"], &[path]).stdout;
    assert!(failures.contains("wrong-address\n       relay 10.79.0.1: 02:aa:00:00:01:02\n"), "{failures}");
}

#[test]
fn a_packet_is_one_line_of_isc_dhcpd() {
    let label = "[hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x1";
    let (_folder, path) = written(&[
        &format!("DHCP4_LEASE_ALLOC {label}: lease 10.77.0.9 has been allocated for 60 seconds"),
        &format!("DHCP4_LEASE_REUSE {label}: lease 10.77.0.9 has been reused for 50 seconds"),
    ]);
    let lines = run(&["--isc"], &[path]).stdout;
    assert_eq!(lines.matches("DHCPACK on 10.77.0.9").count(), 1, "{lines}");
}

#[test]
fn every_address_of_a_reply_is_on_its_line() {
    let label = "duid=[00:03:00:01:02:aa:00:00:01:02], [no hwaddr info], tid=0x1";
    let (_folder, path) = written(&[
        &format!(
            "DHCP6_PACKET_RECEIVED {label}: REQUEST (type 3) received from fe80::1 to ff02::1:2 on interface eth0"
        ),
        &format!(
            "DHCP6_LEASE_ALLOC {label}: lease for address 2001:db8::9 and iaid=1 has been allocated for 60 seconds"
        ),
        &format!(
            "DHCP6_LEASE_ALLOC {label}: lease for prefix 2001:db8:9::/56 and iaid=1 has been allocated for 60 seconds"
        ),
        &format!(
            "DHCP6_PACKET_SEND {label}: trying to send packet REPLY (type 7) from fe80::2 port 547 to fe80::1 port 546 on interface eth0"
        ),
    ]);
    let lines = run(&["--isc"], &[path]).stdout;
    assert!(lines.contains("Reply on 2001:db8::9 2001:db8:9:: to 00:03:00:01:02:aa:00:00:01:02"), "{lines}");
}

#[test]
fn a_configuration_that_was_refused_is_reported() {
    let (_folder, path) = written(&[
        "DHCP4_STARTED Kea DHCPv4 server version 3.0.4 started",
        "DHCP4_CONFIG_LOAD_FAIL configuration error using file: x, reason: subnet 10.0.0.0/33 is invalid",
    ]);
    let page = run(&[], &[path]).stdout;
    assert!(page.contains("kea-dhcp4 refused a configuration: subnet 10.0.0.0/33 is invalid"), "{page}");
}

#[test]
fn what_a_partner_asks_is_apart_from_the_api() {
    let (_folder, path) = written(&[
        "HA_STATE_TRANSITION server transitions from WAITING to LOAD-BALANCING state, partner state is UNDEFINED",
        "COMMAND_RECEIVED Received command 'ha-heartbeat'",
        "COMMAND_RECEIVED Received command 'lease4-update'",
        "COMMAND_RECEIVED Received command 'list-commands'",
    ]);
    let page = run(&[], &[path]).stdout;
    for line in ["HA partner     ha-heartbeat 1", "partner or API lease4-update 1", "without login  list-commands 1"] {
        assert!(page.contains(line), "{line}: {page}");
    }
}

#[test]
fn probes_are_no_clients_without_a_lease() {
    let offered = |client: &str| {
        format!("DHCP4_LEASE_OFFER [hwtype=1 {client}], cid=[no info], tid=0x1: lease 10.77.0.9 will be offered")
    };
    let last = "DHCP4_ODD_THING x";
    let (probe, client) = (offered("02:6b:65:b3:02:6b"), offered("02:aa:00:00:01:02"));
    let mut lines = vec![probe.as_str(), client.as_str()];
    lines.resize(20, last);
    let (_folder, path) = written(&lines);
    let page = run(&[], &[path]).stdout;
    assert!(page.contains("1 client got an offer and no acknowledgement"), "{page}");
}
