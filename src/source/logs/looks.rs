//! What a file looks like that has no line of Kea.

/// In a few words.
pub(super) fn like(beginning: &[u8]) -> &'static str {
    let text = beginning.trim_ascii_start();
    match text {
        [] => "it is empty",
        _ if text.starts_with(b"address,") => "it looks like a lease file",
        _ if text.starts_with(b"\xd4\xc3\xb2\xa1") || text.starts_with(b"\x0a\x0d\x0d\x0a") => {
            "it looks like a capture"
        }
        _ if text.contains(&0) => "it has binary data",
        _ if has(text, b" has been assigned for ") || has(text, b"Administrator ") => "it looks like a legal log",
        _ if text.starts_with(b"{") && has(text, b"\"Dhcp") => "it looks like a configuration",
        _ if has(text, b"DHCPACK on ") || has(text, b"DHCPDISCOVER from ") => "it looks like a log of ISC dhcpd",
        _ if has(text, b"lease {") || text.starts_with(b"# The format of this file") => {
            "it looks like leases of ISC dhcpd"
        }
        _ if text.starts_with(b"<") && !text[1..].first().is_some_and(u8::is_ascii_digit) => "it looks like markup",
        _ => "it looks like other text",
    }
}

fn has(text: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(text, word).is_some()
}
