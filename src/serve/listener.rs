//! The sockets that a server listens on: its own, or those of systemd.

use std::io;
use std::net::{SocketAddr, TcpListener};

use listenfd::ListenFd;

use crate::error::{Error, Result};

/// Sockets that clients connect to.
#[derive(Debug)]
pub struct Listener {
    pub(super) sockets: Vec<TcpListener>,
    address: SocketAddr,
}

impl Listener {
    /// The sockets that systemd has passed to this process, else one at `address`.
    pub fn open(address: SocketAddr) -> Result<Self> {
        let mut given = ListenFd::from_env();
        let taken = (0..given.len()).filter_map(|index| given.take_tcp_listener(index).transpose());
        let mut sockets: Vec<TcpListener> =
            taken.collect::<io::Result<_>>().map_err(|cause| Error::io("take the sockets of systemd", &cause))?;
        if sockets.is_empty() {
            sockets.push(bind(address)?);
        }
        for socket in &sockets {
            socket.set_nonblocking(true).map_err(|cause| Error::io(format!("listen on {address}"), &cause))?;
        }
        let address = sockets.first().and_then(|socket| socket.local_addr().ok()).unwrap_or(address);
        Ok(Self { sockets, address })
    }

    /// Where it listens, on the first of its sockets.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|cause| {
        let error = Error::io(format!("listen on {address}"), &cause);
        match cause.kind() {
            io::ErrorKind::AddrInUse => error.hint("another program listens there; give another port with --listen"),
            io::ErrorKind::AddrNotAvailable => error.hint("this host has no such address"),
            io::ErrorKind::PermissionDenied => error.hint("run it as root, or choose a port from 1024 on"),
            _ => error,
        }
    })
}
