//! How people mistype the names of secrets; Kea quotes what it does not know.

/// Parts of a word that mean a secret wherever they are.
pub(super) const MISTYPED: &[&str] = &[
    "pasword",
    "passowrd",
    "pssword",
    "apssword",
    "psasword",
    "paswrod",
    "paassword",
    "paswd",
    "sercet",
    "secert",
    "secrte",
    "screet",
    "secreet",
];
