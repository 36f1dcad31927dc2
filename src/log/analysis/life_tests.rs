use super::tests::{analysed, analysed_together};
use crate::log::finding::{self, Grade};
use crate::log::life::Outcome;
use crate::log::stamp::SECOND;

fn line(second: u32, pid: u32, id: &str, text: &str) -> String {
    format!("2026-11-29 08:25:{second:02}.001 INFO  [kea-dhcp4.x/{pid}.9] {id} {text}\n")
}

fn starting(second: u32, pid: u32) -> String {
    line(second, pid, "DHCP4_STARTING", "Kea DHCPv4 server version 3.0.4 (stable) starting")
}

fn started(second: u32, pid: u32) -> String {
    line(second, pid, "DHCP4_STARTED", "Kea DHCPv4 server version 3.0.4 started")
}

fn given(second: u32, pid: u32, address: &str) -> String {
    let label = "[hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x1";
    line(second, pid, "DHCP4_LEASE_ALLOC", &format!("{label}: lease {address} has been allocated for 60 seconds"))
}

fn outcomes(text: &[String]) -> Vec<Outcome> {
    analysed(&text.concat()).life.starts.iter().map(|start| start.outcome).collect()
}

fn said(text: &[String]) -> Vec<(Grade, String)> {
    finding::findings(&analysed(&text.concat())).into_iter().map(|found| (found.grade, found.what)).collect()
}

#[test]
fn another_process_without_its_first_lines_is_no_failed_start() {
    let text = [given(1, 7, "10.0.0.1"), given(3, 8, "10.0.0.1")];
    assert_eq!(outcomes(&text), [Outcome::Started]);
    assert_eq!(said(&text), []);
}

#[test]
fn a_start_that_is_under_way_has_not_failed() {
    assert_eq!(outcomes(&[starting(1, 7)]), [Outcome::Starting]);
    let failed = [starting(1, 7), starting(5, 8), started(6, 8)];
    assert_eq!(outcomes(&failed), [Outcome::Failed, Outcome::Started]);
    let fatal = line(2, 7, "DHCP4_INIT_FAIL", "failed to initialize Kea server: no such file");
    assert_eq!(outcomes(&[starting(1, 7), fatal]), [Outcome::Failed]);
}

#[test]
fn two_servers_in_one_file_are_two() {
    let (one, other) = ((started(1, 7), given(4, 7, "10.0.0.1")), (started(2, 8), given(5, 8, "10.0.0.2")));
    let text = [starting(1, 7), starting(1, 8), one.0, other.0, one.1, other.1, given(6, 7, "10.0.0.1")];
    let analysis = analysed(&text.concat());
    assert!(analysis.life.starts.iter().all(|start| start.outcome == Outcome::Started && !start.is_after_death));
    assert_eq!((analysis.life.starts.len(), analysis.life.stops.len()), (2, 0));
    assert_eq!(said(&text), []);
}

#[test]
fn two_containers_with_the_same_pid_are_two() {
    let line = |second: u32, thread: u32, id: &str, text: &str| {
        format!("2026-11-29 08:25:{second:02}.001 INFO  [kea-dhcp4.x/7.{thread}] {id} {text}\n")
    };
    let server = |second: u32, thread: u32| {
        [
            line(second, thread, "DHCP4_STARTING", "Kea DHCPv4 server version 2.6.3 (stable) starting"),
            line(second + 2, thread, "DHCP4_STARTED", "Kea DHCPv4 server version 2.6.3 started"),
            line(second + 20, thread, "DHCP4_SHUTDOWN", "server shutdown"),
        ]
        .concat()
    };
    let two = analysed_together(&[server(1, 11), server(2, 12)]);
    assert_eq!(two.life.stops.iter().map(|stop| stop.is_death).collect::<Vec<_>>(), [false, false]);
    // One server with a file for each logger has the same threads in them.
    let one = analysed_together(&[server(1, 11), line(3, 11, "COMMAND_RECEIVED", "Received command 'status-get'")]);
    assert_eq!((two.instances.len(), one.instances.len()), (2, 1));
}

