//! A configuration as a server reports it, without its secrets and what has nothing to do with pools.
//!
//! A server reports every setting of each subnet, most of them with their default; to parse all of that takes most of the time and
//! memory of programs that show pools. Settings are left out as the text is received, so that it is never in memory as a whole, and
//! no secret is.

use memchr::memchr2;

/// Whether neither pools nor their leases depend on a member.
fn is_of_no_use(name: &[u8]) -> bool {
    name.starts_with(b"ddns-")
        || matches!(
            name,
            b"4o6-interface"
                | b"4o6-interface-id"
                | b"4o6-subnet"
                | b"authoritative"
                | b"boot-file-name"
                | b"cache-max-age"
                | b"cache-threshold"
                | b"calculate-tee-times"
                | b"hostname-char-replacement"
                | b"hostname-char-set"
                | b"interface"
                | b"interface-id"
                | b"loggers"
                | b"match-client-id"
                | b"max-preferred-lifetime"
                | b"max-valid-lifetime"
                | b"min-preferred-lifetime"
                | b"min-valid-lifetime"
                | b"next-server"
                | b"option-data"
                | b"option-def"
                | b"preferred-lifetime"
                | b"rapid-commit"
                | b"rebind-timer"
                | b"relay"
                | b"require-client-classes"
                | b"evaluate-additional-classes"
                | b"server-hostname"
                | b"store-extended-info"
                | b"t1-percent"
                | b"t2-percent"
        )
}

/// Whether a member holds secrets.
fn is_secret(name: &[u8]) -> bool {
    matches!(name, b"authentication" | b"basic-auth-password" | b"password" | b"secret")
}

/// Leaves members out of JSON that comes in pieces. What stays is as it was written.
#[derive(Debug)]
pub struct Sieve {
    is_left_out: fn(&[u8]) -> bool,
    at: At,
    /// The string under way, and what follows it, until it is known whether it is the name of a member.
    text: Vec<u8>,
    /// How long it is, with its quotes.
    length: usize,
    is_escape: bool,
    /// A comma, and the white space after it, until it is known whether something follows.
    comma: Vec<u8>,
    /// Whether the last member was left out.
    has_gap: bool,
    /// How many maps and lists of what is left out are open.
    depth: usize,
}

#[derive(Debug, Clone, Copy)]
enum At {
    Plain,
    Text,
    AfterText,
    LeftOut,
    LeftOutText,
}

impl Sieve {
    /// Leaves out what pools do not depend on.
    #[must_use]
    pub fn for_pools() -> Self {
        Self::new(is_of_no_use)
    }

    /// Leaves out secrets.
    #[must_use]
    pub fn of_secrets() -> Self {
        Self::new(is_secret)
    }

    /// Leaves out both.
    #[must_use]
    pub fn for_pools_without_secrets() -> Self {
        Self::new(|name| is_of_no_use(name) || is_secret(name))
    }

    fn new(is_left_out: fn(&[u8]) -> bool) -> Self {
        Self {
            is_left_out,
            at: At::Plain,
            text: Vec::new(),
            length: 0,
            is_escape: false,
            comma: Vec::new(),
            has_gap: false,
            depth: 0,
        }
    }

    /// Appends to `kept` what stays of the next piece.
    pub fn take(&mut self, mut piece: &[u8], kept: &mut Vec<u8>) {
        while !piece.is_empty() {
            piece = match self.at {
                At::Plain => self.plain(piece, kept),
                At::Text | At::LeftOutText => self.string(piece),
                At::AfterText => self.after_text(piece, kept),
                At::LeftOut => self.left_out(piece),
            };
        }
    }

    /// What stays of a whole text; of one that is cut off, its beginning.
    #[must_use]
    pub fn whole(mut self, text: &str) -> String {
        let mut kept = Vec::with_capacity(text.len() / 2);
        self.take(text.as_bytes(), &mut kept);
        kept.append(&mut self.comma);
        kept.append(&mut self.text);
        // Members end where characters do.
        String::from_utf8(kept).unwrap_or_default()
    }

