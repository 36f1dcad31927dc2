//! A file that a background thread writes.
//!
//! Writing takes a third of the time that formatting the data takes, so both run in parallel. A fixed number of buffers
//! is shared between the threads: memory is bounded, and a slow disk slows down the producer. A write error is returned
//! by the next write, at the latest by the flush.

use std::fs::File;
use std::io::{self, Write};
use std::num::NonZeroU64;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rustix::fs::{Advice, fadvise};

/// The number of shared buffers.
const BUFFERS: usize = 3;
/// After this many bytes the kernel starts writing them to the disk, so that the final sync has little left to do.
const SOON_DURABLE: u64 = 8 << 20;

/// Writes to a file in a background thread.
pub(super) struct BackgroundWriter {
    /// `None` once the thread is asked to end.
    full: Option<SyncSender<Vec<u8>>>,
    empty: Receiver<Vec<u8>>,
    spare: Vec<Vec<u8>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl BackgroundWriter {
    /// Starts the thread that writes to `file`.
    pub(super) fn new(file: File) -> io::Result<Self> {
        let (full, to_write) = sync_channel(BUFFERS);
        let (written, empty) = sync_channel(BUFFERS);
        let thread = thread::Builder::new().name("writer".into()).spawn(move || write(file, &to_write, &written))?;
        Ok(Self { full: Some(full), empty, spare: vec![Vec::new(); BUFFERS], thread: Some(thread) })
    }

    /// The error that ended the thread.
    fn failure(&mut self) -> io::Error {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(Err(cause))) => cause,
            _ => io::Error::other("the thread that writes it is gone"),
        }
    }
}

fn write(mut file: File, to_write: &Receiver<Vec<u8>>, written: &SyncSender<Vec<u8>>) -> io::Result<()> {
    let (mut carried, mut size) = (0, 0);
    for mut text in to_write {
        file.write_all(&text)?;
        size += text.len() as u64;
        if size - carried >= SOON_DURABLE {
            // This advice writes dirty pages to the disk and keeps them. If the kernel ignores it, nothing is lost.
            let _ = fadvise(&file, carried, NonZeroU64::new(size - carried), Advice::DontNeed);
            carried = size;
        }
        text.clear();
        if written.send(text).is_err() {
            break;
        }
    }
    Ok(())
}

impl Write for BackgroundWriter {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let Some(mut buffer) = self.spare.pop().or_else(|| self.empty.recv().ok()) else { return Err(self.failure()) };
        buffer.extend_from_slice(text);
        match self.full.as_ref().map(|full| full.send(buffer)) {
            Some(Ok(())) => Ok(text.len()),
            _ => Err(self.failure()),
        }
    }

    /// Waits until everything is written.
    fn flush(&mut self) -> io::Result<()> {
        while self.spare.len() < BUFFERS {
            let Ok(buffer) = self.empty.recv() else { return Err(self.failure()) };
            self.spare.push(buffer);
        }
        Ok(())
    }
}

impl Drop for BackgroundWriter {
    fn drop(&mut self) {
        self.full = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Read as _;

    use super::*;

    #[test]
    fn everything_is_there_once_it_is_flushed() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut writer = BackgroundWriter::new(file.reopen().unwrap()).unwrap();
        let text: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
        for piece in text.chunks(70_001) {
            writer.write_all(piece).unwrap();
        }
        writer.flush().unwrap();
        let mut found = Vec::new();
        file.read_to_end(&mut found).unwrap();
        assert!(found == text);
    }

    #[test]
    fn full_disk_is_reported_by_flush_and_later_writes() {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut writer = BackgroundWriter::new(full).unwrap();
        let _ = writer.write(b"some");
        assert_eq!(writer.flush().unwrap_err().kind(), io::ErrorKind::StorageFull);
        while writer.write(b"more").is_ok() {}
        writer.flush().unwrap_err();
    }
}
