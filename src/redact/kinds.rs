//! Secrets of all kinds, as configurations, logs, units, scripts and notes have them; none may be shown.

use super::*;

/// Texts with `SECRET` where a secret is.
const TEXTS: &[&str] = &[
    // Configurations of all releases, with spacing and comments of all kinds.
    r#"{ "lease-database": { "type": "mysql", "password"   :
            "SECRET", # the password
        "user": "kept" } }"#,
    r#"{"Dhcp4":{"hosts-database":{"password":"SECRET","name":"kept"},}}"#,
    r#"{ "pass\u0077ord": "SECRET", "user": "kept" }"#,
    r#"{ "tls": { "key-password": "SECRET" }, "user": "kept" }"#,
    r#"{ "peers": [ { "basic-auth-user": "kept", "basic-auth-password": "SECRET" } ] }"#,
    r#"{ "http-headers": [ { "name": "Authorization", "value": "SECRET" }, { "name": "kept", "value": "1" } ] }"#,
    r#"{ "attributes": [ { "name": "User-Password", "type": 2, "expr": "'SECRET'" }, { "name": "kept" } ] }"#,
    r#"{ "attributes": [ { "code": 2, "data": "SECRET" }, { "code": 32, "data": "kept" } ] }"#,
    r#"{ "servers": [ { "name": "kept", "port": 1812, "secret": "SECRET" } ] }"#,
    r#"{ "user-context": { "ldap": { "bind-dn": "cn=kept", "bindpw": "SECRET" } } }"#,
    r#"{ "user-context": { "ldap": { "bind-dn": "cn=kept", "bind_password": "SECRET" } } }"#,
    r#"{ "user-context": { "vault": { "role-id": "kept", "secret-id": "SECRET" } } }"#,
    r#"{ "user-context": { "secrets": { "one": { "two": [ "SECRET" ] } } }, "x": "kept" }"#,
    r#"{ "parameters": { "type": "postgresql", "password": "SECRET", "path": "kept" } }"#,
    r#"{ "parameters": { "connect": "type=mysql host=kept password=SECRET" } }"#,
    r#"{ "parameters": { "dsn": "Server=kept;Uid=kea;Pwd=SECRET;Database=kea" } }"#,
    r#"{ "parameters": { "url": "redis://:SECRET@kept:6379/0" } }"#,
    r#"{ "parameters": { "url": "https://api.kept.test/v1?access_token=SECRET&x=1" } }"#,
    r#"{ "tsig-keys": [ { "name": "kept", "algorithm": "HMAC-SHA256", "secret": "SECRET" } ] "#,
    r#"{ "a": { "password": "SECRET" "#,
    r#"{ "kept": 1, "password": "SECRET"#,
    "{ \"kept\": 1 }\n// DB password was SECRET9 until June",
    "/* login kept:SECRET */",
    "# creds: kept/SECRET",
    // Files of clients and of the system.
    "[client]\nuser=kept\npassword=\"SECRET\"",
    "machine kept login me password SECRET9",
    "Environment=\"KEPT=1\" \"KEA_DB_PASSWORD=SECRET\"",
    "Environment=KEPT=1 API_TOKEN='SECRET'",
    "SetCredential=kea.kept:SECRET\nX=kept",
    "export DB_PASS=SECRET KEPT=1",
    // Logs.
    "kept GET / HTTP/1.1 Authorization: Bearer SECRET",
    "kept: Cookie: session=SECRET",
    "kept {\"command\":\"config-set\",\"arguments\":{\"Dhcp4\":{\"lease-database\":{\"password\":\"SECRET\"",
    "kept ALTER USER kea IDENTIFIED BY 'SECRET'",
    "kept ALTER ROLE kea WITH LOGIN PASSWORD 'SECRET'",
    "kept key \"k\" { algorithm hmac-md5; secret \"SECRET\"; };",
    "kept new token => SECRET",
    "kept: unable to connect to 'mysql://kea:SECRET@db/kea'",
    "kept arguments: {\\\"secret\\\": \\\"SECRET\\\", \\\"x\\\": 1}",
    // Command lines.
    "/usr/sbin/kea-admin db-init mysql -u kept -p SECRET -n kea",
    "mysql --user=kept --password=SECRET kea",
    "mysql -ukept -pSECRET kea",
    "PGPASSWORD=SECRET psql -U kept",
    "psql postgresql://kept:SECRET@db/kea",
    "sshpass -p SECRET ssh kept",
    "ldapsearch -D cn=kept -w SECRET -b x",
    "snmpwalk -v2c -c SECRET kept",
    "snmpget -v3 -u kept -A SECRET -X other-SECRET",
    "redis-cli -h kept -a SECRET ping",
    "radtest kept SECRET radius1 10 testing123",
    "radtest kept other radius1 10 SECRET",
    "openssl rsa -passin pass:SECRET -in kept",
    "curl -H 'X-Api-Key: SECRET' https://kept/",
    "curl --user kept:SECRET https://x/",
    "kea-shell --auth-user kept --auth-password SECRET",
];

/// Values of which some have every sign that may end one.
const VALUES: &[&str] = &["S3cr3tValue99", "corr3ct-horse_9!", "Tr0ub4dor&3xyz", "p%40ss9w0rd++"];

#[test]
fn no_secret_of_any_kind_is_shown() {
    let mut shown = Vec::new();
    for (text, value) in TEXTS.iter().flat_map(|text| VALUES.iter().map(move |value| (text, value))) {
        let clean = line(&text.replace("SECRET", value)).into_owned();
        if clean.contains(value) || text.contains("kept") && !clean.contains("kept") {
            shown.push(format!("{text}: {clean}"));
        }
    }
    assert!(shown.is_empty(), "{shown:#?}");
}

