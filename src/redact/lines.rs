//! Lines of a log one after the other: a private key may go over many of them, and so may JSON.

use std::borrow::Cow;
use std::ops::Range;

use super::{Counts, REDACTED, Rule, Secrets, cut, quick, text};

/// No key has more lines.
const LONGEST_KEY: u32 = 200;

/// No more octets are read as one.
const LARGEST: usize = 256 << 10;

/// Hides the secrets in lines.
#[derive(Debug, Default)]
pub struct Lines {
    /// How many lines of a private key may still come.
    key: u32,
    /// Lines that are read as one: those of JSON that is not closed, and one whose value may follow it.
    open: String,
    /// How many brackets are open in them.
    depth: isize,
    /// The first row of a table with a column of secrets.
    header: String,
    /// The secret with which a line ended that its quotes did not close: the rest may be in the next one.
    cut: Option<String>,
    /// What was replaced.
    pub counts: Counts,
}

impl Lines {
    /// A line without its secrets, which are remembered; nothing, if more lines are wanted first, or those too.
    pub fn clean<'a>(&mut self, line: &'a str, secrets: &mut Secrets) -> Cow<'a, str> {
        if let Some(first) = self.cut.take()
            && let Some(place) = cut::rest_in(line)
        {
            return Cow::Owned(self.rest(line, place, &first, secrets));
        }
        if self.open.is_empty() {
            return self.line(line, secrets);
        }
        let is_of_json = self.depth > 0;
        let has_room = self.open.len() + line.len() <= LARGEST;
        if !has_room || is_of_json && begins_message(line) || self.key_in(line).is_some() {
            let before = self.end(secrets);
            return Cow::Owned(before + &self.line(line, secrets));
        }
        self.open.push_str(line);
        self.depth += depth(line);
        if self.depth > 0 || !is_of_json && goes_on(line) {
            return Cow::Borrowed("");
        }
        Cow::Owned(self.end(secrets))
    }

    /// The lines for which more were wanted.
    pub fn end(&mut self, secrets: &mut Secrets) -> String {
        let lines = std::mem::take(&mut self.open);
        self.depth = 0;
        let found = text::found(&lines);
        if !found.is_empty() {
            secrets.learn_found(&found);
            self.counts += &found.counts();
        }
        self.key = if text::pem::begins_a_key(&lines) { LONGEST_KEY } else { 0 };
        self.closed(&lines, found).into_owned()
    }

    fn line<'a>(&mut self, line: &'a str, secrets: &mut Secrets) -> Cow<'a, str> {
        if let Some(start) = self.key_in(line) {
            return self.of_a_key(line, start, secrets);
        }
        self.key = 0;
        if !self.header.is_empty() {
            if text::columns::is_row(&self.header, line) {
                return Cow::Owned(self.row(line, secrets));
            }
            if !text::columns::is_ruler(line) {
                self.header.clear();
            }
        }
        let opens = opens(line);
        if !opens && !quick::may_hide(line) {
            return Cow::Borrowed(line);
        }
        if opens || goes_on(line) {
            line.clone_into(&mut self.open);
            self.depth = depth(line);
            return Cow::Borrowed("");
        }
        let found = text::found(line);
        if !found.is_empty() {
            secrets.learn_found(&found);
            self.counts += &found.counts();
        }
        self.key = if text::pem::begins_a_key(line) { LONGEST_KEY } else { 0 };
        if text::columns::is_header(line) {
            line.clone_into(&mut self.header);
        }
        self.closed(line, found)
    }

    /// What was found in lines, with the end of the last one, which is a part of a secret that its quotes do not close.
    fn closed<'a>(&mut self, lines: &str, found: text::Found<'a>) -> Cow<'a, str> {
        if !lines.ends_with('\n') || found.clean.ends_with('\n') {
            return found.clean;
        }
        self.cut = found.secrets().map(|(_, secret)| secret).find(|secret| secret.ends_with('\n')).map(str::to_owned);
        Cow::Owned(found.clean.into_owned() + "\n")
    }

    /// A line that begins with the rest of a secret, which is at `place`.
    fn rest(&mut self, line: &str, place: Range<usize>, first: &str, secrets: &mut Secrets) -> String {
        let rest = &line[place.clone()];
        secrets.learn(rest);
        secrets.learn(&format!("{}{rest}", first.trim_end_matches(['\r', '\n'])));
        self.counts.add(Rule::Name, 1);
        format!("{}{REDACTED}{}", &line[..place.start], self.line(&line[place.end..], secrets))
    }

    /// A row of a table, read with its first one.
    fn row(&mut self, line: &str, secrets: &mut Secrets) -> String {
        let both = format!("{}\n{line}", self.header.trim_end());
        let found = text::found(&both);
        secrets.learn_found(&found);
        self.counts += &found.counts();
        found.clean.split_once('\n').map_or_else(|| format!("{REDACTED}\n"), |(_, row)| row.to_owned())
    }

    /// Where in a line a part of a private key begins that began before it.
    fn key_in(&self, line: &str) -> Option<usize> {
        let mut text = line.trim_end();
        while let Some(before) = text.strip_suffix("\\n") {
            text = before;
        }
        let word = text.rsplit(char::is_whitespace).next().unwrap_or_default();
        let start = text.len() - word.len();
        if self.key == 0 {
            // A log may begin in the middle of a key.
            return text::pem::is_key_line(word).then_some(start);
        }
        let end = text.find("-----END");
        let is_head = text.is_empty() || text.contains("Proc-Type:") || text.contains("DEK-Info:");
        end.or_else(|| {
            (is_head || text::pem::is_key_body(word) || start == 0 && text::pem::is_short_body(word)).then_some(start)
        })
    }

    /// A line with a part of a key from here on.
    fn of_a_key<'a>(&mut self, line: &'a str, start: usize, secrets: &mut Secrets) -> Cow<'a, str> {
        let is_last = line.contains("-----END");
        self.key = if is_last { 0 } else { self.key.max(1) - 1 };
        let (before, key) = line.split_at(start);
        for word in key.split_whitespace().filter(|word| text::pem::is_key_body(word)) {
            secrets.learn(word);
        }
        self.counts.add(Rule::PrivateKey, 1);
        let end = if line.ends_with('\n') { "\n" } else { "" };
        let before = text::found(before).clean;
        Cow::Owned(format!("{before}{REDACTED}{end}"))
    }
}

