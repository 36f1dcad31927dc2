//! Whether clients are served, as the page, a monitor and programs say it.

use std::fs;

use crate::log_report::harness::{Ran, files, recordings, run};

/// A line so many seconds after 08:00.
fn line(second: u32, severity: &str, id: &str, text: &str) -> String {
    let (hour, minute, second) = (8 + second / 3600, second / 60 % 60, second % 60);
    let daemon = if id.starts_with("DHCP6") { "kea-dhcp6" } else { "kea-dhcp4" };
    format!("2026-11-29 {hour:02}:{minute:02}:{second:02}.001 {severity:5} [{daemon}.x/7.9] {id} {text}\n")
}

/// A packet of a client, and what the server logs then: id and text.
fn packet(is_v6: bool, client: u32, second: u32, request: &str, then: &[(&str, &str)]) -> String {
    let label = if is_v6 {
        format!("duid=[00:03:00:01:02:aa:00:00:00:{client:02x}], [no hwaddr info], tid=0x{second:x}")
    } else {
        format!("[hwtype=1 02:aa:00:00:00:{client:02x}], cid=[no info], tid=0x{second:x}")
    };
    let family = if is_v6 { "DHCP6" } else { "DHCP4" };
    let query = line(second, "INFO", &format!("{family}_QUERY_LABEL"), &format!("received query: {label}"));
    let from = if is_v6 { "fe80::1 to ff02::1:2" } else { "0.0.0.0 to 255.255.255.255" };
    let came = format!("{label}: {request} received from {from} on interface eth0");
    let came = line(second, "INFO", &format!("{family}_PACKET_RECEIVED"), &came);
    let then =
        then.iter().map(|(id, text)| line(second, "INFO", &format!("{family}_{id}"), &format!("{label}: {text}")));
    query + &came + &then.collect::<String>()
}

fn sent(packet: &str) -> String {
    format!("trying to send packet {packet} from 10.0.0.254:67 to 10.0.0.9:68 on interface eth0")
}

/// Clients of a release that logs packets at INFO, whose packets come to this.
fn clients(is_v6: bool, count: u32, from: u32, request: &str, then: &[(&str, &str)]) -> String {
    (0..count).map(|client| packet(is_v6, client, from + 5 * client, request, then)).collect()
}

fn started(family: u8) -> String {
    let text = format!("Kea DHCPv{family} server version 2.6.3 started");
    line(0, "INFO", &format!("DHCP{family}_STARTED"), &text)
}

/// The page and what a monitor says of a log, after which the server lived for a minute.
fn said(log: &str) -> (String, Ran) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.log");
    let last = line(3600, "INFO", "DHCPSRV_MEMFILE_LFC_EXECUTE", "executing Lease File Cleanup");
    fs::write(&path, log.to_owned() + &last).unwrap();
    let page = run(&["--width=400"], std::slice::from_ref(&path)).stdout;
    (page, run(&["-f", "nagios"], &[path]))
}

const DISCOVER: &str = "DHCPDISCOVER (type 1)";
const REQUEST: &str = "DHCPREQUEST (type 3)";
const SOLICIT: &str = "SOLICIT (type 1)";
const GIVEN: (&str, &str) = ("LEASE_ALLOC", "lease 10.0.0.1 has been allocated for 3600 seconds");

#[test]
fn a_server_that_serves_no_client_is_a_finding() {
    let (ack, nak, advertise) = (sent("DHCPACK (type 5)"), sent("DHCPNAK (type 6)"), sent("ADVERTISE (type 2)"));
    let served = clients(false, 6, 1, REQUEST, &[GIVEN, ("PACKET_SEND", &ack)]);
    for (log, status, words) in [
        (
            started(4) + &clients(false, 60, 1, DISCOVER, &[]),
            1,
            "kea-dhcp4 serves no client: 60 packets of 60 clients, without an answer",
        ),
        (
            started(4) + &served + &clients(false, 6, 100, REQUEST, &[]),
            2,
            "kea-dhcp4 serves no client any more: 6 packets of 6 clients, without an answer",
        ),
        (
            started(4) + &clients(false, 60, 1, REQUEST, &[("PACKET_SEND", &nak)]),
            2,
            "kea-dhcp4 serves no client: 60 packets of 60 clients, refused (NAK)",
        ),
        (
            started(6) + &clients(true, 60, 1, SOLICIT, &[("PACKET_SEND", &advertise)]),
            2,
            "kea-dhcp6 serves no client: 60 packets of 60 clients, answered without a lease",
        ),
    ] {
        let (page, monitor) = said(&log);
        let mark = if status == 2 { "!!" } else { " !" };
        assert!(page.contains(&format!("{mark} {words}")), "{words}: {page}");
        assert_eq!(monitor.status, status, "{words}: {}", monitor.stdout);
        assert!(monitor.stdout.contains(words), "{}", monitor.stdout);
    }
}

