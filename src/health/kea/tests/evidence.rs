//! What a server's log, files and configuration show, whatever it says of itself.

use super::*;
use crate::config::databases::Databases;
use crate::config::supply::Supply;

/// A server that has lost a database, by its log, and works with these.
fn without(database: Database, databases: Databases) -> Instance {
    let line = line("DHCP4_DB_RECONNECT_LOST_CONNECTION");
    let lost = LostDatabase { database, last: line.clone(), line };
    let mut instance = Instance { log: Some(Log { database_lost: Some(lost), ..Log::default() }), ..serving() };
    instance.configuration.as_mut().unwrap().databases = databases;
    instance
}

#[test]
fn lost_lease_database_is_critical_despite_status_get() {
    let leases = Databases { holds_leases: true, ..Databases::default() };
    let hosts = Databases { holds_hosts: true, ..Databases::default() };
    let stops = Databases { stops_without_hosts: true, ..hosts };
    let configuration = Databases { holds_configuration: true, ..Databases::default() };
    let lost = "database-lost";
    for (database, databases) in
        [(Database::Leases, leases), (Database::Unknown, leases), (Database::Hosts, stops), (Database::Unknown, stops)]
    {
        let instance = without(database, databases);
        assert_judged(&instance, Verdict::NotServing, State::Critical, Some(false), lost);
        let told = Status { dhcp_state: Some(DhcpState::default()), ..Status::default() };
        let newer = Instance { control: answered(told), ..instance };
        assert_judged(&newer, Verdict::NotServing, State::Critical, Some(false), lost);
    }
    for (database, databases) in [
        (Database::Hosts, hosts),
        (Database::Unknown, hosts),
        (Database::Configuration, configuration),
        (Database::Unknown, configuration),
        (Database::LegalLog, leases),
    ] {
        assert_judged(&without(database, databases), Verdict::Serving, State::Warning, Some(true), lost);
    }
}

#[test]
fn database_reconnect_is_unknown_from_a_log_of_errors() {
    let leases = Databases { holds_leases: true, ..Databases::default() };
    let at = |seconds: i64| {
        let mut instance = without(Database::Leases, leases);
        let log = instance.log.as_mut().unwrap();
        log.only_troubles = true;
        log.database_lost.as_mut().unwrap().line.id = "DHCPSRV_PGSQL_LEASE_DB_RECONNECT_ATTEMPT_FAILED".into();
        log.database_lost.as_mut().unwrap().last.time =
            time::show(NOW - seconds, time::TimeStyle::Local).replace('T', " ");
        instance
    };
    assert_judged(&at(10), Verdict::NotServing, State::Critical, Some(false), "database-lost");
    assert_judged(&at(1000), Verdict::Serving, State::Warning, Some(true), "database-lost");
}

/// A server whose lease file is on a file system like this.
fn on(space: Space, size: u64) -> Instance {
    let leases = LeaseFile { path: "/l".into(), size: Some(size), space: Some(space), ..LeaseFile::default() };
    Instance { leases: Some(leases), ..serving() }
}

#[test]
fn a_full_disk_is_critical_and_a_nearly_full_one_a_warning() {
    const GIB: u64 = 1 << 30;
    let with = |available: u64, total: u64| Space { available, total, ..Space::default() };
    let full = |space: Space, id| assert_judged(&on(space, 9), Verdict::NotServing, State::Critical, Some(false), id);
    full(with(0, GIB), "disk-full");
    full(Space { is_read_only: true, ..with(GIB, 2 * GIB) }, "disk-read-only");
    let nearly = "disk-nearly-full";
    let warned =
        |space: Space, size| assert_judged(&on(space, size), Verdict::Serving, State::Warning, Some(true), nearly);
    warned(with(10 << 20, 100 * GIB), 0);
    warned(with(GIB, 100 * GIB), 2 * GIB);
    warned(with(1 << 20, 32 << 20), 0);
    warned(Space { available_files: Some(0), ..with(GIB, 2 * GIB) }, 0);
    for well in [with(10 << 20, 32 << 20), with(GIB, 100 * GIB), with(0, 0)] {
        assert_judged(&on(well, 1 << 20), Verdict::Serving, State::Ok, Some(true), "");
    }
    let log = Log { space: Some(with(0, GIB)), ..Log::default() };
    let unlogged = Instance { log: Some(log), ..serving() };
    assert_judged(&unlogged, Verdict::Serving, State::Warning, Some(true), "log-disk-full");
    let mut replaced = on(with(GIB, GIB), 9);
    replaced.leases.as_mut().unwrap().is_replaced = true;
    assert_judged(&replaced, Verdict::Serving, State::Warning, Some(true), "lease-file-replaced");
}

