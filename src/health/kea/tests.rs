//! Every verdict, from the facts that make it and no others.

use super::answer::{DhcpState, Partner, Relationship, Status};
use super::facts::*;
use super::*;
use crate::config::Daemon;
use crate::time;

mod evidence;

const NOW: i64 = 1_000_000;

/// A DHCPv4 server that serves: started 5000 s ago, file changed 4000 s ago, loaded 3000 s ago.
fn serving() -> Instance {
    let mut instance = Instance::new(Daemon::Dhcp4, "kea-dhcp4");
    instance.expected = Some(Expected::Unit);
    instance.process = Some(process('S'));
    instance.configuration = Some(Configuration {
        path: "/c".into(),
        modified: Some(NOW - 4000),
        interfaces: Some(vec!["eth0".into()]),
        ..Configuration::default()
    });
    instance.control = answered(Status::default());
    instance.sockets = Some(Sockets { service: vec![socket("eth0", true)], ..Sockets::default() });
    instance
}

fn process(state: char) -> Process {
    Process { pid: 7, state, started: NOW - 5000, ..Process::default() }
}

fn socket(interface: &str, is_up: bool) -> Socket {
    Socket {
        kind: "packet",
        address: String::new(),
        interface: Some(interface.into()),
        is_up: Some(is_up),
        obstacle: None,
    }
}

fn answered(status: Status) -> Control {
    let status = Status { pid: Some(7), uptime: Some(5000), reload: Some(3000), ..status };
    Control::Answered { address: "/s".into(), status: Box::new(status), version: None, configuration: None }
}

/// A daemon that is expected and not there.
fn down() -> Instance {
    let mut instance = Instance::new(Daemon::Dhcp4, "kea-dhcp4");
    instance.expected = Some(Expected::Keactrl);
    instance
}

fn judged(instance: &Instance) -> Judgement {
    judged_with(instance, &Thresholds::default(), None)
}

fn judged_with(instance: &Instance, thresholds: &Thresholds, hidden: Option<&str>) -> Judgement {
    let machine = Host { instances: vec![instance.clone()], hidden: hidden.map(str::to_owned), ..Host::default() };
    evaluate(&machine, thresholds, NOW).remove(0)
}

/// Asserts verdict, state, whether it serves, and the first finding.
#[track_caller]
fn assert_judged(instance: &Instance, verdict: Verdict, state: State, serves: Option<bool>, id: &str) {
    let found = judged(instance);
    assert_eq!((found.verdict, found.state, found.serves), (verdict, state, serves), "{found:#?}");
    assert_eq!(found.findings.first().map_or("", |finding| &*finding.id), id);
}

#[test]
fn a_server_that_lacks_nothing_serves() {
    assert_judged(&serving(), Verdict::Serving, State::Ok, Some(true), "");
    assert_eq!(judged(&serving()).reason, "serving for 1 h 23 min");
}

#[test]
fn daemon_without_process_is_critical_only_if_expected() {
    assert_judged(&down(), Verdict::Down, State::Critical, Some(false), "down");
    let unwanted = Instance { expected: None, ..down() };
    assert_judged(&unwanted, Verdict::Down, State::Ok, Some(false), "down");
}

#[test]
fn a_daemon_that_may_be_hidden_is_unknown_and_not_down() {
    let found = judged_with(&down(), &Thresholds::default(), Some("hidepid"));
    assert_eq!((found.verdict, found.state, found.serves), (Verdict::Unknown, State::Unknown, None));
    let mut started = Instance { expected: None, ..down() };
    assert_eq!(judged_with(&started, &Thresholds::default(), Some("hidepid")).state, State::Ok);
    started.pid_files.push(PidFile { path: "/p".into(), modified: None, pid: Some(9), meaning: Meaning::Stale });
    assert_eq!(judged_with(&started, &Thresholds::default(), Some("hidepid")).state, State::Unknown);
}

