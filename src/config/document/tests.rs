use std::io;

use proptest::prelude::*;

use super::*;
use crate::config::model::{IdentifierType, ServedSubnet};

/// Reads `text` as `/c`; the only file to include is `/part`.
fn document(text: &str) -> Document {
    const PART: &[u8] = b"\n{\"name\": \"kea-dhcp4.leases\", \"debuglevel\": \"much\", \"severity\": \"DEBUG\"}";
    let is_part = |path: &Path| path == Path::new("/part");
    let mut reader = |path: &Path| is_part(path).then(|| PART.to_vec()).ok_or(io::ErrorKind::NotFound.into());
    Document::parse(Path::new("/c"), text.into(), &mut reader)
}

fn config(daemon: Daemon, members: &str) -> Config {
    document(&format!("{{\"{}\": {{{members}}}}}", daemon.config_key())).config(daemon).unwrap()
}

fn v4(members: &str) -> Config {
    config(Daemon::Dhcp4, members)
}

fn faults(config: &Config) -> Vec<String> {
    config.faults.iter().map(|fault| config.error(fault).to_string()).collect()
}

fn prefixes(config: &Config) -> Vec<(u32, String)> {
    config.server.subnets().map(|served| (served.subnet.id, served.subnet.prefix.to_string())).collect()
}

fn first(config: &Config) -> ServedSubnet<'_> {
    config.server.subnets().next().unwrap()
}

#[test]
fn a_subnet_inherits_from_its_network_and_the_server() {
    let found = v4(r#""valid-lifetime": 4000, "renew-timer": 900, "allocator": "random", "reservation-mode": "global",
        "shared-networks": [{"name": "floor", "valid-lifetime": 3000, "interface": "eth1", "client-class": "staff",
            "relay": {"ip-addresses": ["10.0.0.1", "10.0.0.2"]}, "reservations-in-subnet": true,
            "subnet4": [{"id": 5, "subnet": "10.0.0.0/24", "valid-lifetime": 2000, "client-classes": ["a", "b"],
                         "relay": {"ip-address": "10.0.0.9"}, "reservations-global": false},
                        {"id": 6, "subnet": "10.0.1.0/24", "client-class": ""}]}]"#);
    let [own, inherited] = found.server.subnets().collect::<Vec<_>>()[..] else { panic!() };
    let relays = |served: ServedSubnet<'_>| served.relays().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!((relays(own), relays(inherited)), (vec!["10.0.0.9".into()], vec!["10.0.0.1".into(), "10.0.0.2".into()]));
    let lifetimes = [own, inherited].map(|served| served.setting(|it| it.valid_lifetime));
    assert_eq!(lifetimes, [Some(2000), Some(3000)]);
    assert_eq!((own.setting(|it| it.renew_timer), own.interface()), (Some(900), Some("eth1")));
    assert_eq!(own.setting(|it| it.allocator.as_deref()), Some("random"));
    let guards = |served: ServedSubnet<'_>| -> Vec<Vec<String>> {
        served.guards().map(|classes| classes.required().map(str::to_owned).collect()).collect()
    };
    assert_eq!(guards(own), [vec!["staff".to_owned()], vec!["a".to_owned(), "b".to_owned()]]);
    assert_eq!(guards(inherited), [vec!["staff".to_owned()]]);
    let modes = [own, inherited].map(|served| served.reservation_modes());
    assert_eq!(
        modes.map(|modes| (modes.global, modes.in_subnet, modes.out_of_pool)),
        [(false, true, false), (true, true, false)]
    );
    assert_eq!(own.network_name(), Some("floor"));
}

