//! Words and letters of other programs that a user may type, and what does the same here.

/// What `argument` may have meant in this program, which does not know it.
pub(super) fn remedy(program: &str, argument: &str) -> Option<String> {
    let is_word = !argument.starts_with('-');
    Some(match (program, argument) {
        ("keactrl-status", "-4") => "-s dhcp4 chooses the DHCPv4 server".into(),
        ("keactrl-status", "-6") => "-s dhcp6 chooses the DHCPv6 server".into(),
        ("keactrl-status", "status") => "leave it out: this program only reports the status".into(),
        ("keactrl-status", "start" | "stop" | "reload") => {
            format!("this program only reports the status; \"keactrl {argument}\" or systemctl does that")
        }
        ("keactrl-status", _) if is_word => format!("-s {argument} names a daemon"),
        ("dhcptest", "-4") => "leave it out: DHCPv4 is the default".into(),
        ("dhcptest", _) => "--query sends a DISCOVER and shows the answer, --iface NAME says where".into(),
        (_, "-4" | "-6") => "leave it out: both DHCPv4 and DHCPv6 are included".into(),
        ("kea-top" | "kea-metrics", _) if is_word => format!("--server {argument} names a server"),
        ("kea-loggers", _) if is_word => {
            format!("-c {argument} names a configuration, --which {argument} a logger or a message")
        }
        ("kea-support-bundle", _) if is_word => {
            format!("-o {argument} names the bundle, -c {argument} a configuration")
        }
        _ => return None,
    })
}
