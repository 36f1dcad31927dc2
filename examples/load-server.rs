//! A DHCP server that answers thousands of clients in a second, for `scripts/bench-dhcpload`:
//! `load-server 4|6 INTERFACE ADDRESS [BEHAVIOUR]`. Run it in a network namespace of its own.

use std::net::{IpAddr, Ipv6Addr, UdpSocket};

use kea_tools::net::{iface, open_batch};
use kea_tools::wire::{LinkMode, LinkSpec};

#[path = "../tests/system/dhcpload/server.rs"]
#[allow(clippy::unwrap_used, reason = "a test's server")]
mod server;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args_os().skip(1).map(|it| it.to_string_lossy().into_owned()).collect();
    let [family, interface, address, behaviour @ ..] = &arguments[..] else {
        return Err("usage: load-server 4|6 INTERFACE ADDRESS [BEHAVIOUR]".into());
    };
    let address: IpAddr = address.parse()?;
    let usual = if family == "6" { LinkSpec::v6() } else { LinkSpec::v4() };
    let port = if family == "6" { 547 } else { 67 };
    let link = LinkSpec { interface: Some(interface.clone()), port, mode: LinkMode::Udp, ..usual };
    let index = iface::by_name(interface)?.index;
    let mut batch = open_batch(&link, None)?.at_once();
    // The group is the interface's, whichever socket joins it.
    let member = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))?;
    member.join_multicast_v6(&"ff02::1:2".parse()?, index)?;
    println!("ready");
    batch.drive(&mut server::LoadServer::new(server::Behaviour::parse(&behaviour.join(" ")), address))?;
    Ok(())
}
