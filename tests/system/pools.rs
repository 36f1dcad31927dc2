//! What kea-pools says is free, compared with how many new clients Kea serves until it refuses; and its page in a browser.

use std::process::Command;

use kea_tools::lease::Family;
use kea_tools::usage::ResourceKind;
use serde_json::{Value, json};

use crate::kea::database::{Database, mariadb, psql};
use crate::kea::{Instance, Kea, Network, traffic};
use crate::program::{Outcome, kea_list_leases, kea_pools, must, run};
use crate::wait::wait_for;

/// A pool of 12 with 2 reserved addresses, one that is only for a class, and one whose reservations are elsewhere.
fn subnets() -> Value {
    json!({
        "client-classes": [{ "name": "voip", "test": "option[60].text == 'voip'" }],
        "shared-networks": [{
            "name": "floor",
            "subnet4": [{
                "id": 1,
                "subnet": "10.77.0.0/16",
                "pools": [
                    { "pool": "10.77.1.1 - 10.77.1.12" },
                    { "pool": "10.77.2.1 - 10.77.2.9", "client-class": "voip" },
                ],
                "reservations": [
                    { "hw-address": "02:00:00:00:00:05", "ip-address": "10.77.1.5" },
                    { "hw-address": "02:00:00:00:00:06", "ip-address": "10.77.1.6" },
                ],
            }],
        }],
        "subnet4": null,
    })
}

fn json_of(outcome: &Outcome) -> Value {
    assert!([0, 1].contains(&outcome.status), "{outcome:?}");
    serde_json::from_str(&outcome.stdout).unwrap()
}

/// What a client of no class can get, by the leases where they are and by the server itself.
fn predicted(instance: &Instance) -> u64 {
    let ask = |more: &[&str]| {
        let mut command = kea_pools();
        command.envs(instance.variables().iter().cloned()).args(["-f", "json", "-c"]).arg(instance.configuration());
        let document = json_of(&run(command.args(more)));
        document["families"][0]["shared-networks"][0]["addresses"]["effective-free-unclassed"].as_u64().unwrap()
    };
    agreed(|| [ask(&[]), ask(&["-t", "api"])])
}

/// What both say; a client may get something late, between two questions.
fn agreed<T: PartialEq + Copy + std::fmt::Debug>(mut ask: impl FnMut() -> [T; 2]) -> T {
    wait_for("leases and server to say the same", || {
        let [one, other] = ask();
        (one == other).then_some(one)
    })
}

/// Fills the pools: some clients first, then more than there is room for, until no more are served.
fn compare(instance: &Instance) {
    let network = Network::new();
    let server = instance.start(&network);
    assert_eq!(predicted(instance), 10);
    traffic::clients4(&network, 4);
    // What a busy server answers late is a lease too.
    let (before, free) = wait_for("a prediction that fits the leases", || {
        let (before, free) = (server.leases(Family::V4).0.len(), predicted(instance));
        (before > 0 && before as u64 + free == 10).then_some((before, free))
    });
    // On a busy machine some answers come too late; those clients ask again.
    for _ in 0..3 {
        traffic::clients4(&network, 30);
    }
    let given = server.leases(Family::V4).0.len() - before;
    assert_eq!(free, given as u64, "{}", server.log());
    assert_eq!(predicted(instance), 0);
    let mut check = kea_pools();
    check.envs(instance.variables().iter().cloned()).args(["-f", "nagios", "-c"]).arg(instance.configuration());
    let outcome = run(&mut check);
    assert!(outcome.status == 2 && outcome.stdout.contains("only for clients of class voip"), "{outcome:?}");
    server.stop();
}

/// A pool of 12 addresses and one of 16 prefixes, with 2 reserved in each.
fn subnets6() -> Value {
    let host = |last: u8| {
        json!({
            "duid": format!("00:03:00:01:02:00:00:00:00:{last:02x}"),
            "ip-addresses": [format!("fd00:77::1:{last:x}")],
            "prefixes": [format!("fd00:88:0:{last:x}00::/56")],
        })
    };
    json!({
        "subnet6": null,
        "shared-networks": [{
            "name": "floor",
            "interface": "server",
            "subnet6": [{
                "id": 1,
                "subnet": "fd00:77::/64",
                "pools": [{ "pool": "fd00:77::1:1 - fd00:77::1:c" }],
                "pd-pools": [{ "prefix": "fd00:88::", "prefix-len": 52, "delegated-len": 56 }],
                "reservations": [host(5), host(6)],
            }],
        }],
    })
}

