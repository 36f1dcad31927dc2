//! Every recipe of README and the manual pages is run by a test as the user who would run it, or has a reason why not.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::recipes::{list, text};
use list::Fate;

#[test]
fn each_recipe_is_run_by_a_test() {
    let without: Vec<_> = text::all().into_iter().filter(|recipe| list::rows(recipe).is_empty()).collect();
    assert!(without.is_empty(), "no row of tests/recipes/list.rs is about these: {without:#?}");
}

#[test]
fn each_row_is_about_a_recipe() {
    let recipes = text::all();
    let used = |row: &&list::Row| {
        recipes.iter().any(|recipe| list::rows(recipe).iter().any(|it| it.1 == row.1 && it.0 == row.0))
    };
    let without: Vec<_> = list::all_rows().iter().filter(|row| !used(row)).map(|row| (row.0, row.1)).collect();
    assert!(without.is_empty(), "these rows of tests/recipes/list.rs are about no recipe: {without:#?}");
}

#[test]
fn each_row_names_a_test_that_asks_for_its_recipes() {
    let code = code_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"));
    for (page, begins, fate) in list::all_rows() {
        match fate {
            Fate::Run(test, users) => {
                assert!(code.contains(&format!("fn {test}()")), "{page}, {begins}: there is no test {test}");
                assert!(!users.is_empty(), "{page}, {begins}: no user");
            }
            Fate::NotRun(reason) => assert!(reason.contains(' '), "{page}, {begins}: no reason"),
        }
    }
}

fn code_below(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let code = |path: std::path::PathBuf| match path.extension() {
        _ if path.is_dir() => code_below(&path),
        Some(end) if end == "rs" => fs::read_to_string(path).unwrap(),
        _ => String::new(),
    };
    entries.map(code).collect()
}

#[test]
fn the_first_command_of_the_readme_shows_leases() {
    for (recipe, _) in list::of(list::FIRST_COMMAND) {
        let line = recipe.text.lines().next().unwrap();
        let (program, arguments) = line.split_once(" --bin ").unwrap().1.split_once(" -- ").unwrap();
        let path = match program {
            "kea-lease-dump" => env!("CARGO_BIN_EXE_kea-lease-dump"),
            "kea-list-leases" => env!("CARGO_BIN_EXE_kea-list-leases"),
            other => panic!("which program is {other}?"),
        };
        let mut command = Command::new(path);
        command.args(arguments.split_whitespace()).current_dir(env!("CARGO_MANIFEST_DIR"));
        let output = command.output().unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.code() == Some(0) && shown.lines().count() > 2, "{line}: {shown}");
        assert!(shown.contains("printer") && shown.contains("Raspberry Pi"), "{line}: {shown}");
    }
}

#[test]
fn the_readme_is_short() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    // 200 lines for the first six programs, 12 for each later one.
    let most = 200 + 12 * (kea_tools::cli::commands().len() - 6);
    assert!(readme.lines().count() <= most, "{} lines, {most} are allowed", readme.lines().count());
}

#[test]
fn sudoers_example_and_pages_allow_the_same_checks() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/examples/sudoers");
    let commands = |text: &str| {
        let lines = text.lines().map(|line| line.trim().trim_end_matches(['\\', ' ']).trim_end_matches(',').to_owned());
        lines.filter(|line| line.starts_with("/usr/bin/")).collect::<Vec<_>>()
    };
    let allowed = commands(&fs::read_to_string(shipped).unwrap());
    assert!(allowed.len() > 2, "{allowed:?}");
    for recipe in text::all() {
        let joined = recipe.text.replace("\\\n", "").replace("$ARG1$", "dhcp4");
        let checks = joined.lines().filter_map(|line| line.split_once("/usr/bin/sudo -n "));
        let checks = checks.map(|(_, check)| check.split_whitespace().collect::<Vec<_>>().join(" "));
        let named = if recipe.text.contains("NOPASSWD") { commands(&recipe.text) } else { Vec::new() };
        for command in checks.chain(named) {
            assert!(allowed.contains(&command), "{}: {command} is not in {allowed:?}", recipe.page);
        }
    }
}

#[test]
fn each_shipped_example_is_a_recipe_or_uses_known_metrics() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let recipes: Vec<_> = text::all().into_iter().map(|recipe| recipe.text).collect();
    let metrics = fs::read_to_string(root.join("src/output/status/prometheus.rs")).unwrap();
    for entry in fs::read_dir(root.join("packaging/examples")).unwrap() {
        let path = entry.unwrap().path();
        let whole = fs::read_to_string(&path).unwrap();
        // The first lines say where the file goes.
        let is_comment = |line: &&str| line.starts_with('#');
        let example = whole.lines().skip_while(is_comment).collect::<Vec<_>>().join("\n");
        if path.extension().is_some_and(|extension| extension == "yml") {
            let words = example.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let used: Vec<_> = words.filter(|word| word.starts_with("kea_")).collect();
            assert!(
                !used.is_empty() && used.iter().all(|name| metrics.contains(*name)),
                "{}: {used:?}",
                path.display()
            );
        } else {
            assert!(recipes.iter().any(|recipe| recipe == example.trim_end()), "{} is no recipe", path.display());
        }
    }
}
