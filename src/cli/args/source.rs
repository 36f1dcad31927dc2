//! The source arguments of every program that reads leases.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use crate::cli::number::{self, number};
use crate::control::Address;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::lease::filter::LeaseSelector;
use crate::lease::{Family, LeaseType};
use crate::secret::Secret;
use crate::source::database::{Backend, KeaZone, SslMode, Tls};
use crate::source::{self, LeaseLocation, SourceKind, SourceOptions};
use crate::time::Zone;

/// The source options.
#[derive(Debug, Args)]
#[command(next_help_heading = "Source")]
pub(in crate::cli) struct SourceArgs {
    /// DHCPv4 leases
    #[arg(short = '4')]
    ipv4: bool,
    /// DHCPv6 leases
    #[arg(short = '6')]
    ipv6: bool,
    /// Kea's configuration, a file or a directory [default: in the usual places]
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Source of the leases: memfile, mysql (mariadb), pgsql (postgresql), or api, the running server
    #[arg(short = 't', long = "type", value_name = "TYPE", value_parser = type_parser(), hide_possible_values = true)]
    types: Vec<TypeWord>,
    /// Database name; with memfile, the lease file
    #[arg(short, long, value_name = "NAME")]
    name: Option<OsString>,
    /// Database host; a path is a socket or a directory of sockets
    #[arg(short = 'h', long, value_name = "HOST")]
    host: Option<String>,
    /// Control channel of a running server: a unix socket, or http:// or https:// with host and port
    #[arg(long, value_name = "PATH|URL", hide_short_help = true)]
    socket: Option<String>,
    /// TCP port of the database server
    #[arg(short = 'P', long, value_name = "PORT", value_parser = number::port, hide_short_help = true)]
    port: Option<u16>,
    /// User name for the database, or for HTTP
    #[arg(short, long, value_name = "USER")]
    user: Option<String>,
    /// Prompt for the password (never give it on the command line)
    #[arg(short, long, conflicts_with = "password_file")]
    password: bool,
    /// File whose first line is the password
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    password_file: Option<PathBuf>,
    /// Use of TLS: disable, prefer, require, verify-ca, verify-full
    #[arg(long, value_name = "MODE", value_parser = PossibleValuesParser::new(SslMode::NAMES), hide_possible_values = true, hide_short_help = true)]
    ssl_mode: Option<String>,
    /// Trusted certificate authorities, a PEM file or a directory of them
    #[arg(long, value_name = "PATH", hide_short_help = true)]
    trust_anchor: Option<PathBuf>,
    /// Client certificate, PEM
    #[arg(long, value_name = "FILE", requires = "key_file", hide_short_help = true)]
    cert_file: Option<PathBuf>,
    /// Private key of the client certificate, PEM
    #[arg(long, value_name = "FILE", requires = "cert_file", hide_short_help = true)]
    key_file: Option<PathBuf>,
    /// Time limit for connecting to the database server [default: 5], and for each answer with api [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = number::<u32>("a whole number of seconds", 1..=86400), hide_short_help = true)]
    connect_timeout: Option<u32>,
    /// Time zone of Kea's times in MySQL: database, local, or a name such as Europe/Zurich
    #[arg(long, value_name = "ZONE", value_parser = zone, hide_short_help = true)]
    time_zone: Option<KeaZone>,
    /// Lease file to read
    #[arg(value_name = "FILE")]
    words: Vec<OsString>,
}

impl SourceArgs {
    /// The selected places, with leases of the `only` family if there is one; prompts for a password with `-p`.
    pub(in crate::cli) fn locate(&self, only: Option<Family>, env: &mut Env<'_>) -> Result<Vec<LeaseLocation>> {
        self.locate_each(only, env)?.into_iter().collect()
    }

    /// The same with a failure in place of each family whose place cannot be found.
    pub(in crate::cli) fn locate_each(
        &self,
        only: Option<Family>,
        env: &mut Env<'_>,
    ) -> Result<Vec<Result<LeaseLocation>>> {
        let chosen = [(self.ipv4, Family::V4), (self.ipv6, Family::V6)];
        let chosen: Vec<Family> = chosen.into_iter().filter_map(|(on, it)| on.then_some(it)).collect();
        let families = match only {
            None => chosen,
            Some(family) if chosen.is_empty() || chosen.contains(&family) => vec![family],
            Some(family) => {
                let (flag, cause) = (chosen[0].digit(), format!("what is asked for can only be a {family} lease"));
                return Err(Error::new("", cause).hint(format!("leave -{flag} out")));
            }
        };
        self.choice(self.ask(env)?, env.zone())?.locate_each(&families, env.var)
    }

    /// Kea's configuration, if one was named.
    pub(in crate::cli) fn config(&self) -> Option<&Path> {
        self.config.as_deref()
    }

