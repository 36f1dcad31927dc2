//! What began before the time that is asked about, and goes on.

use std::fs;
use std::path::Path;

use crate::log_report::harness::{Ran, run};

/// A line so many seconds after 08:00.
fn line(second: u32, id: &str, text: &str) -> String {
    let (hour, minute, second) = (8 + second / 3600, second / 60 % 60, second % 60);
    format!("2026-11-29 {hour:02}:{minute:02}:{second:02}.001 INFO  [kea-dhcp4.x/7.9] {id} {text}\n")
}

fn label(client: u32, xid: u32) -> String {
    format!("[hwtype=1 02:aa:00:00:00:{client:02x}], cid=[no info], tid=0x{xid:x}")
}

fn of_client(second: u32, client: u32, id: &str, text: &str) -> String {
    line(second, id, &format!("{}: {text}", label(client, second)))
}

fn started(release: &str) -> String {
    line(0, "DHCP4_STARTED", &format!("Kea DHCPv4 server version {release} started"))
}

fn again() -> String {
    line(5000, "DHCP4_STARTING", "Kea DHCPv4 server version 2.2.0 starting").replace("/7.9", "/8.9")
        + &line(5000, "DHCP4_STARTED", "Kea DHCPv4 server version 2.2.0 started").replace("/7.9", "/8.9")
}

/// An allocation that failed, in the three lines of Kea.
fn failed(second: u32, client: u32) -> String {
    let subnet = "failed to allocate an IPv4 address in the subnet 10.0.0.0/24, subnet-id 1, shared network (none)";
    of_client(second, client, "ALLOC_ENGINE_V4_ALLOC_FAIL_SUBNET", subnet)
        + &of_client(
            second,
            client,
            "ALLOC_ENGINE_V4_ALLOC_FAIL",
            "failed to allocate an IPv4 address after 9 attempts",
        )
        + &of_client(
            second,
            client,
            "ALLOC_ENGINE_V4_ALLOC_FAIL_CLASSES",
            "Failed to allocate with client classes: ALL",
        )
}

fn offered(second: u32, client: u32, address: &str) -> String {
    of_client(second, client, "DHCP4_LEASE_ADVERT", &format!("lease {address} will be advertised"))
}

fn given(second: u32, client: u32, address: &str) -> String {
    of_client(second, client, "DHCP4_LEASE_ALLOC", &format!("lease {address} has been allocated for 60 seconds"))
}

fn transition(second: u32, to: &str) -> String {
    let text = format!("server transitions from HOT-STANDBY to {to} state, partner state is UNAVAILABLE");
    line(second, "HA_STATE_TRANSITION", &text)
}

fn quiet(second: u32) -> String {
    line(second, "DHCPSRV_MEMFILE_LFC_EXECUTE", "executing Lease File Cleanup")
}

/// What a monitor says of a log with this option.
fn status(folder: &Path, option: &str, text: &str) -> Ran {
    let path = folder.join("kea-dhcp4.log");
    fs::write(&path, text).unwrap();
    run(&["-f", "nagios", option], &[path])
}

/// An outage, the words of a monitor, and what ends it.
fn outages() -> Vec<(String, &'static str, String)> {
    let command = |second, name: &str| line(second, "COMMAND_RECEIVED", &format!("Received command '{name}'"));
    let lost = |second| line(second, "DHCP4_DB_RECONNECT_LOST_CONNECTION", "database connection lost");
    let sockets = line(1, "DHCPSRV_OPEN_SOCKET_FAIL", "failed to open socket: failed to bind");
    let none = line(1, "DHCPSRV_NO_SOCKETS_OPEN", "no interface configured to listen to DHCP traffic");
    let relay = "failed to select subnet for the packet, src 10.9.9.1, type DHCPDISCOVER";
    let relayed = |second, client| of_client(second, client, "DHCP4_PACKET_NAK_0001", relay);
    let pair = |second| line(second, "HA_COMMUNICATION_INTERRUPTED", "communication with b is interrupted");
    let offers: String = (0..4).map(|at| offered(10 + 20 * at, 1, "10.0.0.9")).collect();
    vec![
        (
            (1..13).map(|at| failed(10 * at, at)).collect(),
            "no free address when last asked",
            offered(5000, 99, "10.0.0.7"),
        ),
        (failed(10, 1), "no free address when last asked", offered(5000, 1, "10.0.0.7")),
        (relayed(10, 1), "10.9.9.1 matched no subnet", line(5000, "DHCP4_CONFIG_COMPLETE", "done")),
        (relayed(10, 1), "10.9.9.1 matched no subnet", offered(5000, 1, "10.0.0.7")),
        (command(3, "dhcp-disable"), "is disabled by command", command(5000, "dhcp-enable")),
        (lost(3), "lost its lease database", line(5000, "DHCP4_DB_RECONNECT_SUCCEEDED", "ok")),
        (command(3, "dhcp-disable") + &lost(4), "is disabled by command", again()),
        (
            line(3, "DHCP4_DB_RECONNECT_DISABLED", "max-reconnect-tries=0"),
            "has given up reconnecting to a database",
            again(),
        ),
        (sockets.clone(), "could not open sockets", again()),
        (sockets, "could not open sockets", line(5000, "DHCP4_DYNAMIC_RECONFIGURATION", "initiate")),
        (none.clone(), "has no open socket", again()),
        (none, "has no open socket", given(5000, 1, "10.0.0.7")),
        (transition(9, "PARTNER-DOWN"), "state partner-down", transition(5000, "HOT-STANDBY")),
        (transition(9, "COMMUNICATION-RECOVERY"), "state communication-recovery", transition(5000, "HOT-STANDBY")),
        (pair(9), "does not reach its partner", transition(5000, "HOT-STANDBY")),
        (pair(9), "does not reach its partner", command(5000, "ha-heartbeat")),
        (offers, "1 client asked again and again", given(5000, 1, "10.0.0.9")),
    ]
}

