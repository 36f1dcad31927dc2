//! The configuration of a daemon, as far as it is needed while the daemon is asked again and again.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::config::{Config, Document};
use crate::redact;
use crate::stats::reading::as_float;
use crate::stats::scope::Scope;
use crate::stats::snapshot::Statistics;
use crate::usage::{Layout, Subnet};

/// The text of a configuration without what else may be a secret in it.
pub(super) fn redacted(text: String) -> Option<Arc<str>> {
    let value = serde_json::to_value(document(text).value()).ok()?;
    Some(Arc::from(redact::json(value).to_string()))
}

pub(super) fn document(text: String) -> Document {
    let mut reader = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
    Document::parse(Path::new("config-get"), text.into_bytes(), &mut reader)
}

/// A configuration without its subnets, and what these are.
pub(super) struct Read {
    pub(super) config: Config,
    pub(super) layout: Layout,
}

impl Read {
    pub(super) fn new(mut config: Config) -> Self {
        let mut layout = Layout::new(&config);
        layout.has_all_reservations &= config.server.hosts_databases().next().is_none();
        config.forget_subnets();
        Self { config, layout }
    }
}

/// Reads a configuration in a thread of its own, one at a time: memory that a thread has used stays with it, and the next one takes
/// it over. The layout is a copy in memory of the caller.
pub(super) fn apart(read: impl FnOnce() -> Option<Read> + Send) -> Option<Read> {
    static READING: Mutex<()> = Mutex::new(());
    let _alone = READING.lock().unwrap_or_else(PoisonError::into_inner);
    let read = thread::scope(|scope| thread::Builder::new().spawn_scoped(scope, read).ok()?.join().ok()?)?;
    Some(Read { layout: read.layout.clone(), config: read.config })
}

/// Whether a server counts as many addresses in a subnet as its configuration file has; what it does not count may be anything.
pub(super) fn has_size(counts: &Statistics, layout: &Layout, subnet: &Subnet) -> bool {
    let size: u128 =
        layout.pools[subnet.pools.clone()].iter().map(crate::usage::Pool::size).fold(0, u128::saturating_add);
    let names = ["total-addresses", "total-nas"];
    let counted = names.iter().find_map(|name| counts.get(Scope::Subnet(subnet.id), name));
    counted.is_none_or(|counted| (counted - as_float(size)).abs() < 0.5)
}
