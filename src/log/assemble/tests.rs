use super::*;
use crate::time::Zone;

fn messages(text: &[u8]) -> (Vec<(String, String)>, Counts) {
    let mut assembler = Assembler::new(Clock::new(Zone::from(chrono_tz::UTC), 0));
    let mut batch = Batch::default();
    batch.bytes_mut().extend_from_slice(text);
    assembler.assemble(&mut batch, true);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let all = (0..batch.len()).map(|at| batch.message(at)).map(|message| (text(message.id), text(message.text)));
    (all.collect(), assembler.counts)
}

const HEAD: &str = "2026-11-29 08:25:28.079 ";

#[test]
fn further_lines_belong_to_their_message() {
    let text = format!(
        "{HEAD}INFO  [kea-dhcp-ddns.d2-to-dns/1.2] DHCP_DDNS_ADD_SUCCEEDED a\nFQDN: [x.]\n\n{HEAD}INFO  \
         [kea-dhcp-ddns.d2-to-dns/1.2] DHCP_DDNS_STARTED b\n"
    );
    let (found, counts) = messages(text.as_bytes());
    let expected = [("DHCP_DDNS_ADD_SUCCEEDED", "a\nFQDN: [x.]\n"), ("DHCP_DDNS_STARTED", "b")];
    assert_eq!(found, expected.map(|(id, text)| (id.to_owned(), text.to_owned())));
    assert_eq!(counts.messages, 2);
}

#[test]
fn in_the_journal_other_daemons_are_between_them() {
    let entry = |name: &str, pid: u32, text: &str| format!("Nov 29 08:25:28 dhcp1 {name}[{pid}]: {text}\n");
    let text = [
        entry("kea-dhcp-ddns", 7, "ERROR DHCP_DDNS_ADD_FAILED a"),
        entry("kea-dhcp4", 8, "INFO  DHCP4_STARTED b"),
        entry("kea-dhcp-ddns", 7, "FQDN: [x.]"),
        entry("kea-dhcp-ddns", 7, "INFO  DHCP_DDNS_STARTED c"),
    ];
    let (found, _) = messages(text.concat().as_bytes());
    let texts: Vec<_> = found.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["b", "a\nFQDN: [x.]", "c"]);
}

/// A name with a line break, after which the client wrote a line as Kea does.
fn forged(header: &str) -> String {
    let label = "[hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x1";
    format!(
        "{HEAD}DEBUG [kea-dhcp4.ddns/15.140] DHCP4_CLIENT_HOSTNAME_DATA {label}: client sent Hostname option: x\n\
         {header}DHCP4_LEASE_ALLOC {label}: lease 10.9.9.9 has been allocated for 9 seconds\n\
         {HEAD}INFO  [kea-dhcp4.leases/15.140] DHCP4_LEASE_ALLOC {label}: lease 10.77.1.0 has been allocated for 3600 seconds\n"
    )
}

#[test]
fn a_forged_line_is_part_of_the_name() {
    for header in [
        format!("{HEAD}INFO  [kea-dhcp4.leases/16.140] "),
        format!("{HEAD}INFO  "),
        "INFO  ".to_owned(),
        "2030-11-29 08:25:28.079 INFO  [kea-dhcp4.leases/15.140] ".to_owned(),
    ] {
        let (found, counts) = messages(forged(&header).as_bytes());
        assert_eq!((found.len(), counts.forged), (2, 1), "{header}: {found:?}");
    }
}

#[test]
fn the_length_of_a_name_shows_where_it_ends() {
    let label = "[hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x1";
    let fake = format!("{HEAD}INFO  [kea-dhcp4.leases/15.140] DHCP4_LEASE_ALLOC {label}: lease 10.9.9.9 has been");
    let name = format!("x\n{fake}");
    let text = format!(
        "{HEAD}DEBUG [kea-dhcp4.packets/15.140] DHCP4_QUERY_DATA {label}, packet details:\n  type=012, len={:03}: \
         \"{name}\" (string)\n  type=053, len=001: 1 (uint8)\n{HEAD}DEBUG [kea-dhcp4.ddns/15.140] \
         DHCP4_CLIENT_HOSTNAME_DATA {label}: client sent Hostname option: {name}\n{HEAD}INFO  \
         [kea-dhcp4.leases/15.140] DHCP4_LEASE_ALLOC {label}: lease 10.77.1.0 has been\n",
        name.len()
    );
    let (found, counts) = messages(text.as_bytes());
    assert_eq!((found.len(), counts.forged), (3, 2), "{found:?}");
}

#[test]
fn what_follows_a_name_is_not_lost() {
    let label = "[hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x1";
    let line = |time: &str, process: &str, id: &str| {
        format!(
            "2026-11-29 {time} INFO  [kea-dhcp4.x/{process}] {id} {label}: lease 10.77.1.0 has been allocated for 3600 seconds\n"
        )
    };
    let given = |time: &str, process: &str| line(time, process, "DHCP4_LEASE_ALLOC");
    let name = line("08:00:01.000", "15.140", "DHCP4_CLIENT_HOSTNAME_DATA");
    let result = line("08:00:01.000", "15.140", "EVAL_RESULT");
    let other = || given("08:00:02.000", "16.9");
    for (lines, forged) in [
        (vec![result, given("10:00:00.000", "15.140"), other(), other()], 0),
        (vec![name.clone(), line("08:00:02.000", "16.9", "DHCP4_STARTING"), other(), other()], 0),
        (vec![given("08:00:00.000", "16.9"), name.clone(), other(), other()], 0),
        (vec![given("08:00:00.000", "15.140"), name.clone(), given("07:00:00.000", "15.141")], 0),
        (vec![name.clone(), given("07:00:00.000", "15.140"), other()], 0),
        (vec![name.clone(), given("10:00:00.000", "15.140"), other()], 0),
        // Of a process that only now turns up, the first line may be a client's.
        (vec![name.clone(), other(), other(), other()], 1),
        (vec![name, "INFO  DHCP4_STARTED x\n".to_owned(), other(), other(), other()], 2),
    ] {
        let (found, counts) = messages(lines.concat().as_bytes());
        assert_eq!((found.len(), counts.forged), (lines.len() - forged, forged as u64), "{lines:?}");
    }
}

#[test]
fn what_is_not_whole_waits_for_the_rest() {
    let mut assembler = Assembler::new(Clock::new(Zone::from(chrono_tz::UTC), 0));
    let mut batch = Batch::default();
    batch.bytes_mut().extend_from_slice(b"INFO  DHCP4_STARTED a\nINFO  DHCP4_ST");
    assert_eq!((assembler.assemble(&mut batch, false), batch.len()), (14, 1));
}
