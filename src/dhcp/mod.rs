//! What a DHCP packet is (pure).
//!
//! A probe must show what a broken server sent. So a packet is walked over here octet by octet: every option stays in
//! wire order with its offset, nothing is dropped, nothing fails, and what is wrong becomes a [`Anomaly`] beside it.
//! What is sent is built apart from that (`v4::Message`), and can be wrong on purpose too.

mod anomaly;
pub mod table;
pub mod v4;
pub mod v6;
pub mod value;

pub use anomaly::Anomaly;
