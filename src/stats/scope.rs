//! What a statistic is about, as its name says: `subnet[1].pool[2].assigned-addresses`.

/// What a statistic is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope<'a> {
    /// The whole server.
    Global,
    /// The subnet of this number.
    Subnet(u32),
    /// The address pools of a subnet that have this number.
    Pool {
        /// The subnet's number.
        subnet: u32,
        /// The pools' number; not their place in the configuration.
        pool: u32,
    },
    /// The prefix pools of a subnet that have this number.
    PrefixPool {
        /// The subnet's number.
        subnet: u32,
        /// The pools' number.
        pool: u32,
    },
    /// The TSIG key of this name (DHCP-DDNS).
    Key(&'a str),
}

impl<'a> Scope<'a> {
    /// What a statistic is about, and its name in that scope. What has another form is a name of the whole server.
    #[must_use]
    pub fn split(name: &'a str) -> (Self, &'a str) {
        subnet(name).or_else(|| key(name)).unwrap_or((Self::Global, name))
    }

    /// The name of a statistic of this: `subnet[1].pool[2].assigned-addresses`.
    #[must_use]
    pub fn name_of(self, name: &str) -> String {
        match self {
            Self::Global => name.to_owned(),
            Self::Subnet(subnet) => format!("subnet[{subnet}].{name}"),
            Self::Pool { subnet, pool } => format!("subnet[{subnet}].pool[{pool}].{name}"),
            Self::PrefixPool { subnet, pool } => format!("subnet[{subnet}].pd-pool[{pool}].{name}"),
            Self::Key(key) => format!("key[{key}].{name}"),
        }
    }

    /// The number of the subnet that it is or is part of.
    #[must_use]
    pub fn subnet(self) -> Option<u32> {
        match self {
            Self::Subnet(subnet) | Self::Pool { subnet, .. } | Self::PrefixPool { subnet, .. } => Some(subnet),
            Self::Global | Self::Key(_) => None,
        }
    }
}

fn subnet(name: &str) -> Option<(Scope<'_>, &str)> {
    let (subnet, rest) = number(name, "subnet[")?;
    if let Some((pool, rest)) = number(rest, "pool[") {
        return Some((Scope::Pool { subnet, pool }, rest));
    }
    if let Some((pool, rest)) = number(rest, "pd-pool[") {
        return Some((Scope::PrefixPool { subnet, pool }, rest));
    }
    Some((Scope::Subnet(subnet), rest))
}

/// The number in brackets after `word`, and what follows the dot.
fn number<'a>(name: &'a str, word: &str) -> Option<(u32, &'a str)> {
    let (number, rest) = name.strip_prefix(word)?.split_once("].")?;
    let is_number = !rest.is_empty() && number.bytes().all(|octet| octet.is_ascii_digit());
    Some((number.parse().ok().filter(|_| is_number)?, rest))
}

/// The name of a key may have brackets and dots, a statistic's has none.
fn key(name: &str) -> Option<(Scope<'_>, &str)> {
    let (key, rest) = name.strip_prefix("key[")?.rsplit_once("].")?;
    (!key.is_empty() && !rest.is_empty()).then_some((Scope::Key(key), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_says_what_it_is_about() {
        for (name, scope, base) in [
            ("pkt4-ack-sent", Scope::Global, "pkt4-ack-sent"),
            ("subnet[4294967294].total-nas", Scope::Subnet(4_294_967_294), "total-nas"),
            ("subnet[1].pool[0].total-nas", Scope::Pool { subnet: 1, pool: 0 }, "total-nas"),
            ("subnet[1].pd-pool[7].total-pds", Scope::PrefixPool { subnet: 1, pool: 7 }, "total-pds"),
            ("key[a.b].c.].update-sent", Scope::Key("a.b].c."), "update-sent"),
        ] {
            assert_eq!(scope.name_of(base), name);
            assert_eq!(Scope::split(name), (scope, base));
        }
    }

    #[test]
    fn what_has_another_form_is_about_the_server() {
        for name in ["", "subnet[", "subnet[x].y", "subnet[4294967296].y", "subnet[+1].y", "subnet[1].", "key[].y"] {
            assert_eq!(Scope::split(name), (Scope::Global, name));
        }
        assert_eq!(Scope::split("subnet[1].pool[x].y"), (Scope::Subnet(1), "pool[x].y"));
    }

    proptest! {
        #[test]
        fn any_name_is_taken_apart(name in "(subnet|key|pool|pd-pool|\\[|\\]|\\.|[0-9]|x|\u{fc}){0,12}") {
            let (_, base) = Scope::split(&name);
            prop_assert!(name.ends_with(base));
        }
    }
}
