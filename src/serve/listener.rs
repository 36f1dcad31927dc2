//! The socket that a server listens on: its own, or one of systemd's.

use std::io;
use std::net::{SocketAddr, TcpListener};

use listenfd::ListenFd;

use crate::error::{Error, Result};

/// A socket that clients connect to.
#[derive(Debug)]
pub struct Listener {
    pub(super) socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// The socket that systemd has passed to this process, else one at `address`.
    pub fn open(address: SocketAddr) -> Result<Self> {
        let given = ListenFd::from_env().take_tcp_listener(0);
        let given = given.map_err(|cause| Error::io("take the socket of systemd", &cause))?;
        let socket = given.map_or_else(|| bind(address), Ok)?;
        let address = socket.local_addr().unwrap_or(address);
        Ok(Self { socket, address })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).map_err(|cause| {
        let error = Error::io(format!("listen on {address}"), &cause);
        match cause.kind() {
            io::ErrorKind::AddrInUse => error.hint("another program listens there; --listen takes another port"),
            io::ErrorKind::AddrNotAvailable => error.hint("this host has no such address"),
            io::ErrorKind::PermissionDenied => error.hint("ports below 1024 are for root"),
            _ => error,
        }
    })
}
