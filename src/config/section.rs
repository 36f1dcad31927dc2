//! A map of a configuration, whose members are read by name.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::Duration;

use super::json::{Data, Map, Place, Value};
use crate::error::{Error, Result};

/// A map whose members are read by name and checked for their kind.
pub(super) struct Section<'a> {
    pub(super) place: &'a Place,
    pub(super) map: &'a Map,
}

impl<'a> Section<'a> {
    pub(super) fn new(name: &str, value: &'a Value) -> Result<Self> {
        match &value.data {
            Data::Map(map) => Ok(Self { place: &value.place, map }),
            _ => Err(wrong_kind(name, "a map", value)),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key.as_bytes())
    }

    /// Where the member stands, or the map if it has none of that name.
    pub(super) fn place(&self, key: &str) -> &Place {
        self.get(key).map_or(self.place, |value| &value.place)
    }

    /// The maps of a list; none if there is no list.
    pub(super) fn maps(&self, key: &str) -> Result<Vec<Self>> {
        match self.get(key).map(|value| (value, &value.data)) {
            None => Ok(Vec::new()),
            Some((_, Data::List(items))) => {
                items.iter().map(|item| Section::new(&format!("a member of \"{key}\""), item)).collect()
            }
            Some((value, _)) => Err(wrong_kind(&format!("\"{key}\""), "a list", value)),
        }
    }

    pub(super) fn octets(&self, key: &str) -> Result<Option<&'a [u8]>> {
        match self.get(key).map(|value| (value, &value.data)) {
            None => Ok(None),
            Some((_, Data::Text(octets))) => Ok(Some(octets.as_slice()).filter(|octets| !octets.is_empty())),
            Some((value, _)) => Err(wrong_kind(&format!("\"{key}\""), "a string", value)),
        }
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<String>> {
        let text = self.octets(key)?.map(|octets| String::from_utf8(octets.to_vec())).transpose();
        text.map_err(|_| self.place(key).error(format!("\"{key}\" is not UTF-8")))
    }

    pub(super) fn path(&self, key: &str) -> Result<Option<PathBuf>> {
        Ok(self.octets(key)?.map(|octets| OsString::from_vec(octets.to_vec()).into()))
    }

    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>> {
        match self.get(key).map(|value| (value, &value.data)) {
            None => Ok(None),
            Some((_, Data::Bool(flag))) => Ok(Some(*flag)),
            Some((value, _)) => Err(wrong_kind(&format!("\"{key}\""), "true or false", value)),
        }
    }

    /// An integer from 0 to `max`.
    pub(super) fn number(&self, key: &str, max: u32) -> Result<Option<u32>> {
        match self.get(key).map(|value| (value, &value.data)) {
            None => Ok(None),
            Some((value, Data::Int(number))) => match u32::try_from(*number) {
                Ok(number) if number <= max => Ok(Some(number)),
                _ => Err(value.place.error(format!("\"{key}\" is {number}, expected 0 to {max}"))),
            },
            Some((value, _)) => Err(wrong_kind(&format!("\"{key}\""), "an integer", value)),
        }
    }

    pub(super) fn seconds(&self, key: &str) -> Result<Option<Duration>> {
        Ok(self.number(key, u32::MAX)?.map(|seconds| Duration::from_secs(seconds.into())))
    }

    pub(super) fn port(&self, key: &str) -> Result<Option<u16>> {
        Ok(self.number(key, u16::MAX.into())?.and_then(|port| u16::try_from(port).ok()))
    }
}

fn wrong_kind(name: &str, wanted: &str, value: &Value) -> Error {
    value.place.error(format!("{name} is {}, expected {wanted}", value.kind()))
}
