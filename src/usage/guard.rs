//! Which clients a pool is for.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::{HashMap, HashSet};

use crate::config::model::{ClassDefinition, ClientClasses, HighAvailability, Peer, Server};

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

/// The servers of pairs.
#[derive(Debug, Default)]
pub(super) struct Servers {
    names: Vec<String>,
    /// Of each relationship, those that serve clients now or after a failure of another.
    pairs: Vec<Vec<String>>,
}

impl Servers {
    /// Those of a configuration.
    pub(super) fn new(server: &Server) -> Self {
        let name = |peer: &Peer| peer.name.clone();
        let is_active = |peer: &&Peer| peer.role.as_deref().is_none_or(|role| role != "backup");
        let pair = |ha: &HighAvailability| ha.peers.iter().filter(is_active).filter_map(name).collect::<Vec<_>>();
        Self {
            names: server.high_availability().flat_map(|ha| &ha.peers).filter_map(name).collect(),
            pairs: server.high_availability().map(pair).filter(|pair| !pair.is_empty()).collect(),
        }
    }

    /// Whether the classes are those of all servers of a pair: each client is in that of one of them.
    fn are_all_in(&self, classes: &ClientClasses) -> bool {
        let is_in = |name: &String| classes.required().any(|class| class.strip_prefix("HA_") == Some(name));
        self.pairs.iter().any(|pair| pair.iter().all(is_in))
    }
}

impl Guard {
    /// Of a pool with classes of its `own`, in a subnet with these guards, where these servers are in pairs.
    pub(super) fn new<'a>(
        guards: impl Iterator<Item = &'a ClientClasses>,
        own: &ClientClasses,
        servers: &Servers,
    ) -> Self {
        let words = |classes: &ClientClasses| classes.required().map(str::to_owned).collect::<Vec<_>>();
        let admits_all = |classes: &ClientClasses| admits_all(classes) || servers.are_all_in(classes);
        let mut outer: Vec<Vec<String>> = guards.filter(|guard| !admits_all(guard)).map(words).collect();
        let is_guarded = !admits_all(own);
        let own_scope = if is_guarded { scope_of(&words(own), &servers.names) } else { None };
        let scope = if outer.is_empty() {
            own_scope
        } else {
            // Whatever server answers, it does not serve everyone, unless the guard is for the clients of one server.
            let mut scopes = outer.iter().map(|classes| scope_of(classes, &servers.names));
            let first = scopes.next().flatten();
            first.filter(|first| {
                scopes.all(|other| other.as_ref() == Some(first)) && (!is_guarded || own_scope.as_ref() == Some(first))
            })
        };
        if is_guarded {
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

/// Why a class has no members, as far as the configuration says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Empty {
    /// It is not defined.
    Undefined,
    /// Its definition has no expression.
    Untested,
    /// It is evaluated after a pool is chosen.
    Late,
}

impl Empty {
    /// That it is so of these classes, written with quotes.
    pub(super) fn text(self, classes: &str) -> String {
        match self {
            Self::Undefined => format!("no class {classes} is defined"),
            Self::Untested => format!("class {classes} has no \"test\""),
            Self::Late => format!(
                "class {classes} is evaluated after the pool is chosen (\"only-if-required\", \"only-in-additional-list\")"
            ),
        }
    }
}

/// Those of these classes that no client is in when a pool is chosen, as far as the configuration says: it does not give them to a
/// host either, and no server knows them by itself.
pub(super) fn empty_classes<'a>(guards: &'a [Guard], server: &Server) -> BTreeMap<Empty, BTreeSet<&'a str>> {
    let named = server.class_definitions.iter().filter_map(|class| Some((class.name.as_deref()?, class)));
    let defined: HashMap<&str, Option<Empty>> = named.map(|(name, class)| (name, emptiness(class))).collect();
    let hosts = server.reservations.iter().chain(server.subnets().flat_map(|served| &served.subnet.reservations));
    let of_hosts: HashSet<&str> = hosts.flat_map(|host| &host.client_classes).map(String::as_str).collect();
    // A class with a template has members of other names.
    let is_template = |class: &str| class.starts_with("SPAWN_");
    let is_built_in = |class: &str| is_template(class) || BUILT_IN.iter().any(|start| class.starts_with(start));
    let why = |class: &str| match defined.get(class) {
        _ if of_hosts.contains(class) || is_built_in(class) => None,
        Some(why) => *why,
        None => Some(Empty::Undefined),
    };
    let mut empty: BTreeMap<Empty, BTreeSet<&str>> = BTreeMap::new();
    // A client in one class of a list meets its condition.
    let unmet = guards.iter().flat_map(|guard| &guard.conditions);
    for classes in unmet.filter(|classes| classes.iter().all(|class| why(class).is_some())) {
        for class in classes {
            empty.entry(why(class).unwrap_or(Empty::Undefined)).or_default().insert(class);
        }
    }
    empty
}

/// Why no client is in a class that is defined so.
fn emptiness(class: &ClassDefinition) -> Option<Empty> {
    if class.only_if_required || class.only_in_additional_list {
        return Some(Empty::Late);
    }
    let is_tested = [&class.test, &class.template_test].into_iter().flatten().any(|test| !test.trim().is_empty());
    (!is_tested).then_some(Empty::Untested)
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
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let servers = Servers { names: names(&["one", "two"]), pairs: vec![names(&["one", "two"])] };
        Guard::new(outer.iter(), &classes(own), &servers)
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
        assert_eq!(scope(&[], &["HA_three"]), None);
    }

    #[test]
    fn a_pool_of_both_servers_is_for_all_clients() {
        for (outer, own) in [
            (&[][..], &["HA_one", "HA_two"][..]),
            (&[], &["HA_two", "x", "HA_one"]),
            (&[&["HA_one", "HA_two"][..]], &[]),
            (&[&["HA_two", "HA_one"]], &["HA_one", "HA_two"]),
        ] {
            let guard = guard(outer, own);
            assert!(guard.is_open && guard.scope.is_none(), "{outer:?} {own:?}: {guard:?}");
        }
        let half = guard(&[&["HA_one", "HA_two"]], &["HA_one"]);
        assert_eq!((half.is_open, half.scope.as_deref()), (false, Some("one")));
        let half = guard(&[&["HA_two"]], &["HA_one", "HA_two"]);
        assert_eq!((half.is_open, half.scope.as_deref()), (false, Some("two")));
    }
}
