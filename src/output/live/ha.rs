//! High availability: both partners next to each other.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::cell::fitted;
use super::frame_options::bold;
use super::scene::{Scene, span};
use crate::health::State;
use crate::health::kea::answer::Partner;
use crate::top::{DaemonState, Pair, Side, served};

/// How wide the names of facts are.
const LABEL: usize = 18;
/// The same where there is little room.
const SHORT_LABEL: usize = 16;

/// The lines of all relationships.
pub(super) fn lines(scene: &Scene<'_>) -> Vec<Line<'static>> {
    let pairs = scene.model().pairs();
    if pairs.is_empty() {
        return vec![Line::from("no server reports high availability")];
    }
    let mut lines = Vec::new();
    for pair in &pairs {
        lines.extend(self::pair(scene, pair));
        lines.push(Line::default());
    }
    lines
}

/// What is said of one partner: by itself, if it is asked, else by the other one.
struct Seen {
    name: String,
    role: String,
    state: String,
    scopes: Vec<String>,
    serves: &'static str,
    /// How old this is.
    age: Option<i64>,
    /// Whether it does not answer, so that it may be otherwise by now.
    is_silent: bool,
}

/// What a partner serves that does not answer.
const UNKNOWN: &str = "not known";

impl Seen {
    fn itself(scene: &Scene<'_>, side: &Side<'_>) -> Self {
        let it = side.relationship;
        let is_silent = side.silent_for.is_some();
        let daemon = scene.model().servers[side.server].daemon(side.daemon);
        // Its interface may be down, whatever the scopes are that it is to serve.
        let is_out = daemon.and_then(DaemonState::verdict).is_some_and(|it| it.serves == Some(false));
        Self {
            name: scene.server(side.server),
            role: it.role.clone(),
            state: if is_silent { format!("no answer, was {}", it.state) } else { it.state.clone() },
            scopes: it.scopes.clone(),
            serves: match () {
                () if is_silent => UNKNOWN,
                () if is_out => served(it, &[]),
                () => served(it, &it.scopes),
            },
            age: silence(side),
            is_silent,
        }
    }

    /// The partner, as the server on this side has heard of it.
    fn partner(scene: &Scene<'_>, side: &Side<'_>, partner: &Partner) -> Self {
        let name = partner.name.as_ref().filter(|_| !scene.app.is_private());
        let is_silent =
            side.silent_for.is_some() || partner.communication_interrupted || partner.last_state == "unavailable";
        Self {
            name: name.map_or_else(|| "its partner".to_owned(), |name| scene.foreign(name)),
            role: partner.role.clone(),
            state: partner.last_state.clone(),
            scopes: partner.last_scopes.clone(),
            serves: if is_silent { UNKNOWN } else { served(side.relationship, &partner.last_scopes) },
            age: age(side, partner).or_else(|| silence(side)),
            is_silent,
        }
    }

    /// Its state in colour, and what else is known of it: in grey if that is old.
    fn style(&self, scene: &Scene<'_>, is_state: bool) -> Style {
        match () {
            () if self.is_silent => scene.look.faint(),
            () if is_state => scene.look.of_state(state(&self.state)),
            () => Style::new(),
        }
    }
}

/// For how many seconds a server has not answered.
fn silence(side: &Side<'_>) -> Option<i64> {
    side.silent_for.and_then(|silence| i64::try_from(silence.as_secs()).ok())
}

/// How long ago the partner was heard by a server, which has said so when it last answered.
fn age(side: &Side<'_>, partner: &Partner) -> Option<i64> {
    partner.age.map(|age| age.saturating_add(silence(side).unwrap_or(0)))
}

fn pair(scene: &Scene<'_>, pair: &Pair<'_>) -> Vec<Line<'static>> {
    let here = pair.one.relationship;
    let one = Seen::itself(scene, &pair.one);
    let other = match (&pair.other, &here.partner) {
        (Some(other), _) => Some(Seen::itself(scene, other)),
        (None, Some(partner)) => Some(Seen::partner(scene, &pair.one, partner)),
        (None, None) => None,
    };
    let daemon = scene.model().servers[pair.one.server].daemon(pair.one.daemon).and_then(|it| it.daemon);
    let title = format!("{} {}", daemon.map_or("", crate::config::Daemon::name), scene.foreign(&here.mode));
    let mut lines = vec![Line::from(Span::styled(title.trim().to_owned(), bold()))];
    let cells =
        |pick: &dyn Fn(&Seen) -> (String, Style)| [pick(&one), other.as_ref().map_or_else(Default::default, pick)];
    let fact = |label: &str, pick: &dyn Fn(&Seen) -> String| {
        row(scene, label, cells(&|it| (pick(it), it.style(scene, false))))
    };
    lines.push(row(scene, "", cells(&|it| (it.name.clone(), bold()))));
    lines.push(fact("role", &|it| it.role.clone()));
    lines.push(row(scene, "state", cells(&|it| (it.state.clone(), it.style(scene, true)))));
    lines.push(fact("serves", &|it| it.serves.to_owned()));
    lines.push(fact("scopes", &|it| match it.scopes.len() {
        0 => "-".to_owned(),
        // They are names of servers.
        count if scene.app.is_private() => count.to_string(),
        _ => it.scopes.join(" "),
    }));
    lines.push(fact("as of", &|it| it.age.map_or_else(|| "now".to_owned(), |age| format!("{} ago", span(Some(age))))));
    lines.extend(heard(scene, pair));
    let names = [one.name.as_str(), other.as_ref().map_or("", |it| it.name.as_str())];
    for text in pair.disagreements(names) {
        lines.push(Line::from(Span::styled(scene.foreign(&text), scene.look.of_state(State::Warning))));
    }
    lines.extend(findings(scene, pair));
    lines
}

