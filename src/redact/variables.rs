//! Variables of the environment: of a few the values are shown.

/// Variables whose values are shown: directories of Kea 1.0 to 3.3, its logger, the language, the time zone, and how
/// libraries and memory are found.
const SHOWN: [&str; 44] = [
    "KEA_CONTROL_SOCKET_DIR",
    "KEA_DHCP_DATA_DIR",
    "KEA_HOOKS_PATH",
    "KEA_HOOK_SCRIPTS_PATH",
    "KEA_LEGAL_LOG_DIR",
    "KEA_LFC_EXECUTABLE",
    "KEA_LOCKFILE_DIR",
    "KEA_LOGGER_DBGLEVEL",
    "KEA_LOGGER_DESTINATION",
    "KEA_LOGGER_LOCALMSG",
    "KEA_LOGGER_ROOT",
    "KEA_LOGGER_SEVERITY",
    "KEA_LOG_CHECK_DUPLICATE_IDS",
    "KEA_LOG_FILE_DIR",
    "KEA_PIDFILE_DIR",
    "KEA_TEST_SEND_RESPONSES_TO_SOURCE",
    "LANG",
    "LANGUAGE",
    "LC_ADDRESS",
    "LC_ALL",
    "LC_COLLATE",
    "LC_CTYPE",
    "LC_IDENTIFICATION",
    "LC_MEASUREMENT",
    "LC_MESSAGES",
    "LC_MONETARY",
    "LC_NAME",
    "LC_NUMERIC",
    "LC_PAPER",
    "LC_TELEPHONE",
    "LC_TIME",
    "LD_BIND_NOW",
    "LD_DEBUG",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "MALLOC_ARENA_MAX",
    "MALLOC_CHECK_",
    "MALLOC_CONF",
    "MALLOC_MMAP_MAX_",
    "MALLOC_MMAP_THRESHOLD_",
    "MALLOC_PERTURB_",
    "MALLOC_TRIM_THRESHOLD_",
    "TZ",
    "TZDIR",
];

/// Whether the value of a variable is shown.
#[must_use]
pub fn is_shown_variable(name: &str) -> bool {
    SHOWN.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_names_have_their_values_shown() {
        for name in ["KEA_LOG_FILE_DIR", "KEA_HOOKS_PATH", "TZ", "LC_ALL", "LD_PRELOAD"] {
            assert!(is_shown_variable(name), "{name}");
        }
        for name in ["KEA_TSIG", "KEA_CTRL_CREDS", "KEA_LOG_FILE_DIR_PW", "TZ_LOGIN", "LANG2", "LC_X", "MALLOC_"] {
            assert!(!is_shown_variable(name), "{name}");
        }
    }
}
