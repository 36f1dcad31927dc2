//! What is written about the command lines agrees with them: manual pages and completions.
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use clap::Command;
use clap_complete::Shell;
use kea_tools::cli;
use kea_tools::dhcp::table::Space;
use kea_tools::dhcp::{v4, v6};

mod shells;

/// Every option of a program as it is typed: `-c`, `--config`.
fn options(mut program: Command) -> BTreeSet<String> {
    program.build();
    let shown = program.get_arguments().filter(|argument| !argument.is_hide_set() && !argument.is_positional());
    let names = shown.flat_map(|argument| {
        let short = argument.get_short().map(|letter| format!("-{letter}"));
        let long = argument.get_long().map(|word| format!("--{word}"));
        [short, long].into_iter().flatten()
    });
    names.collect()
}

/// Every option that a manual page explains: the `Fl` macros on `.It` lines of its OPTIONS.
fn explained(page: &str) -> BTreeSet<String> {
    let section = page.split("\n.Sh ").find(|section| section.starts_with("OPTIONS\n")).unwrap();
    let items = section.lines().filter_map(|line| line.strip_prefix(".It "));
    let flags = items.flat_map(|item| item.split("Fl ").skip(1));
    flags.map(|flag| format!("-{}", flag.split(' ').next().unwrap().replace("\\-", "-"))).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

#[test]
fn every_option_is_in_the_manual_page_and_the_reverse() {
    for program in cli::commands() {
        let page = root().join("man").join(format!("{}.8", program.get_name()));
        let explained = explained(&fs::read_to_string(&page).unwrap());
        assert_eq!(options(program), explained, "left the program, right {}", page.display());
    }
}

/// What everybody looks for, in the order in which it is found.
const SECTIONS: [&str; 10] = [
    "NAME",
    "SYNOPSIS",
    "DESCRIPTION",
    "OPTIONS",
    "ENVIRONMENT",
    "FILES",
    "EXIT STATUS",
    "EXAMPLES",
    "COMPATIBILITY",
    "SEE ALSO",
];

#[test]
fn every_manual_page_has_the_sections_of_a_manual_page() {
    for program in cli::commands() {
        let page = fs::read_to_string(root().join("man").join(format!("{}.8", program.get_name()))).unwrap();
        let sections: Vec<_> = page.lines().filter_map(|line| line.strip_prefix(".Sh ")).collect();
        let usual: Vec<_> = sections.iter().filter(|section| SECTIONS.contains(section)).collect();
        assert_eq!(usual, SECTIONS.iter().collect::<Vec<_>>(), "{}", program.get_name());
    }
}

/// The columns of a page at 80 columns, and what is before a line of an example that is indented.
const COLUMNS: usize = 78;
const INDENT: usize = 11;

#[test]
fn examples_can_be_copied_from_a_page_of_eighty_columns() {
    for program in cli::commands() {
        let page = fs::read_to_string(root().join("man").join(format!("{}.8", program.get_name()))).unwrap();
        let examples = page.split_once("\n.Sh EXAMPLES\n").unwrap().1.split("\n.Sh ").next().unwrap();
        let mut is_literal = false;
        for line in examples.lines() {
            is_literal = line.starts_with(".Bd -literal") || (is_literal && line != ".Ed");
            let shown = line.strip_prefix(".Dl ").or_else(|| Some(line).filter(|_| is_literal)).unwrap_or_default();
            // Each escape is shown as one character.
            let shown = shown.replace("\\(aq", "'").replace("\\(dq", "\"").replace('\\', "");
            assert!(INDENT + shown.chars().count() <= COLUMNS, "{}: {line}", program.get_name());
        }
    }
}

/// Macros that are no words of a sentence.
const MACROS: [&str; 20] = [
    "Sy", "Cm", "Ar", "Ql", "Fl", "Pq", "Pa", "Xr", "Ns", "Op", "Em", "Ev", "Ta", "Dq", "Li", "Nm", "Oo", "Oc", "Pf",
    "Sx",
];

/// Whether a line of a page would show a macro, or take a word of the text for one: `%D` is the macro of a date.
fn shows_a_macro(line: &str) -> bool {
    let mut words = line.split([' ', ',', '(', ')']);
    let is_reference = |word: &str| word.len() == 2 && word.starts_with('%') && word.ends_with(char::is_uppercase);
    if line.starts_with(".\\\"") {
        return false;
    }
    if line.starts_with('.') {
        return words.skip(1).any(is_reference);
    }
    words.any(|word| MACROS.contains(&word))
}

#[test]
fn no_macro_of_a_manual_page_is_shown_as_text() {
    for program in cli::commands() {
        let page = fs::read_to_string(root().join("man").join(format!("{}.8", program.get_name()))).unwrap();
        let shown: Vec<_> = page.lines().filter(|line| shows_a_macro(line)).collect();
        assert!(shown.is_empty(), "{}: {shown:#?}", program.get_name());
    }
    for (line, is_shown) in
        [("object: Sy type", true), (".Ql %D .", true), (".Ql \\&%D .", false), (".%R RFC 4180", false)]
    {
        assert_eq!(shows_a_macro(line), is_shown, "{line}");
    }
}

/// Where the option table stands in dhcptest's manual page.
const TABLE: (&str, &str) =
    (".\\\" Written by cargo test --test ring1 manual -- --ignored\n", ".\\\" End of what is written\n");

/// The page with the option tables of the program in it: DHCPv4's, then DHCPv6's.
fn with_option_tables(page: &str) -> String {
    let (mut written, mut rest) = (String::new(), page);
    for space in [&v4::table::OPTIONS, &v6::table::OPTIONS] {
        let (before, table) = rest.split_once(TABLE.0).unwrap();
        written += &[before, TABLE.0, &option_table(space), TABLE.1].concat();
        rest = table.split_once(TABLE.1).unwrap().1;
    }
    written + rest
}

fn option_table(space: &Space) -> String {
    let mut table = String::from(".Bl -tag -compact -width Ds\n");
    for entry in space.iter() {
        let (what, example) = entry.format.describe();
        let needs_example =
            ["fields", "one of", "by code", "routes", "a client's name"].iter().any(|part| what.contains(part));
        let form = if needs_example { format!("{what}, such as {example}") } else { what };
        let (name, key, form) = (roff(entry.name), roff(entry.key), roff(&form));
        table += &[".It ", &entry.code.to_string(), " ", &key, "\n", &name, ": ", &form, ".\n"].concat();
    }
    table + ".El\n"
}

/// Text in which nothing is an instruction.
fn roff(text: &str) -> String {
    text.replace('\\', "\\e").replace('"', "\\(dq").replace('-', "\\-")
}

#[test]
fn the_option_table_in_the_manual_page_is_the_programs() {
    let path = root().join("man/dhcptest.8");
    let page = fs::read_to_string(path).unwrap();
    let remedy = "cargo test --test ring1 manual -- --ignored writes it anew";
    assert!(with_option_tables(&page) == page, "the option table of man/dhcptest.8 is out of date: {remedy}");
}

#[test]
#[ignore = "writes man/dhcptest.8 instead of checking it"]
fn write_option_table() {
    let path = root().join("man/dhcptest.8");
    let page = fs::read_to_string(&path).unwrap();
    fs::write(path, with_option_tables(&page)).unwrap();
}

/// Every completion script: its path and text.
fn completions() -> Vec<(PathBuf, String)> {
    let mut scripts = Vec::new();
    for mut program in cli::commands() {
        let name = program.get_name().to_owned();
        for (shell, file) in [
            (Shell::Bash, format!("{name}.bash")),
            (Shell::Fish, format!("{name}.fish")),
            (Shell::Zsh, format!("_{name}")),
        ] {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut program, &name, &mut text);
            let text = String::from_utf8(text).unwrap();
            let text = match shell {
                Shell::Bash => shells::bash(&name, &text),
                Shell::Fish => shells::fish(&text),
                _ => shells::zsh(&text),
            };
            scripts.push((root().join("completions").join(file), text));
        }
    }
    scripts
}

