//! Text for people and programs.

mod html;
pub mod lease;
pub mod live;
pub mod load;
pub mod log;
pub mod loggers;
pub mod metrics;
pub mod nagios;
pub mod packet;
pub mod probe;
pub mod prometheus;
pub mod status;
pub mod usage;
pub(crate) mod wrap;
