//! What leaked once, and what was hidden without being a secret: one row each.

use super::*;

/// A text, what must not be shown of it, and what must stay.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

/// What a bundle of these texts shows: each without its secrets, and without those of the others.
fn published(texts: &[&str]) -> String {
    let mut secrets = Secrets::default();
    for text in texts {
        secrets.learn_text(text);
    }
    let finder = secrets.finder();
    let clean: Vec<String> = texts.iter().map(|text| line(text).into_owned()).collect();
    let hidden = finder.hidden(clean.join("\n").as_bytes()).text.into_owned();
    assert_eq!(finder.find(&hidden), None, "{texts:?}");
    String::from_utf8(hidden).unwrap()
}

#[track_caller]
fn assert_rows(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (text, hidden, kept) in rows {
        let shown = published(&[text]);
        if let Some(secret) = hidden.iter().find(|secret| shown.contains(**secret)) {
            wrong.push(format!("{secret:?} of {text:?} is shown: {shown:?}"));
        }
        if let Some(part) = kept.iter().find(|part| !shown.contains(**part)) {
            wrong.push(format!("{part:?} of {text:?} is lost: {shown:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn quoted_values_of_units_and_shells_are_hidden_whole() {
    assert_rows(&[
        ("Environment=\"DB_PASSWORD=zq1 zq2 zq3\"\nUser=kea", &["zq"], &["DB_PASSWORD", "User=kea"]),
        ("Environment='DB_PASSWORD=zq1 zq2' \"TZ=UTC\"", &["zq"], &["TZ=UTC"]),
        ("Environment=\"DB_PASSWORD=zq1 \\\"zq2\\\" zq3\" A=kept", &["zq"], &["A=kept"]),
        ("Environment=TZ=UTC \"X=1\" DB_PASSWORD='zq1 zq2'", &["zq"], &["TZ=UTC", "X=1"]),
        ("Environment=\\x50ASSWORD=zq11\nUser=kea", &["zq"], &["User=kea"]),
        ("Environment=\"\\x44B_PASSWORD=zq1 zq2\"", &["zq"], &["Environment"]),
        (
            "SetCredentialEncrypted=pw: \\\n        zq1MOgAAAAAAAAAA \\\n        zq2AAAA==\nUser=kea",
            &["zq"],
            &["=pw:", "User=kea"],
        ),
        ("SetCredential=pw:zq1 zq2\nUser=kea", &["zq"], &["=pw:", "User=kea"]),
        ("MYPASS=kept\nMYPASS+=zq1\n", &["zq"], &["MYPASS"]),
        ("MYPASS=A\"zq1 zq2\"zq3\n", &["zq"], &["MYPASS"]),
        ("MYPASS='zq1'\\''zq2 zq3' B=kept", &["zq"], &["B=kept"]),
        ("MYPASS=$(echo zq1 zq2)\nB=kept\n", &["zq"], &["B=kept"]),
        ("MYPASS=`echo zq1 zq2`\nB=kept\n", &["zq"], &["B=kept"]),
        ("MYPASS=\\\n  zq1\nB=kept", &["zq"], &["B=kept"]),
        ("DB_PASSWORD=zq1 zq2 zq3\n", &["zq"], &["DB_PASSWORD"]),
        ("# kea\nDB_PASSWORD=zq1 zq2 zq3\nB=kept\n", &["zq"], &["B=kept"]),
        ("[client]\npassword = zq1, zq2 zq3\nuser = kea\n", &["zq"], &["user = kea"]),
        ("export DB_PASSWORD=zq1 B=kept", &["zq"], &["B=kept"]),
        ("kea-admin db-init mysql -u kea -p 'zq1 zq2' -n kept", &["zq"], &["-n kept"]),
        ("kea-admin db-init mysql -u kea -p zq1 zq2 -n kept", &["zq"], &["-n kept"]),
        ("kea-admin lease-dump pgsql -p \"zq1 zq2\"", &["zq"], &["pgsql"]),
    ]);
}

#[test]
fn settings_of_systemd_that_name_secrets_stay() {
    assert_rows(&[
        ("PassEnvironment=DB_PASSWORD API_TOKEN", &[], &["=DB_PASSWORD API_TOKEN"]),
        ("LoadCredential=db-password:/etc/creds/pw", &[], &["db-password:/etc/creds/pw"]),
        ("LoadCredentialEncrypted=x:/etc/creds/x.cred\nImportCredential=kea.*", &[], &["x:/etc/creds/x.cred", "kea.*"]),
        ("UnsetEnvironment=DB_PASSWORD", &[], &["=DB_PASSWORD"]),
    ]);
}

#[test]
fn lists_of_arguments_and_broken_configurations() {
    assert_rows(&[
        (r#"{"command": ["curl", "-u", "bob:zq1", "https://kept/"]}"#, &["zq"], &["bob:", "https://kept/"]),
        (r#"exec ["curl","-u","bob:zq1"]"#, &["zq"], &["curl", "bob:"]),
        (r#"argv "curl","-u","bob:zq1","https://kept/""#, &["zq"], &["kept"]),
        (r#"["mysql","-u","kea","-p","zq1"]"#, &["zq"], &["kea"]),
        (r#"["runner","-p","zq1"]"#, &["zq"], &["runner"]),
        (r#"["kea-dhcp4","-p","6767"]"#, &[], &["6767"]),
        (r#"{ "pass":null,"user":"kept", oops"#, &[], &["\"user\":\"kept\""]),
        (r#"oops "pass":null,"user":"kept","password":"zq1","id":7"#, &["zq"], &["kept", "\"id\":7"]),
        (r#"oops pass:null,"user":"kept""#, &[], &["\"user\":\"kept\""]),
        (r#"oops "password": true, "user": "kept""#, &[], &["kept"]),
        (r#"oops { "password" : "zq1 zq2" } , "user" : "kept""#, &["zq"], &["kept"]),
    ]);
}

#[test]
fn other_shapes_of_text_are_read() {
    assert_rows(&[
        ("<password>zq1 zq2</password><user>kept</user>", &["zq"], &["<user>kept"]),
        ("<db password=\"zq1 zq2\" user='kept'/>", &["zq"], &["kept"]),
        ("<add key=\"DbPassword\" value=\"zq1\"/> <add key=\"x\" value=\"kept\"/>", &["zq"], &["kept"]),
        ("&lt;password&gt;zq1 zq2&lt;/password&gt; kept", &["zq"], &["kept"]),
        ("{\"log\": \"{\\\"password\\\": \\\"zq1 zq2\\\", \\\"user\\\": \\\"kept\\\"}\"}", &["zq"], &["kept"]),
        (
            "x {\\\\\\\"password\\\\\\\":\\\\\\\"zq1 zq2\\\\\\\",\\\\\\\"user\\\\\\\":\\\\\\\"kept\\\\\\\"}",
            &["zq"],
            &["kept"],
        ),
        ("q=%22password%22%3A%22zq1+zq2%22 kept", &["zq"], &["kept"]),
        ("form password%3Dzq1 kept", &["zq"], &["kept"]),
        ("\"password\":\n   \"zq1 zq2\",\n\"user\": \"kept\"", &["zq"], &["kept"]),
        ("password:\n  zq1\nuser: kept\n", &["zq"], &["kept"]),
        ("db:\n  password: |\n    zq1\n    zq2\n  user: kept\n", &["zq"], &["kept"]),
        ("db:\n  password: >-\n    zq1 zq2\n  user: kept\n", &["zq"], &["kept"]),
        ("secrets:\n  - zq1\n  - zq2\nuser: kept\n", &["zq"], &["kept"]),
        ("- name: DB_PASSWORD\n  value: zq1 zq2\n- name: X\n  value: kept\n", &["zq"], &["kept"]),
        ("- value: zq1 zq2\n  name: DB_PASSWORD\n- name: X\n  value: kept\n", &["zq"], &["kept"]),
        ("x \"name\": \"password\", \"value\": \"zq1\", \"y\": \"kept\"", &["zq"], &["kept"]),
        ("password: zq1, zq2\nuser: kept\n", &["zq"], &["kept"]),
        ("\u{1b}[32mpassword\u{1b}[0m=\u{1b}[31mzq1\u{1b}[0m user=kept", &["zq"], &["kept"]),
        ("#033[32mpassword#033[0m: zq1", &["zq"], &["password"]),
        ("Authorization: Digest username=\"kept\", realm=\"x\", response=\"zq1\", nc=1\nkept", &["zq"], &["kept"]),
        ("sent Digest username=\"kept\", response=\"zq1\", uri=\"/\"", &["zq"], &["kept"]),
        ("Cookie: a=zq1; session=zq2; b=zq3\nkept", &["zq"], &["Cookie", "kept"]),
        ("curl -H 'Cookie: a=zq1; b=zq2' https://kept/", &["zq"], &["https://kept/"]),
        ("SET PASSWORD FOR 'kept'@'%' = PASSWORD('zq1 zq2')", &["zq"], &["kept"]),
        ("CREATE USER kept IDENTIFIED BY 'zq1''zq2'", &["zq"], &["kept"]),
        ("ALTER USER kept IDENTIFIED WITH mysql_native_password AS '*zq1'", &["zq"], &["kept"]),
        ("bot 123456789:AAzq1efghijklmnopqrstuvwxyz0123456 kept", &["zq"], &["123456789:", "kept"]),
        ("the password is \"zq1 zq2\", kept", &["zq"], &["kept"]),
        ("the root password has been changed to zq1x.", &["zq"], &["root"]),
        ("log in with zq1x as the password", &["zq"], &["log in"]),
        ("sudo -S <<< 'zq1 zq2'", &["zq"], &["sudo"]),
        ("echo zq1 | sudo -S systemctl kept", &["zq"], &["kept"]),
        ("smbclient -U bob%zq1 //kept/x", &["zq"], &["bob", "kept"]),
        ("ssh-keygen -t rsa -N zq1 -f kept", &["zq"], &["kept"]),
        ("htpasswd -b /etc/kept bob zq1", &["zq"], &["kept", "bob"]),
        ("ipmitool -H kept -P zq1 sdr", &["zq"], &["kept", "sdr"]),
        ("curl -sku bob:zq1 https://kept/", &["zq"], &["bob:", "kept"]),
        ("keytool -storepass zq1 -list kept", &["zq"], &["kept"]),
        ("/var/log/kea/password=zq1.log", &["zq"], &["/var/log/kea/"]),
    ]);
}

#[test]
fn a_value_of_one_text_is_hidden_in_all_however_it_is_written() {
    let learned = "Environment=\"DB_PASSWORD=Tr0ub4dor&3 it's\"";
    for written in [
        "Tr0ub4dor&3 it's",
        r"Tr0ub4dor\u00263 it's",
        r"Tr0ub4dor\\u00263 it\\u0027s",
        "Tr0ub4dor&3 it''s",
        r"Tr0ub4dor&3 it'\''s",
        "Tr0ub4dor&amp;3 it&#39;s",
        "Tr0ub4dor%263%20it%27s",
        "Tr0ub4dor%25263%2520it%2527s",
        "tr0ub4dor",
    ] {
        let shown = published(&[learned, &format!("before {written} after")]);
        let is_hidden = shown.ends_with("before (redacted) after");
        assert!(is_hidden || written == "tr0ub4dor", "{written}: {shown}");
    }
    for (learned, other) in [
        ("MYPASS=Zq7\"abc\"def\n", "Zq7abcdef"),
        ("<password>Zq7abcdef</password>", "Zq7abcdef"),
        ("Authorization: Bearer Zq7abcdef", "Zq7abcdef"),
        ("Cookie: a=b; session=Zq7abcdef", "Zq7abcdef"),
        ("db:\n  password: |\n    Zq7abcdef\n", "Zq7abcdef"),
        ("the password is swordfish", "swordfish"),
        ("Environment=\"DB_PASSWORD=Zq7abcdef x\"", "Zq7abcdef x"),
        ("\"password\": \"blue.horse.staple\"", "blue.horse.staple"),
        ("\"password\": \"blue.horse.staple\"", "Ymx1ZS5ob3JzZS5zdGFwbGU"),
        ("\"password\": \"5512-8830-1177\"", "5512-8830-1177"),
        ("\"password\": \"/etc/not/a/path99\"", "/etc/not/a/path99"),
        ("{\"name\": \"User-Password\", \"raw\": \"0x426c61752d4b7261757437\"}", "Blau-Kraut7"),
        ("{\"name\": \"CHAP-Password\", \"expr\": \"concat('chapExprPart', x)\"}", "chapExprPart"),
        ("DB_PASSWORD=Zq7abcdef psql kea\n", "Zq7abcdef"),
    ] {
        let shown = published(&[learned, &format!("before {other} after")]);
        assert!(shown.ends_with("before (redacted) after"), "{learned}: {shown}");
    }
}

#[test]
fn what_an_engineer_needs_stays() {
    assert_rows(&[
        ("DHCP_DDNS_BAD TSIG key: d2.md5.key is not known", &[], &["d2.md5.key"]),
        (
            r#"{"tsig-keys": [{"name": "key.four.", "secret": "zq1"}], "key": "key.four."}"#,
            &["zq"],
            &["\"name\": \"key.four.\"", "\"key\": \"key.four.\""],
        ),
        ("nsupdate -y hmac-sha256:key.four.:c2VjcmV0c2VjcmV0", &["c2Vj"], &["hmac-sha256:key.four.:"]),
        ("key key.four.example.test.: bad signature", &[], &["key.four.example.test."]),
        ("token: invalid", &[], &["token: invalid"]),
        ("error in token: unexpected end of input at line 3", &[], &["unexpected end of input"]),
        ("Access denied for user 'kea'@'db1' (using password: NO)", &[], &["(using password: NO)"]),
        ("Access denied (using password: YES) while connecting to db1.example.test", &[], &["YES) while connecting"]),
        ("keys: 3", &[], &["keys: 3"]),
        (r#"{ "keys": 3, "tokens": 12, "pins": 0 }"#, &[], &["\"keys\": 3", "\"tokens\": 12"]),
        ("read keys=3 and tokens=20", &[], &["keys=3", "tokens=20"]),
        ("login with a password: required", &[], &["password: required"]),
        ("the password is handled by the database", &[], &["handled by the database"]),
        ("loaded with psk is not supported", &[], &["not supported"]),
    ]);
}

#[test]
fn lists_pairs_and_other_notations_are_read() {
    assert_rows(&[
        ("conn Server=db;Uid=kept;Pwd={zq1;}} zq2};Database=kept2", &["zq"], &["Uid=kept", "Database=kept2"]),
        ("x PASSWORD={zq1} kept", &["zq"], &["kept"]),
        ("x secrets={name: kept}", &[], &["kept"]),
        ("RADIUS attribute User-Password(2): zq1", &["zq"], &["User-Password(2)"]),
        ("D2 key key.kept.:c2VjcmV0c2VjcmV0Kw==:hmac-md5", &["c2Vj", "Kw"], &["key.kept.:", ":hmac-md5"]),
        ("\"headers\": [[\"X-Api-Key\",\"zq1\"], [\"Accept\",\"kept\"]]", &["zq"], &["X-Api-Key", "kept"]),
        ("[\"API_TOKEN\",\"zq1\"]", &["zq"], &["API_TOKEN"]),
        ("enable secret 5 zq1x", &["zq"], &["enable secret 5"]),
        ("username kept password 7 zq1x", &["zq"], &["kept"]),
        ("user,password,host\nkept,zq1,db\n", &["zq"], &["kept", ",db"]),
        ("x 'psk': ['zq1 zq2', 'zq3'], 'user': 'kept'", &["zq"], &["['(redacted)', '(redacted)']", "kept"]),
        ("Config { password: Some(\"zq1 zq2\"), user: \"kept\" }", &["zq"], &["Some(", "kept"]),
        ("INFO pin: 5 cpu cores pinned", &[], &["5 cpu cores pinned"]),
        ("x key=0x0a0b subnet-id=7", &[], &["key=0x0a0b subnet-id=7"]),
    ]);
}

#[test]
fn statements_of_other_servers_are_read() {
    assert_rows(&[
        ("key U { algorithm HMAC-MD5; secret pRP5FapFoJ95JEL06sv4PQ==; };", &["pRP5", "PQ"], &["HMAC-MD5;", "; };"]),
        ("// key U { algorithm HMAC-MD5; secret abcdefghijkl; };", &["abcdefghijkl"], &["key U", "HMAC-MD5"]),
        (
            "/* key k {\n  algorithm hmac-sha256;\n  secret hvTb/Fq5+5dCjQ==;\n}; */",
            &["hvTb", "jQ"],
            &["hmac-sha256;", "}; */"],
        ),
        ("omapi-key k; secret zq1zq1==;", &["zq1"], &["omapi-key k;"]),
        ("# omapi: key omapi_key; secret zq1zq1zq1zq1==\n", &["zq1"], &["omapi_key;"]),
        ("ldap-password zq1x;\nldap-server kept;", &["zq1"], &["ldap-server kept;"]),
        ("the password is required; try again", &[], &["required; try again"]),
        ("the secret expired; renew it", &[], &["expired; renew it"]),
        ("X secret santa; meeting at noon", &[], &["secret santa; meeting"]),
        ("# secret changed; see ticket", &[], &["changed; see ticket"]),
        ("the secret Mumbai; see ticket", &[], &["Mumbai; see"]),
        ("secret c2VjcmV0; algorithm kept;", &["c2Vj"], &["algorithm kept;"]),
    ]);
}

#[test]
fn names_and_sentences_of_more_secrets_are_known() {
    const NAMES: [&str; 16] = [
        "privkey",
        "radiuskey",
        "wifikey",
        "pswd",
        "passkey",
        "pwhash",
        "creds",
        "cred",
        "db-creds",
        "tsig",
        "shadow",
        "dsn",
        "pre-shared",
        "snmp-ro",
        "snmp_rw",
        "KEA_TSIG",
    ];
    for name in NAMES {
        let text = format!("{{ \"{name}\": \"Zq1rK8vLwTt2\", \"x\": \"kept\" }}");
        assert!(!published(&[&text]).contains("Zq1"), "{name}");
        assert!(!published(&[&format!("{name}=Zq1rK8vLwTt2 x=kept")]).contains("Zq1"), "{name}");
    }
    assert_rows(&[
        ("shared secret `Zq1rK8vLwTt2` kept", &["Zq1"], &["kept"]),
        ("password changed from Zq1rK8vL to Zq2something, kept", &["Zq1", "Zq2"], &["changed from", "kept"]),
        ("password changed from Zq1rK8vL to something else", &["Zq1"], &["changed from"]),
        ("the new password, Zq1rK8vLwTt2, works", &["Zq1"], &["works"]),
        ("the old password, as usual, works", &[], &["as usual"]),
        ("user/pass = admin/Zq1rK8vLwTt2", &["Zq1"], &["admin/"]),
        ("see https://Zq1rK8vLwTt2@host/ kept", &["Zq1"], &["@host/ kept"]),
        ("see https://keauser@host/ kept", &[], &["keauser@host/"]),
        ("seen {SSHA}Zq1rK8vLwTt2abcdefgh1234 here", &["Zq1"], &["here"]),
        ("seen SCRAM-SHA-256$4096:Zq1abc==$Zq2def=:Zq3ghi= here", &["Zq1", "Zq2", "Zq3"], &["here"]),
        ("seen *6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4 here", &["6C89"], &["here"]),
        ("seen AGE-SECRET-KEY-1QPZRY9X8GF2TVDW0S3JN54 here", &["QPZRY"], &["here"]),
        ("seen pypi-AgEIcHlwaS5vcmcCJDZq1 here", &["AgEI"], &["here"]),
    ]);
}

#[test]
fn what_is_next_to_a_secret_is_kept() {
    assert_rows(&[
        ("ExecStartPost=/usr/bin/wget --http-password zq1x http://kept", &["zq1"], &["http://kept"]),
        ("refresh_token=zq1x&grant_type=kept", &["zq1"], &["&grant_type=kept"]),
        ("curl -d 'user=a&passwd=zq1x&z=kept' http://h", &["zq1"], &["user=a&", "&z=kept", "http://h"]),
        (r#"{"env":["DB_PASSWORD=zq1x","X=kept"]}"#, &["zq1"], &["X=kept"]),
        (r#"{"header-list":["X-Auth-Token: zq1x","Accept: kept"]}"#, &["zq1"], &["Accept: kept"]),
        ("{ \"passwords-list\": <?include \"/x\"?>,\n \"kept\": 1 }", &[], &["\"passwords-list\"", "\"kept\""]),
        ("PIN: the connector is bent", &[], &["the connector is bent"]),
        ("hash key: 8f2a1c", &[], &["8f2a1c"]),
        ("Duplicate entry '1' for key \"lease4.PRIMARY\"", &[], &["lease4.PRIMARY"]),
        ("DHCP magic cookie: 0x63825363", &[], &["0x63825363"]),
        ("mysql -u kea -p (redacted)", &[], &["mysql -u kea -p (redacted)"]),
        ("mysql -u kea -p(redacted)", &[], &["mysql -u kea -p(redacted)"]),
    ]);
    for text in ["mysql -u kea -p (redacted)", "mysql -p(redacted) kea", "kea-admin x -p (redacted) -n kea"] {
        assert_eq!(line(text), text);
    }
}

#[test]
fn a_list_of_secrets_stays_json() {
    let document = serde_json::json!({ "psk": ["wlan-one-11", "wlan-two-22"], "n": [1] });
    let text = serde_json::to_string_pretty(&document).unwrap();
    let shown = published(&[&text, &serde_json::to_string_pretty(&json(document)).unwrap()]);
    let expected = serde_json::json!({ "psk": [REDACTED, REDACTED], "n": [1] });
    let expected = serde_json::to_string_pretty(&expected).unwrap();
    assert_eq!(shown, format!("{expected}\n{expected}"));
}

#[test]
fn words_that_are_usual_are_hidden_at_their_places_only() {
    for (learned, text) in [
        ("\"password\": \"interfaces\"", "the interfaces are up"),
        ("token=database", "no database is there"),
        ("\"secret\": \"kea-dhcp4\"", "kea-dhcp4 started"),
        ("\"password\": \"valid-lifetime\"", "valid-lifetime 4000"),
        ("\"password\": \"192.0.2.117\"", "lease 192.0.2.117"),
        ("\"password\": \"swordfish\"", "swordfishes"),
        ("pin: 12345678", "123456789"),
    ] {
        let shown = published(&[learned, text]);
        assert!(shown.ends_with(text), "{shown}");
    }
}

#[test]
fn a_long_line_is_read_once_and_not_for_each_name_in_it() {
    let client = |n: u32| format!("\"host\": \"db{n}\", host mysql -u kea name: x, password=Zq7-{n}-value, key: k ");
    let text: String = (0..400).map(client).collect::<Vec<_>>().concat();
    let shown = line(&text);
    assert!(!shown.contains("Zq7") && shown.contains("db399"));
}

#[test]
fn many_secrets_take_no_longer_than_their_number() {
    let many = |count: usize| -> Value {
        (0..count)
            .map(|n| serde_json::json!({ "user": format!("u{n}"), "password": format!("Zq7-{n}-value") }))
            .collect()
    };
    let shown = json(serde_json::json!({ "clients": many(5000), "note": "Zq7-4999-value" }));
    assert_eq!(shown["note"], REDACTED);
    assert!(!shown.to_string().contains("Zq7"));
}
