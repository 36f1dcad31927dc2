//! Secrets that come from files that others name, in other encodings and in names; and facts that stay in spite of them.

use std::fs;

use super::hostile::{Machine, text};
use super::run;

/// A machine whose database has this password, and a line of its log.
fn machine(password: &str, log: &str) -> Machine {
    let database =
        format!("\"lease-database\": {{ \"type\": \"mysql\", \"password\": {} }},", serde_json::Value::from(password));
    let machine = Machine::new(&database);
    machine.write("var/log/kea/kea-dhcp4.log", log);
    machine
}

/// Asserts that no file of the bundle has this in it or in its name.
fn assert_absent(machine: &Machine, secret: &str) {
    for (name, content) in machine.files() {
        assert!(memchr::memmem::find(&content, secret.as_bytes()).is_none(), "{secret} is in {name}");
        assert!(!name.contains(secret), "{name}");
    }
}

#[test]
fn variables_and_credentials_of_units_are_searched_for() {
    let machine = machine(
        "Zq7-database",
        "one Zq7-variable two Zq7-credential three Zq7-inline four Zq7creds1x five Zq7tsig1x\n",
    );
    for folder in ["etc/systemd/system/kea-dhcp4-server.service.d", "etc/creds"] {
        fs::create_dir_all(machine.at(folder)).unwrap();
    }
    machine.write(
        "etc/systemd/system/kea-dhcp4-server.service.d/x.conf",
        "[Service]\nEnvironmentFile=-/etc/kea/environment\nLoadCredential=db:/etc/creds/db\nPassEnvironment=DB_PASSWORD\n\
         SetCredential=x:Zq7-inline\nEnvironment=KEA_CTRL_CREDS=ops:Zq7creds1x \"KEA_TSIG=Zq7tsig1x\" KEA_LOG_FILE_DIR=/var/log/kea\n",
    );
    machine.write("etc/kea/environment", "DB_PASSWORD=Zq7-variable\nKEA_X=1\n");
    machine.write("etc/creds/db", "Zq7-credential\n");
    assert!(machine.run(&[]).status <= 1);
    assert_absent(&machine, "Zq7");
    let files = machine.files();
    let unit = text(&files, "system/etc-systemd-system-kea-dhcp4-server.service.d-x.conf");
    for kept in
        ["PassEnvironment=DB_PASSWORD", "LoadCredential=db:/etc/creds/db", "SetCredential=x:", "=/var/log/kea\n"]
    {
        assert!(unit.contains(kept), "{unit}");
    }
    assert!(text(&files, "manifest.json").contains("/etc/kea/environment"));
}

#[test]
fn values_of_a_file_with_variables_are_those_that_systemd_reads() {
    let machine = machine(
        "Zq7-database",
        "a Zq7first11 b Zq7second2 c Zq7third33 d Zq7fourth4 e Zq7escaped f Zq7joined g Zq7inline9 h Zq7remark9\n",
    );
    fs::create_dir_all(machine.at("etc/systemd/system/kea-dhcp4-server.service.d")).unwrap();
    machine.write(
        "etc/systemd/system/kea-dhcp4-server.service.d/x.conf",
        "[Service]\nEnvironmentFile=/etc/kea/environment\nSetCredential = a:Zq7inline9\n# SetCredential=b:Zq7remark9\n",
    );
    machine.write(
        "etc/kea/environment",
        "V=\"Zq7first11\nZq7second2\"\nX='Zq7third33\nZq7fourth4'\nW=Zq7es\\caped\r\nU=Zq7jo\\\r\nined\r\n",
    );
    assert!(machine.run(&[]).status <= 1);
    assert_absent(&machine, "Zq7");
}

