//! The file with what was free at earlier looks.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::env::outfile::OutFile;
use crate::error::{Error, Result};
use crate::export::{Refused, Survey, Surveyed};
use crate::installation::LiveFiles;
use crate::text::count;
use crate::usage::{Cause, Forecast, History, LayoutPlace, Level, ResourceKind, forecast, refusals};

/// What was free earlier, and where it is kept.
#[derive(Default)]
pub(super) struct State {
    path: PathBuf,
    history: History,
    look: Option<Availability>,
    /// Why nothing is known of earlier, and nothing is written.
    pub(super) failure: Option<Error>,
    /// What a user should know of the file.
    pub(super) remarks: Vec<String>,
}

/// What is free now.
#[derive(Clone)]
struct Availability {
    at: i64,
    free: BTreeMap<String, (u128, u128)>,
    refused: BTreeMap<String, u64>,
}

impl State {
    /// Reads the file. A state file that cannot be understood is not obeyed: it is kept under another name. One that cannot be
    /// read is left alone, and [`State::failure`] says why.
    pub(super) fn read(path: &Path, live: &LiveFiles) -> Result<Self> {
        live.refuse(path)?;
        let mut state = Self { path: path.to_owned(), ..Self::default() };
        match parsed(path)? {
            Ok(history) => state.history = history,
            Err(Trouble::File(error)) => state.failure = Some(error),
            Err(Trouble::Line(number)) => state.set_aside(number, live)?,
        }
        Ok(state)
    }

    fn set_aside(&mut self, number: usize, live: &LiveFiles) -> Result<()> {
        let mut aside = self.path.clone().into_os_string();
        aside.push(".bad");
        let aside = PathBuf::from(aside);
        // What is called so may be something else.
        live.refuse(&aside)?;
        if let Err(Trouble::File(error)) = parsed(&aside)? {
            self.failure = Some(error);
            return Ok(());
        }
        let (path, shown) = (self.path.display(), aside.display());
        match crate::env::files::rename(&self.path, &aside) {
            Ok(()) => self.remarks.push(format!(
                "{path}:{number}: this is not a line of a state file; the file is kept as {shown}, and a new one is begun"
            )),
            Err(cause) => self.failure = Some(Error::io(format!("rename {path} to {shown}"), &cause)),
        }
        Ok(())
    }

    /// Adds what is free at a moment, which may be past. What is later than now was never.
    pub(super) fn add(&mut self, survey: &Survey, at: i64, now: i64) {
        let mut free = BTreeMap::new();
        for family in &survey.families {
            let networks = (0..family.layout.networks.len()).map(LayoutPlace::network);
            let subnets = (0..family.layout.subnets.len()).map(LayoutPlace::subnet);
            for place in networks.chain(subnets) {
                for kind in [ResourceKind::Addresses, ResourceKind::Prefixes] {
                    let total = family.usage.counts(place, kind).total;
                    if total > 0 {
                        let left = family.usage.offer(&family.layout, place, kind).most;
                        free.insert(key(family, place, kind), (left.min(total), total));
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
        let forgotten = self.history.forget_after(now);
        if forgotten > 0 {
            let later = count(forgotten as u64, "measurement");
            self.remarks.push(format!("{}: {later} with a time later than now removed", self.path.display()));
        }
        let look = Availability { at, free, refused: refused.collect() };
        self.history.add(at, look.free.clone(), look.refused.clone());
        self.look = Some(look);
    }

    /// That clients were refused in a place since the last look. They are counted for addresses; of a shared network each is
    /// counted in one of its subnets.
    pub(super) fn refused(&self, family: &Surveyed, place: LayoutPlace, kind: ResourceKind, at: i64) -> Option<Cause> {
        let known = family.refused.as_ref().filter(|_| kind == ResourceKind::Addresses)?;
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

    /// Writes the file anew, with the looks that other runs have added since it was read.
    pub(super) fn keep(&self, live: &LiveFiles, now: i64) -> Result<()> {
        let Some(look) = self.look.as_ref().filter(|_| self.failure.is_none()) else { return Ok(()) };
        let _lock = crate::env::files::lock_folder_of(&self.path);
        let mut history = match parsed(&self.path)? {
            Ok(history) => history,
            Err(Trouble::File(error)) => return Err(error),
            Err(Trouble::Line(_)) => self.history.clone(),
        };
        history.forget_after(now);
        history.add(look.at, look.free.clone(), look.refused.clone());
        let mut file = OutFile::create(&self.path, live)?;
        let failed = |cause: io::Error| Error::io(format!("write state file {}", self.path.display()), &cause);
        file.write_all(history.text().as_bytes()).map_err(failed)?;
        file.commit()
    }
}

/// Why a state file has no looks.
enum Trouble {
    /// It cannot be read.
    File(Error),
    /// This line is none.
    Line(usize),
}

/// The looks in a state file; none if it does not exist.
fn parsed(path: &Path) -> Result<std::result::Result<History, Trouble>> {
    let attempted = format!("read state file {}", path.display());
    let text = match crate::fs::bounded::read(path, 64 << 20) {
        Ok(text) => text,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(cause) => return Ok(Err(Trouble::File(Error::io(attempted, &cause)))),
    };
    if !History::is_in(&text) {
        let hint = "name another file with --state";
        return Err(Error::new(attempted, "this is another kind of file").hint(hint));
    }
    let history = String::from_utf8(text).map_err(|_| 1).and_then(|text| History::parse(&text));
    Ok(history.map_err(Trouble::Line))
}

/// What to expect of a place, by what is known of earlier times.
pub(super) fn expect(
    state: Option<&State>,
    family: &Surveyed,
    place: LayoutPlace,
    kind: ResourceKind,
    at: i64,
) -> Forecast {
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
fn key(family: &Surveyed, place: LayoutPlace, kind: ResourceKind) -> String {
    let (layout, digit) = (&family.layout, family.family.digit());
    let place = match place.level {
        Level::Network => format!("network {}", layout.networks[place.index].name.as_deref().unwrap_or_default()),
        Level::Subnet => format!("subnet {}", layout.subnets[place.index].id),
        Level::Pool => format!("pool {}", layout.name(place)),
    };
    format!("{digit} {place} {}", kind.plural())
}