    /// The positional arguments that are not lease files, for a program that understands them. After `-p` one may be a
    /// password: it is not printed.
    pub(in crate::cli) fn wanted(&self) -> Result<Vec<LeaseSelector>> {
        self.others().map(|word| self.meaning(word)).collect()
    }

    fn meaning(&self, word: &OsStr) -> Result<LeaseSelector> {
        match word.to_str().map(str::parse::<LeaseSelector>) {
            Some(Ok(wanted @ (LeaseSelector::Address(_) | LeaseSelector::Range(_)))) => Ok(wanted),
            _ if self.password => Err(password_typed()),
            Some(Ok(wanted)) => Ok(wanted),
            Some(Err(why)) => Err(Error::new(format!("\"{}\"", word.display()), why)),
            None => Err(Error::new(format!("\"{}\"", word.display()), "it is not UTF-8")
                .hint("--search looks for text in UTF-8")),
        }
    }

    /// The positional arguments that are not lease files, as text. After `-p` one may be a password: it is not printed.
    pub(in crate::cli) fn words(&self) -> Result<Vec<&str>> {
        let text = |word: &OsStr| Err(Error::new(format!("\"{}\"", word.display()), "it is not UTF-8"));
        let words = self.others().map(|word| match word.to_str() {
            Some(text)
                if !self.password
                    || text.parse::<LeaseSelector>().is_ok_and(|it| !matches!(it, LeaseSelector::Text(_))) =>
            {
                Ok(text)
            }
            _ if self.password => Err(password_typed()),
            _ => text(word),
        });
        words.collect()
    }

    /// Refuses positional arguments that are not lease files.
    pub(in crate::cli) fn only_files(&self) -> Result<()> {
        match self.others().next() {
            None => Ok(()),
            Some(_) if self.password => Err(password_typed()),
            Some(other) => {
                let what =
                    if Path::new(other).is_file() { "it is no lease file" } else { "there is no such lease file" };
                let error = Error::new("", format!("unexpected argument \"{}\": {what}", other.display()));
                let is_kind = |kind: &&str| other == *kind;
                Err(match ["memfile", "mysql", "pgsql", "api"].into_iter().find(is_kind) {
                    Some(kind) => error.hint(format!("give the type with -t {kind}")),
                    None => error.hint("select leases with --search TEXT; see --help for the options"),
                })
            }
        }
    }

    fn others(&self) -> impl Iterator<Item = &OsStr> {
        self.words.iter().map(OsString::as_os_str).filter(|word| !is_file(word))
    }

    /// The lease files that were named: without an option, or by `-n` alone.
    fn files(&self) -> Result<Vec<PathBuf>> {
        let files = self.words.iter().filter(|word| is_file(word)).map(|word| named(word));
        let is_of_a_server = self.host.is_some() || self.port.is_some() || self.user.is_some() || self.socket.is_some();
        let by_name = self
            .name
            .iter()
            .filter(|name| !is_of_a_server && (*name == "-" || source::is_lease_file(name)))
            .map(|name| named(name));
        let by_name: Vec<_> = if self.kind()?.is_none() { by_name.collect() } else { Vec::new() };
        Ok(files.chain(by_name).collect())
    }

    /// The types of leases that `--type` names; it is the same word for two things.
    pub(in crate::cli) fn lease_types(&self) -> impl Iterator<Item = LeaseType> {
        self.types.iter().filter_map(|word| match word {
            TypeWord::Lease(kind) => Some(*kind),
            TypeWord::Place(_) => None,
        })
    }

    /// The kind of place that `--type` names.
    fn kind(&self) -> Result<Option<SourceKind>> {
        let mut kinds = self.types.iter().filter_map(|word| match word {
            TypeWord::Place(kind) => Some(*kind),
            TypeWord::Lease(_) => None,
        });
        let first = kinds.next();
        match kinds.next() {
            Some(_) => Err(Error::new("", "-t names two kinds of places").hint("name only one")),
            None => Ok(first),
        }
    }

    fn ask(&self, env: &mut Env<'_>) -> Result<Option<Secret>> {
        if !self.password {
            return Ok(None);
        }
        let answer = (env.prompt)("Password: ").map_err(|cause| {
            Error::io("ask for the password", &cause).hint("--password-file or KEA_ADMIN_DB_PASSWORD do without asking")
        })?;
        Ok(Some(Secret::new(answer)))
    }

    /// Refuses what may have a password in it, without repeating it: a URL as a host, a connection string as a name.
    fn refuse_connection_strings(&self) -> Result<()> {
        let is_url = |text: &str| text.contains("://");
        let is_string = |text: &str| is_url(text) || text.contains("password=");
        let hint = "-h HOST, -P PORT, -u USER and -n NAME say where the database is, -p asks for the password";
        if self.host.as_deref().is_some_and(is_url) {
            return Err(Error::new("--host", "a URL is no name or address of a host").hint(hint));
        }
        if self.name.as_ref().and_then(|name| name.to_str()).is_some_and(is_string) {
            return Err(Error::new("--name", "a connection string is no name of a database").hint(hint));
        }
        Ok(())
    }

