//! Reloads of configurations, and the outages that they cause and end.

use super::super::assemble::Message;
use super::super::instance::{Instance, Release, one_line};
use super::super::message::LogMessageKind;
use super::super::stamp::Micros;
use super::{Life, MOST};

/// A reload of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is something the log says or not")]
pub(crate) struct Reload {
    pub(crate) instance: usize,
    pub(crate) time: Option<Micros>,
    /// `None` as long as it is not over.
    pub(crate) is_ok: Option<bool>,
    is_unrecoverable: bool,
    pub(super) is_served_after: bool,
    release: Option<Release>,
    pub(crate) reason: Option<String>,
    pub(super) process: Option<usize>,
    pub(crate) is_before: bool,
    /// What ended an outage, when, and whether that was before the wanted time.
    pub(crate) end: Option<End>,
    ended: Option<Micros>,
    is_over_before: bool,
}

/// What ends an outage after a reload that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// A configuration that was good.
    Configuration,
    Start,
}

impl Reload {
    /// Whether the server may have stopped serving, since the log does not show which release it is.
    pub(crate) fn may_be_outage(&self) -> bool {
        self.release.is_none() && !self.is_served_after
    }

    /// When an outage ended.
    pub(crate) fn ended(&self) -> Option<Micros> {
        self.ended.filter(|_| self.outcome() == "failed-outage")
    }

    pub(super) fn end(&mut self, end: End, time: Option<Micros>, is_before: bool) {
        if self.is_ok == Some(false) && !self.is_served_after && self.end.is_none() {
            (self.end, self.ended, self.is_over_before) = (Some(end), time, is_before);
        }
    }

    /// Whether clients are not served, as far as the log shows, when it is over.
    pub(in super::super) fn is_lasting(&self) -> bool {
        self.end.is_none() && self.is_outage()
    }

    /// Whether it is an outage, or may be one.
    fn is_outage(&self) -> bool {
        self.outcome() == "failed-outage" || (self.is_ok == Some(false) && self.may_be_outage())
    }

    /// Whether it is of the wanted time, or what it caused reaches into it.
    pub(super) fn is_wanted(&self) -> bool {
        !self.is_before || (!self.is_over_before && self.is_outage())
    }

    pub(crate) fn outcome(&self) -> &'static str {
        let is_old = self.release.is_some_and(|release| release <= Release::LAST_WITH_OUTAGE);
        match self.is_ok {
            None => "unknown",
            Some(true) => "ok",
            Some(false) if !self.is_served_after && (self.is_unrecoverable || is_old) => "failed-outage",
            Some(false) => "failed",
        }
    }
}

impl Life {
    /// A configuration file is read again.
    pub(crate) fn reloading(&mut self, at: usize, instance: &mut Instance, (time, is_before): (Option<Micros>, bool)) {
        instance.is_reloading_libraries = true;
        if self.reloads.len() >= MOST {
            self.omitted += 1;
            instance.reload = None;
            return;
        }
        instance.reload = Some(self.reloads.len());
        self.reloads.push(Reload {
            instance: at,
            time,
            is_ok: None,
            is_unrecoverable: false,
            is_served_after: false,
            release: instance.release,
            reason: None,
            process: instance.process,
            is_before,
            end: None,
            ended: None,
            is_over_before: false,
        });
    }

    pub(super) fn reload(&mut self, instance: &Instance) -> Option<&mut Reload> {
        self.reloads.get_mut(instance.reload?)
    }

    /// A reload is over. Where the log has only errors, the line that it failed is the first of it.
    pub(crate) fn reloaded(&mut self, at: usize, instance: &mut Instance, is_ok: bool, moment: (Option<Micros>, bool)) {
        if !is_ok && self.reload(instance).is_none_or(|reload| reload.is_ok.is_some()) {
            self.reloading(at, instance, moment);
        }
        if is_ok {
            self.repaired(instance, moment);
        }
        let reason = instance.refused.take().map(|(reason, _)| reason);
        let is_unrecoverable = std::mem::take(&mut instance.is_unrecoverable);
        if let Some(reload) = self.reload(instance).filter(|reload| reload.is_ok.is_none()) {
            reload.is_ok = Some(is_ok);
            reload.is_unrecoverable |= is_unrecoverable && !is_ok;
            reload.reason = reload.reason.take().or(reason.filter(|_| !is_ok));
        }
    }

    /// A configuration is in use. During a reload it may still fail after that.
    pub(crate) fn configured(&mut self, instance: &Instance, moment: (Option<Micros>, bool)) {
        if self.reload(instance).is_some_and(|reload| reload.is_ok == Some(false)) {
            self.repaired(instance, moment);
        }
    }

    /// An outage of this process is over.
    fn repaired(&mut self, instance: &Instance, (time, is_before): (Option<Micros>, bool)) {
        let own = self.reloads.iter_mut().rev().filter(|reload| reload.process == instance.process);
        own.take_while(|reload| reload.is_ok != Some(true)).for_each(|reload| {
            reload.end(End::Configuration, time, is_before);
        });
    }

    /// Why a configuration was not taken; a test of one by command is no reload.
    pub(crate) fn not_loaded(&mut self, instance: &mut Instance, message: &Message<'_>) {
        let is_reason = message.kind == LogMessageKind::ConfigLoadFailed;
        let Some(reload) = self.reload(instance).filter(|reload| reload.is_ok.is_none()) else {
            let reason = is_reason.then(|| (one_line(message), message.time));
            instance.refused = reason.or(instance.refused.take());
            instance.is_unrecoverable |= message.kind == LogMessageKind::Unrecoverable;
            return;
        };
        reload.is_unrecoverable |= message.kind == LogMessageKind::Unrecoverable;
        if is_reason {
            reload.reason.get_or_insert_with(|| one_line(message));
        }
    }
}
