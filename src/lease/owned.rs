//! A lease that is kept.

use std::ops::Range;

use super::{HwAddr, Lease};

/// A lease that is kept.
#[derive(Debug, Clone)]
pub struct OwnedLease {
    /// Everything but the bytes.
    fixed: Lease<'static>,
    bytes: Box<[u8]>,
    /// Where in `bytes` the hardware address ends, then the client's identifier, then the host name.
    ends: [u32; 3],
}

impl OwnedLease {
    /// The lease.
    #[must_use]
    pub fn lease(&self) -> Lease<'_> {
        let [hwaddr, identifier, hostname] = self.ends.map(|end| end as usize);
        let part = |range: Range<usize>| &self.bytes[range];
        Lease {
            client: self.fixed.client.with_identifier(part(hwaddr..identifier)),
            hwaddr: HwAddr(part(0..hwaddr)),
            hostname: part(identifier..hostname),
            user_context: part(hostname..self.bytes.len()),
            ..self.fixed
        }
    }
}

impl From<&Lease<'_>> for OwnedLease {
    fn from(lease: &Lease<'_>) -> Self {
        let parts = [lease.hwaddr.0, lease.identifier(), lease.hostname, lease.user_context];
        let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
        let mut ends = [0; 4];
        for (part, end) in parts.iter().zip(&mut ends) {
            bytes.extend_from_slice(part);
            // No row of any source is longer than 16 MiB.
            *end = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        }
        let [hwaddr, identifier, hostname, _] = ends;
        let client = lease.client.with_identifier(b"");
        let fixed = Lease { client, hwaddr: HwAddr(b""), hostname: b"", user_context: b"", ..*lease };
        Self { fixed, bytes: bytes.into(), ends: [hwaddr, identifier, hostname] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lease::sample;

    #[test]
    fn a_kept_lease_has_everything() {
        for lease in [sample::V4, sample::V6] {
            let lease = Lease { user_context: b"{}", ..lease };
            assert_eq!(OwnedLease::from(&lease).lease(), lease);
        }
    }
}
