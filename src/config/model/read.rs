//! How fields of the model are read whose form in Kea is a special one.

use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

pub(super) use super::super::de::list;

/// A value that is there.
pub(super) fn some<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A path of any octets; an empty one is none.
pub(super) fn path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    struct Octets;

    impl Visitor<'_> for Octets {
        type Value = Option<PathBuf>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_bytes<E>(self, octets: &[u8]) -> Result<Self::Value, E> {
            Ok((!octets.is_empty()).then(|| OsString::from_vec(octets.to_owned()).into()))
        }
    }

    deserializer.deserialize_bytes(Octets)
}

/// A number that means "not set" if it is 0.
pub(super) fn non_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    u16::deserialize(deserializer).map(|number| Some(number).filter(|number| *number != 0))
}

/// Seconds, of which 0 means "not set".
pub(super) fn non_zero_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    seconds(deserializer).map(|time| Some(time).filter(|time| !time.is_zero()))
}

/// Seconds.
pub(super) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u32::deserialize(deserializer).map(|seconds| Duration::from_secs(seconds.into()))
}

/// PostgreSQL's `sslmode`.
pub(super) fn ssl_mode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    const MODES: &[&str] = &["disable", "prefer", "require", "verify-ca", "verify-full"];
    match Option::<String>::deserialize(deserializer)? {
        Some(mode) if !MODES.contains(&mode.as_str()) => Err(Error::unknown_variant(&mode, MODES)),
        mode => Ok(mode),
    }
}
