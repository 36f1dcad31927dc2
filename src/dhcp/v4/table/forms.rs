//! The forms of values that only DHCPv4 has, put together from the vocabulary.

use super::OPTIONS;
use super::codecs;
use super::sub::{RELAY, VENDOR, VENDOR_ENTERPRISE};
use crate::dhcp::v4::message_type;
use crate::dhcp::value::{Field, Format, Numbers, Variant, Width};

/// Addresses.
pub(super) const IPS: Format = Format::List(&Format::Ip4);
/// Option 53.
pub(super) const MESSAGE_TYPE: Format = Format::Named(&message_type::TYPES);
/// The code of one option.
pub(super) const CODE: Format = Format::Code(&OPTIONS);
/// Option 55.
pub(super) const CODES: Format = Format::List(&CODE);
/// Option 46 (RFC 2132 section 8.7).
pub(super) const NODE_TYPE: Format = Format::Custom(&codecs::NODE_TYPE);
/// An architecture of option 93.
pub(super) const ARCHITECTURE: Format = Format::Named(&ARCHITECTURE_TYPES);
/// Option 93 (RFC 4578 section 2.1).
pub(super) const ARCHITECTURES: Format = Format::List(&ARCHITECTURE);
/// Option 82 (RFC 3046).
pub(super) const RELAY_AGENT: Format = Format::Options(&RELAY);
/// Option 43 (RFC 2132 section 8.4).
pub(super) const VENDOR_SPECIFIC: Format = Format::Options(&VENDOR);
/// Options 121 and 249 (RFC 3442).
pub(super) const ROUTES: Format = Format::Custom(&codecs::ROUTES);
/// Option 81 (RFC 4702).
pub(super) const CLIENT_FQDN: Format = Format::Custom(&codecs::CLIENT_FQDN);
/// An option within text: `CODE[FORMAT]=VALUE`, as its code and its value.
pub(super) const OPTION: Format = Format::Custom(&codecs::OPTION);
/// Option 61 (RFC 2132 section 9.14).
pub(super) const CLIENT_ID: Format =
    Format::Record(&[Field::new("type", Format::U8), Field::new("clientIdentifier", Format::Hex)]);
/// Option 77 (RFC 3004).
pub(super) const USER_CLASS: Format = Format::List(&Format::Counted(Width::One, &Format::Text));
/// Option 52 (RFC 2132 section 9.3).
pub(super) const OVERLOAD: Format =
    Format::Named(&Numbers { what: "field", width: Width::One, names: &[(1, "file"), (2, "sname"), (3, "both")] });
/// Option 78 (RFC 2610).
pub(super) const SLP_AGENT: Format =
    Format::Record(&[Field::new("mandatory", Format::Bool), Field::new("addresses", IPS)]);
/// Option 79 (RFC 2610).
pub(super) const SLP_SCOPE: Format =
    Format::Record(&[Field::new("mandatory", Format::Bool), Field::new("scopes", Format::Text)]);
/// Option 83 (RFC 4174).
pub(super) const ISNS: Format = Format::Record(&[
    Field::new("functions", Format::U16),
    Field::new("discoveryAccess", Format::U16),
    Field::new("administrativeFlags", Format::U16),
    Field::new("securityBitmap", Format::U32),
    Field::new("addresses", IPS),
]);
/// Option 90 (RFC 3118).
pub(super) const AUTHENTICATION: Format = Format::Record(&[
    Field::new("protocol", Format::U8),
    Field::new("algorithm", Format::U8),
    Field::new("rdm", Format::U8),
    Field::new("replayDetection", Format::U64),
    Field::optional("information", Format::Hex),
]);
/// Option 94 (RFC 4578 section 2.2).
pub(super) const NDI: Format =
    Format::Record(&[Field::new("type", Format::U8), Field::new("major", Format::U8), Field::new("minor", Format::U8)]);
/// Option 97 (RFC 4578 section 2.3).
pub(super) const MACHINE_ID: Format =
    Format::Record(&[Field::new("type", Format::U8), Field::new("identifier", Format::Hex)]);
/// Option 99 (RFC 4776).
pub(super) const CIVIC: Format = Format::Record(&[
    Field::new("what", Format::U8),
    Field::new("country", Format::U16),
    Field::optional("elements", Format::Hex),
]);
/// Option 116 (RFC 2563).
pub(super) const AUTO_CONFIGURE: Format = Format::Bool;
/// Option 120 (RFC 3361).
pub(super) const SIP: Format = Format::Tagged(
    Width::One,
    &[Variant { tag: 0, name: "names", format: Format::Names }, Variant { tag: 1, name: "addresses", format: IPS }],
);
/// Option 124 (RFC 3925 section 3).
pub(super) const VENDOR_CLASSES: Format = Format::List(&Format::Record(&[
    Field::new("enterprise", Format::U32),
    Field::new("classes", Format::Counted(Width::One, &Format::List(&Format::Counted(Width::One, &Format::Text)))),
]));
/// Option 125 (RFC 3925 section 4).
pub(super) const VENDOR_OPTIONS: Format = Format::List(&Format::Record(&[
    Field::new("enterprise", Format::U32),
    Field::optional("options", Format::Counted(Width::One, &ENTERPRISE_OPTIONS)),
]));
/// Options 122, 139 and 140: sub-options by number (RFC 3495, 5678).
pub(super) const SUB_OPTIONS: Format = ENTERPRISE_OPTIONS;
const ENTERPRISE_OPTIONS: Format = Format::Options(&VENDOR_ENTERPRISE);
/// Option 143 (RFC 8572).
pub(super) const SZTP: Format = Format::List(&Format::Counted(Width::Two, &Format::Text));
/// Option 146 (RFC 6731).
pub(super) const RDNSS_SELECTION: Format = Format::Record(&[
    Field::new("preference", Format::U8),
    Field::new("primary", Format::Ip4),
    Field::new("secondary", Format::Ip4),
    Field::new("domains", Format::Names),
]);
/// Option 151 (RFC 6926).
pub(super) const STATUS: Format = Format::Record(&[
    Field::new(
        "status",
        Format::Named(&Numbers {
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
    Field::optional("message", Format::Text),
]);
/// Option 156 (RFC 6926).
pub(super) const DHCP_STATE: Format = Format::Named(&Numbers {
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
pub(super) const PCP: Format = Format::List(&Format::Counted(Width::One, &IPS));
/// Option 159 (RFC 7618).
pub(super) const PORT_PARAMETERS: Format = Format::Record(&[
    Field::new("offset", Format::U8),
    Field::new("psidLength", Format::U8),
    Field::new("psid", Format::U16),
]);
/// Option 162 (RFC 9463).
pub(super) const DNR: Format = Format::List(&Format::Counted(
    Width::Two,
    &Format::Record(&[
        Field::new("priority", Format::U16),
        Field::new("name", Format::Counted(Width::One, &Format::Name)),
        Field::optional("addresses", Format::Counted(Width::One, &IPS)),
        Field::optional("parameters", Format::Hex),
    ]),
));
/// Option 212 (RFC 5969).
pub(super) const SIX_RD: Format = Format::Record(&[
    Field::new("ipv4MaskLength", Format::U8),
    Field::new("prefixLength", Format::U8),
    Field::new("prefix", Format::Ip6),
    Field::new("relays", IPS),
]);
/// Option 221 (RFC 6607).
pub(super) const SUBNET_SELECTION_INFO: Format =
    Format::Record(&[Field::new("type", Format::U8), Field::optional("information", Format::Hex)]);

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
