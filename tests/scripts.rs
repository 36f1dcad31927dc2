//! What holds for the scripts, whoever runs them and wherever cargo builds.

use std::fs;
use std::path::Path;
use std::process::Command;

fn scripts() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap()))
        .collect()
}

#[test]
fn the_target_directory_is_what_cargo_says() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/target-directory");
    let output = Command::new(script).env("CARGO_TARGET_DIR", "/somewhere/else").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "/somewhere/else\n", "{output:?}");
}

#[test]
fn no_script_takes_target_for_the_target_directory() {
    for (name, text) in scripts() {
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            let is_its_own = line.replace("$target/", "").replace("${target}/", "");
            let named = [" target/", "\"target/", "=target/", "/target/", "(target/"]
                .iter()
                .find(|name| is_its_own.contains(**name));
            assert!(named.is_none(), "scripts/{name}: {line}");
        }
    }
}

#[test]
fn setting_up_the_tests_removes_no_package() {
    let (_, setup) = scripts().into_iter().find(|(name, _)| name == "setup").unwrap();
    for line in setup.lines().filter(|line| line.contains("apt_get[@]}\" install")) {
        assert!(line.contains("--no-remove"), "{line}");
    }
    let packages = setup.split("packages=(").nth(1).unwrap().split("\n)").next().unwrap();
    let code = packages.lines().map(|line| line.split('#').next().unwrap()).collect::<Vec<_>>().join(" ");
    let control = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/control.in")).unwrap();
    let conflicts = control.lines().find_map(|line| line.strip_prefix("Conflicts: ")).unwrap();
    for package in conflicts.split(", ") {
        assert!(
            !code.split_whitespace().any(|wanted| wanted == package),
            "{package} would remove an installed kea-tools"
        );
    }
}

/// The names in a section of Cargo.toml.
fn dependencies(section: &str) -> Vec<String> {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let lines = manifest.split(&format!("[{section}]\n")).nth(1).unwrap().lines();
    let names = lines.take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once(" = "));
    names.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn each_dependency_has_its_reason() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("CONTRIBUTING.md")).unwrap();
    let section = page.split("\n## ").find(|section| section.starts_with("Dependencies\n")).unwrap();
    for name in ["dependencies", "dev-dependencies"].into_iter().flat_map(dependencies) {
        assert!(section.contains(&format!("`{name}`")), "{name} is not among the Dependencies of CONTRIBUTING.md");
    }
}
