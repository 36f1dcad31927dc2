//! What is said of wrong values, for each option of each program.

use std::os::unix::ffi::OsStringExt;

use super::*;
use crate::text::OneLine;

/// What a library says; it is for programmers.
const LIBRARY: [&str; 13] = [
    "invalid digit",
    "is not in ",
    "..",
    "target type",
    "found in string",
    "ParseIntError",
    "invalid value",
    "invalid float",
    "address syntax",
    "empty string",
    "parse",
    "Error",
    "possible values",
];

const VALUES: [&str; 10] =
    ["", "text", "0", "-1", "99999999999999999999", "1.5", "7x", "-1.5", "a\nb\u{1b}[31m", "\u{e9}\u{1f980}"];

fn said(mut command: Command, args: &[&str]) -> Option<String> {
    let args: Vec<OsString> = [command.get_name()].iter().chain(args).map(OsString::from).collect();
    let found = command.try_get_matches_from_mut(&args).err()?;
    Some(error(&found, &mut command, &args).to_string())
}

fn said_by(program: &str, line: &str) -> String {
    let command = crate::cli::commands().into_iter().find(|it| it.get_name() == program).unwrap();
    let args: Vec<_> = line.split_whitespace().collect();
    said(command, &args).unwrap_or_else(|| panic!("{program} {line} is accepted"))
}

