//! Every row that Kea loads is a lease; what a release would not load is refused when a file is written for it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::lease_dump::harness::{Files, HEADER4, Ran, data, row4, run};

const HEADER6: &str = "address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id";

/// A DHCPv6 row whose lease has this address, DUID, type and length.
fn row6(address: &str, duid: &str, lease_type: u32, length: u32) -> String {
    format!("{address},{duid},3600,1795179600,1,1800,{lease_type},7,{length},0,0,,,0,,,,0")
}

fn addresses(ran: &Ran) -> Vec<&str> {
    ran.rows().iter().map(|row| row.split(',').next().unwrap()).collect()
}

#[test]
fn a_host_name_that_is_no_utf_8_is_a_lease() {
    let files = Files::new();
    let row = row4(1).replace("host1", "z\x01rich").into_bytes();
    let row: Vec<u8> = row.into_iter().map(|octet| if octet == 1 { 0xfc } else { octet }).collect();
    let path = files.write("l.csv", [HEADER4.as_bytes(), b"\n", &row, b"\n"].concat());
    let dump = |options: &str| run(&format!("-t memfile -n {path} --strict {options}"));
    let memfile = dump("");
    memfile.expect(0, "");
    assert!(memfile.rows()[0].contains(",z&#xfcrich,"), "{:?}", memfile.rows());
    for format in ["json", "ndjson"] {
        let ran = dump(&format!("-f {format}"));
        ran.expect(0, "");
        assert!(ran.text().contains(r#""hostname": "z\u00fcrich""#), "{}", ran.text());
    }
    assert!(dump("-f csv").expect(0, "").text().contains(",z\\xfcrich,"));
    // Read again it is the same.
    let again = files.write("again.csv", &memfile.bytes);
    assert_eq!(run(&format!("-t memfile -n {again}")).bytes, memfile.bytes);
}

#[test]
fn the_empty_duid_in_state_0_is_refused_by_newer_files_alone() {
    let files = Files::new();
    let rows = [row6("2001:db8::1", "00:00:00", 0, 128), row6("2001:db8::2", "00:01:02", 0, 128)];
    let path = files.write("l.csv", format!("{HEADER6}\n{}\n{}\n", rows[0], rows[1]));
    for options in ["-f json", "-f ndjson", "-f csv"] {
        run(&format!("-t memfile -n {path} {options}")).expect(0, "");
    }
    let older = run(&format!("-t memfile -n {path} --for 2.2"));
    assert_eq!(addresses(older.expect(0, "")), ["2001:db8::1", "2001:db8::2"]);
    for release in ["2.4", "3.0"] {
        let newer = run(&format!("-t memfile -n {path} --for {release}"));
        let said = format!(
            "lease6 2001:db8::1: duid: 00:00:00 means no client to Kea {release}.0, and the lease is not declined\n"
        );
        newer.expect(2, &format!("{said}kea-lease-dump: 1 bad row left out of standard output\n"));
        assert_eq!(addresses(&newer), ["2001:db8::2"]);
    }
}

#[test]
fn a_last_row_without_newline_counts() {
    let files = Files::new();
    let path = files.write("l.csv", format!("{HEADER4}\n{}\n{}", row4(1), row4(2)));
    let ran = run(&format!("-t memfile -n {path} --strict"));
    assert_eq!(ran.expect(0, "").rows(), [row4(1), row4(2)]);
    let with_context = row4(2).replace(",0,,0", ",0,{ \"a\": 1 },0");
    let path = files.write("l.csv", format!("{HEADER4}\n{}\n{}", row4(1), &with_context[..with_context.len() - 4]));
    let ran = run(&format!("-t memfile -n {path}"));
    let said = "torn last line: the file ends in the middle of a row (user_context: \"{ \"a\": 1\": not a JSON map \
                that Kea reads: a member or } expected at octet 8)";
    ran.expect(2, &format!("{path}:3: {said}\nkea-lease-dump: 1 bad row left out of standard output\n"));
    assert_eq!(ran.rows(), [row4(1)]);
}

/// A server's lease file with an older piece, in a directory of its own.
fn live(files: &Files) -> String {
    fs::create_dir(files.path("live")).unwrap();
    files.write("live/kea-leases4.csv.2", format!("{HEADER4}\n{}\n{}\n", row4(1), row4(2)));
    files.write("live/kea-leases4.csv", format!("{HEADER4}\n{}\n", row4(3)))
}

#[test]
fn companions_of_a_linked_lease_file_are_read() {
    let files = Files::new();
    live(&files);
    symlink("live/kea-leases4.csv", files.path("link.csv")).unwrap();
    symlink("link.csv", files.path("link-to-link.csv")).unwrap();
    symlink("live", files.path("folder")).unwrap();
    for name in ["link.csv", "link-to-link.csv", "folder/kea-leases4.csv", "live/kea-leases4.csv"] {
        let ran = run(&format!("-t memfile -n {}", files.path(name).display()));
        assert_eq!(ran.expect(0, "").rows(), [row4(1), row4(2), row4(3)], "{name}");
    }
    let refused = run(&format!(
        "-t memfile -n {} -o {}",
        files.path("link.csv").display(),
        files.path("live/kea-leases4.csv.2").display()
    ));
    assert!(
        refused.status == 2 && refused.stderr.contains("this is the lease file that is being read"),
        "{}",
        refused.stderr
    );
}

#[test]
fn companions_in_both_places_are_those_of_the_link() {
    let files = Files::new();
    let live = live(&files);
    let link = files.path("link.csv").display().to_string();
    symlink("live/kea-leases4.csv", &link).unwrap();
    let own = files.write("link.csv.1", format!("{HEADER4}\n{}\n", row4(4)));
    let ran = run(&format!("-t memfile -n {link}"));
    let folder = fs::canonicalize(Path::new(&live)).unwrap();
    let folder = folder.display();
    let said = format!(
        "kea-lease-dump: {link} is a link with {own} in its own directory, where Kea has it: files in the directory of \
         {folder}, such as {folder}.2, are not read\n"
    );
    assert_eq!(ran.expect(0, &said).rows(), [row4(4), row4(3)]);
}

#[test]
fn links_that_lead_nowhere_are_errors() {
    let files = Files::new();
    symlink("nowhere", files.path("dangling.csv")).unwrap();
    symlink("loop.csv", files.path("loop.csv")).unwrap();
    for (name, cause) in
        [("dangling.csv", "No such file or directory"), ("loop.csv", "Too many levels of symbolic links")]
    {
        let ran = run(&format!("-4 -t memfile -n {}", files.path(name).display()));
        assert!(ran.status == 2 && ran.stderr.contains(cause), "{name}: {}", ran.stderr);
    }
}

#[test]
fn compressed_lease_files_are_read() {
    for kind in ["gz", "xz", "zst"] {
        let path = data(&format!("compressed/l4.csv.{kind}"));
        let ran = run(&format!("-t memfile -n {}", path.display()));
        let row = "192.0.2.10,02:00:00:00:00:10,,3600,4102444800,1,0,0,a,0,,0";
        assert_eq!(ran.expect(0, "").rows(), [row], "{kind}");
    }
}

#[test]
fn another_compression_is_named_with_its_remedy() {
    let files = Files::new();
    let path = files.write("l.csv.bz2", b"BZh91AY&SY");
    let remedy = format!("decompress it with bzcat {path}, and read it from a pipe with -");
    let said = format!("kea-lease-dump: read lease file {path}: it is compressed with bzip2 ({remedy})\n");
    run(&format!("-4 -t memfile -n {path}")).expect(2, &said);
}

#[test]
fn a_release_refuses_what_it_would_discard_and_nothing_else() {
    let files = Files::new();
    let hex = |octets: usize| vec!["ab"; octets].join(":");
    let rows = [
        row6("2001:db8::1", "00:01", 0, 128),
        row6("2001:db8::2", &hex(130), 0, 128),
        row6("2001:db8:1::3", "00:01:02", 2, 48),
        row6("2001:db8:2::", "00:01:02", 2, 129),
        row6("2001:db8::5", "00:01:02", 1, 128),
        row6("2001:db8::6", "00:01:02", 0, 128).replace(",0,,,,0", ",0,{\"a\":99999999999999999999},,,0"),
        row6("2001:db8::7", &hex(128), 0, 128),
    ];
    let path = files.write("l.csv", format!("{HEADER6}\n{}\n", rows.join("\n")));
    let refused = |release: &str| {
        let ran = run(&format!("-t memfile -n {path} --for {release}"));
        let named = ran.stderr.lines().filter_map(|line| line.strip_prefix("lease6 ")?.split(": ").next());
        named.map(|address| address.rsplit(':').find(|group| !group.is_empty()).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(refused("2.2"), ["2", "6"]);
    assert_eq!(refused("2.6"), ["1"]);
    assert_eq!(refused("3.0"), ["1"]);
    assert_eq!(refused("3.2"), ["1", "3", "2"]);
    let json = run(&format!("-t memfile -n {path} -f json"));
    let json: Value = serde_json::from_str(json.expect(0, "").text()).unwrap();
    assert_eq!(json.as_array().unwrap().len(), rows.len());
}

#[test]
fn an_unknown_release_is_answered_with_the_known_ones() {
    for release in ["99", "2.99", "0.5", "2.2.x"] {
        let known = "not a release of Kea that is known here: 0.9, 1.0 to 1.9, 2.0 to 2.7, 3.0 to 3.3";
        let said = format!("kea-lease-dump: --for \"{release}\": {known}");
        let ran = run(&format!("--for {release} -n x"));
        assert!(ran.status == 2 && ran.stderr.starts_with(&said), "{}", ran.stderr);
    }
}

#[test]
fn standard_input_is_a_lease_file() {
    let gzipped = data("compressed/l4.csv.gz");
    for name in ["-4 -t memfile -n -", "-4 -t memfile -n /dev/stdin", "-t memfile -n -", "-n -", "-"] {
        // A pipe, with what is compressed in it.
        let line = format!("cat \"$1\" | \"$2\" {name}");
        let mut command = Command::new("sh");
        command.args(["-c", &line, "sh"]).arg(&gzipped).arg(env!("CARGO_BIN_EXE_kea-lease-dump"));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8(output.stdout).unwrap().ends_with(",,3600,4102444800,1,0,0,a,0,,0\n"), "{name}");
    }
}
