//! Numbers for people.

use crate::usage::{Basis, Counts, Offer};

/// The largest number that is shown in full.
const LONGEST: u128 = 9_999_999;

/// `298`, `2^64`, `about 2^64`.
pub(in crate::output) fn short(number: u128) -> String {
    if number <= LONGEST {
        return number.to_string();
    }
    if number.is_power_of_two() {
        return format!("2^{}", number.ilog2());
    }
    let below = number.ilog2();
    // The nearer of two powers of two.
    let power = if number >> (below - 1) & 1 == 1 { below + 1 } else { below };
    format!("~2^{power}")
}

/// What is free for new clients: a number, a range where the allocator decides, `?` where reservations are not known.
pub(in crate::output) fn free(offer: &Offer) -> String {
    match offer.left() {
        Some((least, most)) if least < most => format!("{}-{}", short(least), short(most)),
        Some((_, free)) => short(free),
        None => "?".to_owned(),
    }
}

/// A number of leases, `?` where they were not counted.
pub(super) fn counted(counts: &Counts, number: u64) -> String {
    if counts.basis < Basis::Configuration { number.to_string() } else { "?".to_owned() }
}

/// What is kept for hosts that do not hold it, `?` where that is not known.
pub(super) fn reserved(counts: &Counts) -> String {
    let is_known = counts.is_complete && (counts.basis == Basis::Leases || counts.reserved == 0);
    if is_known { short(counts.reserved_free().into()) } else { "?".to_owned() }
}

/// A number that only leases show, `?` where they were not read.
pub(super) fn seen(counts: &Counts, number: u64) -> String {
    if counts.basis == Basis::Leases { number.to_string() } else { "?".to_owned() }
}

/// `27.8 %`; a dash where there is nothing to give.
pub(in crate::output) fn percent(offer: &Offer) -> String {
    match offer.used_tenths() {
        Some(1000) => "100 %".to_owned(),
        Some(tenths) => format!("{}.{} %", tenths / 10, tenths % 10),
        None => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_powers_of_two() {
        assert_eq!(short(9_999_999), "9999999");
        assert_eq!(short(1 << 64), "2^64");
        assert_eq!(short((1 << 64) + 96), "~2^64");
        assert_eq!(short((1 << 64) - 1), "~2^64");
        assert_eq!(short(u128::MAX), "~2^128");
    }

    fn used(active: u64, total: u128) -> String {
        percent(&Counts { active, ..Counts::new(total, 0) }.offer())
    }

    #[test]
    fn only_what_is_full_has_a_hundred_percent() {
        assert_eq!((used(99_999, 100_000), used(3, 3), used(0, 0)), ("99.9 %".into(), "100 %".into(), "-".into()));
        assert_eq!((used(1, 1 << 64), used(u64::MAX, u128::MAX)), ("0.0 %".into(), "0.0 %".into()));
    }

    #[test]
    fn a_share_is_printed_as_it_is() {
        for (active, total, text) in [(23, 40, "57.5 %"), (1, 1000, "0.1 %"), (290, 1000, "29.0 %"), (2, 3, "66.6 %")] {
            assert_eq!(used(active, total), text);
        }
    }
}