#[test]
fn a_wrong_value_is_refused_in_our_own_words() {
    let (mut refused, mut faults) = (0, Vec::new());
    for command in crate::cli::commands() {
        for arg in command.get_arguments().filter(|arg| arg.get_action().takes_values()) {
            for (name, value) in names(arg).iter().flat_map(|name| VALUES.map(|value| (name.clone(), value))) {
                let joined = if name.starts_with("--") { format!("{name}={value}") } else { format!("{name}{value}") };
                let forms = [vec![joined.as_str()], vec![&name, value]];
                for form in forms.into_iter().filter(|form| form.len() == 2 || form[0] != name) {
                    let Some(line) = said(command.clone(), &form) else { continue };
                    refused += 1;
                    let fault = fault(arg, value, &line);
                    faults.extend(fault.map(|fault| format!("{} {form:?}: {fault}: {line}", command.get_name())));
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    assert!(refused > 500, "{refused}");
}

/// What is wrong with the line about `value` of `arg`.
fn fault(arg: &Arg, value: &str, line: &str) -> Option<String> {
    let about = line.split(" (").next().unwrap_or_default();
    let is_about_another = about.contains("is missing, which it needs");
    let names_option = names(arg).iter().any(|name| about.contains(name.as_str()));
    let own_words = line.replace(&format!("\"{}\"", OneLine(value)), "");
    let library = LIBRARY.iter().find(|phrase| own_words.contains(**phrase));
    match () {
        () if line.chars().any(char::is_control) => Some("not one line".into()),
        () if !names_option && !is_about_another => Some("the option is not named".into()),
        () if !about.contains(&OneLine(value).to_string()) && !is_about_another => Some("the value is missing".into()),
        () if !line.contains("; see ") && !line.contains("(see ") => Some("no remedy".into()),
        () => library.map(|phrase| format!("a library's words {phrase:?}")),
    }
}

#[test]
fn what_is_allowed_is_said_with_its_unit() {
    for (program, line, expected) in [
        ("kea-lease-dump", "-P 70000", "--port \"70000\": expected a port, 1 to 65535 (see kea-lease-dump --help)"),
        (
            "kea-lease-dump",
            "--connect-timeout 1.5",
            "--connect-timeout \"1.5\": expected a whole number of seconds, 1 to 86400 (see kea-lease-dump --help)",
        ),
        (
            "kea-list-leases",
            "--limit -1",
            "--limit \"-1\": expected a whole number of leases, 0 or more (see kea-list-leases --help)",
        ),
        (
            "kea-list-leases",
            "--watch -1",
            "--watch \"-1\": expected a whole number of seconds, 1 to 86400 (see kea-list-leases --help)",
        ),
        (
            "dhcping",
            "--vlan 4095",
            "--vlan \"4095\": expected the number of a virtual network, 0 to 4094 (see dhcping --help)",
        ),
        ("dhcptest", "--hops 256", "--hops \"256\": expected a whole number, 0 to 255 (see dhcptest --help)"),
        (
            "dhcptest",
            "--relay 192.0.2.1",
            "--relay \"192.0.2.1\": expected an IPv6 address such as 2001:db8::5 (see dhcptest --help)",
        ),
        (
            "keactrl-status",
            "-t 9999",
            "--timeout \"9999\": expected a number of seconds, 0.1 to 3600 (see keactrl-status --help)",
        ),
        (
            "keactrl-status",
            "-f jsno",
            "--format \"jsno\": expected classic, table, json, nagios or prometheus (did you mean \"json\"?; \
             see keactrl-status --help)",
        ),
    ] {
        assert_eq!(said_by(program, line), expected);
    }
}

#[test]
fn other_mistakes_name_the_option_and_the_remedy() {
    for (program, line, expected) in [
        ("kea-lease-dump", "-4 -4", "-4: it is given twice (give it once; see kea-lease-dump --help)"),
        ("kea-lease-dump", "-P 1 -P 2", "--port: it is given twice (give it once; see kea-lease-dump --help)"),
        ("kea-lease-dump", "--port", "--port: a value is needed (--port PORT; see kea-lease-dump --help)"),
        ("kea-lease-dump", "--port -4", "--port: a value is needed (--port PORT; see kea-lease-dump --help)"),
        (
            "kea-lease-dump",
            "--formt x",
            "unexpected argument \"--formt\" (did you mean --format?; see kea-lease-dump --help)",
        ),
        ("kea-support-bundle", "--fromat json", "unexpected argument \"--fromat\" (see kea-support-bundle --help)"),
        ("dhcping", "--foo", "unexpected argument \"--foo\" (see dhcping --help)"),
        ("dhcping", "--from x", "unexpected argument \"--from\" (did you mean --from-config?; see dhcping --help)"),
        (
            "kea-lease-dump",
            "--strict=x",
            "--strict \"x\": this option takes no value (--strict; see kea-lease-dump --help)",
        ),
        (
            "kea-lease-dump",
            "--utc --epoch",
            "--utc: cannot be used with --epoch (leave one of them out; see kea-lease-dump --help)",
        ),
        (
            "kea-lease-dump",
            "--cert-file x",
            "--cert-file: --key-file is missing, which it needs (--key-file FILE; see kea-lease-dump --help)",
        ),
        (
            "dhcptest",
            "-6 --tries 3 --peer=fe80::2",
            "--peer: --relay is missing, which it needs (--relay ADDRESS; see dhcptest --help)",
        ),
        (
            "dhcping",
            "-v --renew",
            "--renew: --client is missing, which it needs (--client ADDRESS; see dhcping --help)",
        ),
        (
            "kea-lease-dump",
            "--user -1",
            "--user \"-1\": a value that begins with - is written together with its option (--user=-1; \
             see kea-lease-dump --help)",
        ),
        ("dhcping", "-r -i", "--request: cannot be used with --inform (leave one of them out; see dhcping --help)"),
    ] {
        assert_eq!(said_by(program, line), expected);
    }
}

#[test]
fn options_of_perfdhcp_are_answered_with_their_counterparts() {
    for (line, expected) in [
        (
            "-l eth0",
            "unexpected argument \"-l\" (perfdhcp's -l INTERFACE is -I INTERFACE, -l ADDRESS is --relay ADDRESS;",
        ),
        ("-4 -r 10 -n 100 192.0.2.1", "unexpected argument \"-n\" (perfdhcp's -n COUNT is -r RATE and -d TIME;"),
        ("-p 10", "(perfdhcp's -p SECONDS is -d TIME;"),
        ("-W 1000", "(perfdhcp's -W is -t TIME"),
        ("-g multi", "(of perfdhcp's -g: one thread is enough;"),
        ("--scenario avalanche", "(perfdhcp's --scenario avalanche is --storm;"),
        ("-r 10 192.0.2.1", "unexpected argument \"192.0.2.1\" (-s 192.0.2.1 names the server;"),
        ("-f 10", "perfdhcp's -f RATE is --mix new=SHARE,renew=SHARE"),
    ] {
        let said = said_by("dhcpload", line);
        assert!(said.contains(expected), "{line}: {said}");
    }
    assert!(!said_by("dhcping", "-W 1").contains("perfdhcp"));
}

#[test]
fn a_value_that_is_no_utf_8_is_named() {
    let mut command = crate::cli::dhcping::command();
    let args = [OsString::from("dhcping"), "-s".into(), OsString::from_vec(b"caf\xe9".to_vec())];
    let found = command.try_get_matches_from_mut(&args).unwrap_err();
    let line = error(&found, &mut command, &args).to_string();
    assert!(line.starts_with("-s \"caf\u{fffd}\": it is not UTF-8 ("), "{line}");
}

#[test]
fn arguments_of_other_programs_are_answered_with_ours() {
    for (program, line, expected) in [
        (
            "keactrl-status",
            "status",
            "unexpected argument \"status\" (leave it out: this program only reports the status; ",
        ),
        ("keactrl-status", "dhcp4", "unexpected argument \"dhcp4\" (-s dhcp4 names a daemon; "),
        (
            "keactrl-status",
            "reload",
            "(this program only reports the status; \"keactrl reload\" or systemctl does that; ",
        ),
        ("keactrl-status", "-6", "unexpected argument \"-6\" (-s dhcp6 chooses the DHCPv6 server; "),
        ("dhcptest", "-4", "unexpected argument \"-4\" (leave it out: DHCPv4 is the default; "),
        ("kea-metrics", "-4", "unexpected argument \"-4\" (leave it out: both DHCPv4 and DHCPv6 are included; "),
        ("kea-top", "kea1", "unexpected argument \"kea1\" (--server kea1 names a server; "),
        ("kea-list-leases", "-h", "-h: a value is needed: it means --host (--host HOST, or --help for help; "),
        ("dhcping", "-h", "-h: a value is needed: it means --hardware (--hardware ADDRESS, or --help for help; "),
    ] {
        let said = said_by(program, line);
        assert!(said.contains(expected), "{program} {line}: {said}");
    }
}
