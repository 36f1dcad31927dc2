//! What the answers mean: whether all is as the user expects it.

use std::time::Duration;

use super::args::{Args, ExpectArgs, Wanted};
use super::job::{self, Job, Target};
use super::rounds::Aim;
use super::silence;
use super::text::milliseconds;
use crate::error::{Error, Result};
use crate::health::{Check, Metric, Report, State};
use crate::lease::Family;
use crate::probe::expect::{Expectation, Network};
use crate::probe::{Answer, Identity, Kind, Leased, Record};

/// What the user expects.
pub(super) struct Judge<'a> {
    pub(super) args: &'a Args,
    wanted: Wanted,
    /// Whether a refusal is what was expected.
    allows_refusal: bool,
    options: Vec<Expectation>,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) state: State,
    pub(super) text: String,
}

impl Complaint {
    fn critical(text: String) -> Self {
        Self { state: State::Critical, text }
    }
}

/// How many different complaints are kept about one target.
const MOST: usize = 32;

/// Adds those that are new.
pub(super) fn keep(complaints: &mut Vec<Complaint>, new: &[Complaint]) {
    for complaint in new {
        if complaints.len() < MOST && !complaints.contains(complaint) {
            complaints.push(complaint.clone());
        }
    }
}

/// What `--expect-option` says.
pub(super) fn expected_options(args: &Args, family: Family) -> Result<Vec<Expectation>> {
    let read = |text: &String| {
        let read = Expectation::of_option(job::space(family), text);
        read.map_err(|cause| Error::new(format!("--expect-option \"{text}\""), cause))
    };
    args.expect.expect_option.iter().map(read).collect()
}

impl<'a> Judge<'a> {
    /// Reads what `args` say of it.
    pub(super) fn new(args: &'a Args, family: Family, job: &Job) -> Result<Self> {
        let options = expected_options(args, family)?;
        // A lease that was asked for is expected to be given.
        let takes = job.targets.iter().any(|target| target.recipe.takes_what_is_offered());
        let by_default = if takes { Wanted::Ack } else { Wanted::Any };
        let wanted = match (args.expect.expect.unwrap_or(by_default), family) {
            (Wanted::Offer, Family::V6) => Wanted::Advertise,
            (Wanted::Ack, Family::V6) => Wanted::Reply,
            (Wanted::Advertise | Wanted::Reply, Family::V4) => return Err(not_of(family, "offer or ack")),
            (Wanted::Nak, Family::V6) => return Err(not_of(family, "advertise or reply")),
            (wanted, _) => wanted,
        };
        let allows_refusal = matches!(args.expect.expect, Some(Wanted::Any | Wanted::Nak));
        Ok(Self { args, wanted, allows_refusal, options })
    }

    /// Whether the exchange was cut short between an offer and the lease that was wanted: it says nothing then.
    pub(super) fn is_half_done(&self, record: &Record) -> bool {
        let wants_lease = matches!(self.wanted, Wanted::Ack | Wanted::Reply);
        let is_cut_short = record.interrupted || record.unsent.is_some();
        is_cut_short && wants_lease && !record.answers.is_empty() && record.answers.iter().all(is_offer)
    }

    /// What is wrong with the answers of one exchange, apart from their number.
    pub(super) fn answers(&self, aim: &Aim<'_>, record: &Record) -> Vec<Complaint> {
        let last = record.answers.iter().map(|answer| answer.phase).max().unwrap_or(0);
        let is_granted = record.final_answer().is_some_and(|answer| answer.refusal.is_none());
        let mut complaints = Vec::new();
        for answer in &record.answers {
            let is_allowed = aim.target.required.iter().any(|server| answer.is_from(server));
            if self.args.expect.exclusive && !is_allowed {
                complaints.push(Complaint::critical(format!("another server answers: {}", who(answer))));
            } else if answer.phase == last && !(answer.refusal.is_some() && is_granted && !is_allowed) {
                complaints.extend(self.answer(answer, &aim.target.networks).into_iter().map(Complaint::critical));
            }
        }
        complaints
    }

    fn answer(&self, answer: &Answer, networks: &[Network]) -> Vec<String> {
        let kind = self.wrong_kind(answer).into_iter();
        let place =
            wrong_place(&self.args.expect.offered_in, answer).or_else(|| wrong_subnet(networks, answer)).into_iter();
        kind.chain(place).chain(self.options.iter().filter_map(|option| option.check_one(answer).err())).collect()
    }