#[test]
fn a_lease_that_was_not_written_counts_for_some_minutes() {
    let failed = |seconds: i64| {
        let time = time::show(NOW - seconds, time::TimeStyle::Local).replace('T', " ");
        let line = LogLine { time, ..line("ALLOC_ENGINE_V4_ALLOC_ERROR") };
        Instance { log: Some(Log { write_failed: Some(line), ..Log::default() }), ..serving() }
    };
    let id = "lease-not-written";
    assert_judged(&failed(10), Verdict::NotServing, State::Critical, Some(false), id);
    assert_judged(&failed(1000), Verdict::Serving, State::Warning, Some(true), id);
    let of_one = |seconds: i64| {
        let mut instance = failed(seconds);
        instance.log.as_mut().unwrap().fails_for_one = true;
        instance
    };
    assert_judged(&of_one(10), Verdict::Serving, State::Warning, Some(true), id);
    assert_judged(&of_one(1000), Verdict::Serving, State::Ok, Some(true), "");
}

#[test]
fn a_server_with_nothing_to_give_serves_no_client() {
    let giving = |supply: Supply| {
        let mut instance = serving();
        instance.configuration.as_mut().unwrap().supply = Some(supply);
        instance
    };
    let bare = |subnets: usize, bare: &[&str]| Supply {
        subnets,
        bare: bare.iter().map(ToString::to_string).collect(),
        ..Supply::default()
    };
    let nothing = |supply, id| assert_judged(&giving(supply), Verdict::NotServing, State::Warning, Some(false), id);
    nothing(bare(0, &[]), "no-subnet");
    nothing(bare(1, &["a"]), "no-pool");
    assert_judged(&giving(bare(2, &["a"])), Verdict::Serving, State::Warning, Some(true), "no-pool");
    for well in [
        bare(2, &[]),
        Supply { may_be_elsewhere: true, ..bare(0, &[]) },
        Supply { gives_options: true, ..bare(1, &["a"]) },
    ] {
        assert_judged(&giving(well), Verdict::Serving, State::Ok, Some(true), "");
    }
    // A subnet without pools is not why it does not serve.
    let mut waiting = young(with_partner("waiting", &[], "unavailable", &[]));
    waiting.configuration.as_mut().unwrap().supply = Some(bare(2, &["a"]));
    let judgement = judged(&waiting);
    assert_eq!((judgement.verdict, judgement.state), (Verdict::NotServing, State::Warning));
    assert!(judgement.reason.contains("it serves no client in state waiting"), "{judgement:#?}");
}

#[test]
fn config_set_by_command_overrides_the_configuration_file() {
    let set = |has_no_subnet: bool| {
        let mut instance = serving();
        let line = line("DHCP4_CONFIG_COMPLETE");
        let configuration_set = Some(SetConfiguration { line, has_no_subnet });
        instance.log = Some(Log { configuration_set, ..Log::default() });
        instance.configuration.as_mut().unwrap().supply = Some(Supply { subnets: 1, ..Supply::default() });
        instance
    };
    assert_judged(&set(true), Verdict::NotServing, State::Warning, Some(false), "no-subnet");
    // The file has none, and the server has.
    let mut other = set(false);
    other.configuration.as_mut().unwrap().supply = Some(Supply::default());
    assert_judged(&other, Verdict::Serving, State::Ok, Some(true), "");
    // What the server itself says it runs on outweighs its log.
    let mut asked = set(true);
    asked.configuration.as_mut().unwrap().is_running = true;
    assert_judged(&asked, Verdict::Serving, State::Ok, Some(true), "");
    let mut deaf = set(false);
    deaf.sockets.as_mut().unwrap().service.clear();
    assert_judged(&deaf, Verdict::NotServing, State::Critical, Some(false), "sockets-closed");
    assert!(judged(&deaf).reason.ends_with("; its configuration was set by command (config-set)"));
}

