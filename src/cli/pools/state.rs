//! The file with what was free at earlier looks.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::env::outfile::OutFile;
use crate::error::{Error, Result};
use crate::export::{Refused, Survey, Surveyed};
use crate::installation::LiveFiles;
use crate::usage::{Cause, Forecast, History, Kind, Level, Place, forecast, refusals};

/// What was free earlier, and where it is kept.
pub(super) struct State {
    path: PathBuf,
    history: History,
    /// What a user should know of the file.
    pub(super) remark: Option<String>,
}

impl State {
    /// Reads the file. One that cannot be understood is not obeyed: it is kept under another name.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let path = path.to_owned();
        let text = match crate::fs::bounded::read(&path, 64 << 20) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(cause) => return Err(Error::io(format!("read state file {}", path.display()), &cause)),
        };
        let parsed = String::from_utf8(text).map_err(|_| 1).and_then(|text| History::parse(&text));
        match parsed {
            Ok(history) => Ok(Self { path, history, remark: None }),
            Err(line) => {
                let mut aside = path.clone().into_os_string();
                aside.push(".bad");
                let aside = PathBuf::from(aside);
                let remark = format!(
                    "{}:{line}: this is not a line of a state file; the file is kept as {}, and a new one is begun",
                    path.display(),
                    aside.display()
                );
                crate::env::files::rename(&path, &aside)
                    .map_err(|cause| Error::io(format!("rename {} to {}", path.display(), aside.display()), &cause))?;
                Ok(Self { path, history: History::default(), remark: Some(remark) })
            }
        }
    }

    /// Adds what is free at this moment, which may be past.
    pub(super) fn add(&mut self, survey: &Survey, at: i64, is_past: bool) {
        let mut free = BTreeMap::new();
        for family in &survey.families {
            let networks = (0..family.layout.networks.len()).map(Place::network);
            let subnets = (0..family.layout.subnets.len()).map(Place::subnet);
            for place in networks.chain(subnets) {
                for kind in [Kind::Addresses, Kind::Prefixes] {
                    let counts = family.usage.counts(place, kind);
                    if counts.total > 0 {
                        free.insert(key(family, place, kind), (counts.available(), counts.total));
                    }
                }
            }
        }
        let refused = survey.families.iter().flat_map(|family| {
            let each = |refused: &Refused| {
                let of_subnet = |(subnet, number): &(usize, u64)| (refused_key(family, Some(*subnet)), *number);
                let all = (refused_key(family, None), refused.all);
                refused.subnets.iter().map(of_subnet).chain([all]).collect::<Vec<_>>()
            };
            family.refused.as_ref().map(each).unwrap_or_default()
        });
        if !is_past {
            self.history.forget_after(at);
        }
        self.history.add(at, free, refused.collect());
    }

    /// That clients were refused in a place since the last look. They are counted for addresses; of a shared network each is
    /// counted in one of its subnets.
    pub(super) fn refused(&self, family: &Surveyed, place: Place, kind: Kind, at: i64) -> Option<Cause> {
        let known = family.refused.as_ref().filter(|_| kind == Kind::Addresses)?;
        let subnets = match place.level {
            Level::Network => family.layout.networks[place.index].subnets.clone(),
            Level::Subnet => vec![place.index],
            Level::Pool => return None,
        };
        let numbers = known.subnets.iter().filter(|(subnet, _)| subnets.contains(subnet));
        let since = numbers.filter_map(|(subnet, number)| {
            self.history.refused_since(&refused_key(family, Some(*subnet)), at, *number)
        });
        let (refused, seconds) = since.fold((0, 0), |(sum, longest), (n, ago)| (sum + n, ago.max(longest)));
        refusals(refused, seconds)
    }

    /// Writes the file anew.
    pub(super) fn keep(&self, live: &LiveFiles) -> Result<()> {
        let mut file = OutFile::create(&self.path, live)?;
        let failed = |cause: io::Error| Error::io(format!("write state file {}", self.path.display()), &cause);
        file.write_all(self.history.text().as_bytes()).map_err(failed)?;
        file.commit()
    }
}

/// What to expect of a place, by what is known of earlier times.
pub(super) fn expect(state: Option<&State>, family: &Surveyed, place: Place, kind: Kind, at: i64) -> Forecast {
    if place.level == Level::Pool {
        return Forecast::None("it is made for subnets and shared networks, not for pools");
    }
    let points = match (state, &family.journal) {
        (Some(state), _) => state.history.points(&key(family, place, kind), at),
        (None, Some(journal)) => journal.points(&family.layout, &family.usage, place, kind),
        (None, None) => return Forecast::None("there is no lease file with a history; use --state FILE"),
    };
    forecast(&points)
}

/// `4 subnet 30`, `4` for all.
fn refused_key(family: &Surveyed, subnet: Option<usize>) -> String {
    let digit = family.family.digit();
    match subnet {
        Some(subnet) => format!("{digit} subnet {}", family.layout.subnets[subnet].id),
        None => digit.to_string(),
    }
}

/// `4 subnet 30 addresses`
fn key(family: &Surveyed, place: Place, kind: Kind) -> String {
    let (layout, digit) = (&family.layout, family.family.digit());
    let place = match place.level {
        Level::Network => format!("network {}", layout.networks[place.index].name.as_deref().unwrap_or_default()),
        Level::Subnet => format!("subnet {}", layout.subnets[place.index].id),
        Level::Pool => format!("pool {}", layout.pools[place.index].text),
    };
    format!("{digit} {place} {}", kind.plural())
}
