//! Options as a user types them.

use crate::dhcp::table::Space;
use crate::dhcp::v4::table::OPTIONS;
use crate::dhcp::v6;
use crate::dhcp::value::{self, Text, ValueFormat};
use crate::error::{Error, Result};
use crate::family::Family;

/// `CODE[FORMAT]=VALUE` of DHCPv4.
pub(super) fn typed_option(text: &str) -> Result<(u8, Vec<u8>)> {
    let (code, octets) = option_in(&OPTIONS, text)?;
    let code = u8::try_from(code).map_err(|_| Error::new(format!("--option \"{text}\""), "codes end at 255"))?;
    Ok((code, octets))
}

/// `CODE[FORMAT]=VALUE`.
///
/// # Errors
/// There is no such option, or the value does not fit it.
pub fn option_in(space: &'static Space, text: &str) -> Result<(u16, Vec<u8>)> {
    let failed = |cause: String| {
        Error::new(format!("--option \"{text}\""), cause)
            .hint("write CODE=VALUE or CODE[FORMAT]=VALUE, such as 60=MSFT")
    };
    let mut reader = Text::new(text);
    let (name, form) = reader.field().map_err(failed)?;
    let code = space.code_of(name.trim().trim_matches('"'));
    let code = code.map_err(|cause| Error::new(format!("--option \"{text}\""), cause))?;
    let format = form.map_or(Ok(space.format(code)), |form| format(space, &form))?;
    let value = reader.rest();
    let octets = value::parse(&format, value, space);
    let octets = match several(format).filter(|_| octets.is_err() && value.contains([',', ' ', '['])) {
        Some(list) => value::parse(&list, value, space),
        None => octets,
    };
    Ok((code, octets.map_err(|cause| Error::new(format!("--option {name}"), cause))?))
}

/// What is called by a single one's name and may be several, as with dhcptest 0.9: `6[IP]=192.0.2.1,192.0.2.2`.
#[must_use]
pub fn several(format: ValueFormat) -> Option<ValueFormat> {
    Some(ValueFormat::List(match format {
        ValueFormat::Ip4 => &ValueFormat::Ip4,
        ValueFormat::Ip6 => &ValueFormat::Ip6,
        ValueFormat::U8 => &ValueFormat::U8,
        ValueFormat::U16 => &ValueFormat::U16,
        ValueFormat::U32 => &ValueFormat::U32,
        ValueFormat::Bool => &ValueFormat::Bool,
        ValueFormat::Seconds => &ValueFormat::Seconds,
        ValueFormat::Code(space) => return ValueFormat::by_name("dhcpOptionTypes", space),
        _ => return None,
    }))
}

/// The options of a family.
#[must_use]
pub fn space(family: Family) -> &'static Space {
    match family {
        Family::V4 => &OPTIONS,
        Family::V6 => &v6::table::OPTIONS,
    }
}

/// The format of this name.
///
/// # Errors
/// There is no format of this name.
pub fn format(space: &Space, name: &str) -> Result<ValueFormat> {
    ValueFormat::by_name(name.trim(), space).ok_or_else(|| {
        Error::new(format!("format \"{name}\""), "there is none of this name")
            .hint(ValueFormat::names(space).join(", "))
    })
}
