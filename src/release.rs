//! Releases of Kea.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// A release of Kea.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    major: u16,
    minor: u16,
    patch: u16,
}

impl Release {
    /// The newest release known.
    pub const NEWEST: Self = Self::new(3, 3, 0);

    pub(crate) const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// The newest release of a series such as `2.6`, or the release itself where `text` names one.
    ///
    /// # Errors
    /// There is no such release.
    pub fn newest_of(text: &str) -> Result<Self, String> {
        let release: Self = text.parse()?;
        let patch = if text.matches('.').count() < 2 { u16::MAX } else { release.patch };
        let minor = if text.contains('.') { release.minor } else { newest_minor(release.major) };
        Ok(Self { minor, patch, ..release })
    }

    /// The release that a program file of Kea names: the first of its strings that is one.
    #[must_use]
    pub fn of_program(program: &[u8]) -> Option<Self> {
        program.split(|octet| *octet == 0).find_map(|string| {
            let is_candidate = (5..=12).contains(&string.len()) && string[0].is_ascii_digit();
            let text = std::str::from_utf8(string).ok().filter(|_| is_candidate)?;
            let text = text.strip_suffix("-git").unwrap_or(text);
            (text.matches('.').count() == 2 && !text.starts_with('0')).then(|| text.parse().ok())?
        })
    }

    /// Its series, as in `2.6`.
    #[must_use]
    pub fn series(self) -> String {
        format!("{}.{}", self.major, self.minor)
    }
}

/// The number of the newest series that begins with `major`.
fn newest_minor(major: u16) -> u16 {
    SERIES.iter().find(|(known, _)| *known == major).map_or(0, |(_, minors)| *minors.end())
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.patch == u16::MAX {
            return write!(f, "{}.{}", self.major, self.minor);
        }
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Release {
    type Err = String;

    /// Reads `2.2`, `2.2.0` or `3`; what is not said is 0. What newer releases hold in a lease file is not known. A
    /// leading `v` means nothing, and neither does what a package adds after three numbers, as in `2.2.0-6`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("not a release of Kea that is known here: {}", known());
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let numbers = without_revision(text)?;
        let mut parts = [0u16; 3];
        for (index, part) in numbers.split('.').enumerate() {
            let slot = parts.get_mut(index).ok_or_else(wrong)?;
            if part.is_empty() || !part.bytes().all(|octet| octet.is_ascii_digit()) {
                return Err(wrong());
            }
            *slot = part.parse().map_err(|_| wrong())?;
        }
        let release = Self::new(parts[0], parts[1], parts[2]);
        let is_known = SERIES.iter().any(|(major, minors)| *major == release.major && minors.contains(&release.minor));
        if is_known { Ok(release) } else { Err(wrong()) }
    }
}

/// The release in the version of a package, such as `2.2.0-6`, `2.6.3-1+deb13u1`, `2.4.1-isc20231123184533` or `2.2.0-r1`:
/// what distributions and ISC add begins with a number, alone or after their letters.
fn without_revision(text: &str) -> Result<&str, String> {
    let Some((release, revision)) = text.split_once('-') else { return Ok(text) };
    let number = ["isc", "r", ""].into_iter().find_map(|letters| revision.strip_prefix(letters)).unwrap_or_default();
    if !number.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(format!("not a release of Kea that is known here: {}", known()));
    }
    if release.split('.').count() != 3 {
        return Err(format!(
            "the revision \"{revision}\" of a package follows a release of three numbers, as in 2.2.0-6"
        ));
    }
    Ok(release)
}

/// The releases of Kea: what they begin with, and the numbers after that.
const SERIES: [(u16, RangeInclusive<u16>); 4] = [(0, 9..=9), (1, 0..=9), (2, 0..=7), (3, 0..=Release::NEWEST.minor)];

/// The releases of Kea whose lease files, configurations and databases are known.
#[must_use]
pub fn known() -> String {
    let series = SERIES.iter().map(|(major, minors)| match (minors.start(), minors.end()) {
        (first, last) if first == last => format!("{major}.{first}"),
        (first, last) => format!("{major}.{first} to {major}.{last}"),
    });
    series.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(text: &str) -> Release {
        text.parse().expect("a release")
    }

    #[test]
    fn a_series_is_its_newest_release() {
        assert!(Release::newest_of("2.6").unwrap() > release("2.6.99"));
        assert_eq!(Release::newest_of("2.6").unwrap().to_string(), "2.6");
        assert_eq!(Release::newest_of("2.6.1").unwrap(), release("2.6.1"));
        assert!(Release::newest_of("2").unwrap() > release("2.7.8"));
        assert!(Release::newest_of("4.0").is_err());
    }

    #[test]
    fn a_program_names_its_release() {
        let program = b"\x7fELF\x000.0.0.0\x00127.0.0.1\x002.2.0\x003.0.4\x00";
        assert_eq!(Release::of_program(program), Some(release("2.2.0")));
        assert_eq!(Release::of_program(b"nothing\x00of that kind 2.2.0\x00"), None);
        assert_eq!(Release::of_program(b"\x003.1.0-git\x00"), Some(release("3.1.0")));
    }
}
