//! What is left out, and what stays.

use serde_json::json;

use super::*;

/// Asserts that a line shows nothing of this secret, and all of what must stay.
#[track_caller]
fn assert_hidden(text: &str, secret: &str, kept: &[&str]) {
    let shown = line(text);
    assert!(!shown.contains(secret), "{shown}");
    for part in kept {
        assert!(shown.contains(part), "{part:?} is not in {shown}");
    }
}

#[test]
fn passwords_in_addresses_are_hidden_and_users_stay() {
    for (text, secret) in [
        ("http://hauser:S3cr.et@192.0.2.8:8000/x", "S3cr.et"),
        ("see https://ops:p@ss@hooks.example.test/in", "p@ss"),
        ("ftp://u:pa/ss@host/", "pa/ss"),
        ("postgresql://kea:pw%20x@[2001:db8::1]:5432/kea", "pw%20x"),
        ("https://0123456789abcdef0123456789@git.example/x", "0123456789abcdef"),
        ("root:hunter2@tcp(db1:3306)/kea", "hunter2"),
        ("https://x.example/?user=a&api_key=S3cret&n=1", "S3cret"),
    ] {
        assert_hidden(text, secret, &[]);
    }
    let shown = line("http://hauser:x1@192.0.2.8:8000/");
    assert_eq!(shown, "http://hauser:(redacted)@192.0.2.8:8000/");
}

#[test]
fn addresses_of_webhooks_are_secrets() {
    for (text, secret, kept) in [
        (
            "https://hooks.slack.com/services/T024BE7LD/B024BE7LE/aB3dE6gH9",
            "B024BE7LE/aB3dE6gH9",
            "hooks.slack.com/services/",
        ),
        ("post to https://discord.com/api/webhooks/112233445566778899/a-B_cdefghijk, please", "a-B_c", "webhooks/"),
        (
            "https://example.webhook.office.com/webhookb2/1a2b3c4d-0000-4000-8000-1a2b3c4d5e6f@1a2b3c4d/IncomingWebhook/9f86d0818/x",
            "1a2b3c4d",
            "example.webhook.office.com",
        ),
        ("https://mm.example.test/hooks/x7sdf8s9d7f98s7d9f8s", "x7sdf8s9", "mm.example.test/hooks/"),
        ("https://api.telegram.org/bot123456789:AAEabcdefghijklmnop/sendMessage", "AAEabc", "api.telegram.org"),
        ("https://prod-1.logic.azure.com/workflows/0123456789abcdef/x?sp=2&sig=aB3dE6gH9xyz", "aB3dE6gH9xyz", "azure"),
    ] {
        assert_hidden(text, secret, &[kept]);
        let shown = json(json!({ "url": text })).to_string();
        assert!(!shown.contains(secret) && shown.contains(kept), "{shown}");
    }
    for text in [
        "https://hooks.example.test/in",
        "https://docs.example.test/webhooks/introduction",
        "see /etc/kea/hooks/libdhcp_ha.so",
    ] {
        assert_eq!(line(text), text);
    }
}

#[test]
fn a_key_or_salt_that_looks_like_a_secret_is_hidden() {
    let shown =
        json(json!({ "a": { "key": "aB3dE6gH9", "name": "x", "value": "1" }, "b": { "salt": "9f86d081884c7d65" },
        "c": { "key": "mac-address", "value": "2" }, "d": { "salt": "sea" }, "e": { "nonce": "s0m3Thing9" } }));
    let expected = json!({ "a": { "key": REDACTED, "name": "x", "value": "1" }, "b": { "salt": REDACTED },
        "c": { "key": "mac-address", "value": "2" }, "d": { "salt": "sea" }, "e": { "nonce": REDACTED } });
    assert_eq!(shown, expected);
    assert_hidden("salt=aB3dE6gH9 rounds=7", "aB3dE6gH9", &["rounds=7"]);
    assert_eq!(line("salt: sea"), "salt: sea");
}

#[test]
fn secrets_are_known_by_names_in_other_languages() {
    for name in ["пароль", "contraseña", "passwort", "mot de passe", "senha", "密码", "パスワード", "hasło"]
    {
        assert_hidden(&format!("{name}: geheimnis"), "geheimnis", &[name]);
        assert_hidden(&format!("{name}=geheimnis x=1"), "geheimnis", &[name, "x=1"]);
        let shown = json(json!({ name: "geheimnis", "x": "kept" }));
        assert_eq!(shown, json!({ name: REDACTED, "x": "kept" }));
    }
    assert_hidden("密码：geheimnis", "geheimnis", &["密码"]);
}

