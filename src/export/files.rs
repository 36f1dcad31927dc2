//! A dump into files: each place's leases into its output, and none of the old files is lost before all are whole.

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::dump::{DumpCounts, DumpRequest, dump};
use super::live_files::live_files;
use super::manifest::{Entry, Hashing, Manifest};
use super::observer::Observer;
use crate::anonymize::Anonymizer;
use crate::env::Clock;
use crate::env::outfile::OutFile;
use crate::error::{Error, Result};
use crate::fs::path;
use crate::installation::{LiveFiles, is_stdout_a_file};
use crate::lease::Family;
use crate::lease::filter::Filter;
use crate::memfile::version::Target;
use crate::output::lease::{LeaseFormat, Style};
use crate::source::{self, LeaseLocation, LeaseSource, Order, Origin, Variables};
use crate::text::count;
use crate::time::{self, TimeStyle, Zone};

/// What is to be dumped, and into which files.
pub struct FileDump<'a> {
    /// The program's name and version, for the manifest.
    pub tool: String,
    /// Where the leases are.
    pub places: Vec<LeaseLocation>,
    /// The configuration that was named, if one was.
    pub config: Option<&'a Path>,
    /// The leases meant.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// The file to write, or a directory; `-` is standard output.
    pub output: &'a Path,
    /// The file for the manifest.
    pub manifest: Option<&'a Path>,
    /// The format.
    pub format: LeaseFormat,
    /// The Kea that a lease file is made for.
    pub target: Target,
    /// How CSV shows moments.
    pub time: TimeStyle,
    /// What local time is.
    pub zone: Zone,
    /// Whether a bad row is an error.
    pub is_strict: bool,
    /// Whether it is said what was read and written.
    pub is_verbose: bool,
    /// What replaces values that identify clients.
    pub anonymizer: Option<Anonymizer>,
}

impl FileDump<'_> {
    /// Dumps each place into its output; false if rows were left out because something is wrong with them.
    pub fn run(
        &self,
        stdout: &mut dyn Write,
        var: &Variables<'_>,
        clock: &dyn Clock,
        observer: &mut dyn Observer,
    ) -> Result<bool> {
        let outputs = self.outputs()?;
        let live = self.guarded(&outputs, var)?;
        for remark in self.places.iter().flat_map(|place| &place.remarks) {
            observer.remark(remark);
        }
        let sources = self.places.iter().map(|place| open(place, var)).collect::<Result<Vec<_>>>()?;
        let manifest = self.dump_all(sources, outputs, &live, stdout, clock, observer)?;
        Ok(manifest.dumps.iter().all(|entry| entry.counts.malformed == 0))
    }

    /// The output of each place; `None` is stdout.
    fn outputs(&self) -> Result<Vec<Option<PathBuf>>> {
        let is_stdout = self.output.as_os_str() == "-";
        if self.output.is_dir() && !is_stdout {
            let file = |place: &LeaseLocation| Some(self.output.join(self.file_name(place.family)));
            return Ok(self.places.iter().map(file).collect());
        }
        if path::names_a_directory(self.output) {
            return Err(Error::new(format!("write {}", self.output.display()), "there is no such directory")
                .hint(format!("create it with mkdir {}", self.output.display())));
        }
        match (&self.places[..], is_stdout) {
            ([_], true) => Ok(vec![None]),
            ([_], _) => Ok(vec![Some(self.output.to_owned())]),
            (places, _) if places.iter().all(|place| place.family == places[0].family) => {
                Err(Error::new("", "several lease files are named, and one output cannot hold more than one's leases")
                    .hint("dump each of them by itself"))
            }
            _ if !is_stdout && !self.output.exists() && self.output.extension().is_none() => {
                Err(Error::new(format!("write {}", self.output.display()), "there is no such directory").hint(format!(
                    "create it with mkdir {}, for DHCPv4 and DHCPv6 leases; or give -4 or -6 to write one of them to a file",
                    self.output.display()
                )))
            }
            _ => Err(Error::new("", "there are DHCPv4 and DHCPv6 leases, and one output cannot hold both")
                .hint("give -4 or -6, or -o DIRECTORY for both; the directory must exist")),
        }
    }

    fn file_name(&self, family: Family) -> PathBuf {
        let name = Path::new(family.file_name());
        match self.format {
            LeaseFormat::Memfile | LeaseFormat::Csv => name.to_owned(),
            other => name.with_extension(other.name()),
        }
    }

    /// The files that must not be written, of which none is among the outputs.
    fn guarded(&self, outputs: &[Option<PathBuf>], var: &Variables<'_>) -> Result<LiveFiles> {
        let targets: Vec<&Path> = outputs.iter().flatten().map(PathBuf::as_path).chain(self.manifest).collect();
        let is_redirected = outputs.contains(&None) && is_stdout_a_file();
        let mut live = LiveFiles::default();
        if is_redirected || !targets.is_empty() {
            live = live_files(self.places.iter(), self.config, !targets.is_empty(), var);
        }
        refuse_targets(&targets, &live)?;
        if is_redirected {
            live.refuse_stdout()?;
        }
        Ok(live)
    }

    /// Dumps each place into its output. Old files are replaced only when all new ones are whole.
    fn dump_all(
        &self,
        mut sources: Vec<Box<dyn LeaseSource>>,
        outputs: Vec<Option<PathBuf>>,
        live: &LiveFiles,
        stdout: &mut dyn Write,
        clock: &dyn Clock,
        observer: &mut dyn Observer,
    ) -> Result<Manifest> {
        let create = |path: &Path| OutFile::create(path, live);
        let manifest_file = self.manifest.map(create).transpose()?;
        let mut manifest = Manifest { tool: self.tool.clone(), dumps: Vec::new() };
        let mut files = Vec::new();
        for ((place, source), output) in self.places.iter().zip(&mut sources).zip(outputs) {
            manifest.dumps.push(match output {
                None => self.dump_one(place, source.as_mut(), stdout, "-", clock, observer)?,
                Some(path) => {
                    if self.format == LeaseFormat::Memfile {
                        for companion in source::companions_of(&path) {
                            warn_of(&companion, observer);
                        }
                    }
                    let mut file = create(&path)?;
                    let name = path.display().to_string();
                    let entry = self.dump_one(place, source.as_mut(), &mut file, &name, clock, observer)?;
                    files.push(file);
                    entry
                }
            });
        }
        if let (Some(mut file), Some(path)) = (manifest_file, self.manifest) {
            manifest.write(&mut file).map_err(|cause| Error::io(format!("write {}", path.display()), &cause))?;
            files.push(file);
        }
        OutFile::commit_all(files)?;
        Ok(manifest)
    }

    /// Dumps a place into `out`, called `name`.
    fn dump_one(
        &self,
        place: &LeaseLocation,
        source: &mut dyn LeaseSource,
        out: &mut dyn Write,
        name: &str,
        clock: &dyn Clock,
        observer: &mut dyn Observer,
    ) -> Result<Entry> {
        let filter = (!self.filter.is_empty()).then(|| self.filter.with_network(source::network_of(place).as_ref()));
        if let Some(filter) = &filter {
            source.narrow(filter);
        }
        let request = DumpRequest {
            family: place.family,
            style: Style::stored(self.format, self.target, self.time, self.zone),
            filter: filter.as_ref(),
            order: self.order,
            is_strict: self.is_strict,
            anonymizer: self.anonymizer.as_ref(),
        };
        let shown = if name == "-" { "standard output" } else { name };
        let (started, begun) = (clock.now(), clock.monotonic());
        let (counts, sha256) = if self.manifest.is_some() {
            let mut hashing = Hashing::new(out);
            let counts = dump(source, &request, &mut hashing, shown, observer)?;
            (counts, hashing.finish())
        } else {
            (dump(source, &request, out, shown, observer)?, String::new())
        };
        let origin = source.origin();
        if self.is_verbose {
            let seconds = clock.monotonic().saturating_sub(begun).as_secs_f64();
            observer.line(&summary(place, counts, shown, &origin, seconds));
        } else if counts.malformed > 0 {
            observer.line(&format!("{} left out of {shown}", count(counts.malformed, "bad row")));
        }
        Ok(Entry {
            family: place.family.digit(),
            source: origin,
            output: name.to_owned(),
            format: self.format.name(),
            made_for: (self.format == LeaseFormat::Memfile).then(|| self.target.to_string()),
            anonymized: self.anonymizer.is_some(),
            counts,
            sha256,
            started: time::show(started, TimeStyle::Utc),
            finished: time::show(clock.now(), TimeStyle::Utc),
        })
    }
}

