//! The servers that are asked over their control channels.

use std::path::{Path, PathBuf};

use crate::control::Address;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::fleet::{self, ServerEndpoint, ServersFile};
use crate::fs::path::is_same_file;
use crate::fs::version::FileVersion;
use crate::installation::{LiveFiles, Running, running};
use crate::text::OneLine;

/// Which servers.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ServersArgs {
    /// Query the daemons of this Kea configuration [default: those of this host]
    #[arg(short, long, value_name = "FILE")]
    config: Vec<PathBuf>,
    /// Server to query: the path of a control socket, a URL, or a name in the file of servers
    #[arg(long, value_name = "NAME|URL|PATH")]
    server: Vec<String>,
    /// File with a list of servers, in TOML; all are queried unless --server selects some
    #[arg(long, value_name = "FILE")]
    servers: Option<PathBuf>,
}

/// What decides where the servers of this host are, without what the configurations include.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::cli) struct Traces {
    files: Vec<(Option<FileVersion>, PathBuf)>,
    processes: Vec<Running>,
}

impl ServersArgs {
    /// Fails with what does not go together.
    pub(in crate::cli) fn check(&self) -> Result<()> {
        if !self.config.is_empty() && (!self.server.is_empty() || self.servers.is_some()) {
            return Err(Error::new("", "--config cannot be used with --server or --servers")
                .hint("name the control socket of this host in the file of servers, or with --server"));
        }
        Ok(())
    }

    /// Whether they are those of this host, because none was named.
    pub(in crate::cli) fn is_this_host(&self) -> bool {
        self.config.is_empty() && self.server.is_empty() && self.servers.is_none()
    }

    /// The file of servers, if there is one.
    pub(in crate::cli) fn file(&self) -> Option<&Path> {
        self.servers.as_deref()
    }

    /// Whether they are found by Kea's configuration on this host.
    pub(in crate::cli) fn are_here(&self) -> bool {
        self.server.is_empty() && self.servers.is_none()
    }

    /// The configurations that say where they are, and the processes that use them.
    pub(in crate::cli) fn traces(&self) -> Traces {
        let files = if self.config.is_empty() { fleet::files_of_this_host() } else { self.config.clone() };
        let files = files.into_iter().map(|file| (FileVersion::of(&file), file)).collect();
        Traces { files, processes: running() }
    }

    /// Where they are. `program` is the name of the program, for remarks.
    pub(in crate::cli) fn places(&self, program: &str, env: &mut Env<'_>) -> Result<Vec<ServerEndpoint>> {
        let (places, remarks) = self.find(env)?;
        for remark in remarks {
            // A stream that is gone leaves the exit status.
            let _ = writeln!(env.stderr, "{program}: {}", OneLine(&remark));
        }
        Ok(places)
    }

    /// The same, and what is to be remarked.
    pub(in crate::cli) fn find(&self, env: &Env<'_>) -> Result<(Vec<ServerEndpoint>, Vec<String>)> {
        let file = self.servers.as_deref().map(|path| ServersFile::read(path, env.var)).transpose()?;
        let is_asked = |name: &String| self.server.is_empty() || self.server.contains(name);
        let of_servers = file.iter().flat_map(|file| &file.remarks).filter(|(name, _)| is_asked(name));
        let mut remarks: Vec<String> = of_servers.map(|(_, text)| text.clone()).collect();
        if !self.server.is_empty() {
            let places = self.server.iter().map(|text| server(text, file.as_ref()));
            return Ok((fleet::named(fleet::distinct(places.collect::<Result<_>>()?)), remarks));
        }
        if let Some(file) = file {
            return Ok((fleet::named(file.places), remarks));
        }
        let mut places = Vec::new();
        for file in &self.config {
            places.extend(fleet::configured(file, env.var)?);
        }
        if self.config.is_empty() {
            let (found, errors) = fleet::of_this_host(env.var);
            if let (true, Some(error)) = (found.is_empty(), errors.first()) {
                return Err(error.clone());
            }
            remarks.extend(errors.iter().map(ToString::to_string));
            places = found;
        }
        if places.is_empty() {
            return Err(Error::new("find Kea's servers", "this host has no configuration of Kea in a usual place")
                .hint("name one with -c, or a control socket or URL with --server"));
        }
        Ok((fleet::named_if_alike(fleet::distinct(places)), remarks))
    }

    /// The files that must not be written: those of Kea here and of the configurations that were given.
    pub(in crate::cli) fn live_files(&self, env: &Env<'_>) -> LiveFiles {
        let mut live = LiveFiles::of_this_host(env.var);
        for config in &self.config {
            live.add_configuration(config, env.var);
        }
        live
    }

    /// Refuses to write over a file that is read: the file of servers, or one that it names.
    pub(in crate::cli) fn spare(&self, output: &Path, env: &Env<'_>) -> Result<()> {
        let Some(servers) = &self.servers else { return Ok(()) };
        let named = ServersFile::read(servers, env.var)?.files;
        let mut read = std::iter::once((servers.clone(), "the file of servers")).chain(named);
        let Some((_, what)) = read.find(|(file, _)| is_same_file(file, output)) else { return Ok(()) };
        let attempted = format!("write {}", output.display());
        Err(Error::new(attempted, format!("it is {what}, which is read")).hint("choose another name"))
    }
}

/// A server as it is typed: a name in the file, a path or a URL.
fn server(text: &str, file: Option<&ServersFile>) -> Result<ServerEndpoint> {
    if let Some(place) = file.and_then(|file| file.named(text)) {
        return Ok(place.clone());
    }
    let attempted = || format!("--server {text}");
    if !text.contains('/') && !text.contains(':') {
        let cause =
            if file.is_some() { "no server of the file has this name" } else { "this is neither a path nor a URL" };
        return Err(
            Error::new(attempted(), cause).hint("name the file of servers with --servers, or write a socket as ./NAME")
        );
    }
    let address = text.parse().map_err(|cause: String| Error::new(attempted(), cause))?;
    if let Address::Unix(path) = &address
        && path.is_file()
    {
        let hint = format!("did you mean -c {}?", path.display());
        return Err(Error::new(attempted(), "this is a file, not a control socket").hint(hint));
    }
    Ok(ServerEndpoint::at(address))
}
