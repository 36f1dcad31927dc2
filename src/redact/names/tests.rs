//! Names that are those of secrets, and names that are not.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn a_name_without_a_sign_is_that_of_no_secret(
        before in "[a-zA-Z0-9_./ -]{0,4}", after in "s|S|ies|IES|code|Code|[a-zA-Z0-9_./ -]{0,4}", case in 0..3,
        name in prop::sample::select({ let (anywhere, words) = signs(); [anywhere, words, CODES.to_vec()].concat() }),
        any in "\\PC{0,12}|[a-zA-Z_-]{0,16}",
    ) {
        let name = match case {
            0 => name.to_owned(),
            1 => name.to_uppercase(),
            _ => name.chars().take(1).flat_map(char::to_uppercase).chain(name.chars().skip(1)).collect(),
        };
        for name in [format!("{before}{name}{after}"), any] {
            let words = words(&name);
            prop_assert!(has_sign(&name) || !may_be_of_a_secret(&words) && !are_of_a_secret(words), "{name}");
        }
    }
}

#[test]
fn a_secret_is_known_by_its_name_in_any_style() {
    for name in [
        "password",
        "Passwd",
        "passphrase",
        "password1",
        "db_password_old",
        "secretValue",
        "secretvalue",
        "DBPassword",
        "PGPASSWORD",
        "MYSQL_PWD",
        "basic-auth-password",
        "api_token",
        "apiKey",
        "API-KEY",
        "x-api-key",
        "privateKey",
        "psk",
        "wpaPsk",
        "psk0",
        "pre-shared-key",
        "key",
        "keys",
        "key2",
        "key_old",
        "tsigKey",
        "auth",
        "snmp-auth",
        "pin",
        "PIN",
        "sim-pin",
        "pin_code",
        "pinCode",
        "door-code",
        "snmp-community",
        "rocommunity",
        "communities",
        "Authorization",
        "Proxy-Authorization",
        "cookie",
        "token",
        "tokens",
        "accessToken",
        "refresh_token",
        "jwt",
        "pass",
        "dbpass",
        "db-pass",
        "pass1",
        "x.pwd",
        "rootpw",
        "client-secret",
        "secret-id",
        "old_secrets",
        "credentials",
        "Kennwort",
        "User-Password",
        "CHAP-Password",
        "radiusSecret",
        "pass-wifi",
        "bindpw",
        "пароль",
        "Пароль2",
        "contraseña",
        "passwort",
        "mot de passe",
        "senha",
        "密码",
        "wifi密码",
        "パスワード",
        "비밀번호",
        "hasło",
        "jelszó",
        "lösenord",
        "clave",
        "max-password",
    ] {
        assert!(is_secret(name), "{name}");
    }
}

#[test]
fn words_that_only_look_like_a_secret_are_none() {
    for name in [
        "password-file",
        "passwordFile",
        "secret-file",
        "user-file",
        "key-file",
        "key-name",
        "keyName",
        "public-key",
        "user",
        "class",
        "compass",
        "bypass",
        "monkey",
        "keyed",
        "keyboard",
        "hotkey",
        "pool",
        "pools",
        "ping-check",
        "ping-timeout",
        "mapping",
        "spin",
        "pinned",
        "shipping",
        "opinion",
        "authoritative",
        "authentication",
        "author",
        "token-lifetime",
        "token-ring",
        "secretary",
        "snmp",
        "bgp-community",
        "code",
        "option-code",
        "space",
        "pass-through",
        "passive-backup",
        "client-keytab",
        "credentials-cache",
        "tkey-lifetime",
        "rekey-interval",
        "hw-address",
        "next-server",
        "cache-max-age",
        "pd-pools",
        "require-client-certs",
        "trust-anchor",
        "realm",
        "tokens-per-s",
        "tokensPerSecond",
        "max-tokens",
        "max_keys",
        "number-of-pins",
        "salt",
        "ключевой",
        "",
    ] {
        assert!(!is_secret(name), "{name}");
    }
}
