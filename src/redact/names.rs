//! Names of secrets: of members in JSON, of variables, options and headers.
//!
//! Names are compared word by word, in whatever style they are written (`db_password_old`, `secretValue`, `API-KEY`),
//! so that `mapping` has no `pin` and `monkey` no `key` in it.

use std::sync::OnceLock;

use super::signs::Signs;

/// Parts of a word that mean a secret wherever they are.
const PARTS: &[&str] = &[
    "passw",
    "passphrase",
    "passcode",
    "secret",
    "credential",
    "psk",
    "apikey",
    "authkey",
    "accesskey",
    "privatekey",
    "presharedkey",
    "sharedkey",
    "preshared",
    "pswd",
    "passkey",
    "pwhash",
    "kennwort",
    "geheim",
    "wachtwoord",
    "contrase",
    "motdepasse",
    "passord",
    "lösenord",
    "losenord",
    "adgangskode",
    "salasana",
    "jelsz",
    "hasł",
    "парол",
    "секрет",
    "κωδικ",
    "סיסמ",
    "密码",
    "密碼",
    "口令",
    "パスワード",
    "暗証番号",
    "비밀번호",
    "암호",
];

/// Words that mean a secret wherever they are in a name.
const WORDS: &[&str] = &[
    "token",
    "pwd",
    "pw",
    "psw",
    "pin",
    "puk",
    "authorization",
    "cookie",
    "jwt",
    "otp",
    "totp",
    "bearer",
    "pincode",
    "passe",
    "senha",
    "haslo",
    "parola",
    "heslo",
    "geslo",
    "lozinka",
    "şifre",
    "sifre",
    "sandi",
    "clave",
    "chave",
    "пин",
    "community",
    "cred",
];

/// Ends of words that mean a secret.
const ENDS: &[&str] = &["token", "pwd", "pw", "pass", "community"];

/// Words that mean a secret at the end of a name only.
const LAST: &[&str] = &["key", "pass", "auth", "tsig", "schlüssel", "schluessel", "ключ"];

/// Words at the end of a name that mean a secret if the value looks like one.
const PERHAPS: &[&str] = &["key", "salt", "seed", "nonce", "sig", "signature", "shadow", "dsn"];

/// Words that are counted too: `max-tokens`, `tokens-per-s`.
const COUNTED: &[&str] = &["token", "key", "pin", "cookie", "otp", "pass"];

/// Words that say that something is counted.
const QUANTITIES: &[&str] = &["max", "min", "maximum", "minimum", "per", "num", "number", "total", "avg", "average"];

/// Words that end like a secret and are none.
const HARMLESS: &[&str] = &[
    "compass",
    "bypass",
    "encompass",
    "overpass",
    "underpass",
    "surpass",
    "trespass",
    "secretary",
    "secretariat",
    "tokenizer",
    "passwordless",
];

/// Keys in one word with what they are a key to.
const KEYED: &[&str] = &[
    "ssh",
    "host",
    "wep",
    "wpa",
    "enc",
    "encryption",
    "license",
    "tsig",
    "rndc",
    "session",
    "master",
    "client",
    "sign",
    "signing",
    "hmac",
    "net",
    "priv",
    "radius",
    "wifi",
    "wlan",
    "vpn",
    "ipsec",
    "ike",
    "snmp",
    "ntp",
    "omapi",
    "db",
    "root",
    "admin",
    "aes",
    "crypt",
    "decryption",
    "server",
];

const CODES: [&str; 11] =
    ["access", "activation", "security", "unlock", "door", "gate", "alarm", "pairing", "registration", "pin", "entry"];

/// What may follow the word that counts: `password1`, `secretValue`, `key_old`.
const FILLERS: &[&str] = &[
    "old",
    "new",
    "value",
    "values",
    "data",
    "material",
    "base64",
    "b64",
    "hex",
    "raw",
    "text",
    "string",
    "content",
    "primary",
    "secondary",
    "current",
    "previous",
    "backup",
    "plain",
    "clear",
    "cleartext",
];

/// What a name ends with that is about a secret and not the secret: `password-file`, `key-name`, `token-lifetime`.
const ABOUT: &[&str] = &[
    "file",
    "path",
    "dir",
    "directory",
    "folder",
    "name",
    "id",
    "identifier",
    "identity",
    "type",
    "kind",
    "algorithm",
    "length",
    "len",
    "size",
    "bit",
    "url",
    "uri",
    "endpoint",
    "lifetime",
    "ttl",
    "expiry",
    "expire",
    "expiration",
    "age",
    "interval",
    "timeout",
    "policy",
    "count",
    "limit",
    "max",
    "min",
    "required",
    "enabled",
    "disabled",
    "manager",
    "provider",
    "store",
    "keytab",
    "cache",
    "ring",
    "method",
    "mode",
    "format",
    "encoding",
    "version",
    "user",
    "username",
    "realm",
    "host",
    "port",
    "protocol",
    "index",
    "rotation",
    "date",
    "by",
    "owner",
    "source",
    "variable",
    "reference",
    "location",
    "tag",
    "label",
    "comment",
    "description",
];

