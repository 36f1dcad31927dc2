//! A server of Kea's control channel that answers whatever a test wants, over a unix socket or HTTP.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// What a fake does with a command.
#[allow(dead_code, reason = "each test program uses some of them")]
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// This answer, as Kea sends it: over HTTP in a list.
    Answer(Value),
    /// These octets; over HTTP as the body.
    Octets(Vec<u8>),
    /// HTTP: this status and this answer, not in a list.
    Status(u16, Value),
    /// These octets alone, over HTTP too, and then the end.
    Raw(Vec<u8>),
    /// Nothing, ever; the connection stays open.
    Hang,
    /// These octets, then nothing; the connection stays open.
    HangAfter(Vec<u8>),
    /// The end of the connection.
    Close,
    /// White space, one octet at a time, for ever.
    Drip,
    /// White space for ever, as fast as it is read.
    Endless,
}

/// A fake server; it ends when dropped.
pub(crate) struct Fake {
    address: String,
    asked: Arc<Mutex<Vec<Value>>>,
    heads: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
    _dir: TempDir,
}

type Script = dyn Fn(&Value) -> Reply + Send + Sync;

#[allow(dead_code, reason = "each test program uses some of them")]
impl Fake {
    /// A unix socket that answers each command as `script` says.
    pub(crate) fn unix(script: impl Fn(&Value) -> Reply + Send + Sync + 'static) -> Self {
        let dir = tempfile::Builder::new().prefix("kea-fake.").tempdir().unwrap();
        let path = dir.path().join("control");
        let listener = UnixListener::bind(&path).unwrap();
        let accept = move || listener.accept().map(|(stream, _)| Stream::Unix(stream)).unwrap();
        Self::start(dir, path.to_str().unwrap().to_owned(), accept, script)
    }

    /// An HTTP server on a port of its own that answers each command as `script` says.
    pub(crate) fn web(script: impl Fn(&Value) -> Reply + Send + Sync + 'static) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let accept = move || listener.accept().map(|(stream, _)| Stream::Web(stream)).unwrap();
        Self::start(dir, address, accept, script)
    }

    fn start(
        dir: TempDir,
        address: String,
        accept: impl Fn() -> Stream + Send + 'static,
        script: impl Fn(&Value) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let (asked, heads, ended) = <(Arc<Mutex<Vec<Value>>>, Arc<Mutex<Vec<String>>>, Arc<AtomicBool>)>::default();
        let script: Arc<Script> = Arc::new(script);
        let talk = Talk { script, asked: Arc::clone(&asked), heads: Arc::clone(&heads), ended: Arc::clone(&ended) };
        let acceptor = thread::spawn(move || {
            let mut talks = Vec::new();
            loop {
                let stream = accept();
                if talk.ended.load(Ordering::SeqCst) {
                    break;
                }
                let talk = talk.clone();
                talks.push(thread::spawn(move || talk.with(stream)));
            }
            for talk in talks {
                talk.join().unwrap();
            }
        });
        Self { address, asked, heads, ended, acceptor: Some(acceptor), _dir: dir }
    }

    /// The path of the socket, or the URL.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The path of the socket.
    pub(crate) fn path(&self) -> PathBuf {
        Path::new(&self.address).to_owned()
    }

    /// The commands so far.
    pub(crate) fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }

    /// The heads of the HTTP requests so far, in lower case.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        match self.address.strip_prefix("http://") {
            Some(address) => drop(TcpStream::connect(address)),
            None => drop(UnixStream::connect(&self.address)),
        }
        let ended = self.acceptor.take().unwrap().join();
        assert!(ended.is_ok() || thread::panicking(), "the fake server failed");
    }
}

enum Stream {
    Unix(UnixStream),
    Web(TcpStream),
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.read(buffer),
            Self::Web(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.write(octets),
            Self::Web(stream) => stream.write(octets),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[derive(Clone)]
struct Talk {
    script: Arc<Script>,
    asked: Arc<Mutex<Vec<Value>>>,
    heads: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
}

impl Talk {
    fn with(&self, mut stream: Stream) {
        match &stream {
            Stream::Unix(stream) => stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap(),
            Stream::Web(stream) => stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap(),
        }
        let Some(command) = self.command(&mut stream) else { return };
        self.asked.lock().unwrap().push(command.clone());
        self.reply((self.script)(&command), &mut stream);
        match &stream {
            Stream::Unix(stream) => stream.shutdown(Shutdown::Both).ok(),
            Stream::Web(stream) => stream.shutdown(Shutdown::Both).ok(),
        };
    }

    /// The command that comes, or nothing if the client goes away.
    fn command(&self, stream: &mut Stream) -> Option<Value> {
        let is_web = matches!(stream, Stream::Web(_));
        let mut octets = Vec::new();
        loop {
            let begin =
                if is_web { octets.windows(4).position(|end| end == b"\r\n\r\n").map(|at| at + 4) } else { Some(0) };
            if let Some(command) = begin.and_then(|begin| serde_json::from_slice(&octets[begin..]).ok()) {
                let head = String::from_utf8_lossy(&octets[..begin.unwrap()]).to_ascii_lowercase();
                self.heads.lock().unwrap().push(head);
                return Some(command);
            }
            let mut piece = [0; 4096];
            match stream.read(&mut piece) {
                Ok(0) => return None,
                Ok(read) => octets.extend_from_slice(&piece[..read]),
                Err(cause) if is_late(&cause) && !self.is_over() => {}
                Err(_) => return None,
            }
        }
    }

    fn reply(&self, reply: Reply, stream: &mut Stream) {
        let is_web = matches!(stream, Stream::Web(_));
        // A client that has enough goes away.
        let _ = match reply {
            Reply::Answer(answer) if is_web => stream.write_all(&http(200, &format!("[ {answer} ]").into_bytes())),
            Reply::Answer(answer) => stream.write_all(answer.to_string().as_bytes()),
            Reply::Octets(octets) if is_web => stream.write_all(&http(200, &octets)),
            Reply::Octets(octets) | Reply::Raw(octets) => stream.write_all(&octets),
            Reply::Status(status, answer) => stream.write_all(&http(status, answer.to_string().as_bytes())),
            Reply::Hang => self.wait(stream),
            Reply::HangAfter(octets) => stream.write_all(&octets).and_then(|()| self.wait(stream)),
            Reply::Close => Ok(()),
            Reply::Drip => self.forever(stream, is_web, b" ", Duration::from_millis(20)),
            Reply::Endless => self.forever(stream, is_web, &vec![b' '; 65536], Duration::ZERO),
        };
    }

    fn forever(&self, stream: &mut Stream, is_web: bool, piece: &[u8], pause: Duration) -> std::io::Result<()> {
        if is_web {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        }
        while !self.is_over() {
            stream.write_all(piece)?;
            thread::sleep(pause);
        }
        Ok(())
    }

    /// Until the client goes away, or the test ends.
    fn wait(&self, stream: &mut Stream) -> std::io::Result<()> {
        loop {
            match stream.read(&mut [0; 64]) {
                Ok(0) => return Ok(()),
                Err(cause) if !is_late(&cause) => return Err(cause),
                _ if self.is_over() => return Ok(()),
                _ => {}
            }
        }
    }

    fn is_over(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }
}

fn is_late(cause: &std::io::Error) -> bool {
    matches!(cause.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

fn http(status: u16, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} Whatever\r\nContent-Length: {}\r\nContent-Type: application/json\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