/// What each has heard of the other one, in the column of that one.
fn heard(scene: &Scene<'_>, pair: &Pair<'_>) -> [Line<'static>; 3] {
    let of_partner = |label: &str, pick: &dyn Fn(&Side<'_>, &Partner) -> Option<String>| {
        let cell = |side: Option<Side<'_>>| {
            let text = side.and_then(|side| pick(&side, side.relationship.partner.as_ref()?));
            let is_old = side.is_some_and(|side| side.silent_for.is_some());
            let style = if is_old { scene.look.faint() } else { Style::new() };
            (text.unwrap_or_else(|| "-".to_owned()), style)
        };
        row(scene, label, [cell(pair.other), cell(Some(pair.one))])
    };
    [
        of_partner("last heartbeat", &|side, it| age(side, it).map(|age| format!("{} ago", span(Some(age))))),
        of_partner("unacked clients", &|_, it| {
            let unacked = it.unacked_clients?;
            // Without a number of clients to wait for, there are none left.
            let left = it.unacked_clients_left.filter(|left| *left > 0);
            Some(left.map_or_else(|| unacked.to_string(), |left| format!("{unacked}, {left} more to failover")))
        }),
        of_partner("clock skew", &|_, it| it.clock_skew.map(|skew| format!("{skew:.0} s"))),
    ]
}

fn state(state: &str) -> State {
    match state {
        "load-balancing" | "hot-standby" | "passive-backup" | "backup" => State::Ok,
        "partner-down" | "terminated" => State::Critical,
        _ => State::Warning,
    }
}

/// What the verdict on each of them says about high availability.
fn findings(scene: &Scene<'_>, pair: &Pair<'_>) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for side in [Some(pair.one), pair.other].into_iter().flatten() {
        let Some(daemon) = scene.model().servers[side.server].daemon(side.daemon) else { continue };
        let about = daemon.findings().iter().filter(|it| it.id.starts_with("ha-") && it.state != State::Ok);
        for finding in about {
            let text = format!("{}: {}", scene.server(side.server), scene.foreign(&finding.text));
            let width = usize::from(scene.look.width);
            let style = scene.look.of_state(finding.state);
            let folded = crate::output::usage::table::fold(&text, width, "  ");
            lines.extend(folded.into_iter().map(|line| Line::from(Span::styled(line, style))));
        }
    }
    lines
}

fn row(scene: &Scene<'_>, label: &str, values: [(String, Style); 2]) -> Line<'static> {
    let label_width = if scene.look.width < 60 { SHORT_LABEL } else { LABEL };
    let width = (usize::from(scene.look.width).saturating_sub(label_width) / 2).saturating_sub(1);
    let value = |(text, style): (String, Style)| {
        Span::styled(fitted(&scene.foreign(&text), width, false, scene.look.is_ascii) + " ", style)
    };
    let [one, other] = values.map(value);
    Line::from(vec![Span::styled(format!("{label:<label_width$}"), scene.look.faint()), one, other])
}
