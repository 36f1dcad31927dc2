//! The forms of values that only DHCPv4 has, put together from the vocabulary.

use super::OPTIONS;
use super::codecs;
use super::sub::{RELAY, VENDOR, VENDOR_ENTERPRISE};
use crate::dhcp::v4::message_type;
use crate::dhcp::value::{Field, Numbers, ValueFormat, Variant, Width};

/// Addresses.
pub(super) const IPS: ValueFormat = ValueFormat::List(&ValueFormat::Ip4);
/// Option 53.
pub(super) const MESSAGE_TYPE: ValueFormat = ValueFormat::Named(&message_type::TYPES);
/// The code of one option.
pub(super) const CODE: ValueFormat = ValueFormat::Code(&OPTIONS);
/// Option 55.
pub(super) const CODES: ValueFormat = ValueFormat::List(&CODE);
/// Option 46 (RFC 2132 section 8.7).
pub(super) const NODE_TYPE: ValueFormat = ValueFormat::Custom(&codecs::NODE_TYPE);
/// An architecture of option 93.
pub(super) const ARCHITECTURE: ValueFormat = ValueFormat::Named(&ARCHITECTURE_TYPES);
/// Option 93 (RFC 4578 section 2.1).
pub(super) const ARCHITECTURES: ValueFormat = ValueFormat::List(&ARCHITECTURE);
/// Option 82 (RFC 3046).
pub(super) const RELAY_AGENT: ValueFormat = ValueFormat::Options(&RELAY);
/// Option 43 (RFC 2132 section 8.4).
pub(super) const VENDOR_SPECIFIC: ValueFormat = ValueFormat::Options(&VENDOR);
/// Options 121 and 249 (RFC 3442).
pub(super) const ROUTES: ValueFormat = ValueFormat::Custom(&codecs::ROUTES);
/// Option 81 (RFC 4702).
pub(super) const CLIENT_FQDN: ValueFormat = ValueFormat::Custom(&codecs::CLIENT_FQDN);
/// An option within text: `CODE[FORMAT]=VALUE`, as its code and its value.
pub(super) const OPTION: ValueFormat = ValueFormat::Custom(&codecs::OPTION);
/// Option 61 (RFC 2132 section 9.14).
pub(super) const CLIENT_ID: ValueFormat =
    ValueFormat::Record(&[Field::new("type", ValueFormat::U8), Field::new("clientIdentifier", ValueFormat::Hex)]);
/// Option 77 (RFC 3004).
pub(super) const USER_CLASS: ValueFormat = ValueFormat::List(&ValueFormat::Counted(Width::One, &ValueFormat::Text));
/// Option 52 (RFC 2132 section 9.3).
pub(super) const OVERLOAD: ValueFormat =
    ValueFormat::Named(&Numbers { what: "field", width: Width::One, names: &[(1, "file"), (2, "sname"), (3, "both")] });
/// Option 78 (RFC 2610).
pub(super) const SLP_AGENT: ValueFormat =
    ValueFormat::Record(&[Field::new("mandatory", ValueFormat::Bool), Field::new("addresses", IPS)]);
/// Option 79 (RFC 2610).
pub(super) const SLP_SCOPE: ValueFormat =
    ValueFormat::Record(&[Field::new("mandatory", ValueFormat::Bool), Field::new("scopes", ValueFormat::Text)]);