/// Members whose value is the name of another member's value: RADIUS attributes, headers, variables.
const NAMING: &[&str] =
    &["name", "key", "attribute", "variable", "header", "field", "label", "option", "setting", "parameter", "property"];

/// Members whose value is named by their neighbour.
const HOLDING: &[&str] =
    &["value", "values", "data", "raw", "expr", "content", "text", "val", "string", "default", "hex", "body"];

/// Whether the value under this name is the name of another value.
pub(super) fn is_naming(name: &str) -> bool {
    NAMING.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether the value under this name may be named by its neighbour.
pub(super) fn is_holding(name: &str) -> bool {
    HOLDING.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Parts of all names of secrets: those that may be anywhere in a word, and those that are one.
pub(super) fn signs() -> (Vec<&'static str>, Vec<&'static str>) {
    let anywhere =
        [PARTS, mistyped::MISTYPED, ENDS, &["key", "code", "communities", "pass", "snmp", "pre-shared", "pre_shared"]]
            .concat();
    (anywhere, [WORDS, LAST, PERHAPS].concat())
}

/// Whether a name has one of them; most have none, and are not taken apart.
fn has_sign(name: &str) -> bool {
    static ALL: OnceLock<Signs> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let (anywhere, words) = signs();
        Signs::new(anywhere.into_iter(), words.into_iter())
    });
    !name.is_ascii() || all.are_in(name.as_bytes())
}

/// Settings of systemd with names of secrets or of files with them.
const SETTINGS: [&str; 7] = [
    "PassEnvironment",
    "UnsetEnvironment",
    "LoadCredential",
    "LoadCredentialEncrypted",
    "ImportCredential",
    "SetCredential",
    "SetCredentialEncrypted",
];

/// Whether the value under this name is a secret.
pub(super) fn is_secret(name: &str) -> bool {
    has_sign(name) && !is_setting(name) && are_of_a_secret(words(name))
}

fn are_of_a_secret(mut words: Vec<String>) -> bool {
    while words.len() > 1 && words.last().is_some_and(|last| is_filler(last)) {
        words.pop();
    }
    let Some((last, before)) = words.split_last() else { return false };
    if is_about(last, before) || is_public(&words) || is_quantity(&words) {
        return false;
    }
    let is_joined = is_code(last, before) || is_pass(&words) || is_pair(last, before);
    words.iter().any(|word| means_a_secret(word)) || is_last(last) || is_joined
}

/// Whether a name is that of a setting of systemd, whose value is known apart.
pub(super) fn is_setting(name: &str) -> bool {
    SETTINGS.contains(&name)
}

/// Whether a name is that of several secrets, of which there may be a number.
pub(super) fn is_plural(name: &str) -> bool {
    words(name).last().is_some_and(|last| last.ends_with('s') && singular(last) != last)
}

/// Whether the value under the name of a secret may be the name of the file that it is in: `ssl-key`, but not `password`.
pub(super) fn may_be_of_a_file(name: &str) -> bool {
    let words = words(name);
    let is_strong = |word: &String| !word.contains("key") && !word.contains("credential") && means_a_secret(word);
    !words.iter().any(is_strong)
}

/// Whether the value under this name is a secret if it looks like one.
pub(super) fn may_be_secret(name: &str) -> bool {
    has_sign(name) && may_be_of_a_secret(&words(name))
}

fn may_be_of_a_secret(words: &[String]) -> bool {
    words.last().is_some_and(|last| PERHAPS.contains(&singular(last))) && !is_public(words)
}

/// Whether a name may be that of the way to log in, as `auth` and `http-auth`.
pub(super) fn is_of_logins(name: &str) -> bool {
    let words = words(name);
    words.last().is_some_and(|last| last == "auth") && !words.iter().any(|word| means_a_secret(word))
}

/// Whether a name, in a map of secrets, is none of them: who has it, what it is.
pub(super) fn is_description(name: &str) -> bool {
    words(name).last().is_some_and(|last| ABOUT.contains(&singular(last)) || is_login(last))
}