/// Refuses to write a file that a server uses, one that is read, or one file twice.
fn refuse_targets(targets: &[&Path], live: &LiveFiles) -> Result<()> {
    for (index, target) in targets.iter().enumerate() {
        live.refuse(target)?;
        if targets[..index].iter().any(|other| path::is_same_file(other, target)) {
            let cause = "two things cannot be written into one file";
            return Err(Error::new(format!("write {}", target.display()), cause).hint("choose another name"));
        }
    }
    Ok(())
}

/// Opens a place; where a lease file cannot be read, the running server may be asked instead.
fn open(place: &LeaseLocation, var: &Variables<'_>) -> Result<Box<dyn LeaseSource>> {
    place.open().map_err(|error| match place.over_api(var) {
        Some(_) if !place.is_in_memory() => error.or_hint("ask the running server with -t api"),
        _ => error,
    })
}

/// Reports a piece of another lease file that would spoil the new one.
fn warn_of(companion: &Path, observer: &mut dyn Observer) {
    let text = "is next to the output: a Kea that loads the one reads the other too, so remove it first";
    observer.line(&format!("{} {text}", companion.display()));
}

/// One line on what was done.
fn summary(place: &LeaseLocation, counts: DumpCounts, shown: &str, origin: &Origin, seconds: f64) -> String {
    let version = origin.version.as_ref().map_or(String::new(), |version| format!(" (version {version})"));
    let config = place.config.as_ref().map_or(String::new(), |file| format!(", as {} says,", file.display()));
    let mut text = format!(
        "{} from {}{version}{config} to {shown}: {} read",
        count(counts.rows, &format!("{} lease", place.family)),
        origin.location,
        count(counts.read, "row")
    );
    if counts.released_left_out > 0 {
        let _ = write!(text, ", {} of lifetime 0 left out", count(counts.released_left_out, "released lease"));
    }
    if counts.malformed > 0 {
        let _ = write!(text, ", {} left out", count(counts.malformed, "bad row"));
    }
    text + &format!(", {seconds:.2} s")
}
