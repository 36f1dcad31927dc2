//! kea-lease-dump: every lease, from every backend, as a file that Kea itself loads.

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, Parser};

use super::dump::{self, Counts, Request};
use super::filter_args::{self, FilterArgs};
use super::live_files;
use super::manifest::{Entry, Hashing, Manifest};
use super::source_args::{SourceArgs, refuse_typed_password};
use super::telling::Telling;
use crate::env::Env;
use crate::env::outfile::OutFile;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::installation::LiveFiles;
use crate::lease::Family;
use crate::lease::anonymise::Anonymiser;
use crate::lease::filter::Filter;
use crate::lease::target::Target;
use crate::output::{Format, Style};
use crate::path;
use crate::source::{self, LeaseSource, Located, Order, Origin};
use crate::text::count;
use crate::time::{self, TimeStyle};

const NAME: &str = "kea-lease-dump";

/// Write every lease of a Kea DHCP server into a file that Kea loads
///
/// Without any option the leases are those of this machine's Kea, wherever its configuration says they are: in a
/// lease file, MySQL, MariaDB or PostgreSQL. They go to standard output. See kea-lease-dump(8).
#[derive(Debug, Parser)]
#[command(name = NAME, version, disable_help_flag = true, disable_version_flag = true, max_term_width = 100)]
struct Args {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    which: FilterArgs,
    #[command(flatten)]
    output: OutputArgs,
    /// Say what was read and written
    #[arg(short, long, help_heading = "Other")]
    verbose: bool,
    /// Print help
    #[arg(long, action = clap::ArgAction::HelpShort, help_heading = "Other")]
    help: Option<bool>,
    /// Print version
    #[arg(short = 'V', long, action = clap::ArgAction::Version, help_heading = "Other")]
    version: Option<bool>,
}

/// What is written, and where.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What is written")]
struct OutputArgs {
    /// File to write, or directory for kea-leases4.csv and kea-leases6.csv; - is standard output
    #[arg(short, long, value_name = "FILE|DIR|-", default_value = "-", hide_default_value = true)]
    output: PathBuf,
    /// Format
    #[arg(short, long, value_name = "FORMAT", default_value = "memfile")]
    format: Format,
    /// Release of Kea that is to load the file, such as 2.2 [default: the newest]
    #[arg(long = "for", value_name = "VERSION")]
    target: Option<Target>,
    /// Order the rows
    #[arg(long, value_name = "KEY", value_parser = ["address"])]
    sort: Option<String>,
    /// Stop at the first bad row; then no file is changed
    #[arg(long)]
    strict: bool,
    /// Replace names, hardware addresses, client identifiers, DUIDs and the strings of user contexts
    #[arg(long)]
    anonymize: bool,
    /// File with a secret of at least 16 octets: the same replacements in every run that has it
    #[arg(long, value_name = "FILE", requires = "anonymize")]
    anonymize_key: Option<PathBuf>,
    /// Replace leased addresses and prefixes too; what they have in common stays common
    #[arg(long, requires = "anonymize")]
    anonymize_addresses: bool,
    /// Write what was dumped, with its SHA-256, as JSON
    #[arg(long, value_name = "FILE", value_parser = file_name)]
    manifest: Option<PathBuf>,
    /// With csv: times in UTC
    #[arg(long, conflicts_with = "epoch")]
    utc: bool,
    /// With csv: times in seconds since 1970
    #[arg(long)]
    epoch: bool,
}

fn file_name(text: &str) -> std::result::Result<PathBuf, String> {
    match text {
        "-" => Err("a file is needed, standard output is for the leases".into()),
        _ => Ok(text.into()),
    }
}

/// The command line.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}