#[test]
fn a_file_that_is_named_for_a_password_is_one_whole() {
    let files = ["#Zq7remark9", "[Zq7section9]", "-----Zq7hyphens9", "Zq7one:two#3 "];
    let clients: Vec<String> = (0..files.len())
        .map(|n| format!("{{ \"user\": \"u{n}\", \"password-file\": \"/etc/kea/basic{n}\" }}"))
        .collect();
    let socket = format!(
        "\"control-sockets\": [ {{ \"socket-type\": \"http\", \"authentication\": {{ \"type\": \"basic\", \"clients\": [ {} ] }} }} ],",
        clients.join(", ")
    );
    let machine = Machine::new(&socket);
    machine.write("var/log/kea/kea-dhcp4.log", &format!("kept {} kept\n", files.join(" and ")));
    for (n, file) in files.iter().enumerate() {
        machine.write(&format!("etc/kea/basic{n}"), &format!("{file}\n"));
    }
    assert!(machine.run(&[]).status <= 1);
    assert_absent(&machine, "Zq7");
}

#[test]
fn a_password_that_is_a_usual_word_is_hidden_at_its_name() {
    let machine = Machine::new("\"hosts-databases\": [ { \"type\": \"mysql\", \"password\": \"required\" } ],");
    let agent = "{ \"Control-agent\": { \"authentication\": { \"type\": \"basic\", \"clients\": [ { \"user\": \"ops\", \
        \"password\": \"enabled\" } ] } } }";
    machine.write("etc/kea/kea-ctrl-agent.conf", agent);
    assert!(machine.run(&[]).status <= 1);
    let files = machine.files();
    for name in ["config/kea-ctrl-agent.disk.json", "config/etc/kea/kea-ctrl-agent.conf"] {
        let shown = text(&files, name);
        assert!(shown.contains("\"password\": \"(redacted)\"") && !shown.contains("enabled"), "{shown}");
        assert!(shown.contains("\"type\": \"basic\"") && shown.contains("ops"), "{shown}");
    }
    for name in ["config/kea-dhcp4.disk.json", "config/etc/kea/kea-dhcp4.conf"] {
        assert!(!text(&files, name).contains("required"), "{name}");
    }
}

#[test]
fn tables_of_the_kernel_with_addresses_in_hex_are_left_out() {
    let machine = machine("Zq7-database", "a line\n");
    fs::create_dir_all(machine.at("proc/net")).unwrap();
    fs::create_dir_all(machine.at("etc/kea")).unwrap();
    machine.write("proc/net/if_inet6", "fe8000000000000000aabbfffecc0d50 02 40 20 80 eth0\n");
    machine.write("proc/net/tcp", "  0: 010200C0:1F40 00000000:0000 0A\n");
    let names = |arguments: &[&str]| {
        let _ = fs::remove_dir_all(machine.out());
        fs::create_dir(machine.out()).unwrap();
        assert!(machine.run(arguments).status <= 1);
        let files = machine.files();
        let manifest = text(&files, "manifest.json");
        let are_there = ["system/proc-net-if_inet6", "system/proc-net-tcp"].map(|name| files.contains_key(name));
        (are_there, ["/proc/net/if_inet6", "/proc/net/tcp"].map(|name| manifest.contains(name)))
    };
    assert_eq!(names(&[]), ([true, true], [true, true]));
    assert_eq!(names(&["--anonymize"]), ([false, true], [true, true]));
    assert_eq!(names(&["--anonymize", "--anonymize-addresses"]), ([false, false], [true, true]));
}

