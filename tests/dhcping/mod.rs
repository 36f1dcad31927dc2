//! dhcping as a whole, in memory: its network and its time are the test's own.
mod asked;
mod classic;
mod cut_short;
mod harness;
mod outputs;
mod several_servers;
mod verdicts;