#[test]
fn pid_file_shows_how_daemon_ended_and_if_it_can_start() {
    let with = |meaning| {
        let mut instance = down();
        instance.pid_files.push(PidFile { path: "/p".into(), modified: None, pid: Some(9), meaning });
        instance
    };
    let stale = Verdict::StalePidFile;
    assert_judged(&with(Meaning::Stale), stale, State::Critical, Some(false), "pid-file-stale");
    assert_judged(&with(Meaning::Reused("x".into())), stale, State::Critical, Some(false), "pid-file-reused");
    assert_judged(&with(Meaning::Bad("x".into())), stale, State::Critical, Some(false), "pid-file-bad");
    for (meaning, id) in [(Meaning::Reused("x".into()), "pid-file-reused"), (Meaning::Stale, "pid-file-stale")] {
        let unwanted = Instance { expected: None, ..with(meaning) };
        assert_judged(&unwanted, stale, State::Warning, Some(false), id);
    }
    let mut killed = with(Meaning::Stale);
    killed.control = Control::Refused { address: "/s".into() };
    assert_eq!(judged(&killed).reason.matches("killed").count(), 1);
    let mut running = with(Meaning::Stale);
    running.process = Some(process('S'));
    running.control = answered(Status::default());
    assert_judged(&running, Verdict::Serving, State::Warning, Some(true), "pid-file-misleading");
    // In a container it may have a number that nobody has here.
    running.pid_files[0].pid = Some(7);
    assert_judged(&running, Verdict::Serving, State::Ok, Some(true), "");
}

#[test]
fn a_process_that_is_stopped_or_a_zombie_serves_no_client() {
    for state in ['T', 't', 'Z'] {
        let instance = Instance { process: Some(process(state)), ..serving() };
        assert_judged(&instance, Verdict::Stopped, State::Critical, Some(false), "process-stopped");
    }
}

#[test]
fn a_daemon_that_takes_questions_and_never_answers_is_hung() {
    let control = Control::NoAnswer { address: "/s".into(), waited: 4.0 };
    assert_judged(&Instance { control, ..serving() }, Verdict::Hung, State::Critical, Some(false), "hung");
}

#[test]
fn who_may_not_ask_or_is_not_understood_does_not_know() {
    let address = || "/s".to_owned();
    let text = || "x".to_owned();
    for (control, id) in [
        (Control::Denied { address: address(), text: text() }, "control-denied"),
        (Control::Garbled { address: address(), text: text() }, "control-garbled"),
        (Control::Declined { address: address(), text: text() }, "control-declined"),
        (Control::Unasked, "unasked"),
    ] {
        assert_judged(&Instance { control, ..serving() }, Verdict::Unknown, State::Unknown, None, id);
    }
}

#[test]
fn lost_control_channel_is_a_warning_unless_just_started() {
    for control in [Control::Absent { address: "/s".into() }, Control::Refused { address: "/s".into() }] {
        let mut instance = Instance { control, ..serving() };
        assert_judged(&instance, Verdict::Serving, State::Warning, Some(true), "control-lost");
        instance.process = Some(Process { started: NOW - 1, ..process('S') });
        assert_judged(&instance, Verdict::Unknown, State::Unknown, None, "starting");
    }
    assert_judged(&Instance { control: Control::None, ..serving() }, Verdict::Serving, State::Ok, Some(true), "");
}

#[test]
fn control_socket_is_unknown_if_configuration_is_denied() {
    let fault = Some(FileProblem::Denied("/c: Permission denied".to_owned()));
    let configuration = Some(Configuration { path: "/c".into(), fault, ..Configuration::default() });
    let control = Control::Absent { address: "/usual".into() };
    let instance = Instance { configuration, control, ..serving() };
    assert_judged(&instance, Verdict::Unknown, State::Unknown, None, "control-denied");
}

#[test]
fn closed_sockets_are_critical_even_if_control_is_denied() {
    let control = Control::Denied { address: "/s".into(), text: "x".into() };
    let sockets = Some(Sockets::default());
    let instance = Instance { control, sockets, ..serving() };
    assert_judged(&instance, Verdict::NotServing, State::Critical, Some(false), "sockets-closed");
}

#[test]
fn closed_sockets_are_critical_and_the_reason_is_named() {
    let closed = || Instance { sockets: Some(Sockets::default()), ..serving() };
    assert_judged(&closed(), Verdict::NotServing, State::Critical, Some(false), "sockets-closed");
    let mut nowhere = closed();
    nowhere.configuration.as_mut().unwrap().interfaces = Some(Vec::new());
    assert_judged(&nowhere, Verdict::NotServing, State::Critical, Some(false), "no-interface");
    let mut changed = closed();
    changed.configuration.as_mut().unwrap().modified = Some(NOW - 10);
    assert_judged(&changed, Verdict::ReloadFailed, State::Critical, Some(false), "reload-failed");
    let mut logged = closed();
    logged.log = Some(Log { reload_failed: Some(line("X_CONFIG_LOAD_FAIL")), ..Log::default() });
    assert_judged(&logged, Verdict::ReloadFailed, State::Critical, Some(false), "reload-failed");
}

