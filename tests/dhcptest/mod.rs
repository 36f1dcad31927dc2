//! dhcptest as a whole program, in a network of the test's own, at a time that passes only while somebody waits.
mod harness;

mod answers;
mod interactive;
mod layout;
mod outputs;
