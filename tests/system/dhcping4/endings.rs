//! However a run ends, what was taken is given back.

use super::{Run, assert_no_lease, command, dhcping};
use crate::dhcp::{Lan, ServerKind};

#[test]
#[ignore = "needs Kea and dnsmasq: run scripts/test"]
fn an_interrupted_series_is_summed_up_and_leaves_no_lease() {
    for (kind, name) in [(ServerKind::Kea, "INT"), (ServerKind::Dnsmasq, "TERM")] {
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
fn request_interrupted_before_its_answer_is_released() {
    for (name, expected) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let lan = Lan::new();
        let server = lan.server(ServerKind::Dhcpd);
        let client = lan.client();
        let address = server.ip().to_string();
        server.pause();
        let mut request = command(&client);
        request.args(["-c", "192.0.2.125", "-s", &address, "-t", "20", "-V"]);
        let (status, _, stderr) = Run::until(&mut request, "packet 300 bytes, sent to 192.0.2.2:67").end(name);
        assert_eq!((status, stderr.as_str()), (Some(expected), "dhcping: interrupted before the answer\n"));
        server.resume();
        // It handles what it was sent in this order.
        assert_eq!(dhcping(&client, &["-s", &address]).status, 0, "{}", server.log());
        server.expect_in_log("DHCPRELEASE of 192.0.2.125");
        assert_no_lease(&server, &[name]);
    }
}

#[test]
#[ignore = "needs dhcpd: run scripts/test"]
fn a_request_whose_answer_is_lost_is_taken_back() {
    let lan = Lan::new();
    let server = lan.server(ServerKind::Dhcpd);
    let client = lan.client();
    let address = server.ip().to_string();
    server.pause();
    let lost = dhcping(&client, &["-c", "192.0.2.125", "-s", &address, "-t", "0.2"]);
    server.resume();
    assert_eq!((lost.status, lost.stderr.as_str()), (1, "no answer\n"));
    assert_eq!(dhcping(&client, &["-s", &address]).status, 0, "{}", server.log());
    server.expect_in_log("DHCPRELEASE of 192.0.2.125");
    assert_no_lease(&server, &["lost"]);
}
