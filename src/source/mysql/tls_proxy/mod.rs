//! The login to a MySQL server, spoken by us and not by the `mysql` crate: TLS, and what the crate's own cannot do.
//!
//! The crate always trusts the public authorities in addition to the given one, so that under `verify-ca` any
//! certificate of the web would do. It knows neither accounts with several authentication plugins nor the oldest one, which MariaDB's
//! library does. Hence this detour: a thread does the TLS handshake and the login with our own rules, and passes the plain
//! conversation to the crate through a socket that only we can reach. MySQL turns to TLS in mid-conversation: after
//! the server's greeting the client sends the first 32 bytes of its answer as a request, then TLS begins and the
//! answer comes whole. The packets until the end of the login are therefore numbered otherwise at the server.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional_with_sizes};
use tokio_rustls::TlsConnector;

use crate::secret::Secret;

mod greeting;
mod login;

use self::greeting::{ERROR, TLS_CAPABILITY};
use self::login::{Secrets, unsupported};

pub use self::greeting::Greeting;
pub(in crate::source::mysql) use self::login::Unsupported;

/// The part of the client's answer that asks for TLS: capabilities, packet size, character set, filler.
const REQUEST_LEN: usize = 32;
/// A login packet is short; anything longer is no MySQL.
const LOGIN_PACKET_LIMIT: usize = 1 << 16;
const OK: u8 = 0x00;
const MORE_DATA: u8 = 0x01;
const SWITCH: u8 = 0xfe;
/// "The password was right", of `caching_sha2_password`: the server goes on without waiting for us.
const FAST_LOGIN: [u8; 2] = [1, 3];
/// "Send the password", of the same, which is for connections that cannot be listened to.
const FULL_LOGIN: [u8; 2] = [1, 4];
/// More plugins than an account has.
const MOST_SWITCHES: usize = 16;

/// A packet of the login: its number and its payload.
struct Packet {
    number: u8,
    payload: Vec<u8>,
}

/// A way to the server on which bytes go both ways.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A server that has sent its greeting.
pub(super) struct Greeted {
    server: Box<dyn Stream>,
    greeting: Packet,
    runtime: tokio::runtime::Runtime,
}

/// How to log in after the greeting.
pub(super) struct Login {
    /// TLS, and the host that the server's certificate must name.
    pub(super) tls: Option<(ClientConfig, String)>,
    /// Whether the password may be sent as it is.
    pub(super) is_private: bool,
    pub(super) password: Option<Secret>,
}

/// Connects to the first address of `host` that answers.
pub(super) fn reach(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host name has no address");
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect(address) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Connects and receives the server's greeting.
pub(super) fn greet(host: &str, port: u16) -> io::Result<Greeted> {
    let stream = reach(host, port)?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    hear(|| Ok(Box::new(tokio::net::TcpStream::from_std(stream)?)))
}

/// The same through a socket of this machine.
pub(super) fn greet_locally(path: &Path) -> io::Result<Greeted> {
    let stream = UnixStream::connect(path)?;
    stream.set_nonblocking(true)?;
    hear(|| Ok(Box::new(tokio::net::UnixStream::from_std(stream)?)))
}

fn hear(connect: impl FnOnce() -> io::Result<Box<dyn Stream>>) -> io::Result<Greeted> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (server, greeting) = runtime.block_on(async {
        let mut server = connect()?;
        let greeting = read_packet(&mut server).await?;
        io::Result::Ok((server, greeting))
    })?;
    Ok(Greeted { server, greeting, runtime })
}

