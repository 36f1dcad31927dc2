//! Patterns of loggers' names, in which `*` is any number of characters and `?` is one.

/// Whether a name fits a pattern.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    fits_octets(pattern.as_bytes(), name.as_bytes())
}

/// How exact a pattern is: the number of characters that are no wildcards.
pub(super) fn exactness(pattern: &str) -> usize {
    pattern.chars().filter(|c| !is_wildcard(*c)).count()
}

/// Whether a pattern is one, and not just a name.
pub(super) fn has_wildcards(pattern: &str) -> bool {
    pattern.contains(is_wildcard)
}

fn is_wildcard(c: char) -> bool {
    matches!(c, '*' | '?')
}

/// After a mismatch the last `*` takes one octet more, so that time grows with the product of both lengths at most.
fn fits_octets(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while read < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(octet) if *octet == b'?' || *octet == name[read] => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((place, from)) = star else { return false };
                star = Some((place, from + 1));
                at = place + 1;
                read = from + 1;
            }
        }
    }
    pattern[at..].iter().all(|octet| *octet == b'*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wildcards_fit_as_in_a_shell() {
        for (pattern, name, expected) in [
            ("*", "kea-dhcp4", true),
            ("kea-dhcp4.*-hooks", "kea-dhcp4.lease-cmds-hooks", true),
            ("kea-dhcp4.*-hooks", "kea-dhcp4.hooks", false),
            ("kea-*.callouts", "kea-dhcp6.callouts", true),
            ("kea-dhcp?", "kea-dhcp6", true),
            ("kea-dhcp?", "kea-dhcp", false),
            ("kea-dhcp4", "kea-dhcp4.leases", false),
            ("**a*b", "xxaxxb", true),
            ("", "", true),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }

    proptest! {
        #[test]
        fn a_star_fits_everything_and_a_name_itself(name in "[a-z.-]{0,20}", other in "[a-z*?]{0,12}") {
            prop_assert!(fits("*", &name) && fits(&name, &name));
            let longer = name.clone() + "x";
            prop_assert!(fits(&(name.clone() + "*"), &longer));
            let _ = fits(&other, &name);
        }
    }
}