#[test]
fn clients_are_replaced_wherever_they_are_named_and_alike() {
    let reservation = r#""subnet4": [ { "id": 1, "subnet": "192.0.2.0/24", "user-context": { "site": "kept-site" }, "reservations": [
        { "hw-address": "02:aa:bb:cc:0d:08", "hostname": "phone-lea", "boot-file-name": "SEP02AABBCC0D08.cnf.xml" },
        { "flex-id": "666c65782d6b6c617573", "hostname": "klausbox" } ] } ],"#;
    let machine = Machine::new(reservation);
    let header = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n";
    machine.write(
        "var/lib/kea/kea-leases4.csv",
        &format!("{header}192.0.2.7,02:aa:bb:cc:0d:40,,3600,1890000000,1,0,0,,0,{{ \"who\": \"Alice Frei\"&#x2c \"ISC\": {{ \"relay-agent-info\": {{ \"sub-options\": \"0x0106737737706f7274\"&#x2c \"remote-id\": \"02aabbcc0d41\" }} }} }},0\n"),
    );
    machine.write(
        "var/log/kea/kea-dhcp4.log",
        "X 1 { \"ip-address\": \"192.0.2.7\", \"user-context\": { \"who\": \"Alice Frei\" } }\n\
         X 2 \"sub-options\": \"0x0106737737706f7274\", \"remote-id\": \"02aabbcc0d41\"\n\
         X 3 using identifier flex-id=666C65782D6B6C617573\n\
         X 4 rejected for FQDN, phone-lea.corp.example., with; from fe80::aa:bbff:fecc:d08 DHCID: [0001AABBCCDDEEFF00112233]\n\
         X 5 loads cfg/02aabbcc0d08.xml of 02aa.bbcc.0d40\n",
    );
    let ran = machine.run(&["--anonymize", "--leases", "all"]);
    assert!(ran.status <= 1, "{ran:?}");
    let files = machine.files();
    let (log, leases) = (text(&files, "logs/var/log/kea/kea-dhcp4.log"), text(&files, "leases/kea-dhcp4/all.csv"));
    for secret in [
        "Alice",
        "phone-lea",
        "klaus",
        "666c65782d6b6c617573",
        "666C65782D6B6C617573",
        "737737706f7274",
        "aabbcc0d",
        "AABBCC0D",
        "aa.bbcc",
        "fecc:d08",
        "AABBCCDDEEFF",
    ] {
        for (name, content) in &files {
            assert!(memchr::memmem::find(content, secret.as_bytes()).is_none(), "{secret} is in {name}");
        }
    }
    let after = |text: &str, mark: &str| -> String {
        let rest = &text[text.find(mark).unwrap_or_else(|| panic!("{mark}: {text}")) + mark.len()..];
        rest.chars().take_while(char::is_ascii_alphanumeric).collect()
    };
    for mark in ["\"sub-options\": \"", "\"remote-id\": \"", "\"text-"].map(|mark| mark.replace("\"text-", ": \"text-"))
    {
        assert_eq!(after(&log, &mark), after(&leases, &mark), "{log} {leases}");
    }
    let config = text(&files, "config/etc/kea/kea-dhcp4.conf");
    assert!(config.contains("kept-site"), "{config}");
    assert_eq!(after(&config, "\"flex-id\": \"").to_uppercase(), after(&log, "flex-id="));
    assert_eq!(after(&config, "\"SEP").to_lowercase(), after(&log, "cfg/"));
}

#[test]
fn a_list_of_secrets_leaves_every_configuration_json() {
    let machine = Machine::new(
        "\"hooks-libraries\": [ { \"library\": \"x.so\", \"parameters\": {\n \"token-file\": \"/etc/kea/of-hook\",\n \
         \"psk\": [\n  \"Zq7-one-11\",\n  \"Zq7-two-22\"\n ],\n \"user\": \"kept\" } } ],",
    );
    machine.write("etc/kea/kea-ctrl-agent.conf", "{ \"Control-agent\": {\n \"keys\": [\n  \"a\",\n  \"b\"\n ] } }");
    machine.write("etc/kea/of-hook", "Zq7-of-hook\n");
    machine.write("var/log/kea/kea-dhcp4.log", "{ \"passwords\": {\n \"kea\": \"Zq7-logged\" }\n}\nZq7-of-hook\n");
    machine.write("notes.txt", "user,password\nkept,Zq7-in-table\n");
    assert!(machine.run(&["--include", "/notes.txt"]).status <= 1);
    assert_absent(&machine, "Zq7");
    for (name, content) in machine.files() {
        let extension = name.rsplit('.').next();
        let is_json = extension == Some("json") || extension == Some("conf") && name.starts_with("config/");
        let parsed = serde_json::from_slice::<serde_json::Value>(&content);
        assert!(!is_json || parsed.is_ok(), "{name}: {}", String::from_utf8_lossy(&content));
    }
}