#[test]
fn subnets_without_id_are_numbered_as_kea_2_2_does() {
    // Kea 2.2.0 gave these numbers in its answer to config-get.
    let found =
        v4(r#""subnet4": [{"subnet": "10.1.0.0/24"}, {"subnet": "10.2.0.0/24", "id": 7}, {"subnet": "10.3.0.0/24"}],
        "shared-networks": [{"name": "z", "subnet4": [{"subnet": "10.4.0.0/24"}, {"subnet": "10.5.0.0/24", "id": 9}]},
                            {"name": "a", "subnet4": [{"subnet": "10.6.0.0/24", "id": 0}]}]"#);
    let expected = [(3, "10.1"), (7, "10.2"), (4, "10.3"), (1, "10.4"), (9, "10.5"), (2, "10.6")];
    assert_eq!(prefixes(&found), expected.map(|(id, start)| (id, format!("{start}.0.0/24"))));
    assert_eq!(first(&found).subnet.written_id, None);
}

#[test]
fn pools_and_reservations_are_read_in_every_form() {
    let found = config(
        Daemon::Dhcp6,
        r#""subnet6": [{"id": 1, "subnet": "2001:db8:1::/64",
            "pools": [{"pool": "2001:db8:1::10-2001:db8:1::1f", "require-client-classes": ["x"]},
                      {"pool": "2001:db8:1:0:8000::/80", "pool-id": 4, "client-class": "voip"}],
            "pd-pools": [{"prefix": "2001:db8:8000::", "prefix-len": 33, "delegated-len": 56,
                          "excluded-prefix": "2001:db8:8000:ff::", "excluded-prefix-len": 64}],
            "reservations": [{"duid": "00:03:00:01", "ip-addresses": ["2001:db8:1::5"], "prefixes": ["2001:db8:9::/48"]},
                             {"flex-id": "'port-7'", "hostname": "h"}]}]"#,
    );
    let subnet = first(&found).subnet;
    let pools: Vec<_> = subnet.pools.iter().map(|it| (&*it.pool.text, it.pool_id, it.classes.is_guarded())).collect();
    assert_eq!(pools, [("2001:db8:1::10-2001:db8:1::1f", 0, false), ("2001:db8:1:0:8000::/80", 4, true)]);
    assert_eq!(subnet.pools[0].classes.additional().collect::<Vec<_>>(), ["x"]);
    let pool = &subnet.pd_pools[0];
    assert_eq!((pool.prefix_len, pool.delegated_len, pool.excluded_prefix_len), (33, Some(56), Some(64)));
    let [by_duid, by_flex_id] = &subnet.reservations[..] else { panic!() };
    assert_eq!(by_duid.identifier(), Some((IdentifierType::Duid, vec![0, 3, 0, 1])));
    assert_eq!((by_duid.addresses().count(), by_duid.prefixes[0].to_string()), (1, "2001:db8:9::/48".to_owned()));
    assert_eq!(by_flex_id.identifier(), Some((IdentifierType::FlexId, b"port-7".to_vec())));
    assert_eq!(
        (by_flex_id.hostname.as_deref(), found.place(subnet.position).to_string()),
        (Some("h"), "/c:1:24".into())
    );
}

