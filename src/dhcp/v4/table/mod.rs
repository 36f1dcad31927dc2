//! The options of DHCPv4: the registry of IANA ("BOOTP Vendor Extensions and DHCP Options"), with the names that
//! RFCs, Kea and dhcptest give them.

mod codecs;
mod forms;
mod options;
mod sub;

use crate::dhcp::table::Space;
use crate::dhcp::value::{ValueFormat, Width};

pub use sub::RELAY;

/// Every option of DHCPv4. What is not in the registry is shown as octets.
pub static OPTIONS: Space = Space {
    what: "DHCPv4 options",
    code: Width::One,
    length: Width::One,
    has_pads: true,
    entries: || &[options::ENTRIES],
    unknown: ValueFormat::Hex,
    formats: || {
        &[
            (&["dhcpMessageType"], forms::MESSAGE_TYPE),
            (&["dhcpOptionType"], forms::CODE),
            (&["dhcpOptionTypes"], forms::CODES),
            (&["netbiosNodeType"], forms::NODE_TYPE),
            (&["processorArchitecture"], forms::ARCHITECTURE),
            (&["processorArchitectures"], forms::ARCHITECTURES),
            (&["relayAgent"], forms::RELAY_AGENT),
            (&["vendorSpecificInformation"], forms::VENDOR_SPECIFIC),
            (&["classlessStaticRoute"], forms::ROUTES),
            (&["clientIdentifier"], forms::CLIENT_ID),
            (&["clientFQDN"], forms::CLIENT_FQDN),
            (&["userClass"], forms::USER_CLASS),
            (&["option"], forms::OPTION),
        ]
    },
};

/// Whether an option can have so many octets, whatever they are: RFC 2132, and those after it, say of each how many.
#[must_use]
pub fn can_have(code: u8, octets: usize) -> bool {
    match code {
        // Mobile IP home agents, which may be none; rapid commit.
        68 | 80 => true,
        // Pairs of addresses.
        21 | 33 => octets > 0 && octets.is_multiple_of(8),
        // A type, and an identifier.
        61 => octets >= 2,
        _ => octets > 0 || OPTIONS.by_code(code.into()).is_none(),
    }
}

#[cfg(test)]
mod tests;
