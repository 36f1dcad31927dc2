//! What a MySQL or MariaDB server and the client library say, in words for a user.

use std::io;

use mysql::{DriverError, Error, MySqlError};

use super::tls_proxy::Unsupported;
use crate::source::database::{Database, SslMode};
use crate::source::failure::{self, Words, words};

/// Why the server does not let in, or a query fails.
pub(super) fn explain(error: &Error, database: &Database) -> Words {
    match error {
        Error::MySqlError(said) => server(said, database),
        Error::IoError(error) => broken(error, database),
        Error::DriverError(DriverError::UnknownAuthPlugin(name)) => unsupported(name),
        Error::DriverError(DriverError::CleartextPluginDisabled) => unsupported("mysql_clear_password"),
        Error::DriverError(DriverError::ConnectTimeout | DriverError::Timeout) => {
            failure::network(&io::ErrorKind::TimedOut.into(), database)
        }
        Error::DriverError(DriverError::UnsupportedProtocol(_) | DriverError::Protocol41NotSet) => {
            words("the server speaks a protocol from before MySQL 4.1", "a newer server is needed")
        }
        _ => words("the answer makes no sense in the protocol of MySQL", "is a MySQL or MariaDB server there?"),
    }
}

/// Why the connection could not be made or broke.
pub(super) fn broken(error: &io::Error, database: &Database) -> Words {
    match error.get_ref().and_then(|inside| inside.downcast_ref::<Unsupported>()) {
        Some(Unsupported(plugin)) => unsupported(plugin),
        None if error.kind() == io::ErrorKind::InvalidData => {
            words("the answer makes no sense in the protocol of MySQL", "is a MySQL or MariaDB server there?")
        }
        None => failure::network(error, database),
    }
}

/// What is said of a connection that broke while rows came; empty if that is all.
pub(super) fn lost(error: &Error) -> String {
    match error {
        Error::IoError(error) if error.raw_os_error().is_some() => crate::error::io_cause(error),
        Error::IoError(_) => String::new(),
        _ => "the answer makes no sense in the protocol of MySQL".to_owned(),
    }
}

fn unsupported(plugin: &str) -> Words {
    let what = match plugin {
        "dialog" => " (PAM)",
        "auth_gssapi_client" => " (Kerberos)",
        _ => "",
    };
    words(
        format!("the account is checked by the authentication plugin \"{plugin}\"{what}, which is not supported here"),
        "ALTER USER … IDENTIFIED VIA mysql_native_password or ed25519 USING PASSWORD('…') makes it one with a password",
    )
}

const TOO_MANY_CONNECTIONS: u16 = 1040;
const BAD_HANDSHAKE: u16 = 1043;
const DATABASE_DENIED: u16 = 1044;
const ACCESS_DENIED: u16 = 1045;
const NO_SUCH_DATABASE: u16 = 1049;
const SHUTDOWN: u16 = 1053;
const UNKNOWN_CHARACTER_SET: u16 = 1115;
const HOST_BLOCKED: u16 = 1129;
const HOST_NOT_ALLOWED: u16 = 1130;
const USER_LIMIT: u16 = 1203;
const LOCK_WAIT_TIMEOUT: u16 = 1205;
const RESOURCE_LIMIT: u16 = 1226;
const OLD_PASSWORD: u16 = 1275;
const INTERRUPTED: u16 = 1317;
const NO_PLUGIN: u16 = 1524;
const DENIED_WITHOUT_PASSWORD: u16 = 1698;
const PASSWORD_EXPIRED: [u16; 2] = [1820, 1862];
const KILLED: u16 = 1927;
const STATEMENT_TIMEOUT: [u16; 2] = [1969, 3024];
const LOCKED: [u16; 2] = [3118, 4151];
const INSECURE: u16 = 3159;

