//! A small HTTP server for a monitor.
//!
//! It runs in a thread of its own and passes each request for the page on to the program ([`Serving::next`]). A client
//! can cost no more than one of a few connections, for a limited time: what it does not send or read in time ends the connection. TLS and
//! logins are a reverse proxy's task.

mod body;
mod http;
mod idle;
mod listener;

use std::io::{self, Write};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

pub use listener::Listener;

use crate::error::{Error, Result};

/// Writes a page.
pub type Page = Arc<dyn Fn(&mut dyn Write) -> io::Result<()> + Send + Sync>;

/// What is served besides the page itself.
#[derive(Debug, Clone)]
pub struct Site {
    /// The path of the page.
    pub path: &'static str,
    /// The media type of the page.
    pub media_type: &'static str,
    /// HTML that describes it, for people.
    pub front: String,
    /// How long a page may take.
    pub patience: Duration,
}

/// A request for the page.
pub struct Request {
    /// How long the client waits, if it says so.
    pub patience: Option<Duration>,
    reply: tokio::sync::oneshot::Sender<Page>,
}

impl Request {
    /// Answers it.
    pub fn reply(self, page: Page) {
        // A client that is gone needs no answer.
        drop(self.reply.send(page));
    }
}

/// A server at work.
pub struct Serving(mpsc::Receiver<Request>);

impl Serving {
    /// Starts to serve.
    pub fn start(listener: Listener, site: Site) -> Result<Self> {
        let (requests, receiver) = mpsc::channel();
        let failed = |cause: &io::Error| Error::io("start the HTTP server", cause);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|cause| failed(&cause))?;
        let serve = move || runtime.block_on(http::serve(listener, Arc::new(site), requests));
        thread::Builder::new().name("http".into()).spawn(serve).map_err(|cause| failed(&cause))?;
        Ok(Self(receiver))
    }

    /// The next request for the page; `None` if the server has ended.
    #[must_use]
    pub fn next(&self) -> Option<Request> {
        self.0.recv().ok()
    }
}