#[test]
fn a_file_with_a_password_is_listed_once() {
    let machine = Machine::new(
        "\"control-sockets\": [ { \"socket-type\": \"http\", \"authentication\": { \"type\": \"basic\", \
         \"directory\": \"/etc/kea\", \"clients\": [ { \"user\": \"ops\", \"password-file\": \"kea-api-password\" } ] } } ],",
    );
    machine.write("etc/kea/kea-api-password", "Zq7-password");
    machine.write("var/log/kea/kea-dhcp4.log", "a line\n");
    assert!(machine.run(&[]).status <= 1);
    let manifest: serde_json::Value = serde_json::from_str(&text(&machine.files(), "manifest.json")).unwrap();
    let is_it = |missing: &&serde_json::Value| missing["what"] == "/etc/kea/kea-api-password";
    assert_eq!(manifest["missing"].as_array().unwrap().iter().filter(is_it).count(), 1, "{manifest}");
}

#[test]
fn what_is_replaced_in_a_table_moves_no_column() {
    let subnet = |id: u32, comment: &str| {
        format!(
            r#"{{ "id": {id}, "subnet": "10.{id}.0.0/24", "user-context": {{ "comment": "{comment}" }},
                "pools": [ {{ "pool": "10.{id}.0.10-10.{id}.0.12" }} ] }}"#
        )
    };
    let machine = Machine::new(&format!(
        r#""lease-database": {{ "type": "memfile" }}, "subnet4": [ {}, {} ],"#,
        subnet(7, "wifi password=Zq7-of-the-wifi"),
        subnet(8, "desks")
    ));
    machine.write(
        "var/lib/kea/kea-leases4.csv",
        "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n",
    );
    assert!(machine.run(&[]).status <= 1);
    assert_absent(&machine, "Zq7");
    let table = text(&machine.files(), "pools.txt");
    let column = |part: &str| {
        let line = table.lines().find(|line| line.contains(part)).unwrap_or_else(|| panic!("{part}: {table}"));
        line.find('%').unwrap_or_default()
    };
    assert!(table.contains("(redacted)"), "{table}");
    assert_eq!(column("10.7.0.0/24"), column("10.8.0.0/24"), "{table}");
}

