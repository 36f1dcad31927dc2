//! The formats, each on the same leases.

use serde_json::{Value, json};

use crate::lease_dump::harness::{Files, HEADER4, Ran, run};

const HOSTILE: &str = "192.0.2.1,02:00:00:00:00:01,01:02:00:00:00:00:01,4294967295,5994967295,7,1,0,=cmd&#x2c\"x&#x0a\
                       z&#xc3&#xbc,1,{ \"k\": \"a\\\\b&#x2c \\u00c3\\u00bc\" },3";

fn dump(options: &str) -> Ran {
    let files = Files::new();
    let path = files.write("l.csv", format!("{HEADER4}\n{HOSTILE}\n"));
    let ran = run(&format!("-t memfile -n {path} {options}"));
    ran.expect(0, "");
    ran
}

#[test]
fn memfile_gives_back_what_it_got() {
    assert_eq!(dump("").text(), format!("{HEADER4}\n{HOSTILE}\n"));
}

#[test]
fn an_old_kea_gets_its_own_columns() {
    let files = Files::new();
    let path = files.write("l.csv", format!("{HEADER4}\n{}\n", HOSTILE.replace(" },3", " },0")));
    let ran = run(&format!("-t memfile -n {path} --for 1.7.6"));
    ran.expect(0, "");
    let text = ran.text();
    assert!(text.lines().next().unwrap().ends_with(",hostname,state,user_context"));
    assert!(text.lines().nth(1).unwrap().ends_with('}'));
}

#[test]
fn csv_is_for_people_and_harmless_in_a_spreadsheet() {
    let ran = dump("-f csv --utc");
    let expected = "address,hwaddr,client_id,valid_lifetime,cltt,expire,subnet_id,pool_id,fqdn_fwd,fqdn_rev,hostname,\
                    state,user_context\r\n\
                    192.0.2.1,02:00:00:00:00:01,01:02:00:00:00:00:01,4294967295,2023-11-14T22:13:20Z,never,7,3,true,\
                    false,\"'=cmd,\"\"x\\nzü\",declined,\"{ \"\"k\"\": \"\"a\\\\b, \\u00c3\\u00bc\"\" }\"\r\n";
    assert_eq!(ran.text(), expected);
}

#[test]
fn json_is_one_document_with_the_names_of_keas_api() {
    let leases = dump("-f json").document();
    let expected = json!([{
        "ip-address": "192.0.2.1", "hw-address": "02:00:00:00:00:01", "client-id": "01:02:00:00:00:00:01",
        "valid-lft": 4_294_967_295_u32, "cltt": 1_700_000_000, "subnet-id": 7, "pool-id": 3,
        "fqdn-fwd": true, "fqdn-rev": false, "hostname": "=cmd,\"x\nzü", "state": 1,
        "user-context": { "k": "a\\b, ü" },
    }]);
    assert_eq!(leases, expected);
}

#[test]
fn ndjson_is_the_same_object_on_a_line() {
    let ran = dump("-f ndjson");
    assert_eq!(ran.text().lines().count(), 1);
    let lease: Value = serde_json::from_str(ran.text()).unwrap();
    let document = dump("-f json").document();
    assert_eq!(lease, document[0]);
}

#[test]
fn json_without_leases_is_an_empty_array() {
    let files = Files::new();
    let path = files.write("l.csv", format!("{HEADER4}\n"));
    let ran = run(&format!("-t memfile -n {path} -f json"));
    assert_eq!(ran.document(), json!([]));
    assert_eq!(run(&format!("-t memfile -n {path} -f ndjson")).text(), "");
}

#[test]
fn rows_come_in_the_order_of_their_addresses_if_asked() {
    let files = Files::new();
    let row = |address: &str| format!("{address},02:00:00:00:00:01,,3600,1795179600,1,0,0,,0,,0");
    let stored = ["192.0.2.10", "192.0.2.9", "10.0.0.1"].map(row);
    let path = files.write("l.csv", format!("{HEADER4}\n{}\n", stored.join("\n")));
    assert_eq!(run(&format!("-t memfile -n {path}")).rows(), stored);
    assert_eq!(
        run(&format!("-t memfile -n {path} --sort address")).rows(),
        ["10.0.0.1", "192.0.2.9", "192.0.2.10"].map(row)
    );
}
