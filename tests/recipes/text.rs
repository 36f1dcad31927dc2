//! The recipes of README, of the pages in docs and of the manual pages, taken from their text.
//!
//! A recipe is what a reader copies: a command line, a block of them whose lines belong together, or a piece of a
//! configuration file.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use kea_tools::cli;

/// A recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recipe {
    /// `README.md`, `docs/leases.md`, `man/dhcping.8`.
    pub(crate) page: String,
    /// What is copied: without prompts, and a single command line without its remark.
    pub(crate) text: String,
}

/// The programs of the toolkit.
static PROGRAMS: LazyLock<Vec<String>> =
    LazyLock::new(|| cli::commands().iter().map(|program| program.get_name().to_owned()).collect());

/// Other commands that a reader is given.
const COMMANDS: [&str; 20] = [
    "/usr/bin/sudo",
    "apt",
    "cargo",
    "chgrp",
    "chmod",
    "chown",
    "dpkg",
    "dpkg-statoverride",
    "gpasswd",
    "install",
    "make",
    "man",
    "mkdir",
    "scripts/package",
    "scripts/test",
    "setcap",
    "sudo",
    "systemctl",
    "usermod",
    "visudo",
];

/// The first page. A row about it is also about the pages in docs, to which it leads.
pub(crate) const README: &str = "README.md";

/// Whether it is one of these pages, and not of the manual.
pub(crate) fn is_markdown(page: &str) -> bool {
    !page.starts_with("man/")
}

/// Every recipe.
pub(crate) fn all() -> Vec<Recipe> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let below = |folder: &str| {
        let entries = fs::read_dir(root.join(folder)).unwrap().map(Result::unwrap);
        let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
        files.map(|entry| format!("{folder}/{}", entry.file_name().into_string().unwrap())).collect::<Vec<_>>()
    };
    let mut pages = [below("docs"), below("man")].concat();
    pages.sort();
    pages.insert(0, README.to_owned());
    let of_page = |page: &String| {
        let text = fs::read_to_string(root.join(page)).unwrap();
        let found = if is_markdown(page) { in_markdown(&text) } else { in_mdoc(&text) };
        found.into_iter().map(|text| Recipe { page: page.clone(), text: joined(text) }).collect::<Vec<_>>()
    };
    pages.iter().flat_map(of_page).collect()
}

/// A command line of several lines as one; pieces of files stay as they are.
fn joined(text: String) -> String {
    if !is_command(&text) {
        return text;
    }
    let lines = text.split("\\\n").enumerate().map(|(at, line)| if at == 0 { line } else { line.trim_start() });
    lines.collect()
}

/// Whether a program of the toolkit or another known command is run with something.
fn is_command(text: &str) -> bool {
    let first = text.split(' ').next().unwrap_or_default();
    is_of_a_program(text) || (COMMANDS.contains(&first) && text.contains(' '))
}

fn is_of_a_program(line: &str) -> bool {
    let first = line.split(' ').next().unwrap_or_default();
    PROGRAMS.iter().any(|program| program == first)
}

/// Those of blocks with fences, and of code in a text that is a command line.
fn in_markdown(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    // Between fences, outside and inside take turns.
    for (index, part) in text.split("```").enumerate() {
        if index % 2 == 0 {
            let spans = part.split('`').skip(1).step_by(2);
            let spans = spans.map(|span| span.replace('\n', " "));
            found.extend(spans.filter(|span| span.contains(' ') && is_command(span)));
        } else if let Some((kind, block)) = part.split_once('\n') {
            found.extend(of_fence(kind, block.trim_end()));
        }
    }
    found
}

/// A session is run as a whole, so is a script unless each line is one of our programs'; of a text with prompts each
/// command line is one.
fn of_fence(kind: &str, block: &str) -> Vec<String> {
    let prompted = |line: &str| line.strip_prefix("$ ").map(str::to_owned);
    match kind {
        "console" => vec![block.lines().filter_map(prompted).collect::<Vec<_>>().join("\n")],
        "text" if block.lines().any(|line| line.starts_with("$ ")) => block.lines().filter_map(prompted).collect(),
        "sh" if block.lines().all(is_of_a_program) => block.lines().map(without_remark).collect(),
        _ => vec![block.to_owned()],
    }
}

