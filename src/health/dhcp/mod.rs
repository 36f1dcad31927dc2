//! Whether DHCP servers answer, and as the user expects it.

use std::time::Duration;

use super::{Check, Metric, Report, State};
use crate::probe::expect::{Expectation, Network};
use crate::probe::plan::Target;
use crate::probe::tally::Served;
use crate::probe::{AnswerKind, Identity, Leased, ProbeAnswer, Record, TargetResult};
use crate::text::milliseconds;

mod exclusive;
mod silence;

pub use silence::{NO_ADVERTISE, NO_OFFER};

/// What a NAK and an ACK to the same message mean.
const NAK_AND_ACK: &str = "a client that hears the NAK first gives up its address (--expect ack accepts this)";

/// What a good answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedAnswer {
    /// Any that is valid.
    Any,
    /// DHCPOFFER.
    Offer,
    /// DHCPACK.
    Ack,
    /// DHCPNAK.
    Nak,
    /// DHCPv6 Advertise.
    Advertise,
    /// DHCPv6 Reply.
    Reply,
}

/// What the user expects.
#[derive(Debug)]
pub struct Expectations {
    /// What kind of answer.
    pub kind: ExpectedAnswer,
    /// Whether a refusal is what is expected.
    pub allows_refusal: bool,
    /// What its options must be.
    pub options: Vec<Expectation>,
    /// Networks, one of which every address must be in; anywhere, if there is none.
    pub networks: Vec<Network>,
    /// Whether only the servers that are asked may answer.
    pub is_exclusive: bool,
    /// How long an answer to one message was waited for in all.
    pub waited: Duration,
    /// From when on answers are slow.
    pub slow: Limits<Duration>,
    /// From which percentage of unanswered probes on there are too many.
    pub loss: Limits<f64>,
}

/// Values from which something is a warning, or critical.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits<T> {
    /// A warning.
    pub warning: Option<T>,
    /// Critical.
    pub critical: Option<T>,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Problem {
    state: State,
    text: String,
}

impl Problem {
    fn critical(text: String) -> Self {
        Self { state: State::Critical, text }
    }
}

impl Expectations {
    /// Adds what came of another exchange to the result of its target.
    pub fn note(&self, result: &mut TargetResult<'_>, record: &Record) {
        if !self.is_half_done(record) {
            result.tally.add(record, is_answered(result.target, record));
            result.add_faults(self.faults(result.target, record));
            result.add_remarks(record);
            result.hint = result.hint.or(self.hint(result.target, record));
        }
        if let (None, Some(error)) = (&result.unsent, &record.unsent) {
            result.unsent = Some(error.to_string());
        }
    }

    /// Whether the exchange was cut short between an offer and the lease that was wanted: it says nothing then.
    fn is_half_done(&self, record: &Record) -> bool {
        let wants_lease = matches!(self.kind, ExpectedAnswer::Ack | ExpectedAnswer::Reply);
        let is_cut_short = record.interrupted || record.unsent.is_some();
        is_cut_short && wants_lease && !record.answers.is_empty() && record.answers.iter().all(is_offer)
    }

    /// What is wrong with the answers of one exchange, apart from their number.
    fn faults(&self, target: &Target, record: &Record) -> Vec<String> {
        let last = record.answers.iter().map(|answer| answer.phase).max().unwrap_or(0);
        let is_granted = record.final_answer().is_some_and(|answer| answer.refusal.is_none());
        let mut faults = Vec::new();
        let is_broken_off = target.exchange.takes_what_is_offered() && self.lacks_the_lease(record);
        if is_broken_off {
            faults.extend(self.unanswered_request(record));
        }
        let heard = self.is_exclusive.then(|| exclusive::Heard::new(record, target));
        if let Some(heard) = &heard {
            faults.extend(heard.under_one_name());
        }
        for answer in &record.answers {
            let is_excused = || is_granted && self.is_outranked(answer, target);
            if let Some(uninvited) = heard.as_ref().and_then(|heard| heard.uninvited(answer)) {
                faults.push(uninvited);
            } else if !is_broken_off && answer.phase == last && !is_excused() {
                faults.extend(self.faults_of(answer, record, &target.networks));
            }
        }
        faults.extend(heard.iter().flat_map(exclusive::Heard::unusable));
        faults
    }

    /// Whether the grant of another server outranks this refusal. A client that gets a NAK first gives up its address, so that
    /// without an expectation a NAK is a fault, whatever other servers say.
    fn is_outranked(&self, answer: &ProbeAnswer, target: &Target) -> bool {
        let is_required = target.required.iter().any(|server| answer.is_from(server));
        let is_expected = self.kind != ExpectedAnswer::Any || answer.kind != AnswerKind::Nak;
        answer.refusal.is_some() && !is_required && is_expected
    }

