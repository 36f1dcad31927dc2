//! Answers that are damaged, and servers that vanish in the middle of one: what is known stays, and what follows is right.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kea_tools::control::Deadline;
use kea_tools::family::Family;
use kea_tools::fleet::{Fleet, Leases, Moment, PollOptions};
use kea_tools::health::State;
use kea_tools::stats::reading::Reading;
use kea_tools::top::{App, Model};
use serde_json::Value;

use super::frames::{frame, look};
use super::harness::{place, recorded_at};
use crate::control::fake::{Fake, Reply};
use crate::metrics::harness::Replay;

const RELEASE: &str = "3.0.4";

/// How long after its start the server is asked, in seconds.
const AGE: u64 = 100_000;

/// What becomes of a good answer.
type Damage = fn(&Value) -> Reply;

const DAMAGES: [(&str, Damage); 7] = [
    ("cut off", |answer| {
        let text = answer.to_string().into_bytes();
        Reply::Octets(text[..text.len() / 2].to_vec())
    }),
    ("nothing", |_| Reply::Close),
    ("no JSON", |_| Reply::Octets(b"\x00\xff{".to_vec())),
    ("an empty map", |_| Reply::Octets(b"{}".to_vec())),
    ("no arguments", |_| Reply::Octets(b"{\"result\": 0}".to_vec())),
    ("other arguments", |_| Reply::Octets(b"{\"result\": 0, \"arguments\": [1, \"x\", null]}".to_vec())),
    ("an error", |_| Reply::Octets(b"{\"result\": 1, \"text\": \"\\u001b[2Jno\"}".to_vec())),
];

/// A server that answers well but for one command while `is_damaged`.
fn server(command: &'static str, damage: Damage, is_damaged: &Arc<AtomicBool>) -> Fake {
    let (replay, is_damaged) = (Replay::new(RELEASE, 4), Arc::clone(is_damaged));
    Fake::unix(move |asked| {
        let answer = replay.answer_after(asked, AGE);
        if asked["command"] == command && is_damaged.load(Ordering::SeqCst) {
            return damage(&answer);
        }
        Reply::Answer(answer)
    })
}

struct Watched {
    fleet: Fleet,
    app: App,
}

impl Watched {
    fn new(fake: &Fake) -> Self {
        let place = place("campus", fake.address());
        let wanted = PollOptions {
            subnets: true,
            leases: Leases::Always,
            pause: Duration::ZERO,
            longest_wait: Duration::from_secs(2),
            file_pause: Duration::ZERO,
            follow: true,
            keep_configuration: false,
        };
        let app = App::new(Model::new([("campus".to_owned(), place.guess())], Duration::from_secs(2)));
        Self { fleet: Fleet::new(vec![place], wanted), app }
    }

    /// Asks at this second, and returns what is shown of the server and how many addresses it counts as assigned.
    fn look(&mut self, seconds: u32) -> Shown {
        let now = recorded_at(RELEASE);
        let moment = Moment { now: now + i64::from(seconds), monotonic: Duration::from_secs(seconds.into()) };
        let readings = self.fleet.poll_each(moment, Deadline::after(Duration::from_secs(300))).remove(0);
        let answers = readings.first().and_then(|reading: &Reading| reading.answers.as_deref());
        let assigned = answers.and_then(|answers| answers.statistics.total_assigned(Family::V4));
        let pools = answers.and_then(|answers| answers.layout.as_ref()).map(|layout| layout.pools.len());
        self.app.take(0, moment, readings);
        self.app.tick(moment);
        let model = self.app.model();
        let worst = model.servers[0].worst_pool().map(|(_, row)| format!("{:?} {:?}", row.place, row.offer.most));
        let frame = frame(&self.app, look(), (80, 24));
        assert!(!frame.contains('\u{1b}'), "{frame}");
        Shown { word: model.word(&model.servers[0]), assigned, pools, worst }
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Shown {
    word: (&'static str, State),
    assigned: Option<f64>,
    pools: Option<usize>,
    worst: Option<String>,
}

#[test]
fn a_damaged_answer_changes_nothing_of_what_is_known() {
    for command in ["statistic-get-all", "stat-lease4-get", "lease4-get-page", "config-get", "statistic-get"] {
        for (name, damage) in DAMAGES {
            let is_damaged = Arc::new(AtomicBool::new(false));
            let fake = server(command, damage, &is_damaged);
            let mut watched = Watched::new(&fake);
            let first = watched.look(100);
            assert!(first.assigned.is_some() && first.pools.is_some(), "{command}: {first:?}");
            is_damaged.store(true, Ordering::SeqCst);
            assert_eq!(watched.look(200), first, "{command}: {name}");
            is_damaged.store(false, Ordering::SeqCst);
            assert_eq!(watched.look(300), first, "{command}: {name}, and after it");
        }
    }
}

#[test]
fn a_server_whose_status_is_damaged_is_known_again_afterwards() {
    for (name, damage) in DAMAGES {
        let is_damaged = Arc::new(AtomicBool::new(false));
        let fake = server("status-get", damage, &is_damaged);
        let mut watched = Watched::new(&fake);
        let first = watched.look(100);
        is_damaged.store(true, Ordering::SeqCst);
        let during = watched.look(200);
        // Without arguments it is the answer of a server that has nothing to say.
        let is_answer = matches!(name, "no arguments" | "other arguments");
        assert_eq!(during.word == first.word, is_answer, "{name}: {during:?}");
        is_damaged.store(false, Ordering::SeqCst);
        assert_eq!(watched.look(300), first, "{name}, and after it");
    }
}

#[test]
fn a_server_that_begins_with_damaged_answers_shows_no_numbers() {
    for command in ["statistic-get-all", "stat-lease4-get", "lease4-get-page", "config-get", "list-commands"] {
        for (name, damage) in DAMAGES {
            let is_damaged = Arc::new(AtomicBool::new(true));
            let fake = server(command, damage, &is_damaged);
            let mut watched = Watched::new(&fake);
            let during = watched.look(100);
            assert_ne!(during.word.0, "no answer", "{command}: {name}: {during:?}");
            is_damaged.store(false, Ordering::SeqCst);
            let after = watched.look(200);
            assert!(after.assigned.is_some(), "{command}: {name}: {after:?}");
        }
    }
}
