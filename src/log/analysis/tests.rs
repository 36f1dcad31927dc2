use super::*;
use crate::log::assemble::{Assembler, Batch};
use crate::log::stamp::Clock;
use crate::time::Zone;

/// What a log of these lines says.
pub(super) fn analysed(text: &str) -> Analysis {
    let mut assembler = Assembler::new(Clock::new(Zone::from(chrono_tz::UTC), 0));
    let mut batch = Batch::default();
    batch.bytes_mut().extend_from_slice(text.as_bytes());
    assembler.assemble(&mut batch, true);
    let mut analysis = Analysis::new(AnalysisOptions { exchanges: true, stays: true, clients: 1000 });
    (0..batch.len()).for_each(|at| analysis.observe(&batch.message(at), Input::default()));
    analysis.finish();
    analysis
}

/// What logs in one directory say.
pub(super) fn analysed_together(files: &[String]) -> Analysis {
    let mut lines: Vec<(&str, u32)> =
        (0..).zip(files).flat_map(|(group, file)| file.lines().map(move |line| (line, group))).collect();
    lines.sort_unstable();
    let mut analysis = Analysis::new(AnalysisOptions { exchanges: true, stays: true, clients: 1000 });
    for (line, group) in lines {
        let mut assembler = Assembler::new(Clock::new(Zone::from(chrono_tz::UTC), 0));
        let mut batch = Batch::default();
        batch.bytes_mut().extend_from_slice(line.as_bytes());
        assembler.assemble(&mut batch, true);
        analysis.observe(&batch.message(0), Input { group, place: 0 });
    }
    analysis.finish();
    analysis
}

const LABEL: &str = "[hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x1";

fn line(second: u32, id: &str, text: &str) -> String {
    format!("2026-11-29 08:25:{second:02}.000 INFO  [kea-dhcp4.x/7.9] {id} {text}\n")
}

fn answers(analysis: &Analysis) -> Vec<Option<&'static str>> {
    analysis.closed.iter().map(|exchange| exchange.answer).collect()
}

#[test]
fn lease_alloc_counts_as_ack_unless_the_log_contradicts() {
    let given = line(1, "DHCP4_LEASE_ALLOC", &format!("{LABEL}: lease 10.0.0.1 has been allocated for 60 seconds"));
    let failed = line(2, "HA_LEASE_UPDATE_COMMUNICATIONS_FAILED", &format!("{LABEL}: failed to communicate with b"));
    assert_eq!(answers(&analysed(&given)), [Some("ACK")]);
    assert_eq!(answers(&analysed(&(given.clone() + &failed))), [None]);
    let received = line(
        1,
        "DHCP4_PACKET_RECEIVED",
        &format!("{LABEL}: DHCPREQUEST (type 3) received from 0.0.0.0 to 255.255.255.255 on interface eth0"),
    );
    assert_eq!(answers(&analysed(&(received + &given))), [None]);
}

#[test]
fn a_lease_without_end_is_bootp() {
    let given =
        line(1, "DHCP4_LEASE_ALLOC", &format!("{LABEL}: lease 10.0.0.1 has been allocated for infinity seconds"));
    let analysis = analysed(&given);
    assert_eq!((analysis.closed[0].request, analysis.closed[0].answer), (Some("BOOTP"), Some("BOOTREPLY")));
}

#[test]
fn three_lines_are_one_failure() {
    let text = [
        line(
            1,
            "ALLOC_ENGINE_V4_ALLOC_FAIL_SUBNET",
            &format!(
                "{LABEL}: failed to allocate an IPv4 lease in the subnet 10.78.0.0/24, subnet-id 20, shared network (none)"
            ),
        ),
        line(
            1,
            "ALLOC_ENGINE_V4_ALLOC_FAIL",
            &format!("{LABEL}: failed to allocate an IPv4 address after 3 attempt(s)"),
        ),
        line(
            1,
            "ALLOC_ENGINE_V4_ALLOC_FAIL_CLASSES",
            &format!("{LABEL}: Failed to allocate an IPv4 address for client with classes: ALL"),
        ),
    ];
    let analysis = analysed(&text.concat());
    let all: Vec<_> =
        analysis.v4.failures.iter().map(|((scope, cause), tally)| (scope.subnet_id, *cause, tally.count)).collect();
    assert_eq!(all, [(Some(20), Cause::NoFreeAddress, 1)]);
}

