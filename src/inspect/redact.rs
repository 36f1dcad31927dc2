//! A configuration without its secrets.

use serde_json::Value;

/// What stands for a secret.
const REDACTED: &str = "(redacted)";

/// Members whose values nobody should see; files that hold secrets have names, which may be seen.
const SECRETS: [&str; 4] = ["password", "secret", "key", "token"];

/// The same with every secret replaced, however deep it is.
pub(super) fn redact(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| {
                    let is_hidden = is_secret(&name) && !value.is_object() && !value.is_array();
                    let value = if is_hidden { Value::String(REDACTED.to_owned()) } else { redact(value) };
                    (name, value)
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(redact).collect()),
        other => other,
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRETS.iter().any(|secret| name == *secret || name.ends_with(&format!("-{secret}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
