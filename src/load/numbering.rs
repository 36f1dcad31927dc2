//! Transaction numbers that carry the client they are of.

use crate::family::Family;

/// What a transaction number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    /// The client.
    pub(super) slot: u32,
    /// Which of the client's exchanges, modulo a power of two.
    pub(super) generation: u16,
    /// 0 for the first message of an exchange, 1 for the second; in a number of DHCPv4 0 for both.
    pub(super) stage: u8,
}

/// Packs tickets into transaction numbers of one family: 20 bits for the client, 1 for the stage, the rest (11 with
/// DHCPv4, 3 with DHCPv6) for the generation; mixed, so that they do not follow each other and that a number with another octet is
/// that of another client, and with a salt of the run.
#[derive(Debug, Clone, Copy)]
pub struct Numbering {
    bits: u32,
    salt: u32,
}

const SLOT_BITS: u32 = super::MOST_CLIENTS.trailing_zeros();
/// Odd, so that multiplying by it is reversible, and the number that reverses it.
const FACTOR: u32 = 0x9e37_79b1;
const INVERSE: u32 = inverse(FACTOR);

/// The multiplicative inverse of an odd number modulo 2^32 (Newton).
const fn inverse(odd: u32) -> u32 {
    let mut found = odd;
    let mut round = 0;
    while round < 5 {
        found = found.wrapping_mul(2_u32.wrapping_sub(odd.wrapping_mul(found)));
        round += 1;
    }
    found
}

impl Numbering {
    /// For a family, with a random salt.
    #[must_use]
    pub fn new(family: Family, salt: u32) -> Self {
        let bits = if family == Family::V4 { 32 } else { 24 };
        Self { bits, salt: salt & mask(bits) }
    }

    /// How many generations it tells apart, less one.
    pub(super) fn generations(self) -> u16 {
        u16::try_from(mask(self.bits - SLOT_BITS - 1)).unwrap_or(u16::MAX)
    }

    /// The transaction number of a ticket.
    pub(super) fn number(self, ticket: Ticket) -> u32 {
        let generation = u32::from(ticket.generation & self.generations());
        let plain = (generation << SLOT_BITS | ticket.slot) << 1 | u32::from(ticket.stage & 1);
        self.fold(self.fold(plain).wrapping_mul(FACTOR) & mask(self.bits)) ^ self.salt
    }

    /// Multiplying carries no bit downwards; this does. Twice it is nothing.
    fn fold(self, number: u32) -> u32 {
        number ^ number >> (self.bits / 2)
    }

    /// The ticket of a transaction number; any number is one.
    pub(super) fn ticket(self, number: u32) -> Ticket {
        let mixed = self.fold((number & mask(self.bits)) ^ self.salt);
        let plain = self.fold(mixed.wrapping_mul(INVERSE) & mask(self.bits));
        let generation = u16::try_from(plain >> (SLOT_BITS + 1)).unwrap_or_default();
        Ticket { slot: plain >> 1 & mask(SLOT_BITS), generation, stage: u8::from(plain & 1 == 1) }
    }
}

fn mask(bits: u32) -> u32 {
    u32::MAX >> (32 - bits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_ticket_is_found_again_in_its_number(salt: u32, slot in 0_u32..1 << 20, generation in 0_u16..8, stage in 0_u8..2) {
            let ticket = Ticket { slot, generation, stage };
            for family in [Family::V4, Family::V6] {
                let numbering = Numbering::new(family, salt);
                let number = numbering.number(ticket);
                prop_assert!(family == Family::V4 || number < 1 << 24);
                prop_assert_eq!(numbering.ticket(number), ticket);
            }
        }
    }

    #[test]
    fn a_number_with_another_octet_is_not_that_of_the_same_client() {
        for (family, octets) in [(Family::V4, 4), (Family::V6, 3)] {
            let numbering = Numbering::new(family, 7);
            let numbers = (0..100).map(|slot| numbering.number(Ticket { slot, generation: 1, stage: 0 }));
            for (number, octet) in numbers.flat_map(|number| (0..octets).map(move |octet| (number, octet))) {
                let other = numbering.ticket(number ^ 0xff << (8 * octet));
                assert_ne!(other.slot, numbering.ticket(number).slot, "{octet}");
            }
        }
    }

    #[test]
    fn neighbours_do_not_have_numbers_that_follow_each_other() {
        let numbering = Numbering::new(Family::V4, 7);
        let number = |slot| numbering.number(Ticket { slot, generation: 0, stage: 0 });
        assert!(number(1).abs_diff(number(2)) > 1000);
    }
}