/// What a client of no class can get of each kind, by the leases where they are and by the server itself.
fn predicted6(instance: &Instance) -> [u64; 2] {
    let ask = |more: &[&str]| {
        let mut command = kea_pools();
        command.envs(instance.variables().iter().cloned()).args(["-f", "json", "-c"]).arg(instance.configuration());
        let document = json_of(&run(command.args(more)));
        let network = document["families"][0]["shared-networks"][0].clone();
        ["addresses", "prefixes"].map(|kind| network[kind]["effective-free-unclassed"].as_u64().unwrap())
    };
    agreed(|| [ask(&[]), ask(&["-t", "api"])])
}

/// The same with addresses and prefixes of DHCPv6.
fn compare6(instance: &Instance) {
    let network = Network::new();
    let server = instance.start(&network);
    assert_eq!(predicted6(instance), [10, 14]);
    let given = || {
        let leases = server.leases(Family::V6).0;
        let count = |kind: &str| leases.values().filter(|lease| lease["type"] == kind).count() as u64;
        [count("IA_NA"), count("IA_PD")]
    };
    let fits = |kind: ResourceKind| {
        traffic::clients6_for(&network, 4, kind);
        wait_for("a prediction that fits the leases", || {
            let (given, free) = (given(), predicted6(instance));
            (given[0] + free[0] == 10 && given[1] + free[1] == 14).then_some(given)
        })
    };
    assert!(fits(ResourceKind::Addresses)[0] > 0 && fits(ResourceKind::Prefixes)[1] > 0);
    for kind in [ResourceKind::Addresses, ResourceKind::Prefixes].into_iter().cycle().take(6) {
        traffic::clients6_for(&network, 30, kind);
    }
    assert_eq!((given(), predicted6(instance)), ([10, 14], [0, 0]), "{}", server.log());
    server.stop();
}