#[test]
fn what_signals_cause_is_no_use_of_the_api() {
    let received = |second, name| line(second, "COMMAND_RECEIVED", &format!("Received command '{name}'"));
    let text = [
        line(1, "DHCP4_STARTED", "Kea DHCPv4 server version 3.0.4 started"),
        received(2, "status-get"),
        received(3, "config-reload"),
        line(3, "DHCP4_DYNAMIC_RECONFIGURATION", "initiate server reconfiguration"),
        received(3, "config-set"),
        line(4, "DHCP4_DYNAMIC_RECONFIGURATION_SUCCESS", "done"),
        line(5, "HTTP_CLIENT_REQUEST_AUTHORIZED", "received HTTP request authorized for 'admin'"),
        received(5, "config-reload"),
        received(6, "shutdown"),
    ];
    let analysis = analysed(&text.concat());
    let used: Vec<_> = analysis.commands.counts.keys().map(|used| (used.1.as_str(), used.2.as_deref())).collect();
    assert_eq!(used, [("config-reload", Some("admin")), ("status-get", None)]);
    let unsure: Vec<_> = analysis.commands.unsure.keys().map(|unsure| unsure.1.as_str()).collect();
    assert_eq!(unsure, ["config-reload", "shutdown"]);
}

#[test]
fn only_so_many_clients_are_followed() {
    let given = |client: u32| {
        let label = format!("[hwtype=1 02:aa:00:00:{:02x}:{:02x}], cid=[no info], tid=0x1", client >> 8, client & 255);
        line(
            1,
            "DHCP4_LEASE_ALLOC",
            &format!("{label}: lease 10.0.{}.{} has been allocated for 60 seconds", client >> 8, client & 255),
        )
    };
    let text: String = (0..1010).map(given).collect();
    let analysis = analysed(&text);
    assert_eq!((analysis.clients.len(), analysis.unfollowed), (1000, 10));
}

fn given(second: u32, xid: u32, address: &str) -> String {
    let label = format!("[hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x{xid:x}");
    line(second, "DHCP4_LEASE_ALLOC", &format!("{label}: lease {address} has been allocated for 60 seconds"))
}

fn received(second: u32, xid: u32) -> String {
    let label = format!("[hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x{xid:x}");
    let text = format!("{label}: DHCPREQUEST (type 3) received from 0.0.0.0 to 255.255.255.255 on interface eth0");
    line(second, "DHCP4_PACKET_RECEIVED", &text)
}

fn sent(second: u32, xid: u32) -> String {
    let label = format!("[hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x{xid:x}");
    let text =
        format!("{label}: trying to send packet DHCPACK (type 5) from 10.0.0.9:67 to 10.0.0.1:68 on interface eth0");
    line(second, "DHCP4_PACKET_SEND", &text)
}

#[test]
fn packets_are_judged_by_what_was_logged_at_their_time() {
    let logged = |xid| [received(2, xid), given(2, xid, "10.0.0.1"), sent(2, xid)].concat();
    let reload = line(3, "DHCP4_DYNAMIC_RECONFIGURATION", "initiate server reconfiguration");
    // DEBUG is turned off, with a reload in the log or without; or it is turned on.
    for text in [
        logged(1) + &reload + &given(4, 2, "10.0.0.1"),
        logged(1) + &given(4, 2, "10.0.0.1"),
        given(1, 2, "10.0.0.1") + &logged(1),
        given(1, 2, "10.0.0.1") + &sent(2, 1),
    ] {
        let analysis = analysed(&text);
        assert_eq!(answers(&analysis), [Some("ACK"), Some("ACK")], "{text}");
        assert_eq!((analysis.v4.unanswered.len(), analysis.v4.inferred), (0, 1), "{text}");
    }
    let unanswered =
        logged(1) + &received(3, 2) + &given(3, 2, "10.0.0.1") + &line(50, "DHCP4_CONFIG_COMPLETE", "done");
    assert_eq!(answers(&analysed(&unanswered)), [Some("ACK"), None]);
}

#[test]
fn an_answer_after_the_level_changed_is_not_missing() {
    let start = line(1, "DHCP4_STARTED", "Kea DHCPv4 server version 2.2.0 started");
    let reload = line(3, "DHCP4_CONFIG_COMPLETE", "DHCPv4 server has completed configuration: x");
    let parked = start + &received(2, 1) + &given(2, 1, "10.0.0.1") + &reload;
    let quiet = parked.clone() + &given(50, 2, "10.0.0.1");
    assert_eq!(answers(&analysed(&quiet)), [Some("ACK"); 2]);
    // The log still has answers, and this one was not among them.
    let loud = parked + &received(9, 2) + &given(9, 2, "10.0.0.1") + &sent(9, 2);
    assert_eq!(answers(&analysed(&loud)), [None, Some("ACK")]);
}

