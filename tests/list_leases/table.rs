//! The table that people see.

use kea_tools::text::is_terminal_unsafe;

use crate::list_leases::harness::{Files, ListLeasesRun, NOON, Ran, every_state, row4};

fn on_terminal(columns: usize, arguments: &str) -> Ran {
    let files = Files::new();
    let source = files.leases4(&every_state());
    ListLeasesRun { columns: Some(columns), ..ListLeasesRun::default() }.run(&format!("{source} -q {arguments}"))
}

#[test]
fn at_80_columns_the_table_says_who_where_and_how_long() {
    let expected = "\
ADDRESS      STATE              HOSTNAME         EXPIRES        LEFT
192.0.2.9    -                  berta.example.…  11-20 12:01      1m
192.0.2.20   expired            clara            11-20 11:59     -1m
192.0.2.30   declined           -                11-21 11:53  23h53m
192.0.2.40   expired-reclaimed  dora             11-20 10:00     -2h
192.0.2.50   released           emma             11-20 12:10     10m
192.0.2.60   -                  frieda           never             -
192.0.2.100  -                  anna             11-20 12:30     30m
";
    assert_eq!(on_terminal(68, "--all --color never").stdout, expected);
    let expected = "\
ADDRESS      HOSTNAME           HWADDR             SUBNET  EXPIRES           LEFT
192.0.2.9    berta.example.org  08:00:2b:00:00:09  1       2026-11-20 12:01    1m
192.0.2.60   frieda             02:00:00:00:00:60  1       never                -
192.0.2.100  anna               08:00:2b:00:00:64  1       2026-11-20 12:30   30m
";
    assert_eq!(on_terminal(82, "--color never").stdout, expected);
}

#[test]
fn at_120_columns_everything_has_room() {
    let expected = "\
ADDRESS      HOSTNAME           HWADDR             VENDOR   CLIENT-ID  SUBNET  LIFETIME  EXPIRES           LEFT
192.0.2.9    berta.example.org  08:00:2b:00:00:09  -        -          1             1h  2026-11-20 12:01    1m
192.0.2.60   frieda             02:00:00:00:00:60  (local)  01:02      1        forever  never                -
192.0.2.100  anna               08:00:2b:00:00:64  -        -          1             1h  2026-11-20 12:30   30m
";
    assert_eq!(on_terminal(115, "--color never").stdout, expected);
    assert!(on_terminal(120, "--color never").stdout.contains("  2026-11-20T12:01:00+00:00  "));
}

