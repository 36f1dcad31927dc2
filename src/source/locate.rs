//! The location of leases: the user's options, completed from Kea's configuration and the password files.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::database::{Backend, ChannelBinding, Database, Endpoint, Password, PasswordSource, SslMode, Tls};
use super::pools::UNASKED;
use super::{
    LeaseLocation, Location, SourceKind, SourceOptions, Variables, api, find, kea, memfile, password, snapshot,
};
use crate::config::model::{self, LeaseDatabase};
use crate::config::{self, Config, Daemon};
use crate::error::{Error, Result};
use crate::lease::Family;
use crate::secret::Secret;

/// The variable that `kea-admin` takes a password from.
const PASSWORD_VARIABLE: &str = "KEA_ADMIN_DB_PASSWORD";

impl LeaseLocation {
    /// The same server's leases, asked of itself: where its lease file cannot be read and its configuration names a
    /// socket at which it says that it gives them. It is asked no more than that. A file that was named is not replaced
    /// so: it may be a copy.
    #[must_use]
    pub fn over_api(&self, var: &Variables<'_>) -> Option<Self> {
        let (Location::Memfile(_), Some(config), true) = (&self.location, &self.config, self.is_configured) else {
            return None;
        };
        let kind = Some(SourceKind::Api);
        let choice = |patience| SourceOptions {
            config: Some(config.clone()),
            kind,
            connect_timeout: patience,
            ..SourceOptions::default()
        };
        let place = |patience| choice(patience).locate(&[self.family], var).ok()?.pop();
        let is_usable = match place(Some(self.patience.unwrap_or(UNASKED)))?.location {
            Location::Api(api) => api::gives_leases(&api, self.family),
            Location::Memfile(_) | Location::Database(_) => false,
        };
        if is_usable { place(self.patience) } else { None }
    }
}

impl SourceOptions {
    /// The places meant, for the `families` asked for or, if none were, for every family there is.
    pub fn locate(&self, families: &[Family], var: &Variables<'_>) -> Result<Vec<LeaseLocation>> {
        self.locate_each(families, var)?.into_iter().collect()
    }

    /// The same with a failure in place of each family whose leases are not found.
    pub fn locate_each(&self, families: &[Family], var: &Variables<'_>) -> Result<Vec<Result<LeaseLocation>>> {
        if !self.files.is_empty() {
            return self.in_files(families, var);
        }
        let is_told = self.kind.is_some_and(|kind| kind != SourceKind::Api) || self.socket.is_some();
        if self.config.is_none() && is_told {
            return Ok(self.without_config(families, var)?.into_iter().map(Ok).collect());
        }
        let configs = match self.configs(families) {
            Err(none) if self.config.is_none() && !is_told && self.kind.is_none() => {
                return self.usual(families, var).ok_or(none);
            }
            configs => configs?,
        };
        let place = |(family, config): (Family, Result<Config>)| {
            let config = Arc::new(config?);
            let mut place = self.with_config(family, &config, var)?;
            // The user did not choose it, and should know if it may be the wrong one.
            place.remarks.extend(self.config.is_none().then(|| kea::remark_on_use(family, &config)).flatten());
            Ok(place)
        };
        let places = configs.into_iter().map(place).collect();
        Ok(if families.is_empty() { find::leave_absent_out(places) } else { places })
    }

    /// Lease files that were named.
    fn in_files(&self, families: &[Family], var: &Variables<'_>) -> Result<Vec<Result<LeaseLocation>>> {
        self.refuse_options_of_other_sources(SourceKind::Memfile)?;
        let nothing = Config::empty(Daemon::Dhcp4);
        let place = |file: &PathBuf| {
            let file = find::named(file.as_os_str(), &nothing, var)?;
            let (family, stream) = match families {
                [family] => (*family, None),
                _ => memfile::family_of(&file)?,
            };
            let location = Location::Memfile(file);
            // A configuration that was named too has the subnets.
            let config = self.config.as_ref().map(|path| self.file_of(path, family)).transpose()?;
            Ok(LeaseLocation {
                family,
                location,
                config,
                server: None,
                remarks: Vec::new(),
                stream,
                is_configured: false,
                is_in_memory: false,
                patience: self.connect_timeout,
            })
        };
        if self.kind.is_some_and(|kind| kind != SourceKind::Memfile) || self.name.is_some() {
            return Err(Error::new("", "a lease file and another place are named").hint("name only one of them"));
        }
        self.files.iter().map(place).map(|place| place.map(Ok)).collect()
    }

    /// The file of a family's configuration: the path, or in this directory.
    fn file_of(&self, path: &Path, family: Family) -> Result<PathBuf> {
        if !path.is_dir() {
            return Ok(path.to_owned());
        }
        let found = kea::configurations(path)?.into_iter().find(|(other, _)| *other == family);
        let (_, config) = found.ok_or_else(|| self.no_config(family))?;
        Ok(config?.file)
    }

