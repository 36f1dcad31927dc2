use super::*;
use std::fs;

mod continued;

const LINE: &str = "INFO  [kea-dhcp4.leases/1.2] DHCP4_LEASE_ALLOC [hwtype=1 02:aa:00:00:01:02], cid=[no info], tid=0x1: lease 10.77.1.0 has been allocated for 3600 seconds";

fn how() -> How {
    How { zone: Zone::from(chrono_tz::UTC), now: 1_795_940_800, since: None, until: None, most: None }
}

fn seconds(wanted: &[LogSource], how: How) -> (Vec<i64>, Vec<String>) {
    let mut logs = Logs::open(wanted, how, None);
    let mut found = Vec::new();
    logs.each(&mut |message, _, is_wanted| {
        found.extend(is_wanted.then(|| message.time.unwrap().div_euclid(SECOND) % 60));
        true
    });
    (found, logs.notes)
}

fn log(seconds: &[u32]) -> String {
    let lines: Vec<_> =
        seconds.iter().map(|second| format!("2026-11-29 08:25:{second:02}.000 {LINE}{second}\n")).collect();
    lines.concat()
}

#[test]
fn files_are_one_sequence_whatever_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        LogSource::File(path)
    };
    let wanted = [file("a.log", log(&[5, 6, 9])), file("a.log.1", log(&[1, 2])), file("b.log", log(&[2, 5, 7]))];
    let (found, notes) = seconds(&wanted, how());
    // Two messages are in both.
    assert_eq!((found, notes.len()), (vec![1, 2, 5, 6, 7, 9], 1), "{notes:?}");
}

#[test]
fn a_copy_of_a_log_is_the_same_log() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        LogSource::File(path)
    };
    let wanted = [file("a.log", log(&[1, 2, 3])), file("saved.log", log(&[2, 3, 4])), file("c.log", log(&[9]))];
    let mut logs = Logs::open(&wanted, how(), None);
    let mut groups = Vec::new();
    logs.each(&mut |_, input, _| {
        groups.push(input.group);
        true
    });
    assert!(groups[..4].iter().all(|group| *group == groups[0]) && groups[4] != groups[0], "{groups:?}");
}

#[test]
fn the_newest_line_may_come_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("view");
    fs::write(&path, log(&[9, 8, 7, 7, 3])).unwrap();
    assert_eq!(seconds(&[LogSource::File(path)], how()).0, [3, 7, 7, 8, 9]);
}

#[test]
fn a_file_within_one_second_is_turned_like_its_siblings() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        LogSource::File(path)
    };
    let line = |second: u32, name: &str| format!("2026-11-29 08:25:{second:02} {LINE}{name}\n");
    let newest = [line(9, "5"), line(8, "4"), line(7, "3")].concat();
    let wanted = [file("k.log.1", &[line(7, "2"), line(7, "1")].concat()), file("k.log", &newest)];
    let mut found = Vec::new();
    Logs::open(&wanted, how(), None).each(&mut |message, _, _| {
        found.extend(message.text.last().copied());
        true
    });
    assert_eq!(String::from_utf8(found).unwrap(), "12345");
}

#[test]
fn a_stream_may_begin_with_two_lines_in_the_wrong_order() {
    let order = |text: &str| {
        let clock = Clock::new(how().zone, how().now * SECOND);
        Feed::of_stream(Box::new(io::Cursor::new(text.to_owned()))).unwrap().order(clock)
    };
    let at = |time: &str| format!("2026-11-29 08:25:{time} {LINE}\n");
    assert_eq!(order(&[at("07.002"), at("07.001")].concat()), None);
    assert_eq!(order(&[at("08.000"), at("07.999")].concat()), None);
    assert_eq!(order(&[at("09.000"), at("07.000")].concat()), Some(Order::NewestFirst));
    assert_eq!(order(&[at("07.000"), at("07.001")].concat()), Some(Order::OldestFirst));
}

#[test]
fn a_rotated_file_and_its_compressed_copy_count_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        LogSource::File(path)
    };
    let packed = packed(&log(&[1, 1, 2]));
    let older = log(&[1, 1, 2]);
    let wanted =
        [file("k.log.1.gz", &packed), file("k.log.1", older.as_bytes()), file("k.log", log(&[2, 3]).as_bytes())];
    // Rotation may divide the messages of a second: that both files have one of the same text is no copy.
    assert_eq!(seconds(&wanted, how()).0, [1, 1, 2, 2, 3]);
}

#[test]
fn only_a_part_of_the_time_may_be_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    fs::write(&path, log(&[1, 2, 3, 4])).unwrap();
    let at = |second: i64| Some((1_795_940_700 + second) * SECOND);
    let how = How { since: at(2), until: at(3), ..how() };
    assert_eq!(seconds(&[LogSource::File(path)], how).0, [2, 3]);
}

