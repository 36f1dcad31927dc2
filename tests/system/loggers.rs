//! What kea-loggers says of a configuration, compared with what Kea does with it: whether it starts, and where its messages
//! are found afterwards.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use kea_tools::family::Family;
use serde_json::{Value, json};

use crate::kea::{Instance, Kea, Network, traffic};
use crate::program::{kea_loggers, run, signal};

/// Messages of three loggers: each daemon that starts logs them once it has its loggers.
const MESSAGES: [(&str, &str, &str); 3] = [
    ("kea-dhcp4.dhcp4", "INFO", "DHCP4_STARTED "),
    ("kea-dhcp4.commands", "INFO", "COMMAND_RECEIVED Received command 'config-get'"),
    ("kea-dhcp4.commands", "DEBUG", "COMMAND_SOCKET_READ "),
];

/// Those of [`faults`] with which nothing is wrong in any release.
const FINE: [&str; 9] = [
    "nothing wrong",
    "child",
    "short name",
    "severity in small letters",
    "level without debug",
    "comment",
    "two outputs",
    "stdout",
    "stderr",
];

/// How long a daemon may take that hangs.
const PATIENCE: Duration = Duration::from_secs(4);

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn each_fault_has_the_effect_that_is_reported() {
    compare(&Kea::debian12());
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn the_printed_entries_do_what_is_asked() {
    entries(&Kea::debian12());
}

/// Every fault, by its name, with its list of loggers; `{K}` is the list of outputs as the release spells it.
fn faults() -> Vec<(&'static str, String)> {
    let root = |members: &str| format!(r#"{{"name": "kea-dhcp4", {members}}}"#);
    let out = |name: &str| format!(r#""{{K}}": [{{"output": "LOG/{name}"}}]"#);
    let usual = root(&format!(r#""severity": "INFO", {}"#, out("root")));
    let child = |name: &str, members: &str| format!(r#"{usual}, {{"name": "{name}", {members}}}"#);
    let debug = r#""severity": "DEBUG", "debuglevel": 99"#;
    let with_output = |output: &str| root(&format!(r#""severity": "INFO", "{{K}}": [{{{output}}}]"#));
    let whole = |name: &str| format!(r#"{{"name": "{name}", {debug}, {}}}"#, out("x"));
    let severity = |members: &str| root(&format!("{members} {}", out("root")));
    vec![
        ("nothing wrong", usual.clone()),
        ("child", child("kea-dhcp4.commands", &format!("{debug}, {}", out("child")))),
        ("short name", child("commands", &format!("{debug}, {}", out("child")))),
        ("wildcard", whole("*")),
        ("wildcard of a daemon", whole("kea-dhcp4.*")),
        ("capitals", whole("KEA-DHCP4")),
        ("capitals in a child", child("kea-dhcp4.COMMANDS", &format!("{debug}, {}", out("child")))),
        ("typing error", child("kea-dhcp4.comands", &format!("{debug}, {}", out("child")))),
        ("another daemon", whole("kea-dhcp6")),
        ("dot at the end", whole("kea-dhcp4.")),
        ("empty name", whole("")),
        ("only a child", whole("kea-dhcp4.commands")),
        ("child without outputs", child("kea-dhcp4.commands", debug)),
        ("no outputs", root(r#""severity": "INFO""#)),
        ("empty outputs", root(r#""severity": "INFO", "{K}": []"#)),
        ("no name", format!(r#"{{"severity": "INFO", {}}}"#, out("root"))),
        ("no severity", severity("")),
        ("unknown severity", severity(r#""severity": "WARNING","#)),
        ("empty severity", severity(r#""severity": "","#)),
        ("severity in small letters", severity(r#""severity": "debug", "debuglevel": 99,"#)),
        ("none", severity(r#""severity": "NONE","#)),
        ("debug without a level", severity(r#""severity": "DEBUG","#)),
        ("level without debug", severity(r#""severity": "INFO", "debuglevel": 99,"#)),
        ("level too high", severity(r#""severity": "DEBUG", "debuglevel": 100,"#)),
        ("level that is a text", severity(r#""severity": "DEBUG", "debuglevel": "9","#)),
        ("unknown member", severity(r#""severity": "INFO", "nope": 1,"#)),
        ("comment", severity(r#""severity": "INFO", "user-context": {"a": 1},"#)),
        ("twice", format!("{usual}, {}", root(&format!("{debug}, {}", out("two"))))),
        (
            "child twice",
            format!(
                "{}, {{\"name\": \"commands\", {debug}, {}}}",
                child("kea-dhcp4.commands", &format!(r#""severity": "INFO", {}"#, out("one"))),
                out("two")
            ),
        ),
        ("second without outputs", format!("{usual}, {}", root(debug))),
        ("two outputs", with_output(r#""output": "LOG/one"}, {"output": "LOG/two""#)),
        ("second output good", with_output(r#""output": "LOG/none/x"}, {"output": "LOG/two""#)),
        ("no directory", with_output(r#""output": "LOG/none/x""#)),
        ("directory", with_output(r#""output": "LOG/folder""#)),
        ("slash at the end", with_output(r#""output": "LOG/x/""#)),
        ("pipe", with_output(r#""output": "LOG/pipe""#)),
        ("outside", with_output(r#""output": "LOG/../outside""#)),
        ("no path", with_output(r#""output": "bare.log""#)),
        ("console", with_output(r#""output": "console""#)),
        ("capital stream", with_output(r#""output": "STDOUT""#)),
        ("stdout", with_output(r#""output": "stdout""#)),
        ("stderr", with_output(r#""output": "stderr""#)),
        ("device", with_output(r#""output": "/dev/null""#)),
        ("empty output", with_output(r#""output": """#)),
        ("no output", with_output(r#""flush": true"#)),
        ("facility", with_output(r#""output": "syslog:foo""#)),
        ("small size", with_output(r#""output": "LOG/root", "maxsize": 1000"#)),
        ("negative size", with_output(r#""output": "LOG/root", "maxsize": -1"#)),
        ("pattern without a line end", with_output(r#""output": "LOG/root", "pattern": "%m""#)),
        ("hyphens", root(r#""severity": "INFO", "output-options": [{"output": "LOG/root"}]"#)),
        (
            "both spellings",
            root(
                r#""severity": "INFO", "output_options": [{"output": "LOG/root"}], "output-options": [{"output": "LOG/root"}]"#,
            ),
        ),
        ("no lock directory", usual),
    ]
}

/// A server's folder, in which Kea runs with any list of loggers.
struct KeaFolder {
    instance: Instance,
    network: Network,
    locks: PathBuf,
}

/// What Kea did.
#[derive(Debug)]
struct Seen {
    /// Whether it answered.
    serves: bool,
    /// Whether `-t` found anything.
    is_refused_by_t: bool,
    /// The names of the files and streams with each of the messages.
    places: Vec<BTreeSet<String>>,
}

impl KeaFolder {
    fn new(kea: &Kea, network: Network) -> Self {
        let instance = Instance::memfile(kea, Family::V4);
        let locks = instance.scratch("run");
        Self { instance, network, locks }
    }

    fn log(&self) -> PathBuf {
        self.instance.scratch("log")
    }

    /// Puts these loggers into the configuration.
    fn configure(&self, loggers: &str) {
        let key = if self.instance.kea.version == "2.2" { "output_options" } else { "output-options" };
        let log = self.log().display().to_string();
        let loggers = loggers.replace("{K}", key).replace("LOG", &log);
        let text = format!(
            "{{ \"Dhcp4\": {{ \"interfaces-config\": {{ \"interfaces\": [] }}, \"subnet4\": [],
               \"lease-database\": {{ \"type\": \"memfile\", \"persist\": false }},
               \"control-socket\": {{ \"socket-type\": \"unix\", \"socket-name\": \"{}\" }},
               \"loggers\": [ {loggers} ] }} }}",
            self.instance.scratch("run/control").display()
        );
        fs::write(self.instance.configuration(), text).unwrap();
    }

    fn clean(&self) {
        fs::remove_dir_all(self.log()).unwrap();
        fs::create_dir(self.log()).unwrap();
        fs::create_dir(self.log().join("folder")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, self.log().join("pipe"), rustix::fs::Mode::RWXU).unwrap();
        for name in ["run/control", "outside"] {
            fs::remove_file(self.instance.scratch(name)).ok();
        }
    }

    fn command(&self, mode: &str) -> Command {
        let folder = self.instance.scratch("");
        let mut command = self.instance.kea.daemon(&self.network, Family::V4, &[&folder]);
        command.arg(mode).arg(self.instance.configuration());
        self.instance.environment(&mut command);
        command.env("KEA_LOCKFILE_DIR", &self.locks).current_dir(self.log()).stdin(Stdio::null());
        command
    }

    /// Runs Kea until it answers, ends or hangs.
    fn run(&self) -> Seen {
        self.clean();
        let mut check = self.command("-t");
        let is_refused_by_t = !check.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success();
        let stream = |name: &str| fs::File::create(self.instance.scratch(name)).unwrap();
        let mut command = self.command("-c");
        let mut kea = command.stdout(stream("stdout")).stderr(stream("stderr")).spawn().unwrap();
        let serves = self.answers(&mut kea);
        end(&mut kea);
        let places = MESSAGES.iter().map(|(.., text)| self.places_of(text)).collect();
        Seen { serves, is_refused_by_t, places }
    }

    fn answers(&self, kea: &mut Child) -> bool {
        let start = Instant::now();
        let control = crate::kea::ControlSocket(self.instance.scratch("run/control"));
        while start.elapsed() < PATIENCE && kea.try_wait().unwrap().is_none() {
            if control.try_command("config-get", None).is_ok_and(|answer| answer["result"] == 0) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// Where a message is: the names of files in the folder of logs, and of streams.
    fn places_of(&self, text: &str) -> BTreeSet<String> {
        let has = |path: &Path| fs::read(path).is_ok_and(|log| memchr::memmem::find(&log, text.as_bytes()).is_some());
        let files = fs::read_dir(self.log()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
        let mut found: BTreeSet<String> =
            files.filter(|path| has(path)).map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
        let streams = ["stdout", "stderr"].into_iter().filter(|name| has(&self.instance.scratch(name)));
        found.extend(streams.map(|name| format!("/{name}")));
        if has(&self.instance.scratch("outside")) {
            found.insert("outside".to_owned());
        }
        found
    }

    /// What kea-loggers says of the configuration.
    fn judged(&self) -> Value {
        let mut command = kea_loggers();
        command.arg("-c").arg(self.instance.configuration()).args(["--for", release(&self.instance.kea), "-f", "json"]);
        command.env("KEA_LOG_FILE_DIR", self.log()).env("KEA_LOCKFILE_DIR", &self.locks);
        let outcome = run(&mut command);
        assert!(outcome.status <= 1, "{outcome:?}");
        serde_json::from_str(&outcome.stdout).unwrap()
    }
}

/// The release that Debian's package is of.
fn release(kea: &Kea) -> &'static str {
    match kea.version {
        "2.6" => "2.6.3",
        "3.0" => "3.0.4",
        other => other,
    }
}

fn end(kea: &mut Child) {
    if kea.try_wait().unwrap().is_none() {
        signal(kea.id(), "TERM");
    }
    let start = Instant::now();
    while kea.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            kea.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Every fault, judged next to what Kea did with it.
pub(crate) fn compare(kea: &Kea) {
    let mut place = KeaFolder::new(kea, Network::new());
    let mut wrong = Vec::new();
    for (name, loggers) in faults() {
        let usual = place.locks.clone();
        if name == "no lock directory" {
            place.locks = place.instance.scratch("nowhere");
        }
        place.configure(&loggers);
        let seen = place.run();
        let judged = place.judged();
        let expected = expected(&judged["daemons"][0], &place.log());
        let is_said = expected.serves == seen.serves
            && (!seen.serves || expected.places == seen.places)
            && (seen.serves || expected.is_refused_by_t == seen.is_refused_by_t);
        if !is_said {
            wrong.push(format!("{name}: Kea: {seen:?}\n  said: {expected:?}\n  {}", judged["daemons"][0]["findings"]));
        }
        let is_old = kea.version == "2.2";
        let is_fine = FINE.contains(&name)
            || (!is_old && ["child without outputs", "hyphens", "no path"].contains(&name))
            || (is_old && name == "outside");
        let findings = judged["daemons"][0]["findings"].as_array().unwrap();
        let is_found = findings.iter().any(|finding| finding["grade"] != "note");
        if is_found == is_fine {
            wrong.push(format!("{name}: found: {findings:?}"));
        }
        place.locks = usual;
    }
    assert!(wrong.is_empty(), "Kea {}:\n{}", kea.version, wrong.join("\n"));
}

/// What kea-loggers says that happens.
fn expected(daemon: &Value, log: &Path) -> Seen {
    let findings = daemon["findings"].as_array().unwrap();
    let effect = |finding: &Value| finding["effect"].as_str().unwrap().to_owned();
    let refusals: Vec<_> = findings.iter().map(effect).filter(|text| text.contains("does not start")).collect();
    let hangs = findings.iter().any(|finding| finding["kind"] == "is-pipe");
    let has_no_lock = findings.iter().any(|finding| finding["kind"] == "lock-directory");
    let is_refused_by_t = refusals.iter().any(|text| !text.contains("-t finds nothing")) && !hangs;
    let of = |(name, severity, _): &(&str, &str, &str)| {
        if has_no_lock { BTreeSet::new() } else { places(daemon, (name, severity), log) }
    };
    Seen { serves: refusals.is_empty() && !hangs, is_refused_by_t, places: MESSAGES.iter().map(of).collect() }
}

/// The names of the files and streams that a message of a logger is to be in.
fn places(daemon: &Value, (name, severity): (&str, &str), log: &Path) -> BTreeSet<String> {
    let loggers = daemon["loggers"].as_array().unwrap();
    let logger = loggers.iter().find(|logger| logger["name"] == name).unwrap();
    let is_shown = match logger["severity"].as_str().unwrap() {
        "DEBUG" => severity != "DEBUG" || logger["debuglevel"].as_u64().unwrap() >= 10,
        "INFO" => severity == "INFO",
        _ => false,
    };
    let outputs = logger["outputs"].as_array().unwrap().iter().filter(|_| is_shown);
    let place = |output: &Value| {
        let text = output["output"].as_str().unwrap();
        let is_usable = output["state"].as_str().is_none_or(|state| matches!(state, "writable" | "new"));
        match output["kind"].as_str().unwrap() {
            "stdout" | "stderr" => Some(format!("/{text}")),
            "file" if is_usable => Some(Path::new(log).join(text).file_name()?.to_str()?.to_owned()),
            _ => None,
        }
    };
    outputs.filter_map(place).collect()
}

/// Entries for wildcards and for the recipes of the manual page do what they are for.
pub(crate) fn entries(kea: &Kea) {
    let network = Network::new();
    let hooks = ["libdhcp_lease_cmds.so", "libdhcp_stat_cmds.so"].map(|name| json!({ "library": kea.hook(name) }));
    for (wish, file, own, absent) in [
        ("*=DEBUG:55", "server.log", "DHCP4_QUERY_DATA", "nothing of that name"),
        ("kea-dhcp4.*-hooks=DEBUG:55@LOG/x.log", "x.log", "kea-dhcp4.stat-cmds-hooks", "kea-dhcp4.leases"),
        ("kea-*.callouts=DEBUG:55@LOG/x.log", "x.log", "HOOKS_CALLOUT_CALLED", "kea-dhcp4.leases"),
        ("kea-dhcp4.*=DEBUG:55@LOG/x.log", "x.log", "DHCP4_QUERY_DATA", "nothing of that name"),
        ("kea-dhcp4.commands=INFO@LOG/x.log", "x.log", "Received command 'config-get'", "kea-dhcp4.leases"),
        ("ddns=DEBUG:55@LOG/x.log", "x.log", "[kea-dhcp4.ddns", "kea-dhcp4.leases"),
    ] {
        let instance = Instance::memfile_and(kea, Family::V4, |_| json!({ "hooks-libraries": hooks }));
        let log = instance.scratch("log");
        let wish = wish.replace("LOG", log.to_str().unwrap());
        let mut command = kea_loggers();
        command.arg("-c").arg(instance.configuration()).args(["--for", release(kea), "--whole", "--set", &wish]);
        let outcome = run(command.env("KEA_LOG_FILE_DIR", &log));
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{wish}");
        fs::write(instance.configuration(), &outcome.stdout).unwrap();
        let server = instance.start(&network);
        traffic::clients4(&network, 2);
        server.control.command("stat-lease4-get", None);
        server.control.command("config-get", None);
        server.stop();
        let text = String::from_utf8_lossy(&fs::read(log.join(file)).unwrap()).into_owned();
        assert!(text.contains(own), "{wish}: {text}");
        assert!(!text.contains(absent), "{wish}: {text}");
    }
}
