//! Leases asked of a running server are those it has: over its socket, and through the Control Agent.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kea_tools::lease::Family;
use serde_json::{Value, json};

use crate::kea::agent::{Agent, certificates};
use crate::kea::database::Database;
use crate::kea::hostile::{self, Keeper};
use crate::kea::leases::Leases;
use crate::kea::{Instance, Kea, Network, Server};
use crate::list_leases::{listed, without_additions};
use crate::loads_in_kea::dump;
use crate::memfile_faults::as_nobody;
use crate::namespace::is_root;
use crate::program::{Outcome, kea_lease_dump, kea_list_leases, must, run, signal};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kea-lease-dump");

/// A server of `instance` with leases that every back end takes.
pub(crate) fn with_leases(instance: &Instance, network: &Network) -> Server {
    let server = instance.start(network);
    let leases = match instance.family {
        Family::V4 => hostile::leases4(Keeper::Any),
        Family::V6 => hostile::leases6(Keeper::Any),
    };
    for lease in &leases {
        server.command(&format!("lease{}-add", instance.family.digit()), lease);
    }
    server
}

fn read(json: &str) -> Leases {
    Leases::from_list(&serde_json::from_str(json).unwrap())
}

/// The same leases without when those for ever were given, which is when the test said so.
fn without_moments(mut leases: Leases) -> Leases {
    for lease in leases.0.values_mut().filter(|lease| lease["valid-lft"] == u32::MAX) {
        lease["cltt"] = Value::Null;
    }
    leases
}

fn four_ways_lead_to_the_same_leases(family: Family) {
    let kea = Kea::debian12();
    let instances = [
        Instance::memfile(&kea, family),
        Instance::on(&kea, family, &Database::postgresql(&kea)),
        Instance::on(&kea, family, &Database::mysql(&kea)),
    ];
    let running: Vec<_> = instances
        .iter()
        .map(|instance| {
            let network = Network::new();
            (with_leases(instance, &network), network)
        })
        .collect();
    let truth = without_moments(running[0].0.leases(family));
    for (instance, (server, _)) in instances.iter().zip(&running) {
        let own = server.leases(family);
        own_is_the_truth(&own, &truth);
        read(&dump(instance, &["-f", "json"])).assert_same_as(&own);
        let before = server.log().len();
        read(&dump(instance, &["-t", "api", "-f", "json"])).assert_same_as(&own);
        for place in [&[][..], &["-t", "api"]] {
            listed(instance, place).assert_same_as(&own);
        }
        let asked = server.log().split_off(before);
        assert!(asked.contains("-get-page") && !asked.contains("-get-all"), "{asked}");
    }
}

fn own_is_the_truth(own: &Leases, truth: &Leases) {
    without_moments(own.clone()).assert_same_as(truth);
}

#[test]
#[ignore = "needs Kea, PostgreSQL and MariaDB: run scripts/test"]
fn every_backend_and_the_api_have_the_same_dhcpv4_leases() {
    four_ways_lead_to_the_same_leases(Family::V4);
}

#[test]
#[ignore = "needs Kea, PostgreSQL and MariaDB: run scripts/test"]
fn every_backend_and_the_api_have_the_same_dhcpv6_leases() {
    four_ways_lead_to_the_same_leases(Family::V6);
}

/// A server with leases and the network it is in.
struct Running {
    instance: Instance,
    network: Network,
    server: Server,
}

impl Running {
    fn new(family: Family) -> Self {
        let instance = Instance::memfile(&Kea::debian12(), family);
        let network = Network::new();
        let server = with_leases(&instance, &network);
        Self { instance, network, server }
    }

    /// Runs the program where the server and its agent are.
    fn ask<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Outcome {
        let mut command = self.network.server_side(PROGRAM);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent").env("LC_ALL", "C.UTF-8");
        run(command.args(["-f", "json"]).args(arguments))
    }

    /// The server's configuration as somebody has it to whom its socket is of no use.
    fn configuration_without_socket(&self) -> PathBuf {
        let text = fs::read_to_string(self.instance.configuration()).unwrap();
        let [socket, elsewhere] = ["run/control", "absent"].map(|name| self.instance.scratch(name));
        let configuration = self.instance.scratch(&format!("kea-dhcp{}.conf", self.instance.family.digit()));
        fs::write(&configuration, text.replace(socket.to_str().unwrap(), elsewhere.to_str().unwrap())).unwrap();
        configuration
    }

    #[track_caller]
    fn expect_leases<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) {
        let outcome = self.ask(arguments);
        outcome.expect_quiet_success();
        read(&outcome.stdout).assert_same_as(&self.server.leases(self.instance.family));
    }

    #[track_caller]
    fn expect_refusal<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>, cause: &str) {
        expect_refusal(&self.ask(arguments), cause);
    }
}

