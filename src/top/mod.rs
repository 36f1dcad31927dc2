//! What kea-top shows: servers, what they have answered, what has changed, and where the user is. Pure.
//!
//! [`Model`] takes the answers as they come and remembers what a view needs: rates of counters, what was free earlier, events.
//! [`App`] is the model with the state of the screen; keys change it. Neither has a clock: both learn the time from answers and ticks.

mod app;
mod chosen;
mod clients;
mod counter;
mod daemon;
mod event;
mod host;
mod key;
mod looks;
mod model;
mod pairs;
mod pool_row;
mod private;
mod rate;
mod record;
mod rows;
mod view;

pub use app::{App, Flow, RANGES, Replay};
pub use clients::{Clients, Deed, Given};
pub use counter::Counter;
pub use daemon::{DaemonState, Word};
pub use event::{Event, Events, Severity};
pub use host::{HostLook, Seen};
pub use key::Key;
pub use looks::Looks;
pub use model::{IDLE, Model, Server};
pub use pairs::{Pair, Side, served};
pub use pool_row::PoolRow;
pub use private::{HIDDEN, anonymous_name};
pub use rate::{Meter, Meters};
pub use record::{INTERVALS, News, Played, Player, Recorder};
pub use rows::{GRANTED, PoolRef, Sort};
pub use view::View;
