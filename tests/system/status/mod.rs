//! keactrl-status and the real daemons of Kea: what it says when they live, die, and anything between.

mod cases;
mod ha;
pub(crate) mod machine;
mod rights;