fn line(id: &str) -> LogLine {
    LogLine { time: String::new(), severity: "ERROR".into(), id: id.into(), text: "why".into() }
}

#[test]
fn interfaces_that_are_down_or_left_out_are_reported() {
    let with = |sockets: Vec<Socket>| Instance {
        sockets: Some(Sockets { service: sockets, ..Sockets::default() }),
        ..serving()
    };
    let all = with(vec![socket("eth0", false)]);
    assert_judged(&all, Verdict::NotServing, State::Critical, Some(false), "interface-down");
    let one = with(vec![socket("eth0", true), socket("eth1", false)]);
    assert_judged(&one, Verdict::Serving, State::Warning, Some(true), "interface-down");
    let other = with(vec![socket("eth1", true)]);
    assert_judged(&other, Verdict::Serving, State::Warning, Some(true), "interface-left-out");
}

#[test]
fn what_keeps_a_socket_from_receiving_is_named_with_its_remedy() {
    let with = |is_up: bool, obstacle: Obstacle| {
        let service = vec![Socket { obstacle: Some(obstacle), ..socket("eth0", is_up) }];
        Instance { sockets: Some(Sockets { service, ..Sockets::default() }), ..serving() }
    };
    let text = |is_up: bool, obstacle: Obstacle| judged(&with(is_up, obstacle)).reason;
    let down = text(false, Obstacle::Down);
    assert_eq!(down, "it serves no client: interface eth0 is down (ip link set eth0 up)");
    let unplugged = text(false, Obstacle::NoLink);
    assert_eq!(unplugged, "it serves no client: interface eth0 has no link (check the cable at both ends)");
    assert!(text(false, Obstacle::Duplicate).contains("another host has the link-local address of interface eth0"));
    let tentative = with(true, Obstacle::Tentative);
    assert_judged(&tentative, Verdict::Serving, State::Warning, Some(true), "address-tentative");
}

#[test]
fn status_get_sockets_and_dhcp_state_decide_the_verdict() {
    let saying = |status| Instance { control: answered(status), ..serving() };
    let sockets = |word: &str| saying(Status { sockets: Some(word.into()), ..Status::default() });
    assert_judged(&sockets("ready"), Verdict::Serving, State::Ok, Some(true), "");
    assert_judged(&sockets("retrying"), Verdict::Serving, State::Warning, Some(true), "sockets-retrying");
    assert_judged(&sockets("failed"), Verdict::Serving, State::Warning, Some(true), "sockets-failed");
    let unseen = Instance { sockets: None, ..sockets("failed") };
    assert_judged(&unseen, Verdict::NotServing, State::Critical, Some(false), "sockets-failed");
    let off = |state: DhcpState| {
        saying(Status { dhcp_state: Some(DhcpState { globally_disabled: true, ..state }), ..Status::default() })
    };
    let by_user = off(DhcpState { by_user: true, ..DhcpState::default() });
    assert_judged(&by_user, Verdict::NotServing, State::Critical, Some(false), "dhcp-disabled");
    let by_database = off(DhcpState { by_database: true, ..DhcpState::default() });
    assert_judged(&by_database, Verdict::NotServing, State::Critical, Some(false), "database-lost");
}

#[test]
fn interfaces_that_are_down_or_have_no_address_are_not_missed() {
    let saying = |interfaces: &[&str], link: Link, error: &str| {
        let errors = vec![error.to_owned()];
        let status = Status { sockets: Some("failed".into()), socket_errors: errors, ..Status::default() };
        let mut instance = Instance { control: answered(status), ..serving() };
        let named = vec![NamedInterface { name: "eth1".into(), link, lacks_link_local: false }];
        instance.sockets = Some(Sockets { named, ..instance.sockets.unwrap() });
        instance.configuration.as_mut().unwrap().interfaces =
            Some(interfaces.iter().map(ToString::to_string).collect());
        instance
    };
    let with = |interfaces: &[&str], link: Link| saying(interfaces, link, "the interface eth1 is down");
    let without_address = |interfaces: &[&str]| {
        let error = "the interface eth1 has no usable IPv4 addresses configured";
        saying(interfaces, Link::Up, error)
    };
    assert_judged(&without_address(&["*"]), Verdict::Serving, State::Ok, Some(true), "");
    let named = without_address(&["eth0", "eth1"]);
    assert_judged(&named, Verdict::Serving, State::Warning, Some(true), "interface-left-out");
    assert_judged(&with(&["*"], Link::Down), Verdict::Serving, State::Ok, Some(true), "");
    assert_judged(&with(&["*"], Link::Up), Verdict::Serving, State::Warning, Some(true), "sockets-failed");
    let named = with(&["eth0", "eth1"], Link::Down);
    assert_judged(&named, Verdict::Serving, State::Warning, Some(true), "interface-left-out");
}

