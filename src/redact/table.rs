//! What leaked once, and what was hidden without being a secret: one row each.

use super::*;

mod units;

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
fn pieces_of_passwords_in_errors_of_parsers_are_hidden() {
    assert_rows(&[
        ("HA_BAD url: invalid port number: 'zq1@db1:8000', kept", &["zq1"], &["invalid port number: '", "kept"]),
        ("invalid port number zq1@db1.example.test kept", &["zq1"], &["kept"]),
        ("invalid port number 'zq1' (/etc/kept:7:3)", &["zq1"], &["/etc/kept:7:3"]),
        ("invalid port number: \"zq1@kept\"", &["zq1"], &["invalid port number"]),
        ("invalid port number: 99999, kept", &[], &["99999, kept"]),
        ("invalid port number in url http://kept:x/", &[], &["number in url http://kept"]),
        ("invalid port number in the url kept", &[], &["number in the url kept"]),
        ("invalid port number in HTTP://kept/", &[], &["number in HTTP://kept"]),
        ("invalid URL kea:zq1/zq2@kept", &["zq1", "zq2"], &["@kept"]),
        ("unable to parse kea:zq1@", &["zq1"], &["unable to parse", "@"]),
        ("unable to parse 'kea:zq1@kept:5432/kea'", &["zq1"], &["@kept:5432"]),
        ("unable to parse kea:zq1:zq2@kept/x", &["zq1", "zq2"], &["@kept"]),
        ("Cannot parse zq1, expected format is name=value kept", &["zq1"], &["expected format", "kept"]),
        ("Cannot parse the answer of kept", &[], &["the answer of kept"]),
        (
            "DATABASE_INVALID_ACCESS invalid database access string: host=h1 name=kept pasword=zq1 user=kept2",
            &["zq1"],
            &["host=h1 name=kept", "user=kept2"],
        ),
        (
            "invalid database access string: type=mysql passwort=zq1 zq2 name=kept",
            &["zq1", "zq2"],
            &["type=mysql", "name=kept"],
        ),
        ("invalid database access string: type=mysql Pass word=zq1 name=kept", &["zq1"], &["name=kept"]),
        ("unable to connect to 'mysql://kea:zq1@kept/kea'", &["zq1"], &["@kept/kea"]),
        ("invalid integer value \"zq1@kept\" for connection option \"port\"", &["zq1"], &["for connection option"]),
        ("missing \"=\" after \"zq1\" in connection info string", &["zq1"], &["in connection info string"]),
        ("invalid percent-encoded token: \"zq1%zz\"", &["zq1"], &["token"]),
        ("could not translate host name \"zq1@kept\" to address", &["zq1"], &["@kept\" to address"]),
        ("Unknown MySQL server host 'zq1@kept' (-2)", &["zq1"], &["@kept' (-2)"]),
        ("could not translate host name \"db1.kept\" to address", &[], &["\"db1.kept\" to address"]),
        ("password (zq1) and password-file (/etc/kept) are mutually exclusive", &["zq1"], &["(/etc/kept)"]),
        (r#"{ "lease-database": { "pasword": "zq1", "name": "kept" } }"#, &["zq1"], &["pasword", "kept"]),
        (r#"{ "tsig-keys": [ { "name": "kept", "sercet": "zq1zq1" } ] }"#, &["zq1"], &["sercet", "kept"]),
    ]);
}

#[test]
fn options_of_dhcp_that_hold_secrets_are_hidden() {
    assert_rows(&[
        (
            r#"{ "option-data": [ { "code": 90, "data": "zq1", "csv-format": false } ], "x": "kept" }"#,
            &["zq1"],
            &["90", "kept"],
        ),
        (r#"{ "option-data": [ { "data": "zq1", "name": "authenticate" } ] }"#, &["zq1"], &["authenticate"]),
        (r#"{ "Dhcp6": { "option-data": [ { "code": 11, "data": "zq1" } ] } }"#, &["zq1"], &["11"]),
        (r#"{ "option-data": [ { "name": "auth", "data": "zq1" } ] }"#, &["zq1"], &["auth"]),
        (r#"{ "option-data": [ { "name": "routers", "code": 3, "data": "192.0.2.1" } ] }"#, &[], &["192.0.2.1"]),
        (
            r#"{ "option-data": [ { "code": 224, "data": "zq1" }, { "code": 225, "data": "kept" } ],
                "option-def": [ { "name": "wifi-password", "code": 224, "type": "string" }, { "name": "x", "code": 225 } ] }"#,
            &["zq1"],
            &["wifi-password", "224", "kept"],
        ),
        (
            r#"{ "option-def": [ { "name": "psk", "code": 224 } ], "client-classes": [ { "name": "kept",
                "test": "option[224].text == 'zq1'" } ] }"#,
            &["zq1"],
            &["option[224].text == ", "kept"],
        ),
        (
            r#"{ "option-def": [ { "code": 224, "name": "api-token", "type": "record", "record-types": "uint8, string" } ],
                "subnet4": [ { "option-data": [ { "code": 224, "data": "1, zq1, x" } ], "id": 7 } ] }"#,
            &["zq1"],
            &["api-token", "uint8, string", "7"],
        ),
        (
            r#"x {"option-def":[{"code":224,"name":"psk"}],"reservations":[{"option-data":[{"data":"zq1","code":224}]}]} kept"#,
            &["zq1"],
            &["kept"],
        ),
    ]);
    for written in ["5A713761626364656667", "5a:71:37:61:62:63:64:65:66:67", "0x5a713761626364656667", "'Zq7abcdefg'"] {
        let learned = format!(r#"{{ "option-data": [ {{ "code": 90, "csv-format": false, "data": "{written}" }} ] }}"#);
        for other in ["Zq7abcdefg", "5a 71 37 61 62 63 64 65 66 67", "WnE3YWJjZGVmZw=="] {
            let shown = published(&[&learned, &format!("before {other} after")]);
            assert!(shown.contains("before (redacted)") && shown.ends_with(" after"), "{written} {other}: {shown}");
        }
    }
    let learned = r#"{ "option-data": [ { "name": "auth", "data": "1, Zq7-of-auth, 00" } ] }"#;
    assert!(published(&[learned, "x Zq7-of-auth"]).ends_with("x (redacted)"));
}

#[test]
fn octets_of_secrets_in_hex_are_hidden_however_they_are_written() {
    for secret in ["00ff10a7b3c4d5e6f708", "0x00FF10A7B3C4D5E6F708", "AP8Qp7PE1eb3CA=="] {
        let learned = format!("{{ \"secret\": \"{secret}\" }}");
        for other in [
            "00ff10a7b3c4d5e6f708",
            "00:FF:10:A7:B3:C4:D5:E6:F7:08",
            "00 ff 10 a7 b3 c4 d5 e6 f7 08",
            "{0x00, 0xff, 0x10, 0xa7, 0xb3, 0xc4, 0xd5, 0xe6, 0xf7, 0x08",
            "0x00ff10a7b3\n    c4d5e6f708",
            "\\x00\\xff\\x10\\xa7\\xb3\\xc4\\xd5\\xe6\\xf7\\x08",
            "AP8Qp7PE1eb3CA==",
        ] {
            let shown = published(&[&learned, &format!("before {other} after")]);
            assert!(!shown.to_lowercase().contains("b3") && !shown.contains("7PE1"), "{secret} {other}: {shown}");
        }
    }
}

#[test]
fn a_secret_in_the_dump_of_a_packet_is_hidden_over_its_lines() {
    let dumps = [
        "00000000  00 01 02 5a 71 37 61 62  63 64 65 66 67 68 69 6a  |...Zq7abcdefghij|\n\
         00000010  6b 6c 6d 6e 00 00 00 00  00 00 00 00 00 00 00 00  |klmn............|\n",
        "0000000: 0001 025a 7137 6162 6364 6566 6768 696a  ...Zq7abcdefghij\n\
         0000010: 6b6c 6d6e 0000 0000 0000 0000 0000 0000  klmn............\n",
        "\t0x0000:  4500 5a71 3761 6263 6465 6667 6869 6a6b  E.Zq7abcdefghijk\n\t0x0010:  6c6d 6e00                                lmn.\n",
        "00:01:5a:71:37:61:62:63:64:65:66:67\n68:69:6a:6b:6c:6d:6e:00\n",
        "0000   5a 71 37 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d   Zq7abcdefghijklm\n0010   6e 00                                             n.\n",
    ];
    for dump in dumps {
        let shown = published(&["{ \"password\": \"Zq7abcdefghijklmn\" }", dump]);
        let lower = shown.to_lowercase();
        assert!(!lower.contains("64 65") && !lower.contains("6465") && !lower.contains("64:65"), "{shown}");
        assert!(!shown.contains("abcdef"), "{shown}");
    }
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
fn a_long_line_with_many_secrets_is_read_once() {
    // Thousands of reservations with a password in one line of a log.
    let line = |count: usize| {
        let one = |n: usize| {
            format!("{{\"hw-address\":\"02:00:5e:00:00:aa\",\"user-context\":{{\"password\":\"Zq7-{n}-value\"}}}}")
        };
        format!("X {{\"reservations\":[{}]}}\n", (0..count).map(one).collect::<Vec<_>>().join(","))
    };
    let text = line(2_000);
    let mut secrets = Secrets::default();
    let mut lines = Lines::default();
    let clean = lines.clean(&text, &mut secrets).into_owned() + &lines.end(&mut secrets);
    assert!(!clean.contains("Zq7") && secrets.searched() >= 2_000);
    let hidden = secrets.finder().hidden(b"one Zq7-1999-value two").text.into_owned();
    assert_eq!(hidden, b"one (redacted) two");
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
