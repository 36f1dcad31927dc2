//! Capture files: pcap written, pcap and pcapng read.

mod read;
mod write;

pub use read::{LinkType, Record, read};
pub use write::Writer;