    fn plain<'p>(&mut self, piece: &'p [u8], kept: &mut Vec<u8>) -> &'p [u8] {
        let end = piece.iter().position(|octet| matches!(octet, b'"' | b',' | b']' | b'}')).unwrap_or(piece.len());
        let (plain, rest) = piece.split_at(end);
        self.keep(plain, kept);
        let Some((mark, rest)) = rest.split_first() else { return rest };
        match mark {
            b'"' => {
                self.text.push(b'"');
                self.at = At::Text;
            }
            b',' => {
                kept.append(&mut self.comma);
                self.comma.push(b',');
            }
            _ => {
                if self.has_gap {
                    self.comma.clear();
                }
                self.keep_all(&[*mark], kept);
            }
        }
        rest
    }

    /// White space after a comma waits with it.
    fn keep(&mut self, plain: &[u8], kept: &mut Vec<u8>) {
        let white = plain.len() - plain.trim_ascii_start().len();
        if self.comma.is_empty() {
            kept.extend_from_slice(&plain[..white]);
        } else {
            self.comma.extend_from_slice(&plain[..white]);
        }
        if white < plain.len() {
            self.keep_all(&plain[white..], kept);
        }
    }

    fn keep_all(&mut self, octets: &[u8], kept: &mut Vec<u8>) {
        kept.append(&mut self.comma);
        kept.extend_from_slice(octets);
        self.has_gap = false;
    }

    /// In a string, which is kept only if it may be a name.
    fn string<'p>(&mut self, piece: &'p [u8]) -> &'p [u8] {
        let is_kept = matches!(self.at, At::Text);
        let end = if self.is_escape { Some(0) } else { memchr2(b'"', b'\\', piece) };
        let (string, rest) = piece.split_at(end.map_or(piece.len(), |end| end + 1));
        if is_kept {
            self.text.extend_from_slice(string);
        }
        if self.is_escape {
            self.is_escape = false;
        } else if string.ends_with(b"\"") {
            self.length = self.text.len();
            self.at = if is_kept { At::AfterText } else { At::LeftOut };
        } else {
            self.is_escape = end.is_some();
        }
        rest
    }

    fn after_text<'p>(&mut self, piece: &'p [u8], kept: &mut Vec<u8>) -> &'p [u8] {
        let after = piece.trim_ascii_start();
        self.text.extend_from_slice(&piece[..piece.len() - after.len()]);
        let Some(mark) = after.first() else { return after };
        if *mark == b':' && (self.is_left_out)(&self.text[1..self.length - 1]) {
            self.text.clear();
            (self.at, self.depth) = (At::LeftOut, 0);
            return &after[1..];
        }
        let mut text = std::mem::take(&mut self.text);
        self.keep_all(&text, kept);
        text.clear();
        (self.text, self.at) = (text, At::Plain);
        after
    }

    /// In a value that is left out, with the comma after it.
    fn left_out<'p>(&mut self, piece: &'p [u8]) -> &'p [u8] {
        let is_mark = |octet: &u8| matches!(octet, b'"' | b',' | b'{' | b'[' | b'}' | b']');
        let Some(at) = piece.iter().position(is_mark) else { return &[] };
        match piece[at] {
            b'"' => self.at = At::LeftOutText,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' if self.depth > 0 => self.depth -= 1,
            b',' if self.depth > 0 => {}
            end => {
                (self.at, self.has_gap) = (At::Plain, true);
                return &piece[at + usize::from(end == b',')..];
            }
        }
        &piece[at + 1..]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn slim(text: &str) -> String {
        Sieve::for_pools_without_secrets().whole(text)
    }

    #[test]
    fn settings_that_do_not_matter_are_left_out() {
        let text = r#"{ "Dhcp4": { "loggers": [{"a": "]\"}"}], "subnet4": [
            { "id": 1, "relay": { "ip-addresses": [ "x,y" ] }, "pools": [{ "option-data": [ ], "pool": "a - b" }], "t1-percent": 0.5 },
            { "ddns-x": true, "id": 2 } ] } }"#;
        let left = slim(text).split_whitespace().collect::<String>();
        assert_eq!(left, r#"{"Dhcp4":{"subnet4":[{"id":1,"pools":[{"pool":"a-b"}]},{"id":2}]}}"#);
    }

    #[test]
    fn secrets_are_left_out() {
        let text = r#"{ "lease-database": { "password": "s3\"cret", "name": "kea" }, "authentication": { "clients": [{ "x": "s3cret" }] } }"#;
        for left in [slim(text), Sieve::of_secrets().whole(text)] {
            assert!(!left.contains("cret") && left.contains("kea"), "{left}");
        }
        assert!(Sieve::for_pools().whole(text).contains("s3\\\"cret"));
    }

    #[test]
    fn a_value_with_such_a_name_stays() {
        let text = r#"{ "name": "relay", "user-context": { "x": "option-data: 5, }" } }"#;
        assert_eq!(slim(text), text);
    }

    #[test]
    fn a_text_that_is_cut_off_is_taken_as_it_is() {
        for text in ["", "\"", "{ \"relay\": ", "{ \"relay\": [\"x", "\"a\\", "{ \"relay\" : \"\\", "[1, "] {
            let _ = slim(text);
        }
        assert_eq!(slim("[1, \"x\" "), "[1, \"x\" ");
    }

    fn value() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![Just(serde_json::json!(1)), "[a,\"\\\\{}:ü]{0,3}".prop_map(Into::into)];
        let name = "relay|test|a|b\"|id";
        leaf.prop_recursive(4, 30, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map(name, inner, 0..4).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    fn without(value: serde_json::Value) -> serde_json::Value {
        match value {
            serde_json::Value::Array(items) => items.into_iter().map(without).collect(),
            serde_json::Value::Object(members) => {
                let kept = members.into_iter().filter(|(name, _)| !is_of_no_use(name.as_bytes()));
                kept.map(|(name, value)| (name, without(value))).collect()
            }
            other => other,
        }
    }

    proptest! {
        #[test]
        fn what_stays_is_json_however_it_is_cut(value in value(), size in 1_usize..9, is_pretty: bool) {
            let text = if is_pretty { format!("{value:#}") } else { value.to_string() };
            let (mut sieve, mut kept) = (Sieve::for_pools(), Vec::new());
            text.as_bytes().chunks(size).for_each(|piece| sieve.take(piece, &mut kept));
            let left: serde_json::Value = match value {
                // A string alone waits for what follows it.
                serde_json::Value::String(_) => return Ok(()),
                value => without(value),
            };
            prop_assert_eq!(serde_json::from_slice::<serde_json::Value>(&kept).unwrap(), left);
        }

        #[test]
        fn without_such_members_nothing_changes(text in "([a-z\\[\\]{}:, \"\\\\ü]|\"relay\"){0,30}") {
            prop_assume!(!text.contains(':') || !text.contains("relay"));
            prop_assert_eq!(slim(&text), text);
        }
    }
}
