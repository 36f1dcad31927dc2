//! Settings that libpq reads from its variables and from `~/.postgresql`, used if no other source has them.
//!
//! `PGHOST`, `PGPORT`, `PGUSER`, `PGSSLMODE`, `PGSSLROOTCERT`, `PGSSLCERT`, `PGSSLKEY` and `PGCHANNELBINDING`; then
//! `postgresql.crt` with `postgresql.key`, and `root.crt` where the server has to be verified or TLS is required.

use std::path::PathBuf;

use super::super::database::{ChannelBinding, Database, SslMode};
use super::{Variables, endpoint, in_home, port, text};

/// Variables that are not supported, and what to use instead.
const NOT_USED: [(&str, &str); 4] = [
    ("PGSERVICE", "-h, -P, -u and -n say where the database is"),
    ("PGHOSTADDR", "-h ADDRESS says where the server is"),
    ("PGREQUIREAUTH", "PGCHANNELBINDING=require and --ssl-mode verify-full protect the login"),
    ("PGSSLCRL", "certificates that were revoked are not looked up"),
];

/// Adds the settings that `database` lacks.
pub(super) fn complete(database: &mut Database, variable: &Variables<'_>, remarks: &mut Vec<String>) {
    let unknown = NOT_USED.iter().filter(|(name, _)| text(variable, name).is_some());
    remarks.extend(unknown.map(|(name, instead)| format!("{name} is not used: {instead}")));
    if database.endpoint.is_none() {
        database.endpoint = text(variable, "PGHOST").map(endpoint);
    }
    database.port = database.port.or_else(|| port(variable, "PGPORT", remarks));
    database.user = database.user.take().or_else(|| text(variable, "PGUSER"));
    protection(database, variable, remarks);
    files(database, variable);
}

fn protection(database: &mut Database, variable: &Variables<'_>, remarks: &mut Vec<String>) {
    let tls = &mut database.tls;
    if let Some(name) = text(variable, "PGSSLMODE").filter(|_| tls.mode.is_none()) {
        // With "allow", libpq first tries without TLS; here it is treated like "prefer".
        tls.mode = if name == "allow" { Some(SslMode::Prefer) } else { SslMode::from_name(&name) };
        if tls.mode.is_none() {
            remarks.push(format!("PGSSLMODE is not used: \"{name}\" is no mode"));
        }
    }
    let path = |name| text(variable, name).map(PathBuf::from);
    match path("PGSSLROOTCERT").filter(|_| tls.trust_anchor.is_none()) {
        // The system's authorities are those without a trust anchor.
        Some(anchor) if anchor.as_os_str() == "system" => tls.mode = tls.mode.or(Some(SslMode::VerifyFull)),
        anchor => tls.trust_anchor = tls.trust_anchor.take().or(anchor),
    }
    if tls.cert_file.is_none() {
        (tls.cert_file, tls.key_file) = (path("PGSSLCERT"), path("PGSSLKEY"));
    }
    if let Some(name) = text(variable, "PGCHANNELBINDING") {
        match ChannelBinding::from_name(&name) {
            Some(binding) => database.channel_binding = binding,
            None => {
                remarks.push(format!("PGCHANNELBINDING is not used: \"{name}\" is none of disable, prefer, require"));
            }
        }
    }
}

/// The files of `~/.postgresql`. Their existence alone does not require TLS.
fn files(database: &mut Database, variable: &Variables<'_>) {
    let tls = &mut database.tls;
    let file =
        |name: &str| in_home(variable, ".postgresql").map(|folder| folder.join(name)).filter(|file| file.is_file());
    if tls.trust_anchor.is_none() && text(variable, "PGSSLROOTCERT").is_none() {
        let is_asked_for = matches!(tls.mode, Some(SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull));
        tls.trust_anchor = file("root.crt").filter(|_| is_asked_for);
    }
    if tls.cert_file.is_none() && tls.effective_mode() != SslMode::Disable {
        let mode = tls.effective_mode();
        tls.cert_file = file("postgresql.crt");
        if tls.cert_file.is_some() {
            tls.mode = Some(mode);
            tls.key_file = tls.key_file.take().or_else(|| file("postgresql.key"));
        }
    }
}
