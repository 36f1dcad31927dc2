//! Lists of hardware vendors on this system.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use crate::error::io_cause;
use crate::lease::vendor::Vendors;

/// Where distributions install lists, best first; the first existing one is read.
const PLACES: [&[&str]; 7] = [
    &[
        "/usr/share/ieee-data/oui.csv",
        "/usr/share/ieee-data/mam.csv",
        "/usr/share/ieee-data/oui36.csv",
        "/usr/share/ieee-data/iab.csv",
    ],
    &["/usr/share/ieee-data/oui.txt"],
    &["/usr/share/hwdata/oui.txt"],
    &["/usr/share/nmap/nmap-mac-prefixes"],
    &["/usr/local/share/nmap/nmap-mac-prefixes"],
    &["/usr/share/wireshark/manuf"],
    &["/usr/local/share/wireshark/manuf"],
];

/// The largest list today has 6 MB.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The list in `file`, or this system's own; with remarks, one line each.
#[must_use]
pub fn vendors(file: Option<&Path>) -> (Vendors, Vec<String>) {
    let mut vendors = Vendors::default();
    let mut remarks = Vec::new();
    let files = file.map_or_else(system_files, |file| vec![file.to_owned()]);
    for path in files {
        let before = vendors.count();
        let path_shown = path.display();
        remarks.push(match read(&path, &mut vendors) {
            Ok(()) if vendors.count() == before => format!("{path_shown}: no list of vendors, not used"),
            Ok(()) => format!("{} vendor prefixes from {path_shown}", vendors.count() - before),
            Err(cause) => format!("{path_shown}: {}, not used", io_cause(&cause)),
        });
    }
    (vendors, remarks)
}

fn system_files() -> Vec<PathBuf> {
    let present = |files: &[&str]| files.iter().map(PathBuf::from).filter(|file| file.exists()).collect::<Vec<_>>();
    PLACES.into_iter().map(present).find(|files| !files.is_empty()).unwrap_or_default()
}

fn read(path: &Path, vendors: &mut Vendors) -> io::Result<()> {
    let mut lines = BufReader::new(File::open(path)?.take(LARGEST));
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        // A name in another encoding is shown with replacement characters.
        vendors.read_line(String::from_utf8_lossy(&line).trim_end());
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn parsed(octets: &[u8]) -> (Vendors, String) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(octets).unwrap();
        let (vendors, remarks) = vendors(Some(file.path()));
        (vendors, remarks.join("\n").replace(&file.path().display().to_string(), "FILE"))
    }

    #[test]
    fn a_list_is_read_and_another_file_is_reported() {
        let (vendors, remark) = parsed(b"# a comment\n002272 American Micro-Fuel Device Corp.\n");
        assert_eq!(vendors.name(&[0, 0x22, 0x72, 0, 0, 1]), Some("American Micro-Fuel Device Corp."));
        assert_eq!(remark, "1 vendor prefixes from FILE");
        assert_eq!(parsed(b"hello\n").1, "FILE: no list of vendors, not used");
        assert_eq!(parsed(b"\xff\xfe\x00\n").1, "FILE: no list of vendors, not used");
        let (vendors, remark) = parsed(b"002272 Z\xfcrich\n002273 Berne\n");
        let names = [0x72, 0x73].map(|octet| vendors.name(&[0, 0x22, octet, 0, 0, 1]));
        assert_eq!(names, [Some("Z\u{fffd}rich"), Some("Berne")]);
        assert_eq!(remark, "2 vendor prefixes from FILE");
        assert!(super::vendors(Some(Path::new("/nonexistent"))).1[0].contains("No such file"));
    }
}
