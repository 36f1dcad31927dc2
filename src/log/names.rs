//! The names of DHCP messages, as Kea writes them and as reports do.

/// The name in a text such as `DHCPDISCOVER (type 1)`.
pub(crate) fn message(text: &[u8]) -> &'static str {
    let end = text.iter().position(|byte| *byte == b' ').unwrap_or(text.len());
    let name = text[..end].strip_prefix(b"DHCP").unwrap_or(&text[..end]);
    match name {
        b"DISCOVER" => "DISCOVER",
        b"OFFER" => "OFFER",
        b"REQUEST" => "REQUEST",
        b"DECLINE" => "DECLINE",
        b"ACK" => "ACK",
        b"NAK" => "NAK",
        b"RELEASE" => "RELEASE",
        b"INFORM" => "INFORM",
        b"LEASEQUERY" => "LEASEQUERY",
        b"SOLICIT" => "SOLICIT",
        b"ADVERTISE" => "ADVERTISE",
        b"CONFIRM" => "CONFIRM",
        b"RENEW" => "RENEW",
        b"REBIND" => "REBIND",
        b"REPLY" => "REPLY",
        b"RECONFIGURE" => "RECONFIGURE",
        b"INFORMATION_REQUEST" => "INFORMATION-REQUEST",
        // The hook for BOOTP takes the type away before it sends.
        b"UNKNOWN" if text[end..].starts_with(b" (type 0)") => "BOOTREPLY",
        b"BOOTREQUEST" => "BOOTP",
        b"BOOTREPLY" => "BOOTREPLY",
        _ => "OTHER",
    }
}
