//! A server with every kind of lease.

use kea_tools::lease::Family;
use serde_json::{Value, json};

use super::hostile::{self, Keeper};
use super::leases::Leases;
use super::{Network, Server, traffic};
use crate::wait::wait_for;

/// How many clients ask for something.
const CLIENTS: u32 = 40;

/// Fills `server` with leases of ordinary clients, a declined one among them, and with hostile ones; gives them all
/// as the server tells them, which is what it was told.
pub(crate) fn fill(server: &Server, network: &Network, family: Family, keeper: Keeper) -> Leases {
    let added = match family {
        Family::V4 => hostile::leases4(keeper),
        Family::V6 => hostile::leases6(keeper),
    };
    for lease in &added {
        server.command(&format!("lease{}-add", family.digit()), lease);
    }
    decline_one(server, network, family);
    let leases = server.leases(family);
    for lease in &added {
        assert_told(&leases.0[lease["ip-address"].as_str().unwrap()], lease);
    }
    assert!(leases.0.len() > added.len() + CLIENTS as usize / 2, "hardly a client got a lease");
    leases
}

/// Clients get leases; one of them declines what it got.
fn decline_one(server: &Server, network: &Network, family: Family) {
    let (first, none) = match family {
        Family::V4 => ("10.77.1.0", "hw-address"),
        Family::V6 => ("fd00:77::1:0", "duid"),
    };
    let get = || server.command(&format!("lease{}-get", family.digit()), &json!({ "ip-address": first }));
    match family {
        Family::V4 => {
            traffic::clients4(network, CLIENTS);
            traffic::decline4(network, &get()["arguments"]);
        }
        Family::V6 => {
            traffic::clients6(network, CLIENTS);
            traffic::decline6(network, &get()["arguments"]);
        }
    }
    wait_for("the lease to be declined", || (get()["arguments"]["state"] == 1).then_some(()));
    let left = get()["arguments"][none].as_str().unwrap().to_owned();
    assert!(["", "00", "00:00:00"].contains(&left.as_str()), "a declined lease belongs to nobody, not to {left}");
}

/// Fails the test unless the server's lease is what was added, as far as that said anything.
#[track_caller]
fn assert_told(lease: &Value, added: &Value) {
    for (key, value) in added.as_object().unwrap() {
        match key.as_str() {
            "expire" => {
                let end = lease["cltt"].as_i64().unwrap() + lease["valid-lft"].as_i64().unwrap();
                assert_eq!(value.as_i64(), Some(end), "{lease}");
            }
            // Kea 2.6 does not keep a context that says nothing.
            "user-context" if value == &json!({}) && lease[key].is_null() => {}
            _ => assert_eq!(&lease[key], value, "{key} of {lease}"),
        }
    }
}