/// Runs the program.
pub fn run(env: &mut Env<'_>) -> Result<Exit> {
    refuse_typed_password(&env.args, &command())?;
    let args: Args = match super::parse(command(), env)? {
        Ok(args) => args,
        Err(exit) => return Ok(exit),
    };
    args.source.only_files()?;
    let filter = args.which.filter(env.clock.now(), args.source.lease_types());
    let places = args.source.locate(filter_args::family(&filter)?, env)?;
    let outputs = args.output.paths(&places)?;
    let targets: Vec<&PathBuf> = outputs.iter().flatten().chain(&args.output.manifest).collect();
    let is_redirected = outputs.contains(&None) && live_files::is_stdout_a_file();
    let mut live = LiveFiles::default();
    if is_redirected || !targets.is_empty() {
        live = live_files::of(&args.source, &places, !targets.is_empty(), env.var);
    }
    refuse_targets(&targets, &live)?;
    if is_redirected {
        live.refuse_stdout()?;
    }
    let anonymiser = args.output.anonymiser(env)?;
    let mut telling = Telling::of(NAME, &mut *env.stderr, env.stderr_is_terminal, env.clock);
    for remark in places.iter().flat_map(|place| &place.remarks) {
        telling.remark(remark);
    }
    let sources = places.iter().map(|place| open(place, env.var)).collect::<Result<Vec<_>>>()?;
    let what = What { args: &args, filter, anonymiser, live };
    let manifest = dump_all(&what, &places, sources, outputs, &mut *env.stdout, &mut telling)?;
    let is_complete = manifest.dumps.iter().all(|entry| entry.counts.is_complete());
    Ok(if is_complete { Exit::Done } else { Exit::Unknown })
}

/// Refuses to write a file that a server uses, one that is read, or one file twice.
fn refuse_targets(targets: &[&PathBuf], live: &LiveFiles) -> Result<()> {
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
fn open(place: &Located, var: &source::Variables<'_>) -> Result<Box<dyn LeaseSource>> {
    place.open().map_err(|error| match place.over_api(var) {
        Some(_) => error.or_hint("-t api asks the running server instead"),
        None => error,
    })
}

/// Dumps each place into its output. Old files go only when all new ones are whole.
fn dump_all(
    what: &What<'_>,
    places: &[Located],
    mut sources: Vec<Box<dyn LeaseSource>>,
    outputs: Vec<Option<PathBuf>>,
    stdout: &mut dyn Write,
    telling: &mut Telling<'_>,
) -> Result<Manifest> {
    let args = what.args;
    let create = |path: &Path| OutFile::create(path, &what.live);
    let manifest_file = args.output.manifest.as_deref().map(create).transpose()?;
    let mut manifest = Manifest { tool: format!("{NAME} {}", env!("CARGO_PKG_VERSION")), dumps: Vec::new() };
    let mut files = Vec::new();
    for ((place, source), output) in places.iter().zip(&mut sources).zip(outputs) {
        let mut job = Job { what, place, source: source.as_mut() };
        manifest.dumps.push(match output {
            None => job.run(stdout, "-", telling)?,
            Some(path) => {
                if args.output.format == Format::Memfile {
                    for companion in source::companions_of(&path) {
                        warn_of(&companion, telling);
                    }
                }
                let mut file = create(&path)?;
                let entry = job.run(&mut file, &path.display().to_string(), telling)?;
                files.push(file);
                entry
            }
        });
    }
    if let (Some(mut file), Some(path)) = (manifest_file, &args.output.manifest) {
        manifest.write(&mut file).map_err(|cause| Error::io(format!("write {}", path.display()), &cause))?;
        files.push(file);
    }
    OutFile::commit_all(files)?;
    Ok(manifest)
}

/// Tells of a piece of another lease file that would spoil the new one.
fn warn_of(companion: &Path, telling: &mut Telling<'_>) {
    let text = "stands beside the output: a Kea that loads the one reads the other too, so remove it first";
    telling.line(&format!("{} {text}", companion.display()));
}

/// What is dumped, and as what.
struct What<'a> {
    args: &'a Args,
    filter: Filter,
    anonymiser: Option<Anonymiser>,
    live: LiveFiles,
}

/// The dump of one place.
struct Job<'a> {
    what: &'a What<'a>,
    place: &'a Located,
    source: &'a mut dyn LeaseSource,
}

