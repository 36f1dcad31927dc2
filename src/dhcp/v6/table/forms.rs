//! The forms of DHCPv6 options that are more than a number, an address or text.

use super::OPTIONS;
use crate::dhcp::table::{Entry, Space};
use crate::dhcp::v6::duid::{self, DuidKind};
use crate::dhcp::v6::kind::STATUS_CODES;
use crate::dhcp::value::{Codec, Field, Format, Numbers, Text, Value, Width, domain};

/// Suboptions of option 56 (RFC 5908).
pub static NTP: Space = Space {
    what: "NTP suboptions",
    code: Width::Two,
    length: Width::Two,
    has_pads: false,
    entries: || &[NTP_ENTRIES],
    unknown: Format::Hex,
    formats: || &[],
};
const NTP_ENTRIES: &[Entry] = &[
    Entry::new(1, "NTP_SUBOPTION_SRV_ADDR", "address", Format::Ip6),
    Entry::new(2, "NTP_SUBOPTION_MC_ADDR", "multicast", Format::Ip6),
    Entry::new(3, "NTP_SUBOPTION_SRV_FQDN", "name", Format::Name),
];

/// What vendors put into option 17: their own numbers.
pub static VENDOR: Space = Space {
    what: "vendor options",
    code: Width::Two,
    length: Width::Two,
    has_pads: false,
    entries: || &[],
    unknown: Format::Opaque,
    formats: || &[],
};

pub(super) static RECONFIGURE: Numbers = Numbers {
    what: "message type",
    width: Width::One,
    names: &[(5, "RENEW"), (6, "REBIND"), (11, "INFORMATION-REQUEST")],
};
static QUERIES: Numbers = Numbers {
    what: "query type",
    width: Width::One,
    names: &[(1, "by-address"), (2, "by-client-id"), (3, "by-relay-id"), (4, "by-link-address"), (5, "by-remote-id")],
};

pub(super) const DUID: Format = Format::Custom(&Codec {
    name: "a DUID",
    example: "ll:02:00:00:00:00:01",
    parse: |text, is_top, out| {
        out.append(&mut duid::parse(&text.string(is_top)?)?);
        Ok(())
    },
    decode: |octets| (!octets.is_empty()).then(|| Value::Text(DuidKind::from_octets(octets).to_string().into_bytes())),
});

/// A domain name to the end; without a dot at its end it is the beginning of one (RFC 4704 section 4.2).
const PARTIAL_NAME: Format = Format::Custom(&Codec {
    name: "a domain name, with a dot at its end if it is whole",
    example: "host.example.org.",
    parse: parse_partial_name,
    decode: decode_partial_name,
});

fn parse_partial_name(text: &mut Text<'_>, is_top: bool, out: &mut Vec<u8>) -> Result<(), String> {
    let name = text.string(is_top)?;
    if domain::is_whole(&name) { domain::write(&name, out) } else { domain::write_labels(&name, out) }
}

fn decode_partial_name(octets: &[u8]) -> Option<Value> {
    if octets.is_empty() {
        return Some(Value::Name(String::new()));
    }
    let whole = domain::read(octets).filter(|(_, length)| *length == octets.len());
    let text = match whole {
        Some((name, _)) if name == "." => name,
        Some((name, _)) => format!("{name}."),
        None => {
            let ended = [octets, &[0]].concat();
            domain::read(&ended).filter(|(_, length)| *length == ended.len())?.0
        }
    };
    Some(Value::Name(text))
}

pub(super) const OPTIONS_FORMAT: Format = Format::Options(&OPTIONS);
pub(super) const OPTIONS_WITHIN: Field = Field::optional("options", OPTIONS_FORMAT);
pub(super) const ADDRESSES: Format = Format::List(&Format::Ip6);
pub(super) const CODES: Format = Format::List(&Format::Code(&OPTIONS));
pub(super) const TEXTS: Format = Format::List(&Format::Counted(Width::Two, &Format::Text));
pub(super) const IAID: Field = Field::new("iaid", Format::U32);
pub(super) const ENTERPRISE: Field = Field::new("enterprise", Format::U32);
pub(super) const ARCHITECTURES: Format = Format::List(&Format::U16);

