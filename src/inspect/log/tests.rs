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

#[test]
fn dhcp_disable_is_found_before_the_end_of_a_long_log() {
    let disabled = "INFO  COMMAND_RECEIVED Received command 'dhcp-disable'\n";
    let idle = "INFO  COMMAND_RECEIVED Received command 'status-get'\n".repeat(30_000);
    let found = |text: &str, is_untold: bool| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("l"), text).unwrap();
        let writer = Writer { daemon: Daemon::Dhcp4, pids: vec![] };
        read(&Root::new(folder.path()), &["/l".into()], &writer, is_untold).service_command.map(|line| line.id)
    };
    let long = format!("INFO  DHCP4_STARTED x\n{disabled}{idle}");
    assert_eq!((found(&long, true).as_deref(), found(&long, false)), (Some("dhcp-disable"), None));
    for since in ["INFO  COMMAND_RECEIVED Received command 'ha-sync-complete-notify'\n", "INFO  DHCP4_STARTED x\n"] {
        assert_eq!(found(&format!("{disabled}{since}{idle}"), true), None, "{since}");
        assert_eq!(found(&format!("{disabled}{idle}{since}"), true), None, "{since}");
    }
    let enabled = disabled.replace("disable", "enable");
    assert_eq!(found(&format!("{disabled}{enabled}{idle}"), true).as_deref(), Some("dhcp-enable"));
}

/// A lease of this client that could not be written.
fn unwritten(client: u8, why: &str) -> String {
    let who = format!("[hwtype=1 02:00:00:00:00:0{client}], cid=[no info], tid=0x{client}");
    format!("ERROR ALLOC_ENGINE_V4_ALLOC_ERROR {who}: error during attempt to allocate an IPv4 address: {why}\n")
}

#[test]
fn a_database_that_takes_no_leases_is_not_a_refused_client() {
    const CHECK: &str =
        "Statement exec failed for: insert_lease4, status: 7sqlstate:[ 23514 ], reason: ERROR:  new row";
    const READ_ONLY: &str =
        "status: 7sqlstate:[ 25006 ], reason: ERROR:  cannot execute INSERT in a read-only transaction";
    let grant = "INFO  DHCP4_LEASE_ALLOC x\n";
    let failed = |text: &str| of(text).write_failed.is_some().then(|| of(text).fails_for_one);
    let both = |why: &str| unwritten(1, why) + &unwritten(2, why);
    let infos = "INFO  SOME_THING x\n".to_owned();
    assert_eq!(failed(&unwritten(1, CHECK).repeat(3)), Some(true));
    assert_eq!(failed(&(infos.clone() + &both(CHECK))), Some(false));
    // Where grants are not logged, there may have been one in between.
    assert_eq!(failed(&both(CHECK)), Some(true));
    assert_eq!(failed(&(unwritten(1, CHECK) + grant + &unwritten(2, CHECK))), Some(true));
    assert_eq!(failed(&(infos.clone() + &both(CHECK) + grant)), None);
    for why in
        [READ_ONLY, "reason: ERROR: permission denied for table lease4", "The table 'lease4' is full (error code 1114)"]
    {
        assert_eq!(failed(&unwritten(1, why)), Some(false), "{why}");
    }
    // That is a lost connection.
    assert_eq!(failed(&both("fatal database error or connectivity lost")), None);
    assert_eq!(failed(&both("no current lease manager is available")), None);
}

#[test]
fn the_error_that_broke_a_connection_is_why_a_server_ended() {
    let fatal = "ERROR DATABASE_PGSQL_FATAL_ERROR Unrecoverable PostgreSQL error occurred: terminating connection\n";
    let others = "ERROR DHCP4_OTHER x\nINFO  DHCP4_DB_RECONNECT_LOST_CONNECTION x\n";
    let end =
        "INFO  DHCP4_DB_RECONNECT_DISABLED database reconnect is disabled\nINFO  DHCP4_SHUTDOWN server shutdown\n";
    let why = |text: &str| match of(text).ended.unwrap() {
        End::Failed(line) => line.id,
        other => panic!("{other:?}"),
    };
    assert_eq!(why(&format!("{fatal}{others}{end}")), "DATABASE_PGSQL_FATAL_ERROR");
    assert_eq!(why(&format!("{others}{end}")), "DHCP4_DB_RECONNECT_DISABLED");
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

#[test]
fn a_message_whose_name_ends_in_info_is_none_of_severity_info() {
    assert!(of("WARN  DHCP4_MULTI_THREADING_INFO enabled: no\n").only_troubles);
    assert!(!of("WARN  DHCP4_MULTI_THREADING_INFO enabled: no\nINFO  DHCP4_STARTED x\n").only_troubles);
    let other = by(7, "WARN DHCP4_MULTI_THREADING_INFO enabled: no") + &by(8, "INFO DHCP4_STARTED x");
    assert!(of_process(&[7], &other).only_troubles);
}

#[test]
fn a_reload_that_failed_is_not_why_a_server_ended() {
    let failed = "INFO DHCP4_DYNAMIC_RECONFIGURATION w\nERROR DHCP4_PARSER_FAIL x\nERROR DHCP4_CONFIG_LOAD_FAIL x\n\
        ERROR DHCP4_DYNAMIC_RECONFIGURATION_FAIL y\n";
    assert_eq!(of(failed).ended, None);
    let is_failed = |text: &str| matches!(of(text).ended, Some(End::Failed(_)));
    let fatal = failed.replace("ERROR DHCP4_DYNAMIC", "FATAL DHCP4_DYNAMIC");
    assert!(is_failed(&fatal) && is_failed("ERROR DHCP4_PARSER_FAIL x\n"));
    // What comes later shows that it went on.
    assert!(!is_failed(&format!("{fatal}INFO DHCP4_CONFIG_COMPLETE z\n")));
    assert!(!is_failed(&format!("{fatal}INFO DHCP4_LEASE_ALLOC z\n")));
}
