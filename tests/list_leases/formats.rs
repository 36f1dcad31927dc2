//! The formats for other programs.

use crate::list_leases::harness::{Files, NOON, every_state, row4, run};

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
                lifetime,preferred,started,expires,remaining,user-context,pool\r\n";
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
fn hosts_and_ethers_have_only_valid_names_and_addresses() {
    let rows = [row4(1, 60, "anna.example.org", 0), row4(2, 60, "localhost evil", 0), row4(3, 60, "127.0.0.1", 0)];
    assert_eq!(written(&rows, "-q -f hosts"), "192.0.2.1\tanna.example.org anna\n");
    let expected = "08:00:2b:00:00:01 192.0.2.1\n08:00:2b:00:00:02 192.0.2.2\n08:00:2b:00:00:03 192.0.2.3\n";
    assert_eq!(written(&rows, "-f ethers"), expected);
}

#[test]
fn a_client_does_not_become_this_machine_by_its_name() {
    let names = ["localhost", "localhost.example.org", "x.localhost", "IP6-loopback", "anna"];
    let rows: Vec<_> = names.iter().zip(1..).map(|(name, last)| row4(last, 60, name, 0)).collect();
    assert_eq!(written(&rows, "-q -f hosts"), "192.0.2.5\tanna\n");
    let rows: Vec<_> = ["all", "ungrouped", "_meta", "subnet4_1"]
        .iter()
        .zip(6..)
        .map(|(name, last)| row4(last, 60, name, 0))
        .chain(rows)
        .collect();
    let inventory: serde_json::Value = serde_json::from_str(&written(&rows, "-f ansible")).unwrap();
    let hosts: Vec<_> = inventory["_meta"]["hostvars"].as_object().unwrap().keys().cloned().collect();
    let addresses = ["1", "2", "3", "4", "6", "7", "8", "9"].map(|last| format!("192.0.2.{last}"));
    assert_eq!(hosts, [&addresses[..], &["anna".to_owned()]].concat());
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

/// The configuration of a server with a lease of each kind.
fn office(files: &Files) -> String {
    files.leases4(&[9, 25, 100, 20].map(|last| row4(last, 60, "", 0)));
    let leases = files.path("kea-leases4.csv");
    files.write(
        "kea-dhcp4.conf",
        format!(
            r#"{{"Dhcp4": {{"lease-database": {{"type": "memfile", "name": "{}"}},
                "subnet4": [{{"id": 1, "subnet": "192.0.2.0/24", "user-context": {{"subnet-name": "office"}},
                    "pools": [{{"pool": "192.0.2.10 - 192.0.2.30"}}],
                    "reservations": [{{"hw-address": "08:00:2b:00:00:09", "ip-address": "192.0.2.9"}},
                        {{"hw-address": "08:00:2b:00:00:19", "ip-address": "192.0.2.25"}}]}}]}}}}"#,
            leases.display()
        ),
    )
}

#[test]
fn what_the_configuration_knows_is_reported_with_each_lease() {
    let files = Files::new();
    let config = office(&files);
    let ran = run(&format!("-c {config} -q --no-header --columns address,subnet,subnet-id,subnet-name"));
    let row = |last: u8, blanks: &str| format!("192.0.2.{last}{blanks}  192.0.2.0/24  1  office\n");
    assert_eq!(ran.stdout, row(9, "  ") + &row(20, " ") + &row(25, " ") + &row(100, ""));
    let json: serde_json::Value =
        serde_json::from_str(&run(&format!("-c {config} -f json --range 192.0.2.9")).stdout).unwrap();
    assert_eq!((&json[0]["origin"], &json[0]["subnet"]), (&"reserved".into(), &"192.0.2.0/24".into()));
}

#[test]
fn each_lease_is_reserved_or_not_and_in_a_pool_or_not() {
    let files = Files::new();
    let config = office(&files);
    let shown = |arguments: &str| run(&format!("-c {config} -q --no-header {arguments}")).stdout;
    let table = "192.0.2.9    reserved          -\n\
                 192.0.2.20   dynamic           192.0.2.10-192.0.2.30\n\
                 192.0.2.25   reserved-in-pool  192.0.2.10-192.0.2.30\n\
                 192.0.2.100  outside           -\n";
    assert_eq!(shown("--columns address,origin,pool"), table);
    let csv = "192.0.2.9,reserved,\r\n192.0.2.20,dynamic,192.0.2.10-192.0.2.30\r\n\
               192.0.2.25,reserved,192.0.2.10-192.0.2.30\r\n192.0.2.100,outside,\r\n";
    assert_eq!(shown("-f csv --columns address,origin,pool"), csv);
    let json: serde_json::Value = serde_json::from_str(&shown("-f json --sort address")).unwrap();
    let told = |at: usize| (json[at]["origin"].as_str().unwrap(), json[at]["pool"].as_str());
    let pool = Some("192.0.2.10 - 192.0.2.30");
    let expected = [("reserved", None), ("dynamic", pool), ("reserved", pool), ("outside", None)];
    assert_eq!([told(0), told(1), told(2), told(3)], expected);
}