impl Greeted {
    /// What the server said.
    pub(super) fn greeting(&self) -> Greeting<'_> {
        Greeting(&self.greeting.payload)
    }

    /// Passes one conversation between a socket, which is made here, and the server. The thread ends with the
    /// conversation, and with the reason if there was none. The socket's name is gone as soon as a client has
    /// connected: from then on nothing is left, however the program ends.
    pub(super) fn pass_on(self, login: Login) -> io::Result<(PathBuf, JoinHandle<io::Result<()>>)> {
        let directory = tempfile::tempdir()?;
        let socket = directory.path().join("mysql");
        let listener = UnixListener::bind(&socket)?;
        let conversation = thread::spawn(move || {
            let (client, _) = listener.accept()?;
            directory.close()?;
            let nonce = self.greeting().first_nonce();
            let Self { server, greeting, runtime } = self;
            runtime.block_on(converse(client, server, greeting, login, nonce))
        });
        Ok((socket, conversation))
    }
}

async fn converse(
    client: UnixStream,
    mut server: Box<dyn Stream>,
    greeting: Packet,
    login: Login,
    nonce: Vec<u8>,
) -> io::Result<()> {
    client.set_nonblocking(true)?;
    let mut client = tokio::net::UnixStream::from_std(client)?;
    write_packet(&mut client, &greeting).await?;
    if greeting.payload.first() == Some(&ERROR) {
        return Ok(());
    }
    let mut answer = read_packet(&mut client).await?;
    let Login { tls, is_private, password } = login;
    if let Some((config, host)) = tls {
        let name = ServerName::try_from(host).map_err(io::Error::other)?;
        let request = answer.payload.get_mut(..REQUEST_LEN).ok_or(io::ErrorKind::InvalidData)?;
        request[1] |= TLS_CAPABILITY;
        let request = Packet { number: answer.number, payload: request.to_vec() };
        write_packet(&mut server, &request).await?;
        answer.number = answer.number.wrapping_add(1);
        server = Box::new(TlsConnector::from(Arc::new(config)).connect(name, server).await?);
    }
    let secrets = Secrets { password, is_private, nonce };
    log_in(&mut client, &mut server, answer, &secrets).await?;
    copy_bidirectional_with_sizes(&mut client, &mut server, 8 << 10, 64 << 10).await?;
    Ok(())
}

/// Sends `answer`, answers what the server asks on that, and passes its decision on to the client.
async fn log_in<C, S>(client: &mut C, server: &mut S, answer: Packet, secrets: &Secrets) -> io::Result<()>
where
    C: AsyncRead + AsyncWrite + Unpin,
    S: AsyncRead + AsyncWrite + Unpin,
{
    // For the client the decision follows its answer.
    let decided = 2;
    write_packet(server, &answer).await?;
    for _ in 0..MOST_SWITCHES {
        let packet = read_packet(server).await?;
        let reply = match packet.payload.first() {
            Some(&(OK | ERROR)) => {
                return write_packet(client, &Packet { number: decided, payload: packet.payload }).await;
            }
            _ if packet.payload == FAST_LOGIN => continue,
            _ if packet.payload == FULL_LOGIN && secrets.is_private => secrets.clear(),
            Some(&MORE_DATA) => return Err(unsupported(b"caching_sha2_password without TLS")),
            Some(&SWITCH) => secrets.answer(&packet.payload[1..])?,
            _ => return Err(io::ErrorKind::InvalidData.into()),
        };
        write_packet(server, &Packet { number: packet.number.wrapping_add(1), payload: reply }).await?;
    }
    Err(io::ErrorKind::InvalidData.into())
}

async fn read_packet<R: AsyncRead + Unpin>(reader: &mut R) -> io::Result<Packet> {
    let mut header = [0; 4];
    reader.read_exact(&mut header).await?;
    let [a, b, c, number] = header;
    let len = usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16;
    if len > LOGIN_PACKET_LIMIT {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut payload = vec![0; len];
    reader.read_exact(&mut payload).await?;
    Ok(Packet { number, payload })
}

async fn write_packet<W: AsyncWrite + Unpin>(writer: &mut W, packet: &Packet) -> io::Result<()> {
    let [a, b, c, ..] = packet.payload.len().to_le_bytes();
    let whole = [&[a, b, c, packet.number], packet.payload.as_slice()].concat();
    writer.write_all(&whole).await?;
    writer.flush().await
}
