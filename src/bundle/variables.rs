//! Variables of the environment: of all whose values are not shown there are only the names.

use super::Gathered;
use crate::redact;

/// Learns the value of a variable that is not shown.
pub(super) fn learn(name: &str, value: &str, gathered: &mut Gathered) {
    if !redact::is_shown_variable(name) {
        gathered.secrets.learn_variable(name, value);
    }
}