fn server(said: &MySqlError, database: &Database) -> Words {
    match said.code {
        ACCESS_DENIED | DENIED_WITHOUT_PASSWORD => denied(&said.message, database),
        DATABASE_DENIED => {
            let account = account(&said.message).unwrap_or("this account");
            let remedy = format!(
                "GRANT SELECT ON {}.* TO {account}; or SET DEFAULT ROLE, if one of its roles has it",
                identifier(&database.name)
            );
            words(format!("{account} has no privileges on the database \"{}\"", database.name), remedy)
        }
        NO_SUCH_DATABASE => words(
            format!("there is no database \"{}\"", database.name),
            "-n NAME says another; SHOW DATABASES lists them",
        ),
        TOO_MANY_CONNECTIONS => {
            words("the server has reached its connection limit", "max_connections is the limit; try again in a while")
        }
        USER_LIMIT | RESOURCE_LIMIT => words(
            "this account has as many connections or queries as it may",
            "the server's limits for the account say so",
        ),
        LOCK_WAIT_TIMEOUT => words(
            "another session has locked the table for longer than 10 s",
            "list the sessions with SHOW PROCESSLIST; try again in a while",
        ),
        HOST_BLOCKED => words(
            "the server blocks this host after too many broken connections",
            "mariadb-admin flush-hosts there takes that back",
        ),
        HOST_NOT_ALLOWED => {
            words("the server accepts no account from this host", "an account 'user'@'host' that fits it")
        }
        SHUTDOWN => words("the server is shutting down", "try again when it is up"),
        BAD_HANDSHAKE => words("the server does not understand the login", "its log says why"),
        UNKNOWN_CHARACTER_SET => {
            words("the server does not know the character set utf8mb4", "MySQL 5.5.3 or later does")
        }
        OLD_PASSWORD => words(
            "the account has a password in the format of MySQL 4.0, which the server refuses (secure_auth)",
            "ALTER USER … IDENTIFIED BY '…' gives it a new one",
        ),
        NO_PLUGIN => {
            words("the server has not loaded the authentication plugin of the account", "INSTALL SONAME there loads it")
        }
        INTERRUPTED => words("the query was cancelled on the server", "try again"),
        KILLED => words("the connection was ended by an administrator", "try again"),
        INSECURE => words("the server takes only connections with TLS", "--ssl-mode require"),
        code if STATEMENT_TIMEOUT.contains(&code) => {
            words("the query took longer than the server allows", "max_statement_time there is the limit")
        }
        code if PASSWORD_EXPIRED.contains(&code) => words(
            format!("the password of the account has expired; {} was right", database.password_used()),
            "ALTER USER … IDENTIFIED BY '…', or … PASSWORD EXPIRE NEVER",
        ),
        code if LOCKED.contains(&code) => words("the account is locked", "ALTER USER … ACCOUNT UNLOCK"),
        _ => failure::said(&said.message),
    }
}

/// A name as SQL takes it.
fn identifier(name: &str) -> String {
    let is_plain = name.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'_');
    if is_plain { name.to_owned() } else { format!("`{}`", name.replace('`', "``")) }
}

/// `'kea'@'192.0.2.7'` of "Access denied for user 'kea'@'192.0.2.7' (using password: YES)".
fn account(message: &str) -> Option<&str> {
    let from = message.find('\'')?;
    let account = message[from..].split(' ').next()?;
    account.contains("'@'").then_some(account)
}

fn denied(message: &str, database: &Database) -> Words {
    let account = account(message).unwrap_or("the account");
    let cause = format!("access denied for {account} with {}", database.password_used());
    let mut remedies = vec![match database.password {
        None => "-p prompts for a password; --password-file or ~/.my.cnf contain it",
        Some(_) => "check user and password, and the hosts that the account is for",
    }];
    if database.tls.effective_mode() == SslMode::Disable {
        remedies.push("the account may demand TLS: --ssl-mode require");
    } else if database.tls.cert_file.is_none() {
        remedies.push("the account may demand a certificate: --cert-file and --key-file");
    } else {
        remedies.push("the account may demand another certificate or cipher: SHOW CREATE USER");
    }
    words(cause, remedies.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_the_one_that_the_server_means() {
        assert_eq!(
            account("Access denied for user 'kea'@'192.0.2.7' (using password: YES)"),
            Some("'kea'@'192.0.2.7'")
        );
        assert_eq!(account("Accès refusé pour l'utilisateur"), None);
    }

    #[test]
    fn a_name_with_blanks_is_quoted() {
        assert_eq!([identifier("kea_1"), identifier("Kea `1`")], ["kea_1", "`Kea ``1```"]);
    }

    #[test]
    fn no_plugin_is_named_without_a_remedy() {
        let (cause, remedy) = unsupported("dialog");
        assert!(cause.contains("\"dialog\" (PAM)") && remedy.contains("ed25519"), "{cause} {remedy}");
    }
}
