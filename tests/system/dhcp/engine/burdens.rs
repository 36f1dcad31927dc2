//! Burdens: floods of others' packets cost neither time nor memory, and hide no answer.

use std::process::Command;

use crate::dhcp::{Client, Fake, Lan};
use crate::program::run;

use super::{DHCPING, expect_answers_from, probe};

/// Runs dhcping for so many seconds without an answer; the seconds of processor time that it took, which do not depend on
/// what else the machine does, and the most memory it had, in KiB.
fn wait_in_vain(client: &Client, seconds: u32) -> (f64, u32) {
    let mut command: Command = client.command("/usr/bin/time");
    command.args(["--quiet", "--format=%U %S %M", DHCPING, "-I", "eth0", "-t", &seconds.to_string()]);
    let outcome = run(&mut command);
    let lines: Vec<_> = outcome.stderr.lines().collect();
    assert!(outcome.status == 1 && lines[0].starts_with("no answer"), "{outcome:?}");
    let [user, system, memory] = lines.last().unwrap().split(' ').collect::<Vec<_>>()[..] else {
        panic!("{outcome:?}")
    };
    let seconds = |text: &str| text.parse::<f64>().unwrap();
    (seconds(user) + seconds(system), memory.parse().unwrap())
}

#[test]
#[ignore = "needs time: run scripts/test"]
fn flood_of_foreign_answers_costs_no_time_and_no_memory() {
    let quiet = {
        let lan = Lan::new();
        let _fake = lan.fake(Fake::Silent);
        wait_in_vain(&lan.client(), 1).1
    };
    let lan = Lan::new();
    let _fake = lan.fake(Fake::FloodOnly);
    let client = lan.client();
    for seconds in [1, 3] {
        let (worked, memory) = wait_in_vain(&client, seconds);
        // A debug build needs some of the time for each datagram that is not for it, more so on a slow machine.
        assert!(worked < f64::from(seconds) * 0.8, "{worked} s of work in {seconds} s of flood");
        assert!(memory < quiet + 512, "{memory} KiB after {seconds} s of flood, {quiet} KiB without");
    }
}

#[test]
#[ignore = "needs a fake server: run scripts/test"]
fn the_answer_is_found_in_a_flood_of_others() {
    let lan = Lan::new();
    let _fake = lan.fake(Fake::Flood);
    let client = lan.client();
    expect_answers_from(&probe(&client, &["-I", "eth0", "-t", "5"]), &["192.0.2.9"]);
}