/// What a lease file, PostgreSQL, MariaDB and the server itself say of free addresses and prefixes is what Kea serves.
pub(crate) fn compare_all(kea: &Kea) {
    compare(&Instance::memfile_and(kea, Family::V4, |_| subnets()));
    compare6(&Instance::memfile_and(kea, Family::V6, |_| subnets6()));
    for database in [Database::postgresql(kea), Database::mysql(kea)] {
        compare(&Instance::on_and(kea, Family::V4, &database, &subnets()));
        compare6(&Instance::on_and(kea, Family::V6, &database, &subnets6()));
    }
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn a_lease_file_says_how_many_clients_kea_will_serve() {
    compare(&Instance::memfile_and(&Kea::debian12(), Family::V4, |_| subnets()));
    compare6(&Instance::memfile_and(&Kea::debian12(), Family::V6, |_| subnets6()));
}

#[test]
#[ignore = "needs Kea and PostgreSQL: run scripts/test"]
fn postgresql_says_how_many_clients_kea_will_serve() {
    let kea = Kea::debian12();
    let database = Database::postgresql(&kea);
    compare(&Instance::on_and(&kea, Family::V4, &database, &subnets()));
    compare6(&Instance::on_and(&kea, Family::V6, &database, &subnets6()));
}

#[test]
#[ignore = "needs Kea and MariaDB: run scripts/test"]
fn mariadb_says_how_many_clients_kea_will_serve() {
    let kea = Kea::debian12();
    let database = Database::mysql(&kea);
    compare(&Instance::on_and(&kea, Family::V4, &database, &subnets()));
    compare6(&Instance::on_and(&kea, Family::V6, &database, &subnets6()));
}

/// Puts the two reservations of a family into the hosts tables.
fn insert_hosts(kea: &Kea, database: &Database, family: Family) {
    let insert = |line: &str| match database {
        Database::Postgresql(name) => must(psql(name).args(["-c", line])),
        Database::Mysql(name) => must(mariadb().args([name, "-e", line])),
    };
    let column = format!("dhcp{}_subnet_id", family.digit());
    for last in [5, 6] {
        let address = 172_818_688 + last;
        let (more, value) =
            if family == Family::V4 { (", ipv4_address", format!(", {address}")) } else { ("", String::new()) };
        let name = format!("host{last}.example.org");
        // The identifier has six octets: digits.
        let _ = insert(&format!(
            "INSERT INTO hosts (dhcp_identifier, dhcp_identifier_type, {column}, hostname{more}) \
             VALUES ('00000{last}', 0, 1, '{name}'{value})"
        ));
        for (first, length, kind) in [(format!("fd00:77::1:{last}"), 128, 0), (format!("fd00:88:0:{last}00::"), 56, 2)]
        {
            if family == Family::V4 {
                continue;
            }
            // Newer Kea keeps addresses as octets in MySQL.
            let is_binary = matches!(database, Database::Mysql(_)) && kea.version != "2.2";
            let first = if is_binary { format!("INET6_ATON('{first}')") } else { format!("'{first}'") };
            let _ = insert(&format!(
                "INSERT INTO ipv6_reservations (address, prefix_len, type, host_id) \
                 SELECT {first}, {length}, {kind}, host_id FROM hosts WHERE hostname = '{name}'"
            ));
        }
    }
}

/// Servers whose reservations are in the hosts tables of the database with their leases.
pub(crate) fn compare_with_hosts(kea: &Kea, database: &Database) {
    let mut hosts = database.configuration();
    hosts.as_object_mut().unwrap().remove("lfc-interval");
    for (family, mut more) in [(Family::V4, subnets()), (Family::V6, subnets6())] {
        let list = format!("subnet{}", family.digit());
        more["shared-networks"][0][list][0]["reservations"] = json!([]);
        more["hosts-database"] = hosts.clone();
        insert_hosts(kea, database, family);
        let instance = Instance::on_and(kea, family, database, &more);
        list_hosts(&instance);
        if family == Family::V4 { compare(&instance) } else { compare6(&instance) }
    }
}

/// The reservations of the tables are listed with their owners, names and pools.
fn list_hosts(instance: &Instance) {
    let mut command = kea_list_leases();
    command.envs(instance.variables().iter().cloned()).args(["--reservations", "-f", "ndjson", "-c"]);
    let outcome = run(command.arg(instance.configuration()));
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{outcome:?}");
    let rows: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), if instance.family == Family::V4 { 2 } else { 4 }, "{outcome:?}");
    for row in &rows {
        assert_eq!((&row["leased"], &row["source"], row["pool"].is_null()), (&"no".into(), &"database".into(), false));
        let identifier = row["identifier"].as_str().unwrap();
        let name = format!("host{}.example.org", &identifier[identifier.len() - 1..]);
        assert!(identifier.starts_with("30:30:30:30:30:3") && row["hostname"] == name, "{row}");
    }
}

#[test]
#[ignore = "needs Kea and PostgreSQL: run scripts/test"]
fn reservations_in_postgresql_are_withheld() {
    let kea = Kea::debian12();
    compare_with_hosts(&kea, &Database::postgresql(&kea));
}

#[test]
#[ignore = "needs Kea and MariaDB: run scripts/test"]
fn reservations_in_mariadb_are_withheld() {
    let kea = Kea::debian12();
    compare_with_hosts(&kea, &Database::mysql(&kea));
}

/// A server that answers reservation-get-page has its hosts in a database; that of its configuration is one of them.
pub(crate) fn compare_with_server(kea: &Kea, database: &Database) {
    let mut hosts = database.configuration();
    hosts.as_object_mut().unwrap().remove("lfc-interval");
    let mut more = subnets();
    let reservation = json!([{ "hw-address": "02:00:00:00:00:07", "ip-address": "10.77.1.7" }]);
    more["shared-networks"][0]["subnet4"][0]["reservations"] = reservation;
    more["hosts-database"] = hosts;
    let backend = if matches!(database, Database::Mysql(_)) { "libdhcp_mysql.so" } else { "libdhcp_pgsql.so" };
    let libraries = ["libdhcp_lease_cmds.so", "libdhcp_host_cmds.so", backend];
    more["hooks-libraries"] = libraries.iter().map(|name| json!({ "library": kea.hook(name) })).collect();
    insert_hosts(kea, database, Family::V4);
    let instance = Instance::on_and(kea, Family::V4, database, &more);
    let network = Network::new();
    let server = instance.start(&network);
    let mut command = kea_list_leases();
    command.args(["-4", "--reservations", "-f", "csv", "--no-header", "--socket"]);
    let outcome = run(command.arg(&server.control.0));
    let rows: Vec<&str> = outcome.stdout.lines().collect();
    assert!(outcome.status == 0 && rows.len() == 3, "{outcome:?}");
    for (row, (address, source)) in rows.iter().zip([("5", "server"), ("6", "server"), ("7", "configuration")]) {
        assert!(row.starts_with(&format!("4,10.77.1.{address},")) && row.ends_with(source), "{outcome:?}");
    }
    let mut command = kea_pools();
    let document = json_of(&run(command.args(["-4", "-f", "json", "--socket"]).arg(&server.control.0)));
    let counts = &document["families"][0]["shared-networks"][0]["addresses"];
    assert_eq!((&counts["reserved"], &counts["effective-free-unclassed"]), (&3.into(), &9.into()));
    server.stop();
}

