//! On a machine of their own: a partner that stops, an interface that breaks, a server that hangs elsewhere.

use std::process::Stdio;

use kea_tools::config::Daemon;

use super::PROGRAM;
use crate::program::{run, signal};
use crate::status::ha::{NAMES, Pair, PairSettings};
use crate::status::machine::Machine;
use crate::terminal::Terminal;
use crate::wait::wait_for;

/// The program on a machine, asking twice a second.
fn watching(machine: &Machine) -> Terminal {
    let terminal = Terminal::new(120, 30, machine.command("tmux"));
    terminal.line(&format!("{PROGRAM} --interval 500ms"));
    terminal
}

#[test]
#[ignore = "needs Kea and tmux: run scripts/test"]
fn a_partner_that_stops_is_seen_from_both_sides() {
    let pair = Pair::new(PairSettings { mode: "hot-standby", max_unacked_clients: 0, max_response_delay: 1000 });
    let (_one, two) = (pair.start("one"), pair.start("two"));
    for name in NAMES {
        pair.wait_for_state(name, "hot-standby");
    }
    let terminal = watching(&pair.machine);
    terminal.wait_until("both in hot-standby", |shown| shown.matches("hot-standby").count() == 2);
    two.signal("STOP");
    terminal.wait_for("stopped for ");
    terminal.wait_for("partner-down");
    terminal.keys(&["4"]);
    terminal.wait_for("it serves alone because its partner is down");
    terminal.keys(&["5"]);
    terminal.wait_for("dhcp4: HA state partner-down, before ");
    two.signal("CONT");
    terminal.keys(&["1"]);
    terminal.wait_until("both in hot-standby again", |shown| {
        shown.matches("hot-standby").count() == 2 && !shown.contains("stopped")
    });
}

#[test]
#[ignore = "needs Kea and tmux: run scripts/test"]
fn an_interface_that_breaks_is_seen() {
    let machine = Machine::new();
    let _kea = machine.start(Daemon::Dhcp4);
    let terminal = watching(&machine);
    terminal.wait_for("this host  serving");
    machine.shell("ip link set client down");
    terminal.wait_for("this host  not serving");
    terminal.keys(&["Enter"]);
    terminal.wait_for("interface server has no link");
    machine.shell("ip link set client up");
    terminal.keys(&["Escape"]);
    terminal.wait_for("this host  serving");
}

#[test]
#[ignore = "needs Kea and namespaces: run scripts/test"]
fn what_a_user_may_not_look_at_is_not_down() {
    let machine = Machine::new();
    let _kea = machine.start(Daemon::Dhcp4);
    // It is installed, and was never started.
    machine.configure(Daemon::Ddns);
    machine.shell("chmod 750 /run/kea; chmod 644 /etc/kea/*.conf; rm -f /etc/kea/*ddns*.log");
    let as_nobody = |program: &str, arguments: &[&str]| {
        let mut command = machine.command("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", program]).args(arguments);
        run(command.env("LC_ALL", "C.UTF-8"))
    };
    let outcome = as_nobody(PROGRAM, &["--once", "--width", "120"]);
    assert!(outcome.status == 2 && outcome.stdout.contains("no access"), "{outcome:?}");
    assert!(!outcome.stdout.contains("down"), "{outcome:?}");
    let outcome = as_nobody(env!("CARGO_BIN_EXE_keactrl-status"), &["-f", "nagios"]);
    assert!(outcome.status == 3 && !outcome.stdout.contains("CRITICAL"), "{outcome:?}");
}

#[test]
#[ignore = "needs Kea and namespaces: run scripts/test"]
fn one_that_hangs_in_another_network_is_not_well() {
    let machine = Machine::new();
    machine.configure(Daemon::Dhcp4);
    let once = || run(machine.command(PROGRAM).args(["--once", "--width", "100"]).env("LC_ALL", "C.UTF-8"));
    let outcome = once();
    assert!(outcome.status != 0 && outcome.stdout.contains("not running"), "{outcome:?}");
    // The same program on another configuration, in another network.
    machine.shell(
        "mkdir /run/kea/other && sed 's,/run/kea/,/run/kea/other/,g' /etc/kea/kea-dhcp4.conf > /etc/kea/other.conf",
    );
    let script = "ip link set lo up; ip link add server type veth peer name far; ip link set far up
        ip link set server up; ip addr add 10.77.0.1/16 dev server; exec kea-dhcp4 -c /etc/kea/other.conf";
    let mut command = machine.command("unshare");
    let mut kea = command.args(["--net", "sh", "-ec", script]).stdout(Stdio::null()).spawn().unwrap();
    wait_for("the server to serve", || (once().status == 0).then_some(()));
    machine.shell("kill -s STOP $(pidof kea-dhcp4)");
    let outcome = once();
    assert!(outcome.status == 1 && outcome.stdout.contains("stopped"), "{outcome:?}");
    machine.shell("kill -s KILL $(pidof kea-dhcp4)");
    // nsenter was stopped with it, and does not see its end.
    signal(kea.id(), "CONT");
    kea.wait().unwrap();
    let outcome = once();
    assert!(outcome.status != 0, "{outcome:?}");
}
