use super::*;

#[test]
#[cfg(target_endian = "little")]
fn addresses_of_the_tables_are_read() {
    assert_eq!(host_of("0100007F").as_deref(), Some("127.0.0.1"));
    assert_eq!(host_of("000080FE00000000FF000000010000FE").as_deref(), Some("[fe80::ff:fe00:1]"));
    for odd in ["", "1", "0100007", "x100007F", "0100007F0100007F"] {
        assert_eq!(host_of(odd), None, "{odd}");
    }
}

/// A machine with a DHCPv6 server, process 7, that has sockets on link-local addresses, and with these interfaces.
fn interfaces_of(sockets: &[&str], interfaces: &[(&str, &str)]) -> Vec<Option<String>> {
    let dir = tempfile::tempdir().unwrap();
    let net = dir.path().join("proc/7/net");
    std::fs::create_dir_all(&net).unwrap();
    let row = |host: &&str| format!("0: {host}:0223 0:0 07 0:0 0:0 0 0 0 {SOCKET} 2\n");
    std::fs::write(net.join("udp6"), sockets.iter().map(row).collect::<String>()).unwrap();
    let row = |(index, (host, name)): (usize, &(&str, &str))| format!("{host} {index:02x} 40 20 80 {name}\n");
    std::fs::write(net.join("if_inet6"), interfaces.iter().enumerate().map(row).collect::<String>()).unwrap();
    let process = Process { pid: 7, ..Process::default() };
    let found = sockets_of(&Root::new(dir.path()), &process);
    assert!(found.iter().all(|socket| socket.is_up != Some(false)), "{found:?}");
    found.into_iter().map(|socket| socket.interface).collect()
}

const SOCKET: u64 = 99;

fn sockets_of(root: &Root, process: &Process) -> Vec<Socket> {
    sockets(Tables::new(root, process), Daemon::Dhcp6, process, Some(&[SOCKET]), None, &[]).unwrap().service
}

#[test]
#[cfg(target_endian = "little")]
fn vlans_with_same_address_are_distinguished_by_socket() {
    const ADDRESS: (&str, &str) = ("000080FE000000000000000001000000", "fe800000000000000000000000000001");
    const OTHER: (&str, &str) = ("000080FE000000000000000002000000", "fe800000000000000000000000000002");
    let vlans = [(ADDRESS.1, "eth0.1"), (OTHER.1, "eth1"), (ADDRESS.1, "eth0.2")];
    let named = |name: &str| Some(name.to_owned());
    let all = interfaces_of(&[ADDRESS.0, ADDRESS.0, OTHER.0], &vlans);
    assert_eq!(all, [named("eth0.1"), named("eth0.2"), named("eth1")]);
    assert_eq!(interfaces_of(&[ADDRESS.0, OTHER.0], &vlans), [None, named("eth1")]);
}

#[test]
#[cfg(target_endian = "little")]
fn an_interface_with_another_address_still_serves() {
    const OLD: &str = "000080FE000000000000000001000000";
    const ALL: &str = "000002FF000000000000000002000100";
    let new = "fe800000000000000000000000000077 02 40 20 80 eth0\n";
    let member = "2    eth0           ff020000000000000000000000010002     1 00000004 0\n";
    let global = "20010db8000000000000000000000001 02 40 00 80 eth0\n";
    for (sockets, addresses, members, is_served) in [
        (&[OLD, ALL][..], new, member, true),
        // What was removed and made again has no member.
        (&[OLD, ALL], new, "", false),
        (&[OLD, ALL], "", member, false),
        (&[OLD, ALL], global, member, false),
        (&[OLD], new, member, false),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let net = dir.path().join("proc/7/net");
        std::fs::create_dir_all(&net).unwrap();
        let row = |host: &&str| format!("0: {host}:0223 0:0 07 0:0 0:0 0 0 0 {SOCKET} 2\n");
        std::fs::write(net.join("udp6"), sockets.iter().map(row).collect::<String>()).unwrap();
        std::fs::write(net.join("if_inet6"), addresses).unwrap();
        std::fs::write(net.join("igmp6"), members).unwrap();
        let process = Process { pid: 7, ..Process::default() };
        let found = sockets_of(&Root::new(dir.path()), &process);
        let name = found[0].interface.as_deref();
        assert_eq!(name, is_served.then_some("eth0"), "{sockets:?} {addresses} {members}: {found:?}");
        assert_eq!(found[0].is_up == Some(false), !is_served, "{found:?}");
    }
}
