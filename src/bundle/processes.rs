//! The processes of Kea: command lines without secrets, limits, the names of their variables.

use super::{Gathered, Request, variables};
use crate::config::Daemon;
use crate::redact;

/// Other programs of interest, by the beginnings of their names.
const OTHERS: [&str; 7] = ["kea-", "mysqld", "mariadbd", "postgres", "isc-stork", "stork-", "chronyd"];

/// Gathers them.
pub(super) fn gather(request: &Request, gathered: &mut Gathered) {
    let root = &request.root;
    let Ok(mut directory) = root.directory("/proc") else {
        if !root.is_own() {
            return gathered.left_out("processes", "this machine does not run");
        }
        return gathered.missing("processes", "/proc cannot be read");
    };
    let mut pids: Vec<u32> = directory.pick(|name| std::str::from_utf8(name).ok()?.parse().ok());
    pids.sort_unstable();
    let mut lines = Vec::new();
    for pid in pids {
        let read = |name: &str| root.proc_file(format!("/proc/{pid}/{name}")).unwrap_or_default();
        let name = String::from_utf8_lossy(&read("comm")).trim().to_owned();
        if !OTHERS.iter().any(|beginning| name.starts_with(beginning)) {
            continue;
        }
        lines.push(format!("{pid} {name}: {}\n", command(&String::from_utf8_lossy(&read("cmdline")), gathered)));
        if Daemon::from_process_name(&name).is_none() {
            continue;
        }
        lines.extend(of_environment(&String::from_utf8_lossy(&read("environ")), gathered));
        for file in ["limits", "status", "cgroup"] {
            let text = String::from_utf8_lossy(&read(file)).into_owned();
            let text = if file == "status" { state(&text) } else { text };
            gathered.text(&format!("system/processes/{name}-{pid}/{file}.txt"), &format!("/proc/{pid}/{file}"), &text);
        }
    }
    if !lines.is_empty() {
        gathered.text("processes.txt", "/proc", &lines.concat());
    }
}

/// The command line of a process, with quotes around arguments that have blanks in them.
fn command(text: &str, gathered: &mut Gathered) -> String {
    let arguments: Vec<&str> = text.trim_end_matches('\0').split('\0').collect();
    if let [title] = arguments[..] {
        return title.to_owned();
    }
    gathered.secrets.learn_json(&arguments.clone().into());
    redact::arguments(&arguments).iter().map(|argument| quoted(argument)).collect::<Vec<_>>().join(" ")
}

/// As a shell takes it for one word.
fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+()".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', "'\\''"))
}

/// The lines of interest of a process's state.
fn state(text: &str) -> String {
    const LINES: [&str; 12] =
        ["Name", "State", "Uid", "Gid", "Groups", "FDSize", "VmPeak", "VmSize", "VmRSS", "VmSwap", "Threads", "Cap"];
    let is_wanted = |line: &&str| LINES.iter().any(|name| line.starts_with(name));
    text.split_inclusive('\n').filter(is_wanted).collect()
}

/// The variables of a process that say something of Kea, a line each; of most only the name.
fn of_environment(environment: &str, gathered: &mut Gathered) -> Vec<String> {
    let pairs = environment.split('\0').filter_map(|pair| pair.split_once('='));
    let shown = pairs.filter_map(|(name, value)| {
        if redact::is_shown_variable(name) {
            return Some(format!("    {name}={value}\n"));
        }
        let is_usual = is_usual(name);
        let is_secret = redact::is_name_of_a_secret(name) && !is_usual;
        let is_of_interest =
            ["KEA_", "LD_", "TZ", "LC_", "LANG", "MALLOC_"].iter().any(|known| name.starts_with(known));
        if !is_usual {
            variables::learn(name, value, gathered);
        }
        (is_secret || is_of_interest).then(|| format!("    {name} is set\n"))
    });
    shown.collect()
}

/// Whether a variable is one that every service or shell has: directories, users, terminals.
fn is_usual(name: &str) -> bool {
    const NAMES: [&str; 25] = [
        "PWD",
        "OLDPWD",
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "SHLVL",
        "TERM",
        "HOSTNAME",
        "MAIL",
        "EDITOR",
        "PAGER",
        "DISPLAY",
        "COLORTERM",
        "COLUMNS",
        "LINES",
        "INVOCATION_ID",
        "JOURNAL_STREAM",
        "NOTIFY_SOCKET",
        "MAINPID",
        "SYSTEMD_EXEC_PID",
        "MEMORY_PRESSURE_WATCH",
        "container",
        "_",
    ];
    const BEGINNINGS: [&str; 6] = ["XDG_", "SUDO_", "SSH_C", "LESS", "LS_COLORS", "DBUS_"];
    NAMES.contains(&name) || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_variables_with_any_name_are_hidden_and_known() {
        let environment = "KEA_CTRL_CREDS=ops:Zq7creds1x\0KEA_HA_LOGIN=ha/Zq7login1x\0KEA_DBSTR=host=db user=kea Zq7string1x\0\
            KEA_LOG_FILE_DIR=/var/log/kea\0KEA_TSIG=Zq7tsig1xyz\0KEA_DATA=/srv/kea/data\0URL=http://u:Zq7url123@h/\0PWD=/srv/kea\0\
            DBSTRING=Zq7 of any name\0LOGNAME=kea-operator";
        let mut gathered = Gathered::default();
        let shown = of_environment(environment, &mut gathered).concat();
        let expected = "    KEA_CTRL_CREDS is set\n    KEA_HA_LOGIN is set\n    KEA_DBSTR is set\n    \
            KEA_LOG_FILE_DIR=/var/log/kea\n    KEA_TSIG is set\n    KEA_DATA is set\n";
        assert_eq!(shown, expected);
        let log = "Zq7creds1x Zq7login1x Zq7string1x Zq7tsig1xyz Zq7url123 Zq7 of any name kea-operator in /srv/kea/data host=db";
        let hidden = gathered.secrets.finder().hidden(log.as_bytes()).text.into_owned();
        let hidden = String::from_utf8(hidden).unwrap();
        assert!(!hidden.contains("Zq7") && hidden.ends_with("kea-operator in /srv/kea/data host=db"), "{hidden}");
    }
}
