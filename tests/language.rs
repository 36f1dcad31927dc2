//! Help, messages, manual pages and the pages in Markdown are in plain technical English: words that a reader would not
//! search for are not in them.
use std::fs;
use std::path::{Path, PathBuf};

use kea_tools::cli;

/// What a text does without, and what serves instead.
const WORDS: &[(&str, &str)] = &[
    ("whoever", "a user, process or server that …"),
    ("whom", "which server, which client"),
    ("nobody", "no client, no server, no user"),
    ("somebody", "another client, another user"),
    ("everybody", "every server, all users"),
    ("anybody", "any user, any client"),
    ("stranger", "an untrusted user or process"),
    ("strangers", "untrusted users"),
    ("told", "reported, printed, unless … is given"),
    ("stand", "be"),
    ("stands", "is"),
    ("beside", "next to, in the same directory, compared with"),
    ("behind", "after"),
    ("for ever", "without end, infinite"),
    ("be it", "whether … or …"),
    ("all the same", "nevertheless"),
    ("to be had", "available"),
];

/// Where a word stays: the end of the place's name, the words around it, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("", "behind a router", "a place in a network, not an order"),
    ("", "server behind it", "a place in a network, not an order"),
    ("CHANGELOG.md", "ha-nobody-serves", "the former identifier of a finding"),
    ("CHANGELOG.md", "stranger", "the former identifier of a finding"),
];

/// A text and where it comes from.
struct Text {
    place: String,
    words: String,
}

impl Text {
    /// Line ends and blanks are one blank, so that no word of several is hidden by them.
    fn new(place: impl Into<String>, text: &str) -> Self {
        Self { place: place.into(), words: text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase() }
    }

    fn faults(&self) -> Vec<String> {
        let allowed = EXCEPTIONS.iter().filter(|(place, ..)| self.place.ends_with(place));
        let words = allowed.fold(self.words.clone(), |words, (_, phrase, _)| words.replace(phrase, "…"));
        let found = WORDS.iter().flat_map(|(word, instead)| whole(&words, word).map(move |at| (word, instead, at)));
        let fault = |(word, instead, at): (&&str, &&str, usize)| {
            let before: String = words[..at].chars().rev().take(40).collect();
            let before: String = before.chars().rev().collect();
            let after: String = words[at..].chars().take(40).collect();
            format!("{}: \"{before}{after}\": rather than \"{word}\": {instead}", self.place)
        };
        found.map(fault).collect()
    }
}

/// Where `word` begins as a word of its own; the name of a variable, `{word}`, is none.
fn whole<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '{';
    let found = text.match_indices(word).map(|(at, _)| at);
    found.filter(move |at| !text[..*at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn helps() -> Vec<Text> {
    let help = |mut program: clap::Command| {
        let place = format!("{} --help", program.get_name());
        Text::new(place, &program.render_long_help().to_string())
    };
    cli::commands().into_iter().map(help).collect()
}

fn pages() -> Vec<Text> {
    let read = |name: &str| Text::new(name, &fs::read_to_string(root().join(name)).unwrap());
    let docs = ["docs/leases.md", "docs/metrics.md", "docs/probes.md", "docs/status.md"];
    ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].into_iter().chain(docs).map(read).collect()
}

fn manuals() -> Vec<Text> {
    let manual = |program: clap::Command| {
        let place = format!("man/{}.8", program.get_name());
        let page = fs::read_to_string(root().join(&place)).unwrap();
        Text::new(place, &without_macros(&page))
    };
    cli::commands().into_iter().map(manual).collect()
}

/// The words of a manual page: without comments, the dots before macros and the backslashes of escapes.
fn without_macros(page: &str) -> String {
    let lines = page.lines().filter(|line| !line.starts_with(".\\\""));
    let plain = lines.map(|line| line.strip_prefix('.').unwrap_or(line).replace("\\&", "").replace('\\', ""));
    // `.Em for ever` and `for\n.Em ever`: what emphasizes or quotes is no word.
    let words = plain.flat_map(|line| line.split(' ').map(str::to_owned).collect::<Vec<_>>());
    words.filter(|word| !["Em", "Sy", "Pq", "Pp"].contains(&word.as_str())).collect::<Vec<_>>().join(" ")
}

fn messages() -> Vec<Text> {
    let mut files = Vec::new();
    source_files(&root().join("src"), &mut files);
    let texts = files.iter().flat_map(|path| {
        let source = fs::read_to_string(path).unwrap();
        let product = source.split("#[cfg(test)]\nmod tests").next().unwrap();
        let place = path.strip_prefix(root()).unwrap().display().to_string();
        literals(product).into_iter().map(move |literal| Text::new(place.clone(), &literal)).collect::<Vec<_>>()
    });
    texts.collect()
}

fn source_files(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let is_test = path.file_stem().is_some_and(|stem| stem == "tests" || stem == "testing");
        match path.is_dir() {
            _ if is_test => {}
            true => source_files(&path, files),
            false => files.push(path),
        }
    }
}