    /// Whether a lease was wanted, and servers have only offered one.
    #[must_use]
    pub fn lacks_the_lease(&self, record: &Record) -> bool {
        let wants_lease = matches!(self.kind, ExpectedAnswer::Ack | ExpectedAnswer::Reply);
        let is_mere_offer = |answer: &ProbeAnswer| is_offer(answer) && answer.refusal.is_none();
        wants_lease && !record.answers.is_empty() && record.answers.iter().all(is_mere_offer)
    }

    /// The offers that no lease followed.
    fn unanswered_request(&self, record: &Record) -> Option<String> {
        let offered = |answer: &ProbeAnswer| {
            let given: Vec<_> = answer.addresses.iter().map(ToString::to_string).collect();
            let given = if given.is_empty() { "no address".to_owned() } else { given.join(", ") };
            format!("{} offered {given}", answer.source.ip())
        };
        let offers: Vec<_> = record.answers.iter().map(offered).collect();
        let waited = self.waited.as_secs_f64();
        let what = format!("but there was no valid answer to the REQUEST within {waited} s");
        // What was wrong with a reply that came is printed after it.
        let is_silent = !record.rejected.has_a_reply();
        let cause = if is_silent { "; the server may be unable to store the lease: see its log" } else { "" };
        (!offers.is_empty()).then(|| format!("{}, {what}{cause}", offers.join(", ")))
    }

    fn faults_of(&self, answer: &ProbeAnswer, record: &Record, networks: &[Network]) -> Vec<String> {
        let kind = self.wrong_kind(answer, record).into_iter();
        let place = wrong_place(&self.networks, answer).or_else(|| wrong_subnet(networks, answer)).into_iter();
        kind.chain(place).chain(self.options.iter().filter_map(|option| option.check_one(answer).err())).collect()
    }

    fn wrong_kind(&self, answer: &ProbeAnswer, record: &Record) -> Option<String> {
        if let Some(refused) = self.refused(answer, record) {
            return Some(refused);
        }
        let (wanted, word) = match self.kind {
            ExpectedAnswer::Any => return None,
            ExpectedAnswer::Offer => (AnswerKind::Offer, "an OFFER"),
            ExpectedAnswer::Ack => (AnswerKind::Ack, "an ACK"),
            ExpectedAnswer::Nak => (AnswerKind::Nak, "a NAK"),
            ExpectedAnswer::Advertise => (AnswerKind::Advertise, "an ADVERTISE"),
            ExpectedAnswer::Reply => (AnswerKind::Reply, "a REPLY"),
        };
        (answer.kind != wanted).then(|| format!("{word} was expected, {} answers {}", answer.source.ip(), kind(answer)))
    }

    /// What a refusal says, unless one is expected, and which server grants what this one refuses.
    #[must_use]
    pub fn refused(&self, answer: &ProbeAnswer, record: &Record) -> Option<String> {
        let words = answer.refusal.as_deref().filter(|_| !self.allows_refusal)?;
        let words = if words.is_empty() { String::new() } else { format!(": {words}") };
        let grant = granted_instead(answer, record).map(|other| format!(", though {} grants it", other.source.ip()));
        let grant = grant.unwrap_or_default();
        Some(format!("refused: {} from {}{grant}{words}", answer.kind.word(), answer.source.ip()))
    }

