//! Many messages with one system call.

use std::io;
use std::mem::zeroed;
use std::os::fd::AsRawFd;
use std::ptr;

use socket2::{SockAddr, Socket};

use super::{Aligned, CONTROL_LENGTH, Message};

/// Room for messages of one call. A DHCP message that is longer is cut, which its reader notices.
pub(in crate::net) struct Bundle {
    buffers: Vec<Vec<u8>>,
    messages: Vec<Message>,
}

/// The longest frame of an Ethernet without jumbo frames, and some.
const BUFFER: usize = 2048;

impl Bundle {
    /// Room for so many messages.
    pub(in crate::net) fn new(count: usize) -> Self {
        let message = || Message { length: 0, name: Aligned([0; _]), control: Aligned([0; _]), control_length: 0 };
        Self {
            buffers: (0..count).map(|_| Vec::with_capacity(BUFFER)).collect(),
            messages: (0..count).map(|_| message()).collect(),
        }
    }

    /// A message with its octets.
    pub(in crate::net) fn get(&self, at: usize) -> Option<(&Message, &[u8])> {
        Some((self.messages.get(at)?, self.buffers.get(at)?))
    }
}

/// Receives as many messages as there are and `bundle` has room for; `WouldBlock` if there is none.
pub(in crate::net) fn receive_many(socket: &Socket, bundle: &mut Bundle) -> io::Result<usize> {
    let mut parts = Vec::with_capacity(bundle.buffers.len());
    let mut headers = Vec::with_capacity(bundle.buffers.len());
    for buffer in &mut bundle.buffers {
        buffer.clear();
        parts.push(libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.capacity() });
    }
    for (message, part) in bundle.messages.iter_mut().zip(&mut parts) {
        // SAFETY: all fields of an mmsghdr are numbers and pointers; all zero is "nothing there".
        let mut header: libc::mmsghdr = unsafe { zeroed() };
        header.msg_hdr.msg_name = message.name.0.as_mut_ptr().cast();
        header.msg_hdr.msg_namelen = libc::socklen_t::try_from(message.name.0.len()).unwrap_or_default();
        header.msg_hdr.msg_iov = part;
        header.msg_hdr.msg_iovlen = 1;
        header.msg_hdr.msg_control = message.control.0.as_mut_ptr().cast();
        header.msg_hdr.msg_controllen = message.control.0.len();
        headers.push(header);
    }
    let count = libc::c_uint::try_from(headers.len()).unwrap_or_default();
    let flags = libc::MSG_TRUNC | libc::MSG_DONTWAIT;
    // SAFETY: the descriptor is open as long as `socket` is borrowed; each header points to a name, a part and a control
    // buffer with their true lengths, which outlive the call and are not borrowed elsewhere; no time limit is given.
    let received = unsafe { libc::recvmmsg(socket.as_raw_fd(), headers.as_mut_ptr(), count, flags, ptr::null_mut()) };
    let received = usize::try_from(received).map_err(|_| io::Error::last_os_error())?;
    let room = bundle.messages.iter_mut().zip(&mut bundle.buffers);
    for (header, (message, buffer)) in headers.iter().take(received).zip(room) {
        message.length = usize::try_from(header.msg_len).unwrap_or(usize::MAX);
        message.control_length = header.msg_hdr.msg_controllen.min(CONTROL_LENGTH);
        // SAFETY: the kernel has written as many octets, or all there is room for.
        unsafe { buffer.set_len(message.length.min(buffer.capacity())) };
    }
    Ok(received)
}

/// A message to be sent: its octets, and where to by a socket that is not bound to one destination.
pub(in crate::net) struct Outgoing {
    pub(in crate::net) octets: Vec<u8>,
    pub(in crate::net) to: Option<SockAddr>,
    /// Ancillary data, such as the source address.
    pub(in crate::net) control: Vec<u8>,
}