fn without_remark(line: &str) -> String {
    line.split("   #").next().unwrap().trim_end().to_owned()
}

/// Those of lines and blocks that are set apart, and of literal text that is a command line. Other blocks than those of
/// EXAMPLES show what is printed.
fn in_mdoc(text: &str) -> Vec<String> {
    let (mut found, mut block, mut in_examples) = (Vec::new(), None::<Vec<String>>, false);
    for line in text.lines() {
        if let Some(section) = line.strip_prefix(".Sh ") {
            in_examples = section == "EXAMPLES";
        } else if line.starts_with(".Bd -literal") {
            block = Some(Vec::new());
        } else if line == ".Ed" {
            let text = without_prompts(&block.take().unwrap_or_default());
            found.extend((in_examples || is_command(&text)).then_some(text));
        } else if let Some(lines) = &mut block {
            lines.push(unescaped(line));
        } else if let Some(shown) = line.strip_prefix(".Dl ") {
            let shown = unescaped(shown);
            let shown = without_prompt(&shown);
            found.extend((in_examples || is_command(shown)).then(|| shown.to_owned()));
        } else if let Some(literal) = line.strip_prefix(".Ql ").or_else(|| line.strip_prefix(".Pq Ql ")) {
            let literal = unescaped(literal);
            let literal = literal.trim_end_matches([',', '.', ';', ')']).trim_end();
            found.extend((literal.contains(' ') && is_command(literal)).then(|| literal.to_owned()));
        }
    }
    found
}

/// The lines of a block; in one that does not begin with a prompt, `#` begins a remark.
fn without_prompts(lines: &[String]) -> String {
    let is_prompted = lines.first().is_some_and(|line| line.starts_with("# ") || line.starts_with("$ "));
    let lines = lines.iter().map(|line| if is_prompted { without_prompt(line) } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

fn without_prompt(line: &str) -> &str {
    line.strip_prefix("# ").or_else(|| line.strip_prefix("$ ")).unwrap_or(line)
}

/// The text of roff's escapes.
fn unescaped(line: &str) -> String {
    line.replace("\\(aq", "'").replace("\\(dq", "\"").replace("\\-", "-").replace("\\&", "").replace("\\e", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_copies_is_found_in_markdown() {
        let text = "Run `setcap x=ep /p` or `dhcping`, see `-f json`.\n```sh\ndhcping -q   # quiet\ndhcptest\n```\n\
            ```sh\nsystemctl stop x\ndhcping 1\n```\n```console\n$ dhcping -V\nout\n```\n```text\n$ dhcptest a\nout\n```\n\
            ```crontab\n* * * * * root x\n```\n";
        let found = in_markdown(text);
        assert_eq!(
            found,
            [
                "setcap x=ep /p",
                "dhcping -q",
                "dhcptest",
                "systemctl stop x\ndhcping 1",
                "dhcping -V",
                "dhcptest a",
                "* * * * * root x"
            ]
        );
    }

    #[test]
    fn what_a_reader_copies_is_found_in_a_manual_page() {
        let text = ".Sh A\n.Dl setcap x /p\n.Dl DHCPv4 server: active\n.Bd -literal\n  op=BOOTREPLY\n  x\n.Ed\n\
            .Ql usermod -aG a b .\n.Ql 08:00:2b .\n.Sh EXAMPLES\n.Dl # dhcping \\(aqx\\(aq\n.Bd -literal -offset indent\n\
            # cd /x\n# rm a \\e\n    b\n.Ed\n.Bd -literal\n[Unit]\nA=1\n.Ed\n";
        assert_eq!(
            in_mdoc(text),
            ["setcap x /p", "usermod -aG a b", "dhcping 'x'", "cd /x\nrm a \\\n    b", "[Unit]\nA=1"]
        );
    }
}