    /// What a NAK means to clients where another server grants the lease, and how to accept it, if that can be.
    fn hint(&self, target: &Target, record: &Record) -> Option<&'static str> {
        let is_acceptable = |answer: &ProbeAnswer| {
            let is_required = target.required.iter().any(|server| answer.is_from(server));
            !is_required && granted_instead(answer, record).is_some()
        };
        let is_default = self.kind == ExpectedAnswer::Any && !self.allows_refusal && !self.is_exclusive;
        (is_default && record.answers.iter().any(is_acceptable)).then_some(NAK_AND_ACK)
    }

    /// A check for each target.
    #[must_use]
    pub fn evaluate(&self, results: &[TargetResult<'_>]) -> Report {
        Report { checks: results.iter().map(|result| self.check(result)).collect(), ..Report::default() }
    }

    fn check(&self, result: &TargetResult<'_>) -> Check {
        let mut problems: Vec<_> = result.faults.iter().cloned().map(Problem::critical).collect();
        problems.extend(self.problems_of_tally(result));
        if result.tally.probes == 0 && problems.is_empty() {
            problems.push(Problem { state: State::Unknown, text: "interrupted before the answer".to_owned() });
        }
        problems.sort_by_key(|problem| std::cmp::Reverse(problem.state));
        let state = problems.first().map_or(State::Ok, |worst| worst.state);
        let texts: Vec<_> = problems.iter().map(|problem| problem.text.as_str()).collect();
        let text = if texts.is_empty() {
            [&[well(result)], &result.remarks[..]].concat().join("; ")
        } else {
            texts.join("; ") + &came_instead(result)
        };
        let is_silent = result.tally.servers.is_empty() && result.tally.rejected.total() == 0;
        let is_reported = result.tally.unreachable.is_some();
        let causes = || silence::causes(self.waited, is_reported, result.target);
        let causes = (state == State::Critical && is_silent).then(causes);
        let details = causes.flatten().into_iter().chain(result.hint.map(str::to_owned)).collect();
        Check { name: result.target.name.clone(), state, text, details, metrics: self.metrics(result) }
    }

    /// What is wrong with the number of answers, and with their times.
    fn problems_of_tally(&self, result: &TargetResult<'_>) -> Vec<Problem> {
        let tally = &result.tally;
        let unsent = result.unsent.iter().map(|text| Problem { state: State::Unknown, text: text.clone() });
        let mut problems: Vec<_> = unsent.collect();
        if tally.probes == 0 {
            return problems;
        }
        problems.extend(missing(result).into_iter().map(Problem::critical));
        if let Some(loss) = tally.loss()
            && loss > 0.0
            && let Some(state) = self.loss.reached_by(&loss)
        {
            problems.push(Problem { state, text: format!("{loss:.0}% of {} probes not answered", tally.probes) });
        }
        if let Some((server, mean)) = slowest(result)
            && let Some(state) = self.slow.reached_by(&mean)
        {
            let who = server.map_or_else(String::new, |server| format!("{server} "));
            problems.push(Problem { state, text: format!("slow: {who}answered in {}", milliseconds(mean)) });
        }
        problems
    }

    fn metrics(&self, result: &TargetResult<'_>) -> Vec<Metric> {
        let name = |what: &str| format!("{} {what}", result.target.name);
        let range = |limit: Option<f64>| limit.map_or_else(String::new, |limit| limit.to_string());
        let seconds = |limit: Option<Duration>| range(limit.map(|limit| limit.as_secs_f64()));
        let tally = &result.tally;
        let time = slowest(result).map(|(_, mean)| mean.as_secs_f64());
        let offering = distinct(tally.servers.iter().filter(|served| served.grants > 0));
        let servers = u32::try_from(offering.len()).unwrap_or(u32::MAX);
        let refusals = u32::try_from(tally.refusals).unwrap_or(u32::MAX);
        vec![
            Metric::new(name("rtt"), time)
                .unit("s")
                .warning(seconds(self.slow.warning))
                .critical(seconds(self.slow.critical))
                .min(0.0),
            Metric::new(name("loss"), tally.loss())
                .unit("%")
                .warning(range(self.loss.warning))
                .critical(range(self.loss.critical))
                .min(0.0)
                .max(100.0),
            Metric::new(name("offers"), f64::from(servers)).min(0.0),
            Metric::new(name("naks"), f64::from(refusals)).min(0.0),
        ]
    }
}

impl<T: PartialOrd> Limits<T> {
    /// The worse of the limits that `value` reaches.
    fn reached_by(&self, value: &T) -> Option<State> {
        let is_reached = |limit: &Option<T>| limit.as_ref().is_some_and(|limit| value >= limit);
        match () {
            () if is_reached(&self.critical) => Some(State::Critical),
            () if is_reached(&self.warning) => Some(State::Warning),
            () => None,
        }
    }
}

/// The ACK of another server on the link, where this answer is a NAK.
fn granted_instead<'a>(answer: &ProbeAnswer, record: &'a Record) -> Option<&'a ProbeAnswer> {
    let is_grant = |other: &&ProbeAnswer| other.kind == AnswerKind::Ack && other.link == answer.link;
    record.answers.iter().find(is_grant).filter(|_| answer.kind == AnswerKind::Nak)
}

fn is_offer(answer: &ProbeAnswer) -> bool {
    matches!(answer.kind, AnswerKind::Offer | AnswerKind::Advertise)
}

/// Whether each server that must has answered, and where a lease was asked for, with more than an offer.
fn is_answered(target: &Target, record: &Record) -> bool {
    let is_of = |server: &Identity| record.answers.iter().any(|answer| answer.is_from(server));
    let only_offers = || record.answers.iter().all(|answer| is_offer(answer) && answer.refusal.is_none());
    target.required.iter().all(is_of) && !(target.exchange.takes_what_is_offered() && only_offers())
}

