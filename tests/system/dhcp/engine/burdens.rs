//! Burdens: floods of others' packets cost neither time nor memory, and hide no answer.

use std::process::Command;
use std::time::Duration;

use crate::dhcp::{Client, Fake, Lan};
use crate::program::run;

use super::{DHCPING, expect_answers_from, probe, timed};

/// Runs dhcping for so many seconds without an answer; how long it took, and the most memory it had, in KiB.
fn wait_in_vain(client: &Client, seconds: u32) -> (Duration, u32) {
    let mut command: Command = client.command("/usr/bin/time");
    command.args(["--quiet", "--format=%M", DHCPING, "-I", "eth0", "-t", &seconds.to_string()]);
    let (took, outcome) = timed(|| run(&mut command));
    let lines: Vec<_> = outcome.stderr.lines().collect();
    assert!(outcome.status == 1 && lines[0].starts_with("no answer"), "{outcome:?}");
    (took, lines.last().unwrap().parse().unwrap())
}

#[test]
#[ignore = "needs time: run scripts/test"]
fn ten_thousand_foreign_answers_a_second_cost_neither_time_nor_memory() {
    let quiet = {
        let lan = Lan::new();
        let _fake = lan.fake(Fake::Silent);
        wait_in_vain(&lan.client(), 1).1
    };
    let lan = Lan::new();
    let _fake = lan.fake(Fake::FloodOnly);
    let client = lan.client();
    for seconds in [1, 3] {
        let (took, memory) = wait_in_vain(&client, seconds);
        let late = took.checked_sub(Duration::from_secs(seconds.into())).expect("it waits as long as it was told");
        assert!(late < Duration::from_millis(300), "{late:?} late after {seconds} s");
        assert!(memory < quiet + 512, "{memory} KiB after {seconds} s of flood, {quiet} KiB without");
    }
}

#[test]
#[ignore = "needs a fake server: run scripts/test"]
fn the_answer_is_found_in_a_flood_of_others() {
    let lan = Lan::new();
    let _fake = lan.fake(Fake::Flood);
    let client = lan.client();
    let (took, outcome) = timed(|| probe(&client, &["-I", "eth0", "-t", "5"]));
    expect_answers_from(&outcome, &["192.0.2.9"]);
    assert!(took < Duration::from_secs(2), "{took:?}");
}
