//! Which options hold options or whole messages, and where in their value those begin.

use super::code;

/// Which table an option's code belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpaceId {
    /// IANA's DHCPv6 options.
    Dhcp6,
    /// Options of the vendor with this enterprise number, inside option 17.
    Vendor(u32),
    /// Suboptions of option 56 (RFC 5908).
    Ntp,
}

/// What an option holds beyond its fixed fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Octets only.
    Nothing,
    /// Options of that space, from that octet of the value on.
    Options(usize, SpaceId),
    /// A message, from that octet of the value on.
    Message(usize),
    /// It should hold options or a message, but the value ends within the fixed fields.
    Short,
}

impl Holds {
    /// What the option `code` of `space` with this value holds.
    pub(super) fn for_option(space: SpaceId, code: u16, octets: &[u8]) -> Self {
        if space != SpaceId::Dhcp6 {
            return Self::Nothing;
        }
        let holds = match code {
            code::RELAY_MSG => Self::Message(0),
            code::LQ_RELAY_DATA => Self::Message(16),
            code::NTP_SERVER => Self::Options(0, SpaceId::Ntp),
            code::VENDOR_OPTS => match octets.first_chunk() {
                Some(enterprise) => Self::Options(4, SpaceId::Vendor(u32::from_be_bytes(*enterprise))),
                None => Self::Short,
            },
            _ => match fixed_octets(code, octets) {
                Fields::Octets(length) => Self::Options(length, SpaceId::Dhcp6),
                Fields::CutShort => Self::Short,
                Fields::NoContainer => Self::Nothing,
            },
        };
        match holds {
            Self::Options(from, _) | Self::Message(from) if from > octets.len() => Self::Short,
            other => other,
        }
    }
}

enum Fields {
    Octets(usize),
    CutShort,
    NoContainer,
}

/// How many octets come before the options that an option of DHCPv6 holds.
fn fixed_octets(code: u16, octets: &[u8]) -> Fields {
    let counted = |at: usize, beyond: usize, bits: bool| match octets.get(at) {
        Some(count) if bits => Fields::Octets(beyond + usize::from(*count).div_ceil(8)),
        Some(count) => Fields::Octets(beyond + usize::from(*count)),
        None => Fields::CutShort,
    };
    match code {
        // RFC 8415: IA_NA, IA_PD; RFC 8947: IA_LL; the SRv6 locator's association is like them.
        code::IA_NA | code::IA_PD | code::IA_LL | 149 => Fields::Octets(12),
        code::IA_TA => Fields::Octets(4),
        code::IAADDR => Fields::Octets(24),
        code::IAPREFIX => Fields::Octets(25),
        code::LQ_QUERY => Fields::Octets(17),
        // RFC 7078: flags, then rows of the policy table.
        84 => Fields::Octets(1),
        // RFC 7598: a prefix of as many octets as its length in bits needs, then options.
        89 => counted(7, 8, true),
        92 => counted(4, 5, true),
        // RFC 8947: a link-layer address of the length said in octets 2 and 3, then 8 octets.
        139 => counted(3, 12, false),
        // RFC 5007, 6422, 6610, 7598, 7600: nothing but options.
        code::CLIENT_DATA | code::RSOO | 69 | 70 | 94..=97 => Fields::Octets(0),
        _ => Fields::NoContainer,
    }
}
