//! Who a client is: hardware address, client identifier, DUID.

use std::fmt;

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $name<'a>(pub &'a [u8]);

        impl fmt::Display for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt_colon_hex(self.0, f)
            }
        }
    };
}

identifier! {
    /// A hardware address (`chaddr`), up to 20 octets; shown as `02:18:00:00:00:01`.
    HwAddr
}
identifier! {
    /// A DHCPv4 client identifier (option 61, RFC 2132 section 9.14).
    ClientId
}
identifier! {
    /// A DHCP unique identifier (RFC 8415 section 11).
    Duid
}

impl Duid<'_> {
    /// Whether it means "no client": Kea's empty DUID, `00` up to 2.3.7 and `00:00:00` from 2.3.8 on.
    #[must_use]
    pub fn is_empty_duid(&self) -> bool {
        matches!(self.0, [0] | [0, 0, 0])
    }
}

fn fmt_colon_hex(octets: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, octet) in octets.iter().enumerate() {
        if index > 0 {
            f.write_str(":")?;
        }
        write!(f, "{octet:02x}")?;
    }
    Ok(())
}
