//! Clients that ask for leases.

use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr};

use kea_tools::usage::ResourceKind;
use serde_json::Value;

use super::Network;
use super::network::CLIENT_INTERFACE;
use crate::program::{must, run};

/// Some clients get an address each, over a relay that says where they are.
pub(crate) fn clients4(network: &Network, clients: u32) {
    // Option 82: circuit-id 01:02:03:04, remote-id "a,b".
    let _ = perfdhcp(network, clients, &["-4", "-o", "82,0104010203040203612c62"]);
}

/// The same; how many offers and acknowledgements the clients counted.
pub(crate) fn clients4_counted(network: &Network, clients: u32) -> (u64, u64) {
    let said = perfdhcp(network, clients, &["-4", "-o", "82,0104010203040203612c62"]);
    let received = |exchange: &str| {
        let section = said.split("***Statistics for: ").find(|section| section.starts_with(exchange));
        let line = section.and_then(|section| section.lines().find_map(|line| line.strip_prefix("received packets: ")));
        line.and_then(|number| number.trim().parse().ok()).unwrap_or_else(|| panic!("{exchange}: {said}"))
    };
    (received("DISCOVER-OFFER"), received("REQUEST-ACK"))
}

/// Some clients get an address and a prefix each.
pub(crate) fn clients6(network: &Network, clients: u32) {
    let _ = perfdhcp(network, clients, &["-6", "-e", "address-and-prefix"]);
}

/// Some clients get an address each, or a prefix each.
pub(crate) fn clients6_for(network: &Network, clients: u32, kind: ResourceKind) {
    let wanted = if kind == ResourceKind::Addresses { "address-only" } else { "prefix-only" };
    let _ = perfdhcp(network, clients, &["-6", "-e", wanted]);
}

fn perfdhcp(network: &Network, clients: u32, options: &[&str]) -> String {
    let number = clients.to_string();
    let mut command = network.client_side("timeout");
    command.args(["20", "/usr/sbin/perfdhcp", "-l", CLIENT_INTERFACE]).args(options);
    // At most this many exchanges, 200 a second, a second's patience for the last answers; lost ones are counted. With a
    // thread for answers perfdhcp fails where a busy machine lets that one run before the time of a question is noted.
    command.args(["-n", &number, "-R", &number, "-r", "200", "-W", "1000000", "-d", "1", "-g", "single"]);
    let outcome = run(&mut command);
    assert!([0, 3].contains(&outcome.status), "{command:?}: {outcome:?}");
    outcome.stdout
}

/// The client of `lease` finds its address in use by somebody else.
pub(crate) fn decline4(network: &Network, lease: &Value) {
    let requested = [[50, 4].as_slice(), &address4(lease)].concat();
    send(network, &message4(lease, 4, [0; 4], &requested), "10.77.0.1", 67);
}

/// The client of `lease` gives it back.
pub(crate) fn release4(network: &Network, lease: &Value) {
    send(network, &message4(lease, 7, address4(lease), &[]), "10.77.0.1", 67);
}

fn address4(lease: &Value) -> [u8; 4] {
    lease["ip-address"].as_str().unwrap().parse::<Ipv4Addr>().unwrap().octets()
}

/// A message of `kind` from the client of `lease`, who says that its address is `ciaddr`, passed on by a relay.
fn message4(lease: &Value, kind: u8, ciaddr: [u8; 4], more_options: &[u8]) -> Vec<u8> {
    let client_id = octets(&lease["client-id"]);
    let mut packet = vec![1, 1, 6, 1, 0xde, 0xc1, 0x14, 0xed, 0, 0, 0, 0];
    packet.extend(ciaddr);
    packet.resize(24, 0);
    packet.extend([10, 77, 0, 2]); // giaddr
    packet.extend(octets(&lease["hw-address"]));
    packet.resize(236, 0);
    packet.extend([0x63, 0x82, 0x53, 0x63, 53, 1, kind, 54, 4, 10, 77, 0, 1]);
    packet.extend(more_options);
    packet.extend([61, u8::try_from(client_id.len()).unwrap()]);
    packet.extend(client_id);
    packet.push(255);
    packet
}

/// The client of `lease` finds its IPv6 address in use by somebody else.
pub(crate) fn decline6(network: &Network, lease: &Value) {
    let address: Ipv6Addr = lease["ip-address"].as_str().unwrap().parse().unwrap();
    let server_id = [0, 2, 0, 0, 0x09, 0xbf, 0x00, 0x11, 0x22, 0x33, 0x44];
    let mut association = u32::try_from(lease["iaid"].as_u64().unwrap()).unwrap().to_be_bytes().to_vec();
    association.extend([0; 8]);
    association.extend(option6(5, &[address.octets().as_slice(), &[0; 8]].concat()));
    let mut packet = vec![9, 0xde, 0xc1, 0x14];
    packet.extend(option6(1, &octets(&lease["duid"])));
    packet.extend(option6(2, &server_id));
    packet.extend(option6(3, &association));
    send(network, &packet, &format!("ff02::1:2%{CLIENT_INTERFACE}"), 547);
}

fn option6(code: u16, data: &[u8]) -> Vec<u8> {
    [&code.to_be_bytes(), u16::try_from(data.len()).unwrap().to_be_bytes().as_slice(), data].concat()
}

fn octets(hex: &Value) -> Vec<u8> {
    hex.as_str().unwrap().split(':').map(|octet| u8::from_str_radix(octet, 16).unwrap()).collect()
}

fn send(network: &Network, packet: &[u8], host: &str, port: u16) {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), packet).unwrap();
    let script = "exec cat \"$1\" >\"/dev/udp/$2/$3\"";
    let mut command = network.client_side("bash");
    must(command.args(["-c", script, "bash"]).arg(file.path()).args([host, &port.to_string()]));
}
