//! The least privilege: two capabilities, or a root who is none outside of his namespace.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::dhcp::{Client, Fake, Lan, ServerKind};
use crate::namespace::is_root;
use crate::program::{must, run};

use super::{DHCPING, expect_answers_from, probe};

/// A folder with a copy of dhcping that everybody may run.
fn copy() -> TempDir {
    assert!(is_root(), "only root can become somebody else; run this test as root");
    let dir =
        tempfile::Builder::new().prefix("kea-setcap.").permissions(Permissions::from_mode(0o755)).tempdir().unwrap();
    fs::copy(DHCPING, dir.path().join("dhcping")).unwrap();
    dir
}

/// The copy, run as nobody.
fn as_nobody(client: &Client, dir: &Path, arguments: &[&str]) -> Command {
    let mut command = client.command("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(dir.join("dhcping")).args(arguments);
    command
}

#[test]
#[ignore = "needs root and setcap: run scripts/test"]
fn anybody_may_probe_with_a_copy_that_has_the_two_capabilities() {
    let dir = copy();
    let copy = dir.path().join("dhcping");
    must(Command::new("setcap").arg("cap_net_raw,cap_net_bind_service=ep").arg(&copy));
    let lan = Lan::new();
    let server = lan.server(ServerKind::Dnsmasq);
    let client = lan.client();
    for arguments in [
        &["-I", "eth0", "--full"][..],
        &["-i", "-c", "192.0.2.50", "-s", "192.0.2.3", "-h", &client.mac()],
        &["-s", "192.0.2.3", "-g", "192.0.2.50", "--discover"],
    ] {
        expect_answers_from(&run(&mut as_nobody(&client, dir.path(), arguments)), &["192.0.2.3"]);
    }
    server.expect_no_leases();
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn missing_capabilities_are_reported_with_the_remedy() {
    let dir = copy();
    let lan = Lan::new();
    let client = lan.client();
    let remedy = format!(
        "permission denied (run it as root, or once: setcap cap_net_raw,cap_net_bind_service=ep {}/dhcping)",
        dir.path().display()
    );
    for (arguments, attempted) in [
        (&["-I", "eth0"][..], "opening interface \"eth0\" for frames"),
        (&["-i", "-c", "192.0.2.50", "-s", "192.0.2.3", "-h", &client.mac()], "listening at UDP port 68"),
        (&["-s", "192.0.2.3", "-g", "192.0.2.50", "--discover"], "listening at UDP port 67"),
    ] {
        let outcome = run(&mut as_nobody(&client, dir.path(), arguments));
        let line = format!("dhcping: {attempted}: {remedy}\n");
        assert_eq!((outcome.status, outcome.stdout.as_str(), outcome.stderr), (2, "", line), "{arguments:?}");
    }
}

#[test]
#[ignore = "needs user namespaces: run scripts/test"]
fn root_of_a_user_namespace_may_do_everything() {
    let lan = Lan::in_user_namespace();
    let _fake = lan.fake(Fake::Offer);
    let client = lan.client();
    for arguments in [
        &["-I", "eth0"][..],
        &["-i", "-c", "192.0.2.50", "-s", "192.0.2.9", "-h", &client.mac()],
        &["-s", "192.0.2.9", "-g", "192.0.2.50", "--discover"],
    ] {
        expect_answers_from(&probe(&client, arguments), &["192.0.2.9"]);
    }
}

#[test]
#[ignore = "needs network namespaces: run scripts/test"]
fn no_capability_is_left_while_it_waits() {
    let lan = Lan::new();
    let _fake = lan.fake(Fake::Silent);
    let client = lan.client();
    let mut process = super::dhcping(&client, &["-q", "-I", "eth0", "-t", "60"]).spawn().unwrap();
    let status = format!("/proc/{}/status", process.id());
    let left = |name: &str| {
        let text = fs::read_to_string(&status).unwrap();
        text.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned()
    };
    crate::wait::wait_for("its capabilities to go", || (left("CapEff:") == "0000000000000000").then_some(()));
    assert_eq!(left("CapPrm:"), "0000000000000000");
    process.kill().unwrap();
    process.wait().unwrap();
}

#[test]
#[ignore = "needs root: run scripts/test"]
fn setuid_copy_reads_configuration_with_real_user_rights() {
    let dir = copy();
    let copy = dir.path().join("dhcping");
    let secret = dir.path().join("kea-dhcp4.conf");
    fs::write(&secret, r#"{"Dhcp4": {"subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "interface": "eth0"}]}}"#)
        .unwrap();
    fs::set_permissions(&secret, Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(&copy, Permissions::from_mode(0o4755)).unwrap();
    let lan = Lan::new();
    let _fake = lan.fake(Fake::Offer);
    let client = lan.client();
    let arguments = ["--from-config", secret.to_str().unwrap(), "-t", "1"];
    let refused = run(&mut as_nobody(&client, dir.path(), &arguments));
    assert!(refused.status == 2 && refused.stderr.contains("Permission denied"), "{refused:?}");
    fs::set_permissions(&secret, Permissions::from_mode(0o644)).unwrap();
    let read = run(&mut as_nobody(&client, dir.path(), &arguments));
    assert!(read.status == 0 && read.stdout.starts_with("192.0.2.0/24: 192.0.2.9 answered"), "{read:?}");
}
