//! kea-top in a real terminal, with real servers of Kea.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use kea_tools::family::Family;
use serde_json::json;

use crate::kea::agent::Agent;
use crate::kea::{Instance, Kea, Network, traffic};
use crate::program::signal;
use crate::terminal::Terminal;
use crate::wait::wait_for;

mod host;
mod secrets;

const PROGRAM: &str = env!("CARGO_BIN_EXE_kea-top");

/// A server with a pool of 20 addresses.
fn small_server() -> (Instance, Network) {
    let kea = Kea::debian12();
    let hooks = ["libdhcp_lease_cmds.so", "libdhcp_stat_cmds.so"].map(|name| json!({ "library": kea.hook(name) }));
    let instance = Instance::memfile_and(&kea, Family::V4, |_| {
        json!({
            "hooks-libraries": hooks,
            "subnet4": [{ "id": 1, "subnet": "10.77.0.0/16", "pools": [{ "pool": "10.77.1.1 - 10.77.1.20" }] }],
        })
    });
    (instance, Network::new())
}

fn command_line(instance: &Instance) -> String {
    format!("{PROGRAM} --interval 1s -c {}", instance.configuration().display())
}

fn pid(instance: &Instance) -> u32 {
    let files = fs::read_dir(instance.scratch("run")).unwrap().map(|file| file.unwrap().path());
    let file = files.into_iter().find(|path| path.extension().is_some_and(|end| end == "pid")).unwrap();
    fs::read_to_string(file).unwrap().trim().parse().unwrap()
}

#[test]
#[ignore = "needs Kea and tmux: run scripts/test"]
fn what_happens_to_a_server_is_shown_as_it_happens() {
    let (instance, network) = small_server();
    let server = instance.start(&network);
    let terminal = Terminal::new(100, 24, network.server_side("tmux"));
    terminal.line(&command_line(&instance));
    terminal.wait_for("this host  serving");
    signal(pid(&instance), "STOP");
    terminal.wait_for("stopped for ");
    terminal.keys(&["5"]);
    terminal.wait_for("dhcp4: stopped");
    signal(pid(&instance), "CONT");
    terminal.keys(&["1"]);
    terminal.wait_for("this host  serving");
    // A full pool: what was so at the first look would be no event.
    terminal.wait_for(" % 10.77.0.0/16");
    traffic::clients4(&network, 25);
    terminal.wait_for("100 % 10.77.0.0/16");
    terminal.wait_for("this host  pool full");
    terminal.wait_for("1 server: pool full");
    terminal.keys(&["2"]);
    terminal.wait_for("CRITICAL  1 10.77.0.0/16");
    terminal.keys(&["Enter"]);
    terminal.wait_for("free for new clients: 0 of 20");
    // Its map has a mark for each of its addresses.
    terminal.keys(&["End"]);
    terminal.wait_for(&"#".repeat(20));
    terminal.keys(&["Escape", "3"]);
    terminal.wait_for("leased  ");
    terminal.keys(&["6"]);
    terminal.wait_for("DISCOVER");
    signal(pid(&instance), "KILL");
    terminal.keys(&["1"]);
    terminal.wait_for("this host  refused");
    drop(server);
    let _again = instance.start(&network);
    terminal.wait_for("this host  pool full");
    terminal.keys(&["5"]);
    let events = terminal.wait_for("dhcp4 has started");
    for event in ["dhcp4: stopped", "dhcp4: refused", "10.77.0.0/16: CRITICAL"] {
        assert!(events.contains(event), "{event}: {events}");
    }
    terminal.keys(&["q"]);
    terminal.wait_until("the shell again", |shown| shown.trim_end().ends_with('$'));
}

/// The settings of the terminal, which the shell prints into a file.
fn settings(terminal: &Terminal, folder: &Path, name: &str) -> String {
    let file = folder.join(name);
    terminal.line(&format!("stty -g > {}", file.display()));
    wait_for("the settings of the terminal", || fs::read_to_string(&file).ok().filter(|text| text.ends_with('\n')))
}

fn process(folder: &Path) -> u32 {
    let file = folder.join("pid");
    wait_for("the number of the process", || fs::read_to_string(&file).ok()?.trim().parse().ok())
}

