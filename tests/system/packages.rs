//! The Debian package on this machine's own system, below an overlay that is thrown away: nothing of the machine changes.

use std::env;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::copy::{files_in, on_a_copy_of_this_system, package};
use crate::program::must;
use crate::recipes::list;

/// A function for scripts that lists all files where packages put theirs, but the notes of dpkg.
const LIST: &str = r#"list() { find /etc /opt /usr /var -xdev \( -path /var/lib/dpkg -o -path /var/log -o -path /var/cache \) -prune \
    -o -printf "%p %M %U %G %l\n" | sort; }"#;

#[test]
#[ignore = "needs root, and the packages of scripts/package"]
fn it_leaves_nothing_behind() {
    let script = r"
        list >/tmp/before
        dpkg --install /package.deb >/dev/null
        list >/tmp/installed
        dpkg --purge kea-tools >/dev/null
        list >/tmp/after
        cmp /tmp/before /tmp/installed >/dev/null && echo nothing was installed
        diff /tmp/before /tmp/after && echo nothing is left";
    assert_eq!(on_a_copy_of_this_system(&format!("{LIST}\n{script}")), "nothing is left\n");
}

#[test]
#[ignore = "needs root, and the packages of scripts/package"]
fn every_program_runs_for_an_ordinary_user_and_has_its_manual() {
    let script = r#"
        dpkg --install /package.deb >/dev/null
        for program in kea-lease-dump kea-list-leases dhcping dhcptest dhcpload keactrl-status kea-log-report kea-pools kea-loggers kea-support-bundle kea-metrics kea-top; do
            setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "$program" --version | head -n 1
            zcat "/usr/share/man/man8/$program.8.gz" | grep -q "^.Sh EXIT STATUS"
            test -f "/usr/share/bash-completion/completions/$program"
        done"#;
    let said = on_a_copy_of_this_system(script);
    let version = env!("CARGO_PKG_VERSION");
    let programs = [
        "kea-lease-dump",
        "kea-list-leases",
        "dhcping",
        "dhcptest",
        "dhcpload",
        "keactrl-status",
        "kea-log-report",
        "kea-pools",
        "kea-loggers",
        "kea-support-bundle",
        "kea-metrics",
        "kea-top",
    ];
    assert_eq!(said, programs.map(|program| format!("{program} {version}\n")).concat());
}

#[test]
#[ignore = "needs root, and the packages of scripts/package"]
fn the_units_of_kea_metrics_are_valid_and_not_enabled() {
    let script = "
        dpkg --install /package.deb >/dev/null
        systemd-analyze verify /usr/lib/systemd/system/kea-metrics.service /usr/lib/systemd/system/kea-metrics.socket 2>&1 |
            grep kea-metrics || true
        find /etc/systemd/system /var/lib/systemd -name 'kea-metrics*'
        ls /usr/share/doc/kea-tools/prometheus";
    let said = on_a_copy_of_this_system(script);
    let expected = "kea-alerts-test.yml\nkea-alerts.yml\nkea-dashboard.json\nkea-rules.yml\nscrape.yml\n";
    assert_eq!(said, expected);
}

#[test]
#[ignore = "needs root, systemd and the packages of scripts/package"]
fn the_socket_of_kea_metrics_starts_the_service() {
    // As systemd does it: the address of the one unit is opened, and the program of the other is started by a connection, as
    // its user, with the socket and no address of its own.
    let script = r#"
        dpkg --install /package.deb >/dev/null
        unit=/usr/lib/systemd/system/kea-metrics
        listen=$(sed -n 's/^ListenStream=//p' $unit.socket)
        user=$(sed -n 's/^User=//p' $unit.service)
        start=$(sed -n 's/^ExecStart=//p' $unit.service)
        systemd-socket-activate --listen="$listen" setpriv --reuid="$user" --regid="$user" --clear-groups $start >/tmp/log 2>&1 &
        until ss -ltn | grep -q "$listen"; do sleep 0.1; done
        ps -o user=,args= -C kea-metrics || echo not running
        curl --silent --show-error "http://$listen/-/healthy"
        curl --silent --show-error --output /dev/null --write-out '%{http_code}\n' "http://$listen/metrics"
        ps -o user=,args= -C kea-metrics"#;
    let said = on_a_copy_of_this_system(script);
    assert_eq!(said, "not running\nOK\n200\n_kea     /usr/bin/kea-metrics --listen\n");
}

