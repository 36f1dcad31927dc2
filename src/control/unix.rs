//! A command over a unix socket.

use std::fs;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;

use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with, sockopt};

use super::answer::wipe;
use super::{Command, Deadline, Filter, Limits, Trouble};
use crate::error::io_cause;

/// The size of a read: what Kea writes at once; at first less, since most answers are short.
const PIECE: usize = 32 * 1024;
const FIRST_PIECE: usize = 4096;

/// Sends `command` and reads to the end of the answer.
pub(super) fn exchange(
    path: &Path,
    command: &Command<'_>,
    limits: Limits,
    filter: &mut Filter<'_>,
) -> Result<Vec<u8>, Trouble> {
    let deadline = Deadline::after(limits.time);
    let mut stream = connected(path, deadline)?;
    send(&mut stream, &command.bare(), deadline)?;
    receive(&mut stream, deadline, limits.octets, filter)
}

/// A connection. If the backlog of a hung server is full, connecting takes time too.
fn connected(path: &Path, deadline: Deadline) -> Result<UnixStream, Trouble> {
    let unusable = |cause: rustix::io::Errno| Trouble::Unusable(io_cause(&cause.into()));
    let address = SocketAddrUnix::new(path).map_err(|_| {
        Trouble::Unusable("the path of a socket has at most 107 octets; a symbolic link makes it shorter".to_owned())
    })?;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None).map_err(unusable)?;
    let left = deadline.left().ok_or(Trouble::NoAnswer)?;
    sockopt::set_socket_timeout(&socket, sockopt::Timeout::Send, Some(left)).map_err(unusable)?;
    connect(&socket, &address).map_err(|cause| refusal(path, &cause.into()))?;
    Ok(socket.into())
}

fn refusal(path: &Path, cause: &io::Error) -> Trouble {
    match cause.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Trouble::Absent,
        ErrorKind::PermissionDenied => Trouble::Denied,
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Trouble::NoAnswer,
        ErrorKind::ConnectionRefused => match fs::metadata(path) {
            Ok(found) if !found.file_type().is_socket() => Trouble::NotASocket,
            _ => Trouble::Refused,
        },
        _ => Trouble::Unusable(io_cause(cause)),
    }
}

fn send(stream: &mut UnixStream, mut octets: &[u8], deadline: Deadline) -> Result<(), Trouble> {
    while !octets.is_empty() {
        let left = deadline.left().ok_or(Trouble::NoAnswer)?;
        let sent = stream.set_write_timeout(Some(left)).and_then(|()| stream.write(octets));
        match sent {
            Ok(sent) => octets = &octets[sent..],
            // A server that closes early may have sent the reason.
            Err(cause) if cause.kind() == ErrorKind::BrokenPipe => return Ok(()),
            Err(cause) if is_late(&cause) => return Err(Trouble::NoAnswer),
            Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
            Err(cause) => return Err(Trouble::Lost(io_cause(&cause))),
        }
    }
    Ok(())
}

fn receive(
    stream: &mut UnixStream,
    deadline: Deadline,
    limit: u64,
    filter: &mut Filter<'_>,
) -> Result<Vec<u8>, Trouble> {
    let (mut answer, mut received) = (Vec::new(), 0);
    let mut piece = vec![0; FIRST_PIECE];
    loop {
        let late = if received == 0 { Trouble::NoAnswer } else { Trouble::Slow };
        let Some(left) = deadline.left() else { return Err(late) };
        match stream.set_read_timeout(Some(left)).and_then(|()| stream.read(&mut piece)) {
            Ok(0) => {
                wipe(&mut piece);
                return Ok(answer);
            }
            Ok(read) if received + read as u64 > limit => return Err(Trouble::TooLarge),
            Ok(read) => {
                received += read as u64;
                filter(&piece[..read], &mut answer);
                if read == piece.len() && read < PIECE {
                    wipe(&mut piece);
                    piece = vec![0; PIECE];
                }
            }
            Err(cause) if is_late(&cause) => return Err(late),
            Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
            // The server ended without reading the command.
            Err(cause) if cause.kind() == ErrorKind::ConnectionReset && received == 0 => {
                return Err(Trouble::Silent);
            }
            Err(cause) => return Err(Trouble::Lost(io_cause(&cause))),
        }
    }
}

fn is_late(cause: &io::Error) -> bool {
    matches!(cause.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
