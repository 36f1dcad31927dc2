//! A server's configuration.

use std::path::Path;

use kea_tools::lease::Family;
use serde_json::{Value, json};

use super::Kea;
use super::network::SERVER_INTERFACE;

/// The configuration of a server that keeps everything in `dir` and its leases as `lease_database` says.
///
/// Nothing happens to a lease by itself: expired ones are not reclaimed, reclaimed ones not removed, so that two
/// servers with the same leases give the same answers whenever they are asked.
pub(crate) fn configuration(kea: &Kea, family: Family, dir: &Path, lease_database: &Value) -> Value {
    let name = format!("Dhcp{}", family.digit());
    let mut hooks = vec!["libdhcp_lease_cmds.so"];
    if kea.has_backend_hooks() {
        match lease_database["type"].as_str() {
            Some("mysql") => hooks.push("libdhcp_mysql.so"),
            Some("postgresql") => hooks.push("libdhcp_pgsql.so"),
            _ => {}
        }
    }
    let mut server = json!({
        "interfaces-config": { "interfaces": [SERVER_INTERFACE] },
        "control-socket": { "socket-type": "unix", "socket-name": dir.join("run/control") },
        "lease-database": lease_database,
        "hooks-libraries": hooks.iter().map(|name| json!({ "library": kea.hook(name) })).collect::<Vec<_>>(),
        "expired-leases-processing": { "reclaim-timer-wait-time": 0, "flush-reclaimed-timer-wait-time": 3600 },
        "valid-lifetime": 7200,
        "store-extended-info": true,
        "loggers": [{
            "name": format!("kea-dhcp{}", family.digit()),
            "output_options": [{ "output": dir.join("log/server.log") }],
            "severity": "INFO",
        }],
    });
    let members = server.as_object_mut().unwrap();
    let own = match family {
        Family::V4 => subnets4(),
        Family::V6 => subnets6(),
    };
    members.extend(own.as_object().unwrap().clone());
    if kea.version != "2.2" {
        // Newer Kea would rewrite what an older one has stored of relays, and then say something else.
        members.insert("sanity-checks".to_owned(), json!({ "extended-info-checks": "none" }));
    } else if family == Family::V6 {
        // Kea 2.6 is told by a variable.
        members.insert("data-directory".to_owned(), json!(dir.join("data")));
    }
    json!({ name: server })
}

fn subnets4() -> Value {
    json!({
        "subnet4": [{ "id": 1, "subnet": "10.77.0.0/16", "pools": [{ "pool": "10.77.1.0 - 10.77.15.255" }] }],
    })
}

fn subnets6() -> Value {
    json!({
        "server-id": { "type": "EN", "enterprise-id": 2495, "identifier": "0011223344", "persist": false },
        "preferred-lifetime": 3600,
        "subnet6": [{
            "id": 1,
            "subnet": "fd00:77::/64",
            "interface": SERVER_INTERFACE,
            "pools": [{ "pool": "fd00:77::1:0 - fd00:77::1:ffff" }],
            "pd-pools": [{ "prefix": "fd00:88::", "prefix-len": 32, "delegated-len": 56 }],
        }],
    })
}