#[test]
fn an_outage_from_before_the_wanted_time_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    for (begin, words, end) in outages() {
        let log = started("2.2.0") + &begin + &quiet(4000);
        for since in ["--since=2026-11-29 09:00", "--since=2026-11-29 09:30"] {
            let ran = status(folder.path(), since, &log);
            assert!((1..=2).contains(&ran.status) && ran.stdout.contains(words), "{since} {log}{}", ran.stdout);
        }
        let ended = log + &end;
        let ran = status(folder.path(), "--since=2026-11-29 09:30", &ended);
        assert_eq!(ran.status, 0, "{ended}{}", ran.stdout);
    }
}

#[test]
fn an_outage_from_before_the_last_run_is_reported() {
    for (begin, words, end) in outages() {
        let folder = tempfile::tempdir().unwrap();
        let option = format!("--state={}", folder.path().join("state").display());
        let log = started("2.2.0") + &begin;
        let first = status(folder.path(), &option, &log);
        assert!((1..=2).contains(&first.status), "{log}{}", first.stdout);
        for time in [4000, 4001, 4002] {
            let ran = status(folder.path(), &option, &(log.clone() + &quiet(4000).repeat(time - 3999)));
            assert!((1..=2).contains(&ran.status) && ran.stdout.contains(words), "{time} {log}{}", ran.stdout);
        }
        let ended = log + &quiet(4000).repeat(3) + &end;
        status(folder.path(), &option, &ended);
        let ran = status(folder.path(), &option, &ended);
        assert_eq!(ran.status, 0, "{ended}{}", ran.stdout);
    }
}

/// A client of a release that logs packets, whose REQUEST has an answer or none.
fn request(second: u32, client: u32, is_answered: bool) -> String {
    let came = "DHCPREQUEST (type 3) received from 10.0.0.7 to 10.0.0.254 on interface eth0";
    let sent = "trying to send packet DHCPACK (type 5) from 10.0.0.254:67 to 10.0.0.7:68 on interface eth0";
    let answer = given(second, client, "10.0.0.7") + &of_client(second, client, "DHCP4_PACKET_SEND", sent);
    of_client(second, client, "DHCP4_PACKET_RECEIVED", came) + if is_answered { &answer } else { "" }
}

#[test]
fn clients_that_were_served_once_are_known_later() {
    let served: String = (0..8).map(|client| request(10 + client, client, true)).collect();
    let unserved = |from: u32| (0..3).map(|client| request(from + client, client, false)).collect::<String>();
    let others = |from: u32| (3..6).map(|client| request(from + client, client, false)).collect::<String>();
    let (first, second) = (started("2.6.3") + &served, unserved(4000) + &quiet(4100));
    let third = others(5000) + &quiet(5100);
    let words = "serves no client any more: 6 packets of 6 clients, without an answer";
    let folder = tempfile::tempdir().unwrap();
    let whole = [first.as_str(), &second, &third].concat();
    let since = status(folder.path(), "--since=2026-11-29 09:20", &whole);
    assert!(since.status == 2 && since.stdout.contains(words), "{}", since.stdout);
    let option = format!("--state={}", folder.path().join("state").display());
    assert_eq!(status(folder.path(), &option, &first).status, 0);
    assert_eq!(status(folder.path(), &option, &(first.clone() + &second)).status, 0);
    let last = status(folder.path(), &option, &whole);
    assert!(last.status == 2 && last.stdout.contains(words), "{}", last.stdout);
}

