//! What an interface is made of.

use std::io;
use std::os::fd::AsRawFd;

use socket2::{Domain, Socket, Type};

/// `struct ethtool_drvinfo` of `linux/ethtool.h`, as far as it is looked at.
#[repr(C)]
struct DriverInfo {
    _command: u32,
    driver: [u8; 32],
    _rest: [u8; 160],
}

/// Of `linux/ethtool.h`.
const ETHTOOL_GDRVINFO: u32 = 3;

/// The name of an interface's driver: `veth`, `bridge`, `e1000e`.
pub(in crate::net) fn driver(interface: &str) -> io::Result<String> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    let mut info = DriverInfo { _command: ETHTOOL_GDRVINFO, driver: [0; 32], _rest: [0; 160] };
    // SAFETY: all fields of an ifreq are numbers and pointers; all zero is "nothing there".
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    if interface.len() >= request.ifr_name.len() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for (place, octet) in request.ifr_name.iter_mut().zip(interface.bytes()) {
        *place = libc::c_char::from_ne_bytes([octet]);
    }
    request.ifr_ifru.ifru_data = (&raw mut info).cast();
    // SAFETY: the descriptor is open; the request points to a structure of the length that this command writes.
    let status = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCETHTOOL, &raw mut request) };
    if status != 0 {
        return Err(io::Error::last_os_error());
    }
    let DriverInfo { driver, .. } = info;
    let name = driver.split(|octet| *octet == 0).next().unwrap_or_default();
    Ok(String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_that_is_not_there_has_no_driver() {
        assert!(driver("nosuch0").is_err() && driver("a-name-that-is-too-long").is_err());
    }
}
