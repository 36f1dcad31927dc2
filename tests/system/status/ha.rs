//! A high-availability pair through its life, and what keactrl-status says of both servers at every step.

use std::fs;

use kea_tools::config::Daemon;
use serde_json::{Value, json};

use super::machine::{Machine, Running, usual};
use crate::program::Outcome;
use crate::wait::{wait_for, wait_for_what};

/// Two servers on one machine, each with an interface, a socket and a listener of its own.
pub(crate) struct Pair {
    pub(crate) machine: Machine,
}

/// What distinguishes a pair from another: its mode, and how many clients its partner must leave without an answer
/// before it is called down.
#[derive(Clone, Copy)]
pub(crate) struct PairSettings {
    pub(crate) mode: &'static str,
    pub(crate) max_unacked_clients: u32,
    /// After how many milliseconds without an answer the communication counts as interrupted; a server that is alone waits so long.
    pub(crate) max_response_delay: u32,
}

pub(crate) const NAMES: [&str; 2] = ["one", "two"];

impl Pair {
    pub(crate) fn new(kind: PairSettings) -> Self {
        let machine = Machine::new();
        machine.shell(
            "for n in 1 2; do
                ip link add ha$n type veth peer name peer$n
                ip addr add 10.77.0.1$n/32 dev ha$n
                ip link set ha$n up; ip link set peer$n up
            done",
        );
        for (number, name) in NAMES.iter().enumerate() {
            machine.configure_as(&format!("{name}.conf"), Daemon::Dhcp4, &configuration(kind, number));
        }
        Self { machine }
    }

    pub(crate) fn start(&self, name: &str) -> Running<'_> {
        let running = self.machine.start_as(&format!("{name}.conf"), Daemon::Dhcp4);
        wait_for("the control socket", || self.state(name));
        running
    }

    /// The state in which a server says it is.
    fn state(&self, name: &str) -> Option<String> {
        let answer = self.machine.control(name).try_command("status-get", None).ok()?;
        let local = &answer["arguments"]["high-availability"][0]["ha-servers"]["local"];
        local["state"].as_str().map(str::to_owned)
    }

    #[track_caller]
    pub(crate) fn wait_for_state(&self, name: &str, state: &str) {
        let what = || format!("{name} to be in {state}: {}", self.course());
        wait_for_what(&what, || (self.state(name)? == state).then_some(()));
    }

    /// The states of both, and how they came to them.
    fn course(&self) -> String {
        let of = |name: &&str| {
            let log = fs::read_to_string(self.machine.etc(&format!("{name}.log"))).unwrap_or_default();
            let lines: Vec<_> = log.lines().filter(|line| line.contains(" HA_") && !line.contains("DEBUG")).collect();
            let last = lines[lines.len().saturating_sub(25)..].join("\n");
            format!("{name} is in {:?}\n{last}\n", self.state(name))
        };
        NAMES.iter().map(of).collect()
    }

    /// Cancels the maintenance until both servers balance the load again and know it of each other: the answer to a heartbeat that was
    /// under way brings Kea 2.2 back into the maintenance.
    #[track_caller]
    fn cancel_maintenance(&self) {
        wait_for_what(&|| format!("both to be in load-balancing: {}", self.course()), || {
            let balances = |name: &&str| {
                let answer = self.machine.control(name).try_command("status-get", None).ok()?;
                let servers = &answer["arguments"]["high-availability"][0]["ha-servers"];
                let states = [&servers["local"]["state"], &servers["remote"]["last-state"]];
                Some(states.iter().all(|state| *state == "load-balancing"))
            };
            if self.state("one")? == "partner-in-maintenance" {
                // One that is out of it by now refuses.
                let _ = self.machine.control("one").try_command("ha-maintenance-cancel", None);
            }
            NAMES.iter().all(|name| balances(name) == Some(true)).then_some(())
        });
    }

    fn command(&self, name: &str, command: &str) -> Value {
        self.machine.control(name).command(command, None)
    }

    fn said(&self, arguments: &str) -> Outcome {
        self.machine.status(&format!("-s dhcp4 -t 3 {arguments}"))
    }

    /// What is known of a server.
    fn facts(&self, name: &str) -> Value {
        let outcome = self.said("-f json");
        let document: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:?}"));
        let daemons = document["daemons"].as_array().unwrap().iter();
        daemons.into_iter().find(|daemon| daemon["name"] == name).unwrap_or_else(|| panic!("{document:#}")).clone()
    }

    /// Asserts verdict, state and a finding's name and a part of its text; the finding is in every format.
    #[track_caller]
    fn assert_found(&self, name: &str, verdict: &str, state: &str, id: &str, text: &str) {
        let facts = self.facts(name);
        assert_eq!((&facts["verdict"], &facts["state"]), (&json!(verdict), &json!(state)), "{facts:#}");
        let findings = facts["findings"].as_array().unwrap();
        let found = findings.iter().find(|finding| finding["id"] == id).unwrap_or_else(|| panic!("{id}: {facts:#}"));
        assert!(found["text"].as_str().unwrap().contains(text), "{found}");
        let classic = self.said("").stdout;
        let line = format!("DHCPv4 server: {}: ", found["state"].as_str().unwrap());
        assert!(classic.lines().any(|it| it.starts_with(&line) && it.contains(text)), "{classic}");
        assert!(self.said("-f nagios").stdout.contains(text));
    }

    #[track_caller]
    fn assert_well(&self, name: &str) {
        let facts = self.facts(name);
        assert_eq!((&facts["verdict"], &facts["state"]), (&json!("serving"), &json!("OK")), "{facts:#}");
    }
}

