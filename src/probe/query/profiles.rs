//! What well-known clients send: the options by which servers distinguish them, each with its source.
//!
//! A profile is a likeness, not a copy: releases of one system differ. What is given on the command line goes first.

use super::typed_option::typed_option;
use crate::dhcp::v4::option;
use crate::error::{Error, Result};

/// A kind of client.
#[derive(Debug)]
pub struct Profile {
    /// What it is called after `--profile`.
    pub name: &'static str,
    /// Options before the list of those that are asked for, as they are typed.
    before: &'static [&'static str],
    /// The codes of option 55, in its order.
    requested: &'static [u8],
    client_id: ClientId,
    /// Further options as they are typed.
    options: &'static [&'static str],
    /// Options of the first message only.
    pub(super) first_only: &'static [u8],
    /// Where this is known from, and what is left out.
    source: &'static str,
}

/// Option 61.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ClientId {
    /// There is none.
    None,
    /// The hardware address, of type 1 (RFC 2132 section 9.14).
    Hardware,
    /// Type 255, the last four octets of the hardware address as IAID, a DUID-LL of it (RFC 4361 section 6.1).
    Rfc4361,
}

/// Zeros on purpose: there is no machine whose identifier (RFC 4578 section 2.1) it could be.
const NO_UUID: &str = "97=type=0, identifier=00000000000000000000000000000000";
const EDK2: &str = "TianoCore EDK II, NetworkPkg/UefiPxeBcDxe/PxeBcDhcp4.c, which sends zeros (97) where the firmware \
                    has no GUID";
const EDK2_REQUESTED: &[u8] = &[
    1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 66, 67, 97, 128, 129,
    130, 131, 132, 133, 134, 135,
];

/// Every profile.
pub const ALL: &[Profile] = &[
    Profile {
        name: "windows",
        before: &[],
        requested: &[1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252],
        client_id: ClientId::Hardware,
        options: &["60=MSFT 5.0"],
        first_only: &[],
        source: "satori, dhcp.xml, Windows 10 and 11 (55); Microsoft [MS-DHCPE] (60). Its own name (12, 81) is not sent",
    },
    Profile {
        name: "macos",
        before: &[],
        requested: &[1, 121, 3, 6, 15, 108, 114, 119, 252, 95, 44, 46],
        client_id: ClientId::Hardware,
        options: &["57=1500", "51=7776000"],
        first_only: &[option::LEASE_TIME],
        source: "Apple, apple-oss-distributions/bootp, IPConfiguration.bproj/Info.plist, DHCPRequestedParameterList (55); \
                 dhcp.c (57; 51, which is not in the REQUEST)",
    },
    Profile {
        name: "iphone",
        before: &[],
        requested: &[1, 121, 3, 6, 15, 108, 114, 119, 252],
        client_id: ClientId::Hardware,
        options: &["57=1500", "51=7776000"],
        first_only: &[option::LEASE_TIME],
        source: "Apple, apple-oss-distributions/bootp, IPConfiguration.bproj/Embedded-Info.plist, \
                 DHCPRequestedParameterList (55); dhcp.c (57; 51, which is not in the REQUEST)",
    },
    Profile {
        name: "android",
        before: &[],
        requested: &[1, 3, 6, 15, 26, 28, 51, 58, 59, 43, 114, 108],
        client_id: ClientId::Hardware,
        options: &["57=1500", "60=android-dhcp-14"],
        first_only: &[],
        source: "AOSP NetworkStack, android/net/dhcp/DhcpClient.java: its list, captive portal (114), IPv6-only (108); \
                 satori, dhcp.xml, Android 12 to 14",
    },
    Profile {
        name: "linux",
        before: &[],
        requested: &[1, 28, 2, 3, 15, 6, 119, 12, 44, 47, 26, 121, 42],
        client_id: ClientId::None,
        options: &[],
        first_only: &[],
        source: "ISC dhclient as Debian (to 12) and Ubuntu configure it, /etc/dhcp/dhclient.conf; NetworkManager and \
                 systemd-networkd send others",
    },
    Profile {
        name: "pxe-bios",
        before: &[],
        requested: &[
            1, 2, 3, 4, 5, 6, 11, 12, 13, 15, 16, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 66, 67,
            128, 129, 130, 131, 132, 133, 134, 135,
        ],
        client_id: ClientId::None,
        options: &[
            "57=1260",
            NO_UUID,
            "93=x86BiosInt13h",
            "94=type=1, major=2, minor=1",
            "60=PXEClient:Arch:00000:UNDI:002001",
        ],
        first_only: &[],
        source: "Intel PXE 2.1, table 2-1; RFC 4578; Fingerbank, operating system 1701, and satori, dhcp.xml (55). \
                 Zeros (97) are on purpose: boot agents send their machine's UUID",
    },
    Profile {
        name: "pxe-uefi",
        before: &["57=1472"],
        requested: EDK2_REQUESTED,
        client_id: ClientId::None,
        options: &[NO_UUID, "94=type=1, major=3, minor=0", "93=x64Uefi", "60=PXEClient:Arch:00007:UNDI:003000"],
        first_only: &[],
        source: EDK2,
    },
    Profile {
        name: "pxe-arm64",
        before: &["57=1472"],
        requested: EDK2_REQUESTED,
        client_id: ClientId::None,
        options: &[NO_UUID, "94=type=1, major=3, minor=0", "93=arm64Uefi", "60=PXEClient:Arch:00011:UNDI:003000"],
        first_only: &[],
        source: EDK2,
    },
    Profile {
        name: "cable-modem",
        before: &[],
        requested: &[1, 2, 3, 4, 7, 125],
        client_id: ClientId::Rfc4361,
        options: &["57=1500", "60=docsis3.0:", "43=2=ECM", "125=[{enterprise=4491, options={1[hex]=02}}]"],
        first_only: &[],
        source: "CableLabs CM-SP-MULPI, DHCPv4 fields used by the cable modem; packets captured in the tests of ISC Kea. \
                 Without the modem's capabilities (in 60 and 125)",
    },
    Profile {
        name: "voip-phone",
        before: &[],
        requested: &[
            1, 28, 3, 43, 128, 131, 144, 157, 188, 191, 205, 219, 223, 224, 227, 230, 232, 235, 238, 241, 244, 247,
            249, 251, 254, 58, 59, 66, 6, 15,
        ],
        client_id: ClientId::Hardware,
        options: &["57=1190", "60=Nortel-SIP-Phone-A"],
        first_only: &[],
        source: "Fingerbank, operating system 310, Nortel IP Phone (55); Avaya, SIP Software for 1200 Series IP \
                 Deskphones, Administration, page 81",
    },
];