#[test]
#[ignore = "needs root, Prometheus and the packages of scripts/package"]
fn prometheus_recipe_adds_scrape_job_and_alert_rules() {
    for (recipe, _) in list::of(list::PROMETHEUS) {
        // There is no systemd here.
        let lines: Vec<_> = recipe.text.lines().filter(|line| !line.starts_with("systemctl ")).collect();
        let script = r"
            dpkg --install /package.deb >/dev/null
            RECIPE
            grep -c '^scrape_configs:' /etc/prometheus/prometheus.yml";
        let said = on_a_copy_of_this_system(&script.replace("RECIPE", &lines.join("\n")));
        assert!(said.contains("SUCCESS: 2 rule files found") && said.ends_with("\n1\n"), "{said}");
    }
}

#[test]
#[ignore = "needs root, and the packages of scripts/package"]
fn an_ordinary_user_can_probe_once_it_is_installed() {
    let script = r"
        dpkg --install /package.deb
        set +e
        setpriv --reuid=65534 --regid=65534 --clear-groups dhcping -c 127.0.0.1 -s 127.0.0.1 -h 02:00:5e:00:00:01 -t 1 2>&1
        echo $?";
    let said = on_a_copy_of_this_system(script);
    assert!(said.contains("no answer") && said.ends_with("\n1\n"), "{said}");
}

#[test]
#[ignore = "needs root, and the packages of scripts/package"]
fn deb_installs_without_setcap_and_says_who_can_probe() {
    let script = r"
        rm -f /sbin/setcap /usr/sbin/setcap
        dpkg --install /package.deb 2>&1";
    let said = on_a_copy_of_this_system(script);
    assert!(said.contains("setcap is not installed (libcap2-bin), so only root can use /usr/bin/dhcping"), "{said}");
}

#[test]
#[ignore = "needs root, and the packages of scripts/package"]
fn who_has_taken_the_capabilities_away_is_respected() {
    let script = r"
        dpkg-statoverride --add root root 0755 /usr/bin/dhcping
        dpkg --install /package.deb >/dev/null
        stat --format=%a /usr/bin/dhcping
        getcap /usr/bin/dhcping /usr/bin/dhcptest";
    let said = on_a_copy_of_this_system(script);
    assert_eq!(said, "755\n/usr/bin/dhcptest cap_net_bind_service,cap_net_raw=ep\n");
}

#[test]
#[ignore = "needs root, sudo and the packages of scripts/package"]
fn what_apt_installs_runs_for_an_ordinary_user() {
    for (recipe, _) in list::of(list::INSTALLED_BY_APT) {
        // The packages are there: scripts/package, the first line, has made them.
        let line = recipe.text.lines().find(|line| line.contains("apt install")).unwrap();
        let script = r#"
            useradd --create-home admin; echo "admin ALL = (ALL) NOPASSWD: ALL" >/etc/sudoers.d/admin
            mkdir -p /src/target/package; cp /package.deb /src/target/package/kea-tools.deb
            runuser -u admin -- sh -c 'cd /src && LINE' >&2
            useradd other
            for program in kea-lease-dump kea-list-leases dhcping dhcptest keactrl-status; do
                runuser -u other -- env PATH=/usr/bin:/bin $program --version | head -n 1
            done
            # Where Debian's was.
            runuser -u other -- /usr/sbin/dhcping --version | head -n 1"#;
        let said = on_a_copy_of_this_system(&script.replace("LINE", line));
        assert_eq!(said.lines().count(), 6, "{said}");
    }
}

/// Makes a user that is in no group and a network where nothing answers, and a function that probes as a user.
const PROBE: &str = r#"
    ip link add one type veth peer name other; ip link set one up; ip link set other up
    ip addr add 192.0.2.1/24 dev one
    groupadd netadmin; useradd --groups netadmin member; useradd other
    probe() {
        case "$2" in
            */dhcping) set -- "$@" -I one -t 1 ;;
            */dhcptest) set -- "$@" --quiet --query --iface one --timeout 1 --tries 1 ;;
        esac
        user=$1; shift
        status=0; runuser -u "$user" -- "$@" >/tmp/said 2>&1 || status=$?
        echo "$user $status $(tail -n 1 /tmp/said)"
    }"#;

