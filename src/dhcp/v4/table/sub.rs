//! Options within options of DHCPv4.

use crate::dhcp::table::{Entry, Space};
use crate::dhcp::value::{Field, ValueFormat, Width};

/// Sub-options of option 82: IANA's "DHCP Relay Agent Sub-Option Codes".
pub static RELAY: Space = Space {
    what: "relay agent sub-options",
    code: Width::One,
    length: Width::One,
    has_pads: false,
    entries: || &[RELAY_ENTRIES],
    unknown: ValueFormat::Opaque,
    formats: || &[],
};

const RELAY_ENTRIES: &[Entry] = &[
    Entry::new(1, "Agent Circuit ID", "agentCircuitID", ValueFormat::Opaque).also(&["circuit-id"]),
    Entry::new(2, "Agent Remote ID", "agentRemoteID", ValueFormat::Opaque).also(&["remote-id"]),
    Entry::new(4, "DOCSIS Device Class", "docsis-device-class", ValueFormat::U32),
    Entry::new(5, "Link Selection", "link-selection", ValueFormat::Ip4),
    Entry::new(6, "Subscriber-ID", "subscriber-id", ValueFormat::Opaque),
    Entry::new(7, "RADIUS Attributes", "radius", ValueFormat::Hex),
    Entry::new(8, "Authentication", "auth", ValueFormat::Hex),
    Entry::new(9, "Vendor-Specific Information", "vendor-specific-info", VENDOR_DATA),
    Entry::new(10, "Relay Agent Flags", "relay-flags", ValueFormat::U8),
    Entry::new(11, "Server Identifier Override", "server-id-override", ValueFormat::Ip4),
    Entry::new(12, "Relay Agent Identifier", "relay-id", ValueFormat::Hex),
    Entry::new(13, "Access Technology Type", "access-techno-type", ValueFormat::Hex),
    Entry::new(14, "Access Network Name", "access-network-name", ValueFormat::Opaque),
    Entry::new(15, "Access Point Name", "access-point-name", ValueFormat::Opaque),
    Entry::new(16, "Access Point BSSID", "access-point-bssid", ValueFormat::Hex),
    Entry::new(17, "Operator Identifier", "operator-id", ValueFormat::Hex),
    Entry::new(18, "Operator Realm", "operator-realm", ValueFormat::Opaque),
    Entry::new(19, "Relay Agent Source Port", "relay-port", ValueFormat::Hex),
    Entry::new(20, "Link-Address", "link-address", ValueFormat::Hex),
    Entry::new(21, "DHCPv6 Relay Source Port", "relay-source-port", ValueFormat::Hex),
    Entry::new(151, "Virtual Subnet Selection", "virtual-subnet-select", ValueFormat::Opaque),
    Entry::new(152, "Virtual Subnet Selection Control", "virtual-subnet-select-ctrl", ValueFormat::Present),
];

/// RFC 4243: data of several vendors.
const VENDOR_DATA: ValueFormat = ValueFormat::List(&ValueFormat::Record(&[
    Field::new("enterprise", ValueFormat::U32),
    Field::new("data", ValueFormat::Counted(Width::One, &ValueFormat::Hex)),
]));

/// Option 43: codes have a meaning to one vendor only.
pub(super) static VENDOR: Space = Space {
    what: "vendor options",
    code: Width::One,
    length: Width::One,
    has_pads: true,
    entries: || &[VENDOR_ENTRIES],
    unknown: ValueFormat::Opaque,
    formats: || &[],
};

const VENDOR_ENTRIES: &[Entry] =
    &[Entry::new(0, "Pad", "pad", ValueFormat::Present), Entry::new(255, "End", "end", ValueFormat::Present)];

/// Options of one vendor in option 125, where no padding is known.
pub(super) static VENDOR_ENTERPRISE: Space = Space {
    what: "vendor options",
    code: Width::One,
    length: Width::One,
    has_pads: false,
    entries: || &[],
    unknown: ValueFormat::Opaque,
    formats: || &[],
};
