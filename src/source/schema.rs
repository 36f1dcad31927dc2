//! The schema version that a database reports: it is printed and compared with the newest known one, but never decides
//! how rows are read.

use std::fmt;

use super::Visitor;

/// A schema version as in the table `schema_version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub(super) major: i64,
    pub(super) minor: i64,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Warns about a schema newer than this program; it is read like the newest known one.
pub(super) fn remark_on_newer(server: &str, found: Option<Version>, newest: Version, visitor: &mut dyn Visitor) {
    if let Some(found) = found.filter(|found| *found > newest) {
        visitor.remark(&format!(
            "{server} schema {found} is newer than {newest}, the newest this program knows; columns added since are not read"
        ));
    }
}
