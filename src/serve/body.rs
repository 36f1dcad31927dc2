//! The body of an answer: whole, or in pieces as they are written.

use std::convert::Infallible;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// The size of a piece.
const PIECE: usize = 32 << 10;

/// A body.
pub(super) enum Content {
    /// All at once.
    Whole(Option<Bytes>),
    /// In pieces.
    Pieces(Receiver<Bytes>),
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Pieces(pieces) => pieces.poll_recv(context).map(|piece| piece.map(|bytes| Ok(Frame::data(bytes)))),
        }
    }
}

/// Writes the pieces of a body. Where the client does not read, it waits.
pub(super) struct Pieces {
    sender: Sender<Bytes>,
    buffer: Vec<u8>,
}

/// A body, and what writes it.
pub(super) fn pieces() -> (Content, Pieces) {
    let (sender, receiver) = channel(1);
    (Content::Pieces(receiver), Pieces { sender, buffer: Vec::with_capacity(PIECE) })
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() == PIECE {
            self.flush()?;
        }
        let room = bytes.len().min(PIECE - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..room]);
        Ok(room)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE));
        self.sender.blocking_send(piece.into()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}
