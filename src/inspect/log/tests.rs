//! What logs say.

use std::fmt::Write as _;

use super::*;

fn of(text: &str) -> Log {
    summary(Path::new("/l"), text.as_bytes())
}

const LOGGER: &str = "[kea-dhcp4.dhcp4/10246.140580984345088]";

#[test]
fn lines_of_every_pattern_are_taken_apart() {
    let line = parse(&format!("2026-11-20 10:03:14.351 ERROR {LOGGER} DHCP4_CONFIG_LOAD_FAIL because")).unwrap();
    assert_eq!((line.time.as_str(), line.severity.as_str()), ("2026-11-20 10:03:14.351", "ERROR"));
    assert_eq!((line.id.as_str(), line.text.as_str()), ("DHCP4_CONFIG_LOAD_FAIL", "because"));
    assert_eq!(parse("INFO  DHCP4_LEASE_ALLOC x").unwrap().time, "");
    for other in ["  type=053, len=001: 1 (uint8)", "ERROR", "ERROR [x", "an ERRORS line", ""] {
        assert_eq!(parse(other), None, "{other}");
    }
}

#[test]
fn only_errors_since_the_last_start_count_and_the_last_ones_are_kept() {
    let mut text = "ERROR OLD_ONE x\nINFO DHCP4_STARTED y\n".to_owned();
    for number in 0..9 {
        writeln!(text, "ERROR NEW_ONE_{number} x").unwrap();
    }
    let ids: Vec<_> = of(&text).errors.into_iter().map(|line| line.id).collect();
    assert_eq!(ids, ["NEW_ONE_4", "NEW_ONE_5", "NEW_ONE_6", "NEW_ONE_7", "NEW_ONE_8"]);
}

#[test]
fn the_last_attempt_to_load_decides() {
    let fail = "INFO DHCP4_DYNAMIC_RECONFIGURATION w\nERROR DHCP4_CONFIG_LOAD_FAIL x\n\
        FATAL DHCP4_DYNAMIC_RECONFIGURATION_FAIL y\n";
    let failed = of(fail).reload_failed.unwrap();
    assert_eq!((failed.id.as_str(), failed.text.as_str()), ("DHCP4_CONFIG_LOAD_FAIL", "x"));
    assert_eq!(of(&(fail.to_owned() + &fail.replace('x', "new"))).reload_failed.unwrap().text, "new");
    assert_eq!(of(&format!("{fail}INFO DHCP4_CONFIG_COMPLETE z\n")).reload_failed, None);
}

#[test]
fn only_the_daemons_own_start_begins_anew() {
    let error = "ERROR NEW_ERROR x\n";
    for id in [
        "DHCP4_STARTING",
        "DHCP4_STARTED",
        "DHCP6_STARTING",
        "DHCP6_STARTED",
        "DCTL_STARTING",
        "DHCP_DDNS_STARTED",
        "CTRL_AGENT_STARTED",
        "NETCONF_STARTED",
    ] {
        assert_eq!(of(&format!("{error}INFO {id} y\n")).errors, [], "{id}");
    }
    for id in [
        "HA_MAINTENANCE_STARTED",
        "HA_SERVICE_STARTED",
        "COMMAND_HTTP_LISTENER_STARTED",
        "HTTP_CLIENT_MT_STARTED",
        "DHCPSRV_DHCP_DDNS_SENDER_STARTED",
        "DHCP6_DB_BACKEND_STARTED",
        "DHCP_DDNS_QUEUE_MGR_STARTED",
        "CTRL_AGENT_HTTP_SERVICE_STARTED",
        "CTRL_AGENT_HTTPS_SERVICE_STARTED",
    ] {
        assert_eq!(of(&format!("{error}INFO {id} y\n")).errors.len(), 1, "{id}");
    }
}

#[test]
fn a_failed_reload_of_the_ddns_server_and_the_agent_is_seen_too() {
    for fail in ["DCTL_CONFIG_FILE_LOAD_FAIL", "DCTL_CFG_FILE_RELOAD_ERROR", "CTRL_AGENT_CONFIG_FAIL"] {
        let text = format!("INFO DCTL_CFG_FILE_RELOAD_SIGNAL_RECVD r\nERROR {fail} why\n");
        assert_eq!(of(&text).reload_failed.unwrap().id, fail);
        assert_eq!(of(&format!("{text}INFO DCTL_CONFIG_COMPLETE z\n")).reload_failed, None);
    }
}

#[test]
fn a_database_is_lost_until_it_is_found_again() {
    let lost = "ERROR DHCP4_DB_RECONNECT_LOST_CONNECTION database connection lost.\n";
    assert!(of(lost).database_lost.is_some());
    let given_up = format!("{lost}ERROR DHCP4_DB_RECONNECT_FAILED maximum\n");
    assert_eq!(of(&given_up).database_lost.unwrap().line.id, "DHCP4_DB_RECONNECT_LOST_CONNECTION");
    assert_eq!(of(&format!("{lost}INFO DHCP4_DB_RECONNECT_SUCCEEDED x\n")).database_lost, None);
    assert_eq!(of(&format!("{lost}INFO DHCP4_STARTED x\n")).database_lost, None);
}

#[test]
fn a_configuration_that_the_server_wrote_itself_is_known_until_the_next_load() {
    let write = "2026-11-20 10:03:14.351 INFO COMMAND_RECEIVED Received command 'config-write'\n";
    assert_eq!(of(write).written.unwrap().time, "2026-11-20 10:03:14.351");
    assert_eq!(of(&format!("{write}INFO DHCP4_CONFIG_COMPLETE z\n")).written, None);
}

#[test]
fn lines_that_say_nothing_are_passed_over_wherever_they_stand() {
    let idle = "INFO DHCP4_LEASE_ALLOC x\n".repeat(3);
    let text = format!("{idle}ERROR FIRST_ONE ERROR\n{idle}\u{fffd}\nFATAL LAST_ONE");
    let ids: Vec<_> = of(&text).errors.into_iter().map(|line| line.id).collect();
    assert_eq!(ids, ["FIRST_ONE", "LAST_ONE"]);
}

#[test]
fn the_last_command_that_switched_the_service_is_kept() {
    let command = |name: &str| format!("INFO COMMAND_RECEIVED Received command '{name}'\n");
    let log = of(&(command("dhcp-enable") + &command("dhcp-disable") + &command("status-get")));
    assert_eq!(log.service_command.unwrap().id, "dhcp-disable");
}
#[test]
fn a_partner_that_fetches_leases_switches_off_what_was_on_and_leaves_off_what_was_off() {
    let command = |name: &str| format!("INFO COMMAND_RECEIVED Received command '{name}'\n");
    let [disable, enable, done] = ["dhcp-disable", "dhcp-enable", "ha-sync-complete-notify"].map(command);
    assert_eq!(of(&format!("{disable}{done}")).service_command, None);
    assert_eq!(of(&format!("{enable}{disable}{done}")).service_command.unwrap().id, "dhcp-enable");
    assert_eq!(of(&format!("{disable}{disable}{done}")).service_command.unwrap().id, "dhcp-disable");
}