    /// Lease files where no configuration is, each in a place where a server usually has one.
    fn usual(&self, families: &[Family], var: &Variables<'_>) -> Option<Vec<Result<LeaseLocation>>> {
        if self.name.is_some() || self.host.is_some() || self.port.is_some() || self.user.is_some() {
            return None;
        }
        let wanted = if families.is_empty() { &[Family::V4, Family::V6][..] } else { families };
        let found = wanted.iter().map(|&family| find::usual(family, config::usual_lease_files(family, var)));
        let found: Vec<_> = found.zip(wanted).filter(|(place, _)| !families.is_empty() || place.is_some()).collect();
        let is_any = found.iter().any(|(place, _)| place.is_some());
        let or_error = |(place, family): (Option<LeaseLocation>, &Family)| place.ok_or_else(|| self.no_config(*family));
        is_any.then(|| found.into_iter().map(or_error).collect())
    }

    fn without_config(&self, families: &[Family], var: &Variables<'_>) -> Result<Vec<LeaseLocation>> {
        let families = match (families, self.kind, &self.name, &self.socket) {
            ([], Some(SourceKind::Memfile), Some(file), _) => {
                let file = find::named(file, &Config::empty(Daemon::Dhcp4), var)?;
                let (family, stream) = memfile::family_of(&file)?;
                return Ok(vec![LeaseLocation { stream, ..self.without_server(family, var)? }]);
            }
            ([], .., Some(socket)) => api::served(&api::given(socket, self)?)?,
            ([], ..) => {
                return Err(Error::new("", "neither DHCPv4 nor DHCPv6 leases are selected").hint("give -4 or -6"));
            }
            (families, ..) => families.to_vec(),
        };
        families.into_iter().map(|family| self.without_server(family, var)).collect()
    }

    /// The location where no configuration is read.
    fn without_server(&self, family: Family, var: &Variables<'_>) -> Result<LeaseLocation> {
        let empty = Arc::new(Config::empty(Daemon::of_family(family)));
        let place = self.with_config(family, &empty, var)?;
        Ok(LeaseLocation { config: None, server: None, is_configured: false, ..place })
    }

    /// The configurations of the families meant, or why there is none.
    fn configs(&self, families: &[Family]) -> Result<Vec<(Family, Result<Config>)>> {
        let wanted = if families.is_empty() { &[Family::V4, Family::V6][..] } else { families };
        let mut configs = match &self.config {
            Some(path) => kea::configurations(path)?,
            None => wanted.iter().filter_map(|&family| Some((family, kea::find(family).transpose()?))).collect(),
        };
        configs.retain(|(family, _)| wanted.contains(family));
        if configs.is_empty() {
            return Err(match wanted {
                [family] => self.no_config(*family),
                _ if self.config.is_some() => self.no_config(wanted[0]),
                _ => no_config_at_all(wanted),
            });
        }
        for &family in families {
            if configs.iter().all(|(other, _)| *other != family) {
                configs.push((family, Err(self.no_config(family))));
            }
        }
        Ok(configs)
    }

    fn no_config(&self, family: Family) -> Error {
        let attempted = format!("find the configuration of Kea's {family} server");
        match &self.config {
            Some(path) => Error::new(attempted, format!("{} configures no such server", path.display())),
            None => no_config_at_all(&[family]),
        }
    }

    fn with_config(&self, family: Family, config: &Arc<Config>, var: &Variables<'_>) -> Result<LeaseLocation> {
        let said = &config.server.lease_database;
        let asked = self.kind.or(self.socket.as_ref().map(|_| SourceKind::Api));
        let kind = asked.unwrap_or(match said.backend {
            model::Backend::Memfile => SourceKind::Memfile,
            model::Backend::Mysql => SourceKind::Database(Backend::Mysql),
            model::Backend::Postgresql => SourceKind::Database(Backend::Postgres),
        });
        let mut remarks = Vec::new();
        self.refuse_options_of_other_sources(kind)?;
        let location = match kind {
            SourceKind::Api => Location::Api(Box::new(match &self.socket {
                Some(address) => api::given(address, self)?,
                None => api::from_config(config, self, var)?,
            })),
            SourceKind::Memfile => Location::Memfile(self.lease_file(family, config, var)?),
            SourceKind::Database(backend) => {
                let mut database = self.database(backend, config, var)?;
                remarks = password::complete(&mut database, var);
                Location::Database(Box::new(database))
            }
        };
        let error = config.syntax_error.as_ref().map(ToString::to_string);
        match &error {
            Some(error) if self.kind.is_none() && self.name.is_none() => {
                remarks.push(remark_of(error, config, &location)?);
            }
            // What the user said does not depend on it.
            error => remarks.extend(error.clone()),
        }
        let (file, server) = (Some(config.file.clone()), Some(Arc::clone(config)));
        let is_configured = self.name.is_none();
        let patience = self.connect_timeout;
        let is_in_memory = is_configured && !said.persist && said.backend == model::Backend::Memfile;
        let stream = None;
        Ok(LeaseLocation {
            family,
            location,
            config: file,
            server,
            remarks,
            stream,
            is_configured,
            is_in_memory,
            patience,
        })
    }

