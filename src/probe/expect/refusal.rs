//! Whether an expectation is about a refusal, or about no answer at all: an exchange that ends so is a failure unless that was
//! expected.

use super::{Expectation, Field, Found, Subject, Test};
use crate::dhcp::v6::STATUS_CODES;
use crate::dhcp::{v4, v6};
use crate::family::Family;
use crate::probe::AnswerKind;

impl Expectation {
    /// Whether a refusal is among what it allows: a NAK, or in DHCPv6 an answer with an error status.
    #[must_use]
    pub fn allows_refusal(&self, family: Family) -> bool {
        match self.subject {
            Subject::Count(Some(AnswerKind::Nak)) => true,
            Subject::Count(Some(AnswerKind::Ack | AnswerKind::Reply)) => self.allows_silence(),
            Subject::Count(_) => false,
            Subject::Field(field) => field == Field::Type && self.judge(Some(&Found::text("nak"))).is_ok(),
            Subject::Option(code) => self.test.is_positive() && (is_of_refusals(family, code) || self.names_status()),
        }
    }

    /// Whether no answer is among what it allows: a count that may be 0.
    #[must_use]
    pub fn allows_silence(&self) -> bool {
        matches!(self.subject, Subject::Count(_)) && self.judge(Some(&Found::number(0))).is_ok()
    }

    /// Whether it requires that an answer has no addresses, or no prefixes, of those that were requested.
    #[must_use]
    pub fn allows_lack(&self, family: Family) -> bool {
        const ASSOCIATIONS: [u16; 3] = [v6::code::IA_NA, v6::code::IA_TA, v6::code::IA_PD];
        let is_association = matches!(self.subject, Subject::Option(code) if ASSOCIATIONS.contains(&code));
        family == Family::V6 && is_association && matches!(self.test, Test::Absent)
    }

    /// Whether an error status is in what was typed, such as `ia-na contains NoAddrsAvail`.
    fn names_status(&self) -> bool {
        let text = self.text.to_ascii_lowercase();
        STATUS_CODES.names.iter().any(|(code, name)| *code != 0 && text.contains(&name.to_ascii_lowercase()))
    }
}

impl Test {
    /// Whether it says what there is, and not what there is not.
    fn is_positive(&self) -> bool {
        !matches!(self, Self::Absent | Self::Equal(_, false))
    }
}

/// Whether servers send this option to say why they refuse.
fn is_of_refusals(family: Family, code: u16) -> bool {
    match family {
        Family::V4 => [v4::option::MESSAGE_TYPE, v4::option::MESSAGE].map(u16::from).contains(&code),
        Family::V6 => code == v6::code::STATUS_CODE,
    }
}
