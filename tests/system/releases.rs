//! Newer releases of Kea, unpacked by `scripts/kea-release`; run by `scripts/test --all-kea`.
//!
//! What Debian 12's Kea proves in [`crate::loads_in_kea`] and [`crate::under_load`] is proven here again, and the
//! way from one release to the next.

use std::fs;
use std::time::Duration;

use kea_tools::lease::Family;
use serde_json::json;

use crate::bundle;
use crate::kea::database::Database;
use crate::kea::hostile::Keeper;
use crate::kea::leases::Leases;
use crate::kea::{Instance, Kea, Network, scenario, traffic};
use crate::list_leases::list_through_cleanups;
use crate::loads_in_kea::{dump, dump_and_load, load, load_anonymized};
use crate::loggers;
use crate::logs;
use crate::metrics;
use crate::odd_rows;
use crate::pools;
use crate::program::run;
use crate::running_server::with_leases;
use crate::under_load::dump_under_load;
use crate::wait::wait_for;

fn kea_2_6() -> Kea {
    Kea::unpacked("KEA_TOOLS_KEA_2_6", "2.6")
}

fn kea_3_0() -> Kea {
    Kea::unpacked("KEA_TOOLS_KEA_3_0", "3.0")
}

#[test]
#[ignore = "needs Kea 2.6: run scripts/test --all-kea"]
fn kea_2_6_loads_the_dumps_of_its_lease_files() {
    dump_and_load_memfile(&kea_2_6());
}

#[test]
#[ignore = "needs Kea 3.0: run scripts/test --all-kea"]
fn kea_3_0_loads_the_dumps_of_its_lease_files() {
    dump_and_load_memfile(&kea_3_0());
}

#[test]
#[ignore = "needs Kea 2.6 and PostgreSQL: run scripts/test --all-kea"]
fn kea_2_6_loads_the_dumps_of_its_leases_in_postgresql() {
    dump_and_load_postgresql(&kea_2_6());
}

#[test]
#[ignore = "needs Kea 3.0 and PostgreSQL: run scripts/test --all-kea"]
fn kea_3_0_loads_the_dumps_of_its_leases_in_postgresql() {
    dump_and_load_postgresql(&kea_3_0());
}

#[test]
#[ignore = "needs Kea 2.6 and MariaDB: run scripts/test --all-kea"]
fn kea_2_6_loads_the_dumps_of_its_leases_in_mariadb() {
    dump_and_load_mysql(&kea_2_6());
}

#[test]
#[ignore = "needs Kea 3.0 and MariaDB: run scripts/test --all-kea"]
fn kea_3_0_loads_the_dumps_of_its_leases_in_mariadb() {
    dump_and_load_mysql(&kea_3_0());
}

#[test]
#[ignore = "needs Kea 2.6: run scripts/test --all-kea"]
fn dump_under_load_has_every_acked_lease_of_kea_2_6() {
    dump_under_load(&kea_2_6(), Duration::from_secs(30));
}

#[test]
#[ignore = "needs Kea 3.0: run scripts/test --all-kea"]
fn dump_under_load_has_every_acked_lease_of_kea_3_0() {
    dump_under_load(&kea_3_0(), Duration::from_secs(30));
}

#[test]
#[ignore = "needs Kea 2.6 and 3.0: run scripts/test --all-kea"]
fn leases_move_from_release_to_release_declined_ones_included() {
    for family in [Family::V4, Family::V6] {
        for (from, to) in [(Kea::debian12(), kea_2_6()), (Kea::debian12(), kea_3_0()), (kea_2_6(), kea_3_0())] {
            move_leases(&from, &to, family);
        }
    }
}

#[test]
#[ignore = "needs Kea 2.6 and 3.0 and databases: run scripts/test --all-kea"]
fn released_database_leases_are_not_in_lease_files() {
    for kea in [kea_2_6(), kea_3_0()] {
        for database in [Database::postgresql(&kea), Database::mysql(&kea)] {
            released_lease(&Instance::on(&kea, Family::V4, &database));
        }
    }
}