fn configuration(kind: PairSettings, number: usize) -> Value {
    let second_role = if kind.mode == "hot-standby" { "standby" } else { "secondary" };
    let roles = ["primary", second_role];
    let peer = |(number, name): (usize, &&str)| {
        let role = roles[number];
        json!({
            "name": name, "role": role, "auto-failover": true,
            "url": format!("http://127.0.0.1:809{number}/"),
        })
    };
    let relationship = json!({
        "this-server-name": NAMES[number],
        "mode": kind.mode,
        "heartbeat-delay": 200,
        "max-response-delay": kind.max_response_delay,
        "max-ack-delay": 1000,
        "max-unacked-clients": kind.max_unacked_clients,
        "delayed-updates-limit": if kind.mode == "hot-standby" { 0 } else { 100 },
        "multi-threading": { "enable-multi-threading": true, "http-dedicated-listener": true,
            "http-listener-threads": 2, "http-client-threads": 2 },
        "peers": NAMES.iter().enumerate().map(peer).collect::<Vec<_>>(),
    });
    let hooks = "/usr/lib/x86_64-linux-gnu/kea/hooks";
    let mut server = usual(Daemon::Dhcp4);
    let name = NAMES[number];
    server["interfaces-config"] = json!({ "interfaces": [format!("ha{}", number + 1)] });
    server["control-socket"]["socket-name"] = json!(format!("/run/kea/{name}"));
    server["lease-database"] = json!({ "type": "memfile", "name": format!("/var/lib/kea/{name}.csv") });
    server["loggers"][0]["output_options"][0]["output"] = json!(format!("/etc/kea/{name}.log"));
    server["multi-threading"] =
        json!({ "enable-multi-threading": true, "thread-pool-size": 2, "packet-queue-size": 64 });
    server["hooks-libraries"] = json!([
        { "library": format!("{hooks}/libdhcp_lease_cmds.so") },
        { "library": format!("{hooks}/libdhcp_ha.so"), "parameters": { "high-availability": [relationship] } },
    ]);
    server
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn a_load_balancing_pair_is_followed_through_its_states() {
    // Long enough for what is asserted of one that waits, also where programs are slow to start.
    let pair = Pair::new(PairSettings { mode: "load-balancing", max_unacked_clients: 5, max_response_delay: 8000 });
    let _one = pair.start("one");
    pair.wait_for_state("one", "waiting");
    pair.assert_found("one", "not-serving", "WARNING", "ha-not-ready", "it serves no client in state waiting");
    assert_eq!(pair.said("-q").status, 1);

    let two = pair.start("two");
    for name in NAMES {
        pair.wait_for_state(name, "load-balancing");
    }
    for name in NAMES {
        pair.assert_well(name);
    }
    let well = pair.said("-f nagios --expect-ha load-balancing");
    assert_eq!(well.status, 0, "{well:?}");
    assert!(well.stdout.contains("'dhcp4_one_unacked_clients'=0;;;0"), "{well:?}");
    let unexpected = pair.said("-f nagios --expect-ha hot-standby");
    assert_eq!(unexpected.status, 2);
    assert!(unexpected.stdout.contains("hot-standby is expected, not load-balancing"), "{unexpected:?}");

    pair.command("one", "ha-maintenance-start");
    pair.wait_for_state("one", "partner-in-maintenance");
    pair.wait_for_state("two", "in-maintenance");
    pair.assert_found("one", "serving", "WARNING", "ha-maintenance", "it serves alone");
    pair.assert_found("two", "not-serving", "WARNING", "ha-maintenance", "it is in maintenance");
    pair.cancel_maintenance();

    two.signal("STOP");
    pair.wait_for_state("one", "communication-recovery");
    pair.assert_found("one", "serving", "WARNING", "ha-communication-recovery", "does not answer");
    assert_eq!(pair.facts("two")["verdict"], "stopped");
    assert_eq!(pair.said("-q").status, 1);
    two.signal("CONT");
    for name in NAMES {
        pair.wait_for_state(name, "load-balancing");
    }
    for name in NAMES {
        pair.assert_well(name);
    }
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn a_standby_that_took_over_is_reported() {
    let pair = Pair::new(PairSettings { mode: "hot-standby", max_unacked_clients: 0, max_response_delay: 1000 });
    let (mut one, two) = (pair.start("one"), pair.start("two"));
    for name in NAMES {
        pair.wait_for_state(name, "hot-standby");
    }
    let well = pair.said("--expect-ha hot-standby");
    assert_eq!(well.status, 0, "{well:?}");

    // Each goes on living, and neither hears of the other.
    pair.machine.shell("ip link set lo down");
    for name in NAMES {
        pair.wait_for_state(name, "partner-down");
    }
    for name in NAMES {
        pair.assert_found(
            name,
            "serving",
            "CRITICAL",
            "ha-partner-down",
            "it serves alone because its partner is down",
        );
    }
    pair.machine.shell("ip link set lo up");
    for name in NAMES {
        pair.wait_for_state(name, "hot-standby");
    }

    one.end("KILL");
    pair.wait_for_state("two", "partner-down");
    pair.assert_found("two", "serving", "CRITICAL", "ha-partner-down", "it serves alone because its partner is down");
    assert_eq!(pair.facts("one")["verdict"], "stale-pid-file");
    drop(one);
    let critical = pair.said("-f nagios");
    assert_eq!(critical.status, 2, "{critical:?}");
    pair.machine.shell("rm /run/kea/one.kea-dhcp4.pid; rm /etc/kea/one.conf");
    let mild = pair.said("-f nagios --ha-partner-down warning");
    assert_eq!(mild.status, 1, "{mild:?}");
    assert!(mild.stdout.starts_with("KEA WARNING - ") && mild.stdout.contains("its partner is down"), "{mild:?}");
    assert_eq!(pair.said("-f nagios --ha-partner-down ok").status, 0);
    drop(two);
}
