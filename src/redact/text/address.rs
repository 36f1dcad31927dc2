//! Passwords in addresses: `http://user:password@host/`, `user:password@host`; and addresses that are secrets by
//! themselves, as those of webhooks: `https://hooks.slack.com/services/T…/B…/…`.

use super::Parts;
use crate::redact::shapes;

/// Before a colon these are no users.
const SCHEMES: &[&str] = &["mailto", "sip", "sips", "xmpp", "tel", "acct", "im", "file", "urn", "ldap"];

/// A name without a password of so many characters is a token.
const LONGEST_USER: usize = 20;

/// Finds the passwords in addresses.
pub(super) fn find(text: &str, parts: &mut Parts) {
    for (at, _) in text.match_indices("://") {
        with_scheme(text, at + 3, parts);
        webhook(text, at + 3, parts);
    }
    for (at, _) in text.match_indices('@') {
        without_scheme(text, at, parts);
    }
}

/// What follows `://`.
fn with_scheme(text: &str, start: usize, parts: &mut Parts) {
    let is_end = |c: char| c.is_whitespace() || "\"'<>`".contains(c);
    let rest = &text[start..start + text[start..].find(is_end).unwrap_or(text.len() - start)];
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let user = authority.rfind('@').or_else(|| has_no_port(authority).then(|| rest.rfind('@')).flatten());
    let Some(end) = user else { return };
    match rest[..end].find(':') {
        Some(colon) if colon + 1 < end => parts.push(start + colon + 1..start + end),
        None if end > LONGEST_USER || shapes::is_token(&rest[..end]) || shapes::is_random(&rest[..end]) => {
            parts.push(start..start + end);
        }
        _ => {}
    }
}

/// Parts of a host's name or of a path after which the rest is the right to post: Slack, Discord, Teams, Mattermost.
const HOOKS: &[&str] =
    &["hooks", "hook", "webhook", "webhooks", "webhookb2", "incomingwebhook", "workflows", "triggers"];

/// The secret part of a webhook's path, from the first word of it that looks like one.
fn webhook(text: &str, start: usize, parts: &mut Parts) {
    let is_end = |c: char| c.is_whitespace() || "\"'<>`?#|,;)]}\\".contains(c);
    let rest = &text[start..start + text[start..].find(is_end).unwrap_or(text.len() - start)];
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    let mut is_hook = host.split('.').any(|label| HOOKS.contains(&label));
    let mut at = start + authority.len();
    for part in path.split('/').skip(1) {
        at += 1;
        if is_hook && is_key(part) || is_bot(part) {
            parts.push(at..start + rest.trim_end_matches(['.', ':']).len());
            return;
        }
        is_hook |= HOOKS.contains(&part.to_ascii_lowercase().as_str());
        at += part.len();
    }
}

/// Whether a part of a path is no word: it has digits, or is longer than words are.
fn is_key(part: &str) -> bool {
    const LONGEST_WORD: usize = 20;
    part.len() >= 8 && (part.len() > LONGEST_WORD || part.chars().any(|c| c.is_ascii_digit()))
}

/// `bot123456:AAE…`, as Telegram's.
fn is_bot(part: &str) -> bool {
    let number = part.strip_prefix("bot").and_then(|rest| rest.split_once(':'));
    number.is_some_and(|(number, token)| {
        number.len() >= 6 && number.chars().all(|c| c.is_ascii_digit()) && token.len() >= 16
    })
}

/// Whether after the colon there is something else than a port: a password with a slash in it.
fn has_no_port(authority: &str) -> bool {
    let port = authority.rsplit_once(':').map(|(_, port)| port);
    !authority.contains('[') && port.is_some_and(|port| !port.chars().all(|c| c.is_ascii_digit()))
}

/// What is before an `@`, where no scheme says what it is: `root:password@db1`, `root:password@tcp(db1)/kea`.
fn without_scheme(text: &str, at: usize, parts: &mut Parts) {
    let is_end = |c: char| c.is_whitespace() || "\"'<>`=,;".contains(c);
    let start = text[..at].rfind(is_end).map_or(0, |end| end + text[end..].chars().next().map_or(1, char::len_utf8));
    let Some((user, password)) = text[start..at].split_once(':') else { return };
    let has_host = text[at + 1..].chars().next().is_some_and(|c| c.is_alphanumeric() || c == '[' || c == '(');
    let is_user = !user.is_empty() && user.chars().all(|c| c.is_alphanumeric() || "._-".contains(c));
    let is_password = !password.is_empty() && !password.starts_with('/') && !password.contains(':');
    if is_time(user, password) {
        return;
    }
    if has_host && is_user && is_password && !SCHEMES.contains(&user.to_ascii_lowercase().as_str()) {
        parts.push(at - password.len()..at);
    }
}

/// `12:30@host`: an hour and a minute.
fn is_time(hour: &str, minute: &str) -> bool {
    let is_below = |text: &str, most: u8| text.len() <= 2 && text.parse::<u8>().is_ok_and(|number| number < most);
    minute.len() == 2 && is_below(hour, 24) && is_below(minute, 60)
}
