//! What is shown where names and addresses are hidden, for pictures and screens that others see.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::model::Model;
use crate::usage::{Layout, LayoutPlace, Level};

/// What is shown instead of an address or a name.
pub const HIDDEN: &str = "xxx";

impl Model {
    /// The name of a server, or its number where names are hidden.
    #[must_use]
    pub fn shown_name(&self, server: usize) -> Cow<'_, str> {
        if self.is_private {
            return Cow::Owned(format!("server {}", server + 1));
        }
        Cow::Borrowed(self.servers.get(server).map_or("", |server| &server.name))
    }

    /// A text; where these are hidden without what may be an address, a path or the name of a server or network.
    #[must_use]
    pub fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !self.is_private {
            return Cow::Borrowed(text);
        }
        let mut shown = text.split(' ').map(hidden_word).collect::<Vec<_>>().join(" ");
        // One name may be the beginning of another.
        let mut servers: Vec<(usize, &str)> =
            self.servers.iter().map(|server| server.name.as_str()).enumerate().collect();
        servers.sort_by_key(|(_, name)| std::cmp::Reverse(name.len()));
        for (index, name) in servers {
            shown = without(&shown, name, &format!("server {}", index + 1));
        }
        for name in self.other_names() {
            shown = without(&shown, name, HIDDEN);
        }
        Cow::Owned(shown)
    }

    /// The names of shared networks, and those that partners have in their configuration.
    fn other_names(&self) -> BTreeSet<&str> {
        let answers =
            || self.servers.iter().flat_map(super::model::Server::daemons).filter_map(|it| it.answers.as_ref());
        let networks = answers().filter_map(|it| it.layout.as_ref());
        let networks = networks.flat_map(|layout| layout.networks.iter().filter_map(|network| network.name.as_deref()));
        let relationships = answers().flat_map(|it| &it.status.high_availability).flat_map(|it| {
            let partner = it.partner.iter().flat_map(|it| it.name.iter().chain(&it.last_scopes));
            it.name.iter().chain(&it.scopes).chain(partner).map(String::as_str)
        });
        networks.chain(relationships).collect()
    }
}

/// What a place is called where its name and addresses are hidden.
#[must_use]
pub fn anonymous_name(layout: &Layout, place: LayoutPlace) -> String {
    match place.level {
        Level::Network => format!("network {}", place.index + 1),
        Level::Subnet => format!("subnet {}", layout.subnets[place.index].id),
        Level::Pool => format!("pool {}", place.index + 1),
    }
}

/// A text with something else for each name in it that is not a part of a word.
fn without(text: &str, name: &str, other: &str) -> String {
    let (mut shown, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(name).filter(|_| !name.is_empty()) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let is_part = before.ends_with(is_of_word) || before.is_empty() && shown.ends_with(is_of_word);
        let is_whole = !is_part && !after.starts_with(is_of_word);
        shown += before;
        shown += if is_whole { other } else { name };
        rest = after;
    }
    shown + rest
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_')
}

/// A word, without what may be an address or a path in it; punctuation stays.
fn hidden_word(word: &str) -> Cow<'_, str> {
    let inner =
        word.trim_start_matches(['(', '[', '"', '\'']).trim_end_matches([':', ',', ';', '.', ')', ']', '"', '\'']);
    if is_identifying(inner) { Cow::Owned(word.replacen(inner, HIDDEN, 1)) } else { Cow::Borrowed(word) }
}

fn is_identifying(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/' && c != '\\');
    let count = |c: char| word.matches(c).count();
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = word.split([':', '.']);
    // Of the time of day, each part has two digits.
    let is_time = count(':') == 2
        && parts.by_ref().take(3).all(|part| part.len() == 2 && is_number(part))
        && parts.all(is_number);
    let has_slash = word.trim_matches('/').contains('/') || word.starts_with('/') && word.len() > 1;
    !is_time && (has_slash || word.contains('\\') || count('.') > 1 || count(':') > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_leaves_the_sentence_as_it_is() {
        let hidden = |text: &str| text.split(' ').map(hidden_word).collect::<Vec<_>>().join(" ");
        assert_eq!(hidden("10.9.0.0/16: CRITICAL at 100 %, 0 free"), "xxx: CRITICAL at 100 %, 0 free");
        assert_eq!(
            hidden("control socket /run/kea/s4: no server listens (/etc/x)"),
            "control socket xxx: no server listens (xxx)"
        );
        assert_eq!(hidden("[fd00::1]:8000, at 12:30:01.250 in /srv"), "[xxx, at 12:30:01.250 in xxx");
    }

    #[test]
    fn a_name_is_hidden_where_it_is_a_word() {
        assert_eq!(without("s4: as4 s4-b partner s4, s4", "s4", "xxx"), "xxx: as4 s4-b partner xxx, xxx");
    }
}
