//! A connection to PostgreSQL with a synchronous interface.
//!
//! This is what the `postgres` crate does, except for COPY streams: that crate enters the runtime once per row, which takes
//! a fifth of the time of a dump, and it cannot end a stream without reading the rest (`benches/README.md`).

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use futures_util::TryStreamExt as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Error, Row, Socket};

/// The task that carries requests and answers; it ends when the connection is closed.
type Traffic = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// The runtime of a session.
pub(super) fn runtime() -> io::Result<Arc<Runtime>> {
    Builder::new_current_thread().enable_all().build().map(Arc::new)
}

/// An open connection; it is closed in order when it is dropped.
pub(super) struct Session {
    runtime: Arc<Runtime>,
    /// `None` only while it is dropped.
    client: Option<Client>,
    /// `None` once it is done.
    traffic: Option<Traffic>,
}

impl Session {
    /// Connects and logs in.
    pub(super) fn open<T>(runtime: Arc<Runtime>, config: &Config, tls: T) -> Result<Self, Error>
    where
        T: MakeTlsConnect<Socket>,
        T::Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        <T as MakeTlsConnect<Socket>>::TlsConnect: TlsConnect<Socket>,
    {
        let (client, connection) = runtime.block_on(config.connect(tls))?;
        Ok(Self { runtime, client: Some(client), traffic: Some(Box::pin(connection)) })
    }

    /// Runs statements without parameters, and drops what they return.
    pub(super) fn batch_execute(&mut self, statements: &str) -> Result<(), Error> {
        self.run(async |client| client.batch_execute(statements).await)
    }

    /// All rows of a query.
    pub(super) fn query(&mut self, query: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        self.run(async |client| client.query(query, parameters).await)
    }

    /// The row of a query that has at most one.
    pub(super) fn query_opt(&mut self, query: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Option<Row>, Error> {
        self.run(async |client| client.query_opt(query, parameters).await)
    }

    /// Hands the pieces of a `COPY … TO STDOUT` to `take` as they come, until it has what it wants; `None` if there
    /// are no more and it has not.
    pub(super) fn copy_out<T, E: From<Error>>(
        &mut self,
        query: &str,
        mut take: impl FnMut(&[u8]) -> Result<Option<T>, E>,
    ) -> Result<Option<T>, E> {
        self.run(async |client| {
            let mut stream = pin!(client.copy_out(query).await?);
            while let Some(piece) = stream.try_next().await? {
                if let Some(done) = take(&piece)? {
                    return Ok(Some(done));
                }
            }
            Ok(None)
        })
    }

    /// Closes the connection at once, without reading what the server still sends, which may be the rest of a table.
    pub(super) fn abandon(mut self) {
        self.traffic = None;
    }

    fn run<T, E: From<Error>>(&mut self, work: impl AsyncFnOnce(&Client) -> Result<T, E>) -> Result<T, E> {
        let Self { runtime, client, traffic } = self;
        let Some(client) = client else { unreachable!("only a session that is being dropped has no client") };
        let mut work = pin!(work(client));
        runtime.block_on(poll_fn(|context| {
            match traffic.as_mut().map(|traffic| traffic.as_mut().poll(context)) {
                Some(Poll::Ready(Err(broken))) => return Poll::Ready(Err(broken.into())),
                Some(Poll::Ready(Ok(()))) => *traffic = None,
                Some(Poll::Pending) | None => {}
            }
            work.as_mut().poll(context)
        }))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.client = None;
        if let Some(traffic) = self.traffic.take() {
            // An error cannot be reported any more.
            let _ = self.runtime.block_on(traffic);
        }
    }
}
