//! Dumps that leave the house.

use std::collections::HashSet;
use std::fs;
use std::net::Ipv4Addr;

use crate::lease_dump::harness::{Files, HEADER4, data, row4, run};

/// Every value of the columns of a lease file that tells who somebody is, and each hardware address without its colons.
fn originals(text: &str, columns: &[usize]) -> HashSet<String> {
    let rows = text.lines().skip(1).map(|row| row.split(',').collect::<Vec<_>>());
    let values = rows.flat_map(|row| columns.iter().map(|&column| row[column].to_owned()).collect::<Vec<_>>());
    let bare = |value: String| [value.replace(':', ""), value];
    values.flat_map(bare).filter(|value| value.len() > 5 && !value.trim_matches(['0', ':']).is_empty()).collect()
}

#[test]
fn anonymized_dump_has_no_original_value_in_any_format() {
    let files = Files::new();
    let key = files.write("key", "sixteen octets or more");
    for (family, columns) in [('4', [0, 1, 2, 8]), ('6', [0, 1, 11, 12])] {
        let source = format!("-t memfile -n {}", data(&format!("memfile/kea-leases{family}.csv")).display());
        let plain = run(&source);
        let values = originals(plain.text(), &columns);
        assert!(values.len() > 100);
        let others = ["kv.example.org", "c:\\\\temp", "say", "plain", "Z\\u00c3"].map(str::to_owned);
        for format in ["memfile", "csv", "json", "ndjson"] {
            let ran = run(&format!("{source} --anonymize --anonymize-addresses --anonymize-key {key} -f {format}"));
            ran.expect(0, "");
            let left: Vec<_> = values.iter().chain(&others).filter(|value| ran.text().contains(*value)).collect();
            assert_eq!(left, Vec::<&String>::new(), "{format}");
            if format == "memfile" {
                let copy = files.write("copy.csv", &ran.bytes);
                let again = run(&format!("-t memfile -n {copy}"));
                again.expect(0, "");
                assert_eq!(again.rows().len(), plain.rows().len());
            }
        }
    }
}

#[test]
fn the_order_of_rows_does_not_tell_which_address_was_replaced() {
    let files = Files::new();
    let rows: Vec<_> = (1..=200).map(row4).collect();
    let path = files.write("l.csv", format!("{HEADER4}\n{}\n", rows.join("\n")));
    let key = files.write("key", "sixteen octets or more");
    for sort in ["", " --sort address"] {
        let line = format!("-t memfile -n {path} --anonymize --anonymize-addresses --anonymize-key {key}{sort}");
        let ran = run(&line);
        ran.expect(0, "");
        let written: Vec<Ipv4Addr> =
            ran.rows().iter().map(|row| row.split(',').next().unwrap().parse().unwrap()).collect();
        assert_eq!(written.len(), 200);
        assert!(written.is_sorted(), "{written:?}");
    }
}

#[test]
fn a_key_gives_the_same_replacements_in_every_run() {
    let files = Files::new();
    let key = files.write("key", "sixteen octets or more");
    let source = data("memfile/kea-leases4.csv");
    let line = format!("-t memfile -n {} --anonymize --anonymize-key {key}", source.display());
    assert_eq!(run(&line).text(), run(&line).text());
    fs::write(&key, "another secret of the house").unwrap();
    let other = run(&line);
    assert_ne!(run(&format!("-t memfile -n {} --anonymize", source.display())).text(), other.text());
}

#[test]
fn a_key_that_can_be_guessed_is_refused() {
    let files = Files::new();
    let key = files.write("key", "short");
    let ran =
        run(&format!("-t memfile -n {} --anonymize --anonymize-key {key}", data("memfile/kea-leases4.csv").display()));
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("a key of 5 bytes can be guessed; at least 16 are needed"), "{}", ran.stderr);
}

#[test]
fn an_iaid_made_of_a_hardware_address_does_not_give_it_away() {
    let files = Files::new();
    let header = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,\
                  hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id";
    let iaid = 0x50aa_1234_u32;
    let row = format!("2001:db8::1,00:03:00:01:f4:8c:50:aa:12:34,1,1795179600,1,1,0,{iaid},128,0,0,,,0,,,,0");
    let path = files.write("l.csv", format!("{header}\n{row}\n"));
    let ran = run(&format!("-t memfile -n {path} --anonymize"));
    ran.expect(0, "");
    assert!(!ran.text().contains(&iaid.to_string()), "{}", ran.text());
}
