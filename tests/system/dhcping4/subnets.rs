//! Every subnet of a configuration of Kea; and Kea on this very host.

use super::{assert_no_lease, command, dhcping};
use crate::dhcp::{Lan, ServerKind};
use crate::program::run;

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn every_subnet_of_a_configuration_has_a_line() {
    let lan = Lan::new();
    let server = lan.server(ServerKind::Kea);
    let client = lan.client();
    let file = server.configuration();
    for mode in ["--discover", "--full"] {
        let outcome = run(command(&client).arg("--from-config").arg(&file).args(["-s", "192.0.2.1", mode]));
        let lines: Vec<_> = outcome.stdout.lines().collect();
        assert_eq!((outcome.status, lines.len()), (0, 2), "{outcome:?} {}", server.log());
        assert!(lines[0].starts_with("192.0.2.0/24: 192.0.2.1 answered in "), "{outcome:?}");
        assert!(lines[1].starts_with("198.51.100.0/24: 192.0.2.1 answered in "), "{outcome:?}");
        assert_no_lease(&server, &[mode]);
    }
    let full = std::fs::read_to_string(&file).unwrap().replace("198.51.100", "203.0.113");
    let other = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(other.path(), full).unwrap();
    let mut probe = command(&client);
    let outcome = run(probe.arg("--from-config").arg(other.path()).args(["-s", "192.0.2.1", "-t", "0.5"]));
    assert_eq!(outcome.status, 1, "{outcome:?}");
    assert!(outcome.stdout.contains("\n203.0.113.0/24: "), "{outcome:?}");
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn subnets_of_dhcpv6_are_asked_for_on_their_interface() {
    let lan = Lan::new();
    let server = lan.server6(ServerKind::Kea);
    let client = lan.client();
    let outcome = run(command(&client).arg("--from-config").arg(server.configuration()).arg("--full"));
    assert_eq!(outcome.status, 0, "{outcome:?} {}", server.log());
    assert!(outcome.stdout.starts_with("2001:db8::/64: "), "{outcome:?}");
    assert_no_lease(&server, &["--full"]);
}

#[test]
#[ignore = "needs Kea and dhcpd: run scripts/test"]
fn a_server_is_asked_from_its_own_host() {
    for kind in [ServerKind::Kea, ServerKind::Dhcpd] {
        let lan = Lan::new();
        let server = lan.server(kind);
        let address = server.ip().to_string();
        for arguments in
            [&["-I", "eth0"][..], &["-I", "eth0", "--full"], &["-s", &address], &["-s", &address, "--full"]]
        {
            let outcome = run(server.command(env!("CARGO_BIN_EXE_dhcping")).args(arguments)).in_short();
            super::assert_answered(&outcome, &server, arguments);
            assert_no_lease(&server, arguments);
        }
        if kind == ServerKind::Kea {
            let mut all = server.command(env!("CARGO_BIN_EXE_dhcping"));
            let outcome = run(all.arg("--from-config").arg(server.configuration()));
            assert_eq!((outcome.status, outcome.stdout.lines().count()), (0, 2), "{outcome:?}");
        }
    }
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn a_configuration_that_is_none_is_a_mistake() {
    let lan = Lan::new();
    let client = lan.client();
    let outcome = dhcping(&client, &["--from-config", "/nonexistent"]);
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.stderr.contains("/nonexistent: No such file"), "{outcome:?}");
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn server_named_by_duid_is_asked_only_for_interface_subnet() {
    let lan = Lan::new();
    let server = lan.server6(ServerKind::Kea);
    let client = lan.client();
    let text = r#"{"Dhcp6": {"interfaces-config": {"interfaces": ["eth0"]}, "subnet6": [
        {"id": 1, "subnet": "2001:db8::/64", "interface": "eth0"},
        {"id": 2, "subnet": "2001:db8:1::/64", "relay": {"ip-addresses": ["2001:db8:1::1"]}}]}}"#;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    for name in ["ll:02:00:5e:00:53:01", "fe80::1%eth0"] {
        let outcome = run(command(&client).arg("--from-config").arg(file.path()).args(["-s", name]));
        let lines: Vec<_> = outcome.stdout.lines().collect();
        assert_eq!((outcome.status, lines.len()), (2, 2), "{outcome:?} {}", server.log());
        assert!(lines[0].starts_with("2001:db8::/64: ") && lines[0].contains(" answered in "), "{outcome:?}");
        assert!(lines[1].starts_with("2001:db8:1::/64: it is on no interface of this host"), "{outcome:?}");
    }
    let informed = run(command(&client).arg("--from-config").arg(file.path()).arg("--info-request"));
    assert!(informed.stdout.contains("2001:db8::/64: 00:03:00:01:02:00:5e:00:53:01 answered in "), "{informed:?}");
}
