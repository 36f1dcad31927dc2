//! Everything about one address.

use crate::list_leases::harness::{Files, NOON, row4, run};

fn office(files: &Files) -> String {
    let leases = files.path("kea-leases4.csv");
    let config = files.write(
        "kea-dhcp4.conf",
        format!(
            r#"{{"Dhcp4": {{"lease-database": {{"type": "memfile", "name": "{}"}},
                "subnet4": [{{"id": 1, "subnet": "192.0.2.0/24", "user-context": {{"subnet-name": "office"}},
                    "pools": [{{"pool": "192.0.2.5 - 192.0.2.30"}}],
                    "reservations": [{{"hw-address": "08:00:2b:00:00:07", "ip-address": "192.0.2.9", "hostname": "desk"}}]}}]}}}}"#,
            leases.display()
        ),
    );
    format!("-c {config} --utc")
}

#[test]
fn a_lease_is_reported_with_its_place_and_its_past() {
    let files = Files::new();
    let earlier = row4(9, -4000, "anna", 0).replace("08:00:2b:00:00:09", "02:00:00:00:00:01");
    files.leases4(&[earlier.clone(), earlier.replace("3600", "0"), row4(9, 60, "berta", 0), row4(10, 60, "", 0)]);
    let ran = run(&format!("{} 192.0.2.9", office(&files)));
    let expected = "\
192.0.2.9 is assigned
  hostname       berta
  hwaddr         08:00:2b:00:00:09
  given          2026-11-20T11:01:00Z for 1h
  expires        2026-11-20T12:01:00Z, in 1m
  subnet         1: 192.0.2.0/24, office
  pool           192.0.2.5 - 192.0.2.30
  reserved       for hw-address 08:00:2b:00:00:07, another client, as desk
  from           LEASES (version 3.0)

what the lease file says of it, oldest first:
STARTED               STATE     HWADDR             CLIENT-ID  HOSTNAME  LIFETIME
2026-11-20T09:53:20Z  assigned  02:00:00:00:00:01  -          anna            1h
2026-11-20T10:53:20Z  removed   02:00:00:00:00:01  -          anna            0s
2026-11-20T11:01:00Z  assigned  08:00:2b:00:00:09  -          berta           1h
";
    let leases = files.path("kea-leases4.csv").display().to_string();
    assert_eq!(ran.expect(0, "").stdout.replace(&leases, "LEASES"), expected);
}

#[test]
fn a_choice_does_not_make_an_address_seem_free() {
    let files = Files::new();
    let source = files.leases4(&[row4(9, 600, "anna", 0)]);
    for choice in ["--state expired", "--subnet 9", "--mac 00", "--hostname zzz"] {
        let ran = run(&format!("{source} 192.0.2.9 {choice}"));
        let cause = "everything known about an address is listed, which leaves no choice";
        let hint = "leave the choice out, or list it with -f csv";
        ran.expect(2, &format!("kea-list-leases: 192.0.2.9: {cause} ({hint})\n"));
        assert_eq!(run(&format!("{source} 192.0.2.9 {choice} -f csv --no-header")).status, 0);
    }
}

#[test]
fn an_address_without_a_lease_is_reported_by_the_configuration() {
    let files = Files::new();
    files.leases4(&[row4(10, 60, "", 0)]);
    let config = office(&files);
    let expected = "\
192.0.2.9 has no lease
  subnet         1: 192.0.2.0/24, office
  pool           192.0.2.5 - 192.0.2.30
  reserved       for hw-address 08:00:2b:00:00:07, as desk
";
    assert_eq!(run(&format!("{config} 192.0.2.9")).expect(0, "").stdout, expected);
    run(&format!("{config} 192.0.2.9 --fail-if-empty")).expect(1, "");
    let outside = run(&format!("{config} 198.51.100.1"));
    assert_eq!(outside.stdout, "198.51.100.1 has no lease\n  subnet         not in the configuration\n");
}

#[test]
fn an_address_in_a_delegated_prefix_leads_to_it() {
    let files = Files::new();
    let expire = NOON + 3600;
    let source = files.leases6(&[
        &format!("2001:db8:8000::,00:03:00:01:02,7200,{expire},1,3600,2,7,56,0,0,,,0,,,,0"),
        &format!("2001:db8:9000::,00:03:00:01:03,7200,{expire},1,3600,2,7,56,0,0,,,0,,,,0"),
    ]);
    let ran = run(&format!("{source} 2001:db8:8000:ff::17"));
    assert!(ran.stdout.starts_with("2001:db8:8000::/56 is assigned\n  type           IA_PD\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("9000"));
}

#[test]
fn other_formats_list_the_lease_whatever_its_state() {
    let files = Files::new();
    let source = files.leases4(&[row4(9, -60, "berta", 0), row4(10, 60, "", 0)]);
    let json: serde_json::Value = serde_json::from_str(&run(&format!("{source} -f json 192.0.2.9")).stdout).unwrap();
    assert_eq!((json.as_array().unwrap().len(), &json[0]["state-name"]), (1, &"expired".into()));
}
