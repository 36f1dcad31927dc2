//! Who the clients are: a hardware address for each index.

use crate::wire::Mac;

/// So many clients a transaction number can tell apart.
pub const MOST_CLIENTS: u32 = 1 << 20;

/// The hardware address of the first client: locally administered, and recognisable in captures and lease lists.
pub const FIRST_HARDWARE: Mac = Mac([0x02, 0x00, 0x5e, 0xa0, 0x00, 0x00]);

/// The hardware addresses of the clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clients {
    /// So many, counted upwards from an address.
    From {
        /// The first.
        first: Mac,
        /// How many.
        count: u32,
    },
    /// These.
    Listed(Vec<Mac>),
}

impl Clients {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u32 {
        match self {
            Self::From { count, .. } => *count,
            Self::Listed(all) => u32::try_from(all.len()).unwrap_or(u32::MAX),
        }
    }

    /// The hardware address of a client.
    #[must_use]
    pub fn hardware(&self, index: u32) -> Mac {
        match self {
            Self::From { first, .. } => from_number(number(*first).wrapping_add(index.into())),
            Self::Listed(all) => all.get(index as usize).copied().unwrap_or_default(),
        }
    }

    /// Whether one of them has this hardware address.
    #[must_use]
    pub fn contain(&self, mac: Mac) -> bool {
        match self {
            Self::From { first, count } => (number(mac).wrapping_sub(number(*first)) & MASK) < u64::from(*count),
            Self::Listed(all) => all.contains(&mac),
        }
    }
}

/// Six octets.
const MASK: u64 = (1 << 48) - 1;

fn number(mac: Mac) -> u64 {
    mac.0.iter().fold(0, |number, octet| number << 8 | u64::from(*octet))
}

fn from_number(number: u64) -> Mac {
    let [_, _, octets @ ..] = number.to_be_bytes();
    Mac(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_counted_upwards_from_the_first() {
        let clients = Clients::From { first: FIRST_HARDWARE, count: 1_000_000 };
        assert_eq!(clients.hardware(0), FIRST_HARDWARE);
        assert_eq!(clients.hardware(999_999).to_string(), "02:00:5e:af:42:3f");
        assert!(clients.contain(clients.hardware(999_999)) && !clients.contain(clients.hardware(1_000_000)));
        assert!(!clients.contain("02:00:5e:9f:ff:ff".parse().unwrap()));
    }
}
