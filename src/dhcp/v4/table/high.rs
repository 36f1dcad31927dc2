//! Options 128 to 255.
//!
//! 128 to 135 were assigned for PXE and are used by vendors in other ways too (RFC 4578 section 3.2); their values and
//! those of 224 to 254 (private use) are anybody's: octets.

use super::forms::{
    DHCP_STATE, DNR, IPS, PCP, PORT_PARAMETERS, RDNSS_SELECTION, ROUTES, SIX_RD, STATUS, SUB_OPTIONS,
    SUBNET_SELECTION_INFO, SZTP,
};
use crate::dhcp::table::Entry;
use crate::dhcp::value::Format::{Hex, List, Name, Names, Present, Seconds, Text, U8, U32};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::new(128, "PXE - undefined (vendor specific) 128", "pxe-128", Hex),
    Entry::new(129, "PXE - undefined (vendor specific) 129", "pxe-129", Hex),
    Entry::new(130, "PXE - undefined (vendor specific) 130", "pxe-130", Hex),
    Entry::new(131, "PXE - undefined (vendor specific) 131", "pxe-131", Hex),
    Entry::new(132, "PXE - undefined (vendor specific) 132", "pxe-132", Hex),
    Entry::new(133, "PXE - undefined (vendor specific) 133", "pxe-133", Hex),
    Entry::new(134, "PXE - undefined (vendor specific) 134", "pxe-134", Hex),
    Entry::new(135, "PXE - undefined (vendor specific) 135", "pxe-135", Hex),
    Entry::new(136, "OPTION_PANA_AGENT", "pana-agent", IPS),
    Entry::new(137, "OPTION_V4_LOST", "v4-lost", Name),
    Entry::new(138, "OPTION_CAPWAP_AC_V4", "capwap-ac-v4", IPS),
    Entry::new(139, "OPTION-IPv4_Address-MoS", "mos-address", SUB_OPTIONS),
    Entry::new(140, "OPTION-IPv4_FQDN-MoS", "mos-fqdn", SUB_OPTIONS),
    Entry::new(141, "SIP UA Configuration Service Domains", "sip-ua-cs-domains", Names),
    Entry::new(142, "OPTION-IPv4_Address-ANDSF", "andsf-address", IPS),
    Entry::new(143, "OPTION_V4_SZTP_REDIRECT", "v4-sztp-redirect", SZTP),
    Entry::new(144, "GeoLoc", "geoloc", Hex),
    Entry::new(145, "FORCERENEW_NONCE_CAPABLE", "forcerenew-nonce-capable", List(&U8)),
    Entry::new(146, "RDNSS Selection", "rdnss-selection", RDNSS_SELECTION),
    Entry::new(147, "OPTION_V4_DOTS_RI", "v4-dots-ri", Name),
    Entry::new(148, "OPTION_V4_DOTS_ADDRESS", "v4-dots-address", IPS),
    Entry::new(150, "TFTP Server Address", "tftp-server-address", IPS),
    Entry::new(151, "status-code", "status-code", STATUS),
    Entry::new(152, "base-time", "base-time", U32),
    Entry::new(153, "start-time-of-state", "start-time-of-state", Seconds),
    Entry::new(154, "query-start-time", "query-start-time", U32),
    Entry::new(155, "query-end-time", "query-end-time", U32),
    Entry::new(156, "dhcp-state", "dhcp-state", DHCP_STATE),
    Entry::new(157, "data-source", "data-source", U8),
    Entry::new(158, "OPTION_V4_PCP_SERVER", "v4-pcp-server", PCP),
    Entry::new(159, "OPTION_V4_PORTPARAMS", "v4-portparams", PORT_PARAMETERS),
    Entry::new(161, "OPTION_MUD_URL_V4", "mud-url", Text),
    Entry::new(162, "OPTION_V4_DNR", "v4-dnr", DNR),
    Entry::new(175, "Etherboot", "etherboot", Hex).also(&["iPXE encapsulated"]),
    Entry::new(176, "IP Telephone", "ip-telephone", Text),
    Entry::new(177, "Etherboot or PacketCable", "packetcable", Hex),
    Entry::new(208, "PXELINUX Magic", "pxelinux-magic", Hex),
    Entry::new(209, "Configuration File", "pxelinux-config-file", Text),
    Entry::new(210, "Path Prefix", "pxelinux-path-prefix", Text),
    Entry::new(211, "Reboot Time", "pxelinux-reboot-time", Seconds),
    Entry::new(212, "OPTION_6RD", "option-6rd", SIX_RD),
    Entry::new(213, "OPTION_V4_ACCESS_DOMAIN", "v4-access-domain", Name),
    Entry::new(220, "Subnet Allocation Option", "subnet-allocation", Hex),
    Entry::new(221, "Virtual Subnet Selection (VSS) Option", "vss", SUBNET_SELECTION_INFO),
    Entry::new(249, "Microsoft Classless Static Route", "ms-classless-static-route", ROUTES),
    Entry::new(252, "Web Proxy Auto-Discovery", "wpad", Text),
    Entry::new(255, "End Option", "end", Present),
];
