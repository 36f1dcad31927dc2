//! The Debian package on this machine's own system, below an overlay that is thrown away: nothing of the machine changes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use tempfile::TempDir;

use crate::program::must;

/// Runs `script` as root of a copy of this system, with the package as `/package.deb`; what it prints.
///
/// Mounts and network are its own and end with it.
fn on_a_copy_of_this_system(script: &str) -> String {
    let folder = TempDir::new().unwrap();
    let around = format!(
        "set -eu
        mount -t tmpfs none {folder}; cd {folder}; mkdir upper work root
        mount -t overlay -o lowerdir=/,upperdir=$PWD/upper,workdir=$PWD/work none root
        mount --rbind /proc root/proc; mount --rbind /dev root/dev; mount -t tmpfs none root/run
        cp {package} root/package.deb; ip link set lo up
        exec chroot root bash -euc \"$SCRIPT\"",
        folder = folder.path().display(),
        package = debian_package().display(),
    );
    let output = Command::new("unshare")
        .args(["--mount", "--net", "--propagation", "private", "bash", "-c", &around])
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
        dpkg --purge dhcping >/dev/null
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
        dpkg --purge dhcping >/dev/null
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
        dpkg --purge dhcping >/dev/null
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
        dpkg --purge dhcping >/dev/null
        rm -f /sbin/setcap /usr/sbin/setcap
        dpkg --install /package.deb 2>&1";
    let said = on_a_copy_of_this_system(script);
    assert!(said.contains("setcap is not installed (libcap2-bin), so only root can use /usr/sbin/dhcping"), "{said}");
}

#[test]
#[ignore = "needs root, and the packages of scripts/package"]
fn who_has_decided_who_may_probe_is_respected() {
    let script = r"
        dpkg --purge dhcping >/dev/null
        dpkg-statoverride --add root root 0750 /usr/sbin/dhcping
        dpkg --install /package.deb >/dev/null
        stat --format=%a /usr/sbin/dhcping
        getcap /usr/sbin/dhcping /usr/bin/dhcptest";
    let said = on_a_copy_of_this_system(script);
    assert_eq!(said, "750\n/usr/bin/dhcptest cap_net_bind_service,cap_net_raw=ep\n");
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
