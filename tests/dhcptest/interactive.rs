//! Commands from the terminal.

use kea_tools::dhcp::v4::{Message, MessageType};

use crate::dhcptest::harness::{Net, ms, reply, server};

#[test]
fn commands_send_and_every_packet_is_shown() {
    let ran = Net::with_server().typing(&["d", "", "foo", "d 01:23", "d zz", "r", "help", "q", "d"]).run(&["-q"]);
    assert_eq!(ran.status, 0);
    let kinds: Vec<_> = ran.sent.iter().map(|sent| sent.message_type().unwrap()).collect();
    assert_eq!(kinds, [MessageType::DISCOVER, MessageType::DISCOVER, MessageType::REQUEST]);
    let hardware = ran.sent[1].hardware().unwrap();
    assert_eq!((hardware.len(), &hardware[..2]), (6, &[1, 0x23][..]));
    assert_eq!((ran.sent[2].server_id(), ran.sent[2].xid()), (Some(server()), ran.sent[1].xid()));
    assert_eq!(ran.stdout.matches("BOOTREPLY").count(), 3, "{}", ran.stdout);
    for said in ["Enter a command.\n", "Unrecognized command.\n", "dhcptest: expected 1 to 16", "Commands:\n"] {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
}

#[test]
fn a_request_needs_an_offer_and_the_end_of_input_ends() {
    let ran = Net::silent().typing(&["r"]).run(&[]);
    assert_eq!((ran.status, ran.sent.len()), (0, 0));
    assert!(ran.stderr.contains("there is no offer to ask for"), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("Listening for DHCP replies on port 68.\nType \"d\""), "{}", ran.stderr);
}

#[test]
fn a_mistake_in_an_option_is_told_before_anything_is_typed() {
    let ran = Net::silent().typing(&["d"]).run(&["--option", "3=banana"]);
    assert_eq!((ran.status, ran.sent.len()), (2, 0));
    assert!(ran.stderr.contains("\"banana\" is not a list of values, each an IPv4 address"), "{}", ran.stderr);
}

#[test]
fn a_request_is_for_an_offer_that_was_made_to_us() {
    let net = Net::new(|question| {
        let good = reply(question);
        let foreign = Message { xid: good.xid ^ 1, yiaddr: [192, 0, 2, 66].into(), ..good.clone() };
        let mut other = Message { yiaddr: [192, 0, 2, 67].into(), ..good.clone() };
        other.chaddr[5] ^= 1;
        let asks = Message { op: 1, yiaddr: [192, 0, 2, 68].into(), ..good.clone() };
        let empty = Message { yiaddr: [0; 4].into(), ..good.clone() };
        let all = [good, foreign, other, asks, empty];
        all.into_iter().zip(1..).map(|(message, after)| (ms(after), server(), message.encode())).collect()
    });
    let ran = net.typing(&["d", "", "", "", "", "", "r", "q"]).run(&["-q", "--ciaddr", "192.0.2.9"]);
    let request = &ran.sent[1];
    assert_eq!((request.message_type(), request.xid()), (Some(MessageType::REQUEST), ran.sent[0].xid()));
    assert_eq!(request.address(50), Some([192, 0, 2, 100].into()));
    assert_eq!(request.ciaddr(), Some([0; 4].into()));
}