#[track_caller]
fn expect_refusal(outcome: &Outcome, cause: &str) {
    assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{}", outcome.stderr);
    assert!(outcome.stderr.contains(cause), "{cause:?} in {}", outcome.stderr);
    assert_eq!(outcome.stderr.lines().count(), 1, "one line: {}", outcome.stderr);
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn the_control_agent_gives_the_leases_to_whom_it_knows() {
    let running = Running::new(Family::V6);
    let password = running.instance.scratch("password");
    // Kea 2.2 takes a line break at the end for a part of it.
    fs::write(&password, "s3cret").unwrap();
    let clients = json!({ "authentication": { "type": "basic", "realm": "kea", "directory": running.instance.scratch(""),
        "clients": [{ "user": "admin", "password-file": "password" }] } });
    let agent = Agent::start(&running.instance, &running.network, &clients);
    let url = ["--socket", "http://127.0.0.1"];
    let login = ["-u", "admin", "--password-file", password.to_str().unwrap()];
    running.expect_leases(["-6"].into_iter().chain(url).chain(login));
    // Which leases there are need not be said.
    running.expect_leases(url.into_iter().chain(login));
    running.expect_refusal(["-4"].into_iter().chain(url).chain(login), "is not configured for the server type dhcp4");
    running.expect_refusal(["-6"].into_iter().chain(url), "give them with -u USER and -p or --password-file");
    fs::write(&password, "wrong\n").unwrap();
    running.expect_refusal(
        ["-6"].into_iter().chain(url).chain(login),
        "the server rejects user \"admin\" with the given password",
    );
    drop(agent);
    running.expect_refusal(["-6"].into_iter().chain(url), "http://127.0.0.1:8000: connection refused");
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn control_agent_is_found_without_a_control_socket() {
    let running = Running::new(Family::V4);
    let clients =
        json!({ "authentication": { "type": "basic", "clients": [{ "user": "admin", "password": "s3cret" }] } });
    let _agent = Agent::start(&running.instance, &running.network, &clients);
    let configuration = running.configuration_without_socket();
    running.expect_leases([OsStr::new("-t"), OsStr::new("api"), OsStr::new("-c"), configuration.as_os_str()]);
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn over_https_both_sides_prove_who_they_are() {
    let running = Running::new(Family::V4);
    let file = certificates(&running.instance);
    let text = |name: &str| file(name).to_str().unwrap().to_owned();
    let _agent = Agent::start(
        &running.instance,
        &running.network,
        &json!({ "trust-anchor": file("authority.crt"), "cert-file": file("server.crt"), "key-file": file("server.key") }),
    );
    let url = ["-4", "--socket", "https://127.0.0.1"];
    let (anchor, certificate, key) = (text("authority.crt"), text("client.crt"), text("client.key"));
    let identity = ["--cert-file", certificate.as_str(), "--key-file", &key];
    let trusting = ["--trust-anchor", anchor.as_str()];
    running.expect_leases(url.into_iter().chain(trusting).chain(identity));
    running.expect_leases(url.into_iter().chain(["--ssl-mode", "require"]).chain(identity));
    running.expect_refusal(url.into_iter().chain(identity), "not signed by a trusted authority");
    running.expect_refusal(url.into_iter().chain(trusting), "the server requires a certificate (--cert-file");
    running.expect_refusal(
        ["-4", "--socket", "https://localhost"].into_iter().chain(trusting).chain(identity),
        "localhost",
    );
    running.expect_refusal(["-4", "--socket", "http://127.0.0.1"], "http://127.0.0.1:8000");
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn a_server_that_is_stopped_or_was_killed_is_distinguished() {
    let running = Running::new(Family::V4);
    let socket = running.instance.scratch("run/control");
    let pid: u32 =
        fs::read_to_string(running.instance.scratch("run/kea.kea-dhcp4.pid")).unwrap().trim().parse().unwrap();
    let ask = || run(kea_lease_dump().args(["-4", "--connect-timeout", "1", "--socket"]).arg(&socket));
    signal(pid, "STOP");
    expect_refusal(&ask(), "no answer within 1 s (it hangs, is stopped, or is busy");
    signal(pid, "KILL");
    drop(running.server);
    expect_refusal(
        &ask(),
        "no server listens on it (the server that made it ended without removing it, as in a crash)",
    );
    fs::remove_file(&socket).unwrap();
    expect_refusal(&ask(), "no such socket (the server is not running");
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn a_user_without_access_to_the_socket_gets_a_remedy() {
    let running = Running::new(Family::V4);
    let socket = running.instance.scratch("run/control");
    let ask =
        || run(&mut as_nobody(kea_lease_dump().args(["-4", "--socket"]).arg(&socket), &running.instance.scratch("")));
    // Where the tests do not run as root, nobody is the owner of the socket.
    let [to_owner, to_group] = if is_root() { ["755", "770"] } else { ["555", "070"] };
    // Kea 2.2 leaves it to the umask.
    open_to_all(&running.instance, &socket, to_owner);
    expect_refusal(&ask(), "permission denied (run as ");
    if is_root() {
        must(Command::new("chgrp").arg("adm").arg(&socket));
    }
    open_to_all(&running.instance, &socket, to_group);
    expect_refusal(&ask(), "permission denied (join the group ");
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn a_user_of_the_socket_gets_leases_without_the_lease_file() {
    let running = Running::new(Family::V6);
    let socket = running.instance.scratch("run/control");
    open_to_all(&running.instance, &socket, "777");
    must(Command::new("chmod").arg("644").arg(running.instance.configuration()));
    must(Command::new("chmod").arg("000").arg(running.instance.data()));
    let mut command = kea_list_leases();
    command.args(["--all", "-f", "json", "-c"]).arg(running.instance.configuration());
    let mut command = as_nobody(&command, &running.instance.scratch(""));
    let told = run(command.env("KEA_DHCP_DATA_DIR", running.instance.data()));
    must(Command::new("chmod").arg("750").arg(running.instance.data()));
    assert_eq!(told.status, 0, "{}", told.stderr);
    let remark = format!("; asked the running server at control socket {} instead\n", socket.display());
    assert!(told.stderr.contains("Permission denied") && told.stderr.ends_with(&remark), "{}", told.stderr);
    without_additions(&told.stdout).assert_same_as(&running.server.leases(Family::V6));
}

/// Everybody may search the folders above the socket, which has `mode`.
fn open_to_all(instance: &Instance, socket: &Path, mode: &str) {
    must(Command::new("chmod").arg("755").arg(instance.scratch("")).arg(instance.scratch("run")));
    must(Command::new("chmod").arg(mode).arg(socket));
}