#[test]
fn a_packet_that_is_counted_shows_that_dhcp_is_on_again() {
    let disabled = |ago: i64| {
        let time = time::show(NOW - ago, time::TimeStyle::Local).replace('T', " ");
        let line = LogLine { time, ..line("dhcp-disable") };
        Instance { log: Some(Log { service_command: Some(line), ..Log::default() }), ..serving() }
    };
    let counted = |ago: i64| Instance { last_packet: Some(NOW - ago), ..disabled(1000) };
    let id = "dhcp-disabled";
    assert_judged(&disabled(1000), Verdict::NotServing, State::Critical, Some(false), id);
    assert_judged(&counted(1000), Verdict::NotServing, State::Critical, Some(false), id);
    assert_judged(&counted(100), Verdict::Serving, State::Ok, Some(true), "");
    // Of a server in a zone an hour to the east: the same moment is written an hour later.
    let east = |packet: i64| {
        let mut instance = Instance { last_packet: Some(NOW - packet), ..disabled(-2600) };
        instance.log.as_mut().unwrap().offset = -3600;
        instance
    };
    assert_judged(&east(1000), Verdict::NotServing, State::Critical, Some(false), id);
    assert_judged(&east(100), Verdict::Serving, State::Ok, Some(true), "");
}

#[test]
fn why_no_socket_is_open_is_seen_at_the_interfaces() {
    let deaf = |link: Link, lacks_link_local: bool, errors: &[&str]| {
        let mut instance = serving();
        let named = vec![NamedInterface { name: "eth0".into(), link, lacks_link_local }];
        instance.sockets = Some(Sockets { named, ..Sockets::default() });
        let socket_errors = errors.iter().map(ToString::to_string).collect();
        instance.control = answered(Status { socket_errors, ..Status::default() });
        judged(&instance).reason
    };
    assert!(deaf(Link::Up, true, &[]).ends_with(" (interface eth0 has no link-local address)"));
    assert!(deaf(Link::Down, false, &[]).ends_with(" (interface eth0 is down)"));
    assert!(deaf(Link::Gone, false, &[]).ends_with(" (interface eth0 is not there)"));
    assert!(deaf(Link::Down, false, &["the interface is down"]).ends_with(" (the interface is down)"));
    // What the server has said at its last load need not be so any more.
    assert!(deaf(Link::Up, false, &["it is down"]).contains("(it is down; its interfaces are up now: reload"));
    let no_address = "the interface eth0 has no usable IPv4 addresses configured";
    assert!(deaf(Link::Up, false, &["bind: Permission denied"]).contains("it needs root, or the capabilities"));
    assert!(
        deaf(Link::Up, false, &[no_address]).ends_with("configured; reload the configuration when it has an address)")
    );
    assert!(deaf(Link::Up, false, &[]).contains("it has no DHCP socket open (its interfaces are up now: reload"));
}

#[test]
fn a_control_socket_that_was_removed_is_no_start() {
    let mut instance = serving();
    instance.control = Control::Absent { address: "/s".into() };
    instance.process.as_mut().unwrap().started = NOW - 1;
    assert_judged(&instance, Verdict::Unknown, State::Unknown, None, "starting");
    instance.socket_is_removed = true;
    assert_judged(&instance, Verdict::Serving, State::Warning, Some(true), "control-lost");
    assert!(judged(&instance).reason.contains("/s was removed or replaced"));
}

