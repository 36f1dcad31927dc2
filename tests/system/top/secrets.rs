//! What is secret in a configuration or in a login is in nothing that kea-top leaves.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use kea_tools::family::Family;
use serde_json::json;

use super::PROGRAM;
use crate::kea::agent::Agent;
use crate::kea::{Instance, Kea, Network};
use crate::terminal::Terminal;

/// In the server's configuration.
const OF_DATABASE: &str = "s3cret-of-the-database";
/// With which the agent is asked.
const OF_LOGIN: &str = "s3cret-of-the-login";

fn holds(text: &[u8], secret: &str) -> bool {
    memchr::memmem::find(text, secret.as_bytes()).is_some()
}

/// What is left of a run that shows these servers in every view, and records them.
struct Left {
    frames: String,
    recording: Vec<u8>,
}

fn run(network: &Network, folder: &Path, servers: &str) -> Left {
    fs::write(folder.join("servers.toml"), servers).unwrap();
    let terminal = Terminal::new(160, 40, network.server_side("tmux"));
    let at = folder.display();
    terminal.line(&format!("{PROGRAM} --interval 1s --servers {at}/servers.toml --record {at}/record"));
    terminal.wait_until("the server in the overview", |shown| shown.contains("1 server: serving"));
    let mut frames = String::new();
    for (key, text) in
        [("2", "SUBNET"), ("3", "in "), ("4", "no server"), ("5", "since"), ("6", "MESSAGE"), ("1", "STATE")]
    {
        terminal.keys(&[key]);
        frames.push_str(&terminal.wait_for(text));
    }
    terminal.keys(&["Enter"]);
    frames.push_str(&terminal.wait_for("leases in"));
    terminal.keys(&["q"]);
    frames.push_str(&terminal.wait_until("the shell again", |shown| shown.trim_end().ends_with('$')));
    let recording = fs::read(folder.join("record")).unwrap();
    assert!(holds(&recording, "lease-database") && holds(&recording, "subnet4"), "the configuration is recorded");
    assert_eq!(fs::metadata(folder.join("record")).unwrap().permissions().mode() & 0o777, 0o600);
    Left { frames, recording }
}

#[test]
#[ignore = "needs Kea and tmux: run scripts/test"]
fn a_secret_of_a_configuration_is_left_nowhere() {
    let instance = Instance::memfile_with(&Kea::debian12(), Family::V4, &json!({ "password": OF_DATABASE }));
    let network = Network::new();
    let _server = instance.start(&network);
    let folder = tempfile::tempdir().unwrap();
    let servers = format!("[server.direct]\nsocket = {:?}\n", instance.scratch("run/control"));
    let Left { frames, recording } = run(&network, folder.path(), &servers);
    assert!(!frames.contains(OF_DATABASE) && !holds(&recording, OF_DATABASE));
}

#[test]
#[ignore = "needs Kea and tmux: run scripts/test"]
fn a_password_for_an_agent_is_not_shown() {
    let instance = Instance::memfile_with(&Kea::debian12(), Family::V4, &json!({ "password": OF_DATABASE }));
    let network = Network::new();
    let _server = instance.start(&network);
    let login = json!({ "type": "basic", "clients": [{ "user": "monitor", "password": OF_LOGIN }] });
    let _agent = Agent::start(&instance, &network, &json!({ "authentication": login }));
    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    fs::write(&password, OF_LOGIN).unwrap();
    let servers =
        format!("[server.agent]\nurl = \"http://127.0.0.1:8000\"\nuser = \"monitor\"\npassword-file = {password:?}\n");
    let Left { frames, recording } = run(&network, folder.path(), &servers);
    for secret in [OF_DATABASE, OF_LOGIN] {
        assert!(!frames.contains(secret) && !holds(&recording, secret), "{secret}");
    }
}