#[test]
fn a_death_has_the_last_message_and_the_next_start() {
    let text = [starting(1, 7), started(1, 7), given(3, 7, "10.0.0.1"), starting(9, 8), started(9, 8)];
    let stop = &analysed(&text.concat()).life.stops[0];
    assert!(stop.is_death && stop.again.zip(stop.time).is_some_and(|(again, last)| again - last == 6 * SECOND));
    assert_eq!(said(&text)[0].0, Grade::Warning);
}

#[test]
fn a_server_that_is_down_at_the_end_is_critical() {
    let down = line(5, 7, "DHCP4_SHUTDOWN", "server shutdown");
    let text = [starting(1, 7), started(1, 7), down.clone()];
    assert_eq!(said(&text), [(Grade::Critical, "kea-dhcp4 was shut down and did not start again".to_owned())]);
    assert_eq!(said(&[starting(1, 7), started(1, 7), down, starting(7, 8), started(7, 8)]), []);
}

#[test]
fn the_next_process_may_have_the_same_number() {
    let down = line(5, 7, "DHCP4_SHUTDOWN", "server shutdown");
    let text = [starting(1, 7), started(1, 7), down, starting(7, 7), started(7, 7)];
    assert_eq!(outcomes(&text), [Outcome::Started; 2]);
    assert_eq!(analysed(&text.concat()).life.stops.len(), 1);
    assert_eq!(said(&text), []);
}

#[test]
fn a_reload_that_failed_is_seen_where_only_errors_are_logged() {
    let fatal = "2026-11-29 08:25:09.001 FATAL [kea-dhcp4.dhcp4/7.9] DHCP4_DYNAMIC_RECONFIGURATION_FAIL dynamic server reconfiguration failed with file: x\n";
    let analysis = analysed(fatal);
    assert_eq!(analysis.life.reloads.len(), 1);
    assert_eq!(analysis.life.reloads[0].outcome(), "failed");
    // Which release it is the log does not show.
    assert_eq!(said(&[fatal.to_owned()])[0].0, Grade::Critical);
    let beyond = fatal.replace("DHCP4_DYNAMIC_RECONFIGURATION_FAIL", "DHCP4_CONFIG_UNRECOVERABLE_ERROR");
    assert_eq!(analysed(&(beyond + fatal)).life.reloads[0].outcome(), "failed-outage");
}

#[test]
fn dhcp_disable_is_critical_until_dhcp_enable() {
    let command = |second, name: &str| line(second, 7, "COMMAND_RECEIVED", &format!("Received command '{name}'"));
    let off = command(1, "dhcp-disable");
    assert_eq!(said(std::slice::from_ref(&off))[0].0, Grade::Critical);
    assert_eq!(said(&[off, command(2, "dhcp-enable")])[0].0, Grade::Notice);
}

#[test]
fn a_packet_at_the_end_of_a_log_is_not_unanswered() {
    let label = "[hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x1";
    let came = |second| {
        let text = format!("{label}: DHCPDISCOVER (type 1) received from 0.0.0.0 to 255.255.255.255 on interface eth0");
        line(second, 7, "DHCP4_PACKET_RECEIVED", &text)
    };
    let offered = line(1, 7, "DHCP4_LEASE_OFFER", &format!("{label}: lease 10.0.0.1 will be offered"));
    let analysis = analysed(&(came(1) + &offered));
    assert_eq!(
        (analysis.v4.unanswered.len(), analysis.v4.unknown.len(), analysis.offers.unanswered().len()),
        (0, 1, 0)
    );
    let later = came(1) + &line(8, 7, "DHCP4_CONFIG_COMPLETE", "done");
    assert_eq!(analysed(&later).v4.unanswered.len(), 1);
}

