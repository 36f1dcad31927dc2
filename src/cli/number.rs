//! Numbers as they are typed.

use std::ops::RangeInclusive;

/// A parser of whole numbers in `range`; `what` is the quantity with its unit.
pub(super) fn number<T: TryFrom<u64>>(
    what: &'static str,
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text.trim().parse().ok().filter(|number| range.contains(number));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| match range.end() {
            &u64::MAX => format!("expected {what}, {} or more", range.start()),
            last => format!("expected {what}, {} to {last}", range.start()),
        })
    }
}

/// A TCP or UDP port.
pub(super) fn port(text: &str) -> Result<u16, String> {
    number("a port", 1..=u16::MAX.into())(text)
}

/// A VLAN number, IEEE 802.1Q.
pub(super) fn vlan(text: &str) -> Result<u16, String> {
    number("the number of a virtual network", 0..=4094)(text)
}

/// A field of one octet.
pub(super) fn octet(text: &str) -> Result<u8, String> {
    number("a whole number", 0..=u8::MAX.into())(text)
}

/// The field secs of a DHCPv4 message.
pub(super) fn secs(text: &str) -> Result<u16, String> {
    number("a whole number of seconds", 0..=u16::MAX.into())(text)
}