#[test]
fn a_link_that_may_not_be_seen_is_neither_up_nor_down() {
    let with = |states: &[Option<bool>]| {
        let service = states.iter().map(|is_up| Socket { is_up: *is_up, ..socket("eth0", true) }).collect();
        Instance { sockets: Some(Sockets { service, ..Sockets::default() }), ..serving() }
    };
    assert_judged(&with(&[None]), Verdict::Unknown, State::Unknown, None, "link-unknown");
    assert_judged(&with(&[None, Some(true)]), Verdict::Serving, State::Ok, Some(true), "");
    assert_judged(&with(&[Some(false)]), Verdict::NotServing, State::Critical, Some(false), "interface-down");
}

#[test]
fn what_a_closed_process_sees_is_not_known() {
    let closed =
        |instance: Instance| Instance { process: Some(Process { is_closed: true, ..process('S') }), ..instance };
    let control = Control::Absent { address: "/s".into() };
    let lost = Instance { control, ..serving() };
    assert_judged(&lost, Verdict::Serving, State::Warning, Some(true), "control-lost");
    assert_judged(&closed(lost), Verdict::Unknown, State::Unknown, None, "control-denied");
    let mut gone = serving();
    gone.configuration.as_mut().unwrap().fault = Some(FileProblem::Missing("/c: gone".into()));
    assert_judged(&gone, Verdict::Serving, State::Warning, Some(true), "configuration-missing");
    assert_judged(&closed(gone), Verdict::Serving, State::Ok, Some(true), "");
}

#[test]
fn process_with_unseen_configuration_is_not_untrusted() {
    let with = |is_unproven| Instance {
        process: Some(Process { is_untrusted: true, is_unproven, ..process('S') }),
        ..serving()
    };
    assert_judged(&with(false), Verdict::Unknown, State::Warning, None, "untrusted-process");
    assert_judged(&with(true), Verdict::Unknown, State::Unknown, None, "untrusted-process");
}

#[test]
fn dhcp_disable_in_log_counts_if_status_lacks_dhcp_state() {
    let log = Some(Log { service_command: Some(line("dhcp-disable")), ..Log::default() });
    let old = Instance { log, ..serving() };
    assert_judged(&old, Verdict::NotServing, State::Critical, Some(false), "dhcp-disabled");
    let told = Status { dhcp_state: Some(DhcpState::default()), ..Status::default() };
    let newer = Instance { control: answered(told), ..old };
    assert_judged(&newer, Verdict::Serving, State::Ok, Some(true), "");
}

#[test]
fn file_written_by_config_write_is_not_newer_than_running() {
    let written_at = |moment: Option<i64>| {
        let time = moment.map_or_else(String::new, |it| time::show(it, time::TimeStyle::Local).replace('T', " "));
        let written = Some(LogLine { time, ..line("COMMAND_RECEIVED") });
        let mut instance = Instance { log: Some(Log { written, ..Log::default() }), ..serving() };
        instance.configuration.as_mut().unwrap().modified = Some(NOW - 100);
        instance
    };
    for moment in [Some(NOW - 101), Some(NOW - 100), None] {
        assert_judged(&written_at(moment), Verdict::Serving, State::Ok, Some(true), "");
    }
    let changed_since = written_at(Some(NOW - 2000));
    assert_judged(&changed_since, Verdict::Serving, State::Warning, Some(true), "configuration-newer");
}

