//! Circles of files: two files that need each other can only be read together.
//!
//! A file needs the files whose items it names. A re-export (`pub use`) needs nothing itself: who names it needs the file
//! behind it. The head of a directory (`mod.rs`, or `x.rs` of `x/`) and the files below it are one concept, so that a head
//! may pass work on to files that use its types.

use std::collections::{BTreeMap, BTreeSet};

use super::{after_each, source_files};

/// Files that are one concept in two files, and why.
const PAIRS: &[([&str; 2], &str)] = &[
    (["dhcp/table.rs", "dhcp/value/format.rs"], "options have forms, and a form can be a space of options"),
    (["config/de/access.rs", "config/de/node.rs"], "serde's deserializer and its accesses call each other"),
];

/// A module's path, such as `["lease", "csv"]`.
type Path = Vec<String>;

/// Every module with its file and code, and what its `use` lines bring in.
struct Modules {
    files: BTreeMap<Path, (String, String)>,
    /// The path that a name in a module is short for; whether by `pub use`.
    uses: BTreeMap<(Path, String), (Path, bool)>,
}

impl Modules {
    fn read() -> Self {
        let is_product = |file: &super::SourceFile| !file.path.starts_with("bin") && !file.path.ends_with("tests.rs");
        let mut files = BTreeMap::new();
        for file in source_files().into_iter().filter(is_product) {
            let name = file.path.display().to_string();
            files.insert(module(&name), (name, file.code));
        }
        let mut uses = BTreeMap::new();
        for (at, (_, code)) in &files {
            for (tree, is_public) in use_trees(code) {
                for (path, name) in leaves(tree) {
                    let is_child = files.contains_key(&[&at[..], &path[..1]].concat());
                    let target = if is_child { [at.clone(), path].concat() } else { absolute(at, &path) };
                    uses.insert((at.clone(), name), (target, is_public));
                }
            }
        }
        Self { files, uses }
    }

    /// The module with the item of an absolute path, through re-exports.
    fn home(&self, path: &[String], depth: u8) -> Option<&Path> {
        let at = (0..=path.len()).rev().find(|at| self.files.contains_key(&path[..*at]))?;
        let (module, rest) = path.split_at(at);
        if let Some((target, true)) = rest.first().and_then(|name| self.uses.get(&(module.to_vec(), name.clone())))
            && depth < 8
            && let Some(home) = self.home(&[target, &rest[1..]].concat(), depth + 1)
            && !home.is_empty()
        {
            return Some(home);
        }
        self.files.get_key_value(module).map(|(path, _)| path)
    }

    /// The modules that the code of a module needs.
    fn needed(&self, at: &Path, code: &str) -> BTreeSet<&Path> {
        let named = paths(code).into_iter().map(|path| match self.uses.get(&(at.clone(), path[0].clone())) {
            Some((target, _)) => [target, &path[1..]].concat(),
            None if self.files.contains_key(&[&at[..], &path[..1]].concat()) => [&at[..], &path].concat(),
            None => absolute(at, &path),
        });
        let brought = self.uses.iter().filter(|((module, _), (_, is_public))| module == at && !is_public);
        let brought = brought.map(|(_, (target, _))| target.clone());
        // A module that is brought in by name is needed where one of its items is named.
        let brought = brought.filter(|target| !self.files.contains_key(target));
        let homes = named.chain(brought).filter_map(|path| self.home(&path, 0));
        homes.filter(|home| !home.is_empty() && !home.starts_with(at)).collect()
    }
}

/// `["lease", "csv"]` of `lease/csv.rs` and of `lease/csv/mod.rs`.
fn module(file: &str) -> Path {
    let mut parts: Path = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
        parts.pop();
    }
    parts
}

/// The text of each `use` line up to its semicolon, and whether it is public.
fn use_trees(code: &str) -> Vec<(&str, bool)> {
    let trees = code.match_indices("use ").filter_map(|(at, word)| {
        let before = code[..at].rsplit('\n').next().unwrap_or_default().trim();
        let is_use = before.is_empty() || before == "pub" || before.starts_with("pub(") && before.ends_with(')');
        let tree = code[at + word.len()..].split(';').next()?;
        is_use.then_some((tree, !before.is_empty()))
    });
    trees.collect()
}

