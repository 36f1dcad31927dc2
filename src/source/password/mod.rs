//! What the database clients' own variables and files say: `PGHOST` and `~/.pgpass` for PostgreSQL, `MYSQL_PWD` and
//! `~/.my.cnf` for MySQL.
//!
//! They fill what is still missing once the command line, the password file, the variable and Kea's configuration
//! have had their say; nothing that is known is changed.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::Variables;
use super::database::{Backend, Database, Endpoint, Password, PasswordSource};
use crate::error::io_cause;
use crate::fs::access::is_absent;
use crate::fs::bounded;
use crate::secret::Secret;

mod libpq;
mod mycnf;
mod pgpass;

/// Fills what `database` lacks from the client's own variables and files, and says what a user should know about these
/// (a file that is left aside because others may read it), one line each.
///
/// To be called once everything else has been merged into `database`, before the database is opened. Kea's
/// programs do not read these files: where Kea's configuration names no host it means localhost, so the caller that merges
/// it has to say so, lest `~/.my.cnf` lead to another server.
///
/// * PostgreSQL: what `libpq` says; `PGPASSWORD`, then the file in `PGPASSFILE`, else `~/.pgpass`, as libpq reads it: the first line that fits host, port, database
///   and user gives the password.
/// * MySQL: `user`, `password`, `host`, `port` and `socket` of the groups `[client]` and `[mysql]` (the later one
///   wins) of `~/.my.cnf`; `!include` is not followed. Then `MYSQL_HOST`, `MYSQL_TCP_PORT` and `MYSQL_PWD`. For
///   localhost without a port, `MYSQL_UNIX_PORT` is the socket, as for Kea.
pub fn complete(database: &mut Database, variable: &Variables<'_>) -> Vec<String> {
    let mut remarks = Vec::new();
    match database.backend {
        Backend::Postgres => complete_postgres(database, variable, &mut remarks),
        Backend::Mysql => complete_mysql(database, variable, &mut remarks),
    }
    remarks
}

fn in_home(variable: &Variables<'_>, name: &str) -> Option<PathBuf> {
    variable("HOME").filter(|home| !home.is_empty()).map(|home| PathBuf::from(home).join(name))
}

/// The variable's text, unless it is empty.
fn text(variable: &Variables<'_>, name: &str) -> Option<String> {
    variable(name)?.into_string().ok().filter(|text| !text.is_empty())
}

/// The port in the variable; a text that is none is remarked.
fn port(variable: &Variables<'_>, name: &str, remarks: &mut Vec<String>) -> Option<u16> {
    let text = text(variable, name)?;
    let port = text.parse().ok().filter(|port| *port != 0);
    if port.is_none() {
        remarks.push(format!("{name} is not used: \"{text}\" is no port"));
    }
    port
}

fn endpoint(host: String) -> Endpoint {
    if host.starts_with('/') { Endpoint::Socket(host.into()) } else { Endpoint::Host(host) }
}

fn complete_postgres(database: &mut Database, variable: &Variables<'_>, remarks: &mut Vec<String>) {
    libpq::complete(database, variable, remarks);
    if database.password.is_some() {
        return;
    }
    if let Some(password) = text(variable, "PGPASSWORD") {
        let from = PasswordSource::Variable("PGPASSWORD");
        database.password = Some(Password { secret: Secret::new(password), from });
        return;
    }
    let named = variable("PGPASSFILE").filter(|name| !name.is_empty()).map(PathBuf::from);
    let Some(file) = named.or_else(|| in_home(variable, ".pgpass")) else { return };
    let Some(text) = read_private(&file, remarks) else { return };
    let Ok(user) = database.login() else { return };
    let host = match &database.endpoint {
        Some(Endpoint::Host(host)) => host.clone(),
        Some(Endpoint::Socket(path)) if path != Path::new("/var/run/postgresql") => path.display().to_string(),
        Some(Endpoint::Socket(_)) | None => "localhost".to_owned(),
    };
    let port = database.port.unwrap_or(5432).to_string();
    let found = pgpass::find(&text, [&host, &port, &database.name, &user]);
    database.password =
        found.map(|found| Password { secret: Secret::new(found), from: PasswordSource::ClientFile(file) });
}

