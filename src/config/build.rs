//! What a program of Kea says of the directories it was built for.
//!
//! Every daemon holds the report of its build, for its option `-W`. It can be read there without running it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use memchr::memmem;

/// The directories where the daemon in this program file may leave its pid file, best first; none if it does not say.
///
/// `--runstatedir=DIR` counts most (Kea 1.6 on), then `--localstatedir=DIR` and `--prefix=DIR`, which it follows from.
/// Builds by Meson (Kea 2.7.7 on) have the same names in another form.
#[must_use]
pub fn pid_directories(program: &[u8]) -> Vec<PathBuf> {
    let named = |name: &str| directory(program, name);
    if let Some(run) = named("runstatedir") {
        return vec![run.join("kea")];
    }
    let below = |local: PathBuf| vec![local.join("run/kea"), local.join("kea")];
    if let Some(local) = named("localstatedir").filter(|local| local.is_absolute()) {
        return below(local);
    }
    named("prefix").map(|prefix| below(prefix.join("var"))).unwrap_or_default()
}

/// The directory of logs that the daemon in this program file was built for, if it says so (Kea 2.4.2, 2.6.3, 2.7.9 on).
#[must_use]
pub fn log_directory(program: &[u8]) -> Option<PathBuf> {
    let local = directory(program, "localstatedir").filter(|local| local.is_absolute());
    let local = local.or_else(|| directory(program, "prefix").map(|prefix| prefix.join("var")));
    local.map(|local| local.join("log/kea"))
}

/// What follows `name`, as in `--name=DIR`, `-Dname=DIR`, `name: DIR` or `"name": "DIR"`.
fn directory(program: &[u8], name: &str) -> Option<PathBuf> {
    memmem::find_iter(program, name).find_map(|at| {
        let is_word = |c: &u8| c.is_ascii_alphanumeric() || *c == b'_';
        // `exec_prefix` is another one.
        let is_option = program[..at].last().is_none_or(|c| !is_word(c) || program[..at].ends_with(b"-D"));
        let rest = &program[at + name.len()..];
        let rest = &rest[rest.iter().take(4).take_while(|c| b"=: '\"".contains(c)).count()..];
        let length = rest.iter().take_while(|c| c.is_ascii_graphic() && !b"'\",;)".contains(c)).count();
        let found = Path::new(OsStr::from_bytes(&rest[..length]));
        (is_option && found.is_absolute()).then(|| found.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(report: &str) -> Vec<String> {
        let directories = pid_directories(format!("\u{7f}ELF\0{report}\0more").as_bytes());
        directories.iter().map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn the_directory_of_what_runs_counts_most() {
        let debian = "Included Hooks: yes '--prefix=/usr' '--localstatedir=/var' '--runstatedir=/run' '--x'";
        assert_eq!(of(debian), ["/run/kea"]);
    }

    #[test]
    fn without_one_it_follows_from_those_above_it() {
        assert_eq!(of("'--prefix=/usr' '--localstatedir=/var'"), ["/var/run/kea", "/var/kea"]);
        assert_eq!(of("'--exec_prefix=/no' '--prefix=/opt/kea' "), ["/opt/kea/var/run/kea", "/opt/kea/var/kea"]);
        assert_eq!(of("nothing of that kind, prefix or not"), [] as [&str; 0]);
    }

    #[test]
    fn what_meson_writes_is_understood() {
        for report in ["-Drunstatedir=/run", "runstatedir: /run", "\"runstatedir\": \"/run\",", "-D runstatedir='/run'"]
        {
            assert_eq!(of(report), ["/run/kea"], "{report}");
        }
    }

    proptest! {
        #[test]
        fn any_octets_are_searched_without_panic(mut octets: Vec<u8>, at: usize) {
            let at = at % (octets.len() + 1);
            octets.splice(at..at, *b"runstatedir=/");
            let _ = pid_directories(&octets);
        }
    }
}
