//! A buffer before a stream that is written to in large pieces, with direct access for formatting.

use std::io::{self, Write};

/// Text that waits to be written.
pub(super) struct Buffer<'a> {
    pub(super) text: Vec<u8>,
    out: &'a mut dyn Write,
}

impl<'a> Buffer<'a> {
    /// How much text is written at once.
    pub(super) const FULL: usize = 256 * 1024;

    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { text: Vec::with_capacity(Self::FULL + 16 * 1024), out }
    }

    /// Writes the text out if there is much of it.
    pub(super) fn relieve(&mut self) -> io::Result<()> {
        if self.text.len() >= Self::FULL { self.write_out() } else { Ok(()) }
    }

    fn write_out(&mut self) -> io::Result<()> {
        self.out.write_all(&self.text)?;
        self.text.clear();
        Ok(())
    }

    /// Writes all text out and flushes the stream.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.write_out()?;
        self.out.flush()
    }
}
