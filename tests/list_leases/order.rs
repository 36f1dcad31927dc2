//! In which order leases come, and how many.

use crate::list_leases::harness::{Files, every_state, row4, run};

fn listed(arguments: &str) -> Vec<String> {
    let files = Files::new();
    let source = files.leases4(&every_state());
    let ran = run(&format!("{source} --all --no-header -q {arguments}"));
    ran.expect(0, "");
    ran.first_words().iter().map(|word| word.trim_start_matches("192.0.2.").to_owned()).collect()
}

#[test]
fn addresses_are_in_numeric_order() {
    assert_eq!(listed(""), ["9", "20", "30", "40", "50", "60", "100"]);
    assert_eq!(listed("--reverse"), ["100", "60", "50", "40", "30", "20", "9"]);
}

#[test]
fn any_order_can_be_asked_for() {
    assert_eq!(listed("--sort none"), ["100", "9", "20", "30", "40", "50", "60"]);
    assert_eq!(listed("--sort expires"), ["40", "20", "9", "50", "100", "30", "60"]);
    assert_eq!(listed("--sort hostname"), ["100", "9", "20", "40", "50", "60", "30"]);
    assert_eq!(listed("--sort mac"), ["60", "9", "20", "40", "50", "100", "30"]);
    assert_eq!(listed("--sort state --reverse"), ["50", "40", "30", "100", "60", "20", "9"]);
}

#[test]
fn a_limit_takes_the_first_of_the_order() {
    assert_eq!(listed("--limit 2"), ["9", "20"]);
    assert_eq!(listed("--limit 2 --sort expires --reverse"), ["60", "30"]);
    assert_eq!(listed("--limit 0"), Vec::<String>::new());
}

#[test]
fn the_history_of_a_lease_file_is_every_row_oldest_first() {
    let files = Files::new();
    let mut rows = every_state();
    rows.push(rows[1].replace("3600", "0"));
    rows.push(rows[1].replace("berta.example.org", "gerda"));
    let source = files.leases4(&rows);
    let ran = run(&format!("{source} --history --range 192.0.2.9 --columns address,state,hostname --no-header"));
    let expected = "192.0.2.9  assigned  berta.example.org\n\
                    192.0.2.9  removed   berta.example.org\n\
                    192.0.2.9  assigned  gerda\n";
    assert_eq!(ran.expect(0, "").stdout, expected);
}

#[test]
fn limit_counts_only_leases_that_the_format_writes() {
    let files = Files::new();
    let source = files.leases4(&[row4(1, 60, "", 0), row4(2, 70, "", 0), row4(3, 80, "c", 0), row4(4, 90, "d", 0)]);
    for order in ["", "--sort expires"] {
        let ran = run(&format!("{source} -q -f hosts --limit 1 {order}"));
        assert_eq!(ran.expect(0, "").stdout, "192.0.2.3\tc\n", "{order}");
    }
}
