//! What drives an exchange and what is driven.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::wire::{Datagram, Transmit, Unreachable};

/// An exchange in progress, without a socket or a clock.
///
/// Times are on one scale that never goes backwards. The driver asks for what is to be sent until there is
/// nothing more, then waits for a datagram or for [`poll_timeout`](Self::poll_timeout), and starts again, until
/// [`is_done`](Self::is_done).
///
/// A driver of many packets may ask for several datagrams before it reports the first as sent; it reports them in their order.
pub trait Machine {
    /// The next datagram to be sent now, if there is one.
    fn poll_transmit(&mut self, now: Duration) -> Option<Transmit>;

    /// The datagram that was asked for last left at this moment.
    fn handle_sent(&mut self, at: Duration) {
        let _ = at;
    }

    /// The datagram that was asked for last could not be sent.
    fn handle_unsent(&mut self, now: Duration, error: Error);

    /// A datagram did not arrive, ICMP says.
    fn handle_unreachable(&mut self, unreachable: &Unreachable) {
        let _ = unreachable;
    }

    /// A link can no longer be heard, for this reason.
    ///
    /// # Errors
    /// The machine cannot do without, and the run ends.
    fn handle_failed(&mut self, link: usize, error: &Error) -> Result<()> {
        let _ = link;
        Err(error.clone())
    }

    /// When the machine wants to be called though nothing has come; without a moment it waits without end.
    fn poll_timeout(&self) -> Option<Duration>;

    /// The moment of [`poll_timeout`](Self::poll_timeout) has come.
    fn handle_timeout(&mut self, now: Duration);

    /// Whether the datagram is of one of its own transactions: no other machine is shown it then.
    fn knows(&self, datagram: &Datagram<'_>) -> bool {
        let _ = datagram;
        false
    }

    /// A datagram has come. Whichever it is for, every machine is shown it, unless another [knows](Self::knows) it.
    fn handle_datagram(&mut self, datagram: &Datagram<'_>);

    /// The user wants an end: what is owed to a server is still sent.
    fn handle_interrupt(&mut self, now: Duration);

    /// Whether there is nothing more to send or to wait for.
    fn is_done(&self) -> bool;
}