#[test]
fn some_packets_without_an_answer_are_no_outage() {
    let ack = sent("DHCPACK (type 5)");
    let served = |second| packet(false, 99, second, REQUEST, &[GIVEN, ("PACKET_SEND", &ack)]);
    let pair = line(0, "INFO", "HA_SERVICE_STARTED", "a: started high availability service");
    let init_reboot = ("INIT_REBOOT", "client is in INIT-REBOOT state and requests address 10.0.0.9");
    let ours = clients(false, 60, 1, DISCOVER, &[]).replace("02:aa:00", "02:6b:65");
    let (advertise, reply) = (sent("ADVERTISE (type 2)"), sent("REPLY (type 7)"));
    let stateless = clients(true, 60, 1, SOLICIT, &[("PACKET_SEND", &advertise)])
        + &clients(true, 60, 301, "INFORMATION_REQUEST (type 11)", &[("PACKET_SEND", &reply)]);
    for log in [
        started(6) + &stateless,
        started(4) + &served(1) + &clients(false, 60, 10, DISCOVER, &[]),
        started(4) + &clients(false, 60, 1, DISCOVER, &[]) + &served(400),
        started(4) + &clients(false, 10, 1, DISCOVER, &[]) + &clients(false, 10, 100, DISCOVER, &[]),
        started(4) + &served(1) + &clients(false, 10, 10, DISCOVER, &[]),
        started(4) + &clients(false, 60, 1, "DHCPINFORM (type 8)", &[]),
        started(4) + &clients(false, 60, 1, REQUEST, &[init_reboot]),
        started(4) + &pair + &clients(false, 60, 1, DISCOVER, &[]),
        started(4) + &ours,
    ] {
        let (page, monitor) = said(&log);
        assert!(!page.contains("serves no client"), "{page}");
        assert_eq!(monitor.status, 0, "{}", monitor.stdout);
    }
}

#[test]
fn no_recording_is_an_outage() {
    for release in ["2.2.0", "2.6.3", "3.0.4"] {
        for folder in fs::read_dir(recordings().join(release)).unwrap() {
            for file in files(&folder.unwrap().path(), |name| name.contains(".log")) {
                let page = run(&["--width=400"], std::slice::from_ref(&file)).stdout;
                let is_outage = page.lines().any(|line| line.starts_with("!!") && line.contains("serves no client"));
                assert!(!is_outage, "{}: {page}", file.display());
            }
        }
    }
}

