//! Whether a text may be a configuration, as far as its first member shows.

use super::Daemon;

/// The loggers of all daemons (Kea before 1.6), which may precede these.
const LOGGING: &[u8] = b"Logging";

/// Whether a text may configure a daemon: its outermost value is a map that begins with the member of one, or with an include. No
/// more of it is taken than shows that.
pub fn may_configure(text: impl Iterator<Item = u8>) -> bool {
    let mut text = text;
    match significant(&mut text) {
        Some(b'{') => {}
        first => return first == Some(b'<'),
    }
    loop {
        match significant(&mut text) {
            // Kea takes extra commas.
            Some(b',') => {}
            Some(b'"') => return is_key(&mut text),
            first => return first == Some(b'<'),
        }
    }
}

/// The next octet that is neither white space nor part of a comment.
fn significant(text: &mut impl Iterator<Item = u8>) -> Option<u8> {
    loop {
        match text.next()? {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'#' => skip_line(text),
            b'/' => match text.next()? {
                b'/' => skip_line(text),
                b'*' => skip_block(text),
                _ => return Some(b'/'),
            },
            octet => return Some(octet),
        }
    }
}

fn skip_line(text: &mut impl Iterator<Item = u8>) {
    text.find(|octet| *octet == b'\n');
}

fn skip_block(text: &mut impl Iterator<Item = u8>) {
    let mut last = 0;
    text.find(|octet| std::mem::replace(&mut last, *octet) == b'*' && *octet == b'/');
}

/// Whether the rest of a string is the name of a member that a configuration has; one with an escape may be any.
fn is_key(text: &mut impl Iterator<Item = u8>) -> bool {
    const LONGEST: usize = 32;
    let name: Vec<u8> = text.take_while(|octet| *octet != b'"').take(LONGEST).collect();
    let mut keys = Daemon::ALL.into_iter().map(|daemon| daemon.config_key().as_bytes());
    name.contains(&b'\\') || name == LOGGING || keys.any(|key| key == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_member_shows_what_a_text_may_be() {
        for text in [
            "{\"Dhcp4\": {}}",
            "// Dhcp4\n# x\n/* { \" **/ { , \"Dhcp6\" : {",
            "{\"Logging\": {}, \"Dhcp4\": {}}",
            "{<?include \"/etc/kea/all.conf\"?>}",
            "<?include \"/etc/kea/all.conf\"?>",
            "{\"Control-agent\": {}}",
            "{ \"\\u0044hcp4\": {}}",
        ] {
            assert!(may_configure(text.bytes()), "{text}");
        }
        for text in [
            "",
            "{",
            "{}",
            "[{\"Dhcp4\": {}}]",
            "{\"arguments\": {\"Dhcp4\": {}}}",
            "{\"Dhcp4x\": {}}",
            "kea_config_file=x",
            "/etc/kea {\"Dhcp4\": {}}",
            "# a comment without an end",
            "/* {\"Dhcp4\"",
            "Dhcp4",
        ] {
            assert!(!may_configure(text.bytes()), "{text}");
        }
    }

    #[test]
    fn no_more_is_read_than_shows_it() {
        for (text, expected) in [("[", 1), ("{\"report\":", 9), ("{\"Dhcp4\": {", 8), (&"{\"".repeat(1000), 40)] {
            let mut taken = 0;
            let endless = text.bytes().chain(std::iter::repeat(b'x')).inspect(|_| taken += 1);
            may_configure(endless);
            assert!(taken <= expected, "{text:.20}: {taken}");
        }
    }
}
