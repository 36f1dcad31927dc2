//! Options of perfdhcp that a user may type for dhcpload, and what does the same here.

use std::net::IpAddr;

/// Letters of perfdhcp that are no options here, and their counterparts.
const COUNTERPARTS: [(&str, &str); 25] = [
    ("-l", "-l INTERFACE is -I INTERFACE, -l ADDRESS is --relay ADDRESS"),
    ("-L", "-L is the port that the protocol fixes: clients use 68, --relay uses 67"),
    ("-N", "-N is the port that the protocol fixes"),
    ("-n", "-n COUNT is -r RATE and -d TIME"),
    ("-p", "-p SECONDS is -d TIME"),
    ("-D", "-D is --expect 'loss<1%'"),
    ("-W", "-W is -t TIME: the last answers are waited for anyway"),
    ("-b", "-b mac=MAC is --mac-base MAC"),
    ("-M", "-M FILE is --mac-file FILE"),
    ("-i", "-i is --exchange discover, with -6 solicit"),
    ("-c", "-c is --exchange rapid"),
    ("-F", "-F RATE is --mix new=SHARE,release=SHARE; leases are given back anyway"),
    ("-e", "only addresses are asked for"),
    ("-A", "-A 1 is --relay ADDRESS"),
    ("-J", "-J FILE is --relay ADDRESS,..."),
    ("-o", "-o CODE,HEX is --option CODE=VALUE"),
    ("-T", "templates are --option and --profile"),
    ("-g", "one thread is enough"),
    ("-u", "it is in every report"),
    ("-x", "it is in every report; -f json has all"),
    ("-P", "-P is --storm, or more of -r"),
    ("-B", "-B is --broadcast"),
    ("-v", "-v is -V"),
    ("-1", "each client asks the server that it has its offer from"),
    ("--scenario", "--scenario avalanche is --storm"),
];

/// What does here what `option` does in perfdhcp.
pub(super) fn counterpart(option: &str) -> Option<String> {
    if option == "all" || option.parse::<IpAddr>().is_ok() {
        return Some(format!("-s {option} names the server"));
    }
    let (_, said) = COUNTERPARTS.iter().find(|(theirs, _)| *theirs == option)?;
    let is_whole = said.starts_with('-');
    Some(if is_whole { format!("perfdhcp's {said}") } else { format!("of perfdhcp's {option}: {said}") })
}

/// The same for an option that is one here too, with a value that only perfdhcp knows.
pub(super) fn of_value(option: &str, value: &str) -> Option<&'static str> {
    let is_number = value.parse::<f64>().is_ok();
    (option == "--format" && is_number).then_some("perfdhcp's -f RATE is --mix new=SHARE,renew=SHARE")
}
