//! Hosts, as the heads of lines name them.

use super::hash::hash;

/// How much of a name is kept to show it.
const LONGEST: usize = 24;

/// A host: all of its name as a hash, and the beginning of it as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Host {
    /// 0 where no host is known.
    hash: u64,
    text: [u8; LONGEST],
}

impl Host {
    pub(super) fn new(name: &[u8]) -> Self {
        let mut text = [0; LONGEST];
        let length = name.len().min(LONGEST);
        text[..length].copy_from_slice(&name[..length]);
        Self { hash: hash(name), text }
    }

    /// A host by the name that was shown of it, if that is all of it.
    pub(super) fn known_as(name: &str) -> Self {
        if name.len() < LONGEST { Self::new(name.as_bytes()) } else { Self::default() }
    }

    pub(super) fn is_known(self) -> bool {
        self.hash != 0
    }

    /// The name, cut where it is long; `None` where no host is known.
    pub(crate) fn name(self) -> Option<String> {
        let end = self.text.iter().position(|byte| *byte == 0).unwrap_or(LONGEST);
        self.is_known().then(|| String::from_utf8_lossy(&self.text[..end]).into_owned())
    }
}
