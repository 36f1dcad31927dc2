//! Vendors of hardware addresses, from the lists that are installed on a system.
//!
//! Three kinds of lists are read, and the format is detected for each line: IEEE's own (`ieee-data`: `oui.csv`, `oui.txt`
//! and similar), nmap's, and wireshark's `manuf`. None is part of the program, since a built-in list would soon be out of
//! date.

use hashbrown::HashMap;

/// The lengths of prefixes that IEEE sells, in bits, longest first.
const LENGTHS: [u32; 3] = [36, 28, 24];

/// Names by the beginning of an address.
#[derive(Debug, Default)]
pub struct Vendors {
    /// A prefix, extended with zeros to 48 bits, and its length.
    places: HashMap<(u64, u32), (u32, u32)>,
    names: String,
}

impl Vendors {
    /// Takes a line of a list; says whether it was an entry.
    pub fn read_line(&mut self, line: &str) -> bool {
        let entry = ieee_csv(line).or_else(|| ieee_text(line)).or_else(|| manuf(line)).or_else(|| nmap(line));
        let Some((prefix, length, name)) = entry else { return false };
        let start = self.names.len();
        self.names.push_str(name.trim());
        if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(self.names.len())) {
            self.places.insert((prefix, length), (start, end));
        }
        true
    }

    /// How many entries there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// Who sells devices with such an address, if that is known.
    #[must_use]
    pub fn name(&self, hwaddr: &[u8]) -> Option<&str> {
        let octets: [u8; 6] = hwaddr.try_into().ok()?;
        if self.places.is_empty() {
            return None;
        }
        let whole = octets.iter().fold(0u64, |bits, octet| bits << 8 | u64::from(*octet));
        LENGTHS.into_iter().find_map(|length| {
            let (start, end) = self.places.get(&(whole & mask(length), length))?;
            self.names.get(*start as usize..*end as usize)
        })
    }
}

/// Whether an address is locally administered: by phones for privacy, by virtual machines, by hand (IEEE 802, the second
/// bit of the first octet).
#[must_use]
pub fn is_locally_administered(hwaddr: &[u8]) -> bool {
    hwaddr.len() == 6 && hwaddr[0] & 0b11 == 0b10
}

fn mask(length: u32) -> u64 {
    !(u64::MAX >> (16 + length)) & 0xffff_ffff_ffff
}

/// Hex digits, 6, 7 or 9 of them, as a prefix and its length.
fn prefix(digits: &str) -> Option<(u64, u32)> {
    let length = u32::try_from(digits.len()).ok()? * 4;
    if !LENGTHS.contains(&length) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    Some((u64::from_str_radix(digits, 16).ok()? << (48 - length), length))
}

/// `MA-L,002272,American Micro-Fuel Device Corp.,2181 Buchanan Loop …`; a name with commas is in quotes.
fn ieee_csv(line: &str) -> Option<(u64, u32, &str)> {
    let (registry, rest) = line.split_once(',')?;
    if !matches!(registry, "MA-L" | "MA-M" | "MA-S" | "IAB") {
        return None;
    }
    let (digits, rest) = rest.split_once(',')?;
    let (prefix, length) = prefix(digits)?;
    let name = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?.0,
        None => rest.split(',').next()?,
    };
    Some((prefix, length, name))
}

/// `28-6F-B9   (hex)\t\tNokia Shanghai Bell Co., Ltd.`; the longer prefixes have no such line.
fn ieee_text(line: &str) -> Option<(u64, u32, &str)> {
    let (digits, name) = line.split_once("(hex)")?;
    let (prefix, length) = prefix(&digits.trim().replace('-', ""))?;
    Some((prefix, length, name))
}

/// `00:00:00\tXerox\tXerox Corporation`, `00:1B:C5:00:00:00/36\tConvergi\tConverging Systems Inc.`
fn manuf(line: &str) -> Option<(u64, u32, &str)> {
    let mut columns = line.split('\t');
    let (address, short) = (columns.next()?.trim(), columns.next()?);
    let name = columns.next().filter(|long| !long.trim().is_empty()).unwrap_or(short);
    let (octets, length) = address.split_once('/').unwrap_or((address, "24"));
    let length: usize = length.parse().ok()?;
    let digits = octets.replace([':', '-'], "");
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let (prefix, length) = prefix(digits.get(..length / 4)?)?;
    Some((prefix, length, name))
}

/// `000000 Officially Xerox`
fn nmap(line: &str) -> Option<(u64, u32, &str)> {
    let (digits, name) = line.split_once(' ').filter(|(_, name)| !name.starts_with(' '))?;
    let (prefix, length) = prefix(digits)?;
    Some((prefix, length, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vendors(lines: &[&str]) -> Vendors {
        let mut vendors = Vendors::default();
        for line in lines {
            assert!(vendors.read_line(line), "{line}");
        }
        vendors
    }

    #[test]
    fn every_list_is_read_by_its_own_lines() {
        let hwaddr = [0x00, 0x22, 0x72, 1, 2, 3];
        for line in [
            "MA-L,002272,American Micro-Fuel Device Corp.,2181 Buchanan Loop Ferndale WA US 98248",
            "MA-L,002272,\"American Micro-Fuel Device Corp.\",x",
            "00-22-72   (hex)\t\tAmerican Micro-Fuel Device Corp.",
            "00:22:72\tAmerican\tAmerican Micro-Fuel Device Corp.",
            "002272 American Micro-Fuel Device Corp.",
        ] {
            assert_eq!(vendors(&[line]).name(&hwaddr), Some("American Micro-Fuel Device Corp."), "{line}");
        }
    }

    #[test]
    fn the_longest_prefix_wins() {
        let vendors = vendors(&[
            "001BC5 IEEE Registration Authority",
            "00:1B:C5:00:00:00/36\tConvergi\tConverging Systems Inc.",
            "MA-M,C0FBF9A,Tiinlab,x",
        ]);
        assert_eq!(vendors.name(&[0, 0x1b, 0xc5, 0, 0x0f, 1]), Some("Converging Systems Inc."));
        assert_eq!(vendors.name(&[0, 0x1b, 0xc5, 0, 0x10, 1]), Some("IEEE Registration Authority"));
        assert_eq!(vendors.name(&[0xc0, 0xfb, 0xf9, 0xaf, 0, 1]), Some("Tiinlab"));
        assert_eq!(vendors.name(&[0xc0, 0xfb, 0xf9, 0xbf, 0, 1]), None);
        assert_eq!(vendors.name(&[0, 0x1b, 0xc5]), None);
    }

    #[test]
    fn other_lines_are_no_entries() {
        let mut vendors = Vendors::default();
        for line in
            ["", "# comment", "OUI/MA-L\t\tOrganization", "002272     (base 16)\t\tAmerican", "zzzzzz x", "00:22\tx"]
        {
            assert!(!vendors.read_line(line), "{line}");
        }
        assert_eq!(vendors.count(), 0);
    }

    #[test]
    fn addresses_set_on_the_machine_are_known_by_a_bit() {
        assert!(is_locally_administered(&[0x02, 0, 0, 0, 0, 1]) && is_locally_administered(&[0xda, 1, 2, 3, 4, 5]));
        assert!(!is_locally_administered(&[0x08, 0, 0, 0, 0, 1]) && !is_locally_administered(&[0x02]));
    }
}