#[test]
fn what_is_no_log_gets_a_line_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        LogSource::File(path)
    };
    let wanted = [
        file("l.csv", b"address,hwaddr\n1.2.3.4,\n"),
        LogSource::File(folder.path().join("missing")),
        LogSource::File(folder.path().to_owned()),
        file("a.log", log(&[1]).as_bytes()),
        file("b.gz", b"\x1f\x8b\x08cut"),
    ];
    let (found, notes) = seconds(&wanted, how());
    assert_eq!((found, notes.len()), (vec![1], 4), "{notes:?}");
    assert!(
        notes.iter().any(|note| note.ends_with("l.csv: no line of Kea in it (it looks like a lease file)")),
        "{notes:?}"
    );
}

#[test]
fn what_two_files_both_have_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("a.log"), log(&[1, 1, 2])).unwrap();
    fs::write(path("copy.log"), log(&[1, 1, 2])).unwrap();
    fs::hard_link(path("a.log"), path("link.log")).unwrap();
    let wanted = ["a.log", "copy.log", "link.log"].map(|name| LogSource::File(path(name)));
    let (found, notes) = seconds(&wanted, how());
    assert_eq!((found, notes), (vec![1, 1, 2], vec!["3 messages in more than one input: counted once".to_owned()]));
}

#[test]
fn an_endless_line_is_left_out() {
    let mut text = log(&[1]).into_bytes();
    text.extend(std::iter::repeat_n(b'x', 17 << 20));
    text.push(b'\n');
    text.extend(log(&[2]).bytes());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    fs::write(&path, text).unwrap();
    let (found, notes) = seconds(&[LogSource::File(path)], how());
    assert_eq!((found, notes.len()), (vec![1, 2], 1), "{notes:?}");
}

/// The seconds of what is new since a state, and the next state.
fn since(state: &State, wanted: &[LogSource]) -> (Vec<i64>, State) {
    let mut logs = Logs::open(wanted, how(), Some(state));
    let mut found = Vec::new();
    logs.each(&mut |message, _, _| {
        found.push(message.time.unwrap().div_euclid(SECOND) % 60);
        true
    });
    assert!(!logs.is_empty());
    (found, logs.positions())
}

#[test]
fn a_compressed_file_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.gz");
    let text = log(&[1, 2, 3, 4, 5, 6, 7, 8]);
    let mut packed = flate2::write::GzEncoder::new(fs::File::create(&path).unwrap(), flate2::Compression::best());
    std::io::Write::write_all(&mut packed, text.as_bytes()).unwrap();
    packed.finish().unwrap();
    let wanted = [LogSource::File(path)];
    let (found, state) = since(&State::default(), &wanted);
    assert_eq!(found.len(), 8);
    let (found, state) = since(&state, &wanted);
    assert_eq!(found, Vec::<i64>::new());
    assert_eq!(since(&state, &wanted).0, Vec::<i64>::new(), "and it is still known after a run that skipped it");
}

fn packed(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    io::Write::write_all(&mut packed, text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

#[test]
fn rotation_and_compression_lose_and_repeat_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let wanted = |names: &[&str]| names.iter().map(|name| LogSource::File(path(name))).collect::<Vec<_>>();
    fs::write(path("k.log.2"), log(&[1])).unwrap();
    fs::write(path("k.log.1"), log(&[2])).unwrap();
    fs::write(path("k.log"), log(&[3])).unwrap();
    let (found, state) = since(&State::default(), &wanted(&["k.log.2", "k.log.1", "k.log"]));
    assert_eq!(found, [1, 2, 3]);
    // The oldest is removed, and the new log may get its inode; what came before is compressed at once.
    fs::remove_file(path("k.log.2")).unwrap();
    fs::rename(path("k.log.1"), path("k.log.2")).unwrap();
    fs::remove_file(path("k.log")).unwrap();
    fs::write(path("k.log"), log(&[6, 7])).unwrap();
    fs::write(path("k.log.1.gz"), packed(&log(&[3, 4, 5]))).unwrap();
    let all = ["k.log.2", "k.log.1.gz", "k.log"];
    let (found, state) = since(&state, &wanted(&all));
    assert_eq!(found, [4, 5, 6, 7]);
    assert_eq!(since(&state, &wanted(&all)).0, Vec::<i64>::new());
}

#[test]
fn a_log_that_was_emptied_and_grew_again_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.log");
    fs::write(&path, log(&[1, 2])).unwrap();
    let wanted = [LogSource::File(path.clone())];
    let (_, state) = since(&State::default(), &wanted);
    fs::write(&path, log(&[3, 4, 5])).unwrap();
    assert_eq!(since(&state, &wanted).0, [3, 4, 5]);
}