#[test]
fn a_log_with_packets_and_no_answer_shows_that_there_was_none() {
    let log = started(4) + &clients(false, 60, 1, DISCOVER, &[]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.log");
    fs::write(&path, log).unwrap();
    let page = run(&[], std::slice::from_ref(&path)).stdout;
    assert!(page.contains("no answer") && !page.contains("kea-dhcp4.packets at INFO"), "{page}");
    let document = run(&["-f", "json"], &[path]).document();
    let dhcp4 = &document["dhcp4"];
    assert_eq!((&dhcp4["answers"], &dhcp4["naks-sent"]), (&serde_json::json!({}), &0.into()), "{dhcp4}");
}

#[test]
fn only_what_gives_a_lease_is_an_acknowledgement() {
    let (ack, reply) = (sent("DHCPACK (type 5)"), sent("REPLY (type 7)"));
    let lease6 = ("LEASE_ALLOC", "lease for address 2001:db8::9 and iaid=1 has been allocated for 60 seconds");
    let v4 = packet(false, 1, 1, REQUEST, &[GIVEN, ("PACKET_SEND", &ack)])
        + &packet(false, 1, 2, "DHCPINFORM (type 8)", &[("PACKET_SEND", &ack)]);
    let v6 = packet(true, 1, 3, "REQUEST (type 3)", &[lease6, ("PACKET_SEND", &reply)])
        + &packet(true, 1, 4, "INFORMATION_REQUEST (type 11)", &[("PACKET_SEND", &reply)])
        + &packet(true, 1, 5, "CONFIRM (type 4)", &[("PACKET_SEND", &reply)]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.log");
    fs::write(&path, v4 + &v6).unwrap();
    let document = run(&["-f", "json"], &[path]).document();
    for (family, answer, count) in [("dhcp4", "ACK", 2), ("dhcp6", "REPLY", 3)] {
        let of_family = &document[family];
        assert_eq!((&of_family["answers"][answer], &of_family["acknowledged"]), (&count.into(), &1.into()), "{family}");
    }
}

#[test]
fn unanswered_offers_are_the_same_in_every_view() {
    let offer = ("LEASE_OFFER", "lease 10.0.0.9 will be offered");
    let sent = sent("DHCPOFFER (type 2)");
    let offered = packet(false, 1, 1, DISCOVER, &[offer, ("PACKET_SEND", &sent)]);
    let (ours, load) = (offered.replace("02:aa:00:00", "02:6b:65:00"), offered.replace("02:aa:00:00", "02:00:5e:a0"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.log");
    fs::write(&path, offered + &ours + &load + &line(60, "INFO", "DHCPSRV_X", "x")).unwrap();
    let path = [path];
    let page = run(&[], &path).stdout;
    assert!(page.contains("1 client got an offer and no acknowledgement"), "{page}");
    assert_eq!(run(&["-f", "json"], &path).document()["dhcp4"]["unanswered-offers"], 1);
    assert_eq!(run(&["--unanswered-offers", "-f", "ndjson"], &path).records().len(), 1);
    assert_eq!(run(&["--unanswered-offers"], &path).stdout.lines().count(), 2);
}

#[test]
fn a_client_that_asks_with_another_xid_was_acknowledged() {
    let label = |xid| format!("[hwtype=1 02:aa:00:00:00:01], cid=[no info], tid=0x{xid}");
    let offer = line(1, "INFO", "DHCP4_LEASE_ADVERT", &format!("{}: lease 10.0.0.9 will be advertised", label(1)));
    let given = format!("{}: lease 10.0.0.9 has been allocated for 60 seconds", label(2));
    let (page, _) = said(&(offer + &line(2, "INFO", "DHCP4_LEASE_ALLOC", &given)));
    assert!(page.contains("Nothing in these logs needs attention."), "{page}");
}

#[test]
fn a_warning_without_a_finding_is_listed() {
    let text = "current configuration will result in opening multiple broadcast capable sockets";
    for (severity, id) in [
        ("WARN", "DHCPSRV_MULTIPLE_RAW_SOCKETS_PER_IFACE"),
        ("WARN", "DHCPSRV_LEASE_SANITY_FAIL"),
        ("ERROR", "DHCPSRV_MEMFILE_LFC_SPAWN_FAIL"),
        ("ERROR", "DHCP4_PACKET_PROCESS_EXCEPTION"),
        ("WARN", "DHCP4_DECLINE_LEASE_MISMATCH"),
        ("WARN", "HA_HEARTBEAT_COMMUNICATIONS_FAILED"),
    ] {
        let (page, monitor) = said(&(started(4) + &line(1, severity, id, text)));
        assert!(page.contains("Other errors and warnings") && page.contains(id) && page.contains(text), "{page}");
        assert!(!page.contains("Nothing in these logs needs attention"), "{page}");
        assert!(monitor.stdout.contains(id), "{}", monitor.stdout);
    }
    let (page, _) = said(&(started(4) + &line(1, "WARN", "DHCPSRV_MT_DISABLED_QUEUE_CONTROL", text)));
    assert!(page.contains("Nothing in these logs needs attention") && !page.contains("Other errors"), "{page}");
}

#[test]
fn a_server_without_an_interface_is_to_be_given_one() {
    let none = line(1, "WARN", "DHCPSRV_NO_SOCKETS_OPEN", "no interface configured to listen to DHCP traffic");
    let (page, monitor) = said(&(started(4) + &none));
    assert!(page.contains("no interface is configured") && page.contains("interfaces-config"), "{page}");
    assert_eq!(monitor.status, 2, "{}", monitor.stdout);
    let failed = line(1, "WARN", "DHCPSRV_OPEN_SOCKET_FAIL", "failed to open socket: failed to bind");
    let (page, _) = said(&(started(4) + &failed + &none));
    assert!(page.contains("sockets could not be opened (2 lines)") && page.contains("another program"), "{page}");
    let (page, _) = said(&(started(4) + &failed));
    assert!(page.contains("sockets could not be opened (1 line)"), "{page}");
}