#[test]
fn what_hosts_and_ethers_leave_out_is_counted() {
    let files = Files::new();
    let mut rows: Vec<_> = ["iphone", "iPhone", "localhost", "my phone", "", "\\171\\165."]
        .iter()
        .zip(10..)
        .map(|(name, last)| row4(last, 60, name, 0))
        .collect();
    rows.push(row4(16, 60, "nohw", 0).replace("08:00:2b:00:00:10", "").replace(",,,", ",,01:02,"));
    rows.push(row4(17, 60, "eui64", 0).replace("08:00:2b:00:00:11", "02:00:00:00:00:00:00:11"));
    rows.push(row4(18, 60, "samemac", 0).replace("08:00:2b:00:00:12", "08:00:2b:00:00:0a"));
    let source = files.leases4(&rows);
    let hosts = run(&format!("{source} -f hosts"));
    let misnamed = "with a name that is not a host name or is reserved for the local machine";
    let said = format!(
        "kea-list-leases: 4 leases left out: 1 without a name, 3 {misnamed}\n\
         kea-list-leases: 1 name occurs in more than one line\n"
    );
    assert_eq!(hosts.expect(0, &said).stdout.lines().count(), 5);
    let ethers = run(&format!("{source} -f ethers"));
    let unlike = "1 with a hardware address that does not have 6 octets";
    let said = format!(
        "kea-list-leases: 2 leases left out: 1 without a hardware address, {unlike}\n\
         kea-list-leases: 1 hardware address occurs in more than one line\n"
    );
    assert_eq!(ethers.expect(0, &said).stdout.lines().count(), 7);
    run(&format!("{source} -q -f hosts")).expect(0, "");
}

#[test]
fn a_pool_of_prefixes_is_written_as_text() {
    let files = Files::new();
    let expire = NOON + 3600;
    let row = |address: &str, kind: u8, length: u8| {
        format!("{address},00:03:00:01:02,7200,{expire},5,3600,{kind},7,{length},0,0,,,0,,,,0")
    };
    files.leases6(&[&row("2001:db8:1::5", 0, 128), &row("3000:1:0:5::", 2, 64)]);
    let config = files.write(
        "kea-dhcp6.conf",
        format!(
            r#"{{"Dhcp6": {{"lease-database": {{"type": "memfile", "name": "{}"}}, "subnet6": [{{"id": 5,
                "subnet": "2001:db8:1::/48", "pools": [{{"pool": "2001:db8:1::1 - 2001:db8:1::9"}}],
                "pd-pools": [{{"prefix": "3000:1::", "prefix-len": 32, "delegated-len": 64}}]}}]}}}}"#,
            files.path("kea-leases6.csv").display()
        ),
    );
    let table = run(&format!("-c {config} -q --no-header --columns address,pool"));
    let expected = "2001:db8:1::5    2001:db8:1::1-2001:db8:1::9\n3000:1:0:5::/64  3000:1::/32 in /64\n";
    assert_eq!(table.expect(0, "").stdout, expected);
    let csv = run(&format!("-c {config} -q --no-header -f csv --columns pool"));
    assert_eq!(csv.expect(0, "").stdout, "2001:db8:1::1-2001:db8:1::9\r\n3000:1::/32 in /64\r\n");
    let one = run(&format!("-c {config} 3000:1:0:5::"));
    assert!(one.stdout.contains("3000:1::/32 in /64"), "{}", one.stdout);
}

#[test]
fn a_name_that_is_no_utf_8_is_listed_with_its_octets() {
    let files = Files::new();
    let header = crate::list_leases::harness::HEADER4;
    let row =
        [b"192.0.2.1,08:00:2b:00:00:01,,3600,", (NOON + 60).to_string().as_bytes(), b",1,0,0,z\xfcrich,0,,0"].concat();
    let path = files.write("l.csv", [header.as_bytes(), b"\n", &row, b"\n"].concat());
    let list =
        |arguments: &str| run(&format!("-t memfile -n {path} -q --no-header {arguments}")).expect(0, "").stdout.clone();
    assert_eq!(list("--columns hostname"), "z\\xfcrich\n");
    assert_eq!(list("-f csv --columns hostname"), "z\\xfcrich\r\n");
    assert!(list("-f json").contains(r#""hostname": "z\u00fcrich""#));
    assert!(list("-f classic").contains("| z\\xfcrich "));
}

#[test]
fn a_delegated_prefix_is_no_host() {
    let files = Files::new();
    let expire = NOON + 3600;
    let prefix =
        format!("2001:db8:8000::,00:03:00:01:02,7200,{expire},1,3600,2,7,56,0,0,anna,02:00:00:00:00:01,0,,1,1,0");
    let source = files.leases6(&[&prefix]);
    for format in ["hosts", "ethers"] {
        let said = "kea-list-leases: 1 lease left out: 1 of prefixes\n";
        assert_eq!(run(&format!("{source} -f {format}")).expect(0, said).stdout, "");
    }
    let json: serde_json::Value = serde_json::from_str(&run(&format!("{source} -f json")).stdout).unwrap();
    assert_eq!((&json[0]["prefix-len"], &json[0]["type"]), (&56.into(), &"IA_PD".into()));
}
