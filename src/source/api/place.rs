//! Where a server may be asked: as a user said, or as Kea's configuration does.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::super::choice::Choice;
use super::super::{Variables, kea};
use super::{Api, service, told};
use crate::config::control::{Client, Socket, Web as Configured};
use crate::config::{Daemon, KeaConfig};
use crate::control::{Address, Channel, Code, Command, Credentials, Limits, Web};
use crate::error::{Error, Result};
use crate::lease::Family;
use crate::secret::Secret;
use crate::tls::{SslMode, Tls};

/// The one place that was said.
pub(in crate::source) fn given(address: &Address, choice: &Choice) -> Result<Api> {
    let address = match address {
        Address::Unix(path) => {
            refuse_login(choice)?;
            Address::Unix(path.clone())
        }
        Address::Web(web) => {
            let tls = web.tls.as_ref().map(|_| tls(choice, &Tls::default(), SslMode::VerifyFull)).transpose()?;
            Address::Web(Box::new(Web { tls, credentials: login(choice)?, ..(**web).clone() }))
        }
    };
    Ok(Api { addresses: vec![address], patience: choice.connect_timeout })
}

/// The places that `config` names, and the Control Agent's that is configured beside it.
pub(in crate::source) fn from_config(config: &KeaConfig, choice: &Choice, var: &Variables<'_>) -> Result<Api> {
    let wanted = match config.family {
        Family::V4 => Daemon::Dhcp4,
        Family::V6 => Daemon::Dhcp6,
    };
    let mut sockets = kea::control_sockets(&config.file, wanted)?;
    let agent = config.file.with_file_name("kea-ctrl-agent.conf");
    // Who cannot read that has the server's own sockets.
    sockets.extend(kea::control_sockets(&agent, Daemon::CtrlAgent).unwrap_or_default());
    if sockets.is_empty() {
        let cause = format!("{} names no control socket", config.file.display());
        return Err(
            Error::new(format!("ask the running {} server", config.family), cause).hint("--socket says where it is")
        );
    }
    let mut addresses = Vec::new();
    for socket in &sockets {
        match socket {
            Socket::Unix(_) => addresses.extend(unix(socket, var).map(Address::Unix)),
            Socket::Web(web) => addresses.push(Address::Web(Box::new(as_configured(web, choice)?))),
        }
    }
    Ok(Api { addresses, patience: choice.connect_timeout })
}

/// The families that the server at `address` serves: asked, since a socket's name says nothing.
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

/// Whether the server counts packets of `family`. A DHCPv6 server takes commands for DHCPv4 leases too, and has none.
pub(super) fn serves(channel: &Channel, family: Family) -> Result<bool> {
    let name = format!("pkt{}-received", family.digit());
    let command = Command::new("statistic-get").service(service(family)).arguments(json!({ "name": name }));
    let answer = channel.send(&command).map_err(|failure| told(&failure))?;
    Ok(answer.code == Code::Success && answer.read::<Value>().is_ok_and(|statistics| statistics.get(&name).is_some()))
}

fn limits(api: &Api) -> Limits {
    Limits { time: api.patience.unwrap_or(super::PATIENCE), ..Limits::default() }
}

/// The first of the paths a socket may have at which there is something, else the first.
fn unix(socket: &Socket, var: &Variables<'_>) -> Option<PathBuf> {
    let mut paths = socket.paths(var);
    let present = paths.iter().position(|path| kea::may_exist(path)).unwrap_or(0);
    (present < paths.len()).then(|| paths.swap_remove(present))
}

fn as_configured(web: &Configured, choice: &Choice) -> Result<Web> {
    let host = match web.address.as_str() {
        // Everywhere is also here.
        "0.0.0.0" => "127.0.0.1",
        "::" => "::1",
        other => other,
    };
    let credentials = match login(choice)? {
        Some(credentials) => Some(credentials),
        None => web.clients.iter().find_map(|client| known(client, web.directory.as_deref())),
    };
    let tls = web.is_secure.then(|| {
        let own = |file: &Option<PathBuf>| file.clone().filter(|_| web.cert_required);
        let said = Tls {
            mode: None,
            trust_anchor: web.trust_anchor.clone(),
            cert_file: own(&web.cert_file),
            key_file: own(&web.key_file),
        };
        // The configuration says who signs certificates, not what this machine is called in them.
        let mode = if choice.tls.trust_anchor.is_some() { SslMode::VerifyFull } else { SslMode::VerifyCa };
        tls(choice, &said, mode)
    });
    Ok(Web { host: host.to_owned(), port: web.port, tls: tls.transpose()?, credentials })
}

/// How TLS is to be spoken: as the user said, else as `said`.
fn tls(choice: &Choice, said: &Tls, usual: SslMode) -> Result<Tls> {
    let mode = choice.tls.mode.unwrap_or(usual);
    if mode == SslMode::Disable {
        return Err(Error::new("", "--ssl-mode disable and HTTPS exclude each other").hint("http:// goes without TLS"));
    }
    let identity = if choice.tls.cert_file.is_some() { &choice.tls } else { said };
    Ok(Tls {
        mode: Some(mode),
        trust_anchor: choice.tls.trust_anchor.clone().or(said.trust_anchor.clone()),
        cert_file: identity.cert_file.clone(),
        key_file: identity.key_file.clone(),
    })
}

fn refuse_login(choice: &Choice) -> Result<()> {
    if choice.user.is_some() || choice.password.is_some() || choice.password_file.is_some() {
        return Err(Error::new("", "a unix socket asks for no user and password").hint("HTTP does: --socket http://…"));
    }
    Ok(())
}

/// Who asks, as far as the user said; a password file may hold the name before a colon, as Kea's may.
fn login(choice: &Choice) -> Result<Option<Credentials>> {
    let from_file = choice.password_file.as_deref().map(kea::password_in).transpose()?;
    match (&choice.user, choice.password.clone().or(from_file)) {
        (None, None) => Ok(None),
        (Some(user), Some(password)) => Ok(Some(Credentials { user: user.clone(), password })),
        (Some(_), None) => {
            Err(Error::new("", "a user has a password").hint("-p asks you for it; --password-file FILE holds it"))
        }
        (None, Some(password)) => match pair(&password) {
            Some(credentials) if choice.password_file.is_some() => Ok(Some(credentials)),
            _ => Err(Error::new("", "whose password is this?").hint("-u USER says it")),
        },
    }
}

fn pair(text: &Secret) -> Option<Credentials> {
    let (user, password) = text.expose().split_once(':')?;
    Some(Credentials { user: user.to_owned(), password: Secret::new(password.to_owned()) })
}

/// A client of the configuration whose name and password this user may know.
fn known(client: &Client, directory: Option<&Path>) -> Option<Credentials> {
    let read = |file: &Path| kea::whole_secret(&directory.map_or(file.to_owned(), |directory| directory.join(file)));
    let password = client.password.clone().or_else(|| read(client.password_file.as_deref()?))?;
    let user = client.user.clone().or_else(|| Some(read(client.user_file.as_deref()?)?.expose().to_owned()));
    match user {
        Some(user) => Some(Credentials { user, password }),
        None => pair(&password),
    }
}
