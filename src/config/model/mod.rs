//! What Kea's configuration says: one model for every program.
//!
//! The forms of Kea 1.0 to 3.3 are read into the same structs. Defaults are those of Kea where a method says so; a field
//! holds only what is written. What no struct knows is kept in `rest`.

mod address;
mod class;
mod database;
mod hook;
mod logger;
mod read;
mod reservation;
mod served;
mod server;
mod settings;
mod socket;
mod subnet;

pub use address::{PoolRange, Prefix};
pub use class::{ClassDefinition, ClientClasses};
pub use database::{Backend, ConfigControl, DatabaseAccess, LeaseDatabase};
pub use hook::{HighAvailability, Hook, HookParameters, Peer};
pub use logger::{LogOutput, Logger};
pub use reservation::{HostReservation, IdentifierType};
pub use served::ServedSubnet;
pub use server::{DhcpDdns, ExpiredLeasesProcessing, InterfacesConfig, Server};
pub use settings::{Relay, ReservationModes, Settings};
pub use socket::{Authentication, AuthenticationClient, ControlSocket, ControlSockets, WebSettings};
pub use subnet::{AddressPool, PrefixPool, SharedNetwork, Subnet};