    fn wrong_kind(&self, answer: &Answer) -> Option<String> {
        if let Some(refused) = self.refused(answer) {
            return Some(refused);
        }
        let (wanted, word) = match self.wanted {
            Wanted::Any => return None,
            Wanted::Offer => (Kind::Offer, "an OFFER"),
            Wanted::Ack => (Kind::Ack, "an ACK"),
            Wanted::Nak => (Kind::Nak, "a NAK"),
            Wanted::Advertise => (Kind::Advertise, "an ADVERTISE"),
            Wanted::Reply => (Kind::Reply, "a REPLY"),
        };
        (answer.kind != wanted).then(|| format!("{word} was expected, {} answers {}", answer.source.ip(), kind(answer)))
    }

    /// What an answer says that says no, unless that was expected.
    pub(super) fn refused(&self, answer: &Answer) -> Option<String> {
        let words = answer.refusal.as_deref().filter(|_| !self.allows_refusal)?;
        let words = if words.is_empty() { String::new() } else { format!(": {words}") };
        Some(format!("refused: {} from {}{words}", answer.kind.word(), answer.source.ip()))
    }

    /// Everything together: a check for each target.
    pub(super) fn report(&self, aims: &[Aim<'_>]) -> Report {
        Report { checks: aims.iter().map(|aim| self.check(aim)).collect(), notes: Vec::new() }
    }

    fn check(&self, aim: &Aim<'_>) -> Check {
        let mut check = check(&self.args.expect, aim);
        let is_silent = aim.tally.servers.is_empty() && aim.tally.came_instead().is_none();
        if check.state == State::Critical && is_silent {
            check.details.extend(silence::causes(self.args, aim.target));
        }
        check
    }
}

fn not_of(family: Family, those: &str) -> Error {
    let protocol = if family == Family::V4 { "DHCPv4" } else { "DHCPv6" };
    Error::new("--expect", format!("{protocol} has no such answer")).hint(those.to_owned())
}

fn is_offer(answer: &Answer) -> bool {
    matches!(answer.kind, Kind::Offer | Kind::Advertise)
}

/// Whether everybody has answered who must, and whoever was asked for what it offers has, too.
pub(super) fn is_answered(target: &Target, record: &Record) -> bool {
    let is_of = |server: &Identity| record.answers.iter().any(|answer| answer.is_from(server));
    let only_offers = || record.answers.iter().all(|answer| is_offer(answer) && answer.refusal.is_none());
    target.required.iter().all(is_of) && !(target.recipe.takes_what_is_offered() && only_offers())
}

fn wrong_place(networks: &[Network], answer: &Answer) -> Option<String> {
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
fn wrong_subnet(networks: &[Network], answer: &Answer) -> Option<String> {
    let has_prefixes_only = !answer.addresses.is_empty() && answer.addresses.iter().all(Leased::is_delegated);
    if has_prefixes_only { None } else { wrong_place(networks, answer) }
}

/// `NAK: no address`, `OFFER`.
pub(super) fn kind(answer: &Answer) -> String {
    match answer.refusal.as_deref() {
        None => answer.kind.word().to_owned(),
        Some("") => format!("{} (a refusal)", answer.kind.word()).replace("NAK (a refusal)", "NAK"),
        Some(words) => format!("{}: {words}", answer.kind.word()),
    }
}

/// `192.0.2.66 (sent from 192.0.2.1, 02:00:5e:00:53:01)`.
pub(super) fn who(answer: &Answer) -> String {
    let mac = answer.mac.map_or_else(String::new, |mac| format!(", {mac}"));
    format!("{} (from {}{mac})", answer.identity(), answer.source.ip())
}

fn check(expect: &ExpectArgs, aim: &Aim<'_>) -> Check {
    let mut complaints = aim.complaints.clone();
    complaints.extend(of_tally(expect, aim));
    if aim.tally.probes == 0 && complaints.is_empty() {
        complaints.push(Complaint { state: State::Unknown, text: "interrupted before the answer".to_owned() });
    }
    complaints.sort_by_key(|complaint| std::cmp::Reverse(complaint.state));
    let state = complaints.first().map_or(State::Ok, |worst| worst.state);
    let text = match complaints[..] {
        [] => [&[well(aim)], &aim.remarks[..]].concat().join("; "),
        _ => complaints.iter().map(|complaint| complaint.text.as_str()).collect::<Vec<_>>().join("; ") + &ignored(aim),
    };
    Check { name: aim.target.name.clone(), state, text, details: Vec::new(), metrics: metrics(expect, aim) }
}

/// What came instead, where an answer is missing: ` (2 datagrams ignored: …)`.
pub(super) fn ignored(aim: &Aim<'_>) -> String {
    let is_missing = aim.tally.answered < aim.tally.probes;
    let instead = aim.tally.came_instead().filter(|_| is_missing);
    instead.map_or_else(String::new, |instead| format!(" ({instead})"))
}

/// How many different remarks are kept about one target.
const MOST_REMARKS: usize = 8;

/// What is not as it should be about answers that count, but for the form of options.
pub(super) fn remark(remarks: &mut Vec<String>, record: &Record) {
    for answer in &record.answers {
        for remark in answer.remarks.iter().filter(|remark| !remark.is_of_form()) {
            let text = format!("{}: {remark}", answer.source.ip());
            if remarks.len() < MOST_REMARKS && !remarks.contains(&text) {
                remarks.push(text);
            }
        }
    }
}

fn well(aim: &Aim<'_>) -> String {
    let servers: Vec<_> = aim.tally.servers.iter().map(|served| served.server.to_string()).collect();
    let time = slowest(aim).map_or_else(String::new, |(_, mean)| format!(" in {}", milliseconds(mean)));
    format!("{} answered{time}", servers.join(", "))
}

/// How long an answer takes: of several servers that must answer, that of the slowest, and which that is.
fn slowest<'a>(aim: &Aim<'a>) -> Option<(Option<&'a Identity>, Duration)> {
    let all = aim.tally.times.summary().map(|(_, mean, _)| (None, mean));
    let required = aim.target.required.iter().filter_map(|server| Some((Some(server), aim.tally.mean_of(server)?)));
    required.filter(|_| aim.target.required.len() > 1).chain(all).max_by_key(|(_, mean)| *mean)
}

/// What is wrong with the number of answers, and with their times.
fn of_tally(expect: &ExpectArgs, aim: &Aim<'_>) -> Vec<Complaint> {
    let tally = &aim.tally;
    let unsent = aim.unsent.iter().map(|text| Complaint { state: State::Unknown, text: text.clone() });
    let mut complaints: Vec<_> = unsent.collect();
    if tally.probes == 0 {
        return complaints;
    }
    complaints.extend(missing(aim).into_iter().map(Complaint::critical));
    let limit = |value: f64, critical: Option<f64>, warning: Option<f64>| match (critical, warning) {
        (Some(limit), _) if value >= limit => Some(State::Critical),
        (_, Some(limit)) if value >= limit => Some(State::Warning),
        _ => None,
    };
    if let Some(loss) = tally.loss()
        && loss > 0.0
        && let Some(state) = limit(loss, expect.loss_critical, expect.loss_warning)
    {
        complaints.push(Complaint { state, text: format!("{loss:.0}% of {} probes not answered", tally.probes) });
    }
    if let Some((server, mean)) = slowest(aim) {
        let seconds = |limit: Option<Duration>| limit.map(|limit| limit.as_secs_f64());
        if let Some(state) = limit(mean.as_secs_f64(), seconds(expect.critical), seconds(expect.warning)) {
            let who = server.map_or_else(String::new, |server| format!("{server} "));
            complaints.push(Complaint { state, text: format!("slow: {who}answered in {}", milliseconds(mean)) });
        }
    }
    complaints
}

/// Who should have answered and never did.
pub(super) fn missing(aim: &Aim<'_>) -> Vec<String> {
    let has_answered = |server: &Identity| aim.tally.servers.iter().any(|served| served.is(server));
    match &aim.target.required[..] {
        // Nobody can say whether there would have been one.
        _ if aim.unsent.is_some() && aim.tally.servers.is_empty() => Vec::new(),
        [] | [_] if aim.tally.servers.is_empty() => vec!["no answer".to_owned()],
        required => {
            let missing = required.iter().filter(|server| !has_answered(server));
            missing.map(|server| format!("no answer from {server}")).collect()
        }
    }
}

fn metrics(expect: &ExpectArgs, aim: &Aim<'_>) -> Vec<Metric> {
    let name = |what: &str| format!("{} {what}", aim.target.name);
    let range = |limit: Option<f64>| limit.map_or_else(String::new, |limit| limit.to_string());
    let seconds = |limit: Option<Duration>| range(limit.map(|limit| limit.as_secs_f64()));
    let tally = &aim.tally;
    let time = slowest(aim).map(|(_, mean)| mean.as_secs_f64());
    let offering = tally.servers.iter().filter(|served| served.grants > 0).count();
    let servers = u32::try_from(offering).unwrap_or(u32::MAX);
    let refusals = u32::try_from(tally.refusals).unwrap_or(u32::MAX);
    vec![
        Metric::new(name("rtt"), time)
            .unit("s")
            .warning(seconds(expect.warning))
            .critical(seconds(expect.critical))
            .min(0.0),
        Metric::new(name("loss"), tally.loss())
            .unit("%")
            .warning(range(expect.loss_warning))
            .critical(range(expect.loss_critical))
            .min(0.0)
            .max(100.0),
        Metric::new(name("offers"), f64::from(servers)).min(0.0),
        Metric::new(name("naks"), f64::from(refusals)).min(0.0),
    ]
}
