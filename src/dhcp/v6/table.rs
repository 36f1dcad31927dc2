//! The options of DHCPv6.

/// Whether a message, or an option that holds options, may have this option only once (IANA's registry says so of each).
#[must_use]
pub fn is_singleton(code: u16) -> bool {
    let may_repeat = matches!(code, 3..=5 | 16 | 17 | 25 | 26 | 71..=73 | 85 | 86 | 89 | 90 | 94 | 98 | 104 | 113 | 138 | 139 | 144 | 145 | 149..=150);
    !may_repeat
}
