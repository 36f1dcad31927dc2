//! What a user wants of loggers: `PATTERN=SEVERITY[:LEVEL][@OUTPUT]`.

use super::names;
use super::pattern;
use super::threshold::{HIGHEST_LEVEL, Threshold};
use crate::config::Daemon;
use crate::release::Release;

/// A wish about all loggers that a pattern fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The pattern: names in full, or without the daemon's.
    pub pattern: String,
    /// From which severity on they are to log.
    pub threshold: Threshold,
    /// Where they are to write; `{daemon}` in it is the name of the daemon.
    pub output: Option<String>,
}

impl Change {
    /// Reads a wish as it is typed. DEBUG without a level is all of it.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |cause: String| format!("{cause} (as in kea-dhcp4.leases=DEBUG:55@/var/log/kea/leases.log)");
        let (pattern, rest) = text.split_once('=').ok_or_else(|| wrong("no \"=\" in it".to_owned()))?;
        let (severity, output) =
            rest.split_once('@').map_or((rest, None), |(severity, output)| (severity, Some(output)));
        let (severity, level) = severity.split_once(':').map_or((severity, None), |(name, level)| (name, Some(level)));
        if pattern.is_empty() {
            return Err(wrong("no logger is named".to_owned()));
        }
        let has_level = level.is_some();
        let number = |level: &str| level.parse().ok().filter(|level| *level <= HIGHEST_LEVEL);
        let level = match level {
            None => HIGHEST_LEVEL,
            Some(level) => number(level).ok_or_else(|| wrong(format!("\"{level}\" is no debug level from 0 to 99")))?,
        };
        let known = "DEBUG, INFO, WARN, ERROR, FATAL or NONE";
        let threshold =
            Threshold::read(severity, level).ok_or_else(|| wrong(format!("\"{severity}\" is no severity: {known}")))?;
        if has_level && !threshold.is_debug() {
            return Err(wrong("only DEBUG has levels".to_owned()));
        }
        if output == Some("") {
            return Err(wrong("no output after \"@\"".to_owned()));
        }
        if let Some(name) = output.and_then(unknown_word) {
            return Err(wrong(format!("{{{name}}} is not known in an output, only {{daemon}}")));
        }
        Ok(Self { pattern: pattern.to_owned(), threshold, output: output.map(str::to_owned) })
    }

    /// Whether it is about the logger `child` of a daemon called `root`; empty is the daemon's own logger.
    pub(super) fn is_about(&self, root: &str, child: &str) -> bool {
        if child.is_empty() {
            return pattern::fits(&self.pattern, root);
        }
        pattern::fits(&self.pattern, &format!("{root}.{child}")) || pattern::fits(&self.pattern, child)
    }

    /// The daemons of which a release has loggers that it is about.
    #[must_use]
    pub fn daemons(&self, release: Release) -> Vec<Daemon> {
        let has_one = |daemon: &Daemon| {
            let all = names::own_of(*daemon, release).into_iter().chain(names::of_hooks(*daemon, release));
            std::iter::once("").chain(all).any(|child| self.is_about(names::root(*daemon), child))
        };
        Daemon::ALL.into_iter().filter(has_one).collect()
    }

    /// Whether it names loggers by a pattern.
    pub(super) fn has_wildcards(&self) -> bool {
        pattern::has_wildcards(&self.pattern)
    }

    pub(super) fn exactness(&self) -> usize {
        pattern::exactness(&self.pattern)
    }
}

/// A word in braces that is not replaced, and would become part of a file's name.
fn unknown_word(output: &str) -> Option<&str> {
    let words = output.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    words.map(|(word, _)| word).find(|word| *word != "daemon")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> (String, String, Option<String>) {
        let change = Change::parse(text).unwrap();
        (change.pattern, change.threshold.to_string(), change.output)
    }

    #[test]
    fn a_wish_has_a_pattern_a_severity_and_an_output() {
        assert_eq!(parsed("*=INFO"), ("*".into(), "INFO".into(), None));
        let (pattern, threshold, output) = parsed("kea-dhcp4.*-hooks=debug:55@/var/log/kea/hooks.log");
        assert_eq!((pattern.as_str(), threshold.as_str()), ("kea-dhcp4.*-hooks", "DEBUG 55"));
        assert_eq!(output.as_deref(), Some("/var/log/kea/hooks.log"));
        assert_eq!(parsed("*=DEBUG@syslog:local1"), ("*".into(), "DEBUG 99".into(), Some("syslog:local1".into())));
        assert_eq!(parsed("*=INFO@syslog:local1").1, "INFO");
    }

    #[test]
    fn what_is_no_wish_is_refused() {
        for (text, cause) in [
            ("*", "no \"=\""),
            ("=INFO", "no logger"),
            ("*=LOUD", "no severity"),
            ("*=DEBUG:100", "no debug level"),
            ("*=INFO:3", "only DEBUG"),
            ("*=INFO@", "no output"),
            ("*=INFO@/var/log/kea/{deamon}.log", "{deamon} is not known"),
        ] {
            let error = Change::parse(text).unwrap_err();
            assert!(error.contains(cause), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text: String) {
            let _ = Change::parse(&text);
        }
    }
}
