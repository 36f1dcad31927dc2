//! Short numbers in place of texts.

/// FNV-1a; 0 only for nothing.
pub(crate) fn hash(text: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    if text.is_empty() { 0 } else { text.iter().fold(0xcbf2_9ce4_8422_2325, step).max(1) }
}
