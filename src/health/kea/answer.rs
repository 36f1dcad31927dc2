//! A daemon's answer to status-get.
//!
//! Every member may be missing, since each release of Kea reports more than the one before, and the types of the values
//! are not trusted.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The arguments of an answer to status-get.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Status {
    /// The daemon's process number in its own pid namespace.
    pub pid: Option<i64>,
    /// Seconds since it started.
    pub uptime: Option<i64>,
    /// Seconds since it last loaded a configuration with success.
    pub reload: Option<i64>,
    /// Threads that serve packets; `None` without multi-threading.
    pub threads: Option<i64>,
    /// Packets waiting, on average over the last 10, 100 and 1000.
    pub packet_queue: Option<[f64; 3]>,
    /// The most packets that may wait for a thread.
    pub packet_queue_size: Option<i64>,
    /// `ready`, `retrying` or `failed` (2.2.0 and later).
    pub sockets: Option<String>,
    /// The errors of the sockets.
    pub socket_errors: Vec<String>,
    /// Whether DHCP is disabled (2.7.1 and later).
    pub dhcp_state: Option<DhcpState>,
    /// The lease file (3.1.2 and later).
    pub lease_file: Option<String>,
    /// High availability: one for each relationship.
    pub high_availability: Vec<Relationship>,
}

/// Why DHCP is disabled.
#[expect(clippy::struct_excessive_bools, reason = "they are Kea's, and independent of each other")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct DhcpState {
    /// Whether it is disabled for any reason.
    pub globally_disabled: bool,
    /// By an administrator's dhcp-disable.
    pub by_user: bool,
    /// By the high-availability code of this server.
    pub by_local_command: bool,
    /// By the partner's.
    pub by_remote_command: bool,
    /// Because a database is lost.
    pub by_database: bool,
}

/// A high-availability relationship, as this server sees it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Relationship {
    /// `load-balancing`, `hot-standby` or `passive-backup`.
    pub mode: String,
    /// This server's state.
    pub state: String,
    /// This server's role: `primary`, `secondary`, `standby`, `backup`.
    pub role: String,
    /// This server's name (2.7.2 and later).
    pub name: Option<String>,
    /// The scopes it serves.
    pub scopes: Vec<String>,
    /// The partner, where there is one.
    pub partner: Option<Partner>,
}

/// The other server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Partner {
    /// Its name (2.7.2 and later).
    pub name: Option<String>,
    /// Its role.
    pub role: String,
    /// Its state in its last answer.
    pub last_state: String,
    /// The scopes it served at that time.
    pub last_scopes: Vec<String>,
    /// Seconds since its last answer.
    pub age: Option<i64>,
    /// Whether it does not answer.
    pub communication_interrupted: bool,
    /// Clients that have tried for a long time to reach the partner.
    pub unacked_clients: Option<i64>,
    /// How many more of them there must be until the partner counts as down.
    pub unacked_clients_left: Option<i64>,
    /// By how many seconds the clocks differ (2.7.2 and later).
    pub clock_skew: Option<f64>,
}

impl Status {
    /// Reads the arguments of an answer.
    #[must_use]
    pub fn read(arguments: &Value) -> Self {
        let number = |key: &str| arguments[key].as_i64();
        let sockets = &arguments["sockets"];
        Self {
            pid: number("pid"),
            uptime: number("uptime"),
            reload: number("reload"),
            threads: number("thread-pool-size").filter(|_| arguments["multi-threading-enabled"] == true),
            packet_queue: <[f64; 3]>::deserialize(&arguments["packet-queue-statistics"]).ok(),
            packet_queue_size: number("packet-queue-size"),
            sockets: text_of(&sockets["status"]),
            socket_errors: texts(&sockets["errors"]),
            dhcp_state: dhcp_state(&arguments["dhcp-state"]),
            lease_file: text_of(&arguments["csv-lease-file"]),
            high_availability: list(&arguments["high-availability"]).iter().map(relationship).collect(),
        }
    }
}

impl Status {
    /// The same with the times since the start and since the last load as they were so long before the answer, when the
    /// question was sent. Where in between the daemon counted is not known; part of a second is one. Negative times, of a clock
    /// that was set back, stay as they are.
    #[must_use]
    pub fn as_of_question(self, waited: Duration) -> Self {
        let waited = if waited < SECOND { 0 } else { i64::try_from(waited.as_millis().div_ceil(1000)).unwrap_or(0) };
        let before = |seconds: Option<i64>| seconds.map(|it| it.saturating_sub(waited).max(it.min(0)));
        Self { uptime: before(self.uptime), reload: before(self.reload), ..self }
    }
}

/// An answer that comes within it changes no whole number of seconds by more than the rounding.
const SECOND: Duration = Duration::from_secs(1);

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn texts(value: &Value) -> Vec<String> {
    list(value).iter().filter_map(text_of).collect()
}

