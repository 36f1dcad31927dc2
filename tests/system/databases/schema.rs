//! Kea's lease tables at every version of its schema that changed a column.

use std::fmt;

use kea_tools::lease::Family;

use super::DatabaseKind;

/// A schema version of one kind of server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schema {
    pub(crate) kind: DatabaseKind,
    pub(crate) major: u32,
}

/// Every version that changed a column of a lease table, the newest known and one from the future.
pub(crate) const MYSQL: [u32; 10] = [1, 2, 4, 7, 16, 18, 19, 22, 35, FUTURE];
pub(crate) const POSTGRESQL: [u32; 9] = [1, 2, 3, 5, 15, 17, 18, 34, FUTURE];
pub(crate) const FUTURE: u32 = 99;

/// The newest version known.
pub(crate) fn newest(kind: DatabaseKind) -> u32 {
    match kind {
        DatabaseKind::Mysql => 35,
        DatabaseKind::Postgresql => 34,
    }
}

impl Schema {
    /// `mysql` or `postgresql`, whichever it is.
    fn pick<T>(self, mysql: T, postgresql: T) -> T {
        match self.kind {
            DatabaseKind::Mysql => mysql,
            DatabaseKind::Postgresql => postgresql,
        }
    }

    fn since(self, mysql: u32, postgresql: u32) -> bool {
        self.major >= self.pick(mysql, postgresql)
    }

    /// Whether the table has this column.
    pub(crate) fn has(self, family: Family, column: &str) -> bool {
        match column {
            "state" => self.since(4, 2),
            "user_context" => self.since(7, 5),
            "pool_id" => self.since(18, 17),
            "hwaddr" | "hwtype" | "hwaddr_source" if family == Family::V6 => self.since(2, 3),
            _ => true,
        }
    }

    /// Whether `lease6` keeps addresses as text.
    pub(crate) fn has_text_addresses(self) -> bool {
        !self.since(19, 18)
    }

    /// How many octets fit into a client identifier.
    pub(crate) fn widest_client_id(self) -> usize {
        if self.since(18, 0) { 255 } else { 128 }
    }

    /// The statements that make the table and say the version.
    pub(crate) fn statements(self, family: Family) -> String {
        let columns = match family {
            Family::V4 => self.lease4(),
            Family::V6 => self.lease6(),
        };
        format!(
            "CREATE TABLE {} ({}); \
             CREATE TABLE schema_version (version INT PRIMARY KEY NOT NULL, minor INT); \
             INSERT INTO schema_version VALUES ({}, 0);",
            family.table(),
            columns.join(", "),
            self.major
        )
    }

    fn lease4(self) -> Vec<&'static str> {
        let mut columns = self.pick(
            vec![
                "address INT UNSIGNED PRIMARY KEY NOT NULL",
                "hwaddr VARBINARY(20)",
                if self.major < 18 { "client_id VARBINARY(128)" } else { "client_id VARBINARY(255)" },
            ],
            vec!["address BIGINT PRIMARY KEY NOT NULL", "hwaddr BYTEA", "client_id BYTEA"],
        );
        columns.extend(self.lifetime());
        columns.push(self.pick("subnet_id INT UNSIGNED", "subnet_id BIGINT"));
        columns.extend(self.names());
        columns.extend(self.state());
        columns.extend(self.user_context());
        if self.since(16, 15) {
            columns.extend(self.pick(
                ["relay_id VARBINARY(128) DEFAULT NULL", "remote_id VARBINARY(128) DEFAULT NULL"],
                ["relay_id BYTEA DEFAULT NULL", "remote_id BYTEA DEFAULT NULL"],
            ));
        }
        columns.extend(self.pool_id());
        columns.extend(self.future());
        columns
    }

    fn lease6(self) -> Vec<&'static str> {
        let mut columns = vec![
            match (self.kind, self.has_text_addresses()) {
                (_, true) => "address VARCHAR(39) PRIMARY KEY NOT NULL",
                (DatabaseKind::Mysql, false) => "address BINARY(16) PRIMARY KEY NOT NULL",
                (DatabaseKind::Postgresql, false) => "address INET PRIMARY KEY NOT NULL",
            },
            match self.kind {
                DatabaseKind::Postgresql => "duid BYTEA",
                DatabaseKind::Mysql if self.major < 18 => "duid VARBINARY(128)",
                DatabaseKind::Mysql => "duid VARBINARY(130)",
            },
        ];
        columns.extend(self.lifetime());
        columns.extend(self.pick(
            [
                "subnet_id INT UNSIGNED",
                "pref_lifetime INT UNSIGNED",
                "lease_type TINYINT",
                "iaid INT UNSIGNED",
                "prefix_len TINYINT UNSIGNED",
            ],
            ["subnet_id BIGINT", "pref_lifetime BIGINT", "lease_type SMALLINT", "iaid INT", "prefix_len SMALLINT"],
        ));
        columns.extend(self.names());
        // The two servers got these in different order, and keep it.
        if self.kind == DatabaseKind::Postgresql {
            columns.extend(self.state());
        }
        if self.has(Family::V6, "hwaddr") {
            columns.extend(self.pick(
                ["hwaddr VARBINARY(20)", "hwtype SMALLINT UNSIGNED", "hwaddr_source INT UNSIGNED"],
                ["hwaddr BYTEA", "hwtype SMALLINT", "hwaddr_source SMALLINT"],
            ));
        }
        if self.kind == DatabaseKind::Mysql {
            columns.extend(self.state());
        }
        columns.extend(self.user_context());
        if self.major == self.pick(18, 17) {
            columns.push(self.pick("binaddr BINARY(16) DEFAULT NULL", "binaddr BYTEA DEFAULT NULL"));
        }
        columns.extend(self.pool_id());
        columns.extend(self.future());
        columns
    }

    fn lifetime(self) -> [&'static str; 2] {
        self.pick(
            ["valid_lifetime INT UNSIGNED", if self.major < 22 { "expire TIMESTAMP" } else { "expire TIMESTAMP NULL" }],
            ["valid_lifetime BIGINT", "expire TIMESTAMP WITH TIME ZONE"],
        )
    }

    fn names(self) -> [&'static str; 3] {
        self.pick(
            ["fqdn_fwd BOOL", "fqdn_rev BOOL", "hostname VARCHAR(255)"],
            ["fqdn_fwd BOOLEAN", "fqdn_rev BOOLEAN", "hostname VARCHAR(255)"],
        )
    }

    fn state(self) -> Option<&'static str> {
        self.since(4, 2).then(|| self.pick("state INT UNSIGNED DEFAULT 0", "state INT8 DEFAULT 0"))
    }

    fn user_context(self) -> Option<&'static str> {
        self.since(7, 5).then_some("user_context TEXT NULL")
    }

    fn pool_id(self) -> Option<&'static str> {
        self.since(18, 17)
            .then(|| self.pick("pool_id INT UNSIGNED NOT NULL DEFAULT 0", "pool_id BIGINT NOT NULL DEFAULT 0"))
    }

    /// A column nobody knows yet, in an unlikely place.
    fn future(self) -> Option<&'static str> {
        (self.major == FUTURE).then_some("mood VARCHAR(10) NOT NULL DEFAULT 'sunny'")
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}.0", self.kind, self.major)
    }
}