/// Whether the value under this name is shown wherever it is: a user, host, database or kind of something.
pub(super) fn is_kept(name: &str) -> bool {
    const KEPT: [&str; 12] = [
        "user",
        "name",
        "host",
        "basic-auth-user",
        "this-server-name",
        "server-name",
        "hostname",
        "realm",
        "type",
        "key-name",
        "role",
        "algorithm",
    ];
    KEPT.contains(&name)
}

/// Whether a name is that of a file, directory or domain.
pub(super) fn is_of_place(name: &str) -> bool {
    const LAST: [&str; 16] = [
        "file",
        "path",
        "dir",
        "directory",
        "folder",
        "name",
        "domain",
        "suffix",
        "host",
        "hostname",
        "library",
        "output",
        "anchor",
        "server",
        "url",
        "key",
    ];
    words(name).last().is_some_and(|last| LAST.contains(&singular(last))) && !means_a_password(name)
}

/// Whether a name is that of a secret which is neither a file nor a domain.
fn means_a_password(name: &str) -> bool {
    is_secret(name) && !may_be_of_a_file(name)
}

/// Whether a name is that of a user or thing, which may be the same as its password.
pub(super) fn is_identity(name: &str) -> bool {
    words(name).last().is_some_and(|last| matches!(last.as_str(), "user" | "username" | "name" | "login" | "id"))
}

fn is_login(word: &str) -> bool {
    matches!(word, "login" | "role" | "subnet" | "context" | "library" | "address" | "interface")
}

fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word) || word.chars().all(|c| c.is_ascii_digit())
}

/// `secret-id` is half of a login (Vault).
fn is_about(last: &str, before: &[String]) -> bool {
    let is_half = last == "id" && before.last().is_some_and(|word| word == "secret");
    !before.is_empty() && ABOUT.contains(&singular(last)) && !is_half
}

/// How many there are of something that is no secret for that.
fn is_quantity(words: &[String]) -> bool {
    let is_counted = |word: &String| COUNTED.contains(&singular(word));
    let has_other = words.iter().any(|word| means_a_secret(word) && !is_counted(word));
    words.iter().any(|word| QUANTITIES.contains(&word.as_str())) && words.iter().any(is_counted) && !has_other
}

/// Public values, and communities of routes.
fn is_public(words: &[String]) -> bool {
    let all = |name: &str| words.iter().any(|word| word == name);
    (all("public") || all("pub")) && !all("private") && !all("password") || all("bgp") && all("community")
}

fn means_a_secret(word: &str) -> bool {
    let word = singular(word);
    if HARMLESS.contains(&word) {
        return false;
    }
    PARTS.iter().chain(mistyped::MISTYPED).any(|part| word.contains(part))
        || WORDS.contains(&word)
        || ENDS.iter().any(|end| word.len() > end.len() + 1 && word.ends_with(end))
        || word.strip_suffix("key").is_some_and(|what| KEYED.contains(&what))
}

fn is_last(word: &str) -> bool {
    LAST.contains(&singular(word))
}

/// `pass-wifi`, and not `pass-through`.
fn is_pass(words: &[String]) -> bool {
    const ON: &[&str] = &["through", "thru", "on", "by", "rate", "filter", "down", "up", "along", "fail"];
    matches!(words, [first, second, ..] if first == "pass" && !ON.contains(&second.as_str()))
}

/// `snmp-ro` is a community, `pre-shared` a key.
fn is_pair(last: &str, before: &[String]) -> bool {
    const PAIRS: &[(&str, &str)] =
        &[("snmp", "ro"), ("snmp", "rw"), ("snmp", "read"), ("snmp", "write"), ("pre", "shared")];
    before.last().is_some_and(|first| PAIRS.contains(&(first, last)))
}

fn is_code(last: &str, before: &[String]) -> bool {
    let joined = last.strip_suffix("code").is_some_and(|what| CODES.contains(&what));
    joined || last == "code" && before.last().is_some_and(|what| CODES.contains(&what.as_str()))
}

fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(one) if !word.ends_with("ss") => one.strip_suffix("ie").map_or(one, |_| community(word)),
        _ => word,
    }
}

/// The one plural in -ies that matters.
fn community(word: &str) -> &str {
    if word.ends_with("communities") { "community" } else { word }
}

/// The words of a name in lower case: parted by signs, by a change from small to capital letters, by digits.
fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let is_new = before.is_some_and(|before| {
            let starts_word =
                before.is_uppercase() && c.is_uppercase() && chars.get(at + 1).is_some_and(|next| next.is_lowercase());
            before.is_lowercase() && c.is_uppercase() || starts_word || before.is_numeric() != c.is_numeric()
        });
        if is_new || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

mod mistyped;
#[cfg(test)]
mod tests;
