//! Answers that are damaged, and servers that vanish in the middle of one: what is known stays, and what follows is right.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
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

/// A server that is watched.
struct Watched {
    fleet: Fleet,
    app: App,
    /// Whether it damages its answers.
    is_damaged: Arc<AtomicBool>,
    /// The second at which it is asked.
    clock: Arc<AtomicU32>,
    _server: Fake,
}

impl Watched {
    /// One that answers well but for one command while `is_damaged`.
    fn new(command: &'static str, damage: Damage, is_damaged: bool) -> Self {
        let (is_damaged, clock) = (Arc::new(AtomicBool::new(is_damaged)), Arc::new(AtomicU32::new(0)));
        let (replay, damaged, seconds) = (Replay::new(RELEASE, 4), Arc::clone(&is_damaged), Arc::clone(&clock));
        let fake = Fake::unix(move |asked| {
            let answer = replay.answer_after(asked, AGE + u64::from(seconds.load(Ordering::SeqCst)));
            if asked["command"] == command && damaged.load(Ordering::SeqCst) {
                return damage(&answer);
            }
            Reply::Answer(answer)
        });
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
        Self { fleet: Fleet::new(vec![place], wanted), app, is_damaged, clock, _server: fake }
    }

    fn damage(&self, is_damaged: bool) {
        self.is_damaged.store(is_damaged, Ordering::SeqCst);
    }

    /// Asks at this second, and returns what is shown of the server and how many addresses it counts as assigned.
    fn look(&mut self, seconds: u32) -> Shown {
        let now = recorded_at(RELEASE);
        self.clock.store(seconds, Ordering::SeqCst);
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
            let mut watched = Watched::new(command, damage, false);
            let first = watched.look(100);
            assert!(first.assigned.is_some() && first.pools.is_some(), "{command}: {first:?}");
            watched.damage(true);
            assert_eq!(watched.look(200), first, "{command}: {name}");
            watched.damage(false);
            assert_eq!(watched.look(300), first, "{command}: {name}, and after it");
        }
    }
}

#[test]
fn a_server_whose_status_is_damaged_is_known_again_afterwards() {
    for (name, damage) in DAMAGES {
        let mut watched = Watched::new("status-get", damage, false);
        let first = watched.look(100);
        watched.damage(true);
        let during = watched.look(200);
        // Without arguments it is the answer of a server that has nothing to say.
        let is_answer = matches!(name, "no arguments" | "other arguments");
        assert_eq!(during.assigned.is_some(), is_answer, "{name}: {during:?}");
        assert_ne!(during.word, first.word, "{name}: {during:?}");
        watched.damage(false);
        assert_eq!(watched.look(300), first, "{name}, and after it");
    }
}

#[test]
fn a_server_that_begins_with_damaged_answers_shows_no_numbers() {
    for command in ["statistic-get-all", "stat-lease4-get", "lease4-get-page", "config-get", "list-commands"] {
        for (name, damage) in DAMAGES {
            let mut watched = Watched::new(command, damage, true);
            let during = watched.look(100);
            assert_ne!(during.word.0, "no answer", "{command}: {name}: {during:?}");
            watched.damage(false);
            let after = watched.look(200);
            assert!(after.assigned.is_some(), "{command}: {name}: {after:?}");
        }
    }
}
