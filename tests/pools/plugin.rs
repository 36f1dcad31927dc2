//! Exit statuses that a monitor or a script relies on.

use kea_tools::cli;
use kea_tools::testing::ProgramRun;

use crate::pools::harness::{Files, NOW, row, run_line};

const SUBNET: &str =
    r#""subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.1 - 192.0.2.20"}]}]"#;

/// A server with so many leases in a pool of twenty.
fn with_leases(files: &Files, count: u8) -> String {
    files.server(SUBNET, &(1..=count).map(|last| row(&format!("192.0.2.{last}"), 1, 10, 0)).collect::<Vec<_>>())
}

#[test]
fn a_reader_that_is_gone_leaves_the_verdict() {
    let files = Files::new();
    let server = with_leases(&files, 20);
    for (options, status) in [
        ("", 1),
        ("-f csv", 1),
        ("-f json", 1),
        ("-f ndjson", 1),
        ("-f html", 1),
        ("-f dhcpd-pools", 1),
        ("-f dhcpd-pools --critical 90", 2),
        ("-f nagios", 2),
        ("-f csv --min-size 1000", 0),
    ] {
        let line = format!("{server} {options}");
        assert_eq!(run_line(&line).status, status, "{options}");
        let program = ProgramRun { now: NOW, is_unread: true, ..ProgramRun::default() };
        let ran = program.run("kea-pools", cli::pools::run, line.split_whitespace());
        assert_eq!((ran.status, ran.stderr.as_str()), (status, ""), "{options}");
    }
}

#[test]
fn errors_of_alarms_are_unknown() {
    let files = Files::new();
    let server = with_leases(&files, 1);
    for line in [
        "-f dhcpd-pools --warning 50 --critical 70 -c /nonexistent".to_owned(),
        "--format=dhcpd-pools --critical=70 -c /nonexistent".to_owned(),
        format!("{server} -f dhcpd-pools --warning 50 nonesuch"),
        format!("{server} -f dhcpd-pools --warning 90 --critical 80"),
    ] {
        let ran = run_line(&line);
        assert!(ran.status == 3 && ran.stderr.is_empty() && ran.stdout.contains("UNKNOWN - "), "{line}: {ran:?}");
    }
    // Without a threshold it is a document.
    assert_eq!(run_line("-f dhcpd-pools -c /nonexistent").status, 2);
    assert_eq!(run_line(&format!("{server} -f dhcpd-pools nonesuch")).status, 1);
}