/// What bash offers after this command line, whose words are apart as bash has them.
fn offered(words: &[&str]) -> String {
    let script = root().join("completions").join(format!("{}.bash", words[0]));
    let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
    let code = "source \"$1\"; shift
        function=$(complete -p \"$3\" | sed 's/.*-F \\([^ ]*\\).*/\\1/'); last=$1; before=$2; shift 2
        COMP_WORDS=(\"$@\"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); $function \"$1\" \"$last\" \"$before\"
        echo \"${COMPREPLY[*]}\"";
    let mut bash = Process::new("bash");
    bash.args(["-c", code, "bash"]).arg(script).args([last, before]).args(words);
    let ran = bash.output().unwrap();
    assert!(ran.stderr.is_empty(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().trim_end().to_owned()
}

#[test]
fn bash_offers_words_after_an_equals_sign_and_in_lists() {
    assert_eq!(offered(&["kea-list-leases", "--format", "=", "j"]), "json");
    assert_eq!(offered(&["kea-list-leases", "--format", "j"]), "json");
    assert_eq!(offered(&["kea-list-leases", "--state", "assigned,d"]), "assigned,declined");
    assert_eq!(offered(&["kea-list-leases", "--state", "=", "assigned,d"]), "assigned,declined");
    for words in [&["dhcping", "-I", "l"][..], &["dhcptest", "--iface", "l"], &["dhcpload", "--interface", "l"]] {
        assert!(offered(words).split(' ').any(|name| name == "lo"), "{words:?}: {}", offered(words));
    }
}

#[test]
fn completions_are_up_to_date() {
    for (path, text) in completions() {
        let committed = fs::read_to_string(&path).unwrap_or_default();
        let remedy = "cargo test --test ring1 manual -- --ignored writes it anew";
        assert!(committed == text, "{} is out of date: {remedy}", path.display());
    }
}

#[test]
#[ignore = "writes completions/ instead of checking it"]
fn write_completions() {
    fs::create_dir_all(root().join("completions")).unwrap();
    for (path, text) in completions() {
        fs::write(path, text).unwrap();
    }
}
