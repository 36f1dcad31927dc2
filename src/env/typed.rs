//! Typed lines while packets arrive: both wake the same wait.

use std::io::{self, BufRead as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::signals;

/// The event that ended the wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// A line, without its end.
    Line(String),
    /// Standard input has ended.
    End,
    /// Ctrl-C.
    Interrupted,
}

/// Reads standard input and signals from now on. For each event of [`Typed`], one byte can be read.
///
/// Two threads wait, since poll cannot wait for a whole line; they end with the process.
pub fn typed() -> io::Result<(OwnedFd, Receiver<Typed>)> {
    let (ours, theirs) = UnixStream::pair()?;
    let (sender, receiver) = channel();
    let bell = Bell { sender, stream: theirs };
    let interrupts = std::fs::File::from(signals::interruptions()?);
    let ring = bell.try_clone()?;
    thread::Builder::new().name("signals".into()).spawn(move || forward(interrupts, ring))?;
    thread::Builder::new().name("stdin".into()).spawn(move || read_lines(bell))?;
    ours.set_nonblocking(true)?;
    Ok((ours.into(), receiver))
}

struct Bell {
    sender: Sender<Typed>,
    stream: UnixStream,
}

impl Bell {
    fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { sender: self.sender.clone(), stream: self.stream.try_clone()? })
    }

    /// False when the receiver is gone.
    fn ring(&mut self, typed: Typed) -> bool {
        self.sender.send(typed).is_ok() && self.stream.write_all(&[0]).is_ok()
    }
}

fn read_lines(mut bell: Bell) {
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        if !bell.ring(Typed::Line(line)) {
            return;
        }
    }
    bell.ring(Typed::End);
}

fn forward(interrupts: std::fs::File, mut bell: Bell) {
    let fd = interrupts;
    loop {
        let mut wanted = [rustix::event::PollFd::new(&fd, rustix::event::PollFlags::IN)];
        if rustix::event::poll(&mut wanted, None).is_err() {
            continue;
        }
        match rustix::io::read(&fd, &mut [0_u8][..]) {
            Ok(0) => return,
            Ok(_) if !bell.ring(Typed::Interrupted) => return,
            _ => {}
        }
    }
}
