//! A configuration without its secrets.

use serde_json::Value;

/// What stands for a secret.
const REDACTED: &str = "(redacted)";

/// How the names of members end whose values nobody should see; files that hold secrets have names, which may be seen.
const SECRETS: [&str; 8] =
    ["password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "privatekey"];

/// Words that mean a secret if they stand alone, or apart at the end of a name.
const SECRET_WORDS: [&str; 4] = ["key", "pass", "psk", "pwd"];

/// The same with every secret replaced, however deep it is.
pub(super) fn redact(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(members.into_iter().map(member).collect()),
        Value::Array(items) => Value::Array(items.into_iter().map(redact).collect()),
        other => other,
    }
}

fn member((name, value): (String, Value)) -> (String, Value) {
    let value = if is_secret(&name) { hide(value) } else { redact(value) };
    (name, value)
}

/// What stands under a secret's name: maps say themselves what is secret in them.
fn hide(value: Value) -> Value {
    match value {
        Value::Object(_) => redact(value),
        Value::Array(items) => Value::Array(items.into_iter().map(hide).collect()),
        _ => Value::String(REDACTED.to_owned()),
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_one = |name: &str| {
        let last = name.rsplit(['-', '_', '.', ' ']).next().unwrap_or(name);
        SECRETS.iter().any(|end| last.ends_with(end)) || SECRET_WORDS.contains(&last)
    };
    is_one(&name) || name.strip_suffix('s').is_some_and(is_one)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_known_by_many_names_and_one_of_several() {
        for name in ["password", "api_token", "Passwd", "apiKey", "psk", "db-pass", "old_secrets", "keys", "x.pwd"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["password-file", "user", "compass", "keyed", "key-name", "class", "monkey", "pool"] {
            assert!(!is_secret(name), "{name}");
        }
        let shown = redact(json!({ "secrets": ["a", ["b", 7], { "name": "n", "secret": "c" }], "tokens": "d" }));
        let hidden = "(redacted)";
        let expected =
            json!({ "secrets": [hidden, [hidden, hidden], { "name": "n", "secret": hidden }], "tokens": hidden });
        assert_eq!(shown, expected);
    }

    #[test]
    fn no_secret_is_left_however_deep() {
        let shown = redact(json!({ "Dhcp4": {
            "lease-database": { "type": "mysql", "password": "a", "password-file": "/f" },
            "tsig-keys": [{ "name": "k", "secret": "b", "secret-file": "/g" }],
            "authentication": { "clients": [{ "user": "u", "password": "c" }] },
            "user-context": { "api-token": 7, "key": "d", "keyed": "seen" } } }));
        let text = shown.to_string();
        for secret in ["\"a\"", "\"b\"", "\"c\"", "\"d\"", "7"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
        for seen in ["/f", "/g", "\"u\"", "\"seen\""] {
            assert!(text.contains(seen), "{seen}: {text}");
        }
    }
}