fn complete_mysql(database: &mut Database, variable: &Variables<'_>, remarks: &mut Vec<String>) {
    let file = in_home(variable, ".my.cnf");
    let settings = file.as_deref().and_then(|file| read_private(file, remarks));
    let settings = mycnf::parse(&settings.unwrap_or_default());
    database.user = database.user.take().or(settings.user);
    if database.password.is_none() {
        let from_file = settings.password.zip(file.map(PasswordSource::ClientFile));
        let found = from_file.or_else(|| Some((text(variable, "MYSQL_PWD")?, PasswordSource::Variable("MYSQL_PWD"))));
        database.password = found.map(|(password, from)| Password { secret: Secret::new(password), from });
    }
    if database.endpoint.is_none() {
        let host = settings.host.filter(|host| host != "localhost" || settings.socket.is_none());
        database.port = database.port.or(settings.port.filter(|_| host.is_some() || settings.socket.is_none()));
        let named = host.map(Endpoint::Host).or(settings.socket.map(|path| Endpoint::Socket(path.into())));
        database.endpoint = named.or_else(|| text(variable, "MYSQL_HOST").map(endpoint));
    }
    let is_local = match &database.endpoint {
        None => true,
        Some(Endpoint::Host(host)) => host == "localhost",
        Some(Endpoint::Socket(_)) => false,
    };
    if let Some(socket) = variable("MYSQL_UNIX_PORT").filter(|_| is_local && database.port.is_none()) {
        database.endpoint = Some(Endpoint::Socket(socket.into()));
    } else if !is_local {
        database.port = database.port.or_else(|| port(variable, "MYSQL_TCP_PORT", remarks));
    }
}