fn released_lease(origin: &Instance) {
    let network = Network::new();
    let server = origin.start(&network);
    traffic::clients4(&network, 20);
    let get = || server.command("lease4-get", &json!({ "ip-address": "10.77.1.0" }))["arguments"].clone();
    traffic::release4(&network, &get());
    wait_for("the lease to be released", || (get()["valid-lft"] == 0).then_some(()));
    let leases = server.leases(Family::V4);
    let json = dump(origin, &["-f", "json"]);
    Leases::from_list(&serde_json::from_str(&json).unwrap()).assert_same_as(&leases);

    let text = dump(origin, &["--for", origin.kea.version]);
    server.stop();
    let (loaded, complaints) = load(&network, &origin.kea, Family::V4, &text);
    assert_eq!(complaints, [""; 0]);
    loaded.assert_same_as(&leases.without_lifeless());
}

#[test]
#[ignore = "needs Kea 2.6 and 3.0: run scripts/test --all-kea"]
fn newer_kea_loads_anonymized_dumps_of_its_leases() {
    for kea in [kea_2_6(), kea_3_0()] {
        for family in [Family::V4, Family::V6] {
            load_anonymized(&kea, family);
        }
    }
}

#[test]
#[ignore = "needs Kea 2.6 and 3.0: run scripts/test --all-kea"]
fn lfc_of_newer_kea_does_not_change_the_listed_leases() {
    for kea in [kea_2_6(), kea_3_0()] {
        for family in [Family::V4, Family::V6] {
            list_through_cleanups(&kea, family);
        }
    }
}

#[test]
#[ignore = "needs Kea 2.6 and 3.0: run scripts/test --all-kea"]
fn bundles_of_newer_kea_have_its_answers_and_no_secret() {
    for kea in [kea_2_6(), kea_3_0()] {
        bundle::of_a_running_server(&kea);
    }
}

#[test]
#[ignore = "needs Kea 2.6: run scripts/test --all-kea"]
fn what_kea_2_6_loads_of_odd_rows_is_what_is_shown() {
    odd_rows::compare(&kea_2_6());
}

#[test]
#[ignore = "needs Kea 3.0: run scripts/test --all-kea"]
fn what_kea_3_0_loads_of_odd_rows_is_what_is_shown() {
    odd_rows::compare(&kea_3_0());
}

fn dump_and_load_memfile(kea: &Kea) {
    for family in [Family::V4, Family::V6] {
        dump_and_load(&Instance::memfile(kea, family), Keeper::Memfile);
    }
}

fn dump_and_load_postgresql(kea: &Kea) {
    for family in [Family::V4, Family::V6] {
        dump_and_load(&Instance::on(kea, family, &Database::postgresql(kea)), Keeper::Postgresql);
    }
}

fn dump_and_load_mysql(kea: &Kea) {
    for family in [Family::V4, Family::V6] {
        dump_and_load(&Instance::on(kea, family, &Database::mysql(kea)), Keeper::Mysql);
    }
}

/// A server of one release is dumped for another one, which then has the same leases.
fn move_leases(from: &Kea, to: &Kea, family: Family) {
    let network = Network::new();
    let origin = Instance::memfile(from, family);
    let server = origin.start(&network);
    let leases = scenario::fill(&server, &network, family, Keeper::Memfile);
    let text = dump(&origin, &["--for", to.version]);
    server.stop();
    let (loaded, complaints) = load(&network, to, family, &text);
    assert_eq!(complaints, [""; 0], "from {} to {}", from.version, to.version);
    loaded.assert_same_as(&leases.with_newest_empty_duid());
}

