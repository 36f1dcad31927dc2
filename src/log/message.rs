//! What Kea's message ids mean. Texts change from release to release, ids hardly do.
//!
//! Both names of a renamed message have one [`LogMessageKind`]. An id that is not in the table is still a message where
//! a severity or a logger precedes it.

use std::sync::LazyLock;

use hashbrown::HashMap;

mod table;

use table::TABLE;

/// How bad a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Severity {
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

impl Severity {
    /// The severity that `text` begins with, and how long its name is.
    pub(crate) fn at(text: &[u8]) -> Option<(Self, usize)> {
        let (found, length) = match text.first()? {
            b'I' if text.starts_with(b"INFO") => (Self::Info, 4),
            b'W' if text.starts_with(b"WARN") => (Self::Warn, 4),
            b'E' if text.starts_with(b"ERROR") => (Self::Error, 5),
            b'F' if text.starts_with(b"FATAL") => (Self::Fatal, 5),
            b'D' if text.starts_with(b"DEBUG") => (Self::Debug, 5),
            _ => return None,
        };
        let ends = text.get(length).is_none_or(|next| matches!(next, b' ' | b'\t' | b'|' | b',' | b';' | b']' | b'"'));
        ends.then_some((found, length))
    }

    /// The severity of a syslog priority, of which the last three bits count.
    pub(crate) fn of_priority(priority: u32) -> Self {
        match priority & 7 {
            0..=2 => Self::Fatal,
            3 => Self::Error,
            4 => Self::Warn,
            5 | 6 => Self::Info,
            _ => Self::Debug,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        }
    }
}

/// What a message says, whatever the family and the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum LogMessageKind {
    AgentForwarded,
    AgentReceived,
    Allocated,
    AllocationError,
    Authorized,
    CalloutCalled,
    CalloutFailed,
    CalloutsBegin,
    CalloutsDone,
    ClientName,
    CommandReceived,
    CommandUnreadable,
    ConfigComplete,
    ConfigLoadFailed,
    DatabaseBack,
    DatabaseError,
    DatabaseGivenUp,
    DatabaseLost,
    DdnsAddFailed,
    DdnsAdded,
    DdnsNoZone,
    DdnsRefused,
    DdnsRemoveFailed,
    DdnsRemoved,
    DdnsTimeout,
    DeclineRecovered,
    DeclineRefused,
    Declined,
    Dropped,
    FailedClasses,
    FailedInNetwork,
    FailedInSubnet,
    HaHeartbeatFailed,
    HaInterrupted,
    HaNamed,
    HaService,
    HaSyncFailed,
    HaSynced,
    HaTerminated,
    HaTransition,
    HaUpdateFailed,
    InitFailed,
    InitReboot,
    LeaseAdded,
    LeaseDeleted,
    LibraryLoaded,
    Nak1,
    Nak2,
    Nak3,
    Nak4,
    NoAddress,
    NoInterface,
    NoLease,
    NoPools,
    NoSubnet,
    Offered,
    Other,
    Query,
    QueryData,
    QueueFull,
    ReceiveFailed,
    Received,
    Reclaimed,
    Refused,
    ReleaseKept,
    ReleaseRefused,
    Released,
    ReloadFailed,
    Reloaded,
    Reloading,
    Renewed,
    ResponseData,
    Reused,
    Sent,
    Shutdown,
    SignalSeen,
    SocketOpened,
    SocketsFailed,
    Started,
    Starting,
    SubnetAdded,
    SubnetSelected,
    Unrecoverable,
}

impl LogMessageKind {
    /// Whether it is about the life of a process or its configuration.
    pub(crate) fn is_of_process(self) -> bool {
        matches!(
            self,
            Self::Starting
                | Self::Started
                | Self::Shutdown
                | Self::InitFailed
                | Self::ConfigLoadFailed
                | Self::Unrecoverable
                | Self::Reloading
                | Self::Reloaded
                | Self::ReloadFailed
                | Self::ConfigComplete
        )
    }

    /// Whether the text is one line in every release, so that nothing has to be waited for.
    pub(crate) fn is_one_line(self) -> bool {
        !matches!(
            self,
            Self::Other
                | Self::QueryData
                | Self::ResponseData
                | Self::ClientName
                | Self::Dropped
                | Self::ConfigLoadFailed
                | Self::InitFailed
                | Self::DatabaseError
                | Self::DdnsAdded
                | Self::DdnsAddFailed
                | Self::DdnsRemoved
                | Self::DdnsRemoveFailed
                | Self::DdnsNoZone
                | Self::DdnsRefused
                | Self::DdnsTimeout
                | Self::CommandUnreadable
                | Self::AllocationError
                | Self::CalloutFailed
        )
    }
}

/// What is known of an id: its kind, and the severity it has in most releases.
pub(crate) fn known(id: &[u8]) -> Option<(LogMessageKind, Severity)> {
    KNOWN.get(id).copied()
}

static KNOWN: LazyLock<HashMap<&'static [u8], (LogMessageKind, Severity)>> =
    LazyLock::new(|| TABLE.iter().map(|(id, kind, severity)| (id.as_bytes(), (*kind, *severity))).collect());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_names_of_a_message_mean_the_same() {
        assert_eq!(known(b"DHCP4_LEASE_ADVERT"), known(b"DHCP4_LEASE_OFFER"));
        assert_eq!(known(b"DHCP4_NO_SUCH_MESSAGE"), None);
    }

    #[test]
    fn a_severity_is_a_whole_word() {
        assert_eq!(Severity::at(b"INFO  ["), Some((Severity::Info, 4)));
        assert_eq!(Severity::at(b"INFORMATION"), None);
        assert_eq!(Severity::of_priority(134), Severity::Info);
    }
}
