//! Which clients a pool is for.

use std::collections::BTreeSet;

use crate::config::model::{ClientClasses, Server};

/// Classes that a new client is always in, so that they exclude none.
const OF_EVERY_NEW_CLIENT: [&str; 2] = ["ALL", "UNKNOWN"];
/// The class of clients with a reservation, which no new client is in.
const OF_KNOWN_CLIENTS: &str = "KNOWN";

/// The classes that a client of a pool must be in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Guard {
    /// Those of the pool itself, one of which is enough.
    pub classes: Vec<String>,
    /// The server of a pair whose clients it is for.
    pub scope: Option<String>,
    /// Whether a client of no class is served.
    pub is_open: bool,
    /// Of the shared network, the subnet and the pool, those that exclude some new client; of each one class is enough.
    conditions: Vec<Vec<String>>,
}

impl Guard {
    /// Of a pool with classes of its `own`, in a subnet with these guards, where these servers are in pairs.
    pub(super) fn new<'a>(
        guards: impl Iterator<Item = &'a ClientClasses>,
        own: &ClientClasses,
        servers: &[String],
    ) -> Self {
        let words = |classes: &ClientClasses| classes.required().map(str::to_owned).collect::<Vec<_>>();
        let mut outer: Vec<Vec<String>> = guards.filter(|guard| !admits_all(guard)).map(words).collect();
        let own_scope = scope_of(&words(own), servers);
        let scope = if outer.is_empty() {
            own_scope
        } else {
            // Whatever server answers, it does not serve everyone, unless the guard is for the clients of one server.
            let mut scopes = outer.iter().map(|classes| scope_of(classes, servers));
            let first = scopes.next().flatten();
            first.filter(|first| {
                scopes.all(|other| other.as_ref() == Some(first))
                    && (!own.is_guarded() || own_scope.as_ref() == Some(first))
            })
        };
        if !admits_all(own) {
            outer.push(words(own));
        }
        Self { classes: words(own), scope, is_open: outer.is_empty(), conditions: outer }
    }

    /// Whether each client of `other` is served too.
    pub(super) fn admits_clients_of(&self, other: &Self) -> bool {
        let is_met = |classes: &Vec<String>| {
            other.conditions.iter().any(|theirs| theirs.iter().all(|class| classes.contains(class)))
        };
        self.conditions.iter().all(is_met)
    }

    /// Whether only clients with a reservation are served.
    pub(super) fn is_for_known(&self) -> bool {
        self.conditions.iter().any(|classes| classes.iter().all(|class| class == OF_KNOWN_CLIENTS))
    }

    /// `a or b`, `a and c`, `a or b, and also of c`
    pub(super) fn text(&self) -> String {
        let has_choice = self.conditions.iter().any(|classes| classes.len() > 1);
        let each = self.conditions.iter().map(|classes| classes.join(" or "));
        each.collect::<Vec<_>>().join(if has_choice { ", and also of " } else { " and " })
    }
}

/// Beginnings of the names of classes that servers put clients into by themselves.
const BUILT_IN: [&str; 9] = ["ALL", "KNOWN", "UNKNOWN", "DROP", "BOOTP", "VENDOR_CLASS_", "HA_", "AFTER_", "EXTERNAL_"];

/// Those of these classes that the configuration neither defines nor gives to a client, and that no server knows by itself.
pub(super) fn undefined<'a>(guards: &'a [Guard], server: &Server) -> BTreeSet<&'a str> {
    let mut defined: BTreeSet<&str> =
        server.class_definitions.iter().filter_map(|class| class.name.as_deref()).collect();
    let hosts = server.reservations.iter().chain(server.subnets().flat_map(|served| &served.subnet.reservations));
    defined.extend(hosts.flat_map(|host| &host.client_classes).map(String::as_str));
    // A class with a template has members of other names.
    let is_template = |class: &str| class.starts_with("SPAWN_");
    let is_built_in = |class: &str| is_template(class) || BUILT_IN.iter().any(|start| class.starts_with(start));
    let is_undefined = |class: &str| !defined.contains(class) && !is_built_in(class);
    // A client in one class of a list meets its condition.
    let unmet = guards.iter().flat_map(|guard| &guard.conditions);
    let unmet = unmet.filter(|classes| classes.iter().all(|class| is_undefined(class)));
    unmet.flatten().map(String::as_str).collect()
}

/// Whether a new client of no configured class meets a condition.
fn admits_all(classes: &ClientClasses) -> bool {
    !classes.is_guarded() || classes.required().any(|class| OF_EVERY_NEW_CLIENT.contains(&class))
}

/// The server of a pair whose clients are in one of these classes.
fn scope_of(classes: &[String], servers: &[String]) -> Option<String> {
    let mut names = classes.iter().filter_map(|class| class.strip_prefix("HA_"));
    names.find(|name| servers.iter().any(|server| server == name)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(names: &[&str]) -> ClientClasses {
        names.iter().map(ToString::to_string).collect()
    }

    fn guard(outer: &[&[&str]], own: &[&str]) -> Guard {
        let outer: Vec<ClientClasses> = outer.iter().map(|names| classes(names)).collect();
        Guard::new(outer.iter(), &classes(own), &["one".to_owned()])
    }

    #[test]
    fn a_client_of_a_narrow_guard_meets_the_wider_one() {
        let (a, b, either) = (guard(&[], &["a"]), guard(&[], &["b"]), guard(&[], &["a", "b"]));
        assert!(either.admits_clients_of(&a) && either.admits_clients_of(&b) && !a.admits_clients_of(&either));
        let both = guard(&[&["a"]], &["b"]);
        assert!(a.admits_clients_of(&both) && !both.admits_clients_of(&a));
        assert_eq!((either.text(), both.text()), ("a or b".to_owned(), "a and b".to_owned()));
        assert_eq!(guard(&[&["a", "b"]], &["c"]).text(), "a or b, and also of c");
    }

    #[test]
    fn what_every_new_client_is_in_guards_nothing() {
        assert!(guard(&[&["ALL"]], &["x", "UNKNOWN"]).is_open && guard(&[], &[]).is_open);
        assert!(guard(&[], &["KNOWN"]).is_for_known() && !guard(&[], &["KNOWN", "x"]).is_for_known());
    }

    #[test]
    fn a_pool_is_for_the_clients_of_a_server_if_all_its_guards_are() {
        let scope = |outer: &[&[&str]], own: &[&str]| guard(outer, own).scope;
        assert_eq!(scope(&[], &["HA_one"]).as_deref(), Some("one"));
        assert_eq!(scope(&[&["HA_one"]], &[]).as_deref(), Some("one"));
        assert_eq!(scope(&[&["HA_one"]], &["x"]), None);
        assert_eq!(scope(&[&["x"]], &["HA_one"]), None);
        assert_eq!(scope(&[], &["HA_two"]), None);
    }
}