#[test]
fn newer_invalid_or_missing_file_is_a_warning_if_serving() {
    let with = |modified: i64, fault: Option<FileProblem>| {
        let mut instance = serving();
        let file = instance.configuration.as_mut().unwrap();
        (file.modified, file.fault) = (Some(modified), fault);
        instance
    };
    let warned = |instance: &Instance, id| assert_judged(instance, Verdict::Serving, State::Warning, Some(true), id);
    warned(&with(NOW - 10, None), "configuration-newer");
    warned(&with(NOW - 4000, Some(FileProblem::Invalid("x".into()))), "configuration-invalid");
    warned(&with(NOW - 4000, Some(FileProblem::Missing("x".into()))), "configuration-missing");
    warned(&with(NOW - 4000, Some(FileProblem::Unreadable("x".into()))), "configuration-unreadable");
    let mut closed = with(NOW - 4000, None);
    closed.configuration.as_mut().unwrap().closed_to = Some("_kea".into());
    warned(&closed, "configuration-unreadable");
    assert_judged(&with(NOW - 3001, None), Verdict::Serving, State::Ok, Some(true), "");
    let mut logged = with(NOW - 10, None);
    logged.log = Some(Log { reload_failed: Some(line("X_CONFIG_LOAD_FAIL")), ..Log::default() });
    assert_judged(&logged, Verdict::ReloadFailed, State::Warning, Some(true), "reload-failed");
}

#[test]
fn a_clock_that_was_set_is_no_change_of_the_configuration() {
    let told = |uptime: i64, reload: i64, modified: i64| {
        let mut instance = serving();
        let Control::Answered { status, .. } = &mut instance.control else { panic!() };
        (status.uptime, status.reload) = (Some(uptime), Some(reload));
        instance.configuration.as_mut().unwrap().modified = Some(modified);
        instance
    };
    let well = |instance: &Instance| assert_judged(instance, Verdict::Serving, State::Ok, Some(true), "");
    // Set back by an hour: the file was changed half an hour before, and loaded ten minutes later.
    let back = told(1400, -2400, NOW + 1800);
    well(&back);
    let thresholds = Thresholds { warning_uptime: Some(3000), ..Thresholds::default() };
    assert_eq!(judged_with(&back, &thresholds, None).state, State::Ok);
    well(&told(-100, -2400, NOW + 1800));
    assert_eq!(judged(&told(-100, -2400, NOW + 1800)).reason, "serving for 1 h 23 min");
    // Set forward past the date of the file.
    let forward = told(900_000, 899_990, NOW - 100_000);
    well(&forward);
    assert_eq!(judged(&forward).reason, "serving for 1 h 23 min");
    well(&told(900_000, 100, NOW - 200));
    let changed = told(900_000, 899_990, NOW - 100);
    assert_judged(&changed, Verdict::Serving, State::Warning, Some(true), "configuration-newer");
}

#[test]
fn how_bad_a_partner_is_that_is_down_is_for_the_user_to_say() {
    let partner = Some(Partner { communication_interrupted: true, ..Partner::default() });
    let pair = Relationship {
        state: "partner-down".into(),
        mode: "hot-standby".into(),
        scopes: vec!["a".into()],
        partner,
        ..Relationship::default()
    };
    let status = Status { high_availability: vec![pair], ..Status::default() };
    let instance = Instance { control: answered(status), ..serving() };
    for state in [State::Ok, State::Warning, State::Critical] {
        let thresholds = Thresholds { partner_down: state, ..Thresholds::default() };
        let found = judged_with(&instance, &thresholds, None);
        assert_eq!((found.verdict, found.state, found.serves), (Verdict::Serving, state, Some(true)));
    }
    let thresholds = Thresholds { expect_ha: Some("load-balancing".into()), ..Thresholds::default() };
    let found = judged_with(&instance, &thresholds, None);
    assert!(found.findings.iter().any(|finding| finding.id == "ha-unexpected"), "{found:#?}");
}

#[test]
fn expect_ha_applies_to_dhcp_servers_and_needs_an_answer() {
    let thresholds = Thresholds { expect_ha: Some("hot-standby".into()), ..Thresholds::default() };
    for daemon in [Daemon::Ddns, Daemon::CtrlAgent, Daemon::Netconf] {
        let found = judged_with(&Instance { daemon, ..serving() }, &thresholds, None);
        assert_eq!((found.state, found.findings.len()), (State::Ok, 0), "{found:#?}");
    }
    let silent = judged_with(&Instance { control: Control::None, ..serving() }, &thresholds, None);
    assert_eq!((silent.state, silent.findings[0].id.as_ref()), (State::Unknown, "ha-unexpected"), "{silent:#?}");
}

