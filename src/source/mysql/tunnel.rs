//! TLS to a MySQL server, spoken by us and not by the `mysql` crate.
//!
//! The crate always trusts the public authorities beside the given one, so that under `verify-ca` any certificate of
//! the web would do. Hence this detour: a thread does the TLS handshake with our own rules, and passes the plain
//! conversation to the crate through a socket that only we can reach. MySQL turns to TLS in mid-conversation: after
//! the server's greeting the client sends the first 32 octets of its answer as a request, then TLS begins and the
//! answer comes whole. The packets until the end of the login are therefore numbered one higher at the server.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional_with_sizes};
use tokio_rustls::TlsConnector;

/// `CLIENT_SSL` in the second octet of the capabilities.
const TLS_CAPABILITY: u8 = 0x08;
/// The part of the client's answer that asks for TLS: capabilities, packet size, character set, filler.
const REQUEST_LEN: usize = 32;
/// A login packet is short; anything longer is no MySQL.
const LOGIN_PACKET_LIMIT: usize = 1 << 16;
const OK: u8 = 0x00;
const ERROR: u8 = 0xff;
/// "The password was right", of `caching_sha2_password`: the server goes on without waiting for us.
const FAST_LOGIN: [u8; 2] = [1, 3];

/// A packet of the login: its number and its payload.
struct Packet {
    number: u8,
    payload: Vec<u8>,
}

/// A server that has said hello.
pub(super) struct Greeted {
    server: tokio::net::TcpStream,
    greeting: Packet,
    runtime: tokio::runtime::Runtime,
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

/// Connects and hears the server's greeting.
pub(super) fn greet(host: &str, port: u16) -> io::Result<Greeted> {
    let stream = reach(host, port)?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (server, greeting) = runtime.block_on(async {
        let mut server = tokio::net::TcpStream::from_std(stream)?;
        let greeting = read_packet(&mut server).await?;
        io::Result::Ok((server, greeting))
    })?;
    Ok(Greeted { server, greeting, runtime })
}

impl Greeted {
    /// Whether the server can speak TLS. The greeting: protocol 10, version text, 13 octets, capabilities.
    pub(super) fn offers_tls(&self) -> bool {
        let Some((10, rest)) = self.greeting.payload.split_first() else { return false };
        let version_len = rest.iter().position(|&octet| octet == 0).unwrap_or(rest.len());
        rest.get(version_len + 15).is_some_and(|capabilities| capabilities & TLS_CAPABILITY != 0)
    }

    /// Passes one conversation between a socket, which is made here, and the server. The thread ends with the
    /// conversation, and with the reason if there was none. The socket's name is gone as soon as somebody has
    /// connected: from then on nothing is left behind, however the program ends.
    pub(super) fn pass_on(self, host: &str, config: ClientConfig) -> io::Result<(PathBuf, JoinHandle<io::Result<()>>)> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let directory = tempfile::tempdir()?;
        let socket = directory.path().join("mysql");
        let listener = UnixListener::bind(&socket)?;
        let connector = TlsConnector::from(Arc::new(config));
        let conversation = thread::spawn(move || {
            let (client, _) = listener.accept()?;
            directory.close()?;
            let Self { server, greeting, runtime } = self;
            runtime.block_on(converse(client, server, greeting, name, connector))
        });
        Ok((socket, conversation))
    }
}

async fn converse(
    client: UnixStream,
    mut server: tokio::net::TcpStream,
    greeting: Packet,
    name: ServerName<'static>,
    connector: TlsConnector,
) -> io::Result<()> {
    client.set_nonblocking(true)?;
    let mut client = tokio::net::UnixStream::from_std(client)?;
    write_packet(&mut client, &greeting).await?;
    let mut answer = read_packet(&mut client).await?;
    let request = answer.payload.get_mut(..REQUEST_LEN).ok_or(io::ErrorKind::InvalidData)?;
    request[1] |= TLS_CAPABILITY;
    let request = Packet { number: answer.number, payload: request.to_vec() };
    write_packet(&mut server, &request).await?;
    let mut server = connector.connect(name, server).await?;
    log_in(&mut client, &mut server, answer).await?;
    copy_bidirectional_with_sizes(&mut client, &mut server, 8 << 10, 64 << 10).await?;
    Ok(())
}

/// Passes the packets of the login, `answer` first, until the server has decided.
async fn log_in<C, S>(client: &mut C, server: &mut S, mut answer: Packet) -> io::Result<()>
where
    C: AsyncRead + AsyncWrite + Unpin,
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        answer.number = answer.number.wrapping_add(1);
        write_packet(server, &answer).await?;
        loop {
            let mut packet = read_packet(server).await?;
            packet.number = packet.number.wrapping_sub(1);
            write_packet(client, &packet).await?;
            match packet.payload.first() {
                Some(&(OK | ERROR)) => return Ok(()),
                _ if packet.payload == FAST_LOGIN => {}
                _ => break,
            }
        }
        answer = read_packet(client).await?;
    }
}

async fn read_packet<R: AsyncRead + Unpin>(reader: &mut R) -> io::Result<Packet> {
    let mut header = [0; 4];
    reader.read_exact(&mut header).await?;
    let [a, b, c, number] = header;
    let len = usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16;
    if len > LOGIN_PACKET_LIMIT {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "what answers there is no MySQL server"));
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
