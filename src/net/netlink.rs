//! Questions to the kernel by netlink, and the messages that answer them.

use std::io::{self, Read as _};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};

/// A socket for questions about its network namespace.
pub(super) struct Netlink(Socket);

/// `struct nlmsghdr`: length, type, flags, number, sender.
const HEADER: usize = 16;
/// A question about all that there are.
const DUMP: u16 = 0x301;
/// Types of messages.
const ERROR: u16 = 2;
const DONE: u16 = 3;
/// The kernel sends no more in one datagram.
const BUFFER: usize = 1 << 16;
/// It answers at once.
const PATIENCE: Duration = Duration::from_secs(2);

impl Netlink {
    /// A socket of one of the protocols, such as `NETLINK_ROUTE`.
    pub(super) fn open(protocol: i32) -> io::Result<Self> {
        let socket = Socket::new(Domain::from(libc::AF_NETLINK), Type::DGRAM, Some(Protocol::from(protocol)))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(socket))
    }

    /// The bodies of the messages of type `answer` that answer a question of type `kind`.
    pub(super) fn ask(&self, kind: u16, answer: u16, body: &[u8]) -> io::Result<Vec<Vec<u8>>> {
        let length = u32::try_from(HEADER + body.len()).map_err(io::Error::other)?;
        let number: u32 = 1;
        let header =
            [&length.to_ne_bytes()[..], &kind.to_ne_bytes(), &DUMP.to_ne_bytes(), &number.to_ne_bytes(), &[0; 4]];
        self.0.send(&[&header.concat()[..], body].concat())?;
        let (mut bodies, mut buffer) = (Vec::new(), vec![0; BUFFER]);
        loop {
            let length = (&self.0).read(&mut buffer)?;
            for (kind, body) in messages(&buffer[..length]) {
                match kind {
                    DONE | ERROR => return error(body).map_or(Ok(bodies), Err),
                    kind if kind == answer => bodies.push(body.to_vec()),
                    _ => {}
                }
            }
        }
    }
}

/// What the last message says; nothing if all went well.
fn error(body: &[u8]) -> Option<io::Error> {
    let number = i32::from_ne_bytes(*body.first_chunk()?);
    (number != 0).then(|| io::Error::from_raw_os_error(number.saturating_neg()))
}

/// The types and the bodies of the messages in a datagram.
fn messages(mut octets: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = u32::from_ne_bytes(*octets.first_chunk()?) as usize;
        let kind = u16::from_ne_bytes(*octets.get(4..)?.first_chunk()?);
        let body = octets.get(HEADER..length)?;
        octets = octets.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, body))
    })
}

/// The types and the values of the attributes that follow the first `fixed` octets of a body.
pub(super) fn attributes(body: &[u8], fixed: usize) -> impl Iterator<Item = (u16, &[u8])> {
    /// The flags of nested values and of the order of octets.
    const TYPE: u16 = 0x3fff;
    let mut octets = body.get(fixed..).unwrap_or_default();
    std::iter::from_fn(move || {
        let length = usize::from(u16::from_ne_bytes(*octets.first_chunk()?));
        let kind = u16::from_ne_bytes(*octets.get(2..)?.first_chunk()?);
        let value = octets.get(4..length)?;
        octets = octets.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind & TYPE, value))
    })
}

/// A number of four octets at `offset`.
pub(super) fn number(octets: &[u8], offset: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*octets.get(offset..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_is_no_message_and_no_attribute() {
        let whole = [&20_u32.to_ne_bytes()[..], &7_u16.to_ne_bytes(), &[0; 10], &[1, 2, 3, 4]].concat();
        assert_eq!(messages(&whole).collect::<Vec<_>>(), [(7, &[1, 2, 3, 4][..])]);
        assert_eq!(messages(&whole[..19]).count(), 0);
        let attribute = [&7_u16.to_ne_bytes()[..], &0x8012_u16.to_ne_bytes(), &[9, 9, 9, 0]].concat();
        assert_eq!(attributes(&attribute, 0).collect::<Vec<_>>(), [(18, &[9, 9, 9][..])]);
        assert_eq!(attributes(&attribute, 1).count() + attributes(&attribute[..6], 0).count(), 0);
        assert_eq!(attributes(&[0; 8], 0).count(), 0, "a length of nothing is no way on");
    }
}
