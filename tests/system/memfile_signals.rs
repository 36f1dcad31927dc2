//! Dumps that are ended at any moment, and dumps that are only disturbed.

use std::fs;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Instant;

use crate::memfile_faults::Desk;
use crate::program::{Outcome, run, signal};

/// How often a dump is ended.
const KILLS: u32 = 200;

#[test]
#[ignore = "runs the real program: run scripts/test"]
fn killed_dump_leaves_the_old_file_or_a_complete_new_one() {
    let desk = Desk::new(4_000);
    let begun = Instant::now();
    run(&mut desk.dump_to(&desk.dump_file())).expect_quiet_success();
    let whole = fs::read(desk.dump_file()).unwrap();
    let (length, mut left_old) = (begun.elapsed(), 0);
    for number in 0..KILLS {
        let old = format!("of day {number}");
        fs::write(desk.dump_file(), &old).unwrap();
        let child = desk.dump_to(&desk.dump_file()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        // Any moment will do, from before the first to after the last; these are spread evenly over all of them.
        sleep(length.mul_f64(f64::from(number * 89 % KILLS) / f64::from(KILLS) * 1.1));
        let name = if number % 2 == 0 { "KILL" } else { "TERM" };
        signal(child.id(), name);
        let outcome = Outcome::from(child.wait_with_output().unwrap());
        let found = fs::read(desk.dump_file()).unwrap();
        let is_old = found == old.as_bytes();
        assert!(is_old || found == whole, "{} octets after SIG{name}", found.len());
        left_old += u32::from(is_old);
        assert_eq!(outcome.stderr, "");
        if name == "TERM" {
            assert_eq!(desk.out_names(), ["dump.csv"], "nothing is left behind");
            assert!(outcome.status == 143 || (outcome.status == 0 && !is_old), "{outcome:?}");
        } else {
            desk.clear();
        }
    }
    println!("{left_old} of {KILLS} dumps were ended before they were whole");
}

#[test]
#[ignore = "runs the real program: run scripts/test"]
fn signals_without_effect_change_nothing_of_a_dump() {
    let desk = Desk::new(50_000);
    let undisturbed = run(&mut desk.dump_to("-".as_ref()));
    undisturbed.expect_quiet_success();
    for _ in 0..2 {
        assert!(disturbed(desk.dump_to("-".as_ref())) == undisturbed.stdout.as_bytes());
        assert!(disturbed(desk.dump_to(&desk.dump_file())).is_empty());
        assert!(fs::read(desk.dump_file()).unwrap() == undisturbed.stdout.as_bytes());
    }
}

/// What a program writes that is stopped, continued and told of other window sizes all the time; it must succeed.
pub(crate) fn disturbed(mut command: Command) -> Vec<u8> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let storm = Storm::over(child.id());
    let mut stdout = Vec::new();
    // Its end is the program's; as long as nobody waits for that, its number is nobody else's.
    child.stdout.take().unwrap().read_to_end(&mut stdout).unwrap();
    drop(storm);
    let outcome = Outcome::from(child.wait_with_output().unwrap());
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    stdout
}

/// Signals, one after the other, as long as it lives.
struct Storm(Child);

impl Storm {
    fn over(pid: u32) -> Self {
        let script =
            "while kill -s WINCH \"$0\"; do kill -s STOP \"$0\"; kill -s CONT \"$0\"; kill -s URG \"$0\"; done";
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).arg(pid.to_string()).stdin(Stdio::null()).stderr(Stdio::null());
        Self(shell.spawn().unwrap())
    }
}

impl Drop for Storm {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
