//! Dumps of a lease file while its server writes and cleans it up.

use std::collections::HashMap;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kea_tools::lease::Family;
use serde_json::{Value, json};

use crate::kea::{ControlSocket, Instance, Kea, Network};
use crate::program::{kea_lease_dump, run};
use crate::wait::wait_for;

/// How many writers there are; each has leases of its own.
const WRITERS: u32 = 2;
/// Leases of a writer. Few enough for kea-lfc to be done long before the next one starts. Where it takes as long as
/// `lfc-interval`, a kea-lfc that found no X.1 may still run when the server makes one, and ends by deleting it unread:
/// Kea then loses leases that it has acknowledged.
const LEASES: u32 = 2500;
/// When a lease ends before it was ever renewed; each renewal adds a second.
const FIRST_END: u32 = 1_900_000_000;

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn no_lease_acknowledged_before_a_dump_is_missing_from_it() {
    dump_under_load(&Kea::debian12(), Duration::from_secs(30));
}

/// For so long, writers add and renew leases as fast as the server lets them, while dump follows dump.
pub(crate) fn dump_under_load(kea: &Kea, time: Duration) {
    let deadline = Instant::now() + time;
    let (mut dumps, mut steps) = (0, 0);
    while Instant::now() < deadline {
        let network = Network::new();
        let instance = Instance::memfile_with(kea, Family::V4, &json!({ "lfc-interval": 1 }));
        let server = instance.start(&network);
        let writers: Vec<Writer> = (0..WRITERS).map(Writer::new).collect();
        let run = dump_until(deadline, &instance, &server.control, &writers);
        server.stop();
        dumps += run.dumps;
        steps += writers.iter().map(Writer::steps).sum::<u32>();
        if run.missed.is_empty() {
            let cleaned_up = fs::metadata(instance.lease_file().with_extension("csv.2")).is_ok();
            assert!(cleaned_up, "the lease file was never cleaned up");
        } else {
            assert_kea_lost(&run.missed, &instance, &network);
        }
    }
    println!("{dumps} dumps while {steps} leases were added or renewed");
    assert!(dumps > 20 && steps > WRITERS * LEASES * 2, "too little happened: {dumps} dumps, {steps} leases");
}

/// How a number of dumps went.
struct Run {
    dumps: u32,
    /// What the last dump should have had and had not.
    missed: Vec<Lease>,
}

/// Dumps while `writers` write, until `deadline` or until a dump misses something.
fn dump_until(deadline: Instant, instance: &Instance, server: &ControlSocket, writers: &[Writer]) -> Run {
    let enough = AtomicBool::new(false);
    let goes_on = || !enough.load(Ordering::Relaxed) && Instant::now() < deadline;
    thread::scope(|scope| {
        for writer in writers {
            scope.spawn(|| writer.work(server, &goes_on));
        }
        let mut run = Run { dumps: 0, missed: Vec::new() };
        while goes_on() {
            let acknowledged: Vec<Vec<Lease>> = writers.iter().map(Writer::acknowledged).collect();
            let dumped = ends_in_dump(instance, run.dumps.is_multiple_of(2));
            run.dumps += 1;
            run.missed = acknowledged.into_iter().flatten().filter(|lease| !lease.is_in(&dumped)).collect();
            enough.store(!run.missed.is_empty(), Ordering::Relaxed);
        }
        run
    })
}

/// Fails the test unless it was Kea that lost what a dump had missed: then a server that reads the same files does
/// not know it either, and the run says nothing about the dump. A lease that was renewed since then says nothing about
/// the files of that moment.
fn assert_kea_lost(missed: &[Lease], instance: &Instance, network: &Network) {
    let cleanup = instance.lease_file().with_extension("csv.pid");
    wait_for("the end of the cleanup", || (!cleanup.exists()).then_some(()));
    let kept = ends_of(&instance.start(network).control.command("lease4-get-all", None));
    let ours: Vec<&Lease> = missed.iter().filter(|lease| kept.get(&lease.address) == Some(&lease.end)).collect();
    let (all, some) = (missed.len(), ours.len());
    assert!(
        ours.is_empty(),
        "{all} leases were missing from a dump; a server has {some} of them, such as {:?}",
        ours[0]
    );
    println!("Kea itself has lost {} leases, such as {:?}; starting over", missed.len(), missed[0]);
}