    /// Refuses what says something about another kind of place.
    fn refuse_options_of_other_sources(&self, kind: SourceKind) -> Result<()> {
        if kind != SourceKind::Api && self.socket.is_some() {
            return Err(Error::new("", "--socket is only for a running server").hint("give -t api"));
        }
        if kind == SourceKind::Api && (self.name.is_some() || self.host.is_some() || self.port.is_some()) {
            return Err(Error::new("", "a running server is not found by -n, -h or -P")
                .hint("--socket PATH, or --socket http://HOST:PORT"));
        }
        Ok(())
    }

    fn lease_file(&self, family: Family, config: &Config, var: &Variables<'_>) -> Result<PathBuf> {
        if self.host.is_some() || self.port.is_some() || self.user.is_some() {
            return Err(Error::new("", "a lease file has no host, port or user")
                .hint("give -t mysql or -t pgsql for a database"));
        }
        if let Some(file) = &self.name {
            return find::named(file, config, var);
        }
        Ok(kea::lease_file(family, config, var))
    }

    pub(super) fn database(&self, backend: Backend, config: &Config, var: &Variables<'_>) -> Result<Database> {
        let nothing = LeaseDatabase::default();
        // What a configuration says of one kind of server is of no use for another.
        let same = match config.server.lease_database.backend {
            model::Backend::Memfile => false,
            model::Backend::Mysql => backend == Backend::Mysql,
            model::Backend::Postgresql => backend == Backend::Postgres,
        };
        let said = if same { &config.server.lease_database } else { &nothing };
        let typed = self.name.clone().map(OsString::into_string).transpose();
        let typed =
            typed.map_err(|name| Error::new(format!("database {}", name.display()), "its name is not UTF-8"))?;
        let name = typed.or_else(|| said.name.clone());
        let name = name.ok_or_else(|| Error::new("", "no database is named").hint("name it with -n NAME"))?;
        // Where Kea's configuration names no host it means localhost, whatever ~/.my.cnf says. With MySQL that is a
        // socket, whatever the port; with PostgreSQL it is TCP, even if there is a socket.
        let unsaid = same.then(|| "localhost".to_owned());
        let host = self.host.as_ref().or(said.host.as_ref()).or(unsaid.as_ref());
        let has_port = backend == Backend::Postgres || host.is_some_and(|host| host != "localhost");
        let database = Database {
            backend,
            name,
            endpoint: host.map(|host| {
                if host.starts_with('/') { Endpoint::Socket(host.into()) } else { Endpoint::Host(host.clone()) }
            }),
            port: self.port.or(said.port.filter(|_| has_port)),
            user: self.user.as_ref().or(said.user.as_ref()).cloned(),
            password: self.password(config, said, var)?,
            tls: self.tls_with(said),
            channel_binding: ChannelBinding::default(),
            connect_timeout: self.connect_timeout.or(said.connect_timeout).unwrap_or(Duration::from_secs(5)),
            kea_zone: self.kea_zone,
            zone: self.zone,
        };
        Ok(database)
    }

    fn password(&self, config: &Config, said: &LeaseDatabase, var: &Variables<'_>) -> Result<Option<Password>> {
        let from = |from: PasswordSource, secret: Secret| Some(Password { secret, from });
        if let Some(secret) = &self.password {
            return Ok(from(PasswordSource::Prompt, secret.clone()));
        }
        if let Some(file) = &self.password_file {
            return Ok(from(PasswordSource::File(file.clone()), kea::password_in(file)?));
        }
        if let Some(value) = var(PASSWORD_VARIABLE).filter(|value| !value.is_empty()) {
            let text = value.into_string().map_err(|_| Error::new(PASSWORD_VARIABLE, "its value is not UTF-8"))?;
            return Ok(from(PasswordSource::Variable(PASSWORD_VARIABLE), Secret::new(text)));
        }
        let secret = match &said.password_file {
            Some(file) => Some(kea::password_in(file)?),
            None => said.password.clone(),
        };
        Ok(secret.and_then(|secret| from(PasswordSource::Configuration(config.file.clone()), secret)))
    }

