//! The identity of this host.

use std::fs;

/// This installation's identifier (machine-id(5)), which must not be published unchanged; without one, the host name.
#[must_use]
pub fn identifier() -> Option<String> {
    let places = ["/etc/machine-id", "/var/lib/dbus/machine-id", "/etc/hostid", "/etc/hostname"];
    let mut found = places.iter().filter_map(|place| fs::read_to_string(place).ok());
    found.find_map(|text| Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
}