#[test]
fn the_rest_of_a_rotated_log_is_read_if_only_the_log_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("k.log.1"), log(&[1])).unwrap();
    fs::write(path("k.log"), log(&[2])).unwrap();
    let wanted = [LogSource::File(path("k.log"))];
    let (found, state) = since(&State::default(), &wanted);
    assert_eq!(found, [2]);
    fs::rename(path("k.log.1"), path("k.log.2")).unwrap();
    fs::write(path("k.log"), log(&[2, 3])).unwrap();
    fs::rename(path("k.log"), path("k.log.1")).unwrap();
    fs::write(path("k.log"), log(&[4])).unwrap();
    let (found, state) = since(&state, &wanted);
    assert_eq!(found, [3, 4]);
    assert_eq!(since(&state, &wanted).0, Vec::<i64>::new());
}

#[test]
fn a_line_without_an_end_is_left_for_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k.log");
    let text = log(&[1, 2]);
    fs::write(&path, &text[..text.len() - 9]).unwrap();
    let wanted = [LogSource::File(path.clone())];
    let (found, state) = since(&State::default(), &wanted);
    assert_eq!(found, [1]);
    fs::write(&path, &text).unwrap();
    assert_eq!(since(&state, &wanted).0, [2]);
    assert_eq!(seconds(&wanted, how()).0, [1, 2], "without a state the last line counts as it is");
}

#[test]
fn nothing_is_read_again_after_an_endless_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let long = [vec![b'x'; 17 << 20], b"\n".to_vec()].concat();
    fs::write(&path, [log(&[1]).as_bytes(), &long, log(&[2]).as_bytes()].concat()).unwrap();
    let wanted = [LogSource::File(path.clone())];
    let (found, state) = since(&State::default(), &wanted);
    assert_eq!(found, [1, 2]);
    fs::write(&path, [log(&[1]).as_bytes(), &long, log(&[2, 3]).as_bytes()].concat()).unwrap();
    let (found, state) = since(&state, &wanted);
    assert_eq!(found, [3]);
    fs::write(&path, [log(&[1]).as_bytes(), &long, log(&[2, 3]).as_bytes(), &long].concat()).unwrap();
    let (_, state) = since(&state, &wanted);
    fs::write(&path, [log(&[1]).as_bytes(), &long, log(&[2, 3]).as_bytes(), &long, log(&[4]).as_bytes()].concat())
        .unwrap();
    assert_eq!(since(&state, &wanted).0, [4]);
}

#[test]
fn a_file_that_cannot_be_read_now_is_known_later() {
    let folder = tempfile::tempdir().unwrap();
    let (path, away) = (folder.path().join("log"), folder.path().join("away"));
    fs::write(&path, log(&[1])).unwrap();
    let other = folder.path().join("other");
    fs::write(&other, log(&[2])).unwrap();
    let wanted = [LogSource::File(path.clone()), LogSource::File(other)];
    let (_, state) = since(&State::default(), &wanted);
    fs::rename(&path, &away).unwrap();
    let (_, state) = since(&state, &wanted);
    fs::rename(&away, &path).unwrap();
    assert_eq!(since(&state, &wanted).0, Vec::<i64>::new());
}

#[test]
fn a_file_is_found_again_after_rotation() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("log.1"), log(&[1])).unwrap();
    fs::write(path("log"), log(&[2])).unwrap();
    let mut logs = Logs::open(&[LogSource::File(path("log.1")), LogSource::File(path("log"))], how(), None);
    fs::rename(path("log.1"), path("log.2")).unwrap();
    fs::rename(path("log"), path("log.1")).unwrap();
    fs::write(path("log"), log(&[9])).unwrap();
    let mut found = Vec::new();
    logs.each(&mut |message, _, _| {
        found.push(message.time.unwrap().div_euclid(SECOND) % 60);
        true
    });
    assert_eq!((found, logs.notes), (vec![1, 2], Vec::<String>::new()));
}

#[test]
fn more_files_are_read_than_may_be_open() {
    let folder = tempfile::tempdir().unwrap();
    let wanted: Vec<_> = (0..300)
        .map(|number| {
            let path = folder.path().join(format!("log{number}"));
            fs::write(&path, log(&[number % 60])).unwrap();
            LogSource::File(path)
        })
        .collect();
    let open = || {
        fs::read_dir("/proc/self/fd").unwrap().filter(|entry| {
            let target = entry.as_ref().ok().and_then(|entry| fs::read_link(entry.path()).ok());
            target.is_some_and(|target| target.starts_with(folder.path()))
        })
    };
    let mut logs = Logs::open(&wanted, how(), None);
    assert_eq!(open().count(), 0);
    let mut most = 0;
    logs.each(&mut |_, _, _| {
        most = most.max(open().count());
        true
    });
    assert!((1..10).contains(&most), "{most}");
}