/// The string literals of Rust code, without those in comments.
fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(['/', '\'', '"', 'r']) {
        let before = rest[..at].chars().next_back();
        rest = &rest[at..];
        let length = match rest.as_bytes() {
            [b'/', b'/', ..] => rest.find('\n').unwrap_or(rest.len()),
            [b'\'', b'\\', _, tail @ ..] => 4 + tail.iter().position(|byte| *byte == b'\'').unwrap_or(0),
            [b'\'', b'"', b'\'', ..] => 3,
            [b'r', b'"' | b'#', ..] if !before.is_some_and(char::is_alphanumeric) => raw(rest, &mut found),
            [b'"', ..] => quoted(rest, &mut found),
            _ => 1,
        };
        rest = &rest[length..];
    }
    found
}

/// Adds the literal `r"…"` or `r#"…"#` that `rest` begins with; its length.
fn raw(rest: &str, found: &mut Vec<String>) -> usize {
    let hashes = rest[1..].len() - rest[1..].trim_start_matches('#').len();
    let Some(text) = rest[1 + hashes..].strip_prefix('"') else { return 1 };
    let end = text.find(&format!("\"{}", "#".repeat(hashes))).unwrap();
    found.push(text[..end].to_owned());
    1 + hashes + 1 + end + 1 + hashes
}

/// Adds the literal `"…"` that `rest` begins with; its length.
fn quoted(rest: &str, found: &mut Vec<String>) -> usize {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                found.push(text);
                return at + 1;
            }
            // An escape is a letter at most, a line end or a quote: no word hangs on it.
            '\\' => text.push(chars.next().map_or(' ', |(_, escaped)| if escaped == '"' { '"' } else { ' ' })),
            c => text.push(c),
        }
    }
    rest.len()
}

/// Everything that users read.
fn texts() -> Vec<Text> {
    [helps(), pages(), manuals(), messages()].into_iter().flatten().collect()
}

#[test]
fn texts_are_in_plain_technical_english() {
    let faults: Vec<_> = texts().iter().flat_map(Text::faults).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_exception_is_needed() {
    let texts = texts();
    let needed =
        |place: &str, phrase: &str| texts.iter().any(|text| text.place.ends_with(place) && text.words.contains(phrase));
    let idle: Vec<_> = EXCEPTIONS.iter().filter(|(place, phrase, _)| !needed(place, phrase)).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn words_are_found_across_lines_and_macros() {
    let found = |text: &str| Text::new("x", text).faults().len();
    assert_eq!(found("kept for\n  ever, unless told"), 2);
    assert_eq!(found(&without_macros("kept for\n.Em ever ,\n.\\\" told\n.Pp\nand Nobody's")), 2);
    assert_eq!(found("retold {told} behind_it besides; behind a router"), 0);
}

#[test]
fn literals_are_found_and_comments_are_not() {
    let code = "// \"told\"\nlet a: &'a str = f('\"', \"say \\\"whom\\\" \\\n be it\", r#\"raw \"text\"\"#, '\\\\', \"for{ever}\");";
    let found: Vec<_> = literals(code).iter().map(|text| Text::new("x", text).words).collect();
    assert_eq!(found, ["say \"whom\" be it", "raw \"text\"", "for{ever}"]);
}
