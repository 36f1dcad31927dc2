//! The DHCPv4 message that the user describes, and how options are typed.

use std::net::Ipv4Addr;

use super::typed_option::typed_option;
use super::{QuerySpec, profiles};
use crate::dhcp::table::Space;
use crate::dhcp::v4::table::OPTIONS;
use crate::dhcp::v4::{BROADCAST, Message, MessageType, option};
use crate::error::{Error, Result};

/// A type of message, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryType {
    /// A message with this type.
    Typed(MessageType),
    /// One without.
    Bootp,
}

/// The type of the message, if it is given.
pub(super) fn kind(spec: &QuerySpec) -> Result<Option<QueryType>> {
    let Some(text) = &spec.message.kind else { return Ok(None) };
    if text.eq_ignore_ascii_case("bootp") {
        return Ok(Some(QueryType::Bootp));
    }
    let by_number = || text.parse().ok().map(MessageType);
    let found = MessageType::by_name(text).or_else(by_number).map(QueryType::Typed);
    found.map(Some).ok_or_else(|| {
        Error::new(format!("--message \"{text}\""), "there is no message of this type")
            .hint("discover, request, inform, decline, release, … or a number up to 255; -6 has others")
    })
}

/// The message, without its transaction. Options are in dhcptest's order: the type, the list of `--request`, then
/// the others as they are given.
///
/// # Errors
/// Something in it was mistyped, or is given twice.
pub fn build(spec: &QuerySpec, hardware: &[u8]) -> Result<Message> {
    let said = &spec.message;
    let mut message = Message::request(0, hardware);
    header(spec, &mut message)?;
    let mut options = Vec::new();
    if !said.requested.is_empty() {
        let codes = said.requested.iter().map(|text| code(text)).collect::<Result<Vec<u8>>>()?;
        options.push((option::PARAMETER_REQUEST_LIST, codes));
    }
    for text in &said.options {
        options.push(typed_option(text)?);
    }
    if let Some(name) = &said.profile {
        let missing = profiles::find(name)?.options(hardware)?;
        options.extend(
            missing.into_iter().filter(|(code, _)| !options.iter().any(|(given, _)| given == code)).collect::<Vec<_>>(),
        );
    }
    put_type(spec, &mut options)?;
    message.options = options;
    Ok(message)
}

fn header(spec: &QuerySpec, message: &mut Message) -> Result<()> {
    let said = &spec.message;
    message.secs = said.secs;
    message.giaddr = said.giaddr.unwrap_or(Ipv4Addr::UNSPECIFIED);
    message.ciaddr = said.ciaddr.unwrap_or(Ipv4Addr::UNSPECIFIED);
    message.flags = said.flags.unwrap_or(if spec.link.target.is_none() { BROADCAST } else { 0 });
    message.hops = said.hops.unwrap_or(u8::from(said.giaddr.is_some()));
    message.htype = said.htype.unwrap_or(message.htype);
    message.hlen = said.hlen.unwrap_or(message.hlen);
    fill("--sname", said.sname.as_deref(), &mut message.sname)?;
    fill("--file", said.file.as_deref(), &mut message.file)
}

fn fill(what: &str, text: Option<&str>, field: &mut [u8]) -> Result<()> {
    let octets = text.unwrap_or_default().as_bytes();
    let room = field.len();
    let Some(place) = field.get_mut(..octets.len()) else {
        return Err(Error::new(what, format!("\"{}\" has more than {room} octets", text.unwrap_or_default())));
    };
    place.copy_from_slice(octets);
    Ok(())
}

/// The type goes first, unless it is given as an option.
fn put_type(spec: &QuerySpec, options: &mut Vec<(u8, Vec<u8>)>) -> Result<()> {
    let is_given = options.iter().any(|(code, _)| *code == option::MESSAGE_TYPE);
    let message_type = match kind(spec)? {
        _ if is_given && spec.is_whole_exchange => {
            return Err(Error::new("--dora", "its messages have types of their own").hint("leave option 53 out"));
        }
        Some(_) if is_given => {
            return Err(Error::new("--message", "option 53 gives the type already").hint("leave one of them out"));
        }
        Some(QueryType::Bootp) => return Ok(()),
        Some(QueryType::Typed(message_type)) => message_type,
        None if is_given => return Ok(()),
        None => MessageType::DISCOVER,
    };
    options.insert(0, (option::MESSAGE_TYPE, vec![message_type.0]));
    Ok(())
}

/// What `--request` says: the code of an option by number or name.
pub(super) fn code_in(space: &Space, text: &str) -> Result<u16> {
    let code = space.code_of(text.trim().trim_matches('"'));
    code.map_err(|cause| Error::new(format!("--request \"{text}\""), cause).hint("give a number or a name, such as 6"))
}

/// The code of an option of DHCPv4 by number or name.
pub(super) fn code(text: &str) -> Result<u8> {
    u8::try_from(code_in(&OPTIONS, text)?).map_err(|_| Error::new(format!("--request \"{text}\""), "codes end at 255"))
}
