//! Servers that behave badly: one that never answers, and one between client and server that cuts the line.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

/// The port of a server that takes connections and never says anything; it ends with the returned listener.
pub(crate) fn silent() -> (TcpListener, String) {
    // Not accepting is enough: the system completes the connection.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    (listener, port)
}

/// The port of a go-between to `server_port`, which passes one connection and cuts it as soon as the server has sent
/// `limit` octets.
pub(crate) fn cutting(server_port: &str, limit: usize) -> String {
    between(server_port, limit, |_, _| ())
}

/// The port of a go-between that passes nothing more once the server has sent `limit` octets, and tells of that.
pub(crate) fn holding(server_port: &str, limit: usize) -> (String, Receiver<()>) {
    let (tell, reached) = mpsc::channel();
    let port = between(server_port, limit, move |mut client, _| {
        tell.send(()).unwrap();
        // Until the client goes away.
        let _ = io::copy(&mut client, &mut io::sink());
    });
    (port, reached)
}

/// The port of a go-between that stops once the server has sent `limit` octets, tells of that, and passes on what the
/// server has said meanwhile when it is told to go on.
pub(crate) fn pausing(server_port: &str, limit: usize) -> (String, Receiver<()>, Sender<()>) {
    let (tell, reached) = mpsc::channel();
    let (go_on, told) = mpsc::channel();
    let port = between(server_port, limit, move |mut client, mut server| {
        tell.send(()).unwrap();
        let _ = told.recv();
        let _ = io::copy(&mut server, &mut client);
    });
    (port, reached, go_on)
}

fn between(server_port: &str, limit: usize, then: impl FnOnce(&TcpStream, &TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let server = TcpStream::connect(format!("127.0.0.1:{server_port}")).unwrap();
    thread::spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        thread::spawn(move || io::copy(&mut from_client, &mut to_server));
        if pass(&server, &client, limit).is_ok() {
            then(&client, &server);
        }
        let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
    });
    port
}

/// The port of a go-between that passes everything but the beginning of TLS, to which it says no.
pub(crate) fn refusing_tls(server_port: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let server_port = server_port.to_owned();
    thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, mut server) =
                (client.unwrap(), TcpStream::connect(format!("127.0.0.1:{server_port}")).unwrap());
            let (mut from_server, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            thread::spawn(move || io::copy(&mut from_server, &mut to_client));
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(got @ 1..) = client.read(&mut buffer) {
                    // The record of a ClientHello; in MySQL it may come with what asks for TLS.
                    if buffer[..got].windows(3).any(|octets| octets == [22, 3, 1]) {
                        // A fatal alert: handshake failure.
                        let _ = client.write_all(&[21, 3, 1, 0, 2, 2, 40]);
                        let _ = client.shutdown(Shutdown::Both);
                        break;
                    }
                    server.write_all(&buffer[..got]).unwrap();
                }
                let _ = server.shutdown(Shutdown::Both);
            });
        }
    });
    port
}

fn pass(mut from: &TcpStream, mut to: &TcpStream, limit: usize) -> io::Result<()> {
    let (mut buffer, mut left) = ([0; 4096], limit);
    while left > 0 {
        let wanted = left.min(buffer.len());
        let got = from.read(&mut buffer[..wanted])?;
        if got == 0 {
            break;
        }
        to.write_all(&buffer[..got])?;
        left -= got;
    }
    Ok(())
}
