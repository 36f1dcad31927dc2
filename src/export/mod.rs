//! What the lease programs do: leases from their sources, filtered, into files, lists and answers about one address.
//!
//! Command lines are none of its business: a program fills a struct of options, and hears through an [`Observer`] what
//! its user should know.

mod address;
mod dump;
mod files;
mod list;
mod lister;
mod live_files;
mod manifest;
mod observer;
mod open;
mod options;
mod reservations;
mod stream;
mod survey;
mod watch;

pub use address::AddressFound;
pub use files::FileDump;
pub use list::{LeaseList, Listed};
pub use live_files::live_files;
pub use observer::Observer;
pub use options::ListOptions;
pub use reservations::Reservations;
pub use stream::{write_all, write_leases};
pub use survey::{Refused, Survey, SurveyOptions, Surveyed, survey};
pub use watch::Screen;