#[test]
fn what_is_over_before_the_wanted_time_is_not_counted() {
    let folder = tempfile::tempdir().unwrap();
    let log =
        started("2.2.0") + &failed(10, 1) + &offered(20, 1, "10.0.0.7") + &given(20, 1, "10.0.0.7") + &quiet(4000);
    let path = folder.path().join("kea-dhcp4.log");
    fs::write(&path, log).unwrap();
    let document = run(&["-f", "json", "--since=2026-11-29 09:00"], &[path]).document();
    assert_eq!((&document["messages"], &document["findings"]), (&1.into(), &serde_json::json!([])));
    let dhcp4 = &document["dhcp4"];
    assert_eq!((&dhcp4["allocation-failures"], &dhcp4["answers"]), (&serde_json::json!([]), &serde_json::Value::Null));
}

#[test]
fn what_is_no_fault_of_the_server_is_no_warning() {
    let folder = tempfile::tempdir().unwrap();
    let v6 = |second: u32, id: &str, text: &str| {
        let label = format!("duid=[00:03:00:01:02:aa:00:00:00:01], tid=0x{second:x}");
        line(second, id, &format!("{label}: {text}")).replace("[kea-dhcp4.", "[kea-dhcp6.")
    };
    let subnet = "failed to allocate an IPv6 lease in the subnet 2001:db8::/64, subnet-id 1, shared network (none)";
    let prefix_only = v6(10, "ALLOC_ENGINE_V6_ALLOC_FAIL_SUBNET", subnet)
        + &v6(10, "ALLOC_ENGINE_V6_ALLOC_FAIL_NO_POOLS", "no pools were available for the lease allocation")
        + &v6(
            10,
            "ALLOC_ENGINE_V6_ALLOC_FAIL_CLASSES",
            "Failed to allocate an IPv6 lease for client with classes: ALL",
        )
        + &v6(10, "DHCP6_PD_LEASE_ADVERT", "lease for prefix 2001:db8:1::/56 and iaid=1 will be advertised");
    let given =
        v6(11, "DHCP6_PD_LEASE_ALLOC", "lease for prefix 2001:db8:1::/56 and iaid=1 has been allocated for 60 seconds");
    let agent = |name: &str| {
        line(20, "COMMAND_RECEIVED", &format!("Received command '{name}'")).replace("[kea-dhcp4.", "[kea-ctrl-agent.")
            + &line(
                20,
                "CTRL_AGENT_COMMAND_FORWARDED",
                &format!("command {name} successfully forwarded to the service dhcp4"),
            )
            .replace("[kea-dhcp4.", "[kea-ctrl-agent.")
    };
    // A NAK now and then, each after many acknowledgements, as of a client that comes from another network.
    let refused = |second: u32| {
        request(second, 9, true)
            .replace("DHCPACK (type 5)", "DHCPNAK (type 6)")
            .replace(&self::given(second, 9, "10.0.0.7"), "")
    };
    let naks: String = (0..12).map(|day| refused(7000 * day + 10) + &request(7000 * day + 20, 9, true)).collect();
    for (log, is_of) in [
        (prefix_only + &given, "a prefix without an address"),
        (started("2.2.0") + &agent("dhcp-disable"), "a command of the agent"),
        (started("2.6.3") + &naks, "single NAKs"),
    ] {
        let ran = status(folder.path(), "--tz=UTC", &log);
        assert_eq!(ran.status, 0, "{is_of}: {log}{}", ran.stdout);
    }
}

#[test]
fn clients_that_get_only_offers_are_not_served() {
    let folder = tempfile::tempdir().unwrap();
    let offers =
        |client: u32, from: u32| (0..3).map(|at| offered(from + 20 * at, client, "10.0.0.9")).collect::<String>();
    let known: String = (0..6).map(|client| self::given(10 + client, client, "10.0.0.7")).collect();
    let two_relays = offered(10, 1, "10.0.0.9") + &offered(10, 1, "10.0.0.9") + &offered(11, 1, "10.0.0.9");
    for (log, expected, words) in [
        (offers(1, 10) + &offers(2, 11), 1, "2 clients asked again and again and got no acknowledgement"),
        (
            known.clone() + &(0..6).map(|client| offers(client, 4000 + client)).collect::<String>(),
            2,
            "serves no client any more: 12 packets of 6 clients, offered a lease and never acknowledged",
        ),
        (known.clone() + &offers(1, 4000) + &self::given(4100, 1, "10.0.0.9"), 0, "OK"),
        (two_relays, 0, "OK"),
    ] {
        let ran = status(folder.path(), "--tz=UTC", &(started("2.2.0") + &log + &quiet(80_000)));
        let first = ran.stdout.lines().next().unwrap_or_default();
        assert!(ran.status == expected && first.contains(words), "{log}{}", ran.stdout);
    }
}