#[test]
fn a_secret_of_any_kind_is_known_everywhere() {
    let mut unknown = Vec::new();
    for text in TEXTS.iter().filter(|text| !text.contains("SECRET9")) {
        let value = "S3cr3tValue99";
        let mut secrets = Secrets::default();
        secrets.learn_text(&text.replace("SECRET", value));
        let hidden = secrets.finder().hidden(format!("no rule knows {value} here").as_bytes()).text.into_owned();
        if String::from_utf8(hidden).unwrap() != "no rule knows (redacted) here" {
            unknown.push(text);
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn a_key_over_many_lines_of_a_log_is_hidden() {
    let mut lines = Lines::default();
    let mut secrets = Secrets::default();
    let log = "one\nx -----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7v\nabcdefghijklmnop==\n-----END RSA PRIVATE KEY-----\ntwo\n";
    let clean: String = log.split_inclusive('\n').map(|line| lines.clean(line, &mut secrets).into_owned()).collect();
    assert_eq!(clean, "one\nx (redacted)\n(redacted)\n(redacted)\n(redacted)\ntwo\n");
    assert!(secrets.finder().find(b"... MIIEpAIBAAKCAQEA7v ...").is_some());
}

#[test]
fn a_comment_after_a_secret_may_hold_the_old_one() {
    for (comment, clean) in [
        ("// was \"Amberumber190\"", "//(redacted)"),
        ("# previously 'Old3old3x'", "#(redacted)"),
        ("/* Old4old4x */", "/*(redacted)*/"),
    ] {
        let text = format!(
            "{{ \"Dhcp4\": {{\n  \"password\": \"S3cr3tValue99\", {comment}\n  \"user\": \"kea\" // kept\n}} }}\n"
        );
        let expected = text.replace("S3cr3tValue99", REDACTED).replace(comment, clean);
        assert_eq!(line(&text), expected);
    }
}

#[test]
fn only_what_can_be_a_part_of_a_key_is_one() {
    let log = "10:00 TLS error: no start line -----BEGIN PRIVATE KEY----- expected\n10:01 INFO DHCP4_STARTED Kea\n";
    let (mut lines, mut secrets) = (Lines::default(), Secrets::default());
    let clean: String = log.split_inclusive('\n').map(|line| lines.clean(line, &mut secrets).into_owned()).collect();
    assert_eq!(clean, log.replace("-----BEGIN PRIVATE KEY-----", REDACTED));
    assert!(secrets.finder().find(log.as_bytes()).is_none());
    // Each line has its time; the log ends in the key.
    let log = "10:00 -----BEGIN PRIVATE KEY-----\n10:00 MIIEpAIBAAKCAQEA7v\n10:00 a1==\n10:01 INFO DHCP4_STARTED Kea\n";
    let (mut lines, mut secrets) = (Lines::default(), Secrets::default());
    let clean: String = log.split_inclusive('\n').map(|line| lines.clean(line, &mut secrets).into_owned()).collect();
    assert_eq!(clean, "10:00 (redacted)\n10:00 (redacted)\n10:00 (redacted)\n10:01 INFO DHCP4_STARTED Kea\n");
}

#[test]
fn lines_with_spaces_of_any_script_are_read() {
    let body = "x7".repeat(20) + &"Qk".repeat(12);
    for space in ['\u{a0}', '\u{2007}', '\u{202f}', '\u{3000}', '\u{85}'] {
        let log = format!("{space}A\nunexpected option{space}name\nkey{space}{body}\n{space}\n");
        let (mut lines, mut secrets) = (Lines::default(), Secrets::default());
        let clean: String =
            log.split_inclusive('\n').map(|line| lines.clean(line, &mut secrets).into_owned()).collect();
        assert_eq!(clean, log.replace(&body, REDACTED));
    }
}

#[test]
fn a_log_may_begin_within_a_key() {
    let body = "x7".repeat(20) + &"Qk".repeat(12);
    let log = format!("{body}\n{body}\nabcd\n-----END PRIVATE KEY-----\n");
    let (mut lines, mut secrets) = (Lines::default(), Secrets::default());
    let clean: String = log.split_inclusive('\n').map(|line| lines.clean(line, &mut secrets).into_owned()).collect();
    assert!(!clean.contains("x7x7"), "{clean}");
}

#[test]
fn what_is_written_in_a_configuration_keeps_its_lines() {
    let text = "{ // \"one\"\n  \"Dhcp4\": {\n    \"password\": \"S3cr3tValue99\",\n    \"subnet4\": [ { \"id\": 1, }, ],\n  }\n}\n";
    assert_eq!(line(text), text.replace("S3cr3tValue99", REDACTED));
}

#[test]
fn what_is_near_to_a_secret_and_none_stays() {
    for text in [
        "mariadbd --ssl-key=/etc/mysql/server.key --port=3306",
        "MYSQL_LIBS: -L/usr/lib/mariadb -lmariadb -pthread",
        "   mysql:\n   -pipe",
        "key: /etc/kea/tls/kea4.key",
        "sname=(empty) file=(empty) key=(empty) ipv6_reservations=(none)",
        "PLANNED: mapping of the pinned pages",
    ] {
        assert_eq!(line(text), text);
    }
    let paths = serde_json::json!({ "tls-key": "/etc/kea/tls/kea4.key", "credentials": "FILE:/etc/kea/dhcp.keytab" });
    assert_eq!(json(paths.clone()), paths);
    let mut secrets = Secrets::default();
    secrets.learn_text("passwd:         files systemd");
    assert_eq!(secrets.searched(), 0);
}
