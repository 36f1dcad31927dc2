//! Rotated files that are missing between those that are read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::names;

/// Rotated files that are missing, by their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    base: PathBuf,
    first: i64,
    last: i64,
    /// The file that follows them in time.
    pub(super) next: PathBuf,
}

/// Larger numbers are years, months or process ids.
const LARGEST: i64 = 999;

/// The gaps in these files, of which the numbers of one log follow each other.
pub(super) fn find<'a>(files: impl Iterator<Item = &'a PathBuf>) -> Vec<Gap> {
    let mut logs: BTreeMap<PathBuf, BTreeMap<i64, &Path>> = BTreeMap::new();
    for path in files {
        if let Some(number) = names::number(path).filter(|number| *number <= LARGEST) {
            logs.entry(names::base(path)).or_default().insert(number, path);
        }
    }
    let of_log = |(base, files): (PathBuf, BTreeMap<i64, &Path>)| {
        let newer = files.iter().zip(files.keys().skip(1));
        let gaps = newer.filter(|((number, _), older)| **number + 1 < **older);
        let gap = |((number, next), older): ((&i64, &&Path), &i64)| Gap {
            base: base.clone(),
            first: number + 1,
            last: older - 1,
            next: next.to_path_buf(),
        };
        gaps.map(gap).collect::<Vec<_>>()
    };
    logs.into_iter().flat_map(of_log).collect()
}

impl Gap {
    /// What there is to say of it.
    pub(super) fn note(&self) -> String {
        let base = self.base.display();
        let (what, time) = if self.first == self.last {
            (format!("{base}.{} is", self.first), "its time")
        } else {
            (format!("{base}.{} to .{} are", self.first, self.last), "their time")
        };
        format!("{what} missing between the files that are read: what happened in {time} is not known here")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(names: &[&str]) -> Vec<String> {
        let files: Vec<_> = names.iter().map(PathBuf::from).collect();
        find(files.iter()).iter().map(|gap| gap.note().split(" between").next().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_number_that_is_skipped_is_a_gap() {
        assert_eq!(notes(&["k.log", "k.log.2.gz", "k.log.3.gz"]), ["k.log.1 is missing"]);
        assert_eq!(notes(&["k.log.1", "k.log.5", "k.log.6.xz"]), ["k.log.2 to .4 are missing"]);
    }

    #[test]
    fn what_is_complete_or_has_no_numbers_has_no_gap() {
        assert_eq!(notes(&["k.log", "k.log.1", "k.log.2.gz"]), [""; 0]);
        assert_eq!(notes(&["k.log", "k.log-20261129", "other.log.2", "k.log.2026"]), [""; 0]);
    }
}
