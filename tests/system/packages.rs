//! The Debian package on this machine's own system, below an overlay that is thrown away: nothing of the machine changes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use tempfile::TempDir;

use crate::examples::{blocks, examples, readme};
use crate::program::{debian_dhcping, must};

/// Runs `script` as root of a copy of this system, with the package as `/package.deb` and Debian's dhcping as `/dhcping.deb`;
/// what it prints.
///
/// Mounts, processes and network are its own and end with it. Neither package is installed in the beginning.
fn on_a_copy_of_this_system(script: &str) -> String {
    let folder = TempDir::new().unwrap();
    let around = format!(
        "set -eu
        mount -t tmpfs none {folder}; cd {folder}; mkdir upper work root
        mount -t overlay -o lowerdir=/,upperdir=$PWD/upper,workdir=$PWD/work none root
        mount -t proc proc root/proc; mount --rbind /dev root/dev; mount -t tmpfs none root/run
        cp {package} root/package.deb; cp {dhcping} root/dhcping.deb; ip link set lo up
        chroot root dpkg --purge dhcping kea-tools >&2
        exec chroot root bash -euc \"$SCRIPT\"",
        folder = folder.path().display(),
        package = debian_package().display(),
        dhcping = debian_dhcping("dhcping.deb").display(),
    );
    let output = Command::new("unshare")
        .args([
            "--mount",
            "--net",
            "--pid",
            "--fork",
            "--kill-child",
            "--propagation",
            "private",
            "bash",
            "-c",
            &around,
        ])
        .env("SCRIPT", script)
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

fn debian_package() -> PathBuf {
    package("deb")
}

/// The package whose name ends so.
fn package(end: &str) -> PathBuf {
    let folder = env::var_os("KEA_TOOLS_PACKAGES").expect("KEA_TOOLS_PACKAGES is not set: run scripts/test");
    files_in(Path::new(&folder)).into_iter().find(|path| path.extension().is_some_and(|it| it == end)).unwrap()
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

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
        for program in kea-lease-dump kea-list-leases dhcping dhcptest keactrl-status; do
            setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "$program" --version
            zcat "/usr/share/man/man8/$program.8.gz" | grep -q "^.Sh EXIT STATUS"
            test -f "/usr/share/bash-completion/completions/$program"
        done"#;
    let said = on_a_copy_of_this_system(script);
    let version = env!("CARGO_PKG_VERSION");
    let programs = ["kea-lease-dump", "kea-list-leases", "dhcping", "dhcptest", "keactrl-status"];
    assert_eq!(said, programs.map(|program| format!("{program} {version}\n")).concat());
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
    assert!(said.contains("no answer\n") && said.ends_with("\n1\n"), "{said}");
}

#[test]
#[ignore = "needs root, and the packages of scripts/package"]
fn without_setcap_it_installs_all_the_same_and_says_who_can_probe() {
    let script = r"
        rm -f /sbin/setcap /usr/sbin/setcap
        dpkg --install /package.deb 2>&1";
    let said = on_a_copy_of_this_system(script);
    assert!(said.contains("setcap is not installed (libcap2-bin), so only root can use /usr/sbin/dhcping"), "{said}");
}

#[test]
#[ignore = "needs root, and the packages of scripts/package"]
fn who_has_taken_the_capabilities_away_is_respected() {
    let script = r"
        dpkg-statoverride --add root root 0755 /usr/sbin/dhcping
        dpkg --install /package.deb >/dev/null
        stat --format=%a /usr/sbin/dhcping
        getcap /usr/sbin/dhcping /usr/bin/dhcptest";
    let said = on_a_copy_of_this_system(script);
    assert_eq!(said, "755\n/usr/bin/dhcptest cap_net_bind_service,cap_net_raw=ep\n");
}

/// The recipe of the manual page for a group that may probe.
fn recipe_for_a_group() -> String {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("man/dhcping.8")).unwrap();
    blocks(&page).into_iter().find(|block| block.contains("dpkg-statoverride")).unwrap()
}

#[test]
#[ignore = "needs root, and the packages of scripts/package"]
fn a_group_of_its_own_may_probe_and_stays_so_after_an_upgrade() {
    let script = r#"
        ip link add one type veth peer name other; ip link set one up; ip link set other up
        ip addr add 192.0.2.1/24 dev one
        groupadd netadmin
        useradd --groups netadmin member; useradd other
        dpkg --install /package.deb >/dev/null
        RECIPE
        probe() {
            echo "$1 $(runuser -u "$1" -- dhcping -c 192.0.2.1 -s 192.0.2.9 -h 02:00:5e:00:00:01 -t 1 2>&1 | head -n 1)"
        }
        probe member; probe other
        dpkg --install /package.deb >/dev/null
        probe member; probe other
        dpkg --purge kea-tools >/dev/null
        dpkg --install /package.deb >/dev/null
        probe member; probe other"#;
    let said = on_a_copy_of_this_system(&script.replace("RECIPE", &recipe_for_a_group()));
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 6, "{said}");
    for pair in lines.chunks(2) {
        assert!(pair[0].starts_with("member ") && pair[0].contains("no answer"), "{said}");
        assert!(pair[1].starts_with("other ") && pair[1].ends_with("Permission denied"), "{said}");
    }
}