#[test]
fn a_history_fits_the_terminal_too() {
    let files = Files::new();
    let long = row4(200, 60, "a-very-long-name.example.org", 0).replace("192.0.2.200", "192.168.200.200");
    let source = files.leases4(&[long.replacen(",,", ",01:08:00:2b:00:00:64,", 1), row4(9, 60, "anna", 1)]);
    for columns in [80, 100, 130] {
        for words in ["--history", "192.168.200.200"] {
            let run = ListLeasesRun { columns: Some(columns), ..ListLeasesRun::default() };
            let ran = run.run(&format!("{source} -q --color never {words}"));
            let table = ran.stdout.lines().skip_while(|line| !line.starts_with("STARTED"));
            let table: Vec<_> = table.collect();
            assert!(table.len() >= 2, "{}", ran.stdout);
            for line in table {
                assert!(line.chars().count() <= columns, "{columns}: {line}");
            }
        }
    }
    let ran = ListLeasesRun { columns: Some(80), ..ListLeasesRun::default() }
        .run(&format!("{source} -q --color never --history"));
    for part in ["HOSTNAME", "HWADDR", "STATE"] {
        assert!(ran.stdout.contains(part), "{}", ran.stdout);
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for columns in [60, 70, 80, 100, 120, 132, 200] {
        for line in on_terminal(columns, "--all --color never").stdout.lines() {
            assert!(line.chars().count() <= columns, "{columns}: {line}");
        }
    }
}

#[test]
fn nothing_is_cut_in_a_pipe_and_every_line_has_as_many_words() {
    let files = Files::new();
    let long = "a".repeat(200);
    let source = files.leases4(&[row4(1, 60, &long, 0), row4(2, 60, "", 0)]);
    let ran = ListLeasesRun::default().run(&format!("{source} -q"));
    assert!(ran.stdout.contains(&long));
    let words: Vec<_> = ran.stdout.lines().map(|line| line.split_whitespace().count()).collect();
    assert_eq!(words, [10, 10, 10]);
    assert!(ran.stdout.lines().last().unwrap().len() < 200, "one long name does not make all lines long");
}

#[test]
fn columns_can_be_chosen_and_stay_where_they_are_empty() {
    let files = Files::new();
    let source = files.leases4(&[row4(1, 60, "", 0)]);
    let ran = ListLeasesRun { columns: Some(80), ..ListLeasesRun::default() }
        .run(&format!("{source} -q --columns hostname,address,subnet-id,pool-id --color never"));
    assert_eq!(ran.stdout, "HOSTNAME  ADDRESS    SUBNET-ID  POOL-ID\n-         192.0.2.1          1        0\n");
}

#[test]
fn letters_that_take_two_places_do_not_push_the_columns() {
    let files = Files::new();
    let source = files.leases4(&[row4(1, 60, "打印机", 0), row4(2, 60, "zürich", 0)]);
    let ran = ListLeasesRun::default().run(&format!("{source} -q --columns hostname,address --no-header"));
    assert_eq!(ran.stdout, "打印机  192.0.2.1\nzürich  192.0.2.2\n");
}

#[test]
fn what_clients_call_themselves_never_acts_on_a_terminal() {
    let files = Files::new();
    // An escape sequence, a line break, a bidi override, what is no UTF-8; then a C1 sequence, DEL and a tag.
    let hostile = "a&#x1b[2J&#x0d&#x0ab&#xe2&#x80&#xaec&#xff&#xc2&#x9b31m&#x7f&#xf3&#xa0&#x81&#x81";
    let source = files.leases4(&[row4(1, 60, hostile, 0)]);
    for format in ["table", "csv", "classic"] {
        let ran = ListLeasesRun::default().run(&format!("{source} -q --color never -f {format}"));
        assert!(ran.stdout.contains(r"a\u{1b}[2J\r\nb\u{202e}c\xff\u{9b}31m\u{7f}\u{e0041}"), "{}", ran.stdout);
    }
    for format in ["hosts", "ethers", "ansible", "prometheus", "json", "ndjson"] {
        let ran = ListLeasesRun::default().run(&format!("{source} -q -f {format}"));
        assert!(!ran.stdout.contains(|c: char| c != '\n' && is_terminal_unsafe(c)), "{format}: {}", ran.stdout);
    }
}

#[test]
fn colours_are_for_terminals_and_can_be_had_or_not() {
    let files = Files::new();
    let source = files.leases4(&every_state());
    let has_color = |run: ListLeasesRun<'_>, arguments: &str| {
        run.run(&format!("{source} -q --all {arguments}")).stdout.contains('\u{1b}')
    };
    let terminal = || ListLeasesRun { columns: Some(80), ..ListLeasesRun::default() };
    assert!(has_color(terminal(), ""));
    assert!(!has_color(ListLeasesRun::default(), ""));
    assert!(has_color(ListLeasesRun::default(), "--color always"));
    assert!(!has_color(terminal(), "--color never"));
    assert!(!has_color(ListLeasesRun { variables: vec![("NO_COLOR", "1")], ..terminal() }, ""));
}

#[test]
fn a_table_of_many_rows_streams_with_the_widths_of_the_first() {
    let files = Files::new();
    let row = |n: u32| {
        let name = if n == 4999 { "a-much-longer-name-than-all-before".to_owned() } else { format!("h{n}") };
        format!("10.0.{}.{},08:00:2b:00:00:01,,3600,{},1,0,0,{name},0,,0", n >> 8, n & 255, NOON + 60)
    };
    let source = files.leases4(&(0..5000).map(row).collect::<Vec<_>>());
    let ran = ListLeasesRun::default().run(&format!("{source} --columns address,hostname,hwaddr --no-header"));
    ran.expect(0, "5000 active\n");
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines[0], "10.0.0.0    h0    08:00:2b:00:00:01");
    assert_eq!(lines[4998], "10.0.19.134  h4998  08:00:2b:00:00:01");
    assert_eq!(lines[4999], "10.0.19.135  a-much-longer-name-than-all-before  08:00:2b:00:00:01");
}

#[test]
fn vendor_column_uses_the_list_and_marks_local_addresses() {
    let files = Files::new();
    let source = files.leases4(&every_state());
    let list = files.write("manuf", "08:00:2B\tDEC\tDigital Equipment Corporation\n");
    let ran =
        ListLeasesRun::default().run(&format!("{source} -q --no-header --columns address,vendor --vendors {list}"));
    let expected = "192.0.2.9    Digital Equipment Corporation\n\
                    192.0.2.60   (local)\n\
                    192.0.2.100  Digital Equipment Corporation\n";
    assert_eq!(ran.stdout, expected);
}
