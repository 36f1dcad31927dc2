//! PostgreSQL databases in other encodings than UTF-8: Kea takes and gives octets, and so does the dump.

use kea_tools::lease::Family;

use super::schema::{Schema, newest};
use super::{Database, DatabaseKind};
use crate::kea::database::{fresh_name, psql};
use crate::program::{must, run};

fn in_encoding(encoding: &str) -> Database {
    let (kind, name) = (DatabaseKind::Postgresql, fresh_name());
    let create = format!("CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
    must(psql("postgres").args(["-c", &create]));
    let database = Database { kind, name };
    database.run(&Schema { kind, major: newest(kind) }.statements(Family::V4));
    database
}

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn host_names_keep_their_octets_in_every_encoding() {
    for encoding in ["SQL_ASCII", "LATIN1"] {
        let database = in_encoding(encoding);
        database.run(
            "INSERT INTO lease4 (address, hwaddr, valid_lifetime, expire, subnet_id, hostname) VALUES \
             (1, '\\x020000000001', 3600, to_timestamp(1790000000), 7, E'm\\xfcller'), \
             (2, '\\x020000000002', 3600, to_timestamp(1790000000), 7, E'm\\xc3\\xbcller')",
        );
        for order in [&[][..], &["--sort", "address"]] {
            let outcome = run(database.dump(Family::V4).args(order));
            outcome.expect_quiet_success();
            let rows: Vec<_> = outcome.stdout.lines().skip(1).collect();
            let expected = [
                "0.0.0.1,02:00:00:00:00:01,,3600,1790000000,7,0,0,m&#xfcller,0,,0",
                "0.0.0.2,02:00:00:00:00:02,,3600,1790000000,7,0,0,m&#xc3&#xbcller,0,,0",
            ];
            assert_eq!(rows, expected, "{encoding}");
        }
    }
}

#[test]
#[ignore = "needs PostgreSQL: run scripts/test"]
fn a_column_of_somebodys_own_may_be_called_anything() {
    let database = in_encoding("LATIN1");
    must(psql(&database.name).env("PGCLIENTENCODING", "UTF8").args(["-c", "ALTER TABLE lease4 ADD COLUMN größe text"]));
    run(&mut database.dump(Family::V4)).expect_quiet_success();
}
