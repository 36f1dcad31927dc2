//! Which options may be given by hand: not those by which an exchange goes, and none that makes a lease that the run does not
//! know of, and so would not give back.

use crate::dhcp::table::Space;
use crate::error::{Error, Result};
use crate::probe::query::typed_option::option_in;

/// Options with a reason why they are refused.
pub(super) type Refused = &'static [(&'static [u16], &'static str)];

/// DHCPv4.
pub(super) const REFUSED_V4: Refused = &[
    (&[53], "the messages of an exchange have types of their own"),
    (&[50, 54], "the addresses of an exchange are those that servers offer"),
    (&[80], "a server gives a lease at once, which this exchange does not expect"),
    (&[0, 52, 255], "it is about the form of a message and ends or hides the options after it"),
];

/// DHCPv6.
pub(super) const REFUSED_V6: Refused = &[
    (&[1, 2], "each client has a DUID of its own, and the server is the one that advertised"),
    (&[3, 4, 5, 25, 26, 138, 139, 149], "a further lease would be left at the server"),
    (&[8, 9, 12, 13], "the messages of an exchange have their own"),
    (&[14], "--exchange rapid is the exchange with it"),
];

/// Options without a value that mean something: an Option Request that asks for none, and Reconfigure Accept.
pub(super) const EMPTY_V6: &[u16] = &[6, 20];

/// Checks that the options that are typed leave exchanges as they are, and that servers can read them.
pub(super) fn check(typed: &[String], space: &'static Space, refused: Refused, may_be_empty: &[u16]) -> Result<()> {
    for text in typed {
        let (code, octets) = option_in(space, text)?;
        if let Some((_, why)) = refused.iter().find(|(codes, _)| codes.contains(&code)) {
            return Err(Error::new("--option", why).hint(format!("leave option {code} out")));
        }
        if octets.is_empty() && !may_be_empty.contains(&code) {
            let cause = format!("option {code} is empty, and servers discard messages with such options");
            return Err(Error::new("--option", cause).hint("give it a value, or leave it out"));
        }
    }
    Ok(())
}
