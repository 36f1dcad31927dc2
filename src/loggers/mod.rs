//! What is logged, at which level, to where: Kea's loggers by its configuration, and what is wrong with them.
//!
//! Facts come in as [`Site`]s: a daemon's configuration with what its release, user and files are. [`Tree`] is what the
//! daemon makes of them, [`findings`] what is wrong, [`Change`] what a user wants instead. The rules of each release were
//! measured with 2.2.0, 2.6.3 and 3.0.4 ([`Rules`]). Pure: no file is opened here.

mod change;
mod compose;
mod entry;
mod finding;
pub mod messages;
pub mod names;
mod pattern;
mod route;
mod rules;
mod site;
mod splice;
mod surroundings;
mod target;
mod threshold;
mod tree;

pub use change::Change;
pub use compose::{Composed, compose};
pub use finding::{Finding, Grade, findings, shared_files};
pub use route::{Output, Route, Subject, routes};
pub use rules::Rules;
pub use site::Site;
pub use splice::with_loggers;
pub use surroundings::{FileFacts, FileState, Folder, Surroundings};
pub use target::Target;
pub use threshold::Threshold;
pub use tree::{Destination, Effective, Tree};
