//! What differs from release to release.

use crate::release::Release;

/// How a release treats its loggers. Measured with 2.2.0, 2.6.3 and 3.0.4; the releases between from their change logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The release.
    pub release: Release,
}

impl Rules {
    /// Those of a release.
    #[must_use]
    pub fn new(release: Release) -> Self {
        Self { release }
    }

    fn since(self, major: u16, minor: u16, patch: u16) -> bool {
        self.release >= Release::new(major, minor, patch)
    }

    fn is_in(self, major: u16, minor: u16) -> bool {
        self.since(major, minor, 0) && !self.since(major, minor + 1, 0)
    }

    /// Whether a logger without outputs of its own writes to those of the daemon's logger; before, to none.
    #[must_use]
    pub fn outputs_are_inherited(self) -> bool {
        self.since(2, 3, 0)
    }

    /// Whether the first of several entries for the daemon's logger counts. For other loggers the last one always does.
    #[must_use]
    pub fn first_root_counts(self) -> bool {
        self.since(2, 3, 0)
    }

    /// Whether a daemon refuses logs outside one directory, where it also looks for names without a directory.
    #[must_use]
    pub fn has_log_directory(self) -> bool {
        (self.is_in(2, 4) && self.since(2, 4, 2)) || (self.is_in(2, 6) && self.since(2, 6, 3)) || self.since(2, 7, 9)
    }

    /// Whether `syslog:FACILITY` is the name of a file: a fault of the first releases with a log directory.
    #[must_use]
    pub fn takes_facility_for_file(self) -> bool {
        self.has_log_directory() && !self.since(3, 0, 0) && !(self.is_in(2, 6) && self.since(2, 6, 4))
    }

    /// Whether it knows the spelling `output-options`.
    #[must_use]
    pub fn knows_hyphens(self) -> bool {
        self.since(2, 5, 1)
    }

    /// Whether the spelling `output_options` is on its way out.
    #[must_use]
    pub fn deprecates_underscores(self) -> bool {
        self.since(2, 7, 4)
    }

    /// Whether a map `Logging` apart from the daemons' is refused.
    #[must_use]
    pub fn refuses_logging_map(self) -> bool {
        self.since(2, 0, 0)
    }

    /// The name of the list of outputs: the one that most releases from this one on read.
    #[must_use]
    pub fn outputs_key(self) -> &'static str {
        if self.knows_hyphens() { "output-options" } else { "output_options" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(release: &str) -> Rules {
        Rules::new(Release::newest_of(release).unwrap())
    }

    #[test]
    fn the_log_directory_came_with_a_security_fix() {
        let with = ["2.4.2", "2.4", "2.6.3", "2.6", "2.7.9", "3.0", "3.3"];
        assert!(with.iter().all(|release| rules(release).has_log_directory()));
        let without = ["2.2", "2.4.1", "2.5", "2.6.2", "2.7.0", "2.7.8"];
        assert!(!without.iter().any(|release| rules(release).has_log_directory()));
    }

    #[test]
    fn some_releases_take_a_facility_for_a_file() {
        for (release, takes) in [("2.2", false), ("2.4.2", true), ("2.6.3", true), ("2.6.4", false), ("3.0.0", false)] {
            assert_eq!(rules(release).takes_facility_for_file(), takes, "{release}");
        }
    }
}
