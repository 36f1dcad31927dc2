//! Programs that take a secret in their arguments, and which argument that is.

/// What the value of an option is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A secret.
    Secret,
    /// A secret that is written at once after its option; `-p` alone is something else, or asks.
    Attached,
    /// A name, one of these signs, and a secret.
    Login(&'static [char]),
    /// What follows the last of these signs.
    After(char),
}

/// Programs with the same options.
pub(super) struct Program {
    pub(super) names: &'static [&'static str],
    pub(super) options: &'static [(&'static str, Form)],
    /// Letters that may be in one word with an option, before it.
    pub(super) flags: &'static str,
    /// Places of secrets among the arguments that are no options.
    pub(super) places: &'static [usize],
}

use Form::{After, Attached, Login, Secret};

const COLON: Form = Login(&[':']);

/// All of them.
pub(super) const PROGRAMS: &[Program] = &[
    options(
        &["kea-admin", "sshpass", "mongo", "mongosh", "mongodump", "mongorestore", "ipmipower", "useradd", "usermod"],
        &[("-p", Secret)],
    ),
    options(
        &[
            "mysql",
            "mariadb",
            "mysqldump",
            "mysqladmin",
            "mysqlimport",
            "mysqlcheck",
            "mysqlshow",
            "mariadb-dump",
            "mariadb-admin",
            "mariadb-check",
            "mysqlsh",
        ],
        &[("-p", Secret)],
    ),
    Program {
        names: &["curl"],
        options: &[("-u", COLON), ("--user", COLON), ("-U", COLON), ("--proxy-user", COLON), ("--pass", Secret)],
        flags: "sSkLfivgIjnNqO#0123456GJlaB",
        places: &[],
    },
    options(
        &["wget", "http", "https", "httpie", "ab"],
        &[("-u", COLON), ("--user", COLON), ("--proxy-user", COLON), ("-a", COLON), ("-A", COLON)],
    ),
    options(
        &["ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami", "ldapmodrdn", "ldapcompare", "ldapexop"],
        &[("-w", Secret)],
    ),
    options(&["ldappasswd"], &[("-w", Secret), ("-a", Secret), ("-s", Secret)]),
    options(&["slappasswd"], &[("-s", Secret)]),
    options(&["redis-cli", "valkey-cli"], &[("-a", Secret)]),
    options(
        &[
            "snmpget",
            "snmpwalk",
            "snmpbulkwalk",
            "snmpbulkget",
            "snmpset",
            "snmptrap",
            "snmpgetnext",
            "snmptable",
            "snmpstatus",
            "snmpdf",
            "check_snmp",
        ],
        &[("-c", Secret), ("-C", Secret), ("-A", Secret), ("-X", Secret)],
    ),
    options(
        &["smbclient", "rpcclient", "net", "smbget", "smbmap", "nmblookup", "winexe", "wmic", "smbcacls", "samba-tool"],
        &[("-U", Login(&['%'])), ("--user", Login(&['%'])), ("-p", Secret)],
    ),
    options(&["lftp"], &[("-u", Login(&[',']))]),
    options(&["ncftp", "ncftpget", "ncftpput"], &[("-p", Secret)]),
    options(&["ssh-keygen", "puttygen"], &[("-N", Secret), ("-P", Secret)]),
    options(
        &["ipmitool", "ipmi-sensors", "mosquitto_pub", "mosquitto_sub", "sqlcmd", "bcp", "zip", "unzip", "expect_ssh"],
        &[("-P", Secret), ("-k", Secret)],
    ),
    options(&["7z", "7za", "7zr", "rar", "unrar"], &[("-p", Attached)]),
    options(&["docker", "podman", "oc", "helm", "az", "nerdctl", "crictl"], &[("-p", Secret)]),
    options(&["skopeo", "buildah"], &[("--creds", COLON), ("--src-creds", COLON), ("--dest-creds", COLON)]),
    options(&["nsupdate", "dig", "host", "delv", "kdig", "knsupdate", "nslookup"], &[("-y", After(':'))]),
    options(&["openssl"], &[("-k", Secret), ("-K", Secret)]),
    options(&["keytool", "jarsigner"], &[("-storepass", Secret), ("-keypass", Secret)]),
    options(&["xfreerdp", "wlfreerdp"], &[("/p:", Attached)]),
    options(&["rdesktop", "vncviewer"], &[("-p", Secret)]),
    options(
        &["nmcli"],
        &[("password", Secret), ("psk", Secret), ("wifi-sec.psk", Secret), ("802-11-wireless-security.psk", Secret)],
    ),
    options(&["sqlplus", "sqlldr", "expdp", "impdp"], &[]),
    places(&["radtest"], &[1, 4]),
    places(&["radclient"], &[2]),
    places(&["wpa_passphrase"], &[1]),
];

const fn options(names: &'static [&'static str], options: &'static [(&'static str, Form)]) -> Program {
    Program { names, options, flags: "", places: &[] }
}

const fn places(names: &'static [&'static str], places: &'static [usize]) -> Program {
    Program { names, options: &[], flags: "", places }
}

/// Programs with arguments of their own, which [`super`] knows.
pub(super) const OTHERS: [&str; 12] = [
    "htpasswd",
    "htdigest",
    "rabbitmqctl",
    "mysqladmin",
    "mariadb-admin",
    "vault",
    "sqlplus",
    "sudo",
    "passwd",
    "chpasswd",
    "kinit",
    "openssl",
];

/// All names of programs.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    PROGRAMS.iter().flat_map(|program| program.names.iter().copied()).chain(OTHERS)
}
