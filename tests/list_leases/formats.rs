//! The formats for other programs.

use crate::world::{Files, NOON, every_state, row4, run};

fn written(rows: &[String], arguments: &str) -> String {
    let files = Files::new();
    let source = files.leases4(rows);
    let ran = run(&format!("{source} {arguments}"));
    ran.expect(0, "");
    ran.stdout
}

#[test]
fn csv_is_rfc_4180_and_holds_no_formula() {
    let rows = [row4(1, 60, "=cmd&#x2c \"x\"", 0), row4(2, -60, "-b", 0)];
    let expected = "address,state,hostname,lifetime,expires,remaining\r\n\
                    192.0.2.1,assigned,\"'=cmd, \"\"x\"\"\",3600,2026-11-20T12:01:00Z,60\r\n\
                    192.0.2.2,expired,'-b,3600,2026-11-20T11:59:00Z,-60\r\n";
    let columns = "--columns address,state,hostname,lifetime,expires,remaining";
    assert_eq!(written(&rows, &format!("-f csv --all --utc {columns}")), expected);
    assert_eq!(written(&rows, &format!("-f csv --utc --no-header {columns}")).lines().count(), 1);
    let head = "address,type,state,hostname,hwaddr,vendor,client,iaid,subnet,subnet-id,subnet-name,pool-id,origin,\
                lifetime,preferred,started,expires,remaining,user-context\r\n";
    assert_eq!(written(&[row4(1, -60, "", 0)], "-f csv"), head);
}

#[test]
fn json_is_one_document_and_ndjson_a_line_each() {
    let rows = [row4(1, 60, "anna", 0), row4(2, 60, "berta", 0)];
    let document: serde_json::Value = serde_json::from_str(&written(&rows, "-f json")).unwrap();
    let lines = written(&rows, "-f ndjson");
    let objects: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(document, serde_json::Value::Array(objects));
    assert_eq!(document[0]["hostname"], "anna");
    assert_eq!(written(&[row4(1, -60, "", 0)], "-f json"), "[]\n");
    assert_eq!(written(&[row4(1, -60, "", 0)], "-f ndjson"), "");
}

#[test]
fn classic_has_the_columns_of_the_scripts_of_old() {
    let expected = "\
DHCPv4 leases:  3
IP Address      | Hostname                 | HW Addr           | Client-ID            | Subnet ID | lifetime | expire
192.0.2.9       | berta.example.org        | 08:00:2b:00:00:09 |                      | 1         | 3600     | 2026-11-20T12:01:00+00:00
192.0.2.60      | frieda                   | 02:00:00:00:00:60 | 01:02                | 1         | 4294967295 | never
192.0.2.100     | anna                     | 08:00:2b:00:00:64 |                      | 1         | 3600     | 2026-11-20T12:30:00+00:00
";
    assert_eq!(written(&every_state(), "-f classic"), expected);
}

#[test]
fn a_client_cannot_add_columns_to_classic() {
    let list = written(&[row4(1, 60, "x | 00:11:22:33:44:55 | 01 | 7", 0)], "-f classic");
    let row = list.lines().last().unwrap();
    assert_eq!(row.matches('|').count(), 6, "{row}");
    assert!(row.contains("x \\u{7c} 00:11:22:33:44:55"), "{row}");
}

#[test]
fn hosts_and_ethers_hold_only_names_and_addresses_that_programs_may_believe() {
    let rows = [row4(1, 60, "anna.example.org", 0), row4(2, 60, "localhost evil", 0), row4(3, 60, "127.0.0.1", 0)];
    assert_eq!(written(&rows, "-f hosts"), "192.0.2.1\tanna.example.org anna\n");
    let expected = "08:00:2b:00:00:01 192.0.2.1\n08:00:2b:00:00:02 192.0.2.2\n08:00:2b:00:00:03 192.0.2.3\n";
    assert_eq!(written(&rows, "-f ethers"), expected);
}

#[test]
fn an_inventory_has_hosts_with_addresses_in_groups() {
    let rows = [row4(1, 60, "anna", 0), row4(2, 60, "anna", 0), row4(3, 60, "", 0)];
    let inventory: serde_json::Value = serde_json::from_str(&written(&rows, "-f ansible")).unwrap();
    assert_eq!(inventory["subnet4_1"]["hosts"], serde_json::json!(["192.0.2.2", "192.0.2.3", "anna"]));
    assert_eq!(inventory["all"]["children"], serde_json::json!(["subnet4_1"]));
    assert_eq!(inventory["_meta"]["hostvars"]["anna"]["ansible_host"], "192.0.2.1");
}

#[test]
fn metrics_count_leases_of_every_state() {
    let expected = "\
# HELP kea_leases Leases by what they are
# TYPE kea_leases gauge
kea_leases{family=\"4\",subnet_id=\"1\",state=\"assigned\"} 3
kea_leases{family=\"4\",subnet_id=\"1\",state=\"expired\"} 1
kea_leases{family=\"4\",subnet_id=\"1\",state=\"expired-reclaimed\"} 1
kea_leases{family=\"4\",subnet_id=\"1\",state=\"released\"} 1
kea_leases{family=\"4\",subnet_id=\"2\",state=\"declined\"} 1
";
    assert_eq!(written(&every_state(), "-f prometheus"), expected);
}

#[test]
fn what_the_configuration_knows_is_told_with_each_lease() {
    let files = Files::new();
    files.leases4(&[row4(9, 60, "", 0), row4(100, 60, "", 0), row4(20, 60, "", 0)]);
    let leases = files.path("kea-leases4.csv");
    let config = files.write(
        "kea-dhcp4.conf",
        format!(
            r#"{{"Dhcp4": {{"lease-database": {{"type": "memfile", "name": "{}"}},
                "subnet4": [{{"id": 1, "subnet": "192.0.2.0/24", "user-context": {{"subnet-name": "office"}},
                    "pools": [{{"pool": "192.0.2.10 - 192.0.2.30"}}],
                    "reservations": [{{"hw-address": "08:00:2b:00:00:09", "ip-address": "192.0.2.9"}}]}}]}}}}"#,
            leases.display()
        ),
    );
    let ran = run(&format!("-c {config} -q --no-header --columns address,subnet,subnet-name,origin"));
    let expected = "192.0.2.9    192.0.2.0/24  office  reserved\n\
                    192.0.2.20   192.0.2.0/24  office  dynamic\n\
                    192.0.2.100  192.0.2.0/24  office  outside\n";
    assert_eq!(ran.stdout, expected);
    let json: serde_json::Value =
        serde_json::from_str(&run(&format!("-c {config} -f json --range 192.0.2.9")).stdout).unwrap();
    assert_eq!((&json[0]["origin"], &json[0]["subnet"]), (&"reserved".into(), &"192.0.2.0/24".into()));
}

#[test]
fn a_delegated_prefix_is_no_host() {
    let files = Files::new();
    let expire = NOON + 3600;
    let prefix =
        format!("2001:db8:8000::,00:03:00:01:02,7200,{expire},1,3600,2,7,56,0,0,anna,02:00:00:00:00:01,0,,1,1,0");
    let source = files.leases6(&[&prefix]);
    for format in ["hosts", "ethers"] {
        assert_eq!(run(&format!("{source} -f {format}")).expect(0, "").stdout, "");
    }
    let json: serde_json::Value = serde_json::from_str(&run(&format!("{source} -f json")).stdout).unwrap();
    assert_eq!((&json[0]["prefix-len"], &json[0]["type"]), (&56.into(), &"IA_PD".into()));
}
