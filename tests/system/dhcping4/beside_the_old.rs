//! Debian's own dhcping beside ours: the same words and status wherever the manual page promises them.

use super::{assert_no_lease, dhcping};
use crate::dhcp::{Client, Lan, ServerKind};
use crate::program::{Outcome, debian_dhcping, run};
use crate::wait::wait_for;

const FOREIGN: &str = "02:00:5e:00:53:99";

fn the_old(client: &Client, arguments: &[&str]) -> Outcome {
    run(client.command(debian_dhcping("root/usr/sbin/dhcping").to_str().unwrap()).args(arguments))
}

#[test]
#[ignore = "needs Debian's dhcping, Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn informs_have_the_same_words_and_status() {
    for kind in ServerKind::ALL {
        let lan = Lan::new();
        let server = lan.server(kind);
        let client = lan.client();
        let (address, mac) = (server.ip().to_string(), client.mac());
        for arguments in [
            &["-i", "-c", "192.0.2.50", "-s", &address, "-h", &mac][..],
            &["-i", "-c", "192.0.2.50", "-s", &address, "-h", &mac, "-v"],
            &["-q", "-i", "-c", "192.0.2.50", "-s", &address, "-h", &mac],
            &["-t", "1", "-i", "-c", "192.0.2.50", "-s", "192.0.2.77", "-h", &mac],
            &["-qt", "1", "-i", "-c", "192.0.2.50", "-s", "192.0.2.77", "-h", &mac],
        ] {
            let (old, ours) = (the_old(&client, arguments), dhcping(&client, arguments));
            let stderr = if arguments.contains(&"-v") { old.stderr.as_str() } else { ours.stderr.as_str() };
            let seen = (ours.status, ours.stdout.as_str(), stderr);
            assert_eq!(seen, (old.status, old.stdout.as_str(), old.stderr.as_str()), "{kind:?} {arguments:?}");
        }
    }
}

#[test]
#[ignore = "needs Debian's dhcping, Kea, dhcpd, dnsmasq and udhcpd: run scripts/test"]
fn requests_behave_as_with_debian_dhcping_but_refusals() {
    for kind in ServerKind::ALL {
        let lan = Lan::new();
        let server = lan.server(kind);
        let client = lan.client();
        let address = server.ip().to_string();
        // The address that the client has is in no pool: all but dhcpd, which is silent, refuse it.
        let remark =
            format!("dhcping: {} is this host's own eth0: no RELEASE is sent, the lease is kept\n", client.mac());
        for (hardware, remark) in [(client.mac(), remark.as_str()), (FOREIGN.to_owned(), "")] {
            let arguments = ["-c", "192.0.2.50", "-s", &address, "-h", &hardware, "-t", "1"];
            let old = the_old(&client, &arguments);
            let mut ours = dhcping(&client, &arguments);
            assert!(ours.stderr.starts_with(remark), "{kind:?} {arguments:?}: {ours:?}");
            ours.stderr.drain(..remark.len());
            if ours.stdout.starts_with("refused: NAK from ") {
                let seen = (ours.status, old.status, old.stdout.as_str());
                assert_eq!(seen, (1, 0, format!("Got answer from: {address}\n").as_str()), "{kind:?} {arguments:?}");
                continue;
            }
            let seen = (ours.status, ours.stdout.as_str(), ours.stderr.as_str());
            assert_eq!(seen, (old.status, old.stdout.as_str(), old.stderr.as_str()), "{kind:?} {arguments:?}");
        }
    }
}

#[test]
#[ignore = "needs Debian's dhcping and dnsmasq: run scripts/test"]
fn the_old_one_leaves_a_lease_at_dnsmasq_and_ours_does_not() {
    let lan = Lan::new();
    let server = lan.server(ServerKind::Dnsmasq);
    let client = lan.client();
    client.ip(&["addr", "add", "192.0.2.150/24", "dev", "eth0"]);
    let address = server.ip().to_string();
    let arguments = ["-c", "192.0.2.150", "-s", &address, "-h", &client.mac()];
    let ours = dhcping(&client, &arguments[..4]);
    assert_eq!(ours.status, 0, "{ours:?} {}", server.log());
    assert_no_lease(&server, &arguments);
    let old = the_old(&client, &arguments);
    assert_eq!(old.status, 0, "{old:?} {}", server.log());
    // Its lease is written after the answer, and stays.
    wait_for("the lease", || (server.leases().len() == 1).then_some(()));
}