/// Each path of a tree of `use`, with the name it brings in.
fn leaves(tree: &str) -> Vec<(Path, String)> {
    let tree = tree.trim();
    let Some((prefix, group)) = tree.split_once('{') else {
        let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias)));
        let mut path: Path = path.split("::").map(|part| part.trim().to_owned()).collect();
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let name = alias.map_or_else(|| path.last().cloned().unwrap_or_default(), |alias| alias.trim().to_owned());
        return vec![(path, name)];
    };
    let group = group.trim_end().strip_suffix('}').unwrap_or(group);
    let mut depth = 0;
    let members = group.split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    let members = members.filter(|member| !member.trim().is_empty());
    members.flat_map(|member| leaves(&format!("{}{}", prefix.trim(), member.trim()))).collect()
}

/// The paths with `::` in the code apart from its `use` lines.
fn paths(code: &str) -> BTreeSet<Path> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let starts_path = |word: &&str| word.contains("::") && !word.starts_with(':');
    let mut code = code.to_owned();
    for (tree, _) in use_trees(&code.clone()) {
        code = code.replacen(&format!("use {tree};"), "", 1);
    }
    let words = code.split(|c| !is_word(c)).filter(starts_path);
    words.map(|word| word.split("::").take_while(|part| !part.is_empty()).map(str::to_owned).collect()).collect()
}

/// A path of the module `at` from the crate's root.
fn absolute(at: &[String], path: &[String]) -> Path {
    match path[0].as_str() {
        "crate" => path[1..].to_vec(),
        "self" => [at, &path[1..]].concat(),
        "super" => {
            let up = path.iter().take_while(|part| *part == "super").count();
            [&at[..at.len().saturating_sub(up)], &path[up..]].concat()
        }
        _ => path.to_vec(),
    }
}

/// Every file with all that it needs, directly or not.
fn reach<'a>(needs: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &'a str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        open.extend(needs[file].iter().filter(|next| seen.insert(**next)));
    }
    seen
}

#[test]
fn no_circle_of_files_needs_reading_together() {
    let modules = Modules::read();
    let name = |path: &Path| modules.files[path].0.as_str();
    let needs: BTreeMap<&str, BTreeSet<&str>> = modules
        .files
        .iter()
        .map(|(path, (file, code))| (file.as_str(), modules.needed(path, code).into_iter().map(name).collect()))
        .collect();
    let reached: BTreeMap<&str, BTreeSet<&str>> = needs.keys().map(|file| (*file, reach(&needs, file))).collect();
    let circle = |file: &str| reached[file].iter().copied().filter(|it| reached[it].contains(file)).collect();
    let circles: BTreeSet<Vec<&str>> =
        needs.keys().map(|file| circle(file)).filter(|it: &Vec<_>| it.len() > 1).collect();
    let pairs: BTreeSet<Vec<&str>> = PAIRS.iter().map(|(pair, _)| pair.to_vec()).collect();
    let unknown: Vec<_> = circles.difference(&pairs).collect();
    assert!(unknown.is_empty(), "these files need each other: {unknown:#?}");
    let gone: Vec<_> = pairs.difference(&circles).collect();
    assert!(gone.is_empty(), "these do not need each other (any more): {gone:?}");
}

#[test]
fn paths_are_read_as_rust_reads_them() {
    let path = |text: &str| text.split("::").map(str::to_owned).collect::<Path>();
    let code = "use super::{self as up, b::{C, d}};\npub use e::F;\nlet because = x;\nfn f() { d::g(); crate::h::i() }";
    let trees = use_trees(code);
    assert_eq!(trees.iter().map(|(_, is_public)| *is_public).collect::<Vec<_>>(), [false, true]);
    let names: Vec<_> = leaves(trees[0].0).into_iter().map(|(path, name)| (path.join("::"), name)).collect();
    let expected = [("super", "up"), ("super::b::C", "C"), ("super::b::d", "d")];
    assert_eq!(names, expected.map(|(path, name)| (path.to_owned(), name.to_owned())));
    assert!(paths(code).contains(&path("d::g")) && paths(code).contains(&path("crate::h::i")));
    assert_eq!(absolute(&path("a::b"), &path("super::c")), path("a::c"));
    assert!(after_each(code, "crate::").len() == 1);
}
