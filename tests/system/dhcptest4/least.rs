//! The least privilege: the port alone, where servers are asked to broadcast.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::dhcp::{Lan, ServerKind};
use crate::namespace::is_root;
use crate::program::{must, run};

#[test]
#[ignore = "needs root, setcap, Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn a_query_needs_no_frames_where_the_interface_has_an_address() {
    assert!(is_root(), "only root can become somebody else; run this test as root");
    let mode = Permissions::from_mode(0o755);
    let dir = tempfile::Builder::new().prefix("kea-setcap.").permissions(mode).tempdir().unwrap();
    let copy = dir.path().join("dhcptest");
    fs::copy(env!("CARGO_BIN_EXE_dhcptest"), &copy).unwrap();
    must(Command::new("setcap").arg("cap_net_bind_service=ep").arg(&copy));
    for kind in ServerKind::ALL {
        let lan = Lan::new();
        let (server, client) = (lan.server(kind), lan.client());
        let as_nobody = |arguments: &[&str]| {
            let mut command = client.command("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(&copy);
            run(command.args(["-q", "--timeout", "5", "--iface", "eth0"]).args(arguments))
        };
        for arguments in [&["--query"][..], &["--dora"]] {
            let outcome = as_nobody(arguments);
            assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{kind:?} {outcome:?} {}", server.log());
            server.expect_no_leases();
        }
        let unicast = as_nobody(&["--query", "--flags", "0"]);
        assert!(unicast.status == 2 && unicast.stderr.contains("setcap cap_net_raw"), "{unicast:?}");
    }
}