#[test]
#[ignore = "needs root, and the packages of scripts/package"]
fn what_is_installed_by_hand_lets_ordinary_users_probe() {
    for (recipe, _) in list::of(list::INSTALLED_BY_HAND) {
        // cargo builds what is built already, and puts it there.
        let text: String = recipe.text.lines().map(without_remark).filter(|line| !line.starts_with("cargo ")).collect();
        let script = r"
            install -m 755 /programs/* -t /usr/local/bin
            cd /src
            probe other /usr/local/bin/dhcping; probe other /usr/local/bin/dhcptest
            RECIPE
            probe other /usr/local/bin/dhcping; probe other /usr/local/bin/dhcptest
            find /usr/local/share/man/man8 -name '*.8' | wc -l
            unit=/etc/systemd/system/kea-metrics.service
            ! test -e $unit || grep '^ExecStart=' $unit
            ! test -e $unit || systemd-analyze verify --man=no $unit 2>&1 | grep kea-metrics || true";
        let said = on_a_copy_of_this_system(&format!("{PROBE}\n{}", script.replace("RECIPE", &text)));
        let lines: Vec<_> = said.lines().collect();
        assert!(lines[..2].iter().all(|line| line.starts_with("other 2 ")), "{said}");
        for (program, line) in ["dhcping", "dhcptest"].into_iter().zip(&lines[2..4]) {
            let status = if text.contains(&format!("/{program}")) { "other 1 " } else { "other 2 " };
            assert!(line.starts_with(status), "{}: {said}", recipe.text);
        }
        assert!(lines[4] != "0" || !recipe.text.contains("install -Dm644"), "{said}");
        if recipe.text.contains("systemd") {
            assert_eq!(lines[5..], ["ExecStart=/usr/local/bin/kea-metrics --listen"], "{said}");
        }
    }
}

fn without_remark(line: &str) -> String {
    line.split("   #").next().unwrap().trim_end().to_owned() + "\n"
}

#[test]
#[ignore = "needs root, and the packages of scripts/package"]
fn a_group_of_its_own_may_probe_and_stays_so_after_an_upgrade() {
    for (recipe, _) in list::of(list::GROUP) {
        let program = recipe.text.split_whitespace().find(|word| word.starts_with("/usr/")).unwrap();
        let script = r"
            dpkg --install /package.deb >/dev/null
            RECIPE
            probe member PROGRAM; probe other PROGRAM
            dpkg --install /package.deb >/dev/null
            probe member PROGRAM; probe other PROGRAM
            dpkg --purge kea-tools >/dev/null
            dpkg --install /package.deb >/dev/null
            probe member PROGRAM; probe other PROGRAM";
        let script = script.replace("RECIPE", &recipe.text).replace("PROGRAM", program);
        let said = on_a_copy_of_this_system(&format!("{PROBE}\n{script}"));
        let lines: Vec<_> = said.lines().collect();
        assert_eq!(lines.len(), 6, "{said}");
        for pair in lines.chunks(2) {
            assert!(pair[0].starts_with("member 1 "), "{said}");
            assert!(pair[1].starts_with("other 1") && pair[1].ends_with("Permission denied"), "{said}");
        }
    }
}

#[test]
#[ignore = "needs root, and the packages of scripts/package"]
fn setting_up_the_tests_keeps_an_installed_kea_tools() {
    // What comes over the network is here already; whatever else apt is asked to do is written down.
    let script = r#"
        dpkg --install /package.deb >/dev/null
        mkdir /stubs
        cat >/stubs/apt-get <<'END'
#!/bin/sh
case "$*" in *"download dhcping") cp /dhcping.deb dhcping_1.2_all.deb ;; *) echo "$@" >>/asked ;; esac
END
        cat >/stubs/cargo <<'END'
#!/bin/sh
[ "$1" != metadata ] || echo '{"target_directory":"/target"}'
END
        chmod +x /stubs/*
        PATH=/stubs:$PATH /src/scripts/setup >&2
        dpkg-query --show --showformat '${db:Status-Status} ' kea-tools
        dpkg-query --show --showformat '${db:Status-Status} ' dhcping 2>/dev/null || true
        test -x /target/debian-dhcping/root/usr/sbin/dhcping && echo unpacked
        ! grep -w install /asked 2>/dev/null | grep -v -e --no-remove
        # Debian's own would have removed it.
        apt-get install --yes --no-remove --no-download /dhcping.deb >/dev/null 2>&1 || echo refused
        dpkg-query --show --showformat '${db:Status-Status}\n' kea-tools"#;
    let said = on_a_copy_of_this_system(script);
    assert!(said.starts_with("installed ") && !said.starts_with("installed installed"), "{said}");
    assert!(said.ends_with("unpacked\nrefused\ninstalled\n"), "{said}");
}

/// Each file of sudoers, with the checks of its page, as a shell takes them.
fn recipes_for_a_monitor() -> Vec<(String, Vec<String>)> {
    let recipes: Vec<_> = list::of(list::MONITOR).into_iter().map(|(recipe, _)| recipe).collect();
    let sudoers = recipes.iter().filter(|recipe| recipe.text.contains("NOPASSWD"));
    let checks = |page: &str| {
        let of_page = recipes.iter().filter(|recipe| recipe.page == page && !recipe.text.contains("NOPASSWD"));
        of_page.flat_map(|recipe| checks(&recipe.text)).collect()
    };
    sudoers.map(|recipe| (recipe.text.clone(), checks(&recipe.page))).collect()
}

/// The commands of Nagios's `command_line`, or of Icinga's `command`, with its variables.
fn checks(definition: &str) -> Vec<String> {
    let joined = definition.replace("\\\n", "");
    let mut lines: Vec<_> =
        joined.lines().filter_map(|line| line.trim().strip_prefix("command_line")).map(str::to_owned).collect();
    for (at, _) in definition.match_indices("command = [") {
        let list = &definition[at + "command = [".len()..];
        let words = list.split_once(']').unwrap().0.split(',').map(|word| word.trim().trim_matches('"'));
        lines.push(words.collect::<Vec<_>>().join(" "));
    }
    let variable = definition.lines().find_map(|line| line.trim().strip_prefix("vars.kea_daemon = \""));
    let daemon = variable.map_or("dhcp4", |value| value.trim_end_matches('"'));
    let typed = |line: &String| line.split_whitespace().collect::<Vec<_>>().join(" ");
    lines
        .iter()
        .map(typed)
        .map(|line| line.replace("$ARG1$", daemon).replace("$kea_daemon$", daemon))
        .map(|line| line.replace("-I eth0", "-I client"))
        .collect()
}

#[test]
#[ignore = "needs root, Kea, sudo and the packages of scripts/package"]
fn a_monitor_runs_its_check_by_sudo_and_nothing_else() {
    for (sudoers, checks) in recipes_for_a_monitor() {
        assert!(!checks.is_empty(), "{sudoers}");
        for check in checks {
            expect_a_check_by_sudo(&sudoers, &check);
        }
    }
}

fn expect_a_check_by_sudo(sudoers: &str, check: &str) {
    let script = r#"
        id nagios >/dev/null 2>&1 || useradd --system nagios
        dpkg --install /package.deb >/dev/null
        printf '%s\n' "SUDOERS" >/etc/sudoers.d/kea-status
        chmod 440 /etc/sudoers.d/kea-status
        visudo --check --quiet
        ip link add server type veth peer name client; ip link set server up; ip link set client up
        ip addr add 192.0.2.1/24 dev server
        printf '%s' '{"Dhcp4": {"interfaces-config": {"interfaces": ["server"]},
            "control-socket": {"socket-type": "unix", "socket-name": "/run/kea/kea4-ctrl-socket"},
            "loggers": [{"name": "kea-dhcp4", "severity": "INFO",
                "output_options": [{"output": "/var/log/kea/kea-dhcp4.log"}]}],
            "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.10 - 192.0.2.20"}]}]}}' \
            >/etc/kea/kea-dhcp4.conf
        mkdir -p /run/kea /run/lock/kea /var/log/kea /var/lib/kea
        rm -f /etc/kea/kea-dhcp6.conf /etc/kea/kea-dhcp-ddns.conf /etc/kea/kea-ctrl-agent.conf
        kea-dhcp4 -c /etc/kea/kea-dhcp4.conf >/run/log 2>&1 &
        for attempt in $(seq 600); do grep -qs DHCP4_STARTED /var/log/kea/kea-dhcp4.log && break; sleep 0.05; done
        chmod 755 /run/kea/kea4-ctrl-socket
        as_nagios() { runuser -u nagios -- bash -c "$1" || echo "status $?"; }
        as_nagios '/usr/bin/keactrl-status -f nagios -t 8 -s dhcp4'
        as_nagios 'CHECK'
        as_nagios '/usr/bin/sudo -n /usr/bin/keactrl-status -f nagios -t 8 -s dhcp4 -o /etc/passwd' 2>&1
        kill %1; wait"#;
    let script = script.replace("SUDOERS", sudoers.trim()).replace("CHECK", check);
    let said = on_a_copy_of_this_system(&script);
    assert!(said.contains("KEA UNKNOWN - ") && said.contains("status 3\n"), "{said}");
    assert!(said.lines().any(|line| line.contains(" OK - ")), "{check}: {said}");
    assert!(said.contains("sudo: a password is required\nstatus 1\n"), "{said}");
}

const PROGRAMS: [&str; 5] = [
    "/usr/bin/dhcptest",
    "/usr/bin/kea-list-leases",
    "/usr/bin/dhcping",
    "/usr/bin/kea-lease-dump",
    "/usr/bin/keactrl-status",
];

#[test]
#[ignore = "needs the packages of scripts/package"]
fn rpm_has_programs_with_capabilities_and_man_pages() {
    let rpm = package("rpm");
    let query = |arguments: &[&str]| must(Command::new("rpm").arg("-qp").args(arguments).arg(&rpm));
    let files = query(&["--list"]);
    for program in PROGRAMS {
        let name = Path::new(program).file_name().unwrap().to_str().unwrap();
        for file in [program.to_owned(), format!("/usr/share/man/man8/{name}.8.gz")] {
            assert!(files.lines().any(|line| line == file), "{file} is not among\n{files}");
        }
    }
    let capabilities = query(&["--queryformat", "[%{FILENAMES} %{FILECAPS}\n]"]);
    let with: Vec<_> = capabilities.lines().filter(|line| line.contains("cap_net_raw")).collect();
    assert_eq!(with.len(), 2, "{with:?}");
    assert!(with[0].starts_with("/usr/bin/dhcping ") && with[1].starts_with("/usr/bin/dhcptest "), "{with:?}");
}

#[test]
#[ignore = "needs the packages of scripts/package"]
fn the_tarball_has_every_program_that_runs_and_its_manual() {
    let folder = TempDir::new().unwrap();
    must(Command::new("tar").arg("--extract").arg("--file").arg(package("gz")).arg("--directory").arg(folder.path()));
    let [root] = &files_in(folder.path())[..] else { panic!("one folder is expected") };
    for program in PROGRAMS {
        let name = Path::new(program).file_name().unwrap().to_str().unwrap();
        let said = must(Command::new(root.join(name)).arg("--version"));
        assert!(said.starts_with(&format!("{name} {}", env!("CARGO_PKG_VERSION"))), "{said}");
        assert!(root.join(format!("man/{name}.8")).is_file());
    }
    for file in ["README.md", "LICENSE", "third-party-licences.txt", "prometheus/kea-alerts.yml"] {
        assert!(root.join(file).is_file(), "{file}");
    }
    expect_links_to_lead_somewhere(root);
}

#[test]
#[ignore = "needs the packages of scripts/package"]
fn the_pages_of_the_package_lead_to_files_of_the_package() {
    let folder = TempDir::new().unwrap();
    must(Command::new("dpkg-deb").arg("--extract").arg(package("deb")).arg(folder.path()));
    expect_links_to_lead_somewhere(&folder.path().join("usr/share/doc/kea-tools"));
}

/// Looks for what the README and the pages in docs link to.
fn expect_links_to_lead_somewhere(root: &Path) {
    let pages = files_in(&root.join("docs")).into_iter().chain([root.join("README.md")]);
    for page in pages.filter(|page| page.extension().is_some_and(|end| end == "md")) {
        let text = std::fs::read_to_string(&page).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.is_empty() && !link.contains("://")) {
            assert!(page.parent().unwrap().join(link).exists(), "{}: {link}", page.display());
        }
    }
}

#[test]
#[ignore = "needs root, and the packages of scripts/package"]
fn it_takes_the_place_of_the_old_dhcping() {
    let script = r"
        dpkg --install /dhcping.deb >/dev/null
        dpkg-query --show --showformat '${db:Status-Status}\n' dhcping
        dpkg --install /package.deb >/dev/null 2>&1
        dpkg-query --show --showformat '${db:Status-Status}\n' dhcping kea-tools
        dhcping --version | head -n 1";
    let said = on_a_copy_of_this_system(script);
    assert!(said.starts_with("installed\n"), "{said}");
    assert!(said.ends_with(&format!("installed\ndhcping {}\n", env!("CARGO_PKG_VERSION"))), "{said}");
    assert!(!said["installed\n".len()..].starts_with("installed\n"), "the old one is still there: {said}");
}

#[test]
#[ignore = "needs the packages of scripts/package"]
fn the_checksums_fit() {
    let folder = env::var_os("KEA_TOOLS_PACKAGES").expect("KEA_TOOLS_PACKAGES is not set: run scripts/test");
    let mut check = Command::new("sha256sum");
    check.args(["--check", "--quiet", "--strict", "SHA256SUMS"]).current_dir(folder);
    assert!(check.status().unwrap().success());
}
