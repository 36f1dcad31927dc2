//! The text of a file, whatever its encoding.

/// The text of octets: UTF-16 with or without a mark, UTF-8 with what is none of it replaced; without null octets.
#[must_use]
pub fn text_of(octets: &[u8]) -> String {
    let text = match octets {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ if is_wide(octets, 1) => wide(octets, u16::from_le_bytes),
        _ if is_wide(octets, 0) => wide(octets, u16::from_be_bytes),
        _ => String::from_utf8_lossy(octets).into_owned(),
    };
    if text.contains('\0') { text.replace('\0', "") } else { text }
}

/// Whether most octets at odd or even places are null.
fn is_wide(octets: &[u8], first: usize) -> bool {
    let high = || octets.iter().skip(first).step_by(2);
    let nulls = high().filter(|octet| **octet == 0).count();
    octets.len() >= 4 && nulls > high().count() * 3 / 4
}

fn wide(octets: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = octets.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_two_octets_a_character_is_read() {
        let text = "{ \"password\": \"é\" }\n";
        let wide = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        let (little, big) = (wide(u16::to_le_bytes), wide(u16::to_be_bytes));
        for octets in [
            text.as_bytes().to_vec(),
            little.clone(),
            big.clone(),
            [vec![0xff, 0xfe], little].concat(),
            [vec![0xfe, 0xff], big].concat(),
        ] {
            assert_eq!(text_of(&octets), text);
        }
        assert_eq!(text_of(b"a\0\0b"), "ab");
    }
}