/// The profile of this name.
pub(super) fn find(name: &str) -> Result<&'static Profile> {
    let names = || ALL.iter().map(|profile| profile.name).collect::<Vec<_>>().join(", ");
    let found = ALL.iter().find(|profile| profile.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| Error::new(format!("--profile \"{name}\""), "there is none of this name").hint(names()))
}

impl ClientId {
    /// Its octets for a client with this hardware address.
    fn octets(self, hardware: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::None => None,
            Self::Hardware => Some([&[1], hardware].concat()),
            Self::Rfc4361 => {
                let mut iaid = [0; 4];
                iaid.iter_mut().rev().zip(hardware.iter().rev()).for_each(|(place, octet)| *place = *octet);
                Some([&[255], &iaid[..], &[0, 3, 0, 1], hardware].concat())
            }
        }
    }

    /// How it would be typed.
    fn describe(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Hardware => Some("61=type=1, clientIdentifier=HARDWARE ADDRESS"),
            Self::Rfc4361 => {
                Some("61=type=255, clientIdentifier=LAST FOUR OCTETS OF HARDWARE ADDRESS 00 03 00 01 HARDWARE ADDRESS")
            }
        }
    }
}

impl Profile {
    /// Its options for a client with this hardware address.
    pub(super) fn options(&self, hardware: &[u8]) -> Result<Vec<(u8, Vec<u8>)>> {
        let mut options = self.before.iter().map(|text| typed_option(text)).collect::<Result<Vec<_>>>()?;
        options.push((option::PARAMETER_REQUEST_LIST, self.requested.to_vec()));
        options.extend(self.client_id.octets(hardware).map(|octets| (option::CLIENT_ID, octets)));
        for text in self.options {
            options.push(typed_option(text)?);
        }
        Ok(options)
    }

    /// What it sends and where that is known from, in lines.
    #[must_use]
    pub fn describe(&self) -> String {
        let requested: Vec<_> = self.requested.iter().map(u8::to_string).collect();
        let requested = format!("55={}", requested.join(","));
        let before = self.before.iter().copied().chain([requested.as_str()]).chain(self.client_id.describe());
        let lines: Vec<_> = before.chain(self.options.iter().copied()).map(|line| format!("    {line}\n")).collect();
        format!("{}\n{}    source: {}\n", self.name, lines.concat(), self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HARDWARE: [u8; 6] = [2, 0, 0x5e, 0, 0, 1];

    #[test]
    fn every_profile_can_be_sent_and_says_where_it_is_known_from() {
        for profile in ALL {
            let options = profile.options(&HARDWARE).unwrap();
            assert!(options.iter().any(|(code, value)| *code == 55 && !value.is_empty()), "{}", profile.name);
            assert!(!profile.source.is_empty() && profile.describe().contains("source: "));
        }
        assert!(find("windws").err().unwrap().to_string().contains("windows, macos"));
    }

    #[test]
    fn cable_modem_client_id_has_a_duid_with_its_mac_address() {
        let options = find("cable-modem").unwrap().options(&HARDWARE).unwrap();
        let value = |wanted| &options.iter().find(|(code, _)| *code == wanted).unwrap().1[..];
        assert_eq!(value(61), [255, 0x5e, 0, 0, 1, 0, 3, 0, 1, 2, 0, 0x5e, 0, 0, 1]);
        assert_eq!(value(125), [0, 0, 0x11, 0x8b, 3, 1, 1, 2]);
    }
}
