//! The options of DHCPv6: number, name, form of the value.

mod entries;
mod forms;

pub use forms::{NTP, VENDOR};

use super::SpaceId;
use crate::dhcp::table::Space;
use crate::dhcp::value::{Value, ValueFormat, Width, decode};

/// IANA's DHCPv6 options.
pub static OPTIONS: Space = Space {
    what: "DHCPv6 options",
    code: Width::Two,
    length: Width::Two,
    has_pads: false,
    entries: || &[entries::ENTRIES],
    unknown: ValueFormat::Hex,
    formats: || &[(&["duid"], forms::DUID)],
};

/// The table for options found in this place.
#[must_use]
pub fn of(place: SpaceId) -> &'static Space {
    match place {
        SpaceId::Dhcp6 => &OPTIONS,
        SpaceId::Ntp => &NTP,
        SpaceId::Vendor(_) => &VENDOR,
    }
}

/// The value of the option `code` in this place; `None` if the octets do not have the form.
#[must_use]
pub fn value(place: SpaceId, code: u16, octets: &[u8]) -> Option<Value> {
    decode(&of(place).format(code), octets)
}

/// Whether an option can have so many octets, whatever they are: a list of something has something in it. What a client asks
/// for may be nothing.
#[must_use]
pub fn can_have(code: u16, octets: usize) -> bool {
    let is_list = |entry: &crate::dhcp::table::Entry| {
        matches!(entry.format, ValueFormat::List(_) | ValueFormat::Names | ValueFormat::Text)
    };
    octets > 0 || matches!(code, super::code::ORO | 43) || !OPTIONS.by_code(code).is_some_and(is_list)
}

/// Whether a message, or an option that holds options, may have this option only once: IANA's registry says so of each
/// that it knows.
#[must_use]
pub fn is_singleton(code: u16) -> bool {
    let may_repeat = matches!(code, 3..=5 | 16 | 17 | 25 | 26 | 71..=73 | 85 | 86 | 89 | 90 | 94 | 98 | 104 | 113)
        || matches!(code, 138 | 139 | 144 | 145 | 149 | 150);
    !may_repeat && OPTIONS.by_code(code).is_some()
}

#[cfg(test)]
mod tests;
