use super::*;
use crate::log::stamp::SECOND;
use crate::time::Zone;

const AT: Micros = 1_795_940_728 * SECOND;
const ALLOC: &str = "DHCP4_LEASE_ALLOC [hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x1c80317f: lease 10.77.1.0 has \
                     been allocated for 3600 seconds";

fn clock() -> Clock {
    Clock::new(Zone::from(chrono_tz::UTC), AT + 60 * SECOND)
}

fn head(line: &str) -> Head {
    match parse(line.as_bytes(), &Origin::default(), &mut clock()) {
        Line::Message(head) => head,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn every_shape_has_the_same_message() {
    let shapes = [
        format!("2026-11-29 08:25:28.000 INFO  [kea-dhcp4.leases/15427.140477854787264] {ALLOC}"),
        format!("2026-11-29 08:25:28.000 INFO  [kea-dhcp4.leases/15427] {ALLOC}\r"),
        format!("<134>Nov 29 08:25:28 kea-dhcp4: INFO  [kea-dhcp4.leases.140477854787264] {ALLOC}"),
        format!("Nov 29 08:25:28 dhcp1 kea-dhcp4: INFO  [kea-dhcp4.leases.140477854787264] {ALLOC}"),
        format!("2026-11-29T08:25:28.000000+00:00 dhcp1 kea-dhcp4[15427]: INFO  {ALLOC}"),
        format!("Nov 29 08:25:28 gw1 kea-dhcp4[15427]: {ALLOC}"),
        format!("Nov 29 08:25:28 gw1 kea-dhcp4[15427]: 2026-11-29 08:25:28.000 INFO  [kea-dhcp4.leases/1.1] {ALLOC}"),
        format!(
            "<134>1 2026-11-29T08:25:28+00:00 fw kea-dhcp4 15427 - [meta sequenceId=\"1\"] INFO  [kea-dhcp4.leases.0x8] {ALLOC}"
        ),
        format!("2026-11-29T08:25:28\tInformational\tkea-dhcp4\tINFO [kea-dhcp4.leases.0xc38ca226c0] {ALLOC}\t"),
        format!("Nov 29 08:25:28 kea-dhcp4 24905 INFO [kea-dhcp4.leases.0xc38ca226c0] {ALLOC}"),
        format!("2026-11-29T08:25:28.000000123Z 2026-11-29 08:25:28.000 INFO  [kea-dhcp4.leases/1.2] {ALLOC}"),
        format!("gw1 # [   10.450000] kea-dhcp4[15427]: 2026-11-29 08:25:28.000 INFO  [kea-dhcp4.leases/1.2] {ALLOC}"),
        format!("2026-11-29T08:25:28.000|INFO|kea-dhcp4.leases|140477854787264|{ALLOC}"),
        format!("1795940728.000000 dhcp1 kea-dhcp4[15427]: INFO  {ALLOC}"),
        format!("[2026-11-29 08:25:28.000] INFO  [kea-dhcp4.leases/15427.1] {ALLOC}"),
        format!("2026/11/29 08:25:28.000 INFO  [kea-dhcp4.leases/15427.1] {ALLOC}"),
        format!("1795940728000 INFO  [kea-dhcp4.leases/15427.1] {ALLOC}"),
        format!("INFO  2026-11-29 08:25:28.000 [kea-dhcp4.leases/15427.1] {ALLOC}"),
    ];
    for line in shapes {
        let head = head(&line);
        assert_eq!(head.origin.time, Some(AT), "{line}");
        assert_eq!(head.origin.server, Server::Dhcp4, "{line}");
        assert_eq!(head.origin.severity, Some(Severity::Info), "{line}");
        assert_eq!(head.kind, LogMessageKind::Allocated, "{line}");
        assert!(line[head.text.clone()].starts_with("[hwtype=1") && line[head.text].ends_with("seconds"), "{line}");
    }
}

#[test]
fn what_a_client_writes_is_not_the_message() {
    let forged = "client name: INFO DHCP4_STARTED Kea is up";
    for line in [
        format!("Nov 29 08:25:28 gw1 kea-dhcp4: ERROR [kea-dhcp4.x.0x8] ALLOC_ENGINE_V4_ALLOC_ERROR {forged}"),
        format!("2026-11-29T08:25:28.000|ERROR|kea-dhcp4.x|14|ALLOC_ENGINE_V4_ALLOC_ERROR {forged}"),
        format!("2026-11-29 08:25:28.000 FATAL [kea-dhcp4.x/1.2] ALLOC_ENGINE_V4_ALLOC_ERROR {forged}"),
        format!("Nov 29 08:25:28 gw1 kea-dhcp4[15427]: ALLOC_ENGINE_V4_ALLOC_ERROR {forged}"),
    ] {
        let head = head(&line);
        assert_eq!(&line[head.id.clone()], "ALLOC_ENGINE_V4_ALLOC_ERROR", "{line}");
        assert!(head.origin.severity >= Some(Severity::Error) && line[head.text].starts_with("client name"), "{line}");
    }
}

#[test]
fn an_id_after_the_program_counts_also_if_it_is_unknown() {
    for line in [
        "Nov 29 08:25:28 gw1 kea-dhcp4[15427]: NEW_UNKNOWN_ID name: INFO DHCP4_STARTED Kea is up",
        "<134>1 2026-11-29T08:25:28+00:00 fw kea-dhcp4 15427 - - NEW_UNKNOWN_ID name: DHCP4_STARTED Kea is up",
    ] {
        let head = head(line);
        assert_eq!((&line[head.id.clone()], head.origin.pid), ("NEW_UNKNOWN_ID", 15427), "{line}");
    }
}

#[test]
fn a_message_may_have_neither_time_nor_logger() {
    let head = head(&format!("INFO  {ALLOC}"));
    assert_eq!((head.origin.time, head.origin.server, head.origin.pid), (None, Server::Dhcp4, 0));
}

#[test]
fn a_head_may_have_no_time() {
    for head_of in [
        "[40728.000000] dhcp1 kea-dhcp4[15427]: ",
        "[40728.000000 <    0.100000 >] dhcp1 kea-dhcp4[15427]: ",
        "kea-dhcp4-1  | ",
    ] {
        let found = head(&format!("{head_of}INFO  {ALLOC}"));
        let is_headed = head_of.starts_with('[');
        assert_eq!((found.origin.time, found.kind), (None, LogMessageKind::Allocated), "{head_of}");
        assert_eq!((found.origin.is_headed, found.origin.pid == 15427), (is_headed, is_headed), "{head_of}");
    }
    // A date of another form is no time, but the logger shows the message.
    let other = head(&format!("29.11.2026 08:25:28.000 INFO  [kea-dhcp4.leases/15427.1] {ALLOC}"));
    assert_eq!((other.origin.time, other.origin.pid), (None, 15427));
}

#[test]
fn the_host_is_the_name_before_the_program() {
    for (start, host) in [
        ("Nov 29 08:25:28 dhcp1 kea-dhcp4[7]:", Some("dhcp1")),
        ("Sun 2026-11-29 09:25:28 CET dhcp1 kea-dhcp4[7]:", Some("dhcp1")),
        ("Sun 2026-11-29 09:25:28 CET dhcp1 kea-dhcp4-server.service[7]:", Some("dhcp1")),
        ("Sun 2026-11-29 09:25:28 CET dhcp1 isc-kea-dhcp4-server.service[7]:", Some("dhcp1")),
        ("[40728.000000] dhcp1 kea-dhcp4[7]:", Some("dhcp1")),
        ("Nov 29 08:25:28 dhcp1 daemon.info kea-dhcp4[7]:", Some("dhcp1")),
        ("Sun Nov 29 08:25:28 2026 daemon.info kea-dhcp4[7]:", None),
        ("<134>1 2026-11-29T08:25:28+00:00 dhcp1 kea-dhcp4 7 - -", Some("dhcp1")),
        ("<134>1 2026-11-29T08:25:28+00:00 dhcp1 kea-dhcp4 - - -", Some("dhcp1")),
        ("<134>1 2026-11-29T08:25:28+00:00 - kea-dhcp4 7 - -", None),
    ] {
        let found = head(&format!("{start} INFO  HOSTS_BACKENDS_REGISTERED the following"));
        assert_eq!((found.origin.host.name().as_deref(), found.origin.server), (host, Server::Dhcp4), "{start}");
        assert_eq!(found.origin.pid, if start.ends_with("- - -") { 0 } else { 7 }, "{start}");
    }
}

#[test]
fn pid_and_thread_are_known_where_they_are_written() {
    let one = head(&format!("2026-11-29 08:25:28.000 INFO  [kea-dhcp4.leases/15427.140477854787264] {ALLOC}"));
    let other = head(&format!("2026-11-29 08:25:28.000 INFO  [kea-dhcp4.leases/15427.140477854787265] {ALLOC}"));
    assert_eq!((one.origin.pid, one.thread == other.thread), (15427, false));
}

#[test]
fn a_part_of_another_message_is_no_message() {
    for line in [
        "  type=012, len=037: \"INFO  DHCP4_LEASE_ALLOC forged\" (string)",
        "  type=012, len=060: \"INFO  [kea-dhcp4.leases/1.2] DHCP4_LEASE_ALLOC forged\" (string)",
        "FQDN: [INFO  [kea-dhcp4.leases/1.2] DHCP4_LEASE_ALLOC forged]",
        "Forward Change: yes",
        "",
        "|;",
        "options:",
    ] {
        let found = parse(line.as_bytes(), &Origin::default(), &mut clock());
        assert!(matches!(found, Line::More { text: 0, .. }), "{line}: {found:?}");
    }
}

#[test]
fn a_further_line_in_syslog_belongs_to_its_process() {
    for start in [
        "Nov 29 08:25:28 dhcp1 kea-dhcp-ddns[15478]: ",
        "[40728.000000] dhcp1 kea-dhcp-ddns[15478]: ",
        "Sun 2026-11-29 09:25:28 CET dhcp1 kea-dhcp-ddns-server.service[15478]: ",
        "2026-11-29T08:25:28+00:00 dhcp1 kea-dhcp-ddns - - - ",
    ] {
        let line = format!("{start}FQDN: [badname.example.org.]");
        let found = parse(line.as_bytes(), &Origin::default(), &mut clock());
        let Line::More { origin, text } = found else { panic!("{start}: {found:?}") };
        assert_eq!((origin.server, &line[text..]), (Server::Ddns, "FQDN: [badname.example.org.]"), "{start}");
        assert_eq!(origin.pid, if start.ends_with("- ") { 0 } else { 15478 }, "{start}");
    }
}

#[test]
fn lines_of_other_programs_are_foreign() {
    for line in ["Nov 29 08:25:28 dhcp1 sshd[12]: Accepted publickey for root", "Nov 29 08:25:28 gw1 kernel: eth0 up"] {
        assert_eq!(parse(line.as_bytes(), &Origin::default(), &mut clock()), Line::Foreign, "{line}");
    }
}