#[test]
fn a_copy_of_two_octets_a_character_is_read() {
    let machine = machine("Zq7-database", "once it was Zq7-older-one\n");
    let copy = "{ \"Dhcp4\": { \"lease-database\": { \"password\": \"Zq7-older-one\", \"user\": \"kept\" } } }";
    let octets: Vec<u8> = [0xfeff].into_iter().chain(copy.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    fs::write(machine.at("etc/kea/kea-dhcp4.conf.bak"), octets).unwrap();
    assert!(machine.run(&[]).status <= 1);
    assert_absent(&machine, "Zq7");
    assert!(text(&machine.files(), "config/etc/kea/kea-dhcp4.conf.bak").contains("\"user\": \"kept\""));
}

#[test]
fn a_known_value_is_hidden_in_other_encodings() {
    let lines = [
        r"json Tr0ub4dor\u00263 it's",
        r"twice Tr0ub4dor\\u00263 it's",
        "sql 'Tr0ub4dor&3 it''s'",
        r"shell 'Tr0ub4dor&3 it'\''s'",
        "html Tr0ub4dor&amp;3 it&#39;s",
        "address Tr0ub4dor%25263%2520it%2527s",
        "hex 54723075623464 6f7226332069742773",
        "base64 VHIwdWI0ZG9yJjMg\n    aXQncw==",
        "colour Tr0ub4dor\u{1b}[31m&3 it's",
    ];
    let machine = machine("Tr0ub4dor&3 it's", &format!("{}\n", lines.join("\n")));
    assert!(machine.run(&[]).status <= 1);
    let log = text(&machine.files(), "logs/var/log/kea/kea-dhcp4.log");
    assert_eq!(log.matches("(redacted)").count(), lines.len(), "{log}");
    for part in ["Tr0ub", "VHIw", "547230"] {
        assert!(!log.contains(part), "{log}");
    }
}

#[test]
fn a_name_of_a_file_has_no_secret() {
    let machine = Machine::new("\"lease-database\": { \"type\": \"mysql\", \"password\": \"Zq7-database\" },");
    machine.write("etc/kea/kea-dhcp4-Zq7-database.conf", "{ \"Dhcp4\": {} }");
    machine.write("var/log/kea/kea-dhcp4.log", "a line\n");
    machine.write("var/log/kea/token=Zq7token1.log", "a line\n");
    let ran = machine.run(&["--include", "/var/log/kea/token=Zq7token1.log"]);
    assert!(ran.status <= 1 && !ran.stderr.contains("Zq7"), "{ran:?}");
    assert_absent(&machine, "Zq7");
}

#[test]
fn includes_are_those_of_the_machine_that_is_examined() {
    let machine = Machine::new(
        "\"lease-database\": { \"type\": \"memfile\" }, \"subnet4\": <?include \"/etc/kea/subnets.json\"?>,",
    );
    machine.write(
        "etc/kea/subnets.json",
        "[ { \"id\": 7, \"subnet\": \"10.7.0.0/24\", \"pools\": [ { \"pool\": \"10.7.0.10-10.7.0.12\" } ] } ]",
    );
    machine.write(
        "var/lib/kea/kea-leases4.csv",
        "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n",
    );
    machine.write("var/log/kea/kea-dhcp4.log", "a line\n");
    let ran = machine.run(&[]);
    assert!(!ran.stderr.contains("subnets.json") && !ran.stderr.contains("pools"), "{ran:?}");
    assert!(text(&machine.files(), "pools.txt").contains("10.7.0.0/24"));
}

#[test]
fn the_log_of_a_broken_configuration_is_there() {
    for (config, log) in [
        ("{ oops \"Dhcp4\": { \"loggers\": [ { \"output\": \"/var/log/kea/own.log\" } ] } }", "own.log"),
        ("{ oops", "kea-dhcp4.log"),
    ] {
        let machine = Machine::new("");
        machine.write("etc/kea/kea-dhcp4.conf", config);
        machine.write(
            &format!("var/log/kea/{log}"),
            "2026-11-29 08:25:28.079 INFO  [kea-dhcp4.dhcp4/8.1] DHCP4_STARTED Kea\n",
        );
        let ran = machine.run(&[]);
        assert_eq!(ran.status, 1, "{ran:?}");
        let files = machine.files();
        assert!(text(&files, &format!("logs/var/log/kea/{log}")).contains("DHCP4_STARTED"));
        assert!(text(&files, "logs/report.txt").contains("DHCP4") || files.contains_key("logs/report.txt"));
    }
}

#[test]
fn no_file_that_is_read_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let config = format!(
        r#"{{ "Dhcp4": {{ "lease-database": {{ "type": "memfile", "name": "{}" }},
        "loggers": [ {{ "name": "kea-dhcp4", "output_options": [ {{ "output": "{}" }} ] }} ] }} }}"#,
        at("leases.csv"),
        at("kea.log")
    );
    fs::write(at("c.conf"), &config).unwrap();
    for name in ["leases.csv", "kea.log", "notes.txt"] {
        fs::write(at(name), "kept\n").unwrap();
    }
    fs::write(at("key"), "sixteen octets or more\n").unwrap();
    let common = ["-c", &at("c.conf"), "--include", &at("notes.txt"), "--anonymize", "--anonymize-key", &at("key")]
        .map(str::to_owned);
    for name in ["c.conf", "leases.csv", "kea.log", "notes.txt", "key"] {
        let before = fs::read(at(name)).unwrap();
        let target = at(name);
        let arguments: Vec<&str> = common.iter().map(String::as_str).chain(["-o", target.as_str()]).collect();
        let ran = run(&arguments);
        assert!(ran.status == 2 && ran.stderr.lines().count() == 1, "{name}: {ran:?}");
        assert_eq!(fs::read(at(name)).unwrap(), before, "{name}");
    }
}
