//! The recipes of README and the manual pages, run as they are written, where they are meant to be run and as each user who
//! would run them.

mod bundle;
mod cron;
mod leases;
mod loggers;
mod logs;
mod migration;
mod probes;
mod releases;
mod remote;
mod site;
mod status;
mod upload;
