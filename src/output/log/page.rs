//! One page for the terminal: what happened, what is wrong, what the log cannot say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Moments, client_name, rows, tables};
use crate::log::analysis::Analysis;
use crate::log::command;
use crate::log::exchange::Cause;
use crate::log::family::FamilyActivity;
use crate::log::finding::{self, Finding, Grade};
use crate::log::hook;
use crate::log::instance::Release;
use crate::log::life::Outcome;
use crate::log::line::Server;
use crate::log::stamp::SECOND;
use crate::log::tenancy::State;
use crate::output::wrap::wrapped;
use crate::text::{OneLine, count};
use crate::time::Span;

/// How many lines of one kind the page has.
const MOST: usize = 8;

/// The first release that logs packets at INFO.
const FIRST_WITH_PACKETS: Release = Release(2, 5, 3);
/// How many starts and ends of a daemon the heading has.
const MOST_EVENTS: usize = 6;

/// What there is to say where nothing needs attention.
pub(crate) fn calm(analysis: &Analysis) -> &'static str {
    match () {
        () if analysis.messages == 0 => "Nothing can be said of this time.",
        () if analysis.warnings.others().is_empty() => "Nothing in these logs needs attention.",
        () => "Nothing here is a known fault. Look at the other errors and warnings.",
    }
}

/// The page.
pub(crate) struct Page<'a> {
    pub(crate) analysis: &'a Analysis,
    pub(crate) notes: &'a [String],
    pub(crate) moments: &'a mut Moments,
    pub(crate) width: usize,
}