#[test]
#[ignore = "needs tmux: run scripts/test"]
fn the_terminal_is_as_before_however_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let terminal = Terminal::new(80, 24, Command::new("tmux"));
    let before = settings(&terminal, folder.path(), "before");
    let run = format!(
        "KEA_TOOLS_TEST_PANIC=1 sh -c 'echo $$ > {}/pid; exec {PROGRAM} --server /nowhere/kea4'; echo ended $?",
        folder.path().display()
    );
    let ends: [(&str, &dyn Fn()); 4] = [
        ("ended 0", &|| terminal.keys(&["q"])),
        ("ended 130", &|| terminal.keys(&["C-c"])),
        ("ended 143", &|| signal(process(folder.path()), "TERM")),
        ("ended 2", &|| terminal.keys(&["!"])),
    ];
    for (number, (ended, end)) in ends.into_iter().enumerate() {
        terminal.line("clear");
        terminal.line(&run);
        terminal.wait_for("no socket");
        end();
        let shown = terminal.wait_for(ended);
        assert!(!shown.contains("Overview"), "the alternate screen is left: {shown}");
        assert_eq!(settings(&terminal, folder.path(), &number.to_string()), before, "{ended}");
        fs::remove_file(folder.path().join("pid")).unwrap();
    }
    let said = terminal.shown();
    assert!(said.contains("kea-top: internal error: src/cli/top/live.rs"), "{said}");
}

#[test]
#[ignore = "needs tmux: run scripts/test"]
fn it_can_be_stopped_continued_and_resized() {
    let terminal = Terminal::new(80, 24, Command::new("tmux"));
    terminal.line(&format!("{PROGRAM} --server /nowhere/kea4"));
    terminal.wait_for("no socket");
    terminal.keys(&["C-z"]);
    let shown = terminal.wait_for("Stopped");
    assert!(!shown.contains("Overview"), "{shown}");
    terminal.line("fg");
    terminal.wait_for("1 Overview");
    terminal.resize(120, 30);
    terminal.wait_until("a wide frame", |shown| {
        shown.lines().next().is_some_and(|line| line.trim_end().len() > 100) && shown.contains("q quit")
    });
    for (columns, rows) in [(20, 5), (10, 2), (200, 50), (80, 24)] {
        terminal.resize(columns, rows);
        terminal.wait_until("the first tab", |shown| shown.contains("1 Overview") || columns < 12);
    }
    terminal.keys(&["q"]);
    terminal.wait_until("the shell again", |shown| shown.trim_end().ends_with('$'));
}

#[test]
#[ignore = "needs tmux: run scripts/test"]
fn it_ends_when_the_terminal_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let terminal = Terminal::new(80, 24, Command::new("tmux"));
    terminal.line(&format!("sh -c 'echo $$ > {}/pid; exec {PROGRAM} --server /nowhere/kea4'", folder.path().display()));
    terminal.wait_for("no socket");
    let process = process(folder.path());
    terminal.close();
    let state = || fs::read_to_string(format!("/proc/{process}/stat")).ok();
    wait_for("its end", || state().is_none_or(|stat| stat.contains(") Z ")).then_some(()));
}

#[test]
#[ignore = "needs Kea and tmux: run scripts/test"]
fn one_that_hangs_delays_no_other_and_no_key() {
    let (instance, network) = small_server();
    let _server = instance.start(&network);
    let folder = tempfile::tempdir().unwrap();
    // It takes connections, and never answers.
    let hung = folder.path().join("hung");
    let _listener = UnixListener::bind(&hung).unwrap();
    let mut servers = format!("[server.hung]\nsocket = {hung:?}\n[server.dead]\nsocket = \"/nowhere/kea4\"\n");
    let login = json!({ "type": "basic", "clients": [{ "user": "monitor", "password": "another" }] });
    let _agent = Agent::start(&instance, &network, &json!({ "authentication": login }));
    servers.push_str("[server.locked]\nurl = \"http://127.0.0.1:8000\"\n");
    for number in 1..=7 {
        writeln!(servers, "[server.kea{number}]\nsocket = {:?}", instance.scratch("run/control")).unwrap();
    }
    let file = folder.path().join("servers.toml");
    fs::write(&file, servers).unwrap();
    let terminal = Terminal::new(100, 30, network.server_side("tmux"));
    terminal.line(&format!("{PROGRAM} --interval 1s --servers {}", file.display()));
    let shown = terminal.wait_for("7 serving");
    assert!(shown.contains("10 servers: ") && shown.contains("1 no login"), "{shown}");
    // The one that hangs is waited for all the time, and keys work.
    for (key, text) in [("2", "SUBNET"), ("5", "since"), ("?", "another view"), ("?", "since"), ("1", "STATE")] {
        terminal.keys(&[key]);
        terminal.wait_for(text);
    }
    let shown = terminal.wait_for("no answer for ");
    assert!(shown.contains("dead") && shown.contains("no socket"), "{shown}");
    terminal.keys(&["/"]);
    terminal.keys(&["h", "u", "n", "g", "Enter"]);
    terminal.wait_until("only the one that hangs", |shown| shown.contains("hung") && !shown.contains("kea1"));
    terminal.keys(&["Escape", "q"]);
    terminal.wait_until("the shell again", |shown| shown.trim_end().ends_with('$'));
}
