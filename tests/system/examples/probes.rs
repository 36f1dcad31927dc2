//! The examples of dhcping's and dhcptest's manual pages and of README, run as they stand on a network as they mean it:
//! Kea is 192.0.2.1, dhcpd 192.0.2.2, this host 192.0.2.50 at `eth0`.

use std::process::Command;

use tempfile::TempDir;

use crate::dhcp::{Client, Lan, Server, ServerKind};
use crate::program::{Outcome, must, run};
use crate::recipes::list::{self, User};

/// The command lines that `test` runs, each with a user.
fn lines(test: &str) -> Vec<(String, User)> {
    let each = |(recipe, users): (crate::recipes::text::Recipe, &'static [User])| {
        users.iter().map(move |user| (recipe.text.clone(), *user))
    };
    list::of(test).into_iter().flat_map(each).collect()
}

/// The network, and a folder to work in.
struct Office {
    _lan: Lan,
    kea: Server,
    others: [Server; 2],
    client: Client,
    folder: TempDir,
}

impl Office {
    fn new() -> Self {
        let lan = Lan::new();
        let (kea, dhcpd) = (lan.server(ServerKind::Kea), lan.server(ServerKind::Dhcpd));
        let kea6 = kea.and_for_v6();
        must(kea6.command("ip").args(["route", "add", "2001:db8:2::/64", "dev", "eth0"]));
        let client = lan.client();
        // A relay agent's own.
        client.ip(&["address", "add", "192.0.2.5/24", "dev", "eth0"]);
        client.ip(&["address", "add", "2001:db8:2::1/128", "dev", "eth0", "nodad"]);
        let folder = tempfile::tempdir().unwrap();
        // As packages install them, for a user who works in a directory of its own.
        let script = "chmod 755 . && mkdir -m 1777 home && install -m 755 \"$@\" . && \
            setcap cap_net_raw,cap_net_bind_service=ep dhcping && setcap cap_net_raw,cap_net_bind_service=ep dhcptest";
        let programs = [env!("CARGO_BIN_EXE_dhcping"), env!("CARGO_BIN_EXE_dhcptest")];
        must(Command::new("sh").args(["-c", script, "sh"]).args(programs).current_dir(&folder));
        let others_may_read = kea.configuration().parent().unwrap().to_owned();
        must(Command::new("chmod").arg("-R").arg("a+rX").arg(others_may_read));
        Self { _lan: lan, kea, others: [dhcpd, kea6], client, folder }
    }

    /// What a shell of `user` makes of `script`.
    fn run(&self, user: User, script: &str) -> Outcome {
        let path = format!("{}:/usr/bin:/bin", self.folder.path().display());
        // The server of the examples keeps its configuration where it is installed.
        let script = script.replace("/etc/kea/kea-dhcp4.conf", self.kea.configuration().to_str().unwrap());
        let mut shell = self.client.command("timeout");
        shell.args(["60", "setpriv"]);
        if user == User::Prober {
            shell.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        }
        // What the user before has written is not this one's.
        must(Command::new("find").arg(self.folder.path().join("home")).args(["-type", "f", "-delete"]));
        run(shell.args(["sh", "-c", &script]).env("PATH", path).current_dir(self.folder.path().join("home")))
    }
}

#[test]
#[ignore = "needs Kea and dhcpd: run scripts/test"]
fn those_of_dhcping_are_answered_and_leave_no_lease() {
    let office = Office::new();
    let lines = lines(list::DHCPING);
    assert!(lines.len() > 30, "{lines:?}");
    for (line, user) in lines {
        let outcome = office.run(user, &line);
        let answered = match &line {
            line if line.contains("-f nagios") => "DHCP OK - eth0: 192.0.2.",
            line if line.contains("--from-config") => "192.0.2.0/24: 192.0.2.1 answered in ",
            line if line.contains("--count 3") => "\n3 probes sent, 3 answered, 0% loss\n",
            line if line.contains("--count") => "\n5 probes sent, 5 answered, 0% loss\n",
            // The address is in no pool of Kea's.
            line if line.starts_with("dhcping -c ") => "refused: NAK from 192.0.2.1",
            line if line.contains("-6") => "Got answer from: fe80::1\n",
            line if line.contains("-s 192.0.2.1") => "Got answer from: 192.0.2.1",
            _ => "Got answer from: 192.0.2.",
        };
        let status = i32::from(answered.starts_with("refused"));
        assert!(outcome.status == status && outcome.stdout.contains(answered), "{user:?}: {line}: {outcome:?}");
        if line.contains("--all") {
            assert!(["192.0.2.1\n", "192.0.2.2\n"].iter().all(|server| outcome.stdout.contains(server)), "{outcome:?}");
        }
    }
    office.kea.expect_no_leases();
    office.others.iter().for_each(Server::expect_no_leases);
}

#[test]
#[ignore = "needs Kea and dhcpd: run scripts/test"]
fn those_of_dhcptest_show_what_they_say() {
    let office = Office::new();
    let lines = lines(list::DHCPTEST);
    assert!(lines.len() > 30, "{lines:?}");
    // They ask for the file that the servers of the tests name.
    for (line, user) in lines.into_iter().map(|(line, user)| (line.replace("ipxe.efi", "pxe.0"), user)) {
        let (script, shown) = match &line {
            line if line == "dhcptest" => (
                format!("{{ echo d; until grep -s offer shown >&2; do sleep 0.01; done; }} | {line} >shown; cat shown"),
                "DHCP Message Type): offer",
            ),
            line if line.contains("--listen") => (
                format!(
                    "{line} >shown 2>said & until grep Listening said >&2; do sleep 0.01; done
                    dhcptest --query --iface eth0 >&2; kill -TERM $!; wait $! && cat shown"
                ),
                "DHCP Message Type): offer",
            ),
            line if line.ends_with("> dora.json") => {
                (format!(r#"{line}; jq -r '.sent[-1]["message-type"]' dora.json"#), "release\n")
            }
            line if line.contains("--pcap") => {
                (format!("{line}; tcpdump -r dora.pcap -n -v"), "DHCP-Message (53), length 1: Release\n")
            }
            line if line.contains("--print-only yiaddr") => (line.clone(), "192.0.2.1"),
            line if line.contains("--print-only 6") => (line.clone(), "192.0.2.53, 192.0.2.54\n"),
            line if line.contains("--compare") => (line.clone(), "\nwhat differs:\n"),
            line if line.contains("--replay") => (
                format!("dhcptest --quiet --query --iface eth0 --pcap capture.pcap >&2; {line}"),
                r#""message-type":"offer""#,
            ),
            line if line.contains("--sarr") => (line.clone(), "2001:db8:100:"),
            line if line.contains("-6 --relay") => (line.clone(), "type=ADVERTISE"),
            line if line.contains("--giaddr") => (line.clone(), "Relay Agent Information): agentCircuitID="),
            line => (line.clone(), "DHCP Message Type): offer"),
        };
        let outcome = office.run(user, &script);
        // They name the file in option 67 alone, and Kea has no addresses for that other network.
        let status = i32::from(line.contains("'file =") || line.contains("-6 --relay"));
        assert!(outcome.status == status && outcome.stdout.contains(shown), "{user:?}: {script}: {outcome:?}");
    }
}
