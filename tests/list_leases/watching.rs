//! The list that is drawn anew.

use std::fs;

use crate::list_leases::harness::{Files, ListLeasesRun, NOON, Ran, row4, run};

/// What was drawn, picture by picture, without the signs that move about the screen.
fn pictures(ran: &Ran) -> Vec<String> {
    let pictures = ran.stdout.split("\u{1b}[H").skip(1);
    pictures.map(|picture| picture.replace("\u{1b}[K", "").replace("\u{1b}[J", "").replace("\r\n", "\n")).collect()
}

#[test]
fn changes_are_marked_until_q_is_typed() {
    let files = Files::new();
    let source = files.leases4(&[row4(1, 600, "anna", 0), row4(2, 600, "berta", 0), row4(3, 600, "clara", 0)]);
    let path = files.path("kea-leases4.csv");
    let add = |rows: &[String]| {
        let before = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{before}{}\n", rows.join("\n"))).unwrap();
    };
    let later = |row: String| row.replace(&(NOON + 600).to_string(), &(NOON + 900).to_string());
    let run = ListLeasesRun {
        columns: Some(80),
        deeds: vec![
            Box::new(|| add(&[row4(4, 600, "dora", 0), later(row4(2, 600, "berta", 0))])),
            Box::new(|| add(&[row4(1, 600, "anna", 0).replace(",3600,", ",0,")])),
        ],
        ..ListLeasesRun::default()
    };
    let ran = run.run(&format!("{source} --watch 5 --columns address,hostname,remaining --color never"));
    let expected = [
        "kea-list-leases, every 5 s, 2026-11-20T12:00:00+00:00; q ends\n3 active\n\n  ADDRESS    HOSTNAME  LEFT\n  192.0.2.1  anna       10m\n  192.0.2.2  berta      10m\n  192.0.2.3  clara      10m",
        "kea-list-leases, every 5 s, 2026-11-20T12:00:05+00:00; q ends\n4 active\n\n  ADDRESS    HOSTNAME    LEFT\n  192.0.2.1  anna       9m55s\n~ 192.0.2.2  berta     14m55s\n  192.0.2.3  clara      9m55s\n+ 192.0.2.4  dora       9m55s",
        "kea-list-leases, every 5 s, 2026-11-20T12:00:10+00:00; q ends\n3 active\n\n  ADDRESS    HOSTNAME    LEFT\n  192.0.2.2  berta     14m50s\n  192.0.2.3  clara      9m50s\n  192.0.2.4  dora       9m50s\n- 192.0.2.1  anna       9m50s",
    ];
    assert_eq!(pictures(&ran), expected);
    assert_eq!(ran.status, 0);
}

#[test]
fn watch_reports_an_unreadable_file_and_tries_again() {
    let files = Files::new();
    let source = files.leases4(&[row4(1, 600, "anna", 0)]);
    let (path, aside) = (files.path("kea-leases4.csv"), files.path("aside"));
    let run = ListLeasesRun {
        columns: Some(200),
        deeds: vec![Box::new(|| fs::rename(&path, &aside).unwrap()), Box::new(|| fs::rename(&aside, &path).unwrap())],
        ..ListLeasesRun::default()
    };
    let ran = run.run(&format!("{source} --watch --color never"));
    let pictures = pictures(&ran);
    assert!(pictures[0].contains("anna") && pictures[2].contains("anna"));
    assert!(pictures[1].contains("No such file") && !pictures[1].contains("anna"), "{}", pictures[1]);
}

#[test]
fn a_list_longer_than_the_screen_says_how_much_is_missing() {
    let files = Files::new();
    let source = files.leases4(&(1..=100).map(|last| row4(last, 600, "", 0)).collect::<Vec<_>>());
    let run = ListLeasesRun { columns: Some(80), deeds: vec![Box::new(|| ())], ..ListLeasesRun::default() };
    let ran = run.run(&format!("{source} --watch"));
    let first = &pictures(&ran)[0];
    assert_eq!(first.lines().count(), 24);
    assert_eq!(first.lines().last(), Some("… 81 lines more"));
}

#[test]
fn a_line_wider_than_the_screen_moves_none_off_it() {
    let files = Files::new();
    let source = files.leases4(&[row4(1, 600, "anna", 0)]);
    let run = ListLeasesRun { columns: Some(30), deeds: vec![Box::new(|| ())], ..ListLeasesRun::default() };
    let ran = run.run(&format!("{source} --watch --columns address,hostname,hwaddr,started,expires"));
    assert!(pictures(&ran)[0].lines().any(|line| line.len() > 30));
    assert!(ran.stdout.starts_with("\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l"), "{:?}", ran.stdout);
    assert!(ran.stdout.contains("\r\n\u{1b}[J  192.0.2.1"), "cleared before, not behind: {:?}", ran.stdout);
}

#[test]
fn only_a_table_can_be_watched() {
    let files = Files::new();
    let source = files.leases4(&[row4(1, 600, "anna", 0)]);
    run(&format!("{source} --watch -f json"))
        .expect(2, "kea-list-leases: --watch: only a table can be watched (leave out -f, or repeat the command)\n");
}

#[test]
fn only_a_terminal_can_be_watched() {
    let files = Files::new();
    let source = files.leases4(&[row4(1, 600, "anna", 0)]);
    run(&format!("{source} --watch"))
        .expect(2, "kea-list-leases: --watch: standard output is no terminal (leave out --watch)\n");
}

#[test]
fn a_family_that_could_not_be_read_once_comes_back_as_it_was() {
    let files = Files::new();
    files.leases4(&[row4(1, 600, "anna", 0)]);
    let expire = NOON + 3600;
    files.leases6(&[&format!("2001:db8::1,00:03:00:01:02,7200,{expire},5,3600,0,7,128,0,0,berta,,0,,,,0")]);
    for family in ['4', '6'] {
        let leases = files.path(&format!("kea-leases{family}.csv"));
        let database = format!("{{\"type\": \"memfile\", \"name\": \"{}\"}}", leases.display());
        files.write(
            &format!("kea-dhcp{family}.conf"),
            format!("{{\"Dhcp{family}\": {{\"lease-database\": {database}}}}}"),
        );
    }
    let (path, aside) = (files.path("kea-leases6.csv"), files.path("aside"));
    let run = ListLeasesRun {
        columns: Some(200),
        deeds: vec![Box::new(|| fs::rename(&path, &aside).unwrap()), Box::new(|| fs::rename(&aside, &path).unwrap())],
        ..ListLeasesRun::default()
    };
    let line = format!("-c {} --watch --no-header --columns address,hostname --color never", files.path("").display());
    let pictures = pictures(&run.run(&line));
    assert!(pictures[1].contains("it does not exist") && pictures[1].contains("\n  192.0.2.1"), "{}", pictures[1]);
    assert!(!pictures[1].contains("berta"), "{}", pictures[1]);
    assert!(pictures[2].contains("\n  2001:db8::1  berta"), "neither new nor gone: {}", pictures[2]);
}