/// When each lease ends, as a dump has it.
fn ends_in_dump(instance: &Instance, is_slow: bool) -> HashMap<Ipv4Addr, u32> {
    let mut command = kea_lease_dump();
    command.arg("-c").arg(instance.configuration()).args(["-o", "-"]);
    let outcome = if is_slow { run(&mut slowed(&command, &instance.lease_file())) } else { run(&mut command) };
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""));
    let end = |row: &str| {
        let mut fields = row.split(',');
        Some((fields.next()?.parse().ok()?, fields.nth(3)?.parse().ok()?))
    };
    outcome.stdout.lines().skip(1).map(|row| end(row).unwrap_or_else(|| panic!("no lease: {row}"))).collect()
}

/// The same program on a system that takes its time to open the pieces of `lease_file`, so that now and then the
/// server or a cleanup renames some of them meanwhile.
fn slowed(command: &Command, lease_file: &Path) -> Command {
    let mut slowed = Command::new("strace");
    slowed.args(["-qq", "-o", "/dev/null", "-e", "trace=openat", "-e", "inject=openat:delay_exit=60000"]);
    for ending in ["", ".1", ".2", ".completed"] {
        slowed.arg("-P").arg(format!("{}{ending}", lease_file.display()));
    }
    slowed.arg("--").arg(command.get_program()).args(command.get_args());
    slowed
}

/// When each lease ends, as a server tells it.
fn ends_of(answer: &Value) -> HashMap<Ipv4Addr, u32> {
    let leases = answer["arguments"]["leases"].as_array().unwrap().iter();
    leases
        .map(|lease| {
            let end = lease["cltt"].as_u64().unwrap() + lease["valid-lft"].as_u64().unwrap();
            (lease["ip-address"].as_str().unwrap().parse().unwrap(), u32::try_from(end).unwrap())
        })
        .collect()
}

/// A lease that a server has acknowledged.
#[derive(Debug, Clone, Copy)]
struct Lease {
    address: Ipv4Addr,
    end: u32,
}

impl Lease {
    /// Whether the lease, or a later renewal of it, is among `ends`.
    fn is_in(self, ends: &HashMap<Ipv4Addr, u32>) -> bool {
        ends.get(&self.address).is_some_and(|&end| end >= self.end)
    }
}

/// Somebody who adds leases, and then renews them one after another.
struct Writer {
    number: u32,
    /// How often the server has said yes.
    steps: AtomicU32,
}

impl Writer {
    fn new(number: u32) -> Self {
        Self { number, steps: AtomicU32::new(0) }
    }

    fn steps(&self) -> u32 {
        self.steps.load(Ordering::SeqCst)
    }

    /// The lease that the writer's step of this number leaves behind.
    fn lease(&self, step: u32) -> Lease {
        let first = u32::from(Ipv4Addr::new(10, 77, 64, 0));
        let address = Ipv4Addr::from(first + self.number * LEASES + step % LEASES);
        Lease { address, end: FIRST_END + step / LEASES }
    }

    fn work(&self, server: &ControlSocket, goes_on: &(impl Fn() -> bool + Sync)) {
        while goes_on() {
            let step = self.steps();
            let lease = self.lease(step);
            let command = if step < LEASES { "lease4-add" } else { "lease4-update" };
            let [.., high, low] = lease.address.octets();
            let arguments = json!({
                "ip-address": lease.address, "subnet-id": 1, "hw-address": format!("02:00:00:00:{high:02x}:{low:02x}"),
                "valid-lft": 7200, "expire": lease.end,
            });
            server.command(command, Some(&arguments));
            self.steps.store(step + 1, Ordering::SeqCst);
        }
    }

    /// The last state of each lease that the server has acknowledged up to now.
    fn acknowledged(&self) -> Vec<Lease> {
        let steps = self.steps();
        (steps.saturating_sub(LEASES)..steps).map(|step| self.lease(step)).collect()
    }
}