fn wrong_place(networks: &[Network], answer: &ProbeAnswer) -> Option<String> {
    let is_inside = |leased: &Leased| networks.iter().any(|network| network.contains(leased.address));
    // A delegated prefix comes from a pool of its own; it is looked at where there is nothing else.
    let (prefixes, addresses): (Vec<_>, Vec<_>) = answer.addresses.iter().partition(|leased| leased.is_delegated());
    let looked_at = if addresses.is_empty() { prefixes } else { addresses };
    if networks.is_empty() || (!looked_at.is_empty() && looked_at.into_iter().all(is_inside)) {
        return None;
    }
    let given: Vec<_> = answer.addresses.iter().map(ToString::to_string).collect();
    let given = if given.is_empty() { "no address".to_owned() } else { given.join(", ") };
    let networks: Vec<_> = networks.iter().map(ToString::to_string).collect();
    Some(format!("{} gives {given}, which is not in {}", answer.source.ip(), networks.join(" or ")))
}

/// The same for the networks of a subnet: prefixes come from elsewhere.
fn wrong_subnet(networks: &[Network], answer: &ProbeAnswer) -> Option<String> {
    let has_prefixes_only = !answer.addresses.is_empty() && answer.addresses.iter().all(Leased::is_delegated);
    if has_prefixes_only { None } else { wrong_place(networks, answer) }
}

/// `NAK: no address`, `OFFER`.
#[must_use]
pub fn kind(answer: &ProbeAnswer) -> String {
    match answer.refusal.as_deref() {
        None => answer.kind.word().to_owned(),
        Some("") => format!("{} (a refusal)", answer.kind.word()).replace("NAK (a refusal)", "NAK"),
        Some(words) => format!("{}: {words}", answer.kind.word()),
    }
}

/// What came instead, where an answer is missing: ` (2 datagrams ignored: …)`.
#[must_use]
pub fn came_instead(result: &TargetResult<'_>) -> String {
    let is_missing = result.tally.answered < result.tally.probes;
    let instead = result.tally.came_instead().filter(|_| is_missing);
    instead.map_or_else(String::new, |instead| format!(" ({instead})"))
}

/// Each server once, by whatever addresses it sends.
fn distinct<'a>(all: impl Iterator<Item = &'a Served>) -> Vec<&'a Identity> {
    let mut servers: Vec<&Identity> = Vec::new();
    for served in all {
        if !servers.contains(&&served.server) {
            servers.push(&served.server);
        }
    }
    servers
}

/// `192.0.2.1 answered in 1.5 ms; NAK from 192.0.2.66`; where all refuse, as was expected, they have answered.
fn well(result: &TargetResult<'_>) -> String {
    let names = |servers: Vec<&Identity>| servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let servers = &result.tally.servers;
    let granting = distinct(servers.iter().filter(|served| served.grants > 0));
    let refusing = distinct(servers.iter().filter(|served| served.refusals > 0));
    let time = slowest(result).map_or_else(String::new, |(_, mean)| format!(" in {}", milliseconds(mean)));
    if granting.is_empty() || refusing.is_empty() {
        return format!("{} answered{time}", names(distinct(servers.iter())));
    }
    let word = if matches!(refusing[0], Identity::Address(_)) { "NAK" } else { "refusal" };
    format!("{} answered{time}; {word} from {}", names(granting), names(refusing))
}

/// How long an answer takes: of several servers that must answer, that of the slowest, and which that is.
fn slowest<'a>(result: &TargetResult<'a>) -> Option<(Option<&'a Identity>, Duration)> {
    let all = result.tally.times.summary().map(|(_, mean, _)| (None, mean));
    let required =
        result.target.required.iter().filter_map(|server| Some((Some(server), result.tally.mean_of(server)?)));
    required.filter(|_| result.target.required.len() > 1).chain(all).max_by_key(|(_, mean)| *mean)
}

/// The servers that should have answered and never did.
#[must_use]
pub fn missing(result: &TargetResult<'_>) -> Vec<String> {
    let has_answered = |server: &Identity| result.tally.servers.iter().any(|served| served.is(server));
    match &result.target.required[..] {
        // It is not known whether there would have been one.
        _ if result.unsent.is_some() && result.tally.servers.is_empty() => Vec::new(),
        [] | [_] if result.tally.servers.is_empty() => vec!["no answer".to_owned()],
        required => {
            let missing = required.iter().filter(|server| !has_answered(server));
            missing.map(|server| format!("no answer from {server}")).collect()
        }
    }
}