/// A server that says this of itself and its partner.
fn with_partner(state: &str, scopes: &[&str], last_state: &str, last_scopes: &[&str]) -> Instance {
    let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let partner = Partner { last_state: last_state.into(), last_scopes: texts(last_scopes), ..Partner::default() };
    let pair =
        Relationship { state: state.into(), scopes: texts(scopes), partner: Some(partner), ..Relationship::default() };
    let status = Status { high_availability: vec![pair], ..Status::default() };
    Instance { control: answered(status), ..serving() }
}

/// The same, started 20 s ago.
fn young(mut instance: Instance) -> Instance {
    let Control::Answered { status, .. } = &mut instance.control else { panic!() };
    status.uptime = Some(20);
    instance
}

#[test]
fn ha_waiting_is_critical_only_if_partner_is_not_serving() {
    let assert_state = |instance: &Instance, state| {
        assert_judged(instance, Verdict::NotServing, state, Some(false), "ha-not-ready");
    };
    let alone = || with_partner("waiting", &[], "unavailable", &[]);
    assert_state(&alone(), State::Critical);
    assert_state(&young(alone()), State::Warning);
    let beside_another = || with_partner("ready", &[], "waiting", &[]);
    assert_state(&young(beside_another()), State::Critical);
    let behind_one_that_serves = || with_partner("syncing", &[], "partner-down", &["a", "b"]);
    assert_state(&behind_one_that_serves(), State::Warning);
    assert_state(&young(behind_one_that_serves()), State::Warning);
}

#[test]
fn a_pair_that_shares_out_no_scope_serves_no_client() {
    for state in ["load-balancing", "hot-standby"] {
        let nobody = with_partner(state, &[], state, &[]);
        assert_judged(&nobody, Verdict::NotServing, State::Critical, Some(false), "ha-no-server-serves");
        let standby = with_partner(state, &[], state, &["a"]);
        assert_judged(&standby, Verdict::Serving, State::Ok, Some(true), "");
    }
}

#[test]
fn a_partner_that_is_ready_is_about_to_serve() {
    let mut pair = with_partner("hot-standby", &[], "ready", &[]);
    let Control::Answered { status, .. } = &mut pair.control else { panic!() };
    let partner = status.high_availability[0].partner.as_mut().unwrap();
    partner.age = Some(2);
    assert_judged(&pair, Verdict::Serving, State::Warning, Some(true), "ha-partner-ready");
    let Control::Answered { status, .. } = &mut pair.control else { panic!() };
    status.high_availability[0].partner.as_mut().unwrap().age = Some(100);
    assert_judged(&pair, Verdict::NotServing, State::Critical, Some(false), "ha-no-server-serves");
}

#[test]
fn a_restart_is_a_warning_where_it_is_asked_for() {
    let thresholds = Thresholds { warning_uptime: Some(6000), ..Thresholds::default() };
    let found = judged_with(&serving(), &thresholds, None);
    assert_eq!((found.state, found.findings[0].id.as_ref()), (State::Warning, "restarted"));
    assert_eq!(judged(&serving()).state, State::Ok);
}

#[test]
fn one_that_does_not_serve_outweighs_one_that_is_not_known() {
    let machine = |instances: Vec<Instance>| Host { instances, ..Host::default() };
    let serves = |instances: Vec<Instance>| {
        let machine = machine(instances);
        all_serve(&machine, &evaluate(&machine, &Thresholds::default(), NOW))
    };
    let unknown = || Instance { control: Control::Unasked, ..serving() };
    let unwanted = || Instance { expected: None, ..down() };
    assert_eq!(serves(vec![serving(), serving(), unwanted()]), Some(true));
    assert_eq!(serves(vec![serving(), unknown()]), None);
    assert_eq!(serves(vec![unknown(), down()]), Some(false));
    assert_eq!((serves(vec![]), serves(vec![unwanted()])), (None, None));
}

#[test]
fn measures_have_the_names_of_their_daemons() {
    let machine = Host { instances: vec![serving()], ..Host::default() };
    let judgements = evaluate(&machine, &Thresholds::default(), NOW);
    let report = report(&machine, &judgements, NOW);
    let names: Vec<&str> = report.checks[0].metrics.iter().map(|metric| metric.name.as_str()).collect();
    assert_eq!(names, ["dhcp4_uptime", "dhcp4_since_reload"]);
}
