//! kea-lease-dump: every lease, from every backend, as a file that Kea itself loads.

fn main() {}