    fn choice(&self, password: Option<Secret>, zone: Zone) -> Result<SourceOptions> {
        self.refuse_connection_strings()?;
        let files = self.files()?;
        // The name of a lease file is not that of a database.
        let is_file = |name: &OsString| files.iter().any(|file| *file == named(name));
        Ok(SourceOptions {
            config: self.config.clone(),
            kind: self.kind()?,
            socket: self.socket.as_deref().map(address).transpose()?,
            name: self.name.clone().filter(|name| !is_file(name)),
            files: files.clone(),
            host: self.host.clone(),
            port: self.port,
            user: self.user.clone(),
            password,
            password_file: self.password_file.clone(),
            tls: Tls {
                mode: self.ssl_mode.as_deref().and_then(SslMode::from_name),
                trust_anchor: self.trust_anchor.clone(),
                cert_file: self.cert_file.clone(),
                key_file: self.key_file.clone(),
            },
            connect_timeout: self.connect_timeout.map(|seconds| Duration::from_secs(seconds.into())),
            kea_zone: self.time_zone.unwrap_or_default(),
            zone,
        })
    }
}

/// Whether a positional argument is a lease file; an address or a range is not.
fn is_file(word: &OsStr) -> bool {
    let is_text = word.to_str().is_none_or(|text| matches!(text.parse(), Ok(LeaseSelector::Text(_))));
    word == "-" || (is_text && source::is_lease_file(word))
}

/// The file with this name; `-` is standard input.
fn named(word: &OsStr) -> PathBuf {
    if word == "-" { PathBuf::from("/dev/stdin") } else { word.into() }
}

/// The address of a control channel. An address with a password in it is not printed.
fn address(typed: &str) -> Result<Address> {
    let shown = if typed.contains('@') { String::new() } else { format!(" \"{typed}\"") };
    typed.parse().map_err(|cause: String| Error::new(format!("--socket{shown}"), cause))
}

/// Refuses a password on the command line of `command` before clap could quote it in an error.
pub(in crate::cli) fn refuse_typed_password(args: &[OsString], command: &clap::Command) -> Result<()> {
    // Letters that take no value may come before and after the p.
    let plain = command.get_arguments().filter(|arg| !arg.get_action().takes_values() && arg.get_id() != "password");
    let letters: Vec<char> = plain.filter_map(clap::Arg::get_short).collect();
    let is_letter = |octet: &u8| letters.contains(&char::from(*octet));
    let typed = |arg: &OsString| match arg.as_encoded_bytes() {
        [b'-', b'-', word @ ..] => word.starts_with(b"password="),
        [b'-', letters @ ..] => {
            let bundle = letters.iter().skip_while(|octet| is_letter(octet)).copied().collect::<Vec<_>>();
            bundle.strip_prefix(b"p").is_some_and(|value| !value.iter().all(is_letter))
        }
        _ => false,
    };
    if args.iter().skip(1).any(typed) { Err(password_typed()) } else { Ok(()) }
}

fn password_typed() -> Error {
    Error::new("", "-p takes no value: a password on a command line is seen by every user of this machine")
        .hint("give -p alone to be prompted for it, or use --password-file FILE or KEA_ADMIN_DB_PASSWORD")
}

/// What follows `-t`.
#[derive(Debug, Clone, Copy)]
enum TypeWord {
    /// A kind of place.
    Place(SourceKind),
    /// A type of DHCPv6 lease.
    Lease(LeaseType),
}

fn type_parser() -> impl clap::builder::TypedValueParser<Value = TypeWord> {
    use clap::builder::PossibleValue;
    let names = [
        PossibleValue::new("memfile"),
        PossibleValue::new("mysql").alias("mariadb"),
        PossibleValue::new("pgsql").alias("postgresql"),
        PossibleValue::new("api"),
        PossibleValue::new("na").hide(true),
        PossibleValue::new("pd").hide(true),
    ];
    PossibleValuesParser::new(names).map(|name| match name.as_str() {
        "memfile" => TypeWord::Place(SourceKind::Memfile),
        "api" => TypeWord::Place(SourceKind::Api),
        "mysql" | "mariadb" => TypeWord::Place(SourceKind::Database(Backend::Mysql)),
        "na" => TypeWord::Lease(LeaseType::Na),
        "pd" => TypeWord::Lease(LeaseType::Pd),
        _ => TypeWord::Place(SourceKind::Database(Backend::Postgres)),
    })
}

fn zone(text: &str) -> std::result::Result<KeaZone, String> {
    match text {
        "database" => Ok(KeaZone::Database),
        "local" => Ok(KeaZone::Local),
        name => name
            .parse()
            .map(KeaZone::Named)
            .map_err(|_| "expected database, local or a zone such as Europe/Zurich".into()),
    }
}
