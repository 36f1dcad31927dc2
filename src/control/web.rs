//! A command over HTTP or HTTPS.
//!
//! No redirect is followed, no proxy used, no connection kept: data is sent only to the server that was named.

use std::io::{self, ErrorKind, Read};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::client::Resumption;
use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Connector as _, NextTimeout, TcpConnector};

use super::answer::wipe;
use super::connector::TlsConnector;
use super::{Command, Credentials, Deadline, Filter, Limits, Trouble, Web};
use crate::error::{self, io_cause};
use crate::secret::Secret;
use crate::tls;

/// How much is read, and written, at once.
const BUFFER: usize = 16 << 10;

/// A client of one server.
#[derive(Debug)]
pub(super) struct Agent {
    client: ureq::Agent,
    url: String,
    /// What is sent first, and what is sent where that is rejected.
    authorizations: Vec<Secret>,
    /// How many of them the server has rejected.
    rejected: AtomicUsize,
    limit: u64,
}

impl Agent {
    /// A client of `web`; nothing is connected yet.
    pub(super) fn new(web: &Web, limits: Limits) -> error::Result<Self> {
        let mut config = web.tls.as_ref().map(tls::client_config).transpose()?;
        if let Some(config) = &mut config {
            // Kea 2.2 rejects a resumed session of a client with a certificate.
            config.resumption = Resumption::disabled();
        }
        let config = config.map(Arc::new);
        let connector = ().chain(TcpConnector::default()).chain(TlsConnector { config, host: web.host.clone() });
        let authorizations = web.credentials.as_ref().map(authorizations).unwrap_or_default();
        let client = ureq::Agent::with_parts(configuration(limits), connector, Resolved::default());
        Ok(Self { client, url: format!("{web}/"), authorizations, rejected: AtomicUsize::new(0), limit: limits.octets })
    }

    /// Sends `command` and reads to the end of the answer, within `time`.
    pub(super) fn exchange(
        &self,
        command: &Command<'_>,
        time: Duration,
        filter: &mut Filter<'_>,
    ) -> Result<Vec<u8>, Trouble> {
        let deadline = Deadline::after(time);
        loop {
            let rejected = self.rejected.load(Relaxed);
            let left = deadline.left().ok_or(Trouble::NoAnswer)?;
            match self.exchange_as(self.authorizations.get(rejected), command, left, filter) {
                Err(Trouble::Unauthorized) if rejected + 1 < self.authorizations.len() => {
                    self.rejected.store(rejected + 1, Relaxed);
                }
                other => return other,
            }
        }
    }

    fn exchange_as(
        &self,
        authorization: Option<&Secret>,
        command: &Command<'_>,
        time: Duration,
        filter: &mut Filter<'_>,
    ) -> Result<Vec<u8>, Trouble> {
        let mut request = self.client.post(&self.url).header("Content-Type", "application/json");
        request = request.config().timeout_global(Some(time)).build();
        if let Some(authorization) = authorization {
            request = request.header("Authorization", authorization.expose());
        }
        let mut response = request.send(command.with_service()).map_err(|cause| trouble(cause, false))?;
        match response.status().as_u16() {
            200 => {}
            401 => return Err(Trouble::Unauthorized),
            403 => return Err(Trouble::Forbidden),
            other => return Err(Trouble::Status(other)),
        }
        receive(&mut response.body_mut().with_config().limit(self.limit).reader(), filter)
    }
}

/// What logs in: as the files of a configuration are, which Kea 2 takes with the line break at their ends, and without blanks
/// around, as Kea 3 takes them.
fn authorizations(credentials: &Credentials) -> Vec<Secret> {
    let (user, password) = (credentials.user.as_str(), credentials.password.expose());
    let mut pairs = vec![format!("{user}:{password}"), format!("{}:{}", user.trim(), password.trim())];
    pairs.dedup();
    pairs.into_iter().map(|pair| Secret::new(format!("Basic {}", STANDARD.encode(pair)))).collect()
}

fn receive(body: &mut impl Read, filter: &mut Filter<'_>) -> Result<Vec<u8>, Trouble> {
    let (mut answer, mut piece) = (Vec::new(), vec![0; BUFFER]);
    loop {
        match body.read(&mut piece) {
            Ok(0) => {
                wipe(&mut piece);
                return Ok(answer);
            }
            Ok(read) => filter(&piece[..read], &mut answer),
            Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
            Err(cause) => return Err(trouble(cause.into(), true)),
        }
    }
}

/// Host names are resolved in a thread, which may take any time; addresses need none.
#[derive(Debug, Default)]
struct Resolved(DefaultResolver);

impl Resolver for Resolved {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let (Ok(address), Some(port)) = (host.parse(), uri.port_u16()) else {
            return self.0.resolve(uri, config, timeout);
        };
        let mut found = self.empty();
        found.push(SocketAddr::new(address, port));
        Ok(found)
    }
}

fn configuration(limits: Limits) -> Config {
    Config::builder()
        .timeout_global(Some(limits.time))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .input_buffer_size(BUFFER)
        .output_buffer_size(BUFFER)
        .max_idle_connections(0)
        .max_idle_connections_per_host(0)
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// The library's error as one of ours; `begun` once the head of the answer was received.
fn trouble(cause: Error, begun: bool) -> Trouble {
    match cause {
        Error::Timeout(_) if begun => Trouble::Slow,
        Error::Timeout(_) => Trouble::NoAnswer,
        Error::BodyExceedsLimit(_) => Trouble::TooLarge,
        Error::HostNotFound => no_address(),
        Error::Protocol(_) if begun => Trouble::NotKea("it breaks the rules of HTTP".to_owned()),
        Error::Protocol(_) | Error::Http(_) => Trouble::NotHttp,
        Error::LargeResponseHeader(..) => Trouble::NotKea("the head of the answer has no end".to_owned()),
        Error::Other(cause) => objection(&*cause).unwrap_or_else(|| Trouble::Lost(String::new())),
        Error::Io(cause) => objection(&cause).unwrap_or_else(|| broken(&cause, begun)),
        Error::ConnectionFailed => Trouble::Refused,
        Error::BodyStalled => Trouble::Truncated,
        _ => Trouble::Lost(String::new()),
    }
}

fn broken(cause: &io::Error, begun: bool) -> Trouble {
    match cause.kind() {
        ErrorKind::ConnectionRefused => Trouble::Refused,
        ErrorKind::UnexpectedEof if begun => Trouble::Truncated,
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => Trouble::Silent,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Trouble::Unreachable,
        // The resolver's errors have no number.
        _ if !begun && cause.raw_os_error().is_none() => no_address(),
        _ if cause.raw_os_error().is_none() => Trouble::Lost(String::new()),
        _ => Trouble::Lost(io_cause(cause)),
    }
}

fn no_address() -> Trouble {
    Trouble::Unusable("no address is known for this host; check the name, or give the address".to_owned())
}

fn objection(cause: &(dyn std::error::Error + 'static)) -> Option<Trouble> {
    tls::objection(cause).map(|(words, hint)| Trouble::Tls(words, hint))
}
