//! Files under names that other users may have chosen: reading within bounds, and which names are the same file.

pub mod bounded;
pub mod kept;
pub mod path;