fn dhcp_state(value: &Value) -> Option<DhcpState> {
    value.is_object().then(|| DhcpState {
        globally_disabled: value["globally-disabled"] == true,
        by_user: value["disabled-by-user"] == true,
        by_local_command: !list(&value["disabled-by-local-command"]).is_empty(),
        by_remote_command: !list(&value["disabled-by-remote-command"]).is_empty(),
        by_database: value["disabled-by-db-connection"] == true
            || !list(&value["disabled-by-db-connection"]).is_empty(),
    })
}

fn relationship(value: &Value) -> Relationship {
    let (local, remote) = (&value["ha-servers"]["local"], &value["ha-servers"]["remote"]);
    Relationship {
        mode: text_of(&value["ha-mode"]).unwrap_or_default(),
        state: text_of(&local["state"]).unwrap_or_default(),
        role: text_of(&local["role"]).unwrap_or_default(),
        name: text_of(&local["server-name"]),
        scopes: texts(&local["scopes"]),
        partner: remote.is_object().then(|| Partner {
            name: text_of(&remote["server-name"]),
            role: text_of(&remote["role"]).unwrap_or_default(),
            last_state: text_of(&remote["last-state"]).unwrap_or_default(),
            last_scopes: texts(&remote["last-scopes"]),
            age: remote["age"].as_i64(),
            communication_interrupted: remote["communication-interrupted"] == true,
            unacked_clients: remote["unacked-clients"].as_i64(),
            unacked_clients_left: remote["unacked-clients-left"].as_i64(),
            clock_skew: remote["clock-skew"].as_f64(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn status_get_of_kea_2_2_has_uptime_and_reload() {
        let status = Status::read(&json!({ "multi-threading-enabled": false, "pid": 17162, "reload": 57,
            "sockets": { "status": "ready" }, "uptime": 60 }));
        assert_eq!((status.pid, status.uptime, status.reload), (Some(17162), Some(60), Some(57)));
        assert_eq!((status.sockets.as_deref(), status.threads, status.dhcp_state), (Some("ready"), None, None));
    }

    #[test]
    fn a_late_answer_does_not_make_the_last_load_earlier() {
        let status = || Status { uptime: Some(60), reload: Some(7), ..Status::default() };
        let late = status().as_of_question(Duration::from_millis(4200));
        assert_eq!((late.uptime, late.reload), (Some(55), Some(2)));
        assert_eq!(status().as_of_question(Duration::from_millis(900)), status());
        assert_eq!(status().as_of_question(Duration::from_secs(20)).reload, Some(0));
    }

    #[test]
    fn a_newer_one_tells_who_switched_it_off() {
        let state = json!({ "dhcp-state": { "globally-disabled": true, "disabled-by-user": false,
            "disabled-by-local-command": [], "disabled-by-remote-command": [1], "disabled-by-db-connection": true } });
        let expected = DhcpState {
            globally_disabled: true,
            by_user: false,
            by_local_command: false,
            by_remote_command: true,
            by_database: true,
        };
        assert_eq!(Status::read(&state).dhcp_state, Some(expected));
    }

    #[test]
    fn relationships_are_read_with_and_without_a_partner() {
        let status = Status::read(&json!({ "high-availability": [
            { "ha-mode": "hot-standby", "ha-servers": {
                "local": { "role": "primary", "scopes": ["a"], "state": "hot-standby", "server-name": "a" },
                "remote": { "age": 3, "communication-interrupted": true, "last-scopes": [], "last-state": "hot-standby",
                    "role": "standby", "unacked-clients": 2, "unacked-clients-left": 9, "clock-skew": null } } },
            { "ha-mode": "passive-backup", "ha-servers": { "local": { "role": "primary", "scopes": ["a"],
                "state": "passive-backup" } } } ] }));
        let [pair, alone] = &status.high_availability[..] else { panic!("{status:?}") };
        let partner = pair.partner.as_ref().unwrap();
        assert_eq!((partner.age, partner.unacked_clients, partner.clock_skew), (Some(3), Some(2), None));
        assert!(partner.communication_interrupted && alone.partner.is_none());
        assert_eq!((pair.name.as_deref(), alone.state.as_str()), (Some("a"), "passive-backup"));
    }

    #[test]
    fn what_is_of_another_kind_than_the_manual_says_is_not_there() {
        for odd in
            [json!(null), json!([]), json!({ "pid": "x", "uptime": 1.5, "sockets": [], "high-availability": {} })]
        {
            assert_eq!(Status::read(&odd), Status::default());
        }
        let odd = Status::read(&json!({ "high-availability": [7, null, { "ha-servers": [] }] }));
        assert_eq!(odd.high_availability, vec![Relationship::default(); 3]);
    }
}