/// `IA_NA`, `IA_PD` and what is like them.
pub(super) const ASSOCIATION: Format = Format::Record(&[
    IAID,
    Field::optional("t1", Format::Seconds),
    Field::optional("t2", Format::Seconds),
    OPTIONS_WITHIN,
]);
pub(super) const IAADDR: Format = Format::Record(&[
    Field::new("address", Format::Ip6),
    Field::optional("preferred", Format::Seconds),
    Field::optional("valid", Format::Seconds),
    OPTIONS_WITHIN,
]);
pub(super) const IAPREFIX: Format = Format::Record(&[
    Field::optional("preferred", Format::Seconds),
    Field::optional("valid", Format::Seconds),
    Field::new("prefix-length", Format::U8),
    Field::new("prefix", Format::Ip6),
    OPTIONS_WITHIN,
]);
pub(super) const AUTH: Format = Format::Record(&[
    Field::new("protocol", Format::U8),
    Field::new("algorithm", Format::U8),
    Field::optional("rdm", Format::U8),
    Field::optional("replay", Format::U64),
    Field::optional("information", Format::Hex),
]);
pub(super) const STATUS: Format =
    Format::Record(&[Field::new("status", Format::Named(&STATUS_CODES)), Field::optional("message", Format::Text)]);
pub(super) const VENDOR_CLASS: Format = Format::Record(&[ENTERPRISE, Field::optional("data", TEXTS)]);
pub(super) const VENDOR_OPTS: Format =
    Format::Record(&[ENTERPRISE, Field::optional("options", Format::Options(&VENDOR))]);
pub(super) const FQDN: Format =
    Format::Record(&[Field::optional("flags", Format::U8), Field::new("name", PARTIAL_NAME)]);
pub(super) const LQ_QUERY: Format = Format::Record(&[
    Field::new("query", Format::Named(&QUERIES)),
    Field::optional("link", Format::Ip6),
    OPTIONS_WITHIN,
]);
pub(super) const NII: Format =
    Format::Record(&[Field::new("type", Format::U8), Field::new("major", Format::U8), Field::new("minor", Format::U8)]);
/// RFC 6731.
pub(super) const RDNSS: Format = Format::Record(&[
    Field::new("server", Format::Ip6),
    Field::optional("preference", Format::U8),
    Field::optional("domains", Format::Names),
]);
/// RFC 6784.
pub(super) const KDC: Format = Format::Record(&[
    Field::new("priority", Format::U16),
    Field::new("weight", Format::U16),
    Field::new("transport", Format::U8),
    Field::new("port", Format::U16),
    Field::new("address", Format::Ip6),
    Field::optional("realm", Format::Text),
]);
pub(super) const LINK_LAYER: Format =
    Format::Record(&[Field::new("type", Format::U16), Field::new("address", Format::Hex)]);
/// RFC 7078.
pub(super) const POLICY: Format = Format::Record(&[
    Field::new("label", Format::U8),
    Field::new("precedence", Format::U8),
    Field::new("prefix", Format::Prefix6),
]);
/// RFC 7598.
pub(super) const S46_RULE: Format = Format::Record(&[
    Field::new("flags", Format::U8),
    Field::new("ea-length", Format::U8),
    Field::new("prefix4-length", Format::U8),
    Field::new("prefix4", Format::Ip4),
    Field::new("prefix6", Format::Prefix6),
    OPTIONS_WITHIN,
]);
pub(super) const S46_BIND: Format =
    Format::Record(&[Field::new("address", Format::Ip4), Field::new("prefix6", Format::Prefix6), OPTIONS_WITHIN]);
pub(super) const S46_PORTS: Format = Format::Record(&[
    Field::new("offset", Format::U8),
    Field::new("psid-length", Format::U8),
    Field::new("psid", Format::U16),
]);
/// RFC 7600.
pub(super) const MAP_RULE: Format = Format::Record(&[
    Field::new("prefix4-length", Format::U8),
    Field::new("prefix6-length", Format::U8),
    Field::new("ea-length", Format::U8),
    Field::new("flags", Format::U8),
    Field::new("prefix4", Format::Ip4),
    Field::new("prefix6", Format::Ip6),
]);
pub(super) const NON_MAP_RULE: Format = Format::Record(&[
    Field::new("flags", Format::U8),
    Field::new("traffic-class", Format::U8),
    Field::new("pmtu", Format::U16),
]);
/// RFC 8947.
pub(super) const LLADDR: Format = Format::Record(&[
    Field::new("type", Format::U16),
    Field::new("address", Format::Counted(Width::Two, &Format::Hex)),
    Field::optional("extra", Format::U32),
    Field::optional("valid", Format::Seconds),
    OPTIONS_WITHIN,
]);
/// RFC 9463. Addresses and service parameters may be missing altogether, hence as octets.
pub(super) const DNR: Format = Format::Record(&[
    Field::new("priority", Format::U16),
    Field::new("name", Format::Counted(Width::Two, &Format::Name)),
    Field::optional("addresses-and-parameters", Format::Hex),
]);