#[test]
fn times_and_counts_stay() {
    for text in ["12:30@host", "at 7:05@db1.example.test", "tokens-per-s=20", "max-tokens: 4096", "max_keys=12"] {
        assert_eq!(line(text), text);
    }
    let counts = json!({ "tokens-per-s": 20, "max-tokens": 4096, "burst": { "max-keys": 3 } });
    assert_eq!(json(counts.clone()), counts);
}

#[test]
fn what_follows_its_name_is_hidden() {
    for (text, secret, kept) in [
        ("type=mysql user=kea password=S3cret name=kea", "S3cret", "name=kea"),
        ("type=mysql password=two words name=kea", "words", "type=mysql"),
        ("password='it is long' user=x", "long", "user=x"),
        (r#"got "token": "S3cret" here"#, "S3cret", "here"),
        (r#"{\"password\":\"S3\\\"cret\", \"user\":\"x\"}"#, "cret", "user"),
        ("{ \"secrets\": [ \"one1\", \"two2\" ], \"user\": \"x\" }", "two2", "user"),
        ("Authorization: Basic dTpw", "dTpw", "Authorization"),
        ("authorization=Bearer abcdefgh12345 next", "abcdefgh", "next"),
        ("sent Bearer abcdefgh12345, refused", "abcdefgh", "refused"),
        ("PGPASSWORD=hunter2 psql -p 5432", "hunter2", "5432"),
        ("run --password hunter2 --port 5432", "hunter2", "5432"),
        ("kea-admin lease-dump pgsql -u kea -p hunter2 -n kea", "hunter2", "-u kea"),
        ("/usr/bin/mysql -phunter2 -u kea", "hunter2", "-u kea"),
        ("curl -u admin:hunter2 http://x/", "hunter2", "admin:"),
        ("wifi psk is hunter2 since June", "hunter2", "June"),
        ("the password of the switch is hunter2.", "hunter2", "switch"),
        ("PIN 4711 at the door", "4711", "door"),
        ("password: correct horse battery", "battery", "password"),
        ("snmp-community = hush", "hush", "snmp"),
        ("nsupdate -y hmac-sha256:k:c2VjcmV0c2VjcmV0", "c2VjcmV0", "nsupdate"),
    ] {
        assert_hidden(text, secret, &[kept]);
    }
}

#[test]
fn private_keys_are_hidden_and_certificates_stay() {
    let key = "a\n-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----\nb";
    assert_eq!(line(key), "a\n(redacted)\nb");
    assert_eq!(line("-----BEGIN PRIVATE KEY-----\\nMHcCAQ"), "(redacted)");
    let certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
    assert_eq!(line(certificate), certificate);
}

#[test]
fn secrets_in_base64_and_hex_are_hidden() {
    assert_hidden("x aGF1c2VyOlMzY3JldA== y", "aGF1c2Vy", &["x ", " y"]);
    let hex: String = crate::text::hex(b"http://u:S3cret@h/");
    assert_hidden(&format!("option 0x{hex} sent"), &hex, &["option", "sent"]);
}

#[test]
fn lines_of_a_log_stay_as_they_are() {
    for text in [
        "DHCP4_LEASE_ALLOC [hwtype=1 02:00:5e:00:00:aa], cid=[no info], tid=0x7b: lease 192.0.2.60 has been allocated",
        "configuration error using file: /etc/kea/kea-dhcp4.conf, reason: /etc/kea/kea-dhcp4.conf:7.12: invalid token: x",
        "Unable to open database: Access denied for user 'kea'@'localhost' (using password: YES)",
        "password authentication failed for user \"kea\"",
        "the password is required, and the token is expired",
        "cannot read password-file /etc/kea/secret: No such file or directory",
        "opening database: host=db1 name=kea password=***** type=postgresql user=kea",
        "DHCP4_CONFIG_COMPLETE added IPv4 subnets: 2; DDNS: disabled",
        "duplicate key: name; unknown key: pools",
        "failed to bind fallback socket to address 192.0.2.1, port 67, reason: Address already in use",
        "mailto:noc@example.test DNS/ns.example.test@EXAMPLE.TEST FILE:/etc/kea/dhcp.keytab key.four.example.test.",
        "libdhcp_ping_check.so mapping shipping 4711",
    ] {
        assert_eq!(line(text), text);
    }
}

#[test]
fn a_document_keeps_what_is_no_secret() {
    let hidden = "(redacted)";
    let shown = json(json!({ "Dhcp4": {
        "lease-database": { "type": "mysql", "name": "leasedb", "user": "kealeases", "password": "kealeases" },
        "tsig-keys": [{ "name": "key.four.", "algorithm": "HMAC-MD5", "digest-bits": 0, "secret": "b", "secret-file": "/g" }],
        "authentication": { "type": "basic", "realm": "kea", "clients": [{ "user": "u", "password-file": "stork-password" }] },
        "hooks-libraries": [{ "library": "libdhcp_ping_check.so", "parameters": { "ping-timeout": 100, "pin": 9917 } }],
        "user-context": { "mapping": "4711", "snmp-community": "hush", "auth": "x1", "pins": ["1", "2"], "empty": {},
            "secrets": { "wifi": "a1", "user": "bob" }, "keys": ["k1"], "keyed": "seen", "password": "" } } }));
    let expected = json!({ "Dhcp4": {
        "lease-database": { "type": "mysql", "name": "leasedb", "user": "kealeases", "password": hidden },
        "tsig-keys": [{ "name": "key.four.", "algorithm": "HMAC-MD5", "digest-bits": 0, "secret": hidden, "secret-file": "/g" }],
        "authentication": { "type": "basic", "realm": "kea", "clients": [{ "user": "u", "password-file": "stork-password" }] },
        "hooks-libraries": [{ "library": "libdhcp_ping_check.so", "parameters": { "ping-timeout": 100, "pin": hidden } }],
        "user-context": { "mapping": "4711", "snmp-community": hidden, "auth": hidden, "pins": [hidden, hidden], "empty": {},
            "secrets": { "wifi": hidden, "user": "bob" }, "keys": [hidden], "keyed": "seen", "password": "" } } });
    assert_eq!(shown, expected);
}

#[test]
fn a_member_may_be_named_by_the_one_next_to_it() {
    let shown = json(json!({ "access": { "attributes": [
        { "name": "User-Password", "data": "s1" }, { "name": "NAS-Identifier", "data": "nas-7" },
        { "code": 2, "raw": "0x7331" }, { "code": 5, "data": "7" } ] },
        "option-data": [{ "code": 3, "data": "192.0.2.1" }, { "name": "wifi-password", "code": 230, "data": "s2" }],
        "headers": [{ "header": "X-Api-Key", "value": "s3" }, { "key": "token", "value": "s4" }] }));
    let text = shown.to_string();
    for secret in ["s1", "0x7331", "s2", "s3", "s4"] {
        assert!(!text.contains(secret), "{text}");
    }
    for kept in ["nas-7", "192.0.2.1", "User-Password", "X-Api-Key", "\"7\""] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
}

#[test]
fn a_secret_is_hidden_wherever_else_it_appears() {
    let shown = json(
        json!({ "password": "correct-horse", "user": "correct-horse", "comment": "was correct-horse until June",
        "blob": "Y29ycmVjdC1ob3JzZQ", "hex": "0x636f72726563742d686f727365", "test": "option[60].text == 'correct-horse'" }),
    );
    let text = shown.to_string();
    assert_eq!(text.matches("horse").count(), 1, "{text}");
    assert!(!text.contains("Y29ycm") && !text.contains("636f72"), "{text}");
}

#[test]
fn a_secret_after_its_option_in_a_list_is_hidden() {
    let shown =
        json(json!({ "command": ["mysqldump", "--password", "correct-horse", "--user", "kea", "--token", "-v"] }));
    assert_eq!(shown, json!({ "command": ["mysqldump", "--password", REDACTED, "--user", "kea", "--token", "-v"] }));
}

#[test]
fn a_secret_in_quotes_is_hidden_to_its_last_character() {
    assert_eq!(line(r#"key "k" { secret "LEAK38x9"; };"#), format!(r#"key "k" {{ secret "{REDACTED}"; }};"#));
    assert_eq!(line("the password ('abc123')"), format!("the password ('{REDACTED}')"));
}

#[test]
fn what_was_cleaned_is_not_cut_again() {
    let text = r#"<?x?> {"comment":"wifi psk is hunter22","psk":"hunter22","n":1} end"#;
    let shown = format!(r#"<?x?> {{"comment":"wifi psk is {REDACTED}","psk":"{REDACTED}","n":1}} end"#);
    assert_eq!(line(text), shown);
    assert_eq!(line(&shown), shown);
    let keys = r#""tsig-keys": [ { "name": "a", "secret": "hunter22" }, { "name": "b" "#;
    assert_hidden(keys, "hunter22", &["\"a\"", "\"b\""]);
}

#[test]
fn json_in_a_line_is_looked_into() {
    let text =
        r#"DHCP4_CONFIG_START { "clients": [ { "password": "S3cret", "user": "admin4" } ], "x": { "n": 1 } } end"#;
    assert_hidden(text, "S3cret", &["admin4", "DHCP4_CONFIG_START", "end"]);
    assert_hidden(r#"CUSTOM {"token":77,"n":1}"#, "77", &["CUSTOM"]);
    let plain = r#"x { "b": 1, "a": [ ] } y"#;
    assert_eq!(line(plain), plain);
}

#[test]
fn a_password_may_be_any_word() {
    const NAMES: [&str; 8] =
        ["password", "secret", "passphrase", "psk", "api-token", "auth-password", "key", "old_password1"];
    for word in ["enabled", "disabled", "none", "required", "optional", "basic", "any", "changed", "true", "null"] {
        for name in NAMES {
            let document = json!({ "user": "ops", name: word });
            assert_eq!(json(document.clone()), json!({ "user": "ops", name: REDACTED }), "{word}");
            let expected = format!("{{\"user\":\"ops\",\"{name}\":\"{REDACTED}\"}}");
            let written = format!("{{\"user\":\"ops\",\"{name}\":\"{word}\"}}");
            assert_eq!(line(&written), expected);
            // What is cut off, and Python's.
            assert_hidden(&format!("x '{name}': '{word}', 'user': 'ops'"), word, &["ops"]);
        }
    }
    for word in ["enabled", "none", "required", "changed"] {
        for text in [format!("DB_PASSWORD={word}\n"), format!("password = {word}\n"), format!("  password: {word}\n")] {
            assert_hidden(&text, word, &["\n"]);
        }
    }
    let logins = json!({ "auth": "basic", "http-auth": "required", "password": null, "token": true, "secret": "***" });
    assert_eq!(json(logins.clone()), logins);
    for text in ["auth: basic", "(using password: YES)", "HAS_PASSWORD=yes", "has_token=true"] {
        assert_eq!(line(text), text);
    }
}

#[test]
fn remarks_between_a_name_and_its_value_hide_nothing() {
    for (text, secrets, kept) in [
        ("# password was: Corr9ect-horse", &["Corr9ect"][..], "password was"),
        ("// the old password was: staplebattery", &["staplebattery"], "old password"),
        ("# password (until June): Corr9ect-horse", &["Corr9ect"], "until June"),
        ("secret [old] = Corr9ect-horse", &["Corr9ect"], "old"),
        ("# password for the switch: staplebattery", &["staplebattery"], "switch"),
        ("ran it with -u kea:Corr9ect-horse again", &["Corr9ect"], "-u kea:"),
        ("# previous passwords: Corr9ect-horse, Zq7staple", &["Corr9ect", "Zq7staple"], "previous"),
        ("the passwords were: Corr9ect-horse, Zq7staple and Tr0ubador", &["Corr9", "Zq7st", "Tr0ub"], "were"),
        ("x passwords: alphabravo, charliedelta (until June)", &["alphabravo", "charliedelta"], "until June"),
    ] {
        for secret in secrets {
            assert_hidden(text, secret, &[kept]);
        }
    }
    let mut secrets = Secrets::default();
    secrets.learn_text("# previous passwords: Corr9ect-horse, Zq7staple");
    let shown = secrets.finder().hidden(b"Corr9ect-horse or Zq7staple").text.into_owned();
    assert_eq!(String::from_utf8(shown).unwrap(), "(redacted) or (redacted)");
}

#[test]
fn names_of_classes_are_no_names_of_secrets() {
    for text in [
        "EVAL_RESULT Expression secretclass evaluated to 0",
        "EVAL_RESULT Expression token-class evaluated to 1",
        "password for user kea: Permission denied",
        "the secret of key x: not found",
    ] {
        assert_eq!(line(text), text);
    }
}