/// The lines of sudoers, and the checks of a monitor that runs by them, as manual page and README have them.
fn recipes_for_a_monitor() -> [(String, String); 2] {
    let section = examples("keactrl-status");
    let sudoers = blocks(&section).into_iter().find(|block| block.contains("NOPASSWD")).unwrap();
    let check = section.lines().find_map(|line| line.strip_prefix(".Ql /usr/bin/sudo ")).unwrap();
    let in_readme = readme("text");
    let check_of_readme = in_readme.lines().find_map(|line| line.trim().strip_prefix("command_line  /usr/bin/sudo "));
    [(sudoers, check.trim_end_matches(" .").to_owned()), (readme("sudoers"), check_of_readme.unwrap().to_owned())]
}

#[test]
#[ignore = "needs root, Kea, sudo and the packages of scripts/package"]
fn a_monitor_runs_its_check_by_sudo_and_nothing_else() {
    for (sudoers, check) in recipes_for_a_monitor() {
        expect_a_check_by_sudo(&sudoers, &format!("/usr/bin/sudo {}", check.replace("$ARG1$", "dhcp4")));
    }
}

fn expect_a_check_by_sudo(sudoers: &str, check: &str) {
    let script = r#"
        useradd --system nagios
        dpkg --install /package.deb >/dev/null
        printf '%s\n' "SUDOERS" >/etc/sudoers.d/kea-status
        chmod 440 /etc/sudoers.d/kea-status
        visudo --check --quiet
        ip link add server type veth peer name client; ip link set server up; ip link set client up
        ip addr add 192.0.2.1/24 dev server
        printf '%s' '{"Dhcp4": {"interfaces-config": {"interfaces": ["server"]},
            "control-socket": {"socket-type": "unix", "socket-name": "/run/kea/kea4-ctrl-socket"},
            "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.10 - 192.0.2.20"}]}]}}' \
            >/etc/kea/kea-dhcp4.conf
        mkdir -p /run/kea /run/lock/kea
        kea-dhcp4 -c /etc/kea/kea-dhcp4.conf >/run/log 2>&1 &
        for attempt in $(seq 600); do grep -q DHCP4_STARTED /run/log && break; sleep 0.05; done
        chmod 755 /run/kea/kea4-ctrl-socket
        as_nagios() { runuser -u nagios -- bash -c "$1" || echo "status $?"; }
        as_nagios '/usr/sbin/keactrl-status -f nagios -t 8 -s dhcp4'
        as_nagios 'CHECK'
        as_nagios '/usr/bin/sudo -n /usr/sbin/keactrl-status -f nagios -t 8 -s dhcp4 -o /etc/passwd' 2>&1
        kill %1; wait"#;
    let script = script.replace("SUDOERS", sudoers.trim()).replace("CHECK", check);
    let said = on_a_copy_of_this_system(&script);
    assert!(said.contains("KEA UNKNOWN - ") && said.contains("status 3\n"), "{said}");
    assert!(said.contains("KEA OK - "), "{said}");
    assert!(said.contains("sudo: a password is required\nstatus 1\n"), "{said}");
}

const PROGRAMS: [&str; 5] = [
    "/usr/bin/dhcptest",
    "/usr/bin/kea-list-leases",
    "/usr/sbin/dhcping",
    "/usr/sbin/kea-lease-dump",
    "/usr/sbin/keactrl-status",
];

#[test]
#[ignore = "needs the packages of scripts/package"]
fn the_rpm_has_every_program_with_its_capabilities_and_its_manual() {
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
    assert!(with[0].starts_with("/usr/bin/dhcptest ") && with[1].starts_with("/usr/sbin/dhcping "), "{with:?}");
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
        assert_eq!(said, format!("{name} {}\n", env!("CARGO_PKG_VERSION")));
        assert!(root.join(format!("man/{name}.8")).is_file());
    }
    for file in ["README.md", "LICENSE", "third-party-licences.txt"] {
        assert!(root.join(file).is_file(), "{file}");
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
        dhcping --version";
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
