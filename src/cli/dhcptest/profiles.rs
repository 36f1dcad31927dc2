//! What well-known clients send: the options by which servers tell them apart, each with where that is known from.
//!
//! A profile is a likeness, not a copy: releases of one system differ. What is given on the command line goes first.

use crate::cli::dhcptest::message::typed_option;
use crate::dhcp::v4::option;
use crate::error::{Error, Result};

/// A kind of client.
pub(super) struct Profile {
    /// What it is called after `--profile`.
    pub(super) name: &'static str,
    /// The codes of option 55, in its order.
    pub(super) requested: &'static [u8],
    /// Further options as they are typed.
    pub(super) options: &'static [&'static str],
    /// Whether its client identifier is its hardware address (option 61 of type 1).
    pub(super) has_client_id: bool,
    /// Where this is known from.
    pub(super) source: &'static str,
}

/// No PXE client that is no machine has an identifier of one: all zeros says that there is none (RFC 4578 section 2.3).
const NO_UUID: &str = "97=type=0, identifier=00000000000000000000000000000000";
const EDK2: &str = "TianoCore EDK II, NetworkPkg/UefiPxeBcDxe/PxeBcDhcp4.c, PxeBcBuildDhcp4Options; RFC 4578";
const EDK2_REQUESTED: &[u8] = &[
    1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 66, 67, 97, 128, 129,
    130, 131, 132, 133, 134, 135,
];
const APPLE: &str = "Apple open source, bootp/IPConfiguration, dhcp_options and dhcp_static_default_params";

/// Every profile.
pub(super) const ALL: &[Profile] = &[
    Profile {
        name: "windows",
        requested: &[1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252],
        options: &["60=MSFT 5.0"],
        has_client_id: true,
        source: "Microsoft [MS-DHCPE] 2.2.3 (vendor class); list of Windows 10 in Fingerbank, kernel 10.0",
    },
    Profile {
        name: "macos",
        requested: &[1, 121, 3, 6, 15, 119, 252, 114, 95, 44, 46],
        options: &["57=1500", "51=7776000"],
        has_client_id: true,
        source: APPLE,
    },
    Profile {
        name: "iphone",
        requested: &[1, 121, 3, 6, 15, 119, 252, 114],
        options: &["57=1500", "51=7776000"],
        has_client_id: true,
        source: APPLE,
    },
    Profile {
        name: "android",
        requested: &[1, 3, 6, 15, 26, 28, 51, 58, 59, 43, 114],
        options: &["57=1500", "60=android-dhcp-11"],
        has_client_id: true,
        source: "AOSP NetworkStack, android/net/dhcp/DhcpClient.java, DEFAULT_REQUESTED_PARAMS",
    },
    Profile {
        name: "linux",
        requested: &[1, 28, 2, 3, 15, 6, 119, 12, 44, 47, 26, 121, 42],
        options: &[],
        has_client_id: false,
        source: "Debian isc-dhcp-client, /etc/dhcp/dhclient.conf",
    },
    Profile {
        name: "pxe-bios",
        requested: &[
            1, 2, 3, 4, 5, 6, 11, 12, 13, 15, 16, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 66, 67,
            128, 129, 130, 131, 132, 133, 134, 135,
        ],
        options: &[
            "57=1260",
            NO_UUID,
            "93=x86BiosInt13h",
            "94=type=1, major=2, minor=1",
            "60=PXEClient:Arch:00000:UNDI:002001",
        ],
        has_client_id: false,
        source: "Intel PXE 2.1, table 2-1; RFC 4578; list of a captured boot agent (pastebin.com/sV36sD5D)",
    },
    Profile {
        name: "pxe-uefi",
        requested: EDK2_REQUESTED,
        options: &[
            "57=1472",
            NO_UUID,
            "94=type=1, major=3, minor=0",
            "93=x64Uefi",
            "60=PXEClient:Arch:00007:UNDI:003000",
        ],
        has_client_id: false,
        source: EDK2,
    },
    Profile {
        name: "pxe-arm64",
        requested: EDK2_REQUESTED,
        options: &[
            "57=1472",
            NO_UUID,
            "94=type=1, major=3, minor=0",
            "93=arm64Uefi",
            "60=PXEClient:Arch:00011:UNDI:003000",
        ],
        has_client_id: false,
        source: EDK2,
    },
    Profile {
        name: "cable-modem",
        requested: &[1, 2, 3, 4, 7, 125],
        options: &["60=docsis3.0:", "43=2=ECM"],
        has_client_id: true,
        source: "CableLabs CM-SP-MULPIv3.0, DHCPv4 fields used by the cable modem; CL-SP-CANN-DHCP-Reg (option 43)",
    },
    Profile {
        name: "voip-phone",
        requested: &[1, 3, 6, 15, 28, 43, 58, 59, 66],
        options: &["57=1190", "60=Nortel-SIP-Phone-A"],
        has_client_id: true,
        source: "Avaya, SIP Software for 1200 Series IP Deskphones, Administration, 2012, DHCP options",
    },
];

/// The profile of this name.
pub(super) fn find(name: &str) -> Result<&'static Profile> {
    let names = || ALL.iter().map(|profile| profile.name).collect::<Vec<_>>().join(", ");
    let found = ALL.iter().find(|profile| profile.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| Error::new(format!("--profile \"{name}\""), "there is none of this name").hint(names()))
}

impl Profile {
    /// Its options for a client with this hardware address.
    pub(super) fn options(&self, hardware: &[u8]) -> Result<Vec<(u8, Vec<u8>)>> {
        let mut options = vec![(option::PARAMETER_REQUEST_LIST, self.requested.to_vec())];
        if self.has_client_id {
            options.push((option::CLIENT_ID, [&[1], hardware].concat()));
        }
        for text in self.options {
            options.push(typed_option(text)?);
        }
        Ok(options)
    }

    /// What it sends and where that is known from, in lines.
    pub(super) fn describe(&self) -> String {
        let requested: Vec<_> = self.requested.iter().map(u8::to_string).collect();
        let client_id = if self.has_client_id { "\n    61=type=1, clientIdentifier=HARDWARE ADDRESS" } else { "" };
        let options: Vec<_> = self.options.iter().map(|option| format!("\n    {option}")).collect();
        let options = options.concat();
        format!("{}\n    55={}{client_id}{options}\n    source: {}\n", self.name, requested.join(","), self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_can_be_sent_and_says_where_it_is_known_from() {
        for profile in ALL {
            let options = profile.options(&[2, 0, 0x5e, 0, 0, 1]).unwrap();
            assert!(options.iter().any(|(code, value)| *code == 55 && !value.is_empty()), "{}", profile.name);
            assert!(!profile.source.is_empty() && profile.describe().contains("source: "));
        }
        assert!(find("windws").err().unwrap().to_string().contains("windows, macos"));
    }
}