#[test]
fn leases_before_the_first_line_of_a_pair_are_the_pairs() {
    let line = |second: u32, id: &str, text: &str| {
        format!("2026-11-29T08:25:{second:02}.000+00:00 alpha kea-dhcp4[100]: INFO  [kea-dhcp4.x.140] {id} {text}\n")
    };
    let given = |second, address: &str| {
        let text = format!("{LABEL}: lease {address} has been allocated for 3600 seconds");
        line(second, "DHCP4_LEASE_ALLOC", &text)
    };
    let text = [
        given(1, "10.0.0.1"),
        given(2, "10.0.0.2"),
        line(3, "HA_STATE_TRANSITION", "server transitions from HOT-STANDBY to COMMUNICATION-RECOVERY state"),
        given(4, "10.0.0.1"),
        line(5, "DHCP4_RELEASE", &format!("{LABEL}: address 10.0.0.2 was released properly.")),
    ];
    let analysis = analysed(&text.concat());
    let states: Vec<_> = analysis.stays.iter().map(|stay| (stay.address.to_string(), stay.state)).collect();
    let (one, other) = ("10.0.0.1".to_owned(), "10.0.0.2".to_owned());
    assert_eq!(states, [(other, State::Released), (one, State::Active)]);
}

#[test]
fn lines_that_name_no_daemon_are_those_of_the_only_one() {
    let line = |second: u32, id: &str, text: &str| format!("2026-11-29 08:25:{second:02}.000 INFO  {id} {text}\n");
    let command = |second, name| line(second, "COMMAND_RECEIVED", &format!("Received command '{name}'"));
    let text = [
        line(1, "HOSTS_BACKENDS_REGISTERED", "the following host backend types are available: mysql"),
        command(1, "status-get"),
        line(2, "DHCP4_STARTING", "Kea DHCPv4 server version 2.6.3 (stable) starting"),
        line(3, "DHCP4_STARTED", "Kea DHCPv4 server version 2.6.3 started"),
        command(4, "config-reload"),
        line(4, "DHCP4_DYNAMIC_RECONFIGURATION", "initiate server reconfiguration"),
        command(4, "config-set"),
        line(5, "DHCP4_DYNAMIC_RECONFIGURATION_SUCCESS", "done"),
        command(6, "status-get"),
    ];
    let analysis = analysed(&text.concat());
    let used: Vec<_> =
        analysis.commands.counts.iter().map(|((at, name, _), count)| (*at, name.as_str(), *count)).collect();
    assert_eq!(used, [(0, "status-get", 2)]);
    assert_eq!((analysis.instances.len(), analysis.name(0)), (1, Some("kea-dhcp4")));
    assert_eq!((analysis.life.starts.len(), analysis.life.stops.len()), (1, 0));
}

#[test]
fn commands_that_are_passed_on_at_once_are_not_the_agents() {
    let line = |id: &str, text: &str| format!("2026-11-29 08:25:01.000 INFO  [kea-ctrl-agent.x/8.9] {id} {text}\n");
    let received = line("COMMAND_RECEIVED", "Received command 'lease4-get'");
    let passed = line("CTRL_AGENT_COMMAND_FORWARDED", "command lease4-get successfully forwarded to the service dhcp4");
    let analysis = analysed(&[received.clone(), received, passed.clone(), passed].concat());
    assert!(analysis.commands.counts.is_empty(), "{:?}", analysis.commands.counts);
}

#[test]
fn a_packet_that_fails_twice_is_two_packets() {
    let failed = |second| {
        let place = "failed to allocate an IPv4 lease in the subnet 10.78.0.0/24, subnet-id 20, shared network (none)";
        line(second, "ALLOC_ENGINE_V4_ALLOC_FAIL_SUBNET", &format!("{LABEL}: {place}"))
            + &line(second, "ALLOC_ENGINE_V4_ALLOC_FAIL", &format!("{LABEL}: failed after 3 attempt(s)"))
    };
    let analysis = analysed(&(failed(1) + &failed(2)));
    let counted: Vec<_> =
        analysis.v4.failures.values().chain(analysis.v4.unknown.values()).map(|it| it.count).collect();
    assert_eq!((analysis.closed.len(), counted), (2, vec![2, 2]));
}

#[test]
fn an_error_without_a_packet_is_no_failure_of_one() {
    let error = line(1, "DHCP4_CONFIG_LOAD_FAIL", "configuration error").replace("INFO ", "ERROR");
    let relay = line(
        2,
        "DHCP4_PACKET_NAK_0001",
        &format!("{LABEL}: failed to select a subnet for incoming packet, src 10.79.0.1, type DHCPDISCOVER"),
    );
    let analysis = analysed(&(error + &relay));
    assert_eq!(analysis.rates.steps.iter().map(|step| step.failures).sum::<u32>(), 1);
}