/// A server of 2.2 whose reload fails at 3 s.
fn failed_reload() -> String {
    started(1, 7).replace("3.0.4", "2.2.0")
        + &line(3, 7, "DHCP4_DYNAMIC_RECONFIGURATION", "initiate server reconfiguration")
        + &line(3, 7, "DHCP4_CONFIG_LOAD_FAIL", "configuration error using file: x, reason: bad prefix")
            .replace("INFO ", "ERROR")
        + &line(3, 7, "DHCP4_DYNAMIC_RECONFIGURATION_FAIL", "failed").replace("INFO ", "FATAL")
}

#[test]
fn an_outage_ends_with_a_good_configuration() {
    let good = line(8, 7, "DHCP4_DYNAMIC_RECONFIGURATION", "initiate server reconfiguration")
        + &line(9, 7, "DHCP4_DYNAMIC_RECONFIGURATION_SUCCESS", "done");
    let set = line(9, 7, "DHCP4_CONFIG_COMPLETE", "done");
    for repair in [good, set] {
        let analysis =
            analysed(&(failed_reload() + &repair + &given(12, 7, "10.0.0.1") + &starting(20, 8) + &started(20, 8)));
        let found = finding::findings(&analysis);
        let found = found.iter().find(|found| found.what.contains("could not reload")).unwrap();
        assert!(found.advice.contains("until it got a correct configuration"), "{}", found.advice);
        let tally = found.tally.unwrap();
        assert_eq!(tally.last.zip(tally.first).map(|(last, first)| last - first), Some(6 * SECOND));
    }
}

/// What a log of these lines says of the time from a second on.
fn said_since(text: &str, since: i64) -> Vec<(Grade, String)> {
    use crate::log::analysis::{Analysis, AnalysisOptions, Input};
    use crate::log::assemble::{Assembler, Batch};
    use crate::log::stamp::Clock;
    let mut assembler = Assembler::new(Clock::new(crate::time::Zone::from(chrono_tz::UTC), 0));
    let mut batch = Batch::default();
    batch.bytes_mut().extend_from_slice(text.as_bytes());
    assembler.assemble(&mut batch, true);
    let mut analysis = Analysis::new(AnalysisOptions { exchanges: false, stays: false, clients: 1000 });
    for at in 0..batch.len() {
        let message = batch.message(at);
        let second = message.time.unwrap() / SECOND % 60;
        if second < since {
            analysis.prepare(&message, Input::default());
        } else {
            analysis.observe(&message, Input::default());
        }
    }
    analysis.finish();
    finding::findings(&analysis).into_iter().map(|found| (found.grade, found.what)).collect()
}

#[test]
fn what_began_before_the_chosen_time_and_lasts_is_reported() {
    let command = |second, name: &str| line(second, 7, "COMMAND_RECEIVED", &format!("Received command '{name}'"));
    let lost = line(3, 7, "DHCP4_DB_RECONNECT_LOST_CONNECTION", "lost");
    let down = starting(1, 7) + &line(2, 7, "DHCP4_INIT_FAIL", "failed to initialize Kea server: no such file");
    let start = starting(5, 8) + &started(5, 8);
    for (begin, end, word) in [
        (failed_reload(), start.clone(), "could not reload"),
        (started(1, 7) + &command(3, "dhcp-disable"), command(5, "dhcp-enable"), "is disabled"),
        (started(1, 7) + &lost, line(5, 7, "DHCP4_DB_RECONNECT_SUCCEEDED", "back"), "lost its lease database"),
        (started(1, 7) + &lost, line(5, 7, "DHCP4_SHUTDOWN", "") + &start, "lost its lease database"),
        (down, start, "did not start"),
    ] {
        let said = said_since(&begin, 10);
        assert!(said.len() == 1 && said[0].0 == Grade::Critical && said[0].1.contains(word), "{word}: {said:?}");
        let pid = if end.contains("/8.9") { 8 } else { 7 };
        let later = begin + &end + &given(20, pid, "10.0.0.1");
        assert_eq!(said_since(&later, 10), [], "{word}");
    }
}
