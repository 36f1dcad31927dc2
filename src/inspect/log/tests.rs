//! What logs say.

use std::fmt::Write as _;

use super::*;
use crate::config::Daemon;

/// What the log of any process says.
fn of(text: &str) -> Log {
    of_process(&[], text)
}

/// What a log says of any process of the daemon that writes such lines.
fn of_daemon(id: &str, text: &str) -> Log {
    let daemon = match id.split('_').next() {
        Some("DHCP6") => Daemon::Dhcp6,
        Some("DHCP") => Daemon::Ddns,
        Some("CTRL") => Daemon::CtrlAgent,
        _ => Daemon::Dhcp4,
    };
    summary(Path::new("/l"), text.as_bytes(), &Writer { daemon, pids: vec![] })
}

/// What a log says of the process with these numbers.
fn of_process(pids: &[i64], text: &str) -> Log {
    let writer = Writer { daemon: Daemon::Dhcp4, pids: pids.to_vec() };
    summary(Path::new("/l"), text.as_bytes(), &writer)
}

#[test]
fn last_errors_since_the_last_start_are_kept() {
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
        assert_eq!(of_daemon(id, &format!("{error}INFO {id} y\n")).errors, [], "{id}");
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
fn failed_reload_of_ddns_server_and_agent_is_detected() {
    for fail in ["DCTL_CONFIG_FILE_LOAD_FAIL", "DCTL_CFG_FILE_RELOAD_ERROR", "CTRL_AGENT_CONFIG_FAIL"] {
        let text = format!("INFO DCTL_CFG_FILE_RELOAD_SIGNAL_RECVD r\nERROR {fail} why\n");
        assert_eq!(of_daemon(fail, &text).reload_failed.unwrap().id, fail);
        assert_eq!(of_daemon(fail, &format!("{text}INFO DCTL_CONFIG_COMPLETE z\n")).reload_failed, None);
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
fn config_write_in_the_log_is_kept_until_the_next_load() {
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
fn ha_sync_does_not_change_a_user_disabled_dhcp_service() {
    let command = |name: &str| format!("INFO COMMAND_RECEIVED Received command '{name}'\n");
    let [disable, enable, done] = ["dhcp-disable", "dhcp-enable", "ha-sync-complete-notify"].map(command);
    assert_eq!(of(&format!("{disable}{done}")).service_command, None);
    assert_eq!(of(&format!("{enable}{disable}{done}")).service_command.unwrap().id, "dhcp-enable");
    assert_eq!(of(&format!("{disable}{disable}{done}")).service_command.unwrap().id, "dhcp-disable");
}

#[test]
fn packets_that_are_refused_count_since_the_last_answer() {
    let nak = "ERROR DHCP4_PACKET_NAK_0001 x: failed to select a subnet\n";
    let full = "WARN  ALLOC_ENGINE_V4_ALLOC_FAIL x\nWARN  ALLOC_ENGINE_V4_ALLOC_FAIL_SUBNET x\n";
    let answer = "INFO  DHCP4_LEASE_ADVERT x\n";
    let count = |text: &str| of(text).refused.map(|refused| (refused.count, refused.line.id));
    assert_eq!(count(&nak.repeat(3)), Some((3, "DHCP4_PACKET_NAK_0001".to_owned())));
    assert_eq!(count(&format!("{nak}{full}")), Some((2, "ALLOC_ENGINE_V4_ALLOC_FAIL".to_owned())));
    assert_eq!(count(&format!("{nak}{answer}{full}")).unwrap().0, 1);
    assert_eq!(count(&format!("{nak}{answer}")), None);
    assert_eq!(count(&format!("{nak}INFO  DHCP4_STARTED x\n")), None);
}

/// A line of the process `pid`.
fn by(pid: i64, line: &str) -> String {
    let (severity, message) = line.split_once(' ').unwrap();
    format!("2026-11-20 10:03:14.351 {severity} [kea-dhcp4.dhcp4/{pid}.1] {message}\n")
}

#[test]
fn another_process_with_the_same_log_changes_nothing() {
    let disabled = by(7, "INFO COMMAND_RECEIVED Received command 'dhcp-disable'");
    let other = by(8, "INFO DHCP4_STARTING x") + &by(8, "ERROR DHCP4_CONFIG_LOAD_FAIL x");
    let other = other + &by(8, "INFO DHCP4_LEASE_ALLOC x") + &by(8, "ERROR DHCP4_INIT_FAIL x");
    let log = of_process(&[7], &(disabled + &other));
    assert_eq!(log.service_command.unwrap().id, "dhcp-disable");
    assert_eq!((log.reload_failed, log.errors, log.ended), (None, vec![], None));
}

#[test]
fn a_start_that_failed_is_no_failed_reload_of_one_that_runs() {
    let start = "ERROR DHCP4_PARSER_FAIL x\nERROR DHCP4_CONFIG_LOAD_FAIL x\nERROR DHCP4_INIT_FAIL x\n";
    assert_eq!(of(start).reload_failed, None);
    let reload = "INFO DHCP4_DYNAMIC_RECONFIGURATION w\nERROR DHCP4_CONFIG_LOAD_FAIL own\n";
    assert_eq!(of(&format!("{reload}{start}")).reload_failed.unwrap().text, "own");
}

#[test]
fn a_configuration_that_came_with_a_command_is_not_the_files() {
    let set = "INFO COMMAND_RECEIVED Received command 'config-set'\n";
    let loaded =
        |subnets: &str| format!("INFO DHCP4_CONFIG_COMPLETE server has completed configuration: {subnets}; x\n");
    let of = |text: &str| of(text).configuration_set.map(|set| set.has_no_subnet);
    assert_eq!(of(&format!("{set}{}", loaded("no IPv4 subnets!"))), Some(true));
    assert_eq!(of(&format!("{set}{}", loaded("added IPv4 subnets: 2"))), Some(false));
    // At the start, and when the file is read again, newer servers log that command too.
    let started = "INFO DHCP4_STARTED x\n";
    assert_eq!(of(&format!("{set}{}{started}", loaded("no IPv4 subnets!"))), None);
    let again = "INFO DHCP4_DYNAMIC_RECONFIGURATION x\n";
    assert_eq!(of(&format!("{set}{0}{again}{set}{0}", loaded("no IPv4 subnets!"))), None);
    let failed = "ERROR DHCP4_CONFIG_LOAD_FAIL x\n";
    assert_eq!(of(&format!("{again}{set}{failed}{set}{}", loaded("no IPv4 subnets!"))), Some(true));
}