/// Whether JSON begins in a line that goes on in the next one.
fn opens(line: &str) -> bool {
    line.trim_end().ends_with(['{', '[', ',']) && depth(line) > 0
}

/// How many more brackets a line opens than it closes, outside of strings.
fn depth(line: &str) -> isize {
    let (mut depth, mut is_string, mut is_escaped) = (0, false, false);
    for octet in line.bytes() {
        match octet {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            b'{' | b'[' if !is_string => depth += 1,
            b'}' | b']' if !is_string => depth -= 1,
            _ => {}
        }
    }
    depth
}

/// Whether a line is the first one of a message: it begins with a time or a severity, and JSON with neither.
fn begins_message(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '<')
}

/// Whether the value of what a line ends with may be in the next one.
fn goes_on(line: &str) -> bool {
    const LONGEST: usize = 4096;
    let line = line.trim_end();
    line.len() < LONGEST && line.ends_with([':', '=', '|', '>', '\\']) && quick::may_hide(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown of the lines of a log, and what is known then.
    fn shown(log: &str) -> (String, Secrets) {
        let (mut lines, mut secrets) = (Lines::default(), Secrets::default());
        let clean: String =
            log.split_inclusive('\n').map(|line| lines.clean(line, &mut secrets).into_owned()).collect();
        (clean + &lines.end(&mut secrets), secrets)
    }

    const BODY: &str = r#"{
  "command": "config-set",
  "arguments": {
    "attributes": [
      {
        "name": "User-Password",
        "data": "Zq7-attribute"
      },
      {
        "name": "NAS-Identifier",
        "data": "kept-nas-7"
      }
    ],
    "http-headers": [ { "name": "X-Api-Key",
        "value": "Zq7-header" } ],
    "credentials": [
      "Zq7-listed"
    ],
    "passwords": {
      "kea": "Zq7-in-map"
    },
    "password":
      "Zq7-next-line"
  }
}
"#;

    #[test]
    fn json_over_several_lines_is_read_as_one() {
        let first =
            "2026-11-29 07:00:01.000 DEBUG [kea-dhcp4.commands/8.1] HTTP_CLIENT_REQUEST_RECEIVED_DETAILS details:\n";
        let last = "2026-11-29 07:00:02.000 INFO  [kea-dhcp4.dhcp4/8.1] CUSTOM Zq7-attribute Zq7-in-map\n";
        let cut: String = BODY.split_inclusive('\n').take(20).collect();
        for body in [BODY, &cut] {
            let (clean, secrets) = shown(&format!("{first}{body}{last}"));
            let hidden = secrets.finder().hidden(clean.as_bytes()).text.into_owned();
            let hidden = String::from_utf8(hidden).unwrap();
            assert!(!hidden.contains("Zq7") && hidden.contains("kept-nas-7"), "{hidden}");
            assert!(hidden.starts_with(first) && hidden.contains("CUSTOM (redacted) (redacted)\n"), "{hidden}");
        }
        let (clean, _) = shown(BODY);
        assert!(serde_json::from_str::<serde_json::Value>(&clean).is_ok(), "{clean}");
        assert_eq!(clean.lines().count(), BODY.lines().count(), "{clean}");
    }

    #[test]
    fn lines_that_wait_for_more_are_not_lost() {
        for log in ["{\n", "{ \"a\": [\n  1,\n", "2026 x [\n2026 INFO y\n", "kept: [hwtype=1,\n  x\n"] {
            assert_eq!(shown(log).0, log);
        }
        let many = format!("{{\n{}", "  \"kept\": 1,\n".repeat(40_000));
        assert_eq!(shown(&many).0, many);
    }

    #[test]
    fn a_secret_that_a_line_cuts_is_hidden_in_the_next_one_too() {
        for (before, after) in [
            ("", ""),
            ("<14>Nov 29 07:00:01 gw kea-dhcp4[812]: ", "<14>Nov 29 07:00:01 gw kea-dhcp4[812]: "),
            ("Nov 29 07:00:01 gw kea-dhcp4[812]: ", "Nov 29 07:00:01 gw kea-dhcp4[812]: "),
            ("2026-11-29T07:00:01+0000 gw kea-dhcp4[812]: ", "2026-11-29T07:00:01+0000 gw kea-dhcp4[812]: "),
        ] {
            let begin = "INFO DHCP4_CONFIG_RECEIVED { \"user\": \"u\", \"password\": \"";
            let log = format!(
                "{before}{begin}Zq7first99\n{after}second77Zq\", \"realm\": \"x\" }}\nlast Zq7first99second77Zq\n"
            );
            let (clean, secrets) = shown(&log);
            let end = if clean.contains("\"(redacted)\"\n") { "\"\n" } else { "\n" };
            let expected = format!("{before}{begin}(redacted){end}{after}(redacted)\", \"realm\": \"x\" }}\nlast ");
            assert!(clean.starts_with(&expected), "{clean}");
            let hidden = secrets.finder().hidden(clean.as_bytes()).text.into_owned();
            assert!(!String::from_utf8(hidden).unwrap().contains("Zq"), "{clean}");
        }
    }

    #[test]
    fn a_message_after_a_cut_secret_stays() {
        for next in [
            "2026-11-29 07:00:02.000 INFO  [kea-dhcp4.dhcp4/8.1] DHCP4_STARTED \"x\"\n",
            "INFO  DHCP4_STARTED \"x\"\n",
            "Nov 29 07:00:01 gw kea-dhcp4[812]: INFO  DHCP4_STARTED \"x\"\n",
            "Nov 29 07:00:01 gw kea-dhcp4[812]: 2026-11-29 07:00:02.000 INFO  DHCP4_STARTED \"x\"\n",
            "Nov 29 07:00:01 gw systemd[1]: Started \"x\"\n",
        ] {
            let (clean, _) = shown(&format!("Nov 29 07:00:01 gw kea-dhcp4[812]: x \"password\": \"Zq7first99\n{next}"));
            assert!(clean.ends_with(next) && clean.contains("(redacted)\n"), "{clean}");
        }
    }

    #[test]
    fn rows_of_a_table_are_read_with_its_first_one() {
        let (clean, secrets) = shown("user,password\nkea,Zq7-in-a-table\nend of it Zq7-in-a-table\n");
        assert!(clean.starts_with("user,password\nkea,(redacted)\n"), "{clean}");
        assert!(secrets.finder().find(b"Zq7-in-a-table").is_some());
    }
}
