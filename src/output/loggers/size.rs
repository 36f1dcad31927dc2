//! Sizes of files in words.

/// `812 B`, `3.1 MB`, `10 MB`.
pub(super) fn shown(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")];
    let Some((size, unit)) = UNITS.into_iter().find(|(size, _)| bytes >= *size) else { return format!("{bytes} B") };
    let tenths = bytes / (size / 10);
    match (tenths / 10, tenths % 10) {
        (whole, 0) => format!("{whole} {unit}"),
        (whole, _) if whole >= 100 => format!("{whole} {unit}"),
        (whole, tenth) => format!("{whole}.{tenth} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_are_short() {
        assert_eq!(super::shown(u64::MAX), "18446744073 GB");
        let all = [(0, "0 B"), (999, "999 B"), (204_800, "204 kB"), (10_240_000, "10.2 MB"), (2_000_000_000, "2 GB")];
        for (bytes, expected) in all {
            assert_eq!(super::shown(bytes), expected);
        }
    }
}
