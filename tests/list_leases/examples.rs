//! Every example of the manual page does what it is shown for.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::list_leases::fake::{Fake, Reply};
use crate::list_leases::harness::{Files, ListLeasesRun, NOON, data, row4};

/// The command lines of the manual page's EXAMPLES, without the prompt and the program's name.
fn examples() -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("man/kea-list-leases.8");
    let page = fs::read_to_string(page).unwrap();
    let section = page.split("\n.Sh ").find(|section| section.starts_with("EXAMPLES\n")).unwrap().to_owned();
    let lines = section.lines().filter_map(|line| line.strip_prefix(".Dl # kea-list-leases")).map(str::trim);
    lines.map(str::to_owned).collect()
}

/// A machine with both servers and leases for every example.
fn configure(files: &Files, socket: &str) -> String {
    let expire = NOON + 3600;
    files.leases4(&[
        row4(10, 600, "printer.example.org", 0).replace("00:00:0a", "02:3f:4e"),
        row4(11, -60, "anna", 0),
        row4(12, 3590, "berta", 0),
    ]);
    files.leases6(&[&format!("2001:db8:8000::,00:03:00:01:02,7200,{expire},1,3600,2,7,56,0,0,,,0,,,,0")]);
    for family in ['4', '6'] {
        let leases = files.path(&format!("kea-leases{family}.csv"));
        let text = format!(
            r#"{{"Dhcp{family}": {{"lease-database": {{"type": "memfile", "name": "{}"}},
                "control-socket": {{"socket-type": "unix", "socket-name": "{socket}"}}}}}}"#,
            leases.display()
        );
        files.write(&format!("kea-dhcp{family}.conf"), text);
    }
    files.path("").display().to_string()
}

fn server(command: &Value) -> Reply {
    let lease = json!({
        "ip-address": "192.0.2.10", "subnet-id": 1, "hw-address": "08:00:2b:00:00:01", "cltt": NOON, "valid-lft": 3600,
        "fqdn-fwd": false, "fqdn-rev": false, "hostname": "printer", "state": 0
    });
    let is_start = command["arguments"]["from"] == "start";
    let leases = if is_start { vec![lease] } else { Vec::new() };
    let result = if is_start { 0 } else { 3 };
    Reply::Answer(json!({"result": result, "text": "", "arguments": {"count": leases.len(), "leases": leases}}))
}

#[test]
fn every_example_of_the_manual_page_lists_something() {
    let files = Files::new();
    let fake = Fake::unix(server);
    let config = configure(&files, fake.address());
    let examples = examples();
    assert!(examples.len() >= 12, "{examples:?}");
    for example in examples {
        let line = example.replace("/run/kea/kea4-ctrl-socket", fake.address());
        let line = line.replace("kea-leases4.csv", &files.path("kea-leases4.csv").display().to_string());
        let line =
            if line.contains("--socket") || line.contains(".csv") { line } else { format!("{line} -c {config}") };
        let mut run = ListLeasesRun::default();
        if line.contains("--watch") {
            run = ListLeasesRun { columns: Some(80), deeds: vec![Box::new(|| ())], ..run };
        }
        let ran = run.run(&line);
        assert_eq!(ran.status, 0, "{example}: {}", ran.stderr);
        assert!(ran.stdout.lines().count() >= 1, "{example} lists nothing");
        assert!(!ran.stdout.contains("no leases"), "{example}: {}", ran.stdout);
    }
}

/// The text blocks of the page about leases that show this program, as command line and output.
fn shown_in_docs() -> Vec<(String, String)> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/leases.md")).unwrap();
    let blocks =
        page.split("```text\n$ kea-list-leases").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    let parts = blocks.map(|block| {
        let (line, output) = block.split_once('\n').unwrap();
        (line.trim().to_owned(), output.to_owned())
    });
    parts.collect()
}

#[test]
fn what_the_docs_show_of_the_office_at_noon_is_what_is_printed() {
    let office = data("office").display().to_string();
    let shown = shown_in_docs();
    assert!(shown.len() >= 2);
    for (line, output) in shown {
        let run = ListLeasesRun {
            columns: Some(120),
            zone: Some("Europe/Zurich"),
            variables: vec![("KEA_DHCP_DATA_DIR", &office)],
            ..ListLeasesRun::default()
        };
        let ran = run.run(&format!("{line} -c {office} --vendors {office}/manuf --color never"));
        assert_eq!(
            (ran.stdout + &ran.stderr).replace(&format!("{office}/"), "/var/lib/kea/"),
            output,
            "kea-list-leases {line}"
        );
    }
}