#[test]
fn loggers_are_read_in_every_form() {
    let text = r#"{"Logging": {"loggers": [{"name": "*", "output_options": [{"output": "stdout"}]}]},
        "Dhcp4": {"loggers": [{"name": "kea-dhcp4", "severity": "DEBUG", "debuglevel": 55, "output-options":
            [{"output": "/log/a", "flush": false, "maxsize": 0, "maxver": 8, "pattern": "%m"}, {"output": "syslog:x"}]},
            <?include "/part"?>]}}"#;
    let found = document(text).config(Daemon::Dhcp4).unwrap();
    let [own, part, all] = &found.server.loggers[..] else { panic!("{found:?}") };
    assert_eq!(
        (own.name.as_deref(), own.severity.as_deref(), own.debuglevel),
        (Some("kea-dhcp4"), Some("DEBUG"), Some(55))
    );
    let outputs: Vec<_> = own.outputs().collect();
    assert_eq!((outputs[0].file(), outputs[1].file()), (Some(Path::new("/log/a")), None));
    assert_eq!((outputs[0].flush, outputs[0].maxsize, outputs[0].maxver), (Some(false), Some(0), Some(8)));
    assert_eq!((all.name.as_deref(), all.outputs().count()), (Some("*"), 1));
    assert_eq!((part.severity.as_deref(), part.debuglevel), (Some("DEBUG"), None));
    assert_eq!(faults(&found), [r#"/part:2:44: "debuglevel" is a string, expected an integer"#]);
}

#[test]
fn a_broken_part_takes_away_only_what_depends_on_it() {
    let found = v4(
        r#""lease-database": {"type": "cql"}, "valid-lifetime": "long", "interfaces-config": {"interfaces": ["eth0", 1]},
"subnet4": [
 1, {}, {"subnet": "x"}, {"subnet": "2001:db8::/32"},
 {"id": -1, "subnet": "192.0.2.0/24", "pools": [{"pool": 1}, {"pool": "x"}, {"pool": "192.0.2.1-192.0.2.9"}],
  "reservations": {}, "renew-timer": 5, "relay": {"ip-address": "y", "ip-addresses": ["192.0.2.1"]}}],
"shared-networks": null, "hooks-libraries": [{"library": 7}]"#,
    );
    assert_eq!(prefixes(&found), [(1, "192.0.2.0/24".to_owned())]);
    let served = first(&found);
    assert_eq!((served.subnet.pools.len(), served.setting(|it| it.renew_timer)), (1, Some(5)));
    assert_eq!((served.relays().len(), found.server.interfaces_config.interfaces.len()), (1, 1));
    let expected = [
        r#":1:39: "type" is "cql", none of memfile, mysql, postgresql"#,
        r#":1:65: "valid-lifetime" is a string, expected an integer"#,
        r#":1:118: an item of "interfaces" is an integer, expected a string"#,
        r#":3:2: an item of "subnet4" is an integer, expected a map"#,
        r#":3:5: an item of "subnet4" has no "subnet""#,
        r#":3:20: "subnet" is wrong: "x" is no prefix"#,
        r#":3:26: "2001:db8::/32" is no DHCPv4 subnet"#,
        r#":4:9: "id" is -1, expected 0 to 4294967295"#,
        r#":4:58: "pool" is an integer, expected a string"#,
        r#":4:71: "pool" is wrong: "x" is no range of addresses"#,
        r#":5:19: "reservations" is a map, expected a list"#,
        r#":5:65: "ip-address" is wrong: invalid IP address syntax"#,
        r#":6:20: "shared-networks" is null, expected a list"#,
        r#":6:58: "library" is an integer, expected a string"#,
    ];
    let mut found_faults = faults(&found);
    found_faults.sort_by_key(|fault| expected.iter().position(|line| fault.ends_with(line)));
    for (fault, line) in found_faults.iter().zip(expected) {
        assert!(fault.ends_with(line), "{fault}\n{line}");
    }
    assert_eq!(found_faults.len(), expected.len(), "{found_faults:#?}");
    assert!(found.check(&["loggers"]).is_ok());
    assert!(found.check(&["lease-database"]).unwrap_err().to_string().starts_with("/c:1:39: "));
}

#[test]
fn unknown_members_are_kept() {
    let found =
        v4(r#""new-in-kea-9": {"deep": [true]}, "subnet4": [{"subnet": "10.0.0.0/8", "odd": 1, "valid-lifetime": 2}]"#);
    let deep = found.server.rest.get("new-in-kea-9").unwrap();
    assert_eq!(
        (deep.get("deep").unwrap().kind(), found.place(deep.position).to_string()),
        ("a list", "/c:1:28".into())
    );
    let subnet = first(&found).subnet;
    assert_eq!(subnet.rest.iter().map(|(name, _)| name).collect::<Vec<_>>(), [b"odd"]);
    assert_eq!(subnet.settings.valid_lifetime, Some(2));
}

#[test]
fn what_precedes_an_error_of_syntax_is_read() {
    let broken = document(r#"{"Dhcp4": {"subnet4": [{"subnet": "10.0.0.0/8"}], "loggers": [ }"#);
    let found = broken.config(Daemon::Dhcp4).unwrap();
    assert_eq!(prefixes(&found).len(), 1);
    let error = found.syntax_error.as_ref().unwrap().to_string();
    assert_eq!(error, "/c:1:64: expected a value, found '}'");
    assert!(document("nonsense").config(Daemon::Dhcp4).is_err());
}

#[test]
fn the_configuration_of_another_daemon_is_refused() {
    let refusal = |text: &str| document(text).config(Daemon::Dhcp4).unwrap_err().to_string();
    assert_eq!(refusal(r#"{"Dhcp6": {}}"#), r#"/c:1:1: expected "Dhcp4" in the outermost map"#);
    assert_eq!(refusal("[]"), "/c:1:1: the outermost value is a list, expected a map");
    assert_eq!(refusal(r#"{"Dhcp4": []}"#), r#"/c:1:11: "Dhcp4" is a list, expected a map"#);
    let both = document(r#"{"Dhcp6": {}, "Control-agent": {}, "Dhcp4": {}, "x": 1}"#);
    assert_eq!(both.daemons().collect::<Vec<_>>(), [Daemon::Dhcp4, Daemon::Dhcp6, Daemon::CtrlAgent]);
}

#[test]
fn no_password_is_in_a_debug_text() {
    let found = v4(r#""lease-database": {"type": "mysql", "password": "hunter2"}, "secret": "hunter2",
        "hosts-databases": [{"type": "mysql", "password": "hunter2"}],
        "hooks-libraries": [{"library": "/x", "parameters": {"key": "hunter2", "high-availability": [
            {"peers": [{"name": "a", "basic-auth-password": "hunter2", "other": "hunter2"}]}]}}]"#);
    assert_eq!(faults(&found), [] as [&str; 0]);
    assert!(!format!("{found:?}").contains("hunter2"));
    let peer = &found.server.high_availability().next().unwrap().peers[0];
    assert_eq!(peer.basic_auth_password.as_ref().unwrap().expose(), "hunter2");
}

#[test]
fn many_faults_end() {
    let wrong = r#"{"subnet": "10.0.0.0/8", "id": "x", "pools": [{"pool": 1, "pool-id": "x"}], "relay": 4},"#;
    let found = v4(&format!("\"subnet4\": [{}]", wrong.repeat(1000)));
    assert_eq!((found.server.subnets().count(), found.faults.len()), (1000, 4000));
    let names: Vec<_> = (0..1000).map(|n| format!("\"a{n}\": 1")).collect();
    let found = v4(&format!("\"control-sockets\": {{{}}}, \"valid-lifetime\": 1", names.join(",")));
    assert!((1..100).contains(&found.faults.len()) && found.server.control_sockets.forwarded.is_empty());
    assert_eq!(found.server.settings.valid_lifetime, Some(1));
}

proptest! {
    #[test]
    fn any_members_are_read(
        names in prop::collection::vec("subnet4|id|subnet|pools|pool|reservations|loggers|type|lease-database|x", 0..6),
        values in prop::collection::vec("1|-1|\"\"|\"x\"|null|\\[1\\]|true|1.5", 6),
    ) {
        let mut text = values[0].clone();
        for (name, value) in names.iter().zip(&values) {
            text = format!("{{\"{name}\": [{text}, {value}], \"other\": {text}}}");
        }
        let _ = document(&format!("{{\"Dhcp4\": {text}}}")).config(Daemon::Dhcp4);
    }
}
