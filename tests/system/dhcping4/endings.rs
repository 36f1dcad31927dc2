//! However a run ends, what was taken is given back.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::{assert_no_lease, command, dhcping};
use crate::dhcp::{Kind, Lan};
use crate::program::signal;
use crate::wait::wait_for;

/// A run that is in the middle of something.
struct Run {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Run {
    /// Starts `command` and waits until it prints a line that begins with `words`.
    fn until(command: &mut Command, words: &str) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with(words) {
            line.clear();
            assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "it ended before \"{words}\"");
        }
        Self { child, stdout }
    }

    /// Sends a signal; gives the status and what was printed afterwards.
    fn end(mut self, name: &str) -> (Option<i32>, String, String) {
        signal(self.child.id(), name);
        let status = wait_for("dhcping to end", || self.child.try_wait().unwrap());
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (status.code(), stdout, stderr)
    }
}

#[test]
#[ignore = "needs Kea and dnsmasq: run scripts/test"]
fn an_interrupted_series_is_summed_up_and_leaves_no_lease() {
    for (kind, name) in [(Kind::Kea, "INT"), (Kind::Dnsmasq, "TERM")] {
        let lan = Lan::new();
        let server = lan.server(kind);
        let client = lan.client();
        let mut series = command(&client);
        series.args(["-I", "eth0", "--full", "--count", "0", "--interval", "0.01"]);
        let (status, stdout, stderr) = Run::until(&mut series, "ACK ").end(name);
        assert_eq!((status, stderr.as_str()), (Some(0), ""), "{stdout}");
        assert!(stdout.contains("--- eth0 ---") && stdout.contains(" answered, "), "{stdout}");
        assert_no_lease(&server, &[name]);
    }
}

#[test]
#[ignore = "needs dhcpd: run scripts/test"]
fn a_request_that_is_interrupted_before_its_answer_is_taken_back() {
    for name in ["INT", "TERM", "HUP"] {
        let lan = Lan::new();
        let server = lan.server(Kind::Dhcpd);
        let client = lan.client();
        let address = server.ip().to_string();
        server.pause();
        let mut request = command(&client);
        request.args(["-c", "192.0.2.125", "-s", &address, "-t", "20", "-V"]);
        let (status, _, stderr) = Run::until(&mut request, "packet 300 bytes, sent to 192.0.2.2:67").end(name);
        assert_eq!((status, stderr.as_str()), (Some(2), "dhcping: interrupted\n"));
        server.resume();
        // It handles what it was sent in this order.
        assert_eq!(dhcping(&client, &["-s", &address]).status, 0, "{}", server.log());
        assert!(server.log().contains("DHCPRELEASE of 192.0.2.125"), "{}", server.log());
        assert_no_lease(&server, &[name]);
    }
}

#[test]
#[ignore = "needs dhcpd: run scripts/test"]
fn a_request_whose_answer_is_lost_is_taken_back() {
    let lan = Lan::new();
    let server = lan.server(Kind::Dhcpd);
    let client = lan.client();
    let address = server.ip().to_string();
    server.pause();
    let lost = dhcping(&client, &["-c", "192.0.2.125", "-s", &address, "-t", "0.2"]);
    server.resume();
    assert_eq!((lost.status, lost.stderr.as_str()), (1, "no answer\n"));
    assert_eq!(dhcping(&client, &["-s", &address]).status, 0, "{}", server.log());
    assert!(server.log().contains("DHCPRELEASE of 192.0.2.125"), "{}", server.log());
    assert_no_lease(&server, &["lost"]);
}