#[test]
fn reading_goes_on_where_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    fs::write(&path, log(&[1, 2]) + "2026-11-29 08:25:03.000 INFO  [kea").unwrap();
    let read = |state: &State| since(state, &siblings(&path).into_iter().map(LogSource::File).collect::<Vec<_>>());
    let (found, state) = read(&State::default());
    assert_eq!(found, [1, 2]);
    fs::rename(&path, folder.path().join("log.1")).unwrap();
    fs::write(folder.path().join("log.1"), log(&[1, 2, 3])).unwrap();
    fs::write(&path, log(&[4])).unwrap();
    assert_eq!(read(&state).0, [3, 4]);
}

/// Messages as Kea writes them to a file, and as syslog has them.
fn two_forms(seconds: std::ops::Range<u32>) -> (String, String) {
    let line = |second: u32| {
        format!(
            "DHCP4_LEASE_ALLOC [hwtype=1 02:aa:00:00:01:{second:02x}], cid=[no info], tid=0x{second:x}: lease 10.77.1.{second} has been allocated for 3600 seconds"
        )
    };
    let file = seconds.clone().map(|second| {
        format!("2026-11-29 08:25:{second:02}.250 INFO  [kea-dhcp4.leases/77.140477] {}\n", line(second))
    });
    let syslog = seconds.map(|second| format!("Nov 29 08:25:{second:02} host kea-dhcp4[77]: INFO  {}\n", line(second)));
    (file.collect(), syslog.collect())
}

#[test]
fn a_log_in_two_forms_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        LogSource::File(path)
    };
    let (own, syslog) = (two_forms(10..30).0, two_forms(5..35).1);
    let (found, notes) = seconds(&[file("syslog", &syslog), file("kea.log", &own)], how());
    assert_eq!(found, (5..35).collect::<Vec<i64>>());
    assert!(notes[0].ends_with("kea.log, in another form: counted once"), "{notes:?}");
}

#[test]
fn the_exact_log_counts_where_a_copy_begins_with_exact_lines() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        LogSource::File(path)
    };
    let (own, syslog) = (two_forms(10..30).0, two_forms(10..30).1);
    let first = "INFO  [kea-dhcp4.x/77.140477] DHCP4_STARTING Kea DHCPv4 server version 2.6.3 (stable) starting\n";
    let start = format!("Nov 29 08:25:09 host kea-dhcp4[77]: 2026-11-29 08:25:09.100 {first}");
    let mut exact = Vec::new();
    let wanted = [file("syslog", &(start + &syslog)), file("kea.log", &own)];
    Logs::open(&wanted, how(), None).each(&mut |message, _, _| {
        exact.push(message.time.is_some_and(|time| time % SECOND == 250_000));
        true
    });
    assert_eq!((exact.len(), exact.iter().filter(|is_exact| **is_exact).count()), (21, 20));
}

#[test]
fn the_last_second_of_a_coarse_log_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        LogSource::File(path)
    };
    // The exact log lacks some messages, so that the other one counts.
    let own: String = (10..30).filter(|at| at % 2 == 0 || *at == 29).map(|at| two_forms(at..at + 1).0).collect();
    let (found, _) = seconds(&[file("syslog", &two_forms(10..30).1), file("kea.log", &own)], how());
    assert_eq!(found, (10..30).collect::<Vec<i64>>());
}

#[test]
fn a_log_without_times_beside_others_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        LogSource::File(path)
    };
    // The first line of a start has a time in every log.
    let bare = log(&[1]) + &"INFO  DHCP4_STARTED Kea DHCPv4 server version 2.6.3 started\n".repeat(2);
    let notes = Logs::open(&[file("out", &bare), file("kea.log", &log(&[1]))], how(), None).notes;
    assert!(
        notes
            .iter()
            .any(|note| note
                .ends_with("out: its messages have no time: those that are in another input too count twice")),
        "{notes:?}"
    );
    assert_eq!(Logs::open(&[file("out", &bare)], how(), None).notes, Vec::<String>::new());
}

#[test]
fn a_copy_of_lines_out_of_order_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        LogSource::File(path)
    };
    let line = |millis: u32| format!("2026-11-29 08:25:01.{millis:03} {LINE}{millis}\n");
    let text: String = (1..20).map(|at| line(10 * at + 5) + &line(10 * at + 4)).collect();
    let wanted = [file("k.log.1", text.as_bytes()), file("k.log.1.gz", &packed(&text))];
    assert_eq!(seconds(&wanted, how()).0.len(), 38);
}

#[test]
fn two_servers_that_log_the_same_packets_are_two() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        LogSource::File(path)
    };
    let (own, other) = (two_forms(10..30).0, two_forms(10..30).1.replace("[77]", "[78]"));
    let (found, notes) = seconds(&[file("beta", &other), file("alpha", &own)], how());
    assert_eq!((found.len(), notes), (40, vec![]));
}
