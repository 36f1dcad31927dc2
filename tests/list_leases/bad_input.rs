//! What is typed wrong, and files that are not what they should be.

use crate::list_leases::harness::{Files, every_state, row4, run};

#[test]
fn invalid_filter_value_is_reported_with_the_valid_forms() {
    for (arguments, told) in [
        ("--mac zz", "08-00-2b"),
        ("--state lost", "declined"),
        ("--subnet lan", "192.0.2.0/24"),
        ("--range 192.0.2.9-192.0.2.1", "the lower address comes first"),
        ("--client-id x", "01:08:00:2b"),
        ("--duid 0", "01:08:00:2b"),
        ("--lease-type ip", "expected na or pd"),
        ("--expiring soon", "1h30m"),
        ("--hostname= ", "printer"),
        ("--columns address,color", "subnet-id"),
        ("--columns address,hwadr", "did you mean \"hwaddr\"?"),
        ("--sort size", "hostname"),
        ("--format xml", "prometheus"),
        ("192.0.2.300", "192.0.2.23"),
        ("192.0.2.0/33", "192.0.2.0/24"),
    ] {
        let ran = run(arguments);
        assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.lines().count()), (2, "", 1), "{}", ran.stderr);
        assert!(ran.stderr.starts_with("kea-list-leases: ") && ran.stderr.contains(told), "{}", ran.stderr);
    }
}

#[test]
fn criteria_of_two_families_exclude_each_other() {
    run("--range 192.0.2.0/24 --duid 0001").expect(
        2,
        "kea-list-leases: --range and --duid exclude each other: one means DHCPv4 leases, the other DHCPv6 leases (leave one of them out)\n",
    );
    run("-4 --lease-type pd")
        .expect(2, "kea-list-leases: what is asked for can only be a DHCPv6 lease (leave -4 out)\n");
}

#[test]
fn bad_rows_are_named_and_the_others_listed() {
    let files = Files::new();
    let source = files.leases4(&[row4(9, 60, "anna", 0), "192.0.2.10,zz,,1,1,1,0,0,,0,,0".to_owned()]);
    let ran = run(&format!("{source} --no-header"));
    let path = files.path("kea-leases4.csv");
    let told = format!("{}:3: hwaddr: \"zz\" is no hardware address\n1 active; 1 bad row left out\n", path.display());
    assert_eq!(ran.expect(2, &told).first_words(), ["192.0.2.9"]);
}

#[test]
fn a_vendor_list_that_is_none_is_reported_only_if_asked() {
    let files = Files::new();
    let source = files.leases4(&every_state());
    let list = files.write("manuf", b"\xff\xfe\x00binary\n");
    run(&format!("{source} -q --vendors {list}")).expect(0, "");
    let ran = run(&format!("{source} -q -v --vendors {list}"));
    assert!(ran.stderr.starts_with(&format!("kea-list-leases: {list}: ")), "{}", ran.stderr);
    assert_eq!((ran.status, ran.stderr.lines().count()), (0, 2), "{}", ran.stderr);
}

#[test]
fn a_history_is_only_in_lease_files_and_alone() {
    let ran = run("--history --sort expires");
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("--sort"), "{}", ran.stderr);
}

#[test]
fn a_file_that_is_no_lease_file_is_an_error() {
    let files = Files::new();
    let path = files.write("x.csv", "hello\n");
    let ran = run(&format!("-4 -t memfile -n {path}"));
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("column 1 is \"hello\""), "{}", ran.stderr);
}

#[test]
fn password_on_the_command_line_is_refused_and_not_printed() {
    for typed in ["-phunter2", "-qphunter2", "-4qvphunter2", "--password=hunter2", "-Vphunter2"] {
        let ran = run(&format!("-t pgsql -4 -n kea {typed}"));
        assert!(ran.stderr.starts_with("kea-list-leases: -p takes no value: "), "{}", ran.stderr);
        assert!(ran.status == 2 && !ran.stderr.contains("hunter"), "{}", ran.stderr);
    }
}
