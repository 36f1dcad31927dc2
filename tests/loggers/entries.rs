//! The entries that `--set` prints.

use std::fs;

use super::{Folder, GOOD, run, with};

#[test]
fn entries_are_ready_to_be_pasted() {
    let folder = Folder::new();
    let file = folder.configuration("c", &with("Dhcp4", &GOOD.replace("INFO", "WARN")));
    let ran = run(&["-c", &file, "--for", "2.2", "--set", "*=INFO"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    let pasted = format!("{{ \"Dhcp4\": {{ {} }} }}", ran.stdout);
    let again = folder.configuration("again", &pasted);
    let document = run(&["-c", &again, "--for", "2.2", "-f", "json"]).document();
    assert_eq!(document["daemons"][0]["loggers"][0]["severity"], "INFO");
    assert_eq!(document["daemons"][0]["findings"], serde_json::json!([]));
}

#[test]
fn entries_fit_where_the_text_says() {
    let folder = Folder::new();
    // In the place of the present list, whose comma stays.
    let last = with("Dhcp4", &GOOD.replace("INFO", "WARN"));
    let ran = run(&["-c", &folder.configuration("c", &last), "--for", "2.2", "--set", "*=INFO"]);
    assert!(ran.stdout.ends_with("]\n"), "{}", ran.stdout);
    // Before the first member of a map without a list; an empty map needs no comma.
    for (members, end) in [("\"valid-lifetime\": 7", "],\n"), ("", "]\n")] {
        let bare = format!("{{ \"Dhcp4\": {{ {members} }} }}");
        let ran = run(&["-c", &folder.configuration("c", &bare), "--for", "2.2", "--set", "*=INFO"]);
        assert!(ran.stdout.contains("for the beginning of \"Dhcp4\" in ") && ran.stdout.ends_with(end), "{ran:?}");
        let entries = ran.stdout.split_once('\n').unwrap().1;
        let pasted = bare.replacen("{ \"Dhcp4\": {", &format!("{{ \"Dhcp4\": {{ {entries}"), 1);
        serde_json::from_str::<serde_json::Value>(&pasted).unwrap();
    }
}

#[test]
fn a_pattern_is_about_the_hooks_that_are_loaded() {
    let folder = Folder::new();
    let file = folder.configuration("c", &with("Dhcp4", GOOD));
    let ran = run(&["-c", &file, "--for", "2.2", "--set", "kea-dhcp4.*-hooks=DEBUG"]);
    let cause = "no hook library that is loaded has such a logger";
    assert!(ran.status == 2 && ran.stdout.is_empty() && ran.stderr.contains(cause), "{ran:?}");
    let named = run(&["-c", &file, "--for", "2.2", "--set", "ha-hooks=DEBUG"]);
    assert!(named.status == 1 && named.stdout.contains("kea-dhcp4.ha-hooks"), "{named:?}");
    assert_eq!(named.stderr.lines().count(), 1, "{named:?}");
}

#[test]
fn a_whole_configuration_keeps_its_comments() {
    let folder = Folder::new();
    let text = with("Dhcp4", GOOD).replace("\"loggers\"", "# kept ]\n\"valid-lifetime\": 7, \"loggers\"");
    let file = folder.configuration("c", &text);
    let wish = format!("callouts=DEBUG:55@{}", folder.at("callouts.log").display());
    let ran = run(&["-c", &file, "--for", "2.2", "--set", &wish, "--whole"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(
        ran.stdout.contains("# kept ]\n\"valid-lifetime\": 7") && ran.stdout.contains("kea-dhcp4.callouts"),
        "{ran:?}"
    );
    fs::write(folder.at("new"), &ran.stdout).unwrap();
    let new = folder.at("new").display().to_string();
    assert_eq!(run(&["-c", &new, "--for", "2.2", "--which", "HOOKS_CALLOUT_CALLED"]).status, 0);
}

#[test]
fn each_daemon_has_its_own_file_where_the_pattern_says_so() {
    let folder = Folder::new();
    let one = folder.configuration("one", &with("Dhcp4", GOOD));
    let other =
        folder.configuration("other", &with("Dhcp6", &GOOD.replace("dhcp4", "dhcp6").replace("k.log", "k6.log")));
    let ask = |output: &str| {
        let wish = format!("kea-*.callouts=DEBUG:55@{}", folder.at(output).display());
        run(&["-c", &one, "-c", &other, "--for", "2.2", "--set", &wish, "-f", "json"])
    };
    let apart = ask("{daemon}-callouts.log");
    assert_eq!((apart.status, apart.stderr.as_str()), (0, ""));
    let document = apart.document();
    let output = document["Dhcp6"]["loggers"][1]["output_options"][0]["output"].as_str().unwrap().to_owned();
    assert!(output.ends_with("/kea-dhcp6-callouts.log"), "{output}");
    let together = ask("callouts.log");
    assert!(together.status == 1 && together.stderr.contains("log into"), "{together:?}");
}

#[test]
fn an_output_that_cannot_work_is_reported_with_the_entries() {
    let folder = Folder::new();
    let file = folder.configuration("c", &with("Dhcp4", &GOOD.replace("DIR/k.log", "k.log")));
    let ran = run(&["-c", &file, "--for", "3.0", "--set", "leases=DEBUG@/srv/leases.log"]);
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.contains("/srv/leases.log") && ran.stderr.contains("is not in /var/log/kea"), "{ran:?}");
}

#[test]
fn a_wish_about_another_daemon_is_a_remark_where_others_fit() {
    let folder = Folder::new();
    let file = folder.configuration("c", &with("Dhcp4", GOOD));
    let ask = |wishes: &[&str]| run(&[&["-c", &file, "--for", "2.2"], wishes].concat());
    let both = ask(&["--set", "ddns=DEBUG:55", "--set", "kea-dhcp-ddns.*=DEBUG:55"]);
    assert!(both.status == 0 && both.stdout.contains("kea-dhcp4.ddns"), "{both:?}");
    assert_eq!(both.stderr, "kea-loggers: --set kea-dhcp-ddns.*: kea-dhcp4 has no such logger, only kea-dhcp-ddns\n");
    let alone = ask(&["--set", "kea-dhcp-ddns.*=DEBUG:55"]);
    assert!(alone.status == 2 && alone.stderr.contains("only kea-dhcp-ddns"), "{alone:?}");
    let slip = ask(&["--set", "LEASES=DEBUG"]);
    assert!(slip.status == 2 && slip.stderr.contains("\"leases\" may be meant"), "{slip:?}");
}

#[test]
fn what_is_wrong_with_one_file_is_said_once() {
    let folder = Folder::new();
    let file = folder.configuration("c", &with("Dhcp4", GOOD));
    let wish = format!("kea-dhcp4.*=DEBUG:55@{}", folder.at("none/trace.log").display());
    let ran = run(&["-c", &file, "--for", "2.2", "--set", &wish]);
    assert_eq!((ran.status, ran.stderr.lines().count()), (1, 1), "{ran:?}");
}
