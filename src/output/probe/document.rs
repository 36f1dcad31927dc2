//! The one document of JSON.
//!
//! What is received is written as it comes, for that may be anything and have no end; what is sent is bounded, and follows
//! it.

use std::io::{self, Write};

/// So many of the packets that were sent are in the document; of more only the number.
const MOST_SENT: usize = 10_000;

/// A document that is being written.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// How many packets that were received are written.
    received: u64,
    sent: Vec<String>,
    left_out: u64,
}

impl Document {
    /// Keeps a packet that was sent for the end.
    pub(super) fn keep(&mut self, packet: String) {
        if self.sent.len() < MOST_SENT {
            self.sent.push(packet);
        } else {
            self.left_out += 1;
        }
    }

    /// Writes a packet that was received.
    pub(super) fn write(&mut self, packet: &str, out: &mut dyn Write) -> io::Result<()> {
        let before = if self.received == 0 { "{\"received\": [" } else { ",\n" };
        self.received += 1;
        write!(out, "{before}{packet}")
    }

    /// Ends it, with `rest` after the packets.
    pub(super) fn end(&mut self, rest: &str, out: &mut dyn Write) -> io::Result<()> {
        if self.received == 0 {
            write!(out, "{{\"received\": [")?;
        }
        writeln!(out, "],\n\"sent\": [{}],", self.sent.join(",\n"))?;
        if self.left_out > 0 {
            writeln!(out, "\"sent-left-out\": {},", self.left_out)?;
        }
        writeln!(out, "{rest}}}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_received_is_streamed_and_json_sent_is_bounded() {
        let (mut document, mut out) = (Document::default(), Vec::new());
        (0..=MOST_SENT).for_each(|number| document.keep(number.to_string()));
        document.write("1", &mut out).unwrap();
        assert_eq!(out, b"{\"received\": [1");
        document.write("2", &mut out).unwrap();
        document.end("\"success\": true", &mut out).unwrap();
        let whole: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(whole["received"], serde_json::json!([1, 2]));
        assert_eq!((whole["sent"].as_array().unwrap().len(), &whole["sent-left-out"]), (MOST_SENT, &1.into()));
    }
}