/// Option 83 (RFC 4174).
pub(super) const ISNS: ValueFormat = ValueFormat::Record(&[
    Field::new("functions", ValueFormat::U16),
    Field::new("discoveryAccess", ValueFormat::U16),
    Field::new("administrativeFlags", ValueFormat::U16),
    Field::new("securityBitmap", ValueFormat::U32),
    Field::new("addresses", IPS),
]);
/// Option 90 (RFC 3118).
pub(super) const AUTHENTICATION: ValueFormat = ValueFormat::Record(&[
    Field::new("protocol", ValueFormat::U8),
    Field::new("algorithm", ValueFormat::U8),
    Field::new("rdm", ValueFormat::U8),
    Field::new("replayDetection", ValueFormat::U64),
    Field::optional("information", ValueFormat::Hex),
]);
/// Option 94 (RFC 4578 section 2.2).
pub(super) const NDI: ValueFormat = ValueFormat::Record(&[
    Field::new("type", ValueFormat::U8),
    Field::new("major", ValueFormat::U8),
    Field::new("minor", ValueFormat::U8),
]);
/// Option 97 (RFC 4578 section 2.3).
pub(super) const MACHINE_ID: ValueFormat =
    ValueFormat::Record(&[Field::new("type", ValueFormat::U8), Field::new("identifier", ValueFormat::Hex)]);
/// Option 99 (RFC 4776).
pub(super) const CIVIC: ValueFormat = ValueFormat::Record(&[
    Field::new("what", ValueFormat::U8),
    Field::new("country", ValueFormat::U16),
    Field::optional("elements", ValueFormat::Hex),
]);
/// Option 116 (RFC 2563).
pub(super) const AUTO_CONFIGURE: ValueFormat = ValueFormat::Bool;
/// Option 120 (RFC 3361).
pub(super) const SIP: ValueFormat = ValueFormat::Tagged(
    Width::One,
    &[
        Variant { tag: 0, name: "names", format: ValueFormat::Names },
        Variant { tag: 1, name: "addresses", format: IPS },
    ],
);
/// Option 124 (RFC 3925 section 3).
pub(super) const VENDOR_CLASSES: ValueFormat = ValueFormat::List(&ValueFormat::Record(&[
    Field::new("enterprise", ValueFormat::U32),
    Field::new(
        "classes",
        ValueFormat::Counted(Width::One, &ValueFormat::List(&ValueFormat::Counted(Width::One, &ValueFormat::Text))),
    ),
]));
/// Option 125 (RFC 3925 section 4).
pub(super) const VENDOR_OPTIONS: ValueFormat = ValueFormat::List(&ValueFormat::Record(&[
    Field::new("enterprise", ValueFormat::U32),
    Field::optional("options", ValueFormat::Counted(Width::One, &ENTERPRISE_OPTIONS)),
]));
/// Options 122, 139 and 140: sub-options by number (RFC 3495, 5678).
pub(super) const SUB_OPTIONS: ValueFormat = ENTERPRISE_OPTIONS;
const ENTERPRISE_OPTIONS: ValueFormat = ValueFormat::Options(&VENDOR_ENTERPRISE);
/// Option 143 (RFC 8572).
pub(super) const SZTP: ValueFormat = ValueFormat::List(&ValueFormat::Counted(Width::Two, &ValueFormat::Text));
/// Option 146 (RFC 6731).
pub(super) const RDNSS_SELECTION: ValueFormat = ValueFormat::Record(&[
    Field::new("preference", ValueFormat::U8),
    Field::new("primary", ValueFormat::Ip4),
    Field::new("secondary", ValueFormat::Ip4),
    Field::new("domains", ValueFormat::Names),
]);
/// Option 151 (RFC 6926).
pub(super) const STATUS: ValueFormat = ValueFormat::Record(&[
    Field::new(
        "status",
        ValueFormat::Named(&Numbers {
            what: "status",
            width: Width::One,
            names: &[
                (0, "Success"),
                (1, "UnspecFail"),
                (2, "QueryTerminated"),
                (3, "MalformedQuery"),
                (4, "NotAllowed"),
                (5, "DataMissing"),
                (6, "ConnectionActive"),
                (7, "CatchUpComplete"),
                (8, "TLSConnectionRefused"),
            ],
        }),
    ),
    Field::optional("message", ValueFormat::Text),
]);
/// Option 156 (RFC 6926).
pub(super) const DHCP_STATE: ValueFormat = ValueFormat::Named(&Numbers {
    what: "state",
    width: Width::One,
    names: &[
        (1, "available"),
        (2, "active"),
        (3, "expired"),
        (4, "released"),
        (5, "abandoned"),
        (6, "reset"),
        (7, "remote"),
        (8, "transitioning"),
    ],
});
/// Option 158 (RFC 7291).
pub(super) const PCP: ValueFormat = ValueFormat::List(&ValueFormat::Counted(Width::One, &IPS));
/// Option 159 (RFC 7618).
pub(super) const PORT_PARAMETERS: ValueFormat = ValueFormat::Record(&[
    Field::new("offset", ValueFormat::U8),
    Field::new("psidLength", ValueFormat::U8),
    Field::new("psid", ValueFormat::U16),
]);
/// Option 162 (RFC 9463).
pub(super) const DNR: ValueFormat = ValueFormat::List(&ValueFormat::Counted(
    Width::Two,
    &ValueFormat::Record(&[
        Field::new("priority", ValueFormat::U16),
        Field::new("name", ValueFormat::Counted(Width::One, &ValueFormat::Name)),
        Field::optional("addresses", ValueFormat::Counted(Width::One, &IPS)),
        Field::optional("parameters", ValueFormat::Hex),
    ]),
));
/// Option 212 (RFC 5969).
pub(super) const SIX_RD: ValueFormat = ValueFormat::Record(&[
    Field::new("ipv4MaskLength", ValueFormat::U8),
    Field::new("prefixLength", ValueFormat::U8),
    Field::new("prefix", ValueFormat::Ip6),
    Field::new("relays", IPS),
]);
/// Option 221 (RFC 6607).
pub(super) const SUBNET_SELECTION_INFO: ValueFormat =
    ValueFormat::Record(&[Field::new("type", ValueFormat::U8), Field::optional("information", ValueFormat::Hex)]);

