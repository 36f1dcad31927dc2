//! DHCPv4 packets as the crate `dhcproto` reads them, which was written without us.

use dhcproto::v4::Message;
use dhcproto::{Decodable, Decoder};
use kea_tools::dhcp::v4;

/// A packet that dhcproto reads has the same fixed fields for us. Our own message with the options that we see means the
/// same to dhcproto as the packet.
pub fn dhcproto(data: &[u8]) {
    let Ok(theirs) = Message::decode(&mut Decoder::new(data)) else { return };
    let ours = v4::Packet::parse(data);
    assert_eq!(ours.xid(), Some(theirs.xid()));
    assert_eq!((ours.hops(), ours.secs()), (Some(theirs.hops()), Some(theirs.secs())));
    assert_eq!((ours.ciaddr(), ours.yiaddr()), (Some(theirs.ciaddr()), Some(theirs.yiaddr())));
    assert_eq!((ours.siaddr(), ours.giaddr()), (Some(theirs.siaddr()), Some(theirs.giaddr())));
    // Options in sname and file are options for us and not for dhcproto; what is damaged may be read in several ways.
    let is_plain = ours.has_magic() && ours.option(v4::option::OVERLOAD).is_none() && ours.anomalies().is_empty();
    if !is_plain {
        return;
    }
    let mut message = v4::Message::request(theirs.xid(), theirs.chaddr());
    message.options = ours.options().iter().map(|option| (option.code, option.octets.to_vec())).collect();
    let again = Message::decode(&mut Decoder::new(&message.encode())).expect("the same options");
    assert_eq!(again.opts(), theirs.opts());
}
