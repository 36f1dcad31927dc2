//! Secrets of units, shells and remarks.

use super::assert_rows;

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
        ("SetCredential = c1:Zq7blank99\nseen Zq7blank99 x", &["Zq7"], &["= c1:", "seen "]),
        ("# SetCredential=c2:Zq7remark9\nseen Zq7remark9 x", &["Zq7"], &["# SetCredential=c2:", "seen "]),
        (" ;SetCredentialEncrypted\t=c3:Zq7remark9\nseen Zq7remark9 x", &["Zq7"], &["c3:", "seen "]),
        ("SetCredential=c4: \\\n  Zq7line111 \\\n  Zq7line222\nX=1 Zq7line111;", &["Zq7"], &["c4:", "X=1 "]),
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
fn a_value_of_a_shell_ends_before_the_next_command() {
    assert_rows(&[
        (
            "ExecStartPre=/bin/sh -c \"export PGPASSWORD=Zq7shell99; kea-admin x\"\nI Zq7shell99 kept",
            &["Zq7"],
            &["kept"],
        ),
        ("sh -c 'PGPASSWORD=Zq7shell99;kea-admin x'\nI Zq7shell99 kept", &["Zq7"], &["kept"]),
        ("(DB_PASSWORD=Zq7shell99)\nI Zq7shell99 kept", &["Zq7"], &["kept"]),
        ("export DB_PASSWORD=Zq7shell99&& x\nI Zq7shell99 kept", &["Zq7"], &["kept"]),
        ("DB_PASSWORD=Zq7shell99| x\nI Zq7shell99 kept", &["Zq7"], &["kept"]),
        ("kea-x --password Zq7shell99; y\nI Zq7shell99 kept", &["Zq7"], &["kept"]),
        ("kea-x --password=Zq7shell99; y\nI Zq7shell99 kept", &["Zq7"], &["kept"]),
    ]);
}

#[test]
fn of_remarks_only_the_value_is_learned() {
    assert_rows(&[
        ("/* password: Zq7remark9 */\nI Zq7remark9 kept", &["Zq7"], &["/* password: ", " */\n", "kept"]),
        ("/* password: Zq7remark9*/\nI Zq7remark9 kept", &["Zq7"], &["*/\n", "kept"]),
        ("/* password=Zq7remark9*/\nI Zq7remark9 kept", &["Zq7"], &["*/\n", "kept"]),
        ("# secret: Zq7remark9 # of June\nI Zq7remark9 kept", &["Zq7"], &["# secret: ", "kept"]),
        ("// secret: Zq7remark9 // of June\nI Zq7remark9 kept", &["Zq7"], &["// secret: ", "kept"]),
        ("{\"password\":\"x\" /* was: \"Zq7remark9\" */}\nI Zq7remark9 kept", &["Zq7"], &["*/}\n", "kept"]),
        ("{\"password\":\"x\" // was: Zq7remark9\n}\nI Zq7remark9 kept", &["Zq7"], &["//", "kept"]),
        ("{\"password\":\"x\", # old 'Zq7remark9' x\n}\nI Zq7remark9 kept", &["Zq7"], &["#", "kept"]),
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