/// Sends messages in their order; how many were sent. `WouldBlock` if there is no room even for the first.
pub(in crate::net) fn send_many(socket: &Socket, messages: &[Outgoing]) -> io::Result<usize> {
    let part = |message: &Outgoing| libc::iovec {
        iov_base: message.octets.as_ptr().cast_mut().cast(),
        iov_len: message.octets.len(),
    };
    let mut parts: Vec<libc::iovec> = messages.iter().map(part).collect();
    let mut headers = Vec::with_capacity(messages.len());
    for (message, part) in messages.iter().zip(&mut parts) {
        // SAFETY: all fields of an mmsghdr are numbers and pointers; all zero is "nothing there".
        let mut header: libc::mmsghdr = unsafe { zeroed() };
        if let Some(to) = &message.to {
            header.msg_hdr.msg_name = to.as_ptr().cast_mut().cast();
            header.msg_hdr.msg_namelen = to.len();
        }
        header.msg_hdr.msg_iov = part;
        header.msg_hdr.msg_iovlen = 1;
        if !message.control.is_empty() {
            header.msg_hdr.msg_control = message.control.as_ptr().cast_mut().cast();
            header.msg_hdr.msg_controllen = message.control.len();
        }
        headers.push(header);
    }
    let count = libc::c_uint::try_from(headers.len()).unwrap_or_default();
    // SAFETY: the descriptor is open as long as `socket` is borrowed; the kernel only reads what the headers point to,
    // which outlives the call, with its true lengths.
    let sent = unsafe { libc::sendmmsg(socket.as_raw_fd(), headers.as_mut_ptr(), count, libc::MSG_DONTWAIT) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// Of `linux/sock_diag.h`: where in the memory figures of a socket the number of its drops is.
const DROPS: usize = 8;
/// Of `asm-generic/socket.h`; libc does not know it for every system.
const SO_MEMINFO: i32 = 55;

/// How many datagrams the socket has had no room for, since it was opened.
pub(in crate::net) fn drops(socket: &Socket) -> io::Result<u32> {
    let mut figures = [0_u32; DROPS + 1];
    let mut length = libc::socklen_t::try_from(size_of_val(&figures)).unwrap_or_default();
    // SAFETY: the descriptor is open as long as `socket` is borrowed; the kernel writes at most `length` octets.
    let status = unsafe {
        libc::getsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, SO_MEMINFO, figures.as_mut_ptr().cast(), &raw mut length)
    };
    if status == 0 { Ok(figures[DROPS]) } else { Err(io::Error::last_os_error()) }
}

/// Makes the buffer as large as wanted, beyond the limit of the system where that is permitted; `force` and `ask` are the
/// names of the options for both.
pub(in crate::net) fn set_buffer(socket: &Socket, force: i32, ask: i32, octets: usize) -> io::Result<()> {
    let octets = i32::try_from(octets).unwrap_or(i32::MAX);
    super::set_option(socket, libc::SOL_SOCKET, force, octets)
        .or_else(|_| super::set_option(socket, libc::SOL_SOCKET, ask, octets))
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::super::tests::udp;
    use super::*;

    fn to(address: SocketAddr, octets: &[u8]) -> Outgoing {
        Outgoing { octets: octets.to_vec(), to: Some(address.into()), control: Vec::new() }
    }

    #[test]
    fn many_datagrams_are_sent_and_received_in_their_order() {
        let ((receiver, address), (sender, from)) = (udp(), udp());
        let messages: Vec<_> = (1..=5).map(|length| to(address, &[7; 300][..length])).collect();
        assert_eq!(send_many(&sender, &messages).unwrap(), 5);
        let mut bundle = Bundle::new(3);
        let mut lengths = Vec::new();
        while let Ok(count) = receive_many(&receiver, &mut bundle) {
            for at in 0..count {
                let (message, octets) = bundle.get(at).unwrap();
                assert_eq!((message.source(), message.length), (Some(from), octets.len()));
                lengths.push(octets.len());
            }
        }
        assert_eq!(lengths, [1, 2, 3, 4, 5]);
        assert_eq!(receive_many(&receiver, &mut bundle).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn what_a_socket_had_no_room_for_is_counted() {
        let ((receiver, address), (sender, _)) = (udp(), udp());
        receiver.set_recv_buffer_size(2048).unwrap();
        let messages: Vec<_> = (0..64).map(|_| to(address, &[7; 1000])).collect();
        assert_eq!(send_many(&sender, &messages).unwrap(), 64);
        let mut bundle = Bundle::new(64);
        let count = receive_many(&receiver, &mut bundle).unwrap();
        assert!(count < 64);
        assert_eq!(drops(&receiver).unwrap() as usize, 64 - count);
    }

    #[test]
    fn a_long_datagram_is_cut_and_its_length_known() {
        let ((receiver, address), (sender, _)) = (udp(), udp());
        assert_eq!(send_many(&sender, &[to(address, &[7; 4000])]).unwrap(), 1);
        let mut bundle = Bundle::new(1);
        assert_eq!(receive_many(&receiver, &mut bundle).unwrap(), 1);
        let (message, octets) = bundle.get(0).unwrap();
        assert_eq!((message.length, octets.len()), (4000, BUFFER));
    }
}