/// IANA's "Processor Architecture Types" (RFC 5970 section 3.3), in dhcptest's spelling, and short names beside it.
static ARCHITECTURE_TYPES: Numbers = Numbers {
    what: "processor architecture",
    width: Width::Two,
    names: &[
        (0, "x86BiosInt13h"),
        (1, "necPC98"),
        (2, "ia64"),
        (3, "decAlpha"),
        (4, "arcX86"),
        (5, "intelLeanClient"),
        (6, "x86Uefi"),
        (7, "x64Uefi"),
        (8, "efiXscale"),
        (9, "ebc"),
        (10, "arm32Uefi"),
        (11, "arm64Uefi"),
        (12, "powerPCOpenFirmware"),
        (13, "powerPCEpapr"),
        (14, "powerOpalV3"),
        (15, "x86UefiHttp"),
        (16, "x64UefiHttp"),
        (17, "ebcHttp"),
        (18, "arm32UefiHttp"),
        (19, "arm64UefiHttp"),
        (20, "pcBiosHttp"),
        (21, "arm32Uboot"),
        (22, "arm64Uboot"),
        (23, "arm32UbootHttp"),
        (24, "arm64UbootHttp"),
        (25, "riscV32Uefi"),
        (26, "riscV32UefiHttp"),
        (27, "riscV64Uefi"),
        (28, "riscV64UefiHttp"),
        (29, "riscV128Uefi"),
        (30, "riscV128UefiHttp"),
        (31, "s390Basic"),
        (32, "s390Extended"),
        (33, "mips32Uefi"),
        (34, "mips64Uefi"),
        (35, "sunwayUefi"),
        (36, "sunway64Uefi"),
        (37, "loongArch32Uefi"),
        (38, "loongArch32UefiHttp"),
        (39, "loongArch64Uefi"),
        (40, "loongArch64UefiHttp"),
        (41, "armRpiboot"),
        (0, "bios"),
        (6, "efi32"),
        (7, "efi64"),
        (11, "arm64"),
    ],
};