    fn tls_with(&self, said: &LeaseDatabase) -> Tls {
        let own = |mine: &Option<PathBuf>, theirs: &Option<PathBuf>| mine.as_ref().or(theirs.as_ref()).cloned();
        Tls {
            mode: self.tls.mode.or_else(|| said.ssl_mode.as_deref().and_then(SslMode::from_name)),
            trust_anchor: own(&self.tls.trust_anchor, &said.trust_anchor),
            cert_file: own(&self.tls.cert_file, &said.cert_file),
            key_file: own(&self.tls.key_file, &said.key_file),
        }
    }
}

/// That no usual directory has a configuration of these families.
fn no_config_at_all(families: &[Family]) -> Error {
    let attempted = match families {
        [family] => format!("find the configuration of Kea's {family} server"),
        _ => "find the configuration of a DHCP server of Kea".to_owned(),
    };
    let names = families.iter().map(|family| format!("{}.conf", Daemon::of_family(*family).process_name()));
    let names = names.collect::<Vec<_>>().join(" or ");
    let directories = config::configuration_directories();
    let directories =
        directories.iter().map(|directory| directory.display().to_string()).collect::<Vec<_>>().join(", ");
    Error::new(attempted, format!("there is no {names}, under this or another usual name, in {directories}"))
        .hint("name one with -c FILE, or give -t TYPE and -n NAME, which need none")
}

/// That a configuration has a fault, and what was made of the rest. A usual lease file that is not there is nothing.
fn remark_of(fault: &str, config: &Config, location: &Location) -> Result<String> {
    match location {
        Location::Memfile(file) if config.server.lease_database.position.is_none() && snapshot::is_absent(file) => {
            Err(Error::new("", fault).hint("name a lease file with -t memfile -n FILE"))
        }
        Location::Memfile(file) if config.server.lease_database.position.is_none() => {
            let file = file.display();
            Ok(format!("{fault}; the readable part names no lease database, so the default {file} is read"))
        }
        _ => Ok(format!("{fault}; the readable part names the lease database")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a configuration with this `lease-database` leads.
    fn database(lease_database: &str) -> Database {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("kea-dhcp4.conf");
        std::fs::write(&config, format!("{{\"Dhcp4\": {{\"lease-database\": {lease_database}}}}}")).unwrap();
        let choice = SourceOptions { config: Some(config), ..SourceOptions::default() };
        match choice.locate(&[], &|_| None).unwrap().pop().unwrap().location {
            Location::Database(database) => *database,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn database_host_defaults_to_localhost_mysql_without_port() {
        let localhost = Some(Endpoint::Host("localhost".to_owned()));
        let found = database(r#"{"type": "postgresql", "name": "kea", "port": 5433}"#);
        assert_eq!((found.endpoint, found.port), (localhost.clone(), Some(5433)));
        let found = database(r#"{"type": "postgresql", "name": "kea", "host": "", "port": 0}"#);
        assert_eq!((found.endpoint, found.port), (localhost.clone(), None));
        for host in ["", r#""host": "localhost","#] {
            let found = database(&format!(r#"{{"type": "mysql", "name": "kea", {host} "port": 3307}}"#));
            assert_eq!((found.endpoint, found.port), (localhost.clone(), None));
        }
        let found = database(r#"{"type": "mysql", "name": "kea", "host": "db.example", "port": 3307}"#);
        assert_eq!((found.endpoint, found.port), (Some(Endpoint::Host("db.example".to_owned())), Some(3307)));
    }

    #[test]
    fn missing_configuration_error_names_each_directory_once() {
        let error = no_config_at_all(&[Family::V4, Family::V6]).to_string();
        assert!(error.contains("no kea-dhcp4.conf or kea-dhcp6.conf, ") && error.len() < 300, "{error}");
        assert_eq!(error.matches("/usr/local/etc/kea").count(), 1, "{error}");
    }

    #[test]
    fn unreadable_configuration_does_not_hide_the_other_family() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("kea-dhcp4.conf"), "{\"Dhcp4\": {\"lease-database\": {").unwrap();
        std::fs::write(folder.path().join("kea-dhcp6.conf"), "{\"Dhcp6\": {}}").unwrap();
        let choice = SourceOptions { config: Some(folder.path().to_owned()), ..SourceOptions::default() };
        let found = choice.locate_each(&[], &|_| None).unwrap();
        assert!(found[0].is_err() && found[1].as_ref().is_ok_and(|place| place.family == Family::V6), "{found:?}");
        assert!(choice.locate(&[], &|_| None).is_err(), "both were wanted");
        assert_eq!(choice.locate(&[Family::V6], &|_| None).unwrap().len(), 1, "the other was not asked for");
    }
}