#[test]
#[ignore = "needs Kea 3.0: run scripts/test --all-kea"]
fn kea_3_0_gives_its_leases_over_its_own_http_to_whom_it_knows() {
    for family in [Family::V4, Family::V6] {
        let instance = Instance::memfile_and(&kea_3_0(), family, |dir| {
            let clients = json!([{ "user": "admin", "password-file": "password" }]);
            json!({
                "control-socket": null,
                "control-sockets": [
                    { "socket-type": "unix", "socket-name": dir.join("run/control") },
                    { "socket-type": "http", "socket-address": "127.0.0.1", "socket-port": 8001,
                      "authentication": { "type": "basic", "realm": "kea", "directory": dir, "clients": clients } },
                ],
            })
        });
        let password = instance.scratch("password");
        fs::write(&password, "s3cret").unwrap();
        let network = Network::new();
        let server = with_leases(&instance, &network);
        let ask = |more: &[&str]| {
            let mut command = network.server_side(env!("CARGO_BIN_EXE_kea-lease-dump"));
            run(command.args(["-f", "json", "--socket", "http://127.0.0.1:8001"]).args(more))
        };
        let told = ask(&["-u", "admin", "--password-file", password.to_str().unwrap()]);
        told.expect_quiet_success();
        Leases::from_list(&serde_json::from_str(&told.stdout).unwrap()).assert_same_as(&server.leases(family));
        let refused = ask(&[]);
        assert!(
            refused.status == 2 && refused.stderr.contains("the server requires a user and a password"),
            "{}",
            refused.stderr
        );
    }
}

#[test]
#[ignore = "needs Kea 2.6: run scripts/test --all-kea"]
fn the_log_of_kea_2_6_says_what_database_and_clients_know() {
    logs::compare(&kea_2_6());
}

#[test]
#[ignore = "needs Kea 3.0: run scripts/test --all-kea"]
fn the_log_of_kea_3_0_says_what_database_and_clients_know() {
    logs::compare(&kea_3_0());
}

#[test]
#[ignore = "needs Kea 2.6: run scripts/test --all-kea"]
fn loggers_of_kea_2_6_are_as_reported() {
    loggers::compare(&kea_2_6());
    loggers::entries(&kea_2_6());
}

#[test]
#[ignore = "needs Kea 3.0: run scripts/test --all-kea"]
fn loggers_of_kea_3_0_are_as_reported() {
    loggers::compare(&kea_3_0());
    loggers::entries(&kea_3_0());
}

#[test]
#[ignore = "needs Kea 2.6 and Prometheus: run scripts/test --all-kea"]
fn prometheus_has_data_of_kea_2_6() {
    metrics::scrape(&kea_2_6());
}

#[test]
#[ignore = "needs Kea 3.0 and Prometheus: run scripts/test --all-kea"]
fn prometheus_has_data_of_kea_3_0() {
    metrics::scrape(&kea_3_0());
}

#[test]
#[ignore = "needs Kea 2.6 and databases: run scripts/test --all-kea"]
fn kea_2_6_serves_as_many_clients_as_are_predicted() {
    pools::compare_all(&kea_2_6());
}

#[test]
#[ignore = "needs Kea 3.0 and databases: run scripts/test --all-kea"]
fn kea_3_0_serves_as_many_clients_as_are_predicted() {
    pools::compare_all(&kea_3_0());
}

#[test]
#[ignore = "needs Kea 2.6 and 3.0 and databases: run scripts/test --all-kea"]
fn newer_kea_withholds_what_its_databases_reserve() {
    for kea in [kea_2_6(), kea_3_0()] {
        for database in [Database::postgresql(&kea), Database::mysql(&kea)] {
            pools::compare_with_hosts(&kea, &database);
        }
    }
}

#[test]
#[ignore = "needs Kea 3.0 and databases: run scripts/test --all-kea"]
fn kea_3_0_says_itself_what_its_databases_reserve() {
    let kea = kea_3_0();
    for database in [Database::postgresql(&kea), Database::mysql(&kea)] {
        pools::compare_with_server(&kea, &database);
    }
}