impl Job<'_> {
    /// Dumps into `out`, called `name`.
    fn run(&mut self, out: &mut dyn Write, name: &str, telling: &mut Telling<'_>) -> Result<Entry> {
        let What { args, filter, anonymiser, .. } = self.what;
        let output = &args.output;
        let filter = (!filter.is_empty()).then(|| filter.with_network(source::network_of(self.place).as_ref()));
        if let Some(filter) = &filter {
            self.source.narrow(filter);
        }
        let style = output.style();
        let order = if output.sort.is_some() { Order::Address } else { Order::Stored };
        let family = self.place.family;
        let (filter, anonymiser) = (filter.as_ref(), anonymiser.as_ref());
        let request = Request { family, style, filter, order, strict: output.strict, anonymiser };
        let shown = if name == "-" { "standard output" } else { name };
        let (started, begun) = (telling.clock.now(), telling.clock.monotonic());
        let (counts, sha256) = if output.manifest.is_some() {
            let mut hashing = Hashing::new(out);
            let counts = dump::run(self.source, &request, &mut hashing, shown, telling)?;
            (counts, hashing.finish())
        } else {
            (dump::run(self.source, &request, out, shown, telling)?, String::new())
        };
        let origin = self.source.origin();
        if args.verbose {
            let seconds = (telling.clock.monotonic().saturating_sub(begun)).as_secs_f64();
            telling.line(&summary(self.place, counts, shown, &origin, seconds));
        } else if !counts.is_complete() {
            telling.line(&format!("{} left out of {shown}", count(counts.malformed, "bad row")));
        }
        Ok(Entry {
            family: family.digit(),
            source: origin,
            output: name.to_owned(),
            format: style.format.name(),
            made_for: (style.format == Format::Memfile).then(|| style.target.to_string()),
            anonymized: anonymiser.is_some(),
            counts,
            sha256,
            started: time::show(started, TimeStyle::Utc),
            finished: time::show(telling.clock.now(), TimeStyle::Utc),
        })
    }
}

impl OutputArgs {
    fn style(&self) -> Style {
        let time = match (self.utc, self.epoch) {
            (true, _) => TimeStyle::Utc,
            (_, true) => TimeStyle::Epoch,
            _ => TimeStyle::Local,
        };
        Style { format: self.format, target: self.target.unwrap_or(Target::NEWEST), time }
    }

    /// Where each place's leases go; `None` is stdout.
    fn paths(&self, places: &[Located]) -> Result<Vec<Option<PathBuf>>> {
        let families: Vec<_> = places.iter().map(|place| place.family).collect();
        let is_stdout = self.output.as_os_str() == "-";
        if self.output.is_dir() && !is_stdout {
            return Ok(families.iter().map(|family| Some(self.output.join(self.file_name(*family)))).collect());
        }
        if path::names_a_directory(&self.output) {
            return Err(Error::new(format!("write {}", self.output.display()), "there is no such directory")
                .hint(format!("mkdir {} makes it", self.output.display())));
        }
        match (places, is_stdout) {
            ([_], true) => Ok(vec![None]),
            ([_], _) => Ok(vec![Some(self.output.clone())]),
            _ if places.iter().all(|place| place.family == places[0].family) => {
                Err(Error::new("", "several lease files are named, and one output cannot hold more than one's leases")
                    .hint("dump each of them by itself"))
            }
            _ => Err(Error::new("", "there are DHCPv4 and DHCPv6 leases, and one output cannot hold both")
                .hint("-4 or -6 chooses, -o DIRECTORY takes both; the directory must exist")),
        }
    }

    fn file_name(&self, family: Family) -> PathBuf {
        let name = Path::new(family.file_name());
        match self.format {
            Format::Memfile | Format::Csv => name.to_owned(),
            Format::Json | Format::Ndjson => name.with_extension(self.format.name()),
        }
    }

    fn anonymiser(&self, env: &mut Env<'_>) -> Result<Option<Anonymiser>> {
        if !self.anonymize {
            return Ok(None);
        }
        let key = if let Some(path) = &self.anonymize_key {
            source::secret_key(path)?
        } else {
            let mut key = vec![0; 32];
            (env.random)(&mut key).map_err(|cause| Error::io("make a random key", &cause))?;
            key
        };
        Ok(Anonymiser::new(&key, self.anonymize_addresses))
    }
}

/// One line on what was done.
fn summary(place: &Located, counts: Counts, shown: &str, origin: &Origin, seconds: f64) -> String {
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
