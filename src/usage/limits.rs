//! Limits of the hook library `libdhcp_limits`: how many leases a subnet or the members of a class may have, whatever is free.

use super::layout::Layout;
use super::place::{LayoutPlace, ResourceKind};
use crate::config::Config;
use crate::config::json::{Data, Value};

/// So many subnets and classes are named.
const MOST_NAMED: usize = 5;

/// The limits that may leave new clients without a lease while pools have free ones, a sentence each.
pub(super) fn notes(config: &Config, layout: &Layout) -> Vec<String> {
    if !config.server.hooks.iter().any(|hook| hook.file_name().contains("dhcp_limits")) {
        return Vec::new();
    }
    let subnets = config.server.subnets().filter_map(|served| {
        let context = served.subnet.settings.user_context.as_deref()?;
        let place = LayoutPlace::subnet(layout.subnet_with(served.subnet.id)?);
        let has_more = |kind, limit: u64| {
            let sizes = layout.pools_of(place, kind).map(|pool| layout.pools[pool].total);
            sizes.fold(0_u128, u128::saturating_add) > limit.into()
        };
        limit_in(context, has_more).map(|limit| format!("subnet {} {limit}", served.subnet.prefix))
    });
    let classes = config.server.class_definitions.iter().filter_map(|class| {
        let (name, context) = (class.name.as_deref()?, class.rest.get("user-context")?);
        limit_in(context, |_, _| true).map(|limit| format!("class \"{name}\" {limit}"))
    });
    let all: Vec<String> = subnets.chain(classes).collect();
    let Some(first) = all.first() else { return Vec::new() };
    let named = all.iter().take(MOST_NAMED).skip(1).fold(first.clone(), |text, next| text + ", " + next);
    let more = match all.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let file = config.file.display();
    vec![format!("{file}: new clients may get less than is free, as libdhcp_limits limits {named}{more}")]
}

/// `to 100 addresses and 10 prefixes`; `None` if nothing is limited below what there is.
fn limit_in(context: &Value, has_more: impl Fn(ResourceKind, u64) -> bool) -> Option<String> {
    let limits = context.get("limits")?;
    let of = |key: &str, kind: ResourceKind| match limits.get(key)?.data {
        Data::Int(limit) => u64::try_from(limit).ok().filter(|limit| has_more(kind, *limit)),
        _ => None,
    };
    let each = [("address-limit", ResourceKind::Addresses), ("prefix-limit", ResourceKind::Prefixes)];
    let found = each.into_iter().filter_map(|(key, kind)| Some(format!("{} {}", of(key, kind)?, kind.plural())));
    let found: Vec<String> = found.collect();
    (!found.is_empty()).then(|| format!("to {}", found.join(" and ")))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Daemon, Document};

    fn notes_of(library: &str, limits: &str, class: &str) -> Vec<String> {
        let text = format!(
            r#"{{"Dhcp6": {{"hooks-libraries": [{{"library": "/x/{library}"}}],
            "client-classes": [{{"name": "gold", "test": "true" {class} }}],
            "subnet6": [{{"id": 1, "subnet": "2001:db8::/64", "pools": [{{"pool": "2001:db8::1 - 2001:db8::a"}}],
            "pd-pools": [{{"prefix": "2001:db8:8::", "prefix-len": 56, "delegated-len": 60}}] {limits} }}]}}}}"#
        );
        let mut reader = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
        let config = Document::parse(Path::new("c"), text.into_bytes(), &mut reader).config(Daemon::Dhcp6).unwrap();
        Layout::new(&config).faults
    }

    #[test]
    fn limits_below_what_pools_have_are_noted() {
        let context = |limits: &str| format!(", \"user-context\": {{ \"limits\": {{ {limits} }} }}");
        let hook = "libdhcp_limits.so";
        for (limits, class, expected) in [
            ("\"address-limit\": 9", "", "subnet 2001:db8::/64 to 9 addresses"),
            ("\"prefix-limit\": 0", "", "subnet 2001:db8::/64 to 0 prefixes"),
            ("\"address-limit\": 1, \"prefix-limit\": 2", "", "to 1 addresses and 2 prefixes"),
            ("\"rate-limit\": \"1 packet per second\"", "\"address-limit\": 100", "class \"gold\" to 100 addresses"),
        ] {
            let notes = notes_of(hook, &context(limits), &context(class));
            let [note] = &notes[..] else { panic!("{limits} {class}: {notes:?}") };
            assert!(note.ends_with(expected), "{note}");
        }
        for (library, limits) in [
            (hook, "\"address-limit\": 10, \"prefix-limit\": 16"),
            (hook, "\"rate-limit\": \"1 packet per second\""),
            (hook, "\"address-limit\": \"9\""),
            ("libdhcp_stat_cmds.so", "\"address-limit\": 9"),
        ] {
            assert_eq!(notes_of(library, &context(limits), ""), [] as [&str; 0], "{library} {limits}");
        }
    }
}