#[test]
fn one_threshold_alone_moves_the_default_of_the_other() {
    let files = Files::new();
    let word = |leases: u8, options: &str| {
        let ran = run_line(&format!("{} -f nagios {options}", with_leases(&files, leases)));
        ran.stdout.split_whitespace().nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!([12, 13, 14, 15].map(|leases| word(leases, "--critical 70")), ["OK", "WARNING", "WARNING", "CRITICAL"]);
    assert_eq!([19, 20].map(|leases| word(leases, "--warning 95")), ["OK", "CRITICAL"]);
}

#[test]
fn the_state_file_is_no_output() {
    let files = Files::new();
    let server = with_leases(&files, 1);
    let state = files.path("state");
    let other = format!("{}/./state", files.path("."));
    for (state, output) in [(&state, &state), (&state, &other), (&other, &state)] {
        run_line(&format!("{server} --state {state}"));
        let ran = run_line(&format!("{server} --state {state} -o {output}"));
        assert!(ran.status == 2 && ran.stderr.contains("--state names the same file"), "{ran:?}");
    }
    assert_eq!(run_line(&format!("{server} --state {state}")).status, 0);
}

#[test]
fn addresses_that_a_server_excludes_are_not_counted() {
    let files = Files::new();
    let total = |subnet: &str, pool: &str, flag: &str| {
        let members = format!(
            r#""compatibility": {{"exclude-first-last-24": {flag}}}, "subnet4": [{{"id": 1, "subnet": "{subnet}", "pools": [{{"pool": "{pool}"}}]}}]"#
        );
        let ran = run_line(&format!("{} -f json", files.server(&members, &[])));
        ran.document()["families"][0]["total"]["addresses"]["total"].as_u64().unwrap()
    };
    assert_eq!(total("192.0.2.0/24", "192.0.2.0 - 192.0.2.255", "true"), 254);
    assert_eq!(total("192.0.2.0/23", "192.0.2.0 - 192.0.3.255", "true"), 508);
    assert_eq!(total("192.0.2.0/23", "192.0.2.0 - 192.0.3.255", "false"), 512);
    assert_eq!(total("192.0.2.0/23", "192.0.2.128 - 192.0.2.255", "true"), 127);
    assert_eq!(total("192.0.2.0/23", "192.0.2.255 - 192.0.3.0", "true"), 0);
    assert_eq!(total("192.0.2.0/24", "192.0.2.1 - 192.0.2.254", "true"), 254);
    assert_eq!(total("192.0.2.0/25", "192.0.2.0 - 192.0.2.127", "true"), 128);
    assert_eq!(total("10.0.0.0/8", "10.0.0.0/8", "true"), (1 << 24) - 2 * (1 << 16));
    // What the pools of two subnets share is there once.
    let wider = r#"192.0.2.0 - 192.0.3.127"}]}, {"id": 2, "subnet": "192.0.0.0/22", "pools": [{"pool": "192.0.3.0 - 192.0.3.255"#;
    assert_eq!(total("192.0.2.0/23", wider, "true"), 508);
}

#[test]
fn a_class_that_is_not_defined_is_noted() {
    let files = Files::new();
    let pools = |class: &str| format!(r#"[{{"pool": "192.0.2.1 - 192.0.2.5", "client-class": "{class}"}}]"#);
    let stderr = |class: &str, more: &str| {
        let subnet = format!(r#""subnet4": [{{"id": 1, "subnet": "192.0.2.0/24", "pools": {}}}]"#, pools(class));
        run_line(&files.server(&format!("{more}{subnet}"), &[])).stderr
    };
    assert!(stderr("nosuch", "").contains("no class \"nosuch\" is defined"), "{}", stderr("nosuch", ""));
    let defined = |class: &str, members: &str| {
        let definition = format!(r#""client-classes": [{{"name": "{class}"{members}}}], "#);
        stderr(class, &definition)
    };
    for (members, expected) in [
        ("", "class \"x\" has no \"test\", so that no client gets anything"),
        (r#", "test": """#, "class \"x\" has no \"test\""),
        (r#", "test": "true", "only-if-required": true"#, "class \"x\" is evaluated after the pool is chosen"),
        (r#", "test": "true", "only-in-additional-list": true"#, "class \"x\" is evaluated after the pool is chosen"),
    ] {
        let stderr = defined("x", members);
        assert!(stderr.contains(expected) && stderr.lines().count() == 1, "{members}: {stderr}");
    }
    assert_eq!(defined("x", r#", "test": "true", "only-if-required": false"#), "");
    assert_eq!(defined("x", r#", "template-test": "'x'""#), "");
    let host = r#""reservations": [{"hw-address": "00:08:00:00:00:05", "client-classes": ["mine"]}], "#;
    for (class, more) in [
        ("voip", r#""client-classes": [{"name": "voip", "test": "option[60].exists"}], "#),
        ("KNOWN", ""),
        ("VENDOR_CLASS_MSFT 5.0", ""),
        ("mine", host),
        ("mine", &format!(r#""client-classes": [{{"name": "mine"}}], {host}"#)),
    ] {
        assert_eq!(stderr(class, more), "", "{class}");
    }
}

#[test]
fn an_address_that_a_client_registered_is_not_free() {
    let files = Files::new();
    let row = |last: u8, expire: i64, state: u8| {
        format!("2001:db8::{last:x},00:01:02:{last:02x},3600,{expire},1,3600,0,1,128,0,0,,,{state},,,,0")
    };
    let header = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,\
                  hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id";
    // Registered, registered long ago, of a state that no release has, and one outside the pool.
    let rows = [row(1, NOW + 60, 4), row(2, NOW - 60, 4), row(3, NOW + 60, 9), row(0x99, NOW + 60, 4)];
    let leases = files.write("kea-leases6.csv", format!("{header}\n{}\n", rows.join("\n")));
    let config = files.write(
        "kea-dhcp6.conf",
        format!(
            r#"{{"Dhcp6": {{"lease-database": {{"type": "memfile", "name": "{leases}"}}, "subnet6":
            [{{"id": 1, "subnet": "2001:db8::/64", "pools": [{{"pool": "2001:db8::1 - 2001:db8::a"}}]}}]}}}}"#
        ),
    );
    let counts =
        &run_line(&format!("-c {config} -f json")).document()["families"][0]["subnets"][0]["addresses"].clone();
    let found = ["total", "active", "expired", "effective-free"].map(|name| counts[name].as_u64().unwrap());
    assert_eq!(found, [10, 2, 1, 8], "{counts}");
}