impl Page<'_> {
    pub(crate) fn write(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.heading(out)?;
        let found = finding::findings(self.analysis);
        self.findings(&found, out)?;
        for is_v6 in [false, true] {
            let family = self.analysis.family(is_v6);
            if family.visible.is_seen {
                self.family(is_v6, family, out)?;
            }
        }
        self.high_availability(out)?;
        self.ddns(out)?;
        self.commands(out)?;
        self.callouts(out)?;
        self.errors(out)?;
        self.missing(out)
    }

    /// A line, and further ones that are indented where it is too long.
    fn line(&self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        self.wrapped("", "      ", text, out)
    }

    /// A text in lines of words, further ones indented.
    fn wrapped(&self, first: &str, further: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let text = format!("{first}{}", OneLine(text));
        writeln!(out, "{}", wrapped(text.trim_end(), Some(self.width), further))
    }

    fn heading(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let (first, last) = (self.analysis.first, self.analysis.last);
        let period = match (first, last) {
            (Some(first), Some(last)) => {
                let span = Span(u64::try_from((last - first) / SECOND).unwrap_or(0));
                let (from, to) = (self.moments.seconds(first), self.moments.seconds(last));
                let is_same_day = from[..10] == to[..10];
                format!("{from} to {} ({span})", if is_same_day { &to[11..] } else { &to })
            }
            _ if self.analysis.messages == 0 => return self.empty(out),
            _ => "without times".to_owned(),
        };
        self.heading_of(&period, out)
    }

    /// What there is to say where no message is of the wanted time.
    fn empty(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let last = self.analysis.before.map(|last| self.moments.seconds(last));
        let text = match (last, self.analysis.is_continued) {
            (_, true) => "Kea logs: no message since the last run".to_owned(),
            (Some(last), _) => format!("Kea logs: no message of the chosen time; the last one before it is of {last}"),
            _ => "Kea logs: no message of the chosen time".to_owned(),
        };
        self.wrapped("", "  ", &text, out)?;
        self.servers(out)
    }

    fn heading_of(&mut self, period: &str, out: &mut dyn Write) -> io::Result<()> {
        let messages = count(self.analysis.messages, "message");
        let clients = count(self.analysis.clients.len() as u64, "client");
        self.wrapped("", "  ", &format!("Kea logs {period}, {messages}, {clients}"), out)?;
        self.servers(out)
    }

    fn servers(&mut self, out: &mut dyn Write) -> io::Result<()> {
        for (at, instance) in self.analysis.instances.iter().enumerate() {
            let name = self.analysis.name_on_host(at).filter(|_| instance.server != Server::Unknown);
            if let Some(name) = name {
                let release = instance.release.map_or("?".to_owned(), |release| release.to_string());
                let (first, further) = (format!("  {name:15} {release:8} "), " ".repeat(4));
                let life = self.life(at);
                self.wrapped(&first, &further, &life, out)?;
            }
        }
        for note in self.notes {
            self.wrapped("  note: ", "        ", note, out)?;
        }
        Ok(())
    }

    /// Starts, ends and reloads of a daemon.
    fn life(&mut self, at: usize) -> String {
        let life = &self.analysis.life;
        let starts = life.starts.iter().filter(|start| start.instance == at).map(|start| {
            let word = match start.outcome {
                Outcome::Started => "started",
                Outcome::Failed => "failed to start",
                Outcome::Starting => "starting",
                Outcome::Unknown => "new process",
            };
            (start.time, 1, word)
        });
        let stops = life.stops.iter().filter(|stop| stop.instance == at);
        let stops = stops.map(|stop| (stop.time, 0, if stop.is_death { "last message" } else { "shut down" }));
        let mut all: Vec<_> = starts.chain(stops).collect();
        all.sort();
        let mut text = match all.len() {
            0 if self.analysis.instances[at].messages == 0 => "no message of this time".to_owned(),
            0 => "no start or end in this time".to_owned(),
            count if count > MOST_EVENTS => format!("started or stopped {count} times, last "),
            _ => String::new(),
        };
        let hidden = all.len().saturating_sub(MOST_EVENTS);
        let shown = all.iter().skip(hidden).map(|(time, _, word)| {
            let time = time.map_or("?".to_owned(), |time| self.moments.clock(time));
            format!("{word} {time}")
        });
        text.push_str(&shown.collect::<Vec<_>>().join(", "));
        let reloads: Vec<_> = life.reloads.iter().filter(|reload| reload.instance == at && !reload.is_before).collect();
        let ok = reloads.iter().filter(|reload| reload.is_ok == Some(true)).count();
        if !reloads.is_empty() {
            let _ = write!(text, "; reloads: {ok} of {} ok", reloads.len());
        }
        text
    }

    fn findings(&mut self, found: &[Finding], out: &mut dyn Write) -> io::Result<()> {
        writeln!(out)?;
        if found.is_empty() {
            return self.line(calm(self.analysis), out);
        }
        self.line("What needs attention", out)?;
        let shown = found.iter().take(2 * MOST);
        for finding in shown {
            let mark = match finding.grade {
                Grade::Critical => "!!",
                Grade::Warning => " !",
                Grade::Notice => "  ",
            };
            let when = finding.tally.map_or(String::new(), |tally| self.moments.when(&tally));
            self.wrapped(&format!("{mark} "), "   ", &format!("{}{when}", finding.what), out)?;
            self.wrapped("     ", "     ", &finding.advice, out)?;
        }
        if found.len() > 2 * MOST {
            let more = count((found.len() - 2 * MOST) as u64, "further finding");
            self.line(&format!("   and {more}: see -f json and --failures"), out)?;
        }
        Ok(())
    }

    fn family(&mut self, is_v6: bool, family: &FamilyActivity, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out)?;
        self.line(if is_v6 { "DHCPv6" } else { "DHCPv4" }, out)?;
        if family.is_silent() && !self.analysis.knows_leases(is_v6) {
            return self.line("  no packet and no lease", out);
        }
        if family.visible.packets {
            let label = if family.has_some_packets() { "some requests" } else { "requests" };
            self.counted(label, family.requests.iter().map(|(name, count)| (*name, *count)), out)?;
        }
        let label = if family.visible.answers { "answers" } else { "given" };
        self.counted(label, family.answers.iter().map(|(name, count)| (*name, *count)), out)?;
        let unanswered =
            family.unanswered.iter().map(|(cause, all)| (cause.map_or("cause not logged", Cause::word), all.count));
        self.counted("no answer", unanswered, out)?;
        self.unknown_answers(family, out)?;
        let naks = family.naks_by_cause();
        let naks = naks.iter().map(|(cause, all)| (cause.map_or("cause not logged", Cause::word), all.count));
        self.counted("NAK because", naks, out)?;
        let stays = self.analysis.stays_at_end();
        let is_known = self.analysis.knows_leases(is_v6);
        let own = stays.iter().filter(|stay| is_known && stay.address.is_ipv6() == is_v6);
        let mut states: Vec<(&str, u64)> = Vec::new();
        for stay in own {
            match states.iter_mut().find(|state| state.0 == stay.state.word()) {
                Some(state) => state.1 += 1,
                None => states.push((stay.state.word(), 1)),
            }
        }
        states.sort_by_key(|state| state.0 != State::Active.word());
        self.counted("leases at end", states.into_iter(), out)?;
        if family.service.count() > 0 {
            let ms = |micros| format!("{} ms", rows::millis(micros));
            let (p50, p99) = (family.service.percentile(50), family.service.percentile(99));
            let text = format!("p50 {}  p99 {}  max {}", ms(p50), ms(p99), ms(family.service.most()));
            self.line(&format!("  {:14} {text}", "service time"), out)?;
        }
        self.rate(is_v6, family, out)?;
        self.declined(family, out)
    }

    fn rate(&mut self, _is_v6: bool, family: &FamilyActivity, out: &mut dyn Write) -> io::Result<()> {
        let span = self.analysis.first.zip(self.analysis.last).map_or(0, |(first, last)| last - first);
        if span < SECOND {
            return Ok(());
        }
        let per_second = |count: u64| {
            let per_mille = u128::from(count) * 1_000_000_000 / u128::try_from(span).unwrap_or(1);
            format!("{}.{:03}", per_mille / 1000, per_mille % 1000)
        };
        let answers: u64 = family.answers.values().sum();
        if answers == 0 && family.given == 0 {
            return Ok(());
        }
        self.line(
            &format!("  {:14} {} answers/s, {} leases/s", "on average", per_second(answers), per_second(family.given)),
            out,
        )
    }

    fn counted<'b>(
        &self,
        label: &str,
        all: impl Iterator<Item = (&'b str, u64)>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut line = format!("  {label:14}");
        let mut is_empty = true;
        for (name, count) in all {
            let word = format!("{} {count}", OneLine(name));
            if !is_empty && line.chars().count() + 2 + word.chars().count() > self.width {
                writeln!(out, "{line}")?;
                line = " ".repeat(16);
            }
            line.push_str(if line.len() == 16 { " " } else { "  " });
            line.push_str(&word);
            is_empty = false;
        }
        if is_empty { Ok(()) } else { writeln!(out, "{line}") }
    }

    /// Requests of which the log does not show what became of them.
    fn unknown_answers(&mut self, family: &FamilyActivity, out: &mut dyn Write) -> io::Result<()> {
        let cause =
            |cause: &Option<Cause>| cause.map_or("cause not logged".to_owned(), |it| it.word().replace('-', " "));
        let all: Vec<_> = family.unknown.iter().map(|(why, all)| format!("{} {}", cause(why), all.count)).collect();
        if all.is_empty() {
            return Ok(());
        }
        let text = format!("not answered or refused (the log does not show which): {}", all.join(", "));
        self.wrapped("  ", "    ", &text, out)
    }

    fn declined(&mut self, family: &FamilyActivity, out: &mut dyn Write) -> io::Result<()> {
        for declined in family.declined.iter().take(MOST) {
            let when = declined.time.map_or("?".to_owned(), |time| self.moments.clock(time));
            let who = client_name(&self.analysis.clients, declined.client);
            let after = if declined.is_recovered {
                "free again".to_owned()
            } else {
                let left = declined.seconds.map_or("unknown".to_owned(), |seconds| Span(seconds.into()).to_string());
                format!("unused for {left}")
            };
            self.line(&format!("  {:14} {} by {who} at {when}, {after}", "declined", declined.address), out)?;
        }
        Ok(())
    }

    fn high_availability(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let side = &self.analysis.side;
        if side.transitions.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        let (lost, synced) = (side.heartbeats_failed.count, side.syncs);
        self.line(
            &format!("High availability: {} failed, {}", count(lost, "heartbeat"), count(synced, "synchronization")),
            out,
        )?;
        let hidden = side.transitions.len().saturating_sub(2 * MOST);
        if hidden > 0 {
            self.line(&format!("  {hidden} earlier changes of state, then"), out)?;
        }
        for change in side.transitions.iter().skip(hidden) {
            let when = change.time.map_or("?".to_owned(), |time| self.moments.clock_millis(time));
            let own = || self.analysis.name_on_host(change.instance);
            let name = change.name.clone().or_else(own).unwrap_or_else(|| "?".to_owned());
            self.line(&format!("  {when}  {name:12} {} -> {}", change.from, change.to), out)?;
        }
        Ok(())
    }

    fn ddns(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let ddns = &self.analysis.side.ddns;
        if !ddns.is_seen {
            return Ok(());
        }
        writeln!(out)?;
        let shown = |count: u64| if self.analysis.shows_updates { count.to_string() } else { "?".to_owned() };
        let text = format!(
            "DNS updates: {} added, {} removed, {} failed (single attempts: {} refused, {} timed out)",
            shown(ddns.added),
            shown(ddns.removed),
            ddns.add_failed + ddns.remove_failed,
            ddns.refused,
            ddns.timeouts
        );
        self.wrapped("", "  ", &text, out)
    }

    fn commands(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let commands = &self.analysis.commands;
        let is_none = commands.counts.is_empty() && commands.forwarded.is_empty() && commands.unsure.is_empty();
        if is_none && commands.refused == 0 && commands.unreadable == 0 {
            return Ok(());
        }
        writeln!(out)?;
        let refused = if self.analysis.shows_requests {
            format!("{} refused", commands.refused)
        } else {
            "the log does not show whether any was refused".to_owned()
        };
        self.line(&format!("Commands received ({refused})"), out)?;
        let here = commands.counts.iter().map(|((at, command, user), count)| {
            let partner = self.analysis.instances.get(*at).filter(|it| it.is_paired && user.is_none());
            (command, partner.and_then(|_| command::of_partner(command)).or(user.as_deref()), count)
        });
        // What the agent passed on to a daemon whose own log is not here.
        let is_here = |server: &Server| self.analysis.instances.iter().any(|instance| instance.server == *server);
        let passed = commands.forwarded.iter().filter(|((server, ..), _)| !is_here(server));
        let all: Vec<_> =
            here.chain(passed.map(|((_, command, user), count)| (command, user.as_deref(), count))).collect();
        let users: BTreeSet<Option<&str>> = all.iter().map(|used| used.1).collect();
        for user in users {
            let mut words: Vec<(String, u64)> = Vec::new();
            for (command, _, count) in all.iter().copied().filter(|used| used.1 == user) {
                match words.iter_mut().find(|word| word.0 == *command) {
                    Some(word) => word.1 += count,
                    None => words.push((command.clone(), *count)),
                }
            }
            words.sort_by_key(|word| std::cmp::Reverse(word.1));
            let hidden = words.len().saturating_sub(12) as u64;
            let more = (hidden > 0).then_some(("further commands", hidden));
            let shown = words.iter().take(12).map(|(name, count)| (name.as_str(), *count)).chain(more);
            self.counted(user.unwrap_or("without login"), shown, out)?;
        }
        let mut unsure: BTreeMap<&str, u64> = BTreeMap::new();
        for ((_, command), count) in &commands.unsure {
            *unsure.entry(command).or_default() += count;
        }
        self.counted("or by signal", unsure.into_iter(), out)?;
        self.counted(
            "unreadable",
            (commands.unreadable > 0).then_some(("requests", commands.unreadable)).into_iter(),
            out,
        )
    }

    fn callouts(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let all = rows::callouts(self.analysis);
        let all: Vec<_> = all.into_iter().filter(|(place, _)| !hook::is_command(&place.hook)).collect();
        if all.is_empty() || !(self.analysis.v4.visible.callouts || self.analysis.v6.visible.callouts) {
            return Ok(());
        }
        writeln!(out)?;
        self.line("Slowest callouts by total time (see --hooks)", out)?;
        for (place, callouts) in all.iter().take(5) {
            let library = place.library.as_deref().map_or_else(|| format!("library {}", place.index), tables::short);
            let times = &callouts.durations;
            let numbers = format!(
                "{:>6} x, total {:.1} ms, max {:.3} ms",
                times.count(),
                rows::millis(times.total()),
                rows::millis(times.most())
            );
            self.line(&format!("  {:20} {library:16} {numbers}", place.hook), out)?;
        }
        Ok(())
    }

    fn errors(&mut self, out: &mut dyn Write) -> io::Result<()> {
        // What a finding above is made of is not listed again.
        let all = self.analysis.warnings.others();
        if all.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        self.line("Other errors and warnings", out)?;
        for (id, warning) in all.iter().take(2 * MOST) {
            let when = self.moments.when(&warning.tally);
            self.line(&format!("  {:5} {:>4} x {id}{when}", warning.severity.name(), warning.tally.count), out)?;
            self.wrapped("             ", "             ", &warning.sample, out)?;
        }
        Ok(())
    }

    /// The level at which this release logs packets.
    fn level_of_packets(&self, name: &str) -> &'static str {
        let mut own = self.analysis.instances.iter().filter(|instance| instance.server.name() == Some(name));
        match own.find_map(|instance| instance.release) {
            Some(release) if release < FIRST_WITH_PACKETS => "DEBUG 45",
            Some(_) => "INFO",
            None => "DEBUG 45 (INFO from 2.6 on)",
        }
    }

    /// What this log cannot answer, and what would show it.
    fn missing(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let mut lines = Vec::new();
        for (name, family) in [("kea-dhcp4", &self.analysis.v4), ("kea-dhcp6", &self.analysis.v6)] {
            let visible = family.visible;
            if !visible.is_seen {
                continue;
            }
            if family.is_silent() {
                lines.push(format!("packets and leases, if there were any: {name}.packets and {name}.leases at INFO"));
                continue;
            }
            let what =
                if name == "kea-dhcp4" { "NAKs, INFORMs, service times" } else { "Renew or Rebind, service times" };
            if !visible.answers {
                lines.push(format!("{what}: {name}.packets at {}", self.level_of_packets(name)));
            } else if family.has_some_packets() {
                let what = format!("requests, {what}, for a part of the time");
                lines.push(format!("{what}: {name}.packets at {}", self.level_of_packets(name)));
            }
            let has_given = ["ACK", "REPLY", "OFFER", "ADVERTISE"].iter().any(|name| family.answers.contains_key(name));
            if !visible.leases && has_given {
                lines.push(format!("leases: {name}.leases at INFO"));
            }
            if !visible.decisions && family.has_unexplained() {
                lines.push(format!("why packets were dropped: {name}.packets and {name}.bad-packets at DEBUG 50"));
            }
            if family.naks_by_cause().contains_key(&None) {
                lines.push(format!("why NAKs were sent: {name}.bad-packets at DEBUG 50"));
            }
            if !visible.decisions {
                lines.push(format!("how the server decided: {name} at DEBUG 55"));
            } else if family.has_some_decisions() {
                let hooks = if visible.callouts { ", and time in hooks" } else { "" };
                lines.push(format!("how the server decided{hooks}, for a part of the time: {name} at DEBUG 55"));
            }
            if !visible.callouts {
                lines.push(format!("time in hooks: {name}.callouts at DEBUG 55"));
            }
        }
        if lines.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        self.line("Not in these logs, and the logger that would show it", out)?;
        lines.iter().try_for_each(|line| self.wrapped("  ", "    ", line, out))
    }
}
