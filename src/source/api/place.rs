//! The addresses of a server's control channel, from the user's options or from Kea's configuration.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::super::options::SourceOptions;
use super::super::{Variables, kea};
use super::{Api, service, with_remedy};
use crate::config::Config;
use crate::config::control::Socket;
use crate::control::{Address, Channel, Code, Command, Credentials, Limits, Web};
use crate::error::{Error, Result};
use crate::fs::access::may_exist;
use crate::lease::Family;
use crate::tls::{SslMode, Tls};

/// The one place that the user gave.
pub(in crate::source) fn given(address: &Address, choice: &SourceOptions) -> Result<Api> {
    let address = match address {
        Address::Unix(path) => {
            refuse_login(choice)?;
            Address::Unix(path.clone())
        }
        Address::Web(web) => Address::Web(Box::new(dressed((**web).clone(), choice)?)),
    };
    Ok(Api { addresses: vec![address], patience: choice.connect_timeout })
}

/// The sockets that `config` names, and those of the Control Agent that is configured in the same directory.
pub(in crate::source) fn from_config(config: &Config, choice: &SourceOptions, var: &Variables<'_>) -> Result<Api> {
    let mut sockets = kea::control_sockets(config)?;
    sockets.extend(kea::agent_sockets(&config.file.with_file_name("kea-ctrl-agent.conf")));
    if sockets.is_empty() {
        let cause = format!("{} names no control socket", config.file.display());
        return Err(Error::new(format!("ask the running {}", config.daemon), cause).hint("name it with --socket"));
    }
    let mut addresses = Vec::new();
    for socket in &sockets {
        match socket {
            Socket::Unix(_) => addresses.extend(unix(socket, var).map(Address::Unix)),
            Socket::Web(web) => {
                let web = Web::configured(web, &Path::to_owned);
                addresses.push(Address::Web(Box::new(dressed(web, choice)?)));
            }
        }
    }
    Ok(Api { addresses, patience: choice.connect_timeout })
}

/// The families that the server at `address` serves: queried, since a socket's name does not show it.
pub(in crate::source) fn served(api: &Api) -> Result<Vec<Family>> {
    let mut families = Vec::new();
    for address in &api.addresses {
        let channel = Channel::new(address.clone(), limits(api))?;
        for family in [Family::V4, Family::V6] {
            if serves(&channel, family)? {
                families.push(family);
            }
        }
    }
    match (families.is_empty(), api.addresses.first()) {
        (true, Some(address)) => Err(Error::new(address.place(), "no DHCPv4 or DHCPv6 server answers there")),
        _ => Ok(families),
    }
}

/// Whether the server counts packets of `family`. A DHCPv6 server accepts commands for DHCPv4 leases too, but has none.
pub(super) fn serves(channel: &Channel, family: Family) -> Result<bool> {
    let name = format!("pkt{}-received", family.digit());
    let command = Command::new("statistic-get").service(service(family)).arguments(json!({ "name": name }));
    let answer = channel.send(&command).map_err(|failure| with_remedy(&failure))?;
    Ok(answer.code == Code::Success && answer.read::<Value>().is_ok_and(|statistics| statistics.get(&name).is_some()))
}

fn limits(api: &Api) -> Limits {
    Limits { time: api.patience.unwrap_or(super::PATIENCE), ..Limits::default() }
}

/// The first existing one of a socket's possible paths, else the first.
fn unix(socket: &Socket, var: &Variables<'_>) -> Option<PathBuf> {
    let mut paths = socket.paths(var);
    let present = paths.iter().position(|path| may_exist(path)).unwrap_or(0);
    (present < paths.len()).then(|| paths.swap_remove(present))
}

/// The server with the user's settings; without these, with those of the configuration.
fn dressed(web: Web, choice: &SourceOptions) -> Result<Web> {
    let tls = web.tls.map(|configured| tls(choice, configured)).transpose()?;
    Ok(Web { tls, credentials: login(choice)?.or(web.credentials), ..web })
}

/// With a named authority, or with the system's, the host name is verified.
fn tls(choice: &SourceOptions, configured: Tls) -> Result<Tls> {
    let said = &choice.tls;
    let usual = if said.trust_anchor.is_some() { None } else { configured.mode };
    let mode = said.mode.or(usual).unwrap_or(SslMode::VerifyFull);
    if mode == SslMode::Disable {
        return Err(
            Error::new("", "--ssl-mode disable cannot be used with HTTPS").hint("write http:// to connect without TLS")
        );
    }
    let (cert_file, key_file) = match &said.cert_file {
        Some(_) => (said.cert_file.clone(), said.key_file.clone()),
        None => (configured.cert_file, configured.key_file),
    };
    let trust_anchor = said.trust_anchor.clone().or(configured.trust_anchor);
    Ok(Tls { mode: Some(mode), trust_anchor, cert_file, key_file })
}

fn refuse_login(choice: &SourceOptions) -> Result<()> {
    if choice.user.is_some() || choice.password.is_some() || choice.password_file.is_some() {
        return Err(Error::new("", "a unix socket asks for no user and password").hint("use HTTP: --socket http://…"));
    }
    Ok(())
}

/// The user's credentials, if given; a password file may have the name before a colon, as Kea's may.
fn login(choice: &SourceOptions) -> Result<Option<Credentials>> {
    let from_file = choice.password_file.as_deref().map(kea::password_in).transpose()?;
    match (&choice.user, choice.password.clone().or(from_file)) {
        (None, None) => Ok(None),
        (Some(user), Some(password)) => Ok(Some(Credentials { user: user.clone(), password })),
        (Some(_), None) => Err(Error::new("", "a user is given without a password")
            .hint("give -p to be prompted for it, or --password-file FILE")),
        (None, Some(password)) => match Credentials::pair(&password) {
            Some(credentials) if choice.password_file.is_some() => Ok(Some(credentials)),
            _ => Err(Error::new("", "a password is given without a user").hint("name the user with -u USER")),
        },
    }
}
