//! Paths in the bundle: they lead nowhere else, and have no names of clients.

/// A path that leads nowhere out of the directory that it is unpacked in.
pub(super) fn inside(path: &str) -> String {
    path.split('/').filter(|part| !["", ".", ".."].contains(part)).collect::<Vec<_>>().join("/")
}

/// The name of a file without names of clients, which hyphens and the like part from the rest.
pub(super) fn without_names(name: &str, anonymize: &dyn Fn(&[u8]) -> Vec<u8>) -> String {
    /// A name of more parts is no longer looked at.
    const MOST: usize = 12;
    let bounds = name.match_indices(['-', '_', '.', ' ', ':']).take(MOST);
    let bounds: Vec<usize> = bounds.map(|(at, _)| at).chain([name.len()]).collect();
    let starts = std::iter::once(0).chain(bounds.iter().map(|at| at + 1)).filter(|start| *start < name.len());
    for start in starts {
        for end in bounds.iter().rev().copied().filter(|end| *end > start) {
            let part = &name[start..end];
            let replaced = String::from_utf8_lossy(&anonymize(part.as_bytes())).into_owned();
            if replaced != part {
                return format!("{}{replaced}{}", &name[..start], without_names(&name[end..], anonymize));
            }
        }
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_client_is_found_between_signs() {
        let anonymize = |text: &[u8]| if text == b"anna-pc" { b"host-1".to_vec() } else { text.to_vec() };
        for (name, expected) in [
            ("anna-pc", "host-1"),
            ("kea-anna-pc.log", "kea-host-1.log"),
            ("x_anna-pc_anna-pc", "x_host-1_host-1"),
            ("kea-dhcp4.log.1", "kea-dhcp4.log.1"),
            ("anna-pcs", "anna-pcs"),
        ] {
            assert_eq!(without_names(name, &anonymize), expected);
        }
        assert_eq!(inside("/a/../b/./c"), "a/b/c");
    }
}