#[test]
fn why_a_daemon_is_down_comes_first() {
    let ended = |end: End| Instance { log: Some(Log { ended: Some(end), ..Log::default() }), ..down() };
    let reason = |instance: &Instance| judged(instance).reason;
    let init = LogLine {
        text: "failed to initialize Kea server: configuration error using file '/c': x (/c:7:1)".into(),
        ..line("DHCP4_INIT_FAIL")
    };
    let failed = || ended(End::Failed(init.clone()));
    assert_eq!(reason(&failed()), "down: DHCP4_INIT_FAIL: configuration error using file '/c': x (/c:7:1)");
    assert_eq!(
        reason(&ended(End::Stopped(line("DHCP4_SHUTDOWN")))),
        "down: it was stopped, according to its log (DHCP4_SHUTDOWN)"
    );
    let unit = |active: &str, sub: &str| Unit {
        name: "k.service".into(),
        active: active.into(),
        sub: sub.into(),
        result: "exit-code".into(),
        exit: "status 1".into(),
        restarts: Some(4),
        ..Unit::default()
    };
    let unlucky = Instance { unit: Some(unit("failed", "failed")), ..failed() };
    let text = "down: DHCP4_INIT_FAIL: configuration error using file '/c': x (/c:7:1); k.service failed (exit-code, status 1)";
    assert_eq!(reason(&unlucky), text);
    let again = Instance { unit: Some(unit("activating", "auto-restart")), ..down() };
    let text = "down: systemd starts k.service again and again, 4 times so far (exit-code, status 1)";
    assert_eq!(reason(&again), text);
    let with = |fault: Option<FileProblem>, library: &str| {
        let missing_libraries = Some(library).filter(|it| !it.is_empty()).map(Into::into).into_iter().collect();
        let file = Configuration { path: "/c".into(), fault, missing_libraries, ..Configuration::default() };
        Instance { configuration: Some(file), ..down() }
    };
    let broken = with(Some(FileProblem::Invalid("/c:1:2: x".into())), "");
    assert_eq!(reason(&broken), "down: its configuration does not parse: /c:1:2: x");
    assert_eq!(reason(&with(None, "/h.so")), "down: its hook library /h.so is missing");
}

/// What a file that was not loaded says of a server that serves: changed after the last load, or rejected by it.
#[test]
fn a_file_that_was_not_loaded_says_nothing_of_what_is_served() {
    let nothing = || {
        let mut instance = serving();
        let file = instance.configuration.as_mut().unwrap();
        file.supply = Some(Supply::default());
        file.interfaces = Some(vec!["eth7".into()]);
        instance
    };
    let changed = || {
        let mut instance = nothing();
        instance.configuration.as_mut().unwrap().modified = Some(NOW - 10);
        instance
    };
    let rejected = |instance: Instance| {
        let log = Log { reload_failed: Some(line("DHCP4_CONFIG_LOAD_FAIL")), ..Log::default() };
        Instance { log: Some(log), ..instance }
    };
    assert_judged(&changed(), Verdict::Serving, State::Warning, Some(true), "configuration-newer");
    for instance in [rejected(changed()), rejected(nothing())] {
        assert_judged(&instance, Verdict::ReloadFailed, State::Warning, Some(true), "reload-failed");
        assert_eq!(judged(&instance).findings.len(), 1);
    }
    // Of one that cannot be asked, what was changed since its start may have been loaded or not.
    let unasked = Instance { control: Control::None, ..changed() };
    assert_judged(&unasked, Verdict::Serving, State::Ok, Some(true), "");
    assert_judged(&nothing(), Verdict::NotServing, State::Warning, Some(false), "interface-left-out");
}

#[test]
fn a_port_of_a_file_that_was_not_loaded_is_not_missed() {
    let deaf = |modified: i64| {
        let mut instance = Instance { sockets: Some(Sockets::default()), ..serving() };
        instance.daemon = Daemon::Ddns;
        instance.configuration.as_mut().unwrap().modified = Some(NOW - modified);
        instance
    };
    assert_judged(&deaf(4000), Verdict::NotServing, State::Critical, Some(false), "sockets-closed");
    assert_judged(&deaf(10), Verdict::Serving, State::Warning, Some(true), "configuration-newer");
}

#[test]
fn a_cleanup_is_not_missed_by_an_interval_that_was_not_loaded() {
    let due = |modified: i64| {
        let mut instance = serving();
        instance.leases = Some(LeaseFile { size: Some(100), lfc_interval: 100, ..LeaseFile::default() });
        instance.configuration.as_mut().unwrap().modified = Some(NOW - modified);
        instance
    };
    assert_judged(&due(4000), Verdict::Serving, State::Warning, Some(true), "lfc");
    assert_judged(&due(10), Verdict::Serving, State::Warning, Some(true), "configuration-newer");
}
