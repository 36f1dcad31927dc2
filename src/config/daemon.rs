//! The daemons of Kea, and what each is called where.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::family::Family;

/// A daemon of Kea.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Daemon {
    /// The DHCPv4 server.
    Dhcp4,
    /// The DHCPv6 server.
    Dhcp6,
    /// The server that updates the DNS.
    Ddns,
    /// The Control Agent (Kea up to 3.1.7).
    CtrlAgent,
    /// The NETCONF agent.
    Netconf,
}

impl Daemon {
    /// Every daemon, in the order of `keactrl status`.
    pub const ALL: [Self; 5] = [Self::Dhcp4, Self::Dhcp6, Self::Ddns, Self::CtrlAgent, Self::Netconf];

    /// What a DHCP server serves; `None` of the other daemons.
    #[must_use]
    pub fn family(self) -> Option<Family> {
        match self {
            Self::Dhcp4 => Some(Family::V4),
            Self::Dhcp6 => Some(Family::V6),
            Self::Ddns | Self::CtrlAgent | Self::Netconf => None,
        }
    }

    /// The DHCP server of a family.
    #[must_use]
    pub fn of_family(family: Family) -> Self {
        match family {
            Family::V4 => Self::Dhcp4,
            Family::V6 => Self::Dhcp6,
        }
    }

    /// The name in `keactrl -s` and in keactrl.conf: `dhcp4`, `dhcp_ddns` …
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dhcp4 => "dhcp4",
            Self::Dhcp6 => "dhcp6",
            Self::Ddns => "dhcp_ddns",
            Self::CtrlAgent => "ctrl_agent",
            Self::Netconf => "netconf",
        }
    }

    /// The daemon of this [`Daemon::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|daemon| daemon.name() == name)
    }

    /// The name of the process, which is the program's file name: `kea-dhcp4` …
    #[must_use]
    pub fn process_name(self) -> &'static str {
        match self {
            Self::Dhcp4 => "kea-dhcp4",
            Self::Dhcp6 => "kea-dhcp6",
            Self::Ddns => "kea-dhcp-ddns",
            Self::CtrlAgent => "kea-ctrl-agent",
            Self::Netconf => "kea-netconf",
        }
    }

    /// The daemon whose process has this name.
    #[must_use]
    pub fn from_process_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|daemon| daemon.process_name() == name)
    }

    /// The member of its configuration file that is its own: `Dhcp4` …
    #[must_use]
    pub fn config_key(self) -> &'static str {
        match self {
            Self::Dhcp4 => "Dhcp4",
            Self::Dhcp6 => "Dhcp6",
            Self::Ddns => "DhcpDdns",
            Self::CtrlAgent => "Control-agent",
            Self::Netconf => "Netconf",
        }
    }

    /// What the Control Agent calls it: `dhcp4`, `dhcp6`, `d2`; itself and the NETCONF agent it does not forward to.
    #[must_use]
    pub fn service(self) -> &'static str {
        match self {
            Self::Dhcp4 => "dhcp4",
            Self::Dhcp6 => "dhcp6",
            Self::Ddns => "d2",
            Self::CtrlAgent => "ca",
            Self::Netconf => "netconf",
        }
    }
}

impl Serialize for Daemon {
    /// By its name.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl fmt::Display for Daemon {
    /// As `keactrl status` names it: `DHCPv4 server`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Dhcp4 => "DHCPv4 server",
            Self::Dhcp6 => "DHCPv6 server",
            Self::Ddns => "DHCP DDNS",
            Self::CtrlAgent => "Control Agent",
            Self::Netconf => "Netconf agent",
        })
    }
}