/// The file's text, unless it is not there; a file that others may read is left aside, as libpq does it.
fn read_private(file: &Path, remarks: &mut Vec<String>) -> Option<String> {
    const OF_OTHERS: u32 = 0o077;
    const LARGEST: u64 = 1 << 20;
    let text = fs::metadata(file).and_then(|about| {
        if about.is_file() && about.mode() & OF_OTHERS != 0 {
            remarks.push(format!("\"{0}\" is not used: others may read it (chmod 600 \"{0}\")", file.display()));
            return Ok(None);
        }
        bounded::read(file, LARGEST).map(Some)
    });
    match text {
        Ok(text) => text.map(|text| String::from_utf8_lossy(&text).into_owned()),
        Err(error) if is_absent(&error) => None,
        Err(error) => {
            remarks.push(format!("\"{}\" is not used: {}", file.display(), io_cause(&error)));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    use super::*;
    use crate::source::database::{ChannelBinding, KeaZone, SslMode, Tls};

    fn database(backend: Backend) -> Database {
        Database {
            backend,
            name: "kea".to_owned(),
            endpoint: None,
            port: None,
            user: Some("reader".to_owned()),
            password: None,
            tls: Tls::default(),
            channel_binding: ChannelBinding::default(),
            connect_timeout: Duration::from_secs(5),
            kea_zone: KeaZone::Unsaid,
            zone: crate::time::Zone::Machine,
        }
    }

    /// A home with one file in it.
    fn home(name: &str, text: &str, mode: u32) -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        home
    }

    fn complete_in(home: &tempfile::TempDir, database: &mut Database) -> Vec<String> {
        complete(database, &|name| (name == "HOME").then(|| home.path().as_os_str().to_owned()))
    }

    fn sesame(from: PasswordSource) -> Password {
        Password { secret: Secret::new("sesame".to_owned()), from }
    }

    #[test]
    fn a_password_comes_from_pgpass() {
        let home = home(".pgpass", "localhost:5432:kea:reader:sesame\n", 0o600);
        let mut database = database(Backend::Postgres);
        assert!(complete_in(&home, &mut database).is_empty());
        let file = home.path().join(".pgpass");
        assert_eq!(database.password, Some(sesame(PasswordSource::ClientFile(file))));
    }

    #[test]
    fn a_home_that_is_no_directory_has_no_password() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for backend in [Backend::Postgres, Backend::Mysql] {
            let remarks = complete(&mut database(backend), &|name| (name == "HOME").then(|| file.path().into()));
            assert!(remarks.is_empty(), "{remarks:?}");
        }
    }

    #[test]
    fn a_file_others_may_read_is_left_aside_and_that_is_said() {
        for (backend, name) in [(Backend::Postgres, ".pgpass"), (Backend::Mysql, ".my.cnf")] {
            let home = home(name, "*:*:*:*:sesame\n[client]\npassword=sesame\n", 0o640);
            let mut database = database(backend);
            let remarks = complete_in(&home, &mut database);
            assert_eq!(database.password, None);
            assert_eq!(remarks.len(), 1);
            assert!(remarks[0].contains("others may read it") && remarks[0].contains(name), "{remarks:?}");
        }
    }

    #[test]
    fn what_is_known_stays() {
        let home = home(".my.cnf", "[client]\nuser=other\npassword=sesame\nhost=elsewhere\nport=1\n", 0o600);
        let mut database = database(Backend::Mysql);
        database.endpoint = Some(Endpoint::Host("localhost".to_owned()));
        let before = database.clone();
        complete_in(&home, &mut database);
        assert_eq!(
            database,
            Database { password: Some(sesame(PasswordSource::ClientFile(home.path().join(".my.cnf")))), ..before }
        );
    }

    #[test]
    fn my_cnf_says_where_the_server_is() {
        let home = home(".my.cnf", "[client]\nhost=db.example\nport=3307\nsocket=/run/x.sock\n", 0o600);
        let mut database = database(Backend::Mysql);
        complete_in(&home, &mut database);
        assert_eq!((database.endpoint, database.port), (Some(Endpoint::Host("db.example".to_owned())), Some(3307)));
    }

    #[test]
    fn the_variable_says_where_the_socket_of_localhost_is() {
        let variable = |name: &str| (name == "MYSQL_UNIX_PORT").then(|| "/run/x.sock".into());
        for (host, port, socket) in [
            (None, None, true),
            (Some("localhost"), None, true),
            (Some("localhost"), Some(3307), false),
            (Some("db.example"), None, false),
        ] {
            let endpoint = host.map(|host| Endpoint::Host(host.to_owned()));
            let mut database = Database { endpoint: endpoint.clone(), port, ..database(Backend::Mysql) };
            complete(&mut database, &variable);
            let expected = if socket { Some(Endpoint::Socket("/run/x.sock".into())) } else { endpoint };
            assert_eq!(database.endpoint, expected, "{host:?} {port:?}");
        }
    }

    #[test]
    fn without_any_file_nothing_is_said() {
        let home = tempfile::tempdir().unwrap();
        for backend in [Backend::Postgres, Backend::Mysql] {
            let mut database = database(backend);
            assert!(complete_in(&home, &mut database).is_empty());
            assert_eq!(database.password, None);
        }
    }

    #[test]
    fn the_variables_of_libpq_fill_what_is_missing() {
        let variables = [
            ("PGHOST", "/run/pg"),
            ("PGPORT", "5433"),
            ("PGUSER", "other"),
            ("PGPASSWORD", "sesame"),
            ("PGSSLMODE", "verify-full"),
            ("PGSSLROOTCERT", "/ca"),
        ];
        let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        let mut empty = Database { user: None, ..database(Backend::Postgres) };
        assert!(complete(&mut empty, &variable).is_empty());
        assert_eq!((empty.endpoint, empty.port), (Some(Endpoint::Socket("/run/pg".into())), Some(5433)));
        assert_eq!((empty.user.as_deref(), empty.tls.mode), (Some("other"), Some(SslMode::VerifyFull)));
        assert_eq!(empty.password, Some(sesame(PasswordSource::Variable("PGPASSWORD"))));
        let known =
            Database { endpoint: Some(Endpoint::Host("db".to_owned())), port: Some(1), ..database(Backend::Postgres) };
        let mut kept = known.clone();
        complete(&mut kept, &|name| variable(name).filter(|_| !name.starts_with("PGSSL") && name != "PGPASSWORD"));
        assert_eq!(kept, known);
    }

    #[test]
    fn a_variable_that_cannot_be_used_is_remarked() {
        let variables = [
            ("PGSERVICE", "kea"),
            ("PGHOSTADDR", "192.0.2.1"),
            ("PGREQUIREAUTH", "scram-sha-256"),
            ("PGSSLCRL", "/crl"),
            ("PGPORT", "postgres"),
            ("PGSSLMODE", "on"),
            ("PGCHANNELBINDING", "maybe"),
        ];
        let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        let remarks = complete(&mut database(Backend::Postgres), &variable);
        for (remark, (name, _)) in remarks.iter().zip(variables) {
            assert!(remark.starts_with(&format!("{name} is not used: ")), "{remark}");
        }
        assert_eq!(remarks.len(), variables.len(), "{remarks:?}");
    }

    #[test]
    fn the_files_of_libpq_are_used_as_libpq_does() {
        let home = home(".pgpass", "", 0o600);
        let folder = home.path().join(".postgresql");
        fs::create_dir(&folder).unwrap();
        let [anchor, certificate, key] = ["root.crt", "postgresql.crt", "postgresql.key"].map(|name| folder.join(name));
        for file in [&anchor, &certificate, &key] {
            fs::write(file, "").unwrap();
        }
        let mut found = database(Backend::Postgres);
        complete_in(&home, &mut found);
        assert_eq!(found.tls.effective_mode(), SslMode::Prefer, "a file alone makes no server need TLS");
        assert_eq!((found.tls.trust_anchor, found.tls.cert_file), (None, Some(certificate)));
        assert_eq!(found.tls.key_file, Some(key));
        let mut asked = database(Backend::Postgres);
        asked.tls = Tls {
            mode: Some(SslMode::Require),
            cert_file: Some("/c".into()),
            key_file: Some("/k".into()),
            ..Tls::default()
        };
        complete_in(&home, &mut asked);
        assert_eq!((asked.tls.trust_anchor, asked.tls.key_file), (Some(anchor), Some("/k".into())));
    }

    #[test]
    fn the_authorities_of_the_system_are_named_as_in_libpq() {
        let variable = |name: &str| (name == "PGSSLROOTCERT").then(|| "system".into());
        let mut found = database(Backend::Postgres);
        complete(&mut found, &variable);
        assert_eq!((found.tls.trust_anchor, found.tls.mode), (None, Some(SslMode::VerifyFull)));
    }

    #[test]
    fn the_variables_of_mysql_come_after_its_file() {
        let variables = [("MYSQL_HOST", "db.example"), ("MYSQL_TCP_PORT", "3307"), ("MYSQL_PWD", "sesame")];
        let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        let mut found = database(Backend::Mysql);
        complete(&mut found, &variable);
        assert_eq!((found.endpoint, found.port), (Some(Endpoint::Host("db.example".to_owned())), Some(3307)));
        assert_eq!(found.password, Some(sesame(PasswordSource::Variable("MYSQL_PWD"))));
        let home = home(".my.cnf", "[client]\npassword=of the file\nhost=elsewhere\n", 0o600);
        let both = |name: &str| if name == "HOME" { Some(home.path().as_os_str().to_owned()) } else { variable(name) };
        let mut found = database(Backend::Mysql);
        complete(&mut found, &both);
        assert_eq!(found.endpoint, Some(Endpoint::Host("elsewhere".to_owned())));
        assert!(matches!(found.password, Some(Password { from: PasswordSource::ClientFile(_), .. })));
    }
}
