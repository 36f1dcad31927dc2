//! What a lease is: one struct wherever it came from and wherever it goes.
//!
//! Fields borrow from the buffer of their source, so that a million leases cost no allocation each. Text that
//! clients chose (host name, identifiers) is bytes, because Kea stores bytes.

pub mod address_text;
pub mod context;
pub mod filter;
mod id;
mod model;
mod owned;
mod row_error;
#[cfg(test)]
pub(crate) mod sample;
pub mod sort;
mod state;
mod status;
pub mod subnets;
pub mod vendor;

pub use crate::family::Family;
pub use id::{ClientId, Duid, HwAddr};
pub use model::{Client, Lease};
pub use owned::OwnedLease;
pub use row_error::RowError;
pub use state::{LeaseState, LeaseType, Lifetime, cltt_from_database};
pub use status::LeaseStatus;
