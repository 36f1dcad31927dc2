//! Codes of the options an exchange turns on.

/// Padding, one octet.
pub const PAD: u8 = 0;
/// Subnet mask.
pub const SUBNET_MASK: u8 = 1;
/// Routers.
pub const ROUTERS: u8 = 3;
/// Domain name servers.
pub const DNS_SERVERS: u8 = 6;
/// Host name.
pub const HOST_NAME: u8 = 12;
/// Vendor specific information.
pub const VENDOR_SPECIFIC: u8 = 43;
/// Requested IP address.
pub const REQUESTED_ADDRESS: u8 = 50;
/// Lease time in seconds.
pub const LEASE_TIME: u8 = 51;
/// Which of `sname` and `file` hold options.
pub const OVERLOAD: u8 = 52;
/// Message type.
pub const MESSAGE_TYPE: u8 = 53;
/// Server identifier, an address.
pub const SERVER_ID: u8 = 54;
/// The codes of the options a client wants.
pub const PARAMETER_REQUEST_LIST: u8 = 55;
/// A server's words on a NAK, a client's on a DECLINE.
pub const MESSAGE: u8 = 56;
/// Largest message the sender takes.
pub const MAX_MESSAGE_SIZE: u8 = 57;
/// Renewal time T1 in seconds.
pub const RENEWAL_TIME: u8 = 58;
/// Rebinding time T2 in seconds.
pub const REBINDING_TIME: u8 = 59;
/// Vendor class identifier.
pub const VENDOR_CLASS: u8 = 60;
/// Client identifier.
pub const CLIENT_ID: u8 = 61;
/// Rapid commit (RFC 4039).
pub const RAPID_COMMIT: u8 = 80;
/// Relay agent information (RFC 3046).
pub const RELAY_AGENT: u8 = 82;
/// End of the options, one octet.
pub const END: u8 = 255;
