//! Cases of other people: each row names the tests that show the right behaviour.
//!
//! A row is a situation from a public bug report, a real configuration, lease file or capture that the programs once got
//! wrong. A test is named by its function; it is somewhere below `tests` or `src`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The row, the situation, and the tests, at least one.
const ROWS: &[(&str, &str, &[&str])] = &[
    // Leases.
    (
        "L1",
        "a host name with octets that are no UTF-8",
        &[
            "a_host_name_that_is_no_utf_8_is_a_lease",
            "a_name_that_is_no_utf_8_is_listed_with_its_octets",
            "what_kea_loads_of_odd_rows_is_what_is_shown",
        ],
    ),
    (
        "L2",
        "a DHCPv6 lease with the empty DUID in state 0",
        &["the_empty_duid_in_state_0_is_refused_by_newer_files_alone"],
    ),
    ("L3", "a last row without newline", &["a_last_row_without_newline_counts"]),
    (
        "L4",
        "a lease file that is a symbolic link or a bind mount",
        &[
            "companions_of_a_linked_lease_file_are_read",
            "companions_in_both_places_are_those_of_the_link",
            "a_mounted_lease_file_says_what_cannot_be_read",
        ],
    ),
    ("L5", "only one family ever served", &["the_family_that_was_never_served_is_only_a_remark"]),
    (
        "L6",
        "-o names a live lease file while the leases come from elsewhere",
        &[
            "no_file_of_either_server_is_written_by_any_name",
            "a_program_is_never_replaced",
            "the_lease_file_that_a_running_server_names_is_not_written",
        ],
    ),
    ("L7", "-o names a directory that does not exist", &["a_name_with_a_slash_at_its_end_is_no_file"]),
    (
        "L8",
        "a MariaDB account with ed25519",
        &[
            "each_plugin_of_mariadb_with_a_password_lets_in",
            "a_packet_without_content_makes_no_library_panic",
            "a_panic_is_one_line_and_status_2",
        ],
    ),
    (
        "L9",
        "configurations of NixOS and VyOS; no configuration at all",
        &[
            "a_configuration_of_nixos_is_found_in_a_directory",
            "files_are_found_where_each_system_has_them",
            "lease_file_is_found_without_any_configuration",
        ],
    ),
    (
        "L10",
        "a name, hardware address or file as the only argument",
        &[
            "a_name_or_hardware_address_alone_is_looked_for",
            "a_lease_file_is_listed_without_an_option",
            "a_lease_file_needs_no_option",
        ],
    ),
    (
        "L11",
        "a broken kea-dhcp4.conf",
        &[
            "a_fault_in_the_configuration_does_not_hide_the_leases",
            "a_fault_does_not_hide_where_the_leases_are",
            "a_lease_file_does_not_replace_an_unreadable_database",
        ],
    ),
    (
        "L12",
        "a compressed lease file",
        &["compressed_lease_files_are_read", "another_compression_is_named_with_its_remedy"],
    ),
    ("L13", "leases that -f hosts and -f ethers leave out", &["what_hosts_and_ethers_leave_out_is_counted"]),
    ("L14", "a pool of prefixes", &["a_pool_of_prefixes_is_written_as_text"]),
    (
        "L15",
        "login errors",
        &[
            "an_error_says_which_password_was_used",
            "a_server_of_another_kind_is_named",
            "servers_are_known_by_their_first_words",
        ],
    ),
    // Probes.
    ("P1", "dhcptest --query --bind ADDRESS", &["the_classic_query_with_bind_hears_every_server"]),
    (
        "P2",
        "a NAK in a monitor",
        &[
            "a_refusal_is_named_and_not_ok_unless_it_is_expected",
            "a_refusal_is_critical_to_a_monitor_and_has_its_own_counter",
        ],
    ),
    (
        "P3",
        "a wrong UDP checksum",
        &[
            "an_answer_with_a_wrong_checksum_is_none",
            "what_did_not_arrive_as_it_was_sent_is_no_answer",
            "an_answer_is_one_where_udhcpc_and_dhclient_get_a_lease",
        ],
    ),
    (
        "P4",
        "an IA with T1 > T2",
        &["times_that_make_clients_discard_an_association", "a_dhcpv6_answer_is_one_where_dhclient_gets_a_lease"],
    ),
    ("P5", "an OFFER without lease time", &["offer_without_lease_time_has_a_remark_ack_is_rejected"]),
    (
        "P6",
        "an OFFER of 0.0.0.0",
        &["an_offer_of_no_address_is_no_offer", "addresses_that_no_client_can_use_are_no_offer"],
    ),
    (
        "P7",
        "a server on the same host",
        &[
            "a_server_on_the_same_host_answers_in_every_form",
            "where_no_server_of_this_host_can_answer_the_reason_is_said",
        ],
    ),
    (
        "P8",
        "a short timeout and a server that delays its OFFER",
        &["a_short_wait_is_said_with_what_would_answer_sooner", "a_short_wait_is_said_with_what_a_server_may_wait_for"],
    ),
    (
        "P9",
        "-s 255.255.255.255, and an address with spaces",
        &[
            "blanks_around_an_address_are_no_part_of_it",
            "a_request_without_an_address_asks_by_discover",
            "a_broadcast_address_means_everybody",
        ],
    ),
    ("P10", "-V of dhcping 1.2", &["scripts_find_each_field_where_it_was", "packets_are_printed_as_they_pass"]),
    (
        "P11",
        "an answer with another client identifier",
        &["the_client_identifier_is_compared_with_that_which_was_sent"],
    ),
    (
        "P12",
        "options of impossible lengths",
        &["options_of_impossible_lengths_are_found", "what_is_odd_about_an_option_is_said_on_request"],
    ),
    (
        "P13",
        "the host's own address and hardware address",
        &["this_hosts_own_lease_is_probed_and_never_released", "the_hosts_own_lease_is_never_released"],
    ),
    (
        "P14",
        "no answer, but something was ignored",
        &[
            "what_was_ignored_is_named_where_there_is_no_answer",
            "ignored_datagrams_are_counted_by_reason_closest_first",
            "what_was_ignored_is_named_when_it_gives_up",
        ],
    ),
    (
        "P15",
        "options alone send nothing",
        &[
            "nothing_is_sent_until_a_target_is_named",
            "nothing_is_sent_that_nothing_asks_for",
            "the_letter_v_alone_is_the_version",
        ],
    ),
    (
        "P16",
        "an interrupted dhcptest",
        &[
            "an_interrupt_is_said_with_what_was_received",
            "a_listener_that_is_interrupted_says_what_it_heard",
            "a_signal_ends_it_with_its_status_and_what_was_received",
            "interrupt_prints_the_series_summary_and_sends_releases",
        ],
    ),
    (
        "P17",
        "what was granted",
        &[
            "what_an_answer_gives_is_printed_with_its_times",
            "fields_of_the_header_are_named_as_in_json",
            "a_path_leads_into_what_an_option_holds",
            "what_an_association_holds_is_found_by_its_name_alone",
        ],
    ),
    ("P18", "a server that is not authoritative", &["silence_has_its_likeliest_cause_and_what_would_tell"]),
    // Status.
    (
        "S1",
        "a caller who may not read the links of file descriptors",
        &[
            "a_healthy_daemon_is_healthy_for_every_caller",
            "a_healthy_kea_2_6_is_healthy_for_every_caller",
            "a_healthy_kea_3_0_is_healthy_for_every_caller",
            "sockets_of_another_user_are_not_taken_for_none",
            "a_server_with_files_of_its_own_is_seen_with_them",
            "sockets_of_one_server_are_not_taken_for_another_server",
            "what_a_closed_process_sees_is_not_known",
        ],
    ),
    (
        "S2",
        "a lost lease database or hosts database",
        &[
            "a_lost_lease_database_is_critical_though_the_server_goes_on",
            "a_lost_lease_database_is_critical_until_it_is_found_again",
            "a_lost_database_of_reservations_is_a_warning",
            "a_database_that_was_found_again_is_no_matter",
        ],
    ),
    (
        "S3",
        "a full disk",
        &[
            "a_full_disk_is_critical_and_a_nearly_full_one_a_warning",
            "a_full_disk_under_the_lease_file_is_critical",
            "leases_that_cannot_be_written_are_critical_until_one_is",
        ],
    ),
    (
        "S4",
        "the backup server of passive-backup",
        &["a_backup_server_is_well_in_its_role", "every_role_of_three_releases_is_judged_by_itself"],
    ),
    (
        "S5",
        "kea-dhcp4 -t FILE runs as well",
        &["a_check_next_to_a_server_is_no_server", "a_check_of_a_configuration_is_no_server"],
    ),
    (
        "S6",
        "another instance runs while the named one is dead",
        &[
            "a_server_that_keactrl_conf_does_not_name_is_listed_apart",
            "a_server_in_a_container_does_not_replace_a_dead_one",
        ],
    ),
    (
        "S7",
        "why a daemon is down",
        &[
            "why_a_server_is_down_is_in_the_first_line",
            "why_a_server_could_not_start_is_in_the_first_line",
            "what_keeps_a_server_from_starting_is_said_without_its_log",
        ],
    ),
    ("S8", "no subnet, or a subnet without pools", &["a_server_without_a_subnet_or_pool_is_a_warning"]),
    (
        "S11",
        "a lost carrier in another network namespace",
        &["a_lost_carrier_in_another_network_namespace_is_seen", "a_lost_carrier_is_read_from_the_machine_itself"],
    ),
    (
        "S12",
        "a removed interface",
        &["a_removed_interface_is_named_and_gone", "a_removed_interface_is_named_by_the_configuration"],
    ),
    (
        "S13",
        "a configuration that was never started",
        &["a_configuration_that_was_never_started_is_a_remark", "a_server_that_has_run_before_is_missed"],
    ),
    ("S14", "the Nagios check as an ordinary user", &["a_monitor_runs_its_check_by_sudo_and_nothing_else"]),
    (
        "S15",
        "no Kea, and a --root that does not exist",
        &["without_kea_it_is_said_what_was_looked_for", "a_root_that_does_not_exist_is_an_error"],
    ),
    (
        "S16",
        "colour by verdict, findings within the width",
        &[
            "the_word_has_the_colour_of_the_verdict",
            "findings_fit_the_screen_and_no_word_is_broken",
            "lines_are_broken_at_blanks_and_no_word_is",
        ],
    ),
    (
        "secrets",
        "--with-config leaves every planted secret out",
        &["no_planted_secret_is_shown_in_any_format", "no_planted_secret_is_shown_in_any_spelling"],
    ),
    // Packaging and first minutes.
    (
        "N1",
        "scripts/test beside an installed kea-tools",
        &["setting_up_the_tests_removes_no_package", "setting_up_the_tests_keeps_an_installed_kea_tools"],
    ),
    (
        "N2",
        "scripts with another target directory",
        &["the_target_directory_is_what_cargo_says", "no_script_takes_target_for_the_target_directory"],
    ),
    ("N3", "the recipe for dhcping's capabilities", &["a_group_of_its_own_may_probe_and_stays_so_after_an_upgrade"]),
    (
        "N9",
        "values out of range",
        &[
            "an_unknown_release_is_answered_with_the_known_ones",
            "a_wrong_value_is_refused_in_our_own_words",
            "what_is_allowed_is_said_with_its_unit",
            "other_mistakes_name_the_option_and_the_remedy",
            "mistakes_are_named",
            "a_value_that_is_no_utf_8_is_named",
        ],
    ),
];

#[test]
fn each_row_has_a_test() {
    let known = test_names();
    let mut faults = Vec::new();
    for (row, what, tests) in ROWS {
        if tests.is_empty() {
            faults.push(format!("{row} ({what}): no test"));
        }
        let missing = tests.iter().filter(|name| !known.contains(**name));
        faults.extend(missing.map(|name| format!("{row} ({what}): there is no test `{name}`")));
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// The functions below `tests` and `src` that have the attribute `test`.
fn test_names() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut names = BTreeSet::new();
    for directory in ["tests", "src"] {
        collect(&root.join(directory), &mut names);
    }
    names
}

fn collect(directory: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(tests_of(&fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The name of each function that follows an attribute `#[test]`, with other attributes between.
fn tests_of(code: &str) -> Vec<String> {
    let after = code.split("#[test]").skip(1);
    let name = |text: &str| {
        let from = text.find("fn ")? + "fn ".len();
        Some(text[from..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
    };
    after.filter_map(name).collect()
}
