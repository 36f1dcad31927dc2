//! Option codes that our own code speaks of; the table has them all.
#![expect(missing_docs, reason = "the names are the RFC's")]

pub const CLIENTID: u16 = 1;
pub const SERVERID: u16 = 2;
pub const IA_NA: u16 = 3;
pub const IA_TA: u16 = 4;
pub const IAADDR: u16 = 5;
pub const ORO: u16 = 6;
pub const PREFERENCE: u16 = 7;
pub const ELAPSED_TIME: u16 = 8;
pub const RELAY_MSG: u16 = 9;
pub const UNICAST: u16 = 12;
pub const STATUS_CODE: u16 = 13;
pub const RAPID_COMMIT: u16 = 14;
pub const VENDOR_OPTS: u16 = 17;
pub const INTERFACE_ID: u16 = 18;
pub const IA_PD: u16 = 25;
pub const IAPREFIX: u16 = 26;
pub const LQ_QUERY: u16 = 44;
pub const CLIENT_DATA: u16 = 45;
pub const LQ_RELAY_DATA: u16 = 47;
pub const NTP_SERVER: u16 = 56;
pub const RSOO: u16 = 66;
pub const SOL_MAX_RT: u16 = 82;
pub const INF_MAX_RT: u16 = 83;
pub const IA_LL: u16 = 138;