/// The fragment of the manual page by which Windows clients release their addresses at shutdown.
fn fragment() -> Value {
    let page = include_str!("../../man/kea-pools.8");
    let begin = page.find("\"option-def\": [").unwrap();
    let fragment = &page[begin..begin + page[begin..].find(".Ed").unwrap()];
    serde_json::from_str(&format!("{{ {fragment} }}")).unwrap()
}

#[test]
#[ignore = "needs Kea: run scripts/test"]
fn windows_clients_are_asked_to_release_at_shutdown() {
    let network = Network::new();
    let mut more = fragment();
    more["subnet4"] = json!([{ "id": 1, "subnet": "10.77.0.0/16", "pools": [{ "pool": "10.77.1.1 - 10.77.1.12" }] }]);
    let server = Instance::memfile_and(&Kea::debian12(), Family::V4, |_| more);
    let running = server.start(&network);
    let asked = |class: &str| {
        let mut dhcptest = network.client_side(env!("CARGO_BIN_EXE_dhcptest"));
        dhcptest.args(["-q", "--format", "json", "--query", "--iface", "client", "--timeout", "5", "--request", "43"]);
        let outcome = run(dhcptest.args(["--option", &format!("60={class}")]));
        let answer: Value =
            serde_json::from_str(&outcome.stdout).unwrap_or_else(|cause| panic!("{cause}: {outcome:?}"));
        answer.to_string()
    };
    let windows = asked("MSFT 5.0");
    // Option 2 of Microsoft's has the four octets of the number 1.
    assert!(windows.replace([':', ' '], "").contains("020400000001"), "{windows}");
    assert!(!asked("udhcp 1.36").replace([':', ' '], "").contains("020400000001"));
    running.stop();
}

#[test]
#[ignore = "needs Chromium: run scripts/test"]
fn a_browser_shows_the_page_with_its_maps() {
    let folder = tempfile::tempdir().unwrap();
    let [page, picture] = ["page.html", "page.png"].map(|name| folder.path().join(name));
    let recording = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/pools/3.0.4/campus");
    let mut program = kea_pools();
    program.args(["-4", "--at", "@1795939733", "-f", "html", "-o"]).arg(&page).arg("-c");
    program.args([format!("{recording}/kea-dhcp4.conf"), format!("{recording}/kea-leases4.csv")]);
    assert_eq!(run(&mut program).status, 1);
    let browse = |more: &[&str]| {
        let mut browser = Command::new("timeout");
        browser.args(["120", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--window-size=390,844"]);
        browser.arg(format!("--user-data-dir={}", folder.path().join("profile").display())).args(more);
        run(browser.arg(format!("file://{}", page.display())))
    };
    let shown = browse(&["--dump-dom"]);
    assert_eq!(shown.status, 0, "{}", shown.stderr);
    // 20 rows, each with a bar, and a map of each of the 21 pools.
    assert_eq!(shown.stdout.matches("<article").count(), 20);
    assert_eq!(shown.stdout.matches("aria-label=\"map of ").count(), 21);
    assert!(shown.stdout.contains("<dt>free</dt><dd>3-5</dd>"));
    assert_eq!(browse(&[&format!("--screenshot={}", picture.display())]).status, 0);
    assert!(std::fs::metadata(&picture).unwrap().len() > 10_000);
}
