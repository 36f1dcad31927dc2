//! Replacements of the strings and member names of a user context.

use std::net::IpAddr;

use super::cipher::Cipher;
use crate::lease::context::{self, Text};
use crate::text::hex;

/// Members of contexts that Kea itself writes: their names identify no client.
const KEAS_NAMES: [&[u8]; 14] = [
    b"ISC",
    b"client-classes",
    b"comment",
    b"hop",
    b"interface-id",
    b"link",
    b"options",
    b"peer",
    b"relay-agent-info",
    b"relay-id",
    b"relay-info",
    b"relays",
    b"remote-id",
    b"sub-options",
];
/// Of those, the ones with DHCPv4 sub-options in hex, which Kea takes apart.
const OPTIONS_NAMES: [&[u8]; 2] = [b"relay-agent-info", b"sub-options"];
impl Cipher {
    pub(super) fn user_context(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut replace = |name: &[u8], string: Text<'_>| match string {
            Text::Name(name) if KEAS_NAMES.contains(&name) => String::from_utf8_lossy(name).into_owned(),
            Text::Name(name) => format!("name-{}", self.digest(name)),
            Text::Value(value) => self.context_string(name, value),
        };
        match context::map_strings(text, &mut replace, &mut out) {
            Ok(()) => out,
            // What is no context is refused where it is written; its text must not be seen either way.
            Err(_) if text.is_empty() => out,
            Err(_) => self.digest(text).into_bytes(),
        }
    }

    /// Kea parses some strings of its own contexts (relay options in hex, addresses): they keep their form.
    fn context_string(&self, name: &[u8], string: &[u8]) -> String {
        let text = std::str::from_utf8(string).unwrap_or_default();
        if string.is_empty() {
            String::new()
        } else if let Ok(address) = text.parse::<IpAddr>() {
            match address {
                IpAddr::V4(address) => self.ipv4(address).to_string(),
                IpAddr::V6(address) => self.ipv6(address).to_string(),
            }
        } else if let Some(octets) = text.strip_prefix("0x").and_then(from_hex) {
            let is_options = OPTIONS_NAMES.contains(&name);
            format!("0x{}", hex(&if is_options { self.options(&octets) } else { self.octets_or_text(&octets) }))
        } else if let Some(octets) = from_hex(text) {
            hex(&self.octets_or_text(&octets))
        } else {
            format!("text-{}", self.digest(string))
        }
    }

    /// DHCPv4 sub-options keep their codes and lengths; anything else is replaced as a whole.
    pub(super) fn options(&self, octets: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(octets.len());
        let mut rest = octets;
        while let [code, length, tail @ ..] = rest {
            let Some((value, tail)) = tail.split_at_checked(usize::from(*length)) else { break };
            out.extend_from_slice(&[*code, *length]);
            out.extend_from_slice(&self.octets_or_text(value));
            rest = tail;
        }
        if rest.is_empty() { out } else { self.octets_or_text(octets) }
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.len().is_multiple_of(2) || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_keeps_keas_names_and_its_form() {
        let it = Cipher::new(b"a secret").expect("a key");
        let text = br#"{ "ISC": { "relay-agent-info": "0x0106657468302f31" }, "anna": "anna", "link": "2001:db8::1", "u": "0x41004200" }"#;
        let replaced = String::from_utf8(it.user_context(text)).expect("text");
        assert!(replaced.starts_with(r#"{ "ISC": { "relay-agent-info": "0x0106"#), "{replaced}");
        assert!(!replaced.contains("anna") && !replaced.contains("657468302f31") && !replaced.contains("2001:db8::1"));
        assert!(!replaced.contains("0x41004200"), "{replaced}");
        assert!(context::check(replaced.as_bytes()).is_ok());
    }
}
