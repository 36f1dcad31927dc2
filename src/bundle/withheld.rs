//! Texts that are left out where it is not known what would be hidden in them.
//!
//! A step that learns secrets or names of clients may be given up, and a file with them may be unreadable. Then what other
//! programs have written stays out of the bundle: it cannot be searched for values that are not known.

use super::Gathered;

/// Leaves out what cannot be searched, and reports each file.
pub(super) fn leave_out(gathered: &mut Gathered, is_anonymized: bool) {
    let members = std::mem::take(&mut gathered.members);
    for member in members {
        match gathered.unlearned.reason(&member, is_anonymized) {
            Some(why) => gathered.missing(member.source, why),
            None => gathered.members.push(member),
        }
    }
    if gathered.unlearned.has_secrets() {
        let quoted = &gathered.quoted;
        for missing in gathered.missing.iter_mut().filter(|missing| quoted.contains(&missing.what)) {
            "the reason cannot be searched for secrets".clone_into(&mut missing.why);
        }
    }
}
