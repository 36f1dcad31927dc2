//! Connections and requests.

use std::convert::Infallible;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{sleep, timeout};

use super::body::{Content, pieces};
use super::idle::Idle;
use super::{Listener, Request, Site};

/// More connections to a socket wait, unless one of them has sent no request yet.
const MOST_CONNECTIONS: usize = 64;
/// A client has so long to send its request.
const REQUEST_PATIENCE: Duration = Duration::from_secs(3);
/// A client has so long to read an answer.
const READ_PATIENCE: Duration = Duration::from_secs(60);
/// A request is no longer.
const LONGEST_REQUEST: usize = 16 << 10;
/// Where no connection can be accepted, the next attempt is after this time.
const PAUSE: Duration = Duration::from_millis(100);

/// How Prometheus says how long it waits.
const SCRAPE_TIMEOUT: &str = "x-prometheus-scrape-timeout-seconds";

type Requests = mpsc::Sender<Request>;

/// Accepts connections until the program ends.
pub(super) async fn serve(listener: Listener, site: Arc<Site>, requests: Requests) {
    let accepting = listener.sockets.into_iter().filter_map(|socket| TcpListener::from_std(socket).ok());
    let accepting: Vec<_> =
        accepting.map(|socket| tokio::spawn(accept(socket, Arc::clone(&site), requests.clone()))).collect();
    drop(requests);
    for socket in accepting {
        // It ends with the program alone.
        drop(socket.await);
    }
}

/// Accepts the connections of a socket.
async fn accept(socket: TcpListener, site: Arc<Site>, requests: Requests) {
    let (places, idle) = (Arc::new(Semaphore::new(MOST_CONNECTIONS)), Arc::new(Idle::default()));
    for number in 0_u64.. {
        let Ok((stream, _)) = socket.accept().await else {
            sleep(PAUSE).await;
            continue;
        };
        if places.available_permits() == 0 {
            idle.end_oldest();
        }
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let client = Client { number, idle: Arc::clone(&idle), site: Arc::clone(&site), requests: requests.clone() };
        let task = tokio::spawn(async move {
            client.serve(stream).await;
            drop(place);
        });
        // On the only thread, it has not begun yet.
        idle.add(number, task.abort_handle());
    }
}

/// A connection of a client.
#[derive(Clone)]
struct Client {
    number: u64,
    idle: Arc<Idle>,
    site: Arc<Site>,
    requests: Requests,
}

impl Client {
    /// Serves one request.
    async fn serve(self, stream: TcpStream) {
        let (number, idle) = (self.number, Arc::clone(&self.idle));
        let patience = self.site.patience + REQUEST_PATIENCE + READ_PATIENCE;
        let service = service_fn(move |request| {
            let client = self.clone();
            client.idle.remove(client.number);
            async move { answer(request, client.site, client.requests).await }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(REQUEST_PATIENCE)
            .max_buf_size(LONGEST_REQUEST)
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), service);
        // A client that breaks the rules, or is gone, is its own affair.
        drop(timeout(patience, connection).await);
        idle.remove(number);
    }
}

async fn answer(
    request: hyper::Request<Incoming>,
    site: Arc<Site>,
    requests: Requests,
) -> Result<Response<Content>, Infallible> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path();
    let response = match path {
        _ if !is_read => {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are served\n");
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            response
        }
        "/" => whole(StatusCode::OK, "text/html; charset=utf-8", site.front.clone()),
        "/-/healthy" => plain(StatusCode::OK, "OK\n"),
        path if path == site.path => page(patience(&request), &site, &requests).await,
        _ => plain(StatusCode::NOT_FOUND, "no such page\n"),
    };
    Ok(response)
}

/// How long the client waits.
fn patience(request: &hyper::Request<Incoming>) -> Option<Duration> {
    let seconds: f64 = request.headers().get(SCRAPE_TIMEOUT)?.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// The page, written as it is read.
async fn page(patience: Option<Duration>, site: &Site, requests: &Requests) -> Response<Content> {
    let (reply, replied) = oneshot::channel();
    let unavailable = || plain(StatusCode::SERVICE_UNAVAILABLE, "no answer in time\n");
    if requests.send(Request { patience, reply }).is_err() {
        return unavailable();
    }
    let Ok(Ok(write)) = timeout(site.patience + READ_PATIENCE, replied).await else { return unavailable() };
    let (content, mut writer) = pieces();
    tokio::task::spawn_blocking(move || {
        // A client that is gone needs no page.
        drop(write(&mut writer).and_then(|()| std::io::Write::flush(&mut writer)));
    });
    typed(StatusCode::OK, site.media_type, content)
}

fn plain(status: StatusCode, text: &'static str) -> Response<Content> {
    whole(status, "text/plain; charset=utf-8", text.to_owned())
}

fn whole(status: StatusCode, media_type: &'static str, text: String) -> Response<Content> {
    typed(status, media_type, Content::Whole(Some(text.into())))
}

fn typed(status: StatusCode, media_type: &'static str, content: Content) -> Response<Content> {
    let mut response = Response::new(content);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
