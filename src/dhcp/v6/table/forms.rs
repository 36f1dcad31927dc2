//! The forms of DHCPv6 options that are more than a number, an address or text.

use super::OPTIONS;
use crate::dhcp::table::{Entry, Space};
use crate::dhcp::v6::duid::{self, DuidKind};
use crate::dhcp::v6::kind::STATUS_CODES;
use crate::dhcp::value::{Codec, Field, Numbers, Text, Value, ValueFormat, Width, domain};

/// Suboptions of option 56 (RFC 5908).
pub static NTP: Space = Space {
    what: "NTP suboptions",
    code: Width::Two,
    length: Width::Two,
    has_pads: false,
    entries: || &[NTP_ENTRIES],
    unknown: ValueFormat::Hex,
    formats: || &[],
};
const NTP_ENTRIES: &[Entry] = &[
    Entry::new(1, "NTP_SUBOPTION_SRV_ADDR", "address", ValueFormat::Ip6),
    Entry::new(2, "NTP_SUBOPTION_MC_ADDR", "multicast", ValueFormat::Ip6),
    Entry::new(3, "NTP_SUBOPTION_SRV_FQDN", "name", ValueFormat::Name),
];

/// What vendors put into option 17: their own numbers.
pub static VENDOR: Space = Space {
    what: "vendor options",
    code: Width::Two,
    length: Width::Two,
    has_pads: false,
    entries: || &[],
    unknown: ValueFormat::Opaque,
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

pub(super) const DUID: ValueFormat = ValueFormat::Custom(&Codec {
    name: "a DUID",
    example: "ll:02:00:00:00:00:01",
    parse: |text, is_top, out| {
        out.append(&mut duid::parse(&text.string(is_top)?)?);
        Ok(())
    },
    decode: |octets| (!octets.is_empty()).then(|| Value::Text(DuidKind::from_octets(octets).to_string().into_bytes())),
});

/// A domain name to the end; without a dot at its end it is the beginning of one (RFC 4704 section 4.2).
const PARTIAL_NAME: ValueFormat = ValueFormat::Custom(&Codec {
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

pub(super) const OPTIONS_FORMAT: ValueFormat = ValueFormat::Options(&OPTIONS);
pub(super) const OPTIONS_WITHIN: Field = Field::optional("options", OPTIONS_FORMAT);
pub(super) const ADDRESSES: ValueFormat = ValueFormat::List(&ValueFormat::Ip6);
pub(super) const CODES: ValueFormat = ValueFormat::List(&ValueFormat::Code(&OPTIONS));
pub(super) const TEXTS: ValueFormat = ValueFormat::List(&ValueFormat::Counted(Width::Two, &ValueFormat::Text));
pub(super) const IAID: Field = Field::new("iaid", ValueFormat::U32);
pub(super) const ENTERPRISE: Field = Field::new("enterprise", ValueFormat::U32);
pub(super) const ARCHITECTURES: ValueFormat = ValueFormat::List(&ValueFormat::U16);

/// `IA_NA`, `IA_PD` and what is like them.
pub(super) const ASSOCIATION: ValueFormat = ValueFormat::Record(&[
    IAID,
    Field::optional("t1", ValueFormat::Seconds),
    Field::optional("t2", ValueFormat::Seconds),
    OPTIONS_WITHIN,
]);
pub(super) const IAADDR: ValueFormat = ValueFormat::Record(&[
    Field::new("address", ValueFormat::Ip6),
    Field::optional("preferred", ValueFormat::Seconds),
    Field::optional("valid", ValueFormat::Seconds),
    OPTIONS_WITHIN,
]);
pub(super) const IAPREFIX: ValueFormat = ValueFormat::Record(&[
    Field::optional("preferred", ValueFormat::Seconds),
    Field::optional("valid", ValueFormat::Seconds),
    Field::new("prefix-length", ValueFormat::U8),
    Field::new("prefix", ValueFormat::Ip6),
    OPTIONS_WITHIN,
]);
pub(super) const AUTH: ValueFormat = ValueFormat::Record(&[
    Field::new("protocol", ValueFormat::U8),
    Field::new("algorithm", ValueFormat::U8),
    Field::optional("rdm", ValueFormat::U8),
    Field::optional("replay", ValueFormat::U64),
    Field::optional("information", ValueFormat::Hex),
]);
pub(super) const STATUS: ValueFormat = ValueFormat::Record(&[
    Field::new("status", ValueFormat::Named(&STATUS_CODES)),
    Field::optional("message", ValueFormat::Text),
]);
pub(super) const VENDOR_CLASS: ValueFormat = ValueFormat::Record(&[ENTERPRISE, Field::optional("data", TEXTS)]);
pub(super) const VENDOR_OPTS: ValueFormat =
    ValueFormat::Record(&[ENTERPRISE, Field::optional("options", ValueFormat::Options(&VENDOR))]);
pub(super) const FQDN: ValueFormat =
    ValueFormat::Record(&[Field::optional("flags", ValueFormat::U8), Field::new("name", PARTIAL_NAME)]);
pub(super) const LQ_QUERY: ValueFormat = ValueFormat::Record(&[
    Field::new("query", ValueFormat::Named(&QUERIES)),
    Field::optional("link", ValueFormat::Ip6),
    OPTIONS_WITHIN,
]);
pub(super) const NII: ValueFormat = ValueFormat::Record(&[
    Field::new("type", ValueFormat::U8),
    Field::new("major", ValueFormat::U8),
    Field::new("minor", ValueFormat::U8),
]);
/// RFC 6731.
pub(super) const RDNSS: ValueFormat = ValueFormat::Record(&[
    Field::new("server", ValueFormat::Ip6),
    Field::optional("preference", ValueFormat::U8),
    Field::optional("domains", ValueFormat::Names),
]);
/// RFC 6784.
pub(super) const KDC: ValueFormat = ValueFormat::Record(&[
    Field::new("priority", ValueFormat::U16),
    Field::new("weight", ValueFormat::U16),
    Field::new("transport", ValueFormat::U8),
    Field::new("port", ValueFormat::U16),
    Field::new("address", ValueFormat::Ip6),
    Field::optional("realm", ValueFormat::Text),
]);
pub(super) const LINK_LAYER: ValueFormat =
    ValueFormat::Record(&[Field::new("type", ValueFormat::U16), Field::new("address", ValueFormat::Hex)]);
/// RFC 7078.
pub(super) const POLICY: ValueFormat = ValueFormat::Record(&[
    Field::new("label", ValueFormat::U8),
    Field::new("precedence", ValueFormat::U8),
    Field::new("prefix", ValueFormat::Prefix6),
]);
/// RFC 7598.
pub(super) const S46_RULE: ValueFormat = ValueFormat::Record(&[
    Field::new("flags", ValueFormat::U8),
    Field::new("ea-length", ValueFormat::U8),
    Field::new("prefix4-length", ValueFormat::U8),
    Field::new("prefix4", ValueFormat::Ip4),
    Field::new("prefix6", ValueFormat::Prefix6),
    OPTIONS_WITHIN,
]);
pub(super) const S46_BIND: ValueFormat = ValueFormat::Record(&[
    Field::new("address", ValueFormat::Ip4),
    Field::new("prefix6", ValueFormat::Prefix6),
    OPTIONS_WITHIN,
]);
pub(super) const S46_PORTS: ValueFormat = ValueFormat::Record(&[
    Field::new("offset", ValueFormat::U8),
    Field::new("psid-length", ValueFormat::U8),
    Field::new("psid", ValueFormat::U16),
]);
/// RFC 7600.
pub(super) const MAP_RULE: ValueFormat = ValueFormat::Record(&[
    Field::new("prefix4-length", ValueFormat::U8),
    Field::new("prefix6-length", ValueFormat::U8),
    Field::new("ea-length", ValueFormat::U8),
    Field::new("flags", ValueFormat::U8),
    Field::new("prefix4", ValueFormat::Ip4),
    Field::new("prefix6", ValueFormat::Ip6),
]);
pub(super) const NON_MAP_RULE: ValueFormat = ValueFormat::Record(&[
    Field::new("flags", ValueFormat::U8),
    Field::new("traffic-class", ValueFormat::U8),
    Field::new("pmtu", ValueFormat::U16),
]);
/// RFC 8947.
pub(super) const LLADDR: ValueFormat = ValueFormat::Record(&[
    Field::new("type", ValueFormat::U16),
    Field::new("address", ValueFormat::Counted(Width::Two, &ValueFormat::Hex)),
    Field::optional("extra", ValueFormat::U32),
    Field::optional("valid", ValueFormat::Seconds),
    OPTIONS_WITHIN,
]);
/// RFC 9463. Addresses and service parameters may be missing altogether, hence as octets.
pub(super) const DNR: ValueFormat = ValueFormat::Record(&[
    Field::new("priority", ValueFormat::U16),
    Field::new("name", ValueFormat::Counted(Width::Two, &ValueFormat::Name)),
    Field::optional("addresses-and-parameters", ValueFormat::Hex),
]);
