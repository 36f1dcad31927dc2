//! An answer is one where a standard client would use it: what udhcpc, dhclient and dhclient -6 make of odd answers, and what
//! dhcping says of the same.
//!
//! Each scenario is a server that is wrong in one way, in a network of its own. What is expected is what the clients did in
//! this very run: OK where all of them get a lease that they can use, and only there. A row that says otherwise names the
//! rule that decides, and why; where the clients agree with the rule after all, the row is wrong.

mod frame;
mod lab;
mod server;
mod v4;
mod v6;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use self::lab::Lab;

/// A server that is wrong in one way.
pub(super) struct Scenario<R> {
    pub(super) name: &'static str,
    /// What is wrong with its answer.
    pub(super) change: fn(&mut R),
    /// Whether only what follows the OFFER or Advertise is wrong.
    pub(super) offer_is_good: bool,
    /// The verdict, where not the clients decide but this rule.
    pub(super) decided: Option<(bool, &'static str)>,
}

impl<R> Scenario<R> {
    pub(super) const fn new(name: &'static str, change: fn(&mut R)) -> Self {
        Self { name, change, offer_is_good: false, decided: None }
    }

    /// The same, with a good offer.
    pub(super) const fn after_the_offer(mut self) -> Self {
        self.offer_is_good = true;
        self
    }

    /// The same; not the clients decide.
    pub(super) const fn ruled(mut self, ok: bool, why: &'static str) -> Self {
        self.decided = Some((ok, why));
        self
    }
}

/// What came of a scenario.
struct Outcome {
    /// What lease each client got: usable, useless, none.
    clients: Vec<(&'static str, String)>,
    /// Whether dhcping is content with the offer, and what it says.
    offer: (bool, String),
    /// The same of the whole exchange.
    lease: (bool, String),
}

/// So many scenarios take place at once; they only wait for each other's clocks.
const AT_ONCE: usize = 16;

/// Plays all scenarios with `play`; gives what is not as it should be.
fn faults<R>(scenarios: &'static [Scenario<R>], play: impl Fn(&'static str, usize) -> Outcome + Sync) -> Vec<String> {
    let (next, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
            let place = scenarios.iter().position(|one| one.name == scenario.name).unwrap();
            let outcome = play(scenario.name, place);
            faults.lock().unwrap().extend(judge(scenario, &outcome));
        }
    };
    thread::scope(|scope| (0..AT_ONCE).for_each(|_| drop(scope.spawn(work))));
    faults.into_inner().unwrap()
}

fn judge<R>(scenario: &Scenario<R>, outcome: &Outcome) -> Vec<String> {
    let got: Vec<_> = outcome.clients.iter().map(|(_, lease)| lease == "usable").collect();
    let by_clients = got.iter().all(|got| *got);
    let do_agree = got.iter().all(|got| *got == by_clients);
    let (expected, why) = scenario.decided.unwrap_or((by_clients, "the clients"));
    let mut faults = Vec::new();
    let mut add = |what: &str| {
        let Outcome { clients, offer, lease } = outcome;
        faults.push(format!("{}: {what}\n  clients {clients:?}\n  offer {offer:?}\n  lease {lease:?}", scenario.name));
    };
    if outcome.lease.0 != expected {
        add(&format!("a whole exchange is {}, and {why} say otherwise", if expected { "not OK" } else { "OK" }));
    }
    if outcome.offer.0 != (expected || scenario.offer_is_good) {
        add("the offer alone has the wrong verdict");
    }
    if scenario.decided.is_some_and(|(ok, _)| do_agree && ok == by_clients) {
        add("the clients decide it, the row need not");
    }
    faults
}

#[track_caller]
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
#[ignore = "needs udhcpc and dhclient: run scripts/test"]
fn an_answer_is_one_where_udhcpc_and_dhclient_get_a_lease() {
    assert_none(&faults(v4::SCENARIOS, |_, place| Lab::new('4', place).play4()));
}

#[test]
#[ignore = "needs dhclient: run scripts/test"]
fn a_dhcpv6_answer_is_one_where_dhclient_gets_a_lease() {
    assert_none(&faults(v6::SCENARIOS, |name, place| Lab::new('6', place).play6(name.starts_with("prefix"))));
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn an_extension_header_is_passed_over_in_frames_too() {
    let place = v6::SCENARIOS.iter().position(|scenario| scenario.name == "a hop-by-hop header").unwrap();
    let lab = Lab::new('6', place);
    let (is_ok, said) = lab.dhcping(&["-6", "-I", "eth0", "-s", "ll:02:00:5e:00:53:09", "--exclusive"]);
    assert!(is_ok, "{said}");
}
